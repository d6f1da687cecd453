// SPDX-License-Identifier: BSD-3-Clause
/*
 * Secure storage: parses the requests of tstee/secure_storage.h and applies the rules of
 * PSA Certified Secure Storage API 1.0, chapter 5, over the store. A request that is too
 * short is an RPC error, all else is the service status. An object longer than
 * SECURE_STORAGE_OBJECT_MAX is refused with INSUFFICIENT_STORAGE.
 */
#include <secure/service/secure_storage.h>
#include <string.h>
#include <tstee/secure_storage.h>

static_assert(STORE_OBJECT_MAX == SECURE_STORAGE_OBJECT_MAX, "what is promised can be kept");
static_assert(ENDPOINT_MESSAGE_MAX >=
		      SECURE_STORAGE_OBJECT_MAX + sizeof(struct secure_storage_set_extended),
	      "the longest object comes in one request");

static struct store_key object_key(const struct secure_storage *storage,
				   const struct rpc_caller *caller, uint64_t uid)
{
	return (struct store_key){
		.uid = uid,
		.client_id = caller->client_id,
		.source_id = caller->source_id,
		.space = (uint16_t)storage->space,
	};
}

/* Is it there (else DOES_NOT_EXIST) and may it be changed (else NOT_PERMITTED)? */
static psa_status_t check_writable(struct store *store, const struct store_key *key)
{
	struct store_info info;
	psa_status_t status = store_get_info(store, key, &info);

	if (status == PSA_SUCCESS && (info.flags & SECURE_STORAGE_FLAG_WRITE_ONCE))
		status = PSA_ERROR_NOT_PERMITTED;
	return status;
}

static psa_status_t set_object(struct store *store, const struct store_key *key, uint32_t flags,
			       const uint8_t *data, size_t len)
{
	psa_status_t status;

	if (!key->uid)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (flags & ~SECURE_STORAGE_FLAGS)
		return PSA_ERROR_NOT_SUPPORTED;

	status = check_writable(store, key);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	return store_set(store, key, flags, data, len);
}

static enum ts_rpc_status handle_set(void *ctx, const struct rpc_caller *caller, struct reader *req,
				     struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uid, data_length;
	const uint8_t *data;
	struct store_key key;
	uint32_t flags;

	(void)resp;
	if (!reader_u64(req, &uid) || !reader_u64(req, &data_length) || !reader_u32(req, &flags) ||
	    !reader_bytes(req, data_length, &data))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	key = object_key(storage, caller, uid);
	*status = set_object(storage->store, &key, flags, data, (size_t)data_length);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_get(void *ctx, const struct rpc_caller *caller, struct reader *req,
				     struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uid, data_offset, data_size;
	struct store_key key;
	size_t len;

	if (!reader_u64(req, &uid) || !reader_u64(req, &data_offset) ||
	    !reader_u64(req, &data_size))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	if (!uid) {
		*status = PSA_ERROR_INVALID_ARGUMENT;
		return TS_RPC_SUCCESS;
	}

	len = writer_room(resp);
	len = data_size < len ? (size_t)data_size : len;
	key = object_key(storage, caller, uid);
	*status = store_read(storage->store, &key, data_offset, writer_tail(resp), len, &len);
	return writer_advance(resp, len) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INTERNAL;
}

static enum ts_rpc_status handle_get_info(void *ctx, const struct rpc_caller *caller,
					  struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	struct store_info info;
	struct store_key key;
	uint64_t uid;

	if (!reader_u64(req, &uid))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < sizeof(struct secure_storage_info))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	if (!uid) {
		*status = PSA_ERROR_INVALID_ARGUMENT;
		return TS_RPC_SUCCESS;
	}

	key = object_key(storage, caller, uid);
	*status = store_get_info(storage->store, &key, &info);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	if (!writer_u64(resp, info.capacity) || !writer_u64(resp, info.size) ||
	    !writer_u32(resp, info.flags))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_remove(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	struct store_key key;
	uint64_t uid;

	(void)resp;
	if (!reader_u64(req, &uid))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	key = object_key(storage, caller, uid);
	*status = uid ? check_writable(storage->store, &key) : PSA_ERROR_INVALID_ARGUMENT;
	if (*status == PSA_SUCCESS)
		*status = store_remove(storage->store, &key);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_create(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uid, capacity;
	struct store_key key;
	uint32_t flags;

	(void)resp;
	if (!reader_u64(req, &uid) || !reader_u64(req, &capacity) || !reader_u32(req, &flags))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	key = object_key(storage, caller, uid);
	/* An object that could never be written is of no use, so WRITE_ONCE is refused. */
	if (!uid)
		*status = PSA_ERROR_INVALID_ARGUMENT;
	else if (flags & (~SECURE_STORAGE_FLAGS | SECURE_STORAGE_FLAG_WRITE_ONCE))
		*status = PSA_ERROR_NOT_SUPPORTED;
	else
		*status = store_create(storage->store, &key, flags, capacity);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_set_extended(void *ctx, const struct rpc_caller *caller,
					      struct reader *req, struct writer *resp,
					      int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uid, data_offset, data_length;
	const uint8_t *data;
	struct store_key key;

	(void)resp;
	if (!reader_u64(req, &uid) || !reader_u64(req, &data_offset) ||
	    !reader_u64(req, &data_length) || !reader_bytes(req, data_length, &data))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	key = object_key(storage, caller, uid);
	*status = uid ? check_writable(storage->store, &key) : PSA_ERROR_INVALID_ARGUMENT;
	if (*status == PSA_SUCCESS)
		*status = store_write(storage->store, &key, data_offset, data, (size_t)data_length);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_get_support(void *ctx, const struct rpc_caller *caller,
					     struct reader *req, struct writer *resp,
					     int32_t *status)
{
	(void)ctx;
	(void)caller;
	(void)req;
	*status = PSA_SUCCESS;
	return writer_u32(resp, SECURE_STORAGE_SUPPORT_SET_EXTENDED) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

static enum ts_rpc_status handle_list(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uids[SECURE_STORAGE_LIST_MAX], uid;
	struct store_key key;
	size_t count;

	if (!reader_u64(req, &uid))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Fewer than could be would say that there are no more. */
	if (writer_room(resp) < sizeof(uids))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	key = object_key(storage, caller, uid);
	*status = store_list(storage->store, &key, uids, SECURE_STORAGE_LIST_MAX, &count);
	for (size_t i = 0; i < count; i++) {
		if (!writer_u64(resp, uids[i]))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

static const struct service_op secure_storage_ops[] = {
	{ SECURE_STORAGE_SET, handle_set },
	{ SECURE_STORAGE_GET, handle_get },
	{ SECURE_STORAGE_GET_INFO, handle_get_info },
	{ SECURE_STORAGE_REMOVE, handle_remove },
	{ SECURE_STORAGE_CREATE, handle_create },
	{ SECURE_STORAGE_SET_EXTENDED, handle_set_extended },
	{ SECURE_STORAGE_GET_SUPPORT, handle_get_support },
	{ SECURE_STORAGE_LIST, handle_list },
};

void secure_storage_init(struct secure_storage *storage, const uint8_t *uuid, struct store *store,
			 enum secure_storage_space space)
{
	storage->service = (struct service){
		.ops = secure_storage_ops,
		.op_count = sizeof(secure_storage_ops) / sizeof(secure_storage_ops[0]),
		.ctx = storage,
	};
	memcpy(storage->service.uuid, uuid, TS_RPC_UUID_LEN);
	storage->store = store;
	storage->space = space;
}
