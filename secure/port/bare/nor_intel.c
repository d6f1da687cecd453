// SPDX-License-Identifier: BSD-3-Clause
/* The command set of Intel and Sharp (CFI: 0x0001 and 0x0003). See nor_flash.h. */
#include <secure/port/bare/nor_flash.h>
#include <secure/port/log.h>

#define CMD_READ_ARRAY	 NOR_EACH(0xff)
#define CMD_CLEAR_STATUS NOR_EACH(0x50)
#define CMD_ERASE	 NOR_EACH(0x20)
#define CMD_WRITE_BUFFER NOR_EACH(0xe8)
#define CMD_CONFIRM	 NOR_EACH(0xd0)

#define STATUS_READY	 NOR_EACH(0x80)
#define STATUS_ERRORS	 NOR_EACH(0x3a) /* erase, program, voltage, locked block */

static int wait_ready(volatile nor_word *at, nor_word *status)
{
	for (uint32_t i = 0; i < NOR_POLL_MAX; i++) {
		*status = nor_load(at);
		if ((*status & STATUS_READY) == STATUS_READY)
			return 0;
	}
	return -1;
}

/* Ends an operation: back to the array, whatever happened. */
static int finish(volatile nor_word *at, const char *what)
{
	nor_word status = 0;
	int ret = wait_ready(at, &status);

	if (!ret && (status & STATUS_ERRORS))
		ret = -1;
	if (ret) {
		log_line("nor flash: %s failed, status 0x%x", what, (unsigned int)status);
		nor_store(at, CMD_CLEAR_STATUS);
	}
	nor_store(at, CMD_READ_ARRAY);
	return ret;
}

static int program(const struct nor_flash *nor, volatile nor_word *at, const nor_word *words,
		   uint32_t count)
{
	nor_word status = 0;

	(void)nor;
	nor_store(at, CMD_CLEAR_STATUS);
	nor_store(at, CMD_WRITE_BUFFER);
	if (wait_ready(at, &status)) {
		log_line("nor flash: no write buffer, status 0x%x", (unsigned int)status);
		nor_store(at, CMD_READ_ARRAY);
		return -1;
	}
	nor_store(at, NOR_EACH(count - 1));
	for (uint32_t i = 0; i < count; i++)
		nor_store(at + i, words[i]);
	nor_store(at, CMD_CONFIRM);
	return finish(at, "program");
}

static int erase(const struct nor_flash *nor, volatile nor_word *at)
{
	(void)nor;
	nor_store(at, CMD_CLEAR_STATUS);
	nor_store(at, CMD_ERASE);
	nor_store(at, CMD_CONFIRM);
	return finish(at, "erase");
}

const struct nor_commands nor_intel = {
	.read_array = CMD_READ_ARRAY,
	.program = program,
	.erase = erase,
	/* A count of 16 bits. */
	.buffer_words_max = 0x10000,
	.needs_buffer = true,
};
