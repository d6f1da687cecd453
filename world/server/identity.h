/* SPDX-License-Identifier: BSD-3-Clause */
/* Who a client is, as the kernel tells. */
#ifndef WORLD_SERVER_IDENTITY_H
#define WORLD_SERVER_IDENTITY_H

#include <stddef.h>
#include <sys/types.h>

struct identity {
	pid_t pid;
	uid_t euid;
	gid_t egid;
	gid_t *groups; /* supplementary; allocated; a peer's in ascending order */
	size_t group_count;
};

/* Of the process that connected @socket_fd, at that moment. 0 or a negative errno. */
int identity_of_peer(int socket_fd, struct identity *identity);

/*
 * Of thread @tid now, for which the client @peer speaks. Unless that is root, each ID of the
 * thread, real, effective, saved and file system's, and each group must be one of the client's
 * own: a program that runs with other IDs than whoever started it lends them to nobody. 0 or a
 * negative errno: -ESRCH if there is no such thread, -EPERM if it isn't all the client's.
 */
int identity_of_thread(pid_t tid, const struct identity *peer, struct identity *identity);

/* As identity_of_thread(), from the text of /proc/TID/status. -EPROTO if that makes no sense. */
int identity_parse(const char *status, const struct identity *peer, struct identity *identity);

void identity_free(struct identity *identity);

#endif /* WORLD_SERVER_IDENTITY_H */
