// SPDX-License-Identifier: BSD-3-Clause
/*
 * Attestation tokens as tstee reads them: those that the attestation service writes, and what
 * becomes of damaged ones. Expectations of software.
 */
#include "cmocka_all.h"
#include <attest.h>
#include <secure/service/attestation_token.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct attestation_component components[2] = {
	{ .type = "BL_31", .version = "1.0", .value = { 1 } },
	{ .type = "BL_32", .value = { 2 }, .signer_id = { 9 } },
};
static struct attestation_platform platform;
static uint8_t data[4096];
static size_t data_len;
static struct token token;

static void make(enum attestation_profile profile)
{
	static const uint8_t zeros[64], instance_id[33] = { 1 };
	static uint8_t input_data[4096];
	const struct attestation_claims claims = {
		.profile = profile,
		.client_id = -5,
		.challenge = zeros,
		.challenge_len = 48,
		.boot_seed = zeros,
		.instance_id = instance_id,
		.platform = &platform,
	};
	struct attestation_input input;

	assert_true(attestation_token_input(&claims, input_data, sizeof(input_data), &input));
	assert_true(attestation_token_write(&input, zeros, data, sizeof(data), &data_len));
}

static int setup(void **state)
{
	(void)state;
	platform = (struct attestation_platform){
		.components = components,
		.component_count = 2,
		.lifecycle = ATTESTATION_LIFECYCLE_SECURED,
		.implementation_id = "it",
		.certification_reference = "1234567890123-12345",
		.verification_service = "v",
	};
	make(ATTESTATION_PROFILE_RFC9783);
	return 0;
}

static void expect(const struct token_string *string, const void *bytes, size_t len)
{
	assert_true(token_string_equal(string, bytes, len));
}

static void what_the_service_writes_is_read(void **state)
{
	(void)state;
	for (int profile = 1; profile <= 2; profile++) {
		make((enum attestation_profile)profile);
		assert_null(token_parse(data, data_len, &token));
		assert_int_equal(token.profile, profile);
		assert_int_equal(token.challenge.len, 48);
		assert_int_equal(token.client_id, -5);
		assert_int_equal(token.lifecycle, 0x3000);
		assert_string_equal(token_lifecycle_name(token.lifecycle), "secured");
		expect(&token.implementation_id, platform.implementation_id, 32);
		assert_int_equal(token.instance_id.data[0], 1);
		assert_int_equal(token.component_count, 2);
		expect(&token.components[0].type, "BL_31", 5);
		expect(&token.components[0].version, "1.0", 3);
		expect(&token.components[1].value, components[1].value, 32);
	}
	expect(&token.certification_reference, "1234567890123-12345", 19);
	expect(&token.components[1].signer_id, components[1].signer_id, 32);
	platform.component_count = 0;
	for (int profile = 1; profile <= 2; profile++) {
		make((enum attestation_profile)profile);
		assert_null(token_parse(data, data_len, &token));
		assert_int_equal(token.component_count, 0);
	}
}

static void a_cut_or_longer_token_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len <= data_len + 1; len++) {
		/* Of just its length, so that a sanitizer sees a read beyond. */
		uint8_t *copy = calloc(1, len ? len : 1);

		memcpy(copy, data, len < data_len ? len : data_len);
		if (len == data_len)
			assert_null(token_parse(copy, len, &token));
		else
			assert_non_null(token_parse(copy, len, &token));
		free(copy);
	}
}

/* The place of @bytes in the token. */
static uint8_t *find(const void *bytes, size_t len)
{
	uint8_t *at = memmem(data, data_len, bytes, len);

	assert_non_null(at);
	return at;
}

static void expect_refused(uint8_t *at, uint8_t value)
{
	const uint8_t old = *at;

	*at = value;
	assert_non_null(token_parse(data, data_len, &token));
	*at = old;
	assert_null(token_parse(data, data_len, &token));
}

static void tokens_that_break_a_rule_are_refused(void **state)
{
	(void)state;
	expect_refused(data, 0xd1);				   /* another COSE structure */
	expect_refused(find("\xa1\x01\x26", 3) + 2, 0x27);	   /* EdDSA */
	expect_refused(find("\xa1\x01\x26", 3) + 1, 0x02);	   /* no algorithm, "crit" */
	expect_refused(find("psa#tfm", 7), 'q');		   /* another profile */
	expect_refused(find("\x19\x09\x5e", 3) + 2, 0x60);	   /* verification service twice */
	expect_refused(find("\x19\x09\x5c", 3) + 2, 0x5d);	   /* no implementation ID */
	expect_refused(find("\x19\x09\x5b\x19\x30", 5) + 3, 0x39); /* negative lifecycle */
	expect_refused(find("\x05\x58\x20\x09", 4), 0x04);	   /* no signer, odd version */
	expect_refused(find("\x02\x58\x20\x01", 4), 0x05);	   /* no value */
}

static void no_bytes_harm(void **state)
{
	uint8_t copy[sizeof(data)];

	(void)state;
	srand(1);
	for (size_t round = 0; round < 100000; round++) {
		memcpy(copy, data, data_len);
		for (int flips = rand() % 4; flips >= 0; flips--)
			copy[(size_t)rand() % data_len] = (uint8_t)rand();
		if (!token_parse(copy, data_len, &token))
			assert_true(token.component_count <= TOKEN_COMPONENTS_MAX);
	}
	for (size_t round = 0; round < 100000; round++) {
		for (size_t i = 0; i < 64; i++)
			copy[i] = (uint8_t)rand();
		copy[0] = 0xd2;
		copy[1] = 0x84;
		assert_non_null(token_parse(copy, (size_t)rand() % 64, &token));
	}
}

static void from_hex(const char *text, uint8_t *out)
{
	uint8_t *bytes;
	size_t len;

	assert_true(parse_hex(text, &bytes, &len));
	memcpy(out, bytes, len);
	free(bytes);
}

/* RFC 6979, A.2.5: P-256, SHA-256, "sample". */
static void a_published_signature_verifies_and_no_other(void **state)
{
	static const char sample[] = "sample";
	const uint8_t *const pieces[] = { (const uint8_t *)sample, (const uint8_t *)sample + 3 };
	const size_t lens[] = { 3, 3 };
	uint8_t point[65] = { 4 }, hash[32], signature[64];

	(void)state;
	from_hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
		 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
		 point + 1);
	from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
		 "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
		 signature);
	assert_true(sha256_pieces(pieces, lens, 2, hash));
	assert_true(es256_verify(point, hash, signature));
	for (size_t i = 0; i < 64; i += 7) {
		signature[i] ^= 1;
		assert_false(es256_verify(point, hash, signature));
		signature[i] ^= 1;
	}
	hash[31] ^= 1;
	assert_false(es256_verify(point, hash, signature));
	hash[31] ^= 1;
	point[64] ^= 1; /* not on the curve */
	assert_false(es256_verify(point, hash, signature));
	point[64] ^= 1;
	memset(signature, 0, sizeof(signature));
	assert_false(es256_verify(point, hash, signature));
	assert_null(token_parse(data, data_len, &token));
	assert_false(token_verify(&token, point));
}

/* Writes @text to a file and reads it as expectations. */
static enum exit_code read_text(const char *text, size_t len,
				struct attest_expectation *expectation)
{
	char path[] = "/tmp/tstee-expect-XXXXXX";
	int fd = mkstemp(path);
	enum exit_code code;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	code = attest_expect_read(path, expectation);
	unlink(path);
	return code;
}

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"
#define BL31  "01" ZEROS "  BL_31\n"
#define BL32  "02" ZEROS " *BL_32\r\n"

static bool compare(const char *text, enum attest_match *matches)
{
	struct attest_expectation expectation;
	bool good;

	assert_int_equal(read_text(text, strlen(text), &expectation), EXIT_CODE_OK);
	good = attest_expect_compare(&expectation, &token, matches);
	attest_expect_free(&expectation);
	return good;
}

static void software_is_as_expected_or_not(void **state)
{
	enum attest_match matches[TOKEN_COMPONENTS_MAX];

	(void)state;
	assert_null(token_parse(data, data_len, &token));
	assert_true(compare("# firmware\n\n" BL31 BL32, matches));
	assert_int_equal(matches[1], ATTEST_EXPECTED);
	assert_true(compare(BL32 BL31, matches));
	assert_false(compare(BL31, matches));
	assert_int_equal(matches[0], ATTEST_EXPECTED);
	assert_int_equal(matches[1], ATTEST_UNEXPECTED);
	assert_false(compare(BL31 "03" ZEROS "  BL_32\n", matches));
	assert_int_equal(matches[1], ATTEST_DIFFERENT);
	assert_false(compare(BL31 BL32 "03" ZEROS "  BL_33\n", matches));
	assert_false(compare(BL31 BL32 BL32, matches));
	components[1] = components[0];
	make(ATTESTATION_PROFILE_RFC9783);
	assert_null(token_parse(data, data_len, &token));
	assert_false(compare(BL31, matches));
	assert_true(compare(BL31 BL31, matches));
}

static void expectations_that_are_malformed_are_refused(void **state)
{
	static const char *const bad[] = { "",
					   "# nothing\n",
					   "01" ZEROS "\n",
					   "01" ZEROS "  \n",
					   "01  short\n",
					   "xx" ZEROS "  BL_31\n",
					   "BL_31\n",
					   "1" ZEROS "  odd\n" };
	struct attest_expectation expectation;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_text(bad[i], strlen(bad[i]), &expectation), EXIT_CODE_FILE);
	assert_int_equal(read_text(BL31 "\0", sizeof(BL31), &expectation), EXIT_CODE_FILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_the_service_writes_is_read, setup),
		cmocka_unit_test_setup(a_cut_or_longer_token_is_refused, setup),
		cmocka_unit_test_setup(tokens_that_break_a_rule_are_refused, setup),
		cmocka_unit_test_setup(no_bytes_harm, setup),
		cmocka_unit_test_setup(a_published_signature_verifies_and_no_other, setup),
		cmocka_unit_test_setup(software_is_as_expected_or_not, setup),
		cmocka_unit_test_setup(expectations_that_are_malformed_are_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
