/* SPDX-License-Identifier: BSD-3-Clause */
/* What is written in DER, as types of libcrypto's ASN.1: see openssl/asn1t.h. */
#ifndef CMD_TSTEE_DER_H
#define CMD_TSTEE_DER_H

#include <openssl/asn1t.h>
#include <openssl/x509.h>

#include "secret.h"

/* SubjectPublicKeyInfo, RFC 5280. */
struct der_public {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

/* OneAsymmetricKey, RFC 5958, which PKCS#8's PrivateKeyInfo is without a public key. */
struct der_private {
	ASN1_INTEGER *version;
	X509_ALGOR *algorithm;
	ASN1_OCTET_STRING *key;
	STACK_OF(X509_ATTRIBUTE) * attributes;
	ASN1_BIT_STRING *public;
};

/* ECPrivateKey, RFC 5915. The parameters may be anything but are to be a curve's name. */
struct der_ec_private {
	ASN1_INTEGER *version;
	ASN1_OCTET_STRING *value;
	ASN1_TYPE *parameters;
	ASN1_BIT_STRING *public;
};

/* RSAPublicKey and RSAPrivateKey with two primes, RFC 8017. */
struct der_rsa_public {
	BIGNUM *modulus;
	BIGNUM *exponent;
};

struct der_rsa_private {
	ASN1_INTEGER *version;
	BIGNUM *number[8];
};

/* What is signed, in DER: certificates (RFC 5280), requests for one (RFC 2986). */
struct der_signed {
	ASN1_STRING *content; /* a SEQUENCE with its header */
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
};

DECLARE_ASN1_ITEM(der_public)
DECLARE_ASN1_ITEM(der_private)
DECLARE_ASN1_ITEM(der_ec_private)
DECLARE_ASN1_ITEM(der_rsa_public)
DECLARE_ASN1_ITEM(der_rsa_private)
DECLARE_ASN1_ITEM(der_signed)

/*
 * The value that all @len bytes of @der are as type @item, or NULL. To be freed by der_free(),
 * which wipes what may be secret of it.
 */
void *der_decode(const uint8_t *der, size_t len, const ASN1_ITEM *item);
void der_free(void *value, const ASN1_ITEM *item);

/* The DER of @value, which the caller frees. False if memory is out. */
bool der_encode(const void *value, const ASN1_ITEM *item, struct secret *der);

#endif /* CMD_TSTEE_DER_H */
