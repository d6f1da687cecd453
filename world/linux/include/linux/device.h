/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices, their drivers and attributes, and messages about them. */
#ifndef WORLD_LINUX_DEVICE_H
#define WORLD_LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/sysfs.h>

struct device;

struct device_driver {
	const char *name;
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

#define DEVICE_ATTR_RO(attribute)                             \
	struct device_attribute dev_attr_##attribute = {      \
		.attr = { .name = #attribute, .mode = 0444 }, \
		.show = attribute##_show,                     \
	}

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

/* Says why probing failed; returns @error. */
int dev_err_probe(const struct device *dev, int error, const char *fmt, ...) __printf(3, 4);

struct ratelimit_state {
	unsigned long begin; /* of the interval, jiffies */
	unsigned int printed;
	unsigned int missed;
};

bool world_ratelimit(struct ratelimit_state *rs, const char *func);

/* Up to ten messages of one place in five seconds. */
#define dev_warn_ratelimited(dev, ...)                    \
	do {                                              \
		static struct ratelimit_state world_rs;   \
                                                          \
		if (world_ratelimit(&world_rs, __func__)) \
			dev_warn(dev, __VA_ARGS__);       \
	} while (0)

#endif /* WORLD_LINUX_DEVICE_H */
