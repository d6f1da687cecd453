/* SPDX-License-Identifier: BSD-3-Clause */
/* Elliptic curves by their names. */
#ifndef CMD_TSTEE_CURVE_H
#define CMD_TSTEE_CURVE_H

#include <psa/crypto.h>
#include <stdbool.h>

struct curve {
	const char *name;
	const char *alias; /* or NULL */
	const char *openssl_name;
	psa_ecc_family_t family;
	size_t bits;
	bool edwards_form; /* has an algorithm OID of its own (RFC 8410): Ed25519, X25519, X448 */
};

/* By name or alias, for @index from 0, and by what a key says of itself. NULL: none. */
const struct curve *curve_find(const char *name);
const struct curve *curve_get(size_t index);
const struct curve *curve_of(psa_key_type_t type, size_t bits);

#endif /* CMD_TSTEE_CURVE_H */
