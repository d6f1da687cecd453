// SPDX-License-Identifier: BSD-3-Clause
/* Traces: every call once and whole, and nobody waits for who reads them. */
#include "cmocka_all.h"
#include "spm_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <world/conduit_control.h>

static char error[256];
static char text[1 << 20];

static void *trace(int fd)
{
	void *handle = NULL;

	if (world_trace_start(fd, "", error, sizeof(error), &handle))
		fail_msg("%s", error);
	return handle;
}

static void *fault(const char *spec)
{
	void *handle = NULL;

	if (world_fault_set(spec, error, sizeof(error), &handle))
		fail_msg("%s", error);
	return handle;
}

/* What can be read now, as a string. */
static const char *read_all(int fd)
{
	size_t len = 0;
	ssize_t got;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	return text;
}

/* Whole lines, each an object; their number. */
static unsigned int check_lines(const char *lines)
{
	unsigned int count = 0;

	while (*lines) {
		const char *end = strchr(lines, '\n');

		assert_non_null(end);
		assert_int_equal(*lines, '{');
		assert_int_equal(end[-1], '}');
		assert_null(memchr(lines + 1, '\n', (size_t)(end - lines - 1)));
		lines = end + 1;
		count++;
	}
	return count;
}

static int setup(void **state)
{
	int *fds = calloc(2, sizeof(*fds));

	spm_fake_reset();
	if (!fds || pipe2(fds, O_CLOEXEC))
		return -1;
	*state = fds;
	return 0;
}

static int teardown(void **state)
{
	int *fds = *state;

	close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	free(fds);
	return 0;
}

static void assert_has(const char *line, const char *part)
{
	if (!strstr(line, part))
		fail_msg("no '%s' in '%s'", part, line);
}

static void a_service_call_is_told_in_one_line(void **state)
{
	int *fds = *state;
	void *handle = trace(fds[1]);

	fake_service(FAKE_FIRST, 0x101);
	world_trace_stop(handle);
	fake_service(FAKE_FIRST, 0x102);
	assert_int_equal(check_lines(read_all(fds[0])), 2);
	assert_has(text, "{\"time\":");
	assert_has(text, ",\"duration_ns\":1000,\"caller\":\"0x0000\","
			 "\"function\":\"MSG_SEND_DIRECT_REQ\",\"receiver\":\"0x8002\","
			 "\"partition\":\"first\",\"rpc\":{\"interface\":1,\"opcode\":\"0x0101\","
			 "\"handle\":\"0x123456789abcdef\",\"request_len\":36,"
			 "\"client_id\":\"0x800003e8\",\"rpc_status\":0,\"service_status\":0,"
			 "\"response_len\":24},\"result\":\"MSG_SEND_DIRECT_RESP\"}\n");
	assert_has(text, "\n{\"end\":true,\"lines\":1,\"dropped\":0}\n");
}

static void management_calls_are_told_by_name(void **state)
{
	int *fds = *state;
	void *handle = trace(fds[1]);

	for (uint16_t opcode = 0; opcode < 5; opcode++)
		fake_management(FAKE_SECOND, opcode);
	world_trace_stop(handle);
	assert_int_equal(check_lines(read_all(fds[0])), 6);
	assert_has(text, "\"partition\":\"se\\\"cond\",\"rpc\":{\"management\":\"VERSION\","
			 "\"version\":1}");
	assert_has(text, "{\"management\":\"MEMORY_RETRIEVE\",\"handle\":\"0x123456789abcdef\","
			 "\"rpc_status\":0}");
	assert_has(text, "{\"management\":\"MEMORY_RELINQUISH\",\"handle\":\"0x123456789abcdef\","
			 "\"rpc_status\":0}");
	assert_has(text, "{\"management\":\"INTERFACE_ID_QUERY\","
			 "\"uuid\":\"efcdab89-6745-2301-2400-0000e8030080\",\"rpc_status\":0,"
			 "\"interface\":0}");
	assert_has(text, "{\"management\":\"0x0004\",\"rpc_status\":0}");
}

static void memory_calls_and_errors_are_told(void **state)
{
	int *fds = *state;
	void *handle = trace(fds[1]);

	fake_share();
	fake_reclaim();
	spm_fake_set_error(FFA_DENIED);
	fake_reclaim();
	spm_fake_set_error(-77);
	fake_service(FAKE_FIRST, 0x101);
	world_trace_stop(handle);
	assert_int_equal(check_lines(read_all(fds[0])), 5);
	assert_has(text, "\"function\":\"MEM_SHARE\",\"descriptor_len\":112,"
			 "\"handle\":\"0x123456789abcdef\",\"result\":\"SUCCESS\"}");
	assert_has(text, "\"function\":\"MEM_RECLAIM\",\"handle\":\"0x123456789abcdef\","
			 "\"result\":\"SUCCESS\"}");
	assert_has(text, "\"result\":\"DENIED\"}");
	assert_has(text, "\"client_id\":\"0x800003e8\"},\"result\":\"-77\"}");
}

static void calls_of_partitions_and_unknown_ones_are_told(void **state)
{
	const struct ffa_regs in = { { 0x84000099u } }, out = { { FFA_INTERRUPT } };
	const struct spm_event event = { .caller = FAKE_SECOND, .in = &in, .out = &out };
	int *fds = *state;
	void *handle = trace(fds[1]);

	world_observe(&event);
	world_trace_stop(handle);
	assert_int_equal(check_lines(read_all(fds[0])), 2);
	assert_has(text, "\"caller\":\"0x8003\",\"function\":\"0x84000099\","
			 "\"result\":\"INTERRUPT\"}");
}

static void calls_that_faults_struck_are_told_once_as_the_normal_world_saw_them(void **state)
{
	int *fds = *state;
	void *handle = trace(fds[1]);
	void *fault_handle = fault("busy:count=1; crash; denied-reclaim; wrong-echo:opcode=0x103");

	fake_service(FAKE_FIRST, 0x101);
	fake_service(FAKE_FIRST, 0x102);
	fake_service(FAKE_FIRST, 0x103);
	fake_service(FAKE_FIRST, 0x104);
	fake_reclaim();
	world_fault_clear(fault_handle);
	world_trace_stop(handle);
	assert_int_equal(check_lines(read_all(fds[0])), 6);
	assert_has(text, "\"client_id\":\"0x800003e8\"},\"result\":\"BUSY\",\"fault\":\"busy\"}\n");
	assert_has(text, "\"result\":\"MSG_SEND_DIRECT_RESP\",\"fault\":\"crash\"}\n");
	assert_has(text, "\"echo\":\"0x00010102\"},\"result\":\"MSG_SEND_DIRECT_RESP\","
			 "\"fault\":\"wrong-echo\"}\n");
	assert_has(text, "\"result\":\"MSG_SEND_DIRECT_RESP\"}\n");
	assert_has(text, "\"result\":\"DENIED\",\"fault\":\"denied-reclaim\"}\n");
}

static void a_crash_of_the_dead_is_no_fault(void **state)
{
	int *fds = *state;
	void *handle = trace(fds[1]), *fault_handle = fault("crash");

	spm_fake_set_dead(true);
	fake_service(FAKE_FIRST, 0x101);
	world_fault_clear(fault_handle);
	world_trace_stop(handle);
	read_all(fds[0]);
	assert_null(strstr(text, "crash"));
}

static void a_full_reader_stalls_nobody_and_learns_what_it_missed(void **state)
{
	unsigned int lines, seen;
	int *fds = *state;
	void *handle = trace(fds[1]);
	const char *gap;

	for (int i = 0; i < 1000; i++)
		fake_service(FAKE_FIRST, 0x101);
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	lines = check_lines(read_all(fds[0]));
	assert_in_range(lines, 100, 999);
	fake_service(FAKE_FIRST, 0x102);
	world_trace_stop(handle);

	assert_int_equal(check_lines(read_all(fds[0])), 3);
	gap = strstr(text, "{\"dropped\":");
	assert_ptr_equal(gap, text);
	assert_int_equal(sscanf(gap, "{\"dropped\":%u}", &seen), 1);
	assert_int_equal(lines + seen, 1000);
	snprintf(error, sizeof(error), "{\"end\":true,\"lines\":%u,\"dropped\":%u}\n", lines + 1,
		 seen);
	assert_has(text, error);
}

static void a_reader_that_left_stalls_nobody(void **state)
{
	int *fds = *state, other[2];
	void *handle = trace(fds[1]), *second;

	assert_int_equal(pipe(other), 0);
	second = trace(other[1]);
	close(other[0]);
	for (int i = 0; i < 10; i++)
		fake_service(FAKE_FIRST, 0x101);
	world_trace_stop(second);
	close(other[1]);
	world_trace_stop(handle);
	assert_int_equal(check_lines(read_all(fds[0])), 11);
}

static void a_stream_socket_gets_whole_lines(void **state)
{
	int fds[2], size = 1;
	void *handle;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	handle = trace(fds[1]);
	for (int i = 0; i < 500; i++)
		fake_service(FAKE_FIRST, 0x101);
	assert_in_range(check_lines(read_all(fds[0])), 1, 499);
	fake_service(FAKE_FIRST, 0x101);
	world_trace_stop(handle);
	close(fds[1]);
	assert_int_equal(check_lines(read_all(fds[0])), 3);
	close(fds[0]);
}

static void *call_on(void *arg)
{
	for (int i = 0; i < 500; i++)
		fake_service(FAKE_FIRST, 0x101);
	return arg;
}

static void a_file_gets_all_lines_of_several_threads(void **state)
{
	char path[] = "/tmp/test_trace_XXXXXX";
	int fd = mkstemp(path);
	pthread_t threads[4];
	void *handle;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	handle = trace(fd);
	for (size_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, call_on, NULL);
	for (int i = 0; i < 50; i++) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		world_trace_stop(trace(null));
		close(null);
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	world_trace_stop(handle);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(check_lines(read_all(fd)), 2001);
	close(fd);
}

static void what_cannot_be_written_to_is_refused(void **state)
{
	void *handle = NULL;
	int *fds = *state;

	assert_int_equal(world_trace_start(-1, "", error, sizeof(error), &handle), -EBADF);
	assert_int_equal(world_trace_start(fds[0], "", error, sizeof(error), &handle), -EBADF);
	assert_has(error, "without waiting");
	assert_int_equal(world_trace_start(fds[1], "x", error, sizeof(error), &handle), -EINVAL);
	assert_has(error, "there are none");
	assert_null(handle);
	world_trace_stop(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_service_call_is_told_in_one_line),
		TEST(management_calls_are_told_by_name),
		TEST(memory_calls_and_errors_are_told),
		TEST(calls_of_partitions_and_unknown_ones_are_told),
		TEST(calls_that_faults_struck_are_told_once_as_the_normal_world_saw_them),
		TEST(a_crash_of_the_dead_is_no_fault),
		TEST(a_full_reader_stalls_nobody_and_learns_what_it_missed),
		TEST(a_reader_that_left_stalls_nobody),
		TEST(a_stream_socket_gets_whole_lines),
		TEST(a_file_gets_all_lines_of_several_threads),
		TEST(what_cannot_be_written_to_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
