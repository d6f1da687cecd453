// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls of the crypto service. Owns the session that the process has with it, from
 * psa_crypto_init() on, which other ones each thread uses in its place, and what is known of
 * their partitions.
 */
#include <endian.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <tstee_crypto.h>

#include "call.h"
#include "error.h"
#include "psa_status.h"
#include "session.h"

/*
 * How long messages become when there is no memory for them, and how much of a long input goes
 * into one of those: the rest is for all else in the message. Of the second length are those
 * of Trusted Services' own clients.
 */
#define MESSAGE_SHORT	  65536u
#define CHUNK_SHORT	  61440u
#define MESSAGE_SHORTEST  8192u
#define CHUNK_SHORTEST	  4096u

#define RECORD_HEADER_LEN 4u
#define PART_HEADER_LEN	  4u

enum vendor {
	VENDOR_UNKNOWN,
	VENDOR_YES,
	VENDOR_NO,
};

struct tstee_crypto {
	struct session_place place;
	atomic_int vendor;	   /* does the partition know opcodes from CRYPTO_VENDOR on? */
	atomic_size_t message_max; /* longest that there is memory for, as far as is known */
};

static struct tstee_crypto shared;
static _Thread_local struct tstee_crypto *used;

/* What the calls of this thread go to. */
static struct tstee_crypto *current(void)
{
	return used ? used : &shared;
}

/* Of keys, by this process: see struct crypto_moment. */
static atomic_uint endings;

struct crypto_moment crypto_now(void)
{
	return (struct crypto_moment){
		.session = current(),
		.endings = atomic_load(&endings),
		.forks = session_forks(),
	};
}

bool crypto_is_now(const struct crypto_moment *moment)
{
	const struct crypto_moment now = crypto_now();

	return moment->session == now.session && moment->endings == now.endings &&
	       moment->forks == now.forks;
}

void crypto_keys_end(void)
{
	atomic_fetch_add(&endings, 1);
}

/* See tstee_crypto_shortage(). */
static _Thread_local int shortage;

int tstee_crypto_shortage(void)
{
	return shortage;
}

static int there_already(void)
{
	return error_set(EALREADY, NULL, "crypto: the process has a session already");
}

int tstee_crypto_init(const struct tstee_options *options)
{
	struct tstee_session *mine;
	int err;

	if (session_place_full(&shared.place))
		return there_already();
	err = tstee_open(TSTEE_CRYPTO_SERVICE, options, &mine);
	if (err)
		return err;
	atomic_store(&shared.vendor, VENDOR_UNKNOWN);
	atomic_store(&shared.message_max, CRYPTO_MESSAGE_MAX);
	if (!session_place_fill(&shared.place, mine)) {
		tstee_close(mine);
		return there_already();
	}
	return 0;
}

int tstee_crypto_open(const struct tstee_options *options, struct tstee_crypto **crypto)
{
	struct tstee_crypto *mine = calloc(1, sizeof(*mine));
	int err;

	*crypto = NULL;
	if (!mine)
		return error_set(ENOMEM, NULL, "crypto: out of memory");
	err = tstee_open(TSTEE_CRYPTO_SERVICE, options, &mine->place.session);
	if (err) {
		free(mine);
		return err;
	}
	atomic_init(&mine->vendor, VENDOR_UNKNOWN);
	atomic_init(&mine->message_max, CRYPTO_MESSAGE_MAX);
	*crypto = mine;
	return 0;
}

void tstee_crypto_close(struct tstee_crypto *crypto)
{
	if (!crypto)
		return;
	crypto_keys_end();
	session_place_clear(&crypto->place);
	free(crypto);
}

struct tstee_crypto *tstee_crypto_use(struct tstee_crypto *crypto)
{
	struct tstee_crypto *before = used;

	used = crypto;
	return before;
}

psa_status_t psa_crypto_init(void)
{
	int err = 0;

	if (!session_place_full(&shared.place))
		err = tstee_crypto_init(NULL);
	return err && err != -EALREADY ? psa_status_from_error(err) : PSA_SUCCESS;
}

void mbedtls_psa_crypto_free(void)
{
	crypto_keys_end();
	session_place_clear(&shared.place);
}

/* Mbed TLS built as a client asks these before it relies on PSA; answers as its own core. */
int psa_can_do_hash(psa_algorithm_t hash_alg)
{
	(void)hash_alg;
	return session_place_full(&current()->place);
}

int psa_can_do_cipher(psa_key_type_t key_type, psa_algorithm_t cipher_alg)
{
	(void)key_type;
	(void)cipher_alg;
	return session_place_full(&current()->place);
}

void crypto_request_init(struct crypto_request *req, uint32_t opcode)
{
	req->opcode = opcode;
	req->status = PSA_SUCCESS;
	req->refused = false;
	req->too_long = false;
	req->variable = 0;
	req->iov_count = 1;
	req->len = 0;
	req->iov[0] = (struct iovec){ .iov_base = req->fixed };
}

static void fixed_add(struct crypto_request *req, const void *field, size_t len)
{
	if (req->variable || len > sizeof(req->fixed) - req->len) {
		req->status = PSA_ERROR_PROGRAMMER_ERROR;
		return;
	}
	memcpy(req->fixed + req->len, field, len);
	req->len += len;
	req->iov[0].iov_len = req->len;
}

void crypto_request_u32(struct crypto_request *req, uint32_t value)
{
	value = htole32(value);
	fixed_add(req, &value, sizeof(value));
}

void crypto_request_u64(struct crypto_request *req, uint64_t value)
{
	value = htole64(value);
	fixed_add(req, &value, sizeof(value));
}

void crypto_request_attributes(struct crypto_request *req, const psa_key_attributes_t *attributes)
{
	const struct crypto_attributes a = {
		.type = htole32(psa_get_key_type(attributes)),
		.key_bits = htole32((uint32_t)psa_get_key_bits(attributes)),
		.lifetime = htole32(psa_get_key_lifetime(attributes)),
		.id = htole32(psa_get_key_id(attributes)),
		.usage = htole32(psa_get_key_usage_flags(attributes)),
		.alg = htole32(psa_get_key_algorithm(attributes)),
	};

	/* What the message has no room for. */
	if (psa_get_key_enrollment_algorithm(attributes) != PSA_ALG_NONE)
		req->status = PSA_ERROR_NOT_SUPPORTED;
	/* The service wouldn't heed it: other clients send one that means nothing. */
	if (PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(attributes)) && a.id)
		req->status = PSA_ERROR_INVALID_ARGUMENT;
	fixed_add(req, &a, sizeof(a));
}

static void variable_add(struct crypto_request *req, const void *data, size_t len)
{
	req->iov[req->iov_count++] = (struct iovec){ .iov_base = req->headers[req->variable++],
						     .iov_len = sizeof(req->headers[0]) };
	req->iov[req->iov_count++] = (struct iovec){ .iov_base = (void *)data, .iov_len = len };
	req->len += sizeof(req->headers[0]) + len;
}

/* Is there room for a header, and @data of @len bytes, of which @max are allowed? */
static bool variable_check(struct crypto_request *req, const void *data, size_t len, size_t max)
{
	if (req->status != PSA_SUCCESS)
		return false;
	if (req->variable == CRYPTO_TAG_THIRD)
		req->status = PSA_ERROR_PROGRAMMER_ERROR;
	else if (len > max || (len && !data))
		req->status = PSA_ERROR_INVALID_ARGUMENT;
	return req->status == PSA_SUCCESS;
}

void crypto_request_record(struct crypto_request *req, const void *data, size_t len)
{
	uint16_t header[2];

	if (!variable_check(req, data, len, UINT16_MAX))
		return;
	header[0] = htobe16((uint16_t)(req->variable + CRYPTO_TAG_FIRST));
	header[1] = htobe16((uint16_t)len);
	memcpy(req->headers[req->variable], header, RECORD_HEADER_LEN);
	variable_add(req, data, len);
}

void crypto_request_part(struct crypto_request *req, const void *data, size_t len)
{
	uint32_t header = htole32((uint32_t)len);

	if (!variable_check(req, data, len, SIZE_MAX))
		return;
	/* Before anything can overflow. Those that are a little shorter are refused in the call. */
	if (len > CRYPTO_MESSAGE_MAX) {
		req->status = PSA_ERROR_NOT_SUPPORTED;
		req->refused = true;
		return;
	}
	memcpy(req->headers[req->variable], &header, PART_HEADER_LEN);
	variable_add(req, data, len);
}

void crypto_request_operation(struct crypto_request *req, uint32_t opcode, uint32_t handle)
{
	crypto_request_init(req, opcode);
	crypto_request_u32(req, handle);
}

void crypto_request_key(struct crypto_request *req, uint32_t opcode, mbedtls_svc_key_id_t key,
			psa_algorithm_t alg)
{
	crypto_request_init(req, opcode);
	crypto_request_u32(req, key);
	crypto_request_u32(req, alg);
}

psa_status_t crypto_malformed(const struct crypto_request *req)
{
	return psa_status_from_error(error_set(
		EPROTO, NULL, "crypto: malformed response of operation 0x%x", req->opcode));
}

/* Does @err say that the partition doesn't know the opcode? */
static bool opcode_unknown(int err)
{
	/* Linux's own driver has one errno for all that a partition refuses. */
	return err == -EOPNOTSUPP ||
	       (err == -EINVAL && atomic_load(&current()->vendor) != VENDOR_YES);
}

/* True if there was no memory for a message of length @longest, but may be for a shorter one. */
static bool memory_short(size_t longest, int err)
{
	switch (err) {
	case -EDQUOT:
	case -ENOMEM:
	case -ENOSPC:
		break;
	default:
		return false;
	}
	if (longest <= MESSAGE_SHORTEST)
		return false;
	atomic_store(&current()->message_max,
		     longest > MESSAGE_SHORT ? MESSAGE_SHORT : MESSAGE_SHORTEST);
	return true;
}

/* @longest: of request and response. */
static psa_status_t call_failed(struct crypto_request *req, size_t longest, int err)
{
	if (req->opcode >= CRYPTO_VENDOR && opcode_unknown(err)) {
		int unknown = VENDOR_UNKNOWN;

		atomic_compare_exchange_strong(&current()->vendor, &unknown, VENDOR_NO);
		req->refused = true;
		return PSA_ERROR_NOT_SUPPORTED;
	}
	if (memory_short(longest, err)) {
		req->refused = true;
		req->too_long = true;
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	switch (err) {
	case -EMSGSIZE:
	case -ENOBUFS:
		return PSA_ERROR_BUFFER_TOO_SMALL;
	case -EOPNOTSUPP:
		return PSA_ERROR_NOT_SUPPORTED;
	default:
		return psa_status_from_error(err);
	}
}

/*
 * Does a call with @opcode go on where it stopped when it is made again? What takes long is done
 * in slices, so that others are served in between.
 */
static bool goes_on(uint32_t opcode)
{
	switch (opcode) {
	case CRYPTO_GENERATE_KEY:
	case CRYPTO_GENERATE_KEY_CUSTOM:
	case CRYPTO_DERIVATION_OUTPUT_BYTES:
	case CRYPTO_DERIVATION_OUTPUT_KEY:
	case CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM:
	case CRYPTO_DERIVATION_VERIFY_BYTES:
	case CRYPTO_DERIVATION_VERIFY_KEY:
		return true;
	default:
		return false;
	}
}

/* What can be told without a call; PSA_SUCCESS: one is to be made. @longest: of request and response. */
static psa_status_t call_check(struct crypto_request *req, size_t longest)
{
	if (req->status != PSA_SUCCESS)
		return req->status;
	if (req->opcode >= CRYPTO_VENDOR && (atomic_load(&current()->vendor) == VENDOR_NO ||
					     longest > atomic_load(&current()->message_max))) {
		req->refused = true;
		return PSA_ERROR_NOT_SUPPORTED;
	}
	return PSA_SUCCESS;
}

psa_status_t crypto_call_pieces(struct crypto_request *req, const struct iovec *resp,
				int resp_count, size_t *len)
{
	struct tstee_session *session = session_place_hold(&current()->place);
	size_t longest = 0;
	psa_status_t refused;
	int32_t status;
	int err;

	*len = 0;
	if (!session)
		return PSA_ERROR_BAD_STATE;
	for (int i = 0; i < resp_count; i++)
		longest += resp[i].iov_len;
	if (longest < req->len)
		longest = req->len;
	refused = call_check(req, longest);
	if (refused != PSA_SUCCESS) {
		session_let_go(session);
		return refused;
	}
	do {
		err = session_callv(session, longest <= MESSAGE_SHORTEST, req->opcode, req->iov,
				    req->iov_count, resp, resp_count, len, &status);
	} while (!err && status == PSA_OPERATION_INCOMPLETE && goes_on(req->opcode));
	session_let_go(session);
	if (err || status == PSA_ERROR_INSUFFICIENT_MEMORY)
		shortage = err;
	if (err) {
		*len = 0;
		return call_failed(req, longest, err);
	}
	if (req->opcode >= CRYPTO_VENDOR)
		atomic_store(&current()->vendor, VENDOR_YES);
	if (status != PSA_SUCCESS)
		*len = 0;
	return status;
}

psa_status_t crypto_call(struct crypto_request *req)
{
	size_t len;

	return crypto_call_pieces(req, NULL, 0, &len);
}

psa_status_t crypto_call_fixed(struct crypto_request *req, void *out, size_t len)
{
	const struct iovec resp = { .iov_base = out, .iov_len = len };
	size_t resp_len;
	psa_status_t status = crypto_call_pieces(req, &resp, 1, &resp_len);

	if (status == PSA_SUCCESS && resp_len != len)
		status = crypto_malformed(req);
	if (status != PSA_SUCCESS)
		memset(out, 0, len);
	return status;
}

psa_status_t crypto_call_u32(struct crypto_request *req, uint32_t *value)
{
	psa_status_t status = crypto_call_fixed(req, value, sizeof(*value));

	*value = le32toh(*value);
	return status;
}

/* The length that the header of a record, or of a bulk part, tells; SIZE_MAX if it is none. */
static size_t header_len(const uint8_t header[RECORD_HEADER_LEN], bool bulk)
{
	uint16_t record[2];
	uint32_t part;

	if (bulk) {
		memcpy(&part, header, sizeof(part));
		return le32toh(part);
	}
	memcpy(record, header, sizeof(record));
	return be16toh(record[0]) == CRYPTO_TAG_FIRST ? be16toh(record[1]) : SIZE_MAX;
}

static psa_status_t call_variable(struct crypto_request *req, bool bulk, void *out, size_t size,
				  size_t max, size_t *len)
{
	uint8_t header[RECORD_HEADER_LEN];
	const struct iovec resp[] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = out, .iov_len = size < max ? size : max },
	};
	psa_status_t status;
	size_t resp_len;

	*len = 0;
	if (size && !out)
		return PSA_ERROR_INVALID_ARGUMENT;
	status = crypto_call_pieces(req, resp, 2, &resp_len);
	if (status == PSA_SUCCESS &&
	    (resp_len < sizeof(header) || header_len(header, bulk) != resp_len - sizeof(header)))
		status = crypto_malformed(req);
	if (status == PSA_SUCCESS)
		*len = resp_len - sizeof(header);
	else if (size && !req->refused)
		memset(out, 0, size);
	return status;
}

psa_status_t crypto_call_record(struct crypto_request *req, void *out, size_t size, size_t max,
				size_t *len)
{
	return call_variable(req, false, out, size, max, len);
}

psa_status_t crypto_call_part(struct crypto_request *req, void *out, size_t size, size_t max,
			      size_t *len)
{
	return call_variable(req, true, out, size, max, len);
}

psa_status_t crypto_call_made(struct crypto_request *req, uint32_t *id, void *out, size_t size,
			      size_t *len)
{
	uint32_t made, header;
	const struct iovec resp[] = {
		{ .iov_base = &made, .iov_len = sizeof(made) },
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = out, .iov_len = size },
	};
	psa_status_t status;
	size_t got;

	*id = 0;
	*len = 0;
	status = crypto_call_pieces(req, resp, 3, &got);
	if (status != PSA_SUCCESS)
		return status;
	if (got < sizeof(made) + sizeof(header) ||
	    le32toh(header) != got - sizeof(made) - sizeof(header))
		return crypto_malformed(req);
	*id = le32toh(made);
	*len = le32toh(header);
	return PSA_SUCCESS;
}

void crypto_made(void)
{
	session_keeps(&current()->place);
}

size_t crypto_chunk(size_t len)
{
	size_t max = CHUNK_SHORT;

	if (atomic_load(&current()->message_max) < MESSAGE_SHORT)
		max = CHUNK_SHORTEST;
	return len < max ? len : max;
}

psa_status_t crypto_feed(uint32_t opcode, uint32_t handle, const uint8_t *data, size_t len)
{
	struct crypto_request req;
	psa_status_t status;
	size_t chunk;

	do {
		chunk = crypto_chunk(len);
		crypto_request_operation(&req, opcode, handle);
		crypto_request_record(&req, data, chunk);
		status = crypto_call(&req);
		if (req.too_long)
			continue;
		if (status != PSA_SUCCESS)
			return status;
		if (chunk)
			data += chunk;
		len -= chunk;
	} while (len);
	return PSA_SUCCESS;
}

psa_status_t crypto_filter(uint32_t opcode, uint32_t handle, const uint8_t *data, size_t len,
			   uint8_t *out, size_t out_size, size_t *out_len)
{
	size_t chunk, got, done = 0;
	struct crypto_request req;
	psa_status_t status;

	*out_len = 0;
	if (out_size && !out)
		return PSA_ERROR_INVALID_ARGUMENT;
	do {
		chunk = crypto_chunk(len);
		crypto_request_operation(&req, opcode, handle);
		crypto_request_record(&req, data, chunk);
		status = crypto_call_record(&req, out_size ? out + done : NULL, out_size - done,
					    chunk + PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE, &got);
		if (req.too_long)
			continue;
		if (status != PSA_SUCCESS) {
			if (done)
				memset(out, 0, done);
			return status;
		}
		done += got;
		if (chunk)
			data += chunk;
		len -= chunk;
	} while (len);
	*out_len = done;
	return PSA_SUCCESS;
}

psa_status_t crypto_operation_start(struct crypto_request *setup, uint32_t abort_opcode,
				    uint32_t *handle)
{
	psa_status_t status;
	uint32_t made;

	if (*handle) {
		(void)crypto_operation_abort(abort_opcode, handle);
		return PSA_ERROR_BAD_STATE;
	}
	status = crypto_call_u32(setup, &made);
	if (status == PSA_SUCCESS && made == CRYPTO_NO_OPERATION)
		status = crypto_malformed(setup);
	if (status == PSA_SUCCESS) {
		*handle = made;
		crypto_made();
	}
	return status;
}

psa_status_t crypto_operation_abort(uint32_t opcode, uint32_t *handle)
{
	struct crypto_request req;

	if (*handle == CRYPTO_NO_OPERATION)
		return PSA_SUCCESS;
	crypto_request_operation(&req, opcode, *handle);
	*handle = CRYPTO_NO_OPERATION;
	return crypto_call(&req);
}

psa_status_t crypto_operation_end(uint32_t abort_opcode, uint32_t *handle, psa_status_t status)
{
	if (status != PSA_SUCCESS)
		(void)crypto_operation_abort(abort_opcode, handle);
	return status;
}

psa_status_t crypto_operation_finish(uint32_t abort_opcode, uint32_t *handle, psa_status_t status)
{
	if (status == PSA_SUCCESS)
		*handle = CRYPTO_NO_OPERATION;
	return crypto_operation_end(abort_opcode, handle, status);
}
