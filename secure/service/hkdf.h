/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys from keys: HKDF with SHA-256 (RFC 5869), for one block of output. */
#ifndef SECURE_SERVICE_HKDF_H
#define SECURE_SERVICE_HKDF_H

#include <stddef.h>
#include <stdint.h>

#define HKDF_LEN      32u
#define HKDF_INFO_MAX 64u

/*
 * Derives @out from @key (@key_len bytes) without a salt, for the purpose @info (@info_len
 * bytes, at most HKDF_INFO_MAX). 0, or -1, and @out is wiped: hardware failed, or @info is
 * too long.
 */
int hkdf(const uint8_t *key, size_t key_len, const void *info, size_t info_len,
	 uint8_t out[HKDF_LEN]);

#endif /* SECURE_SERVICE_HKDF_H */
