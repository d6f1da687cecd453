/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mbed TLS 3.6 for protected storage at S-EL0 (MBEDTLS_CONFIG_FILE): no heap, no vector
 * registers, no tables that are looked up by secret indices.
 */
#ifndef SECURE_SERVICE_MBEDTLS_STORAGE_CONFIG_H
#define SECURE_SERVICE_MBEDTLS_STORAGE_CONFIG_H

#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_SHA256_C

/* What keeps the compiler from undoing constant time. */
#define MBEDTLS_HAVE_ASM

#endif /* SECURE_SERVICE_MBEDTLS_STORAGE_CONFIG_H */
