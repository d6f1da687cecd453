// SPDX-License-Identifier: BSD-3-Clause
/* Hashes, and random bytes. */
#include <stdlib.h>
#include <string.h>

#include "mechanism.h"

/* Messages are kept up to this length, and hashed in one call. */
#define KEEP_MAX 65536u

static psa_status_t flush(struct operation *op)
{
	psa_status_t status = PSA_SUCCESS;

	if (!op->started) {
		status = psa_hash_setup(&op->hash, op->mechanism->alg);
		op->started = status == PSA_SUCCESS;
	}
	if (status == PSA_SUCCESS && op->data.len)
		status = psa_hash_update(&op->hash, op->data.data, op->data.len);
	op->data.len = 0;
	return status;
}

static CK_RV feed(struct operation *op, const uint8_t *data, size_t len)
{
	psa_status_t status = PSA_SUCCESS;

	op->multi = true;
	if (op->data.len + len > KEEP_MAX)
		status = flush(op);
	if (status != PSA_SUCCESS)
		return rv_from_status(status);
	return bytes_add(&op->data, data, len) ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV finish(struct operation *op, const uint8_t *data, size_t len, uint8_t *digest,
		    CK_ULONG *digest_len)
{
	psa_status_t status;
	size_t got = 0;

	if (op->started) {
		status = flush(op);
		if (status == PSA_SUCCESS)
			status = psa_hash_finish(&op->hash, digest, *digest_len, &got);
	} else {
		status = psa_hash_compute(op->mechanism->alg, data, len, digest, *digest_len, &got);
	}
	*digest_len = got;
	return rv_from_status(status);
}

static CK_RV setup(struct operation *op, const CK_MECHANISM *mechanism)
{
	(void)op;
	return mechanism->ulParameterLen ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

CK_RV C_DigestInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism)
{
	return operation_init("C_DigestInit", handle, OPERATION_DIGEST, mechanism, 0, setup);
}

static CK_RV digest(const char *name, CK_SESSION_HANDLE handle, bool final, const uint8_t *data,
		    CK_ULONG len, uint8_t *out, CK_ULONG *out_len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, name, handle, OPERATION_DIGEST, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (!out_len || (len && !data))
		rv = CKR_ARGUMENTS_BAD;
	else if (!final ? op->multi : op->asked)
		rv = CKR_OPERATION_ACTIVE;
	else if (!output_fits(out, out_len, PSA_HASH_LENGTH(op->mechanism->alg), &rv))
		return operation_goes_on(&call, op, !final, rv);
	else if (final)
		rv = finish(op, op->data.data, op->data.len, out, out_len);
	else
		rv = finish(op, data, len, out, out_len);
	operation_end(op);
	return call_end(&call, rv);
}

CK_RV C_Digest(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *out,
	       CK_ULONG *out_len)
{
	return digest("C_Digest", handle, false, data, len, out, out_len);
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE handle, CK_BYTE *out, CK_ULONG *out_len)
{
	return digest("C_DigestFinal", handle, true, NULL, 0, out, out_len);
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len)
{
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, "C_DigestUpdate", handle, OPERATION_DIGEST, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	if (len && !data)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = op->asked ? CKR_OPERATION_ACTIVE : feed(op, data, len);
	if (rv != CKR_OK)
		operation_end(op);
	return call_end(&call, rv);
}

/* Only of keys that may be read: the hash of another one would tell of it. */
static CK_RV feed_key(struct operation *op, struct object *object)
{
	struct bytes value;
	CK_RV rv;

	if (object->class != CKO_SECRET_KEY)
		return CKR_KEY_INDIGESTIBLE;
	pthread_mutex_lock(&object->slot->lock);
	rv = object_attribute(object, CKA_VALUE, &value);
	pthread_mutex_unlock(&object->slot->lock);
	if (rv == CKR_OK)
		rv = feed(op, value.data, value.len);
	bytes_free(&value);
	return rv == CKR_ATTRIBUTE_SENSITIVE ? CKR_KEY_INDIGESTIBLE : rv;
}

CK_RV C_DigestKey(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE key)
{
	struct object *object;
	struct operation *op;
	struct call call;
	CK_RV rv = operation_call(&call, "C_DigestKey", handle, OPERATION_DIGEST, &op);

	if (rv != CKR_OK)
		return call_end(&call, rv);
	object = object_hold(call.session, key);
	if (!object || !object->key)
		rv = CKR_KEY_HANDLE_INVALID;
	else
		rv = op->asked ? CKR_OPERATION_ACTIVE : feed_key(op, object);
	object_let_go(object);
	if (rv != CKR_OK)
		operation_end(op);
	return call_end(&call, rv);
}

/* The partition's generator takes no seed and needs none: to who brings some it is no failure. */
CK_RV C_SeedRandom(CK_SESSION_HANDLE handle, CK_BYTE *seed, CK_ULONG len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_SeedRandom", handle);

	if (rv == CKR_OK)
		rv = len && !seed ? CKR_ARGUMENTS_BAD : CKR_OK;
	return call_end(&call, rv);
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, "C_GenerateRandom", handle);

	if (rv == CKR_OK && (len && !data))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && len)
		rv = rv_from_status(psa_generate_random(data, len));
	return call_end(&call, rv);
}
