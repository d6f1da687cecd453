// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls between partitions (secure/port/peer.h), over an imitation of FF-A with a clock of its
 * own: what is asked of whom, and how often.
 */
#include "cmocka_all.h"
#include <secure/port/clock.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OWN_ID	   0x8004
#define FIRST_ID   0x8002
#define PARTITIONS 5 /* FIRST_ID and the next ones; OWN_ID is one of them */
#define OPCODE	   0x101
#define FOR_EVER   UINT32_MAX

static const uint8_t uuid[TS_RPC_UUID_LEN] = { 0xd9, 0xdf, 0x52, 0xd5, 0x16, 0xa2, 0x4b, 0xb2,
					       0x9a, 0xa4, 0xd2, 0x6d, 0x3b, 0x84, 0xe8, 0xc0 };

static struct partition {
	bool has_service;
	bool listed;
	uint32_t busy; /* so many messages are answered with BUSY */
	uint32_t buffers;
	int error;	   /* FF-A status of every message; 0: none */
	uint32_t messages; /* but for those of the first meeting */
	uint32_t calls;
} partitions[PARTITIONS];

static uint64_t now_us;
static uint32_t pauses, lists, shares, meetings;
static uint16_t caller;
static char logged[8][128];
static size_t lines;
static _Alignas(4096) uint8_t pages[2 * TS_RPC_PAGE_LEN];
static struct port_peer peer;

uint64_t port_clock_us(void)
{
	return ++now_us;
}

void port_pause(void)
{
	pauses++;
	now_us += 1000;
}

void *partition_pages(size_t count)
{
	return count <= 2 ? pages : NULL;
}

uint16_t partition_caller(void)
{
	return caller;
}

uint16_t ffa_own_id(void)
{
	return OWN_ID;
}

/* Only %s and %x matter to the tests. */
void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (lines < 8)
		vsnprintf(logged[lines], sizeof(logged[0]), format, args);
	lines++;
	va_end(args);
}

/* In falling order: what matters is their number. */
int ffa_find_partitions(const uint8_t *protocol, uint16_t *ids, size_t max, size_t *count)
{
	(void)protocol;
	lists++;
	*count = 0;
	for (size_t i = PARTITIONS; i--;)
		if (partitions[i].listed && *count < max)
			ids[(*count)++] = (uint16_t)(FIRST_ID + i);
	return 0;
}

int ffa_share(uint16_t receiver, const void *shared, size_t count, uint64_t *handle)
{
	(void)receiver;
	assert_ptr_equal(shared, pages);
	assert_int_equal(count, 2);
	shares++;
	*handle = 0x100000007;
	return 0;
}

static int32_t answer(struct partition *p, const uint32_t words[TS_RPC_REGS], uint32_t *interface)
{
	if (ts_rpc_control_interface(words[0]) != TS_RPC_INTERFACE_MANAGEMENT) {
		assert_int_equal(words[1], 7);
		assert_int_equal(words[2], 1);
		if (!p->buffers)
			return TS_RPC_ERROR_NOT_FOUND;
		p->calls++;
		return 0;
	}
	if (ts_rpc_control_opcode(words[0]) == TS_RPC_MEMORY_RETRIEVE) {
		if (p->buffers)
			return TS_RPC_ERROR_INVALID_STATE;
		p->buffers = 1;
		return 0;
	}
	assert_int_equal(ts_rpc_control_opcode(words[0]), TS_RPC_INTERFACE_ID_QUERY);
	assert_memory_equal(&words[1], uuid, sizeof(uuid));
	*interface = 3;
	return p->has_service ? 0 : TS_RPC_ERROR_NOT_FOUND;
}

int ffa_message(uint16_t receiver, uint32_t *words)
{
	struct partition *p = &partitions[receiver - FIRST_ID];
	uint32_t interface = 0;
	int32_t status;

	assert_true(receiver >= FIRST_ID && receiver < FIRST_ID + PARTITIONS);
	assert_int_not_equal(receiver, OWN_ID);
	if (words[0] == ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_MEMORY_RELINQUISH)) {
		assert_int_equal(words[1] & words[2], UINT32_MAX);
		assert_int_equal(shares, 0);
		meetings++;
		memset(&words[1], 0, 4 * sizeof(words[0]));
		words[TS_RPC_REG_STATUS] = (uint32_t)TS_RPC_ERROR_NOT_FOUND;
		return 0;
	}
	p->messages++;
	if (p->error)
		return p->error;
	if (p->busy) {
		p->busy -= p->busy != FOR_EVER;
		return FFA_BUSY;
	}
	status = answer(p, words, &interface);
	memset(&words[1], 0, 4 * sizeof(words[0]));
	words[TS_RPC_REG_STATUS] = (uint32_t)status;
	words[TS_RPC_REG_INTERFACE_ID] = interface;
	if (ts_rpc_control_interface(words[0]) != TS_RPC_INTERFACE_MANAGEMENT)
		words[TS_RPC_REG_SERVICE_STATUS] = (uint32_t)-7;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(partitions, 0, sizeof(partitions));
	memset(logged, 0, sizeof(logged));
	for (size_t i = 0; i < PARTITIONS; i++)
		partitions[i].listed = true;
	now_us = pauses = lists = shares = meetings = caller = 0;
	lines = 0;
	port_peer_own(NULL);
	port_peer_init(&peer, uuid, TS_RPC_PAGE_LEN + 1);
	return 0;
}

static struct partition *of(uint16_t id)
{
	return &partitions[id - FIRST_ID];
}

static int32_t call(void)
{
	size_t len;
	int32_t status;

	return peer.peer.ops->call(&peer.peer, OPCODE, 0, "request", 7, NULL, 0, &len, &status);
}

/* In a partition's life: the first test, so that it begins here. */
static void what_one_before_has_shared_is_forgotten_once(void **state)
{
	(void)state;
	of(0x8006)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(meetings, 1);

	port_peer_init(&peer, uuid, TS_RPC_PAGE_LEN + 1);
	of(0x8006)->buffers = 0;
	assert_int_equal(call(), 0);
	assert_int_equal(meetings, 1);
}

static void the_service_is_found_once(void **state)
{
	(void)state;
	of(0x8003)->has_service = true;
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(call(), 0);
		assert_int_equal(of(0x8003)->calls, i);
	}
	assert_int_equal(lists, 1);
	assert_int_equal(shares, 1);
	assert_int_equal(of(0x8002)->messages, 1);
	assert_int_equal(of(0x8005)->messages, 0);
	assert_int_equal(pauses, 0);
	assert_int_equal(lines, 0);
}

static void who_is_busy_is_not_waited_for_if_one_before_it_has_it(void **state)
{
	(void)state;
	of(0x8005)->busy = FOR_EVER;
	of(0x8006)->busy = FOR_EVER;
	of(0x8003)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8003)->calls, 1);
	assert_int_equal(pauses, 0);
}

/* Otherwise keys would be kept here or there, as it happens. */
static void the_lowest_has_it_even_if_it_is_busy_at_first(void **state)
{
	(void)state;
	of(0x8003)->busy = 20;
	of(0x8003)->has_service = true;
	of(0x8006)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8003)->calls, 1);
	assert_int_equal(of(0x8006)->calls, 0);
	assert_int_equal(of(0x8006)->messages, 1);
}

static void who_never_answers_leaves_it_to_another(void **state)
{
	(void)state;
	of(0x8002)->busy = FOR_EVER;
	of(0x8006)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8006)->calls, 1);
	assert_true(pauses > 0);
	pauses = 0;
	assert_int_equal(call(), 0);
	assert_int_equal(pauses, 0);
}

static void who_is_busy_and_may_have_it_is_waited_for(void **state)
{
	(void)state;
	of(0x8003)->busy = 20;
	of(0x8003)->has_service = true;
	of(0x8005)->busy = 10;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8003)->calls, 1);
	assert_int_equal(pauses, 20);
	/* Who had answered was not asked again. */
	assert_int_equal(of(0x8002)->messages, 1);
	assert_int_equal(of(0x8005)->messages, 11);
}

static void the_caller_is_never_asked(void **state)
{
	(void)state;
	/* As long as its message is not answered it answers none. */
	caller = 0x8002;
	of(0x8002)->busy = FOR_EVER;
	of(0x8005)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8002)->messages, 0);
	assert_int_equal(pauses, 0);
}

static void a_service_of_the_caller_fails_at_once(void **state)
{
	(void)state;
	of(0x8002)->has_service = true;
	assert_int_equal(call(), 0);
	caller = 0x8002;
	of(0x8002)->busy = FOR_EVER;
	assert_int_equal(call(), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(pauses, 0);
}

static void what_nobody_has_is_said_at_once_and_logged_once(void **state)
{
	(void)state;
	caller = 0x8002;
	of(0x8002)->busy = FOR_EVER;
	for (int i = 0; i < 100; i++)
		assert_int_equal(call(), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(pauses, 0);
	assert_int_equal(lines, 1);
	assert_string_equal(logged[0], "partition 0x8004: no partition has service "
				       "d9df52d5-16a2-4bb2-9aa4-d26d3b84e8c0");
	/* Partitions are asked once, since what they host is for good. */
	assert_int_equal(of(0x8003)->messages, 1);

	/* The caller of then may have it. */
	caller = 0;
	of(0x8002)->busy = 3;
	of(0x8002)->has_service = true;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8002)->calls, 1);
	assert_int_equal(of(0x8003)->messages, 1);
}

static void waiting_for_a_service_ends(void **state)
{
	(void)state;
	of(0x8005)->busy = FOR_EVER;
	assert_int_equal(call(), TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(lines, 1);
	assert_non_null(strstr(logged[0], "no partition has service"));
	assert_non_null(strstr(logged[0], "or is free"));
	assert_in_range(pauses, 2000, 60000);
	assert_int_equal(of(0x8003)->messages, 1);
}

/* A call of 2 s is the longest there is, and some may be in front of ours. */
static void a_call_waits_longer_than_any_call_takes(void **state)
{
	(void)state;
	of(0x8003)->has_service = true;
	assert_int_equal(call(), 0);
	of(0x8003)->busy = 10000;
	assert_int_equal(call(), 0);
	assert_int_equal(pauses, 10000);
	of(0x8003)->busy = FOR_EVER;
	assert_int_equal(call(), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(call(), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(lines, 1);
	of(0x8003)->busy = 0;
	assert_int_equal(call(), 0);
}

static void a_dead_partition_is_not_waited_for(void **state)
{
	(void)state;
	of(0x8003)->has_service = true;
	assert_int_equal(call(), 0);
	of(0x8003)->error = FFA_ABORTED;
	assert_int_equal(call(), TS_RPC_ERROR_TRANSPORT_LAYER);
	/* One SPM core says later that it is busy. */
	of(0x8003)->error = FFA_BUSY;
	of(0x8003)->listed = false;
	for (int i = 0; i < 100; i++)
		assert_int_equal(call(), TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(pauses, 0);
	assert_int_equal(lines, 1);
}

static void a_partition_that_was_started_anew_gets_its_buffer_again(void **state)
{
	(void)state;
	of(0x8003)->has_service = true;
	assert_int_equal(call(), 0);
	of(0x8003)->buffers = 0;
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8003)->calls, 2);
	assert_int_equal(shares, 1);
}

/* A service of this very partition. */
static struct rpc_caller inside;
static size_t answer_len;
static int32_t answer_status;

static enum ts_rpc_status handler(void *ctx, const struct rpc_caller *from, struct reader *req,
				  struct writer *resp, int32_t *status)
{
	const uint8_t *bytes;
	size_t len;

	(void)ctx;
	inside = *from;
	*status = answer_status;
	assert_true(reader_rest(req, &bytes, &len));
	assert_int_equal(len, 7);
	assert_memory_equal(bytes, "request", 7);
	/* What is left behind is never sent. */
	if (writer_room(resp) >= answer_len)
		memset(writer_tail(resp), 0x5a, answer_len);
	if (!writer_advance(resp, answer_len))
		assert_true(resp->failed); /* which is noticed without the handler's help */
	return TS_RPC_SUCCESS;
}

static int setup_inside(void **state)
{
	static const struct service_op ops[] = { { OPCODE, handler } };
	static struct service service = { .ops = ops, .op_count = 1 };
	static const struct service *const services[] = { NULL, &service };
	static struct endpoint endpoint = { .services = services, .service_count = 2 };

	setup(state);
	memcpy(service.uuid, uuid, sizeof(uuid));
	port_peer_own(&endpoint);
	of(0x8002)->has_service = true;
	answer_len = 12;
	answer_status = 0;
	return 0;
}

static enum ts_rpc_status call_for(uint32_t client_id, uint16_t opcode, size_t size, size_t *len,
				   int32_t *status)
{
	uint8_t response[2 * TS_RPC_PAGE_LEN];
	const enum ts_rpc_status ret = peer.peer.ops->call(&peer.peer, opcode, client_id, "request",
							   7, response, size, len, status);

	for (size_t i = 0; i < *len; i++)
		assert_int_equal(response[i], 0x5a);
	/* Neither request nor response stays where others could see it. */
	for (size_t i = 0; i < sizeof(pages); i++)
		assert_int_equal(pages[i], 0);
	return ret;
}

static void a_service_inside_is_called_without_a_message(void **state)
{
	int32_t status;
	size_t len;

	(void)state;
	caller = 0x8005;
	assert_int_equal(call_for(0x80000001, OPCODE, 12, &len, &status), 0);
	assert_int_equal(len, 12);
	assert_int_equal(status, 0);
	assert_int_equal(lists + shares + meetings + of(0x8002)->messages, 0);
}

static void a_service_inside_meets_this_partition_as_its_caller(void **state)
{
	int32_t status;
	size_t len;

	(void)state;
	caller = 0x8005;
	assert_int_equal(call_for(0x80000001, OPCODE, 12, &len, &status), 0);
	assert_int_equal(inside.source_id, OWN_ID);
	assert_int_equal(inside.client_id, 0x80000001);
	assert_int_equal(inside.account, 0x80000001);
	/* What is made so has a maker that stays. */
	assert_int_not_equal(inside.buffer, TS_RPC_NO_HANDLE);
}

static void a_service_inside_fails_as_one_elsewhere_does(void **state)
{
	int32_t status;
	size_t len;

	(void)state;
	answer_status = -140;
	assert_int_equal(call_for(0, OPCODE, 12, &len, &status), 0);
	assert_int_equal(status, -140);
	assert_int_equal(len, 0);

	answer_status = 0;
	assert_int_equal(call_for(0, OPCODE, 11, &len, &status), TS_RPC_ERROR_RESOURCE_FAILURE);
	assert_int_equal(len, 0);
	assert_int_equal(call_for(0, OPCODE + 1, 12, &len, &status), TS_RPC_ERROR_INVALID_VALUE);
	answer_len = sizeof(pages) + 1;
	assert_int_equal(call_for(0, OPCODE, sizeof(pages), &len, &status), TS_RPC_ERROR_INTERNAL);
	assert_int_equal(len, 0);
}

static void what_is_not_inside_is_elsewhere(void **state)
{
	static const struct endpoint empty;

	(void)state;
	port_peer_own(&empty);
	assert_int_equal(call(), 0);
	assert_int_equal(of(0x8002)->calls, 1);
}

int main(void)
{
#define TEST(f)	  cmocka_unit_test_setup(f, setup)
#define INSIDE(f) cmocka_unit_test_setup(f, setup_inside)
	const struct CMUnitTest tests[] = {
		TEST(what_one_before_has_shared_is_forgotten_once),
		TEST(the_service_is_found_once),
		TEST(who_is_busy_is_not_waited_for_if_one_before_it_has_it),
		TEST(the_lowest_has_it_even_if_it_is_busy_at_first),
		TEST(who_never_answers_leaves_it_to_another),
		TEST(who_is_busy_and_may_have_it_is_waited_for),
		TEST(the_caller_is_never_asked),
		TEST(a_service_of_the_caller_fails_at_once),
		TEST(what_nobody_has_is_said_at_once_and_logged_once),
		TEST(waiting_for_a_service_ends),
		TEST(a_call_waits_longer_than_any_call_takes),
		TEST(a_dead_partition_is_not_waited_for),
		TEST(a_partition_that_was_started_anew_gets_its_buffer_again),
		INSIDE(a_service_inside_is_called_without_a_message),
		INSIDE(a_service_inside_meets_this_partition_as_its_caller),
		INSIDE(a_service_inside_fails_as_one_elsewhere_does),
		INSIDE(what_is_not_inside_is_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
