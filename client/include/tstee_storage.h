/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Internal trusted storage and protected storage over a session of the caller's choice: one
 * protocol, two services. The PSA functions (psa/internal_trusted_storage.h,
 * psa/protected_storage.h) do the same over sessions that the process shares.
 *
 * Two results: what is returned is 0 or a negative errno of tstee_callv(); if it is 0,
 * *@status is what the service answered. Arguments that the PSA API forbids (a NULL pointer,
 * uid 0) give PSA_ERROR_INVALID_ARGUMENT in *@status without a call.
 */
#ifndef TSTEE_STORAGE_H
#define TSTEE_STORAGE_H

#include <psa/storage_common.h>
#include <tstee.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSTEE_ITS_SERVICE "internal-trusted-storage"
#define TSTEE_PS_SERVICE  "protected-storage"

/* The longest object that one call can store or fetch, bytes. */
#define TSTEE_STORAGE_OBJECT_MAX 65536u

/* Stores @data, and replaces the object that is there. */
TSTEE_API int tstee_storage_set(struct tstee_session *session, psa_storage_uid_t uid,
				size_t data_len, const void *data, psa_storage_create_flags_t flags,
				psa_status_t *status);

/*
 * Fetches up to @size bytes from @offset. Never more than TSTEE_STORAGE_OBJECT_MAX: a larger
 * @size is taken for that. *@data_len is what was fetched, 0 after a failure.
 */
TSTEE_API int tstee_storage_get(struct tstee_session *session, psa_storage_uid_t uid, size_t offset,
				size_t size, void *data, size_t *data_len, psa_status_t *status);

TSTEE_API int tstee_storage_get_info(struct tstee_session *session, psa_storage_uid_t uid,
				     struct psa_storage_info_t *info, psa_status_t *status);

TSTEE_API int tstee_storage_remove(struct tstee_session *session, psa_storage_uid_t uid,
				   psa_status_t *status);

/* Makes an empty object with room for @capacity bytes, to be filled by tstee_storage_write(). */
TSTEE_API int tstee_storage_create(struct tstee_session *session, psa_storage_uid_t uid,
				   size_t capacity, psa_storage_create_flags_t flags,
				   psa_status_t *status);

/* Writes @data from @offset on, which may be at the object's end but not behind it. */
TSTEE_API int tstee_storage_write(struct tstee_session *session, psa_storage_uid_t uid,
				  size_t offset, size_t data_len, const void *data,
				  psa_status_t *status);

/* As many UIDs as one call can list. */
#define TSTEE_STORAGE_LIST_MAX 64u

/*
 * The UIDs of the client's own objects above @after, ascending, to @uids, which has room for
 * TSTEE_STORAGE_LIST_MAX; *@count says how many. Fewer than that: there are no more. TSTEE's own.
 */
TSTEE_API int tstee_storage_list(struct tstee_session *session, psa_storage_uid_t after,
				 psa_storage_uid_t *uids, size_t *count, psa_status_t *status);

/* What the service can do besides: *@support is made of PSA_STORAGE_SUPPORT_... */
TSTEE_API int tstee_storage_get_support(struct tstee_session *session, uint32_t *support,
					psa_status_t *status);

#ifdef __cplusplus
}
#endif

#endif /* TSTEE_STORAGE_H */
