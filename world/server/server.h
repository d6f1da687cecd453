/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Worlds: starting one, running one, and the state directory that each has for itself. For
 * tsworld. Errors are negative errno with one line of text, which tells what to do:
 *
 * -EBUSY         another world has the state directory
 * -ENOTSUP       the state directory is of a newer format
 * -EPERM         the state directory is another user's, or others can write to it
 * -EEXIST        the world runs other partitions than are asked for
 * -ECONNREFUSED  no world is up
 */
#ifndef WORLD_SERVER_SERVER_H
#define WORLD_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WORLD_ERROR_LEN 512

/* A line of text for people, without a newline. */
struct world_error {
	char text[WORLD_ERROR_LEN];
};

#define WORLD_SOCKETS_MAX     8
#define WORLD_TEE_DEVICES_MAX 64

struct world_config {
	const char *state;	    /* directory, or NULL for the default */
	const char *partitions_dir; /* or NULL for the default */
	const char *const *partitions;
	size_t partition_count; /* in addition; all default if there are none of both */

	bool debug;		  /* debuggers may attach to partitions */
	bool public_is_user;	  /* who logs in as public is his user instead */
	unsigned int tee_devices; /* so many at most; 0: as Linux has */

	/* Of use to world_serve() only: */
	const char *socket; /* listen on this path too, or NULL */
	mode_t socket_mode;
	int starter_fd; /* started on demand: connection to the starter; else -1 */
	int first_fd;	/* sockets that listen already: the first one, */
	int fd_count;	/* and how many there are; at most WORLD_SOCKETS_MAX */
};

/*
 * Connects a control connection to the world of @config->state; starts that world if it isn't
 * up. It then lives for as long as anybody is connected. To be called before the process has
 * threads or children. A descriptor or an error.
 */
int world_ensure(const struct world_config *config, struct world_error *error);

/* The absolute path of the state directory, for world_connect(); the caller frees it. 0 or an
 * error. */
int world_state_path(const char *state, char **path, struct world_error *error);

/*
 * Runs a world in this process until it is told to end, calling @ready once it takes clients.
 * 0, or an error if it could not start.
 */
int world_serve(const struct world_config *config, void (*ready)(const char *state),
		struct world_error *error);

#endif /* WORLD_SERVER_SERVER_H */
