// SPDX-License-Identifier: BSD-3-Clause
/* FF-A v1.1 (DEN0077A) by SVC. See ffa.h. */
#include <secure/port/sel0/ffa.h>
#include <string.h>

#ifdef __ARM_FP
#error "compile with -mgeneral-regs-only: vector registers do not survive an FF-A call"
#endif

static _Alignas(FFA_PAGE_LEN) uint8_t rx_buffer[FFA_PAGE_LEN];
static _Alignas(FFA_PAGE_LEN) uint8_t tx_buffer[FFA_PAGE_LEN];
static uint16_t own_id;

void ffa_call(struct ffa_regs *regs)
{
	register uint64_t x0 __asm__("x0") = regs->x[0];
	register uint64_t x1 __asm__("x1") = regs->x[1];
	register uint64_t x2 __asm__("x2") = regs->x[2];
	register uint64_t x3 __asm__("x3") = regs->x[3];
	register uint64_t x4 __asm__("x4") = regs->x[4];
	register uint64_t x5 __asm__("x5") = regs->x[5];
	register uint64_t x6 __asm__("x6") = regs->x[6];
	register uint64_t x7 __asm__("x7") = regs->x[7];

	__asm__ volatile("svc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6),
			   "+r"(x7)
			 :
			 : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
			   "x18", "cc", "memory");
	*regs = (struct ffa_regs){ { x0, x1, x2, x3, x4, x5, x6, x7 } };
}

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

int ffa_init(void)
{
	struct ffa_regs id = { { FFA_ID_GET } };
	struct ffa_regs map = { {
		FFA_RXTX_MAP | FFA_FUNCTION_64,
		(uintptr_t)tx_buffer,
		(uintptr_t)rx_buffer,
		sizeof(rx_buffer) / FFA_PAGE_LEN,
	} };
	int ret = simple_call(&id);

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
	const struct ffa_memory_transaction *transaction = (const void *)rx_buffer;
	const struct ffa_memory_access *access;
	const struct ffa_memory_composite *composite;
	const struct ffa_memory_range *range;

	if (len > sizeof(rx_buffer))
		len = sizeof(rx_buffer);
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
	    len < sizeof(*composite) + sizeof(*range) ||
	    access->composite_offset > len - sizeof(*composite) - sizeof(*range))
		return FFA_DENIED;

	composite = (const void *)(rx_buffer + access->composite_offset);
	range = (const void *)(composite + 1);
	if (composite->range_count != 1 || !range->page_count || !range->address ||
	    range->address % FFA_PAGE_LEN)
		return FFA_DENIED;

	*addr = (void *)(uintptr_t)range->address;
	*region_len = (size_t)range->page_count * FFA_PAGE_LEN;
	return 0;
}

int ffa_retrieve(uint16_t sender, uint64_t handle, void **addr, size_t *len)
{
	/*
	 * The form that all SPM cores take: the address is left to them by saying
	 * nothing about the composite region at all.
	 */
	const struct {
		struct ffa_memory_transaction transaction;
		struct ffa_memory_access access;
	} request = {
		.transaction = {
			.sender_id = sender,
			.flags = FFA_MEMORY_SHARE,
			.handle = handle,
			.access_len = sizeof(struct ffa_memory_access),
			.access_count = 1,
			.access_offset = sizeof(struct ffa_memory_transaction),
		},
		.access = {
			.receiver_id = own_id,
			.permissions = FFA_MEMORY_READ_WRITE,
		},
	};
	struct ffa_regs retrieve = { { FFA_MEM_RETRIEVE_REQ, sizeof(request), sizeof(request) } };
	struct ffa_regs release = { { FFA_RX_RELEASE } };
	int ret;

	static_assert(sizeof(request) == 64, "portable form of the retrieve request");
	memcpy(tx_buffer, &request, sizeof(request));
	ffa_call(&retrieve);
	ret = result(&retrieve, FFA_MEM_RETRIEVE_RESP);
	if (ret)
		return ret;

	/* A response in fragments is longer than its first part: too many ranges for us. */
	if (retrieve.x[1] == retrieve.x[2])
		ret = read_retrieve_response(retrieve.x[1], sender, handle, addr, len);
	else
		ret = FFA_DENIED;
	if (simple_call(&release) && !ret)
		ret = FFA_DENIED;
	if (ret)
		(void)ffa_relinquish(handle);
	return ret;
}

int ffa_relinquish(uint64_t handle)
{
	const struct ffa_memory_relinquish request = {
		.handle = handle,
		.endpoint_count = 1,
		.endpoint_ids = { own_id },
	};
	struct ffa_regs regs = { { FFA_MEM_RELINQUISH } };

	memcpy(tx_buffer, &request, FFA_MEMORY_RELINQUISH_LEN);
	return simple_call(&regs);
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
