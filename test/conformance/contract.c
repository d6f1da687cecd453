// SPDX-License-Identifier: BSD-3-Clause
/*
 * The contract of VERSION, OPEN_SESSION, INVOKE and CLOSE_SESSION, bad input included
 * (docs/ts-tee.md, "The ioctls").
 */
#include "fixture.h"
#include "suites.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <tstee/secure_storage.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>

static const uint8_t unknown_uuid[TEE_IOCTL_UUID_LEN] = { 0x0b, 0xad };

/* An empty call without a buffer: the result of the ioctl. */
static int null_call(int fd, uint32_t session)
{
	uint64_t len;
	int32_t status;

	return tee_invoke(fd, session, TEST_NULL, 0, 0, &len, &status);
}

static void version_names_the_endpoint(void)
{
	struct tee_device its, test, victim;

	CHECK_EQUAL(tee_find(its_uuid, &its), 0);
	CHECK_EQUAL(tee_find(test_uuid, &test), 0);
	CHECK_EQUAL(tee_find(victim_uuid, &victim), 0);
	CHECK(its.endpoint_id > 0x8000);
	CHECK(its.endpoint_id != test.endpoint_id);
	CHECK(its.endpoint_id != victim.endpoint_id);
	CHECK(test.endpoint_id != victim.endpoint_id);
}

static void version_tells_that_memory_can_be_registered(void)
{
	struct tee_device device;

	CHECK_EQUAL(tee_find(test_uuid, &device), 0);
	CHECK_EQUAL(device.gen_caps, kernel_can_register() ? TEE_GEN_CAP_REG_MEM : 0);
}

static void unknown_service_is_enodev(void)
{
	struct tee_client client = connect_to_test(0);
	uint32_t session;

	CHECK_EQUAL(tee_session_open(client.fd, unknown_uuid, &tee_login_public, &session),
		    -ENODEV);
	/* A service of another partition is as unknown here. */
	CHECK_EQUAL(tee_session_open(client.fd, its_uuid, &tee_login_public, &session), -ENODEV);
}

static void two_services_of_one_partition_are_two_sessions(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_client other = client;

	CHECK_EQUAL(tee_session_open(client.fd, inverting_uuid, &tee_login_public, &other.session),
		    0);
	CHECK(other.session != client.session);

	CHECK_EQUAL(must_call(&client, TEST_ECHO, "\x0f\xf0", 2), 2);
	CHECK(!memcmp(client.buffer.data, "\x0f\xf0", 2));
	CHECK_EQUAL(must_call(&other, TEST_ECHO, "\x0f\xf0", 2), 2);
	CHECK(!memcmp(client.buffer.data, "\xf0\x0f", 2));
	/* What only the first one can: the sessions are not mixed up. */
	CHECK_EQUAL(null_call(client.fd, other.session), 0);
	CHECK_EQUAL(tee_session_close(client.fd, other.session), 0);
	CHECK_EQUAL(null_call(client.fd, client.session), 0);
}

static void echo_is_byte_exact_at_every_length_up_to_64_kib(void)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 9, 4095, 4096, 4097, 8192, 65535, 65536 };
	static uint8_t pattern[65536];
	struct tee_client client = connect_to_test(sizeof(pattern));

	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 31 + (i >> 8));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		CHECK_EQUAL(must_call(&client, TEST_ECHO, pattern, lengths[i]), lengths[i]);
		CHECK(!memcmp(client.buffer.data, pattern, lengths[i]));
	}
}

static void service_status_is_no_error_of_the_call(void)
{
	static const int32_t wanted[] = { 0, 1, -1, -132, INT32_MIN, INT32_MAX };
	struct tee_client client = connect_to_test(4096);
	struct tee_ioctl_param param;
	struct tee_ioctl_invoke_arg arg;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		memcpy(client.buffer.data, &wanted[i], sizeof(wanted[i]));
		arg = (struct tee_ioctl_invoke_arg){ .func = TEST_SERVICE_STATUS,
						     .session = client.session,
						     .num_params = 1 };
		param = (struct tee_ioctl_param){ .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT,
						  .a = (uint64_t)client.buffer.id,
						  .b = sizeof(wanted[i]) };
		CHECK_EQUAL(tee_invoke_raw(client.fd, &arg, &param), 0);
		CHECK_EQUAL((int32_t)arg.ret, wanted[i]);
		CHECK_EQUAL(arg.ret_origin, 4);
		CHECK_EQUAL(param.a, 0);
	}
}

static void call_without_a_buffer_has_no_response(void)
{
	struct tee_client client = connect_to_test(0);
	uint64_t len = 99;
	int32_t status = 99;

	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, 0, 0, &len, &status), 0);
	CHECK_EQUAL(len, 0);
	CHECK_EQUAL(status, 0);
}

static void request_length_is_bounded_by_the_buffer(void)
{
	struct tee_client client = connect_to_test(4096);
	uint64_t len;
	int32_t status;
	uint64_t id = (uint64_t)client.buffer.id;
	uint64_t room = client.buffer.len;

	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, id, room, &len, &status), 0);
	CHECK_EQUAL(len, room);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, id, room + 1, &len, &status),
		    -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, id, UINT32_MAX, &len, &status),
		    -EINVAL);
	/* Nothing to hold a request. */
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, 0, 1, &len, &status), -EINVAL);
}

static void unknown_opcode_is_eopnotsupp(void)
{
	struct tee_client client = connect_to_test(4096);
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(tee_invoke(client.fd, client.session, 0x7fff, (uint64_t)client.buffer.id, 0,
			       &len, &status),
		    -EOPNOTSUPP);
}

static void too_short_a_request_is_ebadmsg(void)
{
	struct tee_client client = connect_to_test(4096);
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(tee_call(&client, TEST_SPIN, "\0\0\0", 3, &len, &status), -EBADMSG);
}

static void wrong_echo_of_a_partition_is_eproto(void)
{
	struct tee_client client = connect_to_test(4096);
	uint64_t len;
	int32_t status;

	must_call(&client, TEST_WRONG_ECHO, NULL, 0);
	CHECK_EQUAL(tee_call(&client, TEST_NULL, NULL, 0, &len, &status), -EPROTO);
	must_call(&client, TEST_NULL, NULL, 0);
}

static void closed_and_foreign_sessions_are_einval(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_client other = connect_to_test(0);
	uint32_t second;

	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &second), 0);
	/* The other context has no session of this ID. */
	CHECK_EQUAL(null_call(client.fd, second), 0);
	CHECK_EQUAL(null_call(other.fd, second), -EINVAL);
	CHECK_EQUAL(tee_session_close(other.fd, second), -EINVAL);

	CHECK_EQUAL(tee_session_close(client.fd, second), 0);
	CHECK_EQUAL(null_call(client.fd, second), -EINVAL);
	CHECK_EQUAL(tee_session_close(client.fd, second), -EINVAL);
	CHECK_EQUAL(null_call(client.fd, 0), -EINVAL);
	CHECK_EQUAL(null_call(client.fd, UINT32_MAX), -EINVAL);
	CHECK_EQUAL(null_call(client.fd, client.session), 0);
}

static void foreign_and_freed_buffers_are_einval(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_client other = connect_to_test(0);
	uint64_t id = (uint64_t)client.buffer.id;
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, id, 1, &len, &status), 0);
	CHECK_EQUAL(tee_invoke(other.fd, other.session, TEST_ECHO, id, 1, &len, &status), -EINVAL);
	tee_buffer_free(&client.buffer);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, id, 1, &len, &status),
		    -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, 12345, 1, &len, &status),
		    -EINVAL);
}

static void closed_and_wrong_descriptors_are_errors(void)
{
	struct tee_client client = connect_to_test(0);
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	CHECK(null_fd >= 0);
	CHECK_EQUAL(null_call(null_fd, client.session), -ENOTTY);
	close(client.fd);
	CHECK_EQUAL(null_call(client.fd, client.session), -EBADF);
}

static void argument_of_the_wrong_size_is_einval(void)
{
	static const unsigned long requests[] = { TEE_IOC_OPEN_SESSION, TEE_IOC_INVOKE };
	static const uint64_t lengths[] = {
		0, 1, 23, 25, 55, 57, 88, 1025, UINT32_MAX, UINT64_MAX
	};
	struct tee_client client = connect_to_test(0);
	struct tee_ioctl_invoke_arg *invoke;
	_Alignas(8) uint8_t bytes[2048];

	for (size_t r = 0; r < 2; r++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			struct tee_ioctl_buf_data buf = { (uintptr_t)bytes, lengths[i] };

			memset(bytes, 0, sizeof(bytes));
			if (requests[r] == TEE_IOC_INVOKE) {
				invoke = (struct tee_ioctl_invoke_arg *)bytes;
				invoke->func = TEST_NULL;
				invoke->session = client.session;
				invoke->num_params = 1;
			} else {
				memcpy(bytes, test_uuid, sizeof(test_uuid));
				/* 56 is right without parameters only. */
				bytes[52] = 1;
			}
			if (lengths[i] == 88 && requests[r] == TEE_IOC_OPEN_SESSION)
				continue;
			CHECK(ioctl(client.fd, requests[r], &buf) == -1);
			CHECK_EQUAL(errno, EINVAL);
		}
	}
}

static void absurd_parameter_counts_are_einval(void)
{
	static const uint32_t counts[] = { 2, 31, 0x08000000, UINT32_MAX };
	struct tee_client client = connect_to_test(0);

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct {
			struct tee_ioctl_invoke_arg arg;
			struct tee_ioctl_param param;
		} call = { .arg = { .func = TEST_NULL,
				    .session = client.session,
				    .num_params = counts[i] } };
		struct tee_ioctl_buf_data buf = { (uintptr_t)&call, sizeof(call) };

		CHECK(ioctl(client.fd, TEE_IOC_INVOKE, &buf) == -1);
		CHECK_EQUAL(errno, EINVAL);
	}
}

static void unreadable_argument_is_efault(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_ioctl_buf_data buf = { 8, 56 };

	CHECK(ioctl(client.fd, TEE_IOC_INVOKE, &buf) == -1);
	CHECK_EQUAL(errno, EFAULT);
	CHECK(ioctl(client.fd, TEE_IOC_INVOKE, (void *)8) == -1);
	CHECK_EQUAL(errno, EFAULT);
}

static void what_is_not_offered_is_einval(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_ioctl_cancel_arg cancel = { .session = client.session };

	CHECK(ioctl(client.fd, TEE_IOC_CANCEL, &cancel) == -1);
	CHECK_EQUAL(errno, EINVAL);
	CHECK(ioctl(client.fd, _IO(TEE_IOC_MAGIC, 0x3f)) == -1);
	CHECK_EQUAL(errno, EINVAL);
}

static void rejected_calls_do_not_reach_the_partition(void)
{
	struct tee_client client = connect_to_test(4096);
	unsigned long long before = read_counter(&client.device, "calls");
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(null_call(client.fd, UINT32_MAX), -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_NULL, (uint64_t)client.buffer.id,
			       client.buffer.len + 1, &len, &status),
		    -EINVAL);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, 0x10100, 0, 0, &len, &status), -EINVAL);
	CHECK_EQUAL(read_counter(&client.device, "calls"), before);
	must_call(&client, TEST_NULL, NULL, 0);
	CHECK_EQUAL(read_counter(&client.device, "calls"), before + 1);
}

static void sessions_of_a_context_are_bounded_and_distinct(void)
{
	struct tee_client client = connect_to_test(0);
	uint32_t session, count = 1;
	int rc;

	while (!(rc = tee_session_open(client.fd, test_uuid, &tee_login_public, &session))) {
		CHECK(session == count + 1);
		CHECK(++count <= 100000);
	}
	CHECK_EQUAL(rc, -EMFILE);
	CHECK_EQUAL(count, 4096);
	CHECK_EQUAL(null_call(client.fd, session), 0);
	/* Another context is not concerned, and a closed one makes room. */
	connect_to_test(0);
	CHECK_EQUAL(tee_session_close(client.fd, 17), 0);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &session), 0);
	CHECK_EQUAL(session, 17);
}

const struct test contract_tests[] = {
	TEST(version_names_the_endpoint),
	TEST(version_tells_that_memory_can_be_registered),
	TEST(unknown_service_is_enodev),
	TEST(two_services_of_one_partition_are_two_sessions),
	TEST(echo_is_byte_exact_at_every_length_up_to_64_kib),
	TEST(service_status_is_no_error_of_the_call),
	TEST(call_without_a_buffer_has_no_response),
	TEST(request_length_is_bounded_by_the_buffer),
	TEST(unknown_opcode_is_eopnotsupp),
	TEST(too_short_a_request_is_ebadmsg),
	TEST(wrong_echo_of_a_partition_is_eproto),
	TEST(closed_and_foreign_sessions_are_einval),
	TEST(foreign_and_freed_buffers_are_einval),
	TEST(closed_and_wrong_descriptors_are_errors),
	TEST(argument_of_the_wrong_size_is_einval),
	TEST(absurd_parameter_counts_are_einval),
	TEST(unreadable_argument_is_efault),
	TEST(what_is_not_offered_is_einval),
	TEST(rejected_calls_do_not_reach_the_partition),
	TEST(sessions_of_a_context_are_bounded_and_distinct, .limit_s = 60),
	{},
};
