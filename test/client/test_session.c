// SPDX-License-Identifier: BSD-3-Clause
/* Devices, sessions, shared buffers, threads and forks, over the imitation of the devices. */
#include "test.h"

#include <errno.h>
#include <linux/tee.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <test/fork.h>
#include <tstee.h>
#include <unistd.h>

#include "fake_tee.h"
#include "session.h"

#define SERVICE "internal-trusted-storage"

static int reset(void **state)
{
	(void)state;
	unsetenv("TSTEE_LOGIN");
	fake_reset();
	return 0;
}

/* Threads of the library may still be asking, or about to close what nobody asked for. */
static bool open_files_become(unsigned int count)
{
	for (unsigned int i = 0; i < 10000 && fake_counts().open_files != count; i++)
		usleep(1000);
	return fake_counts().open_files == count;
}

static int leaves_nothing_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		fake_device[i].stuck = false;
	return !open_files_become(0) || fake_counts().buffers;
}

static int echo(struct tstee_session *s, uint8_t fill, size_t len)
{
	uint8_t *req = malloc(len + 1), *resp = malloc(len + 1);
	size_t resp_len;
	int32_t status;
	int err;

	memset(req, fill, len);
	memset(resp, 0, len);
	err = tstee_call(s, FAKE_ECHO, req, len, resp, len, &resp_len, &status);
	if (!err && len &&
	    (resp_len != len || status != (int32_t)len || memcmp(req, resp, len) != 0))
		err = -EBADMSG;
	free(req);
	free(resp);
	return err;
}

static void devices_are_listed_with_kind_and_driver(void **state)
{
	struct tstee_devices *devices;
	const struct tstee_device *device;
	struct tstee_uuid its, ps;

	(void)state;
	fake_device[3] = fake_device[1];
	fake_device[3].endpoint_id = 0x8003;
	fake_device[3].driver = NULL;
	fake_device[3].gen_caps = 0;
	assert_int_equal(tstee_service_parse("its", &its), 0);
	assert_int_equal(tstee_service_parse("ps", &ps), 0);
	assert_int_equal(tstee_devices_list(&devices), 0);
	assert_int_equal(tstee_devices_count(devices), 3);
	device = tstee_devices_get(devices, 0);
	assert_int_equal(tstee_device_kind(device), TSTEE_DEVICE_OPTEE);
	assert_string_equal(tstee_device_driver(device), "optee");
	assert_int_equal(tstee_device_hosts(device, &its), -EOPNOTSUPP);
	device = tstee_devices_get(devices, 1);
	assert_string_equal(tstee_device_path(device), "/dev/tee1");
	assert_int_equal(tstee_device_kind(device), TSTEE_DEVICE_PARTITION);
	assert_int_equal(tstee_device_endpoint_id(device), 0x8002);
	assert_int_equal(tstee_device_hosts(device, &its), 1);
	assert_int_equal(tstee_device_hosts(device, &ps), 0);
	device = tstee_devices_get(devices, 2);
	assert_string_equal(tstee_device_path(device), "/dev/tee3");
	assert_string_equal(tstee_device_driver(device), "arm_tstee (mainline)");
	assert_null(tstee_devices_get(devices, 3));
	tstee_devices_free(devices);
}

static void each_reason_for_no_session_has_its_errno(void **state)
{
	struct tstee_options options = { 0 };
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open("no-such", NULL, &s), -EINVAL);
	assert_int_equal(tstee_open("crypto", NULL, &s), -ENOENT);
	options.endpoint_id = 0x8009;
	assert_int_equal(tstee_open(SERVICE, &options, &s), -ENODEV);
	options.endpoint_id = 0x18002;
	assert_int_equal(tstee_open(SERVICE, &options, &s), -EINVAL);
	options.endpoint_id = 0;
	options.reserved[4] = 1;
	assert_int_equal(tstee_open(SERVICE, &options, &s), -EINVAL);
	options.reserved[4] = 0;
	options.group = 5; /* without a group login */
	assert_int_equal(tstee_open(SERVICE, &options, &s), -EINVAL);
	fake_device[1].session_err = EIO;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), -EIO);
	assert_non_null(strstr(tstee_error(), "/dev/tee1"));
	fake_device[1].session_err = 0;
	fake_device[1].open_err = EACCES;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), -EACCES);
	fake_device[1].present = false;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), -ENODEV);
	fake_device[0].present = false;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), -ENODEV);
}

static void endpoint_restricts_the_search(void **state)
{
	struct tstee_options options = { .endpoint_id = 0x8003 };
	struct tstee_session *s;

	(void)state;
	fake_device[2] = fake_device[1];
	fake_device[2].endpoint_id = 0x8003;
	fake_device[1].invoke_err = EIO;
	assert_int_equal(tstee_open(SERVICE, &options, &s), 0);
	assert_int_equal(echo(s, 1, 10), 0);
	tstee_close(s);
}

static void lowest_endpoint_is_taken_in_any_order_of_devices(void **state)
{
	static const uint16_t orders[][2] = { { 0x8005, 0x8003 }, { 0x8003, 0x8005 } };
	struct tstee_session *s;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fake_reset();
		fake_device[3] = fake_device[2] = fake_device[1];
		/* One that doesn't host the service is not taken for its ID. */
		fake_device[3].endpoint_id = 0x8002;
		fake_device[3].service = "crypto";
		for (size_t k = 0; k < 2; k++) {
			fake_device[1 + k].endpoint_id = orders[i][k];
			fake_device[1 + k].invoke_err = orders[i][k] == 0x8003 ? 0 : EIO;
		}
		assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
		assert_true(open_files_become(1));
		assert_int_equal(echo(s, 1, 10), 0);
		tstee_close(s);
	}
}

static void two_partitions(const char *first, const char *second)
{
	fake_device[2] = fake_device[1];
	fake_device[1].service = first;
	fake_device[2].service = second;
	fake_device[2].endpoint_id = 0x8003;
}

static void stuck_partition_is_not_waited_for_when_another_has_the_service(void **state)
{
	struct tstee_devices *devices;
	struct tstee_session *s;
	struct tstee_uuid its;

	(void)state;
	two_partitions("crypto", SERVICE);
	fake_device[1].stuck = true;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 1, 10), 0);
	tstee_close(s);
	assert_int_equal(tstee_service_parse("its", &its), 0);
	assert_int_equal(tstee_devices_list(&devices), 0);
	assert_int_equal(tstee_device_hosts(tstee_devices_get(devices, 1), &its), -EBUSY);
	assert_int_equal(tstee_device_hosts(tstee_devices_get(devices, 2), &its), 1);
	tstee_devices_free(devices);
}

/* So long that the test would not end, if it was waited for. */
static void who_is_stuck_for_the_driver_is_not_waited_for_at_all(void **state)
{
	struct tstee_session *s;
	struct timespec begin, end;

	(void)state;
	two_partitions(SERVICE, SERVICE);
	fake_device[1].stuck = true;
	fake_device[1].state = "stuck: for 12 s in opcode 0x0101 of interface 0x00";
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_in_range(end.tv_sec - begin.tv_sec, 0, 2);
	assert_int_equal(echo(s, 1, 10), 0);
	tstee_close(s);
	fake_device[1].stuck = false;
}

static void *thread_frees_the_first(void *arg)
{
	/* Not before the other was asked. */
	while (fake_counts().sessions < 1)
		usleep(1000);
	fake_device[1].stuck = false;
	return arg;
}

static void slow_partition_of_a_lower_endpoint_is_taken_all_the_same(void **state)
{
	struct tstee_session *s;
	pthread_t thread;

	(void)state;
	two_partitions(SERVICE, SERVICE);
	fake_device[2].invoke_err = EIO;
	fake_device[1].stuck = true;
	assert_int_equal(pthread_create(&thread, NULL, thread_frees_the_first, NULL), 0);
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(echo(s, 1, 10), 0);
	tstee_close(s);
}

static void *thread_frees_after_asking(void *arg)
{
	/* VERSION of the OP-TEE and the three; then the first, the second and the third. */
	while (fake_counts().opens < 6)
		usleep(1000);
	fake_device[1].stuck = false;
	return arg;
}

static void slow_partition_is_waited_for_when_no_other_has_the_service(void **state)
{
	struct tstee_session *s;
	pthread_t thread;

	(void)state;
	two_partitions(SERVICE, "crypto");
	fake_device[3] = fake_device[2];
	fake_device[3].endpoint_id = 0x8004;
	fake_device[3].session_err = EIO;
	fake_device[1].stuck = true;
	/* The third is asked last: once it was, all others were, too. */
	assert_int_equal(pthread_create(&thread, NULL, thread_frees_after_asking, NULL), 0);
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(echo(s, 1, 10), 0);
	tstee_close(s);
}

static void login_of(const struct tstee_options *options, uint32_t *login, uint32_t *group)
{
	struct tstee_session *s;
	uint32_t words[2];
	int32_t status;
	size_t len;

	assert_int_equal(tstee_open(SERVICE, options, &s), 0);
	assert_int_equal(tstee_call(s, FAKE_LOGIN, NULL, 0, words, sizeof(words), &len, &status),
			 0);
	assert_int_equal(len, sizeof(words));
	tstee_close(s);
	*login = words[0];
	*group = words[1];
}

static void login_is_the_user_unless_told_otherwise(void **state)
{
	struct tstee_options options = { 0 };
	uint32_t login, group;

	(void)state;
	login_of(NULL, &login, &group);
	assert_int_equal(login, TEE_IOCTL_LOGIN_USER);
	setenv("TSTEE_LOGIN", "group:77", 1);
	login_of(NULL, &login, &group);
	assert_int_equal(login, TEE_IOCTL_LOGIN_GROUP);
	assert_int_equal(group, 77);
	options.login = TSTEE_LOGIN_PUBLIC; /* an option beats the environment */
	login_of(&options, &login, &group);
	assert_int_equal(login, TEE_IOCTL_LOGIN_PUBLIC);
	assert_int_equal(group, 0);
}

static void bad_login_in_the_environment_is_refused(void **state)
{
	struct tstee_session *s;

	(void)state;
	setenv("TSTEE_LOGIN", "root", 1);
	assert_int_equal(tstee_open(SERVICE, NULL, &s), -EINVAL);
}

static void one_buffer_serves_many_calls(void **state)
{
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(echo(s, 0x5a, 4000), 0);
	assert_int_equal(fake_counts().allocs, 1);
	assert_int_equal(fake_counts().invokes, 100);
	tstee_close(s);
}

static void buffer_grows_with_the_messages_and_stays_grown(void **state)
{
	static const size_t lens[] = { 1, 8192, 8193, 65536, 65556, 1024 * 1024, 7, 1000000 };
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		assert_int_equal(echo(s, 0x77, lens[i]), 0);
	/* 8 KiB, which stays, and one at a time of 16 KiB, 64 KiB, 68 KiB, 1 MiB. */
	assert_int_equal(fake_counts().allocs, 5);
	assert_int_equal(fake_counts().buffers, 2);
	tstee_close(s);
}

static void nothing_of_a_message_stays_in_a_buffer(void **state)
{
	struct tstee_session *s;
	uint8_t resp[16];
	uint32_t want;
	int32_t status;
	size_t len;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 0x5e, 5000), 0);
	assert_true(fake_buffers_clean());
	want = 6000; /* a response longer than there is room */
	assert_int_equal(
		tstee_call(s, FAKE_LENGTH, &want, sizeof(want), resp, sizeof(resp), &len, &status),
		-EMSGSIZE);
	assert_int_equal(len, 6000);
	assert_true(fake_buffers_clean());
	fake_device[1].invoke_err = EREMOTEIO;
	assert_int_equal(echo(s, 0x5e, 3000), -EREMOTEIO);
	assert_true(fake_buffers_clean());
	tstee_close(s);
}

static void response_behind_the_end_of_the_buffer_is_a_broken_protocol(void **state)
{
	uint32_t want = 0xffffffff;
	struct tstee_session *s;
	uint8_t resp[16];
	int32_t status;
	size_t len;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(
		tstee_call(s, FAKE_LENGTH, &want, sizeof(want), resp, sizeof(resp), &len, &status),
		-EPROTO);
	assert_int_equal(len, 0);
	tstee_close(s);
}

static void call_without_messages_needs_no_buffer(void **state)
{
	struct tstee_session *s;
	int32_t status = 1;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(tstee_call(s, 9, NULL, 0, NULL, 0, NULL, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(fake_counts().allocs, 0);
	tstee_close(s);
}

static void pieces_of_a_request_arrive_as_one(void **state)
{
	char a[] = "ab", c[] = "cdef", resp[8];
	const struct iovec iov[] = { { a, 2 }, { NULL, 0 }, { c, 4 } };
	struct tstee_session *s;
	int32_t status;
	size_t len;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(tstee_callv(s, FAKE_ECHO, iov, 3, resp, sizeof(resp), &len, &status), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(resp, "abcdef", 6);
	tstee_close(s);
}

static void bad_arguments_of_a_call_never_reach_the_device(void **state)
{
	uint8_t dummy = 0;
	const struct iovec huge[] = { { &dummy, SIZE_MAX }, { &dummy, 2 } };
	struct tstee_session *s;
	uint8_t resp[4];
	int32_t status;
	size_t len;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(tstee_call(s, 0x10000, NULL, 0, NULL, 0, NULL, &status), -EINVAL);
	assert_int_equal(tstee_call(s, 1, NULL, 4, NULL, 0, NULL, &status), -EINVAL);
	assert_int_equal(tstee_call(s, 1, NULL, 0, NULL, 4, &len, &status), -EINVAL);
	assert_int_equal(tstee_call(s, 1, NULL, 0, resp, 4, NULL, &status), -EINVAL);
	assert_int_equal(tstee_call(s, 1, NULL, 0, resp, 4, &len, NULL), -EINVAL);
	assert_int_equal(tstee_callv(s, 1, NULL, 1, NULL, 0, NULL, &status), -EINVAL);
	assert_int_equal(tstee_callv(s, 1, huge, 2, NULL, 0, NULL, &status), -EINVAL);
	assert_int_equal(tstee_callv(s, 1, huge, 1, NULL, 0, NULL, &status), -EINVAL);
	assert_int_equal(fake_counts().invokes, 0);
	tstee_close(s);
}

#define THREADS 8

static void *thread_echo(void *arg)
{
	for (unsigned int i = 0; i < 200; i++) {
		if (echo(arg, (uint8_t)i, 1 + i * 97 % 20000))
			return arg;
	}
	return NULL;
}

static void threads_on(struct tstee_session *s)
{
	pthread_t threads[THREADS];
	void *failed;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_echo, s), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static void threads_share_a_session_and_its_buffers(void **state)
{
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	threads_on(s);
	/* Two for short calls, two for long ones. */
	assert_in_range(fake_counts().buffers, 2, 4);
	assert_int_equal(fake_counts().sessions, 1);
	assert_true(fake_buffers_clean());
	tstee_close(s);
}

static void threads_get_by_with_the_only_buffer_of_a_full_partition(void **state)
{
	struct tstee_session *s;

	(void)state;
	fake_device[1].buffers_max = 1;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	threads_on(s);
	tstee_close(s);
}

static void *thread_echo_both_lengths(void *arg)
{
	return echo(arg, 1, 100) || echo(arg, 2, 60000) ? arg : NULL;
}

static void buffers_that_others_have_are_waited_for(void **state)
{
	struct tstee_session *s;
	pthread_t thread;
	void *failed;

	(void)state;
	fake_device[1].buffers_max = 0;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	/* But not very long ones, which may never be to be had. */
	assert_int_equal(echo(s, 1, 100000), -ENOSPC);
	assert_int_equal(pthread_create(&thread, NULL, thread_echo_both_lengths, s), 0);
	while (fake_counts().refusals < 5)
		usleep(1000);
	fake_device[1].buffers_max = 1;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	tstee_close(s);
}

/* The driver has waited for one as long as it waits. */
static void whoever_has_his_share_is_told_after_one_wait(void **state)
{
	static const uint32_t lengths[] = { 100, 60000, 100000 };
	struct tstee_session *s;

	(void)state;
	fake_device[1].buffers_max = 0;
	fake_device[1].share_err = EDQUOT;
	fake_device[1].wait_ms = 30000;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const unsigned int before = fake_counts().refusals;

		assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
		assert_int_equal(echo(s, 1, lengths[i]), -EDQUOT);
		/* By a shorter message, too. */
		assert_int_equal(echo(s, 1, 100), -EDQUOT);
		assert_non_null(strstr(tstee_error(), "your share"));
		assert_int_equal(fake_counts().refusals, before + 1);
		/* But not for ever. */
		fake_pass_ms(2000);
		fake_device[1].buffers_max = 1;
		assert_int_equal(echo(s, 1, 100), 0);
		fake_device[1].buffers_max = 0;
		tstee_close(s);
	}
}

static void sessions_of_a_process_share_the_buffers_it_can_have(void **state)
{
	struct tstee_session *s[24];
	struct session_place place = { 0 };

	(void)state;
	fake_device[1].buffers_max = 3;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(tstee_open(SERVICE, NULL, &s[i]), 0);
	/* What keeps its buffer goes without a long one instead. */
	assert_true(session_place_fill(&place, s[0]));
	session_keeps(&place);
	for (size_t i = 0; i < 30; i++)
		assert_int_equal(echo(s[i % 6], 1, i % 6 ? 1 + i * 600 : 100), 0);
	assert_int_equal(fake_counts().buffers, 3);
	for (size_t i = 1; i < 6; i++)
		tstee_close(s[i]);
	assert_int_equal(fake_counts().buffers, 1);
	session_place_clear(&place);
	/* Where there are more it takes more, but not without end. */
	fake_device[1].buffers_max = 64;
	for (size_t i = 0; i < 24; i++) {
		assert_int_equal(tstee_open(SERVICE, NULL, &s[i]), 0);
		assert_int_equal(echo(s[i], 1, 100), 0);
	}
	assert_in_range(fake_counts().buffers, 10, 17);
	for (size_t i = 0; i < 24; i++) {
		assert_int_equal(echo(s[i], 1, 100), 0);
		tstee_close(s[i]);
	}
}

static void threads_of_many_sessions_share_few_buffers(void **state)
{
	struct tstee_session *s[3];
	pthread_t threads[THREADS];
	void *failed;

	(void)state;
	fake_device[1].buffers_max = 2;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(tstee_open(SERVICE, NULL, &s[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_echo, s[i % 3]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	for (size_t i = 0; i < 3; i++)
		tstee_close(s[i]);
}

static int exit_status(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void child_opens_the_device_for_itself(void **state)
{
	struct tstee_session *s;
	pid_t pid;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 1, 100), 0);
	pid = fork_alone();
	if (!pid) {
		/* The parent's descriptor and mapping are gone already. */
		if (fake_counts().open_files || fake_counts().buffers)
			_exit(1);
		/* The imitation aborts if the parent's descriptor is used. */
		if (echo(s, 2, 100) || fake_counts().sessions != 2)
			_exit(2);
		tstee_close(s);
		_exit(fake_counts().open_files ? 3 : 0);
	}
	assert_int_equal(exit_status(pid), 0);
	assert_int_equal(echo(s, 3, 100), 0);
	assert_int_equal(fake_counts().sessions, 1);
	tstee_close(s);
}

static void *thread_fork(void *arg)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		int status;

		if (!pid)
			_exit(echo(arg, 9, 12000) ? 1 : 0);
		if (waitpid(pid, &status, 0) != pid || status)
			return arg;
	}
	return NULL;
}

static void fork_amid_calls_of_other_threads_is_safe(void **state)
{
	struct tstee_session *s;
	pthread_t forker;
	void *failed;

	(void)state;
	if (!FORKS_BESIDE_THREADS)
		skip();
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(pthread_create(&forker, NULL, thread_fork, s), 0);
	threads_on(s);
	assert_int_equal(pthread_join(forker, &failed), 0);
	assert_null(failed);
	tstee_close(s);
}

static void *thread_echo_till_closed(void *arg)
{
	int err = 0;

	for (unsigned int i = 0; !err; i++)
		err = echo(arg, (uint8_t)i, 1 + i * 97 % 20000);
	return err == -EBADF ? NULL : arg;
}

static void session_is_closed_while_others_call(void **state)
{
	pthread_t threads[THREADS];
	struct tstee_session *s;
	void *failed;

	(void)state;
	for (unsigned int round = 0; round < 20; round++) {
		unsigned int invokes = fake_counts().invokes;

		assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
		for (size_t i = 0; i < THREADS; i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, thread_echo_till_closed, s), 0);
		while (fake_counts().invokes < invokes + THREADS)
			usleep(100);
		if (FORKS_BESIDE_THREADS && round % 2) {
			pid_t pid = fork();

			if (!pid) {
				/* The child's own hold is the only one here. */
				tstee_close(s);
				_exit(fake_counts().open_files || fake_counts().buffers ||
				      echo(s, 1, 1) != -EBADF);
			}
			assert_int_equal(exit_status(pid), 0);
		}
		tstee_close(s);
		tstee_close(s); /* too many are one too many, and no more */
		for (size_t i = 0; i < THREADS; i++) {
			assert_int_equal(pthread_join(threads[i], &failed), 0);
			assert_null(failed);
		}
		assert_int_equal(fake_counts().open_files, 0);
		assert_int_equal(fake_counts().buffers, 0);
	}
}

static void *thread_echo_for_ever(void *arg)
{
	for (unsigned int i = 0;; i++) {
		if (echo(arg, (uint8_t)i, 20000))
			return arg;
		pthread_testcancel();
	}
}

static void cancelled_threads_leave_the_session_in_order(void **state)
{
	pthread_t threads[THREADS];
	struct tstee_session *s;
	void *result;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	for (unsigned int round = 0; round < 20; round++) {
		for (size_t i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, thread_echo_for_ever, s),
					 0);
		usleep(1000);
		for (size_t i = 0; i < THREADS; i++)
			assert_int_equal(pthread_cancel(threads[i]), 0);
		for (size_t i = 0; i < THREADS; i++) {
			assert_int_equal(pthread_join(threads[i], &result), 0);
			assert_ptr_equal(result, PTHREAD_CANCELED);
		}
	}
	threads_on(s);
	tstee_close(s);
}

static void device_that_came_back_is_found_again(void **state)
{
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 1, 100), 0);
	fake_device_replug(1);
	fake_device[2] = fake_device[1]; /* under another number */
	fake_device[1].present = false;
	assert_int_equal(echo(s, 2, 100), 0);
	assert_int_equal(fake_counts().open_files, 1);
	fake_device_replug(2);
	fake_device[2].present = false;
	assert_int_equal(echo(s, 3, 100), -ENODEV);
	assert_int_equal(fake_counts().open_files, 0);
	fake_device[2].present = true;
	assert_int_equal(echo(s, 4, 100), 0);
	tstee_close(s);
}

static void dead_partition_is_told_at_once(void **state)
{
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	fake_device[1].invoke_err = EIO;
	assert_int_equal(echo(s, 1, 100), -EIO);
	assert_int_equal(fake_counts().invokes, 1);
	assert_non_null(strstr(tstee_error(), "dead"));
	fake_device[1].invoke_err = 0;
	assert_int_equal(echo(s, 1, 100), 0);
	tstee_close(s);
}

static void partition_that_knows_no_buffer_is_connected_to_anew(void **state)
{
	struct tstee_session *s;

	(void)state;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 1, 100), 0);
	fake_device[1].invoke_err = ENOENT;
	assert_int_equal(echo(s, 1, 100), -ENOENT);
	assert_int_equal(fake_counts().open_files, 0);
	fake_device[1].invoke_err = 0;
	assert_int_equal(echo(s, 1, 100), 0);
	tstee_close(s);
}

static void session_id_0_of_the_mainline_driver_is_used(void **state)
{
	struct tstee_session *s;

	(void)state;
	fake_device[1].gen_caps = 0;
	assert_int_equal(tstee_open(SERVICE, NULL, &s), 0);
	assert_int_equal(echo(s, 1, 100), 0);
	tstee_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, leaves_nothing_open)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_are_listed_with_kind_and_driver),
		TEST(each_reason_for_no_session_has_its_errno),
		TEST(endpoint_restricts_the_search),
		TEST(lowest_endpoint_is_taken_in_any_order_of_devices),
		TEST(stuck_partition_is_not_waited_for_when_another_has_the_service),
		TEST(who_is_stuck_for_the_driver_is_not_waited_for_at_all),
		TEST(slow_partition_of_a_lower_endpoint_is_taken_all_the_same),
		TEST(slow_partition_is_waited_for_when_no_other_has_the_service),
		TEST(login_is_the_user_unless_told_otherwise),
		TEST(bad_login_in_the_environment_is_refused),
		TEST(one_buffer_serves_many_calls),
		TEST(buffer_grows_with_the_messages_and_stays_grown),
		TEST(nothing_of_a_message_stays_in_a_buffer),
		TEST(response_behind_the_end_of_the_buffer_is_a_broken_protocol),
		TEST(call_without_messages_needs_no_buffer),
		TEST(pieces_of_a_request_arrive_as_one),
		TEST(bad_arguments_of_a_call_never_reach_the_device),
		TEST(threads_share_a_session_and_its_buffers),
		TEST(threads_get_by_with_the_only_buffer_of_a_full_partition),
		TEST(buffers_that_others_have_are_waited_for),
		TEST(whoever_has_his_share_is_told_after_one_wait),
		TEST(sessions_of_a_process_share_the_buffers_it_can_have),
		TEST(threads_of_many_sessions_share_few_buffers),
		TEST(child_opens_the_device_for_itself),
		TEST(fork_amid_calls_of_other_threads_is_safe),
		TEST(session_is_closed_while_others_call),
		TEST(cancelled_threads_leave_the_session_in_order),
		TEST(device_that_came_back_is_found_again),
		TEST(dead_partition_is_told_at_once),
		TEST(partition_that_knows_no_buffer_is_connected_to_anew),
		TEST(session_id_0_of_the_mainline_driver_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
