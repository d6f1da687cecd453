// SPDX-License-Identifier: BSD-3-Clause
/* See der.h. */
#include <string.h>

#include "der.h"

bool der_read(struct der_part *rest, uint8_t tag, struct der_part *value)
{
	const uint8_t *pos = rest->data;
	size_t left = rest->len, len;

	if (left < 2 || pos[0] != tag)
		return false;
	len = pos[1];
	pos += 2;
	left -= 2;
	if (len & 0x80) {
		size_t bytes = len & 0x7f;

		if (!bytes || bytes > 3 || bytes > left || !pos[0])
			return false;
		for (len = 0; bytes; bytes--, left--)
			len = len << 8 | *pos++;
		if (len < 0x80)
			return false;
	}
	if (len > left)
		return false;
	*value = (struct der_part){ .data = pos, .len = len };
	*rest = (struct der_part){ .data = pos + len, .len = left - len };
	return true;
}

bool der_read_number(struct der_part *rest, struct der_part *number)
{
	if (!der_read(rest, DER_INTEGER, number) || !number->len || number->data[0] & 0x80)
		return false;
	while (number->len && !number->data[0]) {
		number->data++;
		number->len--;
	}
	return true;
}

static bool add_header(struct bytes *out, uint8_t tag, size_t len)
{
	uint8_t header[5] = { tag };
	size_t count = 1;

	if (len < 0x80) {
		header[count++] = (uint8_t)len;
	} else if (len < 0x100) {
		header[count++] = 0x81;
		header[count++] = (uint8_t)len;
	} else if (len < 0x10000) {
		header[count++] = 0x82;
		header[count++] = (uint8_t)(len >> 8);
		header[count++] = (uint8_t)len;
	} else {
		return false;
	}
	return bytes_add(out, header, count);
}

bool der_add(struct bytes *out, uint8_t tag, const void *value, size_t len)
{
	return add_header(out, tag, len) && bytes_add(out, value, len);
}

bool der_add_number(struct bytes *out, const uint8_t *number, size_t len)
{
	static const uint8_t zero[1];

	while (len && !*number) {
		number++;
		len--;
	}
	if (!len)
		return der_add(out, DER_INTEGER, zero, 1);
	if (!(number[0] & 0x80))
		return der_add(out, DER_INTEGER, number, len);
	return add_header(out, DER_INTEGER, len + 1) && bytes_add(out, zero, 1) &&
	       bytes_add(out, number, len);
}

#define SECP  PSA_ECC_FAMILY_SECP_R1
#define BRAIN PSA_ECC_FAMILY_BRAINPOOL_P_R1
#define MONT  PSA_ECC_FAMILY_MONTGOMERY
#define EDW   PSA_ECC_FAMILY_TWISTED_EDWARDS

static const struct curve curves[] = {
	{ SECP, 224, 7, { 6, 5, 0x2b, 0x81, 4, 0, 0x21 } },
	{ SECP, 256, 10, { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 } },
	{ SECP, 384, 7, { 6, 5, 0x2b, 0x81, 4, 0, 0x22 } },
	{ SECP, 521, 7, { 6, 5, 0x2b, 0x81, 4, 0, 0x23 } },
	{ PSA_ECC_FAMILY_SECP_K1, 256, 7, { 6, 5, 0x2b, 0x81, 4, 0, 0x0a } },
	{ BRAIN, 256, 11, { 6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7 } },
	{ BRAIN, 384, 11, { 6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11 } },
	{ BRAIN, 512, 11, { 6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13 } },
	{ MONT, 255, 5, { 6, 3, 0x2b, 0x65, 0x6e } },
	{ MONT, 448, 5, { 6, 3, 0x2b, 0x65, 0x6f } },
	{ EDW, 255, 5, { 6, 3, 0x2b, 0x65, 0x70 } },
};

bool curve_is_plain(const struct curve *curve)
{
	return curve->family == MONT || curve->family == EDW;
}

const struct curve *curve_of(psa_key_type_t type, size_t bits)
{
	for (size_t i = 0; i < COUNT(curves); i++) {
		if (PSA_KEY_TYPE_IS_ECC(type) && curves[i].bits == bits &&
		    curves[i].family == PSA_KEY_TYPE_ECC_GET_FAMILY(type))
			return &curves[i];
	}
	return NULL;
}

const struct curve *curve_find(const void *params, size_t len)
{
	static const struct {
		const char *name; /* behind the header of a PrintableString */
		psa_ecc_family_t family;
		uint16_t bits;
	} named[] = {
		{ "curve25519", MONT, 255 },  { "X25519", MONT, 255 },
		{ "curve448", MONT, 448 },    { "X448", MONT, 448 },
		{ "edwards25519", EDW, 255 }, { "Ed25519", EDW, 255 },
	};
	/* From before RFC 8410. */
	static const uint8_t old_x25519[] = { 6, 10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 5, 1 };
	static const uint8_t old_ed25519[] = { 6, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 15, 1 };
	const uint8_t *bytes = params;

	for (size_t i = 0; i < COUNT(curves); i++) {
		if (curves[i].params_len == len && !memcmp(curves[i].params, params, len))
			return &curves[i];
	}
	/* pkcs11-tool 0.23 counts the letters of one wrong. */
	for (size_t i = 0; len > 2 && bytes[0] == DER_PRINTABLE_STRING && i < COUNT(named); i++) {
		if (strlen(named[i].name) == len - 2 && !memcmp(named[i].name, bytes + 2, len - 2))
			return curve_of(PSA_KEY_TYPE_ECC_KEY_PAIR(named[i].family), named[i].bits);
	}
	if (len == sizeof(old_x25519) && !memcmp(params, old_x25519, len))
		return curve_of(PSA_KEY_TYPE_ECC_KEY_PAIR(MONT), 255);
	if (len == sizeof(old_ed25519) && !memcmp(params, old_ed25519, len))
		return curve_of(PSA_KEY_TYPE_ECC_KEY_PAIR(EDW), 255);
	return NULL;
}

/* 2.16.840.1.101.3.4.@arc.@number */
#define NIST_OID(arc, number)                                                         \
	{                                                                             \
		DER_OID, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, (arc), (number) \
	}
#define ML_DSA(bits, set, number)                                                        \
	{                                                                                \
		PSA_KEY_TYPE_ML_DSA_KEY_PAIR, bits, CKK_ML_DSA, set, NIST_OID(3, number) \
	}
#define ML_KEM(bits, set, number)                                                        \
	{                                                                                \
		PSA_KEY_TYPE_ML_KEM_KEY_PAIR, bits, CKK_ML_KEM, set, NIST_OID(4, number) \
	}

static const struct lattice lattices[] = {
	ML_DSA(128, CKP_ML_DSA_44, 17), ML_DSA(192, CKP_ML_DSA_65, 18),
	ML_DSA(256, CKP_ML_DSA_87, 19), ML_KEM(512, CKP_ML_KEM_512, 1),
	ML_KEM(768, CKP_ML_KEM_768, 2), ML_KEM(1024, CKP_ML_KEM_1024, 3),
};

const struct lattice *lattice_of(psa_key_type_t type, size_t bits)
{
	for (size_t i = 0; i < COUNT(lattices); i++) {
		if (lattices[i].bits == bits && PSA_KEY_TYPE_IS_ASYMMETRIC(type) &&
		    lattices[i].pair == PSA_KEY_TYPE_KEY_PAIR_OF_PUBLIC_KEY(type))
			return &lattices[i];
	}
	return NULL;
}

const struct lattice *lattice_find(CK_KEY_TYPE type, CK_ULONG set)
{
	for (size_t i = 0; i < COUNT(lattices); i++) {
		if (lattices[i].type == type && lattices[i].set == set)
			return &lattices[i];
	}
	return NULL;
}

bool der_add_public(struct bytes *out, psa_key_type_t type, size_t bits, const uint8_t *key,
		    size_t len)
{
	static const uint8_t rsa[] = { DER_OID, 9, 0x2a, 0x86, 0x48,	 0x86, 0xf7,
				       0x0d,	1, 1,	 1,    DER_NULL, 0 };
	static const uint8_t ec[] = { DER_OID, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 };
	static const uint8_t unused[1];
	const struct lattice *lattice = lattice_of(type, bits);
	const struct curve *curve = curve_of(type, bits);
	struct bytes algorithm = { 0 }, string = { 0 }, all = { 0 };
	bool good;

	if (PSA_KEY_TYPE_IS_RSA(type))
		good = bytes_add(&algorithm, rsa, sizeof(rsa));
	else if (lattice)
		good = bytes_add(&algorithm, lattice->oid, sizeof(lattice->oid));
	else
		good = curve && (curve_is_plain(curve) || bytes_add(&algorithm, ec, sizeof(ec))) &&
		       bytes_add(&algorithm, curve->params, curve->params_len);
	good = good && bytes_add(&string, unused, 1) && bytes_add(&string, key, len) &&
	       der_add(&all, DER_SEQUENCE, algorithm.data, algorithm.len) &&
	       der_add(&all, DER_BIT_STRING, string.data, string.len) &&
	       der_add(out, DER_SEQUENCE, all.data, all.len);
	bytes_free(&algorithm);
	bytes_free(&string);
	bytes_free(&all);
	return good;
}

bool der_rsa_public(const uint8_t *key, size_t len, struct der_part *modulus,
		    struct der_part *exponent)
{
	struct der_part all = { .data = key, .len = len }, rest;

	return der_read(&all, DER_SEQUENCE, &rest) && der_read_number(&rest, modulus) &&
	       der_read_number(&rest, exponent);
}

bool der_rsa_pair(const uint8_t *key, size_t len, struct der_part numbers[DER_RSA_NUMBERS])
{
	struct der_part all = { .data = key, .len = len }, rest, version;

	if (!der_read(&all, DER_SEQUENCE, &rest) || !der_read_number(&rest, &version))
		return false;
	for (size_t i = 0; i < DER_RSA_NUMBERS; i++) {
		if (!der_read_number(&rest, &numbers[i]))
			return false;
	}
	return true;
}

psa_algorithm_t der_digest_info(const uint8_t *data, size_t len, struct der_part *hash)
{
	static const uint8_t nist[] = { 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2 }; /* and one more */
	static const uint8_t sha1[] = { 0x2b, 0x0e, 3, 2, 0x1a };
	static const uint8_t md5[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5 };
	static const uint8_t ripemd160[] = { 0x2b, 0x24, 3, 2, 1 };
	static const psa_algorithm_t by_last[] = {
		0, PSA_ALG_SHA_256,  PSA_ALG_SHA_384,  PSA_ALG_SHA_512,	 PSA_ALG_SHA_224,  0,
		0, PSA_ALG_SHA3_224, PSA_ALG_SHA3_256, PSA_ALG_SHA3_384, PSA_ALG_SHA3_512,
	};
	struct der_part all = { .data = data, .len = len }, rest, algorithm, oid, nothing;
	psa_algorithm_t alg = 0;

	if (!der_read(&all, DER_SEQUENCE, &rest) || all.len ||
	    !der_read(&rest, DER_SEQUENCE, &algorithm) ||
	    !der_read(&rest, DER_OCTET_STRING, hash) || rest.len ||
	    !der_read(&algorithm, DER_OID, &oid))
		return 0;
	/* Without the NULL another signature would be made: of PKCS#1's the one with it. */
	if (!der_read(&algorithm, DER_NULL, &nothing) || nothing.len || algorithm.len)
		return 0;
	if (oid.len == sizeof(nist) + 1 && !memcmp(oid.data, nist, sizeof(nist)) &&
	    oid.data[sizeof(nist)] < COUNT(by_last))
		alg = by_last[oid.data[sizeof(nist)]];
	else if (oid.len == sizeof(sha1) && !memcmp(oid.data, sha1, sizeof(sha1)))
		alg = PSA_ALG_SHA_1;
	else if (oid.len == sizeof(md5) && !memcmp(oid.data, md5, sizeof(md5)))
		alg = PSA_ALG_MD5;
	else if (oid.len == sizeof(ripemd160) && !memcmp(oid.data, ripemd160, sizeof(ripemd160)))
		alg = PSA_ALG_RIPEMD160;
	return alg && hash->len == PSA_HASH_LENGTH(alg) ? alg : 0;
}
