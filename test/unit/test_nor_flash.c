// SPDX-License-Identifier: BSD-3-Clause
/* The driver for NOR flash on a model of the device, with one chip or two, of either command set. */
#include "cmocka_all.h"
#include "nor_model.h"
#include <string.h>

#define BLOCK_LEN   4096u
#define BLOCK_COUNT 8u

static struct flash_model model;

/* Which device a test is of: the parameter of its function. */
struct kind {
	bool amd;
	uint32_t buffer_bits;
};

static const struct kind intel = { false, 5 }, amd = { true, 5 }, amd_words = { true, 0 };

static int setup(void **state)
{
	const struct kind *kind = *state;

	assert_int_equal(flash_model_create(&model, BLOCK_LEN, BLOCK_COUNT, 1), 0);
	nor_device = (struct nor_device){
		.amd = kind->amd,
		.commands = kind->amd ? 2 : 1,
		.buffer_bits = kind->buffer_bits,
		.regions = 1,
		.offset = 16 * BLOCK_LEN,
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(model.misuse, 0);
	flash_model_close(&model);
	return 0;
}

static struct flash *open_flash(void)
{
	const char *problem;
	struct flash *flash = nor_model_open(&model, &problem);

	assert_null(problem);
	return flash;
}

static void what_is_programmed_is_read(void **state)
{
	static _Alignas(4) uint8_t data[BLOCK_LEN + 64], got[BLOCK_LEN + 64];
	struct flash *flash = open_flash();

	(void)state;
	assert_int_equal(flash->block_len, BLOCK_LEN);
	assert_int_equal(flash->block_count, BLOCK_COUNT);
	for (uint32_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	/* Across buffers and a block's end, and beginning within a buffer. */
	assert_int_equal(flash->ops->program(flash, BLOCK_LEN - 12, data, sizeof(data)), 0);
	assert_memory_equal(model.bytes + BLOCK_LEN - 12, data, sizeof(data));
	for (uint32_t skip = 0; skip < 9; skip++) {
		for (uint32_t len = 0; len < 70; len++) {
			memset(got, 0xee, sizeof(got));
			assert_int_equal(
				flash->ops->read(flash, BLOCK_LEN - 12 + skip, got + skip % 3, len),
				0);
			assert_memory_equal(got + skip % 3, data + skip, len);
			assert_int_equal(got[skip % 3 + len], 0xee);
		}
	}
	assert_int_equal(model.bytes[BLOCK_LEN - 13], 0xff);
	assert_int_equal(model.bytes[BLOCK_LEN - 12 + sizeof(data)], 0xff);
}

static void a_cleared_bit_stays(void **state)
{
	static const uint32_t first = 0x0ff0f00f, second = 0xffff00ff;
	struct flash *flash = open_flash();
	uint32_t got;

	(void)state;
	assert_int_equal(flash->ops->program(flash, 64, &first, 4), 0);
	assert_int_equal(flash->ops->program(flash, 64, &second, 4), 0);
	assert_int_equal(flash->ops->read(flash, 64, &got, 4), 0);
	assert_int_equal(got, first & second);
}

static void erasing_is_of_one_block(void **state)
{
	static const uint32_t word = 0x12345678;
	struct flash *flash = open_flash();
	uint32_t got;

	(void)state;
	for (uint32_t block = 0; block < BLOCK_COUNT; block++)
		assert_int_equal(flash->ops->program(flash, block * BLOCK_LEN + 8, &word, 4), 0);
	assert_int_equal(flash->ops->erase(flash, 3), 0);
	for (uint32_t block = 0; block < BLOCK_COUNT; block++) {
		assert_int_equal(flash->ops->read(flash, block * BLOCK_LEN + 8, &got, 4), 0);
		assert_int_equal(got, block == 3 ? UINT32_MAX : word);
	}
}

static void what_is_outside_is_refused(void **state)
{
	static const uint32_t word = 0;
	struct flash *flash = open_flash();
	uint8_t got[8];

	(void)state;
	assert_int_equal(flash->ops->read(flash, BLOCK_COUNT * BLOCK_LEN - 4, got, 8), -1);
	assert_int_equal(flash->ops->program(flash, BLOCK_COUNT * BLOCK_LEN, &word, 4), -1);
	assert_int_equal(flash->ops->program(flash, 2, &word, 4), -1);
	assert_int_equal(flash->ops->program(flash, 0, &word, 2), -1);
	assert_int_equal(flash->ops->erase(flash, BLOCK_COUNT), -1);
	assert_int_equal(model.operations, 0);
}

/* Whatever fails is told, and the next operation finds the array again. */
static void failures_are_told_and_pass(void **state)
{
	static const uint32_t words[] = { 1, 0xffffff80, 0x00ff00ff, 0xffffffff };
	struct flash *flash = open_flash();
	uint32_t got[4];

	(void)state;
	for (uint32_t garbage = 0; garbage < FLASH_GARBAGE_KINDS; garbage++) {
		model.garbage = garbage;
		for (uint32_t at = 0; at < 3; at++) {
			const uint32_t offset = garbage * 128 + at * 34 / 4 * 4;

			model.fail_at = model.operations + 1;
			assert_int_equal(flash->ops->program(flash, offset, words, sizeof(words)),
					 -1);
			assert_int_equal(model.operations, model.fail_at);
			assert_int_equal(flash->ops->read(flash, offset, got, sizeof(got)), 0);
			assert_memory_equal(got, model.bytes + offset, sizeof(got));
		}
		model.fail_at = model.operations + 1;
		assert_int_equal(flash->ops->erase(flash, 1), -1);
		assert_int_equal(flash->ops->erase(flash, 1), 0);
		assert_int_equal(flash->ops->program(flash, BLOCK_LEN, words, sizeof(words)), 0);
		assert_int_equal(flash->ops->read(flash, BLOCK_LEN, got, sizeof(got)), 0);
		assert_memory_equal(got, words, sizeof(got));
	}
}

static void a_device_that_is_never_ready_is_not_waited_for(void **state)
{
	static const uint32_t word = 5;
	struct flash *flash = open_flash();

	(void)state;
	nor_device.silent = true;
	nor_model_loads = 0;
	assert_int_equal(flash->ops->program(flash, 0, &word, 4), -1);
	assert_int_equal(flash->ops->erase(flash, 0), -1);
	assert_in_range(nor_model_loads, NOR_POLL_MAX, 8 * NOR_POLL_MAX);
	/* The driver can't know what such a device takes. */
	model.misuse = 0;
}

static void expect_refused(const char *why)
{
	const char *problem;
	struct flash *flash = nor_model_open(&model, &problem);
	uint8_t byte;

	assert_non_null(problem);
	assert_non_null(strstr(problem, why));
	assert_int_equal(flash->block_count, 0);
	assert_int_equal(flash->ops->read(flash, 0, &byte, 1), -1);
	assert_int_equal(flash->ops->erase(flash, 0), -1);
}

static void other_devices_are_refused_with_a_reason(void **state)
{
	const struct nor_device right = nor_device;

	(void)state;
	nor_device.absent = true;
	expect_refused("no CFI device");
	nor_device = right;
	nor_device.commands = 0x0102;
	expect_refused("neither Intel's nor AMD's");
	nor_device = right;
	nor_device.regions = 2;
	expect_refused("several lengths");
	nor_device = right;
	if (!right.amd) {
		nor_device.buffer_bits = 0;
		expect_refused("no write buffer");
		nor_device.buffer_bits = 5;
		nor_device.commands = 3;
		(void)open_flash();
	}
	model.len -= 512;
	nor_device = right;
	expect_refused("not made of its erase blocks");
	model.len += 512;
}

#define TESTS(kind)                                                                      \
	{                                                                                \
		TEST(what_is_programmed_is_read, kind), TEST(a_cleared_bit_stays, kind), \
			TEST(erasing_is_of_one_block, kind),                             \
			TEST(what_is_outside_is_refused, kind),                          \
			TEST(failures_are_told_and_pass, kind),                          \
			TEST(a_device_that_is_never_ready_is_not_waited_for, kind),      \
			TEST(other_devices_are_refused_with_a_reason, kind),             \
	}
#define TEST(name, kind)                                                \
	cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, \
						 (void *)(uintptr_t) & (kind))

int main(void)
{
	const struct CMUnitTest intels[] = TESTS(intel), amds[] = TESTS(amd),
				words[] = TESTS(amd_words);

	return cmocka_run_group_tests_name("Intel's command set", intels, NULL, NULL) +
	       cmocka_run_group_tests_name("AMD's", amds, NULL, NULL) +
	       cmocka_run_group_tests_name("AMD's without a buffer", words, NULL, NULL);
}
