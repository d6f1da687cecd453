// SPDX-License-Identifier: GPL-2.0-only
/* Attributes of devices, and parameters of the driver. */
#include <linux/device.h>

#include <errno.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static struct world_parameter *parameters;

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = world_vsnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return len;
}

static struct device_attribute *find_attribute(const struct attribute_group **groups,
					       const char *name)
{
	struct attribute **attr;

	for (; groups && *groups; groups++)
		for (attr = (*groups)->attrs; *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return container_of(*attr, struct device_attribute, attr);
	return NULL;
}

int device_attribute_show(struct device *dev, const char *name, char *text, size_t size)
{
	const struct device_driver *driver = READ_ONCE(dev->driver);
	struct device_attribute *attribute = NULL;
	char page[PAGE_SIZE];
	ssize_t len;

	if (driver)
		attribute = find_attribute(driver->dev_groups, name);
	if (!attribute)
		attribute = find_attribute(dev->bus_groups, name);
	if (!attribute)
		return -ENOENT;
	/* It is root's. */
	if (!(attribute->attr.mode & 0004) && current_euid().val)
		return -EACCES;

	len = attribute->show(dev, attribute, page);
	if (len < 0)
		return (int)len;
	if ((size_t)len > size)
		return -ENOBUFS;
	memcpy(text, page, (size_t)len);
	return (int)len;
}

void world_parameter_add(struct world_parameter *parameter)
{
	parameter->next = parameters;
	parameters = parameter;
}

int world_set_parameter(const char *name, const char *text)
{
	struct world_parameter *parameter;
	unsigned long value;
	char *end;

	for (parameter = parameters; parameter; parameter = parameter->next)
		if (!strcmp(parameter->name, name))
			break;
	if (!parameter)
		return -ENOENT;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value > UINT_MAX)
		return -EINVAL;
	if (parameter->is_bool && value > 1)
		return -EINVAL;
	if (parameter->is_bool)
		WRITE_ONCE(*(bool *)parameter->value, value);
	else
		WRITE_ONCE(*(unsigned int *)parameter->value, (unsigned int)value);
	return 0;
}
