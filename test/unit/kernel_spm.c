// SPDX-License-Identifier: BSD-3-Clause
/* Owns the table of shared buffers and the knobs, under one lock; a partition runs one call. */
#include "kernel_spm.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <tstee/ffa.h>
#include <tstee/ts_rpc.h>
#include <world/conduit.h>
#include <world/ram.h>

#define SHARES_MAX 64

struct share {
	uint64_t handle; /* 0: none */
	uint16_t receiver;
	uint64_t tag;
	uint8_t *data;
	uint32_t page_count;
	bool mapped;
};

/* FFA_PARTITION_INFO_GET, FF-A v1.1. */
struct partition {
	uint16_t id;
	uint16_t context_count;
	uint32_t properties;
	uint8_t uuid[16];
};

const uint8_t spm_service_uuid[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static const struct partition partitions[] = {
	{ 0x8001, 1, 0x107, { 0x48, 0x61, 0x78, 0xe0 } },
	{ SPM_FIRST_ENDPOINT, 1, 0x107, TS_RPC_PARTITION_UUID_BYTES },
	{ SPM_SECOND_ENDPOINT, 1, 0x107, TS_RPC_PARTITION_UUID_BYTES },
	/* Speaks something else, too; and as the bus of old kernels has it once they have matched it. */
	{ SPM_SECOND_ENDPOINT, 1, 0x107, { 0xed, 0x32, 0xd5, 0x33 } },
	{ SPM_SECOND_ENDPOINT, 1, 0x107, TS_RPC_PARTITION_UUID_BYTES },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct share shares[SHARES_MAX];
static uint64_t last_handle;
static const uint8_t *tx;
static uint8_t *rx;
static bool reclaim_denied;
static unsigned int busy_count;
static bool waiting;
static bool running[2];
static bool dying[2];
static unsigned int messages;
static uint32_t who[16]; /* latest first */
static unsigned int room[2] = { UINT_MAX, UINT_MAX };
static unsigned int yields, yielded;
static struct ffa_regs later[2]; /* responses of partitions that yield */

static unsigned int count_shares(bool mapped_only)
{
	unsigned int count = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SHARES_MAX; i++)
		count += shares[i].handle && (shares[i].mapped || !mapped_only);
	pthread_mutex_unlock(&lock);
	return count;
}

unsigned int spm_mapped(void)
{
	return count_shares(true);
}

unsigned int spm_shared(void)
{
	return count_shares(false);
}

void spm_deny_reclaim(bool deny)
{
	pthread_mutex_lock(&lock);
	reclaim_denied = deny;
	pthread_mutex_unlock(&lock);
}

void spm_be_busy(unsigned int count)
{
	pthread_mutex_lock(&lock);
	busy_count = count;
	pthread_mutex_unlock(&lock);
}

void spm_die(uint16_t endpoint)
{
	pthread_mutex_lock(&lock);
	dying[endpoint == SPM_SECOND_ENDPOINT] = true;
	pthread_mutex_unlock(&lock);
}

void spm_restart(uint16_t endpoint)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SHARES_MAX; i++)
		if (shares[i].receiver == endpoint)
			shares[i].mapped = false;
	running[endpoint == SPM_SECOND_ENDPOINT] = false;
	pthread_mutex_unlock(&lock);
}

unsigned int spm_messages(void)
{
	unsigned int count;

	pthread_mutex_lock(&lock);
	count = messages;
	pthread_mutex_unlock(&lock);
	return count;
}

void spm_wait_entered(void)
{
	pthread_mutex_lock(&lock);
	while (!waiting)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

void spm_set_room(uint16_t endpoint, unsigned int buffers)
{
	pthread_mutex_lock(&lock);
	room[endpoint == SPM_SECOND_ENDPOINT] = buffers;
	pthread_mutex_unlock(&lock);
}

void spm_set_yields(unsigned int count)
{
	pthread_mutex_lock(&lock);
	yields = count;
	yielded = 0;
	pthread_mutex_unlock(&lock);
}

uint32_t spm_who(unsigned int calls_ago)
{
	uint32_t client_id;

	pthread_mutex_lock(&lock);
	client_id = who[calls_ago];
	pthread_mutex_unlock(&lock);
	return client_id;
}

uint32_t spm_tag(void)
{
	uint32_t tag = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SHARES_MAX; i++)
		if (shares[i].handle)
			tag = (uint32_t)shares[i].tag;
	pthread_mutex_unlock(&lock);
	return tag;
}

void spm_let_go(void)
{
	pthread_mutex_lock(&lock);
	waiting = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void succeed(struct ffa_regs *regs, uint64_t w2, uint64_t w3)
{
	*regs = (struct ffa_regs){ { FFA_SUCCESS, 0, w2, w3 } };
}

static void fail(struct ffa_regs *regs, enum ffa_status status)
{
	*regs = (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)status } };
}

static struct share *find_share(uint64_t handle)
{
	for (size_t i = 0; i < SHARES_MAX; i++)
		if (shares[i].handle == handle)
			return &shares[i];
	return NULL;
}

static void partition_info_get(struct ffa_regs *regs)
{
	memcpy(rx, partitions, sizeof(partitions));
	succeed(regs, sizeof(partitions) / sizeof(partitions[0]), sizeof(partitions[0]));
}

/* Takes what the protocol asks for, and not less. */
static void mem_share(struct ffa_regs *regs)
{
	const struct ffa_memory_transaction *transaction = (const void *)tx;
	const struct ffa_memory_access *access;
	const struct ffa_memory_composite *composite;
	const struct ffa_memory_range *range;
	struct share *share = find_share(0);
	uint64_t offset;
	int fd;

	access = (const void *)(tx + transaction->access_offset);
	composite = (const void *)(tx + access->composite_offset);
	range = (const void *)(composite + 1);
	if (transaction->sender_id || transaction->attributes != FFA_MEMORY_ATTRIBUTES_SHARED ||
	    transaction->flags || transaction->handle ||
	    transaction->access_len != sizeof(*access) || transaction->access_count != 1 ||
	    access->permissions != FFA_MEMORY_READ_WRITE || access->flags ||
	    composite->range_count != 1 || composite->page_count != range->page_count ||
	    regs->x[1] != (uint64_t)((const uint8_t *)(range + 1) - tx) ||
	    regs->x[1] != regs->x[2] || regs->x[3] || regs->x[4] ||
	    ram_find(range->address, range->page_count * (size_t)FFA_PAGE_LEN, &fd, &offset)) {
		fail(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	if (!share) {
		fail(regs, FFA_NO_MEMORY);
		return;
	}

	*share = (struct share){
		.handle = ++last_handle | 1ull << 40,
		.receiver = access->receiver_id,
		.tag = transaction->tag,
		.data = (uint8_t *)(uintptr_t)range->address,
		.page_count = range->page_count,
	};
	succeed(regs, (uint32_t)share->handle, share->handle >> 32);
}

static void mem_reclaim(struct ffa_regs *regs)
{
	struct share *share = find_share(regs->x[1] | regs->x[2] << 32);

	if (!share) {
		fail(regs, FFA_INVALID_PARAMETERS);
	} else if (share->mapped || reclaim_denied) {
		fail(regs, FFA_DENIED);
	} else {
		share->handle = 0;
		succeed(regs, 0, 0);
	}
}

static unsigned int count_mapped(uint16_t endpoint)
{
	unsigned int count = 0;

	for (size_t i = 0; i < SHARES_MAX; i++)
		count += shares[i].handle && shares[i].mapped && shares[i].receiver == endpoint;
	return count;
}

static int management_call(uint16_t endpoint, uint64_t w[TS_RPC_REGS])
{
	struct share *share = find_share(w[1] | w[2] << 32);

	switch (ts_rpc_control_opcode((uint32_t)w[0])) {
	case TS_RPC_VERSION_GET:
		return TS_RPC_VERSION;
	case TS_RPC_MEMORY_RETRIEVE:
	case TS_RPC_MEMORY_RELINQUISH:
		if (!share || share->receiver != endpoint)
			return TS_RPC_ERROR_NOT_FOUND;
		if (ts_rpc_control_opcode((uint32_t)w[0]) == TS_RPC_MEMORY_RETRIEVE) {
			if (share->tag != (w[3] | w[4] << 32))
				return TS_RPC_ERROR_INVALID_VALUE;
			if (share->page_count > SPM_BUFFER_PAGES)
				return TS_RPC_ERROR_RESOURCE_FAILURE;
			if (room[endpoint == SPM_SECOND_ENDPOINT] <= count_mapped(endpoint))
				return TS_RPC_ERROR_NOT_FOUND;
		}
		share->mapped = ts_rpc_control_opcode((uint32_t)w[0]) == TS_RPC_MEMORY_RETRIEVE;
		return TS_RPC_SUCCESS;
	case TS_RPC_INTERFACE_ID_QUERY:
		for (unsigned int i = 0; i < 4; i++)
			if (memcmp(&w[i + 1], spm_service_uuid + 4 * i, 4))
				return TS_RPC_ERROR_NOT_FOUND;
		w[2] = 0;
		return TS_RPC_SUCCESS;
	default:
		return TS_RPC_ERROR_INVALID_VALUE;
	}
}

static int service_call(uint16_t endpoint, uint64_t w[TS_RPC_REGS])
{
	struct share *share = find_share(w[1] | w[2] << 32);
	uint32_t client_id = (uint32_t)w[4];
	uint32_t len = (uint32_t)w[3];

	if (share && (share->receiver != endpoint || !share->mapped))
		return TS_RPC_ERROR_NOT_FOUND;

	w[2] = w[3] = w[4] = 0;
	switch (ts_rpc_control_opcode((uint32_t)w[0])) {
	case SPM_INVERT:
		for (uint32_t i = 0; i < len; i++)
			share->data[i] ^= 0xff;
		w[3] = len;
		return TS_RPC_SUCCESS;
	case SPM_WHO:
		memmove(who + 1, who, sizeof(who) - sizeof(who[0]));
		who[0] = client_id;
		w[2] = client_id;
		return TS_RPC_SUCCESS;
	case SPM_LONG_ANSWER:
		w[3] = UINT32_MAX;
		return TS_RPC_SUCCESS;
	case SPM_YIELD:
		return TS_RPC_SUCCESS;
	case SPM_WAIT:
		waiting = true;
		pthread_cond_broadcast(&changed);
		while (waiting)
			pthread_cond_wait(&changed, &lock);
		return TS_RPC_SUCCESS;
	case SPM_SUM:
		for (size_t i = 0; share && i < share->page_count * (size_t)FFA_PAGE_LEN; i++)
			w[2] += share->data[i];
		return TS_RPC_SUCCESS;
	default:
		return TS_RPC_ERROR_INVALID_VALUE;
	}
}

/* It yields, dies of that, or answers. */
static void run(struct ffa_regs *regs)
{
	uint16_t endpoint = ffa_run_target((uint32_t)regs->x[1]);
	size_t index = endpoint == SPM_SECOND_ENDPOINT;

	if (!running[index] || (uint32_t)regs->x[1] != ffa_run_context(endpoint)) {
		fail(regs, FFA_INVALID_PARAMETERS);
	} else if (yielded < yields) {
		yielded++;
		*regs = (struct ffa_regs){ { FFA_YIELD, ffa_run_context(endpoint) } };
	} else if (dying[index]) {
		dying[index] = false;
		fail(regs, FFA_ABORTED);
	} else {
		*regs = later[index];
		regs->x[5] = yielded;
		running[index] = false;
	}
}

static void direct_request(struct ffa_regs *regs)
{
	uint16_t endpoint = ffa_message_receiver((uint32_t)regs->x[1]);
	bool *is_running = &running[endpoint == SPM_SECOND_ENDPOINT];
	uint64_t *w = &regs->x[3];

	messages++;
	if (*is_running || busy_count) {
		busy_count -= !*is_running;
		fail(regs, FFA_BUSY);
		return;
	}

	*is_running = true;
	if (dying[endpoint == SPM_SECOND_ENDPOINT] &&
	    (uint32_t)w[0] != ts_rpc_control(0, SPM_YIELD)) {
		dying[endpoint == SPM_SECOND_ENDPOINT] = false;
		fail(regs, FFA_ABORTED);
		return;
	}
	if (ts_rpc_control_interface((uint32_t)w[0]) == TS_RPC_INTERFACE_MANAGEMENT)
		w[1] = (uint32_t)management_call(endpoint, w);
	else
		w[1] = (uint32_t)service_call(endpoint, w);
	regs->x[0] = FFA_MSG_SEND_DIRECT_RESP;
	regs->x[1] = ffa_message_endpoints(endpoint, 0);
	if ((uint32_t)w[0] == ts_rpc_control(0, SPM_YIELD)) {
		later[endpoint == SPM_SECOND_ENDPOINT] = *regs;
		*regs = (struct ffa_regs){ { FFA_RUN, ffa_run_context(endpoint) } };
		run(regs);
		return;
	}
	*is_running = false;
}

void conduit_call(struct ffa_regs *regs)
{
	pthread_mutex_lock(&lock);
	switch (regs->x[0]) {
	case FFA_VERSION:
		*regs = (struct ffa_regs){ { FFA_VERSION_1_1 } };
		break;
	case FFA_ID_GET:
	case FFA_RX_RELEASE:
		succeed(regs, 0, 0);
		break;
	case FFA_RXTX_MAP | FFA_FUNCTION_64:
		tx = (const uint8_t *)(uintptr_t)regs->x[1];
		rx = (uint8_t *)(uintptr_t)regs->x[2];
		succeed(regs, 0, 0);
		break;
	case FFA_PARTITION_INFO_GET:
		partition_info_get(regs);
		break;
	case FFA_MEM_SHARE:
		mem_share(regs);
		break;
	case FFA_MEM_RECLAIM:
		mem_reclaim(regs);
		break;
	case FFA_MSG_SEND_DIRECT_REQ:
		direct_request(regs);
		break;
	case FFA_RUN:
		run(regs);
		break;
	default:
		fail(regs, FFA_NOT_SUPPORTED);
		break;
	}
	pthread_mutex_unlock(&lock);
}
