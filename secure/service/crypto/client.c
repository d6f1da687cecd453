// SPDX-License-Identifier: BSD-3-Clause
/*
 * The clients of the crypto service and what they hold in memory: volatile keys and
 * multi-part operations. The rules are in crypto.h.
 */
#include "internal.h"
#include <secure/wipe.h>
#include <stdlib.h>

/*
 * Volatile keys have IDs of our own: Mbed TLS soon gives the ID of a destroyed key to
 * another one, and who used an orphan that was reclaimed would then meet a wrong key.
 */
#define VOLATILE_ID_MIN PSA_KEY_ID_VENDOR_MIN
#define VOLATILE_ID_MAX (MBEDTLS_PSA_KEY_ID_BUILTIN_MIN - 1)

/* What malloc() may add to a block, bytes. */
#define HEAP_OVERHEAD 16u

/* A volatile key to Mbed TLS, but behind all that memory could hold. */
#define NO_VOLATILE_KEY (MBEDTLS_PSA_KEY_ID_BUILTIN_MIN - 1)

static mbedtls_svc_key_id_t key_name(const struct crypto *crypto,
				     const struct crypto_client *client, uint32_t id)
{
	/* From 1: Mbed TLS has files of its own under owner 0. */
	return mbedtls_svc_key_id_make(1 + (mbedtls_key_owner_id_t)(client - crypto->clients), id);
}

static struct share_account account_of(const struct rpc_caller *caller)
{
	return (struct share_account){ .id = caller->account, .source_id = caller->source_id };
}

void crypto_clients_init(struct crypto *crypto)
{
	static const uint32_t totals[CRYPTO_POOL_COUNT] = {
		[CRYPTO_POOL_MEMORY] = CRYPTO_MEMORY,
		[CRYPTO_POOL_KEYS] = CRYPTO_KEYS,
		[CRYPTO_POOL_OPERATIONS] = CRYPTO_OPERATIONS,
		[CRYPTO_POOL_CLIENTS] = CRYPTO_CLIENTS,
	};

	for (size_t i = 0; i < CRYPTO_POOL_COUNT; i++)
		share_init(&crypto->pools[i], totals[i], totals[i] / 16, crypto->holders[i],
			   CRYPTO_ACCOUNTS);
}

/* Nothing of the former client may be found under the number by the next one. */
static void client_leave(struct crypto *crypto, struct crypto_client *client)
{
	for (size_t i = 0; i < CRYPTO_CACHED_PER_CLIENT; i++) {
		if (client->cached[i])
			(void)psa_purge_key(key_name(crypto, client, client->cached[i]));
	}
	*client = (struct crypto_client){ .used = false };
}

static bool is_of(const struct crypto_client *client, const struct rpc_caller *caller)
{
	return client->used && client->source_id == caller->source_id &&
	       client->client_id == caller->client_id;
}

/* The caller's place, be it one of its own or one that nobody needs. */
static struct crypto_client *place_find(struct crypto *crypto, const struct rpc_caller *caller)
{
	struct crypto_client *idle = NULL, *c;

	if (crypto->recent && is_of(crypto->recent, caller))
		return crypto->recent;
	for (c = crypto->clients; c <= crypto->clients + CRYPTO_CLIENTS; c++) {
		if (is_of(c, caller))
			return c;
		/* One at least holds nothing. A free place was never used: last_use is 0. */
		if (!c->items && (!idle || c->last_use < idle->last_use))
			idle = c;
	}

	if (idle->used)
		client_leave(crypto, idle);
	idle->crypto = crypto;
	idle->used = true;
	idle->source_id = caller->source_id;
	idle->client_id = caller->client_id;
	for (size_t i = 0; i < CRYPTO_BUFFERS; i++)
		idle->buffers[i] = TS_RPC_NO_HANDLE;
	return idle;
}

/* Moves the buffer to the front of those that the client is known to use. */
static void buffer_note(struct crypto_client *client, uint64_t buffer)
{
	uint64_t last = buffer;

	for (size_t i = 0; i < CRYPTO_BUFFERS; i++) {
		const uint64_t here = client->buffers[i];

		client->buffers[i] = last;
		if (here == buffer)
			return;
		last = here;
	}
}

/* Does it use another one still? */
static bool buffer_forget(struct crypto_client *client, uint64_t buffer)
{
	bool other = false;

	for (size_t i = 0; i < CRYPTO_BUFFERS; i++) {
		if (client->buffers[i] == buffer)
			client->buffers[i] = TS_RPC_NO_HANDLE;
		other |= client->buffers[i] != TS_RPC_NO_HANDLE;
	}
	return other;
}

struct crypto_client *crypto_client_find(struct crypto *crypto, const struct rpc_caller *caller)
{
	struct crypto_client *client = place_find(crypto, caller);

	crypto->payer = account_of(caller);
	client->last_use = ++crypto->clock;
	if (caller->buffer != TS_RPC_NO_HANDLE)
		buffer_note(client, caller->buffer);
	crypto->recent = client;
	return client;
}

mbedtls_svc_key_id_t crypto_key_name(struct crypto *crypto, const struct rpc_caller *caller,
				     uint32_t id)
{
	struct crypto_client *client = crypto_client_find(crypto, caller);
	uint32_t *slot = &client->cached[client->cached_next];

	crypto_key_return(crypto);
	if (!id)
		return key_name(crypto, client, 0);
	if (id > PSA_KEY_ID_USER_MAX) {
		const struct crypto_item *item =
			crypto_item_find(crypto, caller, CRYPTO_KIND_KEY, id);

		return key_name(crypto, client, item ? item->key : NO_VOLATILE_KEY);
	}

	for (size_t i = 0; i < CRYPTO_CACHED_PER_CLIENT; i++) {
		if (client->cached[i] == id)
			return key_name(crypto, client, id);
	}
	if (*slot)
		(void)psa_purge_key(key_name(crypto, client, *slot));
	*slot = id;
	client->cached_next = (uint8_t)((client->cached_next + 1u) % CRYPTO_CACHED_PER_CLIENT);
	return key_name(crypto, client, id);
}

static void key_end(struct crypto_item *item)
{
	(void)psa_destroy_key(key_name(item->client->crypto, item->client, item->key));
	crypto_item_free(item);
}

void crypto_item_destroy(struct crypto_item *item)
{
	item->type->end(item);
}

/* Mbed TLS has the key in an allocation of its own. */
const struct crypto_item_type crypto_key_type = {
	.size = sizeof(struct crypto_item),
	.inside = HEAP_OVERHEAD,
	.end = key_end,
};

/* What may be taken, in this order: nobody misses the first, and the last only who needs room. */
enum use { USE_NONE, USE_LEFT, USE_LIVE };

static enum use use_of(const struct crypto_item *item)
{
	if (item->orphan || item->spent)
		return USE_NONE;
	return item->left ? USE_LEFT : USE_LIVE;
}

/* The oldest item of no more than @use, of *@account or, if that is NULL, of any. */
static struct crypto_item *oldest(struct crypto *crypto, const struct share_account *account,
				  enum use use)
{
	struct crypto_item *oldest = NULL;

	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		for (struct crypto_item *item = crypto->clients[i].items; item; item = item->next) {
			if (use_of(item) > use || (oldest && item->made >= oldest->made))
				continue;
			if (!account || (item->account.id == account->id &&
					 item->account.source_id == account->source_id))
				oldest = item;
		}
	}
	return oldest;
}

bool crypto_make_room(struct crypto *crypto, psa_status_t status)
{
	struct crypto_item *item;

	if (status != PSA_ERROR_INSUFFICIENT_MEMORY)
		return false;
	item = oldest(crypto, NULL, USE_NONE);
	if (!item)
		return false;
	crypto_item_destroy(item);
	return true;
}

/* Takes @units for @account if it may have them, perhaps after others have gone for them. */
static bool take(struct crypto *crypto, enum crypto_pool pool, struct share_account account,
		 uint64_t units)
{
	enum share_verdict verdict;

	while ((verdict = share_take(&crypto->pools[pool], account, units)) != SHARE_GRANTED) {
		struct crypto_item *item = oldest(crypto, &account, USE_NONE);

		if (!item && verdict == SHARE_FULL)
			item = oldest(crypto, NULL, USE_NONE);
		if (!item)
			item = oldest(crypto, &account, USE_LEFT);
		if (!item)
			return false;
		crypto_item_destroy(item);
	}
	return true;
}

/* An ID for a key or an operation: unlike all others of the client, not soon given again. */
static uint32_t new_id(struct crypto *crypto, const struct crypto_client *client,
		       enum crypto_kind kind)
{
	const bool key = kind == CRYPTO_KIND_KEY;
	uint32_t *last = key ? &crypto->last_key : &crypto->last_handle;
	const struct crypto_item *i;

	do {
		++*last;
		if (key && (*last < VOLATILE_ID_MIN || *last > VOLATILE_ID_MAX))
			*last = VOLATILE_ID_MIN;
		else if (!key && *last > CRYPTO_HANDLE_MAX)
			*last = CRYPTO_NO_OPERATION + 1;
		for (i = client->items; i; i = i->next) {
			if ((i->kind == CRYPTO_KIND_KEY) == key && i->id == *last)
				break;
		}
	} while (i);
	return *last;
}

static enum crypto_pool pool_of(enum crypto_kind kind)
{
	return kind == CRYPTO_KIND_KEY ? CRYPTO_POOL_KEYS : CRYPTO_POOL_OPERATIONS;
}

struct crypto_item *crypto_item_new(struct crypto *crypto, const struct rpc_caller *caller,
				    enum crypto_kind kind, const struct crypto_item_type *type)
{
	const struct share_account account = account_of(caller);
	struct crypto_client *client = crypto_client_find(crypto, caller);
	/* To begin with; malloc() adds something. */
	const size_t charge = type->size + HEAP_OVERHEAD + type->inside;
	struct crypto_item *item;

	do {
		item = calloc(1, type->size);
	} while (!item && crypto_make_room(crypto, PSA_ERROR_INSUFFICIENT_MEMORY));
	if (!item)
		return NULL;
	if (!take(crypto, CRYPTO_POOL_MEMORY, account, charge))
		goto free_item;
	if (!take(crypto, pool_of(kind), account, 1))
		goto give_memory;
	if (!client->items && !take(crypto, CRYPTO_POOL_CLIENTS, account, 1))
		goto give_item;

	if (!client->items)
		client->account = account;
	item->id = new_id(crypto, client, kind);
	item->client = client;
	item->type = type;
	item->buffers[0] = caller->buffer;
	item->buffers[1] = TS_RPC_NO_HANDLE;
	item->made = crypto->clock;
	item->kind = kind;
	item->account = account;
	item->charge = charge;
	item->next = client->items;
	client->items = item;
	return item;

give_item:
	share_give(&crypto->pools[pool_of(kind)], account, 1);
give_memory:
	share_give(&crypto->pools[CRYPTO_POOL_MEMORY], account, charge);
free_item:
	free(item);
	return NULL;
}

bool crypto_item_charge(struct crypto_item *item, size_t len)
{
	if (!take(item->client->crypto, CRYPTO_POOL_MEMORY, item->account, len))
		return false;
	item->charge += len;
	return true;
}

/*
 * The first buffer stays: short ones, through which most things are made, are kept by clients,
 * and long ones, through which now and then something big goes, are not.
 */
static void item_follow(struct crypto_item *item, uint64_t buffer)
{
	if (item->buffers[0] == TS_RPC_NO_HANDLE)
		item->buffers[0] = buffer;
	else if (item->buffers[0] != buffer)
		item->buffers[1] = buffer;
	item->orphan = false;
	item->left = false;
}

/* Is it left without any? */
static bool item_forget(struct crypto_item *item, uint64_t buffer)
{
	if (item->buffers[0] != buffer && item->buffers[1] != buffer)
		return false;
	if (item->buffers[0] == buffer)
		item->buffers[0] = item->buffers[1];
	item->buffers[1] = TS_RPC_NO_HANDLE;
	return item->buffers[0] == TS_RPC_NO_HANDLE;
}

struct crypto_item *crypto_item_find(struct crypto *crypto, const struct rpc_caller *caller,
				     enum crypto_kind kind, uint32_t id)
{
	const struct crypto_client *client = crypto_client_find(crypto, caller);

	for (struct crypto_item *i = client->items; i; i = i->next) {
		if (i->kind == kind && i->id == id) {
			item_follow(i, caller->buffer);
			return i;
		}
	}
	return NULL;
}

void crypto_item_free(struct crypto_item *item)
{
	struct crypto_client *client = item->client;
	struct crypto *crypto = client->crypto;
	struct crypto_item **link = &client->items;

	while (*link != item)
		link = &(*link)->next;
	*link = item->next;
	share_give(&crypto->pools[CRYPTO_POOL_MEMORY], item->account, item->charge);
	share_give(&crypto->pools[pool_of(item->kind)], item->account, 1);
	if (!client->items)
		share_give(&crypto->pools[CRYPTO_POOL_CLIENTS], client->account, 1);
	secure_wipe(item, item->type->size);
	free(item);
}

void crypto_released(void *ctx, uint16_t source_id, uint64_t buffer)
{
	struct crypto *crypto = ctx;

	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		struct crypto_client *client = &crypto->clients[i];
		bool goes_on;

		if (!client->used || client->source_id != source_id)
			continue;
		goes_on = buffer_forget(client, buffer);
		for (struct crypto_item *item = client->items; item; item = item->next) {
			if (!item_forget(item, buffer))
				continue;
			item->orphan |= !goes_on;
			item->left |= goes_on;
		}
	}
}

void crypto_clients_clear(struct crypto *crypto)
{
	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		while (crypto->clients[i].items)
			crypto_item_destroy(crypto->clients[i].items);
		client_leave(crypto, &crypto->clients[i]);
	}
}
