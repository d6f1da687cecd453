// SPDX-License-Identifier: BSD-3-Clause
/* The event log of a software world. */
#include "cmocka_all.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <world/spm/measure.h>

/* SHA-256 of "abc" (FIPS 180-4, example). */
static const uint8_t abc_digest[32] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

static int setup(void **state)
{
	char *path = strdup("/tmp/tstee-measure-XXXXXX");
	int fd = mkstemp(path);

	*state = path;
	if (fd < 0 || write(fd, "abc", 3) != 3)
		return -1;
	return close(fd);
}

static int teardown(void **state)
{
	unlink(*state);
	free(*state);
	return 0;
}

static void a_log_is_laid_out_as_the_specification_says(void **state)
{
	/* Up to the digest of the first event, all bytes are known. */
	static const uint8_t front[] =
		"\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x21\0\0\0"
		"Spec ID Event03\0\0\0\0\0\0\2\2\2\1\0\0\0\x0b\0\x20\0\0"
		"\0\0\0\0\1\0\0\0\1\0\0\0\x0b";
	const size_t event = sizeof(front); /* with the digest's upper byte of the algorithm */
	struct measure_log *log = measure_open();
	uint8_t bytes[256];
	size_t len;
	int fd;

	assert_non_null(log);
	assert_int_equal(measure_file(log, *state, "its"), 0);
	fd = measure_file_descriptor(log, &len);
	assert_true(fd >= 0);
	assert_int_equal(len, event + 32 + 4 + 4);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), len);
	assert_memory_equal(bytes, front, sizeof(front));
	assert_memory_equal(bytes + event, abc_digest, 32);
	assert_memory_equal(bytes + event + 32, "\4\0\0\0its", 8);
	close(fd);
	measure_close(log);
}

static void nobody_can_write_to_a_log(void **state)
{
	struct measure_log *log = measure_open();
	size_t len;
	int fd;

	(void)state;
	fd = measure_file_descriptor(log, &len);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_ptr_equal(mmap(NULL, len, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
	measure_close(log);
}

static void what_can_not_be_measured_is_an_error(void **state)
{
	struct measure_log *log = measure_open();
	int err = 0;

	assert_int_equal(measure_file(log, "/nonexistent", "x"), -ENOENT);
	assert_int_equal(measure_file(log, "/", "x"), -EISDIR);
	for (unsigned int i = 0; i < 1000 && !err; i++)
		err = measure_file(log, *state, "a name that takes some room");
	assert_int_equal(err, -ENOSPC);
	measure_close(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_log_is_laid_out_as_the_specification_says, setup,
						teardown),
		cmocka_unit_test(nobody_can_write_to_a_log),
		cmocka_unit_test_setup_teardown(what_can_not_be_measured_is_an_error, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
