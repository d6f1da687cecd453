// SPDX-License-Identifier: BSD-3-Clause
/* Where the crypto service keeps its keys: what goes to storage, and what may come back. */
#include "cmocka_all.h"
#include <secure/service/crypto/storage.h>
#include <string.h>

/* The last call, and the answer to the next. */
static struct {
	uint16_t opcode;
	uint32_t client_id;
	uint8_t req[CRYPTO_STORAGE_MESSAGE_MAX];
	size_t len, size;
	enum ts_rpc_status rpc_status;
	int32_t status;
	uint8_t resp[SECURE_STORAGE_LIST_MAX * sizeof(uint64_t) + 8];
	size_t resp_len;
	bool knows_no_accounts;
} peer;

static enum ts_rpc_status peer_call(struct rpc_peer *self, uint16_t opcode, uint32_t client_id,
				    const void *req, size_t len, void *resp, size_t size,
				    size_t *resp_len, int32_t *status)
{
	(void)self;
	assert_true(len <= sizeof(peer.req));
	peer.opcode = opcode;
	peer.client_id = client_id;
	memcpy(peer.req, req, len);
	peer.len = len;
	peer.size = size;
	*status = peer.status;
	*resp_len = 0;
	if (opcode == SECURE_STORAGE_SET_FOR && peer.knows_no_accounts)
		return TS_RPC_ERROR_INVALID_VALUE;
	if (peer.rpc_status || peer.status)
		return peer.rpc_status;
	if (peer.resp_len > size)
		return TS_RPC_ERROR_RESOURCE_FAILURE;
	*resp_len = peer.resp_len;
	if (peer.resp_len)
		memcpy(resp, peer.resp, peer.resp_len);
	return TS_RPC_SUCCESS;
}

static const struct rpc_peer_ops peer_ops = { peer_call };
static struct rpc_peer its = { &peer_ops };
static uint8_t message[CRYPTO_STORAGE_MESSAGE_MAX];
static struct client_its storage = { { &its, message, sizeof(message) } };
static const struct crypto_object object = {
	.uid = 0x123456789aull,
	.client_id = 77,
	.payer = { .id = 0x800003e8, .source_id = 0x8004 },
};
static const struct crypto_storage_ops *const ops = &crypto_storage_ops;

static int setup(void **state)
{
	(void)state;
	memset(&peer, 0, sizeof(peer));
	return 0;
}

static void an_object_is_set_for_its_client_and_not_kept_here(void **state)
{
	const struct secure_storage_set_for expected = {
		.uid = object.uid,
		.data_length = 6,
		.account = 0x800003e8,
		.source_id = 0x8004,
	};
	static const uint8_t zeros[sizeof(message)];
	static uint8_t long_object[CRYPTO_STORAGE_OBJECT_MAX + 1];

	(void)state;
	assert_int_equal(ops->set(&storage, &object, "secret", 6), PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_SET_FOR);
	assert_int_equal(peer.client_id, 77);
	assert_int_equal(peer.len, sizeof(expected) + 6);
	assert_memory_equal(peer.req, &expected, sizeof(expected));
	assert_memory_equal(peer.req + sizeof(expected), "secret", 6);
	assert_memory_equal(message, zeros, sizeof(zeros));
	assert_int_equal(ops->set(&storage, &object, long_object, CRYPTO_STORAGE_OBJECT_MAX),
			 PSA_SUCCESS);
	peer.len = 0;
	assert_int_equal(ops->set(&storage, &object, long_object, sizeof(long_object)),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(peer.len, 0);
}

/* Trusted Services' storage, say. */
static void storage_without_accounts_gets_objects_all_the_same(void **state)
{
	const struct secure_storage_set expected = { .uid = object.uid, .data_length = 6 };

	(void)state;
	peer.knows_no_accounts = true;
	assert_int_equal(ops->set(&storage, &object, "secret", 6), PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_SET);
	assert_int_equal(peer.len, sizeof(expected) + 6);
	assert_memory_equal(peer.req, &expected, sizeof(expected));
	assert_memory_equal(peer.req + sizeof(expected), "secret", 6);
}

static void an_object_is_read_and_removed(void **state)
{
	const struct secure_storage_get expected = { object.uid, 3, 8 };
	const struct secure_storage_info info = { .capacity = 9, .size = 5 };
	uint8_t data[8];
	size_t len;

	(void)state;
	memcpy(peer.resp, "data", 4);
	peer.resp_len = 4;
	assert_int_equal(ops->get(&storage, &object, 3, data, sizeof(data), &len), PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_GET);
	assert_memory_equal(peer.req, &expected, sizeof(expected));
	assert_int_equal(len, 4);
	assert_memory_equal(data, "data", 4);

	memcpy(peer.resp, &info, sizeof(info));
	peer.resp_len = sizeof(info);
	assert_int_equal(ops->get_len(&storage, &object, &len), PSA_SUCCESS);
	assert_int_equal(len, 5);
	peer.resp_len--;
	assert_int_equal(ops->get_len(&storage, &object, &len), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(len, 0);

	peer.resp_len = 0;
	assert_int_equal(ops->remove(&storage, &object), PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_REMOVE);
	assert_memory_equal(peer.req, &object.uid, sizeof(object.uid));
}

static void a_list_is_read_as_it_comes(void **state)
{
	uint64_t uids[SECURE_STORAGE_LIST_MAX], got[SECURE_STORAGE_LIST_MAX];
	size_t count;

	(void)state;
	for (uint64_t i = 0; i < SECURE_STORAGE_LIST_MAX; i++)
		uids[i] = i << 40 | 5;
	memcpy(peer.resp, uids, sizeof(uids));
	peer.resp_len = sizeof(uids);
	assert_int_equal(ops->list(&storage, &object, got, SECURE_STORAGE_LIST_MAX, &count),
			 PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_LIST);
	assert_int_equal(peer.client_id, 77);
	assert_int_equal(peer.len, sizeof(object.uid));
	assert_memory_equal(peer.req, &object.uid, sizeof(object.uid));
	assert_int_equal(count, SECURE_STORAGE_LIST_MAX);
	assert_memory_equal(got, uids, sizeof(uids));

	assert_int_equal(ops->list(&storage, &object, got, 3, &count), PSA_SUCCESS);
	assert_int_equal(count, 3);
	peer.resp_len = 0;
	assert_int_equal(ops->list(&storage, &object, got, 3, &count), PSA_SUCCESS);
	assert_int_equal(count, 0);
	peer.resp_len = 15;
	assert_int_equal(ops->list(&storage, &object, got, 3, &count), PSA_ERROR_STORAGE_FAILURE);
	peer.resp_len = sizeof(uids) + 8;
	assert_int_equal(ops->list(&storage, &object, got, 3, &count), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(count, 0);
}

static void objects_of_all_clients_are_read_as_they_come(void **state)
{
	const struct secure_storage_client_object resp[] = { { 77, object.uid + 1 }, { 78, 5 } };
	const struct secure_storage_client_object expected = { 77, object.uid };
	struct crypto_object got[3];
	size_t count;

	(void)state;
	memcpy(peer.resp, resp, sizeof(resp));
	peer.resp_len = sizeof(resp);
	assert_int_equal(ops->list_all(&storage, &object, got, 3, &count), PSA_SUCCESS);
	assert_int_equal(peer.opcode, SECURE_STORAGE_LIST_CLIENTS);
	assert_int_equal(peer.len, sizeof(expected));
	assert_memory_equal(peer.req, &expected, sizeof(expected));
	assert_int_equal(count, 2);
	assert_int_equal(got[0].uid, object.uid + 1);
	assert_int_equal(got[1].client_id, 78);
	assert_int_equal(ops->list_all(&storage, &object, got, 1, &count), PSA_SUCCESS);
	assert_int_equal(count, 1);
	peer.resp_len--;
	assert_int_equal(ops->list_all(&storage, &object, got, 3, &count),
			 PSA_ERROR_STORAGE_FAILURE);
}

static void what_storage_says_is_passed_on_and_silence_is_a_failure(void **state)
{
	const struct {
		enum ts_rpc_status rpc_status;
		int32_t status, expected;
	} cases[] = {
		{ TS_RPC_SUCCESS, PSA_ERROR_DOES_NOT_EXIST, PSA_ERROR_DOES_NOT_EXIST },
		{ TS_RPC_SUCCESS, PSA_ERROR_INSUFFICIENT_STORAGE, PSA_ERROR_INSUFFICIENT_STORAGE },
		{ TS_RPC_ERROR_NOT_FOUND, 0, PSA_ERROR_NOT_SUPPORTED },
		{ TS_RPC_ERROR_INVALID_VALUE, 0, PSA_ERROR_NOT_SUPPORTED },
		{ TS_RPC_ERROR_TRANSPORT_LAYER, 0, PSA_ERROR_STORAGE_FAILURE },
		{ TS_RPC_ERROR_RESOURCE_FAILURE, 0, PSA_ERROR_STORAGE_FAILURE },
	};
	uint64_t uids[1];
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		peer.rpc_status = cases[i].rpc_status;
		peer.status = cases[i].status;
		assert_int_equal(ops->set(&storage, &object, "x", 1), cases[i].expected);
		assert_int_equal(ops->remove(&storage, &object), cases[i].expected);
		assert_int_equal(ops->list(&storage, &object, uids, 1, &count), cases[i].expected);
		assert_int_equal(count, 0);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(an_object_is_set_for_its_client_and_not_kept_here),
		TEST(storage_without_accounts_gets_objects_all_the_same),
		TEST(an_object_is_read_and_removed),
		TEST(a_list_is_read_as_it_comes),
		TEST(objects_of_all_clients_are_read_as_they_come),
		TEST(what_storage_says_is_passed_on_and_silence_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
