/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spin locks. Here the holder may lose its processor, so that who waits sleeps; but the rules
 * are the kernel's: might_sleep() ends the process if a spin lock is held.
 */
#ifndef WORLD_LINUX_SPINLOCK_H
#define WORLD_LINUX_SPINLOCK_H

#include <linux/kernel.h>
#include <pthread.h>

typedef struct {
	pthread_mutex_t mutex;
} spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name = { .mutex = PTHREAD_MUTEX_INITIALIZER }

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void might_sleep(void);

/* There are no interrupts: what they would do is done by threads. */
#define spin_lock_bh(lock)   spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)

#endif /* WORLD_LINUX_SPINLOCK_H */
