// SPDX-License-Identifier: BSD-3-Clause
/* See crypto_fixture.h. Random bytes are the host's; storage is a table in memory. */
#include "crypto_fixture.h"
#include <secure/service/bulk.h>
#include <secure/service/tlv.h>
#include <string.h>
#include <sys/random.h>
#include <tstee/services.h>

#define OBJECTS 160

/* More than any record is long. */
#define RECORD_ROOM 0x20000u

struct crypto service;
uint16_t source_id;
uint32_t client_id;
uint32_t account;
uint64_t buffer;
int32_t rpc_status;
const uint8_t *response;
size_t response_len;
bool no_entropy;
uint64_t clock_step;
psa_status_t storage_status;
enum ts_rpc_status peer_status;
size_t peer_calls;
uint16_t peer_opcode;

static const uint8_t uuid[] = TSTEE_CRYPTO_UUID_BYTES;
static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_BULK_MESSAGE_MAX];
static _Alignas(16) uint8_t page[ENDPOINT_BULK_MESSAGE_MAX];
static uint8_t request[ENDPOINT_BULK_MESSAGE_MAX];
static const uint8_t zeros[ENDPOINT_BULK_MESSAGE_MAX];
static struct writer writer;
static const struct crypto_storage_ops *storage;

static struct {
	struct crypto_object name;
	uint8_t data[8192];
	size_t len;
	bool used;
} objects[OBJECTS];

static size_t find(const struct crypto_object *name)
{
	size_t i;

	assert_true(name->uid);
	for (i = 0; i < OBJECTS; i++) {
		if (objects[i].used && objects[i].name.uid == name->uid &&
		    objects[i].name.client_id == name->client_id)
			break;
	}
	return i;
}

static psa_status_t set(void *ctx, const struct crypto_object *name, const void *data, size_t len)
{
	size_t i = find(name);

	(void)ctx;
	if (storage_status)
		return storage_status;
	for (size_t j = 0; i == OBJECTS && j < OBJECTS; j++)
		i = objects[j].used ? i : j;
	assert_true(i < OBJECTS && len <= sizeof(objects[i].data));
	objects[i].used = true;
	objects[i].name = *name;
	objects[i].len = len;
	memcpy(objects[i].data, data, len);
	return PSA_SUCCESS;
}

static psa_status_t get(void *ctx, const struct crypto_object *name, size_t offset, void *data,
			size_t size, size_t *len)
{
	size_t i = find(name);

	(void)ctx;
	if (i == OBJECTS)
		return PSA_ERROR_DOES_NOT_EXIST;
	assert_true(offset <= objects[i].len);
	*len = objects[i].len - offset < size ? objects[i].len - offset : size;
	memcpy(data, objects[i].data + offset, *len);
	return PSA_SUCCESS;
}

static psa_status_t get_len(void *ctx, const struct crypto_object *name, size_t *len)
{
	size_t i = find(name);

	(void)ctx;
	if (i == OBJECTS)
		return PSA_ERROR_DOES_NOT_EXIST;
	*len = objects[i].len;
	return PSA_SUCCESS;
}

static psa_status_t drop(void *ctx, const struct crypto_object *name)
{
	size_t i = find(name);

	(void)ctx;
	if (i == OBJECTS)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (storage_status)
		return storage_status;
	objects[i].used = false;
	return PSA_SUCCESS;
}

static psa_status_t list(void *ctx, const struct crypto_object *above, uint64_t *uids, size_t max,
			 size_t *count)
{
	uint64_t last = above->uid;

	(void)ctx;
	assert_true(max <= CRYPTO_KEY_LIST_MAX);
	for (*count = 0; *count < max; last = uids[(*count)++]) {
		uint64_t next = UINT64_MAX;

		for (size_t i = 0; i < OBJECTS; i++) {
			if (objects[i].used && objects[i].name.client_id == above->client_id &&
			    objects[i].name.uid > last && objects[i].name.uid < next)
				next = objects[i].name.uid;
		}
		if (next == UINT64_MAX)
			break;
		uids[*count] = next;
	}
	return PSA_SUCCESS;
}

static psa_status_t list_all(void *ctx, const struct crypto_object *above,
			     struct crypto_object *found, size_t max, size_t *count)
{
	const struct crypto_object *last = above;

	(void)ctx;
	for (*count = 0; *count < max; last = &found[(*count)++]) {
		const struct crypto_object *next = NULL;

		for (size_t i = 0; i < OBJECTS; i++) {
			const struct crypto_object *name = &objects[i].name;

			if (!objects[i].used || name->client_id < last->client_id ||
			    (name->client_id == last->client_id && name->uid <= last->uid))
				continue;
			if (!next || name->client_id < next->client_id ||
			    (name->client_id == next->client_id && name->uid < next->uid))
				next = name;
		}
		if (!next)
			break;
		found[*count] = *next;
	}
	return PSA_SUCCESS;
}

static int host_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	while (!no_entropy && len) {
		ssize_t got = getrandom(out, len, 0);

		if (got < 0)
			return -1;
		out += got;
		len -= (size_t)got;
	}
	return no_entropy ? -1 : 0;
}

static uint64_t steps(void)
{
	static uint64_t now;

	return now += clock_step;
}

static int map(uint16_t source, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source;
	(void)handle;
	(void)tag;
	*addr = page;
	*len = sizeof(page);
	return 0;
}

static int unmap(uint64_t handle)
{
	(void)handle;
	return 0;
}

static void manage(uint16_t opcode, uint64_t handle)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, opcode), (uint32_t)handle,
					(uint32_t)(handle >> 32), account };

	endpoint_handle(&ep, source_id, words);
	assert_int_equal(words[TS_RPC_REG_STATUS], 0);
}

void share(uint64_t handle)
{
	manage(TS_RPC_MEMORY_RETRIEVE, handle);
}

void unshare(uint64_t handle)
{
	manage(TS_RPC_MEMORY_RELINQUISH, handle);
}

static void start(void)
{
	static const struct endpoint_memory_ops memory = { map, unmap };
	static const struct service *const services[] = { &service.service };
	const struct crypto_platform platform = {
		.random = host_random,
		.clock_us = steps,
		.storage = storage,
	};

	assert_int_equal(crypto_init(&service, uuid, &platform), PSA_SUCCESS);
	endpoint_init(&ep, &memory, services, 1, messages, sizeof(messages));
	source_id = 0;
	client_id = 0x800003e8;
	account = 0;
	buffer = BUFFER;
	share(BUFFER);
	writer_init(&writer, request, sizeof(request));
}

size_t stored_objects(void)
{
	size_t count = 0;

	for (size_t i = 0; i < OBJECTS; i++)
		count += objects[i].used;
	return count;
}

int crypto_setup(void **state)
{
	static const struct crypto_storage_ops ops = { set, get, get_len, drop, list, list_all };

	(void)state;
	memset(objects, 0, sizeof(objects));
	no_entropy = false;
	clock_step = 0;
	storage_status = PSA_SUCCESS;
	peer_status = TS_RPC_SUCCESS;
	storage = &ops;
	start();
	return 0;
}

int crypto_setup_without_storage(void **state)
{
	(void)state;
	no_entropy = false;
	clock_step = 0;
	storage = NULL;
	start();
	return 0;
}

int crypto_teardown(void **state)
{
	(void)state;
	crypto_exit(&service);
	return 0;
}

void crypto_restart(void)
{
	crypto_exit(&service);
	start();
}

void word(uint32_t value)
{
	assert_true(writer_u32(&writer, value));
}

void record(uint16_t tag, const void *value, size_t len)
{
	assert_true(tlv_write(&writer, tag, value, len));
}

int32_t send_bytes(uint16_t opcode, const void *bytes, size_t len)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0, opcode), (uint32_t)buffer,
					(uint32_t)(buffer >> 32), (uint32_t)len, client_id };
	size_t behind = len + RECORD_ROOM;

	memcpy(page, bytes, len);
	endpoint_handle(&ep, source_id, words);
	rpc_status = (int32_t)words[TS_RPC_REG_STATUS];
	response = page;
	response_len = words[TS_RPC_REG_RESP_LEN];
	/*
	 * Neither keys nor what is left of a failed operation; nothing is made further on.
	 * cmocka's comparison, which says where, takes long for each of the many calls.
	 */
	if (behind > ep.message_max)
		behind = ep.message_max;
	if (memcmp(ep.response, zeros, behind))
		assert_memory_equal(ep.response, zeros, behind);
	return (int32_t)words[TS_RPC_REG_SERVICE_STATUS];
}

static enum ts_rpc_status peer_call(struct rpc_peer *peer, uint16_t opcode, uint32_t client,
				    const void *req, size_t len, void *resp, size_t size,
				    size_t *resp_len, int32_t *status)
{
	(void)peer;
	peer_calls++;
	peer_opcode = opcode;
	if (peer_status)
		return peer_status;
	source_id = OWN_ID;
	client_id = client;
	buffer = OWN_BUFFER;
	*status = send_bytes(opcode, req, len);
	if (rpc_status)
		return rpc_status;
	if (response_len > size)
		return TS_RPC_ERROR_RESOURCE_FAILURE;
	memcpy(resp, response, response_len);
	*resp_len = response_len;
	return TS_RPC_SUCCESS;
}

static const struct rpc_peer_ops peer_ops = { peer_call };
struct rpc_peer crypto_peer = { &peer_ops };

void crypto_peer_share(void)
{
	source_id = OWN_ID;
	share(OWN_BUFFER);
}

int32_t send(uint16_t opcode)
{
	const size_t len = writer.len;

	writer_init(&writer, request, sizeof(request));
	return send_bytes(opcode, request, len);
}

uint32_t response_word(void)
{
	uint32_t value;
	struct reader r;

	reader_init(&r, response, response_len);
	assert_true(reader_u32(&r, &value));
	return value;
}

const uint8_t *response_record(uint16_t tag, size_t *len)
{
	const uint8_t *value;
	struct reader r;

	reader_init(&r, response, response_len);
	assert_true(tlv_read(&r, tag, &value, len));
	assert_non_null(value);
	return value;
}

void expect_record(uint16_t tag, const void *value, size_t len)
{
	size_t got_len;
	const uint8_t *got = response_record(tag, &got_len);

	assert_int_equal(got_len, len);
	assert_memory_equal(got, value, len);
}

void part(const void *value, size_t len)
{
	assert_true(bulk_write(&writer, value, len));
}

const uint8_t *response_part(size_t index, size_t *len)
{
	const uint8_t *value;
	struct reader r;

	reader_init(&r, response, response_len);
	for (size_t i = 0; i < index; i++)
		assert_true(bulk_read(&r, &value, len));
	return value;
}

void expect_parts(size_t count)
{
	const uint8_t *value;
	struct reader r;
	size_t len;

	reader_init(&r, response, response_len);
	for (size_t i = 1; i < count; i++)
		assert_true(bulk_read(&r, &value, &len));
	assert_true(count ? bulk_read_last(&r, &value, &len) : !response_len);
}

void expect_part(size_t index, const void *value, size_t len)
{
	size_t got_len;
	const uint8_t *got = response_part(index, &got_len);

	assert_int_equal(got_len, len);
	assert_memory_equal(got, value, len);
}

void attributes(uint32_t type, uint32_t bits, uint32_t lifetime, uint32_t id, uint32_t usage,
		uint32_t alg)
{
	word(type);
	word(bits);
	word(lifetime);
	word(id);
	word(usage);
	word(alg);
}

uint32_t import(uint32_t type, uint32_t usage, uint32_t alg, const void *data, size_t len)
{
	attributes(type, 0, 0, 0, usage, alg);
	record(1, data, len);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	return response_word();
}
