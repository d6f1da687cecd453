// SPDX-License-Identifier: BSD-3-Clause
/* The bounded reader and writer. */
#include "cmocka_all.h"
#include <secure/rpc/reader.h>
#include <secure/rpc/writer.h>
#include <string.h>

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };

static void numbers_are_little_endian(void **state)
{
	struct reader r;
	uint64_t u64;
	uint32_t u32;

	(void)state;
	reader_init(&r, bytes, sizeof(bytes));
	assert_true(reader_u32(&r, &u32));
	assert_int_equal(u32, 0x04030201);
	assert_true(reader_u64(&r, &u64));
	assert_int_equal(u64, 0x0c0b0a0908070605);
}

static void a_short_message_fails_the_reader_for_good(void **state)
{
	const uint8_t *p = bytes;
	uint64_t u64 = 1;
	uint32_t u32 = 1;
	struct reader r;
	size_t len = 1;

	(void)state;
	reader_init(&r, bytes, 7);
	assert_false(reader_u64(&r, &u64));
	assert_int_equal(u64, 0);
	/* There would be four bytes, but they are no longer to be trusted. */
	assert_false(reader_u32(&r, &u32));
	assert_int_equal(u32, 0);
	assert_false(reader_bytes(&r, 0, &p));
	assert_null(p);
	assert_false(reader_rest(&r, &p, &len));
	assert_null(p);
	assert_int_equal(len, 0);
}

static void lengths_from_the_message_can_not_overflow(void **state)
{
	const uint64_t lens[] = { 10, UINT32_MAX, 1ull << 32, UINT64_MAX - 3, UINT64_MAX };
	const uint8_t *p;
	struct reader r;
	uint32_t u32;

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		reader_init(&r, bytes, sizeof(bytes));
		assert_true(reader_u32(&r, &u32));
		assert_false(reader_bytes(&r, lens[i], &p));
		assert_null(p);
	}
}

static void the_rest_may_be_empty(void **state)
{
	const uint8_t *p;
	struct reader r;
	size_t len;

	(void)state;
	reader_init(&r, bytes, sizeof(bytes));
	assert_true(reader_bytes(&r, 10, &p));
	assert_ptr_equal(p, bytes);
	assert_true(reader_rest(&r, &p, &len));
	assert_ptr_equal(p, bytes + 10);
	assert_int_equal(len, 3);
	assert_true(reader_rest(&r, &p, &len));
	assert_int_equal(len, 0);

	reader_init(&r, NULL, 0);
	assert_true(reader_rest(&r, &p, &len));
	assert_int_equal(len, 0);
	assert_false(reader_bytes(&r, 1, &p));
}

static void what_is_written_is_little_endian(void **state)
{
	uint8_t out[13] = { 0 };
	struct writer w;

	(void)state;
	writer_init(&w, out, sizeof(out));
	assert_true(writer_u32(&w, 0x04030201));
	assert_true(writer_u64(&w, 0x0c0b0a0908070605));
	assert_true(writer_bytes(&w, bytes + 12, 1));
	assert_int_equal(w.len, sizeof(bytes));
	assert_memory_equal(out, bytes, sizeof(bytes));
}

static void what_does_not_fit_is_not_written_even_in_part(void **state)
{
	uint8_t out[8];
	struct writer w;

	(void)state;
	memset(out, 0xee, sizeof(out));
	writer_init(&w, out, 7);
	assert_true(writer_u32(&w, 0));
	assert_false(writer_u32(&w, 0x01010101));
	assert_int_equal(w.len, 4);
	assert_true(w.failed);
	for (size_t i = 4; i < sizeof(out); i++)
		assert_int_equal(out[i], 0xee);
	/* Three bytes would fit, but the message is broken. */
	assert_int_equal(writer_room(&w), 0);
	assert_false(writer_bytes(&w, bytes, 1));
	assert_false(writer_advance(&w, 0));
}

static void a_handler_can_fill_the_message_in_place(void **state)
{
	uint8_t out[8] = { 0 };
	struct writer w;

	(void)state;
	writer_init(&w, out, sizeof(out));
	assert_true(writer_u32(&w, 1));
	assert_int_equal(writer_room(&w), 4);
	memcpy(writer_tail(&w), "abcd", writer_room(&w));
	assert_true(writer_advance(&w, 3));
	assert_int_equal(w.len, 7);
	assert_false(writer_advance(&w, SIZE_MAX));
	assert_int_equal(w.len, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(a_short_message_fails_the_reader_for_good),
		cmocka_unit_test(lengths_from_the_message_can_not_overflow),
		cmocka_unit_test(the_rest_may_be_empty),
		cmocka_unit_test(what_is_written_is_little_endian),
		cmocka_unit_test(what_does_not_fit_is_not_written_even_in_part),
		cmocka_unit_test(a_handler_can_fill_the_message_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
