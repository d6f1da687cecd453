// SPDX-License-Identifier: BSD-3-Clause
/* See crypto.h. */
#include <secure/client/call.h>
#include <secure/client/crypto.h>
#include <secure/service/bulk.h>
#include <secure/service/tlv.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/client_id.h>
#include <tstee/services.h>

const uint8_t client_crypto_uuid[TS_RPC_UUID_LEN] = TSTEE_CRYPTO_UUID_BYTES;

/* Of the PSA Crypto API: the same request goes on. */
#define OPERATION_INCOMPLETE ((psa_status_t)-248)

struct writer client_crypto_begin(struct client_crypto *crypto)
{
	struct writer w;

	writer_init(&w, crypto->message, crypto->message_len);
	return w;
}

psa_status_t client_crypto_call(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
				const struct writer *request, size_t *len)
{
	*len = 0;
	if (request->failed)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	return client_call(crypto->peer, opcode, client_id, request->data, request->len,
			   crypto->message, crypto->message_len, len);
}

/* Requests and answers may have secrets. */
static void end(struct client_crypto *crypto, const struct writer *request, size_t len)
{
	secure_wipe(crypto->message, request->len > len ? request->len : len);
}

/* A call whose answer is nothing, or nothing that matters. */
static psa_status_t call(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
			 const struct writer *request)
{
	size_t len;
	psa_status_t status = client_crypto_call(crypto, client_id, opcode, request, &len);

	end(crypto, request, len);
	return status;
}

/* A call whose answer is the ID of a key. */
static psa_status_t call_id(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
			    const struct writer *request, uint32_t *id)
{
	struct crypto_id answer = { 0 };
	psa_status_t status;
	size_t len;

	status = client_crypto_call(crypto, client_id, opcode, request, &len);
	if (status == PSA_SUCCESS && len != sizeof(answer))
		status = PSA_ERROR_COMMUNICATION_FAILURE;
	if (status == PSA_SUCCESS)
		memcpy(&answer, crypto->message, sizeof(answer));
	/* What isn't done yet is asked again. */
	if (status != OPERATION_INCOMPLETE)
		end(crypto, request, len);
	*id = answer.id;
	return status;
}

/* Adds the @len bytes at @value to the @*out_len of the @size at @out. */
static psa_status_t take(const uint8_t *value, size_t len, uint8_t *out, size_t size,
			 size_t *out_len)
{
	if (len > size - *out_len) {
		secure_wipe(out, *out_len);
		*out_len = 0;
		return PSA_ERROR_BUFFER_TOO_SMALL;
	}
	if (len)
		memcpy(out + *out_len, value, len);
	*out_len += len;
	return PSA_SUCCESS;
}

/* A call whose answer is one record. */
static psa_status_t call_record(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
				const struct writer *request, uint8_t *out, size_t size,
				size_t *out_len)
{
	const uint8_t *value;
	size_t len, value_len;
	psa_status_t status = client_crypto_call(crypto, client_id, opcode, request, &len);
	struct reader r;

	*out_len = 0;
	if (status == PSA_SUCCESS) {
		reader_init(&r, crypto->message, len);
		status = PSA_ERROR_COMMUNICATION_FAILURE;
		if (tlv_read(&r, CRYPTO_TAG_FIRST, &value, &value_len))
			status = take(value, value_len, out, size, out_len);
	}
	end(crypto, request, len);
	return status;
}

/* A call whose answer is @parts bulk parts, which come one behind the other. */
static psa_status_t call_bulk(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
			      const struct writer *request, size_t parts, uint8_t *out, size_t size,
			      size_t *out_len)
{
	const uint8_t *value;
	size_t len, value_len;
	psa_status_t status = client_crypto_call(crypto, client_id, opcode, request, &len);
	struct reader r;

	*out_len = 0;
	reader_init(&r, crypto->message, len);
	while (status == PSA_SUCCESS && parts--) {
		status = PSA_ERROR_COMMUNICATION_FAILURE;
		if ((parts ? bulk_read : bulk_read_last)(&r, &value, &value_len))
			status = take(value, value_len, out, size, out_len);
	}
	if (status != PSA_SUCCESS && *out_len) {
		secure_wipe(out, *out_len);
		*out_len = 0;
	}
	end(crypto, request, len);
	return status;
}

/* What doesn't fit fails the writer, which client_crypto_call() looks at. */
static void put_u32(struct writer *w, uint32_t value)
{
	w->failed |= !writer_u32(w, value);
}

static void put_bytes(struct writer *w, const void *bytes, size_t len)
{
	w->failed |= !writer_bytes(w, bytes, len);
}

static void put_record(struct writer *w, uint16_t tag, const void *value, size_t len)
{
	w->failed |= !tlv_write(w, tag, value, len);
}

static void put_part(struct writer *w, const void *value, size_t len)
{
	w->failed |= !bulk_write(w, value, len);
}

/* The fixed part of what uses a key. */
static struct writer begin_use(struct client_crypto *crypto, uint32_t key, uint32_t alg)
{
	struct writer w = client_crypto_begin(crypto);

	put_u32(&w, key);
	put_u32(&w, alg);
	return w;
}

psa_status_t client_crypto_random(struct client_crypto *crypto, void *out, size_t len)
{
	struct writer w = client_crypto_begin(crypto);
	psa_status_t status;
	size_t got;

	put_u32(&w, (uint32_t)len);
	status = call_record(crypto, TSTEE_CLIENT_ID_PUBLIC, CRYPTO_GENERATE_RANDOM, &w, out, len,
			     &got);
	if (status == PSA_SUCCESS && got != len)
		status = PSA_ERROR_COMMUNICATION_FAILURE;
	return status;
}

psa_status_t client_crypto_hash(struct client_crypto *crypto, uint32_t alg, const void *data,
				size_t len, uint8_t *hash, size_t size, size_t *hash_len)
{
	struct writer w = client_crypto_begin(crypto);

	put_u32(&w, alg);
	put_part(&w, data, len);
	return call_bulk(crypto, TSTEE_CLIENT_ID_PUBLIC, CRYPTO_HASH_COMPUTE, &w, 1, hash, size,
			 hash_len);
}

psa_status_t client_crypto_generate_key(struct client_crypto *crypto, uint32_t client_id,
					const struct crypto_attributes *attributes, uint32_t *key)
{
	struct writer w = client_crypto_begin(crypto);
	psa_status_t status;

	put_bytes(&w, attributes, sizeof(*attributes));
	do {
		status = call_id(crypto, client_id, CRYPTO_GENERATE_KEY, &w, key);
	} while (status == OPERATION_INCOMPLETE);
	return status;
}

psa_status_t client_crypto_import_key(struct client_crypto *crypto, uint32_t client_id,
				      const struct crypto_attributes *attributes, const void *data,
				      size_t len, uint32_t *key)
{
	struct writer w = client_crypto_begin(crypto);

	put_bytes(&w, attributes, sizeof(*attributes));
	put_record(&w, CRYPTO_TAG_FIRST, data, len);
	return call_id(crypto, client_id, CRYPTO_IMPORT_KEY, &w, key);
}

psa_status_t client_crypto_destroy_key(struct client_crypto *crypto, uint32_t client_id,
				       uint32_t key)
{
	struct writer w = client_crypto_begin(crypto);

	put_u32(&w, key);
	return call(crypto, client_id, CRYPTO_DESTROY_KEY, &w);
}

psa_status_t client_crypto_export_public_key(struct client_crypto *crypto, uint32_t client_id,
					     uint32_t key, uint8_t *out, size_t size, size_t *len)
{
	struct writer w = client_crypto_begin(crypto);

	put_u32(&w, key);
	return call_record(crypto, client_id, CRYPTO_EXPORT_PUBLIC_KEY, &w, out, size, len);
}

psa_status_t client_crypto_sign_message(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg, const void *data, size_t len,
					uint8_t *signature, size_t size, size_t *signature_len)
{
	struct writer w = begin_use(crypto, key, alg);

	put_record(&w, CRYPTO_TAG_FIRST, data, len);
	return call_record(crypto, client_id, CRYPTO_SIGN_MESSAGE, &w, signature, size,
			   signature_len);
}

psa_status_t client_crypto_verify_message(struct client_crypto *crypto, uint32_t client_id,
					  uint32_t key, uint32_t alg, const void *data, size_t len,
					  const uint8_t *signature, size_t signature_len)
{
	struct writer w = begin_use(crypto, key, alg);

	put_record(&w, CRYPTO_TAG_FIRST, data, len);
	put_record(&w, CRYPTO_TAG_SECOND, signature, signature_len);
	return call(crypto, client_id, CRYPTO_VERIFY_MESSAGE, &w);
}

psa_status_t client_crypto_mac_compute(struct client_crypto *crypto, uint32_t client_id,
				       uint32_t key, uint32_t alg, const void *data, size_t len,
				       uint8_t *mac, size_t size, size_t *mac_len)
{
	struct writer w = begin_use(crypto, key, alg);

	put_part(&w, data, len);
	return call_bulk(crypto, client_id, CRYPTO_MAC_COMPUTE, &w, 1, mac, size, mac_len);
}

psa_status_t client_crypto_mac_verify(struct client_crypto *crypto, uint32_t client_id,
				      uint32_t key, uint32_t alg, const void *data, size_t len,
				      const uint8_t *mac, size_t mac_len)
{
	struct writer w = begin_use(crypto, key, alg);

	put_part(&w, data, len);
	put_part(&w, mac, mac_len);
	return call(crypto, client_id, CRYPTO_MAC_VERIFY, &w);
}

static struct writer begin_aead(struct client_crypto *crypto, uint32_t key, uint32_t alg,
				const struct client_crypto_aead *aead, const void *data, size_t len)
{
	struct writer w = begin_use(crypto, key, alg);

	put_part(&w, aead->nonce, aead->nonce_len);
	put_part(&w, aead->additional, aead->additional_len);
	put_part(&w, data, len);
	return w;
}

psa_status_t client_crypto_aead_encrypt(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg,
					const struct client_crypto_aead *aead, const void *data,
					size_t len, uint8_t *out, size_t size, size_t *out_len)
{
	struct writer w = begin_aead(crypto, key, alg, aead, data, len);

	return call_bulk(crypto, client_id, CRYPTO_AEAD_ENCRYPT, &w, 2, out, size, out_len);
}

psa_status_t client_crypto_aead_decrypt(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg,
					const struct client_crypto_aead *aead, const void *data,
					size_t len, uint8_t *out, size_t size, size_t *out_len)
{
	struct writer w = begin_aead(crypto, key, alg, aead, data, len);

	return call_bulk(crypto, client_id, CRYPTO_AEAD_DECRYPT, &w, 1, out, size, out_len);
}
