/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the SPM core says at boot: the partition's manifest, with the virtual addresses
 * of its device regions in it, and whence it has its entropy. All are unmapped by the first
 * FFA_MSG_WAIT, so what is needed later is copied.
 */
#ifndef SECURE_PORT_BARE_BOOT_H
#define SECURE_PORT_BARE_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the boot information at @boot_info. Once, first of all. 0 or -1. */
int boot_read(const void *boot_info);

/*
 * Finds the device region that the manifest calls @name. Returns 0 with address and
 * length, or -1.
 */
int boot_device_region(const char *name, void **addr, size_t *len);

/* What is at an address that the manifest has: a device, or secure memory to be read. */
enum boot_kind { BOOT_DEVICE, BOOT_DEVICE_WRITABLE, BOOT_MEMORY };

/*
 * The port's: where the partition finds the @len bytes at @address of the manifest, for its whole life;
 * BOOT_NOWHERE: nowhere. The address is of the partition's own where the SPM core maps what the manifest asks for,
 * and may be 0 where it is the same as in the manifest.
 */
#define BOOT_NOWHERE ((void *)UINTPTR_MAX)

void *boot_reach(uint64_t address, size_t len, enum boot_kind kind);

/*
 * Whether the manifest's root says tstee,entropy = "rndr": the processor has RNDR and RNDRRS
 * (FEAT_RNG), and they are good enough for this partition's keys.
 */
bool boot_has_rndr(void);

/* What the partition needs of the processor was told on the console: from now on it may be used. */
extern bool boot_told;

#endif /* SECURE_PORT_BARE_BOOT_H */
