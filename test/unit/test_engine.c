// SPDX-License-Identifier: BSD-3-Clause
/* The engine under the PSA core: its known answers, and what happens when it can't do its work. */
#include "crypto_fixture.h"
#include <secure/engine/internal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char logged[128];
static unsigned int log_count;

static void take_line(const char *line)
{
	log_count++;
	snprintf(logged, sizeof(logged), "%s", line);
}

static int setup(void **state)
{
	log_count = 0;
	crypto_setup(state);
	engine_init(&(const struct engine_host){ take_line, NULL, psa_generate_random });
	return 0;
}

static int teardown(void **state)
{
	for (enum engine_family family = ENGINE_NONE; family < ENGINE_FAMILIES; family++)
		engine_retest(family, false);
	return crypto_teardown(state);
}

static mbedtls_svc_key_id_t generate(psa_key_type_t type, size_t bits, psa_algorithm_t alg,
				     psa_key_usage_t usage)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t key;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes, usage);
	assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
	return key;
}

static void each_family_gives_its_known_answers(void **state)
{
	(void)state;
	for (enum engine_family family = ENGINE_NONE + 1; family < ENGINE_FAMILIES; family++)
		assert_int_equal(engine_ready(family), PSA_SUCCESS);
	assert_int_equal(log_count, 0);
}

static psa_status_t hash_and_hmac(psa_algorithm_t alg)
{
	static const uint8_t in[32] = { 1 };
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
	uint8_t out[64];
	psa_status_t status[3];
	mbedtls_svc_key_id_t key;
	size_t len;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
	psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(alg));
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
	assert_int_equal(psa_import_key(&attributes, in, sizeof(in), &key), PSA_SUCCESS);
	status[0] = psa_hash_compute(alg, in, 1, out, sizeof(out), &len);
	status[1] = psa_hash_setup(&operation, alg);
	psa_hash_abort(&operation);
	status[2] = psa_mac_compute(key, PSA_ALG_HMAC(alg), in, 1, out, sizeof(out), &len);
	psa_destroy_key(key);
	assert_int_equal(status[0], status[1]);
	assert_int_equal(status[0], status[2]);
	return status[0];
}

/* A key for the use of @family, if one is needed. */
static mbedtls_svc_key_id_t key_for(enum engine_family family)
{
	static const struct {
		psa_key_type_t type;
		size_t bits;
		psa_algorithm_t alg;
		psa_key_usage_t usage;
	} keys[ENGINE_FAMILIES] = {
#define ECC(name, bits, alg, usage) \
	{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_##name), bits, alg, usage }
		[ENGINE_P256] =
			ECC(SECP_R1, 256, PSA_ALG_ECDSA(PSA_ALG_SHA_256), PSA_KEY_USAGE_SIGN_HASH),
		[ENGINE_P384] =
			ECC(SECP_R1, 384, PSA_ALG_ECDSA(PSA_ALG_SHA_256), PSA_KEY_USAGE_SIGN_HASH),
		[ENGINE_P521] =
			ECC(SECP_R1, 521, PSA_ALG_ECDSA(PSA_ALG_SHA_256), PSA_KEY_USAGE_SIGN_HASH),
		[ENGINE_X25519] = ECC(MONTGOMERY, 255, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE),
		[ENGINE_RSA] = { PSA_KEY_TYPE_RSA_KEY_PAIR, 1024,
				 PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
				 PSA_KEY_USAGE_SIGN_HASH },
		[ENGINE_GCM] = { PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM, PSA_KEY_USAGE_ENCRYPT },
		[ENGINE_CHACHA] = { PSA_KEY_TYPE_CHACHA20, 256, PSA_ALG_CHACHA20_POLY1305,
				    PSA_KEY_USAGE_ENCRYPT },
		[ENGINE_CIPHER] = { PSA_KEY_TYPE_AES, 256, PSA_ALG_CTR, PSA_KEY_USAGE_ENCRYPT },
		[ENGINE_CMAC] = { PSA_KEY_TYPE_AES, 128, PSA_ALG_CMAC, PSA_KEY_USAGE_SIGN_MESSAGE },
		[ENGINE_PARTS] = { PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM, PSA_KEY_USAGE_ENCRYPT },
#undef ECC
	};

	if (!keys[family].type)
		return MBEDTLS_SVC_KEY_ID_INIT;
	return generate(keys[family].type, keys[family].bits, keys[family].alg, keys[family].usage);
}

/* What the core has no code for. */
static psa_status_t use_extension(enum engine_family family)
{
	static const uint8_t seed[64] = { 7 };
	const bool kem = family >= ENGINE_MLKEM512 && family <= ENGINE_MLKEM1024;
	const bool ed = family == ENGINE_ED25519;
	const psa_key_type_t type = ed ? PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS) :
				    kem ? PSA_KEY_TYPE_ML_KEM_KEY_PAIR :
					  PSA_KEY_TYPE_ML_DSA_KEY_PAIR;
	const size_t bits = ed	? 255 :
			    kem ? 512u + 256 * (family == ENGINE_MLKEM768) +
					    512 * (family == ENGINE_MLKEM1024) :
				  128u + 64 * (unsigned int)(family - ENGINE_MLDSA44);
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t out[5000], secret[ENGINE_SECRET_LEN];
	size_t len;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	if (kem)
		return engine_encapsulate(&attributes, seed, 64, PSA_ALG_ML_KEM, secret, out,
					  sizeof(out), &len);
	return engine_sign(&attributes, seed, 32, ed ? PSA_ALG_PURE_EDDSA : PSA_ALG_ML_DSA, seed, 3,
			   out, sizeof(out), &len);
}

/* Something that @family is needed for, by the core where it knows the key. */
static psa_status_t use(enum engine_family family, mbedtls_svc_key_id_t key)
{
	const psa_algorithm_t sha256 = PSA_ALG_SHA_256;
	psa_aead_operation_t aead = PSA_AEAD_OPERATION_INIT;
	uint8_t in[32] = { 9 }, out[160];
	size_t len;
	psa_status_t status;

	switch (family) {
	case ENGINE_P256:
	case ENGINE_P384:
	case ENGINE_P521:
		return psa_sign_hash(key, PSA_ALG_ECDSA(sha256), in, 32, out, sizeof(out), &len);
	case ENGINE_X25519:
		return psa_raw_key_agreement(PSA_ALG_ECDH, key, in, 32, out, sizeof(out), &len);
	case ENGINE_RSA:
		return psa_sign_hash(key, PSA_ALG_RSA_PKCS1V15_SIGN(sha256), in, 32, out,
				     sizeof(out), &len);
	case ENGINE_SHA1:
		return hash_and_hmac(PSA_ALG_SHA_1);
	case ENGINE_SHA256:
		return hash_and_hmac(PSA_ALG_SHA_256);
	case ENGINE_SHA512:
		return hash_and_hmac(PSA_ALG_SHA_512);
	case ENGINE_GCM:
		return psa_aead_encrypt(key, PSA_ALG_GCM, in, 12, NULL, 0, in, 32, out, sizeof(out),
					&len);
	case ENGINE_CHACHA:
		return psa_aead_encrypt(key, PSA_ALG_CHACHA20_POLY1305, in, 12, NULL, 0, in, 32,
					out, sizeof(out), &len);
	case ENGINE_CIPHER:
		return psa_cipher_encrypt(key, PSA_ALG_CTR, in, 32, out, sizeof(out), &len);
	case ENGINE_CMAC:
		return psa_mac_compute(key, PSA_ALG_CMAC, in, 32, out, sizeof(out), &len);
	case ENGINE_PARTS:
		status = psa_aead_encrypt_setup(&aead, key, PSA_ALG_GCM);
		psa_aead_abort(&aead);
		return status;
	default:
		return use_extension(family);
	}
}

static const char *const names[ENGINE_FAMILIES] = {
	[ENGINE_P256] = "P-256",
	[ENGINE_P384] = "P-384",
	[ENGINE_P521] = "P-521",
	[ENGINE_X25519] = "X25519",
	[ENGINE_ED25519] = "Ed25519",
	[ENGINE_MLDSA44] = "ML-DSA-44",
	[ENGINE_MLDSA65] = "ML-DSA-65",
	[ENGINE_MLDSA87] = "ML-DSA-87",
	[ENGINE_MLKEM512] = "ML-KEM-512",
	[ENGINE_MLKEM768] = "ML-KEM-768",
	[ENGINE_MLKEM1024] = "ML-KEM-1024",
	[ENGINE_RSA] = "RSA",
	[ENGINE_SHA1] = "SHA-1",
	[ENGINE_SHA256] = "SHA-256",
	[ENGINE_SHA512] = "SHA-512",
	[ENGINE_GCM] = "AES-GCM",
	[ENGINE_CHACHA] = "ChaCha20-Poly1305",
	[ENGINE_CIPHER] = "AES",
	[ENGINE_CMAC] = "AES-CMAC",
	[ENGINE_PARTS] = "in parts",
};

/* The generator's are tried when it is started: test_random.c. */
static bool is_tested_elsewhere(enum engine_family family)
{
	return family == ENGINE_GENERATOR;
}

/* The core's own code would do most of it, but not in constant time. */
static void each_family_with_wrong_answers_is_refused_and_said_so_once(void **state)
{
	mbedtls_svc_key_id_t keys[ENGINE_FAMILIES];

	(void)state;
	for (enum engine_family f = ENGINE_NONE + 1; f < ENGINE_FAMILIES; f++) {
		if (is_tested_elsewhere(f))
			continue;
		assert_non_null(names[f]);
		keys[f] = key_for(f);
		assert_int_equal(use(f, keys[f]), PSA_SUCCESS);
	}
	for (enum engine_family f = ENGINE_NONE + 1; f < ENGINE_FAMILIES; f++) {
		if (is_tested_elsewhere(f))
			continue;
		log_count = 0;
		engine_retest(f, true);
		for (int i = 0; i < 3; i++)
			assert_int_equal(use(f, keys[f]), PSA_ERROR_HARDWARE_FAILURE);
		assert_int_equal(log_count, 1);
		assert_non_null(strstr(logged, names[f]));
		/* Only it, and what is made of it. */
		for (enum engine_family other = ENGINE_NONE + 1; other < ENGINE_FAMILIES; other++) {
			if (other != f && !is_tested_elsewhere(other))
				assert_true(use(other, keys[other]) == PSA_SUCCESS ||
					    (f == ENGINE_GCM && other == ENGINE_PARTS));
		}
		engine_retest(f, false);
		assert_int_equal(use(f, keys[f]), PSA_SUCCESS);
	}
	for (enum engine_family f = ENGINE_NONE + 1; f < ENGINE_FAMILIES; f++) {
		if (!is_tested_elsewhere(f))
			psa_destroy_key(keys[f]);
	}
}

/* The other ways to a family, none of which may lead to the core's own code. */
static void a_refused_family_is_not_replaced(void **state)
{
	const mbedtls_svc_key_id_t ecc =
		generate(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256,
			 PSA_ALG_ECDSA(PSA_ALG_SHA_256),
			 PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
	const mbedtls_svc_key_id_t aes = generate(PSA_KEY_TYPE_AES, 128, PSA_ALG_CBC_PKCS7,
						  PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
	psa_cipher_operation_t cipher = PSA_CIPHER_OPERATION_INIT;
	uint8_t in[32] = { 0 }, out[80];
	size_t len;

	(void)state;
	for (enum engine_family family = ENGINE_NONE; family < ENGINE_FAMILIES; family++)
		engine_retest(family, true);
	assert_int_equal(psa_verify_hash(ecc, PSA_ALG_ECDSA(PSA_ALG_SHA_256), in, 32, out, 64),
			 PSA_ERROR_HARDWARE_FAILURE);
	assert_int_equal(psa_export_public_key(ecc, out, sizeof(out), &len),
			 PSA_ERROR_HARDWARE_FAILURE);
	assert_int_equal(psa_cipher_decrypt(aes, PSA_ALG_CBC_PKCS7, in, 32, out, sizeof(out), &len),
			 PSA_ERROR_HARDWARE_FAILURE);
	assert_int_equal(psa_cipher_encrypt_setup(&cipher, aes, PSA_ALG_CBC_PKCS7),
			 PSA_ERROR_HARDWARE_FAILURE);
	assert_int_equal(psa_cipher_decrypt_setup(&cipher, aes, PSA_ALG_CBC_PKCS7),
			 PSA_ERROR_HARDWARE_FAILURE);
	psa_destroy_key(ecc);
	psa_destroy_key(aes);
}

/* The core asks each entry point for algorithms of all kinds. */
static void an_entry_point_takes_only_algorithms_of_its_kind(void **state)
{
	static const struct {
		psa_key_type_t type;
		size_t bits;
	} keys[] = {
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256 },
		{ PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 256 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255 },
		{ PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_MONTGOMERY), 255 },
		{ PSA_KEY_TYPE_RSA_KEY_PAIR, 2048 },
		{ PSA_KEY_TYPE_AES, 256 },
		{ PSA_KEY_TYPE_CHACHA20, 256 },
		{ PSA_KEY_TYPE_HMAC, 256 },
	};
	static const psa_algorithm_t algs[] = {
		PSA_ALG_NONE,
		PSA_ALG_SHA_256,
		PSA_ALG_HMAC(PSA_ALG_SHA_256),
		PSA_ALG_CMAC,
		PSA_ALG_CTR,
		PSA_ALG_CBC_PKCS7,
		PSA_ALG_GCM,
		PSA_ALG_CHACHA20_POLY1305,
		PSA_ALG_ECDH,
		PSA_ALG_ECDSA(PSA_ALG_SHA_256),
		PSA_ALG_RSA_PSS(PSA_ALG_SHA_256),
		PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256),
	};
	struct engine_cipher cipher;
	struct engine_mac mac;
	struct engine_aead aead;
	uint8_t in[32] = { 1 }, out[256];
	size_t len;

	(void)state;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		psa_key_attributes_t a = PSA_KEY_ATTRIBUTES_INIT;

		psa_set_key_type(&a, keys[k].type);
		psa_set_key_bits(&a, keys[k].bits);
		for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
			const psa_algorithm_t alg = algs[i];

			if (!PSA_ALG_IS_SIGN_HASH(alg)) {
				assert_int_equal(engine_sign_hash(&a, in, 32, alg, in, 32, out,
								  sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
				assert_int_equal(
					engine_verify_hash(&a, in, 32, alg, in, 32, out, 64),
					PSA_ERROR_NOT_SUPPORTED);
			}
			if (alg != PSA_ALG_ECDH || !PSA_KEY_TYPE_IS_KEY_PAIR(keys[k].type))
				assert_int_equal(engine_key_agreement(&a, in, 32, alg, in, 32, out,
								      sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
			if (!PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(alg)) {
				assert_int_equal(engine_asymmetric_encrypt(&a, in, 32, alg, in, 32,
									   NULL, 0, out,
									   sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
				assert_int_equal(engine_asymmetric_decrypt(&a, in, 32, alg, in, 32,
									   NULL, 0, out,
									   sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
			}
			if (!PSA_ALG_IS_CIPHER(alg)) {
				assert_int_equal(engine_cipher_encrypt(&a, in, 32, alg, in, 16, in,
								       16, out, sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
				assert_int_equal(engine_cipher_decrypt(&a, in, 32, alg, in, 32, out,
								       sizeof(out), &len),
						 PSA_ERROR_NOT_SUPPORTED);
				assert_int_equal(
					engine_cipher_encrypt_setup(&cipher, &a, in, 32, alg),
					PSA_ERROR_NOT_SUPPORTED);
			}
			if (!PSA_ALG_IS_MAC(alg)) {
				assert_int_equal(
					engine_mac_compute(&a, in, 32, alg, in, 32, out, 32, &len),
					PSA_ERROR_NOT_SUPPORTED);
				assert_int_equal(engine_mac_sign_setup(&mac, &a, in, 32, alg),
						 PSA_ERROR_NOT_SUPPORTED);
			}
			if (!PSA_ALG_IS_AEAD(alg))
				assert_int_equal(engine_aead_encrypt_setup(&aead, &a, in, 32, alg),
						 PSA_ERROR_NOT_SUPPORTED);
			if (!PSA_ALG_IS_AEAD(alg))
				assert_int_equal(engine_aead_encrypt(&a, in, 32, alg, in, 12, NULL,
								     0, in, 16, out, sizeof(out),
								     &len),
						 PSA_ERROR_NOT_SUPPORTED);
			if (!PSA_ALG_IS_HASH(alg))
				assert_int_equal(
					engine_hash_compute(alg, in, 1, out, sizeof(out), &len),
					PSA_ERROR_NOT_SUPPORTED);
		}
	}
}

static void nothing_is_signed_or_decrypted_without_random_bytes(void **state)
{
	const psa_algorithm_t oaep = PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256);
	const mbedtls_svc_key_id_t ecc =
		generate(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 384,
			 PSA_ALG_ECDSA(PSA_ALG_SHA_256), PSA_KEY_USAGE_SIGN_HASH);
	const mbedtls_svc_key_id_t rsa = generate(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, oaep,
						  PSA_KEY_USAGE_DECRYPT | PSA_KEY_USAGE_ENCRYPT);
	uint8_t in[128] = { 0 }, out[128];
	size_t len;

	(void)state;
	no_entropy = true;
	assert_int_equal(
		psa_sign_hash(ecc, PSA_ALG_ECDSA(PSA_ALG_SHA_256), in, 32, out, sizeof(out), &len),
		PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_int_equal(psa_asymmetric_encrypt(rsa, oaep, in, 16, NULL, 0, out, sizeof(out), &len),
			 PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_int_equal(
		psa_asymmetric_decrypt(rsa, oaep, in, 128, NULL, 0, out, sizeof(out), &len),
		PSA_ERROR_INSUFFICIENT_ENTROPY);
	no_entropy = false;
	psa_destroy_key(ecc);
	psa_destroy_key(rsa);
}

/* What is drawn one after the other; behind the last there is nothing more. */
static const char *const *draws;
static size_t draw_count;

static psa_status_t draw(uint8_t *out, size_t len)
{
	const char *hex = draws[draw_count];

	if (!hex)
		return PSA_ERROR_INSUFFICIENT_ENTROPY;
	draw_count++;
	for (size_t i = 0; i < len; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return PSA_SUCCESS;
}

static void a_generated_key_is_below_the_order(void **state)
{
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325"
#define NONE  "00000000000000000000000000000000000000000000000000000000000000"
	static const char *const first[] = { NONE "00", ORDER "51", ORDER "52", ORDER "50", NULL };
	static const char *const second[] = { NONE "01", NULL };
	static const char *const failing[] = { ORDER "51", NULL };
	static const uint8_t nothing[32];
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t key[66];
	size_t len;

	(void)state;
	assert_int_equal(engine_ready(ENGINE_P256), PSA_SUCCESS);
	engine_init(&(const struct engine_host){ take_line, NULL, draw });
	/* 0, the order and what is above it are drawn again; one below it and 1 are keys. */
	draws = first;
	draw_count = 0;
	assert_int_equal(engine_ecc_generate(ENGINE_P256, key, sizeof(key), &len), PSA_SUCCESS);
	assert_int_equal(len, 32);
	assert_int_equal(key[31], 0x50);
	assert_int_equal(draw_count, 4);
	draws = second;
	draw_count = 0;
	assert_int_equal(engine_ecc_generate(ENGINE_P256, key, 32, &len), PSA_SUCCESS);
	assert_int_equal(key[31], 1);
	assert_int_equal(engine_ecc_generate(ENGINE_P256, key, 31, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	/* Nothing is left of one that wasn't taken. */
	draws = failing;
	draw_count = 0;
	assert_int_equal(engine_ecc_generate(ENGINE_P256, key, 32, &len),
			 PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_memory_equal(key, nothing, 32);
	/* Public keys, and other curves, are the core's. */
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	assert_int_equal(engine_generate_key(&attributes, key, sizeof(key), &len),
			 PSA_ERROR_NOT_SUPPORTED);
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_K1));
	assert_int_equal(engine_generate_key(&attributes, key, sizeof(key), &len),
			 PSA_ERROR_NOT_SUPPORTED);
}

/* Of 521 bits, seven of whose first byte aren't used. */
static void a_generated_key_has_no_more_bits_than_the_order(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		uint8_t key[66];
		size_t len;

		assert_int_equal(engine_ecc_generate(ENGINE_P521, key, sizeof(key), &len),
				 PSA_SUCCESS);
		assert_int_equal(len, 66);
		assert_true(key[0] <= 1);
		assert_int_equal(engine_ecc_generate(ENGINE_P384, key, sizeof(key), &len),
				 PSA_SUCCESS);
		assert_int_equal(len, 48);
	}
}

static void the_public_key_of_a_pair_is_computed_once(void **state)
{
	static const uint8_t private[32] = { 1, 2, 3 }, hash[32] = { 4 }, signature[64] = { 5 };
	uint8_t found[65], exported[65];
	struct engine_public_name name;
	size_t len;

	(void)state;
	assert_int_equal(engine_ready(ENGINE_P256), PSA_SUCCESS);
	assert_false(engine_public_find(ENGINE_P256, private, 32, &name, found, sizeof(found)));
	assert_int_equal(engine_ecc_verify(ENGINE_P256, true, private, 32, hash, sizeof(hash),
					   signature, sizeof(signature)),
			 PSA_ERROR_INVALID_SIGNATURE);
	assert_true(engine_public_find(ENGINE_P256, private, 32, &name, found, sizeof(found)));
	assert_int_equal(
		engine_ecc_public(ENGINE_P256, private, 32, exported, sizeof(exported), &len),
		PSA_SUCCESS);
	assert_memory_equal(found, exported, sizeof(found));
	/* Of the same bytes on another curve it isn't the public key. */
	assert_false(engine_public_find(ENGINE_P384, private, 32, &name, found, sizeof(found)));
}

#ifdef __x86_64__
/* AWS-LC's: what it uses of the processor; AES of CPUID's leaf 1, and leaf 7. */
extern uint32_t OPENSSL_ia32cap_P[4];

static void features_that_are_switched_off_are_not_used(void **state)
{
	(void)state;
	if (!getenv("OPENSSL_ia32cap"))
		skip();
	assert_int_equal(engine_ready(ENGINE_GCM), PSA_SUCCESS);
	assert_int_equal(OPENSSL_ia32cap_P[1] & 1u << 25, 0);
	assert_int_equal(OPENSSL_ia32cap_P[2], 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_family_gives_its_known_answers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			each_family_with_wrong_answers_is_refused_and_said_so_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_refused_family_is_not_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(an_entry_point_takes_only_algorithms_of_its_kind,
						setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_signed_or_decrypted_without_random_bytes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_generated_key_is_below_the_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_generated_key_has_no_more_bits_than_the_order,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_public_key_of_a_pair_is_computed_once, setup,
						teardown),
#ifdef __x86_64__
		cmocka_unit_test_setup_teardown(features_that_are_switched_off_are_not_used, setup,
						teardown),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
