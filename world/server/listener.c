// SPDX-License-Identifier: BSD-3-Clause
/*
 * Listening sockets. The length of a path is limited in a socket's address, so they are named
 * by way of their directory's descriptor. No state.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <tstee/world.h>
#include <unistd.h>

#include "listener.h"

static struct sockaddr_un address_of(const struct listener *listener)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/thread-self/fd/%d/%s",
		 listener->dir_fd, listener->name);
	return address;
}

/*
 * The socket is made with its permissions: whoever can write to the directory may put something
 * else in its place at any moment, of which nothing is to be changed.
 */
static int bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
	const mode_t mask = umask(0777 & ~mode);
	int err = bind(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;

	umask(mask);
	return err;
}

static int listen_there(struct listener *listener, mode_t mode)
{
	const struct sockaddr_un address = address_of(listener);
	struct stat st;
	int err;

	listener->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return -errno;
	err = bind_with_mode(listener->fd, &address, mode);
	if (err)
		return err;
	if (!fstatat(listener->dir_fd, listener->name, &st, AT_SYMLINK_NOFOLLOW)) {
		listener->dev = st.st_dev;
		listener->ino = st.st_ino;
	}
	return listen(listener->fd, SOMAXCONN) ? -errno : 0;
}

static void listener_drop(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->dir_fd >= 0)
		close(listener->dir_fd);
	listener->fd = -1;
	listener->dir_fd = -1;
}

int listener_open_state(struct listener *listener, const struct world_state *state,
			struct world_error *error)
{
	int err;

	listener->fd = -1;
	snprintf(listener->name, sizeof(listener->name), "%s", WORLD_SOCKET_NAME);
	listener->dir_fd = fcntl(state->dir_fd, F_DUPFD_CLOEXEC, 0);
	err = listener->dir_fd < 0 ? -errno : 0;
	if (!err && unlinkat(listener->dir_fd, listener->name, 0) && errno != ENOENT)
		err = -errno;
	if (!err)
		err = listen_there(listener, 0600);
	if (err) {
		listener_drop(listener);
		return world_fail(error, err, "%s/%s: %s", state->path, WORLD_SOCKET_NAME,
				  strerror(-err));
	}
	return 0;
}

/* A socket on which nobody listens any more. */
static bool stale(const struct listener *listener)
{
	const struct sockaddr_un address = address_of(listener);
	struct stat st;
	bool refused;
	int fd;

	if (fstatat(listener->dir_fd, listener->name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)&address, sizeof(address)) &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int split_path(struct listener *listener, const char *path)
{
	char *copy = strdup(path), *again = strdup(path);
	int err = 0;

	if (!copy || !again)
		err = -ENOMEM;
	if (!err && snprintf(listener->name, sizeof(listener->name), "%s", basename(copy)) >=
			    (int)sizeof(listener->name))
		err = -ENAMETOOLONG;
	if (!err) {
		listener->dir_fd = open(dirname(again), O_PATH | O_DIRECTORY | O_CLOEXEC);
		err = listener->dir_fd < 0 ? -errno : 0;
	}
	free(copy);
	free(again);
	return err;
}

int listener_open_path(struct listener *listener, const char *path, mode_t mode,
		       struct world_error *error)
{
	int err;

	listener->fd = -1;
	listener->dir_fd = -1;
	err = split_path(listener, path);
	if (!err && stale(listener))
		unlinkat(listener->dir_fd, listener->name, 0);
	if (!err)
		err = listen_there(listener, mode);
	if (err) {
		listener_drop(listener);
		return world_fail(error, err, "%s: %s", path, strerror(-err));
	}
	return 0;
}

static int socket_option(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) ? -1 : value;
}

int listener_adopt(struct listener *listener, int fd, struct world_error *error)
{
	int flags = fcntl(fd, F_GETFL);

	listener->fd = -1;
	listener->dir_fd = -1;
	snprintf(listener->name, sizeof(listener->name), "descriptor %d", fd);
	if (flags < 0 || socket_option(fd, SO_DOMAIN) != AF_UNIX ||
	    socket_option(fd, SO_TYPE) != SOCK_SEQPACKET || socket_option(fd, SO_ACCEPTCONN) != 1)
		return world_fail(error, -EINVAL,
				  "%s: not a listening Unix socket of packets; in the socket "
				  "unit write ListenSequentialPacket=",
				  listener->name);
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return world_fail(error, -errno, "%s: %s", listener->name, strerror(errno));
	listener->fd = fd;
	return 0;
}

void listener_close(struct listener *listener)
{
	struct stat st;

	if (listener->fd < 0)
		return;
	if (listener->dir_fd >= 0 &&
	    !fstatat(listener->dir_fd, listener->name, &st, AT_SYMLINK_NOFOLLOW) &&
	    st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlinkat(listener->dir_fd, listener->name, 0);
	listener_drop(listener);
}
