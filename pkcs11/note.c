// SPDX-License-Identifier: BSD-3-Clause
/*
 * See note.h. A note: a version, flags, and attributes: the half, the type in four bytes and the
 * length in two, little-endian, and the value.
 */
#include <string.h>

#include "note.h"

#define VERSION	   1u
#define HEADER_LEN 2u
#define ENTRY_LEN  7u

bool note_encode(struct bytes *out, const struct attributes *attributes, enum half half)
{
	for (size_t i = 0; i < attributes->count; i++) {
		const CK_ATTRIBUTE *a = &attributes->list[i];
		const uint8_t entry[ENTRY_LEN] = {
			(uint8_t)half,
			(uint8_t)a->type,
			(uint8_t)(a->type >> 8),
			(uint8_t)(a->type >> 16),
			(uint8_t)(a->type >> 24),
			(uint8_t)a->ulValueLen,
			(uint8_t)(a->ulValueLen >> 8),
		};

		if (!bytes_add(out, entry, sizeof(entry)) ||
		    !bytes_add(out, a->pValue, a->ulValueLen))
			return false;
	}
	return true;
}

bool note_begin(struct bytes *out, uint8_t flags)
{
	const uint8_t header[HEADER_LEN] = { VERSION, flags };

	return bytes_add(out, header, sizeof(header));
}

bool note_decode(const uint8_t *data, size_t len, struct attributes attributes[HALF_COUNT],
		 uint8_t *flags)
{
	*flags = 0;
	if (!len)
		return true;
	if (len < HEADER_LEN || data[0] != VERSION)
		return false;
	*flags = data[1];
	data += HEADER_LEN;
	len -= HEADER_LEN;
	while (len) {
		CK_ATTRIBUTE_TYPE type;
		size_t value_len;

		if (len < ENTRY_LEN || data[0] >= HALF_COUNT)
			return false;
		type = (CK_ATTRIBUTE_TYPE)data[1] | (CK_ATTRIBUTE_TYPE)data[2] << 8 |
		       (CK_ATTRIBUTE_TYPE)data[3] << 16 | (CK_ATTRIBUTE_TYPE)data[4] << 24;
		value_len = data[5] | (size_t)data[6] << 8;
		if (value_len > len - ENTRY_LEN ||
		    attributes_set(&attributes[data[0]], type, data + ENTRY_LEN, value_len) !=
			    CKR_OK)
			return false;
		data += ENTRY_LEN + value_len;
		len -= ENTRY_LEN + value_len;
	}
	return true;
}

psa_status_t note_write(const struct key *key)
{
	struct bytes note = { 0 };
	psa_status_t status = PSA_ERROR_INSUFFICIENT_MEMORY;
	size_t attributes = 0;
	bool good = note_begin(&note, key->hidden ? NOTE_HIDDEN : 0);

	for (unsigned int half = 0; half < HALF_COUNT; half++) {
		attributes += key->notes[half].count;
		good = good && note_encode(&note, &key->notes[half], half);
	}
	/* A key of which there is nothing to note has no note. */
	if (good)
		status = tstee_key_set_note(key->id, note.data,
					    attributes || key->hidden ? note.len : 0);
	bytes_free(&note);
	return status;
}
