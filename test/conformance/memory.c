// SPDX-License-Identifier: BSD-3-Clause
/*
 * Shared buffers, allocated and registered: sizes, limits, lifetimes, and that a page which
 * a partition may still map is never anybody else's.
 */
#include "fixture.h"
#include "suites.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the machine half of what there is, less what is kept for partitions. */
#define BUFFERS_PROMISED 20
#define BUFFERS_TRIED	 1024

static void sizes_are_rounded_up_to_pages(void)
{
	const size_t page = tee_page_len();
	const struct {
		size_t asked, given;
	} sizes[] = { { 1, page }, { page, page }, { page + 1, 2 * page }, { 1048576, 1048576 } };
	struct tee_client client = connect_to_test(0);
	struct tee_buffer buffer;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CHECK_EQUAL(tee_buffer_alloc(client.fd, sizes[i].asked, &buffer), 0);
		CHECK(buffer.id >= 1);
		CHECK_EQUAL(buffer.len, sizes[i].given);
		tee_buffer_free(&buffer);
	}
}

static void fresh_buffers_are_zero(void)
{
	struct tee_client client = connect_to_test(0);
	struct tee_buffer buffer;

	for (int round = 0; round < 3; round++) {
		CHECK_EQUAL(tee_buffer_alloc(client.fd, 65536, &buffer), 0);
		for (size_t i = 0; i < buffer.len; i++)
			CHECK(!buffer.data[i]);
		memset(buffer.data, 0xff, buffer.len);
		tee_buffer_free(&buffer);
	}
}

static void bad_sizes_and_flags_are_refused(void)
{
	static const uint64_t sizes[] = { 0, UINT64_MAX, UINT64_MAX - 4095, 1ull << 62,
					  1ull << 40 };
	struct tee_client client = connect_to_test(0);
	struct tee_ioctl_shm_alloc_data arg = { .size = 4096, .flags = 1 };

	CHECK(ioctl(client.fd, TEE_IOC_SHM_ALLOC, &arg) == -1);
	CHECK_EQUAL(errno, EINVAL);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		arg = (struct tee_ioctl_shm_alloc_data){ .size = sizes[i] };
		CHECK(ioctl(client.fd, TEE_IOC_SHM_ALLOC, &arg) == -1);
		CHECK(errno == EINVAL || errno == ENOMEM);
	}
}

static void one_client_gets_its_share_of_the_buffers_then_is_told_why_not(void)
{
	static struct tee_buffer buffers[BUFFERS_TRIED];
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	unsigned int count = 0;
	int rc = 0;

	while (count < BUFFERS_TRIED && !rc) {
		rc = tee_buffer_alloc(client.fd, 4096, &buffers[count]);
		count += !rc;
	}
	if (count + 1 < BUFFERS_PROMISED)
		FAIL("after %u buffers: %s", count + 1, strerror(-rc));
	CHECK_EQUAL(rc, -EDQUOT);
	CHECK_EQUAL(count_buffers(&client).mapped, before + count);
	while (count)
		tee_buffer_free(&buffers[--count]);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffers[0]), 0);
}

static void buffer_lives_as_long_as_its_mapping(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct tee_buffer buffer;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), 0);
	close(buffer.fd);
	CHECK_EQUAL(count_buffers(&client).mapped, before + 1);
	memset(buffer.data, 1, buffer.len);
	munmap(buffer.data, buffer.len);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
}

static void hold_buffer(void *arg)
{
	struct tee_buffer *buffer = arg;

	memset(buffer->data, 1, buffer->len);
	for (;;)
		pause();
}

static void buffer_outlives_its_process_in_a_child(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct tee_buffer buffer;
	pid_t child;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 4096, &buffer), 0);
	child = spawn(hold_buffer, &buffer);
	tee_buffer_free(&buffer);
	CHECK_EQUAL(count_buffers(&client).mapped, before + 1);
	kill(child, SIGKILL);
	CHECK_EQUAL(waitpid(child, NULL, 0), child);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
}

static void registered_memory_is_shared_with_the_partition(void)
{
	size_t len = 64 * 4096;
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct tee_buffer buffer;
	uint8_t *data;
	uint64_t got;
	int32_t status;

	data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(data != MAP_FAILED);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i >> 12 ^ i);
	if (registration_is_refused(&client, data, len))
		return;
	CHECK_EQUAL(tee_buffer_register(client.fd, data, len, &buffer), 0);
	CHECK_EQUAL(count_buffers(&client).mapped, before + 1);
	CHECK_EQUAL(tee_session_close(client.fd, client.session), 0);
	CHECK_EQUAL(tee_session_open(client.fd, inverting_uuid, &tee_login_public, &client.session),
		    0);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, TEST_ECHO, (uint64_t)buffer.id, 65536,
			       &got, &status),
		    0);
	CHECK_EQUAL(got, 65536);
	for (size_t i = 0; i < len; i++)
		CHECK(data[i] == (uint8_t)((i >> 12 ^ i) ^ (i < 65536 ? 0xff : 0)));
	tee_buffer_free(&buffer);
	tee_disconnect(&client);

	client = connect_to_test(4096);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
	CHECK_EQUAL(data[0], 0xff);
}

static void registration_takes_whole_writable_pages_only(void)
{
	struct tee_client client = connect_to_test(0);
	const size_t page = tee_page_len();
	struct tee_ioctl_shm_register_data arg;
	struct tee_buffer buffer;
	uint8_t *data, *readable;

	data = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readable = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(data != MAP_FAILED && readable != MAP_FAILED);
	if (registration_is_refused(&client, data, 0))
		return;
	CHECK_EQUAL(tee_buffer_register(client.fd, data + 8, page, &buffer), -EINVAL);
	CHECK_EQUAL(tee_buffer_register(client.fd, data, page - 1, &buffer), -EINVAL);
	CHECK(tee_buffer_register(client.fd, data, 0, &buffer) < 0);
	CHECK(tee_buffer_register(client.fd, readable, page, &buffer) < 0);
	munmap(data + page, page);
	CHECK(tee_buffer_register(client.fd, data, 3 * page, &buffer) < 0);
	CHECK(tee_buffer_register(client.fd, data, (size_t)1 << 62, &buffer) < 0);
	CHECK(tee_buffer_register(client.fd, (void *)-page, 2 * page, &buffer) < 0);

	arg = (struct tee_ioctl_shm_register_data){ (uintptr_t)data, page, .flags = 1 };
	CHECK(ioctl(client.fd, TEE_IOC_SHM_REGISTER, &arg) == -1);
	CHECK_EQUAL(errno, EINVAL);
	CHECK_EQUAL(tee_buffer_register(client.fd, data, page, &buffer), 0);
}

static void refused_relinquish_is_tried_again(void)
{
	struct tee_client client = connect_to_test(4096);
	uint32_t before = count_buffers(&client).mapped;
	struct tee_buffer buffer;

	CHECK_EQUAL(tee_buffer_alloc(client.fd, 8192, &buffer), 0);
	arm(&client, TEST_REFUSE_RELINQUISH, UINT32_MAX);
	tee_buffer_free(&buffer);
	CHECK_EQUAL(count_buffers(&client).mapped, before + 1);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), pages_of(8192));
	arm(&client, TEST_REFUSE_RELINQUISH, 0);
	reset_test_partition(&client);
	CHECK_EQUAL(count_buffers(&client).mapped, before);
}

static void registered_page_that_stays_mapped_is_quarantined(void)
{
	struct tee_client client = connect_to_test(4096);
	struct test_scribble scribble = { .pattern = "scribbled over!", .stray_only = 1 };
	struct tee_buffer buffer;
	struct canary canary;
	void *data;

	data = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(data != MAP_FAILED);
	if (registration_is_refused(&client, data, 65536))
		return;
	CHECK_EQUAL(tee_buffer_register(client.fd, data, 65536, &buffer), 0);
	arm(&client, TEST_KEEP_MAPPED, 1);
	tee_buffer_free(&buffer);
	munmap(data, 65536);
	CHECK_EQUAL(count_buffers(&client).stray, 1);

	canary = canary_make();
	must_call(&client, TEST_SCRIBBLE, &scribble, sizeof(scribble));
	canary_check(&canary);
	CHECK_EQUAL(read_counter(&client.device, "quarantined_pages"), pages_of(65536));
	munmap(canary.data, canary.len);
	reset_test_partition(&client);
	CHECK_EQUAL(count_buffers(&client).stray, 0);
}

const struct test memory_tests[] = {
	TEST(sizes_are_rounded_up_to_pages),
	TEST(fresh_buffers_are_zero),
	TEST(bad_sizes_and_flags_are_refused),
	TEST(one_client_gets_its_share_of_the_buffers_then_is_told_why_not, .limit_s = 60),
	TEST(buffer_lives_as_long_as_its_mapping),
	TEST(buffer_outlives_its_process_in_a_child),
	TEST(registered_memory_is_shared_with_the_partition),
	TEST(registration_takes_whole_writable_pages_only),
	TEST(refused_relinquish_is_tried_again, .limit_s = 40),
	TEST(registered_page_that_stays_mapped_is_quarantined, .limit_s = 60),
	{},
};
