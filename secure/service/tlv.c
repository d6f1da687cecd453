// SPDX-License-Identifier: BSD-3-Clause
/* Records of packed-c messages. See tlv.h. */
#include <secure/service/tlv.h>

static uint16_t load_u16(const uint8_t b[2])
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static bool write_header(struct writer *w, uint16_t tag, size_t len)
{
	const uint8_t header[TLV_HEADER_LEN] = { (uint8_t)(tag >> 8), (uint8_t)tag,
						 (uint8_t)(len >> 8), (uint8_t)len };

	return writer_bytes(w, header, sizeof(header));
}

bool tlv_read(struct reader *r, uint16_t tag, const uint8_t **value, size_t *len)
{
	const uint8_t *header;
	uint16_t found;

	*value = NULL;
	*len = 0;
	while (!r->failed && r->pos < r->len) {
		const size_t start = r->pos;

		if (!reader_bytes(r, TLV_HEADER_LEN, &header))
			return false;
		found = load_u16(header);
		if (found > tag) {
			r->pos = start;
			return true;
		}
		if (!reader_bytes(r, load_u16(header + 2), value)) {
			*value = NULL;
			return false;
		}
		if (found == tag) {
			*len = load_u16(header + 2);
			return true;
		}
		*value = NULL;
	}
	return !r->failed;
}

bool tlv_begin(const struct writer *w, size_t max, uint8_t **value, size_t *room)
{
	*value = NULL;
	*room = 0;
	if (writer_room(w) < TLV_HEADER_LEN)
		return false;

	*value = w->data + w->len + TLV_HEADER_LEN;
	*room = writer_room(w) - TLV_HEADER_LEN;
	if (*room > max)
		*room = max;
	if (*room > TLV_VALUE_MAX)
		*room = TLV_VALUE_MAX;
	return true;
}

bool tlv_end(struct writer *w, uint16_t tag, size_t len)
{
	if (len > TLV_VALUE_MAX)
		w->failed = true;
	return write_header(w, tag, len) && writer_advance(w, len);
}

bool tlv_write(struct writer *w, uint16_t tag, const void *value, size_t len)
{
	if (len > TLV_VALUE_MAX)
		w->failed = true;
	return write_header(w, tag, len) && writer_bytes(w, value, len);
}
