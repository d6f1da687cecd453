// SPDX-License-Identifier: BSD-3-Clause
/* Messages with a descriptor. See message.h. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <world/message.h>

int message_send(int fd, const void *data, size_t len, int passed_fd, int flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t ret;

	if (passed_fd >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &passed_fd, sizeof(int));
	}
	do {
		ret = sendmsg(fd, &msg, MSG_NOSIGNAL | flags);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

/* The descriptor that the message brought, or -1. There is room for no more than one. */
static int take_descriptor(struct msghdr *msg)
{
	int fd = -1;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(msg); h; h = CMSG_NXTHDR(msg, h)) {
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
		    h->cmsg_len == CMSG_LEN(sizeof(fd)))
			memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	}
	return fd;
}

static ssize_t receive(int fd, struct msghdr *msg, int flags)
{
	ssize_t len;

	do {
		len = recvmsg(fd, msg, MSG_CMSG_CLOEXEC | flags);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

/*
 * A message is looked at before it is taken: then the queue still holds what it brings, and no
 * reference that is dropped here, by us or by the kernel, is the last one. Dropping the last
 * one waits for as long as its sender likes: for SO_LINGER, for one.
 */
ssize_t message_receive(int fd, void *data, size_t size, int *passed_fd, int flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct msghdr taken = { 0 };
	int passed = -1;
	ssize_t len;

	if (passed_fd) {
		*passed_fd = -1;
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_LEN(sizeof(int));
	}
	len = receive(fd, &msg, flags | MSG_PEEK);
	if (len < 0)
		return len;
	if (passed_fd)
		passed = take_descriptor(&msg);
	/* MSG_CTRUNC: there are descriptors without room for them. */
	if (msg.msg_flags & MSG_CTRUNC)
		len = passed_fd && passed < 0 ? -EMFILE : -EPROTO;
	else if (msg.msg_flags & MSG_TRUNC)
		len = -EMSGSIZE;
	else if (!len && passed >= 0)
		len = -EPROTO;
	else if (!(flags & MSG_PEEK))
		receive(fd, &taken, MSG_DONTWAIT);
	if (len <= 0 && passed >= 0)
		close(passed);
	else if (passed_fd)
		*passed_fd = passed;
	return len;
}

bool message_waits(int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct msghdr msg = { .msg_control = control.space,
			      .msg_controllen = CMSG_LEN(sizeof(struct ucred)) };
	const int on = 1;
	ssize_t len;

	/* Each message brings its sender's credentials then, the empty one too. */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		return true;
	len = receive(fd, &msg, MSG_PEEK | MSG_DONTWAIT);
	/* That the peer left with something unread comes first, once. */
	if (len == -ECONNRESET)
		len = receive(fd, &msg, MSG_PEEK | MSG_DONTWAIT);
	return len >= 0 && (msg.msg_controllen || msg.msg_flags & MSG_CTRUNC);
}
