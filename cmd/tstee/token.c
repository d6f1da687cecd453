// SPDX-License-Identifier: BSD-3-Clause
/* Attestation tokens as a verifier sees them. See token.h. No state. */
#include "token.h"

#include "cbor_check.h"
#include "codec.h"

#include <qcbor/qcbor_decode.h>
#include <qcbor/qcbor_spiffy_decode.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The label of the list of critical parameters of a COSE header. */
#define COSE_CRITICAL 2

/* Behind the protected header. */
#define SIGNATURE_CONTEXT_LEN (sizeof(ATTESTATION_COSE_CONTEXT) - 1)

static const char malformed[] = "malformed CBOR";

/* The name of PSA_IOT_PROFILE_1, which its tokens need not say, and of a draft of RFC 9783. */
#define PROFILE_LEGACY_NAME "PSA_IOT_PROFILE_1"
#define PROFILE_DRAFT_NAME  "http://arm.com/psa/2.0.0"

/* The first byte of a UEID that is random or a hash (RFC 9711, section 4.2.1). */
#define UEID_TYPE_RAND 0x01

#define NOWHERE	       UINT16_MAX

/* A claim: what makes it right, and where it goes, a struct token_string or an int64_t. */
struct field {
	int64_t label;
	uint8_t type; /* of QCBOR_TYPE_... */
	bool required;
	uint16_t offset; /* in struct token, or NOWHERE */
	bool (*valid)(const QCBORItem *item);
	const char *problem; /* when it is missing or wrong */
};

static bool bytes_are_a_hash(const QCBORItem *item)
{
	return item->val.string.len == 32 || item->val.string.len == 48 ||
	       item->val.string.len == 64;
}

static bool bytes_are_32(const QCBORItem *item)
{
	return item->val.string.len == 32;
}

static bool bytes_are_8_to_32(const QCBORItem *item)
{
	return item->val.string.len >= 8 && item->val.string.len <= 32;
}

static bool bytes_are_a_ueid(const QCBORItem *item)
{
	const uint8_t *bytes = item->val.string.ptr;

	return item->val.string.len == 33 && bytes[0] == UEID_TYPE_RAND;
}

static bool text_is_any(const QCBORItem *item)
{
	(void)item;
	return true;
}

static bool text_is(UsefulBufC text, const char *wanted)
{
	return text.len == strlen(wanted) && !memcmp(text.ptr, wanted, text.len);
}

static bool text_is_the_legacy_profile(const QCBORItem *item)
{
	return text_is(item->val.string, PROFILE_LEGACY_NAME);
}

/* RFC 9783, section 4.3.2: an article number of 13 digits, "-", and a version of 5. */
static bool text_is_a_certification(const QCBORItem *item)
{
	const char *text = item->val.string.ptr;

	if (item->val.string.len != 19)
		return false;
	for (size_t i = 0; i < 19; i++) {
		if (i == 13 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

static bool number_is_a_client_id(const QCBORItem *item)
{
	return item->val.int64 >= INT32_MIN && item->val.int64 <= INT32_MAX;
}

/* RFC 9783, section 4.3.1: each state has 256 numbers, for the implementation to choose from. */
static bool number_is_a_lifecycle(const QCBORItem *item)
{
	const int64_t state = item->val.int64 & ~(int64_t)0xff;

	return !(state & 0xfff) && state >= ATTESTATION_LIFECYCLE_UNKNOWN &&
	       state <= ATTESTATION_LIFECYCLE_DECOMMISSIONED;
}

static bool number_is_1(const QCBORItem *item)
{
	return item->val.int64 == 1;
}

#define FIELD(lab, kind, req, off, predicate, what)                                            \
	{                                                                                      \
		.label = (lab), .type = QCBOR_TYPE_##kind, .required = (req), .offset = (off), \
		.valid = (predicate), .problem = "the " what " is missing or malformed",       \
	}
#define AT(member) offsetof(struct token, member)

static const struct field legacy_fields[] = {
	FIELD(ATTESTATION_LEGACY_PROFILE, TEXT_STRING, false, NOWHERE, text_is_the_legacy_profile,
	      "profile"),
	FIELD(ATTESTATION_LEGACY_CHALLENGE, BYTE_STRING, true, AT(challenge), bytes_are_a_hash,
	      "challenge"),
	FIELD(ATTESTATION_LEGACY_BOOT_SEED, BYTE_STRING, true, AT(boot_seed), bytes_are_32,
	      "boot seed"),
	FIELD(ATTESTATION_LEGACY_IMPLEMENTATION_ID, BYTE_STRING, true, AT(implementation_id),
	      bytes_are_32, "implementation ID"),
	FIELD(ATTESTATION_LEGACY_INSTANCE_ID, BYTE_STRING, true, AT(instance_id), bytes_are_a_ueid,
	      "instance ID"),
	FIELD(ATTESTATION_LEGACY_CLIENT_ID, INT64, true, AT(client_id), number_is_a_client_id,
	      "client ID"),
	FIELD(ATTESTATION_LEGACY_LIFECYCLE, INT64, true, AT(lifecycle), number_is_a_lifecycle,
	      "lifecycle"),
	FIELD(ATTESTATION_LEGACY_HARDWARE_VERSION, TEXT_STRING, false, AT(certification_reference),
	      text_is_any, "hardware version"),
	FIELD(ATTESTATION_LEGACY_VERIFICATION_SERVICE, TEXT_STRING, false, AT(verification_service),
	      text_is_any, "verification service"),
	FIELD(ATTESTATION_LEGACY_NO_COMPONENTS, INT64, false, NOWHERE, number_is_1,
	      "mark of no software components"),
};

/* The profile was looked at before. */
static const struct field fields[] = {
	FIELD(ATTESTATION_CLAIM_NONCE, BYTE_STRING, true, AT(challenge), bytes_are_a_hash,
	      "challenge"),
	FIELD(ATTESTATION_CLAIM_BOOT_SEED, BYTE_STRING, false, AT(boot_seed), bytes_are_8_to_32,
	      "boot seed"),
	FIELD(ATTESTATION_CLAIM_IMPLEMENTATION_ID, BYTE_STRING, true, AT(implementation_id),
	      bytes_are_32, "implementation ID"),
	FIELD(ATTESTATION_CLAIM_UEID, BYTE_STRING, true, AT(instance_id), bytes_are_a_ueid,
	      "instance ID"),
	FIELD(ATTESTATION_CLAIM_CLIENT_ID, INT64, true, AT(client_id), number_is_a_client_id,
	      "client ID"),
	FIELD(ATTESTATION_CLAIM_LIFECYCLE, INT64, true, AT(lifecycle), number_is_a_lifecycle,
	      "lifecycle"),
	FIELD(ATTESTATION_CLAIM_CERTIFICATION_REFERENCE, TEXT_STRING, false,
	      AT(certification_reference), text_is_a_certification, "certification reference"),
	FIELD(ATTESTATION_CLAIM_VERIFICATION_SERVICE, TEXT_STRING, false, AT(verification_service),
	      text_is_any, "verification service"),
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

	if (item->uDataType != field->type || !field->valid(item))
		return field->problem;
	if (field->offset == NOWHERE)
		return NULL;
	if (field->type == QCBOR_TYPE_INT64) {
		memcpy(at, &item->val.int64, sizeof(item->val.int64));
		return NULL;
	}
	string = string_of(item->val.string);
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
		if (item.uDataType != type)
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
	static const char *const names[] = { ATTESTATION_PROFILE_NAME, PROFILE_DRAFT_NAME };
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
		for (size_t i = 0; i < COUNT(names); i++) {
			token->profile_name = names[i];
			if (text_is(name, names[i]))
				return NULL;
		}
		return "the claims are of an unknown profile";
	}
	token->profile_name = PROFILE_LEGACY_NAME;
	QCBORDecode_GetItemInMapN(&cbor, ATTESTATION_LEGACY_CHALLENGE, QCBOR_TYPE_BYTE_STRING,
				  &item);
	token->profile = ATTESTATION_PROFILE_LEGACY;
	return QCBORDecode_GetError(&cbor) ? "no claims of a PSA attestation token" : NULL;
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
			problem = store_field(&table[i], &item, token);
			seen |= 1u << i;
		}
	}
	if (problem)
		return problem;
	QCBORDecode_ExitMap(&cbor);
	if (QCBORDecode_Finish(&cbor))
		return malformed;
	if (legacy && token->component_count && seen & 1u << (COUNT(legacy_fields) - 1))
		return "software components, and a mark that there are none";
	for (i = 0; i < count; i++) {
		if (table[i].required && !(seen & 1u << i))
			return table[i].problem;
	}
	return NULL;
}

/*
 * RFC 9052, section 3.1: what @header calls critical must be there, and be understood, as is the
 * algorithm alone here. All else may be passed over.
 */
static bool critical_is_known(UsefulBufC header)
{
	QCBORDecodeContext cbor;
	bool any = false;
	QCBORItem item;

	QCBORDecode_Init(&cbor, header, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_EnterArrayFromMapN(&cbor, COSE_CRITICAL);
	if (QCBORDecode_GetError(&cbor) == QCBOR_ERR_LABEL_NOT_FOUND)
		return true;
	if (QCBORDecode_GetError(&cbor))
		return false;
	while (QCBORDecode_PeekNext(&cbor, &item) == QCBOR_SUCCESS) {
		QCBORDecode_VGetNext(&cbor, &item);
		if (item.uDataType != QCBOR_TYPE_INT64 ||
		    item.val.int64 != ATTESTATION_COSE_ALGORITHM)
			return false;
		any = true;
	}
	QCBORDecode_ExitArray(&cbor);
	return any && !QCBORDecode_GetError(&cbor);
}

static const char *check_header(const struct token *token)
{
	const UsefulBufC header = { token->protected_header.data, token->protected_header.len };
	QCBORDecodeContext cbor;
	int64_t algorithm;

	QCBORDecode_Init(&cbor, header, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_GetInt64InMapN(&cbor, ATTESTATION_COSE_ALGORITHM, &algorithm);
	QCBORDecode_ExitMap(&cbor);
	if (QCBORDecode_Finish(&cbor) || algorithm != ATTESTATION_COSE_ES256)
		return "not signed with ES256";
	if (!critical_is_known(header))
		return "its header has critical parameters that are unknown";
	return NULL;
}

const char *token_parse(const uint8_t *data, size_t len, struct token *token)
{
	UsefulBufC protected_header, payload, signature;
	QCBORDecodeContext cbor;
	const char *problem;
	QCBORItem array;

	memset(token, 0, sizeof(*token));
	problem = cbor_check(data, len);
	if (problem)
		return problem;
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
	problem = cbor_check(token->protected_header.data, token->protected_header.len);
	if (!problem)
		problem = check_header(token);
	if (!problem)
		problem = cbor_check(token->payload.data, token->payload.len);
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

	return codec()->sha256_pieces(pieces, lens, COUNT(pieces), hash) &&
	       codec()->es256_verify(point, hash, token->signature.data);
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
