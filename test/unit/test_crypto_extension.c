// SPDX-License-Identifier: BSD-3-Clause
/*
 * The crypto service: keys that the PSA core of Mbed TLS has no code for (Ed25519, ML-DSA, ML-KEM). That no
 * check is missing which the core makes for its own; published answers; hostile inputs.
 */
#include "crypto_fixture.h"
#include <psa/crypto-pqc.h>
#include <secure/engine/engine.h>
#include <stdlib.h>
#include <string.h>

#define SIGN	   (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_SIGN_HASH)
#define VERIFY	   (PSA_KEY_USAGE_VERIFY_MESSAGE | PSA_KEY_USAGE_VERIFY_HASH)
#define CRYPT	   (PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT)
#define ED	   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)
#define ED_PUBLIC  PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_TWISTED_EDWARDS)
#define P256	   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define ANY_HASHED PSA_ALG_HASH_ML_DSA(PSA_ALG_ANY_HASH)
#define HASHED	   PSA_ALG_HASH_ML_DSA(PSA_ALG_SHA_256)

/* Each kind of key, with an algorithm that signs messages or encapsulates. */
static const struct kind {
	uint32_t type, bits, alg, other_alg;
	size_t private_len, public_len, out_len; /* of a signature, or a ciphertext */
} kinds[] = {
	{ ED, 255, PSA_ALG_PURE_EDDSA, PSA_ALG_ED25519PH, 32, 32, 64 },
	{ PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 128, PSA_ALG_ML_DSA, HASHED, 32, 1312, 2420 },
	{ PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 192, PSA_ALG_ML_DSA, HASHED, 32, 1952, 3309 },
	{ PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 256, PSA_ALG_ML_DSA, HASHED, 32, 2592, 4627 },
	{ PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 512, PSA_ALG_ML_KEM, PSA_ALG_ML_DSA, 64, 800, 768 },
	{ PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 768, PSA_ALG_ML_KEM, PSA_ALG_ML_DSA, 64, 1184, 1088 },
	{ PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 1024, PSA_ALG_ML_KEM, PSA_ALG_ML_DSA, 64, 1568, 1568 },
};

#define KINDS	      (sizeof(kinds) / sizeof(kinds[0]))
#define FOR_EACH_KIND for (const struct kind *k = kinds; k < kinds + KINDS; k++)

static uint8_t bytes[8192];

static bool is_kem(const struct kind *k)
{
	return k->alg == PSA_ALG_ML_KEM;
}

static uint32_t usage_of(const struct kind *k)
{
	return is_kem(k) ? CRYPT : SIGN | VERIFY;
}

static uint32_t public_type(uint32_t type)
{
	return PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t len = 0;

	for (; *hex; hex += 2) {
		const char digits[] = { hex[0], hex[1], '\0' };

		out[len++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return len;
}

/* A key of @k with that usage and algorithm; its ID. */
static uint32_t generate(const struct kind *k, uint32_t usage, uint32_t alg)
{
	attributes(k->type, k->bits, 0, 0, usage, alg);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	return response_word();
}

static int32_t import_status(uint32_t type, uint32_t bits, const void *data, size_t len)
{
	attributes(type, bits, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
	record(CRYPTO_TAG_FIRST, data, len);
	return send(CRYPTO_IMPORT_KEY);
}

static uint32_t import_as(uint32_t type, uint32_t bits, uint32_t usage, uint32_t alg,
			  const void *data, size_t len)
{
	attributes(type, bits, 0, 0, usage, alg);
	record(CRYPTO_TAG_FIRST, data, len);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	return response_word();
}

static int32_t call_sign(uint16_t opcode, uint32_t id, uint32_t alg, const void *data, size_t len)
{
	word(id);
	word(alg);
	record(CRYPTO_TAG_FIRST, data, len);
	return send(opcode);
}

static int32_t call_verify(uint16_t opcode, uint32_t id, uint32_t alg, const void *data, size_t len,
			   const void *signature, size_t signature_len)
{
	word(id);
	word(alg);
	record(CRYPTO_TAG_FIRST, data, len);
	record(CRYPTO_TAG_SECOND, signature, signature_len);
	return send(opcode);
}

/* Signs "abc" into @signature; its length. */
static size_t sign_abc(uint32_t id, uint32_t alg, uint8_t *signature)
{
	const uint8_t *value;
	size_t len;

	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, alg, "abc", 3), PSA_SUCCESS);
	value = response_record(CRYPTO_TAG_FIRST, &len);
	memcpy(signature, value, len);
	return len;
}

static int32_t verify_abc(uint32_t id, uint32_t alg, const uint8_t *signature, size_t len)
{
	return call_verify(CRYPTO_VERIFY_MESSAGE, id, alg, "abc", 3, signature, len);
}

static int32_t export_key(uint16_t opcode, uint32_t id)
{
	word(id);
	return send(opcode);
}

/* Exports into @out. */
static size_t exported(uint16_t opcode, uint32_t id, uint8_t *out)
{
	const uint8_t *value;
	size_t len;

	assert_int_equal(export_key(opcode, id), PSA_SUCCESS);
	value = response_record(CRYPTO_TAG_FIRST, &len);
	memcpy(out, value, len);
	return len;
}

static int32_t encapsulate(uint32_t id, uint32_t alg, uint32_t type, uint32_t bits)
{
	word(id);
	word(alg);
	attributes(type, bits, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
	return send(CRYPTO_ENCAPSULATE);
}

static int32_t decapsulate(uint32_t id, uint32_t alg, const void *ciphertext, size_t len)
{
	word(id);
	word(alg);
	attributes(PSA_KEY_TYPE_DERIVE, 0, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
	part(ciphertext, len);
	return send(CRYPTO_DECAPSULATE);
}

/* What key @id, a secret, is. */
static void secret_of(uint32_t id, uint8_t secret[32])
{
	assert_int_equal(exported(CRYPTO_EXPORT_KEY, id, bytes), 32);
	memcpy(secret, bytes, 32);
}

/* Encapsulates for @id: the ciphertext's length; the secret is left as a key. */
static size_t encapsulated(uint32_t id, uint8_t *ciphertext, uint8_t secret[32])
{
	uint32_t made, header;

	assert_int_equal(encapsulate(id, PSA_ALG_ML_KEM, PSA_KEY_TYPE_DERIVE, 0), PSA_SUCCESS);
	assert_true(response_len > 8);
	memcpy(&made, response, 4);
	memcpy(&header, response + 4, 4);
	assert_int_equal(header, response_len - 8);
	memcpy(ciphertext, response + 8, header);
	secret_of(made, secret);
	return header;
}

/* RFC 8032, 7.1 (tests 1, 2, 3, "SHA(abc)") and 7.3. */
static void ed25519_is_as_published(void **state)
{
	static const struct {
		const char *seed, *public, *message, *signature;
		uint32_t alg;
	} vectors[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		  PSA_ALG_PURE_EDDSA },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		  PSA_ALG_PURE_EDDSA },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		  PSA_ALG_PURE_EDDSA },
		{ "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "616263",
		  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
		  "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
		  PSA_ALG_ED25519PH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t seed[32], public[32], message[8], expected[64];
		size_t len = from_hex(vectors[i].message, message);
		uint32_t pair, half;

		from_hex(vectors[i].seed, seed);
		from_hex(vectors[i].public, public);
		from_hex(vectors[i].signature, expected);
		pair = import_as(ED, 255, SIGN | PSA_KEY_USAGE_EXPORT, vectors[i].alg, seed, 32);
		half = import_as(ED_PUBLIC, 0, VERIFY, vectors[i].alg, public, 32);
		assert_int_equal(exported(CRYPTO_EXPORT_KEY, pair, bytes), 32);
		assert_memory_equal(bytes, seed, 32);
		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, pair, bytes), 32);
		assert_memory_equal(bytes, public, 32);
		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, half, bytes), 32);
		assert_memory_equal(bytes, public, 32);
		assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, pair, vectors[i].alg, message, len),
				 PSA_SUCCESS);
		expect_record(CRYPTO_TAG_FIRST, expected, 64);
		assert_int_equal(call_verify(CRYPTO_VERIFY_MESSAGE, half, vectors[i].alg, message,
					     len, expected, 64),
				 PSA_SUCCESS);
		expected[5] ^= 1;
		assert_int_equal(call_verify(CRYPTO_VERIFY_MESSAGE, half, vectors[i].alg, message,
					     len, expected, 64),
				 PSA_ERROR_INVALID_SIGNATURE);
	}
}

/* Points that aren't, or whose signatures mean nothing; s not below the order (RFC 8032, 5.1.7). */
static void ed25519_takes_no_bad_points_and_numbers(void **state)
{
	static const char *const points[] = {
		/* Of small order: 0, 1, the four of order 8, -1; and the same with the sign. */
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		/* y is not below p: p, p + 1. */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		/* On no point: y = 2. */
		"0200000000000000000000000000000000000000000000000000000000000000",
	};
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a,       0x63,
					   0x12, 0x58, 0xd6, 0x9c, 0xf7,       0xa2,
					   0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
	uint8_t point[33], signature[64], changed[64];
	unsigned int carry = 0;
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		from_hex(points[i], point);
		assert_int_equal(import_status(ED_PUBLIC, 255, point, 32),
				 PSA_ERROR_INVALID_ARGUMENT);
	}
	memset(point, 1, sizeof(point));
	for (size_t len = 0; len <= 33; len++) {
		if (len != 32) {
			assert_int_equal(import_status(ED, 255, point, len),
					 PSA_ERROR_INVALID_ARGUMENT);
			assert_int_equal(import_status(ED_PUBLIC, 0, point, len),
					 PSA_ERROR_INVALID_ARGUMENT);
		}
	}
	assert_int_not_equal(import_status(ED, 256, point, 32), PSA_SUCCESS);
	assert_int_not_equal(import_status(ED, 448, point, 32), PSA_SUCCESS);

	id = generate(&kinds[0], SIGN | VERIFY, PSA_ALG_PURE_EDDSA);
	assert_int_equal(sign_abc(id, PSA_ALG_PURE_EDDSA, signature), 64);
	assert_int_equal(verify_abc(id, PSA_ALG_PURE_EDDSA, signature, 64), PSA_SUCCESS);
	/* The same number, but not below the order. */
	memcpy(changed, signature, 64);
	for (size_t i = 0; i < 32; i++) {
		carry += changed[32 + i] + order[i];
		changed[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(verify_abc(id, PSA_ALG_PURE_EDDSA, changed, 64),
			 PSA_ERROR_INVALID_SIGNATURE);
	for (size_t bit = 0; bit < 512; bit += 7) {
		memcpy(changed, signature, 64);
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(verify_abc(id, PSA_ALG_PURE_EDDSA, changed, 64),
				 PSA_ERROR_INVALID_SIGNATURE);
	}
}

/*
 * The seed 0, 1, 2...: SHA-256 of its public key, and of its deterministic signature of "abc", as
 * OpenSSL 3.5 makes them.
 */
static void mldsa_is_as_others_make_it(void **state)
{
	static const char *const answers[][2] = {
		{ "9f107644c1084526af3bc8098680b05499a2325a644e388fb4f970e058d19d46",
		  "9c2afc5db0e15c199977be79eaee52ca0b538a1b6f8039dcac032a06120cfa87" },
		{ "d666806e11cee19a7c989f7445f90dd419cf4d2d51db8c0fdb4c0f0a542238c9",
		  "4b01e98dfaa062b0ef64c949f50d2ee923d82f721379727d160ce6fccaa8a6e6" },
		{ "91dc389cfaa01470b7f66eee45a4ae9026d154817c754dfe22298b3fa241ffcd",
		  "91e6609815657b405b6868f9d7ef71ee7882e62a3f5609657156007cdd9a2137" },
	};
	uint8_t seed[32], expected[32], hash[32];
	size_t len, hash_len;
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < 3; i++) {
		id = import_as(PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 128 + 64 * (uint32_t)i, SIGN | VERIFY,
			       PSA_ALG_DETERMINISTIC_ML_DSA, seed, 32);
		len = exported(CRYPTO_EXPORT_PUBLIC_KEY, id, bytes);
		assert_int_equal(len, kinds[1 + i].public_len);
		psa_hash_compute(PSA_ALG_SHA_256, bytes, len, hash, 32, &hash_len);
		from_hex(answers[i][0], expected);
		assert_memory_equal(hash, expected, 32);
		len = sign_abc(id, PSA_ALG_DETERMINISTIC_ML_DSA, bytes);
		psa_hash_compute(PSA_ALG_SHA_256, bytes, len, hash, 32, &hash_len);
		from_hex(answers[i][1], expected);
		assert_memory_equal(hash, expected, 32);
		assert_int_equal(verify_abc(id, PSA_ALG_DETERMINISTIC_ML_DSA, bytes, len),
				 PSA_SUCCESS);
	}
}

/* A policy says how to sign; to verify both are the same (FIPS 204, 3.4; PQC Extension, 2.3.2). */
static void mldsa_is_hedged_or_deterministic_as_the_policy_says(void **state)
{
	static uint8_t one[4627], two[4627];
	size_t len;
	uint32_t id;

	(void)state;
	id = generate(&kinds[1], SIGN | VERIFY, PSA_ALG_ML_DSA);
	len = sign_abc(id, PSA_ALG_ML_DSA, one);
	assert_int_equal(sign_abc(id, PSA_ALG_ML_DSA, two), len);
	assert_memory_not_equal(one, two, len);
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_DETERMINISTIC_ML_DSA, "abc", 3),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(verify_abc(id, PSA_ALG_DETERMINISTIC_ML_DSA, one, len), PSA_SUCCESS);
	assert_int_equal(verify_abc(id, PSA_ALG_ML_DSA, two, len), PSA_SUCCESS);
	assert_int_equal(verify_abc(id, HASHED, two, len), PSA_ERROR_NOT_PERMITTED);

	id = generate(&kinds[1], SIGN | VERIFY, PSA_ALG_DETERMINISTIC_ML_DSA);
	len = sign_abc(id, PSA_ALG_DETERMINISTIC_ML_DSA, one);
	assert_int_equal(sign_abc(id, PSA_ALG_DETERMINISTIC_ML_DSA, two), len);
	assert_memory_equal(one, two, len);
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_ML_DSA, "abc", 3),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(verify_abc(id, PSA_ALG_ML_DSA, one, len), PSA_SUCCESS);
}

static void hash_mldsa_signs_hashes_and_messages(void **state)
{
	uint8_t hash[32];
	size_t hash_len, len;
	uint32_t id;

	(void)state;
	psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)"abc", 3, hash, 32, &hash_len);
	id = generate(&kinds[2], SIGN | VERIFY, ANY_HASHED);
	len = sign_abc(id, HASHED, bytes);
	assert_int_equal(len, 3309);
	assert_int_equal(call_verify(CRYPTO_VERIFY_HASH, id, HASHED, hash, 32, bytes, len),
			 PSA_SUCCESS);
	assert_int_equal(verify_abc(id, PSA_ALG_HASH_ML_DSA(PSA_ALG_SHA_512), bytes, len),
			 PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(verify_abc(id, PSA_ALG_ML_DSA, bytes, len), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(call_sign(CRYPTO_SIGN_HASH, id, HASHED, hash, 31),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(call_sign(CRYPTO_SIGN_HASH, id, ANY_HASHED, hash, 32),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, ANY_HASHED, "abc", 3),
			 PSA_ERROR_INVALID_ARGUMENT);
	/* Too weak for any of them: it has no place in the specification's table. */
	assert_int_equal(
		call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_HASH_ML_DSA(PSA_ALG_MD5), "abc", 3),
		PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(call_sign(CRYPTO_SIGN_HASH, id,
				   PSA_ALG_DETERMINISTIC_HASH_ML_DSA(PSA_ALG_SHA_256), hash, 32),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(call_sign(CRYPTO_SIGN_HASH, id, HASHED, hash, 32), PSA_SUCCESS);
}

/* The seeds 0, 1, 2...: SHA-256 of the public key and the secret of a ciphertext, as OpenSSL 3.5 has them. */
static void mlkem_agrees_with_itself_and_its_public_key(void **state)
{
	static const char *const answers[] = {
		"3ae268dccc5456ac0d0f9b39257dc48fe081383b97c400512d712b739762daee",
		"0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9",
		"c7b8fa0aa471d5ae18922d6ccad5b31e1d84f92ae723abfd13747018740a8530",
	};
	static uint8_t ciphertext[2048];
	uint8_t seed[64], expected[32], hash[32], secret[32], again[32];
	size_t len, hash_len;
	uint32_t pair, half;

	(void)state;
	for (size_t i = 0; i < 64; i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < 3; i++) {
		const struct kind *k = &kinds[4 + i];

		pair = import_as(k->type, k->bits, CRYPT, PSA_ALG_ML_KEM, seed, 64);
		len = exported(CRYPTO_EXPORT_PUBLIC_KEY, pair, bytes);
		assert_int_equal(len, k->public_len);
		psa_hash_compute(PSA_ALG_SHA_256, bytes, len, hash, 32, &hash_len);
		from_hex(answers[i], expected);
		assert_memory_equal(hash, expected, 32);
		half = import_as(public_type(k->type), 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_ML_KEM,
				 bytes, len);

		for (size_t by = 0; by < 2; by++) {
			len = encapsulated(by ? half : pair, ciphertext, secret);
			assert_int_equal(len, k->out_len);
			assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, len),
					 PSA_SUCCESS);
			secret_of(response_word(), again);
			assert_memory_equal(secret, again, 32);
		}
		/* Changed on the way: another secret, the same each time. */
		ciphertext[3] ^= 1;
		assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, len), PSA_SUCCESS);
		secret_of(response_word(), again);
		assert_memory_not_equal(secret, again, 32);
		assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, len), PSA_SUCCESS);
		secret_of(response_word(), secret);
		assert_memory_equal(secret, again, 32);
	}
}

static void mlkem_refuses_what_is_malformed(void **state)
{
	static uint8_t ciphertext[2048];
	uint8_t secret[32];
	size_t len;
	uint32_t pair, half;

	(void)state;
	pair = generate(&kinds[4], CRYPT, PSA_ALG_ML_KEM);
	len = encapsulated(pair, ciphertext, secret);
	for (size_t bad = 0; bad <= len + 320; bad += 64) {
		if (bad != len)
			assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, bad),
					 PSA_ERROR_INVALID_ARGUMENT);
	}
	/* FIPS 203, 7.2: a coefficient that isn't below q. */
	assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, pair, bytes), 800);
	bytes[0] = 0xff;
	bytes[1] |= 0x0f;
	assert_int_equal(import_status(public_type(kinds[4].type), 512, bytes, 800),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, pair, bytes), 800);
	half = import_as(public_type(kinds[4].type), 512, CRYPT, PSA_ALG_ML_KEM, bytes, 800);
	assert_int_equal(decapsulate(half, PSA_ALG_ML_KEM, ciphertext, len),
			 PSA_ERROR_INVALID_ARGUMENT);
	/* What the secret can be: symmetric, and of its length. */
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_KEM, PSA_KEY_TYPE_AES, 256), PSA_SUCCESS);
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_KEM, PSA_KEY_TYPE_HMAC, 0), PSA_SUCCESS);
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_KEM, PSA_KEY_TYPE_AES, 128),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_KEM, ED, 255), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_KEM, PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 128),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(encapsulate(pair, PSA_ALG_ML_DSA, PSA_KEY_TYPE_DERIVE, 0),
			 PSA_ERROR_INVALID_ARGUMENT);
}

/* FIPS 203, 7.2: of each vector's first, last and middle coefficient q - 1 is the greatest. */
static void mlkem_coefficients_are_below_q(void **state)
{
	static const uint16_t bad[] = { 3329, 3330, 4095 };
	static uint8_t good[1568];

	(void)state;
	for (const struct kind *k = kinds + 4; k < kinds + KINDS; k++) {
		const size_t count = k->bits, places[] = { 0, 1, 255, 256, count / 2, count - 1 };
		const uint32_t pair = generate(k, CRYPT, PSA_ALG_ML_KEM);

		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, pair, good), k->public_len);
		for (size_t i = 0; i < 6 * 4; i++) {
			/* Two coefficients are three bytes. */
			uint8_t *at = bytes + places[i % 6] / 2 * 3;
			const uint16_t value = i / 6 < 3 ? bad[i / 6] : 3328;

			memcpy(bytes, good, k->public_len);
			if (places[i % 6] % 2) {
				at[1] = (uint8_t)((at[1] & 0x0f) | value << 4);
				at[2] = (uint8_t)(value >> 4);
			} else {
				at[0] = (uint8_t)value;
				at[1] = (uint8_t)((at[1] & 0xf0) | value >> 8);
			}
			assert_int_equal(
				import_status(public_type(k->type), k->bits, bytes, k->public_len),
				i / 6 < 3 ? PSA_ERROR_INVALID_ARGUMENT : PSA_SUCCESS);
		}
	}
}

/* Of each bit: no error tells that it isn't right, and each gives a secret of its own. */
static void mlkem_ciphertexts_that_were_changed_give_other_secrets(void **state)
{
	static uint8_t ciphertext[1568];
	static uint8_t secrets[32][32];

	(void)state;
	for (const struct kind *k = kinds + 4; k < kinds + KINDS; k++) {
		const uint32_t pair = generate(k, CRYPT, PSA_ALG_ML_KEM);
		const size_t len = encapsulated(pair, ciphertext, secrets[0]);

		for (size_t i = 1; i < 32; i++) {
			const size_t bit = (8 * len - 1) * (i - 1) / 30;

			ciphertext[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, len),
					 PSA_SUCCESS);
			secret_of(response_word(), secrets[i]);
			ciphertext[bit / 8] ^= (uint8_t)(1 << bit % 8);
			for (size_t other = 0; other < i; other++)
				assert_memory_not_equal(secrets[i], secrets[other], 32);
		}
		memset(bytes, 0, len);
		assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, bytes, len), PSA_SUCCESS);
		memset(bytes, 0xff, len);
		assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, bytes, len), PSA_SUCCESS);
		assert_int_equal(decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, len), PSA_SUCCESS);
		secret_of(response_word(), secrets[1]);
		assert_memory_equal(secrets[0], secrets[1], 32);
	}
}

/* FIPS 204, 3.6.2 and algorithm 21: nothing else that looks alike is the same signature. */
static void mldsa_signatures_are_right_to_the_last_bit(void **state)
{
	static const struct {
		size_t hints, polynomials;
	} levels[] = { { 80, 4 }, { 55, 6 }, { 75, 8 } };
	static uint8_t good[4627], bad[4627];

	(void)state;
	for (size_t l = 0; l < 3; l++) {
		const struct kind *k = &kinds[1 + l];
		const uint32_t id = generate(k, SIGN | VERIFY, PSA_ALG_ML_DSA);
		const size_t len = sign_abc(id, PSA_ALG_ML_DSA, good);
		/* At the end: the places of hints, padded with zeros, and where each polynomial's end. */
		uint8_t *hints = bad + len - levels[l].hints - levels[l].polynomials;
		uint8_t *ends = bad + len - levels[l].polynomials;
		const uint8_t first = good[len - levels[l].polynomials];

		assert_int_equal(verify_abc(id, PSA_ALG_ML_DSA, good, len), PSA_SUCCESS);
#define EXPECT_INVALID()                                                                         \
	assert_int_equal(verify_abc(id, PSA_ALG_ML_DSA, bad, len), PSA_ERROR_INVALID_SIGNATURE); \
	memcpy(bad, good, len)
		memcpy(bad, good, len);
		for (size_t bit = 0; bit < 8 * len; bit += 8 * len / 100) {
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			EXPECT_INVALID();
		}
		/* The last bit of all. */
		bad[len - 1] ^= 0x80;
		EXPECT_INVALID();
		/* Hints twice, out of order, more than there may be, or fewer than before; padding. */
		if (first >= 2) {
			hints[1] = hints[0];
			EXPECT_INVALID();
			hints[0] = good[hints + 1 - bad];
			hints[1] = good[hints - bad];
			EXPECT_INVALID();
		}
		ends[0] = (uint8_t)(levels[l].hints + 1);
		EXPECT_INVALID();
		ends[levels[l].polynomials - 1] = 0xff;
		EXPECT_INVALID();
		ends[1] = (uint8_t)(first ? first - 1 : 0xff);
		EXPECT_INVALID();
		if (good[len - 1] < levels[l].hints) {
			hints[levels[l].hints - 1] = 1;
			EXPECT_INVALID();
		}
		/* Numbers at the ends of their range. */
		memset(bad + 64, 0, (size_t)(hints - bad) - 64);
		EXPECT_INVALID();
		memset(bad + 64, 0xff, (size_t)(hints - bad) - 64);
		EXPECT_INVALID();
		memset(bad, 0, len);
		EXPECT_INVALID();
		memset(bad, 0xff, len);
		EXPECT_INVALID();
#undef EXPECT_INVALID
	}
}

/* Usage, algorithm, kind of key, owner: each alone is reason enough. */
static void no_check_of_the_core_is_missing(void **state)
{
	static uint8_t out[8192];

	(void)state;
	FOR_EACH_KIND
	{
		uint32_t id = generate(k, usage_of(k), k->alg), other;
		size_t len;

		assert_int_equal(export_key(CRYPTO_EXPORT_KEY, id), PSA_ERROR_NOT_PERMITTED);
		if (is_kem(k)) {
			uint8_t secret[32];

			len = encapsulated(id, out, secret);
			other = generate(k, PSA_KEY_USAGE_DECRYPT, k->alg);
			assert_int_equal(encapsulate(other, k->alg, PSA_KEY_TYPE_DERIVE, 0),
					 PSA_ERROR_NOT_PERMITTED);
			other = generate(k, PSA_KEY_USAGE_ENCRYPT, k->alg);
			assert_int_equal(decapsulate(other, k->alg, out, len),
					 PSA_ERROR_NOT_PERMITTED);
			other = generate(k, CRYPT, k->other_alg);
			assert_int_equal(decapsulate(other, k->alg, out, len),
					 PSA_ERROR_NOT_PERMITTED);
			client_id++;
			assert_int_equal(decapsulate(id, k->alg, out, len),
					 PSA_ERROR_INVALID_HANDLE);
			client_id--;
			continue;
		}
		len = sign_abc(id, k->alg, out);
		assert_int_equal(len, k->out_len);
		other = generate(k, VERIFY, k->alg);
		assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, other, k->alg, "abc", 3),
				 PSA_ERROR_NOT_PERMITTED);
		other = generate(k, SIGN, k->alg);
		assert_int_equal(verify_abc(other, k->alg, out, len), PSA_ERROR_NOT_PERMITTED);
		other = generate(k, SIGN | VERIFY, k->other_alg);
		assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, other, k->alg, "abc", 3),
				 PSA_ERROR_NOT_PERMITTED);
		other = generate(k, PSA_KEY_USAGE_SIGN_MESSAGE, k->other_alg);
		assert_int_equal(call_sign(CRYPTO_SIGN_HASH, other, k->other_alg, out, 32),
				 PSA_ERROR_NOT_PERMITTED);
		/* The message isn't a hash, nor does it come in parts. */
		assert_int_equal(call_sign(CRYPTO_SIGN_HASH, id, k->alg, out, 32),
				 PSA_ERROR_INVALID_ARGUMENT);
		word(id);
		word(k->alg);
		assert_int_equal(send(CRYPTO_MESSAGE_SIGN_SETUP), PSA_ERROR_NOT_SUPPORTED);
		/* A signature cut short, or too long. */
		assert_int_equal(verify_abc(id, k->alg, out, len - 1), PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(verify_abc(id, k->alg, out, len + 1), PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(verify_abc(id, k->alg, out, 0), PSA_ERROR_INVALID_SIGNATURE);
		client_id++;
		assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, k->alg, "abc", 3),
				 PSA_ERROR_INVALID_HANDLE);
		assert_int_equal(export_key(CRYPTO_EXPORT_KEY, id), PSA_ERROR_INVALID_HANDLE);
		client_id--;
	}
}

/* A key whose policy names an algorithm that isn't for its kind. */
static void a_policy_does_not_make_a_key_fit(void **state)
{
	static const uint8_t zeros[64];
	uint32_t id;

	(void)state;
	id = import(PSA_KEY_TYPE_AES, SIGN | VERIFY | CRYPT, PSA_ALG_ML_DSA, zeros, 32);
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_ML_DSA, "abc", 3),
			 PSA_ERROR_INVALID_ARGUMENT);
	id = import(PSA_KEY_TYPE_AES, CRYPT, PSA_ALG_ML_KEM, zeros, 32);
	assert_int_equal(encapsulate(id, PSA_ALG_ML_KEM, PSA_KEY_TYPE_DERIVE, 0),
			 PSA_ERROR_INVALID_ARGUMENT);
	attributes(P256, 256, 0, 0, SIGN | VERIFY, PSA_ALG_PURE_EDDSA);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	id = response_word();
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_PURE_EDDSA, "abc", 3),
			 PSA_ERROR_INVALID_ARGUMENT);
	id = generate(&kinds[0], SIGN | VERIFY, PSA_ALG_ML_DSA);
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_ML_DSA, "abc", 3),
			 PSA_ERROR_INVALID_ARGUMENT);
	/* The core's own algorithms. */
	FOR_EACH_KIND
	{
		const uint32_t ecdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
		const uint32_t pss = PSA_ALG_RSA_PSS(PSA_ALG_SHA_256);

		id = generate(k, SIGN | VERIFY, ecdsa);
		assert_int_not_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, ecdsa, "abc", 3), 0);
		assert_int_not_equal(call_sign(CRYPTO_SIGN_HASH, id, ecdsa, zeros, 32), 0);
		assert_int_not_equal(
			call_verify(CRYPTO_VERIFY_HASH, id, ecdsa, zeros, 32, zeros, 64), 0);
		id = generate(k, SIGN | VERIFY, pss);
		assert_int_not_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, pss, "abc", 3), 0);
		id = generate(k, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
		word(PSA_ALG_ECDH);
		word(id);
		record(CRYPTO_TAG_FIRST, zeros, 32);
		assert_int_not_equal(send(CRYPTO_RAW_KEY_AGREEMENT), 0);
		id = generate(k, CRYPT, PSA_ALG_RSA_PKCS1V15_CRYPT);
		assert_int_not_equal(call_sign(CRYPTO_ASYMMETRIC_ENCRYPT, id,
					       PSA_ALG_RSA_PKCS1V15_CRYPT, "abc", 3),
				     0);
	}
}

static void keys_are_of_the_sizes_that_there_are(void **state)
{
	static const uint32_t sizes[] = { 0,   1,   44,	 65,  87,   127,  129,
					  224, 384, 448, 521, 2048, 65528 };

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	FOR_EACH_KIND
	{
		const uint32_t type = public_type(k->type);

		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			attributes(k->type, sizes[i], 0, 0, 0, 0);
			assert_int_equal(send(CRYPTO_GENERATE_KEY),
					 sizes[i] ? PSA_ERROR_NOT_SUPPORTED :
						    PSA_ERROR_INVALID_ARGUMENT);
			if (sizes[i])
				assert_int_not_equal(
					import_status(k->type, sizes[i], bytes, k->private_len),
					PSA_SUCCESS);
		}
		attributes(type, k->bits, 0, 0, 0, 0);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_ERROR_INVALID_ARGUMENT);
		for (size_t more = 0; more < 3; more++) {
			if (more == 1)
				continue;
			assert_int_equal(
				import_status(k->type, k->bits, bytes, k->private_len - 1 + more),
				PSA_ERROR_INVALID_ARGUMENT);
			assert_int_equal(
				import_status(type, k->bits, bytes, k->public_len - 1 + more),
				PSA_ERROR_INVALID_ARGUMENT);
			assert_int_equal(import_status(type, 0, bytes, k->public_len - 1 + more),
					 PSA_ERROR_INVALID_ARGUMENT);
		}
		/* A seed doesn't tell which; ML-KEM's expanded form isn't one. */
		if (!PSA_KEY_TYPE_IS_ECC(k->type))
			assert_int_equal(import_status(k->type, 0, bytes, k->private_len),
					 PSA_ERROR_INVALID_ARGUMENT);
	}
}

static void a_stored_key_is_the_same_after_a_restart(void **state)
{
	static uint8_t before[8192], after[8192];
	uint32_t id = 1;

	(void)state;
	FOR_EACH_KIND
	{
		size_t len;

		attributes(k->type, k->bits, PSA_KEY_LIFETIME_PERSISTENT, id,
			   usage_of(k) | PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_COPY, k->alg);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
		len = exported(CRYPTO_EXPORT_PUBLIC_KEY, id, before);
		crypto_restart();
		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, id, after), len);
		assert_memory_equal(before, after, len);
		assert_int_equal(exported(CRYPTO_EXPORT_KEY, id, before), k->private_len);
		word(id);
		assert_int_equal(send(CRYPTO_GET_KEY_ATTRIBUTES), PSA_SUCCESS);
		assert_memory_equal(response, &k->type, 4);
		assert_memory_equal(response + 4, &k->bits, 4);
		/* A copy is a key in its own right. */
		word(id);
		attributes(0, 0, 0, 0, usage_of(k), k->alg);
		assert_int_equal(send(CRYPTO_COPY_KEY), PSA_SUCCESS);
		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, response_word(), before), len);
		assert_memory_equal(before, after, len);
		word(id);
		assert_int_equal(send(CRYPTO_DESTROY_KEY), PSA_SUCCESS);
		assert_int_equal(export_key(CRYPTO_EXPORT_KEY, id), PSA_ERROR_INVALID_HANDLE);
		id++;
	}
	assert_int_equal(stored_objects(), 0);
}

static uint64_t memory_used(void)
{
	return service.pools[CRYPTO_POOL_MEMORY].taken;
}

static void keys_are_charged_for_what_they_take(void **state)
{
	(void)state;
	FOR_EACH_KIND
	{
		uint64_t before = memory_used(), pair;
		uint32_t id = generate(k, usage_of(k), k->alg);

		pair = memory_used() - before;
		assert_true(pair >= k->private_len);
		assert_int_equal(exported(CRYPTO_EXPORT_PUBLIC_KEY, id, bytes), k->public_len);
		before = memory_used();
		import_as(public_type(k->type), k->bits, 0, 0, bytes, k->public_len);
		assert_int_equal(memory_used() - before, pair - k->private_len + k->public_len);
	}
}

/* A message that no record holds, of a mebibyte at most. */
static void a_long_message_is_signed_as_a_whole(void **state)
{
	static uint8_t message[1000000], signature[4627];
	const uint8_t *value;
	size_t len;

	(void)state;
	memset(message, 0x5a, sizeof(message));
	FOR_EACH_KIND
	{
		uint32_t id;

		if (is_kem(k))
			continue;
		id = generate(k, SIGN | VERIFY, k->alg);
		word(id);
		word(k->alg);
		part(message, sizeof(message));
		assert_int_equal(send(CRYPTO_MESSAGE_SIGN), PSA_SUCCESS);
		value = response_part(1, &len);
		assert_int_equal(len, k->out_len);
		memcpy(signature, value, len);
		word(id);
		word(k->alg);
		part(message, sizeof(message));
		part(signature, len);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY), PSA_SUCCESS);
		message[999999]++;
		word(id);
		word(k->alg);
		part(message, sizeof(message));
		part(signature, len);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY), PSA_ERROR_INVALID_SIGNATURE);
	}
}

/* Hashed as it comes: Ed25519ph and HashML-DSA. */
static void a_message_in_parts_is_signed_by_its_hash(void **state)
{
	static const struct {
		const struct kind *kind;
		uint32_t policy, alg;
	} cases[] = { { &kinds[0], PSA_ALG_ED25519PH, PSA_ALG_ED25519PH },
		      { &kinds[1], ANY_HASHED, HASHED } };
	static uint8_t signature[4627];
	const uint8_t *value;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint32_t id = generate(cases[i].kind, SIGN | VERIFY, cases[i].policy), op;

		word(id);
		word(cases[i].alg);
		assert_int_equal(send(CRYPTO_MESSAGE_SIGN_SETUP), PSA_SUCCESS);
		op = response_word();
		word(op);
		part("a", 1);
		assert_int_equal(send(CRYPTO_MESSAGE_UPDATE), PSA_SUCCESS);
		word(op);
		part("bc", 2);
		assert_int_equal(send(CRYPTO_MESSAGE_UPDATE), PSA_SUCCESS);
		word(op);
		assert_int_equal(send(CRYPTO_MESSAGE_SIGN_FINISH), PSA_SUCCESS);
		value = response_part(1, &len);
		assert_int_equal(len, cases[i].kind->out_len);
		memcpy(signature, value, len);
		assert_int_equal(verify_abc(id, cases[i].alg, signature, len), PSA_SUCCESS);
		word(id);
		word(cases[i].alg);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY_SETUP), PSA_SUCCESS);
		op = response_word();
		word(op);
		part("abd", 3);
		assert_int_equal(send(CRYPTO_MESSAGE_UPDATE), PSA_SUCCESS);
		word(op);
		part(signature, len);
		assert_int_equal(send(CRYPTO_MESSAGE_VERIFY_FINISH), PSA_ERROR_INVALID_SIGNATURE);
	}
}

/* What Mbed TLS's core has no hash for. FIPS 180-4's examples of "abc". */
static void short_hashes_of_sha512_are_as_published(void **state)
{
	static const struct {
		uint32_t alg;
		const char *hash;
	} cases[] = {
		{ PSA_ALG_SHA_512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa" },
		{ PSA_ALG_SHA_512_256,
		  "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23" },
	};
	uint8_t expected[32];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const size_t len = from_hex(cases[i].hash, expected);

		word(cases[i].alg);
		part("abc", 3);
		assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_SUCCESS);
		expect_part(1, expected, len);
	}
}

/* A family whose known answers are wrong is refused, and nothing else. */
static void a_family_that_fails_its_test_is_refused(void **state)
{
	static const enum engine_family families[KINDS] = {
		ENGINE_ED25519,	 ENGINE_MLDSA44,  ENGINE_MLDSA65,   ENGINE_MLDSA87,
		ENGINE_MLKEM512, ENGINE_MLKEM768, ENGINE_MLKEM1024,
	};

	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		engine_retest(families[i], true);
		for (size_t j = 0; j < KINDS; j++) {
			attributes(kinds[j].type, kinds[j].bits, 0, 0, 0, 0);
			assert_int_equal(send(CRYPTO_GENERATE_KEY),
					 j <= i ? PSA_ERROR_HARDWARE_FAILURE : PSA_SUCCESS);
		}
	}
	for (size_t i = 0; i < KINDS; i++)
		engine_retest(families[i], false);
}

/* Nothing is made of a bad generator. */
static void without_entropy_there_is_no_key_and_no_hedge(void **state)
{
	uint32_t id, kem;

	(void)state;
	id = generate(&kinds[1], SIGN, PSA_ALG_ML_DSA);
	kem = generate(&kinds[4], CRYPT, PSA_ALG_ML_KEM);
	no_entropy = true;
	FOR_EACH_KIND
	{
		attributes(k->type, k->bits, 0, 0, 0, 0);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_ERROR_INSUFFICIENT_ENTROPY);
	}
	assert_int_equal(call_sign(CRYPTO_SIGN_MESSAGE, id, PSA_ALG_ML_DSA, "abc", 3),
			 PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_int_equal(encapsulate(kem, PSA_ALG_ML_KEM, PSA_KEY_TYPE_DERIVE, 0),
			 PSA_ERROR_INSUFFICIENT_ENTROPY);
	no_entropy = false;
}

/* A seed is not what a derivation gives for a number on a Montgomery curve. */
static void none_is_derived(void **state)
{
	static const uint8_t zeros[32];
	uint32_t id = import(PSA_KEY_TYPE_DERIVE, PSA_KEY_USAGE_DERIVE,
			     PSA_ALG_HKDF(PSA_ALG_SHA_256), zeros, 32);

	(void)state;
	FOR_EACH_KIND
	{
		uint32_t op;

		word(PSA_ALG_HKDF(PSA_ALG_SHA_256));
		assert_int_equal(send(CRYPTO_DERIVATION_SETUP), PSA_SUCCESS);
		op = response_word();
		word(op);
		word(PSA_KEY_DERIVATION_INPUT_SECRET);
		word(id);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_SUCCESS);
		word(op);
		word(PSA_KEY_DERIVATION_INPUT_INFO);
		record(CRYPTO_TAG_FIRST, NULL, 0);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
		word(op);
		attributes(k->type, k->bits, 0, 0, 0, 0);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_KEY), PSA_ERROR_NOT_SUPPORTED);
		word(op);
		assert_int_equal(send(CRYPTO_DERIVATION_ABORT), PSA_SUCCESS);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, crypto_setup, crypto_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ed25519_is_as_published),
		TEST(ed25519_takes_no_bad_points_and_numbers),
		TEST(mldsa_is_as_others_make_it),
		TEST(mldsa_is_hedged_or_deterministic_as_the_policy_says),
		TEST(hash_mldsa_signs_hashes_and_messages),
		TEST(mlkem_agrees_with_itself_and_its_public_key),
		TEST(mlkem_refuses_what_is_malformed),
		TEST(mlkem_coefficients_are_below_q),
		TEST(mlkem_ciphertexts_that_were_changed_give_other_secrets),
		TEST(mldsa_signatures_are_right_to_the_last_bit),
		TEST(no_check_of_the_core_is_missing),
		TEST(a_policy_does_not_make_a_key_fit),
		TEST(keys_are_of_the_sizes_that_there_are),
		TEST(a_stored_key_is_the_same_after_a_restart),
		TEST(keys_are_charged_for_what_they_take),
		TEST(a_long_message_is_signed_as_a_whole),
		TEST(without_entropy_there_is_no_key_and_no_hedge),
		TEST(none_is_derived),
		TEST(a_message_in_parts_is_signed_by_its_hash),
		TEST(short_hashes_of_sha512_are_as_published),
		TEST(a_family_that_fails_its_test_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
