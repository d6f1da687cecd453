// SPDX-License-Identifier: BSD-3-Clause
/* Joining the world of a state directory, which is started if it isn't up. No state. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <world/client/channel.h>
#include <world/nothing.h>

#include "partitions.h"
#include "server.h"
#include "state.h"

/* For a world that another process is just starting, or that is just ending. */
#define TRIES	5000
#define WAIT_NS 1000000L

/* For a world with other partitions that nobody uses any more: started on demand, it ends. */
#define END_TRIES   20
#define END_WAIT_NS 50000000L

/* The connection to the starter, behind the standard ones. */
#define WORLD_FD_NUMBER 3
#define WORLD_FD_TEXT	"3"

/* Arguments of tsworld serve: name, command, options, --on-demand FD, end. */
#define ARGUMENTS 16

static int fill_arguments(const struct world_config *config, const char *state, char ***out)
{
	const char **argv = calloc(ARGUMENTS + 2 * config->partition_count, sizeof(*argv));
	static char devices[12];
	size_t n = 0;

	if (!argv)
		return -ENOMEM;
	argv[n++] = "tsworld";
	argv[n++] = "serve";
	argv[n++] = "--state";
	argv[n++] = state;
	argv[n++] = "--on-demand";
	argv[n++] = WORLD_FD_TEXT;
	if (config->debug)
		argv[n++] = "--debug";
	if (config->public_is_user)
		argv[n++] = "--public-is-user";
	if (config->tee_devices) {
		snprintf(devices, sizeof(devices), "%u", config->tee_devices);
		argv[n++] = "--tee-devices";
		argv[n++] = devices;
	}
	if (config->partitions_dir) {
		argv[n++] = "--partitions";
		argv[n++] = config->partitions_dir;
	}
	for (size_t i = 0; i < config->partition_count; i++) {
		argv[n++] = "--partition";
		argv[n++] = config->partitions[i];
	}
	*out = (char **)argv;
	return 0;
}

/*
 * In the grandchild: becomes the world, with nothing of the caller's but the connection and
 * the working directory, in which relative paths of partitions are found.
 */
_Noreturn static void become_world(int fd, char **argv)
{
	int null = nothing_open();
	sigset_t none;

	/* Out of the way of those that it might be one of. */
	fd = fcntl(fd, F_DUPFD, WORLD_FD_NUMBER + 1);
	for (int i = 0; i < WORLD_FD_NUMBER; i++)
		dup2(null, i);
	if (fd < 0 || dup2(fd, WORLD_FD_NUMBER) < 0)
		_exit(127);
	/* Where the call isn't known descriptors remain that aren't close-on-exec. */
	close_range(WORLD_FD_NUMBER + 1, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv("/proc/self/exe", argv);
	_exit(127);
}

/* Forks twice, so that the world is nobody's child. */
static int spawn(int fd, char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		setsid();
		pid = fork();
		if (!pid)
			become_world(fd, argv);
		_exit(pid < 0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 0; /* the caller ignores its children */
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EAGAIN;
}

/* What the world says first: that it is up, or why not. */
static int await_start(int fd, struct world_error *error)
{
	struct world_start_failure first = { 0 };
	ssize_t len;

	do {
		len = recv(fd, &first, sizeof(first), 0);
	} while (len < 0 && errno == EINTR);
	if (len < (ssize_t)sizeof(first.status) || first.status.magic != WORLD_MAGIC)
		return world_fail(error, -EIO,
				  "the world could not be started; world.log in its state "
				  "directory may tell why");
	if (!first.status.error)
		return 0;
	*error = first.error;
	error->text[sizeof(error->text) - 1] = '\0';
	return first.status.error < 0 ? first.status.error : -EIO;
}

/* A control connection to a new world, or why there is none. */
static int start_world(const struct world_config *config, const char *state,
		       struct world_error *error)
{
	char **argv;
	int fds[2], err;

	/* It could not even say so: it is started by way of /proc. */
	err = world_system_check(error);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return world_fail(error, -errno, "no socket: %s", strerror(errno));
	err = fill_arguments(config, state, &argv);
	if (!err) {
		err = spawn(fds[1], argv);
		free(argv);
	}
	close(fds[1]);
	if (err)
		world_fail(error, err, "the world can't be started: %s", strerror(-err));
	else
		err = await_start(fds[0], error);
	if (err) {
		close(fds[0]);
		return err;
	}
	return fds[0];
}

/* Whoever names partitions wants those. */
static int check_partitions(const struct world_config *config, const char *state, int fd,
			    struct world_error *error)
{
	struct world_command *command = calloc(1, sizeof(*command));
	struct world_reply *reply = calloc(1, sizeof(*reply));
	char *asked = malloc(WORLD_TEXT_LEN);
	struct partition_list list = { 0 };
	size_t len = 0;
	int err = -ENOMEM, asked_len = -1;

	if (!command || !reply || !asked) {
		world_fail(error, err, "out of memory");
		goto out;
	}
	err = partitions_find(config, &list, error);
	if (err)
		goto out;
	asked_len = partitions_print(&list, asked, WORLD_TEXT_LEN);
	command->op = WORLD_GET_PROGRAMS;
	err = control_command(fd, command, 0, -1, reply, &len);
	if (err)
		world_fail(error, err, "%s: the world doesn't tell its partitions: %s", state,
			   strerror(-err));
	else if (asked_len < 0 || len != (size_t)asked_len || memcmp(reply->text, asked, len) != 0)
		err = world_fail(error, -EEXIST,
				 "%s: the world that is up runs other partitions; stop it first, "
				 "or use another state directory (--state)",
				 state);
out:
	partitions_free(&list);
	free(asked);
	free(reply);
	free(command);
	return err;
}

static int join(const struct world_config *config, const char *state, struct world_error *error)
{
	int fd = control_open(state);
	int err = 0;

	if (fd < 0)
		return fd;
	if (config->partitions_dir || config->partition_count)
		err = check_partitions(config, state, fd, error);
	if (err) {
		close(fd);
		/* It ended meanwhile. */
		return err == -ENODEV ? -ECONNREFUSED : err;
	}
	return fd;
}

/* Whether nobody but us is connected to the world: one that was started on demand is ending. */
static bool unused(const char *state)
{
	static const char clients[] = "\"clients\": ";
	struct world_command *command = calloc(1, sizeof(*command));
	struct world_reply *reply = calloc(1, sizeof(*reply) + 1);
	const char *found = NULL;
	int fd = control_open(state);
	size_t len;
	bool none;

	if (command && reply && fd >= 0) {
		command->op = WORLD_GET_STATUS;
		memcpy(command->text, "json", 4);
		if (!control_command(fd, command, 4, -1, reply, &len))
			found = strstr(reply->text, clients);
	}
	if (found)
		found += sizeof(clients) - 1;
	if (fd >= 0)
		close(fd);
	/* One that is gone meanwhile is as good. */
	none = fd < 0 || (found && *found == '0');
	free(reply);
	free(command);
	return none;
}

int world_ensure(const struct world_config *config, struct world_error *error)
{
	const struct timespec wait = { .tv_nsec = WAIT_NS }, end_wait = { .tv_nsec = END_WAIT_NS };
	int fd, err, others = 0;
	char *state;

	err = world_state_path(config->state, &state, error);
	if (err)
		return err;
	error->text[0] = '\0';
	for (int i = 0;; i++) {
		fd = join(config, state, error);
		if (fd == -ECONNREFUSED)
			fd = start_world(config, state, error);
		if (fd == -EEXIST && others++ < END_TRIES && unused(state)) {
			nanosleep(&end_wait, NULL);
			continue;
		}
		/* Somebody else is starting it: join that one. */
		if (fd != -EBUSY || i == TRIES)
			break;
		nanosleep(&wait, NULL);
	}
	if (fd < 0 && !error->text[0])
		world_fail(error, fd, "%s: %s", state, strerror(-fd));
	free(state);
	return fd;
}
