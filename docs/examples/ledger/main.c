// SPDX-License-Identifier: BSD-3-Clause
/*
 * A partition that calls others: it keeps entries in protected storage, how many there are in internal
 * trusted storage, and signs with a key that crypto has.
 */
#include "ledger.h"

#include <secure/client/crypto.h>
#include <secure/client/its.h>
#include <secure/client/ps.h>
#include <secure/port/partition.h>
#include <secure/port/peer.h>
#include <string.h>

PARTITION_IMAGE(0xd0f0cc44, 0x228a, 0x4e35, 0x89, 0x71, 0x53, 0x38, 0x5b, 0xd9, 0x47, 0x4c);

/* In the one storage the count, in the other each entry by its number; the key is the partition's own. */
#define COUNT_UID     1
#define KEY_ID	      1
#define OWN	      0
#define SIGNATURE_LEN 64
#define POINT_LEN     65

static uint8_t its_message[CLIENT_ITS_MESSAGE_LEN(sizeof(uint32_t))];
static uint8_t ps_message[CLIENT_PS_MESSAGE_LEN(LEDGER_ENTRY_MAX)];
static uint8_t crypto_message[CLIENT_CRYPTO_MESSAGE_LEN(sizeof(uint32_t) + LEDGER_ENTRY_MAX)];
static struct port_peer its_peer, ps_peer, crypto_peer;
static struct client_its its = { { &its_peer.peer, its_message, sizeof(its_message) } };
static struct client_ps ps = { { &ps_peer.peer, ps_message, sizeof(ps_message) } };
static struct client_crypto crypto = { &crypto_peer.peer, crypto_message, sizeof(crypto_message) };

static psa_status_t find_key(uint8_t point[POINT_LEN])
{
	const struct crypto_attributes attributes = {
		.type = CLIENT_CRYPTO_TYPE_ECC_PAIR_R1,
		.key_bits = 256,
		.lifetime = CLIENT_CRYPTO_PERSISTENT,
		.id = KEY_ID,
		.usage = CLIENT_CRYPTO_USAGE_SIGN_MESSAGE,
		.alg = CLIENT_CRYPTO_ECDSA_SHA_256,
	};
	psa_status_t status;
	uint32_t id;
	size_t len;

	status = client_crypto_export_public_key(&crypto, OWN, KEY_ID, point, POINT_LEN, &len);
	if (status != PSA_ERROR_INVALID_HANDLE)
		return status;
	status = client_crypto_generate_key(&crypto, OWN, &attributes, &id);
	if (status != PSA_SUCCESS)
		return status;
	return client_crypto_export_public_key(&crypto, OWN, KEY_ID, point, POINT_LEN, &len);
}

static psa_status_t sign(uint32_t number, const uint8_t *entry, size_t len,
			 uint8_t signature[SIGNATURE_LEN])
{
	uint8_t data[sizeof(number) + LEDGER_ENTRY_MAX], point[POINT_LEN];
	psa_status_t status = find_key(point);
	size_t signature_len;

	if (status != PSA_SUCCESS)
		return status;
	memcpy(data, &number, sizeof(number));
	memcpy(data + sizeof(number), entry, len);
	return client_crypto_sign_message(&crypto, OWN, KEY_ID, CLIENT_CRYPTO_ECDSA_SHA_256, data,
					  sizeof(number) + len, signature, SIGNATURE_LEN,
					  &signature_len);
}

/* The count comes last: an entry that it doesn't know is as if it weren't there. */
static psa_status_t keep(const struct rpc_caller *caller, const uint8_t *entry, size_t len,
			 uint32_t *number)
{
	const struct client_storage_payer payer = { caller->account, caller->source_id };
	psa_status_t status;
	size_t got;

	*number = 0;
	status = client_its_get(&its, caller->client_id, COUNT_UID, 0, number, sizeof(*number),
				&got);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	++*number;
	status = client_ps_set_for(&ps, caller->client_id, *number, entry, len, &payer);
	if (status != PSA_SUCCESS)
		return status;
	return client_its_set_for(&its, caller->client_id, COUNT_UID, number, sizeof(*number),
				  &payer);
}

static enum ts_rpc_status append(void *ctx __attribute__((unused)), const struct rpc_caller *caller,
				 struct reader *req, struct writer *resp, int32_t *status)
{
	const size_t len = req->len - req->pos;
	uint8_t signature[SIGNATURE_LEN];
	const uint8_t *entry;
	uint32_t number;

	if (!len || len > LEDGER_ENTRY_MAX || !reader_bytes(req, len, &entry))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < sizeof(number) + sizeof(signature))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = keep(caller, entry, len, &number);
	if (*status == PSA_SUCCESS)
		*status = sign(number, entry, len, signature);
	if (*status == PSA_SUCCESS &&
	    (!writer_u32(resp, number) || !writer_bytes(resp, signature, sizeof(signature))))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status look(void *ctx __attribute__((unused)), const struct rpc_caller *caller,
			       struct reader *req, struct writer *resp, int32_t *status)
{
	uint8_t entry[LEDGER_ENTRY_MAX];
	uint32_t number;
	size_t len;

	if (!reader_u32(req, &number))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = client_ps_get(&ps, caller->client_id, number, 0, entry, sizeof(entry), &len);
	if (*status == PSA_SUCCESS && !writer_bytes(resp, entry, len))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status key(void *ctx __attribute__((unused)),
			      const struct rpc_caller *caller __attribute__((unused)),
			      struct reader *req __attribute__((unused)), struct writer *resp,
			      int32_t *status)
{
	uint8_t point[POINT_LEN];

	*status = find_key(point);
	if (*status == PSA_SUCCESS && !writer_bytes(resp, point, sizeof(point)))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

static const struct service_op ops[] = { { LEDGER_APPEND, append },
					 { LEDGER_READ, look },
					 { LEDGER_KEY, key } };
static const struct service service = { .uuid = LEDGER_UUID_BYTES, .ops = ops, .op_count = 3 };

noreturn void partition_main(void)
{
	static const struct service *const services[] = { &service };
	static _Alignas(16) uint8_t messages[2 * TS_RPC_PAGE_LEN];

	port_peer_init(&its_peer, client_its_uuid, sizeof(its_message));
	port_peer_init(&ps_peer, client_ps_uuid, sizeof(ps_message));
	port_peer_init(&crypto_peer, client_crypto_uuid, sizeof(crypto_message));
	partition_serve_services(services, 1, messages, sizeof(messages));
}
