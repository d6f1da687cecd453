// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which partition each memory handle of the normal world concerns. A share tells it in its
 * descriptor, in the transmit buffer, which belongs to the calling thread until the call ends;
 * a reclaim has the handle alone, so handles are kept from one to the other.
 */
#include "share.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct share {
	struct share *next;
	uint64_t handle;
	uint16_t endpoint_id;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct share *shares; /* under lock */
static const uint8_t *tx;    /* under lock: the normal world's transmit buffer */
static size_t tx_len;

#define RXTX_MAP_PAGES_MASK 0x3fu

static uint32_t function_of(const struct ffa_regs *regs)
{
	return (uint32_t)regs->x[0] & ~FFA_FUNCTION_64;
}

static uint64_t handle_of(const struct ffa_regs *regs, unsigned int i)
{
	return (uint64_t)(uint32_t)regs->x[i + 1] << 32 | (uint32_t)regs->x[i];
}

bool share_concerns(const struct ffa_regs *regs)
{
	switch (function_of(regs)) {
	case FFA_RXTX_MAP:
	case FFA_MEM_SHARE:
	case FFA_MEM_RECLAIM:
		return true;
	default:
		return false;
	}
}

/* The first receiver of the descriptor in the transmit buffer. The caller has the lock. */
static uint16_t receiver(const struct ffa_regs *in)
{
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	size_t len = (uint32_t)in->x[2];

	/* A buffer of its own for the descriptor is nothing that our transport does. */
	if (!tx || in->x[3] || len > tx_len || len < sizeof(transaction))
		return 0;
	memcpy(&transaction, tx, sizeof(transaction));
	if (transaction.access_offset > len - sizeof(access))
		return 0;
	memcpy(&access, tx + transaction.access_offset, sizeof(access));
	return access.receiver_id;
}

uint16_t share_endpoint(const struct ffa_regs *in)
{
	uint16_t endpoint_id = 0;

	pthread_mutex_lock(&lock);
	if (function_of(in) == FFA_MEM_SHARE) {
		endpoint_id = receiver(in);
	} else if (function_of(in) == FFA_MEM_RECLAIM) {
		for (struct share *share = shares; share && !endpoint_id; share = share->next)
			if (share->handle == handle_of(in, 1))
				endpoint_id = share->endpoint_id;
	}
	pthread_mutex_unlock(&lock);
	return endpoint_id;
}

/* The caller has the lock. Without memory it is forgotten. */
static void add(uint64_t handle, uint16_t endpoint_id)
{
	struct share *share = malloc(sizeof(*share));

	if (!share)
		return;
	*share = (struct share){ shares, handle, endpoint_id };
	shares = share;
}

/*
 * The caller has the lock. The oldest goes: another thread may have shared memory under the
 * same handle between the reclaim and this.
 */
static void forget(uint64_t handle)
{
	struct share **found = NULL, *share;

	for (struct share **at = &shares; *at; at = &(*at)->next)
		if ((*at)->handle == handle)
			found = at;
	if (!found)
		return;
	share = *found;
	*found = share->next;
	free(share);
}

void share_follow(const struct ffa_regs *in, const struct ffa_regs *out, uint16_t endpoint_id)
{
	if (function_of(out) != FFA_SUCCESS)
		return;
	pthread_mutex_lock(&lock);
	switch (function_of(in)) {
	case FFA_RXTX_MAP:
		tx = (const uint8_t *)(uintptr_t)in->x[1];
		tx_len = (in->x[3] & RXTX_MAP_PAGES_MASK) * FFA_PAGE_LEN;
		break;
	case FFA_MEM_SHARE:
		if (endpoint_id)
			add(handle_of(out, 2), endpoint_id);
		break;
	case FFA_MEM_RECLAIM:
		forget(handle_of(in, 1));
		break;
	}
	pthread_mutex_unlock(&lock);
}
