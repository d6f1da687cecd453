// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PSA API of internal trusted storage. Owns the session that the process shares: opened
 * by the first call that needs it, with the default login, and kept till the process ends.
 * While it can't be opened each call tries again.
 */
#include <stdatomic.h>
#include <tstee_its.h>

#pragma GCC visibility push(default)
#include <psa/internal_trusted_storage.h>
#pragma GCC visibility pop

#include "psa_status.h"

static _Atomic(struct tstee_session *) shared_session;

/*
 * Without a lock, which a fork could leave locked: who opens a session too many closes it.
 */
static int shared_session_get(struct tstee_session **session)
{
	struct tstee_session *mine, *there = atomic_load(&shared_session);
	int err;

	if (!there) {
		err = tstee_open(TSTEE_ITS_SERVICE, NULL, &mine);
		if (err)
			return err;
		if (atomic_compare_exchange_strong(&shared_session, &there, mine))
			there = mine;
		else
			tstee_close(mine);
	}
	*session = there;
	return 0;
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			 psa_storage_create_flags_t create_flags)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid || (data_length && !p_data))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&session);
	if (!err)
		err = tstee_its_set(session, uid, data_length, p_data, create_flags, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			 size_t *p_data_length)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!p_data_length)
		return PSA_ERROR_INVALID_ARGUMENT;
	*p_data_length = 0;
	if (!uid || (data_size && !p_data))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&session);
	if (!err)
		err = tstee_its_get(session, uid, data_offset, data_size, p_data, p_data_length,
				    &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid || !p_info)
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&session);
	if (!err)
		err = tstee_its_get_info(session, uid, p_info, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid)
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&session);
	if (!err)
		err = tstee_its_remove(session, uid, &status);
	return err ? psa_status_from_error(err) : status;
}
