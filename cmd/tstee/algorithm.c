// SPDX-License-Identifier: BSD-3-Clause
/* The tables between names and PSA's numbers. No state. */
#include "algorithm.h"

#include <stdio.h>
#include <string.h>
#include <tstee/key_policy.h>

#include "cmd.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define EDWARDS	     PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS)

static const struct {
	const char *name;
	const char *alias; /* or NULL */
	psa_algorithm_t alg;
} hashes[] = {
	{ "sha256", "sha-256", PSA_ALG_SHA_256 },
	{ "sha384", "sha-384", PSA_ALG_SHA_384 },
	{ "sha512", "sha-512", PSA_ALG_SHA_512 },
	{ "sha224", "sha-224", PSA_ALG_SHA_224 },
	{ "sha3-224", NULL, PSA_ALG_SHA3_224 },
	{ "sha3-256", NULL, PSA_ALG_SHA3_256 },
	{ "sha3-384", NULL, PSA_ALG_SHA3_384 },
	{ "sha3-512", NULL, PSA_ALG_SHA3_512 },
	{ "sha1", "sha-1", PSA_ALG_SHA_1 },
	{ "md5", NULL, PSA_ALG_MD5 },
	{ "ripemd160", "rmd160", PSA_ALG_RIPEMD160 },
	{ "sha512-256", "sha512/256", PSA_ALG_SHA_512_256 },
	{ "sha512-224", "sha512/224", PSA_ALG_SHA_512_224 },
};

/* Algorithms with a hash behind their name: "hmac-sha256". */
static const struct {
	const char *name;
	psa_algorithm_t base;
	psa_key_type_t type;
	bool any_hash; /* a signature: without a hash it is a policy for all */
} hashed[] = {
	{ "ecdsa", PSA_ALG_ECDSA_BASE, 0, true },
	{ "deterministic-ecdsa", PSA_ALG_DETERMINISTIC_ECDSA_BASE, 0, true },
	{ "rsa-pss", PSA_ALG_RSA_PSS_BASE, PSA_KEY_TYPE_RSA_KEY_PAIR, true },
	{ "rsa-pss-any-salt", PSA_ALG_RSA_PSS_ANY_SALT_BASE, PSA_KEY_TYPE_RSA_KEY_PAIR, true },
	{ "rsa-pkcs1", PSA_ALG_RSA_PKCS1V15_SIGN_BASE, PSA_KEY_TYPE_RSA_KEY_PAIR, true },
	{ "rsa-oaep", PSA_ALG_RSA_OAEP_BASE, PSA_KEY_TYPE_RSA_KEY_PAIR, false },
	{ "hash-ml-dsa", PSA_ALG_HASH_ML_DSA(0), PSA_KEY_TYPE_ML_DSA_KEY_PAIR, true },
	{ "deterministic-hash-ml-dsa", PSA_ALG_DETERMINISTIC_HASH_ML_DSA(0),
	  PSA_KEY_TYPE_ML_DSA_KEY_PAIR, true },
	{ "hmac", PSA_ALG_HMAC_BASE, PSA_KEY_TYPE_HMAC, false },
	{ "hkdf", PSA_ALG_HKDF_BASE, PSA_KEY_TYPE_DERIVE, false },
	{ "hkdf-extract", PSA_ALG_HKDF_EXTRACT_BASE, PSA_KEY_TYPE_DERIVE, false },
	{ "hkdf-expand", PSA_ALG_HKDF_EXPAND_BASE, PSA_KEY_TYPE_DERIVE, false },
	{ "pbkdf2", PSA_ALG_PBKDF2_HMAC_BASE, PSA_KEY_TYPE_PASSWORD, false },
	{ "tls12-prf", PSA_ALG_TLS12_PRF_BASE, PSA_KEY_TYPE_DERIVE, false },
	{ "tls12-psk-to-ms", PSA_ALG_TLS12_PSK_TO_MS_BASE, PSA_KEY_TYPE_DERIVE, false },
};

static const struct {
	const char *name;
	psa_algorithm_t alg;
	psa_key_type_t type;
} plain[] = {
	{ "gcm", PSA_ALG_GCM, PSA_KEY_TYPE_AES },
	{ "ccm", PSA_ALG_CCM, PSA_KEY_TYPE_AES },
	{ "chacha20-poly1305", PSA_ALG_CHACHA20_POLY1305, PSA_KEY_TYPE_CHACHA20 },
	{ "chacha20", PSA_ALG_STREAM_CIPHER, PSA_KEY_TYPE_CHACHA20 },
	{ "ctr", PSA_ALG_CTR, PSA_KEY_TYPE_AES },
	{ "cbc", PSA_ALG_CBC_PKCS7, PSA_KEY_TYPE_AES },
	{ "cbc-nopad", PSA_ALG_CBC_NO_PADDING, PSA_KEY_TYPE_AES },
	{ "cfb", PSA_ALG_CFB, PSA_KEY_TYPE_AES },
	{ "ofb", PSA_ALG_OFB, PSA_KEY_TYPE_AES },
	{ "ecb", PSA_ALG_ECB_NO_PADDING, PSA_KEY_TYPE_AES },
	{ "cmac", PSA_ALG_CMAC, PSA_KEY_TYPE_AES },
	{ "ecdh", PSA_ALG_ECDH, 0 },
	{ "eddsa", PSA_ALG_PURE_EDDSA, EDWARDS },
	{ "ed25519ph", PSA_ALG_ED25519PH, EDWARDS },
	{ "ml-dsa", PSA_ALG_ML_DSA, PSA_KEY_TYPE_ML_DSA_KEY_PAIR },
	{ "deterministic-ml-dsa", PSA_ALG_DETERMINISTIC_ML_DSA, PSA_KEY_TYPE_ML_DSA_KEY_PAIR },
	{ "ml-kem", PSA_ALG_ML_KEM, PSA_KEY_TYPE_ML_KEM_KEY_PAIR },
	{ "rsa-pkcs1-crypt", PSA_ALG_RSA_PKCS1V15_CRYPT, PSA_KEY_TYPE_RSA_KEY_PAIR },
	{ "pbkdf2-cmac", PSA_ALG_PBKDF2_AES_CMAC_PRF_128, PSA_KEY_TYPE_PASSWORD },
};

const char algorithm_help[] =
	"Algorithms, HASH being sha256, sha384, sha512, sha224, sha3-256, ..., sha1:\n"
	"  sign, verify      ecdsa-HASH deterministic-ecdsa-HASH rsa-pss-HASH rsa-pkcs1-HASH\n"
	"                    rsa-pss-any-salt-HASH; as a key's policy also without HASH: any\n"
	"                    eddsa ed25519ph ml-dsa deterministic-ml-dsa hash-ml-dsa-HASH\n"
	"  mac               hmac-HASH cmac\n"
	"  encrypt, decrypt  gcm ccm chacha20-poly1305 ctr cbc cbc-nopad cfb ofb ecb chacha20\n"
	"                    rsa-oaep-HASH rsa-pkcs1-crypt\n"
	"  kem               ml-kem\n"
	"  derive            hkdf-HASH hkdf-extract-HASH hkdf-expand-HASH pbkdf2-HASH pbkdf2-cmac\n"
	"                    tls12-prf-HASH ecdh ecdh-hkdf-HASH\n"
	"or a number of the PSA Crypto API behind 0x. aes-256-gcm says the key's length, too.\n";

psa_algorithm_t hash_parse(const char *text)
{
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (!strcasecmp(text, hashes[i].name) ||
		    (hashes[i].alias && !strcasecmp(text, hashes[i].alias)))
			return hashes[i].alg;
	}
	return 0;
}

/* What is in @text behind @prefix and a hyphen; "" if nothing is; NULL if it begins otherwise. */
static const char *behind(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncasecmp(text, prefix, len) != 0)
		return NULL;
	if (!text[len])
		return "";
	return text[len] == '-' && text[len + 1] ? text + len + 1 : NULL;
}

static bool parse_hashed(const char *text, struct algorithm *algorithm)
{
	for (size_t i = 0; i < COUNT(hashed); i++) {
		const char *rest = behind(text, hashed[i].name);
		psa_algorithm_t hash;

		if (!rest)
			continue;
		hash = hash_parse(rest);
		if (!hash && hashed[i].any_hash && (!*rest || !strcasecmp(rest, "any")))
			hash = PSA_ALG_ANY_HASH;
		if (!hash)
			continue;
		algorithm->alg = hashed[i].base | (hash & PSA_ALG_HASH_MASK);
		algorithm->type = hashed[i].type;
		return true;
	}
	return false;
}

static bool parse_plain(const char *text, struct algorithm *algorithm)
{
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (strcasecmp(text, plain[i].name) != 0)
			continue;
		algorithm->alg = plain[i].alg;
		algorithm->type = plain[i].type;
		return true;
	}
	return false;
}

bool algorithm_parse(const char *text, struct algorithm *algorithm)
{
	static const struct {
		const char *prefix;
		size_t bits;
	} sizes[] = { { "aes-128", 128 }, { "aes-192", 192 }, { "aes-256", 256 }, { "aes", 0 } };
	const char *rest;
	uint64_t number;

	memset(algorithm, 0, sizeof(*algorithm));
	if (text[0] == '0' && parse_number(text, UINT32_MAX, &number) && number) {
		algorithm->alg = (psa_algorithm_t)number;
		return true;
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		rest = behind(text, sizes[i].prefix);
		if (!rest || !parse_plain(rest, algorithm) || algorithm->type != PSA_KEY_TYPE_AES)
			continue;
		algorithm->bits = sizes[i].bits;
		return true;
	}
	rest = behind(text, "ecdh");
	if (rest && *rest) {
		if (!parse_hashed(rest, algorithm) || !PSA_ALG_IS_KEY_DERIVATION(algorithm->alg))
			return false;
		algorithm->alg = PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, algorithm->alg);
		algorithm->type = 0;
		return true;
	}
	return parse_plain(text, algorithm) || parse_hashed(text, algorithm);
}

static const char *hash_name(psa_algorithm_t hash)
{
	for (size_t i = 0; i < COUNT(hashes); i++) {
		if (hashes[i].alg == hash)
			return hashes[i].name;
	}
	return NULL;
}

/* Families of a set, each beside its algorithm of @hash; in the order in which one is chosen. */
static const struct {
	uint32_t family;
	const char *name;
	psa_algorithm_t alg; /* with no hash yet, where it has one */
} families[] = {
	{ TSTEE_KEY_ECDSA, "ecdsa", PSA_ALG_ECDSA_BASE },
	{ TSTEE_KEY_RSA_PSS, "rsa-pss", PSA_ALG_RSA_PSS_BASE },
	{ TSTEE_KEY_RSA_PKCS1_SIGN, "rsa-pkcs1", PSA_ALG_RSA_PKCS1V15_SIGN_BASE },
	{ TSTEE_KEY_RSA_OAEP, "rsa-oaep", PSA_ALG_RSA_OAEP_BASE },
	{ TSTEE_KEY_RSA_PKCS1_CRYPT, "rsa-pkcs1-crypt", PSA_ALG_RSA_PKCS1V15_CRYPT },
	{ TSTEE_KEY_ECDH, "ecdh", PSA_ALG_ECDH },
	{ TSTEE_KEY_HMAC, "hmac", PSA_ALG_HMAC_BASE },
	{ TSTEE_KEY_HKDF, "hkdf", PSA_ALG_HKDF_BASE },
	{ TSTEE_KEY_GCM, "gcm", PSA_ALG_GCM },
	{ TSTEE_KEY_CCM, "ccm", PSA_ALG_CCM },
	{ TSTEE_KEY_CHACHA20_POLY1305, "chacha20-poly1305", PSA_ALG_CHACHA20_POLY1305 },
	{ TSTEE_KEY_CMAC, "cmac", PSA_ALG_CMAC },
	{ TSTEE_KEY_CTR, "ctr", PSA_ALG_CTR },
	{ TSTEE_KEY_CBC, "cbc", PSA_ALG_CBC_PKCS7 },
	{ TSTEE_KEY_OFB, "ofb", PSA_ALG_OFB },
	{ TSTEE_KEY_CFB, "cfb", PSA_ALG_CFB },
	{ TSTEE_KEY_ECB, "ecb", PSA_ALG_ECB_NO_PADDING },
};

/* A key for several algorithms: their families, with + between. */
static const char *set_name(psa_algorithm_t set, char text[ALGORITHM_NAME_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < COUNT(families) && len < ALGORITHM_NAME_SIZE; i++) {
		if (set & families[i].family)
			len += (size_t)snprintf(text + len, ALGORITHM_NAME_SIZE - len, "%s%s",
						len ? "+" : "", families[i].name);
	}
	return text;
}

const char *algorithm_name(psa_algorithm_t alg, char text[ALGORITHM_NAME_SIZE])
{
	psa_algorithm_t base = alg & ~(psa_algorithm_t)PSA_ALG_HASH_MASK;
	psa_algorithm_t hash = PSA_ALG_CATEGORY_HASH | (alg & PSA_ALG_HASH_MASK);
	const char *agreement = "";

	if (PSA_ALG_IS_KEY_AGREEMENT(alg) && PSA_ALG_IS_ECDH(alg) &&
	    !PSA_ALG_IS_RAW_KEY_AGREEMENT(alg)) {
		agreement = "ecdh-";
		base = PSA_ALG_KEY_AGREEMENT_GET_KDF(alg) & ~(psa_algorithm_t)PSA_ALG_HASH_MASK;
	}
	if (!alg)
		return strcpy(text, "none");
	if (tstee_key_is_set(alg))
		return set_name(alg, text);
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (plain[i].alg == alg)
			return strcpy(text, plain[i].name);
	}
	for (size_t i = 0; i < COUNT(hashed); i++) {
		if (hashed[i].base != base)
			continue;
		if (hashed[i].any_hash && hash == PSA_ALG_ANY_HASH)
			return strcpy(text, hashed[i].name);
		if (!hash_name(hash))
			break;
		snprintf(text, ALGORITHM_NAME_SIZE, "%s%s-%s", agreement, hashed[i].name,
			 hash_name(hash));
		return text;
	}
	if (hash_name(alg))
		return strcpy(text, hash_name(alg));
	snprintf(text, ALGORITHM_NAME_SIZE, "0x%08x", (unsigned int)alg);
	return text;
}

psa_algorithm_t algorithm_default(psa_key_type_t type)
{
	if (PSA_KEY_TYPE_IS_ECC(type) &&
	    PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_TWISTED_EDWARDS)
		return PSA_ALG_PURE_EDDSA;
	if (PSA_KEY_TYPE_IS_ML_DSA(type))
		return PSA_ALG_ML_DSA;
	if (PSA_KEY_TYPE_IS_ML_KEM(type))
		return PSA_ALG_ML_KEM;
	if (PSA_KEY_TYPE_IS_ECC(type))
		return PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_MONTGOMERY ?
			       PSA_ALG_ECDH :
			       PSA_ALG_ECDSA(PSA_ALG_ANY_HASH);
	/* openssl makes PSS signatures with the longest salt unless it is told otherwise. */
	if (PSA_KEY_TYPE_IS_RSA(type))
		return PSA_ALG_RSA_PSS_ANY_SALT(PSA_ALG_ANY_HASH);
	switch (type) {
	case PSA_KEY_TYPE_AES:
		return PSA_ALG_GCM;
	case PSA_KEY_TYPE_CHACHA20:
		return PSA_ALG_CHACHA20_POLY1305;
	case PSA_KEY_TYPE_HMAC:
		return PSA_ALG_HMAC(PSA_ALG_SHA_256);
	case PSA_KEY_TYPE_DERIVE:
		return PSA_ALG_HKDF(PSA_ALG_SHA_256);
	case PSA_KEY_TYPE_PASSWORD:
		return PSA_ALG_PBKDF2_HMAC(PSA_ALG_SHA_256);
	default:
		return 0;
	}
}

static bool same_scheme(psa_algorithm_t policy, psa_algorithm_t wanted)
{
	return (PSA_ALG_IS_ECDSA(policy) && PSA_ALG_IS_ECDSA(wanted)) ||
	       (PSA_ALG_IS_RSA_PSS(policy) && PSA_ALG_IS_RSA_PSS(wanted)) ||
	       (PSA_ALG_IS_RSA_PKCS1V15_SIGN(policy) && PSA_ALG_IS_RSA_PKCS1V15_SIGN(wanted)) ||
	       (PSA_ALG_IS_HASH_ML_DSA(policy) && PSA_ALG_IS_HASH_ML_DSA(wanted));
}

/* The first of a set, with the hash that is wanted. */
static psa_algorithm_t of_set(psa_algorithm_t set, psa_algorithm_t wanted)
{
	const psa_algorithm_t hash = wanted ? wanted : PSA_ALG_SHA_256;

	if (wanted && !PSA_ALG_IS_HASH(wanted))
		return wanted;
	for (size_t i = 0; i < COUNT(families); i++) {
		const psa_algorithm_t alg = families[i].alg | (hash & PSA_ALG_HASH_MASK);

		if (!(set & families[i].family))
			continue;
		return tstee_key_family(alg) == families[i].family ? alg : families[i].alg;
	}
	return 0;
}

psa_algorithm_t algorithm_for_key(psa_algorithm_t policy, psa_algorithm_t wanted)
{
	if (tstee_key_is_set(policy))
		return of_set(policy, wanted);
	if (PSA_ALG_IS_HASH_AND_SIGN(policy)) {
		psa_algorithm_t hash = PSA_ALG_SIGN_GET_HASH(policy);

		/* The policy says how to sign, the user with which hash. */
		if (PSA_ALG_IS_HASH(wanted))
			hash = wanted;
		else if (same_scheme(policy, wanted))
			hash = PSA_ALG_SIGN_GET_HASH(wanted);
		else if (wanted)
			return wanted;
		if (hash == PSA_ALG_ANY_HASH)
			hash = PSA_ALG_SHA_256;
		return (policy & ~(psa_algorithm_t)PSA_ALG_HASH_MASK) | (hash & PSA_ALG_HASH_MASK);
	}
	if (wanted)
		return wanted;
	return PSA_ALG_IS_WILDCARD(policy) ? 0 : policy;
}

static const struct {
	const char *name;
	psa_key_type_t type;
} key_types[] = {
	{ "rsa", PSA_KEY_TYPE_RSA_KEY_PAIR },
	{ "rsa-public", PSA_KEY_TYPE_RSA_PUBLIC_KEY },
	{ "ml-dsa", PSA_KEY_TYPE_ML_DSA_KEY_PAIR },
	{ "ml-dsa-public", PSA_KEY_TYPE_ML_DSA_PUBLIC_KEY },
	{ "ml-kem", PSA_KEY_TYPE_ML_KEM_KEY_PAIR },
	{ "ml-kem-public", PSA_KEY_TYPE_ML_KEM_PUBLIC_KEY },
	{ "aes", PSA_KEY_TYPE_AES },
	{ "chacha20", PSA_KEY_TYPE_CHACHA20 },
	{ "hmac", PSA_KEY_TYPE_HMAC },
	{ "derive", PSA_KEY_TYPE_DERIVE },
	{ "password", PSA_KEY_TYPE_PASSWORD },
	{ "raw", PSA_KEY_TYPE_RAW_DATA },
	{ "des", PSA_KEY_TYPE_DES },
	/* The family is the curve's. */
	{ "ec", PSA_KEY_TYPE_ECC_KEY_PAIR_BASE },
	{ "ec-public", PSA_KEY_TYPE_ECC_PUBLIC_KEY_BASE },
};

bool key_type_parse(const char *text, psa_key_type_t *type)
{
	for (size_t i = 0; i < COUNT(key_types); i++) {
		if (!strcasecmp(text, key_types[i].name)) {
			*type = key_types[i].type;
			return true;
		}
	}
	return false;
}

const char *key_type_name(psa_key_type_t type)
{
	if (PSA_KEY_TYPE_IS_ECC(type))
		type &= ~(psa_key_type_t)PSA_KEY_TYPE_ECC_CURVE_MASK;
	for (size_t i = 0; i < COUNT(key_types); i++) {
		if (key_types[i].type == type)
			return key_types[i].name;
	}
	return "other";
}

/* A name whose bits are all there stands for them; single ones come behind. */
static const struct {
	const char *name;
	psa_key_usage_t usage;
} usages[] = {
	{ "sign", PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE },
	{ "sign-message", PSA_KEY_USAGE_SIGN_MESSAGE },
	{ "verify", PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE },
	{ "verify-message", PSA_KEY_USAGE_VERIFY_MESSAGE },
	{ "encrypt", PSA_KEY_USAGE_ENCRYPT },
	{ "decrypt", PSA_KEY_USAGE_DECRYPT },
	{ "derive", PSA_KEY_USAGE_DERIVE },
	{ "verify-derivation", PSA_KEY_USAGE_VERIFY_DERIVATION },
	{ "export", PSA_KEY_USAGE_EXPORT },
	{ "copy", PSA_KEY_USAGE_COPY },
};

bool usage_parse(const char *text, psa_key_usage_t *usage, const char **unknown)
{
	*usage = 0;
	if (!strcasecmp(text, "none"))
		return true;
	while (*text) {
		size_t len = strcspn(text, ","), i;

		for (i = 0; i < COUNT(usages); i++) {
			if (strlen(usages[i].name) == len &&
			    !strncasecmp(text, usages[i].name, len))
				break;
		}
		*unknown = text;
		if (i == COUNT(usages))
			return false;
		*usage |= usages[i].usage;
		text += len;
		text += *text == ',';
	}
	return true;
}

const char *usage_name(psa_key_usage_t usage, size_t index)
{
	for (size_t i = 0; i < COUNT(usages); i++) {
		if ((usage & usages[i].usage) != usages[i].usage)
			continue;
		usage &= ~usages[i].usage;
		if (!index--)
			return usages[i].name;
	}
	return NULL;
}

psa_key_usage_t usage_default(psa_key_type_t type, psa_algorithm_t alg)
{
	psa_key_usage_t usage = 0;

	if (PSA_ALG_IS_SIGN(alg) || PSA_ALG_IS_MAC(alg))
		usage = PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE |
			PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE;
	else if (PSA_ALG_IS_CIPHER(alg) || PSA_ALG_IS_AEAD(alg) ||
		 PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(alg) || PSA_ALG_IS_KEY_ENCAPSULATION(alg))
		usage = PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT;
	else if (PSA_ALG_IS_KEY_DERIVATION(alg) || PSA_ALG_IS_KEY_AGREEMENT(alg))
		usage = PSA_KEY_USAGE_DERIVE;
	if (PSA_KEY_TYPE_IS_PUBLIC_KEY(type))
		usage &= PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE |
			 PSA_KEY_USAGE_ENCRYPT;
	return usage;
}
