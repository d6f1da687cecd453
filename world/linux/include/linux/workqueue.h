/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_WORKQUEUE_H
#define WORLD_LINUX_WORKQUEUE_H

#include <linux/jiffies.h>
#include <linux/list.h>

struct work_struct;
struct workqueue_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	work_func_t func;
	struct workqueue_struct *wq; /* of the last time */
	struct list_head node;	     /* while pending */
	unsigned long due;	     /* jiffies */
	bool pending;
	bool cancelling;
};

struct delayed_work {
	struct work_struct work;
};

/* Each has one thread. Timers have one of their own, in which nothing sleeps. */
extern struct workqueue_struct *const system_long_wq;
extern struct workqueue_struct *const world_timer_wq;

#define INIT_WORK(work, function)	   (*(work) = (struct work_struct){ .func = (function) })
#define INIT_DELAYED_WORK(dwork, function) INIT_WORK(&(dwork)->work, function)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

/* False if it was pending already; then mod_delayed_work() moves it, and others do nothing. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);

/* True if it was pending. */
bool cancel_delayed_work(struct delayed_work *dwork);

/*
 * Neither pending nor running afterwards, even if it queues itself. True if
 * it was pending.
 */
bool cancel_delayed_work_sync(struct delayed_work *dwork);

#endif /* WORLD_LINUX_WORKQUEUE_H */
