/* SPDX-License-Identifier: BSD-3-Clause */
/* What whoever starts a world as a service passes to it, and how it is told that it is up. */
#ifndef CMD_TSWORLD_SERVICE_H
#define CMD_TSWORLD_SERVICE_H

#include <stdbool.h>
#include <world/server/server.h>

struct service {
	bool daemonize;		/* in: go to the background once ready */
	bool socket_mode_given; /* in: of a socket that --socket or RUNTIME_DIRECTORY names */
	int ready_fd;		/* in: gets a newline and is closed then; -1: none */
	int starter_fd;		/* to the process that waits; -1: none */
	char *runtime_path;	/* what @config's socket points to, or NULL */
};

/*
 * Fills what no option has said of @config: the state directory by STATE_DIRECTORY, sockets that
 * listen already by LISTEN_PID and LISTEN_FDS (sd_listen_fds(3)), else a socket "world" in
 * RUNTIME_DIRECTORY. Partitions see none of these variables. 0, or an exit code with a message.
 */
int service_start(struct service *service, struct world_config *config);

/*
 * With service->daemonize: forks. In the child 0; in the parent true, and in *@code with what it
 * is to end, once the child is ready or has ended.
 */
bool service_fork(struct service *service, int *code);

/* Tells everybody who waits that the world in @state is up, and lets go of the terminal. */
void service_ready(struct service *service, const char *state);

/* The world has ended. */
void service_end(struct service *service);

#endif /* CMD_TSWORLD_SERVICE_H */
