/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers whose function runs in a thread, to the millisecond. */
#ifndef WORLD_LINUX_HRTIMER_H
#define WORLD_LINUX_HRTIMER_H

#include <linux/ktime.h>
#include <linux/workqueue.h>
#include <stdbool.h>
#include <time.h>

enum hrtimer_restart {
	HRTIMER_NORESTART,
};

enum hrtimer_mode {
	HRTIMER_MODE_REL_SOFT,
};

struct hrtimer {
	struct delayed_work work;
	enum hrtimer_restart (*function)(struct hrtimer *timer);
};

void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode);

/* Moves it if it was started. */
void hrtimer_start(struct hrtimer *timer, ktime_t delay, enum hrtimer_mode mode);

/* 1 if it was stopped, 0 if it had not been started or its function is running. */
int hrtimer_try_to_cancel(struct hrtimer *timer);

/* Not running afterwards. */
int hrtimer_cancel(struct hrtimer *timer);

#endif /* WORLD_LINUX_HRTIMER_H */
