// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to an endpoint: one direct message at a time.
 *
 * A partition runs one call at a time and its SPM core refuses a second one as busy. So clients
 * wait for each other here, at a mutex, where the wait is fair and can be ended by a signal.
 * Only what the mutex can't know about (another VM, a partition that calls this one, the SPM
 * core being out of threads) is met by trying again. A message that was sent can't be taken
 * back.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>

#include "tstee.h"

/* Pauses between attempts: the first is about as long as a short call. */
#define BACKOFF_FIRST_US 16
#define BACKOFF_LAST_US	 2048

static unsigned int busy_timeout_ms = 5000;
module_param(busy_timeout_ms, uint, 0644);
MODULE_PARM_DESC(busy_timeout_ms,
		 "How long to try again when an endpoint is busy for others, in ms");

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

/* Apart from endpoint_exchange(), which is on the way of every call. */
static noinline int endpoint_error(struct tstee_endpoint *ep, u32 control,
				   enum tstee_call_kind kind, int rc)
{
	switch (rc) {
	case -EBUSY:
	case -EAGAIN:
		if (kind == TSTEE_CALL_SERVICE && fatal_signal_pending(current))
			return -EINTR;
		dev_warn_ratelimited(&ep->ffa->dev, "partition 0x%04x stays busy\n",
				     ep->ffa->vm_id);
		return -EBUSY;
	case -ECANCELED:
		endpoint_died(ep, control);
		return -EIO;
	default:
		dev_warn_ratelimited(&ep->ffa->dev, "no message to partition 0x%04x: error %d\n",
				     ep->ffa->vm_id, rc);
		return -ECOMM;
	}
}

/* The caller has the mutex, so that it sees the flags that earlier calls have set. */
static int endpoint_exchange(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
			     enum tstee_call_kind kind)
{
	struct tstee_backoff backoff = {};
	u32 control = msg->data0;
	unsigned long flags;
	int rc;

	do {
		flags = READ_ONCE(ep->flags);
		if (unlikely(flags)) {
			if (flags & BIT(TSTEE_ENDPOINT_DEAD))
				return -EIO;
			if (kind == TSTEE_CALL_SERVICE)
				return -ESHUTDOWN;
		}

		rc = ep->ffa->ops->msg_ops->sync_send_receive(ep->ffa, msg);
		if (likely(!rc)) {
			WRITE_ONCE(ep->calls, ep->calls + 1);
			return 0;
		}
	} while ((rc == -EBUSY || rc == -EAGAIN) && tstee_backoff(ep, &backoff, kind));

	return endpoint_error(ep, control, kind, rc);
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

	if (kind == TSTEE_CALL_TEARDOWN)
		mutex_lock(&ep->call_lock);
	else if (mutex_lock_killable(&ep->call_lock))
		return -EINTR;

	rc = endpoint_exchange(ep, msg, kind);
	mutex_unlock(&ep->call_lock);
	return rc;
}
