// SPDX-License-Identifier: BSD-3-Clause
/*
 * Key derivation and key agreement of the crypto service. A derivation is dropped by its
 * abort only: there is no call that ends it otherwise.
 */
#include "crypto_internal.h"

CRYPTO_HANDLER(crypto_derivation_setup)
{
	struct crypto_operation *op;
	uint32_t alg;

	if (!reader_u32(req, &alg))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(ctx, caller, CRYPTO_KIND_DERIVATION);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	do {
		*status = psa_key_derivation_setup(&op->derivation, alg);
	} while (crypto_make_room(ctx, *status));
	return crypto_operation_started(op, resp, *status);
}

CRYPTO_HANDLER(crypto_derivation_get_capacity)
{
	struct crypto_operation *op;
	size_t capacity = 0;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_key_derivation_get_capacity(&op->derivation, &capacity);
	/* What doesn't fit the field is unlimited for all that a client could ask for. */
	if (capacity > UINT32_MAX)
		capacity = UINT32_MAX;
	return *status != PSA_SUCCESS || writer_u32(resp, (uint32_t)capacity) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

CRYPTO_HANDLER(crypto_derivation_set_capacity)
{
	struct crypto_operation *op;
	uint32_t capacity;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &capacity))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_key_derivation_set_capacity(&op->derivation, capacity);
	return TS_RPC_SUCCESS;
}

/* A step has 16 bits in PSA and 32 in the message: others than PSA's are no steps. */
static psa_status_t check_step(uint32_t step)
{
	return step <= UINT16_MAX ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;
}

CRYPTO_HANDLER(crypto_derivation_input_bytes)
{
	struct crypto_operation *op;
	const uint8_t *data;
	uint32_t step;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &step) || !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	*status = check_step(step);
	if (*status == PSA_SUCCESS)
		*status = psa_key_derivation_input_bytes(
			&op->derivation, (psa_key_derivation_step_t)step, data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_derivation_input_key)
{
	struct crypto_operation *op;
	uint32_t step, id;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &step) || !reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Clients know that no key is told before no operation. */
	if (!id)
		*status = PSA_ERROR_INVALID_HANDLE;
	else if (op)
		*status = check_step(step);
	if (*status == PSA_SUCCESS)
		*status = psa_key_derivation_input_key(&op->derivation,
						       (psa_key_derivation_step_t)step,
						       crypto_key_name(ctx, caller, id));
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_derivation_output_bytes)
{
	struct crypto_operation *op;
	struct crypto_output out;
	uint32_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, len, &out) || out.room < len)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op)
		*status = psa_key_derivation_output_bytes(&op->derivation, out.data, len);
	out.len = len;
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

struct derivation {
	struct crypto *crypto;
	const struct rpc_caller *caller;
	uint32_t handle;
};

/* Looked for anew: as an orphan it may have been reclaimed for the key. */
static psa_status_t derive(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *key)
{
	const struct derivation *d = ctx;
	struct crypto_operation *op =
		crypto_operation_find(d->crypto, d->caller, CRYPTO_KIND_DERIVATION, d->handle);

	if (!op)
		return PSA_ERROR_BAD_STATE;
	return psa_key_derivation_output_key(attributes, &op->derivation, key);
}

CRYPTO_HANDLER(crypto_derivation_output_key)
{
	struct derivation d = { .crypto = ctx, .caller = caller };
	struct crypto_attributes a;

	if (!reader_u32(req, &d.handle) || !crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return crypto_key_make(ctx, caller, &a, derive, &d, resp, status);
}

CRYPTO_HANDLER(crypto_derivation_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_DERIVATION, req, status);
}

CRYPTO_HANDLER(crypto_derivation_key_agreement)
{
	struct crypto_operation *op;
	const uint8_t *peer;
	uint32_t step, id;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &step) || !reader_u32(req, &id) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &peer, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	*status = check_step(step);
	if (*status == PSA_SUCCESS)
		*status = psa_key_derivation_key_agreement(
			&op->derivation, (psa_key_derivation_step_t)step,
			crypto_key_name(ctx, caller, id), peer, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_raw_key_agreement)
{
	struct crypto_output out;
	const uint8_t *peer;
	uint32_t alg, id;
	size_t len;

	if (!reader_u32(req, &alg) || !reader_u32(req, &id) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &peer, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = psa_raw_key_agreement(alg, crypto_key_name(ctx, caller, id), peer, len, out.data,
					out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}
