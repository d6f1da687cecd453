/* SPDX-License-Identifier: BSD-3-Clause */
/* The seccomp filter of wrapped programs, and the ioctls of its listener. */
#ifndef CMD_TSWORLD_SUPERVISOR_FILTER_H
#define CMD_TSWORLD_SUPERVISOR_FILTER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Puts the calling process, and all that it starts, under the filter, which with @looks stops
 * stats, accesses and listings too. Sets no_new_privs.
 * Returns the listener, close-on-exec, or a negative errno: -EINVAL if the kernel is older
 * than 5.19, -EBUSY if another supervisor is at work already, -EPERM or -ENOSYS if a sandbox
 * forbids it.
 */
int filter_install(bool looks);

/* Room for what later kernels may append to the structures of a notification. */
union notification {
	struct seccomp_notif req;
	char room[512];
};

/* Whether the kernel's notifications fit. 0, -E2BIG or another negative errno. */
int filter_check_sizes(void);

/* Asks for wake-ups on the same processor, where the kernel can (6.6). */
void filter_set_sync(int listener);

/* Waits for a notification. 0, -EINTR, or -ENOENT if its thread is gone. */
int notification_receive(int listener, union notification *notification);

/* Whether the thread that caused it still waits, so that its ID is nobody else's. */
bool notification_valid(int listener, uint64_t id);

/* Ends the system call: with @value, or with the errno -@value. */
void notification_answer(int listener, uint64_t id, int64_t value);

/* Lets the kernel carry out the system call. */
void notification_continue(int listener, uint64_t id);

/*
 * Ends the system call with a new descriptor of the thread for @fd, which is closed in any case;
 * @flags is O_CLOEXEC or 0. If there is no room in its table the call fails with EMFILE.
 */
void notification_answer_fd(int listener, uint64_t id, int fd, unsigned int flags);

#endif /* CMD_TSWORLD_SUPERVISOR_FILTER_H */
