// SPDX-License-Identifier: BSD-3-Clause
/* Keys in internal trusted storage. See storage.h. */
#include <secure/service/crypto/storage.h>
#include <tstee/crypto.h>

/* What the crypto service makes of what the client of storage returns. */
static psa_status_t told(psa_status_t status)
{
	switch (status) {
	case PSA_ERROR_CONNECTION_REFUSED:
		return PSA_ERROR_NOT_SUPPORTED;
	case PSA_ERROR_COMMUNICATION_FAILURE:
		return PSA_ERROR_STORAGE_FAILURE;
	default:
		return status;
	}
}

/* Whose key it is pays for it; or this partition, where storage knows no others' accounts. */
static psa_status_t storage_set(void *ctx, const struct crypto_object *name, const void *data,
				size_t len)
{
	const struct client_storage_payer payer = { name->payer.id, name->payer.source_id };
	psa_status_t status =
		client_its_set_for(ctx, name->client_id, name->uid, data, len, &payer);

	if (status == PSA_ERROR_NOT_SUPPORTED)
		status = client_its_set(ctx, name->client_id, name->uid, data, len, 0);
	return told(status);
}

static psa_status_t storage_get(void *ctx, const struct crypto_object *name, size_t offset,
				void *data, size_t size, size_t *len)
{
	return told(client_its_get(ctx, name->client_id, name->uid, offset, data, size, len));
}

static psa_status_t storage_get_len(void *ctx, const struct crypto_object *name, size_t *len)
{
	struct secure_storage_info info;
	psa_status_t status = client_its_get_info(ctx, name->client_id, name->uid, &info);

	*len = 0;
	if (status == PSA_SUCCESS && info.size > SIZE_MAX)
		status = PSA_ERROR_STORAGE_FAILURE;
	if (status == PSA_SUCCESS)
		*len = (size_t)info.size;
	return told(status);
}

static psa_status_t storage_remove(void *ctx, const struct crypto_object *name)
{
	return told(client_its_remove(ctx, name->client_id, name->uid));
}

static_assert(CRYPTO_KEY_LIST_MAX <= SECURE_STORAGE_LIST_MAX, "one call of storage is enough");

static psa_status_t storage_list(void *ctx, const struct crypto_object *above, uint64_t *uids,
				 size_t max, size_t *count)
{
	return told(client_its_list(ctx, above->client_id, above->uid, uids, max, count));
}

static psa_status_t storage_list_all(void *ctx, const struct crypto_object *above,
				     struct crypto_object *objects, size_t max, size_t *count)
{
	const struct secure_storage_client_object beyond = { above->client_id, above->uid };
	struct secure_storage_client_object found[SECURE_STORAGE_LIST_MAX];
	psa_status_t status = client_its_list_clients(
		ctx, &beyond, found, max < SECURE_STORAGE_LIST_MAX ? max : SECURE_STORAGE_LIST_MAX,
		count);

	for (size_t i = 0; i < *count; i++)
		objects[i] = (struct crypto_object){ .client_id = found[i].client_id,
						     .uid = found[i].uid };
	return told(status);
}

const struct crypto_storage_ops crypto_storage_ops = {
	.set = storage_set,
	.get = storage_get,
	.get_len = storage_get_len,
	.remove = storage_remove,
	.list = storage_list,
	.list_all = storage_list_all,
};
