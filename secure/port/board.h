/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a board decides, by <board.h> of its folder (docs/boards.md), and what is missing there.
 *
 *   BOARD_IMPLEMENTATION  what tokens call it, a string
 *   BOARD_LIFECYCLE       its life cycle, enum attestation_lifecycle: a constant, or an expression that
 *                         calls a function of the board, such as one that reads fuses; asked at each start
 *   BOARD_ENTROPY         optional: int (uint8_t *out, size_t len), in place of the processor's
 *                         RNDRRS; as port_entropy()
 *   BOARD_DEVICE_KEY      optional: int (uint8_t key[32]), the hardware's unique key, in place of one
 *                         that is made once and kept in flash; 0 or -1
 *   BOARD_CRYPTO_HEAP     S-EL0 only: bytes for keys and operations
 *   BOARD_FLASH_CHIPS     S-EL0 only: 1 or 2, NOR flash chips of 16 bits side by side on the bus
 *   BOARD_STACK           S-EL0 only: bytes of each partition's stack, whole pages
 */
#ifndef SECURE_PORT_BOARD_H
#define SECURE_PORT_BOARD_H

#include <board.h>

#ifndef BOARD_IMPLEMENTATION
#error "board.h defines no BOARD_IMPLEMENTATION: what tokens call the board"
#endif
#ifndef BOARD_LIFECYCLE
#error "board.h defines no BOARD_LIFECYCLE: one of enum attestation_lifecycle"
#endif

#endif /* SECURE_PORT_BOARD_H */
