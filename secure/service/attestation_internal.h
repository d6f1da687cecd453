/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the attestation service share. */
#ifndef SECURE_SERVICE_ATTESTATION_INTERNAL_H
#define SECURE_SERVICE_ATTESTATION_INTERNAL_H

#include <secure/service/attestation.h>
#include <tstee/client_id.h>

/* Keys that the partition has in the crypto service for itself, that is for the client 0. */
#define OWN_KEYS TSTEE_CLIENT_ID_PUBLIC
enum attestation_key {
	ATTESTATION_KEY_IAK = 1,
	ATTESTATION_KEY_SEAL = 2,
};

/* Handlers of SEAL and UNSEAL: seal.c. */
enum ts_rpc_status attestation_seal(void *ctx, const struct rpc_caller *caller, struct reader *req,
				    struct writer *resp, int32_t *status);
enum ts_rpc_status attestation_unseal(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status);

#endif /* SECURE_SERVICE_ATTESTATION_INTERNAL_H */
