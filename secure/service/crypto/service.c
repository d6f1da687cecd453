// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: its table of operations, its beginning and its end. */
#include "internal.h"
#include <secure/engine/engine.h>
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
	{ CRYPTO_VERIFY_PKCS7, crypto_verify_pkcs7 },
	{ CRYPTO_UEFI_FINGERPRINT, crypto_uefi_fingerprint },
	{ CRYPTO_HASH_SETUP, crypto_hash_setup },
	{ CRYPTO_HASH_UPDATE, crypto_hash_update },
	{ CRYPTO_HASH_FINISH, crypto_hash_finish },
	{ CRYPTO_HASH_ABORT, crypto_hash_abort },
	{ CRYPTO_HASH_VERIFY, crypto_hash_verify },
	{ CRYPTO_HASH_CLONE, crypto_hash_clone },
	{ CRYPTO_CIPHER_ENCRYPT_SETUP, crypto_cipher_encrypt_setup },
	{ CRYPTO_CIPHER_DECRYPT_SETUP, crypto_cipher_decrypt_setup },
	{ CRYPTO_CIPHER_GENERATE_IV, crypto_cipher_generate_iv },
	{ CRYPTO_CIPHER_SET_IV, crypto_cipher_set_iv },
	{ CRYPTO_CIPHER_UPDATE, crypto_cipher_update },
	{ CRYPTO_CIPHER_FINISH, crypto_cipher_finish },
	{ CRYPTO_CIPHER_ABORT, crypto_cipher_abort },
	{ CRYPTO_DERIVATION_SETUP, crypto_derivation_setup },
	{ CRYPTO_DERIVATION_GET_CAPACITY, crypto_derivation_get_capacity },
	{ CRYPTO_DERIVATION_SET_CAPACITY, crypto_derivation_set_capacity },
	{ CRYPTO_DERIVATION_INPUT_BYTES, crypto_derivation_input_bytes },
	{ CRYPTO_DERIVATION_INPUT_KEY, crypto_derivation_input_key },
	{ CRYPTO_DERIVATION_OUTPUT_BYTES, crypto_derivation_output_bytes },
	{ CRYPTO_DERIVATION_OUTPUT_KEY, crypto_derivation_output_key },
	{ CRYPTO_DERIVATION_ABORT, crypto_derivation_abort },
	{ CRYPTO_DERIVATION_KEY_AGREEMENT, crypto_derivation_key_agreement },
	{ CRYPTO_RAW_KEY_AGREEMENT, crypto_raw_key_agreement },
	{ CRYPTO_MAC_SIGN_SETUP, crypto_mac_sign_setup },
	{ CRYPTO_MAC_VERIFY_SETUP, crypto_mac_verify_setup },
	{ CRYPTO_MAC_UPDATE, crypto_mac_update },
	{ CRYPTO_MAC_SIGN_FINISH, crypto_mac_sign_finish },
	{ CRYPTO_MAC_VERIFY_FINISH, crypto_mac_verify_finish },
	{ CRYPTO_MAC_ABORT, crypto_mac_abort },
	{ CRYPTO_AEAD_ENCRYPT_SETUP, crypto_aead_encrypt_setup },
	{ CRYPTO_AEAD_DECRYPT_SETUP, crypto_aead_decrypt_setup },
	{ CRYPTO_AEAD_GENERATE_NONCE, crypto_aead_generate_nonce },
	{ CRYPTO_AEAD_SET_NONCE, crypto_aead_set_nonce },
	{ CRYPTO_AEAD_SET_LENGTHS, crypto_aead_set_lengths },
	{ CRYPTO_AEAD_UPDATE_AD, crypto_aead_update_ad },
	{ CRYPTO_AEAD_UPDATE, crypto_aead_update },
	{ CRYPTO_AEAD_FINISH, crypto_aead_finish },
	{ CRYPTO_AEAD_VERIFY, crypto_aead_verify },
	{ CRYPTO_AEAD_ABORT, crypto_aead_abort },
	{ CRYPTO_HASH_COMPUTE, crypto_hash_compute },
	{ CRYPTO_HASH_COMPARE, crypto_hash_compare },
	{ CRYPTO_MAC_COMPUTE, crypto_mac_compute },
	{ CRYPTO_MAC_VERIFY, crypto_mac_verify },
	{ CRYPTO_CIPHER_ENCRYPT, crypto_cipher_encrypt },
	{ CRYPTO_CIPHER_DECRYPT, crypto_cipher_decrypt },
	{ CRYPTO_AEAD_ENCRYPT, crypto_aead_encrypt },
	{ CRYPTO_AEAD_DECRYPT, crypto_aead_decrypt },
	{ CRYPTO_MESSAGE_SIGN_SETUP, crypto_message_sign_setup },
	{ CRYPTO_MESSAGE_VERIFY_SETUP, crypto_message_verify_setup },
	{ CRYPTO_MESSAGE_UPDATE, crypto_message_update },
	{ CRYPTO_MESSAGE_SIGN_FINISH, crypto_message_sign_finish },
	{ CRYPTO_MESSAGE_VERIFY_FINISH, crypto_message_verify_finish },
	{ CRYPTO_MESSAGE_ABORT, crypto_message_abort },
	{ CRYPTO_MESSAGE_SIGN, crypto_message_sign },
	{ CRYPTO_MESSAGE_VERIFY, crypto_message_verify },
	{ CRYPTO_SIGN_HASH_START, crypto_sign_hash_start },
	{ CRYPTO_SIGN_HASH_COMPLETE, crypto_sign_hash_complete },
	{ CRYPTO_VERIFY_HASH_START, crypto_verify_hash_start },
	{ CRYPTO_VERIFY_HASH_COMPLETE, crypto_verify_hash_complete },
	{ CRYPTO_INTERRUPTIBLE_NUM_OPS, crypto_interruptible_num_ops },
	{ CRYPTO_INTERRUPTIBLE_ABORT, crypto_interruptible_abort },
	{ CRYPTO_PAKE_SETUP, crypto_pake_setup },
	{ CRYPTO_PAKE_SET_PASSWORD_KEY, crypto_pake_set_password_key },
	{ CRYPTO_PAKE_SET_USER, crypto_pake_set_user },
	{ CRYPTO_PAKE_SET_PEER, crypto_pake_set_peer },
	{ CRYPTO_PAKE_SET_ROLE, crypto_pake_set_role },
	{ CRYPTO_PAKE_OUTPUT, crypto_pake_output },
	{ CRYPTO_PAKE_INPUT, crypto_pake_input },
	{ CRYPTO_PAKE_GET_IMPLICIT_KEY, crypto_pake_get_implicit_key },
	{ CRYPTO_PAKE_ABORT, crypto_pake_abort },
	{ CRYPTO_DERIVATION_INPUT_INTEGER, crypto_derivation_input_integer },
	{ CRYPTO_DERIVATION_VERIFY_BYTES, crypto_derivation_verify_bytes },
	{ CRYPTO_DERIVATION_VERIFY_KEY, crypto_derivation_verify_key },
	{ CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM, crypto_derivation_output_key_custom },
	{ CRYPTO_GENERATE_KEY_CUSTOM, crypto_generate_key_custom },
	{ CRYPTO_GENERATE_PAIR, crypto_generate_pair },
	{ CRYPTO_KEY_SET_NAME, crypto_key_set_name },
	{ CRYPTO_KEY_GET_NAME, crypto_key_get_name },
	{ CRYPTO_KEY_LIST, crypto_key_list },
	{ CRYPTO_KEY_SET_NOTE, crypto_key_set_note },
	{ CRYPTO_KEY_DESCRIBE, crypto_key_describe },
	{ CRYPTO_KEY_CHANGES, crypto_key_changes },
	{ CRYPTO_KEY_AGREEMENT, crypto_key_agreement },
	{ CRYPTO_KEY_WRAP, crypto_key_wrap },
	{ CRYPTO_KEY_UNWRAP, crypto_key_unwrap },
	{ CRYPTO_ENCAPSULATE, crypto_encapsulate },
	{ CRYPTO_DECAPSULATE, crypto_decapsulate },
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
			.copied = crypto_copied,
		},
		.platform = *platform,
	};
	memcpy(crypto->service.uuid, uuid, TS_RPC_UUID_LEN);
	crypto_clients_init(crypto);
	crypto_platform_set(crypto);
#ifdef TSTEE_ENGINE
	engine_init(&(const struct engine_host){ platform->log, platform->processor_has,
						 psa_generate_random });
#endif
	return psa_crypto_init();
}

struct crypto_slice crypto_slice_begin(const struct crypto *crypto)
{
	uint64_t (*clock_us)(void) = crypto->platform.clock_us;

	return (struct crypto_slice){
		.clock_us = clock_us,
		.end = clock_us ? clock_us() + CRYPTO_SLICE_US : 0,
	};
}

bool crypto_slice_over(const struct crypto_slice *slice)
{
	return slice && slice->clock_us && slice->clock_us() >= slice->end;
}

void crypto_exit(struct crypto *crypto)
{
	crypto_clients_clear(crypto);
	mbedtls_psa_crypto_free();
	crypto_platform_set(NULL);
}
