/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the crypto service keeps its keys: in internal trusted storage (tstee/secure_storage.h),
 * as a client of it. That knows the crypto partition by its FF-A ID, which no other caller can
 * have, so no client reaches what is kept there.
 */
#ifndef SECURE_SERVICE_CRYPTO_STORAGE_H
#define SECURE_SERVICE_CRYPTO_STORAGE_H

#include <secure/rpc/peer.h>
#include <secure/service/crypto/service.h>
#include <tstee/secure_storage.h>

/* Longest object: what Mbed TLS writes before a key of the most bits that it takes. */
#define CRYPTO_STORAGE_OBJECT_MAX 8448u

/* What a request or a response of storage takes, for port_peer_init(). */
#define CRYPTO_STORAGE_MESSAGE_MAX \
	(CRYPTO_STORAGE_OBJECT_MAX + sizeof(struct secure_storage_set_for))

struct crypto_storage {
	struct rpc_peer *peer;
	uint8_t message[CRYPTO_STORAGE_MESSAGE_MAX];
};

/*
 * For struct crypto_platform; the context is a struct crypto_storage of which @peer is set to
 * the storage service. Without such a service every operation is NOT_SUPPORTED; one that can't
 * be reached fails with STORAGE_FAILURE.
 */
extern const struct crypto_storage_ops crypto_storage_ops;

#endif /* SECURE_SERVICE_CRYPTO_STORAGE_H */
