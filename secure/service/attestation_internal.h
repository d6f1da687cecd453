/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the attestation service share: calls of crypto, handlers. */
#ifndef SECURE_SERVICE_ATTESTATION_INTERNAL_H
#define SECURE_SERVICE_ATTESTATION_INTERNAL_H

#include <psa/error.h>
#include <secure/service/attestation.h>

/* Keys in this partition's own namespace of the crypto service. */
enum attestation_key {
	ATTESTATION_KEY_IAK = 1,
	ATTESTATION_KEY_SEAL = 2,
};

/* For no client: in that namespace. A failed writer is PSA_ERROR_INSUFFICIENT_MEMORY. */
psa_status_t attestation_crypto_call(struct attestation *a, uint16_t opcode,
				     const struct writer *req, void *resp, size_t size,
				     size_t *resp_len);

/* A call whose response is one record of @len bytes. */
psa_status_t attestation_crypto_call_record(struct attestation *a, uint16_t opcode,
					    const struct writer *req, uint8_t *out, size_t len);

/* The most that attestation_hash() takes: what is measured of a component, behind a hash. */
#define ATTESTATION_HASHED_MAX (3u * ATTESTATION_HASH_LEN + 2u * (ATTESTATION_TEXT_MAX + 1u))

/* SHA-256. */
psa_status_t attestation_hash(struct attestation *a, const void *data, size_t len,
			      uint8_t hash[ATTESTATION_HASH_LEN]);

/* Handlers of SEAL and UNSEAL: seal.c. */
enum ts_rpc_status attestation_seal(void *ctx, const struct rpc_caller *caller, struct reader *req,
				    struct writer *resp, int32_t *status);
enum ts_rpc_status attestation_unseal(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status);

#endif /* SECURE_SERVICE_ATTESTATION_INTERNAL_H */
