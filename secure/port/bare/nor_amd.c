// SPDX-License-Identifier: BSD-3-Clause
/*
 * The command set of AMD, Fujitsu and Spansion (CFI: 0x0002). See nor_flash.h. A command begins with
 * two unlock cycles at addresses of which chips look at the low bits only. While an operation runs, bit 7
 * of what is read is the complement of what it will be (data polling); bit 5 says that it took too
 * long, bit 1 that the write buffer was given up.
 */
#include <secure/port/bare/nor_flash.h>
#include <secure/port/log.h>

#define UNLOCK_FIRST	 0x555
#define UNLOCK_SECOND	 0x2aa

#define CMD_RESET	 NOR_EACH(0xf0)
#define CMD_PROGRAM	 NOR_EACH(0xa0)
#define CMD_WRITE_BUFFER NOR_EACH(0x25)
#define CMD_CONFIRM	 NOR_EACH(0x29)
#define CMD_ERASE	 NOR_EACH(0x80)
#define CMD_ERASE_BLOCK	 NOR_EACH(0x30)

/* The longest write buffers have 512 bytes a chip. */
#define BUFFER_WORDS_MAX 256u

#define DATA_POLLING	 NOR_EACH(0x80)
#define TOO_LONG	 NOR_EACH(0x20)
#define BUFFER_ABORT	 NOR_EACH(0x02)

/* The region begins where a block does, so that its low bits of addresses are the chips'. */
static void unlock(const struct nor_flash *nor)
{
	nor_store(nor->base + UNLOCK_FIRST, NOR_EACH(0xaa));
	nor_store(nor->base + UNLOCK_SECOND, NOR_EACH(0x55));
}

static void command(const struct nor_flash *nor, nor_word value)
{
	unlock(nor);
	nor_store(nor->base + UNLOCK_FIRST, value);
}

/*
 * Ends an operation after which @at reads as @wanted: back to the array, whatever happened. @failed:
 * bits that say of a busy chip that it won't end.
 */
static int finish(const struct nor_flash *nor, volatile nor_word *at, nor_word wanted,
		  nor_word failed, const char *what)
{
	nor_word status = 0, busy = DATA_POLLING;

	for (uint32_t i = 0; i < NOR_POLL_MAX && busy; i++) {
		status = nor_load(at);
		busy = (status ^ wanted) & DATA_POLLING;
		status &= failed;
		if (((status & TOO_LONG) << 2 | (status & BUFFER_ABORT) << 6) & busy)
			break;
	}
	/* A chip may have ended while it said so; and the other bits come a read after bit 7. */
	status = nor_load(at);
	if (status == wanted)
		return 0;
	log_line("nor flash: %s failed, status 0x%x", what, (unsigned int)status);
	/* A buffer that was given up needs the long form of the reset; it does for all else, too. */
	command(nor, CMD_RESET);
	nor_store(nor->base, CMD_RESET);
	return -1;
}

/* What the array has afterwards: a bit that was cleared stays so, and a chip that is to set one fails. */
static nor_word combined(volatile nor_word *at, nor_word word)
{
	return (nor_word)(nor_load(at) & word);
}

static int program_word(const struct nor_flash *nor, volatile nor_word *at, nor_word word)
{
	command(nor, CMD_PROGRAM);
	nor_store(at, word);
	return finish(nor, at, word, TOO_LONG, "program");
}

static int program_buffer(const struct nor_flash *nor, volatile nor_word *at, const nor_word *words,
			  uint32_t count)
{
	volatile nor_word *block = nor_block(nor, at);
	/* The array can't be read any more once the command has begun. */
	nor_word old[BUFFER_WORDS_MAX], last = 0;

	for (uint32_t i = 0; i < count; i++)
		old[i] = combined(at + i, words[i]);
	unlock(nor);
	nor_store(block, CMD_WRITE_BUFFER);
	nor_store(block, NOR_EACH(count - 1));
	for (uint32_t i = 0; i < count; i++) {
		last = old[i];
		nor_store(at + i, last);
	}
	nor_store(block, CMD_CONFIRM);
	return finish(nor, at + count - 1, last, TOO_LONG | BUFFER_ABORT, "program");
}

static int program(const struct nor_flash *nor, volatile nor_word *at, const nor_word *words,
		   uint32_t count)
{
	return nor->write_len > NOR_WORD_LEN ? program_buffer(nor, at, words, count) :
					       program_word(nor, at, combined(at, *words));
}

static int erase(const struct nor_flash *nor, volatile nor_word *at)
{
	command(nor, CMD_ERASE);
	unlock(nor);
	nor_store(at, CMD_ERASE_BLOCK);
	return finish(nor, at, NOR_EACH(0xffff), TOO_LONG, "erase");
}

const struct nor_commands nor_amd = {
	.read_array = CMD_RESET,
	.program = program,
	.erase = erase,
	.buffer_words_max = BUFFER_WORDS_MAX,
};
