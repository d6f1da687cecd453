// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared memory of user space: who refers to it (its descriptor, calls that use it) and what it
 * holds while it lives (its context, the device). Its ID is known to the device, so that one of
 * another context is nobody's.
 */
#include <linux/tee_core.h>

#include <errno.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "file_watch.h"
#include "internal.h"

/* The end of user space; the machine that a program is built for may have less. */
#ifdef __x86_64__
#define USER_MAX ((1ul << 47) - PAGE_SIZE)
#else
#define USER_MAX (1ul << 48)
#endif

/* An ID that is taken by an object which is not yet there. */
#define RESERVED xa_mk_value(0)

struct user_shm {
	struct tee_shm shm;
	struct file_watch watch; /* of its descriptor */
};

static struct user_shm *to_user_shm(struct tee_shm *shm)
{
	return container_of(shm, struct user_shm, shm);
}

static void put_pages(struct tee_shm *shm)
{
	size_t i;

	for (i = 0; i < shm->num_pages; i++)
		put_page(shm->pages[i]);
	kfree(shm->pages);
}

static void shm_release(struct tee_shm *shm)
{
	struct tee_device *teedev = shm->ctx->teedev;

	if (shm->flags & TEE_SHM_POOL) {
		teedev->pool->ops->free(teedev->pool, shm);
	} else {
		teedev->desc->ops->shm_unregister(shm->ctx, shm);
		put_pages(shm);
	}
	teedev_ctx_put(shm->ctx);
	kfree(to_user_shm(shm));
	tee_device_put(teedev);
}

/* The last reference goes under the mutex together with the ID: none is got from zero. */
void tee_shm_put(struct tee_shm *shm)
{
	struct tee_device *teedev;
	bool last;

	oops_unless(shm);
	teedev = shm->ctx->teedev;
	mutex_lock(&teedev->mutex);
	last = refcount_dec_and_test(&shm->refcount);
	if (last)
		xa_erase(&teedev->shms, (unsigned long)shm->id);
	mutex_unlock(&teedev->mutex);
	if (last)
		shm_release(shm);
}

struct tee_shm *tee_shm_get_from_id(struct tee_context *ctx, int id)
{
	struct tee_device *teedev;
	struct tee_shm *shm;

	oops_unless(ctx);
	teedev = ctx->teedev;
	mutex_lock(&teedev->mutex);
	shm = id > 0 ? xa_load(&teedev->shms, (unsigned long)id) : NULL;
	if (!shm || shm == RESERVED || shm->ctx != ctx)
		shm = ERR_PTR(-EINVAL);
	else
		refcount_inc(&shm->refcount);
	mutex_unlock(&teedev->mutex);
	return shm;
}

/* An object without memory, which holds the device. */
static struct tee_shm *shm_new(struct tee_context *ctx, u32 flags)
{
	struct tee_device *teedev = ctx->teedev;
	struct user_shm *user;
	u32 id;
	int rc;

	if (!tee_device_get(teedev))
		return ERR_PTR(-EINVAL);

	rc = xa_alloc(&teedev->shms, &id, RESERVED, XA_LIMIT(1, INT_MAX), GFP_KERNEL);
	if (rc) {
		rc = rc == -EBUSY ? -ENOSPC : rc;
		goto err_put;
	}

	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user) {
		rc = -ENOMEM;
		goto err_erase;
	}

	refcount_set(&user->shm.refcount, 1);
	user->shm.ctx = ctx;
	user->shm.flags = flags;
	user->shm.id = (int)id;
	return &user->shm;

err_erase:
	xa_erase(&teedev->shms, id);
err_put:
	tee_device_put(teedev);
	return ERR_PTR(rc);
}

/* The way back, for one that nobody has seen. */
static void shm_discard(struct tee_shm *shm)
{
	struct tee_device *teedev = shm->ctx->teedev;

	xa_erase(&teedev->shms, (unsigned long)shm->id);
	kfree(to_user_shm(shm));
	tee_device_put(teedev);
}

/* It has its memory: from now on its ID can be used, also by those who guess it. */
static void shm_publish(struct tee_shm *shm)
{
	struct tee_device *teedev = shm->ctx->teedev;

	mutex_lock(&teedev->mutex);
	xa_store(&teedev->shms, (unsigned long)shm->id, shm, GFP_KERNEL);
	mutex_unlock(&teedev->mutex);
}

struct tee_shm *tee_shm_alloc_user_buf(struct tee_context *ctx, size_t size)
{
	struct tee_device *teedev = ctx->teedev;
	struct tee_shm *shm;
	int rc;

	if (!teedev->pool)
		return ERR_PTR(-EINVAL);
	shm = shm_new(ctx, TEE_SHM_DYNAMIC | TEE_SHM_POOL);
	if (IS_ERR(shm))
		return shm;

	rc = teedev->pool->ops->alloc(teedev->pool, shm, size, PAGE_SIZE);
	if (rc) {
		shm_discard(shm);
		return ERR_PTR(rc);
	}
	/* What is in pages would be unpinned, and the rest is mapped as it is. */
	oops_unless(!shm->pages && shm->paddr && shm->size && IS_ALIGNED(shm->size, PAGE_SIZE));
	teedev_ctx_get(ctx);
	shm_publish(shm);
	return shm;
}

/* Where the pages of the client's memory are pinned in Linux. */
static int shm_pin(struct tee_shm *shm, unsigned long addr, size_t length, int fd)
{
	size_t page_count;
	int rc;

	shm->offset = addr % PAGE_SIZE;
	page_count = PAGE_ALIGN(shm->offset + length) / PAGE_SIZE;
	if (!length || page_count > INT_MAX)
		return -ENOMEM;
	if (fd < 0)
		return -EFAULT;

	shm->pages = kcalloc(page_count, sizeof(shm->pages[0]), GFP_KERNEL);
	if (!shm->pages)
		return -ENOMEM;
	rc = pages_adopt(fd, page_count, shm->pages);
	if (rc) {
		kfree(shm->pages);
		return rc;
	}
	shm->num_pages = page_count;
	shm->size = length;
	return 0;
}

struct tee_shm *tee_shm_register_user_buf(struct tee_context *ctx, unsigned long addr,
					  size_t length, int fd)
{
	const struct tee_driver_ops *ops = ctx->teedev->desc->ops;
	struct tee_shm *shm;
	int rc;

	if (length > USER_MAX || addr > USER_MAX - length)
		return ERR_PTR(-EFAULT);
	if (!ops->shm_register || !ops->shm_unregister)
		return ERR_PTR(-ENOTSUPP);

	shm = shm_new(ctx, TEE_SHM_USER_MAPPED | TEE_SHM_DYNAMIC);
	if (IS_ERR(shm))
		return shm;

	rc = shm_pin(shm, addr, length, fd);
	if (rc)
		goto err_discard;

	teedev_ctx_get(ctx);
	rc = ops->shm_register(ctx, shm, shm->pages, shm->num_pages, addr - shm->offset);
	if (rc)
		goto err_unpin;
	shm_publish(shm);
	return shm;

err_unpin:
	teedev_ctx_put(ctx);
	put_pages(shm);
err_discard:
	shm_discard(shm);
	return ERR_PTR(rc);
}

static void descriptor_released(struct file_watch *watch)
{
	tee_shm_put(&container_of(watch, struct user_shm, watch)->shm);
}

int tee_shm_get_fd(struct tee_shm *shm)
{
	struct file_watch *watch = &to_user_shm(shm)->watch;
	phys_addr_t address = shm->pages ? page_to_phys(shm->pages[0]) : shm->paddr;
	int fd;

	watch->release = descriptor_released;
	watch->device = shm->ctx->teedev;
	refcount_inc(&shm->refcount);
	fd = file_watch_open(watch, (void *)(uintptr_t)address);
	if (fd < 0)
		tee_shm_put(shm);
	return fd;
}
