// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: keys, signatures, hashes, and what belongs to whom. */
#include "crypto_fixture.h"
#include <stdlib.h>
#include <string.h>

#define ECDSA  PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256)
#define P256   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define SIGN   (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE)
#define EXPORT PSA_KEY_USAGE_EXPORT

/* RFC 6979, A.2.5: the key, and the signature of "sample" with SHA-256. */
static const uint8_t rfc6979_key[32] = { 0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16,
					 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
					 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12,
					 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21 };
static const uint8_t rfc6979_signature[64] = {
	0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4,
	0x5e, 0x81, 0xd6, 0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d,
	0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16, 0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c,
	0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65, 0xf3, 0xe9, 0x00, 0xdb,
	0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8
};
/* FIPS 180-2, B.1: SHA-256 of "abc". */
static const uint8_t sha256_abc[32] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
					0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
					0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
					0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };

static int32_t with_id(uint16_t opcode, uint32_t id)
{
	word(id);
	return send(opcode);
}

static int32_t generate(uint32_t lifetime, uint32_t id)
{
	attributes(P256, 256, lifetime, id, SIGN | EXPORT, ECDSA);
	return send(CRYPTO_GENERATE_KEY);
}

static int32_t hash_setup(void)
{
	word(PSA_ALG_SHA_256);
	return send(CRYPTO_HASH_SETUP);
}

static int32_t hash_update(uint32_t handle, const char *data)
{
	word(handle);
	record(1, data, strlen(data));
	return send(CRYPTO_HASH_UPDATE);
}

static void random_bytes_have_exactly_the_size_asked_for(void **state)
{
	const uint32_t sizes[] = { 0, 1, 32, 4096, 65535 };
	uint8_t first[32];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, sizes[i]), PSA_SUCCESS);
		response_record(1, &len);
		assert_int_equal(len, sizes[i]);
	}
	assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, 32), PSA_SUCCESS);
	memcpy(first, response_record(1, &len), 32);
	assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, 32), PSA_SUCCESS);
	assert_memory_not_equal(first, response_record(1, &len), 32);
	with_id(CRYPTO_GENERATE_RANDOM, 65536);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_RESPONSE_BODY);
}

static void without_entropy_there_are_no_random_bytes_and_keys(void **state)
{
	(void)state;
	no_entropy = true;
	assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, 8), PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_int_equal(generate(0, 0), PSA_ERROR_INSUFFICIENT_ENTROPY);
	assert_null(service.clients[0].items);
}

static void a_key_signs_as_published_and_verifies(void **state)
{
	uint32_t id = import(P256, SIGN | EXPORT, ECDSA, rfc6979_key, 32);
	uint8_t bad[64];

	(void)state;
	assert_true(id);
	word(id);
	word(ECDSA);
	record(1, "sample", 6);
	assert_int_equal(send(CRYPTO_SIGN_MESSAGE), PSA_SUCCESS);
	expect_record(1, rfc6979_signature, 64);

	memcpy(bad, rfc6979_signature, 64);
	for (int round = 0; round < 2; round++) {
		word(id);
		word(ECDSA);
		record(1, "sample", 6);
		record(2, bad, 64);
		assert_int_equal(send(CRYPTO_VERIFY_MESSAGE),
				 round ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		bad[63] ^= 1;
	}

	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, id), PSA_SUCCESS);
	expect_record(1, rfc6979_key, 32);
	assert_int_equal(with_id(CRYPTO_GET_KEY_ATTRIBUTES, id), PSA_SUCCESS);
	assert_int_equal(response_len, sizeof(struct crypto_attributes));
	assert_memory_equal(response + 12, &id, 4);
}

static void a_hash_is_signed_as_its_message_and_messages_may_be_long(void **state)
{
	static uint8_t message[60000];
	uint8_t hash[32], signature[64];
	uint32_t id = import(P256, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH, ECDSA,
			     rfc6979_key, 32);
	size_t len;

	(void)state;
	memset(message, 'x', sizeof(message));
	word(id);
	word(ECDSA);
	record(1, message, sizeof(message));
	assert_int_equal(send(CRYPTO_SIGN_MESSAGE), PSA_SUCCESS);
	memcpy(signature, response_record(1, &len), 64);

	assert_int_equal(
		psa_hash_compute(PSA_ALG_SHA_256, message, sizeof(message), hash, 32, &len),
		PSA_SUCCESS);
	word(id);
	word(ECDSA);
	record(1, hash, 32);
	assert_int_equal(send(CRYPTO_SIGN_HASH), PSA_SUCCESS);
	expect_record(1, signature, 64);
	word(id);
	word(ECDSA);
	record(1, hash, 32);
	record(2, signature, 64);
	assert_int_equal(send(CRYPTO_VERIFY_HASH), PSA_SUCCESS);
}

static void a_usage_policy_is_enforced(void **state)
{
	uint32_t id = import(P256, PSA_KEY_USAGE_VERIFY_MESSAGE, ECDSA, rfc6979_key, 32);

	(void)state;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, id), PSA_ERROR_NOT_PERMITTED);
	word(id);
	word(ECDSA);
	record(1, "sample", 6);
	assert_int_equal(send(CRYPTO_SIGN_MESSAGE), PSA_ERROR_NOT_PERMITTED);
	assert_int_equal(with_id(CRYPTO_EXPORT_PUBLIC_KEY, id), PSA_SUCCESS);
	assert_int_equal(response_len, 4 + 65);
}

static void rsa_encrypts_with_a_salt_and_decrypts(void **state)
{
	const uint32_t alg = PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256);
	uint8_t ciphertext[128];
	uint32_t id;
	size_t len;

	(void)state;
	attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, 0, 0,
		   PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, alg);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	id = response_word();
	word(id);
	word(alg);
	record(1, "secret", 6);
	record(2, "salt", 4);
	assert_int_equal(send(CRYPTO_ASYMMETRIC_ENCRYPT), PSA_SUCCESS);
	memcpy(ciphertext, response_record(1, &len), 128);
	assert_int_equal(len, 128);
	for (int salted = 0; salted < 2; salted++) {
		word(id);
		word(alg);
		record(1, ciphertext, 128);
		if (salted)
			record(2, "salt", 4);
		assert_int_equal(send(CRYPTO_ASYMMETRIC_DECRYPT),
				 salted ? PSA_SUCCESS : PSA_ERROR_INVALID_PADDING);
	}
	expect_record(1, "secret", 6);
}

static void a_key_id_is_heeded_for_persistent_keys_only(void **state)
{
	(void)state;
	assert_int_equal(generate(0, 7), PSA_SUCCESS);
	assert_int_not_equal(response_word(), 7);
	assert_int_equal(generate(1, 0), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(generate(1, 7), PSA_SUCCESS);
	assert_int_equal(response_word(), 7);
	assert_int_equal(generate(1, 7), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(generate(0x80, 8), PSA_SUCCESS);
	assert_int_equal(response_word(), 8);
	assert_int_equal(generate(0x101, 9), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(with_id(CRYPTO_DESTROY_KEY, 7), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_DESTROY_KEY, 7), PSA_ERROR_INVALID_HANDLE);
}

static void two_clients_have_two_keys_by_one_id_also_after_a_restart(void **state)
{
	const struct {
		uint16_t source;
		uint32_t client;
	} callers[] = { { 0, 0 },
			{ 0, 0x800003e8 },
			{ 0, 0x800007d0 },
			{ 0x8004, 0x800003e8 },
			{ 0x8004, 0 } };
	uint8_t data[16];

	(void)state;
	for (int round = 0; round < 3; round++) {
		if (round == 2)
			crypto_restart();
		source_id = 0x8004;
		if (round != 1)
			share(BUFFER + 1);
		for (uint8_t i = 0; i < 5; i++) {
			source_id = callers[i].source;
			client_id = callers[i].client;
			buffer = BUFFER + (source_id ? 1 : 0);
			memset(data, i, sizeof(data));
			if (!round) {
				assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 9),
						 PSA_ERROR_INVALID_HANDLE);
				attributes(PSA_KEY_TYPE_RAW_DATA, 0, 1, 9, EXPORT, 0);
				record(1, data, sizeof(data));
				assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
			}
			assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 9), PSA_SUCCESS);
			expect_record(1, data, sizeof(data));
			assert_int_equal(with_id(CRYPTO_PURGE_KEY, 9), PSA_SUCCESS);
		}
	}
}

static void a_client_takes_no_cached_key_over_with_its_place(void **state)
{
	(void)state;
	attributes(PSA_KEY_TYPE_RAW_DATA, 0, 1, 9, EXPORT, 0);
	record(1, "mine", 4);
	assert_int_equal(send(CRYPTO_IMPORT_KEY), PSA_SUCCESS);
	for (uint32_t i = 1; i < 3 * CRYPTO_CLIENTS; i++) {
		client_id = i;
		assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 9), PSA_ERROR_INVALID_HANDLE);
	}
	client_id = 0x800003e8;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 9), PSA_SUCCESS);
	expect_record(1, "mine", 4);
}

static void volatile_keys_are_for_their_client_only(void **state)
{
	uint32_t id = import(PSA_KEY_TYPE_RAW_DATA, EXPORT, 0, "mine", 4);

	(void)state;
	client_id++;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, id), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(with_id(CRYPTO_DESTROY_KEY, id), PSA_ERROR_INVALID_HANDLE);
	client_id--;
	assert_int_equal(with_id(CRYPTO_DESTROY_KEY, id), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, id), PSA_ERROR_INVALID_HANDLE);
}

static void a_key_is_copied_within_its_policy(void **state)
{
	const uint32_t usage = PSA_KEY_USAGE_COPY | EXPORT;
	uint32_t id = import(PSA_KEY_TYPE_RAW_DATA, usage, 0, "data", 4);

	(void)state;
	word(id);
	attributes(0, 0, 1, 12, usage, 0);
	assert_int_equal(send(CRYPTO_COPY_KEY), PSA_SUCCESS);
	assert_int_equal(response_word(), 12);
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 12), PSA_SUCCESS);
	expect_record(1, "data", 4);
}

static void without_storage_only_volatile_keys_are_served(void **state)
{
	(void)state;
	assert_int_equal(generate(1, 7), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 7), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(generate(0, 0), PSA_SUCCESS);
}

static void a_failing_store_is_told_as_it_fails(void **state)
{
	(void)state;
	storage_status = PSA_ERROR_INSUFFICIENT_STORAGE;
	assert_int_equal(generate(1, 7), PSA_ERROR_INSUFFICIENT_STORAGE);
	storage_status = PSA_SUCCESS;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, 7), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(generate(1, 7), PSA_SUCCESS);
}

static void a_hash_in_parts_is_as_published(void **state)
{
	uint32_t handle, clone;

	(void)state;
	assert_int_equal(hash_setup(), PSA_SUCCESS);
	handle = response_word();
	assert_true(handle);
	assert_int_equal(hash_update(handle, "a"), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_HASH_CLONE, handle), PSA_SUCCESS);
	clone = response_word();
	assert_int_equal(hash_update(handle, "bc"), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_HASH_FINISH, handle), PSA_SUCCESS);
	expect_record(1, sha256_abc, 32);
	assert_int_equal(with_id(CRYPTO_HASH_FINISH, handle), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_id(CRYPTO_HASH_ABORT, handle), PSA_SUCCESS);
	assert_int_equal(hash_update(clone, "bc"), PSA_SUCCESS);
	word(clone);
	record(1, sha256_abc, 32);
	assert_int_equal(send(CRYPTO_HASH_VERIFY), PSA_SUCCESS);
	assert_null(service.clients[0].items);
}

static void odd_hash_algorithms_get_the_known_answers(void **state)
{
	(void)state;
	assert_int_equal(with_id(CRYPTO_HASH_SETUP, 0x02ffffff), PSA_ERROR_NOT_SUPPORTED);
	assert_int_equal(with_id(CRYPTO_HASH_SETUP, ECDSA), PSA_ERROR_INVALID_ARGUMENT);
	assert_null(service.clients[0].items);
}

static void a_failed_verification_keeps_the_operation_until_its_abort(void **state)
{
	uint32_t handle;

	(void)state;
	assert_int_equal(hash_setup(), PSA_SUCCESS);
	handle = response_word();
	word(handle);
	record(1, sha256_abc, 32);
	assert_int_equal(send(CRYPTO_HASH_VERIFY), PSA_ERROR_INVALID_SIGNATURE);
	assert_non_null(service.clients[0].items);
	assert_int_equal(with_id(CRYPTO_HASH_ABORT, handle), PSA_SUCCESS);
	assert_null(service.clients[0].items);
}

static void operations_are_for_their_client_only(void **state)
{
	uint32_t handle;

	(void)state;
	assert_int_equal(hash_setup(), PSA_SUCCESS);
	handle = response_word();
	client_id++;
	assert_int_equal(hash_update(handle, "x"), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_id(CRYPTO_HASH_CLONE, handle), PSA_ERROR_BAD_STATE);
	assert_int_equal(with_id(CRYPTO_HASH_ABORT, handle), PSA_SUCCESS);
	client_id--;
	assert_int_equal(hash_update(handle, "abc"), PSA_SUCCESS);
	assert_int_equal(with_id(CRYPTO_HASH_FINISH, handle), PSA_SUCCESS);
	expect_record(1, sha256_abc, 32);
}

static void truncated_requests_fail_and_leave_nothing(void **state)
{
	const struct {
		uint16_t opcode;
		uint32_t fixed;
	} ops[] = { { 0x101, 24 }, { 0x102, 4 }, { 0x105, 4 }, { 0x106, 4 }, { 0x107, 24 },
		    { 0x108, 8 },  { 0x109, 8 }, { 0x10a, 8 }, { 0x10b, 8 }, { 0x10c, 4 },
		    { 0x10d, 28 }, { 0x10e, 4 }, { 0x10f, 4 }, { 0x110, 8 }, { 0x111, 8 },
		    { 0x201, 4 },  { 0x202, 4 }, { 0x203, 4 }, { 0x204, 4 }, { 0x205, 4 },
		    { 0x206, 4 } };
	uint8_t bytes[40] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		for (uint32_t len = 0; len < ops[i].fixed; len++) {
			send_bytes(ops[i].opcode, bytes, len);
			assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
		}
	}
	/* A record that says it is longer than the message. */
	bytes[25] = 1;
	bytes[27] = 5;
	for (uint32_t len = 25; len < 33; len++) {
		send_bytes(CRYPTO_IMPORT_KEY, bytes, len);
		assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_REQUEST_BODY);
	}
	assert_null(service.clients[0].items);
	send_bytes(0x103, bytes, 0);
	assert_int_equal(rpc_status, TS_RPC_ERROR_INVALID_VALUE);
}

static void random_messages_do_no_harm(void **state)
{
	uint8_t bytes[64];

	(void)state;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = random() % 3 ? 0 : (uint8_t)random();
		/* Not to generate RSA keys all day. */
		bytes[1] = 0;
		send_bytes((uint16_t)(0x101 + (random() & 0x107)), bytes,
			   (size_t)random() % sizeof(bytes));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(random_bytes_have_exactly_the_size_asked_for),
		TEST(without_entropy_there_are_no_random_bytes_and_keys),
		TEST(a_key_signs_as_published_and_verifies),
		TEST(a_hash_is_signed_as_its_message_and_messages_may_be_long),
		TEST(a_usage_policy_is_enforced),
		TEST(rsa_encrypts_with_a_salt_and_decrypts),
		TEST(a_key_id_is_heeded_for_persistent_keys_only),
		TEST(two_clients_have_two_keys_by_one_id_also_after_a_restart),
		TEST(a_client_takes_no_cached_key_over_with_its_place),
		TEST(volatile_keys_are_for_their_client_only),
		TEST(a_key_is_copied_within_its_policy),
		cmocka_unit_test_setup_teardown(without_storage_only_volatile_keys_are_served,
						crypto_setup_without_storage, crypto_teardown),
		TEST(a_failing_store_is_told_as_it_fails),
		TEST(a_hash_in_parts_is_as_published),
		TEST(odd_hash_algorithms_get_the_known_answers),
		TEST(a_failed_verification_keeps_the_operation_until_its_abort),
		TEST(operations_are_for_their_client_only),
		TEST(truncated_requests_fail_and_leave_nothing),
		TEST(random_messages_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
