/* SPDX-License-Identifier: BSD-3-Clause */
/* From errors of the way to a service to PSA status codes. */
#ifndef CLIENT_PSA_STATUS_H
#define CLIENT_PSA_STATUS_H

#include <psa/error.h>

/* What a PSA function returns when tstee_open() or tstee_callv() returned @err, not 0. */
psa_status_t psa_status_from_error(int err);

#endif /* CLIENT_PSA_STATUS_H */
