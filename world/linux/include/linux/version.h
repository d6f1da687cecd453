/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel that this one is like. */
#ifndef WORLD_LINUX_VERSION_H
#define WORLD_LINUX_VERSION_H

#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE	KERNEL_VERSION(6, 12, 53)

#endif /* WORLD_LINUX_VERSION_H */
