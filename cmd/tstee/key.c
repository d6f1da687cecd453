// SPDX-License-Identifier: BSD-3-Clause
/* tstee key: keys of the crypto service. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "json.h"
#include "key_certificate.h"
#include "passphrase.h"

#define KEY_FILE_MAX 65536u

static const char help[] =
	"Usage: tstee key generate NAME [--type T] [--curve C] [--bits N] [--alg A] [--usage U]\n"
	"       tstee key import NAME [FILE] [--type T] [--curve C] [--format raw|hex]\n"
	"                 [--alg A] [--usage U] [--passphrase P]\n"
	"       tstee key public KEY [FILE] [--format pem|der|ssh|raw|hex]\n"
	"       tstee key export KEY [FILE] [--format pem|der|raw|hex]\n"
	"       tstee key list\n"
	"       tstee key info KEY\n"
	"       tstee key rename KEY NAME\n"
	"       tstee key copy KEY NAME [--alg A] [--usage U]\n"
	"       tstee key csr KEY [FILE] --subject S [--alt-names N] [--alg A] [--format pem|der]\n"
	"       tstee key cert KEY [FILE] --subject S [--alt-names N] [--days N] [--ca] [--alg A]\n"
	"                 [--format pem|der]\n"
	"       tstee key rm KEY...\n"
	"\n"
	"Keeps keys in a secure partition, which uses them and doesn't give them away, unless\n"
	"their usage has export. Each user has keys of their own. KEY is a name, or the key's ID\n"
	"behind 0x. NAME may be an ID, too: then the key has that ID, and no name.\n"
	"\n"
	"  generate   a new key: EC on P-256 for ECDSA unless options say otherwise\n"
	"  import     a private or public key in PEM or DER (PKCS#8, SEC 1, PKCS#1, X.509's\n"
	"             public keys), encrypted or not; with --type other keys as they are, or in\n"
	"             hexadecimal\n"
	"  public     writes the public key, as PEM unless --format says otherwise; ssh: as a line\n"
	"             of OpenSSH's authorized_keys\n"
	"  export     writes the key itself: key pairs in PKCS#8, others as they are\n"
	"  list       all keys; info: one\n"
	"  rename     \"\" as NAME takes the name away\n"
	"  copy       a second key with other uses, if the first one's usage has copy\n"
	"  csr        a request for a certificate, for an authority; cert: one signed by itself\n"
	"  rm         removes keys for good\n"
	"\n"
	"  --type T    ec, rsa, aes, chacha20, hmac, derive, password, raw, a curve, or mldsa44,\n"
	"              mldsa65, mldsa87, mlkem512, mlkem768, mlkem1024\n"
	"  --curve C   p224 p256 p384 p521 secp256k1 brainpoolP256r1 brainpoolP384r1\n"
	"              brainpoolP512r1 ed25519 x25519 x448\n"
	"  --bits N    the length: of RSA 2048, of others 256 unless given\n"
	"  --usage U   of sign,verify,sign-message,verify-message,encrypt,decrypt,derive,\n"
	"              verify-derivation,export,copy; without it what the algorithm is for\n"
	"  --alg A     the one algorithm that the key is for; without it ecdsa, ecdh (x25519,\n"
	"              x448), eddsa (ed25519), ml-dsa, ml-kem, rsa-pss-any-salt, gcm, chacha20-poly1305, hmac-sha256,\n"
	"              hkdf-sha256 or pbkdf2-sha256\n"
	"  --subject S as in CN=host,O=Example or /O=Example/CN=host\n"
	"  --alt-names N  as in DNS:host,IP:192.0.2.1\n"
	"  --days N    how long the certificate is valid: 365 unless given; --ca: it may sign others\n"
	"  --passphrase P  of an encrypted key: the first line of file P, or env:NAME; without it\n"
	"              the terminal is asked\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ tstee key generate web --type ec --curve p256 --usage sign,verify\n"
	"  $ tstee key public web > web.pem\n"
	"  $ tstee key generate disk --alg aes-256-gcm\n"
	"  $ openssl genpkey -algorithm RSA | tstee key import mail --alg rsa-pkcs1\n"
	"  $ tstee key import token --type hmac --format hex < secret.hex\n"
	"  $ tstee key list --json\n"
	"\n";

/* --- generate, import, copy --- */

static psa_status_t make_generated(const psa_key_attributes_t *attributes, void *context,
				   mbedtls_svc_key_id_t *key)
{
	(void)context;
	return psa_generate_key(attributes, key);
}

static enum exit_code key_generate(const struct args *args)
{
	const char *name = args->argument[0];
	struct key_spec spec;
	enum exit_code code;

	code = key_spec_parse(args, ARG_ALG, &spec);
	if (code)
		return code;
	key_spec_complete(&spec);
	if (PSA_KEY_TYPE_IS_PUBLIC_KEY(spec.type))
		return failure(EXIT_CODE_USAGE, "its private key comes with it",
			       "--type %s: a public key can't be generated",
			       key_type_name(spec.type));
	return key_create(args, &spec, name, make_generated, NULL);
}

static psa_status_t make_imported(const psa_key_attributes_t *attributes, void *context,
				  mbedtls_svc_key_id_t *key)
{
	const struct secret *data = context;

	return psa_import_key(attributes, data->data, data->len, key);
}

/* A key of the length of the curve is private, a point public. */
static enum exit_code raw_ec_type(struct key_spec *spec, const struct secret *data)
{
	if (!spec->bits)
		return failure(EXIT_CODE_USAGE, "give --curve",
			       "--format raw: the key doesn't say its curve");
	if (PSA_KEY_TYPE_ECC_GET_FAMILY(spec->type) != PSA_ECC_FAMILY_MONTGOMERY &&
	    data->len == 1 + 2 * PSA_BITS_TO_BYTES(spec->bits))
		spec->type = PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(spec->type);
	return EXIT_CODE_OK;
}

/* A seed is private, what is longer public. */
static void raw_lattice_type(struct key_spec *spec, const struct secret *data)
{
	if (data->len > PSA_EXPORT_KEY_OUTPUT_SIZE(spec->type, spec->bits))
		spec->type = PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(spec->type);
}

/* Whether a file's key may be one of --type. */
static bool same_kind(const struct key_spec *spec, const struct key_data *parsed)
{
	if (!spec->type)
		return true;
	if (lattice_of(parsed->type, parsed->bits))
		return PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(spec->type) ==
			       PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(parsed->type) &&
		       (!spec->bits || spec->bits == parsed->bits);
	if (PSA_KEY_TYPE_IS_ML_DSA(spec->type) || PSA_KEY_TYPE_IS_ML_KEM(spec->type))
		return false;
	return PSA_KEY_TYPE_IS_RSA(spec->type) == PSA_KEY_TYPE_IS_RSA(parsed->type);
}

/* What is in the file, and what it says of the key. */
static enum exit_code parse_import(const char *name, enum data_format format,
				   struct user_passphrase *passphrase, struct key_spec *spec,
				   struct secret *data)
{
	bool raw = format == FORMAT_RAW || format == FORMAT_HEX;
	struct key_data parsed;
	enum exit_code code = EXIT_CODE_OK;
	const char *problem;

	if (raw || (spec->type && !PSA_KEY_TYPE_IS_ASYMMETRIC(spec->type))) {
		if (!spec->type)
			return failure(EXIT_CODE_USAGE, "give --type",
				       "%s: the key doesn't say its type", name);
		if (format == FORMAT_HEX)
			code = decode_hex(name, data);
		if (!code && PSA_KEY_TYPE_IS_ECC(spec->type))
			code = raw_ec_type(spec, data);
		if (!code && lattice_of(spec->type, spec->bits))
			raw_lattice_type(spec, data);
		else if (!code && !PSA_KEY_TYPE_IS_ECC(spec->type))
			spec->bits = 0; /* its length */
		return code;
	}
	problem = codec()->key_parse(data->data, data->len, &passphrase->base, &parsed);
	if (problem)
		code = failure(EXIT_CODE_FILE,
			       passphrase->asked ? NULL :
						   "keys that are neither RSA nor EC need --type, "
						   "others --format",
			       "%s: %s", name, problem);
	else if (!same_kind(spec, &parsed))
		code = failure(EXIT_CODE_USAGE, NULL, "%s: not a key of the type of --type", name);
	else if (PSA_KEY_TYPE_IS_ECC(parsed.type) && spec->bits &&
		 (spec->bits != parsed.bits || PSA_KEY_TYPE_ECC_GET_FAMILY(spec->type) !=
						       PSA_KEY_TYPE_ECC_GET_FAMILY(parsed.type)))
		code = failure(EXIT_CODE_USAGE, NULL, "%s: not a key on the curve of --curve",
			       name);
	if (code) {
		key_data_free(&parsed);
		return code;
	}
	spec->type = parsed.type;
	spec->bits = parsed.bits;
	secret_free(data);
	*data = parsed.data;
	return EXIT_CODE_OK;
}

static enum exit_code key_import(const struct args *args)
{
	const char *path = args->count > 1 ? args->argument[1] : NULL;
	const char *name = path && strcmp(path, "-") != 0 ? path : "standard input";
	struct user_passphrase passphrase;
	struct secret data = { 0 };
	enum data_format format;
	struct key_spec spec;
	enum exit_code code;
	size_t bits;

	user_passphrase_init(&passphrase, args);
	code = key_spec_parse(args, ARG_ALG, &spec);
	if (!code)
		code = args_format(args,
				   FORMAT_BIT(FORMAT_PEM) | FORMAT_BIT(FORMAT_DER) |
					   FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX),
				   FORMAT_PEM, &format);
	if (!code)
		code = file_read(path, KEY_FILE_MAX, &data);
	if (!code)
		code = parse_import(name, format, &passphrase, &spec, &data);
	if (!code) {
		bits = spec.bits;
		key_spec_complete(&spec);
		spec.bits = bits;
		code = key_create(args, &spec, args->argument[0], make_imported, &data);
	}
	secret_free(&data);
	return code;
}

static psa_status_t make_copied(const psa_key_attributes_t *attributes, void *context,
				mbedtls_svc_key_id_t *key)
{
	const struct key *source = context;

	return psa_copy_key(source->id, attributes, key);
}

static enum exit_code key_copy(const struct args *args)
{
	struct key_spec spec;
	enum exit_code code;
	struct key key;

	code = key_spec_parse(args, ARG_ALG, &spec);
	if (code)
		return code;
	code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	spec.type = psa_get_key_type(&key.attributes);
	spec.bits = psa_get_key_bits(&key.attributes);
	if (!spec.alg_given)
		spec.alg = psa_get_key_algorithm(&key.attributes);
	if (!spec.usage_given)
		spec.usage = psa_get_key_usage_flags(&key.attributes);
	if (psa_get_key_usage_flags(&key.attributes) & PSA_KEY_USAGE_COPY)
		code = key_create(args, &spec, args->argument[1], make_copied, &key);
	else
		code = failure(EXIT_CODE_NOT_PERMITTED, "only keys whose usage has copy can be",
			       "%s: it must not be copied", key.what);
	key_close(&key);
	return code;
}

/* --- public, export --- */

static enum exit_code write_key(const struct args *args, enum data_format format, const char *label,
				const struct secret *der)
{
	const char *path = args->count > 1 ? args->argument[1] : NULL;
	struct secret pem = { 0 };
	enum exit_code code;

	if (format != FORMAT_PEM)
		return result_write(args, path, format, der->data, der->len);
	if (!codec()->pem_write(label, der, &pem))
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = result_write(args, path, format, pem.data, pem.len);
	secret_free(&pem);
	return code;
}

/* Of a pair or a public key. */
static enum exit_code export_public(const struct key *key, struct secret *data)
{
	psa_status_t status;

	if (!PSA_KEY_TYPE_IS_ASYMMETRIC(psa_get_key_type(&key->attributes)))
		return failure(EXIT_CODE_USAGE, NULL, "%s: a key of type %s has no public key",
			       key->what, key_type_name(psa_get_key_type(&key->attributes)));
	data->len = PSA_EXPORT_PUBLIC_KEY_MAX_SIZE;
	data->data = malloc(data->len);
	if (!data->data)
		return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", key->what);
	status = psa_export_public_key(key->id, data->data, data->len, &data->len);
	if (!status)
		return EXIT_CODE_OK;
	secret_free(data);
	return failure_crypto(status, key->what);
}

static enum exit_code key_public(const struct args *args)
{
	struct secret data = { 0 }, der = { 0 };
	enum data_format format;
	enum exit_code code;
	struct key key;

	code = args_format(args,
			   FORMAT_BIT(FORMAT_PEM) | FORMAT_BIT(FORMAT_DER) |
				   FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX) |
				   FORMAT_BIT(FORMAT_SSH),
			   FORMAT_PEM, &format);
	if (code)
		return code;
	code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	code = export_public(&key, &data);
	if (!code && format != FORMAT_RAW && format != FORMAT_HEX) {
		const char *problem =
			(format == FORMAT_SSH ? codec()->key_write_ssh : codec()->key_write_public)(
				psa_get_key_type(&key.attributes),
				psa_get_key_bits(&key.attributes), data.data, data.len, &der);

		if (problem)
			code = failure(EXIT_CODE_OTHER, "try --format raw", "%s: %s", key.what,
				       problem);
		else
			code = write_key(args, format, "PUBLIC KEY", &der);
	} else if (!code) {
		code = write_key(args, format, NULL, &data);
	}
	secret_free(&der);
	secret_free(&data);
	key_close(&key);
	return code;
}

static enum exit_code write_private(const struct args *args, const struct key *key,
				    enum data_format format, const struct secret *data)
{
	struct secret public = { 0 }, der = { 0 };
	const char *problem;
	enum exit_code code;

	code = export_public(key, &public);
	if (code)
		return code;
	problem = codec()->key_write_private(psa_get_key_type(&key->attributes),
					     psa_get_key_bits(&key->attributes), data, public.data,
					     public.len, &der);
	if (problem)
		code = failure(EXIT_CODE_OTHER, "try --format raw", "%s: %s", key->what, problem);
	else
		code = write_key(args, format, "PRIVATE KEY", &der);
	secret_free(&der);
	secret_free(&public);
	return code;
}

static enum exit_code export_key(const struct args *args, const struct key *key,
				 enum data_format format)
{
	size_t size = PSA_EXPORT_KEY_OUTPUT_SIZE(psa_get_key_type(&key->attributes),
						 psa_get_key_bits(&key->attributes));
	struct secret data = { .data = malloc(size + 1), .len = size };
	enum exit_code code;
	psa_status_t status;

	if (!data.data)
		return failure(EXIT_CODE_OTHER, NULL, "%s: out of memory", key->what);
	status = psa_export_key(key->id, data.data, size, &data.len);
	if (status)
		code = failure_crypto(status, key->what);
	else if (format == FORMAT_PEM || format == FORMAT_DER)
		code = write_private(args, key, format, &data);
	else
		code = write_key(args, format, NULL, &data);
	data.len = size;
	secret_free(&data);
	return code;
}

static enum exit_code key_export(const struct args *args)
{
	enum data_format format;
	enum exit_code code;
	struct key key;
	bool is_pair;

	code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	is_pair = PSA_KEY_TYPE_IS_KEY_PAIR(psa_get_key_type(&key.attributes));
	code = args_format(args,
			   (is_pair ? FORMAT_BIT(FORMAT_PEM) | FORMAT_BIT(FORMAT_DER) : 0) |
				   FORMAT_BIT(FORMAT_RAW) | FORMAT_BIT(FORMAT_HEX),
			   is_pair ? FORMAT_PEM : FORMAT_RAW, &format);
	if (!code && PSA_KEY_TYPE_IS_PUBLIC_KEY(psa_get_key_type(&key.attributes)))
		code = failure(EXIT_CODE_USAGE, "take tstee key public", "%s: a public key",
			       key.what);
	else if (!code && !(psa_get_key_usage_flags(&key.attributes) & PSA_KEY_USAGE_EXPORT))
		code = failure(EXIT_CODE_NOT_PERMITTED, "only keys whose usage has export can be",
			       "%s: it must not leave the partition", key.what);
	if (!code)
		code = export_key(args, &key, format);
	key_close(&key);
	return code;
}

/* --- list, info --- */

static void print_type(const psa_key_attributes_t *attributes, char text[40])
{
	psa_key_type_t type = psa_get_key_type(attributes);
	const struct curve *curve = curve_of(type, psa_get_key_bits(attributes));
	const struct lattice *lattice = lattice_of(type, psa_get_key_bits(attributes));

	if (lattice)
		snprintf(text, 40, "%s%s", lattice->name,
			 PSA_KEY_TYPE_IS_PUBLIC_KEY(type) ? "-public" : "");
	else
		snprintf(text, 40, "%s%s%s", key_type_name(type), curve ? ":" : "",
			 curve ? curve->name : "");
}

/* With commas between. */
static void print_usage(FILE *out, psa_key_usage_t usage)
{
	const char *name;

	for (size_t i = 0; (name = usage_name(usage, i)); i++)
		fprintf(out, "%s%s", i ? "," : "", name);
}

static const char *usage_word(uint64_t usage, size_t i)
{
	return usage_name((psa_key_usage_t)usage, i);
}

static json_t *object_json(const psa_key_attributes_t *attributes, mbedtls_svc_key_id_t id,
			   const char *name)
{
	psa_key_type_t type = psa_get_key_type(attributes);
	const struct curve *curve = curve_of(type, psa_get_key_bits(attributes));
	char alg[ALGORITHM_NAME_SIZE];

	return json_pack("{s:o, s:o, s:s, s:o, s:I, s:o, s:s}", "id",
			 json_sprintf("0x%08x", (unsigned int)id), "name", json_text(name), "type",
			 key_type_name(type), "curve", curve ? json_text(curve->name) : json_null(),
			 "bits", (json_int_t)psa_get_key_bits(attributes), "usage",
			 json_names(usage_word, psa_get_key_usage_flags(attributes)), "algorithm",
			 algorithm_name(psa_get_key_algorithm(attributes), alg));
}

#define ROW "%-10s  %-16s  %-19s  %4s  %-18s  "

static void print_row(const psa_key_attributes_t *attributes, mbedtls_svc_key_id_t id,
		      const char *name)
{
	char number[12], type[40], bits[24], alg[ALGORITHM_NAME_SIZE];

	snprintf(number, sizeof(number), "0x%08x", (unsigned int)id);
	snprintf(bits, sizeof(bits), "%zu", psa_get_key_bits(attributes));
	print_type(attributes, type);
	printf(ROW, number, *name ? name : "-", type, bits,
	       algorithm_name(psa_get_key_algorithm(attributes), alg));
	if (!psa_get_key_usage_flags(attributes))
		putchar('-');
	print_usage(stdout, psa_get_key_usage_flags(attributes));
	putchar('\n');
}

/* The name, or "" where partitions know none. */
static psa_status_t get_name(mbedtls_svc_key_id_t id, char name[TSTEE_KEY_NAME_MAX + 1])
{
	psa_status_t status = tstee_key_get_name(id, name, TSTEE_KEY_NAME_MAX + 1);

	if (status == PSA_ERROR_NOT_SUPPORTED) {
		name[0] = '\0';
		status = PSA_SUCCESS;
	}
	return status;
}

/* To @array, or as a row if it is NULL. A key that went since it was listed is passed over. */
static enum exit_code list_one(json_t *array, mbedtls_svc_key_id_t id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	char name[TSTEE_KEY_NAME_MAX + 1], what[24];
	psa_status_t status;

	status = psa_get_key_attributes(id, &attributes);
	if (!status)
		status = get_name(id, name);
	if (status == PSA_ERROR_INVALID_HANDLE)
		return EXIT_CODE_OK;
	snprintf(what, sizeof(what), "key 0x%08x", (unsigned int)id);
	if (status)
		return failure_crypto(status, what);
	if (array)
		json_array_append_new(array, object_json(&attributes, id, name));
	else
		print_row(&attributes, id, name);
	psa_reset_key_attributes(&attributes);
	return EXIT_CODE_OK;
}

static enum exit_code key_list(const struct args *args)
{
	mbedtls_svc_key_id_t after = 0, ids[64];
	enum exit_code code;
	json_t *array = NULL;
	psa_status_t status;
	size_t count = 0;

	code = crypto_begin(args);
	if (code)
		return code;
	if (args->common.json)
		array = json_array();
	do {
		status = tstee_key_list(after, ids, sizeof(ids) / sizeof(ids[0]), &count);
		if (status) {
			code = failure_crypto(status, "keys");
			break;
		}
		if (!after && !array)
			printf(ROW "USAGE\n", "ID", "NAME", "TYPE", "BITS", "ALGORITHM");
		for (size_t i = 0; i < count && !code; i++)
			code = list_one(array, ids[i]);
		if (count)
			after = ids[count - 1];
	} while (!code && count == sizeof(ids) / sizeof(ids[0]));
	json_end_lines(array, !code);
	return code;
}

static enum exit_code key_info(const struct args *args)
{
	char name[TSTEE_KEY_NAME_MAX + 1], type[40], alg[ALGORITHM_NAME_SIZE];
	psa_key_usage_t usage;
	enum exit_code code;
	psa_status_t status;
	struct key key;

	code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	status = get_name(key.id, name);
	if (status) {
		code = failure_crypto(status, key.what);
	} else if (args->common.json) {
		json_print(object_json(&key.attributes, key.id, name));
	} else {
		usage = psa_get_key_usage_flags(&key.attributes);
		print_type(&key.attributes, type);
		printf("id:        0x%08x\nname:      %s\ntype:      %s\nbits:      %zu\n"
		       "algorithm: %s\nusage:     ",
		       (unsigned int)key.id, name, type, psa_get_key_bits(&key.attributes),
		       algorithm_name(psa_get_key_algorithm(&key.attributes), alg));
		print_usage(stdout, usage);
		printf("%s\n", usage ? "" : "none");
	}
	key_close(&key);
	return code;
}

/* --- rename, rm --- */

static enum exit_code key_rename(const struct args *args)
{
	const char *name = args->argument[1];
	enum exit_code code = EXIT_CODE_OK;
	psa_status_t status;
	struct key key;

	if (*name)
		code = key_name_check(name);
	if (!code)
		code = key_open(args, args->argument[0], 0, 0, &key);
	if (code)
		return code;
	status = tstee_key_set_name(key.id, name);
	if (status)
		code = failure_crypto(status, status == PSA_ERROR_ALREADY_EXISTS ? name : key.what);
	else if (args->common.json) {
		json_print(object_json(&key.attributes, key.id, name));
	}
	key_close(&key);
	return code;
}

static enum exit_code key_rm(const struct args *args)
{
	enum exit_code first = EXIT_CODE_OK;

	for (int i = 0; i < args->count; i++) {
		enum exit_code code;
		psa_status_t status;
		struct key key;

		code = key_open(args, args->argument[i], 0, 0, &key);
		if (!code) {
			status = psa_destroy_key(key.id);
			if (status)
				code = failure_crypto(status, key.what);
			key_close(&key);
		}
		if (!first)
			first = code;
	}
	return first;
}

#define MAKE_OPTIONS                                                                     \
	(ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_CURVE) | ARG_BIT(ARG_BITS) | ARG_BIT(ARG_ALG) | \
	 ARG_BIT(ARG_USAGE))

#define CERTIFICATE_OPTIONS \
	(ARG_BIT(ARG_SUBJECT) | ARG_BIT(ARG_ALT_NAMES) | ARG_BIT(ARG_ALG) | ARG_BIT(ARG_FORMAT))

#define SPEC(action, options, min, max, what)                                                     \
	{                                                                                         \
		.command = "key " action, .help = help, .allowed = (options), .min_count = (min), \
		.max_count = (max), .missing = (what)                                             \
	}

/* The second argument is a file that is read. */
#define SPEC_FILE(action, options, min, max, what)                                                \
	{                                                                                         \
		.command = "key " action, .help = help, .allowed = (options), .min_count = (min), \
		.max_count = (max), .missing = (what), .reads_file = true                         \
	}

static const struct action {
	const char *name;
	enum exit_code (*run)(const struct args *args);
	struct args_spec spec;
} actions[] = {
	{ "generate", key_generate, SPEC("generate", MAKE_OPTIONS, 1, 1, "a name") },
	{ "import", key_import,
	  SPEC_FILE("import", MAKE_OPTIONS | ARG_BIT(ARG_FORMAT) | ARG_BIT(ARG_PASSPHRASE), 1, 2,
		    "a name") },
	{ "public", key_public, SPEC("public", ARG_BIT(ARG_FORMAT), 1, 2, "a key") },
	{ "export", key_export, SPEC("export", ARG_BIT(ARG_FORMAT), 1, 2, "a key") },
	{ "list", key_list, SPEC("list", 0, 0, 0, NULL) },
	{ "info", key_info, SPEC("info", 0, 1, 1, "a key") },
	{ "rename", key_rename, SPEC("rename", 0, 2, 2, "a key and its new name") },
	{ "copy", key_copy,
	  SPEC("copy", ARG_BIT(ARG_ALG) | ARG_BIT(ARG_USAGE), 2, 2,
	       "a key and the name of its copy") },
	{ "csr", key_csr, SPEC("csr", CERTIFICATE_OPTIONS, 1, 2, "a key") },
	{ "cert", key_cert,
	  SPEC("cert", CERTIFICATE_OPTIONS | ARG_BIT(ARG_DAYS) | ARG_BIT(ARG_CA), 1, 2, "a key") },
	{ "rm", key_rm, SPEC("rm", 0, 1, INT_MAX, "a key") },
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	}
	return NULL;
}

enum exit_code cmd_key(int argc, char **argv)
{
	const struct action *action;
	enum exit_code code;
	struct args args;
	bool done;

	if (argc < 2)
		return failure(EXIT_CODE_USAGE, NULL,
			       "key: the action is missing; see tstee key --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		printf("%s%s", help, algorithm_help);
		return EXIT_CODE_OK;
	}
	action = find_action(argv[1]);
	if (!action)
		return failure(
			EXIT_CODE_USAGE, NULL,
			"key %.80s: not one of generate, import, public, export, list, info, "
			"rename, copy, csr, cert, rm; see tstee key --help",
			argv[1]);
	code = args_parse(&action->spec, argc - 1, argv + 1, &args, &done);
	return done ? code : action->run(&args);
}
