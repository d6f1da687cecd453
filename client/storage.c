// SPDX-License-Identifier: BSD-3-Clause
/* The storage services over a session. No state. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <tstee/secure_storage.h>
#include <tstee_storage.h>

#include "error.h"

static_assert(TSTEE_STORAGE_LIST_MAX == SECURE_STORAGE_LIST_MAX, "list length");
static_assert(TSTEE_STORAGE_OBJECT_MAX == SECURE_STORAGE_OBJECT_MAX, "object length");

int tstee_storage_set(struct tstee_session *session, psa_storage_uid_t uid, size_t data_len,
		      const void *data, psa_storage_create_flags_t flags, psa_status_t *status)
{
	struct secure_storage_set set = {
		.uid = htole64(uid),
		.data_length = htole64(data_len),
		.create_flags = htole32(flags),
	};
	const struct iovec iov[] = {
		{ .iov_base = &set, .iov_len = sizeof(set) },
		{ .iov_base = (void *)data, .iov_len = data_len },
	};

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!uid || (data_len && !data))
		return 0;
	/* Longer than any object can be: spare the partition the message. */
	*status = PSA_ERROR_INSUFFICIENT_STORAGE;
	if (data_len > TSTEE_STORAGE_OBJECT_MAX)
		return 0;
	return tstee_callv(session, SECURE_STORAGE_SET, iov, data_len ? 2 : 1, NULL, 0, NULL,
			   status);
}

int tstee_storage_get(struct tstee_session *session, psa_storage_uid_t uid, size_t offset,
		      size_t size, void *data, size_t *data_len, psa_status_t *status)
{
	struct secure_storage_get get = { .uid = htole64(uid), .data_offset = htole64(offset) };
	int err;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!data_len)
		return 0;
	*data_len = 0;
	if (!uid || (size && !data))
		return 0;
	/* What no address range can hold is no range, to the service as well. */
	if (offset && (offset > UINT32_MAX || size > UINT32_MAX - offset))
		return 0;
	if (size > TSTEE_STORAGE_OBJECT_MAX)
		size = TSTEE_STORAGE_OBJECT_MAX;
	get.data_size = htole64(size);
	err = tstee_call(session, SECURE_STORAGE_GET, &get, sizeof(get), data, size, data_len,
			 status);
	if (err || *status != PSA_SUCCESS)
		*data_len = 0;
	return err;
}

int tstee_storage_get_info(struct tstee_session *session, psa_storage_uid_t uid,
			   struct psa_storage_info_t *info, psa_status_t *status)
{
	struct secure_storage_object object = { .uid = htole64(uid) };
	struct secure_storage_info out;
	size_t len;
	int err;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!uid || !info)
		return 0;
	err = tstee_call(session, SECURE_STORAGE_GET_INFO, &object, sizeof(object), &out,
			 sizeof(out), &len, status);
	if (err || *status != PSA_SUCCESS)
		return err;
	if (len != sizeof(out))
		return error_set(EPROTO, NULL, "storage: malformed information");
	info->capacity = le64toh(out.capacity);
	info->size = le64toh(out.size);
	info->flags = le32toh(out.flags);
	return 0;
}

int tstee_storage_remove(struct tstee_session *session, psa_storage_uid_t uid, psa_status_t *status)
{
	struct secure_storage_object object = { .uid = htole64(uid) };

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!uid)
		return 0;
	return tstee_call(session, SECURE_STORAGE_REMOVE, &object, sizeof(object), NULL, 0, NULL,
			  status);
}

int tstee_storage_create(struct tstee_session *session, psa_storage_uid_t uid, size_t capacity,
			 psa_storage_create_flags_t flags, psa_status_t *status)
{
	struct secure_storage_create create = {
		.uid = htole64(uid),
		.capacity = htole64(capacity),
		.create_flags = htole32(flags),
	};

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!uid)
		return 0;
	return tstee_call(session, SECURE_STORAGE_CREATE, &create, sizeof(create), NULL, 0, NULL,
			  status);
}

int tstee_storage_write(struct tstee_session *session, psa_storage_uid_t uid, size_t offset,
			size_t data_len, const void *data, psa_status_t *status)
{
	struct secure_storage_set_extended extended = {
		.uid = htole64(uid),
		.data_offset = htole64(offset),
		.data_length = htole64(data_len),
	};
	const struct iovec iov[] = {
		{ .iov_base = &extended, .iov_len = sizeof(extended) },
		{ .iov_base = (void *)data, .iov_len = data_len },
	};

	/* Longer than any object can be lies beyond its capacity, too. */
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!uid || (data_len && !data) || data_len > TSTEE_STORAGE_OBJECT_MAX)
		return 0;
	return tstee_callv(session, SECURE_STORAGE_SET_EXTENDED, iov, data_len ? 2 : 1, NULL, 0,
			   NULL, status);
}

int tstee_storage_list(struct tstee_session *session, psa_storage_uid_t after,
		       psa_storage_uid_t *uids, size_t *count, psa_status_t *status)
{
	struct secure_storage_object above = { .uid = htole64(after) };
	uint64_t found[SECURE_STORAGE_LIST_MAX];
	size_t len;
	int err;

	*count = 0;
	err = tstee_call(session, SECURE_STORAGE_LIST, &above, sizeof(above), found, sizeof(found),
			 &len, status);
	if (err || *status != PSA_SUCCESS)
		return err;
	if (len % sizeof(found[0]))
		return error_set(EPROTO, NULL, "storage: malformed list");
	*count = len / sizeof(found[0]);
	for (size_t i = 0; i < *count; i++)
		uids[i] = le64toh(found[i]);
	return 0;
}

int tstee_storage_get_support(struct tstee_session *session, uint32_t *support,
			      psa_status_t *status)
{
	struct secure_storage_support out;
	size_t len;
	int err;

	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (!support)
		return 0;
	*support = 0;
	err = tstee_call(session, SECURE_STORAGE_GET_SUPPORT, NULL, 0, &out, sizeof(out), &len,
			 status);
	if (err || *status != PSA_SUCCESS)
		return err;
	if (len != sizeof(out))
		return error_set(EPROTO, NULL, "storage: malformed answer on what it supports");
	*support = le32toh(out.support);
	return 0;
}
