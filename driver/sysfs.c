// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a bound FF-A device, /sys/class/tee/teeN/device/. They are
 * there from the end of probe to the beginning of remove, so that the endpoint
 * is. What tells of the calls that others make is for root.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "tstee.h"

static ssize_t endpoint_id_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	return sysfs_emit(buf, "0x%04x\n", ep->ffa->vm_id);
}
static DEVICE_ATTR_RO(endpoint_id);

static ssize_t rpc_version_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", ep->rpc_version);
}
static DEVICE_ATTR_RO(rpc_version);

static ssize_t calls_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%llu\n", READ_ONCE(ep->calls));
}
static DEVICE_ATTR_ADMIN_RO(calls);

static ssize_t busy_retries_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lu\n",
			  (unsigned long)atomic_long_read(&ep->busy_retries));
}
static DEVICE_ATTR_ADMIN_RO(busy_retries);

static ssize_t quarantined_pages_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lu\n", READ_ONCE(ep->quarantined_pages));
}
static DEVICE_ATTR_RO(quarantined_pages);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);
	unsigned long flags = READ_ONCE(ep->flags);
	u32 death = READ_ONCE(ep->death);
	unsigned int seconds;
	u32 control;

	if (flags & BIT(TSTEE_ENDPOINT_DEAD))
		return sysfs_emit(buf,
				  "dead: aborted in opcode 0x%04x of interface 0x%02x\n",
				  ts_rpc_control_opcode(death),
				  ts_rpc_control_interface(death));
	if (flags & BIT(TSTEE_ENDPOINT_DOWN))
		return sysfs_emit(buf, "down\n");
	seconds = tstee_queue_stuck(ep, &control);
	if (seconds)
		return sysfs_emit(buf,
				  "stuck: for %u s in opcode 0x%04x of interface 0x%02x\n",
				  seconds, ts_rpc_control_opcode(control),
				  ts_rpc_control_interface(control));
	return sysfs_emit(buf, "running\n");
}
static DEVICE_ATTR_RO(state);

static struct attribute *tstee_attrs[] = {
	&dev_attr_endpoint_id.attr,
	&dev_attr_rpc_version.attr,
	&dev_attr_calls.attr,
	&dev_attr_busy_retries.attr,
	&dev_attr_quarantined_pages.attr,
	&dev_attr_state.attr,
	NULL,
};

static const struct attribute_group tstee_group = {
	.attrs = tstee_attrs,
};

const struct attribute_group *tstee_groups[] = {
	&tstee_group,
	NULL,
};
