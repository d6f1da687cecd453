/* SPDX-License-Identifier: BSD-3-Clause */
/* A seed that firmware leaves in memory, for a board's BOARD_ENTROPY. */
#ifndef SECURE_PORT_BARE_ENTROPY_SEED_H
#define SECURE_PORT_BARE_ENTROPY_SEED_H

#include <stddef.h>
#include <stdint.h>

#define ENTROPY_SEED_MAGIC 0x44455354u /* "TSED" */
#define ENTROPY_SEED_WORDS 10u

/*
 * What is at the start of the memory: 40 bytes of full entropy, another seed at each boot and for each
 * partition. Firmware writes it before the SPM core starts, in memory that the normal world can't reach.
 */
struct entropy_seed {
	uint32_t magic;
	uint32_t words[ENTROPY_SEED_WORDS];
};

/*
 * Fills @out with @len bytes that ChaCha20 makes of the seed at @memory. The first call takes the seed, and wipes
 * it there; later ones go on with what came of it, and don't look at @memory. 0, or -1 when there is no seed.
 *
 * These bytes are as unpredictable as the seed was, and no more: a source of entropy in the hardware is better.
 */
int entropy_seed(volatile struct entropy_seed *memory, uint8_t *out, size_t len);

#endif /* SECURE_PORT_BARE_ENTROPY_SEED_H */
