// SPDX-License-Identifier: BSD-3-Clause
/*
 * What Mbed TLS lacks when it is linked directly: the storage of its persistent keys, here in
 * memory. It is the reference in these tests, so it does as the specification says and no more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <psa/error.h>
#include <psa/internal_trusted_storage.h>

struct object {
	struct object *next;
	psa_storage_uid_t uid;
	psa_storage_create_flags_t flags;
	size_t len;
	uint8_t data[];
};

static struct object *objects;

static struct object **find(psa_storage_uid_t uid)
{
	struct object **at = &objects;

	while (*at && (*at)->uid != uid)
		at = &(*at)->next;
	return at;
}

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length, const void *p_data,
			 psa_storage_create_flags_t create_flags)
{
	struct object *object;
	psa_status_t status;

	if (uid == 0 || (!p_data && data_length > 0))
		return PSA_ERROR_INVALID_ARGUMENT;
	status = psa_its_remove(uid);
	if (status != PSA_SUCCESS && status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	object = malloc(sizeof(*object) + data_length);
	if (!object)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	object->next = objects;
	object->uid = uid;
	object->flags = create_flags;
	object->len = data_length;
	if (data_length > 0)
		memcpy(object->data, p_data, data_length);
	objects = object;
	return PSA_SUCCESS;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset, size_t data_size, void *p_data,
			 size_t *p_data_length)
{
	const struct object *object = *find(uid);
	size_t len;

	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (data_offset > object->len)
		return PSA_ERROR_INVALID_ARGUMENT;
	len = object->len - data_offset;
	if (len > data_size)
		len = data_size;
	if (len > 0)
		memcpy(p_data, object->data + data_offset, len);
	*p_data_length = len;
	return PSA_SUCCESS;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t *p_info)
{
	const struct object *object = *find(uid);

	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	p_info->capacity = object->len;
	p_info->size = object->len;
	p_info->flags = object->flags;
	return PSA_SUCCESS;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid)
{
	struct object **at = find(uid);
	struct object *object = *at;

	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (object->flags & PSA_STORAGE_FLAG_WRITE_ONCE)
		return PSA_ERROR_NOT_PERMITTED;
	*at = object->next;
	free(object);
	return PSA_SUCCESS;
}
