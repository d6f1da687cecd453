/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secret that tells this device from all others, where no hardware has one: made at the first
 * start, and kept in internal storage beside the clients' objects, where none of them gets at it.
 */
#ifndef SECURE_SERVICE_DEVICE_KEY_H
#define SECURE_SERVICE_DEVICE_KEY_H

#include <secure/store/store.h>

#define DEVICE_KEY_LEN 32u

/* Fills @out with @len random bytes: 0, or -1 and nothing may be made of @out. */
typedef int (*device_key_random)(uint8_t *out, size_t len);

/*
 * Reads the device key from @internal, a mounted store, into @key; the caller wipes it. Where
 * there is none, makes one with @random. A key that is there and can't be read is never replaced:
 * what it protects would be lost.
 *
 * What store_read() and store_set() return; DATA_CORRUPT also when what is there is no key,
 * GENERIC_ERROR when there is no randomness. @key is wiped then.
 */
psa_status_t device_key_get(struct store *internal, device_key_random random,
			    uint8_t key[DEVICE_KEY_LEN]);

#endif /* SECURE_SERVICE_DEVICE_KEY_H */
