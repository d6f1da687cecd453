/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ChaCha20-Poly1305 (RFC 8439) for protected storage: by the engine (sealing_engine.c), or without one by Mbed
 * TLS's code (sealing_plain.c). Both give the same.
 */
#ifndef SECURE_SERVICE_SEALING_H
#define SECURE_SERVICE_SEALING_H

#include <stddef.h>
#include <stdint.h>

#define SEALING_KEY_LEN	  32u
#define SEALING_NONCE_LEN 12u
#define SEALING_TAG_LEN	  16u

/* @in and @out of @len bytes may be the same. */
struct sealing {
	const uint8_t *key, *nonce, *ad;
	size_t ad_len;
	const uint8_t *in;
	uint8_t *out;
	size_t len;
};

/* Before anything else. @has as engine_host.has. */
void sealing_init(void (*log)(const char *line), _Bool (*has)(const char *feature));
/* 0, or -1: nothing can be sealed. */
int sealing_seal(const struct sealing *what, uint8_t tag[SEALING_TAG_LEN]);
/* 0, or -1: the tag is wrong, and nothing can be relied upon in @out. */
int sealing_open(const struct sealing *what, const uint8_t tag[SEALING_TAG_LEN]);

#endif /* SECURE_SERVICE_SEALING_H */
