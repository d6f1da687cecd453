// SPDX-License-Identifier: BSD-3-Clause
/* The crypto service: what is shared, who pays, and what may be taken from whom. */
#include "crypto_fixture.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT PSA_KEY_USAGE_EXPORT
#define PBKDF  PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256)
#define P256   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define ECDSA  PSA_ALG_ECDSA(PSA_ALG_SHA_256)
#define SIGN   (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH)

/* What the allocator keeps of what was freed counts as used. */
#define NOISE 4096

static uint8_t bulk[65000];

static int32_t key_new(size_t len)
{
	attributes(PSA_KEY_TYPE_RAW_DATA, 0, 0, 0, EXPORT, 0);
	record(1, bulk, len);
	return send(CRYPTO_IMPORT_KEY);
}

static int32_t with_id(uint16_t opcode, uint32_t id)
{
	word(id);
	return send(opcode);
}

static int32_t hash_setup(void)
{
	return with_id(CRYPTO_HASH_SETUP, PSA_ALG_SHA_256);
}

/* A derivation with a salt of @len bytes. */
static int32_t salted(size_t len)
{
	uint32_t handle;
	int32_t status = with_id(CRYPTO_DERIVATION_SETUP, PBKDF);

	if (status)
		return status;
	handle = response_word();
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_COST);
	word(1);
	word(0);
	assert_int_equal(send(CRYPTO_DERIVATION_INPUT_INTEGER), PSA_SUCCESS);
	word(handle);
	word(PSA_KEY_DERIVATION_INPUT_SALT);
	record(1, bulk, len);
	return send(CRYPTO_DERIVATION_INPUT_BYTES);
}

/* Somebody who is @id to the service, and pays as @payer, with a buffer of his own. */
static void become(uint32_t id, uint32_t payer)
{
	account = payer;
	client_id = id;
	buffer = 1000 + id;
	share(buffer);
}

/* Whoever comes has room for all that people do. */
static void must_do_all(void)
{
	for (int i = 0; i < 8; i++) {
		assert_int_equal(hash_setup(), PSA_SUCCESS);
		assert_int_equal(key_new(32), PSA_SUCCESS);
	}
	attributes(P256, 256, 0, 0, SIGN, ECDSA);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	word(response_word());
	word(ECDSA);
	record(1, bulk, 32);
	assert_int_equal(send(CRYPTO_SIGN_HASH), PSA_SUCCESS);
}

static void a_lone_client_has_half_of_everything(void **state)
{
	size_t count = 0;

	(void)state;
	while (key_new(1) == PSA_SUCCESS)
		count++;
	assert_in_range(count, CRYPTO_KEYS * 15 / 32 - 1, CRYPTO_KEYS / 2);
	assert_int_equal(hash_setup(), PSA_SUCCESS);
	for (count = 0; hash_setup() == PSA_SUCCESS;)
		count++;
	assert_true(count > 1000);
	client_id++;
	must_do_all();
}

/* In all ways there are, and as everybody that he can be. */
static void a_hog_with_many_identities_is_one_account(void **state)
{
	(void)state;
	for (uint32_t id = 1; id < 40; id++) {
		become(id, 0x800003e8);
		while (salted(sizeof(bulk)) == PSA_SUCCESS)
			;
		while (key_new(8000) == PSA_SUCCESS)
			;
		while (hash_setup() == PSA_SUCCESS)
			;
		while (key_new(1) == PSA_SUCCESS)
			;
	}
	for (uint32_t id = 100; id < 103; id++) {
		become(id, 0x80000000 + id);
		must_do_all();
	}
}

static void the_secure_world_has_a_reserve(void **state)
{
	(void)state;
	for (uint32_t id = 1; id < 60; id++) {
		become(id, 0x80000000 + id);
		while (salted(sizeof(bulk)) == PSA_SUCCESS)
			;
		while (key_new(1) == PSA_SUCCESS)
			;
	}
	become(60, 0x80000000 + 60);
	assert_int_equal(key_new(1), PSA_ERROR_INSUFFICIENT_MEMORY);
	/* What needs nothing is served. */
	assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, 8), PSA_SUCCESS);
	source_id = 0x8004;
	become(61, 0);
	must_do_all();
}

static void what_is_given_back_can_be_had_again(void **state)
{
	uint32_t keys[CRYPTO_KEYS], first;
	size_t count = 0;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (count = 0; key_new(500) == PSA_SUCCESS; count++)
			keys[count] = response_word();
		if (!round)
			first = (uint32_t)count;
		assert_int_equal(count, first);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(with_id(CRYPTO_DESTROY_KEY, keys[i]), PSA_SUCCESS);
	}
	for (size_t i = 0; i < CRYPTO_POOL_COUNT; i++)
		assert_int_equal(service.pools[i].taken, 0);
}

static void orphans_stay_usable_and_are_the_first_to_go(void **state)
{
	uint32_t orphan;

	(void)state;
	become(7, 7);
	assert_int_equal(key_new(3), PSA_SUCCESS);
	orphan = response_word();
	unshare(buffer);
	become(8, 8);
	while (key_new(3) == PSA_SUCCESS)
		;
	become(7, 7);
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, orphan), PSA_SUCCESS);
	unshare(buffer);
	/* Until nothing else is left. */
	for (uint32_t id = 9; id < 60; id++) {
		become(id, id);
		while (key_new(3) == PSA_SUCCESS)
			;
	}
	become(7, 7);
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, orphan), PSA_ERROR_INVALID_HANDLE);
}

/* A client whose buffer goes while it has another one is alive. */
static void a_key_that_is_used_follows_its_client(void **state)
{
	uint32_t key;

	(void)state;
	share(77);
	buffer = 77;
	assert_int_equal(key_new(3), PSA_SUCCESS);
	key = response_word();
	buffer = BUFFER;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
	unshare(77);
	while (key_new(3) == PSA_SUCCESS)
		;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
	/* What is used through a long buffer now and then has its first one still. */
	for (uint64_t handle = 78; handle < 82; handle++) {
		share(handle);
		buffer = handle;
		assert_int_equal(with_id(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
		unshare(handle);
		buffer = BUFFER;
		assert_int_equal(key_new(3), PSA_ERROR_INSUFFICIENT_MEMORY);
		assert_int_equal(with_id(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
	}
}

/* Nor does anybody else get what a live client has, used or not. */
static void others_do_not_take_what_a_live_client_left(void **state)
{
	uint32_t key;

	(void)state;
	assert_int_equal(hash_setup(), PSA_SUCCESS);
	share(77);
	buffer = 77;
	assert_int_equal(key_new(3), PSA_SUCCESS);
	key = response_word();
	unshare(77);
	for (uint32_t id = 9; id < 60; id++) {
		become(id, id);
		while (key_new(3) == PSA_SUCCESS)
			;
	}
	client_id = 0x800003e8;
	buffer = BUFFER;
	assert_int_equal(with_id(CRYPTO_EXPORT_KEY, key), PSA_SUCCESS);
}

static void ten_thousand_deaths_use_nothing_up(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		/* One of three in the presence of a live process of the same user. */
		client_id = i % 3 ? 5 : i % 2 ? i : 0x800003e8;
		share(100 + i);
		buffer = 100 + i;
		assert_int_equal(key_new(3), PSA_SUCCESS);
		assert_int_equal(hash_setup(), PSA_SUCCESS);
		unshare(100 + i);
		buffer = BUFFER;
		client_id = 0x800003e8;
		assert_int_equal(with_id(CRYPTO_GENERATE_RANDOM, 1), PSA_SUCCESS);
	}
}

static int32_t make_kind(size_t kind, uint32_t aes, uint32_t mac, uint32_t ec)
{
	switch (kind) {
	case 0:
		return hash_setup();
	case 1:
		word(aes);
		word(PSA_ALG_CBC_PKCS7);
		return send(CRYPTO_CIPHER_ENCRYPT_SETUP);
	case 2:
		return salted(3000);
	case 3:
		word(mac);
		word(PSA_ALG_HMAC(PSA_ALG_SHA_512));
		return send(CRYPTO_MAC_SIGN_SETUP);
	case 4:
		attributes(PSA_KEY_TYPE_AES, 256, 0, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
		if (send(CRYPTO_GENERATE_KEY))
			return -1;
		aes = response_word();
		word(aes);
		word(PSA_ALG_GCM);
		return send(CRYPTO_AEAD_ENCRYPT_SETUP);
	case 5:
		word(ec);
		word(ECDSA);
		part(bulk, 32);
		if (send(CRYPTO_SIGN_HASH_START))
			return -1;
		word(response_word());
		word(1);
		return send(CRYPTO_SIGN_HASH_COMPLETE) == PSA_OPERATION_INCOMPLETE ? 0 : -1;
	case 6:
		word(PSA_ALG_JPAKE);
		word(PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC, PSA_ECC_FAMILY_SECP_R1, 256));
		word(PSA_ALG_SHA_256);
		return send(CRYPTO_PAKE_SETUP);
	case 7:
		return key_new(5000);
	default:
		attributes(PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, 0, 0, EXPORT, 0);
		return send(CRYPTO_GENERATE_KEY);
	}
}

/* What is charged for a thing is no less than the heap that it takes. */
static void what_is_charged_is_what_is_allocated(void **state)
{
	uint32_t aes, mac, ec;

	(void)state;
	attributes(PSA_KEY_TYPE_AES, 256, 0, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_CBC_PKCS7);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	aes = response_word();
	attributes(PSA_KEY_TYPE_HMAC, 256, 0, 0, PSA_KEY_USAGE_SIGN_MESSAGE,
		   PSA_ALG_HMAC(PSA_ALG_SHA_512));
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	mac = response_word();
	attributes(P256, 521, 0, 0, SIGN, ECDSA);
	assert_int_equal(send(CRYPTO_GENERATE_KEY), PSA_SUCCESS);
	ec = response_word();
	/* The key slots of Mbed TLS grow in steps, and stay. */
	for (size_t i = 0; i < 120; i++)
		assert_int_equal(key_new(1), PSA_SUCCESS);
	for (size_t kind = 0; kind < 9; kind++) {
		uint64_t charged;
		size_t used;

		/* The allocator keeps what the first one needed for itself. */
		assert_int_equal(make_kind(kind, aes, mac, ec), 0);
		charged = service.pools[CRYPTO_POOL_MEMORY].taken;
		used = mallinfo2().uordblks;
		for (size_t i = 0; i < (kind == 8 ? 40 : 20); i++)
			assert_int_equal(make_kind(kind, aes, mac, ec), 0);
		assert_true(service.pools[CRYPTO_POOL_MEMORY].taken - charged + NOISE >=
			    mallinfo2().uordblks - used);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, crypto_setup, crypto_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_lone_client_has_half_of_everything),
		TEST(a_hog_with_many_identities_is_one_account),
		TEST(the_secure_world_has_a_reserve),
		TEST(what_is_given_back_can_be_had_again),
		TEST(orphans_stay_usable_and_are_the_first_to_go),
		TEST(a_key_that_is_used_follows_its_client),
		TEST(others_do_not_take_what_a_live_client_left),
		TEST(ten_thousand_deaths_use_nothing_up),
		TEST(what_is_charged_is_what_is_allocated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
