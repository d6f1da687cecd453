// SPDX-License-Identifier: BSD-3-Clause
/*
 * tsworld run: a program that sees virtual devices.
 *
 * This process stands for the program where it was started: it passes signals on, stops when
 * the program is stopped, and ends with its status. The program's system calls are answered by
 * the supervisor, its other relative (supervisor/supervise.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <world/client/channel.h>
#include <world/nothing.h>
#include <world/server/server.h>

#include "control.h"
#include "supervisor/supervise.h"
#include "tsworld.h"

/* As a shell has it. */
#define EXIT_NOT_STARTED 126
#define EXIT_NOT_FOUND	 127
#define EXIT_SIGNAL	 128

#define NO_SUPERVISOR_HINT \
	"; clients made with libtstee work without: start tsworld serve, set TSTEE_WORLD"

struct run_options {
	struct world_config world; /* the world to join or to start */
	const char *socket;	   /* or of one that is up, or NULL */
	const char *fault;
	const char *trace;
	bool stats;
	bool no_stat;
	bool help;
};

/* What is known while the program runs. */
struct run {
	const char *name; /* of the program */
	int socket;	  /* to the supervisor */
	int signal_fd;
	int control_fd;
	struct run_program program;
};

static void print_help(void)
{
	printf("Usage: tsworld run [OPTION]... [--] PROGRAM [ARGUMENT]...\n\n"
	       "Runs PROGRAM, which can be any, with virtual TEE devices /dev/teeN. The world\n"
	       "behind them is started if it isn't up, and ends with the last who uses it.\n\n"
	       "Options:\n" TSWORLD_STATE_HELP TSWORLD_WORLD_HELP TSWORLD_PARTITIONS_HELP
		       TSWORLD_START_HELP
	       "  --fault SPEC        inject faults while PROGRAM runs; see docs/world-faults.md\n"
	       "  --trace FILE        write all FF-A calls and RPCs to FILE\n"
	       "  --stats             print calls and their times at the end, on stderr\n"
	       "  --no-stat           don't show the devices to stat() and in listings of /dev;\n"
	       "                      programs that look at many files run faster\n"
	       "  --help              this text\n\n"
	       "Examples:\n"
	       "  $ tsworld run -- tstee list\n"
	       "  $ tsworld run --state /tmp/world --stats -- python3 my_test.py\n"
	       "  $ tsworld run --fault 'busy:p=0.1' -- ./my_client\n\n"
	       "The exit code is PROGRAM's, 128 and the signal's number if a signal ended it,\n"
	       "126 if it can't be executed, 127 if it isn't there. 32-bit programs have no\n"
	       "devices.\n");
}

/* 0, -ENOENT or -EACCES. */
static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? -ENOENT : -EACCES;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		return -EACCES;
	return 0;
}

/* Where execvp() would find @name. 0, -ENOENT or -EACCES. */
static int find_program(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");
	int err, found = -ENOENT;

	if (strchr(name, '/')) {
		if (strlen(name) >= PATH_MAX)
			return -ENOENT;
		strcpy(path, name);
		return check_executable(name);
	}
	if (!*name)
		return -ENOENT;
	if (!dirs)
		dirs = "/bin:/usr/bin";
	for (;;) {
		const int len = (int)strcspn(dirs, ":");
		int ret;

		ret = len ? snprintf(path, PATH_MAX, "%.*s/%s", len, dirs, name) :
			    snprintf(path, PATH_MAX, "./%s", name);
		err = ret > 0 && ret < PATH_MAX ? check_executable(path) : -ENOENT;
		if (!err)
			return 0;
		if (err == -EACCES)
			found = err;
		if (!dirs[len])
			return found;
		dirs += len + 1;
	}
}

/* The program and the supervisor are wanted but can't be had. Returns the exit code. */
static int refuse(const struct run_message *message)
{
	const char *text = strerror(-message->value);

	if (message->event == RUN_BLIND)
		return tsworld_fail(TSWORLD_OTHER,
				    "a process may not read its child's memory here (%s): allow "
				    "ptrace in the container's profile" NO_SUPERVISOR_HINT,
				    text);
	if (message->event != RUN_REFUSED)
		return tsworld_fail(TSWORLD_OTHER, "the supervisor can't start: %s", text);
	switch (message->value) {
	case -EINVAL:
	case -E2BIG:
		return tsworld_fail(TSWORLD_OTHER,
				    "system calls can't be supervised by this kernel: it takes "
				    "Linux 5.19 or later" NO_SUPERVISOR_HINT);
	case -EBUSY:
		return tsworld_fail(TSWORLD_OTHER,
				    "system calls are supervised by someone else here, perhaps "
				    "another tsworld run" NO_SUPERVISOR_HINT);
	default:
		return tsworld_fail(TSWORLD_OTHER,
				    "a sandbox forbids to supervise system calls (seccomp: %s): "
				    "allow it in the container's profile" NO_SUPERVISOR_HINT,
				    text);
	}
}

/* Descriptors 0 to 2 are taken afterwards, if by nothing that the program will see. */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = nothing_open();
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Starts the supervisor and waits until it is ready. 0 or an exit code, with a message. */
static int start_supervisor(struct run *run)
{
	const struct sigaction child = { .sa_handler = SIG_DFL };
	struct run_message message;
	int pair[2], fd, err;
	sigset_t all;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &run->program.mask);
	sigaction(SIGCHLD, &child, &run->program.child);
	run->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signal_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return tsworld_fail(TSWORLD_OTHER, "the supervisor can't start: %s",
				    strerror(errno));
	pid = fork();
	if (pid < 0)
		return tsworld_fail(TSWORLD_OTHER, "the supervisor can't start: %s",
				    strerror(errno));
	if (!pid) {
		/* Held by nobody else, it tells when this process is gone. */
		close(pair[0]);
		close(run->signal_fd);
		supervise(pair[1], &run->program);
	}
	close(pair[1]);
	run->socket = pair[0];
	err = run_receive(run->socket, &message, &fd);
	if (fd >= 0)
		close(fd);
	if (err)
		return tsworld_fail(TSWORLD_OTHER, "the supervisor died");
	return message.event == RUN_READY ? 0 : refuse(&message);
}

/* A command to the world. Its answer goes to @out, unless that is NULL. 0 or an exit code. */
static int command_world(int control_fd, enum world_control_op op, const char *text, int fd,
			 const char *what, FILE *out)
{
	static struct world_command command;
	static struct world_reply reply;
	size_t len = text ? strlen(text) : 0;
	size_t reply_len;
	int err;

	if (len > sizeof(command.text))
		return tsworld_fail(TSWORLD_USAGE, "%s: too long", what);
	command.op = op;
	memcpy(command.text, text ? text : "", len);
	err = control_command(control_fd, &command, len, fd, &reply, &reply_len);
	if (err)
		return tsworld_fail(err == -EINVAL ? TSWORLD_USAGE : tsworld_exit_code(err),
				    "%s: %.*s", what,
				    reply_len ? (int)reply_len : (int)strlen(strerror(-err)),
				    reply_len ? reply.text : strerror(-err));
	if (out)
		fwrite(reply.text, 1, reply_len, out);
	return 0;
}

static int trace_world(int control_fd, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int code;

	if (fd < 0)
		return tsworld_fail(TSWORLD_OTHER, "--trace %s: %s", path, strerror(errno));
	code = command_world(control_fd, WORLD_SET_TRACE, NULL, fd, "--trace", NULL);
	close(fd);
	return code;
}

/*
 * Joins the world, with a control connection; *@path is what it is connected to by, the
 * caller's. 0 or an exit code, with a message.
 */
static int join_world(struct run *run, const struct run_options *options, char **path)
{
	struct world_error error = { 0 };
	int err;

	if (options->socket) {
		*path = realpath(options->socket, NULL);
		run->control_fd = *path ? control_open(*path) : -errno;
		if (run->control_fd >= 0)
			return 0;
		return tsworld_fail(*path ? tsworld_exit_code(run->control_fd) : TSWORLD_NO_WORLD,
				    "--world %s: %s", options->socket,
				    tsworld_no_connection(run->control_fd));
	}
	run->control_fd = world_ensure(&options->world, &error);
	if (run->control_fd < 0)
		return tsworld_fail(tsworld_exit_code(run->control_fd), "%s", error.text);
	err = world_state_path(options->world.state, path, &error);
	return err ? tsworld_fail(tsworld_exit_code(err), "%s", error.text) : 0;
}

/* Which partitions are missing in the world, and why. Worlds that don't know that say nothing. */
static void report_missing(int control_fd)
{
	static struct world_command command = { .op = WORLD_GET_REPORTS };
	static struct world_reply reply;
	const char *line = reply.text;
	size_t len;

	if (control_command(control_fd, &command, 0, -1, &reply, &len) || len >= sizeof(reply.text))
		return;
	reply.text[len] = '\0';
	for (const char *end; (end = strchr(line, '\n')); line = end + 1)
		tsworld_fail(0, "%.*s", (int)(end - line), line);
}

/* Joins the world and tells it what is wished. 0 or an exit code, with a message. */
static int enter_world(struct run *run, const struct run_options *options, char **path)
{
	int code = join_world(run, options, path);

	if (!code)
		report_missing(run->control_fd);
	if (!code && options->fault)
		code = command_world(run->control_fd, WORLD_SET_FAULT, options->fault, -1,
				     "--fault", NULL);
	if (!code && options->trace)
		code = trace_world(run->control_fd, options->trace);
	return code;
}

/* Those of the terminal have reached the program too. */
static void pass_signals(const struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_code == SI_KERNEL || info.ssi_signo == SIGCHLD ||
		    info.ssi_pid == (uint32_t)getpid())
			continue;
		run_send(run->socket, RUN_SIGNAL, (int32_t)info.ssi_signo, NULL, -1);
	}
}

/* Until the program has ended. Its wait status, or -1 if the supervisor died. */
static int wait_program(const struct run *run, bool *alone)
{
	struct run_message message;
	int fd;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = run->socket, .events = POLLIN },
			{ .fd = run->signal_fd, .events = POLLIN },
		};

		poll(fds, 2, -1);
		if (fds[1].revents)
			pass_signals(run);
		if (!fds[0].revents)
			continue;
		if (run_receive(run->socket, &message, &fd))
			return -1;
		switch (message.event) {
		case RUN_STOPPED:
			kill(getpid(), SIGSTOP);
			break;
		case RUN_WORLD_GONE:
			tsworld_fail(0, "the world has ended; its devices are dead");
			break;
		case RUN_ENDED:
		case RUN_ENDED_ALONE:
			*alone = message.event == RUN_ENDED_ALONE;
			return message.value;
		default:
			break;
		}
	}
}

/* From everything being ready to the program's end. Returns the exit code. */
static int run_program(struct run *run, const struct run_options *options, const char *world)
{
	struct pollfd supervisor = { .fd = run->socket };
	bool alone = false;
	int err, status;

	err = run_send(run->socket, RUN_START, 0, world, run->control_fd);
	if (err)
		return tsworld_fail(TSWORLD_OTHER, "the supervisor died");
	status = wait_program(run, &alone);
	if (status == -1)
		return tsworld_fail(EXIT_SIGNAL + SIGKILL, "the supervisor died, and %s with it",
				    run->name);
	if (options->stats)
		command_world(run->control_fd, WORLD_GET_STATS, NULL, -1, "--stats", stderr);
	/* Nobody is left behind whom we could still meet. */
	if (alone)
		poll(&supervisor, 1, -1);
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool starts_world(const struct world_config *world)
{
	return world->partitions_dir || world->partition_count || world->debug ||
	       world->public_is_user || world->tee_devices;
}

/* @partitions has room for as many as there are arguments. 0 or an exit code. */
static int parse_options(int argc, char **argv, const char **partitions,
			 struct run_options *options)
{
	static const struct option longs[] = {
		{ "state", required_argument, NULL, 's' },
		{ "world", required_argument, NULL, 'w' },
		{ "partitions", required_argument, NULL, 'd' },
		{ "partition", required_argument, NULL, 'p' },
		{ "debug", no_argument, NULL, 'D' },
		{ "public-is-user", no_argument, NULL, 'u' },
		{ "tee-devices", required_argument, NULL, 'T' },
		{ "fault", required_argument, NULL, 'f' },
		{ "trace", required_argument, NULL, 't' },
		{ "stats", no_argument, NULL, 'S' },
		{ "no-stat", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = tsworld_option(argc, argv, "+:", longs)) != -1) {
		switch (option) {
		case 's':
			options->world.state = optarg;
			break;
		case 'w':
			options->socket = optarg;
			break;
		case 'd':
			options->world.partitions_dir = optarg;
			break;
		case 'p':
			partitions[options->world.partition_count++] = optarg;
			break;
		case 'D':
			options->world.debug = true;
			break;
		case 'u':
			options->world.public_is_user = true;
			break;
		case 'T':
			if (tsworld_tee_devices(optarg, &options->world.tee_devices))
				return TSWORLD_USAGE;
			break;
		case 'f':
			options->fault = optarg;
			break;
		case 't':
			options->trace = optarg;
			break;
		case 'S':
			options->stats = true;
			break;
		case 'n':
			options->no_stat = true;
			break;
		case 'h':
			options->help = true;
			return 0;
		default:
			return tsworld_bad_option(option, argv, "run");
		}
	}
	options->world.partitions = partitions;
	if (options->socket && (options->world.state || starts_world(&options->world)))
		return tsworld_fail(TSWORLD_USAGE, "run: --world is of a world that is up: it goes "
						   "with neither --state nor partitions");
	/* Who says how a world is to be started doesn't mean one that others have started. */
	if (!starts_world(&options->world))
		control_environment(&options->world.state, &options->socket);
	if (optind == argc)
		return tsworld_fail(TSWORLD_USAGE, "run: no program; see tsworld run --help");
	return 0;
}

/* 0 or an exit code, with a message. */
static int run_with(struct run *run, const struct run_options *options)
{
	char file[PATH_MAX], *path = NULL;
	int code, err;

	err = find_program(run->name, file);
	if (err)
		return tsworld_fail(err == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED, "%s: %s",
				    run->name,
				    err == -ENOENT ? "command not found" : strerror(-err));
	run->program.file = file;
	fflush(NULL);
	fill_standard_descriptors();
	run->program.looks = !options->no_stat;
	code = start_supervisor(run);
	if (!code)
		code = enter_world(run, options, &path);
	if (!code)
		code = run_program(run, options, path);
	free(path);
	return code;
}

int tsworld_run(int argc, char **argv)
{
	struct run_options options = { .world.starter_fd = -1 };
	const char **partitions = calloc((size_t)argc, sizeof(*partitions));
	struct run run = { .control_fd = -1 };
	int code;

	if (!partitions)
		return tsworld_fail(TSWORLD_OTHER, "out of memory");
	code = parse_options(argc, argv, partitions, &options);
	if (!code && options.help) {
		print_help();
	} else if (!code) {
		run.name = argv[optind];
		run.program.argv = argv + optind;
		code = run_with(&run, &options);
	}
	free(partitions);
	return code;
}
