/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests of the PKCS#11 module begin with: it is loaded as programs load it. */
#ifndef TEST_PKCS11_MODULE_H
#define TEST_PKCS11_MODULE_H

#include <dlfcn.h>
#include <pkcs11/cryptoki.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <test/unit/cmocka_all.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An attribute of the variable @value. */
#define A(type, value)                        \
	{                                     \
		type, &(value), sizeof(value) \
	}

static __attribute__((unused)) CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };

static CK_FUNCTION_LIST *p11;
static void *module_file;

/* $TSTEE_PKCS11_MODULE */
static void module_load(void)
{
	CK_RV (*get)(CK_FUNCTION_LIST * *list);
	const char *path = getenv("TSTEE_PKCS11_MODULE");

	assert_non_null(path);
	module_file = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module_file)
		fail_msg("%s", dlerror());
	get = (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(module_file, "C_GetFunctionList");
	assert_non_null(get);
	assert_int_equal(get(&p11), CKR_OK);
}

/* Around each test of a group. */
static inline int begin(void **state)
{
	(void)state;
	return p11->C_Initialize(NULL) == CKR_OK ? 0 : -1;
}

static inline int end(void **state)
{
	(void)state;
	return p11->C_Finalize(NULL) == CKR_OK ? 0 : -1;
}

static inline CK_SLOT_ID first_slot(void)
{
	CK_SLOT_ID slots[16];
	CK_ULONG count = COUNT(slots);

	assert_int_equal(p11->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
	assert_true(count > 0);
	assert_int_equal(p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	return slots[0];
}

static inline CK_SESSION_HANDLE session_open(CK_FLAGS flags)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	assert_int_equal(
		p11->C_OpenSession(first_slot(), CKF_SERIAL_SESSION | flags, NULL, NULL, &session),
		CKR_OK);
	return session;
}

/* The only object of @class with this label, or 0. */
static inline CK_OBJECT_HANDLE object_find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
					   const char *label)
{
	CK_ATTRIBUTE templ[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, (void *)label, strlen(label) },
	};
	CK_OBJECT_HANDLE found[2] = { 0 };
	CK_ULONG count = 0;

	assert_int_equal(p11->C_FindObjectsInit(session, templ, COUNT(templ)), CKR_OK);
	assert_int_equal(p11->C_FindObjects(session, found, COUNT(found), &count), CKR_OK);
	assert_int_equal(p11->C_FindObjectsFinal(session), CKR_OK);
	assert_true(count <= 1);
	return found[0];
}

/* A pair of P-256 that signs, a token's or the session's. */
static inline CK_RV signer_make(CK_SESSION_HANDLE session, const char *label, CK_BBOOL *token,
				CK_OBJECT_HANDLE *private)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_EC_KEY_PAIR_GEN };
	CK_ATTRIBUTE of_public[] = { A(CKA_EC_PARAMS, p256) };
	CK_ATTRIBUTE of_private[] = { { CKA_TOKEN, token, 1 },
				      { CKA_LABEL, (void *)label, strlen(label) },
				      A(CKA_SIGN, yes) };
	CK_OBJECT_HANDLE public;

	return p11->C_GenerateKeyPair(session, &mechanism, of_public, COUNT(of_public), of_private,
				      COUNT(of_private), &public, private);
}

/* The result of a signature by such a key. */
static inline CK_RV signer_sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_ECDSA };
	uint8_t hash[32] = { 1 }, signature[64];
	CK_ULONG len = sizeof(signature);
	CK_RV rv = p11->C_SignInit(session, &mechanism, key);

	return rv == CKR_OK ? p11->C_Sign(session, hash, sizeof(hash), signature, &len) : rv;
}

#endif /* TEST_PKCS11_MODULE_H */
