// SPDX-License-Identifier: BSD-3-Clause
/* Keys of the crypto service: how they come, what is told of them, and how they go. */
#include "internal.h"
#include <secure/wipe.h>

/* Tags and lengths around and in the numbers of an RSA key, and an exponent, bytes. */
#define RSA_HEADERS_LEN 128u

bool crypto_attributes_read(struct reader *req, struct crypto_attributes *a)
{
	uint32_t type, bits, lifetime, id, usage, alg;
	bool read = reader_u32(req, &type) && reader_u32(req, &bits) &&
		    reader_u32(req, &lifetime) && reader_u32(req, &id) && reader_u32(req, &usage) &&
		    reader_u32(req, &alg);

	*a = (struct crypto_attributes){
		.type = read ? type : 0,
		.key_bits = read ? bits : 0,
		.lifetime = read ? lifetime : 0,
		.id = read ? id : 0,
		.usage = read ? usage : 0,
		.alg = read ? alg : 0,
	};
	return read;
}

/* False: no key type has that number. */
static bool attributes_set(struct crypto *crypto, const struct rpc_caller *caller,
			   const struct crypto_attributes *a, psa_key_attributes_t *attributes)
{
	mbedtls_svc_key_id_t name = crypto_key_name(crypto, caller, 0);

	if (a->type > UINT16_MAX)
		return false;
	psa_set_key_type(attributes, (psa_key_type_t)a->type);
	psa_set_key_bits(attributes, a->key_bits);
	psa_set_key_usage_flags(attributes, a->usage);
	psa_set_key_algorithm(attributes, a->alg);
	mbedtls_set_key_owner_id(attributes, MBEDTLS_SVC_KEY_ID_GET_OWNER_ID(name));
	if (!PSA_KEY_LIFETIME_IS_VOLATILE(a->lifetime))
		psa_set_key_id(attributes, crypto_key_name(crypto, caller, a->id));
	psa_set_key_lifetime(attributes, a->lifetime);
	return true;
}

/* Bytes of the key in the form in which Mbed TLS keeps it, at most. */
static size_t key_size(mbedtls_svc_key_id_t key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_type_t type;
	size_t bits, len;

	if (psa_get_key_attributes(key, &attributes) != PSA_SUCCESS)
		return 0;
	type = psa_get_key_type(&attributes);
	bits = psa_get_key_bits(&attributes);
	len = PSA_BITS_TO_BYTES(bits);
	psa_reset_key_attributes(&attributes);
	if (PSA_KEY_TYPE_IS_RSA(type))
		return (PSA_KEY_TYPE_IS_KEY_PAIR(type) ? 5 * len : len) + RSA_HEADERS_LEN;
	if (crypto_extension_key(type))
		return crypto_extension_key_len(type, bits);
	return PSA_KEY_TYPE_IS_PUBLIC_KEY(type) ? 2 * len + 1 : len;
}

static psa_status_t make_volatile(struct crypto *crypto, const struct rpc_caller *caller,
				  const psa_key_attributes_t *attributes, crypto_make_key make,
				  void *ctx, uint32_t *id)
{
	mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
	struct crypto_item *item =
		crypto_item_new(crypto, caller, CRYPTO_KIND_KEY, &crypto_key_type);
	psa_status_t status;

	if (!item)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	do {
		status = make(ctx, attributes, &key);
	} while (crypto_make_room(crypto, status));
	if (status != PSA_SUCCESS) {
		crypto_item_free(item);
		return status;
	}
	item->key = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(key);
	if (!crypto_item_charge(item, key_size(key))) {
		(void)psa_destroy_key(key);
		crypto_item_free(item);
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	*id = item->id;
	return PSA_SUCCESS;
}

static psa_status_t make_persistent(struct crypto *crypto, const struct rpc_caller *caller,
				    const psa_key_attributes_t *attributes, crypto_make_key make,
				    void *ctx, uint32_t *id)
{
	mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
	psa_status_t status;

	if (!crypto->platform.storage)
		return PSA_ERROR_NOT_SUPPORTED;
	crypto->storage_error = PSA_SUCCESS;
	crypto_keys_changed(crypto, caller);
	do {
		status = make(ctx, attributes, &key);
	} while (crypto_make_room(crypto, status));
	/* Mbed TLS doesn't tell why a key couldn't be stored. */
	if ((status == PSA_ERROR_DATA_INVALID || status == PSA_ERROR_ALREADY_EXISTS) &&
	    crypto->storage_error != PSA_SUCCESS)
		status = crypto->storage_error;
	*id = MBEDTLS_SVC_KEY_ID_GET_KEY_ID(key);
	return status;
}

enum ts_rpc_status crypto_key_make(struct crypto *crypto, const struct rpc_caller *caller,
				   const struct crypto_attributes *a, crypto_make_key make,
				   void *ctx, struct writer *resp, psa_status_t *status)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	uint32_t id = 0;

	/* Before there is a key that nobody would be told of. */
	if (writer_room(resp) < sizeof(struct crypto_id))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	if (!attributes_set(crypto, caller, a, &attributes))
		*status = PSA_ERROR_INVALID_ARGUMENT;
	else if (PSA_KEY_LIFETIME_IS_VOLATILE(a->lifetime))
		*status = make_volatile(crypto, caller, &attributes, make, ctx, &id);
	else
		*status = make_persistent(crypto, caller, &attributes, make, ctx, &id);

	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	return writer_u32(resp, id) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}

/* Leaves nothing behind the output, and nothing at all if there is none. */
static void output_trim(const struct crypto_output *out, psa_status_t status)
{
	const size_t len = status == PSA_SUCCESS ? out->len : 0;

	secure_wipe(out->data + len, out->room - len);
}

enum ts_rpc_status crypto_output_end(struct writer *resp, uint16_t tag,
				     const struct crypto_output *out, psa_status_t status)
{
	output_trim(out, status);
	if (status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	return tlv_end(resp, tag, out->len) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INTERNAL;
}

enum ts_rpc_status crypto_bulk_end(struct writer *resp, const struct crypto_output *out,
				   psa_status_t status)
{
	output_trim(out, status);
	if (status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	return bulk_end(resp, out->len) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INTERNAL;
}

static psa_status_t generate(void *ctx, const psa_key_attributes_t *attributes,
			     mbedtls_svc_key_id_t *key)
{
	(void)ctx;
	if (crypto_extension_key(psa_get_key_type(attributes)))
		return crypto_extension_generate(attributes, key);
	return psa_generate_key(attributes, key);
}

CRYPTO_HANDLER(crypto_generate_key)
{
	struct crypto_attributes a;

	if (!crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (a.type == PSA_KEY_TYPE_RSA_KEY_PAIR)
		return crypto_generate_rsa(ctx, caller, &a, NULL, 0, resp, status);
	return crypto_key_make(ctx, caller, &a, generate, NULL, resp, status);
}

struct public_key {
	uint8_t bytes[PSA_KEY_EXPORT_ECC_PUBLIC_KEY_MAX_SIZE(PSA_VENDOR_ECC_MAX_CURVE_BITS)];
	size_t len;
};

static psa_status_t generate_pair(void *ctx, const psa_key_attributes_t *attributes,
				  mbedtls_svc_key_id_t *key)
{
	struct public_key *public = ctx;
	psa_status_t status;

	if (!PSA_KEY_TYPE_IS_ECC_KEY_PAIR(psa_get_key_type(attributes)))
		return PSA_ERROR_NOT_SUPPORTED;
	status = generate(NULL, attributes, key);
	if (status != PSA_SUCCESS)
		return status;
	status = psa_export_public_key(*key, public->bytes, sizeof(public->bytes), &public->len);
	if (status != PSA_SUCCESS)
		(void)psa_destroy_key(*key);
	return status;
}

CRYPTO_HANDLER(crypto_generate_pair)
{
	struct public_key public = { .len = 0 };
	struct crypto_attributes a;
	enum ts_rpc_status rpc;

	if (!crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Before there is a key that nobody would be told of. */
	if (writer_room(resp) < sizeof(struct crypto_id) + BULK_HEADER_LEN + sizeof(public.bytes))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	rpc = crypto_key_make(ctx, caller, &a, generate_pair, &public, resp, status);
	if (rpc != TS_RPC_SUCCESS || *status != PSA_SUCCESS)
		return rpc;
	return bulk_write(resp, public.bytes, public.len) ? TS_RPC_SUCCESS : TS_RPC_ERROR_INTERNAL;
}

struct custom_data {
	psa_custom_key_parameters_t parameters;
	const uint8_t *bytes;
	size_t len;
};

static psa_status_t generate_custom(void *ctx, const psa_key_attributes_t *attributes,
				    mbedtls_svc_key_id_t *key)
{
	const struct custom_data *data = ctx;

	if (crypto_extension_key(psa_get_key_type(attributes)) && !data->parameters.flags &&
	    !data->len)
		return crypto_extension_generate(attributes, key);
	return psa_generate_key_custom(attributes, &data->parameters, data->bytes, data->len, key);
}

CRYPTO_HANDLER(crypto_generate_key_custom)
{
	struct crypto_attributes a;
	struct custom_data data;

	if (!crypto_attributes_read(req, &a) || !reader_u32(req, &data.parameters.flags) ||
	    !bulk_read_last(req, &data.bytes, &data.len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (a.type == PSA_KEY_TYPE_RSA_KEY_PAIR && !data.parameters.flags)
		return crypto_generate_rsa(ctx, caller, &a, data.bytes, data.len, resp, status);
	return crypto_key_make(ctx, caller, &a, generate_custom, &data, resp, status);
}

psa_status_t crypto_import(void *ctx, const psa_key_attributes_t *attributes,
			   mbedtls_svc_key_id_t *key)
{
	const struct crypto_key_data *data = ctx;
	psa_status_t status =
		crypto_judge_rsa(psa_get_key_type(attributes), data->bytes, data->len);

	if (status != PSA_SUCCESS)
		return status;
	if (crypto_extension_key(psa_get_key_type(attributes)))
		return crypto_extension_import(attributes, data->bytes, data->len, key);
	return psa_import_key(attributes, data->bytes, data->len, key);
}

CRYPTO_HANDLER(crypto_import_key)
{
	struct crypto_attributes a;
	struct crypto_key_data data;

	if (!crypto_attributes_read(req, &a) ||
	    !tlv_read(req, CRYPTO_TAG_FIRST, &data.bytes, &data.len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	return crypto_key_make(ctx, caller, &a, crypto_import, &data, resp, status);
}

static psa_status_t copy(void *ctx, const psa_key_attributes_t *attributes,
			 mbedtls_svc_key_id_t *key)
{
	const mbedtls_svc_key_id_t *source = ctx;

	return psa_copy_key(*source, attributes, key);
}

CRYPTO_HANDLER(crypto_copy_key)
{
	psa_key_attributes_t there = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t source;
	struct crypto_attributes a;
	uint32_t id;

	if (!reader_u32(req, &id) || !crypto_attributes_read(req, &a))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	source = crypto_key_name(ctx, caller, id);
	/* Before the attributes are looked at: a key that isn't there is what is wrong then. */
	*status = psa_get_key_attributes(source, &there);
	psa_reset_key_attributes(&there);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	return crypto_key_make(ctx, caller, &a, copy, &source, resp, status);
}

CRYPTO_HANDLER(crypto_destroy_key)
{
	struct crypto_item *item;
	uint32_t id;

	(void)resp;
	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = crypto_name_remove(ctx, caller, id);
	if (*status == PSA_SUCCESS)
		*status = psa_destroy_key(crypto_key_name(ctx, caller, id));
	item = crypto_item_find(ctx, caller, CRYPTO_KIND_KEY, id);
	if (*status == PSA_SUCCESS && item)
		crypto_item_free(item);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_purge_key)
{
	uint32_t id;

	(void)resp;
	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = psa_purge_key(crypto_key_name(ctx, caller, id));
	*status = crypto_correct_purge(ctx, caller, id, *status);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_export_key)
{
	mbedtls_svc_key_id_t key;
	struct crypto_output out;
	uint32_t id;

	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, CRYPTO_KEY_LEN_MAX, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	key = crypto_key_name(ctx, caller, id);
	*status = psa_export_key(key, out.data, out.room, &out.len);
	if (*status == PSA_ERROR_NOT_SUPPORTED)
		*status = crypto_extension_export(key, out.data, out.room, &out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

CRYPTO_HANDLER(crypto_export_public_key)
{
	struct crypto_output out;
	uint32_t id;

	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	if (!crypto_output_begin(resp, PSA_EXPORT_PUBLIC_KEY_MAX_SIZE, &out))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = psa_export_public_key(crypto_key_name(ctx, caller, id), out.data, out.room,
					&out.len);
	return crypto_output_end(resp, CRYPTO_TAG_FIRST, &out, *status);
}

bool crypto_attributes_write(struct writer *resp, uint32_t id, const psa_key_attributes_t *a)
{
	return writer_u32(resp, psa_get_key_type(a)) &&
	       writer_u32(resp, (uint32_t)psa_get_key_bits(a)) &&
	       writer_u32(resp, psa_get_key_lifetime(a)) && writer_u32(resp, id) &&
	       writer_u32(resp, psa_get_key_usage_flags(a)) &&
	       writer_u32(resp, psa_get_key_algorithm(a));
}

CRYPTO_HANDLER(crypto_get_key_attributes)
{
	psa_key_attributes_t a = PSA_KEY_ATTRIBUTES_INIT;
	bool written = true;
	uint32_t id;

	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = psa_get_key_attributes(crypto_key_name(ctx, caller, id), &a);
	if (*status == PSA_SUCCESS)
		written = crypto_attributes_write(resp, id, &a);
	psa_reset_key_attributes(&a);
	return written ? TS_RPC_SUCCESS : TS_RPC_ERROR_INVALID_RESPONSE_BODY;
}
