// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys whose policy is a set of algorithms (tstee/key_policy.h). The PSA core knows policies of one
 * algorithm: while such a key is used it has the one that it is used with. That is lent: whoever
 * names a key next, be it in the same request, finds the set again. Owns crypto.lent.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <tstee/key_policy.h>

void crypto_key_return(struct crypto *crypto)
{
	struct crypto_lent *lent = &crypto->lent;
	const mbedtls_svc_key_id_t key =
		mbedtls_svc_key_id_make(lent->owner, (psa_key_id_t)lent->key);
	psa_key_slot_t *slot;

	if (!lent->key)
		return;
	lent->key = 0;
	if (psa_get_and_lock_key_slot(key, &slot) != PSA_SUCCESS)
		return;
	/* Read anew since, it has its own. */
	if (psa_get_key_algorithm(&slot->attr) == lent->alg) {
		psa_set_key_algorithm(&slot->attr, lent->set);
		psa_set_key_usage_flags(&slot->attr, lent->usage);
	}
	(void)psa_unregister_read_under_mutex(slot);
}

psa_status_t crypto_key_lend(struct crypto *crypto, mbedtls_svc_key_id_t key, psa_algorithm_t alg,
			     uint32_t right, psa_key_usage_t usage)
{
	psa_status_t status, unlocked;
	psa_key_slot_t *slot;
	psa_algorithm_t set;

	status = psa_get_and_lock_key_slot(key, &slot);
	if (status != PSA_SUCCESS)
		return status;
	set = psa_get_key_algorithm(&slot->attr);
	if (!tstee_key_set_permits(set, alg) || (set & right) != right) {
		status = PSA_ERROR_NOT_PERMITTED;
	} else {
		crypto->lent = (struct crypto_lent){
			.owner = MBEDTLS_SVC_KEY_ID_GET_OWNER_ID(key),
			.key = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(key),
			.alg = alg,
			.set = set,
			.usage = psa_get_key_usage_flags(&slot->attr),
		};
		psa_set_key_algorithm(&slot->attr, alg);
		if (usage)
			psa_set_key_usage_flags(&slot->attr, usage);
	}
	unlocked = psa_unregister_read_under_mutex(slot);
	return status == PSA_SUCCESS ? unlocked : status;
}

mbedtls_svc_key_id_t crypto_key_use(struct crypto *crypto, const struct rpc_caller *caller,
				    uint32_t id, psa_algorithm_t alg)
{
	const mbedtls_svc_key_id_t key = crypto_key_name(crypto, caller, id);

	/* If not, the PSA core says what is wrong. */
	(void)crypto_key_lend(crypto, key, alg, 0, 0);
	return key;
}
