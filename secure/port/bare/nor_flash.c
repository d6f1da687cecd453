// SPDX-License-Identifier: BSD-3-Clause
/*
 * NOR flash with the Common Flash Interface and the Intel command set, on a 32-bit bus: two
 * 16-bit chips side by side. Whether it shows its array or answers a command is one mode of
 * the whole device, so one partition owns all of it; array mode is left inside an operation
 * only. The mapping is device memory: every access is one naturally aligned 32-bit word, in
 * program order.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/flash.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Both chips get each command, and both answer. */
#define BOTH(value)	 ((uint32_t)(value) << 16 | (uint32_t)(value))
#define CHIPS		 2u
#define WORD_LEN	 4u

#define CMD_READ_ARRAY	 BOTH(0xff)
#define CMD_QUERY	 BOTH(0x98)
#define CMD_CLEAR_STATUS BOTH(0x50)
#define CMD_ERASE	 BOTH(0x20)
#define CMD_WRITE_BUFFER BOTH(0xe8)
#define CMD_CONFIRM	 BOTH(0xd0)

#define STATUS_READY	 BOTH(0x80)
#define STATUS_ERRORS	 BOTH(0x3a) /* erase, program, voltage, locked block */

/* Word indexes of the query data (CFI, JESD68). */
#define QUERY_COMMAND	      0x55
#define QUERY_MAGIC	      0x10 /* "QRY" */
#define QUERY_BUFFER_BITS     0x2a /* log2 of the write buffer's bytes, 2 words */
#define QUERY_REGION_COUNT    0x2c
#define QUERY_REGION_LEN      0x2f /* bytes of an erase block / 256, 2 words */
#define QUERY_WORDS	      0x31
#define QUERY_REGION_LEN_UNIT 256u

/*
 * Reads of the status before a device counts as dead. There is no clock to ask before
 * the normal world has set it up; at 50 ns a read this is 5 s, an erase takes at most 4.
 */
#define POLL_MAX 100000000u

/* Words that the read loop has in flight. */
#define UNROLL 8u

struct nor_flash {
	struct flash flash;
	volatile uint32_t *base;
	uint32_t write_len; /* bytes of the write buffer; a power of two */
};

static struct nor_flash *to_nor(struct flash *flash)
{
	return (struct nor_flash *)((uint8_t *)flash - offsetof(struct nor_flash, flash));
}

/* Whether @len bytes from @offset are inside the region. */
static bool inside(const struct nor_flash *nor, uint32_t offset, uint32_t len)
{
	const uint64_t end = (uint64_t)offset + len;

	return end <= (uint64_t)nor->flash.block_len * nor->flash.block_count;
}

static int wait_ready(volatile uint32_t *at, uint32_t *status)
{
	for (uint32_t i = 0; i < POLL_MAX; i++) {
		*status = *at;
		if ((*status & STATUS_READY) == STATUS_READY)
			return 0;
	}
	return -1;
}

/* Ends an operation: back to the array, whatever happened. */
static int finish(volatile uint32_t *at, const char *what)
{
	uint32_t status = 0;
	int ret = wait_ready(at, &status);

	if (!ret && (status & STATUS_ERRORS))
		ret = -1;
	if (ret) {
		log_line("nor flash: %s failed, status 0x%x", what, status);
		*at = CMD_CLEAR_STATUS;
	}
	*at = CMD_READ_ARRAY;
	return ret;
}

static void read_words(const volatile uint32_t *from, uint32_t *to, uint32_t count)
{
	uint32_t word[UNROLL];

	for (; count >= UNROLL; count -= UNROLL, from += UNROLL, to += UNROLL) {
#pragma GCC unroll 8
		for (uint32_t i = 0; i < UNROLL; i++)
			word[i] = from[i];
#pragma GCC unroll 8
		for (uint32_t i = 0; i < UNROLL; i++)
			to[i] = word[i];
	}
	while (count--)
		*to++ = *from++;
}

/* Part of one word: @len bytes from byte @skip of it. */
static void read_part(const volatile uint32_t *from, uint32_t skip, uint8_t *to, uint32_t len)
{
	const uint32_t word = *from;

	memcpy(to, (const uint8_t *)&word + skip, len);
}

static int nor_read(struct flash *flash, uint32_t offset, void *buf, uint32_t len)
{
	const struct nor_flash *nor = to_nor(flash);
	const volatile uint32_t *from;
	const uint32_t skip = offset % WORD_LEN;
	uint8_t *to = buf;

	if (!inside(nor, offset, len))
		return -1;

	from = nor->base + offset / WORD_LEN;
	if (skip && len) {
		const uint32_t part = len < WORD_LEN - skip ? len : WORD_LEN - skip;

		read_part(from++, skip, to, part);
		to += part;
		len -= part;
	}
	if ((uintptr_t)to % _Alignof(uint32_t) == 0) {
		read_words(from, (uint32_t *)to, len / WORD_LEN);
	} else {
		for (uint32_t i = 0; i < len / WORD_LEN; i++)
			read_part(from + i, 0, to + i * WORD_LEN, WORD_LEN);
	}
	if (len % WORD_LEN)
		read_part(from + len / WORD_LEN, 0, to + len / WORD_LEN * WORD_LEN, len % WORD_LEN);
	return 0;
}

/* Programs @count words that lie within one write buffer. */
static int program_buffer(volatile uint32_t *at, const uint32_t *words, uint32_t count)
{
	uint32_t status = 0;

	*at = CMD_CLEAR_STATUS;
	*at = CMD_WRITE_BUFFER;
	if (wait_ready(at, &status)) {
		log_line("nor flash: no write buffer, status 0x%x", status);
		*at = CMD_READ_ARRAY;
		return -1;
	}
	*at = BOTH(count - 1);
	for (uint32_t i = 0; i < count; i++)
		at[i] = words[i];
	*at = CMD_CONFIRM;
	return finish(at, "program");
}

static int nor_program(struct flash *flash, uint32_t offset, const void *buf, uint32_t len)
{
	const struct nor_flash *nor = to_nor(flash);
	const uint32_t *words = buf;

	if (!inside(nor, offset, len) || (offset | len) % FLASH_WORD_LEN ||
	    (uintptr_t)buf % _Alignof(uint32_t))
		return -1;

	while (len) {
		const uint32_t room = nor->write_len - offset % nor->write_len;
		const uint32_t part = len < room ? len : room;

		if (program_buffer(nor->base + offset / WORD_LEN, words, part / WORD_LEN))
			return -1;
		words += part / WORD_LEN;
		offset += part;
		len -= part;
	}
	return 0;
}

static int nor_erase(struct flash *flash, uint32_t block)
{
	const struct nor_flash *nor = to_nor(flash);
	volatile uint32_t *at;

	if (block >= flash->block_count)
		return -1;

	at = nor->base + (size_t)block * flash->block_len / WORD_LEN;
	*at = CMD_CLEAR_STATUS;
	*at = CMD_ERASE;
	*at = CMD_CONFIRM;
	return finish(at, "erase");
}

static const struct flash_ops nor_ops = {
	.read = nor_read,
	.program = nor_program,
	.erase = nor_erase,
};

/* Query data is one byte a word and chip, the same in both chips. */
static int query_byte(const uint32_t *query, uint32_t index, uint32_t *value)
{
	*value = query[index] & 0xff;
	return query[index] == BOTH(*value) ? 0 : -1;
}

/* Two bytes of query data, the low one first. */
static int query_u16(const uint32_t *query, uint32_t index, uint32_t *value)
{
	uint32_t high;

	if (query_byte(query, index, value) || query_byte(query, index + 1, &high))
		return -1;
	*value |= high << 8;
	return 0;
}

/* Takes the geometry from the query data. */
static int read_geometry(struct nor_flash *nor, const uint32_t *query, size_t len)
{
	uint32_t block_units, block_len, buffer_bits, region_count;

	if (query[QUERY_MAGIC] != BOTH('Q') || query[QUERY_MAGIC + 1] != BOTH('R') ||
	    query[QUERY_MAGIC + 2] != BOTH('Y') ||
	    query_u16(query, QUERY_BUFFER_BITS, &buffer_bits) ||
	    query_byte(query, QUERY_REGION_COUNT, &region_count) ||
	    query_u16(query, QUERY_REGION_LEN, &block_units))
		return -1;

	/* One size of erase block; a power of two; a buffer that a count of 16 bits can fill. */
	block_len = block_units * QUERY_REGION_LEN_UNIT * CHIPS;
	if (region_count != 1 || !block_len || (block_len & (block_len - 1)) || buffer_bits < 2 ||
	    buffer_bits > 16 || (CHIPS << buffer_bits) > block_len || len % block_len ||
	    len > UINT32_MAX)
		return -1;

	nor->write_len = CHIPS << buffer_bits;
	nor->flash.block_len = block_len;
	nor->flash.block_count = (uint32_t)(len / block_len);
	return 0;
}

struct flash *port_flash_open(const char *region, const char *query_region)
{
	static struct nor_flash opened[PORT_FLASH_MAX];
	static size_t count;
	uint32_t query[QUERY_WORDS];
	struct nor_flash *nor;
	void *addr, *window;
	size_t len, window_len;

	if (count == PORT_FLASH_MAX)
		partition_panic("too much flash is opened");
	nor = &opened[count++];
	nor->flash.ops = &nor_ops;
	if (boot_device_region(region, &addr, &len) ||
	    boot_device_region(query_region, &window, &window_len) || window_len < sizeof(query)) {
		log_line("nor flash: the manifest has no regions '%s' and '%s'", region,
			 query_region);
		return &nor->flash;
	}

	nor->base = addr;
	nor->base[QUERY_COMMAND] = CMD_QUERY;
	read_words(window, query, QUERY_WORDS);
	*nor->base = CMD_READ_ARRAY;

	if (read_geometry(nor, query, len))
		log_line("nor flash: no CFI device of two chips, or an unknown geometry");
	return &nor->flash;
}
