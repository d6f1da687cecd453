// SPDX-License-Identifier: BSD-3-Clause
/* tstee seal, tstee unseal: secrets in files that one client alone can open. */
#include <string.h>
#include <tstee_attestation.h>

#include "crypto.h"

#define SEALED_MAX (TSTEE_SECRET_MAX + TSTEE_SEAL_OVERHEAD)

static const char seal_help[] =
	"Usage: tstee seal [FILE] [--software] [--output FILE] [--format raw|hex]\n"
	"\n"
	"Encrypts FILE, or standard input, up to 4096 bytes, with a key that never leaves the secure\n"
	"partition. What is written is no secret: it can lie anywhere, and only this partition opens\n"
	"it, for the same user, or for the same --group or --public.\n"
	"\n"
	"  --software       opens only while the firmware and the partitions are those of now, as\n"
	"                   the event log of the boot tells (tstee attest token); after an update\n"
	"                   the secret has to be sealed again, so keep it elsewhere, too\n"
	"  --output FILE    where it goes\n"
	"  --format F       raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Examples:\n"
	"  $ head -c 32 /dev/urandom | tstee seal --software --output disk.sealed\n"
	"  # tstee unseal disk.sealed | cryptsetup open --key-file - /dev/sdb1 data\n";

static const char unseal_help[] =
	"Usage: tstee unseal [FILE] [--output FILE] [--format raw|hex]\n"
	"\n"
	"Opens what tstee seal has written: FILE, or standard input. The secret goes to standard\n"
	"output or --output. Exit code 16: it was changed, or sealed on another device, or with\n"
	"other software; 11: for another user.\n"
	"\n"
	"  --output FILE    where the secret goes, with mode 0600\n"
	"  --format F       raw, unless given, or hex\n" COMMON_OPTIONS_HELP "\n"
	"Example:\n"
	"  $ tstee unseal token.sealed\n";

static const struct {
	psa_status_t status;
	enum exit_code code;
	const char *reason;
	const char *hint;
} codes[] = {
	{ PSA_ERROR_INVALID_SIGNATURE, EXIT_CODE_MISMATCH,
	  "changed since it was sealed, or sealed on another device",
	  "the key is gone, too, if the storage was erased" },
	{ PSA_ERROR_DOES_NOT_EXIST, EXIT_CODE_MISMATCH,
	  "sealed on another device, or before this one's storage was erased", "" },
	{ PSA_ERROR_BAD_STATE, EXIT_CODE_MISMATCH, "sealed with other software than has booted now",
	  "boot what sealed it, or seal the secret again" },
	{ PSA_ERROR_NOT_PERMITTED, EXIT_CODE_NOT_PERMITTED, "sealed for another user",
	  "for those sealed by --public or --group give the same option" },
	{ PSA_ERROR_NOT_SUPPORTED, EXIT_CODE_OTHER, "this partition can't do that",
	  "an older one can't seal, and without an event log of the boot there is no --software" },
	{ PSA_ERROR_STORAGE_FAILURE, EXIT_CODE_CORRUPT, "the storage of keys failed", "" },
	{ PSA_ERROR_DATA_CORRUPT, EXIT_CODE_CORRUPT, "the stored key is corrupt", "" },
	{ PSA_ERROR_CONNECTION_REFUSED, EXIT_CODE_DEAD,
	  "the partition can't find the crypto service", "tstee list shows whether it is there" },
	{ PSA_ERROR_COMMUNICATION_FAILURE, EXIT_CODE_DEAD,
	  "the partition can't reach the crypto service", "tstee list shows whether it is there" },
};

static enum exit_code failure_seal(psa_status_t status, const char *name)
{
	if (status == PSA_ERROR_INSUFFICIENT_STORAGE || status == PSA_ERROR_INSUFFICIENT_MEMORY)
		return failure_room_behind(status, NULL, name);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			return failure(codes[i].code, codes[i].hint, "%s: %s", name,
				       codes[i].reason);
	}
	return failure_status(status, name);
}

/* Reads, calls, writes. */
static enum exit_code run(const struct args *args, bool open)
{
	const char *path = args->count ? args->argument[0] : NULL;
	const char *name = path && strcmp(path, "-") != 0 ? path : "standard input";
	struct secret in = { 0 };
	uint8_t out[SEALED_MAX];
	struct tstee_session *session;
	enum data_format format;
	enum exit_code code;
	psa_status_t status;
	size_t len;
	int err;

	code = args_format(args, FORMATS_BYTES, FORMAT_RAW, &format);
	if (!code)
		code = file_read(path, open ? SEALED_MAX : TSTEE_SECRET_MAX, &in);
	if (!code && !in.len)
		code = failure(EXIT_CODE_FILE, NULL, "%s: empty", name);
	if (code) {
		secret_free(&in);
		return code;
	}
	err = tstee_open(TSTEE_ATTESTATION_SERVICE, &args->common.open, &session);
	if (err) {
		secret_free(&in);
		return failure_open(err);
	}
	if (open)
		err = tstee_unseal(session, in.data, in.len, out, &len, &status);
	else
		err = tstee_seal(session, args->value[ARG_SOFTWARE] ? TSTEE_SEAL_SOFTWARE : 0,
				 in.data, in.len, out, &len, &status);
	if (err)
		code = failure_call(err);
	else if (status == PSA_ERROR_INVALID_ARGUMENT)
		code = failure(EXIT_CODE_FILE, "tstee seal writes them", "%s: no sealed secret",
			       name);
	else if (status)
		code = failure_seal(status, name);
	else
		code = result_write(args, args->value[ARG_OUTPUT], format, out, len);
	explicit_bzero(out, sizeof(out));
	secret_free(&in);
	tstee_close(session);
	return code;
}

enum exit_code cmd_seal(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "seal",
		.help = seal_help,
		.allowed = ARG_BIT(ARG_SOFTWARE) | ARG_BIT(ARG_OUTPUT) | ARG_BIT(ARG_FORMAT),
		.max_count = 1,
	};
	enum exit_code code;
	struct args args;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	return done ? code : run(&args, false);
}

enum exit_code cmd_unseal(int argc, char **argv)
{
	static const struct args_spec spec = {
		.command = "unseal",
		.help = unseal_help,
		.allowed = ARG_BIT(ARG_OUTPUT) | ARG_BIT(ARG_FORMAT),
		.max_count = 1,
	};
	enum exit_code code;
	struct args args;
	bool done;

	code = args_parse(&spec, argc, argv, &args, &done);
	return done ? code : run(&args, true);
}
