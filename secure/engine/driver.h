/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine as Mbed TLS's PSA core sees it: the entry points of a transparent driver (PSA Crypto Driver
 * Interface 1.0-alpha, section "Transparent drivers"), called by its wrappers after the checks of policy and
 * arguments that are the core's. Keys come in their export format. Each returns
 * PSA_ERROR_NOT_SUPPORTED for what the engine doesn't take, and the core goes on with its own code;
 * PSA_ERROR_HARDWARE_FAILURE if it would take it but has failed its self-test; else what the core's own
 * code would have returned.
 */
#ifndef SECURE_ENGINE_DRIVER_H
#define SECURE_ENGINE_DRIVER_H

#include <psa/crypto.h>

psa_status_t engine_sign_hash(const psa_key_attributes_t *attributes, const uint8_t *key,
			      size_t key_len, psa_algorithm_t alg, const uint8_t *hash,
			      size_t hash_len, uint8_t *signature, size_t signature_size,
			      size_t *signature_len);
psa_status_t engine_verify_hash(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *hash,
				size_t hash_len, const uint8_t *signature, size_t signature_len);
/* Of the kinds in keys.h; the core knows all others. */
psa_status_t engine_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
			       size_t data_len, uint8_t *key, size_t key_size, size_t *key_len,
			       size_t *bits);
/* Of pairs on NIST's curves. */
psa_status_t engine_generate_key(const psa_key_attributes_t *attributes, uint8_t *key,
				 size_t key_size, size_t *key_len);
psa_status_t engine_export_public_key(const psa_key_attributes_t *attributes, const uint8_t *key,
				      size_t key_len, uint8_t *data, size_t data_size,
				      size_t *data_len);
psa_status_t engine_key_agreement(const psa_key_attributes_t *attributes, const uint8_t *key,
				  size_t key_len, psa_algorithm_t alg, const uint8_t *peer,
				  size_t peer_len, uint8_t *secret, size_t secret_size,
				  size_t *secret_len);
psa_status_t engine_asymmetric_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				       size_t input_len, const uint8_t *salt, size_t salt_len,
				       uint8_t *output, size_t output_size, size_t *output_len);
psa_status_t engine_asymmetric_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				       size_t input_len, const uint8_t *salt, size_t salt_len,
				       uint8_t *output, size_t output_size, size_t *output_len);

psa_status_t engine_hash_compute(psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				 uint8_t *hash, size_t hash_size, size_t *hash_len);
psa_status_t engine_hash_setup(struct engine_hash *operation, psa_algorithm_t alg);
psa_status_t engine_hash_clone(const struct engine_hash *source, struct engine_hash *target);
psa_status_t engine_hash_update(struct engine_hash *operation, const uint8_t *input,
				size_t input_len);
psa_status_t engine_hash_finish(struct engine_hash *operation, uint8_t *hash, size_t hash_size,
				size_t *hash_len);
psa_status_t engine_hash_abort(struct engine_hash *operation);

psa_status_t engine_mac_compute(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				size_t input_len, uint8_t *mac, size_t mac_size, size_t *mac_len);
psa_status_t engine_mac_sign_setup(struct engine_mac *operation,
				   const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg);
psa_status_t engine_mac_verify_setup(struct engine_mac *operation,
				     const psa_key_attributes_t *attributes, const uint8_t *key,
				     size_t key_len, psa_algorithm_t alg);
psa_status_t engine_mac_update(struct engine_mac *operation, const uint8_t *input,
			       size_t input_len);
/* @mac_size: as much of it as is wanted. */
psa_status_t engine_mac_sign_finish(struct engine_mac *operation, uint8_t *mac, size_t mac_size,
				    size_t *mac_len);
psa_status_t engine_mac_verify_finish(struct engine_mac *operation, const uint8_t *mac,
				      size_t mac_len);
psa_status_t engine_mac_abort(struct engine_mac *operation);

psa_status_t engine_cipher_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *iv,
				   size_t iv_len, const uint8_t *input, size_t input_len,
				   uint8_t *output, size_t output_size, size_t *output_len);
psa_status_t engine_cipher_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				   size_t input_len, uint8_t *output, size_t output_size,
				   size_t *output_len);
psa_status_t engine_cipher_encrypt_setup(struct engine_cipher *operation,
					 const psa_key_attributes_t *attributes, const uint8_t *key,
					 size_t key_len, psa_algorithm_t alg);
psa_status_t engine_cipher_decrypt_setup(struct engine_cipher *operation,
					 const psa_key_attributes_t *attributes, const uint8_t *key,
					 size_t key_len, psa_algorithm_t alg);
psa_status_t engine_cipher_set_iv(struct engine_cipher *operation, const uint8_t *iv,
				  size_t iv_len);
psa_status_t engine_cipher_update(struct engine_cipher *operation, const uint8_t *input,
				  size_t input_len, uint8_t *output, size_t output_size,
				  size_t *output_len);
psa_status_t engine_cipher_finish(struct engine_cipher *operation, uint8_t *output,
				  size_t output_size, size_t *output_len);
psa_status_t engine_cipher_abort(struct engine_cipher *operation);

psa_status_t engine_aead_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				 size_t key_len, psa_algorithm_t alg, const uint8_t *nonce,
				 size_t nonce_len, const uint8_t *ad, size_t ad_len,
				 const uint8_t *plaintext, size_t plaintext_len,
				 uint8_t *ciphertext, size_t ciphertext_size,
				 size_t *ciphertext_len);
psa_status_t engine_aead_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				 size_t key_len, psa_algorithm_t alg, const uint8_t *nonce,
				 size_t nonce_len, const uint8_t *ad, size_t ad_len,
				 const uint8_t *ciphertext, size_t ciphertext_len,
				 uint8_t *plaintext, size_t plaintext_size, size_t *plaintext_len);
psa_status_t engine_aead_encrypt_setup(struct engine_aead *operation,
				       const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg);
psa_status_t engine_aead_decrypt_setup(struct engine_aead *operation,
				       const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg);
psa_status_t engine_aead_set_nonce(struct engine_aead *operation, const uint8_t *nonce,
				   size_t nonce_len);
psa_status_t engine_aead_set_lengths(struct engine_aead *operation, size_t ad_len,
				     size_t plaintext_len);
psa_status_t engine_aead_update_ad(struct engine_aead *operation, const uint8_t *ad, size_t ad_len);
psa_status_t engine_aead_update(struct engine_aead *operation, const uint8_t *input,
				size_t input_len, uint8_t *output, size_t output_size,
				size_t *output_len);
psa_status_t engine_aead_finish(struct engine_aead *operation, uint8_t *ciphertext,
				size_t ciphertext_size, size_t *ciphertext_len, uint8_t *tag,
				size_t tag_size, size_t *tag_len);
psa_status_t engine_aead_verify(struct engine_aead *operation, uint8_t *plaintext,
				size_t plaintext_size, size_t *plaintext_len, const uint8_t *tag,
				size_t tag_len);
psa_status_t engine_aead_abort(struct engine_aead *operation);

#endif /* SECURE_ENGINE_DRIVER_H */
