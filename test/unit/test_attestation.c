// SPDX-License-Identifier: BSD-3-Clause
/*
 * The attestation service over a real crypto service, by messages as a client sends them. Tokens
 * are taken apart by QCBOR's decoder and verified with Mbed TLS.
 */
#include "crypto_fixture.h"
#include <qcbor/qcbor_decode.h>
#include <qcbor/qcbor_spiffy_decode.h>
#include <secure/service/attestation.h>
#include <secure/service/tlv.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/services.h>

#define USER 0x800003e8u
#define ROOT 0x80000000u
#define PAGE 16384u

static const uint8_t uuid[] = TSTEE_ATTESTATION_UUID_BYTES;
static struct attestation attestation;
static struct attestation_component components[64];
static struct attestation_platform platform;
static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * PAGE];
static _Alignas(16) uint8_t page[PAGE];
static struct rpc_caller caller;

static int32_t rpc;
static size_t answer_len;

static const uint8_t challenge[64] = { 1, 2, 3, 4, 5, 6, 7, 8, [63] = 9 };

static int map_page(uint16_t source, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source;
	(void)handle;
	(void)tag;
	*addr = page;
	*len = sizeof(page);
	return 0;
}

static int unmap_page(uint64_t handle)
{
	(void)handle;
	return 0;
}

/* As after a boot: the service has forgotten all that isn't in storage. */
static void boot(void)
{
	static const struct endpoint_memory_ops memory = { map_page, unmap_page };
	static const struct service *const services[] = { &attestation.service };
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE), 7 };

	attestation_init(&attestation, uuid, &platform);
	endpoint_init(&ep, &memory, services, 1, messages, sizeof(messages));
	for (uint16_t source = 0; source < 2; source++) {
		words[0] = ts_rpc_control(0xff, TS_RPC_MEMORY_RETRIEVE);
		words[1] = 7u + source;
		words[2] = 0;
		endpoint_handle(&ep, source ? 0x8005 : 0, words);
		assert_int_equal(words[TS_RPC_REG_STATUS], 0);
	}
	caller = (struct rpc_caller){ .client_id = USER, .buffer = 7 };
}

static int setup(void **state)
{
	memset(components, 0, sizeof(components));
	for (size_t i = 0; i < 64; i++) {
		components[i].type[0] = 'A';
		memset(components[i].value, (int)i, ATTESTATION_HASH_LEN);
	}
	strcpy(components[1].version, "1.2.3");
	memset(components[1].signer_id, 0x77, ATTESTATION_HASH_LEN);
	platform = (struct attestation_platform){
		.crypto = &crypto_peer,
		.components = components,
		.component_count = 2,
		.lifecycle = ATTESTATION_LIFECYCLE_ROT_PROVISIONING + 5,
		.implementation_id = "an implementation",
	};
	crypto_setup(state);
	crypto_peer_share();
	boot();
	return 0;
}

static int32_t request(uint16_t opcode, const void *bytes, size_t len)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0, opcode), (uint32_t)caller.buffer, 0,
					(uint32_t)len, caller.client_id };

	peer_calls = 0;
	memcpy(page, bytes, len);
	endpoint_handle(&ep, caller.source_id, words);
	rpc = (int32_t)words[TS_RPC_REG_STATUS];
	answer_len = words[TS_RPC_REG_RESP_LEN];
	return (int32_t)words[TS_RPC_REG_SERVICE_STATUS];
}

static int32_t request_record(uint16_t opcode, uint32_t profile, const void *value, size_t len)
{
	static uint8_t bytes[PAGE];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	assert_true((!profile || writer_u32(&w, profile)) && tlv_write(&w, 1, value, len));
	return request(opcode, bytes, w.len);
}

static const uint8_t *answer_record(size_t *len)
{
	const uint8_t *value;
	struct reader r;

	assert_int_equal(rpc, 0);
	reader_init(&r, page, answer_len);
	assert_true(tlv_read(&r, 1, &value, len));
	assert_int_equal(r.pos, answer_len);
	return value;
}

static int32_t get(uint32_t profile, size_t len)
{
	if (profile == ATTESTATION_PROFILE_LEGACY)
		return request_record(ATTESTATION_GET_TOKEN, 0, challenge, len);
	return request_record(ATTESTATION_GET_TOKEN_PROFILE, profile, challenge, len);
}

static uint32_t get_size(uint32_t profile, uint32_t len)
{
	const struct attestation_profile_size both = { profile, len };
	const bool legacy = profile == ATTESTATION_PROFILE_LEGACY;
	uint32_t size;

	assert_int_equal(
		request(legacy ? ATTESTATION_GET_TOKEN_SIZE : ATTESTATION_GET_TOKEN_SIZE_PROFILE,
			legacy ? (const void *)&both.challenge_size : &both, legacy ? 4 : 8),
		PSA_SUCCESS);
	assert_int_equal(rpc, 0);
	assert_int_equal(answer_len, 4);
	memcpy(&size, page, sizeof(size));
	return size;
}

static UsefulBufC payload;
static uint8_t token_copy[PAGE];

/* Takes the token that was just answered apart, and verifies it with @point. */
static void open_token(const uint8_t *point)
{
	uint8_t tbs[PAGE], *at = tbs;
	psa_key_attributes_t key = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id;
	QCBORDecodeContext cbor;
	UsefulBufC signature, protected_header;
	QCBORItem item;
	size_t len;
	const uint8_t *token = answer_record(&len);

	memcpy(token_copy, token, len);
	assert_int_equal(token_copy[0], 0xd2);
	QCBORDecode_Init(&cbor, (UsefulBufC){ token_copy, len }, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterArray(&cbor, NULL);
	QCBORDecode_GetByteString(&cbor, &protected_header);
	QCBORDecode_EnterMap(&cbor, &item);
	assert_int_equal(item.val.uCount, 0);
	QCBORDecode_ExitMap(&cbor);
	QCBORDecode_GetByteString(&cbor, &payload);
	QCBORDecode_GetByteString(&cbor, &signature);
	QCBORDecode_ExitArray(&cbor);
	assert_int_equal(QCBORDecode_Finish(&cbor), QCBOR_SUCCESS);
	assert_int_equal(signature.len, 64);
	assert_int_equal(protected_header.len, 3);
	assert_memory_equal(protected_header.ptr, "\xa1\x01\x26", 3);

	/* By hand: the form that RFC 9052 gives. */
	memcpy(at, "\x84\x6aSignature1\x43\xa1\x01\x26\x40", 17);
	at += 17;
	*at++ = payload.len > 255 ? 0x59 : 0x58;
	if (payload.len > 255)
		*at++ = (uint8_t)(payload.len >> 8);
	*at++ = (uint8_t)payload.len;
	memcpy(at, payload.ptr, payload.len);
	at += payload.len;
	psa_set_key_type(&key, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_usage_flags(&key, PSA_KEY_USAGE_VERIFY_MESSAGE);
	psa_set_key_algorithm(&key, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
	assert_int_equal(psa_import_key(&key, point, 65, &id), PSA_SUCCESS);
	assert_int_equal(psa_verify_message(id, PSA_ALG_ECDSA(PSA_ALG_SHA_256), tbs,
					    (size_t)(at - tbs), signature.ptr, signature.len),
			 PSA_SUCCESS);
	psa_destroy_key(id);
}

static UsefulBufC claim_bytes(int64_t label)
{
	QCBORDecodeContext cbor;
	UsefulBufC value;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_GetByteStringInMapN(&cbor, label, &value);
	assert_int_equal(QCBORDecode_GetError(&cbor), QCBOR_SUCCESS);
	return value;
}

static int64_t claim_number(int64_t label)
{
	QCBORDecodeContext cbor;
	int64_t value;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_GetInt64InMapN(&cbor, label, &value);
	assert_int_equal(QCBORDecode_GetError(&cbor), QCBOR_SUCCESS);
	return value;
}

static bool claim_exists(int64_t label)
{
	QCBORDecodeContext cbor;
	QCBORItem item;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_GetItemInMapN(&cbor, label, QCBOR_TYPE_ANY, &item);
	return QCBORDecode_GetError(&cbor) == QCBOR_SUCCESS;
}

static void expect_bytes(int64_t label, const void *value, size_t len)
{
	UsefulBufC got = claim_bytes(label);

	assert_int_equal(got.len, len);
	assert_memory_equal(got.ptr, value, len);
}

static void expect_text(QCBORDecodeContext *cbor, int64_t label, const char *value)
{
	UsefulBufC got;

	QCBORDecode_GetTextStringInMapN(cbor, label, &got);
	assert_int_equal(QCBORDecode_GetError(cbor), QCBOR_SUCCESS);
	assert_int_equal(got.len, strlen(value));
	assert_memory_equal(got.ptr, value, got.len);
}

static void expect_claim_text(int64_t label, const char *value)
{
	QCBORDecodeContext cbor;

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	expect_text(&cbor, label, value);
}

static void public_key(uint8_t point[65], uint8_t instance_id[33])
{
	const uint8_t *key;
	size_t len;

	assert_int_equal(request(ATTESTATION_EXPORT_IAK_PUBLIC_KEY, "", 0), PSA_SUCCESS);
	key = answer_record(&len);
	assert_int_equal(len, 65);
	assert_int_equal(key[0], 4);
	memcpy(point, key, 65);
	instance_id[0] = 1;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, point, 65, instance_id + 1, 32, &len),
			 PSA_SUCCESS);
}

static void a_token_has_the_claims_of_rfc_9783(void **state)
{
	uint8_t point[65], instance_id[33];
	QCBORDecodeContext cbor;
	UsefulBufC value;

	(void)state;
	platform.certification_reference = "1234567890123-12345";
	platform.verification_service = "https://verify.example";
	public_key(point, instance_id);
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(point);
	expect_bytes(10, challenge, 32);
	expect_bytes(256, instance_id, 33);
	expect_claim_text(265, "tag:psacertified.org,2023:psa#tfm");
	assert_int_equal(claim_bytes(268).len, 32);
	assert_int_equal(claim_number(2394), (int32_t)USER);
	assert_int_equal(claim_number(2395), 0x2005);
	expect_bytes(2396, platform.implementation_id, 32);
	expect_claim_text(2398, "1234567890123-12345");
	expect_claim_text(2400, "https://verify.example");

	QCBORDecode_Init(&cbor, payload, QCBOR_DECODE_MODE_NORMAL);
	QCBORDecode_EnterMap(&cbor, NULL);
	QCBORDecode_EnterArrayFromMapN(&cbor, 2399);
	for (size_t i = 0; i < 2; i++) {
		QCBORDecode_EnterMap(&cbor, NULL);
		expect_text(&cbor, 1, "A");
		QCBORDecode_GetByteStringInMapN(&cbor, 2, &value);
		assert_int_equal(value.len, 32);
		assert_memory_equal(value.ptr, components[i].value, 32);
		QCBORDecode_GetByteStringInMapN(&cbor, 5, &value);
		assert_int_equal(value.len, 32);
		assert_memory_equal(value.ptr, components[i].signer_id, 32);
		if (i)
			expect_text(&cbor, 4, "1.2.3");
		QCBORDecode_ExitMap(&cbor);
	}
	QCBORDecode_ExitArray(&cbor);
	QCBORDecode_ExitMap(&cbor);
	assert_int_equal(QCBORDecode_Finish(&cbor), QCBOR_SUCCESS);
}

static void a_legacy_token_has_the_old_labels(void **state)
{
	uint8_t point[65], instance_id[33];

	(void)state;
	public_key(point, instance_id);
	assert_int_equal(get(ATTESTATION_PROFILE_LEGACY, 48), PSA_SUCCESS);
	open_token(point);
	expect_bytes(-75008, challenge, 48);
	assert_int_equal(claim_number(-75001), (int32_t)USER);
	assert_int_equal(claim_number(-75002), 0x2005);
	expect_bytes(-75003, platform.implementation_id, 32);
	assert_int_equal(claim_bytes(-75004).len, 32);
	expect_bytes(-75009, instance_id, 33);
	assert_true(claim_exists(-75006));
	assert_false(claim_exists(-75000));
	assert_false(claim_exists(-75007));
}

static void no_components_are_told_as_each_profile_can(void **state)
{
	uint8_t point[65], instance_id[33];

	(void)state;
	platform.component_count = 0;
	public_key(point, instance_id);
	assert_int_equal(get(ATTESTATION_PROFILE_LEGACY, 32), PSA_SUCCESS);
	open_token(point);
	assert_int_equal(claim_number(-75007), 1);
	assert_false(claim_exists(-75006));
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(point);
	assert_false(claim_exists(2399));
}

static void the_size_is_that_of_a_real_token(void **state)
{
	static const uint32_t lens[] = { 32, 48, 64 };
	static const uint32_t clients[] = { 0, USER, 0x80000000, 0xffffff00 };
	size_t len;

	(void)state;
	for (uint32_t profile = 1; profile <= 2; profile++) {
		for (size_t i = 0; i < 12; i++) {
			uint32_t size;

			caller.client_id = clients[i / 3];
			size = get_size(profile, lens[i % 3]);
			assert_int_equal(get(profile, lens[i % 3]), PSA_SUCCESS);
			answer_record(&len);
			assert_int_equal(len, size);
		}
	}
}

static void a_token_is_one_call_of_crypto(void **state)
{
	(void)state;
	assert_int_equal(get(ATTESTATION_PROFILE_LEGACY, 32), PSA_SUCCESS);
	assert_int_equal(get(ATTESTATION_PROFILE_LEGACY, 32), PSA_SUCCESS);
	assert_int_equal(peer_calls, 1);
	assert_int_equal(peer_opcode, CRYPTO_SIGN_MESSAGE);
	get_size(ATTESTATION_PROFILE_LEGACY, 32);
	assert_int_equal(peer_calls, 0);
}

static void only_identified_clients_and_partitions_have_numbers(void **state)
{
	uint8_t point[65], instance_id[33];

	(void)state;
	public_key(point, instance_id);
	/* The normal world can't name a client that would pass for a partition. */
	for (uint32_t client = 0; client <= 0x7fffffff; client += 0x7fffffff) {
		caller.client_id = client;
		assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
		open_token(point);
		assert_int_equal(claim_number(2394), ATTESTATION_CLIENT_ID_PUBLIC);
		assert_int_equal(get(ATTESTATION_PROFILE_LEGACY, 32), PSA_SUCCESS);
		open_token(point);
		assert_int_equal(claim_number(-75001), 0);
	}
	caller = (struct rpc_caller){ .source_id = 0x8005, .client_id = USER, .buffer = 8 };
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(point);
	assert_int_equal(claim_number(2394), 0x8005);
}

static void challenges_have_one_of_three_lengths(void **state)
{
	static const uint8_t zeros[66];

	(void)state;
	for (size_t len = 0; len <= 66; len++) {
		const bool valid = len == 32 || len == 48 || len == 64;

		for (uint32_t profile = 0; profile <= 2; profile += 2) {
			int32_t status = request_record(profile ? ATTESTATION_GET_TOKEN_PROFILE :
								  ATTESTATION_GET_TOKEN,
							profile, zeros, len);

			assert_int_equal(rpc, len > 64 ? TS_RPC_ERROR_INVALID_REQUEST_BODY : 0);
			if (len <= 64)
				assert_int_equal(status, valid ? 0 : PSA_ERROR_INVALID_ARGUMENT);
		}
		if (!valid)
			assert_int_equal(request(ATTESTATION_GET_TOKEN_SIZE, &(uint32_t){ len }, 4),
					 PSA_ERROR_INVALID_ARGUMENT);
	}
}

static void malformed_requests_are_refused(void **state)
{
	static const struct {
		uint16_t opcode;
		size_t len;
	} bad[] = {
		{ ATTESTATION_GET_TOKEN, 0 },
		{ ATTESTATION_GET_TOKEN, 3 },
		{ ATTESTATION_GET_TOKEN, 35 },
		{ ATTESTATION_GET_TOKEN_PROFILE, 3 },
		{ ATTESTATION_GET_TOKEN_PROFILE, 4 },
		{ ATTESTATION_GET_TOKEN_SIZE, 3 },
		{ ATTESTATION_GET_TOKEN_SIZE_PROFILE, 7 },
		{ ATTESTATION_IMPORT_IAK, 0 },
		{ ATTESTATION_IMPORT_IAK, 35 },
	};
	/* A record of 32 bytes, where there is no profile before it. */
	static const uint8_t record_32[64] = { 0, 1, 0, 32 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request(bad[i].opcode, record_32, bad[i].len);
		assert_int_equal(rpc, TS_RPC_ERROR_INVALID_REQUEST_BODY);
		assert_int_equal(answer_len, 0);
	}
	assert_int_equal(request_record(ATTESTATION_GET_TOKEN_PROFILE, 3, challenge, 32),
			 PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(request(ATTESTATION_GET_TOKEN_SIZE_PROFILE,
				 &(struct attestation_profile_size){ 3, 32 }, 8),
			 PSA_ERROR_NOT_SUPPORTED);
	request(0x0106, "", 0);
	assert_int_equal(rpc, TS_RPC_ERROR_INVALID_VALUE);
}

static void an_imported_key_is_the_one_that_signs(void **state)
{
	static const uint8_t scalar[32] = { [31] = 1 };
	/* The generator of P-256. */
	static const uint8_t generator[4] = { 0x04, 0x6b, 0x17, 0xd1 };
	uint8_t point[65], instance_id[33], longer[33] = { 0 };

	(void)state;
	caller.client_id = ROOT;
	assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0), PSA_ERROR_DOES_NOT_EXIST);
	request_record(ATTESTATION_IMPORT_IAK, 0, longer, 33);
	assert_int_equal(rpc, TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, scalar, 31),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, longer, 32),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0), PSA_ERROR_DOES_NOT_EXIST);

	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, scalar, 32), PSA_SUCCESS);
	assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0), PSA_SUCCESS);
	public_key(point, instance_id);
	assert_memory_equal(point, generator, sizeof(generator));
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 64), PSA_SUCCESS);
	open_token(point);
	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, scalar, 32),
			 PSA_ERROR_NOT_PERMITTED);
}

static void only_root_the_kernel_and_who_is_named_import_the_key(void **state)
{
	static const uint8_t scalar[32] = { [31] = 1 }, zero[32] = { 0 };
	static const uint32_t named[] = { 0x800003e9, 0 };
	static const struct {
		uint16_t source_id;
		uint32_t client_id;
		bool by_default, named;
	} callers[] = {
		{ 0, 0, false, true },
		{ 0, USER, false, false },
		{ 0, 0x800003e9, false, true },
		{ 0, 0xfc000000, false, false }, /* root's group */
		{ 0, 0xfffffffe, false, false },
		{ 0x8005, ROOT, false, false },
		{ 0x8005, 0xffffffff, false, false },
		{ 0x8005, 0, false, false },
		{ 0, 0xffffffff, true, true },
		{ 0, ROOT, true, true },
	};

	(void)state;
	for (int naming = 0; naming < 2; naming++) {
		platform.importers = named;
		platform.importer_count = naming ? 2 : 0;
		for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
			caller.source_id = callers[i].source_id;
			caller.client_id = callers[i].client_id;
			caller.buffer = callers[i].source_id ? 8 : 7;
			/* A scalar that is none: whoever may import is told so. */
			assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, zero, 32),
					 (naming ? callers[i].named : callers[i].by_default) ?
						 PSA_ERROR_INVALID_ARGUMENT :
						 PSA_ERROR_NOT_PERMITTED);
			assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0),
					 PSA_ERROR_DOES_NOT_EXIST);
		}
	}
	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, scalar, 32), PSA_SUCCESS);
}

static void the_key_is_imported_while_the_device_is_made(void **state)
{
	static const struct {
		uint16_t lifecycle;
		bool may;
	} cases[] = {
		{ ATTESTATION_LIFECYCLE_UNKNOWN, true },
		{ ATTESTATION_LIFECYCLE_ASSEMBLY_AND_TEST, true },
		{ ATTESTATION_LIFECYCLE_ROT_PROVISIONING, true },
		{ ATTESTATION_LIFECYCLE_ROT_PROVISIONING + 0xff, true },
		{ ATTESTATION_LIFECYCLE_SECURED, false },
		{ ATTESTATION_LIFECYCLE_SECURED + 5, false },
		{ ATTESTATION_LIFECYCLE_NON_ROT_DEBUG, false },
		{ ATTESTATION_LIFECYCLE_RECOVERABLE_ROT_DEBUG, false },
		{ ATTESTATION_LIFECYCLE_DECOMMISSIONED, false },
		{ 0xffff, false },
	};
	static const uint8_t zero[32] = { 0 };

	(void)state;
	caller.client_id = ROOT;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		platform.lifecycle = cases[i].lifecycle;
		assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, zero, 32),
				 cases[i].may ? PSA_ERROR_INVALID_ARGUMENT :
						PSA_ERROR_NOT_PERMITTED);
	}
}

static void a_key_that_is_in_use_stays(void **state)
{
	static const uint8_t scalar[32] = { [31] = 1 };
	uint8_t first[65], second[65], instance_id[33];
	UsefulBufC seed;
	uint8_t old_seed[32];

	(void)state;
	public_key(first, instance_id);
	assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0), PSA_SUCCESS);
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(first);
	memcpy(old_seed, claim_bytes(268).ptr, 32);
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(first);
	expect_bytes(268, old_seed, 32);

	crypto_restart();
	crypto_peer_share();
	boot();
	caller.client_id = ROOT;
	assert_int_equal(request_record(ATTESTATION_IMPORT_IAK, 0, scalar, 32),
			 PSA_ERROR_NOT_PERMITTED);
	public_key(second, instance_id);
	assert_memory_equal(first, second, 65);
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
	open_token(first);
	seed = claim_bytes(268);
	assert_memory_not_equal(seed.ptr, old_seed, 32);
}

static void the_key_is_out_of_reach(void **state)
{
	static const uint32_t id = 1;
	uint8_t point[65], instance_id[33];

	(void)state;
	public_key(point, instance_id);
	/* Not even this partition can export it, and nobody else knows it. */
	source_id = OWN_ID;
	client_id = 0;
	assert_int_equal(send_bytes(CRYPTO_EXPORT_KEY, &id, 4), PSA_ERROR_NOT_PERMITTED);
	source_id = 0;
	buffer = BUFFER;
	assert_int_equal(send_bytes(CRYPTO_EXPORT_PUBLIC_KEY, &id, 4), PSA_ERROR_INVALID_HANDLE);
	source_id = OWN_ID;
	client_id = USER;
	buffer = OWN_BUFFER;
	assert_int_equal(send_bytes(CRYPTO_EXPORT_PUBLIC_KEY, &id, 4), PSA_ERROR_INVALID_HANDLE);
}

static void failures_of_crypto_are_told_and_pass(void **state)
{
	(void)state;
	peer_status = TS_RPC_ERROR_TRANSPORT_LAYER;
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_ERROR_COMMUNICATION_FAILURE);
	assert_int_equal(request(ATTESTATION_IAK_EXISTS, "", 0), PSA_ERROR_COMMUNICATION_FAILURE);
	peer_status = TS_RPC_SUCCESS;
	storage_status = PSA_ERROR_INSUFFICIENT_STORAGE;
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_ERROR_INSUFFICIENT_STORAGE);
	storage_status = PSA_SUCCESS;
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 32), PSA_SUCCESS);
}

static void too_many_components_fail_without_harm(void **state)
{
	uint8_t point[65], instance_id[33];
	size_t len;

	(void)state;
	public_key(point, instance_id);
	for (size_t i = 0; i < 64; i++)
		memset(components[i].type, 'A', 10);
	platform.component_count = 64;
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 64), PSA_SUCCESS);
	open_token(point);
	for (size_t i = 0; i < 64; i++)
		memset(components[i].type, 'A', ATTESTATION_TEXT_MAX);
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 64), PSA_ERROR_INSUFFICIENT_MEMORY);
	platform.component_count = 2;
	assert_int_equal(get(ATTESTATION_PROFILE_RFC9783, 64), PSA_SUCCESS);
	answer_record(&len);
}

/* --- sealed secrets --- */

#define HEADER_LEN sizeof(struct attestation_sealed)
#define TAG_LEN	   ATTESTATION_SEAL_TAG_LEN

static uint8_t secret[ATTESTATION_SECRET_MAX + 1];
static uint8_t sealed[ATTESTATION_SEALED_MAX + 1];
static size_t sealed_len;

static int32_t seal(uint32_t flags, size_t len)
{
	uint8_t bytes[PAGE];
	struct writer w;
	int32_t status;

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i * 7 + 1);
	writer_init(&w, bytes, sizeof(bytes));
	assert_true(writer_u32(&w, flags) && tlv_write(&w, 1, secret, len));
	status = request(ATTESTATION_SEAL, bytes, w.len);
	sealed_len = 0;
	if (status == PSA_SUCCESS) {
		const uint8_t *value = answer_record(&sealed_len);

		memcpy(sealed, value, sealed_len);
	}
	return status;
}

static int32_t unseal(void)
{
	return request_record(ATTESTATION_UNSEAL, 0, sealed, sealed_len);
}

static void opens_to(size_t len)
{
	const uint8_t *value;
	size_t value_len;

	assert_int_equal(unseal(), PSA_SUCCESS);
	value = answer_record(&value_len);
	assert_int_equal(value_len, len);
	assert_memory_equal(value, secret, len);
}

static void sealed_secrets_come_back_whole(void **state)
{
	static const size_t lens[] = { 1, 15, 16, 32, 255, 256, 4095, ATTESTATION_SECRET_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (uint32_t flags = 0; flags < 2; flags++) {
			assert_int_equal(seal(flags, lens[i]), PSA_SUCCESS);
			assert_int_equal(sealed_len, HEADER_LEN + lens[i] + TAG_LEN);
			if (lens[i] > 15)
				assert_null(memmem(sealed, sealed_len, secret, lens[i]));
			opens_to(lens[i]);
			boot();
			opens_to(lens[i]);
		}
	}
	/* The software is measured once a boot; then one call opens. */
	opens_to(ATTESTATION_SECRET_MAX);
	assert_int_equal(peer_calls, 1);
	assert_int_equal(peer_opcode, CRYPTO_AEAD_DECRYPT);
	assert_int_equal(seal(0, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(seal(0, ATTESTATION_SECRET_MAX + 1), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(seal(2, 1), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(seal(0x80000001u, 1), PSA_ERROR_NOT_SUPPORTED);
}

static void no_two_sealed_secrets_are_the_same(void **state)
{
	uint8_t other[sizeof(sealed)];

	(void)state;
	assert_int_equal(seal(0, 32), PSA_SUCCESS);
	memcpy(other, sealed, sealed_len);
	assert_int_equal(seal(0, 32), PSA_SUCCESS);
	assert_memory_not_equal(other + offsetof(struct attestation_sealed, nonce),
				sealed + offsetof(struct attestation_sealed, nonce), 12);
	assert_memory_not_equal(other + HEADER_LEN, sealed + HEADER_LEN, 32);
}

static void sealed_secrets_are_their_clients_alone(void **state)
{
	static const uint32_t others[] = { 0, USER + 1, ROOT, 0xffffffff, 0xfc0003e8, 1 };

	(void)state;
	for (uint32_t flags = 0; flags < 2; flags++) {
		caller.client_id = USER;
		assert_int_equal(seal(flags, 32), PSA_SUCCESS);
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			caller.client_id = others[i];
			assert_int_equal(unseal(), PSA_ERROR_NOT_PERMITTED);
			assert_int_equal(answer_len, 0);
		}
		caller = (struct rpc_caller){ .source_id = 0x8005, .client_id = USER, .buffer = 8 };
		assert_int_equal(unseal(), PSA_ERROR_NOT_PERMITTED);
		caller = (struct rpc_caller){ .client_id = USER, .buffer = 7 };
		opens_to(32);
	}
}

static void secrets_sealed_to_software_open_on_it_alone(void **state)
{
	(void)state;
	assert_int_equal(seal(ATTESTATION_SEAL_SOFTWARE, 32), PSA_SUCCESS);
	opens_to(32);
	/* Another hash, name, version, signer; one more, one less; another order; for debugging. */
	for (unsigned int change = 0; change < 8; change++) {
		const struct attestation_component first = components[0], second = components[1];
		const struct attestation_platform before = platform;

		switch (change) {
		case 0:
			components[1].value[31] ^= 1;
			break;
		case 1:
			components[0].type[1] = 'B';
			break;
		case 2:
			components[1].version[4] = '4';
			break;
		case 3:
			components[1].signer_id[0] ^= 1;
			break;
		case 4:
			platform.component_count = 3;
			break;
		case 5:
			platform.component_count = 1;
			break;
		case 6:
			components[0] = second;
			components[1] = first;
			break;
		default:
			platform.lifecycle = ATTESTATION_LIFECYCLE_NON_ROT_DEBUG;
			break;
		}
		boot();
		print_message("change %u\n", change);
		assert_int_equal(unseal(), PSA_ERROR_BAD_STATE);
		assert_int_equal(answer_len, 0);
		components[0] = first;
		components[1] = second;
		platform = before;
		boot();
		opens_to(32);
	}
	platform.component_count = 0;
	boot();
	assert_int_equal(unseal(), PSA_ERROR_BAD_STATE);
	assert_int_equal(seal(ATTESTATION_SEAL_SOFTWARE, 32), PSA_ERROR_NOT_SUPPORTED);
	/* Without it any software will do. */
	assert_int_equal(seal(0, 32), PSA_SUCCESS);
	platform.component_count = 2;
	boot();
	opens_to(32);
}

static void texts_of_components_do_not_run_into_each_other(void **state)
{
	(void)state;
	strcpy(components[0].type, "AB");
	strcpy(components[0].version, "C");
	assert_int_equal(seal(ATTESTATION_SEAL_SOFTWARE, 32), PSA_SUCCESS);
	strcpy(components[0].type, "A");
	strcpy(components[0].version, "BC");
	boot();
	assert_int_equal(unseal(), PSA_ERROR_BAD_STATE);
}

static void changed_sealed_secrets_are_refused(void **state)
{
	(void)state;
	assert_int_equal(seal(ATTESTATION_SEAL_SOFTWARE, 20), PSA_SUCCESS);
	for (size_t at = 0; at < sealed_len; at++) {
		for (uint8_t bit = 1; bit; bit = (uint8_t)(bit << 1)) {
			sealed[at] ^= bit;
			assert_int_equal(unseal(), at < 4 ? PSA_ERROR_INVALID_ARGUMENT :
							    PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(answer_len, 0);
			sealed[at] ^= bit;
		}
	}
	opens_to(20);
	for (size_t len = sealed_len; len--;) {
		sealed_len = len;
		assert_int_equal(unseal(), len > HEADER_LEN + TAG_LEN ?
						   PSA_ERROR_INVALID_SIGNATURE :
						   PSA_ERROR_INVALID_ARGUMENT);
	}
	sealed_len = ATTESTATION_SEALED_MAX + 1;
	assert_int_equal(unseal(), PSA_ERROR_INVALID_ARGUMENT);
}

static void nothing_opens_where_nothing_was_sealed(void **state)
{
	const uint32_t id = 2;

	(void)state;
	assert_int_equal(seal(0, 32), PSA_SUCCESS);
	/* The key is this partition's; nobody else uses, exports or destroys it. */
	source_id = 0;
	client_id = USER;
	buffer = BUFFER;
	assert_int_equal(send_bytes(CRYPTO_DESTROY_KEY, &id, 4), PSA_ERROR_INVALID_HANDLE);
	source_id = OWN_ID;
	client_id = 0;
	buffer = OWN_BUFFER;
	assert_int_equal(send_bytes(CRYPTO_EXPORT_KEY, &id, 4), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(send_bytes(CRYPTO_DESTROY_KEY, &id, 4), PSA_SUCCESS);
	assert_int_equal(unseal(), PSA_ERROR_DOES_NOT_EXIST);
	{
		uint8_t lost[sizeof(sealed)];
		const size_t lost_len = sealed_len;

		memcpy(lost, sealed, sealed_len);
		assert_int_equal(seal(0, 32), PSA_SUCCESS);
		memcpy(sealed, lost, lost_len);
		assert_int_equal(unseal(), PSA_ERROR_INVALID_SIGNATURE);
	}
}

static void failures_of_crypto_leave_sealing_possible(void **state)
{
	(void)state;
	peer_status = TS_RPC_ERROR_TRANSPORT_LAYER;
	assert_int_equal(seal(1, 32), PSA_ERROR_COMMUNICATION_FAILURE);
	peer_status = TS_RPC_SUCCESS;
	storage_status = PSA_ERROR_INSUFFICIENT_STORAGE;
	assert_int_equal(seal(1, 32), PSA_ERROR_INSUFFICIENT_STORAGE);
	storage_status = PSA_SUCCESS;
	assert_int_equal(seal(1, 32), PSA_SUCCESS);
	peer_status = TS_RPC_ERROR_TRANSPORT_LAYER;
	assert_int_equal(unseal(), PSA_ERROR_COMMUNICATION_FAILURE);
	peer_status = TS_RPC_SUCCESS;
	opens_to(32);
}

static void random_requests_do_no_harm(void **state)
{
	uint8_t bytes[128];

	(void)state;
	srand(1);
	for (size_t round = 0; round < 3000; round++) {
		static const uint16_t opcodes[] = { 0x101,  0x102,  0x103,  0x104, 0x105,
						    0x8001, 0x8002, 0x8003, 0x8004 };

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = rand() % 4 ? 0 : (uint8_t)rand();
		request(opcodes[round % 9], bytes, (size_t)rand() % sizeof(bytes));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, crypto_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_has_the_claims_of_rfc_9783),
		TEST(a_legacy_token_has_the_old_labels),
		TEST(no_components_are_told_as_each_profile_can),
		TEST(the_size_is_that_of_a_real_token),
		TEST(a_token_is_one_call_of_crypto),
		TEST(only_identified_clients_and_partitions_have_numbers),
		TEST(challenges_have_one_of_three_lengths),
		TEST(malformed_requests_are_refused),
		TEST(an_imported_key_is_the_one_that_signs),
		TEST(only_root_the_kernel_and_who_is_named_import_the_key),
		TEST(the_key_is_imported_while_the_device_is_made),
		TEST(a_key_that_is_in_use_stays),
		TEST(the_key_is_out_of_reach),
		TEST(failures_of_crypto_are_told_and_pass),
		TEST(too_many_components_fail_without_harm),
		TEST(sealed_secrets_come_back_whole),
		TEST(no_two_sealed_secrets_are_the_same),
		TEST(sealed_secrets_are_their_clients_alone),
		TEST(secrets_sealed_to_software_open_on_it_alone),
		TEST(texts_of_components_do_not_run_into_each_other),
		TEST(changed_sealed_secrets_are_refused),
		TEST(nothing_opens_where_nothing_was_sealed),
		TEST(failures_of_crypto_leave_sealing_possible),
		TEST(random_requests_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
