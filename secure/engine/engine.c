// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the engine takes: one table. The entry points that the PSA core calls look there, see to it
 * that the family has passed its test, and leave the work to the family's file.
 */
#include <secure/engine/internal.h>

#define ECC(family) PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_##family)

struct taken {
	enum engine_family family;
	psa_key_type_t type; /* of the public key, if it is a pair */
	uint16_t bits_min, bits_max;
	psa_algorithm_t alg; /* its base; PSA_ALG_NONE: the public key of a pair */
};

/* It is searched from its beginning, where what is short is. */
/* clang-format off */
static const struct taken table[] = {
	{ ENGINE_SHA256, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_256 },
	{ ENGINE_SHA256, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_256) },
	{ ENGINE_GCM, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_GCM },
	{ ENGINE_CHACHA, PSA_KEY_TYPE_CHACHA20, 256, 256, PSA_ALG_CHACHA20_POLY1305 },
	{ ENGINE_P256, ECC(SECP_R1), 256, 256, PSA_ALG_ECDSA_BASE },
	{ ENGINE_P256, ECC(SECP_R1), 256, 256, PSA_ALG_ECDH },
	{ ENGINE_P256, ECC(SECP_R1), 256, 256, PSA_ALG_NONE },
	{ ENGINE_SHA1, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_1 },
	{ ENGINE_SHA256, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_224 },
	{ ENGINE_SHA512, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_384 },
	{ ENGINE_SHA512, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_512 },
	{ ENGINE_SHA512, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_512_224 },
	{ ENGINE_SHA512, PSA_KEY_TYPE_NONE, 0, 0, PSA_ALG_SHA_512_256 },
	{ ENGINE_SHA1, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_1) },
	{ ENGINE_SHA256, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_224) },
	{ ENGINE_SHA512, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_384) },
	{ ENGINE_SHA512, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_512) },
	{ ENGINE_SHA512, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_512_224) },
	{ ENGINE_SHA512, PSA_KEY_TYPE_HMAC, 0, UINT16_MAX, PSA_ALG_HMAC(PSA_ALG_SHA_512_256) },
	{ ENGINE_CMAC, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_CMAC },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_CTR },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_CFB },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_OFB },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_CBC_NO_PADDING },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_CBC_PKCS7 },
	{ ENGINE_CIPHER, PSA_KEY_TYPE_AES, 128, 256, PSA_ALG_ECB_NO_PADDING },
	{ ENGINE_P384, ECC(SECP_R1), 384, 384, PSA_ALG_ECDSA_BASE },
	{ ENGINE_P384, ECC(SECP_R1), 384, 384, PSA_ALG_ECDH },
	{ ENGINE_P384, ECC(SECP_R1), 384, 384, PSA_ALG_NONE },
	{ ENGINE_P521, ECC(SECP_R1), 521, 521, PSA_ALG_ECDSA_BASE },
	{ ENGINE_P521, ECC(SECP_R1), 521, 521, PSA_ALG_ECDH },
	{ ENGINE_P521, ECC(SECP_R1), 521, 521, PSA_ALG_NONE },
	{ ENGINE_X25519, ECC(MONTGOMERY), 255, 255, PSA_ALG_ECDH },
	{ ENGINE_X25519, ECC(MONTGOMERY), 255, 255, PSA_ALG_NONE },
	{ ENGINE_ED25519, ECC(TWISTED_EDWARDS), 255, 255, PSA_ALG_PURE_EDDSA },
	{ ENGINE_ED25519, ECC(TWISTED_EDWARDS), 255, 255, PSA_ALG_HASH_EDDSA_BASE },
	{ ENGINE_ED25519, ECC(TWISTED_EDWARDS), 255, 255, PSA_ALG_NONE },
	{ ENGINE_MLDSA44, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 128, 128, PSA_ALG_ML_DSA },
	{ ENGINE_MLDSA44, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 128, 128, PSA_ALG_HASH_ML_DSA(0) },
	{ ENGINE_MLDSA44, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 128, 128, PSA_ALG_NONE },
	{ ENGINE_MLDSA65, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 192, 192, PSA_ALG_ML_DSA },
	{ ENGINE_MLDSA65, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 192, 192, PSA_ALG_HASH_ML_DSA(0) },
	{ ENGINE_MLDSA65, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 192, 192, PSA_ALG_NONE },
	{ ENGINE_MLDSA87, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 256, 256, PSA_ALG_ML_DSA },
	{ ENGINE_MLDSA87, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 256, 256, PSA_ALG_HASH_ML_DSA(0) },
	{ ENGINE_MLDSA87, PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY, 256, 256, PSA_ALG_NONE },
	{ ENGINE_MLKEM512, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 512, 512, PSA_ALG_ML_KEM },
	{ ENGINE_MLKEM512, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 512, 512, PSA_ALG_NONE },
	{ ENGINE_MLKEM768, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 768, 768, PSA_ALG_ML_KEM },
	{ ENGINE_MLKEM768, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 768, 768, PSA_ALG_NONE },
	{ ENGINE_MLKEM1024, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 1024, 1024, PSA_ALG_ML_KEM },
	{ ENGINE_MLKEM1024, PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY, 1024, 1024, PSA_ALG_NONE },
	{ ENGINE_RSA, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 1024, 4096, PSA_ALG_RSA_PKCS1V15_SIGN_BASE },
	{ ENGINE_RSA, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 1024, 4096, PSA_ALG_RSA_PSS_BASE },
	{ ENGINE_RSA, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 1024, 4096, PSA_ALG_RSA_PSS_ANY_SALT_BASE },
	{ ENGINE_RSA, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 1024, 4096, PSA_ALG_RSA_PKCS1V15_CRYPT },
	{ ENGINE_RSA, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 1024, 4096, PSA_ALG_RSA_OAEP_BASE },
};
/* clang-format on */

static struct engine_test families[ENGINE_FAMILIES] = {
	[ENGINE_P256] = { engine_ecc_test, "P-256" },
	[ENGINE_P384] = { engine_ecc_test, "P-384" },
	[ENGINE_P521] = { engine_ecc_test, "P-521" },
	[ENGINE_X25519] = { engine_x25519_test, "X25519" },
	[ENGINE_ED25519] = { engine_ed25519_test, "Ed25519" },
	[ENGINE_MLDSA44] = { engine_mldsa_test, "ML-DSA-44" },
	[ENGINE_MLDSA65] = { engine_mldsa_test, "ML-DSA-65" },
	[ENGINE_MLDSA87] = { engine_mldsa_test, "ML-DSA-87" },
	[ENGINE_MLKEM512] = { engine_mlkem_test, "ML-KEM-512" },
	[ENGINE_MLKEM768] = { engine_mlkem_test, "ML-KEM-768" },
	[ENGINE_MLKEM1024] = { engine_mlkem_test, "ML-KEM-1024" },
	[ENGINE_RSA] = { engine_rsa_test, "RSA" },
	[ENGINE_SHA1] = { engine_hash_test, "SHA-1" },
	[ENGINE_SHA256] = { engine_hash_test, "SHA-224 and SHA-256" },
	[ENGINE_SHA512] = { engine_hash_test, "SHA-384 to SHA-512/256" },
	[ENGINE_GCM] = { engine_aead_test, "AES-GCM" },
	[ENGINE_CIPHER] = { engine_cipher_test, "AES" },
	[ENGINE_CMAC] = { engine_cmac_test, "AES-CMAC" },
	[ENGINE_PARTS] = { engine_parts_test, "AEADs in parts" },
};

/* What is used without the core, too, keeps its own. */
static struct engine_test *test_of(enum engine_family family)
{
	switch (family) {
	case ENGINE_CHACHA:
		return &engine_chacha_test;
	case ENGINE_GENERATOR:
		return &engine_generator_test;
	default:
		return &families[family];
	}
}

void engine_retest(enum engine_family family, bool is_broken)
{
	struct engine_test *test = test_of(family);

	test->broken = is_broken;
	test->state = ENGINE_UNTESTED;
}

static bool left;

void engine_leave(bool everything)
{
	left = everything;
}

/* Without the hash or the length of the tag or MAC. */
static psa_algorithm_t base_of(psa_algorithm_t alg)
{
	if (PSA_ALG_IS_AEAD(alg))
		return PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg);
	if (PSA_ALG_IS_MAC(alg))
		return PSA_ALG_FULL_LENGTH_MAC(alg);
	if (PSA_ALG_IS_SIGN_HASH(alg) || PSA_ALG_IS_RSA_OAEP(alg))
		return alg & ~PSA_ALG_HASH_MASK;
	return alg;
}

enum engine_family engine_family_of(psa_key_type_t type, size_t bits, psa_algorithm_t alg)
{
	psa_algorithm_t base = base_of(alg);

	/* Verification is the same, and so are the keys. */
	if (PSA_ALG_IS_DETERMINISTIC_ECDSA(alg))
		base = PSA_ALG_ECDSA_BASE;
	if (PSA_ALG_IS_ML_DSA(alg))
		base = PSA_ALG_ML_DSA;
	if (PSA_ALG_IS_HASH_ML_DSA(alg))
		base = PSA_ALG_HASH_ML_DSA(0);
	if (PSA_KEY_TYPE_IS_KEY_PAIR(type))
		type = PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct taken *taken = &table[i];

		if (taken->type == type && taken->alg == base && bits >= taken->bits_min &&
		    bits <= taken->bits_max)
			return taken->family;
	}
	return ENGINE_NONE;
}

enum engine_family engine_family_for(const psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
	return engine_family_of(psa_get_key_type(attributes), psa_get_key_bits(attributes), alg);
}

psa_status_t engine_ready(enum engine_family family)
{
	return family == ENGINE_NONE || left ? PSA_ERROR_NOT_SUPPORTED :
					       engine_try(test_of(family), family);
}

/* The core asks for signatures with algorithms of all kinds. */
static enum engine_family signing_family(const psa_key_attributes_t *attributes,
					 psa_algorithm_t alg)
{
	return PSA_ALG_IS_SIGN_HASH(alg) ? engine_family_for(attributes, alg) : ENGINE_NONE;
}

static bool is_pair(const psa_key_attributes_t *attributes)
{
	return PSA_KEY_TYPE_IS_KEY_PAIR(psa_get_key_type(attributes));
}

psa_status_t engine_sign_hash(const psa_key_attributes_t *attributes, const uint8_t *key,
			      size_t key_len, psa_algorithm_t alg, const uint8_t *hash,
			      size_t hash_len, uint8_t *signature, size_t signature_size,
			      size_t *signature_len)
{
	const enum engine_family family = signing_family(attributes, alg);
	const psa_status_t status = engine_ready(family);

	if (status != PSA_SUCCESS)
		return status;
	if (family == ENGINE_RSA)
		return engine_rsa_sign(key, key_len, alg, hash, hash_len, signature, signature_size,
				       signature_len);
	if (engine_is_extension(family))
		return engine_extension_sign(family, key, alg, hash, hash_len, signature,
					     signature_size, signature_len);
	return engine_ecc_sign(family, key, key_len, alg, hash, hash_len, signature, signature_size,
			       signature_len);
}

psa_status_t engine_verify_hash(const psa_key_attributes_t *attributes, const uint8_t *key,
				size_t key_len, psa_algorithm_t alg, const uint8_t *hash,
				size_t hash_len, const uint8_t *signature, size_t signature_len)
{
	const enum engine_family family = signing_family(attributes, alg);
	const psa_status_t status = engine_ready(family);

	if (status != PSA_SUCCESS)
		return status;
	if (family == ENGINE_RSA)
		return engine_rsa_verify(is_pair(attributes), key, key_len, alg, hash, hash_len,
					 signature, signature_len);
	if (engine_is_extension(family))
		return engine_extension_verify(family, is_pair(attributes), key, alg, hash,
					       hash_len, signature, signature_len);
	return engine_ecc_verify(family, is_pair(attributes), key, key_len, hash, hash_len,
				 signature, signature_len);
}

psa_status_t engine_generate_key(const psa_key_attributes_t *attributes, uint8_t *key,
				 size_t key_size, size_t *key_len)
{
	const enum engine_family family = engine_family_for(attributes, PSA_ALG_ECDH);
	const bool taken = family == ENGINE_P256 || family == ENGINE_P384 || family == ENGINE_P521;
	const psa_status_t status =
		engine_ready(taken && is_pair(attributes) ? family : ENGINE_NONE);

	return status == PSA_SUCCESS ? engine_ecc_generate(family, key, key_size, key_len) : status;
}

psa_status_t engine_export_public_key(const psa_key_attributes_t *attributes, const uint8_t *key,
				      size_t key_len, uint8_t *data, size_t data_size,
				      size_t *data_len)
{
	const enum engine_family family = engine_family_for(attributes, PSA_ALG_NONE);
	psa_status_t status;

	/* The public key of a public key is there. */
	if (!is_pair(attributes))
		return engine_extension_copy(attributes, key, key_len, data, data_size, data_len);
	status = engine_ready(family);
	if (status != PSA_SUCCESS)
		return status;
	if (family == ENGINE_X25519)
		return engine_x25519_public(key, key_len, data, data_size, data_len);
	if (engine_is_extension(family))
		return engine_extension_public(family, key, data, data_size, data_len);
	return engine_ecc_public(family, key, key_len, data, data_size, data_len);
}

psa_status_t engine_key_agreement(const psa_key_attributes_t *attributes, const uint8_t *key,
				  size_t key_len, psa_algorithm_t alg, const uint8_t *peer,
				  size_t peer_len, uint8_t *secret, size_t secret_size,
				  size_t *secret_len)
{
	const bool agrees = is_pair(attributes) && PSA_ALG_IS_ECDH(alg);
	const enum engine_family family = agrees ? engine_family_for(attributes, alg) : ENGINE_NONE;
	const psa_status_t status = engine_ready(family);

	if (status != PSA_SUCCESS)
		return status;
	if (family == ENGINE_X25519)
		return engine_x25519_agree(key, key_len, peer, peer_len, secret, secret_size,
					   secret_len);
	return engine_ecc_agree(family, key, key_len, peer, peer_len, secret, secret_size,
				secret_len);
}
