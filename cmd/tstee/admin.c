// SPDX-License-Identifier: BSD-3-Clause
/* tstee admin: who has how much, and removing what others keep. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/client_id.h>
#include <tstee_admin.h>
#include <tstee_crypto.h>
#include <tstee_storage.h>

#include "cmd.h"
#include "json.h"

static const char admin_help[] =
	"Usage: tstee admin usage\n"
	"       tstee admin list\n"
	"       tstee admin rm its|ps|key CLIENT UID\n"
	"       tstee admin erase CLIENT|all --yes\n"
	"\n"
	"What clients share in each partition, and who has it. Everybody sees his own part; the\n"
	"rest is for uid 0.\n"
	"\n"
	"  usage  what there is, what is free, and what this user has; for uid 0 also what\n"
	"         others have\n"
	"  list   the objects and keys of all clients\n"
	"  rm     removes an object of any client, also if it is write-once, or a key\n"
	"  erase  removes all objects and keys of a client, or of all: for good, and at once\n"
	"\n"
	"CLIENT is public, user:UID, group:GID or a client ID behind 0x. What a partition keeps for\n"
	"itself has its endpoint ID and a slash in front of the client, and can't be removed here.\n"
	"\n"
	"  --yes   erase: needed, as it can't be undone\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee admin usage\n"
	"  # tstee admin rm its user:1000 0x10\n"
	"  # tstee admin erase user:1000 --yes\n";

enum { OPTION_YES = OPTION_OWN };

struct admin_args {
	struct common_options common;
	bool yes;
	int count;
	char **argument;
	FILE *out;	    /* where results go: they are whole or not there */
	json_t *array;	    /* in JSON, in its place */
	uint64_t removed;   /* by erase */
	const char *failed; /* what is said of a partition that failed */
	bool refused;	    /* by a partition: all others would tell the user the same */
	bool all;	    /* erase: of all clients, not of client_id */
	uint32_t client_id;
};

#define CLIENT_TEXT 32

/* "user:1000", as options have it. */
static const char *client_text(uint32_t client_id, uint16_t source_id, char text[CLIENT_TEXT])
{
	char source[8] = "";

	if (source_id)
		snprintf(source, sizeof(source), "0x%04x/", source_id);
	if (client_id == TSTEE_CLIENT_ID_PUBLIC)
		snprintf(text, CLIENT_TEXT, "%spublic", source);
	else if (client_id == TSTEE_CLIENT_ID_KERNEL)
		snprintf(text, CLIENT_TEXT, "%skernel", source);
	else if (tstee_client_id_is_user(client_id))
		snprintf(text, CLIENT_TEXT, "%suser:%" PRIu32, source,
			 client_id - TSTEE_CLIENT_ID_USER);
	else if (tstee_client_id_is_group(client_id))
		snprintf(text, CLIENT_TEXT, "%sgroup:%" PRIu32, source,
			 client_id - TSTEE_CLIENT_ID_GROUP);
	else
		snprintf(text, CLIENT_TEXT, "%s0x%08" PRIx32, source, client_id);
	return text;
}

static bool parse_client(const char *text, uint32_t *client_id)
{
	uint64_t value;

	if (!strcmp(text, "public"))
		value = TSTEE_CLIENT_ID_PUBLIC;
	else if (!strncmp(text, "user:", 5) &&
		 parse_number(text + 5, TSTEE_CLIENT_UID_END - 1, &value))
		value += TSTEE_CLIENT_ID_USER;
	else if (!strncmp(text, "group:", 6) &&
		 parse_number(text + 6, TSTEE_CLIENT_GID_END - 1, &value))
		value += TSTEE_CLIENT_ID_GROUP;
	else if (strncmp(text, "0x", 2) != 0 || !parse_number(text, UINT32_MAX, &value))
		return false;
	*client_id = (uint32_t)value;
	return true;
}

static enum exit_code failure_admin(psa_status_t status, const char *what)
{
	if (status == PSA_ERROR_NOT_PERMITTED)
		return failure(EXIT_CODE_NOT_PERMITTED,
			       "it is for uid 0; what another partition keeps goes by that one",
			       "%s: not permitted", what);
	return failure_storage(status, what);
}

/*
 * Who else has something of pool @pool, to @array or, if it is NULL, in lines; to nobody but an
 * administrator.
 */
static enum exit_code tell_holders(struct tstee_session *session, uint32_t pool, FILE *out,
				   json_t *array)
{
	struct tstee_holder holders[TSTEE_ADMIN_PAGE], after;
	char client[CLIENT_TEXT];
	bool first = true;
	psa_status_t status;
	size_t count;

	do {
		int err = tstee_admin_holders(session, pool, first ? NULL : &after, holders, &count,
					      &status);

		if (err)
			return failure_call(err);
		if (status == PSA_ERROR_NOT_PERMITTED)
			return EXIT_CODE_OK;
		if (status)
			return failure_admin(status, "usage");
		for (size_t i = 0; i < count; i++) {
			client_text(holders[i].account, holders[i].source_id, client);
			if (array)
				json_array_append_new(
					array, json_pack("{s:s, s:I}", "client", client, "held",
							 (json_int_t)holders[i].units));
			else
				fprintf(out, "    %s  %" PRIu64 "\n", client, holders[i].units);
			after = holders[i];
		}
		first = false;
	} while (count == TSTEE_ADMIN_PAGE);
	return EXIT_CODE_OK;
}

static enum exit_code tell_pool(struct tstee_session *session, const struct tstee_pool *pool,
				uint32_t index, struct admin_args *args)
{
	json_t *holders;

	if (!args->array) {
		fprintf(args->out,
			"%-24s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
			pool->name, pool->total, pool->reserve, pool->free, pool->held);
		return tell_holders(session, index, args->out, NULL);
	}
	holders = json_array();
	json_array_append_new(args->array,
			      json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:O}", "endpoint_id",
					json_sprintf("0x%04x", tstee_session_endpoint_id(session)),
					"name", json_text(pool->name), "total",
					(json_int_t)pool->total, "reserve",
					(json_int_t)pool->reserve, "free", (json_int_t)pool->free,
					"held", (json_int_t)pool->held, "holders", holders));
	json_decref(holders);
	return tell_holders(session, index, args->out, holders);
}

static enum exit_code admin_usage(struct tstee_session *session, struct admin_args *args)
{
	const uint16_t endpoint_id = tstee_session_endpoint_id(session);
	struct tstee_pool pools[TSTEE_ADMIN_PAGE];
	enum exit_code code = EXIT_CODE_OK;
	psa_status_t status;
	size_t count;
	int err;

	err = tstee_usage(session, pools, &count, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_admin(status, "usage");
	if (!args->common.json && count)
		fprintf(args->out, "0x%04x%-18s %10s %10s %10s %10s\n", endpoint_id, "", "total",
			"reserve", "free", "yours");
	else if (!args->common.json)
		fprintf(args->out, "0x%04x: its clients share nothing\n", endpoint_id);
	for (size_t i = 0; i < count && !code; i++)
		code = tell_pool(session, &pools[i], (uint32_t)i, args);
	return code;
}

static const char *const kinds[] = {
	[TSTEE_ADMIN_KIND_ITS] = "its",
	[TSTEE_ADMIN_KIND_PS] = "ps",
	[TSTEE_ADMIN_KIND_KEY] = "key",
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static void tell_object(const struct tstee_object *o, struct admin_args *args)
{
	const char *kind = o->kind < KIND_COUNT ? kinds[o->kind] : "other";
	const bool key = o->kind == TSTEE_ADMIN_KIND_KEY;
	char client[CLIENT_TEXT], uid[20];

	client_text(o->client_id, o->source_id, client);
	/* As tstee key has IDs. */
	snprintf(uid, sizeof(uid), "0x%0*" PRIx64, key ? 8 : 1, o->uid);
	if (args->array)
		json_array_append_new(args->array, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}",
							     "kind", kind, "client", client, "uid",
							     uid, "size", (json_int_t)o->size,
							     "capacity", (json_int_t)o->capacity,
							     "flags", (json_int_t)o->flags));
	else if (key)
		fprintf(args->out, "%-3s %s %s%s\n", kind, client, uid,
			o->flags & TSTEE_ADMIN_KEY_VOLATILE ? " volatile" : "");
	else
		fprintf(args->out, "%-3s %s %s %" PRIu32 "%s\n", kind, client, uid, o->size,
			o->flags & 1 ? " write-once" : "");
}

static enum exit_code admin_list(struct tstee_session *session, struct admin_args *args)
{
	struct tstee_object objects[TSTEE_ADMIN_PAGE], after;
	bool first = true;
	psa_status_t status;
	size_t count;

	do {
		int err =
			tstee_admin_list(session, first ? NULL : &after, objects, &count, &status);

		if (err)
			return failure_call(err);
		args->refused = status == PSA_ERROR_NOT_PERMITTED;
		if (status)
			return failure_admin(status, "list");
		for (size_t i = 0; i < count; i++) {
			tell_object(&objects[i], args);
			after = objects[i];
		}
		first = false;
	} while (count == TSTEE_ADMIN_PAGE);
	return EXIT_CODE_OK;
}

static enum exit_code admin_erase(struct tstee_session *session, struct admin_args *args)
{
	psa_status_t status;
	uint64_t removed;
	int err;

	err = tstee_admin_erase(session, args->all ? NULL : &args->client_id, &removed, &status);
	args->removed += removed;
	if (err)
		return failure_call(err);
	args->refused = status == PSA_ERROR_NOT_PERMITTED;
	return status ? failure_admin(status, "erase") : EXIT_CODE_OK;
}

typedef enum exit_code (*admin_action)(struct tstee_session *session, struct admin_args *args);

static enum exit_code run_at(const struct tstee_options *options, admin_action run,
			     struct admin_args *args)
{
	struct tstee_session *session;
	enum exit_code code;
	int err = tstee_open(TSTEE_ADMIN_SERVICE, options, &session);

	if (err)
		return failure_open(err);
	code = run(session, args);
	tstee_close(session);
	return code;
}

/*
 * On each partition that has the service, of those that --endpoint allows. One that fails doesn't
 * keep the others from being asked, but one that refuses the user does; in JSON the first failure
 * is told, as there can be one only.
 */
static enum exit_code run_everywhere(admin_action run, struct admin_args *args)
{
	struct tstee_options options = args->common.open;
	enum exit_code code = EXIT_CODE_OK, first = EXIT_CODE_OK;
	struct tstee_devices *devices;
	struct tstee_uuid uuid;
	bool found = false;
	int err;

	err = tstee_service_parse(TSTEE_ADMIN_SERVICE, &uuid);
	if (!err)
		err = tstee_devices_list(&devices);
	if (err)
		return failure_open(err);
	for (size_t i = 0; i < tstee_devices_count(devices); i++) {
		const struct tstee_device *device = tstee_devices_get(devices, i);
		const uint16_t endpoint_id = tstee_device_endpoint_id(device);
		int hosts;

		if (tstee_device_kind(device) != TSTEE_DEVICE_PARTITION ||
		    (args->common.open.endpoint_id && endpoint_id != args->common.open.endpoint_id))
			continue;
		hosts = tstee_device_hosts(device, &uuid);
		found |= hosts != 0;
		options.endpoint_id = endpoint_id;
		if (hosts < 0)
			code = failure_open(hosts);
		else
			code = hosts ? run_at(&options, run, args) : EXIT_CODE_OK;
		if (!code)
			continue;
		if (!first)
			first = code;
		failure_set_json(false);
		/* Who may not has changed nothing, and is told so, once. */
		if (args->refused)
			break;
		warning("partition 0x%04x %s", endpoint_id, args->failed);
	}
	tstee_devices_free(devices);
	/* Says what is missing. */
	return found ? first : run_at(&args->common.open, run, args);
}

/* What @run prints; in JSON an array. */
static enum exit_code print_everywhere(admin_action run, struct admin_args *args)
{
	enum exit_code code;
	char *text = NULL;
	size_t len;

	if (args->count != 1)
		return failure(EXIT_CODE_USAGE, NULL,
			       "admin %s: it takes no argument; see tstee admin --help",
			       args->argument[0]);
	args->failed = "is left out";
	args->out = open_memstream(&text, &len);
	if (!args->out)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	if (args->common.json)
		args->array = json_array();
	code = run_everywhere(run, args);
	fclose(args->out);
	if (!args->array)
		fputs(text, stdout);
	json_end(args->array, !code);
	free(text);
	return code;
}

static enum exit_code cmd_usage(struct admin_args *args)
{
	return print_everywhere(admin_usage, args);
}

static enum exit_code cmd_list_all(struct admin_args *args)
{
	return print_everywhere(admin_list, args);
}

/* From the partition that the service of its kind is found in. */
static enum exit_code remove_object(const struct tstee_object *object,
				    const struct admin_args *args)
{
	static const char *const services[] = {
		[TSTEE_ADMIN_KIND_ITS] = TSTEE_ITS_SERVICE,
		[TSTEE_ADMIN_KIND_PS] = TSTEE_PS_SERVICE,
		[TSTEE_ADMIN_KIND_KEY] = TSTEE_CRYPTO_SERVICE,
	};
	struct tstee_options options = args->common.open;
	struct tstee_session *session;
	psa_status_t status;
	char what[64];
	int err;

	err = tstee_open(services[object->kind], &options, &session);
	if (err)
		return failure_open(err);
	options.endpoint_id = tstee_session_endpoint_id(session);
	tstee_close(session);
	err = tstee_open(TSTEE_ADMIN_SERVICE, &options, &session);
	if (err)
		return failure_open(err);
	err = tstee_admin_remove(session, object, &status);
	tstee_close(session);
	if (err)
		return failure_call(err);
	snprintf(what, sizeof(what), "%s 0x%" PRIx64,
		 object->kind == TSTEE_ADMIN_KIND_KEY ? "key" : "object", object->uid);
	if (status == PSA_ERROR_DOES_NOT_EXIST)
		return failure(EXIT_CODE_NOT_FOUND, "tstee admin list shows what there is",
			       "%s of %s: there is none in %s", what, args->argument[2],
			       kinds[object->kind]);
	return status ? failure_admin(status, what) : EXIT_CODE_OK;
}

static enum exit_code cmd_rm(struct admin_args *args)
{
	struct tstee_object object = { 0 };
	enum exit_code code;

	if (args->count != 4)
		return failure(
			EXIT_CODE_USAGE, NULL,
			"admin rm: give its, ps or key, a client and a UID; see tstee admin --help");
	while (object.kind < KIND_COUNT && strcmp(args->argument[1], kinds[object.kind]) != 0)
		object.kind++;
	if (object.kind == KIND_COUNT)
		return failure(EXIT_CODE_USAGE, NULL, "%s: not one of its, ps or key",
			       args->argument[1]);
	if (!parse_client(args->argument[2], &object.client_id))
		return failure(EXIT_CODE_USAGE, "give public, user:UID or group:GID",
			       "%s: not a client", args->argument[2]);
	if (!parse_number(args->argument[3], UINT64_MAX, &object.uid) || !object.uid)
		return failure(EXIT_CODE_USAGE,
			       "give a 64-bit number that isn't 0, in decimal or behind 0x",
			       "%s: not a UID", args->argument[3]);
	code = remove_object(&object, args);
	if (!code && args->common.json)
		json_print(json_pack("{s:o}", "uid", json_id(object.uid)));
	return code;
}

static enum exit_code cmd_erase(struct admin_args *args)
{
	enum exit_code code;

	if (args->count != 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "admin erase: give a client, or all; see tstee admin --help");
	args->all = !strcmp(args->argument[1], "all");
	if (!args->all && !parse_client(args->argument[1], &args->client_id))
		return failure(EXIT_CODE_USAGE, "give all, public, user:UID or group:GID",
			       "%s: not a client", args->argument[1]);
	if (!args->yes)
		return failure(EXIT_CODE_USAGE, "add --yes if that is what you want",
			       "this would remove all objects and keys of %s for good",
			       args->argument[1]);
	args->failed = "may have lost nothing, or a part: erase again when it is up";
	code = run_everywhere(admin_erase, args);
	if (code && args->removed)
		warning("%" PRIu64 " objects and keys removed all the same", args->removed);
	else if (!code && args->common.json)
		json_print(json_pack("{s:I}", "removed", (json_int_t)args->removed));
	else if (!code)
		printf("%" PRIu64 " objects and keys removed\n", args->removed);
	return code;
}

static const struct {
	const char *name;
	enum exit_code (*run)(struct admin_args *args);
} actions[] = {
	{ "usage", cmd_usage },
	{ "list", cmd_list_all },
	{ "rm", cmd_rm },
	{ "erase", cmd_erase },
};

enum exit_code cmd_admin(int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY,
					       COMMON_OPTIONS_CALL,
					       { "yes", no_argument, NULL, OPTION_YES },
					       { 0 } };
	struct admin_args args = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, ":h", known, NULL)) != -1) {
		enum exit_code code;

		if (option == OPTION_YES) {
			args.yes = true;
			continue;
		}
		code = common_option(&args.common, option, optarg, "admin", argv);
		if (code)
			return code;
	}
	if (args.common.help) {
		fputs(admin_help, stdout);
		return EXIT_CODE_OK;
	}
	args.count = argc - optind;
	args.argument = argv + optind;
	for (size_t i = 0; args.count && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(args.argument[0], actions[i].name) != 0)
			continue;
		if (args.yes && actions[i].run != cmd_erase)
			return failure(EXIT_CODE_USAGE, NULL, "--yes goes with erase only");
		return actions[i].run(&args);
	}
	return failure(EXIT_CODE_USAGE, NULL,
		       "admin: give usage, list, rm or erase; see tstee admin --help");
}
