/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Letting go of descriptors that come from others. Closing one can take as long as its sender
 * likes (SO_LINGER, a file system of its own), and so can closing a socket in whose queue others
 * wait. All functions but drop_close() are for the watcher.
 */
#ifndef WORLD_SERVER_DROP_H
#define WORLD_SERVER_DROP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Before all others and before there are threads: takes a signal for its own. */
int drop_start(void);

/* Closes @fd, which user @uid has sent, without waiting for it. */
void drop_add(int fd, uid_t uid);

/* The same for a connected socket of user @uid: nothing more can be sent to it. */
void drop_add_socket(int fd, uid_t uid);

/* How many descriptors of user @uid, and how many of all, aren't closed yet. */
size_t drop_count_of(uid_t uid);
size_t drop_count(void);

/* To be called again and again while drop_count() isn't 0: hurries those that take long. */
void drop_look(void);

/*
 * For a thread that can wait: closes @fd; drop_hurry(), which the watcher calls for it again and
 * again when the thread is to end, cuts short what can be cut short.
 */
void drop_close(int fd);
void drop_hurry(pthread_t thread);

#endif /* WORLD_SERVER_DROP_H */
