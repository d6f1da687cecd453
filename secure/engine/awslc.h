/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What AWS-LC has, or wants, without saying so in its public headers (its internal ones can't be included
 * without its source). Whether this is still so must be looked at when a new version is taken.
 */
#ifndef SECURE_ENGINE_AWSLC_H
#define SECURE_ENGINE_AWSLC_H

#include <openssl/aes.h>
#include <openssl/base.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <stdint.h>

/* It has them. ECDH's x coordinate: *@len is the room, then the length. */
int ECDH_compute_shared_secret(uint8_t *buf, size_t *len, const EC_POINT *peer, const EC_KEY *key);
/* OAEP with a label, without EVP. */
int RSA_padding_check_PKCS1_OAEP_mgf1(uint8_t *out, size_t *out_len, size_t max_out,
				      const uint8_t *from, size_t from_len, const uint8_t *param,
				      size_t param_len, const EVP_MD *md, const EVP_MD *mgf1md);

/*
 * Numbers and points of the length of the longest curve's, crypto/fipsmodule/ec/internal.h: nothing is allocated for
 * them. Nobody looks into them; that they have the size of the library's is tried by known answers. Each
 * returns 0 for what is none: a number of another length than the order's, or not below it; infinity.
 */
typedef struct {
	BN_ULONG words[(66 + sizeof(BN_ULONG) - 1) / sizeof(BN_ULONG)];
} EC_SCALAR, EC_FELEM;

typedef struct {
	EC_FELEM x, y, z;
} EC_JACOBIAN;

typedef struct {
	EC_FELEM x, y;
} EC_AFFINE;

int ec_scalar_from_bytes(const EC_GROUP *group, EC_SCALAR *out, const uint8_t *in, size_t len);
int ec_point_mul_scalar_base(const EC_GROUP *group, EC_JACOBIAN *r, const EC_SCALAR *scalar);
int ec_jacobian_to_affine(const EC_GROUP *group, EC_AFFINE *out, const EC_JACOBIAN *p);
size_t ec_point_to_bytes(const EC_GROUP *group, const EC_AFFINE *point,
			 point_conversion_form_t form, uint8_t *buf, size_t len);

/* Is it the encoding of a point of Ed25519? */
int ED25519_check_public_key(const uint8_t public_key[32]);

/*
 * AES-GCM in parts, crypto/fipsmodule/modes/internal.h; without EVP, which would allocate as much as the nonce is
 * long. A context is aligned to 16 bytes and begins as zeros; nobody looks into it. That it has the size of the library's
 * is tried by its known answers.
 */
typedef void (*block128_f)(const uint8_t in[16], uint8_t out[16], const AES_KEY *key);
typedef void (*ctr128_f)(const uint8_t *in, uint8_t *out, size_t blocks, const AES_KEY *key,
			 const uint8_t iv[16]);

typedef struct gcm128_key_st {
	uint64_t table[32];
	void (*functions[3])(void);
	unsigned int flags;
} GCM128_KEY;

typedef struct {
	uint8_t before_key[80];
	_Alignas(16) GCM128_KEY key;
	unsigned int after_key[2];
} GCM128_CONTEXT;

/* How the functions below are to make the key stream; NULL: as they do without. */
ctr128_f aes_ctr_set_key(AES_KEY *aes, GCM128_KEY *gcm, block128_f *block, const uint8_t *key,
			 size_t key_len);
void CRYPTO_gcm128_setiv(GCM128_CONTEXT *ctx, const AES_KEY *key, const uint8_t *iv, size_t len);
int CRYPTO_gcm128_aad(GCM128_CONTEXT *ctx, const uint8_t *aad, size_t len);
int CRYPTO_gcm128_encrypt(GCM128_CONTEXT *ctx, const AES_KEY *key, const uint8_t *in, uint8_t *out,
			  size_t len);
int CRYPTO_gcm128_decrypt(GCM128_CONTEXT *ctx, const AES_KEY *key, const uint8_t *in, uint8_t *out,
			  size_t len);
int CRYPTO_gcm128_encrypt_ctr32(GCM128_CONTEXT *ctx, const AES_KEY *key, const uint8_t *in,
				uint8_t *out, size_t len, ctr128_f stream);
int CRYPTO_gcm128_decrypt_ctr32(GCM128_CONTEXT *ctx, const AES_KEY *key, const uint8_t *in,
				uint8_t *out, size_t len, ctr128_f stream);
void CRYPTO_gcm128_tag(GCM128_CONTEXT *ctx, uint8_t *tag, size_t len);

/* It wants them: platform.c. */
struct rsassa_pss_params_st;
void RSASSA_PSS_PARAMS_free(struct rsassa_pss_params_st *params);
uint64_t CRYPTO_get_fork_ube_generation(void);
void OPENSSL_cpuid_setup(void);
/* What the processor has, ARMV8_* of <openssl/arm_arch.h>. */
extern uint32_t OPENSSL_armcap_P;

#endif /* SECURE_ENGINE_AWSLC_H */
