// SPDX-License-Identifier: BSD-3-Clause
/*
 * ML-KEM (FIPS 203). A private key is its seeds d and z, of which the rest is made for each call; the
 * numbers of a public key are below q, checked when it comes in.
 */
#include <ml_kem.h>
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <secure/engine/internal.h>
#include <string.h>

#define SEED_LEN   PSA_VENDOR_ML_KEM_SEED_SIZE
#define RANDOM_LEN MLKEM512_ENCAPS_SEED_LEN

/* These functions of AWS-LC return 0 when all went well, unlike those of ML-DSA. */
static const struct level {
	enum engine_family family;
	size_t bits;
	int (*make)(uint8_t *public_key, size_t *public_len, uint8_t *secret_key,
		    size_t *secret_len, const uint8_t *seed);
	int (*encapsulate)(uint8_t *ciphertext, size_t *ciphertext_len, uint8_t *secret,
			   size_t *secret_len, const uint8_t *public_key, const uint8_t *seed);
	int (*decapsulate)(uint8_t *secret, size_t *secret_len, const uint8_t *ciphertext,
			   const uint8_t *secret_key);
	int (*check)(const uint8_t *public_key, size_t public_len);
	/*
	 * SHA-256 of what the seeds 0, 1, 2... have as public key and of what it encapsulates with
	 * the random bytes 0, 1, 2...; and the secret.
	 */
	uint8_t public[SHA256_DIGEST_LENGTH];
	uint8_t ciphertext[SHA256_DIGEST_LENGTH];
	uint8_t secret[ENGINE_SECRET_LEN];
} levels[] = {
	{ ENGINE_MLKEM512,
	  512,
	  ml_kem_512_keypair_deterministic,
	  ml_kem_512_encapsulate_deterministic,
	  ml_kem_512_decapsulate,
	  ml_kem_512_check_pk,
	  { 0x3a, 0xe2, 0x68, 0xdc, 0xcc, 0x54, 0x56, 0xac, 0x0d, 0x0f, 0x9b,
	    0x39, 0x25, 0x7d, 0xc4, 0x8f, 0xe0, 0x81, 0x38, 0x3b, 0x97, 0xc4,
	    0x00, 0x51, 0x2d, 0x71, 0x2b, 0x73, 0x97, 0x62, 0xda, 0xee },
	  { 0xf3, 0xc5, 0xb3, 0x12, 0x73, 0xa0, 0xca, 0xb8, 0x8b, 0x74, 0x83,
	    0x7e, 0xbd, 0x75, 0x9b, 0x0a, 0x99, 0x5d, 0xb1, 0x3b, 0xd2, 0xc6,
	    0x29, 0x35, 0x7f, 0xf2, 0x20, 0xbb, 0x1d, 0x8e, 0x31, 0xc4 },
	  { 0x40, 0xa8, 0x32, 0xe4, 0x18, 0xf1, 0x0e, 0x10, 0x00, 0xbd, 0xa5,
	    0xfa, 0xef, 0x8f, 0x68, 0x2e, 0x85, 0x03, 0x9d, 0xc6, 0x57, 0x2d,
	    0xad, 0x28, 0xe4, 0x36, 0xb6, 0x50, 0x21, 0x03, 0x1b, 0x6f } },
	{ ENGINE_MLKEM768,
	  768,
	  ml_kem_768_keypair_deterministic,
	  ml_kem_768_encapsulate_deterministic,
	  ml_kem_768_decapsulate,
	  ml_kem_768_check_pk,
	  { 0x0b, 0x79, 0x34, 0xc8, 0x31, 0x25, 0xc7, 0x88, 0x99, 0x5e, 0x2b,
	    0xa6, 0xbd, 0x76, 0x1e, 0x33, 0x04, 0x6b, 0x3e, 0x40, 0x57, 0x1b,
	    0xe5, 0x3e, 0x02, 0x33, 0x09, 0xa2, 0x9f, 0x39, 0x8c, 0xc9 },
	  { 0x39, 0x82, 0x6f, 0xe4, 0x0d, 0xc5, 0x4a, 0x3f, 0xef, 0x68, 0xb7,
	    0xc2, 0x28, 0xed, 0x8f, 0xb2, 0x29, 0x31, 0x01, 0x2b, 0x6f, 0xa3,
	    0xbd, 0x3e, 0x7f, 0x20, 0x4d, 0x54, 0xdb, 0x0a, 0xc1, 0xe1 },
	  { 0x42, 0xf5, 0x58, 0xb0, 0xbc, 0x5d, 0x70, 0x0a, 0x91, 0x1b, 0x0f,
	    0xc6, 0x7f, 0x62, 0x37, 0x6f, 0x7a, 0xee, 0x46, 0x67, 0xf1, 0x96,
	    0x9e, 0x03, 0xf1, 0x8b, 0xdf, 0xdf, 0x3c, 0x59, 0xfb, 0xdc } },
	{ ENGINE_MLKEM1024,
	  1024,
	  ml_kem_1024_keypair_deterministic,
	  ml_kem_1024_encapsulate_deterministic,
	  ml_kem_1024_decapsulate,
	  ml_kem_1024_check_pk,
	  { 0xc7, 0xb8, 0xfa, 0x0a, 0xa4, 0x71, 0xd5, 0xae, 0x18, 0x92, 0x2d,
	    0x6c, 0xca, 0xd5, 0xb3, 0x1e, 0x1d, 0x84, 0xf9, 0x2a, 0xe7, 0x23,
	    0xab, 0xfd, 0x13, 0x74, 0x70, 0x18, 0x74, 0x0a, 0x85, 0x30 },
	  { 0x2a, 0xf1, 0xb2, 0x80, 0x74, 0xd3, 0x8e, 0x27, 0x87, 0x48, 0x5b,
	    0x29, 0x4d, 0x8f, 0x44, 0x68, 0x36, 0x45, 0xad, 0xc7, 0x49, 0xc1,
	    0xe4, 0xc6, 0x2b, 0xac, 0xbd, 0x48, 0x47, 0xf0, 0x2c, 0x5f },
	  { 0x73, 0x8a, 0x88, 0xcd, 0x9a, 0x25, 0x86, 0x1e, 0x9a, 0x37, 0xc6,
	    0x5a, 0x67, 0xec, 0x1b, 0x39, 0xf0, 0x69, 0xae, 0xd9, 0x64, 0x6e,
	    0xde, 0x89, 0x41, 0x0a, 0xce, 0x47, 0xa9, 0x6a, 0x9b, 0x57 } },
};

static const struct level *level_of(enum engine_family family)
{
	return &levels[family - ENGINE_MLKEM512];
}

/* What is made of the seeds; on the heap, since a partition's stack is short. */
struct pair {
	uint8_t public[MLKEM1024_PUBLIC_KEY_BYTES];
	uint8_t private[MLKEM1024_SECRET_KEY_BYTES];
};

static void pair_free(struct pair *pair)
{
	if (pair)
		engine_scratch_give(pair, sizeof(*pair));
}

/* NULL: no memory. */
static struct pair *pair_of(const struct level *level, const uint8_t *seed)
{
	struct pair *pair = engine_scratch_take(sizeof(*pair));
	size_t public_len = sizeof(pair->public), private_len = sizeof(pair->private);

	if (pair && level->make(pair->public, &public_len, pair->private, &private_len, seed)) {
		pair_free(pair);
		pair = NULL;
	}
	return pair;
}

psa_status_t engine_mlkem_check(enum engine_family family, bool pair, const uint8_t *key,
				size_t key_len)
{
	const struct level *level = level_of(family);

	if (key_len != (pair ? SEED_LEN : PSA_VENDOR_ML_KEM_PUBLIC_KEY_SIZE(level->bits)))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (pair || !level->check(key, key_len))
		return PSA_SUCCESS;
	return engine_failed(PSA_ERROR_INVALID_ARGUMENT);
}

psa_status_t engine_mlkem_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				 size_t data_size, size_t *data_len)
{
	const struct level *level = level_of(family);
	const size_t len = PSA_VENDOR_ML_KEM_PUBLIC_KEY_SIZE(level->bits);
	struct pair *pair;

	if (data_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	pair = pair_of(level, key);
	if (!pair)
		return engine_failed(PSA_ERROR_GENERIC_ERROR);
	memcpy(data, pair->public, len);
	*data_len = len;
	pair_free(pair);
	return PSA_SUCCESS;
}

static psa_status_t encapsulate(const struct level *level, bool is_pair, const uint8_t *key,
				const uint8_t random[RANDOM_LEN], uint8_t secret[ENGINE_SECRET_LEN],
				uint8_t *ciphertext, size_t *ciphertext_len)
{
	size_t secret_len = ENGINE_SECRET_LEN;
	struct pair *pair = NULL;
	psa_status_t status = PSA_SUCCESS;

	if (is_pair) {
		pair = pair_of(level, key);
		if (!pair)
			return engine_failed(PSA_ERROR_GENERIC_ERROR);
	}
	*ciphertext_len = PSA_VENDOR_ML_KEM_CIPHERTEXT_SIZE(level->bits);
	if (level->encapsulate(ciphertext, ciphertext_len, secret, &secret_len,
			       pair ? pair->public : key, random))
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	pair_free(pair);
	return status;
}

psa_status_t engine_mlkem_encapsulate(enum engine_family family, bool is_pair, const uint8_t *key,
				      uint8_t secret[ENGINE_SECRET_LEN], uint8_t *ciphertext,
				      size_t ciphertext_size, size_t *ciphertext_len)
{
	const struct level *level = level_of(family);
	uint8_t random[RANDOM_LEN];
	psa_status_t status;

	if (ciphertext_size < PSA_VENDOR_ML_KEM_CIPHERTEXT_SIZE(level->bits))
		return PSA_ERROR_BUFFER_TOO_SMALL;
	status = engine_random(random, sizeof(random));
	if (status == PSA_SUCCESS)
		status = encapsulate(level, is_pair, key, random, secret, ciphertext,
				     ciphertext_len);
	OPENSSL_cleanse(random, sizeof(random));
	return status;
}

psa_status_t engine_mlkem_decapsulate(enum engine_family family, const uint8_t *key,
				      const uint8_t *ciphertext, size_t ciphertext_len,
				      uint8_t secret[ENGINE_SECRET_LEN])
{
	const struct level *level = level_of(family);
	size_t secret_len = ENGINE_SECRET_LEN;
	psa_status_t status = PSA_SUCCESS;
	struct pair *pair;

	if (ciphertext_len != PSA_VENDOR_ML_KEM_CIPHERTEXT_SIZE(level->bits))
		return PSA_ERROR_INVALID_ARGUMENT;
	pair = pair_of(level, key);
	if (!pair || level->decapsulate(secret, &secret_len, ciphertext, pair->private))
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	pair_free(pair);
	return status;
}

/* Calculated by OpenSSL 3.5. */
bool engine_mlkem_test(enum engine_family family)
{
	const struct level *level = level_of(family);
	const size_t room = MLKEM1024_CIPHERTEXT_BYTES;
	uint8_t seed[SEED_LEN], secret[ENGINE_SECRET_LEN], *data = engine_scratch_take(room);
	bool good = false;
	size_t len;

	if (!data)
		return false;
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	if (!engine_mlkem_public(family, seed, data, room, &len) &&
	    engine_has_sha256(data, len, level->public) &&
	    !encapsulate(level, true, seed, seed, secret, data, &len) &&
	    engine_has_sha256(data, len, level->ciphertext) &&
	    !memcmp(secret, level->secret, sizeof(secret)) &&
	    !engine_mlkem_decapsulate(family, seed, data, len, secret))
		good = !memcmp(secret, level->secret, sizeof(secret));
	engine_scratch_give(data, room);
	return good;
}
