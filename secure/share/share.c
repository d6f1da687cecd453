// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pools. See share.h.
 *
 * Holders are a hash table with linear probing. Whoever has nothing left is taken out and the
 * ones behind move up, so that no search ever meets traces of former holders.
 */
#include <secure/share/share.h>
#include <tstee/share.h>

static bool same(struct share_account a, struct share_account b)
{
	return a.id == b.id && a.source_id == b.source_id;
}

static size_t home(const struct share_pool *pool, struct share_account account)
{
	/* Accounts are consecutive numbers: the multiplication (2^32 / golden ratio) spreads them. */
	const uint32_t hash = (account.id ^ (uint32_t)account.source_id << 16) * 0x9e3779b9u;

	return (hash >> 8) & (pool->place_count - 1);
}

/* The place of @account, or the free one where it would go. One is always free. */
static size_t place(const struct share_pool *pool, struct share_account account)
{
	size_t i = home(pool, account);

	while (pool->holders[i].units && !same(pool->holders[i].account, account))
		i = (i + 1) & (pool->place_count - 1);
	return i;
}

/* Places that accounts of @source_id may fill. */
static size_t places(const struct share_pool *pool, uint16_t source_id)
{
	const size_t most = pool->place_count - 1;

	return source_id == SHARE_NORMAL_WORLD ? most - pool->place_count / 4 : most;
}

void share_init(struct share_pool *pool, uint64_t total, uint64_t reserve,
		struct share_holder *holders, size_t place_count)
{
	*pool = (struct share_pool){
		.total = total,
		.reserve = reserve,
		.holders = holders,
		.place_count = place_count,
	};
	for (size_t i = 0; i < place_count; i++)
		holders[i] = (struct share_holder){ .units = 0 };
}

/* What @source_id could take, alone, of @left units. */
static uint64_t free_of(const struct share_pool *pool, uint16_t source_id, uint64_t left)
{
	if (source_id != SHARE_NORMAL_WORLD)
		return left;
	return left > pool->reserve ? left - pool->reserve : 0;
}

uint64_t share_free(const struct share_pool *pool, uint16_t source_id)
{
	return free_of(pool, source_id, pool->total > pool->taken ? pool->total - pool->taken : 0);
}

bool share_ever_permits(const struct share_pool *pool, uint16_t source_id, uint64_t units)
{
	const uint64_t free = free_of(pool, source_id, pool->total);

	return source_id == SHARE_NORMAL_WORLD ? tstee_share_permits(0, units, free) :
						 units <= free;
}

uint64_t share_held(const struct share_pool *pool, struct share_account account)
{
	return pool->holders[place(pool, account)].units;
}

enum share_verdict share_check(const struct share_pool *pool, struct share_account account,
			       uint64_t units)
{
	const uint64_t free = share_free(pool, account.source_id);
	const uint64_t held = share_held(pool, account);

	if (!units)
		return SHARE_GRANTED;
	if (!held && pool->holder_count >= places(pool, account.source_id))
		return SHARE_FULL;
	if (account.source_id != SHARE_NORMAL_WORLD)
		return units <= free ? SHARE_GRANTED : SHARE_FULL;
	if (tstee_share_permits(held, units, free))
		return SHARE_GRANTED;
	return tstee_share_permits(0, units, free) ? SHARE_USED_UP : SHARE_FULL;
}

bool share_note(struct share_pool *pool, struct share_account account, uint64_t units)
{
	struct share_holder *holder = &pool->holders[place(pool, account)];

	if (!units)
		return true;
	pool->taken += units;
	if (!holder->units) {
		if (pool->holder_count >= pool->place_count - 1)
			return false;
		pool->holder_count++;
		holder->account = account;
	}
	holder->units += units;
	return true;
}

enum share_verdict share_take(struct share_pool *pool, struct share_account account, uint64_t units)
{
	const enum share_verdict verdict = share_check(pool, account, units);

	if (verdict == SHARE_GRANTED)
		share_note(pool, account, units);
	return verdict;
}

/* Frees the place @hole and closes the gap in the runs that go through it. */
static void leave(struct share_pool *pool, size_t hole)
{
	const size_t mask = pool->place_count - 1;

	pool->holder_count--;
	for (size_t i = (hole + 1) & mask; pool->holders[i].units; i = (i + 1) & mask) {
		/* Does the search for this one begin after the hole? Then it stays. */
		if (((i - home(pool, pool->holders[i].account)) & mask) < ((i - hole) & mask))
			continue;
		pool->holders[hole] = pool->holders[i];
		hole = i;
	}
	pool->holders[hole] = (struct share_holder){ .units = 0 };
}

void share_give(struct share_pool *pool, struct share_account account, uint64_t units)
{
	const size_t at = place(pool, account);
	struct share_holder *holder = &pool->holders[at];

	pool->taken -= units < pool->taken ? units : pool->taken;
	/* What share_note() had no place for is in the total alone. */
	if (!holder->units)
		return;
	holder->units -= units < holder->units ? units : holder->units;
	if (!holder->units)
		leave(pool, at);
}

static bool before(struct share_account a, struct share_account b)
{
	return a.source_id != b.source_id ? a.source_id < b.source_id : a.id < b.id;
}

const struct share_holder *share_next(const struct share_pool *pool,
				      const struct share_account *after)
{
	const struct share_holder *next = NULL;

	for (size_t i = 0; i < pool->place_count; i++) {
		const struct share_holder *h = &pool->holders[i];

		if (h->units && (!after || before(*after, h->account)) &&
		    (!next || before(h->account, next->account)))
			next = h;
	}
	return next;
}
