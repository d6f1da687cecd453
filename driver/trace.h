/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the driver, group tstee. They tell who called what, how long
 * it took and how it ended; never what was in the buffer.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tstee

#if !defined(TSTEE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TSTEE_TRACE_H

#include <linux/ktime.h>
#include <linux/tracepoint.h>

#include "tstee.h"

TRACE_EVENT(tstee_call_begin,

	TP_PROTO(const struct tstee_endpoint *ep,
		 const struct tstee_service_call *call),

	TP_ARGS(ep, call),

	TP_STRUCT__entry(
		__field(u16, endpoint_id)
		__field(u8, interface_id)
		__field(u16, opcode)
		__field(u32, client_id)
		__field(u32, request_len)
	),

	TP_fast_assign(
		__entry->endpoint_id = ep->ffa->vm_id;
		__entry->interface_id = call->interface_id;
		__entry->opcode = call->opcode;
		__entry->client_id = call->client_id;
		__entry->request_len = call->request_len;
	),

	TP_printk("endpoint=0x%04x interface=%u opcode=0x%04x client=0x%08x request_len=%u",
		  __entry->endpoint_id, __entry->interface_id, __entry->opcode,
		  __entry->client_id, __entry->request_len)
);

TRACE_EVENT(tstee_call_end,

	TP_PROTO(const struct tstee_endpoint *ep,
		 const struct tstee_service_call *call, int error,
		 ktime_t begin),

	TP_ARGS(ep, call, error, begin),

	TP_STRUCT__entry(
		__field(u16, endpoint_id)
		__field(u8, interface_id)
		__field(u16, opcode)
		__field(u32, client_id)
		__field(u32, request_len)
		__field(u32, response_len)
		__field(s32, status)
		__field(int, error)
		__field(s64, duration_ns)
	),

	TP_fast_assign(
		__entry->endpoint_id = ep->ffa->vm_id;
		__entry->interface_id = call->interface_id;
		__entry->opcode = call->opcode;
		__entry->client_id = call->client_id;
		__entry->request_len = call->request_len;
		__entry->response_len = call->response_len;
		__entry->status = call->status;
		__entry->error = error;
		__entry->duration_ns =
			begin ? ktime_to_ns(ktime_sub(ktime_get(), begin)) : 0;
	),

	TP_printk("endpoint=0x%04x interface=%u opcode=0x%04x client=0x%08x request_len=%u response_len=%u status=%d error=%d duration_ns=%lld",
		  __entry->endpoint_id, __entry->interface_id, __entry->opcode,
		  __entry->client_id, __entry->request_len,
		  __entry->response_len, __entry->status, __entry->error,
		  __entry->duration_ns)
);

#endif /* TSTEE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
