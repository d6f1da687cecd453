// SPDX-License-Identifier: BSD-3-Clause
/*
 * Encryption and decryption: RSA, AES, ChaCha20-Poly1305. What a cipher makes comes as its input
 * comes; also of an AEAD, so that plaintext is there before its tag was found good: only
 * C_Decrypt() keeps it back.
 */
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "mechanism.h"

#define BLOCK 16u

static bool is_rsa(const struct operation *op)
{
	return PSA_KEY_TYPE_IS_RSA(op->key->type);
}

bool crypt_is_aead(const struct operation *op)
{
	return PSA_ALG_IS_AEAD(op->alg);
}

static bool has_blocks(const struct operation *op)
{
	return op->alg == PSA_ALG_ECB_NO_PADDING || op->alg == PSA_ALG_CBC_NO_PADDING ||
	       op->alg == PSA_ALG_CBC_PKCS7;
}

static CK_RV keep(struct bytes *to, const void *data, size_t len)
{
	if (len && !data)
		return CKR_MECHANISM_PARAM_INVALID;
	return bytes_add(to, data, len) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV oaep_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	CK_RSA_PKCS_OAEP_PARAMS params;
	psa_algorithm_t hash;
	CK_RV rv;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	rv = hash_with_mgf(params.hashAlg, params.mgf, &hash);
	if (rv != CKR_OK)
		return rv;
	if (params.source != CKZ_DATA_SPECIFIED && (params.source || params.ulSourceDataLen))
		return CKR_MECHANISM_PARAM_INVALID;
	op->alg = PSA_ALG_RSA_OAEP(hash);
	return keep(&op->ad, params.pSourceData, params.ulSourceDataLen);
}

/*
 * How many bytes the counter has numbers for, which must not come back to its first (Mechanisms
 * 3.0, 2.11.1). PSA counts with the whole block, which is the same as long as it doesn't.
 */
static uint64_t ctr_room(const CK_AES_CTR_PARAMS *ctr)
{
	unsigned __int128 counter = 0, blocks;

	for (size_t i = 0; i < sizeof(ctr->cb); i++)
		counter = counter << 8 | ctr->cb[i];
	if (ctr->ulCounterBits < 128)
		counter &= ((unsigned __int128)1 << ctr->ulCounterBits) - 1;
	blocks = (ctr->ulCounterBits < 128 ? (unsigned __int128)1 << ctr->ulCounterBits : 0) -
		 counter;
	/* 0 are all 2^128. */
	return !blocks || blocks > UINT64_MAX / BLOCK ? UINT64_MAX : (uint64_t)blocks * BLOCK;
}

static CK_RV cipher_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	CK_AES_CTR_PARAMS ctr;

	op->alg = op->mechanism->alg;
	if (op->alg == PSA_ALG_ECB_NO_PADDING)
		return mechanism->ulParameterLen ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
	if (op->alg == PSA_ALG_CTR) {
		if (mechanism->ulParameterLen != sizeof(ctr))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(&ctr, mechanism->pParameter, sizeof(ctr));
		if (!ctr.ulCounterBits || ctr.ulCounterBits > 128)
			return CKR_MECHANISM_PARAM_INVALID;
		op->room = ctr_room(&ctr);
		return keep(&op->iv, ctr.cb, sizeof(ctr.cb));
	}
	if (mechanism->ulParameterLen != BLOCK)
		return CKR_MECHANISM_PARAM_INVALID;
	return keep(&op->iv, mechanism->pParameter, BLOCK);
}

CK_RV crypt_aead_alg(struct operation *op, psa_algorithm_t alg, size_t nonce_len, size_t tag_len)
{
	const size_t shortest = alg == PSA_ALG_CHACHA20_POLY1305 ? 16 : 4;

	if (tag_len < shortest || tag_len > 16 || (alg == PSA_ALG_CCM && tag_len % 2))
		return CKR_MECHANISM_PARAM_INVALID;
	if (!nonce_len || (alg == PSA_ALG_CCM && (nonce_len < 7 || nonce_len > 13)) ||
	    (alg == PSA_ALG_CHACHA20_POLY1305 && nonce_len != 12))
		return CKR_MECHANISM_PARAM_INVALID;
	op->alg = PSA_ALG_AEAD_WITH_SHORTENED_TAG(alg, tag_len);
	op->tag_len = tag_len;
	return key_permits(op->key, op->alg) ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV aead_setup(struct operation *op, psa_algorithm_t alg, const void *nonce,
			CK_ULONG nonce_len, const void *ad, CK_ULONG ad_len, CK_ULONG tag_len)
{
	CK_RV rv = crypt_aead_alg(op, alg, nonce_len, tag_len);

	if (rv == CKR_OK)
		rv = keep(&op->iv, nonce, nonce_len);
	if (rv == CKR_OK)
		rv = keep(&op->ad, ad, ad_len);
	return rv;
}

static CK_RV gcm_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	CK_GCM_PARAMS params;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	if (params.ulTagBits % 8)
		return CKR_MECHANISM_PARAM_INVALID;
	return aead_setup(op, PSA_ALG_GCM, params.pIv, params.ulIvLen, params.pAAD, params.ulAADLen,
			  params.ulTagBits / 8);
}

static CK_RV ccm_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	struct cryptoki_ccm_params params;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	op->message_len = params.ulDataLen;
	return aead_setup(op, PSA_ALG_CCM, params.pNonce, params.ulNonceLen, params.pAAD,
			  params.ulAADLen, params.ulMACLen);
}

static CK_RV chacha_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	struct cryptoki_chacha_params params;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	return aead_setup(op, PSA_ALG_CHACHA20_POLY1305, params.pNonce, params.ulNonceLen,
			  params.pAAD, params.ulAADLen, 16);
}

static CK_RV setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	CK_RV rv = CKR_OK;

	switch (op->mechanism->scheme) {
	case SCHEME_RSA_PKCS:
		op->alg = PSA_ALG_RSA_PKCS1V15_CRYPT;
		if (mechanism->ulParameterLen)
			rv = CKR_MECHANISM_PARAM_INVALID;
		break;
	case SCHEME_RSA_OAEP:
		rv = oaep_setup(op, mechanism);
		break;
	case SCHEME_GCM:
		rv = gcm_setup(op, mechanism);
		break;
	case SCHEME_CCM:
		rv = ccm_setup(op, mechanism);
		break;
	case SCHEME_CHACHA20_POLY1305:
		rv = chacha_setup(op, mechanism);
		break;
	default:
		rv = cipher_setup(op, mechanism);
	}
	if (rv == CKR_OK && !key_permits(op->key, op->alg))
		rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
	return rv;
}

CK_RV C_EncryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_EncryptInit", handle, OPERATION_ENCRYPT, mechanism, key, setup);
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_DecryptInit", handle, OPERATION_DECRYPT, mechanism, key, setup);
}

static CK_RV rv_of(psa_status_t status, bool encrypt)
{
	switch (status) {
	case PSA_ERROR_INVALID_ARGUMENT:
		return encrypt ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	case PSA_ERROR_INVALID_SIGNATURE:
	case PSA_ERROR_INVALID_PADDING:
		return CKR_ENCRYPTED_DATA_INVALID;
	default:
		return rv_from_status(status);
	}
}

/* --- in one piece --- */

static psa_status_t cipher_start(struct operation *op, bool encrypt)
{
	psa_status_t status;

	status = encrypt ? psa_cipher_encrypt_setup(&op->cipher, op->key->id, op->alg) :
			   psa_cipher_decrypt_setup(&op->cipher, op->key->id, op->alg);
	op->started = status == PSA_SUCCESS;
	if (status == PSA_SUCCESS && op->iv.len)
		status = psa_cipher_set_iv(&op->cipher, op->iv.data, op->iv.len);
	return status;
}

/* With the caller's own IV: PSA's one-shot function would draw one. */
static psa_status_t cipher_whole(struct operation *op, bool encrypt, const uint8_t *data,
				 size_t len, uint8_t *out, size_t size, size_t *out_len)
{
	struct bytes joined = { 0 };
	psa_status_t status;
	size_t last = 0;

	if (!encrypt || !op->iv.len) {
		if (!bytes_add(&joined, op->iv.data, op->iv.len) || !bytes_add(&joined, data, len))
			status = PSA_ERROR_INSUFFICIENT_MEMORY;
		else
			status = encrypt ? psa_cipher_encrypt(op->key->id, op->alg, joined.data,
							      joined.len, out, size, out_len) :
					   psa_cipher_decrypt(op->key->id, op->alg, joined.data,
							      joined.len, out, size, out_len);
		bytes_free(&joined);
		return status;
	}
	status = cipher_start(op, encrypt);
	if (status == PSA_SUCCESS)
		status = psa_cipher_update(&op->cipher, data, len, out, size, out_len);
	if (status == PSA_SUCCESS)
		status = psa_cipher_finish(&op->cipher, out + *out_len, size - *out_len, &last);
	*out_len += last;
	return status;
}

/* The length of what becomes of @len bytes, at most. */
static size_t whole_len(const struct operation *op, bool encrypt, size_t len)
{
	if (is_rsa(op))
		return PSA_BITS_TO_BYTES(op->key->bits);
	if (crypt_is_aead(op))
		return encrypt ? len + op->tag_len : len < op->tag_len ? 0 : len - op->tag_len;
	if (op->alg == PSA_ALG_CBC_PKCS7 && encrypt)
		return len / BLOCK * BLOCK + BLOCK;
	return len;
}

static psa_status_t whole_call(struct operation *op, bool encrypt, const uint8_t *data, size_t len,
			       uint8_t *out, size_t size, size_t *out_len)
{
	if (is_rsa(op))
		return encrypt ?
			       psa_asymmetric_encrypt(op->key->id, op->alg, data, len, op->ad.data,
						      op->ad.len, out, size, out_len) :
			       psa_asymmetric_decrypt(op->key->id, op->alg, data, len, op->ad.data,
						      op->ad.len, out, size, out_len);
	if (crypt_is_aead(op))
		return encrypt ? psa_aead_encrypt(op->key->id, op->alg, op->iv.data, op->iv.len,
						  op->ad.data, op->ad.len, data, len, out, size,
						  out_len) :
				 psa_aead_decrypt(op->key->id, op->alg, op->iv.data, op->iv.len,
						  op->ad.data, op->ad.len, data, len, out, size,
						  out_len);
	return cipher_whole(op, encrypt, data, len, out, size, out_len);
}

/*
 * All of it to op->data, where it stays if the caller has no room for it: a decryption can't tell
 * its length before.
 */
static CK_RV whole(struct operation *op, bool encrypt, const uint8_t *data, size_t len)
{
	const size_t size = whole_len(op, encrypt, len);
	uint8_t *buf = malloc(size + 1);
	psa_status_t status;
	size_t out_len = 0;
	CK_RV rv;

	if (!buf)
		return CKR_HOST_MEMORY;
	status = whole_call(op, encrypt, data, len, buf, size, &out_len);
	rv = rv_of(status, encrypt);
	op->data.len = 0;
	if (rv == CKR_OK && !bytes_add(&op->data, buf, out_len))
		rv = CKR_HOST_MEMORY;
	op->done = rv == CKR_OK;
	explicit_bzero(buf, size);
	free(buf);
	return rv;
}

/*
 * All of it to the caller, who has room for the most that may come. Plaintext that is none of his
 * doesn't stay there.
 */
static CK_RV whole_direct(struct operation *op, bool encrypt, const uint8_t *data, size_t len,
			  uint8_t *out, CK_ULONG *out_len)
{
	const size_t size = whole_len(op, encrypt, len);
	size_t got = 0;
	CK_RV rv = rv_of(whole_call(op, encrypt, data, len, out, size, &got), encrypt);

	if (rv != CKR_OK && !encrypt)
		explicit_bzero(out, size);
	*out_len = rv == CKR_OK ? got : *out_len;
	return rv;
}

/* Hands op->data over; true: the operation is at its end. */
static bool deliver(struct operation *op, uint8_t *out, CK_ULONG *out_len, CK_RV *rv)
{
	if (!output_fits(out, out_len, op->data.len, rv))
		return false;
	if (op->data.len)
		memcpy(out, op->data.data, op->data.len);
	*out_len = op->data.len;
	return true;
}

static CK_RV length_bad(bool encrypt)
{
	return encrypt ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
}

static bool counter_ends(const struct operation *op, size_t len)
{
	return op->alg == PSA_ALG_CTR && len > op->room;
}

static CK_RV check_whole(const struct operation *op, bool encrypt, size_t len)
{
	const CK_RV bad = length_bad(encrypt);

	if (counter_ends(op, len))
		return bad;
	if (has_blocks(op) && len % BLOCK && !(encrypt && op->alg == PSA_ALG_CBC_PKCS7))
		return bad;
	if (op->alg == PSA_ALG_CBC_PKCS7 && !encrypt && !len)
		return bad;
	if (is_rsa(op) && !encrypt && len != PSA_BITS_TO_BYTES(op->key->bits))
		return bad;
	if (crypt_is_aead(op) && !encrypt && len < op->tag_len)
		return bad;
	return CKR_OK;
}

static CK_RV crypt_whole(const char *name, CK_SESSION_HANDLE handle, bool encrypt,
			 const uint8_t *data, CK_ULONG len, uint8_t *out, CK_ULONG *out_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_ENCRYPT : OPERATION_DECRYPT, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!out_len || (len && !data))
		rv = CKR_ARGUMENTS_BAD;
	else if (op->multi)
		rv = CKR_OPERATION_ACTIVE;
	else
		rv = check_whole(op, encrypt, len);
	if (rv == CKR_OK && !op->done && !out) {
		*out_len = whole_len(op, encrypt, len);
		return operation_goes_on(&call, op, true, CKR_OK);
	}
	/* An encryption's length is known: nothing is done in vain. */
	if (rv == CKR_OK && !op->done && encrypt &&
	    !output_fits(out, out_len, whole_len(op, encrypt, len), &rv))
		return operation_goes_on(&call, op, true, rv);
	if (rv == CKR_OK && !op->done && *out_len >= whole_len(op, encrypt, len)) {
		rv = whole_direct(op, encrypt, data, len, out, out_len);
	} else {
		if (rv == CKR_OK && !op->done)
			rv = whole(op, encrypt, data, len);
		if (rv == CKR_OK && !deliver(op, out, out_len, &rv))
			return operation_goes_on(&call, op, true, rv);
	}
	operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_Encrypt(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
		CK_ULONG *out_len)
{
	return crypt_whole("C_Encrypt", handle, true, data, len, out, out_len);
}

CK_RV C_Decrypt(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
		CK_ULONG *out_len)
{
	return crypt_whole("C_Decrypt", handle, false, data, len, out, out_len);
}

/* --- in parts --- */

psa_status_t crypt_aead_start(struct operation *op, bool encrypt)
{
	psa_status_t status;

	status = encrypt ? psa_aead_encrypt_setup(&op->aead, op->key->id, op->alg) :
			   psa_aead_decrypt_setup(&op->aead, op->key->id, op->alg);
	op->started = status == PSA_SUCCESS;
	if (status == PSA_SUCCESS && op->mechanism->scheme == SCHEME_CCM)
		status = psa_aead_set_lengths(&op->aead, op->ad.len, op->message_len);
	if (status == PSA_SUCCESS)
		status = psa_aead_set_nonce(&op->aead, op->iv.data, op->iv.len);
	if (status == PSA_SUCCESS && op->ad.len)
		status = psa_aead_update_ad(&op->aead, op->ad.data, op->ad.len);
	return status;
}

static psa_status_t start(struct operation *op, bool encrypt)
{
	if (op->started)
		return PSA_SUCCESS;
	return crypt_is_aead(op) ? crypt_aead_start(op, encrypt) : cipher_start(op, encrypt);
}

/* How much comes out when @len bytes more go in. */
static size_t update_len(const struct operation *op, bool encrypt, size_t len)
{
	const size_t all = op->held_len + len;

	if (crypt_is_aead(op))
		return encrypt ? len : all < op->tag_len ? 0 : all - op->tag_len;
	if (!has_blocks(op))
		return len;
	if (op->alg == PSA_ALG_CBC_PKCS7 && !encrypt)
		return all ? (all - 1) / BLOCK * BLOCK : 0;
	return all / BLOCK * BLOCK;
}

/* An AEAD's tag comes at the end, and so what may be of it is held back. */
static CK_RV aead_decrypt_part(struct operation *op, const uint8_t *data, size_t len, uint8_t *out,
			       size_t size, size_t *out_len)
{
	const size_t out_now = update_len(op, false, len);
	const size_t of_held = out_now < op->held_len ? out_now : op->held_len;
	const size_t of_data = out_now - of_held;
	psa_status_t status = PSA_SUCCESS;
	size_t got = 0;

	*out_len = 0;
	if (of_held)
		status = psa_aead_update(&op->aead, op->held, of_held, out, size, out_len);
	if (status == PSA_SUCCESS && of_data)
		status = psa_aead_update(&op->aead, data, of_data, out + *out_len, size - *out_len,
					 &got);
	*out_len += got;
	memmove(op->held, op->held + of_held, op->held_len - of_held);
	op->held_len -= of_held;
	if (len - of_data)
		memcpy(op->held + op->held_len, data + of_data, len - of_data);
	op->held_len += len - of_data;
	return rv_of(status, false);
}

static CK_RV update_part(struct operation *op, bool encrypt, const uint8_t *data, size_t len,
			 uint8_t *out, CK_ULONG *out_len)
{
	psa_status_t status = start(op, encrypt);
	size_t got = 0;
	CK_RV rv;

	if (status != PSA_SUCCESS)
		return rv_of(status, encrypt);
	if (crypt_is_aead(op) && !encrypt) {
		rv = aead_decrypt_part(op, data, len, out, *out_len, &got);
	} else {
		status = crypt_is_aead(op) ?
				 psa_aead_update(&op->aead, data, len, out, *out_len, &got) :
				 psa_cipher_update(&op->cipher, data, len, out, *out_len, &got);
		op->held_len += len - got;
		rv = rv_of(status, encrypt);
	}
	*out_len = got;
	return rv;
}

static CK_RV crypt_update(const char *name, CK_SESSION_HANDLE handle, bool encrypt,
			  const uint8_t *data, CK_ULONG len, uint8_t *out, CK_ULONG *out_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_ENCRYPT : OPERATION_DECRYPT, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!out_len || (len && !data)) {
		rv = CKR_ARGUMENTS_BAD;
	} else if (op->done || op->asked) {
		rv = CKR_OPERATION_ACTIVE;
	} else if (counter_ends(op, len)) {
		rv = length_bad(encrypt);
	} else if (is_rsa(op)) {
		/* All at the end. */
		op->multi = true;
		if (op->data.len + len > PSA_BITS_TO_BYTES(op->key->bits))
			rv = length_bad(encrypt);
		else if (!bytes_add(&op->data, data, len))
			rv = CKR_HOST_MEMORY;
		*out_len = 0;
	} else {
		if (!output_fits(out, out_len, update_len(op, encrypt, len), &rv))
			return call_end(&call, rv);
		op->multi = true;
		op->room -= op->alg == PSA_ALG_CTR ? len : 0;
		rv = update_part(op, encrypt, data, len, out, out_len);
	}
	if (rv != CKR_OK)
		operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
		      CK_ULONG *out_len)
{
	return crypt_update("C_EncryptUpdate", handle, true, data, len, out, out_len);
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
		      CK_ULONG *out_len)
{
	return crypt_update("C_DecryptUpdate", handle, false, data, len, out, out_len);
}

/* Whether what came so far may be all: also who asks for the result's length is told. */
static CK_RV check_end(const struct operation *op, bool encrypt)
{
	if (has_blocks(op) && op->held_len % BLOCK && !(encrypt && op->alg == PSA_ALG_CBC_PKCS7))
		return length_bad(encrypt);
	if (crypt_is_aead(op) && !encrypt && op->held_len != op->tag_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	return CKR_OK;
}

/* The last of it to op->data. */
static CK_RV finish(struct operation *op, bool encrypt)
{
	uint8_t out[2 * BLOCK], tag[BLOCK];
	psa_status_t status;
	size_t len = 0, tag_len = 0;
	struct bytes all;
	CK_RV rv;

	if (is_rsa(op)) {
		all = op->data;
		op->data = (struct bytes){ 0 };
		rv = check_whole(op, encrypt, all.len);
		if (rv == CKR_OK)
			rv = whole(op, encrypt, all.data, all.len);
		bytes_free(&all);
		return rv;
	}
	status = start(op, encrypt);
	if (status == PSA_SUCCESS && !crypt_is_aead(op))
		status = psa_cipher_finish(&op->cipher, out, sizeof(out), &len);
	else if (status == PSA_SUCCESS && encrypt)
		status = psa_aead_finish(&op->aead, out, sizeof(out), &len, tag, sizeof(tag),
					 &tag_len);
	else if (status == PSA_SUCCESS)
		status = psa_aead_verify(&op->aead, out, sizeof(out), &len, op->held, op->held_len);
	rv = rv_of(status, encrypt);
	if (rv == CKR_OK &&
	    (!bytes_add(&op->data, out, len) || !bytes_add(&op->data, tag, tag_len)))
		rv = CKR_HOST_MEMORY;
	op->done = rv == CKR_OK;
	explicit_bzero(out, sizeof(out));
	return rv;
}

/* At most; 0 only if nothing comes. */
static size_t finish_len(const struct operation *op, bool encrypt)
{
	if (is_rsa(op))
		return PSA_BITS_TO_BYTES(op->key->bits);
	if (crypt_is_aead(op))
		return encrypt ? op->tag_len : 0;
	return op->alg == PSA_ALG_CBC_PKCS7 ? BLOCK : 0;
}

static CK_RV crypt_final(const char *name, CK_SESSION_HANDLE handle, bool encrypt, uint8_t *out,
			 CK_ULONG *out_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_ENCRYPT : OPERATION_DECRYPT, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!out_len)
		rv = CKR_ARGUMENTS_BAD;
	else if (op->asked)
		rv = CKR_OPERATION_ACTIVE;
	else if (!op->done)
		rv = check_end(op, encrypt);
	if (rv == CKR_OK && !op->done && !out) {
		*out_len = finish_len(op, encrypt);
		return call_end(&call, CKR_OK);
	}
	if (rv == CKR_OK && !op->done && encrypt &&
	    !output_fits(out, out_len, finish_len(op, encrypt), &rv))
		return call_end(&call, rv);
	if (rv == CKR_OK && !op->done)
		rv = finish(op, encrypt);
	if (rv == CKR_OK && !deliver(op, out, out_len, &rv))
		return call_end(&call, rv);
	operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE handle, CK_BYTE *out, CK_ULONG *out_len)
{
	return crypt_final("C_EncryptFinal", handle, true, out, out_len);
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE handle, CK_BYTE *out, CK_ULONG *out_len)
{
	return crypt_final("C_DecryptFinal", handle, false, out, out_len);
}
