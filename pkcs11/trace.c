// SPDX-License-Identifier: BSD-3-Clause
/*
 * The trace: TSTEE_PKCS11_DEBUG=1 (standard error) or a file's name. A line for each call with its
 * result, and for each failure its reason; no data, PINs or keys. And what CKR_ codes statuses of
 * PSA and errors of libtstee are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module.h"

static int trace_fd = -1;

void trace_init(void)
{
	const char *where = secure_getenv("TSTEE_PKCS11_DEBUG");

	if (trace_fd >= 0 || !where || !*where || !strcmp(where, "0"))
		return;
	if (!strcmp(where, "1"))
		trace_fd = STDERR_FILENO;
	else
		trace_fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

bool trace_on(void)
{
	return trace_fd >= 0;
}

void trace(const char *format, ...)
{
	char line[512];
	va_list args;
	int len, saved = errno;

	if (!trace_on())
		return;
	len = snprintf(line, sizeof(line), "tstee-pkcs11[%d]: ", (int)getpid());
	va_start(args, format);
	vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, args);
	va_end(args);
	len = (int)strlen(line);
	line[len++] = '\n';
	/* In one piece, so that lines of several processes stay whole. */
	if (write(trace_fd, line, (size_t)len) < 0)
		trace_fd = -1;
	errno = saved;
}

static const struct {
	CK_RV rv;
	const char *name;
} names[] = {
#define NAME(rv)        \
	{               \
		rv, #rv \
	}
	NAME(CKR_OK),
	NAME(CKR_HOST_MEMORY),
	NAME(CKR_SLOT_ID_INVALID),
	NAME(CKR_GENERAL_ERROR),
	NAME(CKR_FUNCTION_FAILED),
	NAME(CKR_ARGUMENTS_BAD),
	NAME(CKR_NO_EVENT),
	NAME(CKR_ATTRIBUTE_READ_ONLY),
	NAME(CKR_ATTRIBUTE_SENSITIVE),
	NAME(CKR_ATTRIBUTE_TYPE_INVALID),
	NAME(CKR_ATTRIBUTE_VALUE_INVALID),
	NAME(CKR_ACTION_PROHIBITED),
	NAME(CKR_DATA_INVALID),
	NAME(CKR_DATA_LEN_RANGE),
	NAME(CKR_DEVICE_ERROR),
	NAME(CKR_DEVICE_MEMORY),
	NAME(CKR_DEVICE_REMOVED),
	NAME(CKR_ENCRYPTED_DATA_INVALID),
	NAME(CKR_ENCRYPTED_DATA_LEN_RANGE),
	NAME(CKR_AEAD_DECRYPT_FAILED),
	NAME(CKR_FUNCTION_CANCELED),
	NAME(CKR_FUNCTION_NOT_PARALLEL),
	NAME(CKR_FUNCTION_NOT_SUPPORTED),
	NAME(CKR_KEY_HANDLE_INVALID),
	NAME(CKR_KEY_SIZE_RANGE),
	NAME(CKR_KEY_TYPE_INCONSISTENT),
	NAME(CKR_KEY_FUNCTION_NOT_PERMITTED),
	NAME(CKR_KEY_NOT_WRAPPABLE),
	NAME(CKR_KEY_UNEXTRACTABLE),
	NAME(CKR_KEY_INDIGESTIBLE),
	NAME(CKR_MECHANISM_INVALID),
	NAME(CKR_MECHANISM_PARAM_INVALID),
	NAME(CKR_OBJECT_HANDLE_INVALID),
	NAME(CKR_OPERATION_ACTIVE),
	NAME(CKR_OPERATION_NOT_INITIALIZED),
	NAME(CKR_SESSION_EXISTS),
	NAME(CKR_SESSION_HANDLE_INVALID),
	NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
	NAME(CKR_SESSION_READ_ONLY),
	NAME(CKR_SESSION_READ_ONLY_EXISTS),
	NAME(CKR_SESSION_READ_WRITE_SO_EXISTS),
	NAME(CKR_SIGNATURE_INVALID),
	NAME(CKR_SIGNATURE_LEN_RANGE),
	NAME(CKR_TEMPLATE_INCOMPLETE),
	NAME(CKR_TEMPLATE_INCONSISTENT),
	NAME(CKR_TOKEN_NOT_PRESENT),
	NAME(CKR_TOKEN_WRITE_PROTECTED),
	NAME(CKR_USER_ALREADY_LOGGED_IN),
	NAME(CKR_USER_NOT_LOGGED_IN),
	NAME(CKR_USER_TYPE_INVALID),
	NAME(CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
	NAME(CKR_WRAPPED_KEY_INVALID),
	NAME(CKR_WRAPPED_KEY_LEN_RANGE),
	NAME(CKR_WRAPPING_KEY_HANDLE_INVALID),
	NAME(CKR_UNWRAPPING_KEY_HANDLE_INVALID),
	NAME(CKR_RANDOM_SEED_NOT_SUPPORTED),
	NAME(CKR_CURVE_NOT_SUPPORTED),
	NAME(CKR_BUFFER_TOO_SMALL),
	NAME(CKR_STATE_UNSAVEABLE),
	NAME(CKR_CANT_LOCK),
	NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
	NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED),
#undef NAME
};

#define RV_NUMBER_SIZE 24

static const char *rv_name(CK_RV rv, char number[RV_NUMBER_SIZE])
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].rv == rv)
			return names[i].name;
	}
	snprintf(number, RV_NUMBER_SIZE, "0x%lx", rv);
	return number;
}

CK_RV trace_result(const char *function, CK_RV rv)
{
	char number[RV_NUMBER_SIZE];

	trace("%s() = %s", function, rv_name(rv, number));
	return rv;
}

void trace_call(const struct call *call, CK_RV rv)
{
	char number[RV_NUMBER_SIZE], session[24] = "";
	struct timespec now;

	if (!trace_on())
		return;
	if (call->session)
		snprintf(session, sizeof(session), "%lu", call->session->handle);
	clock_gettime(CLOCK_MONOTONIC, &now);
	trace("%s(%s) = %s (%ld us)", call->name, session, rv_name(rv, number),
	      (now.tv_sec - call->begin.tv_sec) * 1000000L +
		      (now.tv_nsec - call->begin.tv_nsec) / 1000);
}

CK_RV parameter_refused(const char *why)
{
	trace("  the mechanism's parameter: %s", why);
	return CKR_MECHANISM_PARAM_INVALID;
}

CK_RV rv_from_status(psa_status_t status)
{
	static const struct {
		psa_status_t status;
		CK_RV rv;
	} table[] = {
		{ PSA_SUCCESS, CKR_OK },
		{ PSA_ERROR_NOT_SUPPORTED, CKR_FUNCTION_NOT_SUPPORTED },
		{ PSA_ERROR_NOT_PERMITTED, CKR_KEY_FUNCTION_NOT_PERMITTED },
		{ PSA_ERROR_BUFFER_TOO_SMALL, CKR_BUFFER_TOO_SMALL },
		{ PSA_ERROR_INVALID_ARGUMENT, CKR_DATA_INVALID },
		{ PSA_ERROR_INVALID_HANDLE, CKR_KEY_HANDLE_INVALID },
		{ PSA_ERROR_DOES_NOT_EXIST, CKR_OBJECT_HANDLE_INVALID },
		{ PSA_ERROR_BAD_STATE, CKR_DEVICE_REMOVED },
		{ PSA_ERROR_INSUFFICIENT_MEMORY, CKR_DEVICE_MEMORY },
		{ PSA_ERROR_INSUFFICIENT_STORAGE, CKR_DEVICE_MEMORY },
		{ PSA_ERROR_COMMUNICATION_FAILURE, CKR_DEVICE_REMOVED },
		{ PSA_ERROR_CONNECTION_REFUSED, CKR_DEVICE_REMOVED },
		{ PSA_ERROR_CONNECTION_BUSY, CKR_DEVICE_ERROR },
		{ PSA_ERROR_STORAGE_FAILURE, CKR_DEVICE_ERROR },
		{ PSA_ERROR_HARDWARE_FAILURE, CKR_DEVICE_ERROR },
		{ PSA_ERROR_INVALID_SIGNATURE, CKR_SIGNATURE_INVALID },
		{ PSA_ERROR_INVALID_PADDING, CKR_ENCRYPTED_DATA_INVALID },
	};

	if (status == PSA_SUCCESS)
		return CKR_OK;
	switch (status) {
	case PSA_ERROR_COMMUNICATION_FAILURE:
	case PSA_ERROR_CONNECTION_REFUSED:
	case PSA_ERROR_CONNECTION_BUSY:
	case PSA_ERROR_BAD_STATE:
		trace("  %s%s%s", tstee_error(), *tstee_hint() ? ": " : "", tstee_hint());
		break;
	default:
		trace("  the partition says %s (%d)",
		      tstee_status_name(status) ? tstee_status_name(status) : "what has no name",
		      (int)status);
	}
	for (size_t i = 0; i < COUNT(table); i++) {
		if (table[i].status == status)
			return table[i].rv;
	}
	return CKR_DEVICE_ERROR;
}

CK_RV rv_from_errno(int err)
{
	if (!err)
		return CKR_OK;
	trace("  %s%s%s", tstee_error(), *tstee_hint() ? ": " : "", tstee_hint());
	switch (err) {
	case -ENOMEM:
		return CKR_HOST_MEMORY;
	case -ENODEV:
	case -ENOENT:
	case -EIO:
		return CKR_DEVICE_REMOVED;
	default:
		return CKR_DEVICE_ERROR;
	}
}
