// SPDX-License-Identifier: BSD-3-Clause
/* The PSA API of initial attestation. */
#include <tstee_attestation.h>

#pragma GCC visibility push(default)
#include <psa/initial_attestation.h>
#pragma GCC visibility pop

#include "psa_status.h"
#include "shared_session.h"

_Static_assert(PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE == TSTEE_TOKEN_MAX, "token length");

static struct shared_session attestation = { .service = TSTEE_ATTESTATION_SERVICE };

static int challenge_valid(size_t len)
{
	return len == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32 ||
	       len == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_48 ||
	       len == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64;
}

psa_status_t psa_initial_attest_get_token(const uint8_t *auth_challenge, size_t challenge_size,
					  uint8_t *token_buf, size_t token_buf_size,
					  size_t *token_size)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!token_size)
		return PSA_ERROR_INVALID_ARGUMENT;
	*token_size = 0;
	if (!auth_challenge || !token_buf || !token_buf_size || !challenge_valid(challenge_size))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&attestation, &session);
	if (!err)
		err = tstee_token_get(session, TSTEE_TOKEN_BEST, auth_challenge, challenge_size,
				      token_buf, token_buf_size, token_size, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_initial_attest_get_token_size(size_t challenge_size, size_t *token_size)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!token_size)
		return PSA_ERROR_INVALID_ARGUMENT;
	*token_size = 0;
	if (!challenge_valid(challenge_size))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&attestation, &session);
	if (!err)
		err = tstee_token_get_len(session, TSTEE_TOKEN_BEST, challenge_size, token_size,
					  &status);
	return err ? psa_status_from_error(err) : status;
}
