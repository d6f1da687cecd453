/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects whose data lies, encrypted, in flash that others can read and write. Whatever they
 * do there - change it, exchange objects, put back what was there before - an object is read
 * as it was written last, or not at all. docs/protected-storage.md says how, and what is
 * left to an attacker.
 */
#ifndef SECURE_SERVICE_PROTECTED_STORAGE_H
#define SECURE_SERVICE_PROTECTED_STORAGE_H

#include <secure/service/secure_storage.h>

#define PROTECTED_STORAGE_KEY_LEN 32u

/* Fills @out with @len random bytes: 0, or -1 and nothing may be made of @out. */
typedef int (*protected_storage_random)(uint8_t *out, size_t len);

struct protected_storage {
	struct store *internal; /* the entries; nobody else may get at its flash */
	struct store *area;	/* the data */
	protected_storage_random random;
	uint8_t key[PROTECTED_STORAGE_KEY_LEN];
	bool ready;
	_Alignas(16) uint8_t data[STORE_OBJECT_MAX]; /* of the object at hand; wiped after */
};

/*
 * Starts protected storage over two stores, which may be mounted later and must outlive it.
 * Its key is derived from @device_key, which must be the same for as long as the objects
 * shall live. When that fails, and before, with a zeroed @ps, all operations return
 * STORAGE_FAILURE.
 */
void protected_storage_init(struct protected_storage *ps, struct store *internal,
			    struct store *area, const uint8_t device_key[PROTECTED_STORAGE_KEY_LEN],
			    protected_storage_random random);

/*
 * For store_mount_filtered() of the area; @internal is the struct store of the entries, which is
 * to be mounted before. What has no entry was put into the area by others.
 */
bool protected_storage_knows(void *internal, const struct store_key *key);

/*
 * For secure_storage_init_over() with a struct protected_storage. Beyond what the functions
 * of store.h return: DATA_CORRUPT when the data is missing or torn, INVALID_SIGNATURE when it
 * is not what was written last, GENERIC_ERROR when there is no randomness. An object like
 * that can still be removed, and replaced.
 *
 * A power cut, or a failure of the device, leaves the object as it was before or as it is
 * after the operation. The first operation that meets it afterwards, be it to read, decides
 * which of the two, and notes it in internal storage.
 */
extern const struct secure_storage_ops protected_storage_ops;

#endif /* SECURE_SERVICE_PROTECTED_STORAGE_H */
