// SPDX-License-Identifier: BSD-3-Clause
/* The PSA API of protected storage. */
#include <tstee_storage.h>

#pragma GCC visibility push(default)
#include <psa/protected_storage.h>
#pragma GCC visibility pop

#include "psa_status.h"
#include "psa_storage.h"

static struct shared_session ps = { .service = TSTEE_PS_SERVICE };

psa_status_t psa_ps_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			psa_storage_create_flags_t create_flags)
{
	return psa_storage_set(&ps, uid, data_length, p_data, create_flags);
}

psa_status_t psa_ps_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			size_t *p_data_length)
{
	return psa_storage_get(&ps, uid, data_offset, data_size, p_data, p_data_length);
}

psa_status_t psa_ps_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	return psa_storage_get_info(&ps, uid, p_info);
}

psa_status_t psa_ps_remove(psa_storage_uid_t uid)
{
	return psa_storage_remove(&ps, uid);
}

psa_status_t psa_ps_create(psa_storage_uid_t uid, size_t capacity,
			   psa_storage_create_flags_t create_flags)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid)
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&ps, &session);
	if (!err)
		err = tstee_storage_create(session, uid, capacity, create_flags, &status);
	return err ? psa_status_from_error(err) : status;
}

psa_status_t psa_ps_set_extended(psa_storage_uid_t uid, size_t data_offset, size_t data_length,
				 const void *p_data)
{
	struct tstee_session *session;
	psa_status_t status;
	int err;

	if (!uid || (data_length && !p_data))
		return PSA_ERROR_INVALID_ARGUMENT;
	err = shared_session_get(&ps, &session);
	if (!err)
		err = tstee_storage_write(session, uid, data_offset, data_length, p_data, &status);
	return err ? psa_status_from_error(err) : status;
}

uint32_t psa_ps_get_support(void)
{
	struct tstee_session *session;
	uint32_t support = 0;
	psa_status_t status;

	if (shared_session_get(&ps, &session) ||
	    tstee_storage_get_support(session, &support, &status))
		return 0;
	return support;
}
