// SPDX-License-Identifier: BSD-3-Clause
/* tstee attest: what a partition says of this machine. */
#include "attest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <tstee_attestation.h>

#include "crypto.h"
#include "json.h"
#include "passphrase.h"

static const char help[] =
	"Usage: tstee attest token --challenge HEX|random [--legacy] [--output FILE]\n"
	"                 [--format raw|hex]\n"
	"       tstee attest show [FILE] [--hashes]\n"
	"       tstee attest verify [FILE] --key FILE [--challenge HEX] [--expect FILE]\n"
	"       tstee attest key [FILE] [--format pem|der|raw|hex]\n"
	"       tstee attest import-key [FILE] [--passphrase P]\n"
	"\n"
	"A token says what this machine is and which software it has booted, signed by a key\n"
	"that a secure partition keeps. Whoever wants to know sends a challenge, 32, 48 or 64\n"
	"random bytes, and verifies that the token has it, with the machine's public key.\n"
	"\n"
	"  token       gets a token (RFC 9783) and writes it to --output or standard output\n"
	"  show        what a token says, verified or not; a file, or standard input\n"
	"  verify      the same, if it is signed by the key: exit code 16 if it is not, or not as\n"
	"              told; asks no partition\n"
	"  key         the public key, which is made when there is none\n"
	"  import-key  makes a private key on P-256 (PEM or DER) the machine's key, once, before\n"
	"              there is another; for root\n"
	"\n"
	"  --challenge C    in hexadecimal; random: 32 bytes, which are told\n"
	"  --legacy         with the claims' older labels, for older verifiers\n"
	"  --key FILE       the public key, in PEM or DER\n"
	"  --expect FILE    the software that must be there and no other, in lines as sha256sum\n"
	"                   writes them: a hash and a name\n"
	"  --hashes         prints such lines of a token\n"
	"  --passphrase P   of an encrypted key: the first line of file P, or env:NAME; without\n"
	"                   it the terminal is asked\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee attest key machine.pem\n"
	"  $ tstee attest token --challenge $CHALLENGE --output token.cbor\n"
	"  $ tstee attest show token.cbor --hashes >expected\n"
	"  $ tstee attest verify token.cbor --key machine.pem --challenge $CHALLENGE \\\n"
	"        --expect expected\n";

/* Answers of the attestation service. */
static const struct {
	psa_status_t status;
	enum exit_code code;
	const char *reason;
	const char *hint;
} codes[] = {
	{ PSA_ERROR_NOT_PERMITTED, EXIT_CODE_NOT_PERMITTED, "the key can't be imported",
	  "only root may, and only while there is none; one that is there stays" },
	{ PSA_ERROR_DOES_NOT_EXIST, EXIT_CODE_NOT_FOUND, "there is no attestation key",
	  "the first token makes one" },
	{ PSA_ERROR_INVALID_ARGUMENT, EXIT_CODE_USAGE, "refused as an invalid argument", "" },
	{ PSA_ERROR_NOT_SUPPORTED, EXIT_CODE_OTHER, "not supported by the partition", "" },
	{ PSA_ERROR_STORAGE_FAILURE, EXIT_CODE_CORRUPT, "the storage of keys failed", "" },
	{ PSA_ERROR_DATA_CORRUPT, EXIT_CODE_CORRUPT, "the stored key is corrupt", "" },
	{ PSA_ERROR_CONNECTION_REFUSED, EXIT_CODE_DEAD,
	  "the partition can't find the crypto service", "tstee list shows whether it is there" },
	{ PSA_ERROR_COMMUNICATION_FAILURE, EXIT_CODE_DEAD,
	  "the partition can't reach the crypto service", "tstee list shows whether it is there" },
};

static enum exit_code failure_attest(psa_status_t status)
{
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE || status == PSA_ERROR_INSUFFICIENT_MEMORY)
		return failure_room_behind(status, NULL, "attestation");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			return failure(codes[i].code, codes[i].hint, "attestation: %s",
				       codes[i].reason);
	}
	return failure_status(status, "attestation");
}

static enum exit_code begin(const struct args *args, struct tstee_session **session)
{
	const int err = tstee_open(TSTEE_ATTESTATION_SERVICE, &args->common.open, session);

	return err ? failure_open(err) : EXIT_CODE_OK;
}

enum exit_code attest_challenge(const struct args *args, struct secret *challenge)
{
	const char *text = args->value[ARG_CHALLENGE];

	memset(challenge, 0, sizeof(*challenge));
	if (parse_hex(text, &challenge->data, &challenge->len)) {
		if (attestation_challenge_valid(challenge->len))
			return EXIT_CODE_OK;
		secret_free(challenge);
	}
	return failure(EXIT_CODE_USAGE, NULL,
		       "--challenge: not 32, 48 or 64 bytes in hexadecimal digits");
}

static enum exit_code random_challenge(struct secret *challenge)
{
	challenge->len = ATTESTATION_CHALLENGE_32;
	challenge->data = malloc(challenge->len);
	if (challenge->data &&
	    getrandom(challenge->data, challenge->len, 0) == (ssize_t)challenge->len)
		return EXIT_CODE_OK;
	secret_free(challenge);
	return failure(EXIT_CODE_OTHER, NULL, "no random bytes to be had");
}

/* Where the challenge was chosen here its user must learn of it. */
static enum exit_code write_token(const struct args *args, enum data_format format,
				  const uint8_t *token, size_t len, const struct secret *challenge)
{
	const char *path = args->value[ARG_OUTPUT];
	const bool file = path && strcmp(path, "-") != 0;
	enum exit_code code = EXIT_CODE_OK;

	if (file || !args->common.json)
		code = file_write_as(path, format, token, len);
	if (code)
		return code;
	if (args->common.json) {
		json_t *value = json_pack("{s:I, s:o}", "size", (json_int_t)len, "challenge",
					  json_hex(challenge->data, challenge->len));

		if (file)
			json_object_set_new(value, "file", json_text(path));
		else
			json_object_set_new(value, "token", json_hex(token, len));
		json_print(value);
	} else if (!strcmp(args->value[ARG_CHALLENGE], "random")) {
		FILE *out = file ? stdout : stderr;

		fprintf(out, "challenge: ");
		print_hex(out, challenge->data, challenge->len);
		fputc('\n', out);
	}
	return EXIT_CODE_OK;
}

static enum exit_code attest_token(const struct args *args)
{
	const enum tstee_token_profile profile =
		args->value[ARG_LEGACY] ? TSTEE_TOKEN_LEGACY : TSTEE_TOKEN_BEST;
	struct secret challenge = { 0 };
	uint8_t token[TSTEE_TOKEN_MAX];
	struct tstee_session *session;
	enum data_format format;
	enum exit_code code;
	psa_status_t status;
	size_t len;
	int err;

	if (!args->value[ARG_CHALLENGE])
		return failure(EXIT_CODE_USAGE, "the verifier's, in hexadecimal, or random",
			       "attest token: --challenge is missing; see tstee attest --help");
	code = args_format(args, FORMATS_BYTES, FORMAT_RAW, &format);
	if (!code)
		code = strcmp(args->value[ARG_CHALLENGE], "random") ?
			       attest_challenge(args, &challenge) :
			       random_challenge(&challenge);
	if (!code)
		code = begin(args, &session);
	if (code) {
		secret_free(&challenge);
		return code;
	}
	err = tstee_token_get(session, profile, challenge.data, challenge.len, token, sizeof(token),
			      &len, &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_attest(status);
	else
		code = write_token(args, format, token, len, &challenge);
	tstee_close(session);
	secret_free(&challenge);
	return code;
}

static enum exit_code write_key(const struct args *args, enum data_format format,
				const uint8_t *point)
{
	const char *path = args->count ? args->argument[0] : NULL;
	struct secret der = { 0 }, pem = { 0 };
	const char *problem;
	enum exit_code code;

	if (format == FORMAT_RAW || format == FORMAT_HEX)
		return result_write(args, path, format, point, TSTEE_ATTESTATION_KEY_LEN);
	problem = codec()->key_write_public(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1),
					    256, point, TSTEE_ATTESTATION_KEY_LEN, &der);
	if (problem)
		return failure(EXIT_CODE_OTHER, NULL, "the attestation key: %s", problem);
	if (format == FORMAT_DER) {
		code = result_write(args, path, format, der.data, der.len);
	} else if (codec()->pem_write("PUBLIC KEY", &der, &pem)) {
		code = result_write(args, path, format, pem.data, pem.len);
	} else {
		code = failure(EXIT_CODE_OTHER, NULL, "out of memory");
	}
	secret_free(&pem);
	secret_free(&der);
	return code;
}

static enum exit_code attest_key(const struct args *args)
{
	uint8_t point[TSTEE_ATTESTATION_KEY_LEN];
	struct tstee_session *session;
	enum data_format format;
	enum exit_code code;
	psa_status_t status;
	int err;

	code = args_format(args,
			   FORMAT_BIT(FORMAT_PEM) | FORMAT_BIT(FORMAT_DER) |
				   FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX),
			   FORMAT_PEM, &format);
	if (!code)
		code = begin(args, &session);
	if (code)
		return code;
	err = tstee_attestation_key(session, point, &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_attest(status);
	else
		code = write_key(args, format, point);
	tstee_close(session);
	return code;
}

static enum exit_code import(const struct args *args, const struct secret *scalar)
{
	struct tstee_session *session;
	enum exit_code code = begin(args, &session);
	psa_status_t status;
	int err;

	if (code)
		return code;
	err = tstee_attestation_key_import(session, scalar->data, &status);
	if (err)
		code = failure_call(err);
	else if (status)
		code = failure_attest(status);
	tstee_close(session);
	return code;
}

static enum exit_code attest_import_key(const struct args *args)
{
	const char *path = args->count ? args->argument[0] : NULL;
	const char *name = path && strcmp(path, "-") != 0 ? path : "standard input";
	struct user_passphrase passphrase;
	struct key_data key = { 0 };
	struct secret file = { 0 };
	const char *problem;
	enum exit_code code = file_read(path, ATTEST_KEY_FILE_MAX, &file);

	if (code)
		return code;
	user_passphrase_init(&passphrase, args);
	problem = codec()->key_parse(file.data, file.len, &passphrase.base, &key);
	if (!problem && (key.type != PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1) ||
			 key.data.len != TSTEE_ATTESTATION_SCALAR_LEN))
		problem = "not a private key on P-256";
	code = problem ? failure(EXIT_CODE_FILE, NULL, "%s: %s", name, problem) :
			 import(args, &key.data);
	key_data_free(&key);
	secret_free(&file);
	return code;
}

#define SPEC(action, options, max)                                               \
	{                                                                        \
		.command = "attest " action, .help = help, .allowed = (options), \
		.max_count = (max)                                               \
	}

static const struct action {
	const char *name;
	enum exit_code (*run)(const struct args *args);
	struct args_spec spec;
} actions[] = {
	{ "token", attest_token,
	  SPEC("token",
	       ARG_BIT(ARG_CHALLENGE) | ARG_BIT(ARG_LEGACY) | ARG_BIT(ARG_OUTPUT) |
		       ARG_BIT(ARG_FORMAT),
	       0) },
	{ "show", attest_show, SPEC("show", ARG_BIT(ARG_HASHES), 1) },
	{ "verify", attest_verify,
	  SPEC("verify", ARG_BIT(ARG_KEY) | ARG_BIT(ARG_CHALLENGE) | ARG_BIT(ARG_EXPECT), 1) },
	{ "key", attest_key, SPEC("key", ARG_BIT(ARG_FORMAT), 1) },
	{ "import-key", attest_import_key, SPEC("import-key", ARG_BIT(ARG_PASSPHRASE), 1) },
};

enum exit_code cmd_attest(int argc, char **argv)
{
	struct args args;
	bool done;

	if (argc < 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "attest: the action is missing; see tstee attest --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(help, stdout);
		return EXIT_CODE_OK;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		enum exit_code code;

		if (strcmp(actions[i].name, argv[1]) != 0)
			continue;
		code = args_parse(&actions[i].spec, argc - 1, argv + 1, &args, &done);
		return done ? code : actions[i].run(&args);
	}
	return failure(EXIT_CODE_USAGE, NULL,
		       "attest %.80s: not one of token, show, verify, key, import-key; see tstee "
		       "attest --help",
		       argv[1]);
}
