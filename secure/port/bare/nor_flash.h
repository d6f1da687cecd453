/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the NOR flash driver share: nor_flash.c, which knows CFI (JESD68), and one file
 * for each command set, nor_intel.c and nor_amd.c. The bus has one or two chips of 16 bits, which
 * get each command together: a word of the bus has a half for each.
 */
#ifndef SECURE_PORT_BARE_NOR_FLASH_H
#define SECURE_PORT_BARE_NOR_FLASH_H

#include <board.h>
#include <secure/store/flash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(BOARD_FLASH_CHIPS) || (BOARD_FLASH_CHIPS != 1 && BOARD_FLASH_CHIPS != 2)
#error "board.h defines no BOARD_FLASH_CHIPS: 1 or 2 chips of 16 bits, side by side"
#endif
#define NOR_CHIPS BOARD_FLASH_CHIPS

/* Buffers of others are read and written as such words. */
#if NOR_CHIPS == 2
typedef uint32_t __attribute__((may_alias)) nor_word;
#define NOR_EACH(value) ((uint32_t)(value) << 16 | (uint32_t)(value))
#else
typedef uint16_t __attribute__((may_alias)) nor_word;
#define NOR_EACH(value) ((uint16_t)(value))
#endif
#define NOR_WORD_LEN ((uint32_t)sizeof(nor_word))

/*
 * Reads of the status before a device counts as dead. There is no clock to ask before
 * the normal world has set it up; at 50 ns a read this is 5 s, an erase takes at most 4.
 */
#ifndef NOR_POLL_MAX
#define NOR_POLL_MAX 100000000u
#endif

/*
 * All access to the device. The mapping is device memory: each is one naturally aligned word, in
 * program order. Tests have a model of the device in its place.
 */
#ifdef NOR_MODEL
nor_word nor_load(const volatile nor_word *at);
void nor_store(volatile nor_word *at, nor_word value);
#else
static inline nor_word nor_load(const volatile nor_word *at)
{
	return *at;
}

static inline void nor_store(volatile nor_word *at, nor_word value)
{
	*at = value;
}
#endif

struct nor_flash;

/*
 * A command set (CFI, primary vendor command set). Each function returns 0, or -1 when the device
 * reports an error or nothing at all, and leaves it in array mode.
 */
struct nor_commands {
	nor_word read_array;
	/* Programs @count words at @at that lie within one write buffer. */
	int (*program)(const struct nor_flash *nor, volatile nor_word *at, const nor_word *words,
		       uint32_t count);
	/* Erases the block that begins at @at. */
	int (*erase)(const struct nor_flash *nor, volatile nor_word *at);
	/* Of the write buffer, so much is used; and without one it is a device of another kind. */
	uint32_t buffer_words_max;
	bool needs_buffer;
};

extern const struct nor_commands nor_intel, nor_amd;

struct nor_flash {
	struct flash flash;
	const struct nor_commands *commands;
	volatile nor_word *base;
	uint32_t write_len; /* bytes that are programmed at once; a power of two */
};

/*
 * Makes @nor the @len bytes at @addr, of the device that begins at @window. NULL, or why it can't be used:
 * then it has no blocks, and all operations fail.
 */
const char *nor_flash_init(struct nor_flash *nor, void *addr, size_t len, const void *window);

/* The first word of the block that @at is in. */
static inline volatile nor_word *nor_block(const struct nor_flash *nor, volatile nor_word *at)
{
	const size_t words = nor->flash.block_len / NOR_WORD_LEN;

	return nor->base + (size_t)(at - nor->base) / words * words;
}

#endif /* SECURE_PORT_BARE_NOR_FLASH_H */
