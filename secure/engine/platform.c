// SPDX-License-Identifier: BSD-3-Clause
/*
 * What AWS-LC asks for: random bytes, which are its host's; a place for errors, of which one
 * matters; and at S-EL0, where nobody can be asked, what the processor has.
 */
#include <openssl/chacha.h>
#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/rand.h>
#include <secure/engine/awslc.h>
#include <secure/engine/internal.h>
#include <stdlib.h>
#include <string.h>

#define SEED_LEN 32u

/* Bytes are ChaCha20's under the seed, each call's with a nonce of its own. */
static struct {
	uint8_t seed[SEED_LEN];
	uint64_t calls;
	bool seeded;
} generator;

static bool no_memory;
static struct engine_host host;

void engine_platform_init(const struct engine_host *given)
{
	host = *given;
}

psa_status_t engine_random(uint8_t *out, size_t len)
{
	return host.random ? host.random(out, len) : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

psa_status_t engine_random_begin(void)
{
	const psa_status_t status = engine_random(generator.seed, SEED_LEN);

	generator.calls = 0;
	generator.seeded = status == PSA_SUCCESS;
	return status;
}

void engine_random_test(void)
{
	memset(&generator, 0, sizeof(generator));
	generator.seeded = true;
}

void engine_random_end(void)
{
	OPENSSL_cleanse(&generator, sizeof(generator));
}

/* AWS-LC passes the hash of a private key and what it signs: a weak seed is then not all there is. */
int RAND_bytes_with_user_prediction_resistance(uint8_t *out, size_t out_len,
					       const uint8_t user[SEED_LEN])
{
	uint8_t key[SEED_LEN], nonce[12] = { 0 };

	/* Neither a result nor an error would be looked at. */
	if (!generator.seeded)
		abort();
	generator.calls++;
	memcpy(nonce, &generator.calls, sizeof(generator.calls));
	for (size_t i = 0; i < SEED_LEN; i++)
		key[i] = generator.seed[i] ^ user[i];
	memset(out, 0, out_len);
	CRYPTO_chacha_20(out, out, out_len, key, nonce, 0);
	OPENSSL_cleanse(key, sizeof(key));
	return 1;
}

int RAND_bytes(uint8_t *out, size_t out_len)
{
	static const uint8_t nothing[SEED_LEN];

	return RAND_bytes_with_user_prediction_resistance(out, out_len, nothing);
}

/* AVX2's loads want 32. */
#define SCRATCH_ALIGN 64u

void *engine_scratch_take(size_t len)
{
	void *scratch = aligned_alloc(SCRATCH_ALIGN,
				      (len + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN);

	no_memory |= !scratch;
	return scratch;
}

void engine_scratch_give(void *scratch, size_t len)
{
	OPENSSL_cleanse(scratch, len);
	free(scratch);
}

void engine_error_clear(void)
{
	no_memory = false;
}

bool engine_error_memory(void)
{
	return no_memory;
}

void ERR_put_error(int library, int unused, int reason, const char *file, unsigned int line)
{
	(void)library;
	(void)unused;
	(void)file;
	(void)line;
	no_memory |= reason == ERR_R_MALLOC_FAILURE;
}

void ERR_clear_error(void)
{
}

uint32_t ERR_peek_error(void)
{
	return 0;
}

uint32_t ERR_peek_last_error(void)
{
	return 0;
}

void ERR_add_error_dataf(const char *format, ...)
{
	(void)format;
}

/* Where there is no fork it is always the same. */
uint64_t CRYPTO_get_fork_ube_generation(void)
{
	return 1;
}

/* No key has them: they come of a certificate's. */
void RSASSA_PSS_PARAMS_free(struct rsassa_pss_params_st *params)
{
	(void)params;
}

#if defined(__aarch64__) && !defined(__linux__)

#include <openssl/arm_arch.h>

/* A partition can't read the ID registers. Without a list these are what it is compiled for. */
void OPENSSL_cpuid_setup(void)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} features[] = {
		{ "aes", ARMV8_AES },	  { "pmull", ARMV8_PMULL },   { "sha1", ARMV8_SHA1 },
		{ "sha2", ARMV8_SHA256 }, { "sha512", ARMV8_SHA512 }, { "sha3", ARMV8_SHA3 },
	};

	OPENSSL_armcap_P = ARMV7_NEON;
	if (!host.has) {
		OPENSSL_armcap_P |= ARMV8_AES | ARMV8_PMULL | ARMV8_SHA1 | ARMV8_SHA256;
		return;
	}
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (host.has(features[i].name))
			OPENSSL_armcap_P |= features[i].bit;
	}
}

#endif
