/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The client ID: the 32-bit word that accompanies every TS RPC service call and says
 * on whose behalf it is made. The driver derives it from the login fields of
 * open-session; services namespace everything by (FF-A source ID, client ID).
 *
 *   bit 31      1 = identified client, 0 = public (the whole word is 0)
 *   bits 30:29  enum tstee_client_kind
 *   bits 28:0   uid or gid in the initial user namespace
 *
 * Taken as a signed number an identified client is negative, which is what the PSA
 * attestation token (RFC 9783, section 4.1.2) wants for a non-secure caller.
 */
#ifndef TSTEE_CLIENT_ID_H
#define TSTEE_CLIENT_ID_H

#include <tstee/base.h>

#define TSTEE_CLIENT_ID_PUBLIC	   0u
#define TSTEE_CLIENT_ID_IDENTIFIED 0x80000000u
#define TSTEE_CLIENT_ID_KIND_SHIFT 29
#define TSTEE_CLIENT_ID_KIND_MASK  0x60000000u
#define TSTEE_CLIENT_ID_ID_MASK	   0x1fffffffu

enum tstee_client_kind {
	TSTEE_CLIENT_USER = 0,
	TSTEE_CLIENT_GROUP = 1,
	TSTEE_CLIENT_APPLICATION = 2, /* reserved */
	TSTEE_CLIENT_KERNEL = 3,
};

/* The caller has checked that id is at most TSTEE_CLIENT_ID_ID_MASK. */
static inline uint32_t tstee_client_id(enum tstee_client_kind kind, uint32_t id)
{
	return TSTEE_CLIENT_ID_IDENTIFIED | (uint32_t)kind << TSTEE_CLIENT_ID_KIND_SHIFT |
	       (id & TSTEE_CLIENT_ID_ID_MASK);
}

#endif /* TSTEE_CLIENT_ID_H */
