// SPDX-License-Identifier: BSD-3-Clause
/* Attributes: those that are kept, and those that follow from what a key is. State: none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "der.h"
#include "mechanism.h"
#include "module.h"

static CK_ATTRIBUTE *find(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
	for (size_t i = 0; i < attributes->count; i++) {
		if (attributes->list[i].type == type)
			return &attributes->list[i];
	}
	return NULL;
}

CK_RV attributes_set(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *value,
		     size_t len)
{
	CK_ATTRIBUTE *there = find(attributes, type), *grown;
	uint8_t *copy = malloc(len + 1);

	if (!copy)
		return CKR_HOST_MEMORY;
	if (len)
		memcpy(copy, value, len);
	if (!there) {
		grown = realloc(attributes->list, (attributes->count + 1) * sizeof(*grown));
		if (!grown) {
			free(copy);
			return CKR_HOST_MEMORY;
		}
		attributes->list = grown;
		there = &grown[attributes->count++];
		*there = (CK_ATTRIBUTE){ .type = type };
	}
	free(there->pValue);
	there->pValue = copy;
	there->ulValueLen = len;
	return CKR_OK;
}

const CK_ATTRIBUTE *attributes_get(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type)
{
	return find(attributes, type);
}

void attributes_free(struct attributes *attributes)
{
	for (size_t i = 0; i < attributes->count; i++)
		free(attributes->list[i].pValue);
	free(attributes->list);
	*attributes = (struct attributes){ 0 };
}

CK_RV attributes_copy(struct attributes *to, const struct attributes *from)
{
	CK_RV rv = CKR_OK;

	for (size_t i = 0; i < from->count && rv == CKR_OK; i++)
		rv = attributes_set(to, from->list[i].type, from->list[i].pValue,
				    from->list[i].ulValueLen);
	return rv;
}

const CK_ATTRIBUTE *template_get(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < count; i++) {
		if (templ[i].type == type)
			return &templ[i];
	}
	return NULL;
}

CK_RV template_check(const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	if (count && !templ)
		return CKR_ARGUMENTS_BAD;
	for (CK_ULONG i = 0; i < count; i++) {
		if (templ[i].ulValueLen && !templ[i].pValue)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		/* Nothing is that long, and lengths are added. */
		if (templ[i].ulValueLen > UINT16_MAX)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		if (template_get(templ, i, templ[i].type))
			return CKR_TEMPLATE_INCONSISTENT;
	}
	return CKR_OK;
}

CK_RV template_bool(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
		    bool fallback, bool *value)
{
	const CK_ATTRIBUTE *attribute = template_get(templ, count, type);

	*value = fallback;
	if (!attribute)
		return CKR_OK;
	if (attribute->ulValueLen != sizeof(CK_BBOOL))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*value = *(const CK_BBOOL *)attribute->pValue != CK_FALSE;
	return CKR_OK;
}

CK_RV template_ulong(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
		     CK_ULONG fallback, CK_ULONG *value)
{
	const CK_ATTRIBUTE *attribute = template_get(templ, count, type);

	*value = fallback;
	if (!attribute)
		return CKR_OK;
	if (attribute->ulValueLen != sizeof(CK_ULONG))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	memcpy(value, attribute->pValue, sizeof(*value));
	return CKR_OK;
}

static CK_RV give(struct bytes *value, const void *data, size_t len)
{
	return bytes_add(value, data, len) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV give_bool(struct bytes *value, bool is)
{
	const CK_BBOOL byte = is ? CK_TRUE : CK_FALSE;

	return give(value, &byte, sizeof(byte));
}

static CK_RV give_ulong(struct bytes *value, CK_ULONG number)
{
	return give(value, &number, sizeof(number));
}

static CK_RV give_attribute(struct bytes *value, const CK_ATTRIBUTE *attribute)
{
	return give(value, attribute->pValue, attribute->ulValueLen);
}

static CK_RV key_label(const struct object *object, struct bytes *value)
{
	const struct key *key = object->key;
	const enum half main = key_main_half(key);
	const CK_ATTRIBUTE *label = NULL;

	if (object->half != main)
		label = attributes_get(&key->notes[object->half], CKA_LABEL);
	if (!label && *key->name)
		return give(value, key->name, strlen(key->name));
	if (!label)
		label = attributes_get(&key->notes[main], CKA_LABEL);
	return label ? give_attribute(value, label) : give(value, NULL, 0);
}

/* One's own, or the other half's: certificates, private and public keys go together by it. */
static CK_RV key_id(const struct object *object, struct bytes *value)
{
	const struct key *key = object->key;
	const CK_ATTRIBUTE *id = attributes_get(&key->notes[object->half], CKA_ID);
	const uint8_t number[] = { (uint8_t)(key->id >> 24), (uint8_t)(key->id >> 16),
				   (uint8_t)(key->id >> 8), (uint8_t)key->id };

	if (!id)
		id = attributes_get(&key->notes[key_main_half(key)], CKA_ID);
	return id ? give_attribute(value, id) : give(value, number, sizeof(number));
}

static CK_RV unique_id(const struct object *object, struct bytes *value)
{
	char text[64];
	int len;

	if (object->key && object->session)
		len = snprintf(text, sizeof(text), "session-%lx", object->handle);
	else if (object->key)
		len = snprintf(text, sizeof(text), "%s-%08x-%lx", object->slot->serial,
			       (unsigned int)object->key->id, object->class);
	else
		len = snprintf(text, sizeof(text), "%s-%llx", object->slot->serial,
			       object->uid ? (unsigned long long)object->uid :
					     (unsigned long long)object->handle);
	return give(value, text, (size_t)len);
}

/* All mechanisms that a key's one algorithm is part of. */
static CK_RV allowed_mechanisms(const struct key *key, struct bytes *value)
{
	CK_MECHANISM_TYPE list[128];
	CK_ULONG count = 0;

	if (tstee_key_is_set(key->alg))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	count = mechanisms_of(key, list, COUNT(list));
	return give(value, list, count * sizeof(list[0]));
}

static bool is_sensitive(const struct object *object)
{
	const CK_ATTRIBUTE *kept = attributes_get(&object->key->notes[object->half], CKA_SENSITIVE);

	if (kept && kept->ulValueLen == 1)
		return *(const CK_BBOOL *)kept->pValue != CK_FALSE;
	return !(object->key->usage & PSA_KEY_USAGE_EXPORT);
}

static bool is_extractable(const struct key *key)
{
	return key->usage & PSA_KEY_USAGE_EXPORT ||
	       (tstee_key_is_set(key->alg) && key->alg & TSTEE_KEY_WRAPPABLE);
}

static bool in_set(const struct key *key, uint32_t bit)
{
	return tstee_key_is_set(key->alg) && key->alg & bit;
}

/* Truths about keys that follow from their policy. -1: not one of those. */
static int policy_bool(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
	const struct key *key = object->key;
	const bool public = object->class == CKO_PUBLIC_KEY;
	const bool private = object->class == CKO_PRIVATE_KEY;
	/* ML-KEM's functions are others, which aren't here. */
	const psa_key_usage_t usage = PSA_KEY_TYPE_IS_ML_KEM(key->type) ? 0 : key->usage;

	switch (type) {
	case CKA_SIGN:
		return !public && usage & (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE);
	case CKA_VERIFY:
		return !private &&
		       usage & (PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE);
	case CKA_ENCRYPT:
		return !private && usage & PSA_KEY_USAGE_ENCRYPT;
	case CKA_DECRYPT:
		return !public && usage & PSA_KEY_USAGE_DECRYPT;
	case CKA_DERIVE:
		return usage & PSA_KEY_USAGE_DERIVE;
	case CKA_WRAP:
		return !private && in_set(key, TSTEE_KEY_WRAP);
	case CKA_UNWRAP:
		return !public && in_set(key, TSTEE_KEY_UNWRAP);
	case CKA_SENSITIVE:
		return is_sensitive(object);
	case CKA_EXTRACTABLE:
		return is_extractable(key);
	case CKA_SIGN_RECOVER:
	case CKA_VERIFY_RECOVER:
	case CKA_ALWAYS_AUTHENTICATE:
		return false;
	default:
		return -1;
	}
}

/* Those that are kept, and what they are where nothing is. -1: not one of those. */
static int kept_default(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_PRIVATE:
		return object->class == CKO_PRIVATE_KEY || object->class == CKO_SECRET_KEY;
	case CKA_MODIFIABLE:
	case CKA_DESTROYABLE:
		return object->class != CKO_PROFILE;
	case CKA_COPYABLE:
		return object->class != CKO_PROFILE &&
		       (object->class != CKO_PRIVATE_KEY ||
			object->key->usage & PSA_KEY_USAGE_COPY) &&
		       (object->class != CKO_SECRET_KEY || object->key->usage & PSA_KEY_USAGE_COPY);
	case CKA_LOCAL:
		return object->key ? false : -1;
	case CKA_TRUSTED:
		return object->class == CKO_DATA || object->class == CKO_PRIVATE_KEY ? -1 : false;
	case CKA_WRAP_WITH_TRUSTED:
		return object->key && object->class != CKO_PUBLIC_KEY ? false : -1;
	case CKA_ALWAYS_SENSITIVE:
		return object->key && object->class != CKO_PUBLIC_KEY ?
			       is_sensitive(object) &&
				       !(object->key->usage & PSA_KEY_USAGE_EXPORT) :
			       -1;
	case CKA_NEVER_EXTRACTABLE:
		return object->key && object->class != CKO_PUBLIC_KEY ?
			       !is_extractable(object->key) :
			       -1;
	default:
		return -1;
	}
}

/* Attributes of classes that have no others. */
static bool of_private_and_secret(CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_SENSITIVE:
	case CKA_EXTRACTABLE:
	case CKA_ALWAYS_SENSITIVE:
	case CKA_NEVER_EXTRACTABLE:
	case CKA_SIGN:
	case CKA_DECRYPT:
	case CKA_UNWRAP:
		return true;
	default:
		return false;
	}
}

static bool of_public_and_secret(CK_ATTRIBUTE_TYPE type)
{
	return type == CKA_VERIFY || type == CKA_ENCRYPT || type == CKA_WRAP;
}

static bool has_bool(CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type)
{
	if (type == CKA_SIGN_RECOVER || type == CKA_ALWAYS_AUTHENTICATE)
		return class == CKO_PRIVATE_KEY;
	if (type == CKA_VERIFY_RECOVER)
		return class == CKO_PUBLIC_KEY;
	if (of_private_and_secret(type))
		return class != CKO_PUBLIC_KEY;
	return !of_public_and_secret(type) || class != CKO_PRIVATE_KEY;
}

static CK_RV public_material(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
	struct key *key = object->key;
	const struct curve *curve = curve_of(key->type, key->bits);
	const struct lattice *lattice = lattice_of(key->type, key->bits);
	const bool rsa = PSA_KEY_TYPE_IS_RSA(key->type);
	struct der_part modulus, exponent;
	CK_RV rv;

	if (!PSA_KEY_TYPE_IS_ASYMMETRIC(key->type))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (type == CKA_PARAMETER_SET)
		return lattice ? give_ulong(value, lattice->set) : CKR_ATTRIBUTE_TYPE_INVALID;
	if ((type == CKA_VALUE) != !!lattice && type != CKA_PUBLIC_KEY_INFO)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (type == CKA_EC_PARAMS)
		return curve ? give(value, curve->params, curve->params_len) :
			       CKR_ATTRIBUTE_TYPE_INVALID;
	if (type == CKA_MODULUS_BITS)
		return rsa ? give_ulong(value, key->bits) : CKR_ATTRIBUTE_TYPE_INVALID;
	if ((type == CKA_EC_POINT) == rsa && type != CKA_PUBLIC_KEY_INFO && !lattice)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	rv = key_public(key);
	if (rv != CKR_OK)
		return rv;
	switch (type) {
	case CKA_PUBLIC_KEY_INFO:
		if (!rsa && !curve && !lattice)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		return der_add_public(value, key->type, key->bits, key->public, key->public_len) ?
			       CKR_OK :
			       CKR_HOST_MEMORY;
	case CKA_VALUE:
		return give(value, key->public, key->public_len);
	case CKA_EC_POINT:
		return der_add(value, DER_OCTET_STRING, key->public, key->public_len) ?
			       CKR_OK :
			       CKR_HOST_MEMORY;
	default:
		if (!der_rsa_public(key->public, key->public_len, &modulus, &exponent))
			return CKR_DEVICE_ERROR;
		return type == CKA_MODULUS ? give(value, modulus.data, modulus.len) :
					     give(value, exponent.data, exponent.len);
	}
}

/* A number of an RSA key pair: -1, it is none, else its place. */
static int rsa_number(CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_PRIVATE_EXPONENT:
		return 2;
	case CKA_PRIME_1:
		return 3;
	case CKA_PRIME_2:
		return 4;
	case CKA_EXPONENT_1:
		return 5;
	case CKA_EXPONENT_2:
		return 6;
	case CKA_COEFFICIENT:
		return 7;
	default:
		return -1;
	}
}

static CK_RV secret_material(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
	const struct key *key = object->key;
	struct der_part numbers[DER_RSA_NUMBERS];
	const struct lattice *lattice = lattice_of(key->type, key->bits);
	const int number = rsa_number(type);
	const bool rsa = PSA_KEY_TYPE_IS_RSA(key->type), seed = type == CKA_SEED;
	const size_t size = PSA_EXPORT_KEY_OUTPUT_SIZE(key->type, key->bits);
	psa_status_t status;
	uint8_t *buf;
	size_t len;
	CK_RV rv;

	if (object->class == CKO_PUBLIC_KEY || rsa != (number >= 0) || (seed && !lattice))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (!(key->usage & PSA_KEY_USAGE_EXPORT) || is_sensitive(object))
		return CKR_ATTRIBUTE_SENSITIVE;
	/* PSA has the seed, and not what is made of it. */
	if (lattice && !seed)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	buf = malloc(size + 1);
	if (!buf)
		return CKR_HOST_MEMORY;
	status = psa_export_key(key->id, buf, size, &len);
	if (status != PSA_SUCCESS)
		rv = rv_from_status(status);
	else if (!rsa)
		rv = give(value, buf, len);
	else if (der_rsa_pair(buf, len, numbers))
		rv = give(value, numbers[number].data, numbers[number].len);
	else
		rv = CKR_DEVICE_ERROR;
	explicit_bzero(buf, size);
	free(buf);
	return rv;
}

static CK_RV key_attribute(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
	const struct key *key = object->key;
	const CK_ATTRIBUTE *kept;
	int is;

	switch (type) {
	case CKA_LABEL:
		return key_label(object, value);
	case CKA_ID:
		return key_id(object, value);
	case CKA_KEY_TYPE:
		kept = attributes_get(&key->notes[object->half], type);
		return kept ? give_attribute(value, kept) :
			      give_ulong(value, key_cryptoki_type(key));
	case CKA_MODULUS:
	case CKA_MODULUS_BITS:
	case CKA_PUBLIC_EXPONENT:
	case CKA_EC_PARAMS:
	case CKA_EC_POINT:
	case CKA_PUBLIC_KEY_INFO:
	case CKA_PARAMETER_SET:
		return public_material(object, type, value);
	case CKA_VALUE:
		if (object->class == CKO_PUBLIC_KEY)
			return public_material(object, type, value);
		return secret_material(object, type, value);
	case CKA_SEED:
	case CKA_PRIVATE_EXPONENT:
	case CKA_PRIME_1:
	case CKA_PRIME_2:
	case CKA_EXPONENT_1:
	case CKA_EXPONENT_2:
	case CKA_COEFFICIENT:
		return secret_material(object, type, value);
	case CKA_VALUE_LEN:
		return object->class == CKO_SECRET_KEY ?
			       give_ulong(value, PSA_BITS_TO_BYTES(key->bits)) :
			       CKR_ATTRIBUTE_TYPE_INVALID;
	}
	is = policy_bool(object, type);
	if (is >= 0)
		return has_bool(object->class, type) ? give_bool(value, is) :
						       CKR_ATTRIBUTE_TYPE_INVALID;
	kept = attributes_get(&key->notes[object->half], type);
	if (kept)
		return give_attribute(value, kept);
	switch (type) {
	case CKA_ALLOWED_MECHANISMS:
		return allowed_mechanisms(key, value);
	case CKA_KEY_GEN_MECHANISM:
		return give_ulong(value, CK_UNAVAILABLE_INFORMATION);
	case CKA_WRAP_TEMPLATE:
		return object->class == CKO_PRIVATE_KEY ? CKR_ATTRIBUTE_TYPE_INVALID :
							  give(value, NULL, 0);
	case CKA_UNWRAP_TEMPLATE:
	case CKA_DERIVE_TEMPLATE:
		return object->class == CKO_PUBLIC_KEY ? CKR_ATTRIBUTE_TYPE_INVALID :
							 give(value, NULL, 0);
	case CKA_CHECK_VALUE:
		return check_value(object, value);
	case CKA_SUBJECT:
		return object->class == CKO_SECRET_KEY ? CKR_ATTRIBUTE_TYPE_INVALID :
							 give(value, NULL, 0);
	case CKA_START_DATE:
	case CKA_END_DATE:
		return give(value, NULL, 0);
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

/* What certificates and data have if it wasn't said. */
static CK_RV stored_default(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
	const bool certificate = object->class == CKO_CERTIFICATE;

	switch (type) {
	case CKA_LABEL:
		return object->class == CKO_PROFILE ? CKR_ATTRIBUTE_TYPE_INVALID :
						      give(value, NULL, 0);
	case CKA_VALUE:
	case CKA_APPLICATION:
	case CKA_OBJECT_ID:
		return object->class == CKO_DATA ? give(value, NULL, 0) :
						   CKR_ATTRIBUTE_TYPE_INVALID;
	case CKA_ID:
	case CKA_SUBJECT:
	case CKA_ISSUER:
	case CKA_SERIAL_NUMBER:
	case CKA_START_DATE:
	case CKA_END_DATE:
	case CKA_URL:
	case CKA_HASH_OF_SUBJECT_PUBLIC_KEY:
	case CKA_HASH_OF_ISSUER_PUBLIC_KEY:
	case CKA_PUBLIC_KEY_INFO:
		return certificate ? give(value, NULL, 0) : CKR_ATTRIBUTE_TYPE_INVALID;
	case CKA_CHECK_VALUE:
		return check_value(object, value);
	case CKA_NAME_HASH_ALGORITHM:
		return certificate ? give_ulong(value, CKM_SHA_1) : CKR_ATTRIBUTE_TYPE_INVALID;
	case CKA_CERTIFICATE_CATEGORY:
	case CKA_JAVA_MIDP_SECURITY_DOMAIN:
		return certificate ? give_ulong(value, 0) : CKR_ATTRIBUTE_TYPE_INVALID;
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

CK_RV object_attribute(struct object *object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
	const CK_ATTRIBUTE *kept;
	CK_RV rv;
	int is;

	*value = (struct bytes){ 0 };
	switch (type) {
	case CKA_CLASS:
		return give_ulong(value, object->class);
	case CKA_TOKEN:
		return give_bool(value, !object->session);
	case CKA_UNIQUE_ID:
		return unique_id(object, value);
	}
	if (object->key) {
		rv = key_attribute(object, type, value);
	} else {
		kept = attributes_get(&object->attributes, type);
		rv = kept ? give_attribute(value, kept) : stored_default(object, type, value);
	}
	if (rv != CKR_ATTRIBUTE_TYPE_INVALID)
		return rv;
	is = kept_default(object, type);
	return is >= 0 ? give_bool(value, is) : rv;
}

bool object_is(struct object *object, CK_ATTRIBUTE_TYPE type)
{
	struct bytes value;
	bool is = object_attribute(object, type, &value) == CKR_OK && value.len == 1 &&
		  value.data[0] != CK_FALSE;

	bytes_free(&value);
	return is;
}
