// SPDX-License-Identifier: BSD-3-Clause
/* The types of der.h, and their ways from and to bytes. No state. */
#include "der.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

/* The macros name a type by one word. */
typedef struct der_public der_public;
typedef struct der_private der_private;
typedef struct der_ec_private der_ec_private;
typedef struct der_rsa_public der_rsa_public;
typedef struct der_rsa_private der_rsa_private;
typedef struct der_signed der_signed;

/* clang-format off */
ASN1_SEQUENCE(der_public) = {
	ASN1_SIMPLE(der_public, algorithm, X509_ALGOR),
	ASN1_SIMPLE(der_public, key, ASN1_BIT_STRING),
} ASN1_SEQUENCE_END(der_public)

ASN1_SEQUENCE(der_private) = {
	ASN1_SIMPLE(der_private, version, ASN1_INTEGER),
	ASN1_SIMPLE(der_private, algorithm, X509_ALGOR),
	ASN1_SIMPLE(der_private, key, ASN1_OCTET_STRING),
	ASN1_IMP_SET_OF_OPT(der_private, attributes, X509_ATTRIBUTE, 0),
	ASN1_IMP_OPT(der_private, public, ASN1_BIT_STRING, 1),
} ASN1_SEQUENCE_END(der_private)

ASN1_SEQUENCE(der_ec_private) = {
	ASN1_SIMPLE(der_ec_private, version, ASN1_INTEGER),
	ASN1_SIMPLE(der_ec_private, value, ASN1_OCTET_STRING),
	ASN1_EXP_OPT(der_ec_private, parameters, ASN1_ANY, 0),
	ASN1_EXP_OPT(der_ec_private, public, ASN1_BIT_STRING, 1),
} ASN1_SEQUENCE_END(der_ec_private)

ASN1_SEQUENCE(der_rsa_public) = {
	ASN1_SIMPLE(der_rsa_public, modulus, BIGNUM),
	ASN1_SIMPLE(der_rsa_public, exponent, BIGNUM),
} ASN1_SEQUENCE_END(der_rsa_public)

ASN1_SEQUENCE(der_rsa_private) = {
	ASN1_SIMPLE(der_rsa_private, version, ASN1_INTEGER),
	ASN1_SIMPLE(der_rsa_private, number[0], BIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[1], BIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[2], CBIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[3], CBIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[4], CBIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[5], CBIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[6], CBIGNUM),
	ASN1_SIMPLE(der_rsa_private, number[7], CBIGNUM),
} ASN1_SEQUENCE_END(der_rsa_private)

ASN1_SEQUENCE(der_signed) = {
	ASN1_SIMPLE(der_signed, content, ASN1_SEQUENCE),
	ASN1_SIMPLE(der_signed, algorithm, X509_ALGOR),
	ASN1_SIMPLE(der_signed, signature, ASN1_BIT_STRING),
} ASN1_SEQUENCE_END(der_signed)
/* clang-format on */

void *der_decode(const uint8_t *der, size_t len, const ASN1_ITEM *item)
{
	const uint8_t *p = der;
	void *value = NULL;

	if (len <= LONG_MAX)
		value = ASN1_item_d2i(NULL, &p, (long)len, item);
	ERR_clear_error();
	if (value && p != der + len) {
		der_free(value, item);
		value = NULL;
	}
	return value;
}

static void wipe(ASN1_STRING *string)
{
	if (string && ASN1_STRING_length(string) > 0)
		OPENSSL_cleanse(string->data, (size_t)string->length);
}

void der_free(void *value, const ASN1_ITEM *item)
{
	if (value && item == ASN1_ITEM_rptr(der_private))
		wipe(((struct der_private *)value)->key);
	else if (value && item == ASN1_ITEM_rptr(der_ec_private))
		wipe(((struct der_ec_private *)value)->value);
	ASN1_item_free(value, item);
}

bool der_encode(const void *value, const ASN1_ITEM *item, struct secret *der)
{
	uint8_t *bytes = NULL;
	const int len = ASN1_item_i2d(value, &bytes, item);
	const bool done = len > 0 && secret_copy(der, bytes, (size_t)len);

	if (len > 0)
		OPENSSL_clear_free(bytes, (size_t)len);
	ERR_clear_error();
	return done;
}
