/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The one rule by which clients share what is scarce, wherever it is: a client may take one
 * more only while what it has is less than what is free.
 *
 * A lone client gets half of all there is, and whoever comes next half of what is left, so
 * that no number of greedy clients leaves nothing to the next one before the units themselves
 * are used up. Nobody has to be told a limit.
 */
#ifndef TSTEE_SHARE_H
#define TSTEE_SHARE_H

#include <tstee/base.h>

/**
 * tstee_share_permits() - may a client take more?
 * @have:	units that it has
 * @want:	units that it asks for
 * @free:	units that nobody has
 *
 * The rule, applied to each of the @want units in turn: before the last one the client has
 * @have + @want - 1, and @free - (@want - 1) are left.
 *
 * Return: whether it may take all of them. Nothing can be asked for always.
 */
static inline bool tstee_share_permits(uint64_t have, uint64_t want, uint64_t free)
{
	if (!want)
		return true;
	if (want > free || have >= free)
		return false;
	/* have + 2 * (want - 1) < free, where nothing can overflow. */
	return want - 1 <= (free - have - 1) / 2;
}

#endif /* TSTEE_SHARE_H */
