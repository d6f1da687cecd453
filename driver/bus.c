// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver on the FF-A bus: it binds to the partitions that advertise the TS
 * RPC UUID, gives each a TEE device (docs/ts-tee.md tells why), and takes it
 * down again. Owns struct tstee_endpoint.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tee.h>
#include <linux/xarray.h>

#include "tstee.h"

/* What shutdown may take, whatever partitions do. */
#define SHUTDOWN_TIME (2 * HZ)

/*
 * Endpoints by FF-A ID. A partition that has several UUIDs is several devices
 * of the bus, and those of kernels that look for the UUID of a device only when
 * it is matched (before 6.2) all match.
 */
static DEFINE_XARRAY(tstee_endpoints);

static void tstee_get_version(struct tee_device *teedev,
			      struct tee_ioctl_version_data *vers)
{
	struct tstee_endpoint *ep = tee_get_drvdata(teedev);

	*vers = (struct tee_ioctl_version_data){
		.impl_id = TS_RPC_TEE_IMPL_ID,
		.impl_caps = ep->ffa->vm_id,
		.gen_caps = TSTEE_COMPAT_REGISTER ? TEE_GEN_CAP_REG_MEM : 0,
	};
}

static const struct tee_driver_ops tstee_ops = {
	.get_version = tstee_get_version,
	.open = tstee_context_open,
	.release = tstee_context_release,
	.open_session = tstee_session_open,
	.close_session = tstee_session_close,
	.invoke_func = tstee_session_invoke,
	.shm_register = TSTEE_COMPAT_REGISTER ? tstee_shm_register : NULL,
	.shm_unregister = tstee_shm_unregister,
};

static const struct tee_desc tstee_desc = {
	.name = "tstee",
	.ops = &tstee_ops,
	.owner = THIS_MODULE,
};

/* The UUID stands for all versions of the protocol. */
static int tstee_check_version(struct tstee_endpoint *ep)
{
	int rc;

	rc = tstee_rpc_version(ep, &ep->rpc_version);
	if (rc)
		return dev_err_probe(&ep->ffa->dev, rc,
				     "partition 0x%04x does not answer\n",
				     ep->ffa->vm_id);

	if (ep->rpc_version != TS_RPC_VERSION)
		return dev_err_probe(&ep->ffa->dev, -EPROTONOSUPPORT,
				     "partition 0x%04x speaks TS RPC version %u, not %u\n",
				     ep->ffa->vm_id, ep->rpc_version,
				     TS_RPC_VERSION);
	return 0;
}

static int tstee_probe(struct ffa_device *ffa)
{
	struct tstee_endpoint *ep;
	int rc;

	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		return -ENOMEM;

	rc = xa_insert(&tstee_endpoints, ffa->vm_id, ep, GFP_KERNEL);
	if (rc) {
		kfree(ep);
		/* Another device of this partition is bound. */
		return rc == -EBUSY ? -ENODEV : rc;
	}

	ep->ffa = ffa;
	ep->room = UINT_MAX;
	tstee_shm_init(ep);
	tstee_queue_init(ep);
	ffa->ops->msg_ops->mode_32bit_set(ffa);

	rc = tstee_check_version(ep);
	if (rc)
		goto err_queue;

	ep->teedev = tee_device_alloc(&tstee_desc, &ffa->dev, &ep->pool, ep);
	if (IS_ERR(ep->teedev)) {
		/*
		 * -ENOMEM is also what the TEE core says when its devices are
		 * used up.
		 */
		rc = PTR_ERR(ep->teedev);
		dev_err(&ffa->dev,
			"partition 0x%04x gets no TEE device: error %d\n",
			ffa->vm_id, rc);
		goto err_queue;
	}

	/*
	 * Sysfs and shutdown find the endpoint here, from the moment that
	 * clients do.
	 */
	ffa_dev_set_drvdata(ffa, ep);
	rc = tee_device_register(ep->teedev);
	if (rc)
		goto err_unregister;
	return 0;

err_unregister:
	ffa_dev_set_drvdata(ffa, NULL);
	tee_device_unregister(ep->teedev);
err_queue:
	tstee_queue_destroy(ep);
	xa_erase(&tstee_endpoints, ffa->vm_id);
	kfree(ep);
	return rc;
}

/* From here on services are refused, and who waits for one is told. */
static void tstee_go_down(struct tstee_endpoint *ep)
{
	set_bit(TSTEE_ENDPOINT_DOWN, &ep->flags);
	tstee_queue_refuse(ep);
}

/*
 * The TEE core waits for those who have the device open, and their buffers are
 * got back as they go.
 */
static void tstee_remove(struct ffa_device *ffa)
{
	struct tstee_endpoint *ep = ffa_dev_get_drvdata(ffa);

	/*
	 * Newer kernels remove the devices of the FF-A bus when the system goes
	 * down. Processes may live on then, and waiting for them would be for
	 * ever. The TEE device keeps @ffa.
	 */
	if (test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags))
		return;

	ep->deadline = jiffies + MAX_JIFFY_OFFSET;
	tstee_go_down(ep);
	tee_device_unregister(ep->teedev);
	tstee_shm_destroy(ep);
	tstee_queue_destroy(ep);
	ffa_dev_set_drvdata(ffa, NULL);
	xa_erase(&tstee_endpoints, ffa->vm_id);
	kfree(ep);
}

/* When the shutdown of all endpoints together must have ended, jiffies. */
static unsigned long tstee_shutdown_deadline(void)
{
	static DEFINE_SPINLOCK(lock);
	static unsigned long deadline;

	spin_lock(&lock);
	if (!deadline)
		deadline = (jiffies + SHUTDOWN_TIME) ?: 1;
	spin_unlock(&lock);
	return deadline;
}

/*
 * Also on the way to another kernel, which knows nothing of what this one has
 * shared. Nothing is sent afterwards: newer kernels free the transport.
 */
static void tstee_shutdown(struct device *dev)
{
	struct tstee_endpoint *ep = dev_get_drvdata(dev);

	if (!ep)
		return;

	ep->deadline = tstee_shutdown_deadline();
	tstee_go_down(ep);
	tstee_shm_shutdown(ep);

	set_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags);
	tstee_queue_refuse(ep);
	tstee_queue_settle(ep);
}

static const struct ffa_device_id tstee_ids[] = {
	{ UUID_INIT(0xbdcd76d7, 0x825e, 0x4751, 0x96, 0x3b, 0x86, 0xd4, 0xf8,
		    0x49, 0x43, 0xac) },
	{}
};

static struct ffa_driver tstee_driver = {
	.name = "tstee",
	.probe = tstee_probe,
	.remove = tstee_remove,
	.id_table = tstee_ids,
	.driver = {
		.shutdown = tstee_shutdown,
		/* A partition that is busy does not hold up the boot. */
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
		.dev_groups = tstee_groups,
	},
};
module_ffa_driver(tstee_driver);

/*
 * The FF-A bus has no entry in modpost, so that a device table would yield no
 * alias.
 */
MODULE_ALIAS("arm_ffa:*:bdcd76d7-825e-4751-963b-86d4f84943ac");
TSTEE_COMPAT_ALIAS();
MODULE_DESCRIPTION("TS-TEE: Trusted Services secure partitions as TEE devices");
MODULE_LICENSE("GPL");
