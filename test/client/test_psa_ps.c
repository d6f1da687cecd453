// SPDX-License-Identifier: BSD-3-Clause
/* The PSA protected storage API, over the storage partition itself, in a software world. */
#include "test.h"

#include <psa/internal_trusted_storage.h>
#include <psa/protected_storage.h>
#include <string.h>
#include <tstee_storage.h>

static void object_comes_back_as_it_was_set(void **state)
{
	struct psa_storage_info_t info;
	uint8_t out[16] = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(psa_ps_set(5, 6, "secret", PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
	assert_int_equal(psa_ps_get(5, 2, sizeof(out), out, &len), PSA_SUCCESS);
	assert_int_equal(len, 4);
	assert_memory_equal(out, "cret", 4);
	assert_int_equal(psa_ps_get_info(5, &info), PSA_SUCCESS);
	assert_int_equal(info.size, 6);
	assert_int_equal(info.capacity, 6);
	assert_int_equal(info.flags, 0);
	assert_int_equal(psa_its_get_info(5, &info), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(psa_ps_remove(5), PSA_SUCCESS);
	assert_int_equal(psa_ps_get(5, 0, sizeof(out), out, &len), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(len, 0);
}

static void largest_object_passes_and_one_byte_more_does_not(void **state)
{
	static uint8_t data[TSTEE_STORAGE_OBJECT_MAX + 1], out[sizeof(data)];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	assert_int_equal(psa_ps_set(9, sizeof(data) - 1, data, 0), PSA_SUCCESS);
	assert_int_equal(psa_ps_set(9, sizeof(data), data, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(psa_ps_get(9, 0, sizeof(out), out, &len), PSA_SUCCESS);
	assert_int_equal(len, sizeof(data) - 1);
	assert_memory_equal(out, data, len);
	assert_int_equal(psa_ps_remove(9), PSA_SUCCESS);
}

static void created_object_is_filled_within_its_capacity(void **state)
{
	struct psa_storage_info_t info;
	uint8_t out[16];
	size_t len;

	(void)state;
	assert_int_equal(psa_ps_get_support(), PSA_STORAGE_SUPPORT_SET_EXTENDED);
	assert_int_equal(psa_ps_create(7, 10, 0), PSA_SUCCESS);
	assert_int_equal(psa_ps_create(7, 10, 0), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(psa_ps_create(8, 10, PSA_STORAGE_FLAG_WRITE_ONCE),
			 PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(psa_ps_create(8, TSTEE_STORAGE_OBJECT_MAX + 1, 0),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(psa_ps_set_extended(7, 0, 6, "abcdef"), PSA_SUCCESS);
	assert_int_equal(psa_ps_set_extended(7, 4, 6, "ghijkl"), PSA_SUCCESS);
	assert_int_equal(psa_ps_set_extended(7, 5, 6, "abcdef"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set_extended(7, 0, SIZE_MAX, "abcdef"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set_extended(7, 10, 0, NULL), PSA_SUCCESS);
	assert_int_equal(psa_ps_set_extended(8, 0, 1, "a"), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(psa_ps_get(7, 0, sizeof(out), out, &len), PSA_SUCCESS);
	assert_int_equal(len, 10);
	assert_memory_equal(out, "abcdghijkl", 10);
	assert_int_equal(psa_ps_get_info(7, &info), PSA_SUCCESS);
	assert_int_equal(info.size, 10);
	assert_int_equal(info.capacity, 10);
	assert_int_equal(psa_ps_remove(7), PSA_SUCCESS);
}

static void forbidden_arguments_are_refused(void **state)
{
	struct psa_storage_info_t info;
	uint8_t out[4];
	size_t len = 7;

	(void)state;
	assert_int_equal(psa_ps_set(0, 1, "x", 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set(1, 1, NULL, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set(1, 1, "x", 8), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(psa_ps_get(0, 0, 4, out, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(len, 0);
	assert_int_equal(psa_ps_get(1, 0, 4, NULL, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_get(1, 0, 4, out, NULL), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_get_info(0, &info), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_get_info(1, NULL), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_remove(0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_create(0, 1, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set_extended(0, 0, 1, "x"), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_ps_set_extended(1, 0, 1, NULL), PSA_ERROR_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(object_comes_back_as_it_was_set),
		cmocka_unit_test(largest_object_passes_and_one_byte_more_does_not),
		cmocka_unit_test(created_object_is_filled_within_its_capacity),
		cmocka_unit_test(forbidden_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
