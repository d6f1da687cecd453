// SPDX-License-Identifier: BSD-3-Clause
/* Options that subcommands share, and values of options. No state. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t out = 0;
	int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++) {
		int digit = digit_value(*text);

		if (digit < 0 || digit >= base ||
		    __builtin_mul_overflow(out, (uint64_t)base, &out) ||
		    __builtin_add_overflow(out, (uint64_t)digit, &out))
			return false;
	}
	if (out > max)
		return false;
	*value = out;
	return true;
}

bool parse_hex(const char *text, uint8_t **data, size_t *len)
{
	size_t count = strlen(text) / 2;
	uint8_t *out;

	if (strlen(text) % 2)
		return false;
	out = malloc(count ? count : 1);
	if (!out)
		return false;
	for (size_t i = 0; i < count; i++) {
		int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(out);
			return false;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	*data = out;
	*len = count;
	return true;
}

enum exit_code format_parse(const char *text, uint32_t allowed, enum data_format otherwise,
			    enum data_format *format)
{
	static const char *const names[] = {
		[FORMAT_PEM] = "pem", [FORMAT_DER] = "der", [FORMAT_RAW] = "raw",
		[FORMAT_HEX] = "hex", [FORMAT_SSH] = "ssh",
	};
	char choice[32] = "";

	*format = otherwise;
	if (!text)
		return EXIT_CODE_OK;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(allowed & FORMAT_BIT(i)))
			continue;
		if (!strcasecmp(text, names[i])) {
			*format = (enum data_format)i;
			return EXIT_CODE_OK;
		}
		strcat(choice, *choice ? ", " : "");
		strcat(choice, names[i]);
	}
	return failure(EXIT_CODE_USAGE, NULL, "--format %.80s: not one of %s", text, choice);
}

static enum exit_code set_login(struct common_options *options, enum tstee_login login,
				uint32_t group)
{
	if (options->open.login != TSTEE_LOGIN_DEFAULT)
		return failure(EXIT_CODE_USAGE, NULL, "more than one of --public and --group");
	options->open.login = login;
	options->open.group = group;
	return EXIT_CODE_OK;
}

enum exit_code common_option(struct common_options *options, int option, const char *value,
			     const char *command, char *const *argv)
{
	uint64_t number;

	switch (option) {
	case OPTION_JSON:
		options->json = true;
		return EXIT_CODE_OK;
	case 'h':
	case OPTION_HELP:
		options->help = true;
		return EXIT_CODE_OK;
	case OPTION_PUBLIC:
		return set_login(options, TSTEE_LOGIN_PUBLIC, 0);
	case OPTION_GROUP:
		if (!parse_number(value, UINT32_MAX, &number))
			return failure(EXIT_CODE_USAGE, "give its number (see id)",
				       "--group %s: not a group ID", value);
		return set_login(options, TSTEE_LOGIN_GROUP, (uint32_t)number);
	case OPTION_ENDPOINT:
		if (!parse_number(value, UINT16_MAX, &number) || !number)
			return failure(EXIT_CODE_USAGE, "tstee list shows them",
				       "--endpoint %s: not an endpoint ID", value);
		options->open.endpoint_id = (uint32_t)number;
		return EXIT_CODE_OK;
	case ':':
		return failure(EXIT_CODE_USAGE, NULL, "%s needs a value; see tstee %s --help",
			       argv[optind - 1], command);
	default:
		return failure(EXIT_CODE_USAGE, NULL, "%s: unknown option; see tstee %s --help",
			       argv[optind - 1], command);
	}
}
