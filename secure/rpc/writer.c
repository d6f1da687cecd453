// SPDX-License-Identifier: BSD-3-Clause
/* The bounded writer of messages. See writer.h. */
#include <secure/rpc/writer.h>
#include <string.h>

void writer_init(struct writer *w, void *data, size_t size)
{
	w->data = data;
	w->size = data ? size : 0;
	w->len = 0;
	w->failed = false;
}

size_t writer_room(const struct writer *w)
{
	return w->failed ? 0 : w->size - w->len;
}

uint8_t *writer_tail(struct writer *w)
{
	return w->data + w->len;
}

bool writer_advance(struct writer *w, size_t len)
{
	if (w->failed || len > w->size - w->len) {
		w->failed = true;
		return false;
	}

	w->len += len;
	return true;
}

bool writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	uint8_t *tail = w->data + w->len;

	if (!writer_advance(w, len))
		return false;
	if (len)
		memcpy(tail, bytes, len);
	return true;
}

bool writer_u32(struct writer *w, uint32_t value)
{
	const uint8_t b[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			      (uint8_t)(value >> 24) };

	return writer_bytes(w, b, sizeof(b));
}

bool writer_u64(struct writer *w, uint64_t value)
{
	uint8_t b[sizeof(value)];

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(value >> (8 * i));
	return writer_bytes(w, b, sizeof(b));
}
