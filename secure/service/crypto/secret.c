// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys made of secrets that their client doesn't get to know: of a key agreement, and of what was
 * encrypted by another key; and the way back of the latter. State: none.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/key_policy.h>

/* What RSA decrypts at most, and more than is agreed on; all on the stack, which is short. */
#define SECRET_MAX 512u

struct secret {
	struct crypto *crypto;
	const struct rpc_caller *caller;
	uint32_t id;
	psa_algorithm_t alg;
	const uint8_t *iv, *input;
	size_t iv_len, input_len;
	bool unwrap;
};

/* The key is the end of what there is, if it is to be shorter (PKCS#11, ECDH and CKD_NULL). */
static psa_status_t import_end(const psa_key_attributes_t *attributes, const uint8_t *bytes,
			       size_t len, mbedtls_svc_key_id_t *key)
{
	const size_t wanted = PSA_BITS_TO_BYTES(psa_get_key_bits(attributes));

	if (PSA_KEY_TYPE_IS_ASYMMETRIC(psa_get_key_type(attributes)) || wanted > len)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (wanted) {
		bytes += len - wanted;
		len = wanted;
	}
	return psa_import_key(attributes, bytes, len, key);
}

/* @rest of what was encrypted, whose @iv comes first where there is one. */
static psa_status_t decrypt(const struct secret *s, mbedtls_svc_key_id_t key,
			    uint8_t out[SECRET_MAX], size_t *len)
{
	uint8_t joined[PSA_CIPHER_IV_MAX_SIZE + SECRET_MAX];

	if (PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(s->alg))
		return psa_asymmetric_decrypt(key, s->alg, s->input, s->input_len, s->iv, s->iv_len,
					      out, SECRET_MAX, len);
	if (s->iv_len > PSA_CIPHER_IV_MAX_SIZE || s->input_len > SECRET_MAX)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (s->iv_len)
		memcpy(joined, s->iv, s->iv_len);
	memcpy(joined + s->iv_len, s->input, s->input_len);
	return psa_cipher_decrypt(key, s->alg, joined, s->iv_len + s->input_len, out, SECRET_MAX,
				  len);
}

/* The other key is named here, since making one names keys, too. */
static psa_status_t make(void *ctx, const psa_key_attributes_t *attributes,
			 mbedtls_svc_key_id_t *key)
{
	const struct secret *s = ctx;
	const mbedtls_svc_key_id_t base = crypto_key_use(s->crypto, s->caller, s->id, s->alg);
	uint8_t secret[SECRET_MAX];
	psa_status_t status;
	size_t len = 0;

	if (s->unwrap) {
		crypto_key_return(s->crypto);
		status = crypto_key_lend(s->crypto, base, s->alg, TSTEE_KEY_UNWRAP,
					 PSA_KEY_USAGE_DECRYPT);
		if (status == PSA_SUCCESS)
			status = decrypt(s, base, secret, &len);
	} else {
		status = psa_raw_key_agreement(s->alg, base, s->input, s->input_len, secret,
					       sizeof(secret), &len);
	}
	if (status == PSA_SUCCESS)
		status = import_end(attributes, secret, len, key);
	secure_wipe(secret, sizeof(secret));
	return status;
}

static enum ts_rpc_status handle_make(struct crypto *crypto, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status,
				      bool unwrap)
{
	struct secret s = { .crypto = crypto, .caller = caller, .unwrap = unwrap };
	struct crypto_attributes a;

	if (!reader_u32(req, &s.id) || !reader_u32(req, &s.alg) ||
	    !crypto_attributes_read(req, &a) || (unwrap && !bulk_read(req, &s.iv, &s.iv_len)) ||
	    !bulk_read_last(req, &s.input, &s.input_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return crypto_key_make(crypto, caller, &a, make, &s, resp, status);
}

CRYPTO_HANDLER(crypto_key_agreement)
{
	return handle_make(ctx, caller, req, resp, status, false);
}

CRYPTO_HANDLER(crypto_key_unwrap)
{
	return handle_make(ctx, caller, req, resp, status, true);
}

/* The bytes of the caller's key @id, if it may be given away encrypted. */
static psa_status_t take_key(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id,
			     uint8_t out[SECRET_MAX], size_t *len)
{
	psa_status_t status, unlocked;
	psa_key_slot_t *slot;
	psa_algorithm_t policy;

	status = psa_get_and_lock_key_slot(crypto_key_name(crypto, caller, id), &slot);
	if (status != PSA_SUCCESS)
		return status;
	policy = psa_get_key_algorithm(&slot->attr);
	if (!(psa_get_key_usage_flags(&slot->attr) & PSA_KEY_USAGE_EXPORT) &&
	    !(tstee_key_is_set(policy) && policy & TSTEE_KEY_WRAPPABLE)) {
		status = PSA_ERROR_NOT_PERMITTED;
	} else if (PSA_KEY_TYPE_IS_ASYMMETRIC(psa_get_key_type(&slot->attr)) ||
		   slot->key.bytes > SECRET_MAX) {
		status = PSA_ERROR_NOT_SUPPORTED;
	} else {
		memcpy(out, slot->key.data, slot->key.bytes);
		*len = slot->key.bytes;
	}
	unlocked = psa_unregister_read_under_mutex(slot);
	return status == PSA_SUCCESS ? unlocked : status;
}

static psa_status_t encrypt(const struct secret *s, mbedtls_svc_key_id_t key,
			    struct crypto_output *out)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	psa_status_t status;
	size_t last = 0;

	if (PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(s->alg))
		return psa_asymmetric_encrypt(key, s->alg, s->input, s->input_len, s->iv, s->iv_len,
					      out->data, out->room, &out->len);
	status = psa_cipher_encrypt_setup(&operation, key, s->alg);
	if (status == PSA_SUCCESS && s->iv_len)
		status = psa_cipher_set_iv(&operation, s->iv, s->iv_len);
	if (status == PSA_SUCCESS)
		status = psa_cipher_update(&operation, s->input, s->input_len, out->data, out->room,
					   &out->len);
	if (status == PSA_SUCCESS)
		status = psa_cipher_finish(&operation, out->data + out->len, out->room - out->len,
					   &last);
	out->len += last;
	(void)psa_cipher_abort(&operation);
	return status;
}

CRYPTO_HANDLER(crypto_key_wrap)
{
	uint8_t secret[SECRET_MAX];
	struct secret s = { .crypto = ctx, .caller = caller, .input = secret };
	struct crypto_output out;
	mbedtls_svc_key_id_t key;
	uint32_t wrapped;

	if (!reader_u32(req, &s.id) || !reader_u32(req, &s.alg) || !reader_u32(req, &wrapped) ||
	    !bulk_read_last(req, &s.iv, &s.iv_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, SECRET_MAX + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = take_key(ctx, caller, wrapped, secret, &s.input_len);
	if (*status == PSA_SUCCESS) {
		key = crypto_key_name(ctx, caller, s.id);
		*status = crypto_key_lend(ctx, key, s.alg, TSTEE_KEY_WRAP, PSA_KEY_USAGE_ENCRYPT);
		if (*status == PSA_SUCCESS)
			*status = encrypt(&s, key, &out);
	}
	secure_wipe(secret, sizeof(secret));
	return crypto_bulk_end(resp, &out, *status);
}
