// SPDX-License-Identifier: BSD-3-Clause
/* What signals do to the system calls under libtstee: nothing. Each is made to fail at first. */
#include "test.h"

#include <errno.h>
#include <linux/tee.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <tee_sys.h>

static struct {
	int interrupts; /* how many calls fail with EINTR before one has its way */
	int err;	/* that one fails with this errno, unless 0 */
	int calls;
} kernel;

static int answer(int result)
{
	kernel.calls++;
	errno = kernel.calls <= kernel.interrupts ? EINTR : kernel.err;
	return errno ? -1 : result;
}

int __wrap_open64(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
ssize_t __wrap_readlink(const char *path, char *target, size_t size);

int __wrap_open64(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	return answer(33);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return answer(44);
}

ssize_t __wrap_readlink(const char *path, char *target, size_t size)
{
	(void)path;
	(void)size;
	memcpy(target, "../x/tstee", sizeof("../x/tstee") - 1);
	return answer(sizeof("../x/tstee") - 1);
}

static void expect(int interrupts, int err)
{
	kernel.interrupts = interrupts;
	kernel.err = err;
	kernel.calls = 0;
}

static void interrupted_calls_are_made_again(void **state)
{
	static const unsigned long requests[] = { TEE_IOC_VERSION, TEE_IOC_OPEN_SESSION,
						  TEE_IOC_INVOKE, TEE_IOC_SHM_ALLOC };
	char name[16];

	(void)state;
	for (int interrupts = 0; interrupts < 40; interrupts += 13) {
		expect(interrupts, 0);
		assert_int_equal(tee_sys_open("/dev/tee0"), 33);
		assert_int_equal(kernel.calls, interrupts + 1);
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
			expect(interrupts, 0);
			assert_int_equal(tee_sys_ioctl(3, requests[i], NULL), 44);
			assert_int_equal(kernel.calls, interrupts + 1);
		}
		expect(interrupts, 0);
		assert_int_equal(tee_sys_driver(0, name, sizeof(name)), 0);
		assert_string_equal(name, "tstee");
	}
}

static void other_failures_are_told_once(void **state)
{
	(void)state;
	expect(2, EBUSY);
	assert_int_equal(tee_sys_ioctl(3, TEE_IOC_INVOKE, NULL), -EBUSY);
	assert_int_equal(kernel.calls, 3);
	expect(1, EACCES);
	assert_int_equal(tee_sys_open("/dev/tee0"), -EACCES);
	assert_int_equal(kernel.calls, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupted_calls_are_made_again),
		cmocka_unit_test(other_failures_are_told_once),
	};

	unsetenv("TSTEE_WORLD");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
