// SPDX-License-Identifier: BSD-3-Clause
/* The PSA internal trusted storage API, over the imitation of the devices. */
#include "test.h"

#include <errno.h>
#include <psa/internal_trusted_storage.h>
#include <psa_status.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <test/fork.h>
#include <tstee_storage.h>
#include <unistd.h>

#include "fake_tee.h"

static uint8_t big[TSTEE_STORAGE_OBJECT_MAX + 1];

static int reset(void **state)
{
	(void)state;
	unsetenv("TSTEE_LOGIN");
	/* The process keeps its session from test to test: let it look for the device anew. */
	fake_device_replug(1);
	fake_reset();
	return 0;
}

static void object_comes_back_as_it_was_set(void **state)
{
	struct psa_storage_info_t info;
	uint8_t out[16] = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(psa_its_set(5, 6, "secret", PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
	assert_int_equal(psa_its_get(5, 0, sizeof(out), out, &len), PSA_SUCCESS);
	assert_int_equal(len, 6);
	assert_memory_equal(out, "secret", 6);
	assert_int_equal(psa_its_get_info(5, &info), PSA_SUCCESS);
	assert_int_equal(info.size, 6);
	assert_int_equal(info.capacity, 6);
	assert_int_equal(info.flags, 0);
	assert_int_equal(psa_its_remove(5), PSA_SUCCESS);
	assert_int_equal(psa_its_get_info(5, &info), PSA_ERROR_DOES_NOT_EXIST);
	assert_true(fake_buffers_clean());
}

static void get_is_clipped_to_the_caller_s_buffer(void **state)
{
	uint8_t out[4] = { 0xee, 0xee, 0xee, 0xee };
	size_t len;

	(void)state;
	assert_int_equal(psa_its_set(5, 6, "secret", 0), PSA_SUCCESS);
	assert_int_equal(psa_its_get(5, 1, 3, out, &len), PSA_SUCCESS);
	assert_int_equal(len, 3);
	assert_memory_equal(out, "ecr\xee", 4);
	assert_int_equal(psa_its_get(5, 5, 4, out, &len), PSA_SUCCESS);
	assert_int_equal(len, 1);
	assert_int_equal(psa_its_get(5, 6, 4, out, &len), PSA_SUCCESS);
	assert_int_equal(len, 0);
	assert_int_equal(psa_its_get(5, 7, 4, out, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(len, 0);
	assert_int_equal(psa_its_get(5, 0, 0, NULL, &len), PSA_SUCCESS);
	assert_int_equal(len, 0);
}

static void forbidden_arguments_are_refused_without_a_call(void **state)
{
	struct psa_storage_info_t info;
	uint8_t out[4];
	size_t len = 7;

	(void)state;
	assert_int_equal(psa_its_set(0, 1, "x", 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_set(1, 1, NULL, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_get(0, 0, 4, out, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(len, 0);
	assert_int_equal(psa_its_get(1, 0, 4, NULL, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_get(1, 0, 4, out, NULL), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_get_info(0, &info), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_get_info(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_its_remove(0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(fake_counts().invokes, 0);
}

static void empty_object_is_an_object(void **state)
{
	struct psa_storage_info_t info;

	(void)state;
	assert_int_equal(psa_its_set(3, 0, NULL, 0), PSA_SUCCESS);
	assert_int_equal(psa_its_get_info(3, &info), PSA_SUCCESS);
	assert_int_equal(info.size, 0);
}

static void largest_object_passes_and_one_byte_more_does_not(void **state)
{
	static uint8_t out[TSTEE_STORAGE_OBJECT_MAX + 1];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 31 >> 3);
	assert_int_equal(psa_its_set(9, TSTEE_STORAGE_OBJECT_MAX, big, 0), PSA_SUCCESS);
	assert_int_equal(psa_its_get(9, 0, sizeof(out), out, &len), PSA_SUCCESS);
	assert_int_equal(len, TSTEE_STORAGE_OBJECT_MAX);
	assert_memory_equal(out, big, TSTEE_STORAGE_OBJECT_MAX);
	assert_int_equal(psa_its_set(9, TSTEE_STORAGE_OBJECT_MAX + 1, big, 0),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(psa_its_set(9, SIZE_MAX, big, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(psa_its_get(9, 0, SIZE_MAX, out, &len), PSA_SUCCESS);
	assert_int_equal(len, TSTEE_STORAGE_OBJECT_MAX);
}

static void write_once_is_kept_to(void **state)
{
	struct psa_storage_info_t info;

	(void)state;
	assert_int_equal(psa_its_set(8, 1, "a", PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
	assert_int_equal(psa_its_set(8, 1, "b", 0), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(psa_its_remove(8), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(psa_its_get_info(8, &info), PSA_SUCCESS);
	assert_int_equal(info.flags, PSA_STORAGE_FLAG_WRITE_ONCE);
}

static void failures_on_the_way_become_psa_status_codes(void **state)
{
	static const struct {
		int err;
		psa_status_t status;
	} cases[] = {
		{ EIO, PSA_ERROR_COMMUNICATION_FAILURE },
		{ EBUSY, PSA_ERROR_CONNECTION_BUSY },
		{ EREMOTEIO, PSA_ERROR_GENERIC_ERROR },
		{ EINVAL, PSA_ERROR_GENERIC_ERROR },
		{ ENOSPC, PSA_ERROR_INSUFFICIENT_MEMORY },
		{ EPROTO, PSA_ERROR_COMMUNICATION_FAILURE },
		{ ENODEV, PSA_ERROR_CONNECTION_REFUSED },
	};
	uint8_t out[4];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_device[1].invoke_err = cases[i].err;
		assert_int_equal(psa_its_set(1, 1, "x", 0), cases[i].status);
		assert_int_equal(psa_its_get(1, 0, 4, out, &len), cases[i].status);
		assert_int_equal(len, 0);
		assert_int_equal(psa_status_from_error(-cases[i].err), cases[i].status);
	}
}

static void status_of_the_service_passes_unchanged(void **state)
{
	uint8_t out[4];
	size_t len = 9;

	(void)state;
	assert_int_equal(psa_its_set(1, 1, "x", 0), PSA_SUCCESS);
	fake_device[1].status = PSA_ERROR_DATA_CORRUPT;
	assert_int_equal(psa_its_get(1, 0, 4, out, &len), PSA_ERROR_DATA_CORRUPT);
	assert_int_equal(len, 0);
	assert_int_equal(psa_its_set(1, 1, "x", 0), PSA_ERROR_DATA_CORRUPT);
}

static void session_is_opened_late_and_again_after_a_loss(void **state)
{
	(void)state;
	fake_device[1].present = false;
	assert_int_equal(psa_its_set(1, 1, "x", 0), PSA_ERROR_CONNECTION_REFUSED);
	fake_device[1].present = true;
	assert_int_equal(psa_its_set(1, 1, "x", 0), PSA_SUCCESS);
	fake_device_replug(1);
	assert_int_equal(psa_its_set(1, 1, "y", 0), PSA_SUCCESS);
	assert_int_equal(psa_its_remove(1), PSA_SUCCESS);
}

static void child_goes_on_with_storage(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(psa_its_set(1, 1, "x", 0), PSA_SUCCESS);
	pid = fork_alone();
	if (!pid) {
		uint8_t out = 0;
		size_t len;

		_exit(psa_its_get(1, 0, 1, &out, &len) || out != 'x');
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(object_comes_back_as_it_was_set),
		TEST(get_is_clipped_to_the_caller_s_buffer),
		TEST(forbidden_arguments_are_refused_without_a_call),
		TEST(empty_object_is_an_object),
		TEST(largest_object_passes_and_one_byte_more_does_not),
		TEST(write_once_is_kept_to),
		TEST(failures_on_the_way_become_psa_status_codes),
		TEST(status_of_the_service_passes_unchanged),
		TEST(session_is_opened_late_and_again_after_a_loss),
		TEST(child_goes_on_with_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
