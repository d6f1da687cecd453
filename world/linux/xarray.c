// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays that grow. IDs are given out from the lowest free one on, so that a plain array stays
 * as short as what is in it ever was.
 */
#include <linux/xarray.h>

#include <errno.h>
#include <linux/slab.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 16

void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	*xa = (struct xarray){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.first_free = flags & XA_FLAGS_ALLOC1 ? 1 : 0,
	};
}

void xa_destroy(struct xarray *xa)
{
	free(xa->slots);
	xa->slots = NULL;
	xa->slot_count = 0;
	pthread_mutex_destroy(&xa->lock);
}

/* The lock is held. 0 or -ENOMEM. */
static int make_slot(struct xarray *xa, size_t index)
{
	size_t count = xa->slot_count ? xa->slot_count : SLOTS_MIN;
	void **slots;

	if (index < xa->slot_count)
		return 0;
	while (count <= index)
		count *= 2;

	slots = reallocarray(xa->slots, count, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots + xa->slot_count, 0, (count - xa->slot_count) * sizeof(*slots));
	xa->slots = slots;
	xa->slot_count = count;
	return 0;
}

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	size_t index;
	int rc;

	(void)gfp;
	pthread_mutex_lock(&xa->lock);
	while (xa->first_free < xa->slot_count && xa->slots[xa->first_free])
		xa->first_free++;
	index = xa->first_free > limit.min ? xa->first_free : limit.min;
	while (index < xa->slot_count && xa->slots[index])
		index++;

	rc = index > limit.max ? -EBUSY : make_slot(xa, index);
	if (!rc) {
		xa->slots[index] = entry;
		*id = (u32)index;
	}
	pthread_mutex_unlock(&xa->lock);
	return rc;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int rc;

	(void)gfp;
	pthread_mutex_lock(&xa->lock);
	rc = make_slot(xa, index);
	if (!rc && xa->slots[index])
		rc = -EBUSY;
	if (!rc)
		xa->slots[index] = entry;
	pthread_mutex_unlock(&xa->lock);
	return rc;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry = NULL;

	pthread_mutex_lock(&xa->lock);
	if (index < xa->slot_count)
		entry = xa->slots[index];
	pthread_mutex_unlock(&xa->lock);
	return entry;
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	(void)gfp;
	pthread_mutex_lock(&xa->lock);
	if (make_slot(xa, index)) {
		pthread_mutex_unlock(&xa->lock);
		return ERR_PTR(-ENOMEM);
	}
	old = xa->slots[index];
	xa->slots[index] = entry;
	pthread_mutex_unlock(&xa->lock);
	return old;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	void *old = NULL;

	pthread_mutex_lock(&xa->lock);
	if (index < xa->slot_count) {
		old = xa->slots[index];
		xa->slots[index] = NULL;
		if (old && index < xa->first_free)
			xa->first_free = index;
	}
	pthread_mutex_unlock(&xa->lock);
	return old;
}
