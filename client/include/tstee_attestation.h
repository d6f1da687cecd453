/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attestation over a session of the caller's choice. The PSA functions
 * (psa/initial_attestation.h) do the same over one session that the process shares.
 *
 * Two results: what is returned is 0 or a negative errno of tstee_callv(); if it is 0,
 * *@status is what the service answered. NULL pointers and challenges of other lengths than
 * 32, 48 and 64 bytes give PSA_ERROR_INVALID_ARGUMENT in *@status without a call.
 */
#ifndef TSTEE_ATTESTATION_API_H
#define TSTEE_ATTESTATION_API_H

#include <psa/error.h>
#include <tstee.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_ATTESTATION_SERVICE "attestation"

/* The longest token, and the attestation key: public point and private scalar, bytes. */
#define TSTEE_TOKEN_MAX		     8192u
#define TSTEE_ATTESTATION_KEY_LEN    65u
#define TSTEE_ATTESTATION_SCALAR_LEN 32u

/* How a token's claims are labelled. */
enum tstee_token_profile {
	TSTEE_TOKEN_BEST = 0,	/* RFC 9783, or legacy where the partition knows no other */
	TSTEE_TOKEN_LEGACY = 1, /* PSA_IOT_PROFILE_1: what Trusted Services' partitions make */
	TSTEE_TOKEN_RFC9783 = 2,
};

/*
 * Gets a token over @challenge: *@token_len bytes in @token, which has room for @token_size.
 * In *@status: PSA_ERROR_BUFFER_TOO_SMALL if it is longer, PSA_ERROR_NOT_SUPPORTED if the
 * partition doesn't know the profile.
 */
TSTEE_API int tstee_token_get(struct tstee_session *session, enum tstee_token_profile profile,
			      const uint8_t *challenge, size_t challenge_len, uint8_t *token,
			      size_t token_size, size_t *token_len, psa_status_t *status);

/* How long that token is. */
TSTEE_API int tstee_token_get_len(struct tstee_session *session, enum tstee_token_profile profile,
				  size_t challenge_len, size_t *token_len, psa_status_t *status);

/* The attestation key's public point, uncompressed. If there is no key it is made now. */
TSTEE_API int tstee_attestation_key(struct tstee_session *session,
				    uint8_t key[TSTEE_ATTESTATION_KEY_LEN], psa_status_t *status);

/*
 * Makes the private key @scalar, big-endian, the attestation key: once, before there is one.
 * In *@status: PSA_ERROR_NOT_PERMITTED afterwards, PSA_ERROR_INVALID_ARGUMENT if it is no key
 * on P-256.
 */
TSTEE_API int tstee_attestation_key_import(struct tstee_session *session,
					   const uint8_t scalar[TSTEE_ATTESTATION_SCALAR_LEN],
					   psa_status_t *status);

/* Whether there is a key: PSA_SUCCESS or PSA_ERROR_DOES_NOT_EXIST in *@status. */
TSTEE_API int tstee_attestation_key_exists(struct tstee_session *session, psa_status_t *status);

/* The longest secret that can be sealed, and how much longer its sealed form is, bytes. */
#define TSTEE_SECRET_MAX    4096u
#define TSTEE_SEAL_OVERHEAD 72u

enum tstee_seal_flags {
	/* Opens only while the boot's software and the lifecycle are those of now. */
	TSTEE_SEAL_SOFTWARE = 1,
};

/*
 * Encrypts @len bytes of @secret so that the partition gives them back to this client alone:
 * *@sealed_len bytes in @sealed, which has room for @len + TSTEE_SEAL_OVERHEAD. In *@status:
 * PSA_ERROR_INVALID_ARGUMENT if there are none, or more than TSTEE_SECRET_MAX;
 * PSA_ERROR_NOT_SUPPORTED if the partition can't seal, or has no measurements to bind to.
 */
TSTEE_API int tstee_seal(struct tstee_session *session, unsigned int flags, const void *secret,
			 size_t len, uint8_t *sealed, size_t *sealed_len, psa_status_t *status);

/*
 * The reverse: *@len bytes in @secret, which has room for TSTEE_SECRET_MAX. In *@status:
 * PSA_ERROR_INVALID_SIGNATURE if it was changed, or sealed on another device;
 * PSA_ERROR_DOES_NOT_EXIST if nothing was ever sealed on this one; PSA_ERROR_NOT_PERMITTED for
 * another client; PSA_ERROR_BAD_STATE with other software; PSA_ERROR_INVALID_ARGUMENT if it is no
 * sealed secret; PSA_ERROR_NOT_SUPPORTED if the partition can't seal.
 */
TSTEE_API int tstee_unseal(struct tstee_session *session, const uint8_t *sealed, size_t sealed_len,
			   uint8_t *secret, size_t *len, psa_status_t *status);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_ATTESTATION_API_H */
