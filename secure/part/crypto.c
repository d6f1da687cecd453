// SPDX-License-Identifier: BSD-3-Clause
/*
 * Crypto: the PSA Crypto API on keys that never leave their partition but by their owner's leave.
 * Persistent keys are in internal trusted storage, mostly in another partition.
 */
#include <secure/part/part.h>
#include <secure/port/clock.h>
#include <secure/port/entropy.h>
#include <secure/port/log.h>
#include <secure/port/manifest.h>
#include <secure/port/peer.h>
#include <secure/service/admin.h>
#include <secure/service/crypto/protobuf.h>
#include <secure/service/crypto/random.h>
#include <secure/service/crypto/service.h>
#include <secure/service/crypto/storage.h>
#include <tstee/services.h>

static const uint8_t crypto_uuid[TS_RPC_UUID_LEN] = TSTEE_CRYPTO_UUID_BYTES;
static const uint8_t protobuf_uuid[TS_RPC_UUID_LEN] = TSTEE_CRYPTO_PROTOBUF_UUID_BYTES;

static struct crypto crypto;
static struct crypto_protobuf protobuf;
static struct port_peer its_peer;
static uint8_t its_message[CRYPTO_STORAGE_MESSAGE_MAX];
static struct client_its its = { { &its_peer.peer, its_message, sizeof(its_message) } };

/* Once: it will not come back. */
static void say_why_not(void)
{
	static bool said;

	if (!said)
		log_line("crypto: no random bytes, and no keys or signatures: %s", random_error());
	said = true;
}

static int get_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	if (!random_get(out, len))
		return 0;
	say_why_not();
	return -1;
}

static void log_text(const char *line)
{
	log_line("%s", line);
}

static void init(void)
{
	const struct crypto_platform platform = {
		.random = get_random,
		.clock_us = port_clock_us,
		.storage = &crypto_storage_ops,
		.storage_ctx = &its,
		.log = log_text,
		.processor_has = port_processor_asked(),
	};
	psa_status_t status;

	port_peer_init(&its_peer, client_its_uuid, sizeof(its_message));
	status = crypto_init(&crypto, crypto_uuid, &platform);
	if (status != PSA_SUCCESS)
		log_line("crypto: the PSA core does not start: status %d", (int)status);
	if (random_init(port_entropy))
		say_why_not();
	crypto_protobuf_init(&protobuf, protobuf_uuid, &crypto);
}

static const struct service *const services[] = { &crypto.service, &protobuf.service };

static const struct admin_pool_entry pools[CRYPTO_POOL_COUNT] = {
	[CRYPTO_POOL_MEMORY] = { "memory bytes", &crypto.pools[CRYPTO_POOL_MEMORY] },
	[CRYPTO_POOL_KEYS] = { "volatile keys", &crypto.pools[CRYPTO_POOL_KEYS] },
	[CRYPTO_POOL_OPERATIONS] = { "operations", &crypto.pools[CRYPTO_POOL_OPERATIONS] },
	[CRYPTO_POOL_CLIENTS] = { "clients", &crypto.pools[CRYPTO_POOL_CLIENTS] },
};

const struct part part_crypto = {
	.init = init,
	.services = services,
	.service_count = sizeof(services) / sizeof(services[0]),
	.pools = pools,
	.pool_count = CRYPTO_POOL_COUNT,
	.keeper = { &crypto_admin_ops, &crypto, ADMIN_KIND_KEY, ADMIN_KIND_KEY },
};
