// SPDX-License-Identifier: BSD-3-Clause
/* Translation tables of three levels, for addresses of 39 bits and pages of 4 KiB. See tables.h. */
#include <secure/port/sel1/sel1.h>
#include <secure/port/sel1/tables.h>
#include <tstee/ffa.h>

#define ENTRY_COUNT   512u
#define ENTRY_VALID   1ull
#define ENTRY_TABLE   3ull
#define ENTRY_PAGE    3ull
#define ENTRY_ACCESS  (1ull << 10)
#define ENTRY_ADDRESS 0x0000fffffffff000ull

/* Bits of a virtual address that a table of a level translates. */
#define LEVEL_BITS  9u
#define LEVEL_FIRST 30u
#define LEVEL_PAGE  12u

/* The first one is the root. Those from here on are free. Before what begins at zero is zeroed, it is in use. */
static __attribute__((section(".data.next_table"))) uint64_t *next_table;

/* A table of invalid entries, or NULL. */
static volatile uint64_t *new_table(void)
{
	volatile uint64_t *table = next_table;

	if (next_table + ENTRY_COUNT > (uint64_t *)sel1_tables_end)
		return NULL;
	next_table += ENTRY_COUNT;
	/* Volatile: with the MMU off no instruction may be used that needs caches. */
	for (size_t i = 0; i < ENTRY_COUNT; i++)
		table[i] = 0;
	return table;
}

/* The entry of the page at @va; NULL if there is no table for it, and none could be made if @make. */
static volatile uint64_t *find_entry(uint64_t va, bool make)
{
	volatile uint64_t *table = (uint64_t *)sel1_tables;

	for (unsigned int shift = LEVEL_FIRST; shift > LEVEL_PAGE; shift -= LEVEL_BITS) {
		volatile uint64_t *entry = &table[va >> shift & (ENTRY_COUNT - 1)];

		if (!(*entry & ENTRY_VALID)) {
			table = make ? new_table() : NULL;
			if (!table)
				return NULL;
			/* Its zeros are seen before it is. */
			__asm__ volatile("dsb ishst" : : : "memory");
			*entry = (uintptr_t)table | ENTRY_TABLE;
		}
		table = (uint64_t *)(uintptr_t)(*entry & ENTRY_ADDRESS);
	}
	return &table[va >> LEVEL_PAGE & (ENTRY_COUNT - 1)];
}

int tables_map(uint64_t va, uint64_t address, size_t count, uint64_t bits)
{
	const uint64_t len = (uint64_t)count * FFA_PAGE_LEN;

	if ((va | address) % FFA_PAGE_LEN || va > TABLES_END || len > TABLES_END - va ||
	    address > ENTRY_ADDRESS || len > ENTRY_ADDRESS - address)
		return -1;
	for (size_t i = 0; i < count; i++) {
		volatile uint64_t *entry = find_entry(va + i * FFA_PAGE_LEN, true);

		if (!entry)
			return -1;
		*entry = (address + i * FFA_PAGE_LEN) | bits | ENTRY_ACCESS | ENTRY_PAGE;
	}
	__asm__ volatile("dsb ishst; isb" : : : "memory");
	return 0;
}

void tables_unmap(uint64_t va, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		volatile uint64_t *entry = find_entry(va + i * FFA_PAGE_LEN, false);

		if (entry)
			*entry = 0;
	}
	__asm__ volatile("dsb ishst" : : : "memory");
	for (size_t i = 0; i < count; i++)
		__asm__ volatile("tlbi vaae1is, %0" : : "r"((va >> LEVEL_PAGE) + i));
	__asm__ volatile("dsb ish; isb" : : : "memory");
}

static void map_part(const uint8_t *from, const uint8_t *to, uint64_t bits)
{
	const uint64_t address = (uintptr_t)from;

	/* There is nobody to tell yet; the MMU's first access tells. */
	(void)tables_map(address, address, (size_t)(to - from) / FFA_PAGE_LEN,
			 bits | TABLES_NORMAL | TABLES_INNER);
}

void sel1_tables_init(void)
{
	next_table = (uint64_t *)sel1_tables;
	(void)new_table();
	map_part(sel1_image, sel1_constants, TABLES_READ_ONLY);
	map_part(sel1_constants, sel1_data, TABLES_READ_ONLY | TABLES_NO_EXECUTE);
	map_part(sel1_data, sel1_guard, TABLES_NO_EXECUTE);
	map_part(sel1_guard + FFA_PAGE_LEN, sel1_end, TABLES_NO_EXECUTE);
}
