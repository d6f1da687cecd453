// SPDX-License-Identifier: BSD-3-Clause
/* tstee key csr, tstee key cert: what the partition signs of its own keys. */
#include "key_certificate.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"

#define DAYS_DEFAULT 365u
#define DAYS_MAX     36500u

/* The public key as certificates have it. */
static enum exit_code read_public(const struct key *key, struct secret *der)
{
	uint8_t data[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
	const char *problem;
	psa_status_t status;
	size_t len;

	status = psa_export_public_key(key->id, data, sizeof(data), &len);
	if (status)
		return failure_crypto(status, key->what);
	problem = codec()->key_write_public(psa_get_key_type(&key->attributes),
					    psa_get_key_bits(&key->attributes), data, len, der);
	return problem ? failure(EXIT_CODE_OTHER, NULL, "%s: %s", key->what, problem) :
			 EXIT_CODE_OK;
}

/* One call. The signature is as X.509 has it: of ECDSA in DER. */
static enum exit_code sign(const struct key *key, psa_algorithm_t alg, const struct secret *content,
			   uint8_t *signature, size_t *len)
{
	uint8_t made[PSA_SIGNATURE_MAX_SIZE], hash[PSA_HASH_MAX_SIZE];
	char name[ALGORITHM_NAME_SIZE];
	psa_status_t status;
	size_t hash_len;

	if (psa_get_key_usage_flags(&key->attributes) & PSA_KEY_USAGE_SIGN_HASH &&
	    codec()->digest_local(algorithm_name(PSA_ALG_SIGN_GET_HASH(alg), name), content->data,
				  content->len, hash, sizeof(hash), &hash_len))
		status = psa_sign_hash(key->id, alg, hash, hash_len, made, sizeof(made), len);
	else
		status = psa_sign_message(key->id, alg, content->data, content->len, made,
					  sizeof(made), len);
	if (status)
		return failure_key(status, key, alg);
	if (!PSA_ALG_IS_ECDSA(alg))
		memcpy(signature, made, *len);
	else if (!codec()->ecdsa_to_der(made, *len, signature, len))
		return failure(EXIT_CODE_OTHER, NULL,
			       "the partition's signature has an impossible length");
	return EXIT_CODE_OK;
}

static enum exit_code make(const struct key *key, const struct certificate *certificate,
			   struct secret *der)
{
	uint8_t signature[PSA_SIGNATURE_MAX_SIZE + ECDSA_DER_MAX];
	struct secret content = { 0 };
	const char *problem = codec()->certificate_content(certificate, &content);
	enum exit_code code = EXIT_CODE_OK;
	size_t len = 0;

	if (!problem)
		code = sign(key, certificate->alg, &content, signature, &len);
	if (!problem && !code)
		problem = codec()->certificate_finish(certificate->alg, &content, signature, len,
						      der);
	secret_free(&content);
	return problem ? failure(EXIT_CODE_USAGE, NULL, "%s: %s", key->what, problem) : code;
}

static enum exit_code write_result(const struct args *args, enum data_format format, bool request,
				   const struct secret *der)
{
	const char *path = args->count > 1 ? args->argument[1] : NULL;
	struct secret pem = { 0 };
	enum exit_code code;

	if (format == FORMAT_DER)
		return result_write(args, path, format, der->data, der->len);
	if (!codec()->pem_write(request ? "CERTIFICATE REQUEST" : "CERTIFICATE", der, &pem))
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = result_write(args, path, format, pem.data, pem.len);
	secret_free(&pem);
	return code;
}

static enum exit_code run(const struct args *args, bool request)
{
	struct secret public = { 0 }, der = { 0 };
	struct certificate certificate = {
		.request = request,
		.subject = args->value[ARG_SUBJECT],
		.alt_names = args->value[ARG_ALT_NAMES],
		.ca = args->value[ARG_CA],
		.public = &public,
	};
	struct algorithm wanted;
	enum data_format format;
	enum exit_code code;
	struct key key;
	uint64_t days;

	if (!certificate.subject)
		return failure(EXIT_CODE_USAGE, "for example --subject CN=host,O=Example",
			       "%s: --subject is missing", args->command);
	code = args_format(args, FORMAT_BIT(FORMAT_PEM) | FORMAT_BIT(FORMAT_DER), FORMAT_PEM,
			   &format);
	if (!code)
		code = args_number(args, ARG_DAYS, 1, DAYS_MAX, DAYS_DEFAULT, &days);
	if (!code)
		code = args_algorithm(args, ARG_ALG, true, &wanted);
	if (!code)
		code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	certificate.days = (unsigned int)days;
	code = key_algorithm(&key, args, &wanted, &certificate.alg);
	if (!code && !PSA_ALG_IS_SIGN(certificate.alg))
		code = failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for signatures", key.what);
	if (!code)
		code = read_public(&key, &public);
	if (!code)
		code = make(&key, &certificate, &der);
	if (!code)
		code = write_result(args, format, request, &der);
	secret_free(&der);
	secret_free(&public);
	key_close(&key);
	return code;
}

enum exit_code key_csr(const struct args *args)
{
	return run(args, true);
}

enum exit_code key_cert(const struct args *args)
{
	return run(args, false);
}
