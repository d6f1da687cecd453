// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to an endpoint: one direct message at a time.
 *
 * A partition runs one call at a time and its SPM core refuses a second one as busy. So clients
 * are queued here, where the wait is fair and can be ended by a signal, and only what the queue
 * can't know about (another VM, a partition that calls this one, the SPM core being out of
 * threads) is met by trying again. A message that was sent can't be taken back.
 *
 * Those who wait get the turn in the order of arrival. To wake somebody up can take as long as a
 * call, and the endpoint should not lie idle for that. So whoever ends a call wakes the first
 * in the queue and leaves the turn free, for anybody who is awake. As soon as the first is up
 * it is marked ready, and the turn goes to it alone, from hand to hand. It spins meanwhile, for
 * about the time of a short call, where that can be of use.
 *
 *   turn taken, first not ready:  the turn will be free, and the first woken
 *   turn taken, first ready:      the turn will be given to the first
 *   turn free:                    the queue is empty, or its first was woken and will look
 *
 * The turn is an atomic word, so that those who meet nobody need no lock. While TURN_QUEUED is
 * set it changes under queue_lock only.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "tstee.h"

/* Pauses between attempts: the first is about as long as a short call. */
#define BACKOFF_FIRST_US 16
#define BACKOFF_LAST_US	 2048

/* How long it pays to spin for the turn instead of sleeping. */
#define SPIN_NS (200 * NSEC_PER_USEC)

static unsigned int busy_timeout_ms = 5000;
module_param(busy_timeout_ms, uint, 0644);
MODULE_PARM_DESC(busy_timeout_ms,
		 "How long to try again when an endpoint is busy for others, in ms");

/* tstee_endpoint.turn */
#define TURN_TAKEN  BIT(0)
#define TURN_QUEUED BIT(1) /* the queue is not empty */

/**
 * struct tstee_waiter - somebody in the queue, on their own stack
 * @node:	in tstee_endpoint.queue
 * @wake:	something has changed: look
 * @woken:	@wake was completed to make this waiter look whether the turn is free
 * @ready:	the turn is to be handed over
 * @granted:	it was; no longer in the queue
 */
struct tstee_waiter {
	struct list_head node;
	struct completion wake;
	bool woken;
	bool ready;
	bool granted;
};

/**
 * tstee_queue_init() - make an empty queue
 * @ep:	endpoint
 */
void tstee_queue_init(struct tstee_endpoint *ep)
{
	spin_lock_init(&ep->queue_lock);
	INIT_LIST_HEAD(&ep->queue);
}

static struct tstee_waiter *queue_first(struct tstee_endpoint *ep)
{
	return list_first_entry_or_null(&ep->queue, struct tstee_waiter, node);
}

/* The turn is free: makes the first in the queue come and take it. */
static void queue_wake(struct tstee_endpoint *ep)
{
	struct tstee_waiter *first = queue_first(ep);

	if (first && !first->woken) {
		first->woken = true;
		complete(&first->wake);
	}
}

/* The caller has the lock, and either the turn or somebody in the queue. */
static void queue_set_turn(struct tstee_endpoint *ep, unsigned int taken)
{
	atomic_set_release(&ep->turn, taken | (list_empty(&ep->queue) ? 0 : TURN_QUEUED));
}

static bool queue_is_taken(struct tstee_endpoint *ep)
{
	return atomic_read(&ep->turn) & TURN_TAKEN;
}

static noinline void queue_pass(struct tstee_endpoint *ep)
{
	struct tstee_waiter *first;

	spin_lock(&ep->queue_lock);
	first = queue_first(ep);
	if (first && first->ready) {
		list_del_init(&first->node);
		queue_set_turn(ep, TURN_TAKEN);
		WRITE_ONCE(first->granted, true);
		complete(&first->wake);
	} else {
		queue_set_turn(ep, 0);
		queue_wake(ep);
	}
	spin_unlock(&ep->queue_lock);
}

static void queue_leave(struct tstee_endpoint *ep)
{
	int taken = TURN_TAKEN;

	if (unlikely(!atomic_try_cmpxchg_release(&ep->turn, &taken, 0)))
		queue_pass(ep);
}

/* Spinning is of no use on the processor that is to end the call in flight. */
static void queue_spin(struct tstee_endpoint *ep, struct tstee_waiter *self)
{
	ktime_t end = ktime_add_ns(ktime_get(), SPIN_NS);

	while (!READ_ONCE(self->granted) && !need_resched() && !signal_pending(current) &&
	       READ_ONCE(ep->turn_cpu) != raw_smp_processor_id() && ktime_before(ktime_get(), end))
		cpu_relax();
}

/* On the way to sleep for the first time. Returns whether @self was handed the turn before. */
static bool queue_doze(struct tstee_endpoint *ep, struct tstee_waiter *self)
{
	bool mine;

	spin_lock(&ep->queue_lock);
	mine = self->granted;
	self->ready = false;
	spin_unlock(&ep->queue_lock);
	return mine;
}

/* Woken up or handed the turn. Returns whether @self has it; if not, it is ready from now on. */
static bool queue_look(struct tstee_endpoint *ep, struct tstee_waiter *self)
{
	bool mine;

	spin_lock(&ep->queue_lock);
	mine = self->granted;
	if (!mine && !queue_is_taken(ep)) {
		list_del_init(&self->node);
		queue_set_turn(ep, TURN_TAKEN);
		mine = true;
	}
	self->ready = !mine;
	spin_unlock(&ep->queue_lock);
	return mine;
}

/* The task was killed: out of the queue, and on with the turn if it has come all the same. */
static void queue_abandon(struct tstee_endpoint *ep, struct tstee_waiter *self)
{
	spin_lock(&ep->queue_lock);
	if (!self->granted) {
		bool taken = queue_is_taken(ep);

		list_del_init(&self->node);
		queue_set_turn(ep, taken ? TURN_TAKEN : 0);
		if (!taken)
			queue_wake(ep);
	}
	spin_unlock(&ep->queue_lock);

	if (self->granted)
		queue_leave(ep);
}

/* Apart from queue_enter(), which is on the way of every call and needs no waiter as a rule. */
static noinline int queue_wait(struct tstee_endpoint *ep, enum tstee_call_kind kind)
{
	struct tstee_waiter self = {};

	init_completion(&self.wake);
	spin_lock(&ep->queue_lock);
	if (!(atomic_fetch_or(TURN_QUEUED, &ep->turn) & TURN_TAKEN)) {
		queue_set_turn(ep, TURN_TAKEN);
		spin_unlock(&ep->queue_lock);
		return 0;
	}
	self.ready = list_empty(&ep->queue);
	list_add_tail(&self.node, &ep->queue);
	spin_unlock(&ep->queue_lock);

	/* Alone in the queue and awake: the turn may come sooner than sleep. */
	if (self.ready) {
		queue_spin(ep, &self);
		if (queue_doze(ep, &self))
			return 0;
	}

	for (;;) {
		if (kind == TSTEE_CALL_TEARDOWN) {
			wait_for_completion(&self.wake);
		} else if (wait_for_completion_killable(&self.wake)) {
			queue_abandon(ep, &self);
			return -EINTR;
		}

		if (queue_look(ep, &self))
			return 0;
		queue_spin(ep, &self);
	}
}

static int queue_enter(struct tstee_endpoint *ep, enum tstee_call_kind kind)
{
	int turn = 0;

	if (unlikely(!atomic_try_cmpxchg_acquire(&ep->turn, &turn, TURN_TAKEN))) {
		int rc = queue_wait(ep, kind);

		if (rc)
			return rc;
	}
	WRITE_ONCE(ep->turn_cpu, raw_smp_processor_id());
	return 0;
}

/**
 * tstee_backoff() - pause before another attempt at something that was busy
 * @ep:		endpoint, for its counter
 * @backoff:	the series of attempts; zeroed by the caller before the first
 * @kind:	TSTEE_CALL_SERVICE: the series ends when the task is killed
 *
 * Pauses grow, and the series lasts busy_timeout_ms.
 *
 * Return: true when it is time for the next attempt, false when there is to be none.
 */
bool tstee_backoff(struct tstee_endpoint *ep, struct tstee_backoff *backoff,
		   enum tstee_call_kind kind)
{
	unsigned long pause_us;

	if (!backoff->attempts)
		backoff->deadline = jiffies + msecs_to_jiffies(READ_ONCE(busy_timeout_ms));
	else if (time_after(jiffies, backoff->deadline))
		return false;

	if (kind == TSTEE_CALL_SERVICE && fatal_signal_pending(current))
		return false;

	atomic_long_inc(&ep->busy_retries);
	pause_us = min_t(unsigned long, BACKOFF_LAST_US,
			 BACKOFF_FIRST_US << min(backoff->attempts, 16u));
	backoff->attempts++;
	usleep_range(pause_us, pause_us + pause_us / 2);
	return true;
}

static void endpoint_died(struct tstee_endpoint *ep, u32 control)
{
	WRITE_ONCE(ep->death, control);
	if (test_and_set_bit(TSTEE_ENDPOINT_DEAD, &ep->flags))
		return;

	dev_err(&ep->ffa->dev,
		"partition 0x%04x was aborted in opcode 0x%04x of interface 0x%02x: no call will reach it before it is restarted\n",
		ep->ffa->vm_id, ts_rpc_control_opcode(control), ts_rpc_control_interface(control));
}

/* The caller has the turn. What set a flag was before it in the queue, so that it is seen here. */
static int endpoint_exchange(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
			     enum tstee_call_kind kind)
{
	unsigned long flags = READ_ONCE(ep->flags);
	int rc;

	if (unlikely(flags)) {
		if (flags & BIT(TSTEE_ENDPOINT_DEAD))
			return -EIO;
		if (kind == TSTEE_CALL_SERVICE)
			return -ESHUTDOWN;
	}

	rc = ep->ffa->ops->msg_ops->sync_send_receive(ep->ffa, msg);
	if (likely(!rc))
		WRITE_ONCE(ep->calls, ep->calls + 1);
	return rc;
}

/* The caller has the turn, and the first attempt ended with @rc: goes on from there. */
static noinline int endpoint_retry(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
				   enum tstee_call_kind kind, int rc)
{
	struct tstee_backoff backoff = {};
	u32 control = msg->data0;

	while (rc == -EBUSY || rc == -EAGAIN) {
		if (!tstee_backoff(ep, &backoff, kind)) {
			if (kind == TSTEE_CALL_SERVICE && fatal_signal_pending(current))
				return -EINTR;
			dev_warn_ratelimited(&ep->ffa->dev, "partition 0x%04x stays busy\n",
					     ep->ffa->vm_id);
			return -EBUSY;
		}
		rc = endpoint_exchange(ep, msg, kind);
	}

	switch (rc) {
	case 0:
	case -EIO:
	case -ESHUTDOWN:
		return rc;
	case -ECANCELED:
		endpoint_died(ep, control);
		return -EIO;
	default:
		dev_warn_ratelimited(&ep->ffa->dev, "no message to partition 0x%04x: error %d\n",
				     ep->ffa->vm_id, rc);
		return -ECOMM;
	}
}

/**
 * tstee_endpoint_send() - send a direct message and wait for the response
 * @ep:		endpoint
 * @msg:	the five words, replaced by those of the response on success
 * @kind:	how to wait
 *
 * The wait for the endpoint can be ended by a fatal signal if @kind says so, the call itself
 * can't: the partition has the message.
 *
 * Return: 0; -EINTR if the task was killed before the message was sent; -EBUSY if the endpoint
 * was busy for others all the time; -EIO if the partition is dead; -ESHUTDOWN if the endpoint
 * is down; -ECOMM if FF-A refused the message for any other reason (DEN0077A, section 15.2).
 */
int tstee_endpoint_send(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
			enum tstee_call_kind kind)
{
	int rc;

	rc = queue_enter(ep, kind);
	if (rc)
		return rc;

	rc = endpoint_exchange(ep, msg, kind);
	if (unlikely(rc))
		rc = endpoint_retry(ep, msg, kind, rc);
	queue_leave(ep);
	return rc;
}
