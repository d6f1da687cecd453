/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The attestation service (tstee/attestation.h): tokens that say to somebody far away what
 * this device is and which software it has booted.
 *
 * The attestation key is in the crypto service, in the namespace that this partition has
 * there, so that nobody else can use it; it is made there when first needed, or was imported
 * before by who administers the normal world, and can't be exported. A token is one call of the crypto service, which also hashes
 * what is signed: this service has no cryptography of its own, and its partition stays small.
 *
 * Not reentrant; no locks.
 */
#ifndef SECURE_SERVICE_ATTESTATION_H
#define SECURE_SERVICE_ATTESTATION_H

#include <secure/client/crypto.h>
#include <secure/rpc/endpoint.h>
#include <secure/rpc/peer.h>
#include <tstee/attestation.h>

#define ATTESTATION_TEXT_MAX 63u

/* What was measured. Texts are printable ASCII; an empty one isn't told. */
struct attestation_component {
	char type[ATTESTATION_TEXT_MAX + 1];
	char version[ATTESTATION_TEXT_MAX + 1];
	uint8_t value[ATTESTATION_HASH_LEN];
	uint8_t signer_id[ATTESTATION_HASH_LEN]; /* hash of the signer's key; zeros: not signed */
};

/* What the device is. It must outlive the service. */
struct attestation_platform {
	struct rpc_peer *crypto;
	const struct attestation_component *components;
	size_t component_count;
	uint16_t lifecycle; /* enum attestation_lifecycle and a byte of one's own */
	uint8_t implementation_id[ATTESTATION_IMPLEMENTATION_LEN];
	const char *certification_reference; /* EAN-13, a hyphen and five digits; or NULL */
	const char *verification_service;    /* who verifies, a URL; or NULL */
	/* Client IDs that may import the key beside root's and the kernel's. */
	const uint32_t *importers;
	size_t importer_count;
};

/* A request to the crypto service; what is signed is the longest. */
#define ATTESTATION_MESSAGE_MAX CLIENT_CRYPTO_MESSAGE_LEN(ATTESTATION_TOKEN_MAX)

struct attestation {
	struct service service; /* for endpoint_init() */
	const struct attestation_platform *platform;
	struct client_crypto crypto;
	bool key_known; /* the two fields that follow are right */
	uint8_t public_key[ATTESTATION_IAK_PUBLIC_LEN];
	uint8_t instance_id[ATTESTATION_INSTANCE_LEN];
	bool seeded;
	uint8_t boot_seed[ATTESTATION_BOOT_SEED_LEN]; /* random, from the first token on */
	bool software_known;			      /* the field that follows is right */
	uint8_t software[ATTESTATION_HASH_LEN];	      /* what secrets are sealed to: seal.c */
	uint8_t input[ATTESTATION_TOKEN_MAX];	      /* what is signed */
	uint8_t message[ATTESTATION_MESSAGE_MAX];     /* of crypto */
};

/*
 * Makes @attestation the service @uuid (TS_RPC_UUID_LEN bytes, text order). No call is made
 * yet. All three must outlive the endpoint.
 */
void attestation_init(struct attestation *attestation, const uint8_t *uuid,
		      const struct attestation_platform *platform);

#endif /* SECURE_SERVICE_ATTESTATION_H */
