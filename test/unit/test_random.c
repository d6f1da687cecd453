// SPDX-License-Identifier: BSD-3-Clause
/*
 * The partition's random generator over sources made for the purpose, and what the crypto
 * service says when there is none.
 */
#include "crypto_fixture.h"

#include <mbedtls/aes.h>
#include <mbedtls/ctr_drbg.h>
#include <secure/engine/engine.h>
#include <secure/service/crypto/random.h>
#include <string.h>

/*
 * What random.c takes: a start-up test, then seeds of this length, the first with another one (the engine)
 * or a nonce; and for each request some fresh bytes.
 */
#define STARTUP_LEN 1024u
#ifdef TSTEE_ENGINE
#define ENTROPY_LEN 48u
#define NONCE_LEN   48u
#else
#define ENTROPY_LEN 64u
#define NONCE_LEN   16u
#endif
#define FRESH_LEN 16u
#define RESEED_AT 1024u /* requests, each of 1 KiB at most */

static struct {
	uint64_t state;	       /* of the good bytes */
	unsigned int reads;    /* so far */
	unsigned int fails_at; /* from this read on it fails; 0: never */
	size_t broken_from;    /* from this byte on it is broken in the way of @byte_of */
	size_t given;
	uint8_t (*byte_of)(size_t at, uint8_t good);
} source;

/* SplitMix64: passes the health tests, as most things do. */
static uint8_t good_byte(void)
{
	uint64_t z = source.state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint8_t)(z ^ z >> 31);
}

static int read_source(uint8_t *out, size_t len)
{
	source.reads++;
	for (size_t i = 0; i < len; i++, source.given++) {
		out[i] = good_byte();
		if (source.byte_of && source.given >= source.broken_from)
			out[i] = source.byte_of(source.given, out[i]);
	}
	return source.fails_at && source.reads >= source.fails_at ? -1 : 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&source, 0, sizeof(source));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	random_exit();
	return 0;
}

static void expect_wiped(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], 0);
}

static void expect_nothing(const char *reason)
{
	uint8_t out[3000];

	memset(out, 0xaa, sizeof(out));
	assert_int_equal(random_get(out, sizeof(out)), -1);
	expect_wiped(out, sizeof(out));
	assert_non_null(random_error());
	assert_non_null(strstr(random_error(), reason));
}

static const unsigned char personalisation[] = "TSTEE partition's generator";

#ifdef TSTEE_ENGINE

/* CTR_DRBG with AES-256 and no derivation function, as SP 800-90A, 10.2.1, writes it down. */
#define SEED_LEN 48u
#define PART_LEN 16384u

static struct {
	uint8_t key[32];
	uint8_t v[16];
} reference;

static void reference_block(uint8_t out[16])
{
	mbedtls_aes_context aes;

	for (size_t i = sizeof(reference.v); i-- > 0 && !++reference.v[i];)
		;
	mbedtls_aes_init(&aes);
	assert_int_equal(mbedtls_aes_setkey_enc(&aes, reference.key, 256), 0);
	assert_int_equal(mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, reference.v, out), 0);
	mbedtls_aes_free(&aes);
}

static void reference_update(const uint8_t *provided, size_t len)
{
	uint8_t next[SEED_LEN];

	for (size_t i = 0; i < sizeof(next); i += 16)
		reference_block(next + i);
	for (size_t i = 0; i < len; i++)
		next[i] ^= provided[i];
	memcpy(reference.key, next, sizeof(reference.key));
	memcpy(reference.v, next + sizeof(reference.key), sizeof(reference.v));
}

static void reference_generate(uint8_t *out, size_t len, const uint8_t *additional,
			       size_t additional_len)
{
	if (additional_len)
		reference_update(additional, additional_len);
	for (size_t i = 0; i < len; i += 16)
		reference_block(out + i);
	reference_update(additional, additional_len);
}

/* The seed with the personalisation, and as much again. */
static void reference_start(void)
{
	uint8_t seed[SEED_LEN];

	memset(&reference, 0, sizeof(reference));
	read_source(seed, sizeof(seed));
	for (size_t i = 0; i < sizeof(personalisation) - 1; i++)
		seed[i] ^= personalisation[i];
	reference_update(seed, sizeof(seed));
	read_source(seed, sizeof(seed));
	reference_update(seed, sizeof(seed));
}

#else

#define PART_LEN MBEDTLS_CTR_DRBG_MAX_REQUEST

static mbedtls_ctr_drbg_context reference;

static int read_for_library(void *ctx, unsigned char *out, size_t len)
{
	(void)ctx;
	return read_source(out, len);
}

static void reference_generate(uint8_t *out, size_t len, const uint8_t *additional,
			       size_t additional_len)
{
	assert_int_equal(
		mbedtls_ctr_drbg_random_with_add(&reference, out, len, additional, additional_len),
		0);
}

static void reference_start(void)
{
	mbedtls_ctr_drbg_free(&reference);
	mbedtls_ctr_drbg_init(&reference);
	mbedtls_ctr_drbg_set_entropy_len(&reference, ENTROPY_LEN);
	assert_int_equal(mbedtls_ctr_drbg_set_nonce_len(&reference, NONCE_LEN), 0);
	assert_int_equal(mbedtls_ctr_drbg_seed(&reference, read_for_library, NULL, personalisation,
					       sizeof(personalisation) - 1),
			 0);
}

#endif

static void the_bytes_are_those_of_the_specified_generator(void **state)
{
	static uint8_t ours[3 * PART_LEN], expected[sizeof(ours)];
	uint8_t discarded[STARTUP_LEN], fresh[FRESH_LEN];

	assert_int_equal(random_init(read_source), 0);
	assert_null(random_error());
	assert_int_equal(random_get(ours, sizeof(ours)), 0);

	setup(state);
	read_source(discarded, sizeof(discarded));
	reference_start();
	read_source(fresh, sizeof(fresh));
	for (size_t i = 0; i < sizeof(expected); i += PART_LEN)
		reference_generate(expected + i, PART_LEN, fresh, i ? 0 : sizeof(fresh));
	assert_memory_equal(ours, expected, sizeof(ours));
}

static void requests_may_have_any_length(void **state)
{
	static const size_t lens[] = { 0, 1, 15, 16, 1023, 1024, 1025, 2048, 70001 };
	static uint8_t out[70002];

	(void)state;
	assert_int_equal(random_init(read_source), 0);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		const size_t len = lens[i];

		memset(out, 0, sizeof(out));
		assert_int_equal(random_get(out, len), 0);
		assert_int_equal(out[len], 0);
		/* The end of a long one was written to: 16 zeroes come once in 2^128. */
		if (len >= 16)
			assert_memory_not_equal(out + len - 16, (uint8_t[16]){ 0 }, 16);
	}
}

static void each_request_has_fresh_entropy_and_many_have_a_new_seed(void **state)
{
	uint8_t out;
	unsigned int reads;

	(void)state;
	assert_int_equal(random_init(read_source), 0);
	reads = source.reads;
	for (unsigned int i = 0; i < RESEED_AT; i++)
		assert_int_equal(random_get(&out, 1), 0);
	assert_int_equal(source.reads, reads + RESEED_AT);
	assert_int_equal(random_get(&out, 1), 0);
	assert_int_equal(source.reads, reads + RESEED_AT + 2);
}

static void new_entropy_comes_after_so_many_bytes_of_one_request(void **state)
{
	static uint8_t out[2 * RESEED_AT * 1024 + 1];
	unsigned int reads;

	(void)state;
	assert_int_equal(random_init(read_source), 0);
	reads = source.reads;
	assert_int_equal(random_get(out, sizeof(out)), 0);
	assert_int_equal(source.reads, reads + 3);
}

static void a_source_that_fails_at_the_start_gives_no_generator(void **state)
{
	/* The test, the entropy, the other seed or the nonce. */
	for (unsigned int at = 1; at <= 3; at++) {
		setup(state);
		source.fails_at = at;
		assert_int_equal(random_init(read_source), -1);
		expect_nothing("fails");
	}
	setup(state);
	source.fails_at = 4;
	assert_int_equal(random_init(read_source), 0);
}

static void a_source_that_fails_later_ends_the_generator_for_good(void **state)
{
	static uint8_t out[2 * RESEED_AT * 1024];

	(void)state;
	source.fails_at = 4;
	assert_int_equal(random_init(read_source), 0);
	memset(out, 0xaa, sizeof(out));
	assert_int_equal(random_get(out, sizeof(out)), -1);
	expect_wiped(out, sizeof(out));
	expect_nothing("fails");

	source.fails_at = 0;
	expect_nothing("fails");
	assert_int_equal(source.reads, 4);
}

static uint8_t same_byte(size_t at, uint8_t good)
{
	(void)at;
	(void)good;
	return 0x5a;
}

/* A register that isn't loaded any more. */
static uint8_t same_word(size_t at, uint8_t good)
{
	(void)good;
	return (uint8_t)(17 * (at % 8));
}

static uint8_t same_twice(size_t at, uint8_t good)
{
	return at < source.broken_from + 16 ? same_word(at, good) : good;
}

/* Every eighth byte is the same, in no regular place. */
static uint8_t biased_byte(size_t at, uint8_t good)
{
	(void)at;
	return good % 8 ? good : 0x38;
}

static void a_stuck_source_is_found_at_the_start(void **state)
{
	uint8_t (*const stuck[])(size_t, uint8_t) = { same_byte, same_word };

	for (size_t i = 0; i < 2; i++) {
		setup(state);
		source.byte_of = stuck[i];
		assert_int_equal(random_init(read_source), -1);
		expect_nothing("stuck");
	}
}

static void a_source_that_gets_stuck_is_found_by_the_next_request(void **state)
{
	uint8_t out;

	(void)state;
	source.byte_of = same_word;
	source.broken_from = STARTUP_LEN + ENTROPY_LEN + NONCE_LEN + FRESH_LEN;
	assert_int_equal(random_init(read_source), 0);
	assert_int_equal(random_get(&out, 1), 0);
	assert_int_equal(random_get(&out, 1), -1);
	expect_nothing("stuck");
}

static void a_word_that_comes_twice_in_a_row_is_once_too_often(void **state)
{
	/* At the start, at the end, and across two reads. */
	static const size_t places[] = { 0, STARTUP_LEN - 16, STARTUP_LEN - 8 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		setup(state);
		source.byte_of = same_twice;
		source.broken_from = places[i];
		assert_int_equal(random_init(read_source), -1);
		expect_nothing("stuck");
	}
}

static void a_biased_source_is_found(void **state)
{
	static uint8_t out[64 * 1024];

	(void)state;
	source.byte_of = biased_byte;
	/* A window finds it only if it begins with the byte that comes too often. */
	if (!random_init(read_source)) {
		for (unsigned int i = 0; i < 10000 && !random_error(); i++)
			random_get(out, sizeof(out));
	}
	expect_nothing("biased");
}

/* So many bytes of a window are like its first, and none of the others is. */
static size_t same_in_window;

static uint8_t counted_byte(size_t at, uint8_t good)
{
	(void)good;
	at %= 512;
	return at % 8 || at / 8 >= same_in_window ? (uint8_t)(1 + 7 * at % 251) : 0;
}

static void a_window_may_have_19_bytes_like_its_first_and_not_20(void **state)
{
	source.byte_of = counted_byte;
	same_in_window = 19;
	assert_int_equal(random_init(read_source), 0);

	setup(state);
	source.byte_of = counted_byte;
	same_in_window = 20;
	assert_int_equal(random_init(read_source), -1);
	expect_nothing("biased");
}

static void a_generator_that_was_stopped_gives_nothing_until_it_is_started(void **state)
{
	uint8_t out[8];

	(void)state;
	expect_nothing("not started");
	assert_int_equal(random_init(read_source), 0);
	random_exit();
	expect_nothing("not started");
	assert_int_equal(random_init(read_source), 0);
	assert_int_equal(random_get(out, sizeof(out)), 0);
	assert_null(random_error());
}

#ifdef TSTEE_ENGINE
static void a_generator_with_wrong_answers_gives_nothing(void **state)
{
	(void)state;
	engine_retest(ENGINE_GENERATOR, true);
	assert_int_equal(random_init(read_source), -1);
	engine_retest(ENGINE_GENERATOR, false);
	expect_nothing("cannot be seeded");
	assert_int_equal(random_init(read_source), 0);
}
#endif

#define USAGE_SIGN (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)
#define P256	   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)

static const uint8_t hash[32] = { 1, 2, 3 };

/* A new key of the service whose ID is returned. */
static uint32_t generate(uint32_t type, uint32_t bits, uint32_t usage, uint32_t alg)
{
	attributes(type, bits, 0, 0, usage, alg);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	return response_word();
}

static void response_bytes(uint8_t *bytes, size_t size, size_t *len)
{
	const uint8_t *value = response_record(1, len);

	assert_true(*len <= size);
	memcpy(bytes, value, *len);
}

/* The public half of @id as a key of its own: nothing is to be computed from the private one. */
static uint32_t public_of(uint32_t id, uint32_t type, uint32_t alg)
{
	uint8_t key[256];
	size_t len;

	word(id);
	assert_int_equal(send(CRYPTO_EXPORT_PUBLIC_KEY), PSA_SUCCESS);
	response_bytes(key, sizeof(key), &len);
	return import(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type), PSA_KEY_USAGE_VERIFY_HASH, alg,
		      key, len);
}

static int32_t sign(uint32_t id, uint32_t alg)
{
	word(id);
	word(alg);
	record(1, hash, sizeof(hash));
	return send(CRYPTO_SIGN_HASH);
}

/* Randomised by itself, or blinded by the library: no private operation goes without. */
static void without_entropy_nothing_is_signed(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t bits;
		uint32_t alg;
	} keys[] = {
		{ P256, 256, PSA_ALG_ECDSA(PSA_ALG_SHA_256) },
		{ P256, 256, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256) },
		{ PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256) },
		{ PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, PSA_ALG_RSA_PSS(PSA_ALG_SHA_256) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const uint32_t id = generate(keys[i].type, keys[i].bits, USAGE_SIGN, keys[i].alg);
		const uint32_t public = public_of(id, keys[i].type, keys[i].alg);
		uint8_t signature[128];
		size_t len;

		assert_int_equal(sign(id, keys[i].alg), PSA_SUCCESS);
		response_bytes(signature, sizeof(signature), &len);
		no_entropy = true;
		assert_int_equal(sign(id, keys[i].alg), PSA_ERROR_INSUFFICIENT_ENTROPY);
		assert_int_equal(response_len, 0);

		/* What has no secret needs no randomness. */
		word(public);
		word(keys[i].alg);
		record(1, hash, sizeof(hash));
		record(2, signature, len);
		assert_int_equal(send(CRYPTO_VERIFY_HASH), PSA_SUCCESS);
		no_entropy = false;
	}
}

static void without_entropy_there_are_no_keys_random_bytes_and_decryptions(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t bits;
	} keys[] = { { P256, 256 },
		     { PSA_KEY_TYPE_RSA_KEY_PAIR, 1024 },
		     { PSA_KEY_TYPE_AES, 256 },
		     { PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255 } };
	const uint32_t id =
		generate(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024,
			 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, PSA_ALG_RSA_PKCS1V15_CRYPT);
	uint8_t encrypted[128];
	size_t len;

	(void)state;
	word(id);
	word(PSA_ALG_RSA_PKCS1V15_CRYPT);
	record(1, hash, sizeof(hash));
	assert_int_equal(send(CRYPTO_ASYMMETRIC_ENCRYPT), PSA_SUCCESS);
	response_bytes(encrypted, sizeof(encrypted), &len);
	assert_int_equal(len, sizeof(encrypted));

	no_entropy = true;
	word(32);
	assert_int_equal(send(CRYPTO_GENERATE_RANDOM), PSA_ERROR_INSUFFICIENT_ENTROPY);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		attributes(keys[i].type, keys[i].bits, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_ERROR_INSUFFICIENT_ENTROPY);
	}
	word(id);
	word(PSA_ALG_RSA_PKCS1V15_CRYPT);
	record(1, hash, sizeof(hash));
	assert_int_equal(send(CRYPTO_ASYMMETRIC_ENCRYPT), PSA_ERROR_INSUFFICIENT_ENTROPY);
	word(id);
	word(PSA_ALG_RSA_PKCS1V15_CRYPT);
	record(1, encrypted, sizeof(encrypted));
	assert_int_equal(send(CRYPTO_ASYMMETRIC_DECRYPT), PSA_ERROR_INSUFFICIENT_ENTROPY);
}

#define unit(test)    cmocka_unit_test_setup_teardown(test, setup, teardown)
#define service(test) cmocka_unit_test_setup_teardown(test, crypto_setup, crypto_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_bytes_are_those_of_the_specified_generator),
		unit(requests_may_have_any_length),
		unit(each_request_has_fresh_entropy_and_many_have_a_new_seed),
		unit(new_entropy_comes_after_so_many_bytes_of_one_request),
		unit(a_source_that_fails_at_the_start_gives_no_generator),
		unit(a_source_that_fails_later_ends_the_generator_for_good),
		unit(a_stuck_source_is_found_at_the_start),
		unit(a_source_that_gets_stuck_is_found_by_the_next_request),
		unit(a_word_that_comes_twice_in_a_row_is_once_too_often),
		unit(a_biased_source_is_found),
		unit(a_window_may_have_19_bytes_like_its_first_and_not_20),
		unit(a_generator_that_was_stopped_gives_nothing_until_it_is_started),
#ifdef TSTEE_ENGINE
		unit(a_generator_with_wrong_answers_gives_nothing),
#endif
		service(without_entropy_nothing_is_signed),
		service(without_entropy_there_are_no_keys_random_bytes_and_decryptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
