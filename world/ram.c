// SPDX-License-Identifier: BSD-3-Clause
/*
 * The memory that can be shared with partitions: owns the list of allocations, which is in the
 * order of addresses and protected by its own lock.
 */
#include <world/ram.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tstee/ffa.h>
#include <unistd.h>

struct allocation {
	struct allocation *next;
	uint8_t *addr;
	size_t len;
	int fd;
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct allocation *allocations;

/* Whole pages, and no offset in the file could be negative. */
static int check_len(size_t len)
{
	return len && !(len % FFA_PAGE_LEN) && len <= PTRDIFF_MAX ? 0 : -EINVAL;
}

/* Takes over @fd, also on failure. */
static int allocation_add(int fd, size_t len, void **addr)
{
	struct allocation *allocation, **link;
	void *mapped;

	mapped = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		goto err_close;

	allocation = malloc(sizeof(*allocation));
	if (!allocation)
		goto err_unmap;

	*allocation = (struct allocation){ .addr = mapped, .len = len, .fd = fd };
	pthread_rwlock_wrlock(&lock);
	for (link = &allocations; *link && (*link)->addr < allocation->addr;)
		link = &(*link)->next;
	allocation->next = *link;
	*link = allocation;
	pthread_rwlock_unlock(&lock);
	*addr = mapped;
	return 0;

err_unmap:
	munmap(mapped, len);
err_close:
	close(fd);
	return -ENOMEM;
}

int ram_alloc(size_t len, void **addr)
{
	int fd;

	if (check_len(len))
		return -EINVAL;

	fd = memfd_create("tstee", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -ENOMEM;
	if (ftruncate(fd, (off_t)len) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(fd);
		return -ENOMEM;
	}
	return allocation_add(fd, len, addr);
}

int ram_adopt(int fd, size_t len, void **addr)
{
	struct stat stat;
	int seals, own;

	if (check_len(len))
		return -EINVAL;

	/* Once the size can't shrink, it may be looked at. */
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK))
		return -EINVAL;
	if (fstat(fd, &stat) || stat.st_size < 0 || (size_t)stat.st_size < len)
		return -EINVAL;

	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return own < 0 ? -ENOMEM : allocation_add(own, len, addr);
}

void ram_free(void *addr)
{
	struct allocation *allocation, **link;

	if (!addr)
		return;

	pthread_rwlock_wrlock(&lock);
	for (link = &allocations; *link && (*link)->addr != addr;)
		link = &(*link)->next;
	allocation = *link;
	if (allocation)
		*link = allocation->next;
	pthread_rwlock_unlock(&lock);
	if (!allocation)
		return;

	munmap(allocation->addr, allocation->len);
	close(allocation->fd);
	free(allocation);
}

int ram_find(uint64_t address, size_t len, int *fd, uint64_t *offset)
{
	const struct allocation *allocation;
	int rc = -EFAULT;

	pthread_rwlock_rdlock(&lock);
	for (allocation = allocations; allocation; allocation = allocation->next) {
		uint64_t begin = (uintptr_t)allocation->addr;

		if (address < begin)
			break;
		if (address - begin < allocation->len &&
		    len <= allocation->len - (address - begin)) {
			*fd = allocation->fd;
			*offset = address - begin;
			rc = 0;
			break;
		}
	}
	pthread_rwlock_unlock(&lock);
	return rc;
}

int ram_reopen(const void *addr)
{
	char path[sizeof("/proc/thread-self/fd/") + 10];
	uint64_t offset;
	int fd, rc;

	rc = ram_find((uintptr_t)addr, 1, &fd, &offset);
	if (rc)
		return rc;

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
