// SPDX-License-Identifier: GPL-2.0-only
/* Completions. */
#include <linux/completion.h>

#include <errno.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <time.h>

/* A task that is killed is not woken: it looks now and then. */
#define KILLED_POLL (HZ / 200)

void init_completion(struct completion *completion)
{
	*completion = (struct completion){ .lock = PTHREAD_MUTEX_INITIALIZER,
					   .wake = PTHREAD_COND_INITIALIZER };
}

/* The waiter may free it as soon as it has the lock. */
void complete(struct completion *completion)
{
	pthread_mutex_lock(&completion->lock);
	completion->done = true;
	pthread_cond_signal(&completion->wake);
	pthread_mutex_unlock(&completion->lock);
}

/* Jiffies are milliseconds of the same clock. */
static void sleep_until(struct completion *completion, unsigned long end)
{
	struct timespec until = { .tv_sec = (time_t)(end / HZ),
				  .tv_nsec = (long)(end % HZ) * (1000000000 / HZ) };

	pthread_cond_clockwait(&completion->wake, &completion->lock, CLOCK_MONOTONIC, &until);
}

static long wait_common(struct completion *completion, unsigned long timeout, bool killable)
{
	unsigned long end = jiffies + timeout;
	unsigned long now;
	long left = 0;

	might_sleep();
	killable = killable && current;
	pthread_mutex_lock(&completion->lock);
	while (!completion->done) {
		now = jiffies;
		if (!time_after(end, now))
			break;
		if (killable && fatal_signal_pending(current)) {
			left = -ERESTARTSYS;
			break;
		}
		sleep_until(completion, killable ? min(end, now + KILLED_POLL) : end);
	}
	if (completion->done) {
		now = jiffies;
		left = time_after(end, now) ? (long)(end - now) : 1;
	}
	pthread_mutex_unlock(&completion->lock);
	return left;
}

unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long timeout)
{
	return (unsigned long)wait_common(completion, timeout, false);
}

long wait_for_completion_killable_timeout(struct completion *completion, unsigned long timeout)
{
	return wait_common(completion, timeout, true);
}

long wait_for_completion_interruptible_timeout(struct completion *completion, unsigned long timeout)
{
	return wait_common(completion, timeout, true);
}
