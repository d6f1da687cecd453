// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the store: any flash image, and operations of the device that fail. The input
 * changes the image of a store that was in use (two bytes where, one how many, then what), and
 * goes on with operations of the store, failures of the device and new mounts. What was
 * acknowledged must be there at all times, and what failed is as before or as after.
 */
#include <secure/port/host/flash_model.h>
#include <secure/store/store.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN   4096u
#define BLOCK_COUNT 4u
#define OBJECTS	    6u
#define OBJECT_MAX  900u
#define STEPS_MAX   60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum op { OP_SET, OP_REMOVE, OP_READ, OP_FAIL, OP_MOUNT, OP_COUNT };

struct input {
	const uint8_t *data;
	size_t size;
};

/* What is known of an object: one of up to two states it can be in. */
struct known {
	unsigned int states; /* 0: nothing is known */
	uint32_t version[2]; /* 0: it isn't there */
};

static struct flash_model flash;
static struct store store;
static uint8_t image[BLOCK_LEN * BLOCK_COUNT];
static struct known known[OBJECTS];
static uint32_t last_version;

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Zeros when there is no more. */
static uint32_t take(struct input *in, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len && in->size; i++, in->data++, in->size--)
		value |= (uint32_t)*in->data << (8 * i);
	return value;
}

static struct store_key key_of(uint32_t object)
{
	return (struct store_key){ .uid = object + 1 };
}

/* The data of a version, which tells by itself what it should be. */
static size_t fill(uint8_t *out, uint32_t object, uint32_t version)
{
	const size_t len = 8 + version * 37 % (OBJECT_MAX - 8);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(version * 7 + i * (object + 1));
	memcpy(out, &object, sizeof(object));
	memcpy(out + 4, &version, sizeof(version));
	return len;
}

/* The state of an object after something that has failed or not. */
static void know(uint32_t object, uint32_t version, psa_status_t status)
{
	struct known *k = &known[object];

	if (status == PSA_SUCCESS) {
		*k = (struct known){ .states = 1, .version = { version } };
	} else if (status == PSA_ERROR_STORAGE_FAILURE) {
		/* A second failure without a look between them leaves three: too many to tell. */
		if (k->states == 1)
			k->version[k->states++] = version;
		else
			k->states = 0;
	}
}

/* Reads an object, whose state is then known. The device may fail meanwhile. */
static void look(uint32_t object)
{
	const struct store_key key = key_of(object);
	uint8_t bytes[OBJECT_MAX + 1], wanted[OBJECT_MAX];
	struct known *k = &known[object];
	uint32_t version = 0;
	psa_status_t status;
	size_t len;

	status = store_read(&store, &key, 0, bytes, sizeof(bytes), &len);
	if (status == PSA_ERROR_STORAGE_FAILURE)
		return;
	if (status == PSA_SUCCESS && len >= 8)
		memcpy(&version, bytes + 4, sizeof(version));
	if (!k->states) {
		/* Only of what is its own anything is known from now on. */
		if (status == PSA_ERROR_DOES_NOT_EXIST ||
		    (status == PSA_SUCCESS && len == fill(wanted, object, version) &&
		     !memcmp(bytes, wanted, len)))
			*k = (struct known){ .states = 1, .version = { version } };
		return;
	}
	require(status == PSA_SUCCESS || status == PSA_ERROR_DOES_NOT_EXIST);
	require(version == k->version[0] || (k->states == 2 && version == k->version[1]));
	if (version) {
		require(len == fill(wanted, object, version));
		require(!memcmp(bytes, wanted, len));
	}
	*k = (struct known){ .states = 1, .version = { version } };
}

static void set(uint32_t object)
{
	const struct store_key key = key_of(object);
	uint8_t bytes[OBJECT_MAX];
	size_t len;

	last_version++;
	len = fill(bytes, object, last_version);
	know(object, last_version, store_set(&store, &key, NULL, 0, bytes, len));
}

static void remove_object(uint32_t object)
{
	const struct store_key key = key_of(object);
	const psa_status_t status = store_remove(&store, &key);

	require(status != PSA_ERROR_DOES_NOT_EXIST || !known[object].states ||
		!known[object].version[0] ||
		(known[object].states == 2 && !known[object].version[1]));
	know(object, 0, status == PSA_ERROR_DOES_NOT_EXIST ? PSA_SUCCESS : status);
}

/* A store that has been in use, so that an image has something to be changed. */
static void prepare(void)
{
	require(!flash_model_create(&flash, BLOCK_LEN, BLOCK_COUNT, 1));
	require(!store_mount(&store, &flash.flash));
	for (uint32_t i = 0; i < 40; i++)
		set(i % (OBJECTS - 1));
	remove_object(1);
	memcpy(image, flash.bytes, sizeof(image));
	flash_model_close(&flash);
}

static void spoil(struct input *in)
{
	uint32_t changes = take(in, 1) % 16;

	while (changes--) {
		const uint32_t offset = take(in, 2) % sizeof(image);
		const uint32_t len = take(in, 1) % 64;
		const uint32_t from = take(in, 2) % sizeof(image);

		for (uint32_t i = 0; i < len && offset + i < sizeof(image); i++) {
			/* Parts of itself are what a checksum may be right for. */
			flash.bytes[offset + i] = from % 3 && from + i < sizeof(image) ?
							  image[from + i] :
							  (uint8_t)take(in, 1);
		}
	}
}

static void step(struct input *in)
{
	const uint32_t choice = take(in, 1);
	const uint32_t object = choice / OP_COUNT % OBJECTS;
	uint32_t when;

	switch ((enum op)(choice % OP_COUNT)) {
	case OP_SET:
		set(object);
		break;
	case OP_REMOVE:
		remove_object(object);
		break;
	case OP_READ:
		look(object);
		break;
	case OP_FAIL:
		when = take(in, 2);
		flash.fail_at = flash.operations + 1 + when % 32;
		flash.fail_until = flash.fail_at + (when >> 5) % 4;
		flash.garbage = (when >> 8) % (FLASH_GARBAGE_KINDS + 1);
		if (flash.garbage == FLASH_GARBAGE_KINDS)
			flash.garbage = FLASH_MODEL_ANY;
		break;
	case OP_MOUNT:
		flash_model_power_on(&flash);
		(void)store_mount(&store, &flash.flash);
		break;
	case OP_COUNT:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (!last_version)
		prepare();
	last_version = 100;
	memset(known, 0, sizeof(known));
	require(!flash_model_create(&flash, BLOCK_LEN, BLOCK_COUNT, 1));
	flash.overwrites = take(&in, 1) & 1;
	memcpy(flash.bytes, image, sizeof(image));
	spoil(&in);
	(void)store_mount(&store, &flash.flash);
	for (int i = 0; i < STEPS_MAX && in.size; i++)
		step(&in);

	for (int again = 0; again < 2; again++) {
		for (uint32_t i = 0; i < OBJECTS; i++)
			look(i);
		flash_model_power_on(&flash);
		(void)store_mount(&store, &flash.flash);
	}
	require(!flash.misuse);
	flash_model_close(&flash);
	return 0;
}
