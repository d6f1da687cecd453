/* SPDX-License-Identifier: BSD-3-Clause */
/* What the subcommands share: exit codes, failures, options, files, JSON. */
#ifndef CMD_TSTEE_CMD_H
#define CMD_TSTEE_CMD_H

#include <psa/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <tstee.h>

#include "progress.h"
#include "secret.h"

/* Documented in docs/cli.md and tstee(1); never renumbered. */
enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_OTHER = 1,
	EXIT_CODE_USAGE = 2,
	EXIT_CODE_NO_DEVICE = 3,
	EXIT_CODE_NO_ACCESS = 4,
	EXIT_CODE_NO_SERVICE = 5,
	EXIT_CODE_DEAD = 6,
	EXIT_CODE_NOT_FOUND = 7,
	EXIT_CODE_NO_SPACE = 8,
	EXIT_CODE_TOO_LARGE = 9,
	EXIT_CODE_FILE = 10,
	EXIT_CODE_NOT_PERMITTED = 11,
	EXIT_CODE_BUSY = 12,
	EXIT_CODE_CORRUPT = 13,
	EXIT_CODE_LOGIN = 14,
	EXIT_CODE_SERVICE_STATUS = 15,
	EXIT_CODE_MISMATCH = 16,
	EXIT_CODE_EXISTS = 17,
	EXIT_CODE_SHARE = 18,
	EXIT_CODE_FULL = 19,
};

/* Subcommands: argv[0] is the subcommand's name. They return an exit code. */
enum exit_code cmd_list(int argc, char **argv);
enum exit_code cmd_its(int argc, char **argv);
enum exit_code cmd_ps(int argc, char **argv);
enum exit_code cmd_call(int argc, char **argv);
enum exit_code cmd_key(int argc, char **argv);
enum exit_code cmd_sign(int argc, char **argv);
enum exit_code cmd_verify(int argc, char **argv);
enum exit_code cmd_encrypt(int argc, char **argv);
enum exit_code cmd_decrypt(int argc, char **argv);
enum exit_code cmd_hash(int argc, char **argv);
enum exit_code cmd_mac(int argc, char **argv);
enum exit_code cmd_derive(int argc, char **argv);
enum exit_code cmd_kem(int argc, char **argv);
enum exit_code cmd_random(int argc, char **argv);
enum exit_code cmd_attest(int argc, char **argv);
enum exit_code cmd_seal(int argc, char **argv);
enum exit_code cmd_unseal(int argc, char **argv);
enum exit_code cmd_doctor(int argc, char **argv);
enum exit_code cmd_admin(int argc, char **argv);

/* --- failure.c: each prints one line on stderr, with --json an object on stdout too. --- */

/* Failures are told in JSON too from now on. */
void failure_set_json(bool json);

/* "tstee: message (hint)"; @hint may be NULL or "". Returns @code. */
enum exit_code failure(enum exit_code code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "tstee: warning: message" on stderr, and nowhere else. */
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* After tstee_open() returned @err. */
enum exit_code failure_open(int err);

/* After a call returned @err, that is, never got an answer. */
enum exit_code failure_call(int err);

/* What a status is called, or, in @number, its number if it has no name. */
#define STATUS_NUMBER_SIZE 32
const char *status_name(psa_status_t status, char number[STATUS_NUMBER_SIZE]);

/* After a service answered with a status of which there is nothing better to say. */
enum exit_code failure_status(psa_status_t status, const char *what);

/* After a storage service answered with @status, not 0. @what: e.g. "object 0x1". */
enum exit_code failure_storage(psa_status_t status, const char *what);

/* --- options.c --- */

/* Options that all subcommands know which make calls. */
struct common_options {
	struct tstee_options open;
	bool json;
	bool help;
};

/* Values of struct option for getopt_long; a subcommand's own start behind. */
enum {
	OPTION_JSON = 0x100,
	OPTION_HELP,
	OPTION_PUBLIC,
	OPTION_GROUP,
	OPTION_ENDPOINT,
	OPTION_OWN,
};

#define COMMON_OPTIONS_DISPLAY                         \
	{ "json", no_argument, NULL, OPTION_JSON },    \
	{                                              \
		"help", no_argument, NULL, OPTION_HELP \
	}
#define COMMON_OPTIONS_CALL                                          \
	{ "public", no_argument, NULL, OPTION_PUBLIC },              \
		{ "group", required_argument, NULL, OPTION_GROUP },  \
	{                                                            \
		"endpoint", required_argument, NULL, OPTION_ENDPOINT \
	}

#define COMMON_OPTIONS_HELP                                                             \
	"  --public        act as the public client, whose data all share\n"            \
	"  --group GID     act as group GID, of which this process is a member\n"       \
	"  --endpoint ID   only the partition with this endpoint ID (see tstee list)\n" \
	"  --json          print JSON, failures too\n"                                  \
	"  --help, -h      this text\n"

/*
 * Takes one result of getopt_long(). @command is for messages. An exit code, which isn't
 * EXIT_CODE_OK when a value was bad or the option unknown (with a message then).
 */
enum exit_code common_option(struct common_options *options, int option, const char *value,
			     const char *command, char *const *argv);

/* Decimal, or hexadecimal behind 0x. False if it is neither or above @max. */
bool parse_number(const char *text, uint64_t max, uint64_t *value);

/* Hexadecimal digits, an even number. The caller frees *@data. False if malformed. */
bool parse_hex(const char *text, uint8_t **data, size_t *len);

/* --- room.c --- */

/* What there was no room for: so many units of a pool of that name of the admin service. */
struct room_want {
	const char *pool;
	uint64_t units;
};

/* A partition that had no room, and what to say where its admin service doesn't tell why. */
struct room {
	const char *service; /* that it hosts */
	const struct tstee_options *options;
	const struct room_want *wants; /* the likeliest first */
	size_t want_count;
	bool for_others; /* it was not this user who would have paid */
	bool surely;	 /* it can't have been for want of anything else */
	bool reserve;	 /* it may go half-way into what is kept back: see store.h */
	const char *reason;
	const char *hint;
};

/*
 * Says of @what whether it is this user's share that is used up, and by what, or the partition
 * that is full. @hint_used_up: what to do about the first.
 */
enum exit_code failure_room(const struct room *room, const char *hint_used_up, const char *what);

/*
 * The same of a service that keeps something in internal storage, or of one that has a failed
 * call's memory from the crypto service: by @status, INSUFFICIENT_STORAGE or INSUFFICIENT_MEMORY.
 * Without @options it is the service's own that there was no room for, and not the caller's.
 */
enum exit_code failure_room_behind(psa_status_t status, const struct tstee_options *options,
				   const char *what);

/* In which form data goes out and comes in: --format of all subcommands. */
enum data_format {
	FORMAT_PEM,
	FORMAT_DER,
	FORMAT_RAW,
	FORMAT_HEX,
	FORMAT_SSH,
};

#define FORMAT_BIT(format) (1u << (format))
/* Of data that has no other form. */
#define FORMATS_BYTES (FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX))

/* What --format @text says, one of @allowed, @otherwise if it is NULL. */
enum exit_code format_parse(const char *text, uint32_t allowed, enum data_format otherwise,
			    enum data_format *format);

/* --- file.c --- */

/*
 * Reads file @path, or stdin if it is NULL or "-", up to its end. EXIT_CODE_FILE, or
 * EXIT_CODE_TOO_LARGE if it is longer than @max, with a message.
 */
enum exit_code file_read(const char *path, size_t max, struct secret *secret);

/*
 * Writes to stdout if @path is NULL or "-", else to file @path: which comes to be whole and
 * with mode 0600, or stays as it was. EXIT_CODE_FILE, with a message.
 */
enum exit_code file_write(const char *path, const void *data, size_t len);

/* The same; FORMAT_HEX: hexadecimal digits and a newline, any other: the bytes as they are. */
enum exit_code file_write_as(const char *path, enum data_format format, const void *data,
			     size_t len);

/* --- json.c --- */

/* Hexadecimal digits, without quotes. */
void print_hex(FILE *out, const uint8_t *data, size_t len);

#endif /* CMD_TSTEE_CMD_H */
