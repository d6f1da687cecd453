/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_KTIME_H
#define WORLD_LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t; /* ns */

#define NSEC_PER_MSEC 1000000L

ktime_t ktime_get(void);

static inline u64 ktime_get_ns(void)
{
	return (u64)ktime_get();
}

static inline ktime_t ns_to_ktime(u64 ns)
{
	return (ktime_t)ns;
}

#endif /* WORLD_LINUX_KTIME_H */
