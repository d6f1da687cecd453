// SPDX-License-Identifier: BSD-3-Clause
/*
 * See store.h. The UID: "PK" in bits 63:48, the crypto partition's ID in 47:32, and a number that
 * is drawn. The object: attributes as a note has them (note.c), flagged with the class.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "store.h"

#define UID_MARK ((psa_storage_uid_t)0x504b << 48)

/* Most are shorter; longer ones take a second call. */
#define READ_FIRST 8192u

static psa_storage_uid_t base_of(const struct slot *slot)
{
	return UID_MARK | (psa_storage_uid_t)slot->options.endpoint_id << 32;
}

static CK_RV rv_of(int err, psa_status_t status)
{
	if (err)
		return rv_from_errno(err);
	return status == PSA_ERROR_INSUFFICIENT_STORAGE ? CKR_DEVICE_MEMORY :
							  rv_from_status(status);
}

/* Reads the object @uid. CKR_OBJECT_HANDLE_INVALID: none of ours is there. */
static CK_RV read_one(struct tstee_session *storage, psa_storage_uid_t uid,
		      struct attributes attributes[HALF_COUNT], uint8_t *class)
{
	size_t size = READ_FIRST, len;
	uint8_t *data = malloc(size), *longer;
	psa_status_t status;
	CK_RV rv;
	int err;

	if (!data)
		return CKR_HOST_MEMORY;
	err = tstee_storage_get(storage, uid, 0, size, data, &len, &status);
	if (!err && status == PSA_SUCCESS && len == size) {
		size = TSTEE_STORAGE_OBJECT_MAX;
		longer = realloc(data, size);
		if (!longer) {
			free(data);
			return CKR_HOST_MEMORY;
		}
		data = longer;
		err = tstee_storage_get(storage, uid, 0, size, data, &len, &status);
	}
	if (!err && status == PSA_ERROR_DOES_NOT_EXIST)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else
		rv = rv_of(err, status);
	if (rv == CKR_OK &&
	    (!note_decode(data, len, attributes, class) || *class > CKO_CERTIFICATE)) {
		trace("  object %llx of protected storage is none of this module's",
		      (unsigned long long)uid);
		rv = CKR_OBJECT_HANDLE_INVALID;
	}
	free(data);
	return rv;
}

static struct object *known(struct slot *slot, psa_storage_uid_t uid)
{
	for (struct object *object = slot->objects; object; object = object->next) {
		if (!object->key && object->uid == uid)
			return object;
	}
	return NULL;
}

static CK_RV see_one(struct slot *slot, struct tstee_session *storage, psa_storage_uid_t uid)
{
	struct attributes attributes[HALF_COUNT] = { { 0 } };
	struct object *object = known(slot, uid);
	uint8_t class;
	CK_RV rv = read_one(storage, uid, attributes, &class);

	if (rv == CKR_OK && !object) {
		object = object_new(slot, class, NULL, HALF_PRIVATE);
		if (object) {
			object->uid = uid;
			object_enlist(object);
		} else {
			rv = CKR_HOST_MEMORY;
		}
	}
	if (rv == CKR_OK) {
		attributes_free(&object->attributes);
		object->attributes = attributes[HALF_PRIVATE];
		attributes[HALF_PRIVATE] = (struct attributes){ 0 };
		object->seen = true;
	}
	for (size_t i = 0; i < HALF_COUNT; i++)
		attributes_free(&attributes[i]);
	return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_OK : rv;
}

CK_RV store_see(struct slot *slot)
{
	const psa_storage_uid_t base = base_of(slot);
	psa_storage_uid_t uids[TSTEE_STORAGE_LIST_MAX], after = base;
	struct tstee_session *storage;
	psa_status_t status;
	size_t count = 0;
	CK_RV rv;
	int err;

	if (slot->no_storage)
		return CKR_OK;
	rv = slot_storage(slot, &storage);
	if (rv != CKR_OK)
		return slot->no_storage ? CKR_OK : rv;
	do {
		err = tstee_storage_list(storage, after, uids, &count, &status);
		/* Storage that can't list: nothing is to be found. */
		if (err == -EINVAL || err == -EOPNOTSUPP ||
		    (!err && status == PSA_ERROR_NOT_SUPPORTED))
			return CKR_OK;
		rv = rv_of(err, status);
		for (size_t i = 0; i < count && rv == CKR_OK; i++) {
			if (uids[i] >> 32 != base >> 32)
				return CKR_OK;
			after = uids[i];
			rv = see_one(slot, storage, after);
		}
	} while (rv == CKR_OK && count == TSTEE_STORAGE_LIST_MAX);
	return rv;
}

CK_RV store_write(struct object *object)
{
	struct tstee_session *storage;
	struct bytes data = { 0 };
	psa_status_t status;
	uint32_t number = 0;
	CK_RV rv = slot_storage(object->slot, &storage);
	int err;

	if (rv != CKR_OK)
		return object->slot->no_storage ? CKR_TOKEN_WRITE_PROTECTED : rv;
	if (!note_begin(&data, (uint8_t)object->class) ||
	    !note_encode(&data, &object->attributes, HALF_PRIVATE))
		rv = CKR_HOST_MEMORY;
	else if (data.len > TSTEE_STORAGE_OBJECT_MAX)
		rv = CKR_DEVICE_MEMORY;
	while (rv == CKR_OK && !number && !object->uid)
		rv = rv_from_status(psa_generate_random((uint8_t *)&number, sizeof(number)));
	if (rv == CKR_OK && !object->uid)
		object->uid = base_of(object->slot) | number;
	if (rv == CKR_OK) {
		err = tstee_storage_set(storage, object->uid, data.len, data.data, 0, &status);
		rv = rv_of(err, status);
	}
	bytes_free(&data);
	return rv;
}

CK_RV store_remove(struct object *object)
{
	struct tstee_session *storage;
	psa_status_t status;
	CK_RV rv = slot_storage(object->slot, &storage);
	int err;

	if (rv != CKR_OK)
		return rv;
	err = tstee_storage_remove(storage, object->uid, &status);
	/* Another process was quicker. */
	if (!err && status == PSA_ERROR_DOES_NOT_EXIST)
		return CKR_OK;
	return rv_of(err, status);
}
