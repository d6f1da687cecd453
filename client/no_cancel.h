/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread that is cancelled in the library would take its locks along: between these two it
 * can't be. Every public function that waits or makes system calls has them.
 */
#ifndef CLIENT_NO_CANCEL_H
#define CLIENT_NO_CANCEL_H

#include <pthread.h>

static inline int no_cancel_begin(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

/* @state: what no_cancel_begin() returned. */
static inline void no_cancel_end(int state)
{
	pthread_setcancelstate(state, NULL);
}

#endif /* CLIENT_NO_CANCEL_H */
