/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints are never enabled: a world is observed at its conduit. */
#ifndef WORLD_LINUX_TRACEPOINT_H
#define WORLD_LINUX_TRACEPOINT_H

#include <linux/types.h>

#define TP_PROTO(...) __VA_ARGS__

#define TRACE_EVENT(name, proto, args, fields, assign, print) \
	static inline void trace_##name(proto)                \
	{                                                     \
	}                                                     \
                                                              \
	static inline bool trace_##name##_enabled(void)       \
	{                                                     \
		return false;                                 \
	}                                                     \
	struct world_tracepoint

#endif /* WORLD_LINUX_TRACEPOINT_H */
