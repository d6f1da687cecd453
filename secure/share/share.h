/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools: what the clients of a partition share, and who has how much of it. The rule is that
 * of tstee/share.h; who pays is an account (tstee/client_id.h), told apart by FF-A source.
 *
 * A part of a pool can be a reserve for the secure world's own: sources other than the normal
 * world take what is there, the reserve included, and are not held to the rule, since they take
 * on behalf of a service that applies it to its own clients.
 *
 * A pool owns nothing but its numbers: a taker keeps what it took and gives back as much. It
 * belongs to one thread; nothing is locked.
 */
#ifndef SECURE_SHARE_SHARE_H
#define SECURE_SHARE_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FF-A ID of the normal world's kernel. */
#define SHARE_NORMAL_WORLD 0u

struct share_account {
	uint32_t id;
	uint16_t source_id;
};

/* Somebody who has something; a free place has 0 units. */
struct share_holder {
	uint64_t units;
	struct share_account account;
};

struct share_pool {
	uint64_t total;
	uint64_t reserve; /* units of the total that only the secure world may take */
	uint64_t taken;	  /* by all holders */
	struct share_holder *holders;
	size_t place_count; /* of holders: a power of two */
	size_t holder_count;
};

/* Why units were not given. */
enum share_verdict {
	SHARE_GRANTED,
	SHARE_USED_UP, /* the account has its share: it must give something back */
	SHARE_FULL,    /* even an account without anything would get nothing */
};

/*
 * Makes a pool of @total units, @reserve of them for the secure world. @holders, @place_count
 * places, a power of two, stay the caller's and must live as long; so many accounts and one less
 * can hold something at a time, of which the last quarter is reserved like @reserve.
 */
void share_init(struct share_pool *pool, uint64_t total, uint64_t reserve,
		struct share_holder *holders, size_t place_count);

/* What share_take() would say; takes nothing. */
enum share_verdict share_check(const struct share_pool *pool, struct share_account account,
			       uint64_t units);

/* Takes @units for @account, or, unless SHARE_GRANTED is returned, nothing. */
enum share_verdict share_take(struct share_pool *pool, struct share_account account,
			      uint64_t units);

/*
 * Takes @units whatever the rule says, for what is there already: what a store finds at start.
 * False: there is no place for another holder; then only the total is right.
 */
bool share_note(struct share_pool *pool, struct share_account account, uint64_t units);

/* Gives @units back that @account has. */
void share_give(struct share_pool *pool, struct share_account account, uint64_t units);

/* Could an account of @source_id have @units if nobody had any? If not, waiting is of no use. */
bool share_ever_permits(const struct share_pool *pool, uint16_t source_id, uint64_t units);

/* What @account has. */
uint64_t share_held(const struct share_pool *pool, struct share_account account);

/* What nobody has and @source_id could take, if it were alone. */
uint64_t share_free(const struct share_pool *pool, uint16_t source_id);

/*
 * The holder with the lowest account, by source and ID, beyond *@after, or the lowest of all
 * if @after is NULL. NULL: there are no more. Valid until the next change.
 */
const struct share_holder *share_next(const struct share_pool *pool,
				      const struct share_account *after);

#endif /* SECURE_SHARE_SHARE_H */
