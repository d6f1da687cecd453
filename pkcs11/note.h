/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What PSA has no place for: labels, IDs and other attributes of a key on the token. Its label is
 * the key's name, as tstee key list shows it, where it can be one; all else is its note, a few
 * bytes that the partition keeps beside the key and that go with it. Each is written in one step.
 */
#ifndef PKCS11_NOTE_H
#define PKCS11_NOTE_H

#include "module.h"

/* Fills name, notes and hidden. A note that can't be read counts as none. */
psa_status_t note_read(struct key *key);
/* Writes them; @label may be NULL: it stays. */
psa_status_t note_write(struct key *key, const CK_ATTRIBUTE *label);

/* Attributes as bytes: of certificates and data, too. */
bool note_encode(struct bytes *out, const struct attributes *attributes, enum half half);
bool note_decode(const uint8_t *data, size_t len, struct attributes attributes[HALF_COUNT],
		 bool *hidden);

#endif /* PKCS11_NOTE_H */
