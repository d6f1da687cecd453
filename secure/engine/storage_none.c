// SPDX-License-Identifier: BSD-3-Clause
/* storage.h without an engine: Mbed TLS's code, without heap or vector registers. */
#include <mbedtls/chachapoly.h>
#include <secure/engine/engine.h>
#include <secure/engine/storage.h>

void engine_init(const struct engine_host *host)
{
	(void)host;
}

psa_status_t engine_chacha_seal(const struct engine_chacha *what,
				uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	mbedtls_chachapoly_context aead;
	int err;

	mbedtls_chachapoly_init(&aead);
	err = mbedtls_chachapoly_setkey(&aead, what->key);
	if (!err)
		err = mbedtls_chachapoly_encrypt_and_tag(&aead, what->len, what->nonce, what->ad,
							 what->ad_len, what->in, what->out, tag);
	mbedtls_chachapoly_free(&aead);
	return err ? PSA_ERROR_GENERIC_ERROR : PSA_SUCCESS;
}

psa_status_t engine_chacha_open(const struct engine_chacha *what,
				const uint8_t tag[ENGINE_CHACHA_TAG_LEN])
{
	mbedtls_chachapoly_context aead;
	int err;

	mbedtls_chachapoly_init(&aead);
	err = mbedtls_chachapoly_setkey(&aead, what->key);
	if (!err)
		err = mbedtls_chachapoly_auth_decrypt(&aead, what->len, what->nonce, what->ad,
						      what->ad_len, tag, what->in, what->out);
	mbedtls_chachapoly_free(&aead);
	return err ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS;
}
