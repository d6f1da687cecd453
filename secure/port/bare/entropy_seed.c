// SPDX-License-Identifier: BSD-3-Clause
/*
 * Bytes of a seed that firmware left: by the C library's arc4random, which is ChaCha20 with its key replaced after
 * each use, so that what is in memory later doesn't tell what came before. Owns the seed until it has been asked for.
 */
#include <secure/port/bare/entropy_seed.h>
#include <secure/wipe.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool seeded;
static uint32_t words[ENTROPY_SEED_WORDS];

/*
 * For arc4random, which asks for as much as a seed has when it begins, and now and then later, to mix it in: then
 * there is nothing new. Without a seed it can't go on.
 */
int getentropy(void *out, size_t len)
{
	if (!seeded)
		return -1;
	memset(out, 0, len);
	memcpy(out, words, len < sizeof(words) ? len : sizeof(words));
	secure_wipe(words, sizeof(words));
	return 0;
}

/* What it does when that fails. */
int raise(int signal)
{
	(void)signal;
	abort();
}

static bool take(volatile struct entropy_seed *memory)
{
	if (memory->magic != ENTROPY_SEED_MAGIC)
		return false;
	memory->magic = 0;
	for (size_t i = 0; i < ENTROPY_SEED_WORDS; i++) {
		words[i] = memory->words[i];
		memory->words[i] = 0;
	}
	return true;
}

int entropy_seed(volatile struct entropy_seed *memory, uint8_t *out, size_t len)
{
	if (!seeded)
		seeded = take(memory);
	if (!seeded)
		return -1;
	arc4random_buf(out, len);
	return 0;
}
