/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the header of the same name that the C library uses, and adds to it. */
#ifndef WORLD_LINUX_TYPES_H
#define WORLD_LINUX_TYPES_H

#include <linux/compiler.h>
#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

typedef u64 phys_addr_t;
typedef unsigned int gfp_t;

struct list_head {
	struct list_head *next, *prev;
};

#endif /* WORLD_LINUX_TYPES_H */
