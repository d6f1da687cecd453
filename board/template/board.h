/* SPDX-License-Identifier: BSD-3-Clause */
/* A board to begin from: copy the folder, and make each line that of your board (docs/boards.md). */
#ifndef BOARD_TEMPLATE_BOARD_H
#define BOARD_TEMPLATE_BOARD_H

#include <stddef.h>
#include <stdint.h>

#define BOARD_IMPLEMENTATION "TSTEE template board"
#define BOARD_LIFECYCLE	     board_lifecycle()
#define BOARD_ENTROPY	     board_entropy
#define BOARD_DEVICE_KEY     board_device_key
#define BOARD_CRYPTO_HEAP    0x200000
#define BOARD_CRYPTO_MESSAGE 0x11000
#define BOARD_STACK	     16384
#define BOARD_FLASH_CHIPS    1

/* See secure/port/board.h. */
uint16_t board_lifecycle(void);
int board_entropy(uint8_t *out, size_t len);
int board_device_key(uint8_t key[32]);

#endif /* BOARD_TEMPLATE_BOARD_H */
