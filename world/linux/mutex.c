// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutexes and spin locks. As in Linux a mutex goes to who comes first, running threads before
 * waiting ones, but a waiter loses only once: then the mutex is handed to it.
 */
#include <linux/mutex.h>

#include <errno.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <stdlib.h>
#include <time.h>

/* A task that is killed is not woken: it looks now and then. */
#define KILLED_POLL_NS 5000000

#define NS_PER_S       1000000000

struct waiter {
	struct list_head node;
	pthread_cond_t wake;
	bool owner; /* the mutex was handed over */
};

static __thread unsigned int spin_locks_held;

void might_sleep(void)
{
	if (spin_locks_held)
		abort();
}

void spin_lock_init(spinlock_t *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
}

void spin_lock(spinlock_t *lock)
{
	pthread_mutex_lock(&lock->mutex);
	spin_locks_held++;
}

void spin_unlock(spinlock_t *lock)
{
	spin_locks_held--;
	pthread_mutex_unlock(&lock->mutex);
}

void mutex_init(struct mutex *mutex)
{
	*mutex = (struct mutex){ .guard = PTHREAD_MUTEX_INITIALIZER };
	INIT_LIST_HEAD(&mutex->waiters);
}

void mutex_destroy(struct mutex *mutex)
{
	pthread_mutex_destroy(&mutex->guard);
}

static void waiter_sleep(struct mutex *mutex, struct waiter *waiter, bool killable)
{
	struct timespec until;

	if (!killable || !current) {
		pthread_cond_wait(&waiter->wake, &mutex->guard);
		return;
	}

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += KILLED_POLL_NS;
	if (until.tv_nsec >= NS_PER_S) {
		until.tv_nsec -= NS_PER_S;
		until.tv_sec++;
	}
	pthread_cond_clockwait(&waiter->wake, &mutex->guard, CLOCK_MONOTONIC, &until);
}

/* The first waiter that is not killed meanwhile; the guard is held. */
static void wake_first(struct mutex *mutex)
{
	if (!list_empty(&mutex->waiters))
		pthread_cond_signal(&list_first_entry(&mutex->waiters, struct waiter, node)->wake);
}

/* The guard is held, and the mutex is not free. */
static int wait_for_mutex(struct mutex *mutex, bool killable)
{
	struct waiter waiter = { .wake = PTHREAD_COND_INITIALIZER };
	int rc = 0;

	list_add_tail(&waiter.node, &mutex->waiters);
	for (;;) {
		waiter_sleep(mutex, &waiter, killable);
		if (waiter.owner)
			goto out;
		if (!mutex->locked)
			break;
		if (killable && fatal_signal_pending(current)) {
			rc = -EINTR;
			break;
		}
		/* Whoever else wakes up leaves the first waiter's claim as it is. */
		if (mutex->waiters.next == &waiter.node)
			mutex->handoff = true;
	}

	if (mutex->waiters.next == &waiter.node)
		mutex->handoff = false;
	list_del(&waiter.node);
	if (!rc)
		mutex->locked = true;
	else if (!mutex->locked)
		wake_first(mutex);
out:
	pthread_cond_destroy(&waiter.wake);
	return rc;
}

static int lock_common(struct mutex *mutex, bool killable)
{
	int rc = 0;

	might_sleep();
	pthread_mutex_lock(&mutex->guard);
	if (mutex->locked)
		rc = wait_for_mutex(mutex, killable);
	else
		mutex->locked = true;
	pthread_mutex_unlock(&mutex->guard);
	return rc;
}

void mutex_lock(struct mutex *mutex)
{
	(void)lock_common(mutex, false);
}

int mutex_lock_killable(struct mutex *mutex)
{
	return lock_common(mutex, true);
}

void mutex_unlock(struct mutex *mutex)
{
	struct waiter *first;

	pthread_mutex_lock(&mutex->guard);
	if (mutex->handoff) {
		first = list_first_entry(&mutex->waiters, struct waiter, node);
		mutex->handoff = false;
		list_del(&first->node);
		first->owner = true;
		pthread_cond_signal(&first->wake);
	} else {
		mutex->locked = false;
		wake_first(mutex);
	}
	pthread_mutex_unlock(&mutex->guard);
}
