// SPDX-License-Identifier: BSD-3-Clause
/*
 * Shared regions in the address space of a process. The SPM core sends descriptors of the
 * pieces; here they become one range, whose address only the process can choose.
 */
#include <secure/port/host/host.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct mapping {
	struct mapping *next;
	uint64_t handle;
	uint8_t *addr;
	size_t len;
	unsigned int count; /* of retrievals: so often it is relinquished */
};

static struct mapping *mappings;

static struct mapping **find_mapping(uint64_t handle)
{
	struct mapping **at = &mappings;

	while (*at && (*at)->handle != handle)
		at = &(*at)->next;
	return at;
}

/*
 * Receives one piece and its descriptor, the caller's to close. 0 or -1: it is none, and nothing
 * of it is left. There is room for one descriptor; the kernel closes what is beyond.
 */
static int receive_piece(struct partition_memory *piece, int *fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { piece, sizeof(*piece) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	const struct cmsghdr *header;
	ssize_t len;

	*fd = -1;
	len = recvmsg(PARTITION_SOCKET_FD, &message, MSG_CMSG_CLOEXEC);
	if (len < 0)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	if (len == sizeof(*piece) && *fd >= 0 && !(message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
		return 0;
	if (*fd >= 0)
		close(*fd);
	return -1;
}

/* The one range of the descriptor in RX, @len bytes; NULL if there is none to complete. */
static struct ffa_memory_range *find_range(uint64_t len)
{
	uint8_t *rx_buffer = conduit_rx();
	const struct ffa_memory_transaction *transaction = (const void *)rx_buffer;
	const struct ffa_memory_access *access;
	struct ffa_memory_composite *composite;
	struct ffa_memory_range *range;

	if (len > FFA_PAGE_LEN || len < sizeof(*transaction) + sizeof(*access) ||
	    transaction->access_count != 1 ||
	    transaction->access_offset % _Alignof(struct ffa_memory_access) ||
	    transaction->access_offset > len - sizeof(*access))
		return NULL;

	access = (const void *)(rx_buffer + transaction->access_offset);
	if (access->composite_offset % _Alignof(struct ffa_memory_composite) ||
	    access->composite_offset > len - sizeof(*composite) - sizeof(*range))
		return NULL;

	composite = (void *)(rx_buffer + access->composite_offset);
	range = (void *)(composite + 1);
	return composite->range_count == 1 && range->page_count ? range : NULL;
}

/* Address space of @len bytes without memory; NULL if there is no more. */
static struct mapping *reserve(size_t len)
{
	struct mapping *mapping = malloc(sizeof(*mapping));
	void *addr;

	if (!mapping)
		return NULL;
	addr = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (addr == MAP_FAILED) {
		free(mapping);
		return NULL;
	}
	*mapping = (struct mapping){ .addr = addr, .len = len };
	return mapping;
}

static void release(struct mapping *mapping)
{
	munmap(mapping->addr, mapping->len);
	free(mapping);
}

/* Maps @piece at @offset of @mapping. */
static bool map_piece(const struct mapping *mapping, size_t offset,
		      const struct partition_memory *piece, int fd)
{
	return piece->len && piece->len % FFA_PAGE_LEN == 0 &&
	       piece->len <= mapping->len - offset &&
	       mmap(mapping->addr + offset, piece->len, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, fd, (off_t)piece->offset) != MAP_FAILED;
}

int mapping_add(uint64_t len, uint64_t *handle)
{
	const struct ffa_memory_transaction *response = (const void *)conduit_rx();
	struct ffa_memory_range *range = find_range(len);
	struct mapping *mapping = NULL, *known;
	struct partition_memory piece;
	uint32_t count = 1;
	size_t mapped = 0;
	bool ok;
	int fd;

	if (range)
		mapping = reserve((size_t)range->page_count * FFA_PAGE_LEN);
	ok = mapping != NULL;

	/* All pieces are received, come what may: the next region's are behind them. */
	*handle = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (receive_piece(&piece, &fd)) {
			ok = false;
			break;
		}
		*handle = piece.handle;
		count = piece.count;
		ok = ok && piece.index == i && piece.handle == response->handle &&
		     map_piece(mapping, mapped, &piece, fd);
		mapped += piece.len;
		close(fd);
	}

	if (!ok || mapped != mapping->len) {
		if (mapping)
			release(mapping);
		return -1;
	}
	known = *find_mapping(*handle);
	if (known) {
		release(mapping);
		mapping = known;
	} else {
		mapping->handle = *handle;
		mapping->next = mappings;
		mappings = mapping;
	}
	mapping->count++;
	range->address = (uintptr_t)mapping->addr;
	return 0;
}

void mapping_remove(uint64_t handle)
{
	struct mapping **at = find_mapping(handle);
	struct mapping *mapping = *at;

	if (!mapping || --mapping->count)
		return;
	*at = mapping->next;
	release(mapping);
}
