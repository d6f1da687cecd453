// SPDX-License-Identifier: BSD-3-Clause
/* Keys of all clients as an administrator sees and removes them, and what their owners meet. */
#include "crypto_fixture.h"
#include <string.h>

#define ALICE	   0x800003e8u
#define BOB	   0x800003e9u
#define PARTITION  0x8004u
#define PERSISTENT PSA_KEY_LIFETIME_PERSISTENT
#define MAC	   PSA_ALG_HMAC(PSA_ALG_SHA_256)
#define SIGN	   (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE)

static const uint8_t data[32] = { 1, 2, 3 };

static void become(uint16_t source, uint32_t client)
{
	static uint64_t buffers = 1000;

	source_id = source;
	client_id = client;
	account = 0;
	buffer = ++buffers;
	share(buffer);
}

static int32_t with_id(uint16_t opcode, uint32_t id)
{
	word(id);
	return send(opcode);
}

/* A key of whoever calls; @id 0: a volatile one. */
static uint32_t key_new(uint32_t id)
{
	attributes(PSA_KEY_TYPE_HMAC, 0, id ? PERSISTENT : 0, id, SIGN, MAC);
	record(1, data, sizeof(data));
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	return response_word();
}

static void name_set(uint32_t id, const char *name)
{
	word(id);
	part(name, strlen(name));
	assert_int_equal(send(CRYPTO_KEY_SET_NAME), PSA_SUCCESS);
}

static uint32_t mac_setup(uint32_t key)
{
	word(key);
	word(MAC);
	assert_int_equal(send(CRYPTO_MAC_SIGN_SETUP), PSA_SUCCESS);
	return response_word();
}

static int32_t mac_update(uint32_t handle)
{
	word(handle);
	record(1, data, sizeof(data));
	return send(CRYPTO_MAC_UPDATE);
}

/* All keys in pages of @page; ascending, and as many as are counted. */
static size_t listed(size_t page, uint32_t client, size_t *of_client)
{
	struct admin_object found[64];
	struct admin_name above;
	const struct admin_name *from = NULL;
	size_t total = 0, count;

	*of_client = 0;
	do {
		assert_int_equal(crypto_admin_ops.list(&service, from, found, page, &count),
				 PSA_SUCCESS);
		for (size_t i = 0; i < count; i++) {
			const struct admin_name *name = &found[i].name;

			assert_int_equal(name->kind, ADMIN_KIND_KEY);
			assert_true(
				!from || name->client_id > above.client_id ||
				(name->client_id == above.client_id &&
				 (name->source_id > above.source_id ||
				  (name->source_id == above.source_id && name->uid > above.uid))));
			*of_client += name->client_id == client && !name->source_id;
			above = *name;
			from = &above;
			total++;
		}
	} while (count == page);
	return total;
}

static int32_t admin_remove(uint16_t source, uint32_t client, uint64_t id)
{
	const struct admin_name name = { id, client, source, ADMIN_KIND_KEY };

	return crypto_admin_ops.remove(&service, &name);
}

static int32_t admin_erase(const uint32_t *client, uint32_t *removed)
{
	int32_t status;
	bool more;

	*removed = 0;
	do {
		more = false;
		status = crypto_admin_ops.erase(&service, client, removed, &more);
	} while (!status && more);
	return status;
}

static void keys_of_all_are_listed_once_in_pages_of_any_length(void **state)
{
	size_t of_alice;

	(void)state;
	become(0, ALICE);
	for (uint32_t id = 1; id <= 5; id++) {
		key_new(id);
		name_set(id, (const char[]){ (char)('a' + id), '\0' });
		key_new(0);
	}
	become(PARTITION, ALICE);
	key_new(1);
	become(0, BOB);
	key_new(7);
	key_new(0);
	for (size_t page = 1; page <= 64; page++) {
		assert_int_equal(listed(page, ALICE, &of_alice), 13);
		assert_int_equal(of_alice, 10);
	}
}

static void a_key_that_was_removed_is_gone_to_its_owner(void **state)
{
	uint32_t kept, volatile_id, op, other;

	(void)state;
	become(0, ALICE);
	key_new(1);
	name_set(1, "web");
	kept = mac_setup(key_new(2));
	volatile_id = key_new(0);
	op = mac_setup(1);
	other = mac_setup(volatile_id);

	assert_int_equal(admin_remove(0, BOB, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, 3), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, 0), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, 1ull << 32 | 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, 1), PSA_SUCCESS);
	assert_int_equal(admin_remove(0, ALICE, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, volatile_id), PSA_SUCCESS);
	assert_int_equal(admin_remove(0, ALICE, volatile_id), PSA_ERROR_DOES_NOT_EXIST);

	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, 1), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, volatile_id), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(with_id(CRYPTO_DESTROY_KEY, 1), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(mac_update(op), PSA_ERROR_BAD_STATE);
	assert_int_equal(mac_update(other), PSA_ERROR_BAD_STATE);
	assert_int_equal(mac_update(kept), PSA_SUCCESS);

	/* The name is free again, and so is the ID. */
	name_set(2, "web");
	key_new(1);
	assert_int_equal(with_id(CRYPTO_KEY_GET_NAME, 1), PSA_SUCCESS);
	expect_part(1, "", 0);
	crypto_restart();
	become(0, ALICE);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, 1), PSA_SUCCESS);
}

static void keys_of_partitions_stay(void **state)
{
	uint32_t removed;

	(void)state;
	become(PARTITION, ALICE);
	key_new(1);
	become(0, ALICE);
	key_new(1);
	assert_int_equal(admin_remove(PARTITION, ALICE, 1), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(admin_erase(NULL, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 1);
	become(PARTITION, ALICE);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, 1), PSA_SUCCESS);
}

static void all_that_a_client_has_is_erased_and_nothing_of_others(void **state)
{
	uint32_t alice = ALICE, removed, op, bobs;
	size_t of_alice;

	(void)state;
	become(0, BOB);
	key_new(9);
	bobs = mac_setup(key_new(0));
	become(0, ALICE);
	for (uint32_t id = 1; id <= 20; id++)
		key_new(id);
	name_set(3, "web");
	for (int i = 0; i < 40; i++)
		op = mac_setup(key_new(0));
	assert_int_equal(admin_erase(&alice, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 60);
	assert_int_equal(listed(64, ALICE, &of_alice), 2);
	assert_int_equal(of_alice, 0);
	assert_int_equal(mac_update(op), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, 3), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(admin_erase(&alice, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 0);
	key_new(3);
	name_set(3, "web");

	become(0, BOB);
	assert_int_equal(mac_update(bobs), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, 9), PSA_SUCCESS);
	assert_int_equal(admin_erase(NULL, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 3);
	assert_int_equal(stored_objects(), 0);
	assert_int_equal(service.pools[CRYPTO_POOL_MEMORY].taken, 0);
	assert_int_equal(service.pools[CRYPTO_POOL_KEYS].taken, 0);
	assert_int_equal(service.pools[CRYPTO_POOL_OPERATIONS].taken, 0);
	assert_int_equal(service.pools[CRYPTO_POOL_CLIENTS].taken, 0);
}

static void without_storage_there_are_volatile_keys(void **state)
{
	size_t of_alice;
	uint32_t id;

	(void)state;
	become(0, ALICE);
	id = key_new(0);
	assert_int_equal(listed(64, ALICE, &of_alice), 1);
	assert_int_equal(admin_remove(0, ALICE, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(admin_remove(0, ALICE, id), PSA_SUCCESS);
	assert_int_equal(listed(64, ALICE, &of_alice), 0);
}

static void storage_that_fails_is_told_and_can_be_tried_again(void **state)
{
	uint32_t alice = ALICE, removed;

	(void)state;
	become(0, ALICE);
	key_new(1);
	name_set(1, "web");
	storage_status = PSA_ERROR_STORAGE_FAILURE;
	assert_int_equal(admin_remove(0, ALICE, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(admin_erase(&alice, &removed), PSA_ERROR_STORAGE_FAILURE);
	storage_status = PSA_SUCCESS;
	assert_int_equal(admin_erase(&alice, &removed), PSA_SUCCESS);
	assert_int_equal(stored_objects(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(keys_of_all_are_listed_once_in_pages_of_any_length),
		TEST(a_key_that_was_removed_is_gone_to_its_owner),
		TEST(keys_of_partitions_stay),
		TEST(all_that_a_client_has_is_erased_and_nothing_of_others),
		cmocka_unit_test_setup_teardown(without_storage_there_are_volatile_keys,
						crypto_setup_without_storage, crypto_teardown),
		TEST(storage_that_fails_is_told_and_can_be_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
