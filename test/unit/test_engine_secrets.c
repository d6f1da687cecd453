// SPDX-License-Identifier: BSD-3-Clause
/*
 * No branch and no address depends on a secret, in the engine or in what leads to it: keys, and the random
 * bytes that nonces and blinding are made of, are marked as undefined, and valgrind's memcheck tells
 * what is decided by them. Runs under valgrind; engine_secrets.supp lists what is permitted.
 */
#include "crypto_fixture.h"
#include <secure/engine/driver.h>
#include <secure/engine/internal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <valgrind/memcheck.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static uint8_t key[1300], out[4096], input[1024];
static size_t key_len, out_len;
static unsigned long errors;

static void hide(void *data, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(data, len);
}

/* What leaves the partition is no secret. */
static void show(void *data, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(data, len);
}

static psa_status_t secret_random(uint8_t *bytes, size_t len)
{
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		return PSA_ERROR_INSUFFICIENT_ENTROPY;
	hide(bytes, len);
	return PSA_SUCCESS;
}

static int setup(void **state)
{
	crypto_setup_without_storage(state);
	engine_init(&(const struct engine_host){ NULL, NULL, secret_random });
	/* Known answers are no secrets, and everybody's tables are made then. */
	for (enum engine_family family = ENGINE_NONE + 1; family < ENGINE_FAMILIES; family++)
		assert_int_equal(engine_ready(family), PSA_SUCCESS);
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)(i * 7 + 1);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 13 + 3);
	memset(out, 0, sizeof(out));
	errors = VALGRIND_COUNT_ERRORS;
	return 0;
}

static int end(void **state)
{
	(void)state;
	show(key, sizeof(key));
	show(out, sizeof(out));
	return 0;
}

/* The status itself may be known. */
static void expect_good(psa_status_t status)
{
	show(&status, sizeof(status));
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(VALGRIND_COUNT_ERRORS, errors);
}

static psa_key_attributes_t attributes_of(psa_key_type_t type, size_t bits)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	return attributes;
}

/* Without this all else would be worth nothing. */
static void a_branch_on_a_secret_is_noticed(void **state)
{
	volatile const uint8_t *table = input;

	(void)state;
	hide(key, 1);
	out[0] = table[key[0]];
	assert_int_not_equal(VALGRIND_COUNT_ERRORS, errors);
	errors = VALGRIND_COUNT_ERRORS;
}

static const uint16_t curves[] = { 256, 384, 521 };

static psa_key_attributes_t curve_key(size_t bits)
{
	key_len = PSA_BITS_TO_BYTES(bits);
	if (bits == 521)
		key[0] = 1;
	hide(key, key_len);
	return attributes_of(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), bits);
}

static void ecdsa_signs(void **state)
{
	const psa_algorithm_t algs[] = {
		PSA_ALG_ECDSA(PSA_ALG_SHA_256),
		PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256),
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(curves); i++) {
		const psa_key_attributes_t a = curve_key(curves[i / 2]);

		expect_good(engine_sign_hash(&a, key, key_len, algs[i % 2], input, 32, out,
					     sizeof(out), &out_len));
		show(out, sizeof(out));
	}
}

static void ecdh_agrees(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		const psa_key_attributes_t a = curve_key(curves[i]);
		uint8_t peer[133];
		size_t peer_len;

		expect_good(
			engine_export_public_key(&a, key, key_len, peer, sizeof(peer), &peer_len));
		show(peer, sizeof(peer));
		show(&peer_len, sizeof(peer_len));
		expect_good(engine_key_agreement(&a, key, key_len, PSA_ALG_ECDH, peer, peer_len,
						 out, sizeof(out), &out_len));
	}
}

static void x25519_agrees(void **state)
{
	const psa_key_attributes_t a =
		attributes_of(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255);

	(void)state;
	hide(key, 32);
	expect_good(engine_export_public_key(&a, key, 32, out, sizeof(out), &out_len));
	expect_good(engine_key_agreement(&a, key, 32, PSA_ALG_ECDH, input, 32, out, sizeof(out),
					 &out_len));
}

static void ed25519_signs(void **state)
{
	const psa_key_attributes_t a =
		attributes_of(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS), 255);

	(void)state;
	hide(key, 32);
	expect_good(engine_sign(&a, key, 32, PSA_ALG_PURE_EDDSA, input, 100, out, sizeof(out),
				&out_len));
}

/* The numbers behind the public exponent, but for how long they are: a zero, and the first word. */
static void hide_private_numbers(void)
{
	size_t at = 4;

	for (size_t i = 0; at < key_len; i++) {
		size_t len = key[at + 1], header = 2;

		if (len == 0x81) {
			len = key[at + 2];
			header = 3;
		} else if (len == 0x82) {
			len = (size_t)key[at + 2] << 8 | key[at + 3];
			header = 4;
		}
		if (i >= 3)
			hide(key + at + header + 9, len - 9);
		at += header + len;
	}
}

static uint8_t rsa_pair[1300];
static size_t rsa_pair_len;

static psa_key_attributes_t rsa_key(void)
{
	if (!rsa_pair_len) {
		psa_key_attributes_t attributes = attributes_of(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024);
		mbedtls_svc_key_id_t id;

		psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
		assert_int_equal(psa_generate_key(&attributes, &id), PSA_SUCCESS);
		assert_int_equal(psa_export_key(id, rsa_pair, sizeof(rsa_pair), &rsa_pair_len),
				 PSA_SUCCESS);
		psa_destroy_key(id);
		errors = VALGRIND_COUNT_ERRORS;
	}
	memcpy(key, rsa_pair, rsa_pair_len);
	key_len = rsa_pair_len;
	hide_private_numbers();
	return attributes_of(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024);
}

static void rsa_signs(void **state)
{
	const psa_algorithm_t algs[] = {
		PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
		PSA_ALG_RSA_PSS(PSA_ALG_SHA_256),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		const psa_key_attributes_t a = rsa_key();

		expect_good(engine_sign_hash(&a, key, key_len, algs[i], input, 32, out, sizeof(out),
					     &out_len));
		show(out, sizeof(out));
	}
}

static void rsa_decrypts(void **state)
{
	const psa_algorithm_t algs[] = {
		PSA_ALG_RSA_PKCS1V15_CRYPT,
		PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(algs); i++) {
		const psa_key_attributes_t a = rsa_key();
		uint8_t sealed[128];
		size_t len;

		expect_good(engine_asymmetric_encrypt(&a, key, key_len, algs[i], input, 20, NULL, 0,
						      sealed, sizeof(sealed), &len));
		show(sealed, sizeof(sealed));
		expect_good(engine_asymmetric_decrypt(&a, key, key_len, algs[i], sealed, 128, NULL,
						      0, out, sizeof(out), &out_len));
		show(&out_len, sizeof(out_len));
	}
}

static void aes_and_chacha_encrypt_and_decrypt(void **state)
{
	static const psa_algorithm_t ciphers[] = {
		PSA_ALG_CTR,	   PSA_ALG_CFB,
		PSA_ALG_OFB,	   PSA_ALG_CBC_NO_PADDING,
		PSA_ALG_CBC_PKCS7, PSA_ALG_ECB_NO_PADDING,
	};
	static const size_t lens[] = { 16, 24, 32 };

	(void)state;
	hide(key, 32);
	hide(input, sizeof(input));
	for (size_t i = 0; i < COUNT_OF(lens) * COUNT_OF(ciphers); i++) {
		const size_t len = lens[i % 3], iv_len = i / 3 == 5 ? 0 : 16;
		const psa_key_attributes_t a = attributes_of(PSA_KEY_TYPE_AES, 8 * len);
		const uint8_t iv[16] = { 1 };
		uint8_t sealed[1056];

		expect_good(engine_cipher_encrypt(&a, key, len, ciphers[i / 3], iv, iv_len, input,
						  512, sealed + iv_len, sizeof(sealed) - iv_len,
						  &out_len));
		memcpy(sealed, iv, iv_len);
		expect_good(engine_cipher_decrypt(&a, key, len, ciphers[i / 3], sealed,
						  iv_len + out_len, out, sizeof(out), &out_len));
		show(&out_len, sizeof(out_len));
	}
	for (size_t i = 0; i < 4; i++) {
		const bool chacha = i == 3;
		const size_t len = chacha ? 32 : lens[i];
		const psa_key_attributes_t a =
			attributes_of(chacha ? PSA_KEY_TYPE_CHACHA20 : PSA_KEY_TYPE_AES, 8 * len);
		const psa_algorithm_t alg = chacha ? PSA_ALG_CHACHA20_POLY1305 : PSA_ALG_GCM;
		const uint8_t nonce[12] = { 1 };
		uint8_t sealed[1056];

		expect_good(engine_aead_encrypt(&a, key, len, alg, nonce, 12, nonce, 5, input, 999,
						sealed, sizeof(sealed), &out_len));
		show(sealed, out_len);
		expect_good(engine_aead_decrypt(&a, key, len, alg, nonce, 12, nonce, 5, sealed,
						out_len, out, sizeof(out), &out_len));
	}
	show(input, sizeof(input));
}

static void aeads_in_parts_take_secrets(void **state)
{
	static const size_t lens[] = { 16, 24, 32, 32 };
	const uint8_t nonces[20] = { 1 };

	(void)state;
	hide(key, 32);
	hide(input, sizeof(input));
	for (size_t i = 0; i < 2 * COUNT_OF(lens); i++) {
		const bool chacha = i / 2 == 3, encrypt = i % 2;
		const psa_key_attributes_t a = attributes_of(
			chacha ? PSA_KEY_TYPE_CHACHA20 : PSA_KEY_TYPE_AES, 8 * lens[i / 2]);
		const psa_algorithm_t alg = chacha ? PSA_ALG_CHACHA20_POLY1305 : PSA_ALG_GCM;
		struct engine_aead operation;
		uint8_t tag[16] = { 0 };
		size_t len, tag_len;

		expect_good((encrypt ? engine_aead_encrypt_setup : engine_aead_decrypt_setup)(
			&operation, &a, key, lens[i / 2], alg));
		/* Another length of GCM's than 12 goes through its key, too. */
		expect_good(engine_aead_set_nonce(&operation, nonces, chacha ? 12 : 20));
		expect_good(engine_aead_update_ad(&operation, nonces, 5));
		expect_good(engine_aead_update(&operation, input, 100, out, 100, &len));
		expect_good(engine_aead_update(&operation, input + 100, 900, out, 900, &len));
		if (encrypt) {
			expect_good(engine_aead_finish(&operation, NULL, 0, &len, tag, sizeof(tag),
						       &tag_len));
		} else {
			psa_status_t status =
				engine_aead_verify(&operation, NULL, 0, &len, tag, sizeof(tag));

			show(&status, sizeof(status));
			assert_int_equal(status, PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(VALGRIND_COUNT_ERRORS, errors);
		}
		expect_good(engine_aead_abort(&operation));
	}
	show(input, sizeof(input));
}

static void macs_take_secrets(void **state)
{
	static const struct {
		psa_key_type_t type;
		size_t len;
		psa_algorithm_t alg;
	} macs[] = {
		{ PSA_KEY_TYPE_HMAC, 20, PSA_ALG_HMAC(PSA_ALG_SHA_1) },
		{ PSA_KEY_TYPE_HMAC, 64, PSA_ALG_HMAC(PSA_ALG_SHA_256) },
		{ PSA_KEY_TYPE_HMAC, 200, PSA_ALG_HMAC(PSA_ALG_SHA_512) },
		{ PSA_KEY_TYPE_AES, 16, PSA_ALG_CMAC },
		{ PSA_KEY_TYPE_AES, 32, PSA_ALG_CMAC },
	};

	(void)state;
	hide(key, sizeof(key));
	hide(input, sizeof(input));
	for (size_t i = 0; i < COUNT_OF(macs); i++) {
		const psa_key_attributes_t a = attributes_of(macs[i].type, 8 * macs[i].len);
		struct engine_mac operation;
		uint8_t expected[16] = { 0 };
		psa_status_t status;

		expect_good(engine_mac_compute(&a, key, macs[i].len, macs[i].alg, input, 1000 + i,
					       out, 16, &out_len));
		expect_good(engine_mac_verify_setup(&operation, &a, key, macs[i].len, macs[i].alg));
		expect_good(engine_mac_update(&operation, input, 77));
		status = engine_mac_verify_finish(&operation, expected, sizeof(expected));
		show(&status, sizeof(status));
		assert_int_equal(status, PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(VALGRIND_COUNT_ERRORS, errors);
		expect_good(engine_mac_abort(&operation));
	}
	show(input, sizeof(input));
}

static void mldsa_signs(void **state)
{
	static const psa_algorithm_t algs[] = { PSA_ALG_ML_DSA, PSA_ALG_DETERMINISTIC_ML_DSA };
	static uint8_t signature[4627];

	(void)state;
	hide(key, 32);
	for (size_t i = 0; i < 6; i++) {
		const psa_key_attributes_t a =
			attributes_of(PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 128 + 64 * (i / 2));

		expect_good(engine_sign(&a, key, 32, algs[i % 2], input, 100, signature,
					sizeof(signature), &out_len));
		show(signature, sizeof(signature));
		show(&out_len, sizeof(out_len));
	}
}

static void mlkem_encapsulates_and_decapsulates(void **state)
{
	(void)state;
	for (size_t bits = 512; bits <= 1024; bits += 256) {
		const psa_key_attributes_t a = attributes_of(PSA_KEY_TYPE_ML_KEM_KEY_PAIR, bits);
		uint8_t secret[ENGINE_SECRET_LEN];

		hide(key, 64);
		expect_good(engine_encapsulate(&a, key, 64, PSA_ALG_ML_KEM, secret, out,
					       sizeof(out), &out_len));
		show(&out_len, sizeof(out_len));
		show(out, out_len);
		expect_good(engine_decapsulate(&a, key, 64, PSA_ALG_ML_KEM, out, out_len, secret));
		/* Whether it was refused is part of the secret. */
		out[7] ^= 1;
		expect_good(engine_decapsulate(&a, key, 64, PSA_ALG_ML_KEM, out, out_len, secret));
	}
}

static void hashes_take_secrets(void **state)
{
	static const psa_algorithm_t algs[] = {
		PSA_ALG_SHA_1, PSA_ALG_SHA_224, PSA_ALG_SHA_256, PSA_ALG_SHA_384, PSA_ALG_SHA_512,
	};

	(void)state;
	hide(key, sizeof(key));
	for (size_t i = 0; i < COUNT_OF(algs); i++)
		expect_good(engine_hash_compute(algs[i], key, sizeof(key) - i, out, sizeof(out),
						&out_len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_branch_on_a_secret_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(ecdsa_signs, begin, end),
		cmocka_unit_test_setup_teardown(ecdh_agrees, begin, end),
		cmocka_unit_test_setup_teardown(x25519_agrees, begin, end),
		cmocka_unit_test_setup_teardown(ed25519_signs, begin, end),
		cmocka_unit_test_setup_teardown(rsa_signs, begin, end),
		cmocka_unit_test_setup_teardown(rsa_decrypts, begin, end),
		cmocka_unit_test_setup_teardown(aes_and_chacha_encrypt_and_decrypt, begin, end),
		cmocka_unit_test_setup_teardown(aeads_in_parts_take_secrets, begin, end),
		cmocka_unit_test_setup_teardown(macs_take_secrets, begin, end),
		cmocka_unit_test_setup_teardown(mldsa_signs, begin, end),
		cmocka_unit_test_setup_teardown(mlkem_encapsulates_and_decapsulates, begin, end),
		cmocka_unit_test_setup_teardown(hashes_take_secrets, begin, end),
	};

	if (!RUNNING_ON_VALGRIND) {
		fprintf(stderr,
			"run it as: valgrind --suppressions=test/unit/engine_secrets.supp\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, crypto_teardown);
}
