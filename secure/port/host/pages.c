// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pages for sharing: each a file of its own, so that who gets one gets no other, and sealed, so
 * that nobody can take it away from under who has mapped it.
 */
#include <errno.h>
#include <fcntl.h>
#include <secure/port/clock.h>
#include <secure/port/host/host.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* As many as at S-EL0. */
#define POOL_PAGES 16

/*
 * The kernel bounds how many descriptors a user's processes have sent and nobody has received:
 * the bound is the sender's on open ones, which is low here, and others of that user may need a
 * moment to go below it.
 */
#define ANNOUNCE_MAX_US 5000000u

static size_t used;

/* An open file of one page, or -1. */
static int make_page(void)
{
	const int fd = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, FFA_PAGE_LEN) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(fd);
		return -1;
	}
	return fd;
}

static ssize_t send_in_time(const struct msghdr *message)
{
	const uint64_t start = port_clock_us();
	ssize_t sent;

	for (;;) {
		sent = sendmsg(PARTITION_SOCKET_FD, message, MSG_NOSIGNAL);
		if (sent >= 0 || (errno != ETOOMANYREFS && errno != EINTR) ||
		    port_clock_us() - start > ANNOUNCE_MAX_US)
			return sent;
		port_pause();
	}
}

/* Tells the SPM core which file the page at @addr is. */
static int announce(const void *addr, int fd)
{
	struct partition_memory memory = {
		.address = (uintptr_t)addr,
		.len = FFA_PAGE_LEN,
		.count = 1,
	};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { &memory, sizeof(memory) };
	const struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (send_in_time(&message) == sizeof(memory))
		return 0;
	log_line("memory to be shared can't be announced: %s",
		 errno == ETOOMANYREFS ? "this user has too many descriptors in flight" : "error");
	return -1;
}

void *partition_pages(size_t count)
{
	const size_t len = count * FFA_PAGE_LEN;
	int fds[POOL_PAGES];
	size_t made = 0, told = 0;
	uint8_t *pages;

	if (!count || count > POOL_PAGES - used)
		return NULL;
	pages = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;

	/* The SPM core hears of none before all are there. */
	for (; made < count; made++) {
		fds[made] = make_page();
		if (fds[made] < 0)
			break;
		if (mmap(pages + made * FFA_PAGE_LEN, FFA_PAGE_LEN, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fds[made], 0) == MAP_FAILED) {
			close(fds[made]);
			break;
		}
	}
	while (made == count && told < count && !announce(pages + told * FFA_PAGE_LEN, fds[told]))
		told++;
	for (size_t i = 0; i < made; i++)
		close(fds[i]);

	if (told < count) {
		munmap(pages, len);
		return NULL;
	}
	used += count;
	return pages;
}
