// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opens by wrapped programs: of devices, and of the devices' files in sysfs, which are read by
 * those who look for partitions. All others, and what isn't understood, are the kernel's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "path.h"
#include "supervisor.h"
#include "task.h"

struct open_call {
	int dirfd;
	uint64_t path_addr;
	uint64_t flags;
};

/* Restrictions of openat2() under which /dev/teeN is still what it says. */
#define RESOLVE_HARMLESS (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* What the thread asks for; false if that can be no device. */
static bool decode(const struct seccomp_notif *req, struct open_call *call)
{
	const __u64 *args = req->data.args;
	struct open_how how;

	switch (req->data.nr) {
#ifdef SYS_open
	case SYS_open:
		*call = (struct open_call){ AT_FDCWD, args[0], args[1] };
		return true;
#endif
	case SYS_openat:
		*call = (struct open_call){ (int)args[0], args[1], args[2] };
		return true;
	case SYS_openat2:
		if (args[3] < sizeof(how) ||
		    task_read((pid_t)req->pid, args[2], &how, sizeof(how)) ||
		    how.resolve & ~(uint64_t)RESOLVE_HARMLESS)
			return false;
		*call = (struct open_call){ (int)args[0], args[1], how.flags };
		return true;
	default:
		return false;
	}
}

static void open_device(const struct supervisor *supervisor, const struct seccomp_notif *req,
			uint64_t flags, uint32_t device)
{
	const int listener = supervisor->listener;
	uint8_t token[WORLD_TOKEN_LEN];
	int fd, err;

	worker_waits(supervisor);
	fd = world_open_device(supervisor->world, device);
	if (fd < 0) {
		/* A node without a driver behind it, if the world is gone. */
		notification_answer(listener, req->id, fd == -ECONNREFUSED ? -ENXIO : fd);
		return;
	}
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		err = -EEXIST;
	else if (flags & O_DIRECTORY)
		err = -ENOTDIR;
	else
		err = world_token(fd, token);
	if (err) {
		notification_answer(listener, req->id, err);
		close(fd);
		return;
	}
	/* Before another thread can use it. */
	context_add(fd, token);
	notification_answer_fd(listener, req->id, fd, flags & O_CLOEXEC);
}

/* A file to read with @len bytes of text. A descriptor or a negative errno. */
static int text_file(const void *text, size_t len)
{
	char path[32];
	int fd, file, err;

	file = memfd_create("tee-attribute", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", file);
	if (write(file, text, len) != (ssize_t)len ||
	    fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		fd = -1;
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	err = -errno;
	close(file);
	return fd < 0 ? err : fd;
}

static void open_attribute(const struct supervisor *supervisor, const struct seccomp_notif *req,
			   uint64_t flags, uint32_t device, const char *name)
{
	const int listener = supervisor->listener;
	char text[WORLD_BUF_LEN];
	ssize_t len;
	int fd;

	len = attribute_read(supervisor, device, name, text, sizeof(text));
	if (len == -ENAMETOOLONG) {
		notification_continue(listener, req->id);
		return;
	}
	fd = len < 0 ? (int)len : text_file(text, (size_t)len);
	if (fd < 0) {
		notification_answer(listener, req->id, fd == -ECONNREFUSED ? -ENOENT : fd);
		return;
	}
	notification_answer_fd(listener, req->id, fd, flags & O_CLOEXEC);
}

void supervise_open(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	const pid_t tid = (pid_t)req->pid;
	struct open_call call;
	char path[PATH_MAX];
	const char *name;
	uint32_t device;

	if (!tid || !decode(req, &call) || call.flags & O_PATH ||
	    task_read_string(tid, call.path_addr, path, sizeof(path)) < 0)
		goto pass;
	if (path_is_device(tid, call.dirfd, path, !(call.flags & O_NOFOLLOW), &device)) {
		if (notification_valid(supervisor->listener, req->id))
			open_device(supervisor, req, call.flags, device);
		return;
	}
	if ((call.flags & O_ACCMODE) == O_RDONLY && path_is_attribute(path, &device, &name)) {
		if (notification_valid(supervisor->listener, req->id))
			open_attribute(supervisor, req, call.flags, device, name);
		return;
	}
pass:
	notification_continue(supervisor->listener, req->id);
}
