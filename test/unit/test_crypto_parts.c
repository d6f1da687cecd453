// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: MAC, cipher, AEAD and key derivation, against published vectors. */
#include "crypto_fixture.h"
#include <string.h>

#define USAGE (PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT)
#define MAC   (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE)
#define HMAC  PSA_ALG_HMAC(PSA_ALG_SHA_256)
#define HKDF  PSA_ALG_HKDF(PSA_ALG_SHA_256)

static const uint8_t zeros[32];

static int32_t with_word(uint16_t opcode, uint32_t value)
{
	word(value);
	return send(opcode);
}

static int32_t with_record(uint16_t opcode, uint32_t handle, const void *value, size_t len)
{
	word(handle);
	record(1, value, len);
	return send(opcode);
}

static int32_t setup(uint16_t opcode, uint32_t key, uint32_t alg)
{
	word(key);
	word(alg);
	return send(opcode);
}

/* RFC 4231, test case 2. */
static void hmac_is_as_published(void **state)
{
	const uint8_t mac[32] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
				  0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
				  0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	const char *data = "what do ya want for nothing?";
	uint32_t key = import(PSA_KEY_TYPE_HMAC, MAC, HMAC, "Jefe", 4), handle;

	(void)state;
	assert_int_equal(setup(CRYPTO_MAC_SIGN_SETUP, key, HMAC), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(with_record(CRYPTO_MAC_UPDATE, handle, data, 10), PSA_SUCCESS);
	assert_int_equal(with_record(CRYPTO_MAC_UPDATE, handle, data + 10, 18), PSA_SUCCESS);
	assert_int_equal(with_word(CRYPTO_MAC_SIGN_FINISH, handle), PSA_SUCCESS);
	expect_record(1, mac, 32);
	assert_int_equal(setup(CRYPTO_MAC_VERIFY_SETUP, key, HMAC), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(with_record(CRYPTO_MAC_VERIFY_FINISH, handle, mac, 32),
			 PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(with_word(CRYPTO_MAC_ABORT, handle), PSA_SUCCESS);
}

/* The GCM specification (McGrew, Viega), test case 2. */
static void gcm_is_as_published(void **state)
{
	const uint8_t ct[16] = { 0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92,
				 0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78 };
	const uint8_t tag[16] = { 0xab, 0x6e, 0x47, 0xd4, 0x2c, 0xec, 0x13, 0xbd,
				  0xf5, 0x3a, 0x67, 0xb2, 0x12, 0x57, 0xbd, 0xdf };
	uint32_t key = import(PSA_KEY_TYPE_AES, USAGE, PSA_ALG_GCM, zeros, 16), handle;

	(void)state;
	for (int decrypt = 0; decrypt < 2; decrypt++) {
		assert_int_equal(setup(CRYPTO_AEAD_ENCRYPT_SETUP + decrypt, key, PSA_ALG_GCM),
				 PSA_SUCCESS);
		handle = response_word();
		word(handle);
		word(0);
		word(16);
		assert_int_equal(send(CRYPTO_AEAD_SET_LENGTHS), PSA_SUCCESS);
		assert_int_equal(with_record(CRYPTO_AEAD_SET_NONCE, handle, zeros, 12),
				 PSA_SUCCESS);
		assert_int_equal(with_record(CRYPTO_AEAD_UPDATE, handle, decrypt ? ct : zeros, 16),
				 PSA_SUCCESS);
		expect_record(1, decrypt ? zeros : ct, 16);
		if (decrypt) {
			assert_int_equal(with_record(CRYPTO_AEAD_VERIFY, handle, tag, 16),
					 PSA_SUCCESS);
			expect_record(1, "", 0);
		} else {
			assert_int_equal(with_word(CRYPTO_AEAD_FINISH, handle), PSA_SUCCESS);
			expect_record(1, "", 0);
			expect_record(2, tag, 16);
		}
	}
	assert_int_equal(with_word(CRYPTO_AEAD_FINISH, handle), PSA_ERROR_BAD_STATE);
}

static void ctr_decrypts_what_it_encrypted(void **state)
{
	uint32_t key = import(PSA_KEY_TYPE_AES, USAGE, PSA_ALG_CTR, zeros, 32), handle;
	uint8_t iv[16], ct[5];
	size_t len;

	(void)state;
	assert_int_equal(setup(CRYPTO_CIPHER_ENCRYPT_SETUP, key, PSA_ALG_CTR), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(with_word(CRYPTO_CIPHER_GENERATE_IV, handle), PSA_SUCCESS);
	memcpy(iv, response_record(1, &len), 16);
	assert_int_equal(with_record(CRYPTO_CIPHER_UPDATE, handle, "hello", 5), PSA_SUCCESS);
	memcpy(ct, response_record(1, &len), 5);
	assert_int_equal(with_word(CRYPTO_CIPHER_FINISH, handle), PSA_SUCCESS);
	assert_int_equal(setup(CRYPTO_CIPHER_DECRYPT_SETUP, key, PSA_ALG_CTR), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(with_record(CRYPTO_CIPHER_SET_IV, handle, iv, 16), PSA_SUCCESS);
	assert_int_equal(with_record(CRYPTO_CIPHER_UPDATE, handle, ct, 5), PSA_SUCCESS);
	expect_record(1, "hello", 5);
	assert_int_equal(with_word(CRYPTO_CIPHER_ABORT, handle), PSA_SUCCESS);
}

/* RFC 5869, test case 1. */
static void hkdf_is_as_published(void **state)
{
	const uint8_t okm[42] = { 0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f,
				  0x64, 0xd0, 0x36, 0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a,
				  0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf, 0x34,
				  0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65 };
	uint8_t ikm[22], salt[13], info[10];
	uint32_t key, handle;

	(void)state;
	memset(ikm, 0x0b, sizeof(ikm));
	for (uint8_t i = 0; i < 13; i++)
		salt[i] = i;
	for (uint8_t i = 0; i < 10; i++)
		info[i] = 0xf0 + i;
	key = import(PSA_KEY_TYPE_DERIVE, PSA_KEY_USAGE_DERIVE, HKDF, ikm, sizeof(ikm));
	assert_int_equal(with_word(CRYPTO_DERIVATION_SETUP, HKDF), PSA_SUCCESS);
	handle = response_word();
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SALT);
	record(1, salt, sizeof(salt));
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SECRET);
	word(key);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_INFO);
	record(1, info, sizeof(info));
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	word(handle);
	word(sizeof(okm));
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	expect_record(1, okm, sizeof(okm));
	assert_int_equal(with_word(CRYPTO_DERIVATION_GET_CAPACITY, handle), PSA_SUCCESS);
	assert_int_equal(response_word(), 255 * 32 - 42);
	assert_int_equal(with_word(CRYPTO_DERIVATION_ABORT, handle), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SECRET);
	word(0);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_ERROR_INVALID_HANDLE);
}

#define X25519	PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY)
#define ECDHKDF PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, HKDF)

/* RFC 7748, section 6.1: Alice's private key, Bob's public key and their secret. */
static const uint8_t alice[32] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
				   0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
				   0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a };
static const uint8_t bob[32] = { 0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61,
				 0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78,
				 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f };
static const uint8_t secret[32] = { 0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1,
				    0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35, 0x0f, 0x25,
				    0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33,
				    0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42 };

static int32_t agree(uint32_t alg, uint32_t key, const uint8_t *peer, size_t len)
{
	word(alg);
	word(key);
	record(1, peer, len);
	return send(CRYPTO_RAW_KEY_AGREEMENT);
}

static void a_raw_agreement_is_as_published(void **state)
{
	uint32_t key = import(X25519, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH, alice, 32);
	uint8_t point[65] = { 4 };

	(void)state;
	assert_int_equal(agree(PSA_ALG_ECDH, key, bob, 32), PSA_SUCCESS);
	expect_record(1, secret, 32);
	assert_int_equal(agree(PSA_ALG_ECDH, key, bob, 31), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(agree(PSA_ALG_ECDH, key, NULL, 0), PSA_ERROR_INVALID_ARGUMENT);
	/* A point of small order. */
	assert_int_equal(agree(PSA_ALG_ECDH, key, zeros, 32), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(agree(HKDF, key, bob, 32), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(agree(PSA_ALG_ECDH, 77, bob, 32), PSA_ERROR_INVALID_HANDLE);
	key = import(X25519, PSA_KEY_USAGE_SIGN_HASH, PSA_ALG_ECDH, alice, 32);
	assert_int_equal(agree(PSA_ALG_ECDH, key, bob, 32), PSA_ERROR_NOT_PERMITTED);
	/* A point that isn't on the curve. */
	key = import(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), PSA_KEY_USAGE_DERIVE,
		     PSA_ALG_ECDH, alice, 32);
	assert_int_equal(agree(PSA_ALG_ECDH, key, point, sizeof(point)),
			 PSA_ERROR_INVALID_ARGUMENT);
}

/* A derivation from @len bytes or, if there is a key, from what it and Bob agree on. */
static uint32_t derivation(uint32_t alg, uint32_t key, const uint8_t *input, size_t len)
{
	uint32_t handle;

	assert_int_equal(with_word(CRYPTO_DERIVATION_SETUP, alg), PSA_SUCCESS);
	handle = response_word();
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SECRET);
	if (key) {
		word(key);
		record(1, bob, 32);
		assert_int_equal(send(CRYPTO_DERIVATION_KEY_AGREEMENT), PSA_SUCCESS);
	} else {
		record(1, input, len);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	}
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_INFO);
	record(1, "info", 4);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	return handle;
}

static void an_agreement_goes_into_a_derivation_as_its_secret(void **state)
{
	uint32_t key = import(X25519, PSA_KEY_USAGE_DERIVE, ECDHKDF, alice, 32), handle;
	uint8_t output[40];
	size_t len;

	(void)state;
	handle = derivation(HKDF, 0, secret, 32);
	word(handle);
	word(sizeof(output));
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	memcpy(output, response_record(1, &len), sizeof(output));
	handle = derivation(ECDHKDF, key, NULL, 0);
	word(handle);
	word(sizeof(output));
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	expect_record(1, output, sizeof(output));
	/* The bare secret is not for a key that is to be derived from. */
	assert_int_equal(agree(PSA_ALG_ECDH, key, bob, 32), PSA_ERROR_NOT_PERMITTED);
}

/* What the PSA conformance suite has been seen to be told, by opcode, key and algorithm. */
static void odd_algorithms_get_the_known_answers(void **state)
{
	const struct {
		uint16_t opcode;
		uint32_t type, key_alg, usage, alg;
		size_t key_len;
		int32_t status;
	} cases[] = {
		{ CRYPTO_MAC_SIGN_SETUP, PSA_KEY_TYPE_HMAC, 0x03800000, MAC, 0x03800000, 32,
		  PSA_ERROR_NOT_SUPPORTED },
		{ CRYPTO_MAC_SIGN_SETUP, PSA_KEY_TYPE_HMAC, 0x03810009, MAC, 0x03810009, 32,
		  PSA_ERROR_NOT_SUPPORTED },
		{ CRYPTO_MAC_SIGN_SETUP, PSA_KEY_TYPE_HMAC, 0x03a10009, MAC, 0x03a10009, 32,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_MAC_VERIFY_SETUP, PSA_KEY_TYPE_HMAC, 0x03a10009, MAC, 0x03a10009, 32,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_MAC_SIGN_SETUP, PSA_KEY_TYPE_HMAC, HMAC, PSA_KEY_USAGE_VERIFY_MESSAGE,
		  HMAC, 32, PSA_ERROR_NOT_PERMITTED },
		{ CRYPTO_AEAD_ENCRYPT_SETUP, PSA_KEY_TYPE_AES, 0x05400100, USAGE, 0x05400100, 16,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_AEAD_ENCRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_CTR, USAGE, PSA_ALG_CTR, 16,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_AEAD_DECRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_GCM, USAGE, 0, 16,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_AEAD_ENCRYPT_SETUP, PSA_KEY_TYPE_DES, PSA_ALG_CCM, USAGE, PSA_ALG_CCM, 8,
		  PSA_ERROR_NOT_SUPPORTED },
		{ CRYPTO_CIPHER_ENCRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_CTR, USAGE, 0, 32,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_CIPHER_ENCRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_CTR, USAGE, HMAC, 32,
		  PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_CIPHER_DECRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_CMAC, USAGE, PSA_ALG_CMAC,
		  32, PSA_ERROR_INVALID_ARGUMENT },
		{ CRYPTO_CIPHER_ENCRYPT_SETUP, PSA_KEY_TYPE_HMAC, PSA_ALG_CTR, USAGE, PSA_ALG_CTR,
		  32, PSA_ERROR_NOT_SUPPORTED },
		{ CRYPTO_CIPHER_ENCRYPT_SETUP, PSA_KEY_TYPE_HMAC, HMAC, USAGE, PSA_ALG_CTR, 32,
		  PSA_ERROR_NOT_PERMITTED },
		{ CRYPTO_CIPHER_DECRYPT_SETUP, PSA_KEY_TYPE_AES, PSA_ALG_CTR, PSA_KEY_USAGE_ENCRYPT,
		  PSA_ALG_CTR, 16, PSA_ERROR_NOT_PERMITTED },
	};
	const uint16_t setups[] = { CRYPTO_CIPHER_ENCRYPT_SETUP, CRYPTO_CIPHER_DECRYPT_SETUP };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t key = import(cases[i].type, cases[i].usage, cases[i].key_alg,
				      "0123456789abcdef0123456789abcdef", cases[i].key_len);

		assert_int_equal(setup(cases[i].opcode, key, cases[i].alg), cases[i].status);
		assert_int_equal(with_word(CRYPTO_DESTROY_KEY, key), PSA_SUCCESS);
	}
	assert_null(service.clients[0].items);

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(setup(setups[i], 77, PSA_ALG_CTR), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(setup(CRYPTO_MAC_SIGN_SETUP, 77, HMAC), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(setup(CRYPTO_AEAD_ENCRYPT_SETUP, 77, PSA_ALG_GCM),
			 PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(with_word(CRYPTO_HASH_SETUP, 0x02ffffff), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(with_word(CRYPTO_HASH_SETUP, HMAC), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_word(CRYPTO_DERIVATION_SETUP, 0x0bffffff),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_word(CRYPTO_DERIVATION_SETUP, 0xffffffff),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_word(CRYPTO_DERIVATION_SETUP, 0x09020100), PSA_ERROR_NOT_SUPPORTED);
}

static void truncated_requests_fail(void **state)
{
	const uint8_t fixed[][12] = {
		[3] = { 0, 8, 8, 4, 4, 4, 4, 4 },
		[4] = { 0, 4, 4, 8, 8, 12, 8, 28, 4, 12, 8 },
		[5] = { 0, 8, 8, 4, 4, 4, 4 },
		[6] = { 0, 8, 8, 4, 4, 12, 4, 4, 4, 4, 4 },
	};

	(void)state;
	for (uint16_t family = 3; family <= 6; family++) {
		for (uint16_t op = 1; op < 12 && fixed[family][op]; op++) {
			for (size_t len = 0; len < fixed[family][op]; len++) {
				send_bytes((uint16_t)(family << 8 | op), zeros, len);
				assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
			}
		}
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(hmac_is_as_published),
		TEST(gcm_is_as_published),
		TEST(ctr_decrypts_what_it_encrypted),
		TEST(hkdf_is_as_published),
		TEST(a_raw_agreement_is_as_published),
		TEST(an_agreement_goes_into_a_derivation_as_its_secret),
		TEST(odd_algorithms_get_the_known_answers),
		TEST(truncated_requests_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
