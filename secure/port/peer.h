/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A service in another partition, reached by FF-A: the port's struct rpc_peer. The partition is
 * found, and memory shared with it, once, at the first call.
 */
#ifndef SECURE_PORT_PEER_H
#define SECURE_PORT_PEER_H

#include <secure/rpc/peer.h>
#include <stdbool.h>

/* How far the way to the peer has been laid; each step is made once. */
enum port_peer_stage { PORT_PEER_UNKNOWN, PORT_PEER_FOUND, PORT_PEER_SHARED, PORT_PEER_CONNECTED };

/* Partitions that speak TS RPC: as many as the normal world's TEE core can have devices. */
#define PORT_PEER_PARTITION_MAX 32

struct port_peer {
	struct rpc_peer peer;
	const uint8_t *uuid;
	uint8_t *pages; /* NULL: there were none */
	size_t page_count;
	uint64_t handle;
	enum port_peer_stage stage;
	uint16_t endpoint_id;
	uint8_t interface_id;
	bool told; /* that nobody has the service, or that a call fails */
	/* Partitions that have said that they don't have the service. */
	uint16_t others[PORT_PEER_PARTITION_MAX];
	size_t other_count;
};

/*
 * Makes @peer the service @uuid (TS_RPC_UUID_LEN bytes, text order; must outlive @peer) in
 * whichever other partition has it: that of the lowest endpoint ID, if several do. A request and a response are up to @page_count pages of
 * TS_RPC_PAGE_LEN bytes, which are taken from partition_pages(). No call is made yet: at the
 * start of a partition others may not have started.
 *
 * A call waits for a partition that works for somebody else, unless that one is the caller whose
 * message is being handled here: that one can't answer, and the call fails at once. It does so
 * too if no partition has the service.
 */
void port_peer_init(struct port_peer *peer, const uint8_t *uuid, size_t page_count);

#endif /* SECURE_PORT_PEER_H */
