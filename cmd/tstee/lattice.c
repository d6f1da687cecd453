// SPDX-License-Identifier: BSD-3-Clause
/* The table of ML-DSA's and ML-KEM's parameter sets. See lattice.h. */
#include "lattice.h"

#include <string.h>

/* clang-format off */
static const struct lattice sets[] = {
	{ "mldsa44", "ML-DSA-44", "2.16.840.1.101.3.4.3.17", PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 128 },
	{ "mldsa65", "ML-DSA-65", "2.16.840.1.101.3.4.3.18", PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 192 },
	{ "mldsa87", "ML-DSA-87", "2.16.840.1.101.3.4.3.19", PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 256 },
	{ "mlkem512", "ML-KEM-512", "2.16.840.1.101.3.4.4.1", PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 512 },
	{ "mlkem768", "ML-KEM-768", "2.16.840.1.101.3.4.4.2", PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 768 },
	{ "mlkem1024", "ML-KEM-1024", "2.16.840.1.101.3.4.4.3", PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 1024 },
};
/* clang-format on */

#define SET_COUNT (sizeof(sets) / sizeof(sets[0]))

const struct lattice *lattice_find(const char *name)
{
	for (size_t i = 0; i < SET_COUNT; i++) {
		if (!strcasecmp(name, sets[i].name) || !strcasecmp(name, sets[i].alias))
			return &sets[i];
	}
	return NULL;
}

const struct lattice *lattice_of_oid(const char *oid)
{
	for (size_t i = 0; i < SET_COUNT; i++) {
		if (!strcmp(oid, sets[i].oid))
			return &sets[i];
	}
	return NULL;
}

const struct lattice *lattice_of(psa_key_type_t type, size_t bits)
{
	for (size_t i = 0; i < SET_COUNT; i++) {
		if (sets[i].bits == bits && PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(sets[i].type) ==
						    PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type))
			return &sets[i];
	}
	return NULL;
}
