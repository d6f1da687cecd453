/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that people know for PSA's numbers: algorithms, key types, usages. */
#ifndef CMD_TSTEE_ALGORITHM_H
#define CMD_TSTEE_ALGORITHM_H

#include <psa/crypto-pqc.h>
#include <stdbool.h>

/* An algorithm, and what its name says of the key: 0 where it says nothing. */
struct algorithm {
	psa_algorithm_t alg;
	psa_key_type_t type;
	size_t bits;
};

/*
 * "ecdsa-sha256", "rsa-pss" (any hash), "aes-256-gcm", "ecdh-hkdf-sha256", ..., or PSA's number
 * behind 0x. False if there is no such algorithm.
 */
bool algorithm_parse(const char *text, struct algorithm *algorithm);

/* "sha256", "sha-256", ... 0: none. */
psa_algorithm_t hash_parse(const char *text);

#define ALGORITHM_NAME_SIZE 48

/* The name, or the number where there is no name, in @text, which is returned. */
const char *algorithm_name(psa_algorithm_t alg, char text[ALGORITHM_NAME_SIZE]);

/* One line each, for --help: the names. */
extern const char algorithm_help[];

/* What a key is for unless --alg says so. 0: nothing is obvious. */
psa_algorithm_t algorithm_default(psa_key_type_t type);

/*
 * The algorithm to use a key with whose policy allows @policy, if the user asks for @wanted (an
 * algorithm, or a hash for signatures; 0: nothing). A policy of any hash means SHA-256 unless
 * another is named. 0: the policy leaves open which, and must be asked for.
 */
psa_algorithm_t algorithm_for_key(psa_algorithm_t policy, psa_algorithm_t wanted);

/* "aes", "hmac", ...; elliptic curves are "ec", RSA "rsa", public keys with "-public" behind. */
bool key_type_parse(const char *text, psa_key_type_t *type);
const char *key_type_name(psa_key_type_t type);

/* "sign,verify,encrypt,decrypt,derive,export,copy,..." */
bool usage_parse(const char *text, psa_key_usage_t *usage, const char **unknown);

/* The names of the bits of @usage for @index from 0; NULL behind the last. */
const char *usage_name(psa_key_usage_t usage, size_t index);

/* What a key of this type can be used for with @alg. */
psa_key_usage_t usage_default(psa_key_type_t type, psa_algorithm_t alg);

#endif /* CMD_TSTEE_ALGORITHM_H */
