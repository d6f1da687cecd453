/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Internal trusted storage over a session of the caller's choice. The PSA functions
 * (psa/internal_trusted_storage.h) do the same over one session that the process shares.
 *
 * Two results: what is returned is 0 or a negative errno of tstee_callv(); if it is 0,
 * *@status is what the service answered. Arguments that the PSA API forbids (a NULL pointer,
 * uid 0) give PSA_ERROR_INVALID_ARGUMENT in *@status without a call.
 */
#ifndef TSTEE_ITS_H
#define TSTEE_ITS_H

#include <psa/storage_common.h>
#include <tstee.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_ITS_SERVICE "internal-trusted-storage"

/* The longest object that one call can store or fetch, bytes. */
#define TSTEE_ITS_OBJECT_MAX 65536u

TSTEE_API int tstee_its_set(struct tstee_session *session, psa_storage_uid_t uid, size_t data_len,
			    const void *data, psa_storage_create_flags_t flags,
			    psa_status_t *status);

/*
 * Fetches up to @size bytes from @offset. Never more than TSTEE_ITS_OBJECT_MAX: a larger @size
 * is taken for that. *@data_len is what was fetched, 0 after a failure.
 */
TSTEE_API int tstee_its_get(struct tstee_session *session, psa_storage_uid_t uid, size_t offset,
			    size_t size, void *data, size_t *data_len, psa_status_t *status);

TSTEE_API int tstee_its_get_info(struct tstee_session *session, psa_storage_uid_t uid,
				 struct psa_storage_info_t *info, psa_status_t *status);

TSTEE_API int tstee_its_remove(struct tstee_session *session, psa_storage_uid_t uid,
			       psa_status_t *status);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_ITS_H */
