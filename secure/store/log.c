// SPDX-License-Identifier: BSD-3-Clause
/*
 * The blocks: mounting, recovery after a power cut, finding room, collecting.
 *
 * One erased block is always kept back. Collecting copies what is current in a victim
 * into it and erases the victim, which is the next one kept back.
 */
#include <secure/store/crc32.h>
#include <secure/store/internal.h>
#include <secure/wipe.h>
#include <string.h>

/* A block without current records is erased rather than that more of others are retired. */
#define RETIRE_MAX 16u

/* A block at rest is moved when it has been erased so much less often than others. */
#define WEAR_GAP 16u

/* Collections that one write may cost: one for wear, one for room. */
#define COLLECT_MAX 2u

#define BLOCK_NONE  UINT32_MAX

static uint32_t block_head_crc(const struct block_head *head)
{
	return crc32_update(0, head, offsetof(struct block_head, crc));
}

static bool block_head_verifies(const struct block_head *head)
{
	return head->magic == BLOCK_MAGIC && head->version == BLOCK_VERSION &&
	       head->crc == block_head_crc(head);
}

static uint32_t erase_count_max(const struct store *store)
{
	uint32_t max = 0;

	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		if (store->blocks[b].erase_count > max)
			max = store->blocks[b].erase_count;
	}
	return max;
}

/* The state of a block, from its front alone. */
static int block_load(struct store *store, uint32_t block)
{
	struct store_block *state = &store->blocks[block];
	const struct block_head *head;
	struct block_front front;
	bool blank = true;

	if (store_flash_read(store, block_start(store, block), &front, sizeof(front)))
		return -1;
	for (size_t i = 0; i < sizeof(front); i++)
		blank = blank && ((const uint8_t *)&front)[i] == 0xff;

	memset(state, 0, sizeof(*state));
	state->used = store->flash->block_len;
	head = &front.heads[block_head_verifies(&front.heads[0]) ? 0 : 1];
	if (block_head_verifies(head)) {
		state->erase_count = head->erase_count;
		state->state = mark_is_set(front.ready) ? STORE_BLOCK_OPEN : STORE_BLOCK_FREE;
	} else {
		state->state = blank ? STORE_BLOCK_BLANK : STORE_BLOCK_DIRTY;
		if (head->magic == BLOCK_MAGIC && head->crc == block_head_crc(head)) {
			/* Where others may write, anybody could say so, and nothing were stored any more. */
			if (head->version > BLOCK_VERSION && !store->filter)
				store->newer++;
			else
				store->outdated++;
		}
	}
	return 0;
}

/* Adds a record to the index unless a newer one of the same object is there. */
static psa_status_t mount_record(struct store *store, const struct record *record)
{
	struct record_head head;
	struct store_slot *slot;
	psa_status_t status;

	if (record->state == RECORD_CURRENT && store->filter &&
	    !store->filter(store->filter_ctx, &record->head.key))
		return PSA_SUCCESS;
	if (record->head.sequence >= store->next_sequence)
		store->next_sequence = record->head.sequence + 1;
	if (record->state != RECORD_CURRENT)
		return PSA_SUCCESS;

	status = index_find(store, &record->head.key, &slot, &head);
	if (status == PSA_SUCCESS) {
		if (record->head.sequence > head.sequence)
			index_replace(store, slot, &head, record->offset, &record->head);
		return PSA_SUCCESS;
	}
	if (status == PSA_ERROR_STORAGE_FAILURE || store->object_count == STORE_OBJECT_COUNT)
		return PSA_ERROR_STORAGE_FAILURE;

	index_add(store, record->offset, &record->head);
	store->erasing |= record->head.key.space == STORE_SPACE_ORDER;
	return PSA_SUCCESS;
}

static psa_status_t mount_block(struct store *store, uint32_t block)
{
	struct record record;
	struct walk walk;
	int more;

	walk_start(store, &walk, block);
	while ((more = walk_next(store, &walk, &record)) > 0) {
		const psa_status_t status = mount_record(store, &record);

		if (status != PSA_SUCCESS)
			return status;
	}
	return more ? PSA_ERROR_STORAGE_FAILURE : PSA_SUCCESS;
}

psa_status_t log_mount(struct store *store)
{
	uint32_t erase_count, count;

	index_clear(store);
	store->stale = true;
	store->recovered = false;
	store->erasing = false;
	store->next_sequence = 0;
	store->current = 0;
	store->outdated = 0;
	store->newer = 0;
	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		if (block_load(store, b))
			return PSA_ERROR_STORAGE_FAILURE;
	}
	if (store->newer)
		return PSA_ERROR_STORAGE_FAILURE;

	/* Where the count is lost, as by a cut between erasing and noting it: the worst. */
	erase_count = erase_count_max(store);

	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		psa_status_t status = PSA_SUCCESS;

		if (store->blocks[b].state == STORE_BLOCK_OPEN)
			status = mount_block(store, b);
		else if (store->blocks[b].state != STORE_BLOCK_FREE)
			store->blocks[b].erase_count = erase_count;
		if (status != PSA_SUCCESS)
			return status;
	}
	if (store->erasing && index_obey(store, &count) != PSA_SUCCESS)
		return PSA_ERROR_STORAGE_FAILURE;
	index_measure(store);
	store->stale = false;
	return PSA_SUCCESS;
}

static int block_write_head(struct store *store, uint32_t block)
{
	struct block_head heads[2];

	heads[0] = (struct block_head){
		.magic = BLOCK_MAGIC,
		.version = BLOCK_VERSION,
		.erase_count = store->blocks[block].erase_count,
	};
	heads[0].crc = block_head_crc(&heads[0]);
	heads[1] = heads[0];
	return store_flash_program(store, block_start(store, block), heads, sizeof(heads));
}

/* Lets nothing of a block count any more, not even after the half of an erase. */
static int block_disown(struct store *store, uint32_t block)
{
	static const struct block_head no_heads[2];

	return store_flash_program(store, block_start(store, block), no_heads, sizeof(no_heads));
}

/* Erases a block that counts for nothing. One that does not erase is set aside. */
static void block_erase(struct store *store, uint32_t block)
{
	struct store_block *state = &store->blocks[block];

	state->state = STORE_BLOCK_BAD;
	state->used = store->flash->block_len;
	state->erase_count++;
	if (!store->flash->ops->erase(store->flash, block) && !block_write_head(store, block))
		state->state = STORE_BLOCK_FREE;
}

/* Erases a block that a mount finds to be none: so it stays, whatever fails here. */
static void block_tidy(struct store *store, uint32_t block)
{
	(void)block_disown(store, block);
	block_erase(store, block);
}

/* Makes an erased block one that takes records. */
static int block_open(struct store *store, uint32_t block)
{
	if (mark_set(store,
		     block_start(store, block) + (uint32_t)offsetof(struct block_front, ready)))
		return -1;

	store->blocks[block].state = STORE_BLOCK_OPEN;
	return 0;
}

/* Kills and wipes all that the index does not know, and finds the end of the rest. */
static int recover_open(struct store *store, uint32_t block)
{
	struct store_block *state = &store->blocks[block];
	struct record record;
	struct walk walk;
	uint32_t used, dead;
	int more, err = 0;

	state->used = store->flash->block_len;
	walk_start(store, &walk, block);
	while (!err && (more = walk_next(store, &walk, &record)) > 0) {
		const uint32_t data = record.offset + (uint32_t)sizeof(struct record_front);

		if (record.state == RECORD_DEAD)
			err = flash_wipe(store, data, walk.offset);
		else if (!index_find_record(store, &record))
			err = record_retire(store, record.offset, &record.head);
	}
	if (err || more || flash_find_used(store, walk.offset, walk.end, &used))
		return -1;

	if (used == walk.offset) {
		state->used = walk.offset - block_start(store, block);
		return 0;
	}

	/*
	 * A write was cut short. Its commit mark stays as it is, so that what is there
	 * can't become a record; the rest goes, and the block takes no more.
	 */
	if (walk.end - walk.offset < sizeof(struct record_front))
		return 0;
	dead = walk.offset + (uint32_t)offsetof(struct record_front, dead);
	if (flash_wipe(store, dead, dead + sizeof(uint32_t)))
		return -1;
	return used > dead ? flash_wipe(store, dead, used) : 0;
}

int log_wipe(struct store *store, uint32_t *max)
{
	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		struct record record;
		struct walk walk;
		int more = 0;

		if (store->blocks[b].state != STORE_BLOCK_OPEN)
			continue;
		walk_start(store, &walk, b);
		while (*max && (more = walk_next(store, &walk, &record)) > 0) {
			if (record.state == RECORD_DEAD || index_find_record(store, &record))
				continue;
			if (record_retire(store, record.offset, &record.head))
				return -1;
			--*max;
		}
		if (more < 0)
			return -1;
	}
	return 0;
}

/* Likewise, of a block without current records: a strange one can be full of others. */
static int recover_lifeless(struct store *store, uint32_t block)
{
	struct record record;
	uint32_t count = 0;
	struct walk walk;
	int more;

	walk_start(store, &walk, block);
	while ((more = walk_next(store, &walk, &record)) > 0 && count <= RETIRE_MAX)
		count += record.state != RECORD_DEAD;
	if (more < 0)
		return -1;
	if (count <= RETIRE_MAX)
		return recover_open(store, block);
	if (block_disown(store, block))
		return -1;
	block_erase(store, block);
	return 0;
}

/* Erases a block that is not as erased as it looked. */
static int recover_erased(struct store *store, uint32_t block)
{
	const bool has_head = store->blocks[block].state == STORE_BLOCK_FREE;
	const uint32_t start = block_start(store, block) +
			       (has_head ? (uint32_t)offsetof(struct block_front, ready) : 0);
	uint32_t used;

	if (flash_find_used(store, start, block_start(store, block + 1), &used))
		return -1;
	if (used != start) {
		block_tidy(store, block);
		return 0;
	}
	if (has_head)
		return 0;
	if (block_write_head(store, block))
		return -1;
	store->blocks[block].state = STORE_BLOCK_FREE;
	return 0;
}

static uint32_t free_count(const struct store *store)
{
	uint32_t count = 0;

	for (uint32_t b = 0; b < store->flash->block_count; b++)
		count += store->blocks[b].state == STORE_BLOCK_FREE;
	return count;
}

psa_status_t log_recover(struct store *store)
{
	if (store->recovered)
		return PSA_SUCCESS;

	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		int err = 0;

		switch (store->blocks[b].state) {
		case STORE_BLOCK_OPEN:
			err = store->blocks[b].live ? recover_open(store, b) :
						      recover_lifeless(store, b);
			break;
		case STORE_BLOCK_BLANK:
		case STORE_BLOCK_FREE:
			err = recover_erased(store, b);
			break;
		case STORE_BLOCK_DIRTY:
			block_tidy(store, b);
			break;
		case STORE_BLOCK_BAD:
			break;
		}
		if (err)
			return log_fail(store);
	}

	/* A cut within a collection has left two copies of a block; one is empty by now. */
	for (uint32_t b = 0; b < store->flash->block_count && !free_count(store); b++) {
		if (store->blocks[b].state != STORE_BLOCK_OPEN || store->blocks[b].live)
			continue;
		/* Its records are dead, so it may stay; half an erase would let them live again. */
		if (block_disown(store, b))
			store->blocks[b].state = STORE_BLOCK_BAD;
		else
			block_erase(store, b);
	}

	store->recovered = true;
	return PSA_SUCCESS;
}

psa_status_t log_fail(struct store *store)
{
	store->stale = true;
	store->recovered = false;
	return PSA_ERROR_STORAGE_FAILURE;
}

static bool block_fits(const struct store *store, uint32_t block, uint32_t len)
{
	const struct store_block *state = &store->blocks[block];

	return state->state == STORE_BLOCK_OPEN && store->flash->block_len - state->used >= len;
}

/* The block in @state that has been erased least often, or BLOCK_NONE. */
static uint32_t block_least_worn(const struct store *store, enum store_block_state state)
{
	uint32_t best = BLOCK_NONE;

	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		if (store->blocks[b].state == state &&
		    (best == BLOCK_NONE ||
		     store->blocks[b].erase_count < store->blocks[best].erase_count))
			best = b;
	}
	return best;
}

/* The block whose collection frees most; among equals the least worn. */
static uint32_t block_emptiest(const struct store *store)
{
	uint32_t best = BLOCK_NONE;

	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		const struct store_block *state = &store->blocks[b];

		if (state->state == STORE_BLOCK_OPEN &&
		    (best == BLOCK_NONE || state->live < store->blocks[best].live ||
		     (state->live == store->blocks[best].live &&
		      state->erase_count < store->blocks[best].erase_count)))
			best = b;
	}
	return best;
}

/* Bytes on their way into the block that is collected into, gathered in store->page. */
struct stream {
	struct store *store;
	uint32_t at;
	uint32_t filled;
};

static int stream_flush(struct stream *stream)
{
	const uint32_t len = stream->filled;

	if (len && store_flash_program(stream->store, stream->at, stream->store->page, len))
		return -1;
	secure_wipe(stream->store->page, len);
	stream->at += len;
	stream->filled = 0;
	return 0;
}

/* Copies from @bytes, or if that is NULL from @offset in flash. */
static int stream_put(struct stream *stream, const uint8_t *bytes, uint32_t offset, uint32_t len)
{
	while (len) {
		uint8_t *tail = stream->store->page + stream->filled;
		uint32_t part = STORE_PAGE_LEN - stream->filled;

		part = len < part ? len : part;
		if (bytes)
			memcpy(tail, bytes, part);
		else if (store_flash_read(stream->store, offset, tail, part))
			return -1;
		bytes = bytes ? bytes + part : NULL;
		offset += part;
		len -= part;
		stream->filled += part;
		if (stream->filled == STORE_PAGE_LEN && stream_flush(stream))
			return -1;
	}
	return 0;
}

/* Copies the current records of @victim into the erased block @target, data unseen. */
static int copy_records(struct store *store, uint32_t victim, uint32_t target)
{
	struct stream stream = {
		.store = store,
		.at = block_start(store, target) + (uint32_t)sizeof(struct block_front),
	};
	struct record_front front = { .commit = 0, .dead = UINT32_MAX };
	struct record record;
	struct walk walk;
	int more;

	walk_start(store, &walk, victim);
	while ((more = walk_next(store, &walk, &record)) > 0) {
		if (!index_find_record(store, &record))
			continue;
		front.heads[0] = record.head;
		front.heads[1] = record.head;
		if (stream_put(&stream, (const uint8_t *)&front, 0, sizeof(front)) ||
		    stream_put(&stream, NULL, record.offset + (uint32_t)sizeof(front),
			       record_len(record.head.size) - (uint32_t)sizeof(front)))
			return -1;
	}
	return more ? -1 : stream_flush(&stream);
}

/* Lets the index point to the copies that copy_records() made, in the same order. */
static int adopt_records(struct store *store, uint32_t victim, uint32_t target)
{
	struct store_block *state = &store->blocks[target];
	struct record record;
	struct walk walk;
	int more;

	state->used = sizeof(struct block_front);
	walk_start(store, &walk, victim);
	while ((more = walk_next(store, &walk, &record)) > 0) {
		struct store_slot *slot = index_find_record(store, &record);

		if (!slot)
			continue;
		index_replace(store, slot, &record.head, block_start(store, target) + state->used,
			      &record.head);
		state->used += record_len(record.head.size);
	}
	return more;
}

/* The block kept back. There is none after one has failed to erase: it may do so now. */
static uint32_t block_kept_back(struct store *store)
{
	for (uint32_t b = 0; b < store->flash->block_count && !free_count(store); b++) {
		if (store->blocks[b].state == STORE_BLOCK_BAD && !block_disown(store, b))
			block_erase(store, b);
	}
	return block_least_worn(store, STORE_BLOCK_FREE);
}

/* Moves what is current in @victim to the block kept back, and erases @victim. */
static psa_status_t collect(struct store *store, uint32_t victim)
{
	const uint32_t target = block_kept_back(store);

	if (victim == BLOCK_NONE || target == BLOCK_NONE)
		return PSA_ERROR_STORAGE_FAILURE;

	if (copy_records(store, victim, target) || block_open(store, target)) {
		secure_wipe(store->page, STORE_PAGE_LEN);
		return log_fail(store);
	}
	if (adopt_records(store, victim, target) || block_disown(store, victim))
		return log_fail(store);
	block_erase(store, victim);
	store->current = target;
	return PSA_SUCCESS;
}

/* A block that has @len bytes without collecting, or BLOCK_NONE. */
static uint32_t block_with_room(struct store *store, uint32_t len)
{
	uint32_t block;

	if (block_fits(store, store->current, len))
		return store->current;
	for (uint32_t b = 0; b < store->flash->block_count; b++) {
		if (block_fits(store, b, len))
			return b;
	}
	if (free_count(store) < 2)
		return BLOCK_NONE;

	block = block_least_worn(store, STORE_BLOCK_FREE);
	if (block_open(store, block)) {
		(void)log_fail(store);
		return BLOCK_NONE;
	}
	store->blocks[block].used = sizeof(struct block_front);
	return block;
}

psa_status_t log_place(struct store *store, uint32_t len, uint32_t *offset)
{
	for (uint32_t collected = 0;; collected++) {
		uint32_t block = block_with_room(store, len);
		psa_status_t status;

		if (block != BLOCK_NONE) {
			store->current = block;
			*offset = block_start(store, block) + store->blocks[block].used;
			return PSA_SUCCESS;
		}
		if (!store->recovered)
			return PSA_ERROR_STORAGE_FAILURE;
		if (collected == COLLECT_MAX)
			return PSA_ERROR_INSUFFICIENT_STORAGE;

		block = block_least_worn(store, STORE_BLOCK_OPEN);
		if (collected || block == BLOCK_NONE ||
		    erase_count_max(store) - store->blocks[block].erase_count <= WEAR_GAP) {
			block = block_emptiest(store);
			if (block != BLOCK_NONE &&
			    store->blocks[block].live + len > block_room(store))
				return PSA_ERROR_INSUFFICIENT_STORAGE;
		}
		status = collect(store, block);
		if (status != PSA_SUCCESS)
			return status;
	}
}
