// SPDX-License-Identifier: BSD-3-Clause
/* The service over a store, as internal trusted storage is. */
#include "storage_under_test.h"

void storage_under_test_init(struct secure_storage *storage, const uint8_t *uuid,
			     struct store *store)
{
	secure_storage_init(storage, uuid, store, SECURE_STORAGE_SPACE_ITS);
}

void storage_under_test_free(void)
{
}
