// SPDX-License-Identifier: BSD-3-Clause
/*
 * Key derivation and key agreement of the crypto service. A derivation is dropped by its
 * abort only: there is no call that ends it otherwise.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <mbedtls/constant_time.h>
#include <secure/wipe.h>

/* What a block of output takes beside its inputs, in bytes that are hashed. */
#define BLOCK_OVERHEAD 1024u

/* Bytes to hash that fit into a call, whatever the hash. */
#define WORK_MAX (8u << 20)

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
		*status = psa_key_derivation_setup(&op->derivation.psa, alg);
	} while (crypto_make_room(ctx, *status));
	op->derivation.alg = alg;
	if (*status == PSA_SUCCESS && PSA_ALG_IS_PBKDF2(alg) &&
	    !crypto_item_charge(&op->item, CRYPTO_PBKDF2_LEN))
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
	return crypto_operation_started(op, resp, *status);
}

CRYPTO_HANDLER(crypto_derivation_get_capacity)
{
	struct crypto_operation *op;
	size_t capacity = 0;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_key_derivation_get_capacity(&op->derivation.psa, &capacity);
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
		*status = psa_key_derivation_set_capacity(&op->derivation.psa, capacity);
	return TS_RPC_SUCCESS;
}

/* A step has 16 bits in PSA and 32 in the message: others than PSA's are no steps. */
static psa_status_t check_step(uint32_t step)
{
	return step <= UINT16_MAX ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;
}

/* There is no end to the salts that PBKDF2 takes and keeps; here there is. */
static psa_status_t hold(struct crypto_operation *op, size_t len)
{
	struct crypto_derivation *derivation = &op->derivation;

	if (len > CRYPTO_DERIVATION_INPUT_MAX - derivation->held_len ||
	    !crypto_item_charge(&op->item, len))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	derivation->held_len += len;
	return PSA_SUCCESS;
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
		*status = hold(op, len);
	if (*status == PSA_SUCCESS)
		*status = psa_key_derivation_input_bytes(
			&op->derivation.psa, (psa_key_derivation_step_t)step, data, len);
	return TS_RPC_SUCCESS;
}

/* Bytes of the key, or none if there is no such key. */
static size_t key_len(mbedtls_svc_key_id_t key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	size_t bits = 0;

	if (psa_get_key_attributes(key, &attributes) == PSA_SUCCESS)
		bits = psa_get_key_bits(&attributes);
	psa_reset_key_attributes(&attributes);
	return PSA_BITS_TO_BYTES(bits);
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
		*status = hold(op, key_len(crypto_key_name(ctx, caller, id)));
	if (*status == PSA_SUCCESS)
		*status = crypto_correct_input_key(
			&op->derivation, (psa_key_derivation_step_t)step,
			crypto_key_use(ctx, caller, id, op->derivation.alg));
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_derivation_input_integer)
{
	struct crypto_operation *op;
	uint64_t value;
	uint32_t step;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &step) || !reader_u64(req, &value))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	*status = check_step(step);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	/* What is too much here is told as what is too much for Mbed TLS. */
	if (value > CRYPTO_PBKDF2_ITERATIONS_MAX)
		value = UINT64_MAX;
	*status = psa_key_derivation_input_integer(&op->derivation.psa,
						   (psa_key_derivation_step_t)step, value);
	return TS_RPC_SUCCESS;
}

/*
 * Can @len bytes be derived within one call? Each block of them is a hash of all inputs that
 * are kept, at worst, and of some more.
 */
static psa_status_t check_work(const struct crypto_derivation *derivation, size_t len)
{
	const size_t block = PSA_HASH_LENGTH(PSA_ALG_GET_HASH(derivation->alg));
	const uint64_t blocks = block ? len / block + 1 : 1;

	return blocks * (derivation->held_len + BLOCK_OVERHEAD) <= WORK_MAX ?
		       PSA_SUCCESS :
		       PSA_ERROR_NOT_SUPPORTED;
}

/* The next @len bytes, be they for the client or to be compared with what it has. */
static psa_status_t derive_bytes(struct crypto_derivation *derivation, uint8_t *data, size_t len,
				 const struct crypto_slice *slice)
{
	psa_status_t status;

	if (PSA_ALG_IS_PBKDF2(derivation->alg))
		return crypto_pbkdf2_output(derivation, data, len, slice);
	status = check_work(derivation, len);
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_output_bytes(&derivation->psa, data, len);
	return status;
}

CRYPTO_HANDLER(crypto_derivation_output_bytes)
{
	const struct crypto_slice slice = crypto_slice_begin(ctx);
	struct crypto_operation *op;
	struct crypto_output out;
	uint32_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, len, &out) || out.room < len)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op && op->derivation.only_verifies)
		*status = PSA_ERROR_NOT_PERMITTED;
	else if (op)
		*status = derive_bytes(&op->derivation, out.data, len, &slice);
	out.len = len;
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

/*
 * Compares what comes next with the @len bytes at @expected. Mbed TLS hasn't got this
 * function; room for what is compared is where a response would be.
 */
static enum ts_rpc_status verify(struct crypto_derivation *derivation, const uint8_t *expected,
				 size_t len, const struct crypto_slice *slice,
				 const struct writer *resp, int32_t *status)
{
	struct crypto_output out;

	if (!crypto_bulk_begin(resp, len, &out) || out.room < len)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = derive_bytes(derivation, out.data, len, slice);
	if (*status == PSA_SUCCESS && mbedtls_ct_memcmp(out.data, expected, len))
		*status = PSA_ERROR_INVALID_SIGNATURE;
	secure_wipe(out.data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_derivation_verify_bytes)
{
	const struct crypto_slice slice = crypto_slice_begin(ctx);
	struct crypto_operation *op;
	const uint8_t *expected;
	size_t len;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !bulk_read_last(req, &expected, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	return verify(&op->derivation, expected, len, &slice, resp, status);
}

/* May the key be what the result of @alg is compared with? */
static psa_status_t check_expected(const psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
	if (psa_get_key_type(attributes) != PSA_KEY_TYPE_PASSWORD_HASH)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (!(psa_get_key_usage_flags(attributes) & PSA_KEY_USAGE_VERIFY_DERIVATION) ||
	    psa_get_key_algorithm(attributes) != alg)
		return PSA_ERROR_NOT_PERMITTED;
	return PSA_SUCCESS;
}

CRYPTO_HANDLER(crypto_derivation_verify_key)
{
	const struct crypto_slice slice = crypto_slice_begin(ctx);
	enum ts_rpc_status rpc = TS_RPC_SUCCESS;
	struct crypto_operation *op;
	psa_key_slot_t *slot;
	psa_status_t unlocked;
	uint32_t id;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_DERIVATION, req, &op, status) ||
	    !reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!op)
		return TS_RPC_SUCCESS;
	*status = psa_get_and_lock_key_slot(crypto_key_name(ctx, caller, id), &slot);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	*status = check_expected(&slot->attr, op->derivation.alg);
	if (*status == PSA_SUCCESS)
		rpc = verify(&op->derivation, slot->key.data, slot->key.bytes, &slice, resp,
			     status);
	unlocked = psa_unregister_read_under_mutex(slot);
	if (*status == PSA_SUCCESS)
		*status = unlocked;
	return rpc;
}

struct derivation_key {
	struct crypto *crypto;
	const struct rpc_caller *caller;
	uint32_t handle;
	psa_custom_key_parameters_t parameters;
	const uint8_t *bytes;
	size_t len;
	struct crypto_slice slice;
};

/* Looked for anew: as an orphan it may have been reclaimed for the key. */
static psa_status_t derive(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *key)
{
	const struct derivation_key *d = ctx;
	struct crypto_operation *op =
		crypto_operation_find(d->crypto, d->caller, CRYPTO_KIND_DERIVATION, d->handle);
	psa_status_t status;

	if (!op)
		return PSA_ERROR_BAD_STATE;
	if (op->derivation.only_verifies)
		return PSA_ERROR_NOT_PERMITTED;
	/* Mbed TLS would take a seed for a number on a Montgomery curve. */
	if (crypto_extension_key(psa_get_key_type(attributes)))
		return PSA_ERROR_NOT_SUPPORTED;
	if (PSA_ALG_IS_PBKDF2(op->derivation.alg) && !d->parameters.flags && !d->len)
		return crypto_pbkdf2_output_key(&op->derivation, attributes, &d->slice, key);
	status = check_work(&op->derivation, PSA_BITS_TO_BYTES(psa_get_key_bits(attributes)));
	if (status != PSA_SUCCESS)
		return status;
	return psa_key_derivation_output_key_custom(attributes, &op->derivation.psa, &d->parameters,
						    d->bytes, d->len, key);
}

CRYPTO_HANDLER(crypto_derivation_output_key)
{
	struct derivation_key d = {
		.crypto = ctx,
		.caller = caller,
		.parameters = PSA_CUSTOM_KEY_PARAMETERS_INIT,
		.slice = crypto_slice_begin(ctx),
	};
	struct crypto_attributes a;

	if (!reader_u32(req, &d.handle) || !crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return crypto_key_make(ctx, caller, &a, derive, &d, resp, status);
}

CRYPTO_HANDLER(crypto_derivation_output_key_custom)
{
	struct derivation_key d = {
		.crypto = ctx,
		.caller = caller,
		.slice = crypto_slice_begin(ctx),
	};
	struct crypto_attributes a;

	if (!reader_u32(req, &d.handle) || !crypto_attributes_read(req, &a) ||
	    !reader_u32(req, &d.parameters.flags) || !bulk_read_last(req, &d.bytes, &d.len))
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
			&op->derivation.psa, (psa_key_derivation_step_t)step,
			crypto_key_use(ctx, caller, id, op->derivation.alg), peer, len);
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
	*status = psa_raw_key_agreement(alg, crypto_key_use(ctx, caller, id, alg), peer, len,
					out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}
