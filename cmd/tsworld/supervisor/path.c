// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which paths of a wrapped thread lead to a device. All its opens come by here, so most must
 * be sent on at the cost of one system call: the one that says that the last component is no
 * symbolic link.
 *
 * /dev/teeN is a device by its name, whatever is there. Another path is one if it leads to
 * such a name in the directory /dev. Other absolute paths, and links, are followed from our own
 * root directory: looking from the thread's costs a third of an open, and it is another one
 * only in a chroot.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

/* As in Linux. */
#define LINKS_MAX 40

/* Room for "/proc/TID/fd/N/" ahead of a path. */
#define PROC_PATH_LEN (PATH_MAX + 64)

/* "teeN" as Linux spells it; @end is what must follow. */
static bool device_name(const char *name, char end, uint32_t *device)
{
	unsigned long number;
	char *rest;

	if (strncmp(name, "tee", 3) || !isdigit((unsigned char)name[3]))
		return false;
	if (name[3] == '0' && isdigit((unsigned char)name[4]))
		return false;
	number = strtoul(name + 3, &rest, 10);
	if (*rest != end || number >= INT_MAX)
		return false;
	*device = (uint32_t)number;
	return true;
}

/* Whether the first @len bytes of @path are /dev, but for repeated slashes and "/./". */
static bool spells_dev(const char *path, size_t len)
{
	static const char dev[] = "/dev";
	size_t matched = 0;

	for (size_t i = 0; i < len; i++) {
		if (path[i] == '/' && (i + 1 == len || path[i + 1] == '/'))
			continue;
		if (path[i] == '/' && path[i + 1] == '.' && (i + 2 == len || path[i + 2] == '/')) {
			i++;
			continue;
		}
		if (matched == sizeof(dev) - 1 || path[i] != dev[matched++])
			return false;
	}
	return matched == sizeof(dev) - 1;
}

/* How we name what the thread calls the first @len bytes of @path. False if too long. */
static bool proc_path(char proc[PROC_PATH_LEN], pid_t tid, int dirfd, const char *path, size_t len)
{
	static const char self[] = "/proc/self";
	const int length = (int)len;
	int ret;

	if (len >= sizeof(self) - 1 && !strncmp(path, self, sizeof(self) - 1) &&
	    (path[sizeof(self) - 1] == '/' || len == sizeof(self) - 1))
		ret = snprintf(proc, PROC_PATH_LEN, "/proc/%d%.*s", (int)tid,
			       length - (int)sizeof(self) + 1, path + sizeof(self) - 1);
	else if (path[0] == '/')
		ret = snprintf(proc, PROC_PATH_LEN, "%.*s", length, path);
	else if (dirfd == AT_FDCWD)
		ret = snprintf(proc, PROC_PATH_LEN, "/proc/%d/cwd/%.*s", (int)tid, length, path);
	else
		ret = snprintf(proc, PROC_PATH_LEN, "/proc/%d/fd/%d/%.*s", (int)tid, dirfd, length,
			       path);
	return ret > 0 && ret < PROC_PATH_LEN;
}

/* Whether the first @len bytes of @path lead to /dev. */
static bool leads_to_dev(pid_t tid, int dirfd, const char *path, size_t len)
{
	char proc[PROC_PATH_LEN];
	struct stat st, dev;

	if (len && path[0] == '/' && spells_dev(path, len))
		return true;
	if (!proc_path(proc, tid, dirfd, path, len) || stat(proc, &st))
		return false;
	return !stat("/dev", &dev) && dev.st_dev == st.st_dev && dev.st_ino == st.st_ino;
}

/*
 * Replaces the last component of @path, from byte @dir_len, by the target of the link that it
 * is. False if it is none.
 */
static bool follow_link(pid_t tid, int dirfd, char path[PATH_MAX], size_t dir_len)
{
	char proc[PROC_PATH_LEN], target[PATH_MAX];
	ssize_t len;

	if (!proc_path(proc, tid, dirfd, path, strlen(path)))
		return false;
	len = readlink(proc, target, sizeof(target));
	if (len <= 0 || len == sizeof(target))
		return false;
	if (target[0] == '/')
		dir_len = 0;
	if (dir_len + (size_t)len >= PATH_MAX)
		return false;
	memcpy(path + dir_len, target, (size_t)len);
	path[dir_len + (size_t)len] = '\0';
	return true;
}

bool path_is_device(pid_t tid, int dirfd, const char *path, bool follow, uint32_t *device)
{
	char followed[PATH_MAX];

	if (strlen(path) >= sizeof(followed))
		return false;
	strcpy(followed, path);
	for (int links = 0; links <= LINKS_MAX; links++) {
		const char *slash = strrchr(followed, '/');
		const char *name = slash ? slash + 1 : followed;
		size_t dir_len = (size_t)(name - followed);

		/* A slash or dot at the end asks for a directory. */
		if (!strcmp(name, "") || !strcmp(name, ".") || !strcmp(name, ".."))
			return false;
		if (device_name(name, '\0', device) && leads_to_dev(tid, dirfd, followed, dir_len))
			return true;
		if (!follow || !follow_link(tid, dirfd, followed, dir_len))
			return false;
	}
	return false;
}

int path_stat(pid_t tid, int dirfd, const char *path, struct stat *st)
{
	char proc[PROC_PATH_LEN];

	if (!proc_path(proc, tid, dirfd, path, strlen(path))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return stat(proc, st);
}

bool path_is_attribute(const char *path, uint32_t *device, const char **name)
{
	static const char class[] = "/sys/class/tee/";
	static const char parent[] = "/device/";
	const char *rest;

	if (strncmp(path, class, sizeof(class) - 1) ||
	    !device_name(path + sizeof(class) - 1, '/', device))
		return false;
	rest = strchr(path + sizeof(class) - 1, '/');
	if (strncmp(rest, parent, sizeof(parent) - 1))
		return false;
	*name = rest + sizeof(parent) - 1;
	return **name && !strchr(*name, '/');
}
