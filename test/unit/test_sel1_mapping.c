// SPDX-License-Identifier: BSD-3-Clause
/* Shared regions as the port to S-EL1 maps them, with translation tables that only take notes. */
#include "cmocka_all.h"

#include <secure/port/bare/boot.h>
#include <secure/port/ffa.h>
#include <secure/port/sel1/sel1.h>
#include <secure/port/sel1/tables.h>
#include <stdint.h>
#include <string.h>

/* The unit keeps its state in static variables. */
#include "../../secure/port/sel1/mapping.c"

#define NOTHING UINT64_MAX

/* The address behind each page of the window. */
static uint64_t behind[SHARED_PAGES];
static uint64_t device_bits;
/* Pages for which there are tables. */
static size_t room;

int tables_map(uint64_t va, uint64_t address, size_t count, uint64_t bits)
{
	if (va < TABLES_SHARED) {
		device_bits = bits;
		return 0;
	}
	if (bits & TABLES_NON_SECURE)
		assert_int_equal(bits, SHARED_BITS);
	for (size_t i = 0; i < count; i++) {
		const size_t page = (size_t)((va - TABLES_SHARED) / FFA_PAGE_LEN) + i;

		assert_true(page < SHARED_PAGES);
		assert_true(behind[page] == NOTHING);
		if (page >= room)
			return -1;
		behind[page] = address + i * FFA_PAGE_LEN;
	}
	return 0;
}

void tables_unmap(uint64_t va, size_t count)
{
	for (size_t i = 0; i < count; i++)
		behind[(va - TABLES_SHARED) / FFA_PAGE_LEN + i] = NOTHING;
}

static size_t page_of(const void *addr)
{
	return (size_t)(((uintptr_t)addr - TABLES_SHARED) / FFA_PAGE_LEN);
}

static int fresh(void **state)
{
	(void)state;
	mapping_count = 0;
	room = SHARED_PAGES;
	memset(behind, 0xff, sizeof(behind));
	return 0;
}

static bool all_unmapped(void)
{
	for (size_t i = 0; i < SHARED_PAGES; i++)
		if (behind[i] != NOTHING)
			return false;
	return true;
}

static void pieces_become_one_range(void **state)
{
	const struct ffa_memory_range ranges[] = {
		{ 0x47000000, 2, 0 },
		{ 0x41000000, 1, 0 },
		{ 0x880000000, 3, 0 },
	};
	static const uint64_t wanted[] = { 0x47000000,	0x47001000,  0x41000000,
					   0x880000000, 0x880001000, 0x880002000 };
	void *addr;
	size_t len;

	(void)state;
	assert_int_equal(ffa_map(0, ranges, 3, &addr, &len), 0);
	assert_int_equal(len, 6 * FFA_PAGE_LEN);
	for (size_t i = 0; i < 6; i++)
		assert_true(behind[page_of(addr) + i] == wanted[i]);
	ffa_unmap(0);
	assert_true(all_unmapped());
}

static void ranges_of_no_sense_are_denied(void **state)
{
	const struct ffa_memory_range cases[][2] = {
		{ { 0x41000000, 0, 0 }, { 0x42000000, 1, 0 } },
		{ { 0x41000000, 1, 0 }, { 0x42000000, 0, 0 } },
		{ { 0x41000001, 1, 0 }, { 0x42000000, 1, 0 } },
		{ { 0x41000000, UINT32_MAX, 0 }, { 0x42000000, 2, 0 } },
		{ { 0x41000000, 1, 0 }, { 0x42000000, UINT32_MAX, 0 } },
		{ { 0x41000000, SHARED_PAGES, 0 }, { 0x42000000, 1, 0 } },
	};
	void *addr;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ffa_map(i, cases[i], 2, &addr, &len), FFA_DENIED);
	assert_int_equal(ffa_map(9, cases[0], 0, &addr, &len), FFA_DENIED);
	assert_true(all_unmapped());
	assert_int_equal(mapping_count, 0);
}

static void gaps_are_filled_and_regions_never_overlap(void **state)
{
	struct ffa_memory_range range = { 0x41000000, 10, 0 };
	void *addr[4];
	size_t len;

	(void)state;
	/* tables_map() fails where a page is there already. */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ffa_map(i, &range, 1, &addr[i], &len), 0);
	ffa_unmap(1);
	range.page_count = 11;
	assert_int_equal(ffa_map(3, &range, 1, &addr[3], &len), 0);
	assert_true(page_of(addr[3]) == 30);
	range.page_count = 10;
	assert_int_equal(ffa_map(1, &range, 1, &addr[3], &len), 0);
	assert_ptr_equal(addr[3], addr[1]);
	range.page_count = SHARED_PAGES - 40;
	assert_int_equal(ffa_map(7, &range, 1, &addr[3], &len), FFA_NO_MEMORY);
	for (size_t i = 0; i < 4; i++)
		ffa_unmap(i);
	assert_true(all_unmapped());
	range.page_count = SHARED_PAGES;
	assert_int_equal(ffa_map(7, &range, 1, &addr[3], &len), 0);
	ffa_unmap(7);
	assert_true(all_unmapped());
}

static void retrieved_twice_is_unmapped_twice(void **state)
{
	const struct ffa_memory_range range = { 0x41000000, 1, 0 };
	void *first, *second;
	size_t len;

	(void)state;
	assert_int_equal(ffa_map(5, &range, 1, &first, &len), 0);
	assert_int_equal(ffa_map(5, &range, 1, &second, &len), 0);
	assert_ptr_equal(first, second);
	ffa_unmap(5);
	assert_false(all_unmapped());
	ffa_unmap(5);
	assert_true(all_unmapped());
	ffa_unmap(5);
}

static void without_tables_nothing_is_left(void **state)
{
	const struct ffa_memory_range ranges[] = { { 0x41000000, 8, 0 }, { 0x42000000, 8, 0 } };
	void *addr;
	size_t len;

	(void)state;
	room = 12;
	assert_int_equal(ffa_map(1, ranges, 2, &addr, &len), FFA_NO_MEMORY);
	assert_true(all_unmapped());
	assert_int_equal(mapping_count, 0);
}

static void what_is_not_there_reads_as_zeros(void **state)
{
	const struct ffa_memory_range range = { 0x41000000, 2, 0 };
	void *addr;
	size_t len;

	(void)state;
	assert_int_equal(ffa_map(1, &range, 1, &addr, &len), 0);
	memset(missing, 1, sizeof(missing));
	assert_true(mapping_heal((uintptr_t)addr + FFA_PAGE_LEN + 5));
	assert_true(behind[page_of(addr)] == 0x41000000);
	assert_true(behind[page_of(addr) + 1] == (uintptr_t)missing);
	for (size_t i = 0; i < sizeof(missing); i++)
		assert_int_equal(missing[i], 0);
	/* An error of the partition's own is none of a client's. */
	assert_false(mapping_heal((uintptr_t)addr + 2 * FFA_PAGE_LEN));
	assert_false(mapping_heal(TABLES_SHARED - 1));
	assert_false(mapping_heal(0));
	assert_false(mapping_heal(UINT64_MAX));
}

static void what_the_manifest_names_is_secure(void **state)
{
	uint8_t *first, *second;

	(void)state;
	first = boot_reach(0x0e001234, 5000, BOOT_MEMORY);
	assert_int_equal((uintptr_t)first % FFA_PAGE_LEN, 0x234);
	assert_int_equal(device_bits & (TABLES_NON_SECURE | TABLES_READ_ONLY | TABLES_NORMAL),
			 TABLES_READ_ONLY | TABLES_NORMAL);
	second = boot_reach(0, FFA_PAGE_LEN, BOOT_DEVICE_WRITABLE);
	assert_non_null(second);
	assert_int_equal(device_bits, TABLES_NO_EXECUTE);
	/* Two pages of the first, and one that isn't mapped. */
	assert_int_equal(second - first, 3 * FFA_PAGE_LEN - 0x234);
	assert_ptr_equal(boot_reach(0, 0, BOOT_DEVICE), BOOT_NOWHERE);
	assert_ptr_equal(boot_reach(0, SIZE_MAX, BOOT_DEVICE), BOOT_NOWHERE);
	assert_ptr_equal(boot_reach(0, TABLES_DEVICES_LEN, BOOT_DEVICE), BOOT_NOWHERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pieces_become_one_range, fresh),
		cmocka_unit_test_setup(ranges_of_no_sense_are_denied, fresh),
		cmocka_unit_test_setup(gaps_are_filled_and_regions_never_overlap, fresh),
		cmocka_unit_test_setup(retrieved_twice_is_unmapped_twice, fresh),
		cmocka_unit_test_setup(without_tables_nothing_is_left, fresh),
		cmocka_unit_test_setup(what_is_not_there_reads_as_zeros, fresh),
		cmocka_unit_test_setup(what_the_manifest_names_is_secure, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
