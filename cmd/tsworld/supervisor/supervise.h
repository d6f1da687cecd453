/* SPDX-License-Identifier: BSD-3-Clause */
/* Between tsworld run and its supervisor. */
#ifndef CMD_TSWORLD_SUPERVISOR_SUPERVISE_H
#define CMD_TSWORLD_SUPERVISOR_SUPERVISE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* They talk by a SOCK_SEQPACKET socket. */
enum run_event {
	/* From the supervisor. */
	RUN_READY = 1,	 /* the program can be started */
	RUN_REFUSED,	 /* value: a negative errno of filter_install() or filter_check_sizes() */
	RUN_BLIND,	 /* value: a negative errno; the program's memory can't be read */
	RUN_FAILED,	 /* value: a negative errno of anything else, before the program's start */
	RUN_STOPPED,	 /* value: the signal of job control that stopped the program */
	RUN_WORLD_GONE,	 /* no device works any more */
	RUN_ENDED,	 /* value: the program's wait status */
	RUN_ENDED_ALONE, /* likewise, and nobody is left whom it started */
	/* From run. */
	RUN_START,  /* brings a control connection; path: the world's socket */
	RUN_SIGNAL, /* value: a signal for the program */
};

#define RUN_PATH_LEN 4096

struct run_message {
	uint32_t event; /* enum run_event */
	int32_t value;
	char path[RUN_PATH_LEN];
};

/* One message, with descriptor @fd or -1. 0 or a negative errno. */
int run_send(int socket, enum run_event event, int32_t value, const char *path, int fd);

/* Waits for one; *@fd is the descriptor with it, or -1. 0, -EPIPE at the end, or another. */
int run_receive(int socket, struct run_message *message, int *fd);

/* What to start, and how it was before. */
struct run_program {
	const char *file; /* with a slash, or else to be found in PATH */
	char *const *argv;
	bool looks; /* it sees devices by stat and in listings, too */
	sigset_t mask;
	struct sigaction child; /* on SIGCHLD */
};

/*
 * The supervisor's life, in a child of run with all signals blocked: starts the program and
 * stays until nobody is left who could need it. Never returns.
 */
_Noreturn void supervise(int run_fd, const struct run_program *program);

#endif /* CMD_TSWORLD_SUPERVISOR_SUPERVISE_H */
