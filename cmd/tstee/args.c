// SPDX-License-Identifier: BSD-3-Clause
/* Options and arguments of the subcommands that use the crypto service. No state. */
#include "args.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The longest value that is read from a file: labels, salts, peers' keys. */
#define BYTES_MAX 65536u

static const struct {
	const char *name;
	int has_arg;
} options[ARG_COUNT] = {
	[ARG_TYPE] = { "type", required_argument },
	[ARG_CURVE] = { "curve", required_argument },
	[ARG_BITS] = { "bits", required_argument },
	[ARG_ALG] = { "alg", required_argument },
	[ARG_USAGE] = { "usage", required_argument },
	[ARG_FORMAT] = { "format", required_argument },
	[ARG_OUTPUT] = { "output", required_argument },
	[ARG_SIGNATURE] = { "signature", required_argument },
	[ARG_HASH_ONLY] = { "hash-only", no_argument },
	[ARG_AAD] = { "aad", required_argument },
	[ARG_IV] = { "iv", required_argument },
	[ARG_VERIFY] = { "verify", required_argument },
	[ARG_SALT] = { "salt", required_argument },
	[ARG_INFO] = { "info", required_argument },
	[ARG_PEER] = { "peer", required_argument },
	[ARG_ITERATIONS] = { "iterations", required_argument },
	[ARG_LENGTH] = { "length", required_argument },
	[ARG_KEY] = { "key", required_argument },
	[ARG_KEY_ALG] = { "key-alg", required_argument },
	[ARG_HEX] = { "hex", no_argument },
	[ARG_CHALLENGE] = { "challenge", required_argument },
	[ARG_LEGACY] = { "legacy", no_argument },
	[ARG_EXPECT] = { "expect", required_argument },
	[ARG_HASHES] = { "hashes", no_argument },
	[ARG_SOFTWARE] = { "software", no_argument },
	[ARG_SUBJECT] = { "subject", required_argument },
	[ARG_ALT_NAMES] = { "alt-names", required_argument },
	[ARG_DAYS] = { "days", required_argument },
	[ARG_CA] = { "ca", no_argument },
	[ARG_PASSPHRASE] = { "passphrase", required_argument },
	[ARG_SECRET] = { "secret", required_argument },
};

static enum exit_code parse_options(const struct args_spec *spec, int argc, char **argv,
				    struct args *args)
{
	static const struct option common[] = { COMMON_OPTIONS_DISPLAY, COMMON_OPTIONS_CALL };
	struct option known[COUNT(common) + ARG_COUNT + 1] = { 0 };
	size_t count = COUNT(common);
	int option;

	memcpy(known, common, sizeof(common));
	for (int i = 0; i < ARG_COUNT; i++) {
		if (!(spec->allowed & ARG_BIT(i)))
			continue;
		known[count].name = options[i].name;
		known[count].has_arg = options[i].has_arg;
		known[count++].val = OPTION_OWN + i;
	}
	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		enum exit_code code;
		int arg = option - OPTION_OWN;

		if (arg < 0 || arg >= ARG_COUNT) {
			code = common_option(&args->common, option, optarg, spec->command, argv);
			if (code)
				return code;
			continue;
		}
		if (args->value[arg])
			return failure(EXIT_CODE_USAGE, NULL, "--%s: given twice",
				       options[arg].name);
		args->value[arg] = optarg ? optarg : "";
	}
	return EXIT_CODE_OK;
}

/* How often standard input would be read. */
static int stdin_count(const struct args_spec *spec, const struct args *args)
{
	static const enum arg files[] = { ARG_SIGNATURE, ARG_AAD,  ARG_SALT,
					  ARG_INFO,	 ARG_PEER, ARG_PASSPHRASE };
	int count = 0;

	if (spec->reads_file && (args->count < 2 || !strcmp(args->argument[1], "-")))
		count++;
	for (size_t i = 0; i < COUNT(files); i++) {
		if (args->value[files[i]] && !strcmp(args->value[files[i]], "-"))
			count++;
	}
	return count;
}

enum exit_code args_parse(const struct args_spec *spec, int argc, char **argv, struct args *args,
			  bool *done)
{
	enum exit_code code;

	memset(args, 0, sizeof(*args));
	args->command = spec->command;
	*done = true;
	code = parse_options(spec, argc, argv, args);
	if (code)
		return code;
	if (args->common.help) {
		fputs(spec->help, stdout);
		return EXIT_CODE_OK;
	}
	args->count = argc - optind;
	args->argument = argv + optind;
	if (args->count < spec->min_count)
		return failure(EXIT_CODE_USAGE, NULL, "%s: give %s; see tstee %s --help",
			       spec->command, spec->missing, spec->command);
	if (args->count > spec->max_count)
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: one argument too many; see tstee %s --help",
			       args->argument[spec->max_count], spec->command);
	if (stdin_count(spec, args) > 1)
		return failure(EXIT_CODE_USAGE, "name a file",
			       "%s: standard input can't be two things at once", spec->command);
	*done = false;
	return EXIT_CODE_OK;
}

enum exit_code args_number(const struct args *args, enum arg arg, uint64_t min, uint64_t max,
			   uint64_t otherwise, uint64_t *value)
{
	const char *text = args->value[arg];

	*value = otherwise;
	if (!text || (parse_number(text, max, value) && *value >= min))
		return EXIT_CODE_OK;
	return failure(EXIT_CODE_USAGE, NULL, "--%s %s: not a number from %llu to %llu",
		       options[arg].name, text, (unsigned long long)min, (unsigned long long)max);
}

enum exit_code args_bytes(const struct args *args, enum arg arg, struct secret *bytes)
{
	const char *text = args->value[arg];

	memset(bytes, 0, sizeof(*bytes));
	if (!text)
		return EXIT_CODE_OK;
	if (!strncmp(text, "hex:", 4)) {
		if (parse_hex(text + 4, &bytes->data, &bytes->len))
			return EXIT_CODE_OK;
		return failure(EXIT_CODE_USAGE, "give an even number of hexadecimal digits",
			       "--%s: not hexadecimal", options[arg].name);
	}
	if (strncmp(text, "text:", 5) != 0)
		return file_read(text, BYTES_MAX, bytes);
	bytes->len = strlen(text + 5);
	bytes->data = malloc(bytes->len + 1);
	if (!bytes->data)
		return failure(EXIT_CODE_OTHER, NULL, "--%s: out of memory", options[arg].name);
	memcpy(bytes->data, text + 5, bytes->len);
	return EXIT_CODE_OK;
}

enum exit_code args_format(const struct args *args, uint32_t allowed, enum data_format otherwise,
			   enum data_format *format)
{
	return format_parse(args->value[ARG_FORMAT], allowed, otherwise, format);
}
