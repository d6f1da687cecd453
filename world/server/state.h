/* SPDX-License-Identifier: BSD-3-Clause */
/* The state directory of a world: finding, making, checking and locking it. Its errors. */
#ifndef WORLD_SERVER_STATE_H
#define WORLD_SERVER_STATE_H

#include <tstee/world.h>

#include "server.h"

/* To its starter: the first message of a world that can't be started. Else it is the status. */
struct world_start_failure {
	struct world_status status;
	struct world_error error;
};

struct world_state {
	char *path; /* absolute */
	int dir_fd;
	int lock_fd;
};

/* Writes the text of @error. Returns @err. */
int world_fail(struct world_error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether the system has what a world needs to start: 0, or -ENOENT and why. */
int world_system_check(struct world_error *error);

/*
 * Makes the directory at @path, of any depth, if it isn't there, and takes it for this process:
 * nobody else's, nobody else's to write to, of a format that is known, locked. Sets the umask
 * to 077, since all that is in it is private.
 */
int state_open(struct world_state *state, const char *path, struct world_error *error);

/* Gives the directory to the next world. */
void state_close(struct world_state *state);

#endif /* WORLD_SERVER_STATE_H */
