// SPDX-License-Identifier: BSD-3-Clause
/* The lists of functions: 2.40 and 3.0 (Base 3.0, 5.4.4 to 5.4.6). */
#include <string.h>

#include "module.h"

/* In the order of the standard; each list begins with its version and the functions of 2.40. */
/* clang-format off */
#define FUNCTIONS_2_40(F) \
	F(C_Initialize) \
	F(C_Finalize) \
	F(C_GetInfo) \
	F(C_GetFunctionList) \
	F(C_GetSlotList) \
	F(C_GetSlotInfo) \
	F(C_GetTokenInfo) \
	F(C_GetMechanismList) \
	F(C_GetMechanismInfo) \
	F(C_InitToken) \
	F(C_InitPIN) \
	F(C_SetPIN) \
	F(C_OpenSession) \
	F(C_CloseSession) \
	F(C_CloseAllSessions) \
	F(C_GetSessionInfo) \
	F(C_GetOperationState) \
	F(C_SetOperationState) \
	F(C_Login) \
	F(C_Logout) \
	F(C_CreateObject) \
	F(C_CopyObject) \
	F(C_DestroyObject) \
	F(C_GetObjectSize) \
	F(C_GetAttributeValue) \
	F(C_SetAttributeValue) \
	F(C_FindObjectsInit) \
	F(C_FindObjects) \
	F(C_FindObjectsFinal) \
	F(C_EncryptInit) \
	F(C_Encrypt) \
	F(C_EncryptUpdate) \
	F(C_EncryptFinal) \
	F(C_DecryptInit) \
	F(C_Decrypt) \
	F(C_DecryptUpdate) \
	F(C_DecryptFinal) \
	F(C_DigestInit) \
	F(C_Digest) \
	F(C_DigestUpdate) \
	F(C_DigestKey) \
	F(C_DigestFinal) \
	F(C_SignInit) \
	F(C_Sign) \
	F(C_SignUpdate) \
	F(C_SignFinal) \
	F(C_SignRecoverInit) \
	F(C_SignRecover) \
	F(C_VerifyInit) \
	F(C_Verify) \
	F(C_VerifyUpdate) \
	F(C_VerifyFinal) \
	F(C_VerifyRecoverInit) \
	F(C_VerifyRecover) \
	F(C_DigestEncryptUpdate) \
	F(C_DecryptDigestUpdate) \
	F(C_SignEncryptUpdate) \
	F(C_DecryptVerifyUpdate) \
	F(C_GenerateKey) \
	F(C_GenerateKeyPair) \
	F(C_WrapKey) \
	F(C_UnwrapKey) \
	F(C_DeriveKey) \
	F(C_SeedRandom) \
	F(C_GenerateRandom) \
	F(C_GetFunctionStatus) \
	F(C_CancelFunction) \
	F(C_WaitForSlotEvent)

#define FUNCTIONS_3_0(F) \
	F(C_GetInterfaceList) \
	F(C_GetInterface) \
	F(C_LoginUser) \
	F(C_SessionCancel) \
	F(C_MessageEncryptInit) \
	F(C_EncryptMessage) \
	F(C_EncryptMessageBegin) \
	F(C_EncryptMessageNext) \
	F(C_MessageEncryptFinal) \
	F(C_MessageDecryptInit) \
	F(C_DecryptMessage) \
	F(C_DecryptMessageBegin) \
	F(C_DecryptMessageNext) \
	F(C_MessageDecryptFinal) \
	F(C_MessageSignInit) \
	F(C_SignMessage) \
	F(C_SignMessageBegin) \
	F(C_SignMessageNext) \
	F(C_MessageSignFinal) \
	F(C_MessageVerifyInit) \
	F(C_VerifyMessage) \
	F(C_VerifyMessageBegin) \
	F(C_VerifyMessageNext) \
	F(C_MessageVerifyFinal)
/* clang-format on */

struct functions_3_0 {
	CK_VERSION version;
#define MEMBER(function) __typeof__(&(function)) function;
	FUNCTIONS_2_40(MEMBER)
	FUNCTIONS_3_0(MEMBER)
#undef MEMBER
};

#define VALUE(function) .function = function,
static CK_FUNCTION_LIST functions_2_40 = { .version = { 2, 40 }, FUNCTIONS_2_40(VALUE) };
static struct functions_3_0 functions_3_0 = { .version = { 3, 0 },
					      FUNCTIONS_2_40(VALUE) FUNCTIONS_3_0(VALUE) };
#undef VALUE

static char name[] = "PKCS 11";

static CK_INTERFACE interfaces[] = {
	{ name, &functions_3_0, 0 },
	{ name, &functions_2_40, 0 },
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (!list)
		return CKR_ARGUMENTS_BAD;
	*list = &functions_2_40;
	return CKR_OK;
}

CK_RV C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count)
{
	CK_RV rv = CKR_OK;

	if (!count)
		return CKR_ARGUMENTS_BAD;
	if (list && *count < COUNT(interfaces))
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list)
		memcpy(list, interfaces, sizeof(interfaces));
	*count = COUNT(interfaces);
	return rv;
}

CK_RV C_GetInterface(CK_UTF8CHAR *wanted, CK_VERSION *version, CK_INTERFACE **interface,
		     CK_FLAGS flags)
{
	if (!interface)
		return CKR_ARGUMENTS_BAD;
	*interface = NULL;
	if (wanted && strcmp((const char *)wanted, name) != 0)
		return CKR_ARGUMENTS_BAD;
	for (size_t i = 0; i < COUNT(interfaces); i++) {
		const CK_VERSION *has = interfaces[i].pFunctionList;

		if ((version && (version->major != has->major || version->minor != has->minor)) ||
		    (interfaces[i].flags & flags) != flags)
			continue;
		*interface = &interfaces[i];
		return CKR_OK;
	}
	return CKR_ARGUMENTS_BAD;
}
