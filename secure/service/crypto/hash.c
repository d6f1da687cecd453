// SPDX-License-Identifier: BSD-3-Clause
/* Hash operations of the crypto service. */
#include "internal.h"

CRYPTO_HANDLER(crypto_hash_setup)
{
	struct crypto_operation *op;
	uint32_t alg;

	if (!reader_u32(req, &alg))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_HASH);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	do {
		*status = psa_hash_setup(&op->hash, alg);
	} while (crypto_make_room(ctx, *status));
	return crypto_operation_started(op, resp, *status);
}

CRYPTO_HANDLER(crypto_hash_update)
{
	struct crypto_operation *op;
	const uint8_t *data;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_HASH, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_hash_update(&op->hash, data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_hash_finish)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_HASH, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_HASH_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		*status = psa_hash_finish(&op->hash, out.data, out.room, &out.len);
		crypto_operation_done(op, *status);
	}
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_hash_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_HASH, req, status);
}

CRYPTO_HANDLER(crypto_hash_verify)
{
	struct crypto_operation *op;
	const uint8_t *hash;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_HASH, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &hash, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op) {
		*status = psa_hash_verify(&op->hash, hash, len);
		crypto_operation_done(op, *status);
	}
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_hash_clone)
{
	struct crypto_operation *source, *op;
	uint32_t handle;

	if (!reader_u32(req, &handle))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_operation_find(ctx, caller, CRYPTO_KIND_HASH, handle)) {
		*status = PSA_ERROR_BAD_STATE;
		return TS_RPC_SUCCESS;
	}
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_HASH);
	/* It may have been an orphan that had to make room for its own clone. */
	source = crypto_operation_find(ctx, caller, CRYPTO_KIND_HASH, handle);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	*status = source ? psa_hash_clone(&source->hash, &op->hash) : PSA_ERROR_INSUFFICIENT_MEMORY;
	return crypto_operation_started(op, resp, *status);
}
