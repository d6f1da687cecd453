/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The admin service (tstee/admin.h) of a partition: over its pools, and over the objects that
 * its other services keep, if any.
 */
#ifndef SECURE_SERVICE_ADMIN_H
#define SECURE_SERVICE_ADMIN_H

#include <psa/error.h>
#include <secure/rpc/endpoint.h>
#include <secure/share/share.h>
#include <tstee/admin.h>

struct admin_pool_entry {
	const char *name; /* at most ADMIN_POOL_NAME_LEN characters */
	const struct share_pool *pool;
};

/* What an administrator may see and remove. Fields are in the byte order of the partition. */
struct admin_ops {
	/* The first behind *@above in an order of its own, or of all if that is NULL. */
	psa_status_t (*list)(void *ctx, const struct admin_name *above, struct admin_object *found,
			     size_t max, size_t *count);
	/* DOES_NOT_EXIST, NOT_PERMITTED if it can't be removed here. */
	psa_status_t (*remove)(void *ctx, const struct admin_name *name);
	/*
	 * Removes what client *@client_id of the normal world, or all of them if that is NULL, keep:
	 * as much of it as takes no long time. *@removed says how many; *@more: not all yet.
	 */
	psa_status_t (*erase)(void *ctx, const uint32_t *client_id, uint32_t *removed, bool *more);
};

struct admin {
	struct service service; /* for endpoint_init() */
	const struct admin_pool_entry *pools;
	size_t pool_count;
	const struct admin_ops *ops; /* NULL: nothing is kept */
	void *ctx;
};

/* All must outlive the endpoint. @ops may be NULL. */
void admin_init(struct admin *admin, const struct admin_pool_entry *pools, size_t pool_count,
		const struct admin_ops *ops, void *ctx);

/* Who keeps objects: of the kinds from the first to the last (tstee/admin.h). */
struct admin_keeper {
	const struct admin_ops *ops;
	void *ctx;
	uint16_t kind_first, kind_last;
};

/* Several of them, each with kinds of its own, that one partition hosts. */
struct admin_union {
	const struct admin_keeper *keepers;
	size_t count;
};

/* With a struct admin_union. */
extern const struct admin_ops admin_union_ops;

struct secure_storage;

/* For the objects of internal and protected storage that share an internal store. */
struct admin_storage {
	const struct secure_storage *its;
	const struct secure_storage *ps;
};

/* With a struct admin_storage. */
extern const struct admin_ops admin_storage_ops;

#endif /* SECURE_SERVICE_ADMIN_H */
