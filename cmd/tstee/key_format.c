// SPDX-License-Identifier: BSD-3-Clause
/* Keys in PEM and DER, read and written. No state. See key_format.h. */
#include "key_format.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "curve.h"
#include "der.h"
#include "lattice.h"

/* SEC 1, section 2.3.3: how points begin. */
#define POINT_COMPRESSED   0x02
#define POINT_UNCOMPRESSED 0x04

static const char malformed[] = "malformed";
static const char no_memory[] = "out of memory";
static const char no_passphrase[] = "encrypted, and a public key was wanted; take that by openssl "
				    "pkey -pubout";

static const char *store(struct key_data *key, psa_key_type_t type, size_t bits,
			 const uint8_t *data, size_t len)
{
	if (!secret_copy(&key->data, data, len))
		return no_memory;
	key->type = type;
	key->bits = bits;
	return NULL;
}

/* --- elliptic curves --- */

static const struct curve *curve_of_nid(int nid)
{
	const struct curve *curve;

	for (size_t i = 0; nid != NID_undef && (curve = curve_get(i)); i++) {
		if (OBJ_sn2nid(curve->openssl_name) == nid)
			return curve;
	}
	return NULL;
}

/* A point in either form, on the curve. NULL if it is none. */
static EC_POINT *read_point(const EC_GROUP *group, size_t bytes, const uint8_t *data, size_t len)
{
	EC_POINT *point;

	/* libcrypto knows a hybrid form, too, which nobody uses. */
	if (!len ||
	    (data[0] & 0xfe) != (len == 1 + bytes ? POINT_COMPRESSED : POINT_UNCOMPRESSED) ||
	    (data[0] & 1 && len != 1 + bytes))
		return NULL;
	point = EC_POINT_new(group);
	if (point && EC_POINT_oct2point(group, point, data, len, NULL) == 1)
		return point;
	EC_POINT_free(point);
	return NULL;
}

/* As the PSA Crypto API has it: uncompressed. */
static const char *store_point(struct key_data *key, const struct curve *curve, const uint8_t *data,
			       size_t len)
{
	const size_t bytes = PSA_BITS_TO_BYTES(curve->bits);
	const psa_key_type_t type = PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve->family);
	const char *problem = "no point of its curve";
	uint8_t out[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
	EC_POINT *point = NULL;
	EC_GROUP *group;

	if (curve->edwards_form)
		return len == bytes ? store(key, type, curve->bits, data, len) :
				      "a public key of another length than its curve's";
	group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve->openssl_name));
	if (group)
		point = read_point(group, bytes, data, len);
	if (point) {
		len = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out,
					 sizeof(out), NULL);
		problem = len ? store(key, type, curve->bits, out, len) : malformed;
	}
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return problem;
}

/* Whether @data is the public key of @private. */
static bool point_matches(const EC_GROUP *group, const BIGNUM *private, size_t bytes,
			  const uint8_t *data, size_t len)
{
	EC_POINT *own = EC_POINT_new(group), *point = read_point(group, bytes, data, len);
	const bool same = own && point &&
			  EC_POINT_mul(group, own, private, NULL, NULL, NULL) == 1 &&
			  EC_POINT_cmp(group, own, point, NULL) == 0;

	EC_POINT_clear_free(own);
	EC_POINT_free(point);
	return same;
}

static const char other_public[] = "its public key is not that of its private key";

/* @public may be NULL. The value has as many bytes as the curve, whatever its writer made of zeros. */
static const char *store_ec_value(struct key_data *key, const struct curve *curve,
				  const EC_GROUP *group, const BIGNUM *value,
				  const ASN1_BIT_STRING *public)
{
	const size_t bytes = PSA_BITS_TO_BYTES(curve->bits);

	if (BN_is_zero(value) || (size_t)BN_num_bytes(value) > bytes)
		return "a private value of another length than its curve's";
	if (BN_cmp(value, EC_GROUP_get0_order(group)) >= 0)
		return "a private value that its curve doesn't have";
	if (public && !point_matches(group, value, bytes, ASN1_STRING_get0_data(public),
				     (size_t)ASN1_STRING_length(public)))
		return other_public;
	key->data.data = malloc(bytes);
	if (!key->data.data)
		return no_memory;
	key->data.len = bytes;
	key->type = PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family);
	key->bits = curve->bits;
	return BN_bn2binpad(value, key->data.data, (int)bytes) < 0 ? malformed : NULL;
}

/* The curve that parameters name; @curve may be known otherwise, and is to be the same. */
static const char *read_parameters(const ASN1_TYPE *parameters, const struct curve **curve)
{
	const struct curve *named;

	if (parameters->type != V_ASN1_OBJECT)
		return "a curve that is not given by its name";
	named = curve_of_nid(OBJ_obj2nid(parameters->value.object));
	if (!named)
		return "of an unsupported curve";
	if (*curve && strcmp((*curve)->name, named->name) != 0)
		return malformed;
	*curve = named;
	return NULL;
}

/* @curve may be NULL if it says its own. */
static const char *store_ec_private(struct key_data *key, const struct curve *curve,
				    const struct der_ec_private *ec)
{
	const char *problem = NULL;
	EC_GROUP *group = NULL;
	BIGNUM *value = NULL;

	if (ASN1_INTEGER_get(ec->version) != 1)
		return malformed;
	if (ec->parameters)
		problem = read_parameters(ec->parameters, &curve);
	if (!problem && !curve)
		problem = "it doesn't say its curve";
	if (problem)
		return problem;
	group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve->openssl_name));
	value = BN_secure_new();
	if (!group || !value ||
	    !BN_bin2bn(ASN1_STRING_get0_data(ec->value), ASN1_STRING_length(ec->value), value)) {
		problem = no_memory;
	} else {
		BN_set_flags(value, BN_FLG_CONSTTIME);
		problem = store_ec_value(key, curve, group, value, ec->public);
	}
	BN_clear_free(value);
	EC_GROUP_free(group);
	return problem;
}

/* Ed25519, X25519, X448: @public may be NULL. */
static const char *store_edwards_form(struct key_data *key, const struct curve *curve,
				      const ASN1_OCTET_STRING *value, const ASN1_BIT_STRING *public)
{
	const size_t bytes = PSA_BITS_TO_BYTES(curve->bits);
	uint8_t own[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
	size_t len = sizeof(own);
	EVP_PKEY *pair;
	bool same;

	if ((size_t)ASN1_STRING_length(value) != bytes)
		return malformed;
	if (!public)
		return store(key, PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family), curve->bits,
			     ASN1_STRING_get0_data(value), bytes);
	pair = EVP_PKEY_new_raw_private_key(OBJ_sn2nid(curve->openssl_name), NULL,
					    ASN1_STRING_get0_data(value), bytes);
	same = pair && EVP_PKEY_get_raw_public_key(pair, own, &len) == 1 &&
	       len == (size_t)ASN1_STRING_length(public) &&
	       !memcmp(own, ASN1_STRING_get0_data(public), len);
	EVP_PKEY_free(pair);
	return same ? store_edwards_form(key, curve, value, NULL) : other_public;
}

/* --- ML-DSA and ML-KEM: RFC 9881, section 6, and its like for ML-KEM --- */

/* How the seed begins where it is alone. */
#define SEED_TAG 0x80

static const struct lattice *lattice_of_object(const ASN1_OBJECT *object)
{
	char oid[64];

	if (OBJ_obj2txt(oid, sizeof(oid), object, 1) <= 0)
		return NULL;
	return lattice_of_oid(oid);
}

static const char *store_lattice_public(struct key_data *key, const struct lattice *lattice,
					const uint8_t *data, size_t len)
{
	const psa_key_type_t type = PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(lattice->type);

	if (len != PSA_EXPORT_PUBLIC_KEY_OUTPUT_SIZE(type, lattice->bits))
		return "a public key of another length than its kind's";
	return store(key, type, lattice->bits, data, len);
}

static bool hash_of(const EVP_MD *md, const uint8_t *seed, const uint8_t *more, size_t more_len,
		    uint8_t *out, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
		    EVP_DigestUpdate(ctx, seed, 32) == 1 &&
		    EVP_DigestUpdate(ctx, more, more_len) == 1;

	if (done && EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF)
		done = EVP_DigestFinalXOF(ctx, out, len) == 1;
	else if (done)
		done = EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return done;
}

/* Whether the long form could be made of the seed: it has pieces of the seed's hash (FIPS 204, 6.1). */
static bool mldsa_matches(const struct lattice *lattice, const uint8_t *seed, const uint8_t *key,
			  size_t len)
{
	static const struct {
		size_t bits, len;
		uint8_t sizes[2];
	} forms[] = { { 128, 2560, { 4, 4 } }, { 192, 4032, { 6, 5 } }, { 256, 4896, { 8, 7 } } };
	uint8_t hash[128];
	bool same = false;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].bits == lattice->bits && forms[i].len == len)
			same = hash_of(EVP_shake256(), seed, forms[i].sizes, 2, hash, 128) &&
			       !memcmp(key, hash, 32) && !CRYPTO_memcmp(key + 32, hash + 96, 32);
	}
	OPENSSL_cleanse(hash, sizeof(hash));
	return same;
}

/* FIPS 203, 6.1 and 5.1. */
static bool mlkem_matches(const struct lattice *lattice, const uint8_t *seed, const uint8_t *key,
			  size_t len)
{
	const uint8_t k = (uint8_t)(lattice->bits / 256);
	const size_t rho = 2 * 384 * (size_t)k;
	uint8_t hash[64];
	bool same;

	same = len == rho + 3 * 32 && hash_of(EVP_sha3_512(), seed, &k, 1, hash, 64) &&
	       !memcmp(key + rho, hash, 32) && !CRYPTO_memcmp(key + len - 32, seed + 32, 32);
	OPENSSL_cleanse(hash, sizeof(hash));
	return same;
}

static const char *store_both(struct key_data *key, const struct lattice *lattice,
			      const STACK_OF(ASN1_TYPE) * both, size_t seed_len)
{
	const ASN1_TYPE *seed = sk_ASN1_TYPE_value(both, 0), *rest = sk_ASN1_TYPE_value(both, 1);
	const uint8_t *data, *long_form;
	size_t len;

	if (sk_ASN1_TYPE_num(both) != 2 || seed->type != V_ASN1_OCTET_STRING ||
	    rest->type != V_ASN1_OCTET_STRING ||
	    (size_t)ASN1_STRING_length(seed->value.octet_string) != seed_len)
		return malformed;
	data = ASN1_STRING_get0_data(seed->value.octet_string);
	long_form = ASN1_STRING_get0_data(rest->value.octet_string);
	len = (size_t)ASN1_STRING_length(rest->value.octet_string);
	if (!(PSA_KEY_TYPE_IS_ML_DSA(lattice->type) ? mldsa_matches :
						      mlkem_matches)(lattice, data, long_form, len))
		return "its seed is not that of the rest of it";
	return store(key, lattice->type, lattice->bits, data, seed_len);
}

static const char *store_lattice_private(struct key_data *key, const struct lattice *lattice,
					 const uint8_t *data, size_t len)
{
	const size_t seed_len = PSA_EXPORT_KEY_OUTPUT_SIZE(lattice->type, lattice->bits);
	STACK_OF(ASN1_TYPE) * both;
	const char *problem;

	if (len == 2 + seed_len && data[0] == SEED_TAG && data[1] == seed_len)
		return store(key, lattice->type, lattice->bits, data + 2, seed_len);
	if (len && data[0] == V_ASN1_OCTET_STRING)
		return "without its seed, which can't be got back from the rest of it";
	both = der_decode(data, len, ASN1_ITEM_rptr(ASN1_SEQUENCE_ANY));
	if (!both)
		return malformed;
	problem = store_both(key, lattice, both, seed_len);
	for (int i = 0; i < sk_ASN1_TYPE_num(both); i++) {
		const ASN1_TYPE *value = sk_ASN1_TYPE_value(both, i);

		if (value->type == V_ASN1_OCTET_STRING)
			OPENSSL_cleanse(value->value.octet_string->data,
					(size_t)value->value.octet_string->length);
	}
	sk_ASN1_TYPE_pop_free(both, ASN1_TYPE_free);
	return problem;
}

static bool encode_seed(const struct secret *seed, struct secret *der)
{
	der->len = 2 + seed->len;
	der->data = malloc(der->len);
	if (!der->data)
		return false;
	der->data[0] = SEED_TAG;
	der->data[1] = (uint8_t)seed->len;
	memcpy(der->data + 2, seed->data, seed->len);
	return true;
}

/* --- DER --- */

/* AlgorithmIdentifier of a key. For RSA *@curve and *@lattice are NULL. */
static const char *read_algorithm(const X509_ALGOR *algorithm, const struct curve **curve,
				  const struct lattice **lattice)
{
	const ASN1_OBJECT *object;
	const void *value;
	int nid, type;

	*curve = NULL;
	X509_ALGOR_get0(&object, &type, &value, algorithm);
	*lattice = lattice_of_object(object);
	if (*lattice)
		return type == V_ASN1_UNDEF ? NULL : malformed;
	nid = OBJ_obj2nid(object);
	if (nid == NID_rsaEncryption)
		return NULL;
	if (nid == NID_rsassaPss)
		return "an RSA key for PSS alone (id-RSASSA-PSS), whose restrictions would be lost; "
		       "take a plain RSA key and --alg rsa-pss-sha256";
	if (nid == NID_X9_62_id_ecPublicKey) {
		if (type != V_ASN1_OBJECT)
			return "a curve that is not given by its name";
		*curve = curve_of_nid(OBJ_obj2nid(value));
		return *curve && !(*curve)->edwards_form ? NULL : "of an unsupported curve";
	}
	*curve = curve_of_nid(nid);
	if (!*curve || !(*curve)->edwards_form)
		return "of an unsupported kind: neither RSA, EC, Ed25519, X25519, X448, ML-DSA nor "
		       "ML-KEM";
	return NULL;
}

static const char *read_public(const struct der_public *public, struct key_data *key)
{
	const uint8_t *data = ASN1_STRING_get0_data(public->key);
	const size_t len = (size_t)ASN1_STRING_length(public->key);
	const struct lattice *lattice;
	const struct curve *curve;
	const char *problem = read_algorithm(public->algorithm, &curve, &lattice);

	if (problem)
		return problem;
	if (lattice)
		return store_lattice_public(key, lattice, data, len);
	return curve ? store_point(key, curve, data, len) :
		       store(key, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, data, len);
}

static const char *read_private(const struct der_private *private, struct key_data *key)
{
	const uint8_t *data = ASN1_STRING_get0_data(private->key);
	const size_t len = (size_t)ASN1_STRING_length(private->key);
	const struct lattice *lattice;
	const struct curve *curve;
	const char *problem = read_algorithm(private->algorithm, &curve, &lattice);
	const ASN1_ITEM *item = ASN1_ITEM_rptr(der_ec_private);
	void *inner;

	if (problem)
		return problem;
	if (lattice)
		return store_lattice_private(key, lattice, data, len);
	if (!curve)
		return store(key, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, data, len);
	if (curve->edwards_form)
		item = ASN1_ITEM_rptr(ASN1_OCTET_STRING);
	inner = der_decode(data, len, item);
	if (!inner)
		return malformed;
	if (curve->edwards_form) {
		problem = store_edwards_form(key, curve, inner, private->public);
	} else {
		struct der_ec_private *ec = inner;

		/* It may be in either place. */
		if (!ec->public) {
			ec->public = private->public;
			problem = store_ec_private(key, curve, ec);
			ec->public = NULL;
		} else {
			problem = store_ec_private(key, curve, ec);
		}
	}
	der_free(inner, item);
	return problem;
}

/* EncryptedPrivateKeyInfo, RFC 5208. */
static const char *read_encrypted(const X509_SIG *encrypted, struct passphrase *passphrase,
				  struct key_data *key)
{
	const ASN1_OCTET_STRING *ciphertext;
	struct secret text = { 0 };
	const X509_ALGOR *algorithm;
	const char *problem;
	void *private;

	if (!passphrase)
		return no_passphrase;
	problem = passphrase->get(passphrase, &text);
	if (problem)
		return problem;
	X509_SIG_get0(encrypted, &algorithm, &ciphertext);
	private = PKCS12_item_decrypt_d2i(algorithm, ASN1_ITEM_rptr(der_private),
					  (const char *)text.data, (int)text.len, ciphertext, 1);
	secret_free(&text);
	ERR_clear_error();
	if (!private)
		return "another passphrase than this, or an unknown encryption";
	problem = read_private(private, key);
	der_free(private, ASN1_ITEM_rptr(der_private));
	return problem;
}

/* A key of an RSA's is kept as it came: PKCS#1 is what the PSA Crypto API has. */
static bool is_rsa(const uint8_t *der, size_t len, const ASN1_ITEM *item)
{
	void *value = der_decode(der, len, item);

	der_free(value, item);
	return value;
}

/* One SEQUENCE and nothing behind it. */
static const char *check_sequence(const uint8_t *der, size_t len)
{
	const uint8_t *p = der;
	long inner;
	int tag, class, form;

	if (len > LONG_MAX)
		return malformed;
	form = ASN1_get_object(&p, &inner, &tag, &class, (long)len);
	ERR_clear_error();
	if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
		return "neither PEM nor DER";
	return p + inner == der + len ? NULL : "bytes behind the key";
}

/* No two kinds have the same elements. */
static const char *read_der(const uint8_t *der, size_t len, struct passphrase *passphrase,
			    struct key_data *key)
{
	const char *problem = check_sequence(der, len);
	void *value;

	if (problem)
		return problem;
	value = der_decode(der, len, ASN1_ITEM_rptr(der_public));
	if (value) {
		problem = read_public(value, key);
		der_free(value, ASN1_ITEM_rptr(der_public));
		return problem;
	}
	value = der_decode(der, len, ASN1_ITEM_rptr(der_private));
	if (value) {
		problem = read_private(value, key);
		der_free(value, ASN1_ITEM_rptr(der_private));
		return problem;
	}
	value = der_decode(der, len, ASN1_ITEM_rptr(der_ec_private));
	if (value) {
		problem = store_ec_private(key, NULL, value);
		der_free(value, ASN1_ITEM_rptr(der_ec_private));
		return problem;
	}
	value = der_decode(der, len, ASN1_ITEM_rptr(X509_SIG));
	if (value) {
		problem = read_encrypted(value, passphrase, key);
		X509_SIG_free(value);
		return problem;
	}
	if (is_rsa(der, len, ASN1_ITEM_rptr(der_rsa_private)))
		return store(key, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, der, len);
	if (is_rsa(der, len, ASN1_ITEM_rptr(der_rsa_public)))
		return store(key, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, der, len);
	return malformed;
}

const char *key_parse_der(const uint8_t *der, size_t len, struct passphrase *passphrase,
			  struct key_data *key)
{
	const char *problem;

	memset(key, 0, sizeof(*key));
	problem = read_der(der, len, passphrase, key);
	ERR_clear_error();
	return problem;
}

/* --- PEM --- */

/* A block of PEM, as libcrypto allocates it. */
struct block {
	char *label;
	char *header;
	uint8_t *data;
	long len;
};

static void block_free(struct block *block)
{
	OPENSSL_free(block->label);
	OPENSSL_free(block->header);
	OPENSSL_clear_free(block->data, block->data ? (size_t)block->len : 0);
	memset(block, 0, sizeof(*block));
}

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* What a block is, if it is nothing that can be imported. */
static const char *refused_label(const char *label)
{
	static const char *const keys[] = { "PRIVATE KEY",    "ENCRYPTED PRIVATE KEY",
					    "EC PRIVATE KEY", "RSA PRIVATE KEY",
					    "PUBLIC KEY",     "RSA PUBLIC KEY" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(label, keys[i]))
			return NULL;
	}
	if (!strcmp(label, "CERTIFICATE") || !strcmp(label, "X509 CERTIFICATE") ||
	    !strcmp(label, "TRUSTED CERTIFICATE"))
		return "a certificate; take its key by openssl x509 -pubkey -noout";
	if (!strcmp(label, "OPENSSH PRIVATE KEY"))
		return "in the format of OpenSSH; convert it by ssh-keygen -p -m PKCS8";
	return "PEM of something else than a key";
}

static int give_passphrase(char *buffer, int size, int writing, void *context)
{
	const struct secret *text = context;

	(void)writing;
	if (text->len > (size_t)size)
		return -1;
	memcpy(buffer, text->data, text->len);
	return (int)text->len;
}

/* The old encryption of PEM, which its header tells of (RFC 1421); other headers say nothing. */
static const char *decrypt_block(struct block *block, struct passphrase *passphrase)
{
	const char *type = strcasestr(block->header, "Proc-Type:");
	struct secret text = { 0 };
	EVP_CIPHER_INFO cipher;
	const char *problem;

	if (!type || !memmem(type, strcspn(type, "\n"), "ENCRYPTED", 9))
		return NULL;
	if (!passphrase)
		return no_passphrase;
	if (!PEM_get_EVP_CIPHER_INFO(block->header, &cipher))
		return "encrypted in an unknown way; decrypt it by openssl pkey";
	problem = passphrase->get(passphrase, &text);
	if (problem)
		return problem;
	if (!PEM_do_header(&cipher, block->data, &block->len, give_passphrase, &text))
		problem = "another passphrase than this";
	secret_free(&text);
	return problem;
}

/* Reads what a block has. Of several keys in a file the private one counts, if there is one. */
static const char *read_block(struct block *block, struct passphrase *passphrase,
			      struct key_data *key)
{
	const bool private = strstr(block->label, "PRIVATE KEY");
	const char *problem = refused_label(block->label);

	if (!problem && key->data.data && !private)
		return NULL;
	if (!problem && key->data.data && PSA_KEY_TYPE_IS_KEY_PAIR(key->type))
		return "there is more than one private key in it";
	if (!problem)
		problem = decrypt_block(block, passphrase);
	if (problem)
		return problem;
	key_data_free(key);
	return read_der(block->data, (size_t)block->len, passphrase, key);
}

/* False behind the last block; *@problem if one can't be read. */
static bool next_block(BIO *bio, struct block *block, const char **problem)
{
	unsigned long error;

	if (PEM_read_bio_ex(bio, &block->label, &block->header, &block->data, &block->len,
			    PEM_FLAG_EAY_COMPATIBLE))
		return true;
	error = ERR_peek_last_error();
	if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		*problem = "malformed PEM";
	return false;
}

static const char *read_pem(BIO *bio, struct passphrase *passphrase, struct key_data *key,
			    bool *blocks)
{
	const char *problem = NULL, *beside = NULL;
	struct block block = { 0 };

	while (!problem && next_block(bio, &block, &problem)) {
		*blocks = true;
		/* Certificates, parameters and lists stand beside keys. */
		if (ends_with(block.label, "KEY"))
			problem = read_block(&block, passphrase, key);
		else if (!beside)
			beside = refused_label(block.label);
		block_free(&block);
	}
	if (problem)
		*blocks = true;
	return problem || key->data.data ? problem : beside;
}

/* Some writers leave out the empty line between a block's headers and its contents. */
static bool part_headers(const uint8_t *text, size_t len, BIO *bio)
{
	bool may_be_header = false, header = false, done = true;

	for (size_t line; len && done; text += line, len -= line) {
		const uint8_t *end = memchr(text, '\n', len);
		bool part = false;

		line = end ? (size_t)(end - text) + 1 : len;
		if (may_be_header &&
		    (memchr(text, ':', line) || (header && (*text == ' ' || *text == '\t')))) {
			header = true;
		} else {
			part = header && *text != '\n' && *text != '\r';
			header = false;
			may_be_header = line > 11 && !memcmp(text, "-----BEGIN ", 11);
		}
		done = (!part || BIO_write(bio, "\n", 1) == 1) &&
		       BIO_write(bio, text, (int)line) == (int)line;
	}
	return done;
}

const char *key_parse(const uint8_t *text, size_t len, struct passphrase *passphrase,
		      struct key_data *key)
{
	bool blocks = false;
	const char *problem;
	BIO *bio;

	memset(key, 0, sizeof(*key));
	if (len > INT_MAX)
		return malformed;
	bio = BIO_new(BIO_s_secmem());
	if (bio && part_headers(text, len, bio))
		problem = read_pem(bio, passphrase, key, &blocks);
	else
		problem = no_memory;
	BIO_free(bio);
	if (!blocks && problem != no_memory)
		problem = read_der(text, len, passphrase, key);
	ERR_clear_error();
	return problem;
}

bool pem_write(const char *label, const struct secret *der, struct secret *pem)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool done = false;
	char *text;
	long len;

	if (bio && PEM_write_bio(bio, label, "", der->data, (long)der->len) > 0) {
		len = BIO_get_mem_data(bio, &text);
		pem->data = len > 0 ? malloc((size_t)len + 1) : NULL;
		done = pem->data;
	}
	if (done) {
		memcpy(pem->data, text, (size_t)len);
		pem->data[len] = '\0';
		pem->len = (size_t)len;
	}
	BIO_free(bio);
	ERR_clear_error();
	return done;
}

/* --- writing --- */

/* AlgorithmIdentifier of keys of this type; for RSA @curve and @lattice are NULL. */
static bool set_algorithm(X509_ALGOR *algorithm, const struct curve *curve,
			  const struct lattice *lattice)
{
	const int nid = curve ? OBJ_sn2nid(curve->openssl_name) : NID_rsaEncryption;

	if (lattice)
		return X509_ALGOR_set0(algorithm, OBJ_txt2obj(lattice->oid, 1), V_ASN1_UNDEF, NULL);
	if (!curve)
		return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_NULL, NULL);
	if (curve->edwards_form)
		return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL);
	return X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
			       OBJ_nid2obj(nid));
}

static bool set_bits(ASN1_BIT_STRING *string, const uint8_t *data, size_t len)
{
	/* Else trailing zeros would be left out. */
	string->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	string->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	return ASN1_STRING_set(string, data, (int)len);
}

/* Whether there is a format for keys of this type. */
static bool find_format(psa_key_type_t type, size_t bits, const struct curve **curve,
			const struct lattice **lattice)
{
	*curve = curve_of(type, bits);
	*lattice = lattice_of(type, bits);
	return *curve || *lattice || PSA_KEY_TYPE_IS_RSA(type);
}

const char *key_write_public(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			     struct secret *der)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(der_public);
	struct der_public *public;
	const struct lattice *lattice;
	const struct curve *curve;
	bool done;

	memset(der, 0, sizeof(*der));
	if (!find_format(type, bits, &curve, &lattice))
		return "keys of this type have no such format";
	public = (struct der_public *)ASN1_item_new(item);
	done = public && set_algorithm(public->algorithm, curve, lattice) &&
	       set_bits(public->key, data, len) && der_encode(public, item, der);
	der_free(public, item);
	return done ? NULL : no_memory;
}

/* ECPrivateKey without parameters, which stand beside it. */
static bool encode_ec(const struct secret *value, const uint8_t *public, size_t public_len,
		      struct secret *der)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(der_ec_private);
	struct der_ec_private *ec = (struct der_ec_private *)ASN1_item_new(item);
	bool done = ec && ASN1_INTEGER_set(ec->version, 1) &&
		    ASN1_STRING_set(ec->value, value->data, (int)value->len);

	if (done && public_len) {
		ec->public = ASN1_BIT_STRING_new();
		done = ec->public && set_bits(ec->public, public, public_len);
	}
	done = done && der_encode(ec, item, der);
	der_free(ec, item);
	return done;
}

static bool encode_octets(const struct secret *value, struct secret *der)
{
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	const bool done = octets && ASN1_STRING_set(octets, value->data, (int)value->len) &&
			  der_encode(octets, ASN1_ITEM_rptr(ASN1_OCTET_STRING), der);

	if (octets)
		OPENSSL_cleanse(octets->data, (size_t)octets->length);
	ASN1_OCTET_STRING_free(octets);
	return done;
}

const char *key_write_private(psa_key_type_t type, size_t bits, const struct secret *data,
			      const uint8_t *public, size_t public_len, struct secret *der)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(der_private);
	struct der_private *private;
	const struct lattice *lattice;
	const struct curve *curve;
	struct secret inner = { 0 };
	bool done;

	memset(der, 0, sizeof(*der));
	if (!find_format(type, bits, &curve, &lattice))
		return "keys of this type have no such format; try --format raw";
	if (lattice)
		done = encode_seed(data, &inner);
	else if (!curve)
		done = secret_copy(&inner, data->data, data->len);
	else if (curve->edwards_form)
		done = encode_octets(data, &inner);
	else
		done = encode_ec(data, public, public_len, &inner);
	private = (struct der_private *)ASN1_item_new(item);
	done = done && private && ASN1_INTEGER_set(private->version, 0) &&
	       set_algorithm(private->algorithm, curve, lattice) &&
	       ASN1_STRING_set(private->key, inner.data, (int)inner.len) &&
	       der_encode(private, item, der);
	der_free(private, item);
	secret_free(&inner);
	return done ? NULL : no_memory;
}

/* A string of SSH: its length, big-endian, and its bytes. */
static uint8_t *put_string(uint8_t *out, const void *text, size_t len)
{
	const uint8_t header[] = { 0, 0, (uint8_t)(len >> 8), (uint8_t)len };

	memcpy(out, header, sizeof(header));
	memcpy(out + sizeof(header), text, len);
	return out + sizeof(header) + len;
}

const char *key_write_ssh(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			  struct secret *line)
{
	static const struct {
		const char *curve;
		const char *name;
		const char *domain; /* NULL: no string of its own */
	} kinds[] = {
		{ "ed25519", "ssh-ed25519", NULL },
		{ "p256", "ecdsa-sha2-nistp256", "nistp256" },
		{ "p384", "ecdsa-sha2-nistp384", "nistp384" },
		{ "p521", "ecdsa-sha2-nistp521", "nistp521" },
	};
	uint8_t blob[3 * 4 + 40 + PSA_EXPORT_PUBLIC_KEY_MAX_SIZE], *end = blob;
	const struct curve *curve = curve_of(type, bits);
	size_t i = 0, name_len;

	memset(line, 0, sizeof(*line));
	while (i < 4 && !(curve && !strcmp(curve->name, kinds[i].curve)))
		i++;
	if (i == 4 || len > PSA_EXPORT_PUBLIC_KEY_MAX_SIZE)
		return "keys of this type have no such format";
	name_len = strlen(kinds[i].name);
	end = put_string(end, kinds[i].name, name_len);
	if (kinds[i].domain)
		end = put_string(end, kinds[i].domain, strlen(kinds[i].domain));
	end = put_string(end, data, len);
	/* Name, blank, base64, newline and NUL. */
	line->data = malloc(name_len + 1 + ((size_t)(end - blob) + 2) / 3 * 4 + 2);
	if (!line->data)
		return no_memory;
	memcpy(line->data, kinds[i].name, name_len);
	line->data[name_len] = ' ';
	line->len = name_len + 1 +
		    (size_t)EVP_EncodeBlock(line->data + name_len + 1, blob, (int)(end - blob));
	line->data[line->len++] = '\n';
	line->data[line->len] = '\0';
	return NULL;
}
