// SPDX-License-Identifier: BSD-3-Clause
/*
 * RSA: signatures and encryption of PKCS #1. Private keys are used blinded, in constant time, by AWS-LC. Keys
 * that it doesn't take (a public exponent of more than 33 bits), and hashes that it has no names for,
 * are left to the PSA core's own code.
 */
#include <openssl/bn.h>
#include <openssl/bytestring.h>
#include <openssl/digest.h>
#include <openssl/mem.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>
#include <secure/engine/awslc.h>
#include <secure/engine/internal.h>
#include <string.h>

/* Of 4096 bits. */
#define MODULUS_LEN_MAX 512u

/* Of PKCS #1 v1.5, at least (RFC 8017, 9.2). */
#define PADDING_LEN 11u

/* Any length of the salt, for RSA_verify_pss_mgf1(). */
#define SALT_LEN_ANY (-2)

/* Of the public exponent. */
#define EXPONENT_BITS_MAX 33u

/* The next number of the sequence; NULL: no memory, or it is none. */
static BIGNUM *number(CBS *sequence)
{
	BIGNUM *value = BN_new();

	if (value && BN_parse_asn1_unsigned(sequence, value))
		return value;
	BN_clear_free(value);
	return NULL;
}

/*
 * RSAPrivateKey (RFC 8017, A.1.2), or of it the public key alone. Import has looked at the numbers; what
 * AWS-LC calculates with them it verifies.
 */
static bool load_pair(RSA *rsa, CBS *key, bool whole)
{
	BIGNUM *numbers[8] = { NULL };
	const size_t count = whole ? 8 : 2;
	bool good = true;
	uint64_t version;
	CBS sequence;

	if (!CBS_get_asn1(key, &sequence, CBS_ASN1_SEQUENCE) ||
	    !CBS_get_asn1_uint64(&sequence, &version))
		return false;
	for (size_t i = 0; i < count; i++) {
		numbers[i] = number(&sequence);
		good &= numbers[i] != NULL;
	}
	/* n, e, d, p, q, d mod p - 1, d mod q - 1, 1/q mod p; what is set belongs to the key. */
	if (good && RSA_set0_key(rsa, numbers[0], numbers[1], numbers[2]))
		numbers[0] = numbers[1] = numbers[2] = NULL;
	if (good && whole && RSA_set0_factors(rsa, numbers[3], numbers[4]))
		numbers[3] = numbers[4] = NULL;
	if (good && whole && RSA_set0_crt_params(rsa, numbers[5], numbers[6], numbers[7]))
		numbers[5] = numbers[6] = numbers[7] = NULL;
	for (size_t i = 0; i < count; i++) {
		good &= numbers[i] == NULL;
		BN_clear_free(numbers[i]);
	}
	return good;
}

/* What a key is loaded for. */
enum use { PUBLIC_KEY, PUBLIC_OF_PAIR, PRIVATE };

/* NULL: no memory, or AWS-LC doesn't take it. */
static RSA *load(enum use use, const uint8_t *bytes, size_t len)
{
	CBS key;
	RSA *rsa;

	CBS_init(&key, bytes, len);
	if (use == PUBLIC_KEY)
		return RSA_parse_public_key(&key);
	rsa = RSA_new();
	if (rsa && load_pair(rsa, &key, use == PRIVATE) &&
	    BN_num_bits(RSA_get0_e(rsa)) <= EXPONENT_BITS_MAX)
		return rsa;
	RSA_free(rsa);
	return NULL;
}

/* Does the engine do @alg with this key and a hash of @hash_len? Else the core's code has the status. */
static bool takes(const RSA *rsa, psa_algorithm_t alg, size_t hash_len)
{
	const psa_algorithm_t hash_alg = PSA_ALG_SIGN_GET_HASH(alg);
	const size_t modulus = RSA_size(rsa);

	if (alg == PSA_ALG_RSA_PKCS1V15_SIGN_RAW)
		return hash_len + PADDING_LEN <= modulus;
	/* With a shorter key the salt would be shorter, too. */
	return engine_md(hash_alg) && hash_len == PSA_HASH_LENGTH(hash_alg) &&
	       2 * hash_len + 2 <= modulus - 1;
}

static bool sign(RSA *rsa, psa_algorithm_t alg, const uint8_t *hash, size_t hash_len,
		 uint8_t *signature, size_t size, size_t *len)
{
	const psa_algorithm_t hash_alg = PSA_ALG_SIGN_GET_HASH(alg);
	unsigned int got;

	if (PSA_ALG_IS_RSA_PSS(alg))
		return RSA_sign_pss_mgf1(rsa, len, signature, size, hash, hash_len,
					 engine_md(hash_alg), NULL, RSA_PSS_SALTLEN_DIGEST);
	if (alg == PSA_ALG_RSA_PKCS1V15_SIGN_RAW)
		return RSA_sign_raw(rsa, len, signature, size, hash, hash_len, RSA_PKCS1_PADDING);
	if (!RSA_sign(EVP_MD_type(engine_md(hash_alg)), hash, hash_len, signature, &got, rsa))
		return false;
	*len = got;
	return true;
}

psa_status_t engine_rsa_sign(const uint8_t *key, size_t key_len, psa_algorithm_t alg,
			     const uint8_t *hash, size_t hash_len, uint8_t *signature,
			     size_t signature_size, size_t *signature_len)
{
	psa_status_t status = engine_random_begin();
	RSA *rsa;

	if (status != PSA_SUCCESS)
		return status;
	rsa = load(PRIVATE, key, key_len);
	if (!rsa)
		status = engine_failed(PSA_ERROR_NOT_SUPPORTED);
	else if (!takes(rsa, alg, hash_len) || signature_size < RSA_size(rsa))
		status = PSA_ERROR_NOT_SUPPORTED;
	else if (!sign(rsa, alg, hash, hash_len, signature, signature_size, signature_len))
		status = engine_failed(PSA_ERROR_GENERIC_ERROR);
	RSA_free(rsa);
	engine_random_end();
	return status;
}

static bool verify_raw(RSA *rsa, const uint8_t *hash, size_t hash_len, const uint8_t *signature,
		       size_t signature_len)
{
	uint8_t out[MODULUS_LEN_MAX];
	size_t len;

	return RSA_verify_raw(rsa, &len, out, sizeof(out), signature, signature_len,
			      RSA_PKCS1_PADDING) &&
	       len == hash_len && !CRYPTO_memcmp(out, hash, len);
}

static bool verify(RSA *rsa, psa_algorithm_t alg, const uint8_t *hash, size_t hash_len,
		   const uint8_t *signature, size_t signature_len)
{
	const psa_algorithm_t hash_alg = PSA_ALG_SIGN_GET_HASH(alg);

	if (PSA_ALG_IS_RSA_PSS(alg))
		return RSA_verify_pss_mgf1(
			rsa, hash, hash_len, engine_md(hash_alg), NULL,
			PSA_ALG_IS_RSA_PSS_ANY_SALT(alg) ? SALT_LEN_ANY : RSA_PSS_SALTLEN_DIGEST,
			signature, signature_len);
	if (alg == PSA_ALG_RSA_PKCS1V15_SIGN_RAW)
		return verify_raw(rsa, hash, hash_len, signature, signature_len);
	return RSA_verify(EVP_MD_type(engine_md(hash_alg)), hash, hash_len, signature,
			  signature_len, rsa);
}

psa_status_t engine_rsa_verify(bool pair, const uint8_t *key, size_t key_len, psa_algorithm_t alg,
			       const uint8_t *hash, size_t hash_len, const uint8_t *signature,
			       size_t signature_len)
{
	RSA *rsa = load(pair ? PUBLIC_OF_PAIR : PUBLIC_KEY, key, key_len);
	psa_status_t status = PSA_SUCCESS;

	if (!rsa)
		status = engine_failed(PSA_ERROR_NOT_SUPPORTED);
	else if (!takes(rsa, alg, hash_len))
		status = PSA_ERROR_NOT_SUPPORTED;
	else if (!verify(rsa, alg, hash, hash_len, signature, signature_len))
		status = engine_failed(PSA_ERROR_INVALID_SIGNATURE);
	RSA_free(rsa);
	return status;
}

static bool encrypt(RSA *rsa, psa_algorithm_t alg, const uint8_t *input, size_t input_len,
		    const uint8_t *label, size_t label_len, uint8_t *output, size_t size)
{
	uint8_t message[MODULUS_LEN_MAX];
	const size_t modulus = RSA_size(rsa);
	const EVP_MD *md;
	size_t len;
	bool done;

	if (alg == PSA_ALG_RSA_PKCS1V15_CRYPT)
		return RSA_encrypt(rsa, &len, output, size, input, input_len, RSA_PKCS1_PADDING);
	md = engine_md(PSA_ALG_RSA_OAEP_GET_HASH(alg));
	done = RSA_padding_add_PKCS1_OAEP_mgf1(message, modulus, input, input_len, label, label_len,
					       md, md) &&
	       RSA_encrypt(rsa, &len, output, size, message, modulus, RSA_NO_PADDING);
	OPENSSL_cleanse(message, sizeof(message));
	return done;
}

static bool takes_crypt(const psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
	const psa_algorithm_t hash_alg = PSA_ALG_RSA_OAEP_GET_HASH(alg);

	if (alg == PSA_ALG_RSA_PKCS1V15_CRYPT)
		return true;
	/* A key that is too short for the hash has no messages, and the core's code a status for that. */
	return PSA_ALG_IS_RSA_OAEP(alg) && engine_md(hash_alg) &&
	       2 * PSA_HASH_LENGTH(hash_alg) + 2 <= PSA_BITS_TO_BYTES(psa_get_key_bits(attributes));
}

psa_status_t engine_asymmetric_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				       size_t input_len, const uint8_t *salt, size_t salt_len,
				       uint8_t *output, size_t output_size, size_t *output_len)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	psa_status_t status = engine_ready(engine_family_for(attributes, alg));
	RSA *rsa;

	if (status != PSA_SUCCESS)
		return status;
	if (!takes_crypt(attributes, alg))
		return PSA_ERROR_NOT_SUPPORTED;
	status = engine_random_begin();
	if (status != PSA_SUCCESS)
		return status;
	rsa = load(PSA_KEY_TYPE_IS_KEY_PAIR(type) ? PUBLIC_OF_PAIR : PUBLIC_KEY, key, key_len);
	if (!rsa)
		status = engine_failed(PSA_ERROR_NOT_SUPPORTED);
	else if (output_size < RSA_size(rsa))
		status = PSA_ERROR_BUFFER_TOO_SMALL;
	else if (encrypt(rsa, alg, input, input_len, salt, salt_len, output, output_size))
		*output_len = RSA_size(rsa);
	else
		status = engine_failed(PSA_ERROR_INVALID_ARGUMENT);
	RSA_free(rsa);
	engine_random_end();
	return status;
}

/*
 * Finds the message in the @len bytes of @block (RFC 8017, 7.2.2), without a branch or an
 * index that depends on them. False: it isn't one.
 */
static bool unpad(const uint8_t *block, size_t len, size_t *start)
{
	uint32_t bad = block[0] | (block[1] ^ 2u), found = 0, zero = 0;

	for (uint32_t i = 2; i < len; i++) {
		const uint32_t is_zero = ((uint32_t)block[i] - 1) >> 31;

		zero |= -(is_zero & ~found & 1u) & i;
		found |= is_zero;
	}
	/* At least eight bytes of padding. */
	bad |= ~found & 1u;
	bad |= (zero - 10) >> 31;
	*start = zero + 1;
	return !bad;
}

/* The message in @block, which RSA_NO_PADDING has given. */
static psa_status_t find(psa_algorithm_t alg, const uint8_t *block, size_t len,
			 const uint8_t *label, size_t label_len, uint8_t *output, size_t size,
			 size_t *output_len)
{
	uint8_t message[MODULUS_LEN_MAX];
	const EVP_MD *md;
	const uint8_t *from = message;
	size_t found, start;
	psa_status_t status = PSA_SUCCESS;

	if (alg == PSA_ALG_RSA_PKCS1V15_CRYPT) {
		if (!unpad(block, len, &start))
			return PSA_ERROR_INVALID_PADDING;
		from = block + start;
		found = len - start;
	} else {
		md = engine_md(PSA_ALG_RSA_OAEP_GET_HASH(alg));
		if (!RSA_padding_check_PKCS1_OAEP_mgf1(message, &found, sizeof(message), block, len,
						       label, label_len, md, md))
			return engine_failed(PSA_ERROR_INVALID_PADDING);
	}
	if (found > size) {
		status = PSA_ERROR_BUFFER_TOO_SMALL;
	} else {
		if (found)
			memcpy(output, from, found);
		*output_len = found;
	}
	OPENSSL_cleanse(message, sizeof(message));
	return status;
}

/* Without a look at the padding. */
static bool decrypt(RSA *rsa, const uint8_t *input, size_t input_len,
		    uint8_t block[MODULUS_LEN_MAX], size_t *len)
{
	static const uint8_t zeros[MODULUS_LEN_MAX];

	/* Zero stays zero, which AWS-LC takes for an error: it would be told from other bad paddings. */
	if (!CRYPTO_memcmp(input, zeros, input_len)) {
		memset(block, 0, input_len);
		*len = input_len;
		return true;
	}
	return RSA_decrypt(rsa, len, block, MODULUS_LEN_MAX, input, input_len, RSA_NO_PADDING);
}

psa_status_t engine_asymmetric_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				       size_t input_len, const uint8_t *salt, size_t salt_len,
				       uint8_t *output, size_t output_size, size_t *output_len)
{
	const psa_key_type_t type = psa_get_key_type(attributes);
	psa_status_t status = engine_ready(engine_family_for(attributes, alg));
	uint8_t block[MODULUS_LEN_MAX];
	size_t len;
	RSA *rsa;

	if (status != PSA_SUCCESS)
		return status;
	if (!takes_crypt(attributes, alg) || !PSA_KEY_TYPE_IS_KEY_PAIR(type))
		return PSA_ERROR_NOT_SUPPORTED;
	status = engine_random_begin();
	if (status != PSA_SUCCESS)
		return status;
	rsa = load(PRIVATE, key, key_len);
	if (!rsa)
		status = engine_failed(PSA_ERROR_NOT_SUPPORTED);
	else if (input_len != RSA_size(rsa))
		status = PSA_ERROR_INVALID_ARGUMENT;
	else if (decrypt(rsa, input, input_len, block, &len))
		status = find(alg, block, len, salt, salt_len, output, output_size, output_len);
	else
		status = engine_failed(PSA_ERROR_INVALID_ARGUMENT);
	OPENSSL_cleanse(block, sizeof(block));
	RSA_free(rsa);
	engine_random_end();
	return status;
}

/* Known answer: of OpenSSL, "sample" with SHA-256, PKCS #1 v1.5. The key is for this test alone. */
/* clang-format off */
static const uint8_t test_key[] = {
	0x30, 0x82, 0x02, 0x5f, 0x02, 0x01, 0x00, 0x02, 0x81, 0x81, 0x00, 0xee,
	0x11, 0xc8, 0xd6, 0x62, 0x46, 0x95, 0x42, 0x03, 0x52, 0x5a, 0xa6, 0x32,
	0xa6, 0x58, 0x10, 0xaf, 0x19, 0x5c, 0x60, 0xbd, 0x66, 0xbc, 0xfc, 0xc4,
	0x27, 0x3d, 0x48, 0xfa, 0x5c, 0x1a, 0x46, 0x73, 0x9c, 0x60, 0x43, 0x59,
	0x3a, 0xdf, 0x37, 0xd3, 0xf8, 0xbb, 0x53, 0x41, 0x0d, 0x32, 0xe9, 0x79,
	0x73, 0x3c, 0x7f, 0x09, 0x57, 0xee, 0xad, 0xed, 0xaf, 0x2f, 0x14, 0xa2,
	0xd5, 0x40, 0xdb, 0x1e, 0x09, 0x47, 0x93, 0x89, 0x13, 0x96, 0x8d, 0x30,
	0x93, 0x03, 0x58, 0x87, 0x29, 0x27, 0x99, 0x56, 0x98, 0xf8, 0x43, 0x43,
	0x2b, 0x8a, 0xef, 0xdc, 0x91, 0x26, 0xe2, 0x20, 0x87, 0x8d, 0x7e, 0xfa,
	0xa6, 0xb0, 0x0e, 0x54, 0x67, 0x22, 0xfe, 0x6d, 0x10, 0x09, 0x1c, 0x92,
	0x5d, 0x7f, 0x25, 0x6f, 0x83, 0x04, 0xcf, 0x52, 0x9e, 0xcb, 0xad, 0x34,
	0xa2, 0xd9, 0x1a, 0xb5, 0x5b, 0x4d, 0xff, 0x02, 0x03, 0x01, 0x00, 0x01,
	0x02, 0x81, 0x81, 0x00, 0x90, 0xc7, 0xe0, 0x0c, 0x00, 0xd8, 0x4c, 0x0d,
	0x49, 0x57, 0xdc, 0x29, 0x16, 0xc4, 0x72, 0xea, 0x32, 0x92, 0x89, 0xcb,
	0x8b, 0x63, 0xdf, 0xab, 0x18, 0xdf, 0x84, 0x35, 0xcd, 0x8c, 0x15, 0xae,
	0xa2, 0xc0, 0x87, 0x0a, 0x6e, 0x49, 0x8f, 0x56, 0xb4, 0x62, 0xa0, 0x09,
	0x91, 0x96, 0x25, 0x50, 0x37, 0xbc, 0x0d, 0x1e, 0x74, 0xe0, 0x35, 0x17,
	0x31, 0x65, 0x48, 0x8c, 0x94, 0x3a, 0x7c, 0xa5, 0x98, 0xe4, 0x1d, 0x93,
	0xb6, 0x9c, 0xc5, 0xdb, 0x2c, 0xd1, 0xc8, 0xa5, 0x1b, 0xeb, 0xd8, 0x6c,
	0x6f, 0xa0, 0xb6, 0xd9, 0x26, 0xa0, 0xf9, 0x7c, 0x79, 0x97, 0xae, 0x24,
	0xbf, 0x0a, 0xb7, 0x90, 0x47, 0x5f, 0x3c, 0xf2, 0x6e, 0x84, 0x73, 0x7f,
	0xd2, 0x05, 0xe2, 0xf7, 0xf2, 0x4c, 0x71, 0x60, 0x87, 0x66, 0x30, 0xd9,
	0x2b, 0xe0, 0xab, 0x17, 0xe4, 0xf1, 0x13, 0xe2, 0x01, 0xf9, 0x1e, 0x81,
	0x02, 0x41, 0x00, 0xf9, 0xa4, 0x75, 0x41, 0xbd, 0x38, 0x75, 0xb2, 0x99,
	0xa4, 0x01, 0xb3, 0x1b, 0x67, 0x38, 0x6b, 0x31, 0xc7, 0xce, 0x08, 0x33,
	0xb3, 0x66, 0x45, 0x87, 0x83, 0xb7, 0x98, 0x6e, 0x88, 0xa0, 0x32, 0xcb,
	0x6e, 0xba, 0xf9, 0x2c, 0xb3, 0xcb, 0xb2, 0x0f, 0x25, 0xee, 0x0f, 0xb5,
	0x36, 0x37, 0x33, 0x01, 0x41, 0xde, 0x84, 0x66, 0x34, 0xcc, 0x16, 0x29,
	0x88, 0x86, 0xf5, 0x05, 0x1c, 0xe0, 0xcd, 0x02, 0x41, 0x00, 0xf4, 0x21,
	0xe0, 0x73, 0x94, 0xaa, 0x55, 0xd5, 0x05, 0xd7, 0x8a, 0x2e, 0xe5, 0xd7,
	0x97, 0x42, 0x3c, 0x2a, 0x04, 0xf6, 0xf0, 0xad, 0x11, 0xab, 0x57, 0x14,
	0xc8, 0xd2, 0xce, 0xfa, 0xfa, 0xb0, 0x98, 0xf8, 0xd4, 0x2f, 0x7e, 0x4a,
	0x9a, 0xff, 0x0c, 0x61, 0x98, 0x57, 0x3c, 0x4a, 0x4d, 0x4f, 0x7b, 0xe1,
	0x36, 0x54, 0x31, 0x9e, 0x29, 0x28, 0x27, 0x83, 0x31, 0x3d, 0xb2, 0xf2,
	0x79, 0xfb, 0x02, 0x41, 0x00, 0xb6, 0x92, 0xfa, 0x56, 0x9b, 0xc6, 0x80,
	0xfd, 0x9f, 0xb3, 0xfc, 0xb2, 0x3a, 0xe6, 0x60, 0xb2, 0xb4, 0xf3, 0x85,
	0xd1, 0x25, 0xce, 0x9c, 0x8b, 0x59, 0x32, 0x91, 0xc1, 0x5f, 0x85, 0x78,
	0x73, 0xed, 0xa8, 0x0c, 0x02, 0x54, 0x19, 0x22, 0x6e, 0x14, 0xfa, 0x0e,
	0x83, 0x5a, 0x6a, 0x4e, 0x30, 0x75, 0x48, 0xf1, 0x2e, 0x2f, 0x79, 0x89,
	0x90, 0xe3, 0xcb, 0x3f, 0xb8, 0x4e, 0x86, 0xf2, 0x39, 0x02, 0x41, 0x00,
	0xdf, 0x70, 0x7a, 0x0b, 0x8f, 0x0f, 0x6f, 0x4b, 0x6e, 0xf3, 0x5d, 0x07,
	0x9b, 0x59, 0x7c, 0x99, 0x24, 0x93, 0x98, 0xc3, 0xa2, 0x77, 0xe4, 0x6a,
	0x1b, 0x63, 0x6c, 0x82, 0x74, 0xea, 0x04, 0xb3, 0xc8, 0xee, 0x44, 0xd5,
	0xcb, 0x12, 0xe1, 0x55, 0x79, 0xb1, 0x81, 0x4a, 0xa6, 0x65, 0xa2, 0xe8,
	0x92, 0x8b, 0x07, 0xbc, 0x7b, 0x45, 0x34, 0x8a, 0x09, 0xcf, 0xeb, 0x2b,
	0x7b, 0x32, 0xae, 0x2d, 0x02, 0x41, 0x00, 0x83, 0x2c, 0x91, 0x89, 0x59,
	0xef, 0x4c, 0xee, 0xfb, 0x0a, 0x43, 0xed, 0x25, 0xa9, 0x6f, 0x96, 0x37,
	0x9e, 0xc2, 0x17, 0x0c, 0x1d, 0x80, 0xfc, 0xfb, 0x75, 0x12, 0xff, 0xc7,
	0x9e, 0x50, 0x1e, 0x1f, 0x9a, 0x82, 0x6f, 0x5f, 0x08, 0xf6, 0x81, 0x22,
	0xa1, 0xe2, 0xdb, 0x50, 0x42, 0x5d, 0xb1, 0x74, 0x2e, 0xaa, 0x7f, 0x00,
	0x35, 0xd7, 0x5e, 0x07, 0xad, 0xd6, 0x15, 0x42, 0x60, 0xf1, 0xe3,
};
static const uint8_t answer[] = {
	0xbd, 0x8c, 0xb4, 0xb3, 0x33, 0x29, 0x05, 0xc0, 0x0e, 0x30, 0xa4, 0x93,
	0x88, 0xfc, 0x85, 0xac, 0x2b, 0xef, 0x60, 0x7e, 0x55, 0x90, 0xe5, 0x54,
	0x35, 0x82, 0xab, 0x21, 0xd8, 0x9c, 0xf0, 0xcb, 0x2c, 0x00, 0x8d, 0xac,
	0xde, 0xc7, 0x05, 0x9c, 0x8d, 0x12, 0x6f, 0x13, 0x9f, 0x3b, 0x49, 0x97,
	0x93, 0xb4, 0xb6, 0x5e, 0x86, 0xfa, 0x66, 0x47, 0x24, 0x71, 0x33, 0xab,
	0xfa, 0x0f, 0x25, 0x27, 0x12, 0xea, 0x5b, 0x8c, 0xcc, 0xe2, 0xc8, 0xf2,
	0xe6, 0xe9, 0x4d, 0xb4, 0xc8, 0xcd, 0xc8, 0x50, 0xfa, 0x4d, 0x74, 0x5c,
	0x5d, 0x16, 0x31, 0x35, 0x27, 0x1a, 0x2b, 0xc5, 0x80, 0x39, 0x54, 0x93,
	0x99, 0xf2, 0xd6, 0x7b, 0x89, 0x16, 0x98, 0xc1, 0xf7, 0xf8, 0xf5, 0xe2,
	0x03, 0x5a, 0xa5, 0xb8, 0x2f, 0xd8, 0xfc, 0x26, 0xd9, 0x99, 0x38, 0x6a,
	0x92, 0xad, 0x7e, 0x18, 0xf2, 0xe3, 0xa0, 0x83,
};
static const uint8_t sample_hash[] = {
	0xaf, 0x2b, 0xdb, 0xe1, 0xaa, 0x9b, 0x6e, 0xc1, 0xe2, 0xad, 0xe1, 0xd6,
	0x94, 0xf4, 0x1f, 0xc7, 0x1a, 0x83, 0x1d, 0x02, 0x68, 0xe9, 0x89, 0x15,
	0x62, 0x11, 0x3d, 0x8a, 0x62, 0xad, 0xd1, 0xbf,
};
/* clang-format on */

bool engine_rsa_test(enum engine_family family)
{
	uint8_t signature[sizeof(answer)], wrong[sizeof(sample_hash)];
	RSA *rsa = load(PRIVATE, test_key, sizeof(test_key));
	unsigned int len;
	bool good;

	(void)family;
	engine_random_test();
	memcpy(wrong, sample_hash, sizeof(wrong));
	wrong[0] ^= 1;
	good = rsa &&
	       RSA_sign(NID_sha256, sample_hash, sizeof(sample_hash), signature, &len, rsa) &&
	       len == sizeof(answer) && !memcmp(signature, answer, len) &&
	       RSA_verify(NID_sha256, sample_hash, sizeof(sample_hash), answer, len, rsa) &&
	       !RSA_verify(NID_sha256, wrong, sizeof(wrong), answer, len, rsa);
	RSA_free(rsa);
	engine_random_end();
	return good;
}
