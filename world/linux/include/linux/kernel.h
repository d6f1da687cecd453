/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the header of the same name that the C library uses, and adds to it. */
#ifndef WORLD_LINUX_KERNEL_API_H
#define WORLD_LINUX_KERNEL_API_H

#include <endian.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include_next <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member)                                                      \
	({                                                                                   \
		static_assert(__builtin_types_compatible_p(__typeof__(*(ptr)),               \
							   __typeof__(((type *)0)->member)), \
			      "container_of");                                               \
		(type *)((char *)(ptr)-offsetof(type, member));                              \
	})

#define ALIGN(x, a)	 (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

#define le32_to_cpu(x)	 le32toh(x)
#define lower_32_bits(n) ((u32)((n)&0xffffffff))
#define upper_32_bits(n) ((u32)(((u64)(n)) >> 32))

/* Says on stderr where the kernel was surprised. */
void world_warn(const char *file, int line);

#define WARN_ON_ONCE(condition)                                                  \
	({                                                                       \
		static bool world_warned;                                        \
		bool world_surprised = (condition);                              \
                                                                                 \
		if (unlikely(world_surprised) &&                                 \
		    !__atomic_exchange_n(&world_warned, true, __ATOMIC_RELAXED)) \
			world_warn(__FILE__, __LINE__);                          \
		world_surprised;                                                 \
	})

#endif /* WORLD_LINUX_KERNEL_API_H */
