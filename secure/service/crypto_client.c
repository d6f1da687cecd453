// SPDX-License-Identifier: BSD-3-Clause
/*
 * The clients of the crypto service and what they hold in memory: volatile keys and
 * multi-part operations. The rules are in crypto.h.
 */
#include "crypto_internal.h"
#include <secure/wipe.h>
#include <stdlib.h>

/*
 * Volatile keys have IDs of our own: Mbed TLS soon gives the ID of a destroyed key to
 * another one, and who used an orphan that was reclaimed would then meet a wrong key.
 */
#define VOLATILE_ID_MIN PSA_KEY_ID_VENDOR_MIN
#define VOLATILE_ID_MAX (MBEDTLS_PSA_KEY_ID_BUILTIN_MIN - 1)

/* A volatile key to Mbed TLS, but behind all that memory could hold. */
#define NO_VOLATILE_KEY (MBEDTLS_PSA_KEY_ID_BUILTIN_MIN - 1)

static mbedtls_svc_key_id_t key_name(const struct crypto *crypto,
				     const struct crypto_client *client, uint32_t id)
{
	/* From 1: Mbed TLS has files of its own under owner 0. */
	return mbedtls_svc_key_id_make(1 + (mbedtls_key_owner_id_t)(client - crypto->clients), id);
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

struct crypto_client *crypto_client_find(struct crypto *crypto, const struct rpc_caller *caller)
{
	struct crypto_client *idle = NULL, *c;

	for (c = crypto->clients; c <= crypto->clients + CRYPTO_HOLDERS; c++) {
		if (c->used && c->source_id == caller->source_id &&
		    c->client_id == caller->client_id) {
			c->last_use = ++crypto->clock;
			return c;
		}
		/* One at least holds nothing. A free place was never used: last_use is 0. */
		if (!c->items && (!idle || c->last_use < idle->last_use))
			idle = c;
	}

	if (idle->used)
		client_leave(crypto, idle);
	idle->used = true;
	idle->source_id = caller->source_id;
	idle->client_id = caller->client_id;
	idle->last_use = ++crypto->clock;
	return idle;
}

mbedtls_svc_key_id_t crypto_key_name(struct crypto *crypto, const struct rpc_caller *caller,
				     uint32_t id)
{
	struct crypto_client *client = crypto_client_find(crypto, caller);
	uint32_t *slot = &client->cached[client->cached_next];

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

static void item_destroy(struct crypto *crypto, struct crypto_item *item)
{
	if (item->kind != CRYPTO_KIND_KEY) {
		(void)crypto_operation_abort((struct crypto_operation *)item);
		return;
	}
	(void)psa_destroy_key(key_name(crypto, item->client, item->key));
	crypto_item_free(item);
}

/* The oldest orphan of @client, of @kind or, if that is CRYPTO_KIND_COUNT, of any. */
static struct crypto_item *oldest_orphan(const struct crypto_client *client, enum crypto_kind kind)
{
	struct crypto_item *oldest = NULL;

	for (struct crypto_item *i = client->items; i; i = i->next) {
		if (i->orphan && (kind == CRYPTO_KIND_COUNT || i->kind == kind))
			oldest = i;
	}
	return oldest;
}

bool crypto_make_room(struct crypto *crypto, psa_status_t status)
{
	struct crypto_item *oldest = NULL, *item;

	if (status != PSA_ERROR_INSUFFICIENT_MEMORY)
		return false;

	for (size_t i = 0; i <= CRYPTO_HOLDERS; i++) {
		item = oldest_orphan(&crypto->clients[i], CRYPTO_KIND_COUNT);
		if (item && (!oldest || item->made < oldest->made))
			oldest = item;
	}
	if (!oldest)
		return false;
	item_destroy(crypto, oldest);
	return true;
}

/* Does @client hold nothing but orphans? */
static bool only_orphans(const struct crypto_client *client)
{
	for (const struct crypto_item *i = client->items; i; i = i->next) {
		if (!i->orphan)
			return false;
	}
	return true;
}

/*
 * Lets one more client hold something: true if there are few enough of them, perhaps
 * after one that had only orphans, the one not heard of for longest, has lost them.
 */
static bool holder_admit(struct crypto *crypto)
{
	struct crypto_client *victim = NULL;
	size_t holders = 0;

	for (size_t i = 0; i <= CRYPTO_HOLDERS; i++) {
		struct crypto_client *c = &crypto->clients[i];

		if (!c->items)
			continue;
		holders++;
		if (only_orphans(c) && (!victim || c->last_use < victim->last_use))
			victim = c;
	}
	if (holders < CRYPTO_HOLDERS)
		return true;
	if (!victim)
		return false;
	while (victim->items)
		item_destroy(crypto, victim->items);
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

struct crypto_item *crypto_item_new(struct crypto *crypto, const struct rpc_caller *caller,
				    enum crypto_kind kind, size_t size)
{
	const size_t limit =
		kind == CRYPTO_KIND_KEY ? CRYPTO_KEYS_PER_CLIENT : CRYPTO_OPERATIONS_PER_CLIENT;
	struct crypto_client *client = crypto_client_find(crypto, caller);
	struct crypto_item *item;

	if (client->count[kind] >= limit) {
		item = oldest_orphan(client, kind);
		if (!item)
			return NULL;
		item_destroy(crypto, item);
	}
	if (!client->items && !holder_admit(crypto))
		return NULL;

	do {
		item = calloc(1, size);
	} while (!item && crypto_make_room(crypto, PSA_ERROR_INSUFFICIENT_MEMORY));
	if (!item)
		return NULL;

	item->id = new_id(crypto, client, kind);
	item->client = client;
	item->buffer = caller->buffer;
	item->made = crypto->clock;
	item->kind = kind;
	item->next = client->items;
	client->items = item;
	client->count[kind]++;
	return item;
}

struct crypto_item *crypto_item_find(struct crypto *crypto, const struct rpc_caller *caller,
				     enum crypto_kind kind, uint32_t id)
{
	const struct crypto_client *client = crypto_client_find(crypto, caller);

	for (struct crypto_item *i = client->items; i; i = i->next) {
		if (i->kind == kind && i->id == id)
			return i;
	}
	return NULL;
}

void crypto_item_free(struct crypto_item *item)
{
	const size_t size =
		item->kind == CRYPTO_KIND_KEY ? sizeof(*item) : crypto_operation_size(item->kind);
	struct crypto_item **link = &item->client->items;

	while (*link != item)
		link = &(*link)->next;
	*link = item->next;
	item->client->count[item->kind]--;
	secure_wipe(item, size);
	free(item);
}

void crypto_released(void *ctx, uint16_t source_id, uint64_t buffer)
{
	struct crypto *crypto = ctx;

	for (size_t i = 0; i <= CRYPTO_HOLDERS; i++) {
		if (crypto->clients[i].source_id != source_id)
			continue;
		for (struct crypto_item *item = crypto->clients[i].items; item; item = item->next)
			item->orphan |= item->buffer == buffer;
	}
}

void crypto_clients_clear(struct crypto *crypto)
{
	for (size_t i = 0; i <= CRYPTO_HOLDERS; i++) {
		while (crypto->clients[i].items)
			item_destroy(crypto, crypto->clients[i].items);
		client_leave(crypto, &crypto->clients[i]);
	}
}
