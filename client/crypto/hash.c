// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: hashes. No state. */
#include "call.h"

psa_status_t psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg)
{
	struct crypto_request req;

	crypto_request_init(&req, CRYPTO_HASH_SETUP);
	crypto_request_u32(&req, alg);
	return crypto_operation_start(&req, CRYPTO_HASH_ABORT, &operation->handle);
}

psa_status_t psa_hash_abort(psa_hash_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_HASH_ABORT, &operation->handle);
}

psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input,
			     size_t input_length)
{
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = crypto_feed(CRYPTO_HASH_UPDATE, operation->handle, input, input_length);
	return crypto_operation_end(CRYPTO_HASH_ABORT, &operation->handle, status);
}

psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash, size_t hash_size,
			     size_t *hash_length)
{
	struct crypto_request req;
	psa_status_t status;

	*hash_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_HASH_FINISH, operation->handle);
	status = crypto_call_record(&req, hash, hash_size, PSA_HASH_MAX_SIZE, hash_length);
	return crypto_operation_finish(CRYPTO_HASH_ABORT, &operation->handle, status);
}

psa_status_t psa_hash_verify(psa_hash_operation_t *operation, const uint8_t *hash,
			     size_t hash_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_HASH_VERIFY, operation->handle);
	crypto_request_record(&req, hash, hash_length);
	status = crypto_call(&req);
	return crypto_operation_finish(CRYPTO_HASH_ABORT, &operation->handle, status);
}

psa_status_t psa_hash_clone(const psa_hash_operation_t *source_operation,
			    psa_hash_operation_t *target_operation)
{
	struct crypto_request req;

	if (!source_operation->handle || target_operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_HASH_CLONE, source_operation->handle);
	return crypto_operation_start(&req, CRYPTO_HASH_ABORT, &target_operation->handle);
}

psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
			      uint8_t *hash, size_t hash_size, size_t *hash_length)
{
	psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_init(&req, CRYPTO_HASH_COMPUTE);
	crypto_request_u32(&req, alg);
	crypto_request_part(&req, input, input_length);
	status = crypto_call_part(&req, hash, hash_size, PSA_HASH_MAX_SIZE, hash_length);
	if (!crypto_request_refused(&req))
		return status;

	status = psa_hash_setup(&operation, alg);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&operation, input, input_length);
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&operation, hash, hash_size, hash_length);
	return status;
}

psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t *input, size_t input_length,
			      const uint8_t *hash, size_t hash_length)
{
	psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_init(&req, CRYPTO_HASH_COMPARE);
	crypto_request_u32(&req, alg);
	crypto_request_part(&req, input, input_length);
	crypto_request_part(&req, hash, hash_length);
	status = crypto_call(&req);
	if (!crypto_request_refused(&req))
		return status;

	status = psa_hash_setup(&operation, alg);
	if (status == PSA_SUCCESS)
		status = psa_hash_update(&operation, input, input_length);
	if (status == PSA_SUCCESS)
		status = psa_hash_verify(&operation, hash, hash_length);
	return status;
}
