// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ed25519 and Ed25519ph (RFC 8032), with the empty context. A private key is its seed of 32 bytes;
 * public keys are points, checked when they come in.
 */
#include <openssl/curve25519.h>
#include <openssl/mem.h>
#include <secure/engine/awslc.h>
#include <secure/engine/internal.h>
#include <string.h>

/*
 * The encodings, without the sign, of the points of small order: by such a key what verifies for one
 * message verifies for one in eight others, at least.
 */
static const uint8_t small_order[][ED25519_PUBLIC_KEY_LEN] = {
	{ 0x00 },
	{ 0x01 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

/* AWS-LC's private key: the seed, and the public key behind it. */
static void pair_of(const uint8_t *seed, uint8_t pair[ED25519_PRIVATE_KEY_LEN])
{
	uint8_t *public = pair + ED25519_SEED_LEN;
	uint8_t made[ED25519_PUBLIC_KEY_LEN];
	struct engine_public_name name;

	memcpy(pair, seed, ED25519_SEED_LEN);
	if (engine_public_find(ENGINE_ED25519, seed, ED25519_SEED_LEN, &name, public, sizeof(made)))
		return;
	ED25519_keypair_from_seed(made, pair, seed);
	engine_public_keep(&name, made, sizeof(made));
}

psa_status_t engine_ed25519_check(bool pair, const uint8_t *key, size_t key_len)
{
	uint8_t y[ED25519_PUBLIC_KEY_LEN];

	if (key_len != sizeof(y))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (pair)
		return PSA_SUCCESS;
	memcpy(y, key, sizeof(y));
	y[sizeof(y) - 1] &= 0x7f;
	for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++) {
		if (!memcmp(y, small_order[i], sizeof(y)))
			return PSA_ERROR_INVALID_ARGUMENT;
	}
	return ED25519_check_public_key(key) ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t engine_ed25519_public(const uint8_t *key, uint8_t *data, size_t data_size,
				   size_t *data_len)
{
	uint8_t pair[ED25519_PRIVATE_KEY_LEN];

	if (data_size < ED25519_PUBLIC_KEY_LEN)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	pair_of(key, pair);
	memcpy(data, pair + ED25519_SEED_LEN, ED25519_PUBLIC_KEY_LEN);
	*data_len = ED25519_PUBLIC_KEY_LEN;
	OPENSSL_cleanse(pair, sizeof(pair));
	return PSA_SUCCESS;
}

/* Ed25519ph is asked for with the hash. */
static psa_status_t check_input(psa_algorithm_t alg, size_t len)
{
	if (alg == PSA_ALG_PURE_EDDSA)
		return PSA_SUCCESS;
	if (alg != PSA_ALG_ED25519PH)
		return PSA_ERROR_NOT_SUPPORTED;
	return len == PSA_HASH_LENGTH(PSA_ALG_SHA_512) ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t engine_ed25519_sign(const uint8_t *key, psa_algorithm_t alg, const uint8_t *input,
				 size_t input_len, uint8_t *signature, size_t signature_size,
				 size_t *signature_len)
{
	psa_status_t status = check_input(alg, input_len);
	uint8_t pair[ED25519_PRIVATE_KEY_LEN];
	int done;

	if (status != PSA_SUCCESS)
		return status;
	if (signature_size < ED25519_SIGNATURE_LEN)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	pair_of(key, pair);
	if (alg == PSA_ALG_PURE_EDDSA)
		done = ED25519_sign(signature, input, input_len, pair);
	else
		done = ED25519ph_sign_digest(signature, input, pair, NULL, 0);
	OPENSSL_cleanse(pair, sizeof(pair));
	if (!done)
		return engine_failed(PSA_ERROR_GENERIC_ERROR);
	*signature_len = ED25519_SIGNATURE_LEN;
	return PSA_SUCCESS;
}

psa_status_t engine_ed25519_verify(bool pair, const uint8_t *key, psa_algorithm_t alg,
				   const uint8_t *input, size_t input_len, const uint8_t *signature,
				   size_t signature_len)
{
	psa_status_t status = check_input(alg, input_len);
	uint8_t public[ED25519_PUBLIC_KEY_LEN];
	size_t len;
	int good;

	if (status != PSA_SUCCESS)
		return status;
	if (signature_len != ED25519_SIGNATURE_LEN)
		return PSA_ERROR_INVALID_SIGNATURE;
	if (pair)
		(void)engine_ed25519_public(key, public, sizeof(public), &len);
	else
		memcpy(public, key, sizeof(public));
	if (alg == PSA_ALG_PURE_EDDSA)
		good = ED25519_verify(input, input_len, signature, public);
	else
		good = ED25519ph_verify_digest(input, signature, public, NULL, 0);
	return good ? PSA_SUCCESS : engine_failed(PSA_ERROR_INVALID_SIGNATURE);
}

/* RFC 8032, 7.1, test 2. */
bool engine_ed25519_test(enum engine_family family)
{
	static const uint8_t seed[] = { 0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda,
					0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
					0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24,
					0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb };
	static const uint8_t public[] = { 0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
					  0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
					  0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
					  0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c };
	static const uint8_t expected[] = {
		0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
		0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
		0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
		0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
		0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00
	};
	static const uint8_t message[] = { 0x72 };
	uint8_t signature[ED25519_SIGNATURE_LEN];
	size_t len;

	(void)family;
	if (engine_ed25519_sign(seed, PSA_ALG_PURE_EDDSA, message, sizeof(message), signature,
				sizeof(signature), &len) != PSA_SUCCESS ||
	    memcmp(signature, expected, sizeof(expected)))
		return false;
	if (engine_ed25519_verify(false, public, PSA_ALG_PURE_EDDSA, message, sizeof(message),
				  signature, len) != PSA_SUCCESS)
		return false;
	return engine_ed25519_verify(false, public, PSA_ALG_PURE_EDDSA, message, 0, signature,
				     len) == PSA_ERROR_INVALID_SIGNATURE;
}
