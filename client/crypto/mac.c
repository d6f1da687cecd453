// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: message authentication codes. No state. */
#include "call.h"

static psa_status_t setup(psa_mac_operation_t *operation, uint32_t opcode, mbedtls_svc_key_id_t key,
			  psa_algorithm_t alg)
{
	struct crypto_request req;

	crypto_request_key(&req, opcode, key, alg);
	return crypto_operation_start(&req, CRYPTO_MAC_ABORT, &operation->handle);
}

psa_status_t psa_mac_sign_setup(psa_mac_operation_t *operation, mbedtls_svc_key_id_t key,
				psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_MAC_SIGN_SETUP, key, alg);
}

psa_status_t psa_mac_verify_setup(psa_mac_operation_t *operation, mbedtls_svc_key_id_t key,
				  psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_MAC_VERIFY_SETUP, key, alg);
}

psa_status_t psa_mac_abort(psa_mac_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_MAC_ABORT, &operation->handle);
}

psa_status_t psa_mac_update(psa_mac_operation_t *operation, const uint8_t *input,
			    size_t input_length)
{
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = crypto_feed(CRYPTO_MAC_UPDATE, operation->handle, input, input_length);
	return crypto_operation_end(CRYPTO_MAC_ABORT, &operation->handle, status);
}

psa_status_t psa_mac_sign_finish(psa_mac_operation_t *operation, uint8_t *mac, size_t mac_size,
				 size_t *mac_length)
{
	struct crypto_request req;
	psa_status_t status;

	*mac_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_MAC_SIGN_FINISH, operation->handle);
	status = crypto_call_record(&req, mac, mac_size, PSA_MAC_MAX_SIZE, mac_length);
	return crypto_operation_finish(CRYPTO_MAC_ABORT, &operation->handle, status);
}

psa_status_t psa_mac_verify_finish(psa_mac_operation_t *operation, const uint8_t *mac,
				   size_t mac_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_MAC_VERIFY_FINISH, operation->handle);
	crypto_request_record(&req, mac, mac_length);
	status = crypto_call(&req);
	return crypto_operation_finish(CRYPTO_MAC_ABORT, &operation->handle, status);
}

psa_status_t psa_mac_compute(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
			     size_t input_length, uint8_t *mac, size_t mac_size, size_t *mac_length)
{
	psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_key(&req, CRYPTO_MAC_COMPUTE, key, alg);
	crypto_request_part(&req, input, input_length);
	status = crypto_call_part(&req, mac, mac_size, PSA_MAC_MAX_SIZE, mac_length);
	if (!crypto_request_refused(&req))
		return status;

	status = psa_mac_sign_setup(&operation, key, alg);
	if (status == PSA_SUCCESS)
		status = psa_mac_update(&operation, input, input_length);
	if (status == PSA_SUCCESS)
		status = psa_mac_sign_finish(&operation, mac, mac_size, mac_length);
	return status;
}

psa_status_t psa_mac_verify(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *input,
			    size_t input_length, const uint8_t *mac, size_t mac_length)
{
	psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_key(&req, CRYPTO_MAC_VERIFY, key, alg);
	crypto_request_part(&req, input, input_length);
	crypto_request_part(&req, mac, mac_length);
	status = crypto_call(&req);
	if (!crypto_request_refused(&req))
		return status;

	status = psa_mac_verify_setup(&operation, key, alg);
	if (status == PSA_SUCCESS)
		status = psa_mac_update(&operation, input, input_length);
	if (status == PSA_SUCCESS)
		status = psa_mac_verify_finish(&operation, mac, mac_length);
	return status;
}
