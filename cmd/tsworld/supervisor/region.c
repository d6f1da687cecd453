// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of wrapped programs that they registered with a device.
 *
 * Linux shares the very pages of the program. We can't: they are anonymous memory of another
 * process. A file stands for them, and is brought in line at the calls that name it: before
 * such a call the program's bytes are copied into the file, after it back. So the partition and
 * the program don't see each other's writes between calls, and two calls at once on the same
 * memory may undo each other's writes.
 *
 * A lock on the open file that the program has tells when it is released: the last copy of the
 * descriptor closed and the last mapping gone. The world learns the same by itself.
 *
 * The list and the counts of users are under the lock; a region that has users stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "region.h"
#include "task.h"

/* More than a partition has room for; beyond it a program fills memory that isn't its own. */
#define REGION_LEN_MAX (64u << 20)

struct region {
	struct region *next;
	unsigned int users;
	uint8_t token[WORLD_TOKEN_LEN];
	int32_t id;
	pid_t process;
	uint64_t addr;
	size_t len;
	void *map; /* of the file */
	int fd;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct region *regions;
static int timer_fd = -1;

int regions_timer(void)
{
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return timer_fd < 0 ? -errno : timer_fd;
}

/* Starts the timer, or stops it, which makes it unreadable too. The lock is held. */
static void timer_set(bool on)
{
	const struct itimerspec second = {
		.it_interval.tv_sec = on,
		.it_value.tv_sec = on,
	};

	timerfd_settime(timer_fd, 0, &second, NULL);
}

int region_create(pid_t tid, uint64_t addr, uint64_t len)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *map;
	int fd, err;

	if (len > REGION_LEN_MAX)
		return -ENOMEM;
	err = task_check_writable(tid, addr, len);
	if (err)
		return err;
	fd = memfd_create("tee-shm", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)(len ? (len + page - 1) / page * page : page)) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) {
		err = -errno;
		goto err_close;
	}
	if (!len)
		return fd;
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		err = -errno;
		goto err_close;
	}
	err = task_read(tid, addr, map, len);
	munmap(map, len);
	if (err)
		goto err_close;
	return fd;

err_close:
	close(fd);
	return err;
}

static void region_free(struct region *region)
{
	munmap(region->map, region->len);
	close(region->fd);
	free(region);
}

int region_add(const uint8_t token[WORLD_TOKEN_LEN], int32_t id, pid_t tid, uint64_t addr,
	       uint64_t len, int fd, int client_fd)
{
	struct region *region = calloc(1, sizeof(*region));
	int err;

	if (!region)
		return -ENOMEM;
	memcpy(region->token, token, WORLD_TOKEN_LEN);
	region->id = id;
	region->addr = addr;
	region->len = len;
	region->process = task_process(tid);
	if (region->process < 0) {
		err = region->process;
		goto err_free;
	}
	if (flock(client_fd, LOCK_EX | LOCK_NB)) {
		err = -errno;
		goto err_free;
	}
	region->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (region->fd < 0) {
		err = -errno;
		goto err_free;
	}
	region->map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (region->map == MAP_FAILED) {
		err = -errno;
		goto err_close;
	}
	pthread_mutex_lock(&lock);
	if (!regions)
		timer_set(true);
	region->next = regions;
	regions = region;
	pthread_mutex_unlock(&lock);
	return 0;

err_close:
	close(region->fd);
err_free:
	free(region);
	return err;
}

/* Whether the program has let go of it. The lock is held. */
static bool released(const struct region *region)
{
	return !region->users && !flock(region->fd, LOCK_EX | LOCK_NB);
}

void regions_sweep(void)
{
	struct region **link, *region, *gone = NULL;
	uint64_t ticks;

	pthread_mutex_lock(&lock);
	for (link = &regions; (region = *link);) {
		if (released(region)) {
			*link = region->next;
			region->next = gone;
			gone = region;
		} else {
			link = &region->next;
		}
	}
	if (!regions)
		timer_set(false);
	else if (read(timer_fd, &ticks, sizeof(ticks)) < 0)
		ticks = 0;
	pthread_mutex_unlock(&lock);
	while ((region = gone)) {
		gone = region->next;
		region_free(region);
	}
}

static struct region *find(const uint8_t token[WORLD_TOKEN_LEN], int32_t id)
{
	struct region *region;

	for (region = regions; region; region = region->next) {
		if (region->id == id && !memcmp(region->token, token, WORLD_TOKEN_LEN))
			break;
	}
	return region;
}

static void put(struct region *region)
{
	pthread_mutex_lock(&lock);
	region->users--;
	pthread_mutex_unlock(&lock);
}

int region_begin(const uint8_t token[WORLD_TOKEN_LEN], int32_t id, struct region **found)
{
	struct region *region;
	bool any;
	int err;

	*found = NULL;
	pthread_mutex_lock(&lock);
	any = regions;
	pthread_mutex_unlock(&lock);
	if (!any)
		return 0;
	/* Its ID may be another's by now, and its place in the program something else. */
	regions_sweep();
	pthread_mutex_lock(&lock);
	region = find(token, id);
	if (region)
		region->users++;
	pthread_mutex_unlock(&lock);
	if (!region)
		return 0;
	err = task_read(region->process, region->addr, region->map, region->len);
	if (err && err != -ESRCH) {
		put(region);
		return -EFAULT;
	}
	*found = region;
	return 0;
}

int region_end(struct region *region)
{
	int err;

	if (!region)
		return 0;
	err = task_write(region->process, region->addr, region->map, region->len);
	put(region);
	return err && err != -ESRCH ? -EFAULT : 0;
}
