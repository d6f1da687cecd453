/* SPDX-License-Identifier: BSD-3-Clause */
/* What was measured when this system booted. */
#ifndef SECURE_PORT_BOOT_LOG_H
#define SECURE_PORT_BOOT_LOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * The event log (TCG PC Client Platform Firmware Profile) of the boot, or of the programs of a
 * software world. For partition_main(), before partition_serve(); who needs it later copies
 * it. 0 with *@log and *@len, or -1: the manifest does not ask for it, or there is none.
 */
int port_boot_log(const uint8_t **log, size_t *len);

#endif /* SECURE_PORT_BOOT_LOG_H */
