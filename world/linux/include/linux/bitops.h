/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_BITOPS_H
#define WORLD_LINUX_BITOPS_H

#include <linux/types.h>

#define BITS_PER_LONG (8 * __SIZEOF_LONG__)
#define BIT(nr)	      (1ul << (nr))

static inline void set_bit(unsigned int nr, volatile unsigned long *word)
{
	__atomic_fetch_or(word, BIT(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned int nr, volatile unsigned long *word)
{
	__atomic_fetch_and(word, ~BIT(nr), __ATOMIC_RELAXED);
}

static inline bool test_bit(unsigned int nr, const volatile unsigned long *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) & BIT(nr);
}

#endif /* WORLD_LINUX_BITOPS_H */
