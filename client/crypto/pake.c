// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA Crypto API: password-authenticated key exchange, by opcodes that only partitions of
 * TSTEE know. As in Mbed TLS any failure ends the operation. No state.
 */
#include "call.h"

psa_status_t psa_pake_setup(psa_pake_operation_t *operation,
			    const psa_pake_cipher_suite_t *cipher_suite)
{
	struct crypto_request req;

	crypto_request_init(&req, CRYPTO_PAKE_SETUP);
	crypto_request_u32(&req, psa_pake_cs_get_algorithm(cipher_suite));
	crypto_request_u32(&req, psa_pake_cs_get_primitive(cipher_suite));
	crypto_request_u32(&req, psa_pake_cs_get_hash(cipher_suite));
	return crypto_operation_start(&req, CRYPTO_PAKE_ABORT, &operation->handle);
}

psa_status_t psa_pake_abort(psa_pake_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_PAKE_ABORT, &operation->handle);
}

/* For calls that have no response. */
static psa_status_t call(psa_pake_operation_t *operation, struct crypto_request *req)
{
	return crypto_operation_end(CRYPTO_PAKE_ABORT, &operation->handle, crypto_call(req));
}

psa_status_t psa_pake_set_password_key(psa_pake_operation_t *operation,
				       mbedtls_svc_key_id_t password)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_PAKE_SET_PASSWORD_KEY, operation->handle);
	crypto_request_u32(&req, password);
	return call(operation, &req);
}

psa_status_t psa_pake_set_user(psa_pake_operation_t *operation, const uint8_t *user_id,
			       size_t user_id_len)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_PAKE_SET_USER, operation->handle);
	crypto_request_part(&req, user_id, user_id_len);
	return call(operation, &req);
}

psa_status_t psa_pake_set_peer(psa_pake_operation_t *operation, const uint8_t *peer_id,
			       size_t peer_id_len)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_PAKE_SET_PEER, operation->handle);
	crypto_request_part(&req, peer_id, peer_id_len);
	return call(operation, &req);
}

psa_status_t psa_pake_set_role(psa_pake_operation_t *operation, psa_pake_role_t role)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_PAKE_SET_ROLE, operation->handle);
	crypto_request_u32(&req, role);
	return call(operation, &req);
}

psa_status_t psa_pake_output(psa_pake_operation_t *operation, psa_pake_step_t step, uint8_t *output,
			     size_t output_size, size_t *output_length)
{
	struct crypto_request req;
	psa_status_t status;

	*output_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	/* As Mbed TLS has it: whatever the step. */
	if (!output_size)
		return crypto_operation_end(CRYPTO_PAKE_ABORT, &operation->handle,
					    PSA_ERROR_INVALID_ARGUMENT);
	crypto_request_operation(&req, CRYPTO_PAKE_OUTPUT, operation->handle);
	crypto_request_u32(&req, step);
	status = crypto_call_part(&req, output, output_size, PSA_PAKE_OUTPUT_MAX_SIZE,
				  output_length);
	return crypto_operation_end(CRYPTO_PAKE_ABORT, &operation->handle, status);
}

psa_status_t psa_pake_input(psa_pake_operation_t *operation, psa_pake_step_t step,
			    const uint8_t *input, size_t input_length)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	/* No step has such an input. Mbed TLS says so without a look at it. */
	if (input_length > PSA_PAKE_INPUT_MAX_SIZE)
		return crypto_operation_end(CRYPTO_PAKE_ABORT, &operation->handle,
					    PSA_ERROR_INVALID_ARGUMENT);
	crypto_request_operation(&req, CRYPTO_PAKE_INPUT, operation->handle);
	crypto_request_u32(&req, step);
	crypto_request_part(&req, input, input_length);
	return call(operation, &req);
}

psa_status_t psa_pake_get_implicit_key(psa_pake_operation_t *operation,
				       psa_key_derivation_operation_t *output)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_PAKE_GET_IMPLICIT_KEY, operation->handle);
	crypto_request_u32(&req, output->handle);
	status = crypto_call(&req);
	return crypto_operation_finish(CRYPTO_PAKE_ABORT, &operation->handle, status);
}
