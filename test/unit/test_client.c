// SPDX-License-Identifier: BSD-3-Clause
/*
 * Partitions as clients of others (secure/client): of a real crypto service, and of storage that
 * looks at what it is asked.
 */
#include "crypto_fixture.h"
#include <secure/client/call.h>
#include <secure/client/crypto.h>
#include <secure/client/its.h>
#include <secure/client/ps.h>
#include <string.h>
#include <tstee/services.h>

#define USER 0x800003e8u

static uint8_t message[CLIENT_CRYPTO_MESSAGE_LEN(512)];
static struct client_crypto crypto = { &crypto_peer, message, sizeof(message) };

static int setup(void **state)
{
	crypto_setup(state);
	crypto_peer_share();
	peer_calls = 0;
	return 0;
}

static void nothing_is_left_of_a_call(void)
{
	static const uint8_t zeros[sizeof(message)];

	assert_memory_equal(message, zeros, sizeof(message));
}

static void numbers_are_those_of_the_psa(void **state)
{
	(void)state;
	assert_int_equal(CLIENT_CRYPTO_TYPE_AES, PSA_KEY_TYPE_AES);
	assert_int_equal(CLIENT_CRYPTO_TYPE_HMAC, PSA_KEY_TYPE_HMAC);
	assert_int_equal(CLIENT_CRYPTO_TYPE_DERIVE, PSA_KEY_TYPE_DERIVE);
	assert_int_equal(CLIENT_CRYPTO_TYPE_ECC_PAIR_R1,
			 PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	assert_int_equal(CLIENT_CRYPTO_TYPE_ECC_PUBLIC_R1,
			 PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
	assert_int_equal(CLIENT_CRYPTO_SHA_256, PSA_ALG_SHA_256);
	assert_int_equal(CLIENT_CRYPTO_SHA_384, PSA_ALG_SHA_384);
	assert_int_equal(CLIENT_CRYPTO_SHA_512, PSA_ALG_SHA_512);
	assert_int_equal(CLIENT_CRYPTO_HMAC_SHA_256, PSA_ALG_HMAC(PSA_ALG_SHA_256));
	assert_int_equal(CLIENT_CRYPTO_GCM, PSA_ALG_GCM);
	assert_int_equal(CLIENT_CRYPTO_CHACHA20_POLY1305, PSA_ALG_CHACHA20_POLY1305);
	assert_int_equal(CLIENT_CRYPTO_ECDSA_SHA_256, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
	assert_int_equal(CLIENT_CRYPTO_USAGE_EXPORT, PSA_KEY_USAGE_EXPORT);
	assert_int_equal(CLIENT_CRYPTO_USAGE_ENCRYPT, PSA_KEY_USAGE_ENCRYPT);
	assert_int_equal(CLIENT_CRYPTO_USAGE_DECRYPT, PSA_KEY_USAGE_DECRYPT);
	assert_int_equal(CLIENT_CRYPTO_USAGE_SIGN_MESSAGE, PSA_KEY_USAGE_SIGN_MESSAGE);
	assert_int_equal(CLIENT_CRYPTO_USAGE_VERIFY_MESSAGE, PSA_KEY_USAGE_VERIFY_MESSAGE);
	assert_int_equal(CLIENT_CRYPTO_USAGE_SIGN_HASH, PSA_KEY_USAGE_SIGN_HASH);
	assert_int_equal(CLIENT_CRYPTO_USAGE_VERIFY_HASH, PSA_KEY_USAGE_VERIFY_HASH);
	assert_int_equal(CLIENT_CRYPTO_VOLATILE, PSA_KEY_LIFETIME_VOLATILE);
	assert_int_equal(CLIENT_CRYPTO_PERSISTENT, PSA_KEY_LIFETIME_PERSISTENT);
}

/* FIPS 180-2, appendix B.1; RFC 4231, section 4.3. */
static void hashes_and_macs_are_right(void **state)
{
	static const uint8_t abc[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
				       0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
				       0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
				       0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
	static const uint8_t jefe[] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
					0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
					0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
					0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	static const char text[] = "what do ya want for nothing?";
	const struct crypto_attributes attributes = {
		.type = CLIENT_CRYPTO_TYPE_HMAC,
		.usage = CLIENT_CRYPTO_USAGE_SIGN_MESSAGE | CLIENT_CRYPTO_USAGE_VERIFY_MESSAGE,
		.alg = CLIENT_CRYPTO_HMAC_SHA_256,
	};
	uint8_t out[32];
	uint32_t key;
	size_t len;

	(void)state;
	assert_int_equal(client_crypto_hash(&crypto, CLIENT_CRYPTO_SHA_256, "abc", 3, out,
					    sizeof(out), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, 32);
	assert_memory_equal(out, abc, 32);
	nothing_is_left_of_a_call();
	assert_int_equal(
		client_crypto_hash(&crypto, CLIENT_CRYPTO_SHA_256, "abc", 3, out, 31, &len),
		PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(len, 0);

	assert_int_equal(client_crypto_import_key(&crypto, USER, &attributes, "Jefe", 4, &key),
			 PSA_SUCCESS);
	nothing_is_left_of_a_call();
	assert_int_equal(client_crypto_mac_compute(&crypto, USER, key, CLIENT_CRYPTO_HMAC_SHA_256,
						   text, strlen(text), out, sizeof(out), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, 32);
	assert_memory_equal(out, jefe, 32);
	assert_int_equal(client_crypto_mac_verify(&crypto, USER, key, CLIENT_CRYPTO_HMAC_SHA_256,
						  text, strlen(text), out, len),
			 PSA_SUCCESS);
	out[31] ^= 1;
	assert_int_equal(client_crypto_mac_verify(&crypto, USER, key, CLIENT_CRYPTO_HMAC_SHA_256,
						  text, strlen(text), out, len),
			 PSA_ERROR_INVALID_SIGNATURE);
	/* It is that client's alone. */
	assert_int_equal(client_crypto_mac_verify(&crypto, USER + 1, key,
						  CLIENT_CRYPTO_HMAC_SHA_256, text, strlen(text),
						  jefe, 32),
			 PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(client_crypto_destroy_key(&crypto, USER + 1, key),
			 PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(client_crypto_destroy_key(&crypto, USER, key), PSA_SUCCESS);
	assert_int_equal(client_crypto_destroy_key(&crypto, USER, key), PSA_ERROR_INVALID_HANDLE);
}

static void messages_are_signed_and_verified(void **state)
{
	const struct crypto_attributes attributes = {
		.type = CLIENT_CRYPTO_TYPE_ECC_PAIR_R1,
		.key_bits = 256,
		.lifetime = CLIENT_CRYPTO_PERSISTENT,
		.id = 77,
		.usage = CLIENT_CRYPTO_USAGE_SIGN_HASH | CLIENT_CRYPTO_USAGE_VERIFY_HASH,
		.alg = CLIENT_CRYPTO_ECDSA_SHA_256,
	};
	uint8_t signature[64], point[65];
	uint32_t key;
	size_t len;

	(void)state;
	assert_int_equal(client_crypto_generate_key(&crypto, 0, &attributes, &key), PSA_SUCCESS);
	assert_int_equal(key, 77);
	assert_int_equal(client_crypto_sign_message(&crypto, 0, key, attributes.alg, "text", 4,
						    signature, sizeof(signature), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, 64);
	assert_int_equal(client_crypto_verify_message(&crypto, 0, key, attributes.alg, "text", 4,
						      signature, len),
			 PSA_SUCCESS);
	assert_int_equal(client_crypto_verify_message(&crypto, 0, key, attributes.alg, "texT", 4,
						      signature, len),
			 PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(
		client_crypto_export_public_key(&crypto, 0, key, point, sizeof(point), &len),
		PSA_SUCCESS);
	assert_int_equal(len, 65);
	assert_int_equal(point[0], 4);
	assert_int_equal(client_crypto_export_public_key(&crypto, 0, key, point, 64, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(
		client_crypto_export_public_key(&crypto, USER, key, point, sizeof(point), &len),
		PSA_ERROR_INVALID_HANDLE);
}

/* RSA keys are made in slices, and each is a call. */
static void a_key_that_takes_long_is_waited_for(void **state)
{
	const struct crypto_attributes attributes = {
		.type = PSA_KEY_TYPE_RSA_KEY_PAIR,
		.key_bits = 1024,
		.usage = CLIENT_CRYPTO_USAGE_SIGN_HASH,
		.alg = PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
	};
	uint32_t key;

	(void)state;
	clock_step = 1000000;
	assert_int_equal(client_crypto_generate_key(&crypto, 0, &attributes, &key), PSA_SUCCESS);
	assert_true(peer_calls > 1);
	nothing_is_left_of_a_call();
	assert_int_equal(client_crypto_destroy_key(&crypto, 0, key), PSA_SUCCESS);
}

static void what_is_encrypted_comes_back_only_as_it_was(void **state)
{
	const struct crypto_attributes attributes = {
		.type = CLIENT_CRYPTO_TYPE_AES,
		.key_bits = 256,
		.usage = CLIENT_CRYPTO_USAGE_ENCRYPT | CLIENT_CRYPTO_USAGE_DECRYPT,
		.alg = CLIENT_CRYPTO_GCM,
	};
	const struct client_crypto_aead aead = { "a nonce of 1", 12, "bound", 5 };
	const struct client_crypto_aead other = { "a nonce of 1", 12, "Bound", 5 };
	uint8_t sealed[6 + 16], opened[6];
	uint32_t key;
	size_t len;

	(void)state;
	assert_int_equal(client_crypto_generate_key(&crypto, USER, &attributes, &key), PSA_SUCCESS);
	assert_int_equal(client_crypto_aead_encrypt(&crypto, USER, key, attributes.alg, &aead,
						    "secret", 6, sealed, sizeof(sealed), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, sizeof(sealed));
	nothing_is_left_of_a_call();
	assert_int_equal(client_crypto_aead_decrypt(&crypto, USER, key, attributes.alg, &aead,
						    sealed, len, opened, sizeof(opened), &len),
			 PSA_SUCCESS);
	assert_int_equal(len, 6);
	assert_memory_equal(opened, "secret", 6);
	nothing_is_left_of_a_call();
	assert_int_equal(client_crypto_aead_decrypt(&crypto, USER, key, attributes.alg, &other,
						    sealed, sizeof(sealed), opened, sizeof(opened),
						    &len),
			 PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(len, 0);
	/* The ciphertext fits, and its tag doesn't: nothing of it is given. */
	memset(sealed, 0, sizeof(sealed));
	assert_int_equal(client_crypto_aead_encrypt(&crypto, USER, key, attributes.alg, &aead,
						    "secret", 6, sealed, sizeof(sealed) - 1, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(len, 0);
	for (size_t i = 0; i < sizeof(sealed); i++)
		assert_int_equal(sealed[i], 0);
	assert_int_equal(client_crypto_destroy_key(&crypto, USER, key), PSA_SUCCESS);
}

static void random_bytes_fill_what_is_asked_for(void **state)
{
	uint8_t bytes[64] = { 0 };
	size_t zeros = 0;

	(void)state;
	assert_int_equal(client_crypto_random(&crypto, bytes, sizeof(bytes) - 1), PSA_SUCCESS);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		zeros += !bytes[i];
	assert_true(zeros < 32);
	assert_int_equal(bytes[63], 0);
	nothing_is_left_of_a_call();
}

static void each_way_to_fail_has_its_status(void **state)
{
	static uint8_t data[sizeof(message)];
	const struct {
		enum ts_rpc_status rpc_status;
		psa_status_t expected;
	} cases[] = {
		{ TS_RPC_ERROR_NOT_FOUND, PSA_ERROR_CONNECTION_REFUSED },
		{ TS_RPC_ERROR_INVALID_VALUE, PSA_ERROR_NOT_SUPPORTED },
		{ TS_RPC_ERROR_TRANSPORT_LAYER, PSA_ERROR_COMMUNICATION_FAILURE },
		{ TS_RPC_ERROR_INVALID_REQUEST_BODY, PSA_ERROR_COMMUNICATION_FAILURE },
		{ TS_RPC_ERROR_RESOURCE_FAILURE, PSA_ERROR_COMMUNICATION_FAILURE },
	};
	uint8_t out[32];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		peer_status = cases[i].rpc_status;
		assert_int_equal(client_crypto_random(&crypto, out, 8), cases[i].expected);
		assert_int_equal(client_crypto_hash(&crypto, CLIENT_CRYPTO_SHA_256, "abc", 3, out,
						    sizeof(out), &len),
				 cases[i].expected);
		assert_int_equal(len, 0);
		nothing_is_left_of_a_call();
	}
	/* What doesn't fit isn't sent. */
	peer_status = TS_RPC_SUCCESS;
	peer_calls = 0;
	assert_int_equal(client_crypto_hash(&crypto, CLIENT_CRYPTO_SHA_256, data, sizeof(data), out,
					    sizeof(out), &len),
			 PSA_ERROR_INSUFFICIENT_MEMORY);
	assert_int_equal(peer_calls, 0);
	nothing_is_left_of_a_call();
	/* An answer that is longer than the message. */
	assert_int_equal(client_crypto_random(&crypto, data, sizeof(data)),
			 PSA_ERROR_COMMUNICATION_FAILURE);
}

/* What storage was asked, and what it answers with: lengths and statuses as they come. */
static struct {
	uint16_t opcode;
	uint32_t client_id;
	uint8_t req[64];
	size_t len;
	const void *resp;
	size_t resp_len;
} asked;

static enum ts_rpc_status storage_call(struct rpc_peer *self, uint16_t opcode, uint32_t client,
				       const void *req, size_t len, void *resp, size_t size,
				       size_t *resp_len, int32_t *status)
{
	(void)self;
	asked.opcode = opcode;
	asked.client_id = client;
	asked.len = len;
	assert_true(len <= sizeof(asked.req));
	memcpy(asked.req, req, len);
	*status = 0;
	*resp_len = 0;
	if (asked.resp_len > size)
		return TS_RPC_ERROR_RESOURCE_FAILURE;
	*resp_len = asked.resp_len;
	if (asked.resp_len)
		memcpy(resp, asked.resp, asked.resp_len);
	return TS_RPC_SUCCESS;
}

static const struct rpc_peer_ops storage_ops = { storage_call };
static struct rpc_peer storage_peer = { &storage_ops };

static void expect_asked(uint16_t opcode, const void *fixed, size_t fixed_len, const char *data)
{
	assert_int_equal(asked.opcode, opcode);
	assert_int_equal(asked.client_id, USER);
	assert_int_equal(asked.len, fixed_len + strlen(data));
	assert_memory_equal(asked.req, fixed, fixed_len);
	if (*data)
		assert_memory_equal(asked.req + fixed_len, data, strlen(data));
}

static void storage_is_asked_as_its_header_says(void **state)
{
	static const uint8_t zeros[CLIENT_PS_MESSAGE_LEN(4)];
	static uint8_t room[CLIENT_PS_MESSAGE_LEN(4)];
	struct client_ps ps = { { &storage_peer, room, sizeof(room) } };
	struct client_its its = { { &storage_peer, NULL, 0 } };
	const struct secure_storage_set set = { 5, 4, SECURE_STORAGE_FLAG_WRITE_ONCE };
	const struct secure_storage_get get = { 5, 1, 3 };
	const struct secure_storage_object object = { 5 };
	const struct secure_storage_create create = { 5, 99, 0 };
	const struct secure_storage_set_extended extended = { 5, 2, 4 };
	const struct secure_storage_info info = { 99, 4, 1 };
	struct secure_storage_info got;
	uint8_t data[3];
	size_t len;

	(void)state;
	memset(&asked, 0, sizeof(asked));
	assert_int_equal(client_ps_set(&ps, USER, 5, "data", 4, SECURE_STORAGE_FLAG_WRITE_ONCE),
			 PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_SET, &set, sizeof(set), "data");
	assert_memory_equal(room, zeros, sizeof(room));
	assert_int_equal(client_ps_create(&ps, USER, 5, 99, 0), PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_CREATE, &create, sizeof(create), "");
	assert_int_equal(client_ps_set_extended(&ps, USER, 5, 2, "data", 4), PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_SET_EXTENDED, &extended, sizeof(extended), "data");
	assert_int_equal(client_ps_remove(&ps, USER, 5), PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_REMOVE, &object, sizeof(object), "");

	asked.resp = "ata";
	asked.resp_len = 3;
	assert_int_equal(client_its_get(&its, USER, 5, 1, data, sizeof(data), &len), PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_GET, &get, sizeof(get), "");
	assert_int_equal(len, 3);
	assert_memory_equal(data, "ata", 3);
	asked.resp = &info;
	asked.resp_len = sizeof(info);
	assert_int_equal(client_its_get_info(&its, USER, 5, &got), PSA_SUCCESS);
	expect_asked(SECURE_STORAGE_GET_INFO, &object, sizeof(object), "");
	assert_memory_equal(&got, &info, sizeof(info));
	asked.resp_len--;
	assert_int_equal(client_its_get_info(&its, USER, 5, &got), PSA_ERROR_COMMUNICATION_FAILURE);
	assert_int_equal(got.size, 0);

	/* More than the message takes: nothing is sent. */
	asked.opcode = 0;
	assert_int_equal(client_ps_set(&ps, USER, 5, zeros, sizeof(room), 0),
			 PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(client_its_set(&its, USER, 5, "", 0, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
	assert_int_equal(asked.opcode, 0);
	assert_memory_equal(client_its_uuid, ((uint8_t[])TSTEE_ITS_UUID_BYTES), TS_RPC_UUID_LEN);
	assert_memory_equal(client_ps_uuid, ((uint8_t[])TSTEE_PS_UUID_BYTES), TS_RPC_UUID_LEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, crypto_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_those_of_the_psa),
		TEST(hashes_and_macs_are_right),
		TEST(messages_are_signed_and_verified),
		TEST(a_key_that_takes_long_is_waited_for),
		TEST(what_is_encrypted_comes_back_only_as_it_was),
		TEST(random_bytes_fill_what_is_asked_for),
		TEST(each_way_to_fail_has_its_status),
		TEST(storage_is_asked_as_its_header_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
