/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages with a descriptor on the world's sockets, for both ends. No state. */
#ifndef WORLD_MESSAGE_H
#define WORLD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Sends @len bytes, and @passed_fd if it isn't -1, which stays the caller's. @flags are those of
 * sendmsg(), such as MSG_DONTWAIT. 0 or a negative errno; no SIGPIPE.
 */
int message_send(int fd, const void *data, size_t len, int passed_fd, int flags);

/*
 * Receives a message, and with it a descriptor in *@passed_fd, close-on-exec, the caller's, -1
 * if it brought none. @flags are those of recvmsg().
 *
 * The length, 0 at the end of the connection, or a negative errno: -EMSGSIZE for a message of
 * more than @size bytes; -EPROTO for one that brings more descriptors than one, or any to a
 * caller who passes NULL, or one with nothing else; -EMFILE if there was no room for it. Such a
 * message stays in the queue, and what it brings is not the caller's: the connection is of no
 * more use. Closing it, or a descriptor that came, waits for as long as the sender likes.
 */
ssize_t message_receive(int fd, void *data, size_t size, int *passed_fd, int flags);

/* Whether a message is in the queue of @fd, an empty one included. For a socket's last look. */
bool message_waits(int fd);

#endif /* WORLD_MESSAGE_H */
