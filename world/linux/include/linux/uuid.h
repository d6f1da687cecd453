/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_UUID_H
#define WORLD_LINUX_UUID_H

#include <linux/types.h>
#include <string.h>

#define UUID_SIZE 16

typedef struct {
	u8 b[UUID_SIZE]; /* in the order of the text */
} uuid_t;

#define UUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                         \
	((uuid_t){ { (a) >> 24 & 0xff, (a) >> 16 & 0xff, (a) >> 8 & 0xff, (a)&0xff,                \
		     (b) >> 8 & 0xff, (b)&0xff, (c) >> 8 & 0xff, (c)&0xff, d0, d1, d2, d3, d4, d5, \
		     d6, d7 } })

static inline bool uuid_equal(const uuid_t *u1, const uuid_t *u2)
{
	return !memcmp(u1, u2, sizeof(*u1));
}

static inline bool uuid_is_null(const uuid_t *uuid)
{
	return uuid_equal(uuid, &(uuid_t){});
}

#endif /* WORLD_LINUX_UUID_H */
