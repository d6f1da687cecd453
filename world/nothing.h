/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands for standard input and output of processes that have none. */
#ifndef WORLD_NOTHING_H
#define WORLD_NOTHING_H

#include <fcntl.h>
#include <sys/epoll.h>

/*
 * /dev/null, or, where there is none, as in a bare chroot, something that can be neither read nor
 * written and leads nowhere. Close-on-exec; the caller's to close. Negative: see errno.
 */
static inline int nothing_open(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd < 0 ? epoll_create1(EPOLL_CLOEXEC) : fd;
}

#endif /* WORLD_NOTHING_H */
