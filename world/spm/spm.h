/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPM core: partition manager at the top of the secure world, FF-A v1.2 (DEN0077A), and v1.1 with
 * whoever asks for that or for none. It
 * starts each partition as a process, runs it in the calling thread's time, and behaves
 * towards both worlds as OP-TEE's SPM core does.
 */
#ifndef WORLD_SPM_SPM_H
#define WORLD_SPM_SPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/ffa.h>

/* FF-A IDs. Partitions that ask for none get theirs in boot order, from SPM_FIRST_PARTITION on. */
#define SPM_NORMAL_WORLD    0x0000u
#define SPM_FIRST_PARTITION 0x8002u
#define SPM_PARTITION_MAX   64u /* four times what the TEE core mostly has devices for */

/*
 * So often in so many seconds is a partition restarted that its manifest wants to be: one that dies of whatever it is
 * asked would keep the world busy, and let somebody try for ever. It then stays dead until somebody restarts it.
 */
#define SPM_RESTARTS_MAX 8u
#define SPM_RESTARTS_S	 600u

#define SPM_FAILURE_LEN	 384u

struct spm_partition_config {
	const char *name;    /* of its folder in the state directory; a file name */
	const char *program; /* path of the executable; its manifest is program.dtb */
};

/* An FF-A call that has ended, for whoever watches. */
struct spm_event {
	uint16_t caller;	    /* FF-A ID */
	const struct ffa_regs *in;  /* as called */
	const struct ffa_regs *out; /* as answered */
	uint64_t begin_ns;	    /* CLOCK_MONOTONIC */
	uint64_t end_ns;
};

struct spm_config {
	int state_fd; /* directory: NAME/REGION.img, NAME/log; all are private to the owner */
	const struct spm_partition_config *partitions;
	size_t partition_count;
	bool debug; /* debuggers may attach to partitions */
	/* Called after each FF-A call of either world, or NULL. Must be quick. */
	void (*observe)(const struct spm_event *event);
};

/* Why a secure world can't be started: a line for people, without a newline. */
struct spm_failure {
	char text[SPM_FAILURE_LEN];
};

/*
 * Starts the secure world: all partitions up to their first FFA_MSG_WAIT, in the order of their
 * manifests. Must be called while the process has one thread. A partition that can't be started
 * is reported in a line on stderr, and left out; it is then dead.
 *
 * Partitions end with the calling thread.
 *
 * Returns 0, or a negative errno for reasons that concern all partitions, which @why tells.
 */
int spm_start(const struct spm_config *config, struct spm_failure *why);

/*
 * What there is to say about partitions that didn't start or were left out: lines for people,
 * each with a newline; "" if all started. Valid from spm_start() on.
 */
const char *spm_reports(void);

/*
 * A partition's process ended: to be called by who waits for children, any thread. True if
 * @pid was a partition. Whoever is in a call to it gets FFA_ABORTED; the reason is logged. What
 * becomes of the partition is for its manifest's abort-action to say: it stays dead, with what it
 * retrieved (0, also if there is none, as under OP-TEE); all that it had is given back, and messages
 * to it get FFA_INVALID_PARAMETERS (1); or spm_restart_due() names it (2), unless it died too often: then
 * the same happens as with 1.
 */
bool spm_reap(int pid, int wait_status);

/* Makes an FF-A call as the normal world, in the calling thread, for as long as it takes. */
void spm_call(struct ffa_regs *regs);

/*
 * Kills the partition with index @partition, whatever it is at, and waits until nobody is in a
 * call of it any more. Until spm_start_again() the normal world's messages to it get FFA_ABORTED.
 *
 * Returns 0, or -EBUSY if a call that it makes of another partition hasn't ended after @ms, which
 * @why tells: it is dead then.
 */
int spm_end(size_t partition, unsigned int ms, struct spm_failure *why);

/*
 * Starts the partition anew, after spm_end(), with its manifest as it was: up to its first
 * FFA_MSG_WAIT. It ends with the calling thread. What is shared with it can be reclaimed, or
 * retrieved by it again.
 *
 * Returns 0, or a negative errno, which @why tells: it is dead then.
 */
int spm_start_again(size_t partition, struct spm_failure *why);

/*
 * The index of a partition that died and that its manifest wants to be started anew: once for each
 * death, and again if spm_end() fails; SPM_PARTITION_MAX if there is none.
 */
size_t spm_restart_due(void);

/* Somebody has seen to the partition: its deaths until now don't count any more. */
void spm_forget_deaths(size_t partition);

/* The next message to the partition is the last: it dies with it in its hands. 0 or -ENOENT. */
int spm_inject_crash(uint16_t endpoint_id);

struct spm_partition_info {
	uint16_t endpoint_id;
	const char *name;
	int pid; /* 0: dead */
};

/* The partition of that index, in boot order. False if there is none. */
bool spm_partition(size_t index, struct spm_partition_info *info);

/*
 * The index of the partition with that endpoint ID, SPM_PARTITION_MAX if there is none. Takes
 * no lock: IDs stay from spm_start() to spm_stop().
 */
size_t spm_partition_index(uint16_t endpoint_id);

/* Kills all partitions and gives everything back. No call may be in progress. */
void spm_stop(void);

#endif /* WORLD_SPM_SPM_H */
