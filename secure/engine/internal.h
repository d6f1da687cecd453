/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the engine share. Nobody else includes this, but for tests. */
#ifndef SECURE_ENGINE_INTERNAL_H
#define SECURE_ENGINE_INTERNAL_H

#include <secure/engine/driver.h>
#include <secure/engine/engine.h>
#include <secure/engine/keys.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* engine.c: what is taken. */

/*
 * The family of which a key of @type (either half of a pair) and @bits is used for @alg; without
 * a key PSA_KEY_TYPE_NONE. ENGINE_NONE: the engine doesn't take it.
 */
enum engine_family engine_family_of(psa_key_type_t type, size_t bits, psa_algorithm_t alg);

/* Of a key with @attributes. */
enum engine_family engine_family_for(const psa_key_attributes_t *attributes, psa_algorithm_t alg);

/* engine_try() of @family. PSA_ERROR_NOT_SUPPORTED for ENGINE_NONE. */
psa_status_t engine_ready(enum engine_family family);

/* ready.c */

struct engine_test {
	bool (*run)(enum engine_family family); /* its known answers; false: one is wrong */
	const char *name;
	enum { ENGINE_UNTESTED, ENGINE_GOOD, ENGINE_BAD } state;
	bool broken; /* for tests: it is to fail */
};

/*
 * To be asked before anything of @family is done. The first time its known answers are tried; a family that
 * gets one wrong is logged and refused from then on, PSA_ERROR_HARDWARE_FAILURE.
 */
psa_status_t engine_try(struct engine_test *test, enum engine_family family);

/* The status of a call of AWS-LC that has failed: @status, unless that was for want of memory. */
psa_status_t engine_failed(psa_status_t status);

/* platform.c: what AWS-LC asks for. */

/* @len random bytes of the host's. PSA_ERROR_INSUFFICIENT_ENTROPY. */
psa_status_t engine_random(uint8_t *out, size_t len);
/*
 * Random bytes for what follows, up to engine_random_end(): AWS-LC can't be told that there are
 * none, so a seed is drawn before. PSA_ERROR_INSUFFICIENT_ENTROPY.
 */
psa_status_t engine_random_begin(void);
/* The same without a seed, for known answers: those don't depend on it. */
void engine_random_test(void);
void engine_random_end(void);

/* @host is copied. Before anything else. */
void engine_platform_init(const struct engine_host *host);

/* Forgets the last error, and whether there has been one for want of memory since. */
void engine_error_clear(void);
bool engine_error_memory(void);

/*
 * Memory for intermediate values of ML-DSA and ML-KEM, aligned for all kinds of registers; NULL, and an error for
 * want of memory: there is none. What is given back is wiped.
 */
void *engine_scratch_take(size_t len);
void engine_scratch_give(void *scratch, size_t len);

/* Each family's known answers; false: it is wrong. */
bool engine_ecc_test(enum engine_family family);
bool engine_x25519_test(enum engine_family family);
bool engine_ed25519_test(enum engine_family family);
bool engine_mldsa_test(enum engine_family family);
bool engine_mlkem_test(enum engine_family family);
bool engine_rsa_test(enum engine_family family);
bool engine_hash_test(enum engine_family family);
bool engine_aead_test(enum engine_family family);
bool engine_cipher_test(enum engine_family family);
bool engine_cmac_test(enum engine_family family);
bool engine_parts_test(enum engine_family family);

/* chacha.c, see also storage.h; and generator.c, see generator.h */
extern struct engine_test engine_chacha_test, engine_generator_test;

/*
 * aead.c and chacha.c: what becomes of the bytes 0 to 79 with their first 32, 12, and 20 bytes as key,
 * nonce and additional data; with the tag.
 */
#define ENGINE_AEAD_ANSWER_LEN 96u
extern const uint8_t engine_gcm_answer[ENGINE_AEAD_ANSWER_LEN];
extern const uint8_t engine_chacha_answer[ENGINE_AEAD_ANSWER_LEN];

/* ecc.c: keys on NIST's curves. */

psa_status_t engine_ecc_sign(enum engine_family family, const uint8_t *key, size_t key_len,
			     psa_algorithm_t alg, const uint8_t *hash, size_t hash_len,
			     uint8_t *signature, size_t signature_size, size_t *signature_len);
/* @pair: @key is the private key, else the public one. */
psa_status_t engine_ecc_verify(enum engine_family family, bool pair, const uint8_t *key,
			       size_t key_len, const uint8_t *hash, size_t hash_len,
			       const uint8_t *signature, size_t signature_len);
psa_status_t engine_ecc_generate(enum engine_family family, uint8_t *key, size_t key_size,
				 size_t *key_len);
psa_status_t engine_ecc_public(enum engine_family family, const uint8_t *key, size_t key_len,
			       uint8_t *data, size_t data_size, size_t *data_len);
psa_status_t engine_ecc_agree(enum engine_family family, const uint8_t *key, size_t key_len,
			      const uint8_t *peer, size_t peer_len, uint8_t *secret,
			      size_t secret_size, size_t *secret_len);

/* x25519.c: likewise. */

psa_status_t engine_x25519_public(const uint8_t *key, size_t key_len, uint8_t *data,
				  size_t data_size, size_t *data_len);
psa_status_t engine_x25519_agree(const uint8_t *key, size_t key_len, const uint8_t *peer,
				 size_t peer_len, uint8_t *secret, size_t secret_size,
				 size_t *secret_len);

/*
 * ed25519.c, mldsa.c and mlkem.c: likewise. Keys have been checked by _check() when they were imported;
 * @pair: @key is the seed, else the public one.
 */

psa_status_t engine_ed25519_check(bool pair, const uint8_t *key, size_t key_len);
psa_status_t engine_ed25519_public(const uint8_t *key, uint8_t *data, size_t data_size,
				   size_t *data_len);
psa_status_t engine_ed25519_sign(const uint8_t *key, psa_algorithm_t alg, const uint8_t *input,
				 size_t input_len, uint8_t *signature, size_t signature_size,
				 size_t *signature_len);
psa_status_t engine_ed25519_verify(bool pair, const uint8_t *key, psa_algorithm_t alg,
				   const uint8_t *input, size_t input_len, const uint8_t *signature,
				   size_t signature_len);

psa_status_t engine_mldsa_check(enum engine_family family, bool pair, size_t key_len);
psa_status_t engine_mldsa_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				 size_t data_size, size_t *data_len);
psa_status_t engine_mldsa_sign(enum engine_family family, const uint8_t *key, psa_algorithm_t alg,
			       const uint8_t *input, size_t input_len, uint8_t *signature,
			       size_t signature_size, size_t *signature_len);
psa_status_t engine_mldsa_verify(enum engine_family family, bool pair, const uint8_t *key,
				 psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				 const uint8_t *signature, size_t signature_len);

psa_status_t engine_mlkem_check(enum engine_family family, bool pair, const uint8_t *key,
				size_t key_len);
psa_status_t engine_mlkem_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				 size_t data_size, size_t *data_len);
psa_status_t engine_mlkem_encapsulate(enum engine_family family, bool pair, const uint8_t *key,
				      uint8_t secret[ENGINE_SECRET_LEN], uint8_t *ciphertext,
				      size_t ciphertext_size, size_t *ciphertext_len);
psa_status_t engine_mlkem_decapsulate(enum engine_family family, const uint8_t *key,
				      const uint8_t *ciphertext, size_t ciphertext_len,
				      uint8_t secret[ENGINE_SECRET_LEN]);

/* keys.c: any of the three. */

bool engine_is_extension(enum engine_family family);
psa_status_t engine_extension_sign(enum engine_family family, const uint8_t *key,
				   psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				   uint8_t *signature, size_t signature_size,
				   size_t *signature_len);
psa_status_t engine_extension_verify(enum engine_family family, bool pair, const uint8_t *key,
				     psa_algorithm_t alg, const uint8_t *input, size_t input_len,
				     const uint8_t *signature, size_t signature_len);
psa_status_t engine_extension_public(enum engine_family family, const uint8_t *key, uint8_t *data,
				     size_t data_size, size_t *data_len);
/* The public key of a public key, which the core has no code for, either. */
psa_status_t engine_extension_copy(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, uint8_t *data, size_t data_size,
				   size_t *data_len);

/* mac.c: of the hash's known answers. */
bool engine_hmac_test(psa_algorithm_t hash_alg, const uint8_t *answer);

/* hash.c */

/* engine_hash_setup() of a hash that is taken, whether it has passed its test or not. */
void engine_hash_start(struct engine_hash *operation, psa_algorithm_t alg);
/* AWS-LC's EVP_MD of a hash for signatures and encryption; NULL: it isn't taken for these. */
const struct env_md_st *engine_md(psa_algorithm_t hash_alg);
/* For known answers that are long: is @expected the SHA-256 of @data? */
bool engine_has_sha256(const uint8_t *data, size_t len, const uint8_t expected[32]);

/* rsa.c: keys in PKCS#1's form. */

psa_status_t engine_rsa_sign(const uint8_t *key, size_t key_len, psa_algorithm_t alg,
			     const uint8_t *hash, size_t hash_len, uint8_t *signature,
			     size_t signature_size, size_t *signature_len);
psa_status_t engine_rsa_verify(bool pair, const uint8_t *key, size_t key_len, psa_algorithm_t alg,
			       const uint8_t *hash, size_t hash_len, const uint8_t *signature,
			       size_t signature_len);

/* publics.c: public keys that were computed, so that they aren't again. */

/* The longest, in PSA's form: 0x04, x, y. */
#define ENGINE_PUBLIC_LEN_MAX 133u

struct engine_public_name {
	uint8_t hash[32];
};

/*
 * The public key of the private @key, if it is known: @len bytes to @data. *@name is that by which it
 * is found, in either case.
 */
bool engine_public_find(enum engine_family family, const uint8_t *key, size_t key_len,
			struct engine_public_name *name, uint8_t *data, size_t len);
void engine_public_keep(const struct engine_public_name *name, const uint8_t *data, size_t len);

#endif /* SECURE_ENGINE_INTERNAL_H */
