// SPDX-License-Identifier: BSD-3-Clause
/* Protected storage and those who can read and write its flash. */
#include "cmocka_all.h"
#include "protected_sim.h"
#include <secure/service/device_key.h>
#include <secure/service/hkdf.h>
#include <secure/store/crc32.h>
#include <secure/store/internal.h>
#include <string.h>

#define BLOCK_LEN   4096u
#define BLOCK_COUNT 4u
#define OBJECT_MAX  600u

/* Objects of all keys, and a history behind them. */
static struct protected_sim *filled_new(uint64_t seed, uint32_t count)
{
	struct protected_sim *psim = protected_sim_new(BLOCK_LEN, BLOCK_COUNT, OBJECT_MAX, seed);

	for (uint32_t i = 0; i < count; i++)
		assert_true(sim_step(psim->sim));
	sim_check(psim->sim);
	return psim;
}

/* After an attack: *@lost counts the objects that are refused; others are as they were. */
static void check_attacked(struct sim *sim, uint32_t *lost)
{
	static uint8_t data[STORE_OBJECT_MAX];

	sim_mount(sim);
	for (uint32_t key = 0; key < SIM_KEYS; key++) {
		const struct store_key at = sim_key(key);
		psa_status_t status;
		size_t len;

		if (sim_holds(sim, key, &sim->objects[key]))
			continue;
		assert_true(sim->objects[key].exists);
		status = sim->ops->read(sim->tested, &at, 0, data, sizeof(data), &len);
		assert_true(status == PSA_ERROR_DATA_CORRUPT ||
			    status == PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(len, 0);
		(*lost)++;
	}
}

static void key_derivation_is_that_of_rfc_5869(void **state)
{
	/* Test case 3: no salt, no info. */
	static const uint8_t expected[HKDF_LEN] = {
		0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80,
		0x2a, 0x06, 0x3c, 0x5a, 0x31, 0xb8, 0xa1, 0x1f, 0x5c, 0x5e, 0xe1,
		0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f, 0x3c, 0x73, 0x8d, 0x2d,
	};
	uint8_t long_info[HKDF_INFO_MAX + 1] = { 0 };
	uint8_t key[22], out[HKDF_LEN];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	assert_int_equal(hkdf(key, sizeof(key), "", 0, out), 0);
	assert_memory_equal(out, expected, sizeof(out));
	assert_int_equal(hkdf(key, sizeof(key), long_info, sizeof(long_info), out), -1);
}

/* One byte at a time, and in each of them one bit and all bits. */
static void each_changed_byte_costs_one_object_at_most(void **state)
{
	struct protected_sim *psim = filled_new(3, 60);
	uint32_t lost_in_all = 0;
	uint8_t *area;
	size_t len;

	(void)state;
	area = protected_sim_area(psim, &len);
	for (size_t i = 0; i < len; i++) {
		const uint8_t byte = area[i];
		const uint8_t masks[] = { (uint8_t)(1u << i % 8), 0xff, byte, (uint8_t)~byte };

		for (size_t m = 0; m < sizeof(masks); m++) {
			uint32_t lost = 0;

			area[i] = byte ^ masks[m];
			check_attacked(psim->sim, &lost);
			assert_in_range(lost, 0, 1);
			lost_in_all += lost;
		}
		area[i] = byte;
	}
	assert_true(lost_in_all > 1000);
	sim_mount(psim->sim);
	sim_check(psim->sim);
	protected_sim_free(psim);
}

static bool same(const struct sim_object *a, const struct sim_object *b)
{
	if (!a->exists || !b->exists)
		return a->exists == b->exists;
	return a->size == b->size && a->capacity == b->capacity && a->flags == b->flags &&
	       !memcmp(a->data, b->data, a->size);
}

/* The whole area as it was before each of the steps that led to what there is now. */
static void each_earlier_copy_of_the_area_is_noticed(void **state)
{
	enum { STEPS = 120 };
	static struct sim_object then[STEPS][SIM_KEYS];
	struct protected_sim *psim = filled_new(5, 0);
	struct sim *sim = psim->sim;
	uint32_t rolled_back = 0;
	uint8_t *area, *copies;
	size_t len;

	(void)state;
	area = protected_sim_area(psim, &len);
	copies = test_malloc(STEPS * len);
	for (uint32_t i = 0; i < STEPS; i++) {
		memcpy(copies + i * len, area, len);
		memcpy(then[i], sim->objects, sizeof(then[i]));
		assert_true(sim_step(sim));
	}
	for (uint32_t i = 0; i < STEPS; i++) {
		uint32_t lost = 0;

		memcpy(area, copies + i * len, len);
		check_attacked(sim, &lost);
		for (uint32_t key = 0; key < SIM_KEYS; key++) {
			if (same(&then[i][key], &sim->objects[key]))
				continue;
			rolled_back++;
			/* Neither what it was then, nor there at all once it was removed. */
			assert_false(sim_holds(sim, key, &then[i][key]));
		}
	}
	assert_true(rolled_back > STEPS);

	/* And it all works on: nothing but what is lost must be written anew. */
	for (uint32_t key = 0; key < SIM_KEYS; key++) {
		const struct store_key at = sim_key(key);

		(void)sim->ops->remove(sim->tested, &at);
		sim->objects[key].exists = false;
	}
	for (uint32_t i = 0; i < STEPS; i++)
		assert_true(sim_step(sim));
	sim_check(sim);
	test_free(copies);
	protected_sim_free(psim);
}

/* Pieces of earlier areas put together: wherever they lead the store, not to wrong data. */
static void areas_put_together_from_others_give_no_wrong_data(void **state)
{
	enum { STEPS = 60, ROUNDS = 1500, PIECE_LEN = 8 };
	static uint8_t copies[STEPS][BLOCK_COUNT * BLOCK_LEN];
	struct protected_sim *psim = filled_new(17, 0);
	struct sim *sim = psim->sim;
	static uint8_t whole[2 * BLOCK_COUNT * BLOCK_LEN], out[OBJECT_MAX];
	uint8_t *area;
	size_t len;

	(void)state;
	area = protected_sim_area(psim, &len);
	for (uint32_t i = 0; i < STEPS; i++) {
		memcpy(copies[i], area, len);
		assert_true(sim_step(sim));
	}
	memcpy(whole, sim->flash.bytes, sizeof(whole));

	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t lost = 0;

		memcpy(sim->flash.bytes, whole, sizeof(whole));
		for (uint32_t i = 0; i < 1 + round % 8; i++) {
			const uint32_t pieces = 1 + sim_random(sim, round & 1 ? 16 : 512);
			const uint32_t most = (uint32_t)len / PIECE_LEN - pieces + 1;
			/* Often back to where it was, else anywhere. */
			const size_t from = (size_t)PIECE_LEN * sim_random(sim, most);
			const size_t to = sim_random(sim, 2) ?
						  from :
						  (size_t)PIECE_LEN * sim_random(sim, most);

			memcpy(area + to, copies[sim_random(sim, STEPS)] + from,
			       (size_t)pieces * PIECE_LEN);
		}
		check_attacked(sim, &lost);

		/* Writes may find no place or a failing store, but don't lie either. */
		for (uint32_t i = 0; i < SIM_KEYS; i++) {
			const struct store_key key = sim_key(i);
			const uint8_t byte = (uint8_t)round;
			size_t got;

			if (sim->ops->set(sim->tested, &key, &sim_payer, 0, &byte, 1) !=
			    PSA_SUCCESS)
				continue;
			assert_int_equal(
				sim->ops->read(sim->tested, &key, 0, out, sizeof(out), &got),
				PSA_SUCCESS);
			assert_int_equal(got, 1);
			assert_int_equal(out[0], byte);
		}
	}
	protected_sim_free(psim);
}

/* Whoever knows how the area is written gives one object the data of another. */
static void objects_can_not_be_exchanged(void **state)
{
	static uint8_t data[2][64], out[64];
	struct protected_sim *psim = filled_new(9, 0);
	struct sim *sim = psim->sim;
	const struct store_key keys[2] = { sim_key(0), sim_key(2) };
	size_t len;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(sim->ops->set(sim->tested, &keys[i], &sim_payer, 0,
					       i ? "right" : "left!", 5),
				 PSA_SUCCESS);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_read(&psim->area, &keys[i], 0, data[i], 64, &len),
				 PSA_SUCCESS);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_set(&psim->area, &keys[i], NULL, 0, data[!i], 5),
				 PSA_SUCCESS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sim->ops->read(sim->tested, &keys[i], 0, out, 64, &len),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(len, 0);
	}

	/* Replaced, both are well again. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sim->ops->set(sim->tested, &keys[i], &sim_payer, 0, "again", 5),
				 PSA_SUCCESS);
		assert_int_equal(sim->ops->read(sim->tested, &keys[i], 0, out, 64, &len),
				 PSA_SUCCESS);
		assert_int_equal(len, 5);
		assert_memory_equal(out, "again", 5);
	}
	protected_sim_free(psim);
}

/* Twice the same data of the same object looks like anything. */
static void equal_data_can_not_be_told(void **state)
{
	struct protected_sim *psim = filled_new(9, 0);
	struct sim *sim = psim->sim;
	const struct store_key key = sim_key(0);
	uint8_t first[16], second[16];
	size_t len;

	(void)state;
	assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "0123456789abcdef", 16),
			 PSA_SUCCESS);
	assert_int_equal(store_read(&psim->area, &key, 0, first, 16, &len), PSA_SUCCESS);
	assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "0123456789abcdef", 16),
			 PSA_SUCCESS);
	assert_int_equal(store_read(&psim->area, &key, 0, second, 16, &len), PSA_SUCCESS);
	assert_memory_not_equal(first, second, 16);
	protected_sim_free(psim);
}

static void another_device_key_opens_nothing(void **state)
{
	static const uint8_t other[PROTECTED_STORAGE_KEY_LEN] = { 1, 2, 4 };
	struct protected_sim *psim = filled_new(9, 0);
	struct sim *sim = psim->sim;
	const struct store_key key = sim_key(0);
	uint8_t out[8];
	size_t len;

	(void)state;
	assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "secret", 6), PSA_SUCCESS);
	protected_storage_init(&psim->ps, &psim->internal, &psim->area, other, psim->ps.random);
	assert_int_equal(sim->ops->read(sim->tested, &key, 0, out, 8, &len),
			 PSA_ERROR_INVALID_SIGNATURE);
	protected_sim_free(psim);
}

static int no_random(uint8_t *out, size_t len)
{
	(void)out;
	(void)len;
	return -1;
}

static void without_randomness_nothing_is_written(void **state)
{
	struct protected_sim *psim = filled_new(21, 40);
	struct sim *sim = psim->sim;
	const uint64_t operations = sim->flash.operations;

	(void)state;
	psim->ps.random = no_random;
	for (uint32_t i = 0; i < SIM_KEYS; i++) {
		const struct store_key key = sim_key(i);

		assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "a", 1),
				 PSA_ERROR_GENERIC_ERROR);
	}
	assert_int_equal(sim->flash.operations, operations);
	sim_check(sim);
	protected_sim_free(psim);
}

static int next_random(uint8_t *out, size_t len)
{
	static uint8_t next;

	memset(out, ++next, len);
	return 0;
}

static void device_key_is_made_once_for_each_device(void **state)
{
	static struct store store;
	uint8_t key[2][DEVICE_KEY_LEN], again[DEVICE_KEY_LEN];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct flash_model flash;

		assert_int_equal(flash_model_create(&flash, BLOCK_LEN, BLOCK_COUNT, 1), 0);
		assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
		assert_int_equal(device_key_get(&store, next_random, key[i]), PSA_SUCCESS);
		assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
		assert_int_equal(device_key_get(&store, no_random, again), PSA_SUCCESS);
		assert_memory_equal(again, key[i], sizeof(again));
		flash_model_close(&flash);
	}
	assert_memory_not_equal(key[0], key[1], sizeof(key[0]));
}

static void device_key_that_can_not_be_had_is_told(void **state)
{
	static const uint8_t wiped[DEVICE_KEY_LEN];
	static struct store store;
	struct flash_model flash;
	uint8_t key[DEVICE_KEY_LEN] = { 1 }, good[DEVICE_KEY_LEN];

	(void)state;
	flash_model_init_absent(&flash);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(device_key_get(&store, next_random, key), PSA_ERROR_STORAGE_FAILURE);
	assert_memory_equal(key, wiped, sizeof(key));

	assert_int_equal(flash_model_create(&flash, BLOCK_LEN, BLOCK_COUNT, 1), 0);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(device_key_get(&store, no_random, key), PSA_ERROR_GENERIC_ERROR);
	assert_int_equal(store.object_count, 0);

	/* Nothing takes the place of one that is damaged. */
	assert_int_equal(device_key_get(&store, next_random, good), PSA_SUCCESS);
	for (size_t i = 0; i < flash.len - sizeof(good); i++) {
		if (!memcmp(flash.bytes + i, good, sizeof(good)))
			flash.bytes[i] ^= 1;
	}
	memset(key, 1, sizeof(key));
	assert_int_equal(device_key_get(&store, next_random, key), PSA_ERROR_DATA_CORRUPT);
	assert_memory_equal(key, wiped, sizeof(key));
	assert_int_equal(device_key_get(&store, next_random, key), PSA_ERROR_DATA_CORRUPT);
	flash_model_close(&flash);
}

/* A partition whose device key can't be had. */
static void storage_that_was_not_started_fails_each_operation(void **state)
{
	static struct protected_storage ps;
	const struct secure_storage_ops *ops = &protected_storage_ops;
	const struct store_key key = sim_key(0);
	struct store_info info;
	uint64_t uid;
	size_t len;

	(void)state;
	assert_int_equal(ops->set(&ps, &key, &sim_payer, 0, "a", 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->read(&ps, &key, 0, &info, 1, &len), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->get_info(&ps, &key, &info), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->create(&ps, &key, &sim_payer, 0, 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->write(&ps, &key, 0, "a", 1), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->list(&ps, &key, &uid, 1, &len), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(ops->remove(&ps, &key), PSA_ERROR_STORAGE_FAILURE);
}

static void the_longest_object_fits(void **state)
{
	static uint8_t data[STORE_OBJECT_MAX], out[STORE_OBJECT_MAX];
	struct protected_sim *psim = protected_sim_new(256 * 1024, 4, 0, 1);
	struct sim *sim = psim->sim;
	const struct store_key key = sim_key(1);
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31);
	assert_int_equal(sim->ops->create(sim->tested, &key, &sim_payer, 0, sizeof(data)),
			 PSA_SUCCESS);
	assert_int_equal(sim->ops->write(sim->tested, &key, 0, data, 40000), PSA_SUCCESS);
	assert_int_equal(
		sim->ops->write(sim->tested, &key, 40000, data + 40000, sizeof(data) - 40000),
		PSA_SUCCESS);
	assert_int_equal(sim->ops->read(sim->tested, &key, 0, out, sizeof(out), &len), PSA_SUCCESS);
	assert_int_equal(len, sizeof(out));
	assert_memory_equal(out, data, sizeof(out));
	assert_int_equal(sim->ops->read(sim->tested, &key, 65530, out, sizeof(out), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, 6);
	assert_memory_equal(out, data + 65530, 6);
	assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, data, sizeof(data) + 1),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	protected_sim_free(psim);
}

/* Fills the blocks of the area from @first with valid records of objects that nobody stored. */
static uint32_t fill_with_strangers(uint8_t *area, size_t len, uint32_t block_len, uint32_t first,
				    const struct store_key *like)
{
	uint32_t count = 0;

	for (uint32_t b = first; b < len / block_len; b++) {
		uint8_t *block = area + (size_t)b * block_len;
		struct block_head head = { BLOCK_MAGIC, BLOCK_VERSION, UINT32_MAX, 0 };
		struct block_front front;

		memset(block, 0xff, block_len);
		memset(&front, 0xff, sizeof(front));
		head.crc = crc32_update(0, &head, offsetof(struct block_head, crc));
		front.heads[0] = front.heads[1] = head;
		front.ready = 0;
		memcpy(block, &front, sizeof(front));
		for (size_t at = sizeof(front); at + sizeof(struct record_front) <= block_len;
		     at += sizeof(struct record_front)) {
			struct record_head record = { .key = *like, .sequence = UINT32_MAX - 1 };
			struct record_front *out = (void *)(block + at);

			record.key.uid = 1000 + count++;
			record.crc = crc32_update(0, &record, offsetof(struct record_head, crc));
			memset(out, 0xff, sizeof(*out));
			out->commit = 0;
			out->heads[0] = out->heads[1] = record;
		}
	}
	return count;
}

static void an_area_full_of_strangers_costs_no_object(void **state)
{
	const uint32_t block_len = 256 * 1024, block_count = 8;
	struct protected_sim *psim = protected_sim_new(block_len, block_count, 900, 3);
	struct sim *sim = psim->sim;
	struct store_key above, like = sim_key(2);
	uint64_t uids[SIM_KEYS];
	uint8_t *area;
	size_t len;

	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		assert_true(sim_step(sim));
	area = protected_sim_area(psim, &len);
	/* All was written to one block; the others are erased, or take what is strange. */
	assert_true(fill_with_strangers(area, len, block_len, 1, &like) > STORE_OBJECT_COUNT);
	sim_mount(sim);
	sim_check(sim);
	above = like;
	above.uid = 900;
	assert_int_equal(sim->ops->list(sim->tested, &above, uids, SIM_KEYS, &len), PSA_SUCCESS);
	assert_int_equal(len, 0);

	/* The first write takes the room back, and all goes on. */
	for (uint32_t i = 0; i < 200; i++)
		assert_true(sim_step(sim));
	assert_int_equal(sim->refused, 0);
	sim_check(sim);
	sim_mount(sim);
	sim_check(sim);
	protected_sim_free(psim);
}

/* Cut after the entry and before the data, which then is destroyed: neither state is there. */
static void what_was_cut_and_then_destroyed_can_be_replaced_and_removed(void **state)
{
	(void)state;
	for (int removed = 0; removed < 2; removed++) {
		struct protected_sim *psim = filled_new(9, 0);
		struct sim *sim = psim->sim;
		const struct store_key key = sim_key(0);
		struct store_info info;
		uint8_t out[8], *area;
		size_t len;

		assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "old", 3),
				 PSA_SUCCESS);
		/* The entry is written, marked, and its predecessor retired. */
		sim->flash.cut_at = sim->flash.operations + 4;
		assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "new", 3),
				 PSA_ERROR_STORAGE_FAILURE);
		flash_model_power_on(&sim->flash);
		area = protected_sim_area(psim, &len);
		memset(area, 0xff, len);
		sim_mount(sim);

		assert_int_equal(sim->ops->get_info(sim->tested, &key, &info),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(sim->ops->create(sim->tested, &key, &sim_payer, 0, 3),
				 PSA_ERROR_INVALID_SIGNATURE);
		if (removed)
			assert_int_equal(sim->ops->remove(sim->tested, &key), PSA_SUCCESS);
		else
			assert_int_equal(
				sim->ops->set(sim->tested, &key, &sim_payer, 0, "again", 5),
				PSA_SUCCESS);
		assert_int_equal(sim->ops->read(sim->tested, &key, 0, out, sizeof(out), &len),
				 removed ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS);
		protected_sim_free(psim);
	}
}

static void a_list_leaves_out_what_a_cut_has_undone(void **state)
{
	struct protected_sim *psim = filled_new(9, 0);
	struct sim *sim = psim->sim;
	struct store_key key = { .uid = 0 };
	uint64_t uids[3];
	size_t count;

	(void)state;
	for (key.uid = 1; key.uid <= 5; key.uid++)
		assert_int_equal(sim->ops->set(sim->tested, &key, &sim_payer, 0, "x", 1),
				 PSA_SUCCESS);
	/* Power goes while the third is removed, after its data and before its entry. */
	key.uid = 3;
	sim->flash.cut_at = sim->flash.operations + 5;
	assert_int_equal(sim->ops->remove(sim->tested, &key), PSA_ERROR_STORAGE_FAILURE);
	flash_model_power_on(&sim->flash);
	sim_mount(sim);
	assert_int_equal(store_get_info(&psim->area, &key, &(struct store_info){ 0 }),
			 PSA_ERROR_DOES_NOT_EXIST);

	key.uid = 1;
	assert_int_equal(sim->ops->list(sim->tested, &key, uids, 3, &count), PSA_SUCCESS);
	assert_int_equal(count, 3);
	assert_int_equal(uids[0], 2);
	assert_int_equal(uids[1], 4);
	assert_int_equal(uids[2], 5);
	protected_sim_free(psim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_derivation_is_that_of_rfc_5869),
		cmocka_unit_test(each_changed_byte_costs_one_object_at_most),
		cmocka_unit_test(each_earlier_copy_of_the_area_is_noticed),
		cmocka_unit_test(areas_put_together_from_others_give_no_wrong_data),
		cmocka_unit_test(objects_can_not_be_exchanged),
		cmocka_unit_test(equal_data_can_not_be_told),
		cmocka_unit_test(another_device_key_opens_nothing),
		cmocka_unit_test(without_randomness_nothing_is_written),
		cmocka_unit_test(device_key_is_made_once_for_each_device),
		cmocka_unit_test(device_key_that_can_not_be_had_is_told),
		cmocka_unit_test(storage_that_was_not_started_fails_each_operation),
		cmocka_unit_test(the_longest_object_fits),
		cmocka_unit_test(an_area_full_of_strangers_costs_no_object),
		cmocka_unit_test(what_was_cut_and_then_destroyed_can_be_replaced_and_removed),
		cmocka_unit_test(a_list_leaves_out_what_a_cut_has_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
