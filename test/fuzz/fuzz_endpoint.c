// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the endpoint with the storage services: the input is a sequence of
 * messages, each a byte that says how much follows, words, and bytes for the shared page. Buffers
 * are charged to whoever they are shared for.
 * libFuzzer's interface; replay.c drives it without libFuzzer.
 */
#include <secure/port/host/flash_model.h>
#include <secure/service/secure_storage.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/secure_storage.h>
#include <tstee/services.h>

#define PAGE_COUNT  2u
#define BLOCK_LEN   8192u
#define BLOCK_COUNT 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static struct store store;
static struct secure_storage its, ps;
static uint8_t *pages; /* on the heap, so that the sanitizer sees every step beyond */
static int mapped;

static int map(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source_id;
	if (tag == 1)
		return -1;
	mapped++;
	*addr = pages;
	*len = handle & 1 ? TS_RPC_PAGE_LEN : PAGE_COUNT * TS_RPC_PAGE_LEN;
	return 0;
}

static int unmap(uint64_t handle)
{
	if (handle == 3)
		return -1;
	mapped--;
	return 0;
}

/* The next @len bytes of the input, zeros behind its end. */
static void take(struct reader *r, void *bytes, size_t len)
{
	const size_t left = r->len - r->pos;
	const uint8_t *p;

	memset(bytes, 0, len);
	if (reader_bytes(r, len < left ? len : left, &p) && p)
		memcpy(bytes, p, len < left ? len : left);
}

static void message(struct reader *r)
{
	uint32_t words[TS_RPC_REGS] = { 0 };
	uint8_t shape[4];
	uint32_t control;

	take(r, shape, sizeof(shape));
	if ((shape[0] & 0xc0) == 0xc0) {
		words[0] = ts_rpc_control(0xff, shape[0] & 1 ? TS_RPC_MEMORY_RETRIEVE :
							       TS_RPC_MEMORY_RELINQUISH);
		words[1] = shape[1];
		words[3] = shape[2];
	} else if (shape[0] & 0x80) {
		take(r, words, sizeof(words));
	} else {
		/* Nearly right, so that the services get their share. */
		words[0] = ts_rpc_control(shape[0] & 1,
					  shape[1] % 9 == 8 ?
						  SECURE_STORAGE_LIST :
						  (uint16_t)(SECURE_STORAGE_SET + shape[1] % 9));
		words[1] = shape[0] >> 1 & 3;
		words[3] = shape[2];
		words[4] = shape[3] & 1 ? 0x800003e8 : 0;
		take(r, pages, shape[2]);
		memset(pages + 1, 0, 7);
	}
	control = words[0];
	endpoint_handle(&ep, shape[3] & 2 ? 0x8003 : 0, words);
	if (words[0] != control || words[4] || words[3] > PAGE_COUNT * TS_RPC_PAGE_LEN)
		abort();
}

/* The pools say what the table holds. */
static void check_pools(void)
{
	const struct share_account *after = NULL;
	const struct share_holder *holder;
	uint64_t buffers = 0, buffer_pages = 0, held = 0;

	for (size_t i = 0; i < ENDPOINT_BUFFER_COUNT; i++) {
		if (ep.buffers[i].addr) {
			buffers++;
			buffer_pages += ep.buffers[i].len / TS_RPC_PAGE_LEN;
		}
	}
	while ((holder = share_next(&ep.buffer_pool, after)) != NULL) {
		held += holder->units;
		after = &holder->account;
	}
	if (ep.buffer_pool.taken != buffers || held != buffers ||
	    ep.page_pool.taken != buffer_pages || (uint64_t)mapped != buffers)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t its_uuid[] = TSTEE_ITS_UUID_BYTES, ps_uuid[] = TSTEE_PS_UUID_BYTES;
	static const struct endpoint_memory_ops memory = { map, unmap };
	static const struct service *const services[] = { &its.service, &ps.service };
	struct flash_model flash;
	struct reader r;

	pages = calloc(PAGE_COUNT, TS_RPC_PAGE_LEN);
	if (!pages || flash_model_create(&flash, BLOCK_LEN, BLOCK_COUNT, 1) ||
	    store_mount(&store, &flash.flash) != PSA_SUCCESS)
		abort();
	secure_storage_init(&its, its_uuid, &store, SECURE_STORAGE_SPACE_ITS);
	secure_storage_init(&ps, ps_uuid, &store, SECURE_STORAGE_SPACE_PS);
	endpoint_init(&ep, &memory, services, 2, messages, sizeof(messages));
	mapped = 0;

	/* Two buffers of each source to start with. */
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE), i };

		endpoint_handle(&ep, i & 1 ? 0x8003 : 0, words);
	}

	reader_init(&r, data, size);
	while (r.pos < r.len)
		message(&r);
	check_pools();

	if (flash.misuse || mapped > ENDPOINT_BUFFER_COUNT || mapped < 0)
		abort();
	flash_model_close(&flash);
	free(pages);
	return 0;
}
