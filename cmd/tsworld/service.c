// SPDX-License-Identifier: BSD-3-Clause
/*
 * A world as a service: the environment of systemd's services (systemd.exec(5), sd_listen_fds(3),
 * sd_notify(3)), a descriptor to be told by, or a parent that waits. No state.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <world/nothing.h>

#include "service.h"
#include "tsworld.h"

/* Where sockets that were passed begin: SD_LISTEN_FDS_START. */
#define LISTEN_FDS_START 3

/* A number, or -1 if it is none. */
static long number_in(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long value;

	if (!text || *text < '0' || *text > '9')
		return -1;
	value = strtol(text, &end, 10);
	return *end ? -1 : value;
}

static int take_sockets(struct world_config *config)
{
	const long count = number_in("LISTEN_FDS");

	if (number_in("LISTEN_PID") != (long)getpid() || !getenv("LISTEN_FDS") || !count)
		return TSWORLD_OK;
	if (count < 0)
		return tsworld_fail(TSWORLD_OTHER, "LISTEN_FDS=%s: not a number of sockets",
				    getenv("LISTEN_FDS"));
	if (count > WORLD_SOCKETS_MAX)
		return tsworld_fail(TSWORLD_OTHER, "%ld sockets were passed, at most %d can be",
				    count, WORLD_SOCKETS_MAX);
	config->first_fd = LISTEN_FDS_START;
	config->fd_count = (int)count;
	for (int i = 0; i < config->fd_count; i++)
		fcntl(config->first_fd + i, F_SETFD, FD_CLOEXEC);
	return TSWORLD_OK;
}

/* The first folder of several; NULL if the variable isn't set, or empty. */
static int folder_in(const char *name, char **folder)
{
	const char *text = getenv(name);

	*folder = NULL;
	if (!text || !*text)
		return TSWORLD_OK;
	if (*text != '/')
		return tsworld_fail(TSWORLD_USAGE, "%s=%s: not an absolute path", name, text);
	*folder = strndup(text, strcspn(text, ":"));
	return *folder ? TSWORLD_OK : tsworld_fail(TSWORLD_OTHER, "out of memory");
}

int service_start(struct service *service, struct world_config *config)
{
	char *state, *runtime = NULL;
	int code = TSWORLD_OK;

	if (!config->state) {
		code = folder_in("STATE_DIRECTORY", &state);
		/* Kept for as long as the process. */
		config->state = state;
	}
	if (!code)
		code = take_sockets(config);
	if (!code)
		code = folder_in("RUNTIME_DIRECTORY", &runtime);
	if (!code && runtime && !config->socket && !config->fd_count) {
		if (asprintf(&service->runtime_path, "%s/world", runtime) < 0)
			code = tsworld_fail(TSWORLD_OTHER, "out of memory");
		else
			config->socket = service->runtime_path;
	}
	free(runtime);
	if (!code && service->socket_mode_given && !config->socket)
		code = tsworld_fail(TSWORLD_USAGE, "--socket-mode: of which socket? Name it by "
						   "--socket");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return code;
}

bool service_fork(struct service *service, int *code)
{
	char ready;
	int fds[2], status;
	ssize_t len;
	pid_t pid;

	service->starter_fd = -1;
	*code = TSWORLD_OK;
	if (!service->daemonize)
		return false;
	if (pipe2(fds, O_CLOEXEC)) {
		*code = tsworld_fail(TSWORLD_OTHER, "--daemonize: %s", strerror(errno));
		return true;
	}
	pid = fork();
	if (!pid) {
		close(fds[0]);
		service->starter_fd = fds[1];
		setsid();
		return false;
	}
	close(fds[1]);
	if (pid < 0) {
		*code = tsworld_fail(TSWORLD_OTHER, "--daemonize: %s", strerror(errno));
		return true;
	}
	do {
		len = read(fds[0], &ready, 1);
	} while (len < 0 && errno == EINTR);
	if (len == 1)
		return true;
	/* It has said why. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*code = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : TSWORLD_OTHER;
	return true;
}

/* A service manager that isn't there any more is told nothing. */
static void notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len > sizeof(address.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

/* From now on what it says is in the state directory, as with a world that was started on demand. */
static void leave_terminal(const char *state)
{
	char *path = NULL;
	int null = nothing_open(), log = -1;

	if (asprintf(&path, "%s/world.log", state) >= 0)
		log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log < 0 ? null : log, STDERR_FILENO);
	close(null);
	if (log >= 0)
		close(log);
	if (chdir("/"))
		fputs("world: can't leave the directory it was started in\n", stderr);
}

static void tell(int *fd)
{
	if (*fd < 0)
		return;
	if (write(*fd, "\n", 1) < 0)
		fprintf(stderr, "world: nobody waits for it to be up: %s\n", strerror(errno));
	close(*fd);
	*fd = -1;
}

void service_ready(struct service *service, const char *state)
{
	if (service->starter_fd < 0) {
		printf("tsworld: the world in %s is up\n", state);
		fflush(stdout);
	} else {
		leave_terminal(state);
	}
	notify("READY=1");
	tell(&service->ready_fd);
	tell(&service->starter_fd);
}

void service_end(struct service *service)
{
	notify("STOPPING=1");
	free(service->runtime_path);
}
