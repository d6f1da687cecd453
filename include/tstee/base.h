/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Fixed-width types and static_assert for the headers that the kernel driver,
 * the partitions and user space share.
 */
#ifndef TSTEE_BASE_H
#define TSTEE_BASE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* Programs may be of older C: what is asserted here was when TSTEE was built. */
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert(condition, text) struct tstee_not_asserted
#endif
#endif

#endif /* TSTEE_BASE_H */
