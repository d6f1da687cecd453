// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signatures of messages that come in parts. The PSA Crypto API has none, but all of its
 * algorithms that sign messages sign their hash; so a message is hashed as it comes, and the
 * hash is signed as psa_sign_message() would, which asks less of the key than psa_sign_hash():
 * a key may sign messages and not hashes.
 */
#include "internal.h"
#include <library/psa_crypto_slot_management.h>
#include <secure/engine/keys.h>
#include <secure/wipe.h>

/*
 * Would psa_sign_message() make a signature by @key? It checks all before it finds that there
 * is no room for one, and it begins to calculate only after that.
 */
static psa_status_t check_sign(mbedtls_svc_key_id_t key, psa_algorithm_t alg)
{
	uint8_t signature[1];
	psa_status_t status;
	size_t len;

	if (crypto_extension_signs(alg))
		return crypto_extension_check(key, alg, false);
	status = psa_sign_message(key, alg, NULL, 0, signature, sizeof(signature), &len);
	return status == PSA_ERROR_BUFFER_TOO_SMALL ? PSA_SUCCESS : status;
}

/* The same of psa_verify_message(), to which, after all checks, an empty signature is wrong. */
static psa_status_t check_verify(mbedtls_svc_key_id_t key, psa_algorithm_t alg)
{
	psa_status_t status;

	if (crypto_extension_signs(alg))
		return crypto_extension_check(key, alg, true);
	status = psa_verify_message(key, alg, NULL, 0, NULL, 0);
	return status == PSA_ERROR_INVALID_SIGNATURE ? PSA_SUCCESS : status;
}

static psa_status_t start(struct crypto_operation *op, psa_algorithm_t alg, bool verify,
			  psa_status_t status)
{
	if (status != PSA_SUCCESS)
		return status;
	/* It would have to be here as a whole: CRYPTO_MESSAGE_SIGN, CRYPTO_MESSAGE_VERIFY. */
	if (crypto_extension_is_pure(alg))
		return PSA_ERROR_NOT_SUPPORTED;
	op->message.alg = alg;
	op->message.verify = verify;
	return psa_hash_setup(&op->message.hash, PSA_ALG_SIGN_GET_HASH(alg));
}

static psa_status_t sign_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
			       psa_algorithm_t alg)
{
	return start(op, alg, false, check_sign(key, alg));
}

static psa_status_t verify_setup(struct crypto_operation *op, mbedtls_svc_key_id_t key,
				 psa_algorithm_t alg)
{
	return start(op, alg, true, check_verify(key, alg));
}

CRYPTO_HANDLER(crypto_message_sign_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_MESSAGE, req, resp, status,
					     sign_setup);
}

CRYPTO_HANDLER(crypto_message_verify_setup)
{
	return crypto_operation_handle_setup(ctx, caller, CRYPTO_KIND_MESSAGE, req, resp, status,
					     verify_setup);
}

CRYPTO_HANDLER(crypto_message_update)
{
	struct crypto_operation *op;
	const uint8_t *data;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MESSAGE, req, &op, status) ||
	    !bulk_read_last(req, &data, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op)
		*status = psa_hash_update(&op->message.hash, data, len);
	return TS_RPC_SUCCESS;
}

/* As the core's wrapper of its driver: what the engine doesn't take is for the core's own code. */
static psa_status_t sign_hash(const psa_key_slot_t *slot, psa_algorithm_t alg, const uint8_t *hash,
			      size_t hash_len, struct crypto_output *out)
{
	psa_status_t status = engine_sign(&slot->attr, slot->key.data, slot->key.bytes, alg, hash,
					  hash_len, out->data, out->room, &out->len);

	if (status != PSA_ERROR_NOT_SUPPORTED)
		return status;
	return psa_sign_hash_builtin(&slot->attr, slot->key.data, slot->key.bytes, alg, hash,
				     hash_len, out->data, out->room, &out->len);
}

static psa_status_t verify_hash(const psa_key_slot_t *slot, psa_algorithm_t alg,
				const uint8_t *hash, size_t hash_len, const uint8_t *signature,
				size_t len)
{
	psa_status_t status = engine_verify(&slot->attr, slot->key.data, slot->key.bytes, alg, hash,
					    hash_len, signature, len);

	if (status != PSA_ERROR_NOT_SUPPORTED)
		return status;
	return psa_verify_hash_builtin(&slot->attr, slot->key.data, slot->key.bytes, alg, hash,
				       hash_len, signature, len);
}

/*
 * Signs the hash of the message into *@out, or verifies its signature if there is one. The
 * key is looked at anew: since the setup another one may have taken its place.
 */
static psa_status_t finish(struct crypto_operation *op, mbedtls_svc_key_id_t key,
			   struct crypto_output *out, const uint8_t *signature, size_t len)
{
	struct crypto_message *message = &op->message;
	uint8_t hash[PSA_HASH_MAX_SIZE];
	psa_status_t status, unlocked;
	psa_key_slot_t *slot;
	size_t hash_len;

	if (message->verify == (out != NULL))
		return PSA_ERROR_BAD_STATE;
	status = message->verify ? check_verify(key, message->alg) : check_sign(key, message->alg);
	if (status != PSA_SUCCESS)
		return status;
	status = psa_hash_finish(&message->hash, hash, sizeof(hash), &hash_len);
	if (status != PSA_SUCCESS)
		return status;
	status = psa_get_and_lock_key_slot(key, &slot);
	if (status != PSA_SUCCESS)
		return status;

	if (out)
		status = sign_hash(slot, message->alg, hash, hash_len, out);
	else
		status = verify_hash(slot, message->alg, hash, hash_len, signature, len);
	/* The length is right: the signature itself is what can be wrong. */
	if (!out && status == PSA_ERROR_INVALID_ARGUMENT)
		status = PSA_ERROR_INVALID_SIGNATURE;
	unlocked = psa_unregister_read_under_mutex(slot);
	secure_wipe(hash, sizeof(hash));
	return status == PSA_SUCCESS ? unlocked : status;
}

CRYPTO_HANDLER(crypto_message_sign_finish)
{
	struct crypto_operation *op;
	struct crypto_output out;

	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MESSAGE, req, &op, status))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_bulk_begin(resp, PSA_SIGNATURE_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	if (op) {
		*status = finish(op, crypto_key_use(ctx, caller, op->key_id, op->message.alg), &out,
				 NULL, 0);
		crypto_operation_done(op, *status);
	}
	return crypto_bulk_end(resp, &out, *status);
}

CRYPTO_HANDLER(crypto_message_verify_finish)
{
	struct crypto_operation *op;
	const uint8_t *signature;
	size_t len;

	(void)resp;
	if (crypto_operation_read(ctx, caller, CRYPTO_KIND_MESSAGE, req, &op, status) ||
	    !bulk_read_last(req, &signature, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (op) {
		*status = finish(op, crypto_key_use(ctx, caller, op->key_id, op->message.alg), NULL,
				 signature, len);
		crypto_operation_done(op, *status);
	}
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_message_abort)
{
	(void)resp;
	return crypto_operation_handle_abort(ctx, caller, CRYPTO_KIND_MESSAGE, req, status);
}
