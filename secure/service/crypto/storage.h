/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the crypto service keeps its keys: in internal trusted storage (tstee/secure_storage.h),
 * as a client of it. That knows the crypto partition by its FF-A ID, which no other caller can
 * have, so no client reaches what is kept there.
 */
#ifndef SECURE_SERVICE_CRYPTO_STORAGE_H
#define SECURE_SERVICE_CRYPTO_STORAGE_H

#include <secure/client/its.h>
#include <secure/service/crypto/service.h>

/* Longest object: what Mbed TLS writes before a key of the most bits that it takes. */
#define CRYPTO_STORAGE_OBJECT_MAX 8448u

/* What a request or a response of storage takes, for port_peer_init(). */
#define CRYPTO_STORAGE_MESSAGE_MAX CLIENT_ITS_MESSAGE_LEN(CRYPTO_STORAGE_OBJECT_MAX)

/*
 * For struct crypto_platform; the context is a struct client_its with a message of
 * CRYPTO_STORAGE_MESSAGE_MAX bytes. Without such a service every operation is NOT_SUPPORTED; one that can't
 * be reached fails with STORAGE_FAILURE.
 */
extern const struct crypto_storage_ops crypto_storage_ops;

#endif /* SECURE_SERVICE_CRYPTO_STORAGE_H */
