/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Configuration of Mbed TLS's headers behind <psa/crypto.h>: declarations for a client of the
 * PSA Crypto API that is served elsewhere, in which an operation is a handle. All algorithms
 * are on (<psa/crypto_config.h>, as Mbed TLS ships it), so that buffers are long enough for
 * what any partition answers; what a partition offers is its own affair.
 */
#ifndef TSTEE_MBEDTLS_CONFIG_H
#define TSTEE_MBEDTLS_CONFIG_H

#define MBEDTLS_PSA_CRYPTO_CLIENT
#define MBEDTLS_PSA_CRYPTO_CONFIG

#endif /* TSTEE_MBEDTLS_CONFIG_H */
