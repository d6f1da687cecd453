// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: statuses that Mbed TLS has otherwise than the PSA Crypto API. */
#include "crypto_fixture.h"
#include <psa/crypto-pqc.h>
#include <string.h>

#define SHA256	PSA_ALG_SHA_256
#define SIGN	(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)
#define P256	PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define HKDF	PSA_ALG_HKDF(PSA_ALG_SHA_256)
#define RSA_PSS PSA_ALG_RSA_PSS(PSA_ALG_SHA_256)
#define RSA_V15 PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)

static uint8_t hash[64] = { 1 };
static uint8_t signature[256];

static uint32_t generate(uint32_t type, uint32_t bits, uint32_t usage, uint32_t alg)
{
	attributes(type, bits, 0, 0, usage, alg);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	return response_word();
}

static int32_t sign(uint16_t opcode, uint32_t key, uint32_t alg, size_t len)
{
	word(key);
	word(alg);
	record(1, hash, len);
	return send(opcode);
}

static int32_t verify(uint16_t opcode, uint32_t key, uint32_t alg, size_t len, size_t signature_len)
{
	word(key);
	word(alg);
	record(1, hash, len);
	record(2, signature, signature_len);
	return send(opcode);
}

static void an_rsa_signature_beyond_the_modulus_is_just_wrong(void **state)
{
	static const uint32_t algs[] = { RSA_PSS, RSA_V15 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const uint32_t key = generate(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, SIGN, algs[i]);
		uint32_t handle;
		size_t len;

		memset(signature, 0xff, sizeof(signature));
		assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, algs[i], 32, 128),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(verify(CRYPTO_VERIFY_MESSAGE, key, algs[i], 32, 128),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, algs[i], 31, 128),
				 PSA_ERROR_INVALID_ARGUMENT);
		word(key);
		word(algs[i]);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY_SETUP), PSA_SUCCESS);
		handle = response_word();
		word(handle);
		part(signature, 128);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY_FINISH), PSA_ERROR_INVALID_SIGNATURE);

		assert_int_equal(sign(CRYPTO_SIGN_HASH, key, algs[i], 32), PSA_SUCCESS);
		memcpy(signature, response_record(1, &len), 128);
		assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, algs[i], 32, 128), PSA_SUCCESS);
		assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, algs[i], 32, 127),
				 PSA_ERROR_INVALID_SIGNATURE);
	}
}

static void a_hash_has_the_length_of_its_algorithm(void **state)
{
	const uint32_t any = PSA_ALG_ECDSA(PSA_ALG_ANY_HASH), alg = PSA_ALG_ECDSA(SHA256);
	const uint32_t key = generate(P256, 256, SIGN, any);
	size_t len;

	(void)state;
	assert_int_equal(sign(CRYPTO_SIGN_HASH, key, alg, 32), PSA_SUCCESS);
	memcpy(signature, response_record(1, &len), 64);
	for (size_t bad = 0; bad <= 64; bad += bad == 30 ? 1 :
					       bad == 31 ? 2 :
					       bad == 33 ? 31 :
							   30) {
		assert_int_equal(sign(CRYPTO_SIGN_HASH, key, alg, bad), PSA_ERROR_INVALID_ARGUMENT);
		assert_int_equal(response_len, 0);
		assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, alg, bad, 64),
				 PSA_ERROR_INVALID_ARGUMENT);
		word(key);
		word(alg);
		part(hash, bad);
		assert_int_equal(send(CRYPTO_SIGN_HASH_START), PSA_ERROR_INVALID_ARGUMENT);
		word(key);
		word(alg);
		part(hash, bad);
		part(signature, 64);
		assert_int_equal(send(CRYPTO_VERIFY_HASH_START), PSA_ERROR_INVALID_ARGUMENT);
	}
	assert_int_equal(verify(CRYPTO_VERIFY_HASH, key, alg, 32, 64), PSA_SUCCESS);
	assert_int_equal(sign(CRYPTO_SIGN_MESSAGE, key, alg, 31), PSA_SUCCESS);
	/* Who may not know whether there is a key is told of that first. */
	assert_int_equal(sign(CRYPTO_SIGN_HASH, 77, alg, 31), PSA_ERROR_INVALID_HANDLE);
}

static void any_hash_is_not_no_hash(void **state)
{
	const uint32_t any = generate(P256, 256, SIGN, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
	const uint32_t raw = generate(P256, 256, SIGN, PSA_ALG_ECDSA_ANY);

	(void)state;
	assert_int_equal(sign(CRYPTO_SIGN_HASH, any, PSA_ALG_ECDSA_ANY, 32),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(verify(CRYPTO_VERIFY_HASH, any, PSA_ALG_ECDSA_ANY, 32, 64),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(sign(CRYPTO_SIGN_HASH, raw, PSA_ALG_ECDSA_ANY, 32), PSA_SUCCESS);
	assert_int_equal(sign(CRYPTO_SIGN_HASH, raw, PSA_ALG_ECDSA_ANY, 20), PSA_SUCCESS);
}

static int32_t purge(uint32_t key)
{
	word(key);
	return send(CRYPTO_PURGE_KEY);
}

static void a_key_that_is_not_in_memory_is_purged_already(void **state)
{
	(void)state;
	attributes(PSA_KEY_TYPE_AES, 128, 1, 5, 0, 0);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	assert_int_equal(purge(5), PSA_SUCCESS);
	assert_int_equal(purge(5), PSA_SUCCESS);
	crypto_restart();
	assert_int_equal(purge(5), PSA_SUCCESS);
	assert_int_equal(purge(6), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(purge(0), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(purge(0x7fffffff), PSA_ERROR_INVALID_HANDLE);
	client_id++;
	assert_int_equal(purge(5), PSA_ERROR_INVALID_HANDLE);
}

/* Whatever else is wrong: the source is looked up first. */
static void no_copy_is_made_of_a_key_that_is_not_there(void **state)
{
	const uint32_t key = import(PSA_KEY_TYPE_AES, PSA_KEY_USAGE_COPY, 0, hash, 16);

	(void)state;
	word(key);
	assert_int_equal(send(CRYPTO_DESTROY_KEY), PSA_SUCCESS);
	for (uint32_t lifetime = 0; lifetime < 3; lifetime++) {
		word(lifetime == 2 ? 0 : key);
		attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 7, lifetime, 0, 0, 0);
		assert_int_equal(send(CRYPTO_COPY_KEY), PSA_ERROR_INVALID_HANDLE);
	}
}

static uint32_t hkdf_with(uint32_t key, int32_t status)
{
	uint32_t handle;

	word(HKDF);
	assert_int_equal(send(CRYPTO_DERIVATION_SETUP), PSA_SUCCESS);
	handle = response_word();
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SECRET);
	word(key);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), status);
	if (status)
		return handle;
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_INFO);
	record(1, "info", 4);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	return handle;
}

static void a_secret_to_verify_with_gives_nothing_away(void **state)
{
	const uint32_t only = PSA_KEY_USAGE_VERIFY_DERIVATION;
	uint32_t key = import(PSA_KEY_TYPE_DERIVE, only, HKDF, hash, 32), handle;
	uint8_t expected[32];
	size_t len;

	(void)state;
	word(hkdf_with(import(PSA_KEY_TYPE_DERIVE, PSA_KEY_USAGE_DERIVE, HKDF, hash, 32), 0));
	word(32);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	memcpy(expected, response_record(1, &len), 32);

	handle = hkdf_with(key, PSA_SUCCESS);
	word(handle);
	word(32);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_ERROR_NOT_PERMITTED);
	word(handle);
	attributes(PSA_KEY_TYPE_AES, 128, 0, 0, 0, 0);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_KEY), PSA_ERROR_NOT_PERMITTED);
	word(handle);
	part(expected, 16);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_SUCCESS);
	word(handle);
	part(expected, 16);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_ERROR_INVALID_SIGNATURE);

	(void)hkdf_with(import(PSA_KEY_TYPE_DERIVE, 0, HKDF, hash, 32), PSA_ERROR_NOT_PERMITTED);
	(void)hkdf_with(import(PSA_KEY_TYPE_DERIVE, only, PSA_ALG_HKDF(PSA_ALG_SHA_512), hash, 32),
			PSA_ERROR_NOT_PERMITTED);
	(void)hkdf_with(import(PSA_KEY_TYPE_PASSWORD, only, HKDF, hash, 32),
			PSA_ERROR_INVALID_ARGUMENT);
	(void)hkdf_with(77, PSA_ERROR_INVALID_HANDLE);
}

#ifndef TSTEE_ENGINE
/* Ed25519, ML-DSA, ML-KEM: what test_crypto_extension.c has for those who have an engine. */
static void without_an_engine_its_keys_are_not_supported(void **state)
{
	static const struct {
		uint32_t type, bits;
		size_t len;
	} kinds[] = { { PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS), 255, 32 },
		      { PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 192, 32 },
		      { PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 768, 64 } };
	static const uint8_t seed[64] = { 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		attributes(kinds[i].type, kinds[i].bits, 0, 0, 0, 0);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_ERROR_NOT_SUPPORTED);
		attributes(kinds[i].type, kinds[i].bits, 0, 0, 0, 0);
		record(CRYPTO_TAG_FIRST, seed, kinds[i].len);
		assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_ERROR_NOT_SUPPORTED);
	}
	word(PSA_ALG_SHA_512_256);
	part("abc", 3);
	assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_ERROR_NOT_SUPPORTED);
}
#endif

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_rsa_signature_beyond_the_modulus_is_just_wrong),
		TEST(a_hash_has_the_length_of_its_algorithm),
		TEST(any_hash_is_not_no_hash),
		TEST(a_key_that_is_not_in_memory_is_purged_already),
		TEST(no_copy_is_made_of_a_key_that_is_not_there),
		TEST(a_secret_to_verify_with_gives_nothing_away),
#ifndef TSTEE_ENGINE
		TEST(without_an_engine_its_keys_are_not_supported),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
