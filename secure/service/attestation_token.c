// SPDX-License-Identifier: BSD-3-Clause
/* Attestation tokens as bytes. See attestation_token.h. */
#include <qcbor/qcbor_encode.h>
#include <secure/service/attestation_token.h>
#include <string.h>

static UsefulBufC text(const char *s)
{
	return (UsefulBufC){ .ptr = s, .len = strlen(s) };
}

static UsefulBufC bytes(const uint8_t *data, size_t len)
{
	return (UsefulBufC){ .ptr = data, .len = len };
}

/* In both profiles the same; but RFC 9783 demands a signer, and the old one knows none. */
static void add_component(QCBOREncodeContext *cbor, const struct attestation_component *component,
			  bool with_signer)
{
	QCBOREncode_OpenMap(cbor);
	if (component->type[0])
		QCBOREncode_AddTextToMapN(cbor, ATTESTATION_COMPONENT_TYPE, text(component->type));
	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_COMPONENT_VALUE,
				   bytes(component->value, sizeof(component->value)));
	if (component->version[0])
		QCBOREncode_AddTextToMapN(cbor, ATTESTATION_COMPONENT_VERSION,
					  text(component->version));
	if (with_signer)
		QCBOREncode_AddBytesToMapN(
			cbor, ATTESTATION_COMPONENT_SIGNER_ID,
			bytes(component->signer_id, sizeof(component->signer_id)));
	QCBOREncode_CloseMap(cbor);
}

static void add_components(QCBOREncodeContext *cbor, int64_t label,
			   const struct attestation_platform *platform, bool with_signer)
{
	QCBOREncode_OpenArrayInMapN(cbor, label);
	for (size_t i = 0; i < platform->component_count; i++)
		add_component(cbor, &platform->components[i], with_signer);
	QCBOREncode_CloseArray(cbor);
}

/* In the order in which the reference partition has them. */
static void add_legacy_claims(QCBOREncodeContext *cbor, const struct attestation_claims *claims)
{
	const struct attestation_platform *platform = claims->platform;

	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_LEGACY_CHALLENGE,
				   bytes(claims->challenge, claims->challenge_len));
	QCBOREncode_AddInt64ToMapN(cbor, ATTESTATION_LEGACY_CLIENT_ID, claims->client_id);
	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_LEGACY_BOOT_SEED,
				   bytes(claims->boot_seed, ATTESTATION_BOOT_SEED_LEN));
	QCBOREncode_AddInt64ToMapN(cbor, ATTESTATION_LEGACY_LIFECYCLE, platform->lifecycle);
	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_LEGACY_INSTANCE_ID,
				   bytes(claims->instance_id, ATTESTATION_INSTANCE_LEN));
	QCBOREncode_AddBytesToMapN(
		cbor, ATTESTATION_LEGACY_IMPLEMENTATION_ID,
		bytes(platform->implementation_id, sizeof(platform->implementation_id)));
	if (platform->component_count)
		add_components(cbor, ATTESTATION_LEGACY_COMPONENTS, platform, false);
	else
		QCBOREncode_AddInt64ToMapN(cbor, ATTESTATION_LEGACY_NO_COMPONENTS, 1);
}

/* RFC 9783, section 4. A list of components is never empty: who has none leaves it out. */
static void add_claims(QCBOREncodeContext *cbor, const struct attestation_claims *claims)
{
	const struct attestation_platform *platform = claims->platform;

	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_CLAIM_NONCE,
				   bytes(claims->challenge, claims->challenge_len));
	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_CLAIM_UEID,
				   bytes(claims->instance_id, ATTESTATION_INSTANCE_LEN));
	QCBOREncode_AddTextToMapN(cbor, ATTESTATION_CLAIM_PROFILE, text(ATTESTATION_PROFILE_NAME));
	QCBOREncode_AddBytesToMapN(cbor, ATTESTATION_CLAIM_BOOT_SEED,
				   bytes(claims->boot_seed, ATTESTATION_BOOT_SEED_LEN));
	QCBOREncode_AddInt64ToMapN(cbor, ATTESTATION_CLAIM_CLIENT_ID, claims->client_id);
	QCBOREncode_AddUInt64ToMapN(cbor, ATTESTATION_CLAIM_LIFECYCLE, platform->lifecycle);
	QCBOREncode_AddBytesToMapN(
		cbor, ATTESTATION_CLAIM_IMPLEMENTATION_ID,
		bytes(platform->implementation_id, sizeof(platform->implementation_id)));
	if (platform->certification_reference)
		QCBOREncode_AddTextToMapN(cbor, ATTESTATION_CLAIM_CERTIFICATION_REFERENCE,
					  text(platform->certification_reference));
	if (platform->component_count)
		add_components(cbor, ATTESTATION_CLAIM_COMPONENTS, platform, true);
	if (platform->verification_service)
		QCBOREncode_AddTextToMapN(cbor, ATTESTATION_CLAIM_VERIFICATION_SERVICE,
					  text(platform->verification_service));
}

static void add_protected_header(QCBOREncodeContext *cbor)
{
	UsefulBufC wrapped;

	QCBOREncode_BstrWrap(cbor);
	QCBOREncode_OpenMap(cbor);
	QCBOREncode_AddInt64ToMapN(cbor, ATTESTATION_COSE_ALGORITHM, ATTESTATION_COSE_ES256);
	QCBOREncode_CloseMap(cbor);
	QCBOREncode_CloseBstrWrap2(cbor, false, &wrapped);
}

bool attestation_token_input(const struct attestation_claims *claims, uint8_t *out, size_t size,
			     struct attestation_input *input)
{
	QCBOREncodeContext cbor;
	UsefulBufC payload, whole;

	QCBOREncode_Init(&cbor, (UsefulBuf){ .ptr = out, .len = size });
	QCBOREncode_OpenArray(&cbor);
	QCBOREncode_AddSZString(&cbor, ATTESTATION_COSE_CONTEXT);
	add_protected_header(&cbor);
	QCBOREncode_AddBytes(&cbor, (UsefulBufC){ .ptr = "", .len = 0 });
	QCBOREncode_BstrWrap(&cbor);
	QCBOREncode_OpenMap(&cbor);
	if (claims->profile == ATTESTATION_PROFILE_LEGACY)
		add_legacy_claims(&cbor, claims);
	else
		add_claims(&cbor, claims);
	QCBOREncode_CloseMap(&cbor);
	QCBOREncode_CloseBstrWrap2(&cbor, false, &payload);
	QCBOREncode_CloseArray(&cbor);
	if (QCBOREncode_Finish(&cbor, &whole))
		return false;

	/* The payload is last, and moved when the lengths before it were put in. */
	input->len = whole.len;
	input->payload_len = payload.len;
	input->payload = out + whole.len - payload.len;
	return true;
}

bool attestation_token_write(const struct attestation_input *input,
			     const uint8_t signature[ATTESTATION_SIGNATURE_LEN], uint8_t *out,
			     size_t size, size_t *len)
{
	QCBOREncodeContext cbor;

	QCBOREncode_Init(&cbor, (UsefulBuf){ .ptr = out, .len = size });
	QCBOREncode_AddTag(&cbor, ATTESTATION_COSE_SIGN1);
	QCBOREncode_OpenArray(&cbor);
	add_protected_header(&cbor);
	QCBOREncode_OpenMap(&cbor);
	QCBOREncode_CloseMap(&cbor);
	QCBOREncode_AddBytes(&cbor, bytes(input->payload, input->payload_len));
	QCBOREncode_AddBytes(&cbor, bytes(signature, ATTESTATION_SIGNATURE_LEN));
	QCBOREncode_CloseArray(&cbor);
	return !QCBOREncode_FinishGetSize(&cbor, len);
}
