// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which socket is which context, and the channels to the world.
 *
 * A program's descriptor of a context is recognised by the inode of its socket. What isn't
 * remembered, because it came from another supervisor's program or its place was taken, is
 * looked up in the socket itself. Channels are kept in a stack, so that the one used last,
 * whose thread in the world is the warmest, is used next.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define CONTEXTS 1024 /* places, by inode */
#define CHANNELS 16   /* kept when idle */

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	ino_t inode;
	uint8_t token[WORLD_TOKEN_LEN];
} contexts[CONTEXTS];

static pthread_mutex_t channel_lock = PTHREAD_MUTEX_INITIALIZER;
static struct channel channels[CHANNELS];
static size_t channel_count;

/* The wrapped thread that this one looked into last. */
static _Thread_local struct {
	pid_t tid; /* 0: none */
	int pidfd;
} last;

void context_add(int fd, const uint8_t token[WORLD_TOKEN_LEN])
{
	struct stat st;

	if (fstat(fd, &st))
		return;
	pthread_mutex_lock(&context_lock);
	contexts[st.st_ino % CONTEXTS].inode = st.st_ino;
	memcpy(contexts[st.st_ino % CONTEXTS].token, token, WORLD_TOKEN_LEN);
	pthread_mutex_unlock(&context_lock);
}

/* A reference to a thread; of old kernels (before 6.9) only to the first one of a process. */
static int open_thread(pid_t tid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);

	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	return pidfd;
}

void context_end_thread(void)
{
	if (last.tid)
		close(last.pidfd);
	last.tid = 0;
}

/*
 * Our own copy of a thread's descriptor, or a negative errno: -EBADF if it has none,
 * -EPERM if that is forbidden here. The reference to the last thread is kept, which no other
 * thread can be taken for.
 */
static int copy_descriptor(pid_t tid, int fd)
{
	int copy;

	for (int tries = 0; tries < 2; tries++) {
		if (last.tid != tid) {
			context_end_thread();
			last.pidfd = open_thread(tid);
			if (last.pidfd < 0)
				return -errno;
			last.tid = tid;
		}
		copy = (int)syscall(SYS_pidfd_getfd, last.pidfd, fd, 0);
		if (copy >= 0)
			return copy;
		if (errno != ESRCH)
			return -errno;
		context_end_thread();
	}
	return -ESRCH;
}

/* What a thread's descriptor is, the slower way, which sandboxes don't forbid. */
static int stat_descriptor(pid_t tid, int fd, struct stat *st)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	return stat(path, st);
}

static bool recall(ino_t inode, uint8_t token[WORLD_TOKEN_LEN])
{
	bool found;

	pthread_mutex_lock(&context_lock);
	found = contexts[inode % CONTEXTS].inode == inode;
	if (found)
		memcpy(token, contexts[inode % CONTEXTS].token, WORLD_TOKEN_LEN);
	pthread_mutex_unlock(&context_lock);
	return found;
}

int context_find(pid_t tid, int fd, uint8_t token[WORLD_TOKEN_LEN])
{
	struct stat st;
	int copy, err;

	if (fd < 0)
		return -ENOTTY;
	copy = copy_descriptor(tid, fd);
	if (copy == -EBADF)
		return -ENOTTY;
	err = copy < 0 ? stat_descriptor(tid, fd, &st) : fstat(copy, &st);
	if (err || !S_ISSOCK(st.st_mode)) {
		err = -ENOTTY;
	} else if (!recall(st.st_ino, token)) {
		err = world_token(copy, token);
		if (!err)
			context_add(copy, token);
	}
	if (copy >= 0)
		close(copy);
	return err;
}

int context_channel_get(const struct supervisor *supervisor, struct channel *channel)
{
	bool found;

	pthread_mutex_lock(&channel_lock);
	found = channel_count > 0;
	if (found)
		*channel = channels[--channel_count];
	pthread_mutex_unlock(&channel_lock);
	return found ? 0 : channel_open(channel, supervisor->world);
}

void context_channel_put(struct channel *channel, bool usable)
{
	pthread_mutex_lock(&channel_lock);
	if (usable && channel_count < CHANNELS) {
		channels[channel_count++] = *channel;
		channel = NULL;
	}
	pthread_mutex_unlock(&channel_lock);
	if (channel)
		channel_close(channel);
}
