// SPDX-License-Identifier: BSD-3-Clause
/* The objects of several keepers in one partition, for an administrator. See admin.h. */
#include <secure/service/admin.h>

/* The one that has objects of @kind, or NULL. */
static const struct admin_keeper *find(const struct admin_union *all, uint16_t kind)
{
	for (size_t i = 0; i < all->count; i++) {
		if (kind >= all->keepers[i].kind_first && kind <= all->keepers[i].kind_last)
			return &all->keepers[i];
	}
	return NULL;
}

/* All of the first, in its order, then those of the next. */
static psa_status_t union_list(void *ctx, const struct admin_name *above,
			       struct admin_object *found, size_t max, size_t *count)
{
	const struct admin_union *all = ctx;
	const struct admin_keeper *keeper = above ? find(all, above->kind) : all->keepers;

	*count = 0;
	/* Behind a name of no kind there is nothing. */
	for (; keeper && keeper < all->keepers + all->count && *count < max; keeper++) {
		size_t got = 0;
		const psa_status_t status =
			keeper->ops->list(keeper->ctx, above, found + *count, max - *count, &got);

		if (status != PSA_SUCCESS)
			return status;
		*count += got;
		above = NULL;
	}
	return PSA_SUCCESS;
}

static psa_status_t union_remove(void *ctx, const struct admin_name *name)
{
	const struct admin_keeper *keeper = find(ctx, name->kind);

	return keeper ? keeper->ops->remove(keeper->ctx, name) : PSA_ERROR_DOES_NOT_EXIST;
}

/* One that fails doesn't keep the others from it. */
static psa_status_t union_erase(void *ctx, const uint32_t *client_id, uint32_t *removed, bool *more)
{
	const struct admin_union *all = ctx;
	psa_status_t first = PSA_SUCCESS;

	*removed = 0;
	*more = false;
	for (size_t i = 0; i < all->count; i++) {
		const struct admin_keeper *keeper = &all->keepers[i];
		uint32_t some = 0;
		bool left = false;
		const psa_status_t status =
			keeper->ops->erase(keeper->ctx, client_id, &some, &left);

		*removed += some;
		*more |= left;
		if (first == PSA_SUCCESS)
			first = status;
	}
	return first;
}

const struct admin_ops admin_union_ops = {
	.list = union_list,
	.remove = union_remove,
	.erase = union_erase,
};
