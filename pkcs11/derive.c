// SPDX-License-Identifier: BSD-3-Clause
/* Keys of other keys: agreed on, derived, and encrypted by them. All in the partition. */
#include <string.h>

#include "der.h"
#include "make.h"
#include "mechanism.h"

/* The longest secret key that can be wrapped, and encrypted one, bytes. */
#define WRAPPED_MAX 512u

struct derivation {
	const struct key *base;
	psa_algorithm_t alg;
	struct der_part peer, salt, info; /* of HKDF, or the peer's key */
};

/* What there is of the secret key that is to be: CKR_TEMPLATE_INCOMPLETE without a type. */
static CK_RV result_spec(const CK_ATTRIBUTE *templ, CK_ULONG count, size_t default_len,
			 psa_key_type_t *type, size_t *bits)
{
	CK_ULONG class, key_type, len;
	bool derive, signs;
	CK_RV rv = template_check(templ, count);

	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_CLASS, CKO_SECRET_KEY, &class);
	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_KEY_TYPE, CKK_GENERIC_SECRET, &key_type);
	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_VALUE_LEN, default_len, &len);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_DERIVE, false, &derive);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_SIGN, !derive, &signs);
	if (rv != CKR_OK)
		return rv;
	if (class != CKO_SECRET_KEY)
		return CKR_TEMPLATE_INCONSISTENT;
	*type = secret_type(key_type, derive && !signs);
	if (!*type)
		return CKR_TEMPLATE_INCONSISTENT;
	if (len > 8192 || (template_get(templ, count, CKA_VALUE_LEN) && !len))
		return CKR_KEY_SIZE_RANGE;
	*bits = PSA_BYTES_TO_BITS(len);
	return CKR_OK;
}

static psa_status_t agree(void *ctx, const psa_key_attributes_t *attributes,
			  mbedtls_svc_key_id_t *id)
{
	const struct derivation *d = ctx;

	return tstee_key_agreement(d->alg, d->base->id, d->peer.data, d->peer.len, attributes, id);
}

static CK_RV ecdh_spec(struct derivation *d, const CK_MECHANISM *mechanism)
{
	const size_t len = PSA_BITS_TO_BYTES(d->base->bits);
	const bool montgomery =
		PSA_KEY_TYPE_ECC_GET_FAMILY(d->base->type) == PSA_ECC_FAMILY_MONTGOMERY;
	const size_t expected = montgomery ? len : 2 * len + 1;
	CK_ECDH1_DERIVE_PARAMS params;
	struct der_part all, value;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	if (params.kdf != CKD_NULL || params.ulSharedDataLen)
		return parameter_refused("the secret stays in the partition, which has no KDF");
	if (!params.pPublicData)
		return CKR_MECHANISM_PARAM_INVALID;
	all = (struct der_part){ .data = params.pPublicData, .len = params.ulPublicDataLen };
	d->peer = all;
	if (all.len != expected) {
		if (!der_read(&all, DER_OCTET_STRING, &value) || all.len || value.len != expected)
			return CKR_MECHANISM_PARAM_INVALID;
		d->peer = value;
	}
	d->alg = PSA_ALG_ECDH;
	return CKR_OK;
}

static psa_status_t expand(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *id)
{
	psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
	const struct derivation *d = ctx;
	const bool expands_only = PSA_ALG_IS_HKDF_EXPAND(d->alg);
	psa_status_t status = psa_key_derivation_setup(&operation, d->alg);

	if (status == PSA_SUCCESS && !expands_only && (d->salt.len || !PSA_ALG_IS_HKDF(d->alg)))
		status = psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_SALT,
							d->salt.data, d->salt.len);
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_input_key(&operation, PSA_KEY_DERIVATION_INPUT_SECRET,
						      d->base->id);
	if (status == PSA_SUCCESS && !PSA_ALG_IS_HKDF_EXTRACT(d->alg))
		status = psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_INFO,
							d->info.data, d->info.len);
	if (status == PSA_SUCCESS)
		status = psa_key_derivation_output_key(attributes, &operation, id);
	(void)psa_key_derivation_abort(&operation);
	return status;
}

static CK_RV hkdf_spec(struct derivation *d, const CK_MECHANISM *mechanism, size_t *hash_len)
{
	struct cryptoki_hkdf_params params;
	psa_algorithm_t hash;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	hash = hash_of_mechanism(params.prfHashMechanism);
	if (!hash || (!params.bExtract && !params.bExpand) || (params.ulInfoLen && !params.pInfo))
		return CKR_MECHANISM_PARAM_INVALID;
	switch (params.ulSaltType) {
	case CKF_HKDF_SALT_NULL:
		break;
	case CKF_HKDF_SALT_DATA:
		if (params.ulSaltLen && !params.pSalt)
			return CKR_MECHANISM_PARAM_INVALID;
		d->salt = (struct der_part){ .data = params.pSalt, .len = params.ulSaltLen };
		break;
	default:
		return parameter_refused("a salt that is a key would have to leave the partition");
	}
	d->info = (struct der_part){ .data = params.pInfo, .len = params.ulInfoLen };
	*hash_len = PSA_HASH_LENGTH(hash);
	d->alg = params.bExtract && params.bExpand ? PSA_ALG_HKDF(hash) :
		 params.bExtract		   ? PSA_ALG_HKDF_EXTRACT(hash) :
						     PSA_ALG_HKDF_EXPAND(hash);
	return CKR_OK;
}

static CK_RV derive(struct session *session, const CK_MECHANISM *mechanism, struct object *base,
		    const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	const struct mechanism *m = mechanism_find(mechanism->mechanism, CKF_DERIVE);
	struct derivation d = { .base = base->key };
	struct recipe recipe;
	psa_key_type_t type;
	size_t bits, len = 0;
	CK_RV rv;

	if (!m)
		return CKR_MECHANISM_INVALID;
	if (!mechanism->pParameter)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = mechanism_check(m, base);
	if (rv == CKR_OK && !(base->key->usage & PSA_KEY_USAGE_DERIVE))
		rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (rv == CKR_OK)
		rv = m->scheme == SCHEME_ECDH ? ecdh_spec(&d, mechanism) :
						hkdf_spec(&d, mechanism, &len);
	if (rv == CKR_OK && !key_permits(base->key, d.alg))
		rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (rv == CKR_OK)
		rv = result_spec(templ, count, len, &type, &bits);
	if (rv != CKR_OK)
		return rv;
	rv = recipe_make(&recipe, session, CKO_SECRET_KEY, type, bits, templ, count, NULL, 0);
	if (rv == CKR_OK)
		rv = recipe_cook(&recipe, m->scheme == SCHEME_ECDH ? agree : expand, &d, key, NULL);
	recipe_free(&recipe);
	return rv;
}

CK_RV C_DeriveKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
		  CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_DeriveKey", handle);

	if (rv == CKR_OK && (!mechanism || !key || (count && !templ)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, base);
		if (!object || !object->key || object->class == CKO_PUBLIC_KEY)
			rv = CKR_KEY_HANDLE_INVALID;
	}
	if (rv == CKR_OK)
		rv = derive(call.session, mechanism, object, templ, count, key);
	object_let_go(object);
	return call_end(&call, rv);
}

/* --- wrapping --- */

/* By which algorithm of PSA, with which IV or label. */
static CK_RV wrap_spec(const CK_MECHANISM *mechanism, struct derivation *d)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	psa_algorithm_t hash;
	CK_RV rv;

	switch (mechanism->mechanism) {
	case CKM_RSA_PKCS:
		d->alg = PSA_ALG_RSA_PKCS1V15_CRYPT;
		return mechanism->ulParameterLen ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
	case CKM_RSA_PKCS_OAEP:
		if (mechanism->ulParameterLen != sizeof(oaep) || !mechanism->pParameter)
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(&oaep, mechanism->pParameter, sizeof(oaep));
		rv = hash_with_mgf(oaep.hashAlg, oaep.mgf, &hash);
		if (rv != CKR_OK)
			return rv;
		if (oaep.ulSourceDataLen && !oaep.pSourceData)
			return CKR_MECHANISM_PARAM_INVALID;
		d->alg = PSA_ALG_RSA_OAEP(hash);
		d->salt =
			(struct der_part){ .data = oaep.pSourceData, .len = oaep.ulSourceDataLen };
		return CKR_OK;
	case CKM_AES_CBC:
	case CKM_AES_CBC_PAD:
		if (mechanism->ulParameterLen != 16 || !mechanism->pParameter)
			return CKR_MECHANISM_PARAM_INVALID;
		d->alg = mechanism->mechanism == CKM_AES_CBC ? PSA_ALG_CBC_NO_PADDING :
							       PSA_ALG_CBC_PKCS7;
		d->salt = (struct der_part){ .data = mechanism->pParameter, .len = 16 };
		return CKR_OK;
	default:
		return CKR_MECHANISM_INVALID;
	}
}

static CK_RV wrap(const CK_MECHANISM *mechanism, struct object *wrapping, struct object *object,
		  uint8_t *out, CK_ULONG *out_len)
{
	uint8_t buf[WRAPPED_MAX + 16];
	struct derivation d = { .base = wrapping->key };
	psa_status_t status;
	size_t len, need;
	CK_RV rv = wrap_spec(mechanism, &d);

	if (rv != CKR_OK)
		return rv;
	if (!object->key || object->class != CKO_SECRET_KEY)
		return CKR_KEY_NOT_WRAPPABLE;
	if (!key_permits(wrapping->key, d.alg))
		return CKR_WRAPPING_KEY_TYPE_INCONSISTENT;
	if (!(object->key->usage & PSA_KEY_USAGE_EXPORT) &&
	    !(tstee_key_is_set(object->key->alg) && object->key->alg & TSTEE_KEY_WRAPPABLE))
		return CKR_KEY_UNEXTRACTABLE;
	len = PSA_BITS_TO_BYTES(object->key->bits);
	if (PSA_KEY_TYPE_IS_RSA(wrapping->key->type))
		need = PSA_BITS_TO_BYTES(wrapping->key->bits);
	else
		need = d.alg == PSA_ALG_CBC_PKCS7 ? len / 16 * 16 + 16 : len;
	if (len > WRAPPED_MAX - 16 || (d.alg == PSA_ALG_CBC_NO_PADDING && len % 16))
		return CKR_KEY_SIZE_RANGE;
	if (!output_fits(out, out_len, need, &rv))
		return rv;
	status = tstee_key_wrap(d.alg, wrapping->key->id, d.salt.data, d.salt.len, object->key->id,
				buf, sizeof(buf), &len);
	if (status == PSA_ERROR_INVALID_ARGUMENT)
		return CKR_KEY_SIZE_RANGE;
	rv = status == PSA_ERROR_NOT_PERMITTED ? CKR_KEY_FUNCTION_NOT_PERMITTED :
						 rv_from_status(status);
	if (rv == CKR_OK && len > *out_len)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK) {
		memcpy(out, buf, len);
		*out_len = len;
	}
	return rv;
}

CK_RV C_WrapKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
		CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len)
{
	struct object *wrapper = NULL, *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_WrapKey", handle);

	if (rv == CKR_OK && (!mechanism || !out_len))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		wrapper = object_hold(call.session, wrapping);
		object = object_hold(call.session, key);
		if (!wrapper || !wrapper->key || wrapper->class == CKO_PRIVATE_KEY)
			rv = CKR_WRAPPING_KEY_HANDLE_INVALID;
		else if (!object)
			rv = CKR_KEY_HANDLE_INVALID;
		else if (!(tstee_key_is_set(wrapper->key->alg) &&
			   wrapper->key->alg & TSTEE_KEY_WRAP))
			rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
		else
			rv = wrap(mechanism, wrapper, object, out, out_len);
	}
	object_let_go(wrapper);
	object_let_go(object);
	return call_end(&call, rv);
}

static psa_status_t unwrap_make(void *ctx, const psa_key_attributes_t *attributes,
				mbedtls_svc_key_id_t *id)
{
	const struct derivation *d = ctx;

	return tstee_key_unwrap(d->alg, d->base->id, d->salt.data, d->salt.len, d->info.data,
				d->info.len, attributes, id);
}

static CK_RV unwrap(struct session *session, const CK_MECHANISM *mechanism,
		    struct object *unwrapping, const uint8_t *in, CK_ULONG in_len,
		    const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	struct derivation d = { .base = unwrapping->key, .info = { in, in_len } };
	struct recipe recipe;
	psa_key_type_t type;
	size_t bits;
	CK_RV rv = wrap_spec(mechanism, &d);

	if (rv != CKR_OK)
		return rv;
	if (!key_permits(unwrapping->key, d.alg))
		return CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT;
	rv = result_spec(templ, count, 0, &type, &bits);
	if (rv != CKR_OK)
		return rv;
	if (in_len > WRAPPED_MAX)
		return CKR_WRAPPED_KEY_LEN_RANGE;
	rv = recipe_make(&recipe, session, CKO_SECRET_KEY, type, bits, templ, count, NULL, 0);
	if (rv == CKR_OK)
		rv = recipe_brought(&recipe);
	if (rv == CKR_OK)
		rv = recipe_cook(&recipe, unwrap_make, &d, key, NULL);
	recipe_free(&recipe);
	return rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ENCRYPTED_DATA_INVALID ?
		       CKR_WRAPPED_KEY_INVALID :
		       rv;
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping,
		  CK_BYTE *in, CK_ULONG in_len, CK_ATTRIBUTE *templ, CK_ULONG count,
		  CK_OBJECT_HANDLE *key)
{
	struct object *object = NULL;
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_UnwrapKey", handle);

	if (rv == CKR_OK && (!mechanism || !key || (count && !templ) || !in || !in_len))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		object = object_hold(call.session, unwrapping);
		if (!object || !object->key || object->class == CKO_PUBLIC_KEY)
			rv = CKR_UNWRAPPING_KEY_HANDLE_INVALID;
		else if (!(tstee_key_is_set(object->key->alg) &&
			   object->key->alg & TSTEE_KEY_UNWRAP))
			rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
		else
			rv = unwrap(call.session, mechanism, object, in, in_len, templ, count, key);
	}
	object_let_go(object);
	return call_end(&call, rv);
}
