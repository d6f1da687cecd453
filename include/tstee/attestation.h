/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Messages of the attestation service in its packed-c encoding: a fixed part, little-endian,
 * and behind it records of {tag u16, length u16, both big-endian, value}. The service status
 * is a psa_status_t.
 *
 * A token is a COSE_Sign1 (RFC 9052, tag 18) with ES256, whose payload is a map of claims; the
 * key is the initial attestation key (IAK), on P-256.
 */
#ifndef TSTEE_ATTESTATION_H
#define TSTEE_ATTESTATION_H

#include <tstee/base.h>

/* Behind each: the fixed part; (records of the request) -> response. */
enum attestation_opcode {
	ATTESTATION_GET_TOKEN = 0x0101,		    /* (challenge) -> (token) */
	ATTESTATION_GET_TOKEN_SIZE = 0x0102,	    /* challenge_size -> token_size */
	ATTESTATION_EXPORT_IAK_PUBLIC_KEY = 0x0103, /* -> (key: uncompressed point) */
	ATTESTATION_IMPORT_IAK = 0x0104,	    /* (key: private scalar) */
	ATTESTATION_IAK_EXISTS = 0x0105,

	/*
	 * TSTEE's own; other partitions answer TS_RPC_ERROR_INVALID_VALUE. The two above with
	 * the profile said, where those mean ATTESTATION_PROFILE_LEGACY.
	 */
	ATTESTATION_GET_TOKEN_PROFILE = 0x8001,	     /* profile (challenge) -> (token) */
	ATTESTATION_GET_TOKEN_SIZE_PROFILE = 0x8002, /* profile_size -> token_size */

	/* A secret that the same client alone gets back: struct attestation_sealed. */
	ATTESTATION_SEAL = 0x8003,   /* seal_flags (secret) -> (sealed) */
	ATTESTATION_UNSEAL = 0x8004, /* (sealed) -> (secret) */
};

/* The one record of a request and of a response. */
#define ATTESTATION_TAG 1

/* How claims are labelled. */
enum attestation_profile {
	ATTESTATION_PROFILE_LEGACY = 1,	 /* labels below -75000: PSA_IOT_PROFILE_1 */
	ATTESTATION_PROFILE_RFC9783 = 2, /* the PSA attestation token, an EAT */
};

/* A challenge has one of three lengths, bytes. */
#define ATTESTATION_CHALLENGE_32  32u
#define ATTESTATION_CHALLENGE_48  48u
#define ATTESTATION_CHALLENGE_64  64u
#define ATTESTATION_CHALLENGE_MAX ATTESTATION_CHALLENGE_64

static inline bool attestation_challenge_valid(size_t len)
{
	return len == ATTESTATION_CHALLENGE_32 || len == ATTESTATION_CHALLENGE_48 ||
	       len == ATTESTATION_CHALLENGE_64;
}

/* The longest token of TSTEE's partitions. */
#define ATTESTATION_TOKEN_MAX 8192u

/* The key pair's private scalar, public point and signatures. */
#define ATTESTATION_IAK_LEN	   32u
#define ATTESTATION_IAK_PUBLIC_LEN 65u
#define ATTESTATION_SIGNATURE_LEN  64u

/* Lengths that the claims have; the instance ID is 0x01 and the SHA-256 of the public point. */
#define ATTESTATION_IMPLEMENTATION_LEN 32u
#define ATTESTATION_BOOT_SEED_LEN      32u
#define ATTESTATION_INSTANCE_LEN       33u
#define ATTESTATION_HASH_LEN	       32u

/* Labels of ATTESTATION_PROFILE_LEGACY. */
enum attestation_legacy_claim {
	ATTESTATION_LEGACY_PROFILE = -75000,
	ATTESTATION_LEGACY_CLIENT_ID = -75001,
	ATTESTATION_LEGACY_LIFECYCLE = -75002,
	ATTESTATION_LEGACY_IMPLEMENTATION_ID = -75003,
	ATTESTATION_LEGACY_BOOT_SEED = -75004,
	ATTESTATION_LEGACY_HARDWARE_VERSION = -75005,
	ATTESTATION_LEGACY_COMPONENTS = -75006,
	ATTESTATION_LEGACY_NO_COMPONENTS = -75007,
	ATTESTATION_LEGACY_CHALLENGE = -75008,
	ATTESTATION_LEGACY_INSTANCE_ID = -75009,
	ATTESTATION_LEGACY_VERIFICATION_SERVICE = -75010,
};

/* Labels of ATTESTATION_PROFILE_RFC9783 (section 4), and what the profile is called. */
enum attestation_claim {
	ATTESTATION_CLAIM_NONCE = 10,
	ATTESTATION_CLAIM_UEID = 256, /* the instance ID */
	ATTESTATION_CLAIM_PROFILE = 265,
	ATTESTATION_CLAIM_BOOT_SEED = 268,
	ATTESTATION_CLAIM_CLIENT_ID = 2394,
	ATTESTATION_CLAIM_LIFECYCLE = 2395,
	ATTESTATION_CLAIM_IMPLEMENTATION_ID = 2396,
	ATTESTATION_CLAIM_CERTIFICATION_REFERENCE = 2398,
	ATTESTATION_CLAIM_COMPONENTS = 2399,
	ATTESTATION_CLAIM_VERIFICATION_SERVICE = 2400,
};

#define ATTESTATION_PROFILE_NAME "tag:psacertified.org,2023:psa#tfm"

/* Labels of a software component, in both profiles. */
enum attestation_component_label {
	ATTESTATION_COMPONENT_TYPE = 1,
	ATTESTATION_COMPONENT_VALUE = 2,
	ATTESTATION_COMPONENT_VERSION = 4,
	ATTESTATION_COMPONENT_SIGNER_ID = 5,
	ATTESTATION_COMPONENT_DESCRIPTION = 6,
};

/* Lifecycle states: the upper byte; the lower one is the implementation's (section 4.3.1). */
enum attestation_lifecycle {
	ATTESTATION_LIFECYCLE_UNKNOWN = 0x0000,
	ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST = 0x1000,
	ATTESTATION_LIFECYCLE_ROT_PROVISIONING = 0x2000,
	ATTESTATION_LIFECYCLE_SECURED = 0x3000,
	ATTESTATION_LIFECYCLE_NON_ROT_DEBUG = 0x4000,
	ATTESTATION_LIFECYCLE_RECOVERABLE_ROT_DEBUG = 0x5000,
	ATTESTATION_LIFECYCLE_DECOMMISSIONED = 0x6000,
};

/*
 * The client ID of RFC 9783 tokens: of an identified client of the normal world its client ID
 * (tstee/client_id.h) as a signed number, which is negative; of a public one this; of a
 * partition its endpoint ID. Legacy tokens say the FF-A source ID for both of the last.
 */
#define ATTESTATION_CLIENT_ID_PUBLIC (-1)

/* COSE: the tag, and in the protected header the label and number of ES256. */
#define ATTESTATION_COSE_SIGN1	   18
#define ATTESTATION_COSE_ALGORITHM 1
#define ATTESTATION_COSE_ES256	   (-7)
#define ATTESTATION_COSE_CONTEXT   "Signature1"

/* A secret, bytes; at least 1. */
#define ATTESTATION_SECRET_MAX 4096u

#define ATTESTATION_SEAL_MAGIC 0x4c535354u /* "TSSL" */

enum attestation_seal_flag {
	/* Opens only while the software of the boot, and the lifecycle, are what they were. */
	ATTESTATION_SEAL_SOFTWARE = 1,
};

/*
 * What a sealed secret begins with; behind it stand the ciphertext and the tag, of AES-256-GCM
 * under a key that no client can use. All of it up to the nonce is authenticated with them.
 */
struct attestation_sealed {
	uint32_t magic;
	uint8_t flags; /* of enum attestation_seal_flag */
	uint8_t reserved;
	uint16_t source_id; /* who sealed it: FF-A source, and client ID */
	uint32_t client_id;
	uint8_t software[ATTESTATION_HASH_LEN]; /* zeros without ATTESTATION_SEAL_SOFTWARE */
	uint8_t nonce[12];
} __attribute__((packed));

#define ATTESTATION_SEAL_TAG_LEN 16u
#define ATTESTATION_SEALED_MAX \
	(sizeof(struct attestation_sealed) + ATTESTATION_SECRET_MAX + ATTESTATION_SEAL_TAG_LEN)

struct attestation_seal_flags {
	uint32_t flags;
} __attribute__((packed));

static_assert(sizeof(struct attestation_sealed) == 56, "SEAL");
static_assert(sizeof(struct attestation_seal_flags) == 4, "SEAL request");

struct attestation_challenge_size {
	uint32_t challenge_size;
} __attribute__((packed));

struct attestation_token_size {
	uint32_t token_size;
} __attribute__((packed));

struct attestation_profile_only {
	uint32_t profile;
} __attribute__((packed));

struct attestation_profile_size {
	uint32_t profile;
	uint32_t challenge_size;
} __attribute__((packed));

static_assert(sizeof(struct attestation_challenge_size) == 4, "GET_TOKEN_SIZE");
static_assert(sizeof(struct attestation_token_size) == 4, "GET_TOKEN_SIZE response");
static_assert(sizeof(struct attestation_profile_only) == 4, "GET_TOKEN_PROFILE");
static_assert(sizeof(struct attestation_profile_size) == 8, "GET_TOKEN_SIZE_PROFILE");

#endif /* TSTEE_ATTESTATION_H */
