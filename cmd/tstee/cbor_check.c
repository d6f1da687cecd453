// SPDX-License-Identifier: BSD-3-Clause
/* What attestation tokens ask of CBOR. See cbor_check.h. */
#include "cbor_check.h"

#include <stdbool.h>
#include <string.h>

/* More than any token has. They bound the stack and the time that hostile ones can take. */
#define DEPTH_MAX 12
#define KEYS_MAX  256

/* Major types (RFC 8949, section 3.1). */
enum major {
	MAJOR_UNSIGNED,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE,
};

#define INFO_INDEFINITE 31

struct scan {
	const uint8_t *at, *end;
	const char *problem;
};

static bool fail(struct scan *scan, const char *problem)
{
	if (!scan->problem)
		scan->problem = problem;
	return false;
}

static bool scan_head(struct scan *scan, enum major *major, uint64_t *value)
{
	uint8_t info;

	if (scan->at == scan->end)
		return fail(scan, "malformed CBOR");
	*major = (enum major)(*scan->at >> 5);
	info = *scan->at++ & 31;
	*value = info;
	if (info < 24)
		return true;
	if (info == INFO_INDEFINITE)
		return fail(scan, "a length in it is indefinite");
	if (info > 27 || scan->end - scan->at < 1 << (info - 24))
		return fail(scan, "malformed CBOR");
	*value = 0;
	for (int i = 0; i < 1 << (info - 24); i++)
		*value = *value << 8 | *scan->at++;
	return true;
}

static bool scan_item(struct scan *scan, int depth);

/* Are two items, each from its begin to its end, the same? */
static bool same_item(struct scan a, struct scan b)
{
	enum major major[2];
	uint64_t value[2];

	/* A number may be written in more ways than one. */
	return scan_head(&a, &major[0], &value[0]) && scan_head(&b, &major[1], &value[1]) &&
	       major[0] == major[1] && value[0] == value[1] && a.end - a.at == b.end - b.at &&
	       !memcmp(a.at, b.at, (size_t)(a.end - a.at));
}

static bool scan_map(struct scan *scan, uint64_t count, int depth)
{
	struct scan keys[KEYS_MAX];

	if (count > KEYS_MAX)
		return fail(scan, "a map in it has too many keys");
	for (size_t i = 0; i < count; i++) {
		keys[i] = *scan;
		if (!scan_item(scan, depth))
			return false;
		keys[i].end = scan->at;
		for (size_t k = 0; k < i; k++) {
			if (same_item(keys[k], keys[i]))
				return fail(scan, "a claim or parameter is there twice");
		}
		if (!scan_item(scan, depth))
			return false;
	}
	return true;
}

static bool scan_item(struct scan *scan, int depth)
{
	enum major major;
	uint64_t value;

	if (depth == DEPTH_MAX)
		return fail(scan, "items in it are nested too deeply");
	if (!scan_head(scan, &major, &value))
		return false;
	switch (major) {
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		if (value > (uint64_t)(scan->end - scan->at))
			return fail(scan, "malformed CBOR");
		scan->at += value;
		return true;
	case MAJOR_ARRAY:
		while (value--) {
			if (!scan_item(scan, depth + 1))
				return false;
		}
		return true;
	case MAJOR_MAP:
		return scan_map(scan, value, depth + 1);
	case MAJOR_TAG:
		return scan_item(scan, depth + 1);
	default:
		return true;
	}
}

const char *cbor_check(const uint8_t *data, size_t len)
{
	struct scan scan = { .at = data, .end = data + len };

	if (scan_item(&scan, 0) && scan.at != scan.end)
		fail(&scan, "malformed CBOR");
	return scan.problem;
}
