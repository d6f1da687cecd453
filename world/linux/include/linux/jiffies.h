/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_JIFFIES_H
#define WORLD_LINUX_JIFFIES_H

#include <linux/kernel.h>

#define HZ	1000 /* a jiffy is 1 ms */
#define jiffies (world_jiffies())

unsigned long world_jiffies(void);

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

/* So far from any time that it never comes. */
#define MAX_JIFFY_OFFSET ((unsigned long)(LONG_MAX >> 1) - 1)

/* Right across a wrap, too. */
#define time_after(a, b) ((long)((b) - (a)) < 0)

#endif /* WORLD_LINUX_JIFFIES_H */
