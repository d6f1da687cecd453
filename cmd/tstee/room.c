// SPDX-License-Identifier: BSD-3-Clause
/*
 * Why a partition had no room, as its admin service tells: by the rule of tstee/share.h it is
 * either the caller who has his share of something, or nobody could have had more. No state.
 */
#include <inttypes.h>
#include <string.h>
#include <tstee/share.h>
#include <tstee_admin.h>
#include <tstee_crypto.h>
#include <tstee_storage.h>

#include "cmd.h"

/* The pools of the partition of @room, asked through the admin service. False: it can't say. */
static bool ask(const struct room *room, struct tstee_pool pools[TSTEE_ADMIN_PAGE], size_t *count)
{
	struct tstee_options options = *room->options;
	struct tstee_session *session;
	psa_status_t status = PSA_SUCCESS;
	int err;

	/* Of several partitions the one that was asked. */
	if (tstee_open(room->service, &options, &session))
		return false;
	options.endpoint_id = tstee_session_endpoint_id(session);
	tstee_close(session);
	if (!options.endpoint_id || tstee_open(TSTEE_ADMIN_SERVICE, &options, &session))
		return false;
	err = tstee_usage(session, pools, count, &status);
	tstee_close(session);
	return !err && !status;
}

static const struct tstee_pool *find(const struct tstee_pool *pools, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(pools[i].name, name))
			return &pools[i];
	}
	return NULL;
}

/*
 * For keys: they may have half of the reserve, too. How much of it is gone isn't told, but where it
 * had to be touched, no more is free than who was refused has.
 */
static bool in_reserve(const struct room *room, const struct tstee_pool *pool)
{
	return room->reserve && !pool->free;
}

static uint64_t free_of(const struct room *room, const struct tstee_pool *pool)
{
	const uint64_t most = pool->reserve / 2;

	if (in_reserve(room, pool))
		return room->for_others || pool->held > most ? most : pool->held;
	return pool->free + (room->reserve ? most : 0);
}

/*
 * The pool that refuses what was wanted, or NULL. Says also whether it is for what the caller
 * has: if he had nothing he would get it.
 */
static const struct tstee_pool *refusing(const struct room *room, const struct tstee_pool *pools,
					 size_t count, bool *used_up)
{
	const struct tstee_pool *last = NULL, *spent = NULL;

	for (size_t i = 0; i < room->want_count; i++) {
		const struct room_want *want = &room->wants[i];
		const struct tstee_pool *pool = find(pools, count, want->pool);

		if (!pool || !want->units)
			continue;
		last = pool;
		if (in_reserve(room, pool)) {
			spent = spent ? spent : pool;
			continue;
		}
		*used_up = tstee_share_permits(0, want->units, free_of(room, pool));
		if (!tstee_share_permits(room->for_others ? 0 : pool->held, want->units,
					 free_of(room, pool)))
			return pool;
	}
	if (spent) {
		*used_up = spent->held > 0;
		return spent;
	}
	if (!last || !room->surely)
		return NULL;
	/* Long objects find less room than usage tells, which is for those that are there. */
	*used_up = last->held >= room->wants[room->want_count - 1].units;
	return last;
}

enum exit_code failure_room(const struct room *room, const char *hint_used_up, const char *what)
{
	struct tstee_pool pools[TSTEE_ADMIN_PAGE];
	const struct tstee_pool *pool = NULL;
	const char *at_most;
	bool used_up = false;
	size_t count;

	if (ask(room, pools, &count))
		pool = refusing(room, pools, count, &used_up);
	if (!pool)
		return failure(EXIT_CODE_NO_SPACE, room->hint, "%s: %s", what, room->reason);
	at_most = in_reserve(room, pool) && free_of(room, pool) ? "at most " : "";
	if (used_up && !room->for_others)
		return failure(EXIT_CODE_SHARE, hint_used_up,
			       "%s: your share of the partition is used up: you hold %" PRIu64
			       " of %" PRIu64 " %s, and %s%" PRIu64 " are free%s",
			       what, pool->held, pool->total, pool->name, at_most,
			       free_of(room, pool), room->reserve ? " for keys" : "");
	return failure(EXIT_CODE_FULL,
		       pool->held && !room->for_others ?
			       "remove some of yours; an administrator sees who has the rest, and "
			       "can remove it: tstee admin usage" :
			       "others have them; an administrator sees who, and can remove them: "
			       "tstee admin usage",
		       "%s: the partition is full: %s%" PRIu64 " of %" PRIu64
		       " %s are free%s, and you hold %" PRIu64,
		       what, at_most, free_of(room, pool), pool->total - pool->reserve, pool->name,
		       room->reserve ? " for keys" : "", pool->held);
}

enum exit_code failure_room_behind(psa_status_t status, const struct tstee_options *options,
				   const char *what)
{
	/* A key and its name. */
	static const struct room_want kept[] = { { "objects", 1 }, { "flash bytes", 1024 } };
	/* Whatever takes little, then what is counted, then what takes much. */
	static const struct room_want held[] = {
		{ "memory bytes", 512 },
		{ "volatile keys", 1 },
		{ "clients", 1 },
		{ "memory bytes", 16384 },
	};
	struct tstee_options anywhere = { 0 };

	/* Where keys are kept is not for the caller to say. */
	if (options)
		anywhere = *options;
	anywhere.endpoint_id = 0;
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE)
		return failure_room(
			&(struct room){ .service = TSTEE_ITS_SERVICE,
					.options = &anywhere,
					.wants = kept,
					.want_count = sizeof(kept) / sizeof(kept[0]),
					.for_others = !options,
					.surely = true,
					.reserve = true,
					.reason = "no room left in the storage",
					.hint = "remove keys or objects that aren't needed" },
			"remove keys (tstee key list) or objects (tstee its list, ps list) that "
			"aren't needed",
			what);
	return failure_room(
		&(struct room){ .service = TSTEE_CRYPTO_SERVICE,
				.options = options ? options : &anywhere,
				.wants = held,
				.want_count = sizeof(held) / sizeof(held[0]),
				.for_others = !options,
				.reason = "the partition is out of memory",
				.hint = "try again" },
		"end programs of yours that have keys or operations there, or try again "
		"when they are done",
		what);
}
