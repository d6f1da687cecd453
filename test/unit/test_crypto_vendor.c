// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: TSTEE's own opcodes (0x8000 and up). */
#include "crypto_fixture.h"
#include <endian.h>
#include <secure/service/bulk.h>
#include <stdio.h>
#include <string.h>

#define CRYPT (PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT)
#define MAC   (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE)
#define HMAC  PSA_ALG_HMAC(PSA_ALG_SHA_256)
#define PBKDF PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256)
#define ECDSA PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256)
#define P256  PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)

/* The most data that fits a request of a one-shot opcode, about. */
#define BULK_LEN (1024u * 1024)

static const uint8_t zeros[32];
static uint8_t bulk[BULK_LEN];

/* FIPS 180-2, B.1: SHA-256 of "abc". */
static const uint8_t sha256_abc[32] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
					0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
					0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
					0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };

/* RFC 6979, A.2.5: the key, and the signature of "sample" with SHA-256. */
static const uint8_t rfc6979_key[32] = { 0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16,
					 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
					 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12,
					 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21 };
static const uint8_t rfc6979_signature[64] = {
	0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4,
	0x5e, 0x81, 0xd6, 0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d,
	0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16, 0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c,
	0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65, 0xf3, 0xe9, 0x00, 0xdb,
	0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8
};

static void key_use(uint32_t id, uint32_t alg)
{
	word(id);
	word(alg);
}

static void fill_bulk(void)
{
	for (size_t i = 0; i < BULK_LEN; i++)
		bulk[i] = (uint8_t)(i * 2654435761u >> 11);
}

/* A cut in the message of whole parts, or anything behind them, must not pass. */
static void parts_are_all_there_and_nothing_else(void **state)
{
	uint8_t message[16];
	const uint8_t *value;
	struct writer w;
	struct reader r;
	size_t len;

	(void)state;
	writer_init(&w, message, sizeof(message));
	assert_true(bulk_write(&w, "abc", 3));
	assert_true(bulk_write(&w, NULL, 0));
	assert_false(bulk_write(&w, "ab", 2));
	assert_memory_equal(message, "\3\0\0\0abc\0\0\0\0", 11);

	reader_init(&r, message, 11);
	assert_true(bulk_read(&r, &value, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(value, "abc", 3);
	assert_true(bulk_read_last(&r, &value, &len));
	assert_int_equal(len, 0);
	for (size_t cut = 0; cut < 11; cut++) {
		reader_init(&r, message, cut);
		assert_false(bulk_read(&r, &value, &len) && bulk_read(&r, &value, &len));
		assert_null(value);
		assert_int_equal(len, 0);
	}
	reader_init(&r, message, 11);
	assert_false(bulk_read_last(&r, &value, &len));
	assert_null(value);
	memset(message, 0xff, 4);
	reader_init(&r, message, sizeof(message));
	assert_false(bulk_read(&r, &value, &len));
}

static void a_part_is_made_in_place_within_its_room(void **state)
{
	uint8_t message[10], *value;
	struct writer w;
	size_t room;

	(void)state;
	writer_init(&w, message, sizeof(message));
	assert_true(bulk_begin(&w, 100, &value, &room));
	assert_int_equal(room, 6);
	assert_true(bulk_begin(&w, 2, &value, &room));
	assert_int_equal(room, 2);
	assert_ptr_equal(value, message + 4);
	assert_int_equal(w.len, 0);
	value[0] = 'x';
	assert_true(bulk_end(&w, 1));
	assert_int_equal(w.len, 5);
	assert_memory_equal(message, "\1\0\0\0x", 5);
	assert_true(bulk_begin(&w, 2, &value, &room));
	assert_int_equal(room, 1);
	assert_false(bulk_end(&w, 2));
	assert_false(bulk_begin(&w, 2, &value, &room));
	writer_init(&w, message, 3);
	assert_false(bulk_begin(&w, 2, &value, &room));
}

static void a_hash_is_as_published_in_one_call(void **state)
{
	uint8_t bad[32];

	(void)state;
	word(PSA_ALG_SHA_256);
	part("abc", 3);
	assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_SUCCESS);
	expect_parts(1);
	expect_part(1, sha256_abc, 32);

	memcpy(bad, sha256_abc, 32);
	for (int round = 0; round < 3; round++) {
		word(PSA_ALG_SHA_256);
		part("abc", 3);
		part(bad, round == 2 ? 31 : 32);
		assert_int_equal(send(CRYPTO_HASH_COMPARE),
				 round ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		expect_parts(0);
		bad[31] ^= round ? 1 : 2;
	}
	word(0x02ffffff);
	part("abc", 3);
	assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_ERROR_NOT_SUPPORTED);
	word(HMAC);
	part("abc", 3);
	assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_ERROR_INVALID_ARGUMENT);
}

/* RFC 4231, test case 2. */
static void a_mac_is_as_published_in_one_call(void **state)
{
	uint8_t mac[32] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
			    0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
			    0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	const char *data = "what do ya want for nothing?";
	uint32_t key = import(PSA_KEY_TYPE_HMAC, MAC, HMAC, "Jefe", 4);

	(void)state;
	key_use(key, HMAC);
	part(data, strlen(data));
	assert_int_equal(send(CRYPTO_MAC_COMPUTE), PSA_SUCCESS);
	expect_parts(1);
	expect_part(1, mac, 32);
	for (int round = 0; round < 2; round++) {
		key_use(key, HMAC);
		part(data, strlen(data));
		part(mac, 32);
		assert_int_equal(send(CRYPTO_MAC_VERIFY),
				 round ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		mac[0] ^= 1;
	}
	key_use(key, PSA_ALG_CMAC);
	part(data, strlen(data));
	assert_int_equal(send(CRYPTO_MAC_COMPUTE), PSA_ERROR_NOT_PERMITTED);
}

/* NIST SP 800-38A, F.5.1: the first block. */
static void a_cipher_is_as_published_in_one_call(void **state)
{
	const uint8_t aes[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
				  0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	const uint8_t ciphertext[32] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
					 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
					 0x87, 0x4d, 0x61, 0x91, 0xb6, 0x20, 0xe3, 0x26,
					 0x1b, 0xef, 0x68, 0x64, 0x99, 0x0d, 0xb6, 0xce };
	const uint8_t plaintext[16] = { 0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
					0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a };
	uint32_t key = import(PSA_KEY_TYPE_AES, CRYPT, PSA_ALG_CTR, aes, 16);

	(void)state;
	key_use(key, PSA_ALG_CTR);
	part(ciphertext, 32);
	assert_int_equal(send(CRYPTO_CIPHER_DECRYPT), PSA_SUCCESS);
	expect_parts(1);
	expect_part(1, plaintext, 16);
	key_use(key, PSA_ALG_CTR);
	part(ciphertext, 15);
	assert_int_equal(send(CRYPTO_CIPHER_DECRYPT), PSA_ERROR_INVALID_ARGUMENT);
	key_use(key, PSA_ALG_CBC_PKCS7);
	part(plaintext, 16);
	assert_int_equal(send(CRYPTO_CIPHER_ENCRYPT), PSA_ERROR_NOT_PERMITTED);
}

static void a_cipher_undoes_itself_in_one_call(void **state)
{
	const uint32_t algs[] = { PSA_ALG_CTR, PSA_ALG_CBC_PKCS7, PSA_ALG_CFB };
	const size_t lens[] = { 0, 1, 15, 16, 17, 4096, BULK_LEN - 64 };
	static uint8_t ciphertext[BULK_LEN + 64];
	size_t len;

	(void)state;
	fill_bulk();
	for (size_t a = 0; a < 3; a++) {
		uint32_t key = import(PSA_KEY_TYPE_AES, CRYPT, algs[a], zeros, 32);

		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			key_use(key, algs[a]);
			part(bulk, lens[i]);
			assert_int_equal(send(CRYPTO_CIPHER_ENCRYPT), PSA_SUCCESS);
			memcpy(ciphertext, response_part(1, &len), response_len - 4);
			assert_int_equal(len, algs[a] == PSA_ALG_CBC_PKCS7 ?
						      16 + lens[i] / 16 * 16 + 16 :
						      16 + lens[i]);
			key_use(key, algs[a]);
			part(ciphertext, len);
			assert_int_equal(send(CRYPTO_CIPHER_DECRYPT), PSA_SUCCESS);
			expect_part(1, bulk, lens[i]);
		}
	}
	/* This ends in no padding. */
	key_use(import(PSA_KEY_TYPE_AES, CRYPT, PSA_ALG_CBC_PKCS7, zeros, 32), PSA_ALG_CBC_PKCS7);
	part(bulk + 1, 32);
	assert_int_equal(send(CRYPTO_CIPHER_DECRYPT), PSA_ERROR_INVALID_PADDING);
}

/* The GCM specification (McGrew, Viega), test case 2. */
static void an_aead_is_as_published_in_one_call(void **state)
{
	const uint8_t sealed[32] = { 0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92,
				     0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78,
				     0xab, 0x6e, 0x47, 0xd4, 0x2c, 0xec, 0x13, 0xbd,
				     0xf5, 0x3a, 0x67, 0xb2, 0x12, 0x57, 0xbd, 0xdf };
	uint32_t key = import(PSA_KEY_TYPE_AES, CRYPT, PSA_ALG_GCM, zeros, 16);

	(void)state;
	key_use(key, PSA_ALG_GCM);
	part(zeros, 12);
	part(NULL, 0);
	part(zeros, 16);
	assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_SUCCESS);
	expect_parts(2);
	expect_part(1, sealed, 16);
	expect_part(2, sealed + 16, 16);
	for (int round = 0; round < 2; round++) {
		key_use(key, PSA_ALG_GCM);
		part(zeros, 12);
		part("x", (size_t)round);
		part(sealed, 32);
		assert_int_equal(send(CRYPTO_AEAD_DECRYPT),
				 round ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		if (!round)
			expect_part(1, zeros, 16);
	}
	key_use(key, PSA_ALG_GCM);
	part(zeros, 12);
	part(NULL, 0);
	part(sealed, 15);
	assert_int_equal(send(CRYPTO_AEAD_DECRYPT), PSA_ERROR_INVALID_ARGUMENT);
}

static void an_aead_undoes_itself_in_one_call(void **state)
{
	const struct {
		uint32_t type, alg;
		size_t key_len, tag_len;
	} kinds[] = {
		{ PSA_KEY_TYPE_AES, PSA_ALG_GCM, 32, 16 },
		{ PSA_KEY_TYPE_AES, PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4), 16, 4 },
		{ PSA_KEY_TYPE_CHACHA20, PSA_ALG_CHACHA20_POLY1305, 32, 16 },
	};
	const size_t lens[] = { 0, 1, 17, 65535, BULK_LEN - 64 };
	static uint8_t ciphertext[BULK_LEN];
	size_t len, tag_len;

	(void)state;
	fill_bulk();
	for (size_t k = 0; k < 3; k++) {
		uint32_t key = import(kinds[k].type, CRYPT, kinds[k].alg, zeros, kinds[k].key_len);

		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			key_use(key, kinds[k].alg);
			part("a nonce: 12", 12);
			part("ad", 2);
			part(bulk, lens[i]);
			assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_SUCCESS);
			expect_parts(2);
			memcpy(ciphertext, response_part(1, &len), lens[i]);
			assert_int_equal(len, lens[i]);
			memcpy(ciphertext + len, response_part(2, &tag_len), 16);
			assert_int_equal(tag_len, kinds[k].tag_len);
			for (int bad = 0; bad < 2; bad++) {
				key_use(key, kinds[k].alg);
				part("a nonce: 12", 12);
				part("ad", 2);
				part(ciphertext, len + tag_len);
				assert_int_equal(send(CRYPTO_AEAD_DECRYPT),
						 bad ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
				if (!bad)
					expect_part(1, bulk, lens[i]);
				ciphertext[len / 2] ^= 1;
			}
		}
	}
}

static void a_mebibyte_is_hashed_and_its_mac_made_in_one_call(void **state)
{
	uint32_t key = import(PSA_KEY_TYPE_HMAC, MAC, HMAC, "key", 3);
	uint8_t hash[32], mac[32];
	size_t len;

	(void)state;
	fill_bulk();
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, bulk, BULK_LEN, hash, 32, &len),
			 PSA_SUCCESS);
	word(PSA_ALG_SHA_256);
	part(bulk, BULK_LEN);
	assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_SUCCESS);
	expect_part(1, hash, 32);
	key_use(key, HMAC);
	part(bulk, BULK_LEN);
	assert_int_equal(send(CRYPTO_MAC_COMPUTE), PSA_SUCCESS);
	memcpy(mac, response_part(1, &len), 32);
	key_use(key, HMAC);
	part(bulk, BULK_LEN);
	part(mac, 32);
	assert_int_equal(send(CRYPTO_MAC_VERIFY), PSA_SUCCESS);
}

/* The status of the setup; the handle is then the response. */
static int32_t message_setup(uint16_t opcode, uint32_t key, uint32_t alg)
{
	key_use(key, alg);
	return send(opcode);
}

static uint32_t message_of(uint16_t opcode, uint32_t key, uint32_t alg, const uint8_t *data,
			   size_t len, size_t step)
{
	uint32_t handle;

	assert_int_equal(message_setup(opcode, key, alg), PSA_SUCCESS);
	handle = response_word();
	for (size_t i = 0; i < len; i += step) {
		word(handle);
		part(data + i, len - i < step ? len - i : step);
		assert_int_equal(send(CRYPTO_MESSAGE_UPDATE), PSA_SUCCESS);
		expect_parts(0);
	}
	return handle;
}

static int32_t with_handle(uint16_t opcode, uint32_t handle)
{
	word(handle);
	return send(opcode);
}

static int32_t verify_finish(uint32_t handle, const uint8_t *signature, size_t len)
{
	word(handle);
	part(signature, len);
	return send(CRYPTO_MESSAGE_VERIFY_FINISH);
}

static void a_message_in_parts_is_signed_as_published(void **state)
{
	uint32_t key = import(P256, MAC, ECDSA, rfc6979_key, 32), handle;
	uint8_t signature[64];

	(void)state;
	handle = message_of(CRYPTO_MESSAGE_SIGN_SETUP, key, ECDSA, (const uint8_t *)"sample", 6, 4);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_SUCCESS);
	expect_parts(1);
	expect_part(1, rfc6979_signature, 64);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_ABORT, handle), PSA_SUCCESS);

	memcpy(signature, rfc6979_signature, 64);
	for (int bad = 0; bad < 2; bad++) {
		handle = message_of(CRYPTO_MESSAGE_VERIFY_SETUP, key, ECDSA,
				    (const uint8_t *)"sample", 6, 1);
		assert_int_equal(verify_finish(handle, signature, 64),
				 bad ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		signature[0] ^= 1;
	}
	assert_int_equal(verify_finish(handle, rfc6979_signature, 64), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_ABORT, handle), PSA_SUCCESS);
	handle = message_of(CRYPTO_MESSAGE_VERIFY_SETUP, key, ECDSA, NULL, 0, 1);
	assert_int_equal(verify_finish(handle, NULL, 0), PSA_ERROR_INVALID_SIGNATURE);
}

static void a_message_of_any_length_is_signed_by_any_key(void **state)
{
	const uint32_t usage = PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH;
	const uint32_t algs[] = { PSA_ALG_RSA_PSS(PSA_ALG_SHA_384),
				  PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
				  PSA_ALG_ECDSA(PSA_ALG_SHA_512), ECDSA };
	uint8_t signature[128], hash[64];
	size_t len, hash_len;

	(void)state;
	fill_bulk();
	for (size_t i = 0; i < 4; i++) {
		uint32_t key, handle;

		attributes(i < 2 ? PSA_KEY_TYPE_RSA_KEY_PAIR : P256, i < 2 ? 1024 : 256, 0, 0,
			   usage, algs[i]);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
		key = response_word();
		handle =
			message_of(CRYPTO_MESSAGE_SIGN_SETUP, key, algs[i], bulk, BULK_LEN, 700000);
		assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_SUCCESS);
		memcpy(signature, response_part(1, &len), i < 2 ? 128 : 64);
		assert_int_equal(len, i < 2 ? 128 : 64);
		handle = message_of(CRYPTO_MESSAGE_VERIFY_SETUP, key, algs[i], bulk, BULK_LEN,
				    100000);
		assert_int_equal(verify_finish(handle, signature, len), PSA_SUCCESS);
		/* It is a signature of the message's hash. */
		assert_int_equal(psa_hash_compute(PSA_ALG_SIGN_GET_HASH(algs[i]), bulk, BULK_LEN,
						  hash, sizeof(hash), &hash_len),
				 PSA_SUCCESS);
		key_use(key, algs[i]);
		record(1, hash, hash_len);
		record(2, signature, len);
		assert_int_equal(send(CRYPTO_VERIFY_HASH), PSA_SUCCESS);
	}
}

static void a_message_is_signed_under_the_policy_of_its_key(void **state)
{
	const uint32_t raw = PSA_ALG_RSA_PKCS1V15_SIGN_RAW;
	uint32_t key = import(P256, PSA_KEY_USAGE_VERIFY_MESSAGE, ECDSA, rfc6979_key, 32);

	(void)state;
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, ECDSA),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_VERIFY_SETUP, key, ECDSA), PSA_SUCCESS);
	key = import(P256, PSA_KEY_USAGE_SIGN_MESSAGE, ECDSA, rfc6979_key, 32);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, ECDSA), PSA_SUCCESS);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_VERIFY_SETUP, key, ECDSA),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(
		message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, PSA_ALG_ECDSA(PSA_ALG_SHA_256)),
		PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, PSA_ALG_ECDSA_ANY),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, PSA_ALG_SHA_256),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, 99, ECDSA),
			 PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_VERIFY_SETUP, 99, ECDSA),
			 PSA_ERROR_INVALID_HANDLE);
	attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, 0, 0, PSA_KEY_USAGE_SIGN_HASH, raw);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	key = response_word();
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, raw),
			 PSA_ERROR_INVALID_ARGUMENT);
	key = import(PSA_KEY_TYPE_AES, PSA_KEY_USAGE_SIGN_MESSAGE, ECDSA, zeros, 16);
	assert_int_equal(message_setup(CRYPTO_MESSAGE_SIGN_SETUP, key, ECDSA),
			 PSA_ERROR_INVALID_ARGUMENT);
}

static void the_key_at_the_end_of_a_message_is_the_one_that_counts(void **state)
{
	uint32_t handle;

	(void)state;
	attributes(P256, 256, 1, 7, PSA_KEY_USAGE_SIGN_MESSAGE, ECDSA);
	record(1, rfc6979_key, 32);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	handle = message_of(CRYPTO_MESSAGE_SIGN_SETUP, 7, ECDSA, (const uint8_t *)"sample", 6, 6);
	assert_int_equal(verify_finish(handle, rfc6979_signature, 64), PSA_ERROR_BAD_STATE);
	client_id++;
	assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_ERROR_BAD_STATE);
	client_id--;
	assert_int_equal(with_handle(CRYPTO_DESTROY_KEY, 7), PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_ERROR_INVALID_HANDLE);
	attributes(P256, 256, 1, 7, PSA_KEY_USAGE_VERIFY_MESSAGE, ECDSA);
	record(1, rfc6979_key, 32);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_SIGN_FINISH, handle), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(with_handle(CRYPTO_MESSAGE_ABORT, handle), PSA_SUCCESS);
	assert_null(service.clients[0].items);
}

/* RFC 7914, section 11. */
static const uint8_t pbkdf2_output[64] = {
	0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f, 0xec, 0x16, 0x91, 0xc2, 0x25,
	0x44, 0xb6, 0x05, 0xf9, 0x41, 0x85, 0x21, 0x6d, 0xde, 0x04, 0x65, 0xe6, 0x8b,
	0x9d, 0x57, 0xc2, 0x0d, 0xac, 0xbc, 0x49, 0xca, 0x9c, 0xcc, 0xf1, 0x79, 0xb6,
	0x45, 0x99, 0x16, 0x64, 0xb3, 0x9d, 0x77, 0xef, 0x31, 0x7c, 0x71, 0xb8, 0x45,
	0xb1, 0xe3, 0x0b, 0xd5, 0x09, 0x11, 0x20, 0x41, 0xd3, 0xa1, 0x97, 0x83
};

/* By another implementation (OpenSSL's): the length of the additional data, and the tag. */
static const struct {
	size_t ad_len;
	uint8_t tag[16];
} ccm_cases[] = {
	{ 65280,
	  { 0x53, 0x07, 0x16, 0x72, 0xda, 0x55, 0x3e, 0xac, 0x8b, 0xa9, 0x1e, 0xe4, 0x82, 0x58,
	    0x0a, 0x76 } },
	{ 70001,
	  { 0x41, 0xcb, 0x49, 0xdf, 0x0d, 0x10, 0x98, 0x69, 0x77, 0xd8, 0x5e, 0x75, 0xf9, 0xa1,
	    0x6d, 0x52 } },
};
static const uint8_t ccm_ciphertext[37] = { 0x99, 0x7b, 0x97, 0x17, 0x78, 0xa8, 0x27, 0x7d,
					    0xba, 0x37, 0x68, 0x0e, 0x0b, 0x30, 0xc6, 0x5e,
					    0x76, 0x67, 0x3e, 0xc1, 0x32, 0x69, 0x3d, 0x5f,
					    0xab, 0x40, 0x43, 0xc7, 0x93, 0x81, 0x57, 0x64,
					    0x76, 0x70, 0x46, 0x25, 0xa4 };

static void ccm_request(uint32_t key, uint32_t alg, size_t ad_len, const uint8_t *input, size_t len)
{
	uint8_t nonce[13];

	for (uint8_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = 100 + i;
	for (size_t i = 0; i < ad_len; i++)
		bulk[i] = (uint8_t)(7 * i);
	key_use(key, alg);
	part(nonce, sizeof(nonce));
	part(bulk, ad_len);
	part(input, len);
}

static void ccm_takes_any_additional_data(void **state)
{
	const uint32_t short_tag = PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4);
	uint8_t plaintext[37], sealed[53];
	uint32_t key, other;

	(void)state;
	for (uint8_t i = 0; i < sizeof(plaintext); i++)
		plaintext[i] = i;
	key = import(PSA_KEY_TYPE_AES, CRYPT, PSA_ALG_CCM, plaintext, 16);
	other = import(PSA_KEY_TYPE_AES, PSA_KEY_USAGE_DECRYPT, PSA_ALG_CCM, plaintext, 16);
	for (size_t i = 0; i < 2; i++) {
		const size_t len = ccm_cases[i].ad_len;

		ccm_request(key, PSA_ALG_CCM, len, plaintext, 37);
		assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_SUCCESS);
		expect_part(1, ccm_ciphertext, 37);
		expect_part(2, ccm_cases[i].tag, 16);
		memcpy(sealed, ccm_ciphertext, 37);
		memcpy(sealed + 37, ccm_cases[i].tag, 16);
		ccm_request(other, PSA_ALG_CCM, len, sealed, 53);
		assert_int_equal(send(CRYPTO_AEAD_DECRYPT), PSA_SUCCESS);
		expect_part(1, plaintext, 37);
		ccm_request(key, PSA_ALG_CCM, len - 1, sealed, 53);
		assert_int_equal(send(CRYPTO_AEAD_DECRYPT), PSA_ERROR_INVALID_SIGNATURE);
		expect_parts(0);
		ccm_request(key, PSA_ALG_CCM, len, sealed, 15);
		assert_int_equal(send(CRYPTO_AEAD_DECRYPT), PSA_ERROR_INVALID_ARGUMENT);
		ccm_request(other, PSA_ALG_CCM, len, plaintext, 37);
		assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_ERROR_NOT_PERMITTED);
		ccm_request(key, short_tag, len, plaintext, 37);
		assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_ERROR_NOT_PERMITTED);
		ccm_request(77, PSA_ALG_CCM, len, plaintext, 37);
		assert_int_equal(send(CRYPTO_AEAD_ENCRYPT), PSA_ERROR_INVALID_HANDLE);
	}
}

static int32_t input_cost(uint32_t handle, uint64_t cost)
{
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_COST);
	word((uint32_t)cost);
	word((uint32_t)(cost >> 32));
	return send(CRYPTO_DERIVATION_INPUT_INTEGER);
}

/* A derivation of the published case that has all it needs but that its cost is @cost. */
static uint32_t pbkdf2(uint64_t cost)
{
	uint32_t key = import(PSA_KEY_TYPE_PASSWORD, PSA_KEY_USAGE_DERIVE, PBKDF, "passwd", 6);
	uint32_t handle;

	assert_int_equal(with_handle(CRYPTO_DERIVATION_SETUP, PBKDF), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(input_cost(handle, cost), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SALT);
	record(1, "salt", 4);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_PASSWORD);
	word(key);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_DESTROY_KEY, key), PSA_SUCCESS);
	return handle;
}

static int32_t output_bytes(uint32_t handle, uint32_t len)
{
	word(handle);
	word(len);
	return send(CRYPTO_DERIVATION_OUTPUT_BYTES);
}

static void pbkdf2_is_as_published(void **state)
{
	uint32_t handle = pbkdf2(1);

	(void)state;
	assert_int_equal(output_bytes(handle, 64), PSA_SUCCESS);
	expect_record(1, pbkdf2_output, 64);
	assert_int_equal(with_handle(CRYPTO_DERIVATION_ABORT, handle), PSA_SUCCESS);
}

static void an_integer_goes_where_one_is_asked_for(void **state)
{
	const uint64_t max = CRYPTO_PBKDF2_ITERATIONS_MAX;
	const struct {
		uint32_t alg;
		uint64_t cost;
		int32_t status;
	} cases[] = {
		{ PBKDF, max, PSA_SUCCESS },
		{ PBKDF, max + 1, PSA_ERROR_NOT_SUPPORTED },
		{ PBKDF, 1ull << 32 | 1, PSA_ERROR_NOT_SUPPORTED },
		{ PBKDF, 0, PSA_ERROR_INVALID_ARGUMENT },
		{ PSA_ALG_HKDF(PSA_ALG_SHA_256), 1, PSA_ERROR_INVALID_ARGUMENT },
	};

	(void)state;
	assert_int_equal(input_cost(77, 1), PSA_ERROR_BAD_STATE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(with_handle(CRYPTO_DERIVATION_SETUP, cases[i].alg), PSA_SUCCESS);
		assert_int_equal(input_cost(response_word(), cases[i].cost), cases[i].status);
	}
	assert_int_equal(with_handle(CRYPTO_DERIVATION_SETUP, PBKDF), PSA_SUCCESS);
	word(response_word());
	word(0x10000 | PSA_KEY_DERIVATION_INPUT_COST);
	word(1);
	word(0);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_INTEGER), PSA_ERROR_INVALID_ARGUMENT);
}

static void what_is_derived_can_be_compared(void **state)
{
	uint32_t handle = pbkdf2(1);

	(void)state;
	word(handle);
	part(pbkdf2_output, 20);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_SUCCESS);
	expect_parts(0);
	word(handle);
	part(pbkdf2_output + 20, 44);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_SUCCESS);
	word(pbkdf2(1));
	part(pbkdf2_output + 1, 20);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(with_handle(CRYPTO_DERIVATION_ABORT, handle), PSA_SUCCESS);
	word(handle);
	part(pbkdf2_output, 20);
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_ERROR_BAD_STATE);
}

static void what_is_derived_can_be_compared_with_a_key(void **state)
{
	const uint32_t usage = PSA_KEY_USAGE_VERIFY_DERIVATION, type = PSA_KEY_TYPE_PASSWORD_HASH;
	const struct {
		uint32_t key;
		int32_t status;
	} cases[] = {
		{ import(type, usage, PBKDF, pbkdf2_output, 32), PSA_SUCCESS },
		{ import(type, usage, PBKDF, pbkdf2_output + 1, 32), PSA_ERROR_INVALID_SIGNATURE },
		{ import(type, usage, HMAC, pbkdf2_output, 32), PSA_ERROR_NOT_PERMITTED },
		{ import(type, PSA_KEY_USAGE_DERIVE, PBKDF, pbkdf2_output, 32),
		  PSA_ERROR_NOT_PERMITTED },
		{ import(PSA_KEY_TYPE_RAW_DATA, usage, PBKDF, pbkdf2_output, 32),
		  PSA_ERROR_INVALID_ARGUMENT },
		{ 99, PSA_ERROR_INVALID_HANDLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		word(pbkdf2(1));
		word(cases[i].key);
		assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_KEY), cases[i].status);
	}
}

static void a_pair_comes_with_its_public_key(void **state)
{
	const struct {
		uint32_t type, bits, id;
		size_t len;
	} cases[] = {
		{ P256, 256, 0, 65 },
		{ P256, 256, 7, 65 },
		{ P256, 521, 0, 133 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255, 0, 32 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_BRAINPOOL_P_R1), 256, 0, 65 },
	};
	uint8_t public[133];
	const uint8_t *value;
	struct reader r;
	uint32_t id;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		attributes(cases[i].type, cases[i].bits, cases[i].id ? 1 : 0, cases[i].id,
			   PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
		assert_int_equal(send(CRYPTO_GENERATE_PAIR), PSA_SUCCESS);
		reader_init(&r, response, response_len);
		assert_true(reader_u32(&r, &id) && bulk_read_last(&r, &value, &len));
		assert_int_equal(len, cases[i].len);
		memcpy(public, value, len);
		assert_int_equal(with_handle(CRYPTO_EXPORT_PUBLIC_KEY, id), PSA_SUCCESS);
		expect_record(1, public, cases[i].len);
		assert_int_equal(with_handle(CRYPTO_DESTROY_KEY, id), PSA_SUCCESS);
	}

	/* What has no such public key is not made. */
	attributes(PSA_KEY_TYPE_AES, 128, 0, 0, CRYPT, PSA_ALG_GCM);
	assert_int_equal(send(CRYPTO_GENERATE_PAIR), PSA_ERROR_NOT_SUPPORTED);
	attributes(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 256, 0, 0, 0, 0);
	assert_int_equal(send(CRYPTO_GENERATE_PAIR), PSA_ERROR_NOT_SUPPORTED);
	attributes(P256, 255, 0, 0, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
	assert_int_equal(send(CRYPTO_GENERATE_PAIR), PSA_ERROR_NOT_SUPPORTED);
	assert_null(service.clients[0].items);
	assert_int_equal(stored_objects(), 0);
}

static void a_key_is_made_with_parameters_of_its_own(void **state)
{
	const uint8_t exponent_3[] = { 0x02, 0x01, 0x03 }; /* as it ends in DER */
	const uint8_t *public;
	uint32_t handle, key;
	size_t len;

	(void)state;
	attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, 0, 0, MAC,
		   PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256));
	word(0);
	part("\3", 1);
	assert_int_equal(send(CRYPTO_GENERATE_KEY_CUSTOM), PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_EXPORT_PUBLIC_KEY, response_word()), PSA_SUCCESS);
	public = response_record(1, &len);
	assert_memory_equal(public + len - 3, exponent_3, 3);

	for (uint32_t odd = 0; odd < 3; odd++) {
		attributes(PSA_KEY_TYPE_AES, 128, 0, 0, CRYPT, PSA_ALG_GCM);
		word(odd & 1);
		part("\3", odd >> 1);
		assert_int_equal(send(CRYPTO_GENERATE_KEY_CUSTOM),
				 odd ? PSA_ERROR_INVALID_ARGUMENT : PSA_SUCCESS);
		handle = pbkdf2(1);
		word(handle);
		attributes(PSA_KEY_TYPE_RAW_DATA, 128, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
		word(odd & 1);
		part("\3", odd >> 1);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM),
				 odd ? PSA_ERROR_INVALID_ARGUMENT : PSA_SUCCESS);
		if (odd)
			continue;
		key = response_word();
		assert_int_equal(with_handle(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
		expect_record(1, pbkdf2_output, 16);
	}
}

/* Goes on with @max_ops at a time; counts the calls that it took. */
static int32_t complete(uint16_t opcode, uint32_t handle, uint32_t max_ops, uint32_t *calls)
{
	int32_t status;

	*calls = 0;
	do {
		word(handle);
		word(max_ops);
		status = send(opcode);
		++*calls;
	} while (status == PSA_OPERATION_INCOMPLETE);
	return status;
}

static int32_t sign_start(uint32_t key, uint32_t alg, const uint8_t *hash)
{
	key_use(key, alg);
	part(hash, 32);
	return send(CRYPTO_SIGN_HASH_START);
}

static int32_t verify_start(uint32_t key, uint32_t alg, const uint8_t *hash,
			    const uint8_t *signature)
{
	key_use(key, alg);
	part(hash, 32);
	part(signature, 64);
	return send(CRYPTO_VERIFY_HASH_START);
}

#define HASH_USE (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)

static void a_signature_in_steps_is_as_published(void **state)
{
	uint32_t key = import(P256, HASH_USE, ECDSA, rfc6979_key, 32), handle, calls, num_ops;
	uint8_t hash[32], signature[64];
	size_t len;

	(void)state;
	assert_int_equal(
		psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)"sample", 6, hash, 32, &len),
		PSA_SUCCESS);
	assert_int_equal(sign_start(key, ECDSA, hash), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(with_handle(CRYPTO_INTERRUPTIBLE_NUM_OPS, handle), PSA_SUCCESS);
	assert_int_equal(response_word(), 0);
	assert_int_equal(complete(CRYPTO_SIGN_HASH_COMPLETE, handle, 100, &calls), PSA_SUCCESS);
	assert_true(calls > 2);
	expect_parts(1);
	expect_part(1, rfc6979_signature, 64);
	/* The end is told, and what it took. */
	assert_int_equal(with_handle(CRYPTO_INTERRUPTIBLE_NUM_OPS, handle), PSA_SUCCESS);
	num_ops = response_word();
	assert_true(num_ops > 100);
	assert_int_equal(complete(CRYPTO_SIGN_HASH_COMPLETE, handle, 100, &calls),
			 PSA_ERROR_BAD_STATE);

	/* One bound for each call, and none for those that have none. */
	assert_int_equal(sign_start(key, ECDSA, hash), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(complete(CRYPTO_SIGN_HASH_COMPLETE, handle, UINT32_MAX, &calls),
			 PSA_SUCCESS);
	assert_int_equal(calls, 1);
	assert_int_equal(with_handle(CRYPTO_INTERRUPTIBLE_ABORT, handle), PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_INTERRUPTIBLE_NUM_OPS, handle), PSA_ERROR_BAD_STATE);

	memcpy(signature, rfc6979_signature, 64);
	for (int bad = 0; bad < 2; bad++) {
		assert_int_equal(verify_start(key, ECDSA, hash, signature), PSA_SUCCESS);
		handle = response_word();
		assert_int_equal(complete(CRYPTO_VERIFY_HASH_COMPLETE, handle, 100, &calls),
				 bad ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		assert_true(calls > 2);
		signature[63] ^= 1;
	}
	assert_int_equal(complete(CRYPTO_VERIFY_HASH_COMPLETE, handle, 100, &calls),
			 PSA_ERROR_BAD_STATE);
}

static void a_signature_in_steps_is_its_clients_alone(void **state)
{
	uint32_t key = import(P256, HASH_USE, ECDSA, rfc6979_key, 32), handle, calls;

	(void)state;
	assert_int_equal(sign_start(key, ECDSA, zeros), PSA_SUCCESS);
	handle = response_word();
	client_id++;
	assert_int_equal(complete(CRYPTO_SIGN_HASH_COMPLETE, handle, 0, &calls),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(with_handle(CRYPTO_INTERRUPTIBLE_ABORT, handle), PSA_SUCCESS);
	client_id--;
	assert_int_equal(complete(CRYPTO_VERIFY_HASH_COMPLETE, handle, 0, &calls),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(complete(CRYPTO_SIGN_HASH_COMPLETE, handle, 1000, &calls), PSA_SUCCESS);

	key = import(P256, PSA_KEY_USAGE_SIGN_MESSAGE, ECDSA, rfc6979_key, 32);
	assert_int_equal(sign_start(key, ECDSA, zeros), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(verify_start(key, ECDSA, zeros, rfc6979_signature),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(sign_start(99, ECDSA, zeros), PSA_ERROR_INVALID_HANDLE);
}

static void signatures_at_their_end_leave_room_and_others_do_not(void **state)
{
	uint32_t key = import(P256, HASH_USE, ECDSA, rfc6979_key, 32), count = 0, calls;

	(void)state;
	/* More than there is room for. */
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(sign_start(key, ECDSA, zeros), PSA_SUCCESS);
		assert_int_equal(
			complete(CRYPTO_SIGN_HASH_COMPLETE, response_word(), UINT32_MAX, &calls),
			PSA_SUCCESS);
	}
	while (sign_start(key, ECDSA, zeros) == PSA_SUCCESS) {
		word(response_word());
		word(1);
		assert_int_equal(send(CRYPTO_SIGN_HASH_COMPLETE), PSA_OPERATION_INCOMPLETE);
		count++;
	}
	assert_in_range(count, 100, 1000);
	client_id++;
	key = import(P256, HASH_USE, ECDSA, rfc6979_key, 32);
	assert_int_equal(sign_start(key, ECDSA, zeros), PSA_SUCCESS);
}

#define JPAKE_P256 PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC, PSA_ECC_FAMILY_SECP_R1, 256)

static int32_t pake_setup(uint32_t alg, uint32_t primitive, uint32_t hash)
{
	word(alg);
	word(primitive);
	word(hash);
	return send(CRYPTO_PAKE_SETUP);
}

static int32_t pake_number(uint16_t opcode, uint32_t handle, uint32_t number)
{
	word(handle);
	word(number);
	return send(opcode);
}

static int32_t pake_side(uint16_t opcode, uint32_t handle, const char *side)
{
	word(handle);
	part(side, strlen(side));
	return send(opcode);
}

/* One side of an exchange, ready to begin. */
static uint32_t pake(const char *user, const char *peer, const char *password)
{
	uint32_t key = import(PSA_KEY_TYPE_PASSWORD, PSA_KEY_USAGE_DERIVE, PSA_ALG_JPAKE, password,
			      strlen(password));
	uint32_t handle;

	assert_int_equal(pake_setup(PSA_ALG_JPAKE, JPAKE_P256, PSA_ALG_SHA_256), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(pake_side(CRYPTO_PAKE_SET_USER, handle, user), PSA_SUCCESS);
	assert_int_equal(pake_side(CRYPTO_PAKE_SET_PEER, handle, peer), PSA_SUCCESS);
	assert_int_equal(pake_number(CRYPTO_PAKE_SET_PASSWORD_KEY, handle, key), PSA_SUCCESS);
	assert_int_equal(pake_number(CRYPTO_PAKE_SET_ROLE, handle, PSA_PAKE_ROLE_NONE),
			 PSA_SUCCESS);
	assert_int_equal(with_handle(CRYPTO_DESTROY_KEY, key), PSA_SUCCESS);
	return handle;
}

/* All that @from has to say in a round of @shares shares; what @to says of the last of it. */
static int32_t pake_round(uint32_t from, uint32_t to, int shares)
{
	uint8_t data[PSA_PAKE_OUTPUT_MAX_SIZE];
	int32_t status = PSA_SUCCESS;
	size_t len;

	for (int i = 0; i < shares * 3 && status == PSA_SUCCESS; i++) {
		const uint32_t step = PSA_PAKE_STEP_KEY_SHARE + (uint32_t)i % 3;

		assert_int_equal(pake_number(CRYPTO_PAKE_OUTPUT, from, step), PSA_SUCCESS);
		expect_parts(1);
		memcpy(data, response_part(1, &len), response_len - 4);
		word(to);
		word(step);
		part(data, len);
		status = send(CRYPTO_PAKE_INPUT);
	}
	return status;
}

static void pake_secret(uint32_t handle, uint8_t secret[32])
{
	uint32_t derivation;
	size_t len;

	assert_int_equal(with_handle(CRYPTO_DERIVATION_SETUP, PSA_ALG_TLS12_ECJPAKE_TO_PMS),
			 PSA_SUCCESS);
	derivation = response_word();
	assert_int_equal(pake_number(CRYPTO_PAKE_GET_IMPLICIT_KEY, handle, derivation),
			 PSA_SUCCESS);
	assert_int_equal(output_bytes(derivation, 32), PSA_SUCCESS);
	memcpy(secret, response_record(1, &len), 32);
	assert_int_equal(with_handle(CRYPTO_DERIVATION_ABORT, derivation), PSA_SUCCESS);
}

static void two_sides_that_know_the_password_get_one_secret(void **state)
{
	uint32_t client = pake("client", "server", "password"), server;
	uint8_t secrets[3][32];

	(void)state;
	server = pake("server", "client", "password");
	assert_int_equal(pake_round(client, server, 2), PSA_SUCCESS);
	assert_int_equal(pake_round(server, client, 2), PSA_SUCCESS);
	assert_int_equal(pake_round(server, client, 1), PSA_SUCCESS);
	assert_int_equal(pake_round(client, server, 1), PSA_SUCCESS);
	pake_secret(client, secrets[0]);
	pake_secret(server, secrets[1]);
	assert_memory_equal(secrets[0], secrets[1], 32);
	assert_null(service.clients[0].items);

	/* And one that doesn't know it gets another. */
	client = pake("client", "server", "password");
	server = pake("server", "client", "Password");
	assert_int_equal(pake_round(client, server, 2), PSA_SUCCESS);
	assert_int_equal(pake_round(server, client, 2), PSA_SUCCESS);
	assert_int_equal(pake_round(server, client, 1), PSA_SUCCESS);
	assert_int_equal(pake_round(client, server, 1), PSA_SUCCESS);
	pake_secret(client, secrets[0]);
	pake_secret(server, secrets[2]);
	assert_memory_not_equal(secrets[0], secrets[2], 32);
}

static void an_exchange_that_failed_is_over(void **state)
{
	uint32_t key = import(PSA_KEY_TYPE_PASSWORD, PSA_KEY_USAGE_DERIVE, PSA_ALG_JPAKE, "x", 1);
	char side[CRYPTO_PAKE_SIDE_MAX + 2] = { 0 };
	uint32_t client, server;

	(void)state;
	assert_int_equal(pake_setup(PSA_ALG_SHA_256, JPAKE_P256, PSA_ALG_SHA_256),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(pake_setup(PSA_ALG_JPAKE, JPAKE_P256, PSA_ALG_JPAKE),
			 PSA_ERROR_INVALID_ARGUMENT);

	/* A second password, which Mbed TLS would take. */
	client = pake("client", "server", "password");
	assert_int_equal(pake_number(CRYPTO_PAKE_SET_PASSWORD_KEY, client, key),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(pake_number(CRYPTO_PAKE_OUTPUT, client, PSA_PAKE_STEP_KEY_SHARE),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(with_handle(CRYPTO_PAKE_ABORT, client), PSA_SUCCESS);

	/* Numbers that don't fit their types. */
	client = pake("client", "server", "password");
	assert_int_equal(pake_number(CRYPTO_PAKE_SET_ROLE, client, 0x100),
			 PSA_ERROR_INVALID_ARGUMENT);
	client = pake("client", "server", "password");
	assert_int_equal(pake_number(CRYPTO_PAKE_OUTPUT, client, 0x100 | PSA_PAKE_STEP_KEY_SHARE),
			 PSA_ERROR_INVALID_ARGUMENT);

	assert_int_equal(pake_setup(PSA_ALG_JPAKE, JPAKE_P256, PSA_ALG_SHA_256), PSA_SUCCESS);
	memset(side, 'x', CRYPTO_PAKE_SIDE_MAX + 1);
	assert_int_equal(pake_side(CRYPTO_PAKE_SET_USER, response_word(), side),
			 PSA_ERROR_NOT_SUPPORTED);

	/* A proof that doesn't hold: that of somebody else's share. */
	client = pake("client", "server", "password");
	server = pake("client", "server", "password");
	assert_int_equal(pake_round(client, server, 2), PSA_ERROR_DATA_INVALID);
	assert_int_equal(pake_round(client, server, 0), PSA_SUCCESS);
	assert_int_equal(pake_number(CRYPTO_PAKE_GET_IMPLICIT_KEY, server, 77),
			 PSA_ERROR_BAD_STATE);
	client_id++;
	assert_int_equal(pake_number(CRYPTO_PAKE_OUTPUT, client, 1), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_handle(CRYPTO_PAKE_ABORT, client), PSA_SUCCESS);
}

static void a_derivation_keeps_only_so_much(void **state)
{
	uint32_t handle;

	(void)state;
	assert_int_equal(with_handle(CRYPTO_DERIVATION_SETUP, PBKDF), PSA_SUCCESS);
	handle = response_word();
	assert_int_equal(input_cost(handle, 1), PSA_SUCCESS);
	for (int i = 0; i < 3; i++) {
		word(handle);
		word(PSA_KEY_DERIVATION_INPUT_SALT);
		record(1, bulk, CRYPTO_DERIVATION_INPUT_MAX / 2);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES),
				 i < 2 ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_MEMORY);
	}
}

static void persistent(uint32_t id)
{
	attributes(PSA_KEY_TYPE_RAW_DATA, 0, 1, id, PSA_KEY_USAGE_EXPORT, 0);
	record(1, "key", 3);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
}

static int32_t set_name(uint32_t id, const char *name)
{
	word(id);
	part(name, strlen(name));
	return send(CRYPTO_KEY_SET_NAME);
}

static void expect_name(uint32_t id, const char *name)
{
	word(id);
	assert_int_equal(send(CRYPTO_KEY_GET_NAME), PSA_SUCCESS);
	expect_parts(1);
	expect_part(1, name, strlen(name));
}

static int32_t destroy(uint32_t id)
{
	word(id);
	return send(CRYPTO_DESTROY_KEY);
}

/* How many IDs the list has beyond @after; they go to @ids. */
static size_t list_keys(uint32_t after, uint32_t ids[CRYPTO_KEY_LIST_MAX])
{
	word(after);
	assert_int_equal(send(CRYPTO_KEY_LIST), PSA_SUCCESS);
	assert_true(response_len <= CRYPTO_KEY_LIST_MAX * 4);
	memcpy(ids, response, response_len);
	return response_len / 4;
}

static void a_key_has_the_name_that_it_was_given(void **state)
{
	(void)state;
	persistent(7);
	expect_name(7, "");
	assert_int_equal(set_name(7, "signing"), PSA_SUCCESS);
	expect_name(7, "signing");
	assert_int_equal(set_name(7, "signing"), PSA_SUCCESS);
	assert_int_equal(set_name(7, "Schl\303\274ssel \342\202\254 \360\237\224\221"),
			 PSA_SUCCESS);
	crypto_restart();
	expect_name(7, "Schl\303\274ssel \342\202\254 \360\237\224\221");
	assert_int_equal(set_name(7, ""), PSA_SUCCESS);
	expect_name(7, "");
	assert_int_equal(set_name(7, ""), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 1);
}

static void only_text_is_a_name(void **state)
{
	const char *const bad[] = {
		"a\n",
		"\x7f",
		"\xc2\x80",
		"\xc2\x9f",
		"\x80",
		"\xc3",
		"\xc0\xaf",
		"\xe0\x80\xaf",
		"\xed\xa0\x80",
		"\xe2\x82",
		"\xe2\x28\xa1",
		"\xf0\x80\x80\xaf",
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80",
		"\xff",
	};
	char name[CRYPTO_KEY_NAME_MAX + 2] = { 0 };

	(void)state;
	persistent(7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(set_name(7, bad[i]), PSA_ERROR_INVALID_ARGUMENT);
	memset(name, 'x', CRYPTO_KEY_NAME_MAX + 1);
	assert_int_equal(set_name(7, name), PSA_ERROR_INVALID_ARGUMENT);
	expect_name(7, "");
	name[CRYPTO_KEY_NAME_MAX] = 0;
	assert_int_equal(set_name(7, name), PSA_SUCCESS);
	expect_name(7, name);
	word(7);
	part("a\0b", 3);
	assert_int_equal(send(CRYPTO_KEY_SET_NAME), PSA_ERROR_INVALID_ARGUMENT);
}

static void only_a_key_that_stays_has_a_name(void **state)
{
	uint32_t id = import(PSA_KEY_TYPE_RAW_DATA, PSA_KEY_USAGE_EXPORT, 0, "key", 3);

	(void)state;
	expect_name(id, "");
	assert_int_equal(set_name(id, "name"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_name(8, "name"), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(set_name(0, "name"), PSA_ERROR_INVALID_HANDLE);
	word(8);
	assert_int_equal(send(CRYPTO_KEY_GET_NAME), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(stored_objects(), 0);
}

static void a_name_is_that_of_one_key_of_a_client(void **state)
{
	char name[16];

	(void)state;
	for (uint32_t id = 1; id <= CRYPTO_KEY_LIST_MAX + 2; id++) {
		persistent(id);
		snprintf(name, sizeof(name), "key %u", id);
		assert_int_equal(set_name(id, name), PSA_SUCCESS);
	}
	assert_int_equal(set_name(1, name), PSA_ERROR_ALREADY_EXISTS);
	expect_name(1, "key 1");
	assert_int_equal(set_name(CRYPTO_KEY_LIST_MAX + 2, "key 1"), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(set_name(1, "key "), PSA_SUCCESS);
	assert_int_equal(set_name(2, "key 1"), PSA_SUCCESS);
	client_id++;
	persistent(1);
	assert_int_equal(set_name(1, "key 1"), PSA_SUCCESS);
	client_id--;
	source_id = 0x8004;
	share(BUFFER + 1);
	buffer = BUFFER + 1;
	persistent(1);
	assert_int_equal(set_name(1, "key 1"), PSA_SUCCESS);
}

static void a_destroyed_key_leaves_no_name_behind(void **state)
{
	(void)state;
	persistent(7);
	persistent(8);
	assert_int_equal(set_name(7, "name"), PSA_SUCCESS);
	/* While its name can't be removed a key must stay. */
	storage_status = PSA_ERROR_STORAGE_FAILURE;
	assert_int_equal(destroy(7), PSA_ERROR_STORAGE_FAILURE);
	storage_status = PSA_SUCCESS;
	expect_name(7, "name");
	assert_int_equal(destroy(7), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 1);
	assert_int_equal(set_name(8, "name"), PSA_SUCCESS);
	persistent(7);
	expect_name(7, "");
	assert_int_equal(destroy(9), PSA_ERROR_INVALID_HANDLE);
}

static int32_t set_note(uint32_t id, const void *note, size_t len)
{
	word(id);
	part(note, len);
	return send(CRYPTO_KEY_SET_NOTE);
}

static const uint8_t *skip_part(const uint8_t *at, const void *value, size_t len)
{
	uint32_t told;

	memcpy(&told, at, sizeof(told));
	assert_int_equal(le32toh(told), len);
	assert_memory_equal(at + sizeof(told), value, len);
	return at + sizeof(told) + len;
}

static void expect_texts(uint32_t id, const char *name, const void *note, size_t len)
{
	const uint8_t *at = response + sizeof(struct crypto_attributes);

	word(id);
	assert_int_equal(send(CRYPTO_KEY_DESCRIBE), PSA_SUCCESS);
	at = skip_part(at, name, strlen(name));
	at = skip_part(at, note, len);
	assert_int_equal(at - response, response_len);
	expect_name(id, name);
}

static void a_key_has_one_object_for_name_and_note(void **state)
{
	const size_t lens[] = { 1, 180, 190, 191, 192, 255, 256, CRYPTO_KEY_NOTE_MAX };
	static uint8_t note[CRYPTO_KEY_NOTE_MAX + 1];
	char name[CRYPTO_KEY_NAME_MAX + 1] = { 0 };

	(void)state;
	/* There may be any bytes in it. */
	for (size_t i = 0; i < sizeof(note); i++)
		note[i] = (uint8_t)(i * 7);
	memset(name, 'n', CRYPTO_KEY_NAME_MAX);
	persistent(7);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(set_note(7, note, lens[i]), PSA_SUCCESS);
		expect_texts(7, "", note, lens[i]);
		/* A name comes and goes, and leaves the note alone. */
		assert_int_equal(set_name(7, name), PSA_SUCCESS);
		expect_texts(7, name, note, lens[i]);
		assert_int_equal(set_name(7, "short"), PSA_SUCCESS);
		expect_texts(7, "short", note, lens[i]);
		crypto_restart();
		expect_texts(7, "short", note, lens[i]);
		assert_int_equal(set_name(7, ""), PSA_SUCCESS);
		expect_texts(7, "", note, lens[i]);
		assert_int_equal(stored_objects(), 2);
		/* And a note the name. */
		assert_int_equal(set_name(7, name), PSA_SUCCESS);
		assert_int_equal(set_note(7, "", 0), PSA_SUCCESS);
		expect_texts(7, name, "", 0);
		assert_int_equal(set_note(7, note, lens[i]), PSA_SUCCESS);
		expect_texts(7, name, note, lens[i]);
		assert_int_equal(stored_objects(), 2);
		assert_int_equal(set_name(7, ""), PSA_SUCCESS);
	}
	assert_int_equal(set_note(7, note, sizeof(note)), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_note(7, "", 0), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 1);
	/* Two keys may have the same note, and none a name of another's, note or not. */
	persistent(8);
	assert_int_equal(set_note(8, "note", 4), PSA_SUCCESS);
	assert_int_equal(set_note(7, "note", 4), PSA_SUCCESS);
	assert_int_equal(set_name(7, "name"), PSA_SUCCESS);
	assert_int_equal(set_name(8, "name"), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(destroy(7), PSA_SUCCESS);
	assert_int_equal(destroy(8), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 0);
}

/* As partitions wrote it: the name as it is, the note in an object of its own. */
static void old_texts(uint32_t id, const char *name, const char *note)
{
	const struct crypto_platform *platform = &service.platform;
	struct crypto_object object = { .client_id = client_id };

	object.uid = 1ull << CRYPTO_OBJECT_NAME_BIT | id;
	if (*name)
		assert_int_equal(
			platform->storage->set(platform->storage_ctx, &object, name, strlen(name)),
			PSA_SUCCESS);
	object.uid = 2ull << CRYPTO_OBJECT_NAME_BIT | id;
	assert_int_equal(platform->storage->set(platform->storage_ctx, &object, note, strlen(note)),
			 PSA_SUCCESS);
}

static void a_note_in_its_own_object_is_read_and_goes_with_the_next_one(void **state)
{
	(void)state;
	persistent(7);
	old_texts(7, "name", "old");
	expect_texts(7, "name", "old", 3);
	assert_int_equal(set_name(7, "other"), PSA_SUCCESS);
	expect_texts(7, "other", "old", 3);
	assert_int_equal(set_note(7, "new", 3), PSA_SUCCESS);
	expect_texts(7, "other", "new", 3);
	assert_int_equal(stored_objects(), 2);
	/* What is left where power was cut in between doesn't count, and doesn't come back. */
	old_texts(7, "", "old");
	expect_texts(7, "other", "new", 3);
	assert_int_equal(set_note(7, "", 0), PSA_SUCCESS);
	expect_texts(7, "other", "", 0);
	assert_int_equal(set_name(7, ""), PSA_SUCCESS);
	old_texts(7, "", "old");
	expect_texts(7, "", "old", 3);
	assert_int_equal(destroy(7), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 0);
}

static void a_list_has_the_callers_persistent_keys_in_portions(void **state)
{
	const size_t count = CRYPTO_KEY_LIST_MAX + 2;
	uint32_t ids[CRYPTO_KEY_LIST_MAX];

	(void)state;
	import(PSA_KEY_TYPE_RAW_DATA, PSA_KEY_USAGE_EXPORT, 0, "key", 3);
	assert_int_equal(list_keys(0, ids), 0);
	for (uint32_t i = 0; i < count; i++)
		persistent(1000 - i);
	assert_int_equal(set_name(1000, "name"), PSA_SUCCESS);
	client_id++;
	persistent(1);
	client_id--;
	/* As the next partition's keys are stored behind those of this one. */
	source_id = 0x8004;
	share(BUFFER + 1);
	buffer = BUFFER + 1;
	persistent(2);
	assert_int_equal(list_keys(0, ids), 1);
	assert_int_equal(ids[0], 2);
	source_id = 0;
	buffer = BUFFER;

	assert_int_equal(list_keys(0, ids), CRYPTO_KEY_LIST_MAX);
	for (uint32_t i = 0; i < CRYPTO_KEY_LIST_MAX; i++)
		assert_int_equal(ids[i], 1001 - count + i);
	assert_int_equal(list_keys(998, ids), 2);
	assert_int_equal(ids[0], 999);
	assert_int_equal(ids[1], 1000);
	assert_int_equal(list_keys(1000, ids), 0);
	assert_int_equal(list_keys(UINT32_MAX, ids), 0);
}

static void without_storage_there_is_no_list(void **state)
{
	(void)state;
	word(0);
	assert_int_equal(send(CRYPTO_KEY_LIST), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(set_name(1, "name"), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(destroy(1), PSA_ERROR_INVALID_HANDLE);
}

/* What each opcode's request consists of: @words, and then @parts. */
static const struct {
	uint16_t opcode;
	uint8_t words, parts;
} shapes[] = {
	{ CRYPTO_HASH_COMPUTE, 1, 1 },
	{ CRYPTO_HASH_COMPARE, 1, 2 },
	{ CRYPTO_MAC_COMPUTE, 2, 1 },
	{ CRYPTO_MAC_VERIFY, 2, 2 },
	{ CRYPTO_CIPHER_ENCRYPT, 2, 1 },
	{ CRYPTO_CIPHER_DECRYPT, 2, 1 },
	{ CRYPTO_AEAD_ENCRYPT, 2, 3 },
	{ CRYPTO_AEAD_DECRYPT, 2, 3 },
	{ CRYPTO_MESSAGE_SIGN_SETUP, 2, 0 },
	{ CRYPTO_MESSAGE_VERIFY_SETUP, 2, 0 },
	{ CRYPTO_MESSAGE_UPDATE, 1, 1 },
	{ CRYPTO_MESSAGE_SIGN_FINISH, 1, 0 },
	{ CRYPTO_MESSAGE_VERIFY_FINISH, 1, 1 },
	{ CRYPTO_MESSAGE_ABORT, 1, 0 },
	{ CRYPTO_SIGN_HASH_START, 2, 1 },
	{ CRYPTO_SIGN_HASH_COMPLETE, 2, 0 },
	{ CRYPTO_VERIFY_HASH_START, 2, 2 },
	{ CRYPTO_VERIFY_HASH_COMPLETE, 2, 0 },
	{ CRYPTO_INTERRUPTIBLE_NUM_OPS, 1, 0 },
	{ CRYPTO_INTERRUPTIBLE_ABORT, 1, 0 },
	{ CRYPTO_PAKE_SETUP, 3, 0 },
	{ CRYPTO_PAKE_SET_PASSWORD_KEY, 2, 0 },
	{ CRYPTO_PAKE_SET_USER, 1, 1 },
	{ CRYPTO_PAKE_SET_PEER, 1, 1 },
	{ CRYPTO_PAKE_SET_ROLE, 2, 0 },
	{ CRYPTO_PAKE_OUTPUT, 2, 0 },
	{ CRYPTO_PAKE_INPUT, 2, 1 },
	{ CRYPTO_PAKE_GET_IMPLICIT_KEY, 2, 0 },
	{ CRYPTO_PAKE_ABORT, 1, 0 },
	{ CRYPTO_DERIVATION_INPUT_INTEGER, 4, 0 },
	{ CRYPTO_DERIVATION_VERIFY_BYTES, 1, 1 },
	{ CRYPTO_DERIVATION_VERIFY_KEY, 2, 0 },
	{ CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM, 8, 1 },
	{ CRYPTO_GENERATE_KEY_CUSTOM, 7, 1 },
	{ CRYPTO_GENERATE_PAIR, 6, 0 },
	{ CRYPTO_KEY_SET_NAME, 1, 1 },
	{ CRYPTO_KEY_GET_NAME, 1, 0 },
	{ CRYPTO_KEY_LIST, 1, 0 },
	{ CRYPTO_KEY_SET_NOTE, 1, 1 },
	{ CRYPTO_KEY_DESCRIBE, 1, 0 },
	{ CRYPTO_KEY_AGREEMENT, 8, 1 },
	{ CRYPTO_KEY_WRAP, 3, 1 },
	{ CRYPTO_KEY_UNWRAP, 8, 2 },
};

static void only_whole_requests_are_heard(void **state)
{
	uint8_t bytes[80];
	struct writer w;

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		memset(bytes, 0, sizeof(bytes));
		writer_init(&w, bytes, sizeof(bytes));
		for (size_t j = 0; j < shapes[i].words; j++)
			assert_true(writer_u32(&w, 0));
		for (size_t j = 0; j < shapes[i].parts; j++)
			assert_true(bulk_write(&w, "abcde", 3 + j));
		for (size_t len = 0; len <= w.len + 4; len++) {
			send_bytes(shapes[i].opcode, bytes, len);
			/* Behind numbers alone nobody looks, as ever in packed-c. */
			assert_int_equal(rpc_status,
					 len == w.len || (len > w.len && !shapes[i].parts) ?
						 TS_RPC_SUCCESS :
						 TS_RPC_ERROR_INVALID_REQUEST_BODY);
		}
		/* A part that says it is as long as can be said. */
		if (shapes[i].parts) {
			memset(bytes + 4 * shapes[i].words, 0xff, 4);
			send_bytes(shapes[i].opcode, bytes, w.len);
			assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
		}
	}
	assert_null(service.clients[0].items);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_all_there_and_nothing_else),
		cmocka_unit_test(a_part_is_made_in_place_within_its_room),
		TEST(a_hash_is_as_published_in_one_call),
		TEST(a_mac_is_as_published_in_one_call),
		TEST(a_cipher_is_as_published_in_one_call),
		TEST(a_cipher_undoes_itself_in_one_call),
		TEST(an_aead_is_as_published_in_one_call),
		TEST(an_aead_undoes_itself_in_one_call),
		TEST(a_mebibyte_is_hashed_and_its_mac_made_in_one_call),
		TEST(a_message_in_parts_is_signed_as_published),
		TEST(a_message_of_any_length_is_signed_by_any_key),
		TEST(a_message_is_signed_under_the_policy_of_its_key),
		TEST(the_key_at_the_end_of_a_message_is_the_one_that_counts),
		TEST(a_signature_in_steps_is_as_published),
		TEST(a_signature_in_steps_is_its_clients_alone),
		TEST(signatures_at_their_end_leave_room_and_others_do_not),
		TEST(two_sides_that_know_the_password_get_one_secret),
		TEST(an_exchange_that_failed_is_over),
		TEST(a_derivation_keeps_only_so_much),
		TEST(ccm_takes_any_additional_data),
		TEST(pbkdf2_is_as_published),
		TEST(an_integer_goes_where_one_is_asked_for),
		TEST(what_is_derived_can_be_compared),
		TEST(what_is_derived_can_be_compared_with_a_key),
		TEST(a_pair_comes_with_its_public_key),
		TEST(a_key_is_made_with_parameters_of_its_own),
		TEST(a_key_has_the_name_that_it_was_given),
		TEST(only_text_is_a_name),
		TEST(only_a_key_that_stays_has_a_name),
		TEST(a_name_is_that_of_one_key_of_a_client),
		TEST(a_destroyed_key_leaves_no_name_behind),
		TEST(a_key_has_one_object_for_name_and_note),
		TEST(a_note_in_its_own_object_is_read_and_goes_with_the_next_one),
		TEST(a_list_has_the_callers_persistent_keys_in_portions),
		cmocka_unit_test_setup_teardown(without_storage_there_is_no_list,
						crypto_setup_without_storage, crypto_teardown),
		TEST(only_whole_requests_are_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
