/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of the crypto service (tstee/crypto.h) over the one session that the process has with
 * it: requests are put together of pieces that stay where they are, and responses land where
 * the caller wants them. Any thread.
 */
#ifndef CLIENT_CRYPTO_CALL_H
#define CLIENT_CRYPTO_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <tstee/crypto.h>

/* The functions of the API are the library's; all else is its own. */
#pragma GCC visibility push(default)
#include <psa/crypto-pqc.h>
#pragma GCC visibility pop

/* Refers to itself: never copied. What it points to must stay until the call. */
struct crypto_request {
	uint32_t opcode;
	psa_status_t status; /* what is wrong with it, or PSA_SUCCESS */
	bool refused;	     /* see crypto_request_refused() */
	bool too_long;	     /* there was no memory for it; see crypto_chunk() */
	uint16_t variable;   /* records or parts so far */
	int iov_count;
	size_t len;
	struct iovec iov[1 + 2 * CRYPTO_TAG_THIRD]; /* fixed part, headers and values */
	uint8_t headers[CRYPTO_TAG_THIRD][sizeof(uint32_t)];
	uint8_t fixed[sizeof(struct crypto_output_key_custom)];
};

/* The fixed part first, a field at a time; then records, or bulk parts, in their order. */
void crypto_request_init(struct crypto_request *req, uint32_t opcode);
void crypto_request_u32(struct crypto_request *req, uint32_t value);
void crypto_request_u64(struct crypto_request *req, uint64_t value);
void crypto_request_attributes(struct crypto_request *req, const psa_key_attributes_t *attributes);
void crypto_request_record(struct crypto_request *req, const void *data, size_t len);
void crypto_request_part(struct crypto_request *req, const void *data, size_t len);

/*
 * For what is known of a key without a call: it is so for the moment. crypto_keys_end(), to be called
 * before a key is destroyed, another session and a fork begin another one.
 */
struct crypto_moment {
	const void *session;
	unsigned int endings, forks;
};
struct crypto_moment crypto_now(void);
bool crypto_is_now(const struct crypto_moment *moment);
void crypto_keys_end(void);

/* A request of an opcode with the usual fixed parts. */
void crypto_request_operation(struct crypto_request *req, uint32_t opcode, uint32_t handle);
void crypto_request_key(struct crypto_request *req, uint32_t opcode, mbedtls_svc_key_id_t key,
			psa_algorithm_t alg);

/*
 * Makes the call. What is returned is the service's status, or what psa_status_from_error()
 * makes of a failure on the way to it; PSA_ERROR_BAD_STATE before psa_crypto_init();
 * PSA_ERROR_INVALID_ARGUMENT if a record is too long to be one.
 */
psa_status_t crypto_call(struct crypto_request *req);

/* The same, for responses of @len bytes, no more and no less, and of one number. */
psa_status_t crypto_call_fixed(struct crypto_request *req, void *out, size_t len);
psa_status_t crypto_call_u32(struct crypto_request *req, uint32_t *value);

/* The same, for the ID of a new key and one bulk part, which is never longer than @size. */
psa_status_t crypto_call_made(struct crypto_request *req, uint32_t *id, void *out, size_t size,
			      size_t *len);

/*
 * The same, for responses of one record or one bulk part, which is never longer than @max.
 * *@len is its length. PSA_ERROR_BUFFER_TOO_SMALL if it is longer than @size. After a failure
 * *@len is 0 and @out all zeros; but @out is as it was, perhaps the input of another try, if
 * the request was refused.
 */
psa_status_t crypto_call_record(struct crypto_request *req, void *out, size_t size, size_t max,
				size_t *len);
psa_status_t crypto_call_part(struct crypto_request *req, void *out, size_t size, size_t max,
			      size_t *len);

/* The same, for any response: the pieces of @resp are filled with its *@len bytes. */
psa_status_t crypto_call_pieces(struct crypto_request *req, const struct iovec *resp,
				int resp_count, size_t *len);

/*
 * True if the last call with @req came to nothing since the partition doesn't know the opcode,
 * or no request of this length: then the caller goes the long way, by opcodes that all
 * partitions know, if there is one.
 */
static inline bool crypto_request_refused(const struct crypto_request *req)
{
	return req->refused;
}

/*
 * To be told after a call that made something which isn't kept for good: a volatile key, an
 * operation. From then on the session keeps the buffers for short calls.
 */
void crypto_made(void);

/* The answer that isn't one: leaves a message. */
psa_status_t crypto_malformed(const struct crypto_request *req);

/*
 * How much of @len bytes a request, or its response, is to carry when they come in pieces.
 * Less than before when a request came back as too long: then it is to be made anew.
 */
size_t crypto_chunk(size_t len);

/*
 * Sends @data to operation @handle by @opcode, {handle, record}, in as many pieces as it
 * takes, one at least.
 */
psa_status_t crypto_feed(uint32_t opcode, uint32_t handle, const uint8_t *data, size_t len);

/*
 * The same where each piece has a response that is a record, no longer than the piece and a
 * cipher block. After a failure *@out_len is 0 and @out all zeros.
 */
psa_status_t crypto_filter(uint32_t opcode, uint32_t handle, const uint8_t *data, size_t len,
			   uint8_t *out, size_t out_size, size_t *out_len);

/*
 * Multi-part operations are a handle each, 0 if there is none.
 *
 * crypto_operation_start: sends a setup request. As in Mbed TLS an operation that is there
 * already goes, with PSA_ERROR_BAD_STATE.
 * crypto_operation_abort: by @opcode, if there is one; the handle is 0 then, come what may.
 * crypto_operation_end: after a call that doesn't end the operation, unless its status says
 * that it failed. Returns @status.
 * crypto_operation_finish: after a call that ended it; if it failed the partition still has to
 * be told. Returns @status.
 */
psa_status_t crypto_operation_start(struct crypto_request *setup, uint32_t abort_opcode,
				    uint32_t *handle);
psa_status_t crypto_operation_abort(uint32_t opcode, uint32_t *handle);
psa_status_t crypto_operation_end(uint32_t abort_opcode, uint32_t *handle, psa_status_t status);
psa_status_t crypto_operation_finish(uint32_t abort_opcode, uint32_t *handle, psa_status_t status);

#endif /* CLIENT_CRYPTO_CALL_H */
