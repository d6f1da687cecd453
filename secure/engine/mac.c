// SPDX-License-Identifier: BSD-3-Clause
/* HMAC with the hashes of hash.c, in whose known answers it is, and AES-CMAC. */
#include <openssl/aes.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <string.h>

#define BLOCK_MAX 128u /* of a hash */

_Static_assert(sizeof(AES_KEY) <= sizeof(((struct engine_mac *)NULL)->u.cmac.key),
	       "a key must fit into the operation of the PSA core");

static AES_KEY *aes_of(struct engine_mac *operation)
{
	return (AES_KEY *)operation->u.cmac.key;
}

/* RFC 2104 */
static void hmac_start(struct engine_mac *operation, const uint8_t *key, size_t key_len)
{
	const psa_algorithm_t hash_alg = PSA_ALG_HMAC_GET_HASH(operation->alg);
	const size_t block_len = PSA_HASH_BLOCK_LENGTH(hash_alg);
	struct engine_hash *inner = &operation->u.hmac.inner, *outer = &operation->u.hmac.outer;
	uint8_t block[BLOCK_MAX] = { 0 };
	size_t hash_len;

	if (key_len > block_len) {
		engine_hash_start(inner, hash_alg);
		engine_hash_update(inner, key, key_len);
		engine_hash_finish(inner, block, sizeof(block), &hash_len);
	} else if (key_len) {
		memcpy(block, key, key_len);
	}
	for (size_t i = 0; i < block_len; i++)
		block[i] ^= 0x36;
	engine_hash_start(inner, hash_alg);
	engine_hash_update(inner, block, block_len);
	for (size_t i = 0; i < block_len; i++)
		block[i] ^= 0x36 ^ 0x5c;
	engine_hash_start(outer, hash_alg);
	engine_hash_update(outer, block, block_len);
	OPENSSL_cleanse(block, sizeof(block));
}

static size_t hmac_finish(struct engine_mac *operation, uint8_t mac[PSA_MAC_MAX_SIZE])
{
	struct engine_hash *inner = &operation->u.hmac.inner, *outer = &operation->u.hmac.outer;
	size_t len;

	engine_hash_finish(inner, mac, PSA_MAC_MAX_SIZE, &len);
	engine_hash_update(outer, mac, len);
	engine_hash_finish(outer, mac, PSA_MAC_MAX_SIZE, &len);
	return len;
}

static void cmac_block(struct engine_mac *operation)
{
	uint8_t *chain = operation->u.cmac.chain;

	for (size_t i = 0; i < AES_BLOCK_SIZE; i++)
		chain[i] ^= operation->u.cmac.last[i];
	AES_encrypt(chain, chain, aes_of(operation));
	operation->u.cmac.len = 0;
}

/* The last block waits for the end, even if it is whole. */
static void cmac_update(struct engine_mac *operation, const uint8_t *input, size_t len)
{
	while (len) {
		size_t part;

		if (operation->u.cmac.len == AES_BLOCK_SIZE)
			cmac_block(operation);
		part = AES_BLOCK_SIZE - operation->u.cmac.len;
		if (part > len)
			part = len;
		memcpy(operation->u.cmac.last + operation->u.cmac.len, input, part);
		operation->u.cmac.len += (uint32_t)part;
		input += part;
		len -= part;
	}
}

/* Times x in the field, SP 800-38B, 6.1. */
static void multiply(uint8_t block[AES_BLOCK_SIZE])
{
	const uint8_t out = block[0] >> 7;

	for (size_t i = 0; i < AES_BLOCK_SIZE - 1; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	block[AES_BLOCK_SIZE - 1] = (uint8_t)(block[AES_BLOCK_SIZE - 1] << 1 ^ (0x87 & -out));
}

static size_t cmac_finish(struct engine_mac *operation, uint8_t mac[PSA_MAC_MAX_SIZE])
{
	uint8_t *last = operation->u.cmac.last, subkey[AES_BLOCK_SIZE] = { 0 };
	const size_t len = operation->u.cmac.len;

	AES_encrypt(subkey, subkey, aes_of(operation));
	multiply(subkey);
	if (len < AES_BLOCK_SIZE) {
		multiply(subkey);
		last[len] = 0x80;
		memset(last + len + 1, 0, AES_BLOCK_SIZE - len - 1);
	}
	for (size_t i = 0; i < AES_BLOCK_SIZE; i++)
		last[i] ^= subkey[i];
	cmac_block(operation);
	memcpy(mac, operation->u.cmac.chain, AES_BLOCK_SIZE);
	OPENSSL_cleanse(subkey, sizeof(subkey));
	return AES_BLOCK_SIZE;
}

static bool start(struct engine_mac *operation, psa_algorithm_t alg, const uint8_t *key,
		  size_t key_len)
{
	memset(operation, 0, sizeof(*operation));
	operation->alg = PSA_ALG_FULL_LENGTH_MAC(alg);
	if (operation->alg == PSA_ALG_CMAC)
		return !AES_set_encrypt_key(key, (unsigned int)key_len * 8, aes_of(operation));
	hmac_start(operation, key, key_len);
	return true;
}

/* The whole MAC; its length. */
static size_t finish(struct engine_mac *operation, uint8_t mac[PSA_MAC_MAX_SIZE])
{
	return operation->alg == PSA_ALG_CMAC ? cmac_finish(operation, mac) :
						hmac_finish(operation, mac);
}

static psa_status_t setup(struct engine_mac *operation, const psa_key_attributes_t *attributes,
			  const uint8_t *key, size_t key_len, psa_algorithm_t alg)
{
	psa_status_t status;

	if (!PSA_ALG_IS_MAC(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	status = engine_ready(engine_family_for(attributes, alg));
	if (status != PSA_SUCCESS)
		return status;
	return start(operation, alg, key, key_len) ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

psa_status_t engine_mac_sign_setup(struct engine_mac *operation,
				   const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, attributes, key, key_len, alg);
}

psa_status_t engine_mac_verify_setup(struct engine_mac *operation,
				     const psa_key_attributes_t *attributes, const uint8_t *key,
				     size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, attributes, key, key_len, alg);
}

psa_status_t engine_mac_update(struct engine_mac *operation, const uint8_t *input, size_t input_len)
{
	if (operation->alg == PSA_ALG_CMAC) {
		cmac_update(operation, input, input_len);
		return PSA_SUCCESS;
	}
	return engine_hash_update(&operation->u.hmac.inner, input, input_len);
}

psa_status_t engine_mac_sign_finish(struct engine_mac *operation, uint8_t *mac, size_t mac_size,
				    size_t *mac_len)
{
	uint8_t whole[PSA_MAC_MAX_SIZE];
	const size_t len = finish(operation, whole);

	*mac_len = 0;
	if (mac_size <= len) {
		memcpy(mac, whole, mac_size);
		*mac_len = mac_size;
	}
	OPENSSL_cleanse(whole, sizeof(whole));
	return mac_size <= len ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t engine_mac_verify_finish(struct engine_mac *operation, const uint8_t *mac,
				      size_t mac_len)
{
	uint8_t whole[PSA_MAC_MAX_SIZE];
	psa_status_t status = PSA_SUCCESS;

	if (mac_len > finish(operation, whole))
		status = PSA_ERROR_INVALID_ARGUMENT;
	else if (CRYPTO_memcmp(mac, whole, mac_len))
		status = PSA_ERROR_INVALID_SIGNATURE;
	OPENSSL_cleanse(whole, sizeof(whole));
	return status;
}

psa_status_t engine_mac_abort(struct engine_mac *operation)
{
	OPENSSL_cleanse(operation, sizeof(*operation));
	return PSA_SUCCESS;
}

psa_status_t engine_mac_compute(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				size_t input_len, uint8_t *mac, size_t mac_size, size_t *mac_len)
{
	struct engine_mac operation;
	psa_status_t status = setup(&operation, attributes, key, key_len, alg);

	if (status != PSA_SUCCESS)
		return status;
	engine_mac_update(&operation, input, input_len);
	status = engine_mac_sign_finish(&operation, mac, mac_size, mac_len);
	engine_mac_abort(&operation);
	return status;
}

/* RFC 4231, 4.3, and RFC 2202, test case 2. */
bool engine_hmac_test(psa_algorithm_t hash_alg, const uint8_t *answer)
{
	static const uint8_t key[] = "Jefe", text[] = "what do ya want for nothing?";
	struct engine_mac operation;
	uint8_t mac[PSA_MAC_MAX_SIZE];
	bool good;

	start(&operation, PSA_ALG_HMAC(hash_alg), key, sizeof(key) - 1);
	engine_mac_update(&operation, text, sizeof(text) - 1);
	good = !memcmp(mac, answer, finish(&operation, mac));
	engine_mac_abort(&operation);
	return good;
}

/* SP 800-38B, D.1 and D.3: of 0 and 40 bytes by AES-128, of 64 by AES-256. */
struct answer {
	size_t key_len, len;
	uint8_t key[32], mac[AES_BLOCK_SIZE];
};

/* clang-format off */
static const uint8_t message[64] = {
	0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11,
	0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c,
	0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46,
	0xa3, 0x5c, 0xe4, 0x11, 0xe5, 0xfb, 0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef,
	0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f, 0x9b, 0x17, 0xad, 0x2b, 0x41, 0x7b,
	0xe6, 0x6c, 0x37, 0x10,
};

#define KEY_128 { \
	0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, \
	0x09, 0xcf, 0x4f, 0x3c, \
}
#define KEY_256 { \
	0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, \
	0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, \
	0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4, \
}

static const struct answer answers[] = {
	{ 16, 0, KEY_128, {
		0xbb, 0x1d, 0x69, 0x29, 0xe9, 0x59, 0x37, 0x28, 0x7f, 0xa3, 0x7d, 0x12,
		0x9b, 0x75, 0x67, 0x46,
	} },
	{ 16, 40, KEY_128, {
		0xdf, 0xa6, 0x67, 0x47, 0xde, 0x9a, 0xe6, 0x30, 0x30, 0xca, 0x32, 0x61,
		0x14, 0x97, 0xc8, 0x27,
	} },
	{ 32, 64, KEY_256, {
		0xe1, 0x99, 0x21, 0x90, 0x54, 0x9f, 0x6e, 0xd5, 0x69, 0x6a, 0x2c, 0x05,
		0x6c, 0x31, 0x54, 0x10,
	} },
};
/* clang-format on */

static bool is_right(const struct answer *answer)
{
	struct engine_mac operation;
	uint8_t mac[PSA_MAC_MAX_SIZE];
	bool good;

	if (!start(&operation, PSA_ALG_CMAC, answer->key, answer->key_len))
		return false;
	cmac_update(&operation, message, answer->len / 3);
	cmac_update(&operation, message + answer->len / 3, answer->len - answer->len / 3);
	good = finish(&operation, mac) == AES_BLOCK_SIZE &&
	       !memcmp(mac, answer->mac, AES_BLOCK_SIZE);
	engine_mac_abort(&operation);
	return good;
}

bool engine_cmac_test(enum engine_family family)
{
	(void)family;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (!is_right(&answers[i]))
			return false;
	}
	return true;
}
