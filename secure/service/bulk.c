// SPDX-License-Identifier: BSD-3-Clause
/* Bulk parts of messages. See bulk.h. */
#include <secure/service/bulk.h>

bool bulk_read(struct reader *r, const uint8_t **value, size_t *len)
{
	uint32_t part;

	*value = NULL;
	*len = 0;
	if (!reader_u32(r, &part) || !reader_bytes(r, part, value))
		return false;
	*len = part;
	return true;
}

bool bulk_read_last(struct reader *r, const uint8_t **value, size_t *len)
{
	if (!bulk_read(r, value, len))
		return false;
	if (r->pos == r->len)
		return true;
	r->failed = true;
	*value = NULL;
	*len = 0;
	return false;
}

bool bulk_read_left(struct reader *r, const uint8_t **value, size_t *len)
{
	uint32_t part;

	if (!r->left)
		return bulk_read_last(r, value, len);
	if (reader_u32(r, &part) && reader_left(r, value, len) && *len == part)
		return true;
	r->failed = true;
	*value = NULL;
	*len = 0;
	return false;
}

bool bulk_begin(const struct writer *w, size_t max, uint8_t **value, size_t *room)
{
	*value = NULL;
	*room = 0;
	if (writer_room(w) < BULK_HEADER_LEN)
		return false;

	*value = w->data + w->len + BULK_HEADER_LEN;
	*room = writer_room(w) - BULK_HEADER_LEN;
	if (*room > max)
		*room = max;
	if (*room > UINT32_MAX)
		*room = UINT32_MAX;
	return true;
}

static bool write_header(struct writer *w, size_t len)
{
	if (len > UINT32_MAX)
		w->failed = true;
	return writer_u32(w, (uint32_t)len);
}

bool bulk_end(struct writer *w, size_t len)
{
	return write_header(w, len) && writer_advance(w, len);
}

bool bulk_write(struct writer *w, const void *value, size_t len)
{
	return write_header(w, len) && writer_bytes(w, value, len);
}
