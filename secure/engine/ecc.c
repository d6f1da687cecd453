// SPDX-License-Identifier: BSD-3-Clause
/*
 * ECDSA, ECDH and public keys on P-256, P-384 and P-521. What is unusual in form is left to the PSA core's
 * own code, which has the status for it.
 */
#include <openssl/bn.h>
#include <openssl/digest.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/mem.h>
#include <secure/engine/awslc.h>
#include <secure/engine/internal.h>
#include <string.h>

/* Of the longest curve, bytes. */
#define SCALAR_LEN_MAX 66u

#define UNCOMPRESSED   0x04

/* Random numbers that are tried for a key: of all of its length more than half are below the order. */
#define DRAWS_MAX 64u

static const EC_GROUP *group_of(enum engine_family family)
{
	switch (family) {
	case ENGINE_P256:
		return EC_group_p256();
	case ENGINE_P384:
		return EC_group_p384();
	default:
		return EC_group_p521();
	}
}

static size_t len_of(enum engine_family family)
{
	switch (family) {
	case ENGINE_P256:
		return 32;
	case ENGINE_P384:
		return 48;
	default:
		return SCALAR_LEN_MAX;
	}
}

/* A key with its private half; NULL: no memory, or it is none. AWS-LC wipes what it frees. */
static EC_KEY *private_key(enum engine_family family, const uint8_t *bytes, size_t len)
{
	EC_KEY *key = EC_KEY_new();
	BIGNUM *number = BN_bin2bn(bytes, len, NULL);

	if (key && number && EC_KEY_set_group(key, group_of(family)) &&
	    EC_KEY_set_private_key(key, number)) {
		BN_clear_free(number);
		return key;
	}
	BN_clear_free(number);
	EC_KEY_free(key);
	return NULL;
}

/* The point in PSA's form; NULL: no memory, or not on the curve. */
static EC_POINT *point_of(enum engine_family family, const uint8_t *bytes, size_t len)
{
	const EC_GROUP *group = group_of(family);
	EC_POINT *point = NULL;

	if (len != 1 + 2 * len_of(family) || bytes[0] != UNCOMPRESSED)
		return NULL;
	point = EC_POINT_new(group);
	if (point && EC_POINT_oct2point(group, point, bytes, len, NULL))
		return point;
	EC_POINT_free(point);
	return NULL;
}

/* Two numbers of fixed length, one behind the other. */
static psa_status_t put_signature(const ECDSA_SIG *sig, uint8_t *signature, size_t len)
{
	if (!BN_bn2bin_padded(signature, len, ECDSA_SIG_get0_r(sig)) ||
	    !BN_bn2bin_padded(signature + len, len, ECDSA_SIG_get0_s(sig)))
		return PSA_ERROR_GENERIC_ERROR;
	return PSA_SUCCESS;
}

static ECDSA_SIG *get_signature(const uint8_t *signature, size_t len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, len, NULL);
	BIGNUM *s = BN_bin2bn(signature + len, len, NULL);

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s))
		return sig;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return NULL;
}

/* The leftmost bits of the hash modulo the order, @len bytes (RFC 6979, 2.3.4). Nothing of it is secret. */
static bool hash_as_octets(enum engine_family family, const uint8_t *hash, size_t hash_len,
			   uint8_t *out, size_t len)
{
	const BIGNUM *order = EC_GROUP_get0_order(group_of(family));
	const unsigned int bits = BN_num_bits(order);
	BIGNUM *number = BN_bin2bn(hash, hash_len, NULL);
	bool done = number != NULL;

	if (done && hash_len * 8 > bits)
		done = BN_rshift(number, number, (int)(hash_len * 8 - bits));
	if (done && BN_cmp(number, order) >= 0)
		done = BN_sub(number, number, order);
	done = done && BN_bn2bin_padded(out, len, number);
	BN_free(number);
	return done;
}

/* Is 0 < @scalar < order? Which byte decides isn't seen. */
static bool is_scalar(const uint8_t *scalar, const uint8_t *order, size_t len)
{
	uint32_t any = 0, borrow = 0;

	for (size_t i = len; i-- > 0;) {
		any |= scalar[i];
		borrow = (scalar[i] - order[i] - borrow) >> 31;
	}
	return any && borrow;
}

/* HMAC's state: K and V, and what V is hashed with. */
struct derivation {
	const EVP_MD *md;
	size_t md_len;
	uint8_t k[EVP_MAX_MD_SIZE];
	uint8_t data[EVP_MAX_MD_SIZE + 1 + 2 * SCALAR_LEN_MAX]; /* V, a byte, key and hash */
};

/* K = HMAC_K(V, @byte and @len bytes behind it), V = HMAC_K(V) */
static bool step(struct derivation *d, uint8_t byte, size_t len)
{
	unsigned int out_len;

	d->data[d->md_len] = byte;
	return HMAC(d->md, d->k, d->md_len, d->data, d->md_len + 1 + len, d->k, &out_len) &&
	       HMAC(d->md, d->k, d->md_len, d->data, d->md_len, d->data, &out_len);
}

/* The nonce of RFC 6979, 3.2. False: no memory. */
static bool derive_nonce(enum engine_family family, const EVP_MD *md, const uint8_t *key,
			 const uint8_t *hash, size_t hash_len, uint8_t *nonce)
{
	const BIGNUM *order = EC_GROUP_get0_order(group_of(family));
	const size_t len = len_of(family);
	const unsigned int spare = (unsigned int)len * 8 - BN_num_bits(order);
	struct derivation d = { .md = md, .md_len = EVP_MD_size(md) };
	uint8_t limit[SCALAR_LEN_MAX];
	unsigned int out_len;
	bool done;

	memset(d.data, 1, d.md_len);
	memcpy(d.data + d.md_len + 1, key, len);
	done = BN_bn2bin_padded(limit, len, order) &&
	       hash_as_octets(family, hash, hash_len, d.data + d.md_len + 1 + len, len) &&
	       step(&d, 0, 2 * len) && step(&d, 1, 2 * len);
	while (done) {
		for (size_t have = 0; done && have < len; have += d.md_len) {
			const size_t part = len - have < d.md_len ? len - have : d.md_len;

			done = HMAC(md, d.k, d.md_len, d.data, d.md_len, d.data, &out_len);
			memcpy(nonce + have, d.data, part);
		}
		/* The leftmost bits, as many as the order has. */
		for (size_t i = len; spare && i-- > 0;)
			nonce[i] = (uint8_t)(nonce[i] >> spare |
					     (i ? nonce[i - 1] << (8 - spare) : 0));
		if (!done || is_scalar(nonce, limit, len))
			break;
		done = step(&d, 0, 0);
	}
	OPENSSL_cleanse(&d, sizeof(d));
	return done;
}

static ECDSA_SIG *sign_deterministic(enum engine_family family, const EC_KEY *ec,
				     const uint8_t *key, psa_algorithm_t alg, const uint8_t *hash,
				     size_t hash_len)
{
	uint8_t nonce[SCALAR_LEN_MAX];
	ECDSA_SIG *sig = NULL;

	if (derive_nonce(family, engine_md(PSA_ALG_SIGN_GET_HASH(alg)), key, hash, hash_len, nonce))
		sig = ECDSA_sign_with_nonce_and_leak_private_key_for_testing(hash, hash_len, ec,
									     nonce, len_of(family));
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return sig;
}

psa_status_t engine_ecc_sign(enum engine_family family, const uint8_t *key, size_t key_len,
			     psa_algorithm_t alg, const uint8_t *hash, size_t hash_len,
			     uint8_t *signature, size_t signature_size, size_t *signature_len)
{
	const bool deterministic = PSA_ALG_IS_DETERMINISTIC_ECDSA(alg);
	const size_t len = len_of(family);
	psa_status_t status;
	ECDSA_SIG *sig = NULL;
	EC_KEY *ec;

	if (deterministic && (!engine_md(PSA_ALG_SIGN_GET_HASH(alg)) || key_len != len))
		return PSA_ERROR_NOT_SUPPORTED;
	if (signature_size < 2 * len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	status = engine_random_begin();
	if (status != PSA_SUCCESS)
		return status;
	ec = private_key(family, key, key_len);
	if (ec)
		sig = deterministic ? sign_deterministic(family, ec, key, alg, hash, hash_len) :
				      ECDSA_do_sign(hash, hash_len, ec);
	status = sig ? put_signature(sig, signature, len) : engine_failed(PSA_ERROR_GENERIC_ERROR);
	if (status == PSA_SUCCESS)
		*signature_len = 2 * len;
	ECDSA_SIG_free(sig);
	EC_KEY_free(ec);
	engine_random_end();
	return status;
}

psa_status_t engine_ecc_generate(enum engine_family family, uint8_t *key, size_t key_size,
				 size_t *key_len)
{
	const BIGNUM *order = EC_GROUP_get0_order(group_of(family));
	const size_t len = len_of(family);
	const unsigned int spare = (unsigned int)len * 8 - BN_num_bits(order);
	uint8_t limit[SCALAR_LEN_MAX];
	psa_status_t status = PSA_SUCCESS;

	if (key_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (!BN_bn2bin_padded(limit, len, order))
		return PSA_ERROR_GENERIC_ERROR;
	for (unsigned int i = 0; i < DRAWS_MAX && status == PSA_SUCCESS; i++) {
		status = engine_random(key, len);
		key[0] = (uint8_t)(key[0] & 0xffu >> spare);
		if (status == PSA_SUCCESS && is_scalar(key, limit, len)) {
			*key_len = len;
			return PSA_SUCCESS;
		}
	}
	OPENSSL_cleanse(key, len);
	return status == PSA_SUCCESS ? PSA_ERROR_INSUFFICIENT_ENTROPY : status;
}

/* The public key of a private one, @len bytes; false: it is none. */
static bool compute_public(const EC_GROUP *group, const uint8_t *key, size_t key_len, uint8_t *data,
			   size_t len)
{
	EC_SCALAR scalar;
	EC_JACOBIAN product;
	EC_AFFINE point;
	const bool done =
		ec_scalar_from_bytes(group, &scalar, key, key_len) &&
		ec_point_mul_scalar_base(group, &product, &scalar) &&
		ec_jacobian_to_affine(group, &point, &product) &&
		ec_point_to_bytes(group, &point, POINT_CONVERSION_UNCOMPRESSED, data, len) == len;

	OPENSSL_cleanse(&scalar, sizeof(scalar));
	OPENSSL_cleanse(&product, sizeof(product));
	return done;
}

psa_status_t engine_ecc_public(enum engine_family family, const uint8_t *key, size_t key_len,
			       uint8_t *data, size_t data_size, size_t *data_len)
{
	const size_t len = 1 + 2 * len_of(family);
	struct engine_public_name name;

	if (data_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (!engine_public_find(family, key, key_len, &name, data, len)) {
		if (!compute_public(group_of(family), key, key_len, data, len))
			return engine_failed(PSA_ERROR_GENERIC_ERROR);
		engine_public_keep(&name, data, len);
	}
	*data_len = len;
	return PSA_SUCCESS;
}

psa_status_t engine_ecc_verify(enum engine_family family, bool pair, const uint8_t *key,
			       size_t key_len, const uint8_t *hash, size_t hash_len,
			       const uint8_t *signature, size_t signature_len)
{
	const size_t len = len_of(family);
	uint8_t public[ENGINE_PUBLIC_LEN_MAX];
	psa_status_t status;
	ECDSA_SIG *sig = NULL;
	EC_POINT *point = NULL;
	EC_KEY *ec = NULL;

	if (signature_len != 2 * len)
		return PSA_ERROR_INVALID_SIGNATURE;
	if (pair) {
		status = engine_ecc_public(family, key, key_len, public, sizeof(public), &key_len);
		if (status != PSA_SUCCESS)
			return status;
		key = public;
	}
	sig = get_signature(signature, len);
	point = point_of(family, key, key_len);
	ec = EC_KEY_new();
	if (!sig || !point || !ec || !EC_KEY_set_group(ec, group_of(family)) ||
	    !EC_KEY_set_public_key(ec, point))
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	else if (ECDSA_do_verify(hash, hash_len, sig, ec))
		status = PSA_SUCCESS;
	else
		status = engine_failed(PSA_ERROR_INVALID_SIGNATURE);
	EC_KEY_free(ec);
	EC_POINT_free(point);
	ECDSA_SIG_free(sig);
	return status;
}

psa_status_t engine_ecc_agree(enum engine_family family, const uint8_t *key, size_t key_len,
			      const uint8_t *peer, size_t peer_len, uint8_t *secret,
			      size_t secret_size, size_t *secret_len)
{
	const size_t len = len_of(family);
	size_t got = len;
	psa_status_t status;
	EC_POINT *point;
	EC_KEY *ec;

	if (secret_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	point = point_of(family, peer, peer_len);
	if (!point)
		return engine_failed(PSA_ERROR_INVALID_ARGUMENT);
	ec = private_key(family, key, key_len);
	if (ec && ECDH_compute_shared_secret(secret, &got, point, ec) && got == len) {
		*secret_len = len;
		status = PSA_SUCCESS;
	} else {
		OPENSSL_cleanse(secret, secret_size);
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	}
	EC_KEY_free(ec);
	EC_POINT_free(point);
	return status;
}

/*
 * Known answers: RFC 6979, appendix A.2.5 to A.2.7, "sample" with SHA-256; the secret is the key's with its
 * own public key.
 */
struct answers {
	uint8_t key[SCALAR_LEN_MAX];
	uint8_t public[ENGINE_PUBLIC_LEN_MAX];
	uint8_t signature[2 * SCALAR_LEN_MAX];
	uint8_t secret[SCALAR_LEN_MAX];
};

/* clang-format off */
static const uint8_t sample_hash[] = {
	0xaf, 0x2b, 0xdb, 0xe1, 0xaa, 0x9b, 0x6e, 0xc1, 0xe2, 0xad, 0xe1, 0xd6,
	0x94, 0xf4, 0x1f, 0xc7, 0x1a, 0x83, 0x1d, 0x02, 0x68, 0xe9, 0x89, 0x15,
	0x62, 0x11, 0x3d, 0x8a, 0x62, 0xad, 0xd1, 0xbf,
};

static const struct answers known[] = {
	[ENGINE_P256] = {
		.key = {
			0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57,
			0x67, 0xb1, 0xd6, 0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12,
			0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21,
		},
		.public = {
			0x04, 0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb,
			0x74, 0xc6, 0x35, 0x6d, 0x68, 0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa,
			0x6c, 0xe6, 0x69, 0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79, 0x03, 0xfe,
			0x10, 0x08, 0xb8, 0xbc, 0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc,
			0x64, 0xf2, 0xf1, 0xb2, 0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2,
			0x94, 0xd4, 0x46, 0x22, 0x99,
		},
		.signature = {
			0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c,
			0xd4, 0x5e, 0x81, 0xd6, 0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91,
			0xc3, 0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16, 0xf7, 0xcb, 0x1c, 0x94,
			0x2d, 0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65,
			0xf3, 0xe9, 0x00, 0xdb, 0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f,
			0x84, 0x3a, 0xcd, 0xa8,
		},
		.secret = {
			0x23, 0x88, 0xee, 0x99, 0x0c, 0x93, 0xc4, 0xbb, 0x75, 0x72, 0x03, 0x22,
			0x5b, 0x77, 0x86, 0xd6, 0x99, 0x50, 0xd2, 0xf0, 0xde, 0x43, 0xcd, 0xf2,
			0x3d, 0xc7, 0x1f, 0x5e, 0xfa, 0xa1, 0x69, 0xc8,
		},
	},
	[ENGINE_P384] = {
		.key = {
			0x6b, 0x9d, 0x3d, 0xad, 0x2e, 0x1b, 0x8c, 0x1c, 0x05, 0xb1, 0x98, 0x75,
			0xb6, 0x65, 0x9f, 0x4d, 0xe2, 0x3c, 0x3b, 0x66, 0x7b, 0xf2, 0x97, 0xba,
			0x9a, 0xa4, 0x77, 0x40, 0x78, 0x71, 0x37, 0xd8, 0x96, 0xd5, 0x72, 0x4e,
			0x4c, 0x70, 0xa8, 0x25, 0xf8, 0x72, 0xc9, 0xea, 0x60, 0xd2, 0xed, 0xf5,
		},
		.public = {
			0x04, 0xec, 0x3a, 0x4e, 0x41, 0x5b, 0x4e, 0x19, 0xa4, 0x56, 0x86, 0x18,
			0x02, 0x9f, 0x42, 0x7f, 0xa5, 0xda, 0x9a, 0x8b, 0xc4, 0xae, 0x92, 0xe0,
			0x2e, 0x06, 0xaa, 0xe5, 0x28, 0x6b, 0x30, 0x0c, 0x64, 0xde, 0xf8, 0xf0,
			0xea, 0x90, 0x55, 0x86, 0x60, 0x64, 0xa2, 0x54, 0x51, 0x54, 0x80, 0xbc,
			0x13, 0x80, 0x15, 0xd9, 0xb7, 0x2d, 0x7d, 0x57, 0x24, 0x4e, 0xa8, 0xef,
			0x9a, 0xc0, 0xc6, 0x21, 0x89, 0x67, 0x08, 0xa5, 0x93, 0x67, 0xf9, 0xdf,
			0xb9, 0xf5, 0x4c, 0xa8, 0x4b, 0x3f, 0x1c, 0x9d, 0xb1, 0x28, 0x8b, 0x23,
			0x1c, 0x3a, 0xe0, 0xd4, 0xfe, 0x73, 0x44, 0xfd, 0x25, 0x33, 0x26, 0x47,
			0x20,
		},
		.signature = {
			0x21, 0xb1, 0x3d, 0x1e, 0x01, 0x3c, 0x7f, 0xa1, 0x39, 0x2d, 0x03, 0xc5,
			0xf9, 0x9a, 0xf8, 0xb3, 0x0c, 0x57, 0x0c, 0x6f, 0x98, 0xd4, 0xea, 0x8e,
			0x35, 0x4b, 0x63, 0xa2, 0x1d, 0x3d, 0xaa, 0x33, 0xbd, 0xe1, 0xe8, 0x88,
			0xe6, 0x33, 0x55, 0xd9, 0x2f, 0xa2, 0xb3, 0xc3, 0x6d, 0x8f, 0xb2, 0xcd,
			0xf3, 0xaa, 0x44, 0x3f, 0xb1, 0x07, 0x74, 0x5b, 0xf4, 0xbd, 0x77, 0xcb,
			0x38, 0x91, 0x67, 0x46, 0x32, 0x06, 0x8a, 0x10, 0xca, 0x67, 0xe3, 0xd4,
			0x5d, 0xb2, 0x26, 0x6f, 0xa7, 0xd1, 0xfe, 0xeb, 0xef, 0xdc, 0x63, 0xec,
			0xcd, 0x1a, 0xc4, 0x2e, 0xc0, 0xcb, 0x86, 0x68, 0xa4, 0xfa, 0x0a, 0xb0,
		},
		.secret = {
			0x90, 0x5b, 0x8f, 0x97, 0xa0, 0x32, 0x35, 0xc5, 0xcb, 0x17, 0x52, 0xa7,
			0x98, 0x47, 0x27, 0xc2, 0xe9, 0x78, 0x28, 0x7e, 0xe1, 0xaf, 0xba, 0xaf,
			0xa8, 0x9e, 0x5c, 0xa1, 0xd4, 0xc6, 0x01, 0x70, 0x2c, 0x1c, 0x5f, 0x5e,
			0xd8, 0xf1, 0x2e, 0xc2, 0x43, 0xda, 0x82, 0x81, 0xf1, 0x29, 0x32, 0xa8,
		},
	},
	[ENGINE_P521] = {
		.key = {
			0x00, 0xfa, 0xd0, 0x6d, 0xaa, 0x62, 0xba, 0x3b, 0x25, 0xd2, 0xfb, 0x40,
			0x13, 0x3d, 0xa7, 0x57, 0x20, 0x5d, 0xe6, 0x7f, 0x5b, 0xb0, 0x01, 0x8f,
			0xee, 0x8c, 0x86, 0xe1, 0xb6, 0x8c, 0x7e, 0x75, 0xca, 0xa8, 0x96, 0xeb,
			0x32, 0xf1, 0xf4, 0x7c, 0x70, 0x85, 0x58, 0x36, 0xa6, 0xd1, 0x6f, 0xcc,
			0x14, 0x66, 0xf6, 0xd8, 0xfb, 0xec, 0x67, 0xdb, 0x89, 0xec, 0x0c, 0x08,
			0xb0, 0xe9, 0x96, 0xb8, 0x35, 0x38,
		},
		.public = {
			0x04, 0x01, 0x89, 0x45, 0x50, 0xd0, 0x78, 0x59, 0x32, 0xe0, 0x0e, 0xaa,
			0x23, 0xb6, 0x94, 0xf2, 0x13, 0xf8, 0xc3, 0x12, 0x1f, 0x86, 0xdc, 0x97,
			0xa0, 0x4e, 0x5a, 0x71, 0x67, 0xdb, 0x4e, 0x5b, 0xcd, 0x37, 0x11, 0x23,
			0xd4, 0x6e, 0x45, 0xdb, 0x6b, 0x5d, 0x53, 0x70, 0xa7, 0xf2, 0x0f, 0xb6,
			0x33, 0x15, 0x5d, 0x38, 0xff, 0xa1, 0x6d, 0x2b, 0xd7, 0x61, 0xdc, 0xac,
			0x47, 0x4b, 0x9a, 0x2f, 0x50, 0x23, 0xa4, 0x00, 0x49, 0x31, 0x01, 0xc9,
			0x62, 0xcd, 0x4d, 0x2f, 0xdd, 0xf7, 0x82, 0x28, 0x5e, 0x64, 0x58, 0x41,
			0x39, 0xc2, 0xf9, 0x1b, 0x47, 0xf8, 0x7f, 0xf8, 0x23, 0x54, 0xd6, 0x63,
			0x0f, 0x74, 0x6a, 0x28, 0xa0, 0xdb, 0x25, 0x74, 0x1b, 0x5b, 0x34, 0xa8,
			0x28, 0x00, 0x8b, 0x22, 0xac, 0xc2, 0x3f, 0x92, 0x4f, 0xaa, 0xfb, 0xd4,
			0xd3, 0x3f, 0x81, 0xea, 0x66, 0x95, 0x6d, 0xfe, 0xaa, 0x2b, 0xfd, 0xfc,
			0xf5,
		},
		.signature = {
			0x01, 0x51, 0x1b, 0xb4, 0xd6, 0x75, 0x11, 0x4f, 0xe2, 0x66, 0xfc, 0x43,
			0x72, 0xb8, 0x76, 0x82, 0xba, 0xec, 0xc0, 0x1d, 0x3c, 0xc6, 0x2c, 0xf2,
			0x30, 0x3c, 0x92, 0xb3, 0x52, 0x60, 0x12, 0x65, 0x9d, 0x16, 0x87, 0x6e,
			0x25, 0xc7, 0xc1, 0xe5, 0x76, 0x48, 0xf2, 0x3b, 0x73, 0x56, 0x4d, 0x67,
			0xf6, 0x1c, 0x6f, 0x14, 0xd5, 0x27, 0xd5, 0x49, 0x72, 0x81, 0x04, 0x21,
			0xe7, 0xd8, 0x75, 0x89, 0xe1, 0xa7, 0x00, 0x4a, 0x17, 0x11, 0x43, 0xa8,
			0x31, 0x63, 0xd6, 0xdf, 0x46, 0x0a, 0xaf, 0x61, 0x52, 0x26, 0x95, 0xf2,
			0x07, 0xa5, 0x8b, 0x95, 0xc0, 0x64, 0x4d, 0x87, 0xe5, 0x2a, 0xa1, 0xa3,
			0x47, 0x91, 0x6e, 0x4f, 0x7a, 0x72, 0x93, 0x0b, 0x1b, 0xc0, 0x6d, 0xbe,
			0x22, 0xce, 0x3f, 0x58, 0x26, 0x4a, 0xfd, 0x23, 0x70, 0x4c, 0xbb, 0x63,
			0xb2, 0x9b, 0x93, 0x1f, 0x7d, 0xe6, 0xc9, 0xd9, 0x49, 0xa7, 0xec, 0xfc,
		},
		.secret = {
			0x01, 0x90, 0x1b, 0x89, 0xb2, 0x0b, 0xd7, 0x0e, 0x56, 0x83, 0xbd, 0x9c,
			0xf0, 0x04, 0x22, 0xf3, 0x8c, 0x75, 0x23, 0x7e, 0xeb, 0x35, 0x7d, 0x78,
			0xee, 0xb0, 0x91, 0xef, 0xf0, 0xab, 0xa9, 0x05, 0xf8, 0x12, 0x11, 0x59,
			0xab, 0xa8, 0xb5, 0xbe, 0x73, 0x0c, 0x4b, 0x65, 0xb9, 0x3d, 0xc7, 0x35,
			0x7c, 0x9f, 0x29, 0xde, 0x67, 0xe3, 0x19, 0xc4, 0xad, 0xb1, 0xfc, 0x2f,
			0xdd, 0x1b, 0xd8, 0x44, 0x40, 0x63,
		},
	},
};
/* clang-format on */

/* What signs without a nonce of RFC 6979 differs in where that comes from. */
static bool signs(enum engine_family family, const struct answers *answers)
{
	const size_t len = len_of(family);
	uint8_t signature[sizeof(answers->signature)];
	EC_KEY *ec = private_key(family, answers->key, len);
	ECDSA_SIG *sig = NULL;
	bool good;

	if (ec)
		sig = sign_deterministic(family, ec, answers->key,
					 PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256), sample_hash,
					 sizeof(sample_hash));
	good = sig && put_signature(sig, signature, len) == PSA_SUCCESS &&
	       !memcmp(signature, answers->signature, 2 * len);
	ECDSA_SIG_free(sig);
	EC_KEY_free(ec);
	return good;
}

static bool verifies(enum engine_family family, const struct answers *answers)
{
	const size_t len = len_of(family);
	uint8_t wrong[sizeof(sample_hash)];

	memcpy(wrong, sample_hash, sizeof(wrong));
	wrong[0] ^= 1;
	return engine_ecc_verify(family, false, answers->public, 1 + 2 * len, sample_hash,
				 sizeof(sample_hash), answers->signature, 2 * len) == PSA_SUCCESS &&
	       engine_ecc_verify(family, false, answers->public, 1 + 2 * len, wrong, sizeof(wrong),
				 answers->signature, 2 * len) == PSA_ERROR_INVALID_SIGNATURE;
}

static bool agrees(enum engine_family family, const struct answers *answers)
{
	const size_t len = len_of(family);
	uint8_t public[ENGINE_PUBLIC_LEN_MAX], secret[SCALAR_LEN_MAX];
	size_t got;

	return engine_ecc_public(family, answers->key, len, public, sizeof(public), &got) ==
		       PSA_SUCCESS &&
	       got == 1 + 2 * len && !memcmp(public, answers->public, got) &&
	       engine_ecc_agree(family, answers->key, len, public, got, secret, sizeof(secret),
				&got) == PSA_SUCCESS &&
	       got == len && !memcmp(secret, answers->secret, len);
}

bool engine_ecc_test(enum engine_family family)
{
	return signs(family, &known[family]) && verifies(family, &known[family]) &&
	       agrees(family, &known[family]);
}
