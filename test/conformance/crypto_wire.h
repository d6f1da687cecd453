/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of the crypto service as bytes, for its tests: nothing here knows more of them
 * than that numbers are little-endian and records are {tag, length}, big-endian.
 */
#ifndef CONFORMANCE_CRYPTO_WIRE_H
#define CONFORMANCE_CRYPTO_WIRE_H

#include "fixture.h"

#define CRYPTO_BUFFER_LEN 8192

extern const uint8_t crypto_uuid[TEE_IOCTL_UUID_LEN];
extern const uint8_t crypto_protobuf_uuid[TEE_IOCTL_UUID_LEN];

/* For tests that a place can't offer: each skips the test there. */
void needs_service(const uint8_t uuid[TEE_IOCTL_UUID_LEN], const char *reason);

/*
 * A client of the service with a buffer of CRYPTO_BUFFER_LEN bytes; as the user, or as who
 * @login says. Skips the test where nothing hosts the service.
 */
struct tee_client crypto_connect(const struct tee_login *login);

/* @client's device and buffer in a session of another client; both must be there. */
struct tee_client crypto_beside(const struct tee_client *client, const struct tee_login *login);

/* The same as user @uid. Needs root. */
struct tee_client crypto_beside_as(const struct tee_client *client, uid_t uid);

/* What became of a call. */
struct reply {
	int rc;		/* of the ioctl: 0, or the RPC status as an errno */
	int32_t status; /* 0 if rc is not */
	size_t len;	/* of the response, which is at the front of the buffer */
};

/*
 * Sends a request as it is. Of each answer is checked: a failure comes without a response,
 * and behind a response there is nothing but what the client had put there itself.
 */
struct reply crypto_send(struct tee_client *client, uint16_t opcode, const void *request,
			 size_t len);

/* A request in the making. */
struct request {
	size_t len;
	uint8_t data[CRYPTO_BUFFER_LEN];
};

void put_word(struct request *request, uint32_t value);
void put_record(struct request *request, uint16_t tag, const void *value, size_t len);
/* Attributes of a key, which is persistent if it has an ID. */
void put_attributes(struct request *request, uint32_t type, uint32_t bits, uint32_t id,
		    uint32_t usage, uint32_t alg);

/* Sends the request; must be answered by the service, whose status it returns. */
int32_t ask(struct tee_client *client, uint16_t opcode, const struct request *request);

/* The same of a request of one word, which is what most are. */
int32_t ask_word(struct tee_client *client, uint16_t opcode, uint32_t value);

/* The response to the last call as a number. */
uint32_t answered_word(const struct tee_client *client);

/*
 * A call and its answer in hexadecimal; blanks do not matter. 'text' in quotes is ASCII, a
 * letter from g to z stands for four bytes: those that it stood for in the last response,
 * which take any value there. So does ?, for one byte. A script ends with an opcode of 0.
 */
struct exchange {
	uint16_t opcode;
	const char *request;
	const char *response; /* NULL: none */
	int32_t status;
	int rc;
};

#define ANSWERS(opcode, request, response)      \
	{                                       \
		opcode, request, response, 0, 0 \
	}
#define FAILS(opcode, request, status)           \
	{                                        \
		opcode, request, NULL, status, 0 \
	}
#define REFUSED(opcode, request, rc)         \
	{                                    \
		opcode, request, NULL, 0, rc \
	}

/* Every answer must be as written. */
void play(struct tee_client *client, const struct exchange *script);

/* A persistent key of elliptic curves, to sign with. */
int32_t make_signing_key(struct tee_client *client, uint32_t id);
#define PUBLIC_KEY_LEN 65
int32_t export_public(struct tee_client *client, uint32_t id, uint8_t key[PUBLIC_KEY_LEN]);
/* Destroys a key that an earlier run, or the reboot of a test machine, may have left. */
void make_key_absent(struct tee_client *client, uint32_t id);

/* Signs with it and verifies that. */
void must_sign(struct tee_client *client, uint32_t id);

/*
 * Makes persistent keys with these IDs, destroys all but the newest ones, and prints of each
 * step when it is acknowledged "made ID PUBLIC" or "gone ID".
 */
void make_keys(uint32_t first, uint32_t last);
/* Prints "ID PUBLIC" of the keys that are there, after a signature with each. */
void show_keys(uint32_t first, uint32_t last);

#endif /* CONFORMANCE_CRYPTO_WIRE_H */
