// SPDX-License-Identifier: BSD-3-Clause
/*
 * Multi-part operations of the crypto service. A handle is good for its client and kind
 * only. An operation goes with its successful end or its abort; one that has failed stays
 * until the client aborts it.
 */
#include "internal.h"

static void end(struct crypto_item *item)
{
	(void)crypto_operation_abort((struct crypto_operation *)item);
}

#define TYPE(member, most)                                                 \
	{                                                                  \
		.size = offsetof(struct crypto_operation, member) +        \
			sizeof(((struct crypto_operation *)NULL)->member), \
		.inside = most, .end = end,                                \
	}

/* test/unit/test_crypto_limit.c compares with what is allocated. */
static const struct crypto_item_type types[CRYPTO_KIND_COUNT] = {
	[CRYPTO_KIND_HASH] = TYPE(hash, 0),
	[CRYPTO_KIND_CIPHER] = TYPE(cipher, 768),
	[CRYPTO_KIND_DERIVATION] = TYPE(derivation, 768),
	[CRYPTO_KIND_MAC] = TYPE(mac, 768),
	[CRYPTO_KIND_AEAD] = TYPE(aead, 1024),
	[CRYPTO_KIND_MESSAGE] = TYPE(message, 0),
	[CRYPTO_KIND_INTERRUPTIBLE] = TYPE(interruptible, 5120),
	[CRYPTO_KIND_PAKE] = TYPE(pake, 2048),
	[CRYPTO_KIND_GENERATION] = TYPE(generation, 1024),
};

struct crypto_operation *
crypto_operation_new(struct crypto *crypto, const struct rpc_caller *caller, enum crypto_kind kind)
{
	return (struct crypto_operation *)crypto_item_new(crypto, caller, kind, &types[kind]);
}

enum ts_rpc_status crypto_operation_started(struct crypto_operation *op, struct writer *resp,
					    psa_status_t status)
{
	if (status != PSA_SUCCESS) {
		(void)crypto_operation_abort(op);
		return TS_RPC_SUCCESS;
	}
	if (!writer_u32(resp, op->item.id)) {
		(void)crypto_operation_abort(op);
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

enum ts_rpc_status crypto_operation_handle_setup(struct crypto *crypto,
						 const struct rpc_caller *caller,
						 enum crypto_kind kind, struct reader *req,
						 struct writer *resp, psa_status_t *status,
						 crypto_operation_setup setup)
{
	struct crypto_operation *op;
	uint32_t id, alg;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(crypto, caller, kind);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	op->key_id = id;
	do {
		*status = setup(op, crypto_key_use(crypto, caller, id, alg), alg);
	} while (crypto_make_room(crypto, *status));
	return crypto_operation_started(op, resp, *status);
}

struct crypto_operation *crypto_operation_find(struct crypto *crypto,
					       const struct rpc_caller *caller,
					       enum crypto_kind kind, uint32_t handle)
{
	return (struct crypto_operation *)crypto_item_find(crypto, caller, kind, handle);
}

enum ts_rpc_status crypto_operation_read(struct crypto *crypto, const struct rpc_caller *caller,
					 enum crypto_kind kind, struct reader *req,
					 struct crypto_operation **op, psa_status_t *status)
{
	uint32_t handle;

	*op = NULL;
	if (!reader_u32(req, &handle))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*op = crypto_operation_find(crypto, caller, kind, handle);
	*status = *op ? PSA_SUCCESS : PSA_ERROR_BAD_STATE;
	return TS_RPC_SUCCESS;
}

void crypto_operation_done(struct crypto_operation *op, psa_status_t status)
{
	if (status == PSA_SUCCESS)
		(void)crypto_operation_abort(op);
}

psa_status_t crypto_operation_abort(struct crypto_operation *op)
{
	psa_status_t status = PSA_ERROR_CORRUPTION_DETECTED;

	switch (op->item.kind) {
	case CRYPTO_KIND_HASH:
		status = psa_hash_abort(&op->hash);
		break;
	case CRYPTO_KIND_CIPHER:
		status = psa_cipher_abort(&op->cipher);
		break;
	case CRYPTO_KIND_DERIVATION:
		crypto_pbkdf2_free(&op->derivation);
		status = psa_key_derivation_abort(&op->derivation.psa);
		break;
	case CRYPTO_KIND_MAC:
		status = psa_mac_abort(&op->mac);
		break;
	case CRYPTO_KIND_AEAD:
		status = psa_aead_abort(&op->aead);
		break;
	case CRYPTO_KIND_MESSAGE:
		status = psa_hash_abort(&op->message.hash);
		break;
	case CRYPTO_KIND_INTERRUPTIBLE:
		status = op->interruptible.verifies ?
				 psa_verify_hash_abort(&op->interruptible.verify) :
				 psa_sign_hash_abort(&op->interruptible.sign);
		break;
	case CRYPTO_KIND_PAKE:
		status = psa_pake_abort(&op->pake.psa);
		break;
	case CRYPTO_KIND_GENERATION:
		crypto_generation_free(&op->generation);
		status = PSA_SUCCESS;
		break;
	case CRYPTO_KIND_KEY:
	case CRYPTO_KIND_COUNT:
		return status;
	}
	crypto_item_free(&op->item);
	return status;
}

enum ts_rpc_status crypto_operation_handle_abort(struct crypto *crypto,
						 const struct rpc_caller *caller,
						 enum crypto_kind kind, struct reader *req,
						 psa_status_t *status)
{
	struct crypto_operation *op;
	enum ts_rpc_status rpc = crypto_operation_read(crypto, caller, kind, req, &op, status);

	if (rpc == TS_RPC_SUCCESS)
		*status = op ? crypto_operation_abort(op) : PSA_SUCCESS;
	return rpc;
}
