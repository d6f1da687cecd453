// SPDX-License-Identifier: BSD-3-Clause
/* MAC operations of the crypto service. */
#include "internal.h"

static psa_status_t sign_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
			       psa_algorithm_t alg)
{
	return psa_mac_sign_setup(&op->mac, key, alg);
}

static psa_status_t verify_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				 psa_algorithm_t alg)
{
	return psa_mac_verify_setup(&op->mac, key, alg);
}

CRYPTO_HANDLER(crypto_mac_sign_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_MAC, req, resp, status,
					     sign_setup);
}

CRYPTO_HANDLER(crypto_mac_verify_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_MAC, req, resp, status,
					     verify_setup);
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
