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

#endif /* PKCS11_STORE_H */
