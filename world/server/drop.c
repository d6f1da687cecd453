// SPDX-License-Identifier: BSD-3-Clause
/*
 * Closing what others sent: owns a thread for each descriptor whose closing may wait, and the
 * signal that ends such a wait where it can be ended.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <world/message.h>

#include "drop.h"

/* Blocked in all threads, but while they close. */
#define HURRY	  SIGUSR2

#define STACK_LEN (64u * 1024)

struct drop {
	struct drop *next;
	int fd;
	uid_t uid;
	bool started; /* or there was no thread to be had */
	pthread_t thread;
	atomic_bool ended;
};

static struct drop *drops;

static void on_hurry(int signal)
{
	(void)signal;
}

int drop_start(void)
{
	const struct sigaction action = { .sa_handler = on_hurry };
	sigset_t hurry;

	sigemptyset(&hurry);
	sigaddset(&hurry, HURRY);
	/* A signal that is ignored would wake nobody. */
	if (sigaction(HURRY, &action, NULL) || sigprocmask(SIG_BLOCK, &hurry, NULL))
		return -errno;
	return 0;
}

void drop_close(int fd)
{
	sigset_t hurry;

	sigemptyset(&hurry);
	sigaddset(&hurry, HURRY);
	pthread_sigmask(SIG_UNBLOCK, &hurry, NULL);
	close(fd);
	pthread_sigmask(SIG_BLOCK, &hurry, NULL);
}

void drop_hurry(pthread_t thread)
{
	pthread_kill(thread, HURRY);
}

static void *drop_thread(void *arg)
{
	struct drop *drop = arg;

	drop_close(drop->fd);
	atomic_store(&drop->ended, true);
	return NULL;
}

static void start(struct drop *drop)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr))
		return;
	pthread_attr_setstacksize(&attr, STACK_LEN);
	drop->started = !pthread_create(&drop->thread, &attr, drop_thread, drop);
	pthread_attr_destroy(&attr);
}

void drop_add(int fd, uid_t uid)
{
	struct drop *drop = calloc(1, sizeof(*drop));

	if (!drop) {
		close(fd);
		return;
	}
	drop->fd = fd;
	drop->uid = uid;
	drop->next = drops;
	drops = drop;
	start(drop);
}

void drop_add_socket(int fd, uid_t uid)
{
	shutdown(fd, SHUT_RDWR);
	if (message_waits(fd))
		drop_add(fd, uid);
	else
		close(fd);
}

size_t drop_count_of(uid_t uid)
{
	size_t count = 0;

	for (const struct drop *drop = drops; drop; drop = drop->next)
		count += drop->uid == uid;
	return count;
}

size_t drop_count(void)
{
	size_t count = 0;

	for (const struct drop *drop = drops; drop; drop = drop->next)
		count++;
	return count;
}

void drop_look(void)
{
	struct drop **at = &drops, *drop;

	while ((drop = *at)) {
		if (!drop->started) {
			start(drop);
		} else if (atomic_load(&drop->ended)) {
			pthread_join(drop->thread, NULL);
			*at = drop->next;
			free(drop);
			continue;
		} else {
			drop_hurry(drop->thread);
		}
		at = &drop->next;
	}
}
