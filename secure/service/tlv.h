/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of packed-c messages: tag and length, 16 bits each and big-endian, and then
 * the value. Records stand in ascending order of their tags.
 */
#ifndef SECURE_SERVICE_TLV_H
#define SECURE_SERVICE_TLV_H

#include <secure/rpc/reader.h>
#include <secure/rpc/writer.h>

#define TLV_HEADER_LEN 4u
#define TLV_VALUE_MAX  0xffffu

/*
 * Finds the record @tag, which must be asked for in ascending order: records with lower
 * tags are passed over, a higher one stays for later. *@value points into the message.
 * If there is none *@len is 0. False when a record that was met is longer than the rest
 * of the message, or when an earlier read failed.
 */
bool tlv_read(struct reader *r, uint16_t tag, const uint8_t **value, size_t *len)
	__attribute__((warn_unused_result));

/*
 * Where the value of the next record may be made in place: *@value with room for *@room
 * bytes, at most @max. Nothing is written until tlv_end(). False without room for a
 * record's header.
 */
bool tlv_begin(const struct writer *w, size_t max, uint8_t **value, size_t *room)
	__attribute__((warn_unused_result));

/* Writes the record @tag, whose value of @len bytes was made after tlv_begin(). */
bool tlv_end(struct writer *w, uint16_t tag, size_t len) __attribute__((warn_unused_result));

/* Writes the record @tag with a copy of @value. */
bool tlv_write(struct writer *w, uint16_t tag, const void *value, size_t len)
	__attribute__((warn_unused_result));

#endif /* SECURE_SERVICE_TLV_H */
