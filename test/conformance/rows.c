// SPDX-License-Identifier: BSD-3-Clause
/*
 * One test or more for each thing that goes wrong with Linux's own tstee driver; the number
 * in the name is that of the list which test/machine/run prints. Each must fail with
 * that driver. The later ones leave a driver that does not pass them, or the victim
 * partition, in a bad state.
 */
#include "fixture.h"
#include "suites.h"

#include <fnmatch.h>
#include <limits.h>
#include <psa/error.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <tstee/secure_storage.h>
#include <unistd.h>

#define CLIENTS 8

/* An INVOKE of the empty call with parameters of the test's choice. */
static int invoke_with(struct tee_client *client, uint32_t func, uint32_t count,
		       struct tee_ioctl_param *params)
{
	struct tee_ioctl_invoke_arg arg = {
		.func = func,
		.session = client->session,
		.num_params = count,
	};

	return tee_invoke_raw(client->fd, &arg, params);
}

static void row01_invoke_without_parameters_is_refused(void)
{
	struct tee_client client = connect_to_test(0);

	CHECK_EQUAL(invoke_with(&client, TEST_NULL, 0, NULL), -EINVAL);
}

static void row02_other_parameter_types_are_refused(void)
{
	static const uint64_t types[] = {
		TEE_IOCTL_PARAM_ATTR_TYPE_NONE,		 TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INPUT,
		TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_OUTPUT,	 TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT,
		TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT, TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT,
	};
	struct tee_client client = connect_to_test(4096);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct tee_ioctl_param param = { .attr = types[i] };

		if (types[i] >= TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT)
			param.c = (uint64_t)client.buffer.id;
		CHECK_EQUAL(invoke_with(&client, TEST_NULL, 1, &param), -EINVAL);
	}
}

static void row02_more_than_one_parameter_is_refused(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_ioctl_param params[4] = {};

	for (uint32_t count = 2; count <= 4; count++) {
		params[0].attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT;
		CHECK_EQUAL(invoke_with(&client, TEST_NULL, count, params), -EINVAL);
	}
}

static void row02_bits_above_the_used_ones_are_refused(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_ioctl_param param = { .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT };

	param.a = 1ull << 32 | (uint32_t)client.buffer.id;
	CHECK_EQUAL(invoke_with(&client, TEST_NULL, 1, &param), -EINVAL);
	param.a = (uint32_t)client.buffer.id;
	param.b = 1ull << 32;
	CHECK_EQUAL(invoke_with(&client, TEST_NULL, 1, &param), -EINVAL);
	param.b = 0;
	CHECK_EQUAL(invoke_with(&client, 0x10000 | TEST_NULL, 1, &param), -EINVAL);
	CHECK_EQUAL(invoke_with(&client, TEST_NULL, 1, &param), 0);
}

static void row03_response_longer_than_the_buffer_is_emsgsize(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t room = (uint32_t)client.buffer.len;
	const uint32_t lengths[] = { room + 1, 16 * room, UINT32_MAX };
	uint64_t got;
	int32_t status;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		arm(&client, TEST_RESPONSE_LEN, lengths[i]);
		CHECK_EQUAL(tee_call(&client, TEST_NULL, NULL, 0, &got, &status), -EMSGSIZE);
	}
	arm(&client, TEST_RESPONSE_LEN, room);
	CHECK_EQUAL(tee_call(&client, TEST_NULL, NULL, 0, &got, &status), 0);
	CHECK_EQUAL(got, room);
}

static void row03_response_without_a_buffer_is_emsgsize(void)
{
	struct tee_client client = connect_to_test(4096);
	uint64_t got;
	int32_t status;

	arm(&client, TEST_RESPONSE_LEN, 1);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, 0, 0, &got, &status),
		    -EMSGSIZE);
}

static void row04_call_beside_a_long_one_waits_for_it(void)
{
	for (int round = 0; round < 3; round++) {
		struct tee_client client = connect_to_test(4096);
		pid_t spinner = spawn_spinner(300);
		uint64_t got;
		int32_t status;

		CHECK_EQUAL(tee_call(&client, TEST_NULL, NULL, 0, &got, &status), 0);
		join(spinner);
		tee_disconnect(&client);
	}
}

static void row04_open_session_beside_a_long_call_waits_for_it(void)
{
	struct tee_client client = connect_to_test(0);
	pid_t spinner = spawn_spinner(300);
	uint32_t session;

	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &session), 0);
	join(spinner);
}

static void row04_allocation_beside_a_long_call_waits_for_it(void)
{
	struct tee_client client = connect_to_test(0);
	pid_t spinner = spawn_spinner(300);
	struct tee_buffer buffer;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), 0);
	join(spinner);
}

static void make_calls(void *arg)
{
	struct tee_client *client = arg;

	for (int i = 0; i < 500; i++)
		must_call(client, TEST_ECHO, &i, sizeof(i));
}

static void row04_eight_clients_at_once_never_fail(void)
{
	struct tee_client clients[CLIENTS];
	pid_t children[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		clients[i] = connect_to_test(4096);
	for (int i = 0; i < CLIENTS; i++)
		children[i] = spawn(make_calls, &clients[i]);
	for (int i = 0; i < CLIENTS; i++)
		join(children[i]);
}

static void row08_users_have_namespaces_of_their_own(void)
{
	struct secure_storage_set request = { .uid = 0x808, .data_length = 6 };
	struct secure_storage_get read = { .uid = 0x808, .data_size = 6 };
	struct tee_client alice = connect_to(its_uuid, 4096);
	struct tee_client bob = connect_to(its_uuid, 4096);
	uint8_t message[sizeof(request) + 6];
	uint64_t got;
	int32_t status;

	needs_root();
	CHECK(seteuid(1000) == 0);
	CHECK_EQUAL(tee_session_open(alice.fd, its_uuid, &tee_login_user, &alice.session), 0);
	CHECK(seteuid(0) == 0 && seteuid(2000) == 0);
	CHECK_EQUAL(tee_session_open(bob.fd, its_uuid, &tee_login_user, &bob.session), 0);

	memcpy(message, &request, sizeof(request));
	memcpy(message + sizeof(request), "secret", 6);
	must_call(&alice, SECURE_STORAGE_SET, message, sizeof(message));
	CHECK_EQUAL(tee_call(&bob, SECURE_STORAGE_GET, &read, sizeof(read), &got, &status), 0);
	CHECK_EQUAL(status, PSA_ERROR_DOES_NOT_EXIST);
	CHECK_EQUAL(tee_call(&bob, SECURE_STORAGE_REMOVE, &read.uid, 8, &got, &status), 0);
	CHECK_EQUAL(status, PSA_ERROR_DOES_NOT_EXIST);

	CHECK_EQUAL(must_call(&alice, SECURE_STORAGE_GET, &read, sizeof(read)), 6);
	CHECK(!memcmp(alice.buffer.data, "secret", 6));
	must_call(&alice, SECURE_STORAGE_REMOVE, &read.uid, 8);
}

static void row09_login_says_who_the_client_is(void)
{
	struct tee_client client = connect_to_test(4096);

	needs_root();
	CHECK(seteuid(1234) == 0);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_user, &client.session), 0);
	CHECK_EQUAL(whoami(&client).client_id, 0x800004d2u);
}

static void row09_unknown_logins_are_refused(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_login application = { .method = TEE_IOCTL_LOGIN_APPLICATION };
	struct tee_login stranger = tee_login_group(54321);
	uint32_t session;

	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &application, &session), -EOPNOTSUPP);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &stranger, &session), -EPERM);
}

static void row10_management_interface_is_never_handed_out(void)
{
	static const uint32_t words[] = { 0xff, 0x100, 0x1ff, 0xffffff00u, 0xffffffffu };
	struct tee_client client = connect_to_test(4096);
	uint32_t session;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		arm(&client, TEST_BAD_INTERFACE, words[i]);
		CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &session),
			    -EPROTO);
	}
	/* The largest that a service may have; there is none behind it. */
	arm(&client, TEST_BAD_INTERFACE, 0xfe);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &session), 0);
}

static void row11_session_ids_start_at_one(void)
{
	struct tee_client client = connect_to_test(0);

	CHECK_EQUAL(client.session, 1);
}

static void row12_each_rpc_status_has_its_own_errno(void)
{
	static const struct {
		int32_t status;
		int rc;
	} table[] = {
		{ -1, -EREMOTEIO }, { -2, -EOPNOTSUPP }, { -3, -ENOENT },	 { -4, -EBADFD },
		{ -5, -ECOMM },	    { -6, -EBADMSG },	 { -7, -ENOBUFS },	 { -8, -ENOSPC },
		{ -9, -EPROTO },    { 1, -EPROTO },	 { INT32_MIN, -EPROTO },
	};
	struct tee_client client = connect_to_test(4096);
	uint64_t got;
	int32_t status;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		CHECK_EQUAL(tee_call(&client, TEST_RPC_STATUS, &table[i].status,
				     sizeof(table[i].status), &got, &status),
			    table[i].rc);
}

static void row12_a_failing_client_does_not_flood_the_log(void)
{
	struct tee_client client = connect_to_test(4096);
	struct test_value value = { (uint32_t)-8 };
	int log = kernel_log_open();
	unsigned int lines;
	uint64_t got;
	int32_t status;

	for (int i = 0; i < 500; i++)
		CHECK(tee_call(&client, TEST_RPC_STATUS, &value, sizeof(value), &got, &status) < 0);
	lines = kernel_log_count(log, "");
	if (lines > 50)
		FAIL("500 failed calls made %u lines in the kernel log", lines);
}

/* The FF-A device of a TEE device, as sysfs has it. */
static void ffa_device_path(const struct tee_device *device, char path[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/sys/class/tee/tee%u/device", device->number);
	if (!realpath(link, path))
		FAIL("%s: %s", link, strerror(errno));
}

static void row13_device_leads_to_its_ffa_device(void)
{
	struct tee_client client = connect_to_test(0);
	char path[PATH_MAX], subsystem[PATH_MAX], link[PATH_MAX + 16];

	needs_machine();
	ffa_device_path(&client.device, path);
	snprintf(link, sizeof(link), "%s/subsystem", path);
	CHECK(realpath(link, subsystem));
	CHECK(!strcmp(strrchr(subsystem, '/'), "/arm_ffa"));
	CHECK_EQUAL(read_counter(&client.device, "endpoint_id"), client.device.endpoint_id);
}

/*
 * Any TS RPC device of the FF-A bus: found by its UUID, because the row above is about
 * whether a TEE device leads to it. Before Linux 6.2 all devices announce the nil UUID.
 */
static void find_modalias(char *modalias, size_t len)
{
	FILE *files = popen("cat /sys/bus/arm_ffa/devices/*/uevent", "re");
	char line[256];

	CHECK(files);
	modalias[0] = '\0';
	while (fgets(line, sizeof(line), files)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "MODALIAS=", 9))
			continue;
		if (strstr(line, "bdcd76d7") || (strstr(line, ":00000000-") && !modalias[0]))
			snprintf(modalias, len, "%s", line + 9);
		if (strstr(line, "bdcd76d7"))
			break;
	}
	pclose(files);
	if (!modalias[0])
		FAIL("no FF-A device announces the UUID of TS RPC");
}

static void row14_module_is_found_by_modalias(void)
{
	char path[256], line[512], modalias[256], pattern[256], module[128];
	struct utsname system;
	FILE *aliases;

	needs_machine();
	find_modalias(modalias, sizeof(modalias));
	CHECK(uname(&system) == 0);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", system.release);
	aliases = fopen(path, "re");
	if (!aliases)
		FAIL("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), aliases)) {
		if (sscanf(line, "alias %255s %127s", pattern, module) != 2 ||
		    fnmatch(pattern, modalias, 0))
			continue;
		snprintf(path, sizeof(path), "/sys/module/%s", module);
		/* Some module claims it; it must be the one that serves it. */
		if (strstr(module, "tstee") && access(path, F_OK) == 0)
			return;
	}
	FAIL("no module has an alias for %s", modalias);
}

static void wait_in_a_call(void *arg)
{
	struct tee_client *client = arg;

	must_call(client, TEST_NULL, NULL, 0);
}

static void row17_waiter_for_a_busy_partition_can_be_killed(void)
{
	struct tee_client client = connect_to_test(4096);
	pid_t spinner = spawn_spinner(2000);
	pid_t waiter = spawn(wait_in_a_call, &client);
	long long begin;
	int status;

	usleep(200000);
	begin = clock_ms();
	kill(waiter, SIGKILL);
	CHECK_EQUAL(waitpid(waiter, &status, 0), waiter);
	if (!WIFSIGNALED(status))
		FAIL("the second client did not wait");
	CHECK(clock_ms() - begin < 700);
	/* The one that was killed has left no trace: the next gets its turn. */
	must_call(&client, TEST_NULL, NULL, 0);
	CHECK(clock_ms() - begin > 700);
	join(spinner);
}

static void row18_huge_allocation_is_an_error_and_nothing_more(void)
{
	/* The largest block that a kernel hands out grows with its page, and with what a page counts. */
	const size_t scale = tee_page_len() / 4096 * (tee_page_len() / 4096);
	const size_t sizes[] = { scale * (8u << 20), scale * (16u << 20), scale * (256u << 20) };
	struct tee_client client = connect_to_test(0);
	int log = kernel_log_open();
	struct tee_buffer buffer;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		CHECK_EQUAL(tee_buffer_alloc(client.fd, sizes[i], &buffer), -ENOMEM);
	CHECK_EQUAL(kernel_log_count(log, "cut here"), 0);
}

static void row18_memory_of_the_client_can_be_registered(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_buffer buffer;
	uint64_t got;
	int32_t status;
	uint8_t *data;

	data = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(data != MAP_FAILED);
	memset(data, 0x18, 65536);
	if (registration_is_refused(&client, data, 65536))
		return;
	CHECK_EQUAL(tee_buffer_register(client.fd, data, 65536, &buffer), 0);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, (uint64_t)buffer.id, 65536,
			       &got, &status),
		    0);
	CHECK_EQUAL(got, 65536);
}

/* TEE cores before the fix of CVE-2025-39865 oops if the driver lets go of no buffer. */
static void row20_calls_without_a_buffer_leave_the_kernel_alone(void)
{
	struct tee_client client = connect_to_test(0);
	uint64_t len;
	int32_t status;

	/* Answered, refused here, refused by the partition. */
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, 0, 0, &len, &status), 0);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, 0, 1, &len, &status), -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, 0xfff0, 0, 0, &len, &status),
		    -EOPNOTSUPP);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, 1, 0, &len, &status), -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session + 1, TEST_NULL, 0, 0, &len, &status),
		    -EINVAL);
}

/* TEE cores before "tee: fix register_shm_helper()" oops on them. */
static void row21_partly_unmapped_memory_is_refused(void)
{
	struct tee_client client = connect_to_test(0);
	size_t page = tee_page_len();
	struct tee_buffer buffer;

	for (size_t hole = 0; hole < 3; hole++) {
		uint8_t *data = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		CHECK(data != MAP_FAILED);
		CHECK(munmap(data + hole * page, page) == 0);
		CHECK(tee_buffer_register(client.fd, data, 3 * page, &buffer) < 0);
	}
	CHECK(tee_buffer_register(client.fd, NULL, page, &buffer) < 0);
}

static void take_a_buffer_as_another_user(void *arg)
{
	struct tee_client client;
	struct tee_buffer buffer;

	become((uid_t)(uintptr_t)arg, 800);
	client = connect_to_test(0);
	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), 0);
}

static void row26_hog_leaves_buffers_to_others(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_buffer buffer;
	unsigned int count = 0;
	long long begin;
	int rc;

	/* A world knows the user who has started it, and nobody as whom his processes run. */
	needs_machine();
	do {
		begin = clock_ms();
		rc = tee_buffer_alloc(client.fd, 4096, &buffer);
		count++;
	} while (!rc && count < 1000);
	CHECK_EQUAL(rc, -EDQUOT);
	/* Nobody else could make room: there is no point in waiting long. */
	CHECK(clock_ms() - begin < 10000);
	for (uintptr_t uid = 2601; uid < 2604; uid++)
		join(spawn(take_a_buffer_as_another_user, (void *)uid));
}

/* Closes buffers while the partition is at work. */
static void close_while_busy(struct tee_client *client, unsigned int count, size_t len)
{
	struct spinner spinner = spinner_prepare(500);
	struct tee_buffer buffers[8];

	for (unsigned int i = 0; i < count; i++)
		CHECK_EQUAL(tee_buffer_alloc(client->fd, len, &buffers[i]), 0);
	spinner_start(&spinner);
	for (unsigned int i = 0; i < count; i++)
		tee_buffer_free(&buffers[i]);
	join(spinner.child);
}

static void row05_buffer_closed_while_busy_is_given_back(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;

	close_while_busy(&client, 8, 4096);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), 0);
}

struct worker {
	struct tee_client client;
	unsigned int ms;
};

/* What fails here has a test of its own; this is for counting what is left behind. */
static void work_a_while(void *arg)
{
	struct worker *worker = arg;
	struct test_value us = { 2000 };
	long long end = clock_ms() + worker->ms;
	uint64_t got;
	int32_t status;

	while (clock_ms() < end)
		tee_call(&worker->client, TEST_SPIN, &us, sizeof(us), &got, &status);
}

static void live_then_die(void *arg)
{
	struct test_value us = { 200 };
	struct tee_client client;

	(void)arg;
	for (;;) {
		if (tee_connect(&client, test_uuid, &tee_login_public, 8192))
			continue;
		for (int i = 0; i < 20; i++) {
			uint64_t got;
			int32_t status;

			tee_call(&client, TEST_SPIN, &us, sizeof(us), &got, &status);
		}
		tee_disconnect(&client);
	}
}

static void row06_no_slot_is_lost_by_clients_that_die_under_load(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	pid_t children[CLIENTS];

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < CLIENTS; i++)
			children[i] = spawn(live_then_die, NULL);
		usleep(300000);
		for (int i = 0; i < CLIENTS; i++)
			kill(children[i], SIGKILL);
		for (int i = 0; i < CLIENTS; i++)
			CHECK_EQUAL(waitpid(children[i], NULL, 0), children[i]);
	}
	CHECK_EQUAL(settled_buffers(&client, before), before);
}

static void row06_no_slot_is_lost_by_ordinary_exits_under_load(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	pid_t children[CLIENTS];

	for (int round = 0; round < 4; round++) {
		/* They end one after the other, while the rest is at work. */
		for (unsigned int i = 0; i < CLIENTS; i++) {
			struct worker worker = { .ms = 40 * (i + 1) };
			int rc;

			do
				rc = tee_connect(&worker.client, test_uuid, &tee_login_public,
						 8192);
			while (rc == -EBUSY);
			CHECK_EQUAL(rc, 0);
			children[i] = spawn(work_a_while, &worker);
			tee_disconnect(&worker.client);
		}
		for (int i = 0; i < CLIENTS; i++)
			CHECK_EQUAL(waitpid(children[i], NULL, 0), children[i]);
	}
	CHECK_EQUAL(settled_buffers(&client, before), before);
}

static void row05_no_freed_page_is_written_to(void)
{
	struct tee_client client = connect_to_test(4096);
	struct test_scribble scribble = { .pattern = "scribbled over!" };
	struct canary canary;

	close_while_busy(&client, 8, 65536);
	canary = canary_make();
	must_call(&client, TEST_SCRIBBLE, &scribble, sizeof(scribble));
	canary_check(&canary);
}

static void row07_failed_registration_frees_nothing_that_is_mapped(void)
{
	struct tee_client client = connect_to_test(4096);
	struct test_scribble scribble = { .pattern = "scribbled over!", .stray_only = 1 };
	struct tee_buffer buffer;
	struct canary canary;

	arm(&client, TEST_FAIL_RETRIEVE, 1);
	for (int i = 0; i < 4; i++)
		CHECK(tee_buffer_alloc(client.fd, 65536, &buffer) < 0);
	CHECK_EQUAL(count_buffers(&client).stray, 4);

	canary = canary_make();
	must_call(&client, TEST_SCRIBBLE, &scribble, sizeof(scribble));
	canary_check(&canary);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), 4 * pages_of(65536));
	munmap(canary.data, canary.len);

	/* When the partition gives them up the driver takes them back by itself. */
	reset_test_partition(&client);
	CHECK_EQUAL(count_buffers(&client).stray, 0);
}

static void row16_dead_partition_is_eio_at_once(void)
{
	struct tee_client client = connect_to(victim_uuid, 4096);
	struct tee_client bystander = connect_to_test(4096);
	long long begin;
	char state[96];
	uint32_t session;
	uint64_t got;
	int32_t status;

	CHECK_EQUAL(tee_call(&client, TEST_CRASH, NULL, 0, &got, &status), -EIO);
	begin = clock_ms();
	for (int i = 0; i < 10; i++)
		CHECK_EQUAL(tee_call(&client, TEST_NULL, NULL, 0, &got, &status), -EIO);
	CHECK_EQUAL(tee_session_open(client.fd, victim_uuid, &tee_login_public, &session), -EIO);
	CHECK(clock_ms() - begin < 500);

	read_attribute(&client.device, "state", state, sizeof(state));
	CHECK(!strncmp(state, "dead: ", 6));
	CHECK(strstr(state, "0x010f"));
	must_call(&bystander, TEST_NULL, NULL, 0);

	/* What it holds is not given back, and closing does not take long over it. */
	begin = clock_ms();
	tee_disconnect(&client);
	CHECK(clock_ms() - begin < 2000);
}

const struct test row_tests[] = {
	TEST(row02_other_parameter_types_are_refused),
	TEST(row02_more_than_one_parameter_is_refused),
	TEST(row02_bits_above_the_used_ones_are_refused),
	TEST(row03_response_longer_than_the_buffer_is_emsgsize),
	TEST(row03_response_without_a_buffer_is_emsgsize),
	TEST(row04_call_beside_a_long_one_waits_for_it),
	TEST(row04_open_session_beside_a_long_call_waits_for_it),
	TEST(row04_allocation_beside_a_long_call_waits_for_it),
	TEST(row04_eight_clients_at_once_never_fail, .limit_s = 60),
	TEST(row08_users_have_namespaces_of_their_own),
	TEST(row09_login_says_who_the_client_is),
	TEST(row09_unknown_logins_are_refused),
	TEST(row10_management_interface_is_never_handed_out),
	TEST(row11_session_ids_start_at_one),
	TEST(row12_each_rpc_status_has_its_own_errno),
	TEST(row12_a_failing_client_does_not_flood_the_log),
	TEST(row13_device_leads_to_its_ffa_device),
	TEST(row14_module_is_found_by_modalias),
	TEST(row17_waiter_for_a_busy_partition_can_be_killed),
	TEST(row18_memory_of_the_client_can_be_registered),
	TEST(row18_huge_allocation_is_an_error_and_nothing_more),
	TEST(row20_calls_without_a_buffer_leave_the_kernel_alone),
	TEST(row21_partly_unmapped_memory_is_refused),
	TEST(row26_hog_leaves_buffers_to_others),
	TEST(row01_invoke_without_parameters_is_refused),
	TEST(row05_buffer_closed_while_busy_is_given_back, .limit_s = 60),
	TEST(row06_no_slot_is_lost_by_ordinary_exits_under_load, .limit_s = 60),
	TEST(row06_no_slot_is_lost_by_clients_that_die_under_load, .limit_s = 60),
	TEST(row05_no_freed_page_is_written_to, .limit_s = 60),
	TEST(row07_failed_registration_frees_nothing_that_is_mapped, .limit_s = 60),
	TEST(row16_dead_partition_is_eio_at_once),
	{},
};
