// SPDX-License-Identifier: BSD-3-Clause
/* The objects of internal and protected storage, for an administrator. See admin.h. */
#include <secure/service/admin.h>
#include <secure/service/secure_storage.h>

/* Objects that one call wipes: some 100 ms on the slowest flash. */
#define ERASE_MAX 128u

static_assert(SECURE_STORAGE_SPACE_DEVICE_KEY > SECURE_STORAGE_SPACE_PS_ENTRY, "it stays");
static_assert(ADMIN_KIND_ITS == (unsigned int)SECURE_STORAGE_SPACE_ITS &&
		      ADMIN_KIND_PS == (unsigned int)SECURE_STORAGE_SPACE_PS,
	      "kinds are spaces");

static psa_status_t storage_list(void *ctx, const struct admin_name *above,
				 struct admin_object *found, size_t max, size_t *count)
{
	const struct admin_storage *storage = ctx;
	struct store_object objects[ADMIN_PAGE];
	struct store_key at = { 0 };
	bool first = !above;
	size_t got;

	if (above)
		at = (struct store_key){ above->uid, above->client_id, above->source_id,
					 above->kind };
	*count = 0;
	do {
		psa_status_t status = storage->ps->ops->list_all(
			storage->ps->objects, first ? NULL : &at, objects, ADMIN_PAGE, &got);

		/* Without protected storage there is still the other. */
		if (status == PSA_ERROR_STORAGE_FAILURE)
			status = storage->its->ops->list_all(storage->its->objects,
							     first ? NULL : &at, objects,
							     ADMIN_PAGE, &got);
		if (status != PSA_SUCCESS)
			return status;
		first = false;
		for (size_t i = 0; i < got && *count < max; i++) {
			const struct store_info *info = &objects[i].info;

			at = objects[i].key;
			if (at.space != SECURE_STORAGE_SPACE_ITS &&
			    at.space != SECURE_STORAGE_SPACE_PS)
				continue;
			found[(*count)++] = (struct admin_object){
				.name = { at.uid, at.client_id, at.source_id, at.space },
				.account = info->payer.id,
				.account_source = info->payer.source_id,
				.size = info->size,
				.capacity = info->capacity,
				.flags = info->flags,
			};
		}
	} while (got == ADMIN_PAGE && *count < max);
	return PSA_SUCCESS;
}

static psa_status_t storage_remove(void *ctx, const struct admin_name *name)
{
	const struct admin_storage *storage = ctx;
	const struct store_key key = { name->uid, name->client_id, name->source_id, name->kind };

	/* Another partition would go on with what it remembers of its object. */
	if (name->source_id != SHARE_NORMAL_WORLD)
		return PSA_ERROR_NOT_PERMITTED;
	if (name->kind == ADMIN_KIND_ITS)
		return storage->its->ops->remove(storage->its->objects, &key);
	if (name->kind == ADMIN_KIND_PS)
		return storage->ps->ops->remove(storage->ps->objects, &key);
	return PSA_ERROR_DOES_NOT_EXIST;
}

static psa_status_t storage_erase(void *ctx, const uint32_t *client_id, uint32_t *removed,
				  bool *more)
{
	const struct store_scope scope = {
		.client_id = client_id ? *client_id : 0,
		.source_id = SHARE_NORMAL_WORLD,
		/* Not the device key, which is behind them. */
		.space_max = SECURE_STORAGE_SPACE_PS_ENTRY,
		.all_clients = !client_id,
	};
	const struct admin_storage *storage = ctx;
	psa_status_t status =
		storage->ps->ops->erase(storage->ps->objects, &scope, ERASE_MAX, removed, more);

	/* Without protected storage there is still the other. */
	if (status == PSA_ERROR_STORAGE_FAILURE)
		status = storage->its->ops->erase(storage->its->objects, &scope, ERASE_MAX, removed,
						  more);
	return status;
}

const struct admin_ops admin_storage_ops = {
	.list = storage_list,
	.remove = storage_remove,
	.erase = storage_erase,
};
