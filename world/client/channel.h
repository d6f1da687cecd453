/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's end of the world protocol (tstee/world.h): for libtstee and for tsworld. All
 * descriptors are close-on-exec. Errors are negative errno; nothing is printed.
 */
#ifndef WORLD_CLIENT_CHANNEL_H
#define WORLD_CLIENT_CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <tstee/world.h>

/* A channel. One thread at a time, and not by a child after fork. */
struct channel {
	int fd;
	struct world_channel *page; /* shared with the world; not inherited by children */
};

/* What a call gives and gets: as in struct world_channel, but private. */
struct channel_call {
	uint32_t op;
	uint32_t flags;
	uint32_t tid;
	uint32_t device;
	uint32_t cmd;
	uint32_t arg_len;
	uint32_t buf_len;
	int fd; /* request: sent with WORLD_FD, stays the caller's; response: received, or -1 */
	uint8_t token[WORLD_TOKEN_LEN];
	uint8_t arg[WORLD_ARG_LEN];
	uint8_t buf[WORLD_BUF_LEN];
};

/*
 * Connects to the world at @path: a socket, or a state directory with one in it; of any length.
 * Sends the hello; -ECONNREFUSED if no world is there. A descriptor or an error.
 */
int world_connect(const char *path, enum world_connection kind, uint32_t device);

/* Opens /dev/tee@device: the context's descriptor, or an error; -ENOENT: no such device. */
int world_open_device(const char *path, uint32_t device);

/* Looks up the token of a context, leaving it there. 0, or -ENOTTY if @fd is no context. */
int world_token(int fd, uint8_t token[WORLD_TOKEN_LEN]);

int channel_open(struct channel *channel, const char *path);
void channel_close(struct channel *channel);

/*
 * Makes a call and waits for its end. When @killed is not NULL it is asked now and then; once
 * it says true the channel is shut down and the call ends with -EINTR. Returns the result of
 * the call; -ENODEV if the world is gone. After -EINTR or -ENODEV the channel is of no more
 * use but for channel_close().
 */
int64_t channel_call(struct channel *channel, struct channel_call *call, int (*killed)(void *arg),
		     void *arg);

/* Opens a control connection: it keeps the world alive until closed. A descriptor or an error. */
int control_open(const char *path);

/*
 * Sends a command on a control connection, with descriptor @fd or -1, and receives the reply:
 * its error, and *@reply_len bytes of text with it. -ENODEV if the world is gone; *@reply_len
 * is 0 unless there was a reply.
 */
int control_command(int control_fd, struct world_command *command, size_t text_len, int fd,
		    struct world_reply *reply, size_t *reply_len);

#endif /* WORLD_CLIENT_CHANNEL_H */
