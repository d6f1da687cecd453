// SPDX-License-Identifier: BSD-3-Clause
/* Signatures. No state. See signature.h. */
#include "signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <psa/crypto.h>
#include <string.h>

#include "der.h"

bool ecdsa_to_der(const uint8_t *raw, size_t raw_len, uint8_t der[ECDSA_DER_MAX], size_t *der_len)
{
	const int half = (int)(raw_len / 2);
	ECDSA_SIG *signature;
	BIGNUM *r, *s;
	uint8_t *p = der;
	int len = 0;

	if (!raw_len || raw_len % 2 || raw_len > ECDSA_RAW_MAX)
		return false;
	signature = ECDSA_SIG_new();
	r = BN_bin2bn(raw, half, NULL);
	s = BN_bin2bn(raw + half, half, NULL);
	if (signature && r && s && ECDSA_SIG_set0(signature, r, s))
		len = i2d_ECDSA_SIG(signature, NULL);
	else
		BN_free(r), BN_free(s);
	if (len > 0 && len <= ECDSA_DER_MAX)
		len = i2d_ECDSA_SIG(signature, &p);
	else
		len = 0;
	ECDSA_SIG_free(signature);
	*der_len = (size_t)len;
	return len > 0;
}

bool ecdsa_from_der(const uint8_t *der, size_t der_len, size_t bits, uint8_t raw[ECDSA_RAW_MAX],
		    size_t *raw_len)
{
	const int half = (int)PSA_BITS_TO_BYTES(bits);
	const uint8_t *p = der;
	ECDSA_SIG *signature;
	bool done;

	if (!half || 2 * half > ECDSA_RAW_MAX || der_len > INT16_MAX)
		return false;
	signature = d2i_ECDSA_SIG(NULL, &p, (long)der_len);
	done = signature && p == der + der_len &&
	       BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, half) == half &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + half, half) == half;
	ECDSA_SIG_free(signature);
	ERR_clear_error();
	*raw_len = done ? 2 * (size_t)half : 0;
	return done;
}

bool rsa_signature_in_range(const uint8_t *data, size_t len, const uint8_t *signature,
			    size_t signature_len)
{
	struct der_rsa_public *key = der_decode(data, len, ASN1_ITEM_rptr(der_rsa_public));
	BIGNUM *number = BN_bin2bn(signature, (int)signature_len, NULL);
	const bool in_range = !key || !number ||
			      (signature_len == (size_t)BN_num_bytes(key->modulus) &&
			       BN_cmp(number, key->modulus) < 0);

	BN_free(number);
	der_free(key, ASN1_ITEM_rptr(der_rsa_public));
	return in_range;
}

bool digest_local(const char *name, const void *data, size_t data_len, uint8_t *digest, size_t size,
		  size_t *len)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	unsigned int done_len = 0;
	const bool done = md && (size_t)EVP_MD_get_size(md) <= size &&
			  EVP_Digest(data, data_len, digest, &done_len, md, NULL);

	EVP_MD_free(md);
	ERR_clear_error();
	*len = done_len;
	return done;
}

bool sha256_pieces(const uint8_t *const *pieces, const size_t *lens, size_t count,
		   uint8_t hash[ES256_HASH_LEN])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

	for (size_t i = 0; i < count && done; i++)
		done = EVP_DigestUpdate(context, pieces[i], lens[i]);
	done = done && EVP_DigestFinal_ex(context, hash, NULL);
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return done;
}

/* A public key on P-256; NULL if the point is none. */
static EVP_PKEY *p256_key(const uint8_t point[ES256_POINT_LEN])
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point,
						  ES256_POINT_LEN),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (!context || EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

bool es256_verify(const uint8_t point[ES256_POINT_LEN], const uint8_t hash[ES256_HASH_LEN],
		  const uint8_t signature[ES256_SIGNATURE_LEN])
{
	EVP_PKEY_CTX *context = NULL;
	uint8_t der[ECDSA_DER_MAX];
	EVP_PKEY *key = NULL;
	bool valid = false;
	size_t len;

	if (point[0] == 0x04 && ecdsa_to_der(signature, ES256_SIGNATURE_LEN, der, &len))
		key = p256_key(point);
	if (key)
		context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (context && EVP_PKEY_verify_init(context) > 0)
		valid = EVP_PKEY_verify(context, der, len, hash, ES256_HASH_LEN) == 1;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return valid;
}
