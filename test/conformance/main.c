// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-conformance: tests of the TEE devices of secure partitions, through the ioctls. Wants
 * the test partitions of test/partition beside the ITS partition, and in the machine to be root.
 * Ends with "N passed, N failed" and status 0 if none failed, 1 if not, 2 for wrong usage.
 */
#include "crypto_wire.h"
#include "fixture.h"
#include "suites.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct test *const suites[] = {
	contract_tests,		identity_tests,	  observe_tests,      storage_tests,
	memory_tests,		spm_tests,	  row_tests,	      crypto_tests,
	crypto_extension_tests, crypto_key_tests, crypto_limit_tests, crypto_hostile_tests,
	attestation_tests,	number_tests,
};

#define SUITE_COUNT (sizeof(suites) / sizeof(suites[0]))

static const char usage[] =
	"usage: tstee-conformance [--world LOG] [--filter TEXT] [--json] [--thorough]\n"
	"                         [--patience N]\n"
	"       tstee-conformance --list | --fault-specs | --hold N\n"
	"       tstee-conformance --make-keys FIRST-LAST | --show-keys FIRST-LAST\n"
	"\n"
	"Tests the TEE devices of secure partitions. With the test partitions; as root, or\n"
	"in a software world.\n"
	"\n"
	"  --list         print the names of the tests\n"
	"  --filter TEXT  only tests whose name contains TEXT (with --list too)\n"
	"  --json         one JSON object per test instead of TAP\n"
	"  --world LOG    the devices are those of a software world, which logs there;\n"
	"                 tests that want root are skipped for other users\n"
	"  --thorough     also do in full what is cut short to save minutes\n"
	"  --patience N   time limits are N times as long as on an idle host (1 to 100; 3),\n"
	"                 for slow kernels\n"
	"  --fault-specs  print the names of the fault tests, and behind a tab what each\n"
	"                 wants 'tsworld run --fault' to do\n"
	"  --fault-test NAME  only that fault test\n"
	"  --hold N       share N buffers with the test partition, stay behind in the\n"
	"                 background and hold them until the machine goes down\n"
	"  --make-keys FIRST-LAST  make persistent keys with these IDs, one after the other,\n"
	"                 each time destroying the last but two; print what was acknowledged\n"
	"  --show-keys FIRST-LAST  print those of them that are there, having used each\n";

static unsigned int count_tests(const char *filter, bool list)
{
	unsigned int count = 0;

	for (size_t i = 0; i < SUITE_COUNT; i++)
		for (const struct test *test = suites[i]; test->name; test++) {
			if (!strstr(test->name, filter))
				continue;
			count++;
			if (list)
				puts(test->name);
		}
	return count;
}

static int finish(const struct harness_totals *totals, enum harness_format format)
{
	if (format == HARNESS_TAP) {
		if (totals->skipped)
			printf("# %u skipped\n", totals->skipped);
		printf("%u passed, %u failed\n", totals->passed, totals->failed);
	}
	return totals->failed ? 1 : 0;
}

static int run_tests(const char *filter, enum harness_format format)
{
	struct harness_totals totals = {};
	unsigned int number = 0;

	if (!count_tests(filter, false)) {
		fprintf(stderr, "tstee-conformance: no test has '%s' in its name\n", filter);
		return 2;
	}
	if (format == HARNESS_TAP)
		printf("TAP version 13\n1..%u\n", count_tests(filter, false));
	for (size_t i = 0; i < SUITE_COUNT; i++)
		for (const struct test *test = suites[i]; test->name; test++)
			if (strstr(test->name, filter))
				harness_run(test, format, ++number, &totals);
	return finish(&totals, format);
}

static int run_fault_test(const char *name, enum harness_format format)
{
	struct harness_totals totals = {};

	for (const struct fault_test *fault = fault_tests; fault->spec; fault++) {
		if (strcmp(fault->test.name, name))
			continue;
		if (format == HARNESS_TAP)
			puts("TAP version 13\n1..1");
		harness_run(&fault->test, format, 1, &totals);
		return finish(&totals, format);
	}
	fprintf(stderr, "tstee-conformance: no fault test is named '%s'\n", name);
	return 2;
}

static int print_fault_specs(void)
{
	for (const struct fault_test *fault = fault_tests; fault->spec; fault++)
		printf("%s\t%s\n", fault->test.name, fault->spec);
	return 0;
}

/* The buffers stay shared because nobody closes them, as on a machine that is switched off. */
static int hold_buffers(unsigned long count)
{
	struct tee_client client;
	struct tee_buffer buffer;
	int rc;

	rc = tee_connect(&client, test_uuid, &tee_login_public, 0);
	while (!rc && count--)
		rc = tee_buffer_alloc(client.fd, 4096, &buffer);
	if (rc) {
		fprintf(stderr, "tstee-conformance: can't share buffers: %s\n", strerror(-rc));
		return 1;
	}
	if (daemon(0, 0)) {
		perror("tstee-conformance: daemon");
		return 1;
	}
	for (;;)
		pause();
}

static int use_keys(const char *ids, void (*use)(uint32_t first, uint32_t last))
{
	unsigned int first, last;

	if (sscanf(ids, "%u-%u", &first, &last) != 2 || !first) {
		fprintf(stderr, "tstee-conformance: '%s' are no key IDs\n", ids);
		return 2;
	}
	use(first, last);
	return 0;
}

static bool set_patience(const char *text)
{
	int factor = atoi(text);

	if (factor < 1 || factor > 100)
		return false;
	harness_set_patience((unsigned int)factor);
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "filter", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "hold", required_argument, NULL, 'o' },
		{ "make-keys", required_argument, NULL, 'm' },
		{ "show-keys", required_argument, NULL, 'k' },
		{ "world", required_argument, NULL, 'w' },
		{ "thorough", no_argument, NULL, 'T' },
		{ "patience", required_argument, NULL, 'p' },
		{ "fault-specs", no_argument, NULL, 's' },
		{ "fault-test", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	enum harness_format format = HARNESS_TAP;
	const char *fault_test = NULL;
	const char *filter = "";
	bool world = false;
	bool list = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'l':
			list = true;
			break;
		case 'f':
			filter = optarg;
			break;
		case 'j':
			format = HARNESS_JSON;
			break;
		case 'o':
			return hold_buffers(strtoul(optarg, NULL, 10));
		case 'm':
			return use_keys(optarg, make_keys);
		case 'k':
			return use_keys(optarg, show_keys);
		case 'w':
			fixture_set_world(optarg);
			world = true;
			break;
		case 'T':
			fixture_set_thorough();
			break;
		case 'p':
			if (set_patience(optarg))
				break;
			fputs(usage, stderr);
			return 2;
		case 's':
			return print_fault_specs();
		case 't':
			fault_test = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (list)
		return count_tests(filter, true) ? 0 : 2;
	if (fault_test)
		return run_fault_test(fault_test, format);
	if (!world && geteuid()) {
		fputs("tstee-conformance: tests become other users: run them as root\n", stderr);
		return 2;
	}
	return run_tests(filter, format);
}
