// SPDX-License-Identifier: BSD-3-Clause
/*
 * The system calls under the library; or the software world that the environment names.
 *
 * The driver fails with EINTR what it has not begun, and so does tsworld run what it has not
 * seen: doing it again is right, and what a program whose handlers lack SA_RESTART expects.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tee_sys.h"
#include "tee_world.h"
#include "world.h"

int tee_sys_open(const char *path)
{
	const char *world = world_path();
	int fd;

	if (world)
		return tee_world_open(world, path);
	fd = TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CLOEXEC));
	return fd < 0 ? -errno : fd;
}

void tee_sys_close(int fd)
{
	if (!tee_world_close(fd))
		close(fd);
}

int tee_sys_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	if (tee_world_ioctl(fd, request, arg, &ret))
		return ret;
	ret = TEMP_FAILURE_RETRY(ioctl(fd, request, arg));
	return ret < 0 ? -errno : ret;
}

void *tee_sys_map(int fd, size_t len)
{
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

void tee_sys_unmap(void *addr, size_t len)
{
	munmap(addr, len);
}

int tee_sys_driver(unsigned int index, char *name, size_t size)
{
	const char *world = world_path();
	char link[64], target[PATH_MAX];
	const char *base;
	ssize_t len;

	if (world)
		return tee_world_attribute(world, index, "driver", name, size);
	snprintf(link, sizeof(link), "/sys/class/tee/tee%u/device/driver", index);
	len = TEMP_FAILURE_RETRY(readlink(link, target, sizeof(target) - 1));
	if (len < 0)
		return -ENOENT;
	target[len] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (strlen(base) >= size)
		return -ENOENT;
	strcpy(name, base);
	return 0;
}

int tee_sys_state(unsigned int index, char *state, size_t size)
{
	const char *world = world_path();
	char path[64];
	ssize_t len;
	int fd;

	if (world)
		return tee_world_attribute(world, index, "state", state, size);
	snprintf(path, sizeof(path), "/sys/class/tee/tee%u/device/state", index);
	fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return -ENOENT;
	len = TEMP_FAILURE_RETRY(read(fd, state, size - 1));
	close(fd);
	if (len <= 0)
		return -ENOENT;
	state[len] = '\0';
	state[strcspn(state, "\n")] = '\0';
	return 0;
}
