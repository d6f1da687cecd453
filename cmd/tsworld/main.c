// SPDX-License-Identifier: BSD-3-Clause
/* tsworld: secure partitions as processes of this host. The table of subcommands. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <world/server/server.h>

#include "tsworld.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "run", tsworld_run, "run a program that sees virtual /dev/teeN devices" },
	{ "serve", tsworld_serve, "keep a world up, in the foreground" },
	{ "status", tsworld_status, "show the world that is up" },
	{ "restart", tsworld_restart, "start a partition anew" },
	{ "stop", tsworld_stop, "end the world, whoever uses it" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

int tsworld_fail(int code, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("tsworld: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
	return code;
}

int tsworld_exit_code(int err)
{
	switch (err) {
	case 0:
		return TSWORLD_OK;
	case -ECONNREFUSED:
	case -ENODEV:
		return TSWORLD_NO_WORLD;
	case -EACCES:
	case -EPERM:
		return TSWORLD_NO_ACCESS;
	case -EBUSY:
	case -EEXIST:
	case -ENOTSUP:
		return TSWORLD_STATE;
	default:
		return TSWORLD_OTHER;
	}
}

const char *tsworld_no_connection(int err)
{
	return err == -EMFILE ?
		       "your share of its connections, or your limit of open files, is used "
		       "up; end programs that keep some" :
		       strerror(-err);
}

int tsworld_option(int argc, char **argv, const char *shorts, const struct option *longs)
{
	const int option = getopt_long(argc, argv, shorts, longs, NULL);

	return option != -1 && optarg && !*optarg ? ':' : option;
}

int tsworld_bad_option(int option, char *const *argv, const char *command)
{
	/* An empty value is an argument of its own. */
	const char *text = *argv[optind - 1] ? argv[optind - 1] : argv[optind - 2];

	return tsworld_fail(TSWORLD_USAGE, "%s: %s; see tsworld %s --help", text,
			    option == ':' ? "needs a value" : "unknown option", command);
}

int tsworld_tee_devices(const char *text, unsigned int *count)
{
	char *end;
	const unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !number || number > WORLD_TEE_DEVICES_MAX)
		return tsworld_fail(TSWORLD_USAGE, "--tee-devices %s: a number from 1 to %u", text,
				    WORLD_TEE_DEVICES_MAX);
	*count = (unsigned int)number;
	return TSWORLD_OK;
}

static void print_help(void)
{
	printf("Usage: tsworld COMMAND [ARGUMENT]...\n\n"
	       "A software world: secure partitions and their driver as processes of this host,\n"
	       "behind virtual TEE devices. It needs no hardware, no kernel module and no root.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-7s %s\n", commands[i].name, commands[i].summary);
	printf("\ntsworld COMMAND --help explains each with examples. tsworld --version shows the\n"
	       "version.\n\n"
	       "Try it:\n"
	       "  $ tsworld run -- tstee list\n\n"
	       "Exit codes: 0 done, 1 other failure, 2 usage, 3 no world is up, 4 no permission, or\n"
	       "a state directory that is not private, 5 state directory in use or of a newer\n"
	       "format. run ends as its program does.\n");
}

int main(int argc, char **argv)
{
	opterr = 0;
	if (argc < 2)
		return tsworld_fail(TSWORLD_USAGE, "no command; see tsworld --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_help();
		return TSWORLD_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("tsworld %s\n", TSTEE_VERSION);
		return TSWORLD_OK;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	}
	return tsworld_fail(TSWORLD_USAGE, "%s: unknown command; see tsworld --help", argv[1]);
}
