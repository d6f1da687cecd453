/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stand-in for the SPM core under the conduit: it records what reaches it, answers as a
 * well-behaved partition would, and reports each call to world_observe(). Any thread.
 */
#ifndef TEST_UNIT_SPM_FAKE_H
#define TEST_UNIT_SPM_FAKE_H

#include <tstee/ffa.h>
#include <tstee/ts_rpc.h>
#include <world/spm/spm.h>

#define FAKE_FIRST  0x8002 /* "first" */
#define FAKE_SECOND 0x8003 /* "se\"cond" */
/* Of the first share; the others count up. */
#define FAKE_HANDLE   0x0123456789abcdefull
#define FAKE_RESP_LEN 24u

struct spm_fake {
	unsigned int calls; /* that got here */
	unsigned int shares;
	unsigned int crashes; /* asked for */
	unsigned int calls_at_crash;
	uint16_t crashed_id;
	struct ffa_regs last; /* the last call, as it came */
	uint64_t latency_ns;  /* what is reported; 0: 1000 */
	int error;	      /* enum ffa_status to answer everything with, or 0 */
	bool dead;	      /* a crash can't be had */
};

void spm_fake_reset(void);
struct spm_fake spm_fake_get(void);
void spm_fake_set_error(int error);
void spm_fake_set_latency(uint64_t ns);
void spm_fake_set_dead(bool dead);

/* Calls of the normal world, through the conduit: the registers after it. */
struct ffa_regs fake_service(uint16_t endpoint_id, uint16_t opcode);
struct ffa_regs fake_management(uint16_t endpoint_id, uint16_t opcode);
struct ffa_regs fake_share(void);
struct ffa_regs fake_reclaim(void);

/* With a transmit buffer and a descriptor in it, which fake_share() has not. */
void fake_map(void);
struct ffa_regs fake_share_with(uint16_t endpoint_id);
struct ffa_regs fake_reclaim_of(uint32_t number);

/* The status of an FFA_ERROR, or 0. */
int fake_error(const struct ffa_regs *regs);

#endif /* TEST_UNIT_SPM_FAKE_H */
