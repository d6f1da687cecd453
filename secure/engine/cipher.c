// SPDX-License-Identifier: BSD-3-Clause
/* AES in CTR, CFB, OFB, CBC and ECB mode. In one call it is the same in one part. */
#include <openssl/aes.h>
#include <openssl/mem.h>
#include <secure/engine/internal.h>
#include <string.h>

_Static_assert(sizeof(AES_KEY) <= sizeof(((struct engine_cipher *)NULL)->key),
	       "a key must fit into the operation of the PSA core");

static AES_KEY *aes_of(struct engine_cipher *operation)
{
	return (AES_KEY *)operation->key;
}

static bool start(struct engine_cipher *operation, bool encrypts, psa_algorithm_t alg,
		  const uint8_t *key, size_t key_len)
{
	const unsigned int bits = (unsigned int)key_len * 8;

	memset(operation, 0, sizeof(*operation));
	operation->alg = alg;
	operation->encrypts = encrypts;
	if (encrypts || PSA_ALG_IS_STREAM_CIPHER(alg))
		return !AES_set_encrypt_key(key, bits, aes_of(operation));
	return !AES_set_decrypt_key(key, bits, aes_of(operation));
}

static psa_status_t setup(struct engine_cipher *operation, bool encrypts,
			  const psa_key_attributes_t *attributes, const uint8_t *key,
			  size_t key_len, psa_algorithm_t alg)
{
	psa_status_t status;

	if (!PSA_ALG_IS_CIPHER(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	status = engine_ready(engine_family_for(attributes, alg));
	if (status != PSA_SUCCESS)
		return status;
	return start(operation, encrypts, alg, key, key_len) ? PSA_SUCCESS :
							       PSA_ERROR_GENERIC_ERROR;
}

psa_status_t engine_cipher_encrypt_setup(struct engine_cipher *operation,
					 const psa_key_attributes_t *attributes, const uint8_t *key,
					 size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, true, attributes, key, key_len, alg);
}

psa_status_t engine_cipher_decrypt_setup(struct engine_cipher *operation,
					 const psa_key_attributes_t *attributes, const uint8_t *key,
					 size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, false, attributes, key, key_len, alg);
}

psa_status_t engine_cipher_set_iv(struct engine_cipher *operation, const uint8_t *iv, size_t iv_len)
{
	if (iv_len != AES_BLOCK_SIZE)
		return PSA_ERROR_INVALID_ARGUMENT;
	memcpy(operation->chain, iv, AES_BLOCK_SIZE);
	return PSA_SUCCESS;
}

/* Whole blocks, of CBC or ECB. */
static void crypt(struct engine_cipher *operation, const uint8_t *in, uint8_t *out, size_t len)
{
	const int direction = operation->encrypts ? AES_ENCRYPT : AES_DECRYPT;

	if (operation->alg != PSA_ALG_ECB_NO_PADDING) {
		if (len)
			AES_cbc_encrypt(in, out, len, aes_of(operation), operation->chain,
					direction);
		return;
	}
	for (size_t i = 0; i < len; i += AES_BLOCK_SIZE)
		AES_ecb_encrypt(in + i, out + i, aes_of(operation), direction);
}

/* Any number of bytes, of the others. */
static void stream(struct engine_cipher *operation, const uint8_t *in, uint8_t *out, size_t len)
{
	const int direction = operation->encrypts ? AES_ENCRYPT : AES_DECRYPT;
	const AES_KEY *aes = aes_of(operation);
	unsigned int used = operation->used;
	int used_of_chain = (int)used;

	switch (operation->alg) {
	case PSA_ALG_CTR:
		AES_ctr128_encrypt(in, out, len, aes, operation->chain, operation->rest, &used);
		operation->used = used;
		return;
	case PSA_ALG_CFB:
		AES_cfb128_encrypt(in, out, len, aes, operation->chain, &used_of_chain, direction);
		break;
	default:
		AES_ofb128_encrypt(in, out, len, aes, operation->chain, &used_of_chain);
		break;
	}
	operation->used = (uint32_t)used_of_chain;
}

/* How much of the last @len bytes waits for more: what isn't a block, or the block that has the padding. */
static size_t waiting(const struct engine_cipher *operation, size_t len)
{
	const size_t rest = len % AES_BLOCK_SIZE;

	return !rest && operation->alg == PSA_ALG_CBC_PKCS7 && !operation->encrypts ?
		       AES_BLOCK_SIZE :
		       rest;
}

psa_status_t engine_cipher_update(struct engine_cipher *operation, const uint8_t *input,
				  size_t input_len, uint8_t *output, size_t output_size,
				  size_t *output_len)
{
	const bool is_stream = PSA_ALG_IS_STREAM_CIPHER(operation->alg);
	const size_t len = is_stream ? input_len : operation->used + input_len;
	uint8_t last[AES_BLOCK_SIZE];
	size_t keep, fill, whole;

	*output_len = 0;
	/* As the core's own code asks for it, even if a block of it waits. */
	if (output_size < (is_stream ? len : len / AES_BLOCK_SIZE * AES_BLOCK_SIZE))
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (!input_len)
		return PSA_SUCCESS;
	if (is_stream) {
		stream(operation, input, output, len);
		*output_len = len;
		return PSA_SUCCESS;
	}
	keep = waiting(operation, len);
	if (keep == len) {
		memcpy(operation->rest + operation->used, input, input_len);
		operation->used = (uint32_t)len;
		return PSA_SUCCESS;
	}
	*output_len = len - keep;
	fill = operation->used ? AES_BLOCK_SIZE - operation->used : 0;
	whole = input_len - fill - keep;
	memcpy(last, input + fill + whole, keep);
	if (operation->used) {
		memcpy(operation->rest + operation->used, input, fill);
		crypt(operation, operation->rest, output, AES_BLOCK_SIZE);
		output += AES_BLOCK_SIZE;
	}
	crypt(operation, input + fill, output, whole);
	memcpy(operation->rest, last, keep);
	operation->used = (uint32_t)keep;
	OPENSSL_cleanse(last, sizeof(last));
	return PSA_SUCCESS;
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

/* RFC 5652, 6.3 */
static psa_status_t finish_padded(struct engine_cipher *operation, uint8_t *output,
				  size_t output_size, size_t *output_len)
{
	const size_t used = operation->used;

	if (output_size < AES_BLOCK_SIZE)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	memset(operation->rest + used, (int)(AES_BLOCK_SIZE - used), AES_BLOCK_SIZE - used);
	crypt(operation, operation->rest, output, AES_BLOCK_SIZE);
	*output_len = AES_BLOCK_SIZE;
	return PSA_SUCCESS;
}

/* The last block goes through a buffer: its padding isn't output. */
static psa_status_t finish_unpadded(struct engine_cipher *operation, uint8_t *output,
				    size_t output_size, size_t *output_len)
{
	uint8_t last[AES_BLOCK_SIZE];
	psa_status_t status = PSA_SUCCESS;
	size_t len;

	if (operation->used != AES_BLOCK_SIZE)
		return PSA_ERROR_INVALID_ARGUMENT;
	crypt(operation, operation->rest, last, AES_BLOCK_SIZE);
	if (!unpad(last, &len)) {
		status = PSA_ERROR_INVALID_PADDING;
	} else if (output_size < len) {
		status = PSA_ERROR_BUFFER_TOO_SMALL;
	} else if (len) {
		memcpy(output, last, len);
		*output_len = len;
	}
	OPENSSL_cleanse(last, sizeof(last));
	return status;
}

psa_status_t engine_cipher_finish(struct engine_cipher *operation, uint8_t *output,
				  size_t output_size, size_t *output_len)
{
	*output_len = 0;
	if (operation->alg == PSA_ALG_CBC_PKCS7)
		return operation->encrypts ?
			       finish_padded(operation, output, output_size, output_len) :
			       finish_unpadded(operation, output, output_size, output_len);
	if (!PSA_ALG_IS_STREAM_CIPHER(operation->alg) && operation->used)
		return PSA_ERROR_INVALID_ARGUMENT;
	return PSA_SUCCESS;
}

psa_status_t engine_cipher_abort(struct engine_cipher *operation)
{
	OPENSSL_cleanse(operation, sizeof(*operation));
	return PSA_SUCCESS;
}

/* The rest of an operation that has been set up, in one part. */
static psa_status_t complete(struct engine_cipher *operation, const uint8_t *iv, size_t iv_len,
			     const uint8_t *input, size_t input_len, uint8_t *output,
			     size_t output_size, size_t *output_len)
{
	size_t first = 0, second = 0;
	psa_status_t status = PSA_SUCCESS;

	if (iv_len)
		status = engine_cipher_set_iv(operation, iv, iv_len);
	if (status == PSA_SUCCESS)
		status = engine_cipher_update(operation, input, input_len, output, output_size,
					      &first);
	if (status == PSA_SUCCESS)
		status = engine_cipher_finish(operation, first ? output + first : output,
					      output_size - first, &second);
	if (status == PSA_SUCCESS)
		*output_len = first + second;
	engine_cipher_abort(operation);
	return status;
}

psa_status_t engine_cipher_encrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *iv,
				   size_t iv_len, const uint8_t *input, size_t input_len,
				   uint8_t *output, size_t output_size, size_t *output_len)
{
	struct engine_cipher operation;
	const psa_status_t status = setup(&operation, true, attributes, key, key_len, alg);

	if (status != PSA_SUCCESS)
		return status;
	return complete(&operation, iv, iv_len, input, input_len, output, output_size, output_len);
}

psa_status_t engine_cipher_decrypt(const psa_key_attributes_t *attributes, const uint8_t *key,
				   size_t key_len, psa_algorithm_t alg, const uint8_t *input,
				   size_t input_len, uint8_t *output, size_t output_size,
				   size_t *output_len)
{
	const size_t iv_len = alg == PSA_ALG_ECB_NO_PADDING ? 0 : AES_BLOCK_SIZE;
	struct engine_cipher operation;
	const psa_status_t status = setup(&operation, false, attributes, key, key_len, alg);

	if (status != PSA_SUCCESS)
		return status;
	if (input_len < iv_len) {
		engine_cipher_abort(&operation);
		return PSA_ERROR_INVALID_ARGUMENT;
	}
	return complete(&operation, input, iv_len, iv_len ? input + iv_len : input,
			input_len - iv_len, output, output_size, output_len);
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
static const uint8_t cfb_answer[TEST_LEN] = {
	0x5a, 0x6f, 0x06, 0x54, 0x0c, 0xfe, 0x77, 0x91, 0xf8, 0x27, 0x5f, 0x36,
	0x0e, 0xce, 0xa8, 0x9d, 0xd3, 0xd9, 0x46, 0xa1, 0x37, 0xb7, 0xcf, 0x26,
	0xfb, 0xa0, 0xe4, 0x00, 0x8f, 0x82, 0x0b, 0x2b, 0x68, 0x51, 0x10, 0x1c,
	0x7f, 0xbe, 0xe5, 0xae, 0xca, 0xd4, 0x0e, 0xcd, 0x2c, 0x4e, 0xbd, 0xd8,
	0x84, 0x9e, 0xe2, 0x9e, 0xce, 0x2a, 0x8f, 0xff, 0xe7, 0xdc, 0x90, 0x3c,
	0x00, 0x03, 0x54, 0x76,
};
static const uint8_t ofb_answer[TEST_LEN] = {
	0x5a, 0x6f, 0x06, 0x54, 0x0c, 0xfe, 0x77, 0x91, 0xf8, 0x27, 0x5f, 0x36,
	0x0e, 0xce, 0xa8, 0x9d, 0xdd, 0xed, 0x37, 0x26, 0x25, 0x1e, 0xe3, 0x7c,
	0x36, 0xae, 0x90, 0xb9, 0x46, 0xc0, 0x69, 0x4e, 0x84, 0x7f, 0x6b, 0x5a,
	0xd0, 0x10, 0x50, 0x06, 0x04, 0xc8, 0x52, 0xd9, 0x4a, 0x6c, 0x57, 0x24,
	0x05, 0xd2, 0x67, 0x7e, 0x7b, 0x8c, 0xe5, 0x2b, 0x9b, 0xd6, 0xb2, 0x36,
	0x5d, 0x9e, 0x9b, 0x49,
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

/* In two parts, both ways. */
static bool is_right(psa_algorithm_t alg, const uint8_t answer[TEST_LEN])
{
	uint8_t data[TEST_LEN], out[TEST_LEN];
	struct engine_cipher operation;
	size_t first, second;
	bool good = true;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (int encrypts = 0; encrypts < 2; encrypts++) {
		const uint8_t *in = encrypts ? data : answer;

		if (!start(&operation, encrypts, alg, data, 32))
			return false;
		good &= engine_cipher_set_iv(&operation, data, AES_BLOCK_SIZE) == PSA_SUCCESS &&
			engine_cipher_update(&operation, in, 23, out, sizeof(out), &first) ==
				PSA_SUCCESS &&
			engine_cipher_update(&operation, in + 23, TEST_LEN - 23, out + first,
					     sizeof(out) - first, &second) == PSA_SUCCESS &&
			first + second == sizeof(out) &&
			!memcmp(out, encrypts ? answer : data, sizeof(out));
		engine_cipher_abort(&operation);
	}
	return good;
}

bool engine_cipher_test(enum engine_family family)
{
	(void)family;
	return is_right(PSA_ALG_CTR, ctr_answer) && is_right(PSA_ALG_CFB, cfb_answer) &&
	       is_right(PSA_ALG_OFB, ofb_answer) && is_right(PSA_ALG_CBC_NO_PADDING, cbc_answer) &&
	       is_right(PSA_ALG_ECB_NO_PADDING, ecb_answer);
}
