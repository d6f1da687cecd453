/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices, their drivers and attributes, and messages about them. */
#ifndef WORLD_LINUX_DEVICE_H
#define WORLD_LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/sysfs.h>

struct device;

/* All devices of a world are probed in turn. */
enum probe_type {
	PROBE_DEFAULT_STRATEGY,
	PROBE_PREFER_ASYNCHRONOUS,
};

struct device_driver {
	const char *name;
	enum probe_type probe_type;
	void (*shutdown)(struct device *dev);
	const struct attribute_group **dev_groups;
};

struct device {
	struct device *parent;
	const struct device_driver *driver; /* while bound */
	const struct attribute_group **bus_groups;
	void *driver_data;
	char name[32];
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
};

#define DEVICE_ATTR_MODE(attribute, permissions)                       \
	struct device_attribute dev_attr_##attribute = {               \
		.attr = { .name = #attribute, .mode = (permissions) }, \
		.show = attribute##_show,                              \
	}

#define DEVICE_ATTR_RO(attribute)	DEVICE_ATTR_MODE(attribute, 0444)
#define DEVICE_ATTR_ADMIN_RO(attribute) DEVICE_ATTR_MODE(attribute, 0400)

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

/* Lines on stderr. "%pUb" prints a UUID, as in the kernel. */
void dev_err(const struct device *dev, const char *fmt, ...) __printf(2, 3);
void dev_warn(const struct device *dev, const char *fmt, ...) __printf(2, 3);
void dev_info(const struct device *dev, const char *fmt, ...) __printf(2, 3);

/* Says why probing failed; returns @error. */
int dev_err_probe(const struct device *dev, int error, const char *fmt, ...) __printf(3, 4);

/* For those who debug the driver. */
static inline void __printf(2, 3) dev_dbg(const struct device *dev, const char *fmt, ...)
{
	(void)dev;
	(void)fmt;
}

#endif /* WORLD_LINUX_DEVICE_H */
