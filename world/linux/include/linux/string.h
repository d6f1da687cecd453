/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_STRING_H
#define WORLD_LINUX_STRING_H

#include <linux/types.h>
#include <string.h>

/* The first byte of @len that is not @c, or NULL. */
void *memchr_inv(const void *start, int c, size_t len);

/* Even if nobody reads it afterwards. */
static inline void memzero_explicit(void *start, size_t len)
{
	explicit_bzero(start, len);
}

#endif /* WORLD_LINUX_STRING_H */
