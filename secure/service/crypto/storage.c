// SPDX-License-Identifier: BSD-3-Clause
/* Keys in internal trusted storage. See storage.h. */
#include <secure/service/crypto/storage.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/crypto.h>

/* One call for the client of @name. The response must be as long as *@resp_len, or shorter. */
static psa_status_t storage_call(struct crypto_storage *storage, uint16_t opcode,
				 const struct crypto_object *name, const void *req, size_t len,
				 void *resp, size_t *resp_len)
{
	const size_t size = *resp_len;
	int32_t status;

	switch (storage->peer->ops->call(storage->peer, opcode, name->client_id, req, len, resp,
					 size, resp_len, &status)) {
	case TS_RPC_SUCCESS:
		return status;
	case TS_RPC_ERROR_NOT_FOUND:
	case TS_RPC_ERROR_INVALID_VALUE:
		return PSA_ERROR_NOT_SUPPORTED;
	default:
		return PSA_ERROR_STORAGE_FAILURE;
	}
}

/* Whose key it is pays for it; or this partition, where storage knows no others' accounts. */
static psa_status_t storage_set(void *ctx, const struct crypto_object *name, const void *data,
				size_t len)
{
	struct crypto_storage *storage = ctx;
	const struct secure_storage_set_for set_for = {
		.uid = name->uid,
		.data_length = len,
		.account = name->payer.id,
		.source_id = name->payer.source_id,
	};
	const struct secure_storage_set set = { .uid = name->uid, .data_length = len };
	uint8_t *const value = storage->message + sizeof(set_for);
	psa_status_t status;
	size_t resp_len = 0;

	if (len > CRYPTO_STORAGE_OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	memcpy(value, data, len);
	memcpy(value - sizeof(set_for), &set_for, sizeof(set_for));
	status = storage_call(storage, SECURE_STORAGE_SET_FOR, name, value - sizeof(set_for),
			      sizeof(set_for) + len, NULL, &resp_len);
	if (status == PSA_ERROR_NOT_SUPPORTED) {
		resp_len = 0;
		memcpy(value - sizeof(set), &set, sizeof(set));
		status = storage_call(storage, SECURE_STORAGE_SET, name, value - sizeof(set),
				      sizeof(set) + len, NULL, &resp_len);
	}
	secure_wipe(storage->message, sizeof(set_for) + len);
	return status;
}

static psa_status_t storage_get(void *ctx, const struct crypto_object *name, size_t offset,
				void *data, size_t size, size_t *len)
{
	const struct secure_storage_get get = {
		.uid = name->uid,
		.data_offset = offset,
		.data_size = size,
	};

	*len = size;
	return storage_call(ctx, SECURE_STORAGE_GET, name, &get, sizeof(get), data, len);
}

static psa_status_t storage_get_len(void *ctx, const struct crypto_object *name, size_t *len)
{
	const struct secure_storage_object object = { .uid = name->uid };
	struct secure_storage_info info;
	size_t resp_len = sizeof(info);
	psa_status_t status = storage_call(ctx, SECURE_STORAGE_GET_INFO, name, &object,
					   sizeof(object), &info, &resp_len);

	*len = 0;
	if (status != PSA_SUCCESS)
		return status;
	if (resp_len != sizeof(info) || info.size > SIZE_MAX)
		return PSA_ERROR_STORAGE_FAILURE;
	*len = (size_t)info.size;
	return PSA_SUCCESS;
}

static psa_status_t storage_remove(void *ctx, const struct crypto_object *name)
{
	const struct secure_storage_object object = { .uid = name->uid };
	size_t resp_len = 0;

	return storage_call(ctx, SECURE_STORAGE_REMOVE, name, &object, sizeof(object), NULL,
			    &resp_len);
}

static_assert(CRYPTO_KEY_LIST_MAX <= SECURE_STORAGE_LIST_MAX, "one call of storage is enough");

static psa_status_t storage_list(void *ctx, const struct crypto_object *above, uint64_t *uids,
				 size_t max, size_t *count)
{
	const struct secure_storage_object object = { .uid = above->uid };
	uint8_t resp[SECURE_STORAGE_LIST_MAX * sizeof(*uids)];
	size_t resp_len = sizeof(resp);
	psa_status_t status = storage_call(ctx, SECURE_STORAGE_LIST, above, &object, sizeof(object),
					   resp, &resp_len);
	struct reader r;

	*count = 0;
	if (status != PSA_SUCCESS)
		return status;
	reader_init(&r, resp, resp_len);
	while (*count < max && r.pos < r.len) {
		if (!reader_u64(&r, &uids[*count]))
			return PSA_ERROR_STORAGE_FAILURE;
		++*count;
	}
	return PSA_SUCCESS;
}

static psa_status_t storage_list_all(void *ctx, const struct crypto_object *above,
				     struct crypto_object *objects, size_t max, size_t *count)
{
	const struct secure_storage_client_object beyond = { above->client_id, above->uid };
	uint8_t resp[SECURE_STORAGE_LIST_MAX * sizeof(beyond)];
	size_t resp_len = sizeof(resp);
	psa_status_t status = storage_call(ctx, SECURE_STORAGE_LIST_CLIENTS, above, &beyond,
					   sizeof(beyond), resp, &resp_len);
	struct reader r;

	*count = 0;
	if (status != PSA_SUCCESS)
		return status;
	reader_init(&r, resp, resp_len);
	while (*count < max && r.pos < r.len) {
		struct crypto_object *object = &objects[*count];

		*object = (struct crypto_object){ 0 };
		if (!reader_u32(&r, &object->client_id) || !reader_u64(&r, &object->uid))
			return PSA_ERROR_STORAGE_FAILURE;
		++*count;
	}
	return PSA_SUCCESS;
}

const struct crypto_storage_ops crypto_storage_ops = {
	.set = storage_set,
	.get = storage_get,
	.get_len = storage_get_len,
	.remove = storage_remove,
	.list = storage_list,
	.list_all = storage_list_all,
};
