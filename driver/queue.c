// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose turn it is at an endpoint. Owns tstee_endpoint.queue and queue_work; nobody else takes
 * queue_lock.
 *
 * Who finds the endpoint idle sends its message itself. Who does not puts it into the queue and
 * sleeps; whoever was sending then leaves the endpoint to queue_work, which sends what is in the
 * queue, one message after the other, until it is empty. So messages go out in the order of
 * arrival, and the endpoint does not idle while processes are switched. docs/ts-tee.md says more.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "tstee.h"

/* How often those who wait look whether the partition is stuck. */
#define LOOK_INTERVAL (HZ / 2)

/* How often shutdown looks whether all is quiet. */
#define SETTLE_POLL_MS 10

static unsigned int stuck_timeout_ms = 5000;
module_param(stuck_timeout_ms, uint, 0644);
MODULE_PARM_DESC(stuck_timeout_ms,
		 "How long a call may take before the partition counts as stuck, in ms");

/* The lock is held. */
static void tstee_queue_begin(struct tstee_endpoint *ep, const struct tstee_message *msg)
{
	ep->sending = true;
	ep->send_begin = jiffies;
	ep->send_control = msg->words.data0;
}

/* How long the message that is being sent has taken, in jiffies, or 0. By it or under the lock. */
static unsigned long tstee_queue_age(const struct tstee_endpoint *ep)
{
	return ep->sending ? jiffies - ep->send_begin : 0;
}

static bool tstee_queue_is_stuck(const struct tstee_endpoint *ep)
{
	return tstee_queue_age(ep) > msecs_to_jiffies(READ_ONCE(stuck_timeout_ms));
}

/* Who was interrupted and comes again has its place; who gives something back goes first. */
static void tstee_queue_add(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	u64 kept = msg->place ? tstee_place_claim(msg->place) : 0;
	struct tstee_message *before;

	if (msg->kind == TSTEE_CALL_TEARDOWN)
		msg->ticket = 0;
	else
		msg->ticket = kept ?: ++ep->last_ticket;

	msg->queued = true;
	init_completion(&msg->done);
	list_for_each_entry_reverse(before, &ep->queue, node)
		if (before->ticket <= msg->ticket)
			break;
	list_add(&msg->node, &before->node);
}

/* Memory that had to wait for a partition which was stuck or dead waits no longer. */
static int tstee_queue_exchange(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	bool dead = test_bit(TSTEE_ENDPOINT_DEAD, &ep->flags);
	int rc = tstee_endpoint_exchange(ep, msg);

	if ((dead && !rc) || tstee_queue_is_stuck(ep))
		tstee_shm_retry(ep);
	return rc;
}

static void tstee_queue_work(struct work_struct *work)
{
	struct tstee_endpoint *ep = container_of(work, struct tstee_endpoint, queue_work);
	struct tstee_message *msg;

	spin_lock(&ep->queue_lock);
	while (!list_empty(&ep->queue)) {
		msg = list_first_entry(&ep->queue, struct tstee_message, node);
		list_del_init(&msg->node);
		tstee_queue_begin(ep, msg);
		spin_unlock(&ep->queue_lock);

		msg->rc = tstee_queue_exchange(ep, msg);
		/* It is its sender's again, and may be gone. */
		complete(&msg->done);

		spin_lock(&ep->queue_lock);
	}
	ep->sending = false;
	spin_unlock(&ep->queue_lock);
}

static int tstee_queue_send_now(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	int rc = tstee_queue_exchange(ep, msg);

	spin_lock(&ep->queue_lock);
	if (list_empty(&ep->queue))
		ep->sending = false;
	else
		queue_work(ep->queue_wq, &ep->queue_work);
	spin_unlock(&ep->queue_lock);
	return rc;
}

/* Positive when it is done, 0 when the time is over, -ERESTARTSYS. */
static long tstee_queue_sleep(struct tstee_message *msg)
{
	if (msg->given_up || msg->kind == TSTEE_CALL_TEARDOWN)
		return wait_for_completion_timeout(&msg->done, LOOK_INTERVAL);
	if (msg->kind == TSTEE_CALL_SETUP)
		return wait_for_completion_killable_timeout(&msg->done, LOOK_INTERVAL);
	return wait_for_completion_interruptible_timeout(&msg->done, LOOK_INTERVAL);
}

/*
 * What to do with a message that is not done: 0 to go on waiting, or the error with which it has
 * left the queue. The lock is held.
 */
static int tstee_queue_leave_early(struct tstee_endpoint *ep, struct tstee_message *msg,
				   bool interrupted, unsigned long deadline)
{
	if (interrupted)
		WRITE_ONCE(msg->given_up, true);
	/* Being sent, or done at this moment. */
	if (list_empty(&msg->node))
		return 0;

	if (msg->kind == TSTEE_CALL_TEARDOWN) {
		if (!tstee_queue_is_stuck(ep) && !time_after(jiffies, deadline))
			return 0;
		list_del_init(&msg->node);
		return -ETIMEDOUT;
	}

	if (!interrupted)
		return 0;
	list_del_init(&msg->node);
	if (msg->place)
		tstee_place_keep(msg->place, msg->ticket);
	return msg->kind == TSTEE_CALL_SERVICE ? -ERESTARTSYS : -EINTR;
}

static int tstee_queue_wait(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(READ_ONCE(stuck_timeout_ms));
	unsigned long age;
	bool tell;
	u32 control;
	long left;
	int rc;

	for (;;) {
		left = tstee_queue_sleep(msg);
		if (left > 0)
			return msg->rc;

		spin_lock(&ep->queue_lock);
		rc = tstee_queue_leave_early(ep, msg, left < 0, deadline);
		age = tstee_queue_age(ep);
		control = ep->send_control;
		tell = tstee_queue_is_stuck(ep) && !ep->stuck_told;
		ep->stuck_told |= tell;
		spin_unlock(&ep->queue_lock);

		if (tell)
			dev_warn(&ep->ffa->dev,
				 "stuck for %lu s in opcode 0x%04x of interface 0x%02x\n", age / HZ,
				 ts_rpc_control_opcode(control), ts_rpc_control_interface(control));
		if (rc)
			return rc;
	}
}

/**
 * tstee_queue_send() - send a direct message and wait for the response
 * @ep:		endpoint
 * @msg:	words, kind and place by the caller, the rest zero
 *
 * The wait for the endpoint can be ended as @msg->kind says, the call itself can't: the
 * partition has the message.
 *
 * Return: 0; -ERESTARTSYS or -EINTR if the wait was ended by a signal, before the message was
 * sent; -ETIMEDOUT if the partition is stuck and @msg gives something back; -ESHUTDOWN if the
 * endpoint is down; or an error of tstee_endpoint_exchange().
 */
int tstee_queue_send(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	spin_lock(&ep->queue_lock);
	if (test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags)) {
		spin_unlock(&ep->queue_lock);
		return -ESHUTDOWN;
	}
	if (!ep->sending) {
		tstee_queue_begin(ep, msg);
		spin_unlock(&ep->queue_lock);
		return tstee_queue_send_now(ep, msg);
	}
	tstee_queue_add(ep, msg);
	spin_unlock(&ep->queue_lock);
	return tstee_queue_wait(ep, msg);
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
	if (msg->kind == TSTEE_CALL_TEARDOWN)
		return false;
	if (msg->queued)
		return READ_ONCE(msg->given_up);
	if (msg->kind == TSTEE_CALL_SETUP)
		return fatal_signal_pending(current);
	return signal_pending(current);
}

/**
 * tstee_queue_refuse() - answer what waits and must not be sent any more
 * @ep:		endpoint, down or closed
 */
void tstee_queue_refuse(struct tstee_endpoint *ep)
{
	bool closed = test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags);
	struct tstee_message *msg, *next;

	spin_lock(&ep->queue_lock);
	list_for_each_entry_safe(msg, next, &ep->queue, node) {
		if (msg->kind == TSTEE_CALL_TEARDOWN && !closed)
			continue;
		list_del_init(&msg->node);
		msg->rc = -ESHUTDOWN;
		complete(&msg->done);
	}
	spin_unlock(&ep->queue_lock);
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

	spin_lock(&ep->queue_lock);
	if (tstee_queue_is_stuck(ep)) {
		seconds = max(tstee_queue_age(ep) / HZ, 1ul);
		*control = ep->send_control;
	}
	spin_unlock(&ep->queue_lock);
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

	spin_lock(&ep->queue_lock);
	open = !test_bit(TSTEE_ENDPOINT_CLOSED, &ep->flags);
	ep->memory_ops += open;
	spin_unlock(&ep->queue_lock);
	return open;
}

/**
 * tstee_queue_leave() - end a memory operation
 * @ep:	endpoint
 */
void tstee_queue_leave(struct tstee_endpoint *ep)
{
	spin_lock(&ep->queue_lock);
	ep->memory_ops--;
	spin_unlock(&ep->queue_lock);
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
		spin_lock(&ep->queue_lock);
		quiet = !ep->sending && !ep->memory_ops;
		spin_unlock(&ep->queue_lock);
		if (quiet || time_after(jiffies, ep->deadline))
			return quiet;
		msleep(SETTLE_POLL_MS);
	}
}

/**
 * tstee_queue_init() - make an empty queue
 * @ep:	endpoint
 *
 * Return: 0 or -ENOMEM.
 */
int tstee_queue_init(struct tstee_endpoint *ep)
{
	spin_lock_init(&ep->queue_lock);
	INIT_LIST_HEAD(&ep->queue);
	INIT_WORK(&ep->queue_work, tstee_queue_work);
	ep->queue_wq = alloc_ordered_workqueue("tstee-%04x", 0, ep->ffa->vm_id);
	return ep->queue_wq ? 0 : -ENOMEM;
}

/**
 * tstee_queue_destroy() - end of the queue
 * @ep:	endpoint, which nobody sends to any more
 */
void tstee_queue_destroy(struct tstee_endpoint *ep)
{
	destroy_workqueue(ep->queue_wq);
}
