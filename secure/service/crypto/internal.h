/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the crypto service share. Nobody else includes this. */
#ifndef SECURE_SERVICE_CRYPTO_INTERNAL_H
#define SECURE_SERVICE_CRYPTO_INTERNAL_H

#include <secure/service/bulk.h>
#include <secure/service/crypto/service.h>
#include <secure/service/tlv.h>
#include <tstee/crypto.h>

#include <mbedtls/bignum.h>
#include <mbedtls/pkcs7.h>
#include <psa/crypto-pqc.h>

#ifndef MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER
#error "keys of different clients are told apart by their owner"
#endif
#ifndef MBEDTLS_PSA_KEY_STORE_DYNAMIC
#error "the key slots of one client must not run out for the others"
#endif
#ifndef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#error "random bytes come from the partition"
#endif

/* A key of PSA_MAX_KEY_BITS of any type, in its export format, bytes. */
#define CRYPTO_KEY_LEN_MAX 8192u

struct crypto_item;

/* What those that list, charge and reclaim items needn't know of them. */
struct crypto_item_type {
	size_t size;   /* bytes, a struct crypto_item in front */
	size_t inside; /* what Mbed TLS allocates for it beside, at most */
	/* Ends what it stands for, and frees it. */
	void (*end)(struct crypto_item *item);
};

/* A volatile key, or the head of an operation, in the list of its client. */
struct crypto_item {
	struct crypto_item *next;
	struct crypto_client *client;
	const struct crypto_item_type *type;
	uint64_t buffers[2]; /* it was made, or used, through them; TS_RPC_NO_HANDLE: none */
	uint64_t made;	     /* crypto.clock */
	uint32_t id;	     /* of the key, or the operation's handle */
	psa_key_id_t key;    /* the key's ID in Mbed TLS */
	size_t charge;	     /* bytes of the pool of memory */
	struct share_account account;
	enum crypto_kind kind;
	bool orphan; /* its buffers are gone, and its client */
	bool left;   /* its buffers are gone, but its client uses another one */
	bool spent;  /* an operation at its end, which can only be asked about */
};

struct crypto_pbkdf2;

struct crypto_derivation {
	psa_key_derivation_operation_t psa;
	psa_algorithm_t alg;
	uint64_t cost;		      /* of PBKDF2, iterations; else 0 */
	size_t held_len;	      /* bytes of inputs that it may be keeping */
	struct crypto_pbkdf2 *pbkdf2; /* what is calculated so far, or NULL */
	bool only_verifies;	      /* its secret may be compared with, and not known */
};

/* A signature of a message that comes in parts. */
struct crypto_message {
	psa_hash_operation_t hash;
	psa_algorithm_t alg;
	bool verify;
};

/* psa_sign_hash_start() or psa_verify_hash_start(), and so on. */
struct crypto_interruptible {
	union {
		psa_sign_hash_interruptible_operation_t sign;
		psa_verify_hash_interruptible_operation_t verify;
	};
	bool verifies;
};

struct crypto_pake {
	psa_pake_operation_t psa;
	bool has_password;
};

/* An RSA key whose primes are searched for. */
struct crypto_generation {
	struct crypto_attributes attributes;
	uint32_t exponent;
	unsigned int rounds; /* of the test of primes that p has passed */
	mbedtls_mpi p;
	mbedtls_mpi q; /* the prime that was found first; 0: none so far */
};

/* There is memory only for the member of the operation's kind. */
struct crypto_operation {
	struct crypto_item item;
	uint32_t key_id; /* that it was set up with, as the client calls it */
	union {
		psa_hash_operation_t hash;
		psa_cipher_operation_t cipher;
		struct crypto_derivation derivation;
		psa_mac_operation_t mac;
		psa_aead_operation_t aead;
		struct crypto_message message;
		struct crypto_interruptible interruptible;
		struct crypto_pake pake;
		struct crypto_generation generation;
	};
};

/* service.c: how long a call may go on. */

struct crypto_slice {
	uint64_t (*clock_us)(void);
	uint64_t end;
};

struct crypto_slice crypto_slice_begin(const struct crypto *crypto);
/* Never, if there is no clock or @slice is NULL. */
bool crypto_slice_over(const struct crypto_slice *slice);

/* client.c: who holds what. */

/* The caller's place in the table of clients; never fails. Valid for this call. */
struct crypto_client *crypto_client_find(struct crypto *crypto, const struct rpc_caller *caller);

/*
 * The caller's key @id by the name that Mbed TLS knows it by. Notes that a persistent key
 * may get into its cache.
 */
mbedtls_svc_key_id_t crypto_key_name(struct crypto *crypto, const struct rpc_caller *caller,
				     uint32_t id);

/* A volatile key: a struct crypto_item alone. */
extern const struct crypto_item_type crypto_key_type;
/*
 * A place for something of @kind that the caller is about to make: type->size bytes of zeros,
 * a struct crypto_item in front. NULL: the caller has all that it can have, or there is no
 * memory. An orphan may be reclaimed for it.
 */
struct crypto_item *crypto_item_new(struct crypto *crypto, const struct rpc_caller *caller,
				    enum crypto_kind kind, const struct crypto_item_type *type);
/*
 * Charges @len more bytes for it. False: the account has its share, or there is no memory. An
 * orphan may be reclaimed for it.
 */
bool crypto_item_charge(struct crypto_item *item, size_t len);
/* What the caller finds belongs to the buffer of the call, too, from now on. */
struct crypto_item *crypto_item_find(struct crypto *crypto, const struct rpc_caller *caller,
				     enum crypto_kind kind, uint32_t id);
/* Destroys the key or aborts the operation that it stands for, and frees it. */
void crypto_item_destroy(struct crypto_item *item);
/* Takes it from its client, wipes and frees it; what it stands for is gone already. */
void crypto_item_free(struct crypto_item *item);

/*
 * After something failed with @status: true if that was for want of memory and some has
 * been got by reclaiming the oldest orphan of all, so that another try makes sense.
 */
bool crypto_make_room(struct crypto *crypto, psa_status_t status);

/* Nobody has anything: the pools are as at the start. */
void crypto_clients_init(struct crypto *crypto);
/* The hook of the endpoint, and the end of all. */
void crypto_released(void *ctx, uint16_t source_id, uint64_t buffer);

/* oneshot.c: how much of a request is copied, see struct service. */
size_t crypto_copied(uint16_t opcode);
void crypto_clients_clear(struct crypto *crypto);

/* operations.c: multi-part operations. */

/* A new operation, to be set up; NULL as crypto_item_new(). */
struct crypto_operation *
crypto_operation_new(struct crypto *crypto, const struct rpc_caller *caller, enum crypto_kind kind);
/* Answers with the handle of @op after its setup, or drops it, if that has failed. */
enum ts_rpc_status crypto_operation_started(struct crypto_operation *op, struct writer *resp,
					    psa_status_t status);
/* A setup request of a key and an algorithm: the whole of it but for setup(). */
typedef psa_status_t (*crypto_operation_setup)(struct crypto_operation *op,
					       mbedtls_svc_key_id_t key, psa_algorithm_t alg);
enum ts_rpc_status crypto_operation_handle_setup(struct crypto *crypto,
						 const struct rpc_caller *caller,
						 enum crypto_kind kind, struct reader *req,
						 struct writer *resp, psa_status_t *status,
						 crypto_operation_setup setup);
/* The caller's operation, or NULL: then the service status is BAD_STATE. */
struct crypto_operation *crypto_operation_find(struct crypto *crypto,
					       const struct rpc_caller *caller,
					       enum crypto_kind kind, uint32_t handle);
/* Reads the handle at the front of @req and finds the operation; it may be NULL. */
enum ts_rpc_status crypto_operation_read(struct crypto *crypto, const struct rpc_caller *caller,
					 enum crypto_kind kind, struct reader *req,
					 struct crypto_operation **op, psa_status_t *status);
/* Drops an operation that is at its end if @status says so. */
void crypto_operation_done(struct crypto_operation *op, psa_status_t status);
/* Aborts it and drops it. */
psa_status_t crypto_operation_abort(struct crypto_operation *op);
/* An ABORT request: an operation that isn't there has been aborted. */
enum ts_rpc_status crypto_operation_handle_abort(struct crypto *crypto,
						 const struct rpc_caller *caller,
						 enum crypto_kind kind, struct reader *req,
						 psa_status_t *status);

/* platform.c: what Mbed TLS calls. */
void crypto_platform_set(struct crypto *crypto);

/* key.c */

/* Reads a struct crypto_attributes. */
bool crypto_attributes_read(struct reader *req, struct crypto_attributes *attributes);

/* Writes one, of the caller's key @id. */
bool crypto_attributes_write(struct writer *resp, uint32_t id, const psa_key_attributes_t *a);

/*
 * Makes a key of the caller with @attributes by make(@ctx) and answers with its ID: the
 * bookkeeping that generation, import, copy and derivation have in common.
 */
typedef psa_status_t (*crypto_make_key)(void *ctx, const psa_key_attributes_t *attributes,
					mbedtls_svc_key_id_t *key);
enum ts_rpc_status crypto_key_make(struct crypto *crypto, const struct rpc_caller *caller,
				   const struct crypto_attributes *attributes, crypto_make_key make,
				   void *ctx, struct writer *resp, psa_status_t *status);

/* A crypto_make_key that imports a struct crypto_key_data, if it is good to calculate with. */
struct crypto_key_data {
	const uint8_t *bytes;
	size_t len;
};
psa_status_t crypto_import(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *key);

/* correct.c: statuses of Mbed TLS that aren't those of PSA. */

typedef psa_status_t (*crypto_verify_function)(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					       const uint8_t *input, size_t input_length,
					       const uint8_t *signature, size_t signature_length);

/* What @status of a signature of a hash, or of its verification, should have been. */
psa_status_t crypto_correct_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg, size_t hash_len,
				 psa_status_t status);
/* The same of a verification by @function. */
psa_status_t crypto_correct_verify(crypto_verify_function function, mbedtls_svc_key_id_t key,
				   psa_algorithm_t alg, const uint8_t *input, size_t len,
				   size_t signature_len, psa_status_t status);
/* The same of psa_purge_key() of the caller's key @id. */
psa_status_t crypto_correct_purge(const struct crypto *crypto, const struct rpc_caller *caller,
				  uint32_t id, psa_status_t status);
/* psa_key_derivation_input_key() */
psa_status_t crypto_correct_input_key(struct crypto_derivation *derivation,
				      psa_key_derivation_step_t step, mbedtls_svc_key_id_t key);

/* judge.c: numbers that would make calls endless. */

/* Of the @len bytes, big-endian, as public exponent of a key to be generated. */
psa_status_t crypto_judge_exponent(const uint8_t *bytes, size_t len);
/* Of a key of @type that is to be imported; one that isn't RSA's is good. */
psa_status_t crypto_judge_rsa(psa_key_type_t type, const uint8_t *key, size_t len);
/* May a signature be verified by the certificate's key? By so many signers? */
bool crypto_judge_certificate(const mbedtls_x509_crt *certificate);
bool crypto_judge_signers(const mbedtls_pkcs7 *pkcs7);

/* generate.c: RSA keys. */

/*
 * Goes on with a key of @a, whose public exponent is @len bytes, big-endian, or the usual one.
 * Answers with the key's ID, or the status is OPERATION_INCOMPLETE until the same is asked again.
 */
enum ts_rpc_status crypto_generate_rsa(struct crypto *crypto, const struct rpc_caller *caller,
				       const struct crypto_attributes *a, const uint8_t *exponent,
				       size_t len, struct writer *resp, psa_status_t *status);
void crypto_generation_free(struct crypto_generation *generation);

/* extension.c: keys and algorithms that the PSA core has no code for. */

/* Of keys of this type; and signatures by this algorithm: of messages, not of hashes, if pure. */
bool crypto_extension_key(psa_key_type_t type);
bool crypto_extension_signs(psa_algorithm_t alg);
bool crypto_extension_is_pure(psa_algorithm_t alg);
/* Of such a key in its export format, bytes; 0: there is none of that size. */
size_t crypto_extension_key_len(psa_key_type_t type, size_t bits);
/* As psa_import_key(), psa_generate_key(), psa_export_key(), psa_sign_hash() and so on. */
psa_status_t crypto_extension_import(const psa_key_attributes_t *attributes, const uint8_t *data,
				     size_t data_length, mbedtls_svc_key_id_t *key);
psa_status_t crypto_extension_generate(const psa_key_attributes_t *attributes,
				       mbedtls_svc_key_id_t *key);
psa_status_t crypto_extension_export(mbedtls_svc_key_id_t key, uint8_t *data, size_t data_size,
				     size_t *data_length);
psa_status_t crypto_extension_sign_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					const uint8_t *hash, size_t hash_length, uint8_t *signature,
					size_t signature_size, size_t *signature_length);
psa_status_t crypto_extension_sign_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					   const uint8_t *input, size_t input_length,
					   uint8_t *signature, size_t signature_size,
					   size_t *signature_length);
psa_status_t crypto_extension_verify_hash(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					  const uint8_t *hash, size_t hash_length,
					  const uint8_t *signature, size_t signature_length);
psa_status_t crypto_extension_verify_message(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					     const uint8_t *input, size_t input_length,
					     const uint8_t *signature, size_t signature_length);
/* May the key sign messages, or verify their signatures, by @alg? */
psa_status_t crypto_extension_check(mbedtls_svc_key_id_t key, psa_algorithm_t alg, bool verify);

/*
 * pbkdf2.c: output of PBKDF2. As the functions of the PSA Crypto API; and
 * OPERATION_INCOMPLETE if the slice is over, with nothing lost but time, or NOT_SUPPORTED for more
 * bytes than slices are kept of, if those take too long.
 */
psa_status_t crypto_pbkdf2_output(struct crypto_derivation *derivation, uint8_t *out, size_t len,
				  const struct crypto_slice *slice);
psa_status_t crypto_pbkdf2_output_key(struct crypto_derivation *derivation,
				      const psa_key_attributes_t *attributes,
				      const struct crypto_slice *slice, mbedtls_svc_key_id_t *key);
/* What is calculated so far takes at most so much memory, bytes. */
#define CRYPTO_PBKDF2_LEN 3072u
/* Wipes and frees it. */
void crypto_pbkdf2_free(struct crypto_derivation *derivation);

/* name.c */

/* Takes name and note away from the caller's key @id before that is destroyed. */
psa_status_t crypto_name_remove(struct crypto *crypto, const struct rpc_caller *caller,
				uint32_t id);
/* Counts a change of the caller's persistent keys. */
void crypto_keys_changed(struct crypto *crypto, const struct rpc_caller *caller);

/* policy.c: keys whose policy is a set of algorithms (tstee/key_policy.h). */

/*
 * As crypto_key_name(), for a use with @alg: if the key's set has it, the key is for @alg alone
 * until the next key is named.
 */
mbedtls_svc_key_id_t crypto_key_use(struct crypto *crypto, const struct rpc_caller *caller,
				    uint32_t id, psa_algorithm_t alg);
/* The same of a key that may do @right (WRAP, UNWRAP): it may do @usage in its place. */
psa_status_t crypto_key_lend(struct crypto *crypto, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     uint32_t right, psa_key_usage_t usage);
/* The key is what it was. Before any is looked at. */
void crypto_key_return(struct crypto *crypto);

/* Takes persistent key @id away from storage, where Mbed TLS can't make out what is there. */
psa_status_t crypto_key_forget(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id);

/* The value of a record, or a bulk part, that Mbed TLS makes in the response. */
struct crypto_output {
	uint8_t *data;
	size_t room;
	size_t len;
};

static inline bool crypto_output_begin(const struct writer *resp, size_t max,
				       struct crypto_output *out)
{
	out->len = 0;
	return tlv_begin(resp, max, &out->data, &out->room);
}

/* Writes the record @tag if @status is good. No byte that isn't part of it remains. */
enum ts_rpc_status crypto_output_end(struct writer *resp, uint16_t tag,
				     const struct crypto_output *out, psa_status_t status);

/* As crypto_output_begin() and crypto_output_end(), for a bulk part. */
static inline bool crypto_bulk_begin(const struct writer *resp, size_t max,
				     struct crypto_output *out)
{
	out->len = 0;
	return bulk_begin(resp, max, &out->data, &out->room);
}

enum ts_rpc_status crypto_bulk_end(struct writer *resp, const struct crypto_output *out,
				   psa_status_t status);

/* ccm.c */

/* What a one-shot AEAD function is given. */
struct crypto_aead {
	mbedtls_svc_key_id_t key;
	psa_algorithm_t alg;
	const uint8_t *nonce, *ad, *input;
	size_t nonce_len, ad_len, input_len;
};

/* Is it CCM with more additional data than Mbed TLS can do? */
bool crypto_ccm_is_needed(psa_algorithm_t alg, size_t ad_len);
/* As psa_aead_encrypt() or psa_aead_decrypt(). */
psa_status_t crypto_ccm(const struct crypto_aead *in, bool encrypt, struct crypto_output *out);

/* What many functions of the PSA Crypto API look like. */
typedef psa_status_t (*crypto_key_function)(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
					    const uint8_t *input, size_t input_length,
					    uint8_t *output, size_t output_size,
					    size_t *output_length);

/* The operations of each file. */
#define CRYPTO_HANDLER(name)                                                                    \
	enum ts_rpc_status name(void *ctx, const struct rpc_caller *caller, struct reader *req, \
				struct writer *resp, int32_t *status)

CRYPTO_HANDLER(crypto_generate_key);
CRYPTO_HANDLER(crypto_destroy_key);
CRYPTO_HANDLER(crypto_export_key);
CRYPTO_HANDLER(crypto_export_public_key);
CRYPTO_HANDLER(crypto_import_key);
CRYPTO_HANDLER(crypto_copy_key);
CRYPTO_HANDLER(crypto_purge_key);
CRYPTO_HANDLER(crypto_get_key_attributes);

CRYPTO_HANDLER(crypto_generate_random);
CRYPTO_HANDLER(crypto_sign_hash);
CRYPTO_HANDLER(crypto_verify_hash);
CRYPTO_HANDLER(crypto_sign_message);
CRYPTO_HANDLER(crypto_verify_message);
CRYPTO_HANDLER(crypto_encapsulate);
CRYPTO_HANDLER(crypto_decapsulate);
CRYPTO_HANDLER(crypto_asymmetric_encrypt);
CRYPTO_HANDLER(crypto_asymmetric_decrypt);

CRYPTO_HANDLER(crypto_verify_pkcs7);
CRYPTO_HANDLER(crypto_uefi_fingerprint);

CRYPTO_HANDLER(crypto_hash_setup);
CRYPTO_HANDLER(crypto_hash_update);
CRYPTO_HANDLER(crypto_hash_finish);
CRYPTO_HANDLER(crypto_hash_abort);
CRYPTO_HANDLER(crypto_hash_verify);
CRYPTO_HANDLER(crypto_hash_clone);

CRYPTO_HANDLER(crypto_cipher_encrypt_setup);
CRYPTO_HANDLER(crypto_cipher_decrypt_setup);
CRYPTO_HANDLER(crypto_cipher_generate_iv);
CRYPTO_HANDLER(crypto_cipher_set_iv);
CRYPTO_HANDLER(crypto_cipher_update);
CRYPTO_HANDLER(crypto_cipher_finish);
CRYPTO_HANDLER(crypto_cipher_abort);

CRYPTO_HANDLER(crypto_derivation_setup);
CRYPTO_HANDLER(crypto_derivation_get_capacity);
CRYPTO_HANDLER(crypto_derivation_set_capacity);
CRYPTO_HANDLER(crypto_derivation_input_bytes);
CRYPTO_HANDLER(crypto_derivation_input_key);
CRYPTO_HANDLER(crypto_derivation_output_bytes);
CRYPTO_HANDLER(crypto_derivation_output_key);
CRYPTO_HANDLER(crypto_derivation_abort);
CRYPTO_HANDLER(crypto_derivation_key_agreement);
CRYPTO_HANDLER(crypto_raw_key_agreement);

CRYPTO_HANDLER(crypto_mac_sign_setup);
CRYPTO_HANDLER(crypto_mac_verify_setup);
CRYPTO_HANDLER(crypto_mac_update);
CRYPTO_HANDLER(crypto_mac_sign_finish);
CRYPTO_HANDLER(crypto_mac_verify_finish);
CRYPTO_HANDLER(crypto_mac_abort);

CRYPTO_HANDLER(crypto_aead_encrypt_setup);
CRYPTO_HANDLER(crypto_aead_decrypt_setup);
CRYPTO_HANDLER(crypto_aead_generate_nonce);
CRYPTO_HANDLER(crypto_aead_set_nonce);
CRYPTO_HANDLER(crypto_aead_set_lengths);
CRYPTO_HANDLER(crypto_aead_update_ad);
CRYPTO_HANDLER(crypto_aead_update);
CRYPTO_HANDLER(crypto_aead_finish);
CRYPTO_HANDLER(crypto_aead_verify);
CRYPTO_HANDLER(crypto_aead_abort);

CRYPTO_HANDLER(crypto_message_sign_setup);
CRYPTO_HANDLER(crypto_message_verify_setup);
CRYPTO_HANDLER(crypto_message_update);
CRYPTO_HANDLER(crypto_message_sign_finish);
CRYPTO_HANDLER(crypto_message_verify_finish);
CRYPTO_HANDLER(crypto_message_abort);
CRYPTO_HANDLER(crypto_message_sign);
CRYPTO_HANDLER(crypto_message_verify);

CRYPTO_HANDLER(crypto_sign_hash_start);
CRYPTO_HANDLER(crypto_sign_hash_complete);
CRYPTO_HANDLER(crypto_verify_hash_start);
CRYPTO_HANDLER(crypto_verify_hash_complete);
CRYPTO_HANDLER(crypto_interruptible_num_ops);
CRYPTO_HANDLER(crypto_interruptible_abort);

CRYPTO_HANDLER(crypto_pake_setup);
CRYPTO_HANDLER(crypto_pake_set_password_key);
CRYPTO_HANDLER(crypto_pake_set_user);
CRYPTO_HANDLER(crypto_pake_set_peer);
CRYPTO_HANDLER(crypto_pake_set_role);
CRYPTO_HANDLER(crypto_pake_output);
CRYPTO_HANDLER(crypto_pake_input);
CRYPTO_HANDLER(crypto_pake_get_implicit_key);
CRYPTO_HANDLER(crypto_pake_abort);

CRYPTO_HANDLER(crypto_derivation_input_integer);
CRYPTO_HANDLER(crypto_derivation_verify_bytes);
CRYPTO_HANDLER(crypto_derivation_verify_key);
CRYPTO_HANDLER(crypto_derivation_output_key_custom);
CRYPTO_HANDLER(crypto_generate_key_custom);
CRYPTO_HANDLER(crypto_generate_pair);

CRYPTO_HANDLER(crypto_key_set_name);
CRYPTO_HANDLER(crypto_key_get_name);
CRYPTO_HANDLER(crypto_key_list);
CRYPTO_HANDLER(crypto_key_set_note);
CRYPTO_HANDLER(crypto_key_describe);
CRYPTO_HANDLER(crypto_key_changes);

CRYPTO_HANDLER(crypto_key_agreement);
CRYPTO_HANDLER(crypto_key_wrap);
CRYPTO_HANDLER(crypto_key_unwrap);

CRYPTO_HANDLER(crypto_hash_compute);
CRYPTO_HANDLER(crypto_hash_compare);
CRYPTO_HANDLER(crypto_mac_compute);
CRYPTO_HANDLER(crypto_mac_verify);
CRYPTO_HANDLER(crypto_cipher_encrypt);
CRYPTO_HANDLER(crypto_cipher_decrypt);
CRYPTO_HANDLER(crypto_aead_encrypt);
CRYPTO_HANDLER(crypto_aead_decrypt);

#endif /* SECURE_SERVICE_CRYPTO_INTERNAL_H */
