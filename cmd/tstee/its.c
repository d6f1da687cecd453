// SPDX-License-Identifier: BSD-3-Clause
/* tstee its: objects in internal trusted storage. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tstee_its.h>

#include "cmd.h"

static const char help[] =
	"Usage: tstee its put UID [FILE] [--write-once]\n"
	"       tstee its get UID [FILE]\n"
	"       tstee its info UID\n"
	"       tstee its rm UID\n"
	"\n"
	"Keeps secrets of up to 65536 bytes in the flash of a secure partition. An object is\n"
	"named by its UID, a 64-bit number that isn't 0, in decimal or behind 0x. Each user has\n"
	"objects of their own, which other users don't see, be it under the same UID.\n"
	"\n"
	"  put    stores FILE, or standard input, and replaces what was there\n"
	"  get    writes to FILE (whole and with mode 0600, or not at all) or standard output\n"
	"  info   shows length, capacity and flags\n"
	"  rm     removes\n"
	"\n"
	"  --write-once    put: the object can never be replaced or removed\n" COMMON_OPTIONS_HELP
	"\n"
	"Examples:\n"
	"  $ printf %s \"$PASSWORD\" | tstee its put 0x10\n"
	"  $ tstee its get 0x10\n"
	"  $ tstee its put 17 key.der && shred -u key.der\n"
	"  $ tstee its get 17 /run/key.der\n"
	"  $ tstee its put 18 banner.txt --public     # for everybody\n"
	"  $ tstee its info 17 --json\n"
	"  $ tstee its rm 17\n";

enum { OPTION_WRITE_ONCE = OPTION_OWN };

struct its_args {
	struct common_options common;
	bool write_once;
	uint64_t uid;
	const char *path; /* NULL = stdin or stdout */
	char what[32];	  /* the object, for messages */
};

static enum exit_code its_put(struct tstee_session *session, const struct its_args *args)
{
	struct secret secret;
	enum exit_code code;
	psa_status_t status;
	int err;

	code = file_read(args->path, TSTEE_ITS_OBJECT_MAX, &secret);
	if (code)
		return code;
	err = tstee_its_set(session, args->uid, secret.len, secret.data,
			    args->write_once ? PSA_STORAGE_FLAG_WRITE_ONCE : PSA_STORAGE_FLAG_NONE,
			    &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_storage(status, args->what);
	else if (args->common.json)
		printf("{\"uid\": \"0x%" PRIx64 "\", \"size\": %zu}\n", args->uid, secret.len);
	secret_free(&secret);
	return code;
}

static enum exit_code its_output(const struct its_args *args, const struct secret *secret)
{
	enum exit_code code = EXIT_CODE_OK;

	if (!args->common.json)
		return file_write(args->path, secret->data, secret->len);
	if (args->path && strcmp(args->path, "-") != 0) {
		code = file_write(args->path, secret->data, secret->len);
		if (!code) {
			printf("{\"uid\": \"0x%" PRIx64 "\", \"size\": %zu, \"file\": ", args->uid,
			       secret->len);
			json_string(stdout, args->path);
			printf("}\n");
		}
		return code;
	}
	printf("{\"uid\": \"0x%" PRIx64 "\", \"size\": %zu, \"data\": \"", args->uid, secret->len);
	print_hex(stdout, secret->data, secret->len);
	printf("\"}\n");
	return code;
}

static enum exit_code its_get(struct tstee_session *session, const struct its_args *args)
{
	struct secret secret = { .data = malloc(TSTEE_ITS_OBJECT_MAX) };
	enum exit_code code;
	psa_status_t status;
	int err;

	if (!secret.data)
		return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", args->what);
	/* All in one call, so that nobody can replace the object half-way. */
	err = tstee_its_get(session, args->uid, 0, TSTEE_ITS_OBJECT_MAX, secret.data, &secret.len,
			    &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_storage(status, args->what);
	else
		code = its_output(args, &secret);
	secret_free(&secret);
	return code;
}

static void print_flags(psa_storage_create_flags_t flags, bool json)
{
	static const struct {
		psa_storage_create_flags_t flag;
		const char *name;
	} table[] = {
		{ PSA_STORAGE_FLAG_WRITE_ONCE, "write-once" },
		{ PSA_STORAGE_FLAG_NO_CONFIDENTIALITY, "no-confidentiality" },
		{ PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION, "no-replay-protection" },
	};
	const char *separator = "";

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!(flags & table[i].flag))
			continue;
		if (json)
			printf("%s\"%s\"", separator, table[i].name);
		else
			printf("%s%s", separator, table[i].name);
		separator = json ? ", " : " ";
	}
	if (!json && !*separator)
		printf("none");
}

static enum exit_code its_info(struct tstee_session *session, const struct its_args *args)
{
	struct psa_storage_info_t info;
	psa_status_t status;
	int err;

	err = tstee_its_get_info(session, args->uid, &info, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_storage(status, args->what);
	if (args->common.json) {
		printf("{\"uid\": \"0x%" PRIx64
		       "\", \"size\": %zu, \"capacity\": %zu, \"flags\": [",
		       args->uid, info.size, info.capacity);
		print_flags(info.flags, true);
		printf("]}\n");
		return EXIT_CODE_OK;
	}
	printf("size:     %zu\ncapacity: %zu\nflags:    ", info.size, info.capacity);
	print_flags(info.flags, false);
	putchar('\n');
	return EXIT_CODE_OK;
}

static enum exit_code its_rm(struct tstee_session *session, const struct its_args *args)
{
	psa_status_t status;
	int err;

	err = tstee_its_remove(session, args->uid, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_storage(status, args->what);
	if (args->common.json)
		printf("{\"uid\": \"0x%" PRIx64 "\"}\n", args->uid);
	return EXIT_CODE_OK;
}

static const struct its_action {
	const char *name;
	enum exit_code (*run)(struct tstee_session *session, const struct its_args *args);
	bool takes_file;
} actions[] = {
	{ "put", its_put, true },
	{ "get", its_get, true },
	{ "info", its_info, false },
	{ "rm", its_rm, false },
};

static const struct its_action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	}
	return NULL;
}

/* ACTION UID [FILE], behind the options. */
static enum exit_code parse_arguments(struct its_args *args, int count, char **argument,
				      const struct its_action **action)
{
	if (!count)
		return failure(EXIT_CODE_USAGE, NULL,
			       "its: put, get, info or rm is missing; see tstee its --help");
	*action = find_action(argument[0]);
	if (!*action)
		return failure(EXIT_CODE_USAGE, NULL,
			       "its %s: neither put, get, info nor rm; see tstee its --help",
			       argument[0]);
	if (count < 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "its %s: UID is missing; see tstee its --help", argument[0]);
	if (!parse_number(argument[1], UINT64_MAX, &args->uid) || !args->uid)
		return failure(EXIT_CODE_USAGE,
			       "give a 64-bit number that isn't 0, in decimal or behind 0x",
			       "%s: not a UID", argument[1]);
	if (count > ((*action)->takes_file ? 3 : 2))
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: one argument too many; see tstee its --help",
			       argument[count - 1]);
	if (args->write_once && (*action)->run != its_put)
		return failure(EXIT_CODE_USAGE, NULL, "--write-once goes with put only");
	args->path = count > 2 ? argument[2] : NULL;
	snprintf(args->what, sizeof(args->what), "object 0x%" PRIx64, args->uid);
	return EXIT_CODE_OK;
}

enum exit_code cmd_its(int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY,
					       COMMON_OPTIONS_CALL,
					       { "write-once", no_argument, NULL,
						 OPTION_WRITE_ONCE },
					       { 0 } };
	const struct its_action *action = NULL;
	struct tstee_session *session;
	struct its_args args = { 0 };
	enum exit_code code;
	int option, err;

	while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (option == OPTION_WRITE_ONCE) {
			args.write_once = true;
			continue;
		}
		code = common_option(&args.common, option, optarg, "its", argv);
		if (code)
			return code;
	}
	if (args.common.help) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	code = parse_arguments(&args, argc - optind, argv + optind, &action);
	if (code)
		return code;
	err = tstee_open(TSTEE_ITS_SERVICE, &args.common.open, &session);
	if (err)
		return failure_open(err);
	code = action->run(session, &args);
	tstee_close(session);
	return code;
}
