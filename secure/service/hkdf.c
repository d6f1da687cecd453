// SPDX-License-Identifier: BSD-3-Clause
/*
 * HKDF with SHA-256. Mbed TLS has it, but over its message digest layer, which takes heap:
 * a partition of storage has none.
 */
#include <mbedtls/sha256.h>
#include <secure/service/hkdf.h>
#include <secure/wipe.h>
#include <string.h>

#define BLOCK_LEN  64u
#define INNER_PAD  0x36
#define OUTER_PAD  0x5c
#define IS_SHA_224 0

/* SHA-256 of the key, xored with @pad, and @data. */
static int padded_hash(const uint8_t key[HKDF_LEN], uint8_t pad, const void *data, size_t len,
		       uint8_t out[HKDF_LEN])
{
	mbedtls_sha256_context sha;
	uint8_t block[BLOCK_LEN];
	int err;

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < HKDF_LEN; i++)
		block[i] ^= key[i];

	mbedtls_sha256_init(&sha);
	err = mbedtls_sha256_starts(&sha, IS_SHA_224);
	if (!err)
		err = mbedtls_sha256_update(&sha, block, sizeof(block));
	if (!err)
		err = mbedtls_sha256_update(&sha, data, len);
	if (!err)
		err = mbedtls_sha256_finish(&sha, out);
	mbedtls_sha256_free(&sha);
	secure_wipe(block, sizeof(block));
	return err;
}

/* HMAC (RFC 2104). */
static int hmac(const uint8_t key[HKDF_LEN], const void *data, size_t len, uint8_t out[HKDF_LEN])
{
	uint8_t inner[HKDF_LEN];
	int err = padded_hash(key, INNER_PAD, data, len, inner);

	if (!err)
		err = padded_hash(key, OUTER_PAD, inner, sizeof(inner), out);
	secure_wipe(inner, sizeof(inner));
	return err;
}

int hkdf(const uint8_t *key, size_t key_len, const void *info, size_t info_len,
	 uint8_t out[HKDF_LEN])
{
	static const uint8_t no_salt[HKDF_LEN];
	uint8_t message[HKDF_INFO_MAX + 1];
	uint8_t extracted[HKDF_LEN] = { 0 };
	int err = -1;

	if (info_len <= HKDF_INFO_MAX) {
		memcpy(message, info, info_len);
		message[info_len] = 1; /* of one block */
		err = hmac(no_salt, key, key_len, extracted);
		if (!err)
			err = hmac(extracted, message, info_len + 1, out);
		secure_wipe(extracted, sizeof(extracted));
	}
	if (err)
		secure_wipe(out, HKDF_LEN);
	return err ? -1 : 0;
}
