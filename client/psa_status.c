// SPDX-License-Identifier: BSD-3-Clause
/* From errors of the way to a service to PSA status codes: the one table. */
#include <errno.h>
#include <stddef.h>

#include "psa_status.h"

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
