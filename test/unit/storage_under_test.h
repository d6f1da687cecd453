/* SPDX-License-Identifier: BSD-3-Clause */
/* What test_secure_storage.c tests: it is linked with one of two, whose rules are the same. */
#ifndef TEST_UNIT_STORAGE_UNDER_TEST_H
#define TEST_UNIT_STORAGE_UNDER_TEST_H

#include <secure/service/secure_storage.h>

/* Makes @storage the service @uuid whose objects lie in @store, which is mounted. */
void storage_under_test_init(struct secure_storage *storage, const uint8_t *uuid,
			     struct store *store);
void storage_under_test_free(void);

#endif /* TEST_UNIT_STORAGE_UNDER_TEST_H */
