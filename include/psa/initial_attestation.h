/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Initial attestation: PSA Certified Attestation API 1.0. What comes back is a token of
 * RFC 9783; of partitions that know only the older labels, one with those.
 */
#ifndef PSA_INITIAL_ATTESTATION_H
#define PSA_INITIAL_ATTESTATION_H

#include <psa/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_INITIAL_ATTEST_API_VERSION_MAJOR 1
#define PSA_INITIAL_ATTEST_API_VERSION_MINOR 0

/* The longest token there can be, bytes. */
#define PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE 8192u

/* The lengths of a challenge, bytes. */
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32 32u
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_48 48u
#define PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64 64u

/*
 * Gets a token over @auth_challenge in @token_buf, which has room for @token_buf_size bytes;
 * *@token_size is its length.
 *
 * PSA_ERROR_INVALID_ARGUMENT  a pointer is NULL, or the challenge has another length
 * PSA_ERROR_BUFFER_TOO_SMALL  no room for it
 * PSA_ERROR_SERVICE_FAILURE and others: the partition could not make it, or not be asked
 */
psa_status_t psa_initial_attest_get_token(const uint8_t *auth_challenge, size_t challenge_size,
					  uint8_t *token_buf, size_t token_buf_size,
					  size_t *token_size);

/* How long a token over a challenge of @challenge_size bytes is. Errors as above. */
psa_status_t psa_initial_attest_get_token_size(size_t challenge_size, size_t *token_size);

#ifdef __cplusplus
}
#endif

#endif /* PSA_INITIAL_ATTESTATION_H */
