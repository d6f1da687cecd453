/* SPDX-License-Identifier: BSD-3-Clause */
/* A generator of random bytes behind registers, for a board's BOARD_ENTROPY. */
#ifndef SECURE_PORT_BARE_ENTROPY_MMIO_H
#define SECURE_PORT_BARE_ENTROPY_MMIO_H

#include <stddef.h>
#include <stdint.h>

/* Offsets in bytes of registers of 32 bits. */
struct entropy_mmio {
	uint32_t enable; /* written with @enable_value, if that isn't 0, before the first word */
	uint32_t enable_value;
	uint32_t status; /* a word is there when its bits of @ready are 1... */
	uint32_t ready;
	uint32_t failed; /* ... and none ever comes when one of these is */
	uint32_t data;
};

/*
 * Fills @out with @len bytes of the generator whose registers are at @base. 0, or -1 when it fails, or has
 * none for so long that it must have; @out is not to be used then.
 */
int entropy_mmio(volatile void *base, const struct entropy_mmio *regs, uint8_t *out, size_t len);

#endif /* SECURE_PORT_BARE_ENTROPY_MMIO_H */
