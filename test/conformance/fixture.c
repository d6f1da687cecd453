// SPDX-License-Identifier: BSD-3-Clause
/*
 * Common parts of the tests; see the header. A process has at most one test's state here.
 */
#include "fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <tstee/services.h>
#include <unistd.h>

#define BUSY_LIMIT_MS	5000
#define SETTLE_LIMIT_MS 5000
/* The driver asks for quarantined pages after 1 s, 2 s, 4 s ... 60 s. */
#define QUARANTINE_LIMIT_MS 90000
#define CANARY_BYTE	    0x5a

const uint8_t its_uuid[] = TSTEE_ITS_UUID_BYTES;
const uint8_t ps_uuid[] = TSTEE_PS_UUID_BYTES;
const uint8_t test_uuid[] = TEST_SERVICE_UUID_BYTES;
const uint8_t inverting_uuid[] = TEST_INVERTING_SERVICE_UUID_BYTES;
const uint8_t victim_uuid[] = TEST_VICTIM_SERVICE_UUID_BYTES;

/* NULL in the machine. */
static const char *world_log;

void fixture_set_world(const char *log)
{
	world_log = log;
}

static bool thorough;

void fixture_set_thorough(void)
{
	thorough = true;
}

bool fixture_thorough(void)
{
	return thorough;
}

void needs_root(void)
{
	if (geteuid())
		harness_skip("needs root, to become other users");
}

void needs_machine(void)
{
	if (world_log)
		harness_skip("a world has no sysfs tree, modules, tracing, or several who pay");
}

long long clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

struct tee_client connect_to(const uint8_t uuid[TEE_IOCTL_UUID_LEN], size_t buffer_len)
{
	struct tee_client client;
	int rc = tee_connect(&client, uuid, &tee_login_public, buffer_len);

	if (rc)
		FAIL("no connection with service %02x%02x...%02x: %s", uuid[0], uuid[1], uuid[15],
		     strerror(-rc));
	return client;
}

/* The buffer comes last: what an earlier test has done may prevent that one is shared. */
static struct tee_client connect_and_reset(const uint8_t uuid[TEE_IOCTL_UUID_LEN],
					   size_t buffer_len)
{
	struct tee_client client = connect_to(uuid, 0);
	long long deadline = clock_ms() + BUSY_LIMIT_MS;
	uint64_t len;
	int32_t status;
	int rc;

	/* What an earlier test has armed may hit this call. */
	do
		rc = tee_invoke(client.fd, client.session, TEST_RESET, 0, 0, &len, &status);
	while (rc && rc != -EIO && clock_ms() < deadline);
	CHECK_EQUAL(rc, 0);
	CHECK_EQUAL(status, 0);
	if (buffer_len)
		CHECK_EQUAL(tee_buffer_alloc(client.fd, buffer_len, &client.buffer), 0);
	return client;
}

struct tee_client connect_to_test(size_t buffer_len)
{
	return connect_and_reset(test_uuid, buffer_len);
}

struct tee_client connect_to_victim(size_t buffer_len)
{
	return connect_and_reset(victim_uuid, buffer_len);
}

static size_t checked_call(struct tee_client *client, uint32_t opcode, const void *request,
			   size_t request_len, long long busy_ms)
{
	long long deadline = clock_ms() + busy_ms;
	uint64_t len = 0;
	int32_t status = 0;
	int rc;

	do
		rc = tee_call(client, opcode, request, request_len, &len, &status);
	while (rc == -EBUSY && clock_ms() < deadline);
	if (rc)
		FAIL("call of opcode 0x%x: %s", opcode, strerror(-rc));
	if (status)
		FAIL("call of opcode 0x%x: service status %d", opcode, status);
	if (len > client->buffer.len)
		FAIL("call of opcode 0x%x: response of %llu bytes", opcode, (long long)len);
	return (size_t)len;
}

size_t must_call(struct tee_client *client, uint32_t opcode, const void *request,
		 size_t request_len)
{
	return checked_call(client, opcode, request, request_len, 0);
}

uint32_t extreme(size_t i)
{
	static const uint32_t extremes[EXTREME_COUNT] = {
		0,    1,     2,	    3,		255,	  4095,	      4096,
		4097, 65535, 65536, 0x7fffffff, 1u << 31, 0xfffffffe, 0xffffffff,
	};

	return extremes[i % EXTREME_COUNT];
}

int must_answer_in_time(struct tee_client *client, uint16_t opcode, const void *request,
			size_t request_len, uint64_t *response_len, int32_t *status)
{
	const long long limit_ms = 2000LL * harness_patience(), begin = clock_ms();
	const int rc = tee_call(client, opcode, request, request_len, response_len, status);
	const long long took_ms = clock_ms() - begin;

	if (took_ms > limit_ms)
		FAIL("opcode 0x%x took %lld ms", opcode, took_ms);
	return rc;
}

void arm(struct tee_client *client, enum test_opcode opcode, uint32_t value)
{
	struct test_value request = { value };

	checked_call(client, opcode, &request, sizeof(request), BUSY_LIMIT_MS);
}

struct test_buffers count_buffers(struct tee_client *client)
{
	struct test_buffers buffers;

	CHECK_EQUAL(checked_call(client, TEST_BUFFERS, NULL, 0, BUSY_LIMIT_MS), sizeof(buffers));
	memcpy(&buffers, client->buffer.data, sizeof(buffers));
	return buffers;
}

uint32_t settled_buffers(struct tee_client *client, uint32_t wanted)
{
	long long deadline = clock_ms() + (world_log ? SETTLE_LIMIT_MS : 0);
	uint32_t mapped = count_buffers(client).mapped;

	while (mapped != wanted && clock_ms() < deadline) {
		usleep(10000);
		mapped = count_buffers(client).mapped;
	}
	return mapped;
}

struct test_whoami whoami(struct tee_client *client)
{
	struct test_whoami answer;

	CHECK_EQUAL(must_call(client, TEST_WHOAMI, NULL, 0), sizeof(answer));
	memcpy(&answer, client->buffer.data, sizeof(answer));
	return answer;
}

void reset_test_partition(struct tee_client *client)
{
	long long deadline = clock_ms() + QUARANTINE_LIMIT_MS;

	checked_call(client, TEST_RESET, NULL, 0, BUSY_LIMIT_MS);
	while (read_counter(&client->device, "quarantined_pages")) {
		if (clock_ms() > deadline)
			FAIL("pages stay quarantined that nobody maps");
		usleep(50000);
	}
}

pid_t spawn(void (*body)(void *arg), void *arg)
{
	pid_t child = fork();

	CHECK(child >= 0);
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	body(arg);
	_exit(0);
}

struct spin {
	unsigned int ms;
	int ready_fd;
	int start_fd;
};

static void spin(void *arg)
{
	const struct spin *spin = arg;
	struct test_value us = { spin->ms * 1000 };
	struct tee_client client = connect_to(test_uuid, 4096);
	long long begin;
	char byte;

	CHECK(write(spin->ready_fd, "", 1) == 1);
	CHECK(read(spin->start_fd, &byte, 1) == 1);
	begin = clock_ms();
	must_call(&client, TEST_SPIN, &us, sizeof(us));
	/* A partition that does not spin would make the tests that need it pass in vain. */
	CHECK(clock_ms() - begin >= spin->ms / 2);
	tee_disconnect(&client);
}

struct spinner spinner_prepare(unsigned int ms)
{
	struct spinner spinner;
	struct spin child = { .ms = ms };
	int ready[2], start[2];
	char byte;

	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(start, O_CLOEXEC) == 0);
	child.ready_fd = ready[1];
	child.start_fd = start[0];
	spinner.child = spawn(spin, &child);
	spinner.start_fd = start[1];
	close(ready[1]);
	close(start[0]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return spinner;
}

void spinner_start(struct spinner *spinner)
{
	CHECK(write(spinner->start_fd, "", 1) == 1);
	close(spinner->start_fd);
	/* It is about to call: give it the time. */
	usleep(100000);
}

pid_t spawn_spinner(unsigned int ms)
{
	struct spinner spinner = spinner_prepare(ms);

	spinner_start(&spinner);
	return spinner.child;
}

void join(pid_t child)
{
	int status;

	CHECK_EQUAL(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		FAIL("a child was killed by signal %d", WTERMSIG(status));
	/* It has said why; ours would only hide that. */
	if (WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
}

void become(uid_t uid, gid_t gid)
{
	needs_root();
	CHECK(setgroups(0, NULL) == 0);
	CHECK(setresgid(gid, gid, gid) == 0);
	CHECK(setresuid(uid, uid, uid) == 0);
}

void read_attribute(const struct tee_device *device, const char *name, char *text, size_t len)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/tee/tee%u/device/%s", device->number, name);
	file = fopen(path, "re");
	if (!file)
		FAIL("%s: %s", path, strerror(errno));
	if (!fgets(text, (int)len, file))
		FAIL("%s is empty", path);
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
}

unsigned long long read_counter(const struct tee_device *device, const char *name)
{
	char text[64];
	unsigned long long value;
	char *end;

	read_attribute(device, name, text, sizeof(text));
	value = strtoull(text, &end, 0);
	if (end == text || *end)
		FAIL("%s holds '%s', not a number", name, text);
	return value;
}

size_t pages_of(size_t len)
{
	return (len + tee_page_len() - 1) / tee_page_len();
}

int kernel_log_open(void)
{
	const char *path = world_log ? world_log : "/dev/kmsg";
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		FAIL("%s: %s", path, strerror(errno));
	CHECK(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

/* A read of /dev/kmsg is a line. */
static unsigned int count_kmsg(int fd, const char *text)
{
	unsigned int count = 0;
	char line[8192];
	ssize_t len;

	for (;;) {
		len = read(fd, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)
			continue; /* lines were overwritten before we came to them */
		if (len <= 0)
			return count;
		line[len] = '\0';
		count += strstr(line, text) != NULL;
	}
}

static unsigned int count_lines(int fd, const char *text)
{
	unsigned int count = 0;
	char line[8192];
	FILE *file;

	/* The copy has the same place in the file. */
	file = fdopen(dup(fd), "r");
	CHECK(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, text) != NULL;
	fclose(file);
	return count;
}

unsigned int kernel_log_count(int fd, const char *text)
{
	return world_log ? count_lines(fd, text) : count_kmsg(fd, text);
}

struct canary canary_make(void)
{
	struct canary canary;
	struct sysinfo info;

	CHECK(sysinfo(&info) == 0);
	canary.len = (size_t)info.freeram * info.mem_unit / 10 * 8 & ~(size_t)4095;
	/* On a large host there is nothing to be gained from more. */
	if (canary.len > 512u << 20)
		canary.len = 512u << 20;
	canary.data =
		mmap(NULL, canary.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(canary.data != MAP_FAILED);
	memset(canary.data, CANARY_BYTE, canary.len);
	return canary;
}

void canary_check(const struct canary *canary)
{
	for (size_t i = 0; i < canary->len; i += 4096)
		if (canary->data[i] != CANARY_BYTE)
			FAIL("a partition wrote to memory of a process that never shared any");
}

bool kernel_can_register(void)
{
	unsigned int major, minor, patch = 0;
	struct utsname system;

	if (world_log)
		return true;
	CHECK(uname(&system) == 0 &&
	      sscanf(system.release, "%u.%u.%u", &major, &minor, &patch) >= 2);
	return major > 6 || (major == 6 && minor >= 18) ||
	       (major == 6 && minor == 12 && patch >= 53);
}

bool registration_is_refused(const struct tee_client *client, void *data, size_t len)
{
	struct tee_buffer buffer;

	if (kernel_can_register())
		return false;
	CHECK(tee_buffer_register(client->fd, data, len, &buffer) < 0);
	return true;
}
