// SPDX-License-Identifier: BSD-3-Clause
/*
 * Translates messages of the crypto service between protobuf and packed-c. Reading and writing
 * of the wire format is nanopb's; the few messages have so much in common that one function
 * reads all of them.
 */
#include "internal.h"
#include <pb_decode.h>
#include <pb_encode.h>
#include <secure/service/crypto/protobuf.h>
#include <secure/wipe.h>
#include <string.h>

/*
 * Field numbers. In every request field 1 is a number or the attributes of a key, 2 a number, 3
 * and 4 bytes; in every response field 1 is what comes back.
 */
#define FIELD_FIRST	  1u
#define FIELD_SECOND	  2u
#define FIELD_BYTES	  3u
#define FIELD_MORE_BYTES  4u

#define ATTRIBUTES_TYPE	  1u
#define ATTRIBUTES_POLICY 5u
#define POLICY_USAGE	  1u
#define POLICY_ALG	  2u

/* A field with a number of 32 bits. */
#define NUMBER_LEN_MAX 6u

enum answer { ANSWER_NOTHING, ANSWER_ID, ANSWER_BYTES };

/* What of a request goes into the packed-c one, in this order. */
struct layout {
	uint16_t opcode;
	bool attributes;
	uint8_t number_count;
	uint8_t bytes_count;
	enum answer answer;
};

struct bytes {
	const uint8_t *data;
	size_t len;
};

struct message {
	bool has_attributes;
	struct crypto_attributes attributes;
	uint32_t numbers[2];
	struct bytes bytes[2];
};

/* A field of one message; @number or @bytes, as the wire type says. */
struct field {
	uint32_t tag;
	bool is_number;
	uint64_t number;
	struct bytes bytes;
};

/*
 * The next field of the message that is @all of @stream's; fields of other wire types than the
 * two are passed over. False at the end, or with *@good false if the message is malformed.
 */
static bool next_field(pb_istream_t *stream, const struct bytes *all, struct field *field,
		       bool *good)
{
	pb_wire_type_t type;
	uint32_t len;
	bool eof;

	for (;;) {
		*field = (struct field){ .tag = 0 };
		if (!pb_decode_tag(stream, &type, &field->tag, &eof)) {
			*good = eof;
			return false;
		}
		*good = false;
		if (!field->tag)
			return false;
		switch (type) {
		case PB_WT_VARINT:
			field->is_number = true;
			*good = pb_decode_varint(stream, &field->number);
			return *good;
		case PB_WT_STRING:
			if (!pb_decode_varint32(stream, &len) || len > stream->bytes_left)
				return false;
			field->bytes.data = all->data + (all->len - stream->bytes_left);
			field->bytes.len = len;
			*good = pb_read(stream, NULL, len);
			return *good;
		default:
			if (!pb_skip_field(stream, type))
				return false;
			break;
		}
	}
}

static bool number_of(const struct field *field, uint32_t *number)
{
	if (!field->is_number || field->number > UINT32_MAX)
		return false;
	*number = (uint32_t)field->number;
	return true;
}

/* A message that comes in pieces is their sum: what a piece doesn't have stays as it is. */
static bool read_policy(const struct bytes *all, struct crypto_attributes *attributes)
{
	pb_istream_t stream = pb_istream_from_buffer(all->data, all->len);
	uint32_t usage = attributes->usage, alg = attributes->alg;
	struct field field;
	bool good;

	while (next_field(&stream, all, &field, &good)) {
		if ((field.tag == POLICY_USAGE && !number_of(&field, &usage)) ||
		    (field.tag == POLICY_ALG && !number_of(&field, &alg)))
			return false;
	}
	attributes->usage = usage;
	attributes->alg = alg;
	return good;
}

static bool read_attributes(const struct bytes *all, struct crypto_attributes *attributes)
{
	pb_istream_t stream = pb_istream_from_buffer(all->data, all->len);
	uint32_t numbers[ATTRIBUTES_POLICY - ATTRIBUTES_TYPE] = {
		attributes->type,
		attributes->key_bits,
		attributes->lifetime,
		attributes->id,
	};
	struct field field;
	bool good;

	while (next_field(&stream, all, &field, &good)) {
		if (field.tag == ATTRIBUTES_POLICY) {
			if (field.is_number || !read_policy(&field.bytes, attributes))
				return false;
		} else if (field.tag >= ATTRIBUTES_TYPE && field.tag < ATTRIBUTES_POLICY) {
			if (!number_of(&field, &numbers[field.tag - ATTRIBUTES_TYPE]))
				return false;
		}
	}
	attributes->type = numbers[0];
	attributes->key_bits = numbers[1];
	attributes->lifetime = numbers[2];
	attributes->id = numbers[3];
	return good;
}

static bool read_message(const struct bytes *all, const struct layout *layout,
			 struct message *message)
{
	pb_istream_t stream = pb_istream_from_buffer(all->data, all->len);
	struct field field;
	bool good;

	*message = (struct message){ .has_attributes = false };
	while (next_field(&stream, all, &field, &good)) {
		switch (field.tag) {
		case FIELD_FIRST:
			if (layout->attributes) {
				if (field.is_number ||
				    !read_attributes(&field.bytes, &message->attributes))
					return false;
				message->has_attributes = true;
				break;
			}
			/* A size is of 64 bits, and too long for any response then. */
			if (layout->opcode == CRYPTO_GENERATE_RANDOM && field.number > UINT32_MAX)
				field.number = UINT32_MAX;
			if (!number_of(&field, &message->numbers[0]))
				return false;
			break;
		case FIELD_SECOND:
			if (layout->number_count > 1 && !number_of(&field, &message->numbers[1]))
				return false;
			break;
		case FIELD_BYTES:
		case FIELD_MORE_BYTES:
			if (field.tag - FIELD_BYTES >= layout->bytes_count)
				break;
			if (field.is_number)
				return false;
			message->bytes[field.tag - FIELD_BYTES] = field.bytes;
			break;
		default:
			break;
		}
	}
	return good && message->has_attributes == layout->attributes;
}

static bool write_packed(struct writer *packed, const struct layout *layout,
			 const struct message *message)
{
	bool written = true;

	if (layout->attributes)
		written = writer_u32(packed, message->attributes.type) &&
			  writer_u32(packed, message->attributes.key_bits) &&
			  writer_u32(packed, message->attributes.lifetime) &&
			  writer_u32(packed, message->attributes.id) &&
			  writer_u32(packed, message->attributes.usage) &&
			  writer_u32(packed, message->attributes.alg);
	for (uint8_t i = 0; i < layout->number_count && written; i++)
		written = writer_u32(packed, message->numbers[i]);
	for (uint8_t i = 0; i < layout->bytes_count && written; i++)
		written = tlv_write(packed, (uint16_t)(CRYPTO_TAG_FIRST + i),
				    message->bytes[i].data, message->bytes[i].len);
	return written;
}

/* Fields of the value that protobuf takes for absent ones are left out. */
static bool write_answer(struct writer *resp, enum answer answer, struct reader *packed)
{
	pb_ostream_t stream = pb_ostream_from_buffer(writer_tail(resp), writer_room(resp));
	struct bytes bytes;
	bool written = true;
	uint32_t id;

	switch (answer) {
	case ANSWER_NOTHING:
		break;
	case ANSWER_ID:
		written = reader_u32(packed, &id) &&
			  pb_encode_tag(&stream, PB_WT_VARINT, FIELD_FIRST) &&
			  pb_encode_varint(&stream, id);
		break;
	case ANSWER_BYTES:
		written = tlv_read(packed, CRYPTO_TAG_FIRST, &bytes.data, &bytes.len);
		if (written && bytes.len)
			written = pb_encode_tag(&stream, PB_WT_STRING, FIELD_FIRST) &&
				  pb_encode_string(&stream, bytes.data, bytes.len);
		break;
	}
	if (!written) {
		secure_wipe(writer_tail(resp), stream.bytes_written);
		return false;
	}
	return writer_advance(resp, stream.bytes_written);
}

static service_handler packed_handler(const struct crypto *crypto, uint16_t opcode)
{
	for (size_t i = 0; i < crypto->service.op_count; i++) {
		if (crypto->service.ops[i].opcode == opcode)
			return crypto->service.ops[i].handler;
	}
	return NULL;
}

/* Calls the packed-c service with @message; its response, of *@len bytes, is left here. */
static enum ts_rpc_status call(struct crypto_protobuf *protobuf, const struct layout *layout,
			       const struct rpc_caller *caller, const struct message *message,
			       size_t room, size_t *len, int32_t *status)
{
	const service_handler handler = packed_handler(protobuf->crypto, layout->opcode);
	struct writer packed_req, packed_resp;
	enum ts_rpc_status ret;
	struct reader packed;

	/* A record's header may be longer than a field's; which fits is seen in the end. */
	if (room > sizeof(protobuf->response) - TLV_HEADER_LEN)
		room = sizeof(protobuf->response);
	else
		room += TLV_HEADER_LEN;
	writer_init(&packed_req, protobuf->request, sizeof(protobuf->request));
	writer_init(&packed_resp, protobuf->response, room);
	*len = 0;
	if (!handler)
		return TS_RPC_ERROR_INTERNAL;
	if (write_packed(&packed_req, layout, message)) {
		reader_init(&packed, protobuf->request, packed_req.len);
		ret = handler(protobuf->crypto, caller, &packed, &packed_resp, status);
		*len = packed_resp.len;
	} else {
		ret = TS_RPC_ERROR_INVALID_REQUEST_BODY;
	}
	secure_wipe(protobuf->request, packed_req.len);
	return ret;
}

static enum ts_rpc_status translate(struct crypto_protobuf *protobuf, const struct layout *layout,
				    const struct rpc_caller *caller, const struct reader *req,
				    struct writer *resp, int32_t *status)
{
	const struct bytes all = { req->data, req->len };
	enum ts_rpc_status ret;
	struct message message;
	struct reader packed;
	size_t len;

	if (!read_message(&all, layout, &message))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Before there is a key that nobody would be told of. */
	if (layout->answer == ANSWER_ID && writer_room(resp) < NUMBER_LEN_MAX)
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;

	ret = call(protobuf, layout, caller, &message, writer_room(resp), &len, status);
	if (ret == TS_RPC_SUCCESS && *status == PSA_SUCCESS) {
		reader_init(&packed, protobuf->response, len);
		if (!write_answer(resp, layout->answer, &packed))
			ret = TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	secure_wipe(protobuf->response, len);
	return ret;
}

/* One handler for each opcode, since a handler isn't told which it is. */
#define TRANSLATED(name, ...)                                              \
	static CRYPTO_HANDLER(name)                                        \
	{                                                                  \
		static const struct layout layout = { __VA_ARGS__ };       \
                                                                           \
		return translate(ctx, &layout, caller, req, resp, status); \
	}

TRANSLATED(generate_key, CRYPTO_GENERATE_KEY, true, 0, 0, ANSWER_ID)
TRANSLATED(destroy_key, CRYPTO_DESTROY_KEY, false, 1, 0, ANSWER_NOTHING)
TRANSLATED(export_key, CRYPTO_EXPORT_KEY, false, 1, 0, ANSWER_BYTES)
TRANSLATED(export_public_key, CRYPTO_EXPORT_PUBLIC_KEY, false, 1, 0, ANSWER_BYTES)
TRANSLATED(import_key, CRYPTO_IMPORT_KEY, true, 0, 1, ANSWER_ID)
TRANSLATED(sign_hash, CRYPTO_SIGN_HASH, false, 2, 1, ANSWER_BYTES)
TRANSLATED(verify_hash, CRYPTO_VERIFY_HASH, false, 2, 2, ANSWER_NOTHING)
TRANSLATED(asymmetric_decrypt, CRYPTO_ASYMMETRIC_DECRYPT, false, 2, 2, ANSWER_BYTES)
TRANSLATED(asymmetric_encrypt, CRYPTO_ASYMMETRIC_ENCRYPT, false, 2, 2, ANSWER_BYTES)
TRANSLATED(generate_random, CRYPTO_GENERATE_RANDOM, false, 1, 0, ANSWER_BYTES)
TRANSLATED(sign_message, CRYPTO_SIGN_MESSAGE, false, 2, 1, ANSWER_BYTES)
TRANSLATED(verify_message, CRYPTO_VERIFY_MESSAGE, false, 2, 2, ANSWER_NOTHING)

/* What the protocol has an opcode for and no message. */
static CRYPTO_HANDLER(no_message)
{
	(void)ctx;
	(void)caller;
	(void)req;
	(void)resp;
	(void)status;
	return TS_RPC_ERROR_INVALID_REQUEST_BODY;
}

static const struct service_op protobuf_ops[] = {
	{ CRYPTO_GENERATE_KEY, generate_key },
	{ CRYPTO_DESTROY_KEY, destroy_key },
	{ CRYPTO_EXPORT_KEY, export_key },
	{ CRYPTO_EXPORT_PUBLIC_KEY, export_public_key },
	{ CRYPTO_IMPORT_KEY, import_key },
	{ CRYPTO_SIGN_HASH, sign_hash },
	{ CRYPTO_VERIFY_HASH, verify_hash },
	{ CRYPTO_ASYMMETRIC_DECRYPT, asymmetric_decrypt },
	{ CRYPTO_ASYMMETRIC_ENCRYPT, asymmetric_encrypt },
	{ CRYPTO_GENERATE_RANDOM, generate_random },
	{ CRYPTO_COPY_KEY, no_message },
	{ CRYPTO_PURGE_KEY, no_message },
	{ CRYPTO_GET_KEY_ATTRIBUTES, no_message },
	{ CRYPTO_SIGN_MESSAGE, sign_message },
	{ CRYPTO_VERIFY_MESSAGE, verify_message },
};

void crypto_protobuf_init(struct crypto_protobuf *protobuf, const uint8_t *uuid,
			  struct crypto *crypto)
{
	protobuf->service = (struct service){
		.ops = protobuf_ops,
		.op_count = sizeof(protobuf_ops) / sizeof(protobuf_ops[0]),
		.ctx = protobuf,
	};
	protobuf->crypto = crypto;
	memcpy(protobuf->service.uuid, uuid, TS_RPC_UUID_LEN);
}
