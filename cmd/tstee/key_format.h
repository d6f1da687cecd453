/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys and signatures as other programs write them: PKCS#8 (RFC 5208, 5958), SEC 1 (RFC 5915),
 * PKCS#1 (RFC 8017), SubjectPublicKeyInfo (RFC 5280, 5480, 8410), ECDSA signatures (RFC 3279).
 * The PSA Crypto API knows none but PKCS#1.
 */
#ifndef CMD_TSTEE_KEY_FORMAT_H
#define CMD_TSTEE_KEY_FORMAT_H

#include <psa/crypto.h>
#include <stdbool.h>

#include "cmd.h"

/* An elliptic curve. */
struct curve {
	const char *name;
	const char *alias; /* or NULL */
	psa_ecc_family_t family;
	size_t bits;
	bool edwards_form; /* has an algorithm OID of its own (RFC 8410): X25519, X448 */
	uint8_t oid[10];
	uint8_t oid_len;
};

/* By name or alias, for @index from 0, and by what a key says of itself. NULL: none. */
const struct curve *curve_find(const char *name);
const struct curve *curve_get(size_t index);
const struct curve *curve_of(psa_key_type_t type, size_t bits);

/* A key as psa_import_key() wants it. */
struct key_data {
	psa_key_type_t type;
	size_t bits; /* of elliptic curves; else 0 */
	struct secret data;
};

void key_data_free(struct key_data *key);

/* NULL: done. Else why not, for a message. The caller frees @key in either case. */
const char *key_parse_der(const uint8_t *der, size_t len, struct key_data *key);

/*
 * The same for a file that may be PEM or DER. PEM may have other blocks beside the key, such as
 * certificates; of several keys it is the private one.
 */
const char *key_parse(const uint8_t *text, size_t len, struct key_data *key);

/*
 * SubjectPublicKeyInfo of an exported public key; @type may be the pair's. NULL or why not. The
 * caller frees @der.
 */
const char *key_write_public(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			     struct secret *der);

/*
 * Whether an RSA signature could be one of the exported public key @data: as long as the modulus,
 * and below it.
 */
bool rsa_signature_in_range(const uint8_t *data, size_t len, const uint8_t *signature,
			    size_t signature_len);

/* PKCS#8 of an exported key pair. @public is the exported public key. */
const char *key_write_private(psa_key_type_t type, size_t bits, const struct secret *data,
			      const uint8_t *public, size_t public_len, struct secret *der);

/* ECDSA signatures: as PSA has them, r and s of the same length, and as a SEQUENCE of integers. */
#define ECDSA_RAW_MAX 132
#define ECDSA_DER_MAX 150

bool ecdsa_to_der(const uint8_t *raw, size_t raw_len, uint8_t der[ECDSA_DER_MAX], size_t *der_len);
bool ecdsa_from_der(const uint8_t *der, size_t der_len, size_t bits, uint8_t raw[ECDSA_RAW_MAX],
		    size_t *raw_len);

#endif /* CMD_TSTEE_KEY_FORMAT_H */
