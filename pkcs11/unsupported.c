// SPDX-License-Identifier: BSD-3-Clause
/* Functions for which PSA Crypto has nothing. */
#include "module.h"

static CK_RV refuse(const char *name, CK_SESSION_HANDLE handle)
{
	struct call call;
	CK_RV rv = call_begin_session(&call, name, handle);

	return call_end(&call, rv == CKR_OK ? CKR_FUNCTION_NOT_SUPPORTED : rv);
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	(void)mechanism;
	(void)key;
	return refuse("C_SignRecoverInit", handle);
}

CK_RV C_SignRecover(CK_SESSION_HANDLE handle, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
		    CK_ULONG *signature_len)
{
	(void)data;
	(void)len;
	(void)signature;
	(void)signature_len;
	return refuse("C_SignRecover", handle);
}

CK_RV C_VerifyRecoverInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	(void)mechanism;
	(void)key;
	return refuse("C_VerifyRecoverInit", handle);
}

CK_RV C_VerifyRecover(CK_SESSION_HANDLE handle, CK_BYTE *signature, CK_ULONG signature_len,
		      CK_BYTE *data, CK_ULONG *len)
{
	(void)signature;
	(void)signature_len;
	(void)data;
	(void)len;
	return refuse("C_VerifyRecover", handle);
}

CK_RV C_DigestEncryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
			    CK_ULONG *out_len)
{
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	return refuse("C_DigestEncryptUpdate", handle);
}

CK_RV C_DecryptDigestUpdate(CK_SESSION_HANDLE handle, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
			    CK_ULONG *out_len)
{
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	return refuse("C_DecryptDigestUpdate", handle);
}

CK_RV C_SignEncryptUpdate(CK_SESSION_HANDLE handle, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
			  CK_ULONG *out_len)
{
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	return refuse("C_SignEncryptUpdate", handle);
}

CK_RV C_DecryptVerifyUpdate(CK_SESSION_HANDLE handle, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
			    CK_ULONG *out_len)
{
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	return refuse("C_DecryptVerifyUpdate", handle);
}
