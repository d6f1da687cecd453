// SPDX-License-Identifier: BSD-3-Clause
/*
 * The SPM core with real partition processes: the test speaks for the normal world, by the FF-A
 * calls that a kernel makes. What a partition may do is tested from inside one, over the TEE
 * devices (test/conformance/spm.c).
 */
#include "cmocka_all.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <tstee/secure_storage.h>
#include <tstee/services.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>
#include <world/ram.h>
#include <world/spm/spm.h>

#include "../partition/test_service.h"

#define BUFFER_LEN (4 * FFA_PAGE_LEN)

/* The order of the manifests' names decides where boot-order is the same. */
static struct spm_partition_config partitions[] = {
	{ "its", ITS_PROGRAM },
	{ "test", TEST_PROGRAM },
	{ "victim", VICTIM_PROGRAM },
};

#define ITS    0x8002
#define TEST   0x8003
#define VICTIM 0x8004

static struct {
	char path[64];
	int dir_fd;
	uint8_t *tx, *rx, *buffer;
	pthread_t reaper;
	atomic_bool stop;
} world;

/* Moves the clock of the SPM core. */
static uint64_t later_ns;

uint64_t __real_spm_now_ns(void);
uint64_t __wrap_spm_now_ns(void);

uint64_t __wrap_spm_now_ns(void)
{
	return __real_spm_now_ns() + later_ns;
}

static void *reap(void *arg)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	int status, pid;

	(void)arg;
	while (!atomic_load(&world.stop)) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0)
			spm_reap(pid, status);
		else
			nanosleep(&pause, NULL);
	}
	return NULL;
}

static struct ffa_regs call(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
			    uint64_t x5)
{
	struct ffa_regs regs = { { x0, x1, x2, x3, x4, x5 } };

	spm_call(&regs);
	return regs;
}

static int status_of(const struct ffa_regs *regs)
{
	return (uint32_t)regs->x[0] == FFA_ERROR ? (int)(int32_t)regs->x[2] : 0;
}

static void boot(void)
{
	const struct spm_config config = {
		.state_fd = world.dir_fd,
		.partitions = partitions,
		.partition_count = sizeof(partitions) / sizeof(partitions[0]),
	};
	struct spm_failure why = { "" };
	struct ffa_regs regs;

	assert_int_equal(spm_start(&config, &why), 0);
	atomic_store(&world.stop, false);
	assert_int_equal(pthread_create(&world.reaper, NULL, reap, NULL), 0);
	regs = call(FFA_RXTX_MAP | FFA_FUNCTION_64, (uintptr_t)world.tx, (uintptr_t)world.rx, 1, 0,
		    0);
	assert_int_equal(regs.x[0], FFA_SUCCESS);
}

static void shut_down(void)
{
	atomic_store(&world.stop, true);
	pthread_join(world.reaper, NULL);
	spm_stop();
}

static int setup(void **state)
{
	void *addr;

	(void)state;
	strcpy(world.path, "/tmp/test_spm.XXXXXX");
	assert_non_null(mkdtemp(world.path));
	world.dir_fd = open(world.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(world.dir_fd >= 0);
	assert_int_equal(ram_alloc(FFA_PAGE_LEN, &addr), 0);
	world.tx = addr;
	assert_int_equal(ram_alloc(FFA_PAGE_LEN, &addr), 0);
	world.rx = addr;
	assert_int_equal(ram_alloc(BUFFER_LEN, &addr), 0);
	world.buffer = addr;
	boot();
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	shut_down();
	ram_free(world.tx);
	ram_free(world.rx);
	ram_free(world.buffer);
	close(world.dir_fd);
	snprintf(command, sizeof(command), "rm -rf %s", world.path);
	return system(command);
}

static struct ffa_regs request(uint16_t to, uint32_t w3, uint32_t w4, uint32_t w5, uint32_t w6,
			       uint32_t w7)
{
	struct ffa_regs regs = { {
		FFA_MSG_SEND_DIRECT_REQ,
		ffa_message_endpoints(SPM_NORMAL_WORLD, to),
		0,
		w3,
		w4,
		w5,
		w6,
		w7,
	} };

	spm_call(&regs);
	return regs;
}

static struct ffa_regs manage(uint16_t to, uint16_t opcode, uint64_t handle)
{
	return request(to, ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode), (uint32_t)handle,
		       (uint32_t)(handle >> 32), 0, 0);
}

/* A well-formed descriptor for the buffer in TX; its length. */
static uint32_t describe(uint16_t to)
{
	const struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
		struct ffa_memory_composite composite;
		struct ffa_memory_range range;
	} d = {
		.transaction = {
			.sender_id = SPM_NORMAL_WORLD,
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = sizeof(struct ffa_memory_transaction),
		},
		.access = {
			.receiver_id = to,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = sizeof(struct ffa_memory_transaction) +
					    sizeof(struct ffa_memory_access),
		},
		.composite = { .page_count = BUFFER_LEN / FFA_PAGE_LEN, .range_count = 1 },
		.range = {
			.address = (uintptr_t)world.buffer,
			.page_count = BUFFER_LEN / FFA_PAGE_LEN,
		},
	};

	memcpy(world.tx, &d, sizeof(d));
	return sizeof(d);
}

static struct ffa_regs share_tx(uint32_t len)
{
	return call(FFA_MEM_SHARE, len, len, 0, 0, 0);
}

static uint64_t share(uint16_t to)
{
	struct ffa_regs regs = share_tx(describe(to));

	assert_int_equal(regs.x[0], FFA_SUCCESS);
	return (uint32_t)regs.x[2] | regs.x[3] << 32;
}

static int reclaim(uint64_t handle)
{
	struct ffa_regs regs =
		call(FFA_MEM_RECLAIM, (uint32_t)handle, (uint32_t)(handle >> 32), 0, 0, 0);

	return status_of(&regs);
}

static uint64_t share_and_retrieve(uint16_t to)
{
	uint64_t handle = share(to);
	struct ffa_regs regs = manage(to, TS_RPC_MEMORY_RETRIEVE, handle);

	assert_int_equal(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	return handle;
}

static void give_back(uint16_t to, uint64_t handle)
{
	struct ffa_regs regs = manage(to, TS_RPC_MEMORY_RELINQUISH, handle);

	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	assert_int_equal(reclaim(handle), 0);
}

static struct ffa_regs service(uint16_t to, uint16_t opcode, uint64_t handle, size_t len)
{
	return request(to, ts_rpc_control(0, opcode), (uint32_t)handle, (uint32_t)(handle >> 32),
		       (uint32_t)len, 0);
}

/* Between properties for boot_with(). */
#define AND " && fdtput -t x $D / "

/* Starts the world with a copy of the victim whose manifest has that property. */
static void boot_with(const char *property)
{
	static char program[96];
	char command[512];

	shut_down();
	snprintf(program, sizeof(program), "%s/mortal", world.path);
	snprintf(command, sizeof(command),
		 "cp %s %s && cp %s.dtb %s.dtb && D=%s.dtb && fdtput -t x $D / %s", VICTIM_PROGRAM,
		 program, VICTIM_PROGRAM, program, program, property);
	assert_int_equal(system(command), 0);
	partitions[2].program = program;
	boot();
	partitions[2].program = VICTIM_PROGRAM;
}

static struct ffa_regs run_again(uint16_t id)
{
	return call(FFA_RUN, ffa_run_context(id), 0, 0, 0, 0);
}

static void partitions_are_listed_with_their_ids(void **state)
{
	struct ffa_regs regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 0);
	uint16_t id;

	(void)state;
	assert_int_equal(regs.x[0], FFA_SUCCESS);
	assert_int_equal(regs.x[2], 3);
	assert_int_equal(regs.x[3], 24);
	for (uint16_t i = 0; i < 3; i++) {
		memcpy(&id, world.rx + i * 24, sizeof(id));
		assert_int_equal(id, ITS + i);
	}
	/* The buffer is ours until it is released. */
	regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 0);
	assert_int_equal(status_of(&regs), FFA_BUSY);
	regs = call(FFA_RX_RELEASE, 0, 0, 0, 0, 0);
	assert_int_equal(regs.x[0], FFA_SUCCESS);
	regs = call(FFA_RX_RELEASE, 0, 0, 0, 0, 0);
	assert_int_equal(status_of(&regs), FFA_DENIED);
}

#define UUID	   "d776cdbd 51475e82 d4863b96 ac4349f8"
#define OTHER_UUID "1 2 3 4"

/* One for each; who asks for one UUID is told of the partitions that have it. */
static void partition_has_an_entry_for_each_uuid(void **state)
{
	struct ffa_partition_info info;
	struct ffa_regs regs;

	(void)state;
	boot_with("uuid " OTHER_UUID " " UUID);
	regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 1);
	assert_int_equal(regs.x[2], 4);
	regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 0);
	assert_int_equal(regs.x[2], 4);
	for (size_t i = 2; i < 4; i++) {
		memcpy(&info, world.rx + i * sizeof(info), sizeof(info));
		assert_int_equal(info.id, VICTIM);
		assert_int_equal(info.uuid[0], i == 2 ? 1 : 0xbd);
	}
	call(FFA_RX_RELEASE, 0, 0, 0, 0, 0);
	regs = call(FFA_PARTITION_INFO_GET, 1, 2, 3, 4, 0);
	assert_int_equal(regs.x[2], 1);
	memcpy(&info, world.rx, sizeof(info));
	assert_int_equal(info.id, VICTIM);
	call(FFA_RX_RELEASE, 0, 0, 0, 0, 0);
	regs = call(FFA_PARTITION_INFO_GET, 0xd776cdbd, 0x51475e82, 0xd4863b96, 0xac4349f8, 1);
	assert_int_equal(regs.x[2], 3);
}

static void wrong_versions_are_refused(void **state)
{
	(void)state;
	boot_with("ffa-version 10003");
	assert_non_null(strstr(spm_reports(), "its ffa-version is neither 1.1 nor 1.2"));
	boot_with("messaging-method 203");
	assert_non_null(strstr(spm_reports(), "its messaging-method needs ffa-version 1.2"));
	boot_with("ffa-version 10002" AND "messaging-method 207");
	assert_non_null(strstr(spm_reports(), "its messaging-method is not direct messages"));
}

/* As the SPM core lists them, without the others' bits. */
static uint32_t properties_of(uint16_t id)
{
	struct ffa_regs regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 0);
	struct ffa_partition_info info = { 0 };

	for (size_t i = 0; i < regs.x[2] && info.id != id; i++)
		memcpy(&info, world.rx + i * sizeof(info), sizeof(info));
	call(FFA_RX_RELEASE, 0, 0, 0, 0, 0);
	assert_int_equal(info.id, id);
	return info.properties & 0x6ff;
}

/* The request of FF-A v1.2, to the service that the UUID's two halves name. */
static struct ffa_regs request2(uint16_t to, uint64_t low, uint64_t high, uint32_t control,
				uint64_t handle, uint32_t len)
{
	struct ffa_regs regs = { {
		FFA_MSG_SEND_DIRECT_REQ2,
		ffa_message_endpoints(SPM_NORMAL_WORLD, to),
		low,
		high,
		control,
		(uint32_t)handle,
		(uint32_t)(handle >> 32),
		len,
		0,
		0xbad,
	} };

	spm_call(&regs);
	return regs;
}

static void is_response2(const struct ffa_regs *regs, uint32_t control)
{
	assert_int_equal(regs->x[0], FFA_MSG_SEND_DIRECT_RESP2);
	assert_int_equal(regs->x[1], ffa_message_endpoints(VICTIM, SPM_NORMAL_WORLD));
	assert_int_equal(regs->x[2], 0);
	assert_int_equal(regs->x[3], 0);
	assert_int_equal(regs->x[4], control);
	for (int i = 9; i < FFA_REGS; i++)
		assert_int_equal(regs->x[i], 0);
}

#define UUID_LOW  0x51475e82d776cdbdull
#define UUID_HIGH 0xac4349f8d4863b96ull

/* And both forms are there for those who have agreed on the later version. */
static void requests_of_1_2_are_for_who_speaks_1_2(void **state)
{
	const uint32_t version = ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_VERSION_GET);
	const uint32_t echo = ts_rpc_control(0, TEST_ECHO), yield = ts_rpc_control(0, TEST_YIELD);
	struct test_value once = { 1 };
	struct ffa_regs regs;
	uint64_t handle;

	(void)state;
	boot_with("ffa-version 10002" AND "messaging-method 203");
	for (int again = 0; again < 2; again++) {
		regs = request2(VICTIM, 0, 0, version, 0, 0);
		assert_int_equal(status_of(&regs), FFA_NOT_SUPPORTED);
		regs = call(FFA_FEATURES, FFA_MSG_SEND_DIRECT_REQ2, 0, 0, 0, 0);
		assert_int_equal(status_of(&regs), FFA_NOT_SUPPORTED);
		assert_int_equal(properties_of(VICTIM), 3);

		regs = call(FFA_VERSION, 0x20000, 0, 0, 0, 0);
		assert_int_equal((int32_t)regs.x[0], FFA_NOT_SUPPORTED);
		regs = call(FFA_VERSION, again ? 0x10003 : FFA_VERSION_1_2, 0, 0, 0, 0);
		assert_int_equal(regs.x[0], FFA_VERSION_1_2);
		regs = call(FFA_FEATURES, FFA_MSG_SEND_DIRECT_REQ2, 0, 0, 0, 0);
		assert_int_equal(regs.x[0], FFA_SUCCESS);
		assert_int_equal(properties_of(VICTIM), 0x203);
		assert_int_equal(properties_of(TEST), 3);

		regs = request2(VICTIM, 0, 0, version, 0, 0);
		is_response2(&regs, version);
		assert_int_equal(regs.x[5], TS_RPC_VERSION);
		regs = request2(VICTIM, UUID_LOW, UUID_HIGH, version, 0, 0);
		is_response2(&regs, version);
		regs = request2(VICTIM, UUID_LOW, UUID_HIGH + 1, version, 0, 0);
		assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
		regs = request2(TEST, 0, 0, version, 0, 0);
		assert_int_equal(status_of(&regs), FFA_DENIED);
		regs = request2(0x9000, 0, 0, version, 0, 0);
		assert_int_equal(status_of(&regs), FFA_NOT_SUPPORTED);

		handle = share_and_retrieve(VICTIM);
		memcpy(world.buffer, "twice", 5);
		regs = request2(VICTIM, 0, 0, echo, handle, 5);
		is_response2(&regs, echo);
		assert_int_equal((int32_t)regs.x[5], TS_RPC_SUCCESS);
		assert_int_equal(regs.x[7], 5);
		memcpy(world.buffer, &once, sizeof(once));
		regs = request2(VICTIM, 0, 0, yield, handle, sizeof(once));
		assert_int_equal(regs.x[0], FFA_YIELD);
		regs = run_again(VICTIM);
		is_response2(&regs, yield);
		give_back(VICTIM, handle);

		regs = call(FFA_VERSION, FFA_VERSION_1_1, 0, 0, 0, 0);
		assert_int_equal(regs.x[0], FFA_VERSION_1_2);
	}
}

static void wrong_uuids_are_refused(void **state)
{
	static const char *const wrong[] = { "uuid " UUID " " OTHER_UUID " " UUID,
					     "uuid " UUID " 1 2 3", "uuid",
					     "uuid " UUID " 1 1 1 1 2 2 2 2 3 3 3 3 4 4 4 4" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		boot_with(wrong[i]);
		assert_non_null(strstr(spm_reports(), "its uuid is not one to four different"));
	}
}

static void partitions_answer(void **state)
{
	(void)state;
	for (uint16_t id = ITS; id <= VICTIM; id++) {
		struct ffa_regs regs = manage(id, TS_RPC_VERSION_GET, 0);

		assert_int_equal(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
		assert_int_equal(regs.x[1], ffa_message_endpoints(id, SPM_NORMAL_WORLD));
		assert_int_equal(regs.x[4], TS_RPC_VERSION);
	}
}

static void shared_memory_is_seen_by_both_sides(void **state)
{
	const struct test_scribble scribble = { .pattern = "both sides" };
	uint64_t handle = share_and_retrieve(TEST);
	struct ffa_regs regs;

	(void)state;
	memcpy(world.buffer, &scribble, sizeof(scribble));
	regs = service(TEST, TEST_SCRIBBLE, handle, sizeof(scribble));
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	/* The first page has been overwritten by the response. */
	for (size_t page = 1; page < BUFFER_LEN / FFA_PAGE_LEN; page++)
		assert_memory_equal(world.buffer + page * FFA_PAGE_LEN, scribble.pattern,
				    sizeof(scribble.pattern));
	give_back(TEST, handle);
}

static void memory_is_not_reclaimed_while_it_is_retrieved(void **state)
{
	uint64_t handle = share_and_retrieve(TEST);

	(void)state;
	assert_int_equal(reclaim(handle), FFA_DENIED);
	give_back(TEST, handle);
	assert_int_equal(reclaim(handle), FFA_INVALID_PARAMETERS);
}

static void nobody_retrieves_what_is_shared_with_another(void **state)
{
	uint64_t handle = share(VICTIM);
	struct ffa_regs regs = manage(TEST, TS_RPC_MEMORY_RETRIEVE, handle);

	(void)state;
	assert_int_equal((int32_t)regs.x[4], TS_RPC_ERROR_TRANSPORT_LAYER);
	assert_int_equal(reclaim(handle), 0);
}

/* Each field of a good descriptor set to what it must not be. */
static void malformed_descriptors_are_refused(void **state)
{
	static const struct {
		size_t at, len;
		uint64_t value;
		int status;
	} wrong[] = {
		{ 0, 2, 0x8003, FFA_DENIED },	      /* sender */
		{ 2, 2, 0x1f, FFA_DENIED },	      /* attributes */
		{ 4, 4, 1, FFA_INVALID_PARAMETERS },  /* flags */
		{ 8, 8, 1, FFA_INVALID_PARAMETERS },  /* handle */
		{ 24, 4, 8, FFA_INVALID_PARAMETERS }, /* length of an access record */
		{ 28, 4, 0, FFA_INVALID_PARAMETERS }, /* number of them */
		{ 28, 4, 2, FFA_INVALID_PARAMETERS },
		{ 28, 4, UINT32_MAX, FFA_INVALID_PARAMETERS },
		{ 32, 4, 0, FFA_INVALID_PARAMETERS }, /* where they are */
		{ 32, 4, 56, FFA_INVALID_PARAMETERS },
		{ 32, 4, 96, FFA_INVALID_PARAMETERS },
		{ 32, 4, UINT32_MAX - 15, FFA_INVALID_PARAMETERS },
		{ 48, 2, SPM_NORMAL_WORLD, FFA_DENIED }, /* receiver */
		{ 48, 2, 0x8100, FFA_DENIED },
		{ 50, 1, 0, FFA_DENIED },	      /* permissions */
		{ 52, 4, 0, FFA_INVALID_PARAMETERS }, /* where the composite is */
		{ 52, 4, 90, FFA_INVALID_PARAMETERS },
		{ 52, 4, UINT32_MAX, FFA_INVALID_PARAMETERS },
		{ 64, 4, 3, FFA_INVALID_PARAMETERS }, /* pages in all */
		{ 68, 4, 0, FFA_INVALID_PARAMETERS }, /* ranges */
		{ 68, 4, 2, FFA_INVALID_PARAMETERS },
		{ 68, 4, UINT32_MAX, FFA_INVALID_PARAMETERS },
		{ 80, 8, 1, FFA_DENIED }, /* address */
		{ 80, 8, FFA_PAGE_LEN, FFA_DENIED },
		{ 80, 8, UINT64_MAX - FFA_PAGE_LEN + 1, FFA_DENIED },
		{ 88, 4, 0, FFA_INVALID_PARAMETERS }, /* pages of the range */
		{ 88, 4, UINT32_MAX, FFA_DENIED },
	};
	struct ffa_regs regs;
	uint32_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		len = describe(TEST);
		memcpy(world.tx + wrong[i].at, &wrong[i].value, wrong[i].len);
		regs = share_tx(len);
		if (status_of(&regs) != wrong[i].status)
			fail_msg("descriptor %zu: status %d", i, status_of(&regs));
	}
	for (len = 0; len < describe(TEST); len++) {
		regs = share_tx(len);
		assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
	}
	regs = share_tx(FFA_PAGE_LEN + 1);
	assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
	/* And the good one still is. */
	assert_int_equal(reclaim(share(TEST)), 0);
}

static void *spin(void *arg)
{
	struct test_value us = { 300000 };
	uint64_t handle = share_and_retrieve(TEST);
	struct ffa_regs regs;

	memcpy(world.buffer, &us, sizeof(us));
	atomic_store((atomic_bool *)arg, true);
	regs = service(TEST, TEST_SPIN, handle, sizeof(us));
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	give_back(TEST, handle);
	return NULL;
}

static void *spin_for_ever(void *arg)
{
	struct test_value us = { 60000000 };
	uint64_t handle = share_and_retrieve(TEST);
	struct ffa_regs regs;

	memcpy(world.buffer, &us, sizeof(us));
	atomic_store((atomic_bool *)arg, true);
	do
		regs = service(TEST, TEST_SPIN, handle, sizeof(us));
	while (status_of(&regs) == FFA_BUSY);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	return NULL;
}

static void running_partition_is_busy_and_others_are_not(void **state)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	atomic_bool begun = false;
	struct ffa_regs regs;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, spin, &begun), 0);
	while (!atomic_load(&begun))
		nanosleep(&pause, NULL);
	nanosleep(&pause, NULL);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_BUSY);
	regs = manage(ITS, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
	pthread_join(thread, NULL);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
}

static void crash_ends_the_call_and_the_partition_alone(void **state)
{
	uint64_t handle = share_and_retrieve(VICTIM);
	struct ffa_regs regs;

	(void)state;
	regs = service(VICTIM, TEST_CRASH, handle, 0);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_BUSY);
	/* Nobody can say what the dead one still had. */
	assert_int_equal(reclaim(handle), FFA_DENIED);
	regs = call(FFA_PARTITION_INFO_GET, 0, 0, 0, 0, 1);
	assert_int_equal(regs.x[2], 2);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
}

static void injected_crash_strikes_the_next_call(void **state)
{
	struct ffa_regs regs;

	(void)state;
	assert_int_equal(spm_inject_crash(0x9000), -2);
	assert_int_equal(spm_inject_crash(TEST), 0);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	assert_int_equal(spm_inject_crash(TEST), -2);
}

static void idle_partition_that_dies_is_noticed(void **state)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct spm_partition_info info;
	struct ffa_regs regs;

	(void)state;
	assert_true(spm_partition(0, &info));
	assert_string_equal(info.name, "its");
	kill(info.pid, SIGKILL);
	for (int i = 0; i < 400 && info.pid; i++) {
		nanosleep(&pause, NULL);
		assert_true(spm_partition(0, &info));
	}
	assert_int_equal(info.pid, 0);
	regs = manage(ITS, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	regs = manage(ITS, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_BUSY);
}

static void restarted_partition_starts_with_nothing(void **state)
{
	uint64_t handle = share_and_retrieve(VICTIM), kept = share_and_retrieve(VICTIM);
	struct spm_partition_info before, after;
	struct spm_failure why;
	struct ffa_regs regs;

	(void)state;
	assert_true(spm_partition(2, &before));
	assert_int_equal(spm_end(2, 5000, &why), 0);
	/* Whoever had something to do with it hears of its end, however often it asks. */
	for (int i = 0; i < 2; i++) {
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
		assert_int_equal(status_of(&regs), FFA_ABORTED);
	}
	assert_int_equal(reclaim(handle), FFA_DENIED);
	assert_int_equal(spm_start_again(2, &why), 0);
	assert_true(spm_partition(2, &after));
	assert_true(after.pid && after.pid != before.pid);
	assert_int_equal(after.endpoint_id, VICTIM);

	regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
	regs = service(VICTIM, TEST_NULL, handle, 0);
	assert_int_equal((int32_t)regs.x[4], TS_RPC_ERROR_NOT_FOUND);
	assert_int_equal(reclaim(handle), 0);
	/* Its owner may have it retrieved again instead. */
	regs = manage(VICTIM, TS_RPC_MEMORY_RETRIEVE, kept);
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	regs = service(VICTIM, TEST_NULL, kept, 0);
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	give_back(VICTIM, kept);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
}

/* In the call that it never comes back from, dead, or fit. */
static void partition_is_restarted_whatever_it_does(void **state)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct spm_failure why;
	atomic_bool begun = false;
	struct ffa_regs regs;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, spin_for_ever, &begun), 0);
	while (!atomic_load(&begun))
		nanosleep(&pause, NULL);
	do {
		nanosleep(&pause, NULL);
		regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	} while (status_of(&regs) != FFA_BUSY);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(spm_end(1, 5000, &why), 0);
		assert_int_equal(spm_start_again(1, &why), 0);
		regs = manage(TEST, TS_RPC_VERSION_GET, 0);
		assert_int_equal(regs.x[4], TS_RPC_VERSION);
		if (!i)
			pthread_join(thread, NULL);
		else
			assert_int_equal(spm_inject_crash(TEST), 0);
	}
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	assert_int_equal(spm_end(1, 5000, &why), 0);
	assert_int_equal(spm_start_again(1, &why), 0);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
}

/* Dies in a call, or if @idle waiting for one; its next message is the first that others send. */
static void die(bool idle)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct spm_partition_info info;
	struct ffa_regs regs;

	assert_true(spm_partition(2, &info));
	if (idle) {
		kill(info.pid, SIGKILL);
		for (int i = 0; i < 400 && info.pid; i++) {
			nanosleep(&pause, NULL);
			assert_true(spm_partition(2, &info));
		}
		assert_int_equal(info.pid, 0);
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
	} else {
		regs = service(VICTIM, TEST_CRASH, UINT64_MAX, 0);
	}
	assert_int_equal(status_of(&regs), FFA_ABORTED);
}

static void dead_partition_keeps_what_it_had(void **state)
{
	struct spm_failure why;
	uint64_t handle;
	struct ffa_regs regs;

	(void)state;
	boot_with("abort-action 0");
	for (int idle = 0; idle < 2; idle++) {
		handle = share_and_retrieve(VICTIM);
		die(idle);
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
		assert_int_equal(status_of(&regs), FFA_BUSY);
		assert_int_equal(reclaim(handle), FFA_DENIED);
		assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
		assert_int_equal(spm_end(2, 5000, &why), 0);
		assert_int_equal(spm_start_again(2, &why), 0);
		assert_int_equal(reclaim(handle), 0);
	}
}

static void destroyed_partition_has_nothing(void **state)
{
	struct spm_failure why;
	uint64_t handle;
	struct ffa_regs regs;

	(void)state;
	boot_with("abort-action 1");
	for (int idle = 0; idle < 2; idle++) {
		handle = share_and_retrieve(VICTIM);
		assert_int_equal(reclaim(handle), FFA_DENIED);
		die(idle);
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
		assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
		assert_int_equal(reclaim(handle), 0);
		regs = share_tx(describe(VICTIM));
		assert_int_equal(status_of(&regs), FFA_DENIED);
		assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
		assert_int_equal(spm_end(2, 5000, &why), 0);
		assert_int_equal(spm_start_again(2, &why), 0);
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
		assert_int_equal(regs.x[4], TS_RPC_VERSION);
	}
}

/* Once for each death, and not for an end that was asked for, or at the start. */
static void partition_that_is_to_be_restarted_is_named(void **state)
{
	struct spm_failure why;
	struct ffa_regs regs;

	(void)state;
	boot_with("abort-action 2");
	assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
	for (int idle = 0; idle < 2; idle++) {
		die(idle);
		assert_int_equal(spm_restart_due(), 2);
		assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
		for (int again = 0; again < 2; again++) {
			assert_int_equal(spm_end(2, 5000, &why), 0);
			assert_int_equal(spm_start_again(2, &why), 0);
			regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
			assert_int_equal(regs.x[4], TS_RPC_VERSION);
			assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
		}
	}
}

static void start_anew(void)
{
	struct spm_failure why;
	struct ffa_regs regs;

	assert_int_equal(spm_end(2, 5000, &why), 0);
	assert_int_equal(spm_start_again(2, &why), 0);
	regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
}

/* Until somebody has seen to it, or time has passed. */
static void partition_that_dies_too_often_stays_dead(void **state)
{
	struct ffa_regs regs;
	uint64_t handle;

	(void)state;
	boot_with("abort-action 2");
	for (int way = 0; way < 3; way++) {
		for (unsigned int i = 0; i < SPM_RESTARTS_MAX; i++) {
			die(i % 2);
			assert_int_equal(spm_restart_due(), 2);
			start_anew();
		}
		if (way == 2) {
			later_ns += SPM_RESTARTS_S * UINT64_C(1000000000);
			die(false);
			assert_int_equal(spm_restart_due(), 2);
			break;
		}
		handle = share_and_retrieve(VICTIM);
		die(way);
		assert_int_equal(spm_restart_due(), SPM_PARTITION_MAX);
		regs = manage(VICTIM, TS_RPC_VERSION_GET, 0);
		assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
		assert_int_equal(reclaim(handle), 0);
		spm_forget_deaths(2);
		start_anew();
	}
}

/* Whoever made the request lets it go on; to all others it is busy. */
static void partition_that_yields_waits_for_its_caller(void **state)
{
	const struct test_value twice = { 2 };
	struct test_yielded yielded;
	struct spm_failure why;
	struct ffa_regs regs;
	uint64_t handle;

	(void)state;
	regs = run_again(TEST);
	assert_int_equal(status_of(&regs), FFA_DENIED);
	regs = run_again(0x9000);
	assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
	handle = share_and_retrieve(TEST);
	memcpy(world.buffer, &twice, sizeof(twice));
	regs = service(TEST, TEST_YIELD, handle, sizeof(twice));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(regs.x[0], FFA_YIELD);
		assert_int_equal(regs.x[1], ffa_run_context(TEST));
		regs = manage(TEST, TS_RPC_VERSION_GET, 0);
		assert_int_equal(status_of(&regs), FFA_BUSY);
		regs = call(FFA_RUN, ffa_run_context(TEST) + 1, 0, 0, 0, 0);
		assert_int_equal(status_of(&regs), FFA_INVALID_PARAMETERS);
		regs = run_again(TEST);
	}
	assert_int_equal(regs.x[0], FFA_MSG_SEND_DIRECT_RESP);
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	memcpy(&yielded, world.buffer, sizeof(yielded));
	assert_int_equal(yielded.count, 2);
	assert_int_equal(yielded.status, 0);
	regs = run_again(TEST);
	assert_int_equal(status_of(&regs), FFA_DENIED);

	/* Whatever becomes of it meanwhile. */
	memcpy(world.buffer, &twice, sizeof(twice));
	regs = service(TEST, TEST_YIELD, handle, sizeof(twice));
	assert_int_equal(regs.x[0], FFA_YIELD);
	assert_int_equal(spm_end(1, 5000, &why), 0);
	regs = run_again(TEST);
	assert_int_equal(status_of(&regs), FFA_ABORTED);
	assert_int_equal(spm_start_again(1, &why), 0);
	regs = run_again(TEST);
	assert_int_equal(status_of(&regs), FFA_DENIED);
	regs = manage(TEST, TS_RPC_VERSION_GET, 0);
	assert_int_equal(regs.x[4], TS_RPC_VERSION);
	assert_int_equal(reclaim(handle), 0);
}

static void objects_survive_the_world(void **state)
{
	const struct {
		struct secure_storage_set header;
		char data[6];
	} __attribute__((packed)) set = { { .uid = 7, .data_length = 6 }, "secret" };
	const struct secure_storage_get get = { .uid = 7, .data_size = 6 };
	struct ffa_regs regs;
	uint64_t handle;

	(void)state;
	handle = share_and_retrieve(ITS);
	memcpy(world.buffer, &set, sizeof(set));
	regs = service(ITS, SECURE_STORAGE_SET, handle, sizeof(set));
	assert_int_equal((int32_t)regs.x[4], TS_RPC_SUCCESS);
	assert_int_equal((int32_t)regs.x[5], 0);

	shut_down();
	boot();
	handle = share_and_retrieve(ITS);
	memset(world.buffer, 0, BUFFER_LEN);
	memcpy(world.buffer, &get, sizeof(get));
	regs = service(ITS, SECURE_STORAGE_GET, handle, sizeof(get));
	assert_int_equal((int32_t)regs.x[5], 0);
	assert_int_equal(regs.x[6], 6);
	assert_memory_equal(world.buffer, "secret", 6);
	give_back(ITS, handle);
}

static void unknown_functions_are_not_supported(void **state)
{
	static const uint32_t functions[] = {
		FFA_MSG_WAIT,	      FFA_MSG_SEND_DIRECT_RESP,
		FFA_MEM_RETRIEVE_REQ, FFA_MEM_RELINQUISH,
		FFA_CONSOLE_LOG,      0x84000071,
		0x840000ff,	      0,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		struct ffa_regs regs = call(functions[i], 1, 1, 1, 1, 1);

		assert_int_equal(status_of(&regs), FFA_NOT_SUPPORTED);
	}
}

static void state_is_private_to_its_owner(void **state)
{
	static const char *const files[] = { "its/nor-flash.img", "its/log", "test/log" };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(fstatat(world.dir_fd, files[i], &st, 0), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	assert_int_equal(fstatat(world.dir_fd, "its", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(partitions_are_listed_with_their_ids),
		TEST_OF(partition_has_an_entry_for_each_uuid),
		TEST_OF(wrong_uuids_are_refused),
		TEST_OF(wrong_versions_are_refused),
		TEST_OF(requests_of_1_2_are_for_who_speaks_1_2),
		TEST_OF(partitions_answer),
		TEST_OF(shared_memory_is_seen_by_both_sides),
		TEST_OF(memory_is_not_reclaimed_while_it_is_retrieved),
		TEST_OF(nobody_retrieves_what_is_shared_with_another),
		TEST_OF(malformed_descriptors_are_refused),
		TEST_OF(running_partition_is_busy_and_others_are_not),
		TEST_OF(crash_ends_the_call_and_the_partition_alone),
		TEST_OF(injected_crash_strikes_the_next_call),
		TEST_OF(idle_partition_that_dies_is_noticed),
		TEST_OF(restarted_partition_starts_with_nothing),
		TEST_OF(partition_is_restarted_whatever_it_does),
		TEST_OF(dead_partition_keeps_what_it_had),
		TEST_OF(destroyed_partition_has_nothing),
		TEST_OF(partition_that_is_to_be_restarted_is_named),
		TEST_OF(partition_that_dies_too_often_stays_dead),
		TEST_OF(partition_that_yields_waits_for_its_caller),
		TEST_OF(objects_survive_the_world),
		TEST_OF(unknown_functions_are_not_supported),
		TEST_OF(state_is_private_to_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
