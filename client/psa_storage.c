// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA storage APIs over a shared session. Arguments are judged before it is opened: a wrong
 * one is wrong on a machine without the service, too.
 */
#include <tstee_storage.h>

#include "psa_status.h"
#include "psa_storage.h"

psa_status_t psa_storage_set(struct shared_session *shared, psa_storage_uid_t uid,
			     size_t data_length, const void *data,
			     psa_storage_create_flags_t create_flags)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid || (data_length && !data))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(shared, &session);
	if (!err)
		err = tstee_storage_set(session, uid, data_length, data, create_flags, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_storage_get(struct shared_session *shared, psa_storage_uid_t uid,
			     size_t data_offset, size_t data_size, void *data, size_t *data_length)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!data_length)
		return PSA_ERROR_INVALID_ARGUMENT;
	*data_length = 0;
	if (!uid || (data_size && !data))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(shared, &session);
	if (!err)
		err = tstee_storage_get(session, uid, data_offset, data_size, data, data_length,
					&status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_storage_get_info(struct shared_session *shared, psa_storage_uid_t uid,
				  struct psa_storage_info_t *info)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid || !info)
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(shared, &session);
	if (!err)
		err = tstee_storage_get_info(session, uid, info, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_storage_remove(struct shared_session *shared, psa_storage_uid_t uid)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid)
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(shared, &session);
	if (!err)
		err = tstee_storage_remove(session, uid, &status);
	return err ? psa_status_from_error(err) : status;
}
