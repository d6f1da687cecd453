// SPDX-License-Identifier: BSD-3-Clause
/* tstee its, tstee ps: objects in internal trusted storage and in protected storage. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tstee_storage.h>

#include "cmd.h"
#include "json.h"

static const char its_help[] =
	"Usage: tstee its put UID [FILE] [--write-once]\n"
	"       tstee its get UID [FILE] [--format raw|hex]\n"
	"       tstee its info UID\n"
	"       tstee its rm UID\n"
	"       tstee its list\n"
	"\n"
	"Keeps secrets of up to 65536 bytes in the flash of a secure partition. An object is\n"
	"named by its UID, a 64-bit number that isn't 0, in decimal or behind 0x. Each user has\n"
	"objects of their own, which other users don't see, be it under the same UID.\n"
	"\n"
	"  put    stores FILE, or standard input, and replaces what was there\n"
	"  get    writes to FILE (whole and with mode 0600, or not at all) or standard output\n"
	"  info   shows length, capacity and flags\n"
	"  rm     removes\n"
	"  list   shows one's own objects: UID, length, whether it is write-once\n"
	"\n"
	"  --write-once    put: the object can never be replaced or removed\n"
	"  --format F      get: raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ printf %s \"$PASSWORD\" | tstee its put 0x10\n"
	"  $ tstee its get 0x10\n"
	"  $ tstee its put 17 key.der && shred -u key.der\n"
	"  $ tstee its get 17 /run/key.der\n"
	"  $ tstee its put 18 banner.txt --public     # for everybody\n"
	"  $ tstee its info 17 --json\n"
	"  $ tstee its rm 17\n";

static const char ps_help[] =
	"Usage: tstee ps put UID [FILE] [--write-once]\n"
	"       tstee ps get UID [FILE] [--format raw|hex]\n"
	"       tstee ps info UID\n"
	"       tstee ps rm UID\n"
	"       tstee ps list\n"
	"       tstee ps create UID CAPACITY\n"
	"       tstee ps write UID OFFSET [FILE]\n"
	"\n"
	"Keeps secrets of up to 65536 bytes, encrypted and authenticated by a secure partition, in\n"
	"flash that others may get at: what they change or put back is detected (exit code 13).\n"
	"An object is named by its UID, a 64-bit number that isn't 0, in decimal or behind 0x.\n"
	"Each user has objects of their own, which aren't those of tstee its.\n"
	"\n"
	"  put    stores FILE, or standard input, and replaces what was there\n"
	"  get    writes to FILE (whole and with mode 0600, or not at all) or standard output\n"
	"  info   shows length, capacity and flags\n"
	"  rm     removes\n"
	"  list   shows one's own objects: UID, length, whether it is write-once\n"
	"  create makes an empty object with room for CAPACITY bytes, which nobody else gets\n"
	"  write  writes FILE, or standard input, at OFFSET, up to the object's end at most,\n"
	"         within its capacity: all of it or nothing\n"
	"\n"
	"  --write-once    put: the object can never be replaced or removed\n"
	"  --format F      get: raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee ps put 17 users.db\n"
	"  $ tstee ps get 17 /run/users.db\n"
	"  $ tstee ps create 18 4096 && echo started | tstee ps write 18 0\n"
	"  $ tstee ps info 18 --json\n";

enum { OPTION_WRITE_ONCE = OPTION_OWN, OPTION_FORMAT };

struct storage_args {
	struct common_options common;
	const char *service;
	bool write_once;
	const char *format_text;
	enum data_format format;
	uint64_t uid;
	uint64_t number;  /* capacity or offset */
	const char *path; /* NULL = stdin or stdout */
	char what[32];	  /* the object, for messages */
};

/* What the flash takes for an object beside its bytes, at most. */
#define OBJECT_EXTRA 112u

/* What protected storage keeps of an object in internal storage. */
#define PS_ENTRY_LEN 80u

/* Of the flash, for an object of @len bytes in place of one of *@info, if there is one. */
static uint64_t growth(uint64_t len, bool exists, const struct psa_storage_info_t *info)
{
	if (!exists)
		return len + OBJECT_EXTRA;
	return len > info->capacity ? len - info->capacity : 0;
}

/* There was no room for @len bytes. */
static enum exit_code no_room(struct tstee_session *session, const struct storage_args *args,
			      uint64_t len)
{
	struct psa_storage_info_t info = { 0 };
	psa_status_t status;
	const bool exists = !tstee_storage_get_info(session, args->uid, &info, &status) && !status;
	const struct room_want protected[] = {
		{ "objects", !exists },
		{ "protected objects", !exists },
		{ "flash bytes", exists ? 0 : PS_ENTRY_LEN + OBJECT_EXTRA },
		{ "protected flash bytes", growth(len, exists, &info) },
	};
	const struct room_want internal[] = {
		{ "objects", !exists },
		{ "flash bytes", growth(len, exists, &info) },
	};
	const bool ps = !strcmp(args->service, TSTEE_PS_SERVICE);

	return failure_room(
		&(struct room){ .service = args->service,
				.options = &args->common.open,
				.wants = ps ? protected : internal,
				.want_count = ps ? sizeof(protected) / sizeof(protected[0]) :
						   sizeof(internal) / sizeof(internal[0]),
				.surely = true,
				.reason = "no room left in the storage",
				.hint = "remove objects that aren't needed" },
		"remove objects (tstee its list, ps list) or keys (tstee key list) that "
		"aren't needed",
		args->what);
}

static enum exit_code storage_put(struct tstee_session *session, const struct storage_args *args)
{
	struct secret secret;
	enum exit_code code;
	psa_status_t status;
	int err;

	code = file_read(args->path, TSTEE_STORAGE_OBJECT_MAX, &secret);
	if (code)
		return code;
	err = tstee_storage_set(
		session, args->uid, secret.len, secret.data,
		args->write_once ? PSA_STORAGE_FLAG_WRITE_ONCE : PSA_STORAGE_FLAG_NONE, &status);
	if (err)
		code = failure_call(err);
	else if (status == PSA_ERROR_INSUFFICIENT_STORAGE)
		code = no_room(session, args, secret.len);
	else if (status)
		code = failure_storage(status, args->what);
	else if (args->common.json)
		json_print(json_pack("{s:o, s:I}", "uid", json_id(args->uid), "size",
				     (json_int_t)secret.len));
	secret_free(&secret);
	return code;
}

static enum exit_code storage_output(const struct storage_args *args, const struct secret *secret)
{
	const bool file = args->path && strcmp(args->path, "-") != 0;
	enum exit_code code = EXIT_CODE_OK;
	json_t *value;

	if (file || !args->common.json)
		code = file_write_as(args->path, args->format, secret->data, secret->len);
	if (code || !args->common.json)
		return code;
	value = json_pack("{s:o, s:I}", "uid", json_id(args->uid), "size", (json_int_t)secret->len);
	if (file)
		json_object_set_new(value, "file", json_text(args->path));
	else
		json_object_set_new(value, "data", json_hex(secret->data, secret->len));
	json_print(value);
	return EXIT_CODE_OK;
}

static enum exit_code storage_get(struct tstee_session *session, const struct storage_args *args)
{
	struct secret secret = { .data = malloc(TSTEE_STORAGE_OBJECT_MAX) };
	enum exit_code code;
	psa_status_t status;
	int err;

	if (!secret.data)
		return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", args->what);
	/* All in one call, so that nobody can replace the object half-way. */
	err = tstee_storage_get(session, args->uid, 0, TSTEE_STORAGE_OBJECT_MAX, secret.data,
				&secret.len, &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_storage(status, args->what);
	else
		code = storage_output(args, &secret);
	secret_free(&secret);
	return code;
}

/* The name of the flag that is the @i-th of those in @flags, or NULL. */
static const char *flag_name(uint64_t flags, size_t i)
{
	static const struct {
		psa_storage_create_flags_t flag;
		const char *name;
	} table[] = {
		{ PSA_STORAGE_FLAG_WRITE_ONCE, "write-once" },
		{ PSA_STORAGE_FLAG_NO_CONFIDENTIALITY, "no-confidentiality" },
		{ PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION, "no-replay-protection" },
	};

	for (size_t j = 0; j < sizeof(table) / sizeof(table[0]); j++) {
		if ((flags & table[j].flag) && !i--)
			return table[j].name;
	}
	return NULL;
}

static json_t *info_json(psa_storage_uid_t uid, const struct psa_storage_info_t *info)
{
	return json_pack("{s:o, s:I, s:I, s:o}", "uid", json_id(uid), "size",
			 (json_int_t)info->size, "capacity", (json_int_t)info->capacity, "flags",
			 json_names(flag_name, info->flags));
}

static enum exit_code storage_info(struct tstee_session *session, const struct storage_args *args)
{
	struct psa_storage_info_t info;
	psa_status_t status;
	int err;

	err = tstee_storage_get_info(session, args->uid, &info, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_storage(status, args->what);
	if (args->common.json) {
		json_print(info_json(args->uid, &info));
		return EXIT_CODE_OK;
	}
	printf("size:     %zu\ncapacity: %zu\nflags:    ", info.size, info.capacity);
	for (size_t i = 0; flag_name(info.flags, i); i++)
		printf("%s%s", i ? " " : "", flag_name(info.flags, i));
	printf("%s\n", flag_name(info.flags, 0) ? "" : "none");
	return EXIT_CODE_OK;
}

static enum exit_code storage_rm(struct tstee_session *session, const struct storage_args *args)
{
	psa_status_t status;
	int err;

	err = tstee_storage_remove(session, args->uid, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_storage(status, args->what);
	if (args->common.json)
		json_print(json_pack("{s:o}", "uid", json_id(args->uid)));
	return EXIT_CODE_OK;
}

static enum exit_code storage_create(struct tstee_session *session, const struct storage_args *args)
{
	psa_status_t status;
	int err;

	err = tstee_storage_create(session, args->uid, args->number, PSA_STORAGE_FLAG_NONE,
				   &status);
	if (err)
		return failure_call(err);
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE && args->number > TSTEE_STORAGE_OBJECT_MAX)
		return failure(EXIT_CODE_TOO_LARGE, NULL,
			       "%s: an object has at most %u bytes, not %" PRIu64, args->what,
			       TSTEE_STORAGE_OBJECT_MAX, args->number);
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE)
		return no_room(session, args, args->number);
	if (status)
		return failure_storage(status, args->what);
	if (args->common.json)
		json_print(json_pack("{s:o, s:I}", "uid", json_id(args->uid), "capacity",
				     (json_int_t)args->number));
	return EXIT_CODE_OK;
}

static enum exit_code storage_write(struct tstee_session *session, const struct storage_args *args)
{
	struct secret secret;
	enum exit_code code;
	psa_status_t status;
	int err;

	code = file_read(args->path, TSTEE_STORAGE_OBJECT_MAX, &secret);
	if (code)
		return code;
	err = tstee_storage_write(session, args->uid, args->number, secret.len, secret.data,
				  &status);
	if (err)
		code = failure_call(err);
	else if (status == PSA_ERROR_INVALID_ARGUMENT)
		code = failure(EXIT_CODE_OTHER, "tstee ps info shows its length and its capacity",
			       "%s: the data would leave a gap, or not fit into it", args->what);
	else if (status)
		code = failure_storage(status, args->what);
	else if (args->common.json)
		json_print(json_pack("{s:o, s:I, s:I}", "uid", json_id(args->uid), "offset",
				     (json_int_t)args->number, "size", (json_int_t)secret.len));
	secret_free(&secret);
	return code;
}

/* One object, to @array, or as a line if it is NULL; one that is removed meanwhile is left out. */
static enum exit_code list_object(struct tstee_session *session, psa_storage_uid_t uid,
				  json_t *array)
{
	struct psa_storage_info_t info = { 0 };
	psa_status_t status;
	int err;

	err = tstee_storage_get_info(session, uid, &info, &status);
	if (err)
		return failure_call(err);
	if (status == PSA_ERROR_DOES_NOT_EXIST)
		return EXIT_CODE_OK;
	if (array) {
		json_array_append_new(array, status ? json_pack("{s:o}", "uid", json_id(uid)) :
						      info_json(uid, &info));
	} else if (status) {
		printf("0x%" PRIx64 " damaged\n", uid);
	} else {
		printf("0x%" PRIx64 " %zu%s\n", uid, info.size,
		       info.flags & PSA_STORAGE_FLAG_WRITE_ONCE ? " write-once" : "");
	}
	return EXIT_CODE_OK;
}

static enum exit_code storage_list(struct tstee_session *session, const struct storage_args *args)
{
	psa_storage_uid_t uids[TSTEE_STORAGE_LIST_MAX], after = 0;
	json_t *array = args->common.json ? json_array() : NULL;
	enum exit_code code = EXIT_CODE_OK;
	psa_status_t status;
	size_t count = 0;

	do {
		int err = tstee_storage_list(session, after, uids, &count, &status);

		if (err)
			code = failure_call(err);
		else if (status)
			code = failure_storage(status, "list");
		for (size_t i = 0; i < count && !code; i++) {
			code = list_object(session, uids[i], array);
			after = uids[i];
		}
	} while (count == TSTEE_STORAGE_LIST_MAX && !code);
	json_end(array, !code);
	return code;
}

struct storage_action {
	const char *name;
	enum exit_code (*run)(struct tstee_session *session, const struct storage_args *args);
	const char *number; /* what it takes behind the UID, or NULL */
	bool takes_file;
};

static const struct storage_action list = { "list", storage_list, NULL, false };
static const struct storage_action put = { "put", storage_put, NULL, true };
static const struct storage_action get = { "get", storage_get, NULL, true };
static const struct storage_action info = { "info", storage_info, NULL, false };
static const struct storage_action rm = { "rm", storage_rm, NULL, false };
static const struct storage_action create = { "create", storage_create, "CAPACITY", false };
static const struct storage_action extend = { "write", storage_write, "OFFSET", true };

/* One of the two services. */
struct storage {
	const char *name;
	const char *service;
	const char *help;
	const char *choice; /* the actions in words */
	const struct storage_action *actions[8];
};

static const struct storage its = {
	.name = "its",
	.service = TSTEE_ITS_SERVICE,
	.help = its_help,
	.choice = "put, get, info, rm or list",
	.actions = { &put, &get, &info, &rm, &list },
};

static const struct storage ps = {
	.name = "ps",
	.service = TSTEE_PS_SERVICE,
	.help = ps_help,
	.choice = "put, get, info, rm, list, create or write",
	.actions = { &put, &get, &info, &rm, &list, &create, &extend },
};

static const struct storage_action *find_action(const struct storage *storage, const char *name)
{
	for (size_t i = 0; storage->actions[i]; i++) {
		if (!strcmp(storage->actions[i]->name, name))
			return storage->actions[i];
	}
	return NULL;
}

/* ACTION UID [NUMBER] [FILE], behind the options. */
static enum exit_code parse_arguments(const struct storage *storage, struct storage_args *args,
				      int count, char **argument,
				      const struct storage_action **action)
{
	const char *name = storage->name;
	int used = 2;

	if (!count)
		return failure(EXIT_CODE_USAGE, NULL, "%s: %s is missing; see tstee %s --help",
			       name, storage->choice, name);
	*action = find_action(storage, argument[0]);
	if (!*action)
		return failure(EXIT_CODE_USAGE, NULL, "%s %s: not one of %s; see tstee %s --help",
			       name, argument[0], storage->choice, name);
	if (*action == &list && count == 1 && (args->write_once || args->format_text))
		return failure(EXIT_CODE_USAGE, NULL, "%s goes with %s only",
			       args->write_once ? "--write-once" : "--format",
			       args->write_once ? "put" : "get");
	if (*action == &list && count == 1)
		return EXIT_CODE_OK;
	if (*action == &list)
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: one argument too many; see tstee %s --help",
			       argument[count - 1], name);
	if (count < 2)
		return failure(EXIT_CODE_USAGE, NULL, "%s %s: UID is missing; see tstee %s --help",
			       name, argument[0], name);
	if (!parse_number(argument[1], UINT64_MAX, &args->uid) || !args->uid)
		return failure(EXIT_CODE_USAGE,
			       "give a 64-bit number that isn't 0, in decimal or behind 0x",
			       "%s: not a UID", argument[1]);
	if ((*action)->number) {
		if (count < 3)
			return failure(EXIT_CODE_USAGE, NULL,
				       "%s %s: %s is missing; see tstee %s --help", name,
				       argument[0], (*action)->number, name);
		if (!parse_number(argument[2], SIZE_MAX, &args->number))
			return failure(EXIT_CODE_USAGE,
				       "give a number of bytes, in decimal or behind 0x",
				       "%s: no %s", argument[2], (*action)->number);
		used++;
	}
	if ((*action)->takes_file && count > used)
		args->path = argument[used++];
	if (count > used)
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: one argument too many; see tstee %s --help",
			       argument[count - 1], name);
	if (args->write_once && *action != &put)
		return failure(EXIT_CODE_USAGE, NULL, "--write-once goes with put only");
	if (args->format_text && *action != &get)
		return failure(EXIT_CODE_USAGE, NULL, "--format goes with get only");
	snprintf(args->what, sizeof(args->what), "object 0x%" PRIx64, args->uid);
	return EXIT_CODE_OK;
}

static enum exit_code cmd_storage(const struct storage *storage, int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY,
					       COMMON_OPTIONS_CALL,
					       { "write-once", no_argument, NULL,
						 OPTION_WRITE_ONCE },
					       { "format", required_argument, NULL, OPTION_FORMAT },
					       { 0 } };
	const struct storage_action *action = NULL;
	struct storage_args args = { .service = storage->service, .format = FORMAT_RAW };
	struct tstee_session *session;
	enum exit_code code;
	int option, err;

	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		if (option == OPTION_WRITE_ONCE) {
			args.write_once = true;
			continue;
		}
		if (option == OPTION_FORMAT) {
			args.format_text = optarg;
			code = format_parse(optarg, FORMATS_BYTES, FORMAT_RAW, &args.format);
		} else {
			code = common_option(&args.common, option, optarg, storage->name, argv);
		}
		if (code)
			return code;
	}
	if (args.common.help) {
		fputs(storage->help, stdout);
		return EXIT_CODE_OK;
	}
	code = parse_arguments(storage, &args, argc - optind, argv + optind, &action);
	if (code)
		return code;
	err = tstee_open(storage->service, &args.common.open, &session);
	if (err)
		return failure_open(err);
	code = action->run(session, &args);
	tstee_close(session);
	return code;
}

enum exit_code cmd_its(int argc, char **argv)
{
	return cmd_storage(&its, argc, argv);
}

enum exit_code cmd_ps(int argc, char **argv)
{
	return cmd_storage(&ps, argc, argv);
}
