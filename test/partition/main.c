// SPDX-License-Identifier: BSD-3-Clause
/*
 * The test partitions: their services misbehave when told to (test_service.h). Below the
 * endpoint sit memory operations that lie about what is mapped, above it a handler that
 * forges responses; the endpoint itself is the one that all partitions have.
 */
#include "test_service.h"

#include <psa/error.h>
#if !__STDC_HOSTED__
#include <secure/port/bare/entropy_seed.h>
#endif
#include <secure/port/clock.h>
#include <secure/port/ffa.h>
#include <secure/port/log.h>
#include <secure/port/memory.h>
#include <secure/port/partition.h>
#include <string.h>

/* Two images of one source: the second is there to be killed. */
#ifdef TEST_VICTIM
PARTITION_IMAGE(0x5e21c7d3, 0x90ab, 0x4f36, 0x8d, 0x14, 0x2b, 0x6f, 0x0c, 0x93, 0xa7, 0x03);
#define SERVICE_UUID_BYTES TEST_VICTIM_SERVICE_UUID_BYTES
#else
PARTITION_IMAGE(0x5e21c7d3, 0x90ab, 0x4f36, 0x8d, 0x14, 0x2b, 0x6f, 0x0c, 0x93, 0xa7, 0x01);
#define SERVICE_UUID_BYTES TEST_SERVICE_UUID_BYTES
#endif

#define ALWAYS	    UINT32_MAX
#define SPIN_MAX_US 60000000u

/* Room for strays beside the buffers that the endpoint knows. */
#define REGION_COUNT (2 * ENDPOINT_BUFFER_COUNT)

struct region {
	uint64_t handle;
	uint8_t *addr; /* NULL: free */
	size_t len;
	bool stray;
};

/* One value that waits for its moment. */
struct armed {
	bool set;
	uint32_t value;
};

static struct region regions[REGION_COUNT];
static struct endpoint endpoint;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];

static struct armed response_len;
static struct armed bad_interface;
static struct armed bad_version;
static bool wrong_echo;
static bool keep_mapped;
static bool fail_retrieve;
static uint32_t refuse_relinquish;

static struct region *region_find(uint64_t handle, bool stray)
{
	for (struct region *r = regions; r < regions + REGION_COUNT; r++) {
		if (r->addr && r->handle == handle && r->stray == stray)
			return r;
	}
	return NULL;
}

static struct region *region_free(void)
{
	for (struct region *r = regions; r < regions + REGION_COUNT; r++) {
		if (!r->addr)
			return r;
	}
	return NULL;
}

static struct test_buffers region_count(void)
{
	struct test_buffers count = { 0, 0 };

	for (const struct region *r = regions; r < regions + REGION_COUNT; r++) {
		count.mapped += r->addr != NULL;
		count.stray += r->addr && r->stray;
	}
	return count;
}

static int region_relinquish(struct region *r)
{
	if (port_memory_ops.relinquish(r->handle))
		return -1;
	memset(r, 0, sizeof(*r));
	return 0;
}

static int relinquish_strays(void)
{
	int ret = 0;

	for (struct region *r = regions; r < regions + REGION_COUNT; r++) {
		if (r->addr && r->stray && region_relinquish(r))
			ret = -1;
	}
	return ret;
}

static int lying_retrieve(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr,
			  size_t *len)
{
	struct region *r = region_free();

	if (!r || port_memory_ops.retrieve(source_id, handle, tag, addr, len))
		return -1;
	*r = (struct region){
		.handle = handle,
		.addr = *addr,
		.len = *len,
		.stray = fail_retrieve,
	};
	return fail_retrieve ? -1 : 0;
}

static int lying_relinquish(uint64_t handle)
{
	struct region *r = region_find(handle, false);

	if (!r)
		return -1;
	if (refuse_relinquish) {
		if (refuse_relinquish != ALWAYS)
			refuse_relinquish--;
		return -1;
	}
	if (keep_mapped) {
		r->stray = true;
		return 0;
	}
	return region_relinquish(r);
}

static const struct endpoint_memory_ops lying_memory_ops = {
	.retrieve = lying_retrieve,
	.relinquish = lying_relinquish,
};

/* Handlers. Those that take one number share this check. */
static enum ts_rpc_status take_value(struct reader *req, uint32_t *value)
{
	return reader_u32(req, value) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INVALID_REQUEST_BODY;
}

static enum ts_rpc_status arm(struct reader *req, struct armed *armed)
{
	const enum ts_rpc_status ret = take_value(req, &armed->value);

	armed->set = ret == TS_RPC_SUCCESS;
	return ret;
}

static enum ts_rpc_status done(bool fits)
{
	return fits ? TS_RPC_SUCCESS : TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

#define HANDLER(name)                                                                           \
	static enum ts_rpc_status name(void *ctx __attribute__((unused)),                       \
				       const struct rpc_caller *caller __attribute__((unused)), \
				       struct reader *req __attribute__((unused)),              \
				       struct writer *resp __attribute__((unused)),             \
				       int32_t *status __attribute__((unused)))

HANDLER(test_null)
{
	return TS_RPC_SUCCESS;
}

HANDLER(test_echo)
{
	const uint8_t *bytes;
	size_t len;

	if (!reader_rest(req, &bytes, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return done(writer_bytes(resp, bytes, len));
}

HANDLER(test_spin)
{
	uint64_t start;
	uint32_t us;

	if (!reader_u32(req, &us) || us > SPIN_MAX_US)
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	start = port_clock_us();
	while (port_clock_us() - start < us)
		;
	return TS_RPC_SUCCESS;
}

HANDLER(test_whoami)
{
	return done(writer_u32(resp, caller->source_id) && writer_u32(resp, caller->client_id) &&
		    writer_u32(resp, caller->account));
}

HANDLER(test_rpc_status)
{
	uint32_t value;
	const enum ts_rpc_status ret = take_value(req, &value);

	return ret ? ret : (enum ts_rpc_status)value;
}

HANDLER(test_service_status)
{
	uint32_t value;
	const enum ts_rpc_status ret = take_value(req, &value);

	*status = (int32_t)value;
	return ret;
}

HANDLER(test_response_len)
{
	return arm(req, &response_len);
}

HANDLER(test_wrong_echo)
{
	wrong_echo = true;
	return TS_RPC_SUCCESS;
}

HANDLER(test_bad_interface)
{
	return arm(req, &bad_interface);
}

HANDLER(test_bad_version)
{
	return arm(req, &bad_version);
}

HANDLER(test_buffers)
{
	const struct test_buffers count = region_count();

	return done(writer_u32(resp, count.mapped) && writer_u32(resp, count.stray));
}

HANDLER(test_refuse_relinquish)
{
	return take_value(req, &refuse_relinquish);
}

/* Off lets everything go that was kept. */
static enum ts_rpc_status switch_lie(struct reader *req, bool *lie)
{
	uint32_t on;

	if (!reader_u32(req, &on))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*lie = on != 0;
	return *lie || !relinquish_strays() ? TS_RPC_SUCCESS : TS_RPC_ERROR_TRANSPORT_LAYER;
}

HANDLER(test_keep_mapped)
{
	return switch_lie(req, &keep_mapped);
}

HANDLER(test_fail_retrieve)
{
	return switch_lie(req, &fail_retrieve);
}

HANDLER(test_scribble)
{
	const uint8_t *pattern;
	uint32_t stray_only;
	uint32_t pages = 0;

	if (!reader_bytes(req, TEST_PATTERN_LEN, &pattern) || !reader_u32(req, &stray_only))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;

	for (const struct region *r = regions; r < regions + REGION_COUNT; r++) {
		if (!r->addr || (stray_only && !r->stray))
			continue;
		for (size_t at = 0; at < r->len; at += TS_RPC_PAGE_LEN, pages++)
			memcpy(r->addr + at, pattern, TEST_PATTERN_LEN);
	}
	return done(writer_u32(resp, pages));
}

HANDLER(test_crash)
{
	/* Hidden from the compiler, which may make anything of a NULL pointer. */
	uint8_t *nowhere = NULL;

	__asm__("" : "+r"(nowhere));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	/* These would report it as if it were not meant. */
	__builtin_trap();
#endif
	*(volatile uint8_t *)nowhere = 0;
	return TS_RPC_SUCCESS;
}

/* Neither ends the message loop nor takes the port's buffers away. */
static bool ffa_function_allowed(uint64_t function)
{
	switch ((uint32_t)function & ~FFA_FUNCTION_64) {
	case FFA_MSG_WAIT:
	case FFA_YIELD:
	case FFA_MSG_SEND_DIRECT_RESP:
	case FFA_RXTX_UNMAP:
	case FFA_ERROR: /* one SPM core takes it for the end of the call */
		return false;
	default:
		return true;
	}
}

HANDLER(test_ffa)
{
	struct ffa_regs regs = { { 0 } };
	const uint8_t *tx;
	uint32_t tx_len;
	bool fits = true;

	for (size_t i = 0; i < FFA_REGS_1_1; i++) {
		if (!reader_u64(req, &regs.x[i]))
			return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	}
	if (!reader_u32(req, &tx_len) || tx_len > FFA_PAGE_LEN || !reader_bytes(req, tx_len, &tx))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!ffa_function_allowed(regs.x[0]))
		return TS_RPC_ERROR_INVALID_VALUE;
	if (writer_room(resp) < sizeof(struct test_ffa_result))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	memcpy(ffa_tx(), tx, tx_len);
	ffa_call(&regs);
	for (size_t i = 0; i < FFA_REGS_1_1; i++)
		fits = fits && writer_u64(resp, regs.x[i]);
	return done(fits && writer_bytes(resp, ffa_rx(), FFA_PAGE_LEN));
}

HANDLER(test_ffa_info)
{
	static void *pages;

	if (!pages)
		pages = partition_pages(TEST_FFA_PAGES);
	return done(writer_u32(resp, ffa_own_id()) &&
		    writer_u32(resp, pages ? TEST_FFA_PAGES : 0) &&
		    writer_u64(resp, (uintptr_t)pages));
}

HANDLER(test_peek)
{
	uint64_t address;
	uint32_t len;

	if (!reader_u64(req, &address) || !reader_u32(req, &len) || len > TEST_FFA_RX_LEN)
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return done(writer_bytes(resp, (const void *)(uintptr_t)address, len));
}

HANDLER(test_poke)
{
	const uint8_t *bytes;
	uint64_t address;
	size_t len;

	if (!reader_u64(req, &address) || !reader_rest(req, &bytes, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	memcpy((void *)(uintptr_t)address, bytes, len);
	return TS_RPC_SUCCESS;
}

/* How often it was let yield. */
static uint32_t yield(uint32_t wanted, int32_t *refused)
{
	uint32_t count = 0;

	*refused = 0;
	while (count < wanted && !*refused) {
		struct ffa_regs regs = { { FFA_YIELD } };

		ffa_call(&regs);
		if ((uint32_t)regs.x[0] == FFA_ERROR)
			*refused = (int32_t)regs.x[2];
		else
			count++;
	}
	return count;
}

HANDLER(test_yield)
{
	uint32_t wanted, count;
	int32_t refused;

	if (!reader_u32(req, &wanted))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	count = yield(wanted, &refused);
	return done(writer_u32(resp, count) && writer_u32(resp, (uint32_t)refused));
}

#if !__STDC_HOSTED__

HANDLER(test_seed)
{
	static struct entropy_seed memory;
	uint32_t *words = (uint32_t *)&memory, left = 0;
	uint8_t bytes[TEST_SEEDED_LEN];

	for (size_t i = 0; i < sizeof(memory) / sizeof(*words); i++) {
		if (!reader_u32(req, &words[i]))
			return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	}
	if (entropy_seed(&memory, bytes, sizeof(bytes))) {
		*status = PSA_ERROR_HARDWARE_FAILURE;
		return TS_RPC_SUCCESS;
	}
	for (size_t i = 0; i < sizeof(memory) / sizeof(*words); i++)
		left += ((volatile uint32_t *)words)[i] != 0;
	return done(writer_bytes(resp, bytes, sizeof(bytes)) && writer_u32(resp, left));
}

#endif

HANDLER(test_yield_sometimes)
{
	int32_t refused;

	*status = (int32_t)yield(TEST_YIELDS, &refused);
	return TS_RPC_SUCCESS;
}

HANDLER(test_message)
{
	uint32_t receiver, words[TS_RPC_REGS];
	bool fits;

	static_assert(TS_RPC_REGS == TEST_MESSAGE_WORDS, "test_service.h");
	if (!reader_u32(req, &receiver))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	for (size_t i = 0; i < TS_RPC_REGS; i++)
		if (!reader_u32(req, &words[i]))
			return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	fits = writer_u32(resp, (uint32_t)ffa_message((uint16_t)receiver, words));
	for (size_t i = 0; i < TS_RPC_REGS; i++)
		fits = fits && writer_u32(resp, words[i]);
	return done(fits);
}

HANDLER(test_reset)
{
	struct ffa_regs release = { { FFA_RX_RELEASE } };

	/* No buffer can be shared while a raw call's answer is in RX; mostly there is none. */
	ffa_call(&release);
	response_len.set = false;
	bad_interface.set = false;
	bad_version.set = false;
	wrong_echo = false;
	keep_mapped = false;
	fail_retrieve = false;
	refuse_relinquish = 0;
	return relinquish_strays() ? TS_RPC_ERROR_TRANSPORT_LAYER : TS_RPC_SUCCESS;
}

static const struct service_op test_ops[] = {
	{ TEST_NULL, test_null },
	{ TEST_ECHO, test_echo },
	{ TEST_SPIN, test_spin },
	{ TEST_WHOAMI, test_whoami },
	{ TEST_RPC_STATUS, test_rpc_status },
	{ TEST_SERVICE_STATUS, test_service_status },
	{ TEST_RESPONSE_LEN, test_response_len },
	{ TEST_WRONG_ECHO, test_wrong_echo },
	{ TEST_BAD_INTERFACE, test_bad_interface },
	{ TEST_BAD_VERSION, test_bad_version },
	{ TEST_BUFFERS, test_buffers },
	{ TEST_REFUSE_RELINQUISH, test_refuse_relinquish },
	{ TEST_KEEP_MAPPED, test_keep_mapped },
	{ TEST_FAIL_RETRIEVE, test_fail_retrieve },
	{ TEST_SCRIBBLE, test_scribble },
	{ TEST_CRASH, test_crash },
	{ TEST_RESET, test_reset },
	{ TEST_FFA, test_ffa },
	{ TEST_FFA_INFO, test_ffa_info },
	{ TEST_PEEK, test_peek },
	{ TEST_POKE, test_poke },
	{ TEST_YIELD, test_yield },
#if !__STDC_HOSTED__
	{ TEST_SEED, test_seed },
#endif
	{ TEST_YIELD_SOMETIMES, test_yield_sometimes },
	{ TEST_MESSAGE, test_message },
};

static const struct service test_service = {
	.uuid = SERVICE_UUID_BYTES,
	.ops = test_ops,
	.op_count = sizeof(test_ops) / sizeof(test_ops[0]),
};

#ifndef TEST_VICTIM
HANDLER(inverting_echo)
{
	const uint8_t *bytes;
	uint8_t *out;
	size_t len;

	if (!reader_rest(req, &bytes, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (len > writer_room(resp))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	out = writer_tail(resp);
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)~bytes[i];
	return done(writer_advance(resp, len));
}

static const struct service_op inverting_ops[] = {
	{ TEST_NULL, test_null },
	{ TEST_ECHO, inverting_echo },
};

static const struct service inverting_service = {
	.uuid = TEST_INVERTING_SERVICE_UUID_BYTES,
	.ops = inverting_ops,
	.op_count = sizeof(inverting_ops) / sizeof(inverting_ops[0]),
};
#endif

static const struct service *const services[] = {
	&test_service,
#ifndef TEST_VICTIM
	&inverting_service,
#endif
};

/* Sets off what a management call of that opcode sets off. */
static void forge_management(uint16_t opcode, uint32_t words[TS_RPC_REGS])
{
	switch (opcode) {
	case TS_RPC_VERSION_GET:
		if (bad_version.set)
			words[TS_RPC_REG_VERSION] = bad_version.value;
		break;
	case TS_RPC_MEMORY_RELINQUISH:
		log_line(TEST_RELINQUISH_LINE, region_count().mapped);
		break;
	case TS_RPC_INTERFACE_ID_QUERY:
		if (bad_interface.set) {
			words[TS_RPC_REG_STATUS] = TS_RPC_SUCCESS;
			words[TS_RPC_REG_INTERFACE_ID] = bad_interface.value;
			bad_interface.set = false;
		}
		break;
	default:
		break;
	}
}

/* Sets off what an earlier call has armed; this one may arm the next. */
static void handle_service_call(uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	const struct armed len = response_len;
	const bool echo = !wrong_echo;

	response_len.set = false;
	wrong_echo = false;
	endpoint_handle(&endpoint, source_id, words);

	if (len.set) {
		words[TS_RPC_REG_STATUS] = TS_RPC_SUCCESS;
		words[TS_RPC_REG_SERVICE_STATUS] = 0;
		words[TS_RPC_REG_RESP_LEN] = len.value;
	}
	if (!echo)
		words[TS_RPC_REG_CONTROL] ^= 1;
}

static void handle(void *ctx __attribute__((unused)), uint16_t source_id,
		   uint32_t words[TS_RPC_REGS])
{
	const uint32_t control = words[TS_RPC_REG_CONTROL];

	if (ts_rpc_control_interface(control) != TS_RPC_INTERFACE_MANAGEMENT) {
		handle_service_call(source_id, words);
		return;
	}
	endpoint_handle(&endpoint, source_id, words);
	forge_management(ts_rpc_control_opcode(control), words);
}

noreturn void partition_main(void)
{
	endpoint_init(&endpoint, &lying_memory_ops, services,
		      sizeof(services) / sizeof(services[0]), messages, sizeof(messages));
	partition_serve(handle, NULL);
}
