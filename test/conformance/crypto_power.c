// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys across a loss of power, for tests that switch it off: what --make-keys was told is made
 * or gone must be so when --show-keys looks afterwards. No tests of their own.
 */
#include "crypto_wire.h"

#include <stdio.h>

/* So many keys are kept, the newest. */
#define KEPT 2

static void print_key(const char *what, uint32_t id, const uint8_t key[PUBLIC_KEY_LEN])
{
	printf("%s%u ", what, id);
	for (int i = 0; i < PUBLIC_KEY_LEN; i++)
		printf("%02x", key[i]);
	putchar('\n');
	fflush(stdout);
}

void make_keys(uint32_t first, uint32_t last)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	uint8_t key[PUBLIC_KEY_LEN];

	for (uint32_t id = first; id <= last; id++) {
		CHECK_EQUAL(make_signing_key(&client, id), 0);
		CHECK_EQUAL(export_public(&client, id, key), 0);
		print_key("made ", id, key);
		if (id - first < KEPT)
			continue;
		CHECK_EQUAL(ask_word(&client, 0x0102, id - KEPT), 0);
		printf("gone %u\n", id - KEPT);
		fflush(stdout);
	}
}

void show_keys(uint32_t first, uint32_t last)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	uint8_t key[PUBLIC_KEY_LEN];
	struct request request;
	struct reply reply;

	for (uint32_t id = first - 1;;) {
		request.len = 0;
		put_word(&request, id);
		reply = crypto_send(&client, 0x8052, request.data, request.len);
		CHECK(!reply.rc && !reply.status);
		id = answered_word(&client);
		if (!reply.len || id > last)
			return;
		/* What is there works. */
		must_sign(&client, id);
		CHECK_EQUAL(export_public(&client, id, key), 0);
		print_key("", id, key);
	}
}
