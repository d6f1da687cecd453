// SPDX-License-Identifier: BSD-3-Clause
/*
 * The partition for storage. Internal trusted storage is a store on NOR flash, which this
 * partition alone owns; protected storage has its data in another region of it, which may
 * as well be one that others read and write.
 */
#include <secure/engine/engine.h>
#include <secure/port/board.h>
#include <secure/port/entropy.h>
#include <secure/port/flash.h>
#include <secure/port/log.h>
#include <secure/port/memory.h>
#include <secure/port/partition.h>
#include <secure/service/admin.h>
#include <secure/service/device_key.h>
#include <secure/service/protected_storage.h>
#include <secure/service/secure_storage.h>
#include <secure/store/store.h>
#include <secure/wipe.h>
#include <stdbool.h>
#include <tstee/services.h>

PARTITION_IMAGE(0xdc1eef48, 0xb17a, 0x4ccf, 0xac, 0x8b, 0xdf, 0xcf, 0xf7, 0x71, 0x1b, 0x14);

static const uint8_t its_uuid[TS_RPC_UUID_LEN] = TSTEE_ITS_UUID_BYTES;
static const uint8_t ps_uuid[TS_RPC_UUID_LEN] = TSTEE_PS_UUID_BYTES;

static struct store internal, area;
static struct protected_storage protected_storage;
static struct secure_storage its, ps;
static struct admin admin;
static struct admin_storage admin_storage = { &its, &ps };
static struct endpoint endpoint;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static bool started;

static void log_outdated(const char *name, const struct store *store)
{
	if (store->outdated)
		log_line("its: %s: %u blocks are of another version's format; they will be erased",
			 name, (unsigned int)store->outdated);
}

/* Where that fails each call is told so by the service. */
static void start(void)
{
	uint8_t device_key[DEVICE_KEY_LEN];
	psa_status_t status;

	(void)store_mount(&internal, port_flash_open("nor-flash", "nor-base"));
	(void)store_mount_filtered(&area, port_flash_open("ps-flash", "nor-base"),
				   protected_storage_knows, &internal);
	log_outdated("internal storage", &internal);
	log_outdated("protected storage", &area);
#ifdef BOARD_DEVICE_KEY
	status = BOARD_DEVICE_KEY(device_key) ? PSA_ERROR_HARDWARE_FAILURE : PSA_SUCCESS;
#else
	status = device_key_get(&internal, port_entropy, device_key);
#endif
	if (status == PSA_SUCCESS)
		protected_storage_init(&protected_storage, &internal, &area, device_key,
				       port_entropy);
	else
		log_line("its: no protected storage without a device key: status %d", (int)status);
	secure_wipe(device_key, sizeof(device_key));
}

static void log_text(const char *line)
{
	log_line("%s", line);
}

/*
 * The flash must not leave array mode before the normal world runs, so it is looked at
 * when the first message comes.
 */
static void handle(void *ctx, uint16_t source_id, uint32_t words[TS_RPC_REGS])
{
	if (!started)
		start();
	started = true;
	endpoint_handle(ctx, source_id, words);
}

noreturn void partition_main(void)
{
	static const struct service *const services[] = { &its.service, &ps.service,
							  &admin.service };
	static const struct admin_pool_entry pools[] = {
		{ "objects", &internal.objects },
		{ "flash bytes", &internal.bytes },
		{ "protected objects", &area.objects },
		{ "protected flash bytes", &area.bytes },
	};

	engine_init(&(const struct engine_host){ .log = log_text });
	secure_storage_init(&its, its_uuid, &internal, SECURE_STORAGE_SPACE_ITS);
	secure_storage_init_over(&ps, ps_uuid, &protected_storage_ops, &protected_storage,
				 SECURE_STORAGE_SPACE_PS);
	admin_init(&admin, pools, sizeof(pools) / sizeof(pools[0]), &admin_storage_ops,
		   &admin_storage);
	endpoint_init(&endpoint, &port_memory_ops, services, sizeof(services) / sizeof(services[0]),
		      messages, sizeof(messages));
	partition_serve(handle, &endpoint);
}
