// SPDX-License-Identifier: BSD-3-Clause
/* Commands to a world that is up. No state. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <world/client/channel.h>
#include <world/server/server.h>

#include "control.h"
#include "tsworld.h"

/* A world that ends waits 2 seconds for the calls in it. */
#define END_TRIES   1000
#define END_WAIT_NS 10000000L

enum {
	OPTION_HELP = 1,
	OPTION_STATE,
	OPTION_WORLD,
	OPTION_JSON,
};

void control_environment(const char **state, const char **world)
{
	const char *path = getenv("TSTEE_WORLD");
	struct stat st;

	if (*state || *world || !path || !*path)
		return;
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		*state = path;
	else
		*world = path;
}

int control_options(int argc, char **argv, bool json, const char *argument,
		    struct control_options *options)
{
	const struct option known[] = {
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "state", required_argument, NULL, OPTION_STATE },
		{ "world", required_argument, NULL, OPTION_WORLD },
		{ json ? "json" : NULL, no_argument, NULL, OPTION_JSON },
		{ 0 },
	};
	int option;

	*options = (struct control_options){ 0 };
	while ((option = tsworld_option(argc, argv, ":", known)) != -1) {
		switch (option) {
		case OPTION_HELP:
			options->help = true;
			break;
		case OPTION_STATE:
			options->state = optarg;
			break;
		case OPTION_WORLD:
			options->world = optarg;
			break;
		case OPTION_JSON:
			options->json = true;
			break;
		default:
			return tsworld_bad_option(option, argv, argv[0]);
		}
	}
	if (options->state && options->world)
		return tsworld_fail(TSWORLD_USAGE,
				    "%s: --world and --state name one thing; give "
				    "one of them",
				    argv[0]);
	control_environment(&options->state, &options->world);
	if (options->help)
		return TSWORLD_OK;
	if (argument && optind < argc)
		options->argument = argv[optind++];
	else if (argument)
		return tsworld_fail(TSWORLD_USAGE, "%s: %s is missing; see tsworld %s --help",
				    argv[0], argument, argv[0]);
	if (optind < argc && argument)
		return tsworld_fail(TSWORLD_USAGE, "%s: takes one argument; see tsworld %s --help",
				    argv[0], argv[0]);
	if (optind < argc)
		return tsworld_fail(TSWORLD_USAGE, "%s: takes no argument; see tsworld %s --help",
				    argv[0], argv[0]);
	return TSWORLD_OK;
}

/* Until the next world could have the state directory. */
static int await_end(const char *state)
{
	const struct timespec wait = { .tv_nsec = END_WAIT_NS };
	struct stat st;
	char *lock;
	int fd = -1, code = TSWORLD_OK;

	/* It may be a socket: then nobody but the world knows where its state is. */
	if (stat(state, &st) || !S_ISDIR(st.st_mode))
		return TSWORLD_OK;
	if (asprintf(&lock, "%s/lock", state) < 0)
		return tsworld_fail(TSWORLD_OTHER, "out of memory");
	fd = open(lock, O_RDONLY | O_CLOEXEC);
	free(lock);
	if (fd < 0)
		return TSWORLD_OK;
	for (int i = 0; flock(fd, LOCK_SH | LOCK_NB); i++) {
		if (i == END_TRIES) {
			code = tsworld_fail(TSWORLD_OTHER, "%s: the world does not end", state);
			break;
		}
		nanosleep(&wait, NULL);
	}
	close(fd);
	return code;
}

static int command_world(int fd, const char *state, uint32_t op, const char *text)
{
	struct world_command *command = calloc(1, sizeof(*command));
	struct world_reply *reply = calloc(1, sizeof(*reply));
	int code = TSWORLD_OK, err = -ENOMEM;
	size_t len = 0;

	if (command && reply) {
		command->op = op;
		memcpy(command->text, text, strlen(text));
		err = control_command(fd, command, strlen(text), -1, reply, &len);
	}
	if (err && len)
		code = tsworld_fail(tsworld_exit_code(err), "%s: %.*s", state, (int)len,
				    reply->text);
	else if (err)
		code = tsworld_fail(tsworld_exit_code(err), "%s: %s", state, strerror(-err));
	else
		fwrite(reply->text, 1, len, stdout);
	free(reply);
	free(command);
	return code;
}

int control_world(const struct control_options *options, uint32_t op, const char *text,
		  bool until_end)
{
	struct world_error error;
	char *state;
	int fd, err, code;

	err = world_state_path(options->world ? options->world : options->state, &state, &error);
	if (err)
		return tsworld_fail(TSWORLD_OTHER, "%s", error.text);
	fd = control_open(state);
	if (fd == -ECONNREFUSED)
		code = tsworld_fail(TSWORLD_NO_WORLD,
				    "%s: no world is up; tsworld serve starts one", state);
	else if (fd < 0)
		code = tsworld_fail(tsworld_exit_code(fd), "%s: %s", state,
				    tsworld_no_connection(fd));
	else
		code = command_world(fd, state, op, text);
	if (fd >= 0)
		close(fd);
	if (!code && until_end)
		code = await_end(state);
	free(state);
	return code;
}
