/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * With whom the normal world shares memory (share.c): calls about memory do not name the
 * partition in their registers, and faults are to strike one partition and not another.
 */
#ifndef WORLD_SHARE_H
#define WORLD_SHARE_H

#include <stdbool.h>
#include <tstee/ffa.h>

/* Whether share_follow() wants to see the call. */
bool share_concerns(const struct ffa_regs *regs);

/* The partition of a call that shares or reclaims memory; 0 if that can't be told. Any thread. */
uint16_t share_endpoint(const struct ffa_regs *in);

/* A call has ended. @endpoint_id is what share_endpoint() said before it. Any thread. */
void share_follow(const struct ffa_regs *in, const struct ffa_regs *out, uint16_t endpoint_id);

#endif /* WORLD_SHARE_H */
