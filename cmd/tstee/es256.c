// SPDX-License-Identifier: BSD-3-Clause
/*
 * SHA-256 and ECDSA by Mbed TLS. Beside ec_public.c the only file of the program that includes
 * those headers as the archive was configured: elsewhere they are those of the client.
 */
#include "es256.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>

bool sha256_pieces(const uint8_t *const *pieces, const size_t *lens, size_t count,
		   uint8_t hash[ES256_HASH_LEN])
{
	mbedtls_sha256_context context;
	int err;

	mbedtls_sha256_init(&context);
	err = mbedtls_sha256_starts(&context, 0);
	for (size_t i = 0; i < count && !err; i++)
		err = mbedtls_sha256_update(&context, pieces[i], lens[i]);
	if (!err)
		err = mbedtls_sha256_finish(&context, hash);
	mbedtls_sha256_free(&context);
	return !err;
}

bool es256_verify(const uint8_t point[ES256_POINT_LEN], const uint8_t hash[ES256_HASH_LEN],
		  const uint8_t signature[ES256_SIGNATURE_LEN])
{
	const size_t half = ES256_SIGNATURE_LEN / 2;
	mbedtls_ecp_group group;
	mbedtls_ecp_point key;
	mbedtls_mpi r, s;
	int err;

	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&key);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	err = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1);
	if (!err)
		err = mbedtls_ecp_point_read_binary(&group, &key, point, ES256_POINT_LEN);
	if (!err)
		err = mbedtls_ecp_check_pubkey(&group, &key);
	if (!err)
		err = mbedtls_mpi_read_binary(&r, signature, half);
	if (!err)
		err = mbedtls_mpi_read_binary(&s, signature + half, half);
	if (!err)
		err = mbedtls_ecdsa_verify(&group, hash, ES256_HASH_LEN, &key, &r, &s);
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_ecp_point_free(&key);
	mbedtls_ecp_group_free(&group);
	return !err;
}
