// SPDX-License-Identifier: BSD-3-Clause
/* generator.h without an engine: Mbed TLS's generator, which has a derivation function. */
#include <mbedtls/ctr_drbg.h>
#include <secure/engine/generator.h>

/* For AES-256: 256 bits and as many again for a source that gives half of what it promises. */
#define ENTROPY_LEN 64u
#define NONCE_LEN   16u

/* Requests of the library, each of 1 KiB at most. */
#define RESEED_INTERVAL 1024

_Static_assert(MBEDTLS_CTR_DRBG_KEYSIZE == 32, "the generator is AES-256");
_Static_assert(ENGINE_FRESH_LEN_MAX <= MBEDTLS_CTR_DRBG_MAX_INPUT, "what is mixed in must fit");

static mbedtls_ctr_drbg_context drbg;
static engine_entropy source;

static int entropy_for_library(void *ctx, unsigned char *out, size_t len)
{
	(void)ctx;
	return source(out, len) ? MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED : 0;
}

bool engine_generator_start(engine_entropy entropy)
{
	static const unsigned char personalisation[] = "TSTEE partition's generator";

	engine_generator_stop();
	source = entropy;
	mbedtls_ctr_drbg_init(&drbg);
	mbedtls_ctr_drbg_set_entropy_len(&drbg, ENTROPY_LEN);
	mbedtls_ctr_drbg_set_reseed_interval(&drbg, RESEED_INTERVAL);
	return !mbedtls_ctr_drbg_set_nonce_len(&drbg, NONCE_LEN) &&
	       !mbedtls_ctr_drbg_seed(&drbg, entropy_for_library, NULL, personalisation,
				      sizeof(personalisation) - 1);
}

bool engine_generator_get(uint8_t *out, size_t len, const uint8_t *fresh, size_t fresh_len)
{
	if (!source)
		return false;
	while (len) {
		const size_t part =
			len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;

		if (mbedtls_ctr_drbg_random_with_add(&drbg, out, part, fresh, fresh_len))
			return false;
		/* Once is enough: the state is another one then. */
		fresh_len = 0;
		out += part;
		len -= part;
	}
	return true;
}

void engine_generator_stop(void)
{
	if (source)
		mbedtls_ctr_drbg_free(&drbg);
	source = NULL;
}
