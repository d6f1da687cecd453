// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: unauthenticated ciphers. No state. */
#include <string.h>

#include "call.h"

static psa_status_t setup(psa_cipher_operation_t *operation, uint32_t opcode,
			  mbedtls_svc_key_id_t key, psa_algorithm_t alg)
{
	struct crypto_request req;

	crypto_request_key(&req, opcode, key, alg);
	return crypto_operation_start(&req, CRYPTO_CIPHER_ABORT, &operation->handle);
}

psa_status_t psa_cipher_encrypt_setup(psa_cipher_operation_t *operation, mbedtls_svc_key_id_t key,
				      psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_CIPHER_ENCRYPT_SETUP, key, alg);
}

psa_status_t psa_cipher_decrypt_setup(psa_cipher_operation_t *operation, mbedtls_svc_key_id_t key,
				      psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_CIPHER_DECRYPT_SETUP, key, alg);
}

psa_status_t psa_cipher_abort(psa_cipher_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_CIPHER_ABORT, &operation->handle);
}

psa_status_t psa_cipher_generate_iv(psa_cipher_operation_t *operation, uint8_t *iv, size_t iv_size,
				    size_t *iv_length)
{
	struct crypto_request req;
	psa_status_t status;

	*iv_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_CIPHER_GENERATE_IV, operation->handle);
	status = crypto_call_record(&req, iv, iv_size, PSA_CIPHER_IV_MAX_SIZE, iv_length);
	return crypto_operation_end(CRYPTO_CIPHER_ABORT, &operation->handle, status);
}

psa_status_t psa_cipher_set_iv(psa_cipher_operation_t *operation, const uint8_t *iv,
			       size_t iv_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_CIPHER_SET_IV, operation->handle);
	crypto_request_record(&req, iv, iv_length);
	status = crypto_call(&req);
	return crypto_operation_end(CRYPTO_CIPHER_ABORT, &operation->handle, status);
}

psa_status_t psa_cipher_update(psa_cipher_operation_t *operation, const uint8_t *input,
			       size_t input_length, uint8_t *output, size_t output_size,
			       size_t *output_length)
{
	psa_status_t status;

	*output_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = crypto_filter(CRYPTO_CIPHER_UPDATE, operation->handle, input, input_length, output,
			       output_size, output_length);
	return crypto_operation_end(CRYPTO_CIPHER_ABORT, &operation->handle, status);
}

psa_status_t psa_cipher_finish(psa_cipher_operation_t *operation, uint8_t *output,
			       size_t output_size, size_t *output_length)
{
	struct crypto_request req;
	psa_status_t status;

	*output_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_CIPHER_FINISH, operation->handle);
	status = crypto_call_record(&req, output, output_size, PSA_CIPHER_FINISH_OUTPUT_MAX_SIZE,
				    output_length);
	return crypto_operation_finish(CRYPTO_CIPHER_ABORT, &operation->handle, status);
}

/*
 * The rest of a message behind the first *@output_length bytes of @output, and the end of
 * the operation.
 */
static psa_status_t run(psa_cipher_operation_t *operation, const uint8_t *input,
			size_t input_length, uint8_t *output, size_t output_size,
			size_t *output_length)
{
	size_t done = *output_length, len;
	psa_status_t status;

	status = psa_cipher_update(operation, input, input_length, output ? output + done : NULL,
				   output_size - done, &len);
	if (status == PSA_SUCCESS) {
		done += len;
		status = psa_cipher_finish(operation, output ? output + done : NULL,
					   output_size - done, &len);
		done += len;
	}
	if (status != PSA_SUCCESS && done)
		memset(output, 0, done);
	*output_length = status == PSA_SUCCESS ? done : 0;
	return status;
}

/* The longest message that an IV and padding make of @len bytes. */
static size_t encrypted_max(size_t len)
{
	const size_t more = PSA_CIPHER_IV_MAX_SIZE + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE;

	return len > SIZE_MAX - more ? SIZE_MAX : len + more;
}

psa_status_t psa_cipher_encrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
				size_t input_length, uint8_t *output, size_t output_size,
				size_t *output_length)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_key(&req, CRYPTO_CIPHER_ENCRYPT, key, alg);
	crypto_request_part(&req, input, input_length);
	status = crypto_call_part(&req, output, output_size, encrypted_max(input_length),
				  output_length);
	if (!crypto_request_refused(&req))
		return status;

	status = psa_cipher_encrypt_setup(&operation, key, alg);
	if (status == PSA_SUCCESS && alg != PSA_ALG_ECB_NO_PADDING)
		status = psa_cipher_generate_iv(&operation, output, output_size, output_length);
	if (status == PSA_SUCCESS)
		status = run(&operation, input, input_length, output, output_size, output_length);
	return status;
}

/* The partition takes the IV apart from the rest, so its length must be known. */
static psa_status_t iv_len(mbedtls_svc_key_id_t key, psa_algorithm_t alg, size_t *len)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status = psa_get_key_attributes(key, &attributes);

	*len = 0;
	if (status == PSA_SUCCESS)
		*len = PSA_CIPHER_IV_LENGTH(psa_get_key_type(&attributes), alg);
	return status;
}

static psa_status_t decrypt_in_parts(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				     const uint8_t *input, size_t input_length, uint8_t *output,
				     size_t output_size, size_t *output_length)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	psa_status_t status;
	size_t len;

	*output_length = 0;
	status = iv_len(key, alg, &len);
	if (status != PSA_SUCCESS)
		return status;
	status = psa_cipher_decrypt_setup(&operation, key, alg);
	if (status != PSA_SUCCESS)
		return status;
	if (input_length < len) {
		(void)psa_cipher_abort(&operation);
		return PSA_ERROR_INVALID_ARGUMENT;
	}
	if (len)
		status = psa_cipher_set_iv(&operation, input, len);
	if (status == PSA_SUCCESS)
		status = run(&operation, input ? input + len : NULL, input_length - len, output,
			     output_size, output_length);
	return status;
}

psa_status_t psa_cipher_decrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
				size_t input_length, uint8_t *output, size_t output_size,
				size_t *output_length)
{
	struct crypto_request req;
	psa_status_t status;

	crypto_request_key(&req, CRYPTO_CIPHER_DECRYPT, key, alg);
	crypto_request_part(&req, input, input_length);
	status = crypto_call_part(&req, output, output_size, encrypted_max(input_length),
				  output_length);
	if (!crypto_request_refused(&req))
		return status;
	return decrypt_in_parts(key, alg, input, input_length, output, output_size, output_length);
}
