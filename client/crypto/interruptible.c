// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA Crypto API: interruptible signatures, by opcodes that only partitions of TSTEE know.
 * Owns the bound on the work of one call.
 *
 * As in Mbed TLS the count of operations outlives an operation that is through, and one that
 * failed can't be set up before it was aborted. The partition has forgotten it by then, so the
 * handle's place in the caller's structure holds these two, marked by a bit that no handle has.
 */
#include <stdatomic.h>
#include <string.h>

#include "call.h"

#define ENDED	     (CRYPTO_HANDLE_MAX + 1)
#define ENDED_FAILED (ENDED >> 1)
#define ENDED_COUNT  (ENDED_FAILED - 1)

static _Atomic uint32_t max_ops = PSA_INTERRUPTIBLE_MAX_OPS_UNLIMITED;

void psa_interruptible_set_max_ops(uint32_t value)
{
	atomic_store(&max_ops, value);
}

uint32_t psa_interruptible_get_max_ops(void)
{
	return atomic_load(&max_ops);
}

static bool active(uint32_t handle)
{
	return handle != CRYPTO_NO_OPERATION && !(handle & ENDED);
}

static uint32_t num_ops(uint32_t handle)
{
	struct crypto_request req;
	uint32_t count;

	if (!active(handle))
		return handle & ENDED_COUNT;
	crypto_request_operation(&req, CRYPTO_INTERRUPTIBLE_NUM_OPS, handle);
	/* 0 after a failure. */
	(void)crypto_call_u32(&req, &count);
	return count;
}

/* Ends the operation, and keeps of it what the caller can still ask for. */
static psa_status_t end(uint32_t *handle, psa_status_t status)
{
	uint32_t count = num_ops(*handle);

	if (active(*handle))
		(void)crypto_operation_abort(CRYPTO_INTERRUPTIBLE_ABORT, handle);
	*handle = ENDED | (count < ENDED_COUNT ? count : ENDED_COUNT);
	if (status != PSA_SUCCESS)
		*handle |= ENDED_FAILED;
	return status;
}

static psa_status_t abort_operation(uint32_t *handle)
{
	psa_status_t status = PSA_SUCCESS;

	if (active(*handle))
		status = crypto_operation_abort(CRYPTO_INTERRUPTIBLE_ABORT, handle);
	*handle = CRYPTO_NO_OPERATION;
	return status;
}

static psa_status_t start(struct crypto_request *req, uint32_t *handle)
{
	uint32_t made = CRYPTO_NO_OPERATION;
	psa_status_t status;

	if (active(*handle) || *handle & ENDED_FAILED)
		return PSA_ERROR_BAD_STATE;
	status = crypto_operation_start(req, CRYPTO_INTERRUPTIBLE_ABORT, &made);
	if (status == PSA_SUCCESS && made & ENDED) {
		(void)crypto_operation_abort(CRYPTO_INTERRUPTIBLE_ABORT, &made);
		status = crypto_malformed(req);
	}
	*handle = status == PSA_SUCCESS ? made : ENDED | ENDED_FAILED;
	return status;
}

uint32_t psa_sign_hash_get_num_ops(const psa_sign_hash_interruptible_operation_t *operation)
{
	return num_ops(operation->handle);
}

uint32_t psa_verify_hash_get_num_ops(const psa_verify_hash_interruptible_operation_t *operation)
{
	return num_ops(operation->handle);
}

psa_status_t psa_sign_hash_start(psa_sign_hash_interruptible_operation_t *operation,
				 mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
				 size_t hash_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_SIGN_HASH_START, key, alg);
	crypto_request_part(&req, hash, hash_length);
	return start(&req, &operation->handle);
}

psa_status_t psa_sign_hash_complete(psa_sign_hash_interruptible_operation_t *operation,
				    uint8_t *signature, size_t signature_size,
				    size_t *signature_length)
{
	struct crypto_request req;
	psa_status_t status;

	*signature_length = 0;
	if (!active(operation->handle))
		return end(&operation->handle, PSA_ERROR_BAD_STATE);
	/* Each step is to find room, not only the last one, which has something to put there. */
	if (!signature_size)
		return end(&operation->handle, PSA_ERROR_BUFFER_TOO_SMALL);
	crypto_request_operation(&req, CRYPTO_SIGN_HASH_COMPLETE, operation->handle);
	crypto_request_u32(&req, psa_interruptible_get_max_ops());
	status = crypto_call_part(&req, signature, signature_size, PSA_SIGNATURE_MAX_SIZE,
				  signature_length);
	return status == PSA_OPERATION_INCOMPLETE ? status : end(&operation->handle, status);
}

psa_status_t psa_sign_hash_abort(psa_sign_hash_interruptible_operation_t *operation)
{
	return abort_operation(&operation->handle);
}

psa_status_t psa_verify_hash_start(psa_verify_hash_interruptible_operation_t *operation,
				   mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				   const uint8_t *hash, size_t hash_length,
				   const uint8_t *signature, size_t signature_length)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_VERIFY_HASH_START, key, alg);
	crypto_request_part(&req, hash, hash_length);
	crypto_request_part(&req, signature, signature_length);
	return start(&req, &operation->handle);
}

psa_status_t psa_verify_hash_complete(psa_verify_hash_interruptible_operation_t *operation)
{
	struct crypto_request req;
	psa_status_t status;

	if (!active(operation->handle))
		return end(&operation->handle, PSA_ERROR_BAD_STATE);
	crypto_request_operation(&req, CRYPTO_VERIFY_HASH_COMPLETE, operation->handle);
	crypto_request_u32(&req, psa_interruptible_get_max_ops());
	status = crypto_call(&req);
	return status == PSA_OPERATION_INCOMPLETE ? status : end(&operation->handle, status);
}

psa_status_t psa_verify_hash_abort(psa_verify_hash_interruptible_operation_t *operation)
{
	return abort_operation(&operation->handle);
}
