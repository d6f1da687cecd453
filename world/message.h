/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages with a descriptor on the world's sockets, for both ends. No state. */
#ifndef WORLD_MESSAGE_H
#define WORLD_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Sends @len bytes, and @passed_fd if it isn't -1, which stays the caller's. @flags are those of
 * sendmsg(), such as MSG_DONTWAIT. 0 or a negative errno; no SIGPIPE.
 */
int message_send(int fd, const void *data, size_t len, int passed_fd, int flags);

/*
 * Receives a message, and with it a descriptor in *@passed_fd, close-on-exec, -1 if it brought
 * none; more than one are closed, and all of them if @passed_fd is NULL. @flags are those of
 * recvmsg(). The length, 0 at the end of the connection, or a negative errno: -EMSGSIZE for a
 * message of more than @size bytes.
 */
ssize_t message_receive(int fd, void *data, size_t size, int *passed_fd, int flags);

#endif /* WORLD_MESSAGE_H */
