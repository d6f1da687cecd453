/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bulk parts of messages (tstee/crypto.h): a length, 32 bits and little-endian, and that many
 * bytes. They stand in for records (tlv.h) where these would be too short.
 */
#ifndef SECURE_SERVICE_BULK_H
#define SECURE_SERVICE_BULK_H

#include <secure/rpc/reader.h>
#include <secure/rpc/writer.h>

#define BULK_HEADER_LEN 4u

/*
 * Takes the next part; *@value points into the message. False, and NULL and 0, when it isn't
 * there in full, or when an earlier read failed.
 */
bool bulk_read(struct reader *r, const uint8_t **value, size_t *len)
	__attribute__((warn_unused_result));

/* As bulk_read(), for the last part: false, too, when anything follows it. */
bool bulk_read_last(struct reader *r, const uint8_t **value, size_t *len)
	__attribute__((warn_unused_result));

/*
 * As bulk_read_last(), for a part that may have been left in shared memory (reader_left()), where it can change
 * while it is looked at.
 */
bool bulk_read_left(struct reader *r, const uint8_t **value, size_t *len)
	__attribute__((warn_unused_result));

/*
 * Where the next part may be made in place: *@value with room for *@room bytes, at most @max.
 * Nothing is written until bulk_end(). False without room for a part's length.
 */
bool bulk_begin(const struct writer *w, size_t max, uint8_t **value, size_t *room)
	__attribute__((warn_unused_result));

/* Writes the part whose @len bytes were made after bulk_begin(). */
bool bulk_end(struct writer *w, size_t len) __attribute__((warn_unused_result));

/* Writes a part with a copy of @value. */
bool bulk_write(struct writer *w, const void *value, size_t len)
	__attribute__((warn_unused_result));

#endif /* SECURE_SERVICE_BULK_H */
