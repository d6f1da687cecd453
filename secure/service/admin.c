// SPDX-License-Identifier: BSD-3-Clause
/* The admin service. See admin.h. Keeps nothing of its own. */
#include <secure/service/admin.h>
#include <string.h>
#include <tstee/client_id.h>
#include <tstee/services.h>

static bool is_administrator(const struct rpc_caller *caller)
{
	return caller->source_id == SHARE_NORMAL_WORLD &&
	       (caller->client_id == TSTEE_CLIENT_ID_USER ||
		caller->client_id == TSTEE_CLIENT_ID_KERNEL);
}

static bool read_u16_pair(struct reader *req, uint16_t *low, uint16_t *high)
{
	uint32_t both;

	if (!reader_u32(req, &both))
		return false;
	*low = (uint16_t)both;
	*high = (uint16_t)(both >> 16);
	return true;
}

static bool write_u16_pair(struct writer *resp, uint16_t low, uint16_t high)
{
	return writer_u32(resp, (uint32_t)high << 16 | low);
}

static enum ts_rpc_status handle_usage(void *ctx, const struct rpc_caller *caller,
				       struct reader *req, struct writer *resp, int32_t *status)
{
	const struct share_account own = { caller->account, caller->source_id };
	const struct admin *admin = ctx;

	(void)req;
	*status = PSA_SUCCESS;
	for (size_t i = 0; i < admin->pool_count; i++) {
		const struct admin_pool_entry *entry = &admin->pools[i];
		char name[ADMIN_POOL_NAME_LEN] = { 0 };

		memcpy(name, entry->name, strnlen(entry->name, sizeof(name)));
		if (!writer_bytes(resp, name, sizeof(name)) ||
		    !writer_u64(resp, entry->pool->total) ||
		    !writer_u64(resp, entry->pool->reserve) ||
		    !writer_u64(resp, share_free(entry->pool, caller->source_id)) ||
		    !writer_u64(resp, share_held(entry->pool, own)))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_holders(void *ctx, const struct rpc_caller *caller,
					 struct reader *req, struct writer *resp, int32_t *status)
{
	const struct admin *admin = ctx;
	const struct share_holder *holder;
	struct share_account at;
	uint16_t first;
	uint32_t pool;

	if (!reader_u32(req, &pool) || !reader_u32(req, &at.id) ||
	    !read_u16_pair(req, &at.source_id, &first))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < ADMIN_PAGE * sizeof(struct admin_holder))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = PSA_ERROR_NOT_PERMITTED;
	if (!is_administrator(caller))
		return TS_RPC_SUCCESS;
	*status = PSA_ERROR_INVALID_ARGUMENT;
	if (pool >= admin->pool_count)
		return TS_RPC_SUCCESS;

	*status = PSA_SUCCESS;
	holder = share_next(admin->pools[pool].pool, first ? NULL : &at);
	for (size_t i = 0; i < ADMIN_PAGE && holder; i++) {
		if (!writer_u64(resp, holder->units) || !writer_u32(resp, holder->account.id) ||
		    !write_u16_pair(resp, holder->account.source_id, 0))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
		holder = share_next(admin->pools[pool].pool, &holder->account);
	}
	return TS_RPC_SUCCESS;
}

static bool read_name(struct reader *req, struct admin_name *name)
{
	uint32_t client_id;
	uint16_t source_id, kind;
	uint64_t uid;

	if (!reader_u64(req, &uid) || !reader_u32(req, &client_id) ||
	    !read_u16_pair(req, &source_id, &kind))
		return false;
	*name = (struct admin_name){ uid, client_id, source_id, kind };
	return true;
}

static enum ts_rpc_status handle_list(void *ctx, const struct rpc_caller *caller,
				      struct reader *req, struct writer *resp, int32_t *status)
{
	struct admin_object found[ADMIN_PAGE];
	const struct admin *admin = ctx;
	struct admin_name above;
	size_t count = 0;
	uint32_t first;

	if (!read_name(req, &above) || !reader_u32(req, &first))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < sizeof(found))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = PSA_ERROR_NOT_PERMITTED;
	if (!is_administrator(caller))
		return TS_RPC_SUCCESS;

	*status = PSA_SUCCESS;
	if (admin->ops)
		*status = admin->ops->list(admin->ctx, first ? NULL : &above, found, ADMIN_PAGE,
					   &count);
	for (size_t i = 0; i < count && *status == PSA_SUCCESS; i++) {
		const struct admin_object *o = &found[i];

		if (!writer_u64(resp, o->name.uid) || !writer_u32(resp, o->name.client_id) ||
		    !write_u16_pair(resp, o->name.source_id, o->name.kind) ||
		    !writer_u32(resp, o->account) || !write_u16_pair(resp, o->account_source, 0) ||
		    !writer_u32(resp, o->size) || !writer_u32(resp, o->capacity) ||
		    !writer_u32(resp, o->flags))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_remove(void *ctx, const struct rpc_caller *caller,
					struct reader *req, struct writer *resp, int32_t *status)
{
	const struct admin *admin = ctx;
	struct admin_name name;

	(void)resp;
	if (!read_name(req, &name))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!is_administrator(caller))
		*status = PSA_ERROR_NOT_PERMITTED;
	else if (!admin->ops)
		*status = PSA_ERROR_DOES_NOT_EXIST;
	else
		*status = admin->ops->remove(admin->ctx, &name);
	return TS_RPC_SUCCESS;
}

static enum ts_rpc_status handle_erase(void *ctx, const struct rpc_caller *caller,
				       struct reader *req, struct writer *resp, int32_t *status)
{
	uint32_t client_id, scope, removed = 0;
	const struct admin *admin = ctx;
	bool more = false;

	if (!reader_u32(req, &client_id) || !reader_u32(req, &scope))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (writer_room(resp) < sizeof(struct admin_erased))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = PSA_SUCCESS;
	if (!is_administrator(caller))
		*status = PSA_ERROR_NOT_PERMITTED;
	else if (scope != ADMIN_ERASE_CLIENT && scope != ADMIN_ERASE_ALL)
		*status = PSA_ERROR_INVALID_ARGUMENT;
	else if (admin->ops)
		*status = admin->ops->erase(
			admin->ctx, scope == ADMIN_ERASE_ALL ? NULL : &client_id, &removed, &more);
	if (*status == PSA_SUCCESS && (!writer_u32(resp, removed) || !writer_u32(resp, more)))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

static const struct service_op admin_opcodes[] = {
	{ ADMIN_USAGE, handle_usage }, { ADMIN_HOLDERS, handle_holders },
	{ ADMIN_LIST, handle_list },   { ADMIN_REMOVE, handle_remove },
	{ ADMIN_ERASE, handle_erase },
};

void admin_init(struct admin *admin, const struct admin_pool_entry *pools, size_t pool_count,
		const struct admin_ops *ops, void *ctx)
{
	static const uint8_t uuid[TS_RPC_UUID_LEN] = TSTEE_ADMIN_UUID_BYTES;

	*admin = (struct admin){
		.service = {
			.ops = admin_opcodes,
			.op_count = sizeof(admin_opcodes) / sizeof(admin_opcodes[0]),
			.ctx = admin,
		},
		.pools = pools,
		.pool_count = pool_count,
		.ops = ops,
		.ctx = ctx,
	};
	memcpy(admin->service.uuid, uuid, sizeof(uuid));
}
