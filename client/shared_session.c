// SPDX-License-Identifier: BSD-3-Clause
/* Without a lock, which a fork could leave locked: who opens a session too many closes it. */
#include "shared_session.h"

int shared_session_get(struct shared_session *shared, struct tstee_session **session)
{
	struct tstee_session *mine, *there = atomic_load(&shared->session);
	int err;

	if (!there) {
		err = tstee_open(shared->service, NULL, &mine);
		if (err)
			return err;
		if (atomic_compare_exchange_strong(&shared->session, &there, mine))
			there = mine;
		else
			tstee_close(mine);
	}
	*session = there;
	return 0;
}
