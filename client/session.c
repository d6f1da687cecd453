// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sessions: what tstee_open() hands out. A session outlives its connection: after a fork, or
 * when the device went away, the next call makes a new one. It outlives tstee_close(), too, while
 * calls of other threads are in it.
 *
 * Locks: sessions.lock guards the list of all sessions, who holds them, and struct session_place;
 * a session's lock guards its connection and who uses which buffer, and is never held across a
 * system call that can wait for a partition. Order: sessions.lock, then a session's. fork() takes
 * them all, so that the child finds every session in order.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <tstee/ts_rpc.h>

#include "connection.h"
#include "error.h"
#include "login.h"
#include "no_cancel.h"
#include "session.h"

struct tstee_session {
	struct tstee_session *next;
	struct tstee_uuid uuid;
	struct tstee_options options; /* login definite */
	unsigned int holds;	      /* who opened it, and who is in a call */
	bool closed;		      /* by who opened it */

	pthread_mutex_t lock;
	pthread_cond_t changed;	 /* a buffer or the connection became free */
	struct connection *conn; /* NULL = to be made by the next call */
	bool connecting;	 /* by another thread */
	bool keeps;		 /* the short buffers: something was made through them */
	struct timespec used_up; /* when the user was last told that he has his share of buffers */
};

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	int atfork_err;
	unsigned int forks; /* that led to this process, from the first session on */
	struct tstee_session *first;
} sessions = { .lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT };

static void fork_prepare(void)
{
	pthread_mutex_lock(&sessions.lock);
	for (struct tstee_session *s = sessions.first; s; s = s->next)
		pthread_mutex_lock(&s->lock);
}

static void fork_parent(void)
{
	for (struct tstee_session *s = sessions.first; s; s = s->next)
		pthread_mutex_unlock(&s->lock);
	pthread_mutex_unlock(&sessions.lock);
}

/* Nobody holds it, or knows it. */
static void session_free(struct tstee_session *s)
{
	if (s->conn)
		connection_close(s->conn);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/*
 * The buffers belong to calls of the parent, and the device speaks for the parent's user:
 * drop the child's hold on both. Threads that waited or called don't exist here, so that what
 * was closed while they called goes now.
 */
static void fork_child(void)
{
	struct tstee_session **link = &sessions.first, *s;

	sessions.forks++;
	while ((s = *link)) {
		if (s->conn)
			connection_close(s->conn);
		s->conn = NULL;
		s->connecting = false;
		s->holds = 1;
		pthread_cond_init(&s->changed, NULL);
		pthread_mutex_unlock(&s->lock);
		if (s->closed) {
			*link = s->next;
			session_free(s);
		} else {
			link = &s->next;
		}
	}
	pthread_mutex_unlock(&sessions.lock);
}

static void register_atfork(void)
{
	sessions.atfork_err = pthread_atfork(fork_prepare, fork_parent, fork_child);
}

static bool session_is_open(const struct tstee_session *session)
{
	for (const struct tstee_session *s = sessions.first; s; s = s->next) {
		if (s == session)
			return !s->closed;
	}
	return false;
}

/* Takes a hold of a session that its caller says he has. False if it is closed. */
static bool session_hold(struct tstee_session *session)
{
	bool open;

	pthread_mutex_lock(&sessions.lock);
	open = session_is_open(session);
	if (open)
		session->holds++;
	pthread_mutex_unlock(&sessions.lock);
	return open;
}

/* Lets a hold go, and the session with the last. */
static void session_release(struct tstee_session *session, bool close)
{
	struct tstee_session **link = &sessions.first;
	bool last;

	pthread_mutex_lock(&sessions.lock);
	session->closed |= close;
	last = !--session->holds;
	if (last) {
		while (*link != session)
			link = &(*link)->next;
		*link = session->next;
	}
	pthread_mutex_unlock(&sessions.lock);
	if (last)
		session_free(session);
}

bool session_place_full(struct session_place *place)
{
	bool full;

	pthread_mutex_lock(&sessions.lock);
	full = place->session;
	pthread_mutex_unlock(&sessions.lock);
	return full;
}

bool session_place_fill(struct session_place *place, struct tstee_session *session)
{
	bool empty;

	pthread_mutex_lock(&sessions.lock);
	empty = !place->session;
	if (empty)
		place->session = session;
	pthread_mutex_unlock(&sessions.lock);
	return empty;
}

void session_place_clear(struct session_place *place)
{
	struct tstee_session *session;

	pthread_mutex_lock(&sessions.lock);
	session = place->session;
	place->session = NULL;
	pthread_mutex_unlock(&sessions.lock);
	tstee_close(session);
}

struct tstee_session *session_place_hold(struct session_place *place)
{
	struct tstee_session *session;

	pthread_mutex_lock(&sessions.lock);
	session = place->session;
	if (session)
		session->holds++;
	pthread_mutex_unlock(&sessions.lock);
	return session;
}

void session_keeps(struct session_place *place)
{
	pthread_mutex_lock(&sessions.lock);
	if (place->session) {
		pthread_mutex_lock(&place->session->lock);
		place->session->keeps = true;
		pthread_mutex_unlock(&place->session->lock);
	}
	pthread_mutex_unlock(&sessions.lock);
}

unsigned int session_forks(void)
{
	return sessions.forks;
}

void session_let_go(struct tstee_session *session)
{
	session_release(session, false);
}

/* The driver's answers for a device that left: what was asked of it did not happen. */
static bool device_gone(int err)
{
	return err == -ENODEV || err == -ESHUTDOWN;
}

/* And for a partition that died, or was restarted and knows no buffer of before. */
static bool partition_gone(int err)
{
	return err == -EIO || err == -ENOENT;
}

/* Takes part in the calls of the current connection, which is made if there is none. */
static int session_connect(struct tstee_session *s)
{
	struct connection *conn;
	int err;

	while (!s->conn) {
		if (s->connecting) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		s->connecting = true;
		pthread_mutex_unlock(&s->lock);
		err = connection_open(&s->uuid, &s->options, &conn);
		pthread_mutex_lock(&s->lock);
		s->connecting = false;
		pthread_cond_broadcast(&s->changed);
		if (err)
			return err;
		s->conn = conn;
	}
	s->conn->users++;
	return 0;
}

/*
 * Ends that; with @gone the connection is of no more use. True if this was its last user, who
 * closes it without the lock.
 */
static bool session_disconnect(struct tstee_session *s, struct connection *conn, bool gone)
{
	if (gone && s->conn == conn) {
		s->conn = NULL;
		pthread_cond_broadcast(&s->changed);
	}
	return !--conn->users && s->conn != conn;
}

/* All sessions together give buffers back before they have more; all have those they need. */
#define BUFFERS_WANTED 16

/*
 * How long to try for a buffer that others have, if it isn't longer than that: longer ones need
 * not be to be had at all. A driver may wait by itself, which counts; between the tries there are
 * naps, which get longer.
 */
#define PATIENCE_MS  20000
#define PATIENT_LEN  (65536u + TS_RPC_PAGE_LEN)
#define NAP_FIRST_NS 1000000L
#define NAP_LAST_NS  64000000L

/* Who was told that his share is used up, after a wait, isn't made to wait again at once. */
#define USED_UP_MS 1000

struct patience {
	struct timespec begin; /* of the first try */
	long nap_ns;
};

static long ms_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
}

/* Some of a connection's buffers. */
struct buffers {
	struct buffer *first;
	size_t count;
};

/* Those that calls of length @len should take. */
static struct buffers buffers_for(struct connection *conn, size_t len)
{
	return (struct buffers){
		.first = conn->buffers + (len > CONNECTION_SHORT ? CONNECTION_CALLS : 0),
		.count = CONNECTION_CALLS,
	};
}

/* The free buffer that suits best: long enough, else one with memory, else any; or NULL. */
static struct buffer *buffer_pick(struct buffers buffers, size_t len)
{
	struct buffer *best = NULL;

	for (size_t i = 0; i < buffers.count; i++) {
		struct buffer *buffer = &buffers.first[i];

		if (buffer->busy)
			continue;
		if (buffer->len >= len)
			return buffer;
		if (!best || buffer->len > best->len)
			best = buffer;
	}
	return best;
}

/* How many buffers are in use; *@idle = how many have memory and are not. */
static size_t buffers_busy(struct buffers buffers, size_t *idle)
{
	size_t busy = 0;

	*idle = 0;
	for (size_t i = 0; i < buffers.count; i++) {
		if (buffers.first[i].busy)
			busy++;
		else if (buffers.first[i].addr)
			++*idle;
	}
	return busy;
}

struct idle_buffer {
	struct tstee_session *session;
	struct connection *conn;
	struct buffer *buffer;
};

/*
 * An idle buffer with memory, of a session other than @mine: busy for the caller, who holds the
 * session and takes part in its connection. With sessions.lock. False if there is none. What was
 * made through the short ones of a session that keeps them would be taken for nobody's.
 */
static bool take_idle_buffer(const struct tstee_session *mine, struct idle_buffer *idle)
{
	for (struct tstee_session *s = sessions.first; s; s = s->next) {
		struct buffer *found = NULL;

		if (s == mine || s->closed)
			continue;
		pthread_mutex_lock(&s->lock);
		for (size_t i = s->keeps ? CONNECTION_CALLS : 0; s->conn && i < CONNECTION_BUFFERS;
		     i++) {
			struct buffer *buffer = &s->conn->buffers[i];

			if (!buffer->busy && buffer->addr)
				found = buffer;
		}
		if (found) {
			found->busy = true;
			s->conn->users++;
			s->holds++;
			*idle = (struct idle_buffer){ s, s->conn, found };
		}
		pthread_mutex_unlock(&s->lock);
		if (found)
			return true;
	}
	return false;
}

/* How many buffers all sessions have together. With sessions.lock. */
static size_t buffers_of_all(void)
{
	size_t count = 0;

	for (struct tstee_session *s = sessions.first; s; s = s->next) {
		pthread_mutex_lock(&s->lock);
		for (size_t i = 0; s->conn && i < CONNECTION_BUFFERS; i++)
			count += s->conn->buffers[i].busy || s->conn->buffers[i].addr;
		pthread_mutex_unlock(&s->lock);
	}
	return count;
}

/*
 * Gives idle buffers of other sessions back: as many as are too many, or if there is @need one at
 * least. True if there was one. Without a lock.
 */
static bool give_back(const struct tstee_session *mine, bool need)
{
	bool given = false;

	for (;;) {
		struct idle_buffer idle;
		bool taken = false, last;

		pthread_mutex_lock(&sessions.lock);
		if ((need && !given) || buffers_of_all() > BUFFERS_WANTED)
			taken = take_idle_buffer(mine, &idle);
		pthread_mutex_unlock(&sessions.lock);
		if (!taken)
			return given;
		connection_buffer_free(idle.buffer);
		given = true;
		pthread_mutex_lock(&idle.session->lock);
		idle.buffer->busy = false;
		last = session_disconnect(idle.session, idle.conn, false);
		pthread_cond_broadcast(&idle.session->changed);
		pthread_mutex_unlock(&idle.session->lock);
		if (last)
			connection_close(idle.conn);
		session_release(idle.session, false);
	}
}

/* May @err, of a try to share a buffer, be gone when others have given theirs back? */
static bool others_have_them(int err)
{
	switch (err) {
	case -EBUSY:
	case -EDQUOT:
	case -EINVAL: /* Linux's own driver has one errno for all that a partition refuses */
	case -ENOMEM:
	case -ENOSPC:
		return true;
	default:
		return false;
	}
}

/*
 * After @err, which came for want of memory or buffers: is there to be another try? Waits a
 * little before it says so. Without a lock.
 */
static bool try_again(const struct tstee_session *mine, bool patient, int err, struct patience *p)
{
	struct timespec nap = { .tv_nsec = p->nap_ns };

	if (!others_have_them(err))
		return false;
	if (give_back(mine, true))
		return true;
	if (!patient || ms_since(&p->begin) >= PATIENCE_MS)
		return false;
	nanosleep(&nap, NULL);
	if (p->nap_ns < NAP_LAST_NS)
		p->nap_ns *= 2;
	return true;
}

/* Has the user, who has no buffer here, just been told that he has his share of them? */
static bool is_used_up(const struct tstee_session *s, const struct connection *conn)
{
	for (size_t i = 0; i < CONNECTION_BUFFERS; i++) {
		if (conn->buffers[i].busy || conn->buffers[i].addr)
			return false;
	}
	return s->used_up.tv_sec && ms_since(&s->used_up) < USED_UP_MS;
}

/*
 * A buffer of @len bytes or more, busy for the caller. When all that the partition has for this
 * user are with others, waits for them.
 */
static int session_buffer(struct tstee_session *s, struct connection *conn, size_t len,
			  bool patient, struct buffer **out)
{
	const struct buffers all = { .first = conn->buffers, .count = CONNECTION_BUFFERS };
	struct buffers buffers = buffers_for(conn, len);
	struct patience patience = { .nap_ns = NAP_FIRST_NS };
	struct buffer *buffer;
	size_t busy, idle;
	bool again;
	int err;

	if (is_used_up(s, conn))
		return error_set_errno(EDQUOT, conn->path, "share a buffer");
	clock_gettime(CLOCK_MONOTONIC, &patience.begin);
	for (;;) {
		buffer = buffer_pick(buffers, len);
		if (!buffer) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		buffer->busy = true;
		if (buffer->len >= len)
			break;
		pthread_mutex_unlock(&s->lock);
		give_back(s, false);
		err = connection_buffer_grow(conn, buffer, len);
		pthread_mutex_lock(&s->lock);
		if (!err)
			break;
		buffer->busy = false;
		pthread_cond_broadcast(&s->changed);
		if (device_gone(err))
			return err;
		/* When the partition has no room for a second buffer, the first will do. */
		busy = buffers_busy(buffers, &idle);
		if (!busy && !idle && !s->keeps) {
			/* If need be, one that is for calls of other lengths, and free. */
			buffers = all;
			busy = buffers_busy(buffers, &idle);
		}
		if (idle)
			continue;
		if (busy) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		again = try_again(s, patient && len <= PATIENT_LEN, err, &patience);
		pthread_mutex_lock(&s->lock);
		if (!again) {
			if (err == -EDQUOT)
				clock_gettime(CLOCK_MONOTONIC, &s->used_up);
			return err;
		}
		buffers = buffers_for(conn, len);
	}
	*out = buffer;
	return 0;
}

static void session_buffer_put(struct tstee_session *s, struct buffer *buffer)
{
	buffer->busy = false;
	pthread_cond_broadcast(&s->changed);
}

uint16_t tstee_session_endpoint_id(struct tstee_session *session)
{
	uint16_t endpoint_id;

	if (!session || !session_hold(session))
		return 0;
	pthread_mutex_lock(&session->lock);
	endpoint_id = session->conn ? session->conn->endpoint_id : 0;
	pthread_mutex_unlock(&session->lock);
	session_release(session, false);
	return endpoint_id;
}

static int session_call_once(struct tstee_session *s, struct call *call)
{
	size_t len = call->req_len > call->resp_size ? call->req_len : call->resp_size;
	struct connection *conn = NULL;
	struct buffer *buffer = NULL;
	bool last = false;
	int err;

	pthread_mutex_lock(&s->lock);
	err = session_connect(s);
	if (err)
		goto unlock;
	conn = s->conn;
	if (len)
		err = session_buffer(s, conn, len, call->patient, &buffer);
	if (!err) {
		pthread_mutex_unlock(&s->lock);
		err = connection_call(conn, buffer, call);
		pthread_mutex_lock(&s->lock);
	}
	if (buffer)
		session_buffer_put(s, buffer);
	last = session_disconnect(s, conn, device_gone(err) || partition_gone(err));
unlock:
	pthread_mutex_unlock(&s->lock);
	if (last)
		connection_close(conn);
	return err;
}

/* Sums up the lengths of @iov in *@len. */
static bool iov_len(const struct iovec *iov, int count, size_t *len)
{
	*len = 0;
	if (count < 0 || (count && !iov))
		return false;
	for (int i = 0; i < count; i++) {
		if ((iov[i].iov_len && !iov[i].iov_base) ||
		    __builtin_add_overflow(*len, iov[i].iov_len, len))
			return false;
	}
	return true;
}

int session_callv(struct tstee_session *session, bool patient, uint32_t opcode,
		  const struct iovec *iov, int iov_count, const struct iovec *resp, int resp_count,
		  size_t *resp_len, int32_t *status)
{
	struct call call = { .opcode = opcode,
			     .iov = iov,
			     .iov_count = iov_count,
			     .resp = resp,
			     .resp_count = resp_count,
			     .patient = patient };
	int cancel, err;

	if (resp_len)
		*resp_len = 0;
	if (!status || opcode > UINT16_MAX || !iov_len(resp, resp_count, &call.resp_size) ||
	    (call.resp_size && !resp_len))
		return error_set(EINVAL, NULL, "bad argument of a call");
	if (!iov_len(iov, iov_count, &call.req_len))
		return error_set(EINVAL, NULL, "bad request of a call");
	if (call.req_len > UINT32_MAX)
		return error_set(EINVAL, NULL, "request of 4 GiB or more");

	cancel = no_cancel_begin();
	err = session_call_once(session, &call);
	/* Nothing was sent: the device may have come back, perhaps as another number. */
	if (device_gone(err))
		err = session_call_once(session, &call);
	no_cancel_end(cancel);
	if (resp_len)
		*resp_len = call.resp_len;
	if (!err)
		*status = call.status;
	return err;
}

int tstee_callv(struct tstee_session *session, uint32_t opcode, const struct iovec *iov,
		int iov_count, void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	const struct iovec to = { .iov_base = resp, .iov_len = resp_size };
	int err;

	if (resp_len)
		*resp_len = 0;
	if (!session)
		return error_set(EINVAL, NULL, "bad argument of a call");
	if (!session_hold(session))
		return error_set(EBADF, NULL, "call of a session that is closed");
	err = session_callv(session, true, opcode, iov, iov_count, &to, 1, resp_len, status);
	session_let_go(session);
	return err;
}

int tstee_call(struct tstee_session *session, uint32_t opcode, const void *req, size_t req_len,
	       void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	const struct iovec iov = { .iov_base = (void *)req, .iov_len = req_len };

	return tstee_callv(session, opcode, &iov, 1, resp, resp_size, resp_len, status);
}

static int options_check(const struct tstee_options *options)
{
	for (size_t i = 0; i < sizeof(options->reserved) / sizeof(options->reserved[0]); i++) {
		if (options->reserved[i])
			return error_set(EINVAL, NULL, "reserved options are set");
	}
	if (options->endpoint_id > UINT16_MAX)
		return error_set(EINVAL, "an endpoint ID has 16 bits", "0x%x: not an endpoint ID",
				 options->endpoint_id);
	return 0;
}

static int session_open(struct tstee_session *s)
{
	int err = connection_open(&s->uuid, &s->options, &s->conn);

	if (err)
		return err;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->holds = 1;
	pthread_mutex_lock(&sessions.lock);
	s->next = sessions.first;
	sessions.first = s;
	pthread_mutex_unlock(&sessions.lock);
	return 0;
}

int tstee_open(const char *service, const struct tstee_options *options,
	       struct tstee_session **session)
{
	struct tstee_session *s;
	int cancel, err;

	if (!session)
		return error_set(EINVAL, NULL, "no place for a session");
	pthread_once(&sessions.once, register_atfork);
	if (sessions.atfork_err)
		return error_set(sessions.atfork_err, NULL, "session: out of memory");
	s = calloc(1, sizeof(*s));
	if (!s)
		return error_set(ENOMEM, NULL, "session: out of memory");
	if (options)
		s->options = *options;
	err = tstee_service_parse(service, &s->uuid);
	if (!err)
		err = options_check(&s->options);
	if (!err)
		err = login_resolve(&s->options);
	if (!err) {
		cancel = no_cancel_begin();
		err = session_open(s);
		no_cancel_end(cancel);
	}
	if (err) {
		free(s);
		return err;
	}
	*session = s;
	return 0;
}

void tstee_close(struct tstee_session *session)
{
	int cancel;

	if (!session || !session_hold(session))
		return;
	cancel = no_cancel_begin();
	/* The hold of who opened it; that of this function keeps the session till here. */
	session_release(session, true);
	session_release(session, false);
	no_cancel_end(cancel);
}
