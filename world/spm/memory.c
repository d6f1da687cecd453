// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory sharing (FF-A v1.1, chapters 10 and 16): who shares what with whom. A share is a list
 * of pieces of files; retrieving hands their descriptors to the borrower's process. What a
 * process has mapped can't be taken from it, so memory that a dead or lying partition keeps is
 * never reclaimed: its owner is told so, and keeps it from everybody else.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <world/message.h>
#include <world/ram.h>

/* Shares of partitions, as many as under OP-TEE; of the normal world, what it may use up. */
#define PARTITION_SHARE_MAX 64
#define SHARE_MAX	    4096
#define OWN_PAGE_MAX	    64
#define RETRIEVED_MAX	    65536u
#define RANGE_MAX	    (FFA_PAGE_LEN / sizeof(struct ffa_memory_range))

struct piece {
	int fd;	     /* owned */
	int page_fd; /* of which it is a copy, to tell a partition's pages by */
	uint64_t offset;
	uint64_t len;
};

struct share {
	struct share *next;
	uint64_t handle;
	uint64_t tag;
	uint64_t page_count;
	uint16_t owner;
	uint16_t borrower;
	bool orphan;		/* the owner is gone */
	uint8_t permissions;	/* FFA_MEMORY_DATA_MASK */
	unsigned int retrieved; /* so often; as often it is to be relinquished */
	size_t piece_count;
	struct piece pieces[];
};

/* Under spm_lock. */
static struct share *shares;
static uint64_t last_handle;
static size_t share_count, partition_share_count;

/* The descriptor in TX, copied once, within which all offsets stay. */
struct descriptor {
	_Alignas(16) uint8_t bytes[FFA_PAGE_LEN];
	size_t len;
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
};

static uint64_t handle_in(const struct ffa_regs *regs)
{
	return (uint32_t)regs->x[1] | (uint64_t)(uint32_t)regs->x[2] << 32;
}

static struct share **find_share(uint64_t handle)
{
	struct share **at = &shares;

	while (*at && (*at)->handle != handle)
		at = &(*at)->next;
	return at;
}

static void free_share(struct share *share)
{
	for (size_t i = 0; i < share->piece_count; i++)
		close(share->pieces[i].fd);
	free(share);
}

/* Takes it out of the list as well. */
static void remove_share(struct share **at)
{
	struct share *share = *at;

	*at = share->next;
	share_count--;
	partition_share_count -= share->owner != SPM_NORMAL_WORLD;
	free_share(share);
}

static bool in_descriptor(const struct descriptor *d, uint64_t offset, uint64_t len)
{
	return offset <= d->len && len <= d->len - offset;
}

/* Reads a transaction with one access record from the caller's TX buffer. */
static enum ffa_status read_descriptor(uint16_t caller, const struct ffa_regs *regs,
				       struct descriptor *d)
{
	const struct mailbox *mailbox = spm_mailbox(caller);
	const uint32_t len = (uint32_t)regs->x[1];

	/* In one fragment, in TX. */
	if (len != (uint32_t)regs->x[2] || regs->x[3] || (uint32_t)regs->x[4])
		return FFA_NOT_SUPPORTED;
	if (!mailbox->tx || len > FFA_PAGE_LEN || len < sizeof(d->transaction))
		return FFA_INVALID_PARAMETERS;
	memcpy(d->bytes, mailbox->tx, len);
	d->len = len;
	memcpy(&d->transaction, d->bytes, sizeof(d->transaction));

	if (d->transaction.access_count != 1 || d->transaction.access_len != sizeof(d->access) ||
	    d->transaction.access_offset < sizeof(d->transaction) ||
	    d->transaction.access_offset % 16 ||
	    !in_descriptor(d, d->transaction.access_offset, sizeof(d->access)))
		return FFA_INVALID_PARAMETERS;
	memcpy(&d->access, d->bytes + d->transaction.access_offset, sizeof(d->access));
	return 0;
}

static bool is_own_page(const struct partition_memory *memory, int fd)
{
	const int seals = fcntl(fd, F_GET_SEALS);

	return memory->len == FFA_PAGE_LEN && !memory->offset &&
	       !(memory->address % FFA_PAGE_LEN) && seals >= 0 && seals & F_SEAL_SHRINK &&
	       lseek(fd, 0, SEEK_END) == FFA_PAGE_LEN;
}

/* Takes over @fd. */
static void add_own_page(struct partition *p, uint64_t address, int fd)
{
	struct own_page *grown = NULL;

	if (p->page_count < OWN_PAGE_MAX)
		grown = realloc(p->pages, (p->page_count + 1) * sizeof(*grown));
	if (!grown) {
		close(fd);
		return;
	}
	p->pages = grown;
	p->pages[p->page_count++] = (struct own_page){ address, fd };
}

/* Pages that the partition's process has told us about since the last time. */
static void receive_pages(struct partition *p)
{
	struct partition_memory memory;
	ssize_t len;
	int fd;

	for (;;) {
		len = message_receive(p->socket_fd, &memory, sizeof(memory), &fd, MSG_DONTWAIT);
		if (len <= 0)
			return;
		if (fd < 0)
			continue;
		if (len == sizeof(memory) && is_own_page(&memory, fd))
			add_own_page(p, memory.address, fd);
		else
			close(fd);
	}
}

static int find_page(const struct partition *owner, uint64_t address, int *fd, uint64_t *offset)
{
	if (!owner)
		return ram_find(address, FFA_PAGE_LEN, fd, offset);
	for (size_t i = 0; i < owner->page_count; i++) {
		if (owner->pages[i].address == address) {
			*fd = owner->pages[i].fd;
			*offset = 0;
			return 0;
		}
	}
	return -EFAULT;
}

static enum ffa_status add_piece(struct share *share, int fd, uint64_t offset, int last_fd)
{
	struct piece *last = share->piece_count ? &share->pieces[share->piece_count - 1] : NULL;
	int own;

	if (last && fd == last_fd && offset == last->offset + last->len) {
		last->len += FFA_PAGE_LEN;
		return 0;
	}
	if (share->piece_count == RANGE_MAX)
		return FFA_NO_MEMORY;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return FFA_NO_MEMORY;
	share->pieces[share->piece_count++] = (struct piece){ own, fd, offset, FFA_PAGE_LEN };
	return 0;
}

/* A partition shares a page with one other at a time. */
static bool is_shared(const struct partition *owner, int fd)
{
	for (const struct share *share = shares; owner && share; share = share->next)
		for (size_t i = 0;
		     share->owner == owner->id && !share->orphan && i < share->piece_count; i++)
			if (share->pieces[i].page_fd == fd)
				return true;
	return false;
}

/* Turns one range of the owner's addresses into pieces. */
static enum ffa_status add_range(struct share *share, const struct partition *owner,
				 const struct ffa_memory_range *range, int *last_fd)
{
	enum ffa_status status = 0;
	uint64_t offset;
	int fd;

	if (!range->page_count)
		return FFA_INVALID_PARAMETERS;
	if (range->address % FFA_PAGE_LEN ||
	    range->address > UINT64_MAX - (uint64_t)range->page_count * FFA_PAGE_LEN)
		return FFA_DENIED;
	for (uint32_t page = 0; page < range->page_count && !status; page++) {
		if (find_page(owner, range->address + (uint64_t)page * FFA_PAGE_LEN, &fd, &offset))
			return FFA_DENIED;
		if (is_shared(owner, fd))
			return FFA_DENIED;
		status = add_piece(share, fd, offset, *last_fd);
		*last_fd = fd;
	}
	share->page_count += range->page_count;
	return status;
}

static enum ffa_status add_ranges(struct share *share, struct partition *owner,
				  const struct descriptor *d)
{
	const uint64_t offset = d->access.composite_offset;
	struct ffa_memory_composite composite;
	struct ffa_memory_range range;
	enum ffa_status status = 0;
	int last_fd = -1;

	if (offset < d->transaction.access_offset + sizeof(d->access) ||
	    !in_descriptor(d, offset, sizeof(composite)))
		return FFA_INVALID_PARAMETERS;
	memcpy(&composite, d->bytes + offset, sizeof(composite));
	if (!composite.range_count || composite.range_count > RANGE_MAX ||
	    !in_descriptor(d, offset + sizeof(composite), composite.range_count * sizeof(range)))
		return FFA_INVALID_PARAMETERS;

	if (owner)
		receive_pages(owner);
	for (uint32_t i = 0; i < composite.range_count && !status; i++) {
		memcpy(&range, d->bytes + offset + sizeof(composite) + i * sizeof(range),
		       sizeof(range));
		status = add_range(share, owner, &range, &last_fd);
	}
	if (!status && share->page_count != composite.page_count)
		status = FFA_INVALID_PARAMETERS;
	return status;
}

static enum ffa_status check_share(uint16_t caller, const struct descriptor *d)
{
	const struct partition *borrower = spm_find(d->access.receiver_id);
	const uint8_t data = d->access.permissions & FFA_MEMORY_DATA_MASK;

	/* Normal memory is all that there is here. */
	if (d->transaction.attributes & ~FFA_MEMORY_ATTRIBUTES_MASK || d->transaction.handle ||
	    d->transaction.flags)
		return FFA_INVALID_PARAMETERS;
	if (d->transaction.attributes != FFA_MEMORY_ATTRIBUTES_SHARED ||
	    d->transaction.sender_id != caller || d->access.receiver_id == caller || !borrower ||
	    borrower->state == PARTITION_DEAD)
		return FFA_DENIED;
	if (d->access.permissions & ~(FFA_MEMORY_DATA_MASK | FFA_MEMORY_NO_EXECUTE) || !data ||
	    data > FFA_MEMORY_READ_WRITE)
		return FFA_DENIED;
	return 0;
}

static enum ffa_status share_locked(uint16_t caller, const struct descriptor *d, uint64_t *handle)
{
	struct partition *owner = spm_find(caller);
	struct share *share, *shrunk;
	enum ffa_status status = check_share(caller, d);

	if (status)
		return status;
	if (share_count == SHARE_MAX || (owner && partition_share_count == PARTITION_SHARE_MAX))
		return FFA_NO_MEMORY;
	share = calloc(1, sizeof(*share) + RANGE_MAX * sizeof(share->pieces[0]));
	if (!share)
		return FFA_NO_MEMORY;
	status = add_ranges(share, owner, d);
	if (status) {
		free_share(share);
		return status;
	}
	shrunk = realloc(share, sizeof(*share) + share->piece_count * sizeof(share->pieces[0]));
	if (shrunk)
		share = shrunk;
	share->owner = caller;
	share->borrower = d->access.receiver_id;
	share->permissions = d->access.permissions & FFA_MEMORY_DATA_MASK;
	share->tag = d->transaction.tag;
	share->handle = ++last_handle;
	share->next = shares;
	shares = share;
	share_count++;
	partition_share_count += owner != NULL;
	*handle = share->handle;
	return 0;
}

void memory_share(uint16_t caller, struct ffa_regs *regs)
{
	struct descriptor d;
	enum ffa_status status;
	uint64_t handle = 0;

	pthread_mutex_lock(&spm_lock);
	status = read_descriptor(caller, regs, &d);
	if (!status)
		status = share_locked(caller, &d, &handle);
	pthread_mutex_unlock(&spm_lock);

	if (status)
		spm_error(regs, status);
	else
		spm_success(regs, (uint32_t)handle, (uint32_t)(handle >> 32));
}

static bool send_piece(const struct partition *p, const struct share *share, size_t index)
{
	const struct piece *piece = &share->pieces[index];
	const struct partition_memory memory = {
		.handle = share->handle,
		.offset = piece->offset,
		.len = piece->len,
		.index = (uint32_t)index,
		.count = (uint32_t)share->piece_count,
	};

	return !message_send(p->socket_fd, &memory, sizeof(memory), piece->fd, MSG_DONTWAIT);
}

/* What the borrower learns: one range, whose address its process fills in. */
static uint32_t write_response(struct mailbox *mailbox, const struct share *share)
{
	const struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
		struct ffa_memory_composite composite;
		struct ffa_memory_range range;
	} response = {
		.transaction = {
			.sender_id = share->owner,
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.flags = FFA_MEMORY_SHARE,
			.handle = share->handle,
			.tag = share->tag,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = sizeof(struct ffa_memory_transaction),
		},
		.access = {
			.receiver_id = share->borrower,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = sizeof(struct ffa_memory_transaction) +
					    sizeof(struct ffa_memory_access),
		},
		.composite = { .page_count = (uint32_t)share->page_count, .range_count = 1 },
		.range = { .page_count = (uint32_t)share->page_count },
	};

	static_assert(sizeof(response) == 96, "no padding");
	memcpy(mailbox->rx, &response, sizeof(response));
	mailbox->rx_full = true;
	return sizeof(response);
}

static enum ffa_status retrieve_locked(struct partition *p, const struct ffa_regs *regs,
				       uint32_t *response_len)
{
	struct descriptor d;
	struct share *share;
	enum ffa_status status = read_descriptor(p->id, regs, &d);

	if (status)
		return status;
	share = *find_share(d.transaction.handle);
	if (!share || share->borrower != p->id)
		return FFA_DENIED;
	/* Who the sender is said to be doesn't matter: the response tells who it is. */
	if (share->tag != d.transaction.tag || d.access.receiver_id != p->id ||
	    (d.transaction.flags && d.transaction.flags != FFA_MEMORY_SHARE) ||
	    (d.access.composite_offset &&
	     !in_descriptor(&d, d.access.composite_offset, sizeof(struct ffa_memory_composite))))
		return FFA_INVALID_PARAMETERS;
	/* As one SPM core does it: without a composite region the tag is the address. */
	if (share->tag && !d.access.composite_offset)
		return FFA_DENIED;
	/* A process can't be kept from writing to what it has: what is read-only stays away. */
	if (d.access.permissions & ~(FFA_MEMORY_DATA_MASK | FFA_MEMORY_NO_EXECUTE) ||
	    (d.access.permissions & FFA_MEMORY_DATA_MASK) != FFA_MEMORY_READ_WRITE ||
	    share->permissions != FFA_MEMORY_READ_WRITE)
		return FFA_INVALID_PARAMETERS;
	if (!p->mailbox.rx || p->mailbox.rx_full)
		return FFA_DENIED;
	if (share->retrieved == RETRIEVED_MAX)
		return FFA_NO_MEMORY;

	/* From here on the process may have a part of it. */
	share->retrieved++;
	for (size_t i = 0; i < share->piece_count; i++) {
		if (send_piece(p, share, i))
			continue;
		share->retrieved -= !i;
		return FFA_NO_MEMORY;
	}
	*response_len = write_response(&p->mailbox, share);
	return 0;
}

void memory_retrieve(uint16_t caller, struct ffa_regs *regs)
{
	struct partition *p = spm_find(caller);
	enum ffa_status status = FFA_NOT_SUPPORTED;
	uint32_t len = 0;

	if (p) {
		pthread_mutex_lock(&spm_lock);
		status = retrieve_locked(p, regs, &len);
		pthread_mutex_unlock(&spm_lock);
	}
	if (status)
		spm_error(regs, status);
	else
		*regs = (struct ffa_regs){ { FFA_MEM_RETRIEVE_RESP, len, len } };
}

static enum ffa_status relinquish_locked(const struct partition *p)
{
	struct ffa_memory_relinquish request;
	struct share *share;

	if (!p->mailbox.tx)
		return FFA_INVALID_PARAMETERS;
	memcpy(&request, p->mailbox.tx, FFA_MEMORY_RELINQUISH_LEN);
	if (request.endpoint_count != 1 || request.flags)
		return FFA_INVALID_PARAMETERS;
	share = *find_share(request.handle);
	if (!share || share->borrower != p->id || request.endpoint_ids[0] != p->id ||
	    !share->retrieved)
		return FFA_DENIED;
	share->retrieved--;
	if (share->orphan && !share->retrieved)
		remove_share(find_share(request.handle));
	return 0;
}

void memory_relinquish(uint16_t caller, struct ffa_regs *regs)
{
	const struct partition *p = spm_find(caller);
	enum ffa_status status = FFA_NOT_SUPPORTED;

	if (p) {
		pthread_mutex_lock(&spm_lock);
		status = relinquish_locked(p);
		pthread_mutex_unlock(&spm_lock);
	}
	if (status)
		spm_error(regs, status);
	else
		spm_success(regs, 0, 0);
}

void memory_reclaim(uint16_t caller, struct ffa_regs *regs)
{
	enum ffa_status status = 0;
	struct share **at, *share;

	pthread_mutex_lock(&spm_lock);
	at = find_share(handle_in(regs));
	share = *at;
	if (!share || share->owner != caller || share->orphan)
		status = FFA_INVALID_PARAMETERS;
	else if (share->retrieved)
		status = FFA_DENIED;
	else
		remove_share(at);
	pthread_mutex_unlock(&spm_lock);

	if (status)
		spm_error(regs, status);
	else
		spm_success(regs, 0, 0);
}

void memory_forget(const struct partition *p)
{
	struct share **at = &shares;

	while (*at) {
		struct share *share = *at;

		if (share->borrower == p->id)
			share->retrieved = 0;
		share->orphan |= share->owner == p->id;
		if (share->orphan && !share->retrieved)
			remove_share(at);
		else
			at = &share->next;
	}
}

void memory_stop(void)
{
	struct share *next;

	for (; shares; shares = next) {
		next = shares->next;
		free_share(shares);
	}
	share_count = 0;
	partition_share_count = 0;
}
