/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_MINMAX_H
#define WORLD_LINUX_MINMAX_H

/* Arguments are evaluated once; names are numbered, so that uses may be nested. */
#define WORLD_PASTE_(a, b) a##b
#define WORLD_PASTE(a, b)  WORLD_PASTE_(a, b)
#define WORLD_MIN(a, b, x, y)                            \
	({                                               \
		__auto_type x = (a);                     \
		__auto_type y = (b);                     \
		(void)(&x == &y); /* both of one type */ \
		x < y ? x : y;                           \
	})

#define WORLD_MAX(a, b, x, y)                            \
	({                                               \
		__auto_type x = (a);                     \
		__auto_type y = (b);                     \
		(void)(&x == &y); /* both of one type */ \
		x > y ? x : y;                           \
	})

#define min(a, b) \
	WORLD_MIN(a, b, WORLD_PASTE(min_x_, __COUNTER__), WORLD_PASTE(min_y_, __COUNTER__))
#define max(a, b) \
	WORLD_MAX(a, b, WORLD_PASTE(max_x_, __COUNTER__), WORLD_PASTE(max_y_, __COUNTER__))
#define min_t(type, a, b) min((type)(a), (type)(b))

#endif /* WORLD_LINUX_MINMAX_H */
