// SPDX-License-Identifier: BSD-3-Clause
/*
 * The memory of wrapped threads. /proc/PID/mem won't do: it writes where the program itself
 * could not.
 *
 * A thread's ID can become another's once it is gone. So what was read is believed only after
 * its notification was seen to be valid still.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "task.h"

int task_read(pid_t tid, uint64_t addr, void *data, size_t len)
{
	struct iovec local = { .iov_base = data, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t ret;

	if (!len)
		return 0;
	ret = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	if (ret < 0)
		return -errno;
	return (size_t)ret == len ? 0 : -EFAULT;
}

int task_write(pid_t tid, uint64_t addr, const void *data, size_t len)
{
	struct iovec local = { .iov_base = (void *)data, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t ret;

	if (!len)
		return 0;
	ret = process_vm_writev(tid, &local, 1, &remote, 1, 0);
	if (ret < 0)
		return -errno;
	return (size_t)ret == len ? 0 : -EFAULT;
}

bool task_read_both(pid_t tid, uint64_t addr, void *data, size_t len, uint64_t addr2, void *data2,
		    size_t len2)
{
	const struct iovec local[] = {
		{ .iov_base = data, .iov_len = len },
		{ .iov_base = data2, .iov_len = len2 },
	};
	const struct iovec remote[] = {
		{ .iov_base = (void *)(uintptr_t)addr, .iov_len = len },
		{ .iov_base = (void *)(uintptr_t)addr2, .iov_len = len2 },
	};

	return process_vm_readv(tid, local, 2, remote, 2, 0) == (ssize_t)(len + len2);
}

ssize_t task_read_string(pid_t tid, uint64_t addr, char *text, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t len = 0;

	/* What follows the string's page need not be mapped. */
	while (len < size) {
		size_t part = page - (size_t)((addr + len) % page);
		const char *end;
		int err;

		if (part > size - len)
			part = size - len;
		err = task_read(tid, addr + len, text + len, part);
		if (err)
			return err;
		end = memchr(text + len, '\0', part);
		if (end)
			return end - text;
		len += part;
	}
	return -ENAMETOOLONG;
}

int task_check_writable(pid_t tid, uint64_t addr, uint64_t len)
{
	char line[512], path[32];
	uint64_t end = addr + len;
	FILE *maps;

	if (end < addr)
		return -EFAULT;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	/* In order of addresses; of a long line only the first part is one. */
	while (addr < end && fgets(line, sizeof(line), maps)) {
		uint64_t from, to;
		char mode[5];

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, mode) != 3)
			continue;
		if (from > addr)
			break;
		if (to <= addr)
			continue;
		if (mode[0] != 'r' || mode[1] != 'w')
			break;
		addr = to;
	}
	fclose(maps);
	return addr < end ? -EFAULT : 0;
}

/* The number behind @name, which ends in a colon. Negative errno: it can't be read. */
static pid_t status_number(pid_t tid, const char *name)
{
	char line[128], path[32];
	int number = -ESRCH;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	status = fopen(path, "re");
	if (!status)
		return -errno;
	while (number < 0 && fgets(line, sizeof(line), status)) {
		if (!strncmp(line, name, strlen(name)))
			number = atoi(line + strlen(name));
	}
	fclose(status);
	return number;
}

pid_t task_process(pid_t tid)
{
	return status_number(tid, "Tgid:");
}

pid_t task_tracer(pid_t tid)
{
	return status_number(tid, "TracerPid:");
}
