// SPDX-License-Identifier: BSD-3-Clause
/* The one endpoint of a partition's parts. See part.h. */
#include <secure/part/part.h>
#include <secure/port/memory.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>
#include <stdbool.h>

static const struct part *const *hosted;
static size_t hosted_count;
static const struct service *services[PART_SERVICE_MAX];
static struct admin_pool_entry pools[PART_POOL_MAX];
static struct admin_keeper keepers[PART_MAX];
static struct admin_union all_kept;
static struct admin admin;
static struct endpoint endpoint;

static void handle(void *ctx, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	static bool started;

	for (size_t i = 0; i < hosted_count && !started; i++) {
		if (hosted[i]->first)
			hosted[i]->first();
	}
	started = true;
	endpoint_handle(ctx, source_id, words);
}

noreturn void parts_serve(const struct part *const *parts, size_t count, void *messages,
			  size_t messages_len)
{
	size_t service_count = 0, pool_count = 0, keeper_count = 0;

	if (count > PART_MAX)
		partition_panic("it hosts too many parts");
	hosted = parts;
	hosted_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct part *part = parts[i];

		/* One place is the admin service's, and two pools are the endpoint's. */
		if (part->service_count >= PART_SERVICE_MAX - service_count ||
		    part->pool_count + 2 > PART_POOL_MAX - pool_count)
			partition_panic("its parts have too many services or pools");
		part->init();
		for (size_t j = 0; j < part->service_count; j++)
			services[service_count++] = part->services[j];
		for (size_t j = 0; j < part->pool_count; j++)
			pools[pool_count++] = part->pools[j];
		if (part->keeper.ops)
			keepers[keeper_count++] = part->keeper;
	}
	/* What all of them share with whoever calls them. */
	pools[pool_count++] = (struct admin_pool_entry){ "buffers", &endpoint.buffer_pool };
	pools[pool_count++] = (struct admin_pool_entry){ "buffer pages", &endpoint.page_pool };
	all_kept = (struct admin_union){ keepers, keeper_count };
	admin_init(&admin, pools, pool_count, &admin_union_ops, &all_kept);
	services[service_count++] = &admin.service;
	endpoint_init(&endpoint, &port_memory_ops, services, service_count, messages, messages_len);
	port_peer_own(&endpoint);
	partition_serve(handle, &endpoint);
}
