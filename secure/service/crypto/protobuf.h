/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protobuf variant of the crypto service: the core operations in another encoding, on the
 * keys of a struct crypto. A request becomes one of the packed-c service (tstee/crypto.h) in
 * memory, and that one's response is encoded; so there is one service behind two encodings.
 */
#ifndef SECURE_SERVICE_CRYPTO_PROTOBUF_H
#define SECURE_SERVICE_CRYPTO_PROTOBUF_H

#include <secure/service/crypto/service.h>

struct crypto_protobuf {
	struct service service; /* for endpoint_init() */
	struct crypto *crypto;
	uint8_t request[ENDPOINT_MESSAGE_MAX];
	uint8_t response[ENDPOINT_MESSAGE_MAX];
};

/*
 * Makes @protobuf the service @uuid (TS_RPC_UUID_LEN bytes, text order) on @crypto, which has
 * been initialised. Both must outlive the endpoint.
 */
void crypto_protobuf_init(struct crypto_protobuf *protobuf, const uint8_t *uuid,
			  struct crypto *crypto);

#endif /* SECURE_SERVICE_CRYPTO_PROTOBUF_H */
