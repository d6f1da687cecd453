// SPDX-License-Identifier: BSD-3-Clause
/* tstee call: one raw call of a service. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"

static const char help[] =
	"Usage: tstee call --service NAME|UUID OPCODE [--request FILE|-|hex:DIGITS]\n"
	"                  [--response-size N] [--output FILE] [--format raw|hex]\n"
	"\n"
	"Makes one call of a service, as it is, and prints the status and the response: for\n"
	"trying out services. Numbers are decimal, or hexadecimal behind 0x.\n"
	"\n"
	"  --service S        its name, short name, sn:... name, or UUID\n"
	"  --request R        the request: a file, - for standard input, or hex:DIGITS;\n"
	"                     without it the request is empty\n"
	"  --response-size N  longest response, bytes (4096)\n"
	"  --output FILE      write the response there instead of printing it\n"
	"  --format F         of --output: raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Exits with 15 when the call got through and the service's status isn't 0.\n"
	"\n"
	"Examples, of internal trusted storage: what it supports, then how long object 1 is:\n"
	"  $ tstee call --service its 0x106\n"
	"  status:   0\n"
	"  response: 01000000\n"
	"  $ tstee call --service its 0x102 --request hex:0100000000000000\n";

#define MESSAGE_MAX (1024u * 1024)

enum {
	OPTION_SERVICE = OPTION_OWN,
	OPTION_REQUEST,
	OPTION_RESPONSE_SIZE,
	OPTION_OUTPUT,
	OPTION_FORMAT,
};

struct call_args {
	struct common_options common;
	const char *service;
	const char *request;
	const char *output;
	const char *format_text;
	enum data_format format; /* of the output */
	uint64_t response_size;
	uint64_t opcode;
};

static enum exit_code read_request(const char *request, struct secret *secret)
{
	memset(secret, 0, sizeof(*secret));
	if (!request)
		return EXIT_CODE_OK;
	if (strncmp(request, "hex:", 4) != 0)
		return file_read(request, MESSAGE_MAX, secret);
	if (!parse_hex(request + 4, &secret->data, &secret->len))
		return failure(EXIT_CODE_USAGE, "give an even number of hexadecimal digits",
			       "--request %.32s: not hexadecimal", request);
	return EXIT_CODE_OK;
}

static enum exit_code print_response(const struct call_args *args, int32_t status,
				     const uint8_t *resp, size_t len)
{
	enum exit_code code;

	if (args->output) {
		code = file_write_as(args->output, args->format, resp, len);
		if (code || !strcmp(args->output, "-"))
			return code;
	}
	if (args->common.json) {
		json_t *value =
			json_pack("{s:i, s:I}", "status", (int)status, "size", (json_int_t)len);

		if (!args->output)
			json_object_set_new(value, "response", json_hex(resp, len));
		json_print(value);
		return EXIT_CODE_OK;
	}
	printf("status:   %d\n", (int)status);
	if (!args->output) {
		printf("response: ");
		print_hex(stdout, resp, len);
		putchar('\n');
	}
	return EXIT_CODE_OK;
}

static enum exit_code call(const struct call_args *args, const struct secret *request)
{
	struct secret resp = { .len = args->response_size };
	struct tstee_session *session;
	enum exit_code code;
	int32_t status;
	size_t len;
	int err;

	err = tstee_open(args->service, &args->common.open, &session);
	if (err)
		return failure_open(err);
	resp.data = malloc(resp.len ? resp.len : 1);
	if (!resp.data) {
		code = failure(EXIT_CODE_OTHER, NULL, "response: out of memory");
		goto out;
	}
	err = tstee_call(session, (uint32_t)args->opcode, request->data, request->len, resp.data,
			 resp.len, &len, &status);
	if (err) {
		code = failure_call(err);
		goto out;
	}
	code = print_response(args, status, resp.data, len);
	if (!code && status)
		code = EXIT_CODE_SERVICE_STATUS;
out:
	secret_free(&resp);
	tstee_close(session);
	return code;
}

static enum exit_code own_option(struct call_args *args, int option, char **argv)
{
	switch (option) {
	case OPTION_SERVICE:
		args->service = optarg;
		return EXIT_CODE_OK;
	case OPTION_REQUEST:
		args->request = optarg;
		return EXIT_CODE_OK;
	case OPTION_OUTPUT:
		args->output = optarg;
		return EXIT_CODE_OK;
	case OPTION_FORMAT:
		args->format_text = optarg;
		return format_parse(optarg, FORMATS_BYTES, FORMAT_RAW, &args->format);
	case OPTION_RESPONSE_SIZE:
		if (parse_number(optarg, MESSAGE_MAX, &args->response_size))
			return EXIT_CODE_OK;
		return failure(EXIT_CODE_USAGE, "give a number of bytes up to 1048576",
			       "--response-size %s: not a length", optarg);
	default:
		return common_option(&args->common, option, optarg, "call", argv);
	}
}

static enum exit_code check_arguments(struct call_args *args, int count, char **argument)
{
	struct tstee_uuid uuid;

	if (!args->service)
		return failure(EXIT_CODE_USAGE, NULL,
			       "call: --service is missing; see tstee call --help");
	if (tstee_service_parse(args->service, &uuid))
		return failure(EXIT_CODE_NO_SERVICE, tstee_hint(), "%s", tstee_error());
	if (args->format_text && !args->output)
		return failure(EXIT_CODE_USAGE, "a response that is printed is in hexadecimal",
			       "call: --format goes with --output FILE only");
	if (count != 1)
		return failure(EXIT_CODE_USAGE, NULL,
			       "call: give one OPCODE; see tstee call --help");
	if (!parse_number(argument[0], UINT16_MAX, &args->opcode))
		return failure(EXIT_CODE_USAGE, "give a number up to 0xffff", "%s: not an opcode",
			       argument[0]);
	return EXIT_CODE_OK;
}

enum exit_code cmd_call(int argc, char **argv)
{
	static const struct option known[] = {
		COMMON_OPTIONS_DISPLAY,
		COMMON_OPTIONS_CALL,
		{ "service", required_argument, NULL, OPTION_SERVICE },
		{ "request", required_argument, NULL, OPTION_REQUEST },
		{ "response-size", required_argument, NULL, OPTION_RESPONSE_SIZE },
		{ "output", required_argument, NULL, OPTION_OUTPUT },
		{ "format", required_argument, NULL, OPTION_FORMAT },
		{ 0 }
	};
	struct call_args args = { .response_size = 4096, .format = FORMAT_RAW };
	struct secret request;
	enum exit_code code;
	int option;

	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		code = own_option(&args, option, argv);
		if (code)
			return code;
	}
	if (args.common.help) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	code = check_arguments(&args, argc - optind, argv + optind);
	if (code)
		return code;
	code = read_request(args.request, &request);
	if (code)
		return code;
	code = call(&args, &request);
	secret_free(&request);
	return code;
}
