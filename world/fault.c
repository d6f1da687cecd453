// SPDX-License-Identifier: BSD-3-Clause
/*
 * The faults in force. Any thread; the lock is held while rules are looked at and never while
 * a call is made or delayed.
 */
#include "fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/ts_rpc.h>
#include <world/conduit_control.h>

struct fault_set {
	struct fault_set *next;
	int rule_count;
	struct fault_rule rules[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_set *sets; /* under lock, oldest first */
static atomic_uint set_count;

/* A call as rules see it. */
struct target {
	enum fault_call call;
	uint16_t endpoint_id;
	uint16_t opcode;
};

int world_fault_set(const char *spec, char *error, size_t size, void **handle)
{
	struct fault_rule rules[FAULT_RULES_MAX];
	struct fault_set *set, **last;
	int count;

	count = fault_parse(spec, rules, error, size);
	if (count < 0)
		return count;
	set = calloc(1, sizeof(*set) + (size_t)count * sizeof(rules[0]));
	if (!set) {
		snprintf(error, size, "fault: out of memory");
		return -ENOMEM;
	}
	set->rule_count = count;
	memcpy(set->rules, rules, (size_t)count * sizeof(rules[0]));

	pthread_mutex_lock(&lock);
	for (last = &sets; *last; last = &(*last)->next)
		;
	*last = set;
	atomic_fetch_add(&set_count, 1);
	pthread_mutex_unlock(&lock);
	*handle = set;
	return 0;
}

void world_fault_clear(void *handle)
{
	struct fault_set **at;

	if (!handle)
		return;
	pthread_mutex_lock(&lock);
	for (at = &sets; *at != handle; at = &(*at)->next)
		;
	*at = (*at)->next;
	atomic_fetch_sub(&set_count, 1);
	pthread_mutex_unlock(&lock);
	free(handle);
}

bool fault_any(void)
{
	return atomic_load_explicit(&set_count, memory_order_relaxed) != 0;
}

static enum fault_call management_call(uint16_t opcode)
{
	switch (opcode) {
	case TS_RPC_VERSION_GET:
		return FAULT_CALL_VERSION;
	case TS_RPC_MEMORY_RETRIEVE:
		return FAULT_CALL_RETRIEVE;
	case TS_RPC_MEMORY_RELINQUISH:
		return FAULT_CALL_RELINQUISH;
	case TS_RPC_INTERFACE_ID_QUERY:
		return FAULT_CALL_QUERY;
	default:
		return FAULT_CALL_OTHER;
	}
}

static struct target target_of(const struct ffa_regs *regs, uint16_t share_id)
{
	const uint32_t control = (uint32_t)regs->x[3 + TS_RPC_REG_CONTROL];
	struct target target = { .call = FAULT_CALL_OTHER, .endpoint_id = share_id };

	switch ((uint32_t)regs->x[0] & ~FFA_FUNCTION_64) {
	case FFA_MEM_SHARE:
		target.call = FAULT_CALL_SHARE;
		break;
	case FFA_MEM_RECLAIM:
		target.call = FAULT_CALL_RECLAIM;
		break;
	case FFA_MSG_SEND_DIRECT_REQ:
		target.endpoint_id = ffa_message_receiver((uint32_t)regs->x[1]);
		target.opcode = ts_rpc_control_opcode(control);
		target.call = FAULT_CALL_SERVICE;
		if (ts_rpc_control_interface(control) == TS_RPC_INTERFACE_MANAGEMENT)
			target.call = management_call(target.opcode);
		break;
	}
	return target;
}

/* SplitMix64: any seed will do, and the same seed makes the same faults. */
static uint32_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 32);
}

static bool strikes(struct fault_rule *rule, const struct target *target)
{
	if (!(rule->calls & FAULT_BIT(target->call)) ||
	    (rule->one_endpoint && rule->endpoint_id != target->endpoint_id) ||
	    (rule->one_opcode && rule->opcode != target->opcode))
		return false;

	if (rule->seen < rule->after) {
		rule->seen++;
		return false;
	}
	if (rule->struck == rule->count)
		return false;
	if (rule->chance < FAULT_CERTAIN && next_random(&rule->random) >= rule->chance)
		return false;
	rule->struck++;
	return true;
}

static void answer_error(struct ffa_regs *regs, enum ffa_status status)
{
	*regs = (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)status } };
}

/* Answers a management call as its partition would. */
static void answer_rpc(struct ffa_regs *regs, enum ts_rpc_status status)
{
	const uint32_t endpoints = (uint32_t)regs->x[1];

	*regs = (struct ffa_regs){ {
		(regs->x[0] & FFA_FUNCTION_64) | FFA_MSG_SEND_DIRECT_RESP,
		ffa_message_endpoints(ffa_message_receiver(endpoints),
				      ffa_message_sender(endpoints)),
		0,
		regs->x[3 + TS_RPC_REG_CONTROL],
		(uint32_t)status,
	} };
}

static void strike_before(const struct fault_rule *rule, struct ffa_regs *regs,
			  struct fault_verdict *verdict)
{
	verdict->name = fault_name(rule->kind);
	switch (rule->kind) {
	case FAULT_SLOW:
		verdict->delay_us += rule->value;
		return;
	case FAULT_CRASH:
		verdict->crash = true;
		return;
	case FAULT_BUSY:
		answer_error(regs, FFA_BUSY);
		break;
	case FAULT_LOST_RELINQUISH:
		answer_rpc(regs, TS_RPC_SUCCESS);
		break;
	case FAULT_REFUSED_RELINQUISH:
		answer_rpc(regs, TS_RPC_ERROR_TRANSPORT_LAYER);
		break;
	case FAULT_DENIED_RECLAIM:
		answer_error(regs, FFA_DENIED);
		break;
	case FAULT_NO_MEMORY:
		answer_error(regs, FFA_NO_MEMORY);
		break;
	default:
		return;
	}
	verdict->answered = true;
}

static void strike_after(const struct fault_rule *rule, struct ffa_regs *out)
{
	uint64_t *words = &out->x[3];

	switch (rule->kind) {
	case FAULT_BAD_INTERFACE:
		words[TS_RPC_REG_STATUS] = TS_RPC_SUCCESS;
		words[TS_RPC_REG_INTERFACE_ID] = rule->value;
		break;
	case FAULT_LONG_RESPONSE:
		words[TS_RPC_REG_STATUS] = TS_RPC_SUCCESS;
		words[TS_RPC_REG_SERVICE_STATUS] = 0;
		words[TS_RPC_REG_RESP_LEN] = rule->value;
		break;
	case FAULT_WRONG_ECHO:
		words[TS_RPC_REG_CONTROL] ^= 1;
		break;
	default:
		break;
	}
}

/*
 * The first rule that strikes, of all sets, and in the half of them that @after tells. Those
 * behind it have not seen the call. Delays are no end: they add up.
 */
static void look(const struct target *target, bool after, struct ffa_regs *regs,
		 struct fault_verdict *verdict)
{
	for (struct fault_set *set = sets; set; set = set->next) {
		for (int i = 0; i < set->rule_count; i++) {
			struct fault_rule *rule = &set->rules[i];

			if (after != (rule->kind >= FAULT_BAD_INTERFACE) || !strikes(rule, target))
				continue;
			if (after) {
				strike_after(rule, regs);
				verdict->name = fault_name(rule->kind);
				return;
			}
			strike_before(rule, regs, verdict);
			if (rule->kind != FAULT_SLOW)
				return;
		}
	}
}

void fault_before(struct ffa_regs *regs, uint16_t share_id, struct fault_verdict *verdict)
{
	const struct target target = target_of(regs, share_id);

	*verdict = (struct fault_verdict){ .name = NULL };
	pthread_mutex_lock(&lock);
	look(&target, false, regs, verdict);
	pthread_mutex_unlock(&lock);
}

const char *fault_after(const struct ffa_regs *in, struct ffa_regs *out)
{
	const struct target target = target_of(in, 0);
	struct fault_verdict verdict = { .name = NULL };

	/* What the SPM core answers in the partition's stead is not the partition's lie. */
	if (((uint32_t)out->x[0] & ~FFA_FUNCTION_64) != FFA_MSG_SEND_DIRECT_RESP)
		return NULL;
	pthread_mutex_lock(&lock);
	look(&target, true, out, &verdict);
	pthread_mutex_unlock(&lock);
	return verdict.name;
}
