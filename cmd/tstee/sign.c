// SPDX-License-Identifier: BSD-3-Clause
/* tstee sign, tstee verify: signatures, as openssl dgst -sign and -verify have them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "stream.h"

#define SIGNATURE_FILE_MAX 8192u

/* A message for a key that must see the message itself. */
#define MESSAGE_MAX (64u * 1024 * 1024)

/* What is hashed by the program itself. */
#define LOCAL_MAX (1024u * 1024)

/*
 * The same if the partition must have all of it at once (EdDSA, ML-DSA): with a signature it must
 * fit a request, whichever it is.
 */
#define WHOLE_MESSAGE_MAX (1024u * 1024 - 4096)

/* A partition whose messages are shorter than most takes so much at least. */
#define WHOLE_MESSAGE_SHORT 65536u

static const char sign_help[] =
	"Usage: tstee sign KEY [FILE] [--alg A] [--format der|raw|hex] [--output FILE]\n"
	"                  [--hash-only]\n"
	"\n"
	"Signs FILE, or standard input. The signature goes to standard output or --output: for\n"
	"ECDSA in DER, as openssl has it. openssl dgst -verify and openssl pkeyutl -verify take\n"
	"it.\n"
	"\n"
	"  --alg A          a hash, or an algorithm such as ecdsa-sha384; SHA-256 unless the key\n"
	"                   says otherwise\n"
	"  --format F       raw: ECDSA's r and s one behind the other; hex: in hexadecimal\n"
	"  --hash-only      FILE is the hash of what is signed, not that itself\n"
	"  --output FILE    where the signature goes\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee sign web image.bin --output image.sig\n"
	"  $ tstee key public web web.pem\n"
	"  $ openssl dgst -sha256 -verify web.pem -signature image.sig image.bin\n"
	"  $ openssl dgst -sha384 -binary image.bin | tstee sign web --hash-only --alg sha384\n";

static const char verify_help[] =
	"Usage: tstee verify KEY [FILE] --signature FILE [--alg A] [--format der|raw|hex]\n"
	"                    [--hash-only]\n"
	"\n"
	"Verifies the signature of FILE, or of standard input. Exit code 16: it is not that of\n"
	"this key over this file. KEY may be file:PATH, a public key in PEM or DER.\n"
	"\n"
	"  --signature FILE  the signature, for ECDSA in DER unless --format says otherwise\n"
	"  --alg A           a hash, or an algorithm such as rsa-pkcs1-sha256; SHA-256 unless\n"
	"                    the key says otherwise\n"
	"  --hash-only       FILE is the hash of what was signed, not that itself\n" COMMON_OPTIONS_HELP
	"\n"
	"Examples:\n"
	"  $ openssl dgst -sha256 -sign web.key -out image.sig image.bin\n"
	"  $ tstee verify web image.bin --signature image.sig\n"
	"  $ tstee verify file:web.pem image.bin --signature image.sig\n";

/* What is signed: a hash, or for keys that must see it the message. */
struct message {
	struct secret data;
	bool is_hash;
};

/* The hash that a digest of this length probably is of. */
static psa_algorithm_t hash_of_len(size_t len)
{
	switch (len) {
	case 20:
		return PSA_ALG_SHA_1;
	case 28:
		return PSA_ALG_SHA_224;
	case 48:
		return PSA_ALG_SHA_384;
	case 64:
		return PSA_ALG_SHA_512;
	default:
		return PSA_ALG_SHA_256;
	}
}

static enum exit_code read_hash(const char *path, struct message *message)
{
	message->is_hash = true;
	return file_read(path, PSA_HASH_MAX_SIZE, &message->data);
}

static enum exit_code check_hash(const struct message *message, psa_algorithm_t hash)
{
	char name[ALGORITHM_NAME_SIZE];

	if (message->data.len == PSA_HASH_LENGTH(hash))
		return EXIT_CODE_OK;
	return failure(EXIT_CODE_USAGE, "give it in binary, and its --alg",
		       "--hash-only: %zu bytes are no %s hash", message->data.len,
		       algorithm_name(hash, name));
}

/*
 * Files of an ordinary length are hashed here: the partition's signature is one call then. Those
 * who can write the file, or see it, can as well when the partition hashes it.
 */
static bool hash_here(const char *path, psa_algorithm_t hash, struct message *message,
		      enum exit_code *code)
{
	char name[ALGORITHM_NAME_SIZE];
	struct secret data = { 0 };
	struct input input;
	bool done = false;

	*code = input_open(path, &input);
	if (*code)
		return true;
	input_close(&input);
	if (!input.is_file || input.size > LOCAL_MAX)
		return false;
	*code = file_read(path, LOCAL_MAX, &data);
	if (!*code)
		done = codec()->digest_local(algorithm_name(hash, name), data.data, data.len,
					     message->data.data, message->data.len,
					     &message->data.len);
	secret_free(&data);
	return done || *code;
}

static enum exit_code hash_message(const char *path, psa_algorithm_t hash, struct message *message)
{
	enum exit_code code;

	message->is_hash = true;
	message->data.data = calloc(1, PSA_HASH_MAX_SIZE);
	if (!message->data.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	message->data.len = PSA_HASH_MAX_SIZE;
	if (path && strcmp(path, "-") != 0 && hash_here(path, hash, message, &code))
		return code;
	message->data.len = PSA_HASH_MAX_SIZE;
	return digest_file(path, hash, message->data.data, &message->data.len);
}

/*
 * The message, and the algorithm for it. Whatever its length it is hashed as it is read, if the
 * key's usage has @hash_usage; else the partition hashes it.
 */
static enum exit_code message_read(const struct args *args, const struct key *key,
				   psa_key_usage_t hash_usage, struct algorithm *wanted,
				   struct message *message, psa_algorithm_t *alg)
{
	const char *path = args->count > 1 ? args->argument[1] : NULL;
	enum exit_code code;

	memset(message, 0, sizeof(*message));
	if (args->value[ARG_HASH_ONLY]) {
		code = read_hash(path, message);
		if (code)
			return code;
		if (!wanted->alg && PSA_ALG_IS_WILDCARD(psa_get_key_algorithm(&key->attributes)))
			wanted->alg = hash_of_len(message->data.len);
	}
	code = key_algorithm(key, args, wanted, alg);
	if (code)
		return code;
	if (!PSA_ALG_IS_SIGN(*alg))
		return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for signatures", key->what);
	if (message->is_hash && !PSA_ALG_IS_HASH_AND_SIGN(*alg))
		return failure(EXIT_CODE_USAGE, NULL,
			       "%s: its algorithm signs messages, not their hashes", key->what);
	if (message->is_hash)
		return check_hash(message, PSA_ALG_SIGN_GET_HASH(*alg));
	if (PSA_ALG_IS_HASH_AND_SIGN(*alg) &&
	    psa_get_key_usage_flags(&key->attributes) & hash_usage)
		return hash_message(path, PSA_ALG_SIGN_GET_HASH(*alg), message);
	return file_read(path, PSA_ALG_IS_HASH_AND_SIGN(*alg) ? MESSAGE_MAX : WHOLE_MESSAGE_MAX,
			 &message->data);
}

static enum exit_code read_format(const struct args *args, enum data_format *format)
{
	return args_format(args,
			   FORMAT_BIT(FORMAT_DER) | FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX),
			   FORMAT_DER, format);
}

/* --- sign --- */

static enum exit_code write_signature(const struct args *args, psa_algorithm_t alg,
				      const uint8_t *signature, size_t len)
{
	uint8_t der[ECDSA_DER_MAX];
	enum data_format format;
	enum exit_code code;

	code = read_format(args, &format);
	if (code)
		return code;
	if (PSA_ALG_IS_ECDSA(alg) && format != FORMAT_RAW) {
		if (!codec()->ecdsa_to_der(signature, len, der, &len))
			return failure(EXIT_CODE_OTHER, NULL,
				       "the partition's signature has an impossible length");
		signature = der;
	}
	return result_write(args, args->value[ARG_OUTPUT], format, signature, len);
}

static void warn_hash(psa_algorithm_t alg)
{
	const psa_algorithm_t hash = PSA_ALG_SIGN_GET_HASH(alg);
	char name[ALGORITHM_NAME_SIZE];

	if (PSA_ALG_IS_HASH_AND_SIGN(alg) && (hash == PSA_ALG_MD5 || hash == PSA_ALG_SHA_1))
		warning("signatures over %s can be forged; take --alg sha256",
			algorithm_name(hash, name));
}

/* Messages that are longer than a partition takes, and those that it has no memory for, are one to it. */
static enum exit_code message_failure(psa_status_t status, const struct key *key,
				      psa_algorithm_t alg, const struct message *message)
{
	if (status == PSA_ERROR_INSUFFICIENT_MEMORY && tstee_crypto_shortage() == -ENOSPC &&
	    !message->is_hash && message->data.len > WHOLE_MESSAGE_SHORT)
		return failure(EXIT_CODE_TOO_LARGE,
			       "--alg ed25519ph and hash-ml-dsa-HASH sign files of any length",
			       "%s: the partition has no room for %zu bytes at once", key->what,
			       message->data.len);
	return failure_key(status, key, alg);
}

static enum exit_code sign(const struct args *args, const struct key *key, struct algorithm *wanted)
{
	uint8_t signature[PSA_SIGNATURE_MAX_SIZE];
	struct message message;
	enum exit_code code;
	psa_algorithm_t alg;
	psa_status_t status;
	size_t len;

	code = message_read(args, key, PSA_KEY_USAGE_SIGN_HASH, wanted, &message, &alg);
	if (!code) {
		status = (message.is_hash ? psa_sign_hash : psa_sign_message)(
			key->id, alg, message.data.data, message.data.len, signature,
			sizeof(signature), &len);
		if (status)
			code = message_failure(status, key, alg, &message);
		else
			code = write_signature(args, alg, signature, len);
		if (!code)
			warn_hash(alg);
	}
	secret_free(&message.data);
	return code;
}

enum exit_code cmd_sign(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "sign",
		.help = sign_help,
		.allowed = ARG_BIT(ARG_ALG) | ARG_BIT(ARG_FORMAT) | ARG_BIT(ARG_OUTPUT) |
			   ARG_BIT(ARG_HASH_ONLY),
		.min_count = 1,
		.max_count = 2,
		.missing = "a key",
		.reads_file = true,
	};
	enum data_format format;
	struct algorithm wanted;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return code;
	code = read_format(&args, &format);
	if (!code)
		code = args_algorithm(&args, ARG_ALG, true, &wanted);
	if (!code)
		code = key_open(&args, args.argument[0], 0, 0, &key);
	if (code)
		return code;
	code = sign(&args, &key, &wanted);
	key_close(&key);
	return code;
}

/* --- verify --- */

/* The signature as PSA has it. */
static enum exit_code read_signature(const struct args *args, const struct key *key,
				     psa_algorithm_t alg, struct secret *signature)
{
	const char *path = args->value[ARG_SIGNATURE];
	uint8_t raw[ECDSA_RAW_MAX];
	enum data_format format;
	enum exit_code code;
	size_t len;

	code = read_format(args, &format);
	if (!code)
		code = file_read(path, SIGNATURE_FILE_MAX, signature);
	if (!code && format == FORMAT_HEX)
		code = decode_hex(path, signature);
	if (code || !PSA_ALG_IS_ECDSA(alg) || format == FORMAT_RAW)
		return code;
	if (!codec()->ecdsa_from_der(signature->data, signature->len,
				     psa_get_key_bits(&key->attributes), raw, &len))
		return failure(EXIT_CODE_MISMATCH, "--format raw is for those as PSA has them",
			       "%s: no ECDSA signature in DER of a key of this length", path);
	secret_free(signature);
	signature->data = malloc(len);
	if (!signature->data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	memcpy(signature->data, raw, len);
	signature->len = len;
	return EXIT_CODE_OK;
}

/*
 * Some partitions say PSA_ERROR_INVALID_ARGUMENT to a signature that is no number below the
 * modulus: no key has made it.
 */
static bool no_number_of(const struct key *key, const struct secret *signature)
{
	uint8_t public[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
	size_t len;

	return PSA_KEY_TYPE_IS_RSA(psa_get_key_type(&key->attributes)) &&
	       psa_export_public_key(key->id, public, sizeof(public), &len) == PSA_SUCCESS &&
	       !codec()->rsa_signature_in_range(public, len, signature->data, signature->len);
}

static enum exit_code verify(const struct args *args, const struct key *key,
			     struct algorithm *wanted)
{
	struct secret signature = { 0 };
	struct message message;
	enum exit_code code;
	psa_algorithm_t alg;
	psa_status_t status;

	code = message_read(args, key, PSA_KEY_USAGE_VERIFY_HASH, wanted, &message, &alg);
	if (!code)
		code = read_signature(args, key, alg, &signature);
	if (!code) {
		status = (message.is_hash ? psa_verify_hash : psa_verify_message)(
			key->id, alg, message.data.data, message.data.len, signature.data,
			signature.len);
		if (status == PSA_ERROR_INVALID_ARGUMENT && no_number_of(key, &signature))
			status = PSA_ERROR_INVALID_SIGNATURE;
		if (status == PSA_ERROR_INVALID_SIGNATURE)
			code = failure(EXIT_CODE_MISMATCH,
				       "another key, file, hash (--alg) or padding",
				       "%s: not a valid signature", args->value[ARG_SIGNATURE]);
		else if (status)
			code = message_failure(status, key, alg, &message);
		else
			print_valid(args);
	}
	secret_free(&signature);
	secret_free(&message.data);
	return code;
}

enum exit_code cmd_verify(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "verify",
		.help = verify_help,
		.allowed = ARG_BIT(ARG_ALG) | ARG_BIT(ARG_FORMAT) | ARG_BIT(ARG_SIGNATURE) |
			   ARG_BIT(ARG_HASH_ONLY),
		.min_count = 1,
		.max_count = 2,
		.missing = "a key",
		.reads_file = true,
	};
	enum data_format format;
	struct algorithm wanted;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return code;
	if (!args.value[ARG_SIGNATURE])
		return failure(EXIT_CODE_USAGE, NULL,
			       "verify: --signature is missing; see tstee verify --help");
	code = read_format(&args, &format);
	if (!code)
		code = args_algorithm(&args, ARG_ALG, true, &wanted);
	if (!code)
		code = key_open(&args, args.argument[0],
				PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE,
				PSA_ALG_IS_SIGN(wanted.alg) ? wanted.alg : 0, &key);
	if (code)
		return code;
	code = verify(&args, &key, &wanted);
	key_close(&key);
	return code;
}
