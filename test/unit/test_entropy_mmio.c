// SPDX-License-Identifier: BSD-3-Clause
/* A generator behind registers, which here are memory: what is read, and what isn't taken for random. */
#include "cmocka_all.h"
#include <secure/port/bare/entropy_mmio.h>
#include <string.h>

enum { ENABLE, STATUS, DATA, REGS };

static const struct entropy_mmio layout = {
	.enable = ENABLE * 4,
	.enable_value = 5,
	.status = STATUS * 4,
	.ready = 0x3,
	.failed = 0x30,
	.data = DATA * 4,
};
static uint32_t regs[REGS];

static int setup(void **state)
{
	(void)state;
	memset(regs, 0, sizeof(regs));
	regs[STATUS] = 0x3;
	regs[DATA] = 0x44332211;
	return 0;
}

static void words_come_when_they_are_ready(void **state)
{
	uint8_t out[8];

	(void)state;
	memset(out, 0xee, sizeof(out));
	assert_int_equal(entropy_mmio(regs, &layout, out, 7), 0);
	assert_memory_equal(out, "\x11\x22\x33\x44\x11\x22\x33\xee", 8);
	assert_int_equal(regs[ENABLE], 5);
	assert_int_equal(entropy_mmio(regs, &layout, out, 0), 0);
}

static void a_generator_that_needs_no_start_gets_none(void **state)
{
	struct entropy_mmio other = layout;
	uint8_t out[4];

	(void)state;
	other.enable_value = 0;
	assert_int_equal(entropy_mmio(regs, &other, out, sizeof(out)), 0);
	assert_int_equal(regs[ENABLE], 0);
}

static void nothing_is_random_that_is_not_ready(void **state)
{
	static const uint32_t wrong[] = { 0, 0x1, 0x2, 0xc, 0x13, 0x23, 0x33 };
	uint8_t out[4];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(out, 0xee, sizeof(out));
		regs[STATUS] = wrong[i];
		assert_int_equal(entropy_mmio(regs, &layout, out, sizeof(out)), -1);
		assert_memory_equal(out, "\xee\xee\xee\xee", 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(words_come_when_they_are_ready, setup),
		cmocka_unit_test_setup(a_generator_that_needs_no_start_gets_none, setup),
		cmocka_unit_test_setup(nothing_is_random_that_is_not_ready, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
