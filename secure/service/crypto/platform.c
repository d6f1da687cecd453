// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Mbed TLS asks of its platform: random bytes, and the storage of persistent keys,
 * whose owner (a place in the table of clients) becomes the client's full name here.
 */
#include "internal.h"
#include <psa/internal_trusted_storage.h>

/* The service whose PSA core this is; there is one of each. */
static struct crypto *active;

void crypto_platform_set(struct crypto *crypto)
{
	active = crypto;
}

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
					     uint8_t *output, size_t output_size,
					     size_t *output_length)
{
	(void)context;
	*output_length = 0;
	if (!active || !active->platform.random ||
	    active->platform.random(active->platform.random_ctx, output, output_size))
		return PSA_ERROR_INSUFFICIENT_ENTROPY;
	*output_length = output_size;
	return PSA_SUCCESS;
}

/* Mbed TLS puts the owner into the upper half of @uid and the key's ID into the lower. */
static bool object_name(psa_storage_uid_t uid, struct crypto_object *name)
{
	const uint64_t owner = uid >> 32;
	const struct crypto_client *client;

	if (!active || !active->platform.storage || !owner || owner > CRYPTO_CLIENTS + 1)
		return false;
	client = &active->clients[owner - 1];
	*name = (struct crypto_object){
		.uid = (uint64_t)client->source_id << 32 | (uint32_t)uid,
		.client_id = client->client_id,
		.payer = active->payer,
	};
	return client->used && (uint32_t)uid;
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			 psa_storage_create_flags_t create_flags)
{
	struct crypto_object name;

	(void)create_flags;
	if (!object_name(uid, &name))
		return PSA_ERROR_NOT_SUPPORTED;
	active->storage_error = active->platform.storage->set(active->platform.storage_ctx, &name,
							      p_data, data_length);
	return active->storage_error;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			 size_t *p_data_length)
{
	struct crypto_object name;

	*p_data_length = 0;
	if (!object_name(uid, &name))
		return PSA_ERROR_DOES_NOT_EXIST;
	return active->platform.storage->get(active->platform.storage_ctx, &name, data_offset,
					     p_data, data_size, p_data_length);
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	struct crypto_object name;
	psa_status_t status;
	size_t len = 0;

	*p_info = (struct psa_storage_info_t){ 0 };
	if (!object_name(uid, &name))
		return PSA_ERROR_DOES_NOT_EXIST;
	status = active->platform.storage->get_len(active->platform.storage_ctx, &name, &len);
	/* Mbed TLS takes a key to be there unless it hears that it isn't. */
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		active->storage_error = status;
	if (status != PSA_SUCCESS)
		return status;
	p_info->size = len;
	p_info->capacity = len;
	return PSA_SUCCESS;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
	struct crypto_object name;

	if (!object_name(uid, &name))
		return PSA_ERROR_DOES_NOT_EXIST;
	return active->platform.storage->remove(active->platform.storage_ctx, &name);
}
