// SPDX-License-Identifier: BSD-3-Clause
/* The attestation service: its operations, and its key in the crypto service. See attestation.h. */
#include <psa/error.h>
#include <secure/service/attestation.h>
#include <secure/service/attestation_internal.h>
#include <secure/service/attestation_token.h>
#include <secure/service/tlv.h>
#include <string.h>
#include <tstee/client_id.h>

#define IAK_ALGORITHM	   CLIENT_CRYPTO_ECDSA_SHA_256

#define POINT_UNCOMPRESSED 0x04u
#define INSTANCE_ID_RANDOM 0x01u /* RAND of RFC 9711: made from random, here from a key */

/* FF-A (DEN0077A): IDs of endpoints in the secure world. */
#define SOURCE_SECURE 0x8000u

/* The kernel that has users: other sources of the normal world are other systems. */
#define SOURCE_LINUX 0u

/* To sign and verify hashes, and so messages; no export. */
static const struct crypto_attributes iak = {
	.type = CLIENT_CRYPTO_TYPE_ECC_PAIR_R1,
	.key_bits = 256,
	.lifetime = CLIENT_CRYPTO_PERSISTENT,
	.id = ATTESTATION_KEY_IAK,
	.usage = CLIENT_CRYPTO_USAGE_SIGN_HASH | CLIENT_CRYPTO_USAGE_VERIFY_HASH,
	.alg = IAK_ALGORITHM,
};

/* The SHA-256 of the public key, behind the byte that says what sort of ID this is. */
static psa_status_t make_instance_id(struct attestation *a)
{
	size_t len;

	a->instance_id[0] = INSTANCE_ID_RANDOM;
	return client_crypto_hash(&a->crypto, CLIENT_CRYPTO_SHA_256, a->public_key,
				  sizeof(a->public_key), a->instance_id + 1, ATTESTATION_HASH_LEN,
				  &len);
}

/* DOES_NOT_EXIST: there is no key yet. */
static psa_status_t key_find(struct attestation *a)
{
	psa_status_t status;
	size_t len;

	if (a->key_known)
		return PSA_SUCCESS;
	status = client_crypto_export_public_key(&a->crypto, OWN_KEYS, ATTESTATION_KEY_IAK,
						 a->public_key, sizeof(a->public_key), &len);
	if (status == PSA_ERROR_INVALID_HANDLE)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (status == PSA_SUCCESS &&
	    (len != sizeof(a->public_key) || a->public_key[0] != POINT_UNCOMPRESSED))
		status = PSA_ERROR_DATA_CORRUPT;
	if (status == PSA_SUCCESS)
		status = make_instance_id(a);
	a->key_known = status == PSA_SUCCESS;
	return status;
}

/* Generates the key or, with a @scalar, imports it. Only if there is none. */
static psa_status_t key_make(struct attestation *a, const uint8_t *scalar, size_t len)
{
	uint32_t id;

	if (scalar)
		return client_crypto_import_key(&a->crypto, OWN_KEYS, &iak, scalar, len, &id);
	return client_crypto_generate_key(&a->crypto, OWN_KEYS, &iak, &id);
}

/* The key, made now if there is none: from here on it is in use, and none can be imported. */
static psa_status_t key_use(struct attestation *a)
{
	psa_status_t status = key_find(a);

	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	status = key_make(a, NULL, 0);
	return status == PSA_SUCCESS ? key_find(a) : status;
}

/* The boot seed is chosen when it is first needed, and stays until the next boot. */
static psa_status_t seed_use(struct attestation *a)
{
	psa_status_t status;

	if (a->seeded)
		return PSA_SUCCESS;
	status = client_crypto_random(&a->crypto, a->boot_seed, sizeof(a->boot_seed));
	a->seeded = status == PSA_SUCCESS;
	return status;
}

/*
 * Whom the token is for. What the normal world says of its clients can't make one of them a
 * partition: only identified ones are believed, and their numbers are negative.
 */
static int32_t client_number(enum attestation_profile profile, const struct rpc_caller *caller)
{
	if (caller->source_id & SOURCE_SECURE)
		return caller->source_id;
	if (caller->client_id & TSTEE_CLIENT_ID_IDENTIFIED)
		return (int32_t)caller->client_id;
	return profile == ATTESTATION_PROFILE_LEGACY ? caller->source_id :
						       ATTESTATION_CLIENT_ID_PUBLIC;
}

/*
 * Makes what is to be signed for @caller, in a->input. Needs the key and, unless only lengths
 * matter, the seed.
 */
static psa_status_t begin_token(struct attestation *a, enum attestation_profile profile,
				const struct rpc_caller *caller, const uint8_t *challenge,
				size_t challenge_len, struct attestation_input *input)
{
	const struct attestation_claims claims = {
		.profile = profile,
		.client_id = client_number(profile, caller),
		.challenge = challenge,
		.challenge_len = challenge_len,
		.boot_seed = a->boot_seed,
		.instance_id = a->instance_id,
		.platform = a->platform,
	};

	return attestation_token_input(&claims, a->input, sizeof(a->input), input) ?
		       PSA_SUCCESS :
		       PSA_ERROR_INSUFFICIENT_MEMORY;
}

/* The response is a record with the token. */
static enum ts_rpc_status answer_token(struct attestation *a, enum attestation_profile profile,
				       const struct rpc_caller *caller, const uint8_t *challenge,
				       size_t challenge_len, struct writer *resp, int32_t *status)
{
	uint8_t signature[ATTESTATION_SIGNATURE_LEN], *token;
	struct attestation_input input;
	size_t room, len;

	*status = key_use(a);
	if (*status == PSA_SUCCESS)
		*status = seed_use(a);
	if (*status == PSA_SUCCESS)
		*status = begin_token(a, profile, caller, challenge, challenge_len, &input);
	if (*status == PSA_SUCCESS)
		*status = client_crypto_sign_message(&a->crypto, OWN_KEYS, ATTESTATION_KEY_IAK,
						     IAK_ALGORITHM, a->input, input.len, signature,
						     sizeof(signature), &len);
	if (*status == PSA_SUCCESS && len != sizeof(signature))
		*status = PSA_ERROR_COMMUNICATION_FAILURE;
	/* Storage has lost it. The next token will have a new one. */
	if (*status == PSA_ERROR_INVALID_HANDLE)
		a->key_known = false;
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;

	if (!tlv_begin(resp, ATTESTATION_TOKEN_MAX, &token, &room) ||
	    !attestation_token_write(&input, signature, token, room, &len) ||
	    !tlv_end(resp, ATTESTATION_TAG, len))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

/* The length depends on the lengths of claims only, so nothing is signed to find it. */
static enum ts_rpc_status answer_size(struct attestation *a, enum attestation_profile profile,
				      const struct rpc_caller *caller, uint32_t challenge_len,
				      struct writer *resp, int32_t *status)
{
	static const uint8_t challenge[ATTESTATION_CHALLENGE_MAX];
	static const uint8_t signature[ATTESTATION_SIGNATURE_LEN];
	struct attestation_input input;
	size_t len;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!attestation_challenge_valid(challenge_len))
		return TS_RPC_SUCCESS;
	*status = key_use(a);
	if (*status == PSA_SUCCESS)
		*status = begin_token(a, profile, caller, challenge, challenge_len, &input);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	if (!attestation_token_write(&input, signature, NULL, ATTESTATION_TOKEN_MAX, &len)) {
		*status = PSA_ERROR_INSUFFICIENT_MEMORY;
		return TS_RPC_SUCCESS;
	}
	return writer_u32(resp, (uint32_t)len) ? TS_RPC_SUCCESS :
						 TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

static bool profile_known(uint32_t profile)
{
	return profile == ATTESTATION_PROFILE_LEGACY || profile == ATTESTATION_PROFILE_RFC9783;
}

/* Reads the challenge and answers with a token of @profile. */
static enum ts_rpc_status get_token_of(struct attestation *a, uint32_t profile,
				       const struct rpc_caller *caller, struct reader *req,
				       struct writer *resp, int32_t *status)
{
	const uint8_t *challenge;
	size_t len;

	if (!tlv_read(req, ATTESTATION_TAG, &challenge, &len) || !challenge ||
	    len > ATTESTATION_CHALLENGE_MAX)
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = PSA_ERROR_NOT_SUPPORTED;
	if (!profile_known(profile))
		return TS_RPC_SUCCESS;
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!attestation_challenge_valid(len))
		return TS_RPC_SUCCESS;
	return answer_token(a, profile, caller, challenge, len, resp, status);
}

static enum ts_rpc_status get_token(void *ctx, const struct rpc_caller *caller, struct reader *req,
				    struct writer *resp, int32_t *status)
{
	return get_token_of(ctx, ATTESTATION_PROFILE_LEGACY, caller, req, resp, status);
}

static enum ts_rpc_status get_token_profile(void *ctx, const struct rpc_caller *caller,
					    struct reader *req, struct writer *resp,
					    int32_t *status)
{
	uint32_t profile;

	if (!reader_u32(req, &profile))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return get_token_of(ctx, profile, caller, req, resp, status);
}

static enum ts_rpc_status get_token_size(void *ctx, const struct rpc_caller *caller,
					 struct reader *req, struct writer *resp, int32_t *status)
{
	uint32_t len;

	if (!reader_u32(req, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return answer_size(ctx, ATTESTATION_PROFILE_LEGACY, caller, len, resp, status);
}

static enum ts_rpc_status get_token_size_profile(void *ctx, const struct rpc_caller *caller,
						 struct reader *req, struct writer *resp,
						 int32_t *status)
{
	uint32_t profile, len;

	if (!reader_u32(req, &profile) || !reader_u32(req, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = PSA_ERROR_NOT_SUPPORTED;
	if (!profile_known(profile))
		return TS_RPC_SUCCESS;
	return answer_size(ctx, profile, caller, len, resp, status);
}

static enum ts_rpc_status export_public_key(void *ctx, const struct rpc_caller *caller,
					    struct reader *req, struct writer *resp,
					    int32_t *status)
{
	struct attestation *a = ctx;

	(void)caller;
	(void)req;
	*status = key_use(a);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	return tlv_write(resp, ATTESTATION_TAG, a->public_key, sizeof(a->public_key)) ?
		       TS_RPC_SUCCESS :
		       TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

/*
 * In the normal world: root, the kernel, and those whom the system names; while the device is being made.
 * The upper byte of a life cycle is its state (RFC 9783, section 4.3.1).
 */
static bool may_import(const struct attestation *a, const struct rpc_caller *caller)
{
	if (caller->source_id != SOURCE_LINUX ||
	    a->platform->lifecycle >> 8 >= ATTESTATION_LIFECYCLE_SECURED >> 8)
		return false;
	if (caller->client_id == tstee_client_id_user(0) ||
	    caller->client_id == TSTEE_CLIENT_ID_KERNEL)
		return true;
	for (size_t i = 0; i < a->platform->importer_count; i++)
		if (a->platform->importers[i] == caller->client_id)
			return true;
	return false;
}

static enum ts_rpc_status import_key(void *ctx, const struct rpc_caller *caller, struct reader *req,
				     struct writer *resp, int32_t *status)
{
	const uint8_t *scalar;
	size_t len;

	(void)resp;
	if (!tlv_read(req, ATTESTATION_TAG, &scalar, &len) || !scalar || len > ATTESTATION_IAK_LEN)
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = PSA_ERROR_NOT_PERMITTED;
	if (!may_import(ctx, caller))
		return TS_RPC_SUCCESS;
	*status = key_find(ctx);
	if (*status == PSA_SUCCESS)
		*status = PSA_ERROR_NOT_PERMITTED;
	else if (*status == PSA_ERROR_DOES_NOT_EXIST)
		*status = key_make(ctx, scalar, len);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status key_exists(void *ctx, const struct rpc_caller *caller, struct reader *req,
				     struct writer *resp, int32_t *status)
{
	(void)caller;
	(void)req;
	(void)resp;
	*status = key_find(ctx);
	return TS_RPC_SUCCESS;
}

static const struct service_op ops[] = {
	{ ATTESTATION_GET_TOKEN, get_token },
	{ ATTESTATION_GET_TOKEN_SIZE, get_token_size },
	{ ATTESTATION_EXPORT_IAK_PUBLIC_KEY, export_public_key },
	{ ATTESTATION_IMPORT_IAK, import_key },
	{ ATTESTATION_IAK_EXISTS, key_exists },
	{ ATTESTATION_GET_TOKEN_PROFILE, get_token_profile },
	{ ATTESTATION_GET_TOKEN_SIZE_PROFILE, get_token_size_profile },
	{ ATTESTATION_SEAL, attestation_seal },
	{ ATTESTATION_UNSEAL, attestation_unseal },
};

void attestation_init(struct attestation *attestation, const uint8_t *uuid,
		      const struct attestation_platform *platform)
{
	/* Field by field: with the message it is too large for a copy on the stack. */
	memset(attestation, 0, sizeof(*attestation));
	attestation->platform = platform;
	attestation->crypto = (struct client_crypto){ platform->crypto, attestation->message,
						      sizeof(attestation->message) };
	attestation->service.ops = ops;
	attestation->service.op_count = sizeof(ops) / sizeof(ops[0]);
	attestation->service.ctx = attestation;
	memcpy(attestation->service.uuid, uuid, TS_RPC_UUID_LEN);
}
