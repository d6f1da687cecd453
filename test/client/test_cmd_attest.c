// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee attest over the attestation partition itself, in a software world, where the partition
 * is made to look like one without TSTEE's own opcodes, as either driver tells it.
 */
#include "test.h"

#include <cmd.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/tee.h>
#include <stdlib.h>
#include <string.h>
#include <tee_sys.h>
#include <tstee/attestation.h>
#include <unistd.h>

#define VENDOR	  0x8000u
#define CHALLENGE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct {
	int refuse; /* vendor opcodes, with this errno; 0: they are known */
	unsigned int refused;
} partition;

static char folder[] = "/tmp/tstee-test-XXXXXX";
static char token[64], out[64];

int __real_tee_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg);

int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg)
{
	const struct tee_ioctl_buf_data *data = arg;
	const struct tee_ioctl_invoke_arg *invoke;

	if (request == TEE_IOC_INVOKE && partition.refuse) {
		invoke = (const struct tee_ioctl_invoke_arg *)(uintptr_t)data->buf_ptr;
		if (invoke->func >= VENDOR) {
			partition.refused++;
			return -partition.refuse;
		}
	}
	return __real_tee_sys_ioctl(fd, request, arg);
}

/* Runs tstee with @argv, which ends with NULL, its standard output to file @out. */
static enum exit_code run(char **argv)
{
	const int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), saved = dup(STDOUT_FILENO);
	enum exit_code code;
	int argc = 0;

	assert_true(to >= 0 && saved >= 0);
	while (argv[argc])
		argc++;
	fflush(stdout);
	dup2(to, STDOUT_FILENO);
	close(to);
	optind = 0;
	code = cmd_attest(argc, argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return code;
}

/* Gets a token, and looks which profile it is of. */
static void token_is_of(const char *option, const char *profile)
{
	char *get[] = { "attest",   "token", "--challenge",  CHALLENGE,
			"--output", token,   (char *)option, NULL };
	char *show[] = { "attest", "show", token, NULL };
	char expected[256], text[256] = "";
	FILE *file;

	assert_int_equal(run(get), EXIT_CODE_OK);
	assert_int_equal(run(show), EXIT_CODE_OK);
	file = fopen(out, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	snprintf(expected, sizeof(expected), "%-24s%s\n%-24s%s\n", "profile:", profile,
		 "challenge:", CHALLENGE);
	assert_memory_equal(text, expected, strlen(expected));
}

static void token_is_one_of_rfc_9783(void **state)
{
	(void)state;
	token_is_of(NULL, ATTESTATION_PROFILE_NAME);
	token_is_of("--legacy", "PSA_IOT_PROFILE_1");
}

static void partition_without_the_opcode_is_asked_as_it_knows(void **state)
{
	static const int refusals[] = { EOPNOTSUPP, EINVAL };

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		partition.refuse = refusals[i];
		partition.refused = 0;
		token_is_of(NULL, "PSA_IOT_PROFILE_1");
		assert_int_equal(partition.refused, 1);
		token_is_of("--legacy", "PSA_IOT_PROFILE_1");
		assert_int_equal(partition.refused, 1);
	}
}

static int reset(void **state)
{
	(void)state;
	memset(&partition, 0, sizeof(partition));
	return 0;
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(token, sizeof(token), "%s/token", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(token);
	unlink(out);
	return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_one_of_rfc_9783),
		TEST(partition_without_the_opcode_is_asked_as_it_knows),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
