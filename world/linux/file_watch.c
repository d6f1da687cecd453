// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices that clients have let go of memory, by two things that a reopened file has for itself:
 *
 * - a lock on a byte of its own, which it keeps until its last descriptor and its last mapping
 *   are gone. Whether it is there can be asked by another open file;
 * - the event that its end is to inotify. The inode has other open files, and the event does
 *   not say which one ended, so that it is only the occasion to ask for the lock. It comes
 *   just before the lock goes: hence a question may be asked again for a while.
 *
 * Both have happened when a client's munmap() or close() returns. So who takes the next call
 * looks at the events first: file_watch_settle().
 *
 * One lock protects everything. It is not held while a release function runs.
 */
#include "file_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched/signal.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>
#include <world/ram.h>

/* After an event that was somebody else's: for how long, and how often, to ask again. */
#define CHECK_MS  5
#define CHECK_MAX 20

/* A task that is killed is not woken: it looks now and then. */
#define POLL_MS 5

/* How long reading an attribute waits for a release, which waits for the partition. */
#define SOON_MS	  200

#define NS_PER_MS 1000000
#define NS_PER_S  1000000000

/* A release function that is running. */
struct releasing {
	struct list_head node;
	const void *device;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static LIST_HEAD(watches);
static LIST_HEAD(releases);
static unsigned int suspects; /* watches that may be due */
static off_t next_byte;
static pthread_t thread;
static bool stopping;
static int events_fd = -1; /* inotify */
static int kick_fd = -1;   /* eventfd: there are suspects, or it is the end */

static void kick(void)
{
	eventfd_write(kick_fd, 1);
}

static void suspect(struct file_watch *watch)
{
	suspects += !watch->suspect;
	watch->suspect = true;
	watch->checks = 0;
}

static void clear(struct file_watch *watch)
{
	suspects -= watch->suspect;
	watch->suspect = false;
}

/* Takes all events that there are. */
static void read_events(void)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct file_watch *watch;
	ssize_t len;

	while ((len = read(events_fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + len;) {
			const struct inotify_event *event = (void *)p;
			bool lost = event->mask & IN_Q_OVERFLOW;

			list_for_each_entry(watch, &watches, node)
				if (lost || (event->mask & IN_CLOSE && watch->wd == event->wd))
					suspect(watch);
			p += sizeof(*event) + event->len;
		}
	}
}

static struct flock byte_lock(const struct file_watch *watch)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = watch->byte,
		.l_len = 1,
	};
}

/* Asked through the allocation's own open file. */
static bool is_held(const struct file_watch *watch)
{
	struct flock held = byte_lock(watch);

	return fcntl(watch->fd, F_OFD_GETLK, &held) || held.l_type != F_UNLCK;
}

/* The same file may be watched for another client. */
static void forget(struct file_watch *watch)
{
	struct file_watch *other;

	clear(watch);
	list_del(&watch->node);
	list_for_each_entry(other, &watches, node)
		if (other->wd == watch->wd)
			return;
	inotify_rm_watch(events_fd, watch->wd);
}

static void release(struct file_watch *watch)
{
	struct releasing self = { .device = watch->device };

	forget(watch);
	list_add_tail(&self.node, &releases);
	pthread_mutex_unlock(&lock);
	watch->release(watch);
	pthread_mutex_lock(&lock);
	list_del(&self.node);
	pthread_cond_broadcast(&released);
}

/* One that is due, of @device or of any. */
static struct file_watch *find_due(const void *device)
{
	struct file_watch *watch;

	if (!suspects)
		return NULL;
	list_for_each_entry(watch, &watches, node)
		if (watch->suspect && (!device || watch->device == device) && !is_held(watch))
			return watch;
	return NULL;
}

static bool is_releasing(const void *device)
{
	struct releasing *releasing;

	list_for_each_entry(releasing, &releases, node)
		if (releasing->device == device)
			return true;
	return false;
}

/* Until a release function has returned, or that time is over. */
static void wait_released(unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * NS_PER_MS;
	if (until.tv_nsec >= NS_PER_S) {
		until.tv_nsec -= NS_PER_S;
		until.tv_sec++;
	}
	pthread_cond_clockwait(&released, &lock, CLOCK_MONOTONIC, &until);
}

void file_watch_settle(const void *device)
{
	struct file_watch *watch;

	pthread_mutex_lock(&lock);
	read_events();
	while ((watch = find_due(device)))
		release(watch);
	if (suspects)
		kick();
	while (is_releasing(device) && !fatal_signal_pending(current))
		wait_released(POLL_MS);
	pthread_mutex_unlock(&lock);
}

void file_watch_settle_soon(const void *device)
{
	unsigned int waited;

	pthread_mutex_lock(&lock);
	read_events();
	if (suspects)
		kick();
	for (waited = 0; waited < SOON_MS && (find_due(device) || is_releasing(device));
	     waited += POLL_MS)
		wait_released(POLL_MS);
	pthread_mutex_unlock(&lock);
}

/* Suspects that were asked often enough: the event was not theirs. */
static void drop_suspects(void)
{
	struct file_watch *watch;

	list_for_each_entry(watch, &watches, node)
		if (watch->suspect && ++watch->checks > CHECK_MAX)
			clear(watch);
}

static void *watch_thread(void *arg)
{
	struct pollfd fds[] = { { .fd = events_fd, .events = POLLIN },
				{ .fd = kick_fd, .events = POLLIN } };
	struct file_watch *watch;
	eventfd_t kicks;

	(void)arg;
	pthread_mutex_lock(&lock);
	while (!stopping) {
		int timeout = suspects ? CHECK_MS : -1;

		pthread_mutex_unlock(&lock);
		poll(fds, 2, timeout);
		if (fds[1].revents)
			eventfd_read(kick_fd, &kicks);
		pthread_mutex_lock(&lock);

		read_events();
		while ((watch = find_due(NULL)))
			release(watch);
		drop_suspects();
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int file_watch_start(void)
{
	int rc;

	stopping = false;
	events_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (events_fd < 0)
		return -errno;
	kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (kick_fd < 0) {
		rc = -errno;
		goto err_close;
	}
	rc = -pthread_create(&thread, NULL, watch_thread, NULL);
	if (rc)
		goto err_close;
	return 0;

err_close:
	close(events_fd);
	if (kick_fd >= 0)
		close(kick_fd);
	return rc;
}

void file_watch_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_mutex_unlock(&lock);
	kick();
	pthread_join(thread, NULL);

	pthread_mutex_lock(&lock);
	while (!list_empty(&watches))
		release(list_first_entry(&watches, struct file_watch, node));
	pthread_mutex_unlock(&lock);
	close(events_fd);
	close(kick_fd);
}

/* The lock is held. 0 or a negative errno. */
static int watch_file(struct file_watch *watch)
{
	char path[sizeof("/proc/thread-self/fd/") + 10];

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", watch->fd);
	watch->wd = inotify_add_watch(events_fd, path, IN_CLOSE);
	if (watch->wd < 0)
		return errno == ENOMEM ? -ENOMEM : -ENFILE;
	watch->suspect = false;
	list_add_tail(&watch->node, &watches);
	return 0;
}

int file_watch_open(struct file_watch *watch, const void *addr)
{
	struct flock own;
	uint64_t offset;
	int fd, rc;

	rc = ram_find((uintptr_t)addr, 1, &watch->fd, &offset);
	if (rc)
		return rc;
	fd = ram_reopen(addr);
	if (fd < 0)
		return fd;

	pthread_mutex_lock(&lock);
	watch->byte = next_byte++;
	own = byte_lock(watch);
	rc = fcntl(fd, F_OFD_SETLK, &own) ? -errno : watch_file(watch);
	pthread_mutex_unlock(&lock);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}
