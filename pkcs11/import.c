// SPDX-License-Identifier: BSD-3-Clause
/* Objects that are made of what their user brings, copies of them, and their end. */
#include <string.h>

#include "der.h"
#include "make.h"
#include "note.h"
#include "store.h"

/* A key in PSA's format. */
struct material {
	psa_key_type_t type;
	size_t bits;
	struct bytes data;
};

static psa_status_t import(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *id)
{
	const struct material *material = ctx;

	return psa_import_key(attributes, material->data.data, material->data.len, id);
}

static bool add_number(struct bytes *out, const CK_ATTRIBUTE *a)
{
	return der_add_number(out, a->pValue, a->ulValueLen);
}

static CK_RV rsa_material(const CK_ATTRIBUTE *templ, CK_ULONG count, bool private,
			  struct material *m)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1,
		CKA_PRIME_2, CKA_EXPONENT_1,	  CKA_EXPONENT_2,	CKA_COEFFICIENT,
	};
	static const uint8_t zero[1];
	const size_t numbers = private ? COUNT(types) : 2;
	struct bytes all = { 0 };
	bool good = !private || der_add(&all, DER_INTEGER, zero, sizeof(zero));
	CK_RV rv = CKR_OK;

	m->type = private ? PSA_KEY_TYPE_RSA_KEY_PAIR : PSA_KEY_TYPE_RSA_PUBLIC_KEY;
	for (size_t i = 0; i < numbers && rv == CKR_OK; i++) {
		const CK_ATTRIBUTE *a = template_get(templ, count, types[i]);

		if (!a)
			rv = CKR_TEMPLATE_INCOMPLETE;
		else if (!a->ulValueLen)
			rv = CKR_ATTRIBUTE_VALUE_INVALID;
		else
			good = good && add_number(&all, a);
	}
	if (rv == CKR_OK && (!good || !der_add(&m->data, DER_SEQUENCE, all.data, all.len)))
		rv = CKR_HOST_MEMORY;
	bytes_free(&all);
	return rv;
}

/* A point as DER OCTET STRING, as it is to be; as BIT STRING (RFC 8410 has those); or as it is. */
static CK_RV point_material(const CK_ATTRIBUTE *point, const struct curve *curve,
			    struct material *m)
{
	struct der_part all, value;
	const size_t len = PSA_BITS_TO_BYTES(curve->bits);
	const size_t expected = curve_is_plain(curve) ? len : 2 * len + 1;

	if (!point)
		return CKR_TEMPLATE_INCOMPLETE;
	all = (struct der_part){ .data = point->pValue, .len = point->ulValueLen };
	if (all.len == expected) {
		value = all;
	} else if (curve_is_plain(curve) && der_read(&all, DER_BIT_STRING, &value) && value.len) {
		/* The first byte counts bits that aren't used. */
		if (*value.data)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		value.data++;
		value.len--;
	} else if (!der_read(&all, DER_OCTET_STRING, &value)) {
		return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	if (point->ulValueLen != expected && (all.len || value.len != expected))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return bytes_add(&m->data, value.data, value.len) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV ec_material(const CK_ATTRIBUTE *templ, CK_ULONG count, bool private,
			 struct material *m)
{
	static const uint8_t zeros[PSA_BITS_TO_BYTES(PSA_VENDOR_ECC_MAX_CURVE_BITS)];
	const CK_ATTRIBUTE *params = template_get(templ, count, CKA_EC_PARAMS);
	const CK_ATTRIBUTE *value = template_get(templ, count, CKA_VALUE);
	const struct curve *curve;
	size_t len;

	if (!params || (private && !value))
		return CKR_TEMPLATE_INCOMPLETE;
	curve = curve_find(params->pValue, params->ulValueLen);
	if (!curve)
		return CKR_CURVE_NOT_SUPPORTED;
	m->bits = curve->bits;
	m->type = private ? PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family) :
			    PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve->family);
	if (!private)
		return point_material(template_get(templ, count, CKA_EC_POINT), curve, m);
	len = PSA_BITS_TO_BYTES(curve->bits);
	if (curve_is_plain(curve) && value->ulValueLen != len)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	/* Else a number, which may be shorter, or have a zero in front. */
	if (value->ulValueLen == len + 1 && !*(const uint8_t *)value->pValue)
		return bytes_add(&m->data, (const uint8_t *)value->pValue + 1, len) ?
			       CKR_OK :
			       CKR_HOST_MEMORY;
	if (!value->ulValueLen || value->ulValueLen > len)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return bytes_add(&m->data, zeros, len - value->ulValueLen) &&
			       bytes_add(&m->data, value->pValue, value->ulValueLen) ?
		       CKR_OK :
		       CKR_HOST_MEMORY;
}

/* A private key by its seed, which is what PSA has of it. */
static CK_RV ml_dsa_material(const CK_ATTRIBUTE *templ, CK_ULONG count, bool private,
			     struct material *m)
{
	const CK_ATTRIBUTE *value = template_get(templ, count, private ? CKA_SEED : CKA_VALUE);
	const struct lattice *lattice;
	CK_ULONG set;
	CK_RV rv = template_ulong(templ, count, CKA_PARAMETER_SET, 0, &set);

	if (rv != CKR_OK)
		return rv;
	if (!value || !template_get(templ, count, CKA_PARAMETER_SET))
		return CKR_TEMPLATE_INCOMPLETE;
	lattice = lattice_find(CKK_ML_DSA, set);
	if (!lattice)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	m->type = private ? lattice->pair : PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(lattice->pair);
	m->bits = lattice->bits;
	if (value->ulValueLen != PSA_EXPORT_KEY_OUTPUT_SIZE(m->type, m->bits))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return bytes_add(&m->data, value->pValue, value->ulValueLen) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV secret_material(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_KEY_TYPE key_type,
			     struct material *m)
{
	const CK_ATTRIBUTE *value = template_get(templ, count, CKA_VALUE);
	bool derive, signs;
	CK_RV rv = template_bool(templ, count, CKA_DERIVE, false, &derive);

	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_SIGN, !derive, &signs);
	if (rv != CKR_OK)
		return rv;
	m->type = secret_type(key_type, derive && !signs);
	if (!m->type)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (!value)
		return CKR_TEMPLATE_INCOMPLETE;
	if (!value->ulValueLen)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return bytes_add(&m->data, value->pValue, value->ulValueLen) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV material_read(CK_OBJECT_CLASS class, const CK_ATTRIBUTE *templ, CK_ULONG count,
			   struct material *m)
{
	const bool private = class == CKO_PRIVATE_KEY;
	CK_KEY_TYPE type;
	CK_RV rv;

	if (!template_get(templ, count, CKA_KEY_TYPE))
		return CKR_TEMPLATE_INCOMPLETE;
	rv = template_ulong(templ, count, CKA_KEY_TYPE, 0, &type);
	if (rv != CKR_OK)
		return rv;
	if (class == CKO_SECRET_KEY)
		return secret_material(templ, count, type, m);
	switch (type) {
	case CKK_RSA:
		return rsa_material(templ, count, private, m);
	case CKK_EC:
	case CKK_EC_MONTGOMERY:
	case CKK_EC_EDWARDS:
		rv = ec_material(templ, count, private, m);
		/* CKK_EC has been said of all curves before there were the others. */
		if (rv == CKR_OK && type != CKK_EC &&
		    type != cryptoki_type_of_curve(PSA_KEY_TYPE_ECC_GET_FAMILY(m->type)))
			rv = CKR_TEMPLATE_INCONSISTENT;
		return rv;
	case CKK_ML_DSA:
		return ml_dsa_material(templ, count, private, m);
	default:
		return CKR_ATTRIBUTE_VALUE_INVALID;
	}
}

/* The private object on the token whose public half is @m; with a reference, or NULL. */
static struct object *pair_of(struct slot *slot, const struct material *m)
{
	const psa_key_type_t pair = PSA_KEY_TYPE_KEY_PAIR_OF_PUBLIC_KEY(m->type);

	for (struct object *object = slot->objects; object; object = object->next) {
		struct key *key = object->key;

		if (key && object->half == HALF_PRIVATE && key->type == pair &&
		    key_public(key) == CKR_OK && key->public_len == m->data.len &&
		    !memcmp(key->public, m->data.data, m->data.len)) {
			__atomic_add_fetch(&object->refs, 1, __ATOMIC_RELAXED);
			return object;
		}
	}
	return NULL;
}

static struct object *public_half(struct object *private)
{
	for (struct object *object = private->slot->objects; object; object = object->next) {
		if (object->key == private->key && object->half == HALF_PUBLIC)
			return object;
	}
	return NULL;
}

/*
 * A public key whose private one is there is the other half of that, which shows what the template
 * says from now on. Tools write one after the other. CKR_OBJECT_HANDLE_INVALID: there is none.
 */
static CK_RV pair_complete(struct session *session, const struct material *m,
			   const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
	struct attributes kept = { 0 };
	struct object *private, *public;
	struct slot *slot = session->slot;
	CK_RV rv = template_keep(templ, count, CKO_PUBLIC_KEY, &kept);

	if (rv != CKR_OK) {
		attributes_free(&kept);
		return rv;
	}
	pthread_mutex_lock(&slot->lock);
	rv = objects_refresh(slot);
	private = rv == CKR_OK ? pair_of(slot, m) : NULL;
	if (rv == CKR_OK && !private)
		rv = CKR_OBJECT_HANDLE_INVALID;
	if (rv == CKR_OK) {
		attributes_free(&private->key->notes[HALF_PUBLIC]);
		private->key->notes[HALF_PUBLIC] = kept;
		kept = (struct attributes){ 0 };
		private->key->hidden = false;
		rv = rv_from_status(note_write(private->key));
	}
	if (rv == CKR_OK) {
		public = public_half(private);
		if (!public) {
			public = object_new(slot, CKO_PUBLIC_KEY, private->key, HALF_PUBLIC);
			if (public)
				object_enlist(public);
		}
		*handle = public ? public->handle : CK_INVALID_HANDLE;
		rv = public ? CKR_OK : CKR_HOST_MEMORY;
	}
	pthread_mutex_unlock(&slot->lock);
	object_let_go(private);
	attributes_free(&kept);
	return rv;
}

static CK_RV create_key(struct session *session, CK_OBJECT_CLASS class, const CK_ATTRIBUTE *templ,
			CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
	struct material m = { 0 };
	struct recipe recipe;
	bool token;
	CK_RV rv = template_bool(templ, count, CKA_TOKEN, false, &token);

	if (rv == CKR_OK)
		rv = session_may_write(session, token);
	if (rv == CKR_OK)
		rv = material_read(class, templ, count, &m);
	if (rv == CKR_OK && class == CKO_PUBLIC_KEY && token) {
		rv = pair_complete(session, &m, templ, count, handle);
		if (rv != CKR_OBJECT_HANDLE_INVALID) {
			bytes_free(&m.data);
			return rv;
		}
		rv = CKR_OK;
	}
	if (rv == CKR_OK) {
		rv = recipe_make(&recipe, session, class, m.type, m.bits, templ, count, NULL, 0);
		if (rv == CKR_OK && class != CKO_PUBLIC_KEY)
			rv = recipe_brought(&recipe);
		if (rv == CKR_OK)
			rv = recipe_cook(&recipe, import, &m, handle, NULL);
		recipe_free(&recipe);
	}
	bytes_free(&m.data);
	return rv;
}

static CK_RV check_stored(CK_OBJECT_CLASS class, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	CK_ULONG type;
	CK_RV rv;

	if (class == CKO_DATA)
		return CKR_OK;
	if (!template_get(templ, count, CKA_CERTIFICATE_TYPE))
		return CKR_TEMPLATE_INCOMPLETE;
	rv = template_ulong(templ, count, CKA_CERTIFICATE_TYPE, 0, &type);
	if (rv == CKR_OK && type != CKC_X_509)
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	if (rv == CKR_OK && !template_get(templ, count, CKA_VALUE))
		rv = CKR_TEMPLATE_INCOMPLETE;
	return rv;
}

/* An object with @attributes, which it takes. */
static CK_RV add_stored(struct session *session, CK_OBJECT_CLASS class, bool token,
			struct attributes *attributes, CK_OBJECT_HANDLE *handle)
{
	struct object *object = object_new(session->slot, class, NULL, HALF_PRIVATE);
	CK_RV rv = CKR_OK;

	if (!object)
		return CKR_HOST_MEMORY;
	object->attributes = *attributes;
	*attributes = (struct attributes){ 0 };
	object->session = token ? 0 : session->handle;
	pthread_mutex_lock(&session->slot->lock);
	if (!check_fits(object, &object->attributes))
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	else if (token)
		rv = store_write(object);
	if (rv == CKR_OK) {
		*handle = object->handle;
		object_enlist(object);
	}
	pthread_mutex_unlock(&session->slot->lock);
	if (rv != CKR_OK) {
		object_forget(object);
		object_let_go(object);
	}
	return rv;
}

static CK_RV create_stored(struct session *session, CK_OBJECT_CLASS class,
			   const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
	struct attributes kept = { 0 };
	bool token;
	CK_RV rv = template_keep(templ, count, class, &kept);

	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_TOKEN, false, &token);
	if (rv == CKR_OK)
		rv = session_may_write(session, token);
	if (rv == CKR_OK)
		rv = check_stored(class, templ, count);
	if (rv == CKR_OK)
		rv = add_stored(session, class, token, &kept, handle);
	attributes_free(&kept);
	return rv;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *templ, CK_ULONG count,
		     CK_OBJECT_HANDLE *object)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_CreateObject", handle);
	CK_ULONG class;

	if (rv == CKR_OK && (!object || (count && !templ)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = template_check(templ, count);
	if (rv == CKR_OK && !template_get(templ, count, CKA_CLASS))
		rv = CKR_TEMPLATE_INCOMPLETE;
	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_CLASS, 0, &class);
	if (rv != CKR_OK)
		return call_end(&call, rv);
	switch (class) {
	case CKO_DATA:
	case CKO_CERTIFICATE:
		rv = create_stored(call.session, class, templ, count, object);
		break;
	case CKO_PUBLIC_KEY:
	case CKO_PRIVATE_KEY:
	case CKO_SECRET_KEY:
		rv = create_key(call.session, class, templ, count, object);
		break;
	default:
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	}
	return call_end(&call, rv);
}

/* --- copies --- */

static psa_status_t copy(void *ctx, const psa_key_attributes_t *attributes,
			 mbedtls_svc_key_id_t *id)
{
	const struct key *key = ctx;

	return psa_copy_key(key->id, attributes, id);
}

/* What a copy of a certificate or of data can't have another one of. */
static CK_RV copy_check_stored(const struct object *object, const CK_ATTRIBUTE *templ,
			       CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++) {
		if (templ[i].type != CKA_TOKEN && !attribute_is_kept(templ[i].type, object->class))
			return CKR_ATTRIBUTE_READ_ONLY;
	}
	return CKR_OK;
}

/*
 * What may be said of a copy: where it is, what is kept, and that it may do less, of which only
 * giving it away is PSA's.
 */
static CK_RV copy_check(const struct object *object, const CK_ATTRIBUTE *templ, CK_ULONG count,
			bool *sensitive, bool *extractable)
{
	const bool was = object->key && object->key->usage & PSA_KEY_USAGE_EXPORT;
	CK_RV rv = template_bool(templ, count, CKA_SENSITIVE, !was, sensitive);

	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_EXTRACTABLE, was, extractable);
	for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
		switch (templ[i].type) {
		case CKA_TOKEN:
		case CKA_SENSITIVE:
		case CKA_EXTRACTABLE:
			break;
		default:
			if (!attribute_is_kept(templ[i].type, object->class) ||
			    templ[i].type == CKA_VALUE || templ[i].type == CKA_ALLOWED_MECHANISMS)
				rv = CKR_ATTRIBUTE_READ_ONLY;
		}
	}
	if (rv == CKR_OK && !was && object->key && object->class != CKO_PUBLIC_KEY &&
	    ((template_get(templ, count, CKA_SENSITIVE) && !*sensitive) ||
	     (*extractable &&
	      !(tstee_key_is_set(object->key->alg) && object->key->alg & TSTEE_KEY_WRAPPABLE))))
		rv = CKR_ATTRIBUTE_READ_ONLY;
	return rv;
}

static CK_RV copy_key(struct session *session, struct object *object, const CK_ATTRIBUTE *templ,
		      CK_ULONG count, bool token, struct attributes *kept, CK_OBJECT_HANDLE *handle)
{
	struct recipe recipe = { .slot = session->slot,
				 .session = token ? 0 : session->handle,
				 .attributes = psa_key_attributes_init() };
	psa_key_usage_t usage = object->key->usage;
	bool sensitive, extractable;
	CK_RV rv = copy_check(object, templ, count, &sensitive, &extractable);

	if (rv != CKR_OK)
		return rv;
	/* Its pair is not a public key's to give. */
	if (object->class == CKO_PUBLIC_KEY && PSA_KEY_TYPE_IS_KEY_PAIR(object->key->type))
		return CKR_ACTION_PROHIBITED;
	if (object->class != CKO_PUBLIC_KEY && (sensitive || !extractable))
		usage &= ~(psa_key_usage_t)PSA_KEY_USAGE_EXPORT;
	psa_set_key_type(&recipe.attributes, object->key->type);
	psa_set_key_bits(&recipe.attributes, object->key->bits);
	psa_set_key_algorithm(&recipe.attributes, object->key->alg);
	psa_set_key_usage_flags(&recipe.attributes, usage);
	recipe.notes[object->half] = *kept;
	*kept = (struct attributes){ 0 };
	rv = recipe_cook(&recipe, copy, object->key, handle, NULL);
	recipe_free(&recipe);
	return rv;
}

static CK_RV copy_object(struct session *session, struct object *object, const CK_ATTRIBUTE *templ,
			 CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
	struct attributes kept = { 0 }, said = { 0 };
	bool token, may;
	CK_RV rv = template_keep(templ, count, object->class, &said);

	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_TOKEN, !object->session, &token);
	if (rv == CKR_OK)
		rv = session_may_write(session, token);
	if (rv == CKR_OK) {
		pthread_mutex_lock(&session->slot->lock);
		may = object_is(object, CKA_COPYABLE);
		rv = attributes_copy(&kept, object->key ? &object->key->notes[object->half] :
							  &object->attributes);
		pthread_mutex_unlock(&session->slot->lock);
		if (!may)
			rv = CKR_ACTION_PROHIBITED;
	}
	if (rv == CKR_OK && !object->key)
		rv = copy_check_stored(object, templ, count);
	if (rv == CKR_OK)
		rv = attributes_copy(&kept, &said);
	if (rv == CKR_OK)
		rv = object->key ? copy_key(session, object, templ, count, token, &kept, handle) :
				   add_stored(session, object->class, token, &kept, handle);
	attributes_free(&kept);
	attributes_free(&said);
	return rv;
}

CK_RV C_CopyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE source, CK_ATTRIBUTE *templ,
		   CK_ULONG count, CK_OBJECT_HANDLE *made)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_CopyObject", handle);

	if (rv == CKR_OK && (!made || (count && !templ)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, source);
		if (!object)
			rv = CKR_OBJECT_HANDLE_INVALID;
		else if (object->class == CKO_PROFILE)
			rv = CKR_ACTION_PROHIBITED;
	}
	if (rv == CKR_OK)
		rv = copy_object(call.session, object, templ, count, made);
	object_let_go(object);
	return call_end(&call, rv);
}

/* --- changes --- */

static bool same_value(struct object *object, const CK_ATTRIBUTE *a)
{
	struct bytes value;
	bool same = object_attribute(object, a->type, &value) == CKR_OK &&
		    value.len == a->ulValueLen &&
		    (!value.len || !memcmp(value.data, a->pValue, value.len));

	bytes_free(&value);
	return same;
}

/* Nothing is changed unless all can be (5.7.6). With the slot's lock. */
static CK_RV change_check(struct object *object, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct attributes kept = { 0 };
	CK_RV rv = template_keep(templ, count, object->class, &kept);

	attributes_free(&kept);
	for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
		switch (templ[i].type) {
		case CKA_LABEL:
		case CKA_ID:
		case CKA_SUBJECT:
		case CKA_START_DATE:
		case CKA_END_DATE:
		case CKA_TRUSTED:
		case CKA_ISSUER:
		case CKA_SERIAL_NUMBER:
		case CKA_APPLICATION:
		case CKA_OBJECT_ID:
		case CKA_URL:
		case CKA_CERTIFICATE_CATEGORY:
			break;
		case CKA_VALUE:
			if (object->class == CKO_DATA)
				break;
			/* fall through */
		default:
			if (!same_value(object, &templ[i]))
				rv = CKR_ATTRIBUTE_READ_ONLY;
		}
	}
	return rv;
}

static CK_RV change_key(struct object *object, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct key *key = object->key;
	const CK_ATTRIBUTE *label = template_get(templ, count, CKA_LABEL);
	CK_RV rv = CKR_OK;

	for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
		if (attribute_is_kept(templ[i].type, object->class) && &templ[i] != label)
			rv = attributes_set(&key->notes[object->half], templ[i].type,
					    templ[i].pValue, templ[i].ulValueLen);
	}
	if (rv == CKR_OK && !key->token && label)
		return attributes_set(&key->notes[object->half], CKA_LABEL, label->pValue,
				      label->ulValueLen);
	if (rv == CKR_OK && label)
		return key_set_label(key, object->half, label);
	if (rv == CKR_OK && key->token)
		rv = rv_from_status(note_write(key));
	return rv;
}

static CK_RV change(struct session *session, struct object *object, const CK_ATTRIBUTE *templ,
		    CK_ULONG count)
{
	CK_RV rv = session_may_write(session, !object->session);

	if (rv != CKR_OK)
		return rv;
	if (!object_is(object, CKA_MODIFIABLE))
		return CKR_ACTION_PROHIBITED;
	rv = change_check(object, templ, count);
	if (rv != CKR_OK)
		return rv;
	if (object->key)
		return change_key(object, templ, count);
	for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
		if (attribute_is_kept(templ[i].type, object->class))
			rv = attributes_set(&object->attributes, templ[i].type, templ[i].pValue,
					    templ[i].ulValueLen);
	}
	if (rv == CKR_OK && !object->session)
		rv = store_write(object);
	return rv;
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object_handle,
			  CK_ATTRIBUTE *templ, CK_ULONG count)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_SetAttributeValue", handle);

	if (rv == CKR_OK && (!templ || !count))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, object_handle);
		if (!object)
			rv = CKR_OBJECT_HANDLE_INVALID;
	}
	if (object) {
		pthread_mutex_lock(&object->slot->lock);
		rv = change(call.session, object, templ, count);
		pthread_mutex_unlock(&object->slot->lock);
		object_let_go(object);
	}
	return call_end(&call, rv);
}

/* --- the end --- */

static CK_RV destroy(struct session *session, struct object *object)
{
	struct key *key = object->key;
	psa_status_t status;
	CK_RV rv = session_may_write(session, !object->session);

	if (rv != CKR_OK)
		return rv;
	if (!object_is(object, CKA_DESTROYABLE))
		return CKR_ACTION_PROHIBITED;
	if (key && object->half != key_main_half(key)) {
		/* A pair's public key can only be out of sight. */
		key->hidden = true;
		rv = key->token ? rv_from_status(note_write(key)) : CKR_OK;
		if (rv != CKR_OK)
			return rv;
	} else if (key) {
		status = psa_destroy_key(key->id);
		if (status != PSA_SUCCESS && status != PSA_ERROR_INVALID_HANDLE)
			return rv_from_status(status);
		objects_of_key_forget(object->slot, key);
		return CKR_OK;
	} else if (!object->session) {
		rv = store_remove(object);
		if (rv != CKR_OK)
			return rv;
	}
	object_forget(object);
	(void)object_delist(object);
	return CKR_OK;
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object_handle)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_DestroyObject", handle);

	if (rv == CKR_OK) {
		object = object_hold(call.session, object_handle);
		if (!object)
			rv = CKR_OBJECT_HANDLE_INVALID;
	}
	if (object) {
		pthread_mutex_lock(&object->slot->lock);
		rv = destroy(call.session, object);
		pthread_mutex_unlock(&object->slot->lock);
		object_let_go(object);
	}
	return call_end(&call, rv);
}
