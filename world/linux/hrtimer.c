// SPDX-License-Identifier: GPL-2.0-only
/* Timers, as work that is put off. */
#include <linux/hrtimer.h>

#include <linux/jiffies.h>

static void expire(struct work_struct *work)
{
	struct hrtimer *timer = container_of(to_delayed_work(work), struct hrtimer, work);

	timer->function(timer);
}

void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode)
{
	(void)clock;
	(void)mode;
	INIT_DELAYED_WORK(&timer->work, expire);
}

void hrtimer_start(struct hrtimer *timer, ktime_t delay, enum hrtimer_mode mode)
{
	unsigned long ms = (unsigned long)delay / NSEC_PER_MSEC;

	(void)mode;
	mod_delayed_work(world_timer_wq, &timer->work, ms ? ms : 1);
}

int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	return cancel_delayed_work(&timer->work);
}

int hrtimer_cancel(struct hrtimer *timer)
{
	return cancel_delayed_work_sync(&timer->work);
}
