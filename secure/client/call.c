// SPDX-License-Identifier: BSD-3-Clause
/* See call.h. */
#include <secure/client/call.h>

psa_status_t client_call(struct rpc_peer *peer, uint16_t opcode, uint32_t client_id,
			 const void *req, size_t len, void *resp, size_t size, size_t *resp_len)
{
	int32_t status = PSA_ERROR_COMMUNICATION_FAILURE;

	*resp_len = 0;
	switch (peer->ops->call(peer, opcode, client_id, req, len, resp, size, resp_len, &status)) {
	case TS_RPC_SUCCESS:
		break;
	case TS_RPC_ERROR_NOT_FOUND:
		status = PSA_ERROR_CONNECTION_REFUSED;
		break;
	case TS_RPC_ERROR_INVALID_VALUE:
		status = PSA_ERROR_NOT_SUPPORTED;
		break;
	default:
		status = PSA_ERROR_COMMUNICATION_FAILURE;
	}
	if (status != PSA_SUCCESS)
		*resp_len = 0;
	return status;
}
