// SPDX-License-Identifier: BSD-3-Clause
/* The PSA Crypto API: authenticated encryption. No state. */
#include <endian.h>
#include <string.h>

#include "call.h"

static psa_status_t setup(psa_aead_operation_t *operation, uint32_t opcode,
			  mbedtls_svc_key_id_t key, psa_algorithm_t alg)
{
	struct crypto_request req;

	crypto_request_key(&req, opcode, key, alg);
	return crypto_operation_start(&req, CRYPTO_AEAD_ABORT, &operation->handle);
}

psa_status_t psa_aead_encrypt_setup(psa_aead_operation_t *operation, mbedtls_svc_key_id_t key,
				    psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_AEAD_ENCRYPT_SETUP, key, alg);
}

psa_status_t psa_aead_decrypt_setup(psa_aead_operation_t *operation, mbedtls_svc_key_id_t key,
				    psa_algorithm_t alg)
{
	return setup(operation, CRYPTO_AEAD_DECRYPT_SETUP, key, alg);
}

psa_status_t psa_aead_abort(psa_aead_operation_t *operation)
{
	return crypto_operation_abort(CRYPTO_AEAD_ABORT, &operation->handle);
}

psa_status_t psa_aead_generate_nonce(psa_aead_operation_t *operation, uint8_t *nonce,
				     size_t nonce_size, size_t *nonce_length)
{
	struct crypto_request req;
	psa_status_t status;

	*nonce_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_AEAD_GENERATE_NONCE, operation->handle);
	status = crypto_call_record(&req, nonce, nonce_size, PSA_AEAD_NONCE_MAX_SIZE, nonce_length);
	return crypto_operation_end(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

psa_status_t psa_aead_set_nonce(psa_aead_operation_t *operation, const uint8_t *nonce,
				size_t nonce_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_AEAD_SET_NONCE, operation->handle);
	crypto_request_record(&req, nonce, nonce_length);
	status = crypto_call(&req);
	return crypto_operation_end(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

psa_status_t psa_aead_set_lengths(psa_aead_operation_t *operation, size_t ad_length,
				  size_t plaintext_length)
{
	struct crypto_request req;
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	if (ad_length > UINT32_MAX || plaintext_length > UINT32_MAX) {
		/* The message has no room for such lengths, nor have most algorithms. */
		status = PSA_ERROR_INVALID_ARGUMENT;
	} else {
		crypto_request_operation(&req, CRYPTO_AEAD_SET_LENGTHS, operation->handle);
		crypto_request_u32(&req, (uint32_t)ad_length);
		crypto_request_u32(&req, (uint32_t)plaintext_length);
		status = crypto_call(&req);
	}
	return crypto_operation_end(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

psa_status_t psa_aead_update_ad(psa_aead_operation_t *operation, const uint8_t *input,
				size_t input_length)
{
	psa_status_t status;

	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = crypto_feed(CRYPTO_AEAD_UPDATE_AD, operation->handle, input, input_length);
	return crypto_operation_end(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

psa_status_t psa_aead_update(psa_aead_operation_t *operation, const uint8_t *input,
			     size_t input_length, uint8_t *output, size_t output_size,
			     size_t *output_length)
{
	psa_status_t status;

	*output_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = crypto_filter(CRYPTO_AEAD_UPDATE, operation->handle, input, input_length, output,
			       output_size, output_length);
	return crypto_operation_end(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

/* What AEAD_FINISH answers: two records, each with the header of one. */
struct finish_response {
	uint8_t bytes[2 * 4 + PSA_AEAD_FINISH_OUTPUT_MAX_SIZE + PSA_AEAD_TAG_MAX_SIZE];
	size_t len;
	size_t read;
};

static bool finish_record(struct finish_response *resp, uint16_t tag, const uint8_t **value,
			  size_t *len)
{
	uint16_t header[2];

	if (resp->len - resp->read < sizeof(header))
		return false;
	memcpy(header, resp->bytes + resp->read, sizeof(header));
	resp->read += sizeof(header);
	*value = resp->bytes + resp->read;
	*len = be16toh(header[1]);
	if (be16toh(header[0]) != tag || *len > resp->len - resp->read)
		return false;
	resp->read += *len;
	return true;
}

static psa_status_t finish(uint32_t handle, uint8_t *ciphertext, size_t ciphertext_size,
			   size_t *ciphertext_length, uint8_t *tag, size_t tag_size,
			   size_t *tag_length)
{
	struct finish_response resp = { .read = 0 };
	const struct iovec iov = { .iov_base = resp.bytes, .iov_len = sizeof(resp.bytes) };
	const uint8_t *first, *second;
	size_t first_len, second_len;
	struct crypto_request req;
	psa_status_t status;

	crypto_request_operation(&req, CRYPTO_AEAD_FINISH, handle);
	status = crypto_call_pieces(&req, &iov, 1, &resp.len);
	if (status != PSA_SUCCESS)
		return status;
	if (!finish_record(&resp, CRYPTO_TAG_FIRST, &first, &first_len) ||
	    !finish_record(&resp, CRYPTO_TAG_SECOND, &second, &second_len) || resp.read != resp.len)
		return crypto_malformed(&req);
	if (first_len > ciphertext_size || second_len > tag_size)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (first_len)
		memcpy(ciphertext, first, first_len);
	if (second_len)
		memcpy(tag, second, second_len);
	*ciphertext_length = first_len;
	*tag_length = second_len;
	return PSA_SUCCESS;
}

psa_status_t psa_aead_finish(psa_aead_operation_t *operation, uint8_t *ciphertext,
			     size_t ciphertext_size, size_t *ciphertext_length, uint8_t *tag,
			     size_t tag_size, size_t *tag_length)
{
	psa_status_t status;

	*ciphertext_length = 0;
	*tag_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	status = finish(operation->handle, ciphertext, ciphertext_size, ciphertext_length, tag,
			tag_size, tag_length);
	if (status != PSA_SUCCESS && tag_size && tag)
		memset(tag, 0, tag_size);
	return crypto_operation_finish(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

psa_status_t psa_aead_verify(psa_aead_operation_t *operation, uint8_t *plaintext,
			     size_t plaintext_size, size_t *plaintext_length, const uint8_t *tag,
			     size_t tag_length)
{
	struct crypto_request req;
	psa_status_t status;

	*plaintext_length = 0;
	if (!operation->handle)
		return PSA_ERROR_BAD_STATE;
	crypto_request_operation(&req, CRYPTO_AEAD_VERIFY, operation->handle);
	crypto_request_record(&req, tag, tag_length);
	status = crypto_call_record(&req, plaintext, plaintext_size,
				    PSA_AEAD_VERIFY_OUTPUT_MAX_SIZE, plaintext_length);
	return crypto_operation_finish(CRYPTO_AEAD_ABORT, &operation->handle, status);
}

/* All that one-shot functions give to the partition. */
struct message {
	mbedtls_svc_key_id_t key;
	psa_algorithm_t alg;
	const uint8_t *nonce;
	size_t nonce_len;
	const uint8_t *ad;
	size_t ad_len;
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_size;
};

static void request(struct crypto_request *req, uint32_t opcode, const struct message *m)
{
	crypto_request_key(req, opcode, m->key, m->alg);
	crypto_request_part(req, m->nonce, m->nonce_len);
	crypto_request_part(req, m->ad, m->ad_len);
	crypto_request_part(req, m->in, m->in_len);
}

static void wipe_output(const struct message *m, size_t *out_len)
{
	if (m->out_size && m->out)
		memset(m->out, 0, m->out_size);
	*out_len = 0;
}

/*
 * Two parts, which the caller wants as one: a ciphertext has the length of its plaintext, so
 * the place of the tag is known beforehand.
 */
static psa_status_t encrypt(struct crypto_request *req, const struct message *m, size_t *out_len)
{
	const size_t text = m->in_len < m->out_size ? m->in_len : m->out_size;
	const size_t rest = m->out_size - text;
	uint32_t headers[2];
	const struct iovec resp[] = {
		{ .iov_base = &headers[0], .iov_len = sizeof(headers[0]) },
		{ .iov_base = m->out, .iov_len = text },
		{ .iov_base = &headers[1], .iov_len = sizeof(headers[1]) },
		{ .iov_base = rest ? m->out + text : NULL,
		  .iov_len = rest < PSA_AEAD_TAG_MAX_SIZE ? rest : PSA_AEAD_TAG_MAX_SIZE },
	};
	psa_status_t status;
	size_t len;

	status = crypto_call_pieces(req, resp, 4, &len);
	if (status != PSA_SUCCESS)
		return status;
	if (len < sizeof(headers) + text || text < m->in_len || le32toh(headers[0]) != m->in_len)
		return crypto_malformed(req);
	len -= sizeof(headers) + text;
	if (le32toh(headers[1]) != len)
		return crypto_malformed(req);
	*out_len = text + len;
	return PSA_SUCCESS;
}

/* The way that all partitions know, in the order that they expect. */
static psa_status_t start(psa_aead_operation_t *operation, const struct message *m, size_t text_len)
{
	psa_status_t status = psa_aead_set_lengths(operation, m->ad_len, text_len);

	if (status == PSA_SUCCESS)
		status = psa_aead_set_nonce(operation, m->nonce, m->nonce_len);
	if (status == PSA_SUCCESS && m->ad_len)
		status = psa_aead_update_ad(operation, m->ad, m->ad_len);
	return status;
}

static psa_status_t encrypt_in_parts(const struct message *m, size_t *out_len)
{
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	uint8_t tag[PSA_AEAD_TAG_MAX_SIZE];
	size_t done = 0, len, tag_len;
	psa_status_t status;

	status = psa_aead_encrypt_setup(&operation, m->key, m->alg);
	if (status == PSA_SUCCESS)
		status = start(&operation, m, m->in_len);
	if (status == PSA_SUCCESS && m->in_len) {
		status = psa_aead_update(&operation, m->in, m->in_len, m->out, m->out_size, &len);
		done = len;
	}
	if (status != PSA_SUCCESS)
		return status;
	status = psa_aead_finish(&operation, m->out_size ? m->out + done : NULL, m->out_size - done,
				 &len, tag, sizeof(tag), &tag_len);
	if (status != PSA_SUCCESS)
		return status;
	done += len;
	if (tag_len > m->out_size - done)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(m->out + done, tag, tag_len);
	*out_len = done + tag_len;
	return PSA_SUCCESS;
}

static psa_status_t decrypt_in_parts(const struct message *m, size_t *out_len)
{
	const size_t tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(m->alg);
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	const size_t text_len = m->in_len - tag_len;
	psa_status_t status;
	size_t done = 0, len;

	status = psa_aead_decrypt_setup(&operation, m->key, m->alg);
	if (status != PSA_SUCCESS)
		return status;
	if (m->in_len < tag_len) {
		(void)psa_aead_abort(&operation);
		return PSA_ERROR_INVALID_ARGUMENT;
	}
	status = start(&operation, m, text_len);
	if (status == PSA_SUCCESS && text_len) {
		status = psa_aead_update(&operation, m->in, text_len, m->out, m->out_size, &len);
		done = len;
	}
	if (status != PSA_SUCCESS)
		return status;
	status = psa_aead_verify(&operation, m->out_size ? m->out + done : NULL, m->out_size - done,
				 &len, m->in + text_len, tag_len);
	*out_len = done + len;
	return status;
}

psa_status_t psa_aead_encrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
			      size_t nonce_length, const uint8_t *additional_data,
			      size_t additional_data_length, const uint8_t *plaintext,
			      size_t plaintext_length, uint8_t *ciphertext, size_t ciphertext_size,
			      size_t *ciphertext_length)
{
	const struct message m = { key,
				   alg,
				   nonce,
				   nonce_length,
				   additional_data,
				   additional_data_length,
				   plaintext,
				   plaintext_length,
				   ciphertext,
				   ciphertext_size };
	struct crypto_request req;
	psa_status_t status;

	*ciphertext_length = 0;
	if (ciphertext_size && !ciphertext)
		return PSA_ERROR_INVALID_ARGUMENT;
	request(&req, CRYPTO_AEAD_ENCRYPT, &m);
	status = encrypt(&req, &m, ciphertext_length);
	if (crypto_request_refused(&req))
		status = encrypt_in_parts(&m, ciphertext_length);
	if (status != PSA_SUCCESS)
		wipe_output(&m, ciphertext_length);
	return status;
}

psa_status_t psa_aead_decrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *nonce,
			      size_t nonce_length, const uint8_t *additional_data,
			      size_t additional_data_length, const uint8_t *ciphertext,
			      size_t ciphertext_length, uint8_t *plaintext, size_t plaintext_size,
			      size_t *plaintext_length)
{
	const struct message m = { key,
				   alg,
				   nonce,
				   nonce_length,
				   additional_data,
				   additional_data_length,
				   ciphertext,
				   ciphertext_length,
				   plaintext,
				   plaintext_size };
	struct crypto_request req;
	psa_status_t status;

	request(&req, CRYPTO_AEAD_DECRYPT, &m);
	status = crypto_call_part(&req, plaintext, plaintext_size, ciphertext_length,
				  plaintext_length);
	if (crypto_request_refused(&req))
		status = decrypt_in_parts(&m, plaintext_length);
	if (status != PSA_SUCCESS)
		wipe_output(&m, plaintext_length);
	return status;
}
