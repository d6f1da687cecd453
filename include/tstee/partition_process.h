/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * How an SPM core runs a partition as a process: what it starts the process with, and how the
 * process makes FF-A calls.
 *
 * The process is started with an empty environment, PARTITION_CHANNEL_FD, PARTITION_SOCKET_FD,
 * and one argument NAME=FD:LEN for each device region of its manifest: an open file of LEN bytes
 * with the region's contents; likewise the event log of what was measured, by the name
 * PARTITION_EVENT_LOG, if the manifest asks for it; and PARTITION_KEY_IMPORTERS=ID[,ID]..., client
 * IDs as decimal numbers, and PARTITION_LIFECYCLE=NUMBER, if the manifest's root has these properties. Standard input and output lead
 * nowhere, standard error to the log of the partition, for sanitizers.
 *
 * An FF-A call: the partition writes the registers, increments called and wakes the SPM core
 * (FUTEX_WAKE on called, not the private kind); the SPM core writes the result, sets answered
 * to the value of called and wakes the partition. Each side copies the registers before it
 * looks at them. FFA_MSG_WAIT and direct responses are calls like all others: they are answered
 * when the next message is there.
 */
#ifndef TSTEE_PARTITION_PROCESS_H
#define TSTEE_PARTITION_PROCESS_H

#include <tstee/ffa.h>

#define PARTITION_CHANNEL_FD 3
#define PARTITION_SOCKET_FD  4
#define PARTITION_EVENT_LOG  "tpm-event-log"

/* An argument too, last: debuggers of the same user may attach. */
#define PARTITION_DEBUG "--debug"

/* A property of the manifest's root, up to PARTITION_KEY_IMPORTER_MAX cells, and an argument. */
#define PARTITION_KEY_IMPORTERS	   "tstee,key-importers"
#define PARTITION_KEY_IMPORTER_MAX 4

/* Likewise, one cell of 16 bits: the life cycle of what is emulated (tstee/attestation.h). */
#define PARTITION_LIFECYCLE "tstee,lifecycle"

/* The file of PARTITION_CHANNEL_FD: this page, then TX and RX. */
struct partition_channel {
	uint32_t called;
	uint32_t answered;
	/* Where the process maps this file, set by it before its first call. */
	uint64_t address;
	struct ffa_regs regs;
};

#define PARTITION_TX_OFFSET   (1 * FFA_PAGE_LEN)
#define PARTITION_RX_OFFSET   (2 * FFA_PAGE_LEN)
#define PARTITION_CHANNEL_LEN (3 * FFA_PAGE_LEN)

/*
 * On the socket (SOCK_SEQPACKET), each with one descriptor of memory:
 *
 * - to the partition, before FFA_MEM_RETRIEVE_RESP: count messages that make up the region, in
 *   order. The partition maps them behind each other and writes the address into the one range
 *   of the descriptor in RX, where the SPM core has left 0. FFA_MEM_RELINQUISH with success:
 *   it unmaps the region.
 * - to the SPM core, before the first FFA_MEM_SHARE of it: a page that can be shared, which the
 *   process has mapped at address. The file is this one page, sealed against changes of its
 *   size.
 */
struct partition_memory {
	uint64_t handle;  /* of the region; 0 to the SPM core */
	uint64_t address; /* to the SPM core; 0 to the partition */
	uint64_t offset;  /* in the file */
	uint64_t len;	  /* bytes, whole pages */
	uint32_t index;	  /* of this message, from 0 */
	uint32_t count;	  /* of messages that make up the region */
};

static_assert(sizeof(struct partition_memory) == 40, "no padding");

#endif /* TSTEE_PARTITION_PROCESS_H */
