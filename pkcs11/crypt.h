/* SPDX-License-Identifier: BSD-3-Clause */
/* What messages with an AEAD (message.c) have in common with encryption (crypt.c). */
#ifndef PKCS11_CRYPT_H
#define PKCS11_CRYPT_H

#include "module.h"

bool crypt_is_aead(const struct operation *op);
/* Sets the algorithm with a tag of @tag_len bytes, if there is one and the key permits it. */
CK_RV crypt_aead_alg(struct operation *op, psa_algorithm_t alg, size_t nonce_len, size_t tag_len);
/* Begins it in the partition, with op->iv and op->ad. */
psa_status_t crypt_aead_start(struct operation *op, bool encrypt);

#endif /* PKCS11_CRYPT_H */
