/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ChaCha20-Poly1305 (RFC 8439) of the engine without a PSA core: for protected storage, whose partition
 * has neither a core nor a heap. The driver's AEAD is the same code; without an engine it is Mbed TLS's
 * (storage_none.c). At S-EL0 no vector register holds anything afterwards.
 */
#ifndef SECURE_ENGINE_STORAGE_H
#define SECURE_ENGINE_STORAGE_H

#include <psa/error.h>
#include <stddef.h>
#include <stdint.h>

#define ENGINE_CHACHA_KEY_LEN	32u
#define ENGINE_CHACHA_NONCE_LEN 12u
#define ENGINE_CHACHA_TAG_LEN	16u

/* What both are given; @in and @out of @len bytes may be the same. */
struct engine_chacha {
	const uint8_t *key; /* ENGINE_CHACHA_KEY_LEN bytes */
	const uint8_t *nonce;
	const uint8_t *ad;
	size_t ad_len;
	const uint8_t *in;
	uint8_t *out;
	size_t len;
};

/* Encrypts, and writes the tag. PSA_ERROR_HARDWARE_FAILURE: the engine has failed its self-test. */
psa_status_t engine_chacha_seal(const struct engine_chacha *what,
				uint8_t tag[ENGINE_CHACHA_TAG_LEN]);
/* Decrypts. Likewise, and PSA_ERROR_INVALID_SIGNATURE, with zeros as output. */
psa_status_t engine_chacha_open(const struct engine_chacha *what,
				const uint8_t tag[ENGINE_CHACHA_TAG_LEN]);

#endif /* SECURE_ENGINE_STORAGE_H */
