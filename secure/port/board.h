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
 *   BOARD_CRYPTO_MESSAGE  bytes of the longest request, and of the longest response, of crypto
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
#ifndef BOARD_CRYPTO_MESSAGE
#error "board.h defines no BOARD_CRYPTO_MESSAGE: bytes of the longest request of crypto"
#endif
/* A record of any length fits the shortest; no client makes a longer one than the longest. */
#if BOARD_CRYPTO_MESSAGE < 0x11000 || BOARD_CRYPTO_MESSAGE > 0x101000 || BOARD_CRYPTO_MESSAGE % 16
#error "BOARD_CRYPTO_MESSAGE must be a multiple of 16 from 0x11000 to 0x101000"
#endif

#endif /* SECURE_PORT_BOARD_H */
