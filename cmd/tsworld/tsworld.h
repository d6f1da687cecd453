/* SPDX-License-Identifier: BSD-3-Clause */
/* What the subcommands of tsworld share: exit codes, failures, options. */
#ifndef CMD_TSWORLD_TSWORLD_H
#define CMD_TSWORLD_TSWORLD_H

#include <getopt.h>
#include <stddef.h>

/* Documented in docs/world.md and tsworld(1); never renumbered. run has its own beside. */
enum tsworld_exit {
	TSWORLD_OK = 0,
	TSWORLD_OTHER = 1,
	TSWORLD_USAGE = 2,
	TSWORLD_NO_WORLD = 3,  /* no world is up there */
	TSWORLD_NO_ACCESS = 4, /* no permission, or a state directory that isn't private */
	TSWORLD_STATE = 5,     /* state directory: in use, of a newer format, other partitions */
};

/* Subcommands: argv[0] is the subcommand's name. They return an exit code. */
int tsworld_run(int argc, char **argv);
int tsworld_serve(int argc, char **argv);
int tsworld_status(int argc, char **argv);
int tsworld_restart(int argc, char **argv);
int tsworld_stop(int argc, char **argv);

/* Prints one line on stderr, "tsworld: " before it. Returns @code. */
int tsworld_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit code that belongs to a negative errno of the functions in world/. */
int tsworld_exit_code(int err);

/* Why there is no connection to a world, from the same. */
const char *tsworld_no_connection(int err);

/* getopt_long(), to which an empty value is none. The colon leads @shorts. */
int tsworld_option(int argc, char **argv, const char *shorts, const struct option *longs);

/*
 * What tsworld_option() made of an option that @command doesn't know or that lacks its value. Returns TSWORLD_USAGE, with a line on stderr.
 */
int tsworld_bad_option(int option, char *const *argv, const char *command);

/* Takes the value of --tee-devices. TSWORLD_OK, or TSWORLD_USAGE with a line on stderr. */
int tsworld_tee_devices(const char *text, unsigned int *count);

/* For usage messages and --help of all subcommands. */
#define TSWORLD_STATE_HELP                                                            \
	"  --state DIR         the world's state directory ($XDG_STATE_HOME/tstee,\n" \
	"                      or else ~/.local/state/tstee)\n"

#define TSWORLD_WORLD_HELP                                                                   \
	"  --world PATH        or the world at PATH, a socket or a state directory, which\n" \
	"                      is up; without both the one that TSTEE_WORLD names\n"

#define TSWORLD_START_HELP                                                               \
	"  --debug             let debuggers of the same user attach to partitions\n"    \
	"  --public-is-user    clients that log in as public, as unmodified Trusted\n"   \
	"                      Services and Parsec clients do, are their user instead\n" \
	"  --tee-devices N     have up to N TEE devices, 1 to 64, in place of Linux's 16\n"

#define TSWORLD_PARTITIONS_HELP                                                               \
	"  --partitions DIR    run the partitions in DIR: each program with a manifest\n"     \
	"                      NAME.dtb beside it; without it those installed with tsworld\n" \
	"  --partition PATH    run this one too; may be given several times\n"

#endif /* CMD_TSWORLD_TSWORLD_H */
