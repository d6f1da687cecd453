// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys and algorithms that the PSA core of Mbed TLS 3.6 has no code for: Ed25519, ML-DSA and ML-KEM. It
 * imports such keys (its driver knows them), keeps, stores, copies and destroys them, and refuses to
 * generate, export and use them. That is done here, behind the checks that its own functions make.
 * State: none.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <secure/engine/keys.h>
#include <secure/wipe.h>
#include <string.h>

bool crypto_extension_key(psa_key_type_t type)
{
	return PSA_KEY_TYPE_IS_ML_DSA(type) || PSA_KEY_TYPE_IS_ML_KEM(type) ||
	       (PSA_KEY_TYPE_IS_ECC(type) &&
		PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_TWISTED_EDWARDS);
}

psa_status_t crypto_extension_import(const psa_key_attributes_t *attributes, const uint8_t *data,
				     size_t data_length, mbedtls_svc_key_id_t *key)
{
#ifdef TSTEE_ENGINE
	return psa_import_key(attributes, data, data_length, key);
#else
	(void)attributes, (void)data, (void)data_length, (void)key;
	/* The core would find something wrong with the key of a curve that it doesn't know. */
	return PSA_ERROR_NOT_SUPPORTED;
#endif
}

bool crypto_extension_signs(psa_algorithm_t alg)
{
	return alg == PSA_ALG_PURE_EDDSA || PSA_ALG_IS_ML_DSA(alg) || PSA_ALG_IS_HASH_ML_DSA(alg);
}

/* Is it signed as a whole, and not its hash? */
bool crypto_extension_is_pure(psa_algorithm_t alg)
{
	return alg == PSA_ALG_PURE_EDDSA || PSA_ALG_IS_ML_DSA(alg);
}

size_t crypto_extension_key_len(psa_key_type_t type, size_t bits)
{
	if (PSA_KEY_TYPE_IS_ECC(type))
		return bits == 255 ? PSA_BITS_TO_BYTES(bits) : 0;
	/* Seeds are all of one length. */
	if (!PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(type, bits))
		return 0;
	return PSA_EXPORT_KEY_OUTPUT_SIZE(type, bits);
}

psa_status_t crypto_extension_generate(const psa_key_attributes_t *attributes,
				       mbedtls_svc_key_id_t *key)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	const size_t bits = psa_get_key_bits(attributes);
	uint8_t seed[PSA_VENDOR_ML_KEM_SEED_SIZE];
	psa_status_t status;
	size_t len;

	if (!bits || !PSA_KEY_TYPE_IS_KEY_PAIR(type))
		return PSA_ERROR_INVALID_ARGUMENT;
	len = crypto_extension_key_len(type, bits);
	if (!len)
		return PSA_ERROR_NOT_SUPPORTED;
	status = psa_generate_random(seed, len);
	if (status == PSA_SUCCESS)
		status = crypto_extension_import(attributes, seed, len, key);
	secure_wipe(seed, sizeof(seed));
	return status;
}

/* A signature doesn't tell whether it was hedged: to verify it either policy will do (FIPS 204, 3.4). */
static psa_algorithm_t hedged(psa_algorithm_t alg)
{
	if (PSA_ALG_IS_ML_DSA(alg))
		return PSA_ALG_ML_DSA;
	if (PSA_ALG_IS_HASH_ML_DSA(alg))
		return PSA_ALG_HASH_ML_DSA(alg);
	return alg;
}

static bool permits(psa_algorithm_t policy, psa_algorithm_t alg, psa_key_usage_t usage)
{
	if (usage & (PSA_KEY_USAGE_VERIFY_MESSAGE | PSA_KEY_USAGE_VERIFY_HASH)) {
		policy = hedged(policy);
		alg = hedged(alg);
	}
	if (policy == alg)
		return true;
	return PSA_ALG_IS_HASH_ML_DSA(alg) &&
	       policy == ((alg & ~PSA_ALG_HASH_MASK) | (PSA_ALG_ANY_HASH & PSA_ALG_HASH_MASK));
}

static bool fits(psa_key_type_t type, psa_algorithm_t alg)
{
	if (PSA_KEY_TYPE_IS_ML_DSA(type))
		return PSA_ALG_IS_ML_DSA(alg) || PSA_ALG_IS_HASH_ML_DSA(alg);
	if (PSA_KEY_TYPE_IS_ML_KEM(type))
		return alg == PSA_ALG_ML_KEM;
	return crypto_extension_key(type) && alg == PSA_ALG_PURE_EDDSA;
}

/*
 * The core's psa_get_and_lock_key_slot_with_policy(), and that the key is one for @alg, with its
 * private half if @private. *@slot is the caller's until key_unlock().
 */
static psa_status_t key_lock(mbedtls_svc_key_id_t key, psa_key_usage_t usage, psa_algorithm_t alg,
			     bool private, psa_key_slot_t **slot)
{
	psa_status_t status;

	if (PSA_ALG_IS_WILDCARD(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = psa_get_and_lock_key_slot(key, slot);
	if (status != PSA_SUCCESS)
		return status;
	if ((psa_get_key_usage_flags(&(*slot)->attr) & usage) != usage ||
	    !permits(psa_get_key_algorithm(&(*slot)->attr), alg, usage))
		status = PSA_ERROR_NOT_PERMITTED;
	else if (!fits(psa_get_key_type(&(*slot)->attr), alg) ||
		 (private && !PSA_KEY_TYPE_IS_KEY_PAIR(psa_get_key_type(&(*slot)->attr))))
		status = PSA_ERROR_INVALID_ARGUMENT;
	if (status != PSA_SUCCESS)
		(void)psa_unregister_read_under_mutex(*slot);
	return status;
}

static psa_status_t key_unlock(psa_key_slot_t *slot, psa_status_t status)
{
	const psa_status_t unlocked = psa_unregister_read_under_mutex(slot);

	return status == PSA_SUCCESS ? unlocked : status;
}

psa_status_t crypto_extension_export(mbedtls_svc_key_id_t key, uint8_t *data, size_t data_size,
				     size_t *data_length)
{
	psa_status_t status;
	psa_key_slot_t *slot;

	status = psa_get_and_lock_key_slot(key, &slot);
	if (status != PSA_SUCCESS)
		return status;
	if (!PSA_KEY_TYPE_IS_PUBLIC_KEY(psa_get_key_type(&slot->attr)) &&
	    !(psa_get_key_usage_flags(&slot->attr) & PSA_KEY_USAGE_EXPORT)) {
		status = PSA_ERROR_NOT_PERMITTED;
	} else if (!crypto_extension_key(psa_get_key_type(&slot->attr))) {
		status = PSA_ERROR_NOT_SUPPORTED;
	} else if (slot->key.bytes > data_size) {
		status = PSA_ERROR_BUFFER_TOO_SMALL;
	} else {
		memcpy(data, slot->key.data, slot->key.bytes);
		*data_length = slot->key.bytes;
	}
	return key_unlock(slot, status);
}

psa_status_t crypto_extension_check(mbedtls_svc_key_id_t key, psa_algorithm_t alg, bool verify)
{
	psa_key_slot_t *slot;
	psa_status_t status =
		key_lock(key, verify ? PSA_KEY_USAGE_VERIFY_MESSAGE : PSA_KEY_USAGE_SIGN_MESSAGE,
			 alg, !verify, &slot);

	return status == PSA_SUCCESS ? key_unlock(slot, PSA_SUCCESS) : status;
}

static psa_status_t sign(mbedtls_svc_key_id_t key, psa_key_usage_t usage, psa_algorithm_t alg,
			 const uint8_t *input, size_t len, uint8_t *signature,
			 size_t signature_size, size_t *signature_length)
{
	psa_status_t status;
	psa_key_slot_t *slot;

	status = key_lock(key, usage, alg, true, &slot);
	if (status != PSA_SUCCESS)
		return status;
	status = engine_sign(&slot->attr, slot->key.data, slot->key.bytes, alg, input, len,
			     signature, signature_size, signature_length);
	return key_unlock(slot, status);
}

static psa_status_t verify(mbedtls_svc_key_id_t key, psa_key_usage_t usage, psa_algorithm_t alg,
			   const uint8_t *input, size_t len, const uint8_t *signature,
			   size_t signature_length)
{
	psa_status_t status;
	psa_key_slot_t *slot;

	status = key_lock(key, usage, alg, false, &slot);
	if (status != PSA_SUCCESS)
		return status;
	status = engine_verify(&slot->attr, slot->key.data, slot->key.bytes, alg, input, len,
			       signature, signature_length);
	return key_unlock(slot, status);
}

psa_status_t crypto_extension_sign_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					const uint8_t *hash, size_t hash_length, uint8_t *signature,
					size_t signature_size, size_t *signature_length)
{
	if (crypto_extension_is_pure(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	return sign(key, PSA_KEY_USAGE_SIGN_HASH, alg, hash, hash_length, signature, signature_size,
		    signature_length);
}

psa_status_t crypto_extension_verify_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					  const uint8_t *hash, size_t hash_length,
					  const uint8_t *signature, size_t signature_length)
{
	if (crypto_extension_is_pure(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	return verify(key, PSA_KEY_USAGE_VERIFY_HASH, alg, hash, hash_length, signature,
		      signature_length);
}

/* What of the message is signed: itself, or its hash, in @hash. */
static psa_status_t signed_input(psa_algorithm_t alg, const uint8_t **input, size_t *len,
				 uint8_t hash[PSA_HASH_MAX_SIZE])
{
	psa_status_t status;

	if (crypto_extension_is_pure(alg))
		return PSA_SUCCESS;
	if (PSA_ALG_IS_WILDCARD(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = psa_hash_compute(PSA_ALG_SIGN_GET_HASH(alg), *input, *len, hash, PSA_HASH_MAX_SIZE,
				  len);
	*input = hash;
	return status;
}

psa_status_t crypto_extension_sign_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					   const uint8_t *input, size_t input_length,
					   uint8_t *signature, size_t signature_size,
					   size_t *signature_length)
{
	uint8_t hash[PSA_HASH_MAX_SIZE];
	psa_status_t status = signed_input(alg, &input, &input_length, hash);

	if (status != PSA_SUCCESS)
		return status;
	return sign(key, PSA_KEY_USAGE_SIGN_MESSAGE, alg, input, input_length, signature,
		    signature_size, signature_length);
}

psa_status_t crypto_extension_verify_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					     const uint8_t *input, size_t input_length,
					     const uint8_t *signature, size_t signature_length)
{
	uint8_t hash[PSA_HASH_MAX_SIZE];
	psa_status_t status = signed_input(alg, &input, &input_length, hash);

	if (status != PSA_SUCCESS)
		return status;
	return verify(key, PSA_KEY_USAGE_VERIFY_MESSAGE, alg, input, input_length, signature,
		      signature_length);
}

/* --- key encapsulation --- */

struct secret {
	uint8_t bytes[ENGINE_SECRET_LEN];
};

/* The secret as a key. Its type says how long it must be, but not that it is no seed. */
static psa_status_t import_secret(void *ctx, const psa_key_attributes_t *attributes,
				  mbedtls_svc_key_id_t *key)
{
	const struct secret *secret = ctx;

	if (!PSA_KEY_TYPE_IS_UNSTRUCTURED(psa_get_key_type(attributes)))
		return PSA_ERROR_INVALID_ARGUMENT;
	return psa_import_key(attributes, secret->bytes, sizeof(secret->bytes), key);
}

static psa_status_t encapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				struct secret *secret, uint8_t *ciphertext, size_t *len)
{
	psa_status_t status;
	psa_key_slot_t *slot;

	if (!PSA_ALG_IS_KEY_ENCAPSULATION(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = key_lock(key, PSA_KEY_USAGE_ENCRYPT, alg, false, &slot);
	if (status != PSA_SUCCESS)
		return status;
	status =
		engine_encapsulate(&slot->attr, slot->key.data, slot->key.bytes, alg, secret->bytes,
				   ciphertext, PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE, len);
	return key_unlock(slot, status);
}

static psa_status_t decapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				const uint8_t *ciphertext, size_t len, struct secret *secret)
{
	psa_status_t status;
	psa_key_slot_t *slot;

	if (!PSA_ALG_IS_KEY_ENCAPSULATION(alg))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = key_lock(key, PSA_KEY_USAGE_DECRYPT, alg, true, &slot);
	if (status != PSA_SUCCESS)
		return status;
	status = engine_decapsulate(&slot->attr, slot->key.data, slot->key.bytes, alg, ciphertext,
				    len, secret->bytes);
	return key_unlock(slot, status);
}

CRYPTO_HANDLER(crypto_encapsulate)
{
	uint8_t ciphertext[PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE];
	enum ts_rpc_status rpc = TS_RPC_SUCCESS;
	struct secret secret = { { 0 } };
	struct crypto_attributes a;
	uint32_t id, alg;
	size_t len = 0;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Before there is a key that nobody would be told of. */
	if (writer_room(resp) < sizeof(id) + sizeof(uint32_t) + sizeof(ciphertext))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = encapsulate(crypto_key_use(ctx, caller, id, alg), alg, &secret, ciphertext, &len);
	if (*status == PSA_SUCCESS)
		rpc = crypto_key_make(ctx, caller, &a, import_secret, &secret, resp, status);
	if (rpc == TS_RPC_SUCCESS && *status == PSA_SUCCESS && !bulk_write(resp, ciphertext, len))
		rpc = TS_RPC_ERROR_INTERNAL;
	secure_wipe(&secret, sizeof(secret));
	return rpc;
}

CRYPTO_HANDLER(crypto_decapsulate)
{
	enum ts_rpc_status rpc = TS_RPC_SUCCESS;
	struct secret secret = { { 0 } };
	struct crypto_attributes a;
	const uint8_t *ciphertext;
	uint32_t id, alg;
	size_t len;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !crypto_attributes_read(req, &a) ||
	    !bulk_read_last(req, &ciphertext, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = decapsulate(crypto_key_use(ctx, caller, id, alg), alg, ciphertext, len, &secret);
	if (*status == PSA_SUCCESS)
		rpc = crypto_key_make(ctx, caller, &a, import_secret, &secret, resp, status);
	secure_wipe(&secret, sizeof(secret));
	return rpc;
}
