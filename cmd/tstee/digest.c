// SPDX-License-Identifier: BSD-3-Clause
/* tstee hash, tstee mac: digests of files, as sha256sum prints them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "json.h"
#include "stream.h"

static const char hash_help[] =
	"Usage: tstee hash [FILE]... [--alg HASH]\n"
	"\n"
	"Prints the hash of each FILE, or of standard input, as sha256sum does. HASH is sha256\n"
	"unless given, or sha384, sha512, sha224, sha3-224, sha3-256, sha3-384, sha3-512, sha1,\n"
	"md5, ripemd160. With --json there is an object for each file.\n"
	"\n" COMMON_OPTIONS_HELP "\n"
	"Example:\n"
	"  $ tstee hash image.bin --alg sha512\n";

static const char mac_help[] =
	"Usage: tstee mac KEY [FILE]... [--alg A]\n"
	"       tstee mac KEY [FILE] --verify HEX [--alg A]\n"
	"\n"
	"Prints the message authentication code of each FILE, or of standard input: HMAC or\n"
	"CMAC, as the key says; or verifies one: exit code 16 if it is another.\n"
	"\n"
	"  --alg A        hmac-sha256, cmac, ...; see tstee key --help\n"
	"  --verify HEX   the code that it must be\n" COMMON_OPTIONS_HELP "\n"
	"Example:\n"
	"  $ tstee key generate tag --type hmac\n"
	"  $ tstee mac tag image.bin\n";

/* Calls @update with the file piece by piece; the buffer is wiped. */
static enum exit_code
feed_file(const char *path,
	  psa_status_t (*update)(void *operation, const uint8_t *data, size_t len), void *operation)
{
	struct secret buffer = { .data = malloc(STREAM_CHUNK), .len = STREAM_CHUNK };
	struct input input;
	enum exit_code code;
	psa_status_t status;
	size_t len = 0;

	if (!buffer.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = input_open(path, &input);
	if (code)
		goto out;
	do {
		code = input_read(&input, buffer.data, buffer.len, &len);
		if (code || !len)
			break;
		status = update(operation, buffer.data, len);
		if (status) {
			input_close(&input);
			code = failure_crypto(status, input.name);
		}
	} while (!code && len == buffer.len);
	input_close(&input);
out:
	secret_free(&buffer);
	return code;
}

static psa_status_t update_hash(void *operation, const uint8_t *data, size_t len)
{
	return psa_hash_update(operation, data, len);
}

static psa_status_t update_mac(void *operation, const uint8_t *data, size_t len)
{
	return psa_mac_update(operation, data, len);
}

enum exit_code digest_file(const char *path, psa_algorithm_t hash,
			   uint8_t digest[PSA_HASH_MAX_SIZE], size_t *len)
{
	psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
	char name[ALGORITHM_NAME_SIZE];
	enum exit_code code;
	psa_status_t status;

	status = psa_hash_setup(&operation, hash);
	if (status)
		return failure_crypto(status, algorithm_name(hash, name));
	code = feed_file(path, update_hash, &operation);
	if (!code) {
		status = psa_hash_finish(&operation, digest, PSA_HASH_MAX_SIZE, len);
		if (status)
			code = failure_crypto(status, path ? path : "standard input");
	}
	psa_hash_abort(&operation);
	return code;
}

static void print_digest(const struct args *args, psa_algorithm_t alg, const char *path,
			 const uint8_t *digest, size_t len)
{
	char name[ALGORITHM_NAME_SIZE];

	if (!args->common.json) {
		print_hex(stdout, digest, len);
		printf("  %s\n", path ? path : "-");
		return;
	}
	json_print(json_pack("{s:o, s:s, s:o}", "file", json_text(path ? path : "-"), "algorithm",
			     algorithm_name(alg, name), "digest", json_hex(digest, len)));
}

enum exit_code cmd_hash(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "hash",
		.help = hash_help,
		.allowed = ARG_BIT(ARG_ALG),
		.max_count = INT_MAX,
	};
	psa_algorithm_t hash = PSA_ALG_SHA_256;
	enum exit_code code, first, worst = EXIT_CODE_OK;
	struct args args;
	bool done;

	first = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return first;
	if (args.value[ARG_ALG])
		hash = hash_parse(args.value[ARG_ALG]);
	if (!hash)
		return failure(EXIT_CODE_USAGE, "tstee hash --help names them",
			       "--alg %.80s: unknown hash", args.value[ARG_ALG]);
	first = crypto_begin(&args);
	for (int i = 0; !first && i < (args.count ? args.count : 1); i++) {
		const char *path = args.count ? args.argument[i] : NULL;
		uint8_t digest[PSA_HASH_MAX_SIZE];
		size_t len;

		code = digest_file(path, hash, digest, &len);
		if (!code)
			print_digest(&args, hash, path, digest, len);
		if (!worst)
			worst = code;
	}
	return first ? first : worst;
}

/* Prints the code, or compares it with @wanted if that isn't NULL. */
static enum exit_code mac_file(const struct args *args, const struct key *key, psa_algorithm_t alg,
			       const char *path, const struct secret *wanted)
{
	psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
	const char *name = path ? path : "standard input";
	uint8_t mac[PSA_MAC_MAX_SIZE];
	enum exit_code code;
	psa_status_t status;
	size_t len = 0;

	status = wanted ? psa_mac_verify_setup(&operation, key->id, alg) :
			  psa_mac_sign_setup(&operation, key->id, alg);
	if (status)
		return failure_crypto(status, key->what);
	code = feed_file(path, update_mac, &operation);
	if (!code && wanted)
		status = psa_mac_verify_finish(&operation, wanted->data, wanted->len);
	else if (!code)
		status = psa_mac_sign_finish(&operation, mac, sizeof(mac), &len);
	if (!code && status)
		code = failure_crypto(status, name);
	else if (!code && !wanted)
		print_digest(args, alg, path, mac, len);
	else if (!code)
		print_valid(args);
	psa_mac_abort(&operation);
	explicit_bzero(mac, sizeof(mac));
	return code;
}

static enum exit_code mac_files(const struct args *args, const struct key *key,
				const struct algorithm *wanted_alg)
{
	const char *hex = args->value[ARG_VERIFY];
	struct secret wanted = { 0 };
	enum exit_code code, worst = EXIT_CODE_OK;
	psa_algorithm_t alg;

	if (hex && args->count > 2)
		return failure(EXIT_CODE_USAGE, NULL, "--verify goes with one file");
	if (hex && !parse_hex(hex, &wanted.data, &wanted.len))
		return failure(EXIT_CODE_USAGE, "give the code in hexadecimal",
			       "--verify %.80s: not hexadecimal", hex);
	code = key_algorithm(key, args, wanted_alg, &alg);
	if (!code && !PSA_ALG_IS_MAC(alg))
		code = failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for authentication codes", key->what);
	for (int i = 1; !code && i < (args->count > 1 ? args->count : 2); i++) {
		enum exit_code one =
			mac_file(args, key, alg, args->count > 1 ? args->argument[i] : NULL,
				 hex ? &wanted : NULL);

		if (!worst)
			worst = one;
	}
	secret_free(&wanted);
	return code ? code : worst;
}

enum exit_code cmd_mac(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "mac",
		.help = mac_help,
		.allowed = ARG_BIT(ARG_ALG) | ARG_BIT(ARG_VERIFY),
		.min_count = 1,
		.max_count = INT_MAX,
		.missing = "a key",
	};
	struct algorithm wanted;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	if (done)
		return code;
	code = args_algorithm(&args, ARG_ALG, false, &wanted);
	if (!code)
		code = key_open(&args, args.argument[0], 0, 0, &key);
	if (code)
		return code;
	code = mac_files(&args, &key, &wanted);
	key_close(&key);
	return code;
}
