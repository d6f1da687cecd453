// SPDX-License-Identifier: BSD-3-Clause
/*
 * The partition for internal trusted storage: one service, over a store on NOR flash,
 * which this partition alone owns.
 */
#include <secure/port/flash.h>
#include <secure/port/memory.h>
#include <secure/port/partition.h>
#include <secure/service/secure_storage.h>
#include <secure/store/store.h>
#include <stdbool.h>
#include <tstee/services.h>

PARTITION_IMAGE(0xdc1eef48, 0xb17a, 0x4ccf, 0xac, 0x8b, 0xdf, 0xcf, 0xf7, 0x71, 0x1b, 0x14);

static const uint8_t its_uuid[TS_RPC_UUID_LEN] = TSTEE_ITS_UUID_BYTES;

static struct store store;
static struct secure_storage its;
static struct endpoint endpoint;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static bool mounted;

/*
 * The flash must not leave array mode before the normal world runs, so it is looked at
 * when the first message comes. If it can't be read, the service says so to each call.
 */
static void handle(void *ctx, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	if (!mounted) {
		(void)store_mount(&store, port_flash_open("nor-flash", "nor-base"));
		mounted = true;
	}
	endpoint_handle(ctx, source_id, words);
}

noreturn void partition_main(void)
{
	static const struct service *const services[] = { &its.service };

	secure_storage_init(&its, its_uuid, &store, SECURE_STORAGE_SPACE_ITS);
	endpoint_init(&endpoint, &port_memory_ops, services, 1, messages, sizeof(messages));
	partition_serve(handle, &endpoint);
}
