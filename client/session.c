// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sessions: what tstee_open() hands out. A session outlives its connection: after a fork, or
 * when the device went away, the next call makes a new one.
 *
 * Locks: sessions.lock guards the list of all sessions; a session's lock guards its connection
 * and who uses which buffer, and is never held across a system call that can wait for a
 * partition. Order: sessions.lock, then a session's. fork() takes them all, so that the
 * child finds every session in order.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "connection.h"
#include "error.h"
#include "login.h"
#include "session.h"

struct tstee_session {
	struct tstee_session *next;
	struct tstee_uuid uuid;
	struct tstee_options options; /* login definite */

	pthread_mutex_t lock;
	pthread_cond_t changed;	 /* a buffer or the connection became free */
	struct connection *conn; /* NULL = to be made by the next call */
	bool connecting;	 /* by another thread */
};

static struct {
	pthread_mutex_t lock;
	pthread_once_t once;
	int atfork_err;
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

/*
 * The buffers belong to calls of the parent, and the device speaks for the parent's user:
 * drop the child's hold on both. Threads that waited or called don't exist here.
 */
static void fork_child(void)
{
	for (struct tstee_session *s = sessions.first; s; s = s->next) {
		if (s->conn)
			connection_close(s->conn);
		s->conn = NULL;
		s->connecting = false;
		pthread_cond_init(&s->changed, NULL);
		pthread_mutex_unlock(&s->lock);
	}
	pthread_mutex_unlock(&sessions.lock);
}

static void register_atfork(void)
{
	sessions.atfork_err = pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* The driver's answers for a device that left: what was asked of it did not happen. */
static bool device_gone(int err)
{
	return err == -ENODEV || err == -ESHUTDOWN;
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

/* A buffer of @len bytes or more, busy for the caller. */
static int session_buffer(struct tstee_session *s, struct connection *conn, size_t len,
			  struct buffer **out)
{
	const struct buffers all = { .first = conn->buffers, .count = CONNECTION_BUFFERS };
	struct buffers buffers = buffers_for(conn, len);
	struct buffer *buffer;
	size_t busy, idle;
	int err;

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
		err = connection_buffer_grow(conn, buffer, len);
		pthread_mutex_lock(&s->lock);
		if (!err)
			break;
		buffer->busy = false;
		pthread_cond_broadcast(&s->changed);
		/* When the partition has no room for a second buffer, the first will do. */
		busy = buffers_busy(buffers, &idle);
		if (!busy && !idle) {
			/* If need be, one that is for calls of other lengths. */
			buffers = all;
			busy = buffers_busy(buffers, &idle);
		}
		if (device_gone(err) || (!busy && !idle))
			return err;
		if (!idle)
			pthread_cond_wait(&s->changed, &s->lock);
	}
	*out = buffer;
	return 0;
}

static void session_buffer_put(struct tstee_session *s, struct buffer *buffer)
{
	buffer->busy = false;
	pthread_cond_broadcast(&s->changed);
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
		err = session_buffer(s, conn, len, &buffer);
	if (!err) {
		pthread_mutex_unlock(&s->lock);
		err = connection_call(conn, buffer, call);
		pthread_mutex_lock(&s->lock);
	}
	if (buffer)
		session_buffer_put(s, buffer);
	last = session_disconnect(s, conn, device_gone(err) || err == -EIO);
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

int session_callv(struct tstee_session *session, uint32_t opcode, const struct iovec *iov,
		  int iov_count, const struct iovec *resp, int resp_count, size_t *resp_len,
		  int32_t *status)
{
	struct call call = { .opcode = opcode,
			     .iov = iov,
			     .iov_count = iov_count,
			     .resp = resp,
			     .resp_count = resp_count };
	int err;

	if (resp_len)
		*resp_len = 0;
	if (!session || !status || opcode > UINT16_MAX ||
	    !iov_len(resp, resp_count, &call.resp_size) || (call.resp_size && !resp_len))
		return error_set(EINVAL, NULL, "bad argument of a call");
	if (!iov_len(iov, iov_count, &call.req_len))
		return error_set(EINVAL, NULL, "bad request of a call");
	if (call.req_len > UINT32_MAX)
		return error_set(EINVAL, NULL, "request of 4 GiB or more");

	err = session_call_once(session, &call);
	/* Nothing was sent: the device may have come back, perhaps as another number. */
	if (device_gone(err))
		err = session_call_once(session, &call);
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

	return session_callv(session, opcode, iov, iov_count, &to, 1, resp_len, status);
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
	int err;

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
	if (!err)
		err = session_open(s);
	if (err) {
		free(s);
		return err;
	}
	*session = s;
	return 0;
}

void tstee_close(struct tstee_session *session)
{
	if (!session)
		return;
	pthread_mutex_lock(&sessions.lock);
	for (struct tstee_session **p = &sessions.first; *p; p = &(*p)->next) {
		if (*p == session) {
			*p = session->next;
			break;
		}
	}
	pthread_mutex_unlock(&sessions.lock);
	if (session->conn)
		connection_close(session->conn);
	pthread_cond_destroy(&session->changed);
	pthread_mutex_destroy(&session->lock);
	free(session);
}
