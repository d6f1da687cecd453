// SPDX-License-Identifier: BSD-3-Clause
/* The device key in internal storage. */
#include <secure/service/device_key.h>
#include <secure/service/secure_storage.h>
#include <secure/wipe.h>

static const struct store_key place = { .uid = 1, .space = SECURE_STORAGE_SPACE_DEVICE_KEY };
static const struct share_account payer = { .source_id = SECURE_STORAGE_SELF };

psa_status_t device_key_get(struct store *internal, device_key_random random,
			    uint8_t key[DEVICE_KEY_LEN])
{
	struct store_info info;
	psa_status_t status;
	size_t len;

	status = store_get_info(internal, &place, &info);
	if (status == PSA_ERROR_DOES_NOT_EXIST) {
		status = random(key, DEVICE_KEY_LEN) ? PSA_ERROR_GENERIC_ERROR : PSA_SUCCESS;
		if (status == PSA_SUCCESS)
			status = store_set(internal, &place, &payer, 0, key, DEVICE_KEY_LEN);
	} else if (status == PSA_SUCCESS) {
		status = info.size == DEVICE_KEY_LEN ? PSA_SUCCESS : PSA_ERROR_DATA_CORRUPT;
		if (status == PSA_SUCCESS)
			status = store_read(internal, &place, 0, key, DEVICE_KEY_LEN, &len);
	}
	if (status != PSA_SUCCESS)
		secure_wipe(key, DEVICE_KEY_LEN);
	return status;
}
