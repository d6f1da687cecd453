// SPDX-License-Identifier: BSD-3-Clause
/* tstee admin: who has how much, and removing what others keep. */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <tstee/client_id.h>
#include <tstee_admin.h>

#include "cmd.h"

static const char admin_help[] =
	"Usage: tstee admin usage\n"
	"       tstee admin list\n"
	"       tstee admin rm its|ps CLIENT UID\n"
	"       tstee admin erase CLIENT|all --yes\n"
	"\n"
	"What is shared in the storage partition, and who has it. Everybody sees his own part;\n"
	"the rest is for uid 0.\n"
	"\n"
	"  usage  what there is, what is free, and what this user has; for uid 0 also what\n"
	"         others have\n"
	"  list   the objects of all clients\n"
	"  rm     removes an object of any client, also if it is write-once\n"
	"  erase  removes all objects of a client, or of all: for good, and at once\n"
	"\n"
	"CLIENT is public, user:UID, group:GID or a client ID behind 0x. Keys that the crypto\n"
	"partition keeps are objects of its own: its owner removes them by tstee key rm.\n"
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
};

/* "user:1000", as options have it. */
static void print_client(uint32_t client_id, uint16_t source_id)
{
	if (source_id)
		printf("0x%04x/", source_id);
	if (client_id == TSTEE_CLIENT_ID_PUBLIC)
		printf("public");
	else if (client_id == TSTEE_CLIENT_ID_KERNEL)
		printf("kernel");
	else if (tstee_client_id_is_user(client_id))
		printf("user:%" PRIu32, client_id - TSTEE_CLIENT_ID_USER);
	else if (tstee_client_id_is_group(client_id))
		printf("group:%" PRIu32, client_id - TSTEE_CLIENT_ID_GROUP);
	else
		printf("0x%08" PRIx32, client_id);
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

/* Who else has something of pool @pool; to nobody but an administrator. */
static enum exit_code print_holders(struct tstee_session *session, uint32_t pool, bool json)
{
	struct tstee_holder holders[TSTEE_ADMIN_PAGE], after;
	const char *separator = "";
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
			printf(json ? "%s{\"client\": \"" : "%s    ", separator);
			print_client(holders[i].account, holders[i].source_id);
			printf(json ? "\", \"held\": %" PRIu64 "}" : "  %" PRIu64 "\n",
			       holders[i].units);
			separator = json ? ", " : "";
			after = holders[i];
		}
		first = false;
	} while (count == TSTEE_ADMIN_PAGE);
	return EXIT_CODE_OK;
}

static enum exit_code admin_usage(struct tstee_session *session, const struct admin_args *args)
{
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
	if (args->common.json)
		printf("[");
	else
		printf("%-24s %10s %10s %10s %10s\n", "", "total", "reserve", "free", "yours");
	for (size_t i = 0; i < count && !code; i++) {
		const struct tstee_pool *pool = &pools[i];

		if (args->common.json) {
			printf("%s{\"name\": ", i ? ", " : "");
			json_string(stdout, pool->name);
			printf(", \"total\": %" PRIu64 ", \"reserve\": %" PRIu64
			       ", \"free\": %" PRIu64 ", \"held\": %" PRIu64 ", \"holders\": [",
			       pool->total, pool->reserve, pool->free, pool->held);
		} else {
			printf("%-24s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
			       pool->name, pool->total, pool->reserve, pool->free, pool->held);
		}
		code = print_holders(session, (uint32_t)i, args->common.json);
		if (args->common.json)
			printf("]}");
	}
	if (args->common.json)
		printf("]\n");
	return code;
}

static enum exit_code admin_list(struct tstee_session *session, const struct admin_args *args)
{
	struct tstee_object objects[TSTEE_ADMIN_PAGE], after;
	bool first = true, any = false;
	psa_status_t status;
	size_t count;

	do {
		int err =
			tstee_admin_list(session, first ? NULL : &after, objects, &count, &status);

		if (err)
			return failure_call(err);
		if (status)
			return failure_admin(status, "list");
		if (first && args->common.json)
			printf("[");
		for (size_t i = 0; i < count; i++) {
			const struct tstee_object *o = &objects[i];
			const char *kind = o->kind == TSTEE_ADMIN_KIND_PS ? "ps" : "its";

			if (args->common.json) {
				printf("%s{\"kind\": \"%s\", \"client\": \"", any ? ", " : "",
				       kind);
				print_client(o->client_id, o->source_id);
				printf("\", \"uid\": \"0x%" PRIx64 "\", \"size\": %" PRIu32
				       ", \"capacity\": %" PRIu32 ", \"flags\": %" PRIu32 "}",
				       o->uid, o->size, o->capacity, o->flags);
			} else {
				printf("%-3s ", kind);
				print_client(o->client_id, o->source_id);
				printf(" 0x%" PRIx64 " %" PRIu32 "%s\n", o->uid, o->size,
				       o->flags & 1 ? " write-once" : "");
			}
			any = true;
			after = *o;
		}
		first = false;
	} while (count == TSTEE_ADMIN_PAGE);
	if (args->common.json)
		printf("]\n");
	return EXIT_CODE_OK;
}

static enum exit_code admin_rm(struct tstee_session *session, const struct admin_args *args)
{
	struct tstee_object object = { 0 };
	psa_status_t status;
	char what[64];
	int err;

	if (args->count != 4)
		return failure(
			EXIT_CODE_USAGE, NULL,
			"admin rm: give its or ps, a client and a UID; see tstee admin --help");
	if (!strcmp(args->argument[1], "ps"))
		object.kind = TSTEE_ADMIN_KIND_PS;
	else if (strcmp(args->argument[1], "its") != 0)
		return failure(EXIT_CODE_USAGE, NULL, "%s: neither its nor ps", args->argument[1]);
	if (!parse_client(args->argument[2], &object.client_id))
		return failure(EXIT_CODE_USAGE, "give public, user:UID or group:GID",
			       "%s: not a client", args->argument[2]);
	if (!parse_number(args->argument[3], UINT64_MAX, &object.uid) || !object.uid)
		return failure(EXIT_CODE_USAGE,
			       "give a 64-bit number that isn't 0, in decimal or behind 0x",
			       "%s: not a UID", args->argument[3]);
	snprintf(what, sizeof(what), "object 0x%" PRIx64, object.uid);
	err = tstee_admin_remove(session, &object, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_admin(status, what);
	if (args->common.json)
		printf("{\"uid\": \"0x%" PRIx64 "\"}\n", object.uid);
	return EXIT_CODE_OK;
}

static enum exit_code admin_erase(struct tstee_session *session, const struct admin_args *args)
{
	uint32_t client_id = 0;
	psa_status_t status;
	uint64_t removed;
	bool all;
	int err;

	if (args->count != 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "admin erase: give a client, or all; see tstee admin --help");
	all = !strcmp(args->argument[1], "all");
	if (!all && !parse_client(args->argument[1], &client_id))
		return failure(EXIT_CODE_USAGE, "give all, public, user:UID or group:GID",
			       "%s: not a client", args->argument[1]);
	if (!args->yes)
		return failure(EXIT_CODE_USAGE, "add --yes if that is what you want",
			       "this would remove all objects of %s for good", args->argument[1]);
	err = tstee_admin_erase(session, all ? NULL : &client_id, &removed, &status);
	if (err)
		return failure_call(err);
	if (status)
		return failure_admin(status, "erase");
	printf(args->common.json ? "{\"removed\": %" PRIu64 "}\n" : "%" PRIu64 " objects removed\n",
	       removed);
	return EXIT_CODE_OK;
}

static const struct {
	const char *name;
	enum exit_code (*run)(struct tstee_session *session, const struct admin_args *args);
} actions[] = {
	{ "usage", admin_usage },
	{ "list", admin_list },
	{ "rm", admin_rm },
	{ "erase", admin_erase },
};

enum exit_code cmd_admin(int argc, char **argv)
{
	static const struct option known[] = { COMMON_OPTIONS_DISPLAY,
					       COMMON_OPTIONS_CALL,
					       { "yes", no_argument, NULL, OPTION_YES },
					       { 0 } };
	struct admin_args args = { 0 };
	struct tstee_session *session;
	enum exit_code code;
	int option, err;

	while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
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
		err = tstee_open(TSTEE_ADMIN_SERVICE, &args.common.open, &session);
		if (err)
			return failure_open(err);
		code = actions[i].run(session, &args);
		tstee_close(session);
		return code;
	}
	return failure(EXIT_CODE_USAGE, NULL,
		       "admin: give usage, list, rm or erase; see tstee admin --help");
}
