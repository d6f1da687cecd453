// SPDX-License-Identifier: BSD-3-Clause
/*
 * The crypto service: no number of a client decides how long a call takes. What can be long is
 * done in slices of a clock that is the test's; how long all else takes is measured in CPU time
 * of the process, so that a busy host makes no difference.
 */
#include "crypto_fixture.h"
#include <string.h>
#include <time.h>

/* Longest time of a call, seconds of CPU. */
#define CALL_MAX 2.0

#define PBKDF	 PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256)
#define RSA_SIGN PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)
#define SIGN	 (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)
#define P256	 PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define DERIVE	 (PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_VERIFY_DERIVATION)

static uint8_t bulk[1024 * 1024];
static const uint8_t hash[32] = { 1 };

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sends the request until it is no longer unfinished; counts the calls in *@calls. */
static int32_t send_on(uint16_t opcode, const void *request, size_t len, unsigned int *calls)
{
	int32_t status;

	*calls = 0;
	do {
		++*calls;
		status = send_bytes(opcode, request, len);
	} while (status == PSA_OPERATION_INCOMPLETE);
	return status;
}

static uint32_t derivation(uint32_t alg, uint32_t cost, uint32_t salt_len)
{
	uint32_t handle;

	word(alg);
	assert_int_equal(send(CRYPTO_DERIVATION_SETUP), PSA_SUCCESS);
	handle = response_word();
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_COST);
	word(cost);
	word(0);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_INTEGER), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SALT);
	record(1, bulk, salt_len);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
	return handle;
}

static uint32_t pbkdf2(uint32_t alg, uint32_t cost, uint32_t salt_len)
{
	uint32_t handle = derivation(alg, cost, salt_len);
	uint32_t key = import(PSA_KEY_TYPE_PASSWORD, DERIVE, alg, "passwd", 6);

	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_PASSWORD);
	word(key);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_SUCCESS);
	word(key);
	assert_int_equal(send(CRYPTO_DESTROY_KEY), PSA_SUCCESS);
	return handle;
}

static void pbkdf2_in_slices_is_the_same_as_at_once(void **state)
{
	static const uint32_t algs[] = {
		PBKDF,
		PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_512),
		PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA3_256),
		PSA_ALG_PBKDF2_HMAC(PSA_ALG_MD5),
		PSA_ALG_PBKDF2_AES_CMAC_PRF_128,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		uint32_t at_once, sliced, request[2];
		uint8_t expected[100];
		unsigned int calls;
		size_t len;

		clock_step = 0;
		at_once = pbkdf2(algs[i], 3000, 9);
		word(at_once);
		word(sizeof(expected));
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
		memcpy(expected, response_record(1, &len), sizeof(expected));

		sliced = pbkdf2(algs[i], 3000, 9);
		clock_step = CRYPTO_SLICE_US / 3;
		request[0] = sliced;
		request[1] = 30;
		assert_int_equal(
			send_on(CRYPTO_DERIVATION_OUTPUT_BYTES, request, sizeof(request), &calls),
			PSA_SUCCESS);
		assert_true(calls > 2);
		expect_record(1, expected, 30);
		request[1] = 70;
		assert_int_equal(
			send_on(CRYPTO_DERIVATION_OUTPUT_BYTES, request, sizeof(request), &calls),
			PSA_SUCCESS);
		assert_true(calls > 2);
		expect_record(1, expected + 30, 70);
	}
}

/* Mbed TLS's own function on the same inputs is what it is compared with. */
static void keys_of_pbkdf2_are_those_of_the_library(void **state)
{
	static const struct {
		uint32_t type, bits;
	} keys[] = {
		{ PSA_KEY_TYPE_AES, 256 },
		{ PSA_KEY_TYPE_DES, 192 },
		{ PSA_KEY_TYPE_HMAC, 800 },
		{ P256, 256 },
		{ P256, 521 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_BRAINPOOL_P_R1), 256 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 448 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		psa_key_derivation_operation_t op = PSA_KEY_DERIVATION_OPERATION_INIT;
		psa_key_attributes_t a = PSA_KEY_ATTRIBUTES_INIT;
		mbedtls_svc_key_id_t password, derived;
		uint32_t request[7] = { 0 };
		unsigned int calls;
		uint8_t expected[128];
		size_t len;

		psa_set_key_type(&a, PSA_KEY_TYPE_PASSWORD);
		psa_set_key_algorithm(&a, PBKDF);
		psa_set_key_usage_flags(&a, PSA_KEY_USAGE_DERIVE);
		assert_int_equal(psa_import_key(&a, (const uint8_t *)"passwd", 6, &password), 0);
		assert_int_equal(psa_key_derivation_setup(&op, PBKDF), 0);
		assert_int_equal(
			psa_key_derivation_input_integer(&op, PSA_KEY_DERIVATION_INPUT_COST, 1000),
			0);
		assert_int_equal(
			psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_SALT, bulk, i),
			0);
		assert_int_equal(psa_key_derivation_input_key(
					 &op, PSA_KEY_DERIVATION_INPUT_PASSWORD, password),
				 0);
		psa_set_key_type(&a, (psa_key_type_t)keys[i].type);
		psa_set_key_bits(&a, keys[i].bits);
		psa_set_key_usage_flags(&a, PSA_KEY_USAGE_EXPORT);
		psa_set_key_algorithm(&a, 0);
		assert_int_equal(psa_key_derivation_output_key(&a, &op, &derived), 0);
		assert_int_equal(psa_export_key(derived, expected, sizeof(expected), &len), 0);
		psa_key_derivation_abort(&op);
		psa_destroy_key(password);
		psa_destroy_key(derived);

		clock_step = 0;
		request[0] = pbkdf2(PBKDF, 1000, (uint32_t)i);
		request[1] = keys[i].type;
		request[2] = keys[i].bits;
		request[5] = PSA_KEY_USAGE_EXPORT;
		clock_step = CRYPTO_SLICE_US / 2;
		assert_int_equal(
			send_on(CRYPTO_DERIVATION_OUTPUT_KEY, request, sizeof(request), &calls),
			PSA_SUCCESS);
		assert_true(calls > 2);
		word(response_word());
		assert_int_equal(send(CRYPTO_EXPORT_KEY), PSA_SUCCESS);
		expect_record(1, expected, len);
	}
}

static void others_are_served_while_a_password_is_tried(void **state)
{
	uint32_t handle = pbkdf2(PBKDF, CRYPTO_PBKDF2_ITERATIONS_MAX, 8);

	(void)state;
	clock_step = CRYPTO_SLICE_US / 5;
	for (int i = 0; i < 10; i++) {
		word(handle);
		word(64);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_OPERATION_INCOMPLETE);
		assert_int_equal(response_len, 0);
		word(handle);
		attributes(PSA_KEY_TYPE_HMAC, 264, 0, 0, 0, 0);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_KEY), PSA_OPERATION_INCOMPLETE);
		word(handle);
		part(bulk, 20);
		assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_OPERATION_INCOMPLETE);
		client_id++;
		word(16);
		assert_int_equal(send(CRYPTO_GENERATE_RANDOM), PSA_SUCCESS);
		client_id--;
	}
	word(handle);
	assert_int_equal(send(CRYPTO_DERIVATION_ABORT), PSA_SUCCESS);
}

/* So many bytes can't be kept between slices. */
static void long_outputs_are_short_work_or_refused(void **state)
{
	uint32_t handle = pbkdf2(PBKDF, 10000, 8);

	(void)state;
	word(handle);
	word(65535);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_ERROR_NOT_SUPPORTED);
	word(handle);
	part(bulk, sizeof(bulk));
	assert_int_equal(send(CRYPTO_DERIVATION_VERIFY_BYTES), PSA_ERROR_NOT_SUPPORTED);
	word(handle);
	word(16);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	handle = pbkdf2(PBKDF, 10, 8);
	word(handle);
	word(65535);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	handle = pbkdf2(PBKDF, 1, 65000);
	word(handle);
	word(65535);
	assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_ERROR_NOT_SUPPORTED);
}

/* A seed of 64 KiB is hashed for each block of the PRF. */
static void long_inputs_make_long_outputs_impossible(void **state)
{
	const uint32_t alg = PSA_ALG_TLS12_PRF(PSA_ALG_SHA_256);
	uint32_t key = import(PSA_KEY_TYPE_DERIVE, PSA_KEY_USAGE_DERIVE, alg, "secret", 6);

	(void)state;
	for (uint32_t len = 16; len <= 60000; len += 59984) {
		uint32_t handle;

		word(alg);
		assert_int_equal(send(CRYPTO_DERIVATION_SETUP), PSA_SUCCESS);
		handle = response_word();
		word(handle);
		word(PSA_KEY_DERIVATION_INPUT_SEED);
		record(1, bulk, len);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
		word(handle);
		word(PSA_KEY_DERIVATION_INPUT_SECRET);
		word(key);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_KEY), PSA_SUCCESS);
		word(handle);
		word(PSA_KEY_DERIVATION_INPUT_LABEL);
		record(1, "label", 5);
		assert_int_equal(send(CRYPTO_DERIVATION_INPUT_BYTES), PSA_SUCCESS);
		word(handle);
		word(8000);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES),
				 len == 16 ? PSA_SUCCESS : PSA_ERROR_NOT_SUPPORTED);
		word(handle);
		word(48);
		assert_int_equal(send(CRYPTO_DERIVATION_OUTPUT_BYTES), PSA_SUCCESS);
	}
}

static void rsa_keys_are_found_in_slices(void **state)
{
	const uint32_t request[] = { PSA_KEY_TYPE_RSA_KEY_PAIR,	  1024,	   0, 0,
				     SIGN | PSA_KEY_USAGE_EXPORT, RSA_SIGN };
	uint32_t keys[2];
	unsigned int calls = 0, total = 0;

	(void)state;
	clock_step = CRYPTO_SLICE_US / 2;
	for (int i = 0; i < 2; i++) {
		do {
			calls++;
			/* Between its calls somebody else looks for one, too. */
			client_id++;
			(void)send_bytes(CRYPTO_GENERATE_KEY, request, sizeof(request));
			word(PSA_ALG_SHA_256);
			part("abc", 3);
			assert_int_equal(send(CRYPTO_HASH_COMPUTE), PSA_SUCCESS);
			client_id--;
		} while (send_bytes(CRYPTO_GENERATE_KEY, request, sizeof(request)) ==
			 PSA_OPERATION_INCOMPLETE);
		keys[i] = response_word();
		total += calls;
		word(keys[i]);
		word(RSA_SIGN);
		record(1, hash, 32);
		assert_int_equal(send(CRYPTO_SIGN_HASH), PSA_SUCCESS);
		word(keys[i]);
		assert_int_equal(send(CRYPTO_GET_KEY_ATTRIBUTES), PSA_SUCCESS);
		assert_memory_equal(response + 4, "\0\4\0\0", 4);
	}
	assert_true(total > 8);
	assert_int_not_equal(keys[0], keys[1]);
}

static int32_t generate(uint32_t bits, const void *exponent, size_t len)
{
	attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, bits, 0, 0, SIGN, RSA_SIGN);
	word(0);
	part(exponent, len);
	return send(CRYPTO_GENERATE_KEY_CUSTOM);
}

/* An even exponent has no key. */
static void exponents_without_keys_are_refused_at_once(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int32_t status;
	} cases[] = {
		{ "\0", 1, PSA_ERROR_INVALID_ARGUMENT },
		{ "\1", 1, PSA_ERROR_INVALID_ARGUMENT },
		{ "\2", 1, PSA_ERROR_INVALID_ARGUMENT },
		{ "\4", 1, PSA_ERROR_INVALID_ARGUMENT },
		{ "\1\0\0", 3, PSA_ERROR_INVALID_ARGUMENT },
		{ "\xff\xff\xff\xfe", 4, PSA_ERROR_INVALID_ARGUMENT },
		{ "\x11", 1, PSA_SUCCESS },
		{ "\3", 1, PSA_SUCCESS },
		{ "\0\1\0\1", 4, PSA_SUCCESS },
		{ "\x0f", 1, PSA_SUCCESS },
		{ "\x06\xa6\x0f\xc3", 4, PSA_SUCCESS }, /* 3 * 5 * ... * 23 */
		{ "\xff\xff\xff\xff", 4, PSA_ERROR_NOT_SUPPORTED },
		{ "\1\0\0\0\1", 5, PSA_ERROR_NOT_SUPPORTED },
	};
	double begin = cpu_seconds();

	(void)state;
	clock_step = CRYPTO_SLICE_US;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t status = generate(1024, cases[i].bytes, cases[i].len);

		/* It has begun, so it will end. */
		if (status == PSA_OPERATION_INCOMPLETE)
			status = PSA_SUCCESS;
		assert_int_equal(status, cases[i].status);
	}
	assert_int_equal(generate(0, "\3", 1), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(generate(4104, "\3", 1), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(generate(1023, "\3", 1), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(generate(0x80000000, "\3", 1), PSA_ERROR_NOT_SUPPORTED);
	assert_true(cpu_seconds() - begin < CALL_MAX);
}

/* A key in DER, number by number. */
struct der {
	uint8_t bytes[70000];
	size_t len;
};

static void der_begin(struct der *der)
{
	der->len = 5;
}

static void der_number(struct der *der, const void *number, size_t len)
{
	uint8_t *p = der->bytes + der->len;

	p[0] = 0x02;
	p[1] = 0x83;
	p[2] = (uint8_t)(len >> 16);
	p[3] = (uint8_t)(len >> 8);
	p[4] = (uint8_t)len;
	memcpy(p + 5, number, len);
	der->len += 5 + len;
}

static int32_t der_import(struct der *der, uint32_t type)
{
	const size_t len = der->len - 5;

	der->bytes[0] = 0x30;
	der->bytes[1] = 0x83;
	der->bytes[2] = (uint8_t)(len >> 16);
	der->bytes[3] = (uint8_t)(len >> 8);
	der->bytes[4] = (uint8_t)len;
	attributes(type, 0, 0, 0, SIGN | PSA_KEY_USAGE_ENCRYPT, RSA_SIGN);
	record(1, der->bytes, der->len);
	return send(CRYPTO_IMPORT_KEY);
}

struct number {
	uint8_t bytes[60001];
	size_t len;
};

/* @bits ones in a row, but for the last bit. */
static struct number *ones(struct number *number, size_t bits, bool odd)
{
	number->len = bits / 8 + 1;
	memset(number->bytes, 0xff, number->len);
	number->bytes[0] = (uint8_t)((1u << bits % 8) - 1);
	if (!odd)
		number->bytes[number->len - 1] ^= 1;
	return number;
}

static void public_keys_that_take_long_are_refused(void **state)
{
	static const struct {
		size_t n_bits;
		bool n_odd;
		size_t e_bits;
		bool e_odd;
		int32_t status;
	} cases[] = {
		{ 2048, true, 17, true, PSA_SUCCESS },
		{ 4096, true, 256, true, PSA_SUCCESS },
		{ 4096, true, 257, true, PSA_ERROR_NOT_SUPPORTED },
		{ 4096, true, 4096, true, PSA_ERROR_NOT_SUPPORTED },
		{ 4096, true, 8192, true, PSA_ERROR_INVALID_ARGUMENT },
		{ 2048, true, 400000, true, PSA_ERROR_INVALID_ARGUMENT },
		{ 2048, true, 17, false, PSA_ERROR_INVALID_ARGUMENT },
		{ 2048, false, 17, true, PSA_ERROR_INVALID_ARGUMENT },
		{ 2048, true, 1, true, PSA_ERROR_INVALID_ARGUMENT },
		{ 4104, true, 17, true, PSA_ERROR_NOT_SUPPORTED },
		{ 8192, true, 17, true, PSA_ERROR_NOT_SUPPORTED },
		{ 400000, true, 17, true, PSA_ERROR_NOT_SUPPORTED },
	};
	static struct number n, e;
	static struct der der;
	double begin = cpu_seconds();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		der_begin(&der);
		ones(&n, cases[i].n_bits, cases[i].n_odd);
		ones(&e, cases[i].e_bits, cases[i].e_odd);
		der_number(&der, n.bytes, n.len);
		der_number(&der, e.bytes, e.len);
		assert_int_equal(der_import(&der, PSA_KEY_TYPE_RSA_PUBLIC_KEY), cases[i].status);
	}
	/* Zero, and less than nothing. */
	for (int i = 0; i < 4; i++) {
		der_begin(&der);
		ones(&n, 2048, true);
		der_number(&der, i == 0 ? (const uint8_t *)"\0" : n.bytes + (i == 2),
			   i == 0 ? 1 : n.len - (i == 2));
		der_number(&der, i == 1 ? "\0" : i == 3 ? "\xfd" : "\3", 1);
		assert_int_equal(der_import(&der, PSA_KEY_TYPE_RSA_PUBLIC_KEY),
				 PSA_ERROR_INVALID_ARGUMENT);
	}
	assert_true(cpu_seconds() - begin < CALL_MAX);
}

/* Each number of a good key pair in turn is replaced. */
static void key_pairs_of_numbers_that_do_not_belong_together_are_refused(void **state)
{
	static const struct {
		size_t bits;
		bool odd;
	} odds[] = { { 0, false }, { 1, true }, { 1024, false }, { 4096, true }, { 300000, true } };
	/* p = 2^521 - 1 and q = 2^607 - 1, of Mersenne; the rest has lengths that can be. */
	static struct number good[9], odd;
	static struct der der;
	double begin = cpu_seconds();
	uint32_t key;
	size_t len;

	(void)state;
	attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, 0, 0, PSA_KEY_USAGE_EXPORT, 0);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	key = response_word();
	word(key);
	assert_int_equal(send(CRYPTO_EXPORT_KEY), PSA_SUCCESS);
	memcpy(der.bytes, response_record(1, &len), 700 < len ? 700 : len);
	/* 30 82 LL LL, then nine numbers of up to 129 bytes: 02 LL or 02 81 LL. */
	for (size_t i = 0, at = 4; i < 9; i++) {
		const uint8_t *p = der.bytes + at;
		const size_t header = p[1] & 0x80 ? 3 : 2;

		good[i].len = p[header - 1];
		memcpy(good[i].bytes, p + header, good[i].len);
		at += header + good[i].len;
	}

	for (size_t i = 0; i <= 9; i++) {
		for (size_t j = 0; j < sizeof(odds) / sizeof(odds[0]); j++) {
			int32_t status;

			der_begin(&der);
			ones(&odd, odds[j].bits, odds[j].odd || !odds[j].bits);
			for (size_t k = 0; k < 9; k++)
				der_number(&der, k == i ? odd.bytes : good[k].bytes,
					   k == i ? odd.len : good[k].len);
			status = der_import(&der, PSA_KEY_TYPE_RSA_KEY_PAIR);
			if (i == 9)
				assert_int_equal(status, PSA_SUCCESS);
			else if (odds[j].bits > 1 && odds[j].bits != 1024)
				assert_int_not_equal(status, PSA_SUCCESS);
			if (status == PSA_SUCCESS) {
				word(response_word());
				word(RSA_SIGN);
				record(1, hash, 32);
				(void)send(CRYPTO_SIGN_HASH);
			}
		}
	}
	assert_true(cpu_seconds() - begin < 5 * CALL_MAX);
}

/* Where the ranges of opcodes begin, and how far they go at most. */
static const uint16_t ranges[] = { 0x0101, 0x0201, 0x0301, 0x0401, 0x0501, 0x0601, 0x8001,
				   0x8010, 0x8020, 0x8030, 0x8040, 0x8050, 0x8060, 0x8070 };
#define RANGE_LEN 0x14

static const uint32_t extremes[] = { 0,		 1,	   2,	       3,	  255,
				     4095,	 4096,	   4097,       65535,	  65536,
				     0x7fffffff, 1u << 31, 0xfffffffe, 0xffffffff };
#define EXTREME_COUNT (sizeof(extremes) / sizeof(extremes[0]))

/* The longest time of the opcode's calls with @first in front and all that is extreme behind. */
static double longest_call(uint16_t opcode, uint32_t first)
{
	double longest = 0, begin;

	for (size_t i = 0; i < EXTREME_COUNT * EXTREME_COUNT; i++) {
		word(first);
		word(extremes[i / EXTREME_COUNT]);
		for (size_t k = 0; k < 6; k++)
			word(extremes[(i + k * 5) % EXTREME_COUNT]);
		begin = cpu_seconds();
		(void)send(opcode);
		begin = cpu_seconds() - begin;
		longest = begin > longest ? begin : longest;
	}
	return longest;
}

/* In front is what a key, a type or an algorithm can be; or a handle, or what is none of it. */
static void no_opcode_takes_long_whatever_the_numbers(void **state)
{
	const uint32_t firsts[] = {
		PSA_KEY_TYPE_RSA_KEY_PAIR, P256, PSA_KEY_TYPE_RAW_DATA, PBKDF, 0, UINT32_MAX,
	};

	(void)state;
	clock_step = CRYPTO_SLICE_US / 100;
	for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++) {
		for (uint16_t op = ranges[r]; op < ranges[r] + RANGE_LEN; op++) {
			const uint32_t handle = pbkdf2(PBKDF, 1u << 24, 8);

			assert_true(longest_call(op, handle) < CALL_MAX);
			for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
				assert_true(longest_call(op, firsts[i]) < CALL_MAX);
			crypto_restart();
		}
	}
	word(16);
	assert_int_equal(send(CRYPTO_GENERATE_RANDOM), PSA_SUCCESS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(pbkdf2_in_slices_is_the_same_as_at_once),
		TEST(keys_of_pbkdf2_are_those_of_the_library),
		TEST(others_are_served_while_a_password_is_tried),
		TEST(long_outputs_are_short_work_or_refused),
		TEST(long_inputs_make_long_outputs_impossible),
		TEST(rsa_keys_are_found_in_slices),
		TEST(exponents_without_keys_are_refused_at_once),
		TEST(public_keys_that_take_long_are_refused),
		TEST(key_pairs_of_numbers_that_do_not_belong_together_are_refused),
		TEST(no_opcode_takes_long_whatever_the_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
