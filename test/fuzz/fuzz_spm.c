// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the SPM core: FF-A calls of the normal world and of two partitions that were
 * taken over. The partitions have no processes here, only what those hold: channel and socket.
 * The memory manager is compiled in, so that its list of shares can be looked at.
 */
#include "../../world/spm/memory.c"

#include <dirent.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTITIONS    2
#define RAM_PAGES     8
#define BASE(i)	      (0x10000000ull * ((i) + 1))
#define PAGE_AT(i, n) (BASE(i) + 0x100000 + (uint64_t)(n)*FFA_PAGE_LEN)
#define PAGE_NUMBERS  8
#define NORMAL_WORLD  PARTITIONS /* index behind the partitions */

enum op { OP_CALL, OP_WRITE_TX, OP_DESCRIBE, OP_RELINQUISH, OP_PAGE, OP_DRAIN, OP_STATE, OP_COUNT };

static const uint32_t functions[] = {
	FFA_ERROR,
	FFA_VERSION,
	FFA_FEATURES,
	FFA_RX_RELEASE,
	FFA_RXTX_MAP | FFA_FUNCTION_64,
	FFA_RXTX_UNMAP,
	FFA_PARTITION_INFO_GET,
	FFA_ID_GET,
	FFA_MSG_WAIT,
	FFA_RUN,
	FFA_MSG_SEND_DIRECT_REQ,
	FFA_MSG_SEND_DIRECT_RESP,
	FFA_MEM_SHARE,
	FFA_MEM_RETRIEVE_REQ | FFA_FUNCTION_64,
	FFA_MEM_RELINQUISH,
	FFA_MEM_RECLAIM,
	FFA_CONSOLE_LOG,
	FFA_CONSOLE_LOG | FFA_FUNCTION_64,
};

struct input {
	const uint8_t *data;
	size_t size;
};

/* What the partitions' processes would have. */
static int ends[PARTITIONS];
static uint8_t *ram;
static uint8_t tx_of_nobody[FFA_PAGE_LEN];

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Zeros when there is no more. */
static uint64_t take(struct input *in, size_t len)
{
	uint64_t value = 0;

	if (len > in->size)
		len = in->size;
	memcpy(&value, in->data, len);
	in->data += len;
	in->size -= len;
	return value;
}

static unsigned int count_descriptors(void)
{
	unsigned int count = 0;
	DIR *dir = opendir("/proc/self/fd");

	require(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static uint16_t endpoint(unsigned int who)
{
	return who == NORMAL_WORLD ? SPM_NORMAL_WORLD : (uint16_t)(SPM_FIRST_PARTITION + who);
}

static uint64_t address(struct input *in, unsigned int who)
{
	const unsigned int n = (unsigned int)take(in, 1) % PAGE_NUMBERS;

	return who == NORMAL_WORLD ? (uintptr_t)ram + n * FFA_PAGE_LEN : PAGE_AT(who, n);
}

/* A handle that there is, mostly. */
static uint64_t some_handle(struct input *in)
{
	const uint8_t choice = (uint8_t)take(in, 1);

	return choice == UINT8_MAX ? take(in, 8) : last_handle - choice % 4;
}

static uint8_t *tx_of(unsigned int who)
{
	const struct mailbox *mailbox = spm_mailbox(endpoint(who));

	return mailbox->tx ? (uint8_t *)(uintptr_t)mailbox->tx : tx_of_nobody;
}

static void map_buffers(unsigned int who)
{
	const uint64_t base = who == NORMAL_WORLD ? (uintptr_t)ram : BASE(who) + FFA_PAGE_LEN;
	struct ffa_regs regs = { { FFA_RXTX_MAP | FFA_FUNCTION_64, base, base + FFA_PAGE_LEN, 1 } };

	spm_handle(endpoint(who), &regs);
}

static void start_partition(unsigned int i)
{
	const int fd = memfd_create("channel", MFD_CLOEXEC);
	struct partition *p = &spm_partitions[i];
	int pair[2];

	*p = (struct partition){ .id = endpoint(i), .state = PARTITION_RUNNING };
	require(fd >= 0 && !ftruncate(fd, PARTITION_CHANNEL_LEN));
	p->channel = mmap(NULL, PARTITION_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	require(p->channel != MAP_FAILED);
	close(fd);
	p->channel->address = BASE(i);
	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
	p->socket_fd = pair[0];
	ends[i] = pair[1];
	p->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	require(p->log_fd >= 0);
}

static bool may_be_reclaimed(uint64_t handle, uint16_t caller)
{
	const struct share *share = *find_share(handle);

	return share && share->owner == caller && !share->retrieved;
}

static void call(struct input *in, unsigned int who)
{
	struct ffa_regs regs = {
		{ functions[take(in, 1) % (sizeof(functions) / sizeof(uint32_t))] }
	};
	const uint8_t modes = (uint8_t)take(in, 1);
	const uint32_t function = (uint32_t)regs.x[0];
	bool reclaimable;
	uint64_t handle;

	for (int i = 1; i < FFA_REGS_1_1; i++)
		regs.x[i] = modes >> i & 1 ? take(in, 8) : take(in, 1) % 8;
	switch (function & ~FFA_FUNCTION_64) {
	case FFA_MSG_SEND_DIRECT_REQ:
		regs.x[1] = modes & 1 ?
				    regs.x[1] :
				    ffa_message_endpoints(endpoint(who),
							  endpoint((unsigned int)regs.x[1] % 3));
		regs.x[2] = modes & 2 ? regs.x[2] : 0;
		break;
	case FFA_MEM_SHARE:
	case FFA_MEM_RETRIEVE_REQ & ~FFA_FUNCTION_64:
		regs.x[1] = regs.x[2] = modes & 1 ? regs.x[1] : 96 + 16 * (regs.x[1] & 7);
		regs.x[3] = regs.x[4] = 0;
		break;
	case FFA_MEM_RECLAIM:
		handle = some_handle(in);
		regs.x[1] = (uint32_t)handle;
		regs.x[2] = handle >> 32;
		break;
	default:
		break;
	}

	handle = handle_in(&regs);
	reclaimable = may_be_reclaimed(handle, endpoint(who));
	spm_handle(endpoint(who), &regs);
	if (function == FFA_MEM_RECLAIM) {
		require((regs.x[0] == FFA_SUCCESS) == reclaimable);
		require(!reclaimable || !*find_share(handle));
	}
	/* Buffers are soon there again: without them little happens. */
	if (function == FFA_RXTX_UNMAP && !(modes & 1))
		map_buffers(who);
}

/* Shares or retrieves by a descriptor that is right but for one byte, and mostly not even that. */
static void describe(struct input *in, unsigned int who)
{
	struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
		struct ffa_memory_composite composite;
		struct ffa_memory_range ranges[4];
	} d = { 0 };
	const bool retrieve = take(in, 1) & 1;
	const unsigned int other = (unsigned int)take(in, 1) % (PARTITIONS + 1);
	const uint32_t range_count = 1 + (uint32_t)take(in, 1) % 4;
	const uint16_t at = (uint16_t)take(in, 2);
	struct ffa_regs regs = { { retrieve ? FFA_MEM_RETRIEVE_REQ : FFA_MEM_SHARE } };

	d.transaction = (struct ffa_memory_transaction){
		.sender_id = endpoint(retrieve ? other : who),
		.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
		.handle = retrieve ? some_handle(in) : 0,
		.access_len = sizeof(d.access),
		.access_count = 1,
		.access_offset = sizeof(d.transaction),
	};
	d.access = (struct ffa_memory_access){
		.receiver_id = endpoint(retrieve ? who : other),
		.permissions = FFA_MEMORY_READ_WRITE,
		.composite_offset = retrieve ? 0 : sizeof(d.transaction) + sizeof(d.access),
	};
	d.composite.range_count = range_count;
	for (uint32_t i = 0; i < range_count; i++) {
		d.ranges[i].address = address(in, who);
		d.ranges[i].page_count = 1 + (uint32_t)take(in, 1) % 2;
		d.composite.page_count += d.ranges[i].page_count;
	}
	if (at % 4 == 0)
		((uint8_t *)&d)[at / 4 % sizeof(d)] ^= (uint8_t)take(in, 1);
	memcpy(tx_of(who), &d, sizeof(d));
	if (at % 16 == 1)
		return;
	regs.x[1] = regs.x[2] =
		retrieve ? offsetof(__typeof__(d), composite) :
			   offsetof(__typeof__(d), ranges) + range_count * sizeof(d.ranges[0]);
	spm_handle(endpoint(who), &regs);
	/* Else the first thing retrieved would be the last. */
	if (at % 16 != 3)
		spm_handle(endpoint(who), &(struct ffa_regs){ { FFA_RX_RELEASE } });
}

static void write_tx(struct input *in, unsigned int who)
{
	const size_t offset = take(in, 2) % FFA_PAGE_LEN;
	uint8_t *tx = tx_of(who);

	for (size_t i = 0, len = take(in, 1) % 64; i < len && offset + i < FFA_PAGE_LEN; i++)
		tx[offset + i] = (uint8_t)take(in, 1);
}

static void relinquish(struct input *in, unsigned int who)
{
	struct ffa_regs regs = { { FFA_MEM_RELINQUISH } };
	struct ffa_memory_relinquish request = {
		.handle = some_handle(in),
		.endpoint_count = 1,
		.endpoint_ids = { endpoint(who) },
	};
	const uint8_t at = (uint8_t)take(in, 1);

	const struct share *share = *find_share(request.handle);
	const unsigned int retrieved = share ? share->retrieved : 0;

	if (at < FFA_MEMORY_RELINQUISH_LEN)
		((uint8_t *)&request)[at] ^= (uint8_t)take(in, 1);
	memcpy(tx_of(who), &request, FFA_MEMORY_RELINQUISH_LEN);
	spm_handle(endpoint(who), &regs);
	if (regs.x[0] == FFA_SUCCESS && at >= FFA_MEMORY_RELINQUISH_LEN)
		require(share && share->borrower == endpoint(who) && retrieved &&
			share->retrieved == retrieved - 1);
}

/* Announces a page, with as many descriptors as the input says, sealed or not. */
static void send_page(struct input *in, unsigned int who)
{
	const uint8_t how = (uint8_t)take(in, 1);
	const size_t count = how & 1 ? (how >> 1) % 3 : 1;
	struct partition_memory memory = {
		.address = address(in, who),
		.len = how & 8 && how & 16 ? take(in, 8) : FFA_PAGE_LEN,
		.count = 1,
	};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { &memory, sizeof(memory) - (how == 0xff) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[2];

	for (size_t i = 0; i < count; i++) {
		fds[i] = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		require(fds[i] >= 0 && !ftruncate(fds[i], how == 0xfe ? 1 : FFA_PAGE_LEN));
		if (how != 0xfd)
			require(!fcntl(fds[i], F_ADD_SEALS, F_SEAL_SHRINK));
	}
	if (count) {
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	(void)sendmsg(ends[who], &message, MSG_NOSIGNAL);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* Receives what was retrieved. Messages and descriptors come in pairs. */
static void drain(unsigned int who)
{
	struct partition_memory memory;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { &memory, sizeof(memory) };
	int fd;

	for (;;) {
		struct msghdr message = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};

		if (recvmsg(ends[who], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
			return;
		require(CMSG_FIRSTHDR(&message) && memory.index < memory.count);
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
		require(lseek(fd, 0, SEEK_END) >= (off_t)(memory.offset + memory.len));
		close(fd);
	}
}

static void change_state(struct input *in, unsigned int who)
{
	struct partition *p = &spm_partitions[who];
	const uint8_t how = (uint8_t)take(in, 1);

	/* Without a process it can only run to its end. */
	atomic_store(&p->gone, how & 1);
	p->state = how & 1 ? how & 2 ? PARTITION_WAITING : PARTITION_DEAD : PARTITION_RUNNING;
	p->died_idle = how & 1 && how & 4;
}

static void check_shares(void)
{
	size_t count = 0, of_partitions = 0;

	for (const struct share *share = shares; share; share = share->next) {
		uint64_t len = 0;

		count++;
		of_partitions += share->owner != SPM_NORMAL_WORLD;
		require(share->owner != share->borrower && spm_find(share->borrower));
		require(share->handle && share->handle <= last_handle);
		require(!share->next || share->next->handle < share->handle);
		require(share->piece_count && share->piece_count <= RANGE_MAX);
		for (size_t i = 0; i < share->piece_count; i++) {
			require(fcntl(share->pieces[i].fd, F_GETFD) >= 0);
			len += share->pieces[i].len;
		}
		require(len && len == share->page_count * FFA_PAGE_LEN);
	}
	require(count == share_count && of_partitions == partition_share_count);
	require(of_partitions <= PARTITION_SHARE_MAX);
	for (size_t i = 0; i < PARTITIONS; i++)
		require(spm_partitions[i].page_count <= OWN_PAGE_MAX);
}

static void step(struct input *in)
{
	const enum op op = (enum op)(take(in, 1) % OP_COUNT);
	const unsigned int who = (unsigned int)take(in, 1) % (PARTITIONS + 1);
	const unsigned int partition = who % PARTITIONS;

	switch (op) {
	case OP_CALL:
		call(in, who);
		break;
	case OP_WRITE_TX:
		write_tx(in, who);
		break;
	case OP_DESCRIBE:
		describe(in, who);
		break;
	case OP_RELINQUISH:
		relinquish(in, who);
		break;
	case OP_PAGE:
		send_page(in, partition);
		break;
	case OP_DRAIN:
		drain(partition);
		break;
	case OP_STATE:
		change_state(in, partition);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const unsigned int before = count_descriptors();
	struct ffa_regs unmap = { { FFA_RXTX_UNMAP } };
	void *addr;

	require(!ram_alloc(RAM_PAGES * FFA_PAGE_LEN, &addr));
	ram = addr;
	for (unsigned int i = 0; i < PARTITIONS; i++)
		start_partition(i);
	spm_partition_count = PARTITIONS;
	for (unsigned int i = 0; i <= PARTITIONS; i++)
		map_buffers(i);

	while (in.size) {
		step(&in);
		check_shares();
	}

	spm_call(&unmap);
	spm_stop();
	require(!shares && !share_count && !partition_share_count);
	for (unsigned int i = 0; i < PARTITIONS; i++)
		close(ends[i]);
	ram_free(ram);
	require(count_descriptors() == before);
	return 0;
}
