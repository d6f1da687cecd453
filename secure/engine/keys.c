// SPDX-License-Identifier: BSD-3-Clause
/*
 * The families that Mbed TLS's core has no code for: Ed25519, ML-DSA, ML-KEM. How they are asked by the core, as far
 * as it can, and by the service (keys.h). No state.
 */
#include <secure/engine/internal.h>
#include <string.h>

static bool is_pair(const psa_key_attributes_t *attributes)
{
	return PSA_KEY_TYPE_IS_KEY_PAIR(psa_get_key_type(attributes));
}

bool engine_is_extension(enum engine_family family)
{
	return family >= ENGINE_ED25519 && family <= ENGINE_MLKEM1024;
}

static bool is_extension_type(psa_key_type_t type)
{
	return PSA_KEY_TYPE_IS_ML_DSA(type) || PSA_KEY_TYPE_IS_ML_KEM(type) ||
	       (PSA_KEY_TYPE_IS_ECC(type) &&
		PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_TWISTED_EDWARDS);
}

psa_status_t engine_extension_sign(enum engine_family family, const uint8_t *key,
				   psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				   uint8_t *signature, size_t signature_size, size_t *signature_len)
{
	if (family == ENGINE_ED25519)
		return engine_ed25519_sign(key, alg, input, input_len, signature, signature_size,
					   signature_len);
	return engine_mldsa_sign(family, key, alg, input, input_len, signature, signature_size,
				 signature_len);
}

psa_status_t engine_extension_verify(enum engine_family family, bool pair, const uint8_t *key,
				     psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				     const uint8_t *signature, size_t signature_len)
{
	if (family == ENGINE_ED25519)
		return engine_ed25519_verify(pair, key, alg, input, input_len, signature,
					     signature_len);
	return engine_mldsa_verify(family, pair, key, alg, input, input_len, signature,
				   signature_len);
}

psa_status_t engine_extension_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				     size_t data_size, size_t *data_len)
{
	if (family == ENGINE_ED25519)
		return engine_ed25519_public(key, data, data_size, data_len);
	if (family >= ENGINE_MLKEM512)
		return engine_mlkem_public(family, key, data, data_size, data_len);
	return engine_mldsa_public(family, key, data, data_size, data_len);
}

/* ML-DSA's and ML-KEM's seeds don't tell their size; of the rest the length does. */
static size_t bits_of(psa_key_type_t type, size_t len)
{
	static const uint16_t sizes[] = { 128, 192, 256, 512, 768, 1024 };

	if (PSA_KEY_TYPE_IS_ECC(type))
		return 255;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (PSA_KEY_TYPE_IS_PUBLIC_KEY(type) &&
		    PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(type, sizes[i]) == len)
			return sizes[i];
	}
	return 0;
}

static psa_status_t check_key(enum engine_family family, bool pair, const uint8_t *key,
			      size_t key_len)
{
	const psa_status_t status = engine_ready(family);

	if (status != PSA_SUCCESS)
		return status;
	if (family == ENGINE_ED25519)
		return engine_ed25519_check(pair, key, key_len);
	if (family >= ENGINE_MLKEM512)
		return engine_mlkem_check(family, pair, key, key_len);
	return engine_mldsa_check(family, pair, key_len);
}

psa_status_t engine_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
			       size_t data_len, uint8_t *key, size_t key_size, size_t *key_len,
			       size_t *bits)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	size_t size = psa_get_key_bits(attributes);
	psa_status_t status;

	if (!is_extension_type(type))
		return PSA_ERROR_NOT_SUPPORTED;
	if (!size)
		size = bits_of(type, data_len);
	if (!size)
		return PSA_ERROR_INVALID_ARGUMENT;
	status = check_key(engine_family_of(type, size, PSA_ALG_NONE), is_pair(attributes), data,
			   data_len);
	if (status == PSA_SUCCESS && key_size < data_len)
		status = PSA_ERROR_BUFFER_TOO_SMALL;
	if (status != PSA_SUCCESS)
		return status;
	memcpy(key, data, data_len);
	*key_len = data_len;
	*bits = size;
	return PSA_SUCCESS;
}

psa_status_t engine_extension_copy(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, uint8_t *data, size_t data_size,
				   size_t *data_len)
{
	if (!is_extension_type(psa_get_key_type(attributes)))
		return PSA_ERROR_NOT_SUPPORTED;
	if (data_size < key_len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(data, key, key_len);
	*data_len = key_len;
	return PSA_SUCCESS;
}

/* What signs a hash has an entry point of the core's. */
psa_status_t engine_sign(const psa_key_attributes_t *attributes, const uint8_t *key, size_t key_len,
			 psa_algorithm_t alg, const uint8_t *input, size_t input_len,
			 uint8_t *signature, size_t signature_size, size_t *signature_len)
{
	const enum engine_family family = engine_family_for(attributes, alg);
	psa_status_t status;

	if (!engine_is_extension(family))
		return engine_sign_hash(attributes, key, key_len, alg, input, input_len, signature,
					signature_size, signature_len);
	status = engine_ready(family);
	if (status != PSA_SUCCESS)
		return status;
	return engine_extension_sign(family, key, alg, input, input_len, signature, signature_size,
				     signature_len);
}

psa_status_t engine_verify(const psa_key_attributes_t *attributes, const uint8_t *key,
			   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
			   size_t input_len, const uint8_t *signature, size_t signature_len)
{
	const enum engine_family family = engine_family_for(attributes, alg);
	psa_status_t status;

	if (!engine_is_extension(family))
		return engine_verify_hash(attributes, key, key_len, alg, input, input_len,
					  signature, signature_len);
	status = engine_ready(family);
	if (status != PSA_SUCCESS)
		return status;
	return engine_extension_verify(family, is_pair(attributes), key, alg, input, input_len,
				       signature, signature_len);
}

psa_status_t engine_encapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg,
				uint8_t secret[ENGINE_SECRET_LEN], uint8_t *ciphertext,
				size_t ciphertext_size, size_t *ciphertext_len)
{
	const enum engine_family family = engine_family_for(attributes, alg);
	const psa_status_t status = engine_ready(family);

	(void)key_len;
	if (status != PSA_SUCCESS)
		return status;
	return engine_mlkem_encapsulate(family, is_pair(attributes), key, secret, ciphertext,
					ciphertext_size, ciphertext_len);
}

psa_status_t engine_decapsulate(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *ciphertext,
				size_t ciphertext_len, uint8_t secret[ENGINE_SECRET_LEN])
{
	const enum engine_family family = engine_family_for(attributes, alg);
	const psa_status_t status = engine_ready(family);

	(void)key_len;
	if (status != PSA_SUCCESS)
		return status;
	return engine_mlkem_decapsulate(family, key, ciphertext, ciphertext_len, secret);
}
