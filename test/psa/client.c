// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Mbed TLS's test helpers ask its PSA core and a client can't, for the programs that are
 * linked with libtstee: in place of the helpers that look into the core, and of the core's
 * own functions. Keys are followed by ID, through the API.
 */
#include <string.h>

#include <psa_crypto_slot_management.h>
#include <psa_crypto_storage.h>
#include <test/helpers.h>
#include <test/macros.h>
#include <test/psa_crypto_helpers.h>

/* More than any test case makes. */
#define KEYS_MAX 16

static mbedtls_svc_key_id_t keys[KEYS_MAX];
static size_t key_count;

int mbedtls_test_uses_key_id(mbedtls_svc_key_id_t key_id)
{
	if (key_id > PSA_MAX_PERSISTENT_KEY_IDENTIFIER)
		return 1;
	for (size_t i = 0; i < key_count; i++) {
		if (keys[i] == key_id)
			return 1;
	}
	if (key_count == KEYS_MAX)
		return 0;
	keys[key_count++] = key_id;
	return 1;
}

void mbedtls_test_psa_purge_key_storage(void)
{
	/* A test may have shut down before. */
	if (key_count && psa_crypto_init() != PSA_SUCCESS)
		mbedtls_test_fail("keys can't be destroyed", __LINE__, __FILE__);
	while (key_count)
		psa_destroy_key(keys[--key_count]);
}

void mbedtls_test_psa_purge_key_cache(void)
{
	for (size_t i = 0; i < key_count; i++)
		psa_purge_key(keys[i]);
}

/* The core's slots are out of sight; the service's own tests count them. */
void mbedtls_psa_get_stats(mbedtls_psa_stats_t *stats)
{
	memset(stats, 0, sizeof(*stats));
}

const char *mbedtls_test_helper_is_psa_leaking(void)
{
	return NULL;
}

int mbedtls_test_fail_if_psa_leaking(int line_no, const char *filename)
{
	(void)line_no;
	(void)filename;
	return 0;
}

/* An operation is a handle, which has no part that an initializer could leave as it was. */
#define INIT_SHORT(name, INIT)             \
	name##_t name##_init_short(void)   \
	{                                  \
		name##_t operation = INIT; \
                                           \
		return operation;          \
	}

INIT_SHORT(psa_hash_operation, PSA_HASH_OPERATION_INIT)
INIT_SHORT(psa_mac_operation, PSA_MAC_OPERATION_INIT)
INIT_SHORT(psa_cipher_operation, PSA_CIPHER_OPERATION_INIT)
INIT_SHORT(psa_aead_operation, PSA_AEAD_OPERATION_INIT)
INIT_SHORT(psa_key_derivation_operation, PSA_KEY_DERIVATION_OPERATION_INIT)
INIT_SHORT(psa_pake_operation, PSA_PAKE_OPERATION_INIT)
INIT_SHORT(psa_sign_hash_interruptible_operation, PSA_SIGN_HASH_INTERRUPTIBLE_OPERATION_INIT)
INIT_SHORT(psa_verify_hash_interruptible_operation, PSA_VERIFY_HASH_INTERRUPTIBLE_OPERATION_INIT)

/* Who may sign hashes may sign messages. */
psa_key_usage_t mbedtls_test_update_key_usage_flags(psa_key_usage_t usage_flags)
{
	if (usage_flags & PSA_KEY_USAGE_SIGN_HASH)
		usage_flags |= PSA_KEY_USAGE_SIGN_MESSAGE;
	if (usage_flags & PSA_KEY_USAGE_VERIFY_HASH)
		usage_flags |= PSA_KEY_USAGE_VERIFY_MESSAGE;
	return usage_flags;
}

/* Big-endian; what is longer than 8 bytes is no number. */
uint64_t mbedtls_test_parse_binary_string(data_t *bin_string)
{
	uint64_t value = 0;

	if (bin_string->len > sizeof(value)) {
		mbedtls_test_fail("a number of more than 8 bytes", __LINE__, __FILE__);
		return 0;
	}
	for (uint32_t i = 0; i < bin_string->len; i++)
		value = value << 8 | bin_string->x[i];
	return value;
}

int psa_is_key_present_in_storage(const mbedtls_svc_key_id_t key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	return psa_get_key_attributes(key, &attributes) == PSA_SUCCESS;
}

psa_status_t psa_destroy_persistent_key(const mbedtls_svc_key_id_t key)
{
	return psa_destroy_key(key);
}

/* How a key is laid out in storage is the core's business. See exceptions. */
void psa_format_key_data_for_storage(const uint8_t *data, const size_t data_length,
				     const psa_key_attributes_t *attributes, uint8_t *storage_data)
{
	(void)data;
	(void)data_length;
	(void)attributes;
	(void)storage_data;
}

psa_status_t psa_parse_key_data_from_storage(const uint8_t *storage_data,
					     size_t storage_data_length, uint8_t **key_data,
					     size_t *key_data_length,
					     psa_key_attributes_t *attributes)
{
	(void)storage_data;
	(void)storage_data_length;
	*key_data = NULL;
	*key_data_length = 0;
	*attributes = psa_key_attributes_init();
	return PSA_ERROR_NOT_SUPPORTED;
}
