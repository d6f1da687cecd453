// SPDX-License-Identifier: BSD-3-Clause
/* The PSA API of internal trusted storage. */
#include <tstee_storage.h>

#pragma GCC visibility push(default)
#include <psa/internal_trusted_storage.h>
#pragma GCC visibility pop

#include "psa_storage.h"

static struct shared_session its = { .service = TSTEE_ITS_SERVICE };

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			 psa_storage_create_flags_t create_flags)
{
	return psa_storage_set(&its, uid, data_length, p_data, create_flags);
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			 size_t *p_data_length)
{
	return psa_storage_get(&its, uid, data_offset, data_size, p_data, p_data_length);
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	return psa_storage_get_info(&its, uid, p_info);
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
	return psa_storage_remove(&its, uid);
}
