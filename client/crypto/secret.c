// SPDX-License-Identifier: BSD-3-Clause
/* Keys made of secrets that stay in the partition (tstee_crypto.h). No state. */
#include <tstee_crypto.h>

#include "call.h"

static psa_status_t made(struct crypto_request *req, uint32_t *key)
{
	psa_status_t status = crypto_call_u32(req, key);

	if (status == PSA_SUCCESS)
		crypto_made();
	return status;
}

psa_status_t tstee_key_agreement(uint32_t algorithm, uint32_t key, const uint8_t *peer,
				 size_t peer_len, const void *attributes, uint32_t *made_key)
{
	struct crypto_request req;

	*made_key = 0;
	crypto_request_key(&req, CRYPTO_KEY_AGREEMENT, key, algorithm);
	crypto_request_attributes(&req, attributes);
	crypto_request_part(&req, peer, peer_len);
	return made(&req, made_key);
}

psa_status_t tstee_key_wrap(uint32_t algorithm, uint32_t key, const uint8_t *iv, size_t iv_len,
			    uint32_t wrapped, uint8_t *out, size_t size, size_t *len)
{
	struct crypto_request req;

	crypto_request_key(&req, CRYPTO_KEY_WRAP, key, algorithm);
	crypto_request_u32(&req, wrapped);
	crypto_request_part(&req, iv, iv_len);
	return crypto_call_part(&req, out, size, CRYPTO_MESSAGE_MAX, len);
}

psa_status_t tstee_key_unwrap(uint32_t algorithm, uint32_t key, const uint8_t *iv, size_t iv_len,
			      const uint8_t *data, size_t data_len, const void *attributes,
			      uint32_t *made_key)
{
	struct crypto_request req;

	*made_key = 0;
	crypto_request_key(&req, CRYPTO_KEY_UNWRAP, key, algorithm);
	crypto_request_attributes(&req, attributes);
	crypto_request_part(&req, iv, iv_len);
	crypto_request_part(&req, data, data_len);
	return made(&req, made_key);
}
