/* SPDX-License-Identifier: BSD-3-Clause */
/* The sockets on which a world listens. */
#ifndef WORLD_SERVER_LISTENER_H
#define WORLD_SERVER_LISTENER_H

#include <sys/types.h>

#include "state.h"

struct listener {
	int fd;	    /* -1: none */
	int dir_fd; /* of the directory it is in; -1: adopted */
	char name[64];
	dev_t dev; /* what it is, to remove nothing else */
	ino_t ino;
};

/* Listens in the state directory, whose lock is held: what is left of an earlier world goes. */
int listener_open_state(struct listener *listener, const struct world_state *state,
			struct world_error *error);

/* Listens on @path for everybody that @mode allows. -EADDRINUSE if somebody else does. */
int listener_open_path(struct listener *listener, const char *path, mode_t mode,
		       struct world_error *error);

/*
 * Takes @fd, a socket that listens already, which whoever started this process has bound and will
 * remove. -EINVAL, and @fd stays the caller's, if it is anything else.
 */
int listener_adopt(struct listener *listener, int fd, struct world_error *error);

/* Removes the socket, if it was made here. */
void listener_close(struct listener *listener);

#endif /* WORLD_SERVER_LISTENER_H */
