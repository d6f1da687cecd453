// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a client of the crypto service can have at a time: half of what there is if it is alone,
 * enough whatever others have, and nothing that is used up by clients that died.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What must be possible, for so many at a time. */
#define KEYS	   32
#define OPERATIONS 16
#define CLIENTS	   6

/* What a client gets that is alone, at least. */
#define LONE_KEYS	    1500
#define LONE_OPERATIONS	    1500

#define INSUFFICIENT_MEMORY (-141)

#define FIRST_UID	    20000
#define DEATHS		    10000

/* A kind of operations: how it is set up, with what key if it takes one. */
struct kind {
	uint16_t setup;
	uint32_t alg;
	uint32_t key_type; /* 0: none */
	uint32_t key_usage;
	const char *rest; /* of the request */
	size_t rest_len;
};

#define REST(bytes) (bytes), sizeof(bytes) - 1

static const struct kind kinds[] = {
	{ 0x0201, 0x02000009, 0, 0, NULL, 0 },		 /* hash: SHA-256 */
	{ 0x0301, 0x04c01000, 0x2400, 0x100, NULL, 0 },	 /* cipher: AES, CTR */
	{ 0x0401, 0x08000109, 0, 0, NULL, 0 },		 /* derivation: HKDF */
	{ 0x0501, 0x03c00200, 0x2400, 0x400, NULL, 0 },	 /* MAC: CMAC */
	{ 0x0601, 0x05500200, 0x2400, 0x100, NULL, 0 },	 /* AEAD: GCM */
	{ 0x8010, 0x06000609, 0x7112, 0x1400, NULL, 0 }, /* message: ECDSA */
	/* interruptible: ECDSA of a hash; PAKE: J-PAKE on P-256 with SHA-256 */
	{ 0x8020, 0x06000609, 0x7112, 0x1400,
	  REST("\x20\0\0\0"
	       "0123456789abcdef0123456789abcdef") },
	{ 0x8030, 0x0a000100, 0, 0, REST("\0\1\x12\1\x09\0\0\2") },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static int32_t import(struct tee_client *client, uint32_t type, uint32_t usage, uint32_t alg)
{
	static const uint8_t bytes[] = "two times sixteen bytes of a key";
	struct request request = { 0 };

	put_attributes(&request, type, 0, 0, usage, alg);
	put_record(&request, 1, bytes, type == 0x7112 ? 32 : 16);
	return ask(client, 0x0107, &request);
}

/* A client with all that it may need. */
struct holder {
	struct tee_client client;
	uint32_t keys[KEYS];
	uint32_t operations[KIND_COUNT][OPERATIONS];
};

static int32_t set_up(struct tee_client *client, const struct kind *kind, uint32_t key)
{
	struct request request = { 0 };

	if (kind->key_type)
		put_word(&request, key);
	put_word(&request, kind->alg);
	if (kind->rest_len)
		memcpy(request.data + request.len, kind->rest, kind->rest_len);
	request.len += kind->rest_len;
	return ask(client, kind->setup, &request);
}

static void fill(struct holder *holder)
{
	struct tee_client *client = &holder->client;

	/* The first keys are those of the kinds. */
	for (size_t i = 0; i < KEYS; i++) {
		const struct kind *kind = &kinds[i % KIND_COUNT];
		bool needed = i < KIND_COUNT && kind->key_type;

		CHECK_EQUAL(needed ? import(client, kind->key_type, kind->key_usage, kind->alg) :
				     import(client, 0x2400, 0x100, 0),
			    0);
		holder->keys[i] = answered_word(client);
	}
	for (size_t k = 0; k < KIND_COUNT; k++)
		for (size_t i = 0; i < OPERATIONS; i++) {
			CHECK_EQUAL(set_up(client, &kinds[k], holder->keys[k]), 0);
			holder->operations[k][i] = answered_word(client);
		}
}

/* A client that pays for itself. Needs root. */
static struct tee_client connect_as(uid_t uid)
{
	struct tee_client client;

	needs_root();
	CHECK(seteuid(uid) == 0);
	client = crypto_connect(&tee_login_user);
	CHECK(seteuid(0) == 0);
	return client;
}

/* All hashes, then all keys that there are for it; how many of them. */
static void take_all(struct tee_client *client, unsigned int *keys, unsigned int *operations)
{
	int32_t status;

	for (*operations = 0; !(status = set_up(client, &kinds[0], 0));)
		++*operations;
	CHECK_EQUAL(status, INSUFFICIENT_MEMORY);
	for (*keys = 0; !(status = import(client, 0x2400, 0x100, 0));)
		++*keys;
	CHECK_EQUAL(status, INSUFFICIENT_MEMORY);
}

/* Everything is still there, or so says every n-th of each. */
static void must_have(struct holder *holder, size_t n)
{
	/* Empty updates, and a capacity. */
	static const uint16_t uses[KIND_COUNT] = {
		0x0202, 0, 0x0402, 0x0503, 0, 0x8012, 0x8024, 0,
	};

	for (size_t i = 0; i < KEYS; i += n)
		CHECK_EQUAL(ask_word(&holder->client, 0x010f, holder->keys[i]), 0);
	for (size_t k = 0; k < KIND_COUNT; k++)
		for (size_t i = 0; i < OPERATIONS && uses[k]; i += n) {
			struct request request = { 0 };

			put_word(&request, holder->operations[k][i]);
			put_word(&request, 0);
			request.len = uses[k] == 0x8012 ? 8 : 4;
			CHECK_EQUAL(ask(&holder->client, uses[k], &request), 0);
		}
}

static void crypto_client_at_its_limit_disturbs_nobody(void)
{
	static struct holder other;
	struct tee_client hog;
	unsigned int keys, operations;

	/* In a world who is connected pays, and that is one person here. */
	needs_machine();
	other.client = connect_as(FIRST_UID);
	hog = connect_as(FIRST_UID + 1);
	take_all(&hog, &keys, &operations);
	if (operations < LONE_OPERATIONS)
		FAIL("%u hash operations for one client", operations);
	fill(&other);
	must_have(&other, 1);
	/* What one gives up it can have again. */
	CHECK_EQUAL(ask_word(&other.client, 0x0102, other.keys[KEYS - 1]), 0);
	CHECK_EQUAL(import(&other.client, 0x2400, 0x100, 0), 0);
}

static void crypto_lone_client_has_many_keys(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);

	for (int i = 0; i < LONE_KEYS; i++)
		CHECK_EQUAL(import(&client, 0x2400, 0x100, 0), 0);
}

static void crypto_failures_stay_until_aborted_but_in_setup(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	uint32_t handles[OPERATIONS];
	struct request request = { 0 };

	/* Of no algorithm, and with no key. */
	for (int i = 0; i < 2 * OPERATIONS; i++) {
		CHECK(ask_word(&client, 0x0201, 0x02ffffff) < 0);
		CHECK(set_up(&client, &kinds[1], 0x5fffffff) < 0);
		CHECK(import(&client, 0x7001, 0, 0) < 0);
	}
	CHECK_EQUAL(import(&client, kinds[1].key_type, kinds[1].key_usage, kinds[1].alg), 0);
	CHECK_EQUAL(set_up(&client, &kinds[1], answered_word(&client)), 0);
	for (int i = 0; i < OPERATIONS; i++) {
		CHECK_EQUAL(set_up(&client, &kinds[0], 0), 0);
		handles[i] = answered_word(&client);
		request.len = 0;
		put_word(&request, handles[i]);
		put_record(&request, 1, "no hash", 7);
		CHECK_EQUAL(ask(&client, 0x0205, &request), -149);
	}
	for (int i = 0; i < OPERATIONS; i++)
		CHECK_EQUAL(ask_word(&client, 0x0204, handles[i]), 0);
	CHECK_EQUAL(ask_word(&client, 0x0202, handles[0]), -137);
}

static void crypto_clients_have_what_they_need(void)
{
	static struct holder holders[CLIENTS];

	for (unsigned int i = 0; i < CLIENTS; i++) {
		holders[i].client = connect_as(FIRST_UID + i);
		fill(&holders[i]);
	}
	for (unsigned int i = 0; i < CLIENTS; i++)
		must_have(&holders[i], fixture_thorough() ? 1 : OPERATIONS);
}

static void crypto_what_lost_its_buffer_stays_of_use_until_room_is_needed(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	uint32_t key, handle;

	CHECK_EQUAL(import(&client, 0x2400, 0x100, 0), 0);
	key = answered_word(&client);
	CHECK_EQUAL(set_up(&client, &kinds[0], 0), 0);
	handle = answered_word(&client);
	tee_disconnect(&client);

	client = crypto_connect(&tee_login_user);
	CHECK_EQUAL(ask_word(&client, 0x010f, key), 0);
	CHECK_EQUAL(ask_word(&client, 0x0202, handle), 0);
	tee_disconnect(&client);
	/* Nobody but this client's own leftovers is in the way. */
	client = crypto_connect(&tee_login_user);
	for (int i = 0; i < 2 * LONE_KEYS; i++)
		if (import(&client, 0x2400, 0x100, 0))
			break;
	CHECK_EQUAL(ask_word(&client, 0x010f, key), -136);
}

/* The least that leaves a session, a buffer, a key and an operation behind. */
static void die_in_mid_operation(const struct tee_device *device)
{
	struct tee_client client = { .device = *device };

	client.fd = open(device->path, O_RDWR | O_CLOEXEC);
	if (client.fd < 0 ||
	    tee_session_open(client.fd, crypto_uuid, &tee_login_user, &client.session) ||
	    tee_buffer_alloc(client.fd, CRYPTO_BUFFER_LEN, &client.buffer))
		_exit(1);
	if (import(&client, 0x2400, 0x100, 0x05500200) ||
	    set_up(&client, &kinds[4], answered_word(&client)) || set_up(&client, &kinds[0], 0))
		_exit(1);
	kill(getpid(), SIGKILL);
}

static void die_over_and_over(const struct tee_device *device, unsigned int deaths,
			      long long limit_ms)
{
	long long end = clock_ms() + limit_ms;

	for (unsigned int i = 0; i < deaths && clock_ms() < end; i++) {
		pid_t child = fork();
		int status;

		CHECK(child >= 0);
		if (!child) {
			die_in_mid_operation(device);
			_exit(1);
		}
		CHECK_EQUAL(waitpid(child, &status, 0), child);
		if (!WIFSIGNALED(status))
			FAIL("after %u deaths: no key or operation for the next client", i);
	}
}

static void crypto_ten_thousand_deaths_use_nothing_up(void)
{
	static struct holder holder;

	holder.client = crypto_connect(&tee_login_user);
	die_over_and_over(&holder.client.device, DEATHS, fixture_thorough() ? 600000 : 6000);
	fill(&holder);
	must_have(&holder, 1);
}

static void live_a_while(void *arg)
{
	const struct tee_device *device = arg;

	for (;;) {
		struct tee_client client = { .device = *device };

		client.fd = open(device->path, O_RDWR | O_CLOEXEC);
		if (client.fd < 0)
			continue;
		if (!tee_session_open(client.fd, crypto_uuid, &tee_login_user, &client.session) &&
		    !tee_buffer_alloc(client.fd, CRYPTO_BUFFER_LEN, &client.buffer))
			for (int i = 0; i < 20; i++) {
				struct request request = { 0 };

				put_word(&request, kinds[0].alg);
				crypto_send(&client, kinds[0].setup, request.data, request.len);
			}
		tee_disconnect(&client);
	}
}

static void crypto_clients_killed_in_mid_call_use_nothing_up(void)
{
	static struct holder holder;
	struct tee_buffer buffer;
	pid_t children[6];

	holder.client = crypto_connect(&tee_login_user);
	for (int round = 0; round < 8; round++) {
		for (int i = 0; i < 6; i++)
			children[i] = spawn(live_a_while, &holder.client.device);
		usleep(100000 + 1300 * (unsigned int)round);
		for (int i = 0; i < 6; i++)
			kill(children[i], SIGKILL);
		for (int i = 0; i < 6; i++)
			CHECK_EQUAL(waitpid(children[i], NULL, 0), children[i]);
	}
	usleep(100000);
	fill(&holder);
	must_have(&holder, 1);
	/* Nearly the share of one client. */
	for (int i = 0; i < 20; i++)
		CHECK_EQUAL(tee_buffer_alloc(holder.client.fd, 4096, &buffer), 0);
}

const struct test crypto_limit_tests[] = {
	TEST(crypto_client_at_its_limit_disturbs_nobody, .limit_s = 60),
	TEST(crypto_failures_stay_until_aborted_but_in_setup),
	TEST(crypto_what_lost_its_buffer_stays_of_use_until_room_is_needed, .limit_s = 60),
	TEST(crypto_lone_client_has_many_keys, .limit_s = 60),
	TEST(crypto_clients_have_what_they_need, .limit_s = 120),
	TEST(crypto_ten_thousand_deaths_use_nothing_up, .limit_s = 660),
	TEST(crypto_clients_killed_in_mid_call_use_nothing_up, .limit_s = 60),
	{},
};
