// SPDX-License-Identifier: BSD-3-Clause
/* tsworld serve: a world in the foreground; also the world that tsworld run starts. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <world/server/server.h>

#include "tsworld.h"

static const char help[] =
	"Usage: tsworld serve [--state DIR] [--socket PATH [--socket-mode MODE]]\n"
	"                     [--partitions DIR] [--partition PATH]... [--debug] [--public-is-user]\n"
	"\n"
	"Keeps a world up until Ctrl-C, SIGTERM or tsworld stop, and says so once it is ready.\n"
	"What it keeps is in the state directory, private to you, and is there again next time.\n"
	"\n" TSWORLD_STATE_HELP "  --socket PATH       listen there too, for other users\n"
	"  --socket-mode MODE  permissions of that socket, octal (0600)\n" TSWORLD_PARTITIONS_HELP
		TSWORLD_START_HELP "  --help              this text\n"
	"\n"
	"Examples:\n"
	"  $ tsworld serve &\n"
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

static void print_ready(const char *state)
{
	printf("tsworld: the world in %s is up\n", state);
	fflush(stdout);
}

static int serve(int argc, char **argv, const char **partitions)
{
	struct world_config config = { .partitions = partitions,
				       .socket_mode = 0600,
				       .starter_fd = -1 };
	struct world_error error;
	int option, code, err;

	while ((option = getopt_long(argc, argv, "+:", known, NULL)) != -1) {
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
	err = world_serve(&config, config.starter_fd < 0 ? print_ready : NULL, &error);
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
