/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256, and ECDSA on P-256, without a partition: who verifies a token asks no device. */
#ifndef CMD_TSTEE_ES256_H
#define CMD_TSTEE_ES256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ES256_HASH_LEN	    32
#define ES256_POINT_LEN	    65 /* uncompressed */
#define ES256_SIGNATURE_LEN 64 /* r and s */

/* Hashes @count pieces, one behind the other. False if that failed. */
bool sha256_pieces(const uint8_t *const *pieces, const size_t *lens, size_t count,
		   uint8_t hash[ES256_HASH_LEN]);

/* Whether @signature is that of the key @point, which need not be one, over @hash. */
bool es256_verify(const uint8_t point[ES256_POINT_LEN], const uint8_t hash[ES256_HASH_LEN],
		  const uint8_t signature[ES256_SIGNATURE_LEN]);

#endif /* CMD_TSTEE_ES256_H */
