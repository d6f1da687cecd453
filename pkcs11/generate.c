// SPDX-License-Identifier: BSD-3-Clause
/* Keys that the partition draws. */
#include <string.h>

#include "der.h"
#include "make.h"
#include "mechanism.h"

struct generation {
	const uint8_t *exponent; /* of RSA, if it isn't the usual one */
	size_t exponent_len;
};

static psa_status_t generate(void *ctx, const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *id)
{
	const struct generation *generation = ctx;
	const psa_custom_key_parameters_t custom = PSA_CUSTOM_KEY_PARAMETERS_INIT;

	return psa_generate_key_custom(attributes, &custom, generation->exponent,
				       generation->exponent_len, id);
}

/* Type and length of what is to be generated, as mechanism and template say. */
static CK_RV secret_spec(CK_MECHANISM_TYPE mechanism, const CK_ATTRIBUTE *templ, CK_ULONG count,
			 psa_key_type_t *type, size_t *bits)
{
	CK_KEY_TYPE key_type, expected;
	CK_ULONG len;
	bool derive, signs;
	CK_RV rv;

	switch (mechanism) {
	case CKM_AES_KEY_GEN:
		expected = CKK_AES;
		break;
	case CKM_CHACHA20_KEY_GEN:
		expected = CKK_CHACHA20;
		break;
	case CKM_HKDF_KEY_GEN:
		expected = CKK_HKDF;
		break;
	default:
		expected = CKK_GENERIC_SECRET;
	}
	rv = template_ulong(templ, count, CKA_KEY_TYPE, expected, &key_type);
	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_VALUE_LEN, expected == CKK_CHACHA20 ? 32 : 0,
				    &len);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_DERIVE, false, &derive);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_SIGN, !derive, &signs);
	if (rv != CKR_OK)
		return rv;
	*type = secret_type(key_type, derive && !signs);
	if (!*type || (expected != CKK_GENERIC_SECRET && key_type != expected) ||
	    (expected == CKK_GENERIC_SECRET && *type != PSA_KEY_TYPE_HMAC &&
	     *type != PSA_KEY_TYPE_DERIVE))
		return CKR_TEMPLATE_INCONSISTENT;
	if (!template_get(templ, count, CKA_VALUE_LEN) && !len)
		return CKR_TEMPLATE_INCOMPLETE;
	if (!len || len > 8192 ||
	    (*type == PSA_KEY_TYPE_AES && len != 16 && len != 24 && len != 32))
		return CKR_KEY_SIZE_RANGE;
	*bits = PSA_BYTES_TO_BITS(len);
	return CKR_OK;
}

static CK_RV class_is(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_CLASS class)
{
	CK_ULONG said;
	CK_RV rv = template_check(templ, count);

	if (rv == CKR_OK)
		rv = template_ulong(templ, count, CKA_CLASS, class, &said);
	if (rv == CKR_OK && said != class)
		rv = CKR_TEMPLATE_INCONSISTENT;
	return rv;
}

static CK_RV generate_secret(struct session *session, const CK_MECHANISM *mechanism,
			     const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	struct generation generation = { 0 };
	struct recipe recipe;
	psa_key_type_t type;
	size_t bits;
	CK_RV rv;

	if (!mechanism_find(mechanism->mechanism, CKF_GENERATE))
		return CKR_MECHANISM_INVALID;
	if (mechanism->ulParameterLen)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = class_is(templ, count, CKO_SECRET_KEY);
	if (rv == CKR_OK)
		rv = secret_spec(mechanism->mechanism, templ, count, &type, &bits);
	if (rv != CKR_OK)
		return rv;
	rv = recipe_make(&recipe, session, CKO_SECRET_KEY, type, bits, templ, count, NULL, 0);
	if (rv == CKR_OK)
		rv = recipe_local(&recipe, mechanism->mechanism);
	if (rv == CKR_OK)
		rv = recipe_cook(&recipe, generate, &generation, key, NULL);
	recipe_free(&recipe);
	return rv;
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_ATTRIBUTE *templ,
		    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GenerateKey", handle);

	if (rv == CKR_OK && (!mechanism || !key || (count && !templ)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = generate_secret(call.session, mechanism, templ, count, key);
	return call_end(&call, rv);
}

static CK_RV rsa_spec(const CK_ATTRIBUTE *public, CK_ULONG count, size_t *bits,
		      struct generation *generation)
{
	static const uint8_t usual[] = { 1, 0, 1 };
	const CK_ATTRIBUTE *exponent = template_get(public, count, CKA_PUBLIC_EXPONENT);
	CK_ULONG len;
	CK_RV rv = template_ulong(public, count, CKA_MODULUS_BITS, 0, &len);

	if (rv != CKR_OK)
		return rv;
	if (!template_get(public, count, CKA_MODULUS_BITS))
		return CKR_TEMPLATE_INCOMPLETE;
	if (len < 1024 || len > 4096 || len % 8)
		return CKR_KEY_SIZE_RANGE;
	*bits = len;
	if (!exponent)
		return CKR_OK;
	generation->exponent = exponent->pValue;
	generation->exponent_len = exponent->ulValueLen;
	while (generation->exponent_len && !*generation->exponent) {
		generation->exponent++;
		generation->exponent_len--;
	}
	if (!generation->exponent_len)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (generation->exponent_len == sizeof(usual) &&
	    !memcmp(generation->exponent, usual, sizeof(usual)))
		*generation = (struct generation){ 0 };
	return CKR_OK;
}

static CK_RV ec_spec(CK_MECHANISM_TYPE mechanism, const CK_ATTRIBUTE *params, psa_key_type_t *type,
		     size_t *bits)
{
	const struct curve *curve;
	CK_KEY_TYPE made;

	if (!params)
		return CKR_TEMPLATE_INCOMPLETE;
	curve = curve_find(params->pValue, params->ulValueLen);
	if (!curve)
		return CKR_CURVE_NOT_SUPPORTED;
	/* CKM_EC_KEY_PAIR_GEN has been used for all curves before there were the others. */
	made = cryptoki_type_of_curve(curve->family);
	if ((mechanism == CKM_EC_MONTGOMERY_KEY_PAIR_GEN && made != CKK_EC_MONTGOMERY) ||
	    (mechanism == CKM_EC_EDWARDS_KEY_PAIR_GEN && made != CKK_EC_EDWARDS))
		return CKR_CURVE_NOT_SUPPORTED;
	*type = PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family);
	*bits = curve->bits;
	return CKR_OK;
}

/* Of ML-DSA the template of the public key says which (PKCS #11 3.2, 6.67.4). */
static CK_RV ml_dsa_spec(const CK_ATTRIBUTE *public, CK_ULONG count, psa_key_type_t *type,
			 size_t *bits)
{
	const struct lattice *lattice;
	CK_ULONG set;
	CK_RV rv = template_ulong(public, count, CKA_PARAMETER_SET, 0, &set);

	if (rv != CKR_OK)
		return rv;
	if (!template_get(public, count, CKA_PARAMETER_SET))
		return CKR_TEMPLATE_INCOMPLETE;
	lattice = lattice_find(CKK_ML_DSA, set);
	if (!lattice)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*type = lattice->pair;
	*bits = lattice->bits;
	return CKR_OK;
}

struct pair_templates {
	const CK_ATTRIBUTE *public, *private;
	CK_ULONG public_count, private_count;
};

static CK_RV pair_spec(CK_MECHANISM_TYPE mechanism, const struct pair_templates *t,
		       psa_key_type_t *type, size_t *bits, struct generation *generation)
{
	const CK_ATTRIBUTE *params = template_get(t->public, t->public_count, CKA_EC_PARAMS);
	CK_KEY_TYPE said_public, said_private, expected;
	CK_RV rv;

	if (mechanism == CKM_RSA_PKCS_KEY_PAIR_GEN) {
		*type = PSA_KEY_TYPE_RSA_KEY_PAIR;
		rv = rsa_spec(t->public, t->public_count, bits, generation);
	} else if (mechanism == CKM_ML_DSA_KEY_PAIR_GEN) {
		rv = ml_dsa_spec(t->public, t->public_count, type, bits);
	} else {
		if (!params)
			params = template_get(t->private, t->private_count, CKA_EC_PARAMS);
		rv = ec_spec(mechanism, params, type, bits);
	}
	if (rv != CKR_OK)
		return rv;
	expected = PSA_KEY_TYPE_IS_RSA(*type) ?
			   CKK_RSA :
		   PSA_KEY_TYPE_IS_ML_DSA(*type) ?
			   CKK_ML_DSA :
			   cryptoki_type_of_curve(PSA_KEY_TYPE_ECC_GET_FAMILY(*type));
	rv = template_ulong(t->public, t->public_count, CKA_KEY_TYPE, expected, &said_public);
	if (rv == CKR_OK)
		rv = template_ulong(t->private, t->private_count, CKA_KEY_TYPE, expected,
				    &said_private);
	if (rv == CKR_OK && (said_public != expected || said_private != expected))
		rv = CKR_TEMPLATE_INCONSISTENT;
	return rv;
}

static CK_RV generate_pair(struct session *session, const CK_MECHANISM *mechanism,
			   const struct pair_templates *t, CK_OBJECT_HANDLE *public,
			   CK_OBJECT_HANDLE *private)
{
	struct generation generation = { 0 };
	bool token, public_token;
	struct recipe recipe;
	psa_key_type_t type;
	size_t bits;
	CK_RV rv;

	if (!mechanism_find(mechanism->mechanism, CKF_GENERATE_KEY_PAIR))
		return CKR_MECHANISM_INVALID;
	if (mechanism->ulParameterLen)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = class_is(t->public, t->public_count, CKO_PUBLIC_KEY);
	if (rv == CKR_OK)
		rv = class_is(t->private, t->private_count, CKO_PRIVATE_KEY);
	if (rv == CKR_OK)
		rv = pair_spec(mechanism->mechanism, t, &type, &bits, &generation);
	if (rv == CKR_OK)
		rv = template_bool(t->private, t->private_count, CKA_TOKEN, false, &token);
	if (rv == CKR_OK)
		rv = template_bool(t->public, t->public_count, CKA_TOKEN, token, &public_token);
	/* The halves are one key: a public key on the token alone would have to be another one. */
	if (rv == CKR_OK && public_token && !token)
		rv = CKR_TEMPLATE_INCONSISTENT;
	if (rv != CKR_OK)
		return rv;
	rv = recipe_make(&recipe, session, CKO_PRIVATE_KEY, type, bits, t->private,
			 t->private_count, t->public, t->public_count);
	if (rv == CKR_OK)
		rv = recipe_local(&recipe, mechanism->mechanism);
	if (rv == CKR_OK)
		rv = recipe_cook(&recipe, generate, &generation, private, public);
	recipe_free(&recipe);
	return rv;
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
			CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
			CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	const struct pair_templates t = { public, private, public_count, private_count };
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GenerateKeyPair", handle);

	if (rv == CKR_OK && (!mechanism || !public_key || !private_key ||
			     (public_count && !public) || (private_count && !private)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = generate_pair(call.session, mechanism, &t, public_key, private_key);
	return call_end(&call, rv);
}
