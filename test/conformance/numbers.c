// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every opcode of the services that do not calculate, and some that are none, with numbers as large
 * and as small as there are: no number of a client decides how long a partition is busy. (Of crypto:
 * crypto_hostile.c.)
 */
#include "fixture.h"
#include "suites.h"

#include <string.h>
#include <tstee/admin.h>
#include <tstee/attestation.h>
#include <tstee/secure_storage.h>
#include <tstee/services.h>

#define WORDS	   12
#define BUFFER_LEN 65536

/* Opcodes of a service: those that there are, and some that there are not. */
struct range {
	uint16_t first, last;
};

/* A request of @len words, of which the first is number @i. */
static int send_words(struct tee_client *client, uint16_t opcode, size_t i, size_t len)
{
	uint32_t words[WORDS];
	uint64_t got;
	int32_t status;

	for (size_t k = 0; k < len; k++)
		words[k] = extreme(i + k * (1 + i / EXTREME_COUNT));
	/* What is write-once would be there for ever. */
	if (len > 4 && words[4] & SECURE_STORAGE_FLAG_WRITE_ONCE)
		words[4] = 2;
	return must_answer_in_time(client, opcode, words, len * sizeof(words[0]), &got, &status);
}

static void send_all(const uint8_t uuid[TEE_IOCTL_UUID_LEN], const struct tee_login *login,
		     const struct range *ranges)
{
	struct tee_client client;
	int rc = tee_connect(&client, uuid, login, BUFFER_LEN);

	if (rc == -ENODEV)
		harness_skip("no partition has the service");
	CHECK_EQUAL(rc, 0);
	for (; ranges->last; ranges++)
		for (uint32_t opcode = ranges->first; opcode <= ranges->last; opcode++)
			for (size_t i = 0; i < 2 * EXTREME_COUNT; i++)
				for (size_t len = 0; len <= WORDS; len += 3)
					send_words(&client, (uint16_t)opcode, i, len);
}

/* Objects that came of it go. */
static void remove_objects(const uint8_t uuid[TEE_IOCTL_UUID_LEN])
{
	struct tee_client client = connect_to(uuid, BUFFER_LEN);

	for (size_t high = 0; high < EXTREME_COUNT; high++)
		for (size_t low = 0; low < EXTREME_COUNT; low++) {
			const uint32_t uid[] = { extreme(low), extreme(high) };
			uint64_t got;
			int32_t status;

			CHECK_EQUAL(tee_call(&client, SECURE_STORAGE_REMOVE, uid, sizeof(uid), &got,
					     &status),
				    0);
		}
}

static const struct range storage_opcodes[] = {
	{ 0x00ff, SECURE_STORAGE_GET_SUPPORT + 1 },
	{ SECURE_STORAGE_LIST - 1, SECURE_STORAGE_LIST_CLIENTS + 1 },
	{},
};

static void no_numbers_hold_storage(void)
{
	send_all(its_uuid, &tee_login_public, storage_opcodes);
	remove_objects(its_uuid);
}

static void no_numbers_hold_protected_storage(void)
{
	send_all(ps_uuid, &tee_login_public, storage_opcodes);
	remove_objects(ps_uuid);
}

static void no_numbers_hold_attestation(void)
{
	static const uint8_t uuid[] = TSTEE_ATTESTATION_UUID_BYTES;
	static const struct range opcodes[] = {
		{ ATTESTATION_GET_TOKEN - 1, ATTESTATION_IAK_EXISTS + 1 },
		{ ATTESTATION_GET_TOKEN_PROFILE - 1, ATTESTATION_UNSEAL + 1 },
		{},
	};

	/* Who may not import the device's key. */
	send_all(uuid, &tee_login_public, opcodes);
}

static void no_numbers_hold_administration(void)
{
	static const uint8_t uuid[] = TSTEE_ADMIN_UUID_BYTES;
	static const struct range all[] = { { ADMIN_USAGE - 1, ADMIN_ERASE + 1 }, {} };
	static const struct range harmless[] = { { ADMIN_USAGE, ADMIN_LIST }, {} };

	send_all(uuid, &tee_login_public, all);
	send_all(uuid, &tee_login_user, harmless);
}

const struct test number_tests[] = {
	TEST(no_numbers_hold_storage, .limit_s = 120),
	TEST(no_numbers_hold_protected_storage, .limit_s = 120),
	TEST(no_numbers_hold_attestation, .limit_s = 120),
	TEST(no_numbers_hold_administration, .limit_s = 120),
	{},
};
