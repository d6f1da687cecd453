/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Policies for several algorithms: PSA Crypto gives a key one, other APIs (PKCS#11) give it as
 * many as its type has. In the place of its algorithm such a key has a set of families of
 * algorithms, a number of the range that the PSA Crypto API leaves to vendors; usage flags count
 * as for any other key. To be included behind <psa/crypto.h>.
 */
#ifndef TSTEE_KEY_POLICY_H
#define TSTEE_KEY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define TSTEE_KEY_SET 0x80000000u
/* With any hash, salt and length of tag; as a bit of the set. */
#define TSTEE_KEY_ECDSA		    0x00000001u /* randomised and deterministic */
#define TSTEE_KEY_ECDH		    0x00000002u
#define TSTEE_KEY_RSA_PKCS1_SIGN    0x00000004u
#define TSTEE_KEY_RSA_PSS	    0x00000008u
#define TSTEE_KEY_RSA_PKCS1_CRYPT   0x00000010u
#define TSTEE_KEY_RSA_OAEP	    0x00000020u
#define TSTEE_KEY_HMAC		    0x00000040u
#define TSTEE_KEY_CMAC		    0x00000080u
#define TSTEE_KEY_ECB		    0x00000100u
#define TSTEE_KEY_CBC		    0x00000200u
#define TSTEE_KEY_CTR		    0x00000400u
#define TSTEE_KEY_OFB		    0x00000800u
#define TSTEE_KEY_CFB		    0x00001000u
#define TSTEE_KEY_GCM		    0x00002000u
#define TSTEE_KEY_CCM		    0x00004000u
#define TSTEE_KEY_CHACHA20_POLY1305 0x00008000u
#define TSTEE_KEY_HKDF		    0x00010000u
/* Not algorithms: the key may be given away encrypted; it may encrypt keys; it may decrypt them. */
#define TSTEE_KEY_WRAPPABLE 0x00100000u
#define TSTEE_KEY_WRAP	    0x00200000u
#define TSTEE_KEY_UNWRAP    0x00400000u

#define TSTEE_KEY_FAMILIES  0x0001ffffu
#define TSTEE_KEY_ALL	    0x0071ffffu

static inline bool tstee_key_is_set(psa_algorithm_t policy)
{
	return policy & TSTEE_KEY_SET && !(policy & ~(TSTEE_KEY_SET | TSTEE_KEY_ALL));
}

/* The family of a definite algorithm, or 0. */
static inline uint32_t tstee_key_family(psa_algorithm_t alg)
{
	if (PSA_ALG_IS_WILDCARD(alg))
		return 0;
	if (PSA_ALG_IS_ECDSA(alg))
		return TSTEE_KEY_ECDSA;
	if (PSA_ALG_IS_ECDH(alg))
		return TSTEE_KEY_ECDH;
	if (PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg))
		return TSTEE_KEY_RSA_PKCS1_SIGN;
	if (PSA_ALG_IS_RSA_PSS(alg))
		return TSTEE_KEY_RSA_PSS;
	if (PSA_ALG_IS_RSA_OAEP(alg))
		return TSTEE_KEY_RSA_OAEP;
	if (PSA_ALG_IS_HKDF(alg) || PSA_ALG_IS_HKDF_EXTRACT(alg) || PSA_ALG_IS_HKDF_EXPAND(alg))
		return TSTEE_KEY_HKDF;
	if (PSA_ALG_IS_HMAC(alg))
		return TSTEE_KEY_HMAC;
	if (PSA_ALG_IS_MAC(alg))
		return PSA_ALG_FULL_LENGTH_MAC(alg) == PSA_ALG_CMAC ? TSTEE_KEY_CMAC : 0;
	if (PSA_ALG_IS_AEAD(alg)) {
		switch (PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg)) {
		case PSA_ALG_GCM:
			return TSTEE_KEY_GCM;
		case PSA_ALG_CCM:
			return TSTEE_KEY_CCM;
		case PSA_ALG_CHACHA20_POLY1305:
			return TSTEE_KEY_CHACHA20_POLY1305;
		default:
			return 0;
		}
	}
	switch (alg) {
	case PSA_ALG_RSA_PKCS1V15_CRYPT:
		return TSTEE_KEY_RSA_PKCS1_CRYPT;
	case PSA_ALG_ECB_NO_PADDING:
		return TSTEE_KEY_ECB;
	case PSA_ALG_CBC_NO_PADDING:
	case PSA_ALG_CBC_PKCS7:
		return TSTEE_KEY_CBC;
	case PSA_ALG_CTR:
		return TSTEE_KEY_CTR;
	case PSA_ALG_OFB:
		return TSTEE_KEY_OFB;
	case PSA_ALG_CFB:
		return TSTEE_KEY_CFB;
	default:
		return 0;
	}
}

/* May a key with the policy @set be used with @alg? */
static inline bool tstee_key_set_permits(psa_algorithm_t set, psa_algorithm_t alg)
{
	return tstee_key_is_set(set) && set & tstee_key_family(alg);
}

#endif /* TSTEE_KEY_POLICY_H */
