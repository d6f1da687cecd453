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
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor.h"
#include "task.h"

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

/* Our own copy of a thread's descriptor, or a negative errno. */
static int copy_descriptor(pid_t tid, int fd)
{
	int pidfd, copy, err;

	pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	if (pidfd < 0) {
		/* Not the first thread of its process. */
		tid = task_process(tid);
		if (tid < 0)
			return tid;
		pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
		if (pidfd < 0)
			return -errno;
	}
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	err = -errno;
	close(pidfd);
	return copy < 0 ? err : copy;
}

int context_find(pid_t tid, int fd, uint8_t token[WORLD_TOKEN_LEN])
{
	char path[48];
	struct stat st;
	bool found;
	int copy, err;

	if (fd < 0)
		return -ENOTTY;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	if (stat(path, &st) || !S_ISSOCK(st.st_mode))
		return -ENOTTY;
	pthread_mutex_lock(&context_lock);
	found = contexts[st.st_ino % CONTEXTS].inode == st.st_ino;
	if (found)
		memcpy(token, contexts[st.st_ino % CONTEXTS].token, WORLD_TOKEN_LEN);
	pthread_mutex_unlock(&context_lock);
	if (found)
		return 0;

	copy = copy_descriptor(tid, fd);
	if (copy < 0)
		return -ENOTTY;
	err = world_token(copy, token);
	if (!err)
		context_add(copy, token);
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
