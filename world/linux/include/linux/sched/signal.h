/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORLD_LINUX_SCHED_SIGNAL_H
#define WORLD_LINUX_SCHED_SIGNAL_H

#include <stdbool.h>

struct world_task;

struct world_task *world_current(void);
#define current (world_current())

bool fatal_signal_pending(struct world_task *task);

/* Of a task's other signals the kernel does not know. */
static inline bool signal_pending(struct world_task *task)
{
	return fatal_signal_pending(task);
}

#endif /* WORLD_LINUX_SCHED_SIGNAL_H */
