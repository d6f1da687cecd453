/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition as a client of a storage service (tstee/secure_storage.h). Internal trusted storage
 * and protected storage speak one protocol: <secure/client/its.h> and <secure/client/ps.h> have
 * these functions by their names, and by their types nobody mixes up the two.
 */
#ifndef SECURE_CLIENT_STORAGE_H
#define SECURE_CLIENT_STORAGE_H

#include <psa/error.h>
#include <secure/rpc/peer.h>
#include <tstee/secure_storage.h>

/* Bytes of the message in which an object of @len bytes is sent. */
#define CLIENT_STORAGE_MESSAGE_LEN(len) (sizeof(struct secure_storage_set_for) + (len))

/*
 * The service, and where requests with data are made: CLIENT_STORAGE_MESSAGE_LEN() of the longest
 * object, or NULL and 0 if nothing is set. It is wiped after each call. One call at a time.
 */
struct client_storage {
	struct rpc_peer *peer;
	uint8_t *message;
	size_t message_len;
};

/* Who has an object, and who pays for it: of struct secure_storage_set_for. */
struct client_storage_payer {
	uint32_t account;
	uint16_t source_id;
};

/*
 * All of these: objects are those that this partition has for its client @client_id (0: for
 * itself); @uid isn't 0. Beside what is said here, they return what the service does (PSA Secure
 * Storage API 1.0, sections 5.4 and 6.4), and what client_call() does. Data of more bytes than the
 * message takes are PSA_ERROR_INSUFFICIENT_STORAGE, and nothing is sent; an answer that can't be
 * one is PSA_ERROR_COMMUNICATION_FAILURE.
 */

/* Keeps @len bytes as the object @uid, in place of what it was. @flags: SECURE_STORAGE_FLAG_... */
psa_status_t client_storage_set(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				const void *data, size_t len, uint32_t flags);

/* Reads at most @size bytes from @offset of the object; *@len is how many there were. */
psa_status_t client_storage_get(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				size_t offset, void *data, size_t size, size_t *len);

/* Says how long the object is, its capacity, and its flags. */
psa_status_t client_storage_get_info(struct client_storage *storage, uint32_t client_id,
				     uint64_t uid, struct secure_storage_info *info);

psa_status_t client_storage_remove(struct client_storage *storage, uint32_t client_id,
				   uint64_t uid);

/* Makes an empty object that client_storage_set_extended() can fill up to @capacity bytes. */
psa_status_t client_storage_create(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				   size_t capacity, uint32_t flags);

/* Writes @len bytes at @offset, which is in what there is, or at its end. */
psa_status_t client_storage_set_extended(struct client_storage *storage, uint32_t client_id,
					 uint64_t uid, size_t offset, const void *data, size_t len);

/* As client_storage_set(), but *@payer, a client of this partition, pays. TSTEE's own. */
psa_status_t client_storage_set_for(struct client_storage *storage, uint32_t client_id,
				    uint64_t uid, const void *data, size_t len,
				    const struct client_storage_payer *payer);

/* The first @max uids of the client above @uid (0: from the beginning), ascending. TSTEE's own. */
psa_status_t client_storage_list(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				 uint64_t *uids, size_t max, size_t *count);

/* Those of all clients beyond *@above, by client, then uid. TSTEE's own. */
psa_status_t client_storage_list_clients(struct client_storage *storage,
					 const struct secure_storage_client_object *above,
					 struct secure_storage_client_object *objects, size_t max,
					 size_t *count);

#endif /* SECURE_CLIENT_STORAGE_H */
