/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel expects of the compiler, and accesses that other threads may see half done. */
#ifndef WORLD_LINUX_COMPILER_H
#define WORLD_LINUX_COMPILER_H

#include <stddef.h>

#define likely(x)	    __builtin_expect(!!(x), 1)
#define unlikely(x)	    __builtin_expect(!!(x), 0)
#define noinline	    __attribute__((__noinline__))
#define __printf(fmt, args) __attribute__((__format__(__printf__, fmt, args)))

/*
 * As the kernel's own race detector does, take a plain store of a word for a whole one: what is
 * written under a lock may be looked at by READ_ONCE() without it.
 */
#ifdef __SANITIZE_THREAD__
unsigned long world_read_once(const volatile void *p, size_t size);
#define READ_ONCE(x) ((__typeof__(x))world_read_once(&(x), sizeof(x)))
#else
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#endif
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), (value), __ATOMIC_RELAXED)

#endif /* WORLD_LINUX_COMPILER_H */
