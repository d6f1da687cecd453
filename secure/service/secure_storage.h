/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secure storage services: internal trusted storage and protected storage, which are
 * one protocol (tstee/secure_storage.h) under two service UUIDs. Objects belong to
 * the caller: its FF-A source ID and its client ID.
 */
#ifndef SECURE_SERVICE_SECURE_STORAGE_H
#define SECURE_SERVICE_SECURE_STORAGE_H

#include <secure/rpc/endpoint.h>
#include <secure/store/store.h>

/* Keeps the objects of services that share one store apart. On flash: never renumber. */
enum secure_storage_space {
	SECURE_STORAGE_SPACE_ITS = 0,
	SECURE_STORAGE_SPACE_PS = 1,
	SECURE_STORAGE_SPACE_PS_ENTRY = 2, /* what protected storage keeps in internal storage */
	SECURE_STORAGE_SPACE_DEVICE_KEY = 3,
};

/* Who pays, as an FF-A source, for what the partition keeps for itself. */
#define SECURE_STORAGE_SELF 0xffffu

/* What keeps the objects. Each does what the function of store.h does that is called so. */
struct secure_storage_ops {
	psa_status_t (*get_info)(void *objects, const struct store_key *key,
				 struct store_info *info);
	psa_status_t (*read)(void *objects, const struct store_key *key, uint64_t offset, void *buf,
			     size_t len, size_t *read_len);
	psa_status_t (*set)(void *objects, const struct store_key *key,
			    const struct share_account *payer, uint32_t flags, const void *data,
			    size_t len);
	psa_status_t (*create)(void *objects, const struct store_key *key,
			       const struct share_account *payer, uint32_t flags,
			       uint64_t capacity);
	psa_status_t (*write)(void *objects, const struct store_key *key, uint64_t offset,
			      const void *data, size_t len);
	psa_status_t (*list)(void *objects, const struct store_key *above, uint64_t *uids,
			     size_t max, size_t *count);
	psa_status_t (*list_all)(void *objects, const struct store_key *above,
				 struct store_object *found, size_t max, size_t *count);
	psa_status_t (*remove)(void *objects, const struct store_key *key);
	/* Of all that share the store. @max, *@more: of store_erase_more(). */
	psa_status_t (*erase)(void *objects, const struct store_scope *scope, uint32_t max,
			      uint32_t *count, bool *more);
};

/* For a struct store, as it is. */
extern const struct secure_storage_ops secure_storage_store_ops;

struct secure_storage {
	struct service service; /* for endpoint_init() */
	const struct secure_storage_ops *ops;
	void *objects; /* for ops */
	enum secure_storage_space space;
};

/*
 * Makes @storage the service @uuid (TS_RPC_UUID_LEN bytes, text order) that keeps its
 * objects in @space of @store. All three must outlive the endpoint. If the store could
 * not be mounted, the service answers STORAGE_FAILURE.
 */
void secure_storage_init(struct secure_storage *storage, const uint8_t *uuid, struct store *store,
			 enum secure_storage_space space);

/* Likewise, over @objects, which is kept by @ops. */
void secure_storage_init_over(struct secure_storage *storage, const uint8_t *uuid,
			      const struct secure_storage_ops *ops, void *objects,
			      enum secure_storage_space space);

#endif /* SECURE_SERVICE_SECURE_STORAGE_H */
