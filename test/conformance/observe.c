// SPDX-License-Identifier: BSD-3-Clause
/*
 * What can be seen of the driver from outside: sysfs and tracepoints (docs/ts-tee.md, "What
 * can be observed").
 */
#include "fixture.h"
#include "suites.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing"

static void attributes_tell_the_truth(void)
{
	struct tee_client client = connect_to_test(4096);
	unsigned long long calls;
	char text[64];

	CHECK_EQUAL(read_counter(&client.device, "endpoint_id"), client.device.endpoint_id);
	CHECK_EQUAL(read_counter(&client.device, "rpc_version"), 1);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), 0);
	read_counter(&client.device, "busy_retries");
	read_attribute(&client.device, "state", text, sizeof(text));
	CHECK(!strcmp(text, "running"));

	calls = read_counter(&client.device, "calls");
	for (int i = 0; i < 5; i++)
		must_call(&client, TEST_NULL, NULL, 0);
	CHECK_EQUAL(read_counter(&client.device, "calls"), calls + 5);
}

static void trace_control(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s", name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		FAIL("%s: %s", path, strerror(errno));
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void tracepoints_frame_a_call_without_its_payload(void)
{
	static const char secret[] = "do-not-trace-me";
	struct tee_client client = connect_to_test(4096);
	char endpoint[32], line[1024];
	unsigned int begins = 0, ends = 0;
	FILE *trace;

	needs_machine();
	/* Mounted already on most systems. */
	if (access(TRACING "/trace", F_OK))
		CHECK(mount("tracefs", TRACING, "tracefs", 0, NULL) == 0);
	trace_control("trace", "");
	trace_control("events/tstee/enable", "1");
	must_call(&client, TEST_ECHO, secret, sizeof(secret));
	trace_control("events/tstee/enable", "0");
	must_call(&client, TEST_ECHO, secret, sizeof(secret));

	snprintf(endpoint, sizeof(endpoint), "endpoint=0x%04x", client.device.endpoint_id);
	trace = fopen(TRACING "/trace", "re");
	CHECK(trace);
	while (fgets(line, sizeof(line), trace)) {
		CHECK(!strstr(line, secret));
		if (!strstr(line, endpoint) || !strstr(line, "opcode=0x0101"))
			continue;
		begins += strstr(line, "tstee_call_begin:") && strstr(line, "request_len=16");
		ends += strstr(line, "tstee_call_end:") && strstr(line, "response_len=16") &&
			strstr(line, "error=0");
	}
	fclose(trace);
	CHECK_EQUAL(begins, 1);
	CHECK_EQUAL(ends, 1);
}

static void payload_is_never_logged(void)
{
	static const char secret[] = "do-not-log-me";
	struct tee_client client = connect_to_test(4096);
	int log = kernel_log_open();
	uint64_t len;
	int32_t status;

	must_call(&client, TEST_ECHO, secret, sizeof(secret));
	CHECK(tee_call(&client, 0x7fff, secret, sizeof(secret), &len, &status) < 0);
	CHECK_EQUAL(kernel_log_count(log, secret), 0);
}

const struct test observe_tests[] = {
	TEST(attributes_tell_the_truth),
	TEST(tracepoints_frame_a_call_without_its_payload),
	TEST(payload_is_never_logged),
	{},
};
