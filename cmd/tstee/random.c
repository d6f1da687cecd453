// SPDX-License-Identifier: BSD-3-Clause
/* tstee random: random bytes from the partition. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "stream.h"

static const char help[] =
	"Usage: tstee random N [--format raw|hex] [--output FILE]\n"
	"\n"
	"Writes N random bytes of the partition's generator to standard output or --output.\n"
	"\n"
	"  --format F      hex: in hexadecimal, as --hex says, too; raw unless given\n" COMMON_OPTIONS_HELP
	"\n"
	"Example:\n"
	"  $ tstee random 16 --format hex\n";

/* What --hex and --json can have at a time. */
#define HEX_MAX (1024u * 1024)

static enum exit_code stream_random(const char *path, uint64_t count)
{
	struct secret buffer = { .data = malloc(STREAM_CHUNK), .len = STREAM_CHUNK };
	enum exit_code code;
	psa_status_t status;
	struct output output;

	if (!buffer.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = output_open(path, false, &output);
	while (!code && count) {
		size_t len = count < buffer.len ? (size_t)count : buffer.len;

		status = psa_generate_random(buffer.data, len);
		code = status ? failure_crypto(status, "random bytes") :
				output_write(&output, buffer.data, len);
		count -= len;
	}
	if (!code)
		code = output_commit(&output);
	output_discard(&output);
	secret_free(&buffer);
	return code;
}

static enum exit_code print_random(const struct args *args, enum data_format format, size_t count)
{
	struct secret buffer = { .data = malloc(count), .len = count };
	enum exit_code code;
	psa_status_t status;

	if (!buffer.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	status = psa_generate_random(buffer.data, buffer.len);
	if (status)
		code = failure_crypto(status, "random bytes");
	else
		code = result_write(args, args->value[ARG_OUTPUT], format, buffer.data, buffer.len);
	secret_free(&buffer);
	return code;
}

enum exit_code cmd_random(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "random",
		.help = help,
		.allowed = ARG_BIT(ARG_HEX) | ARG_BIT(ARG_FORMAT) | ARG_BIT(ARG_OUTPUT),
		.min_count = 1,
		.max_count = 1,
		.missing = "a number of bytes",
	};
	enum data_format format;
	enum exit_code code;
	struct args args;
	uint64_t count;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return code;
	code = args_format(&args, FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX),
			   args.value[ARG_HEX] ? FORMAT_HEX : FORMAT_RAW, &format);
	if (code)
		return code;
	if (!parse_number(args.argument[0], INT64_MAX, &count) || !count)
		return failure(EXIT_CODE_USAGE, "give how many bytes, 1 or more",
			       "%.80s: not a number of bytes", args.argument[0]);
	if ((format == FORMAT_HEX || args.common.json) && count > HEX_MAX)
		return failure(EXIT_CODE_TOO_LARGE, "take --format raw, and no --json",
			       "%" PRIu64 " bytes: more than %u in hexadecimal", count, HEX_MAX);
	code = crypto_begin(&args);
	if (code)
		return code;
	if (format == FORMAT_HEX || args.common.json)
		return print_random(&args, format, (size_t)count);
	return stream_random(args.value[ARG_OUTPUT], count);
}
