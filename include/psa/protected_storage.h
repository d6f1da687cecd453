/* SPDX-License-Identifier: BSD-3-Clause */
/* Protected storage: PSA Certified Secure Storage API 1.0, section 5.3. */
#ifndef PSA_PROTECTED_STORAGE_H
#define PSA_PROTECTED_STORAGE_H

#include <psa/error.h>
#include <psa/storage_common.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_PS_API_VERSION_MAJOR 1
#define PSA_PS_API_VERSION_MINOR 0

/*
 * Creates object @uid, or replaces it, in one step: a power cut leaves the old or the new one.
 *
 * PSA_ERROR_NOT_PERMITTED         it exists and was created with PSA_STORAGE_FLAG_WRITE_ONCE
 * PSA_ERROR_NOT_SUPPORTED         an unknown bit in @create_flags
 * PSA_ERROR_INSUFFICIENT_STORAGE  no room for it
 * PSA_ERROR_INVALID_ARGUMENT      @uid is 0, or @p_data NULL with a @data_length
 * PSA_ERROR_STORAGE_FAILURE       the flash failed
 */
psa_status_t psa_ps_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			psa_storage_create_flags_t create_flags);

/*
 * Fetches up to @data_size bytes from @data_offset on; *@p_data_length is how many there were.
 *
 * PSA_ERROR_DOES_NOT_EXIST        no such object
 * PSA_ERROR_INVALID_ARGUMENT      @uid is 0, a pointer NULL, @data_offset behind the end
 * PSA_ERROR_DATA_CORRUPT          its data is missing or torn
 * PSA_ERROR_INVALID_SIGNATURE     its data isn't what was stored last
 * PSA_ERROR_STORAGE_FAILURE       the flash failed
 */
psa_status_t psa_ps_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			size_t *p_data_length);

/* Length, capacity and flags of an object. Errors as psa_ps_get(). */
psa_status_t psa_ps_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info);

/* Removes an object for good. Errors as psa_ps_get(), and PSA_ERROR_NOT_PERMITTED. */
psa_status_t psa_ps_remove(psa_storage_uid_t uid);

/*
 * Creates object @uid, empty, with room for @capacity bytes, which psa_ps_set_extended() can fill.
 *
 * PSA_ERROR_ALREADY_EXISTS        there is one
 * PSA_ERROR_NOT_SUPPORTED         an unknown bit in @create_flags, or PSA_STORAGE_FLAG_WRITE_ONCE
 * PSA_ERROR_INSUFFICIENT_STORAGE  no room for it
 * PSA_ERROR_INVALID_ARGUMENT      @uid is 0
 * PSA_ERROR_STORAGE_FAILURE       the flash failed
 */
psa_status_t psa_ps_create(psa_storage_uid_t uid, size_t capacity,
			   psa_storage_create_flags_t create_flags);

/*
 * Writes to object @uid from @data_offset on, in one step. Errors as psa_ps_get(), and
 *
 * PSA_ERROR_INVALID_ARGUMENT      @data_offset is behind the end, or the capacity exceeded
 * PSA_ERROR_NOT_PERMITTED         it was created with PSA_STORAGE_FLAG_WRITE_ONCE
 */
psa_status_t psa_ps_set_extended(psa_storage_uid_t uid, size_t data_offset, size_t data_length,
				 const void *p_data);

/*
 * PSA_STORAGE_SUPPORT_SET_EXTENDED if the two functions above work; 0 where they don't, or
 * where the service can't be reached.
 */
uint32_t psa_ps_get_support(void);

#ifdef __cplusplus
}
#endif

#endif /* PSA_PROTECTED_STORAGE_H */
