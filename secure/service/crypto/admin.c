// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys of all clients, for an administrator: volatile ones, which are in memory, and persistent
 * ones, which are in storage. They are in the order of client, source and ID. Whose key goes so
 * meets INVALID_HANDLE, and BAD_STATE where an operation of his was set up with it.
 */
#include "internal.h"

/* Persistent keys that one call removes: each is some calls of storage. */
#define ERASE_MAX 16u

static int name_compare(const struct admin_name *a, const struct admin_name *b)
{
	if (a->client_id != b->client_id)
		return a->client_id < b->client_id ? -1 : 1;
	if (a->source_id != b->source_id)
		return a->source_id < b->source_id ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

/* Puts a key into its place among the first ones, of which @max are kept. */
static void insert(struct admin_object *found, size_t max, size_t *count,
		   const struct admin_object *key)
{
	size_t i;

	if (*count < max)
		++*count;
	else if (name_compare(&found[max - 1].name, &key->name) < 0)
		return;
	for (i = *count - 1; i && name_compare(&found[i - 1].name, &key->name) > 0; i--)
		found[i] = found[i - 1];
	found[i] = *key;
}

static void insert_volatile(const struct crypto *crypto, const struct admin_name *above,
			    struct admin_object *found, size_t max, size_t *count)
{
	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		const struct crypto_client *client = &crypto->clients[i];

		for (const struct crypto_item *item = client->items; item; item = item->next) {
			const struct admin_object key = {
				.name = { item->id, client->client_id, client->source_id,
					  ADMIN_KIND_KEY },
				.account = item->account.id,
				.account_source = item->account.source_id,
				.flags = ADMIN_KEY_VOLATILE,
			};

			if (item->kind == CRYPTO_KIND_KEY &&
			    (!above || name_compare(&key.name, above) > 0))
				insert(found, max, count, &key);
		}
	}
}

/* In storage keys are in that order as well, and behind a client's keys are their names. */
static psa_status_t list_persistent(const struct crypto_platform *platform,
				    const struct admin_name *above, struct admin_object *found,
				    size_t max, size_t *count)
{
	struct crypto_object objects[CRYPTO_KEY_LIST_MAX], at = { 0 };
	psa_status_t status;
	size_t got;

	if (!platform->storage || !platform->storage->list_all)
		return PSA_SUCCESS;
	if (above) {
		at.client_id = above->client_id;
		at.uid = (uint64_t)above->source_id << 32 | (uint32_t)above->uid;
	}
	do {
		status = platform->storage->list_all(platform->storage_ctx, &at, objects,
						     CRYPTO_KEY_LIST_MAX, &got);
		for (size_t i = 0; i < got && *count < max && status == PSA_SUCCESS; i++) {
			at = objects[i];
			if (at.uid >> CRYPTO_OBJECT_NAME_BIT)
				continue;
			found[(*count)++] = (struct admin_object){
				.name = { (uint32_t)at.uid, at.client_id, (uint16_t)(at.uid >> 32),
					  ADMIN_KIND_KEY },
				.account = at.client_id,
				.account_source = (uint16_t)(at.uid >> 32),
			};
		}
		/* Names, of which there may be many: the next client's keys are what is wanted. */
		if (at.uid >> CRYPTO_OBJECT_NAME_BIT)
			at.uid = UINT64_MAX;
	} while (status == PSA_SUCCESS && got == CRYPTO_KEY_LIST_MAX && *count < max);
	return status == PSA_ERROR_NOT_SUPPORTED ? PSA_SUCCESS : status;
}

static psa_status_t keys_list(void *ctx, const struct admin_name *above, struct admin_object *found,
			      size_t max, size_t *count)
{
	const struct crypto *crypto = ctx;
	psa_status_t status;

	*count = 0;
	status = list_persistent(&crypto->platform, above, found, max, count);
	if (status == PSA_SUCCESS)
		insert_volatile(crypto, above, found, max, count);
	else
		*count = 0;
	return status;
}

static struct crypto_client *find_client(struct crypto *crypto, const struct admin_name *name)
{
	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		struct crypto_client *client = &crypto->clients[i];

		if (client->used && client->client_id == name->client_id &&
		    client->source_id == name->source_id)
			return client;
	}
	return NULL;
}

/* Aborts the client's operations that were set up with key @id. */
static void abort_operations(struct crypto_client *client, uint32_t id)
{
	struct crypto_item *item = client->items, *next;

	for (; item; item = next) {
		next = item->next;
		if (item->kind != CRYPTO_KIND_KEY &&
		    ((struct crypto_operation *)item)->key_id == id)
			crypto_item_destroy(item);
	}
}

static psa_status_t remove_volatile(struct crypto_client *client, uint32_t id)
{
	struct crypto_item *item = client ? client->items : NULL;

	while (item && (item->kind != CRYPTO_KIND_KEY || item->id != id))
		item = item->next;
	if (!item)
		return PSA_ERROR_DOES_NOT_EXIST;
	crypto_item_destroy(item);
	return PSA_SUCCESS;
}

static psa_status_t remove_persistent(struct crypto *crypto, const struct admin_name *name,
				      uint32_t id)
{
	const struct rpc_caller owner = {
		.source_id = name->source_id,
		.client_id = name->client_id,
		.account = name->client_id,
		.buffer = TS_RPC_NO_HANDLE,
	};
	psa_status_t status = crypto_name_remove(crypto, &owner, id);

	if (status != PSA_SUCCESS)
		return status;
	status = psa_destroy_key(crypto_key_name(crypto, &owner, id));
	/* What can't be read any more, or isn't a key to Mbed TLS, has to go, too. */
	if (status == PSA_ERROR_INVALID_HANDLE || status == PSA_ERROR_DATA_INVALID ||
	    status == PSA_ERROR_DATA_CORRUPT)
		status = crypto_key_forget(crypto, &owner, id);
	return status;
}

static psa_status_t keys_remove(void *ctx, const struct admin_name *name)
{
	struct crypto *crypto = ctx;
	struct crypto_client *client;
	psa_status_t status;
	uint32_t id;

	/* Those of other partitions, such as the attestation key, are theirs to replace. */
	if (name->source_id != SHARE_NORMAL_WORLD)
		return PSA_ERROR_NOT_PERMITTED;
	if (name->kind != ADMIN_KIND_KEY || !name->uid || name->uid > UINT32_MAX)
		return PSA_ERROR_DOES_NOT_EXIST;
	id = (uint32_t)name->uid;
	client = find_client(crypto, name);
	if (id > PSA_KEY_ID_USER_MAX)
		status = remove_volatile(client, id);
	else
		status = remove_persistent(crypto, name, id);
	if (status == PSA_SUCCESS && client)
		abort_operations(client, id);
	return status;
}

/* What the clients have in memory. */
static void erase_items(struct crypto *crypto, const uint32_t *client_id, uint32_t *removed)
{
	for (size_t i = 0; i <= CRYPTO_CLIENTS; i++) {
		struct crypto_client *client = &crypto->clients[i];

		if (client->source_id != SHARE_NORMAL_WORLD ||
		    (client_id && client->client_id != *client_id))
			continue;
		while (client->items) {
			*removed += client->items->kind == CRYPTO_KIND_KEY;
			crypto_item_destroy(client->items);
		}
	}
}

static psa_status_t keys_erase(void *ctx, const uint32_t *client_id, uint32_t *removed, bool *more)
{
	struct admin_name above = { .client_id = client_id ? *client_id : 0 };
	struct admin_object found[CRYPTO_KEY_LIST_MAX];
	struct crypto *crypto = ctx;
	psa_status_t status;
	size_t count;
	uint32_t kept = 0;

	erase_items(crypto, client_id, removed);
	do {
		count = 0;
		status = list_persistent(&crypto->platform, &above, found, CRYPTO_KEY_LIST_MAX,
					 &count);
		for (size_t i = 0; i < count && status == PSA_SUCCESS; i++) {
			above = found[i].name;
			if (client_id && above.client_id != *client_id)
				return PSA_SUCCESS;
			if (above.source_id != SHARE_NORMAL_WORLD)
				continue;
			*more = kept == ERASE_MAX;
			if (*more)
				return PSA_SUCCESS;
			status = keys_remove(crypto, &above);
			kept++;
			++*removed;
		}
	} while (status == PSA_SUCCESS && count == CRYPTO_KEY_LIST_MAX);
	return status;
}

const struct admin_ops crypto_admin_ops = {
	.list = keys_list,
	.remove = keys_remove,
	.erase = keys_erase,
};
