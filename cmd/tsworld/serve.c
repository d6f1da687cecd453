// SPDX-License-Identifier: BSD-3-Clause
/* tsworld serve: a world as a process or service; also the world that tsworld run starts. */
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <world/server/server.h>

#include "service.h"
#include "tsworld.h"

static const char help[] =
	"Usage: tsworld serve [--state DIR] [--socket PATH [--socket-mode MODE]]\n"
	"                     [--partitions DIR] [--partition PATH]... [--debug] [--public-is-user]\n"
	"                     [--tee-devices N] [--ready-fd FD | --daemonize]\n"
	"\n"
	"Keeps a world up until Ctrl-C, SIGTERM or tsworld stop, and says so once it is ready.\n"
	"What it keeps is in the state directory, private to you, and is there again next time.\n"
	"\n" TSWORLD_STATE_HELP "  --socket PATH       listen there too, for other users\n"
	"  --socket-mode MODE  permissions of that socket, octal (0600)\n" TSWORLD_PARTITIONS_HELP
		TSWORLD_START_HELP
	"  --ready-fd FD       write a newline to descriptor FD once the world is up\n"
	"  --daemonize         go to the background then, and say more only in its world.log\n"
	"  --help              this text\n"
	"\n"
	"As a service it takes the sockets that LISTEN_FDS tells of, else it listens on \"world\"\n"
	"in RUNTIME_DIRECTORY; STATE_DIRECTORY is its state directory; NOTIFY_SOCKET is told.\n"
	"\n"
	"Examples:\n"
	"  $ tsworld serve --daemonize\n"
	"  $ tsworld run -- tstee list             # joins it\n"
	"  $ TSTEE_WORLD=~/.local/state/tstee tstee list\n"
	"  $ tsworld serve --socket /run/tstee --socket-mode 0666   # for all users\n";

enum {
	OPTION_HELP = 1,
	OPTION_STATE,
	OPTION_SOCKET,
	OPTION_SOCKET_MODE,
	OPTION_PARTITIONS,
	OPTION_PARTITION,
	OPTION_DEBUG,
	OPTION_PUBLIC_IS_USER,
	OPTION_TEE_DEVICES,
	OPTION_READY_FD,
	OPTION_DAEMONIZE,
	OPTION_ON_DEMAND,
};

static const struct option known[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "socket-mode", required_argument, NULL, OPTION_SOCKET_MODE },
	{ "partitions", required_argument, NULL, OPTION_PARTITIONS },
	{ "partition", required_argument, NULL, OPTION_PARTITION },
	{ "debug", no_argument, NULL, OPTION_DEBUG },
	{ "public-is-user", no_argument, NULL, OPTION_PUBLIC_IS_USER },
	{ "tee-devices", required_argument, NULL, OPTION_TEE_DEVICES },
	{ "ready-fd", required_argument, NULL, OPTION_READY_FD },
	{ "daemonize", no_argument, NULL, OPTION_DAEMONIZE },
	/* For world_ensure() only: the descriptor of a connection to the starter. */
	{ "on-demand", required_argument, NULL, OPTION_ON_DEMAND },
	{ 0 },
};

static bool parse_number(const char *text, int base, unsigned long max, unsigned long *value)
{
	char *end;

	*value = strtoul(text, &end, base);
	return *text >= '0' && *text <= '9' && !*end && *value <= max;
}

/* For world_serve(), which tells nothing but the state directory. */
static struct service service = { .ready_fd = -1, .starter_fd = -1 };

static int take_option(struct world_config *config, const char **partitions, int option,
		       char **argv)
{
	unsigned long number;

	switch (option) {
	case OPTION_STATE:
		config->state = optarg;
		return TSWORLD_OK;
	case OPTION_SOCKET:
		config->socket = optarg;
		return TSWORLD_OK;
	case OPTION_SOCKET_MODE:
		if (!parse_number(optarg, 8, 0777, &number))
			return tsworld_fail(TSWORLD_USAGE,
					    "--socket-mode %s: not permissions; write 0666 for all",
					    optarg);
		config->socket_mode = (mode_t)number;
		service.socket_mode_given = true;
		return TSWORLD_OK;
	case OPTION_PARTITIONS:
		config->partitions_dir = optarg;
		return TSWORLD_OK;
	case OPTION_PARTITION:
		partitions[config->partition_count++] = optarg;
		return TSWORLD_OK;
	case OPTION_DEBUG:
		config->debug = true;
		return TSWORLD_OK;
	case OPTION_PUBLIC_IS_USER:
		config->public_is_user = true;
		return TSWORLD_OK;
	case OPTION_TEE_DEVICES:
		return tsworld_tee_devices(optarg, &config->tee_devices);
	case OPTION_READY_FD:
		if (!parse_number(optarg, 10, INT_MAX, &number) || fcntl((int)number, F_GETFD) < 0)
			return tsworld_fail(TSWORLD_USAGE, "--ready-fd %s: not an open descriptor",
					    optarg);
		if ((fcntl((int)number, F_GETFL) & O_ACCMODE) == O_RDONLY)
			return tsworld_fail(TSWORLD_USAGE, "--ready-fd %s: not open for writing",
					    optarg);
		service.ready_fd = (int)number;
		/* Whoever waits at its other end waits for this process only. */
		fcntl(service.ready_fd, F_SETFD, FD_CLOEXEC);
		return TSWORLD_OK;
	case OPTION_DAEMONIZE:
		service.daemonize = true;
		return TSWORLD_OK;
	case OPTION_ON_DEMAND:
		if (!parse_number(optarg, 10, 1023, &number))
			return tsworld_fail(TSWORLD_USAGE, "--on-demand %s: not a descriptor",
					    optarg);
		config->starter_fd = (int)number;
		return TSWORLD_OK;
	default:
		return tsworld_bad_option(option, argv, "serve");
	}
}

static void ready(const char *state)
{
	service_ready(&service, state);
}

static int serve_as_service(struct world_config *config)
{
	struct world_error error;
	int code = service_start(&service, config), err;

	if (code || service_fork(&service, &code))
		return code;
	err = world_serve(config, ready, &error);
	service_end(&service);
	return err ? tsworld_fail(tsworld_exit_code(err), "%s", error.text) : TSWORLD_OK;
}

static int serve(int argc, char **argv, const char **partitions)
{
	struct world_config config = { .partitions = partitions,
				       .socket_mode = 0600,
				       .starter_fd = -1 };
	struct world_error error;
	int option, code, err;

	while ((option = tsworld_option(argc, argv, "+:", known)) != -1) {
		if (option == OPTION_HELP) {
			fputs(help, stdout);
			return TSWORLD_OK;
		}
		code = take_option(&config, partitions, option, argv);
		if (code)
			return code;
	}
	if (optind < argc)
		return tsworld_fail(TSWORLD_USAGE, "serve: takes no argument; see tsworld serve "
						   "--help");
	if (config.starter_fd < 0)
		return serve_as_service(&config);
	err = world_serve(&config, NULL, &error);
	return err ? tsworld_fail(tsworld_exit_code(err), "%s", error.text) : TSWORLD_OK;
}

int tsworld_serve(int argc, char **argv)
{
	/* Each takes an argument. */
	const char **partitions = calloc((size_t)argc, sizeof(*partitions));
	int code;

	if (!partitions)
		return tsworld_fail(TSWORLD_OTHER, "out of memory");
	code = serve(argc, argv, partitions);
	free(partitions);
	return code;
}
