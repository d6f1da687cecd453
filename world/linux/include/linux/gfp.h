/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_GFP_H
#define WORLD_LINUX_GFP_H

#include <linux/types.h>

/* All allocations may sleep; the rest is for accounts and logs that a world does not keep. */
#define __GFP_ZERO	   0x100u
#define __GFP_NOWARN	   0x2000u
#define GFP_KERNEL	   0xcc0u
#define GFP_KERNEL_ACCOUNT 0x400cc0u

/* Contiguous pages that can be shared; NULL for more of them than Linux has in a row. */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *addr, size_t size);

#endif /* WORLD_LINUX_GFP_H */
