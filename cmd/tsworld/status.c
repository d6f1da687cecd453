// SPDX-License-Identifier: BSD-3-Clause
/* tsworld status: what is in the world that is up. */
#include <stdio.h>
#include <tstee/world.h>

#include "control.h"
#include "tsworld.h"

static const char help[] =
	"Usage: tsworld status [--state DIR | --world PATH] [--json]\n"
	"\n"
	"Shows the world that is up: its process, partitions, devices and how many use it.\n"
	"\n" TSWORLD_STATE_HELP TSWORLD_WORLD_HELP
	"  --json              print a JSON object; docs/world.md describes it\n"
	"  --help              this text\n"
	"\n"
	"Examples:\n"
	"  $ tsworld status\n"
	"  $ tsworld status --json | jq -r '.partitions[] | select(.pid == null).name'\n";

int tsworld_status(int argc, char **argv)
{
	struct control_options options;
	int code = control_options(argc, argv, true, NULL, &options);

	if (code)
		return code;
	if (options.help) {
		fputs(help, stdout);
		return TSWORLD_OK;
	}
	return control_world(&options, WORLD_GET_STATUS, options.json ? "json" : "", false);
}
