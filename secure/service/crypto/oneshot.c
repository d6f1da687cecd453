// SPDX-License-Identifier: BSD-3-Clause
/*
 * One-shot functions of the PSA Crypto API in one call each: TSTEE's own opcodes, whose data
 * are bulk parts. What comes out is made in the response itself.
 */
#include "internal.h"
#include <string.h>

/* What is before the data of a hash: the algorithm, and the length of the part. */
#define HASH_HEAD_LEN (sizeof(uint32_t) + BULK_HEADER_LEN)

/* What a cipher makes of data is at most this much longer. */
#define CIPHER_MORE (PSA_CIPHER_IV_MAX_SIZE + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE)

size_t crypto_copied(uint16_t opcode)
{
	/*
	 * Data that is hashed is looked at from its beginning to its end, and nothing depends on it but the hash. Who
	 * changes it meanwhile gets a hash of this or that.
	 */
	return opcode == CRYPTO_HASH_COMPUTE ? HASH_HEAD_LEN : SIZE_MAX;
}

CRYPTO_HANDLER(crypto_hash_compute)
{
	struct crypto_output out;
	const uint8_t *data;
	uint32_t alg;
	size_t len;

	(void)ctx;
	(void)caller;
	if (!reader_u32(req, &alg) || !bulk_read_left(req, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, PSA_HASH_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = psa_hash_compute(alg, data, len, out.data, out.room, &out.len);
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_hash_compare)
{
	const uint8_t *data, *hash;
	size_t len, hash_len;
	uint32_t alg;

	(void)ctx;
	(void)caller;
	(void)resp;
	if (!reader_u32(req, &alg) || !bulk_read(req, &data, &len) ||
	    !bulk_read_last(req, &hash, &hash_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = psa_hash_compare(alg, data, len, hash, hash_len);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status compute(struct crypto *crypto, const struct rpc_caller *caller,
				  struct reader *req, struct writer *resp, int32_t *status,
				  crypto_key_function function)
{
	struct crypto_output out;
	const uint8_t *data;
	uint32_t id, alg;
	size_t len, max;

	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read_last(req, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	max = function == psa_mac_compute ? PSA_MAC_MAX_SIZE : len + CIPHER_MORE;
	if (!crypto_bulk_begin(resp, max, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = function(crypto_key_use(crypto, caller, id, alg), alg, data, len, out.data,
			   out.room, &out.len);
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_mac_compute)
{
	return compute(ctx, caller, req, resp, status, psa_mac_compute);
}

CRYPTO_HANDLER(crypto_cipher_encrypt)
{
	return compute(ctx, caller, req, resp, status, psa_cipher_encrypt);
}

CRYPTO_HANDLER(crypto_cipher_decrypt)
{
	return compute(ctx, caller, req, resp, status, psa_cipher_decrypt);
}

CRYPTO_HANDLER(crypto_mac_verify)
{
	const uint8_t *data, *mac;
	size_t len, mac_len;
	uint32_t id, alg;

	(void)resp;
	if (!reader_u32(req, &id) || !reader_u32(req, &alg) || !bulk_read(req, &data, &len) ||
	    !bulk_read_last(req, &mac, &mac_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status =
		psa_mac_verify(crypto_key_use(ctx, caller, id, alg), alg, data, len, mac, mac_len);
	return TS_RPC_SUCCESS;
}

static bool aead_read(struct crypto *crypto, const struct rpc_caller *caller, struct reader *req,
		      struct crypto_aead *aead)
{
	uint32_t id;

	if (!reader_u32(req, &id) || !reader_u32(req, &aead->alg) ||
	    !bulk_read(req, &aead->nonce, &aead->nonce_len) ||
	    !bulk_read(req, &aead->ad, &aead->ad_len) ||
	    !bulk_read_last(req, &aead->input, &aead->input_len))
		return false;
	aead->key = crypto_key_use(crypto, caller, id, aead->alg);
	return true;
}

static psa_status_t aead_encrypt(const struct crypto_aead *aead, struct crypto_output *out)
{
	if (crypto_ccm_is_needed(aead->alg, aead->ad_len))
		return crypto_ccm(aead, true, out);
	return psa_aead_encrypt(aead->key, aead->alg, aead->nonce, aead->nonce_len, aead->ad,
				aead->ad_len, aead->input, aead->input_len, out->data, out->room,
				&out->len);
}

static psa_status_t aead_decrypt(const struct crypto_aead *aead, struct crypto_output *out)
{
	if (crypto_ccm_is_needed(aead->alg, aead->ad_len))
		return crypto_ccm(aead, false, out);
	return psa_aead_decrypt(aead->key, aead->alg, aead->nonce, aead->nonce_len, aead->ad,
				aead->ad_len, aead->input, aead->input_len, out->data, out->room,
				&out->len);
}

/* The tag, which Mbed TLS puts at the ciphertext's end, becomes a part of its own. */
CRYPTO_HANDLER(crypto_aead_encrypt)
{
	uint8_t tag[PSA_AEAD_TAG_MAX_SIZE];
	struct crypto_output out;
	struct crypto_aead aead;
	enum ts_rpc_status rpc;
	size_t tag_len = 0;

	if (!aead_read(ctx, caller, req, &aead))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, aead.input_len + sizeof(tag), &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = aead_encrypt(&aead, &out);
	if (*status == PSA_SUCCESS) {
		tag_len = out.len - aead.input_len;
		out.len = aead.input_len;
		memcpy(tag, out.data + out.len, tag_len);
	}
	rpc = crypto_bulk_end(resp, &out, *status);
	if (rpc == TS_RPC_SUCCESS && *status == PSA_SUCCESS && !bulk_write(resp, tag, tag_len))
		rpc = TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return rpc;
}

CRYPTO_HANDLER(crypto_aead_decrypt)
{
	struct crypto_output out;
	struct crypto_aead aead;

	if (!aead_read(ctx, caller, req, &aead))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, aead.input_len, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = aead_decrypt(&aead, &out);
	return crypto_bulk_end(resp, &out, *status);
}
