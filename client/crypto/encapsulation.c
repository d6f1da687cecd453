// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: key encapsulation. No state. */
#include <endian.h>
#include <string.h>

#include "call.h"

static void request(struct crypto_request *req, uint32_t opcode, mbedtls_svc_key_id_t key,
		    psa_algorithm_t alg, const psa_key_attributes_t *attributes)
{
	crypto_request_key(req, opcode, key, alg);
	crypto_request_attributes(req, attributes);
}

psa_status_t psa_encapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *output_key, uint8_t *ciphertext,
			     size_t ciphertext_size, size_t *ciphertext_length)
{
	uint8_t made[PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE];
	struct crypto_request req;
	psa_status_t status;
	uint32_t id;
	size_t len;

	*output_key = MBEDTLS_SVC_KEY_ID_INIT;
	*ciphertext_length = 0;
	if (ciphertext_size && !ciphertext)
		return PSA_ERROR_INVALID_ARGUMENT;
	request(&req, CRYPTO_ENCAPSULATE, key, alg, attributes);
	status = crypto_call_made(&req, &id, made, sizeof(made), &len);
	if (status != PSA_SUCCESS)
		return status;
	/* What was made for nothing. */
	if (len > ciphertext_size) {
		status = psa_destroy_key(id);
		return status == PSA_SUCCESS ? PSA_ERROR_BUFFER_TOO_SMALL : status;
	}
	crypto_made();
	memcpy(ciphertext, made, len);
	*ciphertext_length = len;
	*output_key = id;
	return PSA_SUCCESS;
}

psa_status_t psa_decapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     const uint8_t *ciphertext, size_t ciphertext_length,
			     const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *output_key)
{
	struct crypto_request req;
	psa_status_t status;
	uint32_t id;

	request(&req, CRYPTO_DECAPSULATE, key, alg, attributes);
	crypto_request_part(&req, ciphertext, ciphertext_length);
	status = crypto_call_u32(&req, &id);
	if (status == PSA_SUCCESS)
		crypto_made();
	*output_key = id;
	return status;
}
