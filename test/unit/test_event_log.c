// SPDX-License-Identifier: BSD-3-Clause
/* The event log of measured boot as software components. Logs are made by hand. */
#include "cmocka_all.h"
#include <secure/service/event_log.h>
#include <stdlib.h>
#include <string.h>

#define MAX	  8u
#define SHA256	  0x000bu
#define SHA384	  0x000cu
#define POST_CODE 1u
#define NO_ACTION 3u
#define SEPARATOR 4u

static uint8_t bytes[4096];
static struct writer w;
static struct attestation_component components[MAX];
static size_t count;

static void u16(uint16_t value)
{
	const uint8_t le[] = { (uint8_t)value, (uint8_t)(value >> 8) };

	assert_true(writer_bytes(&w, le, sizeof(le)));
}

static void u32(uint32_t value)
{
	assert_true(writer_u32(&w, value));
}

static void fill(uint8_t value, size_t len)
{
	for (; len; len--)
		assert_true(writer_bytes(&w, &value, 1));
}

/* The Spec ID event with the algorithms given, and @vendor bytes. */
static void head(size_t algorithms, const uint16_t *ids, const uint16_t *lens, uint8_t vendor)
{
	writer_init(&w, bytes, sizeof(bytes));
	u32(0);
	u32(NO_ACTION);
	fill(0, 20);
	u32((uint32_t)(16 + 8 + 4 + 4 * algorithms + 1 + vendor));
	assert_true(writer_bytes(&w, "Spec ID Event03", 16));
	u32(0);
	assert_true(writer_bytes(&w, "\0\2\2\2", 4));
	u32((uint32_t)algorithms);
	for (size_t i = 0; i < algorithms; i++) {
		u16(ids[i]);
		u16(lens[i]);
	}
	fill(vendor, 1);
	fill(0xee, vendor);
}

static void head_sha256(void)
{
	const uint16_t id = SHA256, len = 32;

	head(1, &id, &len, 0);
}

static void event(uint32_t type, uint8_t digest, const void *data, size_t len)
{
	u32(0);
	u32(type);
	u32(1);
	u16(SHA256);
	fill(digest, 32);
	u32((uint32_t)len);
	assert_true(writer_bytes(&w, data, len));
}

static int parse(void)
{
	return event_log_read(bytes, w.len, components, MAX, &count);
}

static void the_log_of_trusted_firmware(void)
{
	head_sha256();
	event(NO_ACTION, 0, "StartupLocality\0", 17);
	event(POST_CODE, 0xaa, "BL_31", 6);
	event(POST_CODE, 0xbb, "BL_32", 6);
}

static void images_are_components_with_their_names(void **state)
{
	(void)state;
	the_log_of_trusted_firmware();
	assert_int_equal(parse(), 0);
	assert_int_equal(count, 2);
	assert_string_equal(components[0].type, "BL_31");
	assert_int_equal(components[0].value[0], 0xaa);
	assert_int_equal(components[0].value[31], 0xaa);
	assert_string_equal(components[1].type, "BL_32");
	assert_int_equal(components[1].value[31], 0xbb);
	assert_string_equal(components[0].version, "");
	assert_int_equal(components[0].signer_id[0], 0);
}

static void sha256_is_found_among_other_digests(void **state)
{
	const uint16_t ids[] = { SHA384, SHA256 }, lens[] = { 48, 32 };

	(void)state;
	head(2, ids, lens, 7);
	u32(1);
	u32(POST_CODE);
	u32(2);
	u16(SHA384);
	fill(0x11, 48);
	u16(SHA256);
	fill(0x22, 32);
	u32(0);
	assert_int_equal(parse(), 0);
	assert_int_equal(count, 1);
	assert_int_equal(components[0].value[0], 0x22);
	assert_string_equal(components[0].type, "");

	u32(1);
	u32(POST_CODE);
	u32(1);
	u16(SHA384);
	fill(0x11, 48);
	u32(0);
	assert_int_equal(parse(), -1);
	assert_int_equal(count, 0);
}

static void what_measures_nothing_is_no_component(void **state)
{
	(void)state;
	head_sha256();
	event(SEPARATOR, 0, "\0\0\0\0", 4);
	event(NO_ACTION, 0, "x", 1);
	assert_int_equal(parse(), 0);
	assert_int_equal(count, 0);
}

static void data_that_are_no_name_are_left_out(void **state)
{
	static const char exact[ATTESTATION_TEXT_MAX + 1] = { [0 ... ATTESTATION_TEXT_MAX - 1] =
								      'n' };
	static const char longer[ATTESTATION_TEXT_MAX + 2] = { [0 ... ATTESTATION_TEXT_MAX] = 'n' };

	(void)state;
	head_sha256();
	event(POST_CODE, 1, "a\nb", 4);
	event(POST_CODE, 2, "a\0b", 4);
	event(POST_CODE, 3, exact, sizeof(exact));
	event(POST_CODE, 4, longer, sizeof(longer));
	event(POST_CODE, 5, "bare", 4);
	event(POST_CODE, 6, "\xc3\xa4", 2);
	assert_int_equal(parse(), 0);
	assert_int_equal(count, 6);
	assert_string_equal(components[0].type, "");
	assert_string_equal(components[1].type, "");
	assert_string_equal(components[2].type, exact);
	assert_string_equal(components[3].type, "");
	assert_string_equal(components[4].type, "bare");
	assert_string_equal(components[5].type, "");
}

static void more_components_than_there_is_room_for_are_refused(void **state)
{
	(void)state;
	head_sha256();
	for (size_t i = 0; i < MAX; i++)
		event(POST_CODE, 1, "x", 2);
	assert_int_equal(parse(), 0);
	assert_int_equal(count, MAX);
	event(POST_CODE, 1, "x", 2);
	assert_int_equal(parse(), -1);
	assert_int_equal(count, 0);
}

static void a_cut_log_tells_nothing(void **state)
{
	size_t whole, second, third;

	(void)state;
	head_sha256();
	whole = w.len;
	event(POST_CODE, 1, "BL_31", 6);
	second = w.len;
	event(POST_CODE, 2, "BL_32", 6);
	third = w.len;
	for (size_t len = 0; len <= third; len++) {
		/* Of just its length, so that a sanitizer sees a read beyond. */
		uint8_t *copy = malloc(len ? len : 1);

		memcpy(copy, bytes, len);
		assert_int_equal(event_log_read(copy, len, components, MAX, &count),
				 len == whole || len == second || len == third ? 0 : -1);
		free(copy);
	}
}

static void heads_that_are_none_are_refused(void **state)
{
	const uint16_t ids[9] = { SHA256 }, lens[9] = { 32 }, short_len = 20;

	(void)state;
	head(0, ids, lens, 0);
	assert_int_equal(parse(), -1);
	head(9, ids, lens, 0);
	assert_int_equal(parse(), -1);
	head(1, ids, &short_len, 0);
	assert_int_equal(parse(), -1);
	head(1, ids, lens, 0);
	bytes[4] = POST_CODE;
	assert_int_equal(parse(), -1);
	head(1, ids, lens, 0);
	bytes[32 + 14] = '2';
	assert_int_equal(parse(), -1);
	head(1, ids, lens, 3);
	bytes[32 + 16 + 8 + 4 + 4]--;
	assert_int_equal(parse(), -1);
}

static void lengths_and_counts_that_are_wrong_are_refused(void **state)
{
	size_t at;

	(void)state;
	head_sha256();
	at = w.len;
	event(POST_CODE, 1, "x", 2);
	bytes[at + 8] = 2; /* digests */
	assert_int_equal(parse(), -1);
	bytes[at + 8] = 0;
	assert_int_equal(parse(), -1);
	bytes[at + 8] = 1;
	bytes[at + 12] = SHA384; /* which isn't in the head */
	assert_int_equal(parse(), -1);
	bytes[at + 12] = SHA256;
	memset(bytes + at + 46, 0xff, 4); /* bytes of data */
	assert_int_equal(parse(), -1);
}

static void no_log_harms(void **state)
{
	uint8_t copy[512];

	(void)state;
	srand(1);
	the_log_of_trusted_firmware();
	assert_true(w.len < sizeof(copy));
	for (size_t round = 0; round < 200000; round++) {
		memcpy(copy, bytes, w.len);
		for (int flips = rand() % 4; flips >= 0; flips--)
			copy[(size_t)rand() % w.len] = (uint8_t)rand();
		if (!event_log_read(copy, (size_t)rand() % (w.len + 1), components, MAX, &count))
			assert_true(count <= MAX);
		else
			assert_int_equal(count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_are_components_with_their_names),
		cmocka_unit_test(sha256_is_found_among_other_digests),
		cmocka_unit_test(what_measures_nothing_is_no_component),
		cmocka_unit_test(data_that_are_no_name_are_left_out),
		cmocka_unit_test(more_components_than_there_is_room_for_are_refused),
		cmocka_unit_test(a_cut_log_tells_nothing),
		cmocka_unit_test(heads_that_are_none_are_refused),
		cmocka_unit_test(lengths_and_counts_that_are_wrong_are_refused),
		cmocka_unit_test(no_log_harms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
