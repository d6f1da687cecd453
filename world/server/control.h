/* SPDX-License-Identifier: BSD-3-Clause */
/* Control connections: what a client asks of the world itself. For the watcher. */
#ifndef WORLD_SERVER_CONTROL_H
#define WORLD_SERVER_CONTROL_H

#include <stdbool.h>

#include "identity.h"
#include "partitions.h"

/* What the watcher knows of the world. */
struct world_facts {
	const char *state;
	const struct partition_list *partitions;
	size_t clients; /* processes with a connection, but for the one that asks */
	size_t contexts;
	size_t channels;
};

struct control;

/* For a client @peer on @socket_fd; both must remain until control_free(). NULL: no memory. */
struct control *control_create(int socket_fd, const struct identity *peer);

/* Ends with it the faults and traces that it asked for. */
void control_free(struct control *control);

/*
 * Whether it writes a trace to a socket, which may be the client's own end: then nobody but the
 * client itself tells that it is gone.
 */
bool control_keeps_socket(const struct control *control);

/*
 * Whether it waits for an answer that comes later: no command is to be received from it, but
 * control_answer() tried until that is true.
 */
bool control_waits(const struct control *control);

/* True if it waits no longer. */
bool control_answer(struct control *control);

/*
 * Receives and answers a command. 0, or a negative errno: then the client is to be hung up.
 * *@stop is set when the world is to end.
 */
int control_serve(struct control *control, const struct world_facts *facts, bool *stop);

#endif /* WORLD_SERVER_CONTROL_H */
