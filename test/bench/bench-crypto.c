// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-bench-crypto: measures operations of the PSA Crypto API. One source, two programs: with
 * libtstee the operations run in the crypto partition; with Mbed TLS linked directly, as
 * tstee-bench-crypto-direct, they show what the library itself takes. Lines of
 * "NAME<tab>NANOSECONDS" for test/bench/bench. With an argument, for test/bench/world:
 *
 *   calls  lines of "NAME<tab>CALLS", which the driver counts
 *   serve  for each NAME on stdin, the nanoseconds of one operation, so that two programs
 *	    can be measured in turn
 *   repeat for each "NAME COUNT" on stdin, so many operations; then a line that says so
 *   once   some random bytes and no more
 */
#include "measure.h"

#include <errno.h>
#include <psa/crypto-pqc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECDSA	    PSA_ALG_ECDSA(PSA_ALG_SHA_256)
#define ECDSA_384   PSA_ALG_ECDSA(PSA_ALG_SHA_384)
#define ECDSA_512   PSA_ALG_ECDSA(PSA_ALG_SHA_512)
#define RSA_SIGN    PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)
#define P256_PAIR   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define P256	    PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)
#define X25519_PAIR PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY)
#define ED_PAIR	    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)
#define SIGN	    (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE)
#define VERIFY	    (PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE)
#define MIB	    (1024u * 1024u)
#define TAG_LEN	    16u
#define DEVICES	    32u
#define KEPT_ID	    0x7e57u

static mbedtls_svc_key_id_t p256_pair, p256, p256_agree, p384, p521, x25519, ed25519, mldsa, rsa,
	aes128, aes256, ccm, chacha;
static bool has_extensions; /* Ed25519 and ML-DSA, which Mbed TLS's core alone hasn't */
static uint8_t p256_public[65], x25519_public[32], p384_signature[96], p521_signature[132],
	ed25519_signature[64], mldsa_signature[3309], rsa_signature[256];
static const uint8_t hash[64] = { 1, 2, 3, 4 };
static const uint8_t nonce[12] = { 5, 6, 7, 8 };
static uint8_t p256_signature[64];
static uint8_t data[MIB], out[MIB + TAG_LEN];

static void must(psa_status_t status, const char *what)
{
	if (status == PSA_SUCCESS)
		return;
	fprintf(stderr, "%s: %s: PSA status %d\n", program_invocation_short_name, what,
		(int)status);
	exit(1);
}

static psa_key_attributes_t attributes(psa_key_type_t type, size_t bits, psa_key_usage_t usage,
				       psa_algorithm_t alg)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, alg);
	return attributes;
}

static mbedtls_svc_key_id_t generate(psa_key_type_t type, size_t bits, psa_key_usage_t usage,
				     psa_algorithm_t alg)
{
	const psa_key_attributes_t wanted = attributes(type, bits, usage, alg);
	mbedtls_svc_key_id_t key;

	must(psa_generate_key(&wanted, &key), "generate a key");
	return key;
}

static void make_extension_keys(void)
{
	const psa_key_attributes_t wanted =
		attributes(ED_PAIR, 255, SIGN | VERIFY, PSA_ALG_PURE_EDDSA);

	has_extensions = psa_generate_key(&wanted, &ed25519) == PSA_SUCCESS;
	if (has_extensions)
		mldsa = generate(PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 192, SIGN | VERIFY, PSA_ALG_ML_DSA);
}

static void make_keys(void)
{
	const psa_key_attributes_t public = attributes(P256, 256, VERIFY, ECDSA);
	size_t len;

	p256_pair = generate(P256_PAIR, 256, SIGN | VERIFY, ECDSA);
	must(psa_export_public_key(p256_pair, p256_public, sizeof(p256_public), &len),
	     "export a key");
	must(psa_import_key(&public, p256_public, len, &p256), "import a key");
	p256_agree = generate(P256_PAIR, 256, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
	p384 = generate(P256_PAIR, 384, SIGN | VERIFY, ECDSA_384);
	p521 = generate(P256_PAIR, 521, SIGN | VERIFY, ECDSA_512);
	x25519 = generate(X25519_PAIR, 255, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
	must(psa_export_public_key(x25519, x25519_public, sizeof(x25519_public), &len),
	     "export a key");
	rsa = generate(PSA_KEY_TYPE_RSA_KEY_PAIR, 2048, SIGN | VERIFY, RSA_SIGN);
	chacha = generate(PSA_KEY_TYPE_CHACHA20, 256, PSA_KEY_USAGE_ENCRYPT,
			  PSA_ALG_CHACHA20_POLY1305);
	aes128 = generate(PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
	ccm = generate(PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_CCM);
	aes256 = generate(PSA_KEY_TYPE_AES, 256, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
	make_extension_keys();
}

static void nothing(void)
{
}

static void p256_sign(void)
{
	size_t len;

	must(psa_sign_hash(p256_pair, ECDSA, hash, 32, p256_signature, sizeof(p256_signature),
			   &len),
	     "P-256 sign");
}

static void p256_verify(void)
{
	must(psa_verify_hash(p256, ECDSA, hash, 32, p256_signature, sizeof(p256_signature)),
	     "P-256 verify");
}

static void p256_verify_pair(void)
{
	must(psa_verify_hash(p256_pair, ECDSA, hash, 32, p256_signature, sizeof(p256_signature)),
	     "P-256 verify with a pair");
}

/* A key, and its public half. */
static void p256_key(void)
{
	const mbedtls_svc_key_id_t key = generate(P256_PAIR, 256, SIGN, ECDSA);
	uint8_t public[sizeof(p256_public)];
	size_t len;

	must(psa_export_public_key(key, public, sizeof(public), &len), "export a key");
	must(psa_destroy_key(key), "destroy a key");
}

/* One that is stored, as far as there is storage. */
static void p256_kept(void)
{
	psa_key_attributes_t wanted = attributes(P256_PAIR, 256, SIGN, ECDSA);
	mbedtls_svc_key_id_t key;

	psa_set_key_id(&wanted, mbedtls_svc_key_id_make(0, KEPT_ID));
	must(psa_generate_key(&wanted, &key), "generate a key that is kept");
	must(psa_destroy_key(key), "destroy a key");
}

static void p256_ecdh(void)
{
	uint8_t secret[32];
	size_t len;

	must(psa_raw_key_agreement(PSA_ALG_ECDH, p256_agree, p256_public, sizeof(p256_public),
				   secret, sizeof(secret), &len),
	     "P-256 ECDH");
}

static void x25519_agree(void)
{
	uint8_t secret[32];
	size_t len;

	must(psa_raw_key_agreement(PSA_ALG_ECDH, x25519, x25519_public, sizeof(x25519_public),
				   secret, sizeof(secret), &len),
	     "X25519");
}

static void p384_sign(void)
{
	size_t len;

	must(psa_sign_hash(p384, ECDSA_384, hash, 48, p384_signature, sizeof(p384_signature), &len),
	     "P-384 sign");
}

static void p384_verify(void)
{
	must(psa_verify_hash(p384, ECDSA_384, hash, 48, p384_signature, sizeof(p384_signature)),
	     "P-384 verify");
}

static void p521_sign(void)
{
	size_t len;

	must(psa_sign_hash(p521, ECDSA_512, hash, 64, p521_signature, sizeof(p521_signature), &len),
	     "P-521 sign");
}

static void ed25519_sign(void)
{
	size_t len;

	must(psa_sign_message(ed25519, PSA_ALG_PURE_EDDSA, hash, 32, ed25519_signature,
			      sizeof(ed25519_signature), &len),
	     "Ed25519 sign");
}

static void ed25519_verify(void)
{
	must(psa_verify_message(ed25519, PSA_ALG_PURE_EDDSA, hash, 32, ed25519_signature,
				sizeof(ed25519_signature)),
	     "Ed25519 verify");
}

static void mldsa65_sign(void)
{
	size_t len;

	must(psa_sign_message(mldsa, PSA_ALG_ML_DSA, hash, 32, mldsa_signature,
			      sizeof(mldsa_signature), &len),
	     "ML-DSA-65 sign");
}

static void mldsa65_verify(void)
{
	must(psa_verify_message(mldsa, PSA_ALG_ML_DSA, hash, 32, mldsa_signature,
				sizeof(mldsa_signature)),
	     "ML-DSA-65 verify");
}

static void p256_generate(void)
{
	must(psa_destroy_key(generate(P256_PAIR, 256, SIGN, ECDSA)), "destroy a key");
}

static void rsa_sign(void)
{
	size_t len;

	must(psa_sign_hash(rsa, RSA_SIGN, hash, 32, rsa_signature, sizeof(rsa_signature), &len),
	     "RSA-2048 sign");
}

static void rsa_verify(void)
{
	must(psa_verify_hash(rsa, RSA_SIGN, hash, 32, rsa_signature, sizeof(rsa_signature)),
	     "RSA-2048 verify");
}

static void random_32(void)
{
	must(psa_generate_random(out, 32), "random");
}

static void sha256(size_t data_len)
{
	size_t len;

	must(psa_hash_compute(PSA_ALG_SHA_256, data, data_len, out, 32, &len), "SHA-256");
}

static void sha256_4k(void)
{
	sha256(4096);
}

static void sha256_1m(void)
{
	sha256(MIB);
}

static void sha512_4k(void)
{
	size_t len;

	must(psa_hash_compute(PSA_ALG_SHA_512, data, 4096, out, 64, &len), "SHA-512");
}

static void encrypt(mbedtls_svc_key_id_t key, psa_algorithm_t alg, size_t data_len)
{
	size_t len;

	must(psa_aead_encrypt(key, alg, nonce, sizeof(nonce), NULL, 0, data, data_len, out,
			      sizeof(out), &len),
	     "encrypt");
}

static void aes128_gcm_4k(void)
{
	encrypt(aes128, PSA_ALG_GCM, 4096);
}

static void aes128_ccm_4k(void)
{
	encrypt(ccm, PSA_ALG_CCM, 4096);
}

static void chacha_4k(void)
{
	encrypt(chacha, PSA_ALG_CHACHA20_POLY1305, 4096);
}

static void aes256_gcm_1m(void)
{
	encrypt(aes256, PSA_ALG_GCM, MIB);
}

static const struct row {
	const char *name;
	void (*operation)(void);
	unsigned int samples;
	bool is_extension;
} rows[] = {
	{ "random_32", random_32, 501, false },
	{ "sha256_4k", sha256_4k, 501, false },
	{ "sha512_4k", sha512_4k, 501, false },
	{ "sha256_1m", sha256_1m, 51, false },
	{ "aes128_gcm_4k", aes128_gcm_4k, 501, false },
	{ "aes256_gcm_1m", aes256_gcm_1m, 51, false },
	{ "p256_sign", p256_sign, 101, false }, /* before verify, which needs the signature */
	{ "p256_verify", p256_verify, 101, false },
	{ "p256_verify_pair", p256_verify_pair, 101, false },
	{ "p256_generate", p256_generate, 101, false },
	{ "p256_key", p256_key, 101, false },
	{ "p256_ecdh", p256_ecdh, 101, false },
	{ "p384_sign", p384_sign, 51, false }, /* before verify, likewise */
	{ "p384_verify", p384_verify, 51, false },
	{ "p521_sign", p521_sign, 51, false },
	{ "ed25519_sign", ed25519_sign, 101, true }, /* before verify, likewise */
	{ "ed25519_verify", ed25519_verify, 101, true },
	{ "mldsa65_sign", mldsa65_sign, 101, true }, /* before verify, likewise */
	{ "mldsa65_verify", mldsa65_verify, 51, true },
	{ "x25519", x25519_agree, 101, false },
	{ "chacha_4k", chacha_4k, 501, false },
	{ "aes128_ccm_4k", aes128_ccm_4k, 501, false },
	{ "rsa2048_sign", rsa_sign, 21, false }, /* before verify, likewise */
	{ "rsa2048_verify", rsa_verify, 51, false },
};

static bool can_do(const struct row *row)
{
	return has_extensions || !row->is_extension;
}

/* Of all devices, as far as they count: those of the mainline driver don't. */
static uint64_t calls_so_far(void)
{
	unsigned long long calls, sum = 0;
	char path[64];
	FILE *file;

	for (unsigned int number = 0; number < DEVICES; number++) {
		snprintf(path, sizeof(path), "/sys/class/tee/tee%u/device/calls", number);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%llu", &calls) == 1)
			sum += calls;
		fclose(file);
	}
	return sum;
}

static void count_calls(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before;

		if (!can_do(&rows[i]))
			continue;
		/* The first time it may fetch what it keeps. */
		rows[i].operation();
		before = calls_so_far();
		rows[i].operation();
		printf("%s\t%llu\n", rows[i].name, (unsigned long long)(calls_so_far() - before));
	}
}

static void measure_times(void)
{
	const uint64_t overhead = median(nothing, 501);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (can_do(&rows[i]))
			printf("%s\t%llu\n", rows[i].name,
			       (unsigned long long)(median(rows[i].operation, rows[i].samples) -
						    overhead));
	}
}

/* NULL: there is none. */
static void (*operation_of(const char *name))(void)
{
	if (!strcmp(name, "p256_kept"))
		return p256_kept;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strcmp(name, rows[i].name))
			return rows[i].operation;
	}
	return NULL;
}

static void time_once(const char *name)
{
	void (*operation)(void) = operation_of(name);
	uint64_t begin;

	if (!operation)
		return;
	/* The first fills the caches, which the other program had. */
	operation();
	begin = now_ns();
	operation();
	printf("%llu\n", (unsigned long long)(now_ns() - begin));
	fflush(stdout);
}

/* What verifying needs. */
static void sign_once(void)
{
	p256_sign();
	p384_sign();
	rsa_sign();
}

static void serve(void)
{
	char name[32];

	sign_once();
	while (scanf("%31s", name) == 1)
		time_once(name);
}

static void repeat(void)
{
	void (*operation)(void);
	unsigned long count;
	char name[32];

	sign_once();
	while (scanf("%31s %lu", name, &count) == 2) {
		operation = operation_of(name);
		for (unsigned long i = 0; operation && i < count; i++)
			operation();
		puts(name);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{ "calls", count_calls },
		{ "serve", serve },
		{ "repeat", repeat },
		{ "once", random_32 },
	};
	void (*run)(void) = argc == 1 ? measure_times : NULL;

	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].name))
			run = modes[i].run;
	if (!run) {
		fprintf(stderr, "usage: %s [calls | serve | repeat | once]\n",
			program_invocation_short_name);
		return 2;
	}
	must(psa_crypto_init(), "start");
	if (run != random_32)
		make_keys();
	run();
	return 0;
}
