// SPDX-License-Identifier: BSD-3-Clause
/* ChaCha20-Poly1305, for the driver (aead.c) and for protected storage. */
#include <openssl/aead.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <secure/engine/storage.h>
#include <string.h>

#if defined(__aarch64__) && !defined(__linux__)
/* vector.S: what was in them is gone. */
void engine_vector_wipe(void);
#else
static void engine_vector_wipe(void)
{
}
#endif

static bool start(EVP_AEAD_CTX *ctx, const struct engine_chacha *what)
{
	return EVP_AEAD_CTX_init(ctx, EVP_aead_chacha20_poly1305(), what->key,
				 ENGINE_CHACHA_KEY_LEN, ENGINE_CHACHA_TAG_LEN, NULL);
}

static void stop(EVP_AEAD_CTX *ctx)
{
	EVP_AEAD_CTX_cleanup(ctx);
	OPENSSL_cleanse(ctx, sizeof(*ctx));
	engine_vector_wipe();
}

static bool seal(const struct engine_chacha *what, uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	EVP_AEAD_CTX ctx;
	size_t len;
	bool done;

	if (!start(&ctx, what))
		return false;
	done = EVP_AEAD_CTX_seal_scatter(&ctx, what->out, tag, &len, ENGINE_CHACHA_TAG_LEN,
					 what->nonce, ENGINE_CHACHA_NONCE_LEN, what->in, what->len,
					 NULL, 0, what->ad, what->ad_len) &&
	       len == ENGINE_CHACHA_TAG_LEN;
	stop(&ctx);
	return done;
}

static bool unseal(const struct engine_chacha *what, const uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	EVP_AEAD_CTX ctx;
	bool good;

	if (!start(&ctx, what))
		return false;
	good = EVP_AEAD_CTX_open_gather(&ctx, what->out, what->nonce, ENGINE_CHACHA_NONCE_LEN,
					what->in, what->len, tag, ENGINE_CHACHA_TAG_LEN, what->ad,
					what->ad_len);
	if (!good && what->len)
		OPENSSL_cleanse(what->out, what->len);
	stop(&ctx);
	return good;
}

/* Known answer: of OpenSSL. */
#define TEST_LEN (ENGINE_AEAD_ANSWER_LEN - ENGINE_CHACHA_TAG_LEN)

/* clang-format off */
const uint8_t engine_chacha_answer[ENGINE_AEAD_ANSWER_LEN] = {
	0x89, 0xfa, 0x0a, 0x03, 0x2d, 0x12, 0xa3, 0x47, 0xbf, 0x8a, 0x35, 0xf8,
	0x94, 0x10, 0x00, 0x6c, 0xd9, 0x61, 0xa0, 0xf4, 0x45, 0x61, 0xbb, 0xae,
	0xfe, 0x8e, 0x35, 0xde, 0x69, 0xdd, 0xb8, 0x23, 0xcc, 0xa1, 0x0e, 0xd0,
	0xc2, 0x3b, 0x97, 0xbf, 0x1f, 0x1b, 0x5c, 0xf3, 0x49, 0xb9, 0xa1, 0x0c,
	0x4e, 0xb5, 0x9b, 0x47, 0xc9, 0x1d, 0x8e, 0xac, 0x2a, 0x81, 0xe3, 0x3c,
	0xac, 0x72, 0xa0, 0xe9, 0x39, 0x39, 0xfe, 0x8e, 0xa1, 0x51, 0x6a, 0xae,
	0x8c, 0x5f, 0x07, 0xf7, 0x54, 0x31, 0x92, 0xbe, 0xec, 0x75, 0xb7, 0x55,
	0x81, 0x87, 0xb0, 0x15, 0x12, 0x1a, 0x2b, 0xb8, 0x13, 0x99, 0x3a, 0x29,
};
/* clang-format on */

static bool answers(enum engine_family family)
{
	uint8_t data[TEST_LEN], out[TEST_LEN], tag[ENGINE_CHACHA_TAG_LEN];
	struct engine_chacha what = {
		.key = data,
		.nonce = data,
		.ad = data,
		.ad_len = 20,
		.in = data,
		.out = out,
		.len = sizeof(data),
	};

	(void)family;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	if (!seal(&what, tag) || memcmp(out, engine_chacha_answer, sizeof(out)) ||
	    memcmp(tag, engine_chacha_answer + TEST_LEN, sizeof(tag)))
		return false;
	what.in = engine_chacha_answer;
	if (!unseal(&what, tag) || memcmp(out, data, sizeof(out)))
		return false;
	what.ad_len--;
	return !unseal(&what, tag);
}

struct engine_test engine_chacha_test = { answers, "ChaCha20-Poly1305", ENGINE_UNTESTED, false };

psa_status_t engine_chacha_seal(const struct engine_chacha *what,
				uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	const psa_status_t status = engine_try(&engine_chacha_test, ENGINE_CHACHA);

	if (status != PSA_SUCCESS)
		return status;
	return seal(what, tag) ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

psa_status_t engine_chacha_open(const struct engine_chacha *what,
				const uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	const psa_status_t status = engine_try(&engine_chacha_test, ENGINE_CHACHA);

	if (status != PSA_SUCCESS)
		return status;
	return unseal(what, tag) ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}
