// SPDX-License-Identifier: BSD-3-Clause
/* Public keys of private ones, by Mbed TLS as the archive was configured: see es256.c. */
#include "ec_public.h"

#include <mbedtls/ecp.h>
#include <string.h>
#include <sys/random.h>

static const struct {
	const char *name;
	mbedtls_ecp_group_id id;
} groups[] = {
	{ "p224", MBEDTLS_ECP_DP_SECP224R1 },
	{ "p256", MBEDTLS_ECP_DP_SECP256R1 },
	{ "p384", MBEDTLS_ECP_DP_SECP384R1 },
	{ "p521", MBEDTLS_ECP_DP_SECP521R1 },
	{ "secp256k1", MBEDTLS_ECP_DP_SECP256K1 },
	{ "brainpoolP256r1", MBEDTLS_ECP_DP_BP256R1 },
	{ "brainpoolP384r1", MBEDTLS_ECP_DP_BP384R1 },
	{ "brainpoolP512r1", MBEDTLS_ECP_DP_BP512R1 },
	{ "x25519", MBEDTLS_ECP_DP_CURVE25519 },
	{ "x448", MBEDTLS_ECP_DP_CURVE448 },
};

/* Against those who measure the time that it takes. */
static int blind(void *context, unsigned char *bytes, size_t len)
{
	(void)context;
	return getrandom(bytes, len, 0) == (ssize_t)len ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

static bool matches(mbedtls_ecp_group_id id, const uint8_t *private, size_t private_len,
		    const uint8_t *point, size_t point_len)
{
	const bool compressed = point_len && (point[0] == 0x02 || point[0] == 0x03);
	uint8_t own[MBEDTLS_ECP_MAX_PT_LEN];
	mbedtls_ecp_keypair pair;
	size_t len = 0;
	int err;

	mbedtls_ecp_keypair_init(&pair);
	err = mbedtls_ecp_read_key(id, &pair, private, private_len);
	if (!err)
		err = mbedtls_ecp_keypair_calc_public(&pair, blind, NULL);
	if (!err)
		err = mbedtls_ecp_write_public_key(
			&pair, compressed ? MBEDTLS_ECP_PF_COMPRESSED : MBEDTLS_ECP_PF_UNCOMPRESSED,
			&len, own, sizeof(own));
	mbedtls_ecp_keypair_free(&pair);
	if (err == MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE)
		return true;
	return !err && len == point_len && !memcmp(own, point, len);
}

bool ec_public_matches(const char *curve, const uint8_t *private, size_t private_len,
		       const uint8_t *point, size_t point_len)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!strcmp(groups[i].name, curve))
			return matches(groups[i].id, private, private_len, point, point_len);
	}
	return true;
}
