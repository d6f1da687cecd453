// SPDX-License-Identifier: BSD-3-Clause
/* Words of a generator behind registers, each when the generator says that there is one. */
#include <secure/port/bare/entropy_mmio.h>
#include <secure/wipe.h>
#include <stdbool.h>
#include <string.h>

/* Generators make some KiB a second at least; a read of a register takes 0.1 us or so. */
#define ATTEMPTS_MAX 1000000u

static volatile uint32_t *reg(volatile void *base, uint32_t offset)
{
	return (volatile uint32_t *)((volatile uint8_t *)base + offset);
}

static bool wait_for_word(volatile void *base, const struct entropy_mmio *regs)
{
	for (uint32_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		const uint32_t status = *reg(base, regs->status);

		if (status & regs->failed)
			return false;
		if ((status & regs->ready) == regs->ready)
			return true;
	}
	return false;
}

int entropy_mmio(volatile void *base, const struct entropy_mmio *regs, uint8_t *out, size_t len)
{
	uint32_t word = 0;
	int result = 0;

	if (regs->enable_value)
		*reg(base, regs->enable) = regs->enable_value;
	while (len && !result) {
		const size_t part = len < sizeof(word) ? len : sizeof(word);

		if (wait_for_word(base, regs)) {
			word = *reg(base, regs->data);
			memcpy(out, &word, part);
		} else {
			result = -1;
		}
		out += part;
		len -= part;
	}
	secure_wipe(&word, sizeof(word));
	return result;
}
