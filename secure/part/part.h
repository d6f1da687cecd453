/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A part of a partition: services that belong together, and what they need of the port. A partition
 * hosts one part or several (secure/partition/meson.build says which hosts what). They don't know
 * of each other: a service calls another one by its struct rpc_peer, and secure/port/peer.c knows
 * whether that is in the same partition.
 */
#ifndef SECURE_PART_PART_H
#define SECURE_PART_PART_H

#include <secure/port/board.h>
#include <secure/rpc/endpoint.h>
#include <secure/service/admin.h>
#include <secure/service/attestation.h>
#include <stdnoreturn.h>

struct part {
	/* Of partition_main(), with what may be done there (secure/port/partition.h). */
	void (*init)(void);
	/* At the first message, when the normal world runs. May be NULL. */
	void (*first)(void);
	const struct service *const *services;
	size_t service_count;
	/* What its clients share, and keep, for an administrator; one part has objects of a kind. */
	const struct admin_pool_entry *pools;
	size_t pool_count;
	struct admin_keeper keeper; /* its ops are NULL: nothing is kept */
};

/* Internal trusted storage and protected storage. */
extern const struct part part_storage;
/* Crypto, whose keys internal trusted storage keeps. */
extern const struct part part_crypto;
/* Attestation, whose key crypto keeps. */
extern const struct part part_attestation;

/* The longest request and the longest response of each, bytes. */
#define PART_STORAGE_MESSAGE_MAX     ENDPOINT_MESSAGE_MAX
#define PART_CRYPTO_MESSAGE_MAX	     BOARD_CRYPTO_MESSAGE
#define PART_ATTESTATION_MESSAGE_MAX (ATTESTATION_TOKEN_MAX + TS_RPC_PAGE_LEN)

/* The most that a partition can host. */
#define PART_MAX	 3
#define PART_SERVICE_MAX 8
#define PART_POOL_MAX	 10

/*
 * Starts @parts, in that order (storage's before crypto's), adds the admin service, and serves
 * messages for ever. @messages is for endpoint_init(), long enough for each part's.
 */
noreturn void parts_serve(const struct part *const *parts, size_t count, void *messages,
			  size_t messages_len);

#endif /* SECURE_PART_PART_H */
