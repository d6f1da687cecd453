/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suites, each in the file of its name, in the order in which they run. A table ends
 * with a test without a name.
 */
#ifndef CONFORMANCE_SUITES_H
#define CONFORMANCE_SUITES_H

#include "harness.h"

extern const struct test contract_tests[];
extern const struct test identity_tests[];
extern const struct test observe_tests[];
extern const struct test storage_tests[];
extern const struct test memory_tests[];
extern const struct test spm_tests[];
extern const struct test row_tests[];
extern const struct test crypto_tests[];
extern const struct test crypto_extension_tests[];
extern const struct test crypto_key_tests[];
extern const struct test crypto_limit_tests[];
extern const struct test crypto_hostile_tests[];
extern const struct test attestation_tests[];
extern const struct test number_tests[];

/* Tests of their own kind: each wants a world with its fault in force. */
struct fault_test {
	const char *spec; /* tsworld run --fault */
	struct test test;
};
extern const struct fault_test fault_tests[];

#endif /* CONFORMANCE_SUITES_H */
