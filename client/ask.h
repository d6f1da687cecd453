/* SPDX-License-Identifier: BSD-3-Clause */
/* Asking partitions whether they host a service. Any thread. */
#ifndef CLIENT_ASK_H
#define CLIENT_ASK_H

#include <tstee.h>

#include "device.h"

/* A partition that may be asked. */
struct ask_candidate {
	unsigned int index; /* of its device */
	uint16_t endpoint_id;
	int fd; /* its device if that is open, or -1 */
};

struct ask_answer {
	unsigned int index; /* of the device whose partition hosts it, or that failed */
	int fd;		    /* of the device, the caller's, and a session on it; -1 if none */
	uint32_t session;
	const char *what; /* failed */
};

/*
 * Asks @candidates, at most DEVICE_COUNT, in the order of their endpoint IDs, for service @uuid as
 * @login says (login definite), and takes over their descriptors. The first that hosts it is
 * the answer. One that says nothing makes the caller wait only if no other has the service, and
 * a little while if one has, unless the driver says that it is stuck: of two that host it, it should
 * be the first that is taken.
 *
 * 0 and *@answer; -ENOENT if none hosts it; -EBUSY if after @limit_ms, unless that is 0, nobody
 * has answered who does; else the errno of the first that failed, and *@answer says where and
 * in what. No message.
 */
int ask_partitions(const struct ask_candidate *candidates, size_t count,
		   const struct tstee_uuid *uuid, const struct tstee_options *login,
		   unsigned int limit_ms, struct ask_answer *answer);

#endif /* CLIENT_ASK_H */
