// SPDX-License-Identifier: BSD-3-Clause
/* Attestation over a session. No state. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <tstee/attestation.h>
#include <tstee_attestation.h>

#include "error.h"

static_assert(TSTEE_TOKEN_MAX == ATTESTATION_TOKEN_MAX, "token length");
static_assert(TSTEE_ATTESTATION_KEY_LEN == ATTESTATION_IAK_PUBLIC_LEN, "public key length");
static_assert(TSTEE_ATTESTATION_SCALAR_LEN == ATTESTATION_IAK_LEN, "private key length");
static_assert(TSTEE_SECRET_MAX == ATTESTATION_SECRET_MAX, "secret length");
static_assert(TSTEE_SEAL_OVERHEAD == sizeof(struct attestation_sealed) + ATTESTATION_SEAL_TAG_LEN,
	      "sealed length");
static_assert((int)TSTEE_SEAL_SOFTWARE == (int)ATTESTATION_SEAL_SOFTWARE, "flags");
static_assert((int)TSTEE_TOKEN_LEGACY == (int)ATTESTATION_PROFILE_LEGACY, "profile");
static_assert((int)TSTEE_TOKEN_RFC9783 == (int)ATTESTATION_PROFILE_RFC9783, "profile");

/* {tag, length}, big-endian, before the value. */
#define RECORD_HEADER_LEN 4u

static void record_header(uint8_t header[RECORD_HEADER_LEN], size_t len)
{
	const uint16_t fields[] = { htobe16(ATTESTATION_TAG), htobe16((uint16_t)len) };

	memcpy(header, fields, sizeof(fields));
}

/* Linux's own driver has one errno for all that a partition refuses. */
static bool opcode_unknown(int err)
{
	return err == -EOPNOTSUPP || err == -EINVAL;
}

/* The one record of a response of @len bytes: its value, in place. */
static int response_record(const uint8_t *resp, size_t len, const uint8_t **value,
			   size_t *value_len)
{
	uint16_t fields[2];

	*value = NULL;
	*value_len = 0;
	if (len >= RECORD_HEADER_LEN) {
		memcpy(fields, resp, sizeof(fields));
		*value = resp + RECORD_HEADER_LEN;
		*value_len = be16toh(fields[1]);
		if (be16toh(fields[0]) == ATTESTATION_TAG && *value_len <= len - RECORD_HEADER_LEN)
			return 0;
	}
	return error_set(EPROTO, NULL, "attestation: malformed response");
}

/* @profile 0: by the opcode that all partitions know. */
static int get_token(struct tstee_session *session, uint32_t profile, const uint8_t *challenge,
		     size_t challenge_len, uint8_t *token, size_t token_size, size_t *token_len,
		     psa_status_t *status)
{
	struct attestation_profile_only fixed = { .profile = htole32(profile) };
	uint8_t header[RECORD_HEADER_LEN], resp[RECORD_HEADER_LEN + ATTESTATION_TOKEN_MAX];
	const struct iovec iov[] = {
		{ .iov_base = &fixed, .iov_len = sizeof(fixed) },
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)challenge, .iov_len = challenge_len },
	};
	const int skip = profile ? 0 : 1;
	const uint8_t *value;
	size_t len, resp_len;
	int err;

	record_header(header, challenge_len);
	err = tstee_callv(session, profile ? ATTESTATION_GET_TOKEN_PROFILE : ATTESTATION_GET_TOKEN,
			  iov + skip, 3 - skip, resp, sizeof(resp), &resp_len, status);
	if (err || *status != PSA_SUCCESS)
		return err;
	err = response_record(resp, resp_len, &value, &len);
	if (err)
		return err;
	if (len > token_size) {
		*status = PSA_ERROR_BUFFER_TOO_SMALL;
		return 0;
	}
	memcpy(token, value, len);
	*token_len = len;
	return 0;
}

static int get_token_len(struct tstee_session *session, uint32_t profile, size_t challenge_len,
			 size_t *token_len, psa_status_t *status)
{
	struct attestation_profile_size fixed = {
		.profile = htole32(profile),
		.challenge_size = htole32((uint32_t)challenge_len),
	};
	struct attestation_token_size size;
	size_t resp_len;
	int err;

	if (profile)
		err = tstee_call(session, ATTESTATION_GET_TOKEN_SIZE_PROFILE, &fixed, sizeof(fixed),
				 &size, sizeof(size), &resp_len, status);
	else
		err = tstee_call(session, ATTESTATION_GET_TOKEN_SIZE, &fixed.challenge_size,
				 sizeof(fixed.challenge_size), &size, sizeof(size), &resp_len,
				 status);
	if (err || *status != PSA_SUCCESS)
		return err;
	if (resp_len != sizeof(size))
		return error_set(EPROTO, NULL, "attestation: malformed response");
	*token_len = le32toh(size.token_size);
	return 0;
}

int tstee_token_get(struct tstee_session *session, enum tstee_token_profile profile,
		    const uint8_t *challenge, size_t challenge_len, uint8_t *token,
		    size_t token_size, size_t *token_len, psa_status_t *status)
{
	int err = -EOPNOTSUPP;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!token_len)
		return 0;
	*token_len = 0;
	if (!challenge || !token || !token_size || !attestation_challenge_valid(challenge_len))
		return 0;
	if (profile != TSTEE_TOKEN_LEGACY)
		err = get_token(session, profile ? profile : ATTESTATION_PROFILE_RFC9783, challenge,
				challenge_len, token, token_size, token_len, status);
	if (opcode_unknown(err) && profile <= TSTEE_TOKEN_LEGACY)
		return get_token(session, 0, challenge, challenge_len, token, token_size, token_len,
				 status);
	if (opcode_unknown(err)) {
		*status = PSA_ERROR_NOT_SUPPORTED;
		return 0;
	}
	return err;
}

int tstee_token_get_len(struct tstee_session *session, enum tstee_token_profile profile,
			size_t challenge_len, size_t *token_len, psa_status_t *status)
{
	int err = -EOPNOTSUPP;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!token_len)
		return 0;
	*token_len = 0;
	if (!attestation_challenge_valid(challenge_len))
		return 0;
	if (profile != TSTEE_TOKEN_LEGACY)
		err = get_token_len(session, profile ? profile : ATTESTATION_PROFILE_RFC9783,
				    challenge_len, token_len, status);
	if (opcode_unknown(err) && profile <= TSTEE_TOKEN_LEGACY)
		return get_token_len(session, 0, challenge_len, token_len, status);
	if (opcode_unknown(err)) {
		*status = PSA_ERROR_NOT_SUPPORTED;
		return 0;
	}
	return err;
}

int tstee_attestation_key(struct tstee_session *session, uint8_t key[TSTEE_ATTESTATION_KEY_LEN],
			  psa_status_t *status)
{
	uint8_t resp[RECORD_HEADER_LEN + TSTEE_ATTESTATION_KEY_LEN];
	const uint8_t *value;
	size_t len, resp_len;
	int err;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!key)
		return 0;
	err = tstee_call(session, ATTESTATION_EXPORT_IAK_PUBLIC_KEY, NULL, 0, resp, sizeof(resp),
			 &resp_len, status);
	if (err || *status != PSA_SUCCESS)
		return err;
	err = response_record(resp, resp_len, &value, &len);
	if (err)
		return err;
	if (len != TSTEE_ATTESTATION_KEY_LEN)
		return error_set(EPROTO, NULL, "attestation: a key of %zu bytes", len);
	memcpy(key, value, len);
	return 0;
}

int tstee_attestation_key_import(struct tstee_session *session,
				 const uint8_t scalar[TSTEE_ATTESTATION_SCALAR_LEN],
				 psa_status_t *status)
{
	uint8_t header[RECORD_HEADER_LEN];
	const struct iovec iov[] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)scalar, .iov_len = TSTEE_ATTESTATION_SCALAR_LEN },
	};

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!scalar)
		return 0;
	record_header(header, TSTEE_ATTESTATION_SCALAR_LEN);
	return tstee_callv(session, ATTESTATION_IMPORT_IAK, iov, 2, NULL, 0, NULL, status);
}

int tstee_attestation_key_exists(struct tstee_session *session, psa_status_t *status)
{
	return tstee_call(session, ATTESTATION_IAK_EXISTS, NULL, 0, NULL, 0, NULL, status);
}

/* @opcode with the @fixed part, if there is one, and a record: the response's into @out. */
static int seal_call(struct tstee_session *session, uint32_t opcode,
		     const struct attestation_seal_flags *fixed, const void *data, size_t len,
		     uint8_t *out, size_t room, size_t *out_len, psa_status_t *status)
{
	/* The partition works in place, and needs some more while it does. */
	uint8_t header[RECORD_HEADER_LEN], resp[3 * RECORD_HEADER_LEN + ATTESTATION_SEALED_MAX];
	const struct iovec iov[] = {
		{ .iov_base = (void *)fixed, .iov_len = sizeof(*fixed) },
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)data, .iov_len = len },
	};
	const int skip = fixed ? 0 : 1;
	const uint8_t *value;
	size_t resp_len, value_len;
	int err;

	record_header(header, len);
	err = tstee_callv(session, opcode, iov + skip, 3 - skip, resp, sizeof(resp), &resp_len,
			  status);
	if (opcode_unknown(err)) {
		*status = PSA_ERROR_NOT_SUPPORTED;
		return 0;
	}
	if (!err && *status == PSA_SUCCESS) {
		err = response_record(resp, resp_len, &value, &value_len);
		if (!err && value_len > room)
			err = error_set(EPROTO, NULL, "attestation: malformed response");
		if (!err) {
			memcpy(out, value, value_len);
			*out_len = value_len;
		}
	}
	explicit_bzero(resp, sizeof(resp));
	return err;
}

int tstee_seal(struct tstee_session *session, unsigned int flags, const void *secret, size_t len,
	       uint8_t *sealed, size_t *sealed_len, psa_status_t *status)
{
	const struct attestation_seal_flags fixed = { .flags = htole32(flags) };

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!sealed_len)
		return 0;
	*sealed_len = 0;
	if (!secret || !len || len > TSTEE_SECRET_MAX || !sealed)
		return 0;
	return seal_call(session, ATTESTATION_SEAL, &fixed, secret, len, sealed,
			 len + TSTEE_SEAL_OVERHEAD, sealed_len, status);
}

int tstee_unseal(struct tstee_session *session, const uint8_t *sealed, size_t sealed_len,
		 uint8_t *secret, size_t *len, psa_status_t *status)
{
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!len)
		return 0;
	*len = 0;
	if (!sealed || !secret || sealed_len <= TSTEE_SEAL_OVERHEAD ||
	    sealed_len > ATTESTATION_SEALED_MAX)
		return 0;
	return seal_call(session, ATTESTATION_UNSEAL, NULL, sealed, sealed_len, secret,
			 TSTEE_SECRET_MAX, len, status);
}
