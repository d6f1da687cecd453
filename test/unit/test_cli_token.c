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

/* A claim, in hexadecimal; @text, if any, comes after its head. */
struct claim {
	const char *hex, *text;
};

#define H16	   "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define H32	   H16 H16
#define UEID	   "582101" H32
#define CLAIMS_MAX 16

/* As the verifiers of Veraison have them: legacy, the draft's and RFC 9783's. */
static const struct claim legacy_claims[] = {
	{ "3a000124f7", "PSA_IOT_PROFILE_1" },
	{ "3a000124f801", NULL },		/* client ID */
	{ "3a000124f9193000", NULL },		/* lifecycle */
	{ "3a000124fa5820" H32, NULL },		/* implementation ID */
	{ "3a000124fb5820" H32, NULL },		/* boot seed */
	{ "3a000124fc", "060456527282910010" }, /* hardware version */
	{ "3a000124fd81a3016242310258"
	  "20" H32 "055820" H32,
	  NULL },			/* components */
	{ "3a000124ff5820" H32, NULL }, /* challenge */
	{ "3a00012500" UEID, NULL },	/* instance ID */
	{ "3a00012501", "https://veraison.example/v1" },
};

#define EAT_CLAIMS(profile)                                                              \
	{                                                                                \
		{ "190109", profile }, { "19095a3903e7", NULL }, /* client ID -1000 */   \
			{ "19095b1930ff", NULL },		 /* lifecycle */         \
			{ "19095c5820" H32, NULL },		 /* implementation ID */ \
			{ "19010c48a0a1a2a3a4a5a6a7", NULL },	 /* boot seed */         \
			{ "19095e", "1234567890123-12345" },	 /* certification */     \
			{ "19095f81a4016242310463312e300258"                             \
			  "30" H32 H16 "055840" H32 H32,                                 \
			  NULL },		    /* components */                     \
			{ "0a5840" H32 H32, NULL }, /* challenge */                      \
			{ "190100" UEID, NULL },    /* instance ID */                    \
			{ "190960", "https://veraison.example/v1" },                     \
	}

static const struct claim draft_claims[] = EAT_CLAIMS("http://arm.com/psa/2.0.0");
static const struct claim rfc_claims[] = EAT_CLAIMS("tag:psacertified.org,2023:psa#tfm");

static const struct sample {
	const struct claim *claims;
	const char *name;
} samples[] = {
	{ legacy_claims, "PSA_IOT_PROFILE_1" },
	{ draft_claims, "http://arm.com/psa/2.0.0" },
	{ rfc_claims, "tag:psacertified.org,2023:psa#tfm" },
};

#define SAMPLE_CLAIMS 10

static size_t put_hex(uint8_t *to, const char *hex)
{
	uint8_t *bytes;
	size_t len;

	if (!*hex)
		return 0;
	assert_true(parse_hex(hex, &bytes, &len));
	memcpy(to, bytes, len);
	free(bytes);
	return len;
}

static size_t put_head(uint8_t *to, uint8_t major, size_t len)
{
	to[0] = (uint8_t)(major << 5 | 25);
	to[1] = (uint8_t)(len >> 8);
	to[2] = (uint8_t)len;
	return 3;
}

/* @begin, if not NULL, in the place of the map's head. */
static void make_token(const char *header, const char *begin, const struct claim *claims,
		       size_t count, const char *end)
{
	uint8_t payload[4096], bytes[256];
	size_t len = begin ? put_hex(payload, begin) : put_head(payload, 5, count), header_len;

	for (size_t i = 0; i < count; i++) {
		len += put_hex(payload + len, claims[i].hex);
		if (!claims[i].text)
			continue;
		len += put_head(payload + len, 3, strlen(claims[i].text));
		memcpy(payload + len, claims[i].text, strlen(claims[i].text));
		len += strlen(claims[i].text);
	}
	len += put_hex(payload + len, end);
	header_len = put_hex(bytes, header);
	data_len = put_hex(data, "d284");
	data_len += put_head(data + data_len, 2, header_len);
	memcpy(data + data_len, bytes, header_len);
	data_len += header_len;
	data_len += put_hex(data + data_len, "a0");
	data_len += put_head(data + data_len, 2, len);
	memcpy(data + data_len, payload, len);
	data_len += len;
	data_len += put_hex(data + data_len, "5840" H32 H32);
}

#define ES256_HEADER "a10126"

static void samples_of_all_profiles_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		make_token(ES256_HEADER, NULL, samples[i].claims, SAMPLE_CLAIMS, "");
		assert_null(token_parse(data, data_len, &token));
		assert_string_equal(token.profile_name, samples[i].name);
		assert_int_equal(token.component_count, 1);
		assert_string_equal(token_lifecycle_name(token.lifecycle), "secured");
		assert_int_equal(token.client_id, i ? -1000 : 1);
		expect(&token.verification_service, "https://veraison.example/v1", 27);
	}
}

/* What becomes of the samples, from @first to @last, when claim @at is another. */
struct change {
	unsigned int first, last, at;
	struct claim claim;
	bool good;
};

static const struct change changes[] = {
	{ 1, 2, 0, { "190109", "PSA_IOT_PROFILE_1" }, false },
	{ 1, 2, 0, { "190109", "http://arm.com/psa/2.0.1" }, false },
	{ 0, 0, 0, { "3a000124f7", "PSA_IOT_PROFILE_2" }, false },
	{ 0, 0, 0, { "3a000124f700", NULL }, false },
	{ 1, 2, 2, { "19095b00", NULL }, true },
	{ 1, 2, 2, { "19095b18ff", NULL }, true },
	{ 1, 2, 2, { "19095b190100", NULL }, false },
	{ 1, 2, 2, { "19095b190fff", NULL }, false },
	{ 1, 2, 2, { "19095b191000", NULL }, true },
	{ 1, 2, 2, { "19095b193100", NULL }, false },
	{ 1, 2, 2, { "19095b1960ff", NULL }, true },
	{ 1, 2, 2, { "19095b196100", NULL }, false },
	{ 1, 2, 2, { "19095b197000", NULL }, false },
	{ 1, 2, 2, { "19095b390fff", NULL }, false }, /* -4096 */
	{ 1, 2, 2, { "19095b1a00013000", NULL }, false },
	{ 0, 0, 2, { "3a000124f9193100", NULL }, false },
	{ 0, 0, 2, { "3a000124f91960ff", NULL }, true },
	{ 1, 2, 8, { "190100582102" H32, NULL }, false },
	{ 1, 2, 8, { "1901005820" H32, NULL }, false },
	{ 1, 2, 8, { "19010040", NULL }, false },
	{ 1,
	  2,
	  8,
	  { "19010078"
	    "2101" H32,
	    NULL },
	  false },
	{ 0, 0, 8, { "3a00012500582103" H32, NULL }, false },
	{ 1, 2, 5, { "19095e", "1234567890123" }, false },
	{ 1, 2, 5, { "19095e", "1234567890123-1234" }, false },
	{ 1, 2, 5, { "19095e", "1234567890123-123456" }, false },
	{ 1, 2, 5, { "19095e", "123456789012312345  " }, false },
	{ 1, 2, 5, { "19095e", "1234567890123-1234x" }, false },
	{ 1, 2, 5, { "19095e", "" }, false },
	{ 1, 2, 4, { "19010c47a0a1a2a3a4a5a6", NULL }, false },
	{ 1, 2, 4, { "19010c5820" H32, NULL }, true },
	{ 0, 0, 4, { "3a000124fb48a0a1a2a3a4a5a6a7", NULL }, false },
	{ 1, 2, 7, { "0a5821" H32 "00", NULL }, false },
	{ 1, 2, 7, { "0a815820" H32, NULL }, false },
	{ 1, 2, 1, { "19095a1a80000000", NULL }, false },
	{ 0, 0, 6, { "3a000124fe01", NULL }, true },
	{ 0, 0, 6, { "3a000124fe02", NULL }, false },
	{ 0, 0, 9, { "3a000124fe01", NULL }, false }, /* there are components */
	{ 1, 2, 6, { "19095f80", NULL }, false },
	{ 1,
	  2,
	  6,
	  { "19095f81a10258"
	    "20" H32,
	    NULL },
	  false }, /* no signer */
	{ 1, 2, 6, { "19095f81a3025820" H32 "025820" H32 "055820" H32, NULL }, false }, /* twice */
	{ 1, 2, 6, { "19095f9fa2025820" H32 "055820" H32 "ff", NULL }, false },
	{ 1, 2, 6, { "19095f81bf025820" H32 "055820" H32 "ff", NULL }, false },
	/* Unknown: of any kind, but not twice, however it is written, nor of indefinite length. */
	{ 0, 2, 9, { "1a000f4240a3010203040506", NULL }, true },
	{ 0, 2, 9, { "1a000f4240a201020103", NULL }, false },
	{ 0, 2, 9, { "1a000f4240a20102180103", NULL }, false },
	{ 0, 2, 9, { "1a000f42409f01ff", NULL }, false },
	{ 0, 2, 9, { "1a000f4240bf0102ff", NULL }, false },
	{ 0, 2, 9, { "1a000f42405f4101ff", NULL }, false },
	{ 0, 2, 9, { "1a000f42407f6161ff", NULL }, false },
	{ 0, 2, 9, { "1a000f4240818181818181818181818181818181818100", NULL }, false },
};

static void each_claim_has_its_form(void **state)
{
	struct claim claims[CLAIMS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *change = &changes[i];

		for (unsigned int k = change->first; k <= change->last; k++) {
			const char *problem;

			memcpy(claims, samples[k].claims, SAMPLE_CLAIMS * sizeof(claims[0]));
			claims[change->at] = change->claim;
			make_token(ES256_HEADER, NULL, claims, SAMPLE_CLAIMS, "");
			problem = token_parse(data, data_len, &token);
			if (!problem != change->good)
				fail_msg("%s with %s %s: %s", samples[k].name, change->claim.hex,
					 change->claim.text ?: "", problem ?: "no problem");
		}
	}
}

static void claims_are_there_once_and_lengths_definite(void **state)
{
	struct claim claims[CLAIMS_MAX];

	(void)state;
	for (unsigned int k = 0; k < 3; k++) {
		memcpy(claims, samples[k].claims, SAMPLE_CLAIMS * sizeof(claims[0]));
		for (unsigned int i = 0; i < SAMPLE_CLAIMS; i++) {
			claims[SAMPLE_CLAIMS] = claims[i];
			make_token(ES256_HEADER, NULL, claims, SAMPLE_CLAIMS + 1, "");
			assert_non_null(token_parse(data, data_len, &token));
		}
		claims[SAMPLE_CLAIMS] = claims[SAMPLE_CLAIMS + 1] =
			(struct claim){ "646e616d6501", NULL }; /* unknown, by a name */
		make_token(ES256_HEADER, NULL, claims, SAMPLE_CLAIMS + 1, "");
		assert_null(token_parse(data, data_len, &token));
		make_token(ES256_HEADER, NULL, claims, SAMPLE_CLAIMS + 2, "");
		assert_string_equal(token_parse(data, data_len, &token),
				    "a claim or parameter is there twice");
		make_token(ES256_HEADER, "bf", claims, SAMPLE_CLAIMS, "ff");
		assert_string_equal(token_parse(data, data_len, &token),
				    "a length in it is indefinite");
	}
}

static void only_critical_parameters_must_be_understood(void **state)
{
	static const struct {
		const char *header;
		bool good;
	} headers[] = {
		{ "a20126044101", true },	       /* key ID */
		{ "a3012603183d0441aa", true },	       /* content type, too */
		{ "a2012663666f6f63626172", true },    /* unknown, by a name */
		{ "a201261909c401", true },	       /* unknown, by a number */
		{ "a3012602810404410a", false },       /* critical, and passed over */
		{ "a20126028104", false },	       /* critical, and not there */
		{ "a3012602811909c41909c401", false }, /* critical, and unknown */
		{ "a20126028101", true },	       /* the algorithm itself */
		{ "a2012602"
		  "80",
		  false }, /* nothing critical */
		{ "a2012602"
		  "04",
		  false },			   /* no array */
		{ "a3012602816166616601", false }, /* critical, unknown, by a name */
		{ "a20126"
		  "0127",
		  false }, /* two algorithms */
		{ "bf0126ff", false },
		{ "a1044101", false }, /* no algorithm */
		{ "a10127", false },   /* EdDSA */
		{ "a0", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		make_token(headers[i].header, NULL, rfc_claims, SAMPLE_CLAIMS, "");
		if (!token_parse(data, data_len, &token) != headers[i].good)
			fail_msg("header %s", headers[i].header);
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
		cmocka_unit_test(samples_of_all_profiles_are_read),
		cmocka_unit_test(each_claim_has_its_form),
		cmocka_unit_test(claims_are_there_once_and_lengths_definite),
		cmocka_unit_test(only_critical_parameters_must_be_understood),
		cmocka_unit_test_setup(no_bytes_harm, setup),
		cmocka_unit_test_setup(a_published_signature_verifies_and_no_other, setup),
		cmocka_unit_test_setup(software_is_as_expected_or_not, setup),
		cmocka_unit_test_setup(expectations_that_are_malformed_are_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
