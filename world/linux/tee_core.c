// SPDX-License-Identifier: GPL-2.0-only
/*
 * TEE devices and contexts. Owns the table of devices and who uses each: a device goes when the
 * driver has unregistered it and neither contexts nor shared memory are left.
 *
 * table_mutex is taken before a device's mutex, never the other way round.
 */
#include <linux/tee_core.h>

#include <errno.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <stdio.h>

#include "internal.h"

static DEFINE_MUTEX(table_mutex);
static struct tee_device *table[WORLD_DEVICES_MAX]; /* allocated ones */
static unsigned int devices_max = WORLD_DEVICES_USUAL;

static void device_free(struct tee_device *teedev)
{
	xa_destroy(&teedev->shms);
	mutex_destroy(&teedev->mutex);
	pthread_cond_destroy(&teedev->no_users);
	pthread_mutex_destroy(&teedev->users_lock);
	kfree(teedev);
}

struct tee_device *tee_device_alloc(const struct tee_desc *desc, struct device *parent,
				    struct tee_shm_pool *pool, void *driver_data)
{
	struct tee_device *teedev;
	unsigned int id;

	if (!desc || !desc->name || !desc->ops || !desc->ops->get_version || !desc->ops->open ||
	    !desc->ops->release)
		return ERR_PTR(-EINVAL);

	teedev = kzalloc(sizeof(*teedev), GFP_KERNEL);
	if (!teedev)
		return ERR_PTR(-ENOMEM);

	teedev->desc = desc;
	teedev->pool = pool;
	teedev->num_users = 1; /* the driver */
	teedev->dev.parent = parent;
	dev_set_drvdata(&teedev->dev, driver_data);
	mutex_init(&teedev->mutex);
	xa_init_flags(&teedev->shms, XA_FLAGS_ALLOC1);
	pthread_mutex_init(&teedev->users_lock, NULL);
	pthread_cond_init(&teedev->no_users, NULL);

	mutex_lock(&table_mutex);
	for (id = 0; id < devices_max && table[id]; id++)
		;
	if (id < devices_max)
		table[id] = teedev;
	mutex_unlock(&table_mutex);
	if (id == devices_max) {
		device_free(teedev);
		return ERR_PTR(-ENOMEM);
	}

	teedev->id = id;
	snprintf(teedev->dev.name, sizeof(teedev->dev.name), "tee%u", id);
	return teedev;
}

void world_set_devices(unsigned int count)
{
	devices_max = count;
}

int tee_device_register(struct tee_device *teedev)
{
	int rc = 0;

	oops_unless(teedev && !IS_ERR(teedev));
	mutex_lock(&table_mutex);
	if (teedev->registered)
		rc = -EINVAL;
	teedev->registered = true;
	mutex_unlock(&table_mutex);
	return rc;
}

void tee_device_unregister(struct tee_device *teedev)
{
	if (!teedev)
		return;

	oops_unless(!IS_ERR(teedev));
	mutex_lock(&table_mutex);
	teedev->registered = false;
	mutex_unlock(&table_mutex);

	tee_device_put(teedev);
	pthread_mutex_lock(&teedev->users_lock);
	while (teedev->num_users)
		pthread_cond_wait(&teedev->no_users, &teedev->users_lock);
	pthread_mutex_unlock(&teedev->users_lock);

	mutex_lock(&table_mutex);
	table[teedev->id] = NULL;
	mutex_unlock(&table_mutex);
	device_free(teedev);
}

void *tee_get_drvdata(struct tee_device *teedev)
{
	oops_unless(teedev);
	return dev_get_drvdata(&teedev->dev);
}

bool tee_device_get(struct tee_device *teedev)
{
	bool alive;

	pthread_mutex_lock(&teedev->users_lock);
	alive = teedev->num_users;
	teedev->num_users += alive;
	pthread_mutex_unlock(&teedev->users_lock);
	return alive;
}

void tee_device_put(struct tee_device *teedev)
{
	pthread_mutex_lock(&teedev->users_lock);
	if (!--teedev->num_users)
		pthread_cond_signal(&teedev->no_users);
	pthread_mutex_unlock(&teedev->users_lock);
}

struct tee_device *tee_device_find(unsigned int index)
{
	struct tee_device *teedev = NULL;

	mutex_lock(&table_mutex);
	if (index < WORLD_DEVICES_MAX && table[index] && table[index]->registered &&
	    tee_device_get(table[index]))
		teedev = table[index];
	mutex_unlock(&table_mutex);
	return teedev;
}

struct tee_context *teedev_open(struct tee_device *teedev)
{
	struct tee_context *ctx;
	int rc;

	if (!tee_device_get(teedev))
		return ERR_PTR(-EINVAL);

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx) {
		rc = -ENOMEM;
		goto err_put;
	}

	refcount_set(&ctx->refcount, 1);
	ctx->teedev = teedev;
	rc = teedev->desc->ops->open(ctx);
	if (rc)
		goto err_free;
	return ctx;

err_free:
	kfree(ctx);
err_put:
	tee_device_put(teedev);
	return ERR_PTR(rc);
}

void teedev_ctx_get(struct tee_context *ctx)
{
	if (!ctx->releasing)
		refcount_inc(&ctx->refcount);
}

/* What is released with the context may put references to it. */
void teedev_ctx_put(struct tee_context *ctx)
{
	if (ctx->releasing || !refcount_dec_and_test(&ctx->refcount))
		return;

	ctx->releasing = true;
	ctx->teedev->desc->ops->release(ctx);
	kfree(ctx);
}

void teedev_close_context(struct tee_context *ctx)
{
	struct tee_device *teedev = ctx->teedev;

	teedev_ctx_put(ctx);
	tee_device_put(teedev);
}
