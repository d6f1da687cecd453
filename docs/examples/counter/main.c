// SPDX-License-Identifier: BSD-3-Clause
/* A partition with one service: each client's own counters, which only go up until power-off. */
#include "counter.h"

#include <psa/error.h>
#include <secure/port/log.h>
#include <secure/port/partition.h>

PARTITION_IMAGE(0xf3e86eaa, 0x3e8c, 0x4966, 0x8f, 0xab, 0x9a, 0x98, 0x1d, 0x5a, 0x8f, 0x76);

#define COUNTER_COUNT	    64
#define COUNTERS_PER_CLIENT 16

static struct counter {
	uint64_t value; /* 0: free */
	uint32_t client_id;
	uint32_t number;
	uint16_t source_id;
} counters[COUNTER_COUNT];

/* The caller's counter, or where to make it, or NULL if there is no room for the caller. */
static struct counter *find(const struct rpc_caller *caller, uint32_t number)
{
	struct counter *room = NULL;
	size_t own = 0;

	for (struct counter *c = counters; c < counters + COUNTER_COUNT; c++) {
		if (!c->value) {
			room = c;
		} else if (c->source_id == caller->source_id && c->client_id == caller->client_id) {
			if (c->number == number)
				return c;
			own++;
		}
	}
	return own < COUNTERS_PER_CLIENT ? room : NULL;
}

/* Both operations. Nothing is changed unless the response fits. */
static enum ts_rpc_status count(const struct rpc_caller *caller, uint64_t step, struct reader *req,
				struct writer *resp, int32_t *status)
{
	struct counter *c;
	uint32_t number;

	if (!reader_u32(req, &number))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	c = find(caller, number);
	if (!c || (!c->value && !step)) {
		*status = step ? PSA_ERROR_INSUFFICIENT_MEMORY : PSA_ERROR_DOES_NOT_EXIST;
		return TS_RPC_SUCCESS;
	}
	if (!writer_u64(resp, c->value + step))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (!c->value)
		log_line("counter: a new one for client 0x%x", (unsigned int)caller->client_id);
	*c = (struct counter){ c->value + step, caller->client_id, number, caller->source_id };
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status next(void *ctx __attribute__((unused)), const struct rpc_caller *caller,
			       struct reader *req, struct writer *resp, int32_t *status)
{
	return count(caller, 1, req, resp, status);
}

static enum ts_rpc_status look(void *ctx __attribute__((unused)), const struct rpc_caller *caller,
			       struct reader *req, struct writer *resp, int32_t *status)
{
	return count(caller, 0, req, resp, status);
}

static const struct service_op ops[] = { { COUNTER_NEXT, next }, { COUNTER_READ, look } };
static const struct service service = { .uuid = COUNTER_UUID_BYTES, .ops = ops, .op_count = 2 };

noreturn void partition_main(void)
{
	static const struct service *const services[] = { &service };
	static _Alignas(16) uint8_t messages[2 * TS_RPC_PAGE_LEN];

	partition_serve_services(services, 1, messages, sizeof(messages));
}
