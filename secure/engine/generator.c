// SPDX-License-Identifier: BSD-3-Clause
/*
 * See generator.h. The generator is AWS-LC's, without a derivation function: its entropy is full, and what is
 * mixed into a request costs a few blocks of AES.
 */
#include <openssl/ctrdrbg.h>
#include <openssl/mem.h>
#include <secure/engine/generator.h>
#include <secure/engine/internal.h>
#include <string.h>

#define RESEED_REQUESTS 1024u
#define RESEED_BYTES	(1024u * 1024u)
#define PART_LEN	(16u * 1024u)

_Static_assert(ENGINE_FRESH_LEN_MAX <= CTR_DRBG_ENTROPY_LEN, "what is mixed in must fit");
_Static_assert(PART_LEN <= CTR_DRBG_MAX_GENERATE_LENGTH, "a part is one request of the library");

static struct {
	CTR_DRBG_STATE *drbg;
	engine_entropy entropy;
	unsigned int requests;
	size_t bytes;
} generator;

static bool known_answers(enum engine_family family);

struct engine_test engine_generator_test = { known_answers, "CTR_DRBG", ENGINE_UNTESTED, false };

static bool reseed(void)
{
	uint8_t seed[CTR_DRBG_ENTROPY_LEN];
	const bool done = !generator.entropy(seed, sizeof(seed)) &&
			  CTR_DRBG_reseed(generator.drbg, seed, NULL, 0);

	OPENSSL_cleanse(seed, sizeof(seed));
	generator.requests = 0;
	generator.bytes = 0;
	return done;
}

bool engine_generator_start(engine_entropy entropy)
{
	static const uint8_t personalisation[] = "TSTEE partition's generator";
	uint8_t seed[CTR_DRBG_ENTROPY_LEN];

	engine_generator_stop();
	if (engine_try(&engine_generator_test, ENGINE_GENERATOR) != PSA_SUCCESS)
		return false;
	generator.entropy = entropy;
	if (!entropy(seed, sizeof(seed)))
		generator.drbg = CTR_DRBG_new(seed, personalisation, sizeof(personalisation) - 1);
	OPENSSL_cleanse(seed, sizeof(seed));
	/* As much again, for a source that gives half of what it promises. */
	return generator.drbg && reseed();
}

bool engine_generator_get(uint8_t *out, size_t len, const uint8_t *fresh, size_t fresh_len)
{
	if (!generator.drbg)
		return false;
	while (len) {
		const size_t part = len < PART_LEN ? len : PART_LEN;

		if ((generator.requests >= RESEED_REQUESTS || generator.bytes >= RESEED_BYTES) &&
		    !reseed())
			return false;
		if (!CTR_DRBG_generate(generator.drbg, out, part, fresh, fresh_len))
			return false;
		generator.requests++;
		generator.bytes += part;
		/* Once is enough: the state is another one then. */
		fresh_len = 0;
		out += part;
		len -= part;
	}
	return true;
}

void engine_generator_stop(void)
{
	CTR_DRBG_free(generator.drbg);
	memset(&generator, 0, sizeof(generator));
}

/*
 * Known answers: by SP 800-90A, 10.2.1, with OpenSSL's AES; seed, new seed and what is mixed in
 * are of the bytes 0, 1, 2 and so on.
 */
static bool known_answers(enum engine_family family)
{
	/* clang-format off */
	static const uint8_t first[] = {
		0xab, 0x9d, 0x1e, 0x28, 0x73, 0x45, 0x7d, 0x73, 0x24, 0x90, 0x31, 0xb2,
		0x21, 0xe6, 0x55, 0x1c, 0xe6, 0x84, 0x4b, 0xd8, 0x2c, 0xb5, 0xa7, 0x4f,
		0x7d, 0xb0, 0xdc, 0xe5, 0x0e, 0x15, 0x1f, 0x8d, 0x36, 0x95, 0x64, 0x28,
		0x28, 0xdb, 0x16, 0x92,
	};
	static const uint8_t second[] = {
		0x6d, 0x54, 0xeb, 0xcc, 0x71, 0x22, 0x87, 0x27, 0xb3, 0x04, 0xd9, 0xb0,
		0x10, 0x2b, 0xd4, 0xc3, 0x7f, 0xb6, 0x48, 0x71, 0x22, 0x05, 0x6f, 0x65,
		0x8f, 0x11, 0xd9, 0xc2, 0x91, 0x33, 0x96, 0xe5, 0x32, 0xea, 0xd0, 0x11,
		0x9c, 0x5e, 0x11, 0x40,
	};
	/* clang-format on */
	uint8_t bytes[2 * CTR_DRBG_ENTROPY_LEN + 16], out[sizeof(first)];
	CTR_DRBG_STATE *drbg;
	bool good;

	(void)family;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	drbg = CTR_DRBG_new(bytes, NULL, 0);
	good = drbg && CTR_DRBG_reseed(drbg, bytes + CTR_DRBG_ENTROPY_LEN, NULL, 0) &&
	       CTR_DRBG_generate(drbg, out, sizeof(out), bytes + 2 * CTR_DRBG_ENTROPY_LEN, 16) &&
	       !memcmp(out, first, sizeof(out)) &&
	       CTR_DRBG_generate(drbg, out, sizeof(out), NULL, 0) &&
	       !memcmp(out, second, sizeof(out));
	CTR_DRBG_free(drbg);
	return good;
}
