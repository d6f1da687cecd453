// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA Crypto API: keys and their attributes. Owns what each thread knows of the key that it
 * generated last.
 */
#include <endian.h>
#include <string.h>

#include "call.h"

/* The longest key in its export format, bytes: twice what Mbed TLS can have. */
#define EXPORT_MAX 16384u

/* Longer keys may not fit a short buffer. */
#define SHORT_KEY_MAX 4096u

/*
 * The public key of the pair that was generated last, which came along with it: as a rule it is
 * asked for next, and then needs no call. It is given once, and not when a key may have ended since.
 * What another process does to a volatile key, whose ID is this one's alone, isn't seen.
 */
static _Thread_local struct {
	mbedtls_svc_key_id_t key; /* 0: there is none */
	struct crypto_moment made;
	size_t len;
	uint8_t bytes[PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_ECC_MAX_CURVE_BITS)];
} fresh;

/* Calls for the ID of a new key; 0 after a failure. */
static psa_status_t key_made(struct crypto_request *req, mbedtls_svc_key_id_t *key)
{
	uint32_t id;
	psa_status_t status = crypto_call_u32(req, &id);

	if (status == PSA_SUCCESS)
		crypto_made();
	*key = id;
	return status;
}

static psa_status_t key_id_call(uint32_t opcode, mbedtls_svc_key_id_t key)
{
	struct crypto_request req;

	crypto_request_init(&req, opcode);
	crypto_request_u32(&req, key);
	return crypto_call(&req);
}

psa_status_t psa_get_key_attributes(mbedtls_svc_key_id_t key, psa_key_attributes_t *attributes)
{
	struct crypto_attributes a;
	struct crypto_request req;
	psa_status_t status;

	psa_reset_key_attributes(attributes);
	crypto_request_init(&req, CRYPTO_GET_KEY_ATTRIBUTES);
	crypto_request_u32(&req, key);
	status = crypto_call_fixed(&req, &a, sizeof(a));
	if (status != PSA_SUCCESS)
		return status;
	if (le32toh(a.type) > UINT16_MAX)
		return crypto_malformed(&req);
	psa_set_key_type(attributes, (psa_key_type_t)le32toh(a.type));
	psa_set_key_bits(attributes, le32toh(a.key_bits));
	psa_set_key_usage_flags(attributes, le32toh(a.usage));
	psa_set_key_algorithm(attributes, le32toh(a.alg));
	psa_set_key_lifetime(attributes, le32toh(a.lifetime));
	/* The function for it would make the key a persistent one. */
	attributes->MBEDTLS_PRIVATE(id) = le32toh(a.id);
	return PSA_SUCCESS;
}

void psa_reset_key_attributes(psa_key_attributes_t *attributes)
{
	*attributes = psa_key_attributes_init();
}

psa_status_t psa_purge_key(mbedtls_svc_key_id_t key)
{
	return key_id_call(CRYPTO_PURGE_KEY, key);
}

psa_status_t psa_destroy_key(mbedtls_svc_key_id_t key)
{
	crypto_keys_end();
	return key ? key_id_call(CRYPTO_DESTROY_KEY, key) : PSA_SUCCESS;
}

psa_status_t psa_copy_key(mbedtls_svc_key_id_t source_key, const psa_key_attributes_t *attributes,
			  mbedtls_svc_key_id_t *target_key)
{
	struct crypto_request req;

	crypto_request_init(&req, CRYPTO_COPY_KEY);
	crypto_request_u32(&req, source_key);
	crypto_request_attributes(&req, attributes);
	/* Of what is wrong, the source comes first. */
	if (req.status != PSA_SUCCESS) {
		psa_key_attributes_t source = PSA_KEY_ATTRIBUTES_INIT;
		psa_status_t status = psa_get_key_attributes(source_key, &source);

		if (status != PSA_SUCCESS)
			req.status = status;
	}
	return key_made(&req, target_key);
}

psa_status_t psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
			    size_t data_length, mbedtls_svc_key_id_t *key)
{
	psa_key_attributes_t made = PSA_KEY_ATTRIBUTES_INIT;
	struct crypto_request req;
	psa_status_t status;

	*key = MBEDTLS_SVC_KEY_ID_INIT;
	if (data_length > UINT16_MAX)
		return PSA_ERROR_NOT_SUPPORTED;
	crypto_request_init(&req, CRYPTO_IMPORT_KEY);
	crypto_request_attributes(&req, attributes);
	crypto_request_record(&req, data, data_length);
	status = key_made(&req, key);
	/* What came through a buffer that doesn't stay has to be seen through one that does. */
	if (status == PSA_SUCCESS && data_length > SHORT_KEY_MAX) {
		(void)psa_get_key_attributes(*key, &made);
		psa_reset_key_attributes(&made);
	}
	return status;
}

static psa_status_t export(uint32_t opcode, mbedtls_svc_key_id_t key, uint8_t *data,
			   size_t data_size, size_t *data_length)
{
	struct crypto_request req;

	crypto_request_init(&req, opcode);
	crypto_request_u32(&req, key);
	return crypto_call_record(&req, data, data_size, EXPORT_MAX, data_length);
}

psa_status_t psa_export_key(mbedtls_svc_key_id_t key, uint8_t *data, size_t data_size,
			    size_t *data_length)
{
	return export(CRYPTO_EXPORT_KEY, key, data, data_size, data_length);
}

psa_status_t psa_export_public_key(mbedtls_svc_key_id_t key, uint8_t *data, size_t data_size,
				   size_t *data_length)
{
	if (key && key == fresh.key) {
		fresh.key = MBEDTLS_SVC_KEY_ID_INIT;
		if (crypto_is_now(&fresh.made) && data_size >= fresh.len) {
			memcpy(data, fresh.bytes, fresh.len);
			*data_length = fresh.len;
			return PSA_SUCCESS;
		}
	}
	return export(CRYPTO_EXPORT_PUBLIC_KEY, key, data, data_size, data_length);
}

static bool has_fresh_public(const psa_key_attributes_t *attributes)
{
	return PSA_KEY_TYPE_IS_ECC_KEY_PAIR(psa_get_key_type(attributes)) &&
	       PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(attributes));
}

static psa_status_t generate_pair(struct crypto_request *req,
				  const psa_key_attributes_t *attributes, mbedtls_svc_key_id_t *key)
{
	psa_status_t status;
	uint32_t id;

	fresh.key = MBEDTLS_SVC_KEY_ID_INIT;
	fresh.made = crypto_now();
	crypto_request_init(req, CRYPTO_GENERATE_PAIR);
	crypto_request_attributes(req, attributes);
	status = crypto_call_made(req, &id, fresh.bytes, sizeof(fresh.bytes), &fresh.len);
	if (status == PSA_SUCCESS) {
		crypto_made();
		fresh.key = id;
	}
	*key = id;
	return status;
}

psa_status_t psa_generate_key(const psa_key_attributes_t *attributes, mbedtls_svc_key_id_t *key)
{
	struct crypto_request req;
	psa_status_t status;

	if (has_fresh_public(attributes)) {
		status = generate_pair(&req, attributes, key);
		if (!crypto_request_refused(&req))
			return status;
	}
	crypto_request_init(&req, CRYPTO_GENERATE_KEY);
	crypto_request_attributes(&req, attributes);
	return key_made(&req, key);
}

psa_status_t psa_generate_key_custom(const psa_key_attributes_t *attributes,
				     const psa_custom_key_parameters_t *custom,
				     const uint8_t *custom_data, size_t custom_data_length,
				     mbedtls_svc_key_id_t *key)
{
	struct crypto_request req;

	/* Nothing in particular: all partitions can do that. */
	if (!custom->flags && !custom_data_length)
		return psa_generate_key(attributes, key);
	crypto_request_init(&req, CRYPTO_GENERATE_KEY_CUSTOM);
	crypto_request_attributes(&req, attributes);
	crypto_request_u32(&req, custom->flags);
	crypto_request_part(&req, custom_data, custom_data_length);
	return key_made(&req, key);
}

psa_status_t psa_generate_key_ext(const psa_key_attributes_t *attributes,
				  const psa_key_production_parameters_t *params,
				  size_t params_data_length, mbedtls_svc_key_id_t *key)
{
	const psa_custom_key_parameters_t custom = { .flags = params->flags };

	return psa_generate_key_custom(attributes, &custom, params->data, params_data_length, key);
}

/* Handles of keys, from before keys had IDs only: a handle is the ID. */

psa_status_t psa_open_key(mbedtls_svc_key_id_t key, psa_key_handle_t *handle)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status = psa_get_key_attributes(key, &attributes);

	*handle = status == PSA_SUCCESS ? key : PSA_KEY_HANDLE_INIT;
	return status == PSA_ERROR_INVALID_HANDLE ? PSA_ERROR_DOES_NOT_EXIST : status;
}

psa_status_t psa_close_key(psa_key_handle_t handle)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status;

	if (psa_key_handle_is_null(handle))
		return PSA_SUCCESS;
	status = psa_get_key_attributes(handle, &attributes);
	if (status != PSA_SUCCESS)
		return status == PSA_ERROR_DOES_NOT_EXIST ? PSA_ERROR_INVALID_HANDLE : status;
	if (PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(&attributes)))
		return psa_destroy_key(handle);
	return psa_purge_key(handle);
}
