/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attestation tokens as a verifier sees them: bytes from anywhere. What points into the token
 * stays valid as long as that does.
 */
#ifndef CMD_TSTEE_TOKEN_H
#define CMD_TSTEE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/attestation.h>

#include "signature.h"

#define TOKEN_COMPONENTS_MAX 256

/* Bytes or text; @data is NULL if the claim isn't there. */
struct token_string {
	const uint8_t *data;
	size_t len;
};

struct token_component {
	struct token_string type;
	struct token_string value;
	struct token_string version;
	struct token_string signer_id;
	struct token_string description;
};

struct token {
	enum attestation_profile profile; /* how its claims are labelled */
	const char *profile_name;
	struct token_string challenge;
	struct token_string boot_seed;
	struct token_string implementation_id;
	struct token_string instance_id;
	struct token_string certification_reference; /* legacy: the hardware's version */
	struct token_string verification_service;
	int64_t client_id;
	int64_t lifecycle;
	size_t component_count;
	struct token_component components[TOKEN_COMPONENTS_MAX];

	struct token_string protected_header;
	struct token_string payload;
	struct token_string signature; /* ES256_SIGNATURE_LEN bytes */
};

/*
 * Takes a token apart. NULL, or why it is none: it isn't a COSE_Sign1 by ES256, or its claims
 * aren't those of a profile (PSA_IOT_PROFILE_1, http://arm.com/psa/2.0.0, or RFC 9783's),
 * complete and of the right form; it has a key twice or a length that is indefinite. Claims that
 * are unknown are passed over, and parameters of the header that aren't critical. Nothing is
 * verified.
 */
const char *token_parse(const uint8_t *data, size_t len, struct token *token);

/* Whether the token is signed by the key @point. */
bool token_verify(const struct token *token, const uint8_t point[ES256_POINT_LEN]);

/* "secured" and so on; "unknown" also for what no state is. */
const char *token_lifecycle_name(int64_t lifecycle);

static inline bool token_string_equal(const struct token_string *a, const void *data, size_t len)
{
	return a->data && a->len == len && !__builtin_memcmp(a->data, data, len);
}

#endif /* CMD_TSTEE_TOKEN_H */
