// SPDX-License-Identifier: BSD-3-Clause
/* Internal trusted storage or protected storage, message by message: each rule of the protocol. */
#include "cmocka_all.h"
#include "storage_under_test.h"
#include <secure/port/host/flash_model.h>
#include <secure/service/admin.h>
#include <secure/service/secure_storage.h>
#include <string.h>
#include <tstee/secure_storage.h>
#include <tstee/services.h>

#define HANDLE 5

static const uint8_t its_uuid[] = TSTEE_ITS_UUID_BYTES;
static const uint8_t ps_uuid[] = TSTEE_PS_UUID_BYTES;

static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static struct store store;
static struct flash_model flash;
static struct secure_storage its, ps;
static struct admin admin;
static struct admin_storage admin_storage = { &its, &its };
static _Alignas(16) uint8_t page[2 * SECURE_STORAGE_OBJECT_MAX];
static uint16_t source_id;
static uint32_t client_id;
static uint8_t interface_id;
static size_t page_len;

static int map(uint16_t source, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source;
	(void)handle;
	(void)tag;
	*addr = page;
	*len = page_len;
	return 0;
}

static int unmap(uint64_t handle)
{
	(void)handle;
	return 0;
}

/* The next calls come from @source, through a buffer of @len bytes that @account pays for. */
static void share_as(uint16_t source, size_t len, uint32_t account)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE),
					(uint32_t)(HANDLE + len), 0, account };

	page_len = len;
	source_id = source;
	endpoint_handle(&ep, source, words);
	assert_int_equal(words[1], 0);
}

static void share(uint16_t source, size_t len)
{
	share_as(source, len, 0);
}

static int setup(void **state)
{
	static const struct endpoint_memory_ops memory = { map, unmap };
	static const struct service *const services[] = { &its.service, &ps.service,
							  &admin.service };
	static const struct admin_pool_entry pools[] = { { "objects", &store.objects } };

	(void)state;
	assert_int_equal(flash_model_create(&flash, 256 * 1024, 8, 1), 0);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	storage_under_test_init(&its, its_uuid, &store);
	secure_storage_init(&ps, ps_uuid, &store,
			    its.space == SECURE_STORAGE_SPACE_ITS ? SECURE_STORAGE_SPACE_PS :
								    SECURE_STORAGE_SPACE_ITS);
	admin_init(&admin, pools, 1, &admin_storage_ops, &admin_storage);
	endpoint_init(&ep, &memory, services, 3, messages, sizeof(messages));
	client_id = 0;
	interface_id = 0;
	share(0, sizeof(page));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	storage_under_test_free();
	flash_model_close(&flash);
	return 0;
}

/* What came back of the last call. */
static int32_t rpc_status;
static uint32_t resp_len;

/* Sends @len bytes that are in the page; returns the service status. */
static int32_t send(uint16_t opcode, uint32_t len)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(interface_id, opcode),
					(uint32_t)(HANDLE + page_len), 0, len, client_id };

	endpoint_handle(&ep, source_id, words);
	rpc_status = (int32_t)words[1];
	resp_len = words[3];
	return (int32_t)words[2];
}

static int32_t set(uint64_t uid, uint64_t data_length, uint32_t flags, const void *data)
{
	const struct secure_storage_set req = { uid, data_length, flags };

	memcpy(page, &req, sizeof(req));
	memcpy(page + sizeof(req), data, data_length);
	return send(SECURE_STORAGE_SET, (uint32_t)(sizeof(req) + data_length));
}

static int32_t get(uint64_t uid, uint64_t offset, uint64_t size)
{
	const struct secure_storage_get req = { uid, offset, size };

	memcpy(page, &req, sizeof(req));
	return send(SECURE_STORAGE_GET, sizeof(req));
}

static int32_t with_uid(uint16_t opcode, uint64_t uid)
{
	memcpy(page, &uid, sizeof(uid));
	return send(opcode, sizeof(uid));
}

static int32_t create(uint64_t uid, uint64_t capacity, uint32_t flags)
{
	const struct secure_storage_create req = { uid, capacity, flags };

	memcpy(page, &req, sizeof(req));
	return send(SECURE_STORAGE_CREATE, sizeof(req));
}

static int32_t set_extended(uint64_t uid, uint64_t offset, uint64_t len, const void *data)
{
	const struct secure_storage_set_extended req = { uid, offset, len };

	memcpy(page, &req, sizeof(req));
	memcpy(page + sizeof(req), data, len);
	return send(SECURE_STORAGE_SET_EXTENDED, (uint32_t)(sizeof(req) + len));
}

static void expect_object(uint64_t uid, const char *data)
{
	assert_int_equal(get(uid, 0, 1000), PSA_SUCCESS);
	assert_int_equal(resp_len, strlen(data));
	assert_memory_equal(page, data, resp_len);
}

static void expect_info(uint64_t uid, uint64_t capacity, uint64_t size, uint32_t flags)
{
	struct secure_storage_info info;

	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, uid), PSA_SUCCESS);
	assert_int_equal(resp_len, sizeof(info));
	memcpy(&info, page, sizeof(info));
	assert_int_equal(info.capacity, capacity);
	assert_int_equal(info.size, size);
	assert_int_equal(info.flags, flags);
}

static void the_observed_messages_get_the_observed_answers(void **state)
{
	const uint8_t request[36] = { 6, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0,  0,  0,  0,  0,  0,
				      0, 0, 0, 1, 2, 3, 4, 5, 6,  7, 8, 9, 10, 11, 12, 13, 14, 15 };
	const uint8_t info[20] = { 16, 0, 0, 0, 0, 0, 0, 0, 16 };

	(void)state;
	memcpy(page, request, sizeof(request));
	assert_int_equal(send(0x100, sizeof(request)), 0);
	assert_int_equal(resp_len, 0);
	assert_int_equal(with_uid(0x102, 6), 0);
	assert_int_equal(resp_len, 20);
	assert_memory_equal(page, info, 20);
	assert_int_equal(send(0x106, 0), 0);
	assert_int_equal(resp_len, 4);
	assert_memory_equal(page, "\1\0\0\0", 4);
}

static void uid_0_is_invalid_in_any_operation(void **state)
{
	(void)state;
	assert_int_equal(set(0, 1, 0, "a"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set(0, 1, 8, "a"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(get(0, 0, 1), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(create(0, 1, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_extended(0, 0, 1, "a"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(rpc_status, 0);
}

static void unknown_flags_are_not_supported(void **state)
{
	(void)state;
	for (int bit = 3; bit < 32; bit++) {
		assert_int_equal(set(1, 1, 1u << bit, "a"), PSA_ERROR_NOT_SUPPORTED);
		assert_int_equal(create(1, 1, 1u << bit), PSA_ERROR_NOT_SUPPORTED);
	}
	assert_int_equal(create(1, 1, SECURE_STORAGE_FLAG_WRITE_ONCE), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(set(1, 1, 6, "a"), PSA_SUCCESS);
	expect_info(1, 1, 1, 6);
}

static void write_once_objects_stay_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(set(1, 3, SECURE_STORAGE_FLAG_WRITE_ONCE, "abc"), PSA_SUCCESS);
	assert_int_equal(set(1, 3, 0, "xyz"), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(set_extended(1, 0, 1, "x"), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(create(1, 3, 0), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(set(1, 3, 0, "xyz"), PSA_ERROR_NOT_PERMITTED);
	expect_object(1, "abc");
	expect_info(1, 3, 3, SECURE_STORAGE_FLAG_WRITE_ONCE);
}

static void set_replaces_data_flags_and_capacity(void **state)
{
	(void)state;
	assert_int_equal(set(1, 5, 2, "first"), PSA_SUCCESS);
	assert_int_equal(set(1, 3, 4, "2nd"), PSA_SUCCESS);
	expect_object(1, "2nd");
	expect_info(1, 3, 3, 4);
	assert_int_equal(set(1, 0, 0, ""), PSA_SUCCESS);
	expect_object(1, "");
	expect_info(1, 0, 0, 0);
}

static void absent_objects_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(get(1, 0, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(resp_len, 0);
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(set_extended(1, 0, 1, "a"), PSA_ERROR_DOES_NOT_EXIST);
}

static void get_is_clipped_and_refuses_an_offset_past_the_end(void **state)
{
	(void)state;
	assert_int_equal(set(1, 5, 0, "hello"), PSA_SUCCESS);
	assert_int_equal(get(1, 1, 3), PSA_SUCCESS);
	assert_int_equal(resp_len, 3);
	assert_memory_equal(page, "ell", 3);
	assert_int_equal(get(1, 3, UINT32_MAX - 3), PSA_SUCCESS);
	assert_int_equal(resp_len, 2);
	assert_int_equal(get(1, 0, UINT64_MAX), PSA_SUCCESS);
	assert_int_equal(resp_len, 5);
	/* No address range is as long as that. */
	assert_int_equal(get(1, 3, UINT32_MAX), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(get(1, 3, UINT64_MAX), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(get(1, 5, 1), PSA_SUCCESS);
	assert_int_equal(resp_len, 0);
	assert_int_equal(get(1, 6, 1), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(get(1, UINT64_MAX, 2), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(get(1, 1ull << 32, 1), PSA_ERROR_INVALID_ARGUMENT);
}

static void get_is_clipped_to_the_buffer(void **state)
{
	static uint8_t data[5000];

	(void)state;
	memset(data, 0x42, sizeof(data));
	assert_int_equal(set(1, sizeof(data), 0, data), PSA_SUCCESS);
	share(0, 4096);
	assert_int_equal(get(1, 0, 5000), PSA_SUCCESS);
	assert_int_equal(resp_len, 4096);
	assert_int_equal(get(1, 4096, 5000), PSA_SUCCESS);
	assert_int_equal(resp_len, 904);
}

static void create_makes_an_empty_object_of_that_capacity(void **state)
{
	(void)state;
	assert_int_equal(create(1, 100, 2), PSA_SUCCESS);
	assert_int_equal(resp_len, 0);
	expect_info(1, 100, 0, 2);
	expect_object(1, "");
	assert_int_equal(create(1, 100, 2), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(create(2, SECURE_STORAGE_OBJECT_MAX + 1, 0),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(create(2, UINT64_MAX, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(create(2, 1ull << 32, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	/* Even where there is one. */
	assert_int_equal(create(1, UINT32_MAX, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
}

static void set_extended_grows_an_object_without_gaps(void **state)
{
	(void)state;
	assert_int_equal(create(1, 10, 0), PSA_SUCCESS);
	assert_int_equal(set_extended(1, 1, 1, "a"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_extended(1, 0, 4, "abcd"), PSA_SUCCESS);
	assert_int_equal(set_extended(1, 2, 4, "CDEF"), PSA_SUCCESS);
	expect_object(1, "abCDEF");
	expect_info(1, 10, 6, 0);
	assert_int_equal(set_extended(1, 1, 2, "xx"), PSA_SUCCESS);
	expect_object(1, "axxDEF");
	assert_int_equal(set_extended(1, 6, 5, "56789"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_extended(1, 6, 4, "6789"), PSA_SUCCESS);
	expect_object(1, "axxDEF6789");
	assert_int_equal(set_extended(1, 10, 0, ""), PSA_SUCCESS);
	assert_int_equal(set_extended(1, 11, 0, ""), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_extended(1, UINT64_MAX, 2, "ab"), PSA_ERROR_INVALID_ARGUMENT);
	expect_object(1, "axxDEF6789");
}

static void objects_of_64_kib_come_in_one_message(void **state)
{
	static uint8_t data[SECURE_STORAGE_OBJECT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(set(1, SECURE_STORAGE_OBJECT_MAX, 0, data), PSA_SUCCESS);
	assert_int_equal(get(1, 0, SECURE_STORAGE_OBJECT_MAX), PSA_SUCCESS);
	assert_int_equal(resp_len, SECURE_STORAGE_OBJECT_MAX);
	assert_memory_equal(page, data, SECURE_STORAGE_OBJECT_MAX);
	assert_int_equal(set(2, SECURE_STORAGE_OBJECT_MAX + 1, 0, data),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(create(3, SECURE_STORAGE_OBJECT_MAX, 0), PSA_SUCCESS);
	assert_int_equal(set_extended(3, 0, 60000, data), PSA_SUCCESS);
	assert_int_equal(set_extended(3, 60000, 5536, data + 60000), PSA_SUCCESS);
	assert_int_equal(get(3, 1, 65535), PSA_SUCCESS);
	assert_memory_equal(page, data + 1, 65535);
}

static void a_full_store_says_so_and_keeps_what_it_has(void **state)
{
	static uint8_t data[60000];
	uint64_t uid = 1;

	(void)state;
	while (set(uid, sizeof(data), 0, data) == PSA_SUCCESS)
		uid++;
	assert_int_equal(set(uid, sizeof(data), 0, data), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, uid), PSA_ERROR_DOES_NOT_EXIST);
	expect_info(1, sizeof(data), sizeof(data), 0);
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1), PSA_SUCCESS);
	assert_int_equal(set(uid, sizeof(data), 0, data), PSA_SUCCESS);
}

static void callers_do_not_see_each_others_objects(void **state)
{
	const struct {
		uint16_t source;
		uint32_t client;
		uint8_t interface;
		const char *data;
	} callers[] = { { 0, 0, 0, "public" },
			{ 0, 0x800003e8, 0, "uid 1000" },
			{ 0, 0x800007d0, 0, "uid 2000" },
			{ 0x8003, 0, 0, "crypto" },
			{ 0x8003, 0x800003e8, 0, "crypto for 1000" },
			{ 0, 0, 1, "protected" } };

	(void)state;
	share(0x8003, 16384);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 6; i++) {
			source_id = callers[i].source;
			page_len = source_id ? 16384 : sizeof(page);
			client_id = callers[i].client;
			interface_id = callers[i].interface;
			if (!round)
				assert_int_equal(get(1, 0, 1), PSA_ERROR_DOES_NOT_EXIST);
			if (!round)
				assert_int_equal(
					set(1, strlen(callers[i].data), 0, callers[i].data),
					PSA_SUCCESS);
			expect_object(1, callers[i].data);
		}
	}
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1), PSA_SUCCESS);
	interface_id = 0;
	expect_object(1, "public");
}

static void a_list_has_the_uids_of_its_caller_in_portions(void **state)
{
	const uint64_t count = SECURE_STORAGE_LIST_MAX + 5;
	uint64_t uids[SECURE_STORAGE_LIST_MAX];

	(void)state;
	for (uint64_t i = 0; i < count; i++)
		assert_int_equal(set((count - i) << 32, 1, 0, "a"), PSA_SUCCESS);
	client_id = 1;
	assert_int_equal(set(77, 1, 0, "a"), PSA_SUCCESS);
	client_id = 0;
	interface_id = 1;
	assert_int_equal(set(78, 1, 0, "a"), PSA_SUCCESS);
	assert_int_equal(with_uid(SECURE_STORAGE_LIST, 0), PSA_SUCCESS);
	assert_int_equal(resp_len, 8);
	interface_id = 0;

	assert_int_equal(with_uid(SECURE_STORAGE_LIST, 0), PSA_SUCCESS);
	assert_int_equal(resp_len, sizeof(uids));
	memcpy(uids, page, sizeof(uids));
	for (uint64_t i = 0; i < SECURE_STORAGE_LIST_MAX; i++)
		assert_int_equal(uids[i], (i + 1) << 32);
	assert_int_equal(with_uid(SECURE_STORAGE_LIST, uids[SECURE_STORAGE_LIST_MAX - 1]),
			 PSA_SUCCESS);
	assert_int_equal(resp_len, 5 * 8);
	memcpy(uids, page, 5 * 8);
	assert_int_equal(uids[4], count << 32);
	assert_int_equal(with_uid(SECURE_STORAGE_LIST, count << 32), PSA_SUCCESS);
	assert_int_equal(resp_len, 0);

	send(SECURE_STORAGE_LIST, 7);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
	share(0, sizeof(uids) - 1);
	with_uid(SECURE_STORAGE_LIST, 0);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_RESPONSE_BODY);
}

static void short_requests_are_rpc_errors(void **state)
{
	const uint32_t fixed[] = { 20, 24, 8, 8, 20, 24 };

	(void)state;
	memset(page, 0, 64);
	page[0] = 1;
	for (uint16_t op = 0; op < 6; op++) {
		for (uint32_t len = 0; len < fixed[op]; len++) {
			assert_int_equal(send(SECURE_STORAGE_SET + op, len), 0);
			assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
			assert_int_equal(resp_len, 0);
		}
	}
	assert_int_equal(flash.operations, 0);
	send(SECURE_STORAGE_GET_SUPPORT + 1, 0);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_VALUE);
}

static void hostile_data_lengths_are_rpc_errors(void **state)
{
	const uint64_t lens[] = { 5,
				  1ull << 31,
				  1ull << 32,
				  (1ull << 32) + 4,
				  UINT64_MAX - 19,
				  UINT64_MAX - 23,
				  UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		const struct secure_storage_set set_req = { 1, lens[i], 0 };
		const struct secure_storage_set_extended ext_req = { 1, 0, lens[i] };

		memcpy(page, &set_req, sizeof(set_req));
		send(SECURE_STORAGE_SET, sizeof(set_req) + 4);
		assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
		memcpy(page, &ext_req, sizeof(ext_req));
		send(SECURE_STORAGE_SET_EXTENDED, sizeof(ext_req) + 4);
		assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
	}
	assert_int_equal(flash.operations, 0);
}

static void extra_bytes_in_a_request_are_ignored(void **state)
{
	const struct secure_storage_set req = { 1, 2, 0 };

	(void)state;
	memcpy(page, &req, sizeof(req));
	memcpy(page + sizeof(req), "abcdef", 6);
	assert_int_equal(send(SECURE_STORAGE_SET, sizeof(req) + 6), PSA_SUCCESS);
	expect_object(1, "ab");
}

static void too_little_room_for_a_response_is_an_rpc_error(void **state)
{
	(void)state;
	assert_int_equal(set(1, 1, 0, "a"), PSA_SUCCESS);
	share(0, 19);
	with_uid(SECURE_STORAGE_GET_INFO, 1);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_RESPONSE_BODY);
	share(0, 3);
	send(SECURE_STORAGE_GET_SUPPORT, 0);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_RESPONSE_BODY);
}

/* The next calls come from @source, @client and @account, and nobody has another buffer. */
static void come_from(uint16_t source, uint32_t client, uint32_t account)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, TS_RPC_MEMORY_RELINQUISH),
					(uint32_t)(HANDLE + page_len) };

	endpoint_handle(&ep, source_id, words);
	assert_int_equal(words[1], 0);
	client_id = client;
	share_as(source, sizeof(page), account);
}

static void be(uint32_t client, uint32_t account)
{
	come_from(0, client, account);
}

/* Stores objects of @len bytes until there is no room; how many. */
static uint32_t hog(uint64_t uid, uint32_t flags, uint64_t len)
{
	static const uint8_t data[SECURE_STORAGE_OBJECT_MAX];
	uint32_t count = 0;
	int32_t status;

	while ((status = set(uid + count, len, flags, data)) == PSA_SUCCESS)
		count++;
	assert_int_equal(status, PSA_ERROR_INSUFFICIENT_STORAGE);
	return count;
}

#define ALICE 0x800003e8u
#define BOB   0x800003e9u
#define CAROL 0x800003eau
#define STAFF 0xfc000014u

static void nobody_takes_all_objects_for_ever(void **state)
{
	uint32_t first, second;

	(void)state;
	be(ALICE, ALICE);
	first = hog(1, SECURE_STORAGE_FLAG_WRITE_ONCE, 1);
	assert_in_range(first, 2000, STORE_OBJECT_COUNT / 2);
	/* He is the same one as a group, and as public. */
	be(STAFF, ALICE);
	assert_int_equal(hog(1, 0, 1), 0);
	be(0, ALICE);
	assert_int_equal(hog(1, 0, 1), 0);

	be(BOB, BOB);
	second = hog(1, SECURE_STORAGE_FLAG_WRITE_ONCE, 1);
	assert_in_range(second, 1000, first);
	be(CAROL, CAROL);
	assert_true(hog(1, 0, 1) > 500);

	/* Nor does he after a restart. */
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	be(ALICE, ALICE);
	assert_int_equal(hog(10000, 0, 1), 0);
	be(CAROL + 1, CAROL + 1);
	assert_true(hog(1, 0, 1) > 200);
}

static void nobody_takes_all_bytes(void **state)
{
	uint32_t first;

	(void)state;
	be(ALICE, ALICE);
	first = hog(1, 0, 8192);
	assert_in_range(first, 50, 120);
	be(BOB, BOB);
	assert_in_range(hog(1, 0, 8192), 20, first);
	be(CAROL, CAROL);
	assert_true(hog(1, 0, 4096) > 10);
}

static void who_has_his_share_can_still_change_what_he_has(void **state)
{
	static const uint8_t data[8192], longer[8192 + 2048];
	uint32_t count;

	(void)state;
	be(ALICE, ALICE);
	count = hog(1, 0, sizeof(data));
	/* Others take what was left, so that he has far more than is free. */
	for (uint32_t i = 0; i < 8; i++) {
		be(BOB + i, BOB + i);
		hog(1, 0, sizeof(data));
		hog(1000, 0, 512);
	}
	be(ALICE, ALICE);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(set(1 + i, sizeof(data), 0, data), PSA_SUCCESS);
	assert_int_equal(set(1, sizeof(data) + 2048, 0, longer), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(set(1, 100, 0, data), PSA_SUCCESS);
	for (uint32_t i = 1; i < count; i++)
		assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1 + i), PSA_SUCCESS);
	assert_int_equal(set(2, sizeof(data), 0, data), PSA_SUCCESS);
}

static int32_t set_for(uint64_t uid, uint32_t account, uint16_t source)
{
	const struct secure_storage_set_for req = {
		.uid = uid,
		.data_length = 1,
		.account = account,
		.source_id = source,
	};

	memcpy(page, &req, sizeof(req));
	page[sizeof(req)] = 'x';
	return send(SECURE_STORAGE_SET_FOR, sizeof(req) + 1);
}

static void a_full_store_has_a_reserve_for_the_secure_world(void **state)
{
	uint32_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		be(ALICE + i, ALICE + i);
		hog(1, SECURE_STORAGE_FLAG_WRITE_ONCE, 1);
	}
	/* Nothing is left to new accounts, but to a partition which keeps things for them... */
	assert_int_equal(set(1, 1, 0, "x"), PSA_ERROR_INSUFFICIENT_STORAGE);
	come_from(0x8003, 0, 0);
	client_id = CAROL + 100;
	while (set_for(1 + count, CAROL + 100, 0) == PSA_SUCCESS)
		count++;
	assert_true(count > 100);
	/* ...and who had his share has none there... */
	assert_int_equal(set_for(2000, ALICE, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	/* ...while nobody touches what is the partition's own. */
	for (uint32_t i = 0; i < 40; i++) {
		client_id = BOB + i;
		for (count = 0; set_for(1 + count, BOB + 200 + i, 0) == PSA_SUCCESS; count++)
			;
	}
	client_id = 0;
	for (uint64_t uid = 3000; uid < 3200; uid++)
		assert_int_equal(set(uid, 1, 0, "x"), PSA_SUCCESS);
	assert_int_equal(set_for(4000, 0, 0x8004), PSA_SUCCESS);
}

static void only_a_partition_says_who_pays(void **state)
{
	(void)state;
	be(ALICE, ALICE);
	assert_int_equal(set_for(1, BOB, 0), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, 1), PSA_ERROR_DOES_NOT_EXIST);
	come_from(0x8003, 0, 0);
	client_id = BOB;
	assert_int_equal(set_for(1, BOB, 0), PSA_SUCCESS);
	expect_object(1, "x");
}

static void a_partition_lists_what_it_keeps_for_all_its_clients(void **state)
{
	struct secure_storage_client_object above = { 0 }, objects[SECURE_STORAGE_LIST_MAX];
	uint32_t seen = 0;

	(void)state;
	be(ALICE, ALICE);
	assert_int_equal(set(1, 1, 0, "x"), PSA_SUCCESS);
	memcpy(page, &above, sizeof(above));
	assert_int_equal(send(SECURE_STORAGE_LIST_CLIENTS, sizeof(above)), PSA_ERROR_NOT_PERMITTED);
	come_from(0x8003, 0, 0);
	for (uint32_t i = 0; i < 150; i++) {
		client_id = ALICE + i % 3;
		assert_int_equal(set_for(1 + i / 3, client_id, 0), PSA_SUCCESS);
	}
	do {
		memcpy(page, &above, sizeof(above));
		assert_int_equal(send(SECURE_STORAGE_LIST_CLIENTS, sizeof(above)), PSA_SUCCESS);
		memcpy(objects, page, resp_len);
		for (uint32_t i = 0; i < resp_len / sizeof(above); i++, seen++) {
			assert_int_equal(objects[i].client_id, ALICE + seen / 50);
			assert_int_equal(objects[i].uid, 1 + seen % 50);
			above = objects[i];
		}
	} while (resp_len == sizeof(objects));
	assert_int_equal(seen, 150);
}

#define ROOT 0x80000000u

static uint32_t list_all(uint16_t kind)
{
	struct admin_object objects[ADMIN_PAGE];
	struct admin_list req = { .first = 1 };
	uint32_t seen = 0;

	interface_id = 2;
	do {
		memcpy(page, &req, sizeof(req));
		assert_int_equal(send(ADMIN_LIST, sizeof(req)), PSA_SUCCESS);
		memcpy(objects, page, resp_len);
		for (uint32_t i = 0; i < resp_len / sizeof(objects[0]); i++) {
			seen += objects[i].name.kind == kind;
			req.above = objects[i].name;
			req.first = 0;
		}
	} while (resp_len == sizeof(objects));
	interface_id = 0;
	return seen;
}

static int32_t admin_erase(uint32_t client, uint32_t scope, uint32_t *removed)
{
	const struct admin_erase req = { client, scope };
	struct admin_erased out = { 0 };
	int32_t status;

	*removed = 0;
	interface_id = 2;
	do {
		memcpy(page, &req, sizeof(req));
		status = send(ADMIN_ERASE, sizeof(req));
		memcpy(&out, page, sizeof(out));
		*removed += status ? 0 : out.removed;
	} while (!status && out.more);
	interface_id = 0;
	return status;
}

static void an_administrator_sees_and_removes_what_others_keep(void **state)
{
	struct admin_name name = { 7, ALICE, 0, (uint16_t)its.space };
	struct admin_pool pool;
	uint32_t removed;

	(void)state;
	come_from(0x8003, ALICE, 0);
	assert_int_equal(set(5, 1, 0, "k"), PSA_SUCCESS);
	be(BOB, BOB);
	assert_int_equal(set(1, 1, 0, "b"), PSA_SUCCESS);
	be(ALICE, ALICE);
	for (uint64_t uid = 1; uid <= 300; uid++)
		assert_int_equal(set(uid, 1, SECURE_STORAGE_FLAG_WRITE_ONCE, "a"), PSA_SUCCESS);

	/* Everybody sees his own use, and no more. */
	interface_id = 2;
	assert_int_equal(send(ADMIN_USAGE, 0), PSA_SUCCESS);
	memcpy(&pool, page, sizeof(pool));
	assert_string_equal(pool.name, "objects");
	assert_int_equal(pool.held, 300);
	assert_int_equal(pool.total, STORE_OBJECT_COUNT);
	assert_int_equal(pool.free, pool.total - pool.reserve - 302);
	memcpy(page, &name, sizeof(name));
	assert_int_equal(send(ADMIN_REMOVE, sizeof(name)), PSA_ERROR_NOT_PERMITTED);
	memset(page, 0, 64);
	assert_int_equal(send(ADMIN_LIST, sizeof(struct admin_list)), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(send(ADMIN_HOLDERS, sizeof(struct admin_holders)),
			 PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(admin_erase(BOB, ADMIN_ERASE_CLIENT, &removed), PSA_ERROR_NOT_PERMITTED);

	/* A partition can call itself what it likes. */
	come_from(0x8003, ROOT, ROOT);
	assert_int_equal(admin_erase(BOB, ADMIN_ERASE_CLIENT, &removed), PSA_ERROR_NOT_PERMITTED);

	be(ROOT, ROOT);
	assert_int_equal(list_all((uint16_t)its.space), 302);
	interface_id = 2;
	memcpy(page, &name, sizeof(name));
	assert_int_equal(send(ADMIN_REMOVE, sizeof(name)), PSA_SUCCESS);
	memcpy(page, &name, sizeof(name));
	assert_int_equal(send(ADMIN_REMOVE, sizeof(name)), PSA_ERROR_DOES_NOT_EXIST);
	name = (struct admin_name){ 5, ALICE, 0x8003, (uint16_t)its.space };
	memcpy(page, &name, sizeof(name));
	assert_int_equal(send(ADMIN_REMOVE, sizeof(name)), PSA_ERROR_NOT_PERMITTED);

	assert_int_equal(admin_erase(ALICE, ADMIN_ERASE_CLIENT, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 299);
	assert_int_equal(list_all((uint16_t)its.space), 2);
	assert_int_equal(admin_erase(0, ADMIN_ERASE_ALL, &removed), PSA_SUCCESS);
	assert_int_equal(removed, 1);
	assert_int_equal(list_all((uint16_t)its.space), 1);
}

static void a_store_that_did_not_mount_fails_every_operation(void **state)
{
	(void)state;
	flash.powered = false;
	assert_int_equal(store_mount(&store, &flash.flash), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(set(1, 1, 0, "a"), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(get(1, 0, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(with_uid(SECURE_STORAGE_GET_INFO, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(with_uid(SECURE_STORAGE_REMOVE, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(with_uid(SECURE_STORAGE_LIST, 0), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(create(1, 1, 0), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(set_extended(1, 0, 1, "a"), PSA_ERROR_STORAGE_FAILURE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_observed_messages_get_the_observed_answers),
		TEST(uid_0_is_invalid_in_any_operation),
		TEST(unknown_flags_are_not_supported),
		TEST(write_once_objects_stay_as_they_are),
		TEST(set_replaces_data_flags_and_capacity),
		TEST(absent_objects_do_not_exist),
		TEST(get_is_clipped_and_refuses_an_offset_past_the_end),
		TEST(get_is_clipped_to_the_buffer),
		TEST(create_makes_an_empty_object_of_that_capacity),
		TEST(set_extended_grows_an_object_without_gaps),
		TEST(objects_of_64_kib_come_in_one_message),
		TEST(a_full_store_says_so_and_keeps_what_it_has),
		TEST(callers_do_not_see_each_others_objects),
		TEST(a_list_has_the_uids_of_its_caller_in_portions),
		TEST(short_requests_are_rpc_errors),
		TEST(hostile_data_lengths_are_rpc_errors),
		TEST(extra_bytes_in_a_request_are_ignored),
		TEST(too_little_room_for_a_response_is_an_rpc_error),
		TEST(nobody_takes_all_objects_for_ever),
		TEST(nobody_takes_all_bytes),
		TEST(who_has_his_share_can_still_change_what_he_has),
		TEST(a_full_store_has_a_reserve_for_the_secure_world),
		TEST(only_a_partition_says_who_pays),
		TEST(a_partition_lists_what_it_keeps_for_all_its_clients),
		TEST(an_administrator_sees_and_removes_what_others_keep),
		TEST(a_store_that_did_not_mount_fails_every_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
