// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee attest, seal and unseal over the attestation partition itself, in a software world, where
 * the partition is made to look like one without TSTEE's own opcodes, as either driver tells it, or
 * like one that has no room.
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
	int refuse;	     /* vendor opcodes, with this errno; 0: they are known */
	psa_status_t answer; /* to them, in place of the partition's own */
	unsigned int refused;
} partition;

static char folder[] = "/tmp/tstee-test-XXXXXX";
static char token[64], out[64], sealed[64];

int __real_tee_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg);

int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg)
{
	const struct tee_ioctl_buf_data *data = arg;
	struct tee_ioctl_invoke_arg *invoke;

	if (request == TEE_IOC_INVOKE && (partition.refuse || partition.answer)) {
		invoke = (struct tee_ioctl_invoke_arg *)(uintptr_t)data->buf_ptr;
		if (invoke->func >= VENDOR) {
			partition.refused++;
			invoke->params[0].a = 0;
			invoke->ret = (uint32_t)partition.answer;
			return -partition.refuse;
		}
	}
	return __real_tee_sys_ioctl(fd, request, arg);
}

/* Runs a command with @argv, which ends with NULL, its standard output to file @out. */
static enum exit_code run_command(enum exit_code (*command)(int argc, char **argv), char **argv)
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
	code = command(argc, argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return code;
}

static enum exit_code run(char **argv)
{
	return run_command(cmd_attest, argv);
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

static void what_seal_finds_no_room_for_is_told_apart(void **state)
{
	/* The partition's key and memory are for all: it isn't the caller who used them up. */
	static const struct {
		int refuse;
		psa_status_t answer;
		enum exit_code code;
	} cases[] = {
		{ EDQUOT, 0, EXIT_CODE_SHARE },
		{ ENOSPC, 0, EXIT_CODE_FULL },
		{ 0, PSA_ERROR_INSUFFICIENT_STORAGE, EXIT_CODE_FULL },
		{ 0, PSA_ERROR_INSUFFICIENT_MEMORY, EXIT_CODE_NO_SPACE },
		{ 0, 0, EXIT_CODE_OK },
	};
	char *seal[] = { "seal", token, "--output", sealed, NULL };
	char *unseal[] = { "unseal", sealed, "--output", out, NULL };

	(void)state;
	token_is_of(NULL, ATTESTATION_PROFILE_NAME);
	assert_int_equal(truncate(token, 32), 0);
	assert_int_equal(run_command(cmd_seal, seal), EXIT_CODE_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		partition.refuse = cases[i].refuse;
		partition.answer = cases[i].answer;
		assert_int_equal(run_command(cmd_unseal, unseal), cases[i].code);
		assert_int_equal(run_command(cmd_seal, seal), cases[i].code);
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
	snprintf(sealed, sizeof(sealed), "%s/sealed", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(token);
	unlink(out);
	unlink(sealed);
	return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_one_of_rfc_9783),
		TEST(partition_without_the_opcode_is_asked_as_it_knows),
		TEST(what_seal_finds_no_room_for_is_told_apart),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
