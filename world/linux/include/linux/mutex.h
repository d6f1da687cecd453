/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_MUTEX_H
#define WORLD_LINUX_MUTEX_H

#include <linux/list.h>
#include <pthread.h>

struct mutex {
	pthread_mutex_t guard; /* protects the rest */
	bool locked;
	bool handoff; /* the first waiter lost once: it is next */
	struct list_head waiters;
};

#define DEFINE_MUTEX(name)                               \
	struct mutex name = {                            \
		.guard = PTHREAD_MUTEX_INITIALIZER,      \
		.waiters = LIST_HEAD_INIT(name.waiters), \
	}

void mutex_init(struct mutex *mutex);
void mutex_destroy(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

/* 0, or -EINTR if the task was killed first. */
int mutex_lock_killable(struct mutex *mutex) __attribute__((__warn_unused_result__));

#endif /* WORLD_LINUX_MUTEX_H */
