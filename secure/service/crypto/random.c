// SPDX-License-Identifier: BSD-3-Clause
/* The random bit generator of a partition: see random.h. */
#include <secure/engine/generator.h>
#include <secure/service/crypto/random.h>
#include <secure/wipe.h>
#include <string.h>

/* Start-up tests see at least so many samples (SP 800-90B, 4.3); they are thrown away. */
#define STARTUP_LEN 1024u

/*
 * Both health tests assume the full entropy that the source promises: what they must catch is
 * a source that broke or was never there; finer faults are for the tests inside the source,
 * which sees its noise before it is conditioned. Cutoffs are for false alarms below 2^-40 each,
 * so that even a partition that reseeds a thousand times a second sees none in its life.
 *
 * Repetition count (4.4.1). The sample is a word of 64 bits, because RNDRRS gives such words
 * and, stuck, would repeat them: H is 64, the cutoff 1 + ceil(40 / 64) = 2, a false alarm has
 * 2^-64 per word. A seed has more than two words: no seed comes of a stuck source.
 */
#define REPETITION_CUTOFF 2u

/*
 * Adaptive proportion (4.4.2). The sample is a byte, because words would never meet again in
 * a window that can be waited for: H is 8, W is 512 as for all samples that aren't bits. That
 * the first byte of a window comes 19 times more has, at p = 1/256, a chance of 2^-40.9.
 */
#define PROPORTION_WINDOW 512u
#define PROPORTION_CUTOFF 20u

/*
 * Fresh entropy for each request: what somebody learns of the generator's state, or has twice
 * because a machine was copied or set back to a snapshot, tells nothing of the next request.
 */
#define FRESH_LEN 16u

struct health {
	uint64_t word; /* the last one, which came @repetitions times in a row */
	unsigned int repetitions;
	size_t seen;	   /* bytes of this window */
	unsigned int same; /* of them those like @byte, the first */
	uint8_t byte;
};

static struct {
	struct health health;
	random_source source;
	const char *error; /* NULL: it runs */
} generator = { .error = "the generator is not started" };

/* Whether the word doesn't come too often in a row. */
static bool repetition_ok(struct health *health, uint64_t word)
{
	if (!health->repetitions || word != health->word) {
		health->word = word;
		health->repetitions = 0;
	}
	return ++health->repetitions < REPETITION_CUTOFF;
}

/* How many of the eight bytes are @byte. */
static unsigned int count_same(uint64_t word, uint8_t byte)
{
	const uint64_t ones = 0x0101010101010101u, low = 0x7f * ones;
	/* The highest bit of each byte that isn't the same; no byte's sum reaches the next one. */
	const uint64_t other = word ^ (byte * ones), differ = ((other & low) + low) | other;

	return 8 - (unsigned int)((((differ >> 7) & ones) * ones) >> 56);
}

/* Of @len bytes, as far as they are of one window; how many those are. */
static size_t proportion_step(struct health *health, const uint8_t *samples, size_t len)
{
	const size_t count =
		PROPORTION_WINDOW - health->seen < len ? PROPORTION_WINDOW - health->seen : len;
	const uint8_t byte = health->seen ? health->byte : samples[0];
	unsigned int same = health->seen ? health->same : 0;
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= count; i += sizeof(word)) {
		memcpy(&word, samples + i, sizeof(word));
		same += count_same(word, byte);
	}
	for (; i < count; i++)
		same += samples[i] == byte;
	health->byte = byte;
	health->same = same;
	health->seen = (health->seen + count) % PROPORTION_WINDOW;
	return count;
}

/* NULL, or which test all of the @len bytes together did not pass. */
static const char *health_test(struct health *health, const uint8_t *samples, size_t len)
{
	uint64_t word;

	for (size_t i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		memcpy(&word, samples + i, sizeof(word));
		if (!repetition_ok(health, word))
			return "the source of entropy is stuck";
	}
	while (len) {
		const size_t count = proportion_step(health, samples, len);

		if (health->same >= PROPORTION_CUTOFF)
			return "the source of entropy is biased";
		samples += count;
		len -= count;
	}
	return NULL;
}

/* The first reason stays. */
static void fail(const char *reason)
{
	if (!generator.error)
		generator.error = reason;
	engine_generator_stop();
	secure_wipe(&generator.health, sizeof(generator.health));
}

/* What the generator calls for its seeds. */
static int tested_entropy(uint8_t *out, size_t len)
{
	if (generator.source(out, len))
		generator.error = "the source of entropy fails";
	else
		generator.error = health_test(&generator.health, out, len);
	if (!generator.error)
		return 0;
	secure_wipe(out, len);
	return -1;
}

static bool start(void)
{
	uint8_t samples[STARTUP_LEN];
	const bool good = !tested_entropy(samples, sizeof(samples));

	secure_wipe(samples, sizeof(samples));
	return good && engine_generator_start(tested_entropy);
}

int random_init(random_source source)
{
	random_exit();
	generator.source = source;
	generator.error = NULL;
	if (start())
		return 0;
	fail("the generator cannot be seeded");
	return -1;
}

int random_get(uint8_t *out, size_t len)
{
	uint8_t fresh[FRESH_LEN];

	if (!generator.error && tested_entropy(fresh, sizeof(fresh)))
		fail(generator.error);
	if (!generator.error && !engine_generator_get(out, len, fresh, sizeof(fresh)))
		fail("the generator fails");
	secure_wipe(fresh, sizeof(fresh));
	if (!generator.error)
		return 0;
	secure_wipe(out, len);
	return -1;
}

const char *random_error(void)
{
	return generator.error;
}

void random_exit(void)
{
	generator.error = NULL;
	fail("the generator is not started");
	generator.source = NULL;
}
