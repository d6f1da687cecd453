/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Certificates and data on the token: objects of protected storage, in a range of UIDs of the
 * token's own, each written in one step.
 */
#ifndef PKCS11_STORE_H
#define PKCS11_STORE_H

#include "module.h"

/* Marks those of slot->objects that are there, and adds others. With the slot's lock. */
CK_RV store_see(struct slot *slot);

/* Writes one, which gets its UID by that, and takes it away. With the slot's lock. */
CK_RV store_write(struct object *object);
CK_RV store_remove(struct object *object);

#endif /* PKCS11_STORE_H */
