// SPDX-License-Identifier: BSD-3-Clause
/*
 * The RPC endpoint (TS RPC, protocol version 1). See endpoint.h.
 *
 * An endpoint handles one message at a time, on one thread, so nothing here is locked.
 * A caller may change its shared pages at any moment: a request is therefore copied
 * exactly once, and what is checked is what is used.
 */
#include <secure/rpc/endpoint.h>
#include <secure/wipe.h>
#include <string.h>

static const struct endpoint_buffer no_buffer;

static uint64_t words_handle(const uint32_t words[TS_RPC_REGS])
{
	return (uint64_t)words[TS_RPC_REG_HANDLE_HI] << 32 | words[TS_RPC_REG_HANDLE_LO];
}

/* The response but for its control word: @status and zeros. */
static void answer(uint32_t words[TS_RPC_REGS], enum ts_rpc_status status)
{
	memset(&words[TS_RPC_REG_STATUS], 0, (TS_RPC_REGS - 1) * sizeof(words[0]));
	words[TS_RPC_REG_STATUS] = (uint32_t)status;
}

/* The buffer that @source_id shared as @handle, or NULL. Clients mostly stay with one. */
static struct endpoint_buffer *buffer_find(struct endpoint *ep, uint16_t source_id, uint64_t handle)
{
	struct endpoint_buffer *b = &ep->buffers[ep->recent];

	if (b->addr && b->handle == handle && b->source_id == source_id)
		return b;

	for (b = ep->buffers; b < ep->buffers + ENDPOINT_BUFFER_COUNT; b++) {
		if (b->addr && b->handle == handle && b->source_id == source_id) {
			ep->recent = (size_t)(b - ep->buffers);
			return b;
		}
	}
	return NULL;
}

static enum ts_rpc_status buffer_retrieve(struct endpoint *ep, uint16_t source_id, uint64_t handle,
					  uint64_t tag)
{
	struct endpoint_buffer *slot = NULL;
	void *addr = NULL;
	size_t len = 0;

	if (handle == TS_RPC_NO_HANDLE)
		return TS_RPC_ERROR_INVALID_VALUE;

	for (size_t i = 0; i < ENDPOINT_BUFFER_COUNT; i++) {
		struct endpoint_buffer *b = &ep->buffers[i];

		if (!b->addr) {
			slot = slot ? slot : b;
			continue;
		}
		if (b->handle != handle)
			continue;
		/*
		 * A handle names one region in the whole system. To map it again would
		 * leave two slots for one relinquish; to map it for somebody else would
		 * let that one take it from its owner.
		 */
		return b->source_id == source_id ? TS_RPC_ERROR_INVALID_STATE :
						   TS_RPC_ERROR_TRANSPORT_LAYER;
	}
	if (!slot)
		return TS_RPC_ERROR_NOT_FOUND;

	if (ep->memory->retrieve(source_id, handle, tag, &addr, &len))
		return TS_RPC_ERROR_TRANSPORT_LAYER;

	*slot = (struct endpoint_buffer){
		.handle = handle,
		.addr = addr,
		.len = len,
		.source_id = source_id,
		.account = (uint32_t)tag,
	};
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status buffer_relinquish(struct endpoint *ep, uint16_t source_id,
					    uint64_t handle)
{
	struct endpoint_buffer *b = buffer_find(ep, source_id, handle);

	if (!b)
		return TS_RPC_ERROR_NOT_FOUND;
	/* While it is still mapped here it must stay known, or it could never be given back. */
	if (ep->memory->relinquish(handle))
		return TS_RPC_ERROR_TRANSPORT_LAYER;

	*b = no_buffer;
	for (size_t i = 0; i < ep->service_count; i++) {
		const struct service *service = ep->services[i];

		if (service && service->released)
			service->released(service->ctx, source_id, handle);
	}
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status interface_query(const struct endpoint *ep, const uint32_t uuid[4],
					  uint32_t *interface_id)
{
	uint8_t text[TS_RPC_UUID_LEN];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(uuid[i / 4] >> (8 * (i % 4)));

	for (size_t i = 0; i < ep->service_count; i++) {
		if (ep->services[i] && !memcmp(ep->services[i]->uuid, text, sizeof(text))) {
			*interface_id = (uint32_t)i;
			return TS_RPC_SUCCESS;
		}
	}
	return TS_RPC_ERROR_NOT_FOUND;
}

static void handle_management(struct endpoint *ep, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	enum ts_rpc_status status = TS_RPC_ERROR_INVALID_VALUE;
	uint32_t interface_id = 0;
	uint64_t tag;

	switch (ts_rpc_control_opcode(words[TS_RPC_REG_CONTROL])) {
	case TS_RPC_VERSION_GET:
		answer(words, TS_RPC_SUCCESS);
		words[TS_RPC_REG_VERSION] = TS_RPC_VERSION;
		return;
	case TS_RPC_MEMORY_RETRIEVE:
		tag = (uint64_t)words[TS_RPC_REG_TAG_HI] << 32 | words[TS_RPC_REG_TAG_LO];
		status = buffer_retrieve(ep, source_id, words_handle(words), tag);
		break;
	case TS_RPC_MEMORY_RELINQUISH:
		status = buffer_relinquish(ep, source_id, words_handle(words));
		break;
	case TS_RPC_INTERFACE_ID_QUERY:
		status = interface_query(ep, &words[TS_RPC_REG_UUID], &interface_id);
		break;
	default:
		break;
	}

	answer(words, status);
	words[TS_RPC_REG_INTERFACE_ID] = interface_id;
}

/* Opcodes of a service mostly follow one another, so the first guess is mostly right. */
static service_handler handler_find(const struct service *service, uint16_t opcode)
{
	size_t guess;

	if (!service->op_count)
		return NULL;

	guess = (size_t)opcode - service->ops[0].opcode;
	if (guess < service->op_count && service->ops[guess].opcode == opcode)
		return service->ops[guess].handler;

	for (size_t i = 0; i < service->op_count; i++) {
		if (service->ops[i].opcode == opcode)
			return service->ops[i].handler;
	}
	return NULL;
}

/* Copies the request in, calls, copies the response out, and forgets both. */
static void call(struct endpoint *ep, const struct service *service, service_handler handler,
		 const struct rpc_caller *caller, const struct endpoint_buffer *b, uint32_t req_len,
		 uint32_t words[TS_RPC_REGS])
{
	size_t room = b->len < ep->message_max ? b->len : ep->message_max;
	enum ts_rpc_status rpc_status;
	int32_t status = 0;
	struct reader req;
	struct writer resp;

	if (req_len)
		memcpy(ep->request, b->addr, req_len);
	reader_init(&req, ep->request, req_len);
	writer_init(&resp, ep->response, room);

	rpc_status = handler(service->ctx, caller, &req, &resp, &status);
	if (rpc_status == TS_RPC_SUCCESS && status == 0 && resp.failed)
		rpc_status = TS_RPC_ERROR_INTERNAL;

	answer(words, rpc_status);
	if (rpc_status == TS_RPC_SUCCESS) {
		words[TS_RPC_REG_SERVICE_STATUS] = (uint32_t)status;
		if (status == 0 && resp.len) {
			memcpy(b->addr, ep->response, resp.len);
			words[TS_RPC_REG_RESP_LEN] = (uint32_t)resp.len;
		}
	}

	secure_wipe(ep->request, req_len);
	secure_wipe(ep->response, resp.len);
}

static void handle_call(struct endpoint *ep, uint16_t source_id, uint8_t interface_id,
			uint32_t words[TS_RPC_REGS])
{
	struct rpc_caller caller = {
		.source_id = source_id,
		.client_id = words[TS_RPC_REG_CLIENT_ID],
		.buffer = words_handle(words),
	};
	const uint16_t opcode = ts_rpc_control_opcode(words[TS_RPC_REG_CONTROL]);
	const uint32_t req_len = words[TS_RPC_REG_REQ_LEN];
	const uint64_t handle = words_handle(words);
	const struct endpoint_buffer *b = &no_buffer;
	const struct service *service;
	service_handler handler;

	if (interface_id >= ep->service_count) {
		answer(words, TS_RPC_ERROR_INVALID_VALUE);
		return;
	}
	service = ep->services[interface_id];
	if (!service) {
		answer(words, TS_RPC_ERROR_INTERNAL);
		return;
	}
	if (handle != TS_RPC_NO_HANDLE)
		b = buffer_find(ep, source_id, handle);
	if (!b) {
		answer(words, TS_RPC_ERROR_NOT_FOUND);
		return;
	}
	if (req_len > b->len) {
		answer(words, TS_RPC_ERROR_INVALID_VALUE);
		return;
	}
	if (req_len > ep->message_max) {
		answer(words, TS_RPC_ERROR_RESOURCE_FAILURE);
		return;
	}
	handler = handler_find(service, opcode);
	if (!handler) {
		answer(words, TS_RPC_ERROR_INVALID_VALUE);
		return;
	}
	caller.account = b->account ? b->account : caller.client_id;
	call(ep, service, handler, &caller, b, req_len, words);
}

void endpoint_init(struct endpoint *ep, const struct endpoint_memory_ops *memory,
		   const struct service *const *services, size_t service_count, void *messages,
		   size_t messages_len)
{
	memset(ep, 0, sizeof(*ep));
	ep->message_max = messages_len / 2;
	ep->request = messages;
	ep->response = ep->request + ep->message_max;
	ep->memory = memory;
	ep->services = services;
	ep->service_count = service_count;
}

void endpoint_handle(struct endpoint *ep, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	const uint32_t control = words[TS_RPC_REG_CONTROL];
	const uint8_t interface_id = ts_rpc_control_interface(control);

	if (control & TS_RPC_RESERVED_MASK)
		answer(words, TS_RPC_ERROR_INVALID_VALUE);
	else if (interface_id == TS_RPC_INTERFACE_MANAGEMENT)
		handle_management(ep, source_id, words);
	else
		handle_call(ep, source_id, interface_id, words);
}
