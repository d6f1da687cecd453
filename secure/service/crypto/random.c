// SPDX-License-Identifier: BSD-3-Clause
/* The random bit generator of a partition: see random.h. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/platform_util.h>
#include <secure/service/crypto/random.h>
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

/* For AES-256: 256 bits and as many again for a source that gives half of what it promises. */
#define ENTROPY_LEN 64u
#define NONCE_LEN   16u

/*
 * Fresh entropy for each request: what somebody learns of the generator's state, or has twice
 * because a machine was copied or set back to a snapshot, tells nothing of the next request.
 */
#define FRESH_LEN 16u

/* Requests of the library, each of 1 KiB at most: new entropy after 1 MiB or before. */
#define RESEED_INTERVAL 1024

_Static_assert(MBEDTLS_CTR_DRBG_KEYSIZE == 32, "the generator is AES-256");

struct health {
	uint64_t word; /* the last one, which came @repetitions times in a row */
	unsigned int repetitions;
	unsigned int seen; /* bytes of this window */
	unsigned int same; /* of them those like @byte, the first */
	uint8_t byte;
};

static struct {
	mbedtls_ctr_drbg_context drbg;
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

static bool proportion_ok(struct health *health, uint8_t byte)
{
	if (health->seen == PROPORTION_WINDOW)
		health->seen = 0;
	if (!health->seen++) {
		health->byte = byte;
		health->same = 0;
	}
	if (byte == health->byte)
		health->same++;
	return health->same < PROPORTION_CUTOFF;
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
	for (size_t i = 0; i < len; i++)
		if (!proportion_ok(health, samples[i]))
			return "the source of entropy is biased";
	return NULL;
}

/* The first reason stays. */
static void fail(const char *reason)
{
	if (!generator.error)
		generator.error = reason;
	mbedtls_ctr_drbg_free(&generator.drbg);
	mbedtls_platform_zeroize(&generator.health, sizeof(generator.health));
}

/* What the library calls for entropy and nonce. */
static int tested_entropy(void *ctx, unsigned char *out, size_t len)
{
	(void)ctx;
	if (generator.source(out, len))
		generator.error = "the source of entropy fails";
	else
		generator.error = health_test(&generator.health, out, len);
	if (!generator.error)
		return 0;
	mbedtls_platform_zeroize(out, len);
	return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

static int start(void)
{
	static const unsigned char personalisation[] = "TSTEE partition's generator";
	uint8_t samples[STARTUP_LEN];
	int ret;

	ret = tested_entropy(NULL, samples, sizeof(samples));
	mbedtls_platform_zeroize(samples, sizeof(samples));
	if (ret)
		return ret;
	mbedtls_ctr_drbg_set_entropy_len(&generator.drbg, ENTROPY_LEN);
	mbedtls_ctr_drbg_set_reseed_interval(&generator.drbg, RESEED_INTERVAL);
	ret = mbedtls_ctr_drbg_set_nonce_len(&generator.drbg, NONCE_LEN);
	if (ret)
		return ret;
	return mbedtls_ctr_drbg_seed(&generator.drbg, tested_entropy, NULL, personalisation,
				     sizeof(personalisation) - 1);
}

int random_init(random_source source)
{
	random_exit();
	generator.source = source;
	generator.error = NULL;
	mbedtls_ctr_drbg_init(&generator.drbg);
	if (!start())
		return 0;
	fail("the generator cannot be seeded");
	return -1;
}

int random_get(uint8_t *out, size_t len)
{
	uint8_t fresh[FRESH_LEN];
	size_t fresh_len = sizeof(fresh), done = 0;

	if (!generator.error && tested_entropy(NULL, fresh, sizeof(fresh)))
		fail(generator.error);
	while (!generator.error && done < len) {
		const size_t part = len - done < MBEDTLS_CTR_DRBG_MAX_REQUEST ?
					    len - done :
					    MBEDTLS_CTR_DRBG_MAX_REQUEST;

		if (mbedtls_ctr_drbg_random_with_add(&generator.drbg, out + done, part, fresh,
						     fresh_len))
			fail("the generator fails");
		/* Once is enough: the state is another one then. */
		fresh_len = 0;
		done += part;
	}
	mbedtls_platform_zeroize(fresh, sizeof(fresh));
	if (!generator.error)
		return 0;
	mbedtls_platform_zeroize(out, len);
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
