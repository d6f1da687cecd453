/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NOR flash with the Common Flash Interface and the Intel command set, on a 32-bit bus:
 * two 16-bit chips side by side. Whether it shows its array or answers a command is one
 * mode of the whole device, so one partition owns all of it.
 */
#ifndef SECURE_PORT_SEL0_NOR_FLASH_H
#define SECURE_PORT_SEL0_NOR_FLASH_H

#include <secure/store/flash.h>
#include <stddef.h>

struct nor_flash {
	struct flash flash;
	volatile uint32_t *base;
	uint32_t write_len; /* bytes of the write buffer; a power of two */
};

/*
 * Prepares @nor for the device region @region of the manifest; nor->flash is then ready
 * for use. @query_region is a window at the device's start, through which its geometry
 * is read. Returns 0, or -1: all of nor->flash's operations fail then.
 *
 * Leaves array mode for a moment, as programming and erasing do. Processors that wait
 * in firmware which runs from this flash are lost by that: not to be called before the
 * normal world has started its processors, that is not before the first message.
 */
int nor_flash_open(struct nor_flash *nor, const char *region, const char *query_region);

#endif /* SECURE_PORT_SEL0_NOR_FLASH_H */
