// SPDX-License-Identifier: BSD-3-Clause
/* Certificates and requests for them. No state. See certificate.h. */
#include "certificate.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "der.h"

#define SERIAL_LEN 16

static const char no_memory[] = "out of memory";

static const EVP_MD *hash_of(psa_algorithm_t alg)
{
	switch (PSA_ALG_SIGN_GET_HASH(alg)) {
	case PSA_ALG_SHA_1:
		return EVP_sha1();
	case PSA_ALG_SHA_224:
		return EVP_sha224();
	case PSA_ALG_SHA_256:
		return EVP_sha256();
	case PSA_ALG_SHA_384:
		return EVP_sha384();
	case PSA_ALG_SHA_512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/* RFC 4055: the salt is as long as the hash, as the PSA Crypto API makes it. */
static bool set_pss(X509_ALGOR *algorithm, const EVP_MD *hash)
{
	RSA_PSS_PARAMS *params = RSA_PSS_PARAMS_new();
	ASN1_STRING *inner = NULL, *packed = NULL;
	bool done = false;

	if (!params)
		return false;
	params->hashAlgorithm = X509_ALGOR_new();
	params->maskGenAlgorithm = X509_ALGOR_new();
	params->saltLength = ASN1_INTEGER_new();
	if (params->hashAlgorithm && params->maskGenAlgorithm && params->saltLength &&
	    ASN1_INTEGER_set(params->saltLength, EVP_MD_get_size(hash))) {
		X509_ALGOR_set_md(params->hashAlgorithm, hash);
		inner = ASN1_item_pack(params->hashAlgorithm, ASN1_ITEM_rptr(X509_ALGOR), NULL);
	}
	if (inner && X509_ALGOR_set0(params->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1),
				     V_ASN1_SEQUENCE, inner)) {
		inner = NULL;
		packed = ASN1_item_pack(params, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	}
	if (packed)
		done = X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE,
				       packed);
	if (!done)
		ASN1_STRING_free(packed);
	ASN1_STRING_free(inner);
	RSA_PSS_PARAMS_free(params);
	return done;
}

/* How X.509 calls the algorithm. NULL, or why it doesn't. */
static const char *set_algorithm(X509_ALGOR *algorithm, psa_algorithm_t alg)
{
	const EVP_MD *hash = hash_of(alg);
	const bool ec = PSA_ALG_IS_ECDSA(alg);
	int nid;

	if (!hash)
		return "certificates are signed over sha256, sha384 or sha512";
	if (PSA_ALG_IS_RSA_PSS(alg))
		return set_pss(algorithm, hash) ? NULL : no_memory;
	if (!ec && !PSA_ALG_IS_RSA_PKCS1V15_SIGN(alg))
		return "certificates aren't signed by this algorithm";
	if (!OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(hash),
				    ec ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption))
		return "certificates aren't signed by this algorithm";
	return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), ec ? V_ASN1_UNDEF : V_ASN1_NULL, NULL) ?
		       NULL :
		       no_memory;
}

/* One NAME=VALUE of a subject, up to @separator; a backslash makes any character a plain one. */
static bool add_entry(X509_NAME *name, const char **text, char separator)
{
	const size_t size = strlen(*text) + 1;
	char *entry = calloc(1, size), *value;
	const char *from = *text;
	bool done = false, plain;
	size_t len = 0;

	if (!entry)
		return false;
	for (; *from; from++) {
		plain = *from == '\\' && from[1];
		if (plain)
			from++;
		else if (*from == separator)
			break;
		entry[len++] = *from;
	}
	*text = *from ? from + 1 : from;
	value = strchr(entry, '=');
	if (value && value != entry && value[1]) {
		const char *key = entry + strspn(entry, " ");

		*value++ = '\0';
		done = X509_NAME_add_entry_by_txt(name, key, MBSTRING_UTF8,
						  (const unsigned char *)value, -1, -1, 0);
	}
	free(entry);
	return done;
}

static bool set_subject(X509_NAME *name, const char *text)
{
	const char separator = *text == '/' ? '/' : ',';

	text += *text == '/';
	while (*text) {
		if (!add_entry(name, &text, separator))
			return false;
	}
	return X509_NAME_entry_count(name) > 0;
}

static bool add_extension(STACK_OF(X509_EXTENSION) * extensions, X509V3_CTX *context, int nid,
			  const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);

	if (extension && sk_X509_EXTENSION_push(extensions, extension))
		return true;
	X509_EXTENSION_free(extension);
	return false;
}

static const char *make_request(const struct certificate *certificate, EVP_PKEY *key,
				struct secret *content)
{
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	X509_REQ *request = X509_REQ_new();
	const char *problem = no_memory;
	uint8_t *der = NULL;
	X509V3_CTX context;
	int len = 0;

	X509V3_set_ctx(&context, NULL, NULL, request, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	if (!request || !extensions || !X509_REQ_set_version(request, X509_REQ_VERSION_1) ||
	    !X509_REQ_set_pubkey(request, key))
		goto out;
	problem = "--subject: not as in CN=host,O=Example";
	if (!set_subject(X509_REQ_get_subject_name(request), certificate->subject))
		goto out;
	problem = "--alt-names: not as in DNS:host,IP:192.0.2.1";
	if (certificate->alt_names &&
	    (!add_extension(extensions, &context, NID_subject_alt_name, certificate->alt_names) ||
	     !X509_REQ_add_extensions(request, extensions)))
		goto out;
	len = i2d_re_X509_REQ_tbs(request, &der);
	problem = len > 0 && secret_copy(content, der, (size_t)len) ? NULL : no_memory;
out:
	OPENSSL_free(der);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	return problem;
}

static bool set_serial(X509 *x509)
{
	uint8_t bytes[SERIAL_LEN];
	BIGNUM *number = NULL;
	bool done = false;

	if (RAND_bytes(bytes, sizeof(bytes)) == 1) {
		bytes[0] = (bytes[0] & 0x7f) | 0x40;
		number = BN_bin2bn(bytes, sizeof(bytes), NULL);
		done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
	}
	BN_free(number);
	return done;
}

static bool extend(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool done;

	X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&context);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	done = extension && X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	return done;
}

static const char *make_certificate(const struct certificate *certificate, EVP_PKEY *key,
				    struct secret *content)
{
	const char *problem = no_memory;
	X509 *x509 = X509_new();
	uint8_t *der = NULL;
	int len = 0;

	if (!x509 || !X509_set_version(x509, X509_VERSION_3) || !set_serial(x509) ||
	    !X509_gmtime_adj(X509_getm_notBefore(x509), 0) ||
	    !X509_time_adj_ex(X509_getm_notAfter(x509), (int)certificate->days, 0, NULL) ||
	    !X509_set_pubkey(x509, key))
		goto out;
	/* The same stands in it and beside it; libcrypto sets it only where it signs itself. */
	problem = set_algorithm((X509_ALGOR *)X509_get0_tbs_sigalg(x509), certificate->alg);
	if (problem)
		goto out;
	problem = "--subject: not as in CN=host,O=Example";
	if (!set_subject(X509_get_subject_name(x509), certificate->subject) ||
	    !X509_set_issuer_name(x509, X509_get_subject_name(x509)))
		goto out;
	problem = no_memory;
	if (!extend(x509, NID_subject_key_identifier, "hash") ||
	    !extend(x509, NID_basic_constraints,
		    certificate->ca ? "critical,CA:TRUE" : "critical,CA:FALSE") ||
	    !extend(x509, NID_key_usage,
		    certificate->ca ? "critical,keyCertSign,cRLSign,digitalSignature" :
				      "critical,digitalSignature"))
		goto out;
	problem = "--alt-names: not as in DNS:host,IP:192.0.2.1";
	if (certificate->alt_names && !extend(x509, NID_subject_alt_name, certificate->alt_names))
		goto out;
	len = i2d_re_X509_tbs(x509, &der);
	problem = len > 0 && secret_copy(content, der, (size_t)len) ? NULL : no_memory;
out:
	OPENSSL_free(der);
	X509_free(x509);
	return problem;
}

const char *certificate_content(const struct certificate *certificate, struct secret *content)
{
	const uint8_t *p = certificate->public->data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)certificate->public->len);
	const char *problem = "its public key can't be in a certificate";

	memset(content, 0, sizeof(*content));
	if (key)
		problem = (certificate->request ? make_request : make_certificate)(certificate, key,
										   content);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return problem;
}

const char *certificate_finish(psa_algorithm_t alg, const struct secret *content,
			       const uint8_t *signature, size_t len, struct secret *der)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(der_signed);
	struct der_signed *whole = (struct der_signed *)ASN1_item_new(item);
	const char *problem = no_memory;

	memset(der, 0, sizeof(*der));
	if (whole && ASN1_STRING_set(whole->content, content->data, (int)content->len) &&
	    ASN1_STRING_set(whole->signature, signature, (int)len)) {
		whole->signature->flags |= ASN1_STRING_FLAG_BITS_LEFT;
		problem = set_algorithm(whole->algorithm, alg);
		if (!problem && !der_encode(whole, item, der))
			problem = no_memory;
	}
	der_free(whole, item);
	ERR_clear_error();
	return problem;
}
