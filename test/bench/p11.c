// SPDX-License-Identifier: BSD-3-Clause
#include "p11.h"
#include "measure.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CK_FUNCTION_LIST *p11;
CK_SESSION_HANDLE session;
CK_BYTE p11_p256[10] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
CK_BYTE p11_p384[7] = { 6, 5, 0x2b, 0x81, 4, 0, 0x22 };

void must(CK_RV rv, const char *what)
{
	if (rv != CKR_OK) {
		fprintf(stderr, "%s: 0x%lx\n", what, rv);
		exit(1);
	}
}

void p11_load(const char *file)
{
	CK_RV (*get)(CK_FUNCTION_LIST * *list);
	void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!module)
		die(dlerror(), -ENOENT);
	get = (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList");
	must(get(&p11), "C_GetFunctionList");
}

/* False: the token isn't there. */
static bool session_try(const char *token)
{
	CK_ULONG count = 16;
	CK_SLOT_ID slots[16];
	CK_TOKEN_INFO info;

	must(p11->C_Initialize(NULL), "C_Initialize");
	must(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
	for (CK_ULONG i = 0; i < count; i++) {
		/* SoftHSM2 fails while another process writes. */
		if (p11->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    strncmp((const char *)info.label, token, strlen(token)) != 0)
			continue;
		must(p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
					&session),
		     "C_OpenSession");
		must(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)"123456", 6), "C_Login");
		return true;
	}
	return false;
}

/* SoftHSM2 misses its token while other processes begin, too. */
void session_begin(const char *token)
{
	for (int tries = 0; !session_try(token); tries++) {
		must(tries < 1000 ? CKR_OK : CKR_TOKEN_NOT_PRESENT, token);
		must(p11->C_Finalize(NULL), "C_Finalize");
	}
}
