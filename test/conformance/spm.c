// SPDX-License-Identifier: BSD-3-Clause
/*
 * The SPM core, as a partition sees it: FF-A v1.1 (DEN0077A), and what OP-TEE's answers where
 * that leaves a choice. Calls are made by the test partition, TEST_FFA; its peer is the victim.
 *
 * Not asked for, because the machine's SPM core does not survive it: retrieving or
 * relinquishing what was shared with somebody else. Its answer to reclaiming an unknown handle
 * is none of FF-A's, so that is only required to fail.
 */
#include "fixture.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>
#include <tstee/ffa.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>

#define ID_MISSING     0x80f0u
#define HANDLE_UNKNOWN 0x123456789abcull
#define FUNCTION_NONE  0x840000ffu
/* An address at which no partition has memory. */
#define FAR_AWAY 0x7ffffff000ull

/* Of the clients: room for what TEST_FFA takes and brings. */
#define BUFFER_LEN 8192

/* w5 of PARTITION_INFO_GET: only count. */
#define COUNT_ONLY 1u

/* Table 6.39; the UUID is there if all were asked for. */
struct partition_info {
	uint16_t id;
	uint16_t context_count;
	uint32_t properties;
	uint32_t uuid[4];
};

static const uint32_t ts_rpc_uuid[4] = { 0xd776cdbd, 0x51475e82, 0xd4863b96, 0xac4349f8 };
static const uint32_t nil_uuid[4];
static const uint32_t unknown_uuid[4] = { 0x0bad0bad, 1, 2, 3 };

struct partition {
	struct tee_client client;
	struct test_ffa_info info;
	uint8_t rx[TEST_FFA_RX_LEN]; /* after the last call */
};

static struct ffa_regs call_with(struct partition *p, struct ffa_regs regs, const void *tx,
				 size_t tx_len)
{
	struct test_ffa request = { .tx_len = (uint32_t)tx_len };
	uint8_t message[sizeof(request) + TEST_FFA_RX_LEN];
	struct test_ffa_result result;

	CHECK(tx_len <= TEST_FFA_RX_LEN);
	memcpy(request.x, regs.x, sizeof(request.x));
	memcpy(message, &request, sizeof(request));
	if (tx_len)
		memcpy(message + sizeof(request), tx, tx_len);
	CHECK_EQUAL(must_call(&p->client, TEST_FFA, message, sizeof(request) + tx_len),
		    sizeof(result));
	memcpy(&result, p->client.buffer.data, sizeof(result));
	memcpy(regs.x, result.x, sizeof(regs.x));
	memcpy(p->rx, result.rx, sizeof(p->rx));
	return regs;
}

static struct ffa_regs call(struct partition *p, struct ffa_regs regs)
{
	return call_with(p, regs, NULL, 0);
}

#define REGS(...)                     \
	(struct ffa_regs)             \
	{                             \
		.x = { __VA_ARGS__ }, \
	}

/* 0, an enum ffa_status, or the function that came back instead. */
static long long status_of(struct ffa_regs regs)
{
	if ((uint32_t)regs.x[0] == FFA_ERROR)
		return (int32_t)regs.x[2];
	if (((uint32_t)regs.x[0] & ~FFA_FUNCTION_64) == FFA_SUCCESS)
		return 0;
	return (long long)regs.x[0];
}

static struct partition look_into(struct tee_client client)
{
	struct partition p = { .client = client };

	CHECK_EQUAL(must_call(&p.client, TEST_FFA_INFO, NULL, 0), sizeof(p.info));
	memcpy(&p.info, p.client.buffer.data, sizeof(p.info));
	CHECK_EQUAL(p.info.own_id, p.client.device.endpoint_id);
	CHECK_EQUAL(p.info.page_count, TEST_FFA_PAGES);
	return p;
}

static struct partition caller_open(void)
{
	return look_into(connect_to_test(BUFFER_LEN));
}

static struct partition victim_open(void)
{
	return look_into(connect_to_victim(BUFFER_LEN));
}

/* -- Who is who ------------------------------------------------------------------------ */

static void spm_version_is_1_and_at_least_1_1(void)
{
	struct partition p = caller_open();
	struct ffa_regs regs = call(&p, REGS(FFA_VERSION, FFA_VERSION_1_1));

	CHECK_EQUAL(regs.x[0] >> 16, FFA_VERSION_1_1 >> 16);
	CHECK(regs.x[0] >= FFA_VERSION_1_1);
}

static void spm_tells_each_partition_its_id(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct ffa_regs regs = call(&p, REGS(FFA_ID_GET));

	CHECK_EQUAL(regs.x[0], FFA_SUCCESS);
	CHECK_EQUAL(regs.x[2], p.client.device.endpoint_id);
	CHECK_EQUAL(call(&victim, REGS(FFA_ID_GET)).x[2], victim.client.device.endpoint_id);
}

static void spm_core_is_0x8000(void)
{
	struct partition p = caller_open();
	struct ffa_regs regs = call(&p, REGS(FFA_SPM_ID_GET));

	CHECK_EQUAL(regs.x[0], FFA_SUCCESS);
	CHECK_EQUAL(regs.x[2], 0x8000);
}

static void spm_features_knows_rxtx_map_and_no_unknown_function(void)
{
	static const uint32_t known[] = { FFA_RXTX_MAP, FFA_RXTX_MAP | FFA_FUNCTION_64 };
	struct partition p = caller_open();
	struct ffa_regs regs;

	for (size_t i = 0; i < 2; i++) {
		regs = call(&p, REGS(FFA_FEATURES, known[i]));
		CHECK_EQUAL(regs.x[0], FFA_SUCCESS);
		CHECK_EQUAL(regs.x[2], 0);
	}
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_FEATURES, FUNCTION_NONE))), FFA_NOT_SUPPORTED);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_FEATURES, 0))), FFA_NOT_SUPPORTED);
}

static void spm_unknown_functions_are_refused(void)
{
	struct partition p = caller_open();

	CHECK_EQUAL(status_of(call(&p, REGS(FUNCTION_NONE))), FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(status_of(call(&p, REGS(0))), FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(status_of(call(&p, REGS(UINT64_MAX))), FFA_INVALID_PARAMETERS);
}

/* -- Partitions and the RX buffer -------------------------------------------------------- */

static struct ffa_regs partition_info(struct partition *p, const uint32_t uuid[4], uint32_t flags)
{
	return call(p, REGS(FFA_PARTITION_INFO_GET, uuid[0], uuid[1], uuid[2], uuid[3], flags));
}

/* How often that partition is among the first count in the RX buffer; all must be well-formed. */
static unsigned int find_partition(const struct partition *p, size_t count, uint16_t id)
{
	struct partition_info info;
	unsigned int found = 0;

	CHECK(count <= sizeof(p->rx) / sizeof(info));
	for (size_t i = 0; i < count; i++) {
		memcpy(&info, p->rx + i * sizeof(info), sizeof(info));
		CHECK(info.id & 0x8000);
		CHECK(info.context_count >= 1);
		if (info.id != id)
			continue;
		found++;
		/* Can receive and send direct requests; runs in AArch64. */
		CHECK_EQUAL(info.properties & 0x103, 0x103);
		CHECK(!memcmp(info.uuid, ts_rpc_uuid, sizeof(info.uuid)));
	}
	return found;
}

static void spm_lists_all_partitions(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct ffa_regs regs = partition_info(&p, nil_uuid, 0);

	CHECK_EQUAL(regs.x[0], FFA_SUCCESS);
	CHECK_EQUAL(regs.x[3], sizeof(struct partition_info));
	CHECK_EQUAL(find_partition(&p, regs.x[2], (uint16_t)p.info.own_id), 1);
	CHECK_EQUAL(find_partition(&p, regs.x[2], (uint16_t)victim.info.own_id), 1);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
}

static void spm_lists_partitions_by_uuid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct ffa_regs regs = partition_info(&p, ts_rpc_uuid, 0);
	uint64_t count = regs.x[2];

	CHECK_EQUAL(regs.x[0], FFA_SUCCESS);
	CHECK_EQUAL(regs.x[3], sizeof(struct partition_info));
	CHECK(count >= 2);
	CHECK_EQUAL(find_partition(&p, count, (uint16_t)p.info.own_id), 1);
	CHECK_EQUAL(find_partition(&p, count, (uint16_t)victim.info.own_id), 1);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
}

static void spm_unknown_uuid_has_no_partitions(void)
{
	struct partition p = caller_open();
	struct ffa_regs regs = partition_info(&p, unknown_uuid, 0);

	CHECK_EQUAL(status_of(regs), 0);
	CHECK_EQUAL(regs.x[2], 0);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
}

static void spm_counting_partitions_leaves_rx_alone(void)
{
	struct partition p = caller_open();
	struct ffa_regs counted = partition_info(&p, ts_rpc_uuid, COUNT_ONLY);
	struct ffa_regs listed;

	CHECK_EQUAL(counted.x[0], FFA_SUCCESS);
	CHECK_EQUAL(counted.x[3], 0);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), FFA_DENIED);
	listed = partition_info(&p, ts_rpc_uuid, 0);
	CHECK_EQUAL(listed.x[2], counted.x[2]);
	/* Not even when it is full. */
	CHECK_EQUAL(partition_info(&p, ts_rpc_uuid, COUNT_ONLY).x[2], counted.x[2]);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
}

static void spm_rx_is_the_partitions_until_it_is_released(void)
{
	struct partition p = caller_open();

	CHECK_EQUAL(status_of(partition_info(&p, nil_uuid, 0)), 0);
	CHECK_EQUAL(status_of(partition_info(&p, nil_uuid, 0)), FFA_BUSY);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), FFA_DENIED);
	CHECK_EQUAL(status_of(partition_info(&p, nil_uuid, 0)), 0);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RX_RELEASE))), 0);
}

static void spm_buffers_can_be_mapped_once(void)
{
	struct partition p = caller_open();
	uint64_t tx = p.info.address, rx = tx + FFA_PAGE_LEN;

	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RXTX_MAP | FFA_FUNCTION_64, tx, rx, 1))),
		    FFA_DENIED);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RXTX_MAP | FFA_FUNCTION_64, tx, rx, 0))),
		    FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(status_of(call(&p, REGS(FFA_RXTX_MAP | FFA_FUNCTION_64, tx, rx, 64))),
		    FFA_INVALID_PARAMETERS);
}

static void spm_console_takes_one_to_48_characters(void)
{
	struct partition p = caller_open();
	struct ffa_regs regs = REGS(FFA_CONSOLE_LOG | FFA_FUNCTION_64, 0);

	memset(&regs.x[2], 'x', 6 * sizeof(regs.x[0]));
	CHECK_EQUAL(status_of(call(&p, regs)), FFA_INVALID_PARAMETERS);
	regs.x[1] = FFA_CONSOLE_LOG_64_LEN + 1;
	CHECK_EQUAL(status_of(call(&p, regs)), FFA_INVALID_PARAMETERS);
	regs.x[1] = 1;
	CHECK_EQUAL(status_of(call(&p, regs)), 0);
	regs.x[1] = FFA_CONSOLE_LOG_64_LEN;
	regs.x[7] = 0x0a78787878787878ull;
	CHECK_EQUAL(status_of(call(&p, regs)), 0);

	/* Four characters a register in the 32-bit call. */
	regs.x[0] = FFA_CONSOLE_LOG;
	regs.x[1] = 25;
	CHECK_EQUAL(status_of(call(&p, regs)), FFA_INVALID_PARAMETERS);
	regs.x[1] = 24;
	regs.x[7] = 0x0a787878;
	CHECK_EQUAL(status_of(call(&p, regs)), 0);
}

/* -- Direct messages --------------------------------------------------------------------- */

/* Asks for the version of TS RPC. */
static struct ffa_regs request(struct partition *p, uint32_t sender, uint32_t receiver, uint32_t w2)
{
	uint32_t control = ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_VERSION_GET);

	return call(p,
		    REGS(FFA_MSG_SEND_DIRECT_REQ,
			 ffa_message_endpoints((uint16_t)sender, (uint16_t)receiver), w2, control));
}

static void spm_partitions_can_call_each_other(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct ffa_regs regs = request(&p, p.info.own_id, victim.info.own_id, 0);

	CHECK_EQUAL(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	CHECK_EQUAL(regs.x[1],
		    ffa_message_endpoints((uint16_t)victim.info.own_id, (uint16_t)p.info.own_id));
	CHECK_EQUAL(regs.x[2], 0);
	CHECK_EQUAL(regs.x[3 + TS_RPC_REG_VERSION], TS_RPC_VERSION);

	regs = request(&victim, victim.info.own_id, p.info.own_id, 0);
	CHECK_EQUAL(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	CHECK_EQUAL(regs.x[3 + TS_RPC_REG_VERSION], TS_RPC_VERSION);
}

static void spm_request_to_oneself_is_invalid(void)
{
	struct partition p = caller_open();

	CHECK_EQUAL(status_of(request(&p, p.info.own_id, p.info.own_id, 0)),
		    FFA_INVALID_PARAMETERS);
}

static void spm_request_to_nobody_is_not_supported(void)
{
	struct partition p = caller_open();

	CHECK_EQUAL(status_of(request(&p, p.info.own_id, ID_MISSING, 0)), FFA_NOT_SUPPORTED);
}

static void spm_request_to_the_normal_world_is_not_supported(void)
{
	struct partition p = caller_open();

	CHECK_EQUAL(status_of(request(&p, p.info.own_id, 0, 0)), FFA_NOT_SUPPORTED);
}

static void spm_request_in_the_name_of_others_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();

	CHECK_EQUAL(status_of(request(&p, 0, victim.info.own_id, 0)), FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(status_of(request(&p, ID_MISSING, victim.info.own_id, 0)),
		    FFA_INVALID_PARAMETERS);
}

static void spm_request_with_flags_is_refused(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();

	CHECK_EQUAL(status_of(request(&p, p.info.own_id, victim.info.own_id, 1)),
		    FFA_INVALID_PARAMETERS);
	/* A framework message. */
	CHECK_EQUAL(status_of(request(&p, p.info.own_id, victim.info.own_id, 0x80000000u)),
		    FFA_NOT_SUPPORTED);
}

static void keep_victim_busy(void *arg)
{
	struct tee_client *client = arg;
	struct test_value us = { 500000 };

	must_call(client, TEST_SPIN, &us, sizeof(us));
}

static void spm_request_to_a_busy_partition_is_busy(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	pid_t child = spawn(keep_victim_busy, &victim.client);

	usleep(200000);
	CHECK_EQUAL(status_of(request(&p, p.info.own_id, victim.info.own_id, 0)), FFA_BUSY);
	join(child);
	CHECK_EQUAL(request(&p, p.info.own_id, victim.info.own_id, 0).x[0],
		    FFA_MSG_SEND_DIRECT_RESP);
}

/* Cores that know no yielding say so to the partition; with the others the driver has it go on. */
static void spm_partition_that_yields_answers(void)
{
	struct tee_client client = connect_to_test(BUFFER_LEN);
	struct test_value thrice = { 3 };
	struct test_yielded yielded;

	CHECK_EQUAL(must_call(&client, TEST_YIELD, &thrice, sizeof(thrice)), sizeof(yielded));
	memcpy(&yielded, client.buffer.data, sizeof(yielded));
	if (yielded.status)
		CHECK_EQUAL(yielded.count, 0);
	else
		CHECK_EQUAL(yielded.count, 3);
	CHECK(yielded.status <= 0);
	must_call(&client, TEST_NULL, NULL, 0);
}

/* The victim's only service. */
#define YIELD_CONTROL ts_rpc_control(0, TEST_YIELD_SOMETIMES)

/* How often it yielded in a call by another partition, which has to let it go on each time. */
static unsigned int yields_in(struct partition *p, const struct partition *victim)
{
	struct ffa_regs regs = call(p, REGS(FFA_MSG_SEND_DIRECT_REQ,
					    ffa_message_endpoints((uint16_t)p->info.own_id,
								  (uint16_t)victim->info.own_id),
					    0, YIELD_CONTROL, UINT32_MAX, UINT32_MAX));
	unsigned int yields = 0;

	for (; (uint32_t)regs.x[0] == FFA_YIELD; yields++) {
		CHECK_EQUAL(regs.x[1], ffa_run_context((uint16_t)victim->info.own_id));
		CHECK_EQUAL(status_of(request(p, p->info.own_id, victim->info.own_id, 0)),
			    FFA_BUSY);
		regs = call(p, REGS(FFA_RUN, regs.x[1]));
	}
	CHECK_EQUAL(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	CHECK_EQUAL(regs.x[3], YIELD_CONTROL);
	CHECK_EQUAL(regs.x[3 + TS_RPC_REG_STATUS], TS_RPC_SUCCESS);
	CHECK_EQUAL(regs.x[3 + TS_RPC_REG_SERVICE_STATUS], yields);
	return yields;
}

/* Some cores know no yielding; then the answer comes at once. */
static void spm_partition_that_yields_to_another_answers_it(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	const unsigned int yields = yields_in(&p, &victim);

	CHECK(!yields || yields == TEST_YIELDS);
	CHECK_EQUAL(request(&p, p.info.own_id, victim.info.own_id, 0).x[0],
		    FFA_MSG_SEND_DIRECT_RESP);
	must_call(&victim.client, TEST_NULL, NULL, 0);
}

/* What services call others by sees to it by itself. */
static void spm_call_of_a_partition_that_yields_ends_with_its_answer(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	const unsigned int yields = yields_in(&p, &victim);
	const struct test_message message = {
		.receiver = victim.info.own_id,
		.words = { YIELD_CONTROL, UINT32_MAX, UINT32_MAX },
	};
	struct test_answer answer;

	for (int i = 0; i < 2; i++) {
		CHECK_EQUAL(must_call(&p.client, TEST_MESSAGE, &message, sizeof(message)),
			    sizeof(answer));
		memcpy(&answer, p.client.buffer.data, sizeof(answer));
		CHECK_EQUAL(answer.status, 0);
		CHECK_EQUAL(answer.words[TS_RPC_REG_CONTROL], YIELD_CONTROL);
		CHECK_EQUAL((int32_t)answer.words[TS_RPC_REG_STATUS], TS_RPC_SUCCESS);
		CHECK_EQUAL(answer.words[TS_RPC_REG_SERVICE_STATUS], yields);
	}
}

/* -- Sharing memory ---------------------------------------------------------------------- */

struct share {
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	struct ffa_memory_composite composite;
	struct ffa_memory_range ranges[2];
};

#define SHARE_LEN offsetof(struct share, ranges[1])

/* A good one: the first page with the victim. */
static struct share share_of(const struct partition *p, const struct partition *victim)
{
	return (struct share){
		.transaction = {
			.sender_id = (uint16_t)p->info.own_id,
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = offsetof(struct share, access),
		},
		.access = {
			.receiver_id = (uint16_t)victim->info.own_id,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = offsetof(struct share, composite),
		},
		.composite = { .page_count = 1, .range_count = 1 },
		.ranges = { { .address = p->info.address, .page_count = 1 } },
	};
}

static struct ffa_regs share_regs(struct partition *p, const struct share *share, size_t len)
{
	return call_with(p, REGS(FFA_MEM_SHARE | FFA_FUNCTION_64, len, len), share, sizeof(*share));
}

static long long share_status(struct partition *p, const struct share *share)
{
	return status_of(share_regs(p, share, SHARE_LEN));
}

static uint64_t must_share(struct partition *p, const struct share *share, size_t len)
{
	struct ffa_regs regs = share_regs(p, share, len);

	CHECK_EQUAL(status_of(regs), 0);
	return (uint32_t)regs.x[2] | regs.x[3] << 32;
}

static struct ffa_regs handle_call(struct partition *p, uint32_t function, uint64_t handle)
{
	return call(p, REGS(function, (uint32_t)handle, handle >> 32));
}

static long long reclaim(struct partition *p, uint64_t handle)
{
	return status_of(handle_call(p, FFA_MEM_RECLAIM, handle));
}

static long long relinquish(struct partition *p, uint64_t handle)
{
	struct ffa_memory_relinquish descriptor = {
		.handle = handle,
		.endpoint_count = 1,
		.endpoint_ids = { (uint16_t)p->info.own_id },
	};

	return status_of(
		call_with(p, REGS(FFA_MEM_RELINQUISH), &descriptor, FFA_MEMORY_RELINQUISH_LEN));
}

/*
 * The form in which the SPM core is asked for an address by an empty range. The port's own has
 * no composite region at all: then OP-TEE reads the tag as the address that is wanted.
 */
struct retrieve {
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	struct ffa_memory_composite composite;
	struct ffa_memory_range range;
};

static struct retrieve retrieve_of(const struct partition *p, uint32_t sender, uint64_t handle)
{
	return (struct retrieve){
		.transaction = {
			.sender_id = (uint16_t)sender,
			.flags = FFA_MEMORY_SHARE,
			.handle = handle,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = sizeof(struct ffa_memory_transaction),
		},
		.access = {
			.receiver_id = (uint16_t)p->info.own_id,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = offsetof(struct retrieve, composite),
		},
	};
}

static struct ffa_regs retrieve_regs(struct partition *p, const struct retrieve *retrieve)
{
	return call_with(
		p,
		REGS(FFA_MEM_RETRIEVE_REQ | FFA_FUNCTION_64, sizeof(*retrieve), sizeof(*retrieve)),
		retrieve, sizeof(*retrieve));
}

/* Retrieves what is one range: where it is. RX is released again. */
static struct ffa_memory_range must_retrieve(struct partition *p, uint32_t sender, uint64_t handle)
{
	struct retrieve request_of_it = retrieve_of(p, sender, handle);
	struct share response = {};
	size_t composite;

	CHECK_EQUAL(retrieve_regs(p, &request_of_it).x[0], FFA_MEM_RETRIEVE_RESP);
	memcpy(&response.transaction, p->rx, sizeof(response.transaction));
	CHECK_EQUAL(response.transaction.sender_id, sender);
	CHECK_EQUAL(response.transaction.attributes, FFA_MEMORY_ATTRIBUTES_SHARED);
	CHECK_EQUAL(response.transaction.access_count, 1);
	CHECK(response.transaction.access_offset <= 256);
	memcpy(&response.access, p->rx + response.transaction.access_offset,
	       sizeof(response.access));
	CHECK_EQUAL(response.access.receiver_id, p->info.own_id);
	CHECK_EQUAL(response.access.permissions & FFA_MEMORY_DATA_MASK, FFA_MEMORY_READ_WRITE);
	composite = response.access.composite_offset;
	CHECK(composite <= 512);
	memcpy(&response.composite, p->rx + composite, sizeof(response.composite));
	memcpy(&response.ranges, p->rx + composite + sizeof(response.composite),
	       sizeof(response.ranges[0]));
	CHECK_EQUAL(response.composite.range_count, 1);
	CHECK_EQUAL(response.composite.page_count, response.ranges[0].page_count);
	CHECK_EQUAL(status_of(call(p, REGS(FFA_RX_RELEASE))), 0);
	return response.ranges[0];
}

static void poke(struct partition *p, uint64_t address, const char *text)
{
	struct test_poke where = { address };
	uint8_t message[sizeof(where) + 16] = {};

	memcpy(message, &where, sizeof(where));
	snprintf((char *)message + sizeof(where), 16, "%s", text);
	must_call(&p->client, TEST_POKE, message, sizeof(message));
}

static void must_hold(struct partition *p, uint64_t address, const char *text)
{
	struct test_peek where = { address, 16 };

	CHECK_EQUAL(must_call(&p->client, TEST_PEEK, &where, sizeof(where)), 16);
	if (strncmp((char *)p->client.buffer.data, text, 16))
		FAIL("a partition sees '%.16s', not '%s'", (char *)p->client.buffer.data, text);
}

static void spm_shared_memory_is_the_same_memory(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	struct ffa_memory_range range;
	uint64_t handle;

	/* The middle of the pages: what is around is not shared. */
	share.ranges[0] = (struct ffa_memory_range){ p.info.address + FFA_PAGE_LEN, 2, 0 };
	share.composite.page_count = 2;
	poke(&p, p.info.address, "before");
	poke(&p, p.info.address + FFA_PAGE_LEN, "first");
	poke(&p, p.info.address + 2 * FFA_PAGE_LEN, "second");

	handle = must_share(&p, &share, SHARE_LEN);
	range = must_retrieve(&victim, p.info.own_id, handle);
	CHECK_EQUAL(range.page_count, 2);
	must_hold(&victim, range.address, "first");
	must_hold(&victim, range.address + FFA_PAGE_LEN, "second");
	poke(&victim, range.address + FFA_PAGE_LEN, "answered");
	must_hold(&p, p.info.address + 2 * FFA_PAGE_LEN, "answered");
	must_hold(&p, p.info.address, "before");

	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
	must_hold(&p, p.info.address + FFA_PAGE_LEN, "first");
}

static void spm_memory_can_be_shared_again_after_reclaiming(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	/* More often than an SPM core has room, if it forgot to free anything. */
	for (int i = 0; i < 200; i++)
		CHECK_EQUAL(reclaim(&p, must_share(&p, &share, SHARE_LEN)), 0);
}

static void spm_memory_is_shared_once_at_a_time(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_share_in_the_name_of_others_is_denied(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.transaction.sender_id = (uint16_t)victim.info.own_id;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	share.transaction.sender_id = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
}

static void spm_share_with_nobody_is_denied(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.access.receiver_id = ID_MISSING;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
}

static void spm_share_of_a_wrong_length_is_refused(void)
{
	static const struct {
		uint64_t total, fragment;
		int status;
	} lengths[] = {
		{ 0, 0, FFA_INVALID_PARAMETERS },
		{ sizeof(struct ffa_memory_transaction) - 1,
		  sizeof(struct ffa_memory_transaction) - 1, FFA_INVALID_PARAMETERS },
		/* No room for the composite region. */
		{ 79, 79, FFA_INVALID_PARAMETERS },
		{ FFA_PAGE_LEN + 1, FFA_PAGE_LEN + 1, FFA_INVALID_PARAMETERS },
		{ UINT32_MAX, UINT32_MAX, FFA_INVALID_PARAMETERS },
		/* Fragments. */
		{ SHARE_LEN, SHARE_LEN - 16, FFA_NOT_SUPPORTED },
		{ SHARE_LEN - 16, SHARE_LEN, FFA_NOT_SUPPORTED },
	};
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		CHECK_EQUAL(status_of(call_with(&p,
						REGS(FFA_MEM_SHARE | FFA_FUNCTION_64,
						     lengths[i].total, lengths[i].fragment),
						&share, sizeof(share))),
			    lengths[i].status);
	/* A buffer of one's own instead of TX. */
	CHECK_EQUAL(status_of(call_with(&p,
					REGS(FFA_MEM_SHARE | FFA_FUNCTION_64, SHARE_LEN, SHARE_LEN,
					     p.info.address, 1),
					&share, sizeof(share))),
		    FFA_NOT_SUPPORTED);
}

static void spm_share_with_wild_offsets_is_invalid(void)
{
	static const uint32_t access_offsets[] = { 8, 49, 96, 4096, 65536, 0xfffffff0u };
	static const uint32_t composite_offsets[] = {
		96, 4080, 4096, 65536, 0xfffffff0u, UINT32_MAX
	};
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share;

	for (size_t i = 0; i < sizeof(access_offsets) / sizeof(access_offsets[0]); i++) {
		share = share_of(&p, &victim);
		share.transaction.access_offset = access_offsets[i];
		CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	}
	for (size_t i = 0; i < sizeof(composite_offsets) / sizeof(composite_offsets[0]); i++) {
		share = share_of(&p, &victim);
		share.access.composite_offset = composite_offsets[i];
		CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	}
}

static void spm_share_with_wild_counts_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.transaction.access_count = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share.transaction.access_count = 4;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share.transaction.access_count = UINT32_MAX;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);

	share = share_of(&p, &victim);
	share.composite.range_count = 2;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share.composite.range_count = 0x10000000;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share.composite.range_count = UINT32_MAX;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
}

static void spm_share_of_nothing_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.composite.range_count = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share = share_of(&p, &victim);
	share.composite.page_count = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share = share_of(&p, &victim);
	share.ranges[0].page_count = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	/* Pages that the ranges do not have. */
	share = share_of(&p, &victim);
	share.composite.page_count = 2;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
}

static void spm_share_of_what_is_not_ones_own_is_denied(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.ranges[0].address = FAR_AWAY;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	share.ranges[0].address = 0;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	share.ranges[0].address = (uint64_t)-FFA_PAGE_LEN;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	share.ranges[0].address = p.info.address + 8;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
}

static void spm_share_with_more_rights_than_one_has_is_denied(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	/* To execute; and bits that mean nothing. */
	share.access.permissions = 2u << 2 | FFA_MEMORY_READ_WRITE;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
	share.access.permissions = 0xf0u | FFA_MEMORY_READ_WRITE;
	CHECK_EQUAL(share_status(&p, &share), FFA_DENIED);
}

static void spm_share_with_reserved_attributes_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);

	share.transaction.attributes = 0x100 | FFA_MEMORY_ATTRIBUTES_SHARED;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
	share = share_of(&p, &victim);
	share.transaction.flags = 0x100;
	CHECK_EQUAL(share_status(&p, &share), FFA_INVALID_PARAMETERS);
}

/* -- Retrieving, giving up, taking back ---------------------------------------------------- */

static void spm_reclaim_before_relinquish_is_denied(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	must_retrieve(&victim, p.info.own_id, handle);
	CHECK_EQUAL(reclaim(&p, handle), FFA_DENIED);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_what_is_not_retrieved_cannot_be_relinquished(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	CHECK_EQUAL(relinquish(&victim, handle), FFA_DENIED);
	must_retrieve(&victim, p.info.own_id, handle);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(relinquish(&victim, handle), FFA_DENIED);
	CHECK_EQUAL(reclaim(&p, handle), 0);
	CHECK_EQUAL(relinquish(&victim, handle), FFA_DENIED);
}

static void spm_retrieved_twice_is_relinquished_twice(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);
	uint64_t address = must_retrieve(&victim, p.info.own_id, handle).address;

	CHECK_EQUAL(must_retrieve(&victim, p.info.own_id, handle).address, address);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	poke(&victim, address, "still there");
	must_hold(&p, p.info.address, "still there");
	CHECK_EQUAL(reclaim(&p, handle), FFA_DENIED);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_relinquish_for_others_is_refused(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	struct ffa_memory_relinquish descriptor = { .endpoint_count = 1 };
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	must_retrieve(&victim, p.info.own_id, handle);
	descriptor.handle = handle;
	descriptor.endpoint_ids[0] = (uint16_t)p.info.own_id;
	CHECK_EQUAL(status_of(call_with(&victim, REGS(FFA_MEM_RELINQUISH), &descriptor,
					FFA_MEMORY_RELINQUISH_LEN)),
		    FFA_DENIED);
	descriptor.endpoint_ids[0] = (uint16_t)victim.info.own_id;
	descriptor.endpoint_count = 0;
	CHECK_EQUAL(status_of(call_with(&victim, REGS(FFA_MEM_RELINQUISH), &descriptor,
					FFA_MEMORY_RELINQUISH_LEN)),
		    FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_reclaim_by_another_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	CHECK_EQUAL(reclaim(&victim, handle), FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_unknown_handles_are_refused(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	struct retrieve retrieve = retrieve_of(&victim, p.info.own_id, HANDLE_UNKNOWN);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);

	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_DENIED);
	CHECK_EQUAL(relinquish(&victim, HANDLE_UNKNOWN), FFA_DENIED);
	CHECK(reclaim(&p, HANDLE_UNKNOWN) != 0);
	/* What was reclaimed is as unknown. */
	CHECK_EQUAL(reclaim(&p, handle), 0);
	retrieve.transaction.handle = handle;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_DENIED);
	CHECK(reclaim(&p, handle) != 0);
}

static void spm_retrieve_that_does_not_match_is_invalid(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	struct retrieve retrieve, good;
	uint64_t handle;

	share.transaction.tag = 7;
	handle = must_share(&p, &share, SHARE_LEN);
	good = retrieve_of(&victim, p.info.own_id, handle);
	good.transaction.tag = 7;

	retrieve = good;
	retrieve.transaction.tag = 8;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	retrieve = good;
	retrieve.transaction.access_count = 2;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	retrieve = good;
	retrieve.transaction.access_offset = 4096;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	retrieve = good;
	retrieve.access.composite_offset = 4090;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	/* To execute what was not shared so. */
	retrieve = good;
	retrieve.access.permissions = 2u << 2 | FFA_MEMORY_READ_WRITE;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	/* To clear what the owner still uses. */
	retrieve = good;
	retrieve.transaction.flags |= 1u << 2;
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);

	CHECK_EQUAL(retrieve_regs(&victim, &good).x[0], FFA_MEM_RETRIEVE_RESP);
	CHECK_EQUAL(status_of(call(&victim, REGS(FFA_RX_RELEASE))), 0);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_read_only_share_is_not_retrieved_to_write(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	struct retrieve retrieve;
	uint64_t handle;

	share.access.permissions = 1;
	handle = must_share(&p, &share, SHARE_LEN);
	retrieve = retrieve_of(&victim, p.info.own_id, handle);
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_INVALID_PARAMETERS);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

static void spm_retrieve_needs_the_rx_buffer(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);
	struct retrieve retrieve = retrieve_of(&victim, p.info.own_id, handle);

	CHECK_EQUAL(status_of(partition_info(&victim, nil_uuid, 0)), 0);
	CHECK_EQUAL(status_of(retrieve_regs(&victim, &retrieve)), FFA_DENIED);
	CHECK_EQUAL(status_of(call(&victim, REGS(FFA_RX_RELEASE))), 0);
	must_retrieve(&victim, p.info.own_id, handle);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

/* The SPM core believes the handle; that it says whose it is lets the receiver check. */
static void spm_retrieve_says_who_has_shared(void)
{
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct share share = share_of(&p, &victim);
	uint64_t handle = must_share(&p, &share, SHARE_LEN);
	struct retrieve retrieve = retrieve_of(&victim, 0, handle);
	struct ffa_memory_transaction response;

	CHECK_EQUAL(retrieve_regs(&victim, &retrieve).x[0], FFA_MEM_RETRIEVE_RESP);
	memcpy(&response, victim.rx, sizeof(response));
	CHECK_EQUAL(response.sender_id, p.info.own_id);
	CHECK_EQUAL(status_of(call(&victim, REGS(FFA_RX_RELEASE))), 0);
	CHECK_EQUAL(relinquish(&victim, handle), 0);
	CHECK_EQUAL(reclaim(&p, handle), 0);
}

/* A message from one partition to the endpoint of the other: what is in w4 of the answer. */
static long long rpc(struct partition *p, const struct partition *victim, const uint32_t *words)
{
	struct ffa_regs regs = call(p, REGS(FFA_MSG_SEND_DIRECT_REQ,
					    ffa_message_endpoints((uint16_t)p->info.own_id,
								  (uint16_t)victim->info.own_id),
					    0, words[0], words[1], words[2], words[3], words[4]));

	CHECK_EQUAL(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	CHECK_EQUAL(regs.x[3], words[0]);
	return (int32_t)regs.x[4];
}

static void spm_endpoint_takes_a_buffer_with_a_tag(void)
{
	/* The last could be an address, and is one of no partition. */
	static const uint64_t tags[] = { 0, 0x800003e8, 0xfc000000, 0x80000000 };
	struct partition p = caller_open();
	struct partition victim = victim_open();
	struct test_peek peek = { p.info.address, sizeof(struct test_whoami) };
	struct share share = share_of(&p, &victim);
	struct test_whoami answer;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const uint32_t tag_lo = (uint32_t)tags[i], tag_hi = (uint32_t)(tags[i] >> 32);
		uint32_t lo, hi;
		uint64_t handle;

		share.transaction.tag = tags[i];
		handle = must_share(&p, &share, SHARE_LEN);
		lo = (uint32_t)handle;
		hi = (uint32_t)(handle >> 32);

		/* Another tag than it was shared with. */
		CHECK_EQUAL(rpc(&p, &victim,
				(uint32_t[]){ ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE), lo, hi,
					      tag_lo ^ 1, tag_hi }),
			    TS_RPC_ERROR_TRANSPORT_LAYER);
		CHECK_EQUAL(rpc(&p, &victim,
				(uint32_t[]){ ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE), lo, hi,
					      tag_lo, tag_hi }),
			    0);
		CHECK_EQUAL(
			rpc(&p, &victim,
			    (uint32_t[]){ ts_rpc_control(0, TEST_WHOAMI), lo, hi, 0, 0xfc000064 }),
			0);
		CHECK_EQUAL(must_call(&p.client, TEST_PEEK, &peek, sizeof(peek)), sizeof(answer));
		memcpy(&answer, p.client.buffer.data, sizeof(answer));
		CHECK_EQUAL(answer.source_id, p.info.own_id);
		CHECK_EQUAL(answer.client_id, 0xfc000064u);
		CHECK_EQUAL(answer.account, tags[i] ? tag_lo : 0xfc000064u);
		CHECK_EQUAL(rpc(&p, &victim,
				(uint32_t[]){ ts_rpc_control(0xff, TS_RPC_MEMORY_RELINQUISH), lo,
					      hi, 0, 0 }),
			    0);
		CHECK_EQUAL(reclaim(&p, handle), 0);
	}
}

const struct test spm_tests[] = {
	TEST(spm_version_is_1_and_at_least_1_1),
	TEST(spm_tells_each_partition_its_id),
	TEST(spm_core_is_0x8000),
	TEST(spm_features_knows_rxtx_map_and_no_unknown_function),
	TEST(spm_unknown_functions_are_refused),
	TEST(spm_lists_all_partitions),
	TEST(spm_lists_partitions_by_uuid),
	TEST(spm_unknown_uuid_has_no_partitions),
	TEST(spm_counting_partitions_leaves_rx_alone),
	TEST(spm_rx_is_the_partitions_until_it_is_released),
	TEST(spm_buffers_can_be_mapped_once),
	TEST(spm_console_takes_one_to_48_characters),
	TEST(spm_partitions_can_call_each_other),
	TEST(spm_request_to_oneself_is_invalid),
	TEST(spm_request_to_nobody_is_not_supported),
	TEST(spm_request_to_the_normal_world_is_not_supported),
	TEST(spm_request_in_the_name_of_others_is_invalid),
	TEST(spm_request_with_flags_is_refused),
	TEST(spm_request_to_a_busy_partition_is_busy),
	TEST(spm_partition_that_yields_answers),
	TEST(spm_partition_that_yields_to_another_answers_it),
	TEST(spm_call_of_a_partition_that_yields_ends_with_its_answer),
	TEST(spm_shared_memory_is_the_same_memory),
	TEST(spm_memory_can_be_shared_again_after_reclaiming),
	TEST(spm_memory_is_shared_once_at_a_time),
	TEST(spm_share_in_the_name_of_others_is_denied),
	TEST(spm_share_with_nobody_is_denied),
	TEST(spm_share_of_a_wrong_length_is_refused),
	TEST(spm_share_with_wild_offsets_is_invalid),
	TEST(spm_share_with_wild_counts_is_invalid),
	TEST(spm_share_of_nothing_is_invalid),
	TEST(spm_share_of_what_is_not_ones_own_is_denied),
	TEST(spm_share_with_more_rights_than_one_has_is_denied),
	TEST(spm_share_with_reserved_attributes_is_invalid),
	TEST(spm_reclaim_before_relinquish_is_denied),
	TEST(spm_what_is_not_retrieved_cannot_be_relinquished),
	TEST(spm_retrieved_twice_is_relinquished_twice),
	TEST(spm_relinquish_for_others_is_refused),
	TEST(spm_reclaim_by_another_is_invalid),
	TEST(spm_unknown_handles_are_refused),
	TEST(spm_retrieve_that_does_not_match_is_invalid),
	TEST(spm_read_only_share_is_not_retrieved_to_write),
	TEST(spm_retrieve_needs_the_rx_buffer),
	TEST(spm_retrieve_says_who_has_shared),
	TEST(spm_endpoint_takes_a_buffer_with_a_tag),
	{},
};
