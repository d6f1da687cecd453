// SPDX-License-Identifier: BSD-3-Clause
/*
 * Secure storage: parses the requests of tstee/secure_storage.h and applies the rules of
 * PSA Certified Secure Storage API 1.0, chapter 5, over what keeps the objects. A request that is too
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

static psa_status_t plain_get_info(void *objects, const struct store_key *key,
				   struct store_info *info)
{
	return store_get_info(objects, key, info);
}

static psa_status_t plain_read(void *objects, const struct store_key *key, uint64_t offset,
			       void *buf, size_t len, size_t *read_len)
{
	return store_read(objects, key, offset, buf, len, read_len);
}

static psa_status_t plain_set(void *objects, const struct store_key *key,
			      const struct share_account *payer, uint32_t flags, const void *data,
			      size_t len)
{
	return store_set(objects, key, payer, flags, data, len);
}

static psa_status_t plain_create(void *objects, const struct store_key *key,
				 const struct share_account *payer, uint32_t flags,
				 uint64_t capacity)
{
	return store_create(objects, key, payer, flags, capacity);
}

static psa_status_t plain_write(void *objects, const struct store_key *key, uint64_t offset,
				const void *data, size_t len)
{
	return store_write(objects, key, offset, data, len);
}

static psa_status_t plain_list(void *objects, const struct store_key *above, uint64_t *uids,
			       size_t max, size_t *count)
{
	return store_list(objects, above, uids, max, count);
}

static psa_status_t plain_list_all(void *objects, const struct store_key *above,
				   struct store_object *found, size_t max, size_t *count)
{
	return store_list_all(objects, above, found, max, count);
}

static psa_status_t plain_remove(void *objects, const struct store_key *key)
{
	return store_remove(objects, key);
}

static psa_status_t plain_erase(void *objects, const struct store_scope *scope, uint32_t max,
				uint32_t *count, bool *more)
{
	psa_status_t status = store_erase(objects, scope, count);

	return status == PSA_SUCCESS ? store_erase_more(objects, max, more) : status;
}

const struct secure_storage_ops secure_storage_store_ops = {
	.get_info = plain_get_info,
	.read = plain_read,
	.set = plain_set,
	.create = plain_create,
	.write = plain_write,
	.list = plain_list,
	.list_all = plain_list_all,
	.remove = plain_remove,
	.erase = plain_erase,
};

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

static struct share_account account_of(const struct rpc_caller *caller)
{
	return (struct share_account){ .id = caller->account, .source_id = caller->source_id };
}

/* Is it there (else DOES_NOT_EXIST) and may it be changed (else NOT_PERMITTED)? */
static psa_status_t check_writable(const struct secure_storage *storage,
				   const struct store_key *key)
{
	struct store_info info;
	psa_status_t status = storage->ops->get_info(storage->objects, key, &info);

	/* Nobody was ever told that such an object is WRITE_ONCE. See protected_storage.c. */
	if (status == PSA_ERROR_INVALID_SIGNATURE)
		return PSA_SUCCESS;
	if (status == PSA_SUCCESS && (info.flags & SECURE_STORAGE_FLAG_WRITE_ONCE))
		status = PSA_ERROR_NOT_PERMITTED;
	return status;
}

static psa_status_t set_object(const struct secure_storage *storage, const struct store_key *key,
			       struct share_account payer, uint32_t flags, const uint8_t *data,
			       size_t len)
{
	psa_status_t status;

	if (!key->uid)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (flags & ~SECURE_STORAGE_FLAGS)
		return PSA_ERROR_NOT_SUPPORTED;

	status = check_writable(storage, key);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	return storage->ops->set(storage->objects, key, &payer, flags, data, len);
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
	*status = set_object(storage, &key, account_of(caller), flags, data, (size_t)data_length);
	return TS_RPC_SUCCESS;
}

/* Of partitions only: the normal world says by its buffers who pays. */
static enum ts_rpc_status handle_set_for(void *ctx, const struct rpc_caller *caller,
					 struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint32_t flags, account, source_id;
	uint64_t uid, data_length;
	const uint8_t *data;
	struct store_key key;

	(void)resp;
	if (!reader_u64(req, &uid) || !reader_u64(req, &data_length) || !reader_u32(req, &flags) ||
	    !reader_u32(req, &account) || !reader_u32(req, &source_id) || source_id > UINT16_MAX ||
	    !reader_bytes(req, data_length, &data))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	key = object_key(storage, caller, uid);
	if (caller->source_id == SHARE_NORMAL_WORLD)
		*status = PSA_ERROR_NOT_PERMITTED;
	else
		*status = set_object(storage, &key,
				     (struct share_account){ account, (uint16_t)source_id }, flags,
				     data, (size_t)data_length);
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

	/* What no address range can hold is no range. All there is can be asked for from 0. */
	if (!uid ||
	    (data_offset && (data_offset > UINT32_MAX || data_size > UINT32_MAX - data_offset))) {
		*status = PSA_ERROR_INVALID_ARGUMENT;
		return TS_RPC_SUCCESS;
	}

	len = writer_room(resp);
	len = data_size < len ? (size_t)data_size : len;
	key = object_key(storage, caller, uid);
	*status = storage->ops->read(storage->objects, &key, data_offset, writer_tail(resp), len,
				     &len);
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
	*status = storage->ops->get_info(storage->objects, &key, &info);
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
	*status = uid ? check_writable(storage, &key) : PSA_ERROR_INVALID_ARGUMENT;
	if (*status == PSA_SUCCESS)
		*status = storage->ops->remove(storage->objects, &key);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_create(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	const struct secure_storage *storage = ctx;
	uint64_t uid, capacity;
	const struct share_account payer = account_of(caller);
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
		*status = storage->ops->create(storage->objects, &key, &payer, flags, capacity);
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
	*status = uid ? check_writable(storage, &key) : PSA_ERROR_INVALID_ARGUMENT;
	if (*status == PSA_SUCCESS)
		*status = storage->ops->write(storage->objects, &key, data_offset, data,
					      (size_t)data_length);
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
	*status = storage->ops->list(storage->objects, &key, uids, SECURE_STORAGE_LIST_MAX, &count);
	for (size_t i = 0; i < count; i++) {
		if (!writer_u64(resp, uids[i]))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

/*
 * Objects of the caller's source beyond *@above, all clients', by ops->list_all() which has
 * others between them.
 */
static psa_status_t list_source(const struct secure_storage *storage, struct store_key above,
				struct store_key keys[SECURE_STORAGE_LIST_MAX], size_t *count)
{
	struct store_object found[SECURE_STORAGE_LIST_MAX];
	const uint16_t source_id = above.source_id;
	const uint16_t space = above.space;
	psa_status_t status;
	size_t got;

	*count = 0;
	do {
		status = storage->ops->list_all(storage->objects, &above, found,
						SECURE_STORAGE_LIST_MAX, &got);
		if (status != PSA_SUCCESS)
			return status;
		for (size_t i = 0; i < got && *count < SECURE_STORAGE_LIST_MAX; i++) {
			above = found[i].key;
			if (above.source_id != source_id)
				return PSA_SUCCESS;
			if (above.space == space)
				keys[(*count)++] = above;
		}
	} while (got == SECURE_STORAGE_LIST_MAX && *count < SECURE_STORAGE_LIST_MAX);
	return PSA_SUCCESS;
}

static enum ts_rpc_status handle_list_clients(void *ctx, const struct rpc_caller *caller,
					      struct reader *req, struct writer *resp,
					      int32_t *status)
{
	const size_t longest =
		SECURE_STORAGE_LIST_MAX * sizeof(struct secure_storage_client_object);
	struct store_key keys[SECURE_STORAGE_LIST_MAX], above;
	const struct secure_storage *storage = ctx;
	uint32_t client_id;
	size_t count = 0;
	uint64_t uid;

	if (!reader_u32(req, &client_id) || !reader_u64(req, &uid))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < longest)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	above = object_key(storage, caller, uid);
	above.client_id = client_id;
	if (caller->source_id == SHARE_NORMAL_WORLD)
		*status = PSA_ERROR_NOT_PERMITTED;
	else
		*status = list_source(storage, above, keys, &count);
	for (size_t i = 0; i < count; i++) {
		if (!writer_u32(resp, keys[i].client_id) || !writer_u64(resp, keys[i].uid))
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
	{ SECURE_STORAGE_SET_FOR, handle_set_for },
	{ SECURE_STORAGE_LIST_CLIENTS, handle_list_clients },
};

void secure_storage_init_over(struct secure_storage *storage, const uint8_t *uuid,
			      const struct secure_storage_ops *ops, void *objects,
			      enum secure_storage_space space)
{
	storage->service = (struct service){
		.ops = secure_storage_ops,
		.op_count = sizeof(secure_storage_ops) / sizeof(secure_storage_ops[0]),
		.ctx = storage,
	};
	memcpy(storage->service.uuid, uuid, TS_RPC_UUID_LEN);
	storage->ops = ops;
	storage->objects = objects;
	storage->space = space;
}

void secure_storage_init(struct secure_storage *storage, const uint8_t *uuid, struct store *store,
			 enum secure_storage_space space)
{
	secure_storage_init_over(storage, uuid, &secure_storage_store_ops, store, space);
}
