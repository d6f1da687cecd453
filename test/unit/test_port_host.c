// SPDX-License-Identifier: BSD-3-Clause
/*
 * Partitions as processes: the test plays the SPM core (tstee/partition_process.h) to a real test
 * partition, and to one that tries what a partition must not do (partition_escape.c).
 */
#include "cmocka_all.h"
#include "partition_escape.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <test/partition/test_service.h>
#include <time.h>
#include <tstee/partition_process.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>

#define PARTITION_ID  0x8002
#define LINUX_ID      0
#define HANDLE	      0x1122334455ull
#define ANSWER_SEC    20
#define CONTROL_FD_AT 100 /* the test's own descriptors, out of the way of the partition's */
#define STRAY_FD      50  /* one that the partition should not have got */

struct process {
	pid_t pid;
	struct partition_channel *channel;
	int socket;
	uint32_t called;
	struct ffa_regs regs; /* of the call that waits for its answer */
};

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static int high(int fd)
{
	const int moved = fcntl(fd, F_DUPFD_CLOEXEC, CONTROL_FD_AT);

	assert_true(fd >= 0 && moved >= 0);
	close(fd);
	return moved;
}

static void start(struct process *p, const char *program, bool with_death_signal)
{
	const int channel = high(memfd_create("channel", MFD_CLOEXEC));
	const int null = high(open("/dev/null", O_RDWR | O_CLOEXEC));
	char *const argv[] = { (char *)program, NULL };
	char *const empty[] = { NULL };
	int pair[2];

	*p = (struct process){ .pid = -1 };
	assert_int_equal(ftruncate(channel, PARTITION_CHANNEL_LEN), 0);
	p->channel =
		mmap(NULL, PARTITION_CHANNEL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, channel, 0);
	assert_ptr_not_equal(p->channel, MAP_FAILED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	p->socket = high(pair[0]);
	pair[1] = high(pair[1]);

	p->pid = fork();
	assert_true(p->pid >= 0);
	if (!p->pid) {
		if (with_death_signal)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i <= STDERR_FILENO; i++)
			dup2(null, i);
		dup2(channel, PARTITION_CHANNEL_FD);
		dup2(pair[1], PARTITION_SOCKET_FD);
		dup2(null, STRAY_FD);
		execve(program, argv, empty);
		_exit(127);
	}
	close(channel);
	close(null);
	close(pair[1]);
}

/* Waits for the next call. False: there is none, and the process has ended. */
static bool next_call(struct process *p)
{
	const struct timespec step = { .tv_nsec = 20 * 1000 * 1000 };
	const time_t end = time(NULL) + ANSWER_SEC;
	siginfo_t info;

	while (__atomic_load_n(&p->channel->called, __ATOMIC_ACQUIRE) == p->called) {
		assert_true(time(NULL) < end);
		futex(&p->channel->called, FUTEX_WAIT, p->called, &step);
		info.si_pid = 0;
		if (!waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			return false;
	}
	assert_int_equal(p->channel->called, p->called + 1);
	p->called++;
	p->regs = p->channel->regs;
	return true;
}

static bool answer(struct process *p, struct ffa_regs regs)
{
	p->channel->regs = regs;
	__atomic_store_n(&p->channel->answered, p->called, __ATOMIC_RELEASE);
	futex(&p->channel->answered, FUTEX_WAKE, 1, NULL);
	return next_call(p);
}

static const struct ffa_regs success = { { FFA_SUCCESS } };

/* Answers what the process asks before its first message. */
static void boot(struct process *p)
{
	assert_true(next_call(p));
	assert_int_equal(p->regs.x[0], FFA_VERSION);
	assert_true(answer(p, (struct ffa_regs){ { FFA_VERSION_1_1 } }));
	assert_int_equal(p->regs.x[0], FFA_ID_GET);
	assert_true(answer(p, (struct ffa_regs){ { FFA_SUCCESS, 0, PARTITION_ID } }));
	assert_int_equal(p->regs.x[0], FFA_RXTX_MAP | FFA_FUNCTION_64);
	assert_int_equal(p->regs.x[1], p->channel->address + PARTITION_TX_OFFSET);
	assert_int_equal(p->regs.x[2], p->channel->address + PARTITION_RX_OFFSET);
	assert_int_equal(p->regs.x[3], 1);
	assert_int_not_equal(p->channel->address, 0);
	assert_true(answer(p, success));
	assert_int_equal(p->regs.x[0], FFA_MSG_WAIT);
}

/* How the process has ended: its wait status. */
static int stop(struct process *p)
{
	int status;

	kill(p->pid, SIGKILL);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	munmap(p->channel, PARTITION_CHANNEL_LEN);
	close(p->socket);
	return status;
}

/* Sends a direct request; its first call for that is what @p->regs hold then. */
static bool request(struct process *p, const uint32_t words[TS_RPC_REGS])
{
	struct ffa_regs regs = { { FFA_MSG_SEND_DIRECT_REQ,
				   ffa_message_endpoints(LINUX_ID, PARTITION_ID) } };

	for (size_t i = 0; i < TS_RPC_REGS; i++)
		regs.x[3 + i] = words[i];
	return answer(p, regs);
}

static void check_response(const struct process *p, uint32_t control, uint32_t status)
{
	assert_int_equal(p->regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	assert_int_equal(p->regs.x[1], ffa_message_endpoints(PARTITION_ID, LINUX_ID));
	assert_int_equal(p->regs.x[3 + TS_RPC_REG_CONTROL], control);
	assert_int_equal(p->regs.x[3 + TS_RPC_REG_STATUS], status);
}

static void call(struct process *p, uint16_t opcode, uint64_t handle, uint32_t req_len)
{
	const uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_CONTROL] = ts_rpc_control(0, opcode),
		[TS_RPC_REG_HANDLE_LO] = (uint32_t)handle,
		[TS_RPC_REG_HANDLE_HI] = (uint32_t)(handle >> 32),
		[TS_RPC_REG_REQ_LEN] = req_len,
	};

	assert_true(request(p, words));
	check_response(p, words[TS_RPC_REG_CONTROL], TS_RPC_SUCCESS);
}

/* Management calls about HANDLE; a retrieval is of what was shared with @tag. */
static bool manage_tagged(struct process *p, uint16_t opcode, uint64_t tag)
{
	const uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_CONTROL] = ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode),
		[TS_RPC_REG_HANDLE_LO] = (uint32_t)HANDLE,
		[TS_RPC_REG_HANDLE_HI] = (uint32_t)(HANDLE >> 32),
		[TS_RPC_REG_TAG_LO] = (uint32_t)tag,
		[TS_RPC_REG_TAG_HI] = (uint32_t)(tag >> 32),
	};

	return request(p, words);
}

static bool manage_memory(struct process *p, uint16_t opcode)
{
	return manage_tagged(p, opcode, 0);
}

static void send_piece(const struct process *p, struct partition_memory piece, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { &piece, sizeof(piece) };
	const struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(p->socket, &message, MSG_NOSIGNAL), sizeof(piece));
}

/* A message of @len bytes that is no piece, with @count descriptors. */
static void send_copies(const struct process *p, size_t len, int fd, size_t count)
{
	const struct partition_memory piece[2] = {
		{ .handle = HANDLE, .len = 3 * FFA_PAGE_LEN, .count = 1 }
	};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 253)];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd) * count),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (void *)piece, len };
	const struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(sizeof(fd) * count),
	};

	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(fd), &fd, sizeof(fd));
	assert_int_equal(sendmsg(p->socket, &message, MSG_NOSIGNAL), len);
}

/* The response to a retrieve request of HANDLE: @page_count pages in one range. */
static struct ffa_regs write_descriptor(struct process *p, uint32_t page_count)
{
	struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
		struct ffa_memory_composite composite;
		struct ffa_memory_range range;
	} response = {
		.transaction = {
			.sender_id = LINUX_ID,
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.flags = FFA_MEMORY_SHARE,
			.handle = HANDLE,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = sizeof(struct ffa_memory_transaction),
		},
		.access = {
			.receiver_id = PARTITION_ID,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = sizeof(struct ffa_memory_transaction) +
					    sizeof(struct ffa_memory_access),
		},
		.composite = { .page_count = page_count, .range_count = 1 },
		.range = { .page_count = page_count },
	};

	memcpy((uint8_t *)p->channel + PARTITION_RX_OFFSET, &response, sizeof(response));
	return (struct ffa_regs){ { FFA_MEM_RETRIEVE_RESP, sizeof(response), sizeof(response) } };
}

/* Memory of three pages whose order in the region is another: 2, then 0 and 1. */
static uint8_t *make_memory(int *fd)
{
	uint8_t *memory;

	*fd = memfd_create("memory", MFD_CLOEXEC);
	assert_true(*fd >= 0);
	assert_int_equal(ftruncate(*fd, 3 * FFA_PAGE_LEN), 0);
	memory = mmap(NULL, 3 * FFA_PAGE_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

static void send_memory(const struct process *p, int fd)
{
	send_piece(p,
		   (struct partition_memory){ .handle = HANDLE,
					      .offset = 2 * FFA_PAGE_LEN,
					      .len = FFA_PAGE_LEN,
					      .count = 2 },
		   fd);
	send_piece(p,
		   (struct partition_memory){
			   .handle = HANDLE, .len = 2 * FFA_PAGE_LEN, .index = 1, .count = 2 },
		   fd);
}

static void retrieve(struct process *p, int fd)
{
	assert_true(manage_memory(p, TS_RPC_MEMORY_RETRIEVE));
	assert_int_equal(p->regs.x[0], FFA_MEM_RETRIEVE_REQ);
	send_memory(p, fd);
	assert_true(answer(p, write_descriptor(p, 3)));
	assert_int_equal(p->regs.x[0], FFA_RX_RELEASE);
	assert_true(answer(p, success));
	check_response(p, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_MEMORY_RETRIEVE),
		       TS_RPC_SUCCESS);
}

/* The request in TX is for HANDLE and @tag, with a composite region or without. */
static void check_retrieve(const struct process *p, uint64_t tag, bool composite)
{
	struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
		uint64_t composite[4];
	} tx;

	assert_int_equal(p->regs.x[0], FFA_MEM_RETRIEVE_REQ);
	assert_int_equal(p->regs.x[1], composite ? 96 : 64);
	assert_int_equal(p->regs.x[2], p->regs.x[1]);
	memcpy(&tx, (uint8_t *)p->channel + PARTITION_TX_OFFSET, sizeof(tx));
	assert_true(tx.transaction.handle == HANDLE);
	assert_true(tx.transaction.tag == tag);
	assert_int_equal(tx.access.composite_offset, composite ? 64 : 0);
	for (size_t i = 0; composite && i < 4; i++)
		assert_true(!tx.composite[i]);
}

static void check_relinquish(const struct process *p)
{
	struct ffa_memory_relinquish relinquish;

	assert_int_equal(p->regs.x[0], FFA_MEM_RELINQUISH);
	memcpy(&relinquish, (uint8_t *)p->channel + PARTITION_TX_OFFSET, FFA_MEMORY_RELINQUISH_LEN);
	assert_int_equal(relinquish.handle, HANDLE);
	assert_int_equal(relinquish.endpoint_ids[0], PARTITION_ID);
}

static void messages_are_answered(void **state)
{
	const uint32_t version[TS_RPC_REGS] = { ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT,
							       TS_RPC_VERSION_GET) };
	struct process p;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	assert_true(request(&p, version));
	assert_int_equal(p.regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	assert_int_equal(p.regs.x[3 + TS_RPC_REG_VERSION], TS_RPC_VERSION);
	for (int i = 0; i < 1000; i++)
		call(&p, TEST_NULL, TS_RPC_NO_HANDLE, 0);
	assert_true(WIFSIGNALED(stop(&p)));
}

static void pieces_become_one_region(void **state)
{
	struct test_scribble scribble = { .pattern = "0123456789abcde" };
	uint8_t *memory;
	struct process p;
	int fd;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	memory = make_memory(&fd);
	retrieve(&p, fd);

	memcpy(memory + 2 * FFA_PAGE_LEN, &scribble, sizeof(scribble));
	call(&p, TEST_SCRIBBLE, HANDLE, sizeof(scribble));
	for (size_t page = 0; page < 2; page++)
		assert_memory_equal(memory + page * FFA_PAGE_LEN, scribble.pattern,
				    TEST_PATTERN_LEN);
	/* The response went to the start of the region, which is the last page of the file. */
	assert_int_equal(memory[2 * FFA_PAGE_LEN], 3);

	for (size_t i = 0; i < FFA_PAGE_LEN + 100; i++)
		memory[(i + 2 * FFA_PAGE_LEN) % (3 * FFA_PAGE_LEN)] = (uint8_t)(i * 7);
	call(&p, TEST_ECHO, HANDLE, FFA_PAGE_LEN + 100);
	for (size_t i = 0; i < FFA_PAGE_LEN + 100; i++)
		assert_int_equal(memory[(i + 2 * FFA_PAGE_LEN) % (3 * FFA_PAGE_LEN)],
				 (uint8_t)(i * 7));

	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
	stop(&p);
}

static void a_tag_is_retrieved_with_and_is_no_address(void **state)
{
	const struct ffa_regs refused = { { FFA_ERROR, 0, (uint32_t)FFA_INVALID_PARAMETERS } };
	const uint64_t tag = 0x180001000;
	uint8_t *memory;
	struct process p;
	int fd;

	(void)state;
	memory = make_memory(&fd);
	for (int refusals = 0; refusals <= 2; refusals++) {
		start(&p, TEST_PARTITION, true);
		boot(&p);
		assert_true(manage_tagged(&p, TS_RPC_MEMORY_RETRIEVE, tag));
		check_retrieve(&p, tag, true);
		/* An SPM core that takes no composite region is asked without. */
		if (refusals) {
			assert_true(answer(&p, refused));
			check_retrieve(&p, tag, false);
		}
		if (refusals == 2) {
			assert_true(answer(&p, refused));
		} else {
			send_memory(&p, fd);
			assert_true(answer(&p, write_descriptor(&p, 3)));
			assert_int_equal(p.regs.x[0], FFA_RX_RELEASE);
			assert_true(answer(&p, success));
		}
		while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
			assert_true(answer(&p, success));
		check_response(
			&p, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_MEMORY_RETRIEVE),
			refusals == 2 ? (uint32_t)TS_RPC_ERROR_TRANSPORT_LAYER : TS_RPC_SUCCESS);
		stop(&p);
	}

	start(&p, TEST_PARTITION, true);
	boot(&p);
	assert_true(manage_tagged(&p, TS_RPC_MEMORY_RETRIEVE, 0));
	check_retrieve(&p, 0, false);
	stop(&p);
	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
}

/* The process does not let its own user look at it, but root. */
static void need_root(void)
{
	if (geteuid()) {
		print_message("only root can look into a partition\n");
		skip();
	}
}

static bool region_is_mapped(const struct process *p, uint64_t address)
{
	char path[64], line[256];
	unsigned long from, to;
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", p->pid);
	maps = fopen(path, "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 && address >= from && address < to)
			found = true;
	fclose(maps);
	return found;
}

static void a_relinquished_region_is_unmapped(void **state)
{
	const struct ffa_memory_range *range;
	uint64_t address;
	uint8_t *memory;
	struct process p;
	int fd;

	(void)state;
	need_root();
	start(&p, TEST_PARTITION, true);
	boot(&p);
	memory = make_memory(&fd);
	retrieve(&p, fd);
	range = (const void *)((uint8_t *)p.channel + PARTITION_RX_OFFSET +
			       sizeof(struct ffa_memory_transaction) +
			       sizeof(struct ffa_memory_access) +
			       sizeof(struct ffa_memory_composite));
	address = range->address;
	assert_int_not_equal(address, 0);
	assert_true(region_is_mapped(&p, address));

	/* Refused, it stays. */
	assert_true(manage_memory(&p, TS_RPC_MEMORY_RELINQUISH));
	while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
		assert_true(answer(&p, success));
	check_relinquish(&p);
	assert_true(answer(
		&p, (struct ffa_regs){ { FFA_ERROR, 0, (uint32_t)FFA_INVALID_PARAMETERS } }));
	while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
		assert_true(answer(&p, success));
	assert_int_equal(p.regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	assert_true(region_is_mapped(&p, address));

	assert_true(manage_memory(&p, TS_RPC_MEMORY_RELINQUISH));
	check_relinquish(&p);
	assert_true(answer(&p, success));
	while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
		assert_true(answer(&p, success));
	check_response(&p, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_MEMORY_RELINQUISH),
		       TS_RPC_SUCCESS);
	assert_false(region_is_mapped(&p, address));

	retrieve(&p, fd);
	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
	stop(&p);
}

static void a_region_that_cant_be_mapped_is_given_back(void **state)
{
	uint8_t *memory;
	struct process p;
	int fd;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	memory = make_memory(&fd);

	/* The descriptor says four pages, and the pieces have three. */
	assert_true(manage_memory(&p, TS_RPC_MEMORY_RETRIEVE));
	assert_int_equal(p.regs.x[0], FFA_MEM_RETRIEVE_REQ);
	send_memory(&p, fd);
	assert_true(answer(&p, write_descriptor(&p, 4)));
	assert_int_equal(p.regs.x[0], FFA_RX_RELEASE);
	assert_true(answer(&p, success));
	check_relinquish(&p);
	assert_true(answer(&p, success));
	while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
		assert_true(answer(&p, success));
	check_response(&p, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_MEMORY_RETRIEVE),
		       (uint32_t)TS_RPC_ERROR_TRANSPORT_LAYER);

	/* No piece of it is left in the socket for the next. */
	retrieve(&p, fd);
	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
	stop(&p);
}

/* More often than the partition may have descriptors. */
#define TOO_OFTEN 70

static void what_comes_along_is_never_kept(void **state)
{
	static const struct {
		size_t len;
		size_t count;
	} cases[] = {
		{ 0, 1 },
		{ sizeof(struct partition_memory) - 1, 1 },
		{ sizeof(struct partition_memory), 2 },
		{ sizeof(struct partition_memory), 253 },
		{ sizeof(struct partition_memory) + 1, 1 },
	};
	struct process p;
	uint8_t *memory;
	int fd;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	memory = make_memory(&fd);
	for (size_t i = 0; i < TOO_OFTEN; i++) {
		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			assert_true(manage_memory(&p, TS_RPC_MEMORY_RETRIEVE));
			assert_int_equal(p.regs.x[0], FFA_MEM_RETRIEVE_REQ);
			send_copies(&p, cases[k].len, fd, cases[k].count);
			assert_true(answer(&p, write_descriptor(&p, 3)));
			assert_int_equal(p.regs.x[0], FFA_RX_RELEASE);
			assert_true(answer(&p, success));
			assert_int_equal(p.regs.x[0], FFA_MEM_RELINQUISH);
			assert_true(answer(&p, success));
			while (p.regs.x[0] == (FFA_CONSOLE_LOG | FFA_FUNCTION_64))
				assert_true(answer(&p, success));
		}
	}
	retrieve(&p, fd);
	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
	stop(&p);
}

static void pages_are_sealed_files_that_the_spm_core_gets(void **state)
{
	const uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_CONTROL] = ts_rpc_control(0, TEST_FFA_INFO),
		[TS_RPC_REG_HANDLE_LO] = (uint32_t)HANDLE,
		[TS_RPC_REG_HANDLE_HI] = (uint32_t)(HANDLE >> 32),
	};
	struct partition_memory page;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { &page, sizeof(page) };
	uint64_t first = 0, address;
	uint8_t *memory;
	struct process p;
	int fd, page_fd;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	memory = make_memory(&fd);
	retrieve(&p, fd);
	assert_true(request(&p, words));
	check_response(&p, words[TS_RPC_REG_CONTROL], TS_RPC_SUCCESS);
	memcpy(&address, memory + 2 * FFA_PAGE_LEN + 2 * sizeof(uint32_t), sizeof(address));

	for (size_t i = 0; i < TEST_FFA_PAGES; i++) {
		struct msghdr message = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};

		assert_int_equal(recvmsg(p.socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC),
				 sizeof(page));
		assert_non_null(CMSG_FIRSTHDR(&message));
		memcpy(&page_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(page_fd));
		if (!i)
			first = page.address;
		assert_int_equal(page.address, first + i * FFA_PAGE_LEN);
		assert_int_equal(page.handle, 0);
		assert_int_equal(page.offset, 0);
		assert_int_equal(page.len, FFA_PAGE_LEN);
		assert_int_equal(page.index, 0);
		assert_int_equal(page.count, 1);
		assert_int_equal(fcntl(page_fd, F_GET_SEALS),
				 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
		assert_int_equal(lseek(page_fd, 0, SEEK_END), FFA_PAGE_LEN);
		close(page_fd);
	}
	assert_int_equal(address, first);
	munmap(memory, 3 * FFA_PAGE_LEN);
	close(fd);
	stop(&p);
}

static void a_crash_ends_the_process(void **state)
{
	const uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_CONTROL] = ts_rpc_control(0, TEST_CRASH),
		[TS_RPC_REG_HANDLE_LO] = UINT32_MAX,
		[TS_RPC_REG_HANDLE_HI] = UINT32_MAX,
	};
	struct process p;
	int status;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	assert_false(request(&p, words));
	status = stop(&p);
	/* A sanitizer makes a report of it, and ends the process itself. */
	if (!ESCAPE_SANITIZED) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSEGV);
		assert_false(WCOREDUMP(status));
	}
}

static void a_forbidden_call_ends_the_process(void **state)
{
	(void)state;
	if (ESCAPE_SANITIZED) {
		print_message("sanitizers make calls of all kinds: there is no filter\n");
		skip();
	}
	for (uint32_t way = 0; way < ESCAPE_COUNT; way++) {
		const uint32_t words[TS_RPC_REGS] = { way };
		struct process p;
		int status;

		start(&p, ESCAPE_PARTITION, true);
		boot(&p);
		if (request(&p, words))
			fail_msg("escape %u ended with %d", way, (int)p.regs.x[3]);
		status = stop(&p);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

static bool status_has(const struct process *p, const char *expected)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", p->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		found |= !strcmp(line, expected);
	fclose(file);
	return found;
}

static void address_space_is_bounded(void **state)
{
	char path[64], line[256];
	bool bounded = ESCAPE_SANITIZED;
	struct process p;
	FILE *file;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	snprintf(path, sizeof(path), "/proc/%d/limits", p.pid);
	file = fopen(path, "re");
	/* Only root may look into a partition's process. */
	if (!file && geteuid()) {
		stop(&p);
		skip();
	}
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "Max address space", strlen("Max address space")))
			bounded |= !strstr(line, "unlimited");
	}
	fclose(file);
	assert_true(bounded);
	stop(&p);
}

static void nothing_is_kept_but_what_is_the_partitions(void **state)
{
	char path[64];
	struct process p;
	DIR *dir;

	(void)state;
	start(&p, TEST_PARTITION, true);
	boot(&p);
	assert_true(status_has(&p, "NoNewPrivs:\t1\n"));
	assert_true(ESCAPE_SANITIZED || status_has(&p, "Seccomp:\t2\n"));

	snprintf(path, sizeof(path), "/proc/%d/fd", p.pid);
	dir = opendir(path);
	if (geteuid()) {
		assert_null(dir);
		assert_int_equal(errno, EACCES);
	} else {
		assert_non_null(dir);
		for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
			assert_true(e->d_name[0] == '.' || atoi(e->d_name) <= PARTITION_SOCKET_FD);
		closedir(dir);
	}
	stop(&p);
}

static void without_a_death_signal_nothing_runs(void **state)
{
	struct process p;

	(void)state;
	start(&p, TEST_PARTITION, false);
	for (bool more = next_call(&p); more; more = answer(&p, success))
		assert_int_equal(p.regs.x[0], FFA_CONSOLE_LOG | FFA_FUNCTION_64);
	stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_answered),
		cmocka_unit_test(pieces_become_one_region),
		cmocka_unit_test(a_tag_is_retrieved_with_and_is_no_address),
		cmocka_unit_test(a_relinquished_region_is_unmapped),
		cmocka_unit_test(a_region_that_cant_be_mapped_is_given_back),
		cmocka_unit_test(what_comes_along_is_never_kept),
		cmocka_unit_test(pages_are_sealed_files_that_the_spm_core_gets),
		cmocka_unit_test(a_crash_ends_the_process),
		cmocka_unit_test(a_forbidden_call_ends_the_process),
		cmocka_unit_test(address_space_is_bounded),
		cmocka_unit_test(nothing_is_kept_but_what_is_the_partitions),
		cmocka_unit_test(without_a_death_signal_nothing_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
