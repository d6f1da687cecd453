// SPDX-License-Identifier: BSD-3-Clause
/*
 * The supervisor's process: run's child and the program's parent.
 *
 * It is the parent because some kernels (Yama) let only a process's ancestors look into its
 * memory; for the same reason it adopts what the program leaves behind. It is a process of its
 * own because that may outlive run. Whoever of the two is killed, the program is killed: by
 * this one when it loses run, by the kernel when it loses this one.
 *
 * Besides the threads of worker.c it has the one that waits here. All signals are blocked, and
 * it is in a session of its own: it ends for one reason only, that the last process under the
 * filter is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <world/message.h>
#include <world/nothing.h>

#include "filter.h"
#include "region.h"
#include "supervise.h"
#include "supervisor.h"
#include "task.h"

/* As a shell has it. */
#define EXIT_NOT_STARTED 126
#define EXIT_NOT_FOUND	 127

/* What can be read at the same place in the program before it is started. */
static const char visible[] = "tsworld";

int run_send(int socket, enum run_event event, int32_t value, const char *path, int fd)
{
	struct run_message message = { .event = event, .value = value };

	if (path && strlen(path) >= sizeof(message.path))
		return -ENAMETOOLONG;
	if (path)
		strcpy(message.path, path);
	return message_send(socket, &message, sizeof(message), fd, 0);
}

int run_receive(int socket, struct run_message *message, int *fd)
{
	const ssize_t len = message_receive(socket, message, sizeof(*message), fd, 0);

	if (len <= 0)
		return len ? (int)len : -EPIPE;
	message->path[sizeof(message->path) - 1] = '\0';
	return 0;
}

/* The program's process until it becomes the program. */
static _Noreturn void be_program(const struct run_program *program, int socket, pid_t supervisor)
{
	struct run_message message;
	int listener, err, fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor)
		_exit(EXIT_NOT_STARTED);
	listener = filter_install(program->looks);
	if (listener < 0)
		err = run_send(socket, RUN_REFUSED, listener, NULL, -1);
	else
		err = run_send(socket, RUN_READY, 0, NULL, listener);
	if (listener >= 0)
		close(listener);
	if (err || run_receive(socket, &message, &fd))
		_exit(EXIT_NOT_STARTED);

	/* The world that it is in is this one, whatever the environment said before. */
	unsetenv("TSTEE_WORLD");
	setenv("TSTEE_RUN", message.path, 1);
	sigaction(SIGCHLD, &program->child, NULL);
	sigprocmask(SIG_SETMASK, &program->mask, NULL);
	execvp(program->file, program->argv);
	err = errno;
	fprintf(stderr, "tsworld: %s: %s\n", program->argv[0], strerror(err));
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED);
}

/*
 * Lets go of all that the supervisor got from run and has no use for: a pipe's reader would
 * wait for it, a file system couldn't be unmounted.
 */
static int detach(int run_fd, int program_fd)
{
	const int low = run_fd < program_fd ? run_fd : program_fd;
	const int high = run_fd < program_fd ? program_fd : run_fd;
	int null = nothing_open();

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return -errno;
	syscall(SYS_close_range, 3, low - 1, 0);
	syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, ~0u, 0);
	if (chdir("/"))
		return -errno;
	setsid();
	return 0;
}

/* The program's listener, once it is known that it will do. What went wrong is told to run. */
static int take_listener(int run_fd, int program_fd, pid_t program)
{
	struct run_message message;
	char seen[sizeof(visible)];
	int listener, err;

	err = run_receive(program_fd, &message, &listener);
	if (err || (listener < 0 && message.event != RUN_REFUSED)) {
		run_send(run_fd, RUN_FAILED, err ? err : -EPROTO, NULL, -1);
		return -1;
	}
	if (listener < 0 || (message.value = filter_check_sizes())) {
		run_send(run_fd, RUN_REFUSED, message.value, NULL, -1);
		return -1;
	}
	err = task_read(program, (uintptr_t)visible, seen, sizeof(seen));
	if (err) {
		run_send(run_fd, RUN_BLIND, err, NULL, -1);
		return -1;
	}
	return listener;
}

/* What the supervisor's first thread knows. */
struct watch {
	int run_fd;
	int listener;
	int control_fd;
	int timer_fd;
	int signal_fd;
	int request_fd; /* of signals.c */
	pid_t program;	/* 0 once it has ended */
};

static bool hung_up(int fd)
{
	struct pollfd pollfd = { .fd = fd };

	return poll(&pollfd, 1, 0) > 0;
}

static void watch_children(struct watch *watch)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	if (read(watch->signal_fd, &info, sizeof(info)) < 0 && errno != EAGAIN)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL)) > 0) {
		if (WIFSTOPPED(status) && signals_stopped(pid, status))
			continue;
		if (pid != watch->program)
			continue;
		if (WIFSTOPPED(status)) {
			int sig = WSTOPSIG(status);

			if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
				run_send(watch->run_fd, RUN_STOPPED, sig, NULL, -1);
			continue;
		}
		watch->program = 0;
		run_send(watch->run_fd, hung_up(watch->listener) ? RUN_ENDED_ALONE : RUN_ENDED,
			 status, NULL, -1);
	}
}

static void watch_run(struct watch *watch)
{
	struct run_message message;
	int fd;

	if (run_receive(watch->run_fd, &message, &fd)) {
		close(watch->run_fd);
		watch->run_fd = -1;
		if (watch->program)
			kill(watch->program, SIGKILL);
		return;
	}
	if (message.event == RUN_SIGNAL && watch->program)
		kill(watch->program, message.value);
	if (fd >= 0)
		close(fd);
}

/* Until the last one under the filter is gone. */
static void watch_all(struct watch *watch)
{
	bool gone = false;

	while (!gone || watch->program) {
		struct pollfd fds[] = {
			{ .fd = watch->run_fd, .events = POLLIN },
			{ .fd = watch->signal_fd, .events = POLLIN },
			{ .fd = gone ? -1 : watch->listener },
			{ .fd = watch->control_fd },
			{ .fd = watch->timer_fd, .events = POLLIN },
			{ .fd = watch->request_fd, .events = POLLIN },
		};

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0)
			continue;
		if (fds[0].revents)
			watch_run(watch);
		if (fds[1].revents)
			watch_children(watch);
		if (fds[2].revents)
			gone = true;
		if (fds[3].revents) {
			run_send(watch->run_fd, RUN_WORLD_GONE, 0, NULL, -1);
			close(watch->control_fd);
			watch->control_fd = -1;
		}
		if (fds[4].revents)
			regions_sweep();
		if (fds[5].revents)
			signals_serve();
	}
}

static void answer(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	if (req->data.nr == SYS_ioctl)
		supervise_ioctl(supervisor, req);
	else if (!supervise_signals(supervisor, req) && !supervise_look(supervisor, req))
		supervise_open(supervisor, req);
}

/* From the program's process being ready to its being started. 0 or a negative errno. */
static int start(struct watch *watch, struct supervisor *supervisor, char world[RUN_PATH_LEN])
{
	struct run_message message;
	sigset_t child;
	int err;

	err = run_send(watch->run_fd, RUN_READY, 0, NULL, -1);
	if (!err)
		err = run_receive(watch->run_fd, &message, &watch->control_fd);
	if (err)
		return err;
	if (message.event != RUN_START || watch->control_fd < 0)
		return -EPROTO;
	strcpy(world, message.path);
	supervisor->world = world;
	supervisor->listener = watch->listener;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	watch->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->signal_fd < 0)
		return -errno;
	watch->timer_fd = regions_timer();
	if (watch->timer_fd < 0)
		return watch->timer_fd;
	watch->request_fd = signals_start();
	if (watch->request_fd < 0)
		return watch->request_fd;
	return workers_start(supervisor, answer);
}

_Noreturn void supervise(int run_fd, const struct run_program *program)
{
	static struct supervisor supervisor;
	static char world[RUN_PATH_LEN];
	struct watch watch = { .run_fd = run_fd };
	const pid_t self = getpid();
	int pair[2], err;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		run_send(run_fd, RUN_FAILED, -errno, NULL, -1);
		_exit(1);
	}
	watch.program = fork();
	if (!watch.program) {
		close(run_fd);
		close(pair[0]);
		be_program(program, pair[1], self);
	}
	if (watch.program < 0) {
		run_send(run_fd, RUN_FAILED, -errno, NULL, -1);
		_exit(1);
	}
	close(pair[1]);
	err = detach(run_fd, pair[0]);
	if (err) {
		run_send(run_fd, RUN_FAILED, err, NULL, -1);
		_exit(1);
	}
	watch.listener = take_listener(run_fd, pair[0], watch.program);
	if (watch.listener < 0)
		_exit(1);
	err = start(&watch, &supervisor, world);
	if (!err)
		err = run_send(pair[0], RUN_START, 0, world, -1);
	if (err) {
		run_send(run_fd, RUN_FAILED, err, NULL, -1);
		_exit(1);
	}
	close(pair[0]);
	watch_all(&watch);
	_exit(0);
}
