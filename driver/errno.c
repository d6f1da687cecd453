// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table from TS RPC status to errno. What the driver itself reports,
 * for its own checks or for FF-A, uses other values: docs/ts-tee.md has them
 * all.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "tstee.h"

static const int tstee_rpc_errno[] = {
	[-TS_RPC_SUCCESS] = 0,
	[-TS_RPC_ERROR_INTERNAL] = -EREMOTEIO,
	[-TS_RPC_ERROR_INVALID_VALUE] = -EOPNOTSUPP,
	[-TS_RPC_ERROR_NOT_FOUND] = -ENOENT,
	[-TS_RPC_ERROR_INVALID_STATE] = -EBADFD,
	[-TS_RPC_ERROR_TRANSPORT_LAYER] = -ECOMM,
	[-TS_RPC_ERROR_INVALID_REQUEST_BODY] = -EBADMSG,
	[-TS_RPC_ERROR_INVALID_RESPONSE_BODY] = -ENOBUFS,
	[-TS_RPC_ERROR_RESOURCE_FAILURE] = -ENOSPC,
};

/**
 * tstee_errno_from_rpc() - translate the status word of a TS RPC response
 * @status:	as received
 *
 * Return: 0 for success, the status's own errno, or -EPROTO for a value that
 * the protocol does not know.
 */
int tstee_errno_from_rpc(u32 status)
{
	u32 index = -status;

	return index < ARRAY_SIZE(tstee_rpc_errno) ? tstee_rpc_errno[index] :
						     -EPROTO;
}
