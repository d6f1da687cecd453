// SPDX-License-Identifier: BSD-3-Clause
/*
 * Numbers of clients that would bound a loop of Mbed TLS, judged before anything is calculated
 * with them: nobody else is served meanwhile, and nobody can stop it. State: none.
 */
#include "internal.h"
#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/rsa.h>

/* Mbed TLS has exponents of generated keys in an int. */
#define GENERATED_EXPONENT_MAX 0x7fffffffu

/* FIPS 186-5, A.1.1. Each bit of it is a multiplication of each public operation. */
#define EXPONENT_BITS_MAX 256u

/* Signatures of one message: each takes a verification, some of them a tenth of a second. */
#define SIGNERS_MAX 4u

/*
 * Primes are searched for until p - 1 and q - 1 have no factor in common with the exponent. With
 * an even one none ever does; of all odd ones below 2^31 that of most factors, 3 * 5 * ... * 23,
 * takes five times as many tries as a prime.
 */
psa_status_t crypto_judge_exponent(const uint8_t *bytes, size_t len)
{
	uint32_t exponent = 0;

	if (len > sizeof(exponent))
		return PSA_ERROR_NOT_SUPPORTED;
	for (size_t i = 0; i < len; i++)
		exponent = exponent << 8 | bytes[i];
	if (exponent < 3 || exponent % 2 == 0)
		return PSA_ERROR_INVALID_ARGUMENT;
	return exponent > GENERATED_EXPONENT_MAX ? PSA_ERROR_NOT_SUPPORTED : PSA_SUCCESS;
}

/* An INTEGER of DER without its leading zeros. */
struct number {
	const uint8_t *bytes;
	size_t len;
};

/* The next one, which must be positive. */
static bool number_read(uint8_t **pos, const uint8_t *end, struct number *number)
{
	size_t len;

	if (mbedtls_asn1_get_tag(pos, end, &len, MBEDTLS_ASN1_INTEGER) || !len || **pos & 0x80)
		return false;
	*number = (struct number){ .bytes = *pos, .len = len };
	*pos += len;
	while (number->len && !*number->bytes) {
		number->bytes++;
		number->len--;
	}
	return number->len;
}

static size_t number_bits(const struct number *number)
{
	size_t bits = 8 * (number->len - 1);

	for (unsigned int first = number->bytes[0]; first; first >>= 1)
		bits++;
	return bits;
}

static bool is_odd(const struct number *number)
{
	return number->bytes[number->len - 1] & 1;
}

static bool is_one(const struct number *number)
{
	return number->len == 1 && number->bytes[0] == 1;
}

static psa_status_t judge_public(const struct number *n, const struct number *e)
{
	if (number_bits(n) > PSA_VENDOR_RSA_MAX_KEY_BITS)
		return PSA_ERROR_NOT_SUPPORTED;
	if (!is_odd(n) || !is_odd(e) || is_one(e) || number_bits(e) > number_bits(n))
		return PSA_ERROR_INVALID_ARGUMENT;
	return number_bits(e) > EXPONENT_BITS_MAX ? PSA_ERROR_NOT_SUPPORTED : PSA_SUCCESS;
}

/* PSA_SUCCESS if @p times @q is @n. They are no longer than it. */
static psa_status_t judge_product(const struct number *n, const struct number *p,
				  const struct number *q)
{
	psa_status_t status = PSA_ERROR_INSUFFICIENT_MEMORY;
	mbedtls_mpi mpi_n, mpi_p, mpi_q;

	mbedtls_mpi_init(&mpi_n);
	mbedtls_mpi_init(&mpi_p);
	mbedtls_mpi_init(&mpi_q);
	if (!mbedtls_mpi_read_binary(&mpi_n, n->bytes, n->len) &&
	    !mbedtls_mpi_read_binary(&mpi_p, p->bytes, p->len) &&
	    !mbedtls_mpi_read_binary(&mpi_q, q->bytes, q->len) &&
	    !mbedtls_mpi_mul_mpi(&mpi_p, &mpi_p, &mpi_q))
		status = mbedtls_mpi_cmp_mpi(&mpi_n, &mpi_p) ? PSA_ERROR_INVALID_ARGUMENT :
							       PSA_SUCCESS;
	mbedtls_mpi_free(&mpi_q);
	mbedtls_mpi_free(&mpi_p);
	mbedtls_mpi_free(&mpi_n);
	return status;
}

/* Whether p and q are primes needs no judgement: if not, the results are wrong, not late. */
static psa_status_t judge_pair(uint8_t *pos, const uint8_t *end, const struct number *n)
{
	struct number d, p, q, dp, dq, qp;

	if (!number_read(&pos, end, &d) || !number_read(&pos, end, &p) ||
	    !number_read(&pos, end, &q) || !number_read(&pos, end, &dp) ||
	    !number_read(&pos, end, &dq) || !number_read(&pos, end, &qp) || pos != end)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (number_bits(&d) > number_bits(n) || number_bits(&p) > number_bits(n) ||
	    number_bits(&q) > number_bits(n) || number_bits(&dp) > number_bits(&p) ||
	    number_bits(&dq) > number_bits(&q) || number_bits(&qp) > number_bits(&p))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (!is_odd(&p) || !is_odd(&q) || is_one(&p) || is_one(&q))
		return PSA_ERROR_INVALID_ARGUMENT;
	return judge_product(n, &p, &q);
}

psa_status_t crypto_judge_rsa(psa_key_type_t type, const uint8_t *key, size_t len)
{
	uint8_t *pos = (uint8_t *)key;
	const uint8_t *end = key + len;
	struct number n, e;
	psa_status_t status;
	int version;

	if (!PSA_KEY_TYPE_IS_RSA(type))
		return PSA_SUCCESS;
	if (!len ||
	    mbedtls_asn1_get_tag(&pos, end, &len, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (pos + len != end)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (PSA_KEY_TYPE_IS_KEY_PAIR(type) &&
	    (mbedtls_asn1_get_int(&pos, end, &version) || version))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (!number_read(&pos, end, &n) || !number_read(&pos, end, &e))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = judge_public(&n, &e);
	if (status == PSA_SUCCESS && PSA_KEY_TYPE_IS_KEY_PAIR(type))
		status = judge_pair(pos, end, &n);
	return status;
}

bool crypto_judge_certificate(const mbedtls_x509_crt *certificate)
{
	mbedtls_mpi n, e;
	bool good;

	if (mbedtls_pk_get_type(&certificate->pk) != MBEDTLS_PK_RSA)
		return true;
	mbedtls_mpi_init(&n);
	mbedtls_mpi_init(&e);
	good = !mbedtls_rsa_export(mbedtls_pk_rsa(certificate->pk), &n, NULL, NULL, NULL, &e) &&
	       mbedtls_mpi_bitlen(&n) <= PSA_VENDOR_RSA_MAX_KEY_BITS &&
	       mbedtls_mpi_bitlen(&e) <= EXPONENT_BITS_MAX;
	mbedtls_mpi_free(&e);
	mbedtls_mpi_free(&n);
	return good;
}

bool crypto_judge_signers(const mbedtls_pkcs7 *pkcs7)
{
	const mbedtls_pkcs7_signer_info *signer =
		&pkcs7->MBEDTLS_PRIVATE(signed_data).MBEDTLS_PRIVATE(signers);
	size_t count = 0;

	for (; signer; signer = signer->MBEDTLS_PRIVATE(next))
		count++;
	return count <= SIGNERS_MAX;
}
