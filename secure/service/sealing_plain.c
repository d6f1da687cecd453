// SPDX-License-Identifier: BSD-3-Clause
/* What protected storage seals with if there is no engine: Mbed TLS, without heap or vector registers. */
#include <mbedtls/chachapoly.h>
#include <secure/service/sealing.h>

void sealing_init(void (*log)(const char *line), _Bool (*has)(const char *feature))
{
	(void)log;
	(void)has;
}

int sealing_seal(const struct sealing *what, uint8_t tag[SEALING_TAG_LEN])
{
	mbedtls_chachapoly_context aead;
	int err;

	mbedtls_chachapoly_init(&aead);
	err = mbedtls_chachapoly_setkey(&aead, what->key);
	if (!err)
		err = mbedtls_chachapoly_encrypt_and_tag(&aead, what->len, what->nonce, what->ad,
							 what->ad_len, what->in, what->out, tag);
	mbedtls_chachapoly_free(&aead);
	return err ? -1 : 0;
}

int sealing_open(const struct sealing *what, const uint8_t tag[SEALING_TAG_LEN])
{
	mbedtls_chachapoly_context aead;
	int err;

	mbedtls_chachapoly_init(&aead);
	err = mbedtls_chachapoly_setkey(&aead, what->key);
	if (!err)
		err = mbedtls_chachapoly_auth_decrypt(&aead, what->len, what->nonce, what->ad,
						      what->ad_len, tag, what->in, what->out);
	mbedtls_chachapoly_free(&aead);
	return err ? -1 : 0;
}
