/* SPDX-License-Identifier: BSD-3-Clause */
/* CRC-32 (IEEE 802.3), with which the store notices what flash has forgotten. */
#ifndef SECURE_STORE_CRC32_H
#define SECURE_STORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continues @crc (0 at the start) over @len bytes. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len);

#endif /* SECURE_STORE_CRC32_H */
