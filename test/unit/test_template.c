// SPDX-License-Identifier: BSD-3-Clause
/* The template board's own functions, with fuses that are memory: what boards are made from must be right. */
#include "cmocka_all.h"
#include <board.h>
#include <secure/port/bare/boot.h>
#include <string.h>
#include <tstee/attestation.h>

static uint32_t fuses[16];
static bool fuses_there;

int boot_device_region(const char *name, void **addr, size_t *len)
{
	if (strcmp(name, "fuses") || !fuses_there)
		return -1;
	*addr = fuses;
	*len = sizeof(fuses);
	return 0;
}

static void each_fuse_is_a_life_cycle(void **state)
{
	static const struct {
		uint32_t burnt;
		uint16_t lifecycle;
	} cases[] = {
		{ 0x0, ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST },
		{ 0x1, ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST },
		{ 0x3, ATTESTATION_LIFECYCLE_ROT_PROVISIONING },
		{ 0x7, ATTESTATION_LIFECYCLE_SECURED },
		{ 0x4, ATTESTATION_LIFECYCLE_SECURED },
		{ 0xf, ATTESTATION_LIFECYCLE_DECOMMISSIONED },
		{ 0x8, ATTESTATION_LIFECYCLE_DECOMMISSIONED },
	};

	(void)state;
	fuses_there = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fuses[0] = cases[i].burnt;
		assert_int_equal(board_lifecycle(), cases[i].lifecycle);
	}
}

static void the_unique_key_is_in_fuses(void **state)
{
	uint8_t key[32];

	(void)state;
	fuses_there = true;
	for (size_t i = 0; i < 32; i++)
		((uint8_t *)fuses)[0x20 + i] = (uint8_t)(i + 1);
	assert_int_equal(board_device_key(key), 0);
	assert_memory_equal(key, (uint8_t *)fuses + 0x20, sizeof(key));
}

static void without_its_regions_there_is_nothing(void **state)
{
	uint8_t bytes[32];

	(void)state;
	fuses_there = false;
	assert_int_equal(board_lifecycle(), ATTESTATION_LIFECYCLE_UNKNOWN);
	assert_int_equal(board_device_key(bytes), -1);
	assert_int_equal(board_entropy(bytes, sizeof(bytes)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fuse_is_a_life_cycle),
		cmocka_unit_test(the_unique_key_is_in_fuses),
		cmocka_unit_test(without_its_regions_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
