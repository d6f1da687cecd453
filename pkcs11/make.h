/* SPDX-License-Identifier: BSD-3-Clause */
/* How keys come to be: what a template says of one, and the steps that all ways have in common. */
#ifndef PKCS11_MAKE_H
#define PKCS11_MAKE_H

#include "module.h"

/* A key that is to be made. */
struct recipe {
	struct slot *slot;
	CK_SESSION_HANDLE session; /* of a session object; 0: on the token */
	CK_KEY_TYPE cryptoki_type;
	psa_key_attributes_t attributes; /* without an ID */
	struct attributes notes[HALF_COUNT];
};

/*
 * What @templ, and for a pair @public, say of a key of @type and @bits: policy, notes, where it is.
 * @class is that of the template; @public_count is 0 for others than pairs.
 */
CK_RV recipe_make(struct recipe *recipe, struct session *session, CK_OBJECT_CLASS class,
		  psa_key_type_t type, size_t bits, const CK_ATTRIBUTE *templ, CK_ULONG count,
		  const CK_ATTRIBUTE *public, CK_ULONG public_count);
void recipe_free(struct recipe *recipe);
/* Notes of a key that the partition drew (CKA_LOCAL and so on). */
CK_RV recipe_local(struct recipe *recipe, CK_MECHANISM_TYPE mechanism);

/* Of one that somebody had before (CKA_ALWAYS_SENSITIVE and so on). */
CK_RV recipe_brought(struct recipe *recipe);

/* Makes the key with the attributes that it is given. */
typedef psa_status_t (*make_function)(void *ctx, const psa_key_attributes_t *attributes,
				      mbedtls_svc_key_id_t *id);

/*
 * Makes a key and its objects: *@object its private or only half, and *@public the other one, if
 * that isn't NULL; handles to be given to the caller.
 */
CK_RV recipe_cook(struct recipe *recipe, make_function make, void *ctx, CK_OBJECT_HANDLE *object,
		  CK_OBJECT_HANDLE *public);

/* PSA's type and length of a secret key of type CKA_KEY_TYPE. 0: there is none. */
psa_key_type_t secret_type(CK_KEY_TYPE type, bool for_derivation);

/* Gives a key the label: as its name, or in its note. Writes the note, too. */
CK_RV key_set_label(struct key *key, enum half half, const CK_ATTRIBUTE *label);

#endif /* PKCS11_MAKE_H */
