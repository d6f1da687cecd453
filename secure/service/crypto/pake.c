// SPDX-License-Identifier: BSD-3-Clause
/*
 * Password-authenticated key exchange. As in the PSA Crypto API an operation in which a call
 * has failed is of no more use; it stays until the client aborts it.
 */
#include "internal.h"

CRYPTO_HANDLER(crypto_pake_setup)
{
	psa_pake_cipher_suite_t suite = PSA_PAKE_CIPHER_SUITE_INIT;
	uint32_t alg, primitive, hash;
	struct crypto_operation *op;

	if (!reader_u32(req, &alg) || !reader_u32(req, &primitive) || !reader_u32(req, &hash))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_PAKE);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	psa_pake_cs_set_algorithm(&suite, alg);
	psa_pake_cs_set_primitive(&suite, primitive);
	psa_pake_cs_set_hash(&suite, hash);
	*status = psa_pake_setup(&op->pake.psa, &suite);
	return crypto_operation_started(op, resp, *status);
}

/* Ends an exchange by a failure that Mbed TLS doesn't know of. */
static psa_status_t fail(struct crypto_pake *pake, psa_status_t status)
{
	(void)psa_pake_abort(&pake->psa);
	return status;
}

CRYPTO_HANDLER(crypto_pake_set_password_key)
{
	struct crypto_operation *op;
	uint32_t id;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	/* Mbed TLS would lose the memory of the first one. */
	if (op->pake.has_password) {
		*status = fail(&op->pake, PSA_ERROR_BAD_STATE);
		return TS_RPC_SUCCESS;
	}
	*status = psa_pake_set_password_key(&op->pake.psa, crypto_key_name(ctx, caller, id));
	op->pake.has_password = *status == PSA_SUCCESS;
	return TS_RPC_SUCCESS;
}

typedef psa_status_t (*set_side_function)(psa_pake_operation_t *operation, const uint8_t *id,
					  size_t id_len);

static enum ts_rpc_status set_side(struct crypto *crypto, const struct rpc_caller *caller,
				   struct reader *req, int32_t *status, set_side_function function)
{
	struct crypto_operation *op;
	const uint8_t *id;
	size_t len;

	if (crypto_operation_read(crypto, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !bulk_read_last(req, &id, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	if (len > CRYPTO_PAKE_SIDE_MAX)
		*status = fail(&op->pake, PSA_ERROR_NOT_SUPPORTED);
	else
		*status = function(&op->pake.psa, id, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_pake_set_user)
{
	(void)resp;
	return set_side(ctx, caller, req, status, psa_pake_set_user);
}

CRYPTO_HANDLER(crypto_pake_set_peer)
{
	(void)resp;
	return set_side(ctx, caller, req, status, psa_pake_set_peer);
}

/*
 * Roles and steps have 8 bits in PSA and 32 in the message; what is more is none of them, and
 * neither is this number.
 */
static uint8_t narrow(uint32_t number)
{
	return number < UINT8_MAX ? (uint8_t)number : UINT8_MAX;
}

CRYPTO_HANDLER(crypto_pake_set_role)
{
	struct crypto_operation *op;
	uint32_t role;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !reader_u32(req, &role))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_pake_set_role(&op->pake.psa, narrow(role));
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_pake_output)
{
	struct crypto_operation *op;
	struct crypto_output out;
	uint32_t step;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !reader_u32(req, &step))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, PSA_PAKE_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status =
			psa_pake_output(&op->pake.psa, narrow(step), out.data, out.room, &out.len);
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_pake_input)
{
	struct crypto_operation *op;
	const uint8_t *data;
	uint32_t step;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !reader_u32(req, &step) || !bulk_read_last(req, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_pake_input(&op->pake.psa, narrow(step), data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_pake_get_implicit_key)
{
	struct crypto_operation *op, *derivation;
	uint32_t handle;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_PAKE, req, &op, status) ||
	    !reader_u32(req, &handle))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	derivation = crypto_operation_find(ctx, caller, CRYPTO_KIND_DERIVATION, handle);
	if (derivation)
		*status = psa_pake_get_implicit_key(&op->pake.psa, &derivation->derivation.psa);
	else
		*status = fail(&op->pake, PSA_ERROR_BAD_STATE);
	crypto_operation_done(op, *status);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_pake_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_PAKE, req, status);
}
