// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes to an endpoint by FF-A: a direct message, whose sender has its turn
 * (queue.c), and pages. What is refused as busy is tried again for a bounded
 * time, in any of them: the endpoint may be at work for another VM or
 * partition, or the SPM core be out of threads.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>

#include "tstee.h"

/* Pauses between attempts: the first is about as long as a short call. */
#define BACKOFF_FIRST_US 16
#define BACKOFF_LAST_US	 2048

static unsigned int busy_timeout_ms = 5000;
module_param(busy_timeout_ms, uint, 0644);
MODULE_PARM_DESC(busy_timeout_ms,
		 "How long to try again when an endpoint is busy for others, in ms");

/* A bounded series of attempts; zeroed before the first. */
struct tstee_backoff {
	unsigned int attempts;	/* that were refused */
	unsigned long deadline; /* jiffies; set by the first refusal */
};

static bool tstee_is_busy(int rc)
{
	return rc == -EBUSY || rc == -EAGAIN;
}

/* Pauses before another attempt; false if there is to be none. */
static bool tstee_backoff(struct tstee_endpoint *ep,
			  struct tstee_backoff *backoff)
{
	unsigned long pause_us;

	if (!backoff->attempts)
		backoff->deadline =
			jiffies + msecs_to_jiffies(READ_ONCE(busy_timeout_ms));
	else if (time_after(jiffies, backoff->deadline))
		return false;
	if (test_bit(TSTEE_ENDPOINT_DOWN, &ep->flags) &&
	    time_after(jiffies, ep->deadline))
		return false;

	atomic_long_inc(&ep->busy_retries);
	pause_us = min_t(unsigned long, BACKOFF_LAST_US,
			 BACKOFF_FIRST_US << min(backoff->attempts, 16u));
	backoff->attempts++;
	usleep_range(pause_us, pause_us + pause_us / 2);
	return true;
}

static void tstee_endpoint_died(struct tstee_endpoint *ep, u32 control)
{
	WRITE_ONCE(ep->death, control);
	WRITE_ONCE(ep->deaths, ep->deaths + 1);
	set_bit(TSTEE_ENDPOINT_DEAD, &ep->flags);

	dev_err(&ep->ffa->dev,
		"partition 0x%04x was aborted in opcode 0x%04x of interface 0x%02x: no call will reach it before it is restarted\n",
		ep->ffa->vm_id, ts_rpc_control_opcode(control),
		ts_rpc_control_interface(control));
}

static void tstee_endpoint_answered(struct tstee_endpoint *ep)
{
	WRITE_ONCE(ep->calls, ep->calls + 1);
	if (!test_bit(TSTEE_ENDPOINT_DEAD, &ep->flags))
		return;

	clear_bit(TSTEE_ENDPOINT_DEAD, &ep->flags);
	dev_info(&ep->ffa->dev, "partition 0x%04x was restarted\n",
		 ep->ffa->vm_id);
}

/* Whether there may be an attempt, now. */
static int tstee_endpoint_check(const struct tstee_endpoint *ep,
				const struct tstee_message *msg)
{
	unsigned long flags = READ_ONCE(ep->flags);

	if (flags & BIT(TSTEE_ENDPOINT_CLOSED))
		return -ESHUTDOWN;
	if (flags & BIT(TSTEE_ENDPOINT_DEAD) && !msg->finds)
		return -EIO;
	if (msg->kind == TSTEE_CALL_TEARDOWN)
		return 0;
	if (msg->deaths != ep->deaths)
		return -EIO;
	return flags & BIT(TSTEE_ENDPOINT_DOWN) ? -ESHUTDOWN : 0;
}

/**
 * tstee_endpoint_exchange() - send a direct message whose turn it is
 * @ep:		endpoint
 * @msg:	message; only its words are written
 *
 * Return: 0; -ERESTARTSYS or -EINTR if the sender has given up, before the
 * message was sent; -EBUSY if the endpoint was busy for others all the time;
 * -EIO if the partition is dead, or has been since the sender opened the
 * device; -ESHUTDOWN if the endpoint is down; -ECOMM if FF-A refused the
 * message for any other reason (DEN0077A, section 15.2).
 */
int tstee_endpoint_exchange(struct tstee_endpoint *ep,
			    struct tstee_message *msg)
{
	struct tstee_backoff backoff = {};
	u32 control = msg->words.data0;
	int rc;

	for (;;) {
		rc = tstee_endpoint_check(ep, msg);
		if (rc)
			return rc;

		rc = tstee_conduit_send(ep, &msg->words);
		if (!rc) {
			tstee_endpoint_answered(ep);
			return 0;
		}
		/*
		 * Of the dead SPM cores say that they are busy, aborted, or no
		 * partitions any more.
		 */
		if (test_bit(TSTEE_ENDPOINT_DEAD, &ep->flags))
			return -EIO;
		if (!tstee_is_busy(rc))
			break;
		if (tstee_queue_given_up(msg))
			return msg->kind == TSTEE_CALL_SERVICE ? -ERESTARTSYS :
								 -EINTR;
		if (!tstee_backoff(ep, &backoff))
			return -EBUSY;
	}

	if (rc == -ECANCELED) {
		tstee_endpoint_died(ep, control);
		return -EIO;
	}
	dev_dbg(&ep->ffa->dev, "no message to partition 0x%04x: error %d\n",
		ep->ffa->vm_id, rc);
	return -ECOMM;
}

/**
 * tstee_endpoint_share() - share pages (FFA_MEM_SHARE)
 * @ep:		endpoint
 * @sg:		pages
 * @tag:	FF-A tag
 * @handle:	FF-A memory handle, result
 *
 * Return: 0; -EINTR if the caller was killed meanwhile; -EBUSY; -ENOMEM if the
 * SPM core has no memory; -E2BIG if the pages are too scattered for it;
 * -ESHUTDOWN if the endpoint is down; -ECOMM if FF-A refused for any other
 * reason.
 */
int tstee_endpoint_share(struct tstee_endpoint *ep, struct scatterlist *sg,
			 u64 tag, u64 *handle)
{
	struct ffa_mem_region_attributes attrs = {
		.receiver = ep->ffa->vm_id,
		.attrs = FFA_MEM_RW,
	};
	struct ffa_mem_ops_args args;
	struct tstee_backoff backoff = {};
	int rc;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!tstee_queue_enter(ep))
			return -ESHUTDOWN;
		/* The transport moves args.sg along. */
		args = (struct ffa_mem_ops_args){
			.use_txbuf = true,
			.tag = tag,
			.nattrs = 1,
			.attrs = &attrs,
			.sg = sg,
		};
		rc = ep->ffa->ops->mem_ops->memory_share(&args);
		tstee_queue_leave(ep);
	} while (tstee_is_busy(rc) && tstee_backoff(ep, &backoff));

	switch (rc) {
	case 0:
		*handle = args.g_handle;
		return 0;
	case -EAGAIN:
	case -EBUSY:
		return -EBUSY;
	case -ENOMEM:
		return -ENOMEM;
	case -ENXIO:
		/*
		 * The descriptor takes more than one message, and the SPM core
		 * only one.
		 */
		return -E2BIG;
	default:
		dev_dbg(&ep->ffa->dev, "pages not shared: error %d\n", rc);
		return -ECOMM;
	}
}

/**
 * tstee_endpoint_reclaim() - get pages back (FFA_MEM_RECLAIM)
 * @ep:		endpoint
 * @handle:	FF-A memory handle
 *
 * Not interruptible.
 *
 * Return: 0, or what FF-A says; -ESHUTDOWN if nothing is sent any more.
 */
int tstee_endpoint_reclaim(struct tstee_endpoint *ep, u64 handle)
{
	struct tstee_backoff backoff = {};
	int rc;

	do {
		if (!tstee_queue_enter(ep))
			return -ESHUTDOWN;
		rc = ep->ffa->ops->mem_ops->memory_reclaim(handle, 0);
		tstee_queue_leave(ep);
	} while (tstee_is_busy(rc) && tstee_backoff(ep, &backoff));
	return rc;
}
