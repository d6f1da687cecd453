/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Included before all else in what is linked with libtstee: the service's configuration, so that
 * the same test cases run, but the types of a client, which holds handles instead of
 * operations, and key IDs without an owner.
 */
#ifndef TEST_PSA_CLIENT_VIEW_H
#define TEST_PSA_CLIENT_VIEW_H

#include <mbedtls/build_info.h>

/* The tests look into objects. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#undef MBEDTLS_PSA_CRYPTO_C
#undef MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER
/* The tests tell an active operation by its id: non-zero, as a handle is. */
#define handle id
#include <psa/crypto.h>
#undef handle
/* The core is there, if in another place. */
#define MBEDTLS_PSA_CRYPTO_C

/* What drivers inside the core ask an operation, which no client can. See exceptions. */
#define psa_crypto_driver_pake_get_cipher_suite(...) PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_password(...)     PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_password_len(...) PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_peer(...)	     PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_peer_len(...)     PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_user(...)	     PSA_ERROR_NOT_SUPPORTED
#define psa_crypto_driver_pake_get_user_len(...)     PSA_ERROR_NOT_SUPPORTED

#endif /* TEST_PSA_CLIENT_VIEW_H */
