/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A service in another partition, reached by FF-A, or in this one, called as a function: the port's
 * struct rpc_peer. The partition is found, and memory shared with it, once, at the first call.
 */
#ifndef SECURE_PORT_PEER_H
#define SECURE_PORT_PEER_H

#include <secure/rpc/endpoint.h>
#include <secure/rpc/peer.h>
#include <stdbool.h>

/* How far the way to the peer has been laid; each step is made once. */
enum port_peer_stage {
	PORT_PEER_UNKNOWN,
	PORT_PEER_INSIDE, /* it is hosted by this partition, and called as a function */
	PORT_PEER_FOUND,
	PORT_PEER_SHARED,
	PORT_PEER_CONNECTED,
};

/* What stands for the buffer of calls inside the partition. It never goes. */
#define PORT_PEER_BUFFER (TS_RPC_NO_HANDLE - 1)

/* Partitions that speak TS RPC: as many as a world can have devices. */
#define PORT_PEER_PARTITION_MAX 64

struct port_peer {
	struct rpc_peer peer;
	const uint8_t *uuid;
	uint8_t *pages; /* NULL: there were none */
	size_t page_count;
	uint64_t handle;
	enum port_peer_stage stage;
	const struct service *service; /* if it is inside */
	uint16_t endpoint_id;
	uint8_t interface_id;
	bool told; /* that nobody has the service, or that a call fails */
	/* Partitions that have said that they don't have the service. */
	uint16_t others[PORT_PEER_PARTITION_MAX];
	size_t other_count;
};

/*
 * Makes @peer the service @uuid (TS_RPC_UUID_LEN bytes, text order; must outlive @peer) of this
 * partition if it hosts it, else of whichever other has it: that of the lowest endpoint ID, if several do.
 * A request and a response are up to @message_len bytes, for which pages are taken from
 * partition_pages(). No call is made yet: at the start of a partition others may not have started.
 *
 * A service meets the same caller either way: this partition's endpoint ID, with the client that is
 * named in each call. As between partitions, calls follow one
 * order: no service is called again while it is in a call.
 *
 * A call waits for a partition that works for somebody else, unless that one is the caller whose
 * message is being handled here: that one can't answer, and the call fails at once. It does so
 * too if no partition has the service.
 */
void port_peer_init(struct port_peer *peer, const uint8_t *uuid, size_t message_len);

/* Says which endpoint this partition's own services are at. Before the first message. */
void port_peer_own(const struct endpoint *endpoint);

#endif /* SECURE_PORT_PEER_H */
