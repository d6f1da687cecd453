// SPDX-License-Identifier: BSD-3-Clause
/* See nor_model.h. */
#include "nor_model.h"
#include "cmocka_all.h"
#include <secure/port/bare/boot.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Addresses of the device, which nobody may use but through the functions below. */
#define SPACE_LEN (64u * 1024u * 1024u)

/* Reads that see an operation run; the second chip takes longer. */
#define BUSY_READS 3u

/* What a bus reads as that nobody drives. */
#define FLOATING NOR_EACH(0x2f5b)

/* Longest write buffer, words. */
#define BUFFER_WORDS_MAX 1024u

enum state {
	ARRAY,
	QUERY,
	/* Intel's. */
	STATUS,
	I_COUNT,
	I_DATA,
	I_CONFIRM,
	I_ERASE,
	/* AMD's: unlock cycles, behind 0x80 again; what follows a command. */
	A_FIRST,
	A_SECOND,
	A_WORD,
	A_COUNT,
	A_DATA,
	A_CONFIRM,
	A_ERASE,
	A_ERASE_FIRST,
	A_ERASE_SECOND,
	A_BUSY,
	A_FAILED,
	A_ABORTED,
};

struct nor_device nor_device;
uint64_t nor_model_loads, nor_model_stores;

static struct flash_model *backing;
static uint8_t *space;
static enum state state;
static uint32_t reads_left;
static nor_word status;
/* The buffer: its first address in the flash, words that are still to come, and words. */
static uint32_t buffer_at, buffer_left, buffer_count;
static nor_word buffer[BUFFER_WORDS_MAX];
/* Where AMD's chips are polled, and what they read as in the end. */
static uint32_t polled_at, polled_len;
static bool toggle;

static uint32_t block_words(void)
{
	return backing->flash.block_len / NOR_WORD_LEN;
}

/* Which word of the flash, or not less than all there are. */
static uint32_t word_of(const volatile nor_word *at)
{
	return (uint32_t)(((uintptr_t)at - (uintptr_t)space - nor_device.offset) / NOR_WORD_LEN);
}

static nor_word array(uint32_t word)
{
	nor_word value;

	if (word >= backing->len / NOR_WORD_LEN) {
		backing->misuse++;
		return FLOATING;
	}
	memcpy(&value, backing->bytes + word * NOR_WORD_LEN, sizeof(value));
	return value;
}

static nor_word query(uint32_t index)
{
	const uint32_t units = backing->flash.block_len / NOR_CHIPS / 256;

	switch (index) {
	case 0x10:
		return NOR_EACH('Q');
	case 0x11:
		return NOR_EACH('R');
	case 0x12:
		return NOR_EACH('Y');
	case 0x13:
		return NOR_EACH(nor_device.commands & 0xff);
	case 0x14:
		return NOR_EACH(nor_device.commands >> 8);
	case 0x2a:
		return NOR_EACH(nor_device.buffer_bits);
	case 0x2c:
		return NOR_EACH(nor_device.regions);
	case 0x2f:
		return NOR_EACH(units & 0xff);
	case 0x30:
		return NOR_EACH(units >> 8);
	default:
		return NOR_EACH(0);
	}
}

/* Does what is in the buffer; false: it went wrong. */
static bool program(void)
{
	/* The model takes words of 32 bits; what is around stays as it is. */
	static _Alignas(4) uint8_t bytes[BUFFER_WORDS_MAX * sizeof(nor_word) + 8];
	const uint32_t start = buffer_at * NOR_WORD_LEN, skip = start % FLASH_WORD_LEN;
	uint32_t len = skip + buffer_count * NOR_WORD_LEN;

	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes + skip, buffer, buffer_count * NOR_WORD_LEN);
	len = (len + FLASH_WORD_LEN - 1) / FLASH_WORD_LEN * FLASH_WORD_LEN;
	return !backing->flash.ops->program(&backing->flash, start - skip, bytes, len);
}

static bool erase(uint32_t word)
{
	return !backing->flash.ops->erase(&backing->flash, word / block_words());
}

static nor_word bits_of_chip(uint32_t chip, uint32_t value)
{
	return (nor_word)(value << 16 * chip);
}

/* AMD's chips while they work: bit 7 is wrong, 6 toggles; and when bit 7 is right, others aren't yet. */
static nor_word amd_working(nor_word final)
{
	nor_word value = 0;

	toggle = !toggle;
	for (uint32_t chip = 0; chip < NOR_CHIPS; chip++) {
		const uint32_t mine = final >> 16 * chip & 0xffff;
		uint32_t shown = (mine & 0x80) ^ 0x80;

		/* The last chip is the slowest. */
		if (reads_left <= NOR_CHIPS - 1 - chip)
			shown = mine;
		else if (reads_left == NOR_CHIPS - chip)
			shown = mine ^ 0x7f;
		if (toggle)
			shown ^= 0x40;
		value |= bits_of_chip(chip, shown);
	}
	return value;
}

/* One chip has failed, and the other is through. */
static nor_word amd_failed(nor_word final, uint32_t bit)
{
	const uint32_t mine = final >> 16 * (NOR_CHIPS - 1) & 0xffff;

	return (nor_word)((final & ~bits_of_chip(NOR_CHIPS - 1, 0xffff)) |
			  bits_of_chip(NOR_CHIPS - 1, ((mine & 0x80) ^ 0x80) | bit));
}

static nor_word load_amd(uint32_t word)
{
	nor_word final;

	if (state == ARRAY)
		return array(word);
	final = array(polled_at + polled_len - 1);
	if (word < polled_at || word >= polled_at + polled_len)
		backing->misuse++;
	if (nor_device.silent)
		return amd_working(final);
	if (state == A_BUSY) {
		const nor_word shown = amd_working(final);

		if (!--reads_left)
			state = ARRAY;
		return shown;
	}
	return amd_failed(final, state == A_ABORTED ? 0x02 : 0x20);
}

nor_word nor_load(const volatile nor_word *at)
{
	const uint32_t word = word_of(at);

	nor_model_loads++;
	if (nor_device.absent || !backing->powered)
		return FLOATING;
	if (state == QUERY)
		return query((uint32_t)(((uintptr_t)at - (uintptr_t)space) / NOR_WORD_LEN));
	if (nor_device.amd)
		return load_amd(word);
	if (state == ARRAY)
		return array(word);
	if (nor_device.silent || reads_left) {
		reads_left -= !!reads_left;
		/* One of the chips may be ready before the other. */
		return reads_left ? NOR_EACH(0) : bits_of_chip(0, NOR_CHIPS == 2 ? 0x80 : 0);
	}
	return status;
}

static void intel_end(bool done, uint32_t error)
{
	state = STATUS;
	reads_left = BUSY_READS;
	status = NOR_EACH(0x80);
	if (!done)
		status |= bits_of_chip(NOR_CHIPS - 1, error);
}

static void store_intel(uint32_t word, nor_word value)
{
	switch (state) {
	case I_COUNT:
		buffer_left = buffer_count = (value & 0xffff) + 1;
		if (value != NOR_EACH(value & 0xffff) ||
		    buffer_count * 2 > 1u << nor_device.buffer_bits)
			backing->misuse++;
		state = I_DATA;
		return;
	case I_DATA:
		if (buffer_left == buffer_count)
			buffer_at = word;
		if (word != buffer_at + buffer_count - buffer_left)
			backing->misuse++;
		buffer[buffer_count - buffer_left] = value;
		if (!--buffer_left)
			state = I_CONFIRM;
		return;
	case I_CONFIRM:
	case I_ERASE:
		if (value != NOR_EACH(0xd0))
			backing->misuse++;
		else if (state == I_ERASE)
			intel_end(erase(word), 0x20);
		else
			intel_end(program(), 0x10);
		return;
	default:
		break;
	}
	if (value == NOR_EACH(0xff) || value == NOR_EACH(0xf0)) {
		state = ARRAY;
	} else if (value == NOR_EACH(0x50)) {
		status = NOR_EACH(0x80);
	} else if (value == NOR_EACH(0x98)) {
		state = QUERY;
	} else if (value == NOR_EACH(0xe8)) {
		state = I_COUNT;
		status = NOR_EACH(0x80);
		reads_left = BUSY_READS;
	} else if (value == NOR_EACH(0x20)) {
		state = I_ERASE;
	} else {
		backing->misuse++;
	}
}

static void amd_end(bool done, uint32_t at, uint32_t len, enum state failed)
{
	polled_at = at;
	polled_len = len;
	reads_left = BUSY_READS + NOR_CHIPS;
	state = done ? A_BUSY : failed;
}

static void amd_data(uint32_t word, nor_word value)
{
	const uint32_t page = nor_device.buffer_bits ? (1u << nor_device.buffer_bits) / 2 : 1;

	if (buffer_left == buffer_count)
		buffer_at = word;
	/* All in one page of the buffer, and what a real device would fail at: no bit is set. */
	if (word != buffer_at + buffer_count - buffer_left || word / page != buffer_at / page ||
	    (value & ~array(word)))
		backing->misuse++;
	buffer[buffer_count - buffer_left] = value;
	buffer_left--;
}

static void store_amd(uint32_t word, nor_word value)
{
	const bool first = (word & 0x7ff) == 0x555, second = (word & 0x7ff) == 0x2aa;

	switch (state) {
	case A_BUSY:
		backing->misuse++;
		return;
	case A_FAILED:
		if (value == NOR_EACH(0xf0))
			state = ARRAY;
		return;
	case A_ABORTED: {
		/* The long reset only. */
		static uint32_t step;

		if (step == 0 && first && value == NOR_EACH(0xaa)) {
			step = 1;
		} else if (step == 1 && second && value == NOR_EACH(0x55)) {
			step = 2;
		} else {
			if (step == 2 && value == NOR_EACH(0xf0))
				state = ARRAY;
			step = 0;
		}
		return;
	}
	case A_FIRST:
	case A_ERASE_FIRST:
		if (!second || value != NOR_EACH(0x55))
			backing->misuse++;
		state = state == A_FIRST ? A_SECOND : A_ERASE_SECOND;
		return;
	case A_SECOND:
		buffer_left = buffer_count = 1;
		if (first && value == NOR_EACH(0xa0)) {
			state = A_WORD;
		} else if (first && value == NOR_EACH(0x80)) {
			state = A_ERASE;
		} else if (value == NOR_EACH(0x25) && nor_device.buffer_bits) {
			state = A_COUNT;
			polled_at = word;
		} else {
			backing->misuse += value != NOR_EACH(0xf0);
			state = ARRAY;
		}
		return;
	case A_WORD:
		amd_data(word, value);
		amd_end(program(), buffer_at, 1, A_FAILED);
		return;
	case A_COUNT:
		buffer_left = buffer_count = (value & 0xffff) + 1;
		if (word != polled_at || value != NOR_EACH(value & 0xffff) ||
		    buffer_count * 2 > 1u << nor_device.buffer_bits)
			backing->misuse++;
		state = A_DATA;
		return;
	case A_DATA:
		amd_data(word, value);
		if (!buffer_left)
			state = A_CONFIRM;
		return;
	case A_CONFIRM:
		if (value != NOR_EACH(0x29) || word / block_words() != buffer_at / block_words())
			backing->misuse++;
		/* Whichever way it fails. */
		amd_end(program(), buffer_at + buffer_count - 1, 1,
			buffer_at & 1 ? A_FAILED : A_ABORTED);
		return;
	case A_ERASE:
		if (!first || value != NOR_EACH(0xaa))
			backing->misuse++;
		state = A_ERASE_FIRST;
		return;
	case A_ERASE_SECOND:
		if (value != NOR_EACH(0x30))
			backing->misuse++;
		word = word / block_words() * block_words();
		amd_end(erase(word), word, block_words(), A_FAILED);
		return;
	default:
		break;
	}
	if (first && value == NOR_EACH(0xaa)) {
		state = A_FIRST;
	} else if (value == NOR_EACH(0x98) && (word & 0xff) == 0x55) {
		state = QUERY;
	} else {
		/* Intel's is none of its commands, and does nothing. */
		backing->misuse += value != NOR_EACH(0xf0) && value != NOR_EACH(0xff);
		state = ARRAY;
	}
}

void nor_store(volatile nor_word *at, nor_word value)
{
	const uint32_t word = word_of(at);

	nor_model_stores++;
	if (nor_device.absent || !backing->powered)
		return;
	if (word >= backing->len / NOR_WORD_LEN)
		backing->misuse++;
	else if (nor_device.amd)
		store_amd(word, value);
	else
		store_intel(word, value);
}

/* The partition's, which isn't there. */
int boot_device_region(const char *name, void **addr, size_t *len)
{
	(void)name;
	(void)addr;
	(void)len;
	return -1;
}

void log_line(const char *format, ...)
{
	(void)format;
}

noreturn void partition_panic(const char *reason)
{
	fail_msg("%s", reason);
	abort();
}

struct flash *nor_model_open(struct flash_model *flash, const char **problem)
{
	static struct nor_flash nor;

	if (!space)
		space = mmap(NULL, SPACE_LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(space != MAP_FAILED);
	backing = flash;
	state = ARRAY;
	reads_left = 0;
	*problem = nor_flash_init(&nor, space + nor_device.offset, flash->len, space);
	return &nor.flash;
}

/* Nobody goes on without power: reading is an error then, as from the model by itself. */
static struct flash *device;

static int device_read(struct flash *flash, uint32_t offset, void *buf, uint32_t len)
{
	(void)flash;
	return backing->powered ? device->ops->read(device, offset, buf, len) : -1;
}

static int device_program(struct flash *flash, uint32_t offset, const void *buf, uint32_t len)
{
	(void)flash;
	return device->ops->program(device, offset, buf, len);
}

static int device_erase(struct flash *flash, uint32_t block)
{
	(void)flash;
	return device->ops->erase(device, block);
}

struct flash *nor_model_device(struct flash_model *flash)
{
	static const struct flash_ops ops = { device_read, device_program, device_erase };
	static struct flash powered;
	const char *problem;

	nor_device.commands = nor_device.amd ? 2 : 1;
	nor_device.regions = 1;
	nor_device.buffer_bits = 9;
	nor_device.offset = 0x400000;
	device = nor_model_open(flash, &problem);
	assert_null(problem);
	powered = (struct flash){ &ops, device->block_len, device->block_count };
	return &powered;
}
