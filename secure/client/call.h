/* SPDX-License-Identifier: BSD-3-Clause */
/* What the clients of this folder share: one call of a service, and its outcome as one status. */
#ifndef SECURE_CLIENT_CALL_H
#define SECURE_CLIENT_CALL_H

#include <psa/error.h>
#include <secure/rpc/peer.h>

/*
 * Calls @opcode of @peer for @client_id; see struct rpc_peer_ops. *@resp_len is 0 unless the call
 * succeeds. Returns what the service says, or
 * PSA_ERROR_CONNECTION_REFUSED: no partition has the service;
 * PSA_ERROR_NOT_SUPPORTED: the service hasn't the operation;
 * PSA_ERROR_COMMUNICATION_FAILURE: the partition is dead or stuck, can't make out the request, or
 * answers more than @size bytes.
 */
psa_status_t client_call(struct rpc_peer *peer, uint16_t opcode, uint32_t client_id,
			 const void *req, size_t len, void *resp, size_t size, size_t *resp_len);

#endif /* SECURE_CLIENT_CALL_H */
