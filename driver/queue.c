// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose turn it is at an endpoint. Owns tstee_endpoint.queue and keep_timer;
 * nobody else takes queue_lock.
 *
 * Who finds the endpoint idle and nobody waiting sends its message. Who does
 * not puts it into the queue and sleeps until its turn comes. Who has sent
 * gives the turn to the first in the queue, or keeps it for a while if it is
 * known to come back at once. docs/ts-tee.md says why.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "tstee.h"

/* How often those who wait look whether the partition is stuck. */
#define LOOK_INTERVAL (HZ / 2)

/* How often shutdown looks whether all is quiet. */
#define SETTLE_POLL_MS 10

/*
 * For how long the turn can be kept, measured by what it costs to hand it over:
 * so hand-overs take a small part of the time.
 */
#define KEEP_WAKES  128
#define WAKE_WEIGHT 8
#define KEEP_MAX_NS (30 * NSEC_PER_MSEC)

static unsigned int stuck_timeout_ms = 5000;
module_param(stuck_timeout_ms, uint, 0644);
MODULE_PARM_DESC(stuck_timeout_ms,
		 "How long a call may take before the partition counts as stuck, in ms");

/* The lock is held. */
static void tstee_queue_begin(struct tstee_endpoint *ep,
			      struct tstee_message *msg)
{
	ep->sending = true;
	ep->send_begin = jiffies;
	ep->send_control = msg->words.data0;
}

/*
 * How long the message that is being sent has taken, in jiffies, or 0. By it or
 * under the lock.
 */
static unsigned long tstee_queue_age(const struct tstee_endpoint *ep)
{
	return ep->sending ? jiffies - ep->send_begin : 0;
}

static bool tstee_queue_is_stuck(const struct tstee_endpoint *ep)
{
	return tstee_queue_age(ep) >
	       msecs_to_jiffies(READ_ONCE(stuck_timeout_ms));
}

/* Gives the turn to the first of those who wait. The lock is held. */
static void tstee_queue_grant(struct tstee_endpoint *ep)
{
	struct tstee_message *msg;

	msg = list_first_entry_or_null(&ep->queue, struct tstee_message, node);
	if (!msg) {
		ep->sending = false;
		return;
	}
	list_del_init(&msg->node);
	tstee_queue_begin(ep, msg);
	ep->grant_begin = ktime_get_ns();
	complete(&msg->granted);
}

/* The time is over for which a turn can be kept. */
static enum hrtimer_restart tstee_queue_keep_end(struct hrtimer *timer)
{
	struct tstee_endpoint *ep =
		container_of(timer, struct tstee_endpoint, keep_timer);

	spin_lock(&ep->queue_lock);
	ep->keeper = NULL;
	if (!ep->sending)
		tstee_queue_grant(ep);
	spin_unlock(&ep->queue_lock);
	return HRTIMER_NORESTART;
}

/*
 * Who was interrupted and comes again has its place; who gives something back
 * goes first.
 */
static void tstee_queue_add(struct tstee_endpoint *ep,
			    struct tstee_message *msg)
{
	u64 kept = msg->caller ? tstee_place_claim(&msg->caller->place) : 0;
	struct tstee_message *before;

	if (msg->kind == TSTEE_CALL_TEARDOWN)
		msg->ticket = 0;
	else
		msg->ticket = kept ?: ++ep->last_ticket;

	init_completion(&msg->granted);
	list_for_each_entry_reverse(before, &ep->queue, node)
		if (before->ticket <= msg->ticket)
			break;
	list_add(&msg->node, &before->node);
}

/*
 * Whether the sender of a message keeps the turn: if waiting for it is cheaper
 * than waking somebody else up. The lock is held.
 */
static bool tstee_queue_keep(struct tstee_endpoint *ep,
			     const struct tstee_message *msg)
{
	u64 wake_ns = ep->wake_ns;

	if (!msg->away || msg->away > wake_ns || tstee_queue_age(ep) > 1)
		return false;
	/* What gives memory back goes first. */
	if (!list_first_entry(&ep->queue, struct tstee_message, node)->ticket)
		return false;
	if (msg->keeps)
		return ep->keeper == msg->caller;

	ep->keeper = msg->caller;
	hrtimer_start(&ep->keep_timer,
		      ns_to_ktime(min_t(u64, KEEP_WAKES * wake_ns,
					KEEP_MAX_NS)),
		      HRTIMER_MODE_REL_SOFT);
	return true;
}

/* The sender of a message has done with it. The lock is held. */
static void tstee_queue_pass(struct tstee_endpoint *ep,
			     const struct tstee_message *msg)
{
	struct tstee_caller *caller = msg->caller;
	bool contended = caller && !list_empty(&ep->queue);
	bool keep = contended && tstee_queue_keep(ep, msg);

	if (caller)
		caller->left = contended ? ktime_get_ns() : 0;
	if (keep) {
		ep->sending = false;
		return;
	}
	if (ep->keeper) {
		ep->keeper = NULL;
		hrtimer_try_to_cancel(&ep->keep_timer);
	}
	tstee_queue_grant(ep);
}

/* The caller has the turn. */
static int tstee_queue_exchange(struct tstee_endpoint *ep,
				struct tstee_message *msg)
{
	bool dead = test_bit(TSTEE_ENDPOINT_DEAD, &ep->flags);
	int rc = tstee_endpoint_exchange(ep, msg);

	/*
	 * Memory that had to wait for a partition that was stuck or dead waits
	 * no longer.
	 */
	if ((dead && !rc) || tstee_queue_is_stuck(ep))
		tstee_shm_retry(ep);

	spin_lock_bh(&ep->queue_lock);
	tstee_queue_pass(ep, msg);
	spin_unlock_bh(&ep->queue_lock);
	return rc;
}

/* Positive when it is its turn, 0 when the time is over, -ERESTARTSYS. */
static long tstee_queue_sleep(struct tstee_message *msg)
{
	struct completion *granted = &msg->granted;

	switch (msg->kind) {
	case TSTEE_CALL_SERVICE:
		return wait_for_completion_interruptible_timeout(granted,
								 LOOK_INTERVAL);
	case TSTEE_CALL_SETUP:
		return wait_for_completion_killable_timeout(granted,
							    LOOK_INTERVAL);
	default:
		return wait_for_completion_timeout(granted, LOOK_INTERVAL);
	}
}

/* What it costs to hand over the turn, as a moving average. */
static void tstee_queue_woken(struct tstee_endpoint *ep,
			      const struct tstee_message *msg)
{
	s64 wake_ns;

	/* Without a turn nothing is known, and nothing may be touched. */
	if (msg->rc)
		return;
	wake_ns = min_t(u64, ktime_get_ns() - ep->grant_begin, KEEP_MAX_NS);
	ep->wake_ns += (wake_ns - (s64)ep->wake_ns) / WAKE_WEIGHT;
}

/*
 * Whether a message that is in the queue is to leave it, and with which error.
 * The lock is held.
 */
static int tstee_queue_look(const struct tstee_endpoint *ep,
			    const struct tstee_message *msg, bool interrupted,
			    unsigned long deadline)
{
	if (msg->kind == TSTEE_CALL_TEARDOWN) {
		if (tstee_queue_is_stuck(ep) || time_after(jiffies, deadline))
			return -ETIMEDOUT;
		return 0;
	}
	if (!interrupted)
		return 0;
	return msg->kind == TSTEE_CALL_SERVICE ? -ERESTARTSYS : -EINTR;
}

/* 0 when it is its turn, or why it has left the queue. */
static int tstee_queue_wait(struct tstee_endpoint *ep,
			    struct tstee_message *msg)
{
	unsigned long deadline =
		jiffies + msecs_to_jiffies(READ_ONCE(stuck_timeout_ms));
	unsigned long age;
	bool tell, waits;
	u32 control;
	long left;
	int rc;

	for (;;) {
		left = tstee_queue_sleep(msg);
		if (left > 0) {
			tstee_queue_woken(ep, msg);
			return msg->rc;
		}

		spin_lock_bh(&ep->queue_lock);
		/* If not, its turn has come at this moment. */
		waits = !list_empty(&msg->node);
		rc = waits ? tstee_queue_look(ep, msg, left < 0, deadline) :
			     msg->rc;
		if (waits && rc) {
			list_del_init(&msg->node);
			if (msg->caller)
				tstee_place_keep(&msg->caller->place,
						 msg->ticket);
		}
		age = tstee_queue_age(ep);
		control = ep->send_control;
		tell = tstee_queue_is_stuck(ep) && !ep->stuck_told;
		ep->stuck_told |= tell;
		spin_unlock_bh(&ep->queue_lock);

		if (tell)
			dev_warn(&ep->ffa->dev,
				 "stuck for %lu s in opcode 0x%04x of interface 0x%02x\n",
				 age / HZ, ts_rpc_control_opcode(control),
				 ts_rpc_control_interface(control));
		if (rc || !waits)
			return rc;
	}
}

/**
 * tstee_queue_send() - send a direct message and wait for the response
 * @ep:		endpoint
 * @msg:	words, kind and caller are set, the rest zero
 *
 * The wait for the endpoint can be ended as @msg->kind says, the call itself
 * can't: the partition has the message.
 *
 * Return: 0; -ERESTARTSYS or -EINTR if the wait was ended by a signal, before
 * the message was sent; -ETIMEDOUT if the partition is stuck and @msg gives
 * something back; -ESHUTDOWN if the endpoint is down; or an error of
 * tstee_endpoint_exchange().
 */
int tstee_queue_send(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	struct tstee_caller *caller = msg->caller;
	bool now = false;
	int rc = 0;

	spin_lock_bh(&ep->queue_lock);
	if (caller && caller->left)
		msg->away = max(ktime_get_ns() - caller->left, 1ull);
	msg->keeps = caller && caller == ep->keeper;
	if (test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags))
		rc = -ESHUTDOWN;
	else if (!ep->sending)
		now = list_empty(&ep->queue) || msg->keeps ||
		      msg->kind == TSTEE_CALL_TEARDOWN;
	if (now)
		tstee_queue_begin(ep, msg);
	else if (!rc)
		tstee_queue_add(ep, msg);
	spin_unlock_bh(&ep->queue_lock);

	if (!rc && !now)
		rc = tstee_queue_wait(ep, msg);
	return rc ? rc : tstee_queue_exchange(ep, msg);
}

/**
 * tstee_queue_given_up() - does the sender of a message want it no longer?
 * @msg:	that is being sent
 *
 * For attempts that are refused: what was sent can't be taken back.
 *
 * Return: whether to end them.
 */
bool tstee_queue_given_up(const struct tstee_message *msg)
{
	switch (msg->kind) {
	case TSTEE_CALL_SERVICE:
		return signal_pending(current);
	case TSTEE_CALL_SETUP:
		return fatal_signal_pending(current);
	default:
		return false;
	}
}

/**
 * tstee_queue_quit() - a caller makes no calls any more
 * @ep:		endpoint
 * @caller:	that is about to go
 */
void tstee_queue_quit(struct tstee_endpoint *ep,
		      const struct tstee_caller *caller)
{
	spin_lock_bh(&ep->queue_lock);
	if (ep->keeper == caller) {
		ep->keeper = NULL;
		if (!ep->sending)
			tstee_queue_grant(ep);
	}
	spin_unlock_bh(&ep->queue_lock);
}

/**
 * tstee_queue_refuse() - answer what waits and must not be sent any more
 * @ep:		endpoint, down or closed
 */
void tstee_queue_refuse(struct tstee_endpoint *ep)
{
	bool closed = test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags);
	struct tstee_message *msg, *next;

	spin_lock_bh(&ep->queue_lock);
	list_for_each_entry_safe(msg, next, &ep->queue, node) {
		if (msg->kind == TSTEE_CALL_TEARDOWN && !closed)
			continue;
		list_del_init(&msg->node);
		msg->rc = -ESHUTDOWN;
		complete(&msg->granted);
	}
	spin_unlock_bh(&ep->queue_lock);
}

/**
 * tstee_queue_stuck() - is the partition stuck?
 * @ep:		endpoint
 * @control:	control word of the call that takes so long, result
 *
 * Return: for how long it has been in that call, in seconds, or 0.
 */
unsigned int tstee_queue_stuck(struct tstee_endpoint *ep, u32 *control)
{
	unsigned int seconds = 0;

	spin_lock_bh(&ep->queue_lock);
	if (tstee_queue_is_stuck(ep)) {
		seconds = max(tstee_queue_age(ep) / HZ, 1ul);
		*control = ep->send_control;
	}
	spin_unlock_bh(&ep->queue_lock);
	return seconds;
}

/**
 * tstee_queue_enter() - begin a memory operation, which needs no turn
 * @ep:	endpoint
 *
 * Return: whether it may be done; then tstee_queue_leave() ends it.
 */
bool tstee_queue_enter(struct tstee_endpoint *ep)
{
	bool open;

	spin_lock_bh(&ep->queue_lock);
	open = !test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags);
	ep->memory_ops += open;
	spin_unlock_bh(&ep->queue_lock);
	return open;
}

/**
 * tstee_queue_leave() - end a memory operation
 * @ep:	endpoint
 */
void tstee_queue_leave(struct tstee_endpoint *ep)
{
	spin_lock_bh(&ep->queue_lock);
	ep->memory_ops--;
	spin_unlock_bh(&ep->queue_lock);
}

/**
 * tstee_queue_settle() - wait until nothing is being sent
 * @ep:	endpoint, down
 *
 * For no longer than to tstee_endpoint.deadline.
 *
 * Return: whether all is quiet.
 */
bool tstee_queue_settle(struct tstee_endpoint *ep)
{
	bool quiet;

	for (;;) {
		spin_lock_bh(&ep->queue_lock);
		quiet = !ep->sending && !ep->memory_ops;
		spin_unlock_bh(&ep->queue_lock);
		if (quiet || time_after(jiffies, ep->deadline))
			return quiet;
		msleep(SETTLE_POLL_MS);
	}
}

/**
 * tstee_queue_init() - make an empty queue
 * @ep:	endpoint
 */
void tstee_queue_init(struct tstee_endpoint *ep)
{
	spin_lock_init(&ep->queue_lock);
	INIT_LIST_HEAD(&ep->queue);
	hrtimer_setup(&ep->keep_timer, tstee_queue_keep_end, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_SOFT);
}

/**
 * tstee_queue_destroy() - end of the queue
 * @ep:	endpoint, which nobody sends to any more
 */
void tstee_queue_destroy(struct tstee_endpoint *ep)
{
	hrtimer_cancel(&ep->keep_timer);
}
