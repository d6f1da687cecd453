/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mbed TLS 3.6 for the crypto partition (MBEDTLS_CONFIG_FILE): the library around its PSA core.
 * Which algorithms the core offers is in psa_config.h. The same two files for S-EL0 and
 * for a host; they differ in what the processor does by itself.
 */
#ifndef SECURE_SERVICE_MBEDTLS_CONFIG_H
#define SECURE_SERVICE_MBEDTLS_CONFIG_H

/* The PSA core. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE <secure/service/mbedtls/psa_config.h>
/* The engine is asked first; the core's own code does what that doesn't take. */
#ifdef TSTEE_ENGINE
#define PSA_CRYPTO_ACCELERATOR_DRIVER_PRESENT
#endif
/* Each client has its own key IDs. */
#define MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER
/* The partition's generator answers (mbedtls_psa_external_get_random): it can refuse. */
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
/* Persistent keys go through psa_its_*, which the partition defines: another partition has them. */
#define MBEDTLS_PSA_CRYPTO_STORAGE_C
/* Volatile keys take heap as they come; the service bounds them by client, not a table for all. */
#define MBEDTLS_PSA_KEY_STORE_DYNAMIC
/* How many persistent keys are kept at hand beyond those in use. */
#define MBEDTLS_PSA_KEY_SLOT_COUNT 64
/* The service has copied the request out of shared memory; the core needn't copy it again. */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS

/* What the partition's own generator is made of. */
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_HMAC_DRBG_C

/*
 * PKCS#7 signatures: certificates are parsed and not judged by date, because a partition has
 * no clock to be trusted (no MBEDTLS_HAVE_TIME_DATE). DER only.
 */
#define MBEDTLS_PKCS7_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CRL_PARSE_C
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_X509_REMOVE_INFO
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_PK_PARSE_EC_COMPRESSED
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_MD_C

/* malloc and friends are the C library's. No files, sockets, threads, clock, self-tests. */
#define MBEDTLS_PLATFORM_C

/* Inline assembly for long arithmetic; the NIST primes have reductions of their own. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_ECP_NIST_OPTIM
/*
 * psa_sign_hash_start() and the like. Until such an operation sets a bound this costs the
 * others a comparison here and there. Blinding of RSA and ECC can't be switched off in 3.6.
 */
#define MBEDTLS_ECP_RESTARTABLE
#define MBEDTLS_GENPRIME

/*
 * AES. The library's portable code looks up tables by secret indices; it has no other. S-EL0
 * goes without it: there the instructions are a requirement. On a host they are used
 * where they are, and the fallback is the one with the smallest tables.
 */
#if defined(__aarch64__)
#define MBEDTLS_AESCE_C
#else
#define MBEDTLS_AESNI_C
#endif

#if defined(__linux__)
#define MBEDTLS_AES_FEWER_TABLES
#if defined(__aarch64__)
#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_IF_PRESENT
#endif
#else
#define MBEDTLS_AES_USE_HARDWARE_ONLY
/* A partition can't read the ID registers to find out. SHA-512 instructions are no part of +crypto. */
#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_ONLY
#endif

#endif /* SECURE_SERVICE_MBEDTLS_CONFIG_H */
