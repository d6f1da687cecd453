// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FF-A bus and its transport: FF-A v1.1 (DEN0077A) as the normal world's kernel. Owns the
 * devices, one for each UUID of each partition, and this world's RX and TX buffers.
 *
 * Devices are made before any driver or when a partition was restarted, and go after it; bus_mutex
 * is held while a driver or device comes or goes. rx_mutex and tx_mutex protect a buffer from being filled to the end of its use.
 */
#include <linux/arm_ffa.h>

#include <errno.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <stdio.h>
#include <string.h>
#include <tstee/ffa.h>
#include <world/conduit.h>
#include <world/ram.h>

#include "internal.h"

/* How long a partition that yields is left alone. */
#define YIELD_US 1000

/* A partition's properties: it runs in AArch64. */
#define PROPERTY_AARCH64 BIT(8)

/* What FFA_PARTITION_INFO_GET writes, table 13.37. */
struct partition_info {
	u16 id;
	u16 context_count;
	u32 properties;
	uuid_t uuid;
};

static_assert(sizeof(struct partition_info) == 24, "table 13.37");

/* As many as RX can tell of. */
#define DEVICES_MAX (FFA_PAGE_LEN / sizeof(struct partition_info))

static DEFINE_MUTEX(bus_mutex);
static DEFINE_MUTEX(rx_mutex);
static DEFINE_MUTEX(tx_mutex);
static struct ffa_driver *bus_driver;
static struct ffa_device *devices[DEVICES_MAX];
static size_t device_count;
static u16 own_id;
static void *rx;
static void *tx;

static int errno_of(const struct ffa_regs *regs)
{
	static const int errors[] = {
		[-FFA_NOT_SUPPORTED] = -EOPNOTSUPP,
		[-FFA_INVALID_PARAMETERS] = -EINVAL,
		[-FFA_NO_MEMORY] = -ENOMEM,
		[-FFA_BUSY] = -EBUSY,
		[-FFA_INTERRUPTED] = -EINTR,
		[-FFA_DENIED] = -EACCES,
		[-FFA_RETRY] = -EAGAIN,
		[-FFA_ABORTED] = -ECANCELED,
		[-FFA_NO_DATA] = -ENODATA,
	};
	u32 index = -(u32)regs->x[2];

	return index && index < ARRAY_SIZE(errors) ? errors[index] : -EINVAL;
}

/* A call that answers FFA_SUCCESS. */
static int call(struct ffa_regs *regs)
{
	conduit_call(regs);
	switch ((u32)regs->x[0]) {
	case FFA_SUCCESS:
	case FFA_SUCCESS | FFA_FUNCTION_64:
		return 0;
	case FFA_ERROR:
		return errno_of(regs);
	default:
		return -EINVAL;
	}
}

static void mode_32bit_set(struct ffa_device *ffa)
{
	ffa->mode_32bit = true;
}

static int sync_send_receive(struct ffa_device *ffa, struct ffa_send_direct_data *data)
{
	u32 width = ffa->mode_32bit ? 0 : FFA_FUNCTION_64;
	struct ffa_regs regs = { {
		FFA_MSG_SEND_DIRECT_REQ | width,
		ffa_message_endpoints(own_id, (u16)ffa->vm_id),
		0,
		data->data0,
		data->data1,
		data->data2,
		data->data3,
		data->data4,
	} };

	conduit_call(&regs);
	/* As Linux from 6.12 on. */
	while ((u32)regs.x[0] == FFA_YIELD) {
		usleep_range(YIELD_US, 2 * YIELD_US);
		regs = (struct ffa_regs){ { FFA_RUN, regs.x[1] } };
		conduit_call(&regs);
	}
	if ((u32)regs.x[0] == FFA_ERROR)
		return errno_of(&regs);
	if ((u32)regs.x[0] != (FFA_MSG_SEND_DIRECT_RESP | width))
		return -EINVAL;

	*data = (struct ffa_send_direct_data){ regs.x[3], regs.x[4], regs.x[5], regs.x[6],
					       regs.x[7] };
	return 0;
}

/*
 * Writes the descriptor of a transaction into TX: header, one access record for each receiver,
 * and the memory they all get. Its length, or -ENXIO if there is no room.
 */
static int describe(const struct ffa_mem_ops_args *args)
{
	struct ffa_memory_transaction *transaction = tx;
	struct ffa_memory_access *access = (void *)(transaction + 1);
	struct ffa_memory_composite *composite;
	struct ffa_memory_range *range;
	struct scatterlist *sg;
	const u8 *end = (u8 *)tx + FFA_PAGE_LEN;
	u32 i;

	if (args->nattrs >= FFA_PAGE_LEN / sizeof(*access) ||
	    (u8 *)(access + args->nattrs) + sizeof(*composite) > end)
		return -ENXIO;

	composite = (void *)(access + args->nattrs);
	*transaction = (struct ffa_memory_transaction){
		.sender_id = own_id,
		.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
		.flags = args->flags,
		.tag = args->tag,
		.access_len = sizeof(*access),
		.access_count = args->nattrs,
		.access_offset = sizeof(*transaction),
	};
	for (i = 0; i < args->nattrs; i++)
		access[i] = (struct ffa_memory_access){
			.receiver_id = args->attrs[i].receiver,
			.permissions = args->attrs[i].attrs,
			.composite_offset = (u32)((u8 *)composite - (u8 *)tx),
		};

	*composite = (struct ffa_memory_composite){};
	range = (void *)(composite + 1);
	for (sg = args->sg; sg; sg = sg_next(sg), range++) {
		if ((u8 *)(range + 1) > end)
			return -ENXIO;
		*range = (struct ffa_memory_range){
			.address = sg_phys(sg),
			.page_count = sg->length / FFA_PAGE_LEN,
		};
		composite->page_count += range->page_count;
		composite->range_count++;
	}
	return (int)((u8 *)range - (u8 *)tx);
}

/* Only with TX, as all partitions of this driver's kind do. */
static int memory_share(struct ffa_mem_ops_args *args)
{
	struct ffa_regs regs = {};
	int rc;

	if (!args->use_txbuf)
		return -EOPNOTSUPP;

	mutex_lock(&tx_mutex);
	rc = describe(args);
	if (rc > 0) {
		regs.x[0] = FFA_MEM_SHARE;
		regs.x[1] = (u64)rc; /* in all */
		regs.x[2] = (u64)rc; /* in this first fragment */
		rc = call(&regs);
	}
	mutex_unlock(&tx_mutex);

	if (!rc)
		args->g_handle = (u32)regs.x[2] | (u64)(u32)regs.x[3] << 32;
	return rc;
}

static int memory_reclaim(u64 g_handle, u32 flags)
{
	struct ffa_regs regs = { { FFA_MEM_RECLAIM, lower_32_bits(g_handle),
				   upper_32_bits(g_handle), flags } };

	return call(&regs);
}

static const struct ffa_msg_ops msg_ops = {
	.mode_32bit_set = mode_32bit_set,
	.sync_send_receive = sync_send_receive,
};

static const struct ffa_mem_ops mem_ops = {
	.memory_reclaim = memory_reclaim,
	.memory_share = memory_share,
};

static const struct ffa_ops ffa_ops = {
	.msg_ops = &msg_ops,
	.mem_ops = &mem_ops,
};

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct ffa_device *ffa = to_ffa_dev(dev);

	(void)attr;
	return sysfs_emit(buf, "arm_ffa:%04x:%pUb", (unsigned int)ffa->vm_id, ffa->uuid.b);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t partition_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "0x%04x\n", (unsigned int)to_ffa_dev(dev)->vm_id);
}
static DEVICE_ATTR_RO(partition_id);

static ssize_t uuid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "%pUb\n", to_ffa_dev(dev)->uuid.b);
}
static DEVICE_ATTR_RO(uuid);

static struct attribute *bus_attrs[] = {
	&dev_attr_modalias.attr,
	&dev_attr_partition_id.attr,
	&dev_attr_uuid.attr,
	NULL,
};

static const struct attribute_group bus_group = { .attrs = bus_attrs };
static const struct attribute_group *bus_groups[] = { &bus_group, NULL };

static bool driver_matches(const struct ffa_driver *driver, const struct ffa_device *ffa)
{
	const struct ffa_device_id *id;

	for (id = driver->id_table; id && !uuid_is_null(&id->uuid); id++)
		if (uuid_equal(&id->uuid, &ffa->uuid))
			return true;
	return false;
}

/* The driver has told why, if it failed. Attributes are there from the end of probe. */
static void bind_driver(struct ffa_driver *driver, struct ffa_device *ffa)
{
	if (!driver_matches(driver, ffa))
		return;
	if (driver->probe(ffa))
		ffa_dev_set_drvdata(ffa, NULL);
	else
		WRITE_ONCE(ffa->dev.driver, &driver->driver);
}

static void unbind_driver(struct ffa_driver *driver, struct ffa_device *ffa)
{
	WRITE_ONCE(ffa->dev.driver, NULL);
	driver->remove(ffa);
}

int ffa_driver_register(struct ffa_driver *driver, struct module *owner, const char *mod_name)
{
	int rc = 0;
	size_t i;

	(void)owner;
	(void)mod_name;
	mutex_lock(&bus_mutex);
	if (bus_driver) {
		rc = -EBUSY;
		goto out;
	}
	bus_driver = driver;
	driver->driver.name = driver->name;
	for (i = 0; i < device_count; i++)
		bind_driver(driver, devices[i]);
out:
	mutex_unlock(&bus_mutex);
	return rc;
}

void ffa_driver_unregister(struct ffa_driver *driver)
{
	size_t i;

	mutex_lock(&bus_mutex);
	for (i = device_count; i--;)
		if (devices[i]->dev.driver == &driver->driver)
			unbind_driver(driver, devices[i]);
	bus_driver = NULL;
	mutex_unlock(&bus_mutex);
}

/* As Linux, only what FF-A v1.1 promises of later versions is used. */
static int check_version(void)
{
	struct ffa_regs regs = { { FFA_VERSION, FFA_VERSION_1_1 } };
	u32 version;

	conduit_call(&regs);
	version = (u32)regs.x[0];
	if (version >> 31)
		return -EOPNOTSUPP;
	return version >> 16 == FFA_VERSION_1_1 >> 16 && version >= FFA_VERSION_1_1 ? 0 : -EINVAL;
}

static int get_id(void)
{
	struct ffa_regs regs = { { FFA_ID_GET } };
	int rc;

	rc = call(&regs);
	own_id = (u16)regs.x[2];
	return rc;
}

static int map_buffers(void)
{
	struct ffa_regs regs = { { FFA_RXTX_MAP | FFA_FUNCTION_64 } };
	int rc;

	rc = ram_alloc(FFA_PAGE_LEN, &rx);
	if (rc)
		return rc;
	rc = ram_alloc(FFA_PAGE_LEN, &tx);
	if (rc)
		return rc;

	regs.x[1] = virt_to_phys(tx);
	regs.x[2] = virt_to_phys(rx);
	regs.x[3] = 1;
	return call(&regs);
}

/* Whether it is one of the first @count devices. */
static bool is_known(const struct partition_info *info, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (devices[i]->vm_id == info->id && uuid_equal(&devices[i]->uuid, &info->uuid))
			return true;
	return false;
}

static int add_device(const struct partition_info *info)
{
	struct ffa_device *ffa;

	if (device_count == DEVICES_MAX)
		return -ENOSPC;
	ffa = kzalloc(sizeof(*ffa), GFP_KERNEL);
	if (!ffa)
		return -ENOMEM;

	ffa->id = (u32)device_count + 1;
	ffa->vm_id = info->id;
	ffa->properties = info->properties;
	ffa->mode_32bit = !(info->properties & PROPERTY_AARCH64);
	ffa->uuid = info->uuid;
	ffa->ops = &ffa_ops;
	ffa->dev.bus_groups = bus_groups;
	snprintf(ffa->dev.name, sizeof(ffa->dev.name), "arm-ffa-%u", ffa->id);
	devices[device_count++] = ffa;
	return 0;
}

/* RX holds @count records of @len bytes each, of which some may be known. */
static int add_devices(size_t count, size_t len)
{
	const size_t known = device_count;
	struct partition_info info;
	size_t i;
	int rc;

	if (len < sizeof(info) || count > FFA_PAGE_LEN / len)
		return -EINVAL;

	for (i = 0; i < count; i++) {
		memcpy(&info, (u8 *)rx + i * len, sizeof(info));
		if (is_known(&info, known))
			continue;
		rc = add_device(&info);
		if (rc)
			return rc;
	}
	return 0;
}

static int find_partitions(void)
{
	struct ffa_regs regs = { { FFA_PARTITION_INFO_GET } };
	struct ffa_regs release = { { FFA_RX_RELEASE } };
	int rc;

	mutex_lock(&rx_mutex);
	rc = call(&regs);
	if (!rc) {
		rc = add_devices((u32)regs.x[2], (u32)regs.x[3]);
		call(&release);
	}
	mutex_unlock(&rx_mutex);
	return rc;
}

int ffa_bus_start(void)
{
	int rc;

	rc = check_version();
	if (!rc)
		rc = get_id();
	if (!rc)
		rc = map_buffers();
	if (!rc)
		rc = find_partitions();
	if (rc) {
		pr_line("no FF-A bus: error %d", rc);
		ffa_bus_stop();
	}
	return rc;
}

void ffa_bus_rescan(u16 id)
{
	size_t i;

	mutex_lock(&bus_mutex);
	if (!find_partitions() && bus_driver)
		for (i = 0; i < device_count; i++)
			if (devices[i]->vm_id == id && !devices[i]->dev.driver)
				bind_driver(bus_driver, devices[i]);
	mutex_unlock(&bus_mutex);
}

int world_bind(const char *device, bool bind)
{
	struct ffa_device *ffa = NULL;
	int rc = -ENODEV;
	size_t i;

	mutex_lock(&bus_mutex);
	for (i = 0; i < device_count; i++)
		if (!strcmp(devices[i]->dev.name, device))
			ffa = devices[i];
	if (ffa && bus_driver && bind == !ffa->dev.driver) {
		if (bind)
			bind_driver(bus_driver, ffa);
		else
			unbind_driver(bus_driver, ffa);
		if (bind == !!ffa->dev.driver)
			rc = 0;
	}
	mutex_unlock(&bus_mutex);
	return rc;
}

void ffa_bus_stop(void)
{
	while (device_count)
		kfree(devices[--device_count]);
	ram_free(rx);
	ram_free(tx);
	rx = NULL;
	tx = NULL;
}
