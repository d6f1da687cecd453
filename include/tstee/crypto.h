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

/*
 * Behind each: the fixed part; (records of the request) -> response. Those that make RSA keys, and
 * output of a derivation, may answer PSA_OPERATION_INCOMPLETE: the same request goes on.
 */
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

	CRYPTO_VERIFY_PKCS7 = 0x0112,	  /* (signed data, hash, certificate); see below */
	CRYPTO_UEFI_FINGERPRINT = 0x0113, /* (signed data) -> (fingerprint); see below */

	/*
	 * From here on opcodes are TSTEE's own. Other partitions answer them with
	 * TS_RPC_ERROR_INVALID_VALUE, upon which a client takes the opcodes above, or says
	 * PSA_ERROR_NOT_SUPPORTED. In the names of parts below, [...] are bulk parts (see
	 * there) instead of records.
	 */
	CRYPTO_VENDOR = 0x8000,

	/* A whole one-shot function of the PSA Crypto API in one call. */
	CRYPTO_HASH_COMPUTE = 0x8001,	/* algorithm [data] -> [hash] */
	CRYPTO_HASH_COMPARE = 0x8002,	/* algorithm [data, hash] */
	CRYPTO_MAC_COMPUTE = 0x8003,	/* key_use [data] -> [mac] */
	CRYPTO_MAC_VERIFY = 0x8004,	/* key_use [data, mac] */
	CRYPTO_CIPHER_ENCRYPT = 0x8005, /* key_use [plaintext] -> [iv and ciphertext] */
	CRYPTO_CIPHER_DECRYPT = 0x8006, /* key_use [iv and ciphertext] -> [plaintext] */
	CRYPTO_AEAD_ENCRYPT = 0x8007,	/* key_use [nonce, ad, plaintext] -> [ciphertext, tag] */
	CRYPTO_AEAD_DECRYPT = 0x8008,	/* key_use [nonce, ad, ciphertext and tag] -> [plaintext] */

	/* Signatures of messages that are too long for one request. */
	CRYPTO_MESSAGE_SIGN_SETUP = 0x8010,    /* key_use -> operation */
	CRYPTO_MESSAGE_VERIFY_SETUP = 0x8011,  /* key_use -> operation */
	CRYPTO_MESSAGE_UPDATE = 0x8012,	       /* operation [data] */
	CRYPTO_MESSAGE_SIGN_FINISH = 0x8013,   /* operation -> [signature] */
	CRYPTO_MESSAGE_VERIFY_FINISH = 0x8014, /* operation [signature] */
	CRYPTO_MESSAGE_ABORT = 0x8015,	       /* operation */
	/* Of whole messages, for algorithms that don't sign a hash. */
	CRYPTO_MESSAGE_SIGN = 0x8016,	/* key_use [message] -> [signature] */
	CRYPTO_MESSAGE_VERIFY = 0x8017, /* key_use [message, signature] */

	/* Interruptible signatures: psa_sign_hash_start() and the like. */
	CRYPTO_SIGN_HASH_START = 0x8020,       /* key_use [hash] -> operation */
	CRYPTO_SIGN_HASH_COMPLETE = 0x8021,    /* operation_number, max_ops -> [signature] */
	CRYPTO_VERIFY_HASH_START = 0x8022,     /* key_use [hash, signature] -> operation */
	CRYPTO_VERIFY_HASH_COMPLETE = 0x8023,  /* operation_number, max_ops */
	CRYPTO_INTERRUPTIBLE_NUM_OPS = 0x8024, /* operation -> num_ops u32 */
	CRYPTO_INTERRUPTIBLE_ABORT = 0x8025,   /* operation */

	CRYPTO_PAKE_SETUP = 0x8030,	       /* pake_suite -> operation */
	CRYPTO_PAKE_SET_PASSWORD_KEY = 0x8031, /* operation_number, a key ID */
	CRYPTO_PAKE_SET_USER = 0x8032,	       /* operation [user ID] */
	CRYPTO_PAKE_SET_PEER = 0x8033,	       /* operation [peer ID] */
	CRYPTO_PAKE_SET_ROLE = 0x8034,	       /* operation_number, a role */
	CRYPTO_PAKE_OUTPUT = 0x8035,	       /* operation_number, a step -> [data] */
	CRYPTO_PAKE_INPUT = 0x8036,	       /* operation_number, a step [data] */
	CRYPTO_PAKE_GET_IMPLICIT_KEY = 0x8037, /* operation_number, a derivation's handle */
	CRYPTO_PAKE_ABORT = 0x8038,	       /* operation */

	CRYPTO_DERIVATION_INPUT_INTEGER = 0x8040,     /* step_integer */
	CRYPTO_DERIVATION_VERIFY_BYTES = 0x8041,      /* operation [expected] */
	CRYPTO_DERIVATION_VERIFY_KEY = 0x8042,	      /* operation_number, a key ID */
	CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM = 0x8043, /* output_key_custom [custom data] -> id */
	CRYPTO_GENERATE_KEY_CUSTOM = 0x8044,	      /* key_custom [custom data] -> id */
	/* GENERATE_KEY and EXPORT_PUBLIC_KEY of an elliptic curve's. */
	CRYPTO_GENERATE_PAIR = 0x8045, /* attributes -> id [public key] */

	/*
	 * Persistent keys have names, for people; unique among a client's keys. A key that
	 * was made without one has the empty name. Names are UTF-8 without control characters.
	 */
	CRYPTO_KEY_SET_NAME = 0x8050, /* id [name] */
	CRYPTO_KEY_GET_NAME = 0x8051, /* id -> [name] */
	CRYPTO_KEY_LIST = 0x8052, /* id, to begin behind -> id u32 of the next ones, ascending */

	/*
	 * And notes, for programs: a few bytes that the partition keeps beside a persistent key.
	 * The count of changes goes up with each key of the client that is made or destroyed, and
	 * each name and note that is set; at times with another's, too.
	 */
	CRYPTO_KEY_SET_NOTE = 0x8053, /* id [note]; an empty one is none */
	CRYPTO_KEY_DESCRIBE = 0x8054, /* id -> attributes [name, note] */
	CRYPTO_KEY_CHANGES = 0x8055,  /* -> count u64 */

	/* Keys of secrets that don't leave the partition. The last bytes become the key. */
	CRYPTO_KEY_AGREEMENT = 0x8060, /* key_agreement [peer's key] -> id */
	/* A secret key encrypted by another one: key_wrap [iv] -> [wrapped], and back. */
	CRYPTO_KEY_WRAP = 0x8061,
	CRYPTO_KEY_UNWRAP = 0x8062, /* key_agreement [iv, wrapped] -> id */

	/* psa_encapsulate() and psa_decapsulate(); the attributes are the secret's. */
	CRYPTO_ENCAPSULATE = 0x8070, /* key_use_make -> id [ciphertext] */
	CRYPTO_DECAPSULATE = 0x8071, /* key_use_make [ciphertext] -> id */
};

/* Tags of the records of a request and of a response, in the order named above. */
enum crypto_tag {
	CRYPTO_TAG_FIRST = 1,
	CRYPTO_TAG_SECOND = 2,
	CRYPTO_TAG_THIRD = 3,
};

/*
 * Bulk parts, where records of 64 KiB would be too short: behind the fixed part, each part
 * is its length, u32 little-endian, and its bytes; the next one follows at once. All parts
 * that an opcode names are there, empty ones too, and nothing behind the last.
 */

/* Longest request and longest response of a partition that knows them: 1 MiB of bulk, a page more. */
#define CRYPTO_MESSAGE_MAX (1048576u + 4096u)

/* Longest name of a key, bytes. */
#define CRYPTO_KEY_NAME_MAX 64u

/* Longest note of a key, bytes. */
#define CRYPTO_KEY_NOTE_MAX 4096u

/* What CRYPTO_KEY_LIST answers at most, IDs; fewer than these: there are no more. */
#define CRYPTO_KEY_LIST_MAX 64u

/*
 * CRYPTO_VERIFY_PKCS7: the service status is a return code of Mbed TLS, 0 or negative.
 * CRYPTO_UEFI_FINGERPRINT: it is an EFI_STATUS cut to 32 bits; 64 bytes come back.
 */
#define CRYPTO_EFI_COMPROMISED_DATA 33
#define CRYPTO_FINGERPRINT_LEN	    64u

/*
 * No operation has this handle, and none of TSTEE's partitions a larger one than the second:
 * where a caller keeps a handle there is room for a mark.
 */
#define CRYPTO_NO_OPERATION 0u
#define CRYPTO_HANDLE_MAX   0x7fffffffu

struct crypto_attributes {
	uint32_t type; /* psa_key_type_t, zero-extended */
	uint32_t key_bits;
	uint32_t lifetime;
	uint32_t id; /* of a request: heeded unless the lifetime is volatile */
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

struct crypto_key_use_make {
	uint32_t id;
	uint32_t alg;
	struct crypto_attributes attributes;
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

struct crypto_pake_suite {
	uint32_t alg;
	uint32_t primitive; /* psa_pake_primitive_t: type, family and bits */
	uint32_t hash;
} __attribute__((packed));

struct crypto_step_integer {
	uint32_t handle;
	uint32_t step;
	uint64_t value;
} __attribute__((packed));

struct crypto_output_key_custom {
	uint32_t handle;
	struct crypto_attributes attributes;
	uint32_t flags;
} __attribute__((packed));

struct crypto_key_custom {
	struct crypto_attributes attributes;
	uint32_t flags;
} __attribute__((packed));

/* A key, what it is used by, and what the new key is to be. */
struct crypto_key_agreement {
	uint32_t id;
	uint32_t alg;
	struct crypto_attributes attributes;
} __attribute__((packed));

struct crypto_key_wrap {
	uint32_t id;
	uint32_t alg;
	uint32_t wrapped_id;
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
static_assert(sizeof(struct crypto_key_use_make) == 32, "ENCAPSULATE, DECAPSULATE");
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

static_assert(sizeof(struct crypto_pake_suite) == 12, "PAKE_SETUP");
static_assert(sizeof(struct crypto_step_integer) == 16, "INPUT_INTEGER");
static_assert(sizeof(struct crypto_output_key_custom) == 32, "OUTPUT_KEY_CUSTOM");
static_assert(sizeof(struct crypto_key_custom) == 28, "GENERATE_KEY_CUSTOM");
static_assert(sizeof(struct crypto_key_agreement) == 32, "KEY_AGREEMENT");
static_assert(sizeof(struct crypto_key_wrap) == 12, "KEY_WRAP");

#endif /* TSTEE_CRYPTO_H */
