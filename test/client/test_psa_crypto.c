// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA Crypto API over a crypto partition: to be run where there is one (tsworld run).
 *
 * Stands between the library and the system calls, to count calls, and to make of the partition
 * one that knows no opcodes of TSTEE's own, or that can't share long buffers: what comes out
 * must be the same by every way.
 */
#include "test.h"

#include <errno.h>
#include <linux/tee.h>
#include <psa/crypto-pqc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <test/fork.h>
#include <tstee.h>
#include <tstee/crypto.h>
#include <tstee_crypto.h>
#include <unistd.h>

#define GCM  PSA_ALG_GCM
#define HMAC PSA_ALG_HMAC(PSA_ALG_SHA_256)

static struct {
	int refuse;	    /* errno of opcodes from CRYPTO_VENDOR on, or 0 */
	size_t buffer_max;  /* longest buffer that can be shared */
	unsigned int cut;   /* bytes that responses with bytes lose */
	unsigned int calls; /* so far */
} partition;

int __real_tee_sys_ioctl(int fd, unsigned long request, void *arg);
int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg);

int __wrap_tee_sys_ioctl(int fd, unsigned long request, void *arg)
{
	const struct tee_ioctl_buf_data *data = arg;
	struct tee_ioctl_invoke_arg *invoke;
	struct tee_ioctl_param param;
	int ret;

	if (request == TEE_IOC_SHM_ALLOC &&
	    ((struct tee_ioctl_shm_alloc_data *)arg)->size > partition.buffer_max)
		return -ENOMEM;
	if (request != TEE_IOC_INVOKE)
		return __real_tee_sys_ioctl(fd, request, arg);

	invoke = (struct tee_ioctl_invoke_arg *)(uintptr_t)data->buf_ptr;
	__atomic_add_fetch(&partition.calls, 1, __ATOMIC_RELAXED);
	if (partition.refuse && invoke->func >= CRYPTO_VENDOR)
		return -partition.refuse;
	ret = __real_tee_sys_ioctl(fd, request, arg);
	memcpy(&param, invoke->params, sizeof(param));
	if (ret >= 0 && !invoke->ret && param.a >= partition.cut) {
		param.a -= partition.cut;
		memcpy(invoke->params, &param, sizeof(param));
	}
	return ret;
}

static const struct {
	const char *name;
	int refuse;
	size_t buffer_max;
} ways[] = {
	{ "one call", 0, SIZE_MAX },
	{ "no vendor opcodes", EOPNOTSUPP, SIZE_MAX },
	{ "no vendor opcodes, Linux's own driver", EINVAL, SIZE_MAX },
	{ "short buffers", 0, 65536 },
	{ "the shortest buffers", 0, 8192 },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* A session that knows nothing of the partition yet. */
static void take_way(size_t way)
{
	mbedtls_psa_crypto_free();
	partition.refuse = ways[way].refuse;
	partition.buffer_max = ways[way].buffer_max;
	partition.cut = 0;
	assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
}

static int reset(void **state)
{
	(void)state;
	take_way(0);
	return 0;
}

#define BIG (3u * 1048576u)

static uint8_t in[BIG + 64], out[BIG + 64], back[BIG + 64];

static const size_t lengths[] = { 0,	 1,	15,    16,	17,	 4096,	  61440,   61441,
				  65535, 65536, 70000, 1048576, 1052640, 1052700, 2000000, BIG };

static psa_key_id_t import(psa_key_type_t type, psa_algorithm_t alg, psa_key_usage_t usage,
			   const void *data, size_t len)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key;

	psa_set_key_type(&attributes, type);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes, usage);
	assert_int_equal(psa_import_key(&attributes, data, len, &key), PSA_SUCCESS);
	assert_int_not_equal(key, 0);
	return key;
}

static psa_key_id_t generate(psa_key_type_t type, size_t bits, psa_algorithm_t alg,
			     psa_key_usage_t usage)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes, usage);
	assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
	return key;
}

static void nothing_works_before_init(void **state)
{
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t byte = 0;
	psa_key_id_t key;
	size_t len;

	(void)state;
	mbedtls_psa_crypto_free();
	assert_int_equal(psa_generate_random(&byte, 1), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, &byte, 1, out, 32, &len),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_generate_key(&attributes, &key), PSA_ERROR_BAD_STATE);
	assert_int_equal(tstee_key_set_name(1, "name"), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_abort(&hash), PSA_SUCCESS);
	assert_int_equal(tstee_crypto_init(NULL), 0);
	assert_int_equal(tstee_crypto_init(NULL), -EALREADY);
	assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
}

static void init_says_why_there_is_no_partition(void **state)
{
	const struct tstee_options options = { .endpoint_id = 0x7777 };

	(void)state;
	mbedtls_psa_crypto_free();
	assert_int_equal(tstee_crypto_init(&options), -ENODEV);
	assert_non_null(strstr(tstee_error(), "0x7777"));
	assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
}

static void hashes_are_the_same_by_every_way(void **state)
{
	static const uint8_t abc[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
				       0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
				       0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
				       0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
	uint8_t first[sizeof(lengths) / sizeof(lengths[0])][64], hash[64];
	size_t len;

	(void)state;
	for (size_t way = 0; way < WAYS; way++) {
		take_way(way);
		assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t *)"abc", 3, hash,
						  32, &len),
				 PSA_SUCCESS);
		assert_int_equal(len, 32);
		assert_memory_equal(hash, abc, 32);
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			assert_int_equal(
				psa_hash_compute(PSA_ALG_SHA_512, in, lengths[i], hash, 64, &len),
				PSA_SUCCESS);
			assert_int_equal(len, 64);
			if (!way)
				memcpy(first[i], hash, 64);
			assert_memory_equal(hash, first[i], 64);
			assert_int_equal(
				psa_hash_compare(PSA_ALG_SHA_512, in, lengths[i], hash, 64),
				PSA_SUCCESS);
			hash[63] ^= 1;
			assert_int_equal(
				psa_hash_compare(PSA_ALG_SHA_512, in, lengths[i], hash, 64),
				PSA_ERROR_INVALID_SIGNATURE);
		}
	}
}

static void one_shot_functions_are_one_call(void **state)
{
	const psa_key_usage_t usage = PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT |
				      PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE;
	psa_key_id_t mac_key = import(PSA_KEY_TYPE_HMAC, HMAC, usage, in, 32);
	psa_key_id_t gcm_key = import(PSA_KEY_TYPE_AES, GCM, usage, in, 32);
	psa_key_id_t ctr_key = import(PSA_KEY_TYPE_AES, PSA_ALG_CTR, usage, in, 32);
	size_t len, back_len;

	(void)state;
	partition.calls = 0;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 1048576, out, 32, &len), 0);
	assert_int_equal(psa_hash_compare(PSA_ALG_SHA_256, in, 1048576, out, 32), 0);
	assert_int_equal(psa_mac_compute(mac_key, HMAC, in, 1048576, out, 32, &len), 0);
	assert_int_equal(psa_mac_verify(mac_key, HMAC, in, 1048576, out, 32), 0);
	assert_int_equal(
		psa_cipher_encrypt(ctr_key, PSA_ALG_CTR, in, 1048576, out, sizeof(out), &len), 0);
	assert_int_equal(
		psa_cipher_decrypt(ctr_key, PSA_ALG_CTR, out, len, back, sizeof(back), &back_len),
		0);
	assert_int_equal(back_len, 1048576);
	assert_memory_equal(in, back, back_len);
	assert_int_equal(psa_aead_encrypt(gcm_key, GCM, in, 12, in, 100, in, 1048576, out,
					  sizeof(out), &len),
			 0);
	assert_int_equal(psa_aead_decrypt(gcm_key, GCM, in, 12, in, 100, out, len, back,
					  sizeof(back), &back_len),
			 0);
	assert_int_equal(partition.calls, 8);
	psa_destroy_key(mac_key);
	psa_destroy_key(gcm_key);
	psa_destroy_key(ctr_key);
}

static void partitions_without_vendor_opcodes_are_asked_once(void **state)
{
	size_t len;

	(void)state;
	take_way(1);
	partition.calls = 0;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 10, out, 32, &len), 0);
	assert_int_equal(partition.calls, 4);
	partition.calls = 0;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 10, out, 32, &len), 0);
	assert_int_equal(partition.calls, 3);
	assert_int_equal(tstee_key_set_name(1, "name"), PSA_ERROR_NOT_SUPPORTED);
}

static void macs_are_the_same_by_every_way(void **state)
{
	/* RFC 4231, test case 2. */
	static const uint8_t jefe[] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
					0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
					0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
					0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	static const char data[] = "what do ya want for nothing?";
	uint8_t mac[32];
	psa_key_id_t key;
	size_t len;

	(void)state;
	for (size_t way = 0; way < WAYS; way++) {
		take_way(way);
		key = import(PSA_KEY_TYPE_HMAC, HMAC,
			     PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE, "Jefe", 4);
		assert_int_equal(psa_mac_compute(key, HMAC, (const uint8_t *)data, sizeof(data) - 1,
						 mac, 32, &len),
				 PSA_SUCCESS);
		assert_memory_equal(mac, jefe, 32);
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			assert_int_equal(psa_mac_compute(key, HMAC, in, lengths[i], mac, 32, &len),
					 PSA_SUCCESS);
			assert_int_equal(psa_mac_verify(key, HMAC, in, lengths[i], mac, 32),
					 PSA_SUCCESS);
			mac[0] ^= 1;
			assert_int_equal(psa_mac_verify(key, HMAC, in, lengths[i], mac, 32),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		/* Not all of it fits: nothing of it comes. */
		memset(mac, 0xee, sizeof(mac));
		assert_int_equal(psa_mac_compute(key, HMAC, in, 10, mac, 31, &len),
				 PSA_ERROR_BUFFER_TOO_SMALL);
		assert_int_equal(len, 0);
		for (size_t i = 0; i < 31; i++)
			assert_int_equal(mac[i], 0);
		assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
	}
}

static void ciphers_are_the_same_by_every_way(void **state)
{
	static const psa_algorithm_t algs[] = { PSA_ALG_CTR, PSA_ALG_CBC_PKCS7,
						PSA_ALG_ECB_NO_PADDING, PSA_ALG_CFB };
	psa_key_id_t key;
	size_t len, back_len;

	(void)state;
	for (size_t a = 0; a < sizeof(algs) / sizeof(algs[0]); a++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			size_t way = i % WAYS, other = (i + 1) % WAYS, n = lengths[i];
			uint8_t iv = algs[a] == PSA_ALG_ECB_NO_PADDING ? 0 : 16;

			if (algs[a] == PSA_ALG_ECB_NO_PADDING)
				n -= n % 16;
			take_way(way);
			key = import(PSA_KEY_TYPE_AES, algs[a],
				     PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, in, 16);
			assert_int_equal(
				psa_cipher_encrypt(key, algs[a], in, n, out, sizeof(out), &len),
				PSA_SUCCESS);
			assert_true(len >= n + iv && len <= n + iv + 16);
			psa_destroy_key(key);

			take_way(other);
			key = import(PSA_KEY_TYPE_AES, algs[a], PSA_KEY_USAGE_DECRYPT, in, 16);
			assert_int_equal(
				psa_cipher_decrypt(key, algs[a], out, len, back, len, &back_len),
				PSA_SUCCESS);
			assert_int_equal(back_len, n);
			assert_memory_equal(in, back, n);
			if (n) {
				assert_int_equal(psa_cipher_decrypt(key, algs[a], out, len, back,
								    n - 1, &back_len),
						 PSA_ERROR_BUFFER_TOO_SMALL);
				assert_int_equal(back_len, 0);
				for (size_t k = 0; k < n - 1; k++)
					assert_int_equal(back[k], 0);
			}
			if (iv)
				assert_int_equal(psa_cipher_decrypt(key, algs[a], out, iv - 1u,
								    back, sizeof(back), &back_len),
						 PSA_ERROR_INVALID_ARGUMENT);
			psa_destroy_key(key);
		}
	}
}

static void aead_is_the_same_by_every_way(void **state)
{
	static const struct {
		psa_key_type_t type;
		psa_algorithm_t alg;
	} kinds[] = {
		{ PSA_KEY_TYPE_AES, PSA_ALG_GCM },
		{ PSA_KEY_TYPE_AES, PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 8) },
		{ PSA_KEY_TYPE_CHACHA20, PSA_ALG_CHACHA20_POLY1305 },
	};
	psa_key_id_t key;
	size_t len, back_len;

	(void)state;
	for (size_t a = 0; a < sizeof(kinds) / sizeof(kinds[0]); a++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			const psa_algorithm_t alg = kinds[a].alg;
			const size_t n = lengths[i], tag = PSA_ALG_AEAD_GET_TAG_LENGTH(alg);
			const size_t ad = n % 100;

			take_way(i % WAYS);
			key = import(kinds[a].type, alg,
				     PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, in, 32);
			assert_int_equal(psa_aead_encrypt(key, alg, in, 12, in, ad, in, n, out,
							  n + tag, &len),
					 PSA_SUCCESS);
			assert_int_equal(len, n + tag);
			memset(back, 0xee, n + tag);
			assert_int_equal(psa_aead_encrypt(key, alg, in, 12, in, ad, in, n, back,
							  n + tag - 1, &back_len),
					 PSA_ERROR_BUFFER_TOO_SMALL);
			assert_int_equal(back_len, 0);
			for (size_t k = 0; k < n + tag - 1; k++)
				assert_int_equal(back[k], 0);
			psa_destroy_key(key);

			take_way((i + 1) % WAYS);
			key = import(kinds[a].type, alg, PSA_KEY_USAGE_DECRYPT, in, 32);
			assert_int_equal(psa_aead_decrypt(key, alg, in, 12, in, ad, out, len, back,
							  n, &back_len),
					 PSA_SUCCESS);
			assert_int_equal(back_len, n);
			assert_memory_equal(in, back, n);
			out[len - 1] ^= 1;
			memset(back, 0xee, n);
			assert_int_equal(psa_aead_decrypt(key, alg, in, 12, in, ad, out, len, back,
							  n, &back_len),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(back_len, 0);
			for (size_t k = 0; k < n; k++)
				assert_int_equal(back[k], 0);
			assert_int_equal(psa_aead_decrypt(key, alg, in, 12, in, ad, out, tag - 1,
							  back, n, &back_len),
					 PSA_ERROR_INVALID_ARGUMENT);
			psa_destroy_key(key);
		}
	}
}

static void aead_in_parts_and_in_place(void **state)
{
	psa_aead_operation_t op = PSA_AEAD_OPERATION_INIT;
	psa_key_id_t key = import(PSA_KEY_TYPE_AES, GCM,
				  PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, in, 32);
	const size_t n = 150001;
	size_t len, done, one_len;
	uint8_t nonce[16], tag[16];
	size_t nonce_len, tag_len;

	(void)state;
	memcpy(out, in, n);
	assert_int_equal(psa_aead_encrypt_setup(&op, key, GCM), 0);
	assert_int_equal(psa_aead_generate_nonce(&op, nonce, sizeof(nonce), &nonce_len), 0);
	assert_int_equal(nonce_len, 12);
	assert_int_equal(psa_aead_update_ad(&op, in, 70000), 0);
	assert_int_equal(psa_aead_update(&op, out, n, out, sizeof(out), &done), 0);
	assert_int_equal(psa_aead_finish(&op, out + done, sizeof(out) - done, &len, tag,
					 sizeof(tag), &tag_len),
			 0);
	assert_int_equal(done + len, n);
	assert_int_equal(op.handle, 0);
	assert_int_equal(psa_aead_encrypt(key, GCM, nonce, 12, in, 70000, in, n, back, sizeof(back),
					  &one_len),
			 0);
	assert_memory_equal(out, back, n);
	assert_memory_equal(tag, back + n, 16);
	/* A buffer may be input and output of a one-shot function, too. */
	assert_int_equal(
		psa_aead_decrypt(key, GCM, nonce, 12, in, 70000, back, n + 16, back, n + 16, &len),
		0);
	assert_memory_equal(in, back, n);
	psa_destroy_key(key);
}

static void a_buffer_may_be_input_and_output(void **state)
{
	const size_t n = 100000;
	psa_key_id_t gcm, ctr;
	size_t len, back_len;

	(void)state;
	for (size_t way = 0; way < WAYS; way++) {
		take_way(way);
		gcm = import(PSA_KEY_TYPE_AES, GCM, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT,
			     in, 32);
		ctr = import(PSA_KEY_TYPE_AES, PSA_ALG_CTR,
			     PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, in, 32);
		memcpy(back, in, n);
		assert_int_equal(
			psa_aead_encrypt(gcm, GCM, in, 12, NULL, 0, back, n, back, n + 16, &len),
			0);
		assert_memory_not_equal(back, in, 32);
		assert_int_equal(psa_aead_decrypt(gcm, GCM, in, 12, NULL, 0, back, len, back, len,
						  &back_len),
				 0);
		assert_int_equal(back_len, n);
		assert_memory_equal(back, in, n);
		assert_int_equal(
			psa_cipher_encrypt(ctr, PSA_ALG_CTR, in, n, back, sizeof(back), &len), 0);
		assert_int_equal(
			psa_cipher_decrypt(ctr, PSA_ALG_CTR, back, len, back, len, &back_len), 0);
		assert_int_equal(back_len, n);
		assert_memory_equal(back, in, n);
		psa_destroy_key(gcm);
		psa_destroy_key(ctr);
	}
}

static void operations_have_their_states(void **state)
{
	psa_cipher_operation_t cipher = PSA_CIPHER_OPERATION_INIT;
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT, clone = PSA_HASH_OPERATION_INIT;
	psa_key_id_t key = import(PSA_KEY_TYPE_AES, PSA_ALG_CBC_NO_PADDING,
				  PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, in, 16);
	uint8_t one[64], two[64];
	size_t len;

	(void)state;
	assert_int_equal(psa_hash_update(&hash, in, 1), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_finish(&hash, one, 64, &len), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_256), 0);
	assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
	assert_int_equal(hash.handle, 0);
	assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_256), 0);
	assert_int_equal(psa_hash_update(&hash, in, 100000), 0);
	assert_int_equal(psa_hash_clone(&hash, &clone), 0);
	assert_int_equal(psa_hash_clone(&hash, &clone), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_hash_finish(&hash, one, 32, &len), 0);
	assert_int_equal(hash.handle, 0);
	assert_int_equal(psa_hash_finish(&clone, two, 31, &len), PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(clone.handle, 0);
	assert_int_equal(psa_hash_compare(PSA_ALG_SHA_256, in, 100000, one, 32), 0);

	assert_int_equal(psa_cipher_encrypt_setup(&cipher, key, PSA_ALG_CBC_NO_PADDING), 0);
	/* No IV yet. */
	assert_int_equal(psa_cipher_update(&cipher, in, 16, out, 16, &len), PSA_ERROR_BAD_STATE);
	assert_int_equal(cipher.handle, 0);
	assert_int_equal(psa_cipher_abort(&cipher), 0);
	assert_int_equal(psa_cipher_encrypt_setup(&cipher, key, PSA_ALG_CBC_NO_PADDING), 0);
	assert_int_equal(psa_cipher_set_iv(&cipher, in, 16), 0);
	assert_int_equal(psa_cipher_update(&cipher, in, 33, out, 31, &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(cipher.handle, 0);
	assert_int_equal(psa_cipher_encrypt_setup(&cipher, key, PSA_ALG_CBC_NO_PADDING), 0);
	assert_int_equal(psa_cipher_generate_iv(&cipher, one, 16, &len), 0);
	assert_int_equal(psa_cipher_update(&cipher, in, 33, out, 64, &len), 0);
	assert_int_equal(len, 32);
	/* Not whole blocks. */
	assert_int_equal(psa_cipher_finish(&cipher, out, 64, &len), PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(cipher.handle, 0);
	psa_destroy_key(key);
}

static void failures_leave_no_operations_behind(void **state)
{
	psa_key_id_t aes, hmac;
	size_t len;

	(void)state;
	/* More often than a client can have operations at a time. */
	for (size_t way = 0; way < WAYS; way++) {
		take_way(way);
		aes = import(PSA_KEY_TYPE_AES, GCM, PSA_KEY_USAGE_DECRYPT, in, 32);
		hmac = import(PSA_KEY_TYPE_HMAC, HMAC, PSA_KEY_USAGE_VERIFY_MESSAGE, in, 32);
		for (unsigned int i = 0; i < 40; i++) {
			psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
			psa_mac_operation_t mac = PSA_MAC_OPERATION_INIT;
			psa_aead_operation_t aead = PSA_AEAD_OPERATION_INIT;

			assert_int_equal(psa_hash_setup(&hash, PSA_ALG_SHA_1), 0);
			assert_int_equal(psa_hash_verify(&hash, in, 20),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(psa_mac_verify_setup(&mac, hmac, HMAC), 0);
			assert_int_equal(psa_mac_verify_finish(&mac, in, 32),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(psa_aead_decrypt_setup(&aead, aes, GCM), 0);
			assert_int_equal(psa_aead_set_nonce(&aead, in, 12), 0);
			assert_int_equal(psa_aead_verify(&aead, out, 16, &len, in, 16),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(
				psa_aead_decrypt(aes, GCM, in, 12, NULL, 0, in, 50, out, 50, &len),
				PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(psa_mac_verify(hmac, HMAC, in, 5, in, 32),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(psa_hash_compute(PSA_ALG_SHA_512, in, 5, out, 63, &len),
					 PSA_ERROR_BUFFER_TOO_SMALL);
		}
		psa_destroy_key(aes);
		psa_destroy_key(hmac);
	}
}

static void malformed_responses_are_failures(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_hash_operation_t op = PSA_HASH_OPERATION_INIT;
	psa_key_id_t key = import(PSA_KEY_TYPE_AES, GCM, PSA_KEY_USAGE_ENCRYPT, in, 32);
	size_t len;

	(void)state;
	for (partition.cut = 1; partition.cut <= 4; partition.cut++) {
		assert_int_equal(psa_hash_setup(&op, PSA_ALG_SHA_256),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		assert_int_equal(op.handle, 0);
		assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 5, out, 32, &len),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		assert_int_equal(psa_get_key_attributes(key, &attributes),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		assert_int_equal(psa_aead_encrypt(key, GCM, in, 12, in, 1, in, 20, out, 100, &len),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		assert_int_equal(len, 0);
		for (size_t i = 0; i < 100; i++)
			assert_int_equal(out[i], 0);
		assert_int_equal(psa_generate_random(out, 10), PSA_ERROR_COMMUNICATION_FAILURE);
	}
	partition.cut = 0;
	psa_destroy_key(key);
}

static void keys_keep_their_attributes(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key, copy, other;
	uint8_t small[7];
	size_t len;

	(void)state;
	key = import(PSA_KEY_TYPE_AES, PSA_ALG_CTR,
		     PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_COPY, in, 16);
	assert_int_equal(psa_get_key_attributes(key, &attributes), 0);
	assert_int_equal(psa_get_key_type(&attributes), PSA_KEY_TYPE_AES);
	assert_int_equal(psa_get_key_bits(&attributes), 128);
	assert_int_equal(psa_get_key_algorithm(&attributes), PSA_ALG_CTR);
	assert_int_equal(psa_get_key_lifetime(&attributes), PSA_KEY_LIFETIME_VOLATILE);
	assert_int_equal(psa_get_key_id(&attributes), key);
	assert_int_equal(psa_export_key(key, out, 16, &len), 0);
	assert_int_equal(len, 16);
	assert_memory_equal(out, in, 16);
	assert_int_equal(psa_export_key(key, small, sizeof(small), &len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	/* As in Mbed TLS: an ID is for persistent keys. */
	assert_int_equal(psa_copy_key(key, &attributes, &copy), PSA_ERROR_INVALID_ARGUMENT);
	psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_VOLATILE);
	assert_int_equal(psa_copy_key(key, &attributes, &copy), 0);
	assert_int_equal(psa_get_key_attributes(key, &attributes), 0);
	assert_int_equal(psa_destroy_key(key), 0);
	/* Whatever else is wrong. */
	assert_int_equal(psa_copy_key(key, &attributes, &other), PSA_ERROR_INVALID_HANDLE);
	psa_set_key_enrollment_algorithm(&attributes, PSA_ALG_CBC_NO_PADDING);
	assert_int_equal(psa_copy_key(key, &attributes, &other), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(psa_get_key_attributes(key, &attributes), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(psa_get_key_type(&attributes), PSA_KEY_TYPE_NONE);
	assert_int_equal(psa_open_key(key, &key), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(psa_open_key(copy, &key), 0);
	assert_int_equal(psa_close_key(key), 0);
	assert_int_equal(psa_get_key_attributes(copy, &attributes), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(psa_destroy_key(0), 0);
	assert_int_equal(psa_close_key(0), 0);
}

static void keys_in_use_are_not_taken_for_a_dead_client_s(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	static psa_key_id_t keys[8192];
	psa_key_id_t key;
	unsigned int count = 0;
	psa_status_t status;
	size_t len;

	(void)state;
	psa_set_key_type(&attributes, PSA_KEY_TYPE_RAW_DATA);
	assert_int_equal(psa_import_key(&attributes, in, 16, &keys[count++]), 0);
	/* That takes a longer buffer; the key was made through a short one. */
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 100000, out, 32, &len), 0);
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 1000000, out, 32, &len), 0);
	do {
		status = psa_import_key(&attributes, in, 6000, &key);
		if (status == PSA_SUCCESS)
			keys[count++] = key;
	} while (status == PSA_SUCCESS && count < 8192);
	assert_int_equal(status, PSA_ERROR_INSUFFICIENT_MEMORY);
	assert_true(count >= 32);
	/* Not by taking others away. */
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(psa_get_key_attributes(keys[i], &attributes), 0);
	while (count)
		assert_int_equal(psa_destroy_key(keys[--count]), 0);
}

static void persistent_keys_have_names(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	char name[TSTEE_KEY_NAME_MAX + 1];
	uint32_t ids[100], found;
	psa_key_id_t key;
	size_t count;

	(void)state;
	for (psa_key_id_t id = 100; id < 170; id++) {
		psa_set_key_id(&attributes, id);
		psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
		psa_set_key_algorithm(&attributes, GCM);
		assert_int_equal(psa_import_key(&attributes, in, 16, &key), 0);
		assert_int_equal(key, id);
	}
	assert_int_equal(tstee_key_set_name(165, "late"), 0);
	assert_int_equal(tstee_key_set_name(100, "late"), PSA_ERROR_ALREADY_EXISTS);
	assert_int_equal(tstee_key_set_name(100, "early"), 0);
	assert_int_equal(tstee_key_set_name(99, "none"), PSA_ERROR_INVALID_HANDLE);
	assert_int_equal(tstee_key_get_name(165, name, sizeof(name)), 0);
	assert_string_equal(name, "late");
	assert_int_equal(tstee_key_get_name(165, name, 4), PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(tstee_key_get_name(166, name, sizeof(name)), 0);
	assert_string_equal(name, "");
	assert_int_equal(tstee_key_find("late", &found), 0);
	assert_int_equal(found, 165);
	assert_int_equal(tstee_key_find("never", &found), PSA_ERROR_DOES_NOT_EXIST);
	assert_int_equal(tstee_key_list(0, ids, 100, &count), 0);
	assert_int_equal(count, 70);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ids[i], 100 + i);
	assert_int_equal(tstee_key_list(110, ids, 3, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(ids[0], 111);

	/* In another process of the same user they are there, too. */
	mbedtls_psa_crypto_free();
	assert_int_equal(psa_crypto_init(), 0);
	assert_int_equal(psa_get_key_attributes(100, &attributes), 0);
	assert_int_equal(psa_get_key_lifetime(&attributes), PSA_KEY_LIFETIME_PERSISTENT);
	assert_int_equal(psa_close_key(100), 0);
	for (psa_key_id_t id = 100; id < 170; id++)
		assert_int_equal(psa_destroy_key(id), 0);
	assert_int_equal(tstee_key_list(0, ids, 100, &count), 0);
	assert_int_equal(count, 0);
}

static void messages_of_any_length_are_signed(void **state)
{
	static const size_t with_vendor_opcodes[] = { 0, 3, 4 };
	const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	uint8_t hash[32], signature[64];
	psa_key_id_t key;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		take_way(with_vendor_opcodes[i % 3]);
		key = generate(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, alg,
			       PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
		assert_int_equal(psa_sign_message(key, alg, in, lengths[i], signature, 64, &len),
				 0);
		assert_int_equal(len, 64);
		/* What was signed is that message's hash. */
		assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, lengths[i], hash, 32, &len),
				 0);
		assert_int_equal(psa_verify_hash(key, alg, hash, 32, signature, 64), 0);
		assert_int_equal(psa_verify_message(key, alg, in, lengths[i], signature, 64), 0);
		signature[5] ^= 1;
		assert_int_equal(psa_verify_message(key, alg, in, lengths[i], signature, 64),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(psa_sign_message(key, alg, in, lengths[i], signature, 63, &len),
				 PSA_ERROR_BUFFER_TOO_SMALL);
		psa_destroy_key(key);
	}
	take_way(1);
	key = generate(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, alg,
		       PSA_KEY_USAGE_SIGN_HASH);
	assert_int_equal(psa_sign_message(key, alg, in, 70000, signature, 64, &len),
			 PSA_ERROR_NOT_SUPPORTED);
	psa_destroy_key(key);
}

/* The public key, and how many calls that took. */
static unsigned int calls_for_public(psa_key_id_t key, uint8_t public[65])
{
	const unsigned int before = partition.calls;
	size_t len;

	assert_int_equal(psa_export_public_key(key, public, 65, &len), PSA_SUCCESS);
	assert_int_equal(len, 65);
	return partition.calls - before;
}

static void *destroy(void *key)
{
	assert_int_equal(psa_destroy_key(*(psa_key_id_t *)key), PSA_SUCCESS);
	return NULL;
}

/* But not when the key may have ended, by whatever thread, nor in another process. */
static void a_public_key_comes_with_its_pair(void **state)
{
	const psa_key_type_t type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
	uint8_t public[65], again[65];
	psa_key_id_t key, other;
	pthread_t thread;
	pid_t child;
	size_t len;
	int end;

	for (size_t way = 0; way < 2; way++) {
		take_way(way);
		key = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
		assert_int_equal(calls_for_public(key, public), way);
		assert_int_equal(calls_for_public(key, again), 1);
		assert_memory_equal(public, again, sizeof(public));

		other = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
		assert_int_equal(calls_for_public(key, again), 1);
		assert_memory_equal(public, again, sizeof(public));
		assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
		assert_int_equal(calls_for_public(other, again), 1);
		assert_memory_not_equal(public, again, sizeof(public));
		assert_int_equal(psa_destroy_key(other), PSA_SUCCESS);
	}

	reset(state);
	key = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	assert_int_equal(psa_export_public_key(key, public, 64, &len), PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(calls_for_public(key, public), 1);
	assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);

	key = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	assert_int_equal(pthread_create(&thread, NULL, destroy, &key), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(psa_export_public_key(key, public, sizeof(public), &len),
			 PSA_ERROR_INVALID_HANDLE);

	key = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	child = fork();
	assert_int_not_equal(child, -1);
	if (!child)
		_exit(calls_for_public(key, public) == 1 ? 0 : 1);
	assert_int_equal(waitpid(child, &end, 0), child);
	assert_int_equal(end, 0);
	assert_int_equal(calls_for_public(key, public), 0);

	key = generate(type, 256, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	mbedtls_psa_crypto_free();
	assert_int_equal(psa_export_public_key(key, public, sizeof(public), &len),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
	assert_int_equal(calls_for_public(key, public), 1);
	assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

#define ED25519	    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)
#define SIGN_VERIFY (PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE)

/* Those that only an engine has. */
static void needs_engine(void)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t key;

	psa_set_key_type(&attributes, ED25519);
	psa_set_key_bits(&attributes, 255);
	if (psa_generate_key(&attributes, &key) == PSA_ERROR_NOT_SUPPORTED) {
		print_message("the partition has no engine\n");
		skip();
	}
	psa_destroy_key(key);
}

/* EdDSA and ML-DSA: what fits a request, and no more. */
static void messages_that_are_not_hashed_are_signed_as_a_whole(void **state)
{
	static const struct {
		psa_key_type_t type;
		size_t bits;
		psa_algorithm_t alg;
	} kinds[] = { { ED25519, 255, PSA_ALG_PURE_EDDSA },
		      { PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 256, PSA_ALG_ML_DSA } };
	static const size_t some[] = { 0, 61440, 61441, 1048000, 1052700, BIG };
	uint8_t signature[PSA_SIGNATURE_MAX_SIZE];
	psa_key_id_t key;
	size_t len;

	(void)state;
	needs_engine();
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]) * 2; i++) {
		const size_t size = some[i / 2], kind = i % 2;
		const psa_algorithm_t alg = kinds[kind].alg;

		key = generate(kinds[kind].type, kinds[kind].bits, alg, SIGN_VERIFY);
		if (size > 1048576) {
			assert_int_equal(psa_sign_message(key, alg, in, size, signature,
							  sizeof(signature), &len),
					 PSA_ERROR_NOT_SUPPORTED);
			psa_destroy_key(key);
			continue;
		}
		assert_int_equal(
			psa_sign_message(key, alg, in, size, signature, sizeof(signature), &len),
			PSA_SUCCESS);
		assert_int_equal(len, kind ? 4627 : 64);
		assert_int_equal(psa_verify_message(key, alg, in, size, signature, len), 0);
		signature[len / 2] ^= 1;
		assert_int_equal(psa_verify_message(key, alg, in, size, signature, len),
				 PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(psa_sign_message(key, alg, in, size, signature, len - 1, &len),
				 PSA_ERROR_BUFFER_TOO_SMALL);
		psa_destroy_key(key);
	}
	take_way(1);
	key = generate(ED25519, 255, PSA_ALG_PURE_EDDSA, SIGN_VERIFY);
	assert_int_equal(psa_sign_message(key, PSA_ALG_PURE_EDDSA, in, 100, signature, 64, &len),
			 0);
	assert_int_equal(psa_sign_message(key, PSA_ALG_PURE_EDDSA, in, 70000, signature, 64, &len),
			 PSA_ERROR_NOT_SUPPORTED);
	psa_destroy_key(key);
}

static void secrets_are_shared(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t ciphertext[PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE], one[32], other[32];
	psa_key_id_t pair, made;
	size_t len;

	(void)state;
	needs_engine();
	psa_set_key_type(&attributes, PSA_KEY_TYPE_DERIVE);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
	for (size_t bits = 512; bits <= 1024; bits += 256) {
		const size_t size = PSA_ENCAPSULATE_CIPHERTEXT_SIZE(PSA_KEY_TYPE_ML_KEM_KEY_PAIR,
								    bits, PSA_ALG_ML_KEM);

		pair = generate(PSA_KEY_TYPE_ML_KEM_KEY_PAIR, bits, PSA_ALG_ML_KEM,
				PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
		assert_int_equal(psa_encapsulate(pair, PSA_ALG_ML_KEM, &attributes, &made,
						 ciphertext, size, &len),
				 PSA_SUCCESS);
		assert_int_equal(len, size);
		assert_int_equal(psa_export_key(made, one, 32, &len), PSA_SUCCESS);
		psa_destroy_key(made);
		assert_int_equal(
			psa_decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, size, &attributes, &made),
			PSA_SUCCESS);
		assert_int_equal(psa_export_key(made, other, 32, &len), PSA_SUCCESS);
		assert_memory_equal(one, other, 32);
		psa_destroy_key(made);
		/* No key is left that nobody knows of: the ID of a persistent one is free. */
		psa_set_key_id(&attributes, 0x4711);
		assert_int_equal(psa_encapsulate(pair, PSA_ALG_ML_KEM, &attributes, &made,
						 ciphertext, size - 1, &len),
				 PSA_ERROR_BUFFER_TOO_SMALL);
		assert_int_equal(made, 0);
		assert_int_equal(psa_destroy_key(0x4711), PSA_ERROR_INVALID_HANDLE);
		psa_reset_key_attributes(&attributes);
		psa_set_key_type(&attributes, PSA_KEY_TYPE_DERIVE);
		psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
		assert_int_equal(psa_decapsulate(pair, PSA_ALG_ML_KEM, ciphertext, size - 1,
						 &attributes, &made),
				 PSA_ERROR_INVALID_ARGUMENT);
		assert_int_equal(made, 0);
		partition.cut = 1;
		assert_int_equal(psa_encapsulate(pair, PSA_ALG_ML_KEM, &attributes, &made,
						 ciphertext, size, &len),
				 PSA_ERROR_COMMUNICATION_FAILURE);
		partition.cut = 0;
		psa_destroy_key(pair);
	}
	take_way(1);
	assert_int_equal(psa_encapsulate(1, PSA_ALG_ML_KEM, &attributes, &made, ciphertext,
					 sizeof(ciphertext), &len),
			 PSA_ERROR_NOT_SUPPORTED);
}

static void rsa_encrypts_and_decrypts(void **state)
{
	const psa_algorithm_t alg = PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256);
	psa_key_id_t key = generate(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048, alg,
				    PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
	const uint8_t salt[] = "label";
	size_t len, back_len;

	(void)state;
	assert_int_equal(psa_asymmetric_encrypt(key, alg, in, 100, salt, 5, out, 256, &len), 0);
	assert_int_equal(len, 256);
	assert_int_equal(psa_asymmetric_decrypt(key, alg, out, 256, salt, 5, back, 256, &back_len),
			 0);
	assert_int_equal(back_len, 100);
	assert_memory_equal(in, back, 100);
	assert_int_equal(psa_asymmetric_decrypt(key, alg, out, 256, salt, 5, back, 99, &back_len),
			 PSA_ERROR_BUFFER_TOO_SMALL);
	assert_int_equal(psa_asymmetric_decrypt(key, alg, out, 256, NULL, 0, back, 256, &back_len),
			 PSA_ERROR_INVALID_PADDING);
	psa_destroy_key(key);
}

static void two_parties_agree_on_a_key(void **state)
{
	const psa_key_type_t type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY);
	psa_key_id_t a = generate(type, 255, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	psa_key_id_t b = generate(type, 255, PSA_ALG_ECDH, PSA_KEY_USAGE_DERIVE);
	uint8_t a_public[32], b_public[32], one[32], two[32];
	size_t len;

	(void)state;
	assert_int_equal(psa_export_public_key(a, a_public, 32, &len), 0);
	assert_int_equal(psa_export_public_key(b, b_public, 32, &len), 0);
	assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, a, b_public, 32, one, 32, &len), 0);
	assert_int_equal(len, 32);
	assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, b, a_public, 32, two, 32, &len), 0);
	assert_memory_equal(one, two, 32);
	psa_destroy_key(a);
	psa_destroy_key(b);
}

static void keys_are_derived(void **state)
{
	/* RFC 5869, test case 1. */
	static const uint8_t salt[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const uint8_t info[] = {
		0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9
	};
	static const uint8_t okm[] = { 0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90,
				       0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a, 0x2d, 0x2d,
				       0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d,
				       0x56, 0xec, 0xc4, 0xc5, 0xbf, 0x34, 0x00, 0x72, 0x08,
				       0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65 };
	psa_key_derivation_operation_t op = PSA_KEY_DERIVATION_OPERATION_INIT;
	const psa_algorithm_t alg = PSA_ALG_HKDF(PSA_ALG_SHA_256);
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t ikm[22], got[sizeof(okm)];
	psa_key_id_t secret, key;
	size_t capacity;

	(void)state;
	memset(ikm, 0x0b, sizeof(ikm));
	secret = import(PSA_KEY_TYPE_DERIVE, alg, PSA_KEY_USAGE_DERIVE, ikm, sizeof(ikm));
	assert_int_equal(psa_key_derivation_get_capacity(&op, &capacity), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_key_derivation_setup(&op, alg), 0);
	assert_int_equal(psa_key_derivation_setup(&op, alg), PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_key_derivation_get_capacity(&op, &capacity), 0);
	assert_int_equal(capacity, 255 * 32);
	assert_int_equal(psa_key_derivation_set_capacity(&op, 255 * 32 + 1),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_key_derivation_set_capacity(&op, SIZE_MAX),
			 PSA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(psa_key_derivation_set_capacity(&op, 100), 0);
	assert_int_equal(psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_SALT, salt,
							sizeof(salt)),
			 0);
	assert_int_equal(psa_key_derivation_input_key(&op, PSA_KEY_DERIVATION_INPUT_SECRET, secret),
			 0);
	assert_int_equal(psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_INFO, info,
							sizeof(info)),
			 0);
	assert_int_equal(psa_key_derivation_output_bytes(&op, got, sizeof(got)), 0);
	assert_memory_equal(got, okm, sizeof(got));
	psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
	psa_set_key_bits(&attributes, 256);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
	assert_int_equal(psa_key_derivation_output_key(&attributes, &op, &key), 0);
	psa_destroy_key(key);
	memset(got, 0xee, sizeof(got));
	assert_int_equal(psa_key_derivation_output_bytes(&op, got, sizeof(got)),
			 PSA_ERROR_INSUFFICIENT_DATA);
	assert_int_equal(got[0], 0);
	assert_int_equal(psa_key_derivation_abort(&op), 0);
	assert_int_equal(op.handle, 0);
	psa_destroy_key(secret);
}

static void passwords_are_stretched(void **state)
{
	/* RFC 7914, section 11: PBKDF2-HMAC-SHA-256 of "passwd". */
	static const uint8_t expected[] = { 0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f,
					    0xec, 0x16, 0x91, 0xc2, 0x25, 0x44, 0xb6, 0x05 };
	psa_key_derivation_operation_t op = PSA_KEY_DERIVATION_OPERATION_INIT;
	const psa_algorithm_t alg = PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256);
	psa_key_id_t key =
		import(PSA_KEY_TYPE_PASSWORD, alg,
		       PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_VERIFY_DERIVATION, "passwd", 6);
	psa_status_t status[] = { PSA_SUCCESS, PSA_ERROR_INVALID_SIGNATURE };
	uint8_t got[sizeof(expected)];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(psa_key_derivation_setup(&op, alg), 0);
		assert_int_equal(
			psa_key_derivation_input_integer(&op, PSA_KEY_DERIVATION_INPUT_COST, 1), 0);
		assert_int_equal(psa_key_derivation_input_bytes(&op, PSA_KEY_DERIVATION_INPUT_SALT,
								(const uint8_t *)"salt", 4),
				 0);
		assert_int_equal(
			psa_key_derivation_input_key(&op, PSA_KEY_DERIVATION_INPUT_PASSWORD, key),
			0);
		if (i == 2) {
			assert_int_equal(psa_key_derivation_output_bytes(&op, got, sizeof(got)), 0);
			assert_memory_equal(got, expected, sizeof(got));
		} else {
			memcpy(got, expected, sizeof(got));
			got[15] ^= (uint8_t)i;
			assert_int_equal(psa_key_derivation_verify_bytes(&op, got, sizeof(got)),
					 status[i]);
		}
		assert_int_equal(psa_key_derivation_abort(&op), 0);
	}
	psa_destroy_key(key);
}

static void random_bytes_differ(void **state)
{
	(void)state;
	assert_int_equal(psa_generate_random(NULL, 0), 0);
	assert_int_equal(psa_generate_random(out, 200000), 0);
	assert_int_equal(psa_generate_random(back, 200000), 0);
	for (size_t i = 0; i < 200000; i += 50000)
		assert_memory_not_equal(out + i, back + i, 32);
	assert_memory_not_equal(out, out + 61440, 32);
}

static void signatures_can_be_interrupted(void **state)
{
	const psa_algorithm_t alg = PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);
	psa_sign_hash_interruptible_operation_t sign = PSA_SIGN_HASH_INTERRUPTIBLE_OPERATION_INIT;
	psa_verify_hash_interruptible_operation_t verify =
		PSA_VERIFY_HASH_INTERRUPTIBLE_OPERATION_INIT;
	psa_key_id_t key = generate(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, alg,
				    PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
	uint8_t signature[64], direct[64];
	unsigned int rounds = 0;
	psa_status_t status;
	size_t len;

	(void)state;
	assert_int_equal(psa_sign_hash(key, alg, in, 32, direct, 64, &len), 0);
	psa_interruptible_set_max_ops(100);
	assert_int_equal(psa_interruptible_get_max_ops(), 100);
	assert_int_equal(psa_sign_hash_start(&sign, key, alg, in, 32), 0);
	assert_int_equal(psa_sign_hash_start(&sign, key, alg, in, 32), PSA_ERROR_BAD_STATE);
	do {
		status = psa_sign_hash_complete(&sign, signature, 64, &len);
		rounds++;
	} while (status == PSA_OPERATION_INCOMPLETE);
	assert_int_equal(status, 0);
	assert_true(rounds > 1);
	assert_true(psa_sign_hash_get_num_ops(&sign) > 100);
	assert_memory_equal(signature, direct, 64);
	assert_int_equal(psa_sign_hash_abort(&sign), 0);
	assert_int_equal(psa_sign_hash_get_num_ops(&sign), 0);

	signature[3] ^= 1;
	psa_interruptible_set_max_ops(PSA_INTERRUPTIBLE_MAX_OPS_UNLIMITED);
	assert_int_equal(psa_verify_hash_start(&verify, key, alg, in, 32, direct, 64), 0);
	assert_int_equal(psa_verify_hash_complete(&verify), 0);
	/* Through, so that it may begin anew; after a failure only an abort helps. */
	assert_int_equal(psa_verify_hash_start(&verify, key, alg, in, 32, signature, 64), 0);
	assert_int_equal(psa_verify_hash_complete(&verify), PSA_ERROR_INVALID_SIGNATURE);
	assert_int_equal(psa_verify_hash_start(&verify, key, alg, in, 32, signature, 64),
			 PSA_ERROR_BAD_STATE);
	assert_int_equal(psa_verify_hash_abort(&verify), 0);
	assert_int_equal(psa_verify_hash_complete(&verify), PSA_ERROR_BAD_STATE);
	psa_destroy_key(key);
}

/* One side of a J-PAKE exchange says its part of a round to the other. */
static void pake_say(psa_pake_operation_t *from, psa_pake_operation_t *to, unsigned int shares)
{
	static const psa_pake_step_t steps[] = { PSA_PAKE_STEP_KEY_SHARE, PSA_PAKE_STEP_ZK_PUBLIC,
						 PSA_PAKE_STEP_ZK_PROOF };
	uint8_t said[6][PSA_PAKE_OUTPUT_MAX_SIZE];
	size_t len[6];

	for (unsigned int i = 0; i < 3 * shares; i++)
		assert_int_equal(
			psa_pake_output(from, steps[i % 3], said[i], sizeof(said[i]), &len[i]), 0);
	for (unsigned int i = 0; i < 3 * shares; i++)
		assert_int_equal(psa_pake_input(to, steps[i % 3], said[i], len[i]), 0);
}

static void passwords_make_keys(void **state)
{
	psa_key_derivation_operation_t none = PSA_KEY_DERIVATION_OPERATION_INIT;
	psa_pake_cipher_suite_t suite = PSA_PAKE_CIPHER_SUITE_INIT;
	psa_pake_operation_t pake[2] = { PSA_PAKE_OPERATION_INIT, PSA_PAKE_OPERATION_INIT };
	const psa_algorithm_t alg = PSA_ALG_TLS12_PRF(PSA_ALG_SHA_256);
	psa_key_id_t key =
		import(PSA_KEY_TYPE_PASSWORD, PSA_ALG_JPAKE, PSA_KEY_USAGE_DERIVE, "password", 8);
	uint8_t secret[2][32];

	(void)state;
	psa_pake_cs_set_algorithm(&suite, PSA_ALG_JPAKE);
	psa_pake_cs_set_primitive(&suite, PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC,
							     PSA_ECC_FAMILY_SECP_R1, 256));
	psa_pake_cs_set_hash(&suite, PSA_ALG_SHA_256);
	for (unsigned int i = 0; i < 2; i++) {
		const char *me = i ? "server" : "client", *peer = i ? "client" : "server";

		assert_int_equal(psa_pake_setup(&pake[i], &suite), 0);
		assert_int_equal(psa_pake_set_password_key(&pake[i], key), 0);
		assert_int_equal(psa_pake_set_user(&pake[i], (const uint8_t *)me, 6), 0);
		assert_int_equal(psa_pake_set_peer(&pake[i], (const uint8_t *)peer, 6), 0);
	}
	pake_say(&pake[0], &pake[1], 2);
	pake_say(&pake[1], &pake[0], 2);
	pake_say(&pake[0], &pake[1], 1);
	pake_say(&pake[1], &pake[0], 1);
	for (unsigned int i = 0; i < 2; i++) {
		psa_key_derivation_operation_t kdf = PSA_KEY_DERIVATION_OPERATION_INIT;

		assert_int_equal(psa_key_derivation_setup(&kdf, alg), 0);
		assert_int_equal(
			psa_key_derivation_input_bytes(&kdf, PSA_KEY_DERIVATION_INPUT_SEED, in, 4),
			0);
		assert_int_equal(psa_pake_get_implicit_key(&pake[i], &kdf), 0);
		assert_int_equal(pake[i].handle, 0);
		assert_int_equal(
			psa_key_derivation_input_bytes(&kdf, PSA_KEY_DERIVATION_INPUT_LABEL, in, 4),
			0);
		assert_int_equal(psa_key_derivation_output_bytes(&kdf, secret[i], 32), 0);
		assert_int_equal(psa_key_derivation_abort(&kdf), 0);
	}
	assert_memory_equal(secret[0], secret[1], 32);

	/* A failure ends it. */
	assert_int_equal(psa_pake_setup(&pake[0], &suite), 0);
	assert_int_equal(psa_pake_get_implicit_key(&pake[0], &none), PSA_ERROR_BAD_STATE);
	assert_int_equal(pake[0].handle, 0);
	psa_destroy_key(key);
}

static void *hash_often(void *arg)
{
	const uint8_t *expected = arg;
	uint8_t hash[32];
	size_t len;

	for (unsigned int i = 0; i < 50; i++) {
		psa_hash_operation_t op = PSA_HASH_OPERATION_INIT;

		if (psa_hash_setup(&op, PSA_ALG_SHA_256) || psa_hash_update(&op, in, 70000) ||
		    psa_hash_finish(&op, hash, 32, &len) || memcmp(hash, expected, 32) ||
		    psa_hash_compute(PSA_ALG_SHA_256, in, 70000, hash, 32, &len) ||
		    memcmp(hash, expected, 32))
			return arg;
	}
	return NULL;
}

static void threads_and_children_have_operations_of_their_own(void **state)
{
	pthread_t threads[4];
	uint8_t expected[32];
	void *failed;
	size_t len;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, in, 70000, expected, 32, &len), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_often, expected), 0);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	child = fork_alone();
	assert_true(child >= 0);
	if (!child)
		_exit(!!hash_often(expected));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Each a way into the library. BAD_STATE: there was no session. */
static psa_status_t enter(unsigned int way)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
	uint32_t ids[4];
	psa_key_id_t key = 0;
	psa_status_t status;
	uint8_t got[64];
	size_t len;

	switch (way) {
	case 0:
		return psa_generate_random(got, sizeof(got));
	case 1:
		return psa_hash_compute(PSA_ALG_SHA_256, in, 100000, got, sizeof(got), &len);
	case 2:
		status = psa_hash_setup(&hash, PSA_ALG_SHA_256);
		if (status == PSA_SUCCESS)
			status = psa_hash_update(&hash, in, 9000);
		if (status == PSA_SUCCESS)
			status = psa_hash_finish(&hash, got, sizeof(got), &len);
		(void)psa_hash_abort(&hash);
		return status;
	case 3:
		psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
		psa_set_key_bits(&attributes, 128);
		status = psa_generate_key(&attributes, &key);
		if (status == PSA_SUCCESS)
			status = psa_get_key_attributes(key, &attributes);
		while (key && psa_destroy_key(key) == PSA_ERROR_BAD_STATE)
			sched_yield();
		return status;
	default:
		return tstee_key_list(0, ids, 4, &len);
	}
}

#define ENTRANCES 5u

static atomic_bool ends_over;

static void *call_on(void *arg)
{
	const unsigned int way = (unsigned int)(uintptr_t)arg;

	while (!ends_over) {
		psa_status_t status = enter(way);

		if (status != PSA_SUCCESS && status != PSA_ERROR_BAD_STATE) {
			print_error("way %u: %d %s\n", way, (int)status, tstee_error());
			return &ends_over;
		}
	}
	return NULL;
}

static void sessions_end_while_others_call(void **state)
{
	pthread_t threads[2 * ENTRANCES];
	unsigned int i, again;
	void *failed;
	int status;

	(void)state;
	ends_over = false;
	for (i = 0; i < 2 * ENTRANCES; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_on,
						(void *)(uintptr_t)(i % ENTRANCES)),
				 0);
	for (i = 0; i < 300; i++) {
		mbedtls_psa_crypto_free();
		if (FORKS_BESIDE_THREADS && i % 25 == 0) {
			pid_t child = fork();

			if (!child) {
				/* Whatever the others did, the child can begin anew. */
				alarm(60);
				if (psa_crypto_init() != PSA_SUCCESS)
					_exit(1);
				for (unsigned int way = 0; way < ENTRANCES; way++)
					if (enter(way) != PSA_SUCCESS)
						_exit(2);
				mbedtls_psa_crypto_free();
				_exit(enter(0) != PSA_ERROR_BAD_STATE);
			}
			assert_int_equal(waitpid(child, &status, 0), child);
			assert_int_equal(status, 0);
		}
		assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
		/* Now and then they have a session for a while. */
		for (again = 0; i % 50 == 0 && again < 20; again++)
			assert_int_equal(enter(again % ENTRANCES), PSA_SUCCESS);
	}
	ends_over = true;
	for (i = 0; i < 2 * ENTRANCES; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_works_before_init),
		cmocka_unit_test(init_says_why_there_is_no_partition),
		cmocka_unit_test_setup(hashes_are_the_same_by_every_way, reset),
		cmocka_unit_test_setup(one_shot_functions_are_one_call, reset),
		cmocka_unit_test_setup(partitions_without_vendor_opcodes_are_asked_once, reset),
		cmocka_unit_test_setup(macs_are_the_same_by_every_way, reset),
		cmocka_unit_test_setup(ciphers_are_the_same_by_every_way, reset),
		cmocka_unit_test_setup(aead_is_the_same_by_every_way, reset),
		cmocka_unit_test_setup(aead_in_parts_and_in_place, reset),
		cmocka_unit_test_setup(a_buffer_may_be_input_and_output, reset),
		cmocka_unit_test_setup(operations_have_their_states, reset),
		cmocka_unit_test_setup(failures_leave_no_operations_behind, reset),
		cmocka_unit_test_setup(malformed_responses_are_failures, reset),
		cmocka_unit_test_setup(keys_keep_their_attributes, reset),
		cmocka_unit_test_setup(keys_in_use_are_not_taken_for_a_dead_client_s, reset),
		cmocka_unit_test_setup(persistent_keys_have_names, reset),
		cmocka_unit_test_setup(messages_of_any_length_are_signed, reset),
		cmocka_unit_test_setup(a_public_key_comes_with_its_pair, reset),
		cmocka_unit_test_setup(messages_that_are_not_hashed_are_signed_as_a_whole, reset),
		cmocka_unit_test_setup(secrets_are_shared, reset),
		cmocka_unit_test_setup(rsa_encrypts_and_decrypts, reset),
		cmocka_unit_test_setup(two_parties_agree_on_a_key, reset),
		cmocka_unit_test_setup(keys_are_derived, reset),
		cmocka_unit_test_setup(passwords_are_stretched, reset),
		cmocka_unit_test_setup(random_bytes_differ, reset),
		cmocka_unit_test_setup(signatures_can_be_interrupted, reset),
		cmocka_unit_test_setup(passwords_make_keys, reset),
		cmocka_unit_test_setup(threads_and_children_have_operations_of_their_own, reset),
		cmocka_unit_test_setup(sessions_end_while_others_call, reset),
	};

	partition.buffer_max = SIZE_MAX;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + i / 251);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
