/* SPDX-License-Identifier: BSD-3-Clause */
/* What a session can do beyond tstee_callv(). Any thread. */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include <tstee.h>

/*
 * tstee_callv() whose response goes to the @resp_count pieces of @resp, one after another, so
 * that what belongs to different owners need not be copied apart. Nothing is written after a
 * failure. The caller holds @session. Unless @patient it doesn't wait for buffers that others have:
 * for who can do with a shorter message.
 */
int session_callv(struct tstee_session *session, bool patient, uint32_t opcode,
		  const struct iovec *iov, int iov_count, const struct iovec *resp, int resp_count,
		  size_t *resp_len, int32_t *status);

/*
 * A session that the threads of the process share, and may close while others call. Empty when
 * all zero. Its lock is one that fork() takes.
 *
 * session_place_full: whether there is a session in it.
 * session_place_fill: moves @session in; false if there is one already.
 * session_place_clear: closes what is in it, if anything.
 * session_place_hold: the session, which stays till session_let_go(), or NULL.
 * session_keeps: what is in it keeps its buffers for short calls, since something was made in the
 * partition through them. Others give theirs back when the process needs one elsewhere.
 */
struct session_place {
	struct tstee_session *session;
};

bool session_place_full(struct session_place *place);
bool session_place_fill(struct session_place *place, struct tstee_session *session);
void session_place_clear(struct session_place *place);
struct tstee_session *session_place_hold(struct session_place *place);
void session_let_go(struct tstee_session *session);
void session_keeps(struct session_place *place);

/* Another number in a child than in its parent. */
unsigned int session_forks(void);

#endif /* CLIENT_SESSION_H */
