/* SPDX-License-Identifier: BSD-3-Clause */
/* Attestation tokens as bytes: claims in CBOR, in a COSE_Sign1 (RFC 9052). No state. */
#ifndef SECURE_SERVICE_ATTESTATION_TOKEN_H
#define SECURE_SERVICE_ATTESTATION_TOKEN_H

#include <secure/service/attestation.h>

/* One token's claims. */
struct attestation_claims {
	enum attestation_profile profile;
	int32_t client_id;
	const uint8_t *challenge;
	size_t challenge_len;
	const uint8_t *boot_seed;   /* ATTESTATION_BOOT_SEED_LEN bytes */
	const uint8_t *instance_id; /* ATTESTATION_INSTANCE_LEN bytes */
	const struct attestation_platform *platform;
};

/* What is to be signed, and the payload of the token inside of it. */
struct attestation_input {
	size_t len;
	const uint8_t *payload;
	size_t payload_len;
};

/*
 * Writes the Sig_structure (RFC 9052, section 4.4) to @out. False when it doesn't fit into
 * @size bytes.
 */
bool attestation_token_input(const struct attestation_claims *claims, uint8_t *out, size_t size,
			     struct attestation_input *input);

/*
 * Writes the token to @out: *@len bytes. @out may be NULL, to learn the length. False when it
 * doesn't fit into @size bytes.
 */
bool attestation_token_write(const struct attestation_input *input,
			     const uint8_t signature[ATTESTATION_SIGNATURE_LEN], uint8_t *out,
			     size_t size, size_t *len);

#endif /* SECURE_SERVICE_ATTESTATION_TOKEN_H */
