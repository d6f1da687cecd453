// SPDX-License-Identifier: BSD-3-Clause
/* Messages with a descriptor. See message.h. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <world/message.h>

/* More descriptors than are ever asked for, to see surplus ones and close them. */
#define DESCRIPTORS_MAX 8

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

/* Keeps the first descriptor and closes all others. The kernel dropped those without room. */
static int take_descriptors(struct msghdr *msg)
{
	int first = -1;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(msg); h; h = CMSG_NXTHDR(msg, h)) {
		size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(fd));
			if (first < 0)
				first = fd;
			else
				close(fd);
		}
	}
	return first;
}

ssize_t message_receive(int fd, void *data, size_t size, int *passed_fd, int flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int first = -1;
	ssize_t len;

	/* Without room for descriptors the kernel closes them all. */
	if (passed_fd) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		*passed_fd = -1;
	}
	do {
		len = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | flags);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if (passed_fd)
		first = take_descriptors(&msg);
	if (msg.msg_flags & MSG_TRUNC) {
		if (first >= 0)
			close(first);
		return -EMSGSIZE;
	}
	if (passed_fd)
		*passed_fd = first;
	return len;
}
