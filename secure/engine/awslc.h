/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What AWS-LC has, or wants, without saying so in its public headers (its internal ones can't be included
 * without its source). Whether this is still so must be looked at when a new version is taken.
 */
#ifndef SECURE_ENGINE_AWSLC_H
#define SECURE_ENGINE_AWSLC_H

#include <openssl/base.h>
#include <stdint.h>

/* It has them. ECDH's x coordinate: *@len is the room, then the length. */
int ECDH_compute_shared_secret(uint8_t *buf, size_t *len, const EC_POINT *peer, const EC_KEY *key);
/* OAEP with a label, without EVP. */
int RSA_padding_check_PKCS1_OAEP_mgf1(uint8_t *out, size_t *out_len, size_t max_out,
				      const uint8_t *from, size_t from_len, const uint8_t *param,
				      size_t param_len, const EVP_MD *md, const EVP_MD *mgf1md);

/* Is it the encoding of a point of Ed25519? */
int ED25519_check_public_key(const uint8_t public_key[32]);

/* It wants them: platform.c. */
struct rsassa_pss_params_st;
void RSASSA_PSS_PARAMS_free(struct rsassa_pss_params_st *params);
uint64_t CRYPTO_get_fork_ube_generation(void);
void OPENSSL_cpuid_setup(void);
/* What the processor has, ARMV8_* of <openssl/arm_arch.h>. */
extern uint32_t OPENSSL_armcap_P;

#endif /* SECURE_ENGINE_AWSLC_H */
