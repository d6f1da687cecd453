// SPDX-License-Identifier: BSD-3-Clause
/* Failures: owns the tables from errors to exit codes, and whether they are told in JSON. */
#include <errno.h>
#include <stdarg.h>

#include "cmd.h"
#include "json.h"

static bool json_too;

/* The "name" of a failure in JSON; as stable as the number. */
static const char *const names[] = {
	[EXIT_CODE_OK] = "ok",
	[EXIT_CODE_OTHER] = "other",
	[EXIT_CODE_USAGE] = "usage",
	[EXIT_CODE_NO_DEVICE] = "no-device",
	[EXIT_CODE_NO_ACCESS] = "no-access",
	[EXIT_CODE_NO_SERVICE] = "no-service",
	[EXIT_CODE_DEAD] = "dead",
	[EXIT_CODE_NOT_FOUND] = "not-found",
	[EXIT_CODE_NO_SPACE] = "no-space",
	[EXIT_CODE_TOO_LARGE] = "too-large",
	[EXIT_CODE_FILE] = "file",
	[EXIT_CODE_NOT_PERMITTED] = "not-permitted",
	[EXIT_CODE_BUSY] = "busy",
	[EXIT_CODE_CORRUPT] = "corrupt",
	[EXIT_CODE_LOGIN] = "login",
	[EXIT_CODE_SERVICE_STATUS] = "service-status",
	[EXIT_CODE_MISMATCH] = "mismatch",
	[EXIT_CODE_EXISTS] = "exists",
	[EXIT_CODE_SHARE] = "share-used-up",
	[EXIT_CODE_FULL] = "partition-full",
};

struct errno_code {
	int err;
	enum exit_code code;
};

/* While looking for the service. */
static const struct errno_code open_codes[] = {
	{ EACCES, EXIT_CODE_NO_ACCESS }, { EBUSY, EXIT_CODE_BUSY },
	{ ECANCELED, EXIT_CODE_DEAD },	 { ECONNREFUSED, EXIT_CODE_NO_DEVICE },
	{ EINVAL, EXIT_CODE_USAGE },	 { EIO, EXIT_CODE_DEAD },
	{ ENODEV, EXIT_CODE_NO_DEVICE }, { ENOENT, EXIT_CODE_NO_SERVICE },
	{ ENOMEM, EXIT_CODE_NO_SPACE },	 { ENOSPC, EXIT_CODE_FULL },
	{ EOPNOTSUPP, EXIT_CODE_LOGIN }, { EOVERFLOW, EXIT_CODE_LOGIN },
	{ EPERM, EXIT_CODE_LOGIN },	 { ESHUTDOWN, EXIT_CODE_NO_DEVICE },
};

/* While calling it. */
static const struct errno_code call_codes[] = {
	{ EBUSY, EXIT_CODE_BUSY },
	{ ECANCELED, EXIT_CODE_DEAD },
	{ ECONNREFUSED, EXIT_CODE_NO_DEVICE },
	{ EDQUOT, EXIT_CODE_SHARE },
	{ EIO, EXIT_CODE_DEAD },
	{ EMSGSIZE, EXIT_CODE_TOO_LARGE },
	{ ENOBUFS, EXIT_CODE_TOO_LARGE },
	{ ENODEV, EXIT_CODE_NO_DEVICE },
	{ ENOMEM, EXIT_CODE_NO_SPACE },
	{ ENOSPC, EXIT_CODE_FULL },
	{ ESHUTDOWN, EXIT_CODE_NO_DEVICE },
};

/* Answers of the storage services. */
static const struct {
	psa_status_t status;
	enum exit_code code;
	const char *reason;
	const char *hint;
} storage_codes[] = {
	{ PSA_ERROR_DOES_NOT_EXIST, EXIT_CODE_NOT_FOUND, "no such object",
	  "objects of other users and groups can't be seen; see --public and --group" },
	{ PSA_ERROR_ALREADY_EXISTS, EXIT_CODE_EXISTS, "there is an object with this UID",
	  "remove it, or write to it" },
	{ PSA_ERROR_NOT_PERMITTED, EXIT_CODE_NOT_PERMITTED, "the object is write-once",
	  "it can be neither changed nor removed" },
	{ PSA_ERROR_INSUFFICIENT_STORAGE, EXIT_CODE_NO_SPACE, "no room left in the storage",
	  "remove objects that aren't needed" },
	{ PSA_ERROR_INSUFFICIENT_MEMORY, EXIT_CODE_NO_SPACE, "the partition is out of memory",
	  "try again" },
	{ PSA_ERROR_DATA_CORRUPT, EXIT_CODE_CORRUPT, "the stored data is corrupt",
	  "write or remove the object, unless it is write-once" },
	{ PSA_ERROR_DATA_INVALID, EXIT_CODE_CORRUPT, "the stored data is invalid",
	  "write or remove the object, unless it is write-once" },
	{ PSA_ERROR_INVALID_SIGNATURE, EXIT_CODE_CORRUPT, "the stored data was tampered with",
	  "write or remove the object, unless it is write-once" },
	{ PSA_ERROR_CORRUPTION_DETECTED, EXIT_CODE_CORRUPT, "the partition found tampering", "" },
	{ PSA_ERROR_STORAGE_FAILURE, EXIT_CODE_CORRUPT, "the storage failed",
	  "the flash may be worn out, damaged, or a newer version's: the partition's log may say" },
	{ PSA_ERROR_NOT_SUPPORTED, EXIT_CODE_OTHER, "not supported by the service", "" },
	{ PSA_ERROR_INVALID_ARGUMENT, EXIT_CODE_OTHER, "refused as an invalid argument", "" },
};

void failure_set_json(bool json)
{
	json_too = json;
}

enum exit_code failure(enum exit_code code, const char *hint, const char *format, ...)
{
	char message[320];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!hint)
		hint = "";
	progress_clear();
	fflush(stdout);
	fprintf(stderr, "tstee: %s%s%s\n", message, *hint ? "; " : "", hint);
	if (json_too) {
		json_print(json_pack("{s:i, s:s, s:o, s:o}", "code", code, "name", names[code],
				     "message", json_text(message), "hint", json_text(hint)));
	}
	return code;
}

void warning(const char *format, ...)
{
	va_list args;

	progress_clear();
	fprintf(stderr, "tstee: warning: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static enum exit_code failure_errno(int err, const struct errno_code *codes, size_t count)
{
	enum exit_code code = EXIT_CODE_OTHER;

	for (size_t i = 0; i < count; i++) {
		if (codes[i].err == -err)
			code = codes[i].code;
	}
	return failure(code, tstee_hint(), "%s", tstee_error());
}

enum exit_code failure_open(int err)
{
	return failure_errno(err, open_codes, sizeof(open_codes) / sizeof(open_codes[0]));
}

enum exit_code failure_call(int err)
{
	return failure_errno(err, call_codes, sizeof(call_codes) / sizeof(call_codes[0]));
}

const char *status_name(psa_status_t status, char number[STATUS_NUMBER_SIZE])
{
	const char *name = tstee_status_name(status);

	if (name)
		return name;
	snprintf(number, STATUS_NUMBER_SIZE, "PSA status %d", (int)status);
	return number;
}

enum exit_code failure_status(psa_status_t status, const char *what)
{
	char number[STATUS_NUMBER_SIZE];

	return failure(EXIT_CODE_OTHER, NULL, "%s: the service answered with %s", what,
		       status_name(status, number));
}

enum exit_code failure_storage(psa_status_t status, const char *what)
{
	for (size_t i = 0; i < sizeof(storage_codes) / sizeof(storage_codes[0]); i++) {
		if (storage_codes[i].status == status)
			return failure(storage_codes[i].code, storage_codes[i].hint, "%s: %s", what,
				       storage_codes[i].reason);
	}
	return failure_status(status, what);
}
