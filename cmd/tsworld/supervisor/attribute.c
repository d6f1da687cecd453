// SPDX-License-Identifier: BSD-3-Clause
/* Files of devices in sysfs, as the world has them. No state. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "supervisor.h"

ssize_t attribute_read(const struct supervisor *supervisor, uint32_t device, const char *name,
		       void *text, size_t size)
{
	struct channel_call call = { .op = WORLD_ATTRIBUTE, .device = device, .fd = -1 };
	struct channel channel;
	int64_t result;

	call.arg_len = (uint32_t)strlen(name) + 1;
	if (call.arg_len > sizeof(call.arg))
		return -ENAMETOOLONG;
	memcpy(call.arg, name, call.arg_len);
	worker_waits(supervisor);
	result = context_channel_get(supervisor, &channel);
	if (!result) {
		result = channel_call(&channel, &call, NULL, NULL);
		context_channel_put(&channel, result != -ENODEV && result != -EPROTO);
	}
	if (call.fd >= 0)
		close(call.fd);
	if (result < 0)
		return (ssize_t)result;
	if (call.buf_len > size)
		return -EMSGSIZE;
	memcpy(text, call.buf, call.buf_len);
	return (ssize_t)call.buf_len;
}
