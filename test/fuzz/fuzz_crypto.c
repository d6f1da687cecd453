// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the crypto service: the input is a sequence of messages to a few clients,
 * each made by the pattern of an opcode out of keys and handles that were given out before,
 * well-known numbers, and bytes of the input; then perhaps cut short or made longer.
 * libFuzzer's interface; replay.c drives it without libFuzzer.
 */
#include <secure/service/crypto/service.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/crypto.h>
#include <tstee/services.h>

#include <psa/crypto.h>
#include <tstee/key_policy.h>

/* So that an input takes no longer than some milliseconds. */
#define MESSAGE_COUNT 48

#define BUFFER_COUNT  2u
#define OBJECT_COUNT  8u
#define OBJECT_MAX    1024u
#define NUMBER_COUNT  8u

/* All that PSA has. */
#define USAGE 0xff03u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * What a request consists of: k a key, a an algorithm, h a handle, s a step, n any number,
 * t attributes, c a cipher suite of PAKE; then r for a record, p for a bulk part. What comes
 * back: K a key, H a handle.
 */
static const struct {
	uint16_t opcode;
	const char *pattern;
} shapes[] = {
	{ CRYPTO_GENERATE_KEY, "tK" },
	{ CRYPTO_DESTROY_KEY, "k" },
	{ CRYPTO_EXPORT_KEY, "k" },
	{ CRYPTO_EXPORT_PUBLIC_KEY, "k" },
	{ CRYPTO_IMPORT_KEY, "trK" },
	{ CRYPTO_SIGN_HASH, "kar" },
	{ CRYPTO_VERIFY_HASH, "karr" },
	{ CRYPTO_ASYMMETRIC_DECRYPT, "karr" },
	{ CRYPTO_ASYMMETRIC_ENCRYPT, "karr" },
	{ CRYPTO_GENERATE_RANDOM, "n" },
	{ CRYPTO_COPY_KEY, "ktK" },
	{ CRYPTO_PURGE_KEY, "k" },
	{ CRYPTO_GET_KEY_ATTRIBUTES, "k" },
	{ CRYPTO_SIGN_MESSAGE, "kar" },
	{ CRYPTO_VERIFY_MESSAGE, "karr" },
	{ CRYPTO_VERIFY_PKCS7, "rrr" },
	{ CRYPTO_UEFI_FINGERPRINT, "r" },
	{ CRYPTO_HASH_SETUP, "aH" },
	{ CRYPTO_HASH_UPDATE, "hr" },
	{ CRYPTO_HASH_FINISH, "h" },
	{ CRYPTO_HASH_ABORT, "h" },
	{ CRYPTO_HASH_VERIFY, "hr" },
	{ CRYPTO_HASH_CLONE, "hH" },
	{ CRYPTO_CIPHER_ENCRYPT_SETUP, "kaH" },
	{ CRYPTO_CIPHER_DECRYPT_SETUP, "kaH" },
	{ CRYPTO_CIPHER_GENERATE_IV, "h" },
	{ CRYPTO_CIPHER_SET_IV, "hr" },
	{ CRYPTO_CIPHER_UPDATE, "hr" },
	{ CRYPTO_CIPHER_FINISH, "h" },
	{ CRYPTO_CIPHER_ABORT, "h" },
	{ CRYPTO_DERIVATION_SETUP, "aH" },
	{ CRYPTO_DERIVATION_GET_CAPACITY, "h" },
	{ CRYPTO_DERIVATION_SET_CAPACITY, "hn" },
	{ CRYPTO_DERIVATION_INPUT_BYTES, "hsr" },
	{ CRYPTO_DERIVATION_INPUT_KEY, "hsk" },
	{ CRYPTO_DERIVATION_OUTPUT_BYTES, "hn" },
	{ CRYPTO_DERIVATION_OUTPUT_KEY, "htK" },
	{ CRYPTO_DERIVATION_ABORT, "h" },
	{ CRYPTO_DERIVATION_KEY_AGREEMENT, "hskr" },
	{ CRYPTO_RAW_KEY_AGREEMENT, "akr" },
	{ CRYPTO_MAC_SIGN_SETUP, "kaH" },
	{ CRYPTO_MAC_VERIFY_SETUP, "kaH" },
	{ CRYPTO_MAC_UPDATE, "hr" },
	{ CRYPTO_MAC_SIGN_FINISH, "h" },
	{ CRYPTO_MAC_VERIFY_FINISH, "hr" },
	{ CRYPTO_MAC_ABORT, "h" },
	{ CRYPTO_AEAD_ENCRYPT_SETUP, "kaH" },
	{ CRYPTO_AEAD_DECRYPT_SETUP, "kaH" },
	{ CRYPTO_AEAD_GENERATE_NONCE, "h" },
	{ CRYPTO_AEAD_SET_NONCE, "hr" },
	{ CRYPTO_AEAD_SET_LENGTHS, "hnn" },
	{ CRYPTO_AEAD_UPDATE_AD, "hr" },
	{ CRYPTO_AEAD_UPDATE, "hr" },
	{ CRYPTO_AEAD_FINISH, "h" },
	{ CRYPTO_AEAD_VERIFY, "hr" },
	{ CRYPTO_AEAD_ABORT, "h" },
	{ CRYPTO_HASH_COMPUTE, "ap" },
	{ CRYPTO_HASH_COMPARE, "app" },
	{ CRYPTO_MAC_COMPUTE, "kap" },
	{ CRYPTO_MAC_VERIFY, "kapp" },
	{ CRYPTO_CIPHER_ENCRYPT, "kap" },
	{ CRYPTO_CIPHER_DECRYPT, "kap" },
	{ CRYPTO_AEAD_ENCRYPT, "kappp" },
	{ CRYPTO_AEAD_DECRYPT, "kappp" },
	{ CRYPTO_MESSAGE_SIGN_SETUP, "kaH" },
	{ CRYPTO_MESSAGE_VERIFY_SETUP, "kaH" },
	{ CRYPTO_MESSAGE_UPDATE, "hp" },
	{ CRYPTO_MESSAGE_SIGN_FINISH, "h" },
	{ CRYPTO_MESSAGE_VERIFY_FINISH, "hp" },
	{ CRYPTO_MESSAGE_ABORT, "h" },
	{ CRYPTO_SIGN_HASH_START, "kapH" },
	{ CRYPTO_SIGN_HASH_COMPLETE, "hn" },
	{ CRYPTO_VERIFY_HASH_START, "kappH" },
	{ CRYPTO_VERIFY_HASH_COMPLETE, "hn" },
	{ CRYPTO_INTERRUPTIBLE_NUM_OPS, "h" },
	{ CRYPTO_INTERRUPTIBLE_ABORT, "h" },
	{ CRYPTO_PAKE_SETUP, "cH" },
	{ CRYPTO_PAKE_SET_PASSWORD_KEY, "hk" },
	{ CRYPTO_PAKE_SET_USER, "hp" },
	{ CRYPTO_PAKE_SET_PEER, "hp" },
	{ CRYPTO_PAKE_SET_ROLE, "hs" },
	{ CRYPTO_PAKE_OUTPUT, "hs" },
	{ CRYPTO_PAKE_INPUT, "hsp" },
	{ CRYPTO_PAKE_GET_IMPLICIT_KEY, "hh" },
	{ CRYPTO_PAKE_ABORT, "h" },
	{ CRYPTO_DERIVATION_INPUT_INTEGER, "hsnn" },
	{ CRYPTO_DERIVATION_VERIFY_BYTES, "hp" },
	{ CRYPTO_DERIVATION_VERIFY_KEY, "hk" },
	{ CRYPTO_DERIVATION_OUTPUT_KEY_CUSTOM, "htnpK" },
	{ CRYPTO_GENERATE_KEY_CUSTOM, "tnpK" },
	{ CRYPTO_GENERATE_PAIR, "tK" },
	{ CRYPTO_KEY_SET_NAME, "kp" },
	{ CRYPTO_KEY_GET_NAME, "k" },
	{ CRYPTO_KEY_LIST, "k" },
	{ CRYPTO_KEY_SET_NOTE, "kp" },
	{ CRYPTO_KEY_DESCRIBE, "k" },
	{ CRYPTO_KEY_CHANGES, "" },
	{ CRYPTO_KEY_AGREEMENT, "katpK" },
	{ CRYPTO_KEY_WRAP, "kakp" },
	{ CRYPTO_KEY_UNWRAP, "katppK" },
	{ 0x0103, "" },
};

/* Keys that each input starts with; all of them may do all that their algorithm allows. */
static const struct {
	uint32_t type, bits, alg, lifetime;
} starters[NUMBER_COUNT] = {
	{ PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM, 0 },
	{ PSA_KEY_TYPE_AES, 256, PSA_ALG_CBC_PKCS7, 1 },
	{ PSA_KEY_TYPE_HMAC, 256, PSA_ALG_HMAC(PSA_ALG_SHA_256), 0 },
	{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256,
	  PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256), 1 },
	{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255, PSA_ALG_ECDH, 0 },
	{ PSA_KEY_TYPE_DERIVE, 256, PSA_ALG_HKDF(PSA_ALG_SHA_256), 0 },
	{ PSA_KEY_TYPE_PASSWORD, 64, PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256), 0 },
	{ PSA_KEY_TYPE_PASSWORD, 64, PSA_ALG_JPAKE, 0 },
};

static const uint32_t algorithms[] = {
	TSTEE_KEY_SET | TSTEE_KEY_ALL,
	PSA_ALG_SHA_256,
	PSA_ALG_SHA3_512,
	PSA_ALG_GCM,
	PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4),
	PSA_ALG_CHACHA20_POLY1305,
	PSA_ALG_CTR,
	PSA_ALG_CBC_PKCS7,
	PSA_ALG_ECB_NO_PADDING,
	PSA_ALG_CMAC,
	PSA_ALG_HMAC(PSA_ALG_SHA_256),
	PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256),
	PSA_ALG_ECDSA_ANY,
	PSA_ALG_ECDH,
	PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, PSA_ALG_HKDF(PSA_ALG_SHA_256)),
	PSA_ALG_HKDF(PSA_ALG_SHA_256),
	PSA_ALG_TLS12_PRF(PSA_ALG_SHA_256),
	PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256),
	PSA_ALG_TLS12_ECJPAKE_TO_PMS,
	PSA_ALG_JPAKE,
	PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256),
	PSA_ALG_RSA_PKCS1V15_SIGN_RAW,
};

static struct crypto crypto;
static struct endpoint ep;
static _Alignas(16) uint8_t messages[2 * ENDPOINT_MESSAGE_MAX];
static const uint8_t zeros[ENDPOINT_MESSAGE_MAX];
static uint8_t *pages; /* on the heap, so that the sanitizer sees every step beyond */
static uint64_t random_state;
static bool storage_fails;
static uint32_t keys[NUMBER_COUNT], handles[NUMBER_COUNT];
static size_t key_next, handle_next;
static size_t setup;	    /* the shape that gave the last handle */
static uint32_t likely_alg; /* that of the key that was chosen last */

static struct {
	struct crypto_object name;
	uint8_t data[OBJECT_MAX];
	size_t len;
} objects[OBJECT_COUNT];

static size_t find(const struct crypto_object *name)
{
	size_t i = 0;

	while (i < OBJECT_COUNT &&
	       (objects[i].name.uid != name->uid || objects[i].name.client_id != name->client_id))
		i++;
	return i;
}

static psa_status_t set(void *ctx, const struct crypto_object *name, const void *data, size_t len)
{
	size_t i = find(name);

	(void)ctx;
	for (size_t j = 0; i == OBJECT_COUNT && j < OBJECT_COUNT; j++)
		i = objects[j].name.uid ? i : j;
	if (storage_fails || i == OBJECT_COUNT || len > OBJECT_MAX)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	objects[i].name = *name;
	objects[i].len = len;
	memcpy(objects[i].data, data, len);
	return PSA_SUCCESS;
}

static psa_status_t get(void *ctx, const struct crypto_object *name, size_t offset, void *data,
			size_t size, size_t *len)
{
	size_t i = find(name);

	(void)ctx;
	if (i == OBJECT_COUNT)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (offset > objects[i].len)
		return PSA_ERROR_INVALID_ARGUMENT;
	*len = objects[i].len - offset < size ? objects[i].len - offset : size;
	memcpy(data, objects[i].data + offset, *len);
	return PSA_SUCCESS;
}

static psa_status_t get_len(void *ctx, const struct crypto_object *name, size_t *len)
{
	size_t i = find(name);

	(void)ctx;
	if (i == OBJECT_COUNT)
		return PSA_ERROR_DOES_NOT_EXIST;
	*len = objects[i].len;
	return PSA_SUCCESS;
}

static psa_status_t drop(void *ctx, const struct crypto_object *name)
{
	size_t i = find(name);

	(void)ctx;
	if (storage_fails)
		return PSA_ERROR_STORAGE_FAILURE;
	if (i == OBJECT_COUNT)
		return PSA_ERROR_DOES_NOT_EXIST;
	objects[i].name.uid = 0;
	return PSA_SUCCESS;
}

static psa_status_t list(void *ctx, const struct crypto_object *above, uint64_t *uids, size_t max,
			 size_t *count)
{
	uint64_t last = above->uid;

	(void)ctx;
	for (*count = 0; *count < max; last = uids[(*count)++]) {
		uint64_t next = UINT64_MAX;

		for (size_t i = 0; i < OBJECT_COUNT; i++) {
			if (objects[i].name.client_id == above->client_id &&
			    objects[i].name.uid > last && objects[i].name.uid < next)
				next = objects[i].name.uid;
		}
		if (next == UINT64_MAX)
			break;
		uids[*count] = next;
	}
	return PSA_SUCCESS;
}

/* The same for the same input. */
static int random_bytes(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		random_state = random_state * 6364136223846793005u + 1442695040888963407u;
		out[i] = (uint8_t)(random_state >> 56);
	}
	return 0;
}

static int map(uint16_t source_id, uint64_t handle, uint64_t tag, void **addr, size_t *len)
{
	(void)source_id;
	(void)tag;
	*addr = pages;
	*len = handle ? ENDPOINT_MESSAGE_MAX : TS_RPC_PAGE_LEN;
	return 0;
}

static int unmap(uint64_t handle)
{
	(void)handle;
	return 0;
}

static void manage(uint16_t opcode, uint32_t handle)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0xff, opcode), handle };

	endpoint_handle(&ep, 0, words);
}

/* The next byte of the input; zeros behind its end. */
static uint8_t take(struct reader *r)
{
	const uint8_t *p;

	return r->pos < r->len && reader_bytes(r, 1, &p) ? *p : 0;
}

/* The next bytes of the input, as many as it says; now and then many more. */
static size_t take_bytes(struct reader *r, const uint8_t **bytes)
{
	static const char *const words[] = { "client", "server", "name", "nonce of 12!" };
	const size_t left = r->len - r->pos;
	size_t len = take(r);

	if (len >= 0xe0 && len < 0xf0) {
		*bytes = (const uint8_t *)words[len % 4];
		return strlen(words[len % 4]);
	}
	if (len == 0xff) {
		*bytes = zeros;
		return (size_t)take(r) << 8;
	}
	len %= 80;
	if (len > left)
		len = left ? left - 1 : 0;
	return reader_bytes(r, len, bytes) ? len : 0;
}

static uint32_t take_word(struct reader *r, char what)
{
	const uint8_t byte = take(r);

	/* Anything at all. */
	if (byte >= 0xf0)
		return (uint32_t)take(r) << 24 | (uint32_t)take(r) << 8 | take(r);
	switch (what) {
	case 'k':
		likely_alg = starters[byte % NUMBER_COUNT].alg;
		return keys[byte % NUMBER_COUNT];
	case 'h':
		/* Mostly the last one. */
		return handles[(handle_next - (byte < 0xc0 ? 1 : byte)) % NUMBER_COUNT];
	case 'a':
		if (byte < 0xc0 && likely_alg)
			return likely_alg;
		return algorithms[byte % (sizeof(algorithms) / sizeof(algorithms[0]))];
	case 's':
		/* Of a PAKE, or of a derivation: a secret or not. */
		return byte & 0x80 ? byte & 3u : (byte & 0x40 ? 0x0100u : 0x0200u) | (byte & 7u);
	default:
		return byte;
	}
}

static bool put_attributes(struct writer *w, struct reader *r)
{
	const size_t i = take(r) % NUMBER_COUNT;
	const uint8_t odd = take(r);
	uint32_t words[] = {
		starters[i].type, starters[i].bits, starters[i].lifetime, take(r) % 8u, USAGE,
		starters[i].alg
	};
	bool put = true;

	if (odd >= 0x80)
		words[odd % 6u] = take_word(r, odd & 0x40 ? 'a' : 'n');
	/* To find primes takes too long. */
	if (words[0] == PSA_KEY_TYPE_RSA_KEY_PAIR)
		words[0] = PSA_KEY_TYPE_RSA_PUBLIC_KEY;
	for (size_t j = 0; j < 6; j++)
		put = put && writer_u32(w, words[j]);
	return put;
}

static bool put_suite(struct writer *w, struct reader *r)
{
	const uint8_t odd = take(r);

	return writer_u32(w, odd & 0x40 ? take_word(r, 'a') : PSA_ALG_JPAKE) &&
	       writer_u32(w, odd & 0x20 ? take_word(r, 'n') :
					  PSA_PAKE_PRIMITIVE(PSA_PAKE_PRIMITIVE_TYPE_ECC,
							     PSA_ECC_FAMILY_SECP_R1, 256)) &&
	       writer_u32(w, odd & 0x10 ? take_word(r, 'a') : PSA_ALG_SHA_256);
}

static bool put_bytes(struct writer *w, struct reader *r, uint8_t tag)
{
	const uint8_t *bytes;
	const size_t len = take_bytes(r, &bytes);
	const uint8_t header[4] = { 0, tag, (uint8_t)(len >> 8), (uint8_t)len };

	return (tag ? writer_bytes(w, header, sizeof(header)) : writer_u32(w, (uint32_t)len)) &&
	       writer_bytes(w, bytes, len);
}

/* Makes the request of @pattern; returns what its response gives: 'K', 'H' or nothing. */
static char put_request(struct writer *w, struct reader *r, const char *pattern)
{
	uint8_t tag = 0;
	bool put = true;

	for (; put && *pattern; pattern++) {
		if (*pattern == 'K' || *pattern == 'H')
			return *pattern;
		if (*pattern == 't')
			put = put_attributes(w, r);
		else if (*pattern == 'c')
			put = put_suite(w, r);
		else if (*pattern == 'r')
			put = put_bytes(w, r, ++tag);
		else if (*pattern == 'p')
			put = put_bytes(w, r, 0);
		else
			put = writer_u32(w, take_word(r, *pattern));
	}
	return 0;
}

/* Calls by @shape; what lies in the page is the request. */
static void call(size_t shape, uint32_t buffer, size_t len, uint32_t client_id, char gives)
{
	uint32_t words[TS_RPC_REGS] = { ts_rpc_control(0, shapes[shape].opcode), buffer, 0,
					(uint32_t)len, client_id };

	endpoint_handle(&ep, 0, words);
	if (words[3] > (buffer ? ENDPOINT_MESSAGE_MAX : TS_RPC_PAGE_LEN))
		abort();
	/* Nothing of this call may be found by the next one. */
	if (memcmp(ep.response, zeros, ep.message_max) || memcmp(ep.request, zeros, ep.message_max))
		abort();
	if (words[1] || words[2] || words[3] != sizeof(uint32_t))
		return;
	if (gives == 'K')
		memcpy(&keys[key_next++ % NUMBER_COUNT], pages, sizeof(uint32_t));
	if (gives == 'H') {
		memcpy(&handles[handle_next++ % NUMBER_COUNT], pages, sizeof(uint32_t));
		setup = shape;
	}
}

static void message(struct reader *r)
{
	const uint8_t choice = take(r), odd = take(r);
	struct writer w;
	size_t i, len;
	char gives;

	/* Mostly one that goes on with what was set up last. */
	i = choice & 0x80 ? setup + (choice & 0x0f) : choice;
	i %= sizeof(shapes) / sizeof(shapes[0]);
	likely_alg = 0;

	storage_fails = odd % 16 == 1;
	if (odd % 16 == 2) {
		manage(TS_RPC_MEMORY_RELINQUISH, odd >> 4 & 1);
		manage(TS_RPC_MEMORY_RETRIEVE, odd >> 4 & 1);
	}
	writer_init(&w, pages, TS_RPC_PAGE_LEN);
	gives = put_request(&w, r, shapes[i].pattern);
	len = w.len;
	if (odd % 16 == 3)
		len = len ? take(r) % len : 0;
	else if (odd % 16 == 4)
		len += take(r);
	if (len > TS_RPC_PAGE_LEN)
		len = TS_RPC_PAGE_LEN;
	call(i, odd >> 4 & 1, len, odd >> 5 & 3 ? 0x800003e8u : odd >> 5, gives);
}

static void start_with_keys(void)
{
	size_t shape = 0;
	struct writer w;

	while (shapes[shape].opcode != CRYPTO_IMPORT_KEY)
		shape++;

	for (uint32_t i = 0; i < NUMBER_COUNT; i++) {
		const uint32_t words[] = {
			starters[i].type, starters[i].bits, starters[i].lifetime, i + 1, USAGE,
			starters[i].alg
		};
		const uint8_t header[] = { 0, 1, 0, (uint8_t)((starters[i].bits + 7) / 8) };

		writer_init(&w, pages, TS_RPC_PAGE_LEN);
		for (size_t j = 0; j < 6; j++) {
			if (!writer_u32(&w, words[j]))
				abort();
		}
		if (!writer_bytes(&w, header, sizeof(header)) ||
		    !writer_bytes(&w, "0123456789abcdef0123456789abcdef", header[3]))
			abort();
		call(shape, 0, w.len, 0x800003e8, 'K');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uuid[] = TSTEE_CRYPTO_UUID_BYTES;
	static const struct endpoint_memory_ops memory = { map, unmap };
	static const struct service *const services[] = { &crypto.service };
	static const struct crypto_storage_ops storage = { set, get, get_len, drop, list, NULL };
	const struct crypto_platform platform = { .random = random_bytes, .storage = &storage };
	struct reader r;

	pages = calloc(1, ENDPOINT_MESSAGE_MAX);
	if (!pages)
		abort();
	random_state = 1;
	storage_fails = false;
	key_next = 0;
	handle_next = 0;
	setup = 0;
	memset(objects, 0, sizeof(objects));
	memset(keys, 0, sizeof(keys));
	memset(handles, 0, sizeof(handles));
	if (crypto_init(&crypto, uuid, &platform) != PSA_SUCCESS)
		abort();
	endpoint_init(&ep, &memory, services, 1, messages, sizeof(messages));
	for (uint32_t i = 0; i < BUFFER_COUNT; i++)
		manage(TS_RPC_MEMORY_RETRIEVE, i);
	start_with_keys();
	if (key_next != NUMBER_COUNT)
		abort();

	reader_init(&r, data, size);
	for (int i = 0; i < MESSAGE_COUNT && r.pos < r.len; i++)
		message(&r);

	crypto_exit(&crypto);
	free(pages);
	return 0;
}
