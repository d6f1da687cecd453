// SPDX-License-Identifier: BSD-3-Clause
/*
 * The index: an open-addressed hash table in RAM from objects to their records, with
 * linear probing. A slot holds no key; the record that it points to does.
 *
 * It also keeps the sums by which objects are admitted. With n usable blocks, one of them
 * spare, and room for B bytes in each, there is always a block that has a contiguous r
 * bytes free after collection as long as not each of the n - 1 others has more than B - r
 * bytes live. So as long as
 *
 *	reserved <= (n - 1) * (B - longest)
 *
 * holds for the sum and the longest of the records that objects may grow to, every write
 * within an object's capacity finds room, also while its old record is still there.
 *
 * Of that sum, and of the objects, each account has its share (secure/share).
 */
#include <secure/store/internal.h>
#include <string.h>

static uint32_t probe_next(uint32_t i)
{
	return (i + 1) & (STORE_SLOT_COUNT - 1);
}

static uint32_t class_of(uint32_t capacity)
{
	return (record_len(capacity) - 1) / STORE_CLASS_LEN;
}

void index_clear(struct store *store)
{
	memset(store->slots, 0, sizeof(store->slots));
	memset(store->class_count, 0, sizeof(store->class_count));
	store->object_count = 0;
	store->reserved = 0;
	store->top_class = 0;
	share_init(&store->objects, STORE_OBJECT_COUNT, 0, store->object_holders,
		   STORE_ACCOUNT_PLACES);
	share_init(&store->bytes, 0, 0, store->byte_holders, STORE_ACCOUNT_PLACES);
}

uint32_t index_hash(const struct store_key *key)
{
	const uint64_t owner =
		(uint64_t)key->client_id << 32 | (uint32_t)key->source_id << 16 | key->space;
	uint64_t h = (key->uid + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;

	h = (h ^ h >> 29 ^ owner) * 0x94d049bb133111ebu;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return (uint32_t)(h >> 32);
}

static bool key_equal(const struct store_key *a, const struct store_key *b)
{
	return a->uid == b->uid && a->client_id == b->client_id && a->source_id == b->source_id &&
	       a->space == b->space;
}

psa_status_t index_find(struct store *store, const struct store_key *key, struct store_slot **slot,
			struct record_head *head)
{
	const uint32_t hash = index_hash(key);
	psa_status_t result = PSA_ERROR_DOES_NOT_EXIST;
	uint32_t i = hash & (STORE_SLOT_COUNT - 1);

	for (; store->slots[i].offset; i = probe_next(i)) {
		psa_status_t status;

		if (store->slots[i].hash != hash)
			continue;
		status = record_read_head(store, store->slots[i].offset, head);
		if (status != PSA_SUCCESS) {
			/* Presumably this one, but the key may also be further on. */
			result = status;
		} else if (key_equal(&head->key, key)) {
			*slot = &store->slots[i];
			return PSA_SUCCESS;
		}
	}
	return result;
}

struct store_slot *index_find_record(struct store *store, const struct record *record)
{
	uint32_t i = index_hash(&record->head.key) & (STORE_SLOT_COUNT - 1);

	for (; store->slots[i].offset; i = probe_next(i)) {
		if (store->slots[i].offset == record->offset)
			return &store->slots[i];
	}
	return NULL;
}

static struct share_account payer_of(const struct record_head *head)
{
	return (struct share_account){ .id = head->payer, .source_id = head->payer_source };
}

static bool same_payer(const struct record_head *a, const struct record_head *b)
{
	return a->payer == b->payer && a->payer_source == b->payer_source;
}

/* Bytes that objects of at most @longest bytes may come to need. */
static uint64_t measure(struct store *store, uint32_t longest)
{
	uint32_t usable = 0;

	for (uint32_t b = 0; b < store->flash->block_count; b++)
		usable += store->blocks[b].state != STORE_BLOCK_BAD;
	if (!usable || longest > block_room(store))
		return 0;
	return (uint64_t)(usable - 1) * (block_room(store) - longest);
}

void index_measure(struct store *store)
{
	store->bytes.total = measure(store, (store->top_class + 1) * STORE_CLASS_LEN);
	store->objects.reserve = store->objects.total / STORE_RESERVE;
	store->bytes.reserve = store->bytes.total / STORE_RESERVE;
}

static void sum_add(struct store *store, uint32_t offset, const struct record_head *head)
{
	const uint32_t class = class_of(head->capacity);

	store->blocks[block_of(store, offset)].live += record_len(head->size);
	store->reserved += record_len(head->capacity);
	store->class_count[class]++;
	if (class > store->top_class) {
		store->top_class = class;
		index_measure(store);
	}
}

static void sum_remove(struct store *store, uint32_t offset, const struct record_head *head)
{
	store->blocks[block_of(store, offset)].live -= record_len(head->size);
	store->reserved -= record_len(head->capacity);
	store->class_count[class_of(head->capacity)]--;
	if (!store->top_class || store->class_count[store->top_class])
		return;
	while (store->top_class && !store->class_count[store->top_class])
		store->top_class--;
	index_measure(store);
}

static void charge(struct store *store, const struct record_head *head)
{
	/* An account for which there is no place was one too many already when it came. */
	(void)share_note(&store->objects, payer_of(head), 1);
	(void)share_note(&store->bytes, payer_of(head), record_len(head->capacity));
}

static void discharge(struct store *store, const struct record_head *head)
{
	share_give(&store->objects, payer_of(head), 1);
	share_give(&store->bytes, payer_of(head), record_len(head->capacity));
}

void index_add(struct store *store, uint32_t offset, const struct record_head *head)
{
	const uint32_t hash = index_hash(&head->key);
	uint32_t i = hash & (STORE_SLOT_COUNT - 1);

	while (store->slots[i].offset)
		i = probe_next(i);
	store->slots[i].hash = hash;
	store->slots[i].offset = offset;
	store->object_count++;
	sum_add(store, offset, head);
	charge(store, head);
}

void index_replace(struct store *store, struct store_slot *slot, const struct record_head *old_head,
		   uint32_t offset, const struct record_head *head)
{
	sum_add(store, offset, head);
	sum_remove(store, slot->offset, old_head);
	if (!same_payer(head, old_head) || head->capacity != old_head->capacity) {
		charge(store, head);
		discharge(store, old_head);
	}
	slot->offset = offset;
}

void index_remove(struct store *store, struct store_slot *slot, const struct record_head *head)
{
	uint32_t hole = (uint32_t)(slot - store->slots);
	uint32_t i = hole;

	sum_remove(store, slot->offset, head);
	discharge(store, head);
	store->object_count--;

	/* Moves up what would no longer be found behind the hole. */
	for (;;) {
		uint32_t home;

		store->slots[hole].offset = 0;
		do {
			i = probe_next(i);
			if (!store->slots[i].offset)
				return;
			home = store->slots[i].hash & (STORE_SLOT_COUNT - 1);
		} while (((i - home) & (STORE_SLOT_COUNT - 1)) <
			 ((i - hole) & (STORE_SLOT_COUNT - 1)));
		store->slots[hole] = store->slots[i];
		hole = i;
	}
}

static bool is_order(const struct record_head *head)
{
	return head->key.space == STORE_SPACE_ORDER;
}

static bool in_scope(const struct record_head *head, const struct record_head *order)
{
	return head->key.space <= (uint16_t)order->key.uid && !is_order(head) &&
	       head->sequence < order->sequence && head->key.source_id == order->key.source_id &&
	       (order->key.uid & STORE_ORDER_ALL || head->key.client_id == order->key.client_id);
}

/* The next slot, from *@i on, whose record can be read; false: there is none, or @*status. */
static bool next_slot(struct store *store, uint32_t *i, struct record_head *head,
		      psa_status_t *status)
{
	for (; *i < STORE_SLOT_COUNT; ++*i) {
		if (!store->slots[*i].offset)
			continue;
		*status = record_read_head(store, store->slots[*i].offset, head);
		if (*status == PSA_SUCCESS)
			return true;
		if (*status != PSA_ERROR_DATA_CORRUPT)
			return false;
	}
	*status = PSA_SUCCESS;
	return false;
}

/* Takes what @order says is gone out of the index. */
static psa_status_t obey(struct store *store, const struct record_head *order, uint32_t *count)
{
	struct record_head head;
	psa_status_t status;
	uint32_t i = 0;

	while (next_slot(store, &i, &head, &status)) {
		if (!in_scope(&head, order)) {
			i++;
			continue;
		}
		/* Another may move up into the slot. */
		index_remove(store, &store->slots[i], &head);
		++*count;
	}
	return status;
}

psa_status_t index_obey(struct store *store, uint32_t *count)
{
	struct record_head order;
	psa_status_t status;

	*count = 0;
	/* What is removed may move an order to where it is met twice, or is behind: so until all is. */
	for (uint32_t before = UINT32_MAX; before != store->object_count;) {
		uint32_t i = 0;

		before = store->object_count;
		while (next_slot(store, &i, &order, &status)) {
			i++;
			if (!is_order(&order))
				continue;
			status = obey(store, &order, count);
			if (status != PSA_SUCCESS)
				return status;
		}
		if (status != PSA_SUCCESS)
			return status;
	}
	return PSA_SUCCESS;
}

/* Has the account that pays for *@head so much of the objects and bytes to ask for? */
static bool share_permits(struct store *store, const struct record_head *old_head,
			  const struct record_head *head)
{
	const uint64_t part =
		head->key.source_id == SHARE_NORMAL_WORLD ? STORE_RESERVE : STORE_RESERVE_OWN;
	const struct share_account payer = payer_of(head);
	uint32_t len = record_len(head->capacity);

	store->objects.reserve = store->objects.total / part;
	store->bytes.reserve = store->bytes.total / part;
	if (old_head && same_payer(head, old_head)) {
		const uint32_t old_len = record_len(old_head->capacity);

		len = len > old_len ? len - old_len : 0;
	} else if (share_check(&store->objects, payer, 1) != SHARE_GRANTED) {
		return false;
	}
	return share_check(&store->bytes, payer, len) == SHARE_GRANTED;
}

bool index_admits(struct store *store, const struct record_head *old_head,
		  const struct record_head *head)
{
	const uint32_t class = class_of(head->capacity);
	const uint32_t top = class > store->top_class ? class : store->top_class;
	const uint32_t longest = (top + 1) * STORE_CLASS_LEN;
	uint64_t reserved = (uint64_t)store->reserved + record_len(head->capacity);
	bool admitted;

	/* What has its room needs no more of it. */
	if (old_head && same_payer(head, old_head) && head->capacity <= old_head->capacity)
		return true;
	if (longest > block_room(store))
		return false;
	if (old_head)
		reserved -= record_len(old_head->capacity);
	else if (store->object_count >= STORE_OBJECT_COUNT)
		return false;

	store->bytes.total = measure(store, longest);
	admitted = reserved <= store->bytes.total && share_permits(store, old_head, head);
	index_measure(store);
	return admitted;
}
