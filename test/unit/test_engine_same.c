// SPDX-License-Identifier: BSD-3-Clause
/*
 * The engine and the PSA core's own code do the same: random operations, hostile inputs among them, once with
 * each, compared status by status and byte by byte.
 *
 *	test_engine_same [--count N] [--seed N] [--only FAMILY]
 *
 * N operations of each family, each of a seed of its own, from the first on; keys of RSA are new each time.
 */
#include "crypto_fixture.h"
#include <getopt.h>
#include <mbedtls/asn1.h>
#include <mbedtls/rsa.h>
#include <secure/engine/engine.h>
#include <secure/service/crypto/internal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define ANY_OF(table)	((table)[below(COUNT_OF(table))])

#define DATA_MAX	16384u
#define SHOWN_MAX	20u

/* Numbers that an operation is made of: the same both times. */
static uint64_t dice;

static uint64_t roll(void)
{
	uint64_t x = dice += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static size_t below(size_t limit)
{
	return roll() % limit;
}

static void fill(uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)roll();
}

/* Mostly short, sometimes long. */
static size_t any_len(void)
{
	return below(below(16) ? 200 : DATA_MAX);
}

/* One bit, or byte, or the length of what was right. */
static void spoil(uint8_t *data, size_t *len)
{
	switch (below(6)) {
	case 0:
		*len -= *len > 0;
		break;
	case 1:
		data[(*len)++] = 0;
		break;
	case 2:
		memset(data, 0, *len / 2);
		break;
	case 3:
		memset(data + *len / 2, 0xff, *len - *len / 2);
		break;
	default:
		if (*len)
			data[below(*len)] ^= (uint8_t)(1u << below(8));
		break;
	}
}

/* What the first of the two has done, and how far the second has come. */
static struct {
	uint8_t data[1 << 19];
	size_t len, at;
	bool second, own, differs;
	const char *what;
} run;

/* Until it is called again the other one works. */
static void turn(void)
{
	run.own = !run.own;
	engine_leave(run.own);
}

static void note_bytes(const char *what, const void *data, size_t len)
{
	if (run.differs)
		return;
	if (!run.second) {
		if (len > sizeof(run.data) - run.len)
			abort();
		memcpy(run.data + run.len, data, len);
		run.len += len;
		return;
	}
	run.differs = len > run.len - run.at || memcmp(run.data + run.at, data, len);
	run.what = what;
	if (run.differs && len == sizeof(uint64_t) && run.len - run.at >= len) {
		int64_t values[2];

		memcpy(&values[0], run.data + run.at, len);
		memcpy(&values[1], data, len);
		printf("# %s: %lld and %lld\n", what, (long long)values[0], (long long)values[1]);
	}
	run.at += len;
}

static void note(const char *what, int64_t value)
{
	note_bytes(what, &value, sizeof(value));
}

/* Results that weren't errors. */
static unsigned long good;

/* A status and, if it is good, what came out. */
static void note_result(const char *what, psa_status_t status, const uint8_t *out,
			const size_t *len)
{
	note(what, status);
	if (status != PSA_SUCCESS)
		return;
	good++;
	note(what, (int64_t)*len);
	if (out)
		note_bytes(what, out, *len);
}

static mbedtls_svc_key_id_t import_key(psa_key_type_t type, psa_algorithm_t alg,
				       const uint8_t *data, size_t len)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes,
				PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT |
					PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH |
					PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE |
					PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_EXPORT);
	note("import", psa_import_key(&attributes, data, len, &key));
	return key;
}

static uint8_t in[DATA_MAX + 64], out[DATA_MAX + 512], back[DATA_MAX + 512];

static const psa_algorithm_t hashes[] = {
	PSA_ALG_SHA_1, PSA_ALG_SHA_224, PSA_ALG_SHA_256, PSA_ALG_SHA_384, PSA_ALG_SHA_512,
};

static void hash(void)
{
	const psa_algorithm_t alg = ANY_OF(hashes);
	const size_t len = any_len(), size = below(8) ? PSA_HASH_LENGTH(alg) : below(70);
	psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT, copy = PSA_HASH_OPERATION_INIT;
	size_t out_len = 0;

	fill(in, len);
	note_result("hash", psa_hash_compute(alg, in, len, out, size, &out_len), out, &out_len);
	note("setup", psa_hash_setup(&operation, alg));
	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + below(len - at);
		note("update", psa_hash_update(&operation, in + at, part));
		if (!below(4)) {
			note("clone", psa_hash_clone(&operation, &copy));
			note("update", psa_hash_update(&copy, in, part));
			note_result("finish", psa_hash_finish(&copy, out, sizeof(out), &out_len),
				    out, &out_len);
		}
	}
	note_result("finish", psa_hash_finish(&operation, out, size, &out_len), out, &out_len);
	note("abort", psa_hash_abort(&operation));
	note("compare", psa_hash_compare(alg, in, len, out, below(70)));
}

static const size_t aes_lens[] = { 16, 24, 32 };

static void mac_with(psa_key_type_t type, size_t key_len, psa_algorithm_t full)
{
	const psa_algorithm_t alg = below(2) ? full : PSA_ALG_TRUNCATED_MAC(full, below(44));
	const size_t len = any_len();
	psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
	mbedtls_svc_key_id_t key;
	size_t out_len = 0, part_len = 0;

	fill(in, key_len);
	key = import_key(type, alg, in, key_len);
	fill(in, len);
	note_result("mac", psa_mac_compute(key, alg, in, len, out, below(80), &out_len), out,
		    &out_len);
	note_result("mac", psa_mac_compute(key, alg, in, len, out, 64, &out_len), out, &out_len);
	note("setup", psa_mac_sign_setup(&operation, key, alg));
	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + below(len - at);
		note("update", psa_mac_update(&operation, in + at, part));
	}
	note_result("finish",
		    psa_mac_sign_finish(&operation, back, below(4) ? 64 : below(64), &part_len),
		    back, &part_len);
	psa_mac_abort(&operation);
	if (below(2))
		spoil(out, &out_len);
	note("verify", psa_mac_verify(key, alg, in, len, out, out_len));
	note("setup", psa_mac_verify_setup(&operation, key, alg));
	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + below(len - at);
		note("update", psa_mac_update(&operation, in + at, part));
	}
	note("verify", psa_mac_verify_finish(&operation, out, out_len));
	psa_mac_abort(&operation);
	psa_destroy_key(key);
}

static void hmac(void)
{
	mac_with(PSA_KEY_TYPE_HMAC, 1 + below(below(4) ? 64 : 300), PSA_ALG_HMAC(ANY_OF(hashes)));
}

static void cmac(void)
{
	mac_with(PSA_KEY_TYPE_AES, ANY_OF(aes_lens), PSA_ALG_CMAC);
}

#define SALT	 PSA_KEY_DERIVATION_INPUT_SALT
#define SEED	 PSA_KEY_DERIVATION_INPUT_SEED
#define SECRET	 PSA_KEY_DERIVATION_INPUT_SECRET
#define PASSWORD PSA_KEY_DERIVATION_INPUT_PASSWORD
#define LABEL	 PSA_KEY_DERIVATION_INPUT_LABEL
#define INFO	 PSA_KEY_DERIVATION_INPUT_INFO

static void kdf(void)
{
	const psa_algorithm_t md = ANY_OF(hashes);
	/* The steps in order, and now and then one that isn't the algorithm's. */
	const struct {
		psa_algorithm_t alg;
		psa_key_derivation_step_t steps[4];
	} kinds[] = {
		{ PSA_ALG_HKDF(md), { SALT, SECRET, INFO } },
		{ PSA_ALG_HKDF_EXTRACT(md), { SALT, SECRET } },
		{ PSA_ALG_HKDF_EXPAND(md), { SECRET, INFO } },
		{ PSA_ALG_PBKDF2_HMAC(md), { SALT, PASSWORD } },
		{ PSA_ALG_TLS12_PRF(md), { SEED, SECRET, LABEL } },
		{ PSA_ALG_TLS12_PSK_TO_MS(md), { SEED, SECRET, LABEL } },
	};
	const size_t which = below(COUNT_OF(kinds)), key_len = 1 + below(100);
	const psa_algorithm_t alg = kinds[which].alg;
	const bool password = PSA_ALG_IS_PBKDF2(alg);
	psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
	mbedtls_svc_key_id_t key;

	fill(in, key_len);
	key = import_key(password ? PSA_KEY_TYPE_PASSWORD : PSA_KEY_TYPE_DERIVE, alg, in, key_len);
	note("setup", psa_key_derivation_setup(&operation, alg));
	if (password)
		note("cost", psa_key_derivation_input_integer(
				     &operation, PSA_KEY_DERIVATION_INPUT_COST, 1 + below(20)));
	for (size_t i = 0; i < COUNT_OF(kinds[0].steps) && kinds[which].steps[i]; i++) {
		const psa_key_derivation_step_t step =
			below(64) ? kinds[which].steps[i] : kinds[below(6)].steps[below(2)];
		const size_t len = below(100);

		if (step == SECRET || step == PASSWORD) {
			note("secret", psa_key_derivation_input_key(&operation, step, key));
			continue;
		}
		fill(in, len);
		note("input", psa_key_derivation_input_bytes(&operation, step, in, len));
	}
	for (int i = 0; i < 3; i++) {
		const size_t len = 1 + below(150);

		note_result("output", psa_key_derivation_output_bytes(&operation, out, len), out,
			    &len);
	}
	psa_key_derivation_abort(&operation);
	psa_destroy_key(key);
}

/* The same in parts; the output to @out. */
static void cipher_in_parts(bool encrypt, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			    const uint8_t *iv, size_t iv_len, const uint8_t *data, size_t len)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	const size_t size = below(8) ? sizeof(out) : below(len + 48);
	size_t part_len = 0, total = 0;
	psa_status_t status;

	note("setup", encrypt ? psa_cipher_encrypt_setup(&operation, key, alg) :
				psa_cipher_decrypt_setup(&operation, key, alg));
	if (iv_len)
		note("iv", psa_cipher_set_iv(&operation, iv, iv_len));
	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + below(len - at);
		status = psa_cipher_update(&operation, data + at, part, out + total, size - total,
					   &part_len);
		note_result("update", status, out + total, &part_len);
		total += status == PSA_SUCCESS ? part_len : 0;
	}
	status = psa_cipher_finish(&operation, out + total, size - total, &part_len);
	total += status == PSA_SUCCESS ? part_len : 0;
	note_result("finish", status, out, &total);
	psa_cipher_abort(&operation);
}

static void cipher(void)
{
	static const psa_algorithm_t algs[] = {
		PSA_ALG_CTR,	   PSA_ALG_CFB,
		PSA_ALG_OFB,	   PSA_ALG_CBC_NO_PADDING,
		PSA_ALG_CBC_PKCS7, PSA_ALG_ECB_NO_PADDING,
	};
	const psa_algorithm_t alg = ANY_OF(algs);
	const size_t iv_len = alg == PSA_ALG_ECB_NO_PADDING ? 0 : 16;
	const size_t len = below(2) ? any_len() / 16 * 16 : any_len(), key_len = ANY_OF(aes_lens);
	uint8_t iv[16] = { 0 };
	mbedtls_svc_key_id_t key;
	size_t out_len = 0, back_len = 0, size = below(8) ? sizeof(out) : below(len + 48);
	psa_status_t status;

	fill(in, key_len);
	key = import_key(PSA_KEY_TYPE_AES, alg, in, key_len);
	fill(in, len);
	fill(iv, iv_len);
	/* A counter that runs over. */
	if (!below(4))
		memset(iv + below(12), 0xff, 4);
	cipher_in_parts(true, key, alg, iv, iv_len, in, len);

	/* The initial vector isn't ours; so what one encrypts the other decrypts. */
	status = psa_cipher_encrypt(key, alg, in, len, out, size, &out_len);
	note_result("encrypt", status, NULL, &out_len);
	if (status == PSA_SUCCESS) {
		turn();
		note_result(
			"decrypt",
			psa_cipher_decrypt(key, alg, out, out_len, back, sizeof(back), &back_len),
			back, &back_len);
		turn();
	}
	/* What nobody has encrypted; short of room; a padding as it might be. */
	memcpy(out, iv, iv_len);
	memcpy(out + iv_len, in, len);
	out_len = iv_len + len;
	size = below(2) ? sizeof(back) : below(out_len + 17);
	note_result("decrypt", psa_cipher_decrypt(key, alg, out, out_len, back, size, &back_len),
		    back, &back_len);
	note("decrypt",
	     psa_cipher_decrypt(key, alg, out, below(iv_len + 1), back, size, &back_len));
	memcpy(back, in, len);
	cipher_in_parts(false, key, alg, iv, iv_len, back, len);
	if (alg == PSA_ALG_CBC_PKCS7) {
		mbedtls_svc_key_id_t raw;

		/* The last block ends as it pleases us: encrypted without a padding of its own. */
		for (size_t i = 0; i < 32; i++)
			in[i] = (uint8_t)(below(3) ? 1 + below(17) : roll());
		if (below(2))
			memset(in + 31 - below(17), (int)(1 + below(17)), 17);
		fill(back, key_len);
		raw = import_key(PSA_KEY_TYPE_AES, PSA_ALG_CBC_NO_PADDING, back, key_len);
		psa_destroy_key(key);
		key = import_key(PSA_KEY_TYPE_AES, PSA_ALG_CBC_PKCS7, back, key_len);
		cipher_in_parts(true, raw, PSA_ALG_CBC_NO_PADDING, iv, iv_len, in, 32);
		memcpy(back, iv, 16);
		memcpy(back + 16, out, 32);
		size = below(40);
		note_result("padding", psa_cipher_decrypt(key, alg, back, 48, out, size, &out_len),
			    out, &out_len);
		psa_destroy_key(raw);
	}
	psa_destroy_key(key);
}

/* Without a @tag it encrypts; the output to @out. */
static void aead_in_parts(bool encrypt, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			  const uint8_t *nonce, size_t nonce_len, const uint8_t *ad, size_t ad_len,
			  const uint8_t *data, size_t len, const uint8_t *tag, size_t tag_len)
{
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	const size_t size = below(8) ? sizeof(out) : below(len + 16);
	const bool exact = below(4);
	size_t part_len = 0, total = 0, made_len = 0;
	uint8_t made[16];
	psa_status_t status;

	note("setup", encrypt ? psa_aead_encrypt_setup(&operation, key, alg) :
				psa_aead_decrypt_setup(&operation, key, alg));
	if (below(2))
		note("lengths", psa_aead_set_lengths(&operation, ad_len, exact ? len : below(200)));
	note("nonce", psa_aead_set_nonce(&operation, nonce, nonce_len));
	for (size_t at = 0, part; at < ad_len; at += part) {
		part = 1 + below(ad_len - at);
		note("ad", psa_aead_update_ad(&operation, ad + at, part));
	}
	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + below(len - at);
		status = psa_aead_update(&operation, data + at, part, out + total, size - total,
					 &part_len);
		note_result("update", status, out + total, &part_len);
		total += status == PSA_SUCCESS ? part_len : 0;
	}
	if (encrypt) {
		status = psa_aead_finish(&operation, out + total, size - total, &part_len, made,
					 below(8) ? sizeof(made) : below(sizeof(made)), &made_len);
		note_result("finish", status, out + total, &part_len);
		note_result("tag", status, made, &made_len);
	} else {
		note_result("verify",
			    psa_aead_verify(&operation, out + total, size - total, &part_len, tag,
					    tag_len),
			    out + total, &part_len);
	}
	psa_aead_abort(&operation);
}

static void aead(void)
{
	const bool chacha = !below(3);
	const psa_algorithm_t full = chacha ? PSA_ALG_CHACHA20_POLY1305 : PSA_ALG_GCM;
	const psa_algorithm_t alg =
		below(3) ? full : PSA_ALG_AEAD_WITH_SHORTENED_TAG(full, below(20));
	const size_t key_len = chacha ? 32 : ANY_OF(aes_lens), len = any_len(), ad_len = below(300);
	const size_t nonce_len = below(3) ? 12 : below(70);
	const size_t size = below(8) ? sizeof(out) : below(len + 20);
	uint8_t nonce[70], ad[300], tag[17] = { 0 };
	mbedtls_svc_key_id_t key;
	size_t out_len = 0, back_len = 0, tag_len = 0;
	psa_status_t status;

	fill(in, key_len);
	key = import_key(chacha ? PSA_KEY_TYPE_CHACHA20 : PSA_KEY_TYPE_AES, alg, in, key_len);
	fill(in, len);
	fill(nonce, nonce_len);
	fill(ad, ad_len);
	status = psa_aead_encrypt(key, alg, nonce, nonce_len, ad, ad_len, in, len, out, size,
				  &out_len);
	note_result("encrypt", status, out, &out_len);
	if (status != PSA_SUCCESS)
		out_len = 0;
	if (below(2))
		spoil(out, &out_len);
	if (!below(8))
		out_len = below(20);
	note_result("decrypt",
		    psa_aead_decrypt(key, alg, nonce, nonce_len, ad, ad_len, out, out_len, back,
				     below(4) ? sizeof(back) : below(len + 1), &back_len),
		    back, &back_len);

	aead_in_parts(true, key, alg, nonce, nonce_len, ad, ad_len, in, len, NULL, 0);
	/* The right tag, then perhaps not quite. */
	fill(in, len);
	status = psa_aead_encrypt(key, alg, nonce, nonce_len, ad, ad_len, in, len, back,
				  sizeof(back), &out_len);
	if (status == PSA_SUCCESS) {
		tag_len = out_len - len;
		memcpy(tag, back + len, tag_len);
	}
	if (below(2))
		spoil(tag, &tag_len);
	aead_in_parts(false, key, alg, nonce, nonce_len, ad, ad_len, back, len, tag, tag_len);
	psa_destroy_key(key);
}

/* As the service does it. */
static psa_status_t verify(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *digest,
			   size_t digest_len, const uint8_t *signature, size_t signature_len)
{
	const psa_status_t status =
		psa_verify_hash(key, alg, digest, digest_len, signature, signature_len);

	return crypto_correct_verify(psa_verify_hash, key, alg, digest, digest_len, signature_len,
				     status);
}

static const uint16_t curves[] = { 256, 384, 521 };

static mbedtls_svc_key_id_t ecc_key(psa_algorithm_t alg, size_t bits, uint8_t *bytes)
{
	const size_t len = PSA_BITS_TO_BYTES(bits);

	fill(bytes, len);
	if (bits == 521)
		bytes[0] &= 1;
	/* At the ends of what there is, and beyond. */
	if (!below(16))
		memset(bytes, 0xff, len / 2);
	if (!below(16))
		memset(bytes, 0, len - 1);
	return import_key(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), alg, bytes, len);
}

static void ecdsa(void)
{
	const size_t bits = ANY_OF(curves);
	const psa_algorithm_t md = ANY_OF(hashes);
	const bool deterministic = below(2);
	const psa_algorithm_t alg =
		deterministic ? PSA_ALG_DETERMINISTIC_ECDSA(md) : PSA_ALG_ECDSA(md);
	const size_t hash_len = PSA_HASH_LENGTH(md);
	uint8_t bytes[66], digest[64], signature[2 * 66 + 8], public[133 + 1];
	const mbedtls_svc_key_id_t key = ecc_key(alg, bits, bytes);
	mbedtls_svc_key_id_t public_key;
	size_t len = 0, public_len = 0;
	psa_status_t status;

	fill(digest, hash_len);
	if (!below(16))
		memset(digest, below(2) ? 0xff : 0, hash_len);
	note_result("public", psa_export_public_key(key, public, sizeof(public), &public_len),
		    public, &public_len);
	note("sign", psa_sign_hash(key, alg, digest, hash_len, signature, below(2 * 66), &len));
	status = psa_sign_hash(key, alg, digest, hash_len, signature, sizeof(signature) - 8, &len);
	note_result("sign", status, deterministic ? signature : NULL, &len);
	if (status == PSA_SUCCESS) {
		turn();
		note("verify", verify(key, alg, digest, hash_len, signature, len));
		turn();
	}
	/* What one has made at random the other doesn't see: then a signature out of the air. */
	if (status != PSA_SUCCESS || !deterministic) {
		len = 2 * PSA_BITS_TO_BYTES(bits);
		fill(signature, len);
	}
	spoil(signature, &len);
	note("verify", verify(key, alg, digest, hash_len, signature, len));
	if (public_len && below(2))
		spoil(public, &public_len);
	public_key = import_key(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), alg, public,
				below(32) ? public_len : below(public_len + 1));
	note("verify", verify(public_key, alg, digest, hash_len, signature, len));
	psa_destroy_key(public_key);
	psa_destroy_key(key);
}

static void ecdh(void)
{
	const bool x25519 = !below(2);
	const size_t bits = x25519 ? 255 : ANY_OF(curves);
	const psa_key_type_t type = PSA_KEY_TYPE_ECC_KEY_PAIR(x25519 ? PSA_ECC_FAMILY_MONTGOMERY :
								       PSA_ECC_FAMILY_SECP_R1);
	uint8_t bytes[66], peer[140];
	mbedtls_svc_key_id_t keys[2];
	size_t len = 0, peer_len = 0;

	for (int i = 0; i < 2; i++) {
		if (x25519) {
			fill(bytes, 32);
			keys[i] = import_key(type, PSA_ALG_ECDH, bytes, 32);
		} else {
			keys[i] = ecc_key(PSA_ALG_ECDH, bits, bytes);
		}
	}
	note_result("public", psa_export_public_key(keys[0], peer, sizeof(peer), &peer_len), peer,
		    &peer_len);
	if (below(2))
		spoil(peer, &peer_len);
	if (!below(8))
		fill(peer, peer_len);
	/* Of low order, and numbers beyond the field's. */
	if (x25519 && !below(8)) {
		memset(peer, below(2) ? 0xff : 0, 32);
		peer[0] = (uint8_t)(below(2) ? roll() : below(3));
		peer[31] = (uint8_t)(below(2) ? 0x7f : peer[31]);
		peer_len = 32;
	}
	note_result("agree",
		    psa_raw_key_agreement(PSA_ALG_ECDH, keys[1], peer, peer_len, out,
					  below(8) ? 66 : below(66), &len),
		    out, &len);
	psa_destroy_key(keys[0]);
	psa_destroy_key(keys[1]);
}

/* Made once: the search takes long. */
static struct {
	uint8_t pair[1200], public[300];
	size_t pair_len, public_len, len;
} rsa_keys[6];

static void make_rsa_keys(void)
{
	static const uint16_t sizes[COUNT_OF(rsa_keys)] = { 1024, 1024, 1024, 1032, 1536, 2048 };

	for (size_t i = 0; i < COUNT_OF(rsa_keys); i++) {
		psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
		mbedtls_svc_key_id_t key;

		psa_set_key_type(&attributes, PSA_KEY_TYPE_RSA_KEY_PAIR);
		psa_set_key_bits(&attributes, sizes[i]);
		psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
		assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
		assert_int_equal(psa_export_key(key, rsa_keys[i].pair, sizeof(rsa_keys[i].pair),
						&rsa_keys[i].pair_len),
				 PSA_SUCCESS);
		assert_int_equal(psa_export_public_key(key, rsa_keys[i].public,
						       sizeof(rsa_keys[i].public),
						       &rsa_keys[i].public_len),
				 PSA_SUCCESS);
		psa_destroy_key(key);
		rsa_keys[i].len = sizes[i] / 8;
	}
}

static mbedtls_svc_key_id_t rsa_key(size_t which, psa_algorithm_t alg, bool pair)
{
	return pair ? import_key(PSA_KEY_TYPE_RSA_KEY_PAIR, alg, rsa_keys[which].pair,
				 rsa_keys[which].pair_len) :
		      import_key(PSA_KEY_TYPE_RSA_PUBLIC_KEY, alg, rsa_keys[which].public,
				 rsa_keys[which].public_len);
}

static void rsa_sign(void)
{
	const psa_algorithm_t md = ANY_OF(hashes);
	const psa_algorithm_t algs[] = {
		PSA_ALG_RSA_PKCS1V15_SIGN(md),
		PSA_ALG_RSA_PKCS1V15_SIGN_RAW,
		PSA_ALG_RSA_PSS(md),
		PSA_ALG_RSA_PSS_ANY_SALT(md),
	};
	const size_t which = below(COUNT_OF(rsa_keys)), how = below(COUNT_OF(algs));
	const psa_algorithm_t alg = algs[how];
	const size_t modulus = rsa_keys[which].len;
	const size_t hash_len = how == 1  ? below(modulus + 1) :
				below(16) ? PSA_HASH_LENGTH(md) :
					    below(70);
	mbedtls_svc_key_id_t key = rsa_key(which, alg, true);
	uint8_t digest[256], signature[264];
	size_t len = 0;
	psa_status_t status;

	fill(digest, hash_len);
	status = psa_sign_hash(key, alg, digest, hash_len, signature, below(8) ? 256 : below(256),
			       &len);
	note_result("sign", status, how < 2 ? signature : NULL, &len);
	if (status == PSA_SUCCESS) {
		turn();
		note("verify", verify(key, alg, digest, hash_len, signature, len));
		turn();
	}
	if (status != PSA_SUCCESS || how >= 2) {
		len = modulus;
		fill(signature, len);
	}
	if (below(4))
		spoil(signature, &len);
	if (below(2)) {
		psa_destroy_key(key);
		key = rsa_key(which, alg, false);
	}
	note("verify", verify(key, alg, digest, hash_len, signature, len));
	psa_destroy_key(key);
}

/* What decrypts to @block. */
static void rsa_raise(size_t which, const uint8_t *block, uint8_t *result)
{
	unsigned char *at = rsa_keys[which].public;
	const unsigned char *const end = at + rsa_keys[which].public_len;
	mbedtls_rsa_context rsa;
	mbedtls_mpi n, e;
	size_t len;

	mbedtls_rsa_init(&rsa);
	mbedtls_mpi_init(&n);
	mbedtls_mpi_init(&e);
	assert_int_equal(mbedtls_asn1_get_tag(&at, end, &len, 0x30), 0);
	assert_int_equal(mbedtls_asn1_get_mpi(&at, end, &n), 0);
	assert_int_equal(mbedtls_asn1_get_mpi(&at, end, &e), 0);
	assert_int_equal(mbedtls_rsa_import(&rsa, &n, NULL, NULL, NULL, &e), 0);
	assert_int_equal(mbedtls_rsa_complete(&rsa), 0);
	assert_int_equal(mbedtls_rsa_public(&rsa, block, result), 0);
	mbedtls_mpi_free(&n);
	mbedtls_mpi_free(&e);
	mbedtls_rsa_free(&rsa);
}

static void rsa_crypt(void)
{
	const psa_algorithm_t md = ANY_OF(hashes);
	const bool oaep = below(2);
	const psa_algorithm_t alg = oaep ? PSA_ALG_RSA_OAEP(md) : PSA_ALG_RSA_PKCS1V15_CRYPT;
	const size_t which = below(COUNT_OF(rsa_keys)), modulus = rsa_keys[which].len;
	const size_t len = below(4) ? below(64) : below(modulus + 2);
	const size_t label_len = below(2) ? 0 : below(80);
	const mbedtls_svc_key_id_t pair = rsa_key(which, alg, true);
	const mbedtls_svc_key_id_t public = rsa_key(which, alg, false);
	uint8_t label[80], block[256];
	size_t out_len = 0, back_len = 0;
	psa_status_t status;

	fill(in, len);
	fill(label, label_len);
	status = psa_asymmetric_encrypt(below(2) ? pair : public, alg, in, len, label, label_len,
					out, below(8) ? 256 : below(256), &out_len);
	note_result("encrypt", status, NULL, &out_len);
	if (status == PSA_SUCCESS) {
		turn();
		note_result("decrypt",
			    psa_asymmetric_decrypt(pair, alg, out, out_len, label, label_len, back,
						   below(8) ? 256 : below(256), &back_len),
			    back, &back_len);
		note("public", psa_asymmetric_decrypt(public, alg, out, out_len, label, label_len,
						      back, 256, &back_len));
		turn();
	}
	/* Blocks that look like a message of PKCS #1 v1.5, here and there not quite. */
	for (size_t i = 0; i < modulus; i++)
		block[i] = (uint8_t)(1 + below(255));
	block[0] = 0;
	block[1] = (uint8_t)(below(8) ? 2 : below(4));
	if (below(8))
		block[2 + below(below(4) ? 16 : modulus - 2)] = 0;
	if (!below(8))
		block[modulus - 1] = 0;
	if (!below(32))
		memset(block, 0, modulus);
	rsa_raise(which, block, out);
	out_len = modulus;
	if (!below(16))
		spoil(out, &out_len);
	note_result("decrypt",
		    psa_asymmetric_decrypt(pair, alg, out, out_len, NULL, 0, back,
					   below(8) ? 256 : below(256), &back_len),
		    back, &back_len);
	psa_destroy_key(pair);
	psa_destroy_key(public);
}

static const struct {
	const char *name;
	void (*operation)(void);
} families[] = {
	{ "hash", hash },	  { "mac", hmac },
	{ "cmac", cmac },	  { "kdf", kdf },
	{ "cipher", cipher },	  { "aead", aead },
	{ "ecdsa", ecdsa },	  { "ecdh", ecdh },
	{ "rsa-sign", rsa_sign }, { "rsa-crypt", rsa_crypt },
};

static bool is_same(void (*operation)(void), uint64_t seed)
{
	run.len = run.at = 0;
	run.differs = false;
	for (int i = 0; i < 2; i++) {
		dice = seed;
		run.second = i;
		run.own = i;
		engine_leave(run.own);
		operation();
	}
	engine_leave(false);
	return !run.differs && run.at == run.len;
}

static unsigned long count = 100;
static uint64_t first_seed = 1;
static const char *only;

static void the_engine_and_the_cores_own_code_do_the_same(void **state)
{
	unsigned int shown = 0;

	(void)state;
	make_rsa_keys();
	for (size_t f = 0; f < COUNT_OF(families); f++) {
		unsigned long different = 0;

		good = 0;
		if (only && strcmp(only, families[f].name))
			continue;
		for (unsigned long i = 0; i < count; i++) {
			if (is_same(families[f].operation, first_seed + i))
				continue;
			different++;
			if (shown++ < SHOWN_MAX)
				printf("# %s differs in '%s': --only %s --count 1 --seed %llu\n",
				       families[f].name, run.what, families[f].name,
				       (unsigned long long)(first_seed + i));
		}
		printf("# %s: %lu operations, %lu results, %lu differ\n", families[f].name, count,
		       good / 2, different);
		fflush(stdout);
		assert_int_equal(different, 0);
		/* Had all been refused it would have been the same, too. */
		assert_true(good >= count);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },
		{ "only", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_engine_and_the_cores_own_code_do_the_same,
						crypto_setup_without_storage, crypto_teardown),
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
		switch (c) {
		case 'c':
			count = strtoul(optarg, NULL, 0);
			break;
		case 's':
			first_seed = strtoull(optarg, NULL, 0);
			break;
		case 'o':
			only = optarg;
			break;
		default:
			return 2;
		}
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
