// SPDX-License-Identifier: BSD-3-Clause
/* Records of packed-c messages: the rules by which they are found and written. */
#include "cmocka_all.h"
#include <secure/service/tlv.h>
#include <string.h>

static const uint8_t message[] = { 0, 1, 0, 3, 'a', 'b', 'c', 0, 3, 0, 0, 1, 2, 0, 2, 'd', 'e' };

static void records_are_found_in_ascending_order(void **state)
{
	const uint8_t *value;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, message, sizeof(message));
	assert_true(tlv_read(&r, 1, &value, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(value, "abc", 3);
	assert_true(tlv_read(&r, 2, &value, &len));
	assert_int_equal(len, 0);
	assert_null(value);
	assert_true(tlv_read(&r, 3, &value, &len));
	assert_int_equal(len, 0);
	assert_true(tlv_read(&r, 0x102, &value, &len));
	assert_memory_equal(value, "de", 2);
	assert_true(tlv_read(&r, 0x103, &value, &len));
	assert_int_equal(len, 0);
}

static void lower_tags_are_passed_over(void **state)
{
	const uint8_t *value;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, message, sizeof(message));
	assert_true(tlv_read(&r, 0x102, &value, &len));
	assert_int_equal(len, 2);
	assert_memory_equal(value, "de", 2);
}

static void a_cut_record_fails_the_reader_for_good(void **state)
{
	const uint8_t *value;
	struct reader r;
	size_t len;

	(void)state;
	for (size_t cut = 1; cut < sizeof(message); cut++) {
		if (cut == 7 || cut == 11)
			continue; /* between two records */
		reader_init(&r, message, cut);
		assert_false(tlv_read(&r, 0x103, &value, &len));
		assert_null(value);
		assert_int_equal(len, 0);
		assert_false(tlv_read(&r, 0x104, &value, &len));
	}
}

static void an_empty_message_has_only_empty_records(void **state)
{
	const uint8_t *value;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, NULL, 0);
	assert_true(tlv_read(&r, 1, &value, &len));
	assert_int_equal(len, 0);
}

static void a_record_made_in_place_is_as_one_copied(void **state)
{
	uint8_t made[32] = { 0 }, copied[32] = { 0 }, *value;
	struct writer a, b;
	size_t room;

	(void)state;
	writer_init(&a, made, sizeof(made));
	writer_init(&b, copied, sizeof(copied));
	assert_true(tlv_begin(&a, 10, &value, &room));
	assert_int_equal(room, 10);
	memcpy(value, "0123", 4);
	assert_true(tlv_end(&a, 1, 4));
	assert_true(tlv_end(&a, 2, 0));
	assert_true(tlv_write(&b, 1, "0123", 4));
	assert_true(tlv_write(&b, 2, NULL, 0));
	assert_int_equal(a.len, 12);
	assert_memory_equal(made, copied, sizeof(made));
	assert_memory_equal(made,
			    "\0\1\0\4"
			    "0123\0\2\0\0",
			    12);
}

static void what_does_not_fit_is_not_written(void **state)
{
	static uint8_t data[0x20000];
	uint8_t *value;
	struct writer w;
	size_t room;

	(void)state;
	writer_init(&w, data, 7);
	assert_true(tlv_begin(&w, 100, &value, &room));
	assert_int_equal(room, 3);
	assert_false(tlv_write(&w, 1, "0123", 4));
	assert_false(tlv_begin(&w, 100, &value, &room));

	writer_init(&w, data, 3);
	assert_false(tlv_begin(&w, 100, &value, &room));

	writer_init(&w, data, sizeof(data));
	assert_true(tlv_begin(&w, SIZE_MAX, &value, &room));
	assert_int_equal(room, 0xffff);
	assert_false(tlv_end(&w, 1, 0x10000));
	assert_int_equal(w.len, 0);
	writer_init(&w, data, sizeof(data));
	assert_false(tlv_write(&w, 1, data, 0x10000));
	assert_int_equal(w.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found_in_ascending_order),
		cmocka_unit_test(lower_tags_are_passed_over),
		cmocka_unit_test(a_cut_record_fails_the_reader_for_good),
		cmocka_unit_test(an_empty_message_has_only_empty_records),
		cmocka_unit_test(a_record_made_in_place_is_as_one_copied),
		cmocka_unit_test(what_does_not_fit_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
