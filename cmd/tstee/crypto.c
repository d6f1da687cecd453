// SPDX-License-Identifier: BSD-3-Clause
/* Keys by name, failures of the crypto service, results. Owns the options of the session. */
#include "crypto.h"

#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KEY_FILE_MAX 65536u

/* How often an ID is drawn, if the first ones are taken. */
#define ID_TRIES 16

static struct tstee_options opened;

enum exit_code crypto_begin(const struct args *args)
{
	int err = tstee_crypto_init(&args->common.open);

	opened = args->common.open;
	return err && err != -EALREADY ? failure_open(err) : EXIT_CODE_OK;
}

/* Answers of the crypto service. Those without a reason come from libtstee, which has its own. */
static const struct {
	psa_status_t status;
	enum exit_code code;
	const char *reason;
	const char *hint;
} crypto_codes[] = {
	{ PSA_ERROR_INVALID_HANDLE, EXIT_CODE_NOT_FOUND, "no such key",
	  "tstee key list shows yours; for those of others see --public and --group" },
	{ PSA_ERROR_DOES_NOT_EXIST, EXIT_CODE_NOT_FOUND, "no such key",
	  "tstee key list shows yours; for those of others see --public and --group" },
	{ PSA_ERROR_NOT_PERMITTED, EXIT_CODE_NOT_PERMITTED, "the key is not for this",
	  "tstee key info shows its usage and algorithm" },
	{ PSA_ERROR_ALREADY_EXISTS, EXIT_CODE_EXISTS, "there is a key of this name or ID",
	  "choose another, or remove it by tstee key rm" },
	{ PSA_ERROR_INVALID_SIGNATURE, EXIT_CODE_MISMATCH, "verification failed", "" },
	{ PSA_ERROR_INVALID_PADDING, EXIT_CODE_MISMATCH, "the decrypted data has no valid padding",
	  "it was encrypted otherwise, or changed" },
	{ PSA_ERROR_INSUFFICIENT_ENTROPY, EXIT_CODE_OTHER, "the partition has no random source",
	  "" },
	{ PSA_ERROR_INSUFFICIENT_DATA, EXIT_CODE_TOO_LARGE,
	  "the algorithm doesn't give as many bytes", "ask for fewer" },
	{ PSA_ERROR_DATA_CORRUPT, EXIT_CODE_CORRUPT, "the stored key is corrupt", "remove it" },
	{ PSA_ERROR_DATA_INVALID, EXIT_CODE_CORRUPT, "the stored key is invalid", "remove it" },
	{ PSA_ERROR_CORRUPTION_DETECTED, EXIT_CODE_CORRUPT, "the partition found tampering", "" },
	{ PSA_ERROR_STORAGE_FAILURE, EXIT_CODE_CORRUPT, "the storage failed",
	  "the flash may be worn out or damaged, or its partition missing" },
	{ PSA_ERROR_NOT_SUPPORTED, EXIT_CODE_OTHER, "not supported by the service", "" },
	{ PSA_ERROR_INVALID_ARGUMENT, EXIT_CODE_OTHER, "refused as an invalid argument",
	  "key, algorithm and data may not go together" },
	{ PSA_ERROR_CONNECTION_REFUSED, EXIT_CODE_NO_DEVICE, NULL, NULL },
	{ PSA_ERROR_CONNECTION_BUSY, EXIT_CODE_BUSY, NULL, NULL },
	{ PSA_ERROR_COMMUNICATION_FAILURE, EXIT_CODE_DEAD, NULL, NULL },
};

enum exit_code failure_crypto(psa_status_t status, const char *what)
{
	if (status == PSA_ERROR_INSUFFICIENT_MEMORY && tstee_crypto_shortage())
		return failure_call(tstee_crypto_shortage());
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE || status == PSA_ERROR_INSUFFICIENT_MEMORY)
		return failure_room_behind(status, &opened, what);
	for (size_t i = 0; i < sizeof(crypto_codes) / sizeof(crypto_codes[0]); i++) {
		if (crypto_codes[i].status != status)
			continue;
		if (!crypto_codes[i].reason)
			return failure(crypto_codes[i].code, tstee_hint(), "%s", tstee_error());
		return failure(crypto_codes[i].code, crypto_codes[i].hint, "%s: %s", what,
			       crypto_codes[i].reason);
	}
	return failure_status(status, what);
}

enum exit_code failure_key(psa_status_t status, const struct key *key, psa_algorithm_t alg)
{
	char policy[ALGORITHM_NAME_SIZE], wanted[ALGORITHM_NAME_SIZE];

	if (status != PSA_ERROR_NOT_PERMITTED)
		return failure_crypto(status, key->what);
	return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows its usage and algorithm",
		       "%s: it is for %s, and its usage or algorithm doesn't permit %s", key->what,
		       algorithm_name(psa_get_key_algorithm(&key->attributes), policy),
		       algorithm_name(alg, wanted));
}

/* --- keys that are there --- */

static enum exit_code open_file(const char *path, psa_key_usage_t usage, psa_algorithm_t alg,
				struct key *key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	struct key_data data = { 0 };
	struct secret file;
	enum exit_code code;
	const char *problem;
	psa_status_t status;

	code = file_read(path, KEY_FILE_MAX, &file);
	if (code)
		return code;
	problem = codec()->key_parse(file.data, file.len, NULL, &data);
	if (!problem && !PSA_KEY_TYPE_IS_PUBLIC_KEY(data.type))
		problem = "a private key, which is imported by tstee key import first";
	if (problem) {
		code = failure(EXIT_CODE_FILE, NULL, "%s: %s", path, problem);
		goto out;
	}
	psa_set_key_type(&attributes, data.type);
	psa_set_key_bits(&attributes, data.bits);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, alg ? alg : algorithm_default(data.type));
	status = psa_import_key(&attributes, data.data.data, data.data.len, &key->id);
	key->temporary = !status;
	if (status)
		code = failure_crypto(status, path);
out:
	key_data_free(&data);
	secret_free(&file);
	return code;
}

static bool is_id(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static enum exit_code parse_id(const char *text, mbedtls_svc_key_id_t *id)
{
	uint64_t number;

	if (!parse_number(text, UINT32_MAX, &number) || !number)
		return failure(EXIT_CODE_USAGE, "give a 32-bit number that isn't 0 behind 0x",
			       "%.80s: not a key ID", text);
	*id = (mbedtls_svc_key_id_t)number;
	return EXIT_CODE_OK;
}

enum exit_code key_open(const struct args *args, const char *ref, psa_key_usage_t usage,
			psa_algorithm_t alg, struct key *key)
{
	psa_status_t status = PSA_SUCCESS;
	enum exit_code code;

	memset(key, 0, sizeof(*key));
	code = crypto_begin(args);
	if (code)
		return code;
	snprintf(key->what, sizeof(key->what), "key %.80s", ref);
	if (!strncmp(ref, "file:", 5) && !usage)
		code = failure(EXIT_CODE_USAGE, "import it first",
			       "%.80s: only verify and encrypt take a key from a file", ref);
	else if (!strncmp(ref, "file:", 5))
		code = open_file(ref + 5, usage, alg, key);
	else if (is_id(ref))
		code = parse_id(ref, &key->id);
	else
		status = tstee_key_find(ref, &key->id);
	if (!code && status == PSA_ERROR_NOT_SUPPORTED)
		return failure(EXIT_CODE_OTHER, "name keys by their ID, behind 0x",
			       "%s: this partition knows no names of keys", key->what);
	if (!code && !status)
		status = psa_get_key_attributes(key->id, &key->attributes);
	if (!code && status)
		code = failure_crypto(status, key->what);
	if (code)
		key_close(key);
	return code;
}

void key_close(struct key *key)
{
	psa_reset_key_attributes(&key->attributes);
	if (key->temporary)
		psa_destroy_key(key->id);
	key->temporary = false;
}

enum exit_code args_algorithm(const struct args *args, enum arg arg, bool or_hash,
			      struct algorithm *algorithm)
{
	const char *text = args->value[arg];

	memset(algorithm, 0, sizeof(*algorithm));
	if (!text || algorithm_parse(text, algorithm))
		return EXIT_CODE_OK;
	algorithm->alg = or_hash ? hash_parse(text) : 0;
	if (algorithm->alg)
		return EXIT_CODE_OK;
	return failure(EXIT_CODE_USAGE, "tstee key --help names them", "%.80s: unknown algorithm",
		       text);
}

enum exit_code key_algorithm(const struct key *key, const struct args *args,
			     const struct algorithm *wanted, psa_algorithm_t *alg)
{
	psa_algorithm_t policy = psa_get_key_algorithm(&key->attributes);

	*alg = algorithm_for_key(policy, wanted->alg);
	if (*alg)
		return EXIT_CODE_OK;
	if (!policy)
		return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is for no algorithm", key->what);
	return failure(EXIT_CODE_USAGE, "give --alg", "%s: %s: the key allows several algorithms",
		       args->command, key->what);
}

/* --- keys to be made --- */

enum exit_code key_name_check(const char *text)
{
	if (!*text || strlen(text) > TSTEE_KEY_NAME_MAX || text[0] == '-' || is_id(text) ||
	    !strncmp(text, "file:", 5))
		return failure(EXIT_CODE_USAGE,
			       "give 1 to 64 bytes that begin neither with -, 0x nor file:",
			       "%.80s: not a name for a key", text);
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return failure(EXIT_CODE_USAGE, "use no control characters",
				       "not a name for a key");
	}
	return EXIT_CODE_OK;
}

static enum exit_code parse_type(const char *text, struct key_spec *spec)
{
	/* The curve is the type for those who say "x25519". */
	const struct curve *curve = curve_find(text);
	const struct lattice *lattice = lattice_find(text);

	if (curve) {
		spec->type = PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family);
		spec->bits = curve->bits;
		return EXIT_CODE_OK;
	}
	if (lattice) {
		spec->type = lattice->type;
		spec->bits = lattice->bits;
		return EXIT_CODE_OK;
	}
	if (key_type_parse(text, &spec->type))
		return EXIT_CODE_OK;
	return failure(
		EXIT_CODE_USAGE,
		"give ec, rsa, mldsa65, mlkem768, aes, chacha20, hmac, derive, password, raw or "
		"a curve",
		"--type %.80s: unknown type of key", text);
}

static enum exit_code parse_curve(const char *text, struct key_spec *spec)
{
	const struct curve *curve = curve_find(text);
	char names[160] = "";

	if (curve && (!spec->type || PSA_KEY_TYPE_IS_ECC(spec->type))) {
		spec->type = PSA_KEY_TYPE_IS_PUBLIC_KEY(spec->type) ?
				     PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve->family) :
				     PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family);
		spec->bits = curve->bits;
		return EXIT_CODE_OK;
	}
	if (curve)
		return failure(EXIT_CODE_USAGE, NULL, "--curve goes with --type ec only");
	for (size_t i = 0; (curve = curve_get(i)); i++) {
		if (strstr(names, curve->name))
			continue;
		strcat(names, *names ? ", " : "");
		strcat(names, curve->name);
	}
	return failure(EXIT_CODE_USAGE, NULL, "--curve %.80s: not one of %s", text, names);
}

static enum exit_code parse_usage(const char *text, struct key_spec *spec)
{
	const char *unknown;

	spec->usage_given = true;
	if (usage_parse(text, &spec->usage, &unknown))
		return EXIT_CODE_OK;
	return failure(EXIT_CODE_USAGE,
		       "give some of sign, verify, sign-message, verify-message, encrypt, "
		       "decrypt, derive, verify-derivation, export, copy, with commas",
		       "--usage %.80s: unknown usage", unknown);
}

enum exit_code key_spec_parse(const struct args *args, enum arg alg, struct key_spec *spec)
{
	struct algorithm algorithm;
	enum exit_code code;
	uint64_t bits;

	memset(spec, 0, sizeof(*spec));
	code = args_algorithm(args, alg, false, &algorithm);
	if (!code && args->value[ARG_TYPE])
		code = parse_type(args->value[ARG_TYPE], spec);
	if (!code && args->value[ARG_CURVE])
		code = parse_curve(args->value[ARG_CURVE], spec);
	if (!code && args->value[ARG_USAGE])
		code = parse_usage(args->value[ARG_USAGE], spec);
	if (!code)
		code = args_number(args, ARG_BITS, 1, UINT16_MAX, 0, &bits);
	if (code)
		return code;
	spec->alg_given = args->value[alg];
	spec->alg = algorithm.alg;
	if (!spec->type)
		spec->type = algorithm.type;
	if (algorithm.bits && bits && algorithm.bits != bits)
		return failure(EXIT_CODE_USAGE, NULL, "--bits and --alg name different lengths");
	if (bits && spec->bits && bits != spec->bits)
		return failure(EXIT_CODE_USAGE, NULL, "--bits and the curve don't go together");
	if (!spec->bits)
		spec->bits = bits ? bits : algorithm.bits;
	return EXIT_CODE_OK;
}

void key_spec_complete(struct key_spec *spec)
{
	if (!spec->type ||
	    (PSA_KEY_TYPE_IS_ECC(spec->type) && !PSA_KEY_TYPE_ECC_GET_FAMILY(spec->type))) {
		spec->type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
		if (!spec->bits)
			spec->bits = 256;
	}
	if (!spec->alg_given)
		spec->alg = algorithm_default(spec->type);
	if (!spec->usage_given)
		spec->usage = usage_default(spec->type, spec->alg);
	if (spec->bits)
		return;
	if (PSA_KEY_TYPE_IS_RSA(spec->type))
		spec->bits = 2048;
	else if (PSA_KEY_TYPE_IS_ECC(spec->type) &&
		 PSA_KEY_TYPE_ECC_GET_FAMILY(spec->type) == PSA_ECC_FAMILY_TWISTED_EDWARDS)
		spec->bits = 255;
	else if (PSA_KEY_TYPE_IS_ML_DSA(spec->type))
		spec->bits = 192;
	else if (PSA_KEY_TYPE_IS_ML_KEM(spec->type))
		spec->bits = 768;
	else if (PSA_ALG_IS_HMAC(spec->alg))
		spec->bits = PSA_BYTES_TO_BITS(PSA_HASH_LENGTH(spec->alg));
	else
		spec->bits = 256;
}

static psa_status_t draw_id(mbedtls_svc_key_id_t *id)
{
	uint32_t number;

	/* Numbers that programs choose for themselves are small. */
	do {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return PSA_ERROR_INSUFFICIENT_ENTROPY;
		number &= PSA_KEY_ID_USER_MAX;
	} while (number < 0x10000);
	*id = number;
	return PSA_SUCCESS;
}

/* There is no key of this name yet, and the partition knows names. */
static enum exit_code check_free(const char *name, const char *what)
{
	mbedtls_svc_key_id_t other;
	psa_status_t status = tstee_key_find(name, &other);

	if (status == PSA_ERROR_DOES_NOT_EXIST)
		return EXIT_CODE_OK;
	if (status == PSA_ERROR_NOT_SUPPORTED)
		return failure(EXIT_CODE_OTHER, "give an ID behind 0x in place of the name",
			       "%s: this partition knows no names of keys", what);
	return failure_crypto(status ? status : PSA_ERROR_ALREADY_EXISTS, what);
}

static void print_created(const struct args *args, mbedtls_svc_key_id_t id, const char *name)
{
	if (!args->common.json) {
		printf("0x%08x\n", (unsigned int)id);
		return;
	}
	json_print(json_pack("{s:o, s:o}", "id", json_sprintf("0x%08x", (unsigned int)id), "name",
			     json_text(name)));
}

/* Of an imported key the partition alone knows the length. */
static void warn_short(mbedtls_svc_key_id_t id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	if (psa_get_key_attributes(id, &attributes) == PSA_SUCCESS &&
	    psa_get_key_bits(&attributes) < 2048)
		warning("RSA keys of %zu bits can be broken; take 2048 or more",
			psa_get_key_bits(&attributes));
	psa_reset_key_attributes(&attributes);
}

enum exit_code key_create(const struct args *args, const struct key_spec *spec, const char *name,
			  psa_status_t (*make)(const psa_key_attributes_t *attributes,
					       void *context, mbedtls_svc_key_id_t *key),
			  void *context)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id = 0, made;
	enum exit_code code;
	psa_status_t status;
	bool named = !is_id(name);
	char what[96];

	snprintf(what, sizeof(what), "key %.80s", name);
	code = named ? key_name_check(name) : parse_id(name, &id);
	if (!code)
		code = crypto_begin(args);
	if (!code && named)
		code = check_free(name, what);
	if (code)
		return code;
	psa_set_key_type(&attributes, spec->type);
	psa_set_key_bits(&attributes, spec->bits);
	psa_set_key_algorithm(&attributes, spec->alg);
	psa_set_key_usage_flags(&attributes, spec->usage);
	psa_set_key_lifetime(&attributes, PSA_KEY_LIFETIME_PERSISTENT);
	for (int i = 0; i < ID_TRIES; i++) {
		status = named ? draw_id(&id) : PSA_SUCCESS;
		if (status)
			break;
		psa_set_key_id(&attributes, id);
		status = make(&attributes, context, &made);
		if (!named || status != PSA_ERROR_ALREADY_EXISTS)
			break;
	}
	psa_reset_key_attributes(&attributes);
	if (!status && named) {
		status = tstee_key_set_name(id, name);
		/* A key that its user can't find is of no use. */
		if (status)
			psa_destroy_key(id);
	}
	if (PSA_KEY_TYPE_IS_RSA(spec->type) &&
	    (status == PSA_ERROR_NOT_SUPPORTED || status == PSA_ERROR_INVALID_ARGUMENT))
		return failure(
			EXIT_CODE_OTHER,
			"RSA keys have 1024 to 4096 bits, a multiple of 8; others may not go "
			"together with --alg, or be no key",
			"%s: the partition makes no such RSA key", what);
	if (status == PSA_ERROR_INVALID_ARGUMENT)
		return failure(EXIT_CODE_OTHER,
			       "type, length (--bits) and --alg may not go together, or the data "
			       "may be no key of the type",
			       "%s: the partition makes no such key", what);
	if (status)
		return failure_crypto(status, what);
	print_created(args, id, named ? name : "");
	if (PSA_KEY_TYPE_IS_RSA(spec->type))
		warn_short(id);
	return EXIT_CODE_OK;
}

/* --- data --- */

enum exit_code decode_hex(const char *name, struct secret *text)
{
	struct secret data = { 0 };
	size_t digits = 0;

	for (size_t i = 0; i < text->len; i++) {
		if (!memchr(" \t\r\n", text->data[i], 4))
			text->data[digits++] = text->data[i];
	}
	/* file_read() leaves room for one byte more. */
	text->data[digits] = '\0';
	if (!parse_hex((const char *)text->data, &data.data, &data.len))
		return failure(EXIT_CODE_FILE, NULL, "%s: not hexadecimal", name);
	secret_free(text);
	*text = data;
	return EXIT_CODE_OK;
}

static void print_json(enum data_format format, const char *path, const void *data, size_t len)
{
	json_t *value = json_pack("{s:I}", "size", (json_int_t)len);

	if (path)
		json_object_set_new(value, "file", json_text(path));
	else if (format == FORMAT_PEM || format == FORMAT_SSH)
		json_object_set_new(value, "data", json_text(data));
	else
		json_object_set_new(value, "data", json_hex(data, len));
	json_print(value);
}

void print_valid(const struct args *args)
{
	if (args->common.json)
		json_print(json_pack("{s:b}", "valid", 1));
	else
		puts("Verified OK");
}

enum exit_code result_write(const struct args *args, const char *path, enum data_format format,
			    const void *data, size_t len)
{
	const char *to = path; /* "-" asks for standard output, whatever it is */
	enum exit_code code;

	if (path && !strcmp(path, "-"))
		path = NULL;
	if (args->common.json && !path) {
		print_json(format, NULL, data, len);
		return EXIT_CODE_OK;
	}
	code = file_write_as(to, format, data, len);
	if (!code && args->common.json)
		print_json(format, path, data, len);
	return code;
}
