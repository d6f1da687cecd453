// SPDX-License-Identifier: BSD-3-Clause
/* tstee derive: bytes or keys from a key: HKDF, PBKDF2, TLS 1.2's PRF, ECDH. */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

#define LENGTH_MAX (1024u * 1024)

static const char help[] =
	"Usage: tstee derive KEY --length N [--format hex|raw] [--output FILE] [PARAMETER]...\n"
	"       tstee derive KEY --key NAME [--type T] [--curve C] [--bits N] [--key-alg A]\n"
	"                    [--usage U] [PARAMETER]...\n"
	"\n"
	"Derives N bytes, or a key with a name that stays in the partition. What KEY is: for HKDF\n"
	"a secret (type derive), for PBKDF2 a password, for ECDH one's own key.\n"
	"\n"
	"  --alg A          hkdf-sha256, pbkdf2-sha256, tls12-prf-sha256, ecdh,\n"
	"                   ecdh-hkdf-sha256, ...; what the key is for unless given\n"
	"  --salt DATA      HKDF and PBKDF2: the salt; TLS: the seed\n"
	"  --info DATA      HKDF: the info; TLS: the label\n"
	"  --iterations N   PBKDF2: how many; 600000 unless given\n"
	"  --peer FILE      ECDH: the other's public key in PEM or DER\n"
	"  --format F       hex unless given; raw: as they are\n"
	"  --key NAME       make a key; options say which, as for tstee key generate\n"
	"DATA is a file, hex:DIGITS, text:TEXT, or - for standard input.\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee derive master --info text:disk --length 32\n"
	"  $ tstee derive master --info text:disk --key disk --key-alg aes-256-gcm\n"
	"  $ tstee derive mine --peer theirs.pem --alg ecdh --length 32 --format raw\n";

/* What the options say. */
struct derivation {
	psa_algorithm_t alg; /* of the key: agreement and derivation, or one of them */
	psa_algorithm_t kdf; /* 0: a raw agreement */
	struct secret salt;
	struct secret info;
	struct key_data peer;
	uint64_t iterations;
	uint64_t length;
};

#define DEFAULT_ITERATIONS 600000u

static enum exit_code read_peer(const struct args *args, struct key_data *peer)
{
	struct secret file;
	enum exit_code code;
	const char *problem;

	if (!args->value[ARG_PEER])
		return EXIT_CODE_OK;
	code = args_bytes(args, ARG_PEER, &file);
	if (code)
		return code;
	problem = codec()->key_parse(file.data, file.len, NULL, peer);
	if (!problem && !PSA_KEY_TYPE_IS_ECC_PUBLIC_KEY(peer->type))
		problem = "not a public key on an elliptic curve";
	if (problem)
		code = failure(EXIT_CODE_FILE, NULL, "%s: %s", args->value[ARG_PEER], problem);
	secret_free(&file);
	return code;
}

static enum exit_code check(const struct args *args, const struct key *key,
			    struct derivation *derivation)
{
	psa_algorithm_t alg = derivation->alg;
	bool agreement = PSA_ALG_IS_KEY_AGREEMENT(alg);
	char name[ALGORITHM_NAME_SIZE];

	algorithm_name(alg, name);
	if (!agreement && !PSA_ALG_IS_KEY_DERIVATION(alg))
		return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for derivation", key->what);
	if (agreement && !args->value[ARG_PEER])
		return failure(EXIT_CODE_USAGE, NULL, "derive: %s needs --peer", name);
	if (!agreement && args->value[ARG_PEER])
		return failure(EXIT_CODE_USAGE, "give --alg ecdh-hkdf-sha256 or the like",
			       "--peer doesn't go with %s", name);
	if (PSA_ALG_IS_RAW_KEY_AGREEMENT(alg)) {
		if (args->value[ARG_KEY])
			return failure(EXIT_CODE_USAGE, "give --alg ecdh-hkdf-sha256 or the like",
				       "--key: a raw secret is no good key");
		return EXIT_CODE_OK;
	}
	derivation->kdf = agreement ? PSA_ALG_KEY_AGREEMENT_GET_KDF(alg) : alg;
	if (args->value[ARG_ITERATIONS] && !PSA_ALG_IS_PBKDF2(derivation->kdf))
		return failure(EXIT_CODE_USAGE, NULL, "--iterations goes with pbkdf2 only");
	if (!args->value[ARG_KEY] && !args->value[ARG_LENGTH])
		return failure(EXIT_CODE_USAGE, NULL, "derive: give --length or --key");
	return EXIT_CODE_OK;
}

static enum exit_code derivation_read(const struct args *args, const struct key *key,
				      const struct algorithm *wanted, struct derivation *derivation)
{
	enum exit_code code;

	code = key_algorithm(key, args, wanted, &derivation->alg);
	if (!code)
		code = check(args, key, derivation);
	if (!code)
		code = args_number(args, ARG_ITERATIONS, 1, UINT32_MAX, DEFAULT_ITERATIONS,
				   &derivation->iterations);
	if (!code)
		code = args_number(args, ARG_LENGTH, 1, LENGTH_MAX, 0, &derivation->length);
	if (!code)
		code = args_bytes(args, ARG_SALT, &derivation->salt);
	if (!code)
		code = args_bytes(args, ARG_INFO, &derivation->info);
	if (!code)
		code = read_peer(args, &derivation->peer);
	return code;
}

static void derivation_free(struct derivation *derivation)
{
	secret_free(&derivation->salt);
	secret_free(&derivation->info);
	key_data_free(&derivation->peer);
}

static psa_status_t input(psa_key_derivation_operation_t *operation, psa_key_derivation_step_t step,
			  const struct secret *data)
{
	return psa_key_derivation_input_bytes(operation, step, data->data, data->len);
}

/* The steps in the order in which each algorithm wants them (PSA Crypto API, 10.5.4). */
static psa_status_t input_all(psa_key_derivation_operation_t *operation, const struct key *key,
			      const struct derivation *derivation)
{
	psa_algorithm_t kdf = derivation->kdf;
	psa_key_derivation_step_t step = PSA_KEY_DERIVATION_INPUT_SECRET;
	bool tls = PSA_ALG_IS_TLS12_PRF(kdf) || PSA_ALG_IS_TLS12_PSK_TO_MS(kdf);
	psa_status_t status = PSA_SUCCESS;

	if (PSA_ALG_IS_PBKDF2(kdf)) {
		step = PSA_KEY_DERIVATION_INPUT_PASSWORD;
		status = psa_key_derivation_input_integer(operation, PSA_KEY_DERIVATION_INPUT_COST,
							  derivation->iterations);
	}
	if (!status && tls)
		status = input(operation, PSA_KEY_DERIVATION_INPUT_SEED, &derivation->salt);
	else if (!status && !PSA_ALG_IS_HKDF_EXPAND(kdf))
		status = input(operation, PSA_KEY_DERIVATION_INPUT_SALT, &derivation->salt);
	if (!status && derivation->peer.type)
		status = psa_key_derivation_key_agreement(operation, step, key->id,
							  derivation->peer.data.data,
							  derivation->peer.data.len);
	else if (!status)
		status = psa_key_derivation_input_key(operation, step, key->id);
	if (!status && tls)
		status = input(operation, PSA_KEY_DERIVATION_INPUT_LABEL, &derivation->info);
	else if (!status && (PSA_ALG_IS_HKDF(kdf) || PSA_ALG_IS_HKDF_EXPAND(kdf)))
		status = input(operation, PSA_KEY_DERIVATION_INPUT_INFO, &derivation->info);
	return status;
}

static enum exit_code write_bytes(const struct args *args, const uint8_t *data, size_t len)
{
	enum data_format format;
	enum exit_code code;

	code = args_format(args, FORMAT_BIT(FORMAT_HEX) | FORMAT_BIT(FORMAT_RAW), FORMAT_HEX,
			   &format);
	return code ? code : result_write(args, args->value[ARG_OUTPUT], format, data, len);
}

static enum exit_code derive_bytes(const struct args *args, const struct key *key,
				   const struct derivation *derivation,
				   psa_key_derivation_operation_t *operation)
{
	struct secret out = { .data = malloc(derivation->length), .len = derivation->length };
	enum exit_code code;
	psa_status_t status;

	if (!out.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	status = psa_key_derivation_output_bytes(operation, out.data, out.len);
	if (status)
		code = failure_crypto(status, key->what);
	else
		code = write_bytes(args, out.data, out.len);
	secret_free(&out);
	return code;
}

static psa_status_t make_derived(const psa_key_attributes_t *attributes, void *context,
				 mbedtls_svc_key_id_t *key)
{
	return psa_key_derivation_output_key(attributes, context, key);
}

static enum exit_code derive_key(const struct args *args, psa_key_derivation_operation_t *operation)
{
	struct key_spec spec;
	enum exit_code code;

	code = key_spec_parse(args, ARG_KEY_ALG, &spec);
	if (code)
		return code;
	if (!spec.type)
		return failure(EXIT_CODE_USAGE, NULL,
			       "--key: say what for by --key-alg, or --type");
	key_spec_complete(&spec);
	return key_create(args, &spec, args->value[ARG_KEY], make_derived, operation);
}

static enum exit_code derive(const struct args *args, const struct key *key,
			     const struct derivation *derivation)
{
	psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
	enum exit_code code;
	psa_status_t status;

	status = psa_key_derivation_setup(&operation, derivation->alg);
	if (!status)
		status = input_all(&operation, key, derivation);
	if (status)
		code = failure_crypto(status, key->what);
	else if (args->value[ARG_KEY])
		code = derive_key(args, &operation);
	else
		code = derive_bytes(args, key, derivation, &operation);
	psa_key_derivation_abort(&operation);
	return code;
}

/* The secret as it is. */
static enum exit_code agree(const struct args *args, const struct key *key,
			    const struct derivation *derivation)
{
	uint8_t secret[PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE];
	enum exit_code code;
	psa_status_t status;
	size_t len;

	status = psa_raw_key_agreement(derivation->alg, key->id, derivation->peer.data.data,
				       derivation->peer.data.len, secret, sizeof(secret), &len);
	if (status)
		return failure_crypto(status, key->what);
	if (derivation->length > len)
		code = failure(EXIT_CODE_TOO_LARGE, NULL, "--length: the secret has %zu bytes only",
			       len);
	else
		code = write_bytes(args, secret, derivation->length ? derivation->length : len);
	explicit_bzero(secret, sizeof(secret));
	return code;
}

enum exit_code cmd_derive(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "derive",
		.help = help,
		.allowed = ARG_BIT(ARG_ALG) | ARG_BIT(ARG_SALT) | ARG_BIT(ARG_INFO) |
			   ARG_BIT(ARG_ITERATIONS) | ARG_BIT(ARG_PEER) | ARG_BIT(ARG_LENGTH) |
			   ARG_BIT(ARG_FORMAT) | ARG_BIT(ARG_OUTPUT) | ARG_BIT(ARG_KEY) |
			   ARG_BIT(ARG_KEY_ALG) | ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_CURVE) |
			   ARG_BIT(ARG_BITS) | ARG_BIT(ARG_USAGE),
		.min_count = 1,
		.max_count = 1,
		.missing = "a key",
	};
	struct derivation derivation = { 0 };
	struct algorithm wanted;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return code;
	if (args.value[ARG_KEY] && (args.value[ARG_LENGTH] || args.value[ARG_OUTPUT]))
		return failure(EXIT_CODE_USAGE, NULL,
			       "--key goes neither with --length nor with --output");
	code = args_algorithm(&args, ARG_ALG, false, &wanted);
	if (!code)
		code = key_open(&args, args.argument[0], 0, 0, &key);
	if (code)
		return code;
	code = derivation_read(&args, &key, &wanted, &derivation);
	if (!code && derivation.kdf)
		code = derive(&args, &key, &derivation);
	else if (!code)
		code = agree(&args, &key, &derivation);
	derivation_free(&derivation);
	key_close(&key);
	return code;
}
