/* SPDX-License-Identifier: BSD-3-Clause */
/* ML-DSA and ML-KEM (FIPS 204, 203) by the names of their parameter sets. */
#ifndef CMD_TSTEE_LATTICE_H
#define CMD_TSTEE_LATTICE_H

#include <psa/crypto-pqc.h>

struct lattice {
	const char *name;
	const char *alias;   /* the standard's */
	const char *oid;     /* NIST's, in numbers */
	psa_key_type_t type; /* of the pair */
	size_t bits;
};

/* By name or alias, by OID, and by what a key says of itself. NULL: none. */
const struct lattice *lattice_find(const char *name);
const struct lattice *lattice_of_oid(const char *oid);
const struct lattice *lattice_of(psa_key_type_t type, size_t bits);

#endif /* CMD_TSTEE_LATTICE_H */
