// SPDX-License-Identifier: BSD-3-Clause
/* The words behind an error: owns the last message of each thread. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <tstee.h>

#include "error.h"

static _Thread_local struct {
	char message[256];
	const char *hint;
} last;

#define DEAD_HINT                                                                             \
	"it answers again once it is restarted (a world: tsworld restart, or at once if the " \
	"manifest says so; a machine: as a rule by a reset); see the kernel log and "         \
	"/sys/class/tee"

/* What an errno of the driver means to its user. */
static const struct {
	int err;
	const char *reason;
	const char *hint;
} meanings[] = {
	{ EACCES, "permission denied", "run as root, or as a member of group tee" },
	{ EBADMSG, "the service can't make out the request", NULL },
	{ EBUSY, "the partition stayed busy", "try again" },
	{ ECANCELED, "the partition crashed", DEAD_HINT },
	{ ECOMM, "FF-A refused the message", "see the kernel log" },
	{ EDQUOT, "your share of the partition's shared buffers is used up",
	  "end programs of yours that use it, or close sessions that aren't needed" },
	{ EIO, "the partition is dead", DEAD_HINT },
	{ EMFILE, "too many open files or sessions", "close what isn't needed" },
	{ EMSGSIZE, "the response is longer than its buffer", "allow for a longer response" },
	{ ENOBUFS, "the response does not fit its buffer", "allow for a longer response" },
	{ ENODEV, "the device is gone", "see that the driver is loaded, or the world up" },
	{ ENOMEM, "out of memory", "use a smaller message, or close what isn't needed" },
	{ ENOSPC, "the partition is full: it has no memory or shared buffers left",
	  "others have them; try again when they are done" },
	{ EOPNOTSUPP, "not supported by the driver", NULL },
	{ EOVERFLOW, "user or group ID too large for a client ID",
	  "use a user ID below 0x7c000000, a group ID below 0x3f00000, or the public login" },
	{ EPERM, "not a member of the group", "name a group of this process (see id)" },
	{ EPROTO, "the partition broke the protocol", "see the kernel log" },
	{ EREMOTEIO, "internal error of the service", "see the kernel log" },
	{ ESHUTDOWN, "the device is shutting down", NULL },
};

int error_set(int err, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last.message, sizeof(last.message), format, args);
	va_end(args);
	last.hint = hint;
	return -err;
}

int error_set_errno(int err, const char *where, const char *what)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].err == err)
			return error_set(err, meanings[i].hint, "%s: %s: %s", where, what,
					 meanings[i].reason);
	}
	return error_set(err, NULL, "%s: %s: %s", where, what, strerror(err));
}

const char *tstee_error(void)
{
	return last.message;
}

const char *tstee_hint(void)
{
	return last.hint ? last.hint : "";
}

const char *tstee_version(void)
{
	return TSTEE_VERSION;
}
