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
#endif

#endif /* TSTEE_BASE_H */
