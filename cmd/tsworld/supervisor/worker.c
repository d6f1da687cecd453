// SPDX-License-Identifier: BSD-3-Clause
/*
 * The threads that answer notifications. Each waits for one and handles it to the end, which
 * can take as long as a partition does. Meanwhile another must be waiting, but only if there is
 * something to wait for: the kernel wakes those who wait in turns, and a program that makes one
 * call after the other is served twice as fast by one warm thread. So a second one is started
 * when calls are seen to come at the same time, or one of them takes long.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "supervisor.h"

#define WORKERS_MAX 256
#define IDLE_MAX    4
#define STACK_LEN   (256u << 10)

/* A thread that handles notifications has turns of this length, which come sooner than longer ones. */
#define TURN_NS 100000

/* For so many notifications after the last two at a time, more are expected. */
#define CONCURRENT 256u

static unsigned int worker_count, idle_count, concurrent;
static notification_handler *handler;

static void *work(void *arg);

static int worker_start(const struct supervisor *supervisor)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (__atomic_add_fetch(&worker_count, 1, __ATOMIC_RELAXED) > WORKERS_MAX) {
		err = EAGAIN;
		goto err_count;
	}
	/* Counted here, so that the starter doesn't start another for the same reason. */
	__atomic_add_fetch(&idle_count, 1, __ATOMIC_RELAXED);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_LEN);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread, &attr, work, (void *)supervisor);
	pthread_attr_destroy(&attr);
	if (!err)
		return 0;
	__atomic_sub_fetch(&idle_count, 1, __ATOMIC_RELAXED);

err_count:
	__atomic_sub_fetch(&worker_count, 1, __ATOMIC_RELAXED);
	return -err;
}

/* Whether the listener has one of @events, or all wrapped programs have ended. */
static bool listener_has(int listener, short events)
{
	struct pollfd pollfd = { .fd = listener, .events = events };

	return poll(&pollfd, 1, 0) > 0;
}

void worker_calls(const struct supervisor *supervisor)
{
	if (__atomic_load_n(&idle_count, __ATOMIC_RELAXED))
		return;
	if (listener_has(supervisor->listener, POLLIN))
		__atomic_store_n(&concurrent, CONCURRENT, __ATOMIC_RELAXED);
	else if (!__atomic_load_n(&concurrent, __ATOMIC_RELAXED))
		return;
	worker_start(supervisor);
}

void worker_waits(const struct supervisor *supervisor)
{
	if (!__atomic_load_n(&idle_count, __ATOMIC_RELAXED))
		worker_start(supervisor);
}

/* A notification was received; are others being handled? The counts need not be exact. */
static void note_concurrency(void)
{
	unsigned int idle = __atomic_load_n(&idle_count, __ATOMIC_RELAXED);
	unsigned int left = __atomic_load_n(&concurrent, __ATOMIC_RELAXED);

	if (__atomic_load_n(&worker_count, __ATOMIC_RELAXED) > idle + 1)
		__atomic_store_n(&concurrent, CONCURRENT, __ATOMIC_RELAXED);
	else if (left)
		__atomic_store_n(&concurrent, left - 1, __ATOMIC_RELAXED);
}

/*
 * Whether this one is too many, of which it is taken off the count at the same moment: whoever
 * leaves must not be counted by the next one that would leave.
 */
static bool worker_leaves(void)
{
	const unsigned int wanted = __atomic_load_n(&concurrent, __ATOMIC_RELAXED) ? IDLE_MAX : 1;
	unsigned int idle = __atomic_load_n(&idle_count, __ATOMIC_RELAXED);

	while (idle > wanted) {
		if (__atomic_compare_exchange_n(&idle_count, &idle, idle - 1, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/*
 * Until a notification is received, a signal interrupts the system call behind it, which would
 * not be otherwise. So whoever receives it is to run soon: with short turns (Linux 6.12).
 */
static void hurry(void)
{
	const struct {
		uint32_t size;
		uint32_t policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime;
		uint64_t deadline;
		uint64_t period;
	} turns = { .size = sizeof(turns), .policy = SCHED_OTHER, .runtime = TURN_NS };

	syscall(SYS_sched_setattr, 0, &turns, 0);
}

static void *work(void *arg)
{
	const struct supervisor *supervisor = arg;
	union notification notification;
	int err;

	hurry();
	do {
		do {
			err = notification_receive(supervisor->listener, &notification);
		} while (err && !(err == -ENOENT && listener_has(supervisor->listener, 0)));
		__atomic_sub_fetch(&idle_count, 1, __ATOMIC_RELAXED);
		if (err)
			break;
		note_concurrency();
		handler(supervisor, &notification.req);
		__atomic_add_fetch(&idle_count, 1, __ATOMIC_RELAXED);
	} while (!worker_leaves());
	__atomic_sub_fetch(&worker_count, 1, __ATOMIC_RELAXED);
	context_end_thread();
	return NULL;
}

int workers_start(const struct supervisor *supervisor, notification_handler *handle)
{
	handler = handle;
	filter_set_sync(supervisor->listener);
	return worker_start(supervisor);
}
