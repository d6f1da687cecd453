/* SPDX-License-Identifier: BSD-3-Clause */
/* The flash of a partition, wherever the port has it. */
#ifndef SECURE_PORT_FLASH_H
#define SECURE_PORT_FLASH_H

#include <secure/store/flash.h>

/* How many regions a partition can open. */
#define PORT_FLASH_MAX 2

/*
 * Opens the device region @region of the manifest as NOR flash; @query_region is a window at
 * the start of its device, for ports that must ask the device for its geometry. Several regions
 * may be of one device, which is the partition's alone. At most PORT_FLASH_MAX times. If the flash
 * can't be used a line in the log says why, and all operations of what is returned fail.
 *
 * On a device this leaves array mode for a moment, as programming and erasing do. Processors
 * that wait in firmware which runs from this flash are lost by that: not to be called before
 * the normal world has started its processors, that is not before the first message.
 */
struct flash *port_flash_open(const char *region, const char *query_region);

#endif /* SECURE_PORT_FLASH_H */
