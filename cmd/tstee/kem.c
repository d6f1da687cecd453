// SPDX-License-Identifier: BSD-3-Clause
/* tstee kem: key encapsulation. The secret becomes a key, or goes to a file. */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

/* More than any ciphertext is long. */
#define CIPHERTEXT_MAX 65536u

static const char help[] =
	"Usage: tstee kem encapsulate KEY [--output FILE] (--secret FILE | --key NAME)\n"
	"                 [--format raw|hex]\n"
	"       tstee kem decapsulate KEY [FILE] (--secret FILE | --key NAME)\n"
	"                 [--type T] [--key-alg A] [--usage U] [--format raw|hex]\n"
	"\n"
	"Shares a secret of 32 bytes with the owner of an ML-KEM key (FIPS 203).\n"
	"\n"
	"  encapsulate   makes a secret, and the ciphertext from which KEY's owner gets it, which\n"
	"                goes to standard output or --output; KEY may be file:PATH, a public key\n"
	"  decapsulate   gets the secret from the ciphertext FILE, or standard input, by the key\n"
	"                pair KEY. A changed ciphertext gives another secret\n"
	"\n"
	"  --secret FILE   writes the secret to FILE\n"
	"  --key NAME      keeps it in the partition as key NAME; --type, --key-alg and --usage\n"
	"                  say what for, else it is for hkdf-sha256\n"
	"  --format F      of what is written: raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee key generate box --type mlkem768\n"
	"  $ tstee key public box box.pem\n"
	"  $ tstee kem encapsulate file:box.pem --output ciphertext --secret mine\n"
	"  $ tstee kem decapsulate box ciphertext --key shared --type aes --key-alg gcm\n";

struct exchange {
	mbedtls_svc_key_id_t key;
	psa_algorithm_t alg;
	bool decapsulates;
	enum data_format format; /* of what is written */
	struct secret ciphertext;
};

static psa_status_t make_secret(const psa_key_attributes_t *attributes, void *context,
				mbedtls_svc_key_id_t *key)
{
	struct exchange *exchange = context;

	if (exchange->decapsulates)
		return psa_decapsulate(exchange->key, exchange->alg, exchange->ciphertext.data,
				       exchange->ciphertext.len, attributes, key);
	return psa_encapsulate(exchange->key, exchange->alg, attributes, key,
			       exchange->ciphertext.data, PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE,
			       &exchange->ciphertext.len);
}

static enum exit_code keep_secret(const struct args *args, struct exchange *exchange)
{
	struct key_spec spec;
	enum exit_code code;

	code = key_spec_parse(args, ARG_KEY_ALG, &spec);
	if (code)
		return code;
	if (!spec.type)
		spec.type = PSA_KEY_TYPE_DERIVE;
	spec.bits = 256;
	key_spec_complete(&spec);
	return key_create(args, &spec, args->value[ARG_KEY], make_secret, exchange);
}

/* By way of a key that lasts no longer than this. */
static enum exit_code write_secret(const struct args *args, const struct key *key,
				   struct exchange *exchange)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t made;
	uint8_t secret[32];
	enum exit_code code;
	psa_status_t status;
	size_t len = 0;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_DERIVE);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
	status = make_secret(&attributes, exchange, &made);
	if (!status) {
		status = psa_export_key(made, secret, sizeof(secret), &len);
		psa_destroy_key(made);
	}
	if (status == PSA_ERROR_INVALID_ARGUMENT && exchange->decapsulates)
		code = failure(EXIT_CODE_MISMATCH, NULL, "%s: no ciphertext for a key of this kind",
			       key->what);
	else if (status)
		code = failure_crypto(status, key->what);
	else
		code = file_write_as(args->value[ARG_SECRET], exchange->format, secret, len);
	explicit_bzero(secret, sizeof(secret));
	return code;
}

static enum exit_code run(const struct args *args, const struct key *key, bool decapsulates)
{
	struct exchange exchange = {
		.key = key->id,
		.alg = psa_get_key_algorithm(&key->attributes),
		.decapsulates = decapsulates,
	};
	enum exit_code code = args_format(args, FORMATS_BYTES, FORMAT_RAW, &exchange.format);

	if (code)
		return code;
	if (!PSA_ALG_IS_KEY_ENCAPSULATION(exchange.alg))
		return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for key encapsulation", key->what);
	if (decapsulates) {
		code = file_read(args->count > 1 ? args->argument[1] : NULL, CIPHERTEXT_MAX,
				 &exchange.ciphertext);
	} else {
		exchange.ciphertext.data = malloc(PSA_ENCAPSULATE_CIPHERTEXT_MAX_SIZE);
		if (!exchange.ciphertext.data)
			code = failure(EXIT_CODE_OTHER, NULL, "out of memory");
	}
	if (!code && args->value[ARG_KEY])
		code = keep_secret(args, &exchange);
	else if (!code)
		code = write_secret(args, key, &exchange);
	if (!code && !decapsulates)
		code = result_write(args, args->value[ARG_OUTPUT], exchange.format,
				    exchange.ciphertext.data, exchange.ciphertext.len);
	secret_free(&exchange.ciphertext);
	return code;
}

#define SECRET_OPTIONS                                                                       \
	(ARG_BIT(ARG_SECRET) | ARG_BIT(ARG_KEY) | ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_KEY_ALG) | \
	 ARG_BIT(ARG_USAGE) | ARG_BIT(ARG_FORMAT))

static const struct action {
	const char *name;
	bool decapsulates;
	struct args_spec spec;
} actions[] = {
	{ "encapsulate",
	  false,
	  { .command = "kem encapsulate",
	    .help = help,
	    .allowed = SECRET_OPTIONS | ARG_BIT(ARG_OUTPUT),
	    .min_count = 1,
	    .max_count = 1,
	    .missing = "a key" } },
	{ "decapsulate",
	  true,
	  { .command = "kem decapsulate",
	    .help = help,
	    .allowed = SECRET_OPTIONS,
	    .min_count = 1,
	    .max_count = 2,
	    .missing = "a key",
	    .reads_file = true } },
};

enum exit_code cmd_kem(int argc, char **argv)
{
	const struct action *action = NULL;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	if (argc < 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "kem: the action is missing; see tstee kem --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!strcmp(actions[i].name, argv[1]))
			action = &actions[i];
	}
	if (!action)
		return failure(
			EXIT_CODE_USAGE, NULL,
			"kem %.80s: neither encapsulate nor decapsulate; see tstee kem --help",
			argv[1]);
	code = args_parse(&action->spec, argc - 1, argv + 1, &args, &done);
	if (done)
		return code;
	if (!args.value[ARG_SECRET] == !args.value[ARG_KEY])
		return failure(EXIT_CODE_USAGE, NULL,
			       "kem: one of --secret and --key says where the secret goes");
	code = key_open(&args, args.argument[0], action->decapsulates ? 0 : PSA_KEY_USAGE_ENCRYPT,
			PSA_ALG_ML_KEM, &key);
	if (code)
		return code;
	code = run(&args, &key, action->decapsulates);
	key_close(&key);
	return code;
}
