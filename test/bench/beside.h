/* SPDX-License-Identifier: BSD-3-Clause */
/* Operations that more than one library can do, for tstee-bench-beside. */
#ifndef BENCH_BESIDE_H
#define BENCH_BESIDE_H

#include <stddef.h>

struct beside_row {
	const char *name; /* as in bench-crypto.c */
	void (*operation)(void);
};

/* Both end with a row without a name, and make all keys that they need when they begin. */
extern const struct beside_row beside_pkcs11[], beside_openssl[];
void beside_pkcs11_begin(const char *module, const char *token);
void beside_openssl_begin(void);

#define BESIDE_MIB (1024u * 1024u)

#endif /* BENCH_BESIDE_H */
