// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open files by their tokens: owns the table. A token is the place in the table, which is no
 * secret, and random bytes, which are compared in constant time. The lock is held for the
 * table and the counts only, never during a call or a release.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "context.h"

/* A release calls the driver, which needs less than a channel's calls do. */
#define STACK_LEN (256u * 1024)

struct context {
	struct tee_file *file;
	uint32_t slot;
	uint32_t refs; /* its socket's, and one of each call */
	uint8_t token[WORLD_TOKEN_LEN];
	struct context *next_orphan;
	struct context *next; /* of all, until it is released */
	struct context **link;
	uid_t uid;
};

static struct {
	pthread_mutex_t lock;
	struct context *slots[CONTEXTS_MAX];
	struct context *all;
	size_t count;
	uint32_t next; /* where to look for a free slot: a number isn't used again at once */
	struct context *orphans; /* to be released */
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool random_bytes(uint8_t *bytes, size_t len)
{
	ssize_t got;

	do {
		got = getrandom(bytes, len, 0);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)len;
}

/* All of @len bytes are looked at, whatever they are. */
static bool equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < len; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

/* Under the lock. */
static void put_in_list(struct context *context)
{
	context->next = table.all;
	context->link = &table.all;
	if (context->next)
		context->next->link = &context->next;
	table.all = context;
	table.count++;
}

/* Under the lock. */
static void take_from_list(struct context *context)
{
	*context->link = context->next;
	if (context->next)
		context->next->link = context->link;
	table.count--;
}

/* Under the lock. */
static int put_in_table(struct context *context)
{
	for (uint32_t i = 0; i < CONTEXTS_MAX; i++) {
		uint32_t slot = (table.next + i) % CONTEXTS_MAX;

		if (table.slots[slot])
			continue;
		table.slots[slot] = context;
		table.next = slot + 1;
		put_in_list(context);
		context->slot = slot;
		memcpy(context->token, &slot, sizeof(slot));
		return 0;
	}
	return -ENFILE;
}

int context_create(struct tee_file *file, uid_t uid, struct context **out)
{
	struct context *context = calloc(1, sizeof(*context));
	int err;

	if (!context)
		return -ENOMEM;
	context->file = file;
	context->uid = uid;
	context->refs = 1;
	if (!random_bytes(context->token, sizeof(context->token))) {
		free(context);
		return -EIO;
	}
	pthread_mutex_lock(&table.lock);
	err = put_in_table(context);
	pthread_mutex_unlock(&table.lock);
	if (err) {
		free(context);
		return err;
	}
	*out = context;
	return 0;
}

void context_token(const struct context *context, uint8_t token[WORLD_TOKEN_LEN])
{
	memcpy(token, context->token, WORLD_TOKEN_LEN);
}

struct tee_file *context_file(struct context *context)
{
	return context->file;
}

struct context *context_get(const uint8_t token[WORLD_TOKEN_LEN])
{
	struct context *context = NULL;
	uint32_t slot;

	memcpy(&slot, token, sizeof(slot));
	if (slot >= CONTEXTS_MAX)
		return NULL;
	pthread_mutex_lock(&table.lock);
	context = table.slots[slot];
	if (context && equal(context->token, token, WORLD_TOKEN_LEN))
		context->refs++;
	else
		context = NULL;
	pthread_mutex_unlock(&table.lock);
	return context;
}

static void release(struct context *context)
{
	tee_file_release(context->file);
	explicit_bzero(context->token, sizeof(context->token));
	pthread_mutex_lock(&table.lock);
	take_from_list(context);
	pthread_mutex_unlock(&table.lock);
	free(context);
}

void context_put(struct context *context)
{
	bool last;

	pthread_mutex_lock(&table.lock);
	last = !--context->refs;
	pthread_mutex_unlock(&table.lock);
	if (last)
		release(context);
}

static void *release_thread(void *arg)
{
	release(arg);
	return NULL;
}

/* Each in a thread of its own, so that no partition holds up the release of another's. */
static bool start_release(struct context *context)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	if (pthread_attr_init(&attr))
		return false;
	err = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (!err)
		err = pthread_attr_setstacksize(&attr, STACK_LEN);
	if (!err)
		err = pthread_create(&thread, &attr, release_thread, context);
	pthread_attr_destroy(&attr);
	return !err;
}

void context_close(struct context *context)
{
	pthread_mutex_lock(&table.lock);
	table.slots[context->slot] = NULL;
	if (!--context->refs) {
		context->next_orphan = table.orphans;
		table.orphans = context;
	}
	pthread_mutex_unlock(&table.lock);
	context_retry();
}

bool context_retry(void)
{
	struct context *context;

	for (;;) {
		pthread_mutex_lock(&table.lock);
		context = table.orphans;
		if (context)
			table.orphans = context->next_orphan;
		pthread_mutex_unlock(&table.lock);
		if (!context)
			return false;
		if (start_release(context))
			continue;
		pthread_mutex_lock(&table.lock);
		context->next_orphan = table.orphans;
		table.orphans = context;
		pthread_mutex_unlock(&table.lock);
		return true;
	}
}

size_t context_count(void)
{
	size_t count;

	pthread_mutex_lock(&table.lock);
	count = table.count;
	pthread_mutex_unlock(&table.lock);
	return count;
}

size_t context_count_of(uid_t uid)
{
	size_t count = 0;

	pthread_mutex_lock(&table.lock);
	for (const struct context *context = table.all; context; context = context->next)
		count += context->uid == uid;
	pthread_mutex_unlock(&table.lock);
	return count;
}
