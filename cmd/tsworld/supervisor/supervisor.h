/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The supervisor: the process that answers the system calls of a program under tsworld run. Its
 * parts call each other downwards only: supervise.c; call.c, look.c, open.c, signals.c;
 * attribute.c; worker.c; context.c, path.c, region.c; task.c, filter.c.
 */
#ifndef CMD_TSWORLD_SUPERVISOR_SUPERVISOR_H
#define CMD_TSWORLD_SUPERVISOR_SUPERVISOR_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <tstee/world.h>
#include <world/client/channel.h>

struct supervisor {
	int listener;
	const char *world; /* path of its socket */
};

/* --- worker.c --- */

/* Answers a notification. */
typedef void notification_handler(const struct supervisor *supervisor,
				  const struct seccomp_notif *req);

/* Starts receiving notifications, as many at a time as there are. 0 or a negative errno. */
int workers_start(const struct supervisor *supervisor, notification_handler *handle);

/* To be called before what may wait for the world, and when that took a while already. */
void worker_calls(const struct supervisor *supervisor);
void worker_waits(const struct supervisor *supervisor);

/* --- attribute.c --- */

/* The text of /sys/class/tee/teeN/device/NAME in the world. Its length or a negative errno. */
ssize_t attribute_read(const struct supervisor *supervisor, uint32_t device, const char *name,
		       void *text, size_t size);

/* --- open.c --- */

/* Answers an open. */
notification_handler supervise_open;

/* --- look.c --- */

/* Answers a stat, access or getdents64. False if it is something else or not of a device. */
bool supervise_look(const struct supervisor *supervisor, const struct seccomp_notif *req);

/* --- signals.c --- */

/* Answers an rt_sigaction or ptrace. False if it is something else. */
bool supervise_signals(const struct supervisor *supervisor, const struct seccomp_notif *req);

/*
 * By the supervisor's first thread, before workers are started: what is to be polled for input,
 * upon which signals_serve() is called; or a negative errno.
 */
int signals_start(void);
void signals_serve(void);

/*
 * waitpid() says that thread @tid has stopped. True if it was stopped by being traced and goes on;
 * false if by job control.
 */
bool signals_stopped(pid_t tid, int status);

/* --- call.c --- */

notification_handler supervise_ioctl;

/* --- context.c --- */

/* Notes that socket @fd is the context with this token. */
void context_add(int fd, const uint8_t token[WORLD_TOKEN_LEN]);

/* The token of descriptor @fd of a thread. 0, or -ENOTTY if it is no context. */
int context_find(pid_t tid, int fd, uint8_t token[WORLD_TOKEN_LEN]);

/* Lets go of what is kept for the calling thread of the supervisor, which ends. */
void context_end_thread(void);

/* A channel that nobody else uses, and its return. 0 or a negative errno. */
int context_channel_get(const struct supervisor *supervisor, struct channel *channel);
void context_channel_put(struct channel *channel, bool usable);

#endif /* CMD_TSWORLD_SUPERVISOR_SUPERVISOR_H */
