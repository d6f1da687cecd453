// SPDX-License-Identifier: BSD-3-Clause
/*
 * Storage. Internal trusted storage is a store on NOR flash, which its partition alone owns;
 * protected storage has its data in another region of it, which may as well be one that others
 * read and write.
 */
#include <secure/engine/engine.h>
#include <secure/part/part.h>
#include <secure/port/board.h>
#include <secure/port/entropy.h>
#include <secure/port/flash.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <secure/service/admin.h>
#include <secure/service/device_key.h>
#include <secure/service/protected_storage.h>
#include <secure/service/secure_storage.h>
#include <secure/store/store.h>
#include <secure/wipe.h>
#include <stdbool.h>
#include <tstee/services.h>

static const uint8_t its_uuid[TS_RPC_UUID_LEN] = TSTEE_ITS_UUID_BYTES;
static const uint8_t ps_uuid[TS_RPC_UUID_LEN] = TSTEE_PS_UUID_BYTES;

static struct store internal, area;
static struct protected_storage protected_storage;
static struct secure_storage its, ps;
static struct admin_storage admin_storage = { &its, &ps };

static void log_outdated(const char *name, const struct store *store)
{
	if (store->outdated)
		log_line("its: %s: %u blocks are of another version's format; they will be erased",
			 name, (unsigned int)store->outdated);
}

/*
 * The flash must not leave array mode before the normal world runs. Where that fails each call is told so
 * by the service.
 */
static void first(void)
{
	uint8_t device_key[DEVICE_KEY_LEN];
	psa_status_t status;

	(void)store_mount(&internal, port_flash_open("nor-flash", "nor-base"));
	(void)store_mount_filtered(&area, port_flash_open("ps-flash", "nor-base"),
				   protected_storage_knows, &internal);
	if (internal.newer) {
		log_line("its: a newer version has written the flash: nothing is stored until that "
			 "runs again, or the flash is erased");
		return;
	}
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
 * A partition with crypto starts the engine again, with random numbers, behind this; of the processor it
 * asks the first time only.
 */
static void init(void)
{
	engine_init(&(const struct engine_host){ .log = log_text, .has = port_processor_asked() });
	secure_storage_init(&its, its_uuid, &internal, SECURE_STORAGE_SPACE_ITS);
	secure_storage_init_over(&ps, ps_uuid, &protected_storage_ops, &protected_storage,
				 SECURE_STORAGE_SPACE_PS);
}

static const struct service *const services[] = { &its.service, &ps.service };

static const struct admin_pool_entry pools[] = {
	{ "objects", &internal.objects },
	{ "flash bytes", &internal.bytes },
	{ "protected objects", &area.objects },
	{ "protected flash bytes", &area.bytes },
};

const struct part part_storage = {
	.init = init,
	.first = first,
	.services = services,
	.service_count = sizeof(services) / sizeof(services[0]),
	.pools = pools,
	.pool_count = sizeof(pools) / sizeof(pools[0]),
	.keeper = { &admin_storage_ops, &admin_storage, ADMIN_KIND_ITS, ADMIN_KIND_PS },
};
