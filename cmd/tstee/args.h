/* SPDX-License-Identifier: BSD-3-Clause */
/* Options and arguments of the subcommands that use the crypto service. */
#ifndef CMD_TSTEE_ARGS_H
#define CMD_TSTEE_ARGS_H

#include <assert.h>

#include "cmd.h"

enum arg {
	ARG_TYPE,
	ARG_CURVE,
	ARG_BITS,
	ARG_ALG,
	ARG_USAGE,
	ARG_FORMAT,
	ARG_OUTPUT,
	ARG_SIGNATURE,
	ARG_HASH_ONLY,
	ARG_AAD,
	ARG_IV,
	ARG_VERIFY,
	ARG_SALT,
	ARG_INFO,
	ARG_PEER,
	ARG_ITERATIONS,
	ARG_LENGTH,
	ARG_KEY,
	ARG_KEY_ALG,
	ARG_HEX,
	ARG_CHALLENGE,
	ARG_LEGACY,
	ARG_EXPECT,
	ARG_HASHES,
	ARG_PASSPHRASE,
	ARG_SOFTWARE,
	ARG_SUBJECT,
	ARG_ALT_NAMES,
	ARG_DAYS,
	ARG_CA,
	ARG_SECRET,
	ARG_COUNT,
};

#define ARG_BIT(arg) (1u << (arg))
static_assert(ARG_COUNT <= 32, "a bit for each");

struct args {
	struct common_options common;
	const char *command;
	const char *value[ARG_COUNT]; /* NULL: not given; "" for those without a value */
	int count;
	char **argument; /* what is no option */
};

/* What a subcommand takes. */
struct args_spec {
	const char *command; /* with the action, for messages: "key generate" */
	const char *help;
	uint32_t allowed; /* of ARG_BIT() */
	int min_count;
	int max_count;
	const char *missing; /* what the arguments are */
	bool reads_file;     /* the second one is a file, or standard input if it is not there */
};

/*
 * Parses @argv, whose first element is a command's name. *@done if that was all: --help was
 * printed, or the exit code is not EXIT_CODE_OK, with a message.
 */
enum exit_code args_parse(const struct args_spec *spec, int argc, char **argv, struct args *args,
			  bool *done);

/* The number that option @arg gives, @otherwise if it isn't given. */
enum exit_code args_number(const struct args *args, enum arg arg, uint64_t min, uint64_t max,
			   uint64_t otherwise, uint64_t *value);

/*
 * The bytes that option @arg gives: hex:DIGITS, text:TEXT, a file, or - for standard input; none
 * if it isn't given. The caller frees.
 */
enum exit_code args_bytes(const struct args *args, enum arg arg, struct secret *bytes);

/* --format, one of @allowed, @otherwise if it isn't given. */
enum exit_code args_format(const struct args *args, uint32_t allowed, enum data_format otherwise,
			   enum data_format *format);

#endif /* CMD_TSTEE_ARGS_H */
