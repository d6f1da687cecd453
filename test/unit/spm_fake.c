// SPDX-License-Identifier: BSD-3-Clause
#include "spm_fake.h"

#include <pthread.h>
#include <string.h>
#include <world/conduit.h>
#include <world/conduit_control.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct spm_fake fake;

void spm_fake_reset(void)
{
	pthread_mutex_lock(&lock);
	fake = (struct spm_fake){ .calls = 0 };
	pthread_mutex_unlock(&lock);
}

struct spm_fake spm_fake_get(void)
{
	struct spm_fake copy;

	pthread_mutex_lock(&lock);
	copy = fake;
	pthread_mutex_unlock(&lock);
	return copy;
}

void spm_fake_set_error(int error)
{
	fake.error = error;
}

void spm_fake_set_latency(uint64_t ns)
{
	fake.latency_ns = ns;
}

void spm_fake_set_dead(bool dead)
{
	fake.dead = dead;
}

static void answer_message(struct ffa_regs *regs)
{
	uint32_t control = (uint32_t)regs->x[3];
	uint32_t endpoints = (uint32_t)regs->x[1];

	*regs = (struct ffa_regs){ {
		FFA_MSG_SEND_DIRECT_RESP,
		ffa_message_endpoints(ffa_message_receiver(endpoints),
				      ffa_message_sender(endpoints)),
		0,
		control,
	} };
	if (ts_rpc_control_interface(control) != TS_RPC_INTERFACE_MANAGEMENT)
		regs->x[3 + TS_RPC_REG_RESP_LEN] = FAKE_RESP_LEN;
	else if (ts_rpc_control_opcode(control) == TS_RPC_VERSION_GET)
		regs->x[3 + TS_RPC_REG_VERSION] = TS_RPC_VERSION;
}

static void answer(struct ffa_regs *regs)
{
	if (fake.error) {
		*regs = (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)fake.error } };
		return;
	}
	switch ((uint32_t)regs->x[0]) {
	case FFA_MSG_SEND_DIRECT_REQ:
		answer_message(regs);
		break;
	case FFA_MEM_SHARE:
		*regs = (struct ffa_regs){ {
			FFA_SUCCESS,
			0,
			(uint32_t)FAKE_HANDLE + fake.shares++,
			FAKE_HANDLE >> 32,
		} };
		break;
	default:
		*regs = (struct ffa_regs){ { FFA_SUCCESS } };
		break;
	}
}

void spm_call(struct ffa_regs *regs)
{
	const struct ffa_regs in = *regs;
	struct spm_event event = { .in = &in, .out = regs, .begin_ns = 5000000000u };

	pthread_mutex_lock(&lock);
	fake.calls++;
	fake.last = *regs;
	answer(regs);
	event.end_ns = event.begin_ns + (fake.latency_ns ? fake.latency_ns : 1000);
	pthread_mutex_unlock(&lock);
	world_observe(&event);
}

int spm_inject_crash(uint16_t endpoint_id)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = fake.dead ? -2 : 0;
	fake.crashes++;
	fake.calls_at_crash = fake.calls;
	fake.crashed_id = endpoint_id;
	pthread_mutex_unlock(&lock);
	return rc;
}

bool spm_partition(size_t index, struct spm_partition_info *info)
{
	static const char *const names[] = { "first", "se\"cond" };

	if (index >= 2)
		return false;
	*info = (struct spm_partition_info){ (uint16_t)(FAKE_FIRST + index), names[index], 1 };
	return true;
}

size_t spm_partition_index(uint16_t endpoint_id)
{
	const size_t index = (size_t)endpoint_id - FAKE_FIRST;

	return index < 2 ? index : SPM_PARTITION_MAX;
}

static struct ffa_regs message(uint16_t endpoint_id, uint32_t control)
{
	struct ffa_regs regs = { { FFA_MSG_SEND_DIRECT_REQ, endpoint_id, 0, control,
				   (uint32_t)FAKE_HANDLE, FAKE_HANDLE >> 32, 36, 0x800003e8 } };

	conduit_call(&regs);
	return regs;
}

struct ffa_regs fake_service(uint16_t endpoint_id, uint16_t opcode)
{
	return message(endpoint_id, ts_rpc_control(1, opcode));
}

struct ffa_regs fake_management(uint16_t endpoint_id, uint16_t opcode)
{
	return message(endpoint_id, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode));
}

struct ffa_regs fake_share(void)
{
	struct ffa_regs regs = { { FFA_MEM_SHARE, 112, 112 } };

	conduit_call(&regs);
	return regs;
}

struct ffa_regs fake_reclaim(void)
{
	return fake_reclaim_of(0);
}

struct ffa_regs fake_reclaim_of(uint32_t number)
{
	struct ffa_regs regs = { { FFA_MEM_RECLAIM, (uint32_t)FAKE_HANDLE + number,
				   FAKE_HANDLE >> 32 } };

	conduit_call(&regs);
	return regs;
}

static _Alignas(16) uint8_t tx[FFA_PAGE_LEN];

void fake_map(void)
{
	struct ffa_regs regs = { { FFA_RXTX_MAP | FFA_FUNCTION_64, (uintptr_t)tx, 0, 1 } };

	conduit_call(&regs);
}

struct ffa_regs fake_share_with(uint16_t endpoint_id)
{
	const struct ffa_memory_transaction transaction = {
		.access_len = sizeof(struct ffa_memory_access),
		.access_count = 1,
		.access_offset = sizeof(transaction),
	};
	const struct ffa_memory_access access = { .receiver_id = endpoint_id };

	memcpy(tx, &transaction, sizeof(transaction));
	memcpy(tx + sizeof(transaction), &access, sizeof(access));
	return fake_share();
}

int fake_error(const struct ffa_regs *regs)
{
	return (uint32_t)regs->x[0] == FFA_ERROR ? (int32_t)(uint32_t)regs->x[2] : 0;
}
