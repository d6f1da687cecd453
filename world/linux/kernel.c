// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel as a whole: start, stop, and the open files of its devices. Functions of kernel.h
 * that belong to one concern are with that.
 */
#include <world/linux/kernel.h>

#include <errno.h>
#include <linux/arm_ffa.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tee_core.h>
#include <string.h>

#include "file_watch.h"
#include "internal.h"

struct tee_file {
	struct tee_context *ctx;
	struct tee_device *teedev;
};

int world_kernel_start(void)
{
	int rc;

	rc = file_watch_start();
	if (rc) {
		pr_line("no way to see that clients let go of memory: error %d", rc);
		return rc;
	}
	rc = ffa_bus_start();
	if (rc)
		goto err_watch;
	rc = world_module_init();
	if (rc)
		goto err_bus;
	return 0;

err_bus:
	ffa_bus_stop();
err_watch:
	file_watch_stop();
	return rc;
}

/* Clients that still map memory keep it; but to the kernel they have let go. */
void world_kernel_stop(void)
{
	file_watch_stop();
	world_module_exit();
	workqueue_stop();
	ffa_bus_stop();
}

void world_kernel_rescan(uint16_t endpoint_id)
{
	ffa_bus_rescan(endpoint_id);
}

int tee_file_open(unsigned int index, struct tee_file **file)
{
	struct tee_device *teedev;
	struct tee_file *new;
	int rc = 0;

	teedev = tee_device_find(index);
	if (!teedev)
		return -ENOENT;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new) {
		rc = -ENOMEM;
		goto out;
	}

	new->teedev = teedev;
	new->ctx = teedev_open(teedev);
	if (IS_ERR(new->ctx)) {
		rc = (int)PTR_ERR(new->ctx);
		kfree(new);
		goto out;
	}
	*file = new;
out:
	tee_device_put(teedev);
	return rc;
}

void tee_file_release(struct tee_file *file)
{
	teedev_close_context(file->ctx);
	kfree(file);
}

long tee_file_ioctl(struct tee_file *file, struct tee_file_call *call)
{
	long rc;

	file_watch_settle(file->teedev);
	rc = tee_ioctl(file->ctx, call);
	/* Only tasks that are killed are interrupted: none comes back to make the call again. */
	return rc == -ERESTARTSYS ? -EINTR : rc;
}

static int show_driver(const struct device *dev, char *text, size_t size)
{
	const struct device_driver *driver = READ_ONCE(dev->driver);
	size_t len;

	if (!driver)
		return -ENOENT;
	len = strlen(driver->name);
	if (len > size)
		return -ENOBUFS;
	memcpy(text, driver->name, len);
	return (int)len;
}

int world_attribute(unsigned int index, const char *name, char *text, size_t size)
{
	struct tee_device *teedev;
	struct device *dev;
	int rc;

	teedev = tee_device_find(index);
	if (!teedev)
		return -ENOENT;

	file_watch_settle_soon(teedev);
	dev = teedev->dev.parent;
	if (!strcmp(name, "driver"))
		rc = show_driver(dev, text, size);
	else
		rc = device_attribute_show(dev, name, text, size);
	tee_device_put(teedev);
	return rc;
}

bool world_device(unsigned int index, struct world_device_info *info)
{
	struct tee_device *teedev;
	int len;

	teedev = tee_device_find(index);
	if (!teedev)
		return false;
	info->endpoint_id = (uint16_t)to_ffa_dev(teedev->dev.parent)->vm_id;
	len = device_attribute_show(teedev->dev.parent, "state", info->state,
				    sizeof(info->state) - 1);
	info->state[len > 0 ? len - 1 : 0] = '\0';
	tee_device_put(teedev);
	return true;
}
