// SPDX-License-Identifier: BSD-3-Clause
/* The store, while the power stays on: rules, room, rot and wear. */
#include "cmocka_all.h"
#include "store_sim.h"
#include <secure/store/crc32.h>
#include <secure/store/internal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_BLOCK_LEN   (256u * 1024)
#define DEVICE_BLOCK_COUNT 8u

static struct store store;
static struct flash_model flash;
static uint8_t buf[STORE_OBJECT_MAX + 1];

static void fresh(uint32_t block_len, uint32_t block_count)
{
	assert_int_equal(flash_model_create(&flash, block_len, block_count, 1), 0);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(flash.misuse, 0);
	if (flash.bytes)
		flash_model_close(&flash);
	return 0;
}

static struct store_key key_of(uint64_t uid)
{
	return (struct store_key){ .uid = uid, .client_id = 5 };
}

static psa_status_t set(uint64_t uid, uint8_t byte, size_t len)
{
	const struct store_key key = key_of(uid);

	memset(buf, byte, len);
	return store_set(&store, &key, &sim_payer, 0, buf, len);
}

/* What a read of the whole object says; SUCCESS only if it is @len times @byte. */
static psa_status_t get(uint64_t uid, uint8_t byte, size_t len)
{
	const struct store_key key = key_of(uid);
	psa_status_t status;
	size_t got;

	status = store_read(&store, &key, 0, buf, sizeof(buf), &got);
	if (status != PSA_SUCCESS)
		return status;
	assert_int_equal(got, len);
	for (size_t i = 0; i < got; i++)
		assert_int_equal(buf[i], byte);
	return PSA_SUCCESS;
}

static void crc32_is_that_of_ieee_802_3(void **state)
{
	const uint8_t text[] = "xx123456789";

	(void)state;
	assert_int_equal(crc32_update(0, text + 2, 9), 0xcbf43926u);
	assert_int_equal(crc32_update(crc32_update(0, text + 2, 4), text + 6, 5), 0xcbf43926u);
	assert_int_equal(crc32_update(0, text, 0), 0);
}

static void erased_flash_is_an_empty_store_and_stays_untouched(void **state)
{
	struct store_info info;
	const struct store_key key = key_of(1);

	(void)state;
	fresh(4096, 4);
	assert_int_equal(store_get_info(&store, &key, &info), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(get(1, 0, 0), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(flash.operations, 0);
}

static void flash_full_of_garbage_is_an_empty_store(void **state)
{
	(void)state;
	fresh(4096, 4);
	for (size_t i = 0; i < flash.len; i++)
		flash.bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(get(1, 0, 0), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(flash.operations, 0);
	assert_int_equal(set(1, 0xab, 100), PSA_SUCCESS);
	assert_int_equal(get(1, 0xab, 100), PSA_SUCCESS);
}

static void erased_blocks_with_a_stray_word_are_erased_before_use(void **state)
{
	(void)state;
	fresh(4096, 4);
	for (uint32_t block = 0; block < 4; block++)
		flash.bytes[block * 4096 + 2000 + block] = 0;
	for (int i = 0; i < 40; i++)
		assert_int_equal(set(1, (uint8_t)i, 900), PSA_SUCCESS);
	assert_int_equal(get(1, 39, 900), PSA_SUCCESS);
}

static void reads_are_clipped_and_bounded(void **state)
{
	const struct store_key key = key_of(7);
	uint8_t out[16];
	size_t len;

	(void)state;
	fresh(4096, 4);
	assert_int_equal(store_set(&store, &key, &sim_payer, 0, "0123456789", 10), PSA_SUCCESS);
	assert_int_equal(store_read(&store, &key, 3, out, 4, &len), PSA_SUCCESS);
	assert_int_equal(len, 4);
	assert_memory_equal(out, "3456", 4);
	assert_int_equal(store_read(&store, &key, 8, out, sizeof(out), &len), PSA_SUCCESS);
	assert_int_equal(len, 2);
	assert_int_equal(store_read(&store, &key, 10, out, sizeof(out), &len), PSA_SUCCESS);
	assert_int_equal(len, 0);
	assert_int_equal(store_read(&store, &key, 11, out, sizeof(out), &len),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(store_read(&store, &key, UINT64_MAX, out, sizeof(out), &len),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(store_write(&store, &key, 4, out, UINT64_MAX - 2),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(store_write(&store, &key, UINT64_MAX, out, 2), PSA_ERROR_INVALID_ARGUMENT);
}

static void random_operations_agree_with_the_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct sim *sim = sim_new(8192, 4, 4000, seed);

		for (int i = 0; i < 400; i++) {
			assert_true(sim_step(sim));
			sim_check_wiped(sim);
		}
		sim_check(sim);
		sim_mount(sim);
		sim_check(sim);
		assert_true(sim->refused > 0);
		sim_free(sim);
	}
}

static void each_field_of_the_key_names_another_object(void **state)
{
	struct store_key keys[5] = {
		{ 1, 1, 1, 1 }, { 2, 1, 1, 1 }, { 1, 2, 1, 1 }, { 1, 1, 2, 1 }, { 1, 1, 1, 2 }
	};
	size_t len;

	(void)state;
	fresh(4096, 4);
	for (uint8_t i = 0; i < 5; i++)
		assert_int_equal(store_set(&store, &keys[i], &sim_payer, 0, &i, 1), PSA_SUCCESS);
	for (uint8_t i = 0; i < 5; i++) {
		assert_int_equal(store_read(&store, &keys[i], 0, buf, 1, &len), PSA_SUCCESS);
		assert_int_equal(buf[0], i);
	}
}

static void lists_are_ascending_bounded_and_of_one_owner(void **state)
{
	const struct store_key others[] = { { 7, 4, 0, 0 }, { 7, 5, 1, 0 }, { 7, 5, 0, 1 } };
	struct store_key above = key_of(0);
	uint64_t uids[50];
	size_t count;

	(void)state;
	fresh(64 * 1024, 4);
	assert_int_equal(store_list(&store, &above, uids, 50, &count), PSA_SUCCESS);
	assert_int_equal(count, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_set(&store, &others[i], &sim_payer, 0, "x", 1), PSA_SUCCESS);
	/* 3, 6 .. 600 in some other order, and the highest there is. */
	for (uint64_t i = 1; i <= 200; i++)
		assert_int_equal(set(3 * (i * 77 % 201), 1, 1), PSA_SUCCESS);
	assert_int_equal(set(UINT64_MAX, 1, 1), PSA_SUCCESS);
	for (uint64_t i = 10; i < 50; i++) {
		const struct store_key key = key_of(3 * i);

		assert_int_equal(store_remove(&store, &key), PSA_SUCCESS);
	}
	assert_int_equal(store_list(&store, &above, uids, 50, &count), PSA_SUCCESS);
	assert_int_equal(count, 50);
	for (uint64_t i = 0; i < 50; i++)
		assert_int_equal(uids[i], 3 * (i < 9 ? i + 1 : i + 41));
	above.uid = 598;
	assert_int_equal(store_list(&store, &above, uids, 50, &count), PSA_SUCCESS);
	assert_int_equal(count, 2);
	assert_int_equal(uids[0], 600);
	assert_int_equal(uids[1], UINT64_MAX);
	assert_int_equal(store_list(&store, &above, uids, 1, &count), PSA_SUCCESS);
	assert_int_equal(count, 1);
	assert_int_equal(uids[0], 600);
	assert_int_equal(store_list(&store, &above, uids, 0, &count), PSA_SUCCESS);
	assert_int_equal(count, 0);
	above.uid = UINT64_MAX;
	assert_int_equal(store_list(&store, &above, uids, 50, &count), PSA_SUCCESS);
	assert_int_equal(count, 0);

	above.uid = 0;
	flash.read_fail_at = flash.read_count + 20;
	assert_int_equal(store_list(&store, &above, uids, 50, &count), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(count, 0);
}

static void an_object_that_has_rotted_hides_no_other_from_a_list(void **state)
{
	const struct store_key above = key_of(0);
	uint64_t uids[4];
	size_t count;

	(void)state;
	fresh(4096, 4);
	for (uint64_t uid = 1; uid <= 3; uid++)
		assert_int_equal(set(uid, 1, 8), PSA_SUCCESS);
	for (uint32_t b = 0; b < STORE_SLOT_COUNT; b++) {
		if (!store.slots[b].offset)
			continue;
		memset(flash.bytes + store.slots[b].offset + 8, 0, 80);
		break;
	}
	assert_int_equal(store_list(&store, &above, uids, 4, &count), PSA_SUCCESS);
	assert_int_equal(count, 2);
}

static void a_full_store_refuses_and_loses_nothing(void **state)
{
	const size_t lens[] = { 100, 4000, 30000, STORE_OBJECT_MAX };

	(void)state;
	for (size_t l = 0; l < 4; l++) {
		uint64_t count = 0;
		size_t total;

		fresh(DEVICE_BLOCK_LEN, DEVICE_BLOCK_COUNT);
		while (set(count + 1, (uint8_t)count, lens[l]) == PSA_SUCCESS)
			count++;
		assert_int_equal(set(count + 1, 0, lens[l]), PSA_ERROR_INSUFFICIENT_STORAGE);
		total = count * lens[l];
		assert_true(count == STORE_OBJECT_COUNT || total > flash.len / 2);

		/* Full as it is, all can be read, replaced, and removed to make room. */
		for (uint64_t i = 0; i < count; i++)
			assert_int_equal(set(i + 1, (uint8_t)(i + 3), lens[l]), PSA_SUCCESS);
		assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
		for (uint64_t i = 0; i < count; i++)
			assert_int_equal(get(i + 1, (uint8_t)(i + 3), lens[l]), PSA_SUCCESS);
		assert_int_equal(store_remove(&store, &(struct store_key){ 1, 5, 0, 0 }),
				 PSA_SUCCESS);
		assert_int_equal(set(count + 1, 9, lens[l]), PSA_SUCCESS);
		assert_int_equal(get(count + 1, 9, lens[l]), PSA_SUCCESS);
		teardown(NULL);
	}
	flash.bytes = NULL;
}

static void what_create_reserved_can_always_be_written(void **state)
{
	uint32_t seed = 1;
	uint64_t count = 0;

	(void)state;
	fresh(16384, 6);
	for (;; count++) {
		const struct store_key key = key_of(count + 1);

		if (store_create(&store, &key, &sim_payer, 0, 300 + 700 * (count % 4)) !=
		    PSA_SUCCESS)
			break;
	}
	assert_true(count > 20);
	while (set(1000 + seed, 1, 8) == PSA_SUCCESS)
		seed++;
	for (int round = 0; round < 3000; round++) {
		struct store_key key;
		struct store_info info;
		size_t part;

		seed = seed * 1103515245 + 12345;
		key = key_of(1 + (seed >> 8) % count);
		assert_int_equal(store_get_info(&store, &key, &info), PSA_SUCCESS);
		part = info.capacity - info.size;
		part = part ? (part + 1) / 2 : info.capacity;
		assert_int_equal(
			store_write(&store, &key, part == info.capacity ? 0 : info.size, buf, part),
			PSA_SUCCESS);
	}
}

static void four_thousand_objects_are_found_again(void **state)
{
	(void)state;
	fresh(DEVICE_BLOCK_LEN, DEVICE_BLOCK_COUNT);
	for (uint64_t i = 1; i <= 4096; i++)
		assert_int_equal(set(i << 32, (uint8_t)i, 64), PSA_SUCCESS);
	for (uint64_t i = 1; i <= 4096; i += 2) {
		const struct store_key key = key_of(i << 32);

		assert_int_equal(store_remove(&store, &key), PSA_SUCCESS);
	}
	for (int mounts = 0; mounts < 2; mounts++) {
		for (uint64_t i = 1; i <= 4096; i++)
			assert_int_equal(get(i << 32, (uint8_t)i, 64),
					 i % 2 ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS);
		assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	}
}

/* Every byte of the store, changed alone, harms at most the object that it belongs to. */
static void a_rotten_byte_never_harms_two_objects(void **state)
{
	enum { OBJECTS = 12, LEN = 50 };
	const uint8_t rot[] = { 0x01, 0x80, 0xff };
	uint32_t harmed_bytes = 0;

	(void)state;
	fresh(4096, 4);
	for (uint64_t i = 1; i <= OBJECTS; i++)
		assert_int_equal(set(i, (uint8_t)i, LEN), PSA_SUCCESS);
	for (uint64_t i = 3; i <= OBJECTS; i += 3)
		assert_int_equal(set(i, (uint8_t)i, LEN), PSA_SUCCESS);

	for (uint32_t at = 0; at < 4096; at++) {
		for (size_t kind = 0; kind < sizeof(rot); kind++) {
			uint32_t harmed = 0;

			flash.bytes[at] ^= rot[kind];
			assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
			for (uint64_t i = 1; i <= OBJECTS; i++) {
				psa_status_t status = get(i, (uint8_t)i, LEN);

				if (status != PSA_SUCCESS) {
					assert_int_equal(status, PSA_ERROR_DATA_CORRUPT);
					harmed++;
				}
			}
			assert_true(harmed <= 1);
			harmed_bytes += harmed;
			flash.bytes[at] ^= rot[kind];
		}
	}
	assert_int_equal(harmed_bytes, OBJECTS * LEN * sizeof(rot));
}

static void a_record_that_lost_both_heads_does_not_hide_those_behind_it(void **state)
{
	(void)state;
	fresh(4096, 4);
	for (uint64_t i = 1; i <= 5; i++)
		assert_int_equal(set(i, (uint8_t)i, 40), PSA_SUCCESS);
	/* The second record: 64 bytes of block front, records of 104 + 40 bytes. */
	memset(flash.bytes + 64 + 144 + 8, 0x55, 96);
	assert_int_equal(get(2, 2, 40), PSA_ERROR_DATA_CORRUPT);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	for (uint64_t i = 1; i <= 5; i++)
		assert_int_equal(get(i, (uint8_t)i, 40),
				 i == 2 ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS);
	for (uint64_t i = 6; i <= 30; i++)
		assert_int_equal(set(i % 6 + 10, (uint8_t)i, 300), PSA_SUCCESS);
	for (uint64_t i = 3; i <= 5; i++)
		assert_int_equal(get(i, (uint8_t)i, 40), PSA_SUCCESS);
}

static void corrupt_data_can_be_replaced_and_removed_but_not_extended(void **state)
{
	const struct store_key key = key_of(1);

	(void)state;
	fresh(4096, 4);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(set(1, 0xaa, 40), PSA_SUCCESS);
		flash.bytes[store.current * 4096 + store.blocks[store.current].used - 1] = 0;
		assert_int_equal(get(1, 0xaa, 40), PSA_ERROR_DATA_CORRUPT);
		assert_int_equal(store_write(&store, &key, 0, "x", 1), PSA_ERROR_DATA_CORRUPT);
		if (!round)
			assert_int_equal(set(1, 0xbb, 40), PSA_SUCCESS);
		else
			assert_int_equal(store_remove(&store, &key), PSA_SUCCESS);
		assert_int_equal(get(1, 0xbb, 40), round ? PSA_ERROR_DOES_NOT_EXIST : PSA_SUCCESS);
	}
}

static void wear_is_spread_over_blocks_at_rest_too(void **state)
{
	uint32_t least = UINT32_MAX, most = 0;

	(void)state;
	fresh(4096, 8);
	/* Three blocks full of what never changes. */
	for (uint64_t i = 1; i <= 12; i++)
		assert_int_equal(set(100 + i, (uint8_t)i, 900), PSA_SUCCESS);
	for (int i = 0; i < 6000; i++)
		assert_int_equal(set(1, (uint8_t)i, 200), PSA_SUCCESS);
	for (uint32_t b = 0; b < 8; b++) {
		const uint32_t count = store.blocks[b].erase_count;

		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	assert_true(most > 50);
	assert_true(most - least <= 20);

	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	for (uint32_t b = 0; b < 8; b++)
		assert_in_range(store.blocks[b].erase_count, least, most);
	for (uint64_t i = 1; i <= 12; i++)
		assert_int_equal(get(100 + i, (uint8_t)i, 900), PSA_SUCCESS);
}

static void one_write_costs_a_bounded_number_of_erases(void **state)
{
	(void)state;
	fresh(4096, 8);
	for (uint64_t i = 0; i < 4000; i++) {
		uint32_t before = 0, after = 0;

		for (uint32_t b = 0; b < 8; b++)
			before += store.blocks[b].erase_count;
		assert_int_equal(set(i % 19, (uint8_t)i, 500 + i % 400), PSA_SUCCESS);
		for (uint32_t b = 0; b < 8; b++)
			after += store.blocks[b].erase_count;
		assert_true(after - before <= 2);
	}
}

static void blocks_of_another_format_are_told_and_erased(void **state)
{
	(void)state;
	fresh(4096, 4);
	assert_int_equal(set(1, 1, 10), PSA_SUCCESS);
	for (uint32_t b = 0; b < 4; b++) {
		struct block_head head = { BLOCK_MAGIC, BLOCK_VERSION - 1, 7, 0 };

		head.crc = crc32_update(0, &head, offsetof(struct block_head, crc));
		memcpy(flash.bytes + b * 4096, &head, sizeof(head));
		memcpy(flash.bytes + b * 4096 + sizeof(head), &head, sizeof(head));
	}
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(store.outdated, 4);
	assert_int_equal(get(1, 1, 10), PSA_ERROR_DOES_NOT_EXIST);
	for (int i = 0; i < 40; i++)
		assert_int_equal(set(2, (uint8_t)i, 900), PSA_SUCCESS);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(store.outdated, 0);
	assert_int_equal(get(2, 39, 900), PSA_SUCCESS);
}

/* By an older program or firmware, which would take its objects for nothing. */
static void blocks_of_a_newer_format_are_left_as_they_are(void **state)
{
	struct block_head head = { BLOCK_MAGIC, BLOCK_VERSION + 1, 7, 0 };
	static uint8_t before[4 * 4096];

	(void)state;
	fresh(4096, 4);
	assert_int_equal(set(1, 1, 10), PSA_SUCCESS);
	head.crc = crc32_update(0, &head, offsetof(struct block_head, crc));
	memcpy(flash.bytes + 2 * 4096, &head, sizeof(head));
	memcpy(flash.bytes + 2 * 4096 + sizeof(head), &head, sizeof(head));
	memcpy(before, flash.bytes, sizeof(before));
	assert_int_equal(store_mount(&store, &flash.flash), PSA_ERROR_STORAGE_FAILURE);
	assert_int_equal(store.newer, 1);
	assert_int_equal(get(1, 1, 10), PSA_ERROR_STORAGE_FAILURE);
	for (int i = 0; i < 40; i++)
		assert_int_equal(set(2, (uint8_t)i, 900), PSA_ERROR_STORAGE_FAILURE);
	assert_memory_equal(before, flash.bytes, sizeof(before));
}

static bool knows_all(void *ctx, const struct store_key *key)
{
	(void)ctx;
	(void)key;
	return true;
}

/* Where others may write, that says nothing. */
static void a_newer_format_in_flash_of_all_is_erased(void **state)
{
	struct block_head head = { BLOCK_MAGIC, BLOCK_VERSION + 1, 7, 0 };

	(void)state;
	fresh(4096, 4);
	head.crc = crc32_update(0, &head, offsetof(struct block_head, crc));
	memcpy(flash.bytes + 2 * 4096, &head, sizeof(head));
	memcpy(flash.bytes + 2 * 4096 + sizeof(head), &head, sizeof(head));
	assert_int_equal(store_mount_filtered(&store, &flash.flash, knows_all, NULL), PSA_SUCCESS);
	assert_int_equal(store.outdated, 1);
	assert_int_equal(set(2, 2, 900), PSA_SUCCESS);
}

/* What is charged is what is there, whatever has happened to it. */
static void check_charged(const uint64_t held[3])
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < 3; i++) {
		const struct share_account account = { 100 + i, 0 };

		assert_int_equal(share_held(&store.objects, account), held[i]);
		all += held[i];
	}
	assert_int_equal(store.objects.taken, all);
	assert_int_equal(store.bytes.taken, store.reserved);
}

static void the_account_that_pays_is_kept_with_the_object(void **state)
{
	uint32_t payer_of[20] = { 0 }, random = 1;
	uint64_t held[3] = { 0 };

	(void)state;
	fresh(16384, 6);
	for (uint32_t i = 0; i < 1000; i++) {
		const uint32_t uid = random % 20, by = random / 20 % 3;
		const struct share_account payer = { 100 + by, 0 };
		const struct store_key key = key_of(1 + uid);
		psa_status_t status;

		random = (random * 1103515245u + 12345u) >> 1;
		if (random & 1)
			status = store_remove(&store, &key);
		else
			status = store_set(&store, &key, &payer, 0, buf, random % 500);
		if (status == PSA_SUCCESS) {
			if (payer_of[uid])
				held[payer_of[uid] - 1]--;
			payer_of[uid] = random & 1 ? 0 : 1 + by;
			if (payer_of[uid])
				held[by]++;
		}
		if (i % 100 == 50)
			assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
		check_charged(held);
	}
	assert_true(held[0] + held[1] + held[2] > 3);
}

/* What there is to be shared is what a fresh look at the flash would say. */
static void check_measured(void)
{
	const uint64_t total = store.bytes.total, reserve = store.bytes.reserve;

	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(store.bytes.total, total);
	assert_int_equal(store.bytes.reserve, reserve);
}

static void room_is_measured_whenever_the_longest_object_comes_or_goes(void **state)
{
	const struct store_scope scope = { .client_id = 5, .space_max = 1 };
	const struct store_key key = key_of(2);
	uint64_t empty, with_long;
	uint32_t count;
	bool more;

	(void)state;
	fresh(16384, 6);
	assert_int_equal(set(1, 1, 8), PSA_SUCCESS);
	empty = store.bytes.total;
	check_measured();
	assert_int_equal(set(2, 1, 6000), PSA_SUCCESS);
	with_long = store.bytes.total;
	assert_true(with_long < empty);
	check_measured();
	assert_int_equal(set(2, 1, 7), PSA_SUCCESS);
	assert_int_equal(store.bytes.total, empty);
	check_measured();
	assert_int_equal(
		store_create(&store, &(struct store_key){ 3, 5, 0, 0 }, &sim_payer, 0, 6000),
		PSA_SUCCESS);
	assert_int_equal(store.bytes.total, with_long);
	check_measured();
	assert_int_equal(store_remove(&store, &(struct store_key){ 3, 5, 0, 0 }), PSA_SUCCESS);
	assert_int_equal(store.bytes.total, empty);
	check_measured();
	assert_int_equal(set(2, 1, 6000), PSA_SUCCESS);
	assert_int_equal(store_erase(&store, &scope, &count), PSA_SUCCESS);
	assert_int_equal(count, 2);
	assert_int_equal(store.bytes.total, empty);
	assert_int_equal(store_erase_more(&store, 100, &more), PSA_SUCCESS);
	assert_int_equal(store.bytes.total, empty);
	check_measured();
	assert_int_equal(store_remove(&store, &key), PSA_ERROR_DOES_NOT_EXIST);
}

static void a_state_file_keeps_the_objects(void **state)
{
	char path[] = "/tmp/tstee-flash-XXXXXX";
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(flash_model_open(&flash, path, 4096, 4, 1), 0);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(set(1, 0x11, 33), PSA_SUCCESS);
	flash_model_close(&flash);
	assert_int_equal(flash_model_open(&flash, path, 4096, 8, 1), -1);
	assert_int_equal(flash_model_open(&flash, path, 4096, 4, 1), 0);
	assert_int_equal(store_mount(&store, &flash.flash), PSA_SUCCESS);
	assert_int_equal(get(1, 0x11, 33), PSA_SUCCESS);
	assert_int_equal(remove(path), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32_is_that_of_ieee_802_3),
		TEST(erased_flash_is_an_empty_store_and_stays_untouched),
		TEST(flash_full_of_garbage_is_an_empty_store),
		TEST(erased_blocks_with_a_stray_word_are_erased_before_use),
		TEST(reads_are_clipped_and_bounded),
		cmocka_unit_test(random_operations_agree_with_the_model),
		TEST(each_field_of_the_key_names_another_object),
		TEST(lists_are_ascending_bounded_and_of_one_owner),
		TEST(an_object_that_has_rotted_hides_no_other_from_a_list),
		cmocka_unit_test(a_full_store_refuses_and_loses_nothing),
		TEST(what_create_reserved_can_always_be_written),
		TEST(four_thousand_objects_are_found_again),
		TEST(a_rotten_byte_never_harms_two_objects),
		TEST(a_record_that_lost_both_heads_does_not_hide_those_behind_it),
		TEST(corrupt_data_can_be_replaced_and_removed_but_not_extended),
		TEST(wear_is_spread_over_blocks_at_rest_too),
		TEST(one_write_costs_a_bounded_number_of_erases),
		TEST(blocks_of_another_format_are_told_and_erased),
		TEST(blocks_of_a_newer_format_are_left_as_they_are),
		TEST(a_newer_format_in_flash_of_all_is_erased),
		TEST(the_account_that_pays_is_kept_with_the_object),
		TEST(room_is_measured_whenever_the_longest_object_comes_or_goes),
		TEST(a_state_file_keeps_the_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
