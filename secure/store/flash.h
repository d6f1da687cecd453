/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A region of NOR flash, as the store sees it. The port implements it on a device, the
 * tests on a model that cuts the power.
 *
 * An erased byte is 0xff. Programming only clears bits; erasing a block sets all of its
 * bits. Where a bit is clear and a one is programmed, a real device leaves it, an emulated
 * one (QEMU's) sets it: the store does not rely on either. After a power cut in mid-operation the bytes that the operation covers are
 * undefined (any mix of old and new bits), all others are untouched.
 */
#ifndef SECURE_STORE_FLASH_H
#define SECURE_STORE_FLASH_H

#include <stdint.h>

/* Offset and length of a program operation are multiples of this, bytes. */
#define FLASH_WORD_LEN 4u

struct flash;

/* Each returns 0, or -1 for an error of the device. Offsets are from the region's start. */
struct flash_ops {
	/* Any offset and length; fastest where both and buf are multiples of 4. */
	int (*read)(struct flash *flash, uint32_t offset, void *buf, uint32_t len);
	/* offset, len and buf are multiples of FLASH_WORD_LEN; may cross write buffers. */
	int (*program)(struct flash *flash, uint32_t offset, const void *buf, uint32_t len);
	int (*erase)(struct flash *flash, uint32_t block);
};

struct flash {
	const struct flash_ops *ops;
	uint32_t block_len; /* bytes; a power of two */
	uint32_t block_count;
};

#endif /* SECURE_STORE_FLASH_H */
