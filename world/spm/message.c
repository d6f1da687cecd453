// SPDX-License-Identifier: BSD-3-Clause
/*
 * Direct messages (FF-A, section 15), in the forms of v1.1 and v1.2: a partition runs in the thread of whoever sends it a
 * request, and so do the partitions that it calls itself. One that runs is busy for all others.
 */
#include "internal.h"

#include <signal.h>
#include <string.h>

/* w2: a message of the framework, of which there are none here. */
#define MESSAGE_FRAMEWORK 0x80000000u

#define FUNCTION(regs)	  ((uint32_t)(regs)->x[0] & ~FFA_FUNCTION_64)

/* Words 3 to 7 of a 32-bit message, the whole registers of a 64-bit one. */
static void clear_upper_halves(struct ffa_regs *regs)
{
	if (regs->x[0] & FFA_FUNCTION_64)
		return;
	for (int i = 0; i < FFA_REGS; i++)
		regs->x[i] = (uint32_t)regs->x[i];
}

static bool is_response(const struct partition *p, const struct ffa_regs *regs)
{
	const bool second = (uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_RESP2;

	return p->in_request && second == p->request2 &&
	       (uint32_t)regs->x[1] == ffa_message_endpoints(p->id, p->caller) &&
	       !(second ? regs->x[2] | regs->x[3] : (uint32_t)regs->x[2]);
}

/*
 * Runs the partition with the result @regs of its last call until it stops by itself: then @regs
 * are the FFA_MSG_WAIT, FFA_YIELD or response with which it does. False: it died.
 */
static bool run(struct partition *p, struct ffa_regs *regs, bool have_call, spm_handler *handle)
{
	while (have_call || process_exchange(p, regs)) {
		have_call = false;
		switch (FUNCTION(regs)) {
		case FFA_MSG_WAIT:
			return true;
		case FFA_YIELD:
			if (p->in_request)
				return true;
			spm_error(regs, FFA_DENIED);
			break;
		case FFA_MSG_SEND_DIRECT_RESP:
		case FFA_MSG_SEND_DIRECT_RESP2 & ~FFA_FUNCTION_64:
			if (is_response(p, regs))
				return true;
			spm_error(regs, FFA_INVALID_PARAMETERS);
			break;
		default:
			handle(p->id, regs);
			break;
		}
	}
	return false;
}

static void set_state(struct partition *p, enum partition_state state)
{
	bool ran;

	pthread_mutex_lock(&spm_lock);
	ran = p->state == PARTITION_RUNNING;
	/* It may have died after its last call. */
	if (atomic_load(&p->gone)) {
		p->died_idle = ran && state != PARTITION_DEAD;
		state = PARTITION_DEAD;
	}
	p->state = state;
	if (ran && state == PARTITION_DEAD)
		process_died(p);
	pthread_mutex_unlock(&spm_lock);
}

/* Takes the partition for the calling thread, or says why not. */
static enum ffa_status take(uint16_t caller, uint16_t receiver, struct partition **partition)
{
	struct partition *p;
	enum ffa_status status = 0;

	if (receiver == SPM_NORMAL_WORLD)
		return FFA_NOT_SUPPORTED;
	if (receiver == caller)
		return FFA_INVALID_PARAMETERS;

	pthread_mutex_lock(&spm_lock);
	p = spm_find(receiver);
	if (!p) {
		status = FFA_NOT_SUPPORTED;
	} else if (p->restarting && caller == SPM_NORMAL_WORLD) {
		/* It must not take the next one for the one that it has shared memory with. */
		status = FFA_ABORTED;
	} else if (p->died_idle) {
		/* As if it had died of this message; partitions at S-EL0 die of nothing else. */
		p->died_idle = false;
		status = FFA_ABORTED;
	} else if (p->destroyed) {
		status = FFA_INVALID_PARAMETERS;
	} else if (p->state != PARTITION_WAITING) {
		/* The dead are busy for ever, as under OP-TEE. */
		status = FFA_BUSY;
	} else {
		p->state = PARTITION_RUNNING;
		if (p->crash_next && p->pid)
			kill(p->pid, SIGKILL);
		*partition = p;
	}
	pthread_mutex_unlock(&spm_lock);
	return status;
}

/* The partition, which the thread has taken, goes on with @regs, which receive what it comes to. */
static void go_on(struct partition *p, struct ffa_regs *regs, spm_handler *handle)
{
	const bool alive = run(p, regs, false, handle);
	const bool yields = alive && (uint32_t)regs->x[0] == FFA_YIELD;

	if (yields)
		*regs = (struct ffa_regs){ { FFA_YIELD, ffa_run_context(p->id) } };
	else if (alive)
		clear_upper_halves(regs);
	else
		spm_error(regs, FFA_ABORTED);
	p->in_request = yields;
	set_state(p, !alive ? PARTITION_DEAD : yields ? PARTITION_BLOCKED : PARTITION_WAITING);
}

/* Whether the receiver takes requests of this form, and for the UUID that they name, if they do. */
static enum ffa_status check_second(uint16_t receiver, const struct ffa_regs *regs)
{
	const struct partition *p = spm_find(receiver);
	const uint64_t named[] = { regs->x[2], regs->x[3] };
	bool known = !(named[0] | named[1]);

	static_assert(sizeof(named) == sizeof(p->manifest.uuids[0]), "words in memory order");
	if (!p)
		return 0;
	if (!(p->manifest.messaging & FFA_RECEIVES_DIRECT_REQ2))
		return FFA_DENIED;
	for (size_t i = 0; i < p->manifest.uuid_count; i++)
		known = known || !memcmp(p->manifest.uuids[i], named, sizeof(named));
	return known ? 0 : FFA_INVALID_PARAMETERS;
}

void message_request(uint16_t caller, struct ffa_regs *regs, spm_handler *handle)
{
	const bool second = (uint32_t)regs->x[0] == FFA_MSG_SEND_DIRECT_REQ2;
	const uint32_t endpoints = (uint32_t)regs->x[1];
	struct partition *p;
	enum ffa_status status;

	if (!second && regs->x[2] & MESSAGE_FRAMEWORK) {
		spm_error(regs, FFA_NOT_SUPPORTED);
		return;
	}
	if (ffa_message_sender(endpoints) != caller || (!second && (uint32_t)regs->x[2])) {
		spm_error(regs, FFA_INVALID_PARAMETERS);
		return;
	}
	status = second ? check_second(ffa_message_receiver(endpoints), regs) : 0;
	if (!status)
		status = take(caller, ffa_message_receiver(endpoints), &p);
	if (status) {
		spm_error(regs, status);
		return;
	}

	clear_upper_halves(regs);
	p->caller = caller;
	p->request2 = second;
	p->in_request = true;
	go_on(p, regs, handle);
}

void message_run(uint16_t caller, struct ffa_regs *regs, spm_handler *handle)
{
	const uint16_t id = ffa_run_target((uint32_t)regs->x[1]);
	enum ffa_status status = 0;
	struct partition *p;

	pthread_mutex_lock(&spm_lock);
	p = spm_find(id);
	/* One context each. */
	if (!p || (uint32_t)regs->x[1] != ffa_run_context(id))
		status = FFA_INVALID_PARAMETERS;
	else if (p->died_idle || (p->restarting && caller == SPM_NORMAL_WORLD))
		status = FFA_ABORTED;
	else if (p->state == PARTITION_RUNNING)
		status = FFA_BUSY;
	else if (p->state != PARTITION_BLOCKED || p->caller != caller)
		status = FFA_DENIED;
	else
		p->state = PARTITION_RUNNING;
	if (status == FFA_ABORTED)
		p->died_idle = false;
	pthread_mutex_unlock(&spm_lock);
	if (status) {
		spm_error(regs, status);
		return;
	}
	spm_success(regs, 0, 0);
	go_on(p, regs, handle);
}

bool message_boot(struct partition *p, unsigned int ms, spm_handler *handle)
{
	struct ffa_regs regs;
	bool waits;

	process_set_deadline(ms);
	waits = process_first_call(p, &regs) && run(p, &regs, true, handle);
	process_set_deadline(0);
	set_state(p, waits ? PARTITION_WAITING : PARTITION_DEAD);
	return p->state == PARTITION_WAITING;
}
