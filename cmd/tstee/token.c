// SPDX-License-Identifier: BSD-3-Clause
/* Attestation tokens as a verifier sees them. See token.h. No state. */
#include "token.h"

#include <qcbor/qcbor_decode.h>
#include <qcbor/qcbor_spiffy_decode.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Behind the protected header. */
#define SIGNATURE_CONTEXT_LEN (sizeof(ATTESTATION_COSE_CONTEXT) - 1)

static const char malformed[] = "malformed CBOR";

/* A claim, and where it goes: the offset of a struct token_string or an int64_t. */
struct field {
	int64_t label;
	uint8_t type; /* of QCBOR_TYPE_... */
	bool required;
	uint16_t offset;
	uint16_t min_len; /* of strings */
	uint16_t max_len;
	const char *problem; /* when it is missing or wrong */
};

#define BYTES(lab, req, member, min, max, what)                                               \
	{                                                                                     \
		.label = (lab), .type = QCBOR_TYPE_BYTE_STRING, .required = (req),            \
		.offset = offsetof(struct token, member), .min_len = (min), .max_len = (max), \
		.problem = "the " what " is missing or malformed",                            \
	}
#define TEXT(lab, member, what)                                                  \
	{                                                                        \
		.label = (lab), .type = QCBOR_TYPE_TEXT_STRING,                  \
		.offset = offsetof(struct token, member), .max_len = UINT16_MAX, \
		.problem = "the " what " is missing or malformed",               \
	}
#define NUMBER(lab, member, what)                                           \
	{                                                                   \
		.label = (lab), .type = QCBOR_TYPE_INT64, .required = true, \
		.offset = offsetof(struct token, member),                   \
		.problem = "the " what " is missing or malformed",          \
	}

static const struct field legacy_fields[] = {
	BYTES(ATTESTATION_LEGACY_CHALLENGE, true, challenge, 32, 64, "challenge"),
	BYTES(ATTESTATION_LEGACY_BOOT_SEED, true, boot_seed, 32, 32, "boot seed"),
	BYTES(ATTESTATION_LEGACY_IMPLEMENTATION_ID, true, implementation_id, 32, 32,
	      "implementation ID"),
	BYTES(ATTESTATION_LEGACY_INSTANCE_ID, true, instance_id, 33, 33, "instance ID"),
	NUMBER(ATTESTATION_LEGACY_CLIENT_ID, client_id, "client ID"),
	NUMBER(ATTESTATION_LEGACY_LIFECYCLE, lifecycle, "lifecycle"),
	TEXT(ATTESTATION_LEGACY_HARDWARE_VERSION, certification_reference, "hardware version"),
	TEXT(ATTESTATION_LEGACY_VERIFICATION_SERVICE, verification_service, "verification service"),
};

static const struct field fields[] = {
	BYTES(ATTESTATION_CLAIM_NONCE, true, challenge, 32, 64, "challenge"),
	BYTES(ATTESTATION_CLAIM_BOOT_SEED, false, boot_seed, 8, 32, "boot seed"),
	BYTES(ATTESTATION_CLAIM_IMPLEMENTATION_ID, true, implementation_id, 32, 32,
	      "implementation ID"),
	BYTES(ATTESTATION_CLAIM_UEID, true, instance_id, 33, 33, "instance ID"),
	NUMBER(ATTESTATION_CLAIM_CLIENT_ID, client_id, "client ID"),
	NUMBER(ATTESTATION_CLAIM_LIFECYCLE, lifecycle, "lifecycle"),
	TEXT(ATTESTATION_CLAIM_CERTIFICATION_REFERENCE, certification_reference,
	     "certification reference"),
	TEXT(ATTESTATION_CLAIM_VERIFICATION_SERVICE, verification_service, "verification service"),
};

static struct token_string string_of(UsefulBufC bytes)
{
	/* An empty string is there, wherever QCBOR says that it is. */
	static const uint8_t nothing[1];

	return (struct token_string){
		.data = bytes.len ? bytes.ptr : nothing,
		.len = bytes.len,
	};
}

static const char *store_field(const struct field *field, const QCBORItem *item,
			       struct token *token)
{
	uint8_t *at = (uint8_t *)token + field->offset;
	struct token_string string;

	if (item->uDataType != field->type)
		return field->problem;
	if (field->type == QCBOR_TYPE_INT64) {
		memcpy(at, &item->val.int64, sizeof(item->val.int64));
		return NULL;
	}
	string = string_of(item->val.string);
	if (string.len < field->min_len || string.len > field->max_len)
		return field->problem;
	memcpy(at, &string, sizeof(string));
	return NULL;
}

static bool hash_len_valid(size_t len)
{
	return len == 32 || len == 48 || len == 64;
}

static struct token_string *component_field(struct token_component *component, int64_t label,
					    uint8_t *type)
{
	*type = QCBOR_TYPE_TEXT_STRING;
	switch (label) {
	case ATTESTATION_COMPONENT_TYPE:
		return &component->type;
	case ATTESTATION_COMPONENT_VERSION:
		return &component->version;
	case ATTESTATION_COMPONENT_DESCRIPTION:
		return &component->description;
	default:
		break;
	}
	*type = QCBOR_TYPE_BYTE_STRING;
	switch (label) {
	case ATTESTATION_COMPONENT_VALUE:
		return &component->value;
	case ATTESTATION_COMPONENT_SIGNER_ID:
		return &component->signer_id;
	default:
		return NULL;
	}
}

/* The items of the map that was entered; passes over those that are unknown. */
static const char *read_component(QCBORDecodeContext *cbor, bool needs_signer,
				  struct token_component *component)
{
	static const char problem[] = "a software component is malformed";
	struct token_string *string;
	QCBORItem item;
	uint8_t type;

	while (QCBORDecode_PeekNext(cbor, &item) == QCBOR_SUCCESS) {
		QCBORDecode_VGetNextConsume(cbor, &item);
		if (QCBORDecode_GetError(cbor))
			return malformed;
		if (item.uLabelType != QCBOR_TYPE_INT64)
			continue;
		string = component_field(component, item.label.int64, &type);
		if (!string)
			continue;
		if (string->data || item.uDataType != type)
			return problem;
		*string = string_of(item.val.string);
	}
	if (!component->value.data || !hash_len_valid(component->value.len) ||
	    (needs_signer && !component->signer_id.data) ||
	    (component->signer_id.data && !hash_len_valid(component->signer_id.len)))
		return problem;
	return NULL;
}

static const char *read_components(QCBORDecodeContext *cbor, struct token *token)
{
	const char *problem;
	QCBORItem item;

	if (token->component_count)
		return "the software components are there twice";
	QCBORDecode_EnterArray(cbor, NULL);
	while (QCBORDecode_PeekNext(cbor, &item) == QCBOR_SUCCESS) {
		if (token->component_count == TOKEN_COMPONENTS_MAX)
			return "too many software components";
		QCBORDecode_EnterMap(cbor, NULL);
		if (QCBORDecode_GetError(cbor))
			return malformed;
		problem = read_component(cbor, token->profile == ATTESTATION_PROFILE_RFC9783,
					 &token->components[token->component_count]);
		if (problem)
			return problem;
		QCBORDecode_ExitMap(cbor);
		token->component_count++;
	}
	QCBORDecode_ExitArray(cbor);
	if (QCBORDecode_GetError(cbor))
		return malformed;
	return token->component_count ? NULL : "the list of software components is empty";
}

/* The profile's own name, or, where there is none, a challenge with the older label. */
static const char *find_profile(struct token *token)
{
	const UsefulBufC payload = { token->payload.data, token->payload.len };
	QCBORDecodeContext cbor;
	UsefulBufC name;
	QCBORItem item;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	if (QCBORDecode_GetError(&cbor))
		return malformed;
	QCBORDecode_GetTextStringInMapN(&cbor, ATTESTATION_CLAIM_PROFILE, &name);
	if (!QCBORDecode_GetAndResetError(&cbor)) {
		token->profile = ATTESTATION_PROFILE_RFC9783;
		return name.len == strlen(ATTESTATION_PROFILE_NAME) &&
				       !memcmp(name.ptr, ATTESTATION_PROFILE_NAME, name.len) ?
			       NULL :
			       "the claims are of an unknown profile";
	}
	QCBORDecode_GetItemInMapN(&cbor, ATTESTATION_LEGACY_CHALLENGE, QCBOR_TYPE_BYTE_STRING,
				  &item);
	token->profile = ATTESTATION_PROFILE_LEGACY;
	return QCBORDecode_GetError(&cbor) ? "no claims of a PSA attestation token" : NULL;
}

static const char *check_ranges(const struct token *token)
{
	if (!attestation_challenge_valid(token->challenge.len))
		return "the challenge is missing or malformed";
	if (token->client_id < INT32_MIN || token->client_id > INT32_MAX)
		return "the client ID is missing or malformed";
	if (token->lifecycle < 0 || token->lifecycle > UINT16_MAX)
		return "the lifecycle is missing or malformed";
	return NULL;
}

static const char *read_claims(struct token *token)
{
	const bool legacy = token->profile == ATTESTATION_PROFILE_LEGACY;
	const struct field *table = legacy ? legacy_fields : fields;
	const size_t count = legacy ? COUNT(legacy_fields) : COUNT(fields);
	const int64_t components = legacy ? (int64_t)ATTESTATION_LEGACY_COMPONENTS :
					    (int64_t)ATTESTATION_CLAIM_COMPONENTS;
	const UsefulBufC payload = { token->payload.data, token->payload.len };
	const char *problem = NULL;
	QCBORDecodeContext cbor;
	uint32_t seen = 0;
	QCBORItem item;
	size_t i;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	while (!problem && QCBORDecode_PeekNext(&cbor, &item) == QCBOR_SUCCESS) {
		const bool numbered = item.uLabelType == QCBOR_TYPE_INT64;

		if (numbered && item.label.int64 == components) {
			problem = read_components(&cbor, token);
			continue;
		}
		QCBORDecode_VGetNextConsume(&cbor, &item);
		if (QCBORDecode_GetError(&cbor))
			return malformed;
		for (i = 0; numbered && i < count; i++) {
			if (table[i].label != item.label.int64)
				continue;
			problem = seen & 1u << i ? "a claim is there twice" :
						   store_field(&table[i], &item, token);
			seen |= 1u << i;
		}
	}
	if (problem)
		return problem;
	QCBORDecode_ExitMap(&cbor);
	if (QCBORDecode_Finish(&cbor))
		return malformed;
	for (i = 0; i < count; i++) {
		if (table[i].required && !(seen & 1u << i))
			return table[i].problem;
	}
	return check_ranges(token);
}

/* The header says ES256, and nothing that must be understood and isn't. */
static const char *check_header(const struct token *token)
{
	static const char problem[] = "not signed with ES256, or with parameters that are unknown";
	const UsefulBufC header = { token->protected_header.data, token->protected_header.len };
	QCBORDecodeContext cbor;
	int64_t algorithm;
	QCBORItem map;

	QCBORDecode_Init(&cbor, header, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, &map);
	QCBORDecode_GetInt64InMapN(&cbor, ATTESTATION_COSE_ALGORITHM, &algorithm);
	QCBORDecode_ExitMap(&cbor);
	if (QCBORDecode_Finish(&cbor) || algorithm != ATTESTATION_COSE_ES256 || map.val.uCount != 1)
		return problem;
	return NULL;
}

const char *token_parse(const uint8_t *data, size_t len, struct token *token)
{
	UsefulBufC protected_header, payload, signature;
	QCBORDecodeContext cbor;
	const char *problem;
	QCBORItem array;

	memset(token, 0, sizeof(*token));
	QCBORDecode_Init(&cbor, (UsefulBufC){ data, len }, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterArray(&cbor, &array);
	if (QCBORDecode_GetError(&cbor) || array.val.uCount != 4 ||
	    QCBORDecode_GetNthTag(&cbor, &array, 0) != ATTESTATION_COSE_SIGN1)
		return "not a COSE_Sign1 structure";
	QCBORDecode_GetByteString(&cbor, &protected_header);
	/* Nothing in the unprotected header matters; it is signed by nobody. */
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_ExitMap(&cbor);
	QCBORDecode_GetByteString(&cbor, &payload);
	QCBORDecode_GetByteString(&cbor, &signature);
	QCBORDecode_ExitArray(&cbor);
	if (QCBORDecode_Finish(&cbor))
		return malformed;
	if (signature.len != ES256_SIGNATURE_LEN)
		return "a signature of a wrong length";

	token->protected_header = string_of(protected_header);
	token->payload = string_of(payload);
	token->signature = string_of(signature);
	problem = check_header(token);
	if (!problem)
		problem = find_profile(token);
	if (!problem)
		problem = read_claims(token);
	return problem;
}

/* The head of a byte string of @len bytes, in the shortest form. */
static size_t string_head(size_t len, uint8_t head[5])
{
	const uint8_t major = 0x40;

	if (len < 24) {
		head[0] = (uint8_t)(major | len);
		return 1;
	}
	if (len <= UINT8_MAX) {
		head[0] = major | 24;
		head[1] = (uint8_t)len;
		return 2;
	}
	if (len <= UINT16_MAX) {
		head[0] = major | 25;
		head[1] = (uint8_t)(len >> 8);
		head[2] = (uint8_t)len;
		return 3;
	}
	head[0] = major | 26;
	for (int i = 0; i < 4; i++)
		head[1 + i] = (uint8_t)(len >> (24 - 8 * i));
	return 5;
}

bool token_verify(const struct token *token, const uint8_t point[ES256_POINT_LEN])
{
	/* RFC 9052, section 4.4: an array of four, the first the context, the third empty. */
	static const uint8_t begin[] = { 0x84, 0x60 | SIGNATURE_CONTEXT_LEN };
	static const uint8_t empty[] = { 0x40 };
	uint8_t header_head[5], payload_head[5], hash[ES256_HASH_LEN];
	const uint8_t *const pieces[] = {
		begin,
		(const uint8_t *)ATTESTATION_COSE_CONTEXT,
		header_head,
		token->protected_header.data,
		empty,
		payload_head,
		token->payload.data,
	};
	const size_t lens[] = {
		sizeof(begin),
		SIGNATURE_CONTEXT_LEN,
		string_head(token->protected_header.len, header_head),
		token->protected_header.len,
		sizeof(empty),
		string_head(token->payload.len, payload_head),
		token->payload.len,
	};

	return sha256_pieces(pieces, lens, COUNT(pieces), hash) &&
	       es256_verify(point, hash, token->signature.data);
}

const char *token_lifecycle_name(int64_t lifecycle)
{
	switch (lifecycle & 0xff00) {
	case ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST:
		return "assembly-and-test";
	case ATTESTATION_LIFECYCLE_ROT_PROVISIONING:
		return "psa-rot-provisioning";
	case ATTESTATION_LIFECYCLE_SECURED:
		return "secured";
	case ATTESTATION_LIFECYCLE_NON_ROT_DEBUG:
		return "non-psa-rot-debug";
	case ATTESTATION_LIFECYCLE_RECOVERABLE_ROT_DEBUG:
		return "recoverable-psa-rot-debug";
	case ATTESTATION_LIFECYCLE_DECOMMISSIONED:
		return "decommissioned";
	default:
		return "unknown";
	}
}
