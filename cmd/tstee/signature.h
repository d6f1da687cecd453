/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures as others have them, and verified without a partition, by libcrypto. */
#ifndef CMD_TSTEE_SIGNATURE_H
#define CMD_TSTEE_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ECDSA signatures: as PSA has them, r and s of the same length, and as a SEQUENCE of integers. */
#define ECDSA_RAW_MAX 132
#define ECDSA_DER_MAX 150

bool ecdsa_to_der(const uint8_t *raw, size_t raw_len, uint8_t der[ECDSA_DER_MAX], size_t *der_len);

/* For a key of @bits. False if it is no such signature, in DER. */
bool ecdsa_from_der(const uint8_t *der, size_t der_len, size_t bits, uint8_t raw[ECDSA_RAW_MAX],
		    size_t *raw_len);

/*
 * Whether an RSA signature could be one of the exported public key @data: as long as the modulus,
 * and below it. True if that isn't known.
 */
bool rsa_signature_in_range(const uint8_t *data, size_t len, const uint8_t *signature,
			    size_t signature_len);

#define ES256_HASH_LEN	    32
#define ES256_POINT_LEN	    65 /* uncompressed */
#define ES256_SIGNATURE_LEN 64 /* r and s */

/*
 * A hash that libcrypto knows as @name: *@len bytes, @size at most. False if it knows none, and
 * if that failed.
 */
bool digest_local(const char *name, const void *data, size_t data_len, uint8_t *digest, size_t size,
		  size_t *len);

/* SHA-256 of @count pieces, one behind the other. False if that failed. */
bool sha256_pieces(const uint8_t *const *pieces, const size_t *lens, size_t count,
		   uint8_t hash[ES256_HASH_LEN]);

/* Whether @signature is that of the key @point, which need not be one, over @hash. */
bool es256_verify(const uint8_t point[ES256_POINT_LEN], const uint8_t hash[ES256_HASH_LEN],
		  const uint8_t signature[ES256_SIGNATURE_LEN]);

#endif /* CMD_TSTEE_SIGNATURE_H */
