// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of what people write into certificates and requests: --subject and --alt-names. The
 * first byte says which and how; of the others some are pieces of such texts, and the rest stand
 * for themselves. A zero ends the subject. What is made must be DER that libcrypto reads.
 */
#include <certificate.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Behind the characters that texts are made of otherwise. */
static const char *const pieces[] = {
	"CN=",	    ",O=",	    "/C=DE",	 "/OU=",     "emailAddress=",
	"DNS:",	    "IP:192.0.2.1", ",IP:",	 "::1",	     "email:",
	"URI:",	    "RID:1.2.3",    "\\",	 "\xc3\xa4", "\xff",
	"dirName:", "otherName:",   "critical,", "@",	     "2.5.4.3=",
	"copy",
};

#define FIRST (256 - sizeof(pieces) / sizeof(pieces[0]))

/* A key of P-256 as X.509 has it. */
static uint8_t public[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
	0x04, 0x6b, 0x01, 0x7a, 0x49, 0x7f, 0x00, 0x72, 0xf3, 0x1b, 0x80, 0x0e, 0x66,
	0xf9, 0x7a, 0x8c, 0x9f, 0x06, 0xb3, 0xf6, 0x06, 0xb2, 0x8e, 0xbf, 0xce, 0x89,
	0x36, 0x84, 0x33, 0x7e, 0x64, 0xa3, 0xf4, 0xd0, 0x74, 0x8a, 0x55, 0x10, 0x0d,
	0xa4, 0x9d, 0x6a, 0x11, 0xdc, 0x2b, 0xb8, 0x5b, 0xb4, 0x75, 0x2a, 0x3f, 0xc8,
	0x8b, 0x13, 0xa4, 0x72, 0x10, 0xe6, 0xdd, 0x07, 0xdd, 0xd6, 0xad, 0x7e, 0x75,
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Appends until the end or a zero; what is left of the input is *@data. */
static void compose(const uint8_t **data, size_t *size, char text[TEXT_MAX])
{
	size_t len = 0;
	uint8_t byte;

	text[0] = '\0';
	for (; *size; ++*data, --*size) {
		byte = **data;
		if (!byte) {
			++*data;
			--*size;
			return;
		}
		if (len + 32 > TEXT_MAX)
			continue;
		if (byte >= FIRST)
			len = (size_t)(stpcpy(text + len, pieces[byte - FIRST]) - text);
		else
			text[len++] = (char)byte;
		text[len] = '\0';
	}
}

/* A signature of the right form, which nobody verifies. */
static void finish(const struct certificate *certificate, const struct secret *content)
{
	static const uint8_t signature[64] = { 1, [32] = 1 };
	struct secret der = { 0 };
	const uint8_t *pos;
	X509_REQ *request;
	X509 *x509;

	require(!certificate_finish(certificate->alg, content, signature, sizeof(signature), &der));
	pos = der.data;
	if (certificate->request) {
		request = d2i_X509_REQ(NULL, &pos, (long)der.len);
		require(request && pos == der.data + der.len);
		require(X509_NAME_entry_count(X509_REQ_get_subject_name(request)) > 0);
		X509_REQ_free(request);
	} else {
		x509 = d2i_X509(NULL, &pos, (long)der.len);
		require(x509 && pos == der.data + der.len);
		require(!X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)));
		X509_free(x509);
	}
	secret_free(&der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct secret key = { .data = public, .len = sizeof(public) };
	static char subject[TEXT_MAX], alt_names[TEXT_MAX];
	struct secret content = { 0 };

	if (!size)
		return 0;
	const uint8_t how = *data++;

	size--;
	compose(&data, &size, subject);
	compose(&data, &size, alt_names);
	const struct certificate certificate = {
		.request = how & 1,
		.subject = subject,
		.alt_names = *alt_names ? alt_names : NULL,
		.days = how >> 3,
		.ca = how & 2,
		.alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256),
		.public = &key,
	};

	if (!certificate_content(&certificate, &content))
		finish(&certificate, &content);
	secret_free(&content);
	ERR_clear_error();
	return 0;
}
