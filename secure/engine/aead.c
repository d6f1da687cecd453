// SPDX-License-Identifier: BSD-3-Clause
/* AES-GCM and ChaCha20-Poly1305 in one call; in parts: aead_parts.c. Unusual lengths are left to the PSA core's own code. */
#include <openssl/aead.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <secure/engine/storage.h>
#include <string.h>

#define TAG_LEN 16u

/* AES-GCM by the key's length; NULL: it has none. */
static const EVP_AEAD *gcm_of(size_t key_len)
{
	switch (key_len) {
	case 16:
		return EVP_aead_aes_128_gcm();
	case 24:
		return EVP_aead_aes_192_gcm();
	case 32:
		return EVP_aead_aes_256_gcm();
	default:
		return NULL;
	}
}

/* Is it taken? Then *@family is GCM or ChaCha20-Poly1305. */
static psa_status_t ready(const psa_key_attributes_t *attributes, psa_algorithm_t alg,
			  size_t nonce_len, enum engine_family *family)
{
	const size_t tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(alg);
	psa_status_t status;

	if (!PSA_ALG_IS_AEAD(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	*family = engine_family_for(attributes, alg);
	status = engine_ready(*family);
	if (status != PSA_SUCCESS)
		return status;
	if (*family == ENGINE_CHACHA)
		return nonce_len == ENGINE_CHACHA_NONCE_LEN && tag_len == TAG_LEN ?
			       PSA_SUCCESS :
			       PSA_ERROR_NOT_SUPPORTED;
	/* SP 800-38D, 5.2.1.2 */
	if (!nonce_len || (tag_len != 4 && tag_len != 8 && (tag_len < 12 || tag_len > TAG_LEN)))
		return PSA_ERROR_NOT_SUPPORTED;
	return PSA_SUCCESS;
}

static bool start(EVP_AEAD_CTX *ctx, const uint8_t *key, size_t key_len, size_t tag_len)
{
	const EVP_AEAD *aead = gcm_of(key_len);

	return aead && EVP_AEAD_CTX_init(ctx, aead, key, key_len, tag_len, NULL);
}

static void stop(EVP_AEAD_CTX *ctx)
{
	EVP_AEAD_CTX_cleanup(ctx);
	OPENSSL_cleanse(ctx, sizeof(*ctx));
}

psa_status_t engine_aead_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				 size_t key_len, psa_algorithm_t alg, const uint8_t *nonce,
				 size_t nonce_len, const uint8_t *ad, size_t ad_len,
				 const uint8_t *plaintext, size_t plaintext_len,
				 uint8_t *ciphertext, size_t ciphertext_size,
				 size_t *ciphertext_len)
{
	const size_t tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(alg);
	const struct engine_chacha chacha = { key,	 nonce,	     ad,	   ad_len,
					      plaintext, ciphertext, plaintext_len };
	enum engine_family family;
	EVP_AEAD_CTX ctx;
	psa_status_t status = ready(attributes, alg, nonce_len, &family);

	if (status != PSA_SUCCESS)
		return status;
	if (ciphertext_size < plaintext_len + tag_len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (family == ENGINE_CHACHA) {
		status = engine_chacha_seal(&chacha, ciphertext + plaintext_len);
		*ciphertext_len = status == PSA_SUCCESS ? plaintext_len + tag_len : 0;
		return status;
	}
	if (!start(&ctx, key, key_len, tag_len))
		return engine_failed(PSA_ERROR_GENERIC_ERROR);
	if (!EVP_AEAD_CTX_seal(&ctx, ciphertext, ciphertext_len, ciphertext_size, nonce, nonce_len,
			       plaintext, plaintext_len, ad, ad_len))
		status = engine_failed(PSA_ERROR_INVALID_ARGUMENT);
	stop(&ctx);
	return status;
}

psa_status_t engine_aead_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				 size_t key_len, psa_algorithm_t alg, const uint8_t *nonce,
				 size_t nonce_len, const uint8_t *ad, size_t ad_len,
				 const uint8_t *ciphertext, size_t ciphertext_len,
				 uint8_t *plaintext, size_t plaintext_size, size_t *plaintext_len)
{
	const size_t tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(alg), len = ciphertext_len - tag_len;
	const struct engine_chacha chacha = { key, nonce, ad, ad_len, ciphertext, plaintext, len };
	enum engine_family family;
	EVP_AEAD_CTX ctx;
	psa_status_t status = ready(attributes, alg, nonce_len, &family);

	if (status != PSA_SUCCESS)
		return status;
	if (ciphertext_len < tag_len)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (plaintext_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (family == ENGINE_CHACHA) {
		status = engine_chacha_open(&chacha, ciphertext + len);
		*plaintext_len = status == PSA_SUCCESS ? len : 0;
		return status;
	}
	if (!start(&ctx, key, key_len, tag_len))
		return engine_failed(PSA_ERROR_GENERIC_ERROR);
	if (!EVP_AEAD_CTX_open(&ctx, plaintext, plaintext_len, plaintext_size, nonce, nonce_len,
			       ciphertext, ciphertext_len, ad, ad_len))
		status = engine_failed(PSA_ERROR_INVALID_SIGNATURE);
	stop(&ctx);
	return status;
}

/* Known answers: of OpenSSL, with key, nonce and data of the bytes 0, 1, 2 and so on. */
#define TEST_LEN       (ENGINE_AEAD_ANSWER_LEN - TAG_LEN)

#define TEST_NONCE_LEN 12u

/* clang-format off */
static const uint8_t answer_128[ENGINE_AEAD_ANSWER_LEN] = {
	0x93, 0x6d, 0xa5, 0xcd, 0x62, 0x1e, 0xf1, 0x53, 0x43, 0xdb, 0x6b, 0x81,
	0x3a, 0xae, 0x7e, 0x07, 0xa3, 0x37, 0x08, 0xf5, 0x47, 0xf8, 0xeb, 0xe1,
	0xfe, 0x38, 0xeb, 0x36, 0x08, 0x59, 0xbc, 0x73, 0xa5, 0x85, 0xf9, 0xd4,
	0xd0, 0xa5, 0x91, 0xc4, 0x68, 0xdd, 0x23, 0xcc, 0xec, 0xa4, 0xf9, 0xbd,
	0xfc, 0xae, 0x26, 0xc3, 0x30, 0xb2, 0x00, 0x4c, 0x16, 0x77, 0x48, 0xe9,
	0x96, 0x71, 0x28, 0xdb, 0xda, 0x4f, 0xb7, 0x0d, 0x1b, 0x09, 0x8c, 0x59,
	0x6b, 0x79, 0x3b, 0x14, 0x30, 0x77, 0x46, 0x14, 0x3c, 0x3b, 0x18, 0xbc,
	0xba, 0x09, 0x42, 0xe6, 0xc7, 0xc4, 0xdb, 0xad, 0x38, 0xcb, 0x81, 0xae,
};
const uint8_t engine_gcm_answer[ENGINE_AEAD_ANSWER_LEN] = {
	0x47, 0x03, 0xd4, 0x18, 0xc1, 0xe0, 0xc4, 0x1c, 0x85, 0x48, 0x9d, 0x80,
	0xbd, 0xe4, 0x76, 0x62, 0x93, 0xc7, 0x95, 0x27, 0xe4, 0x6e, 0x49, 0x6b,
	0x20, 0x7e, 0xff, 0x9e, 0x01, 0x74, 0x1e, 0xad, 0x21, 0x31, 0x8c, 0xdf,
	0x8b, 0xe4, 0x34, 0xbf, 0x5c, 0x8d, 0x55, 0xc6, 0xa4, 0xaa, 0x06, 0x17,
	0xde, 0x68, 0x52, 0xbe, 0x6e, 0xe3, 0x95, 0xed, 0x07, 0xae, 0x10, 0x22,
	0x24, 0xde, 0xcb, 0xd1, 0xb0, 0x7d, 0x84, 0x39, 0x97, 0x94, 0x60, 0x26,
	0x54, 0x1d, 0xe0, 0x25, 0xa3, 0xc2, 0x40, 0xa7, 0xab, 0x4c, 0x26, 0x12,
	0x05, 0x77, 0x1e, 0x8c, 0x0d, 0xbc, 0xdb, 0x51, 0x23, 0x87, 0x91, 0x0f,
};
/* clang-format on */

static bool is_right(size_t key_len, const uint8_t answer[ENGINE_AEAD_ANSWER_LEN])
{
	uint8_t data[TEST_LEN], out[TEST_LEN + TAG_LEN];
	EVP_AEAD_CTX ctx;
	size_t len;
	bool good;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	if (!start(&ctx, data, key_len, TAG_LEN))
		return false;
	good = EVP_AEAD_CTX_seal(&ctx, out, &len, sizeof(out), data, TEST_NONCE_LEN, data,
				 sizeof(data), data, 20) &&
	       len == sizeof(out) && !memcmp(out, answer, len) &&
	       EVP_AEAD_CTX_open(&ctx, out, &len, sizeof(data), data, TEST_NONCE_LEN, answer,
				 sizeof(out), data, 20) &&
	       len == sizeof(data) && !memcmp(out, data, len) &&
	       !EVP_AEAD_CTX_open(&ctx, out, &len, sizeof(data), data, TEST_NONCE_LEN, answer,
				  sizeof(out), data, 19);
	stop(&ctx);
	return good;
}

bool engine_aead_test(enum engine_family family)
{
	(void)family;
	return is_right(16, answer_128) && is_right(32, engine_gcm_answer);
}
