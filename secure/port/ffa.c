// SPDX-License-Identifier: BSD-3-Clause
/* FF-A v1.1 and v1.2 (DEN0077A) as a partition makes it; the port has ffa_call(). See ffa.h. */
#include <secure/port/ffa.h>
#include <secure/port/manifest.h>
#include <string.h>
#include <tstee/ts_rpc.h>

static uint16_t own_id;

/* 0 when @regs hold @expected as function ID, else the status of FFA_ERROR. */
static int result(const struct ffa_regs *regs, uint32_t expected)
{
	const uint32_t function = (uint32_t)regs->x[0];
	const int32_t status = (int32_t)regs->x[2];

	if ((function & ~FFA_FUNCTION_64) == expected)
		return 0;
	if (function == FFA_ERROR && status < 0)
		return status;
	return FFA_NOT_SUPPORTED;
}

static int simple_call(struct ffa_regs *regs)
{
	ffa_call(regs);
	return result(regs, FFA_SUCCESS);
}

/*
 * Agrees with the SPM core on a version (section 13.2): the one that is asked for, if the core has that or a
 * later one, or the core's. Nothing here depends on which; what needs a later one comes to those who have it.
 */
static int agree_on_version(uint32_t wanted)
{
	struct ffa_regs regs = { { FFA_VERSION, wanted } };
	uint32_t answer;

	ffa_call(&regs);
	answer = (uint32_t)regs.x[0];
	if (answer >> 31 || answer >> 16 != FFA_VERSION_1_1 >> 16 || answer < FFA_VERSION_1_1)
		return FFA_NOT_SUPPORTED;
	return 0;
}

int ffa_init(void)
{
	struct ffa_regs id = { { FFA_ID_GET } };
	struct ffa_regs map = { {
		FFA_RXTX_MAP | FFA_FUNCTION_64,
		(uintptr_t)ffa_tx(),
		(uintptr_t)ffa_rx(),
		ffa_buffer_pages(),
	} };
	int ret = agree_on_version(port_ffa_version());

	/* A core that knows no later one may say no instead. */
	if (ret)
		ret = agree_on_version(FFA_VERSION_1_1);
	if (!ret)
		ret = simple_call(&id);
	if (ret)
		return ret;
	own_id = (uint16_t)id.x[2];
	return simple_call(&map);
}

uint16_t ffa_own_id(void)
{
	return own_id;
}

void ffa_wait(struct ffa_regs *regs)
{
	*regs = (struct ffa_regs){ { FFA_MSG_WAIT } };
	ffa_call(regs);
}

/*
 * Reads the response in the RX buffer, @len bytes. The SPM core wrote it and is trusted,
 * but what it reports was chosen by the sender: whose region it is, and its shape.
 */
static int read_retrieve_response(uint64_t len, uint16_t sender, uint64_t handle, void **addr,
				  size_t *region_len)
{
	const uint8_t *rx_buffer = ffa_rx();
	const struct ffa_memory_transaction *transaction = (const void *)rx_buffer;
	const struct ffa_memory_access *access;
	const struct ffa_memory_composite *composite;

	if (len > ffa_buffer_pages() * FFA_PAGE_LEN)
		len = ffa_buffer_pages() * FFA_PAGE_LEN;
	if (len < sizeof(*transaction) || transaction->sender_id != sender ||
	    transaction->access_count != 1 || transaction->access_len < sizeof(*access) ||
	    (transaction->attributes & FFA_MEMORY_ATTRIBUTES_MASK) != FFA_MEMORY_ATTRIBUTES_SHARED)
		return FFA_DENIED;
	/* Not every SPM core fills in the handle. */
	if (transaction->handle && transaction->handle != handle)
		return FFA_DENIED;
	if (transaction->access_offset % _Alignof(struct ffa_memory_access) ||
	    transaction->access_offset > len - sizeof(*access))
		return FFA_DENIED;

	access = (const void *)(rx_buffer + transaction->access_offset);
	if ((access->permissions & FFA_MEMORY_DATA_MASK) != FFA_MEMORY_READ_WRITE ||
	    access->composite_offset % _Alignof(struct ffa_memory_composite) ||
	    len < sizeof(*composite) || access->composite_offset > len - sizeof(*composite))
		return FFA_DENIED;

	composite = (const void *)(rx_buffer + access->composite_offset);
	len -= access->composite_offset + sizeof(*composite);
	if (composite->range_count > len / sizeof(struct ffa_memory_range))
		return FFA_DENIED;
	return ffa_map(handle, (const void *)(composite + 1), composite->range_count, addr,
		       region_len);
}

/* The composite region of the longer form is empty, and so has no address. */
struct retrieve_request {
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	struct ffa_memory_composite composite;
	struct ffa_memory_range range;
};

/* FFA_MEM_RETRIEVE_REQ with the first @len bytes of @request; @regs receive the response. */
static int retrieve(struct retrieve_request *request, size_t len, struct ffa_regs *regs)
{
	request->access.composite_offset =
		len == sizeof(*request) ? offsetof(struct retrieve_request, composite) : 0;
	memcpy(ffa_tx(), request, len);
	*regs = (struct ffa_regs){ { FFA_MEM_RETRIEVE_REQ, len, len } };
	ffa_call(regs);
	return result(regs, FFA_MEM_RETRIEVE_RESP);
}

/*
 * The address is left to the SPM core. That is said in two ways: by no composite region at
 * all, which one SPM core reads as if it lay at offset 0, where the tag is where the address
 * would be; and by one without an address, which another refuses. So the first is for tag 0,
 * and the second comes first with other tags.
 */
static int retrieve_anywhere(uint16_t sender, uint64_t handle, uint64_t tag, struct ffa_regs *regs)
{
	const size_t short_len = offsetof(struct retrieve_request, composite);
	struct retrieve_request request = {
		.transaction = {
			.sender_id = sender,
			.flags = FFA_MEMORY_SHARE,
			.handle = handle,
			.tag = tag,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = offsetof(struct retrieve_request, access),
		},
		.access = {
			.receiver_id = own_id,
			.permissions = FFA_MEMORY_READ_WRITE,
		},
	};
	int ret = FFA_INVALID_PARAMETERS;

	static_assert(offsetof(struct retrieve_request, composite) == 64 && sizeof(request) == 96,
		      "forms of the retrieve request");
	if (tag)
		ret = retrieve(&request, sizeof(request), regs);
	if (ret == FFA_INVALID_PARAMETERS)
		ret = retrieve(&request, short_len, regs);
	return ret;
}

static int give_up(uint64_t handle)
{
	const struct ffa_memory_relinquish request = {
		.handle = handle,
		.endpoint_count = 1,
		.endpoint_ids = { own_id },
	};
	struct ffa_regs regs = { { FFA_MEM_RELINQUISH } };

	memcpy(ffa_tx(), &request, FFA_MEMORY_RELINQUISH_LEN);
	return simple_call(&regs);
}

int ffa_retrieve(uint16_t sender, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	struct ffa_regs release = { { FFA_RX_RELEASE } };
	struct ffa_regs regs;
	int ret = retrieve_anywhere(sender, handle, tag, &regs);

	if (ret)
		return ret;

	/* A response in fragments is longer than its first part: too many ranges for us. */
	if (regs.x[1] == regs.x[2])
		ret = read_retrieve_response(regs.x[1], sender, handle, addr, len);
	else
		ret = FFA_DENIED;
	if (simple_call(&release) && !ret) {
		ffa_unmap(handle);
		ret = FFA_DENIED;
	}
	if (ret)
		(void)give_up(handle);
	return ret;
}

int ffa_relinquish(uint64_t handle)
{
	const int ret = give_up(handle);

	if (!ret)
		ffa_unmap(handle);
	return ret;
}

/* One region of one range for one receiver. */
struct share_request {
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	struct ffa_memory_composite composite;
	struct ffa_memory_range range;
};

int ffa_share(uint16_t receiver, const void *pages, size_t count, uint64_t *handle)
{
	const struct share_request request = {
		.transaction = {
			.sender_id = own_id,
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = offsetof(struct share_request, access),
		},
		.access = {
			.receiver_id = receiver,
			.permissions = FFA_MEMORY_READ_WRITE,
			.composite_offset = offsetof(struct share_request, composite),
		},
		.composite = { .page_count = (uint32_t)count, .range_count = 1 },
		.range = { .address = (uintptr_t)pages, .page_count = (uint32_t)count },
	};
	struct ffa_regs share = { { FFA_MEM_SHARE, sizeof(request), sizeof(request) } };
	int ret;

	memcpy(ffa_tx(), &request, sizeof(request));
	ret = simple_call(&share);
	if (!ret)
		*handle = share.x[3] << 32 | (uint32_t)share.x[2];
	return ret;
}

int ffa_find_partitions(const uint8_t *uuid, uint16_t *ids, size_t max, size_t *count)
{
	struct ffa_regs get = { { FFA_PARTITION_INFO_GET } };
	struct ffa_regs release = { { FFA_RX_RELEASE } };
	const uint8_t *rx_buffer = ffa_rx();
	size_t len;
	int ret;

	for (size_t i = 0; i < 16; i++)
		get.x[1 + i / 4] |= (uint64_t)uuid[i] << 8 * (i % 4);
	ret = simple_call(&get);
	if (ret)
		return ret;

	/* The length of an entry is the SPM core's to say, from version 1.1 on. */
	len = (uint32_t)get.x[3];
	if (len < sizeof(struct ffa_partition_info) || get.x[2] > FFA_PAGE_LEN / len)
		ret = FFA_NOT_SUPPORTED;
	*count = ret ? 0 : (size_t)get.x[2];
	for (size_t i = 0; i < *count && i < max; i++)
		memcpy(&ids[i], rx_buffer + i * len, sizeof(ids[i]));
	(void)simple_call(&release);
	return ret;
}

int ffa_message(uint16_t receiver, uint32_t *words)
{
	struct ffa_regs regs = { {
		FFA_MSG_SEND_DIRECT_REQ,
		ffa_message_endpoints(own_id, receiver),
	} };
	int ret;

	for (size_t i = 0; i < TS_RPC_REGS; i++)
		regs.x[3 + i] = words[i];
	ffa_call(&regs);
	/*
	 * Some SPM cores hand an interrupt of the normal world to the caller to go on from. A receiver that
	 * yields lets others run that are not this one's to choose.
	 */
	while ((uint32_t)regs.x[0] == FFA_INTERRUPT || (uint32_t)regs.x[0] == FFA_YIELD) {
		regs = (struct ffa_regs){ { FFA_RUN, regs.x[1] } };
		ffa_call(&regs);
	}
	ret = result(&regs, FFA_MSG_SEND_DIRECT_RESP);
	for (size_t i = 0; i < TS_RPC_REGS && !ret; i++)
		words[i] = (uint32_t)regs.x[3 + i];
	return ret;
}

void ffa_console(const char *text, size_t len)
{
	while (len) {
		const size_t part = len < FFA_CONSOLE_LOG_64_LEN ? len : FFA_CONSOLE_LOG_64_LEN;
		struct ffa_regs regs = { { FFA_CONSOLE_LOG | FFA_FUNCTION_64, part } };

		memcpy(&regs.x[2], text, part);
		if (simple_call(&regs))
			return;
		text += part;
		len -= part;
	}
}
