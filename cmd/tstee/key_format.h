/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys and signatures as other programs write them: PKCS#8 (RFC 5208, 5958), SEC 1 (RFC 5915),
 * PKCS#1 (RFC 8017), SubjectPublicKeyInfo (RFC 5280, 5480, 8410), the two of ML-DSA and ML-KEM (RFC 9881
 * and its like), ECDSA signatures (RFC 3279),
 * all by libcrypto. The PSA Crypto API knows none but PKCS#1. Commands reach these functions by
 * codec.h alone.
 */
#ifndef CMD_TSTEE_KEY_FORMAT_H
#define CMD_TSTEE_KEY_FORMAT_H

#include <psa/crypto-pqc.h>
#include <stdbool.h>

#include "secret.h"

/* A key as psa_import_key() wants it. */
struct key_data {
	psa_key_type_t type;
	size_t bits; /* of elliptic curves; else 0 */
	struct secret data;
};

static inline void key_data_free(struct key_data *key)
{
	secret_free(&key->data);
	*key = (struct key_data){ 0 };
}

/* Where the passphrase of an encrypted key comes from, should one be needed. */
struct passphrase {
	/* NULL, and the caller frees *@text; or why there is none. */
	const char *(*get)(struct passphrase *self, struct secret *text);
};

/*
 * NULL: done. Else why not, for a message. The caller frees @key in either case. @passphrase may
 * be NULL.
 */
const char *key_parse_der(const uint8_t *der, size_t len, struct passphrase *passphrase,
			  struct key_data *key);

/*
 * The same for a file that may be PEM or DER. PEM may have other blocks beside the key, such as
 * certificates; of several keys it is the private one.
 */
const char *key_parse(const uint8_t *text, size_t len, struct passphrase *passphrase,
		      struct key_data *key);

/*
 * SubjectPublicKeyInfo of an exported public key; @type may be the pair's. NULL or why not. The
 * caller frees @der.
 */
const char *key_write_public(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			     struct secret *der);

/*
 * The line that OpenSSH has for a public key (RFC 4253, 5656, 8709): Ed25519, and ECDSA on P-256, P-384
 * and P-521. A NUL behind it isn't counted.
 */
const char *key_write_ssh(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			  struct secret *line);

/* PKCS#8 of an exported key pair. @public is the exported public key. */
const char *key_write_private(psa_key_type_t type, size_t bits, const struct secret *data,
			      const uint8_t *public, size_t public_len, struct secret *der);

/* PEM, a NUL behind it that isn't counted. False if memory is out. The caller frees @pem. */
bool pem_write(const char *label, const struct secret *der, struct secret *pem);

#endif /* CMD_TSTEE_KEY_FORMAT_H */
