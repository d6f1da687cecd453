/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An imitation of the TEE devices under the client library: stands in for client/tee_sys.c.
 * Buffers are real shared files, so that fork, threads and mappings behave as they do.
 *
 * It fails the test when the library breaks a rule: a call from a process that didn't open
 * the device, two calls at a time in one buffer, or rests of an earlier message in a buffer.
 */
#ifndef TEST_CLIENT_FAKE_TEE_H
#define TEST_CLIENT_FAKE_TEE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/admin.h>

#define FAKE_DEVICES 4

/* Operations of every service, beside those of storage. */
#define FAKE_ECHO   0x1 /* responds with the request; status = its length */
#define FAKE_LOGIN  0x2 /* responds with login (u32) and group (u32) */
#define FAKE_LENGTH 0x3 /* responds with as many bytes as the request, a u32, says */

struct fake_device {
	bool present;
	int open_err; /* 0 or errno */
	uint32_t impl_id;
	uint16_t endpoint_id;
	uint32_t gen_caps;
	const char *service;	 /* the only one it hosts */
	const char *driver;	 /* NULL: sysfs doesn't tell */
	const char *state;	 /* likewise */
	atomic_bool stuck;	 /* OPEN_SESSION is not answered as long as this is set */
	bool gone;		 /* descriptors opened so far answer ENODEV */
	int session_err;	 /* OPEN_SESSION */
	int invoke_err;		 /* INVOKE: every one */
	int32_t status;		 /* storage: answer this status */
	struct admin_pool pool;	 /* admin: the only one */
	atomic_uint buffers_max; /* in all open files together */
	int share_err;		 /* why there is no more: if not ENOSPC, errno */
	unsigned int wait_ms;	 /* that passes before, by the library's clock */
};

struct fake_counts {
	unsigned int opens, sessions, invokes, allocs;
	unsigned int refusals;	 /* of a buffer, for there being too many */
	unsigned int open_files; /* now */
	unsigned int buffers;	 /* now mapped by the library */
};

extern struct fake_device fake_device[FAKE_DEVICES];

/* OP-TEE as tee0, a partition 0x8002 with storage as tee1. All counts 0, storage empty. */
void fake_reset(void);

struct fake_counts fake_counts(void);

/* True if no buffer holds anything but zeros. */
bool fake_buffers_clean(void);

/* Time passes, by the library's clock. */
void fake_pass_ms(unsigned int ms);

/* What was opened so far is of no more use, as if the driver had been bound anew. */
void fake_device_replug(unsigned int index);

#endif /* TEST_CLIENT_FAKE_TEE_H */
