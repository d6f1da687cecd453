// SPDX-License-Identifier: BSD-3-Clause
/* Keys and signatures in DER and PEM, and the names of algorithms, as tstee reads and writes them. */
#include "cmocka_all.h"
#include <codec.h>
#include <curve.h>
#include <key_format.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "algorithm.h"

/* Made by openssl for this test, and for nothing else. */
static const char ec_pkcs8[] = "-----BEGIN PRIVATE KEY-----\n"
			       "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJqt9SiU1dyvP1PeG\n"
			       "pqrmUGcI5fXEHjd5qTnQzNQksXuhRANCAAR/OhI0VxvGQ3VOYlYTifVqopPTH1Tn\n"
			       "LAEjgojJkgNMc9XwGpSV8APuzy0Q1YRX4XugmzrGVL5HmEFxMvu8LQOg\n"
			       "-----END PRIVATE KEY-----\n";

static const char ec_sec1[] = "-----BEGIN EC PRIVATE KEY-----\n"
			      "MHcCAQEEICarfUolNXcrz9T3hqaq5lBnCOX1xB43eak50MzUJLF7oAoGCCqGSM49\n"
			      "AwEHoUQDQgAEfzoSNFcbxkN1TmJWE4n1aqKT0x9U5ywBI4KIyZIDTHPV8BqUlfAD\n"
			      "7s8tENWEV+F7oJs6xlS+R5hBcTL7vC0DoA==\n"
			      "-----END EC PRIVATE KEY-----\n";

static const char ec_public[] = "-----BEGIN PUBLIC KEY-----\n"
				"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfzoSNFcbxkN1TmJWE4n1aqKT0x9U\n"
				"5ywBI4KIyZIDTHPV8BqUlfAD7s8tENWEV+F7oJs6xlS+R5hBcTL7vC0DoA==\n"
				"-----END PUBLIC KEY-----\n";

static const char x25519_pkcs8[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VuBCIEIHAxfwxNMaTqIT8o57oQ1tqH542okvO9ZpVMK78y5yl9\n"
	"-----END PRIVATE KEY-----\n";

static const char x25519_public[] = "-----BEGIN PUBLIC KEY-----\n"
				    "MCowBQYDK2VuAyEAzHp8/WV1sqHSiVso0AlwpDHc/CcsU5odMdwJupJDomA=\n"
				    "-----END PUBLIC KEY-----\n";

static const char rsa_pkcs8[] = "-----BEGIN PRIVATE KEY-----\n"
				"MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEA3bjFFN/0MZ6MmKUZ\n"
				"pjfwmTMJjBCRhZnR9nC+XGUfhCn2dqgh4TFpt5NDRAFwIoGAEDNFLEQkUDG6eC7y\n"
				"1j16jwIDAQABAkEAu8FAmxm+xtn1QznkC36pboHqnsJVCKamRyNYABPd6WKv/gpg\n"
				"ibTA7HYJYGg6SLT2IlSeEcEODiKvJXBzM5yt0QIhAPDL6B1dyJjYmTpS1NqtSwWF\n"
				"qlKGsUix/O6MIpLCDME5AiEA67iMz+v0ORC6Alf5Pny9Z9bZ7e0U6L/7mbOGMYQv\n"
				"wgcCIQC0llfn3jPY3WhdI03bCmffJlWMOtOuTz3/sT0kjz99kQIgCEw30L3qm/Ol\n"
				"yJ1WLcfwVu5uP3zgBo1ziuaR675OfBMCIEhTRoqxvXxTlm2r6Y2x4NPA+YAyJ82v\n"
				"W8fXEHPEyHhd\n"
				"-----END PRIVATE KEY-----\n";

static const char rsa_pkcs1[] = "-----BEGIN RSA PRIVATE KEY-----\n"
				"MIIBOwIBAAJBAN24xRTf9DGejJilGaY38JkzCYwQkYWZ0fZwvlxlH4Qp9naoIeEx\n"
				"abeTQ0QBcCKBgBAzRSxEJFAxungu8tY9eo8CAwEAAQJBALvBQJsZvsbZ9UM55At+\n"
				"qW6B6p7CVQimpkcjWAAT3elir/4KYIm0wOx2CWBoOki09iJUnhHBDg4iryVwczOc\n"
				"rdECIQDwy+gdXciY2Jk6UtTarUsFhapShrFIsfzujCKSwgzBOQIhAOu4jM/r9DkQ\n"
				"ugJX+T58vWfW2e3tFOi/+5mzhjGEL8IHAiEAtJZX594z2N1oXSNN2wpn3yZVjDrT\n"
				"rk89/7E9JI8/fZECIAhMN9C96pvzpcidVi3H8Fbubj984AaNc4rmkeu+TnwTAiBI\n"
				"U0aKsb18U5Ztq+mNseDTwPmAMifNr1vH1xBzxMh4XQ==\n"
				"-----END RSA PRIVATE KEY-----\n";

static const char rsa_public[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAN24xRTf9DGejJilGaY38JkzCYwQkYWZ\n"
	"0fZwvlxlH4Qp9naoIeExabeTQ0QBcCKBgBAzRSxEJFAxungu8tY9eo8CAwEAAQ==\n"
	"-----END PUBLIC KEY-----\n";

static const char rsa_public_pkcs1[] =
	"-----BEGIN RSA PUBLIC KEY-----\n"
	"MEgCQQDduMUU3/QxnoyYpRmmN/CZMwmMEJGFmdH2cL5cZR+EKfZ2qCHhMWm3k0NE\n"
	"AXAigYAQM0UsRCRQMbp4LvLWPXqPAgMBAAE=\n"
	"-----END RSA PUBLIC KEY-----\n";

/* The first of these keys, under the passphrase "swordfish": PKCS#8, and PEM's old way. */
static const char ec_encrypted[] =
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiPnY2w88VYoAICCAAw\n"
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBnW7ZrppNSdA7FfbgyEwlQEgZAv\n"
	"g9+eVOqkRvLmrnmUTpj4mcGLFBStC9VfReeAdV+Dtf3B8mc5JOcACtGteYjlCPyz\n"
	"D0d5p52CWYBXaOWFN1hTx25QjqpCzb0ozDxsVEIGpauPOvBEjmS4zvUH6+Lq+Q8e\n"
	"TPFuGSl4jHxDX66kmiHWytLRE5N2gEqnzucWFYGBGHHT2UNA3fJ0Rtqn/MOkG4E=\n"
	"-----END ENCRYPTED PRIVATE KEY-----\n";

static const char ec_old_encrypted[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"Proc-Type: 4,ENCRYPTED\n"
	"DEK-Info: AES-128-CBC,BDE1D176B92686B9779458708A4C6243\n"
	"\n"
	"e9f5gc849ZoF5b8/DiUfXDUdyl0KBjjW7FHN8W1SuOAp/x2ohtCjEVXf7b38ivIl\n"
	"6xgYOnwrF1mKjmC6pGB8L7Erxoz/q7Wf+LySJh7pAJGmz6aptaqk6575G5fDD74J\n"
	"ase/nIIhWl9zljI7u0LPDolrf1MZARMBx+zMr4V2z3M=\n"
	"-----END EC PRIVATE KEY-----\n";

static const char ec_compressed[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACfzoSNFcbxkN1TmJWE4n1aqKT0x9U\n"
	"5ywBI4KIyZIDTHM=\n"
	"-----END PUBLIC KEY-----\n";

static const struct sample {
	const char *name;
	const char *pem;
	psa_key_type_t type;
	size_t bits;
	size_t len;
} samples[] = {
	{ "EC, PKCS#8", ec_pkcs8, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, 32 },
	{ "EC, SEC 1", ec_sec1, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256, 32 },
	{ "EC, public", ec_public, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 256, 65 },
	{ "X25519, PKCS#8", x25519_pkcs8, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255,
	  32 },
	{ "X25519, public", x25519_public, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_MONTGOMERY),
	  255, 32 },
	{ "RSA, PKCS#8", rsa_pkcs8, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, 319 },
	{ "RSA, PKCS#1", rsa_pkcs1, PSA_KEY_TYPE_RSA_KEY_PAIR, 0, 319 },
	{ "RSA, public", rsa_public, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, 74 },
	{ "RSA, public, PKCS#1", rsa_public_pkcs1, PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, 74 },
};

#define SAMPLE_COUNT (sizeof(samples) / sizeof(samples[0]))

/* Of exactly its length, so that AddressSanitizer sees every step too far. */
static void decode(const char *text, struct secret *der)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	char *label, *header;
	uint8_t *data;
	long len;

	assert_int_equal(PEM_read_bio(bio, &label, &header, &data, &len), 1);
	assert_true(secret_copy(der, data, (size_t)len));
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_free(data);
	BIO_free(bio);
}

static const char *parse_text(const char *text)
{
	struct key_data key;
	const char *problem = key_parse((const uint8_t *)text, strlen(text), NULL, &key);

	key_data_free(&key);
	return problem;
}

static void keys_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		const struct sample *sample = &samples[i];
		struct key_data key;

		print_message("%s\n", sample->name);
		assert_null(
			key_parse((const uint8_t *)sample->pem, strlen(sample->pem), NULL, &key));
		assert_int_equal(key.type, sample->type);
		assert_int_equal(key.bits, sample->bits);
		assert_int_equal(key.data.len, sample->len);
		key_data_free(&key);
	}
}

static void der_is_read_like_pem(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct key_data from_pem, from_der;
		struct secret der;

		decode(samples[i].pem, &der);
		assert_null(key_parse(der.data, der.len, NULL, &from_der));
		assert_null(key_parse((const uint8_t *)samples[i].pem, strlen(samples[i].pem), NULL,
				      &from_pem));
		assert_int_equal(from_der.type, from_pem.type);
		assert_int_equal(from_der.data.len, from_pem.data.len);
		assert_memory_equal(from_der.data.data, from_pem.data.data, from_pem.data.len);
		key_data_free(&from_der);
		key_data_free(&from_pem);
		secret_free(&der);
	}
}

static void every_truncated_key_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct secret der;

		decode(samples[i].pem, &der);
		for (size_t len = 0; len < der.len; len++) {
			uint8_t *part = malloc(len ? len : 1);
			struct key_data key;

			assert_non_null(part);
			memcpy(part, der.data, len);
			assert_non_null(key_parse_der(part, len, NULL, &key));
			key_data_free(&key);
			free(part);
		}
		secret_free(&der);
	}
}

static void bytes_behind_a_key_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct secret der;
		struct key_data key;
		uint8_t *more;

		decode(samples[i].pem, &der);
		more = calloc(1, der.len + 1);
		assert_non_null(more);
		memcpy(more, der.data, der.len);
		assert_non_null(key_parse_der(more, der.len + 1, NULL, &key));
		key_data_free(&key);
		free(more);
		secret_free(&der);
	}
}

/* What comes of it doesn't matter, as long as lengths are those of curves. */
static void every_changed_byte_is_borne(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct secret der;

		decode(samples[i].pem, &der);
		for (size_t at = 0; at < der.len; at++) {
			uint8_t before = der.data[at];

			for (unsigned int value = 0; value < 256; value++) {
				struct key_data key;

				der.data[at] = (uint8_t)value;
				if (!key_parse_der(der.data, der.len, NULL, &key) &&
				    PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key.type))
					assert_int_equal(key.data.len, PSA_BITS_TO_BYTES(key.bits));
				key_data_free(&key);
			}
			der.data[at] = before;
		}
		secret_free(&der);
	}
}

/* SEC 1 by hand: a private value of @len bytes on P-256. */
static const char *parse_private(const uint8_t *value, size_t len, struct key_data *key)
{
	static const uint8_t curve[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
					 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	uint8_t der[64] = { 0x30, 0, 0x02, 0x01, 0x01, 0x04, (uint8_t)len };
	size_t at = 7;

	memcpy(der + at, value, len);
	memcpy(der + at + len, curve, sizeof(curve));
	at += len + sizeof(curve);
	der[1] = (uint8_t)(at - 2);
	return key_parse_der(der, at, NULL, key);
}

static void private_values_get_the_length_of_their_curve(void **state)
{
	uint8_t value[34] = { 0, 0 };
	struct key_data key;

	(void)state;
	memset(value + 2, 0x11, 32);
	/* Short, for a writer left out zeros; long, for one put one in front. */
	assert_null(parse_private(value + 5, 29, &key));
	assert_int_equal(key.data.len, 32);
	assert_memory_equal(key.data.data, "\0\0\0\x11", 4);
	key_data_free(&key);
	assert_null(parse_private(value + 1, 33, &key));
	assert_int_equal(key.data.len, 32);
	assert_memory_equal(key.data.data, value + 2, 32);
	key_data_free(&key);
	value[1] = 1;
	assert_non_null(parse_private(value + 1, 33, &key));
	key_data_free(&key);
	assert_non_null(parse_private(value, 0, &key));
	key_data_free(&key);
}

static void pairs_are_written_as_openssl_does(void **state)
{
	static const struct {
		const char *private;
		const char *public;
	} pairs[] = { { ec_pkcs8, ec_public },
		      { x25519_pkcs8, x25519_public },
		      { rsa_pkcs8, rsa_public } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct key_data private, public;
		struct secret der, pem;

		assert_null(key_parse((const uint8_t *)pairs[i].private, strlen(pairs[i].private),
				      NULL, &private));
		assert_null(key_parse((const uint8_t *)pairs[i].public, strlen(pairs[i].public),
				      NULL, &public));
		assert_null(key_write_private(private.type, private.bits, &private.data,
					      public.data.data, public.data.len, &der));
		assert_true(pem_write("PRIVATE KEY", &der, &pem));
		assert_string_equal((char *)pem.data, pairs[i].private);
		secret_free(&pem);
		secret_free(&der);
		assert_null(key_write_public(private.type, private.bits, public.data.data,
					     public.data.len, &der));
		assert_true(pem_write("PUBLIC KEY", &der, &pem));
		assert_string_equal((char *)pem.data, pairs[i].public);
		assert_int_equal(pem.len, strlen(pairs[i].public));
		secret_free(&pem);
		secret_free(&der);
		key_data_free(&private);
		key_data_free(&public);
	}
}

static void symmetric_keys_have_no_such_format(void **state)
{
	struct secret data = { 0 }, der;

	(void)state;
	assert_non_null(key_write_public(PSA_KEY_TYPE_AES, 256, NULL, 0, &der));
	assert_null(der.data);
	assert_non_null(key_write_private(PSA_KEY_TYPE_AES, 256, &data, NULL, 0, &der));
	assert_null(der.data);
}

static void blocks_that_are_no_keys_are_named(void **state)
{
	(void)state;
	assert_non_null(strstr(parse_text("-----BEGIN CERTIFICATE-----\nMAA=\n"
					  "-----END CERTIFICATE-----\n"),
			       "certificate"));
	assert_non_null(strstr(parse_text(ec_encrypted), "encrypted"));
	assert_non_null(strstr(parse_text(ec_old_encrypted), "encrypted"));
	assert_non_null(strstr(parse_text("-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n"
					  "-----END OPENSSH PRIVATE KEY-----\n"),
			       "OpenSSH"));
}

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

static const char *parse_joined(const char *first, const char *second, const char *third,
				psa_key_type_t type)
{
	struct key_data key;
	const char *problem;
	char text[8192];

	snprintf(text, sizeof(text), "%s%s%s", first, second, third);
	problem = key_parse((const uint8_t *)text, strlen(text), NULL, &key);
	if (!problem)
		assert_int_equal(key.type, type);
	key_data_free(&key);
	return problem;
}

static void the_key_is_found_among_other_blocks(void **state)
{
	const psa_key_type_t pair = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);

	(void)state;
	assert_null(parse_joined(CERTIFICATE, ec_pkcs8, "", pair));
	assert_null(parse_joined(ec_pkcs8, CERTIFICATE, CERTIFICATE, pair));
	assert_null(parse_joined(CERTIFICATE, "text\n" CERTIFICATE, ec_sec1, pair));
	assert_null(
		parse_joined("-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n",
			     "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", rsa_pkcs1,
			     PSA_KEY_TYPE_RSA_KEY_PAIR));
	/* The private one, in whatever order. */
	assert_null(parse_joined(ec_public, ec_pkcs8, CERTIFICATE, pair));
	assert_null(parse_joined(ec_pkcs8, ec_public, rsa_public, pair));
	assert_null(parse_joined(CERTIFICATE, rsa_public, "", PSA_KEY_TYPE_RSA_PUBLIC_KEY));
	assert_non_null(strstr(parse_joined(ec_pkcs8, CERTIFICATE, rsa_pkcs8, 0), "more than one"));
	assert_non_null(strstr(parse_joined(CERTIFICATE, CERTIFICATE, "", 0), "certificate"));
	assert_non_null(strstr(parse_joined(CERTIFICATE, ec_encrypted, "", 0), "encrypted"));
	assert_non_null(parse_joined(ec_public, "-----BEGIN PRIVATE KEY-----\n", "", 0));
}

static void headers_of_a_block_need_not_be_of_encryption(void **state)
{
	static const char *const good[] = { "Comment: my key\n\n", "Comment: my key\n",
					    "Comment: \"of\r\n  two lines\"\r\n\r\n",
					    "X-Note: ENCRYPTED\nSubject: a:b\n\n",
					    "Proc-Type: 4,MIC-CLEAR\n\n" };
	static const char *const bad[] = { "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
					   "Comment: x\nProc-Type: 4,ENCRYPTED\n\n",
					   "proc-type: 4,ENCRYPTED\n\n" };
	const char *body = strchr(ec_sec1, '\n') + 1;
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "-----BEGIN EC PRIVATE KEY-----\n%s%s", good[i], body);
		assert_null(parse_text(text));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "-----BEGIN EC PRIVATE KEY-----\n%s%s", bad[i], body);
		assert_non_null(strstr(parse_text(text), "encrypted"));
	}
}

static const char *parse_secret(const struct secret *der)
{
	struct key_data key;
	const char *problem = key_parse_der(der->data, der->len, NULL, &key);

	key_data_free(&key);
	return problem;
}

static void public_key_of_another_is_refused(void **state)
{
	static const char *const files[] = { ec_sec1, ec_pkcs8 };
	/* X25519 with its public key, as in RFC 5958. */
	static const uint8_t begin[] = { 0x30, 0x51, 0x02, 0x01, 0x01 };
	struct secret der, public;
	uint8_t both[83];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		decode(files[i], &der);
		assert_null(parse_secret(&der));
		for (size_t at = 1; at < 64; at += 9) {
			der.data[der.len - at] ^= 1;
			assert_non_null(strstr(parse_secret(&der), "public key"));
			der.data[der.len - at] ^= 1;
		}
		secret_free(&der);
	}
	decode(x25519_pkcs8, &der);
	decode(x25519_public, &public);
	memcpy(both, begin, sizeof(begin));
	memcpy(both + 5, der.data + 5, 43);
	both[48] = 0x81;
	both[49] = 0x21;
	both[50] = 0;
	memcpy(both + 51, public.data + 12, 32);
	secret_free(&der);
	secret_free(&public);
	der = (struct secret){ .data = both, .len = sizeof(both) };
	assert_null(parse_secret(&der));
	both[82] ^= 1;
	assert_non_null(strstr(parse_secret(&der), "public key"));
}

static void keys_for_pss_alone_are_named(void **state)
{
	static const uint8_t oid[] = { 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
	static const char *const files[] = { rsa_public, rsa_pkcs8 };
	struct secret der;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t *at;

		decode(files[i], &der);
		at = memmem(der.data, der.len, oid, sizeof(oid));
		assert_non_null(at);
		at[5] = 0x0a;
		assert_non_null(strstr(parse_secret(&der), "RSASSA-PSS"));
		secret_free(&der);
	}
}

/* --- passphrases, points --- */

struct test_passphrase {
	struct passphrase base;
	const char *text; /* NULL: there is none */
	unsigned int asked;
};

static const char *give(struct passphrase *self, struct secret *text)
{
	struct test_passphrase *passphrase = (struct test_passphrase *)self;

	passphrase->asked++;
	if (!passphrase->text)
		return "no passphrase";
	return secret_copy(text, passphrase->text, strlen(passphrase->text)) ? NULL : "memory";
}

static const char *parse_with(const char *text, struct test_passphrase *passphrase,
			      struct key_data *key)
{
	return key_parse((const uint8_t *)text, strlen(text), &passphrase->base, key);
}

static void encrypted_keys_open_by_their_passphrase_alone(void **state)
{
	static const char *const files[] = { ec_encrypted, ec_old_encrypted };
	struct key_data plain, key;

	(void)state;
	assert_null(key_parse((const uint8_t *)ec_pkcs8, strlen(ec_pkcs8), NULL, &plain));
	for (size_t i = 0; i < 2; i++) {
		struct test_passphrase right = { .base.get = give, .text = "swordfish" };
		struct test_passphrase wrong = { .base.get = give, .text = "swordfist" };
		struct test_passphrase none = { .base.get = give };

		assert_null(parse_with(files[i], &right, &key));
		assert_int_equal(right.asked, 1);
		assert_int_equal(key.type, plain.type);
		assert_int_equal(key.data.len, plain.data.len);
		assert_memory_equal(key.data.data, plain.data.data, plain.data.len);
		key_data_free(&key);
		assert_non_null(strstr(parse_with(files[i], &wrong, &key), "another passphrase"));
		assert_null(key.data.data);
		assert_string_equal(parse_with(files[i], &none, &key), "no passphrase");
		assert_non_null(parse_with(files[i], &none, &key));
	}
	/* Whoever needs none isn't asked. */
	{
		struct test_passphrase unused = { .base.get = give };

		assert_null(parse_with(ec_pkcs8, &unused, &key));
		key_data_free(&key);
		assert_null(parse_with(ec_public, &unused, &key));
		key_data_free(&key);
		assert_int_equal(unused.asked, 0);
	}
	key_data_free(&plain);
}

static void compressed_points_are_read(void **state)
{
	struct key_data whole, key;
	struct secret der;

	(void)state;
	assert_null(key_parse((const uint8_t *)ec_public, strlen(ec_public), NULL, &whole));
	assert_null(key_parse((const uint8_t *)ec_compressed, strlen(ec_compressed), NULL, &key));
	assert_int_equal(key.type, whole.type);
	assert_int_equal(key.data.len, whole.data.len);
	assert_memory_equal(key.data.data, whole.data.data, whole.data.len);
	key_data_free(&key);
	key_data_free(&whole);
	/* A hybrid form, a point of no curve. */
	decode(ec_public, &der);
	der.data[der.len - 65] = 0x06 | (der.data[der.len - 1] & 1);
	assert_non_null(strstr(parse_secret(&der), "no point"));
	der.data[der.len - 65] = 0x04;
	der.data[der.len - 1] ^= 1;
	assert_non_null(strstr(parse_secret(&der), "no point"));
	secret_free(&der);
}

static void private_values_beyond_the_curve_are_refused(void **state)
{
	/* The order of P-256. */
	static const uint8_t order[32] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
					   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					   0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
					   0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
	uint8_t value[32];
	struct key_data key;

	(void)state;
	assert_non_null(parse_private(order, sizeof(order), &key));
	key_data_free(&key);
	memcpy(value, order, sizeof(value));
	value[31]--;
	assert_null(parse_private(value, sizeof(value), &key));
	key_data_free(&key);
	memset(value, 0, sizeof(value));
	assert_non_null(parse_private(value, sizeof(value), &key));
	key_data_free(&key);
}

static void unfinished_blocks_are_refused(void **state)
{
	(void)state;
	assert_non_null(parse_text("-----BEGIN PRIVATE KEY"));
	assert_non_null(parse_text("-----BEGIN PRIVATE KEY-----\nMAA="));
	assert_non_null(parse_text("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PUBLIC KEY-----"));
	assert_non_null(
		parse_text("-----BEGIN A LABEL THAT IS LONGER THAN ANY THAT THERE IS-----\n"));
}

/* --- signatures --- */

static void ecdsa_signatures_go_there_and_back(void **state)
{
	static const size_t bits[] = { 224, 256, 384, 512, 521 };
	/* How r and s begin: nothing special, a zero, a sign bit, zeros and a sign bit. */
	static const uint8_t starts[][2] = {
		{ 0x11, 0x22 }, { 0, 0x22 }, { 0x80, 0 }, { 0, 0x80 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		size_t half = PSA_BITS_TO_BYTES(bits[i]);

		for (size_t j = 0; j < 16; j++) {
			uint8_t raw[ECDSA_RAW_MAX], back[ECDSA_RAW_MAX], der[ECDSA_DER_MAX];
			size_t der_len, back_len;

			memset(raw, 0x33, sizeof(raw));
			memcpy(raw, starts[j % 4], 2);
			memcpy(raw + half, starts[j / 4], 2);
			assert_true(ecdsa_to_der(raw, 2 * half, der, &der_len));
			assert_true(ecdsa_from_der(der, der_len, bits[i], back, &back_len));
			assert_int_equal(back_len, 2 * half);
			assert_memory_equal(back, raw, back_len);
			for (size_t len = 0; len < der_len; len++)
				assert_false(ecdsa_from_der(der, len, bits[i], back, &back_len));
		}
	}
}

static void ecdsa_signatures_of_other_forms_are_refused(void **state)
{
	static const uint8_t negative[] = { 0x30, 6, 2, 1, 0x80, 2, 1, 1 };
	static const uint8_t three[] = { 0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1 };
	static const uint8_t behind[] = { 0x30, 6, 2, 1, 1, 2, 1, 1, 0 };
	static const uint8_t empty[] = { 0x30, 5, 2, 0, 2, 1, 1 };
	static const uint8_t good[] = { 0x30, 6, 2, 1, 1, 2, 1, 2 };
	uint8_t raw[ECDSA_RAW_MAX], der[ECDSA_DER_MAX], long_r[40] = { 0x30, 38, 2, 33, 1 };
	size_t len;

	(void)state;
	long_r[37] = 2;
	long_r[38] = 1;
	long_r[39] = 1;
	assert_true(ecdsa_from_der(good, sizeof(good), 256, raw, &len));
	assert_int_equal(raw[31], 1);
	assert_int_equal(raw[63], 2);
	assert_false(ecdsa_from_der(negative, sizeof(negative), 256, raw, &len));
	assert_false(ecdsa_from_der(three, sizeof(three), 256, raw, &len));
	assert_false(ecdsa_from_der(behind, sizeof(behind), 256, raw, &len));
	assert_false(ecdsa_from_der(empty, sizeof(empty), 256, raw, &len));
	assert_false(ecdsa_from_der(long_r, sizeof(long_r), 256, raw, &len));
	assert_false(ecdsa_from_der(good, sizeof(good), 2048, raw, &len));
	assert_false(ecdsa_from_der(good, sizeof(good), 0, raw, &len));
	assert_false(ecdsa_to_der(raw, 63, der, &len));
	assert_false(ecdsa_to_der(raw, 0, der, &len));
	assert_false(ecdsa_to_der(raw, ECDSA_RAW_MAX + 2, der, &len));
}

/* --- names --- */

static void names_of_algorithms_are_those_that_are_read(void **state)
{
	static const char *const names[] = {
		"ecdsa",
		"ecdsa-sha256",
		"deterministic-ecdsa-sha384",
		"rsa-pss",
		"rsa-pss-sha512",
		"rsa-pss-any-salt",
		"rsa-pkcs1",
		"rsa-pkcs1-sha1",
		"rsa-pss-any-salt-sha3-256",
		"rsa-oaep-sha256",
		"hmac-sha256",
		"hmac-sha3-512",
		"hkdf-sha256",
		"hkdf-extract-md5",
		"hkdf-expand-sha384",
		"pbkdf2-sha256",
		"pbkdf2-cmac",
		"tls12-prf-sha384",
		"tls12-psk-to-ms-sha256",
		"ecdh",
		"ecdh-hkdf-sha256",
		"gcm",
		"ccm",
		"chacha20-poly1305",
		"chacha20",
		"ctr",
		"cbc",
		"cbc-nopad",
		"cfb",
		"ofb",
		"ecb",
		"cmac",
		"rsa-pkcs1-crypt",
		"0x12345678",
	};
	struct algorithm algorithm;
	char text[ALGORITHM_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		print_message("%s\n", names[i]);
		assert_true(algorithm_parse(names[i], &algorithm));
		assert_string_equal(algorithm_name(algorithm.alg, text), names[i]);
	}
}

static void names_mean_psa_algorithms(void **state)
{
	static const struct {
		const char *name;
		psa_algorithm_t alg;
		psa_key_type_t type;
		size_t bits;
	} table[] = {
		{ "ECDSA-SHA256", PSA_ALG_ECDSA(PSA_ALG_SHA_256), 0, 0 },
		{ "rsa-pss-sha-384", PSA_ALG_RSA_PSS(PSA_ALG_SHA_384), PSA_KEY_TYPE_RSA_KEY_PAIR,
		  0 },
		{ "aes-256-gcm", PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256 },
		{ "aes-128-ctr", PSA_ALG_CTR, PSA_KEY_TYPE_AES, 128 },
		{ "aes-cbc", PSA_ALG_CBC_PKCS7, PSA_KEY_TYPE_AES, 0 },
		{ "ecdh-hkdf-sha256",
		  PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, PSA_ALG_HKDF(PSA_ALG_SHA_256)), 0, 0 },
	};
	static const char *const bad[] = { "",	     "aes",	    "aes-256", "aes-256-ecdsa",
					   "hmac",   "ecdsa-",	    "ecdsa-x", "ecdh-ecdsa",
					   "ecdh-x", "hkdf",	    "0x",      "0x0",
					   "gcmx",   "aes-512-gcm", "sha256",  "0x100000000" };
	struct algorithm algorithm;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_true(algorithm_parse(table[i].name, &algorithm));
		assert_int_equal(algorithm.alg, table[i].alg);
		assert_int_equal(algorithm.type, table[i].type);
		assert_int_equal(algorithm.bits, table[i].bits);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("'%s'\n", bad[i]);
		assert_false(algorithm_parse(bad[i], &algorithm));
	}
}

static void policies_say_how_and_users_with_which_hash(void **state)
{
	const psa_algorithm_t any_ecdsa = PSA_ALG_ECDSA(PSA_ALG_ANY_HASH);

	(void)state;
	assert_int_equal(algorithm_for_key(any_ecdsa, 0), PSA_ALG_ECDSA(PSA_ALG_SHA_256));
	assert_int_equal(algorithm_for_key(any_ecdsa, PSA_ALG_SHA_512),
			 PSA_ALG_ECDSA(PSA_ALG_SHA_512));
	assert_int_equal(algorithm_for_key(PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_ANY_HASH),
					   PSA_ALG_ECDSA(PSA_ALG_SHA_384)),
			 PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_384));
	assert_int_equal(algorithm_for_key(PSA_ALG_RSA_PSS_ANY_SALT(PSA_ALG_ANY_HASH),
					   PSA_ALG_RSA_PSS(PSA_ALG_SHA_256)),
			 PSA_ALG_RSA_PSS_ANY_SALT(PSA_ALG_SHA_256));
	/* Another scheme is asked for as it is, and the partition refuses. */
	assert_int_equal(algorithm_for_key(PSA_ALG_RSA_PSS(PSA_ALG_ANY_HASH),
					   PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)),
			 PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256));
	assert_int_equal(algorithm_for_key(PSA_ALG_GCM, 0), PSA_ALG_GCM);
	assert_int_equal(
		algorithm_for_key(PSA_ALG_AEAD_WITH_AT_LEAST_THIS_LENGTH_TAG(PSA_ALG_GCM, 8), 0),
		0);
}

static void usages_are_read_and_named(void **state)
{
	const psa_key_usage_t sign = PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE;
	psa_key_usage_t usage;
	const char *unknown;

	(void)state;
	assert_true(usage_parse("sign,verify-message,export", &usage, &unknown));
	assert_int_equal(usage, sign | PSA_KEY_USAGE_VERIFY_MESSAGE | PSA_KEY_USAGE_EXPORT);
	assert_string_equal(usage_name(usage, 0), "sign");
	assert_string_equal(usage_name(usage, 1), "verify-message");
	assert_string_equal(usage_name(usage, 2), "export");
	assert_null(usage_name(usage, 3));
	assert_true(usage_parse("none", &usage, &unknown));
	assert_int_equal(usage, 0);
	assert_false(usage_parse("sign,signs", &usage, &unknown));
	assert_string_equal(unknown, "signs");
	assert_false(usage_parse("sign,,verify", &usage, &unknown));
}

static void curves_are_found_by_all_their_names(void **state)
{
	const struct curve *curve;

	(void)state;
	assert_int_equal(curve_find("prime256v1")->family, curve_find("P-256")->family);
	assert_int_equal(curve_find("secp256r1")->bits, 256);
	assert_int_equal(curve_find("secp521r1")->bits, 521);
	assert_null(curve_find("p-"));
	assert_null(curve_find("p--256"));
	assert_null(curve_find(""));
	for (size_t i = 0; (curve = curve_get(i)); i++)
		assert_string_equal(
			curve_of(PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family), curve->bits)->name,
			curve->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(der_is_read_like_pem),
		cmocka_unit_test(every_truncated_key_is_refused),
		cmocka_unit_test(bytes_behind_a_key_are_refused),
		cmocka_unit_test(every_changed_byte_is_borne),
		cmocka_unit_test(private_values_get_the_length_of_their_curve),
		cmocka_unit_test(pairs_are_written_as_openssl_does),
		cmocka_unit_test(symmetric_keys_have_no_such_format),
		cmocka_unit_test(blocks_that_are_no_keys_are_named),
		cmocka_unit_test(the_key_is_found_among_other_blocks),
		cmocka_unit_test(headers_of_a_block_need_not_be_of_encryption),
		cmocka_unit_test(public_key_of_another_is_refused),
		cmocka_unit_test(keys_for_pss_alone_are_named),
		cmocka_unit_test(encrypted_keys_open_by_their_passphrase_alone),
		cmocka_unit_test(compressed_points_are_read),
		cmocka_unit_test(private_values_beyond_the_curve_are_refused),
		cmocka_unit_test(unfinished_blocks_are_refused),
		cmocka_unit_test(ecdsa_signatures_go_there_and_back),
		cmocka_unit_test(ecdsa_signatures_of_other_forms_are_refused),
		cmocka_unit_test(names_of_algorithms_are_those_that_are_read),
		cmocka_unit_test(names_mean_psa_algorithms),
		cmocka_unit_test(policies_say_how_and_users_with_which_hash),
		cmocka_unit_test(usages_are_read_and_named),
		cmocka_unit_test(curves_are_found_by_all_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
