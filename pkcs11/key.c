// SPDX-License-Identifier: BSD-3-Clause
/* Keys of the partition, and what they are to PKCS#11. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "note.h"

struct key *key_new(void)
{
	struct key *key = calloc(1, sizeof(*key));

	if (key)
		key->refs = 1;
	return key;
}

void key_hold(struct key *key)
{
	__atomic_add_fetch(&key->refs, 1, __ATOMIC_RELAXED);
}

void key_let_go(struct key *key)
{
	if (!key || __atomic_sub_fetch(&key->refs, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < HALF_COUNT; i++)
		attributes_free(&key->notes[i]);
	free(key->public);
	free(key);
}

/* By functions that all partitions have. */
static psa_status_t read_attributes(struct key *key, mbedtls_svc_key_id_t id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status = psa_get_key_attributes(id, &attributes);

	key->id = id;
	key->type = psa_get_key_type(&attributes);
	key->bits = psa_get_key_bits(&attributes);
	key->usage = psa_get_key_usage_flags(&attributes);
	key->alg = psa_get_key_algorithm(&attributes);
	key->token = !PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(&attributes));
	psa_reset_key_attributes(&attributes);
	return status;
}

psa_status_t key_read(struct key *key, mbedtls_svc_key_id_t id)
{
	struct tstee_key_description description;
	psa_status_t status;
	uint8_t flags;

	if (PSA_KEY_ID_USER_MIN > id || id > PSA_KEY_ID_USER_MAX)
		return read_attributes(key, id);
	status = tstee_key_describe(id, &description);
	if (status == PSA_ERROR_NOT_SUPPORTED)
		return read_attributes(key, id);
	if (status != PSA_SUCCESS)
		return status;
	key->id = id;
	key->type = (psa_key_type_t)description.type;
	key->bits = description.bits;
	key->usage = description.usage;
	key->alg = description.algorithm;
	key->token = true;
	memcpy(key->name, description.name, sizeof(key->name));
	if (!note_decode(description.note, description.note_len, key->notes, &flags))
		trace("  key 0x%08x: its note is none of this module's", (unsigned int)id);
	key->hidden = flags & NOTE_HIDDEN;
	return PSA_SUCCESS;
}

CK_RV key_public(struct key *key)
{
	uint8_t buf[PSA_EXPORT_PUBLIC_KEY_MAX_SIZE];
	psa_status_t status;
	size_t len;

	if (key->public)
		return CKR_OK;
	if (!PSA_KEY_TYPE_IS_ASYMMETRIC(key->type))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	status = psa_export_public_key(key->id, buf, sizeof(buf), &len);
	if (status != PSA_SUCCESS)
		return rv_from_status(status);
	key->public = malloc(len);
	if (!key->public)
		return CKR_HOST_MEMORY;
	memcpy(key->public, buf, len);
	key->public_len = len;
	return CKR_OK;
}

bool key_permits(const struct key *key, psa_algorithm_t alg)
{
	const psa_algorithm_t hash = PSA_ALG_HASH_MASK;

	if (key->alg == alg || tstee_key_set_permits(key->alg, alg))
		return true;
	return PSA_ALG_IS_SIGN_HASH(key->alg) &&
	       PSA_ALG_SIGN_GET_HASH(key->alg) == PSA_ALG_ANY_HASH && PSA_ALG_SIGN_GET_HASH(alg) &&
	       (key->alg & ~hash) == (alg & ~hash);
}

CK_KEY_TYPE cryptoki_type_of_curve(psa_ecc_family_t family)
{
	switch (family) {
	case PSA_ECC_FAMILY_MONTGOMERY:
		return CKK_EC_MONTGOMERY;
	case PSA_ECC_FAMILY_TWISTED_EDWARDS:
		return CKK_EC_EDWARDS;
	default:
		return CKK_EC;
	}
}

CK_KEY_TYPE key_cryptoki_type(const struct key *key)
{
	if (PSA_KEY_TYPE_IS_RSA(key->type))
		return CKK_RSA;
	if (PSA_KEY_TYPE_IS_ECC(key->type))
		return cryptoki_type_of_curve(PSA_KEY_TYPE_ECC_GET_FAMILY(key->type));
	if (PSA_KEY_TYPE_IS_ML_DSA(key->type))
		return CKK_ML_DSA;
	if (PSA_KEY_TYPE_IS_ML_KEM(key->type))
		return CKK_ML_KEM;
	switch (key->type) {
	case PSA_KEY_TYPE_AES:
		return CKK_AES;
	case PSA_KEY_TYPE_CHACHA20:
		return CKK_CHACHA20;
	case PSA_KEY_TYPE_DES:
		return key->bits == 64 ? CKK_DES : key->bits == 128 ? CKK_DES2 : CKK_DES3;
	default:
		return CKK_GENERIC_SECRET;
	}
}

CK_OBJECT_CLASS key_class(const struct key *key)
{
	if (PSA_KEY_TYPE_IS_KEY_PAIR(key->type))
		return CKO_PRIVATE_KEY;
	return PSA_KEY_TYPE_IS_PUBLIC_KEY(key->type) ? CKO_PUBLIC_KEY : CKO_SECRET_KEY;
}

enum half key_main_half(const struct key *key)
{
	return PSA_KEY_TYPE_IS_PUBLIC_KEY(key->type) ? HALF_PUBLIC : HALF_PRIVATE;
}
