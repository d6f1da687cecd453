/* SPDX-License-Identifier: BSD-3-Clause */
/* Wiping of memory that held secrets, which the compiler may not drop as a dead store. */
#ifndef SECURE_WIPE_H
#define SECURE_WIPE_H

#include <stddef.h>
#include <string.h>

static inline void secure_wipe(void *mem, size_t len)
{
	memset(mem, 0, len);
	/* Says that somebody may look at the memory, so the stores above must happen. */
	__asm__ volatile("" : : "r"(mem) : "memory");
}

#endif /* SECURE_WIPE_H */
