// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of who holds what in the crypto service: the input is a sequence of steps of a few
 * clients, of fewer accounts, through buffers that come and go, in pools that are soon empty.
 * After each step the pools are the sum of what is held; a key whose buffers are there is there,
 * and nobody's but its client's. libFuzzer's interface; replay.c drives it without libFuzzer.
 */
#include <secure/service/crypto/internal.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/services.h>

#define STEP_COUNT   400
#define CLIENT_COUNT 6u
#define BUFFER_COUNT 8u
#define KEY_COUNT    64u

/* Of the pools, so that limits are met. */
#define MEMORY 24000u
#define KEYS   40u
#define PLACES 5u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model_key {
	uint32_t client_id;
	uint32_t id; /* 0: none */
	uint64_t made, used;
	uint8_t byte; /* that it consists of */
	uint8_t len;
};

static struct crypto crypto;
static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static uint8_t page[ENDPOINT_MESSAGE_MAX];
static struct model_key keys[KEY_COUNT];
static uint64_t buffers[BUFFER_COUNT]; /* handles */
static uint64_t next_handle;
static uint32_t handles[CLIENT_COUNT]; /* each client's last operation */

static int random_bytes(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	memset(out, 0x5a, len);
	return 0;
}

static int map(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source_id;
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

static uint8_t take(struct reader *r)
{
	const uint8_t *p;

	return r->pos < r->len && reader_bytes(r, 1, &p) ? *p : 0;
}

static void manage(uint16_t opcode, uint64_t handle, uint32_t account)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, opcode), (uint32_t)handle, 0,
					account };

	endpoint_handle(&ep, 0, words);
	if (words[TS_RPC_REG_STATUS])
		abort();
}

/* Two clients each have an account, and buffers of their own. */
static uint32_t account_of(size_t buffer)
{
	return 0x80000000u + (uint32_t)(buffer % 3);
}

static void share(size_t buffer)
{
	buffers[buffer] = ++next_handle;
	manage(TS_RPC_MEMORY_RETRIEVE, buffers[buffer], account_of(buffer));
}

/* The request is in the page. */
static int32_t call(uint16_t opcode, size_t len, uint32_t client_id, uint64_t buffer)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0, opcode), (uint32_t)buffer, 0,
					(uint32_t)len, client_id };

	endpoint_handle(&ep, 0, words);
	if (words[TS_RPC_REG_STATUS])
		abort();
	return (int32_t)words[TS_RPC_REG_SERVICE_STATUS];
}

static uint32_t answer(void)
{
	uint32_t value;

	memcpy(&value, page, sizeof(value));
	return value;
}

static int32_t call_word(uint16_t opcode, uint32_t value, uint32_t client_id, uint64_t buffer)
{
	memcpy(page, &value, sizeof(value));
	return call(opcode, sizeof(value), client_id, buffer);
}

static void key_new(uint32_t client_id, uint64_t buffer, uint8_t len)
{
	const uint32_t attributes[6] = { PSA_KEY_TYPE_RAW_DATA, 0, 0, 0, PSA_KEY_USAGE_EXPORT, 0 };
	struct model_key *key = keys;

	while (key < keys + KEY_COUNT && key->id)
		key++;
	if (key == keys + KEY_COUNT)
		return;
	len = len ? len : 1;
	memcpy(page, attributes, sizeof(attributes));
	memcpy(page + sizeof(attributes), (uint8_t[]){ 0, 1, 0, len }, 4);
	memset(page + sizeof(attributes) + 4, (int)next_handle, len);
	if (call(CRYPTO_IMPORT_KEY, sizeof(attributes) + 4 + len, client_id, buffer))
		return;
	*key = (struct model_key){
		client_id, answer(), buffer, TS_RPC_NO_HANDLE, (uint8_t)next_handle, len
	};
}

static bool is_shared(uint64_t buffer)
{
	for (size_t i = 0; i < BUFFER_COUNT; i++) {
		if (buffers[i] == buffer)
			return true;
	}
	return false;
}

static bool is_there(const struct model_key *key)
{
	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		const struct crypto_client *c = &crypto.clients[i];

		for (struct crypto_item *item = c->items; item; item = item->next) {
			if (item->kind == CRYPTO_KIND_KEY && item->id == key->id &&
			    c->client_id == key->client_id)
				return true;
		}
	}
	return false;
}

static void key_use(struct model_key *key, uint32_t client_id, uint64_t buffer)
{
	int32_t status;

	if (!key->id)
		return;
	status = call_word(CRYPTO_EXPORT_KEY, key->id, client_id, buffer);
	if (client_id != key->client_id) {
		/* The ID may be one of its own; the key isn't. */
		for (struct model_key *k = keys; k < keys + KEY_COUNT; k++) {
			if (k->id == key->id && k->client_id == client_id)
				return;
		}
		if (status == PSA_SUCCESS)
			abort();
		return;
	}
	if (status == PSA_SUCCESS && (page[3] != key->len || page[4] != key->byte))
		abort();
	if (status != PSA_SUCCESS) {
		if (is_shared(key->made) || is_shared(key->used))
			abort();
		key->id = 0;
	} else if (!is_shared(key->made)) {
		key->made = is_shared(key->used) ? key->used : buffer;
		key->used = buffer;
	} else if (key->made != buffer) {
		key->used = buffer;
	}
}

static void key_destroy(struct model_key *key, uint64_t buffer)
{
	if (key->id)
		(void)call_word(CRYPTO_DESTROY_KEY, key->id, key->client_id, buffer);
	key->id = 0;
}

static void check(void)
{
	uint64_t memory = 0, count = 0, operations = 0, places = 0;

	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		places += crypto.clients[i].items != NULL;
		for (struct crypto_item *item = crypto.clients[i].items; item; item = item->next) {
			memory += item->charge;
			count += item->kind == CRYPTO_KIND_KEY;
			operations += item->kind != CRYPTO_KIND_KEY;
		}
	}
	if (memory != crypto.pools[CRYPTO_POOL_MEMORY].taken || memory > MEMORY ||
	    count != crypto.pools[CRYPTO_POOL_KEYS].taken || count > KEYS ||
	    operations != crypto.pools[CRYPTO_POOL_OPERATIONS].taken ||
	    places != crypto.pools[CRYPTO_POOL_CLIENTS].taken || places > PLACES)
		abort();
	for (struct model_key *key = keys; key < keys + KEY_COUNT; key++) {
		if (key->id && (is_shared(key->made) || is_shared(key->used)) && !is_there(key))
			abort();
	}
}

static void step(struct reader *r)
{
	const uint8_t what = take(r), who = take(r) % CLIENT_COUNT, which = take(r);
	const uint32_t client_id = 0x80000000u + who;
	size_t buffer = (who % 3 + 3u * (which >> 6)) % BUFFER_COUNT;
	struct model_key *key = &keys[which % KEY_COUNT];

	/* A buffer pays for whoever calls through it, as in a process with several identities. */
	if (what & 0x80)
		buffer = which % BUFFER_COUNT;
	switch (what & 7) {
	case 0:
	case 1:
		key_new(client_id, buffers[buffer], take(r));
		break;
	case 2:
		key_use(key, what & 0x40 ? client_id : key->client_id, buffers[buffer]);
		break;
	case 3:
		key_destroy(key, buffers[buffer]);
		break;
	case 4:
		if (!call_word(CRYPTO_HASH_SETUP, PSA_ALG_SHA_256, client_id, buffers[buffer]))
			handles[who] = answer();
		break;
	case 5:
		(void)call_word(CRYPTO_HASH_ABORT, handles[who], client_id, buffers[buffer]);
		break;
	case 6:
		(void)call_word(CRYPTO_DERIVATION_SETUP, PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256),
				client_id, buffers[buffer]);
		break;
	default:
		manage(TS_RPC_MEMORY_RELINQUISH, buffers[buffer], 0);
		share(buffer);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uuid[] = TSTEE_CRYPTO_UUID_BYTES;
	static const struct endpoint_memory_ops memory = { map, unmap };
	static const struct service *const services[] = { &crypto.service };
	const struct crypto_platform platform = { .random = random_bytes };
	static const uint32_t totals[CRYPTO_POOL_COUNT] = { MEMORY, KEYS, PLACES };
	struct reader r;

	memset(keys, 0, sizeof(keys));
	memset(handles, 0, sizeof(handles));
	next_handle = 0;
	if (crypto_init(&crypto, uuid, &platform) != PSA_SUCCESS)
		abort();
	for (size_t i = 0; i < CRYPTO_POOL_COUNT; i++)
		share_init(&crypto.pools[i], totals[i], totals[i] / 16, crypto.holders[i],
			   CRYPTO_ACCOUNTS);
	endpoint_init(&ep, &memory, services, 1, messages, sizeof(messages));
	for (size_t i = 0; i < BUFFER_COUNT; i++)
		share(i);

	reader_init(&r, data, size);
	for (int i = 0; i < STEP_COUNT && r.pos < r.len; i++) {
		step(&r);
		check();
	}

	crypto_exit(&crypto);
	for (size_t i = 0; i < CRYPTO_POOL_COUNT; i++) {
		if (crypto.pools[i].taken)
			abort();
	}
	return 0;
}
