/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The translation tables of a partition at S-EL1, one set for all processors. The image is where it was
 * loaded, writable or executable but never both; devices and memory of others have windows above.
 */
#ifndef SECURE_PORT_SEL1_TABLES_H
#define SECURE_PORT_SEL1_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* The window of memory that others share: as much as an endpoint takes (ENDPOINT_PAGE_COUNT). */
#define TABLES_SHARED	  0x7f80000000ull
#define TABLES_SHARED_LEN 0x10000000ull
/* That of devices and of memory that the manifest names. */
#define TABLES_DEVICES	   0x7f40000000ull
#define TABLES_DEVICES_LEN 0x10000000ull
#define TABLES_END	   0x8000000000ull

/* Bits of a page's descriptor (DDI 0487, section D8.3). Attribute indices are those of MAIR in start.S. */
#define TABLES_DEVICE	  (0ull << 2)
#define TABLES_NORMAL	  (1ull << 2)
#define TABLES_NON_SECURE (1ull << 5)
#define TABLES_READ_ONLY  (1ull << 7)
#define TABLES_INNER	  (3ull << 8)
#define TABLES_NO_EXECUTE (1ull << 53 | 1ull << 54)

/*
 * Maps @count pages from @address at @va, both on a page, with the attributes in @bits. 0, or -1: there are no
 * more tables, or an address is out of reach, and some of the pages may be mapped.
 */
int tables_map(uint64_t va, uint64_t address, size_t count, uint64_t bits);

/* Ends the mapping of @count pages from @va, on all processors. */
void tables_unmap(uint64_t va, size_t count);

/* For the start, with the MMU off: maps the image. */
void sel1_tables_init(void);

#endif /* SECURE_PORT_SEL1_TABLES_H */
