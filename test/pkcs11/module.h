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

#endif /* TEST_PKCS11_MODULE_H */
