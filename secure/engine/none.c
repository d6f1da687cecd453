// SPDX-License-Identifier: BSD-3-Clause
/* keys.h without an engine: nothing is supported. */
#include <secure/engine/keys.h>

psa_status_t engine_sign(const psa_key_attributes_t *attributes, const uint8_t *key, size_t key_len,
			 psa_algorithm_t alg, const uint8_t *input, size_t input_len,
			 uint8_t *signature, size_t signature_size, size_t *signature_len)
{
	(void)attributes, (void)key, (void)key_len, (void)alg, (void)input, (void)input_len;
	(void)signature, (void)signature_size, (void)signature_len;
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t engine_verify(const psa_key_attributes_t *attributes, const uint8_t *key,
			   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
			   size_t input_len, const uint8_t *signature, size_t signature_len)
{
	(void)attributes, (void)key, (void)key_len, (void)alg, (void)input, (void)input_len;
	(void)signature, (void)signature_len;
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t engine_encapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg,
				uint8_t secret[ENGINE_SECRET_LEN], uint8_t *ciphertext,
				size_t ciphertext_size, size_t *ciphertext_len)
{
	(void)attributes, (void)key, (void)key_len, (void)alg, (void)secret;
	(void)ciphertext, (void)ciphertext_size, (void)ciphertext_len;
	return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t engine_decapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *ciphertext,
				size_t ciphertext_len, uint8_t secret[ENGINE_SECRET_LEN])
{
	(void)attributes, (void)key, (void)key_len, (void)alg;
	(void)ciphertext, (void)ciphertext_len, (void)secret;
	return PSA_ERROR_NOT_SUPPORTED;
}
