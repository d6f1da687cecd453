/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_KTIME_H
#define WORLD_LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t; /* ns */

ktime_t ktime_get(void);

#endif /* WORLD_LINUX_KTIME_H */
