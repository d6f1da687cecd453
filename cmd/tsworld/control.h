/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands to a world that is up, for subcommands that are little else. */
#ifndef CMD_TSWORLD_CONTROL_H
#define CMD_TSWORLD_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

struct control_options {
	const char *state;
	const char *world;    /* or the path of a world that is up */
	const char *argument; /* NULL: none */
	bool json;
	bool help;
};

/*
 * What TSTEE_WORLD says to who has neither @state nor @world: a state directory goes to *@state,
 * anything else to *@world.
 */
void control_environment(const char **state, const char **world);

/*
 * Options --state, --world, --help and, if @json, --json, before or behind the one argument,
 * which is called @argument to people; NULL: there is none. An exit code, with a line on stderr.
 */
int control_options(int argc, char **argv, bool json, const char *argument,
		    struct control_options *options);

/*
 * Connects to the world of @options, sends it command @op with @text and prints the text of
 * its answer; then waits for its end if @until_end. An exit code, with a line on stderr.
 */
int control_world(const struct control_options *options, uint32_t op, const char *text,
		  bool until_end);

#endif /* CMD_TSWORLD_CONTROL_H */
