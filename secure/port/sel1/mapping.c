// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of others in the address space of a partition at S-EL1, whose SPM core only says where it is: what the
 * normal world shares, in pieces, gets one range of addresses, and is never taken for secure memory. What the
 * manifest names is secure.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/ffa.h>
#include <secure/port/sel1/sel1.h>
#include <secure/port/sel1/tables.h>
#include <secure/rpc/endpoint.h>
#include <string.h>

/* A descriptor of so many pages has room for 1,000 ranges. */
#define BUFFER_PAGES 4u

#define SHARED_PAGES (TABLES_SHARED_LEN / FFA_PAGE_LEN)
#define SHARED_BITS  (TABLES_NORMAL | TABLES_INNER | TABLES_NON_SECURE | TABLES_NO_EXECUTE)

/* In the order of their addresses. */
struct mapping {
	uint64_t handle;
	size_t first, count; /* pages of the window */
	unsigned int uses;   /* so often it was retrieved */
};

static struct mapping mappings[ENDPOINT_BUFFER_COUNT];
static size_t mapping_count;
static _Alignas(FFA_PAGE_LEN) uint8_t missing[FFA_PAGE_LEN];

static_assert(SHARED_PAGES == ENDPOINT_PAGE_COUNT, "an endpoint's buffers fit");

size_t ffa_buffer_pages(void)
{
	return BUFFER_PAGES;
}

static struct mapping *find_handle(uint64_t handle)
{
	for (size_t i = 0; i < mapping_count; i++)
		if (mappings[i].handle == handle)
			return &mappings[i];
	return NULL;
}

/* Pages of all @ranges, which may be of any size; 0 if they aren't what can be mapped. */
static size_t count_pages(const struct ffa_memory_range *ranges, size_t count)
{
	size_t pages = 0;

	for (size_t i = 0; i < count; i++) {
		if (!ranges[i].page_count || ranges[i].address % FFA_PAGE_LEN ||
		    ranges[i].page_count > SHARED_PAGES - pages)
			return 0;
		pages += ranges[i].page_count;
	}
	return pages;
}

/* A place for @pages pages where the first gap is that is long enough; NULL if there is none. */
static struct mapping *reserve(size_t pages)
{
	size_t at = 0, first = 0;

	if (mapping_count == ENDPOINT_BUFFER_COUNT)
		return NULL;
	while (at < mapping_count && mappings[at].first - first < pages) {
		first = mappings[at].first + mappings[at].count;
		at++;
	}
	if (SHARED_PAGES - first < pages)
		return NULL;
	memmove(&mappings[at + 1], &mappings[at], (mapping_count - at) * sizeof(mappings[0]));
	mapping_count++;
	mappings[at] = (struct mapping){ .first = first, .count = pages, .uses = 1 };
	return &mappings[at];
}

static void release(struct mapping *mapping)
{
	tables_unmap(TABLES_SHARED + mapping->first * FFA_PAGE_LEN, mapping->count);
	mapping_count--;
	memmove(mapping, mapping + 1,
		(size_t)(&mappings[mapping_count] - mapping) * sizeof(*mapping));
}

int ffa_map(uint64_t handle, const struct ffa_memory_range *ranges, size_t count, void **addr,
	    size_t *len)
{
	struct mapping *mapping = find_handle(handle);
	const size_t pages = count_pages(ranges, count);
	uint64_t va;

	if (!pages)
		return FFA_DENIED;
	if (mapping) {
		mapping->uses++;
	} else {
		mapping = reserve(pages);
		if (!mapping)
			return FFA_NO_MEMORY;
		mapping->handle = handle;
		va = TABLES_SHARED + mapping->first * FFA_PAGE_LEN;
		for (size_t i = 0; i < count; i++) {
			if (tables_map(va, ranges[i].address, ranges[i].page_count, SHARED_BITS)) {
				release(mapping);
				return FFA_NO_MEMORY;
			}
			va += (uint64_t)ranges[i].page_count * FFA_PAGE_LEN;
		}
	}
	*addr = (void *)(uintptr_t)(TABLES_SHARED + mapping->first * FFA_PAGE_LEN);
	*len = mapping->count * FFA_PAGE_LEN;
	return 0;
}

void ffa_unmap(uint64_t handle)
{
	struct mapping *mapping = find_handle(handle);

	if (mapping && !--mapping->uses)
		release(mapping);
}

/* Who shares memory can name any address, and one without memory behind it ends no more than his own call. */
bool mapping_heal(uint64_t va)
{
	const size_t page = (size_t)((va - TABLES_SHARED) / FFA_PAGE_LEN);
	/* Volatile: memset() may use vector registers, which are those of whoever has made the access. */
	volatile uint64_t *words = (void *)missing;

	for (size_t i = 0; i < mapping_count; i++) {
		if (page - mappings[i].first >= mappings[i].count)
			continue;
		va -= va % FFA_PAGE_LEN;
		tables_unmap(va, 1);
		for (size_t word = 0; word < sizeof(missing) / sizeof(*words); word++)
			words[word] = 0;
		return !tables_map(va, (uintptr_t)missing, 1,
				   TABLES_NORMAL | TABLES_INNER | TABLES_NO_EXECUTE);
	}
	return false;
}

void *boot_reach(uint64_t address, size_t len, enum boot_kind kind)
{
	static uint64_t used;
	const uint64_t offset = address % FFA_PAGE_LEN;
	const uint64_t va = TABLES_DEVICES + used;
	uint64_t bits = TABLES_NO_EXECUTE;
	uint64_t pages;

	if (!len || len > TABLES_DEVICES_LEN)
		return BOOT_NOWHERE;
	pages = (offset + len + FFA_PAGE_LEN - 1) / FFA_PAGE_LEN;
	if (kind != BOOT_DEVICE_WRITABLE)
		bits |= TABLES_READ_ONLY;
	bits |= kind == BOOT_MEMORY ? TABLES_NORMAL | TABLES_INNER : TABLES_DEVICE;
	/* A page that isn't mapped is between any two. */
	if ((pages + 1) * FFA_PAGE_LEN > TABLES_DEVICES_LEN - used ||
	    tables_map(va, address - offset, pages, bits))
		return BOOT_NOWHERE;
	used += (pages + 1) * FFA_PAGE_LEN;
	return (void *)(uintptr_t)(va + offset);
}
