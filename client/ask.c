// SPDX-License-Identifier: BSD-3-Clause
/*
 * Asking partitions whether they host a service. To ask is a call, which waits while the partition
 * is busy with others, or for ever if it is stuck. So threads of the library's own ask: one
 * after the other as long as answers come, another one beside when they don't. A thread that
 * is left behind in its call ends with that, or with the process.
 *
 * Owns struct question, which its threads and the one that wants to know share; its lock is not
 * held across a call. After a fork nobody knows it in the child.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tstee/ts_rpc.h>

#include "ask.h"
#include "tee_sys.h"

/* A partition that is silent for so long is no longer waited for before the next is asked. */
#define NEXT_MS 20

/*
 * So much longer than one that hosts the service those are waited for that come before it. No
 * call takes a partition longer than two seconds: who takes longer is stuck, and when the driver
 * knows it there is nothing to wait for.
 */
#define FIRST_MS  3000

#define STACK_LEN (256u * 1024u)

struct asked {
	struct ask_candidate candidate;
	bool answered;
	bool stuck; /* so the driver says */
	int err;    /* 0: hosts it, and fd and session are open */
	const char *what;
	int fd;
	uint32_t session;
};

struct question {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int holders;
	struct tstee_uuid uuid;
	struct tstee_options login;
	bool found; /* somewhere: no more are asked */
	bool over;  /* nobody wants to know any more */
	size_t count, next;
	long long last_ms; /* when something was asked or answered */
	struct asked asked[DEVICE_COUNT];
};

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* With the lock, which goes too. */
static void question_put(struct question *q)
{
	bool last = !--q->holders;

	pthread_mutex_unlock(&q->lock);
	if (!last)
		return;
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* The call. Without the lock; @asked is the thread's own copy. */
static void ask(const struct question *q, struct asked *asked)
{
	struct tee_ioctl_version_data version;
	char path[DEVICE_PATH_LEN];

	asked->answered = true;
	asked->fd = asked->candidate.fd;
	if (asked->fd < 0) {
		asked->what = "open";
		asked->fd = device_open(asked->candidate.index, path, &version);
		asked->err = asked->fd;
		if (asked->fd < 0)
			return;
		/* Another may have come in its place. */
		asked->err = -ENOENT;
		if (device_kind(&version) != TSTEE_DEVICE_PARTITION ||
		    (uint16_t)version.impl_caps != asked->candidate.endpoint_id)
			goto no;
	}
	asked->what = "open session";
	asked->err = device_open_session(asked->fd, &q->uuid, &q->login, &asked->session);
	if (!asked->err)
		return;
no:
	tee_sys_close(asked->fd);
	asked->fd = -1;
}

/* Asks the next one, and lets the lock go meanwhile. */
static void ask_next(struct question *q)
{
	struct asked *asked = &q->asked[q->next++], mine = *asked;

	asked->candidate.fd = -1; /* this thread's */
	q->last_ms = now_ms();
	pthread_mutex_unlock(&q->lock);
	ask(q, &mine);
	pthread_mutex_lock(&q->lock);
	if (q->over) {
		if (!mine.err)
			tee_sys_close(mine.fd);
		return;
	}
	*asked = mine;
	q->found |= !mine.err;
	q->last_ms = now_ms();
	pthread_cond_broadcast(&q->changed);
}

static bool more_to_ask(const struct question *q)
{
	return !q->over && !q->found && q->next < q->count;
}

static void *asker(void *arg)
{
	struct question *q = arg;

	pthread_mutex_lock(&q->lock);
	while (more_to_ask(q))
		ask_next(q);
	question_put(q);
	return NULL;
}

/* With the lock. False if there can't be a thread. */
static bool start_asker(struct question *q)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_LEN);
	/* The program's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = !pthread_create(&thread, &attr, asker, q);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	q->holders += started;
	q->last_ms = now_ms();
	return started;
}

/*
 * The one to take in *@which: one that hosts the service, or @count if none does. False while
 * an answer is missing; *@found is set if only those are that come before one that hosts it.
 */
static bool decided(const struct question *q, size_t *which, bool *found)
{
	bool missing = false;

	*found = false;
	for (*which = 0; *which < q->count; ++*which) {
		const struct asked *asked = &q->asked[*which];

		if (asked->answered && !asked->err) {
			*found = true;
			break;
		}
		missing |= !asked->answered && !asked->stuck;
	}
	return !missing;
}

/* Looks which of those that don't answer are stuck, and lets the lock go meanwhile. */
static void look_for_stuck(struct question *q)
{
	for (size_t i = 0; i < q->count; i++) {
		bool stuck;

		if (q->asked[i].answered)
			continue;
		pthread_mutex_unlock(&q->lock);
		stuck = device_stuck(q->asked[i].candidate.index);
		pthread_mutex_lock(&q->lock);
		q->asked[i].stuck = stuck;
	}
}

static void wait_till(struct question *q, long long ms)
{
	struct timespec till = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	pthread_cond_timedwait(&q->changed, &q->lock, &till);
}

/* With the lock. 0 and *@which, or -EBUSY. */
static int wait_for_answers(struct question *q, long long limit_ms, size_t *which)
{
	const long long begin = now_ms();
	long long found_at = 0, till;
	bool found;

	/* With nothing to choose the caller may as well wait himself. */
	if (q->count > 1 || limit_ms)
		start_asker(q);
	while (!decided(q, which, &found)) {
		const long long now = now_ms();

		if (q->holders == 1 && more_to_ask(q)) {
			ask_next(q);
			continue;
		}
		if (found && !found_at) {
			found_at = now;
			look_for_stuck(q);
			continue;
		}
		if (found && now >= found_at + FIRST_MS)
			return 0;
		if (limit_ms && now >= begin + limit_ms)
			return found ? 0 : -EBUSY;
		if (more_to_ask(q) && now >= q->last_ms + NEXT_MS && !start_asker(q)) {
			ask_next(q);
			continue;
		}
		till = now + 1000;
		if (more_to_ask(q) && q->last_ms + NEXT_MS < till)
			till = q->last_ms + NEXT_MS;
		if (found && found_at + FIRST_MS < till)
			till = found_at + FIRST_MS;
		if (limit_ms && begin + limit_ms < till)
			till = begin + limit_ms;
		wait_till(q, till);
	}
	return 0;
}

/* The answer, when none hosts it: the first failure that is one. */
static int none_hosts(const struct question *q, struct ask_answer *answer)
{
	for (size_t i = 0; i < q->count; i++) {
		const struct asked *asked = &q->asked[i];

		if (!asked->answered || asked->err == -ENOENT)
			continue;
		answer->index = asked->candidate.index;
		answer->what = asked->what;
		return asked->err;
	}
	return -ENOENT;
}

static void question_init(struct question *q, const struct ask_candidate *candidates, size_t count,
			  const struct tstee_uuid *uuid, const struct tstee_options *login)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, &attr);
	pthread_condattr_destroy(&attr);
	q->holders = 1;
	q->uuid = *uuid;
	q->login = *login;
	for (size_t i = 0; i < count; i++) {
		size_t at = q->count++;

		for (; at && q->asked[at - 1].candidate.endpoint_id > candidates[i].endpoint_id;
		     at--)
			q->asked[at] = q->asked[at - 1];
		q->asked[at] = (struct asked){ .candidate = candidates[i], .fd = -1 };
	}
}

/* With the lock. What was opened and isn't the answer. */
static void close_others(struct question *q, const struct asked *taken)
{
	for (size_t i = 0; i < q->count; i++) {
		struct asked *asked = &q->asked[i];

		if (asked != taken && asked->fd >= 0)
			tee_sys_close(asked->fd);
		if (asked->candidate.fd >= 0 && !asked->answered)
			tee_sys_close(asked->candidate.fd);
	}
}

int ask_partitions(const struct ask_candidate *candidates, size_t count,
		   const struct tstee_uuid *uuid, const struct tstee_options *login,
		   unsigned int limit_ms, struct ask_answer *answer)
{
	struct question *q = calloc(1, sizeof(*q));
	struct asked *taken = NULL;
	size_t which;
	int err;

	*answer = (struct ask_answer){ .fd = -1 };
	if (!q) {
		for (size_t i = 0; i < count; i++) {
			if (candidates[i].fd >= 0)
				tee_sys_close(candidates[i].fd);
		}
		answer->what = "open session";
		return -ENOMEM;
	}
	question_init(q, candidates, count, uuid, login);
	pthread_mutex_lock(&q->lock);
	err = wait_for_answers(q, limit_ms, &which);
	if (!err && which < q->count) {
		taken = &q->asked[which];
		answer->index = taken->candidate.index;
		answer->fd = taken->fd;
		answer->session = taken->session;
	} else if (!err) {
		err = none_hosts(q, answer);
	}
	q->over = true;
	close_others(q, taken);
	question_put(q);
	return err;
}
