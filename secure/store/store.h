/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects on NOR flash. A power cut at any moment leaves each object as it was before
 * the operation or as it is after it. What is read is verified by a CRC.
 *
 * The store owns the flash region and everything in struct store. It belongs to one
 * thread; nothing is locked. Data pointers are only used during the call.
 */
#ifndef SECURE_STORE_STORE_H
#define SECURE_STORE_STORE_H

#include <psa/error.h>
#include <secure/share/share.h>
#include <secure/store/flash.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest object, bytes. */
#define STORE_OBJECT_MAX 65536u

/* Objects at a time; slots of the index: a power of two, a third of them always free. */
#define STORE_SLOT_COUNT   8192u
#define STORE_OBJECT_COUNT 5461u

/* Places for accounts that pay for objects: a power of two. */
#define STORE_ACCOUNT_PLACES 2048u

/*
 * Of the objects and bytes one in so many is a reserve for objects of the secure world: those
 * that it has on behalf of a client are held to the rule of shares, but may go further into it,
 * up to a part of which one in so many of all is its own.
 */
#define STORE_RESERVE	  8u
#define STORE_RESERVE_OWN 16u

/* Erase blocks that a region may have. */
#define STORE_BLOCK_MAX 32u

/* The unit in which data moves, bytes: the write buffer of common devices. */
#define STORE_PAGE_LEN 4096u

/* Room is reserved by classes of record length. */
#define STORE_CLASS_LEN	  256u
#define STORE_CLASS_COUNT (STORE_OBJECT_MAX / STORE_CLASS_LEN + 1u)

/* Whose object it is, and which. */
struct store_key {
	uint64_t uid;
	uint32_t client_id;
	uint16_t source_id;
	uint16_t space; /* tells services that share a store apart */
};

struct store_info {
	uint32_t capacity;
	uint32_t size;
	uint32_t flags; /* as given to store_set or store_create; the store ignores them */
	struct share_account payer;
};

/* An object, as it is listed for those who see all. */
struct store_object {
	struct store_key key;
	struct store_info info;
};

/* Which objects: a source's, of one client or of all, in the lowest spaces. */
struct store_scope {
	uint32_t client_id;
	uint16_t source_id;
	uint16_t space_max;
	bool all_clients;
};

/* Does the store have anything to do with @key? */
typedef bool (*store_filter)(void *ctx, const struct store_key *key);

enum store_block_state {
	STORE_BLOCK_DIRTY, /* holds nothing that counts; must be erased */
	STORE_BLOCK_BLANK, /* reads as erased, which is verified before it is used */
	STORE_BLOCK_FREE,  /* erased, with its erase count */
	STORE_BLOCK_OPEN,  /* holds records */
	STORE_BLOCK_BAD,   /* does not erase */
};

struct store_block {
	enum store_block_state state;
	uint32_t erase_count;
	uint32_t used; /* offset of the first unused byte, from the block's start */
	uint32_t live; /* bytes of current records */
};

struct store_slot {
	uint32_t hash;
	uint32_t offset; /* of the record, from the region's start; 0: the slot is free */
};

struct store {
	struct flash *flash;
	store_filter filter; /* or NULL */
	void *filter_ctx;
	bool mounted;
	bool stale;		/* a write failed: the flash has to be read again */
	bool recovered;		/* the flash holds nothing but what the index knows */
	bool erasing;		/* there are orders to erase: see store_erase() */
	uint32_t next_sequence; /* of the next record */
	uint32_t object_count;
	uint32_t outdated;  /* blocks in an older format, or of strangers: they count for nothing */
	uint32_t newer;	    /* blocks in a newer format, which forbid all use */
	uint32_t reserved;  /* bytes that the objects may come to need */
	uint32_t top_class; /* no object is in a higher class */
	uint32_t current;   /* block that was written last */
	uint16_t class_count[STORE_CLASS_COUNT];
	struct store_block blocks[STORE_BLOCK_MAX];
	struct store_slot slots[STORE_SLOT_COUNT];
	/* Who pays for the objects, and for the bytes of flash that they may come to need. */
	struct share_pool objects;
	struct share_pool bytes;
	struct share_holder object_holders[STORE_ACCOUNT_PLACES];
	struct share_holder byte_holders[STORE_ACCOUNT_PLACES];
	_Alignas(16) uint8_t page[STORE_PAGE_LEN]; /* on its way to the flash; wiped after */
};

/*
 * Reads what is on @flash, and writes nothing: flash that has never been used makes an
 * empty store. STORAGE_FAILURE when the device can't be read or has fewer than two
 * blocks, or more than STORE_BLOCK_MAX, or one that a newer version has written; all operations
 * then fail alike.
 */
psa_status_t store_mount(struct store *store, struct flash *flash);

/*
 * Likewise, for flash to which others may write: objects that @filter knows nothing of are not
 * there, however many they are. @filter is asked with @ctx whenever the flash is read anew.
 */
psa_status_t store_mount_filtered(struct store *store, struct flash *flash, store_filter filter,
				  void *ctx);

/*
 * Each operation below also returns STORAGE_FAILURE when the device fails, and DATA_CORRUPT
 * when the object's record does not verify. A write that failed leaves the object as it was
 * before or as it is after, and other objects as they are; whichever of the two is read next
 * is what it stays, also after a power cut.
 */

/* DOES_NOT_EXIST when there is no such object. Does not read the data. */
psa_status_t store_get_info(struct store *store, const struct store_key *key,
			    struct store_info *info);

/*
 * Reads up to @len bytes from @offset of the object into @buf; *@read_len says how many.
 * INVALID_ARGUMENT when @offset is past the object's end, DOES_NOT_EXIST. On an error
 * nothing of the object remains in @buf.
 */
psa_status_t store_read(struct store *store, const struct store_key *key, uint64_t offset,
			void *buf, size_t len, size_t *read_len);

/*
 * Makes an object of @len bytes and that capacity, in place of the one that is there, for which
 * *@payer pays; if that is NULL, who pays for the one that is there, or the owner of the key.
 * INSUFFICIENT_STORAGE when it is too long or does not fit, or is more than the share of who
 * pays: one object, and the bytes by which it is longer than what it replaces and he pays for.
 * Nothing is lost then.
 */
psa_status_t store_set(struct store *store, const struct store_key *key,
		       const struct share_account *payer, uint32_t flags, const void *data,
		       size_t len);

/*
 * Makes an empty object to which later store_write() calls, within its capacity, never
 * fail for lack of room. INSUFFICIENT_STORAGE as above, which comes before ALREADY_EXISTS if it
 * is longer than any object may be.
 */
psa_status_t store_create(struct store *store, const struct store_key *key,
			  const struct share_account *payer, uint32_t flags, uint64_t capacity);

/*
 * Writes @len bytes at @offset of an object, which grows as needed. INVALID_ARGUMENT when
 * that leaves a gap or exceeds the capacity, DOES_NOT_EXIST. All of it happens or nothing.
 */
psa_status_t store_write(struct store *store, const struct store_key *key, uint64_t offset,
			 const void *data, size_t len);

/*
 * Finds the objects of which all of the key but the uid is as in *@above: the lowest uids
 * beyond above->uid, ascending, at most @max of them, go to @uids; *@count says how many.
 * Fewer than @max: there are no more. Objects whose records can't be told are left out.
 */
psa_status_t store_list(struct store *store, const struct store_key *above, uint64_t *uids,
			size_t max, size_t *count);

/*
 * Objects of all, in the order of source, client, space and uid: the lowest beyond *@above, or
 * of all if that is NULL, at most @max of them, go to @objects; *@count says how many. Fewer
 * than @max: there are no more. Objects whose records can't be told are left out.
 */
psa_status_t store_list_all(struct store *store, const struct store_key *above,
			    struct store_object *objects, size_t max, size_t *count);

/* Removes an object, and wipes its data from the flash. DOES_NOT_EXIST. */
psa_status_t store_remove(struct store *store, const struct store_key *key);

/*
 * Removes all objects of @scope: all at once, also if the power is cut or the
 * device fails, after which they are all there or none. *@count says how many. What is wiped from
 * the flash is wiped by store_erase_more(), by @max objects at a time while it says *@more, or
 * by the next write. INSUFFICIENT_STORAGE when there is no room for an object of no length, or
 * of somebody who pays for nothing else.
 */
psa_status_t store_erase(struct store *store, const struct store_scope *scope, uint32_t *count);
psa_status_t store_erase_more(struct store *store, uint32_t max, bool *more);

#endif /* SECURE_STORE_STORE_H */
