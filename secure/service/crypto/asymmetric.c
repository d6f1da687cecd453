// SPDX-License-Identifier: BSD-3-Clause
/* Signatures and public-key encryption of the crypto service; and random bytes. */
#include "internal.h"

CRYPTO_HANDLER(crypto_generate_random)
{
	struct crypto_output out;
	uint32_t size;

	(void)ctx;
	(void)caller;
	if (!reader_u32(req, &size))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, size, &out) || out.room < size)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = psa_generate_random(out.data, size);
	out.len = size;
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

typedef psa_status_t (*crypt_function)(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				       const uint8_t *input, size_t input_length,
				       const uint8_t *salt, size_t salt_length, uint8_t *output,
				       size_t output_size, size_t *output_length);

/* The functions of the PSA Crypto API, for all algorithms and with the statuses that it says. */

static psa_status_t sign_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
			      size_t hash_length, uint8_t *signature, size_t signature_size,
			      size_t *signature_length)
{
	psa_status_t status;

	if (crypto_extension_signs(alg))
		return crypto_extension_sign_hash(key, alg, hash, hash_length, signature,
						  signature_size, signature_length);
	status = psa_sign_hash(key, alg, hash, hash_length, signature, signature_size,
			       signature_length);
	return crypto_correct_hash(key, alg, hash_length, status);
}

static psa_status_t sign_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				 const uint8_t *message, size_t length, uint8_t *signature,
				 size_t signature_size, size_t *signature_length)
{
	if (crypto_extension_signs(alg))
		return crypto_extension_sign_message(key, alg, message, length, signature,
						     signature_size, signature_length);
	return psa_sign_message(key, alg, message, length, signature, signature_size,
				signature_length);
}

static psa_status_t verify_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
				size_t hash_length, const uint8_t *signature,
				size_t signature_length)
{
	psa_status_t status;

	if (crypto_extension_signs(alg))
		return crypto_extension_verify_hash(key, alg, hash, hash_length, signature,
						    signature_length);
	status = psa_verify_hash(key, alg, hash, hash_length, signature, signature_length);
	status = crypto_correct_verify(psa_verify_hash, key, alg, hash, hash_length,
				       signature_length, status);
	return crypto_correct_hash(key, alg, hash_length, status);
}

static psa_status_t verify_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				   const uint8_t *message, size_t length, const uint8_t *signature,
				   size_t signature_length)
{
	psa_status_t status;

	if (crypto_extension_signs(alg))
		return crypto_extension_verify_message(key, alg, message, length, signature,
						       signature_length);
	status = psa_verify_message(key, alg, message, length, signature, signature_length);
	return crypto_correct_verify(psa_verify_message, key, alg, message, length,
				     signature_length, status);
}

static enum ts_rpc_status sign(struct crypto *crypto, const struct rpc_caller *caller,
			       struct reader *req, struct writer *resp, int32_t *status,
			       crypto_key_function function)
{
	struct crypto_output out;
	const uint8_t *input;
	uint32_t id, alg;
	size_t len;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &input, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_SIGNATURE_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = function(crypto_key_use(crypto, caller, id, alg), alg, input, len, out.data,
			   out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

static enum ts_rpc_status verify(struct crypto *crypto, const struct rpc_caller *caller,
				 struct reader *req, int32_t *status,
				 crypto_verify_function function)
{
	const uint8_t *input, *signature;
	size_t len, signature_len;
	uint32_t id, alg;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &input, &len) ||
	    !tlv_read(req, CRYPTO_TAG_SECOND, &signature, &signature_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = function(crypto_key_use(crypto, caller, id, alg), alg, input, len, signature,
			   signature_len);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status crypt(struct crypto *crypto, const struct rpc_caller *caller,
				struct reader *req, struct writer *resp, int32_t *status,
				crypt_function function)
{
	const uint8_t *input, *salt;
	struct crypto_output out;
	size_t len, salt_len;
	uint32_t id, alg;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &input, &len) ||
	    !tlv_read(req, CRYPTO_TAG_SECOND, &salt, &salt_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* A plaintext is never longer than its ciphertext. */
	if (!crypto_output_begin(resp, PSA_ASYMMETRIC_ENCRYPT_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = function(crypto_key_use(crypto, caller, id, alg), alg, input, len, salt, salt_len,
			   out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_sign_hash)
{
	return sign(ctx, caller, req, resp, status, sign_hash);
}

CRYPTO_HANDLER(crypto_sign_message)
{
	return sign(ctx, caller, req, resp, status, sign_message);
}

CRYPTO_HANDLER(crypto_verify_hash)
{
	(void)resp;
	return verify(ctx, caller, req, status, verify_hash);
}

CRYPTO_HANDLER(crypto_verify_message)
{
	(void)resp;
	return verify(ctx, caller, req, status, verify_message);
}

CRYPTO_HANDLER(crypto_message_sign)
{
	struct crypto_output out;
	const uint8_t *message;
	uint32_t id, alg;
	size_t len;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read_last(req, &message, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, PSA_SIGNATURE_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = sign_message(crypto_key_use(ctx, caller, id, alg), alg, message, len, out.data,
			       out.room, &out.len);
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_message_verify)
{
	const uint8_t *message, *signature;
	size_t len, signature_len;
	uint32_t id, alg;

	(void)resp;
	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read(req, &message, &len) ||
	    !bulk_read_last(req, &signature, &signature_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = verify_message(crypto_key_use(ctx, caller, id, alg), alg, message, len, signature,
				 signature_len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_asymmetric_encrypt)
{
	return crypt(ctx, caller, req, resp, status, psa_asymmetric_encrypt);
}

CRYPTO_HANDLER(crypto_asymmetric_decrypt)
{
	return crypt(ctx, caller, req, resp, status, psa_asymmetric_decrypt);
}
