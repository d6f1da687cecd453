// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of protected storage: the input is what somebody does to its flash while the
 * partition doesn't run. It is made of changes: two bytes where, one how many, one whether
 * they follow or come from an earlier copy of the flash, and from where in it.
 */
#include <secure/port/host/flash_model.h>
#include <secure/service/protected_storage.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN   4096u
#define BLOCK_COUNT 4u
#define AREA_LEN    (BLOCK_LEN * BLOCK_COUNT)
#define OBJECTS	    3u
#define OBJECT_MAX  1600u
/* Versions of each object, all of which the area has held. */
#define VERSIONS 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct flash_model internal_flash, area_flash;
static struct store internal, area;
static struct protected_storage ps;
/* The flash as it is left, and the earlier copies of the area. */
static uint8_t internal_bytes[AREA_LEN];
static uint8_t copies[VERSIONS][AREA_LEN];

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Never the same twice, which is all that a nonce must be. */
static int next_nonce(uint8_t *out, size_t len)
{
	static uint64_t count;

	memset(out, 0, len);
	count++;
	memcpy(out, &count, sizeof(count));
	return 0;
}

static void start(void)
{
	static const uint8_t device_key[PROTECTED_STORAGE_KEY_LEN] = { 1 };

	/* A store may fail to mount on what it finds; then all its operations fail. */
	(void)store_mount(&internal, &internal_flash.flash);
	(void)store_mount_filtered(&area, &area_flash.flash, protected_storage_knows, &internal);
	protected_storage_init(&ps, &internal, &area, device_key, next_nonce);
}

static struct store_key key_of(uint32_t object)
{
	return (struct store_key){ .uid = object + 1, .space = SECURE_STORAGE_SPACE_PS };
}

/* All versions of the first object are of one length: nothing but the tag tells them apart. */
static size_t fill(uint8_t *out, uint32_t object, uint32_t version)
{
	const size_t len = 7 + object * (600 + version * 50);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(object * 64 + version * 16 + i % 13);
	return len;
}

static void set(uint32_t object, uint32_t version)
{
	const struct store_key key = key_of(object);
	uint8_t bytes[OBJECT_MAX];
	const size_t len = fill(bytes, object, version);

	require(!protected_storage_ops.set(&ps, &key, NULL, 0, bytes, len));
}

static void prepare(void)
{
	require(!flash_model_create(&internal_flash, BLOCK_LEN, BLOCK_COUNT, 1));
	require(!flash_model_create(&area_flash, BLOCK_LEN, BLOCK_COUNT, 2));
	start();
	for (uint32_t version = 0; version < VERSIONS; version++) {
		for (uint32_t object = 0; object < OBJECTS; object++)
			set(object, version);
		memcpy(copies[version], area_flash.bytes, AREA_LEN);
	}
	memcpy(internal_bytes, internal_flash.bytes, AREA_LEN);
}

/* Makes one change; what is left of the input. */
static size_t attack(const uint8_t *data, size_t size)
{
	const size_t at = (size_t)(data[0] | data[1] << 8) % AREA_LEN;
	const size_t room = AREA_LEN - at, version = data[3] % (VERSIONS + 1);
	size_t len = 1u + data[2];

	if (len > room)
		len = room;
	data += 4;
	size -= 4;
	if (version == VERSIONS) {
		if (len > size)
			len = size;
		memcpy(area_flash.bytes + at, data, len);
		return size - len;
	}
	/* As much as the whole area. */
	len = 64 * len < room ? 64 * len : room;
	memcpy(area_flash.bytes + at, copies[version] + at, len);
	return size;
}

/* What is read is what was written last, or refused as what it is. */
static void read_object(uint32_t object)
{
	const struct store_key key = key_of(object);
	uint8_t expected[OBJECT_MAX], bytes[OBJECT_MAX];
	const size_t expected_len = fill(expected, object, VERSIONS - 1);
	psa_status_t status;
	size_t len;

	status = protected_storage_ops.read(&ps, &key, 0, bytes, sizeof(bytes), &len);
	if (status == PSA_SUCCESS) {
		require(len == expected_len && !memcmp(bytes, expected, len));
		return;
	}
	require(!len);
	require(status == PSA_ERROR_DATA_CORRUPT || status == PSA_ERROR_INVALID_SIGNATURE ||
		status == PSA_ERROR_STORAGE_FAILURE);
}

/* A write may find no room, but doesn't say that it was done if it wasn't. */
static void replace_object(uint32_t object)
{
	const struct store_key key = key_of(object);
	uint8_t byte = 0;
	size_t len;

	if (protected_storage_ops.set(&ps, &key, NULL, 0, "x", 1))
		return;
	require(!protected_storage_ops.read(&ps, &key, 0, &byte, 1, &len));
	require(len == 1 && byte == 'x');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t uids[OBJECTS + 1];
	struct store_key above = key_of(0);
	size_t count;

	if (!area_flash.bytes)
		prepare();
	memcpy(internal_flash.bytes, internal_bytes, AREA_LEN);
	memcpy(area_flash.bytes, copies[VERSIONS - 1], AREA_LEN);
	while (size >= 4) {
		const size_t left = attack(data, size);

		data += size - left;
		size = left;
	}
	start();
	for (uint32_t object = 0; object < OBJECTS; object++)
		read_object(object);
	above.uid = 0;
	if (!protected_storage_ops.list(&ps, &above, uids, OBJECTS + 1, &count))
		require(count == OBJECTS);
	for (uint32_t object = 0; object < OBJECTS; object++)
		replace_object(object);
	return 0;
}
