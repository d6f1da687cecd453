// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: its table of operations, its beginning and its end. */
#include "crypto_internal.h"
#include <string.h>

static const struct service_op crypto_ops[] = {
	{ CRYPTO_GENERATE_KEY, crypto_generate_key },
	{ CRYPTO_DESTROY_KEY, crypto_destroy_key },
	{ CRYPTO_EXPORT_KEY, crypto_export_key },
	{ CRYPTO_EXPORT_PUBLIC_KEY, crypto_export_public_key },
	{ CRYPTO_IMPORT_KEY, crypto_import_key },
	{ CRYPTO_SIGN_HASH, crypto_sign_hash },
	{ CRYPTO_VERIFY_HASH, crypto_verify_hash },
	{ CRYPTO_ASYMMETRIC_DECRYPT, crypto_asymmetric_decrypt },
	{ CRYPTO_ASYMMETRIC_ENCRYPT, crypto_asymmetric_encrypt },
	{ CRYPTO_GENERATE_RANDOM, crypto_generate_random },
	{ CRYPTO_COPY_KEY, crypto_copy_key },
	{ CRYPTO_PURGE_KEY, crypto_purge_key },
	{ CRYPTO_GET_KEY_ATTRIBUTES, crypto_get_key_attributes },
	{ CRYPTO_SIGN_MESSAGE, crypto_sign_message },
	{ CRYPTO_VERIFY_MESSAGE, crypto_verify_message },
	{ CRYPTO_HASH_SETUP, crypto_hash_setup },
	{ CRYPTO_HASH_UPDATE, crypto_hash_update },
	{ CRYPTO_HASH_FINISH, crypto_hash_finish },
	{ CRYPTO_HASH_ABORT, crypto_hash_abort },
	{ CRYPTO_HASH_VERIFY, crypto_hash_verify },
	{ CRYPTO_HASH_CLONE, crypto_hash_clone },
};

psa_status_t crypto_init(struct crypto *crypto, const uint8_t *uuid,
			 const struct crypto_platform *platform)
{
	*crypto = (struct crypto){
		.service = {
			.ops = crypto_ops,
			.op_count = sizeof(crypto_ops) / sizeof(crypto_ops[0]),
			.ctx = crypto,
			.released = crypto_released,
		},
		.platform = *platform,
	};
	memcpy(crypto->service.uuid, uuid, TS_RPC_UUID_LEN);
	crypto_platform_set(crypto);
	return psa_crypto_init();
}

void crypto_exit(struct crypto *crypto)
{
	crypto_clients_clear(crypto);
	mbedtls_psa_crypto_free();
	crypto_platform_set(NULL);
}
