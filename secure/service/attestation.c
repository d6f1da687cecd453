// SPDX-License-Identifier: BSD-3-Clause
/* The attestation service: its operations, and its key in the crypto service. See attestation.h. */
#include <psa/error.h>
#include <secure/service/attestation.h>
#include <secure/service/attestation_internal.h>
#include <secure/service/attestation_token.h>
#include <secure/service/tlv.h>
#include <secure/wipe.h>
#include <string.h>
#include <tstee/client_id.h>
#include <tstee/crypto.h>

/* The key, in numbers of the PSA Crypto API. */
#define IAK_ID		   ATTESTATION_KEY_IAK
#define IAK_TYPE	   0x7112u     /* a key pair on a curve of secp-r1 ... */
#define IAK_BITS	   256u	       /* ... which is P-256 */
#define IAK_LIFETIME	   1u	       /* persistent */
#define IAK_USAGE	   0x3000u     /* to sign and verify hashes, and so messages; no export */
#define IAK_ALGORITHM	   0x06000609u /* ECDSA with SHA-256 */

#define HASH_ALGORITHM	   0x02000009u /* SHA-256 */

#define POINT_UNCOMPRESSED 0x04u
#define INSTANCE_ID_RANDOM 0x01u /* RAND of RFC 9711: made from random, here from a key */

/* FF-A (DEN0077A): IDs of endpoints in the secure world. */
#define SOURCE_SECURE 0x8000u

/* The kernel that has users: other sources of the normal world are other systems. */
#define SOURCE_LINUX 0u

/* Longest response of the calls below but for tokens: a record with a public key. */
#define RESPONSE_MAX (TLV_HEADER_LEN + ATTESTATION_IAK_PUBLIC_LEN)

psa_status_t attestation_crypto_call(struct attestation *a, uint16_t opcode,
				     const struct writer *req, void *resp, size_t size,
				     size_t *resp_len)
{
	struct rpc_peer *crypto = a->platform->crypto;
	int32_t status = PSA_ERROR_COMMUNICATION_FAILURE;

	*resp_len = 0;
	if (req->failed)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	if (crypto->ops->call(crypto, opcode, TSTEE_CLIENT_ID_PUBLIC, req->data, req->len, resp,
			      size, resp_len, &status) != TS_RPC_SUCCESS)
		return PSA_ERROR_COMMUNICATION_FAILURE;
	return status;
}

psa_status_t attestation_crypto_call_record(struct attestation *a, uint16_t opcode,
					    const struct writer *req, uint8_t *out, size_t len)
{
	uint8_t resp[RESPONSE_MAX];
	const uint8_t *value;
	size_t resp_len, value_len;
	psa_status_t status =
		attestation_crypto_call(a, opcode, req, resp, sizeof(resp), &resp_len);
	struct reader r;

	if (status != PSA_SUCCESS)
		return status;
	reader_init(&r, resp, resp_len);
	if (!tlv_read(&r, CRYPTO_TAG_FIRST, &value, &value_len) || value_len != len)
		return PSA_ERROR_COMMUNICATION_FAILURE;
	memcpy(out, value, len);
	return PSA_SUCCESS;
}

psa_status_t attestation_hash(struct attestation *a, const void *data, size_t len,
			      uint8_t hash[ATTESTATION_HASH_LEN])
{
	uint8_t req[2 * sizeof(uint32_t) + ATTESTATION_HASHED_MAX];
	uint8_t resp[sizeof(uint32_t) + ATTESTATION_HASH_LEN];
	const uint8_t *value;
	psa_status_t status;
	uint32_t value_len;
	size_t resp_len;
	struct reader r;
	struct writer w;

	writer_init(&w, req, sizeof(req));
	if (!writer_u32(&w, HASH_ALGORITHM) || !writer_u32(&w, (uint32_t)len) ||
	    !writer_bytes(&w, data, len))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = attestation_crypto_call(a, CRYPTO_HASH_COMPUTE, &w, resp, sizeof(resp), &resp_len);
	if (status != PSA_SUCCESS)
		return status;

	reader_init(&r, resp, resp_len);
	if (!reader_u32(&r, &value_len) || value_len != ATTESTATION_HASH_LEN ||
	    !reader_bytes(&r, value_len, &value))
		return PSA_ERROR_COMMUNICATION_FAILURE;
	memcpy(hash, value, ATTESTATION_HASH_LEN);
	return PSA_SUCCESS;
}

/* The SHA-256 of the public key, behind the byte that says what sort of ID this is. */
static psa_status_t make_instance_id(struct attestation *a)
{
	a->instance_id[0] = INSTANCE_ID_RANDOM;
	return attestation_hash(a, a->public_key, sizeof(a->public_key), a->instance_id + 1);
}

/* DOES_NOT_EXIST: there is no key yet. */
static psa_status_t key_find(struct attestation *a)
{
	uint8_t req[sizeof(struct crypto_id)];
	psa_status_t status;
	struct writer w;

	if (a->key_known)
		return PSA_SUCCESS;
	writer_init(&w, req, sizeof(req));
	if (!writer_u32(&w, IAK_ID))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = attestation_crypto_call_record(a, CRYPTO_EXPORT_PUBLIC_KEY, &w, a->public_key,
						sizeof(a->public_key));
	if (status == PSA_ERROR_INVALID_HANDLE)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (status == PSA_SUCCESS && a->public_key[0] != POINT_UNCOMPRESSED)
		status = PSA_ERROR_DATA_CORRUPT;
	if (status == PSA_SUCCESS)
		status = make_instance_id(a);
	a->key_known = status == PSA_SUCCESS;
	return status;
}

/* Generates the key or, with a @scalar, imports it. Only if there is none. */
static psa_status_t key_make(struct attestation *a, const uint8_t *scalar, size_t len)
{
	uint8_t req[sizeof(struct crypto_attributes) + TLV_HEADER_LEN + ATTESTATION_IAK_LEN];
	uint8_t id[sizeof(struct crypto_id)];
	psa_status_t status = PSA_ERROR_INSUFFICIENT_MEMORY;
	size_t id_len;
	struct writer w;

	writer_init(&w, req, sizeof(req));
	if (writer_u32(&w, IAK_TYPE) && writer_u32(&w, IAK_BITS) && writer_u32(&w, IAK_LIFETIME) &&
	    writer_u32(&w, IAK_ID) && writer_u32(&w, IAK_USAGE) && writer_u32(&w, IAK_ALGORITHM) &&
	    (!scalar || tlv_write(&w, CRYPTO_TAG_FIRST, scalar, len)))
		status =
			attestation_crypto_call(a, scalar ? CRYPTO_IMPORT_KEY : CRYPTO_GENERATE_KEY,
						&w, id, sizeof(id), &id_len);
	secure_wipe(req, sizeof(req));
	return status;
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
	uint8_t req[sizeof(struct crypto_random)];
	psa_status_t status;
	struct writer w;

	if (a->seeded)
		return PSA_SUCCESS;
	writer_init(&w, req, sizeof(req));
	if (!writer_u32(&w, sizeof(a->boot_seed)))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = attestation_crypto_call_record(a, CRYPTO_GENERATE_RANDOM, &w, a->boot_seed,
						sizeof(a->boot_seed));
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
 * Begins a request to sign in a->message, with what is to be signed for @caller. Needs the
 * key and, unless only lengths matter, the seed.
 */
static psa_status_t begin_token(struct attestation *a, enum attestation_profile profile,
				const struct rpc_caller *caller, const uint8_t *challenge,
				size_t challenge_len, struct writer *w,
				struct attestation_input *input)
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
	uint8_t *value;
	size_t room;

	writer_init(w, a->message, sizeof(a->message));
	if (!writer_u32(w, IAK_ID) || !writer_u32(w, IAK_ALGORITHM) ||
	    !tlv_begin(w, ATTESTATION_TOKEN_MAX, &value, &room) ||
	    !attestation_token_input(&claims, value, room, input) ||
	    !tlv_end(w, CRYPTO_TAG_FIRST, input->len))
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	return PSA_SUCCESS;
}

/* The response is a record with the token. */
static enum ts_rpc_status answer_token(struct attestation *a, enum attestation_profile profile,
				       const struct rpc_caller *caller, const uint8_t *challenge,
				       size_t challenge_len, struct writer *resp, int32_t *status)
{
	uint8_t signature[ATTESTATION_SIGNATURE_LEN], *token;
	struct attestation_input input;
	struct writer w;
	size_t room, len;

	*status = key_use(a);
	if (*status == PSA_SUCCESS)
		*status = seed_use(a);
	if (*status == PSA_SUCCESS)
		*status = begin_token(a, profile, caller, challenge, challenge_len, &w, &input);
	if (*status == PSA_SUCCESS)
		*status = attestation_crypto_call_record(a, CRYPTO_SIGN_MESSAGE, &w, signature,
							 sizeof(signature));
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
	struct writer w;
	size_t len;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!attestation_challenge_valid(challenge_len))
		return TS_RPC_SUCCESS;
	*status = key_use(a);
	if (*status == PSA_SUCCESS)
		*status = begin_token(a, profile, caller, challenge, challenge_len, &w, &input);
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
	attestation->service.ops = ops;
	attestation->service.op_count = sizeof(ops) / sizeof(ops[0]);
	attestation->service.ctx = attestation;
	memcpy(attestation->service.uuid, uuid, TS_RPC_UUID_LEN);
}
