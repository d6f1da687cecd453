/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The generator of a partition's random bytes: CTR_DRBG with AES-256 (NIST SP 800-90A) of the engine, or
 * of Mbed TLS where there is none. There is one; who tests its entropy is secure/service/crypto/random.c.
 */
#ifndef SECURE_ENGINE_GENERATOR_H
#define SECURE_ENGINE_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills @out with @len bytes of full entropy: 0, or else there are none. */
typedef int (*engine_entropy)(uint8_t *out, size_t len);

/* How many bytes can be mixed into a request. */
#define ENGINE_FRESH_LEN_MAX 48u

/* Seeds it from @entropy, which is asked again for each new seed. False: no entropy, or no memory. */
bool engine_generator_start(engine_entropy entropy);

/*
 * @len bytes, of any number, after @fresh_len bytes of @fresh were mixed in. A new seed comes after 1024
 * requests, or 1 MiB. False: there was no entropy for it; what @out holds is not to be used.
 */
bool engine_generator_get(uint8_t *out, size_t len, const uint8_t *fresh, size_t fresh_len);

/* Wipes and forgets it. */
void engine_generator_stop(void);

#endif /* SECURE_ENGINE_GENERATOR_H */
