/* SPDX-License-Identifier: BSD-3-Clause */
/* What a session can do beyond tstee_callv(). Any thread. */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include <tstee.h>

/*
 * tstee_callv() whose response goes to the @resp_count pieces of @resp, one after another, so
 * that what belongs to different owners need not be copied apart. Nothing is written after a
 * failure.
 */
int session_callv(struct tstee_session *session, uint32_t opcode, const struct iovec *iov,
		  int iov_count, const struct iovec *resp, int resp_count, size_t *resp_len,
		  int32_t *status);

#endif /* CLIENT_SESSION_H */
