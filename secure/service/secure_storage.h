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
};

struct secure_storage {
	struct service service; /* for endpoint_init() */
	struct store *store;
	enum secure_storage_space space;
};

/*
 * Makes @storage the service @uuid (TS_RPC_UUID_LEN bytes, text order) that keeps its
 * objects in @space of @store. All three must outlive the endpoint. If the store could
 * not be mounted, the service answers STORAGE_FAILURE.
 */
void secure_storage_init(struct secure_storage *storage, const uint8_t *uuid, struct store *store,
			 enum secure_storage_space space);

#endif /* SECURE_SERVICE_SECURE_STORAGE_H */
