/* SPDX-License-Identifier: BSD-3-Clause */
/* Mechanisms: what there are, with which algorithms of PSA, and operations with them. */
#ifndef PKCS11_MECHANISM_H
#define PKCS11_MECHANISM_H

#include "module.h"

/* What is alike but for the hash. */
enum scheme {
	SCHEME_DIGEST,
	SCHEME_ECDSA,
	SCHEME_EDDSA,
	SCHEME_ML_DSA,
	SCHEME_RSA_PKCS,
	SCHEME_RSA_PSS,
	SCHEME_HMAC,
	SCHEME_HMAC_GENERAL,
	SCHEME_CMAC,
	SCHEME_CMAC_GENERAL,
	SCHEME_RSA_OAEP,
	SCHEME_CIPHER,
	SCHEME_GCM,
	SCHEME_CCM,
	SCHEME_CHACHA20_POLY1305,
	SCHEME_ECDH,
	SCHEME_HKDF,
	SCHEME_GENERATE,
};

struct mechanism {
	CK_MECHANISM_TYPE type;
	enum scheme scheme;
	psa_algorithm_t alg; /* the hash, or 0: none; a cipher, EdDSA */
	CK_ULONG min;	     /* lengths of keys: bits of RSA and EC, bytes of others */
	CK_ULONG max;
	CK_FLAGS flags;
};

/* NULL: there is no such mechanism for all that @flags says. */
const struct mechanism *mechanism_find(CK_MECHANISM_TYPE type, CK_FLAGS flags);

/* The hash of CKM_SHA256 and the like, 0 if it is none. */
psa_algorithm_t hash_of_mechanism(CK_MECHANISM_TYPE type);

/* The hash of a parameter of PSS or OAEP: CKR_MECHANISM_PARAM_INVALID unless it is that of MGF1, too. */
CK_RV hash_with_mgf(CK_MECHANISM_TYPE type, CK_ULONG mgf, psa_algorithm_t *hash);

/* The algorithms that a mechanism may stand for, as families of a key's policy. */
uint32_t mechanism_family(const struct mechanism *mechanism);

/* Those that @key may be used with, at most @max: how many they are. */
CK_ULONG mechanisms_of(const struct key *key, CK_MECHANISM_TYPE *list, CK_ULONG max);

/* Does a CKA_ALLOWED_MECHANISMS name @type? So does none, and an empty one. */
bool mechanism_in(const CK_ATTRIBUTE *allowed, CK_MECHANISM_TYPE type);

/* Is the key of a type that @mechanism is for, and is it allowed with it? */
CK_RV mechanism_check(const struct mechanism *mechanism, struct object *object);

/*
 * A function that begins an operation of @kind, from its beginning to its end: finds mechanism and
 * key, whether the key is for it, and has @setup, or NULL, look at what the mechanism's parameter
 * says. Without a mechanism it ends one that is active (5.8.1).
 */
CK_RV operation_init(const char *name, CK_SESSION_HANDLE handle, enum operation_kind kind,
		     const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
		     CK_RV (*setup)(struct operation *op, const CK_MECHANISM *mechanism));
/*
 * Begins a function that goes on with the session's operation of @kind, or ends it: as
 * call_begin_session(), and CKR_OPERATION_NOT_INITIALIZED. *@op is valid with CKR_OK only.
 */
CK_RV operation_call(struct call *call, const char *name, CK_SESSION_HANDLE handle,
		     enum operation_kind kind, struct operation **op);
/* Ends it, also in the partition, and wipes it. */
void operation_end(struct operation *op);

/*
 * Ends a function that had no room for the result, or was asked how much that needs. Who asked
 * @in_one_piece goes on so: functions for parts are CKR_OPERATION_ACTIVE from then on.
 */
CK_RV operation_goes_on(struct call *call, struct operation *op, bool in_one_piece, CK_RV rv);

/*
 * For output of @need bytes: true if the caller has room. Else *@rv is what to return: he asked
 * for the length, or has not enough; the operation goes on.
 */
bool output_fits(const void *out, CK_ULONG *len, CK_ULONG need, CK_RV *rv);

/* sign.c, for message.c: a signature's algorithm and parameter, and its steps. */
CK_RV sign_setup(struct operation *op, const CK_MECHANISM *mechanism);
CK_RV verify_setup(struct operation *op, const CK_MECHANISM *mechanism);
CK_RV sign_update(struct operation *op, bool verify, const uint8_t *data, size_t len);
CK_RV sign_make(struct operation *op, const uint8_t *data, size_t len, uint8_t *signature,
		CK_ULONG *signature_len);
CK_RV sign_check(struct operation *op, const uint8_t *data, size_t len, const uint8_t *signature,
		 CK_ULONG signature_len);
CK_ULONG sign_len(const struct operation *op);

#endif /* PKCS11_MECHANISM_H */
