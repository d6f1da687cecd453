// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which persistent keys a client has, their names and notes, and how often they changed.
 *
 * Name and note are an object in storage beside the key's own: the name, and if there is a note a NUL,
 * which no name has, and the note. It is written only while the key is
 * there and is gone before the key goes: a power cut in between leaves a key without a name,
 * and never a name for which another key of that ID could come. Two objects can't change in
 * one step, so the other order would need a search for leftovers at each start.
 *
 * Notes were objects of their own once. Such a one is read where the object of the name has no
 * NUL, and removed when its key's note is set or goes.
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

/* A name, a NUL and a note. */
#define TEXT_MAX (CRYPTO_KEY_NAME_MAX + 1u + CRYPTO_KEY_NOTE_MAX)

/* What is read of it at first, which most notes are in. */
#define TEXT_FRONT 256u

enum object_kind { OBJECT_KEY = 0, OBJECT_NAME = 1, OBJECT_NOTE = 2 };

static struct crypto_object object_of(const struct rpc_caller *caller, enum object_kind kind,
				      uint32_t id)
{
	return (struct crypto_object){
		.uid = (uint64_t)kind << CRYPTO_OBJECT_NAME_BIT |
		       (uint64_t)caller->source_id << 32 | id,
		.client_id = caller->client_id,
		.payer = { .id = caller->account, .source_id = caller->source_id },
	};
}

/* Also says so of IDs that no key can have. */
static bool is_volatile(uint32_t id)
{
	return id > PSA_KEY_ID_USER_MAX;
}

/* IDs of the caller's objects of @kind beyond @after, ascending; fewer than could be: all. */
static psa_status_t object_list(const struct crypto_platform *platform,
				const struct rpc_caller *caller, enum object_kind kind,
				uint32_t after, uint32_t ids[CRYPTO_KEY_LIST_MAX], size_t *count)
{
	const struct crypto_object above = object_of(caller, kind, after);
	uint64_t uids[CRYPTO_KEY_LIST_MAX];
	psa_status_t status;
	size_t found = 0;

	*count = 0;
	if (!platform->storage || !platform->storage->list)
		return PSA_ERROR_NOT_SUPPORTED;
	status = platform->storage->list(platform->storage_ctx, &above, uids, CRYPTO_KEY_LIST_MAX,
					 &found);
	if (status != PSA_SUCCESS)
		return status;
	/* Behind those of this kind and source are others'. */
	while (*count < found && uids[*count] >> 32 == above.uid >> 32) {
		ids[*count] = (uint32_t)uids[*count];
		++*count;
	}
	return PSA_SUCCESS;
}

/* What is in an object of the caller's key @id behind @offset; nothing, if there is none. */
static psa_status_t text_get(const struct crypto_platform *platform,
			     const struct rpc_caller *caller, enum object_kind kind, uint32_t id,
			     size_t offset, uint8_t *text, size_t size, size_t *len)
{
	const struct crypto_object object = object_of(caller, kind, id);
	psa_status_t status;

	*len = 0;
	if (!platform->storage || is_volatile(id))
		return PSA_SUCCESS;
	status = platform->storage->get(platform->storage_ctx, &object, offset, text, size, len);
	if (status != PSA_ERROR_DOES_NOT_EXIST)
		return status;
	*len = 0;
	return PSA_SUCCESS;
}

/* The name of the caller's key @id; empty, if it has none. */
static psa_status_t name_get(const struct crypto_platform *platform,
			     const struct rpc_caller *caller, uint32_t id, uint8_t *name,
			     size_t *len)
{
	const psa_status_t status =
		text_get(platform, caller, OBJECT_NAME, id, 0, name, CRYPTO_KEY_NAME_MAX, len);

	*len = strnlen((const char *)name, *len);
	return status;
}

static uint64_t *changes_of(struct crypto *crypto, const struct rpc_caller *caller)
{
	return &crypto->changes[(caller->client_id ^ caller->client_id >> 8 ^ caller->source_id) %
				CRYPTO_CHANGES];
}

void crypto_keys_changed(struct crypto *crypto, const struct rpc_caller *caller)
{
	++*changes_of(crypto, caller);
}

static psa_status_t text_remove(struct crypto *crypto, const struct rpc_caller *caller,
				enum object_kind kind, uint32_t id)
{
	const struct crypto_platform *platform = &crypto->platform;
	const struct crypto_object object = object_of(caller, kind, id);
	psa_status_t status;

	if (!platform->storage || !id || is_volatile(id))
		return PSA_SUCCESS;
	crypto_keys_changed(crypto, caller);
	status = platform->storage->remove(platform->storage_ctx, &object);
	/* Where nothing can be kept nothing is. */
	if (status == PSA_ERROR_DOES_NOT_EXIST || status == PSA_ERROR_NOT_SUPPORTED)
		return PSA_SUCCESS;
	return status;
}

psa_status_t crypto_key_forget(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id)
{
	const struct crypto_platform *platform = &crypto->platform;
	const struct crypto_object object = object_of(caller, OBJECT_KEY, id);

	return platform->storage ? platform->storage->remove(platform->storage_ctx, &object) :
				   PSA_ERROR_DOES_NOT_EXIST;
}

psa_status_t crypto_name_remove(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id)
{
	psa_status_t status = text_remove(crypto, caller, OBJECT_NAME, id);

	return status == PSA_SUCCESS ? text_remove(crypto, caller, OBJECT_NOTE, id) : status;
}

/* ALREADY_EXISTS if a key of the caller other than @id has the name. */
static psa_status_t check_unique(const struct crypto_platform *platform,
				 const struct rpc_caller *caller, uint32_t id, const uint8_t *name,
				 size_t len)
{
	uint32_t ids[CRYPTO_KEY_LIST_MAX], after = 0;
	uint8_t other[CRYPTO_KEY_NAME_MAX];
	psa_status_t status;
	size_t count, other_len;

	do {
		status = object_list(platform, caller, OBJECT_NAME, after, ids, &count);
		for (size_t i = 0; i < count && status == PSA_SUCCESS; i++) {
			status = name_get(platform, caller, ids[i], other, &other_len);
			if (status == PSA_SUCCESS && ids[i] != id && other_len == len &&
			    !memcmp(other, name, len))
				status = PSA_ERROR_ALREADY_EXISTS;
			after = ids[i];
		}
	} while (status == PSA_SUCCESS && count == CRYPTO_KEY_LIST_MAX);
	return status;
}

/*
 * The length of the character at the front of @text, of @len bytes; 0 if it isn't one in
 * UTF-8 (RFC 3629) or it is a control character (C0, DEL, C1).
 */
static size_t character_len(const uint8_t *text, size_t len)
{
	static const uint32_t lowest[] = { 0x20, 0xa0, 0x800, 0x10000 };
	const uint8_t first = text[0];
	uint32_t code;
	size_t more;

	if (first < 0x80) {
		more = 0;
		code = first;
	} else if (first >= 0xc0 && first < 0xe0) {
		more = 1;
		code = first & 0x1f;
	} else if (first >= 0xe0 && first < 0xf0) {
		more = 2;
		code = first & 0x0f;
	} else if (first >= 0xf0 && first < 0xf8) {
		more = 3;
		code = first & 0x07;
	} else {
		return 0;
	}
	if (more >= len)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < lowest[more] || code == 0x7f || (code >= 0xd800 && code < 0xe000) ||
	    code > 0x10ffff)
		return 0;
	return more + 1;
}

static bool is_name(const uint8_t *name, size_t len)
{
	size_t step;

	if (len > CRYPTO_KEY_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i += step) {
		step = character_len(name + i, len - i);
		if (!step)
			return false;
	}
	return true;
}

static psa_status_t check_key(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status =
		psa_get_key_attributes(crypto_key_name(crypto, caller, id), &attributes);

	psa_reset_key_attributes(&attributes);
	return status;
}

/* Writes the object of the caller's key @id, or removes it if nothing is to be in it. */
static psa_status_t text_set(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id,
			     const uint8_t *text, size_t len)
{
	const struct crypto_platform *platform = &crypto->platform;
	const struct crypto_object object = object_of(caller, OBJECT_NAME, id);

	if (!len)
		return text_remove(crypto, caller, OBJECT_NAME, id);
	crypto_keys_changed(crypto, caller);
	return platform->storage->set(platform->storage_ctx, &object, text, len);
}

static psa_status_t name_set(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id,
			     const uint8_t *name, size_t len)
{
	const struct crypto_platform *platform = &crypto->platform;
	psa_status_t status = check_key(crypto, caller, id);
	size_t text_len, old_len;
	uint8_t *text;

	if (status != PSA_SUCCESS)
		return status;
	if (is_volatile(id) || !is_name(name, len))
		return PSA_ERROR_INVALID_ARGUMENT;
	if (len)
		status = check_unique(platform, caller, id, name, len);
	if (status != PSA_SUCCESS)
		return status;
	/* The old text, with room for a longer name in front of the note. */
	text = malloc(CRYPTO_KEY_NAME_MAX + TEXT_MAX);
	if (!text)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = text_get(platform, caller, OBJECT_NAME, id, 0, text + CRYPTO_KEY_NAME_MAX,
			  TEXT_MAX, &text_len);
	if (status == PSA_SUCCESS) {
		uint8_t *rest = text + CRYPTO_KEY_NAME_MAX;

		old_len = strnlen((const char *)rest, text_len);
		rest += old_len;
		memcpy(rest - len, name, len);
		status = text_set(crypto, caller, id, rest - len, len + text_len - old_len);
	}
	free(text);
	return status;
}

CRYPTO_HANDLER(crypto_key_set_name)
{
	const uint8_t *name;
	uint32_t id;
	size_t len;

	(void)resp;
	if (!reader_u32(req, &id) || !bulk_read_last(req, &name, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = name_set(ctx, caller, id, name, len);
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_key_get_name)
{
	uint8_t name[CRYPTO_KEY_NAME_MAX];
	struct crypto *crypto = ctx;
	size_t len = 0;
	uint32_t id;

	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = check_key(crypto, caller, id);
	if (*status == PSA_SUCCESS)
		*status = name_get(&crypto->platform, caller, id, name, &len);
	if (*status == PSA_SUCCESS && !bulk_write(resp, name, len))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}

CRYPTO_HANDLER(crypto_key_list)
{
	uint32_t ids[CRYPTO_KEY_LIST_MAX], after;
	const struct crypto *crypto = ctx;
	size_t count;

	if (!reader_u32(req, &after))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	/* Fewer than could be would say that there are no more. */
	if (writer_room(resp) < sizeof(ids))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = object_list(&crypto->platform, caller, OBJECT_KEY, after, ids, &count);
	for (size_t i = 0; i < count; i++) {
		if (!writer_u32(resp, ids[i]))
			return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	}
	return TS_RPC_SUCCESS;
}

static psa_status_t note_set(struct crypto *crypto, const struct rpc_caller *caller, uint32_t id,
			     const uint8_t *note, size_t len)
{
	psa_status_t status = check_key(crypto, caller, id);
	size_t name_len, text_len;
	uint8_t *text;

	if (status != PSA_SUCCESS)
		return status;
	if (is_volatile(id) || len > CRYPTO_KEY_NOTE_MAX)
		return PSA_ERROR_INVALID_ARGUMENT;
	text = malloc(CRYPTO_KEY_NAME_MAX + 1 + len);
	if (!text)
		return PSA_ERROR_INSUFFICIENT_MEMORY;
	status = name_get(&crypto->platform, caller, id, text, &name_len);
	text_len = name_len;
	if (len) {
		text[text_len++] = '\0';
		memcpy(text + text_len, note, len);
		text_len += len;
	}
	/* A note's own object says nothing beside a new note, and would say the old one beside none. */
	if (status == PSA_SUCCESS && !len)
		status = text_remove(crypto, caller, OBJECT_NOTE, id);
	if (status == PSA_SUCCESS)
		status = text_set(crypto, caller, id, text, text_len);
	if (status == PSA_SUCCESS && len)
		status = text_remove(crypto, caller, OBJECT_NOTE, id);
	free(text);
	return status;
}

CRYPTO_HANDLER(crypto_key_set_note)
{
	const uint8_t *note;
	uint32_t id;
	size_t len;

	(void)resp;
	if (!reader_u32(req, &id) || !bulk_read_last(req, &note, &len))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = note_set(ctx, caller, id, note, len);
	return TS_RPC_SUCCESS;
}

/* The note of the caller's key @id, of whose text @front is the first @len bytes. */
static psa_status_t note_get(const struct crypto_platform *platform,
			     const struct rpc_caller *caller, uint32_t id, const uint8_t *front,
			     size_t len, struct crypto_output *note)
{
	const size_t name_len = strnlen((const char *)front, len), begin = name_len + 1;

	if (name_len == len)
		return text_get(platform, caller, OBJECT_NOTE, id, 0, note->data, note->room,
				&note->len);
	if (len == TEXT_FRONT)
		return text_get(platform, caller, OBJECT_NAME, id, begin, note->data, note->room,
				&note->len);
	if (len - begin > note->room)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(note->data, front + begin, len - begin);
	note->len = len - begin;
	return PSA_SUCCESS;
}

CRYPTO_HANDLER(crypto_key_describe)
{
	psa_key_attributes_t a = PSA_KEY_ATTRIBUTES_INIT;
	uint8_t front[TEXT_FRONT];
	struct crypto *crypto = ctx;
	struct crypto_output note;
	size_t len = 0;
	bool written;
	uint32_t id;

	if (!reader_u32(req, &id))
		return TS_RPC_ERROR_INVALID_REQUEST_BODY;
	*status = psa_get_key_attributes(crypto_key_name(crypto, caller, id), &a);
	if (*status == PSA_SUCCESS)
		*status = text_get(&crypto->platform, caller, OBJECT_NAME, id, 0, front,
				   sizeof(front), &len);
	if (*status != PSA_SUCCESS)
		return TS_RPC_SUCCESS;
	written = crypto_attributes_write(resp, id, &a) &&
		  bulk_write(resp, front, strnlen((const char *)front, len));
	psa_reset_key_attributes(&a);
	if (!written || !crypto_bulk_begin(resp, CRYPTO_KEY_NOTE_MAX, &note))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	*status = note_get(&crypto->platform, caller, id, front, len, &note);
	return crypto_bulk_end(resp, &note, *status);
}

CRYPTO_HANDLER(crypto_key_changes)
{
	struct crypto *crypto = ctx;

	(void)req;
	/* A partition that began anew doesn't answer what it did before. */
	if (!crypto->changes_begin)
		*status = psa_generate_random((uint8_t *)&crypto->changes_begin,
					      sizeof(crypto->changes_begin));
	if (*status == PSA_SUCCESS &&
	    !writer_u64(resp, crypto->changes_begin + *changes_of(crypto, caller)))
		return TS_RPC_ERROR_INVALID_RESPONSE_BODY;
	return TS_RPC_SUCCESS;
}
