// SPDX-License-Identifier: BSD-3-Clause
/*
 * Attestation over the wire: the messages of tstee/attestation.h byte by byte. Tokens are
 * compared with what they must be up to the software components, which each home has its own
 * of; their signatures are verified by the crypto service, which knows the key as a stranger's.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <string.h>
#include <tstee/services.h>
#include <unistd.h>

#define GET_TOKEN	       0x0101
#define GET_TOKEN_SIZE	       0x0102
#define EXPORT_PUBLIC	       0x0103
#define IMPORT_IAK	       0x0104
#define IAK_EXISTS	       0x0105
#define GET_TOKEN_PROFILE      0x8001
#define GET_TOKEN_SIZE_PROFILE 0x8002
#define SEAL		       0x8003
#define UNSEAL		       0x8004

#define LEGACY		       1
#define RFC9783		       2

/* Service statuses. */
#define NOT_PERMITTED	  (-133)
#define DOES_NOT_EXIST	  (-140)
#define INVALID_SIGNATURE (-149)

#define SIGNATURE_LEN	  64
#define RECORD_HEADER	  4

#define RANDOM_ROUNDS	  300

static const uint8_t attestation_uuid[] = TSTEE_ATTESTATION_UUID_BYTES;

/* RFC 6979, A.2.5. */
#define SCALAR "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define POINT                                                                 \
	"04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"

static struct tee_client connect_as(const struct tee_login *login)
{
	struct tee_client client;

	needs_service(attestation_uuid, "no partition has the attestation service");
	CHECK_EQUAL(tee_connect(&client, attestation_uuid, login, CRYPTO_BUFFER_LEN), 0);
	return client;
}

/* @client's device and buffer in a session of another client. */
static struct tee_client beside(const struct tee_client *client, const struct tee_login *login)
{
	struct tee_client other = *client;

	CHECK_EQUAL(tee_session_open(client->fd, attestation_uuid, login, &other.session), 0);
	return other;
}

/* What a token must say, from its front: a cursor, and the bytes that stand there. */
struct cursor {
	const uint8_t *at;
	const uint8_t *end;
};

static const uint8_t *take(struct cursor *cursor, size_t len)
{
	const uint8_t *at = cursor->at;

	CHECK((size_t)(cursor->end - at) >= len);
	cursor->at += len;
	return at;
}

static void must_say(struct cursor *cursor, const void *bytes, size_t len)
{
	CHECK(!memcmp(take(cursor, len), bytes, len));
}

#define MUST_SAY(cursor, literal) must_say(cursor, literal, sizeof(literal) - 1)

/* What differs from token to token. */
struct token {
	uint8_t bytes[CRYPTO_BUFFER_LEN];
	size_t len;
	const uint8_t *payload; /* with its CBOR head */
	size_t payload_len;
	const uint8_t *seed;
	const uint8_t *instance; /* behind its 0x01 */
	const uint8_t *signature;
};

static struct reply ask_token(struct tee_client *client, unsigned int profile,
			      const uint8_t *challenge, size_t len)
{
	struct request request = { 0 };

	if (profile == RFC9783)
		put_word(&request, profile);
	put_record(&request, 1, challenge, len);
	return crypto_send(client, profile == RFC9783 ? GET_TOKEN_PROFILE : GET_TOKEN, request.data,
			   request.len);
}

/* The size that the service tells before. */
static size_t ask_size(struct tee_client *client, unsigned int profile, size_t challenge_len)
{
	struct request request = { 0 };

	if (profile == RFC9783)
		put_word(&request, profile);
	put_word(&request, (uint32_t)challenge_len);
	CHECK_EQUAL(
		ask(client, profile == RFC9783 ? GET_TOKEN_SIZE_PROFILE : GET_TOKEN_SIZE, &request),
		0);
	return answered_word(client);
}

static void skip_lifecycle(struct cursor *cursor)
{
	/* 0, or two bytes. */
	if (*take(cursor, 1) == 0x19)
		take(cursor, 2);
}

static void read_legacy(struct cursor *cursor, struct token *token, const void *client_id,
			size_t client_id_len)
{
	MUST_SAY(cursor, "\x3a\x00\x01\x24\xf8");
	must_say(cursor, client_id, client_id_len);
	MUST_SAY(cursor, "\x3a\x00\x01\x24\xfb\x58\x20");
	token->seed = take(cursor, 32);
	MUST_SAY(cursor, "\x3a\x00\x01\x24\xf9");
	skip_lifecycle(cursor);
	MUST_SAY(cursor, "\x3a\x00\x01\x25\x00\x58\x21\x01");
	token->instance = take(cursor, 32);
	MUST_SAY(cursor, "\x3a\x00\x01\x24\xfa\x58\x20TSTEE ");
	take(cursor, 32 - 6);
	MUST_SAY(cursor, "\x3a\x00\x01\x24\xfd");
}

static void read_rfc9783(struct cursor *cursor, struct token *token, const void *client_id,
			 size_t client_id_len)
{
	MUST_SAY(cursor, "\x19\x01\x00\x58\x21\x01");
	token->instance = take(cursor, 32);
	MUST_SAY(cursor, "\x19\x01\x09\x78\x21tag:psacertified.org,2023:psa#tfm");
	MUST_SAY(cursor, "\x19\x01\x0c\x58\x20");
	token->seed = take(cursor, 32);
	MUST_SAY(cursor, "\x19\x09\x5a");
	must_say(cursor, client_id, client_id_len);
	MUST_SAY(cursor, "\x19\x09\x5b");
	skip_lifecycle(cursor);
	MUST_SAY(cursor, "\x19\x09\x5c\x58\x20TSTEE ");
	take(cursor, 32 - 6);
	MUST_SAY(cursor, "\x19\x09\x5f");
}

/* A token for @client, whose claim of the client ID must be these bytes of CBOR. */
static void must_attest(struct tee_client *client, unsigned int profile, size_t challenge_len,
			const void *client_id, size_t client_id_len, struct token *token)
{
	const size_t size = ask_size(client, profile, challenge_len);
	uint8_t challenge[64];
	struct cursor cursor;
	struct reply reply;

	for (size_t i = 0; i < sizeof(challenge); i++)
		challenge[i] = (uint8_t)(i * 7 + challenge_len);
	reply = ask_token(client, profile, challenge, challenge_len);
	CHECK_EQUAL(reply.rc, 0);
	CHECK_EQUAL(reply.status, 0);
	CHECK_EQUAL(reply.len, RECORD_HEADER + size);
	memcpy(token->bytes, client->buffer.data, reply.len);
	cursor = (struct cursor){ token->bytes, token->bytes + reply.len };
	MUST_SAY(&cursor, "\x00\x01");
	must_say(&cursor, (uint8_t[]){ (uint8_t)(size >> 8), (uint8_t)size }, 2);
	token->len = size;

	/* COSE_Sign1, ES256, nothing unprotected, and a payload of more than 255 bytes. */
	MUST_SAY(&cursor, "\xd2\x84\x43\xa1\x01\x26\xa0");
	token->payload = cursor.at;
	MUST_SAY(&cursor, "\x59");
	token->payload_len = (size_t)take(&cursor, 1)[0] << 8;
	token->payload_len += take(&cursor, 1)[0];
	token->payload_len += 3;
	CHECK_EQUAL(cursor.end - token->payload, token->payload_len + 2 + SIGNATURE_LEN);
	must_say(&(struct cursor){ token->payload + token->payload_len, cursor.end }, "\x58\x40",
		 2);
	token->signature = cursor.end - SIGNATURE_LEN;

	if (profile == RFC9783)
		MUST_SAY(&cursor, "\xa8\x0a\x58");
	else
		MUST_SAY(&cursor, "\xa7\x3a\x00\x01\x24\xff\x58");
	must_say(&cursor, (uint8_t[]){ (uint8_t)challenge_len }, 1);
	must_say(&cursor, challenge, challenge_len);
	(profile == RFC9783 ? read_rfc9783 : read_legacy)(&cursor, token, client_id, client_id_len);
}

/* The claim of an identified client: negative. */
static void claim_of_user(uint32_t uid, uint8_t claim[5])
{
	const uint32_t n = 0x7fffffff - uid;

	claim[0] = 0x3a;
	for (int i = 0; i < 4; i++)
		claim[1 + i] = (uint8_t)(n >> (24 - 8 * i));
}

static void export_iak(struct tee_client *client, uint8_t key[PUBLIC_KEY_LEN])
{
	struct reply reply = crypto_send(client, EXPORT_PUBLIC, NULL, 0);

	CHECK_EQUAL(reply.rc, 0);
	CHECK_EQUAL(reply.status, 0);
	CHECK_EQUAL(reply.len, RECORD_HEADER + PUBLIC_KEY_LEN);
	CHECK(!memcmp(client->buffer.data, "\0\1\0\x41\4", 5));
	memcpy(key, client->buffer.data + RECORD_HEADER, PUBLIC_KEY_LEN);
}

/* Whether the signature is that of the key, over the Sig_structure of RFC 9052. */
static int32_t verify(struct tee_client *crypto, const uint8_t key[PUBLIC_KEY_LEN],
		      const struct token *token)
{
	static uint8_t message[CRYPTO_BUFFER_LEN];
	static const char head[] = "\x84\x6aSignature1\x43\xa1\x01\x26\x40";
	struct request request = { 0 };
	uint32_t id;
	int32_t status;

	put_attributes(&request, 0x4112, 256, 0, 0x00002800, 0x06000609);
	put_record(&request, 1, key, PUBLIC_KEY_LEN);
	CHECK_EQUAL(ask(crypto, 0x0107, &request), 0);
	id = answered_word(crypto);

	memcpy(message, head, sizeof(head) - 1);
	memcpy(message + sizeof(head) - 1, token->payload, token->payload_len);
	request.len = 0;
	put_word(&request, id);
	put_word(&request, 0x06000609);
	put_record(&request, 1, message, sizeof(head) - 1 + token->payload_len);
	put_record(&request, 2, token->signature, SIGNATURE_LEN);
	status = ask(crypto, 0x0111, &request);
	CHECK_EQUAL(ask_word(crypto, 0x0102, id), 0);
	return status;
}

static void attestation_key_is_imported_once_and_never_again(void)
{
	static const struct exchange before[] = {
		REFUSED(IMPORT_IAK, "", -EBADMSG),
		REFUSED(IMPORT_IAK, "0001 0020 00", -EBADMSG),
		REFUSED(IMPORT_IAK, "0002 0020" SCALAR, -EBADMSG),
		REFUSED(IMPORT_IAK, "0001 0021 00" SCALAR, -EBADMSG),
		FAILS(IMPORT_IAK, "0001 0000", -135),
		FAILS(IMPORT_IAK, "0001 0002 0102", -135),
		FAILS(IAK_EXISTS, "", DOES_NOT_EXIST),
		ANSWERS(IMPORT_IAK, "0001 0020" SCALAR, NULL),
		ANSWERS(IAK_EXISTS, "", NULL),
		ANSWERS(EXPORT_PUBLIC, "", "0001 0041" POINT),
		{},
	};
	static const struct exchange after[] = {
		FAILS(IMPORT_IAK, "0001 0020" SCALAR, NOT_PERMITTED),
		REFUSED(IMPORT_IAK, "0001 0021 00" SCALAR, -EBADMSG),
		ANSWERS(IAK_EXISTS, "", NULL),
		{},
	};
	struct tee_client client = connect_as(&tee_login_user);
	uint8_t key[PUBLIC_KEY_LEN], again[PUBLIC_KEY_LEN];

	needs_root();
	/* An earlier run may have left one, which stays. */
	if (crypto_send(&client, IAK_EXISTS, NULL, 0).status == DOES_NOT_EXIST)
		play(&client, before);
	export_iak(&client, key);
	play(&client, after);
	export_iak(&client, again);
	CHECK(!memcmp(key, again, sizeof(key)));
}

static void attestation_key_is_imported_by_nobody_but_root(void)
{
	/* Whether or not there is a key: it is not made by that, either. */
	static const struct exchange refused[] = {
		FAILS(IMPORT_IAK, "0001 0020" SCALAR, NOT_PERMITTED),
		FAILS(IMPORT_IAK, "0001 0000", NOT_PERMITTED),
		REFUSED(IMPORT_IAK, "", -EBADMSG),
		{},
	};
	struct tee_client client = connect_as(&tee_login_public);
	int32_t before = crypto_send(&client, IAK_EXISTS, NULL, 0).status;
	struct tee_client user;

	play(&client, refused);
	if (geteuid()) {
		user = beside(&client, &tee_login_user);
		play(&user, refused);
	} else {
		CHECK(seteuid(1000) == 0);
		user = beside(&client, &tee_login_user);
		CHECK(seteuid(0) == 0);
		play(&user, refused);
	}
	CHECK_EQUAL(crypto_send(&client, IAK_EXISTS, NULL, 0).status, before);
}

static void attestation_tokens_are_signed_by_the_key(void)
{
	struct tee_client client = connect_as(&tee_login_user);
	struct tee_client crypto = crypto_connect(&tee_login_user);
	uint8_t key[PUBLIC_KEY_LEN], claim[5], seed[32];
	static struct token token;

	claim_of_user(geteuid(), claim);
	export_iak(&client, key);
	for (unsigned int profile = LEGACY; profile <= RFC9783; profile++)
		for (size_t len = 32; len <= 64; len += 16) {
			must_attest(&client, profile, len, claim, sizeof(claim), &token);
			CHECK_EQUAL(verify(&crypto, key, &token), 0);
			if (profile == LEGACY && len == 32)
				memcpy(seed, token.seed, sizeof(seed));
			CHECK(!memcmp(seed, token.seed, sizeof(seed)));
			token.bytes[token.len / 2] ^= 1;
			CHECK_EQUAL(verify(&crypto, key, &token), -149);
		}
}

static void attestation_public_clients_are_0_or_minus_1(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	static struct token token;

	must_attest(&client, LEGACY, 32, "\x00", 1, &token);
	must_attest(&client, RFC9783, 32, "\x20", 1, &token);
}

static void attestation_users_get_tokens_with_their_own_id(void)
{
	struct tee_client client = connect_as(&tee_login_user);
	static struct token token;
	uint8_t claim[5];

	needs_root();
	for (uid_t uid = 1000; uid < 1002; uid++) {
		struct tee_client user;

		CHECK(seteuid(uid) == 0);
		user = beside(&client, &tee_login_user);
		CHECK(seteuid(0) == 0);
		claim_of_user(uid, claim);
		must_attest(&user, LEGACY, 48, claim, sizeof(claim), &token);
		must_attest(&user, RFC9783, 48, claim, sizeof(claim), &token);
	}
}

static void attestation_challenges_have_one_of_three_lengths(void)
{
	struct tee_client client = connect_as(&tee_login_user);
	static const uint8_t challenge[66];

	for (unsigned int profile = LEGACY; profile <= RFC9783; profile++)
		for (size_t len = 0; len <= sizeof(challenge); len++) {
			struct reply reply;

			if (len == 32 || len == 48 || len == 64)
				continue;
			reply = ask_token(&client, profile, challenge, len);
			CHECK_EQUAL(reply.rc, len > 64 ? -EBADMSG : 0);
			CHECK_EQUAL(reply.status, len > 64 ? 0 : -135);
		}
}

static void attestation_malformed_requests_are_refused(void)
{
	static const struct exchange script[] = {
		REFUSED(GET_TOKEN, "", -EBADMSG),
		REFUSED(GET_TOKEN, "0001 00", -EBADMSG),
		REFUSED(GET_TOKEN, "0001 0020 00", -EBADMSG),
		REFUSED(GET_TOKEN, "0002 0001 00", -EBADMSG),
		REFUSED(GET_TOKEN_SIZE, "", -EBADMSG),
		REFUSED(GET_TOKEN_SIZE, "200000", -EBADMSG),
		FAILS(GET_TOKEN_SIZE, "00000000", -135),
		FAILS(GET_TOKEN_SIZE, "21000000", -135),
		FAILS(GET_TOKEN_SIZE, "20000001", -135),
		REFUSED(GET_TOKEN_PROFILE, "020000", -EBADMSG),
		REFUSED(GET_TOKEN_PROFILE, "02000000", -EBADMSG),
		FAILS(GET_TOKEN_PROFILE, "03000000 0001 0001 00", -134),
		FAILS(GET_TOKEN_PROFILE, "00000000 0001 0001 00", -134),
		REFUSED(GET_TOKEN_SIZE_PROFILE, "02000000", -EBADMSG),
		FAILS(GET_TOKEN_SIZE_PROFILE, "03000000 20000000", -134),
		FAILS(GET_TOKEN_SIZE_PROFILE, "02000000 10000000", -135),
		/* What is behind a fixed part or a record isn't looked at. */
		ANSWERS(GET_TOKEN_SIZE, "20000000 ff", "??0000"),
		ANSWERS(IAK_EXISTS, "ff", NULL),
		{},
	};
	struct tee_client client = connect_as(&tee_login_user);

	play(&client, script);
}

static void attestation_opcodes_that_are_none_are_refused(void)
{
	static const uint16_t ranges[][2] = {
		{ 0, 0x0100 },
		{ 0x0106, 0x0110 },
		{ 0x7ffe, 0x8000 },
		{ 0x8005, 0x800a },
	};
	struct tee_client client = connect_as(&tee_login_user);

	for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++)
		for (uint32_t opcode = ranges[r][0]; opcode <= ranges[r][1]; opcode++)
			CHECK_EQUAL(crypto_send(&client, (uint16_t)opcode, "\0\1\0\0", 4).rc,
				    -EOPNOTSUPP);
}

static void attestation_without_a_buffer_has_no_room_for_an_answer(void)
{
	struct tee_client client = connect_as(&tee_login_user);
	uint8_t key[PUBLIC_KEY_LEN];
	uint64_t got = 0;
	int32_t status = 0;

	export_iak(&client, key);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, IAK_EXISTS, 0, 0, &got, &status), 0);
	CHECK_EQUAL(status, 0);
	CHECK_EQUAL(tee_invoke(client.fd, client.session, EXPORT_PUBLIC, 0, 0, &got, &status),
		    -ENOBUFS);
}

static void attestation_key_is_nobody_elses_in_crypto(void)
{
	struct tee_client client = connect_as(&tee_login_public);
	struct tee_client crypto = crypto_connect(&tee_login_public);
	uint8_t key[PUBLIC_KEY_LEN], other[PUBLIC_KEY_LEN];

	export_iak(&client, key);
	for (uint32_t id = 1; id <= 16; id++)
		if (export_public(&crypto, id, other) == 0)
			CHECK(memcmp(key, other, sizeof(key)));
}

static void attestation_random_requests_are_answered(void)
{
	static const uint16_t opcodes[] = {
		GET_TOKEN,	   GET_TOKEN_SIZE,	   EXPORT_PUBLIC, IMPORT_IAK, IAK_EXISTS,
		GET_TOKEN_PROFILE, GET_TOKEN_SIZE_PROFILE, SEAL,	  UNSEAL
	};
	struct tee_client client = connect_as(&tee_login_user);
	struct tee_client other = beside(&client, &tee_login_public);
	uint32_t state = 0x1e577e57;
	static struct token token;
	uint8_t body[160];

	for (unsigned int round = 0; round < RANDOM_ROUNDS; round++) {
		const uint16_t opcode = opcodes[round % 9];
		struct reply reply;

		for (size_t i = 0; i < sizeof(body); i++) {
			state = state * 1664525 + 1013904223;
			body[i] = (uint8_t)(state >> 24);
		}
		/* Every other one with a record's head where it would be. */
		if (round & 1)
			memcpy(body + (opcode == GET_TOKEN_PROFILE ? 4 : 0), "\0\1\0", 3);
		reply = crypto_send(&client, opcode, body, (state >> 8) % sizeof(body));
		CHECK(reply.rc == 0 || reply.rc == -EBADMSG);
	}
	must_attest(&other, RFC9783, 32, "\x20", 1, &token);
}

static int32_t unseal(struct tee_client *client, const uint8_t *sealed, size_t len)
{
	struct request request = { 0 };

	put_record(&request, 1, sealed, len);
	return ask(client, UNSEAL, &request);
}

static void attestation_sealed_secrets_open_for_their_client_alone(void)
{
	struct tee_client user = connect_as(&tee_login_user);
	struct tee_client public = beside(&user, &tee_login_public);

	/* For any software, and for that of this boot. */
	for (uint32_t flags = 0; flags < 2; flags++) {
		struct request request = { 0 };
		uint8_t secret[1000], sealed[1100];
		size_t len;

		memset(secret, 0x5a, sizeof(secret));
		put_word(&request, flags);
		put_record(&request, 1, secret, sizeof(secret));
		CHECK_EQUAL(ask(&user, SEAL, &request), 0);
		len = sizeof(secret) + 72;
		memcpy(sealed, user.buffer.data + RECORD_HEADER, len);
		CHECK_EQUAL(unseal(&user, sealed, len), 0);
		CHECK(!memcmp(user.buffer.data, "\0\1\x03\xe8", RECORD_HEADER));
		CHECK(!memcmp(user.buffer.data + RECORD_HEADER, secret, sizeof(secret)));
		CHECK_EQUAL(unseal(&public, sealed, len), NOT_PERMITTED);
		sealed[len - 1] ^= 1;
		CHECK_EQUAL(unseal(&user, sealed, len), INVALID_SIGNATURE);
		sealed[len - 1] ^= 1;
		/* Whom it is for, and whether any software may open it, can't be changed. */
		for (size_t at = 4; at < 12; at++) {
			sealed[at] ^= 1;
			CHECK_EQUAL(unseal(&user, sealed, len), INVALID_SIGNATURE);
			sealed[at] ^= 1;
		}
		CHECK_EQUAL(unseal(&user, sealed, len), 0);
	}
}

const struct test attestation_tests[] = {
	TEST(attestation_key_is_imported_by_nobody_but_root),
	TEST(attestation_key_is_imported_once_and_never_again),
	TEST(attestation_tokens_are_signed_by_the_key, .limit_s = 60),
	TEST(attestation_public_clients_are_0_or_minus_1),
	TEST(attestation_users_get_tokens_with_their_own_id),
	TEST(attestation_challenges_have_one_of_three_lengths),
	TEST(attestation_malformed_requests_are_refused),
	TEST(attestation_opcodes_that_are_none_are_refused),
	TEST(attestation_without_a_buffer_has_no_room_for_an_answer),
	TEST(attestation_key_is_nobody_elses_in_crypto),
	TEST(attestation_sealed_secrets_open_for_their_client_alone),
	TEST(attestation_random_requests_are_answered, .limit_s = 60),
	{},
};
