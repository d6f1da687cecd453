/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The crypto service (tstee/crypto.h) on the PSA core of Mbed TLS.
 *
 * Keys and operations belong to the caller: the pair of FF-A source ID and client ID.
 * Mbed TLS knows an owner of 32 bits, which is too few for the pair; so an owner is the
 * place of the pair in a table of clients, a number that means nothing beyond this table.
 * A place is given to another pair only after everything of the former one that Mbed TLS
 * holds under the number was destroyed, or, for persistent keys, dropped from its cache.
 * In storage the number doesn't occur: a persistent key is named by the pair and its ID,
 * all three in full (struct crypto_object), so no two keys share a name.
 *
 * Memory, volatile keys and places for clients are pools (secure/share): what is held is charged
 * to the account of the call. A volatile key or a multi-part operation remembers the shared
 * buffers through which it was made and used last. When they go it becomes an orphan: still
 * of use to its client, and the first to go when room is needed; or, if the client goes on with
 * another buffer, what goes for the account's own needs, before it is refused. Others are never
 * taken: then the setup fails with INSUFFICIENT_MEMORY, for the account that has its share.
 *
 * The PSA core is one per process, and so is this service: a second crypto_init() without
 * a crypto_exit() in between is an error. Not reentrant; no locks.
 */
#ifndef SECURE_SERVICE_CRYPTO_H
#define SECURE_SERVICE_CRYPTO_H

#include <psa/error.h>
#include <secure/rpc/endpoint.h>
#include <secure/service/admin.h>
#include <secure/share/share.h>

/*
 * What there is to share: bytes of the heap, as far as they can be kept over calls (what else is
 * on it: what a call takes for itself, key slots and cached keys of the PSA core); volatile keys;
 * operations, of which there is room for more than memory holds; clients that hold something. A
 * 16th of each is for other partitions.
 */
#define CRYPTO_MEMORY	  0x4c0000u
#define CRYPTO_KEYS	  4080u
#define CRYPTO_OPERATIONS 16384u
#define CRYPTO_CLIENTS	  512u

enum crypto_pool {
	CRYPTO_POOL_MEMORY,
	CRYPTO_POOL_KEYS,
	CRYPTO_POOL_OPERATIONS,
	CRYPTO_POOL_CLIENTS,
	CRYPTO_POOL_COUNT,
};

/* Buffers of a client that are remembered. */
#define CRYPTO_BUFFERS 8

/* Accounts that can hold something, and one. */
#define CRYPTO_ACCOUNTS 256

/* Inputs that a key derivation keeps, and names of a PAKE's sides, bytes. */
#define CRYPTO_DERIVATION_INPUT_MAX 65536u
#define CRYPTO_PAKE_SIDE_MAX	    64u

/* Persistent keys of a client that Mbed TLS may keep in memory. */
#define CRYPTO_CACHED_PER_CLIENT 8

/* Iterations of PBKDF2: some ten times of what is advised for passwords. */
#define CRYPTO_PBKDF2_ITERATIONS_MAX (1u << 24)

/*
 * How long a call goes on with what can be done in slices, microseconds: it can't be
 * interrupted, and meanwhile nobody else is served.
 */
#define CRYPTO_SLICE_US 500000u

enum crypto_kind {
	CRYPTO_KIND_KEY,
	CRYPTO_KIND_HASH,
	CRYPTO_KIND_CIPHER,
	CRYPTO_KIND_DERIVATION,
	CRYPTO_KIND_MAC,
	CRYPTO_KIND_AEAD,
	CRYPTO_KIND_MESSAGE,
	CRYPTO_KIND_INTERRUPTIBLE,
	CRYPTO_KIND_PAKE,
	CRYPTO_KIND_GENERATION, /* of a key, unfinished */
	CRYPTO_KIND_COUNT,
};

/*
 * What a persistent key is called in storage: @uid, never 0, holds the source ID in bits
 * 47:32 and the key ID in bits 31:0; @client_id goes to the storage service as that of
 * the caller. With CRYPTO_OBJECT_NAME_BIT it is the key's name (for people) and note (for programs)
 * that are there; with the bit above it a note alone, as it was kept once.
 */
#define CRYPTO_OBJECT_NAME_BIT 48

struct crypto_object {
	uint64_t uid;
	uint32_t client_id;
	struct share_account payer; /* of what is set under that name */
};

/*
 * Where persistent keys are kept: an object is set as a whole, so that a power cut leaves
 * the old or the new. Status codes are those of the PSA ITS API.
 */
struct crypto_storage_ops {
	psa_status_t (*set)(void *ctx, const struct crypto_object *name, const void *data,
			    size_t len);
	psa_status_t (*get)(void *ctx, const struct crypto_object *name, size_t offset, void *data,
			    size_t size, size_t *len);
	psa_status_t (*get_len)(void *ctx, const struct crypto_object *name, size_t *len);
	psa_status_t (*remove)(void *ctx, const struct crypto_object *name);
	/*
	 * The lowest uids beyond above->uid of objects that have above->client_id, ascending;
	 * @max, at most CRYPTO_KEY_LIST_MAX, at a time. Fewer: there are no more. May be NULL:
	 * the storage can't tell.
	 */
	psa_status_t (*list)(void *ctx, const struct crypto_object *above, uint64_t *uids,
			     size_t max, size_t *count);
	/*
	 * The same of all clients, by client ID, then uid, beyond *@above: for an administrator.
	 * May be NULL likewise.
	 */
	psa_status_t (*list_all)(void *ctx, const struct crypto_object *above,
				 struct crypto_object *objects, size_t max, size_t *count);
};

struct crypto_platform {
	/*
	 * Fills @out with random bytes fit for keys. Nonzero: there are none to be had, and
	 * all that needs them fails with INSUFFICIENT_ENTROPY.
	 */
	int (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
	/* Microseconds since some moment. NULL: all is done in one slice. */
	uint64_t (*clock_us)(void);
	const struct crypto_storage_ops *storage; /* NULL: volatile keys only */
	void *storage_ctx;
	/* Takes a line of text about what can't be served. NULL: nobody is told. */
	void (*log)(const char *line);
	/* Whether the processor has a feature, by Linux's name for it. NULL: the engine looks for itself. */
	bool (*processor_has)(const char *feature);
};

struct crypto_item;

/* Counters of changes of persistent keys; clients share one where there are more of them. */
#define CRYPTO_CHANGES 64u

/* A key that has another policy for as long as it is used; @key is 0: none. */
struct crypto_lent {
	uint32_t owner;
	uint32_t key; /* as Mbed TLS calls it */
	uint32_t alg;
	uint32_t set;
	uint32_t usage;
};

struct crypto_client {
	struct crypto *crypto;
	uint32_t client_id;
	uint16_t source_id;
	bool used;
	uint64_t last_use;
	uint64_t buffers[CRYPTO_BUFFERS]; /* through which it called last; TS_RPC_NO_HANDLE: none */
	struct share_account account;	  /* that pays for the place while there are items */
	struct crypto_item *items;	  /* newest first */
	uint8_t cached_next;
	uint32_t cached[CRYPTO_CACHED_PER_CLIENT]; /* key IDs; 0: none */
};

struct crypto {
	struct service service; /* for endpoint_init() */
	struct crypto_platform platform;
	uint64_t clock; /* counts calls */
	uint32_t last_handle;
	uint32_t last_key;
	struct share_account payer; /* of the call */
	struct crypto_lent lent;
	uint64_t changes[CRYPTO_CHANGES];
	uint64_t changes_begin;	    /* which no other boot has */
	psa_status_t storage_error; /* what storage last said about a key to be kept */
	struct share_pool pools[CRYPTO_POOL_COUNT];
	struct share_holder holders[CRYPTO_POOL_COUNT][CRYPTO_ACCOUNTS];
	struct crypto_client *recent; /* the client that was found last, or NULL */
	/* One more than can hold something: who holds nothing can always be served. */
	struct crypto_client clients[CRYPTO_CLIENTS + 1];
};

/*
 * Makes @crypto the service @uuid (TS_RPC_UUID_LEN bytes, text order) and starts the PSA
 * core. Whatever is returned, the service can be hosted: when it isn't PSA_SUCCESS each
 * call that needs the core fails. @crypto must outlive the endpoint.
 */
psa_status_t crypto_init(struct crypto *crypto, const uint8_t *uuid,
			 const struct crypto_platform *platform);

/* Keys of all clients, for an administrator; with a struct crypto. */
extern const struct admin_ops crypto_admin_ops;

/* Wipes and frees all keys and operations in memory, and stops the PSA core. */
void crypto_exit(struct crypto *crypto);

#endif /* SECURE_SERVICE_CRYPTO_H */
