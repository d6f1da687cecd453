// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: PKCS#7 signatures, good ones, bad ones and what isn't any. */
#include "crypto_fixture.h"
#include "crypto_pkcs7.h"
#include <mbedtls/asn1.h>
#include <mbedtls/pk.h>
#include <mbedtls/pkcs7.h>
#include <mbedtls/rsa.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t *const certificate = pkcs7 + PKCS7_CERTIFICATE;
static uint8_t hash[32];

static int setup(void **state)
{
	size_t len;

	crypto_setup(state);
	return psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)PKCS7_MESSAGE,
				strlen(PKCS7_MESSAGE), hash, sizeof(hash), &len);
}

static int32_t verify(const uint8_t *data, size_t len, const uint8_t *digest, size_t digest_len,
		      const uint8_t *der, size_t der_len)
{
	record(1, data, len);
	record(2, digest, digest_len);
	record(3, der, der_len);
	return send(CRYPTO_VERIFY_PKCS7);
}

static int32_t fingerprint(const uint8_t *data, size_t len)
{
	record(1, data, len);
	return send(CRYPTO_UEFI_FINGERPRINT);
}

static void a_signature_verifies_with_the_certificate_given_or_its_own(void **state)
{
	(void)state;
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), hash, 32, certificate, PKCS7_CERTIFICATE_LEN),
			 0);
	assert_int_equal(rpc_status, 0);
	assert_int_equal(response_len, 0);
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), hash, 32, NULL, 0), 0);
	/* The record may also be missing. */
	record(1, pkcs7, sizeof(pkcs7));
	record(2, hash, 32);
	assert_int_equal(send(CRYPTO_VERIFY_PKCS7), 0);
}

static void what_is_wrong_is_told_as_observed(void **state)
{
	uint8_t bad[sizeof(pkcs7)];

	(void)state;
	hash[0] ^= 1;
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), hash, 32, certificate, PKCS7_CERTIFICATE_LEN),
			 MBEDTLS_ERR_RSA_VERIFY_FAILED);
	assert_int_equal(MBEDTLS_ERR_RSA_VERIFY_FAILED, -17280);
	hash[0] ^= 1;
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), hash, 31, certificate, PKCS7_CERTIFICATE_LEN),
			 MBEDTLS_ERR_PKCS7_VERIFY_FAIL);
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), NULL, 0, certificate, PKCS7_CERTIFICATE_LEN),
			 MBEDTLS_ERR_PKCS7_VERIFY_FAIL);

	memcpy(bad, pkcs7, sizeof(bad));
	bad[0] ^= 1;
	assert_int_equal(verify(bad, sizeof(bad), hash, 32, certificate, PKCS7_CERTIFICATE_LEN),
			 -21346);
	assert_true(verify(NULL, 0, hash, 32, certificate, PKCS7_CERTIFICATE_LEN) < 0);
	memcpy(bad, certificate, PKCS7_CERTIFICATE_LEN);
	bad[0] ^= 1;
	assert_int_equal(verify(pkcs7, sizeof(pkcs7), hash, 32, bad, PKCS7_CERTIFICATE_LEN), -8576);
}

static void a_fingerprint_is_of_name_and_certificate(void **state)
{
	uint8_t input[PKCS7_TBS_LEN + sizeof(PKCS7_COMMON_NAME)], expected[CRYPTO_FINGERPRINT_LEN];
	const size_t name_len = strlen(PKCS7_COMMON_NAME);
	size_t len;

	(void)state;
	memset(expected, 0, sizeof(expected));
	memcpy(input, PKCS7_COMMON_NAME, name_len);
	memcpy(input + name_len, pkcs7 + PKCS7_TBS, PKCS7_TBS_LEN);
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, input, name_len + PKCS7_TBS_LEN,
					  expected, 32, &len),
			 PSA_SUCCESS);
	assert_int_equal(fingerprint(pkcs7, sizeof(pkcs7)), 0);
	expect_record(1, expected, sizeof(expected));
	assert_int_equal(fingerprint(NULL, 0), CRYPTO_EFI_COMPROMISED_DATA);
	assert_int_equal(fingerprint(certificate, PKCS7_CERTIFICATE_LEN),
			 CRYPTO_EFI_COMPROMISED_DATA);
}

/* Signed data of nobody, without certificates: DER made by hand. */
static void without_certificate_there_is_neither_verification_nor_fingerprint(void **state)
{
	const size_t head = 56, tail = PKCS7_CERTIFICATE + PKCS7_CERTIFICATE_LEN;
	uint8_t bare[sizeof(pkcs7)];
	size_t len = sizeof(pkcs7) - (tail - head);

	(void)state;
	memcpy(bare, pkcs7, head);
	memcpy(bare + head, pkcs7 + tail, sizeof(pkcs7) - tail);
	for (size_t at = 0; at <= 19; at += at ? 4 : 15) {
		bare[at + 2] = (uint8_t)((len - at - 4) >> 8);
		bare[at + 3] = (uint8_t)(len - at - 4);
	}
	assert_int_equal(verify(bare, len, hash, 32, certificate, PKCS7_CERTIFICATE_LEN), 0);
	assert_int_equal(verify(bare, len, hash, 32, NULL, 0), MBEDTLS_ERR_PKCS7_INVALID_CERT);
	assert_int_equal(fingerprint(bare, len), CRYPTO_EFI_COMPROMISED_DATA);
}

static void no_cut_or_flipped_byte_passes_or_does_harm(void **state)
{
	uint8_t bad[sizeof(pkcs7)];

	(void)state;
	for (size_t len = 0; len < sizeof(pkcs7); len++) {
		assert_true(verify(pkcs7, len, hash, 32, certificate, PKCS7_CERTIFICATE_LEN) < 0);
		assert_int_equal(fingerprint(pkcs7, len), CRYPTO_EFI_COMPROMISED_DATA);
		if (len < PKCS7_CERTIFICATE_LEN && len)
			assert_true(verify(pkcs7, sizeof(pkcs7), hash, 32, certificate, len) < 0);
	}
	srandom(1);
	memcpy(bad, pkcs7, sizeof(bad));
	for (size_t at = 0; at < sizeof(pkcs7); at++) {
		for (int i = 0; i < 4; i++) {
			bad[at] = (uint8_t)random();
			(void)verify(bad, sizeof(bad), hash, 32, NULL, 0);
			(void)fingerprint(bad, sizeof(bad));
		}
		bad[at] = pkcs7[at];
	}
	/* A longer record than there is. */
	send_bytes(CRYPTO_VERIFY_PKCS7, "\0\1\0\5abcd", 8);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
	send_bytes(CRYPTO_UEFI_FINGERPRINT, "\0\1\0\5abcd", 8);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_signature_verifies_with_the_certificate_given_or_its_own),
		TEST(what_is_wrong_is_told_as_observed),
		TEST(a_fingerprint_is_of_name_and_certificate),
		TEST(without_certificate_there_is_neither_verification_nor_fingerprint),
		TEST(no_cut_or_flipped_byte_passes_or_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
