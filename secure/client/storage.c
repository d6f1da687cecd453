// SPDX-License-Identifier: BSD-3-Clause
/* See storage.h. */
#include <secure/client/call.h>
#include <secure/client/its.h>
#include <secure/client/ps.h>
#include <secure/rpc/writer.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/services.h>

const uint8_t client_its_uuid[TS_RPC_UUID_LEN] = TSTEE_ITS_UUID_BYTES;
const uint8_t client_ps_uuid[TS_RPC_UUID_LEN] = TSTEE_PS_UUID_BYTES;

/* A call whose answer is nothing. */
static psa_status_t call(struct client_storage *storage, uint16_t opcode, uint32_t client_id,
			 const void *req, size_t len)
{
	size_t resp_len;

	return client_call(storage->peer, opcode, client_id, req, len, NULL, 0, &resp_len);
}

/* The fixed part, and data behind it. */
static psa_status_t call_data(struct client_storage *storage, uint16_t opcode, uint32_t client_id,
			      const void *fixed, size_t fixed_len, const void *data, size_t len)
{
	psa_status_t status = PSA_ERROR_INSUFFICIENT_STORAGE;
	struct writer w;

	writer_init(&w, storage->message, storage->message_len);
	if (writer_bytes(&w, fixed, fixed_len) && writer_bytes(&w, data, len))
		status = call(storage, opcode, client_id, w.data, w.len);
	if (w.len)
		secure_wipe(w.data, w.len);
	return status;
}

psa_status_t client_storage_set(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				const void *data, size_t len, uint32_t flags)
{
	const struct secure_storage_set set = {
		.uid = uid,
		.data_length = len,
		.create_flags = flags,
	};

	return call_data(storage, SECURE_STORAGE_SET, client_id, &set, sizeof(set), data, len);
}

psa_status_t client_storage_get(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				size_t offset, void *data, size_t size, size_t *len)
{
	const struct secure_storage_get get = {
		.uid = uid,
		.data_offset = offset,
		.data_size = size,
	};

	return client_call(storage->peer, SECURE_STORAGE_GET, client_id, &get, sizeof(get), data,
			   size, len);
}

psa_status_t client_storage_get_info(struct client_storage *storage, uint32_t client_id,
				     uint64_t uid, struct secure_storage_info *info)
{
	const struct secure_storage_object object = { .uid = uid };
	size_t len;
	psa_status_t status = client_call(storage->peer, SECURE_STORAGE_GET_INFO, client_id,
					  &object, sizeof(object), info, sizeof(*info), &len);

	if (status == PSA_SUCCESS && len != sizeof(*info))
		status = PSA_ERROR_COMMUNICATION_FAILURE;
	if (status != PSA_SUCCESS)
		memset(info, 0, sizeof(*info));
	return status;
}

psa_status_t client_storage_remove(struct client_storage *storage, uint32_t client_id, uint64_t uid)
{
	const struct secure_storage_object object = { .uid = uid };

	return call(storage, SECURE_STORAGE_REMOVE, client_id, &object, sizeof(object));
}

psa_status_t client_storage_create(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				   size_t capacity, uint32_t flags)
{
	const struct secure_storage_create create = {
		.uid = uid,
		.capacity = capacity,
		.create_flags = flags,
	};

	return call(storage, SECURE_STORAGE_CREATE, client_id, &create, sizeof(create));
}

psa_status_t client_storage_set_extended(struct client_storage *storage, uint32_t client_id,
					 uint64_t uid, size_t offset, const void *data, size_t len)
{
	const struct secure_storage_set_extended set = {
		.uid = uid,
		.data_offset = offset,
		.data_length = len,
	};

	return call_data(storage, SECURE_STORAGE_SET_EXTENDED, client_id, &set, sizeof(set), data,
			 len);
}

psa_status_t client_storage_set_for(struct client_storage *storage, uint32_t client_id,
				    uint64_t uid, const void *data, size_t len,
				    const struct client_storage_payer *payer)
{
	const struct secure_storage_set_for set = {
		.uid = uid,
		.data_length = len,
		.account = payer->account,
		.source_id = payer->source_id,
	};

	return call_data(storage, SECURE_STORAGE_SET_FOR, client_id, &set, sizeof(set), data, len);
}

/* A list of elements of @element_len bytes, of which the first @max are taken. */
static psa_status_t list(struct client_storage *storage, uint16_t opcode, uint32_t client_id,
			 const void *above, void *elements, size_t element_len, size_t max,
			 size_t *count)
{
	uint8_t resp[SECURE_STORAGE_LIST_MAX * sizeof(struct secure_storage_client_object)];
	size_t len;
	psa_status_t status = client_call(storage->peer, opcode, client_id, above, element_len,
					  resp, SECURE_STORAGE_LIST_MAX * element_len, &len);

	*count = 0;
	if (status != PSA_SUCCESS)
		return status;
	if (len % element_len)
		return PSA_ERROR_COMMUNICATION_FAILURE;
	*count = len / element_len < max ? len / element_len : max;
	memcpy(elements, resp, *count * element_len);
	return PSA_SUCCESS;
}

psa_status_t client_storage_list(struct client_storage *storage, uint32_t client_id, uint64_t uid,
				 uint64_t *uids, size_t max, size_t *count)
{
	return list(storage, SECURE_STORAGE_LIST, client_id, &uid, uids, sizeof(*uids), max, count);
}

psa_status_t client_storage_list_clients(struct client_storage *storage,
					 const struct secure_storage_client_object *above,
					 struct secure_storage_client_object *objects, size_t max,
					 size_t *count)
{
	return list(storage, SECURE_STORAGE_LIST_CLIENTS, above->client_id, above, objects,
		    sizeof(*objects), max, count);
}
