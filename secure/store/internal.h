/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lies on the flash, and what the parts of the store offer one another. For the
 * files of this folder only.
 *
 * The region is a log of records spread over its erase blocks. A block begins with a
 * struct block_front, then come records, each in one block: a struct record_front and
 * the object's data. The current record of an object is the committed, not dead one of
 * the highest sequence.
 *
 * What makes this survive a power cut: a mark is a word that is programmed, alone, from
 * all ones to all zeros. After a cut it holds any mix of the two and counts as set when
 * most of its bits are; either reading is right, because what it stands for is complete
 * before it is touched and undone only after. So
 *   - a record is written, then committed; then its predecessor is killed and wiped;
 *   - a block into which records are collected counts for nothing until it is marked
 *     ready, and the block they come from is erased only after that;
 *   - before a block is erased its heads are zeroed, so that a half erased block can't
 *     pass for a block.
 *
 * To erase many objects at once an order to do so is written, as an object in a space of its own:
 * once it is committed, records that are older than it and in its scope count for nothing. The
 * order is removed when they have been killed and wiped, and before anything else is written.
 *
 * An operation of the device that fails may have done any part of what it should. That is
 * what a power cut does, and it is met in the same way: see log_fail().
 */
#ifndef SECURE_STORE_INTERNAL_H
#define SECURE_STORE_INTERNAL_H

#include <assert.h>
#include <secure/store/store.h>

#define BLOCK_MAGIC 0x4b4c4254u /* "TBLK" */
/* With another one, worlds' state directories are of another format, too (world/server/state.c). */
#define BLOCK_VERSION 2u

/* Twice in a block, since all its records depend on it. */
struct block_head {
	uint32_t magic;
	uint32_t version;
	uint32_t erase_count;
	uint32_t crc; /* over the fields above */
};

struct block_front {
	struct block_head heads[2];
	uint32_t ready; /* mark: what the block holds counts */
	uint32_t unused[7];
};

static_assert(sizeof(struct block_front) == 64, "block front");

/* Twice in a record, so that no single spot of bad flash hides where the next one is. */
struct record_head {
	struct store_key key;
	uint32_t payer; /* an account, of payer_source */
	uint16_t payer_source;
	uint16_t unused;
	uint32_t flags;
	uint32_t capacity;
	uint32_t size;
	uint32_t sequence; /* outlasts the flash: it wears out before 2^32 writes */
	uint32_t data_crc;
	uint32_t crc; /* over the fields above */
};

struct record_front {
	uint32_t commit; /* mark: the record is complete */
	uint32_t dead;	 /* mark: the record is superseded or removed */
	struct record_head heads[2];
};

static_assert(sizeof(struct store_key) == 16, "no padding in what the CRC covers");
static_assert(sizeof(struct record_head) == 48, "record head");
static_assert(offsetof(struct record_head, crc) == 44, "record head");
static_assert(sizeof(struct record_front) == 104, "record front");

/*
 * The space of orders to erase. Source and client are those of their key; the uid is the highest
 * space in the scope, and, in front of that, whether it is all clients.
 */
#define STORE_SPACE_ORDER 0xffffu
#define STORE_ORDER_ALL	  0x10000u

/* Who pays for an order, as an FF-A source: nobody who stores anything else. */
#define STORE_ORDER_PAYER 0xfffeu

/* Records begin at multiples of this from the block's start. */
#define RECORD_ALIGN 8u

enum record_state { RECORD_UNFINISHED, RECORD_CURRENT, RECORD_DEAD };

/* A record as a walk over a block finds it. */
struct record {
	uint32_t offset; /* from the region's start, as all offsets here */
	enum record_state state;
	struct record_head head;
};

struct walk {
	uint32_t offset; /* of the next record; at the end of the walk, of what follows */
	uint32_t end;	 /* of the block */
	bool torn;	 /* something that was never completed is at offset */
};

/* New bytes [start, end) of an object, and in flash at old those around them. */
struct payload {
	const uint8_t *data;
	uint32_t start;
	uint32_t end;
	uint32_t old;
};

static inline int store_flash_read(struct store *store, uint32_t offset, void *buf, uint32_t len)
{
	return store->flash->ops->read(store->flash, offset, buf, len);
}

static inline int store_flash_program(struct store *store, uint32_t offset, const void *buf,
				      uint32_t len)
{
	return store->flash->ops->program(store->flash, offset, buf, len);
}

static inline uint32_t block_of(const struct store *store, uint32_t offset)
{
	return offset / store->flash->block_len;
}

static inline uint32_t block_start(const struct store *store, uint32_t block)
{
	return block * store->flash->block_len;
}

/* Bytes of a block in which records can lie. */
static inline uint32_t block_room(const struct store *store)
{
	return store->flash->block_len - (uint32_t)sizeof(struct block_front);
}

/* Length in flash of a record that holds @size bytes, at most STORE_OBJECT_MAX. */
static inline uint32_t record_len(uint32_t size)
{
	return (uint32_t)sizeof(struct record_front) +
	       ((size + RECORD_ALIGN - 1) & ~(RECORD_ALIGN - 1));
}

/* record.c: one record. Each returns 0, or -1 for an error of the device. */

bool mark_is_set(uint32_t mark);
int mark_set(struct store *store, uint32_t offset);

/* Sets *@used to the end of what is not erased in [start, end), or to @start. */
int flash_find_used(struct store *store, uint32_t start, uint32_t end, uint32_t *used);
/* Zeroes [start, end) unless it is zero. */
int flash_wipe(struct store *store, uint32_t start, uint32_t end);

/* DATA_CORRUPT when neither copy of the head verifies, STORAGE_FAILURE. */
psa_status_t record_read_head(struct store *store, uint32_t offset, struct record_head *head);
/* Writes the record and commits it. Completes *@head by its CRC. */
int record_write(struct store *store, uint32_t offset, struct record_head *head,
		 const struct payload *payload);
/* Kills the record of *@head that has a committed successor, or is dead, and wipes its data. */
int record_retire(struct store *store, uint32_t offset, const struct record_head *head);

void walk_start(struct store *store, struct walk *walk, uint32_t block);
/* 1: *@record is the next one; 0: there are no more; -1. */
int walk_next(struct store *store, struct walk *walk, struct record *record);

/* index.c: which objects there are, where, and what room they have been promised. */

void index_clear(struct store *store);
uint32_t index_hash(const struct store_key *key);
/* DOES_NOT_EXIST, DATA_CORRUPT, STORAGE_FAILURE; else *@slot and *@head are the object's. */
psa_status_t index_find(struct store *store, const struct store_key *key, struct store_slot **slot,
			struct record_head *head);
/* Is the record at @offset the current one of an object? Returns its slot, or NULL. */
struct store_slot *index_find_record(struct store *store, const struct record *record);
void index_add(struct store *store, uint32_t offset, const struct record_head *head);
void index_replace(struct store *store, struct store_slot *slot, const struct record_head *old_head,
		   uint32_t offset, const struct record_head *head);
void index_remove(struct store *store, struct store_slot *slot, const struct record_head *head);
/* Takes all that orders to erase say is gone out of the index; *@count says how many. */
psa_status_t index_obey(struct store *store, uint32_t *count);
/* Notes what there is to be shared, once the blocks are known. */
void index_measure(struct store *store);
/* May the object of *@head join, in place of that of *@old_head unless that is NULL? */
bool index_admits(struct store *store, const struct record_head *old_head,
		  const struct record_head *head);

/* log.c: the blocks. */

/* Reads what is on the flash, in place of all that was known of it. */
psa_status_t log_mount(struct store *store);
/* Makes the flash hold just what the index knows. To be called before any write. */
psa_status_t log_recover(struct store *store);
/*
 * Does a part of that: kills and wipes at most *@max records that the index does not know, and
 * takes so many off *@max. 0; -1 for an error of the device.
 */
int log_wipe(struct store *store, uint32_t *max);
/* Finds room for a record of @len bytes, at the cost of one collection or two. */
psa_status_t log_place(struct store *store, uint32_t len, uint32_t *offset);
/*
 * The device failed in a write, and only the flash knows what it did: all that is known of it
 * is forgotten, and read again by the next operation, as after a power cut. STORAGE_FAILURE.
 */
psa_status_t log_fail(struct store *store);

#endif /* SECURE_STORE_INTERNAL_H */
