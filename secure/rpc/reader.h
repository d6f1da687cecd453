/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded cursor over a message: the only way in which bytes that came from outside
 * are parsed. Numbers are little-endian. Once a read has failed, all later ones fail,
 * so a parser may check only its last read. No locks: a reader belongs to one call.
 */
#ifndef SECURE_RPC_READER_H
#define SECURE_RPC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *data;
	size_t len;
	size_t pos; /* at most len */
	bool failed;
	/* NULL, or the rest of the message, left where others may change it: reader_left(). */
	const uint8_t *left;
	size_t left_len;
};

/* Reads from the @len bytes at @data, which must stay as they are while @r is in use. */
void reader_init(struct reader *r, const void *data, size_t len);

/*
 * Takes all that is left behind the bytes that stay as they are, if something is and those have
 * been read. False, and NULL and 0, if not. Each byte of it may be used, and none may be believed: it is for who
 * looks at each once and makes no decision by it.
 */
bool reader_left(struct reader *r, const uint8_t **bytes, size_t *len)
	__attribute__((warn_unused_result));

/* Each returns false, and stores 0, when the message is too short. */
bool reader_u32(struct reader *r, uint32_t *value) __attribute__((warn_unused_result));
bool reader_u64(struct reader *r, uint64_t *value) __attribute__((warn_unused_result));

/*
 * Takes the next @len bytes; @len may come from the message itself. *@bytes points into
 * the message. False, and NULL, when there are fewer.
 */
bool reader_bytes(struct reader *r, uint64_t len, const uint8_t **bytes)
	__attribute__((warn_unused_result));

/* Takes all bytes that are left, possibly none. False when an earlier read failed. */
bool reader_rest(struct reader *r, const uint8_t **bytes, size_t *len)
	__attribute__((warn_unused_result));

#endif /* SECURE_RPC_READER_H */
