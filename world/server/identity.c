// SPDX-License-Identifier: BSD-3-Clause
/* Who a client is. No state. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "identity.h"

/* Longest text of a status: a thread can have 65,536 groups of up to ten digits. */
#define STATUS_MAX (1024u * 1024)

/* Real, effective, saved and file system's: the fields of lines "Uid:" and "Gid:". */
#define ID_COUNT  4
#define EFFECTIVE 1

void identity_free(struct identity *identity)
{
	free(identity->groups);
	identity->groups = NULL;
	identity->group_count = 0;
}

static int compare_groups(const void *a, const void *b)
{
	const gid_t p = *(const gid_t *)a, q = *(const gid_t *)b;

	return p < q ? -1 : p > q;
}

int identity_of_peer(int socket_fd, struct identity *identity)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	*identity = (struct identity){ 0 };
	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	identity->pid = cred.pid;
	identity->euid = cred.uid;
	identity->egid = cred.gid;
	len = 0;
	if (!getsockopt(socket_fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len))
		return 0;
	if (errno != ERANGE)
		return -errno;
	identity->groups = malloc(len);
	if (!identity->groups)
		return -ENOMEM;
	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERGROUPS, identity->groups, &len)) {
		int err = -errno;

		identity_free(identity);
		return err;
	}
	identity->group_count = len / sizeof(gid_t);
	qsort(identity->groups, identity->group_count, sizeof(gid_t), compare_groups);
	return 0;
}

static bool has_group(const struct identity *peer, gid_t group)
{
	return group == peer->egid ||
	       (peer->group_count &&
		bsearch(&group, peer->groups, peer->group_count, sizeof(gid_t), compare_groups));
}

/* The numbers behind "\nNAME:", or NULL. Names of tasks have their newlines escaped. */
static const char *find_line(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? line + strlen(name) : NULL;
}

/* The next number of a line. False at its end, or if what is there isn't one. */
static bool next_number(const char **text, unsigned int *value)
{
	const char *at = *text + strspn(*text, " \t");
	char *end;
	unsigned long number;

	if (*at < '0' || *at > '9')
		return false;
	errno = 0;
	number = strtoul(at, &end, 10);
	if (errno || number > UINT32_MAX)
		return false;
	*value = (unsigned int)number;
	*text = end;
	return true;
}

static int parse_groups(const char *line, struct identity *identity)
{
	const char *at = line;
	unsigned int group;
	size_t count = 0;

	while (next_number(&at, &group))
		count++;
	if (!count)
		return 0;
	identity->groups = calloc(count, sizeof(gid_t));
	if (!identity->groups)
		return -ENOMEM;
	for (at = line; identity->group_count < count && next_number(&at, &group);)
		identity->groups[identity->group_count++] = group;
	return 0;
}

static bool read_ids(const char *line, unsigned int ids[ID_COUNT])
{
	for (size_t i = 0; i < ID_COUNT; i++) {
		if (!next_number(&line, &ids[i]))
			return false;
	}
	return true;
}

static bool all_of_peer(const struct identity *peer, const unsigned int uids[ID_COUNT],
			const unsigned int gids[ID_COUNT], const struct identity *thread)
{
	if (!peer->euid)
		return true;
	for (size_t i = 0; i < ID_COUNT; i++) {
		if (uids[i] != peer->euid || !has_group(peer, gids[i]))
			return false;
	}
	for (size_t i = 0; i < thread->group_count; i++) {
		if (!has_group(peer, thread->groups[i]))
			return false;
	}
	return true;
}

int identity_parse(const char *status, const struct identity *peer, struct identity *identity)
{
	const char *uid_line = find_line(status, "\nUid:");
	const char *gid_line = find_line(status, "\nGid:");
	const char *groups = find_line(status, "\nGroups:");
	unsigned int uids[ID_COUNT], gids[ID_COUNT];
	int err;

	*identity = (struct identity){ 0 };
	if (!uid_line || !gid_line || !groups || !read_ids(uid_line, uids) ||
	    !read_ids(gid_line, gids))
		return -EPROTO;
	identity->euid = uids[EFFECTIVE];
	identity->egid = gids[EFFECTIVE];
	err = parse_groups(groups, identity);
	if (!err && !all_of_peer(peer, uids, gids, identity)) {
		identity_free(identity);
		err = -EPERM;
	}
	return err;
}

/* Reads to the end, with a final NUL. The caller frees it. */
static int read_all(int fd, char **text)
{
	size_t size = 4096, len = 0;
	char *buffer = malloc(size);

	while (buffer) {
		ssize_t got = read(fd, buffer + len, size - len - 1);
		char *grown;

		if (got < 0) {
			int err = -errno;

			free(buffer);
			return err;
		}
		if (!got) {
			buffer[len] = '\0';
			*text = buffer;
			return 0;
		}
		len += (size_t)got;
		if (len < size - 1)
			continue;
		size *= 2;
		grown = size <= STATUS_MAX ? realloc(buffer, size) : NULL;
		if (!grown)
			free(buffer);
		buffer = grown;
	}
	return -ENOMEM;
}

int identity_of_thread(pid_t tid, const struct identity *peer, struct identity *identity)
{
	char path[40], *status = NULL;
	int fd, err;

	*identity = (struct identity){ 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	fd = tid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return tid <= 0 || errno == ENOENT ? -ESRCH : -errno;
	err = read_all(fd, &status);
	close(fd);
	if (err)
		return err;
	err = identity_parse(status, peer, identity);
	free(status);
	return err;
}
