// SPDX-License-Identifier: BSD-3-Clause
/* AEAD operations of the crypto service. */
#include "internal.h"

static psa_status_t encrypt_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				  psa_algorithm_t alg)
{
	return psa_aead_encrypt_setup(&op->aead, key, alg);
}

static psa_status_t decrypt_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				  psa_algorithm_t alg)
{
	return psa_aead_decrypt_setup(&op->aead, key, alg);
}

CRYPTO_HANDLER(crypto_aead_encrypt_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_AEAD, req, resp, status,
					     encrypt_setup);
}

CRYPTO_HANDLER(crypto_aead_decrypt_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_AEAD, req, resp, status,
					     decrypt_setup);
}

CRYPTO_HANDLER(crypto_aead_generate_nonce)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_AEAD_NONCE_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_aead_generate_nonce(&op->aead, out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_aead_set_nonce)
{
	struct crypto_operation *op;
	const uint8_t *nonce;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &nonce, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_aead_set_nonce(&op->aead, nonce, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_aead_set_lengths)
{
	uint32_t ad_length, plaintext_length;
	struct crypto_operation *op;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status) ||
	    !reader_u32(req, &ad_length) || !reader_u32(req, &plaintext_length))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_aead_set_lengths(&op->aead, ad_length, plaintext_length);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_aead_update_ad)
{
	struct crypto_operation *op;
	const uint8_t *data;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_aead_update_ad(&op->aead, data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_aead_update)
{
	struct crypto_operation *op;
	struct crypto_output out;
	const uint8_t *data;
	size_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* A block that was kept back may come with what is given now. */
	if (!crypto_output_begin(resp, len + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_aead_update(&op->aead, data, len, out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

/* Two records. The tag is made apart: its place depends on the length of the first. */
CRYPTO_HANDLER(crypto_aead_finish)
{
	uint8_t tag[PSA_AEAD_TAG_MAX_SIZE];
	struct crypto_operation *op;
	struct crypto_output out;
	enum ts_rpc_status rpc;
	size_t tag_len = 0;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_AEAD_FINISH_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_aead_finish(&op->aead, out.data, out.room, &out.len, tag, sizeof(tag),
					  &tag_len);
	rpc = crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
	if (rpc == TS_RPC_SUCCESS && *status == PSA_SUCCESS &&
	    !tlv_write(resp, CRYPTO_TAG_SECOND, tag, tag_len))
		rpc = TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		crypto_operation_done(op, *status);
	return rpc;
}

CRYPTO_HANDLER(crypto_aead_verify)
{
	struct crypto_operation *op;
	struct crypto_output out;
	const uint8_t *tag;
	size_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_AEAD, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &tag, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_AEAD_VERIFY_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		*status = psa_aead_verify(&op->aead, out.data, out.room, &out.len, tag, len);
		crypto_operation_done(op, *status);
	}
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_aead_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_AEAD, req, status);
}
