// SPDX-License-Identifier: BSD-3-Clause
/* Keys and signatures in DER, read and written. No state. */
#include "key_format.h"

#include <mbedtls/asn1.h>
#include <mbedtls/asn1write.h>
#include <stdlib.h>
#include <string.h>

#include "ec_public.h"
#include "pem.h"

#define SEQUENCE     (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define CONTEXT(n)   (MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED | (n))
#define UNCOMPRESSED 0x04

/* Room for what the DER of a key adds to the key and the public key. */
#define DER_MARGIN 128

static const char malformed[] = "malformed";
static const char no_memory[] = "out of memory";

static const uint8_t oid_rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t oid_pss[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
static const uint8_t oid_ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

/* clang-format off */
static const struct curve curves[] = {
	{ "p224", "secp224r1", PSA_ECC_FAMILY_SECP_R1, 224, false,
	  { 0x2b, 0x81, 0x04, 0x00, 0x21 }, 5 },
	{ "p256", "prime256v1", PSA_ECC_FAMILY_SECP_R1, 256, false,
	  { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 }, 8 },
	{ "p256", "secp256r1", PSA_ECC_FAMILY_SECP_R1, 256, false,
	  { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 }, 8 },
	{ "p384", "secp384r1", PSA_ECC_FAMILY_SECP_R1, 384, false,
	  { 0x2b, 0x81, 0x04, 0x00, 0x22 }, 5 },
	{ "p521", "secp521r1", PSA_ECC_FAMILY_SECP_R1, 521, false,
	  { 0x2b, 0x81, 0x04, 0x00, 0x23 }, 5 },
	{ "secp256k1", NULL, PSA_ECC_FAMILY_SECP_K1, 256, false,
	  { 0x2b, 0x81, 0x04, 0x00, 0x0a }, 5 },
	{ "brainpoolP256r1", "bp256", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 256, false,
	  { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07 }, 9 },
	{ "brainpoolP384r1", "bp384", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 384, false,
	  { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b }, 9 },
	{ "brainpoolP512r1", "bp512", PSA_ECC_FAMILY_BRAINPOOL_P_R1, 512, false,
	  { 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d }, 9 },
	{ "x25519", NULL, PSA_ECC_FAMILY_MONTGOMERY, 255, true, { 0x2b, 0x65, 0x6e }, 3 },
	{ "x448", NULL, PSA_ECC_FAMILY_MONTGOMERY, 448, true, { 0x2b, 0x65, 0x6f }, 3 },
};
/* clang-format on */

#define CURVE_COUNT (sizeof(curves) / sizeof(curves[0]))

const struct curve *curve_get(size_t index)
{
	return index < CURVE_COUNT ? &curves[index] : NULL;
}

const struct curve *curve_find(const char *name)
{
	for (size_t i = 0; i < CURVE_COUNT; i++) {
		if (!strcasecmp(name, curves[i].name) ||
		    (curves[i].alias && !strcasecmp(name, curves[i].alias)))
			return &curves[i];
	}
	/* As in the standard: P-256. */
	if ((name[0] == 'p' || name[0] == 'P') && name[1] == '-') {
		char joined[16];

		snprintf(joined, sizeof(joined), "p%s", name + 2);
		return joined[1] == '-' ? NULL : curve_find(joined);
	}
	return NULL;
}

const struct curve *curve_of(psa_key_type_t type, size_t bits)
{
	if (!PSA_KEY_TYPE_IS_ECC(type))
		return NULL;
	for (size_t i = 0; i < CURVE_COUNT; i++) {
		if (curves[i].family == PSA_KEY_TYPE_ECC_GET_FAMILY(type) && curves[i].bits == bits)
			return &curves[i];
	}
	return NULL;
}

static const struct curve *curve_of_oid(const mbedtls_asn1_buf *oid)
{
	for (size_t i = 0; i < CURVE_COUNT; i++) {
		if (oid->len == curves[i].oid_len && !memcmp(oid->p, curves[i].oid, oid->len))
			return &curves[i];
	}
	return NULL;
}

void key_data_free(struct key_data *key)
{
	secret_free(&key->data);
	memset(key, 0, sizeof(*key));
}

/* --- reading: @p goes along, @end is where the surrounding value ends --- */

static bool is_oid(const mbedtls_asn1_buf *oid, const uint8_t *value, size_t len)
{
	return oid->len == len && !memcmp(oid->p, value, len);
}

/* Enters a value: *@inner_end is its end. */
static bool enter(uint8_t **p, const uint8_t *end, int tag, const uint8_t **inner_end)
{
	size_t len;

	if (mbedtls_asn1_get_tag(p, end, &len, tag))
		return false;
	*inner_end = *p + len;
	return true;
}

static const char *store(struct key_data *key, psa_key_type_t type, size_t bits,
			 const uint8_t *data, size_t len)
{
	key->data.data = malloc(len ? len : 1);
	if (!key->data.data)
		return no_memory;
	memcpy(key->data.data, data, len);
	key->data.len = len;
	key->type = type;
	key->bits = bits;
	return NULL;
}

/* A private value has as many bytes as the curve, whatever the writer made of leading zeros. */
static const char *store_ec_private(struct key_data *key, const struct curve *curve,
				    const uint8_t *value, size_t len)
{
	size_t want = PSA_BITS_TO_BYTES(curve->bits);

	while (len > want && !*value) {
		value++;
		len--;
	}
	if (!len || len > want)
		return "a private value of another length than its curve's";
	key->data.data = calloc(1, want);
	if (!key->data.data)
		return no_memory;
	memcpy(key->data.data + want - len, value, len);
	key->data.len = want;
	key->type = PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family);
	key->bits = curve->bits;
	return NULL;
}

static const char *store_point(struct key_data *key, const struct curve *curve,
			       const uint8_t *point, size_t len)
{
	size_t bytes = PSA_BITS_TO_BYTES(curve->bits);

	if (!curve->edwards_form) {
		if (len == 1 + bytes && (point[0] == 0x02 || point[0] == 0x03))
			return "a compressed point; convert it by openssl ec -pubin "
			       "-conv_form uncompressed";
		if (len != 1 + 2 * bytes || point[0] != UNCOMPRESSED)
			return "no point of its curve";
	} else if (len != bytes) {
		return "a public key of another length than its curve's";
	}
	return store(key, PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve->family), curve->bits, point, len);
}

/* AlgorithmIdentifier of a key. *@curve is NULL for RSA, and for EC without parameters. */
static const char *parse_algorithm(uint8_t **p, const uint8_t *end, bool *is_rsa,
				   const struct curve **curve)
{
	mbedtls_asn1_buf oid, params;

	*curve = NULL;
	*is_rsa = false;
	if (mbedtls_asn1_get_alg(p, end, &oid, &params))
		return malformed;
	if (is_oid(&oid, oid_rsa, sizeof(oid_rsa))) {
		*is_rsa = true;
		return NULL;
	}
	if (is_oid(&oid, oid_pss, sizeof(oid_pss)))
		return "an RSA key for PSS alone (id-RSASSA-PSS), whose restrictions would be lost; "
		       "take a plain RSA key and --alg rsa-pss-sha256";
	if (is_oid(&oid, oid_ec, sizeof(oid_ec))) {
		if (params.tag != MBEDTLS_ASN1_OID)
			return "a curve that is not given by its name";
		*curve = curve_of_oid(&params);
		return *curve ? NULL : "of an unsupported curve";
	}
	*curve = curve_of_oid(&oid);
	if (!*curve || !(*curve)->edwards_form)
		return "of an unsupported kind: neither RSA, EC, X25519 nor X448";
	return NULL;
}

/* A file may say the public key, too: then it is to be that one. */
static const char *check_public(const struct key_data *key, const struct curve *curve,
				const uint8_t *point, size_t len)
{
	return ec_public_matches(curve->name, key->data.data, key->data.len, point, len) ?
		       NULL :
		       "its public key is not that of its private key";
}

/* ECPrivateKey behind its SEQUENCE and version; @curve may be NULL if it says its own. */
static const char *parse_sec1_body(uint8_t *p, const uint8_t *end, const struct curve *curve,
				   struct key_data *key)
{
	const uint8_t *value, *inner;
	const char *problem;
	mbedtls_asn1_buf oid = { .tag = MBEDTLS_ASN1_OID };
	size_t len;

	if (mbedtls_asn1_get_tag(&p, end, &len, MBEDTLS_ASN1_OCTET_STRING))
		return malformed;
	value = p;
	p += len;
	if (p < end && *p == CONTEXT(0)) {
		const struct curve *own;

		if (!enter(&p, end, CONTEXT(0), &inner))
			return malformed;
		if (mbedtls_asn1_get_tag(&p, inner, &oid.len, MBEDTLS_ASN1_OID))
			return "a curve that is not given by its name";
		oid.p = p;
		own = curve_of_oid(&oid);
		if (!own)
			return "of an unsupported curve";
		if (curve && (curve->family != own->family || curve->bits != own->bits))
			return malformed;
		curve = own;
		p = (uint8_t *)inner;
	}
	if (!curve)
		return "it doesn't say its curve";
	problem = store_ec_private(key, curve, value, len);
	if (problem)
		return problem;
	if (p < end && *p == CONTEXT(1)) {
		if (!enter(&p, end, CONTEXT(1), &inner) ||
		    mbedtls_asn1_get_bitstring_null(&p, inner, &len) || p + len != inner)
			return malformed;
		problem = check_public(key, curve, p, len);
		p += len;
	}
	return problem || p == end ? problem : malformed;
}

static const char *parse_sec1(uint8_t *p, const uint8_t *end, const struct curve *curve,
			      struct key_data *key)
{
	const uint8_t *inner;
	int version;

	if (!enter(&p, end, SEQUENCE, &inner) || mbedtls_asn1_get_int(&p, inner, &version) ||
	    version != 1)
		return malformed;
	return parse_sec1_body(p, inner, curve, key);
}

/* PrivateKeyInfo, behind its version. */
static const char *parse_pkcs8(uint8_t *p, const uint8_t *end, struct key_data *key)
{
	const struct curve *curve;
	const uint8_t *inner;
	const char *problem;
	size_t len;
	bool is_rsa;

	problem = parse_algorithm(&p, end, &is_rsa, &curve);
	if (problem)
		return problem;
	if (mbedtls_asn1_get_tag(&p, end, &len, MBEDTLS_ASN1_OCTET_STRING))
		return malformed;
	inner = p + len;
	if (is_rsa)
		return store(key, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, p, len);
	if (!curve)
		return malformed;
	if (!curve->edwards_form) {
		problem = parse_sec1(p, inner, curve, key);
	} else {
		if (mbedtls_asn1_get_tag(&p, inner, &len, MBEDTLS_ASN1_OCTET_STRING) ||
		    p + len != inner || len != PSA_BITS_TO_BYTES(curve->bits))
			return malformed;
		problem = store(key, PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family), curve->bits, p, len);
	}
	if (problem)
		return problem;
	/* RFC 5958: attributes, and in version 2 the public key. */
	p = (uint8_t *)inner;
	if (p < end && *p == CONTEXT(0)) {
		if (!enter(&p, end, CONTEXT(0), &inner))
			return malformed;
		p = (uint8_t *)inner;
	}
	if (p < end && *p == (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 1)) {
		if (mbedtls_asn1_get_tag(&p, end, &len, MBEDTLS_ASN1_CONTEXT_SPECIFIC | 1) ||
		    !len || *p)
			return malformed;
		problem = check_public(key, curve, p + 1, len - 1);
	}
	return problem;
}

/* SubjectPublicKeyInfo, behind its SEQUENCE. */
static const char *parse_spki(uint8_t *p, const uint8_t *end, struct key_data *key)
{
	const struct curve *curve;
	const char *problem;
	size_t len;
	bool is_rsa;

	problem = parse_algorithm(&p, end, &is_rsa, &curve);
	if (problem)
		return problem;
	if (mbedtls_asn1_get_bitstring_null(&p, end, &len) || p + len != end || !len)
		return malformed;
	if (is_rsa)
		return store(key, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, p, len);
	return store_point(key, curve, p, len);
}

/* The kinds differ in what the first elements of their SEQUENCE are. */
const char *key_parse_der(const uint8_t *der, size_t len, struct key_data *key)
{
	uint8_t *p = (uint8_t *)der; /* the parser takes no const */
	const uint8_t *end;
	int version;
	uint8_t next;

	memset(key, 0, sizeof(*key));
	if (!enter(&p, der + len, SEQUENCE, &end))
		return "neither PEM nor DER";
	if (end != der + len)
		return "bytes behind the key";
	if (p < end && *p == SEQUENCE) {
		/* PKCS#8's encrypted form and certificates begin alike and end otherwise. */
		return parse_spki(p, end, key);
	}
	/* The modulus of a public RSA key is the one integer that is no version. */
	if (p + 1 < end && *p == MBEDTLS_ASN1_INTEGER && p[1] > 1)
		return store(key, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, der, len);
	if (mbedtls_asn1_get_int(&p, end, &version) || p >= end)
		return malformed;
	next = *p;
	if (next == SEQUENCE && version <= 1)
		return parse_pkcs8(p, end, key);
	if (next == MBEDTLS_ASN1_OCTET_STRING && version == 1)
		return parse_sec1_body(p, end, NULL, key);
	if (next == MBEDTLS_ASN1_INTEGER && version == 0)
		return store(key, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, der, len);
	return malformed;
}

/* Whether a block is a key, or else what stands beside keys: certificates, parameters, lists. */
static bool label_is_key(const char *label)
{
	const size_t len = strlen(label);

	return len >= 3 && !strcmp(label + len - 3, "KEY");
}

/* What a block is, if it is nothing that can be imported. */
static const char *refused_label(const char *label)
{
	if (!strcmp(label, "ENCRYPTED PRIVATE KEY"))
		return "encrypted; decrypt it by openssl pkey";
	if (!strcmp(label, "CERTIFICATE") || !strcmp(label, "X509 CERTIFICATE") ||
	    !strcmp(label, "TRUSTED CERTIFICATE"))
		return "a certificate; take its key by openssl x509 -pubkey -noout";
	if (!strcmp(label, "OPENSSH PRIVATE KEY"))
		return "in the format of OpenSSH; convert it by ssh-keygen -p -m PKCS8";
	if (!strcmp(label, "PRIVATE KEY") || !strcmp(label, "EC PRIVATE KEY") ||
	    !strcmp(label, "RSA PRIVATE KEY") || !strcmp(label, "PUBLIC KEY") ||
	    !strcmp(label, "RSA PUBLIC KEY"))
		return NULL;
	return "PEM of something else than a key";
}

/* Reads what a block has. Of several keys in a file the private one counts, if there is one. */
static const char *parse_block(const char *label, const struct secret *der, struct key_data *key)
{
	const bool private = strstr(label, "PRIVATE KEY");
	const char *problem = refused_label(label);

	if (problem)
		return problem;
	if (key->data.data && !private)
		return NULL;
	if (key->data.data && PSA_KEY_TYPE_IS_KEY_PAIR(key->type))
		return "there is more than one private key in it";
	key_data_free(key);
	return key_parse_der(der->data, der->len, key);
}

static const char *pem_problem(enum pem_result result)
{
	switch (result) {
	case PEM_MALFORMED:
		return "malformed PEM";
	case PEM_ENCRYPTED:
		return "encrypted; decrypt it by openssl pkey";
	default:
		return no_memory;
	}
}

const char *key_parse(const uint8_t *text, size_t len, struct key_data *key)
{
	const char *problem = NULL, *beside = NULL;
	struct secret der = { 0 };
	char label[PEM_LABEL_MAX];
	enum pem_result result;
	bool blocks = false;
	size_t at = 0;

	memset(key, 0, sizeof(*key));
	while (!problem) {
		result = pem_decode((const char *)text, len, &at, label, &der.data, &der.len);
		if (result == PEM_ABSENT)
			break;
		blocks = true;
		if (result != PEM_OK)
			problem = pem_problem(result);
		else if (label_is_key(label))
			problem = parse_block(label, &der, key);
		else if (!beside)
			beside = refused_label(label);
		secret_free(&der);
	}
	if (problem)
		return problem;
	if (!blocks)
		return key_parse_der(text, len, key);
	return key->data.data ? NULL : beside;
}

bool rsa_signature_in_range(const uint8_t *data, size_t len, const uint8_t *signature,
			    size_t signature_len)
{
	uint8_t *p = (uint8_t *)data; /* the parser takes no const */
	const uint8_t *end;
	size_t modulus_len;

	/* RFC 8017, appendix A.1.1. */
	if (!enter(&p, data + len, SEQUENCE, &end) ||
	    mbedtls_asn1_get_tag(&p, end, &modulus_len, MBEDTLS_ASN1_INTEGER))
		return true;
	for (; modulus_len && !*p; modulus_len--)
		p++;
	return signature_len == modulus_len && memcmp(signature, p, modulus_len) < 0;
}

/* --- writing: backwards, as Mbed TLS does --- */

/* Bytes from @p to the end of the buffer; failed once a step failed. */
struct writer {
	uint8_t *start;
	uint8_t *p;
	uint8_t *end;
	bool failed;
};

static bool writer_init(struct writer *writer, struct secret *buffer, size_t size)
{
	buffer->data = calloc(1, size);
	buffer->len = buffer->data ? size : 0;
	writer->start = buffer->data;
	writer->end = buffer->data + buffer->len;
	writer->p = writer->end;
	writer->failed = false;
	return buffer->data;
}

static void put_bytes(struct writer *writer, const uint8_t *data, size_t len)
{
	if (mbedtls_asn1_write_raw_buffer(&writer->p, writer->start, data, len) < 0)
		writer->failed = true;
}

/* Makes what was written since @mark, which is what is in front of it, a value of type @tag. */
static void put_header(struct writer *writer, const uint8_t *mark, uint8_t tag)
{
	if (mbedtls_asn1_write_len(&writer->p, writer->start, (size_t)(mark - writer->p)) < 0 ||
	    mbedtls_asn1_write_tag(&writer->p, writer->start, tag) < 0)
		writer->failed = true;
}

static void put_value(struct writer *writer, uint8_t tag, const uint8_t *data, size_t len)
{
	const uint8_t *mark = writer->p;

	put_bytes(writer, data, len);
	put_header(writer, mark, tag);
}

static void put_bit_string(struct writer *writer, const uint8_t *data, size_t len)
{
	static const uint8_t no_unused_bits;
	const uint8_t *mark = writer->p;

	put_bytes(writer, data, len);
	put_bytes(writer, &no_unused_bits, 1);
	put_header(writer, mark, MBEDTLS_ASN1_BIT_STRING);
}

static void put_version(struct writer *writer, uint8_t version)
{
	put_value(writer, MBEDTLS_ASN1_INTEGER, &version, 1);
}

/* @curve is NULL for RSA. */
static void put_algorithm(struct writer *writer, const struct curve *curve)
{
	const uint8_t *mark = writer->p;

	if (!curve) {
		put_value(writer, MBEDTLS_ASN1_NULL, NULL, 0);
		put_value(writer, MBEDTLS_ASN1_OID, oid_rsa, sizeof(oid_rsa));
	} else {
		put_value(writer, MBEDTLS_ASN1_OID, curve->oid, curve->oid_len);
		if (!curve->edwards_form)
			put_value(writer, MBEDTLS_ASN1_OID, oid_ec, sizeof(oid_ec));
	}
	put_header(writer, mark, SEQUENCE);
}

static const char *writer_end(struct writer *writer, struct secret *buffer)
{
	size_t len = (size_t)(writer->end - writer->p);

	if (writer->failed) {
		secret_free(buffer);
		return "too long";
	}
	memmove(buffer->data, writer->p, len);
	explicit_bzero(buffer->data + len, buffer->len - len);
	buffer->len = len;
	return NULL;
}

/* Whether there is a format for keys of this type. */
static bool find_format(psa_key_type_t type, size_t bits, const struct curve **curve)
{
	*curve = curve_of(type, bits);
	return *curve || PSA_KEY_TYPE_IS_RSA(type);
}

const char *key_write_public(psa_key_type_t type, size_t bits, const uint8_t *data, size_t len,
			     struct secret *der)
{
	const struct curve *curve;
	struct writer writer;

	memset(der, 0, sizeof(*der));
	if (!find_format(type, bits, &curve))
		return "keys of this type have no such format";
	if (!writer_init(&writer, der, len + DER_MARGIN))
		return no_memory;
	put_bit_string(&writer, data, len);
	put_algorithm(&writer, curve);
	put_header(&writer, writer.end, SEQUENCE);
	return writer_end(&writer, der);
}

const char *key_write_private(psa_key_type_t type, size_t bits, const struct secret *data,
			      const uint8_t *public, size_t public_len, struct secret *der)
{
	const struct curve *curve;
	struct writer writer;

	memset(der, 0, sizeof(*der));
	if (!find_format(type, bits, &curve))
		return "keys of this type have no such format; try --format raw";
	if (!writer_init(&writer, der, data->len + public_len + DER_MARGIN))
		return no_memory;
	if (!curve) {
		put_bytes(&writer, data->data, data->len);
	} else if (curve->edwards_form) {
		put_value(&writer, MBEDTLS_ASN1_OCTET_STRING, data->data, data->len);
	} else {
		put_bit_string(&writer, public, public_len);
		put_header(&writer, writer.end, CONTEXT(1));
		put_value(&writer, MBEDTLS_ASN1_OCTET_STRING, data->data, data->len);
		put_version(&writer, 1);
		put_header(&writer, writer.end, SEQUENCE);
	}
	put_header(&writer, writer.end, MBEDTLS_ASN1_OCTET_STRING);
	put_algorithm(&writer, curve);
	put_version(&writer, 0);
	put_header(&writer, writer.end, SEQUENCE);
	return writer_end(&writer, der);
}

/* --- ECDSA signatures --- */

static size_t put_integer(uint8_t *to, const uint8_t *value, size_t len)
{
	size_t pad;

	while (len > 1 && !*value) {
		value++;
		len--;
	}
	pad = *value >> 7; /* else it would be negative */
	to[0] = MBEDTLS_ASN1_INTEGER;
	to[1] = (uint8_t)(len + pad);
	to[2] = 0;
	memcpy(to + 2 + pad, value, len);
	return 2 + pad + len;
}

bool ecdsa_to_der(const uint8_t *raw, size_t raw_len, uint8_t der[ECDSA_DER_MAX], size_t *der_len)
{
	uint8_t body[ECDSA_DER_MAX];
	size_t len, at = 0;

	if (!raw_len || raw_len % 2 || raw_len > ECDSA_RAW_MAX)
		return false;
	len = put_integer(body, raw, raw_len / 2);
	len += put_integer(body + len, raw + raw_len / 2, raw_len / 2);
	der[at++] = SEQUENCE;
	if (len >= 0x80)
		der[at++] = 0x81;
	der[at++] = (uint8_t)len;
	memcpy(der + at, body, len);
	*der_len = at + len;
	return true;
}

/* A positive integer of at most @want bytes, to exactly as many. */
static bool get_integer(uint8_t **p, const uint8_t *end, uint8_t *to, size_t want)
{
	size_t len;

	if (mbedtls_asn1_get_tag(p, end, &len, MBEDTLS_ASN1_INTEGER) || !len || **p & 0x80)
		return false;
	for (; len && !**p; len--)
		(*p)++;
	if (len > want)
		return false;
	memset(to, 0, want - len);
	memcpy(to + want - len, *p, len);
	*p += len;
	return true;
}

bool ecdsa_from_der(const uint8_t *der, size_t der_len, size_t bits, uint8_t raw[ECDSA_RAW_MAX],
		    size_t *raw_len)
{
	size_t want = PSA_BITS_TO_BYTES(bits);
	uint8_t *p = (uint8_t *)der; /* the parser takes no const */
	const uint8_t *end;

	if (!want || 2 * want > ECDSA_RAW_MAX || !enter(&p, der + der_len, SEQUENCE, &end) ||
	    end != der + der_len || !get_integer(&p, end, raw, want) ||
	    !get_integer(&p, end, raw + want, want) || p != end)
		return false;
	*raw_len = 2 * want;
	return true;
}
