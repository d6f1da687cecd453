/* SPDX-License-Identifier: BSD-3-Clause */
/* A crypto service behind an endpoint, and messages to it. For test_crypto*.c. */
#ifndef TEST_UNIT_CRYPTO_FIXTURE_H
#define TEST_UNIT_CRYPTO_FIXTURE_H

#include "cmocka_all.h"
#include <secure/rpc/peer.h>
#include <secure/service/crypto/service.h>
#include <tstee/crypto.h>

#include <psa/crypto.h>

#define BUFFER 5u

extern struct crypto service;

/* Who calls, and through which buffer. */
extern uint16_t source_id;
extern uint32_t client_id;
extern uint32_t account; /* that pays for calls through buffers that are shared from now on */
extern uint64_t buffer;

/* What came back of the last call. */
extern int32_t rpc_status;
extern const uint8_t *response; /* response_len bytes */
extern size_t response_len;

/* What passes between two looks at the clock, microseconds. */
extern uint64_t clock_step;

/* Faults to inject. */
extern bool no_entropy;
extern psa_status_t storage_status;

int crypto_setup(void **state);
int crypto_setup_without_storage(void **state);
int crypto_teardown(void **state);

/* Stops the service and starts it again over what it stored. */
void crypto_restart(void);

/* Objects that it has in storage. */
size_t stored_objects(void);

/*
 * The service as another partition calls it, OWN_ID, through OWN_BUFFER, which
 * crypto_peer_share() shares; how often it has, and what at last. If peer_status is set, that is
 * all that comes back. crypto_setup() resets it.
 */
#define OWN_ID	   0x8004u
#define OWN_BUFFER 9u
extern struct rpc_peer crypto_peer;
extern enum ts_rpc_status peer_status;
extern size_t peer_calls;
extern uint16_t peer_opcode;
void crypto_peer_share(void);

void share(uint64_t handle);
void unshare(uint64_t handle);

/* A request is made of words, and records or parts, then sent; returns the service status. */
void word(uint32_t value);
void record(uint16_t tag, const void *value, size_t len);
void part(const void *value, size_t len);
int32_t send(uint16_t opcode);
/* Sends @len bytes as they are. */
int32_t send_bytes(uint16_t opcode, const void *bytes, size_t len);

/* The response as a number, and the value of its record @tag, which must be there. */
uint32_t response_word(void);
const uint8_t *response_record(uint16_t tag, size_t *len);
void expect_record(uint16_t tag, const void *value, size_t len);

/* The same of bulk parts, which are counted from 1; and there must be just @count of them. */
const uint8_t *response_part(size_t index, size_t *len);
void expect_part(size_t index, const void *value, size_t len);
void expect_parts(size_t count);

/* Adds key attributes to the request. */
void attributes(uint32_t type, uint32_t bits, uint32_t lifetime, uint32_t id, uint32_t usage,
		uint32_t alg);
/* A volatile key imported from @data; its ID. */
uint32_t import(uint32_t type, uint32_t usage, uint32_t alg, const void *data, size_t len);

#endif /* TEST_UNIT_CRYPTO_FIXTURE_H */
