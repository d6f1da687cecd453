// SPDX-License-Identifier: BSD-3-Clause
/* Cipher operations of the crypto service. */
#include "internal.h"

static psa_status_t encrypt_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				  psa_algorithm_t alg)
{
	return psa_cipher_encrypt_setup(&op->cipher, key, alg);
}

static psa_status_t decrypt_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				  psa_algorithm_t alg)
{
	return psa_cipher_decrypt_setup(&op->cipher, key, alg);
}

CRYPTO_HANDLER(crypto_cipher_encrypt_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_CIPHER, req, resp, status,
					     encrypt_setup);
}

CRYPTO_HANDLER(crypto_cipher_decrypt_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_CIPHER, req, resp, status,
					     decrypt_setup);
}

CRYPTO_HANDLER(crypto_cipher_generate_iv)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_CIPHER, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_CIPHER_IV_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_cipher_generate_iv(&op->cipher, out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_cipher_set_iv)
{
	struct crypto_operation *op;
	const uint8_t *iv;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_CIPHER, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &iv, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_cipher_set_iv(&op->cipher, iv, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_cipher_update)
{
	struct crypto_operation *op;
	struct crypto_output out;
	const uint8_t *data;
	size_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_CIPHER, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* A block that was kept back may come with what is given now. */
	if (!crypto_output_begin(resp, len + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_cipher_update(&op->cipher, data, len, out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_cipher_finish)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_CIPHER, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_CIPHER_FINISH_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		*status = psa_cipher_finish(&op->cipher, out.data, out.room, &out.len);
		crypto_operation_done(op, *status);
	}
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_cipher_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_CIPHER, req, status);
}
