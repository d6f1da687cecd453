/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition as a client of protected storage, which keeps objects encrypted and authenticated in flash
 * that others may get at.
 *
 *	static struct port_peer peer;
 *	static uint8_t message[CLIENT_PS_MESSAGE_LEN(256)];
 *	static struct client_ps ps = { { &peer.peer, message, sizeof(message) } };
 *
 *	port_peer_init(&peer, client_ps_uuid, sizeof(message));
 *	status = client_ps_set(&ps, caller->client_id, uid, data, len, 0);
 *
 * What the functions do and return is in <secure/client/storage.h>, under the same names.
 */
#ifndef SECURE_CLIENT_PS_H
#define SECURE_CLIENT_PS_H

#include <secure/client/storage.h>

/* Bytes of the message for objects of @len bytes. */
#define CLIENT_PS_MESSAGE_LEN(len) CLIENT_STORAGE_MESSAGE_LEN(len)

struct client_ps {
	struct client_storage storage;
};

/* The service. */
extern const uint8_t client_ps_uuid[TS_RPC_UUID_LEN];

static inline psa_status_t client_ps_set(struct client_ps *ps, uint32_t client, uint64_t uid,
					 const void *data, size_t len, uint32_t flags)
{
	return client_storage_set(&ps->storage, client, uid, data, len, flags);
}

static inline psa_status_t client_ps_get(struct client_ps *ps, uint32_t client, uint64_t uid,
					 size_t offset, void *data, size_t size, size_t *len)
{
	return client_storage_get(&ps->storage, client, uid, offset, data, size, len);
}

static inline psa_status_t client_ps_get_info(struct client_ps *ps, uint32_t client, uint64_t uid,
					      struct secure_storage_info *info)
{
	return client_storage_get_info(&ps->storage, client, uid, info);
}

static inline psa_status_t client_ps_remove(struct client_ps *ps, uint32_t client, uint64_t uid)
{
	return client_storage_remove(&ps->storage, client, uid);
}

static inline psa_status_t client_ps_set_for(struct client_ps *ps, uint32_t client, uint64_t uid,
					     const void *data, size_t len,
					     const struct client_storage_payer *payer)
{
	return client_storage_set_for(&ps->storage, client, uid, data, len, payer);
}

static inline psa_status_t client_ps_create(struct client_ps *ps, uint32_t client, uint64_t uid,
					    size_t capacity, uint32_t flags)
{
	return client_storage_create(&ps->storage, client, uid, capacity, flags);
}

static inline psa_status_t client_ps_set_extended(struct client_ps *ps, uint32_t client,
						  uint64_t uid, size_t offset, const void *data,
						  size_t len)
{
	return client_storage_set_extended(&ps->storage, client, uid, offset, data, len);
}

#endif /* SECURE_CLIENT_PS_H */
