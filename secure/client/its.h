/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition as a client of internal trusted storage, which keeps small objects in the device's flash.
 * in plain: nobody else can read them there.
 *
 *	static struct port_peer peer;
 *	static uint8_t message[CLIENT_ITS_MESSAGE_LEN(256)];
 *	static struct client_its its = { { &peer.peer, message, sizeof(message) } };
 *
 *	port_peer_init(&peer, client_its_uuid, sizeof(message));
 *	status = client_its_set(&its, caller->client_id, uid, data, len, 0);
 *
 * What the functions do and return is in <secure/client/storage.h>, under the same names.
 */
#ifndef SECURE_CLIENT_ITS_H
#define SECURE_CLIENT_ITS_H

#include <secure/client/storage.h>

/* Bytes of the message for objects of @len bytes. */
#define CLIENT_ITS_MESSAGE_LEN(len) CLIENT_STORAGE_MESSAGE_LEN(len)

struct client_its {
	struct client_storage storage;
};

/* The service. */
extern const uint8_t client_its_uuid[TS_RPC_UUID_LEN];

static inline psa_status_t client_its_set(struct client_its *its, uint32_t client, uint64_t uid,
					  const void *data, size_t len, uint32_t flags)
{
	return client_storage_set(&its->storage, client, uid, data, len, flags);
}

static inline psa_status_t client_its_get(struct client_its *its, uint32_t client, uint64_t uid,
					  size_t offset, void *data, size_t size, size_t *len)
{
	return client_storage_get(&its->storage, client, uid, offset, data, size, len);
}

static inline psa_status_t client_its_get_info(struct client_its *its, uint32_t client,
					       uint64_t uid, struct secure_storage_info *info)
{
	return client_storage_get_info(&its->storage, client, uid, info);
}

static inline psa_status_t client_its_remove(struct client_its *its, uint32_t client, uint64_t uid)
{
	return client_storage_remove(&its->storage, client, uid);
}

static inline psa_status_t client_its_set_for(struct client_its *its, uint32_t client, uint64_t uid,
					      const void *data, size_t len,
					      const struct client_storage_payer *payer)
{
	return client_storage_set_for(&its->storage, client, uid, data, len, payer);
}

static inline psa_status_t client_its_list(struct client_its *its, uint32_t client, uint64_t uid,
					   uint64_t *uids, size_t max, size_t *count)
{
	return client_storage_list(&its->storage, client, uid, uids, max, count);
}

static inline psa_status_t client_its_list_clients(struct client_its *its,
						   const struct secure_storage_client_object *above,
						   struct secure_storage_client_object *objects,
						   size_t max, size_t *count)
{
	return client_storage_list_clients(&its->storage, above, objects, max, count);
}

#endif /* SECURE_CLIENT_ITS_H */
