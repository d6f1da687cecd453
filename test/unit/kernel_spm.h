/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is behind conduit_call() in tests of the world's kernel: an SPM core with a partition that
 * is not ours and two that speak TS RPC, of which the second is three devices of the bus. Each of those
 * has one service.
 */
#ifndef TEST_KERNEL_SPM_H
#define TEST_KERNEL_SPM_H

#include <stdbool.h>
#include <stdint.h>
#include <tstee/base.h>

/* The longest buffer that a partition maps, in pages. */
#define SPM_BUFFER_PAGES    512u

#define SPM_FIRST_ENDPOINT  0x8002u
#define SPM_SECOND_ENDPOINT 0x8003u

/* Opcodes of the service. */
enum spm_opcode {
	SPM_INVERT = 1,	     /* the request's bytes are inverted; as many come back */
	SPM_WHO = 2,	     /* status is the client ID; no response */
	SPM_LONG_ANSWER = 3, /* claims a longer response than any buffer has room for */
	SPM_WAIT = 4,	     /* returns when spm_let_go() was called */
	SPM_SUM = 5,	     /* status is the sum of all bytes of the buffer */
	SPM_YIELD = 6,	     /* yields as often as spm_set_yields() said; status is how often */
};

extern const uint8_t spm_service_uuid[16];

/* Buffers that a partition maps, all partitions together. */
unsigned int spm_mapped(void);

/* Buffers that are shared, whether mapped or not. */
unsigned int spm_shared(void);

/* How many buffers a partition maps at most; UINT_MAX to begin with. */
void spm_set_room(uint16_t endpoint, unsigned int buffers);

/* How often a call of SPM_YIELD yields. */
void spm_set_yields(unsigned int count);

/* Who made a call of SPM_WHO, 0 being the latest; up to 15. */
uint32_t spm_who(unsigned int calls_ago);

/* The tag of a buffer that is shared. */
uint32_t spm_tag(void);

/* FFA_MEM_RECLAIM is denied from now on, or no longer. */
void spm_deny_reclaim(bool deny);

/* This many direct messages are answered FFA_BUSY. */
void spm_be_busy(unsigned int count);

/* The next message ends the partition: what it maps it keeps, and others find it busy. */
void spm_die(uint16_t endpoint);

/* It runs again, and maps nothing. */
void spm_restart(uint16_t endpoint);

/* Direct messages that were answered, or refused by the SPM core. */
unsigned int spm_messages(void);

/* Waits until a partition is in SPM_WAIT, or lets it out. */
void spm_wait_entered(void);
void spm_let_go(void);

#endif /* TEST_KERNEL_SPM_H */
