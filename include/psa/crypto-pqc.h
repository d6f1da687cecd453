/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the PSA Certified Crypto API 1.4 and its PQC Extension have and Mbed TLS 3.6's <psa/crypto.h>
 * hasn't: ML-DSA (FIPS 204), ML-KEM (FIPS 203), key encapsulation. Names and numbers are those of the
 * specification. Macros that give sizes, or say what an algorithm is, are replaced by ones that know
 * the new keys, too.
 */
#ifndef PSA_CRYPTO_PQC_H
#define PSA_CRYPTO_PQC_H

#include <psa/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Key sizes are 128, 192 and 256 for ML-DSA-44, -65 and -87. A key pair is its seed of 32 bytes. */
#define PSA_KEY_TYPE_ML_DSA_KEY_PAIR   ((psa_key_type_t)0x7002)
#define PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY ((psa_key_type_t)0x4002)
#define PSA_KEY_TYPE_IS_ML_DSA(type) \
	(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) == PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY)

/* Key sizes are 512, 768 and 1024. A key pair is its seeds d and z, 64 bytes. */
#define PSA_KEY_TYPE_ML_KEM_KEY_PAIR   ((psa_key_type_t)0x7004)
#define PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY ((psa_key_type_t)0x4004)
#define PSA_KEY_TYPE_IS_ML_KEM(type) \
	(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(type) == PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY)

#define PSA_ALG_ML_DSA		     ((psa_algorithm_t)0x06004400)
#define PSA_ALG_DETERMINISTIC_ML_DSA ((psa_algorithm_t)0x06004500)
#define PSA_ALG_HASH_ML_DSA(hash_alg) \
	((psa_algorithm_t)(0x06004600 | ((hash_alg)&PSA_ALG_HASH_MASK)))
#define PSA_ALG_DETERMINISTIC_HASH_ML_DSA(hash_alg) \
	((psa_algorithm_t)(0x06004700 | ((hash_alg)&PSA_ALG_HASH_MASK)))
#define PSA_ALG_IS_ML_DSA(alg)			  (((alg) & ~0x00000100) == 0x06004400)
#define PSA_ALG_IS_HASH_ML_DSA(alg)		  (((alg) & ~0x000001ff) == 0x06004600)
#define PSA_ALG_IS_DETERMINISTIC_HASH_ML_DSA(alg) (((alg) & ~0x000000ff) == 0x06004700)
#define PSA_ALG_IS_HEDGED_HASH_ML_DSA(alg)	  (((alg) & ~0x000000ff) == 0x06004600)

#define PSA_ALG_ML_KEM				  ((psa_algorithm_t)0x0c000200)
#define PSA_ALG_IS_KEY_ENCAPSULATION(alg)	  (((alg)&PSA_ALG_CATEGORY_MASK) == 0x0c000000)

#undef PSA_ALG_IS_HASH_AND_SIGN
#define PSA_ALG_IS_HASH_AND_SIGN(alg)                                                          \
	(PSA_ALG_IS_RSA_PSS(alg) ||                                                            \
	 (PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg) && (alg) != PSA_ALG_RSA_PKCS1V15_SIGN_RAW) ||      \
	 (PSA_ALG_IS_ECDSA(alg) && ((alg)&PSA_ALG_HASH_MASK)) || PSA_ALG_IS_HASH_EDDSA(alg) || \
	 PSA_ALG_IS_HASH_ML_DSA(alg))

#undef PSA_ALG_IS_SIGN_HASH
#define PSA_ALG_IS_SIGN_HASH(alg)                                                   \
	(PSA_ALG_IS_HASH_AND_SIGN(alg) || (alg) == PSA_ALG_RSA_PKCS1V15_SIGN_RAW || \
	 PSA_ALG_IS_ECDSA(alg))

#undef PSA_ALG_IS_SIGN_MESSAGE
#define PSA_ALG_IS_SIGN_MESSAGE(alg) \
	(PSA_ALG_IS_SIGN_HASH(alg) || (alg) == PSA_ALG_PURE_EDDSA || PSA_ALG_IS_ML_DSA(alg))

/* Lengths in bytes, 0 for sizes that no key has. */
#define PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(bits) \
	((bits) == 128 ? 1312u : (bits) == 192 ? 1952u : (bits) == 256 ? 2592u : 0u)
#define PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(bits) \
	((bits) == 128 ? 2420u : (bits) == 192 ? 3309u : (bits) == 256 ? 4627u : 0u)
#define PSA_VENDOR_ML_KEM_PUBLIC_KEY_SIZE(bits) \
	((bits) == 512 ? 800u : (bits) == 768 ? 1184u : (bits) == 1024 ? 1568u : 0u)
#define PSA_VENDOR_ML_KEM_CIPHERTEXT_SIZE(bits) \
	((bits) == 512 ? 768u : (bits) == 768 ? 1088u : (bits) == 1024 ? 1568u : 0u)
#define PSA_VENDOR_ML_DSA_SEED_SIZE 32u
#define PSA_VENDOR_ML_KEM_SEED_SIZE 64u

#undef PSA_SIGN_OUTPUT_SIZE
#define PSA_SIGN_OUTPUT_SIZE(key_type, key_bits, alg)                                    \
	(PSA_KEY_TYPE_IS_RSA(key_type)	  ? ((void)alg, PSA_BITS_TO_BYTES(key_bits)) :   \
	 PSA_KEY_TYPE_IS_ECC(key_type)	  ? PSA_ECDSA_SIGNATURE_SIZE(key_bits) :         \
	 PSA_KEY_TYPE_IS_ML_DSA(key_type) ? PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(key_bits) : \
					    0u)
#undef PSA_SIGNATURE_MAX_SIZE
#define PSA_SIGNATURE_MAX_SIZE 4627u

#undef PSA_EXPORT_KEY_OUTPUT_SIZE
#define PSA_EXPORT_KEY_OUTPUT_SIZE(key_type, key_bits)                                              \
	((key_type) == PSA_KEY_TYPE_RSA_KEY_PAIR ?                                                  \
		 PSA_KEY_EXPORT_RSA_KEY_PAIR_MAX_SIZE(key_bits) :                                   \
	 PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key_type) ? PSA_KEY_EXPORT_ECC_KEY_PAIR_MAX_SIZE(key_bits) :  \
	 (key_type) == PSA_KEY_TYPE_ML_DSA_KEY_PAIR ? PSA_VENDOR_ML_DSA_SEED_SIZE :                 \
	 (key_type) == PSA_KEY_TYPE_ML_KEM_KEY_PAIR ? PSA_VENDOR_ML_KEM_SEED_SIZE :                 \
	 PSA_KEY_TYPE_IS_PUBLIC_KEY(key_type)	    ? PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(key_type,   \
											key_bits) : \
						      PSA_BITS_TO_BYTES(key_bits))

#undef PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE
#define PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(key_type, key_bits)                                  \
	(PSA_KEY_TYPE_IS_RSA(key_type)	  ? PSA_KEY_EXPORT_RSA_PUBLIC_KEY_MAX_SIZE(key_bits) : \
	 PSA_KEY_TYPE_IS_ECC(key_type)	  ? PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(key_bits) : \
	 PSA_KEY_TYPE_IS_DH(key_type)	  ? PSA_BITS_TO_BYTES(key_bits) :                      \
	 PSA_KEY_TYPE_IS_ML_DSA(key_type) ? PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(key_bits) :      \
	 PSA_KEY_TYPE_IS_ML_KEM(key_type) ? PSA_VENDOR_ML_KEM_PUBLIC_KEY_SIZE(key_bits) :      \
					    0u)
#undef PSA_EXPORT_PUBLIC_KEY_MAX_SIZE
#define PSA_EXPORT_PUBLIC_KEY_MAX_SIZE 2592u

#define PSA_ENCAPSULATE_CIPHERTEXT_SIZE(key_type, key_bits, alg)       \
	((alg) == PSA_ALG_ML_KEM && PSA_KEY_TYPE_IS_ML_KEM(key_type) ? \
		 PSA_VENDOR_ML_KEM_CIPHERTEXT_SIZE(key_bits) :         \
		 0u)
#define PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE 1568u

/*
 * Makes a shared secret for the owner of public key (or key pair) @key, which must permit
 * PSA_KEY_USAGE_ENCRYPT with @alg. The secret, 32 bytes for ML-KEM, becomes a key with @attributes of a
 * symmetric type, *@output_key; what the owner needs to get it is written to @ciphertext.
 *
 * PSA_ERROR_INVALID_HANDLE, _NOT_PERMITTED, _ALREADY_EXISTS and so on as psa_import_key();
 * PSA_ERROR_INVALID_ARGUMENT  @alg is no key encapsulation, @key not for it, @attributes not for the secret
 * PSA_ERROR_BUFFER_TOO_SMALL  @ciphertext_size is below PSA_ENCAPSULATE_CIPHERTEXT_SIZE()
 * PSA_ERROR_NOT_SUPPORTED     the partition has no key encapsulation
 */
psa_status_t psa_encapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *output_key, uint8_t *ciphertext,
			     size_t ciphertext_size, size_t *ciphertext_length);

/*
 * Gets the shared secret out of @ciphertext by key pair @key, which must permit
 * PSA_KEY_USAGE_DECRYPT with @alg, as a key with @attributes. A ciphertext of the right length that
 * nobody made for this key gives a key, too, one that nobody else has (FIPS 203, 6.3).
 *
 * PSA_ERROR_INVALID_ARGUMENT as above, and a ciphertext of another length.
 */
psa_status_t psa_decapsulate(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     const uint8_t *ciphertext, size_t ciphertext_length,
			     const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *output_key);

#ifdef __cplusplus
}
#endif

#endif /* PSA_CRYPTO_PQC_H */
