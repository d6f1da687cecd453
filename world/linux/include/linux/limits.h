/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the header of the same name that the C library uses, and adds to it. */
#ifndef WORLD_LINUX_LIMITS_H
#define WORLD_LINUX_LIMITS_H

#include <limits.h>
#include_next <linux/limits.h>
#include <stdint.h>

#define U32_MAX ((__UINT32_TYPE__)~0U)

#endif /* WORLD_LINUX_LIMITS_H */
