// SPDX-License-Identifier: BSD-3-Clause
/* The store, when the power is cut or the flash fails. */
#include "cmocka_all.h"
#include "store_sim.h"
#include <string.h>

/* A flash so small that most writes make the store collect. */
#define SMALL_BLOCK_LEN	  4096u
#define SMALL_BLOCK_COUNT 4u
#define SMALL_OBJECT_MAX  900u
#define SMALL_STEPS	  160u

static void after_cut(struct sim *sim)
{
	flash_model_power_on(&sim->flash);
	sim_mount(sim);
	sim_settle(sim);
	sim_check(sim);
}

/* Steps until the power fails or @count are done. */
static bool steps(struct sim *sim, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!sim_step(sim))
			return false;
	}
	return true;
}

/* All of the short run, for each operation in it, and garbage of each kind. */
static void a_cut_at_every_operation_leaves_old_or_new(void **state)
{
	uint64_t operations = 1;

	(void)state;
	for (uint64_t cut = 1; cut <= operations; cut++) {
		for (uint64_t garbage = 1; garbage <= 4; garbage++) {
			struct sim *sim =
				sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, 7);

			sim->flash.random = garbage * 0x9e3779b97f4a7c15u + cut;
			sim->flash.cut_at = cut;
			if (steps(sim, SMALL_STEPS)) {
				sim_check(sim);
				sim_check_wiped(sim);
			} else {
				operations = cut + 1;
				after_cut(sim);
				/* The first write tidies up, and must lose nothing. */
				assert_true(steps(sim, 1));
				sim_check_wiped(sim);
				assert_true(steps(sim, 12));
				sim_check(sim);
				sim_mount(sim);
				sim_check(sim);
				sim_check_wiped(sim);
			}
			sim_free(sim);
		}
	}
	assert_true(operations > 2 * SMALL_STEPS);
}

/* The tidying up after a cut is cut as well, at each of its operations. */
static void a_cut_within_recovery_leaves_old_or_new(void **state)
{
	bool done = false;

	(void)state;
	for (uint64_t cut = 1; !done; cut += 3) {
		bool more = true;

		for (uint64_t again = 1; more; again++) {
			struct sim *sim =
				sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, 11);

			sim->flash.random = cut * 1000 + again;
			sim->flash.cut_at = cut;
			done = steps(sim, SMALL_STEPS);
			after_cut(sim);
			sim->flash.cut_at = sim->flash.operations + again;
			more = !steps(sim, 2) && again < 24;
			after_cut(sim);
			assert_true(steps(sim, 3));
			sim_check(sim);
			sim_check_wiped(sim);
			sim_free(sim);
		}
	}
}

static void long_run(uint32_t block_len, uint32_t block_count, uint32_t object_max, uint32_t rounds,
		     uint64_t seed)
{
	struct sim *sim = sim_new(block_len, block_count, object_max, seed);

	for (uint32_t i = 0; i < rounds; i++) {
		sim->flash.cut_at = sim->flash.operations + 1 + sim_random(sim, 60);
		while (sim_step(sim))
			;
		after_cut(sim);
	}
	assert_true(steps(sim, 1));
	sim_check_wiped(sim);
	sim_free(sim);
}

static void a_long_run_of_cuts_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		long_run(4096, 3 + (uint32_t)seed % 4, 700, 400, seed);
		long_run(16384, 8, 3000, 200, 100 + seed);
	}
}

static void a_run_on_the_device_geometry_loses_nothing(void **state)
{
	(void)state;
	long_run(256 * 1024, 8, STORE_OBJECT_MAX, 60, 4711);
}

/* Up to @count steps. Whatever fails leaves old or new, and what was read then stays. */
static void steps_that_may_fail(struct sim *sim, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!sim_step(sim)) {
			sim_settle(sim);
			sim_check(sim);
		}
	}
	sim_check(sim);
	sim_mount(sim);
	sim_check(sim);
}

/* How long the device fails: for some operations, for ever, or for ever in one block. */
enum failing { FAILS_ONCE, FAILS_AWHILE, FAILS_FOR_EVER, FAILS_IN_A_BLOCK, FAILING_KINDS };

/* The operation @fail does @garbage of what it should. False when the run does not get there. */
static bool run_failing(uint64_t fail, enum failing failing, uint32_t garbage)
{
	struct sim *sim = sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, 23);
	bool reached;

	sim->flash.random = (fail * 7 + failing) * 77777 + garbage + 1;
	sim->flash.garbage = garbage;
	sim->flash.fail_at = fail;
	if (failing == FAILS_AWHILE)
		sim->flash.fail_until = fail + 3;
	else if (failing != FAILS_ONCE)
		sim->flash.fail_until = FLASH_MODEL_NEVER;
	if (failing == FAILS_IN_A_BLOCK)
		sim->flash.fail_block = (uint32_t)(fail / 5 % SMALL_BLOCK_COUNT);

	for (uint32_t i = 0; i < SMALL_STEPS && sim_step(sim); i++)
		;
	reached = sim->flash.operations >= fail;
	sim_settle(sim);
	sim_check(sim);
	steps_that_may_fail(sim, 16);
	/* The device works again, or is another that the same was written to. */
	flash_model_power_on(&sim->flash);
	steps_that_may_fail(sim, 1);
	sim_check_wiped(sim);
	assert_true(steps(sim, 12));
	steps_that_may_fail(sim, 0);
	sim_check_wiped(sim);
	sim_free(sim);
	return reached;
}

static void a_failure_of_any_operation_loses_nothing(void **state)
{
	bool more = true;

	(void)state;
	for (uint64_t fail = 1; more; fail++) {
		for (uint32_t garbage = 0; garbage < FLASH_GARBAGE_KINDS; garbage++) {
			for (enum failing failing = 0; failing < FAILING_KINDS; failing++)
				more = run_failing(fail, failing, garbage);
		}
	}
}

/* Every so many operations one fails, at last in the tidying up after another. */
static void a_long_run_of_failures_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct sim *sim = sim_new(4096, 3 + (uint32_t)seed % 4, 700, seed);

		for (uint32_t round = 0; round < 400; round++) {
			sim->flash.fail_at = sim->flash.operations + 1 + sim_random(sim, 40);
			sim->flash.fail_until = sim->flash.fail_at + sim_random(sim, 3);
			steps_that_may_fail(sim, 8);
		}
		flash_model_power_on(&sim->flash);
		steps_that_may_fail(sim, 4);
		sim_check_wiped(sim);
		sim_free(sim);
	}
}

/* What an order to erase takes from the model. */
static void forget(struct sim *sim, const struct store_scope *scope)
{
	for (uint32_t key = 0; key < SIM_KEYS; key++) {
		const struct store_key at = sim_key(key);

		if (at.source_id == scope->source_id &&
		    (scope->all_clients || at.client_id == scope->client_id))
			sim->objects[key].exists = false;
	}
}

/* False when the device failed. */
static bool erase(struct sim *sim, const struct store_scope *scope, uint32_t *count)
{
	psa_status_t status = store_erase(&sim->store, scope, count);
	bool more = true;

	while (status == PSA_SUCCESS && more)
		status = store_erase_more(&sim->store, 1, &more);
	if (status != PSA_SUCCESS)
		assert_int_equal(status, PSA_ERROR_STORAGE_FAILURE);
	return status == PSA_SUCCESS;
}

/* All is as it was before, or all of it is gone; whichever is seen first is what it stays. */
static void settle_erase(struct sim *sim, const struct store_scope *scope)
{
	static struct sim_object before[SIM_KEYS];
	bool all = true;

	memcpy(before, sim->objects, sizeof(before));
	for (uint32_t key = 0; key < SIM_KEYS; key++)
		all = all && sim_holds(sim, key, &before[key]);
	if (!all)
		forget(sim, scope);
	sim_check(sim);
}

static const struct store_scope scopes[] = {
	{ .all_clients = true, .space_max = SECURE_STORAGE_SPACE_PS_ENTRY },
	{ .client_id = 0x800003e8u, .space_max = SECURE_STORAGE_SPACE_PS_ENTRY },
	{ .source_id = 0x8003, .all_clients = true, .space_max = SECURE_STORAGE_SPACE_PS },
};

/* Operation @at of an erase is the last before a cut, or fails with some kind of garbage. */
static bool run_erase(uint64_t at, const struct store_scope *scope, bool cut, uint32_t garbage)
{
	struct sim *sim = sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, 31);
	uint32_t count;
	bool done;

	assert_true(steps(sim, 90));
	sim->flash.random = at * 991 + garbage + 1;
	sim->flash.garbage = garbage;
	if (cut)
		sim->flash.cut_at = sim->flash.operations + at;
	else
		sim->flash.fail_at = sim->flash.operations + at;
	done = erase(sim, scope, &count);
	if (done)
		forget(sim, scope);
	if (cut) {
		flash_model_power_on(&sim->flash);
		sim_mount(sim);
	}
	settle_erase(sim, scope);
	/* Looking changes nothing, and the first write tidies up; for it the power fails, too. */
	sim_mount(sim);
	sim_check(sim);
	sim->flash.cut_at = sim->flash.operations + 1 + at % 7;
	if (!steps(sim, 1))
		after_cut(sim);
	flash_model_power_on(&sim->flash);
	assert_true(steps(sim, 2));
	sim_check(sim);
	sim_check_wiped(sim);
	sim_mount(sim);
	sim_check(sim);
	assert_true(steps(sim, 40));
	sim_mount(sim);
	sim_check(sim);
	sim_free(sim);
	return !done;
}

static void an_erase_is_done_or_not_begun(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		for (uint32_t kind = 0; kind < 2 * FLASH_GARBAGE_KINDS; kind++) {
			uint64_t at = 1;

			while (run_erase(at, &scopes[i], kind & 1, kind / 2))
				at++;
			assert_true(at > 4);
		}
	}
}

#ifndef NOR_MODEL
/* Between the parts of an erase others write, and those whose objects went store new ones. */
static void what_comes_after_an_erase_stays(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct sim *sim = sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, 300, seed);
		const struct store_scope *scope = &scopes[seed % 3];
		struct store_key beyond = sim_key(0);
		struct store_info info;
		uint32_t count, held = 0;
		bool more;

		assert_true(steps(sim, 60));
		for (uint32_t key = 0; key < SIM_KEYS; key++)
			held += sim->objects[key].exists;
		/* Of the same source and client, in another space. */
		beyond.source_id = scope->source_id;
		beyond.client_id = scope->client_id;
		beyond.space = scope->space_max + 1;
		assert_int_equal(store_set(&sim->store, &beyond, &sim_payer, 0, "k", 1),
				 PSA_SUCCESS);
		assert_int_equal(store_erase(&sim->store, scope, &count), PSA_SUCCESS);
		forget(sim, scope);
		for (uint32_t key = 0; key < SIM_KEYS; key++)
			held -= sim->objects[key].exists;
		assert_int_equal(count, held);
		sim_check(sim);
		if (seed & 4) {
			const uint64_t operations = sim->flash.operations;

			/* It is asked for again until there is no more, and takes its time. */
			assert_int_equal(store_erase(&sim->store, scope, &count), PSA_SUCCESS);
			assert_int_equal(count, 0);
			assert_int_equal(sim->flash.operations, operations);
			assert_int_equal(store_erase_more(&sim->store, 1, &more), PSA_SUCCESS);
			assert_true(!more || sim->flash.operations == operations + 1);
		}
		if (seed & 8)
			sim_mount(sim);
		sim_check(sim);
		assert_true(steps(sim, 1 + (uint32_t)seed % 20));
		assert_int_equal(store_erase_more(&sim->store, 1, &more), PSA_SUCCESS);
		assert_false(more);
		sim_check(sim);
		sim_check_wiped(sim);
		sim_mount(sim);
		sim_check(sim);
		assert_int_equal(store_get_info(&sim->store, &beyond, &info), PSA_SUCCESS);
		sim_free(sim);
	}
}

static void a_read_error_is_told_and_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t fail = 1; fail <= 3000; fail += 7) {
		struct sim *sim = sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, 29);

		sim->flash.read_fail_at = sim->flash.read_count + fail;
		while (sim->flash.read_count < sim->flash.read_fail_at) {
			if (!sim_step(sim))
				sim_settle(sim);
		}
		sim_settle(sim);
		sim_check(sim);
		assert_true(steps(sim, 5));
		sim_mount(sim);
		sim_check(sim);
		sim_free(sim);
	}
}

static void a_flash_that_can_not_be_read_is_not_an_empty_store(void **state)
{
	static struct store store;
	const struct store_key key = sim_key(0);
	struct flash_model flash;
	struct store_info info;
	size_t len;

	(void)state;
	assert_int_equal(flash_model_create(&flash, 4096, 4, 1), 0);
	flash.powered = false;
	assert_int_equal(store_mount(&store, &flash.flash), PSA_ERROR_STORAGE_FAILURE);
	flash_model_power_on(&flash);
	assert_int_equal(store_get_info(&store, &key, &info), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store_read(&store, &key, 0, NULL, 0, &len), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store_set(&store, &key, &sim_payer, 0, "a", 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store_create(&store, &key, &sim_payer, 0, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store_write(&store, &key, 0, "a", 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store_remove(&store, &key), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(flash.operations, 0);
	flash_model_close(&flash);
}
#endif

/*
 * With NOR_MODEL, behind the driver for NOR flash, with each command set. A device has no read errors, and what
 * is programmed at once can be several operations of it.
 */
#ifdef NOR_MODEL
#include "nor_model.h"
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_at_every_operation_leaves_old_or_new),
		cmocka_unit_test(a_cut_within_recovery_leaves_old_or_new),
		cmocka_unit_test(a_long_run_of_cuts_loses_nothing),
		cmocka_unit_test(a_run_on_the_device_geometry_loses_nothing),
		cmocka_unit_test(a_failure_of_any_operation_loses_nothing),
		cmocka_unit_test(a_long_run_of_failures_loses_nothing),
		cmocka_unit_test(an_erase_is_done_or_not_begun),
#ifndef NOR_MODEL
		cmocka_unit_test(what_comes_after_an_erase_stays),
		cmocka_unit_test(a_read_error_is_told_and_loses_nothing),
		cmocka_unit_test(a_flash_that_can_not_be_read_is_not_an_empty_store),
#endif
	};
	int failed;

#ifdef NOR_MODEL
	sim_device = nor_model_device;
	failed = cmocka_run_group_tests_name("Intel's command set", tests, NULL, NULL);
	nor_device.amd = true;
	failed += cmocka_run_group_tests_name("AMD's command set", tests, NULL, NULL);
#else
	failed = cmocka_run_group_tests_name("a device", tests, NULL, NULL);
	sim_flash_overwrites = true;
	failed += cmocka_run_group_tests_name("QEMU's flash", tests, NULL, NULL);
#endif
	return failed;
}
