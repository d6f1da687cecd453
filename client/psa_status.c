// SPDX-License-Identifier: BSD-3-Clause
/* From errors of the way to a service to PSA status codes, and the codes' names: the one table each. */
#include <errno.h>
#include <stddef.h>
#include <tstee.h>

#include "psa_status.h"

/* Of the PSA Crypto API alone. */
#ifndef PSA_ERROR_INSUFFICIENT_ENTROPY
#define PSA_ERROR_INSUFFICIENT_ENTROPY ((psa_status_t)-148)
#endif

/* PSA Certified Status code API 1.0: what each code says about the connection. */
static const struct {
	int err;
	psa_status_t status;
} table[] = {
	{ EACCES, PSA_ERROR_CONNECTION_REFUSED },
	{ ECONNREFUSED, PSA_ERROR_CONNECTION_REFUSED },
	{ ENODEV, PSA_ERROR_CONNECTION_REFUSED },
	{ ENOENT, PSA_ERROR_CONNECTION_REFUSED },
	{ EOPNOTSUPP, PSA_ERROR_CONNECTION_REFUSED },
	{ EOVERFLOW, PSA_ERROR_CONNECTION_REFUSED },
	{ EPERM, PSA_ERROR_CONNECTION_REFUSED },
	{ EBADF, PSA_ERROR_BAD_STATE }, /* the session was closed meanwhile */
	{ EBUSY, PSA_ERROR_CONNECTION_BUSY },
	{ ECANCELED, PSA_ERROR_COMMUNICATION_FAILURE },
	{ ECOMM, PSA_ERROR_COMMUNICATION_FAILURE },
	{ EIO, PSA_ERROR_COMMUNICATION_FAILURE },
	{ EMSGSIZE, PSA_ERROR_COMMUNICATION_FAILURE },
	{ EPROTO, PSA_ERROR_COMMUNICATION_FAILURE },
	{ EDQUOT, PSA_ERROR_INSUFFICIENT_MEMORY },
	{ EMFILE, PSA_ERROR_INSUFFICIENT_MEMORY },
	{ ENFILE, PSA_ERROR_INSUFFICIENT_MEMORY },
	{ ENOMEM, PSA_ERROR_INSUFFICIENT_MEMORY },
	{ ENOSPC, PSA_ERROR_INSUFFICIENT_MEMORY },
};

psa_status_t psa_status_from_error(int err)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].err == -err)
			return table[i].status;
	}
	return PSA_ERROR_GENERIC_ERROR;
}

/* PSA Certified Status code API 1.0, and PSA Certified Crypto API. */
static const struct {
	psa_status_t status;
	const char *name;
} names[] = {
#define NAME(status)            \
	{                       \
		status, #status \
	}
	NAME(PSA_SUCCESS),
	NAME(PSA_ERROR_PROGRAMMER_ERROR),
	NAME(PSA_ERROR_CONNECTION_REFUSED),
	NAME(PSA_ERROR_CONNECTION_BUSY),
	NAME(PSA_ERROR_GENERIC_ERROR),
	NAME(PSA_ERROR_NOT_PERMITTED),
	NAME(PSA_ERROR_NOT_SUPPORTED),
	NAME(PSA_ERROR_INVALID_ARGUMENT),
	NAME(PSA_ERROR_INVALID_HANDLE),
	NAME(PSA_ERROR_BAD_STATE),
	NAME(PSA_ERROR_BUFFER_TOO_SMALL),
	NAME(PSA_ERROR_ALREADY_EXISTS),
	NAME(PSA_ERROR_DOES_NOT_EXIST),
	NAME(PSA_ERROR_INSUFFICIENT_MEMORY),
	NAME(PSA_ERROR_INSUFFICIENT_STORAGE),
	NAME(PSA_ERROR_INSUFFICIENT_DATA),
	NAME(PSA_ERROR_SERVICE_FAILURE),
	NAME(PSA_ERROR_COMMUNICATION_FAILURE),
	NAME(PSA_ERROR_STORAGE_FAILURE),
	NAME(PSA_ERROR_HARDWARE_FAILURE),
	NAME(PSA_ERROR_INVALID_SIGNATURE),
	NAME(PSA_ERROR_INVALID_PADDING),
	NAME(PSA_ERROR_CORRUPTION_DETECTED),
	NAME(PSA_ERROR_DATA_CORRUPT),
	NAME(PSA_ERROR_DATA_INVALID),
	NAME(PSA_ERROR_INSUFFICIENT_ENTROPY),
#undef NAME
};

const char *tstee_status_name(int32_t status)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].status == status)
			return names[i].name;
	}
	return NULL;
}
