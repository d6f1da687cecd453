// SPDX-License-Identifier: BSD-3-Clause
/* See note.h. */
#include <string.h>

#include "note.h"

psa_status_t note_read(struct key *key)
{
	psa_status_t status = tstee_key_get_name(key->id, key->name, sizeof(key->name));

	return status == PSA_ERROR_NOT_SUPPORTED ? PSA_SUCCESS : status;
}
