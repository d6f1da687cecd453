// SPDX-License-Identifier: BSD-3-Clause
/* tstee attest show, tstee attest verify: tokens from anywhere, without a partition. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest.h"
#include "codec.h"
#include "json.h"

/* What verifying came to; only a token whose signature is right gets so far. */
struct verdict {
	bool freshness_checked;
	bool fresh;
	bool software_checked;
	bool software_good;
	bool instance_good; /* the instance ID is that of the key */
	enum attest_match matches[TOKEN_COMPONENTS_MAX];
	struct attest_expectation expectation;
};

static const char *const match_names[] = {
	[ATTEST_UNCHECKED] = "unchecked",
	[ATTEST_EXPECTED] = "expected",
	[ATTEST_DIFFERENT] = "different",
	[ATTEST_UNEXPECTED] = "unexpected",
};

/* Whoever made the token may have written anything: neither terminals nor parsers see it. */
static void print_text(FILE *out, const struct token_string *text)
{
	for (size_t i = 0; i < text->len; i++) {
		const uint8_t c = text->data[i];

		if (c >= ' ' && c <= '~' && c != '\\')
			putc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
}

static void print_bytes(const char *label, const struct token_string *bytes)
{
	if (!bytes->data)
		return;
	printf("%-24s", label);
	print_hex(stdout, bytes->data, bytes->len);
	putchar('\n');
}

static void print_line(const char *label, const struct token_string *text)
{
	if (!text->data)
		return;
	printf("%-24s", label);
	print_text(stdout, text);
	putchar('\n');
}

/* An implementation ID may be a name with zeros behind it: then it is shown, too. */
static void print_implementation(const struct token_string *id)
{
	struct token_string name = *id;

	print_bytes("implementation ID:", id);
	while (name.len && !name.data[name.len - 1])
		name.len--;
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] < ' ' || name.data[i] > '~')
			return;
	}
	if (name.len)
		print_line("", &name);
}

/* What becomes of the client IDs of TSTEE's driver: tstee/client_id.h. */
static const char *client_kind(const struct token *token)
{
	if (token->client_id > 0)
		return "a secure partition";
	if (token->client_id == ATTESTATION_CLIENT_ID_PUBLIC || !token->client_id)
		return "public";
	return "a client in the normal world";
}

static void print_claims(const struct token *token)
{
	const bool legacy = token->profile == ATTESTATION_PROFILE_LEGACY;

	printf("%-24s%s\n", "profile:", token->profile_name);
	print_bytes("challenge:", &token->challenge);
	printf("%-24s%" PRId64 " (%s)\n", "client ID:", token->client_id, client_kind(token));
	printf("%-24s0x%04" PRIx64 " (%s)\n", "lifecycle:", (uint64_t)token->lifecycle,
	       token_lifecycle_name(token->lifecycle));
	print_implementation(&token->implementation_id);
	print_bytes("instance ID:", &token->instance_id);
	print_bytes("boot seed:", &token->boot_seed);
	print_line(legacy ? "hardware version:" : "certification reference:",
		   &token->certification_reference);
	print_line("verification service:", &token->verification_service);
}

static bool all_zero(const struct token_string *bytes)
{
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->data[i])
			return false;
	}
	return true;
}

static void print_components(const struct token *token, const struct verdict *verdict)
{
	if (!token->component_count)
		printf("%-24snone was measured\n", "software:");
	for (size_t i = 0; i < token->component_count; i++) {
		const struct token_component *c = &token->components[i];

		printf("%-24s", i ? "" : "software:");
		print_hex(stdout, c->value.data, c->value.len);
		printf("  ");
		print_text(stdout, &c->type);
		if (c->version.data) {
			putchar(' ');
			print_text(stdout, &c->version);
		}
		if (verdict && verdict->software_checked)
			printf(" (%s)", match_names[verdict->matches[i]]);
		putchar('\n');
		if (c->signer_id.data && !all_zero(&c->signer_id)) {
			printf("%-24s  signed by ", "");
			print_hex(stdout, c->signer_id.data, c->signer_id.len);
			putchar('\n');
		}
	}
	for (size_t i = 0; verdict && i < verdict->expectation.count; i++) {
		if (!verdict->expectation.entries[i].found)
			printf("%-24snot there as expected: %s\n", "",
			       verdict->expectation.entries[i].name);
	}
}

/* --- JSON --- */

static void set_bytes(json_t *object, const char *name, const struct token_string *bytes)
{
	if (bytes->data)
		json_object_set_new(object, name, json_hex(bytes->data, bytes->len));
}

static void set_text(json_t *object, const char *name, const struct token_string *text)
{
	if (text->data)
		json_object_set_new(object, name,
				    json_text_of((const char *)text->data, text->len));
}

static json_t *component_json(const struct token_component *c, const char *match)
{
	json_t *object = json_object();

	set_bytes(object, "value", &c->value);
	set_text(object, "type", &c->type);
	set_text(object, "version", &c->version);
	set_bytes(object, "signer_id", &c->signer_id);
	set_text(object, "description", &c->description);
	if (match)
		json_object_set_new(object, "match", json_text(match));
	return object;
}

static json_t *claims_json(const struct token *token, const struct verdict *verdict)
{
	const bool legacy = token->profile == ATTESTATION_PROFILE_LEGACY;
	json_t *object = json_object(), *components = json_array();

	json_object_set_new(object, "profile", json_text(token->profile_name));
	set_bytes(object, "challenge", &token->challenge);
	json_object_set_new(object, "client_id", json_integer(token->client_id));
	json_object_set_new(object, "lifecycle", json_integer(token->lifecycle));
	json_object_set_new(object, "lifecycle_name",
			    json_text(token_lifecycle_name(token->lifecycle)));
	set_bytes(object, "implementation_id", &token->implementation_id);
	set_bytes(object, "instance_id", &token->instance_id);
	set_bytes(object, "boot_seed", &token->boot_seed);
	set_text(object, legacy ? "hardware_version" : "certification_reference",
		 &token->certification_reference);
	set_text(object, "verification_service", &token->verification_service);
	for (size_t i = 0; i < token->component_count; i++)
		json_array_append_new(
			components,
			component_json(&token->components[i],
				       verdict ? match_names[verdict->matches[i]] : NULL));
	json_object_set_new(object, "components", components);
	return object;
}

/* --- show --- */

/* Reads a token; the caller frees @file, into which it points. */
static enum exit_code token_read(const struct args *args, struct secret *file, struct token *token)
{
	const char *path = args->count ? args->argument[0] : NULL;
	const char *name = path && strcmp(path, "-") != 0 ? path : "standard input";
	enum exit_code code = file_read(path, ATTEST_KEY_FILE_MAX, file);
	const char *problem;

	if (code)
		return code;
	problem = token_parse(file->data, file->len, token);
	if (problem)
		return failure(EXIT_CODE_CORRUPT, NULL, "%s: not an attestation token: %s", name,
			       problem);
	return EXIT_CODE_OK;
}

enum exit_code attest_show(const struct args *args)
{
	struct secret file = { 0 };
	enum exit_code code;
	struct token *token = malloc(sizeof(*token));

	if (!token)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = token_read(args, &file, token);
	if (code)
		goto out;
	if (args->common.json) {
		json_print(claims_json(token, NULL));
	} else if (args->value[ARG_HASHES]) {
		for (size_t i = 0; i < token->component_count; i++) {
			print_hex(stdout, token->components[i].value.data,
				  token->components[i].value.len);
			printf("  ");
			print_text(stdout, &token->components[i].type);
			putchar('\n');
		}
	} else {
		print_claims(token);
		print_components(token, NULL);
	}
out:
	secret_free(&file);
	free(token);
	return code;
}

/* --- verify --- */

static enum exit_code key_read(const char *path, uint8_t point[ES256_POINT_LEN])
{
	struct secret file = { 0 };
	struct key_data key = { 0 };
	const char *problem;
	enum exit_code code = file_read(path, ATTEST_KEY_FILE_MAX, &file);

	if (code)
		return code;
	/* The point itself, as tstee attest key --format raw writes it, or a file of openssl's. */
	if (file.len == ES256_POINT_LEN && file.data[0] == 0x04) {
		memcpy(point, file.data, ES256_POINT_LEN);
		secret_free(&file);
		return EXIT_CODE_OK;
	}
	problem = codec()->key_parse(file.data, file.len, NULL, &key);
	if (!problem && (key.type != PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1) ||
			 key.data.len != ES256_POINT_LEN))
		problem = "not a public key on P-256";
	if (problem)
		code = failure(EXIT_CODE_FILE, "tstee attest key writes it", "%s: %s", path,
			       problem);
	else
		memcpy(point, key.data.data, ES256_POINT_LEN);
	key_data_free(&key);
	secret_free(&file);
	return code;
}

static bool instance_of(const struct token *token, const uint8_t point[ES256_POINT_LEN])
{
	const size_t len = ES256_POINT_LEN;
	uint8_t hash[ES256_HASH_LEN];

	return codec()->sha256_pieces(&point, &len, 1, hash) &&
	       token->instance_id.data[0] == 0x01 &&
	       !memcmp(token->instance_id.data + 1, hash, sizeof(hash));
}

static enum exit_code check(const struct args *args, const struct token *token,
			    struct verdict *verdict)
{
	struct secret challenge = { 0 };
	enum exit_code code;

	if (args->value[ARG_CHALLENGE]) {
		code = attest_challenge(args, &challenge);
		if (code)
			return code;
		verdict->freshness_checked = true;
		verdict->fresh =
			token_string_equal(&token->challenge, challenge.data, challenge.len);
		secret_free(&challenge);
	}
	if (args->value[ARG_EXPECT]) {
		code = attest_expect_read(args->value[ARG_EXPECT], &verdict->expectation);
		if (code)
			return code;
		verdict->software_checked = true;
		verdict->software_good =
			attest_expect_compare(&verdict->expectation, token, verdict->matches);
	}
	return EXIT_CODE_OK;
}

static void report_json(const struct token *token, const struct verdict *verdict, bool good)
{
	json_t *missing = json_array();

	for (size_t i = 0; i < verdict->expectation.count; i++) {
		if (!verdict->expectation.entries[i].found)
			json_array_append_new(missing,
					      json_text(verdict->expectation.entries[i].name));
	}
	json_print(json_pack("{s:b, s:s, s:s, s:b, s:s, s:o, s:o}", "verified", good, "signature",
			     "valid", "challenge_check",
			     !verdict->freshness_checked ? "unchecked" :
			     verdict->fresh		 ? "same" :
							   "different",
			     "instance_of_key", verdict->instance_good, "software_check",
			     !verdict->software_checked ? "unchecked" :
			     verdict->software_good	? "expected" :
							  "different",
			     "missing", missing, "token", claims_json(token, verdict)));
}

static void report_text(const struct token *token, const struct verdict *verdict)
{
	printf("%-24svalid\n", "signature:");
	printf("%-24s%s\n", "freshness:",
	       !verdict->freshness_checked ? "unchecked (no --challenge)" :
	       verdict->fresh		   ? "the challenge is the one given" :
					     "ANOTHER CHALLENGE than the one given");
	printf("%-24s%s\n", "software check:",
	       !verdict->software_checked ? "unchecked (no --expect)" :
	       verdict->software_good	  ? "all as expected" :
					    "NOT AS EXPECTED");
	if (!verdict->instance_good)
		printf("%-24sthe instance ID isn't made of this key\n", "note:");
	print_claims(token);
	print_components(token, verdict);
}

enum exit_code attest_verify(const struct args *args)
{
	struct secret file = { 0 };
	uint8_t point[ES256_POINT_LEN];
	struct verdict *verdict = calloc(1, sizeof(*verdict));
	struct token *token = malloc(sizeof(*token));
	enum exit_code code;
	bool good;

	if (!args->value[ARG_KEY])
		code = failure(EXIT_CODE_USAGE, "the public attestation key",
			       "attest verify: --key is missing; see tstee attest --help");
	else if (!token || !verdict)
		code = failure(EXIT_CODE_OTHER, NULL, "out of memory");
	else
		code = key_read(args->value[ARG_KEY], point);
	if (!code)
		code = token_read(args, &file, token);
	if (!code && !token_verify(token, point))
		code = failure(EXIT_CODE_MISMATCH, "don't believe what it says",
			       "the token isn't signed by this key");
	if (!code)
		code = check(args, token, verdict);
	if (code)
		goto out;

	verdict->instance_good = instance_of(token, point);
	good = (!verdict->freshness_checked || verdict->fresh) &&
	       (!verdict->software_checked || verdict->software_good);
	if (args->common.json)
		report_json(token, verdict, good);
	else
		report_text(token, verdict);
	if (!good) {
		code = EXIT_CODE_MISMATCH;
		fflush(stdout);
		/* The object on stdout has said it already. */
		if (args->common.json)
			fprintf(stderr, "tstee: the token is not as expected\n");
		else
			failure(code, NULL, "the token is not as expected");
	}
out:
	if (verdict)
		attest_expect_free(&verdict->expectation);
	secret_free(&file);
	free(token);
	free(verdict);
	return code;
}
