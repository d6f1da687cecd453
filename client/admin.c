// SPDX-License-Identifier: BSD-3-Clause
/* The admin service over a session. No state. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <tstee/admin.h>
#include <tstee_admin.h>

#include "error.h"

static_assert(TSTEE_ADMIN_PAGE == ADMIN_PAGE, "pages");
static_assert(TSTEE_ADMIN_KIND_ITS == ADMIN_KIND_ITS && TSTEE_ADMIN_KIND_PS == ADMIN_KIND_PS &&
		      TSTEE_ADMIN_KIND_KEY == ADMIN_KIND_KEY &&
		      TSTEE_ADMIN_KEY_VOLATILE == ADMIN_KEY_VOLATILE,
	      "kinds");

/* A call whose response is at most ADMIN_PAGE elements of @size bytes. */
static int call_list(struct tstee_session *session, uint32_t opcode, const void *req,
		     size_t req_len, void *resp, size_t size, size_t *count, psa_status_t *status)
{
	size_t len = 0;
	int err = tstee_call(session, opcode, req, req_len, resp, ADMIN_PAGE * size, &len, status);

	*count = 0;
	if (err || *status != PSA_SUCCESS)
		return err;
	if (len % size)
		return error_set(EPROTO, NULL, "admin: malformed answer");
	*count = len / size;
	return 0;
}

int tstee_usage(struct tstee_session *session, struct tstee_pool *pools, size_t *count,
		psa_status_t *status)
{
	struct admin_pool found[ADMIN_PAGE];
	int err = call_list(session, ADMIN_USAGE, NULL, 0, found, sizeof(found[0]), count, status);

	for (size_t i = 0; !err && i < *count; i++) {
		memset(&pools[i], 0, sizeof(pools[i]));
		memcpy(pools[i].name, found[i].name, sizeof(found[i].name));
		pools[i].total = le64toh(found[i].total);
		pools[i].reserve = le64toh(found[i].reserve);
		pools[i].free = le64toh(found[i].free);
		pools[i].held = le64toh(found[i].held);
	}
	return err;
}

int tstee_admin_holders(struct tstee_session *session, uint32_t pool,
			const struct tstee_holder *after, struct tstee_holder *holders,
			size_t *count, psa_status_t *status)
{
	const struct admin_holders req = {
		.pool = htole32(pool),
		.account = htole32(after ? after->account : 0),
		.source_id = htole16(after ? after->source_id : 0),
		.first = htole16(!after),
	};
	struct admin_holder found[ADMIN_PAGE];
	int err = call_list(session, ADMIN_HOLDERS, &req, sizeof(req), found, sizeof(found[0]),
			    count, status);

	for (size_t i = 0; !err && i < *count; i++)
		holders[i] = (struct tstee_holder){
			.units = le64toh(found[i].units),
			.account = le32toh(found[i].account),
			.source_id = le16toh(found[i].source_id),
		};
	return err;
}

static struct admin_name name_of(const struct tstee_object *object)
{
	return (struct admin_name){
		.uid = htole64(object->uid),
		.client_id = htole32(object->client_id),
		.source_id = htole16(object->source_id),
		.kind = htole16(object->kind),
	};
}

int tstee_admin_list(struct tstee_session *session, const struct tstee_object *after,
		     struct tstee_object *objects, size_t *count, psa_status_t *status)
{
	struct admin_object found[ADMIN_PAGE];
	struct admin_list req = { .first = htole32(!after) };
	int err;

	if (after)
		req.above = name_of(after);
	err = call_list(session, ADMIN_LIST, &req, sizeof(req), found, sizeof(found[0]), count,
			status);
	for (size_t i = 0; !err && i < *count; i++)
		objects[i] = (struct tstee_object){
			.uid = le64toh(found[i].name.uid),
			.client_id = le32toh(found[i].name.client_id),
			.source_id = le16toh(found[i].name.source_id),
			.kind = le16toh(found[i].name.kind),
			.account = le32toh(found[i].account),
			.size = le32toh(found[i].size),
			.capacity = le32toh(found[i].capacity),
			.flags = le32toh(found[i].flags),
		};
	return err;
}

int tstee_admin_remove(struct tstee_session *session, const struct tstee_object *object,
		       psa_status_t *status)
{
	const struct admin_name req = name_of(object);

	return tstee_call(session, ADMIN_REMOVE, &req, sizeof(req), NULL, 0, NULL, status);
}

int tstee_admin_erase(struct tstee_session *session, const uint32_t *client_id, uint64_t *removed,
		      psa_status_t *status)
{
	const struct admin_erase req = {
		.client_id = htole32(client_id ? *client_id : 0),
		.scope = htole32(client_id ? ADMIN_ERASE_CLIENT : ADMIN_ERASE_ALL),
	};
	struct admin_erased out;
	size_t len;

	*removed = 0;
	do {
		int err = tstee_call(session, ADMIN_ERASE, &req, sizeof(req), &out, sizeof(out),
				     &len, status);

		if (err || *status != PSA_SUCCESS)
			return err;
		if (len != sizeof(out))
			return error_set(EPROTO, NULL, "admin: malformed answer");
		*removed += le32toh(out.removed);
	} while (out.more);
	return 0;
}
