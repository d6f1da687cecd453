// SPDX-License-Identifier: BSD-3-Clause
/*
 * The threads that answer notifications. Each waits for one and handles it to the end, which
 * can take as long as a partition does; so there is always one more waiting, up to a bound.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "supervisor.h"

#define WORKERS_MAX 256
#define IDLE_MAX    4
#define STACK_LEN   (256u << 10)

static unsigned int worker_count, idle_count;

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

/* Whether all wrapped programs have ended. */
static bool all_gone(int listener)
{
	struct pollfd pollfd = { .fd = listener };

	return poll(&pollfd, 1, 0) > 0;
}

static void *work(void *arg)
{
	const struct supervisor *supervisor = arg;
	union notification notification;
	int err;

	do {
		err = notification_receive(supervisor->listener, &notification);
		if (err == -ENOENT && all_gone(supervisor->listener))
			break;
		if (err)
			continue;
		if (!__atomic_sub_fetch(&idle_count, 1, __ATOMIC_RELAXED))
			worker_start(supervisor);
		if (notification.req.data.nr == SYS_ioctl)
			supervise_ioctl(supervisor, &notification.req);
		else
			supervise_open(supervisor, &notification.req);
	} while (__atomic_add_fetch(&idle_count, !err, __ATOMIC_RELAXED) <= IDLE_MAX);
	__atomic_sub_fetch(&idle_count, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&worker_count, 1, __ATOMIC_RELAXED);
	return NULL;
}

int workers_start(const struct supervisor *supervisor)
{
	filter_set_sync(supervisor->listener);
	return worker_start(supervisor);
}
