// SPDX-License-Identifier: BSD-3-Clause
/* The RPC endpoint, with shared memory that is ordinary memory here. */
#include "cmocka_all.h"
#include <secure/rpc/endpoint.h>
#include <string.h>
#include <tstee/client_id.h>

#define LINUX	  0
#define PEER	  0x8003

#define LEFT_HEAD 4u

/* Buffers from this one on are huge_len bytes. */
#define HUGE_HANDLE 0xffff0000

#define ECHO	    0x10
#define STATUS	    0x11 /* request: RPC status u32, service status u32; responds with 8 bytes */
#define LENGTH	    0x12 /* request: n u32; responds with n bytes */
#define CALLER	    0x13
#define LEFT	    0x14 /* all but LEFT_HEAD bytes are left in the page; responds with those */
#define TOUCH	    0x20 /* changes the shared page while it is handled; then as ECHO */

static const uint8_t uuid_a[] = { 0xdc, 0x1e, 0xef, 0x48, 0xb1, 0x7a, 0x4c, 0xcf,
				  0xac, 0x8b, 0xdf, 0xcf, 0xf7, 0x71, 0x1b, 0x14 };

static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static _Alignas(16) uint8_t page[4096];
static _Alignas(16) uint8_t large[ENDPOINT_MESSAGE_MAX + 4096];
static int fail_retrieve, fail_relinquish, mapped;
static size_t calls;
static uint64_t last_tag;
static size_t huge_len;

static int fake_retrieve(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr,
			 size_t *len)
{
	(void)source_id;
	if (fail_retrieve)
		return fail_retrieve;
	last_tag = tag;
	mapped++;
	*addr = handle == 0x1111 ? large : page;
	*len = handle == 0x1111 ? sizeof(large) : sizeof(page);
	/* Not touched behind its first page. */
	if (handle >= HUGE_HANDLE)
		*len = huge_len;
	return 0;
}

static int fake_relinquish(uint64_t handle)
{
	(void)handle;
	if (fail_relinquish)
		return -1;
	mapped--;
	return 0;
}

static const struct endpoint_memory_ops fake_memory = { fake_retrieve, fake_relinquish };

static enum ts_rpc_status echo(void *ctx, const struct rpc_caller *caller, struct reader *req,
			       struct writer *resp, int32_t *status)
{
	const uint8_t *bytes;
	size_t len;

	(void)ctx;
	(void)caller;
	calls++;
	*status = 0;
	if (!reader_rest(req, &bytes, &len) || !writer_bytes(resp, bytes, len))
		return TS_RPC_ERROR_INTERNAL;
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status answer_status(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	uint32_t rpc, service;

	(void)ctx;
	(void)caller;
	if (!reader_u32(req, &rpc) || !reader_u32(req, &service) ||
	    !writer_u64(resp, 0x5ec4e75ec4e7))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = (int32_t)service;
	return (enum ts_rpc_status)rpc;
}

static enum ts_rpc_status answer_length(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	uint32_t len;

	(void)ctx;
	(void)caller;
	*status = 0;
	if (!reader_u32(req, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* As a careless handler would: the endpoint must notice. */
	if (len <= writer_room(resp))
		memset(writer_tail(resp), 0x77, len);
	(void)!writer_advance(resp, len);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status answer_caller(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	(void)ctx;
	(void)req;
	*status = 0;
	return writer_u32(resp, caller->source_id) && writer_u32(resp, caller->client_id) &&
			       writer_u64(resp, caller->buffer) &&
			       writer_u32(resp, caller->account) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INTERNAL;
}

static size_t copied(uint16_t opcode)
{
	return opcode == LEFT ? LEFT_HEAD : SIZE_MAX;
}

static enum ts_rpc_status answer_left(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status)
{
	const uint8_t *bytes;
	uint32_t head;
	size_t len;

	(void)ctx;
	(void)caller;
	*status = 0;
	/* Not before the head. */
	assert_false(reader_left(req, &bytes, &len));
	assert_null(bytes);
	assert_int_equal(len, 0);
	if (!reader_u32(req, &head))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!reader_left(req, &bytes, &len))
		return TS_RPC_SUCCESS;
	assert_ptr_equal(bytes, page + LEFT_HEAD);
	/* Nothing of it was copied, and it isn't there for who reads on. */
	for (size_t i = LEFT_HEAD; i < sizeof(page); i++)
		assert_int_equal(ep.request[i], 0);
	assert_true(writer_bytes(resp, bytes, len));
	assert_false(reader_u32(req, &head));
	assert_false(reader_left(req, &bytes, &len));
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status touch(void *ctx, const struct rpc_caller *caller, struct reader *req,
				struct writer *resp, int32_t *status)
{
	memset(page, 0xff, sizeof(page));
	return echo(ctx, caller, req, resp, status);
}

static struct {
	int count;
	uint16_t source_id;
	uint64_t buffer;
} released;

static void note_released(void *ctx, uint16_t source_id, uint64_t buffer)
{
	assert_ptr_equal(ctx, &released);
	released.count++;
	released.source_id = source_id;
	released.buffer = buffer;
}

static const struct service_op ops_a[] = {
	{ ECHO, echo },
	{ STATUS, answer_status },
	{ LENGTH, answer_length },
	{ CALLER, answer_caller },
	{ LEFT, answer_left },
	{ TOUCH, touch },
};

static const struct service service_a = {
	.uuid = { 0xdc, 0x1e, 0xef, 0x48, 0xb1, 0x7a, 0x4c, 0xcf, 0xac, 0x8b, 0xdf, 0xcf, 0xf7,
		  0x71, 0x1b, 0x14 },
	.ops = ops_a,
	.op_count = sizeof(ops_a) / sizeof(ops_a[0]),
	.ctx = &released,
	.released = note_released,
	.copied = copied,
};
static const struct service service_empty = { .uuid = { 1 } };
static const struct service *const services[] = { &service_empty, &service_a, NULL };

static int setup(void **state)
{
	(void)state;
	endpoint_init(&ep, &fake_memory, services, 3, messages, sizeof(messages));
	fail_retrieve = 0;
	fail_relinquish = 0;
	mapped = 0;
	calls = 0;
	memset(&released, 0, sizeof(released));
	memset(page, 0, sizeof(page));
	return 0;
}

/* One message; checks what holds for every response. */
static int32_t send(uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	const uint32_t control = words[0];

	endpoint_handle(&ep, source_id, words);
	assert_int_equal(words[0], control);
	assert_int_equal(words[4], 0);
	if (words[1]) {
		assert_int_equal(words[3], 0);
		if (control != ts_rpc_control(0xff, TS_RPC_VERSION_GET))
			assert_int_equal(words[2], 0);
	}
	return (int32_t)words[1];
}

static int32_t manage(uint16_t source_id, uint16_t opcode, uint64_t handle)
{
	uint32_t words[] = { ts_rpc_control(0xff, opcode), (uint32_t)handle,
			     (uint32_t)(handle >> 32), 0xaa, 0xbb };

	return send(source_id, words);
}

static int32_t retrieve(uint16_t source_id, uint64_t handle)
{
	return manage(source_id, TS_RPC_MEMORY_RETRIEVE, handle);
}

static int32_t relinquish(uint16_t source_id, uint64_t handle)
{
	return manage(source_id, TS_RPC_MEMORY_RELINQUISH, handle);
}

static int32_t call(uint16_t opcode, uint64_t handle, uint32_t len, uint32_t words[TS_RPC_REGS])
{
	words[0] = ts_rpc_control(1, opcode);
	words[1] = (uint32_t)handle;
	words[2] = (uint32_t)(handle >> 32);
	words[3] = len;
	words[4] = 0x80000005;
	return send(LINUX, words);
}

static void version_is_one_and_nothing_else_is_said(void **state)
{
	uint32_t words[] = { ts_rpc_control(0xff, TS_RPC_VERSION_GET), 9, 9, 9, 9 };

	(void)state;
	send(LINUX, words);
	assert_int_equal(words[1], 1);
	assert_int_equal(words[2], 0);
	assert_int_equal(words[3], 0);
}

static void unknown_management_opcodes_are_refused(void **state)
{
	(void)state;
	assert_int_equal(manage(LINUX, 4, 0), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(manage(LINUX, 0xffff, 0), TS_RPC_ERROR_INVALID_VALUE);
}

static void reserved_control_bits_are_refused(void **state)
{
	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	for (int bit = 24; bit < 32; bit++) {
		uint32_t words[] = { ts_rpc_control(1, ECHO) | 1u << bit, 5, 0, 0, 0 };
		uint32_t manage_words[] = { ts_rpc_control(0xff, 0) | 1u << bit, 0, 0, 0, 0 };

		assert_int_equal(send(LINUX, words), TS_RPC_ERROR_INVALID_VALUE);
		assert_int_equal(send(LINUX, manage_words), TS_RPC_ERROR_INVALID_VALUE);
	}
	assert_int_equal(calls, 0);
}

static void a_service_is_found_by_its_uuid(void **state)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, TS_RPC_INTERFACE_ID_QUERY) };

	(void)state;
	memcpy(&words[1], uuid_a, sizeof(uuid_a));
	assert_int_equal(send(LINUX, words), 0);
	assert_int_equal(words[2], 1);
	assert_int_equal(words[3], 0);

	memcpy(&words[1], uuid_a, sizeof(uuid_a));
	words[4] ^= 1;
	assert_int_equal(send(LINUX, words), TS_RPC_ERROR_NOT_FOUND);
}

static void checks_come_in_the_order_of_the_protocol(void **state)
{
	uint32_t words[] = { ts_rpc_control(3, 0x9999), 6, 0, 5000, 0 };
	uint32_t empty[] = { ts_rpc_control(2, 0x9999), 6, 0, 5000, 0 };
	uint32_t handle[] = { ts_rpc_control(1, 0x9999), 6, 0, 5000, 0 };
	uint32_t len[] = { ts_rpc_control(1, 0x9999), 5, 0, 4097, 0 };
	uint32_t opcode[] = { ts_rpc_control(1, 0x9999), 5, 0, 4096, 0 };
	uint32_t no_ops[] = { ts_rpc_control(0, 0), 5, 0, 0, 0 };

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	assert_int_equal(send(LINUX, words), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(send(LINUX, empty), TS_RPC_ERROR_INTERNAL);
	assert_int_equal(send(LINUX, handle), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(send(LINUX, len), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(send(LINUX, opcode), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(send(LINUX, no_ops), TS_RPC_ERROR_INVALID_VALUE);
}

static void a_request_comes_back_as_it_was_sent(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 0), 0); /* 0 is a valid handle */
	for (uint32_t len = 0; len <= sizeof(page); len += len < 20 ? 1 : 1019) {
		memset(page, 0x3c, sizeof(page));
		assert_int_equal(call(ECHO, 0, len, words), 0);
		assert_int_equal(words[2], 0);
		assert_int_equal(words[3], len);
		for (size_t i = 0; i < sizeof(page); i++)
			assert_int_equal(page[i], 0x3c);
	}
}

static void opcodes_apart_from_the_others_are_found(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	assert_int_equal(call(TOUCH, 5, 4, words), 0);
	assert_int_equal(call(0x15, 5, 4, words), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(call(ECHO - 1, 5, 4, words), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(call(0xffff, 5, 4, words), TS_RPC_ERROR_INVALID_VALUE);
}

static void a_page_changed_after_the_copy_changes_nothing(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	memcpy(page, "checked and used", 16);
	assert_int_equal(call(TOUCH, 5, 16, words), 0);
	assert_int_equal(words[3], 16);
	assert_memory_equal(page, "checked and used", 16);
}

static void what_a_service_leaves_is_not_copied(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	for (uint32_t len = 0; len <= sizeof(page); len += len < 20 ? 1 : 1019) {
		const uint32_t left = len < LEFT_HEAD ? 0 : len - LEFT_HEAD;

		memset(page, 0x3c, sizeof(page));
		assert_int_equal(call(LEFT, 5, len, words),
				 len < LEFT_HEAD ? TS_RPC_ERROR_INVALID_REQUEST_BODY :
						   TS_RPC_SUCCESS);
		assert_int_equal(words[3], left);
		for (size_t i = 0; i < sizeof(page); i++)
			assert_int_equal(page[i], 0x3c);
	}
}

static void without_memory_there_is_neither_request_nor_response(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(call(ECHO, TS_RPC_NO_HANDLE, 0, words), 0);
	assert_int_equal(words[3], 0);
	assert_int_equal(call(ECHO, TS_RPC_NO_HANDLE, 1, words), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(call(CALLER, TS_RPC_NO_HANDLE, 0, words), TS_RPC_ERROR_INTERNAL);
	assert_int_equal(retrieve(LINUX, TS_RPC_NO_HANDLE), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(mapped, 0);
}

static void a_failed_call_has_no_response(void **state)
{
	const int32_t statuses[][2] = { { TS_RPC_ERROR_RESOURCE_FAILURE, 0 },
					{ TS_RPC_ERROR_INTERNAL, -135 },
					{ 0, -135 },
					{ 0, 1 } };

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	for (size_t i = 0; i < 4; i++) {
		uint32_t words[TS_RPC_REGS];
		uint8_t before[16];

		memcpy(page, statuses[i], 8);
		memcpy(before, page, sizeof(before));
		assert_int_equal(call(STATUS, 5, 8, words), statuses[i][0]);
		assert_int_equal((int32_t)words[2], statuses[i][0] ? 0 : statuses[i][1]);
		assert_int_equal(words[3], 0);
		assert_memory_equal(page, before, sizeof(before));
	}
}

static void a_response_that_does_not_fit_is_an_error(void **state)
{
	uint32_t words[TS_RPC_REGS];
	uint32_t len = sizeof(page);

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	memcpy(page, &len, sizeof(len));
	assert_int_equal(call(LENGTH, 5, 4, words), 0);
	assert_int_equal(words[3], sizeof(page));
	len++;
	memcpy(page, &len, sizeof(len));
	assert_int_equal(call(LENGTH, 5, 4, words), TS_RPC_ERROR_INTERNAL);
}

static void messages_are_bounded_by_the_private_copies(void **state)
{
	uint32_t words[TS_RPC_REGS];
	uint32_t len = ENDPOINT_MESSAGE_MAX;

	(void)state;
	assert_int_equal(retrieve(LINUX, 0x1111), 0);
	assert_int_equal(call(ECHO, 0x1111, len, words), 0);
	assert_int_equal(words[3], len);
	assert_int_equal(call(ECHO, 0x1111, len + 1, words), TS_RPC_ERROR_RESOURCE_FAILURE);
	assert_int_equal(call(ECHO, 0x1111, UINT32_MAX, words), TS_RPC_ERROR_INVALID_VALUE);
	len++;
	memcpy(large, &len, sizeof(len));
	assert_int_equal(call(LENGTH, 0x1111, 4, words), TS_RPC_ERROR_INTERNAL);
}

static void secrets_do_not_stay_in_the_private_copies(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	memset(page, 0x99, sizeof(page));
	assert_int_equal(call(ECHO, 5, 4096, words), 0);
	memset(page, 0, 8);
	page[4] = 1; /* a service error, after 8 bytes of response have been made */
	assert_int_equal(call(STATUS, 5, 4096, words), 0);
	for (size_t i = 0; i < ENDPOINT_MESSAGE_MAX; i++) {
		assert_int_equal(ep.request[i], 0);
		assert_int_equal(ep.response[i], 0);
	}
}

static void the_caller_is_told_as_the_spm_core_and_the_sender_say(void **state)
{
	uint32_t words[] = { ts_rpc_control(1, CALLER), 5, 0, 0, 0x800003e8 };
	uint32_t got[4];

	(void)state;
	assert_int_equal(retrieve(PEER, 5), 0);
	assert_int_equal(send(PEER, words), 0);
	memcpy(got, page, sizeof(got));
	assert_int_equal(got[0], PEER);
	assert_int_equal(got[1], 0x800003e8);
	assert_int_equal(got[2], 5);
	assert_int_equal(got[3], 0);
}

/* Whom the service is told to charge for a call of @client_id by the buffer @handle. */
static uint32_t account_of(uint64_t handle, uint32_t client_id)
{
	uint32_t words[] = { ts_rpc_control(1, CALLER), (uint32_t)handle, 0, 0, client_id };
	uint32_t account;

	assert_int_equal(send(LINUX, words), 0);
	assert_int_equal(words[3], 20);
	memcpy(&account, page + 16, sizeof(account));
	return account;
}

static int32_t retrieve_tagged(uint64_t handle, uint64_t tag)
{
	uint32_t words[] = { ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE), (uint32_t)handle,
			     (uint32_t)(handle >> 32), (uint32_t)tag, (uint32_t)(tag >> 32) };

	return send(LINUX, words);
}

static void the_account_is_the_buffers_tag_whoever_calls(void **state)
{
	(void)state;
	assert_int_equal(retrieve_tagged(5, 0x800003e8), 0);
	assert_int_equal(last_tag, 0x800003e8);
	assert_int_equal(account_of(5, 0x800003e8), 0x800003e8);
	assert_int_equal(account_of(5, 0xfc000064), 0x800003e8);
	assert_int_equal(account_of(5, 0), 0x800003e8);

	/* Only the low word tells; the whole tag is what the SPM core compares. */
	assert_int_equal(retrieve_tagged(6, 0x100000000), 0);
	assert_true(last_tag == 0x100000000);
	assert_int_equal(account_of(6, 0xfc000064), 0xfc000064);
}

static void without_a_tag_the_account_is_the_client(void **state)
{
	(void)state;
	assert_int_equal(retrieve_tagged(5, 0), 0);
	assert_int_equal(account_of(5, 0x800003e8), 0x800003e8);
	assert_int_equal(account_of(5, 0), 0);
	/* The slot's next buffer has nothing of the last one. */
	assert_int_equal(relinquish(LINUX, 5), 0);
	assert_int_equal(retrieve_tagged(7, 0x80000007), 0);
	assert_int_equal(relinquish(LINUX, 7), 0);
	assert_int_equal(retrieve_tagged(8, 0), 0);
	assert_int_equal(account_of(8, 3), 3);
}

static void a_buffer_belongs_to_who_shared_it(void **state)
{
	uint32_t words[] = { ts_rpc_control(1, ECHO), 5, 0, 4, 0 };

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	assert_int_equal(send(PEER, words), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(relinquish(PEER, 5), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(retrieve(PEER, 5), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(mapped, 1);
	assert_int_equal(relinquish(LINUX, 5), 0);
	assert_int_equal(mapped, 0);
	assert_int_equal(relinquish(LINUX, 5), TS_RPC_ERROR_NOT_FOUND);
}

static void a_handle_is_retrieved_only_once(void **state)
{
	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	assert_int_equal(last_tag, 0xbb000000aa);
	assert_int_equal(retrieve(LINUX, 5), TS_RPC_ERROR_INVALID_STATE);
	assert_int_equal(mapped, 1);
	/* All 64 bits count. */
	assert_int_equal(retrieve(LINUX, 5 | 1ull << 32), 0);
	assert_int_equal(mapped, 2);
}

static void a_relinquish_that_fails_keeps_the_buffer(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(retrieve(LINUX, 5), 0);
	fail_relinquish = 1;
	assert_int_equal(relinquish(LINUX, 5), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(call(ECHO, 5, 4, words), 0);
	fail_relinquish = 0;
	assert_int_equal(relinquish(LINUX, 5), 0);
	assert_int_equal(call(ECHO, 5, 4, words), TS_RPC_ERROR_NOT_FOUND);
}

/* Whoever was started anew knows no handles. */
static void who_relinquishes_no_handle_relinquishes_all_that_is_his(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	assert_int_equal(relinquish(LINUX, TS_RPC_NO_HANDLE), 0);
	for (uint64_t handle = 1; handle <= 3; handle++)
		assert_int_equal(retrieve(LINUX, handle), 0);
	assert_int_equal(retrieve(PEER, 4), 0);
	fail_relinquish = 1;
	assert_int_equal(relinquish(LINUX, TS_RPC_NO_HANDLE), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(mapped, 4);
	fail_relinquish = 0;
	assert_int_equal(relinquish(LINUX, TS_RPC_NO_HANDLE), 0);
	assert_int_equal(mapped, 1);
	assert_int_equal(call(ECHO, 2, 4, words), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(relinquish(PEER, 4), 0);
}

static void a_retrieve_that_fails_takes_no_slot(void **state)
{
	(void)state;
	fail_retrieve = ENDPOINT_NO_MEMORY;
	assert_int_equal(retrieve(LINUX, 5), TS_RPC_ERROR_RESOURCE_FAILURE);
	fail_retrieve = -1;
	for (int i = 0; i < 2 * ENDPOINT_BUFFER_COUNT; i++)
		assert_int_equal(retrieve(LINUX, 5), TS_RPC_ERROR_TRANSPORT_LAYER);
	fail_retrieve = 0;
	assert_int_equal(retrieve(LINUX, 5), 0);
}

static void services_hear_of_a_buffer_that_goes_and_only_then(void **state)
{
	(void)state;
	assert_int_equal(retrieve(LINUX, 0x500000005), 0);
	assert_int_equal(retrieve(PEER, 6), 0);
	assert_int_equal(relinquish(PEER, 0x500000005), TS_RPC_ERROR_NOT_FOUND);
	fail_relinquish = 1;
	assert_int_equal(relinquish(LINUX, 0x500000005), TS_RPC_ERROR_TRANSPORT_LAYER);
	fail_relinquish = 0;
	assert_int_equal(released.count, 0);
	assert_int_equal(relinquish(LINUX, 0x500000005), 0);
	assert_int_equal(released.count, 1);
	assert_int_equal(released.source_id, LINUX);
	assert_true(released.buffer == 0x500000005);
	assert_int_equal(relinquish(PEER, 6), 0);
	assert_int_equal(released.count, 2);
	assert_int_equal(released.source_id, PEER);
}

#define CLIENTS_BUFFERS (ENDPOINT_BUFFER_COUNT - ENDPOINT_BUFFER_RESERVE)

/* Retrieves buffers from handle @first on for @tag until one is refused: how many. */
static uint64_t hoard(uint64_t first, uint64_t tag)
{
	uint64_t count = 0;

	while (!retrieve_tagged(first + count, tag))
		count++;
	assert_int_equal(retrieve_tagged(first + count, tag), TS_RPC_ERROR_NOT_FOUND);
	return count;
}

static void one_account_gets_half_of_the_buffers(void **state)
{
	uint32_t words[TS_RPC_REGS];
	uint64_t count;

	(void)state;
	count = hoard(0, 0x800003e8);
	assert_int_equal(count, CLIENTS_BUFFERS / 2);
	for (uint64_t i = 0; i < count; i++)
		assert_int_equal(call(ECHO, i, 4, words), 0);

	/* What is given back can be had again. */
	assert_int_equal(relinquish(LINUX, 17), 0);
	assert_int_equal(call(ECHO, 17, 4, words), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(retrieve_tagged(9000, 0x800003e8), 0);
	assert_int_equal(call(ECHO, 9000, 4, words), 0);
	assert_int_equal(retrieve_tagged(9001, 0x800003e8), TS_RPC_ERROR_NOT_FOUND);

	/* The next one gets half of what is left, and so on: never all. */
	assert_int_equal(hoard(5000, 0x800003e9), (CLIENTS_BUFFERS - count) / 2);
	assert_int_equal(retrieve_tagged(9001, 0), 0);
	assert_int_equal(call(ECHO, 9001, 4, words), 0);
}

static void many_accounts_leave_the_reserve_to_partitions(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	for (uint64_t i = 0; i < CLIENTS_BUFFERS; i++)
		assert_int_equal(retrieve_tagged(i, 0x80000001 + i), 0);
	assert_int_equal(retrieve_tagged(5000, 0x8fffffff), TS_RPC_ERROR_NOT_FOUND);
	for (uint64_t i = 0; i < ENDPOINT_BUFFER_RESERVE; i++)
		assert_int_equal(retrieve(PEER, 6000 + i), 0);
	assert_int_equal(retrieve(PEER, 7000), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(mapped, ENDPOINT_BUFFER_COUNT);

	for (uint64_t i = 0; i < CLIENTS_BUFFERS; i++)
		assert_int_equal(call(ECHO, i, 4, words), 0);
	for (uint64_t i = 0; i < CLIENTS_BUFFERS; i++)
		assert_int_equal(relinquish(LINUX, i), 0);
	for (uint64_t i = 0; i < ENDPOINT_BUFFER_RESERVE; i++)
		assert_int_equal(relinquish(PEER, 6000 + i), 0);
	assert_int_equal(mapped, 0);
	assert_int_equal(hoard(0, 0), CLIENTS_BUFFERS / 2);
}

static void handles_of_one_slot_are_told_apart(void **state)
{
	uint32_t words[TS_RPC_REGS];

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(retrieve(LINUX, 3 + i * ENDPOINT_BUFFER_COUNT), 0);
	for (uint64_t i = 0; i < 8; i += 2)
		assert_int_equal(relinquish(LINUX, 3 + i * ENDPOINT_BUFFER_COUNT), 0);
	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(call(ECHO, 3 + i * ENDPOINT_BUFFER_COUNT, 4, words),
				 i % 2 ? 0 : TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(mapped, 4);
}

static void huge_buffers_are_shared_by_their_pages(void **state)
{
	const size_t clients_len =
		(size_t)(ENDPOINT_PAGE_COUNT - ENDPOINT_PAGE_RESERVE) * TS_RPC_PAGE_LEN;

	(void)state;
	/* Nobody could have that, and nobody is to wait for it. */
	huge_len = clients_len / 2 + TS_RPC_PAGE_LEN;
	assert_int_equal(retrieve_tagged(HUGE_HANDLE, 0x800003e8), TS_RPC_ERROR_RESOURCE_FAILURE);
	assert_int_equal(retrieve(PEER, HUGE_HANDLE), 0);
	huge_len = clients_len / 2;
	assert_int_equal(retrieve_tagged(HUGE_HANDLE + 1, 0x800003e8), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(relinquish(PEER, HUGE_HANDLE), 0);
	huge_len = (size_t)(ENDPOINT_PAGE_COUNT + 1) * TS_RPC_PAGE_LEN;
	assert_int_equal(retrieve(PEER, HUGE_HANDLE), TS_RPC_ERROR_RESOURCE_FAILURE);
	assert_int_equal(mapped, 0);
	huge_len = clients_len / 4;
	assert_int_equal(retrieve_tagged(HUGE_HANDLE, 0x800003e8), 0);
	assert_int_equal(retrieve_tagged(HUGE_HANDLE + 1, 0x800003e8), 0);
	assert_int_equal(retrieve_tagged(5, 0x800003e8), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(retrieve_tagged(HUGE_HANDLE + 2, 0x800003e9), 0);
	assert_int_equal(mapped, 3);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(relinquish(LINUX, HUGE_HANDLE + i), 0);
	assert_int_equal(retrieve_tagged(5, 0x800003e8), 0);

	/* One that doesn't go again is not forgotten. */
	huge_len = clients_len;
	fail_relinquish = 1;
	assert_int_equal(retrieve_tagged(HUGE_HANDLE, 0x800003e8), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(retrieve_tagged(HUGE_HANDLE, 0x800003e8), TS_RPC_ERROR_INVALID_STATE);
	assert_int_equal(retrieve_tagged(6, 0x800003e9), TS_RPC_ERROR_TRANSPORT_LAYER);
	fail_relinquish = 0;
	assert_int_equal(relinquish(LINUX, HUGE_HANDLE), 0);
	assert_int_equal(relinquish(LINUX, 6), 0);
	assert_int_equal(relinquish(LINUX, 5), 0);
	assert_int_equal(mapped, 0);
	huge_len = clients_len / 2;
	assert_int_equal(retrieve_tagged(HUGE_HANDLE, 0x800003e8), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(version_is_one_and_nothing_else_is_said),
		TEST(unknown_management_opcodes_are_refused),
		TEST(reserved_control_bits_are_refused),
		TEST(a_service_is_found_by_its_uuid),
		TEST(checks_come_in_the_order_of_the_protocol),
		TEST(a_request_comes_back_as_it_was_sent),
		TEST(opcodes_apart_from_the_others_are_found),
		TEST(a_page_changed_after_the_copy_changes_nothing),
		TEST(what_a_service_leaves_is_not_copied),
		TEST(without_memory_there_is_neither_request_nor_response),
		TEST(a_failed_call_has_no_response),
		TEST(a_response_that_does_not_fit_is_an_error),
		TEST(messages_are_bounded_by_the_private_copies),
		TEST(secrets_do_not_stay_in_the_private_copies),
		TEST(the_caller_is_told_as_the_spm_core_and_the_sender_say),
		TEST(the_account_is_the_buffers_tag_whoever_calls),
		TEST(without_a_tag_the_account_is_the_client),
		TEST(a_buffer_belongs_to_who_shared_it),
		TEST(a_handle_is_retrieved_only_once),
		TEST(a_relinquish_that_fails_keeps_the_buffer),
		TEST(who_relinquishes_no_handle_relinquishes_all_that_is_his),
		TEST(a_retrieve_that_fails_takes_no_slot),
		TEST(services_hear_of_a_buffer_that_goes_and_only_then),
		TEST(one_account_gets_half_of_the_buffers),
		TEST(many_accounts_leave_the_reserve_to_partitions),
		TEST(handles_of_one_slot_are_told_apart),
		TEST(huge_buffers_are_shared_by_their_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
