/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has how much of what the clients of a partition share, and removing what others keep
 * there: the admin service over a session with TSTEE_ADMIN_SERVICE. TSTEE's own; partitions of
 * others don't have it.
 *
 * Two results: what is returned is 0 or a negative errno of tstee_callv(); if it is 0,
 * *@status is what the service answered. Functions named tstee_admin_ are for uid 0 and get
 * PSA_ERROR_NOT_PERMITTED otherwise.
 */
#ifndef TSTEE_ADMIN_API_H
#define TSTEE_ADMIN_API_H

#include <psa/error.h>
#include <tstee.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_ADMIN_SERVICE "admin"

/* As many pools, holders or objects as one call can tell. */
#define TSTEE_ADMIN_PAGE     64

#define TSTEE_ADMIN_KIND_ITS 0
#define TSTEE_ADMIN_KIND_PS  1
#define TSTEE_ADMIN_KIND_KEY 2 /* uid: the key's ID */

/* flags of a key; those of objects are as in psa/storage_common.h. */
#define TSTEE_ADMIN_KEY_VOLATILE 1

/* Something that is shared, in units of its own. */
struct tstee_pool {
	char name[32];
	uint64_t total;
	uint64_t reserve; /* kept back for the secure world */
	uint64_t free;	  /* what nobody has, without the reserve */
	uint64_t held;	  /* by the caller's account */
};

struct tstee_holder {
	uint64_t units;
	uint32_t account;   /* a client ID: that of who pays */
	uint16_t source_id; /* FF-A ID; 0: the normal world */
};

struct tstee_object {
	uint64_t uid;
	uint32_t client_id;
	uint16_t source_id;
	uint16_t kind;
	uint32_t account;
	uint32_t size;
	uint32_t capacity;
	uint32_t flags;
};

/* The pools of the partition: at most TSTEE_ADMIN_PAGE of them; *@count says how many. */
TSTEE_API int tstee_usage(struct tstee_session *session, struct tstee_pool *pools, size_t *count,
			  psa_status_t *status);

/*
 * Who has something of pool number @pool, in the order of source and account beyond *@after, or
 * from the first one if that is NULL. Fewer than TSTEE_ADMIN_PAGE: there are no more.
 */
TSTEE_API int tstee_admin_holders(struct tstee_session *session, uint32_t pool,
				  const struct tstee_holder *after, struct tstee_holder *holders,
				  size_t *count, psa_status_t *status);

/* Likewise the objects and keys of all clients, in an order of the partition's own. */
TSTEE_API int tstee_admin_list(struct tstee_session *session, const struct tstee_object *after,
			       struct tstee_object *objects, size_t *count, psa_status_t *status);

/* Removes the object, be it write-once, or key named by the first four members of *@object. */
TSTEE_API int tstee_admin_remove(struct tstee_session *session, const struct tstee_object *object,
				 psa_status_t *status);

/*
 * Removes all objects, keys and operations of the normal world's client *@client_id, or of all if that is NULL;
 * *@removed says how many. If it fails in between some are left.
 */
TSTEE_API int tstee_admin_erase(struct tstee_session *session, const uint32_t *client_id,
				uint64_t *removed, psa_status_t *status);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_ADMIN_API_H */
