// SPDX-License-Identifier: BSD-3-Clause
#include "beside.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static EVP_PKEY *p256, *peer, *p384, *rsa;
static uint8_t hash[48] = { 1 };
static struct signature {
	uint8_t bytes[256];
	size_t len;
} p256_signature, p384_signature, rsa_signature;
static uint8_t data[BESIDE_MIB], out[BESIDE_MIB];

static void must(int good, const char *what)
{
	if (good != 1) {
		fprintf(stderr, "OpenSSL: %s\n", what);
		exit(1);
	}
}

static void sign(EVP_PKEY *key, size_t hash_len, struct signature *signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	signature->len = sizeof(signature->bytes);
	must(ctx && EVP_PKEY_sign_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(ctx, hash_len == 48 ? EVP_sha384() :
									 EVP_sha256()) == 1 &&
		     EVP_PKEY_sign(ctx, signature->bytes, &signature->len, hash, hash_len) == 1,
	     "sign");
	EVP_PKEY_CTX_free(ctx);
}

static void verify(EVP_PKEY *key, size_t hash_len, const struct signature *signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	must(ctx && EVP_PKEY_verify_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(ctx, hash_len == 48 ? EVP_sha384() :
									 EVP_sha256()) == 1 &&
		     EVP_PKEY_verify(ctx, signature->bytes, signature->len, hash, hash_len) == 1,
	     "verify");
	EVP_PKEY_CTX_free(ctx);
}

static void p256_sign(void)
{
	sign(p256, 32, &p256_signature);
}

static void p256_verify(void)
{
	verify(p256, 32, &p256_signature);
}

static void p384_sign(void)
{
	sign(p384, 48, &p384_signature);
}

static void p384_verify(void)
{
	verify(p384, 48, &p384_signature);
}

static void rsa2048_sign(void)
{
	sign(rsa, 32, &rsa_signature);
}

static void rsa2048_verify(void)
{
	verify(rsa, 32, &rsa_signature);
}

static void p256_ecdh(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(p256, NULL);
	size_t len = 32;

	must(ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
		     EVP_PKEY_derive(ctx, out, &len) == 1,
	     "derive");
	EVP_PKEY_CTX_free(ctx);
}

static void p256_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	must(key != NULL, "generate");
	EVP_PKEY_free(key);
}

static void sha256_1m(void)
{
	must(EVP_Digest(data, sizeof(data), out, NULL, EVP_sha256(), NULL), "hash");
}

static void aes256_gcm_1m(void)
{
	static const uint8_t key[32] = { 2 }, nonce[12] = { 3 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[16];
	int len;

	must(ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		     EVP_EncryptUpdate(ctx, out, &len, data, sizeof(data)) == 1 &&
		     EVP_EncryptFinal_ex(ctx, out, &len) == 1 &&
		     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, sizeof(tag), tag) == 1,
	     "encrypt");
	EVP_CIPHER_CTX_free(ctx);
}

const struct beside_row beside_openssl[] = {
	{ "p256_sign", p256_sign },
	{ "p256_verify", p256_verify },
	{ "p384_sign", p384_sign },
	{ "p384_verify", p384_verify },
	{ "rsa2048_sign", rsa2048_sign },
	{ "rsa2048_verify", rsa2048_verify },
	{ "p256_ecdh", p256_ecdh },
	{ "p256_key", p256_key },
	{ "sha256_1m", sha256_1m },
	{ "aes256_gcm_1m", aes256_gcm_1m },
	{ NULL, NULL },
};

void beside_openssl_begin(void)
{
	p256 = EVP_EC_gen("P-256");
	peer = EVP_EC_gen("P-256");
	p384 = EVP_EC_gen("P-384");
	rsa = EVP_RSA_gen(2048);
	must(p256 && peer && p384 && rsa, "generate keys");
	p256_sign();
	p384_sign();
	rsa2048_sign();
}
