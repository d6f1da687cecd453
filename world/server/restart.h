/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Restarting partitions, in a thread of its own: that waits for partitions, which the watcher
 * never does. All functions are for the watcher.
 */
#ifndef WORLD_SERVER_RESTART_H
#define WORLD_SERVER_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <world/spm/spm.h>

/*
 * Begins to restart the partition of that index; others wait for it. 0, then restart_result() tells
 * how it ended; -EALREADY if that is being done; or another negative errno.
 */
int restart_begin(size_t partition);

/* A partition died: starts it anew if its manifest wants that (spm_restart_due()). */
void restart_look(void);

/* True, once, when it is over: *@err is 0 or a negative errno, which @why tells. */
bool restart_result(size_t partition, int *err, struct spm_failure *why);

/* Nobody will ask for the result. */
void restart_forget(size_t partition);

/* Whether any was begun that is not over, or whose result wasn't taken. */
bool restart_pending(void);

/* The world ends: none is begun any more. */
void restart_refuse(void);

/* Waits for the end of the last one, and of the thread. */
void restart_stop(void);

#endif /* WORLD_SERVER_RESTART_H */
