// SPDX-License-Identifier: BSD-3-Clause
/*
 * CKA_CHECK_VALUE: three bytes by which people see that two tokens have the same key or certificate,
 * as far as the partition tells them: a key that it keeps to itself has none. State: none.
 */
#include <string.h>

#include "module.h"

#define CHECK_LEN 3u

/* Of the SHA-1 hash of the object's value (Mechanisms 3.0, 2.2 and 2.6; Base 3.0, 4.6.2). */
static CK_RV by_hash(struct object *object, struct bytes *value)
{
	uint8_t hash[PSA_HASH_LENGTH(PSA_ALG_SHA_1)];
	struct bytes all;
	size_t len;
	CK_RV rv = object_attribute(object, CKA_VALUE, &all);

	if (rv == CKR_OK && all.len)
		rv = rv_from_status(psa_hash_compute(PSA_ALG_SHA_1, all.data, all.len, hash,
						     sizeof(hash), &len));
	if (rv == CKR_OK && !bytes_add(value, hash, all.len ? CHECK_LEN : 0))
		rv = CKR_HOST_MEMORY;
	bytes_free(&all);
	return rv;
}

/* Of a block of zeros that the key encrypts, if it may (Mechanisms 3.0, 2.10.2). */
static CK_RV by_cipher(const struct key *key, struct bytes *value)
{
	static const uint8_t zeros[PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE];
	uint8_t block[PSA_BLOCK_CIPHER_BLOCK_MAX_SIZE];
	size_t len;
	CK_RV rv;

	if (!(key->usage & PSA_KEY_USAGE_ENCRYPT) || !key_permits(key, PSA_ALG_ECB_NO_PADDING))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	rv = rv_from_status(psa_cipher_encrypt(key->id, PSA_ALG_ECB_NO_PADDING, zeros,
					       sizeof(zeros), block, sizeof(block), &len));
	if (rv == CKR_OK && !bytes_add(value, block, CHECK_LEN))
		rv = CKR_HOST_MEMORY;
	return rv;
}

CK_RV check_value(struct object *object, struct bytes *value)
{
	CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;

	if (object->class == CKO_CERTIFICATE)
		return by_hash(object, value);
	if (object->class != CKO_SECRET_KEY)
		return rv;
	if (object->key->type == PSA_KEY_TYPE_AES)
		return by_cipher(object->key, value);
	if (object->key->type != PSA_KEY_TYPE_CHACHA20)
		rv = by_hash(object, value);
	return rv == CKR_ATTRIBUTE_SENSITIVE ? CKR_ATTRIBUTE_TYPE_INVALID : rv;
}

bool check_fits(struct object *object, const struct attributes *said)
{
	const CK_ATTRIBUTE *check = attributes_get(said, CKA_CHECK_VALUE);
	struct bytes value = { 0 };
	bool fits;

	/* An empty one asks for none. */
	if (!check || !check->ulValueLen)
		return true;
	fits = check_value(object, &value) != CKR_OK ||
	       (value.len == check->ulValueLen && !memcmp(value.data, check->pValue, value.len));
	bytes_free(&value);
	return fits;
}
