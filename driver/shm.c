// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared with a partition.
 *
 * A struct tstee_share is a set of pages that the partition can see, or may
 * still be able to see. It outlives the TEE core's struct tee_shm when the
 * pages can't be got back: such pages are quarantined. Nobody uses them, nobody
 * else gets them, and now and then they are asked for again.
 *
 *   FFA_MEM_SHARE -> MEMORY_RETRIEVE -> in use
 *                          |              |
 *                          |              v
 *                          |      MEMORY_RELINQUISH -> FFA_MEM_RECLAIM
 *                          |              |                  |
 *                          +-- on any failure: quarantine ---+
 *
 * Only a successful FFA_MEM_RECLAIM proves that the partition has lost the
 * pages (DEN0077A, section 5.8): it alone lets them go. What the partition says
 * about relinquishing does not matter, and a dead partition says nothing at
 * all.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "tstee.h"

#define RETRY_FIRST	 (1 * HZ)
#define RETRY_LAST	 (60 * HZ)

#define SHUTDOWN_POLL_MS 10

/**
 * struct tstee_share - pages shared with a partition
 * @node:		in tstee_endpoint.shares
 * @shm:		the TEE core's object, NULL once that is gone
 * @account:		who pays for it
 * @sweep:		number of the last sweep that tried to get the pages
 *			back
 * @handle:		FF-A memory handle
 * @kaddr:		memory of the pool, owned by this object; or NULL
 * @pages:		registered pages of user space, pinned by the TEE core
 *			for the life of @shm; or NULL
 * @page_count:		how many pages, of PAGE_SIZE
 * @claimed:		a thread is sharing the pages or getting them back; only
 *			that thread may talk to the partition about them
 * @reclaimed:		got back
 * @quarantined:	counted in tstee_endpoint.quarantined_pages
 * @held:		@pages have an extra reference each
 * @relinquished:	the partition does not map them; for the claimer's eyes
 *
 * All but the last and what never changes is protected by
 * tstee_endpoint.share_lock.
 */
struct tstee_share {
	struct list_head node;
	struct tee_shm *shm;
	struct tstee_account *account;
	u64 sweep;
	u64 handle;
	void *kaddr;
	struct page **pages;
	size_t page_count;
	bool claimed;
	bool reclaimed;
	bool quarantined;
	bool held;
	bool relinquished;
};

static void tstee_share_free(struct tstee_share *share)
{
	size_t i;

	if (share->kaddr) {
		/* Clients' secrets went through here. */
		memzero_explicit(share->kaddr, share->page_count * PAGE_SIZE);
		free_pages_exact(share->kaddr, share->page_count * PAGE_SIZE);
	}
	if (share->held)
		for (i = 0; i < share->page_count; i++)
			put_page(share->pages[i]);
	kvfree(share->pages);
	kfree(share);
}

/*
 * The TEE core unpins registered pages when its object goes. With a reference
 * of our own they are not given to anybody else.
 */
static void tstee_share_hold(struct tstee_share *share)
{
	size_t i;

	if (!share->pages || share->held)
		return;

	for (i = 0; i < share->page_count; i++)
		get_page(share->pages[i]);
	share->held = true;
}

static void tstee_share_quarantine(struct tstee_endpoint *ep,
				   struct tstee_share *share)
{
	if (share->quarantined)
		return;

	tstee_share_hold(share);
	share->quarantined = true;
	ep->quarantined_pages += share->page_count;
	ep->retry_delay = RETRY_FIRST;
	mod_delayed_work(system_long_wq, &ep->retry_work, ep->retry_delay);
}

/*
 * Ends a claim. Either somebody still uses the pages, or they were got back and
 * go, or they are quarantined.
 */
static void tstee_share_unclaim(struct tstee_endpoint *ep,
				struct tstee_share *share)
{
	bool gone;

	spin_lock(&ep->share_lock);
	share->claimed = false;
	gone = share->reclaimed && !share->shm;
	if (gone) {
		list_del(&share->node);
		if (share->quarantined)
			ep->quarantined_pages -= share->page_count;
	} else if (!share->shm) {
		tstee_share_quarantine(ep, share);
	}
	spin_unlock(&ep->share_lock);

	if (gone) {
		tstee_account_give(ep, share->account);
		tstee_share_free(share);
	}
}

/*
 * The caller has the claim. No signal ends it: there is no way back from here.
 */
static void tstee_share_get_back(struct tstee_endpoint *ep,
				 struct tstee_share *share)
{
	int relinquish_rc = 0;
	bool tell;
	int rc;

	if (!share->relinquished) {
		relinquish_rc = tstee_rpc_relinquish(ep, share->handle);
		share->relinquished = !relinquish_rc;
	}

	rc = tstee_endpoint_reclaim(ep, share->handle);
	spin_lock(&ep->share_lock);
	share->reclaimed = !rc;
	/* Whatever we were told before, the partition has them. */
	share->relinquished = !rc;
	tell = rc && !ep->quarantine_told;
	ep->quarantine_told |= tell;
	spin_unlock(&ep->share_lock);

	if (tell)
		dev_warn(&ep->ffa->dev,
			 "pages quarantined: relinquish error %d, reclaim %d\n",
			 relinquish_rc, rc);
}

/*
 * One attempt to share pages and have the partition map them. On success @share
 * is on the endpoint's list. On failure it is as it was, or in quarantine: then
 * it is NULL afterwards.
 */
static int tstee_share_try(struct tstee_endpoint *ep,
			   struct tstee_share **sharep, struct tee_shm *shm,
			   struct scatterlist *sg)
{
	struct tstee_share *share = *sharep;
	const struct tstee_context *ctx = shm->ctx->data;
	u64 tag = tstee_account_id(share->account);
	int rc;

	/* What FF-A says of sharing with the dead is up to the SPM core. */
	if (test_bit(TSTEE_ENDPOINT_DEAD, &ep->flags) ||
	    ctx->deaths != READ_ONCE(ep->deaths))
		return -EIO;

	rc = tstee_endpoint_share(ep, sg, tag, &share->handle);
	if (rc)
		return rc;

	share->claimed = true;
	spin_lock(&ep->share_lock);
	list_add_tail(&share->node, &ep->shares);
	spin_unlock(&ep->share_lock);

	rc = tstee_rpc_retrieve(ep, ctx->deaths, share->handle, tag);
	if (rc) {
		/*
		 * If it never got the message there is nothing to relinquish.
		 */
		share->relinquished = rc == -EINTR || rc == -EBUSY;
		goto err_get_back;
	}

	/*
	 * Shutdown leaves shares alone that are claimed: those who claim them
	 * look here.
	 */
	spin_lock(&ep->share_lock);
	if (test_bit(TSTEE_ENDPOINT_DOWN, &ep->flags)) {
		rc = -ESHUTDOWN;
	} else {
		share->claimed = false;
		share->shm = shm;
		shm->sec_world_id = share->handle;
	}
	spin_unlock(&ep->share_lock);
	if (!rc)
		return 0;

err_get_back:
	tstee_share_get_back(ep, share);
	spin_lock(&ep->share_lock);
	share->claimed = false;
	if (share->reclaimed) {
		list_del(&share->node);
		share->reclaimed = false;
		share->relinquished = false;
	} else {
		tstee_share_quarantine(ep, share);
		*sharep = NULL;
	}
	spin_unlock(&ep->share_lock);
	return rc;
}

/*
 * Shares the pages as soon as there is room for them. @share is consumed in
 * either case: it is on the endpoint's list afterwards, or gone. So are, on
 * failure, the pages of a pool.
 */
static int tstee_share_start(struct tstee_endpoint *ep,
			     struct tstee_share *share, struct tee_shm *shm,
			     struct scatterlist *sg)
{
	struct tstee_context *ctx = shm->ctx->data;
	struct tstee_turn turn = {};
	int rc;

	do {
		rc = tstee_account_take(ep, ctx, &turn);
		if (rc)
			break;
		share->account = ctx->account;
		rc = tstee_share_try(ep, &share, shm, sg);
		if (!rc)
			return 0;

		tstee_account_forget(ctx);
		/* Quarantined pages stay on their user's account. */
		if (!share)
			return rc;
		if (rc == -ENOSPC)
			tstee_account_full(ep);
		tstee_account_give(ep, share->account);
	} while (rc == -ENOSPC);

	tstee_share_free(share);
	return rc;
}

/* The TEE core lets go of its object: the pages are got back or quarantined. */
static void tstee_share_stop(struct tstee_endpoint *ep, struct tee_shm *shm)
{
	struct tstee_share *share;

	tstee_account_forget(shm->ctx->data);
	spin_lock(&ep->share_lock);
	list_for_each_entry(share, &ep->shares, node)
		if (share->shm == shm)
			break;
	if (WARN_ON_ONCE(list_entry_is_head(share, &ep->shares, node))) {
		spin_unlock(&ep->share_lock);
		return;
	}

	share->shm = NULL;
	if (share->claimed) {
		/*
		 * Shutdown is at it and will finish; the pages must last until
		 * then.
		 */
		tstee_share_hold(share);
		spin_unlock(&ep->share_lock);
		return;
	}
	share->claimed = true;
	spin_unlock(&ep->share_lock);

	if (!share->reclaimed)
		tstee_share_get_back(ep, share);
	tstee_share_unclaim(ep, share);
}

/*
 * Gets back what nobody uses, and with @all also what is in use. Each share is
 * tried once by a sweep, and not by one that began before another that has
 * tried it already.
 */
static void tstee_sweep(struct tstee_endpoint *ep, bool all)
{
	struct tstee_share *share;
	u64 number;

	spin_lock(&ep->share_lock);
	number = ++ep->sweep;
again:
	list_for_each_entry(share, &ep->shares, node) {
		if (share->claimed || share->reclaimed ||
		    share->sweep >= number)
			continue;
		if (!share->quarantined && !all)
			continue;

		share->claimed = true;
		share->sweep = number;
		spin_unlock(&ep->share_lock);

		tstee_share_get_back(ep, share);
		tstee_share_unclaim(ep, share);

		spin_lock(&ep->share_lock);
		goto again;
	}
	spin_unlock(&ep->share_lock);
}

static void tstee_retry_work(struct work_struct *work)
{
	struct tstee_endpoint *ep =
		container_of(to_delayed_work(work), struct tstee_endpoint,
			     retry_work);

	tstee_sweep(ep, false);

	spin_lock(&ep->share_lock);
	if (ep->quarantined_pages) {
		ep->retry_delay =
			min_t(unsigned long, 2 * ep->retry_delay, RETRY_LAST);
		queue_delayed_work(system_long_wq, &ep->retry_work,
				   ep->retry_delay);
	}
	spin_unlock(&ep->share_lock);
}

/* Whole pages for a buffer of @size bytes, or 0 if there is no such number. */
static size_t tstee_page_count(size_t size)
{
	return size > SIZE_MAX - PAGE_SIZE ? 0 : PAGE_ALIGN(size) / PAGE_SIZE;
}

static int tstee_pool_alloc(struct tee_shm_pool *pool, struct tee_shm *shm,
			    size_t size, size_t align)
{
	struct tstee_endpoint *ep = pool->private_data;
	struct tstee_share *share;
	struct scatterlist sg;
	void *kaddr;
	size_t len;
	int rc;

	if (!size)
		return -EINVAL;

	share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT);
	if (!share)
		return -ENOMEM;

	share->page_count = tstee_page_count(size);
	len = share->page_count * PAGE_SIZE;

	/*
	 * Contiguous, because that is what the TEE core maps into user space.
	 * The size is the user's choice: too much of it is no reason for a
	 * warning, and is on their account.
	 */
	if (len)
		share->kaddr =
			alloc_pages_exact(len, GFP_KERNEL_ACCOUNT | __GFP_ZERO |
						       __GFP_NOWARN);
	if (!share->kaddr) {
		kfree(share);
		return -ENOMEM;
	}

	kaddr = share->kaddr;
	sg_init_one(&sg, kaddr, len);
	rc = tstee_share_start(ep, share, shm, &sg);
	if (rc)
		return rc;

	/*
	 * shm->pages stays NULL: the TEE core would take it for pages to unpin.
	 */
	shm->kaddr = kaddr;
	shm->paddr = virt_to_phys(kaddr);
	shm->size = len;
	return 0;
}

static void tstee_pool_free(struct tee_shm_pool *pool, struct tee_shm *shm)
{
	tstee_share_stop(pool->private_data, shm);
	shm->kaddr = NULL;
}

/* The pool is part of struct tstee_endpoint. */
static void tstee_pool_destroy(struct tee_shm_pool *pool)
{
}

static const struct tee_shm_pool_ops tstee_pool_ops = {
	.alloc = tstee_pool_alloc,
	.free = tstee_pool_free,
	.destroy_pool = tstee_pool_destroy,
};

/**
 * tstee_shm_register() - share memory of user space with the partition
 * @ctx:	context
 * @shm:	the TEE core's object
 * @pages:	its pages, pinned for the life of @shm
 * @num_pages:	how many
 * @start:	address in user space, rounded down to a page
 *
 * A partition sees whole pages, from their first byte: that is all of TS RPC's
 * notion of a buffer, and anything else would show it what the client did not
 * mean to share.
 *
 * Return: 0; -EINVAL if the memory does not consist of whole pages; -EOPNOTSUPP
 * for memory of the kernel, which could not be quarantined; -E2BIG if it is too
 * scattered; -ENOMEM; or an error of tstee_account_take() or of
 * tstee_queue_send().
 */
int tstee_shm_register(struct tee_context *ctx, struct tee_shm *shm,
		       struct page **pages, size_t num_pages,
		       unsigned long start)
{
	struct tstee_endpoint *ep = tee_get_drvdata(ctx->teedev);
	struct tstee_share *share;
	struct sg_table sgt;
	int rc;

	if (!(shm->flags & TEE_SHM_USER_MAPPED))
		return -EOPNOTSUPP;
	if (shm->offset || !shm->size || !IS_ALIGNED(shm->size, PAGE_SIZE) ||
	    num_pages != shm->size / PAGE_SIZE)
		return -EINVAL;
	if (num_pages > U32_MAX / (PAGE_SIZE / TS_RPC_PAGE_LEN))
		return -E2BIG;

	share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT);
	if (!share)
		return -ENOMEM;

	/* A copy, as the TEE core's goes with @shm. */
	share->page_count = num_pages;
	share->pages =
		kvmalloc_array(num_pages, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!share->pages) {
		rc = -ENOMEM;
		goto err_free;
	}
	memcpy(share->pages, pages, num_pages * sizeof(*pages));

	rc = sg_alloc_table_from_pages(&sgt, pages, num_pages, 0, shm->size,
				       GFP_KERNEL_ACCOUNT);
	if (rc)
		goto err_free;

	rc = tstee_share_start(ep, share, shm, sgt.sgl);
	sg_free_table(&sgt);
	return rc;

err_free:
	tstee_share_free(share);
	return rc;
}

/**
 * tstee_shm_unregister() - get memory of user space back from the partition
 * @ctx:	context
 * @shm:	the TEE core's object
 *
 * Waits for the partition, whatever it is doing.
 *
 * Return: 0. Pages that could not be got back have been taken care of.
 */
int tstee_shm_unregister(struct tee_context *ctx, struct tee_shm *shm)
{
	tstee_share_stop(tee_get_drvdata(ctx->teedev), shm);
	return 0;
}

/**
 * tstee_shm_init() - make the pool and an empty list
 * @ep:	endpoint
 */
void tstee_shm_init(struct tstee_endpoint *ep)
{
	ep->pool.ops = &tstee_pool_ops;
	ep->pool.private_data = ep;
	spin_lock_init(&ep->share_lock);
	INIT_LIST_HEAD(&ep->shares);
	INIT_DELAYED_WORK(&ep->retry_work, tstee_retry_work);
}

static bool tstee_claims_left(struct tstee_endpoint *ep)
{
	struct tstee_share *share;
	bool left = false;

	spin_lock(&ep->share_lock);
	list_for_each_entry(share, &ep->shares, node)
		left |= share->claimed;
	spin_unlock(&ep->share_lock);
	return left;
}

/**
 * tstee_shm_retry() - try now to get back what is in quarantine
 * @ep:	endpoint
 */
void tstee_shm_retry(struct tstee_endpoint *ep)
{
	spin_lock(&ep->share_lock);
	/* Whoever takes the endpoint down does so itself. */
	if (ep->quarantined_pages &&
	    !test_bit(TSTEE_ENDPOINT_DOWN, &ep->flags)) {
		ep->retry_delay = RETRY_FIRST;
		mod_delayed_work(system_long_wq, &ep->retry_work, 0);
	}
	spin_unlock(&ep->share_lock);
}

/**
 * tstee_shm_shutdown() - get all memory back, used or not
 * @ep:	endpoint, down
 *
 * For a system that goes down or starts another kernel: what comes next must
 * not find a partition writing to its memory. The contexts keep their pages and
 * find them useless. Takes no longer than to tstee_endpoint.deadline.
 */
void tstee_shm_shutdown(struct tstee_endpoint *ep)
{
	/* What a partition that is in a long call maps can't be got back. */
	if (tstee_queue_settle(ep))
		tstee_sweep(ep, true);

	/* Others may be about to get theirs back. */
	while (tstee_claims_left(ep) && !time_after(jiffies, ep->deadline))
		msleep(SHUTDOWN_POLL_MS);
}

/**
 * tstee_shm_destroy() - end of the list
 * @ep:	endpoint, down, without contexts
 *
 * Pages still in quarantine are lost until the next boot, as nobody will be
 * left to ask for them.
 */
void tstee_shm_destroy(struct tstee_endpoint *ep)
{
	struct tstee_share *share, *next;

	cancel_delayed_work_sync(&ep->retry_work);
	if (list_empty(&ep->shares))
		return;

	tstee_sweep(ep, false);
	if (ep->quarantined_pages)
		dev_err(&ep->ffa->dev,
			"%lu pages stay lost: partition 0x%04x may still map them\n",
			ep->quarantined_pages, ep->ffa->vm_id);
	list_for_each_entry_safe(share, next, &ep->shares, node) {
		list_del(&share->node);
		tstee_account_lose(share->account);
		kvfree(share->pages);
		kfree(share);
	}
}
