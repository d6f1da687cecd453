// SPDX-License-Identifier: BSD-3-Clause
/* tstee: secure partitions from the command line. The table of subcommands. */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static const struct {
	const char *name;
	enum exit_code (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "list", cmd_list, "devices, their partitions and services" },
	{ "its", cmd_its, "keep secrets in internal trusted storage" },
	{ "ps", cmd_ps, "keep secrets in protected storage" },
	{ "key", cmd_key, "make, import, list and remove keys" },
	{ "sign", cmd_sign, "sign a file" },
	{ "verify", cmd_verify, "verify the signature of a file" },
	{ "encrypt", cmd_encrypt, "encrypt a file" },
	{ "decrypt", cmd_decrypt, "decrypt a file" },
	{ "hash", cmd_hash, "hash files" },
	{ "mac", cmd_mac, "authenticate files" },
	{ "kem", cmd_kem, "share a secret by a public key (ML-KEM)" },
	{ "derive", cmd_derive, "derive bytes or keys" },
	{ "random", cmd_random, "random bytes" },
	{ "seal", cmd_seal, "encrypt a secret for this user and device, or this software" },
	{ "unseal", cmd_unseal, "open what was sealed" },
	{ "attest", cmd_attest, "prove what this machine is, and verify such proofs" },
	{ "doctor", cmd_doctor, "look what is there, and what to do about what is not" },
	{ "admin", cmd_admin, "see who has how much, and remove what others keep" },
	{ "call", cmd_call, "make one raw call of a service" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	printf("Usage: tstee COMMAND [ARGUMENT]...\n\n"
	       "Talks to services in secure partitions through the devices /dev/teeN.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-7s %s\n", commands[i].name, commands[i].summary);
	printf("\ntstee COMMAND --help explains each with examples. tstee --version shows the "
	       "version.\n\n"
	       "Services see who calls: the user, unless --public, --group GID or environment\n"
	       "variable TSTEE_LOGIN (public, user, group:GID) says otherwise.\n\n"
	       "Exit codes: 0 done, 1 other failure, 2 usage, 3 no device, 4 no permission for the\n"
	       "device, 5 unknown service, 6 partition dead, 7 no such object, 8 no space, 9 too\n"
	       "large, 10 file, 11 not permitted, 12 busy, 13 data corrupt, 14 login refused,\n"
	       "15 the service's status isn't 0 (call), 16 signature, MAC or tag is wrong,\n"
	       "17 exists already, 18 this user's share is used up, 19 the partition is full.\n");
}

/* Usage failures too are told in JSON, wherever the option stands. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--json"))
			return true;
	}
	return false;
}

static enum exit_code run(int argc, char **argv)
{
	if (argc < 2)
		return failure(EXIT_CODE_USAGE, NULL, "no command; see tstee --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help();
		return EXIT_CODE_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("tstee %s\n", tstee_version());
		return EXIT_CODE_OK;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	}
	return failure(EXIT_CODE_USAGE, NULL, "%s: unknown command; see tstee --help", argv[1]);
}

/*
 * Where a standard stream is closed the device would be opened under its number, and written to.
 * What takes its place can't be used, so that who tries is told.
 */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(EXIT_CODE_OTHER);
	}
}

int main(int argc, char **argv)
{
	enum exit_code code;

	occupy_standard_streams();
	opterr = 0;
	failure_set_json(wants_json(argc, argv));
	code = run(argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && !code)
		code = failure(EXIT_CODE_FILE, NULL, "standard output: can't be written");
	return code;
}
