/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FF-A v1.1 calls of a partition. The port has the conduit to the SPM core, and the RX and TX
 * buffers. A partition has one thread, so nothing is locked.
 */
#ifndef SECURE_PORT_FFA_H
#define SECURE_PORT_FFA_H

#include <stddef.h>
#include <stdint.h>
#include <tstee/ffa.h>

/*
 * The buffers: what the next call says, and what the last one brought, ffa_buffer_pages() pages of FFA_PAGE_LEN
 * bytes each.
 */
void *ffa_tx(void);
const void *ffa_rx(void);
size_t ffa_buffer_pages(void);

/*
 * Agrees on a version, asks for the own ID and hands the RX/TX buffers over. 0, or an enum ffa_status.
 */
int ffa_init(void);

/* The own endpoint ID; valid after ffa_init(). */
uint16_t ffa_own_id(void);

/* Waits for the first message (FFA_MSG_WAIT); @regs receives it. */
void ffa_wait(struct ffa_regs *regs);

/*
 * Sends @regs as they are, by the port's conduit. A direct response returns when the next message is there,
 * which @regs then hold; other calls return their result in it.
 */
void ffa_call(struct ffa_regs *regs);

/*
 * Retrieves the region that @sender shares read-write as @handle, with @tag, at an
 * address of the SPM core's choice (section 16.4). Returns 0 with address and length, or
 * an enum ffa_status: FFA_DENIED when the region is not @sender's, is not normal
 * write-back memory, or can't be mapped in one piece; it is relinquished then.
 */
int ffa_retrieve(uint16_t sender, uint64_t handle, uint64_t tag, void **addr, size_t *len);

/*
 * The port's: where the region @handle, which the SPM core has described as @count ranges, is for the partition.
 * 0 with address and length, or an enum ffa_status. ffa_unmap() ends that, after the region was given up.
 */
int ffa_map(uint64_t handle, const struct ffa_memory_range *ranges, size_t count, void **addr,
	    size_t *len);
void ffa_unmap(uint64_t handle);

/* Gives the region up (section 16.6). 0, or an enum ffa_status: it is still mapped. */
int ffa_relinquish(uint64_t handle);

/*
 * Shares @count pages from @pages, of partition_pages(), with @receiver, read-write, with tag 0
 * (section 16.2). 0 and *@handle, or an enum ffa_status.
 */
int ffa_share(uint16_t receiver, const void *pages, size_t count, uint64_t *handle);

/*
 * The partitions that advertise @uuid (16 bytes, text order; section 13.8), this one
 * among them if it does: at most @max of their IDs in @ids, *@count in all. 0, or an enum
 * ffa_status.
 */
int ffa_find_partitions(const uint8_t *uuid, uint16_t *ids, size_t max, size_t *count);

/*
 * Sends @words (TS_RPC_REGS of them) to @receiver as a direct message and waits for the answer,
 * which takes their place (section 15.2). 0, or an enum ffa_status: FFA_BUSY when the receiver
 * is at something else, FFA_ABORTED when it is dead.
 */
int ffa_message(uint16_t receiver, uint32_t *words);

/* Prints @len characters on the SPM core's console. Best effort. */
void ffa_console(const char *text, size_t len);

#endif /* SECURE_PORT_FFA_H */
