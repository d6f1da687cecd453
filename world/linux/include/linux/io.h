/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_IO_H
#define WORLD_LINUX_IO_H

#include <linux/types.h>

/* world/ram.h: a physical address is where the world's process maps it. */
static inline phys_addr_t virt_to_phys(const volatile void *addr)
{
	return (uintptr_t)addr;
}

#endif /* WORLD_LINUX_IO_H */
