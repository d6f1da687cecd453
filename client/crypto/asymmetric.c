// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: signatures, public-key encryption, raw key agreement. No state. */
#include <string.h>

#include "call.h"

psa_status_t psa_sign_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
			   size_t hash_length, uint8_t *signature, size_t signature_size,
			   size_t *signature_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_SIGN_HASH, key, alg);
	crypto_request_record(&req, hash, hash_length);
	return crypto_call_record(&req, signature, signature_size, PSA_SIGNATURE_MAX_SIZE,
				  signature_length);
}

psa_status_t psa_verify_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
			     size_t hash_length, const uint8_t *signature, size_t signature_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_VERIFY_HASH, key, alg);
	crypto_request_record(&req, hash, hash_length);
	crypto_request_record(&req, signature, signature_length);
	return crypto_call(&req);
}

/*
 * Messages that no record holds. Only the partition may hash them: the key's policy may allow
 * to sign messages and not hashes.
 */
static psa_status_t message_start(uint32_t opcode, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				  const uint8_t *data, size_t len, uint32_t *handle)
{
	struct crypto_request req;
	psa_status_t status;

	*handle = CRYPTO_NO_OPERATION;
	if (!data)
		return PSA_ERROR_INVALID_ARGUMENT;
	crypto_request_key(&req, opcode, key, alg);
	status = crypto_operation_start(&req, CRYPTO_MESSAGE_ABORT, handle);
	if (status != PSA_SUCCESS)
		return status;
	while (len && status == PSA_SUCCESS) {
		const size_t chunk = crypto_chunk(len);

		crypto_request_operation(&req, CRYPTO_MESSAGE_UPDATE, *handle);
		crypto_request_part(&req, data, chunk);
		status = crypto_call(&req);
		if (req.too_long) {
			status = PSA_SUCCESS;
			continue;
		}
		data += chunk;
		len -= chunk;
	}
	return crypto_operation_end(CRYPTO_MESSAGE_ABORT, handle, status);
}

static psa_status_t sign_long(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
			      size_t input_length, uint8_t *signature, size_t signature_size,
			      size_t *signature_length)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t handle;

	status = message_start(CRYPTO_MESSAGE_SIGN_SETUP, key, alg, input, input_length, &handle);
	if (status != PSA_SUCCESS)
		return status;
	crypto_request_operation(&req, CRYPTO_MESSAGE_SIGN_FINISH, handle);
	status = crypto_call_part(&req, signature, signature_size, PSA_SIGNATURE_MAX_SIZE,
				  signature_length);
	return crypto_operation_finish(CRYPTO_MESSAGE_ABORT, &handle, status);
}

static psa_status_t verify_long(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
				size_t input_length, const uint8_t *signature,
				size_t signature_length)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t handle;

	status = message_start(CRYPTO_MESSAGE_VERIFY_SETUP, key, alg, input, input_length, &handle);
	if (status != PSA_SUCCESS)
		return status;
	crypto_request_operation(&req, CRYPTO_MESSAGE_VERIFY_FINISH, handle);
	crypto_request_part(&req, signature, signature_length);
	status = crypto_call(&req);
	return crypto_operation_finish(CRYPTO_MESSAGE_ABORT, &handle, status);
}

/* Algorithms that sign the message itself, which the partition must then have as a whole. */
static bool is_pure(psa_algorithm_t alg)
{
	return PSA_ALG_IS_SIGN_MESSAGE(alg) && !PSA_ALG_IS_SIGN_HASH(alg);
}

static psa_status_t sign_whole(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
			       size_t input_length, uint8_t *signature, size_t signature_size,
			       size_t *signature_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_MESSAGE_SIGN, key, alg);
	crypto_request_part(&req, input, input_length);
	return crypto_call_part(&req, signature, signature_size, PSA_SIGNATURE_MAX_SIZE,
				signature_length);
}

static psa_status_t verify_whole(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				 const uint8_t *input, size_t input_length,
				 const uint8_t *signature, size_t signature_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_MESSAGE_VERIFY, key, alg);
	crypto_request_part(&req, input, input_length);
	crypto_request_part(&req, signature, signature_length);
	return crypto_call(&req);
}

psa_status_t psa_sign_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
			      size_t input_length, uint8_t *signature, size_t signature_size,
			      size_t *signature_length)
{
	struct crypto_request req;
	psa_status_t status;

	*signature_length = 0;
	if (crypto_chunk(input_length) == input_length) {
		crypto_request_key(&req, CRYPTO_SIGN_MESSAGE, key, alg);
		crypto_request_record(&req, input, input_length);
		status = crypto_call_record(&req, signature, signature_size, PSA_SIGNATURE_MAX_SIZE,
					    signature_length);
		if (!req.too_long)
			return status;
	}
	if (is_pure(alg))
		status = sign_whole(key, alg, input, input_length, signature, signature_size,
				    signature_length);
	else
		status = sign_long(key, alg, input, input_length, signature, signature_size,
				   signature_length);
	if (status != PSA_SUCCESS && signature_size && signature)
		memset(signature, 0, signature_size);
	return status;
}

psa_status_t psa_verify_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
				size_t input_length, const uint8_t *signature,
				size_t signature_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (crypto_chunk(input_length) == input_length) {
		crypto_request_key(&req, CRYPTO_VERIFY_MESSAGE, key, alg);
		crypto_request_record(&req, input, input_length);
		crypto_request_record(&req, signature, signature_length);
		status = crypto_call(&req);
		if (!req.too_long)
			return status;
	}
	if (is_pure(alg))
		return verify_whole(key, alg, input, input_length, signature, signature_length);
	return verify_long(key, alg, input, input_length, signature, signature_length);
}

static psa_status_t crypt(uint32_t opcode, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			  const uint8_t *input, size_t input_length, const uint8_t *salt,
			  size_t salt_length, uint8_t *output, size_t output_size,
			  size_t *output_length)
{
	struct crypto_request req;

	crypto_request_key(&req, opcode, key, alg);
	crypto_request_record(&req, input, input_length);
	if (salt_length)
		crypto_request_record(&req, salt, salt_length);
	/* A plaintext is never longer than its ciphertext. */
	return crypto_call_record(&req, output, output_size, PSA_ASYMMETRIC_ENCRYPT_OUTPUT_MAX_SIZE,
				  output_length);
}

psa_status_t psa_asymmetric_encrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				    const uint8_t *input, size_t input_length, const uint8_t *salt,
				    size_t salt_length, uint8_t *output, size_t output_size,
				    size_t *output_length)
{
	return crypt(CRYPTO_ASYMMETRIC_ENCRYPT, key, alg, input, input_length, salt, salt_length,
		     output, output_size, output_length);
}

psa_status_t psa_asymmetric_decrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				    const uint8_t *input, size_t input_length, const uint8_t *salt,
				    size_t salt_length, uint8_t *output, size_t output_size,
				    size_t *output_length)
{
	return crypt(CRYPTO_ASYMMETRIC_DECRYPT, key, alg, input, input_length, salt, salt_length,
		     output, output_size, output_length);
}

psa_status_t psa_raw_key_agreement(psa_algorithm_t alg, mbedtls_svc_key_id_t private_key,
				   const uint8_t *peer_key, size_t peer_key_length, uint8_t *output,
				   size_t output_size, size_t *output_length)
{
	struct crypto_request req;

	crypto_request_init(&req, CRYPTO_RAW_KEY_AGREEMENT);
	crypto_request_u32(&req, alg);
	crypto_request_u32(&req, private_key);
	crypto_request_record(&req, peer_key, peer_key_length);
	return crypto_call_record(&req, output, output_size, PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE,
				  output_length);
}
