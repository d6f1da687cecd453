/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded cursor that makes a message. Numbers are little-endian. What does not fit
 * is not written at all, not even in part, and fails the writer for good: a message is
 * complete or it is none. No locks: a writer belongs to one call.
 */
#ifndef SECURE_RPC_WRITER_H
#define SECURE_RPC_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
	uint8_t *data;
	size_t size; /* bytes that fit */
	size_t len;  /* bytes written; at most size */
	bool failed;
};

/* Writes to the @size bytes at @data. */
void writer_init(struct writer *w, void *data, size_t size);

/* Bytes that still fit; 0 once the writer has failed. */
size_t writer_room(const struct writer *w);

/* Each returns false when the value does not fit. */
bool writer_u32(struct writer *w, uint32_t value) __attribute__((warn_unused_result));
bool writer_u64(struct writer *w, uint64_t value) __attribute__((warn_unused_result));
bool writer_bytes(struct writer *w, const void *bytes, size_t len)
	__attribute__((warn_unused_result));

/*
 * Where the next byte goes. A handler may fill up to writer_room() bytes there, and then
 * adds them to the message by writer_advance(). What it does not add it leaves zero.
 */
uint8_t *writer_tail(struct writer *w);

/* Adds @len bytes that were filled at writer_tail(). False when there is no room. */
bool writer_advance(struct writer *w, size_t len) __attribute__((warn_unused_result));

#endif /* SECURE_RPC_WRITER_H */
