/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_SYSFS_H
#define WORLD_LINUX_SYSFS_H

#include <linux/kernel.h>

struct attribute {
	const char *name;
	mode_t mode;
};

struct attribute_group {
	struct attribute **attrs;
};

/* @buf is a page. Returns the length. */
int sysfs_emit(char *buf, const char *fmt, ...) __printf(2, 3);

#endif /* WORLD_LINUX_SYSFS_H */
