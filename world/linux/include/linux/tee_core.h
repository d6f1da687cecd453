/* SPDX-License-Identifier: GPL-2.0-only */
/* The TEE core, as its drivers see it. */
#ifndef WORLD_LINUX_TEE_CORE_H
#define WORLD_LINUX_TEE_CORE_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/tee.h>
#include <linux/types.h>

#define TEE_SHM_DYNAMIC	    BIT(0) /* known to the secure world */
#define TEE_SHM_USER_MAPPED BIT(1) /* memory of user space */
#define TEE_SHM_POOL	    BIT(2) /* memory of the driver's pool */

struct tee_device;

struct tee_context {
	struct tee_device *teedev;
	void *data; /* the driver's */
	refcount_t refcount;
	bool releasing; /* references do not count any more */
	bool cap_memref_null;
};

struct tee_shm {
	struct tee_context *ctx;
	phys_addr_t paddr;
	void *kaddr;
	size_t size;
	unsigned int offset;
	struct page **pages;
	size_t num_pages;
	refcount_t refcount;
	u32 flags;
	int id;
	u64 sec_world_id;
};

struct tee_param_memref {
	size_t shm_offs;
	size_t size;
	struct tee_shm *shm;
};

struct tee_param_value {
	u64 a;
	u64 b;
	u64 c;
};

struct tee_param {
	u64 attr;
	union {
		struct tee_param_memref memref;
		struct tee_param_value value;
	} u;
};

struct tee_driver_ops {
	void (*get_version)(struct tee_device *teedev, struct tee_ioctl_version_data *vers);
	int (*open)(struct tee_context *ctx);
	void (*release)(struct tee_context *ctx);
	int (*open_session)(struct tee_context *ctx, struct tee_ioctl_open_session_arg *arg,
			    struct tee_param *param);
	int (*close_session)(struct tee_context *ctx, u32 session);
	int (*invoke_func)(struct tee_context *ctx, struct tee_ioctl_invoke_arg *arg,
			   struct tee_param *param);
	int (*cancel_req)(struct tee_context *ctx, u32 cancel_id, u32 session);
	int (*shm_register)(struct tee_context *ctx, struct tee_shm *shm, struct page **pages,
			    size_t num_pages, unsigned long start);
	int (*shm_unregister)(struct tee_context *ctx, struct tee_shm *shm);
};

struct tee_desc {
	const char *name;
	const struct tee_driver_ops *ops;
	struct module *owner;
	u32 flags;
};

struct tee_shm_pool;

struct tee_shm_pool_ops {
	int (*alloc)(struct tee_shm_pool *pool, struct tee_shm *shm, size_t size, size_t align);
	void (*free)(struct tee_shm_pool *pool, struct tee_shm *shm);
	void (*destroy_pool)(struct tee_shm_pool *pool);
};

struct tee_shm_pool {
	const struct tee_shm_pool_ops *ops;
	void *private_data;
};

struct tee_device *tee_device_alloc(const struct tee_desc *desc, struct device *parent,
				    struct tee_shm_pool *pool, void *driver_data);
int tee_device_register(struct tee_device *teedev);

/* Also of a device that was never registered. Waits for all who use it. */
void tee_device_unregister(struct tee_device *teedev);
void *tee_get_drvdata(struct tee_device *teedev);

/* The object of that ID in @ctx, with a reference, or ERR_PTR(-EINVAL). */
struct tee_shm *tee_shm_get_from_id(struct tee_context *ctx, int id);
void tee_shm_put(struct tee_shm *shm);

#endif /* WORLD_LINUX_TEE_CORE_H */
