/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The random bit generator of a partition (NIST SP 800-90A, CTR_DRBG with AES-256:
 * secure/engine/generator.h), over a source of entropy whose output is tested as SP 800-90B
 * section 4.4 says. It reseeds itself, and mixes some fresh entropy into each request. When the source
 * fails, or fails its tests, the generator stops for good: no random byte is better than one
 * that can be guessed.
 */
#ifndef SECURE_SERVICE_RANDOM_H
#define SECURE_SERVICE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills @out with @len bytes of full entropy: 0 or -1 (secure/port/entropy.h). */
typedef int (*random_source)(uint8_t *out, size_t len);

/*
 * Starts the one generator of this partition on @source, with its start-up tests; after engine_init(). 0 or -1:
 * random_get() refuses then. The reason is told by random_error().
 */
int random_init(random_source source);

/* Fills @out, @len bytes of any length. 0, or -1: @out is wiped, nothing is to be had. */
int random_get(uint8_t *out, size_t len);

/* Why there are no random bytes, or NULL while there are. */
const char *random_error(void);

/* Wipes and forgets the generator. */
void random_exit(void);

#endif /* SECURE_SERVICE_RANDOM_H */
