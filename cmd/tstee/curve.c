// SPDX-License-Identifier: BSD-3-Clause
/* The table of elliptic curves. See curve.h. */
#include "curve.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct curve curves[] = {
	{ "p224", "secp224r1", "secp224r1", PSA_ECC_FAMILY_SECP_R1, 224, false },
	{ "p256", "prime256v1", "prime256v1", PSA_ECC_FAMILY_SECP_R1, 256, false },
	{ "p256", "secp256r1", "prime256v1", PSA_ECC_FAMILY_SECP_R1, 256, false },
	{ "p384", "secp384r1", "secp384r1", PSA_ECC_FAMILY_SECP_R1, 384, false },
	{ "p521", "secp521r1", "secp521r1", PSA_ECC_FAMILY_SECP_R1, 521, false },
	{ "secp256k1", NULL, "secp256k1", PSA_ECC_FAMILY_SECP_K1, 256, false },
	{ "brainpoolP256r1", "bp256", "brainpoolP256r1", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 256, false },
	{ "brainpoolP384r1", "bp384", "brainpoolP384r1", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 384, false },
	{ "brainpoolP512r1", "bp512", "brainpoolP512r1", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 512, false },
	{ "ed25519", NULL, "ED25519", PSA_ECC_FAMILY_TWISTED_EDWARDS, 255, true },
	{ "x25519", NULL, "X25519", PSA_ECC_FAMILY_MONTGOMERY, 255, true },
	{ "x448", NULL, "X448", PSA_ECC_FAMILY_MONTGOMERY, 448, true },
};
/* clang-format on */

#define CURVE_COUNT (sizeof(curves) / sizeof(curves[0]))

const struct curve *curve_get(size_t index)
{
	return index < CURVE_COUNT ? &curves[index] : NULL;
}

const struct curve *curve_find(const char *name)
{
	for (size_t i = 0; i < CURVE_COUNT; i++) {
		if (!strcasecmp(name, curves[i].name) ||
		    (curves[i].alias && !strcasecmp(name, curves[i].alias)))
			return &curves[i];
	}
	/* As in the standard: P-256. */
	if ((name[0] == 'p' || name[0] == 'P') && name[1] == '-') {
		char joined[16];

		snprintf(joined, sizeof(joined), "p%s", name + 2);
		return joined[1] == '-' ? NULL : curve_find(joined);
	}
	return NULL;
}

const struct curve *curve_of(psa_key_type_t type, size_t bits)
{
	if (!PSA_KEY_TYPE_IS_ECC(type))
		return NULL;
	for (size_t i = 0; i < CURVE_COUNT; i++) {
		if (curves[i].family == PSA_KEY_TYPE_ECC_GET_FAMILY(type) && curves[i].bits == bits)
			return &curves[i];
	}
	return NULL;
}
