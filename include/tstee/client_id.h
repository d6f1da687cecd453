/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The client ID: the 32-bit word that accompanies every TS RPC service call and says
 * on whose behalf it is made. The driver derives it from the login fields of
 * open-session; services namespace everything by (FF-A source ID, client ID).
 *
 *   0                         public
 *   0x80000000 + uid          user, uid below TSTEE_CLIENT_UID_END
 *   0xfc000000 + gid          group, gid below TSTEE_CLIENT_GID_END
 *   0xfff00000 ... 0xfffffffe for later use
 *   0xffffffff                the kernel
 *
 * uid and gid are those of the initial user namespace. Taken as a signed number an
 * identified client is negative, which is what the PSA attestation token (RFC 9783,
 * section 4.1.2) wants for a non-secure caller.
 *
 * An account is a client ID too: the one of the person who pays, whatever identity he uses.
 * The driver gives each shared buffer the account of whoever opened the device, as its FF-A
 * tag (DEN0077A, section 10.9; TS RPC, tag words of MEMORY_RETRIEVE): that of the user or of the
 * kernel, never public or a group. Tag 0, from senders that know no accounts: the client ID
 * of the call is the account.
 */
#ifndef TSTEE_CLIENT_ID_H
#define TSTEE_CLIENT_ID_H

#include <tstee/base.h>

#define TSTEE_CLIENT_ID_PUBLIC	   0u
#define TSTEE_CLIENT_ID_IDENTIFIED 0x80000000u /* set in all but public */
#define TSTEE_CLIENT_ID_USER	   0x80000000u
#define TSTEE_CLIENT_ID_GROUP	   0xfc000000u
#define TSTEE_CLIENT_ID_KERNEL	   0xffffffffu

/* The first uid and gid that don't fit. */
#define TSTEE_CLIENT_UID_END 0x7c000000u
#define TSTEE_CLIENT_GID_END 0x03f00000u

/* The account of all users whose uid doesn't fit. */
#define TSTEE_ACCOUNT_OTHERS 0xfff00000u

static_assert(TSTEE_CLIENT_ID_USER + TSTEE_CLIENT_UID_END == TSTEE_CLIENT_ID_GROUP,
	      "users end where groups begin");
static_assert(TSTEE_CLIENT_ID_GROUP + TSTEE_CLIENT_GID_END == TSTEE_ACCOUNT_OTHERS,
	      "groups end where the rest begins");

/* The caller has checked that @uid is below TSTEE_CLIENT_UID_END. */
static inline uint32_t tstee_client_id_user(uint32_t uid)
{
	return TSTEE_CLIENT_ID_USER + uid;
}

/* The caller has checked that @gid is below TSTEE_CLIENT_GID_END. */
static inline uint32_t tstee_client_id_group(uint32_t gid)
{
	return TSTEE_CLIENT_ID_GROUP + gid;
}

static inline bool tstee_client_id_is_user(uint32_t client_id)
{
	return client_id >= TSTEE_CLIENT_ID_USER && client_id < TSTEE_CLIENT_ID_GROUP;
}

static inline bool tstee_client_id_is_group(uint32_t client_id)
{
	return client_id >= TSTEE_CLIENT_ID_GROUP && client_id < TSTEE_ACCOUNT_OTHERS;
}

#endif /* TSTEE_CLIENT_ID_H */
