// SPDX-License-Identifier: BSD-3-Clause
/*
 * ML-DSA and HashML-DSA (FIPS 204), with the empty context. A private key is its seed, of which the rest is
 * made for each signature: it is twenty to a hundred times as long.
 */
#include <ml_dsa.h>
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <secure/engine/internal.h>
#include <string.h>

#define SEED_LEN   PSA_VENDOR_ML_DSA_SEED_SIZE
#define RANDOM_LEN MLDSA44_SIGNATURE_SEED_BYTES

/* What goes before the message: kind, length of the context, and of a hash its OID in DER. */
#define PREFIX_LEN_MAX 13u

struct prefix {
	uint8_t bytes[PREFIX_LEN_MAX];
	size_t len;
};

static const struct level {
	enum engine_family family;
	size_t bits;
	int (*make)(uint8_t *public_key, uint8_t *private_key, const uint8_t *seed);
	int (*sign)(const uint8_t *private_key, uint8_t *sig, size_t *sig_len,
		    const uint8_t *message, size_t message_len, const uint8_t *pre, size_t pre_len,
		    const uint8_t *rnd);
	int (*verify)(const uint8_t *public_key, const uint8_t *sig, size_t sig_len,
		      const uint8_t *message, size_t message_len, const uint8_t *pre,
		      size_t pre_len);
	/* SHA-256 of what the seed 0, 1, 2... has as public key, and of its signature of "abc". */
	uint8_t public[SHA256_DIGEST_LENGTH];
	uint8_t signature[SHA256_DIGEST_LENGTH];
} levels[] = {
	{ ENGINE_MLDSA44,
	  128,
	  ml_dsa_44_keypair_internal,
	  ml_dsa_44_sign_internal,
	  ml_dsa_44_verify_internal,
	  { 0x9f, 0x10, 0x76, 0x44, 0xc1, 0x08, 0x45, 0x26, 0xaf, 0x3b, 0xc8,
	    0x09, 0x86, 0x80, 0xb0, 0x54, 0x99, 0xa2, 0x32, 0x5a, 0x64, 0x4e,
	    0x38, 0x8f, 0xb4, 0xf9, 0x70, 0xe0, 0x58, 0xd1, 0x9d, 0x46 },
	  { 0x9c, 0x2a, 0xfc, 0x5d, 0xb0, 0xe1, 0x5c, 0x19, 0x99, 0x77, 0xbe,
	    0x79, 0xea, 0xee, 0x52, 0xca, 0x0b, 0x53, 0x8a, 0x1b, 0x6f, 0x80,
	    0x39, 0xdc, 0xac, 0x03, 0x2a, 0x06, 0x12, 0x0c, 0xfa, 0x87 } },
	{ ENGINE_MLDSA65,
	  192,
	  ml_dsa_65_keypair_internal,
	  ml_dsa_65_sign_internal,
	  ml_dsa_65_verify_internal,
	  { 0xd6, 0x66, 0x80, 0x6e, 0x11, 0xce, 0xe1, 0x9a, 0x7c, 0x98, 0x9f,
	    0x74, 0x45, 0xf9, 0x0d, 0xd4, 0x19, 0xcf, 0x4d, 0x2d, 0x51, 0xdb,
	    0x8c, 0x0f, 0xdb, 0x4c, 0x0f, 0x0a, 0x54, 0x22, 0x38, 0xc9 },
	  { 0x4b, 0x01, 0xe9, 0x8d, 0xfa, 0xa0, 0x62, 0xb0, 0xef, 0x64, 0xc9,
	    0x49, 0xf5, 0x0d, 0x2e, 0xe9, 0x23, 0xd8, 0x2f, 0x72, 0x13, 0x79,
	    0x72, 0x7d, 0x16, 0x0c, 0xe6, 0xfc, 0xca, 0xa8, 0xa6, 0xe6 } },
	{ ENGINE_MLDSA87,
	  256,
	  ml_dsa_87_keypair_internal,
	  ml_dsa_87_sign_internal,
	  ml_dsa_87_verify_internal,
	  { 0x91, 0xdc, 0x38, 0x9c, 0xfa, 0xa0, 0x14, 0x70, 0xb7, 0xf6, 0x6e,
	    0xee, 0x45, 0xa4, 0xae, 0x90, 0x26, 0xd1, 0x54, 0x81, 0x7c, 0x75,
	    0x4d, 0xfe, 0x22, 0x29, 0x8b, 0x3f, 0xa2, 0x41, 0xff, 0xcd },
	  { 0x91, 0xe6, 0x60, 0x98, 0x15, 0x65, 0x7b, 0x40, 0x5b, 0x68, 0x68,
	    0xf9, 0xd7, 0xef, 0x71, 0xee, 0x78, 0x82, 0xe6, 0x2a, 0x3f, 0x56,
	    0x09, 0x65, 0x71, 0x56, 0x00, 0x7c, 0xdd, 0x9a, 0x21, 0x37 } },
};

static const struct level *level_of(enum engine_family family)
{
	return &levels[family - ENGINE_MLDSA44];
}

/* What is made of a seed; on the heap, since a partition's stack is short. */
struct pair {
	uint8_t public[MLDSA87_PUBLIC_KEY_BYTES];
	uint8_t private[MLDSA87_PRIVATE_KEY_BYTES];
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

	if (pair && !level->make(pair->public, pair->private, seed)) {
		pair_free(pair);
		pair = NULL;
	}
	return pair;
}

/* FIPS 204, 5.2 and 5.4; the OIDs are those of the PQC Extension, table 1. */
static psa_status_t prefix_of(psa_algorithm_t alg, size_t input_len, struct prefix *prefix)
{
	static const struct {
		psa_algorithm_t hash;
		uint8_t last;
	} oids[] = {
		{ PSA_ALG_SHA_256, 0x01 },  { PSA_ALG_SHA_384, 0x02 },
		{ PSA_ALG_SHA_512, 0x03 },  { PSA_ALG_SHA_512_256, 0x06 },
		{ PSA_ALG_SHA3_256, 0x08 }, { PSA_ALG_SHA3_384, 0x09 },
		{ PSA_ALG_SHA3_512, 0x0a },
	};
	static const uint8_t start[] = { 1,    0,    0x06, 0x09, 0x60, 0x86,
					 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };
	const psa_algorithm_t hash = PSA_ALG_CATEGORY_HASH | (alg & PSA_ALG_HASH_MASK);

	*prefix = (struct prefix){ .len = 2 };
	if (PSA_ALG_IS_ML_DSA(alg))
		return PSA_SUCCESS;
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		if (oids[i].hash != hash)
			continue;
		memcpy(prefix->bytes, start, sizeof(start));
		prefix->bytes[sizeof(start)] = oids[i].last;
		prefix->len = sizeof(start) + 1;
		return input_len == PSA_HASH_LENGTH(hash) ? PSA_SUCCESS :
							    PSA_ERROR_INVALID_ARGUMENT;
	}
	return PSA_ERROR_NOT_SUPPORTED;
}

static bool is_deterministic(psa_algorithm_t alg)
{
	return alg == PSA_ALG_DETERMINISTIC_ML_DSA || PSA_ALG_IS_DETERMINISTIC_HASH_ML_DSA(alg);
}

psa_status_t engine_mldsa_check(enum engine_family family, bool pair, size_t key_len)
{
	const size_t bits = level_of(family)->bits;

	return key_len == (pair ? SEED_LEN : PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(bits)) ?
		       PSA_SUCCESS :
		       PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t engine_mldsa_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				 size_t data_size, size_t *data_len)
{
	const struct level *level = level_of(family);
	const size_t len = PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(level->bits);
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

psa_status_t engine_mldsa_sign(enum engine_family family, const uint8_t *key, psa_algorithm_t alg,
			       const uint8_t *input, size_t input_len, uint8_t *signature,
			       size_t signature_size, size_t *signature_len)
{
	const struct level *level = level_of(family);
	uint8_t random[RANDOM_LEN] = { 0 };
	struct prefix prefix;
	struct pair *pair;
	psa_status_t status;

	status = prefix_of(alg, input_len, &prefix);
	if (status != PSA_SUCCESS)
		return status;
	if (signature_size < PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(level->bits))
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (!is_deterministic(alg))
		status = engine_random(random, sizeof(random));
	if (status != PSA_SUCCESS)
		return status;
	pair = pair_of(level, key);
	if (!pair || !level->sign(pair->private, signature, signature_len, input, input_len,
				  prefix.bytes, prefix.len, random))
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	pair_free(pair);
	OPENSSL_cleanse(random, sizeof(random));
	return status;
}

psa_status_t engine_mldsa_verify(enum engine_family family, bool is_pair, const uint8_t *key,
				 psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				 const uint8_t *signature, size_t signature_len)
{
	const struct level *level = level_of(family);
	struct pair *pair = NULL;
	struct prefix prefix;
	psa_status_t status;

	status = prefix_of(alg, input_len, &prefix);
	if (status != PSA_SUCCESS)
		return status;
	if (signature_len != PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(level->bits))
		return PSA_ERROR_INVALID_SIGNATURE;
	if (is_pair) {
		pair = pair_of(level, key);
		if (!pair)
			return engine_failed(PSA_ERROR_GENERIC_ERROR);
	}
	if (!level->verify(pair ? pair->public : key, signature, signature_len, input, input_len,
			   prefix.bytes, prefix.len))
		status = engine_failed(PSA_ERROR_INVALID_SIGNATURE);
	pair_free(pair);
	return status;
}

/* Calculated by OpenSSL 3.5. */
bool engine_mldsa_test(enum engine_family family)
{
	const struct level *level = level_of(family);
	static const uint8_t message[] = { 'a', 'b', 'c' };
	const size_t room = MLDSA87_SIGNATURE_BYTES;
	uint8_t seed[SEED_LEN], *data = engine_scratch_take(room);
	bool good = false;
	size_t len;

	if (!data)
		return false;
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	if (!engine_mldsa_public(family, seed, data, room, &len) &&
	    engine_has_sha256(data, len, level->public) &&
	    !engine_mldsa_sign(family, seed, PSA_ALG_DETERMINISTIC_ML_DSA, message, sizeof(message),
			       data, room, &len) &&
	    engine_has_sha256(data, len, level->signature))
		good = !engine_mldsa_verify(family, true, seed, PSA_ALG_ML_DSA, message,
					    sizeof(message), data, len) &&
		       engine_mldsa_verify(family, true, seed, PSA_ALG_ML_DSA, message, 0, data,
					   len) == PSA_ERROR_INVALID_SIGNATURE;
	engine_scratch_give(data, room);
	return good;
}
