// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys of the crypto service that only an engine has: Ed25519, ML-DSA, ML-KEM. Published answers, and that
 * they last, in both homes. Numbers are written out. Skipped where there is no engine.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <string.h>

#define ED25519		  0x7142u
#define MLDSA		  0x7002u
#define MLKEM		  0x7004u
#define SIGN_VERIFY	  0x3c00u
#define CRYPT		  0x0300u
#define EXPORT		  0x0001u
#define PURE_EDDSA	  0x06000800u
#define HEDGED		  0x06004400u
#define DETERMINISTIC	  0x06004500u
#define ALG_MLKEM	  0x0c000200u
#define DERIVE		  0x1200u

#define NOT_SUPPORTED	  (-134)
#define INVALID_ARGUMENT  (-135)
#define INVALID_SIGNATURE (-149)

/* The length of a response's one record; it is copied to @out. */
static size_t record_of(const struct tee_client *client, uint8_t *out)
{
	const uint8_t *data = client->buffer.data;
	const size_t len = (size_t)data[2] << 8 | data[3];

	CHECK(data[0] == 0 && data[1] == 1);
	memcpy(out, data + 4, len);
	return len;
}

/* An imported key of @len bytes 0, 1, 2...; 0: there is no engine. */
static uint32_t import(struct tee_client *client, uint32_t type, uint32_t bits, uint32_t id,
		       uint32_t usage, uint32_t alg, size_t len)
{
	struct request request = { 0 };
	uint8_t seed[64];
	int32_t status;

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	put_attributes(&request, type, bits, id, usage, alg);
	put_record(&request, 1, seed, len);
	status = ask(client, 0x0107, &request);
	if (status == NOT_SUPPORTED)
		harness_skip("the partition has no engine");
	CHECK_EQUAL(status, 0);
	return answered_word(client);
}

static void destroy(struct tee_client *client, uint32_t id)
{
	CHECK_EQUAL(ask_word(client, 0x0102, id), 0);
}

static void public_of(struct tee_client *client, uint32_t id, uint8_t *out, size_t len)
{
	CHECK_EQUAL(ask_word(client, 0x0106, id), 0);
	CHECK_EQUAL(record_of(client, out), len);
}

/* Whether the service says that this is SHA-256 of @data. */
static void check_hash(struct tee_client *client, const uint8_t *data, size_t len,
		       const uint8_t wanted[32])
{
	struct request request = { 0 };
	const uint8_t *answer = client->buffer.data;

	put_word(&request, 0x02000009);
	put_word(&request, (uint32_t)len);
	CHECK(request.len + len <= sizeof(request.data));
	memcpy(request.data + request.len, data, len);
	request.len += len;
	CHECK_EQUAL(ask(client, 0x8001, &request), 0);
	CHECK(!memcmp(answer + 4, wanted, 32));
}

static int32_t sign(struct tee_client *client, uint32_t id, uint32_t alg)
{
	struct request request = { 0 };

	put_word(&request, id);
	put_word(&request, alg);
	put_record(&request, 1, "abc", 3);
	return ask(client, 0x0110, &request);
}

static int32_t verify(struct tee_client *client, uint32_t id, uint32_t alg,
		      const uint8_t *signature, size_t len)
{
	struct request request = { 0 };

	put_word(&request, id);
	put_word(&request, alg);
	put_record(&request, 1, "abc", 3);
	put_record(&request, 2, signature, len);
	return ask(client, 0x0111, &request);
}

/* RFC 8032, 7.1, test 3. */
static void crypto_ed25519_is_as_published(void)
{
	static const uint8_t seed[] = { 0xc5, 0xaa, 0x8d, 0xf4, 0x3f, 0x9f, 0x83, 0x7b,
					0xed, 0xb7, 0x44, 0x2f, 0x31, 0xdc, 0xb7, 0xb1,
					0x66, 0xd3, 0x85, 0x35, 0x07, 0x6f, 0x09, 0x4b,
					0x85, 0xce, 0x3a, 0x2e, 0x0b, 0x44, 0x58, 0xf7 };
	static const uint8_t public[] = { 0xfc, 0x51, 0xcd, 0x8e, 0x62, 0x18, 0xa1, 0xa3,
					  0x8d, 0xa4, 0x7e, 0xd0, 0x02, 0x30, 0xf0, 0x58,
					  0x08, 0x16, 0xed, 0x13, 0xba, 0x33, 0x03, 0xac,
					  0x5d, 0xeb, 0x91, 0x15, 0x48, 0x90, 0x80, 0x25 };
	static const uint8_t wanted[] = {
		0x62, 0x91, 0xd6, 0x57, 0xde, 0xec, 0x24, 0x02, 0x48, 0x27, 0xe6, 0x9c, 0x3a,
		0xbe, 0x01, 0xa3, 0x0c, 0xe5, 0x48, 0xa2, 0x84, 0x74, 0x3a, 0x44, 0x5e, 0x36,
		0x80, 0xd7, 0xdb, 0x5a, 0xc3, 0xac, 0x18, 0xff, 0x9b, 0x53, 0x8d, 0x16, 0xf2,
		0x90, 0xae, 0x67, 0xf7, 0x60, 0x98, 0x4d, 0xc6, 0x59, 0x4a, 0x7c, 0x15, 0xe9,
		0x71, 0x6e, 0xd2, 0x8d, 0xc0, 0x27, 0xbe, 0xce, 0xea, 0x1e, 0xc4, 0x0a
	};
	struct tee_client client = crypto_connect(&tee_login_user);
	struct request request = { 0 };
	uint8_t out[64];
	uint32_t id;

	import(&client, ED25519, 255, 0, 0, 0, 32);
	put_attributes(&request, ED25519, 255, 0, SIGN_VERIFY, PURE_EDDSA);
	put_record(&request, 1, seed, sizeof(seed));
	CHECK_EQUAL(ask(&client, 0x0107, &request), 0);
	id = answered_word(&client);
	public_of(&client, id, out, 32);
	CHECK(!memcmp(out, public, 32));
	request.len = 0;
	put_word(&request, id);
	put_word(&request, PURE_EDDSA);
	put_record(&request, 1, "\xaf\x82", 2);
	CHECK_EQUAL(ask(&client, 0x0110, &request), 0);
	CHECK_EQUAL(record_of(&client, out), 64);
	CHECK(!memcmp(out, wanted, 64));
	put_record(&request, 2, out, 64);
	CHECK_EQUAL(ask(&client, 0x0111, &request), 0);
	CHECK_EQUAL(verify(&client, id, PURE_EDDSA, out, 64), INVALID_SIGNATURE);
	destroy(&client, id);
}

static const struct mldsa {
	uint32_t bits;
	size_t public_len, signature_len;
	uint8_t public[32], signature[32]; /* their SHA-256, as OpenSSL 3.5 has them */
} mldsa[] = {
	{ 128,
	  1312,
	  2420,
	  { 0x9f, 0x10, 0x76, 0x44, 0xc1, 0x08, 0x45, 0x26, 0xaf, 0x3b, 0xc8,
	    0x09, 0x86, 0x80, 0xb0, 0x54, 0x99, 0xa2, 0x32, 0x5a, 0x64, 0x4e,
	    0x38, 0x8f, 0xb4, 0xf9, 0x70, 0xe0, 0x58, 0xd1, 0x9d, 0x46 },
	  { 0x9c, 0x2a, 0xfc, 0x5d, 0xb0, 0xe1, 0x5c, 0x19, 0x99, 0x77, 0xbe,
	    0x79, 0xea, 0xee, 0x52, 0xca, 0x0b, 0x53, 0x8a, 0x1b, 0x6f, 0x80,
	    0x39, 0xdc, 0xac, 0x03, 0x2a, 0x06, 0x12, 0x0c, 0xfa, 0x87 } },
	{ 192,
	  1952,
	  3309,
	  { 0xd6, 0x66, 0x80, 0x6e, 0x11, 0xce, 0xe1, 0x9a, 0x7c, 0x98, 0x9f,
	    0x74, 0x45, 0xf9, 0x0d, 0xd4, 0x19, 0xcf, 0x4d, 0x2d, 0x51, 0xdb,
	    0x8c, 0x0f, 0xdb, 0x4c, 0x0f, 0x0a, 0x54, 0x22, 0x38, 0xc9 },
	  { 0x4b, 0x01, 0xe9, 0x8d, 0xfa, 0xa0, 0x62, 0xb0, 0xef, 0x64, 0xc9,
	    0x49, 0xf5, 0x0d, 0x2e, 0xe9, 0x23, 0xd8, 0x2f, 0x72, 0x13, 0x79,
	    0x72, 0x7d, 0x16, 0x0c, 0xe6, 0xfc, 0xca, 0xa8, 0xa6, 0xe6 } },
	{ 256,
	  2592,
	  4627,
	  { 0x91, 0xdc, 0x38, 0x9c, 0xfa, 0xa0, 0x14, 0x70, 0xb7, 0xf6, 0x6e,
	    0xee, 0x45, 0xa4, 0xae, 0x90, 0x26, 0xd1, 0x54, 0x81, 0x7c, 0x75,
	    0x4d, 0xfe, 0x22, 0x29, 0x8b, 0x3f, 0xa2, 0x41, 0xff, 0xcd },
	  { 0x91, 0xe6, 0x60, 0x98, 0x15, 0x65, 0x7b, 0x40, 0x5b, 0x68, 0x68,
	    0xf9, 0xd7, 0xef, 0x71, 0xee, 0x78, 0x82, 0xe6, 0x2a, 0x3f, 0x56,
	    0x09, 0x65, 0x71, 0x56, 0x00, 0x7c, 0xdd, 0x9a, 0x21, 0x37 } },
};

static void crypto_mldsa_is_as_others_make_it(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	static uint8_t out[8192];

	for (size_t i = 0; i < 3; i++) {
		const struct mldsa *m = &mldsa[i];
		uint32_t id = import(&client, MLDSA, m->bits, 0, SIGN_VERIFY, DETERMINISTIC, 32);

		public_of(&client, id, out, m->public_len);
		check_hash(&client, out, m->public_len, m->public);
		CHECK_EQUAL(sign(&client, id, DETERMINISTIC), 0);
		CHECK_EQUAL(record_of(&client, out), m->signature_len);
		check_hash(&client, out, m->signature_len, m->signature);
		CHECK_EQUAL(verify(&client, id, HEDGED, out, m->signature_len), 0);
		out[100] ^= 1;
		CHECK_EQUAL(verify(&client, id, HEDGED, out, m->signature_len), INVALID_SIGNATURE);
		destroy(&client, id);
	}
}

/* Each hedged signature takes as many tries as it does: many of them, none of which fails. */
static void crypto_mldsa_signs_a_hundred_times(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	static uint8_t out[8192];
	uint32_t id = import(&client, MLDSA, 256, 0, SIGN_VERIFY, HEDGED, 32);

	for (size_t i = 0; i < 100; i++) {
		CHECK_EQUAL(sign(&client, id, HEDGED), 0);
		CHECK_EQUAL(record_of(&client, out), 4627);
		CHECK_EQUAL(verify(&client, id, HEDGED, out, 4627), 0);
	}
	destroy(&client, id);
}

/* What the secret that the response begins with the ID of is. */
static void secret_of(struct tee_client *client, uint8_t secret[32])
{
	const uint32_t id = answered_word(client);

	CHECK_EQUAL(ask_word(client, 0x0105, id), 0);
	CHECK_EQUAL(record_of(client, secret), 32);
	destroy(client, id);
}

static void crypto_mlkem_shares_a_secret(void)
{
	static const size_t lens[] = { 768, 1088, 1568 };
	struct tee_client client = crypto_connect(&tee_login_user);
	const uint8_t *answer = client.buffer.data;
	static uint8_t ciphertext[1568];
	uint8_t one[32], other[32];
	uint32_t id;

	for (size_t i = 0; i < 3; i++) {
		struct request request = { 0 };
		const uint32_t bits = i == 2 ? 1024 : 512 + 256 * (uint32_t)i;

		id = import(&client, MLKEM, bits, 0, CRYPT, ALG_MLKEM, 64);
		put_word(&request, id);
		put_word(&request, ALG_MLKEM);
		put_attributes(&request, DERIVE, 0, 0, EXPORT, 0);
		CHECK_EQUAL(ask(&client, 0x8070, &request), 0);
		CHECK_EQUAL((size_t)answer[4] | (size_t)answer[5] << 8, lens[i]);
		memcpy(ciphertext, answer + 8, lens[i]);
		secret_of(&client, one);
		put_word(&request, (uint32_t)lens[i]);
		memcpy(request.data + request.len, ciphertext, lens[i]);
		request.len += lens[i];
		CHECK_EQUAL(ask(&client, 0x8071, &request), 0);
		secret_of(&client, other);
		CHECK(!memcmp(one, other, 32));
		request.data[request.len - 1] ^= 1;
		CHECK_EQUAL(ask(&client, 0x8071, &request), 0);
		secret_of(&client, other);
		CHECK(memcmp(one, other, 32) != 0);
		/* Shorter by 256 bytes. */
		request.data[33]--;
		request.len -= 256;
		CHECK_EQUAL(ask(&client, 0x8071, &request), INVALID_ARGUMENT);
		destroy(&client, id);
	}
}

/* A stored key is the same after it was dropped from memory. */
static void crypto_keys_of_the_engine_are_stored(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	static uint8_t before[8192], after[8192];
	const uint32_t id = 0x0777;

	needs_service(its_uuid, "no partition has storage");
	make_key_absent(&client, id);
	CHECK_EQUAL(import(&client, MLDSA, 192, id, SIGN_VERIFY, HEDGED, 32), id);
	public_of(&client, id, before, 1952);
	CHECK_EQUAL(ask_word(&client, 0x010e, id), 0);
	public_of(&client, id, after, 1952);
	CHECK(!memcmp(before, after, 1952));
	CHECK_EQUAL(sign(&client, id, HEDGED), 0);
	destroy(&client, id);
}

const struct test crypto_extension_tests[] = {
	TEST(crypto_ed25519_is_as_published),	    TEST(crypto_mldsa_is_as_others_make_it),
	TEST(crypto_mldsa_signs_a_hundred_times),   TEST(crypto_mlkem_shares_a_secret),
	TEST(crypto_keys_of_the_engine_are_stored), {},
};
