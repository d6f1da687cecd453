// SPDX-License-Identifier: BSD-3-Clause
/* AES in CTR, CBC and ECB mode in one call. Wrong lengths are left to the PSA core's own code. */
#include <openssl/aes.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <string.h>

static psa_status_t ready(const psa_key_attributes_t *attributes, psa_algorithm_t alg)
{
	if (!PSA_ALG_IS_CIPHER(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	return engine_ready(
		engine_family_of(psa_get_key_type(attributes), psa_get_key_bits(attributes), alg));
}

static void ecb(const AES_KEY *aes, int direction, const uint8_t *in, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i += AES_BLOCK_SIZE)
		AES_ecb_encrypt(in + i, out + i, aes, direction);
}

static void ctr(const AES_KEY *aes, const uint8_t *iv, const uint8_t *in, uint8_t *out, size_t len)
{
	uint8_t counter[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE] = { 0 };
	unsigned int used = 0;

	memcpy(counter, iv, sizeof(counter));
	AES_ctr128_encrypt(in, out, len, aes, counter, stream, &used);
	OPENSSL_cleanse(stream, sizeof(stream));
}

static void cbc(const AES_KEY *aes, int direction, const uint8_t *iv, const uint8_t *in,
		uint8_t *out, size_t len)
{
	uint8_t chain[AES_BLOCK_SIZE];

	memcpy(chain, iv, sizeof(chain));
	AES_cbc_encrypt(in, out, len, aes, chain, direction);
}

/* The whole blocks, and the rest with its padding (RFC 5652, 6.3). */
static void cbc_padded(const AES_KEY *aes, const uint8_t *iv, const uint8_t *in, uint8_t *out,
		       size_t len)
{
	const size_t rest = len % AES_BLOCK_SIZE, whole = len - rest;
	uint8_t chain[AES_BLOCK_SIZE], last[AES_BLOCK_SIZE];

	memcpy(chain, iv, sizeof(chain));
	if (whole)
		AES_cbc_encrypt(in, out, whole, aes, chain, AES_ENCRYPT);
	memset(last, (int)(AES_BLOCK_SIZE - rest), sizeof(last));
	if (rest)
		memcpy(last, in + whole, rest);
	AES_cbc_encrypt(last, out + whole, sizeof(last), aes, chain, AES_ENCRYPT);
	OPENSSL_cleanse(last, sizeof(last));
}

psa_status_t engine_cipher_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *iv,
				   size_t iv_len, const uint8_t *input, size_t input_len,
				   uint8_t *output, size_t output_size, size_t *output_len)
{
	const size_t rest = input_len % AES_BLOCK_SIZE;
	size_t len = input_len;
	psa_status_t status = ready(attributes, alg);
	AES_KEY aes;

	if (status != PSA_SUCCESS)
		return status;
	if (alg == PSA_ALG_CBC_PKCS7)
		len += AES_BLOCK_SIZE - rest;
	if (iv_len != (alg == PSA_ALG_ECB_NO_PADDING ? 0 : AES_BLOCK_SIZE) || output_size < len ||
	    (rest && (alg == PSA_ALG_ECB_NO_PADDING || alg == PSA_ALG_CBC_NO_PADDING)))
		return PSA_ERROR_NOT_SUPPORTED;
	if (AES_set_encrypt_key(key, (unsigned int)key_len * 8, &aes))
		return PSA_ERROR_GENERIC_ERROR;
	switch (alg) {
	case PSA_ALG_CTR:
		if (len)
			ctr(&aes, iv, input, output, len);
		break;
	case PSA_ALG_CBC_PKCS7:
		cbc_padded(&aes, iv, input, output, input_len);
		break;
	case PSA_ALG_CBC_NO_PADDING:
		if (len)
			cbc(&aes, AES_ENCRYPT, iv, input, output, len);
		break;
	default:
		ecb(&aes, AES_ENCRYPT, input, output, len);
		break;
	}
	*output_len = len;
	OPENSSL_cleanse(&aes, sizeof(aes));
	return status;
}

/* What is wrong with a padding must not be seen in how long it takes to see that. */
static bool unpad(const uint8_t *last, size_t *len)
{
	const uint32_t count = last[AES_BLOCK_SIZE - 1];
	uint32_t bad = (count - 1) >> 31 | (AES_BLOCK_SIZE - count) >> 31;

	for (uint32_t i = 0; i < AES_BLOCK_SIZE; i++) {
		/* All ones from the first byte of the padding on. */
		const uint32_t in = ((AES_BLOCK_SIZE - 1 - i) - count) >> 31;

		bad |= -in & (last[i] ^ count);
	}
	*len = AES_BLOCK_SIZE - (count & (AES_BLOCK_SIZE * 2 - 1));
	return !bad;
}

/* @len is of whole blocks, one at least. The last goes through a buffer: its padding isn't output. */
static psa_status_t cbc_unpadded(const AES_KEY *aes, const uint8_t *iv, const uint8_t *in,
				 uint8_t *out, size_t len, size_t *out_len)
{
	const size_t whole = len - AES_BLOCK_SIZE;
	uint8_t chain[AES_BLOCK_SIZE], last[AES_BLOCK_SIZE];
	psa_status_t status;
	size_t rest;

	memcpy(chain, iv, sizeof(chain));
	if (whole)
		AES_cbc_encrypt(in, out, whole, aes, chain, AES_DECRYPT);
	AES_cbc_encrypt(in + whole, last, sizeof(last), aes, chain, AES_DECRYPT);
	status = unpad(last, &rest) ? PSA_SUCCESS : PSA_ERROR_INVALID_PADDING;
	if (status == PSA_SUCCESS) {
		memcpy(out + whole, last, rest);
		*out_len = whole + rest;
	}
	OPENSSL_cleanse(last, sizeof(last));
	return status;
}

psa_status_t engine_cipher_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				   size_t input_len, uint8_t *output, size_t output_size,
				   size_t *output_len)
{
	const size_t iv_len = alg == PSA_ALG_ECB_NO_PADDING ? 0 : AES_BLOCK_SIZE;
	const uint8_t *iv = input;
	psa_status_t status = ready(attributes, alg);
	size_t len = input_len - iv_len;
	AES_KEY aes;

	if (status != PSA_SUCCESS)
		return status;
	if (input_len < iv_len || (alg != PSA_ALG_CTR && len % AES_BLOCK_SIZE) ||
	    (alg == PSA_ALG_CBC_PKCS7 && !len) || output_size < len)
		return PSA_ERROR_NOT_SUPPORTED;
	if (alg == PSA_ALG_CTR ? AES_set_encrypt_key(key, (unsigned int)key_len * 8, &aes) :
				 AES_set_decrypt_key(key, (unsigned int)key_len * 8, &aes))
		return PSA_ERROR_GENERIC_ERROR;
	*output_len = len;
	input += iv_len;
	switch (alg) {
	case PSA_ALG_CTR:
		if (len)
			ctr(&aes, iv, input, output, len);
		break;
	case PSA_ALG_CBC_PKCS7:
		*output_len = 0;
		status = cbc_unpadded(&aes, iv, input, output, len, output_len);
		break;
	case PSA_ALG_CBC_NO_PADDING:
		if (len)
			cbc(&aes, AES_DECRYPT, iv, input, output, len);
		break;
	default:
		ecb(&aes, AES_DECRYPT, input, output, len);
		break;
	}
	OPENSSL_cleanse(&aes, sizeof(aes));
	return status;
}

/* Known answers: of OpenSSL, AES-256 with key, IV and data of the bytes 0, 1, 2 and so on. */
#define TEST_LEN 64u

/* clang-format off */
static const uint8_t ctr_answer[TEST_LEN] = {
	0x5a, 0x6f, 0x06, 0x54, 0x0c, 0xfe, 0x77, 0x91, 0xf8, 0x27, 0x5f, 0x36,
	0x0e, 0xce, 0xa8, 0x9d, 0x70, 0xe2, 0x02, 0xc6, 0xd7, 0x90, 0x4e, 0x4a,
	0x4d, 0x0f, 0xe1, 0x4a, 0x6e, 0xf8, 0x3e, 0xd0, 0x3c, 0x44, 0x55, 0x78,
	0x1e, 0xe0, 0xea, 0x83, 0x93, 0xc8, 0x21, 0x8e, 0xc9, 0x3c, 0xe9, 0xbd,
	0xa6, 0xfa, 0x35, 0x41, 0x1c, 0xa5, 0x91, 0xd8, 0x51, 0x79, 0x67, 0x2b,
	0xc5, 0x59, 0xd3, 0x62,
};
static const uint8_t cbc_answer[TEST_LEN] = {
	0xf2, 0x90, 0x00, 0xb6, 0x2a, 0x49, 0x9f, 0xd0, 0xa9, 0xf3, 0x9a, 0x6a,
	0xdd, 0x2e, 0x77, 0x80, 0x95, 0x43, 0xb8, 0x6f, 0xc0, 0x46, 0xfa, 0x88,
	0x3a, 0x94, 0x46, 0xb8, 0x2e, 0x47, 0xd1, 0x2d, 0xa1, 0x44, 0xfc, 0x25,
	0x5a, 0xad, 0x45, 0xbf, 0x68, 0x1d, 0x3a, 0x37, 0x73, 0xa3, 0x25, 0xc2,
	0x93, 0x68, 0x8f, 0x47, 0xda, 0xdb, 0xc9, 0xa6, 0xe1, 0xad, 0xca, 0xae,
	0x6a, 0x1e, 0x3b, 0xd7,
};
static const uint8_t ecb_answer[TEST_LEN] = {
	0x5a, 0x6e, 0x04, 0x57, 0x08, 0xfb, 0x71, 0x96, 0xf0, 0x2e, 0x55, 0x3d,
	0x02, 0xc3, 0xa6, 0x92, 0xe9, 0xc3, 0xef, 0x8a, 0xb2, 0x34, 0x53, 0xe6,
	0xf0, 0x74, 0x9c, 0xd6, 0x36, 0xe7, 0xa8, 0x8e, 0x61, 0xa6, 0x93, 0x6e,
	0x4e, 0x8f, 0x10, 0x1c, 0x1c, 0xc1, 0xf9, 0x93, 0xb5, 0x42, 0xa0, 0xd4,
	0xe2, 0x74, 0x0e, 0x8a, 0xfa, 0xd4, 0xe4, 0xd1, 0x5d, 0x0d, 0x66, 0x1b,
	0x38, 0x2e, 0xca, 0x89,
};
/* clang-format on */

bool engine_cipher_test(enum engine_family family)
{
	uint8_t data[TEST_LEN], out[TEST_LEN];
	AES_KEY encrypt, decrypt;
	bool good;

	(void)family;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	if (AES_set_encrypt_key(data, 256, &encrypt) || AES_set_decrypt_key(data, 256, &decrypt))
		return false;
	ctr(&encrypt, data, data, out, sizeof(out));
	good = !memcmp(out, ctr_answer, sizeof(out));
	cbc(&encrypt, AES_ENCRYPT, data, data, out, sizeof(out));
	good &= !memcmp(out, cbc_answer, sizeof(out));
	cbc(&decrypt, AES_DECRYPT, data, cbc_answer, out, sizeof(out));
	good &= !memcmp(out, data, sizeof(out));
	ecb(&encrypt, AES_ENCRYPT, data, out, sizeof(out));
	good &= !memcmp(out, ecb_answer, sizeof(out));
	ecb(&decrypt, AES_DECRYPT, ecb_answer, out, sizeof(out));
	good &= !memcmp(out, data, sizeof(out));
	OPENSSL_cleanse(&encrypt, sizeof(encrypt));
	OPENSSL_cleanse(&decrypt, sizeof(decrypt));
	return good;
}
