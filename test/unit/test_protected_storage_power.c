// SPDX-License-Identifier: BSD-3-Clause
/* Protected storage, when the power is cut or the flash fails: in either of its halves. */
#include "cmocka_all.h"
#include "protected_sim.h"
#include <string.h>

#define SMALL_BLOCK_LEN	  4096u
#define SMALL_BLOCK_COUNT 4u
#define SMALL_OBJECT_MAX  900u
#define SMALL_STEPS	  100u

static struct protected_sim *small_new(uint64_t seed)
{
	return protected_sim_new(SMALL_BLOCK_LEN, SMALL_BLOCK_COUNT, SMALL_OBJECT_MAX, seed);
}

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

static void a_cut_at_every_operation_leaves_old_or_new(void **state)
{
	uint64_t operations = 1;

	(void)state;
	for (uint64_t cut = 1; cut <= operations; cut++) {
		for (uint64_t garbage = 1; garbage <= 4; garbage++) {
			struct protected_sim *psim = small_new(7);
			struct sim *sim = psim->sim;

			sim->flash.random = garbage * 0x9e3779b97f4a7c15u + cut;
			sim->flash.cut_at = cut;
			if (steps(sim, SMALL_STEPS)) {
				sim_check(sim);
			} else {
				operations = cut + 1;
				after_cut(sim);
				assert_true(steps(sim, 12));
				sim_check(sim);
				sim_mount(sim);
				sim_check(sim);
			}
			protected_sim_check_secret(psim);
			protected_sim_free(psim);
		}
	}
	assert_true(operations > 4 * SMALL_STEPS);
}

/* To find out what has become of an object writes, too. That is cut as well. */
static void a_cut_within_recovery_leaves_old_or_new(void **state)
{
	bool done = false;

	(void)state;
	for (uint64_t cut = 1; !done; cut += 3) {
		bool more = true;

		for (uint64_t again = 1; more; again++) {
			struct protected_sim *psim = small_new(11);
			struct sim *sim = psim->sim;

			sim->flash.random = cut * 1000 + again;
			sim->flash.cut_at = cut;
			done = steps(sim, SMALL_STEPS);
			flash_model_power_on(&sim->flash);
			sim_mount(sim);
			sim->flash.cut_at = sim->flash.operations + again;
			if (sim_holds(sim, sim->key, &sim->after) || sim->flash.powered)
				sim_settle(sim);
			more = !sim->flash.powered && again < 24;
			after_cut(sim);
			assert_true(steps(sim, 3));
			sim_check(sim);
			protected_sim_free(psim);
		}
	}
}

/* What has been read once is what is read ever after, though nobody has written. */
static void what_was_read_after_a_cut_can_not_be_taken_back(void **state)
{
	uint32_t settled = 0;

	(void)state;
	for (uint64_t cut = 1; cut <= 400; cut++) {
		struct protected_sim *psim = small_new(13);
		struct sim *sim = psim->sim;
		uint8_t *older, *area;
		size_t len;

		older = test_malloc(sim->flash.len);
		area = protected_sim_area(psim, &len);
		sim->flash.cut_at = cut;
		do
			memcpy(older, area, len);
		while (sim_step(sim));
		flash_model_power_on(&sim->flash);
		sim_mount(sim);
		sim_settle(sim);
		if (!sim_holds(sim, sim->key, &sim->before)) {
			memcpy(area, older, len);
			sim_mount(sim);
			assert_false(sim_holds(sim, sim->key, &sim->before));
			settled++;
		}
		test_free(older);
		protected_sim_free(psim);
	}
	assert_true(settled > 50);
}

static void a_long_run_of_cuts_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct protected_sim *psim =
			protected_sim_new(4096, 3 + (uint32_t)seed % 4, 700, seed);
		struct sim *sim = psim->sim;

		for (uint32_t i = 0; i < 400; i++) {
			sim->flash.cut_at = sim->flash.operations + 1 + sim_random(sim, 60);
			while (sim_step(sim))
				;
			after_cut(sim);
		}
		protected_sim_free(psim);
	}
}

/* A store may write no more before it is mounted again; what is to be noted first can't be read. */
static void after_error(struct sim *sim)
{
	const struct store_key key = sim_key(sim->key);
	struct store_info info;

	if (sim->ops->get_info(sim->tested, &key, &info) == PSA_ERROR_STORAGE_FAILURE)
		sim_mount(sim);
	sim_settle(sim);
	sim_check(sim);
}

/* The operation @fail does @garbage of what it should, as do @more behind it. */
static bool run_failing(uint64_t fail, uint64_t more, uint32_t garbage)
{
	struct protected_sim *psim = small_new(23);
	struct sim *sim = psim->sim;
	bool done;

	sim->flash.random = fail * 77777 + garbage + 1;
	sim->flash.garbage = garbage;
	sim->flash.fail_at = fail;
	sim->flash.fail_until = fail + more;
	done = steps(sim, SMALL_STEPS) && sim->flash.operations < fail;
	if (!done) {
		if (more)
			flash_model_power_on(&sim->flash);
		after_error(sim);
		(void)steps(sim, 12);
		after_error(sim);
		sim_mount(sim);
		after_error(sim);
		assert_true(steps(sim, 12));
		sim_check(sim);
	}
	protected_sim_free(psim);
	return !done;
}

static void a_failure_of_any_operation_leaves_old_or_new(void **state)
{
	bool more = true;

	(void)state;
	for (uint64_t fail = 1; more; fail++) {
		for (uint32_t garbage = 0; garbage < FLASH_GARBAGE_KINDS; garbage++) {
			more = run_failing(fail, 0, garbage);
			(void)run_failing(fail, 2, garbage);
		}
	}
}

static const struct store_scope scopes[] = {
	{ .all_clients = true, .space_max = SECURE_STORAGE_SPACE_PS_ENTRY },
	{ .client_id = 0x800003e8u, .space_max = SECURE_STORAGE_SPACE_PS_ENTRY },
};

static void forget(struct sim *sim, const struct store_scope *scope)
{
	for (uint32_t key = 0; key < SIM_KEYS; key++) {
		const struct store_key at = sim_key(key);

		if (at.source_id == scope->source_id &&
		    (scope->all_clients || at.client_id == scope->client_id))
			sim->objects[key].exists = false;
	}
}

/* False: the power failed, and all is there or nothing, and stays so. */
static bool run_erase(const struct store_scope *scope, uint64_t at, uint32_t seed)
{
	struct protected_sim *psim = small_new(37);
	static struct sim_object before[SIM_KEYS];
	struct sim *sim = psim->sim;
	psa_status_t status;
	uint32_t count;
	bool more, all = true;

	assert_true(steps(sim, 60));
	sim->flash.random = at * 997 + seed;
	sim->flash.cut_at = sim->flash.operations + at;
	do {
		count = 0;
		more = false;
		status = protected_storage_ops.erase(&psim->ps, scope, 1, &count, &more);
	} while (status == PSA_SUCCESS && more);
	flash_model_power_on(&sim->flash);
	sim_mount(sim);
	memcpy(before, sim->objects, sizeof(before));
	for (uint32_t key = 0; key < SIM_KEYS; key++)
		all = all && sim_holds(sim, key, &before[key]);
	if (!all || status == PSA_SUCCESS)
		forget(sim, scope);
	sim_check(sim);
	/* What is stored anew meets nothing of what was, wherever the power fails. */
	sim->flash.cut_at = sim->flash.operations + 1 + (at + seed) % 11;
	if (!steps(sim, 1))
		after_cut(sim);
	flash_model_power_on(&sim->flash);
	assert_true(steps(sim, 30));
	sim_check(sim);
	sim_mount(sim);
	sim_check(sim);
	protected_sim_free(psim);
	return status == PSA_SUCCESS;
}

static void an_erase_is_done_or_not_begun(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		for (uint32_t seed = 1; seed <= 4; seed++) {
			uint64_t at = 1;

			while (!run_erase(&scopes[i], at, seed))
				at++;
			assert_true(at > 6);
		}
	}
}

/* While what was erased is still in the area, who stores anew is cut at every operation. */
static void what_is_stored_amid_an_erase_is_old_or_new(void **state)
{
	bool done = false;

	(void)state;
	for (uint64_t cut = 1; !done; cut++) {
		struct protected_sim *psim = small_new(41);
		struct sim *sim = psim->sim;
		uint32_t count = 0;
		bool more;

		assert_true(steps(sim, 60));
		assert_int_equal(
			protected_storage_ops.erase(&psim->ps, &scopes[0], 0, &count, &more),
			PSA_SUCCESS);
		assert_true(more);
		forget(sim, &scopes[0]);
		sim_check(sim);
		sim->flash.random = cut;
		sim->flash.cut_at = sim->flash.operations + cut;
		done = steps(sim, 10);
		after_cut(sim);
		assert_true(steps(sim, 10));
		sim_check(sim);
		protected_sim_free(psim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_at_every_operation_leaves_old_or_new),
		cmocka_unit_test(a_cut_within_recovery_leaves_old_or_new),
		cmocka_unit_test(what_was_read_after_a_cut_can_not_be_taken_back),
		cmocka_unit_test(a_long_run_of_cuts_loses_nothing),
		cmocka_unit_test(a_failure_of_any_operation_leaves_old_or_new),
		cmocka_unit_test(an_erase_is_done_or_not_begun),
		cmocka_unit_test(what_is_stored_amid_an_erase_is_old_or_new),
	};

	int failed = cmocka_run_group_tests_name("a device", tests, NULL, NULL);

	sim_flash_overwrites = true;
	failed += cmocka_run_group_tests_name("QEMU's flash", tests, NULL, NULL);
	return failed;
}
