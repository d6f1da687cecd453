/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Trusted Services RPC, protocol version 1, over FF-A direct messages.
 *
 * A message is five 32-bit words, carried in w3..w7 of a 32-bit direct message
 * (FF-A v1.1, DEN0077A, section 15.2). Request and response use the same words;
 * the payload of a service call, if any, lies in one shared buffer, from offset 0
 * and in both directions.
 */
#ifndef TSTEE_TS_RPC_H
#define TSTEE_TS_RPC_H

#include <tstee/base.h>

/* What MANAGEMENT/VERSION answers in TS_RPC_REG_VERSION. */
#define TS_RPC_VERSION 1

#define TS_RPC_REGS    5

/* Words of a service call. */
enum ts_rpc_reg {
	TS_RPC_REG_CONTROL = 0,	  /* request and response: enum below */
	TS_RPC_REG_HANDLE_LO = 1, /* request: memory handle */
	TS_RPC_REG_HANDLE_HI = 2,
	TS_RPC_REG_REQ_LEN = 3,	       /* request: bytes */
	TS_RPC_REG_CLIENT_ID = 4,      /* request: tstee/client_id.h */
	TS_RPC_REG_STATUS = 1,	       /* response: enum ts_rpc_status */
	TS_RPC_REG_SERVICE_STATUS = 2, /* response: valid if the status is 0 */
	TS_RPC_REG_RESP_LEN = 3,       /* response: bytes, valid if the status is 0 */
};

/* Words of the management calls, where they differ. */
#define TS_RPC_REG_VERSION	1 /* VERSION, response */
#define TS_RPC_REG_INTERFACE_ID 2 /* INTERFACE_ID_QUERY, response: bits 7:0 */
#define TS_RPC_REG_UUID		1 /* INTERFACE_ID_QUERY, request: 4 words */
#define TS_RPC_REG_TAG_LO	3 /* MEMORY_RETRIEVE, request */
#define TS_RPC_REG_TAG_HI	4

/* The control word. A response echoes it. */
#define TS_RPC_OPCODE_MASK	    0x0000ffffu
#define TS_RPC_INTERFACE_SHIFT	    16
#define TS_RPC_INTERFACE_MASK	    0x00ff0000u
#define TS_RPC_RESERVED_MASK	    0xff000000u /* flags and routing bits: 0 */

#define TS_RPC_INTERFACE_MANAGEMENT 0xffu
#define TS_RPC_INTERFACE_MAX	    0xfeu

/* Opcodes of the management interface. */
enum ts_rpc_management_opcode {
	TS_RPC_VERSION_GET = 0,
	TS_RPC_MEMORY_RETRIEVE = 1,
	TS_RPC_MEMORY_RELINQUISH = 2,
	TS_RPC_INTERFACE_ID_QUERY = 3,
};

/*
 * "No shared memory". 0 is a valid handle. To be relinquished: all memory that the sender has
 * shared, for one that was started anew; an addition that endpoints of others refuse.
 */
#define TS_RPC_NO_HANDLE 0xffffffffffffffffull

enum ts_rpc_status {
	TS_RPC_SUCCESS = 0,
	TS_RPC_ERROR_INTERNAL = -1,
	TS_RPC_ERROR_INVALID_VALUE = -2,
	TS_RPC_ERROR_NOT_FOUND = -3,
	TS_RPC_ERROR_INVALID_STATE = -4,
	TS_RPC_ERROR_TRANSPORT_LAYER = -5,
	TS_RPC_ERROR_INVALID_REQUEST_BODY = -6,
	TS_RPC_ERROR_INVALID_RESPONSE_BODY = -7,
	TS_RPC_ERROR_RESOURCE_FAILURE = -8,
};

/* The unit in which buffers are shared: an FF-A page. */
#define TS_RPC_PAGE_LEN 4096u

#define TS_RPC_UUID_LEN 16

/*
 * The FF-A partition UUID that every TS RPC endpoint advertises,
 * bdcd76d7-825e-4751-963b-86d4f84943ac, in text (memory) order.
 */
#define TS_RPC_PARTITION_UUID_BYTES                                                           \
	{                                                                                     \
		0xbd, 0xcd, 0x76, 0xd7, 0x82, 0x5e, 0x47, 0x51, 0x96, 0x3b, 0x86, 0xd4, 0xf8, \
			0x49, 0x43, 0xac                                                      \
	}

/* TEE_IOC_VERSION: impl_id of TS RPC devices; impl_caps is the endpoint ID. */
#define TS_RPC_TEE_IMPL_ID 3u

static inline uint32_t ts_rpc_control(uint8_t interface_id, uint16_t opcode)
{
	return (uint32_t)interface_id << TS_RPC_INTERFACE_SHIFT | opcode;
}

static inline uint16_t ts_rpc_control_opcode(uint32_t control)
{
	return (uint16_t)(control & TS_RPC_OPCODE_MASK);
}

static inline uint8_t ts_rpc_control_interface(uint32_t control)
{
	return (uint8_t)((control & TS_RPC_INTERFACE_MASK) >> TS_RPC_INTERFACE_SHIFT);
}

#endif /* TSTEE_TS_RPC_H */
