/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays of pointers with indices that aren't large. All functions may be called by any thread. */
#ifndef WORLD_LINUX_XARRAY_H
#define WORLD_LINUX_XARRAY_H

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <pthread.h>

#define XA_FLAGS_ALLOC1	 1u /* xa_alloc() never gives 0 */
#define XA_FLAGS_ACCOUNT 2u /* for accounts that a world does not keep */

struct xarray {
	pthread_mutex_t lock;
	void **slots;
	size_t slot_count;
	size_t first_free; /* none is free below */
};

struct xa_limit {
	u32 max;
	u32 min;
};

#define DEFINE_XARRAY(name)	  struct xarray name = { .lock = PTHREAD_MUTEX_INITIALIZER }

#define XA_LIMIT(lowest, highest) ((struct xa_limit){ .min = (lowest), .max = (highest) })

/* Small numbers in the place of pointers. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)(v << 1 | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

void xa_init_flags(struct xarray *xa, gfp_t flags);
void xa_destroy(struct xarray *xa);

/* Puts @entry at the lowest free index. 0, -EBUSY if none is free within @limit, or -ENOMEM. */
int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);

/* Puts @entry at that index. 0, -EBUSY if something is there, or -ENOMEM. */
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);

/* NULL if nothing is there. xa_store() replaces what xa_alloc() has put there. */
void *xa_load(struct xarray *xa, unsigned long index);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);

#endif /* WORLD_LINUX_XARRAY_H */
