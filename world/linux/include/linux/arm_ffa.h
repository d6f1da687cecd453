/* SPDX-License-Identifier: GPL-2.0-only */
/* The FF-A bus and what its transport offers to drivers. */
#ifndef WORLD_LINUX_ARM_FFA_H
#define WORLD_LINUX_ARM_FFA_H

#include <linux/device.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/uuid.h>

struct ffa_ops;

struct ffa_device {
	u32 id;
	u32 properties;
	int vm_id;
	bool mode_32bit;
	uuid_t uuid;
	struct device dev;
	const struct ffa_ops *ops;
};

#define to_ffa_dev(d) container_of(d, struct ffa_device, dev)

struct ffa_device_id {
	uuid_t uuid;
};

struct ffa_driver {
	const char *name;
	int (*probe)(struct ffa_device *ffa);
	void (*remove)(struct ffa_device *ffa);
	const struct ffa_device_id *id_table; /* up to a nil UUID */
	struct device_driver driver;
};

static inline void ffa_dev_set_drvdata(struct ffa_device *ffa, void *data)
{
	dev_set_drvdata(&ffa->dev, data);
}

static inline void *ffa_dev_get_drvdata(struct ffa_device *ffa)
{
	return dev_get_drvdata(&ffa->dev);
}

/* One driver at a time. 0 or -EBUSY; that a device was not probed is no error. */
int ffa_driver_register(struct ffa_driver *driver, struct module *owner, const char *mod_name);
void ffa_driver_unregister(struct ffa_driver *driver);

#define ffa_register(driver)   ffa_driver_register(driver, THIS_MODULE, KBUILD_MODNAME)
#define ffa_unregister(driver) ffa_driver_unregister(driver)
#define module_ffa_driver(drv) module_driver(drv, ffa_register, ffa_unregister)

struct ffa_send_direct_data {
	unsigned long data0; /* x3 */
	unsigned long data1;
	unsigned long data2;
	unsigned long data3;
	unsigned long data4; /* x7 */
};

#define FFA_MEM_RW BIT(1)

struct ffa_mem_region_attributes {
	u16 receiver;
	u8 attrs;
	u8 flag;
};

struct ffa_mem_ops_args {
	bool use_txbuf;
	u32 nattrs;
	u32 flags;
	u64 tag;
	u64 g_handle; /* result */
	struct scatterlist *sg;
	struct ffa_mem_region_attributes *attrs;
};

struct ffa_msg_ops {
	void (*mode_32bit_set)(struct ffa_device *ffa);
	int (*sync_send_receive)(struct ffa_device *ffa, struct ffa_send_direct_data *data);
};

struct ffa_mem_ops {
	int (*memory_reclaim)(u64 g_handle, u32 flags);
	int (*memory_share)(struct ffa_mem_ops_args *args);
};

struct ffa_ops {
	const struct ffa_msg_ops *msg_ops;
	const struct ffa_mem_ops *mem_ops;
};

#endif /* WORLD_LINUX_ARM_FFA_H */
