// SPDX-License-Identifier: GPL-2.0-only
/*
 * TS RPC: what the five words of a message mean, in both directions. Nothing that comes back
 * from a partition is believed before it has been checked here.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "tstee.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static u32 management(enum ts_rpc_management_opcode opcode)
{
	return ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode);
}

/* Words are 32 bits wide and registers are not: the upper halves mean nothing. */
static u32 word(unsigned long reg)
{
	return (u32)reg;
}

/* Sends a message and checks that the answer is one to it. Errors: tstee_endpoint_send(). */
static int rpc_call(struct tstee_endpoint *ep, struct ffa_send_direct_data *msg,
		    enum tstee_call_kind kind)
{
	u32 control = word(msg->data0);
	int rc;

	rc = tstee_endpoint_send(ep, msg, kind);
	if (unlikely(rc))
		return rc;

	if (unlikely(word(msg->data0) != control)) {
		dev_warn_ratelimited(&ep->ffa->dev, "answer 0x%08x to message 0x%08x\n",
				     word(msg->data0), control);
		return -EPROTO;
	}
	return 0;
}

/**
 * tstee_rpc_version() - ask for the protocol version
 * @ep:		endpoint
 * @version:	result
 *
 * Return: 0, -EPROTO or an error of tstee_endpoint_send().
 */
int tstee_rpc_version(struct tstee_endpoint *ep, u32 *version)
{
	struct ffa_send_direct_data msg = { .data0 = management(TS_RPC_VERSION_GET) };
	int rc;

	rc = rpc_call(ep, &msg, TSTEE_CALL_SERVICE);
	if (!rc)
		*version = word(msg.data1);
	return rc;
}

/**
 * tstee_rpc_find_service() - ask for the interface ID of a service
 * @ep:			endpoint
 * @uuid:		of the service, in memory order
 * @interface_id:	result
 * @origin:		who reports the error, result
 *
 * Return: 0; -ENODEV if the partition does not host the service; the errno of any other RPC
 * status; -EPROTO for an interface ID that no service may have, above all that of the
 * management interface; or an error of tstee_endpoint_send().
 */
int tstee_rpc_find_service(struct tstee_endpoint *ep, const u8 uuid[TS_RPC_UUID_LEN],
			   u8 *interface_id, enum tstee_origin *origin)
{
	struct ffa_send_direct_data msg = { .data0 = management(TS_RPC_INTERFACE_ID_QUERY) };
	__le32 words[TS_RPC_UUID_LEN / sizeof(__le32)];
	int rc;

	memcpy(words, uuid, sizeof(words));
	msg.data1 = le32_to_cpu(words[0]);
	msg.data2 = le32_to_cpu(words[1]);
	msg.data3 = le32_to_cpu(words[2]);
	msg.data4 = le32_to_cpu(words[3]);

	*origin = TSTEE_ORIGIN_COMMS;
	rc = rpc_call(ep, &msg, TSTEE_CALL_SERVICE);
	if (rc)
		return rc;

	*origin = TSTEE_ORIGIN_TEE;
	rc = tstee_errno_from_rpc(word(msg.data1));
	if (rc)
		return rc == -ENOENT ? -ENODEV : rc;

	if (word(msg.data2) > TS_RPC_INTERFACE_MAX) {
		dev_warn_ratelimited(&ep->ffa->dev, "interface ID 0x%x for service %pUb\n",
				     word(msg.data2), uuid);
		return -EPROTO;
	}
	*interface_id = msg.data2;
	return 0;
}

static int memory_call(struct tstee_endpoint *ep, enum ts_rpc_management_opcode opcode, u64 handle,
		       enum tstee_call_kind kind)
{
	struct ffa_send_direct_data msg = {
		.data0 = management(opcode),
		.data1 = lower_32_bits(handle),
		.data2 = upper_32_bits(handle),
	};
	int rc;

	rc = rpc_call(ep, &msg, kind);
	return rc ? rc : tstee_errno_from_rpc(word(msg.data1));
}

/**
 * tstee_rpc_retrieve() - have the partition map memory that was shared with it
 * @ep:		endpoint
 * @handle:	FF-A memory handle
 *
 * Return: 0; -ENOSPC if the partition has no room for another buffer; -EINTR if nothing was
 * sent; the errno of any other RPC status; or an error of tstee_endpoint_send().
 */
int tstee_rpc_retrieve(struct tstee_endpoint *ep, u64 handle)
{
	int rc = memory_call(ep, TS_RPC_MEMORY_RETRIEVE, handle, TSTEE_CALL_SERVICE);

	/* The reference partitions answer so when their table of buffers is full. */
	return rc == -ENOENT ? -ENOSPC : rc;
}

/**
 * tstee_rpc_relinquish() - have the partition unmap memory
 * @ep:		endpoint
 * @handle:	FF-A memory handle
 *
 * Return: 0, the errno of an RPC status, or an error of tstee_endpoint_send(), not -EINTR.
 */
int tstee_rpc_relinquish(struct tstee_endpoint *ep, u64 handle)
{
	return memory_call(ep, TS_RPC_MEMORY_RELINQUISH, handle, TSTEE_CALL_TEARDOWN);
}

static int service_call(struct tstee_endpoint *ep, struct tstee_service_call *call)
{
	struct ffa_send_direct_data msg = {
		.data0 = ts_rpc_control(call->interface_id, call->opcode),
		.data1 = lower_32_bits(call->handle),
		.data2 = upper_32_bits(call->handle),
		.data3 = call->request_len,
		.data4 = call->client_id,
	};
	int rc;

	call->origin = TSTEE_ORIGIN_COMMS;
	rc = rpc_call(ep, &msg, TSTEE_CALL_SERVICE);
	if (unlikely(rc))
		return rc;

	if (unlikely(word(msg.data1))) {
		call->origin = TSTEE_ORIGIN_TEE;
		dev_warn_ratelimited(&ep->ffa->dev,
				     "opcode 0x%04x of interface 0x%02x: RPC status %d\n",
				     call->opcode, call->interface_id, (int)word(msg.data1));
		return tstee_errno_from_rpc(word(msg.data1));
	}

	call->origin = TSTEE_ORIGIN_TRUSTED_APP;
	call->status = word(msg.data2);
	call->response_len = word(msg.data3);
	return 0;
}

/**
 * tstee_rpc_invoke() - call a service
 * @ep:		endpoint
 * @call:	request and, after success, response; @call->origin is set in any case
 *
 * The response length is what the partition said: the caller compares it with the buffer.
 *
 * Return: 0, the errno of an RPC status, -EPROTO, or an error of tstee_endpoint_send().
 */
int tstee_rpc_invoke(struct tstee_endpoint *ep, struct tstee_service_call *call)
{
	ktime_t begin = 0;
	int rc;

	if (trace_tstee_call_end_enabled())
		begin = ktime_get();
	trace_tstee_call_begin(ep, call);

	rc = service_call(ep, call);

	trace_tstee_call_end(ep, call, rc, begin);
	return rc;
}
