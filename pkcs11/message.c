// SPDX-License-Identifier: BSD-3-Clause
/*
 * Message-based functions of 3.0 (5.9, 5.11, 5.14, 5.16): one key, many messages, each with a
 * nonce and a tag of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "mechanism.h"

#define NONCE_MAX 256u

/* A message's parameter, whatever the mechanism calls its parts. */
struct message {
	psa_algorithm_t alg;
	uint8_t *nonce;
	size_t nonce_len;
	size_t fixed_bits;
	CK_ULONG generator;
	uint8_t *tag;
	size_t tag_len;
	size_t data_len;
};

static CK_RV message_read(const struct operation *op, void *parameter, CK_ULONG len,
			  struct message *message)
{
	struct cryptoki_gcm_message gcm;
	struct cryptoki_ccm_message ccm;
	struct cryptoki_chacha_message chacha;

	if (!parameter)
		return CKR_ARGUMENTS_BAD;
	switch (op->mechanism->scheme) {
	case SCHEME_GCM:
		if (len != sizeof(gcm))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(&gcm, parameter, sizeof(gcm));
		if (gcm.ulTagBits % 8)
			return CKR_MECHANISM_PARAM_INVALID;
		*message = (struct message){ .alg = PSA_ALG_GCM,
					     .nonce = gcm.pIv,
					     .nonce_len = gcm.ulIvLen,
					     .fixed_bits = gcm.ulIvFixedBits,
					     .generator = gcm.ivGenerator,
					     .tag = gcm.pTag,
					     .tag_len = gcm.ulTagBits / 8 };
		break;
	case SCHEME_CCM:
		if (len != sizeof(ccm))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(&ccm, parameter, sizeof(ccm));
		*message = (struct message){ .alg = PSA_ALG_CCM,
					     .nonce = ccm.pNonce,
					     .nonce_len = ccm.ulNonceLen,
					     .fixed_bits = ccm.ulNonceFixedBits,
					     .generator = ccm.nonceGenerator,
					     .tag = ccm.pMAC,
					     .tag_len = ccm.ulMACLen,
					     .data_len = ccm.ulDataLen };
		break;
	default:
		if (len != sizeof(chacha))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(&chacha, parameter, sizeof(chacha));
		*message = (struct message){ .alg = PSA_ALG_CHACHA20_POLY1305,
					     .nonce = chacha.pNonce,
					     .nonce_len = chacha.ulNonceLen,
					     .tag = chacha.pTag,
					     .tag_len = 16 };
	}
	if (!message->nonce || message->nonce_len > NONCE_MAX || !message->tag ||
	    message->fixed_bits > 8 * message->nonce_len)
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

/* A nonce that the token is to draw: all but its first bits. */
static CK_RV nonce_make(const struct message *message)
{
	uint8_t drawn[NONCE_MAX];
	const size_t whole = message->fixed_bits / 8;
	psa_status_t status;

	switch (message->generator) {
	case CKG_NO_GENERATE:
		return CKR_OK;
	case CKG_GENERATE:
	case CKG_GENERATE_RANDOM:
		break;
	default:
		return CKR_MECHANISM_PARAM_INVALID;
	}
	/* So few that two would be the same before long. */
	if (8 * message->nonce_len - message->fixed_bits < 64)
		return CKR_MECHANISM_PARAM_INVALID;
	status = psa_generate_random(drawn, message->nonce_len);
	if (status != PSA_SUCCESS)
		return rv_from_status(status);
	for (size_t i = whole; i < message->nonce_len; i++) {
		const uint8_t keep = i == whole ? (uint8_t)(0xff00u >> message->fixed_bits % 8) : 0;

		message->nonce[i] = (message->nonce[i] & keep) | (drawn[i] & (uint8_t)~keep);
	}
	return CKR_OK;
}

static CK_RV final(const char *name, CK_SESSION_HANDLE handle, enum operation_kind kind)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, kind, &op);

	if (rv == CKR_OK)
		operation_end(op);
	return call_end(&call, rv);
}

/* The message is at its end, and the next one may come. */
static void message_end(struct operation *op)
{
	if (op->started) {
		(void)psa_aead_abort(&op->aead);
		(void)psa_hash_abort(&op->hash);
		(void)psa_mac_abort(&op->mac);
	}
	op->started = false;
	op->multi = false;
	op->message_active = false;
	bytes_free(&op->iv);
	bytes_free(&op->ad);
	bytes_free(&op->data);
}

static CK_RV rv_of(psa_status_t status, bool encrypt)
{
	switch (status) {
	case PSA_ERROR_INVALID_SIGNATURE:
		return CKR_AEAD_DECRYPT_FAILED;
	case PSA_ERROR_INVALID_ARGUMENT:
		return encrypt ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	default:
		return rv_from_status(status);
	}
}

static CK_RV whole_encrypt(struct operation *op, const struct message *message, const void *ad,
			   size_t ad_len, const void *in, size_t in_len, uint8_t *out)
{
	/* The tag comes behind the ciphertext, for which alone the caller has room. */
	uint8_t *buf = malloc(in_len + message->tag_len);
	psa_status_t status;
	size_t len;
	CK_RV rv;

	if (!buf)
		return CKR_HOST_MEMORY;
	status = psa_aead_encrypt(op->key->id, op->alg, message->nonce, message->nonce_len, ad,
				  ad_len, in, in_len, buf, in_len + message->tag_len, &len);
	rv = rv_of(status, true);
	if (rv == CKR_OK && len != in_len + message->tag_len)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK) {
		if (in_len)
			memcpy(out, buf, in_len);
		memcpy(message->tag, buf + in_len, message->tag_len);
	}
	free(buf);
	return rv;
}

static CK_RV whole_decrypt(struct operation *op, const struct message *message, const void *ad,
			   size_t ad_len, const void *in, size_t in_len, uint8_t *out)
{
	struct bytes both = { 0 };
	CK_RV rv = CKR_HOST_MEMORY;
	size_t len;

	if (bytes_add(&both, in, in_len) && bytes_add(&both, message->tag, message->tag_len))
		rv = rv_of(psa_aead_decrypt(op->key->id, op->alg, message->nonce,
					    message->nonce_len, ad, ad_len, both.data, both.len,
					    in_len ? out : NULL, in_len, &len),
			   false);
	bytes_free(&both);
	return rv;
}

static CK_RV whole(const char *name, CK_SESSION_HANDLE handle, bool encrypt, void *parameter,
		   CK_ULONG parameter_len, const void *ad, CK_ULONG ad_len, const void *in,
		   CK_ULONG in_len, uint8_t *out, CK_ULONG *out_len)
{
	struct message message;
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_MESSAGE_ENCRYPT : OPERATION_MESSAGE_DECRYPT,
				  &op);

	if (rv == CKR_OK && op->message_active)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK && (!out_len || (in_len && !in) || (ad_len && !ad)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = message_read(op, parameter, parameter_len, &message);
	if (rv == CKR_OK)
		rv = crypt_aead_alg(op, message.alg, message.nonce_len, message.tag_len);
	if (rv == CKR_OK && !output_fits(out, out_len, in_len, &rv))
		return call_end(&call, rv);
	if (rv == CKR_OK && encrypt)
		rv = nonce_make(&message);
	if (rv == CKR_OK)
		rv = encrypt ? whole_encrypt(op, &message, ad, ad_len, in, in_len, out) :
			       whole_decrypt(op, &message, ad, ad_len, in, in_len, out);
	if (rv == CKR_OK)
		*out_len = in_len;
	return call_end(&call, rv);
}

static CK_RV part_begin(const char *name, CK_SESSION_HANDLE handle, bool encrypt, void *parameter,
			CK_ULONG parameter_len, const void *ad, CK_ULONG ad_len)
{
	struct message message;
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_MESSAGE_ENCRYPT : OPERATION_MESSAGE_DECRYPT,
				  &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (op->message_active)
		return call_end(&call, CKR_OPERATION_ACTIVE);
	if (ad_len && !ad)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = message_read(op, parameter, parameter_len, &message);
	if (rv == CKR_OK)
		rv = crypt_aead_alg(op, message.alg, message.nonce_len, message.tag_len);
	if (rv == CKR_OK && encrypt)
		rv = nonce_make(&message);
	if (rv == CKR_OK && (!bytes_add(&op->iv, message.nonce, message.nonce_len) ||
			     !bytes_add(&op->ad, ad, ad_len)))
		rv = CKR_HOST_MEMORY;
	if (rv == CKR_OK) {
		op->message_len = message.data_len;
		rv = rv_of(crypt_aead_start(op, encrypt), encrypt);
	}
	if (rv == CKR_OK)
		op->message_active = true;
	else
		message_end(op);
	return call_end(&call, rv);
}

static CK_RV part_end(struct operation *op, bool encrypt, const struct message *message)
{
	uint8_t out[PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE], tag[PSA_AEAD_TAG_MAX_SIZE];
	size_t len, tag_len = 0;
	psa_status_t status;

	if (!encrypt) {
		status = psa_aead_verify(&op->aead, out, sizeof(out), &len, message->tag,
					 op->tag_len);
		return rv_of(status, encrypt);
	}
	status = psa_aead_finish(&op->aead, out, sizeof(out), &len, tag, sizeof(tag), &tag_len);
	if (status == PSA_SUCCESS)
		memcpy(message->tag, tag, tag_len < op->tag_len ? tag_len : op->tag_len);
	return rv_of(status, encrypt);
}

static CK_RV part_next(const char *name, CK_SESSION_HANDLE handle, bool encrypt, void *parameter,
		       CK_ULONG parameter_len, const void *in, CK_ULONG in_len, uint8_t *out,
		       CK_ULONG *out_len, CK_FLAGS flags)
{
	struct message message;
	struct operation *op;
	struct call call;
	size_t got = 0;
	CK_RV rv = operation_call(&call, name, handle,
				  encrypt ? OPERATION_MESSAGE_ENCRYPT : OPERATION_MESSAGE_DECRYPT,
				  &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!op->message_active)
		return call_end(&call, CKR_OPERATION_NOT_INITIALIZED);
	if (!out_len || (in_len && !in))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = message_read(op, parameter, parameter_len, &message);
	if (rv == CKR_OK && message.tag_len != op->tag_len)
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK && in_len && !output_fits(out, out_len, in_len, &rv))
		return call_end(&call, rv);
	if (rv == CKR_OK && in_len)
		rv = rv_of(psa_aead_update(&op->aead, in, in_len, out, *out_len, &got), encrypt);
	if (rv == CKR_OK && flags & CKF_END_OF_MESSAGE)
		rv = part_end(op, encrypt, &message);
	if (rv == CKR_OK)
		*out_len = got;
	if (rv != CKR_OK || flags & CKF_END_OF_MESSAGE)
		message_end(op);
	return call_end(&call, rv);
}

CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_MessageEncryptInit", handle, OPERATION_MESSAGE_ENCRYPT, mechanism,
			      key, NULL);
}

CK_RV C_EncryptMessage(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
		       CK_BYTE *ad, CK_ULONG ad_len, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
		       CK_ULONG *out_len)
{
	return whole("C_EncryptMessage", handle, true, parameter, parameter_len, ad, ad_len, in,
		     in_len, out, out_len);
}

CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			    CK_BYTE *ad, CK_ULONG ad_len)
{
	return part_begin("C_EncryptMessageBegin", handle, true, parameter, parameter_len, ad,
			  ad_len);
}

CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			   CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len,
			   CK_FLAGS flags)
{
	return part_next("C_EncryptMessageNext", handle, true, parameter, parameter_len, in, in_len,
			 out, out_len, flags);
}

CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE handle)
{
	return final("C_MessageEncryptFinal", handle, OPERATION_MESSAGE_ENCRYPT);
}

CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_MessageDecryptInit", handle, OPERATION_MESSAGE_DECRYPT, mechanism,
			      key, NULL);
}

CK_RV C_DecryptMessage(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
		       CK_BYTE *ad, CK_ULONG ad_len, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
		       CK_ULONG *out_len)
{
	return whole("C_DecryptMessage", handle, false, parameter, parameter_len, ad, ad_len, in,
		     in_len, out, out_len);
}

CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			    CK_BYTE *ad, CK_ULONG ad_len)
{
	return part_begin("C_DecryptMessageBegin", handle, false, parameter, parameter_len, ad,
			  ad_len);
}

CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			   CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len,
			   CK_FLAGS flags)
{
	return part_next("C_DecryptMessageNext", handle, false, parameter, parameter_len, in,
			 in_len, out, out_len, flags);
}

CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE handle)
{
	return final("C_MessageDecryptFinal", handle, OPERATION_MESSAGE_DECRYPT);
}

CK_RV C_MessageSignInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_MessageSignInit", handle, OPERATION_MESSAGE_SIGN, mechanism, key,
			      sign_setup);
}

/* Of the mechanisms here none has a parameter for each message. */
static CK_RV sign_begin(const char *name, CK_SESSION_HANDLE handle, enum operation_kind kind,
			const void *parameter, CK_ULONG parameter_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, kind, &op);

	if (rv == CKR_OK && op->message_active)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK && (parameter || parameter_len))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		op->message_active = true;
	return call_end(&call, rv);
}

CK_RV C_SignMessage(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
		    CK_BYTE *data, CK_ULONG len, CK_BYTE *signature, CK_ULONG *signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, "C_SignMessage", handle, OPERATION_MESSAGE_SIGN, &op);

	if (rv == CKR_OK && op->message_active)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK && (!signature_len || (len && !data)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && (parameter || parameter_len))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK && output_fits(signature, signature_len, sign_len(op), &rv))
		rv = sign_make(op, data, len, signature, signature_len);
	return call_end(&call, rv);
}

CK_RV C_SignMessageBegin(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len)
{
	return sign_begin("C_SignMessageBegin", handle, OPERATION_MESSAGE_SIGN, parameter,
			  parameter_len);
}

CK_RV C_SignMessageNext(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			CK_BYTE *data, CK_ULONG len, CK_BYTE *signature, CK_ULONG *signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, "C_SignMessageNext", handle, OPERATION_MESSAGE_SIGN, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!op->message_active)
		return call_end(&call, CKR_OPERATION_NOT_INITIALIZED);
	if (len && !data)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && (parameter || parameter_len))
		rv = CKR_MECHANISM_PARAM_INVALID;
	/* The last part is the one with a place for the signature. */
	if (rv == CKR_OK && signature_len &&
	    !output_fits(signature, signature_len, sign_len(op), &rv))
		return call_end(&call, rv);
	if (rv == CKR_OK)
		rv = sign_update(op, false, data, len);
	if (rv == CKR_OK && signature_len)
		rv = sign_make(op, op->data.data, op->data.len, signature, signature_len);
	if (rv != CKR_OK || signature_len)
		message_end(op);
	return call_end(&call, rv);
}

CK_RV C_MessageSignFinal(CK_SESSION_HANDLE handle)
{
	return final("C_MessageSignFinal", handle, OPERATION_MESSAGE_SIGN);
}

CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_MessageVerifyInit", handle, OPERATION_MESSAGE_VERIFY, mechanism,
			      key, verify_setup);
}

CK_RV C_VerifyMessage(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
		      CK_BYTE *data, CK_ULONG len, CK_BYTE *signature, CK_ULONG signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, "C_VerifyMessage", handle, OPERATION_MESSAGE_VERIFY, &op);

	if (rv == CKR_OK && op->message_active)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK && ((signature_len && !signature) || (len && !data)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && (parameter || parameter_len))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = sign_check(op, data, len, signature, signature_len);
	return call_end(&call, rv);
}

CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len)
{
	return sign_begin("C_VerifyMessageBegin", handle, OPERATION_MESSAGE_VERIFY, parameter,
			  parameter_len);
}

CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE handle, void *parameter, CK_ULONG parameter_len,
			  CK_BYTE *data, CK_ULONG len, CK_BYTE *signature, CK_ULONG signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv =
		operation_call(&call, "C_VerifyMessageNext", handle, OPERATION_MESSAGE_VERIFY, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!op->message_active)
		return call_end(&call, CKR_OPERATION_NOT_INITIALIZED);
	if (len && !data)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && (parameter || parameter_len))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = sign_update(op, true, data, len);
	if (rv == CKR_OK && signature)
		rv = sign_check(op, op->data.data, op->data.len, signature, signature_len);
	if (rv != CKR_OK || signature)
		message_end(op);
	return call_end(&call, rv);
}

CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE handle)
{
	return final("C_MessageVerifyFinal", handle, OPERATION_MESSAGE_VERIFY);
}
