// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signatures of hashes of which each call does a bounded part (interruptible operations of
 * the PSA Crypto API). How much that is comes with each call: Mbed TLS knows one bound for
 * all, which would be everybody's.
 *
 * An operation that has come to its end can still be asked how much it took. It is of no use
 * otherwise and goes as soon as room is needed.
 */
#include "internal.h"

static psa_status_t start_sign(struct crypto_interruptible *op, mbedtls_svc_key_id_t key,
			       psa_algorithm_t alg, const uint8_t *hash, size_t len)
{
	op->verifies = false;
	return psa_sign_hash_start(&op->sign, key, alg, hash, len);
}

CRYPTO_HANDLER(crypto_sign_hash_start)
{
	struct crypto_operation *op;
	mbedtls_svc_key_id_t key;
	const uint8_t *hash;
	uint32_t id, alg;
	size_t len;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read_last(req, &hash, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_INTERRUPTIBLE);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	key = crypto_key_use(ctx, caller, id, alg);
	*status = start_sign(&op->interruptible, key, alg, hash, len);
	*status = crypto_correct_hash(key, alg, len, *status);
	return crypto_operation_started(op, resp, *status);
}

static psa_status_t start_verify(struct crypto_interruptible *op, mbedtls_svc_key_id_t key,
				 psa_algorithm_t alg, const uint8_t *hash, size_t len,
				 const uint8_t *signature, size_t signature_len)
{
	op->verifies = true;
	return psa_verify_hash_start(&op->verify, key, alg, hash, len, signature, signature_len);
}

CRYPTO_HANDLER(crypto_verify_hash_start)
{
	const uint8_t *hash, *signature;
	struct crypto_operation *op;
	size_t len, signature_len;
	mbedtls_svc_key_id_t key;
	uint32_t id, alg;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read(req, &hash, &len) ||
	    !bulk_read_last(req, &signature, &signature_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_INTERRUPTIBLE);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	key = crypto_key_use(ctx, caller, id, alg);
	*status = start_verify(&op->interruptible, key, alg, hash, len, signature, signature_len);
	*status = crypto_correct_hash(key, alg, len, *status);
	return crypto_operation_started(op, resp, *status);
}

/* The operation of a request to complete a signature or, if @verifies, its verification. */
static enum ts_rpc_status complete_read(struct crypto *crypto, const struct rpc_caller *caller,
					bool verifies, struct reader *req,
					struct crypto_operation **op, uint32_t *max_ops,
					int32_t *status)
{
	if (crypto_operation_read(crypto, caller, CRYPTO_KIND_INTERRUPTIBLE, req, op, status) ||
	    !reader_u32(req, max_ops))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (*op && (*op)->interruptible.verifies != verifies) {
		*op = NULL;
		*status = PSA_ERROR_BAD_STATE;
	}
	return TS_RPC_SUCCESS;
}

static void complete_end(struct crypto_operation *op, psa_status_t status)
{
	psa_interruptible_set_max_ops(PSA_INTERRUPTIBLE_MAX_OPS_UNLIMITED);
	if (status == PSA_SUCCESS)
		op->item.spent = true;
}

CRYPTO_HANDLER(crypto_sign_hash_complete)
{
	struct crypto_operation *op;
	struct crypto_output out;
	uint32_t max_ops;

	if (complete_read(ctx, caller, false, req, &op, &max_ops, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, PSA_SIGNATURE_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		psa_interruptible_set_max_ops(max_ops);
		*status = psa_sign_hash_complete(&op->interruptible.sign, out.data, out.room,
						 &out.len);
		complete_end(op, *status);
	}
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_verify_hash_complete)
{
	struct crypto_operation *op;
	uint32_t max_ops;

	(void)resp;
	if (complete_read(ctx, caller, true, req, &op, &max_ops, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op) {
		psa_interruptible_set_max_ops(max_ops);
		*status = psa_verify_hash_complete(&op->interruptible.verify);
		complete_end(op, *status);
	}
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_interruptible_num_ops)
{
	struct crypto_operation *op;
	uint32_t num_ops;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_INTERRUPTIBLE, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	num_ops = op->interruptible.verifies ?
			  psa_verify_hash_get_num_ops(&op->interruptible.verify) :
			  psa_sign_hash_get_num_ops(&op->interruptible.sign);
	return writer_u32(resp, num_ops) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

CRYPTO_HANDLER(crypto_interruptible_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_INTERRUPTIBLE, req, status);
}
