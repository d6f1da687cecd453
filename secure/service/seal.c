// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sealed secrets of the attestation service: encrypted for the client that brings them, and if it
 * wishes for the software of this boot. That is this file's to enforce: the key is in crypto, in
 * the partition's own namespace, and whom a secret is for is authenticated with it, as told by
 * the SPM core and the driver, and by the boot's event log.
 */
#include <secure/service/attestation_internal.h>
#include <secure/service/bulk.h>
#include <secure/service/tlv.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/crypto.h>

/* The key, in numbers of the PSA Crypto API: AES-256, persistent, to encrypt and decrypt. */
#define KEY_TYPE     0x2400u
#define KEY_BITS     256u
#define KEY_LIFETIME 1u
#define KEY_USAGE    0x0300u
#define ALGORITHM    0x05500200u /* GCM */

#define HEADER_LEN   sizeof(struct attestation_sealed)

/* What is authenticated. */
#define BOUND_LEN offsetof(struct attestation_sealed, nonce)

/* A text with its length in front. */
static bool put_text(struct writer *w, const char *text)
{
	const uint8_t len = (uint8_t)strnlen(text, ATTESTATION_TEXT_MAX);

	return writer_bytes(w, &len, sizeof(len)) && writer_bytes(w, text, len);
}

/* As a PCR: the hash of what there was, and of one thing more. */
static psa_status_t extend(struct attestation *a, uint8_t digest[ATTESTATION_HASH_LEN],
			   const struct attestation_component *c)
{
	uint8_t data[ATTESTATION_HASHED_MAX];
	struct writer w;

	writer_init(&w, data, sizeof(data));
	if (!writer_bytes(&w, digest, ATTESTATION_HASH_LEN) ||
	    !writer_bytes(&w, c->value, sizeof(c->value)) ||
	    !writer_bytes(&w, c->signer_id, sizeof(c->signer_id)) || !put_text(&w, c->type) ||
	    !put_text(&w, c->version))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	return attestation_hash(a, data, w.len, digest);
}

/* What this boot is, in one number: from the first secret on, until the next boot. */
static psa_status_t measure(struct attestation *a)
{
	uint8_t digest[ATTESTATION_HASH_LEN] = { 0 };
	psa_status_t status = PSA_SUCCESS;

	if (a->software_known)
		return PSA_SUCCESS;
	if (!a->platform->component_count)
		return PSA_ERROR_NOT_SUPPORTED;
	digest[0] = (uint8_t)a->platform->lifecycle;
	digest[1] = (uint8_t)(a->platform->lifecycle >> 8);
	for (size_t i = 0; i < a->platform->component_count && !status; i++)
		status = extend(a, digest, &a->platform->components[i]);
	memcpy(a->software, digest, sizeof(digest));
	a->software_known = status == PSA_SUCCESS;
	return status;
}

static psa_status_t make_key(struct attestation *a)
{
	uint8_t req[sizeof(struct crypto_attributes)], id[sizeof(struct crypto_id)];
	struct writer w;
	size_t len;

	writer_init(&w, req, sizeof(req));
	if (!writer_u32(&w, KEY_TYPE) || !writer_u32(&w, KEY_BITS) ||
	    !writer_u32(&w, KEY_LIFETIME) || !writer_u32(&w, ATTESTATION_KEY_SEAL) ||
	    !writer_u32(&w, KEY_USAGE) || !writer_u32(&w, ALGORITHM))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	return attestation_crypto_call(a, CRYPTO_GENERATE_KEY, &w, id, sizeof(id), &len);
}

/* What crypto's answer has beside the bytes that it is about. */
#define ANSWER_MARGIN (2u * BULK_HEADER_LEN)

/*
 * One call of crypto, @opcode CRYPTO_AEAD_ENCRYPT or _DECRYPT: @in becomes *@out_len bytes at
 * @out, which has room for them and ANSWER_MARGIN.
 */
static psa_status_t aead(struct attestation *a, uint16_t opcode,
			 const struct attestation_sealed *header, const uint8_t *in, size_t in_len,
			 uint8_t *out, size_t room, size_t *out_len)
{
	psa_status_t status = PSA_ERROR_INSUFFICIENT_MEMORY;
	const uint8_t *part, *tag = NULL;
	size_t len = 0, tag_len = 0;
	struct reader r;
	struct writer w;

	writer_init(&w, a->message, sizeof(a->message));
	if (writer_u32(&w, ATTESTATION_KEY_SEAL) && writer_u32(&w, ALGORITHM) &&
	    bulk_write(&w, header->nonce, sizeof(header->nonce)) &&
	    bulk_write(&w, header, BOUND_LEN) && bulk_write(&w, in, in_len))
		status = attestation_crypto_call(a, opcode, &w, out, room, &len);
	secure_wipe(a->message, w.len);
	if (status != PSA_SUCCESS)
		return status;
	reader_init(&r, out, len);
	if (!bulk_read(&r, &part, &len) ||
	    (opcode == CRYPTO_AEAD_ENCRYPT && !bulk_read_last(&r, &tag, &tag_len)))
		return PSA_ERROR_COMMUNICATION_FAILURE;
	memmove(out, part, len);
	if (tag_len)
		memmove(out + len, tag, tag_len);
	*out_len = len + tag_len;
	return PSA_SUCCESS;
}

/* What a secret of @caller's is bound to now; the nonce is left. */
static psa_status_t bind(struct attestation *a, const struct rpc_caller *caller, uint32_t flags,
			 struct attestation_sealed *header)
{
	psa_status_t status = PSA_SUCCESS;

	memset(header, 0, sizeof(*header));
	header->magic = ATTESTATION_SEAL_MAGIC;
	header->flags = (uint8_t)flags;
	header->source_id = caller->source_id;
	header->client_id = caller->client_id;
	if (flags & ATTESTATION_SEAL_SOFTWARE) {
		status = measure(a);
		memcpy(header->software, a->software, sizeof(header->software));
	}
	return status;
}

static psa_status_t seal(struct attestation *a, struct attestation_sealed *header,
			 const uint8_t *secret, size_t len, uint8_t *out, size_t room,
			 size_t *out_len)
{
	uint8_t req[sizeof(struct crypto_random)];
	psa_status_t status;
	struct writer w;

	writer_init(&w, req, sizeof(req));
	if (!writer_u32(&w, sizeof(header->nonce)))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = attestation_crypto_call_record(a, CRYPTO_GENERATE_RANDOM, &w, header->nonce,
						sizeof(header->nonce));
	if (status != PSA_SUCCESS)
		return status;
	status = aead(a, CRYPTO_AEAD_ENCRYPT, header, secret, len, out, room, out_len);
	if (status != PSA_ERROR_INVALID_HANDLE)
		return status;
	status = make_key(a);
	if (status != PSA_SUCCESS)
		return status;
	return aead(a, CRYPTO_AEAD_ENCRYPT, header, secret, len, out, room, out_len);
}

enum ts_rpc_status attestation_seal(void *ctx, const struct rpc_caller *caller, struct reader *req,
				    struct writer *resp, int32_t *status)
{
	struct attestation_sealed header;
	size_t secret_len, len, room;
	struct attestation *a = ctx;
	const uint8_t *secret;
	uint8_t *out;
	uint32_t flags;

	if (!reader_u32(req, &flags) || !tlv_read(req, ATTESTATION_TAG, &secret, &secret_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = PSA_ERROR_NOT_SUPPORTED;
	if (flags & ~(uint32_t)ATTESTATION_SEAL_SOFTWARE)
		return TS_RPC_SUCCESS;
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!secret_len || secret_len > ATTESTATION_SECRET_MAX)
		return TS_RPC_SUCCESS;
	if (!tlv_begin(resp, ATTESTATION_SEALED_MAX + ANSWER_MARGIN, &out, &room) ||
	    room < HEADER_LEN + secret_len + ATTESTATION_SEAL_TAG_LEN + ANSWER_MARGIN)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = bind(a, caller, flags, &header);
	if (*status == PSA_SUCCESS)
		*status = seal(a, &header, secret, secret_len, out + HEADER_LEN, room - HEADER_LEN,
			       &len);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	memcpy(out, &header, HEADER_LEN);
	return tlv_end(resp, ATTESTATION_TAG, HEADER_LEN + len) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

/* Whether a secret that was sealed as @header says is @caller's, now. */
static psa_status_t judge(struct attestation *a, const struct rpc_caller *caller,
			  const struct attestation_sealed *header)
{
	struct attestation_sealed now;
	psa_status_t status = bind(a, caller, header->flags, &now);

	if (now.source_id != header->source_id || now.client_id != header->client_id)
		return PSA_ERROR_NOT_PERMITTED;
	if (status == PSA_ERROR_NOT_SUPPORTED ||
	    (status == PSA_SUCCESS &&
	     memcmp(now.software, header->software, sizeof(now.software)) != 0))
		return PSA_ERROR_BAD_STATE;
	return status;
}

enum ts_rpc_status attestation_unseal(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status)
{
	size_t sealed_len, len, room;
	struct attestation_sealed header;
	struct attestation *a = ctx;
	const uint8_t *sealed;
	uint8_t *out;

	if (!tlv_read(req, ATTESTATION_TAG, &sealed, &sealed_len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (sealed_len <= HEADER_LEN + ATTESTATION_SEAL_TAG_LEN ||
	    sealed_len > ATTESTATION_SEALED_MAX)
		return TS_RPC_SUCCESS;
	memcpy(&header, sealed, HEADER_LEN);
	sealed += HEADER_LEN;
	sealed_len -= HEADER_LEN;
	if (header.magic != ATTESTATION_SEAL_MAGIC)
		return TS_RPC_SUCCESS;
	if (!tlv_begin(resp, ATTESTATION_SECRET_MAX + ANSWER_MARGIN, &out, &room) ||
	    room < sealed_len - ATTESTATION_SEAL_TAG_LEN + ANSWER_MARGIN)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	/* First of all that the header is what it was: then it can be believed. */
	*status = aead(a, CRYPTO_AEAD_DECRYPT, &header, sealed, sealed_len, out, room, &len);
	if (*status == PSA_ERROR_INVALID_HANDLE)
		*status = PSA_ERROR_DOES_NOT_EXIST;
	if (*status == PSA_SUCCESS)
		*status = judge(a, caller, &header);
	if (*status != PSA_SUCCESS) {
		secure_wipe(out, room);
		return TS_RPC_SUCCESS;
	}
	return tlv_end(resp, ATTESTATION_TAG, len) ? TS_RPC_SUCCESS :
						     TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}
