/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the port to a process (tstee/partition_process.h). The process has one thread, so
 * nothing is locked. After confine() only the system calls of its list are left.
 */
#ifndef SECURE_PORT_HOST_HOST_H
#define SECURE_PORT_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tstee/partition_process.h>

/* A device region of the manifest: an open file of len bytes. */
struct device_region {
	const char *name;
	size_t name_len;
	int fd;
	size_t len;
};

/* As many as at S-EL0, and the event log. */
#define DEVICE_REGION_MAX 5

struct device_regions {
	struct device_region list[DEVICE_REGION_MAX];
	size_t count;
	bool debug; /* the process may be looked into by debuggers */
};

/* main.c: the regions that the process was started with. */
extern struct device_regions device_regions;

/* The one of @name, or NULL. */
const struct device_region *device_region_find(const char *name);

/* conduit.c: maps the channel. Before all FF-A calls. 0 or -1. */
int conduit_open(void);

/* Makes the call as it is, and nothing else: the memory that it is about is the caller's matter. */
void conduit_exchange(struct ffa_regs *regs);

/* The RX buffer, for who may complete what the SPM core has left open in it. */
uint8_t *conduit_rx(void);

/*
 * mapping.c: maps the region whose descriptors come with FFA_MEM_RETRIEVE_RESP and completes the
 * @len bytes of its descriptor in RX. Returns 0 or -1, and the region's handle in both cases.
 */
int mapping_add(uint64_t len, uint64_t *handle);

/* Undoes that once; the region is unmapped when it was relinquished as often as retrieved. */
void mapping_remove(uint64_t handle);

/*
 * confine.c: gives up all that the partition does not need: descriptors other than the channel,
 * the socket and the regions, and most system calls. For good. 0, or -1: must not run.
 */
int confine(const struct device_regions *regions);

#endif /* SECURE_PORT_HOST_HOST_H */
