/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the engine does and Mbed TLS 3.6's core has no entry points for: Ed25519, ML-DSA and ML-KEM. The
 * service calls it (secure/service/crypto/extension.c) after the checks of policy and arguments that the
 * core makes elsewhere. Keys and statuses are as in driver.h.
 */
#ifndef SECURE_ENGINE_KEYS_H
#define SECURE_ENGINE_KEYS_H

#include <psa/crypto-pqc.h>

/* The shared secret of ML-KEM, bytes. */
#define ENGINE_SECRET_LEN 32u

/*
 * Signs the message @input by PSA_ALG_PURE_EDDSA or PSA_ALG_IS_ML_DSA(), and the hash @input by
 * PSA_ALG_IS_HASH_ML_DSA(). The context is the empty one.
 */
psa_status_t engine_sign(const psa_key_attributes_t *attributes, const uint8_t *key, size_t key_len,
			 psa_algorithm_t alg, const uint8_t *input, size_t input_len,
			 uint8_t *signature, size_t signature_size, size_t *signature_len);
psa_status_t engine_verify(const psa_key_attributes_t *attributes, const uint8_t *key,
			   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
			   size_t input_len, const uint8_t *signature, size_t signature_len);

/* As psa_encapsulate() and psa_decapsulate(), but for what becomes of the secret. */
psa_status_t engine_encapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg,
				uint8_t secret[ENGINE_SECRET_LEN], uint8_t *ciphertext,
				size_t ciphertext_size, size_t *ciphertext_len);
psa_status_t engine_decapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *ciphertext,
				size_t ciphertext_len, uint8_t secret[ENGINE_SECRET_LEN]);

#endif /* SECURE_ENGINE_KEYS_H */
