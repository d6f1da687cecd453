/* SPDX-License-Identifier: BSD-3-Clause */
/* Which paths of a wrapped thread lead to a device. */
#ifndef CMD_TSWORLD_SUPERVISOR_PATH_H
#define CMD_TSWORLD_SUPERVISOR_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Whether @path, relative to the thread's descriptor @dirfd or AT_FDCWD, is /dev/teeN or leads
 * there; then *@device is N. The last component is followed, if it is a link, when @follow is
 * true.
 */
bool path_is_device(pid_t tid, int dirfd, const char *path, bool follow, uint32_t *device);

/* stat() of @path, relative to the thread's descriptor @dirfd or AT_FDCWD: 0, or -1 with errno. */
int path_stat(pid_t tid, int dirfd, const char *path, struct stat *st);

/*
 * Whether @path is /sys/class/tee/teeN/device/NAME, spelled so; then *@device is N and *@name
 * points into @path.
 */
bool path_is_attribute(const char *path, uint32_t *device, const char **name);

#endif /* CMD_TSWORLD_SUPERVISOR_PATH_H */
