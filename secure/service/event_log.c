// SPDX-License-Identifier: BSD-3-Clause
/*
 * Event logs of measured boot. See event_log.h. Sections are those of the TCG PC Client
 * Platform Firmware Profile 1.06. Who writes the log is trusted; that it arrived whole is not.
 */
#include <secure/service/event_log.h>
#include <string.h>

#define EV_NO_ACTION 3u
#define EV_SEPARATOR 4u

#define ALG_SHA256   0x000bu
#define SHA1_LEN     20u

/* Hash algorithms that a log may have side by side. */
#define ALGORITHM_COUNT_MAX 8u

/* Platform class, version, errata and the length of a UINTN, of which nothing depends. */
#define SPEC_ID_UNUSED_LEN 8u

static const char spec_id[16] = "Spec ID Event03";

/* How long the digests of each algorithm are that occurs in the log. */
struct digest_lengths {
	size_t count;
	struct {
		uint16_t algorithm;
		uint16_t len;
	} entry[ALGORITHM_COUNT_MAX];
};

static bool read_u16(struct reader *r, uint16_t *value)
{
	const uint8_t *b;

	if (!reader_bytes(r, 2, &b))
		return false;
	*value = (uint16_t)(b[0] | b[1] << 8);
	return true;
}

/* Section 10.4.5.1, the body of the event that says what the log is. */
static bool read_spec_id(const uint8_t *event, size_t len, struct digest_lengths *lengths)
{
	const uint8_t *signature, *unused, *vendor_len, *vendor;
	struct reader r;
	uint32_t count;

	reader_init(&r, event, len);
	if (!reader_bytes(&r, sizeof(spec_id), &signature) ||
	    memcmp(signature, spec_id, sizeof(spec_id)) ||
	    !reader_bytes(&r, SPEC_ID_UNUSED_LEN, &unused) || !reader_u32(&r, &count) || !count ||
	    count > ALGORITHM_COUNT_MAX)
		return false;

	lengths->count = count;
	for (size_t i = 0; i < count; i++) {
		if (!read_u16(&r, &lengths->entry[i].algorithm) ||
		    !read_u16(&r, &lengths->entry[i].len))
			return false;
		if (lengths->entry[i].algorithm == ALG_SHA256 &&
		    lengths->entry[i].len != ATTESTATION_HASH_LEN)
			return false;
	}
	return reader_bytes(&r, 1, &vendor_len) && reader_bytes(&r, vendor_len[0], &vendor) &&
	       r.pos == r.len;
}

/* Section 10.2.1: the first event has the form that logs had when there was only SHA-1. */
static bool read_head(struct reader *r, struct digest_lengths *lengths)
{
	const uint8_t *digest, *event;
	uint32_t pcr, type, len;

	return reader_u32(r, &pcr) && reader_u32(r, &type) && type == EV_NO_ACTION &&
	       reader_bytes(r, SHA1_LEN, &digest) && reader_u32(r, &len) &&
	       reader_bytes(r, len, &event) && read_spec_id(event, len, lengths);
}

/* The digests of one event; *@sha256 is NULL if that isn't among them. */
static bool read_digests(struct reader *r, const struct digest_lengths *lengths,
			 const uint8_t **sha256)
{
	const uint8_t *digest;
	uint16_t algorithm;
	uint32_t count;
	size_t known;

	*sha256 = NULL;
	if (!reader_u32(r, &count) || count > lengths->count)
		return false;
	for (; count; count--) {
		if (!read_u16(r, &algorithm))
			return false;
		for (known = 0; known < lengths->count; known++) {
			if (lengths->entry[known].algorithm == algorithm)
				break;
		}
		if (known == lengths->count || !reader_bytes(r, lengths->entry[known].len, &digest))
			return false;
		if (algorithm == ALG_SHA256)
			*sha256 = digest;
	}
	return true;
}

/* A name is printable ASCII, perhaps with a NUL behind; anything else is none. */
static void copy_name(char name[ATTESTATION_TEXT_MAX + 1], const uint8_t *data, size_t len)
{
	if (len && !data[len - 1])
		len--;
	if (len > ATTESTATION_TEXT_MAX)
		return;
	for (size_t i = 0; i < len; i++) {
		if (data[i] < ' ' || data[i] > '~')
			return;
	}
	memcpy(name, data, len);
}

/* Section 10.2.2: one event. Those that measure nothing leave @count as it is. */
static bool read_event(struct reader *r, const struct digest_lengths *lengths,
		       struct attestation_component *components, size_t max, size_t *count)
{
	const uint8_t *sha256, *data;
	uint32_t pcr, type, len;

	if (!reader_u32(r, &pcr) || !reader_u32(r, &type) || !read_digests(r, lengths, &sha256) ||
	    !reader_u32(r, &len) || !reader_bytes(r, len, &data))
		return false;
	if (type == EV_NO_ACTION || type == EV_SEPARATOR)
		return true;
	if (!sha256 || *count == max)
		return false;

	memset(&components[*count], 0, sizeof(components[*count]));
	memcpy(components[*count].value, sha256, ATTESTATION_HASH_LEN);
	copy_name(components[*count].type, data, len);
	++*count;
	return true;
}

int event_log_read(const uint8_t *log, size_t len, struct attestation_component *components,
		   size_t max, size_t *count)
{
	struct digest_lengths lengths;
	struct reader r;
	bool good;

	*count = 0;
	reader_init(&r, log, len);
	good = read_head(&r, &lengths);
	while (good && r.pos < r.len)
		good = read_event(&r, &lengths, components, max, count);
	if (!good)
		*count = 0;
	return good ? 0 : -1;
}
