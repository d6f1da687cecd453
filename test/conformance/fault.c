// SPDX-License-Identifier: BSD-3-Clause
/*
 * What driver and client do about faults of a software world (docs/world-faults.md). Each test
 * belongs to the fault specification beside it: the world must have been started afresh, with
 * that one in force. Arranging is done by operations that the specification does not strike.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <psa/error.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* busy_timeout_ms of the driver, unless told otherwise. */
#define BUSY_TIMEOUT_MS 5000

static int null_call(struct tee_client *client)
{
	uint64_t len;
	int32_t status;

	return tee_call(client, TEST_NULL, NULL, 0, &len, &status);
}

static int echo_call(struct tee_client *client)
{
	uint64_t len;
	int32_t status;

	return tee_call(client, TEST_ECHO, "echo", 4, &len, &status);
}

static void must_echo(struct tee_client *client)
{
	CHECK_EQUAL(must_call(client, TEST_ECHO, "echo", 4), 4);
	CHECK(!memcmp(client->buffer.data, "echo", 4));
}

static void fault_busy_now_and_then_is_waited_for(void)
{
	struct tee_client client = connect_to_test(4096);
	unsigned long long before = read_counter(&client.device, "busy_retries");

	for (int i = 0; i < 100; i++)
		CHECK_EQUAL(null_call(&client), 0);
	/* Half of them, but for chance. */
	CHECK(read_counter(&client.device, "busy_retries") >= before + 30);
}

static void fault_busy_for_good_is_ebusy_after_the_timeout(void)
{
	struct tee_client client = connect_to_test(4096);
	long long begin = clock_ms();

	CHECK_EQUAL(null_call(&client), -EBUSY);
	CHECK(clock_ms() - begin >= BUSY_TIMEOUT_MS - 500);
	CHECK(clock_ms() - begin < 2 * BUSY_TIMEOUT_MS);
	must_echo(&client);
}

static void fault_crash_is_eio_from_then_on(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_client bystander = connect_to(victim_uuid, 4096);
	long long begin;
	char state[96];
	uint32_t session;

	for (int i = 0; i < 4; i++)
		CHECK_EQUAL(null_call(&client), 0);
	begin = clock_ms();
	CHECK_EQUAL(null_call(&client), -EIO);
	for (int i = 0; i < 10; i++)
		CHECK_EQUAL(echo_call(&client), -EIO);
	CHECK_EQUAL(tee_session_open(client.fd, test_uuid, &tee_login_public, &session), -EIO);
	CHECK(clock_ms() - begin < 500);

	read_attribute(&client.device, "state", state, sizeof(state));
	CHECK(!strncmp(state, "dead: ", 6));
	CHECK_EQUAL(null_call(&bystander), 0);
	must_echo(&bystander);
	begin = clock_ms();
	tee_disconnect(&client);
	CHECK(clock_ms() - begin < 2000);
	must_echo(&bystander);
}

static void fault_crash_of_one_leaves_the_other(void)
{
	struct tee_client bystander = connect_to_test(4096);
	struct tee_client client = connect_to(victim_uuid, 4096);

	/* The first to make that call dies of it. */
	CHECK_EQUAL(null_call(&client), -EIO);
	for (int i = 0; i < 10; i++)
		CHECK_EQUAL(null_call(&bystander), 0);
}

static void wait_for_quarantine_to_empty(const struct tee_client *client)
{
	long long deadline = clock_ms() + 15000;

	while (read_counter(&client->device, "quarantined_pages")) {
		if (clock_ms() > deadline)
			FAIL("pages stay quarantined");
		usleep(50000);
	}
}

/* A buffer whose giving back is disturbed: quarantined, then given back all the same. */
static void quarantine_comes_and_goes(uint32_t left_mapped)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct test_scribble scribble = { .pattern = "scribbled over!" };
	struct tee_buffer buffer;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 8192, &buffer), 0);
	tee_buffer_free(&buffer);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), pages_of(8192));
	CHECK_EQUAL(count_buffers(&client).mapped, before + left_mapped);

	/* What the partition may still write to is nobody's. */
	must_call(&client, TEST_SCRIBBLE, &scribble, sizeof(scribble));
	for (int i = 0; i < 8; i++) {
		CHECK_EQUAL(tee_buffer_alloc(client.fd, 8192, &buffer), 0);
		for (size_t at = 0; at < buffer.len; at++)
			CHECK(!buffer.data[at]);
	}
	must_echo(&client);

	wait_for_quarantine_to_empty(&client);
	CHECK_EQUAL(count_buffers(&client).mapped, before + 8);
}

static void fault_lost_relinquish_is_quarantined_and_recovers(void)
{
	quarantine_comes_and_goes(1);
}

static void fault_refused_relinquish_is_quarantined_and_recovers(void)
{
	quarantine_comes_and_goes(1);
}

static void fault_denied_reclaim_is_quarantined_and_recovers(void)
{
	quarantine_comes_and_goes(0);
}

static void fault_no_memory_is_enomem(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct tee_buffer buffer;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), -ENOMEM);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), 0);
	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), 0);
	must_echo(&client);
}

static void make_slow_call(void *arg)
{
	struct tee_client *client = arg;
	long long begin = clock_ms();

	must_echo(client);
	CHECK(clock_ms() - begin >= 1000);
}

static void fault_slow_call_holds_up_nobody_else(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_client bystander = connect_to(victim_uuid, 4096);
	pid_t child = spawn(make_slow_call, &client);
	long long begin = clock_ms();
	unsigned int calls = 0;

	/* As many as a partition answers meanwhile that nothing slows down. */
	while (clock_ms() - begin < 500) {
		CHECK_EQUAL(null_call(&bystander), 0);
		calls++;
	}
	CHECK_EQUAL(waitpid(child, NULL, WNOHANG), 0);
	CHECK(calls >= 50);
	join(child);
}

/* Strikes the first query of all, whichever partition it is for. */
static void fault_bad_interface_is_eproto(void)
{
	struct tee_client client;
	struct tee_device device;
	uint32_t session;
	int fd = -1;

	for (unsigned int number = 0; number < TEE_DEVICE_MAX && fd < 0; number++)
		fd = tee_open(number, &device);
	CHECK(fd >= 0);
	CHECK_EQUAL(tee_session_open(fd, test_uuid, &tee_login_public, &session), -EPROTO);
	/* Nothing stays of it. */
	client = connect_to_test(4096);
	must_echo(&client);
}

static void fault_long_response_is_emsgsize(void)
{
	struct tee_client client = connect_to_test(4096);

	CHECK_EQUAL(echo_call(&client), -EMSGSIZE);
	CHECK_EQUAL(null_call(&client), 0);
}

static void fault_response_one_byte_too_long_is_emsgsize(void)
{
	struct tee_client client = connect_to_test(4096);
	struct tee_client roomy = connect_to_test(8192);
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(echo_call(&client), -EMSGSIZE);
	CHECK_EQUAL(tee_call(&roomy, TEST_ECHO, NULL, 0, &len, &status), 0);
	CHECK_EQUAL(len, 4097);
}

static void fault_wrong_echo_is_eproto(void)
{
	struct tee_client client = connect_to_test(4096);

	CHECK_EQUAL(null_call(&client), -EPROTO);
	CHECK_EQUAL(null_call(&client), 0);
	must_echo(&client);
}

/* Storage dies of a call of its own; who keeps keys there finds that out. */
static void fault_dead_storage_fails_kept_keys_only(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client storage = connect_to(its_uuid, 4096);
	uint8_t key[PUBLIC_KEY_LEN];
	uint32_t id;
	uint64_t len;
	int32_t status;

	CHECK_EQUAL(make_signing_key(&client, 1), 0);
	CHECK_EQUAL(make_signing_key(&client, 0), 0);
	id = answered_word(&client);
	/* GET_SUPPORT */
	CHECK_EQUAL(tee_call(&storage, 0x106, NULL, 0, &len, &status), -EIO);

	CHECK_EQUAL(make_signing_key(&client, 2), PSA_ERROR_STORAGE_FAILURE);
	CHECK_EQUAL(ask_word(&client, 0x010e, 1), 0);
	CHECK_EQUAL(export_public(&client, 1, key), PSA_ERROR_STORAGE_FAILURE);
	CHECK_EQUAL(ask_word(&client, 0x0102, 1), PSA_ERROR_STORAGE_FAILURE);
	must_sign(&client, id);
	CHECK_EQUAL(make_signing_key(&client, 0), 0);
	must_sign(&client, answered_word(&client));
}

#define FAULT(function, spec)                       \
	{                                           \
		spec, TEST(function, .limit_s = 40) \
	}

/* 0x100 and 0x101 are TEST_NULL and TEST_ECHO. */
const struct fault_test fault_tests[] = {
	FAULT(fault_busy_now_and_then_is_waited_for, "busy:opcode=0x100,p=0.5"),
	FAULT(fault_busy_for_good_is_ebusy_after_the_timeout, "busy:opcode=0x100"),
	FAULT(fault_crash_is_eio_from_then_on, "crash:opcode=0x100,n=5"),
	FAULT(fault_crash_of_one_leaves_the_other, "crash:opcode=0x100"),
	FAULT(fault_lost_relinquish_is_quarantined_and_recovers, "lost-relinquish:count=1"),
	FAULT(fault_refused_relinquish_is_quarantined_and_recovers, "refused-relinquish:count=3"),
	FAULT(fault_denied_reclaim_is_quarantined_and_recovers, "denied-reclaim:count=3"),
	FAULT(fault_no_memory_is_enomem, "no-memory:after=1,count=1"),
	FAULT(fault_slow_call_holds_up_nobody_else, "slow:opcode=0x101,us=1000000"),
	FAULT(fault_bad_interface_is_eproto, "bad-interface:count=1"),
	FAULT(fault_long_response_is_emsgsize, "long-response:opcode=0x101"),
	FAULT(fault_response_one_byte_too_long_is_emsgsize, "long-response:opcode=0x101,len=4097"),
	FAULT(fault_wrong_echo_is_eproto, "wrong-echo:opcode=0x100,count=1"),
	FAULT(fault_dead_storage_fails_kept_keys_only, "crash:endpoint=0x8002,opcode=0x106"),
	{},
};
