/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the engine keeps between the calls of a multi-part operation: a member of the unions in Mbed
 * TLS's operations, so that <psa/crypto.h> includes this. The library behind the engine is not
 * seen here; the file that owns a structure says that it fits.
 */
#ifndef SECURE_ENGINE_CONTEXTS_H
#define SECURE_ENGINE_CONTEXTS_H

#include <stdint.h>

struct engine_hash {
	uint32_t alg; /* psa_algorithm_t; 0: none is going on */
	uint64_t state[27];
};

struct engine_mac {
	uint32_t alg; /* likewise */
	union {
		struct {
			struct engine_hash inner, outer;
		} hmac;
		struct {
			uint32_t key[61];
			uint8_t chain[16], last[16];
			uint32_t len; /* of @last */
		} cmac;
	} u;
};

struct engine_cipher {
	uint32_t alg; /* likewise */
	uint32_t encrypts;
	uint32_t key[61];
	uint8_t chain[16]; /* or counter */
	uint8_t rest
		[16];  /* input that isn't a block yet; or what is left of a block of key stream */
	uint32_t used; /* of @rest */
};

struct engine_aead {
	uint32_t alg; /* likewise */
	uint32_t encrypts;
	uint64_t state[86]; /* of which what is aligned to 16 bytes is used: it can't be copied */
};

#endif /* SECURE_ENGINE_CONTEXTS_H */
