// SPDX-License-Identifier: BSD-3-Clause
/* The service over protected storage, of which the store is the area. */
#include "cmocka_all.h"
#include "storage_under_test.h"
#include <secure/port/host/flash_model.h>
#include <secure/service/protected_storage.h>
#include <string.h>

static struct flash_model flash;
static struct store internal;
static struct protected_storage ps;

static int next_nonce(uint8_t *out, size_t len)
{
	static uint64_t count;

	memset(out, 0, len);
	count++;
	memcpy(out, &count, sizeof(count));
	return 0;
}

void storage_under_test_init(struct secure_storage *storage, const uint8_t *uuid,
			     struct store *store)
{
	static const uint8_t device_key[PROTECTED_STORAGE_KEY_LEN] = { 1 };

	assert_int_equal(flash_model_create(&flash, 256 * 1024, 8, 2), 0);
	assert_int_equal(store_mount(&internal, &flash.flash), PSA_SUCCESS);
	protected_storage_init(&ps, &internal, store, device_key, next_nonce);
	/* The test's other service has the other space of the area. */
	secure_storage_init_over(storage, uuid, &protected_storage_ops, &ps,
				 SECURE_STORAGE_SPACE_PS);
}

void storage_under_test_free(void)
{
	flash_model_close(&flash);
}
