// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests that nobody should make: every opcode of the crypto service, and those that are
 * none, with bodies that are cut off, too long or random. Whatever the status, the partition
 * answers, and goes on to. Of responses crypto_send() has its own checks.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <string.h>

/* Of each operation. */
#define RANDOM_BODIES	       10
#define THOROUGH_RANDOM_BODIES 1000

/*
 * An operation and its request: the words of the fixed part (h: a handle, k: a key, a: an
 * algorithm, s: a step, n: a number; A: attributes), then records, or bulk parts.
 */
struct shape {
	uint16_t opcode;
	const char *fixed;
	uint8_t records;
	uint8_t parts;
};

static const struct shape shapes[] = {
	{ 0x0101, "A", 0, 0 },	 { 0x0102, "k", 0, 0 },	   { 0x0105, "k", 0, 0 },
	{ 0x0106, "k", 0, 0 },	 { 0x0107, "A", 1, 0 },	   { 0x0108, "ka", 1, 0 },
	{ 0x0109, "ka", 2, 0 },	 { 0x010a, "ka", 2, 0 },   { 0x010b, "ka", 2, 0 },
	{ 0x010c, "n", 0, 0 },	 { 0x010d, "kA", 0, 0 },   { 0x010e, "k", 0, 0 },
	{ 0x010f, "k", 0, 0 },	 { 0x0110, "ka", 1, 0 },   { 0x0111, "ka", 2, 0 },
	{ 0x0112, "", 3, 0 },	 { 0x0113, "", 1, 0 },	   { 0x0201, "a", 0, 0 },
	{ 0x0202, "h", 1, 0 },	 { 0x0203, "h", 0, 0 },	   { 0x0204, "h", 0, 0 },
	{ 0x0205, "h", 1, 0 },	 { 0x0206, "h", 0, 0 },	   { 0x0301, "ka", 0, 0 },
	{ 0x0302, "ka", 0, 0 },	 { 0x0303, "h", 0, 0 },	   { 0x0304, "h", 1, 0 },
	{ 0x0305, "h", 1, 0 },	 { 0x0306, "h", 0, 0 },	   { 0x0307, "h", 0, 0 },
	{ 0x0401, "a", 0, 0 },	 { 0x0402, "h", 0, 0 },	   { 0x0403, "hn", 0, 0 },
	{ 0x0404, "hs", 1, 0 },	 { 0x0405, "hsk", 0, 0 },  { 0x0406, "hn", 0, 0 },
	{ 0x0407, "hA", 0, 0 },	 { 0x0408, "h", 0, 0 },	   { 0x0409, "hsk", 1, 0 },
	{ 0x040a, "ak", 1, 0 },	 { 0x0501, "ka", 0, 0 },   { 0x0502, "ka", 0, 0 },
	{ 0x0503, "h", 1, 0 },	 { 0x0504, "h", 0, 0 },	   { 0x0505, "h", 1, 0 },
	{ 0x0506, "h", 0, 0 },	 { 0x0601, "ka", 0, 0 },   { 0x0602, "ka", 0, 0 },
	{ 0x0603, "h", 0, 0 },	 { 0x0604, "h", 1, 0 },	   { 0x0605, "hnn", 0, 0 },
	{ 0x0606, "h", 1, 0 },	 { 0x0607, "h", 1, 0 },	   { 0x0608, "h", 0, 0 },
	{ 0x0609, "h", 1, 0 },	 { 0x060a, "h", 0, 0 },	   { 0x8001, "a", 0, 1 },
	{ 0x8002, "a", 0, 2 },	 { 0x8003, "ka", 0, 1 },   { 0x8004, "ka", 0, 2 },
	{ 0x8005, "ka", 0, 1 },	 { 0x8006, "ka", 0, 1 },   { 0x8007, "ka", 0, 3 },
	{ 0x8008, "ka", 0, 3 },	 { 0x8010, "ka", 0, 0 },   { 0x8011, "ka", 0, 0 },
	{ 0x8012, "h", 0, 1 },	 { 0x8013, "h", 0, 0 },	   { 0x8014, "h", 0, 1 },
	{ 0x8015, "h", 0, 0 },	 { 0x8020, "ka", 0, 1 },   { 0x8021, "hn", 0, 0 },
	{ 0x8022, "ka", 0, 2 },	 { 0x8023, "hn", 0, 0 },   { 0x8024, "h", 0, 0 },
	{ 0x8025, "h", 0, 0 },	 { 0x8030, "ann", 0, 0 },  { 0x8031, "hk", 0, 0 },
	{ 0x8032, "h", 0, 1 },	 { 0x8033, "h", 0, 1 },	   { 0x8034, "hn", 0, 0 },
	{ 0x8035, "hn", 0, 0 },	 { 0x8036, "hn", 0, 1 },   { 0x8037, "hh", 0, 0 },
	{ 0x8038, "h", 0, 0 },	 { 0x8040, "hsnn", 0, 0 }, { 0x8041, "h", 0, 1 },
	{ 0x8042, "hk", 0, 0 },	 { 0x8043, "hAn", 0, 1 },  { 0x8044, "An", 0, 1 },
	{ 0x8050, "k", 0, 1 },	 { 0x8051, "k", 0, 0 },	   { 0x8052, "k", 0, 0 },
	{ 0x8053, "k", 0, 1 },	 { 0x8054, "k", 0, 0 },	   { 0x8055, "", 0, 0 },
	{ 0x8060, "kaA", 0, 1 }, { 0x8061, "kak", 0, 1 },  { 0x8062, "kaA", 0, 2 },
	{ 0x8016, "ka", 0, 1 },	 { 0x8017, "ka", 0, 2 },   { 0x8070, "kaA", 0, 0 },
	{ 0x8071, "kaA", 0, 1 }, { 0x8045, "A", 0, 0 },
};

#define SHAPE_COUNT (sizeof(shapes) / sizeof(shapes[0]))

/*
 * Numbers that mean something. None makes the partition compute for long: no RSA or DH keys
 * to be generated, no password hashing.
 */
static const uint32_t types[] = { 0x1001, 0x1100, 0x1200, 0x2400, 0x2301, 0x2004,
				  0x7112, 0x4112, 0x7142, 0x4001, 0,	  0xffff };
static const uint32_t sizes[] = { 0, 8, 64, 128, 256, 255, 0xfff8, 0xffffffff };
static const uint32_t algs[] = { 0x02000009, 0x0200000b, 0x04c01000, 0x04404000, 0x04404100,
				 0x03c00200, 0x03800009, 0x05500200, 0x05500100, 0x05100500,
				 0x06000609, 0x06000709, 0x06000200, 0x07000309, 0x08000109,
				 0x08000209, 0x09020000, 0x09020109, 0x0a000100, 0,
				 0xffffffff };
static const uint32_t steps[] = { 0x0101, 0x0102, 0x0201, 0x0202, 0x0203, 0x0204, 0, 0x10101 };
static const uint32_t numbers[] = { 0, 1, 2, 16, 255, 8160, 0x01120100, 0x7fffffff, 0xffffffff };

/* xorshift32: the same bodies each time. */
static uint32_t state = 0x1e577e57;

static uint32_t any(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

#define ONE_OF(table) ((table)[any() % (sizeof(table) / sizeof((table)[0]))])

/* The keys and handles that answers have told of, newest first by turns. */
static uint32_t live_keys[8], live_handles[8];

static void put_words(struct request *body, const char *words)
{
	for (; *words; words++) {
		switch (*words) {
		case 'h':
			put_word(body, ONE_OF(live_handles));
			break;
		case 'k':
			put_word(body, ONE_OF(live_keys));
			break;
		case 'a':
			put_word(body, ONE_OF(algs));
			break;
		case 's':
			put_word(body, ONE_OF(steps));
			break;
		case 'n':
			put_word(body, ONE_OF(numbers));
			break;
		default:
			put_attributes(body, ONE_OF(types), ONE_OF(sizes), 0, any() & 0xff07,
				       ONE_OF(algs));
			break;
		}
	}
}

static size_t fixed_len(const char *words)
{
	size_t len = 0;

	for (; *words; words++)
		len += *words == 'A' ? 24 : 4;
	return len;
}

static void well_formed(const struct shape *shape, struct request *body)
{
	uint8_t value[64];

	body->len = 0;
	put_words(body, shape->fixed);
	for (int i = 0; i < shape->records + shape->parts; i++) {
		const size_t len = any() % (sizeof(value) + 1);

		for (size_t at = 0; at < len; at++)
			value[at] = (uint8_t)any();
		if (i < shape->records) {
			put_record(body, (uint16_t)(i + 1), value, len);
			continue;
		}
		put_word(body, (uint32_t)len);
		memcpy(body->data + body->len, value, len);
		body->len += len;
	}
}

/* Whatever it says; but it must say something that a client can tell. */
static struct reply send_hostile(struct tee_client *client, uint16_t opcode,
				 const struct request *body)
{
	struct reply reply = crypto_send(client, opcode, body->data, body->len);

	switch (reply.rc) {
	case 0:
	case -EBADMSG:
	case -EOPNOTSUPP:
	case -ENOBUFS:
		break;
	default:
		FAIL("opcode 0x%x with %zu bytes: %s", opcode, body->len, strerror(-reply.rc));
	}
	if (!reply.rc && !reply.status && reply.len == 4) {
		const uint32_t word = answered_word(client);

		(word >= 0x40000000u ? live_keys : live_handles)[any() % 8] = word;
	}
	return reply;
}

static void must_still_work(struct tee_client *client)
{
	static const struct exchange script[] = {
		ANSWERS(0x8001, "09000002 03000000 'abc'",
			"20000000 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
		ANSWERS(0x0201, "09000002", "h"),
		ANSWERS(0x0204, "h", NULL),
		{},
	};

	play(client, script);
}

static void crypto_requests_that_are_cut_off_are_malformed(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client other = crypto_beside(&client, &tee_login_public);
	struct request body;

	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		const size_t needed = fixed_len(shapes[i].fixed);

		well_formed(&shapes[i], &body);
		while (body.len--) {
			struct reply reply = send_hostile(&client, shapes[i].opcode, &body);

			if (reply.rc == -EOPNOTSUPP)
				break;
			if (body.len < needed)
				CHECK_EQUAL(reply.rc, -EBADMSG);
			if (body.len > 100)
				body.len -= 7;
		}
	}
	must_still_work(&other);
}

static void crypto_requests_that_are_too_long_are_answered(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client other = crypto_beside(&client, &tee_login_public);
	struct request body;

	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		/* Records of tags that nobody knows behind it; then bytes up to the end. */
		well_formed(&shapes[i], &body);
		put_record(&body, 7, "unknown", 7);
		put_record(&body, 0xffff, "", 0);
		send_hostile(&client, shapes[i].opcode, &body);
		while (body.len < sizeof(body.data))
			body.data[body.len++] = (uint8_t)any();
		send_hostile(&client, shapes[i].opcode, &body);
	}
	must_still_work(&other);
}

/* Changes some bits, or writes a length that is not true. */
static void spoil(struct request *body)
{
	for (uint32_t flips = any() % 4; flips && body->len; flips--)
		body->data[any() % body->len] ^= (uint8_t)(1u << any() % 8);
	if (any() % 4 == 0 && body->len > 2)
		memset(body->data + any() % (body->len - 1), any() % 2 ? 0xff : 0, 2);
	if (any() % 4 == 0)
		body->len -= body->len ? any() % body->len : 0;
}

static void crypto_random_requests_are_answered(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	struct tee_client other = crypto_beside(&client, &tee_login_public);
	unsigned int rounds = fixture_thorough() ? THOROUGH_RANDOM_BODIES : RANDOM_BODIES;
	struct request body;

	for (unsigned int round = 0; round < rounds; round++) {
		for (size_t i = 0; i < SHAPE_COUNT; i++) {
			well_formed(&shapes[i], &body);
			if (round % 2)
				spoil(&body);
			send_hostile(&client, shapes[i].opcode, &body);
		}
	}
	must_still_work(&other);
}

static void crypto_opcodes_that_are_none_are_refused(void)
{
	static const uint16_t ranges[][2] = {
		{ 0, 0x0115 },	    { 0x0200, 0x0208 }, { 0x0300, 0x0309 },
		{ 0x0400, 0x040c }, { 0x0500, 0x0508 }, { 0x0600, 0x060c },
		{ 0x0700, 0x0701 }, { 0x7fff, 0x80ff }, { 0xfffe, 0xffff },
	};
	struct tee_client client = crypto_connect(&tee_login_user);
	struct request body;

	for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); r++) {
		for (uint32_t opcode = ranges[r][0]; opcode <= ranges[r][1]; opcode++) {
			bool known = false;

			for (size_t i = 0; i < SHAPE_COUNT; i++)
				known |= shapes[i].opcode == opcode;
			if (known)
				continue;
			body.len = any() % 64;
			for (size_t at = 0; at < body.len; at++)
				body.data[at] = (uint8_t)any();
			CHECK_EQUAL(send_hostile(&client, (uint16_t)opcode, &body).rc, -EOPNOTSUPP);
		}
	}
	must_still_work(&client);
}

/* What may take long: keys to be found, numbers to be raised, passwords to be tried. */
static const uint32_t long_types[] = { 0x7001, 0x4001, 0x7203, 0x4203, 0x1200, 0x1203,
				       0x1205, 0x7112, 0x7142, 0x1001, 0x2400, 0xffff };
static const uint32_t long_algs[] = { 0x08800109, 0x0880010b, 0x08000109, 0x09020109, 0x09010000,
				      0x06000609, 0x06000309, 0x07000309, 0x03c00200, 0xffffffff };
#define PBKDF2 0x08800109u

/* As well_formed(), but of numbers that are as extreme as can be; @i: which. */
static void extreme_request(const struct shape *shape, size_t i, struct request *body)
{
	size_t k = i;

	body->len = 0;
	for (const char *word = shape->fixed; *word; word++, k += 5) {
		switch (*word) {
		case 'h':
		case 'k':
		case 's':
			put_words(body, (const char[]){ *word, 0 });
			break;
		case 'a':
			put_word(body, ONE_OF(long_algs));
			break;
		case 'A':
			put_attributes(body, ONE_OF(long_types), extreme(k), 0, 0xff07,
				       ONE_OF(long_algs));
			break;
		default:
			put_word(body, extreme(k));
			break;
		}
	}
	for (int n = 0; n < shape->records; n++, k += 5) {
		const uint32_t number = extreme(k);

		put_record(body, (uint16_t)(n + 1), &number, sizeof(number));
	}
	for (int n = 0; n < shape->parts; n++, k += 5) {
		put_word(body, 4);
		put_word(body, extreme(k));
	}
}

/* All that is left to do of a password is to try it, as often as it says. */
static void prepare_password(struct tee_client *client, uint32_t tries)
{
	struct request body = { 0 };
	uint32_t handle;

	put_word(&body, PBKDF2);
	if (send_hostile(client, 0x0401, &body).status)
		return;
	handle = answered_word(client);
	live_handles[0] = live_handles[1] = handle;
	body.len = 0;
	put_word(&body, handle);
	put_word(&body, 0x0205);
	put_word(&body, tries);
	put_word(&body, 0);
	send_hostile(client, 0x8040, &body);
	for (uint32_t step = 0x0202; step; step = step == 0x0202 ? 0x0102 : 0) {
		body.len = 0;
		put_word(&body, handle);
		put_word(&body, step);
		put_record(&body, 1, "password", 8);
		send_hostile(client, 0x0404, &body);
	}
}

static bool derives(uint16_t opcode)
{
	return (opcode & 0xff00) == 0x0400 || (opcode & 0xfff0) == 0x8040;
}

static void crypto_no_numbers_hold_the_partition(void)
{
	struct tee_client other = crypto_connect(&tee_login_public);

	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		struct tee_client client = crypto_connect(&tee_login_user);

		for (size_t n = 0; n < EXTREME_COUNT; n++) {
			struct request body;
			uint64_t len;
			int32_t status;

			if (derives(shapes[i].opcode))
				prepare_password(&client, extreme(n) & 0xffffff);
			extreme_request(&shapes[i], n, &body);
			if (!must_answer_in_time(&client, shapes[i].opcode, body.data, body.len,
						 &len, &status) &&
			    !status && len == 4)
				live_keys[any() % 8] = answered_word(&client);
		}
		/* What it has made can be had by others. */
		tee_disconnect(&client);
	}
	must_still_work(&other);
}

const struct test crypto_hostile_tests[] = {
	TEST(crypto_no_numbers_hold_the_partition, .limit_s = 300),
	TEST(crypto_requests_that_are_cut_off_are_malformed, .limit_s = 60),
	TEST(crypto_requests_that_are_too_long_are_answered, .limit_s = 60),
	TEST(crypto_random_requests_are_answered, .limit_s = 600),
	TEST(crypto_opcodes_that_are_none_are_refused, .limit_s = 60),
	{},
};
