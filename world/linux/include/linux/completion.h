/* SPDX-License-Identifier: GPL-2.0-only */
/* Something that is waited for until it has happened. One waiter, which may end it. */
#ifndef WORLD_LINUX_COMPLETION_H
#define WORLD_LINUX_COMPLETION_H

#include <pthread.h>
#include <stdbool.h>

struct completion {
	pthread_mutex_t lock; /* protects the rest */
	pthread_cond_t wake;
	bool done;
};

void init_completion(struct completion *completion);
void complete(struct completion *completion);

/*
 * What is left of @timeout in jiffies, at least 1; 0 when it is over. A task that is killed has
 * -ERESTARTSYS: there are no other signals.
 */
unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *completion, unsigned long timeout);
long wait_for_completion_interruptible_timeout(struct completion *completion,
					       unsigned long timeout);

#endif /* WORLD_LINUX_COMPLETION_H */
