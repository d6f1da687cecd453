/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A session that the process shares, for the PSA APIs, which know none: opened by the first
 * call that needs it, with the default login, and kept till the process ends. While it can't
 * be opened each call tries again.
 */
#ifndef CLIENT_SHARED_SESSION_H
#define CLIENT_SHARED_SESSION_H

#include <stdatomic.h>
#include <tstee.h>

struct shared_session {
	const char *service;
	_Atomic(struct tstee_session *) session; /* NULL at the start */
};

/* 0 with *@session, which stays @shared's, or what tstee_open() returned. */
int shared_session_get(struct shared_session *shared, struct tstee_session **session);

#endif /* CLIENT_SHARED_SESSION_H */
