// SPDX-License-Identifier: BSD-3-Clause
/* Software worlds in place of devices, as the environment says. No state. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "world.h"

const char *world_path(void)
{
	const char *path = secure_getenv("TSTEE_WORLD");

	return path && *path ? path : NULL;
}

const char *world_device_hint(void)
{
	if (secure_getenv("TSTEE_RUN"))
		return "tsworld status shows which partitions of the world run";
	return "load the driver (modprobe tstee); the kernel log tells what the firmware offers";
}

bool world_unreachable(int err)
{
	/* A world has devices or not; all that can go wrong beside is the way to it. */
	return err < 0 && err != -ENOENT && world_path();
}

int world_failed(int err)
{
	const char *path = world_path();

	switch (err) {
	case -ECONNREFUSED:
		return error_set(ECONNREFUSED, "start one with tsworld serve, or unset TSTEE_WORLD",
				 "TSTEE_WORLD=%s: no world is up there", path);
	case -EPROTONOSUPPORT:
		return error_set(EPROTONOSUPPORT, "use a tsworld and a libtstee of one version",
				 "TSTEE_WORLD=%s: the world speaks another protocol", path);
	case -ENAMETOOLONG:
		return error_set(ENAMETOOLONG, "use a shorter path, or mount /proc",
				 "TSTEE_WORLD=%s: the path is too long without /proc", path);
	case -EMFILE:
		return error_set(EMFILE, "end programs that keep devices or connections open",
				 "TSTEE_WORLD=%s: your share of the world's connections, or your "
				 "limit of open files, is used up",
				 path);
	default:
		return error_set(-err, NULL, "TSTEE_WORLD=%s: %s", path, strerror(-err));
	}
}
