/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two PSA storage APIs have in common: each function is that of its name, over @shared. */
#ifndef CLIENT_PSA_STORAGE_H
#define CLIENT_PSA_STORAGE_H

#include <psa/storage_common.h>

#include "shared_session.h"

psa_status_t psa_storage_set(struct shared_session *shared, psa_storage_uid_t uid,
			     size_t data_length, const void *data,
			     psa_storage_create_flags_t create_flags);
psa_status_t psa_storage_get(struct shared_session *shared, psa_storage_uid_t uid,
			     size_t data_offset, size_t data_size, void *data, size_t *data_length);
psa_status_t psa_storage_get_info(struct shared_session *shared, psa_storage_uid_t uid,
				  struct psa_storage_info_t *info);
psa_status_t psa_storage_remove(struct shared_session *shared, psa_storage_uid_t uid);

#endif /* CLIENT_PSA_STORAGE_H */
