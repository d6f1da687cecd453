// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sealed secrets of the attestation service: encrypted for the client that brings them, and if it
 * wishes for the software of this boot. That is this file's to enforce: the key is in crypto, in
 * the partition's own namespace, and whom a secret is for is authenticated with it, as told by
 * the SPM core and the driver, and by the boot's event log.
 */
#include <secure/service/attestation_internal.h>
#include <secure/service/tlv.h>
#include <secure/wipe.h>
#include <string.h>

#define ALGORITHM  CLIENT_CRYPTO_GCM

#define HEADER_LEN sizeof(struct attestation_sealed)

/* What is authenticated. */
#define BOUND_LEN offsetof(struct attestation_sealed, nonce)

/* The most that is hashed at once: what is measured of a component, behind a hash. */
#define HASHED_MAX (3u * ATTESTATION_HASH_LEN + 2u * (ATTESTATION_TEXT_MAX + 1u))

static const struct crypto_attributes seal_key = {
	.type = CLIENT_CRYPTO_TYPE_AES,
	.key_bits = 256,
	.lifetime = CLIENT_CRYPTO_PERSISTENT,
	.id = ATTESTATION_KEY_SEAL,
	.usage = CLIENT_CRYPTO_USAGE_ENCRYPT | CLIENT_CRYPTO_USAGE_DECRYPT,
	.alg = ALGORITHM,
};

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
	uint8_t data[HASHED_MAX];
	struct writer w;
	size_t len;

	writer_init(&w, data, sizeof(data));
	if (!writer_bytes(&w, digest, ATTESTATION_HASH_LEN) ||
	    !writer_bytes(&w, c->value, sizeof(c->value)) ||
	    !writer_bytes(&w, c->signer_id, sizeof(c->signer_id)) || !put_text(&w, c->type) ||
	    !put_text(&w, c->version))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	return client_crypto_hash(&a->crypto, CLIENT_CRYPTO_SHA_256, data, w.len, digest,
				  ATTESTATION_HASH_LEN, &len);
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

/* What an operation takes beside the data. */
static struct client_crypto_aead bound(const struct attestation_sealed *header)
{
	return (struct client_crypto_aead){ header->nonce, sizeof(header->nonce), header,
					    BOUND_LEN };
}

static psa_status_t seal(struct attestation *a, struct attestation_sealed *header,
			 const uint8_t *secret, size_t len, uint8_t *out, size_t room,
			 size_t *out_len)
{
	psa_status_t status =
		client_crypto_random(&a->crypto, header->nonce, sizeof(header->nonce));
	const struct client_crypto_aead aead = bound(header);
	uint32_t key;

	if (status != PSA_SUCCESS)
		return status;
	status = client_crypto_aead_encrypt(&a->crypto, OWN_KEYS, ATTESTATION_KEY_SEAL, ALGORITHM,
					    &aead, secret, len, out, room, out_len);
	if (status != PSA_ERROR_INVALID_HANDLE)
		return status;
	status = client_crypto_generate_key(&a->crypto, OWN_KEYS, &seal_key, &key);
	if (status != PSA_SUCCESS)
		return status;
	return client_crypto_aead_encrypt(&a->crypto, OWN_KEYS, ATTESTATION_KEY_SEAL, ALGORITHM,
					  &aead, secret, len, out, room, out_len);
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
	if (!tlv_begin(resp, ATTESTATION_SEALED_MAX, &out, &room) ||
	    room < HEADER_LEN + secret_len + ATTESTATION_SEAL_TAG_LEN)
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
	struct client_crypto_aead aead;
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
	if (!tlv_begin(resp, ATTESTATION_SECRET_MAX, &out, &room) ||
	    room < sealed_len - ATTESTATION_SEAL_TAG_LEN)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	/* First of all that the header is what it was: then it can be believed. */
	aead = bound(&header);
	*status = client_crypto_aead_decrypt(&a->crypto, OWN_KEYS, ATTESTATION_KEY_SEAL, ALGORITHM,
					     &aead, sealed, sealed_len, out, room, &len);
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
