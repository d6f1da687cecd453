/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the engine keeps between the calls of a multi-part operation: a member of the unions in Mbed
 * TLS's operations, so that <psa/crypto.h> includes this. The library behind the engine is not
 * seen here; the file that owns a structure says that it fits.
 */
#ifndef SECURE_ENGINE_CONTEXTS_H
#define SECURE_ENGINE_CONTEXTS_H

#include <stdint.h>

struct engine_hash {
	uint32_t alg; /* psa_algorithm_t; 0: none is going on */
	uint64_t state[27];
};

#endif /* SECURE_ENGINE_CONTEXTS_H */
