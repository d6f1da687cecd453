// SPDX-License-Identifier: BSD-3-Clause
/*
 * How devices look to wrapped programs: stat and access of the paths that lead to them, and
 * the listing of /dev. Other paths and directories are the kernel's. As with opens, /dev/teeN
 * is the world's alone: what the host has by such a name isn't seen.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include <world/server/server.h>

#include "filter.h"
#include "path.h"
#include "supervisor.h"
#include "task.h"

/* Inode number of tee0. devtmpfs counts from 1 and doesn't get there. */
#define FIRST_INODE 0x7ee00000u

/* What is read of a directory at a time. */
#define LISTING_LEN 32768u

#ifdef __x86_64__
static_assert(sizeof(struct stat) == 144, "the kernel's");
#else
static_assert(sizeof(struct stat) == 128, "the kernel's");
#endif

/* The devices of a world don't change while it is up, so each is asked for once, when it is looked at. */
static _Atomic enum presence { UNKNOWN, ABSENT, PRESENT } devices[WORLD_TEE_DEVICES_MAX];

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct stat dev;
static struct timespec since;

static void begin(void)
{
	clock_gettime(CLOCK_REALTIME, &since);
	if (stat("/dev", &dev))
		memset(&dev, 0, sizeof(dev));
}

/* Has the world this device? */
static bool is_present(const struct supervisor *supervisor, uint32_t device)
{
	char driver[WORLD_BUF_LEN];
	enum presence presence;

	if (device >= WORLD_TEE_DEVICES_MAX)
		return false;
	presence = atomic_load(&devices[device]);
	if (presence == UNKNOWN) {
		presence =
			attribute_read(supervisor, device, "driver", driver, sizeof(driver)) < 0 ?
				ABSENT :
				PRESENT;
		atomic_store(&devices[device], presence);
	}
	return presence == PRESENT;
}

struct look_call {
	int dirfd;
	uint64_t path_addr;
	uint64_t flags; /* AT_* */
	uint64_t known_flags;
	uint64_t out_addr;
	uint32_t mode; /* of access; mask of statx */
};

/* False if it is none of ours. */
static bool decode(const struct seccomp_notif *req, struct look_call *call)
{
	const __u64 *args = req->data.args;

	memset(call, 0, sizeof(*call));
	call->dirfd = AT_FDCWD;
	call->path_addr = args[0];
	switch (req->data.nr) {
#ifdef SYS_stat
	case SYS_stat:
		call->out_addr = args[1];
		return true;
	case SYS_lstat:
		call->out_addr = args[1];
		call->flags = call->known_flags = AT_SYMLINK_NOFOLLOW;
		return true;
	case SYS_access:
		call->mode = (uint32_t)args[1];
		return true;
#endif
	case SYS_lgetxattr:
	case SYS_llistxattr:
		call->flags = call->known_flags = AT_SYMLINK_NOFOLLOW;
		return true;
	case SYS_getxattr:
	case SYS_listxattr:
		return true;
	default:
		break;
	}
	call->dirfd = (int)args[0];
	call->path_addr = args[1];
	switch (req->data.nr) {
	case SYS_newfstatat:
		call->out_addr = args[2];
		call->flags = (uint32_t)args[3];
		call->known_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
		return true;
	case SYS_statx:
		call->flags = (uint32_t)args[2];
		call->known_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE;
		call->mode = (uint32_t)args[3];
		call->out_addr = args[4];
		return true;
	case SYS_faccessat:
		call->mode = (uint32_t)args[2];
		return true;
	case SYS_faccessat2:
		call->mode = (uint32_t)args[2];
		call->flags = (uint32_t)args[3];
		call->known_flags = AT_SYMLINK_NOFOLLOW | AT_EACCESS;
		return true;
	default:
		return false;
	}
}

/*
 * The device number has major 0, which no driver has: the TEE subsystem's is given out anew at
 * each boot, and whoever made a node of this one must not meet a device of the host.
 */
static int answer_stat(pid_t tid, uint64_t addr, uint32_t device)
{
	const struct stat st = {
		.st_dev = dev.st_dev,
		.st_ino = FIRST_INODE + device,
		.st_mode = S_IFCHR | 0666,
		.st_nlink = 1,
		.st_rdev = makedev(0, device),
		.st_blksize = 4096,
		.st_atim = since,
		.st_mtim = since,
		.st_ctim = since,
	};

	return task_write(tid, addr, &st, sizeof(st));
}

static int answer_statx(pid_t tid, const struct look_call *call, uint32_t device)
{
	const struct statx_timestamp time = { .tv_sec = since.tv_sec,
					      .tv_nsec = (uint32_t)since.tv_nsec };
	const struct statx st = {
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = 4096,
		.stx_nlink = 1,
		.stx_mode = S_IFCHR | 0666,
		.stx_ino = FIRST_INODE + device,
		.stx_atime = time,
		.stx_mtime = time,
		.stx_ctime = time,
		.stx_rdev_minor = device,
		.stx_dev_major = major(dev.st_dev),
		.stx_dev_minor = minor(dev.st_dev),
	};

	if (call->mode & STATX__RESERVED ||
	    (call->flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	return task_write(tid, call->out_addr, &st, sizeof(st));
}

static int answer_access(uint32_t mode)
{
	if (mode & ~(uint32_t)(R_OK | W_OK | X_OK))
		return -EINVAL;
	return mode & X_OK ? -EACCES : 0;
}

static int answer(const struct supervisor *supervisor, const struct seccomp_notif *req,
		  const struct look_call *call, uint32_t device)
{
	if (call->flags & ~call->known_flags)
		return -EINVAL;
	if (!is_present(supervisor, device))
		return -ENOENT;
	switch (req->data.nr) {
	case SYS_statx:
		return answer_statx((pid_t)req->pid, call, device);
	case SYS_getxattr:
	case SYS_lgetxattr:
		return -EOPNOTSUPP;
	case SYS_listxattr:
	case SYS_llistxattr:
		return 0;
	default:
		break;
	}
	if (call->out_addr || req->data.nr == SYS_newfstatat)
		return answer_stat((pid_t)req->pid, call->out_addr, device);
#ifdef SYS_stat
	if (req->data.nr == SYS_stat || req->data.nr == SYS_lstat)
		return -EFAULT;
#endif
	return answer_access(call->mode);
}

/* Entries of directories, as the kernel has them. */
static bool hidden(const char *name)
{
	if (strncmp(name, "tee", 3) || !name[3])
		return false;
	for (name += 3; *name; name++)
		if (!isdigit((unsigned char)*name))
			return false;
	return true;
}

/* Drops the host's devices from @len bytes of entries. Returns what is left. */
static size_t drop_hidden(char *entries, size_t len)
{
	size_t from = 0, to = 0;

	while (from < len) {
		const struct dirent64 *entry = (const struct dirent64 *)(entries + from);
		const size_t entry_len = entry->d_reclen;

		if (!hidden(entry->d_name)) {
			memmove(entries + to, entries + from, entry_len);
			to += entry_len;
		}
		from += entry_len;
	}
	return to;
}

/* The world's devices as entries, or -EINVAL if there is no room. */
static ssize_t list_devices(const struct supervisor *supervisor, char *entries, size_t room)
{
	size_t len = 0;

	for (uint32_t i = 0; i < WORLD_TEE_DEVICES_MAX; i++) {
		struct dirent64 *entry = (struct dirent64 *)(entries + len);
		char name[16];
		size_t size;

		if (!is_present(supervisor, i))
			continue;
		size = offsetof(struct dirent64, d_name) +
		       (size_t)snprintf(name, sizeof(name), "tee%u", i) + 1;
		size = (size + 7) & ~(size_t)7;
		if (size > room - len)
			return -EINVAL;
		memset(entry, 0, size);
		entry->d_ino = FIRST_INODE + i;
		entry->d_reclen = (unsigned short)size;
		entry->d_type = DT_CHR;
		strcpy(entry->d_name, name);
		len += size;
	}
	return (ssize_t)len;
}

/*
 * Reads on in the directory: at its start, the world's devices come first. They are read
 * together with at least one entry of the host, which moves the position from there.
 */
static ssize_t list(const struct supervisor *supervisor, int dir, off_t position, char *entries,
		    size_t room)
{
	ssize_t len = position ? 0 : list_devices(supervisor, entries, room);
	ssize_t more, kept;

	if (len < 0)
		return len;
	do {
		more = syscall(SYS_getdents64, dir, entries + len, room - (size_t)len);
		if (more < 0)
			return -errno;
		kept = (ssize_t)drop_hidden(entries + len, (size_t)more);
	} while (more && !kept && !len);
	return len + kept;
}

/* Our copy of a thread's descriptor, with its position. */
static int copy_directory(pid_t tid, int fd)
{
	const pid_t process = task_process(tid);
	int pidfd, copy;

	if (process < 0)
		return process;
	pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	if (pidfd < 0)
		return -errno;
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(pidfd);
	return copy;
}

static bool is_dev(const struct stat *st)
{
	return dev.st_ino && st->st_dev == dev.st_dev && st->st_ino == dev.st_ino;
}

/* False if that is another directory. */
static bool list_dev(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	const pid_t tid = (pid_t)req->pid;
	const int fd = (int)req->data.args[0];
	size_t room = (uint32_t)req->data.args[2];
	char entries[LISTING_LEN] __attribute__((aligned(8)));
	struct stat st;
	char path[48];
	off_t position;
	ssize_t len;
	int dir;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	if (fd < 0 || stat(path, &st) || !is_dev(&st))
		return false;
	dir = copy_directory(tid, fd);
	if (dir < 0)
		return false;
	/* It may have become another since. */
	position = lseek(dir, 0, SEEK_CUR);
	if (fstat(dir, &st) || !is_dev(&st) || position < 0 ||
	    !notification_valid(supervisor->listener, req->id)) {
		close(dir);
		return false;
	}
	if (room > sizeof(entries))
		room = sizeof(entries);
	len = list(supervisor, dir, position, entries, room);
	if (len > 0) {
		const int err = task_write(tid, req->data.args[1], entries, (size_t)len);

		if (err) {
			lseek(dir, position, SEEK_SET);
			len = err;
		}
	}
	close(dir);
	notification_answer(supervisor->listener, req->id, len);
	return true;
}

bool supervise_look(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	struct look_call call;
	char path[PATH_MAX];
	uint32_t device;

	if (req->data.nr == SYS_getdents64) {
		pthread_once(&once, begin);
		return req->pid && list_dev(supervisor, req);
	}
	if (!req->pid || !decode(req, &call) ||
	    task_read_string((pid_t)req->pid, call.path_addr, path, sizeof(path)) < 0 ||
	    !path_is_device((pid_t)req->pid, call.dirfd, path, !(call.flags & AT_SYMLINK_NOFOLLOW),
			    &device))
		return false;
	pthread_once(&once, begin);
	if (notification_valid(supervisor->listener, req->id))
		notification_answer(supervisor->listener, req->id,
				    answer(supervisor, req, &call, device));
	return true;
}
