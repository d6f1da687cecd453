// SPDX-License-Identifier: BSD-3-Clause
/* The store beside its model. See store_sim.h. */
#include "store_sim.h"
#include "cmocka_all.h"
#include <stdlib.h>
#include <string.h>

#define CELL_LEN 8u

struct cell {
	uint32_t magic;
	uint32_t version;
};

uint32_t sim_random(struct sim *sim, uint32_t below)
{
	sim->random = sim->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((sim->random >> 33) % below);
}

struct store_key sim_key(uint32_t key)
{
	/* Neighbours differ in one field only. */
	return (struct store_key){
		.uid = 1 + (key & 1),
		.client_id = key & 2 ? 0x800003e8u : 0,
		.source_id = key & 4 ? 0x8003 : 0,
		.space = SECURE_STORAGE_SPACE_PS,
	};
}

bool sim_flash_overwrites;
struct flash *(*sim_device)(struct flash_model *flash);
const struct share_account sim_payer = { .source_id = 0x8003 };

struct sim *sim_prepare(uint32_t block_len, uint32_t block_count, uint32_t object_max,
			uint64_t seed)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	assert_non_null(sim);
	assert_int_equal(flash_model_create(&sim->flash, block_len, block_count, seed), 0);
	sim->flash.overwrites = sim_flash_overwrites;
	sim->object_max = object_max;
	sim->random = seed;
	return sim;
}

static void mount_store(struct sim *sim)
{
	struct flash *device = sim_device ? sim_device(&sim->flash) : &sim->flash.flash;

	assert_int_equal(store_mount(&sim->store, device), PSA_SUCCESS);
}

struct sim *sim_new(uint32_t block_len, uint32_t block_count, uint32_t object_max, uint64_t seed)
{
	struct sim *sim = sim_prepare(block_len, block_count, object_max, seed);

	sim->ops = &secure_storage_store_ops;
	sim->tested = &sim->store;
	sim->mount = mount_store;
	sim_mount(sim);
	return sim;
}

void sim_free(struct sim *sim)
{
	assert_int_equal(sim->flash.misuse, 0);
	flash_model_close(&sim->flash);
	free(sim);
}

void sim_mount(struct sim *sim)
{
	const uint64_t operations = sim->flash.operations;

	sim->mount(sim);
	assert_int_equal(sim->flash.operations, operations);
}

/* Writes [start, end) of an object's data in the present version. */
static void fill(struct sim *sim, uint8_t *data, uint32_t start, uint32_t end)
{
	const struct cell cell = { SIM_CELL_MAGIC, sim->version };

	for (uint32_t i = start; i < end; i++)
		data[i] = ((const uint8_t *)&cell)[i % CELL_LEN];
}

/* For an operation that must be refused with @status, unless the device fails. */
static psa_status_t expected(psa_status_t actual, psa_status_t status)
{
	if (actual == PSA_ERROR_STORAGE_FAILURE)
		return actual;
	assert_int_equal(actual, status);
	return PSA_SUCCESS;
}

static psa_status_t step_set(struct sim *sim, const struct store_key *key)
{
	struct sim_object *after = &sim->after;

	after->exists = true;
	after->flags = sim_random(sim, 8);
	after->size = sim_random(sim, sim->object_max + 1);
	after->capacity = after->size;
	fill(sim, after->data, 0, after->size);
	return sim->ops->set(sim->tested, key, &sim_payer, after->flags, after->data, after->size);
}

static psa_status_t step_create(struct sim *sim, const struct store_key *key)
{
	struct sim_object *after = &sim->after;
	const uint32_t capacity = sim_random(sim, sim->object_max + 1);
	psa_status_t status = sim->ops->create(sim->tested, key, &sim_payer, 2, capacity);

	if (after->exists)
		return expected(status, PSA_ERROR_ALREADY_EXISTS);
	after->exists = true;
	after->flags = 2;
	after->capacity = capacity;
	after->size = 0;
	return status;
}

static psa_status_t step_write(struct sim *sim, const struct store_key *key)
{
	struct sim_object *after = &sim->after;
	uint32_t offset, len;
	psa_status_t status;

	if (!after->exists)
		return expected(sim->ops->write(sim->tested, key, 0, "", 1),
				PSA_ERROR_DOES_NOT_EXIST);
	offset = sim_random(sim, after->size + 1);
	len = sim_random(sim, after->capacity - offset + 1);
	fill(sim, after->data, offset, offset + len);
	if (after->size < offset + len)
		after->size = offset + len;
	status = sim->ops->write(sim->tested, key, offset, after->data + offset, len);
	/* Room was promised; only a block that does not erase can have taken it. */
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE)
		assert_int_not_equal(sim->flash.fail_at, FLASH_MODEL_NEVER);
	return status;
}

static psa_status_t step_remove(struct sim *sim, const struct store_key *key)
{
	const bool existed = sim->after.exists;
	psa_status_t status = sim->ops->remove(sim->tested, key);

	sim->after.exists = false;
	return existed ? status : expected(status, PSA_ERROR_DOES_NOT_EXIST);
}

/* Without what is not of the data: most objects are far shorter than the longest. */
static void copy(struct sim_object *to, const struct sim_object *from)
{
	memcpy(to, from, offsetof(struct sim_object, data) + from->size);
}

bool sim_step(struct sim *sim)
{
	psa_status_t (*const steps[])(struct sim * sim, const struct store_key *key) = {
		step_set, step_set, step_set, step_create, step_write, step_write, step_remove,
	};
	const uint32_t step = sim_random(sim, sizeof(steps) / sizeof(steps[0]));
	struct store_key key;
	psa_status_t status;

	sim->key = sim_random(sim, SIM_KEYS);
	sim->version++;
	key = sim_key(sim->key);
	copy(&sim->before, &sim->objects[sim->key]);
	copy(&sim->after, &sim->before);

	/* Recovery may fail before a step can tell what it would have said. */
	if (!sim->flash.powered)
		return false;
	status = sim->ops->remove(
		sim->tested, &(struct store_key){ .uid = 99, .space = SECURE_STORAGE_SPACE_PS });
	if (status == PSA_ERROR_STORAGE_FAILURE) {
		copy(&sim->after, &sim->before);
		return false;
	}
	assert_int_equal(status, PSA_ERROR_DOES_NOT_EXIST);

	status = steps[step](sim, &key);
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE) {
		sim->refused++;
		return true;
	}
	if (status == PSA_ERROR_STORAGE_FAILURE)
		return false;
	assert_int_equal(status, PSA_SUCCESS);
	copy(&sim->objects[sim->key], &sim->after);
	return true;
}

bool sim_holds(struct sim *sim, uint32_t index, const struct sim_object *object)
{
	static uint8_t data[STORE_OBJECT_MAX];
	const struct store_key key = sim_key(index);
	struct store_info info;
	psa_status_t status;
	size_t len;

	status = sim->ops->get_info(sim->tested, &key, &info);
	if (!object->exists)
		return status == PSA_ERROR_DOES_NOT_EXIST;
	if (status != PSA_SUCCESS || info.size != object->size ||
	    info.capacity != object->capacity || info.flags != object->flags)
		return false;
	status = sim->ops->read(sim->tested, &key, 0, data, sizeof(data), &len);
	return status == PSA_SUCCESS && len == object->size && !memcmp(data, object->data, len);
}

void sim_settle(struct sim *sim)
{
	if (sim_holds(sim, sim->key, &sim->after))
		copy(&sim->objects[sim->key], &sim->after);
	else
		assert_true(sim_holds(sim, sim->key, &sim->before));
}

void sim_check(struct sim *sim)
{
	for (uint32_t key = 0; key < SIM_KEYS; key++)
		assert_true(sim_holds(sim, key, &sim->objects[key]));
}

static bool in_objects(const struct sim *sim, const struct cell *cell)
{
	for (uint32_t key = 0; key < SIM_KEYS; key++) {
		const struct sim_object *object = &sim->objects[key];

		for (uint32_t i = 0; object->exists && i < object->size; i += CELL_LEN) {
			const uint32_t left = object->size - i;
			uint8_t padded[CELL_LEN];

			/* A record is padded by ones. */
			memset(padded, 0xff, CELL_LEN);
			memcpy(padded, object->data + i, left < CELL_LEN ? left : CELL_LEN);
			if (!memcmp(padded, cell, CELL_LEN))
				return true;
		}
	}
	return false;
}

void sim_check_wiped(struct sim *sim)
{
	uint32_t known = 0;
	struct cell cell;

	for (size_t i = 0; i + CELL_LEN <= sim->flash.len; i += CELL_LEN) {
		memcpy(&cell, sim->flash.bytes + i, CELL_LEN);
		if (cell.magic != SIM_CELL_MAGIC || cell.version == known)
			continue;
		assert_true(in_objects(sim, &cell));
		known = cell.version;
	}
}
