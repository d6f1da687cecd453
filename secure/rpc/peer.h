/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A call from this partition to a service of another one, or of its own: what services use
 * that need other services. The port has the FF-A kind (secure/port/peer.h).
 */
#ifndef SECURE_RPC_PEER_H
#define SECURE_RPC_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <tstee/ts_rpc.h>

struct rpc_peer;

struct rpc_peer_ops {
	/*
	 * Makes one call of @opcode on behalf of @client_id: @len bytes of @req go out, at
	 * most @size bytes of the response come into @resp (*@resp_len says how many). Either
	 * buffer may be NULL if its size is 0. Returns the RPC status; the service status is
	 * in *@status. Errors of the peer or of the way to it: TS_RPC_ERROR_TRANSPORT_LAYER;
	 * no such service: TS_RPC_ERROR_NOT_FOUND; response longer than @size, or request
	 * longer than what the peer can be sent: TS_RPC_ERROR_RESOURCE_FAILURE. A busy peer
	 * is waited for, for a bounded time.
	 */
	enum ts_rpc_status (*call)(struct rpc_peer *peer, uint16_t opcode, uint32_t client_id,
				   const void *req, size_t len, void *resp, size_t size,
				   size_t *resp_len, int32_t *status);
};

/* One service elsewhere. Its maker embeds it. */
struct rpc_peer {
	const struct rpc_peer_ops *ops;
};

#endif /* SECURE_RPC_PEER_H */
