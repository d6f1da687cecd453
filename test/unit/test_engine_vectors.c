// SPDX-License-Identifier: BSD-3-Clause
/*
 * Published answers of ML-DSA and ML-KEM, from the files kat_*.rsp of FOLDER (platform/qemu/build vectors):
 *
 *	test_engine_vectors FOLDER
 *
 * Public keys of seeds, encapsulation with given random bytes, decapsulation, that of ciphertexts nobody made among
 * them, and deterministic signatures. Those have a context, which the engine has none of: they are asked of
 * the library under it.
 */
#include <ml_dsa.h>
#include <secure/engine/driver.h>
#include <secure/engine/engine.h>
#include <secure/engine/keys.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define FIELD_MAX	16384u
#define CONTEXT_MAX	255u

/* A record of a file: what its answer is made of. */
enum field { XI, MSG, SM, CTX, D, Z, CT, SS, CT_N, SS_N, PK, FIELDS };
static const char *const names[FIELDS] = { "xi", "msg", "sm",	"ctx",	"d", "z",
					   "ct", "ss",	"ct_n", "ss_n", "pk" };
static struct {
	uint8_t bytes[FIELD_MAX];
	size_t len;
	bool there;
} fields[FIELDS];

static void set_field(const char *line)
{
	for (size_t f = 0; f < FIELDS; f++) {
		const size_t name_len = strlen(names[f]);
		const char *hex = line + name_len + 3;
		unsigned int byte;

		if (strncmp(line, names[f], name_len) || strncmp(line + name_len, " = ", 3))
			continue;
		fields[f].there = true;
		for (fields[f].len = 0; fields[f].len < FIELD_MAX && sscanf(hex, "%2x", &byte) == 1;
		     hex += 2)
			fields[f].bytes[fields[f].len++] = (uint8_t)byte;
	}
}

static bool is_field(enum field f, const void *data, size_t len)
{
	return fields[f].there && fields[f].len == len && !memcmp(fields[f].bytes, data, len);
}

/* What the host gives out as random bytes. */
static psa_status_t given_random(uint8_t *out, size_t len)
{
	if (len > fields[MSG].len)
		return PSA_ERROR_INSUFFICIENT_ENTROPY;
	memcpy(out, fields[MSG].bytes, len);
	return PSA_SUCCESS;
}

static bool has_public_key(psa_key_type_t type, size_t bits, const uint8_t *seed, size_t seed_len)
{
	static uint8_t data[FIELD_MAX];
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	size_t len;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	return engine_export_public_key(&attributes, seed, seed_len, data, sizeof(data), &len) ==
		       PSA_SUCCESS &&
	       is_field(PK, data, len);
}

static bool kem_is_right(size_t bits)
{
	static uint8_t data[FIELD_MAX];
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t seed[64], secret[ENGINE_SECRET_LEN];
	size_t len;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_ML_KEM_KEY_PAIR);
	psa_set_key_bits(&attributes, bits);
	if (fields[D].len != 32 || fields[Z].len != 32)
		return false;
	memcpy(seed, fields[D].bytes, 32);
	memcpy(seed + 32, fields[Z].bytes, 32);
	return has_public_key(PSA_KEY_TYPE_ML_KEM_KEY_PAIR, bits, seed, sizeof(seed)) &&
	       engine_encapsulate(&attributes, seed, sizeof(seed), PSA_ALG_ML_KEM, secret, data,
				  sizeof(data), &len) == PSA_SUCCESS &&
	       is_field(CT, data, len) && is_field(SS, secret, sizeof(secret)) &&
	       engine_decapsulate(&attributes, seed, sizeof(seed), PSA_ALG_ML_KEM, fields[CT].bytes,
				  fields[CT].len, secret) == PSA_SUCCESS &&
	       is_field(SS, secret, sizeof(secret)) &&
	       engine_decapsulate(&attributes, seed, sizeof(seed), PSA_ALG_ML_KEM,
				  fields[CT_N].bytes, fields[CT_N].len, secret) == PSA_SUCCESS &&
	       is_field(SS_N, secret, sizeof(secret));
}

static const struct {
	size_t bits;
	int (*make)(uint8_t *public_key, uint8_t *private_key, const uint8_t *seed);
	int (*sign)(const uint8_t *private_key, uint8_t *sig, size_t *sig_len,
		    const uint8_t *message, size_t message_len, const uint8_t *pre, size_t pre_len,
		    const uint8_t *rnd);
	int (*verify)(const uint8_t *public_key, const uint8_t *sig, size_t sig_len,
		      const uint8_t *message, size_t message_len, const uint8_t *pre,
		      size_t pre_len);
} levels[] = {
	{ 128, ml_dsa_44_keypair_internal, ml_dsa_44_sign_internal, ml_dsa_44_verify_internal },
	{ 192, ml_dsa_65_keypair_internal, ml_dsa_65_sign_internal, ml_dsa_65_verify_internal },
	{ 256, ml_dsa_87_keypair_internal, ml_dsa_87_sign_internal, ml_dsa_87_verify_internal },
};

static bool dsa_is_right(size_t which)
{
	static uint8_t public_key[FIELD_MAX], private_key[FIELD_MAX], signature[FIELD_MAX];
	static const uint8_t zeros[32];
	const size_t bits = levels[which].bits, context_len = fields[CTX].len;
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t prefix[2 + CONTEXT_MAX] = { 0, (uint8_t)context_len };
	const uint8_t *message = fields[MSG].bytes;
	const size_t message_len = fields[MSG].len;
	size_t len = PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(bits);

	if (fields[XI].len != 32 || !context_len || context_len > CONTEXT_MAX ||
	    !has_public_key(PSA_KEY_TYPE_ML_DSA_KEY_PAIR, bits, fields[XI].bytes, 32))
		return false;
	memcpy(prefix + 2, fields[CTX].bytes, context_len);
	/* A signature with a context isn't one without. */
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ML_DSA_KEY_PAIR);
	psa_set_key_bits(&attributes, bits);
	if (engine_verify(&attributes, fields[XI].bytes, 32, PSA_ALG_ML_DSA, message, message_len,
			  fields[SM].bytes, len) != PSA_ERROR_INVALID_SIGNATURE)
		return false;
	/* In a file the message is behind its signature. */
	return levels[which].make(public_key, private_key, fields[XI].bytes) &&
	       levels[which].sign(private_key, signature, &len, message, message_len, prefix,
				  2 + context_len, zeros) &&
	       len == PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(bits) &&
	       fields[SM].len == len + message_len && !memcmp(signature, fields[SM].bytes, len) &&
	       levels[which].verify(public_key, signature, len, message, message_len, prefix,
				    2 + context_len);
}

static const struct {
	const char *name;
	bool kem;
	size_t which; /* bits, or the place in levels */
} files[] = {
	{ "kat_MLDSA_44_det_pure.rsp", false, 0 }, { "kat_MLDSA_65_det_pure.rsp", false, 1 },
	{ "kat_MLDSA_87_det_pure.rsp", false, 2 }, { "kat_MLKEM_512.rsp", true, 512 },
	{ "kat_MLKEM_768.rsp", true, 768 },	   { "kat_MLKEM_1024.rsp", true, 1024 },
};

/* A record ends where the next one begins. */
static bool is_right(size_t file)
{
	for (size_t f = 0; f < FIELDS; f++) {
		if (fields[f].len >= FIELD_MAX)
			return false;
	}
	return files[file].kem ? kem_is_right(files[file].which) : dsa_is_right(files[file].which);
}

static bool file_is_right(const char *folder, size_t which)
{
	static char line[4 * FIELD_MAX], path[4096];
	unsigned int count = 0, wrong = 0;
	bool open = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, files[which].name);
	file = fopen(path, "r");
	if (!file) {
		perror(path);
		return false;
	}
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "count = ", 8)) {
			wrong += open && !is_right(which);
			count += open;
			memset(fields, 0, sizeof(fields));
			open = true;
		}
		set_field(line);
	}
	wrong += open && !is_right(which);
	count += open;
	fclose(file);
	printf("%s: %u answers, %u of them wrong\n", files[which].name, count, wrong);
	return count >= 100 && !wrong;
}

int main(int argc, char **argv)
{
	unsigned int passed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: test_engine_vectors FOLDER\n");
		return 2;
	}
	engine_init(&(const struct engine_host){ NULL, NULL, given_random });
	for (size_t i = 0; i < COUNT_OF(files); i++)
		passed += file_is_right(argv[1], i);
	printf("%u passed, %zu failed\n", passed, COUNT_OF(files) - passed);
	return passed == COUNT_OF(files) ? 0 : 1;
}
