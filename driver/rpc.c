// SPDX-License-Identifier: GPL-2.0-only
/*
 * TS RPC: what the five words of a message mean, in both directions. Nothing
 * that comes back from a partition is believed before it has been checked here.
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "tstee.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static u32 tstee_rpc_management(enum ts_rpc_management_opcode opcode)
{
	return ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode);
}

/*
 * Words are 32 bits wide and registers are not: the upper halves mean nothing.
 */
static u32 tstee_rpc_word(unsigned long reg)
{
	return (u32)reg;
}

/*
 * Sends a message and checks that the answer is one to it. Errors:
 * tstee_queue_send().
 */
static int tstee_rpc_call(struct tstee_endpoint *ep, struct tstee_message *msg)
{
	u32 control = tstee_rpc_word(msg->words.data0);
	int rc;

	rc = tstee_queue_send(ep, msg);
	if (rc)
		return rc;

	if (tstee_rpc_word(msg->words.data0) != control) {
		dev_dbg(&ep->ffa->dev, "answer 0x%08x to message 0x%08x\n",
			tstee_rpc_word(msg->words.data0), control);
		return -EPROTO;
	}
	return 0;
}

/**
 * tstee_rpc_version() - ask for the protocol version
 * @ep:		endpoint
 * @version:	result
 *
 * Return: 0, -EPROTO or an error of tstee_queue_send().
 */
int tstee_rpc_version(struct tstee_endpoint *ep, u32 *version)
{
	struct tstee_message msg = {
		.words.data0 = tstee_rpc_management(TS_RPC_VERSION_GET),
		.kind = TSTEE_CALL_SETUP,
	};
	int rc;

	rc = tstee_rpc_call(ep, &msg);
	if (!rc)
		*version = tstee_rpc_word(msg.words.data1);
	return rc;
}

/**
 * tstee_rpc_find_service() - ask for the interface ID of a service
 * @ep:			endpoint
 * @ctx:		context for which to ask
 * @uuid:		of the service, in memory order
 * @interface_id:	result
 * @origin:		who reports the error, result
 *
 * Asks a dead partition too, once: it may have been restarted.
 *
 * Return: 0; -ENODEV if the partition does not host the service; the errno of
 * any other RPC status; -EPROTO for an interface ID that no service may have,
 * above all that of the management interface; or an error of
 * tstee_queue_send().
 */
int tstee_rpc_find_service(struct tstee_endpoint *ep, struct tstee_context *ctx,
			   const u8 uuid[TS_RPC_UUID_LEN], u8 *interface_id,
			   enum tstee_origin *origin)
{
	struct tstee_message msg = {
		.words.data0 = tstee_rpc_management(TS_RPC_INTERFACE_ID_QUERY),
		.deaths = ctx->deaths,
		.finds = true,
		.kind = TSTEE_CALL_SERVICE,
		.caller = &ctx->caller,
	};
	__le32 words[TS_RPC_UUID_LEN / sizeof(__le32)];
	int rc;

	memcpy(words, uuid, sizeof(words));
	msg.words.data1 = le32_to_cpu(words[0]);
	msg.words.data2 = le32_to_cpu(words[1]);
	msg.words.data3 = le32_to_cpu(words[2]);
	msg.words.data4 = le32_to_cpu(words[3]);

	*origin = TSTEE_ORIGIN_COMMS;
	rc = tstee_rpc_call(ep, &msg);
	if (rc)
		return rc;

	*origin = TSTEE_ORIGIN_TEE;
	rc = tstee_errno_from_rpc(tstee_rpc_word(msg.words.data1));
	if (rc)
		return rc == -ENOENT ? -ENODEV : rc;

	if (tstee_rpc_word(msg.words.data2) > TS_RPC_INTERFACE_MAX) {
		dev_dbg(&ep->ffa->dev, "interface ID 0x%x for service %pUb\n",
			tstee_rpc_word(msg.words.data2), uuid);
		return -EPROTO;
	}
	*interface_id = msg.words.data2;
	return 0;
}

static int tstee_rpc_memory(struct tstee_endpoint *ep,
			    enum ts_rpc_management_opcode opcode, u32 deaths,
			    u64 handle, u64 tag, enum tstee_call_kind kind)
{
	struct tstee_message msg = {
		.words = {
			.data0 = tstee_rpc_management(opcode),
			.data1 = lower_32_bits(handle),
			.data2 = upper_32_bits(handle),
			.data3 = lower_32_bits(tag),
			.data4 = upper_32_bits(tag),
		},
		.deaths = deaths,
		.kind = kind,
	};
	int rc;

	rc = tstee_rpc_call(ep, &msg);
	return rc ? rc : tstee_errno_from_rpc(tstee_rpc_word(msg.words.data1));
}

/**
 * tstee_rpc_retrieve() - have the partition map memory that was shared with it
 * @ep:		endpoint
 * @deaths:	tstee_context.deaths of who shares it
 * @handle:	FF-A memory handle
 * @tag:	FF-A tag with which it was shared
 *
 * Return: 0; -ENOSPC if the partition has no room for another buffer now;
 * -ENOMEM if it has none for one of this length; -EINTR if nothing was sent;
 * the errno of any other RPC status; or an error of tstee_queue_send().
 */
int tstee_rpc_retrieve(struct tstee_endpoint *ep, u32 deaths, u64 handle,
		       u64 tag)
{
	int rc = tstee_rpc_memory(ep, TS_RPC_MEMORY_RETRIEVE, deaths, handle,
				  tag, TSTEE_CALL_SETUP);

	switch (rc) {
	case -ENOENT:
		/*
		 * The reference partitions answer so when their table of
		 * buffers is full.
		 */
		return -ENOSPC;
	case -ENOSPC:
		return -ENOMEM;
	default:
		return rc;
	}
}

/**
 * tstee_rpc_relinquish() - have the partition unmap memory
 * @ep:		endpoint
 * @handle:	FF-A memory handle
 *
 * Return: 0, the errno of an RPC status, or an error of tstee_queue_send(),
 * none of those of signals.
 */
int tstee_rpc_relinquish(struct tstee_endpoint *ep, u64 handle)
{
	return tstee_rpc_memory(ep, TS_RPC_MEMORY_RELINQUISH, 0, handle, 0,
				TSTEE_CALL_TEARDOWN);
}

static int tstee_rpc_service(struct tstee_endpoint *ep,
			     struct tstee_service_call *call)
{
	struct tstee_message msg = {
		.words = {
			.data0 = ts_rpc_control(call->interface_id,
						call->opcode),
			.data1 = lower_32_bits(call->handle),
			.data2 = upper_32_bits(call->handle),
			.data3 = call->request_len,
			.data4 = call->client_id,
		},
		.deaths = call->deaths,
		.kind = TSTEE_CALL_SERVICE,
		.caller = call->caller,
	};
	u32 rpc_status;
	int rc;

	call->origin = TSTEE_ORIGIN_COMMS;
	rc = tstee_rpc_call(ep, &msg);
	if (rc)
		return rc;

	rpc_status = tstee_rpc_word(msg.words.data1);
	if (rpc_status) {
		call->origin = TSTEE_ORIGIN_TEE;
		dev_dbg(&ep->ffa->dev,
			"opcode 0x%04x of interface 0x%02x: RPC status %d\n",
			call->opcode, call->interface_id, (int)rpc_status);
		return tstee_errno_from_rpc(rpc_status);
	}

	call->origin = TSTEE_ORIGIN_TRUSTED_APP;
	call->status = tstee_rpc_word(msg.words.data2);
	call->response_len = tstee_rpc_word(msg.words.data3);
	return 0;
}

/**
 * tstee_rpc_invoke() - call a service
 * @ep:		endpoint
 * @call:	request and, after success, response; @call->origin is set in
 *		any case
 *
 * The response length is what the partition said: the caller compares it with
 * the buffer.
 *
 * Return: 0, the errno of an RPC status, -EPROTO, or an error of
 * tstee_queue_send().
 */
int tstee_rpc_invoke(struct tstee_endpoint *ep, struct tstee_service_call *call)
{
	ktime_t begin = 0;
	int rc;

	if (trace_tstee_call_end_enabled())
		begin = ktime_get();
	trace_tstee_call_begin(ep, call);

	rc = tstee_rpc_service(ep, call);

	trace_tstee_call_end(ep, call, rc, begin);
	return rc;
}
