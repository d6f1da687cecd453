// SPDX-License-Identifier: BSD-3-Clause
/* Calls of services in other partitions (TS RPC, protocol version 1). See peer.h. */
#include <secure/port/clock.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>
#include <secure/wipe.h>
#include <stdbool.h>
#include <string.h>

/* A partition that works for somebody else is waited for so long. An erase takes milliseconds. */
#define BUSY_MAX_US 10000000u

/* Partitions that speak TS RPC: as many as the normal world's TEE core can have devices. */
#define PARTITION_MAX 32

/* ffa_message() that waits while the receiver is busy. */
static int message(uint16_t receiver, uint32_t words[TS_RPC_REGS])
{
	uint64_t start = 0;
	int ret;

	for (;;) {
		ret = ffa_message(receiver, words);
		if (ret != FFA_BUSY)
			return ret;
		if (!start)
			start = port_clock_us();
		else if (port_clock_us() - start > BUSY_MAX_US)
			return ret;
		port_pause();
	}
}

/* A call of the management interface: @words but for the control word are set. */
static bool manage(uint16_t receiver, uint16_t opcode, uint32_t words[TS_RPC_REGS])
{
	const uint32_t control = ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, opcode);

	words[TS_RPC_REG_CONTROL] = control;
	return !message(receiver, words) && words[TS_RPC_REG_CONTROL] == control &&
	       words[TS_RPC_REG_STATUS] == TS_RPC_SUCCESS;
}

/* Whether the partition @id has the service; then *@peer knows where. */
static bool has_service(struct port_peer *peer, uint16_t id)
{
	uint32_t words[TS_RPC_REGS] = { 0 };

	memcpy(&words[TS_RPC_REG_UUID], peer->uuid, TS_RPC_UUID_LEN);
	if (!manage(id, TS_RPC_INTERFACE_ID_QUERY, words) ||
	    words[TS_RPC_REG_INTERFACE_ID] > TS_RPC_INTERFACE_MAX)
		return false;
	peer->endpoint_id = id;
	peer->interface_id = (uint8_t)words[TS_RPC_REG_INTERFACE_ID];
	return true;
}

/* The lowest ID above @last; 0: there is none. */
static uint32_t next_id(const uint16_t *ids, size_t count, uint32_t last)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++) {
		if (ids[i] > last && (!next || ids[i] < next))
			next = ids[i];
	}
	return next;
}

static bool find(struct port_peer *peer)
{
	static const uint8_t uuid[TS_RPC_UUID_LEN] = TS_RPC_PARTITION_UUID_BYTES;
	const uint16_t own_id = ffa_own_id();
	uint16_t ids[PARTITION_MAX];
	uint32_t last = 0;
	size_t count;
	int ret = ffa_find_partitions(uuid, ids, PARTITION_MAX, &count);

	if (ret) {
		log_line("partition 0x%x: can't list partitions: FF-A status %d", own_id, ret);
		return false;
	}
	if (count > PARTITION_MAX)
		count = PARTITION_MAX;
	/* What a list is ordered by is the SPM core's affair; IDs are what stays. */
	while ((last = next_id(ids, count, last)) != 0) {
		if (last != own_id && has_service(peer, (uint16_t)last))
			return true;
	}
	return false;
}

static enum ts_rpc_status connect_peer(struct port_peer *peer)
{
	uint32_t words[TS_RPC_REGS] = { 0 };
	int ret;

	if (!peer->pages)
		return TS_RPC_ERROR_RESOURCE_FAILURE;
	if (peer->stage == PORT_PEER_UNKNOWN) {
		if (!find(peer))
			return TS_RPC_ERROR_NOT_FOUND;
		peer->stage = PORT_PEER_FOUND;
	}
	if (peer->stage == PORT_PEER_FOUND) {
		ret = ffa_share(peer->endpoint_id, peer->pages, peer->page_count, &peer->handle);
		if (ret) {
			log_line("partition 0x%x: can't share memory with 0x%x: FF-A status %d",
				 ffa_own_id(), peer->endpoint_id, ret);
			return TS_RPC_ERROR_TRANSPORT_LAYER;
		}
		peer->stage = PORT_PEER_SHARED;
	}
	if (peer->stage == PORT_PEER_SHARED) {
		words[TS_RPC_REG_HANDLE_LO] = (uint32_t)peer->handle;
		words[TS_RPC_REG_HANDLE_HI] = (uint32_t)(peer->handle >> 32);
		if (!manage(peer->endpoint_id, TS_RPC_MEMORY_RETRIEVE, words))
			return TS_RPC_ERROR_TRANSPORT_LAYER;
		peer->stage = PORT_PEER_CONNECTED;
	}
	return TS_RPC_SUCCESS;
}

/* Sends the request that is in the pages. The peer is trusted as little as a client is. */
static enum ts_rpc_status exchange(struct port_peer *peer, uint16_t opcode, uint32_t client_id,
				   size_t len, size_t *resp_len, int32_t *status)
{
	const uint32_t control = ts_rpc_control(peer->interface_id, opcode);
	uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_CONTROL] = control,
		[TS_RPC_REG_HANDLE_LO] = (uint32_t)peer->handle,
		[TS_RPC_REG_HANDLE_HI] = (uint32_t)(peer->handle >> 32),
		[TS_RPC_REG_REQ_LEN] = (uint32_t)len,
		[TS_RPC_REG_CLIENT_ID] = client_id,
	};
	const int ret = message(peer->endpoint_id, words);

	if (ret) {
		log_line("partition 0x%x: a call of 0x%x failed: FF-A status %d", ffa_own_id(),
			 peer->endpoint_id, ret);
		return TS_RPC_ERROR_TRANSPORT_LAYER;
	}
	if (words[TS_RPC_REG_CONTROL] != control ||
	    words[TS_RPC_REG_RESP_LEN] > peer->page_count * TS_RPC_PAGE_LEN)
		return TS_RPC_ERROR_TRANSPORT_LAYER;
	if (words[TS_RPC_REG_STATUS] != TS_RPC_SUCCESS)
		return (enum ts_rpc_status)(int32_t)words[TS_RPC_REG_STATUS];
	*status = (int32_t)words[TS_RPC_REG_SERVICE_STATUS];
	*resp_len = words[TS_RPC_REG_RESP_LEN];
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status peer_call(struct rpc_peer *rpc, uint16_t opcode, uint32_t client_id,
				    const void *req, size_t len, void *resp, size_t size,
				    size_t *resp_len, int32_t *status)
{
	struct port_peer *peer = (struct port_peer *)rpc;
	enum ts_rpc_status ret = connect_peer(peer);

	*resp_len = 0;
	*status = 0;
	if (ret != TS_RPC_SUCCESS)
		return ret;
	if (len > peer->page_count * TS_RPC_PAGE_LEN)
		return TS_RPC_ERROR_RESOURCE_FAILURE;

	if (len)
		memcpy(peer->pages, req, len);
	ret = exchange(peer, opcode, client_id, len, resp_len, status);
	if (ret == TS_RPC_SUCCESS && *resp_len > size)
		ret = TS_RPC_ERROR_RESOURCE_FAILURE;
	if (ret == TS_RPC_SUCCESS && *resp_len)
		memcpy(resp, peer->pages, *resp_len);

	/* The one as well as the other may have been a key. */
	secure_wipe(peer->pages, len > *resp_len ? len : *resp_len);
	if (ret != TS_RPC_SUCCESS)
		*resp_len = 0;
	return ret;
}

static const struct rpc_peer_ops peer_ops = { .call = peer_call };

void port_peer_init(struct port_peer *peer, const uint8_t *uuid, size_t page_count)
{
	*peer = (struct port_peer){
		.peer.ops = &peer_ops,
		.uuid = uuid,
		.pages = partition_pages(page_count),
		.page_count = page_count,
	};
}
