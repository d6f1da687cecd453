/* SPDX-License-Identifier: BSD-3-Clause */
/* The little of DER that PKCS#11 and PSA differ in: keys, points, curves. State: none. */
#ifndef PKCS11_DER_H
#define PKCS11_DER_H

#include "module.h"

#define DER_INTEGER	     0x02
#define DER_BIT_STRING	     0x03
#define DER_OCTET_STRING     0x04
#define DER_NULL	     0x05
#define DER_OID		     0x06
#define DER_PRINTABLE_STRING 0x13
#define DER_SEQUENCE	     0x30

struct der_part {
	const uint8_t *data;
	size_t len;
};

/* Takes an element of @tag from the front of *@rest. False: there is none in minimal DER. */
bool der_read(struct der_part *rest, uint8_t tag, struct der_part *value);
/* A positive number, without zeros in front. */
bool der_read_number(struct der_part *rest, struct der_part *number);

/* Append; false: no memory. */
bool der_add(struct bytes *out, uint8_t tag, const void *value, size_t len);
bool der_add_number(struct bytes *out, const uint8_t *number, size_t len);

/* Those of RFC 8410, Montgomery's and Edwards', have public keys and private ones of one length. */
struct curve {
	psa_ecc_family_t family;
	uint16_t bits;
	uint8_t params_len;
	uint8_t params[12]; /* CKA_EC_PARAMS: its OID */
};

bool curve_is_plain(const struct curve *curve);
const struct curve *curve_of(psa_key_type_t type, size_t bits);
/* By CKA_EC_PARAMS, which may also be a name as PrintableString. */
const struct curve *curve_find(const void *params, size_t len);

/* Keys of ML-DSA and ML-KEM (RFC 9881, RFC 9935): a parameter set is a length of PSA's. */
struct lattice {
	psa_key_type_t pair;
	uint16_t bits;
	CK_KEY_TYPE type;
	CK_ULONG set;
	uint8_t oid[11]; /* as DER */
};

/* NULL: the key is none of these, or the set none of @type's. */
const struct lattice *lattice_of(psa_key_type_t type, size_t bits);
const struct lattice *lattice_find(CK_KEY_TYPE type, CK_ULONG set);

/* A public key as X.509 has it (RFC 5280, SubjectPublicKeyInfo). */
bool der_add_public(struct bytes *out, psa_key_type_t type, size_t bits, const uint8_t *key,
		    size_t len);

/* Modulus and exponent of a public key in PSA's format, or of a key pair. */
bool der_rsa_public(const uint8_t *key, size_t len, struct der_part *modulus,
		    struct der_part *exponent);
#define DER_RSA_NUMBERS 8 /* n, e, d, p, q, dp, dq, qinv */
bool der_rsa_pair(const uint8_t *key, size_t len, struct der_part numbers[DER_RSA_NUMBERS]);

/* The hash of a DigestInfo, and where it is. 0: it is none. */
psa_algorithm_t der_digest_info(const uint8_t *data, size_t len, struct der_part *hash);

#endif /* PKCS11_DER_H */
