/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A partition as a client of the crypto service (tstee/crypto.h). Keys are this partition's own, or
 * those that it has for a client of its: nobody else can use them.
 *
 *	static struct port_peer peer;
 *	static uint8_t message[CLIENT_CRYPTO_MESSAGE_LEN(1024)];
 *	static struct client_crypto crypto = { &peer.peer, message, sizeof(message) };
 *
 *	port_peer_init(&peer, client_crypto_uuid, sizeof(message));
 *	status = client_crypto_hash(&crypto, CLIENT_CRYPTO_SHA_256, data, len, hash, sizeof(hash), &hash_len);
 *
 * Operations that aren't here are called by client_crypto_begin() and client_crypto_call().
 */
#ifndef SECURE_CLIENT_CRYPTO_H
#define SECURE_CLIENT_CRYPTO_H

#include <psa/error.h>
#include <secure/rpc/peer.h>
#include <secure/rpc/writer.h>
#include <tstee/crypto.h>

/*
 * Types, algorithms, usages and lifetimes are the numbers of the PSA Certified Crypto API 1.1,
 * appendix B; these are some of them, for partitions without a header of that API.
 */
#define CLIENT_CRYPTO_TYPE_AES		   0x2400u
#define CLIENT_CRYPTO_TYPE_HMAC		   0x1100u
#define CLIENT_CRYPTO_TYPE_DERIVE	   0x1200u
#define CLIENT_CRYPTO_TYPE_ECC_PAIR_R1	   0x7112u /* P-256 of 256 bits, and so on */
#define CLIENT_CRYPTO_TYPE_ECC_PUBLIC_R1   0x4112u
#define CLIENT_CRYPTO_SHA_256		   0x02000009u
#define CLIENT_CRYPTO_SHA_384		   0x0200000au
#define CLIENT_CRYPTO_SHA_512		   0x0200000bu
#define CLIENT_CRYPTO_HMAC_SHA_256	   0x03800009u
#define CLIENT_CRYPTO_GCM		   0x05500200u
#define CLIENT_CRYPTO_CHACHA20_POLY1305	   0x05100500u
#define CLIENT_CRYPTO_ECDSA_SHA_256	   0x06000609u
#define CLIENT_CRYPTO_USAGE_EXPORT	   0x00000001u
#define CLIENT_CRYPTO_USAGE_ENCRYPT	   0x00000100u
#define CLIENT_CRYPTO_USAGE_DECRYPT	   0x00000200u
#define CLIENT_CRYPTO_USAGE_SIGN_MESSAGE   0x00000400u
#define CLIENT_CRYPTO_USAGE_VERIFY_MESSAGE 0x00000800u
#define CLIENT_CRYPTO_USAGE_SIGN_HASH	   0x00001000u /* and messages */
#define CLIENT_CRYPTO_USAGE_VERIFY_HASH	   0x00002000u /* and messages */
#define CLIENT_CRYPTO_VOLATILE		   0u
#define CLIENT_CRYPTO_PERSISTENT	   1u

/* Bytes of the message of a call with @len bytes of data, of all parts together. */
#define CLIENT_CRYPTO_MESSAGE_LEN(len) (64u + (len))

/* The service in the order of its text, for port_peer_init(). */
extern const uint8_t client_crypto_uuid[TS_RPC_UUID_LEN];

/*
 * The service, and where requests are made and answers read. One call at a time. It is wiped
 * after each.
 */
struct client_crypto {
	struct rpc_peer *peer;
	uint8_t *message;
	size_t message_len;
};

/*
 * All of these: @client_id is for whom the partition has the key, 0 for itself. Beside what is
 * said here, they return what the function of the same name in the PSA Crypto API does, and what
 * client_call() (call.h) does; PSA_ERROR_INSUFFICIENT_MEMORY: the message has no room for the
 * request; PSA_ERROR_BUFFER_TOO_SMALL: the answer is longer than @size.
 * PSA_ERROR_COMMUNICATION_FAILURE: it can't be an answer. Lengths of what is
 * returned are 0 then.
 */

psa_status_t client_crypto_random(struct client_crypto *crypto, void *out, size_t len);

psa_status_t client_crypto_hash(struct client_crypto *crypto, uint32_t alg, const void *data,
				size_t len, uint8_t *hash, size_t size, size_t *hash_len);

/* Makes a key. *@key is its ID: that of a persistent one is in @attributes. */
psa_status_t client_crypto_generate_key(struct client_crypto *crypto, uint32_t client_id,
					const struct crypto_attributes *attributes, uint32_t *key);
psa_status_t client_crypto_import_key(struct client_crypto *crypto, uint32_t client_id,
				      const struct crypto_attributes *attributes, const void *data,
				      size_t len, uint32_t *key);
psa_status_t client_crypto_destroy_key(struct client_crypto *crypto, uint32_t client_id,
				       uint32_t key);

/* PSA_ERROR_INVALID_HANDLE: there is no such key. Of a public key, or half: as the PSA has it. */
psa_status_t client_crypto_export_public_key(struct client_crypto *crypto, uint32_t client_id,
					     uint32_t key, uint8_t *out, size_t size, size_t *len);

psa_status_t client_crypto_sign_message(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg, const void *data, size_t len,
					uint8_t *signature, size_t size, size_t *signature_len);
/* PSA_ERROR_INVALID_SIGNATURE: it isn't that of the message. */
psa_status_t client_crypto_verify_message(struct client_crypto *crypto, uint32_t client_id,
					  uint32_t key, uint32_t alg, const void *data, size_t len,
					  const uint8_t *signature, size_t signature_len);

psa_status_t client_crypto_mac_compute(struct client_crypto *crypto, uint32_t client_id,
				       uint32_t key, uint32_t alg, const void *data, size_t len,
				       uint8_t *mac, size_t size, size_t *mac_len);
psa_status_t client_crypto_mac_verify(struct client_crypto *crypto, uint32_t client_id,
				      uint32_t key, uint32_t alg, const void *data, size_t len,
				      const uint8_t *mac, size_t mac_len);

/* What authenticated encryption takes beside the data. */
struct client_crypto_aead {
	const void *nonce;
	size_t nonce_len;
	const void *additional;
	size_t additional_len;
};

/* Ciphertext and tag, one behind the other. */
psa_status_t client_crypto_aead_encrypt(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg,
					const struct client_crypto_aead *aead, const void *data,
					size_t len, uint8_t *out, size_t size, size_t *out_len);
/* PSA_ERROR_INVALID_SIGNATURE: something of it, or of *@aead, is not what it was. */
psa_status_t client_crypto_aead_decrypt(struct client_crypto *crypto, uint32_t client_id,
					uint32_t key, uint32_t alg,
					const struct client_crypto_aead *aead, const void *data,
					size_t len, uint8_t *out, size_t size, size_t *out_len);

/* A request of one's own: @opcode's fixed part, records (tlv.h) or bulk parts (bulk.h). */
struct writer client_crypto_begin(struct client_crypto *crypto);

/* Sends *@request; the answer, *@len bytes, is in the message, for the caller to wipe. */
psa_status_t client_crypto_call(struct client_crypto *crypto, uint32_t client_id, uint16_t opcode,
				const struct writer *request, size_t *len);

#endif /* SECURE_CLIENT_CRYPTO_H */
