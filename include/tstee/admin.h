/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Messages of the admin service, which tells who has how much of what the clients of a
 * partition share, and lets an administrator see and remove what others keep there. All
 * numbers are little-endian. The service status is a psa_status_t.
 *
 * Administrators are the user of uid 0 and the kernel, in the normal world: others get
 * PSA_ERROR_NOT_PERMITTED from all but ADMIN_USAGE.
 */
#ifndef TSTEE_ADMIN_H
#define TSTEE_ADMIN_H

#include <tstee/base.h>

enum admin_opcode {
	/* No request. Response: a struct admin_pool for each pool. */
	ADMIN_USAGE = 0x100,
	/*
	 * Request: struct admin_holders. Response: a struct admin_holder each, by source, then
	 * account, ascending, at most ADMIN_PAGE; fewer: there are no more.
	 */
	ADMIN_HOLDERS = 0x101,
	/*
	 * Request: struct admin_list. Response: a struct admin_object each, in an order of the
	 * partition's own, at most ADMIN_PAGE; fewer: there are no more.
	 */
	ADMIN_LIST = 0x102,
	/*
	 * Request: struct admin_name. Also what is write-once; a key's name and operations go with
	 * it. DOES_NOT_EXIST; NOT_PERMITTED for what belongs to another partition, which alone can
	 * remove it.
	 */
	ADMIN_REMOVE = 0x103,
	/*
	 * Request: struct admin_erase. Response: struct admin_erased. Objects are removed all at
	 * once, also if the power is cut; keys one by one. The call is to be repeated while
	 * there are more, or something that was removed is still to be wiped.
	 */
	ADMIN_ERASE = 0x104,
};

#define ADMIN_PAGE	    64u
#define ADMIN_POOL_NAME_LEN 24u

/* kind: what an object is. */
#define ADMIN_KIND_ITS 0u
#define ADMIN_KIND_PS  1u
#define ADMIN_KIND_KEY 2u /* uid: the key's ID */

/* struct admin_object, flags of a key. Objects have those of secure_storage.h. */
#define ADMIN_KEY_VOLATILE 1u

/* struct admin_erase, scope: of one client of the normal world, or of all of them. */
#define ADMIN_ERASE_CLIENT 0u
#define ADMIN_ERASE_ALL	   1u

struct admin_pool {
	char name[ADMIN_POOL_NAME_LEN]; /* padded by NULs */
	uint64_t total;
	uint64_t reserve; /* kept back for the secure world */
	uint64_t free;	  /* what nobody has, without the reserve */
	uint64_t held;	  /* by the caller's own account */
} __attribute__((packed));

/* Holders of pool @pool beyond the account; with @first of all. */
struct admin_holders {
	uint32_t pool;
	uint32_t account;
	uint16_t source_id;
	uint16_t first;
} __attribute__((packed));

struct admin_holder {
	uint64_t units;
	uint32_t account;
	uint16_t source_id;
	uint16_t reserved;
} __attribute__((packed));

struct admin_name {
	uint64_t uid;
	uint32_t client_id;
	uint16_t source_id;
	uint16_t kind;
} __attribute__((packed));

/* Objects behind @above; with @first all. */
struct admin_list {
	struct admin_name above;
	uint32_t first;
} __attribute__((packed));

struct admin_object {
	struct admin_name name;
	uint32_t account; /* who pays */
	uint16_t account_source;
	uint16_t reserved;
	uint32_t size;
	uint32_t capacity;
	uint32_t flags;
} __attribute__((packed));

struct admin_erase {
	uint32_t client_id;
	uint32_t scope;
} __attribute__((packed));

struct admin_erased {
	uint32_t removed;
	uint32_t more; /* 0: nothing is left */
} __attribute__((packed));

static_assert(sizeof(struct admin_pool) == 56, "USAGE");
static_assert(sizeof(struct admin_holders) == 12, "HOLDERS");
static_assert(sizeof(struct admin_holder) == 16, "HOLDERS response");
static_assert(sizeof(struct admin_name) == 16, "REMOVE");
static_assert(sizeof(struct admin_list) == 20, "LIST");
static_assert(sizeof(struct admin_object) == 36, "LIST response");
static_assert(sizeof(struct admin_erase) == 8, "ERASE");

#endif /* TSTEE_ADMIN_H */
