// SPDX-License-Identifier: BSD-3-Clause
/*
 * CCM (NIST SP 800-38C) with AES and additional data of 65,280 bytes and more, whose length is
 * encoded in another way; Mbed TLS has it for less only (Mbed-TLS/mbedtls#3719, documented). In one
 * call: multi-part operations stay as they are. State: none.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <mbedtls/aes.h>
#include <mbedtls/constant_time.h>
#include <secure/wipe.h>
#include <string.h>

#define BLOCK_LEN 16u
#define LONG_AD	  0xff00u

struct ccm {
	mbedtls_aes_context aes;
	const struct crypto_aead *in;
	size_t tag_len, data_len; /* of the plaintext */
	uint8_t mac[BLOCK_LEN];
	uint8_t counter[BLOCK_LEN];
	uint8_t mask[BLOCK_LEN]; /* of the tag: the first block of the key stream */
};

bool crypto_ccm_is_needed(psa_algorithm_t alg, size_t ad_len)
{
	return PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg) == PSA_ALG_CCM && ad_len >= LONG_AD;
}

static int block(struct ccm *ccm, const uint8_t *in, uint8_t *out)
{
	return mbedtls_aes_crypt_ecb(&ccm->aes, MBEDTLS_AES_ENCRYPT, in, out);
}

/* Goes on with the MAC; @at is the place in the current block, which the last call may leave. */
static int mac_update(struct ccm *ccm, size_t *at, const uint8_t *data, size_t len)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		ccm->mac[(*at)++] ^= data[i];
		if (*at == BLOCK_LEN) {
			err = block(ccm, ccm->mac, ccm->mac);
			*at = 0;
		}
	}
	return err;
}

static int mac_pad(struct ccm *ccm, size_t *at)
{
	const bool open = *at != 0;

	*at = 0;
	return open ? block(ccm, ccm->mac, ccm->mac) : 0;
}

/* The MAC of the @data, ccm->data_len bytes of plaintext, and all that comes before (A.2). */
static int mac_make(struct ccm *ccm, const uint8_t *data)
{
	const size_t q = BLOCK_LEN - 1 - ccm->in->nonce_len;
	const uint8_t ad_header[] = { 0xff,
				      0xfe,
				      (uint8_t)(ccm->in->ad_len >> 24),
				      (uint8_t)(ccm->in->ad_len >> 16),
				      (uint8_t)(ccm->in->ad_len >> 8),
				      (uint8_t)ccm->in->ad_len };
	uint64_t len = ccm->data_len;
	size_t at = 0;
	int err;

	ccm->mac[0] = (uint8_t)(0x40 | (ccm->tag_len - 2) / 2 << 3 | (q - 1));
	memcpy(ccm->mac + 1, ccm->in->nonce, ccm->in->nonce_len);
	for (size_t i = 0; i < q; i++, len >>= 8)
		ccm->mac[BLOCK_LEN - 1 - i] = (uint8_t)len;
	err = block(ccm, ccm->mac, ccm->mac);
	if (!err)
		err = mac_update(ccm, &at, ad_header, sizeof(ad_header));
	if (!err)
		err = mac_update(ccm, &at, ccm->in->ad, ccm->in->ad_len);
	if (!err)
		err = mac_pad(ccm, &at);
	if (!err)
		err = mac_update(ccm, &at, data, ccm->data_len);
	if (!err)
		err = mac_pad(ccm, &at);
	for (size_t i = 0; i < BLOCK_LEN; i++)
		ccm->mac[i] ^= ccm->mask[i];
	return err;
}

/* Encrypts or decrypts, which is the same (A.3). */
static int stream(struct ccm *ccm, uint8_t *out)
{
	uint8_t key_stream[BLOCK_LEN];
	size_t offset = 0;
	int err;

	ccm->counter[0] = (uint8_t)(BLOCK_LEN - 2 - ccm->in->nonce_len);
	memcpy(ccm->counter + 1, ccm->in->nonce, ccm->in->nonce_len);
	err = block(ccm, ccm->counter, ccm->mask);
	ccm->counter[BLOCK_LEN - 1] = 1;
	if (!err)
		err = mbedtls_aes_crypt_ctr(&ccm->aes, ccm->data_len, &offset, ccm->counter,
					    key_stream, ccm->in->input, out);
	secure_wipe(key_stream, sizeof(key_stream));
	return err;
}

static psa_status_t crypt(struct ccm *ccm, const psa_key_slot_t *slot, bool encrypt, uint8_t *out)
{
	int err = mbedtls_aes_setkey_enc(&ccm->aes, slot->key.data,
					 (unsigned int)psa_get_key_bits(&slot->attr));

	if (!err)
		err = stream(ccm, out);
	if (!err)
		err = mac_make(ccm, encrypt ? ccm->in->input : out);
	if (err)
		return PSA_ERROR_CORRUPTION_DETECTED;
	if (encrypt)
		memcpy(out + ccm->data_len, ccm->mac, ccm->tag_len);
	else if (mbedtls_ct_memcmp(ccm->in->input + ccm->data_len, ccm->mac, ccm->tag_len))
		return PSA_ERROR_INVALID_SIGNATURE;
	return PSA_SUCCESS;
}

/* Would Mbed TLS do it, were there less additional data? */
static psa_status_t check(const struct crypto_aead *in, bool encrypt, psa_key_type_t *type)
{
	psa_aead_operation_t op = PSA_AEAD_OPERATION_INIT;
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status;

	status = encrypt ? psa_aead_encrypt_setup(&op, in->key, in->alg) :
			   psa_aead_decrypt_setup(&op, in->key, in->alg);
	if (status == PSA_SUCCESS)
		status = psa_aead_set_lengths(&op, 0, in->input_len);
	if (status == PSA_SUCCESS)
		status = psa_aead_set_nonce(&op, in->nonce, in->nonce_len);
	(void)psa_aead_abort(&op);
	if (status == PSA_SUCCESS)
		status = psa_get_key_attributes(in->key, &attributes);
	*type = psa_get_key_type(&attributes);
	psa_reset_key_attributes(&attributes);
	return status;
}

psa_status_t crypto_ccm(const struct crypto_aead *in, bool encrypt, struct crypto_output *out)
{
	struct ccm ccm = { .in = in, .tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(in->alg) };
	psa_status_t status, unlocked;
	psa_key_slot_t *slot;
	psa_key_type_t type;

	status = check(in, encrypt, &type);
	if (status != PSA_SUCCESS)
		return status;
	if (type != PSA_KEY_TYPE_AES)
		return PSA_ERROR_NOT_SUPPORTED;
	if (!encrypt && in->input_len < ccm.tag_len)
		return PSA_ERROR_INVALID_ARGUMENT;
	ccm.data_len = encrypt ? in->input_len : in->input_len - ccm.tag_len;
	if (out->room < ccm.data_len + (encrypt ? ccm.tag_len : 0))
		return PSA_ERROR_BUFFER_TOO_SMALL;
	status = psa_get_and_lock_key_slot(in->key, &slot);
	if (status != PSA_SUCCESS)
		return status;
	mbedtls_aes_init(&ccm.aes);
	status = crypt(&ccm, slot, encrypt, out->data);
	if (status == PSA_SUCCESS)
		out->len = ccm.data_len + (encrypt ? ccm.tag_len : 0);
	mbedtls_aes_free(&ccm.aes);
	secure_wipe(&ccm, sizeof(ccm));
	unlocked = psa_unregister_read_under_mutex(slot);
	return status == PSA_SUCCESS ? unlocked : status;
}
