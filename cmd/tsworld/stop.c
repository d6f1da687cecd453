// SPDX-License-Identifier: BSD-3-Clause
/* tsworld stop: ends a world. */
#include <stdio.h>
#include <tstee/world.h>

#include "control.h"
#include "tsworld.h"

static const char help[] =
	"Usage: tsworld stop [--state DIR | --world PATH]\n"
	"\n"
	"Ends the world that is up, whoever uses it, and waits until it has ended. Its clients\n"
	"get errors; what they have stored stays stored.\n"
	"\n" TSWORLD_STATE_HELP TSWORLD_WORLD_HELP "  --help              this text\n";

int tsworld_stop(int argc, char **argv)
{
	struct control_options options;
	int code = control_options(argc, argv, false, NULL, &options);

	if (code)
		return code;
	if (options.help) {
		fputs(help, stdout);
		return TSWORLD_OK;
	}
	return control_world(&options, WORLD_STOP, "", true);
}
