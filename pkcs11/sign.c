// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signatures and MACs. A message that comes in one piece is one call of the partition; one that
 * comes in parts is, too, as long as it is short, and is hashed there from then on.
 */
#include <string.h>

#include "der.h"
#include "mechanism.h"

/* Messages are kept up to this length. */
#define KEEP_MAX 65536u

/* The longest hash or DigestInfo, and what else is signed as it is. */
#define RAW_MAX 512u

static bool is_mac(const struct operation *op)
{
	switch (op->mechanism->scheme) {
	case SCHEME_HMAC:
	case SCHEME_HMAC_GENERAL:
	case SCHEME_CMAC:
	case SCHEME_CMAC_GENERAL:
		return true;
	default:
		return false;
	}
}

static bool is_eddsa(const struct operation *op)
{
	return op->mechanism->scheme == SCHEME_EDDSA;
}

/* Is it of the message itself, and not of its hash? */
static bool is_whole(const struct operation *op)
{
	return op->alg == PSA_ALG_PURE_EDDSA || PSA_ALG_IS_ML_DSA(op->alg);
}

/* Is what is signed a hash, or the like, that the caller made? */
static bool is_raw(const struct operation *op)
{
	return !is_mac(op) && !op->mechanism->alg;
}

/* The first of the algorithms that the key permits, or 0. */
static psa_algorithm_t permitted(const struct key *key, psa_algorithm_t first,
				 psa_algorithm_t second)
{
	if (key_permits(key, first))
		return first;
	return key_permits(key, second) ? second : 0;
}

static psa_algorithm_t ecdsa_of(const struct key *key, psa_algorithm_t hash)
{
	return permitted(key, PSA_ALG_ECDSA(hash), PSA_ALG_DETERMINISTIC_ECDSA(hash));
}

/* By RFC 8017, 9.1, with a salt as long as the hash; verified, any salt may be wanted. */
static psa_algorithm_t pss_of(const struct key *key, psa_algorithm_t hash, bool any_salt)
{
	if (any_salt)
		return permitted(key, PSA_ALG_RSA_PSS_ANY_SALT(hash),
				 PSA_ALG_RSA_PSS_ANY_SALT(hash));
	return permitted(key, PSA_ALG_RSA_PSS(hash), PSA_ALG_RSA_PSS_ANY_SALT(hash));
}

static CK_RV pss_setup(struct operation *op, const CK_MECHANISM *mechanism, bool verify)
{
	CK_RSA_PKCS_PSS_PARAMS params;
	psa_algorithm_t hash;
	CK_RV rv;

	if (mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(&params, mechanism->pParameter, sizeof(params));
	rv = hash_with_mgf(params.hashAlg, params.mgf, &hash);
	if (rv != CKR_OK)
		return rv;
	if (op->mechanism->alg && op->mechanism->alg != hash)
		return CKR_MECHANISM_PARAM_INVALID;
	/* PSA has one length of salt for each hash. */
	if (!verify && params.sLen != PSA_HASH_LENGTH(hash))
		return parameter_refused("PSA signs with a salt as long as the hash");
	op->alg = pss_of(op->key, hash, params.sLen != PSA_HASH_LENGTH(hash));
	return op->alg ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

/*
 * Ed25519 or Ed25519ph of RFC 8032, whichever the key is for; without context: with one it is
 * another algorithm.
 */
static CK_RV eddsa_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	struct cryptoki_eddsa_params params = { 0 };

	if (mechanism->ulParameterLen && mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	if (mechanism->ulParameterLen)
		memcpy(&params, mechanism->pParameter, sizeof(params));
	if (params.ulContextDataLen)
		return parameter_refused("PSA has no Ed25519 with a context");
	op->alg = params.phFlag ? PSA_ALG_ED25519PH : op->mechanism->alg;
	return key_permits(op->key, op->alg) ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

/* ML-DSA of FIPS 204, hedged or not as the key is for and the parameter permits. */
static CK_RV ml_dsa_setup(struct operation *op, const CK_MECHANISM *mechanism, bool verify)
{
	struct cryptoki_sign_context params = { 0 };

	if (mechanism->ulParameterLen && mechanism->ulParameterLen != sizeof(params))
		return CKR_MECHANISM_PARAM_INVALID;
	if (mechanism->ulParameterLen)
		memcpy(&params, mechanism->pParameter, sizeof(params));
	if (params.hedgeVariant > CKH_DETERMINISTIC_REQUIRED)
		return CKR_MECHANISM_PARAM_INVALID;
	if (params.ulContextLen)
		return parameter_refused("PSA has no ML-DSA with a context");
	op->alg = permitted(op->key, PSA_ALG_ML_DSA, PSA_ALG_DETERMINISTIC_ML_DSA);
	if (!op->alg)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	/* Whoever verifies can't tell the two. */
	if (!verify &&
	    ((params.hedgeVariant == CKH_HEDGE_REQUIRED && op->alg != PSA_ALG_ML_DSA) ||
	     (params.hedgeVariant == CKH_DETERMINISTIC_REQUIRED && op->alg == PSA_ALG_ML_DSA)))
		return parameter_refused("the key's algorithm is the other variant");
	return CKR_OK;
}

static CK_RV mac_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	const enum scheme scheme = op->mechanism->scheme;
	const bool general = scheme == SCHEME_HMAC_GENERAL || scheme == SCHEME_CMAC_GENERAL;
	CK_ULONG len;

	if (scheme == SCHEME_HMAC || scheme == SCHEME_HMAC_GENERAL)
		op->alg = PSA_ALG_HMAC(op->mechanism->alg);
	else
		op->alg = PSA_ALG_CMAC;
	op->tag_len = PSA_MAC_LENGTH(op->key->type, op->key->bits, op->alg);
	if (mechanism->ulParameterLen != (general ? sizeof(len) : 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (general) {
		memcpy(&len, mechanism->pParameter, sizeof(len));
		if (!len || len > op->tag_len)
			return CKR_MECHANISM_PARAM_INVALID;
		op->tag_len = len;
	}
	/* Cut here: the partition's shortest is four bytes, and the key may be for the whole. */
	return key_permits(op->key, op->alg) ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV setup(struct operation *op, const CK_MECHANISM *mechanism, bool verify)
{
	const psa_key_usage_t hashes = verify ? PSA_KEY_USAGE_VERIFY_HASH : PSA_KEY_USAGE_SIGN_HASH;
	const psa_algorithm_t hash = op->mechanism->alg;

	if (is_mac(op))
		return mac_setup(op, mechanism);
	if (is_eddsa(op))
		return eddsa_setup(op, mechanism);
	if (op->mechanism->scheme == SCHEME_ML_DSA)
		return ml_dsa_setup(op, mechanism, verify);
	if (is_raw(op) && !(op->key->usage & hashes))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (op->mechanism->scheme == SCHEME_RSA_PSS)
		return pss_setup(op, mechanism, verify);
	if (mechanism->ulParameterLen)
		return CKR_MECHANISM_PARAM_INVALID;
	/* Of raw ones the data says which it is. */
	if (!hash)
		return CKR_OK;
	op->alg = op->mechanism->scheme == SCHEME_ECDSA ?
			  ecdsa_of(op->key, hash) :
			  permitted(op->key, PSA_ALG_RSA_PKCS1V15_SIGN(hash),
				    PSA_ALG_RSA_PKCS1V15_SIGN(hash));
	return op->alg ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

CK_RV sign_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	return setup(op, mechanism, false);
}

CK_RV verify_setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	return setup(op, mechanism, true);
}

CK_ULONG sign_len(const struct operation *op)
{
	if (is_mac(op))
		return op->tag_len;
	if (PSA_KEY_TYPE_IS_RSA(op->key->type))
		return PSA_BITS_TO_BYTES(op->key->bits);
	if (PSA_KEY_TYPE_IS_ML_DSA(op->key->type))
		return PSA_VENDOR_ML_DSA_SIGNATURE_SIZE(op->key->bits);
	return 2 * PSA_BITS_TO_BYTES(op->key->bits);
}

/* What the partition signs, and by which algorithm. */
struct raw {
	psa_algorithm_t alg;
	const uint8_t *data;
	size_t len;
	uint8_t buf[PSA_HASH_MAX_SIZE];
};

/*
 * ECDSA takes the leftmost bits of a hash, or all of a short one as a number: so one of any length
 * can be written as one that PSA has a hash for, and the signature is the same.
 */
static CK_RV raw_ecdsa(const struct operation *op, struct raw *raw)
{
	static const psa_algorithm_t hashes[] = { PSA_ALG_SHA_1, PSA_ALG_SHA_224, PSA_ALG_SHA_256,
						  PSA_ALG_SHA_384, PSA_ALG_SHA_512 };
	const size_t order = PSA_BITS_TO_BYTES(op->key->bits);

	if (!raw->len)
		return CKR_DATA_LEN_RANGE;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		raw->alg = ecdsa_of(op->key, hashes[i]);
		if (raw->alg && raw->len == PSA_HASH_LENGTH(hashes[i]))
			return CKR_OK;
	}
	if (raw->len > order && op->key->bits % 8 == 0)
		raw->len = order;
	for (size_t i = 0; i < COUNT(hashes); i++) {
		const size_t len = PSA_HASH_LENGTH(hashes[i]);

		raw->alg = ecdsa_of(op->key, hashes[i]);
		if (!raw->alg || raw->len > len || (len > order && raw->len < order))
			continue;
		/* Zeros in front would push bits out at the end where the hash is longer. */
		if (len > order && raw->len != len)
			continue;
		memset(raw->buf, 0, len - raw->len);
		memcpy(raw->buf + len - raw->len, raw->data, raw->len);
		raw->data = raw->buf;
		raw->len = len;
		return CKR_OK;
	}
	return raw->len > PSA_HASH_MAX_SIZE ? CKR_DATA_LEN_RANGE : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV raw_pkcs1(const struct operation *op, struct raw *raw)
{
	struct der_part digest;
	const psa_algorithm_t hash = der_digest_info(raw->data, raw->len, &digest);

	if (raw->len + 11 > PSA_BITS_TO_BYTES(op->key->bits))
		return CKR_DATA_LEN_RANGE;
	if (hash && key_permits(op->key, PSA_ALG_RSA_PKCS1V15_SIGN(hash))) {
		raw->alg = PSA_ALG_RSA_PKCS1V15_SIGN(hash);
		raw->data = digest.data;
		raw->len = digest.len;
		return CKR_OK;
	}
	raw->alg = PSA_ALG_RSA_PKCS1V15_SIGN_RAW;
	return key_permits(op->key, raw->alg) ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV raw_make(const struct operation *op, const uint8_t *data, size_t len, struct raw *raw)
{
	raw->alg = op->alg;
	raw->data = data;
	raw->len = len;
	switch (op->mechanism->scheme) {
	case SCHEME_ECDSA:
		return raw_ecdsa(op, raw);
	case SCHEME_RSA_PKCS:
		return raw_pkcs1(op, raw);
	default:
		return len == PSA_HASH_LENGTH(PSA_ALG_SIGN_GET_HASH(op->alg)) ? CKR_OK :
										CKR_DATA_LEN_RANGE;
	}
}

static CK_RV rv_of_sign(psa_status_t status)
{
	return status == PSA_ERROR_INVALID_ARGUMENT ? CKR_DATA_LEN_RANGE : rv_from_status(status);
}

/* What is kept so far goes to the partition. */
static psa_status_t flush(struct operation *op)
{
	psa_status_t status = PSA_SUCCESS;

	if (!op->started) {
		if (is_mac(op))
			status = psa_mac_sign_setup(&op->mac, op->key->id, op->alg);
		else
			status = psa_hash_setup(&op->hash, PSA_ALG_SIGN_GET_HASH(op->alg));
		op->started = status == PSA_SUCCESS;
	}
	if (status == PSA_SUCCESS && op->data.len)
		status = is_mac(op) ? psa_mac_update(&op->mac, op->data.data, op->data.len) :
				      psa_hash_update(&op->hash, op->data.data, op->data.len);
	op->data.len = 0;
	return status;
}

/* A key that signs messages and not hashes needs them whole, and so does Ed25519 as such. */
static bool may_hash(const struct operation *op, bool verify)
{
	return is_mac(op) ||
	       (!is_whole(op) &&
		op->key->usage & (verify ? PSA_KEY_USAGE_VERIFY_HASH : PSA_KEY_USAGE_SIGN_HASH));
}

CK_RV sign_update(struct operation *op, bool verify, const uint8_t *data, size_t len)
{
	psa_status_t status = PSA_SUCCESS;

	op->multi = true;
	if (is_raw(op) && len > RAW_MAX - op->data.len)
		return CKR_DATA_LEN_RANGE;
	if (!is_raw(op) && may_hash(op, verify) && op->data.len + len > KEEP_MAX)
		status = flush(op);
	if (status != PSA_SUCCESS)
		return rv_from_status(status);
	return bytes_add(&op->data, data, len) ? CKR_OK : CKR_HOST_MEMORY;
}

/* A MAC is calculated in both cases, and cut. */
static CK_RV mac_make(struct operation *op, const uint8_t *data, size_t len,
		      uint8_t mac[PSA_MAC_MAX_SIZE])
{
	psa_status_t status;
	size_t mac_len;

	if (op->started) {
		status = flush(op);
		if (status == PSA_SUCCESS)
			status = psa_mac_sign_finish(&op->mac, mac, PSA_MAC_MAX_SIZE, &mac_len);
	} else {
		status = psa_mac_compute(op->key->id, op->alg, data, len, mac, PSA_MAC_MAX_SIZE,
					 &mac_len);
	}
	return rv_of_sign(status);
}

static CK_RV hash_finish(struct operation *op, struct raw *raw)
{
	psa_status_t status = flush(op);

	raw->alg = op->alg;
	raw->data = raw->buf;
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&op->hash, raw->buf, sizeof(raw->buf), &raw->len);
	return rv_from_status(status);
}

CK_RV sign_make(struct operation *op, const uint8_t *data, size_t len, uint8_t *signature,
		CK_ULONG *signature_len)
{
	uint8_t mac[PSA_MAC_MAX_SIZE];
	psa_status_t status;
	struct raw raw;
	size_t got = 0;
	CK_RV rv;

	if (is_mac(op)) {
		rv = mac_make(op, data, len, mac);
		if (rv == CKR_OK)
			memcpy(signature, mac, op->tag_len);
		*signature_len = op->tag_len;
		explicit_bzero(mac, sizeof(mac));
		return rv;
	}
	if (op->started || is_raw(op)) {
		rv = op->started ? hash_finish(op, &raw) : raw_make(op, data, len, &raw);
		if (rv != CKR_OK)
			return rv;
		status = psa_sign_hash(op->key->id, raw.alg, raw.data, raw.len, signature,
				       *signature_len, &got);
	} else {
		status = psa_sign_message(op->key->id, op->alg, data, len, signature,
					  *signature_len, &got);
	}
	*signature_len = got;
	return rv_of_sign(status);
}

/* In a time that doesn't tell where they differ. */
static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t difference = 0;

	while (len--)
		difference |= *a++ ^ *b++;
	return !difference;
}

/*
 * What comes to be verified may have r and s without zeros in front, as long as they are of one
 * length (Mechanisms 3.0, 2.3.1). Java has them so.
 */
static bool is_short_ecdsa(const struct operation *op, size_t len)
{
	return op->mechanism->scheme == SCHEME_ECDSA && len && len % 2 == 0 && len < sign_len(op);
}

static void ecdsa_pad(uint8_t *out, size_t out_half, const uint8_t *signature, size_t half)
{
	memset(out, 0, 2 * out_half);
	memcpy(out + out_half - half, signature, half);
	memcpy(out + 2 * out_half - half, signature + half, half);
}

CK_RV sign_check(struct operation *op, const uint8_t *data, size_t len, const uint8_t *signature,
		 CK_ULONG signature_len)
{
	uint8_t mac[PSA_MAC_MAX_SIZE], padded[PSA_VENDOR_ECDSA_SIGNATURE_MAX_SIZE];
	psa_status_t status;
	struct raw raw;
	CK_RV rv;

	if (is_short_ecdsa(op, signature_len)) {
		ecdsa_pad(padded, sign_len(op) / 2, signature, signature_len / 2);
		signature = padded;
		signature_len = sign_len(op);
	}
	if (signature_len != sign_len(op))
		return CKR_SIGNATURE_LEN_RANGE;
	if (is_mac(op)) {
		rv = mac_make(op, data, len, mac);
		if (rv == CKR_OK && !same(mac, signature, op->tag_len))
			rv = CKR_SIGNATURE_INVALID;
		explicit_bzero(mac, sizeof(mac));
		return rv;
	}
	if (op->started || is_raw(op)) {
		rv = op->started ? hash_finish(op, &raw) : raw_make(op, data, len, &raw);
		if (rv != CKR_OK)
			return rv;
		status = psa_verify_hash(op->key->id, raw.alg, raw.data, raw.len, signature,
					 signature_len);
	} else {
		status = psa_verify_message(op->key->id, op->alg, data, len, signature,
					    signature_len);
	}
	return rv_of_sign(status);
}

static CK_RV update(const char *name, CK_SESSION_HANDLE handle, enum operation_kind kind,
		    const uint8_t *data, CK_ULONG len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, kind, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (len && !data)
		rv = CKR_ARGUMENTS_BAD;
	else if (op->asked)
		rv = CKR_OPERATION_ACTIVE;
	else
		rv = sign_update(op, kind == OPERATION_VERIFY, data, len);
	if (rv != CKR_OK)
		operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_SignInit", handle, OPERATION_SIGN, mechanism, key, sign_setup);
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_init("C_VerifyInit", handle, OPERATION_VERIFY, mechanism, key,
			      verify_setup);
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len)
{
	return update("C_SignUpdate", handle, OPERATION_SIGN, data, len);
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len)
{
	return update("C_VerifyUpdate", handle, OPERATION_VERIFY, data, len);
}

static CK_RV sign(const char *name, CK_SESSION_HANDLE handle, bool final, const uint8_t *data,
		  CK_ULONG len, uint8_t *signature, CK_ULONG *signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, OPERATION_SIGN, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!signature_len || (len && !data))
		rv = CKR_ARGUMENTS_BAD;
	else if (!final ? op->multi : op->asked)
		rv = CKR_OPERATION_ACTIVE;
	else if (!output_fits(signature, signature_len, sign_len(op), &rv))
		return operation_goes_on(&call, op, !final, rv);
	else if (final)
		rv = sign_make(op, op->data.data, op->data.len, signature, signature_len);
	else
		rv = sign_make(op, data, len, signature, signature_len);
	operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_Sign(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
	     CK_ULONG *signature_len)
{
	return sign("C_Sign", handle, false, data, len, signature, signature_len);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE handle, CK_BYTE *signature, CK_ULONG *signature_len)
{
	return sign("C_SignFinal", handle, true, NULL, 0, signature, signature_len);
}

static CK_RV verify(const char *name, CK_SESSION_HANDLE handle, bool final, const uint8_t *data,
		    CK_ULONG len, const uint8_t *signature, CK_ULONG signature_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, OPERATION_VERIFY, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if ((len && !data) || (signature_len && !signature))
		rv = CKR_ARGUMENTS_BAD;
	else if (!final && op->multi)
		rv = CKR_OPERATION_ACTIVE;
	else if (final)
		rv = sign_check(op, op->data.data, op->data.len, signature, signature_len);
	else
		rv = sign_check(op, data, len, signature, signature_len);
	operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_Verify(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
	       CK_ULONG signature_len)
{
	return verify("C_Verify", handle, false, data, len, signature, signature_len);
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE handle, CK_BYTE *signature, CK_ULONG signature_len)
{
	return verify("C_VerifyFinal", handle, true, NULL, 0, signature, signature_len);
}
