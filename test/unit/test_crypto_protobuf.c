// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service's messages in protobuf. Those of the first tests were seen on the wire. */
#include "crypto_fixture.h"

#include <secure/service/crypto/protobuf.h>
#include <stdlib.h>
#include <string.h>

static struct crypto_protobuf protobuf;
static uint8_t answer[4096];
static size_t answer_len;
static int32_t status;

static int setup(void **state)
{
	static const uint8_t uuid[TS_RPC_UUID_LEN] = { 1 };
	int err = crypto_setup(state);

	crypto_protobuf_init(&protobuf, uuid, &service);
	return err;
}

/* The RPC status; what else came back is in status and answer. */
static int32_t call_room(uint16_t opcode, const void *bytes, size_t len, size_t room)
{
	const struct rpc_caller caller = {
		.source_id = source_id,
		.client_id = client_id,
		.buffer = buffer,
	};
	struct writer resp;
	struct reader req;

	for (size_t i = 0; i < protobuf.service.op_count; i++) {
		const struct service_op *op = &protobuf.service.ops[i];
		enum ts_rpc_status ret;

		if (op->opcode != opcode)
			continue;
		memset(answer, 0, sizeof(answer));
		reader_init(&req, bytes, len);
		writer_init(&resp, answer, room);
		status = 0;
		ret = op->handler(protobuf.service.ctx, &caller, &req, &resp, &status);
		answer_len = resp.len;
		/* Nothing is left behind the response, nor of it where it could be seen. */
		for (size_t k = answer_len; k < sizeof(answer); k++)
			assert_int_equal(answer[k], 0);
		for (size_t k = 0; k < 4096; k++)
			assert_int_equal(protobuf.request[k] | protobuf.response[k], 0);
		return ret;
	}
	return TS_RPC_ERROR_INVALID_VALUE;
}

static int32_t call(uint16_t opcode, const void *bytes, size_t len)
{
	return call_room(opcode, bytes, len, sizeof(answer));
}

#define CALL(opcode, text) call((opcode), (text), sizeof(text) - 1)

/* RSA, 1024 bits, persistent, key 16, usage EXPORT ..., an algorithm. */
static const char generate_16[] = "\x0a\x15\x08\x81\xe0\x01\x10\x80\x08\x18\x01\x20\x10\x2a\x08"
				  "\x08\x80\x06\x10\x89\x86\x80\x38";

static void observed_messages_get_the_observed_answers(void **state)
{
	static const uint32_t attributes[] = { 0x7001, 1024, 1, 16, 0x300, 0x07000309 };

	(void)state;
	assert_int_equal(call(CRYPTO_GENERATE_KEY, generate_16, sizeof(generate_16) - 1), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 2);
	assert_memory_equal(answer, "\x08\x10", 2);
	assert_int_equal(stored_objects(), 1);
	word(16);
	assert_int_equal(send(CRYPTO_GET_KEY_ATTRIBUTES), PSA_SUCCESS);
	assert_int_equal(response_len, sizeof(attributes));
	assert_memory_equal(response, attributes, sizeof(attributes));

	assert_int_equal(CALL(CRYPTO_GENERATE_RANDOM, "\x08\x01"), 0);
	assert_int_equal(answer_len, 3);
	assert_memory_equal(answer, "\x0a\x01", 2);

	assert_int_equal(CALL(CRYPTO_DESTROY_KEY, "\x08\x10"), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 0);
	assert_int_equal(stored_objects(), 0);
}

static void a_persistent_key_needs_an_id(void **state)
{
	(void)state;
	assert_int_equal(CALL(CRYPTO_GENERATE_KEY, "\x0a\x13\x08\x81\xe0\x01\x10\x80\x08\x18\x01"
						   "\x2a\x08\x08\x80\x06\x10\x89\x86\x80\x38"),
			 0);
	assert_int_equal(status, PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(answer_len, 0);
}

/* {1: id, 2: alg, 3: 32 bytes}, and {..., 4: 64 bytes}. */
static size_t key_use(uint8_t *bytes, uint32_t id, uint32_t alg, const uint8_t *hash,
		      const uint8_t *signature)
{
	size_t len = 0;

	bytes[len++] = 0x08;
	for (; id >= 0x80; id >>= 7)
		bytes[len++] = (uint8_t)(id | 0x80);
	bytes[len++] = (uint8_t)id;
	bytes[len++] = 0x10;
	for (; alg >= 0x80; alg >>= 7)
		bytes[len++] = (uint8_t)(alg | 0x80);
	bytes[len++] = (uint8_t)alg;
	bytes[len++] = 0x1a;
	bytes[len++] = 32;
	memcpy(bytes + len, hash, 32);
	len += 32;
	if (signature) {
		bytes[len++] = 0x22;
		bytes[len++] = 64;
		memcpy(bytes + len, signature, 64);
		len += 64;
	}
	return len;
}

static void both_encodings_see_the_same_keys(void **state)
{
	const uint32_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	static const uint8_t hash[32] = "a hash";
	uint8_t bytes[256], signature[64];
	uint32_t id;

	(void)state;
	word(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	word(256);
	word(PSA_KEY_LIFETIME_VOLATILE);
	word(0);
	word(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
	word(alg);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	id = response_word();

	assert_int_equal(call(CRYPTO_SIGN_HASH, bytes, key_use(bytes, id, alg, hash, NULL)), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 66);
	assert_memory_equal(answer, "\x0a\x40", 2);
	memcpy(signature, answer + 2, sizeof(signature));

	assert_int_equal(call(CRYPTO_VERIFY_HASH, bytes, key_use(bytes, id, alg, hash, signature)),
			 0);
	assert_int_equal(status, PSA_SUCCESS);
	signature[5] ^= 1;
	assert_int_equal(call(CRYPTO_VERIFY_HASH, bytes, key_use(bytes, id, alg, hash, signature)),
			 0);
	assert_int_equal(status, PSA_ERROR_INVALID_SIGNATURE);
	signature[5] ^= 1;

	word(id);
	word(alg);
	record(CRYPTO_TAG_FIRST, hash, sizeof(hash));
	record(CRYPTO_TAG_SECOND, signature, sizeof(signature));
	assert_int_equal(send(CRYPTO_VERIFY_HASH), PSA_SUCCESS);

	client_id++;
	assert_int_equal(call(CRYPTO_SIGN_HASH, bytes, key_use(bytes, id, alg, hash, NULL)), 0);
	assert_int_equal(status, PSA_ERROR_INVALID_HANDLE);
	client_id--;
}

static void an_imported_key_comes_back(void **state)
{
	/* {attributes {RAW_DATA 0x1001, lifetime 0, policy {EXPORT}}, 3: "secret"} */
	static const char import[] = "\x0a\x08\x08\x81\x20\x2a\x03\x08\x81\x00"
				     "\x1a\x06secret";
	uint8_t export[8] = { 0x08 };
	size_t id_len;

	(void)state;
	assert_int_equal(CALL(CRYPTO_IMPORT_KEY, import), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer[0], 0x08);
	id_len = answer_len - 1;
	memcpy(export + 1, answer + 1, id_len);
	assert_int_equal(call(CRYPTO_EXPORT_KEY, export, 1 + id_len), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 8);
	assert_memory_equal(answer, "\x0a\x06secret", 8);
}

/* Appends a field that is a number, or bytes. */
static size_t put_number(uint8_t *bytes, size_t len, uint8_t tag, uint32_t number)
{
	bytes[len++] = (uint8_t)(tag << 3);
	for (; number >= 0x80; number >>= 7)
		bytes[len++] = (uint8_t)(number | 0x80);
	bytes[len++] = (uint8_t)number;
	return len;
}

static size_t put_bytes(uint8_t *bytes, size_t len, uint8_t tag, const void *data, size_t data_len)
{
	bytes[len++] = (uint8_t)(tag << 3 | 2);
	bytes[len++] = (uint8_t)(data_len | 0x80);
	bytes[len++] = (uint8_t)(data_len >> 7);
	memcpy(bytes + len, data, data_len);
	return len + data_len;
}

/* The bytes that came back, of which there are 128 to 16383. */
static size_t answer_bytes(uint8_t *data)
{
	const size_t len = (answer[1] & 0x7fu) | (size_t)answer[2] << 7;

	assert_int_equal(answer[0], 0x0a);
	assert_int_equal(answer_len, 3 + len);
	memcpy(data, answer + 3, len);
	return len;
}

static void a_key_pair_encrypts_and_signs(void **state)
{
	const uint32_t algs[] = { PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256),
				  PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256) };
	static const char text[] = "a text", salt[] = "salt";
	uint8_t bytes[1024], sealed[256], key[256];
	size_t len, key_len;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, PSA_KEY_LIFETIME_PERSISTENT, 20 + i,
			   PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT |
				   PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE,
			   algs[i]);
		assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	}

	len = put_number(bytes, put_number(bytes, 0, 1, 20), 2, algs[0]);
	key_len = put_bytes(bytes, len, 3, text, sizeof(text));
	key_len = put_bytes(bytes, key_len, 4, salt, sizeof(salt));
	assert_int_equal(call(CRYPTO_ASYMMETRIC_ENCRYPT, bytes, key_len), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_bytes(sealed), 128);
	key_len = put_bytes(bytes, len, 3, sealed, 128);
	assert_int_equal(call(CRYPTO_ASYMMETRIC_DECRYPT, bytes, key_len), 0);
	assert_int_equal(status, PSA_ERROR_INVALID_PADDING);
	key_len = put_bytes(bytes, key_len, 4, salt, sizeof(salt));
	assert_int_equal(call(CRYPTO_ASYMMETRIC_DECRYPT, bytes, key_len), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 2 + sizeof(text));
	assert_memory_equal(answer + 2, text, sizeof(text));

	len = put_number(bytes, put_number(bytes, 0, 1, 21), 2, algs[1]);
	len = put_bytes(bytes, len, 3, text, sizeof(text));
	assert_int_equal(call(CRYPTO_SIGN_MESSAGE, bytes, len), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_bytes(sealed), 128);
	len = put_bytes(bytes, len, 4, sealed, 128);
	assert_int_equal(call(CRYPTO_VERIFY_MESSAGE, bytes, len), 0);
	assert_int_equal(status, PSA_SUCCESS);
	bytes[len - 1] ^= 1;
	assert_int_equal(call(CRYPTO_VERIFY_MESSAGE, bytes, len), 0);
	assert_int_equal(status, PSA_ERROR_INVALID_SIGNATURE);

	assert_int_equal(CALL(CRYPTO_EXPORT_PUBLIC_KEY, "\x08\x15"), 0);
	assert_int_equal(status, PSA_SUCCESS);
	key_len = answer_bytes(key);
	word(21);
	assert_int_equal(send(CRYPTO_EXPORT_PUBLIC_KEY), PSA_SUCCESS);
	expect_record(CRYPTO_TAG_FIRST, key, key_len);
}

static void what_has_no_message_is_refused(void **state)
{
	(void)state;
	for (uint16_t opcode = CRYPTO_COPY_KEY; opcode <= CRYPTO_GET_KEY_ATTRIBUTES; opcode++)
		assert_int_equal(CALL(opcode, "\x08\x10"), TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(CALL(CRYPTO_VERIFY_PKCS7, ""), TS_RPC_ERROR_INVALID_VALUE);
	assert_int_equal(CALL(CRYPTO_HASH_SETUP, ""), TS_RPC_ERROR_INVALID_VALUE);
}

static void malformed_messages_are_refused(void **state)
{
	(void)state;
	assert_int_equal(CALL(CRYPTO_GENERATE_KEY, ""), TS_RPC_ERROR_INVALID_REQUEST_BODY);
	/* The attributes a number, a number bytes, a length beyond the end, a field without end. */
	assert_int_equal(CALL(CRYPTO_GENERATE_KEY, "\x08\x01"), TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(CALL(CRYPTO_DESTROY_KEY, "\x0a\x01x"), TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(CALL(CRYPTO_IMPORT_KEY, "\x1a\x06short"),
			 TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(CALL(CRYPTO_DESTROY_KEY, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
			 TS_RPC_ERROR_INVALID_REQUEST_BODY);
	/* A number of more than 32 bits, and a field without a number. */
	assert_int_equal(CALL(CRYPTO_DESTROY_KEY, "\x08\x90\x80\x80\x80\x10"),
			 TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(CALL(CRYPTO_GENERATE_RANDOM, "\x08\x01\x00\x00"),
			 TS_RPC_ERROR_INVALID_REQUEST_BODY);
	for (size_t len = 1; len < sizeof(generate_16) - 1; len++)
		assert_int_equal(call(CRYPTO_GENERATE_KEY, generate_16, len),
				 TS_RPC_ERROR_INVALID_REQUEST_BODY);
	assert_int_equal(stored_objects(), 0);
}

static void unknown_fields_are_passed_over(void **state)
{
	(void)state;
	/* Of each wire type: number, 8 bytes, bytes, 4 bytes. */
	assert_int_equal(CALL(CRYPTO_GENERATE_RANDOM, "\x28\x05\x31"
						      "12345678\x3a\x02zz\x45zzzz\x08\x02"),
			 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 4);
	/* Which are known from other messages. */
	assert_int_equal(CALL(CRYPTO_GENERATE_RANDOM, "\x12\x01z\x18\x05\x20\x05\x08\x02"), 0);
	assert_int_equal(status, PSA_SUCCESS);
	assert_int_equal(answer_len, 4);
}

static void pieces_of_a_message_add_up(void **state)
{
	static const uint32_t expected[] = { PSA_KEY_TYPE_AES, 128, 1, 16, 1, PSA_ALG_CTR };

	(void)state;
	assert_int_equal(CALL(CRYPTO_GENERATE_KEY, "\x0a\x0b\x08\x80\x48\x10\x80\x01\x2a\x03"
						   "\x08\x81\x00"
						   "\x0a\x0b\x18\x01\x20\x10\x2a\x05"
						   "\x10\x80\xa0\x80\x26"),
			 0);
	assert_int_equal(status, PSA_SUCCESS);
	word(16);
	assert_int_equal(send(CRYPTO_GET_KEY_ATTRIBUTES), PSA_SUCCESS);
	assert_int_equal(response_len, sizeof(expected));
	assert_memory_equal(response, expected, sizeof(expected));
}

static void too_little_room_is_told_before_a_key_is_made(void **state)
{
	(void)state;
	assert_int_equal(call_room(CRYPTO_GENERATE_KEY, generate_16, sizeof(generate_16) - 1, 5),
			 TS_RPC_ERROR_INVALID_RESPONSE_BODY);
	assert_int_equal(stored_objects(), 0);
	assert_int_equal(call_room(CRYPTO_GENERATE_RANDOM, "\x08\x20", 2, 33),
			 TS_RPC_ERROR_INVALID_RESPONSE_BODY);
	assert_int_equal(call_room(CRYPTO_GENERATE_RANDOM, "\x08\x20", 2, 34), 0);
	assert_int_equal(answer_len, 34);
	/* 2^40 bytes. */
	assert_int_equal(CALL(CRYPTO_GENERATE_RANDOM, "\x08\x80\x80\x80\x80\x80\x20"),
			 TS_RPC_ERROR_INVALID_RESPONSE_BODY);
}

static void random_messages_do_no_harm(void **state)
{
	uint8_t bytes[64];

	(void)state;
	srandom(1);
	for (unsigned int i = 0; i < 20000; i++) {
		const size_t len = (size_t)random() % sizeof(bytes);
		const size_t op = (size_t)random() % protobuf.service.op_count;

		/* No key is made: that takes time and room. */
		if (protobuf.service.ops[op].opcode == CRYPTO_GENERATE_KEY)
			continue;
		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)random();
		if (len && random() % 2)
			bytes[0] = (uint8_t)(8 + 8 * (random() % 4) + 2 * (random() % 2));
		(void)call(protobuf.service.ops[op].opcode, bytes, len);
	}
	observed_messages_get_the_observed_answers(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(observed_messages_get_the_observed_answers),
		TEST(a_persistent_key_needs_an_id),
		TEST(both_encodings_see_the_same_keys),
		TEST(an_imported_key_comes_back),
		TEST(a_key_pair_encrypts_and_signs),
		TEST(what_has_no_message_is_refused),
		TEST(malformed_messages_are_refused),
		TEST(unknown_fields_are_passed_over),
		TEST(pieces_of_a_message_add_up),
		TEST(too_little_room_is_told_before_a_key_is_made),
		TEST(random_messages_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
