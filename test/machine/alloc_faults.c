// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-alloc-faults: what the driver does when the kernel has no memory. Each allocation of each step
 * of a client, and of binding the driver to a partition, fails in turn (the kernel's fault
 * injection, /proc/thread-self/fail-nth); then the step must fail with ENOMEM or succeed, and the
 * same step must work afterwards. Wants root and a kernel with FAILSLAB and FAIL_PAGE_ALLOC.
 * Ends with "N passed, N failed".
 */
#include <conformance/fixture.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEBUGFS	   "/sys/kernel/debug/"
#define DRIVER	   "/sys/bus/arm_ffa/drivers/tstee/"
#define BUFFER_LEN (64 * 1024)

/* More allocations than any step makes. */
#define ALLOCATIONS_MAX 500

static struct tee_device device;
static struct tee_client client;
static struct tee_buffer buffer;
static uint8_t *memory;
static char bound_name[64];

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		fprintf(stderr, "tstee-alloc-faults: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	close(fd);
}

/* Both also where the kernel could wait for memory, which is where a driver allocates. */
static void arm_kernel(void)
{
	static const char *const files[][2] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "failslab/verbose", "0" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/min-order", "0" },
		{ "fail_page_alloc/verbose", "0" },
	};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", files[i][0]);
		write_file(path, files[i][1]);
	}
}

static int fail_nth_fd = -1;

static void fail_nth_set(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_nth_fd, text, (size_t)len, 0) != len)
		FAIL("fail-nth: %s", strerror(errno));
}

/* Whether the allocation failed that was to; there are none left to fail afterwards. */
static bool fail_nth_struck(void)
{
	char text[16] = "";
	bool struck;

	if (pread(fail_nth_fd, text, sizeof(text) - 1, 0) <= 0)
		FAIL("fail-nth: %s", strerror(errno));
	struck = !atoi(text);
	fail_nth_set(0);
	return struck;
}

static int step_open(void)
{
	struct tee_device found;
	int fd = tee_open(device.number, &found);

	if (fd < 0)
		return fd;
	client.fd = fd;
	return 0;
}

static void undo_open(void)
{
	close(client.fd);
}

static int step_session(void)
{
	return tee_session_open(client.fd, test_uuid, &tee_login_user, &client.session);
}

static void undo_session(void)
{
	tee_session_close(client.fd, client.session);
}

static int step_alloc(void)
{
	return tee_buffer_alloc(client.fd, BUFFER_LEN, &buffer);
}

static int step_register(void)
{
	return tee_buffer_register(client.fd, memory, BUFFER_LEN, &buffer);
}

static void undo_buffer(void)
{
	tee_buffer_free(&buffer);
}

static int invoke(uint64_t id, uint64_t len)
{
	uint64_t got;
	int32_t status;

	return tee_invoke(client.fd, client.session, id ? TEST_ECHO : TEST_NULL, id, len, &got,
			  &status);
}

static int step_invoke(void)
{
	return invoke((uint64_t)client.buffer.id, 16);
}

static int step_invoke_bare(void)
{
	return invoke(0, 0);
}

/* Giving things back has nobody to tell: it must succeed without memory. */
static int step_free(void)
{
	int rc = tee_buffer_alloc(client.fd, BUFFER_LEN, &buffer);

	if (!rc)
		tee_buffer_free(&buffer);
	return rc;
}

static int drive(const char *what)
{
	char path[128];
	int fd, rc;

	snprintf(path, sizeof(path), DRIVER "%s", what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = write(fd, bound_name, strlen(bound_name)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int step_bind(void)
{
	return drive("bind");
}

static void undo_bind(void)
{
	CHECK_EQUAL(drive("unbind"), 0);
}

static void nothing(void)
{
}

struct step {
	const char *name;
	int (*run)(void);
	void (*undo)(void);
};

/* In the order in which a client takes them; what a step needs of earlier ones is there. */
static const struct step steps[] = {
	{ "opening a device", step_open, undo_open },
	{ "opening a session", step_session, undo_session },
	{ "allocating a buffer", step_alloc, undo_buffer },
	{ "registering memory", step_register, undo_buffer },
	{ "a call", step_invoke, nothing },
	{ "a call without a buffer", step_invoke_bare, nothing },
	{ "allocating and freeing a buffer", step_free, nothing },
};

static const struct step binding = { "binding the driver", step_bind, undo_bind };

/* How many allocations the step makes; each failed once. */
static unsigned int fail_each(const struct step *step)
{
	for (unsigned int nth = 1; nth < ALLOCATIONS_MAX; nth++) {
		bool struck;
		int rc;

		fail_nth_set(nth);
		rc = step->run();
		struck = fail_nth_struck();
		if (!rc)
			step->undo();
		else if (!struck)
			FAIL("%s fails without a reason: %s", step->name, strerror(-rc));
		/* Binding reports some of them as a device that isn't there. */
		else if (rc != -ENOMEM && step != &binding)
			FAIL("%s fails with %s for want of memory", step->name, strerror(-rc));
		if (!struck)
			return nth - 1;
		rc = step->run();
		if (rc)
			FAIL("%s fails for ever after allocation %u has: %s", step->name, nth,
			     strerror(-rc));
		step->undo();
	}
	FAIL("%s makes more allocations than all would be", step->name);
}

/* What sysfs calls the partition that has the test service. */
static void find_name(void)
{
	char path[64], link[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/class/tee/tee%u/device", device.number);
	len = readlink(path, link, sizeof(link) - 1);
	CHECK(len > 0);
	link[len] = '\0';
	snprintf(bound_name, sizeof(bound_name), "%s", strrchr(link, '/') + 1);
}

static void report(const char *name, unsigned int count)
{
	printf("ok   %s: each of %u allocations failed once\n", name, count);
}

int main(void)
{
	const size_t count = sizeof(steps) / sizeof(steps[0]);
	unsigned int allocations, passed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	arm_kernel();
	fail_nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	CHECK(fail_nth_fd >= 0);
	memory = mmap(NULL, BUFFER_LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	CHECK(memory != MAP_FAILED);
	CHECK_EQUAL(tee_find(test_uuid, &device), 0);
	find_name();
	client = connect_to_test(BUFFER_LEN);

	for (size_t i = 0; i < count; i++) {
		const struct tee_client before = client;

		if (steps[i].run == step_register && !kernel_can_register())
			continue;
		allocations = fail_each(&steps[i]);
		report(steps[i].name, allocations);
		client = before;
		passed++;
	}
	tee_disconnect(&client);
	CHECK_EQUAL(drive("unbind"), 0);
	allocations = fail_each(&binding);
	report(binding.name, allocations);
	CHECK_EQUAL(drive("bind"), 0);
	client = connect_to_test(BUFFER_LEN);
	must_call(&client, TEST_ECHO, "still", 5);
	printf("%u passed, 0 failed\n", passed + 1);
	return 0;
}
