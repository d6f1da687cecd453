// SPDX-License-Identifier: BSD-3-Clause
/* MAC operations of the crypto service. */
#include "crypto_internal.h"

typedef psa_status_t (*setup_function)(psa_mac_operation_t *operation, mbedtls_svc_key_id_t key,
				       psa_algorithm_t alg);

static enum ts_rpc_status setup(struct crypto *crypto, const struct rpc_caller *caller,
				struct reader *req, struct writer *resp, int32_t *status,
				setup_function function)
{
	struct crypto_operation *op;
	uint32_t id, alg;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	op = crypto_operation_new(crypto, caller, CRYPTO_KIND_MAC);
	if (!op) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	do {
		*status = function(&op->mac, crypto_key_name(crypto, caller, id), alg);
	} while (crypto_make_room(crypto, *status));
	return crypto_operation_started(op, resp, *status);
}

CRYPTO_HANDLER(crypto_mac_sign_setup)
{
	return setup(ctx, caller, req, resp, status, psa_mac_sign_setup);
}

CRYPTO_HANDLER(crypto_mac_verify_setup)
{
	return setup(ctx, caller, req, resp, status, psa_mac_verify_setup);
}

CRYPTO_HANDLER(crypto_mac_update)
{
	struct crypto_operation *op;
	const uint8_t *data;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MAC, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_mac_update(&op->mac, data, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_mac_sign_finish)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MAC, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_MAC_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		*status = psa_mac_sign_finish(&op->mac, out.data, out.room, &out.len);
		crypto_operation_done(op, *status);
	}
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_mac_verify_finish)
{
	struct crypto_operation *op;
	const uint8_t *mac;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MAC, req, &op, status) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &mac, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op) {
		*status = psa_mac_verify_finish(&op->mac, mac, len);
		crypto_operation_done(op, *status);
	}
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_mac_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_MAC, req, status);
}
