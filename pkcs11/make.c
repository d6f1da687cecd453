// SPDX-License-Identifier: BSD-3-Clause
/* See make.h. */
#include <string.h>

#include "make.h"
#include "mechanism.h"
#include "note.h"

/* Draws of an ID for a key on the token before it is given up. */
#define ID_TRIES     16

#define SIGN_USAGE   (PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE)
#define VERIFY_USAGE (PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE)

psa_key_type_t secret_type(CK_KEY_TYPE type, bool for_derivation)
{
	switch (type) {
	case CKK_AES:
		return PSA_KEY_TYPE_AES;
	case CKK_CHACHA20:
		return PSA_KEY_TYPE_CHACHA20;
	case CKK_HKDF:
		return PSA_KEY_TYPE_DERIVE;
	case CKK_GENERIC_SECRET:
		return for_derivation ? PSA_KEY_TYPE_DERIVE : PSA_KEY_TYPE_HMAC;
	case CKK_MD5_HMAC:
	case CKK_SHA_1_HMAC:
	case CKK_RIPEMD160_HMAC:
	case CKK_SHA224_HMAC:
	case CKK_SHA256_HMAC:
	case CKK_SHA384_HMAC:
	case CKK_SHA512_HMAC:
	case CKK_SHA3_224_HMAC:
	case CKK_SHA3_256_HMAC:
	case CKK_SHA3_384_HMAC:
	case CKK_SHA3_512_HMAC:
		return PSA_KEY_TYPE_HMAC;
	default:
		return 0;
	}
}

/* What a key may do, as templates say it; where they don't, what it can. */
struct rights {
	bool sign, verify, encrypt, decrypt, derive, wrap, unwrap;
	bool sensitive, extractable, copyable;
};

struct templates {
	const CK_ATTRIBUTE *own, *public;
	CK_ULONG own_count, public_count;
	CK_OBJECT_CLASS class;
};

static bool is_pair(const struct templates *t)
{
	return t->public_count || t->class == CKO_PRIVATE_KEY;
}

/* A right that is said in the template of one class or another. */
static CK_RV right(const struct templates *t, bool of_public, CK_ATTRIBUTE_TYPE type, bool fallback,
		   bool *value)
{
	*value = false;
	if (t->class == CKO_SECRET_KEY || (t->class == CKO_PUBLIC_KEY) == of_public)
		return template_bool(t->own, t->own_count, type, fallback, value);
	/* An imported private key brings its public one with it. */
	if (is_pair(t) && of_public)
		return template_bool(t->public, t->public_count, type, fallback, value);
	return CKR_OK;
}

static bool asks_to_encrypt(const struct templates *t)
{
	bool encrypt, decrypt;

	return template_bool(t->own, t->own_count, CKA_ENCRYPT, false, &encrypt) == CKR_OK &&
	       template_bool(t->own, t->own_count, CKA_DECRYPT, false, &decrypt) == CKR_OK &&
	       (encrypt || decrypt);
}

static CK_RV rights_read(const struct templates *t, psa_key_type_t type, struct rights *r)
{
	const bool montgomery = PSA_KEY_TYPE_IS_ECC(type) &&
				PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_MONTGOMERY;
	/* An AES key that is asked for to encrypt needn't make MACs. */
	const bool macs = type != PSA_KEY_TYPE_AES || !asks_to_encrypt(t);
	const struct {
		CK_ATTRIBUTE_TYPE type;
		bool of_public;
		bool fallback;
		bool *value;
	} all[] = {
		{ CKA_SIGN, false, macs, &r->sign },
		{ CKA_VERIFY, true, macs, &r->verify },
		{ CKA_ENCRYPT, true, true, &r->encrypt },
		{ CKA_DECRYPT, false, true, &r->decrypt },
		{ CKA_DERIVE, false, montgomery || type == PSA_KEY_TYPE_DERIVE, &r->derive },
		{ CKA_WRAP, true, false, &r->wrap },
		{ CKA_UNWRAP, false, false, &r->unwrap },
		{ CKA_SENSITIVE, false, true, &r->sensitive },
		{ CKA_EXTRACTABLE, false, false, &r->extractable },
		{ CKA_COPYABLE, false, true, &r->copyable },
	};
	CK_RV rv = CKR_OK;

	for (size_t i = 0; i < COUNT(all) && rv == CKR_OK; i++)
		rv = right(t, all[i].of_public, all[i].type, all[i].fallback, all[i].value);
	if (t->class == CKO_PUBLIC_KEY)
		r->copyable = true;
	return rv;
}

/* The algorithms that a key of the type has for what it may do. */
static uint32_t families_of(psa_key_type_t type, const struct rights *r)
{
	const bool signs = r->sign || r->verify;
	const bool crypts = r->encrypt || r->decrypt || r->wrap || r->unwrap;

	if (PSA_KEY_TYPE_IS_RSA(type))
		return (signs ? TSTEE_KEY_RSA_PKCS1_SIGN | TSTEE_KEY_RSA_PSS : 0) |
		       (crypts ? TSTEE_KEY_RSA_PKCS1_CRYPT | TSTEE_KEY_RSA_OAEP : 0);
	if (PSA_KEY_TYPE_IS_ECC(type)) {
		if (PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_MONTGOMERY)
			return r->derive ? TSTEE_KEY_ECDH : 0;
		return (signs ? TSTEE_KEY_ECDSA : 0) | (r->derive ? TSTEE_KEY_ECDH : 0);
	}
	switch (type) {
	case PSA_KEY_TYPE_AES:
		return (signs ? TSTEE_KEY_CMAC : 0) |
		       (crypts ? TSTEE_KEY_ECB | TSTEE_KEY_CBC | TSTEE_KEY_CTR | TSTEE_KEY_OFB |
					 TSTEE_KEY_CFB | TSTEE_KEY_GCM | TSTEE_KEY_CCM :
				 0);
	case PSA_KEY_TYPE_CHACHA20:
		return crypts ? TSTEE_KEY_CHACHA20_POLY1305 : 0;
	case PSA_KEY_TYPE_HMAC:
		return signs ? TSTEE_KEY_HMAC : 0;
	case PSA_KEY_TYPE_DERIVE:
		return r->derive ? TSTEE_KEY_HKDF : 0;
	default:
		return 0;
	}
}

/* Only those that CKA_ALLOWED_MECHANISMS names, if it names any. */
static uint32_t families_allowed(const CK_ATTRIBUTE *allowed)
{
	uint32_t families = 0;
	CK_MECHANISM_TYPE type;

	if (!allowed || !allowed->ulValueLen)
		return TSTEE_KEY_FAMILIES;
	for (size_t i = 0; i < allowed->ulValueLen / sizeof(type); i++) {
		const struct mechanism *mechanism;

		memcpy(&type, (const uint8_t *)allowed->pValue + i * sizeof(type), sizeof(type));
		mechanism = mechanism_find(type, 0);
		families |= mechanism ? mechanism_family(mechanism) : 0;
	}
	return families;
}

/* Where there is one algorithm, it is PSA's own way of saying so. */
static psa_algorithm_t policy_of(uint32_t families, uint32_t more)
{
	if (more)
		return TSTEE_KEY_SET | families | more;
	switch (families) {
	case 0:
		return PSA_ALG_NONE;
	case TSTEE_KEY_ECDSA:
		return PSA_ALG_ECDSA(PSA_ALG_ANY_HASH);
	case TSTEE_KEY_ECDH:
		return PSA_ALG_ECDH;
	default:
		return TSTEE_KEY_SET | families;
	}
}

static psa_key_usage_t usage_of(psa_key_type_t type, uint32_t families, const struct rights *r)
{
	const uint32_t crypts =
		~(TSTEE_KEY_ECDSA | TSTEE_KEY_ECDH | TSTEE_KEY_RSA_PKCS1_SIGN | TSTEE_KEY_RSA_PSS |
		  TSTEE_KEY_HMAC | TSTEE_KEY_CMAC | TSTEE_KEY_HKDF);
	const uint32_t signs = TSTEE_KEY_ECDSA | TSTEE_KEY_RSA_PKCS1_SIGN | TSTEE_KEY_RSA_PSS |
			       TSTEE_KEY_HMAC | TSTEE_KEY_CMAC;
	psa_key_usage_t usage = 0;

	if (families & signs)
		usage |= (r->sign ? SIGN_USAGE : 0) | (r->verify ? VERIFY_USAGE : 0);
	if (families & crypts)
		usage |= (r->encrypt ? PSA_KEY_USAGE_ENCRYPT : 0) |
			 (r->decrypt ? PSA_KEY_USAGE_DECRYPT : 0);
	if (families & (TSTEE_KEY_ECDH | TSTEE_KEY_HKDF) && r->derive)
		usage |= PSA_KEY_USAGE_DERIVE;
	if (PSA_KEY_TYPE_IS_PUBLIC_KEY(type) || (r->extractable && !r->sensitive))
		usage |= PSA_KEY_USAGE_EXPORT;
	return usage | (r->copyable ? PSA_KEY_USAGE_COPY : 0);
}

/* Of Ed25519 and ML-DSA there is one algorithm, and no family. */
static void policy_set_one(struct recipe *recipe, psa_key_type_t type, const struct rights *r,
			   const CK_ATTRIBUTE *allowed)
{
	const bool ml_dsa = PSA_KEY_TYPE_IS_ML_DSA(type);
	const psa_algorithm_t alg = ml_dsa ? PSA_ALG_ML_DSA : PSA_ALG_PURE_EDDSA;
	psa_key_usage_t usage = (r->sign ? PSA_KEY_USAGE_SIGN_MESSAGE : 0) |
				(r->verify ? PSA_KEY_USAGE_VERIFY_MESSAGE : 0);
	const bool may = usage && mechanism_in(allowed, ml_dsa ? CKM_ML_DSA : CKM_EDDSA);

	psa_set_key_algorithm(&recipe->attributes, may ? alg : PSA_ALG_NONE);
	psa_set_key_usage_flags(&recipe->attributes, (may ? usage : 0) | usage_of(type, 0, r));
}

static void policy_set(struct recipe *recipe, psa_key_type_t type, const struct rights *r,
		       const CK_ATTRIBUTE *allowed)
{
	const uint32_t families = families_of(type, r) & families_allowed(allowed);
	uint32_t more = 0;

	if (PSA_KEY_TYPE_IS_ML_DSA(type) ||
	    (PSA_KEY_TYPE_IS_ECC(type) &&
	     PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_TWISTED_EDWARDS)) {
		policy_set_one(recipe, type, r, allowed);
		return;
	}
	if (families & (TSTEE_KEY_RSA_PKCS1_CRYPT | TSTEE_KEY_RSA_OAEP | TSTEE_KEY_CBC))
		more |= (r->wrap ? TSTEE_KEY_WRAP : 0) | (r->unwrap ? TSTEE_KEY_UNWRAP : 0);
	/* Only secret keys can be wrapped. */
	if (r->extractable && r->sensitive && !PSA_KEY_TYPE_IS_ASYMMETRIC(type))
		more |= TSTEE_KEY_WRAPPABLE;
	psa_set_key_algorithm(&recipe->attributes, policy_of(families, more));
	psa_set_key_usage_flags(&recipe->attributes, usage_of(type, families, r));
}

static CK_RV note_key_type(struct recipe *recipe, enum half half, const struct templates *t)
{
	CK_ULONG type;
	CK_RV rv = template_ulong(t->own, t->own_count, CKA_KEY_TYPE, CKK_GENERIC_SECRET, &type);

	/* Of others PSA's type says it. */
	if (rv != CKR_OK || t->class != CKO_SECRET_KEY || type == CKK_GENERIC_SECRET ||
	    type == CKK_AES || type == CKK_CHACHA20)
		return rv;
	return attributes_set(&recipe->notes[half], CKA_KEY_TYPE, &type, sizeof(type));
}

CK_RV recipe_make(struct recipe *recipe, struct session *session, CK_OBJECT_CLASS class,
		  psa_key_type_t type, size_t bits, const CK_ATTRIBUTE *templ, CK_ULONG count,
		  const CK_ATTRIBUTE *public, CK_ULONG public_count)
{
	const enum half half = class == CKO_PUBLIC_KEY ? HALF_PUBLIC : HALF_PRIVATE;
	const struct templates t = { templ, public, count, public_count, class };
	struct rights rights = { 0 };
	bool token;
	CK_RV rv;

	*recipe = (struct recipe){ .slot = session->slot, .attributes = psa_key_attributes_init() };
	rv = template_keep(templ, count, class, &recipe->notes[half]);
	if (rv == CKR_OK && public_count)
		rv = template_keep(public, public_count, CKO_PUBLIC_KEY,
				   &recipe->notes[HALF_PUBLIC]);
	if (rv == CKR_OK)
		rv = template_bool(templ, count, CKA_TOKEN, false, &token);
	if (rv == CKR_OK)
		rv = session_may_write(session, token);
	if (rv == CKR_OK)
		rv = rights_read(&t, type, &rights);
	if (rv == CKR_OK)
		rv = note_key_type(recipe, half, &t);
	if (rv != CKR_OK)
		return rv;
	recipe->session = token ? 0 : session->handle;
	psa_set_key_type(&recipe->attributes, type);
	psa_set_key_bits(&recipe->attributes, bits);
	policy_set(recipe, type, &rights,
		   attributes_get(&recipe->notes[half], CKA_ALLOWED_MECHANISMS));
	return CKR_OK;
}

void recipe_free(struct recipe *recipe)
{
	for (size_t i = 0; i < HALF_COUNT; i++)
		attributes_free(&recipe->notes[i]);
}

CK_RV recipe_local(struct recipe *recipe, CK_MECHANISM_TYPE mechanism)
{
	const CK_BBOOL yes = CK_TRUE;
	CK_RV rv = CKR_OK;

	for (size_t i = 0; i < HALF_COUNT && rv == CKR_OK; i++) {
		rv = attributes_set(&recipe->notes[i], CKA_LOCAL, &yes, sizeof(yes));
		if (rv == CKR_OK)
			rv = attributes_set(&recipe->notes[i], CKA_KEY_GEN_MECHANISM, &mechanism,
					    sizeof(mechanism));
	}
	return rv;
}

CK_RV recipe_brought(struct recipe *recipe)
{
	const CK_BBOOL no = CK_FALSE;
	CK_RV rv =
		attributes_set(&recipe->notes[HALF_PRIVATE], CKA_ALWAYS_SENSITIVE, &no, sizeof(no));

	if (rv == CKR_OK)
		rv = attributes_set(&recipe->notes[HALF_PRIVATE], CKA_NEVER_EXTRACTABLE, &no,
				    sizeof(no));
	return rv;
}

static CK_RV rv_of_make(psa_status_t status)
{
	switch (status) {
	case PSA_ERROR_INVALID_ARGUMENT:
		return CKR_ATTRIBUTE_VALUE_INVALID;
	case PSA_ERROR_NOT_SUPPORTED:
		return CKR_TEMPLATE_INCONSISTENT;
	default:
		return rv_from_status(status);
	}
}

static CK_RV make_on_token(struct recipe *recipe, make_function make, void *ctx,
			   mbedtls_svc_key_id_t *id)
{
	psa_status_t status = PSA_ERROR_ALREADY_EXISTS;
	uint32_t drawn;

	psa_set_key_lifetime(&recipe->attributes, PSA_KEY_LIFETIME_PERSISTENT);
	for (int i = 0; i < ID_TRIES && status == PSA_ERROR_ALREADY_EXISTS; i++) {
		status = psa_generate_random((uint8_t *)&drawn, sizeof(drawn));
		if (status != PSA_SUCCESS)
			break;
		drawn &= PSA_KEY_ID_USER_MAX;
		psa_set_key_id(&recipe->attributes, drawn ? drawn : PSA_KEY_ID_USER_MIN);
		status = make(ctx, &recipe->attributes, id);
	}
	return rv_of_make(status);
}

CK_RV key_set_label(struct key *key, enum half half, const CK_ATTRIBUTE *label)
{
	char name[TSTEE_KEY_NAME_MAX + 1] = "";
	psa_status_t status;
	CK_RV rv;

	/* The note first: it is what shows when the name is gone. */
	rv = attributes_set(&key->notes[half], CKA_LABEL, label->pValue, label->ulValueLen);
	if (rv == CKR_OK)
		rv = rv_from_status(note_write(key));
	if (rv != CKR_OK || half != key_main_half(key))
		return rv;
	if (label->ulValueLen <= TSTEE_KEY_NAME_MAX &&
	    (!label->ulValueLen || !memchr(label->pValue, '\0', label->ulValueLen))) {
		if (label->ulValueLen)
			memcpy(name, label->pValue, label->ulValueLen);
		if (!strcmp(name, key->name))
			return CKR_OK;
	}
	status = tstee_key_set_name(key->id, name);
	/* Another key's, or nothing that people could read. */
	if (status == PSA_ERROR_ALREADY_EXISTS || status == PSA_ERROR_INVALID_ARGUMENT) {
		name[0] = '\0';
		status = tstee_key_set_name(key->id, name);
	}
	if (status == PSA_SUCCESS)
		memcpy(key->name, name, sizeof(name));
	return rv_from_status(status);
}

static CK_RV notes_write(struct key *key)
{
	const enum half main = key_main_half(key);
	const CK_ATTRIBUTE *label = attributes_get(&key->notes[main], CKA_LABEL);
	CK_ATTRIBUTE copy;
	struct bytes value = { 0 };
	CK_RV rv;

	if (!label)
		return rv_from_status(note_write(key));
	if (!bytes_add(&value, label->pValue, label->ulValueLen))
		return CKR_HOST_MEMORY;
	copy = (CK_ATTRIBUTE){ CKA_LABEL, value.data, value.len };
	rv = key_set_label(key, main, &copy);
	bytes_free(&value);
	return rv;
}

/* An object of the key, in its list. With the slot's lock. */
static CK_RV half_add(const struct recipe *recipe, struct key *key, enum half half,
		      CK_OBJECT_HANDLE *handle)
{
	struct object *object = object_new(
		recipe->slot, half == HALF_PUBLIC ? CKO_PUBLIC_KEY : key_class(key), key, half);

	if (!object)
		return CKR_HOST_MEMORY;
	object->session = recipe->session;
	object_enlist(object);
	if (!check_fits(object, &key->notes[half])) {
		object_forget(object);
		(void)object_delist(object);
		return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	if (handle)
		*handle = object->handle;
	return CKR_OK;
}

static CK_RV objects_add(struct recipe *recipe, struct key *key, CK_OBJECT_HANDLE *object,
			 CK_OBJECT_HANDLE *public)
{
	const enum half main = key_main_half(key);
	CK_RV rv;

	for (size_t i = 0; i < HALF_COUNT; i++) {
		attributes_free(&key->notes[i]);
		key->notes[i] = recipe->notes[i];
		recipe->notes[i] = (struct attributes){ 0 };
	}
	rv = key->token ? notes_write(key) : CKR_OK;
	if (rv == CKR_OK)
		rv = half_add(recipe, key, main, object);
	if (rv == CKR_OK && PSA_KEY_TYPE_IS_KEY_PAIR(key->type) && (public || key->token))
		rv = half_add(recipe, key, HALF_PUBLIC, public);
	return rv;
}

CK_RV recipe_cook(struct recipe *recipe, make_function make, void *ctx, CK_OBJECT_HANDLE *object,
		  CK_OBJECT_HANDLE *public)
{
	mbedtls_svc_key_id_t id = MBEDTLS_SVC_KEY_ID_INIT;
	struct key *key = key_new();
	CK_RV rv;

	if (!key)
		return CKR_HOST_MEMORY;
	if (recipe->session)
		rv = rv_of_make(make(ctx, &recipe->attributes, &id));
	else
		rv = make_on_token(recipe, make, ctx, &id);
	if (rv != CKR_OK) {
		key_let_go(key);
		return rv;
	}
	pthread_mutex_lock(&recipe->slot->lock);
	rv = rv_from_status(key_read(key, id));
	if (rv == CKR_OK)
		rv = objects_add(recipe, key, object, public);
	pthread_mutex_unlock(&recipe->slot->lock);
	/* What its user can't find again is of no use to him. */
	if (rv != CKR_OK)
		(void)psa_destroy_key(id);
	key_let_go(key);
	return rv;
}
