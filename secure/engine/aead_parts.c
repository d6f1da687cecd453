// SPDX-License-Identifier: BSD-3-Clause
/* AES-GCM and ChaCha20-Poly1305 in parts, without memory of their own beside the operation. */
#include <openssl/chacha.h>
#include <openssl/mem.h>
#include <openssl/poly1305.h>
#include <secure/engine/awslc.h>
#include <secure/engine/internal.h>
#include <secure/engine/storage.h>
#include <string.h>

#define TAG_LEN	       16u
#define CHACHA_BLOCK   64u
#define POLY1305_BLOCK 16u

struct gcm {
	GCM128_CONTEXT context;
	AES_KEY aes;
	ctr128_f stream;
};

/* RFC 8439, 2.8 */
struct chacha {
	poly1305_state mac;
	uint64_t ad_len, len;
	uint32_t counter; /* of the next block of key stream */
	uint32_t used;	  /* of this one */
	uint8_t stream[CHACHA_BLOCK];
	uint8_t key[ENGINE_CHACHA_KEY_LEN], nonce[ENGINE_CHACHA_NONCE_LEN];
	bool text; /* has begun: there is no more additional data */
};

struct parts {
	uint32_t tag_len;
	union {
		struct gcm gcm;
		struct chacha chacha;
	} u;
};

/* They are aligned here, since the memory of operations needn't be. */
#define ALIGNMENT 16u

_Static_assert(_Alignof(struct parts) <= ALIGNMENT &&
		       sizeof(struct parts) + ALIGNMENT - 1 <=
			       sizeof(((struct engine_aead *)NULL)->state),
	       "an AEAD must fit into the operation of the PSA core");

static struct parts *parts_of(struct engine_aead *operation)
{
	const uintptr_t address = (uintptr_t)operation->state;

	return (struct parts *)((address + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

/* Lengths by which key streams or the numbers of bits would repeat: of ChaCha20; GCM knows its own. */
#define CHACHA_MAX ((UINT64_C(1) << 32) * CHACHA_BLOCK - CHACHA_BLOCK)

static const uint8_t zeros[CHACHA_BLOCK];

static void chacha_nonce(struct chacha *chacha, const uint8_t nonce[ENGINE_CHACHA_NONCE_LEN])
{
	uint8_t mac_key[32];

	memcpy(chacha->nonce, nonce, ENGINE_CHACHA_NONCE_LEN);
	CRYPTO_chacha_20(mac_key, zeros, sizeof(mac_key), chacha->key, nonce, 0);
	CRYPTO_poly1305_init(&chacha->mac, mac_key);
	chacha->counter = 1;
	chacha->used = CHACHA_BLOCK;
	OPENSSL_cleanse(mac_key, sizeof(mac_key));
}

static void pad(struct chacha *chacha, uint64_t len)
{
	const size_t rest = len % POLY1305_BLOCK;

	if (rest)
		CRYPTO_poly1305_update(&chacha->mac, zeros, POLY1305_BLOCK - rest);
}

static void chacha_text(struct chacha *chacha)
{
	if (!chacha->text)
		pad(chacha, chacha->ad_len);
	chacha->text = true;
}

static void chacha_crypt(struct chacha *chacha, const uint8_t *in, uint8_t *out, size_t len)
{
	size_t whole;

	for (; len && chacha->used < CHACHA_BLOCK; len--)
		*out++ = *in++ ^ chacha->stream[chacha->used++];
	whole = len - len % CHACHA_BLOCK;
	if (whole) {
		CRYPTO_chacha_20(out, in, whole, chacha->key, chacha->nonce, chacha->counter);
		chacha->counter += (uint32_t)(whole / CHACHA_BLOCK);
		out += whole;
		in += whole;
		len -= whole;
	}
	if (!len)
		return;
	CRYPTO_chacha_20(chacha->stream, zeros, CHACHA_BLOCK, chacha->key, chacha->nonce,
			 chacha->counter++);
	for (chacha->used = 0; chacha->used < len; chacha->used++)
		out[chacha->used] = in[chacha->used] ^ chacha->stream[chacha->used];
}

static bool chacha_update(struct chacha *chacha, bool encrypts, const uint8_t *in, uint8_t *out,
			  size_t len)
{
	if (len > CHACHA_MAX - chacha->len)
		return false;
	chacha_text(chacha);
	chacha->len += len;
	if (!encrypts)
		CRYPTO_poly1305_update(&chacha->mac, in, len);
	chacha_crypt(chacha, in, out, len);
	if (encrypts)
		CRYPTO_poly1305_update(&chacha->mac, out, len);
	return true;
}

static void chacha_tag(struct chacha *chacha, uint8_t tag[TAG_LEN])
{
	uint8_t lens[16];

	chacha_text(chacha);
	pad(chacha, chacha->len);
	for (size_t i = 0; i < 8; i++) {
		lens[i] = (uint8_t)(chacha->ad_len >> 8 * i);
		lens[8 + i] = (uint8_t)(chacha->len >> 8 * i);
	}
	CRYPTO_poly1305_update(&chacha->mac, lens, sizeof(lens));
	CRYPTO_poly1305_finish(&chacha->mac, tag);
}

static bool gcm_update(struct gcm *gcm, bool encrypts, const uint8_t *in, uint8_t *out, size_t len)
{
	if (encrypts)
		return gcm->stream ? CRYPTO_gcm128_encrypt_ctr32(&gcm->context, &gcm->aes, in, out,
								 len, gcm->stream) :
				     CRYPTO_gcm128_encrypt(&gcm->context, &gcm->aes, in, out, len);
	return gcm->stream ? CRYPTO_gcm128_decrypt_ctr32(&gcm->context, &gcm->aes, in, out, len,
							 gcm->stream) :
			     CRYPTO_gcm128_decrypt(&gcm->context, &gcm->aes, in, out, len);
}

static void start(struct engine_aead *operation, bool encrypts, psa_algorithm_t alg,
		  const uint8_t *key, size_t key_len)
{
	struct parts *parts = parts_of(operation);

	memset(operation, 0, sizeof(*operation));
	operation->alg = PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg);
	operation->encrypts = encrypts;
	parts->tag_len = PSA_ALG_AEAD_GET_TAG_LENGTH(alg);
	if (operation->alg == PSA_ALG_GCM)
		parts->u.gcm.stream = aes_ctr_set_key(&parts->u.gcm.aes, &parts->u.gcm.context.key,
						      NULL, key, key_len);
	else
		memcpy(parts->u.chacha.key, key, ENGINE_CHACHA_KEY_LEN);
}

static psa_status_t setup(struct engine_aead *operation, bool encrypts,
			  const psa_key_attributes_t *attributes, const uint8_t *key,
			  size_t key_len, psa_algorithm_t alg)
{
	psa_status_t status;

	if (!PSA_ALG_IS_AEAD(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	status = engine_ready(engine_family_for(attributes, alg));
	if (status == PSA_SUCCESS)
		status = engine_ready(ENGINE_PARTS);
	if (status == PSA_SUCCESS)
		start(operation, encrypts, alg, key, key_len);
	return status;
}

psa_status_t engine_aead_encrypt_setup(struct engine_aead *operation,
				       const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, true, attributes, key, key_len, alg);
}

psa_status_t engine_aead_decrypt_setup(struct engine_aead *operation,
				       const psa_key_attributes_t *attributes, const uint8_t *key,
				       size_t key_len, psa_algorithm_t alg)
{
	return setup(operation, false, attributes, key, key_len, alg);
}

psa_status_t engine_aead_set_nonce(struct engine_aead *operation, const uint8_t *nonce,
				   size_t nonce_len)
{
	struct parts *parts = parts_of(operation);

	if (operation->alg == PSA_ALG_GCM) {
		if (!nonce_len)
			return PSA_ERROR_INVALID_ARGUMENT;
		CRYPTO_gcm128_setiv(&parts->u.gcm.context, &parts->u.gcm.aes, nonce, nonce_len);
		return PSA_SUCCESS;
	}
	if (nonce_len != ENGINE_CHACHA_NONCE_LEN)
		return PSA_ERROR_INVALID_ARGUMENT;
	chacha_nonce(&parts->u.chacha, nonce);
	return PSA_SUCCESS;
}

/* The core sees to it that they are kept. */
psa_status_t engine_aead_set_lengths(struct engine_aead *operation, size_t ad_len,
				     size_t plaintext_len)
{
	(void)operation;
	(void)ad_len;
	(void)plaintext_len;
	return PSA_SUCCESS;
}

psa_status_t engine_aead_update_ad(struct engine_aead *operation, const uint8_t *ad, size_t ad_len)
{
	struct parts *parts = parts_of(operation);

	if (!ad_len)
		return PSA_SUCCESS;
	if (operation->alg == PSA_ALG_GCM)
		return CRYPTO_gcm128_aad(&parts->u.gcm.context, ad, ad_len) ?
			       PSA_SUCCESS :
			       PSA_ERROR_INVALID_ARGUMENT;
	CRYPTO_poly1305_update(&parts->u.chacha.mac, ad, ad_len);
	parts->u.chacha.ad_len += ad_len;
	return PSA_SUCCESS;
}

psa_status_t engine_aead_update(struct engine_aead *operation, const uint8_t *input,
				size_t input_len, uint8_t *output, size_t output_size,
				size_t *output_len)
{
	struct parts *parts = parts_of(operation);
	bool done = true;

	*output_len = 0;
	if (output_size < input_len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	if (!input_len)
		return PSA_SUCCESS;
	if (operation->alg == PSA_ALG_GCM)
		done = gcm_update(&parts->u.gcm, operation->encrypts, input, output, input_len);
	else
		done = chacha_update(&parts->u.chacha, operation->encrypts, input, output,
				     input_len);
	if (!done)
		return PSA_ERROR_INVALID_ARGUMENT;
	*output_len = input_len;
	return PSA_SUCCESS;
}

static void whole_tag(struct engine_aead *operation, uint8_t tag[TAG_LEN])
{
	struct parts *parts = parts_of(operation);

	if (operation->alg == PSA_ALG_GCM)
		CRYPTO_gcm128_tag(&parts->u.gcm.context, tag, TAG_LEN);
	else
		chacha_tag(&parts->u.chacha, tag);
}

psa_status_t engine_aead_finish(struct engine_aead *operation, uint8_t *ciphertext,
				size_t ciphertext_size, size_t *ciphertext_len, uint8_t *tag,
				size_t tag_size, size_t *tag_len)
{
	const size_t len = parts_of(operation)->tag_len;
	uint8_t whole[TAG_LEN];

	(void)ciphertext;
	(void)ciphertext_size;
	*ciphertext_len = *tag_len = 0;
	if (tag_size < len)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	whole_tag(operation, whole);
	memcpy(tag, whole, len);
	*tag_len = len;
	return PSA_SUCCESS;
}

psa_status_t engine_aead_verify(struct engine_aead *operation, uint8_t *plaintext,
				size_t plaintext_size, size_t *plaintext_len, const uint8_t *tag,
				size_t tag_len)
{
	uint8_t whole[TAG_LEN];
	psa_status_t status = PSA_SUCCESS;

	(void)plaintext;
	(void)plaintext_size;
	*plaintext_len = 0;
	whole_tag(operation, whole);
	if (tag_len != parts_of(operation)->tag_len || CRYPTO_memcmp(tag, whole, tag_len))
		status = PSA_ERROR_INVALID_SIGNATURE;
	OPENSSL_cleanse(whole, sizeof(whole));
	return status;
}

psa_status_t engine_aead_abort(struct engine_aead *operation)
{
	OPENSSL_cleanse(operation, sizeof(*operation));
	return PSA_SUCCESS;
}

#define TEST_LEN    (ENGINE_AEAD_ANSWER_LEN - TAG_LEN)
#define TEST_AD_LEN 20u

/*
 * @in in two parts to @out, as the known answers have it. If AWS-LC's context were larger than it is here, what is
 * behind it would be changed.
 */
static bool crypt(bool encrypts, psa_algorithm_t alg, size_t cut, const uint8_t in[TEST_LEN],
		  uint8_t out[TEST_LEN], uint8_t tag[TAG_LEN])
{
	static const uint8_t guard[64] = { 1, 2, 3 };
	struct {
		struct engine_aead operation;
		uint8_t behind[sizeof(guard)];
	} room;
	uint8_t data[ENGINE_CHACHA_KEY_LEN];
	size_t first = 0, second = 0;
	bool good;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	memcpy(room.behind, guard, sizeof(guard));
	start(&room.operation, encrypts, alg, data, sizeof(data));
	good = engine_aead_set_nonce(&room.operation, data, ENGINE_CHACHA_NONCE_LEN) ==
		       PSA_SUCCESS &&
	       engine_aead_update_ad(&room.operation, data, TEST_AD_LEN / 3) == PSA_SUCCESS &&
	       engine_aead_update_ad(&room.operation, data + TEST_AD_LEN / 3,
				     TEST_AD_LEN - TEST_AD_LEN / 3) == PSA_SUCCESS &&
	       engine_aead_update(&room.operation, in, cut, out, cut, &first) == PSA_SUCCESS &&
	       engine_aead_update(&room.operation, in + cut, TEST_LEN - cut, out + cut,
				  TEST_LEN - cut, &second) == PSA_SUCCESS;
	whole_tag(&room.operation, tag);
	engine_aead_abort(&room.operation);
	return good && !memcmp(room.behind, guard, sizeof(guard));
}

static bool is_right(psa_algorithm_t alg, const uint8_t answer[ENGINE_AEAD_ANSWER_LEN])
{
	static const uint8_t cuts[] = { 0, 7, 16, 64, 71 };
	uint8_t data[TEST_LEN], out[TEST_LEN], tag[TAG_LEN];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(cuts); i++) {
		if (!crypt(true, alg, cuts[i], data, out, tag) || memcmp(out, answer, TEST_LEN) ||
		    memcmp(tag, answer + TEST_LEN, TAG_LEN) ||
		    !crypt(false, alg, cuts[i], answer, out, tag) || memcmp(out, data, TEST_LEN) ||
		    memcmp(tag, answer + TEST_LEN, TAG_LEN))
			return false;
	}
	return true;
}

bool engine_parts_test(enum engine_family family)
{
	(void)family;
	return is_right(PSA_ALG_GCM, engine_gcm_answer) &&
	       is_right(PSA_ALG_CHACHA20_POLY1305, engine_chacha_answer);
}
