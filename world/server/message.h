/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages on the world's sockets; none of these waits. No state. */
#ifndef WORLD_SERVER_MESSAGE_H
#define WORLD_SERVER_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

/* Sends @len bytes, and @passed_fd if it isn't -1. 0 or a negative errno. */
int message_send(int fd, const void *data, size_t len, int passed_fd);

/*
 * Receives a message, of which the first @size bytes are kept, and a descriptor in *@passed_fd,
 * -1 if it brought none; more are closed. NULL: all are closed. The whole length of the
 * message, 0 at the end, or a negative errno.
 */
ssize_t message_receive(int fd, void *data, size_t size, int *passed_fd);

#endif /* WORLD_SERVER_MESSAGE_H */
