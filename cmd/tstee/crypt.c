// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee encrypt, tstee decrypt. AEAD: nonce, ciphertext and tag one behind the other; ciphers: IV
 * and ciphertext. Files of any length pass in pieces, but for CCM, which needs the length first,
 * and RSA.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "json.h"
#include "stream.h"

/* CCM with PSA's nonce of 13 bytes counts the message's length in two. */
#define CCM_MAX 65535u

#define RSA_MAX (PSA_VENDOR_RSA_MAX_KEY_BITS / 8u)

/* What a piece can grow by in the partition: bytes of a cipher block that it kept. */
#define PIECE_MARGIN 64u

static const char encrypt_help[] =
	"Usage: tstee encrypt KEY [FILE] [--alg A] [--aad DATA] [--output FILE]\n"
	"\n"
	"Encrypts FILE, or standard input, to --output or standard output: with a key for AEAD\n"
	"(gcm, ccm, chacha20-poly1305) to a random nonce, the ciphertext and the tag, one behind\n"
	"the other; with one for a cipher mode (ctr, cbc, ...) to a random IV and the\n"
	"ciphertext, which anybody can change unnoticed; with an RSA key a few bytes. KEY may be\n"
	"file:PATH, a public RSA key in PEM or DER.\n"
	"\n"
	"  --alg A        if the key allows several algorithms; see tstee key --help\n"
	"  --aad DATA     authenticated with it, and not part of it: a file, hex:DIGITS or\n"
	"                 text:TEXT; of RSA-OAEP the label\n"
	"  --output FILE  where it goes\n" COMMON_OPTIONS_HELP "\n"
	"Example:\n"
	"  $ tstee key generate disk --alg aes-256-gcm\n"
	"  $ tstee encrypt disk image.bin --output image.enc\n"
	"  $ tstee decrypt disk image.enc --output image.bin\n";

static const char decrypt_help[] =
	"Usage: tstee decrypt KEY [FILE] [--alg A] [--aad DATA] [--iv HEX] [--output FILE]\n"
	"\n"
	"Decrypts what tstee encrypt has encrypted. With a key for AEAD nothing of the result is\n"
	"given away before the tag at the end of FILE is verified (exit code 16: it is wrong),\n"
	"hence it can be of any length in a file, and of 16 MiB on standard output.\n"
	"\n"
	"  --alg A        if the key allows several algorithms; see tstee key --help\n"
	"  --aad DATA     as given to tstee encrypt\n"
	"  --iv HEX       of cipher modes: the IV, if FILE doesn't begin with it\n"
	"  --output FILE  where it goes, whole or not at all\n" COMMON_OPTIONS_HELP "\n"
	"Example, of a file from openssl enc -aes-256-ctr -K KEY -iv IV:\n"
	"  $ tstee decrypt bulk image.enc --iv 000102030405060708090a0b0c0d0e0f > image.bin\n";

/* One run. */
struct job {
	const struct args *args;
	const struct key *key;
	psa_algorithm_t alg;
	bool encrypt;
	enum exit_code (*run)(struct job *job);
	struct secret aad;
	struct input input;
	struct output output;
	struct secret in;  /* a piece and what is kept of the one before */
	struct secret out; /* what comes of it */
};

static enum exit_code job_failure(const struct job *job, psa_status_t status)
{
	if (status == PSA_ERROR_INVALID_SIGNATURE)
		return failure(EXIT_CODE_MISMATCH,
			       "another key or --aad, or the data is not as it was encrypted",
			       "%s: its tag is wrong", job->input.name);
	if (status == PSA_ERROR_INVALID_ARGUMENT && !job->encrypt)
		return failure(EXIT_CODE_OTHER, "its length may be wrong for the algorithm",
			       "%s: it can't be decrypted with %s", job->input.name,
			       job->key->what);
	return failure_crypto(status, job->key->what);
}

static enum exit_code too_short(const struct job *job)
{
	return failure(EXIT_CODE_MISMATCH, "encrypted data begins with its nonce or IV",
		       "%s: too short to be encrypted data", job->input.name);
}

static enum exit_code read_exactly(struct job *job, uint8_t *data, size_t len)
{
	enum exit_code code;
	size_t got;

	code = input_read(&job->input, data, len, &got);
	if (!code && got < len)
		code = too_short(job);
	return code;
}

/* --- AEAD --- */

static enum exit_code aead_encrypt(struct job *job, psa_aead_operation_t *operation)
{
	uint8_t nonce[PSA_AEAD_NONCE_MAX_SIZE], tag[PSA_AEAD_TAG_MAX_SIZE];
	size_t nonce_len, tag_len, len, out_len;
	enum exit_code code;
	psa_status_t status;

	status = psa_aead_encrypt_setup(operation, job->key->id, job->alg);
	if (!status)
		status = psa_aead_generate_nonce(operation, nonce, sizeof(nonce), &nonce_len);
	if (!status)
		status = psa_aead_update_ad(operation, job->aad.data, job->aad.len);
	if (status)
		return job_failure(job, status);
	code = output_write(&job->output, nonce, nonce_len);
	do {
		if (!code)
			code = input_read(&job->input, job->in.data, STREAM_CHUNK, &len);
		if (code)
			return code;
		status = psa_aead_update(operation, job->in.data, len, job->out.data, job->out.len,
					 &out_len);
		if (status)
			return job_failure(job, status);
		code = output_write(&job->output, job->out.data, out_len);
	} while (len == STREAM_CHUNK);
	if (code)
		return code;
	status = psa_aead_finish(operation, job->out.data, job->out.len, &out_len, tag, sizeof(tag),
				 &tag_len);
	if (status)
		return job_failure(job, status);
	code = output_write(&job->output, job->out.data, out_len);
	return code ? code : output_write(&job->output, tag, tag_len);
}

static size_t tag_length(const struct job *job)
{
	return PSA_AEAD_TAG_LENGTH(psa_get_key_type(&job->key->attributes),
				   psa_get_key_bits(&job->key->attributes), job->alg);
}

static size_t nonce_length(const struct job *job)
{
	return PSA_AEAD_NONCE_LENGTH(psa_get_key_type(&job->key->attributes), job->alg);
}

/* The last bytes may be the tag, so as many are always kept. */
static enum exit_code aead_decrypt(struct job *job, psa_aead_operation_t *operation)
{
	size_t tag_len = tag_length(job), kept = 0, len, ready, out_len;
	uint8_t nonce[PSA_AEAD_NONCE_MAX_SIZE];
	enum exit_code code;
	psa_status_t status;

	code = read_exactly(job, nonce, nonce_length(job));
	if (code)
		return code;
	status = psa_aead_decrypt_setup(operation, job->key->id, job->alg);
	if (!status)
		status = psa_aead_set_nonce(operation, nonce, nonce_length(job));
	if (!status)
		status = psa_aead_update_ad(operation, job->aad.data, job->aad.len);
	if (status)
		return job_failure(job, status);
	do {
		code = input_read(&job->input, job->in.data + kept, STREAM_CHUNK, &len);
		if (code)
			return code;
		if (kept + len <= tag_len) {
			kept += len;
			continue;
		}
		ready = kept + len - tag_len;
		status = psa_aead_update(operation, job->in.data, ready, job->out.data,
					 job->out.len, &out_len);
		if (status)
			return job_failure(job, status);
		code = output_write(&job->output, job->out.data, out_len);
		memmove(job->in.data, job->in.data + ready, tag_len);
		kept = tag_len;
	} while (!code && len == STREAM_CHUNK);
	if (code)
		return code;
	if (kept < tag_len)
		return too_short(job);
	status = psa_aead_verify(operation, job->out.data, job->out.len, &out_len, job->in.data,
				 tag_len);
	if (status)
		return job_failure(job, status);
	return output_write(&job->output, job->out.data, out_len);
}

/* CCM in one go. */
static enum exit_code ccm(struct job *job)
{
	size_t nonce_len = nonce_length(job), overhead = nonce_len + tag_length(job);
	size_t max = CCM_MAX + (job->encrypt ? 0 : overhead), len, out_len = 0;
	enum exit_code code;
	psa_status_t status;

	code = input_read(&job->input, job->in.data, max + 1, &len);
	if (code)
		return code;
	if (len > max)
		return failure(EXIT_CODE_TOO_LARGE, "take a key for gcm",
			       "%s: longer than the %u bytes of ccm", job->input.name, CCM_MAX);
	if (!job->encrypt && len < overhead)
		return too_short(job);
	if (job->encrypt) {
		status = psa_generate_random(job->out.data, nonce_len);
		if (!status)
			status = psa_aead_encrypt(job->key->id, job->alg, job->out.data, nonce_len,
						  job->aad.data, job->aad.len, job->in.data, len,
						  job->out.data + nonce_len,
						  job->out.len - nonce_len, &out_len);
		out_len += nonce_len;
	} else {
		status = psa_aead_decrypt(job->key->id, job->alg, job->in.data, nonce_len,
					  job->aad.data, job->aad.len, job->in.data + nonce_len,
					  len - nonce_len, job->out.data, job->out.len, &out_len);
	}
	if (status)
		return job_failure(job, status);
	return output_write(&job->output, job->out.data, out_len);
}

static enum exit_code aead(struct job *job)
{
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	enum exit_code code;

	if (PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(job->alg) == PSA_ALG_CCM)
		return ccm(job);
	code = job->encrypt ? aead_encrypt(job, &operation) : aead_decrypt(job, &operation);
	psa_aead_abort(&operation);
	return code;
}

/* --- cipher modes --- */

static enum exit_code start_cipher(struct job *job, psa_cipher_operation_t *operation)
{
	const char *hex = job->args->value[ARG_IV];
	size_t iv_len = PSA_CIPHER_IV_LENGTH(psa_get_key_type(&job->key->attributes), job->alg);
	struct secret iv = { .data = job->in.data, .len = iv_len };
	enum exit_code code = EXIT_CODE_OK;
	psa_status_t status;

	if (job->encrypt) {
		status = psa_cipher_encrypt_setup(operation, job->key->id, job->alg);
		if (!status && iv_len)
			status = psa_cipher_generate_iv(operation, iv.data, iv_len, &iv.len);
		if (status)
			return job_failure(job, status);
		return output_write(&job->output, iv.data, iv.len);
	}
	if (hex && (!parse_hex(hex, &iv.data, &iv.len) || iv.len != iv_len))
		code = failure(EXIT_CODE_USAGE, NULL, "--iv: not %zu bytes in hexadecimal", iv_len);
	else if (!hex)
		code = read_exactly(job, iv.data, iv.len);
	if (!code) {
		status = psa_cipher_decrypt_setup(operation, job->key->id, job->alg);
		if (!status && iv_len)
			status = psa_cipher_set_iv(operation, iv.data, iv.len);
		if (status)
			code = job_failure(job, status);
	}
	if (iv.data != job->in.data)
		secret_free(&iv);
	return code;
}

static enum exit_code run_cipher(struct job *job, psa_cipher_operation_t *operation)
{
	enum exit_code code;
	psa_status_t status;
	size_t len, out_len;

	code = start_cipher(job, operation);
	if (code)
		return code;
	do {
		code = input_read(&job->input, job->in.data, STREAM_CHUNK, &len);
		if (code)
			return code;
		status = psa_cipher_update(operation, job->in.data, len, job->out.data,
					   job->out.len, &out_len);
		if (status)
			return job_failure(job, status);
		code = output_write(&job->output, job->out.data, out_len);
	} while (!code && len == STREAM_CHUNK);
	if (code)
		return code;
	status = psa_cipher_finish(operation, job->out.data, job->out.len, &out_len);
	if (status)
		return job_failure(job, status);
	return output_write(&job->output, job->out.data, out_len);
}

static enum exit_code cipher(struct job *job)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	enum exit_code code;

	code = run_cipher(job, &operation);
	psa_cipher_abort(&operation);
	return code;
}

/* --- RSA --- */

static enum exit_code asymmetric(struct job *job)
{
	size_t bytes = PSA_BITS_TO_BYTES(psa_get_key_bits(&job->key->attributes)), len, out_len;
	enum exit_code code;
	psa_status_t status;

	code = input_read(&job->input, job->in.data, RSA_MAX + 1, &len);
	if (code)
		return code;
	if (len > bytes)
		return failure(EXIT_CODE_TOO_LARGE,
			       job->encrypt ?
				       "encrypt a symmetric key instead, and the data with it" :
				       NULL,
			       "%s: longer than the key", job->input.name);
	status = (job->encrypt ? psa_asymmetric_encrypt : psa_asymmetric_decrypt)(
		job->key->id, job->alg, job->in.data, len, job->aad.data, job->aad.len,
		job->out.data, job->out.len, &out_len);
	if (status == PSA_ERROR_INVALID_ARGUMENT && job->encrypt)
		return failure(EXIT_CODE_TOO_LARGE,
			       "encrypt a symmetric key instead, and the data with it",
			       "%s: longer than the key can encrypt", job->input.name);
	if (status)
		return job_failure(job, status);
	return output_write(&job->output, job->out.data, out_len);
}

/* --- both --- */

static enum exit_code choose(struct job *job)
{
	if (PSA_ALG_IS_AEAD(job->alg))
		job->run = aead;
	else if (PSA_ALG_IS_CIPHER(job->alg))
		job->run = cipher;
	else if (PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(job->alg))
		job->run = asymmetric;
	else
		return failure(EXIT_CODE_NOT_PERMITTED, "tstee key info shows what it is for",
			       "%s: the key is not for encryption", job->key->what);
	if (job->args->value[ARG_AAD] && job->run == cipher)
		return failure(EXIT_CODE_USAGE, "take a key for gcm",
			       "--aad goes with AEAD and RSA-OAEP only");
	if (job->args->value[ARG_IV] && job->run != cipher)
		return failure(EXIT_CODE_USAGE, NULL, "--iv goes with cipher modes only");
	return EXIT_CODE_OK;
}

static enum exit_code run_job(struct job *job)
{
	const struct args *args = job->args;
	enum exit_code code;

	job->in.len = STREAM_CHUNK + PSA_AEAD_TAG_MAX_SIZE;
	job->out.len = job->in.len + PIECE_MARGIN;
	job->in.data = malloc(job->in.len);
	job->out.data = malloc(job->out.len);
	if (!job->in.data || !job->out.data)
		return failure(EXIT_CODE_OTHER, NULL, "out of memory");
	code = args_bytes(args, ARG_AAD, &job->aad);
	if (!code)
		code = input_open(args->count > 1 ? args->argument[1] : NULL, &job->input);
	if (code)
		return code;
	code = output_open(args->value[ARG_OUTPUT], !job->encrypt && PSA_ALG_IS_AEAD(job->alg),
			   &job->output);
	if (!code)
		code = job->run(job);
	if (!code)
		code = output_commit(&job->output);
	output_discard(&job->output);
	input_close(&job->input);
	return code;
}

static enum exit_code start(const struct args *args, const struct key *key,
			    const struct algorithm *wanted, bool encrypt)
{
	struct job job = { .args = args, .key = key, .encrypt = encrypt };
	enum exit_code code;

	code = key_algorithm(key, args, wanted, &job.alg);
	if (!code)
		code = choose(&job);
	if (code)
		return code;
	code = run_job(&job);
	if (!code && args->common.json)
		json_print(json_pack("{s:I, s:o}", "size", (json_int_t)job.input.done, "file",
				     json_text(args->value[ARG_OUTPUT])));
	secret_free(&job.in);
	secret_free(&job.out);
	secret_free(&job.aad);
	return code;
}

static enum exit_code run_command(const struct args_spec *spec, int argc, char **argv, bool encrypt)
{
	struct algorithm wanted;
	enum exit_code code;
	struct args args;
	struct key key;
	bool done;

	code = args_parse(spec, argc, argv, &args, &done);
	if (done)
		return code;
	if (args.common.json && (!args.value[ARG_OUTPUT] || !strcmp(args.value[ARG_OUTPUT], "-")))
		return failure(EXIT_CODE_USAGE, "give --output FILE",
			       "%s: standard output can't have JSON and the data", spec->command);
	code = args_algorithm(&args, ARG_ALG, false, &wanted);
	if (!code)
		code = key_open(&args, args.argument[0], encrypt ? PSA_KEY_USAGE_ENCRYPT : 0,
				wanted.alg ? wanted.alg : PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256), &key);
	if (code)
		return code;
	code = start(&args, &key, &wanted, encrypt);
	key_close(&key);
	return code;
}

enum exit_code cmd_encrypt(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "encrypt",
		.help = encrypt_help,
		.allowed = ARG_BIT(ARG_ALG) | ARG_BIT(ARG_AAD) | ARG_BIT(ARG_OUTPUT),
		.min_count = 1,
		.max_count = 2,
		.missing = "a key",
		.reads_file = true,
	};

	return run_command(&spec, argc, argv, true);
}

enum exit_code cmd_decrypt(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "decrypt",
		.help = decrypt_help,
		.allowed =
			ARG_BIT(ARG_ALG) | ARG_BIT(ARG_AAD) | ARG_BIT(ARG_IV) | ARG_BIT(ARG_OUTPUT),
		.min_count = 1,
		.max_count = 2,
		.missing = "a key",
		.reads_file = true,
	};

	return run_command(&spec, argc, argv, false);
}
