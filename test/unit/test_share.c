// SPDX-License-Identifier: BSD-3-Clause
/* The rule by which clients share, and pools of what they share. */
#include "cmocka_all.h"
#include <secure/share/share.h>
#include <string.h>
#include <tstee/share.h>

#define PLACES 16

static struct share_holder places[PLACES];
static struct share_pool pool;

static struct share_account user(uint32_t id)
{
	return (struct share_account){ .id = id };
}

static struct share_account partition(uint16_t source_id)
{
	return (struct share_account){ .source_id = source_id };
}

static uint64_t take_all(struct share_account account)
{
	uint64_t count = 0;

	while (share_take(&pool, account, 1) == SHARE_GRANTED)
		count++;
	return count;
}

static void rule_holds_for_each_unit_in_turn(void **state)
{
	(void)state;
	for (uint64_t have = 0; have < 20; have++) {
		for (uint64_t free = 0; free < 40; free++) {
			uint64_t h = have, f = free, most = 0;

			while (h < f) {
				h++;
				f--;
				most++;
			}
			for (uint64_t want = 0; want < 45; want++)
				assert_int_equal(tstee_share_permits(have, want, free),
						 want <= most);
		}
	}
}

static void rule_knows_no_overflow(void **state)
{
	(void)state;
	assert_false(tstee_share_permits(0, UINT64_MAX, UINT64_MAX));
	assert_true(tstee_share_permits(0, UINT64_MAX / 2, UINT64_MAX));
	assert_false(tstee_share_permits(UINT64_MAX, 1, UINT64_MAX));
	assert_false(tstee_share_permits(UINT64_MAX, UINT64_MAX, 1));
}

static void lone_client_gets_half(void **state)
{
	(void)state;
	share_init(&pool, 100, 0, places, PLACES);
	assert_int_equal(take_all(user(1)), 50);
	assert_int_equal(share_check(&pool, user(1), 1), SHARE_USED_UP);
}

static void each_hog_leaves_something_for_the_next(void **state)
{
	(void)state;
	share_init(&pool, 1024, 0, places, PLACES);
	for (uint32_t id = 1; id <= 8; id++)
		assert_true(take_all(user(id)) > 0);
	/* And what one gives back others can take. */
	share_give(&pool, user(1), share_held(&pool, user(1)));
	assert_true(take_all(user(9)) > 200);
}

static void reserve_is_out_of_reach_for_the_normal_world(void **state)
{
	(void)state;
	share_init(&pool, 100, 20, places, PLACES);
	for (uint32_t id = 1; id <= 10; id++)
		take_all(user(id));
	assert_int_equal(share_check(&pool, user(11), 1), SHARE_FULL);
	assert_true(take_all(partition(0x8003)) >= 20);
	assert_int_equal(share_free(&pool, 0x8003), 0);
	assert_int_equal(share_check(&pool, partition(0x8003), 1), SHARE_FULL);
}

static void full_is_told_from_used_up(void **state)
{
	(void)state;
	share_init(&pool, 10, 0, places, PLACES);
	assert_int_equal(share_take(&pool, user(1), 5), SHARE_GRANTED);
	assert_int_equal(share_check(&pool, user(1), 1), SHARE_USED_UP);
	assert_int_equal(share_check(&pool, user(2), 4), SHARE_FULL);
	assert_int_equal(share_check(&pool, user(2), 3), SHARE_GRANTED);
	assert_int_equal(share_check(&pool, user(2), UINT64_MAX), SHARE_FULL);
}

static void places_are_kept_for_the_secure_world(void **state)
{
	uint32_t id = 0;

	(void)state;
	share_init(&pool, 1u << 20, 0, places, PLACES);
	while (share_take(&pool, user(id), 1) == SHARE_GRANTED)
		id++;
	assert_int_equal(id, PLACES - 1 - PLACES / 4);
	assert_int_equal(share_check(&pool, user(id), 1), SHARE_FULL);
	assert_int_equal(share_take(&pool, partition(0x8003), 1), SHARE_GRANTED);
	/* Whoever has a place can still take more. */
	assert_int_equal(share_take(&pool, user(0), 1), SHARE_GRANTED);
}

static void what_is_there_is_noted_beyond_the_rule(void **state)
{
	(void)state;
	share_init(&pool, 10, 0, places, PLACES);
	assert_true(share_note(&pool, user(1), 12));
	assert_int_equal(share_free(&pool, 0), 0);
	assert_int_equal(share_check(&pool, user(2), 1), SHARE_FULL);
	share_give(&pool, user(1), 12);
	assert_int_equal(share_free(&pool, 0), 10);

	for (uint32_t id = 0; id < PLACES - 1; id++)
		assert_true(share_note(&pool, user(id), 1));
	assert_false(share_note(&pool, user(PLACES), 1));
	share_give(&pool, user(PLACES), 1);
	assert_int_equal(pool.taken, PLACES - 1);
}

static void sources_are_told_apart(void **state)
{
	(void)state;
	share_init(&pool, 100, 0, places, PLACES);
	share_take(&pool, (struct share_account){ 7, 0 }, 3);
	share_take(&pool, (struct share_account){ 7, 0x8003 }, 4);
	assert_int_equal(share_held(&pool, (struct share_account){ 7, 0 }), 3);
	assert_int_equal(share_held(&pool, (struct share_account){ 7, 0x8003 }), 4);
	assert_int_equal(share_held(&pool, (struct share_account){ 7, 0x8004 }), 0);
}

/* Against a table without hashing. */
static void holders_come_and_go_in_any_order(void **state)
{
	uint64_t held[64] = { 0 }, taken = 0;
	uint32_t random = 1;

	(void)state;
	share_init(&pool, 1u << 20, 0, places, PLACES);
	for (int step = 0; step < 200000; step++) {
		struct share_account account;
		uint32_t id, units;

		random = random * 1664525u + 1013904223u;
		id = random >> 26;
		units = random >> 16 & 3;
		/* A stride by which places collide. */
		account = user(id << 12);
		if (random & 0x8000) {
			if (share_take(&pool, account, units) == SHARE_GRANTED) {
				held[id] += units;
				taken += units;
			}
		} else {
			if (units > held[id])
				units = (uint32_t)held[id];
			share_give(&pool, account, units);
			held[id] -= units;
			taken -= units;
		}
		assert_int_equal(share_held(&pool, account), held[id]);
		assert_int_equal(pool.taken, taken);
	}
	for (uint32_t id = 0; id < 64; id++)
		assert_int_equal(share_held(&pool, user(id << 12)), held[id]);
}

static void holders_are_listed_in_order(void **state)
{
	const struct share_holder *holder = NULL;
	struct share_account after;
	uint32_t seen = 0;

	(void)state;
	share_init(&pool, 100, 0, places, PLACES);
	assert_null(share_next(&pool, NULL));
	share_take(&pool, (struct share_account){ 1, 2 }, 1);
	share_take(&pool, (struct share_account){ 9, 0 }, 1);
	share_take(&pool, (struct share_account){ 5, 0 }, 1);
	for (holder = share_next(&pool, NULL); holder; holder = share_next(&pool, &after)) {
		static const uint32_t order[] = { 5, 9, 1 };

		after = holder->account;
		assert_int_equal(after.id, order[seen++]);
	}
	assert_int_equal(seen, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_holds_for_each_unit_in_turn),
		cmocka_unit_test(rule_knows_no_overflow),
		cmocka_unit_test(lone_client_gets_half),
		cmocka_unit_test(each_hog_leaves_something_for_the_next),
		cmocka_unit_test(reserve_is_out_of_reach_for_the_normal_world),
		cmocka_unit_test(full_is_told_from_used_up),
		cmocka_unit_test(places_are_kept_for_the_secure_world),
		cmocka_unit_test(what_is_there_is_noted_beyond_the_rule),
		cmocka_unit_test(sources_are_told_apart),
		cmocka_unit_test(holders_come_and_go_in_any_order),
		cmocka_unit_test(holders_are_listed_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
