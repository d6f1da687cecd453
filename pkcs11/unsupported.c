// SPDX-License-Identifier: BSD-3-Clause
/* Functions that there are not: those for which PSA Crypto has nothing, and making objects. */
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

CK_RV C_CreateObject(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *templ, CK_ULONG count,
		     CK_OBJECT_HANDLE *object)
{
	(void)templ;
	(void)count;
	(void)object;
	return refuse("C_CreateObject", handle);
}

CK_RV C_CopyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE source, CK_ATTRIBUTE *templ,
		   CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	(void)source;
	(void)templ;
	(void)count;
	(void)object;
	return refuse("C_CopyObject", handle);
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object)
{
	(void)object;
	return refuse("C_DestroyObject", handle);
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *templ,
			  CK_ULONG count)
{
	(void)object;
	(void)templ;
	(void)count;
	return refuse("C_SetAttributeValue", handle);
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_ATTRIBUTE *templ,
		    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	(void)mechanism;
	(void)templ;
	(void)count;
	(void)key;
	return refuse("C_GenerateKey", handle);
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
			CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
			CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	(void)mechanism;
	(void)public;
	(void)public_count;
	(void)private;
	(void)private_count;
	(void)public_key;
	(void)private_key;
	return refuse("C_GenerateKeyPair", handle);
}

CK_RV C_WrapKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
		CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len)
{
	(void)mechanism;
	(void)wrapping;
	(void)key;
	(void)out;
	(void)out_len;
	return refuse("C_WrapKey", handle);
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping,
		  CK_BYTE *in, CK_ULONG in_len, CK_ATTRIBUTE *templ, CK_ULONG count,
		  CK_OBJECT_HANDLE *key)
{
	(void)mechanism;
	(void)unwrapping;
	(void)in;
	(void)in_len;
	(void)templ;
	(void)count;
	(void)key;
	return refuse("C_UnwrapKey", handle);
}

CK_RV C_DeriveKey(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
		  CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
	(void)mechanism;
	(void)base;
	(void)templ;
	(void)count;
	(void)key;
	return refuse("C_DeriveKey", handle);
}
