// SPDX-License-Identifier: BSD-3-Clause
/* The bounded reader of messages. See reader.h. */
#include <secure/rpc/reader.h>

void reader_init(struct reader *r, const void *data, size_t len)
{
	r->data = data;
	r->len = data ? len : 0;
	r->pos = 0;
	r->failed = false;
	r->left = NULL;
	r->left_len = 0;
}

bool reader_left(struct reader *r, const uint8_t **bytes, size_t *len)
{
	const bool there = r->left && !r->failed && r->pos == r->len;

	*bytes = there ? r->left : NULL;
	*len = there ? r->left_len : 0;
	return there;
}

bool reader_bytes(struct reader *r, uint64_t len, const uint8_t **bytes)
{
	*bytes = NULL;
	if (r->failed || len > r->len - r->pos) {
		r->failed = true;
		return false;
	}

	*bytes = r->data + r->pos;
	r->pos += (size_t)len;
	return true;
}

bool reader_rest(struct reader *r, const uint8_t **bytes, size_t *len)
{
	*len = r->failed ? 0 : r->len - r->pos;
	return reader_bytes(r, *len, bytes);
}

bool reader_u32(struct reader *r, uint32_t *value)
{
	const uint8_t *b;

	*value = 0;
	if (!reader_bytes(r, sizeof(*value), &b))
		return false;

	*value = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	return true;
}

bool reader_u64(struct reader *r, uint64_t *value)
{
	uint32_t low, high;

	*value = 0;
	if (!reader_u32(r, &low) || !reader_u32(r, &high))
		return false;

	*value = (uint64_t)high << 32 | low;
	return true;
}
