// SPDX-License-Identifier: BSD-3-Clause
/* The endpoint of a partition that needs nothing beside it. */
#include <secure/port/memory.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>

static struct endpoint endpoint;

static void handle(void *ctx, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	endpoint_handle(ctx, source_id, words);
}

noreturn void partition_serve_services(const struct service *const *services, size_t service_count,
				       void *messages, size_t messages_len)
{
	endpoint_init(&endpoint, &port_memory_ops, services, service_count, messages, messages_len);
	port_peer_own(&endpoint);
	partition_serve(handle, &endpoint);
}
