/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What PSA has no place for: labels, IDs and other attributes of a key on the token. Its label is
 * the key's name, as tstee key list shows it, where it can be one; all else is its note, a few
 * bytes that the partition keeps beside the key and that go with it. Each is written in one step.
 */
#ifndef PKCS11_NOTE_H
#define PKCS11_NOTE_H

#include "module.h"

/* Of a key's note: its public half was destroyed. */
#define NOTE_HIDDEN 1u

/* Writes a key's notes and whether its public half is hidden. */
psa_status_t note_write(const struct key *key);

/* Attributes as bytes, of certificates and data, too: the beginning, and what is in it. */
bool note_begin(struct bytes *out, uint8_t flags);
bool note_encode(struct bytes *out, const struct attributes *attributes, enum half half);
/* False: it is none, or there is no memory; what was found until then is there. */
bool note_decode(const uint8_t *data, size_t len, struct attributes attributes[HALF_COUNT],
		 uint8_t *flags);

#endif /* PKCS11_NOTE_H */
