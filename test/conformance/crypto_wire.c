// SPDX-License-Identifier: BSD-3-Clause
/* Messages of the crypto service as bytes; see the header. */
#include "crypto_wire.h"

#include <ctype.h>
#include <psa/error.h>
#include <string.h>
#include <tstee/services.h>
#include <unistd.h>

#define UNWRITTEN 0xa5
/* Buffers are whole pages of the kernel's, so they can be longer than was asked for. */
#define BUFFER_LEN_MAX 65536

/* Numbers of the PSA Crypto API. */
#define TYPE_P256	     0x7112
#define USAGE_SIGNING	     0x00003c01
#define ALG_ECDSA_ANY	     0x060006ff
#define ALG_ECDSA	     0x06000609
#define INVALID_HANDLE	     (-136)
#define OPERATION_INCOMPLETE (-248)

const uint8_t crypto_uuid[] = TSTEE_CRYPTO_UUID_BYTES;
/* 6ba9de75-393e-4c7f-aabb-7f71cc6b142e */
const uint8_t crypto_protobuf_uuid[] = { 0x6b, 0xa9, 0xde, 0x75, 0x39, 0x3e, 0x4c, 0x7f,
					 0xaa, 0xbb, 0x7f, 0x71, 0xcc, 0x6b, 0x14, 0x2e };

void needs_service(const uint8_t uuid[TEE_IOCTL_UUID_LEN], const char *reason)
{
	struct tee_device device;
	int rc = tee_find(uuid, &device);

	if (rc == -ENODEV)
		harness_skip(reason);
	CHECK_EQUAL(rc, 0);
}

struct tee_client crypto_connect(const struct tee_login *login)
{
	struct tee_client client;

	needs_service(crypto_uuid, "no partition has the crypto service");
	CHECK_EQUAL(tee_connect(&client, crypto_uuid, login, CRYPTO_BUFFER_LEN), 0);
	return client;
}

struct tee_client crypto_beside(const struct tee_client *client, const struct tee_login *login)
{
	struct tee_client other = *client;

	CHECK_EQUAL(tee_session_open(client->fd, crypto_uuid, login, &other.session), 0);
	return other;
}

struct tee_client crypto_beside_as(const struct tee_client *client, uid_t uid)
{
	struct tee_client other;

	needs_root();
	CHECK(seteuid(uid) == 0);
	other = crypto_beside(client, &tee_login_user);
	CHECK(seteuid(0) == 0);
	return other;
}

struct reply crypto_send(struct tee_client *client, uint16_t opcode, const void *request,
			 size_t len)
{
	static uint8_t sent[BUFFER_LEN_MAX];
	const uint8_t *data = client->buffer.data;
	const size_t room = client->buffer.len;
	struct reply reply = { 0 };
	uint64_t got = 0;

	CHECK(len <= room && room <= sizeof(sent));
	memset(sent, UNWRITTEN, sizeof(sent));
	if (len)
		memcpy(sent, request, len);
	/* What takes long, as RSA keys on a slow host, goes on when it is asked again. */
	do {
		memcpy(client->buffer.data, sent, room);
		reply.rc = tee_invoke(client->fd, client->session, opcode,
				      (uint64_t)client->buffer.id, len, &got, &reply.status);
	} while (!reply.rc && reply.status == OPERATION_INCOMPLETE);
	if (!reply.rc && got > room)
		FAIL("opcode 0x%x: a response of %llu bytes", opcode, (unsigned long long)got);
	reply.len = (size_t)got;
	if (reply.status && reply.len)
		FAIL("opcode 0x%x: status %d with %zu bytes", opcode, reply.status, reply.len);
	for (size_t i = reply.len; i < room; i++)
		if (data[i] && data[i] != sent[i])
			FAIL("opcode 0x%x: byte %zu is 0x%02x, behind a response of %zu", opcode, i,
			     data[i], reply.len);
	return reply;
}

void put_word(struct request *request, uint32_t value)
{
	CHECK(request->len + 4 <= sizeof(request->data));
	for (int i = 0; i < 4; i++)
		request->data[request->len++] = (uint8_t)(value >> 8 * i);
}

void put_record(struct request *request, uint16_t tag, const void *value, size_t len)
{
	const uint8_t header[] = { (uint8_t)(tag >> 8), (uint8_t)tag, (uint8_t)(len >> 8),
				   (uint8_t)len };

	CHECK(request->len + sizeof(header) + len <= sizeof(request->data));
	memcpy(request->data + request->len, header, sizeof(header));
	request->len += sizeof(header);
	if (len)
		memcpy(request->data + request->len, value, len);
	request->len += len;
}

void put_attributes(struct request *request, uint32_t type, uint32_t bits, uint32_t id,
		    uint32_t usage, uint32_t alg)
{
	put_word(request, type);
	put_word(request, bits);
	put_word(request, id ? 1 : 0);
	put_word(request, id);
	put_word(request, usage);
	put_word(request, alg);
}

int32_t ask(struct tee_client *client, uint16_t opcode, const struct request *request)
{
	struct reply reply = crypto_send(client, opcode, request->data, request->len);

	if (reply.rc)
		FAIL("opcode 0x%x: %s", opcode, strerror(-reply.rc));
	return reply.status;
}

int32_t ask_word(struct tee_client *client, uint16_t opcode, uint32_t value)
{
	struct request request = { 0 };

	put_word(&request, value);
	return ask(client, opcode, &request);
}

uint32_t answered_word(const struct tee_client *client)
{
	const uint8_t *b = client->buffer.data;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Bytes as a script has them, and what its letters stand for. */
#define FIRST_LETTER 'g'
#define LETTERS	     ('z' - FIRST_LETTER + 1)

struct player {
	uint8_t words[LETTERS][4];
	uint8_t bytes[CRYPTO_BUFFER_LEN];
	bool any[CRYPTO_BUFFER_LEN];	   /* of bytes: any value will do */
	uint8_t letter[CRYPTO_BUFFER_LEN]; /* the one that begins there */
	size_t len;
};

static void add_byte(struct player *player, uint8_t value, bool any)
{
	CHECK(player->len < sizeof(player->bytes));
	player->letter[player->len] = 0;
	player->any[player->len] = any;
	player->bytes[player->len++] = value;
}

static void add_letter(struct player *player, char letter, bool any)
{
	const size_t start = player->len;

	for (int i = 0; i < 4; i++)
		add_byte(player, player->words[letter - FIRST_LETTER][i], any);
	player->letter[start] = (uint8_t)letter;
}

static uint8_t hex_digit(char c)
{
	if (!isxdigit(c))
		FAIL("'%c' in a script", c);
	return (uint8_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

/* In a response letters are not known yet. */
static void translate(struct player *player, const char *text, bool response)
{
	player->len = 0;
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (*text == '\'') {
			while (*++text != '\'')
				add_byte(player, (uint8_t)*text, false);
		} else if (*text == '?') {
			add_byte(player, 0, true);
		} else if (*text >= FIRST_LETTER && *text <= 'z') {
			add_letter(player, *text, response);
		} else {
			add_byte(player, (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1])),
				 false);
			text++;
		}
	}
}

/* Compares a response with the script's, and notes what it tells. */
static void judge(struct player *player, unsigned int number, const struct exchange *exchange,
		  const uint8_t *data, size_t len)
{
	translate(player, exchange->response ? exchange->response : "", true);
	if (len != player->len)
		FAIL("exchange %u, opcode 0x%x: %zu bytes, not %zu", number, exchange->opcode, len,
		     player->len);
	for (size_t i = 0; i < len; i++) {
		if (!player->any[i] && data[i] != player->bytes[i])
			FAIL("exchange %u, opcode 0x%x: byte %zu of %zu is 0x%02x, not 0x%02x",
			     number, exchange->opcode, i, len, data[i], player->bytes[i]);
		if (player->letter[i])
			memcpy(player->words[player->letter[i] - FIRST_LETTER], data + i, 4);
	}
}

void play(struct tee_client *client, const struct exchange *script)
{
	static struct player player;

	for (unsigned int number = 1; script->opcode; number++, script++) {
		struct reply reply;

		translate(&player, script->request, false);
		reply = crypto_send(client, script->opcode, player.bytes, player.len);
		if (reply.rc != script->rc)
			FAIL("exchange %u, opcode 0x%x: %s, not %s", number, script->opcode,
			     strerror(-reply.rc), strerror(-script->rc));
		if (reply.status != script->status)
			FAIL("exchange %u, opcode 0x%x: status %d, not %d", number, script->opcode,
			     reply.status, script->status);
		judge(&player, number, script, client->buffer.data, reply.len);
	}
}

int32_t make_signing_key(struct tee_client *client, uint32_t id)
{
	struct request request = { 0 };

	put_attributes(&request, TYPE_P256, 256, id, USAGE_SIGNING, ALG_ECDSA_ANY);
	return ask(client, 0x0101, &request);
}

int32_t export_public(struct tee_client *client, uint32_t id, uint8_t key[PUBLIC_KEY_LEN])
{
	static const uint8_t header[] = { 0, 1, 0, PUBLIC_KEY_LEN, 4 };
	int32_t status = ask_word(client, 0x0106, id);

	if (!status) {
		CHECK(!memcmp(client->buffer.data, header, sizeof(header)));
		memcpy(key, client->buffer.data + 4, PUBLIC_KEY_LEN);
	}
	return status;
}

void make_key_absent(struct tee_client *client, uint32_t id)
{
	int32_t status = ask_word(client, 0x0102, id);

	CHECK(status == PSA_SUCCESS || status == INVALID_HANDLE);
}

void must_sign(struct tee_client *client, uint32_t id)
{
	struct request request = { 0 };
	uint8_t signature[64];

	put_word(&request, id);
	put_word(&request, ALG_ECDSA);
	put_record(&request, 1, "sample", 6);
	CHECK_EQUAL(ask(client, 0x0110, &request), 0);
	memcpy(signature, client->buffer.data + 4, sizeof(signature));
	put_record(&request, 2, signature, sizeof(signature));
	CHECK_EQUAL(ask(client, 0x0111, &request), 0);
}
