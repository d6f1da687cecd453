// SPDX-License-Identifier: BSD-3-Clause
/* SHA-1 and SHA-2, SHA-512/224 and SHA-512/256 among them, which the core's own code hasn't. */
#include <openssl/digest.h>
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <secure/engine/internal.h>
#include <string.h>

union state {
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha512;
};

_Static_assert(sizeof(union state) <= sizeof(((struct engine_hash *)NULL)->state),
	       "a hash must fit into the operation of the PSA core");

struct hash {
	psa_algorithm_t alg;
	enum engine_family family;
	size_t len;
	const EVP_MD *(*md)(void); /* for signatures and encryption; NULL: not for these */
	void (*init)(void *state);
	void (*update)(void *state, const void *data, size_t len);
	void (*final)(uint8_t *out, void *state);
	uint8_t answer[PSA_HASH_MAX_SIZE]; /* of "abc", FIPS 180-4 */
};

/* AWS-LC's functions have each a type of its own; they can't fail. */
#define FUNCTIONS(NAME)                                                      \
	static void NAME##_init(void *state)                                 \
	{                                                                    \
		NAME##_Init(state);                                          \
	}                                                                    \
	static void NAME##_update(void *state, const void *data, size_t len) \
	{                                                                    \
		NAME##_Update(state, data, len);                             \
	}                                                                    \
	static void NAME##_final(uint8_t *out, void *state)                  \
	{                                                                    \
		NAME##_Final(out, state);                                    \
	}

FUNCTIONS(SHA1)
FUNCTIONS(SHA224)
FUNCTIONS(SHA256)
FUNCTIONS(SHA384)
FUNCTIONS(SHA512)
FUNCTIONS(SHA512_224)
FUNCTIONS(SHA512_256)

/* clang-format off */
static const struct hash hashes[] = {
	{ PSA_ALG_SHA_1, ENGINE_SHA1, 20, EVP_sha1, SHA1_init, SHA1_update, SHA1_final, {
		0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71,
		0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
	} },
	{ PSA_ALG_SHA_224, ENGINE_SHA256, 28, EVP_sha224, SHA224_init, SHA224_update, SHA224_final, {
		0x23, 0x09, 0x7d, 0x22, 0x34, 0x05, 0xd8, 0x22, 0x86, 0x42, 0xa4, 0x77,
		0xbd, 0xa2, 0x55, 0xb3, 0x2a, 0xad, 0xbc, 0xe4, 0xbd, 0xa0, 0xb3, 0xf7,
		0xe3, 0x6c, 0x9d, 0xa7,
	} },
	{ PSA_ALG_SHA_256, ENGINE_SHA256, 32, EVP_sha256, SHA256_init, SHA256_update, SHA256_final, {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde,
		0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	} },
	{ PSA_ALG_SHA_384, ENGINE_SHA512, 48, EVP_sha384, SHA384_init, SHA384_update, SHA384_final, {
		0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b, 0xb5, 0xa0, 0x3d, 0x69,
		0x9a, 0xc6, 0x50, 0x07, 0x27, 0x2c, 0x32, 0xab, 0x0e, 0xde, 0xd1, 0x63,
		0x1a, 0x8b, 0x60, 0x5a, 0x43, 0xff, 0x5b, 0xed, 0x80, 0x86, 0x07, 0x2b,
		0xa1, 0xe7, 0xcc, 0x23, 0x58, 0xba, 0xec, 0xa1, 0x34, 0xc8, 0x25, 0xa7,
	} },
	{ PSA_ALG_SHA_512_224, ENGINE_SHA512, 28, NULL, SHA512_224_init, SHA512_224_update, SHA512_224_final, {
		0x46, 0x34, 0x27, 0x0f, 0x70, 0x7b, 0x6a, 0x54, 0xda, 0xae, 0x75, 0x30,
		0x46, 0x08, 0x42, 0xe2, 0x0e, 0x37, 0xed, 0x26, 0x5c, 0xee, 0xe9, 0xa4,
		0x3e, 0x89, 0x24, 0xaa,
	} },
	{ PSA_ALG_SHA_512_256, ENGINE_SHA512, 32, NULL, SHA512_256_init, SHA512_256_update, SHA512_256_final, {
		0x53, 0x04, 0x8e, 0x26, 0x81, 0x94, 0x1e, 0xf9, 0x9b, 0x2e, 0x29, 0xb7,
		0x6b, 0x4c, 0x7d, 0xab, 0xe4, 0xc2, 0xd0, 0xc6, 0x34, 0xfc, 0x6d, 0x46,
		0xe0, 0xe2, 0xf1, 0x31, 0x07, 0xe7, 0xaf, 0x23,
	} },
	{ PSA_ALG_SHA_512, ENGINE_SHA512, 64, EVP_sha512, SHA512_init, SHA512_update, SHA512_final, {
		0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba, 0xcc, 0x41, 0x73, 0x49,
		0xae, 0x20, 0x41, 0x31, 0x12, 0xe6, 0xfa, 0x4e, 0x89, 0xa9, 0x7e, 0xa2,
		0x0a, 0x9e, 0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a, 0x21, 0x92, 0x99, 0x2a,
		0x27, 0x4f, 0xc1, 0xa8, 0x36, 0xba, 0x3c, 0x23, 0xa3, 0xfe, 0xeb, 0xbd,
		0x45, 0x4d, 0x44, 0x23, 0x64, 0x3c, 0xe8, 0x0e, 0x2a, 0x9a, 0xc9, 0x4f,
		0xa5, 0x4c, 0xa4, 0x9f,
	} },
};
/* clang-format on */

static const struct hash *hash_of(psa_algorithm_t alg)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].alg == alg)
			return &hashes[i];
	}
	return NULL;
}

const EVP_MD *engine_md(psa_algorithm_t hash_alg)
{
	const struct hash *hash = hash_of(hash_alg);

	return hash && hash->md ? hash->md() : NULL;
}

psa_status_t engine_hash_setup(struct engine_hash *operation, psa_algorithm_t alg)
{
	const psa_status_t status = engine_ready(engine_family_of(PSA_KEY_TYPE_NONE, 0, alg));

	if (status != PSA_SUCCESS)
		return status;
	operation->alg = alg;
	hash_of(alg)->init(operation->state);
	return PSA_SUCCESS;
}

psa_status_t engine_hash_clone(const struct engine_hash *source, struct engine_hash *target)
{
	*target = *source;
	return PSA_SUCCESS;
}

psa_status_t engine_hash_update(struct engine_hash *operation, const uint8_t *input,
				size_t input_len)
{
	hash_of(operation->alg)->update(operation->state, input, input_len);
	return PSA_SUCCESS;
}

psa_status_t engine_hash_finish(struct engine_hash *operation, uint8_t *hash, size_t hash_size,
				size_t *hash_len)
{
	const struct hash *how = hash_of(operation->alg);

	*hash_len = 0;
	if (hash_size < how->len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	how->final(hash, operation->state);
	*hash_len = how->len;
	return PSA_SUCCESS;
}

psa_status_t engine_hash_abort(struct engine_hash *operation)
{
	OPENSSL_cleanse(operation, sizeof(*operation));
	return PSA_SUCCESS;
}

psa_status_t engine_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				 uint8_t *hash, size_t hash_size, size_t *hash_len)
{
	struct engine_hash operation;
	psa_status_t status = engine_hash_setup(&operation, alg);

	if (status != PSA_SUCCESS)
		return status;
	engine_hash_update(&operation, input, input_len);
	status = engine_hash_finish(&operation, hash, hash_size, hash_len);
	engine_hash_abort(&operation);
	return status;
}

bool engine_hash_test(enum engine_family family)
{
	uint8_t out[PSA_HASH_MAX_SIZE];
	union state state;

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		const struct hash *hash = &hashes[i];

		if (hash->family != family)
			continue;
		hash->init(&state);
		hash->update(&state, "abc", 3);
		hash->final(out, &state);
		if (memcmp(out, hash->answer, hash->len))
			return false;
	}
	return true;
}

bool engine_has_sha256(const uint8_t *data, size_t len,
		       const uint8_t expected[SHA256_DIGEST_LENGTH])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	SHA256(data, len, hash);
	return !memcmp(hash, expected, sizeof(hash));
}
