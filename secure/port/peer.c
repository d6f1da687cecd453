// SPDX-License-Identifier: BSD-3-Clause
/* Calls of services in other partitions (TS RPC, protocol version 1), and in this one. See peer.h. */
#include <secure/port/clock.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>
#include <secure/wipe.h>
#include <stdbool.h>
#include <string.h>

/*
 * A partition that works for somebody else is waited for so long. No call takes more than 2 s,
 * so this is the turn of many others, and what a partition that is stuck costs each call.
 */
#define BUSY_MAX_US 30000000u

/* Between two looks whether it still lives: a fraction of a second. */
#define ALIVE_POLLS 1024u

static const struct endpoint *own;

/* Whether BUSY_MAX_US are over since the first call for this @start, which begins as 0. */
static bool is_over(uint64_t *start)
{
	const uint64_t now = port_clock_us();

	if (!*start)
		*start = now;
	return now - *start > BUSY_MAX_US;
}

/* All partitions that speak TS RPC, at most PORT_PEER_PARTITION_MAX: how many. */
static size_t list_all(uint16_t ids[PORT_PEER_PARTITION_MAX])
{
	static const uint8_t uuid[TS_RPC_UUID_LEN] = TS_RPC_PARTITION_UUID_BYTES;
	size_t count = 0;
	int ret = ffa_find_partitions(uuid, ids, PORT_PEER_PARTITION_MAX, &count);

	if (ret) {
		log_line("partition 0x%x: can't list partitions: FF-A status %d", ffa_own_id(),
			 ret);
		return 0;
	}
	return count < PORT_PEER_PARTITION_MAX ? count : PORT_PEER_PARTITION_MAX;
}

static bool is_in(const uint16_t *ids, size_t count, uint16_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* One SPM core says of a dead partition that it is busy, but doesn't list it any more. */
static bool is_alive(uint16_t id)
{
	uint16_t ids[PORT_PEER_PARTITION_MAX];

	return is_in(ids, list_all(ids), id);
}

/* ffa_message() that waits while the receiver is busy with what will end. */
static int message(uint16_t receiver, uint32_t words[TS_RPC_REGS])
{
	uint64_t start = 0;

	for (uint32_t polls = 0;; polls++) {
		const int ret = ffa_message(receiver, words);

		if (ret != FFA_BUSY || receiver == partition_caller() || is_over(&start))
			return ret;
		if (polls % ALIVE_POLLS == 0 && !is_alive(receiver))
			return FFA_ABORTED;
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

/* What a partition says when it is asked for the service. */
enum answer { ANSWER_YES, ANSWER_NO, ANSWER_BUSY };

/* Asks the partition @id, without waiting. At YES *@peer knows where the service is. */
static enum answer ask(struct port_peer *peer, uint16_t id)
{
	const uint32_t control =
		ts_rpc_control(TS_RPC_INTERFACE_MANAGEMENT, TS_RPC_INTERFACE_ID_QUERY);
	uint32_t words[TS_RPC_REGS] = { control };
	int ret;

	memcpy(&words[TS_RPC_REG_UUID], peer->uuid, TS_RPC_UUID_LEN);
	ret = ffa_message(id, words);
	if (ret == FFA_BUSY)
		return ANSWER_BUSY;
	if (ret || words[TS_RPC_REG_CONTROL] != control)
		return ANSWER_NO;
	if (words[TS_RPC_REG_STATUS] == TS_RPC_SUCCESS &&
	    words[TS_RPC_REG_INTERFACE_ID] <= TS_RPC_INTERFACE_MAX) {
		peer->endpoint_id = id;
		peer->interface_id = (uint8_t)words[TS_RPC_REG_INTERFACE_ID];
		return ANSWER_YES;
	}
	/* Services don't come and go. */
	if ((int32_t)words[TS_RPC_REG_STATUS] == TS_RPC_ERROR_NOT_FOUND &&
	    peer->other_count < PORT_PEER_PARTITION_MAX)
		peer->others[peer->other_count++] = id;
	return ANSWER_NO;
}

/*
 * Asks each of the *@count partitions in @ids, in that order, up to the first that has the
 * service; those before it that are busy are what is left of them.
 */
static bool ask_all(struct port_peer *peer, uint16_t *ids, size_t *count)
{
	bool found = false;
	size_t busy = 0;

	for (size_t i = 0; i < *count && !found; i++) {
		switch (ask(peer, ids[i])) {
		case ANSWER_YES:
			found = true;
			break;
		case ANSWER_BUSY:
			ids[busy++] = ids[i];
			break;
		case ANSWER_NO:
			break;
		}
	}
	*count = busy;
	return found;
}

/* Those that may have the service and can answer, in the order of their IDs: how many. */
static size_t list_candidates(const struct port_peer *peer, uint16_t *ids)
{
	uint16_t all[PORT_PEER_PARTITION_MAX];
	const size_t listed = list_all(all);
	size_t count = 0;

	for (size_t i = 0; i < listed; i++) {
		size_t at = count;

		if (all[i] == ffa_own_id() || all[i] == partition_caller() ||
		    is_in(peer->others, peer->other_count, all[i]))
			continue;
		for (; at && ids[at - 1] > all[i]; at--)
			ids[at] = ids[at - 1];
		ids[at] = all[i];
		count++;
	}
	return count;
}

/* Once: clients can't fill the log. */
static void tell_missing(struct port_peer *peer, bool busy)
{
	const char digits[] = "0123456789abcdef";
	char text[2 * TS_RPC_UUID_LEN + 5];
	size_t len = 0;

	if (peer->told)
		return;
	peer->told = true;
	for (size_t i = 0; i < TS_RPC_UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[len++] = '-';
		text[len++] = digits[peer->uuid[i] >> 4];
		text[len++] = digits[peer->uuid[i] & 0xf];
	}
	text[len] = '\0';
	log_line("partition 0x%x: no partition has service %s%s", ffa_own_id(), text,
		 busy ? ", or is free" : "");
}

/*
 * Looks for the service: first with everybody who can say at once, then with those who were busy,
 * all at a time. Those of a higher ID than one that has it needn't be heard; those of a lower
 * one must be: which of them it is decides where keys are kept, and may not hang on who was busy.
 */
static bool find(struct port_peer *peer)
{
	uint16_t ids[PORT_PEER_PARTITION_MAX];
	size_t count = list_candidates(peer, ids);
	uint64_t start = 0;
	bool found = false;

	for (;;) {
		found |= ask_all(peer, ids, &count);
		if (!count || is_over(&start))
			break;
		port_pause();
	}
	if (!found)
		tell_missing(peer, count);
	return found;
}

/*
 * Before memory is shared with a partition for the first time: one that ran here before, and
 * ended, may have left some with it.
 */
static void forget_past(uint16_t receiver)
{
	static uint16_t met[PORT_PEER_PARTITION_MAX];
	static size_t count;
	uint32_t words[TS_RPC_REGS] = {
		[TS_RPC_REG_HANDLE_LO] = (uint32_t)TS_RPC_NO_HANDLE,
		[TS_RPC_REG_HANDLE_HI] = (uint32_t)(TS_RPC_NO_HANDLE >> 32),
	};

	if (is_in(met, count, receiver) || count == PORT_PEER_PARTITION_MAX)
		return;
	met[count++] = receiver;
	/* Endpoints that don't know this refuse it. */
	(void)manage(receiver, TS_RPC_MEMORY_RELINQUISH, words);
}

static enum ts_rpc_status connect_peer(struct port_peer *peer)
{
	uint32_t words[TS_RPC_REGS] = { 0 };
	int ret;

	if (!peer->pages)
		return TS_RPC_ERROR_RESOURCE_FAILURE;
	if (peer->stage == PORT_PEER_UNKNOWN) {
		peer->service = own ? endpoint_service(own, peer->uuid) : NULL;
		if (!peer->service && !find(peer))
			return TS_RPC_ERROR_NOT_FOUND;
		peer->stage = peer->service ? PORT_PEER_INSIDE : PORT_PEER_FOUND;
	}
	if (peer->stage == PORT_PEER_FOUND) {
		forget_past(peer->endpoint_id);
		ret = ffa_share(peer->endpoint_id, peer->pages, peer->page_count, &peer->handle);
		if (ret) {
			if (!peer->told)
				log_line(
					"partition 0x%x: can't share memory with 0x%x: FF-A status %d",
					ffa_own_id(), peer->endpoint_id, ret);
			peer->told = true;
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
		if (!peer->told)
			log_line("partition 0x%x: a call of 0x%x failed: FF-A status %d",
				 ffa_own_id(), peer->endpoint_id, ret);
		peer->told = true;
		return TS_RPC_ERROR_TRANSPORT_LAYER;
	}
	peer->told = false;
	if (words[TS_RPC_REG_CONTROL] != control ||
	    words[TS_RPC_REG_RESP_LEN] > peer->page_count * TS_RPC_PAGE_LEN)
		return TS_RPC_ERROR_TRANSPORT_LAYER;
	if (words[TS_RPC_REG_STATUS] != TS_RPC_SUCCESS)
		return (enum ts_rpc_status)(int32_t)words[TS_RPC_REG_STATUS];
	*status = (int32_t)words[TS_RPC_REG_SERVICE_STATUS];
	*resp_len = words[TS_RPC_REG_RESP_LEN];
	return TS_RPC_SUCCESS;
}

/*
 * The endpoint's own copies are of the message that is being handled. The request is read where it
 * is, in memory of this partition; the response is made in the pages, as long as it could be elsewhere.
 */
static enum ts_rpc_status call_inside(struct port_peer *peer, uint16_t opcode, uint32_t client_id,
				      const void *req, size_t len, size_t *resp_len,
				      int32_t *status)
{
	const struct rpc_caller caller = {
		.source_id = ffa_own_id(),
		.client_id = client_id,
		.account = client_id,
		.buffer = PORT_PEER_BUFFER,
	};
	enum ts_rpc_status ret;
	struct reader reader;
	struct writer writer;

	reader_init(&reader, req, len);
	writer_init(&writer, peer->pages, peer->page_count * TS_RPC_PAGE_LEN);
	ret = service_call(peer->service, &caller, opcode, &reader, &writer, status);
	if (ret == TS_RPC_SUCCESS && *status == 0)
		*resp_len = writer.len;
	else
		secure_wipe(peer->pages, writer.len);
	if (ret != TS_RPC_SUCCESS)
		*status = 0;
	return ret;
}

static enum ts_rpc_status call_outside(struct port_peer *peer, uint16_t opcode, uint32_t client_id,
				       const void *req, size_t len, size_t *resp_len,
				       int32_t *status)
{
	enum ts_rpc_status ret;

	if (len)
		memcpy(peer->pages, req, len);
	ret = exchange(peer, opcode, client_id, len, resp_len, status);
	/* A partition that was started anew knows no buffer, and has not looked at the request. */
	if (ret == TS_RPC_ERROR_NOT_FOUND) {
		peer->stage = PORT_PEER_SHARED;
		if (connect_peer(peer) == TS_RPC_SUCCESS)
			ret = exchange(peer, opcode, client_id, len, resp_len, status);
		peer->stage = PORT_PEER_CONNECTED;
	}
	return ret;
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

	ret = (peer->stage == PORT_PEER_INSIDE ? call_inside : call_outside)(
		peer, opcode, client_id, req, len, resp_len, status);
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

void port_peer_own(const struct endpoint *endpoint)
{
	own = endpoint;
}

void port_peer_init(struct port_peer *peer, const uint8_t *uuid, size_t message_len)
{
	const size_t page_count = (message_len + TS_RPC_PAGE_LEN - 1) / TS_RPC_PAGE_LEN;

	*peer = (struct port_peer){
		.peer.ops = &peer_ops,
		.uuid = uuid,
		.pages = partition_pages(page_count),
		.page_count = page_count,
	};
}
