// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA Crypto API: key derivation. An operation that failed stays, in a state of error, till
 * it is aborted: that is how an exhausted one differs from one that was never set up. No state.
 */
#include <string.h>

#include "call.h"

/* Bytes at a time of a derivation that takes too long for more. */
#define SLOW_OUTPUT_MAX 256u

psa_status_t psa_key_derivation_setup(psa_key_derivation_operation_t *operation,
				      psa_algorithm_t alg)
{
	struct crypto_request req;

	if (operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_init(&req, CRYPTO_DERIVATION_SETUP);
	crypto_request_u32(&req, alg);
	return crypto_operation_start(&req, CRYPTO_DERIVATION_ABORT, &operation->handle);
}

psa_status_t psa_key_derivation_abort(psa_key_derivation_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_DERIVATION_ABORT, &operation->handle);
}

psa_status_t psa_key_derivation_get_capacity(const psa_key_derivation_operation_t *operation,
					     size_t *capacity)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t value;

	*capacity = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_GET_CAPACITY, operation->handle);
	status = crypto_call_u32(&req, &value);
	/* The message's field is narrower than PSA's: its largest number stands for all above. */
	*capacity = value < UINT32_MAX ? value : PSA_KEY_DERIVATION_UNLIMITED_CAPACITY;
	return status;
}

psa_status_t psa_key_derivation_set_capacity(psa_key_derivation_operation_t *operation,
					     size_t capacity)
{
	struct crypto_request req;
	psa_status_t status;
	size_t left;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	if (capacity >= UINT32_MAX) {
		status = psa_key_derivation_get_capacity(operation, &left);
		if (status != PSA_SUCCESS || left == capacity)
			return status;
		return left < capacity ? PSA_ERROR_INVALID_ARGUMENT : PSA_ERROR_NOT_SUPPORTED;
	}
	crypto_request_operation(&req, CRYPTO_DERIVATION_SET_CAPACITY, operation->handle);
	crypto_request_u32(&req, (uint32_t)capacity);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_input_bytes(psa_key_derivation_operation_t *operation,
					    psa_key_derivation_step_t step, const uint8_t *data,
					    size_t data_length)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_INPUT_BYTES, operation->handle);
	crypto_request_u32(&req, step);
	crypto_request_record(&req, data, data_length);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_input_integer(psa_key_derivation_operation_t *operation,
					      psa_key_derivation_step_t step, uint64_t value)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_INPUT_INTEGER, operation->handle);
	crypto_request_u32(&req, step);
	crypto_request_u64(&req, value);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_input_key(psa_key_derivation_operation_t *operation,
					  psa_key_derivation_step_t step, mbedtls_svc_key_id_t key)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_INPUT_KEY, operation->handle);
	crypto_request_u32(&req, step);
	crypto_request_u32(&req, key);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_key_agreement(psa_key_derivation_operation_t *operation,
					      psa_key_derivation_step_t step,
					      mbedtls_svc_key_id_t private_key,
					      const uint8_t *peer_key, size_t peer_key_length)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_KEY_AGREEMENT, operation->handle);
	crypto_request_u32(&req, step);
	crypto_request_u32(&req, private_key);
	crypto_request_record(&req, peer_key, peer_key_length);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_output_bytes(psa_key_derivation_operation_t *operation,
					     uint8_t *output, size_t output_length)
{
	struct crypto_request req;
	psa_status_t status;
	size_t done = 0, max = SIZE_MAX;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	do {
		size_t rest = crypto_chunk(output_length - done), got;

		if (rest > max)
			rest = max;

		crypto_request_operation(&req, CRYPTO_DERIVATION_OUTPUT_BYTES, operation->handle);
		crypto_request_u32(&req, (uint32_t)rest);
		status = crypto_call_record(&req, output_length ? output + done : NULL, rest, rest,
					    &got);
		if (req.too_long)
			continue;
		if (status == PSA_ERROR_NOT_SUPPORTED && rest > SLOW_OUTPUT_MAX) {
			max = SLOW_OUTPUT_MAX;
			continue;
		}
		if (status == PSA_SUCCESS && got != rest)
			status = crypto_malformed(&req);
		if (status != PSA_SUCCESS) {
			if (output_length && output)
				memset(output, 0, output_length);
			return status;
		}
		done += rest;
	} while (done < output_length);
	return PSA_SUCCESS;
}

psa_status_t psa_key_derivation_output_key(const psa_key_attributes_t *attributes,
					   psa_key_derivation_operation_t *operation,
					   mbedtls_svc_key_id_t *key)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t id;

	*key = MBEDTLS_SVC_KEY_ID_INIT;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_OUTPUT_KEY, operation->handle);
	crypto_request_attributes(&req, attributes);
	status = crypto_call_u32(&req, &id);
	if (status == PSA_SUCCESS)
		crypto_made();
	*key = id;
	return status;
}

psa_status_t psa_key_derivation_output_key_custom(const psa_key_attributes_t *attributes,
						  psa_key_derivation_operation_t *operation,
						  const psa_custom_key_parameters_t *custom,
						  const uint8_t *custom_data,
						  size_t custom_data_length,
						  mbedtls_svc_key_id_t *key)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t id;

	*key = MBEDTLS_SVC_KEY_ID_INIT;
	/* Nothing in particular: all partitions can do that. */
	if (!custom->flags && !custom_data_length)
		return psa_key_derivation_output_key(attributes, operation, key);
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM, operation->handle);
	crypto_request_attributes(&req, attributes);
	crypto_request_u32(&req, custom->flags);
	crypto_request_part(&req, custom_data, custom_data_length);
	status = crypto_call_u32(&req, &id);
	if (status == PSA_SUCCESS)
		crypto_made();
	*key = id;
	return status;
}

psa_status_t psa_key_derivation_output_key_ext(const psa_key_attributes_t *attributes,
					       psa_key_derivation_operation_t *operation,
					       const psa_key_production_parameters_t *params,
					       size_t params_data_length, mbedtls_svc_key_id_t *key)
{
	const psa_custom_key_parameters_t custom = { .flags = params->flags };

	return psa_key_derivation_output_key_custom(attributes, operation, &custom, params->data,
						    params_data_length, key);
}

psa_status_t psa_key_derivation_verify_bytes(psa_key_derivation_operation_t *operation,
					     const uint8_t *expected, size_t expected_length)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_VERIFY_BYTES, operation->handle);
	crypto_request_part(&req, expected, expected_length);
	return crypto_call(&req);
}

psa_status_t psa_key_derivation_verify_key(psa_key_derivation_operation_t *operation,
					   psa_key_id_t expected)
{
	struct crypto_request req;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_DERIVATION_VERIFY_KEY, operation->handle);
	crypto_request_u32(&req, expected);
	return crypto_call(&req);
}
