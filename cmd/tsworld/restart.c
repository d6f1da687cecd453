// SPDX-License-Identifier: BSD-3-Clause
/* tsworld restart: starts a partition of the world anew. */
#include <stdio.h>
#include <string.h>
#include <tstee/world.h>

#include "control.h"
#include "tsworld.h"

static const char help[] =
	"Usage: tsworld restart PARTITION [--state DIR | --world PATH]\n"
	"\n"
	"Starts a partition of the world that is up anew, and waits until it serves clients: one\n"
	"that is stuck, dead or healthy. Calls that are in it, and whoever had a session with it,\n"
	"get an error; what it has stored stays stored. Other partitions go on. Its program is read\n"
	"again, its manifest is not.\n"
	"\n"
	"PARTITION is a name that tsworld status shows.\n"
	"\n" TSWORLD_STATE_HELP TSWORLD_WORLD_HELP "  --help              this text\n"
	"\n"
	"Example:\n"
	"  $ tsworld restart crypto\n";

int tsworld_restart(int argc, char **argv)
{
	struct control_options options;
	int code = control_options(argc, argv, false, "a partition", &options);

	if (code)
		return code;
	if (options.help) {
		fputs(help, stdout);
		return TSWORLD_OK;
	}
	if (strlen(options.argument) >= WORLD_TEXT_LEN)
		return tsworld_fail(TSWORLD_USAGE, "restart: that is no name of a partition");
	return control_world(&options, WORLD_RESTART, options.argument, false);
}
