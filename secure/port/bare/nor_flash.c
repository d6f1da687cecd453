// SPDX-License-Identifier: BSD-3-Clause
/*
 * NOR flash with the Common Flash Interface (JESD68), in the command set that the device says it has.
 * Whether it shows its array or answers a command is one mode of the whole device, so one partition
 * owns all of it; array mode is left inside an operation only.
 */
#include <secure/port/bare/boot.h>
#include <secure/port/bare/nor_flash.h>
#include <secure/port/flash.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <string.h>

#define CMD_QUERY NOR_EACH(0x98)

/* Word indexes of the query data. */
#define QUERY_COMMAND	      0x55
#define QUERY_MAGIC	      0x10 /* "QRY" */
#define QUERY_COMMANDS	      0x13 /* the primary vendor command set, 2 words */
#define QUERY_BUFFER_BITS     0x2a /* log2 of the write buffer's bytes, 2 words */
#define QUERY_REGION_COUNT    0x2c
#define QUERY_REGION_LEN      0x2f /* bytes of an erase block / 256, 2 words */
#define QUERY_WORDS	      0x31
#define QUERY_REGION_LEN_UNIT 256u

/* Words that the read loop has in flight. */
#define UNROLL 8u

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

static void read_words(const volatile nor_word *from, nor_word *to, uint32_t count)
{
	nor_word word[UNROLL];

	for (; count >= UNROLL; count -= UNROLL, from += UNROLL, to += UNROLL) {
#pragma GCC unroll 8
		for (uint32_t i = 0; i < UNROLL; i++)
			word[i] = nor_load(from + i);
#pragma GCC unroll 8
		for (uint32_t i = 0; i < UNROLL; i++)
			to[i] = word[i];
	}
	while (count--)
		*to++ = nor_load(from++);
}

/* Part of one word: @len bytes from byte @skip of it. */
static void read_part(const volatile nor_word *from, uint32_t skip, uint8_t *to, uint32_t len)
{
	const nor_word word = nor_load(from);

	memcpy(to, (const uint8_t *)&word + skip, len);
}

static int nor_read(struct flash *flash, uint32_t offset, void *buf, uint32_t len)
{
	const struct nor_flash *nor = to_nor(flash);
	const volatile nor_word *from;
	const uint32_t skip = offset % NOR_WORD_LEN;
	uint8_t *to = buf;

	if (!inside(nor, offset, len))
		return -1;

	from = nor->base + offset / NOR_WORD_LEN;
	if (skip && len) {
		const uint32_t part = len < NOR_WORD_LEN - skip ? len : NOR_WORD_LEN - skip;

		read_part(from++, skip, to, part);
		to += part;
		len -= part;
	}
	if ((uintptr_t)to % sizeof(nor_word) == 0) {
		read_words(from, (nor_word *)to, len / NOR_WORD_LEN);
	} else {
		for (uint32_t i = 0; i < len / NOR_WORD_LEN; i++)
			read_part(from + i, 0, to + i * NOR_WORD_LEN, NOR_WORD_LEN);
	}
	if (len % NOR_WORD_LEN)
		read_part(from + len / NOR_WORD_LEN, 0, to + len / NOR_WORD_LEN * NOR_WORD_LEN,
			  len % NOR_WORD_LEN);
	return 0;
}

static int nor_program(struct flash *flash, uint32_t offset, const void *buf, uint32_t len)
{
	const struct nor_flash *nor = to_nor(flash);
	const nor_word *words = buf;

	if (!inside(nor, offset, len) || (offset | len) % FLASH_WORD_LEN ||
	    (uintptr_t)buf % _Alignof(uint32_t))
		return -1;

	while (len) {
		const uint32_t room = nor->write_len - offset % nor->write_len;
		const uint32_t part = len < room ? len : room;

		if (nor->commands->program(nor, nor->base + offset / NOR_WORD_LEN, words,
					   part / NOR_WORD_LEN))
			return -1;
		words += part / NOR_WORD_LEN;
		offset += part;
		len -= part;
	}
	return 0;
}

static int nor_erase(struct flash *flash, uint32_t block)
{
	const struct nor_flash *nor = to_nor(flash);

	if (block >= flash->block_count)
		return -1;
	return nor->commands->erase(nor,
				    nor->base + (size_t)block * flash->block_len / NOR_WORD_LEN);
}

static const struct flash_ops nor_ops = {
	.read = nor_read,
	.program = nor_program,
	.erase = nor_erase,
};

/* Query data is one byte a word and chip, the same in both chips. */
static int query_byte(const nor_word *query, uint32_t index, uint32_t *value)
{
	*value = query[index] & 0xff;
	return query[index] == NOR_EACH(*value) ? 0 : -1;
}

/* Two bytes of query data, the low one first. */
static int query_u16(const nor_word *query, uint32_t index, uint32_t *value)
{
	uint32_t high;

	if (query_byte(query, index, value) || query_byte(query, index + 1, &high))
		return -1;
	*value |= high << 8;
	return 0;
}

/* What the device says of itself: NULL, or why it can't be used. */
static const char *read_geometry(struct nor_flash *nor, const nor_word *query, size_t len)
{
	uint32_t block_units, block_len, buffer_bits, buffer_len, region_count, commands;

	if (query[QUERY_MAGIC] != NOR_EACH('Q') || query[QUERY_MAGIC + 1] != NOR_EACH('R') ||
	    query[QUERY_MAGIC + 2] != NOR_EACH('Y'))
		return "there is no CFI device, or it isn't of BOARD_FLASH_CHIPS chips of 16 bits";
	if (query_u16(query, QUERY_COMMANDS, &commands) ||
	    query_u16(query, QUERY_BUFFER_BITS, &buffer_bits) ||
	    query_byte(query, QUERY_REGION_COUNT, &region_count) ||
	    query_u16(query, QUERY_REGION_LEN, &block_units))
		return "its chips are not alike";
	if (commands == 0x0001 || commands == 0x0003)
		nor->commands = &nor_intel;
	else if (commands == 0x0002)
		nor->commands = &nor_amd;
	else
		return "its command set is neither Intel's nor AMD's";
	if (nor->commands->needs_buffer && buffer_bits < 2)
		return "it has no write buffer";

	/* A buffer of one word is none. */
	buffer_len = buffer_bits <= 16 ? (uint32_t)NOR_CHIPS << buffer_bits : UINT32_MAX;
	if (buffer_len < NOR_WORD_LEN)
		buffer_len = NOR_WORD_LEN;
	if (buffer_len / NOR_WORD_LEN > nor->commands->buffer_words_max)
		buffer_len = nor->commands->buffer_words_max * NOR_WORD_LEN;
	block_len = block_units * QUERY_REGION_LEN_UNIT * NOR_CHIPS;
	if (region_count != 1 || !block_len || (block_len & (block_len - 1)) ||
	    buffer_len > block_len)
		return "its erase blocks are of several lengths, or not of a power of two";
	if (!len || len % block_len || len > UINT32_MAX)
		return "the region is not made of its erase blocks";

	nor->write_len = buffer_len;
	nor->flash.block_len = block_len;
	nor->flash.block_count = (uint32_t)(len / block_len);
	return NULL;
}

/* Of the device that has @nor's region, into @query. */
static void read_query(const struct nor_flash *nor, const volatile nor_word *window,
		       nor_word query[QUERY_WORDS])
{
	nor_store(nor->base + QUERY_COMMAND, CMD_QUERY);
	read_words(window, query, QUERY_WORDS);
	/* Which of them it takes isn't known yet. */
	nor_store(nor->base, nor_amd.read_array);
	nor_store(nor->base, nor_intel.read_array);
}

const char *nor_flash_init(struct nor_flash *nor, void *addr, size_t len, const void *window)
{
	nor_word query[QUERY_WORDS];

	*nor = (struct nor_flash){ .flash.ops = &nor_ops, .base = addr };
	read_query(nor, window, query);
	return read_geometry(nor, query, len);
}

struct flash *port_flash_open(const char *region, const char *query_region)
{
	static struct nor_flash opened[PORT_FLASH_MAX];
	static size_t count;
	struct nor_flash *nor;
	void *addr, *window;
	size_t len, window_len;
	const char *problem;

	if (count == PORT_FLASH_MAX)
		partition_panic("too much flash is opened");
	nor = &opened[count++];
	nor->flash.ops = &nor_ops;
	if (boot_device_region(region, &addr, &len) ||
	    boot_device_region(query_region, &window, &window_len) ||
	    window_len < QUERY_WORDS * NOR_WORD_LEN) {
		log_line("nor flash: the manifest has no regions '%s' and '%s'", region,
			 query_region);
		return &nor->flash;
	}
	problem = nor_flash_init(nor, addr, len, window);
	if (problem)
		log_line("nor flash: %s: %s", region, problem);
	return &nor->flash;
}
