// SPDX-License-Identifier: GPL-2.0-only
/* Tasks: on whose behalf a thread runs, and how it passes time. */
#include <errno.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <time.h>
#include <world/linux/kernel.h>

#define NS_PER_US 1000ul
#define NS_PER_MS 1000000ul
#define NS_PER_S  1000000000ul

static __thread struct world_task *current_task;

struct user_namespace init_user_ns;

void world_set_task(struct world_task *task)
{
	current_task = task;
}

struct world_task *world_current(void)
{
	return current_task;
}

bool fatal_signal_pending(struct world_task *task)
{
	return task && task->killed && task->killed(task);
}

/* A thread of the kernel is root. */
kuid_t current_euid(void)
{
	return (kuid_t){ current_task ? current_task->euid : 0 };
}

bool in_egroup_p(kgid_t gid)
{
	size_t i;

	if (!current_task)
		return gid.val == 0;
	if (gid.val == current_task->egid)
		return true;
	for (i = 0; i < current_task->group_count; i++)
		if (gid.val == current_task->groups[i])
			return true;
	return false;
}

ktime_t ktime_get(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (ktime_t)((u64)now.tv_sec * NS_PER_S + (u64)now.tv_nsec);
}

unsigned long world_jiffies(void)
{
	return (unsigned long)ktime_get() / NS_PER_MS;
}

static void sleep_ns(unsigned long ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_nsec = (long)(ns % NS_PER_S) };

	might_sleep();
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

void msleep(unsigned int ms)
{
	sleep_ns(ms * NS_PER_MS);
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	(void)max_us;
	sleep_ns(min_us * NS_PER_US);
}
