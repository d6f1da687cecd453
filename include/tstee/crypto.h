/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Messages of the crypto service in its packed-c encoding: a fixed part, little-endian,
 * and behind it records of {tag u16, length u16, both big-endian, value} in ascending
 * order of their tags. Types, algorithms, usages and steps are the numbers of PSA
 * Certified Crypto API 1.1. The service status is a psa_status_t, but for PKCS#7 and the
 * UEFI fingerprint. A missing record is an empty one.
 */
#ifndef TSTEE_CRYPTO_H
#define TSTEE_CRYPTO_H

#include <tstee/base.h>

/* Behind each: the fixed part; (records of the request) -> response. */
enum crypto_opcode {
	CRYPTO_GENERATE_KEY = 0x0101,	    /* attributes -> id */
	CRYPTO_DESTROY_KEY = 0x0102,	    /* id */
	CRYPTO_EXPORT_KEY = 0x0105,	    /* id -> (key) */
	CRYPTO_EXPORT_PUBLIC_KEY = 0x0106,  /* id -> (key) */
	CRYPTO_IMPORT_KEY = 0x0107,	    /* attributes (key) -> id */
	CRYPTO_SIGN_HASH = 0x0108,	    /* key_use (hash) -> (signature) */
	CRYPTO_VERIFY_HASH = 0x0109,	    /* key_use (hash, signature) */
	CRYPTO_ASYMMETRIC_DECRYPT = 0x010a, /* key_use (ciphertext, salt) -> (plaintext) */
	CRYPTO_ASYMMETRIC_ENCRYPT = 0x010b, /* key_use (plaintext, salt) -> (ciphertext) */
	CRYPTO_GENERATE_RANDOM = 0x010c,    /* random -> (bytes) */
	CRYPTO_COPY_KEY = 0x010d,	    /* copy_key -> id */
	CRYPTO_PURGE_KEY = 0x010e,	    /* id */
	CRYPTO_GET_KEY_ATTRIBUTES = 0x010f, /* id -> attributes */
	CRYPTO_SIGN_MESSAGE = 0x0110,	    /* key_use (message) -> (signature) */
	CRYPTO_VERIFY_MESSAGE = 0x0111,	    /* key_use (message, signature) */

	CRYPTO_HASH_SETUP = 0x0201,  /* algorithm -> operation */
	CRYPTO_HASH_UPDATE = 0x0202, /* operation (data) */
	CRYPTO_HASH_FINISH = 0x0203, /* operation -> (hash) */
	CRYPTO_HASH_ABORT = 0x0204,  /* operation */
	CRYPTO_HASH_VERIFY = 0x0205, /* operation (hash) */
	CRYPTO_HASH_CLONE = 0x0206,  /* operation -> operation */

	CRYPTO_CIPHER_ENCRYPT_SETUP = 0x0301, /* key_use -> operation */
	CRYPTO_CIPHER_DECRYPT_SETUP = 0x0302, /* key_use -> operation */
	CRYPTO_CIPHER_GENERATE_IV = 0x0303,   /* operation -> (iv) */
	CRYPTO_CIPHER_SET_IV = 0x0304,	      /* operation (iv) */
	CRYPTO_CIPHER_UPDATE = 0x0305,	      /* operation (data) -> (data) */
	CRYPTO_CIPHER_FINISH = 0x0306,	      /* operation -> (data) */
	CRYPTO_CIPHER_ABORT = 0x0307,	      /* operation */

	CRYPTO_DERIVATION_SETUP = 0x0401,	  /* algorithm -> operation */
	CRYPTO_DERIVATION_GET_CAPACITY = 0x0402,  /* operation -> capacity u32 */
	CRYPTO_DERIVATION_SET_CAPACITY = 0x0403,  /* operation_number */
	CRYPTO_DERIVATION_INPUT_BYTES = 0x0404,	  /* operation_number, a step (data) */
	CRYPTO_DERIVATION_INPUT_KEY = 0x0405,	  /* step_key */
	CRYPTO_DERIVATION_OUTPUT_BYTES = 0x0406,  /* operation_number -> (data) */
	CRYPTO_DERIVATION_OUTPUT_KEY = 0x0407,	  /* output_key -> id */
	CRYPTO_DERIVATION_ABORT = 0x0408,	  /* operation */
	CRYPTO_DERIVATION_KEY_AGREEMENT = 0x0409, /* step_key (peer's key) */
	CRYPTO_RAW_KEY_AGREEMENT = 0x040a,	  /* raw_agreement (peer's key) -> (secret) */

	CRYPTO_MAC_SIGN_SETUP = 0x0501,	   /* key_use -> operation */
	CRYPTO_MAC_VERIFY_SETUP = 0x0502,  /* key_use -> operation */
	CRYPTO_MAC_UPDATE = 0x0503,	   /* operation (data) */
	CRYPTO_MAC_SIGN_FINISH = 0x0504,   /* operation -> (mac) */
	CRYPTO_MAC_VERIFY_FINISH = 0x0505, /* operation (mac) */
	CRYPTO_MAC_ABORT = 0x0506,	   /* operation */

	CRYPTO_AEAD_ENCRYPT_SETUP = 0x0601,  /* key_use -> operation */
	CRYPTO_AEAD_DECRYPT_SETUP = 0x0602,  /* key_use -> operation */
	CRYPTO_AEAD_GENERATE_NONCE = 0x0603, /* operation -> (nonce) */
	CRYPTO_AEAD_SET_NONCE = 0x0604,	     /* operation (nonce) */
	CRYPTO_AEAD_SET_LENGTHS = 0x0605,    /* aead_lengths */
	CRYPTO_AEAD_UPDATE_AD = 0x0606,	     /* operation (data) */
	CRYPTO_AEAD_UPDATE = 0x0607,	     /* operation (data) -> (data) */
	CRYPTO_AEAD_FINISH = 0x0608,	     /* operation -> (ciphertext, tag) */
	CRYPTO_AEAD_VERIFY = 0x0609,	     /* operation (tag) -> (plaintext) */
	CRYPTO_AEAD_ABORT = 0x060a,	     /* operation */

	/*
	 * From here on opcodes are TSTEE's own. Other partitions answer them with
	 * TS_RPC_ERROR_INVALID_VALUE, upon which a client takes the opcodes above.
	 */
	CRYPTO_VENDOR = 0x8000,
};

/* Tags of the records of a request and of a response, in the order named above. */
enum crypto_tag {
	CRYPTO_TAG_FIRST = 1,
	CRYPTO_TAG_SECOND = 2,
	CRYPTO_TAG_THIRD = 3,
};

/* No operation has this handle. */
#define CRYPTO_NO_OPERATION 0u

struct crypto_attributes {
	uint32_t type; /* psa_key_type_t, zero-extended */
	uint32_t key_bits;
	uint32_t lifetime;
	uint32_t id; /* of a request: heeded if the lifetime is 1, persistent */
	uint32_t usage;
	uint32_t alg;
} __attribute__((packed));

struct crypto_id {
	uint32_t id;
} __attribute__((packed));

struct crypto_key_use {
	uint32_t id;
	uint32_t alg;
} __attribute__((packed));

struct crypto_random {
	uint32_t size;
} __attribute__((packed));

struct crypto_copy_key {
	uint32_t source_id;
	struct crypto_attributes attributes;
} __attribute__((packed));

struct crypto_algorithm {
	uint32_t alg;
} __attribute__((packed));

struct crypto_operation_handle {
	uint32_t handle;
} __attribute__((packed));

/* An operation and a capacity, a step or a length. */
struct crypto_operation_number {
	uint32_t handle;
	uint32_t number;
} __attribute__((packed));

struct crypto_step_key {
	uint32_t handle;
	uint32_t step;
	uint32_t key_id;
} __attribute__((packed));

struct crypto_output_key {
	uint32_t handle;
	struct crypto_attributes attributes;
} __attribute__((packed));

struct crypto_raw_agreement {
	uint32_t alg;
	uint32_t key_id;
} __attribute__((packed));

struct crypto_aead_lengths {
	uint32_t handle;
	uint32_t ad_length;
	uint32_t plaintext_length;
} __attribute__((packed));

static_assert(sizeof(struct crypto_attributes) == 24, "attributes");
static_assert(offsetof(struct crypto_attributes, key_bits) == 4, "attributes");
static_assert(offsetof(struct crypto_attributes, lifetime) == 8, "attributes");
static_assert(offsetof(struct crypto_attributes, id) == 12, "attributes");
static_assert(offsetof(struct crypto_attributes, usage) == 16, "attributes");
static_assert(offsetof(struct crypto_attributes, alg) == 20, "attributes");
static_assert(sizeof(struct crypto_id) == 4, "id");
static_assert(sizeof(struct crypto_key_use) == 8, "key use");
static_assert(offsetof(struct crypto_key_use, alg) == 4, "key use");
static_assert(sizeof(struct crypto_random) == 4, "GENERATE_RANDOM");
static_assert(sizeof(struct crypto_copy_key) == 28, "COPY_KEY");
static_assert(offsetof(struct crypto_copy_key, attributes) == 4, "COPY_KEY");
static_assert(sizeof(struct crypto_algorithm) == 4, "setup");
static_assert(sizeof(struct crypto_operation_handle) == 4, "operation");
static_assert(sizeof(struct crypto_operation_number) == 8, "operation and number");
static_assert(sizeof(struct crypto_step_key) == 12, "INPUT_KEY, KEY_AGREEMENT");
static_assert(offsetof(struct crypto_step_key, key_id) == 8, "INPUT_KEY, KEY_AGREEMENT");
static_assert(sizeof(struct crypto_output_key) == 28, "OUTPUT_KEY");
static_assert(sizeof(struct crypto_raw_agreement) == 8, "RAW_KEY_AGREEMENT");
static_assert(offsetof(struct crypto_raw_agreement, key_id) == 4, "RAW_KEY_AGREEMENT");
static_assert(sizeof(struct crypto_aead_lengths) == 12, "AEAD_SET_LENGTHS");
static_assert(offsetof(struct crypto_aead_lengths, plaintext_length) == 8, "AEAD_SET_LENGTHS");

#endif /* TSTEE_CRYPTO_H */
