// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys of the crypto service: whose they are, what survives, and where they are kept. Persistent
 * keys have IDs from FIRST_KEY on; each test destroys its own.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <tstee/secure_storage.h>
#include <unistd.h>

#define FIRST_KEY 0x1e570000u

/* Numbers of the PSA Crypto API. */
#define RAW_DATA       0x1001
#define USAGE_EXPORT   1
#define INVALID_HANDLE (-136)

static int32_t import_data(struct tee_client *client, uint32_t id, const char *text)
{
	struct request request = { 0 };

	put_attributes(&request, RAW_DATA, 0, id, USAGE_EXPORT, 0);
	put_record(&request, 1, text, strlen(text));
	return ask(client, 0x0107, &request);
}

static void must_export(struct tee_client *client, uint32_t id, const char *text)
{
	CHECK_EQUAL(ask_word(client, 0x0105, id), 0);
	CHECK(!memcmp(client->buffer.data, "\0\1\0", 3));
	CHECK_EQUAL(client->buffer.data[3], strlen(text));
	CHECK(!memcmp(client->buffer.data + 4, text, strlen(text)));
}

static void needs_storage(void)
{
	needs_service(its_uuid, "no partition has storage for keys");
}

static void crypto_persistent_key_survives_its_client(void)
{
	const uint32_t id = FIRST_KEY;
	struct tee_client client = crypto_connect(&tee_login_user);
	uint8_t before[PUBLIC_KEY_LEN], after[PUBLIC_KEY_LEN];

	needs_storage();
	make_key_absent(&client, id);
	CHECK_EQUAL(make_signing_key(&client, id), 0);
	CHECK_EQUAL(answered_word(&client), id);
	CHECK_EQUAL(make_signing_key(&client, id), -139);
	CHECK_EQUAL(export_public(&client, id, before), 0);
	tee_disconnect(&client);

	client = crypto_connect(&tee_login_user);
	CHECK_EQUAL(export_public(&client, id, after), 0);
	CHECK(!memcmp(before, after, sizeof(after)));
	must_sign(&client, id);

	/* Purging takes it out of memory only. */
	CHECK_EQUAL(ask_word(&client, 0x010e, id), 0);
	CHECK_EQUAL(export_public(&client, id, after), 0);
	CHECK(!memcmp(before, after, sizeof(after)));

	CHECK_EQUAL(ask_word(&client, 0x0102, id), 0);
	CHECK_EQUAL(export_public(&client, id, after), INVALID_HANDLE);
	CHECK_EQUAL(ask_word(&client, 0x0102, id), INVALID_HANDLE);
	CHECK_EQUAL(make_signing_key(&client, id), 0);
	CHECK_EQUAL(export_public(&client, id, after), 0);
	CHECK(memcmp(before, after, sizeof(after)));
	CHECK_EQUAL(ask_word(&client, 0x0102, id), 0);
}

static void crypto_attributes_of_a_persistent_key_come_back(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107,
			"01100000 00000000 01000000 0100571e 03000000 00000000 0001 0004 'data'",
			"0100571e"),
		ANSWERS(0x010f, "0100571e",
			"01100000 20000000 01000000 0100571e 03000000 00000000"),
		/* A copy that is kept, of a volatile key and the reverse. */
		ANSWERS(0x010d, "0100571e 00000000 00000000 00000000 0200571e 01000000 00000000",
			"k"),
		ANSWERS(0x0105, "k", "0001 0004 'data'"),
		FAILS(0x0105, "0200571e", -136),
		ANSWERS(0x010d, "0100571e 00000000 00000000 01000000 0200571e 01000000 00000000",
			"0200571e"),
		ANSWERS(0x0105, "0200571e", "0001 0004 'data'"),
		ANSWERS(0x0102, "0100571e", NULL),
		ANSWERS(0x0102, "0200571e", NULL),
		/* IDs of keys that nobody may choose. */
		FAILS(0x0107, "01100000 00000000 01000000 00000000 03000000 00000000 0001 0001 'x'",
		      -135),
		FAILS(0x0107, "01100000 00000000 01000000 00000040 03000000 00000000 0001 0001 'x'",
		      -135),
		FAILS(0x0107, "01100000 00000000 01000000 ffffffff 03000000 00000000 0001 0001 'x'",
		      -135),
		{},
	};
	struct tee_client client = crypto_connect(&tee_login_user);

	needs_storage();
	make_key_absent(&client, FIRST_KEY + 1);
	make_key_absent(&client, FIRST_KEY + 2);
	play(&client, script);
}

/* The client may have other keys, with larger IDs. */
static uint32_t next_key(struct tee_client *client, uint32_t id)
{
	CHECK_EQUAL(ask_word(client, 0x8052, id), 0);
	return answered_word(client);
}

static void crypto_keys_have_names(void)
{
	static const struct exchange named[] = {
		ANSWERS(0x0107,
			"01100000 00000000 01000000 0300571e 01000000 00000000 0001 0001 'x'",
			"0300571e"),
		ANSWERS(0x8051, "0300571e", "00000000"),
		ANSWERS(0x8050, "0300571e 08000000 'test key'", NULL),
		ANSWERS(0x8051, "0300571e", "08000000 'test key'"),
		{},
	};
	static const struct exchange destroyed[] = {
		ANSWERS(0x0102, "0300571e", NULL),
		FAILS(0x8051, "0300571e", -136),
		{},
	};
	struct tee_client client = crypto_connect(&tee_login_user);

	needs_storage();
	make_key_absent(&client, FIRST_KEY + 3);
	play(&client, named);
	CHECK_EQUAL(next_key(&client, FIRST_KEY + 2), FIRST_KEY + 3);
	play(&client, destroyed);
	CHECK(next_key(&client, FIRST_KEY + 2) != FIRST_KEY + 3);
}

/* One ID in the sessions of two clients: neither is the other's. */
static void two_keys_by_one_id(struct tee_client *one, struct tee_client *other, uint32_t id)
{
	make_key_absent(one, id);
	make_key_absent(other, id);
	CHECK_EQUAL(import_data(one, id, "one"), 0);
	CHECK_EQUAL(ask_word(other, 0x0105, id), INVALID_HANDLE);
	CHECK_EQUAL(ask_word(other, 0x0102, id), INVALID_HANDLE);
	CHECK_EQUAL(import_data(other, id, "other"), 0);
	must_export(one, id, "one");
	must_export(other, id, "other");
	CHECK_EQUAL(ask_word(other, 0x0102, id), 0);
	must_export(one, id, "one");
	CHECK_EQUAL(ask_word(one, 0x0102, id), 0);
}

static void crypto_user_and_public_have_two_keys_by_one_id(void)
{
	struct tee_client user = crypto_connect(&tee_login_user);
	struct tee_client public = crypto_beside(&user, &tee_login_public);

	needs_storage();
	two_keys_by_one_id(&user, &public, FIRST_KEY + 4);
}

static void crypto_two_users_have_two_keys_by_one_id(void)
{
	struct tee_client client = crypto_connect(&tee_login_public);
	struct tee_client alice, bob;

	needs_root();
	needs_storage();
	alice = crypto_beside_as(&client, 1000);
	bob = crypto_beside_as(&client, 2000);
	two_keys_by_one_id(&alice, &bob, FIRST_KEY + 5);
}

static void crypto_volatile_keys_and_operations_are_their_clients_alone(void)
{
	struct tee_client user = crypto_connect(&tee_login_user);
	struct tee_client public = crypto_beside(&user, &tee_login_public);
	uint32_t key, handle;

	CHECK_EQUAL(import_data(&user, 0, "mine"), 0);
	key = answered_word(&user);
	CHECK_EQUAL(ask_word(&user, 0x0201, 0x02000009), 0);
	handle = answered_word(&user);

	CHECK_EQUAL(ask_word(&public, 0x0105, key), INVALID_HANDLE);
	CHECK_EQUAL(ask_word(&public, 0x0102, key), INVALID_HANDLE);
	CHECK_EQUAL(ask_word(&public, 0x0203, handle), -137);
	CHECK_EQUAL(ask_word(&public, 0x0206, handle), -137);
	CHECK_EQUAL(ask_word(&public, 0x0204, handle), 0);

	must_export(&user, key, "mine");
	CHECK_EQUAL(ask_word(&user, 0x0203, handle), 0);
	CHECK_EQUAL(ask_word(&user, 0x0102, key), 0);
}

/* All that a client could ask storage for that might be a key. */
static void look_for(struct tee_client *storage, uint64_t uid)
{
	struct secure_storage_get get = { .uid = uid, .data_size = 64 };
	uint64_t got;
	int32_t status;

	CHECK_EQUAL(tee_call(storage, SECURE_STORAGE_GET, &get, sizeof(get), &got, &status), 0);
	if (status != -140)
		FAIL("storage has an object 0x%llx: status %d", (unsigned long long)uid, status);
	CHECK_EQUAL(tee_call(storage, SECURE_STORAGE_REMOVE, &uid, sizeof(uid), &got, &status), 0);
	CHECK_EQUAL(status, -140);
}

static void crypto_keys_are_not_to_be_found_in_storage(void)
{
	static const struct tee_login *const logins[] = { &tee_login_user, &tee_login_public };
	const uint32_t id = FIRST_KEY + 6;

	needs_service(crypto_uuid, "no partition has the crypto service");
	needs_storage();
	for (size_t i = 0; i < 2; i++) {
		struct tee_client client = crypto_connect(logins[i]);
		struct tee_client storage;
		struct secure_storage_set set = { .uid = id, .data_length = 0 };
		uint64_t got;
		int32_t status;

		make_key_absent(&client, id);
		CHECK_EQUAL(import_data(&client, id, "secret"), 0);
		CHECK_EQUAL(tee_connect(&storage, its_uuid, logins[i], CRYPTO_BUFFER_LEN), 0);
		/* As source and owner of the key, and with any number that may stand for them. */
		for (uint64_t high = 0; high < 256; high++)
			look_for(&storage, high << 32 | id);
		look_for(&storage, 0x8002ull << 32 | id);
		look_for(&storage, 0x8003ull << 32 | id);
		look_for(&storage, 0x80000000ull << 32 | id);
		look_for(&storage, (0x80000000ull | geteuid()) << 32 | id);

		/* An object of that name is another thing. */
		CHECK_EQUAL(
			tee_call(&storage, SECURE_STORAGE_SET, &set, sizeof(set), &got, &status),
			0);
		CHECK_EQUAL(status, 0);
		CHECK_EQUAL(ask_word(&client, 0x010e, id), 0);
		must_export(&client, id, "secret");
		CHECK_EQUAL(tee_call(&storage, SECURE_STORAGE_REMOVE, &set.uid, 8, &got, &status),
			    0);
		CHECK_EQUAL(status, 0);
		must_export(&client, id, "secret");
		CHECK_EQUAL(ask_word(&client, 0x0102, id), 0);
		tee_disconnect(&storage);
		tee_disconnect(&client);
	}
}

#define STORAGE_CLIENTS 6

static void keep_storage_busy(void *arg)
{
	struct {
		struct secure_storage_set set;
		uint8_t data[2000];
	} __attribute__((packed)) object = { .set = { .data_length = sizeof(object.data) } };
	struct tee_client client;
	int32_t status;
	uint64_t got;

	object.set.uid = *(uint64_t *)arg;
	CHECK_EQUAL(tee_connect(&client, its_uuid, &tee_login_user, 4096), 0);
	for (;;) {
		CHECK_EQUAL(tee_call(&client, SECURE_STORAGE_SET, &object, sizeof(object), &got,
				     &status),
			    0);
		CHECK_EQUAL(status, 0);
	}
}

static void crypto_keys_are_stored_however_busy_storage_is(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	pid_t children[STORAGE_CLIENTS];
	long long end = clock_ms() + 1500;
	unsigned int made = 0;

	needs_storage();
	for (int i = 0; i < STORAGE_CLIENTS; i++) {
		uint64_t uid = FIRST_KEY + 100 + (uint64_t)i;

		children[i] = spawn(keep_storage_busy, &uid);
	}
	while (clock_ms() < end || made < 4) {
		const uint32_t id = FIRST_KEY + 7 + made % 4;

		if (made < 4)
			make_key_absent(&client, id);
		else
			CHECK_EQUAL(ask_word(&client, 0x0102, id), 0);
		CHECK_EQUAL(import_data(&client, id, "in between"), 0);
		CHECK_EQUAL(ask_word(&client, 0x010e, id), 0);
		must_export(&client, id, "in between");
		made++;
	}
	for (int i = 0; i < STORAGE_CLIENTS; i++) {
		CHECK_EQUAL(waitpid(children[i], NULL, WNOHANG), 0);
		kill(children[i], SIGKILL);
	}
	for (uint32_t i = 0; i < 4; i++)
		CHECK_EQUAL(ask_word(&client, 0x0102, FIRST_KEY + 7 + i), 0);
}

static void crypto_without_storage_volatile_keys_are_served(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_device device;
	int32_t status;

	if (!tee_find(its_uuid, &device))
		harness_skip("there is storage");
	CHECK_EQUAL(import_data(&client, 0, "volatile"), 0);
	must_export(&client, answered_word(&client), "volatile");
	status = import_data(&client, FIRST_KEY, "persistent");
	CHECK(status == -134 || status == -146);
	CHECK_EQUAL(make_signing_key(&client, 0), 0);
	must_sign(&client, answered_word(&client));
	CHECK(ask_word(&client, 0x0105, FIRST_KEY) < 0);
}

/* Two services are two sessions of one partition. */
static struct tee_client protobuf_beside(const struct tee_client *client)
{
	struct tee_client other = *client;

	needs_service(crypto_protobuf_uuid, "no partition has the crypto service in protobuf");
	CHECK_EQUAL(
		tee_session_open(client->fd, crypto_protobuf_uuid, &tee_login_user, &other.session),
		0);
	return other;
}

static void crypto_protobuf_is_answered_as_observed(void)
{
	static const struct exchange script[] = {
		/* RSA of 1024 bits for OAEP, persistent; then without an ID; one random byte. */
		ANSWERS(0x0101, "0a15 0881e001 108008 1801 2010 2a08 088006 1089868038", "0810"),
		FAILS(0x0101, "0a13 0881e001 108008 1801 2a08 088006 1089868038", -135),
		ANSWERS(0x0102, "0810", NULL),
		FAILS(0x0102, "0810", -136),
		ANSWERS(0x010c, "0801", "0a01 ?"),
		REFUSED(0x0101, "0aff", -EBADMSG),
		REFUSED(0x010c, "0880", -EBADMSG),
		/* What there are no messages for, or never were. */
		REFUSED(0x010d, "", -EBADMSG),
		REFUSED(0x010e, "", -EBADMSG),
		REFUSED(0x010f, "", -EBADMSG),
		REFUSED(0x0201, "0809", -EOPNOTSUPP),
		REFUSED(0x0301, "0809", -EOPNOTSUPP),
		REFUSED(0x0601, "0809", -EOPNOTSUPP),
		{},
	};
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client protobuf = protobuf_beside(&client);

	needs_storage();
	make_key_absent(&client, 16);
	play(&protobuf, script);
}

static void crypto_key_of_one_service_is_the_others(void)
{
	static const struct exchange import[] = {
		ANSWERS(0x0107,
			"12710000 00010000 00000000 00000000 003c0000 09060006 0001 0020"
			"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
			"k"),
		{},
	};
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client protobuf = protobuf_beside(&client);
	struct request request = { 0 };
	uint8_t signature[64];
	uint32_t key;

	play(&client, import);
	key = answered_word(&client);

	/* Signed by one: {1: key, 2: algorithm, 3: message}, five bytes of key ID. */
	request.data[request.len++] = 0x08;
	for (uint32_t rest = key, i = 0; i < 5; i++, rest >>= 7)
		request.data[request.len++] = (uint8_t)((rest & 0x7f) | (i < 4 ? 0x80 : 0));
	memcpy(request.data + request.len, "\x10\x89\x8c\x80\x30\x1a\6sample", 13);
	request.len += 13;
	CHECK_EQUAL(ask(&protobuf, 0x0110, &request), 0);
	CHECK(!memcmp(client.buffer.data, "\x0a\x40", 2));
	memcpy(signature, client.buffer.data + 2, sizeof(signature));

	/* Verified by the other. */
	request.len = 0;
	put_word(&request, key);
	put_word(&request, 0x06000609);
	put_record(&request, 1, "sample", 6);
	put_record(&request, 2, signature, sizeof(signature));
	CHECK_EQUAL(ask(&client, 0x0111, &request), 0);
}

const struct test crypto_key_tests[] = {
	TEST(crypto_persistent_key_survives_its_client),
	TEST(crypto_attributes_of_a_persistent_key_come_back),
	TEST(crypto_keys_have_names),
	TEST(crypto_user_and_public_have_two_keys_by_one_id),
	TEST(crypto_two_users_have_two_keys_by_one_id),
	TEST(crypto_volatile_keys_and_operations_are_their_clients_alone),
	TEST(crypto_keys_are_not_to_be_found_in_storage),
	TEST(crypto_keys_are_stored_however_busy_storage_is),
	TEST(crypto_without_storage_volatile_keys_are_served),
	TEST(crypto_protobuf_is_answered_as_observed, .limit_s = 120),
	TEST(crypto_key_of_one_service_is_the_others),
	{},
};
