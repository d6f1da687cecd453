// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that is put off. Each queue has one thread, which is started by the first work; it owns
 * the list of what is pending, in the order of due times, and one lock for all of that.
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
	const struct work_struct *running_work; /* being done */
};

#define WORKQUEUE(name)                                                                 \
	{                                                                               \
		.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, \
		.pending = LIST_HEAD_INIT(name.pending),                                \
	}

static struct workqueue_struct long_wq = WORKQUEUE(long_wq);
static struct workqueue_struct timer_wq = WORKQUEUE(timer_wq);
struct workqueue_struct *const system_long_wq = &long_wq;
struct workqueue_struct *const world_timer_wq = &timer_wq;

/* Jiffies are milliseconds of the same clock. */
static struct timespec due_time(unsigned long due)
{
	return (struct timespec){ .tv_sec = (time_t)(due / HZ),
				  .tv_nsec = (long)(due % HZ) * (1000000000 / HZ) };
}

/* The first that is due, taken out of the list, or NULL at the end. The lock is held. */
static struct work_struct *next_work(struct workqueue_struct *wq)
{
	struct work_struct *first;
	struct timespec until;

	while (!wq->stopping) {
		if (list_empty(&wq->pending)) {
			pthread_cond_wait(&wq->changed, &wq->lock);
			continue;
		}

		first = list_first_entry(&wq->pending, struct work_struct, node);
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
	struct work_struct *work;

	pthread_mutex_lock(&wq->lock);
	while ((work = next_work(wq))) {
		wq->running_work = work;
		pthread_mutex_unlock(&wq->lock);
		work->func(work);
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

static void insert(struct workqueue_struct *wq, struct work_struct *work, unsigned long delay)
{
	struct work_struct *next;

	start_thread(wq);
	__atomic_store_n(&work->wq, wq, __ATOMIC_RELEASE);
	work->due = jiffies + delay;
	work->pending = true;
	list_for_each_entry(next, &wq->pending, node)
		if (time_after(next->due, work->due))
			break;
	list_add_tail(&work->node, &next->node);
	pthread_cond_broadcast(&wq->changed);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	struct work_struct *work = &dwork->work;
	bool queued;

	pthread_mutex_lock(&wq->lock);
	queued = !work->pending && !work->cancelling;
	if (queued)
		insert(wq, work, delay);
	pthread_mutex_unlock(&wq->lock);
	return queued;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	struct work_struct *work = &dwork->work;
	bool was_pending;

	pthread_mutex_lock(&wq->lock);
	was_pending = work->pending;
	if (was_pending)
		list_del(&work->node);
	work->pending = false;
	if (!work->cancelling)
		insert(wq, work, delay);
	pthread_mutex_unlock(&wq->lock);
	return was_pending;
}

static bool cancel(struct work_struct *work, bool sync)
{
	struct workqueue_struct *wq = __atomic_load_n(&work->wq, __ATOMIC_ACQUIRE);
	bool was_pending;

	/* Never queued. */
	if (!wq)
		return false;

	pthread_mutex_lock(&wq->lock);
	was_pending = work->pending;
	if (was_pending)
		list_del(&work->node);
	work->pending = false;
	work->cancelling = sync;
	while (sync && wq->running_work == work)
		pthread_cond_wait(&wq->changed, &wq->lock);
	work->cancelling = false;
	pthread_mutex_unlock(&wq->lock);
	return was_pending;
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	return cancel(&dwork->work, false);
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	might_sleep();
	return cancel(&dwork->work, true);
}

static void stop_thread(struct workqueue_struct *wq)
{
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

void workqueue_stop(void)
{
	stop_thread(&timer_wq);
	stop_thread(&long_wq);
}
