// SPDX-License-Identifier: BSD-3-Clause
/* The operations of the store. See store.h; internal.h says how the flash is used. */
#include <secure/store/crc32.h>
#include <secure/store/internal.h>
#include <secure/wipe.h>
#include <string.h>

psa_status_t store_mount(struct store *store, struct flash *flash)
{
	return store_mount_filtered(store, flash, NULL, NULL);
}

psa_status_t store_mount_filtered(struct store *store, struct flash *flash, store_filter filter,
				  void *ctx)
{
	psa_status_t status = PSA_ERROR_STORAGE_FAILURE;

	memset(store, 0, sizeof(*store));
	index_clear(store);
	store->flash = flash;
	store->filter = filter;
	store->filter_ctx = ctx;
	if (flash->block_count >= 2 && flash->block_count <= STORE_BLOCK_MAX &&
	    flash->block_len > sizeof(struct block_front))
		status = log_mount(store);
	store->mounted = status == PSA_SUCCESS;
	return status;
}

/* Before any operation: what is known of the flash is what is on it. */
static psa_status_t refresh(struct store *store)
{
	if (!store->mounted)
		return PSA_ERROR_STORAGE_FAILURE;
	return store->stale ? log_mount(store) : PSA_SUCCESS;
}

static uint32_t data_offset(const struct store_slot *slot)
{
	return slot->offset + (uint32_t)sizeof(struct record_front);
}

static psa_status_t find(struct store *store, const struct store_key *key, struct store_slot **slot,
			 struct record_head *head)
{
	const psa_status_t status = refresh(store);

	return status == PSA_SUCCESS ? index_find(store, key, slot, head) : status;
}

/* The flash holds what the index knows: so the orders have been obeyed. */
static psa_status_t remove_orders(struct store *store)
{
	for (uint32_t i = 0; i < STORE_SLOT_COUNT;) {
		struct store_slot *slot = &store->slots[i];
		struct record_head head;
		psa_status_t status = PSA_ERROR_DATA_CORRUPT;
		uint32_t offset;

		if (slot->offset)
			status = record_read_head(store, slot->offset, &head);
		if (status == PSA_ERROR_STORAGE_FAILURE)
			return log_fail(store);
		if (status != PSA_SUCCESS || head.key.space != STORE_SPACE_ORDER) {
			i++;
			continue;
		}
		offset = slot->offset;
		if (record_retire(store, offset, &head))
			return log_fail(store);
		index_remove(store, slot, &head);
	}
	store->erasing = false;
	return PSA_SUCCESS;
}

/* The flash is to hold what the index knows, and nothing that it is to forget. */
static psa_status_t recover(struct store *store)
{
	psa_status_t status = log_recover(store);

	return status == PSA_SUCCESS && store->erasing ? remove_orders(store) : status;
}

/* As find(), before a write. */
static psa_status_t find_for_write(struct store *store, const struct store_key *key,
				   struct store_slot **slot, struct record_head *head)
{
	psa_status_t status = refresh(store);

	if (status == PSA_SUCCESS)
		status = recover(store);
	return status == PSA_SUCCESS ? index_find(store, key, slot, head) : status;
}

static struct store_info info_of(const struct record_head *head)
{
	return (struct store_info){
		.capacity = head->capacity,
		.size = head->size,
		.flags = head->flags,
		.payer = { .id = head->payer, .source_id = head->payer_source },
	};
}

psa_status_t store_get_info(struct store *store, const struct store_key *key,
			    struct store_info *info)
{
	struct record_head head;
	struct store_slot *slot;
	psa_status_t status;

	memset(info, 0, sizeof(*info));
	status = find(store, key, &slot, &head);
	if (status != PSA_SUCCESS)
		return status;

	*info = info_of(&head);
	return PSA_SUCCESS;
}

/* Continues *@crc over @len bytes at @offset in flash. */
static int crc_flash(struct store *store, uint32_t offset, uint32_t len, uint32_t *crc)
{
	int err = 0;

	while (len && !err) {
		const uint32_t part = len < STORE_PAGE_LEN ? len : STORE_PAGE_LEN;

		err = store_flash_read(store, offset, store->page, part);
		*crc = crc32_update(*crc, store->page, part);
		secure_wipe(store->page, part);
		offset += part;
		len -= part;
	}
	return err;
}

psa_status_t store_read(struct store *store, const struct store_key *key, uint64_t offset,
			void *buf, size_t len, size_t *read_len)
{
	uint32_t crc = 0, start, part;
	struct record_head head;
	struct store_slot *slot;
	psa_status_t status;

	*read_len = 0;
	status = find(store, key, &slot, &head);
	if (status != PSA_SUCCESS)
		return status;
	if (offset > head.size)
		return PSA_ERROR_INVALID_ARGUMENT;

	start = (uint32_t)offset;
	part = head.size - start;
	part = len < part ? (uint32_t)len : part;

	/* The CRC is over all of the data, so what is not asked for is read as well. */
	if (crc_flash(store, data_offset(slot), start, &crc)) {
		status = PSA_ERROR_STORAGE_FAILURE;
	} else if (part && store_flash_read(store, data_offset(slot) + start, buf, part)) {
		status = PSA_ERROR_STORAGE_FAILURE;
	} else {
		crc = crc32_update(crc, buf, part);
		if (crc_flash(store, data_offset(slot) + start + part, head.size - start - part,
			      &crc))
			status = PSA_ERROR_STORAGE_FAILURE;
		else if (crc != head.data_crc)
			status = PSA_ERROR_DATA_CORRUPT;
	}
	if (status != PSA_SUCCESS) {
		secure_wipe(buf, part);
		return status;
	}
	*read_len = part;
	return PSA_SUCCESS;
}

/*
 * Writes the new record of an object, *@head and @payload, and lets it take the place of
 * the old one at @slot, whose head is *@old_head, unless that is NULL.
 */
static psa_status_t put(struct store *store, struct store_slot *slot,
			const struct record_head *old_head, struct record_head *head,
			struct payload *payload)
{
	const uint32_t len = record_len(head->size);
	uint32_t offset, old_offset;
	psa_status_t status;

	if (!index_admits(store, old_head, head))
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	status = log_place(store, len, &offset);
	if (status != PSA_SUCCESS)
		return status;

	/* Only now: to make room the old record may have been moved. */
	if (old_head)
		payload->old = data_offset(slot);
	head->sequence = store->next_sequence++;
	if (record_write(store, offset, head, payload))
		return log_fail(store);
	store->blocks[block_of(store, offset)].used += len;

	if (!old_head) {
		index_add(store, offset, head);
		return PSA_SUCCESS;
	}
	old_offset = slot->offset;
	index_replace(store, slot, old_head, offset, head);
	return record_retire(store, old_offset, old_head) ? log_fail(store) : PSA_SUCCESS;
}

/* Who pays for what will be *@head: see store_set(). */
static void set_payer(struct record_head *head, const struct record_head *old_head,
		      const struct share_account *payer)
{
	if (payer) {
		head->payer = payer->id;
		head->payer_source = payer->source_id;
	} else if (old_head) {
		head->payer = old_head->payer;
		head->payer_source = old_head->payer_source;
	} else {
		head->payer = head->key.client_id;
		head->payer_source = head->key.source_id;
	}
}

psa_status_t store_set(struct store *store, const struct store_key *key,
		       const struct share_account *payer, uint32_t flags, const void *data,
		       size_t len)
{
	struct record_head old_head, head;
	struct store_slot *slot = NULL;
	struct payload payload;
	psa_status_t status;

	status = find_for_write(store, key, &slot, &old_head);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	if (len > STORE_OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;

	head = (struct record_head){
		.key = *key,
		.flags = flags,
		.capacity = (uint32_t)len,
		.size = (uint32_t)len,
		.data_crc = crc32_update(0, data, len),
	};
	set_payer(&head, slot ? &old_head : NULL, payer);
	payload = (struct payload){ .data = data, .end = (uint32_t)len };
	return put(store, slot, slot ? &old_head : NULL, &head, &payload);
}

psa_status_t store_create(struct store *store, const struct store_key *key,
			  const struct share_account *payer, uint32_t flags, uint64_t capacity)
{
	struct payload payload = { .data = NULL };
	struct record_head head;
	struct store_slot *slot;
	psa_status_t status;

	if (capacity > STORE_OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	status = find_for_write(store, key, &slot, &head);
	if (status == PSA_SUCCESS)
		return PSA_ERROR_ALREADY_EXISTS;
	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;

	head = (struct record_head){
		.key = *key,
		.flags = flags,
		.capacity = (uint32_t)capacity,
	};
	set_payer(&head, NULL, payer);
	return put(store, NULL, NULL, &head, &payload);
}

/* Verifies the old data at @offset, and sets *@crc for it with @payload written over. */
static psa_status_t crc_overlay(struct store *store, uint32_t offset,
				const struct record_head *old_head, const struct payload *payload,
				uint32_t *crc)
{
	uint32_t old_crc = 0, len;
	int err = 0;

	*crc = 0;
	for (uint32_t pos = 0; pos < old_head->size && !err; pos += len) {
		uint32_t start, end;

		len = old_head->size - pos < STORE_PAGE_LEN ? old_head->size - pos : STORE_PAGE_LEN;
		err = store_flash_read(store, offset + pos, store->page, len);
		old_crc = crc32_update(old_crc, store->page, len);

		start = payload->start > pos ? payload->start : pos;
		end = payload->end < pos + len ? payload->end : pos + len;
		if (start < end)
			memcpy(store->page + (start - pos),
			       payload->data + (start - payload->start), end - start);
		*crc = crc32_update(*crc, store->page, len);
		secure_wipe(store->page, len);
	}
	if (err)
		return PSA_ERROR_STORAGE_FAILURE;
	if (old_crc != old_head->data_crc)
		return PSA_ERROR_DATA_CORRUPT;
	if (payload->end > old_head->size)
		*crc = crc32_update(*crc, payload->data + (old_head->size - payload->start),
				    payload->end - old_head->size);
	return PSA_SUCCESS;
}

psa_status_t store_write(struct store *store, const struct store_key *key, uint64_t offset,
			 const void *data, size_t len)
{
	struct record_head old_head, head;
	struct store_slot *slot;
	struct payload payload;
	psa_status_t status;

	status = find_for_write(store, key, &slot, &old_head);
	if (status != PSA_SUCCESS)
		return status;
	if (offset > old_head.size || len > old_head.capacity - offset)
		return PSA_ERROR_INVALID_ARGUMENT;
	if (!len)
		return PSA_SUCCESS;

	payload = (struct payload){
		.data = data,
		.start = (uint32_t)offset,
		.end = (uint32_t)(offset + len),
	};
	head = old_head;
	if (payload.end > head.size)
		head.size = payload.end;
	status = crc_overlay(store, data_offset(slot), &old_head, &payload, &head.data_crc);
	if (status != PSA_SUCCESS)
		return status;
	return put(store, slot, &old_head, &head, &payload);
}

/* Puts @uid into its place among the lowest ones, of which @max are kept. */
static void uid_insert(uint64_t *uids, size_t max, size_t *count, uint64_t uid)
{
	size_t i;

	if (*count < max)
		(*count)++;
	else if (!max || uids[max - 1] < uid)
		return;
	for (i = *count - 1; i && uids[i - 1] > uid; i--)
		uids[i] = uids[i - 1];
	uids[i] = uid;
}

psa_status_t store_list(struct store *store, const struct store_key *above, uint64_t *uids,
			size_t max, size_t *count)
{
	psa_status_t status = refresh(store);

	*count = 0;
	if (status != PSA_SUCCESS)
		return status;

	/* Slots are in no order that would help; to look at all is bounded by their number. */
	for (size_t i = 0; i < STORE_SLOT_COUNT; i++) {
		struct record_head head;

		if (!store->slots[i].offset)
			continue;
		status = record_read_head(store, store->slots[i].offset, &head);
		if (status == PSA_ERROR_DATA_CORRUPT)
			continue;
		if (status != PSA_SUCCESS) {
			*count = 0;
			return status;
		}
		if (head.key.client_id == above->client_id &&
		    head.key.source_id == above->source_id && head.key.space == above->space &&
		    head.key.uid > above->uid)
			uid_insert(uids, max, count, head.key.uid);
	}
	return PSA_SUCCESS;
}

/* Orders objects by source, client, space and uid. */
static int key_compare(const struct store_key *a, const struct store_key *b)
{
	const uint64_t owner_a = (uint64_t)a->source_id << 32 | a->client_id;
	const uint64_t owner_b = (uint64_t)b->source_id << 32 | b->client_id;

	if (owner_a != owner_b)
		return owner_a < owner_b ? -1 : 1;
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

/* Puts an object into its place among the lowest ones, of which @max are kept. */
static void object_insert(struct store_object *objects, size_t max, size_t *count,
			  const struct record_head *head)
{
	size_t i;

	if (*count < max)
		(*count)++;
	else if (!max || key_compare(&objects[max - 1].key, &head->key) < 0)
		return;
	for (i = *count - 1; i && key_compare(&objects[i - 1].key, &head->key) > 0; i--)
		objects[i] = objects[i - 1];
	objects[i] = (struct store_object){ .key = head->key, .info = info_of(head) };
}

psa_status_t store_list_all(struct store *store, const struct store_key *above,
			    struct store_object *objects, size_t max, size_t *count)
{
	psa_status_t status = refresh(store);

	*count = 0;
	for (size_t i = 0; i < STORE_SLOT_COUNT && status == PSA_SUCCESS; i++) {
		struct record_head head;

		if (!store->slots[i].offset)
			continue;
		status = record_read_head(store, store->slots[i].offset, &head);
		if (status == PSA_SUCCESS && (!above || key_compare(&head.key, above) > 0))
			object_insert(objects, max, count, &head);
		if (status == PSA_ERROR_DATA_CORRUPT)
			status = PSA_SUCCESS;
	}
	if (status != PSA_SUCCESS)
		*count = 0;
	return status;
}

psa_status_t store_remove(struct store *store, const struct store_key *key)
{
	const uint32_t dead = offsetof(struct record_front, dead);
	struct record_head head;
	struct store_slot *slot;
	psa_status_t status;
	uint32_t offset;

	status = find_for_write(store, key, &slot, &head);
	if (status != PSA_SUCCESS)
		return status;

	/* Dead first, and alone: a half wiped object must not be found. */
	offset = slot->offset;
	if (mark_set(store, offset + dead))
		return log_fail(store);
	index_remove(store, slot, &head);
	return record_retire(store, offset, &head) ? log_fail(store) : PSA_SUCCESS;
}

psa_status_t store_erase(struct store *store, const struct store_scope *scope, uint32_t *count)
{
	struct record_head head = {
		.key = {
			.uid = scope->space_max | (scope->all_clients ? STORE_ORDER_ALL : 0),
			.client_id = scope->all_clients ? 0 : scope->client_id,
			.source_id = scope->source_id,
			.space = STORE_SPACE_ORDER,
		},
		.payer_source = STORE_ORDER_PAYER,
	};
	struct payload payload = { .data = NULL };
	struct record_head old_head;
	struct store_slot *slot;
	psa_status_t status;

	*count = 0;
	/* What there is of an order is there until something else is written: so all is gone. */
	status = find(store, &head.key, &slot, &old_head);
	if (status == PSA_ERROR_DOES_NOT_EXIST)
		status = find_for_write(store, &head.key, &slot, &old_head);
	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	status = put(store, NULL, NULL, &head, &payload);
	if (status != PSA_SUCCESS)
		return status;
	store->erasing = true;
	store->recovered = false;
	status = index_obey(store, count);
	return status == PSA_SUCCESS ? status : log_fail(store);
}

psa_status_t store_erase_more(struct store *store, uint32_t max, bool *more)
{
	psa_status_t status = refresh(store);

	*more = false;
	if (status != PSA_SUCCESS || !store->erasing)
		return status;
	if (log_wipe(store, &max))
		return log_fail(store);
	*more = !max;
	return *more ? PSA_SUCCESS : recover(store);
}
