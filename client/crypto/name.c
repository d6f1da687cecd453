// SPDX-License-Identifier: BSD-3-Clause
/* Names, notes and lists of keys (tstee_crypto.h). No state. */
#include <endian.h>
#include <string.h>
#include <tstee_crypto.h>

#include "call.h"

static_assert(TSTEE_KEY_NAME_MAX == CRYPTO_KEY_NAME_MAX, "length of names");
static_assert(TSTEE_KEY_NOTE_MAX == CRYPTO_KEY_NOTE_MAX, "length of notes");

psa_status_t tstee_key_set_name(uint32_t key, const char *name)
{
	struct crypto_request req;
	size_t len = name ? strlen(name) : 0;

	if (!name || len > TSTEE_KEY_NAME_MAX)
		return PSA_ERROR_INVALID_ARGUMENT;
	crypto_request_init(&req, CRYPTO_KEY_SET_NAME);
	crypto_request_u32(&req, key);
	crypto_request_part(&req, name, len);
	return crypto_call(&req);
}

psa_status_t tstee_key_get_name(uint32_t key, char *name, size_t size)
{
	char text[TSTEE_KEY_NAME_MAX + 1] = "";
	struct crypto_request req;
	psa_status_t status;
	size_t len;

	if (!name || !size)
		return PSA_ERROR_INVALID_ARGUMENT;
	name[0] = '\0';
	crypto_request_init(&req, CRYPTO_KEY_GET_NAME);
	crypto_request_u32(&req, key);
	status = crypto_call_part(&req, text, TSTEE_KEY_NAME_MAX, TSTEE_KEY_NAME_MAX, &len);
	if (status != PSA_SUCCESS)
		return status;
	if (memchr(text, '\0', len))
		return crypto_malformed(&req);
	if (len >= size)
		return PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(name, text, len + 1);
	return PSA_SUCCESS;
}

/* One answer: the IDs behind @after. Fewer than CRYPTO_KEY_LIST_MAX: the last ones. */
static psa_status_t list(uint32_t after, uint32_t ids[CRYPTO_KEY_LIST_MAX], size_t *count)
{
	const struct iovec resp = { .iov_base = ids,
				    .iov_len = CRYPTO_KEY_LIST_MAX * sizeof(ids[0]) };
	struct crypto_request req;
	psa_status_t status;
	size_t len;

	*count = 0;
	crypto_request_init(&req, CRYPTO_KEY_LIST);
	crypto_request_u32(&req, after);
	status = crypto_call_pieces(&req, &resp, 1, &len);
	if (status != PSA_SUCCESS)
		return status;
	if (len % sizeof(ids[0]))
		return crypto_malformed(&req);
	for (size_t i = 0; i < len / sizeof(ids[0]); i++) {
		ids[i] = le32toh(ids[i]);
		/* Else the caller could go on for ever. */
		if (ids[i] <= after)
			return crypto_malformed(&req);
		after = ids[i];
	}
	*count = len / sizeof(ids[0]);
	return PSA_SUCCESS;
}

psa_status_t tstee_key_list(uint32_t after, uint32_t *keys, size_t count, size_t *key_count)
{
	uint32_t ids[CRYPTO_KEY_LIST_MAX];
	psa_status_t status;
	size_t got;

	if (!key_count || (count && !keys))
		return PSA_ERROR_INVALID_ARGUMENT;
	*key_count = 0;
	do {
		status = list(after, ids, &got);
		if (status != PSA_SUCCESS) {
			*key_count = 0;
			return status;
		}
		for (size_t i = 0; i < got && *key_count < count; i++)
			keys[(*key_count)++] = ids[i];
		if (got)
			after = ids[got - 1];
	} while (got == CRYPTO_KEY_LIST_MAX && *key_count < count);
	return PSA_SUCCESS;
}

psa_status_t tstee_key_find(const char *name, uint32_t *key)
{
	uint32_t ids[CRYPTO_KEY_LIST_MAX], after = 0;
	char text[TSTEE_KEY_NAME_MAX + 1];
	psa_status_t status;
	size_t got;

	if (!name || !*name || !key)
		return PSA_ERROR_INVALID_ARGUMENT;
	*key = 0;
	do {
		status = list(after, ids, &got);
		if (status != PSA_SUCCESS)
			return status;
		for (size_t i = 0; i < got; i++) {
			status = tstee_key_get_name(ids[i], text, sizeof(text));
			/* Another process may have destroyed it meanwhile. */
			if (status == PSA_ERROR_INVALID_HANDLE)
				continue;
			if (status != PSA_SUCCESS)
				return status;
			if (!strcmp(text, name)) {
				*key = ids[i];
				return PSA_SUCCESS;
			}
		}
		if (got)
			after = ids[got - 1];
	} while (got == CRYPTO_KEY_LIST_MAX);
	return PSA_ERROR_DOES_NOT_EXIST;
}

psa_status_t tstee_key_set_note(uint32_t key, const void *note, size_t len)
{
	struct crypto_request req;

	crypto_request_init(&req, CRYPTO_KEY_SET_NOTE);
	crypto_request_u32(&req, key);
	crypto_request_part(&req, note, len);
	return crypto_call(&req);
}

/* The next part of a response, of at most @max bytes. */
static bool part_read(const uint8_t **pos, size_t *left, const uint8_t **part, size_t *len,
		      size_t max)
{
	uint32_t header;

	if (*left < sizeof(header))
		return false;
	memcpy(&header, *pos, sizeof(header));
	header = le32toh(header);
	*pos += sizeof(header);
	*left -= sizeof(header);
	if (header > *left || header > max)
		return false;
	*part = *pos;
	*len = header;
	*pos += header;
	*left -= header;
	return true;
}

psa_status_t tstee_key_describe(uint32_t key, struct tstee_key_description *description)
{
	uint8_t buf[2 * sizeof(uint32_t) + TSTEE_KEY_NAME_MAX + TSTEE_KEY_NOTE_MAX];
	struct crypto_attributes a;
	const struct iovec resp[] = {
		{ .iov_base = &a, .iov_len = sizeof(a) },
		{ .iov_base = buf, .iov_len = sizeof(buf) },
	};
	const uint8_t *pos = buf, *name, *note;
	struct crypto_request req;
	size_t len, name_len, note_len;
	psa_status_t status;

	memset(description, 0, sizeof(*description));
	crypto_request_init(&req, CRYPTO_KEY_DESCRIBE);
	crypto_request_u32(&req, key);
	status = crypto_call_pieces(&req, resp, 2, &len);
	if (status != PSA_SUCCESS)
		return status;
	if (len < sizeof(a))
		return crypto_malformed(&req);
	len -= sizeof(a);
	if (!part_read(&pos, &len, &name, &name_len, TSTEE_KEY_NAME_MAX) ||
	    !part_read(&pos, &len, &note, &note_len, TSTEE_KEY_NOTE_MAX) || len ||
	    memchr(name, '\0', name_len))
		return crypto_malformed(&req);
	description->type = le32toh(a.type);
	description->bits = le32toh(a.key_bits);
	description->lifetime = le32toh(a.lifetime);
	description->usage = le32toh(a.usage);
	description->algorithm = le32toh(a.alg);
	memcpy(description->name, name, name_len);
	memcpy(description->note, note, note_len);
	description->note_len = note_len;
	return PSA_SUCCESS;
}

psa_status_t tstee_key_changes(uint64_t *count)
{
	struct crypto_request req;
	psa_status_t status;

	crypto_request_init(&req, CRYPTO_KEY_CHANGES);
	status = crypto_call_fixed(&req, count, sizeof(*count));
	*count = le64toh(*count);
	return status;
}
