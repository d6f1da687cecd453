// SPDX-License-Identifier: BSD-3-Clause
/*
 * The RPC endpoint (TS RPC, protocol version 1). See endpoint.h.
 *
 * An endpoint handles one message at a time, on one thread, so nothing here is locked.
 * A caller may change its shared pages at any moment: a request is therefore copied
 * exactly once, and what is checked is what is used; but for data that a service neither
 * checks nor keeps, and says so.
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

/*
 * Handles are mostly consecutive numbers, so each buffer has a slot of its own, and the search
 * for it begins there. A slot that is taken puts its buffer into the next free one.
 */
static struct endpoint_buffer *slot(struct endpoint *ep, uint64_t handle, size_t step)
{
	return &ep->buffers[(size_t)(handle + step) % ENDPOINT_BUFFER_COUNT];
}

/* The buffer with that handle, whoever shared it, or NULL. */
static struct endpoint_buffer *handle_find(struct endpoint *ep, uint64_t handle)
{
	for (size_t i = 0; i < ENDPOINT_BUFFER_COUNT; i++) {
		struct endpoint_buffer *b = slot(ep, handle, i);

		if (b->addr && b->handle == handle)
			return b;
	}
	return NULL;
}

/* The buffer that @source_id shared as @handle, or NULL. */
static struct endpoint_buffer *buffer_find(struct endpoint *ep, uint16_t source_id, uint64_t handle)
{
	struct endpoint_buffer *b = handle_find(ep, handle);

	return b && b->source_id == source_id ? b : NULL;
}

static uint64_t page_count(size_t len)
{
	return len / TS_RPC_PAGE_LEN + (len % TS_RPC_PAGE_LEN != 0);
}

/* Maps the buffer into @b, whose handle, source and account are known. */
static enum ts_rpc_status buffer_map(struct endpoint *ep, struct endpoint_buffer *b, uint64_t tag)
{
	const struct share_account account = { b->account, b->source_id };
	void *addr = NULL;
	size_t len = 0;
	int err;

	err = ep->memory->retrieve(b->source_id, b->handle, tag, &addr, &len);
	if (err)
		return err == ENDPOINT_NO_MEMORY ? TS_RPC_ERROR_RESOURCE_FAILURE :
						   TS_RPC_ERROR_TRANSPORT_LAYER;

	/* How long it is is known only now. Who is told NOT_FOUND may try again. */
	if (share_take(&ep->page_pool, account, page_count(len)) != SHARE_GRANTED) {
		if (!ep->memory->relinquish(b->handle))
			return share_ever_permits(&ep->page_pool, b->source_id, page_count(len)) ?
				       TS_RPC_ERROR_NOT_FOUND :
				       TS_RPC_ERROR_RESOURCE_FAILURE;
		/* It is still mapped, so it must be known, or it could never be given back. */
		share_note(&ep->page_pool, account, page_count(len));
		b->addr = addr;
		b->len = len;
		return TS_RPC_ERROR_TRANSPORT_LAYER;
	}
	b->addr = addr;
	b->len = len;
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status buffer_retrieve(struct endpoint *ep, uint16_t source_id, uint64_t handle,
					  uint64_t tag)
{
	const struct share_account account = { (uint32_t)tag, source_id };
	struct endpoint_buffer *b;
	enum ts_rpc_status status;
	size_t i = 0;

	if (handle == TS_RPC_NO_HANDLE)
		return TS_RPC_ERROR_INVALID_VALUE;

	/*
	 * A handle names one region in the whole system. To map it again would
	 * leave two slots for one relinquish; to map it for somebody else would
	 * let that one take it from its owner.
	 */
	b = handle_find(ep, handle);
	if (b)
		return b->source_id == source_id ? TS_RPC_ERROR_INVALID_STATE :
						   TS_RPC_ERROR_TRANSPORT_LAYER;
	if (share_take(&ep->buffer_pool, account, 1) != SHARE_GRANTED)
		return TS_RPC_ERROR_NOT_FOUND;

	/* The pool has no more units than there are slots: one is free. */
	do
		b = slot(ep, handle, i++);
	while (b->addr);
	*b = (struct endpoint_buffer){
		.handle = handle,
		.source_id = source_id,
		.account = account.id,
	};
	status = buffer_map(ep, b, tag);
	if (!b->addr) {
		*b = no_buffer;
		share_give(&ep->buffer_pool, account, 1);
	}
	return status;
}

static enum ts_rpc_status buffer_unmap(struct endpoint *ep, struct endpoint_buffer *b)
{
	const struct share_account account = { b->account, b->source_id };
	const uint64_t handle = b->handle;

	/* While it is still mapped here it must stay known, or it could never be given back. */
	if (ep->memory->relinquish(handle))
		return TS_RPC_ERROR_TRANSPORT_LAYER;

	share_give(&ep->page_pool, account, page_count(b->len));
	share_give(&ep->buffer_pool, account, 1);
	*b = no_buffer;
	for (size_t i = 0; i < ep->service_count; i++) {
		const struct service *service = ep->services[i];

		if (service && service->released)
			service->released(service->ctx, account.source_id, handle);
	}
	return TS_RPC_SUCCESS;
}

/* Without a handle all that the source has shared: whoever was started anew knows none. */
static enum ts_rpc_status buffer_relinquish(struct endpoint *ep, uint16_t source_id,
					    uint64_t handle)
{
	enum ts_rpc_status status = TS_RPC_SUCCESS;
	struct endpoint_buffer *b;

	if (handle != TS_RPC_NO_HANDLE) {
		b = buffer_find(ep, source_id, handle);
		return b ? buffer_unmap(ep, b) : TS_RPC_ERROR_NOT_FOUND;
	}
	for (size_t i = 0; i < ENDPOINT_BUFFER_COUNT; i++) {
		b = &ep->buffers[i];
		if (b->addr && b->source_id == source_id && buffer_unmap(ep, b) != TS_RPC_SUCCESS)
			status = TS_RPC_ERROR_TRANSPORT_LAYER;
	}
	return status;
}

/* service_count: it isn't there. */
static size_t service_index(const struct endpoint *ep, const uint8_t *uuid)
{
	size_t i = 0;

	while (i < ep->service_count &&
	       (!ep->services[i] || memcmp(ep->services[i]->uuid, uuid, TS_RPC_UUID_LEN)))
		i++;
	return i;
}

const struct service *endpoint_service(const struct endpoint *ep, const uint8_t *uuid)
{
	const size_t index = service_index(ep, uuid);

	return index < ep->service_count ? ep->services[index] : NULL;
}

static enum ts_rpc_status interface_query(const struct endpoint *ep, const uint32_t uuid[4],
					  uint32_t *interface_id)
{
	uint8_t text[TS_RPC_UUID_LEN];
	size_t index;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(uuid[i / 4] >> (8 * (i % 4)));
	index = service_index(ep, text);
	if (index == ep->service_count)
		return TS_RPC_ERROR_NOT_FOUND;
	*interface_id = (uint32_t)index;
	return TS_RPC_SUCCESS;
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

/*
 * Opcodes of a service mostly follow one another, so the first guess is mostly right; else they mostly
 * ascend.
 */
static service_handler handler_find(const struct service *service, uint16_t opcode)
{
	const struct service_op *ops = service->ops;
	size_t low = 0, high = service->op_count, guess;

	if (!high)
		return NULL;

	guess = (size_t)opcode - ops[0].opcode;
	if (guess < high && ops[guess].opcode == opcode)
		return ops[guess].handler;

	while (low < high) {
		guess = (low + high) / 2;
		if (ops[guess].opcode == opcode)
			return ops[guess].handler;
		if (ops[guess].opcode < opcode)
			low = guess + 1;
		else
			high = guess;
	}
	for (size_t i = 0; i < service->op_count; i++) {
		if (ops[i].opcode == opcode)
			return ops[i].handler;
	}
	return NULL;
}

static enum ts_rpc_status run(const struct service *service, service_handler handler,
			      const struct rpc_caller *caller, struct reader *req,
			      struct writer *resp, int32_t *status)
{
	enum ts_rpc_status ret;

	*status = 0;
	ret = handler(service->ctx, caller, req, resp, status);
	if (ret == TS_RPC_SUCCESS && *status == 0 && resp->failed)
		ret = TS_RPC_ERROR_INTERNAL;
	return ret;
}

enum ts_rpc_status service_call(const struct service *service, const struct rpc_caller *caller,
				uint16_t opcode, struct reader *req, struct writer *resp,
				int32_t *status)
{
	const service_handler handler = handler_find(service, opcode);

	*status = 0;
	return handler ? run(service, handler, caller, req, resp, status) :
			 TS_RPC_ERROR_INVALID_VALUE;
}

/* Copies of the request what is to be copied. How much that is. */
static size_t take_request(struct endpoint *ep, const struct service *service, uint16_t opcode,
			   const struct endpoint_buffer *b, size_t len, struct reader *req)
{
	const size_t wanted = service->copied ? service->copied(opcode) : SIZE_MAX;
	const size_t copied = len < wanted ? len : wanted;

	if (copied)
		memcpy(ep->request, b->addr, copied);
	reader_init(req, ep->request, copied);
	if (copied < len) {
		req->left = b->addr + copied;
		req->left_len = len - copied;
	}
	return copied;
}

/* Copies the request in, calls, copies the response out, and forgets both. */
static void call(struct endpoint *ep, const struct service *service, service_handler handler,
		 const struct rpc_caller *caller, const struct endpoint_buffer *b, uint32_t req_len,
		 uint32_t words[TS_RPC_REGS])
{
	const uint16_t opcode = ts_rpc_control_opcode(words[TS_RPC_REG_CONTROL]);
	size_t room = b->len < ep->message_max ? b->len : ep->message_max;
	enum ts_rpc_status rpc_status;
	struct reader req;
	struct writer resp;
	size_t copied;
	int32_t status;

	copied = take_request(ep, service, opcode, b, req_len, &req);
	writer_init(&resp, ep->response, room);

	rpc_status = run(service, handler, caller, &req, &resp, &status);
	answer(words, rpc_status);
	if (rpc_status == TS_RPC_SUCCESS) {
		words[TS_RPC_REG_SERVICE_STATUS] = (uint32_t)status;
		if (status == 0 && resp.len) {
			memcpy(b->addr, ep->response, resp.len);
			words[TS_RPC_REG_RESP_LEN] = (uint32_t)resp.len;
		}
	}

	secure_wipe(ep->request, copied);
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
	share_init(&ep->buffer_pool, ENDPOINT_BUFFER_COUNT, ENDPOINT_BUFFER_RESERVE,
		   ep->buffer_holders, ENDPOINT_HOLDER_COUNT);
	share_init(&ep->page_pool, ENDPOINT_PAGE_COUNT, ENDPOINT_PAGE_RESERVE, ep->page_holders,
		   ENDPOINT_HOLDER_COUNT);
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
