// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds how many shared buffers: one pool for all endpoints, because the
 * SPM core has one table for all of them, shared by the rule of tstee/share.h.
 * Owns tstee_account_lock and all under it.
 *
 * Who can't have a buffer now waits, in the order of arrival, for somebody to
 * give one back. An account that has its share is passed over, and so is an
 * endpoint that has no room.
 */
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <tstee/share.h>

#include "tstee.h"

/*
 * How long an open file that has a buffer waits for another: those who hold one
 * and wait for a second could wait for one another.
 */
#define SECOND_WAIT (1 * HZ)

/* How often an endpoint that had no room is asked again. */
#define ROOM_POLL (HZ / 4)

static unsigned int buffers_max = 56;
module_param(buffers_max, uint, 0644);
MODULE_PARM_DESC(buffers_max,
		 "How many buffers may be shared with all partitions together");

static unsigned int buffer_timeout_ms = 30000;
module_param(buffer_timeout_ms, uint, 0644);
MODULE_PARM_DESC(buffer_timeout_ms,
		 "How long to wait for a buffer that others hold, in ms");

/**
 * struct tstee_account - a person
 * @node:	in tstee_accounts
 * @id:		tstee/client_id.h
 * @refs:	contexts and buffers
 * @buffers:	buffers that were taken and not given back
 * @waiters:	who waits for one
 */
struct tstee_account {
	struct list_head node;
	u32 id;
	unsigned int refs;
	unsigned int buffers;
	struct list_head waiters;
};

struct tstee_waiter {
	/* In tstee_account.waiters, in the order of tickets. */
	struct list_head node;
	struct tstee_endpoint *ep;
	struct tstee_context *ctx;
	u64 ticket;
	struct completion granted;
};

static DEFINE_SPINLOCK(tstee_account_lock);
static LIST_HEAD(tstee_accounts);
static unsigned int tstee_buffers_used;
static u64 tstee_last_ticket;

/**
 * tstee_account_get() - the account of a person
 * @id:	tstee/client_id.h
 *
 * Return: account, to be put; or NULL if there is no memory.
 */
struct tstee_account *tstee_account_get(u32 id)
{
	struct tstee_account *account, *new;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->id = id;
	INIT_LIST_HEAD(&new->waiters);

	spin_lock(&tstee_account_lock);
	list_for_each_entry(account, &tstee_accounts, node)
		if (account->id == id)
			break;
	if (list_entry_is_head(account, &tstee_accounts, node)) {
		account = new;
		new = NULL;
		list_add_tail(&account->node, &tstee_accounts);
	}
	account->refs++;
	spin_unlock(&tstee_account_lock);
	kfree(new);
	return account;
}

/**
 * tstee_account_put() - let go of an account
 * @account:	account
 */
void tstee_account_put(struct tstee_account *account)
{
	bool last;

	spin_lock(&tstee_account_lock);
	last = !--account->refs;
	if (last)
		list_del(&account->node);
	spin_unlock(&tstee_account_lock);
	if (last)
		kfree(account);
}

/**
 * tstee_account_id() - whose account it is
 * @account:	account
 *
 * Return: client ID.
 */
u32 tstee_account_id(const struct tstee_account *account)
{
	return account->id;
}

/*
 * The lock is held in all that follows, but where something is said about it.
 */
static bool tstee_account_permits(const struct tstee_account *account)
{
	unsigned int max = READ_ONCE(buffers_max);

	return max > tstee_buffers_used &&
	       tstee_share_permits(account->buffers, 1,
				   max - tstee_buffers_used);
}

/* Who is next of those who wait on an account, or NULL. */
static struct tstee_waiter *tstee_account_first(struct tstee_account *account)
{
	struct tstee_waiter *waiter;

	list_for_each_entry(waiter, &account->waiters, node)
		if (waiter->ep->buffers < waiter->ep->room)
			return waiter;
	return NULL;
}

static struct tstee_waiter *tstee_account_next(void)
{
	struct tstee_waiter *next = NULL, *first;
	struct tstee_account *account;

	list_for_each_entry(account, &tstee_accounts, node) {
		if (list_empty(&account->waiters) ||
		    !tstee_account_permits(account))
			continue;
		first = tstee_account_first(account);
		if (first && (!next || first->ticket < next->ticket))
			next = first;
	}
	return next;
}

/* Gives buffers to those who wait, as far as there are any. */
static void tstee_account_grant(void)
{
	struct tstee_waiter *waiter;

	while ((waiter = tstee_account_next())) {
		list_del_init(&waiter->node);
		waiter->ctx->account->refs++;
		waiter->ctx->account->buffers++;
		waiter->ctx->buffers++;
		waiter->ep->buffers++;
		tstee_buffers_used++;
		complete(&waiter->granted);
	}
}

static void tstee_account_add(struct tstee_waiter *waiter)
{
	u64 kept = tstee_place_claim(&waiter->ctx->buffer_place);
	struct tstee_waiter *before;

	if (!waiter->ticket)
		waiter->ticket = kept ?: ++tstee_last_ticket;

	list_for_each_entry_reverse(before, &waiter->ctx->account->waiters,
				    node)
		if (before->ticket <= waiter->ticket)
			break;
	list_add(&waiter->node, &before->node);
}

/*
 * The partition may have room meanwhile: now and then it is asked, by one of
 * those who wait.
 */
static void tstee_account_ask(struct tstee_endpoint *ep)
{
	if (ep->buffers < ep->room ||
	    !time_after(jiffies, ep->room_asked + ROOM_POLL))
		return;
	ep->room = ep->buffers + 1;
	ep->room_asked = jiffies;
	tstee_account_grant();
}

/*
 * What to do with who waits and has nothing: 0 to go on, or the error to leave
 * with.
 */
static int tstee_account_look(const struct tstee_waiter *waiter,
			      const struct tstee_turn *turn)
{
	const struct tstee_context *ctx = waiter->ctx;
	bool has_share =
		ctx->account->buffers && !tstee_account_permits(ctx->account);
	unsigned long end = turn->deadline;

	if (ctx->buffers)
		end = min(end, turn->begin + SECOND_WAIT);

	if (test_bit(TSTEE_ENDPOINT_DOWN, &waiter->ep->flags))
		return -ESHUTDOWN;
	if (time_after(jiffies, end))
		return has_share ? -EDQUOT : -ENOSPC;
	return 0;
}

/* Not under the lock. */
static int tstee_account_wait(struct tstee_waiter *waiter,
			      const struct tstee_turn *turn)
{
	struct completion *granted = &waiter->granted;
	long left;
	int rc;

	for (;;) {
		left = wait_for_completion_interruptible_timeout(granted,
								 ROOM_POLL);
		if (left > 0)
			return 0;

		spin_lock(&tstee_account_lock);
		tstee_account_ask(waiter->ep);
		/* Granted at this moment? */
		if (list_empty(&waiter->node))
			rc = 0;
		else if (left < 0)
			rc = -ERESTARTSYS;
		else
			rc = tstee_account_look(waiter, turn);
		if (rc)
			list_del_init(&waiter->node);
		if (rc == -ERESTARTSYS)
			tstee_place_keep(&waiter->ctx->buffer_place,
					 waiter->ticket);
		spin_unlock(&tstee_account_lock);
		if (rc)
			return rc;
	}
}

/**
 * tstee_account_take() - take one more buffer
 * @ep:		endpoint to share it with
 * @ctx:	who takes it
 * @turn:	zeroed before the first of several attempts at one buffer
 *
 * Waits for others to give one back.
 *
 * Return: 0, then tstee_account_give() gives it back; -EDQUOT if the person has
 * his share; -ENOSPC if others have all, or the partition has no room;
 * -ESHUTDOWN; -ERESTARTSYS if interrupted.
 */
int tstee_account_take(struct tstee_endpoint *ep, struct tstee_context *ctx,
		       struct tstee_turn *turn)
{
	struct tstee_waiter waiter = {
		.ep = ep,
		.ctx = ctx,
		.ticket = turn->ticket,
	};

	if (!turn->ticket) {
		turn->begin = jiffies;
		turn->deadline = jiffies +
				 msecs_to_jiffies(READ_ONCE(buffer_timeout_ms));
	}

	init_completion(&waiter.granted);
	spin_lock(&tstee_account_lock);
	tstee_account_add(&waiter);
	turn->ticket = waiter.ticket;
	tstee_account_grant();
	spin_unlock(&tstee_account_lock);
	return tstee_account_wait(&waiter, turn);
}

/**
 * tstee_account_forget() - an open file has one buffer less
 * @ctx:	context
 *
 * For buffers that it let go, whether they have been got back or not.
 */
void tstee_account_forget(struct tstee_context *ctx)
{
	spin_lock(&tstee_account_lock);
	ctx->buffers--;
	spin_unlock(&tstee_account_lock);
}

/**
 * tstee_account_give() - give back a buffer
 * @ep:		endpoint that it was shared with
 * @account:	who took it; put
 */
void tstee_account_give(struct tstee_endpoint *ep,
			struct tstee_account *account)
{
	spin_lock(&tstee_account_lock);
	tstee_buffers_used--;
	account->buffers--;
	ep->buffers--;
	tstee_account_grant();
	spin_unlock(&tstee_account_lock);
	tstee_account_put(account);
}

/**
 * tstee_account_lose() - a buffer will never come back
 * @account:	who took it; put
 *
 * Its place in the SPM core's table stays taken, but nobody pays for it.
 */
void tstee_account_lose(struct tstee_account *account)
{
	spin_lock(&tstee_account_lock);
	account->buffers--;
	spin_unlock(&tstee_account_lock);
	tstee_account_put(account);
}

/**
 * tstee_account_full() - the partition had no room for the buffer that is being
 * given back
 * @ep:	endpoint
 *
 * To be called before tstee_account_give().
 */
void tstee_account_full(struct tstee_endpoint *ep)
{
	spin_lock(&tstee_account_lock);
	ep->room = ep->buffers - 1;
	ep->room_asked = jiffies;
	spin_unlock(&tstee_account_lock);
}
