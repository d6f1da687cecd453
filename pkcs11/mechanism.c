// SPDX-License-Identifier: BSD-3-Clause
/* The table of mechanisms, and what all operations with them have in common. */
#include <stdlib.h>
#include <string.h>

#include "mechanism.h"

#define RSA_BITS  1024, 4096
#define EC_BITS	  224, 521
#define ANY_BYTES 1, 8192
/* Of public keys. */
#define ML_DSA_BYTES PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(128), PSA_VENDOR_ML_DSA_PUBLIC_KEY_SIZE(256)
#define AES_BYTES    16, 32
#define SIGNS	     (CKF_SIGN | CKF_VERIFY | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY)
#define ENCRYPTS     (CKF_ENCRYPT | CKF_DECRYPT)
#define WRAPS	     (CKF_WRAP | CKF_UNWRAP)
#define AEAD	     (ENCRYPTS | CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE)
#define EC	     (CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS)

#define HASH(name, hash)                                                                         \
	{ CKM_##name, SCHEME_DIGEST, PSA_ALG_##hash, 0, 0, CKF_DIGEST },                         \
		{ CKM_##name##_HMAC, SCHEME_HMAC, PSA_ALG_##hash, ANY_BYTES, SIGNS },            \
	{                                                                                        \
		CKM_##name##_HMAC_GENERAL, SCHEME_HMAC_GENERAL, PSA_ALG_##hash, ANY_BYTES, SIGNS \
	}
#define RSA(name, hash)                                                                    \
	{ CKM_##name##_RSA_PKCS, SCHEME_RSA_PKCS, PSA_ALG_##hash, RSA_BITS, SIGNS },       \
	{                                                                                  \
		CKM_##name##_RSA_PKCS_PSS, SCHEME_RSA_PSS, PSA_ALG_##hash, RSA_BITS, SIGNS \
	}
#define ECDSA(name, hash)                                                \
	{                                                                \
		CKM_ECDSA##name, SCHEME_ECDSA, hash, EC_BITS, SIGNS | EC \
	}
#define CIPHER(name, cipher)                                                         \
	{                                                                            \
		CKM_AES_##name, SCHEME_CIPHER, PSA_ALG_##cipher, AES_BYTES, ENCRYPTS \
	}

static const struct mechanism mechanisms[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, SCHEME_GENERATE, 0, RSA_BITS, CKF_GENERATE_KEY_PAIR },
	{ CKM_RSA_PKCS, SCHEME_RSA_PKCS, 0, RSA_BITS, SIGNS | ENCRYPTS | WRAPS },
	{ CKM_RSA_PKCS_OAEP, SCHEME_RSA_OAEP, 0, RSA_BITS, ENCRYPTS | WRAPS },
	{ CKM_RSA_PKCS_PSS, SCHEME_RSA_PSS, 0, RSA_BITS, SIGNS },
	{ CKM_MD5_RSA_PKCS, SCHEME_RSA_PKCS, PSA_ALG_MD5, RSA_BITS, SIGNS },
	{ CKM_RIPEMD160_RSA_PKCS, SCHEME_RSA_PKCS, PSA_ALG_RIPEMD160, RSA_BITS, SIGNS },
	RSA(SHA1, SHA_1),
	RSA(SHA224, SHA_224),
	RSA(SHA256, SHA_256),
	RSA(SHA384, SHA_384),
	RSA(SHA512, SHA_512),
	RSA(SHA3_224, SHA3_224),
	RSA(SHA3_256, SHA3_256),
	RSA(SHA3_384, SHA3_384),
	RSA(SHA3_512, SHA3_512),
	{ CKM_EC_KEY_PAIR_GEN, SCHEME_GENERATE, 0, EC_BITS, CKF_GENERATE_KEY_PAIR | EC },
	{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, SCHEME_GENERATE, 0, 255, 448,
	  CKF_GENERATE_KEY_PAIR | CKF_EC_NAMEDCURVE },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, SCHEME_GENERATE, 0, 255, 255,
	  CKF_GENERATE_KEY_PAIR | CKF_EC_NAMEDCURVE },
	{ CKM_EDDSA, SCHEME_EDDSA, PSA_ALG_PURE_EDDSA, 255, 255, SIGNS | CKF_EC_NAMEDCURVE },
	{ CKM_ML_DSA_KEY_PAIR_GEN, SCHEME_GENERATE, 0, ML_DSA_BYTES, CKF_GENERATE_KEY_PAIR },
	{ CKM_ML_DSA, SCHEME_ML_DSA, PSA_ALG_ML_DSA, ML_DSA_BYTES, SIGNS },
	ECDSA(, 0),
	ECDSA(_SHA1, PSA_ALG_SHA_1),
	ECDSA(_SHA224, PSA_ALG_SHA_224),
	ECDSA(_SHA256, PSA_ALG_SHA_256),
	ECDSA(_SHA384, PSA_ALG_SHA_384),
	ECDSA(_SHA512, PSA_ALG_SHA_512),
	ECDSA(_SHA3_224, PSA_ALG_SHA3_224),
	ECDSA(_SHA3_256, PSA_ALG_SHA3_256),
	ECDSA(_SHA3_384, PSA_ALG_SHA3_384),
	ECDSA(_SHA3_512, PSA_ALG_SHA3_512),
	{ CKM_ECDH1_DERIVE, SCHEME_ECDH, 0, EC_BITS, CKF_DERIVE | EC },
	{ CKM_ECDH1_COFACTOR_DERIVE, SCHEME_ECDH, 0, EC_BITS, CKF_DERIVE | EC },
	{ CKM_GENERIC_SECRET_KEY_GEN, SCHEME_GENERATE, 0, ANY_BYTES, CKF_GENERATE },
	{ CKM_HKDF_KEY_GEN, SCHEME_GENERATE, 0, ANY_BYTES, CKF_GENERATE },
	{ CKM_HKDF_DERIVE, SCHEME_HKDF, 0, ANY_BYTES, CKF_DERIVE },
	{ CKM_AES_KEY_GEN, SCHEME_GENERATE, 0, AES_BYTES, CKF_GENERATE },
	CIPHER(ECB, ECB_NO_PADDING),
	{ CKM_AES_CBC, SCHEME_CIPHER, PSA_ALG_CBC_NO_PADDING, AES_BYTES, ENCRYPTS | WRAPS },
	{ CKM_AES_CBC_PAD, SCHEME_CIPHER, PSA_ALG_CBC_PKCS7, AES_BYTES, ENCRYPTS | WRAPS },
	CIPHER(CTR, CTR),
	CIPHER(OFB, OFB),
	CIPHER(CFB128, CFB),
	{ CKM_AES_GCM, SCHEME_GCM, 0, AES_BYTES, AEAD },
	{ CKM_AES_CCM, SCHEME_CCM, 0, AES_BYTES, AEAD },
	{ CKM_AES_CMAC, SCHEME_CMAC, 0, AES_BYTES, SIGNS },
	{ CKM_AES_CMAC_GENERAL, SCHEME_CMAC_GENERAL, 0, AES_BYTES, SIGNS },
	{ CKM_CHACHA20_KEY_GEN, SCHEME_GENERATE, 0, 32, 32, CKF_GENERATE },
	{ CKM_CHACHA20_POLY1305, SCHEME_CHACHA20_POLY1305, 0, 32, 32, AEAD },
	HASH(SHA_1, SHA_1),
	HASH(SHA224, SHA_224),
	HASH(SHA256, SHA_256),
	HASH(SHA384, SHA_384),
	HASH(SHA512, SHA_512),
	HASH(SHA512_224, SHA_512_224),
	HASH(SHA512_256, SHA_512_256),
	HASH(SHA3_224, SHA3_224),
	HASH(SHA3_256, SHA3_256),
	HASH(SHA3_384, SHA3_384),
	HASH(SHA3_512, SHA3_512),
	HASH(MD5, MD5),
	HASH(RIPEMD160, RIPEMD160),
};

const struct mechanism *mechanism_find(CK_MECHANISM_TYPE type, CK_FLAGS flags)
{
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		if (mechanisms[i].type == type)
			return (mechanisms[i].flags & flags) == flags ? &mechanisms[i] : NULL;
	}
	return NULL;
}

psa_algorithm_t hash_of_mechanism(CK_MECHANISM_TYPE type)
{
	const struct mechanism *mechanism = mechanism_find(type, CKF_DIGEST);

	return mechanism ? mechanism->alg : 0;
}

static psa_algorithm_t hash_of_mgf(CK_ULONG mgf)
{
	static const struct {
		CK_ULONG mgf;
		psa_algorithm_t hash;
	} table[] = {
		{ CKG_MGF1_SHA1, PSA_ALG_SHA_1 },	 { CKG_MGF1_SHA224, PSA_ALG_SHA_224 },
		{ CKG_MGF1_SHA256, PSA_ALG_SHA_256 },	 { CKG_MGF1_SHA384, PSA_ALG_SHA_384 },
		{ CKG_MGF1_SHA512, PSA_ALG_SHA_512 },	 { CKG_MGF1_SHA3_224, PSA_ALG_SHA3_224 },
		{ CKG_MGF1_SHA3_256, PSA_ALG_SHA3_256 }, { CKG_MGF1_SHA3_384, PSA_ALG_SHA3_384 },
		{ CKG_MGF1_SHA3_512, PSA_ALG_SHA3_512 },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		if (table[i].mgf == mgf)
			return table[i].hash;
	}
	return 0;
}

CK_RV hash_with_mgf(CK_MECHANISM_TYPE type, CK_ULONG mgf, psa_algorithm_t *hash)
{
	*hash = hash_of_mechanism(type);
	if (*hash != hash_of_mgf(mgf))
		return parameter_refused("PSA has one hash for the message and for MGF1");
	return *hash ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

uint32_t mechanism_family(const struct mechanism *mechanism)
{
	switch (mechanism->scheme) {
	case SCHEME_ECDSA:
		return TSTEE_KEY_ECDSA;
	case SCHEME_RSA_PKCS:
		return TSTEE_KEY_RSA_PKCS1_SIGN | (mechanism->alg ? 0 : TSTEE_KEY_RSA_PKCS1_CRYPT);
	case SCHEME_RSA_PSS:
		return TSTEE_KEY_RSA_PSS;
	case SCHEME_HMAC:
	case SCHEME_HMAC_GENERAL:
		return TSTEE_KEY_HMAC;
	case SCHEME_CMAC:
	case SCHEME_CMAC_GENERAL:
		return TSTEE_KEY_CMAC;
	case SCHEME_RSA_OAEP:
		return TSTEE_KEY_RSA_OAEP;
	case SCHEME_CIPHER:
		return tstee_key_family(mechanism->alg);
	case SCHEME_GCM:
		return TSTEE_KEY_GCM;
	case SCHEME_CCM:
		return TSTEE_KEY_CCM;
	case SCHEME_CHACHA20_POLY1305:
		return TSTEE_KEY_CHACHA20_POLY1305;
	case SCHEME_ECDH:
		return TSTEE_KEY_ECDH;
	case SCHEME_HKDF:
		return TSTEE_KEY_HKDF;
	default:
		return 0;
	}
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetMechanismList");

	if (rv == CKR_OK && !count)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !slot_find(id))
		rv = CKR_SLOT_ID_INVALID;
	if (rv == CKR_OK && list && *count < COUNT(mechanisms))
		rv = CKR_BUFFER_TOO_SMALL;
	if (rv == CKR_OK && list) {
		for (size_t i = 0; i < COUNT(mechanisms); i++)
			list[i] = mechanisms[i].type;
	}
	if (rv == CKR_OK || rv == CKR_BUFFER_TOO_SMALL)
		*count = COUNT(mechanisms);
	return call_end(&call, rv);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	const struct mechanism *mechanism = mechanism_find(type, 0);
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetMechanismInfo");

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !slot_find(id))
		rv = CKR_SLOT_ID_INVALID;
	if (rv == CKR_OK && !mechanism)
		rv = CKR_MECHANISM_INVALID;
	if (rv == CKR_OK)
		*info = (CK_MECHANISM_INFO){
			.ulMinKeySize = mechanism->min,
			.ulMaxKeySize = mechanism->max,
			.flags = mechanism->flags | (mechanism->max ? CKF_HW : 0),
		};
	return call_end(&call, rv);
}

/* What an operation needs of the mechanism, of the object's class and of the key's usage. */
static const struct {
	CK_FLAGS flag;
	bool on_public;
	psa_key_usage_t usage; /* any of these */
} needs[OPERATION_COUNT] = {
	[OPERATION_ENCRYPT] = { CKF_ENCRYPT, true, PSA_KEY_USAGE_ENCRYPT },
	[OPERATION_DECRYPT] = { CKF_DECRYPT, false, PSA_KEY_USAGE_DECRYPT },
	[OPERATION_DIGEST] = { CKF_DIGEST, false, 0 },
	[OPERATION_SIGN] = { CKF_SIGN, false,
			     PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE },
	[OPERATION_VERIFY] = { CKF_VERIFY, true,
			       PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE },
	[OPERATION_MESSAGE_ENCRYPT] = { CKF_MESSAGE_ENCRYPT, true, PSA_KEY_USAGE_ENCRYPT },
	[OPERATION_MESSAGE_DECRYPT] = { CKF_MESSAGE_DECRYPT, false, PSA_KEY_USAGE_DECRYPT },
	[OPERATION_MESSAGE_SIGN] = { CKF_MESSAGE_SIGN, false,
				     PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE },
	[OPERATION_MESSAGE_VERIFY] = { CKF_MESSAGE_VERIFY, true,
				       PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_VERIFY_MESSAGE },
};

bool mechanism_in(const CK_ATTRIBUTE *allowed, CK_MECHANISM_TYPE type)
{
	bool found = !allowed || !allowed->ulValueLen;
	CK_MECHANISM_TYPE one;

	for (size_t i = 0; !found && i < allowed->ulValueLen / sizeof(one); i++) {
		memcpy(&one, (const uint8_t *)allowed->pValue + i * sizeof(one), sizeof(one));
		found = one == type;
	}
	return found;
}

static bool is_allowed(struct object *object, CK_MECHANISM_TYPE type)
{
	bool found;

	pthread_mutex_lock(&object->slot->lock);
	found = mechanism_in(
		attributes_get(&object->key->notes[object->half], CKA_ALLOWED_MECHANISMS), type);
	pthread_mutex_unlock(&object->slot->lock);
	return found;
}

static bool type_fits(const struct mechanism *mechanism, const struct key *key)
{
	switch (mechanism->scheme) {
	case SCHEME_ECDSA:
		return key_cryptoki_type(key) == CKK_EC;
	case SCHEME_EDDSA:
		return key_cryptoki_type(key) == CKK_EC_EDWARDS;
	case SCHEME_ML_DSA:
		return key_cryptoki_type(key) == CKK_ML_DSA;
	case SCHEME_ECDH:
		return PSA_KEY_TYPE_IS_ECC_KEY_PAIR(key->type) &&
		       key_cryptoki_type(key) != CKK_EC_EDWARDS;
	case SCHEME_RSA_PKCS:
	case SCHEME_RSA_PSS:
	case SCHEME_RSA_OAEP:
		return PSA_KEY_TYPE_IS_RSA(key->type);
	case SCHEME_HMAC:
	case SCHEME_HMAC_GENERAL:
		return key->type == PSA_KEY_TYPE_HMAC;
	case SCHEME_HKDF:
		return key->type == PSA_KEY_TYPE_HMAC || key->type == PSA_KEY_TYPE_DERIVE;
	case SCHEME_CMAC:
	case SCHEME_CMAC_GENERAL:
	case SCHEME_CIPHER:
	case SCHEME_GCM:
	case SCHEME_CCM:
		return key->type == PSA_KEY_TYPE_AES;
	case SCHEME_CHACHA20_POLY1305:
		return key->type == PSA_KEY_TYPE_CHACHA20;
	default:
		return false;
	}
}

/* Is there an algorithm of @mechanism that the key permits? */
static bool policy_fits(const struct mechanism *mechanism, const struct key *key)
{
	const psa_algorithm_t policy = key->alg, any = PSA_ALG_ANY_HASH;
	const psa_algorithm_t hash =
		PSA_ALG_IS_HASH_AND_SIGN(policy) ? PSA_ALG_SIGN_GET_HASH(policy) : 0;
	uint32_t family;

	if (mechanism->scheme == SCHEME_EDDSA)
		return policy == mechanism->alg || policy == PSA_ALG_ED25519PH;
	if (mechanism->scheme == SCHEME_ML_DSA)
		return PSA_ALG_IS_ML_DSA(policy);
	/* As one of the family: which one, the hash says. */
	if (PSA_ALG_IS_HASH_AND_SIGN(policy))
		family = tstee_key_family(hash == any ?
						  (policy & ~(psa_algorithm_t)PSA_ALG_HASH_MASK) |
							  (PSA_ALG_SHA_256 & PSA_ALG_HASH_MASK) :
						  policy);
	else
		family = tstee_key_family(policy);
	if (!(family & mechanism_family(mechanism)))
		return false;
	switch (mechanism->scheme) {
	case SCHEME_CIPHER:
		return policy == mechanism->alg;
	case SCHEME_HMAC:
	case SCHEME_HMAC_GENERAL:
		return PSA_ALG_HMAC_GET_HASH(policy) == mechanism->alg;
	case SCHEME_ECDSA:
	case SCHEME_RSA_PKCS:
	case SCHEME_RSA_PSS:
		return hash == any || !mechanism->alg || mechanism->alg == hash;
	default:
		return true;
	}
}

CK_ULONG mechanisms_of(const struct key *key, CK_MECHANISM_TYPE *list, CK_ULONG max)
{
	CK_ULONG count = 0;

	for (size_t i = 0; i < COUNT(mechanisms) && count < max; i++) {
		if (mechanisms[i].scheme != SCHEME_GENERATE && type_fits(&mechanisms[i], key) &&
		    policy_fits(&mechanisms[i], key))
			list[count++] = mechanisms[i].type;
	}
	return count;
}

CK_RV mechanism_check(const struct mechanism *mechanism, struct object *object)
{
	if (!type_fits(mechanism, object->key))
		return CKR_KEY_TYPE_INCONSISTENT;
	return is_allowed(object, mechanism->type) ? CKR_OK : CKR_MECHANISM_INVALID;
}

static CK_RV key_check(struct object *object, enum operation_kind kind,
		       const struct mechanism *mechanism)
{
	if (!object->key)
		return CKR_KEY_HANDLE_INVALID;
	if (object->class != CKO_SECRET_KEY &&
	    (object->class == CKO_PUBLIC_KEY) != needs[kind].on_public)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (!(object->key->usage & needs[kind].usage))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return mechanism_check(mechanism, object);
}

/* Without a mechanism it ends one that is active. */
static CK_RV operation_begin(struct session *session, enum operation_kind kind,
			     const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	struct operation *op = &session->operations[kind];
	struct object *object = NULL;
	CK_RV rv = CKR_OK;

	if (!mechanism) {
		if (!op->active)
			return CKR_ARGUMENTS_BAD;
		operation_end(op);
		return CKR_OK;
	}
	if (op->active)
		return CKR_OPERATION_ACTIVE;
	op->mechanism = mechanism_find(mechanism->mechanism, needs[kind].flag);
	if (!op->mechanism)
		return CKR_MECHANISM_INVALID;
	if (mechanism->ulParameterLen && !mechanism->pParameter)
		return CKR_MECHANISM_PARAM_INVALID;
	if (needs[kind].usage) {
		object = object_hold(session, key);
		if (!object)
			return CKR_KEY_HANDLE_INVALID;
		rv = key_check(object, kind, op->mechanism);
	}
	if (rv != CKR_OK) {
		object_let_go(object);
		return rv;
	}
	op->object = object;
	op->key = object ? object->key : NULL;
	op->active = true;
	return CKR_OK;
}

CK_RV operation_init(const char *name, CK_SESSION_HANDLE handle, enum operation_kind kind,
		     const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
		     CK_RV (*setup)(struct operation *op, const CK_MECHANISM *mechanism))
{
	struct call call;
	CK_RV rv = call_begin_session(&call, name, handle);

	if (rv == CKR_OK)
		rv = operation_begin(call.session, kind, mechanism, key);
	if (rv == CKR_OK && mechanism && setup) {
		struct operation *op = &call.session->operations[kind];

		rv = setup(op, mechanism);
		if (rv != CKR_OK)
			operation_end(op);
	}
	return call_end(&call, rv);
}

CK_RV operation_call(struct call *call, const char *name, CK_SESSION_HANDLE handle,
		     enum operation_kind kind, struct operation **op)
{
	CK_RV rv = call_begin_session(call, name, handle);

	if (rv != CKR_OK)
		return rv;
	*op = &call->session->operations[kind];
	return (*op)->active ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
}

void operation_end(struct operation *op)
{
	if (op->started) {
		(void)psa_hash_abort(&op->hash);
		(void)psa_mac_abort(&op->mac);
		(void)psa_cipher_abort(&op->cipher);
		(void)psa_aead_abort(&op->aead);
	}
	bytes_free(&op->iv);
	bytes_free(&op->ad);
	bytes_free(&op->data);
	object_let_go(op->object);
	explicit_bzero(op, sizeof(*op));
}

CK_RV operation_goes_on(struct call *call, struct operation *op, bool in_one_piece, CK_RV rv)
{
	op->asked = op->asked || in_one_piece;
	return call_end(call, rv);
}

bool output_fits(const void *out, CK_ULONG *len, CK_ULONG need, CK_RV *rv)
{
	*rv = CKR_OK;
	if (out && *len >= need)
		return true;
	*rv = out ? CKR_BUFFER_TOO_SMALL : CKR_OK;
	*len = need;
	return false;
}
