// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delayed work, done by one thread, which is started by the first. Owns the list of what is
 * pending, in the order of due times; all is protected by one lock.
 */
#include <linux/workqueue.h>

#include <errno.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <pthread.h>
#include <time.h>

#include "internal.h"

struct workqueue_struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool running;
	bool stopping;
	struct list_head pending;
	const struct delayed_work *running_work; /* being done */
};

static struct workqueue_struct long_wq = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
	.pending = LIST_HEAD_INIT(long_wq.pending),
};
struct workqueue_struct *const system_long_wq = &long_wq;

/* Jiffies are milliseconds of the same clock. */
static struct timespec due_time(unsigned long due)
{
	return (struct timespec){ .tv_sec = (time_t)(due / HZ),
				  .tv_nsec = (long)(due % HZ) * (1000000000 / HZ) };
}

/* The first that is due, taken out of the list, or NULL at the end. The lock is held. */
static struct delayed_work *next_work(struct workqueue_struct *wq)
{
	struct delayed_work *first;
	struct timespec until;

	while (!wq->stopping) {
		if (list_empty(&wq->pending)) {
			pthread_cond_wait(&wq->changed, &wq->lock);
			continue;
		}

		first = list_first_entry(&wq->pending, struct delayed_work, node);
		if (!time_after(first->due, jiffies)) {
			list_del(&first->node);
			first->pending = false;
			return first;
		}
		until = due_time(first->due);
		pthread_cond_clockwait(&wq->changed, &wq->lock, CLOCK_MONOTONIC, &until);
	}
	return NULL;
}

static void *kworker(void *arg)
{
	struct workqueue_struct *wq = arg;
	struct delayed_work *dwork;

	pthread_mutex_lock(&wq->lock);
	while ((dwork = next_work(wq))) {
		wq->running_work = dwork;
		pthread_mutex_unlock(&wq->lock);
		dwork->work.func(&dwork->work);
		pthread_mutex_lock(&wq->lock);
		wq->running_work = NULL;
		pthread_cond_broadcast(&wq->changed);
	}
	pthread_mutex_unlock(&wq->lock);
	return NULL;
}

/* The lock is held. Work that can't be done now is done when the thread can be started. */
static void start_thread(struct workqueue_struct *wq)
{
	if (wq->running)
		return;

	wq->stopping = false;
	wq->running = !pthread_create(&wq->thread, NULL, kworker, wq);
	if (!wq->running)
		pr_line("no thread for work that was put off");
}

static void insert(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	struct delayed_work *next;

	start_thread(wq);
	dwork->due = jiffies + delay;
	dwork->pending = true;
	list_for_each_entry(next, &wq->pending, node)
		if (time_after(next->due, dwork->due))
			break;
	list_add_tail(&dwork->node, &next->node);
	pthread_cond_broadcast(&wq->changed);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	bool queued;

	pthread_mutex_lock(&wq->lock);
	queued = !dwork->pending && !dwork->cancelling;
	if (queued)
		insert(wq, dwork, delay);
	pthread_mutex_unlock(&wq->lock);
	return queued;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	bool was_pending;

	pthread_mutex_lock(&wq->lock);
	was_pending = dwork->pending;
	if (was_pending)
		list_del(&dwork->node);
	dwork->pending = false;
	if (!dwork->cancelling)
		insert(wq, dwork, delay);
	pthread_mutex_unlock(&wq->lock);
	return was_pending;
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	struct workqueue_struct *wq = &long_wq;
	bool was_pending;

	might_sleep();
	pthread_mutex_lock(&wq->lock);
	dwork->cancelling = true;
	was_pending = dwork->pending;
	if (was_pending)
		list_del(&dwork->node);
	dwork->pending = false;
	while (wq->running_work == dwork)
		pthread_cond_wait(&wq->changed, &wq->lock);
	dwork->cancelling = false;
	pthread_mutex_unlock(&wq->lock);
	return was_pending;
}

void workqueue_stop(void)
{
	struct workqueue_struct *wq = &long_wq;

	pthread_mutex_lock(&wq->lock);
	if (!wq->running) {
		pthread_mutex_unlock(&wq->lock);
		return;
	}
	wq->stopping = true;
	pthread_cond_broadcast(&wq->changed);
	pthread_mutex_unlock(&wq->lock);
	pthread_join(wq->thread, NULL);
	wq->running = false;
}
