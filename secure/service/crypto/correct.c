// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where Mbed TLS 3.6 answers otherwise than the PSA Crypto API says. Each function goes when
 * the issue that it names is mended there. State: none.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <string.h>

/* Was the key found, and are all else than @status's own reasons good? */
static bool was_checked(psa_status_t status)
{
	return status == PSA_SUCCESS || status == PSA_ERROR_INVALID_SIGNATURE ||
	       status == PSA_ERROR_BUFFER_TOO_SMALL;
}

static psa_algorithm_t policy(mbedtls_svc_key_id_t key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_algorithm_t alg = PSA_ALG_NONE;

	if (psa_get_key_attributes(key, &attributes) == PSA_SUCCESS)
		alg = psa_get_key_algorithm(&attributes);
	psa_reset_key_attributes(&attributes);
	return alg;
}

/*
 * Mbed-TLS/TF-PSA-Crypto#869: ECDSA takes a hash of any length.
 * Mbed-TLS/TF-PSA-Crypto#533: a policy of ECDSA with any hash permits ECDSA with none.
 */
psa_status_t crypto_correct_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, size_t hash_len,
				 psa_status_t status)
{
	const psa_algorithm_t hash = PSA_ALG_SIGN_GET_HASH(alg);

	if (!was_checked(status) || !PSA_ALG_IS_ECDSA(alg))
		return status;
	if (alg == PSA_ALG_ECDSA_ANY)
		return policy(key) == PSA_ALG_ECDSA(PSA_ALG_ANY_HASH) ? PSA_ERROR_NOT_PERMITTED :
									status;
	return !hash || hash_len == PSA_HASH_LENGTH(hash) ? status : PSA_ERROR_INVALID_ARGUMENT;
}

/* RFC 8017, 9.1.2, step 3: a hash that no signature of PSS of that length has room for. */
static bool is_too_long(psa_algorithm_t alg, size_t signature_len)
{
	return PSA_ALG_IS_RSA_PSS(alg) &&
	       signature_len < PSA_HASH_LENGTH(PSA_ALG_SIGN_GET_HASH(alg)) + 2;
}

/*
 * psa_verify_hash() and psa_verify_message(), no issue known: an RSA signature that isn't below
 * the modulus, or of PSS one whose encoding has bits above its first, is INVALID_ARGUMENT, and should
 * be INVALID_SIGNATURE as any other that nobody made. Everything else is in order if another
 * signature of that length is just wrong.
 */
psa_status_t crypto_correct_verify(crypto_verify_function function, mbedtls_svc_key_id_t key,
				   psa_algorithm_t alg, const uint8_t *input, size_t len,
				   size_t signature_len, psa_status_t status)
{
	static const uint8_t zeros[PSA_BITS_TO_BYTES(PSA_VENDOR_RSA_MAX_KEY_BITS)];

	if (status != PSA_ERROR_INVALID_ARGUMENT || signature_len > sizeof(zeros) ||
	    (!PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg) && !PSA_ALG_IS_RSA_PSS(alg)) ||
	    is_too_long(alg, signature_len))
		return status;
	return function(key, alg, input, len, zeros, signature_len) == PSA_ERROR_INVALID_SIGNATURE ?
		       PSA_ERROR_INVALID_SIGNATURE :
		       status;
}

/*
 * Mbed-TLS/mbedtls#4162, as far as psa_purge_key() goes: a persistent key that isn't in memory is
 * DOES_NOT_EXIST. There is nothing to do, so SUCCESS; no such key at all is INVALID_HANDLE.
 */
psa_status_t crypto_correct_purge(const struct crypto *crypto, const struct rpc_caller *caller,
				  uint32_t id, psa_status_t status)
{
	const struct crypto_platform *platform = &crypto->platform;
	const struct crypto_object object = {
		.uid = (uint64_t)caller->source_id << 32 | id,
		.client_id = caller->client_id,
	};
	size_t len;

	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	if (!id || id > PSA_KEY_ID_USER_MAX || !platform->storage)
		return PSA_ERROR_INVALID_HANDLE;
	status = platform->storage->get_len(platform->storage_ctx, &object, &len);
	return status == PSA_ERROR_DOES_NOT_EXIST ? PSA_ERROR_INVALID_HANDLE : status;
}

static bool is_secret_of(psa_key_derivation_step_t step, psa_key_type_t type)
{
	return type == PSA_KEY_TYPE_DERIVE ||
	       (step == PSA_KEY_DERIVATION_INPUT_PASSWORD && type == PSA_KEY_TYPE_PASSWORD);
}

static psa_status_t input_to_verify(struct crypto_derivation *derivation,
				    psa_key_derivation_step_t step, mbedtls_svc_key_id_t key)
{
	psa_status_t status, unlocked;
	psa_key_slot_t *slot;

	status = psa_get_and_lock_key_slot(key, &slot);
	if (status != PSA_SUCCESS)
		return status;
	if (psa_get_key_algorithm(&slot->attr) != derivation->alg)
		status = PSA_ERROR_NOT_PERMITTED;
	else if (!is_secret_of(step, psa_get_key_type(&slot->attr)))
		status = PSA_ERROR_INVALID_ARGUMENT;
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_input_bytes(&derivation->psa, step, slot->key.data,
							slot->key.bytes);
	else
		(void)psa_key_derivation_abort(&derivation->psa);
	unlocked = psa_unregister_read_under_mutex(slot);
	return status == PSA_SUCCESS ? unlocked : status;
}

/*
 * Mbed-TLS/mbedtls#8446: VERIFY_DERIVATION alone doesn't let a key be a secret. What is derived of
 * it can only be compared, which is for the functions of output to see to.
 */
psa_status_t crypto_correct_input_key(struct crypto_derivation *derivation,
				      psa_key_derivation_step_t step, mbedtls_svc_key_id_t key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_usage_t usage = 0;

	if (psa_get_key_attributes(key, &attributes) == PSA_SUCCESS)
		usage = psa_get_key_usage_flags(&attributes);
	psa_reset_key_attributes(&attributes);
	if ((step != PSA_KEY_DERIVATION_INPUT_SECRET &&
	     step != PSA_KEY_DERIVATION_INPUT_PASSWORD) ||
	    (usage & (PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_VERIFY_DERIVATION)) !=
		    PSA_KEY_USAGE_VERIFY_DERIVATION)
		return psa_key_derivation_input_key(&derivation->psa, step, key);
	derivation->only_verifies = true;
	return input_to_verify(derivation, step, key);
}
