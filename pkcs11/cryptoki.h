/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PKCS#11 3.0: p11-kit's header, which had 2.40 until its version 0.25, and what is new since (PKCS #11 Base and Current
 * Mechanisms Specification 3.0). Each addition is left out where the header has it.
 */
#ifndef PKCS11_CRYPTOKI_H
#define PKCS11_CRYPTOKI_H

#include <p11-kit/pkcs11.h>

#ifndef CKO_PROFILE
#define CKO_PROFILE		      0x09UL
#define CKA_PROFILE_ID		      0x601UL
#define CKP_BASELINE_PROVIDER	      0x01UL
#define CKP_EXTENDED_PROVIDER	      0x02UL
#define CKP_AUTHENTICATION_TOKEN      0x03UL
#define CKP_PUBLIC_CERTIFICATES_TOKEN 0x04UL
#endif
#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID 0x04UL
#endif
#ifndef CKK_EC_EDWARDS
#define CKK_EC_EDWARDS 0x40UL
#endif
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY 0x41UL
#endif
#ifndef CKK_CHACHA20
#define CKK_CHACHA20 0x33UL
#endif
#ifndef CKK_HKDF
#define CKK_HKDF 0x42UL
#endif
#ifndef CKK_SHA3_224_HMAC
#define CKK_SHA3_224_HMAC 0x36UL
#define CKK_SHA3_256_HMAC 0x37UL
#define CKK_SHA3_384_HMAC 0x38UL
#define CKK_SHA3_512_HMAC 0x39UL
#endif

#ifndef CKM_SHA3_256
#define CKM_SHA3_256		  0x2b0UL
#define CKM_SHA3_256_HMAC	  0x2b1UL
#define CKM_SHA3_256_HMAC_GENERAL 0x2b2UL
#define CKM_SHA3_224		  0x2b5UL
#define CKM_SHA3_224_HMAC	  0x2b6UL
#define CKM_SHA3_224_HMAC_GENERAL 0x2b7UL
#define CKM_SHA3_384		  0x2c0UL
#define CKM_SHA3_384_HMAC	  0x2c1UL
#define CKM_SHA3_384_HMAC_GENERAL 0x2c2UL
#define CKM_SHA3_512		  0x2d0UL
#define CKM_SHA3_512_HMAC	  0x2d1UL
#define CKM_SHA3_512_HMAC_GENERAL 0x2d2UL
#endif
#ifndef CKM_SHA3_256_RSA_PKCS
#define CKM_SHA3_256_RSA_PKCS	  0x60UL
#define CKM_SHA3_384_RSA_PKCS	  0x61UL
#define CKM_SHA3_512_RSA_PKCS	  0x62UL
#define CKM_SHA3_256_RSA_PKCS_PSS 0x63UL
#define CKM_SHA3_384_RSA_PKCS_PSS 0x64UL
#define CKM_SHA3_512_RSA_PKCS_PSS 0x65UL
#define CKM_SHA3_224_RSA_PKCS	  0x66UL
#define CKM_SHA3_224_RSA_PKCS_PSS 0x67UL
#endif
#ifndef CKM_ECDSA_SHA3_224
#define CKM_ECDSA_SHA3_224 0x1047UL
#define CKM_ECDSA_SHA3_256 0x1048UL
#define CKM_ECDSA_SHA3_384 0x1049UL
#define CKM_ECDSA_SHA3_512 0x104aUL
#endif
#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN 0x1056UL
#endif
#ifndef CKM_EDDSA
#define CKM_EC_EDWARDS_KEY_PAIR_GEN 0x1055UL
#define CKM_EDDSA		    0x1057UL
#endif
#ifndef CKM_CHACHA20_KEY_GEN
#define CKM_CHACHA20_KEY_GEN 0x1225UL
#endif
#ifndef CKM_CHACHA20_POLY1305
#define CKM_CHACHA20_POLY1305 0x4021UL
#endif
#ifndef CKM_HKDF_DERIVE
#define CKM_HKDF_DERIVE	 0x402aUL
#define CKM_HKDF_DATA	 0x402bUL
#define CKM_HKDF_KEY_GEN 0x402cUL
#endif
#ifndef CKG_MGF1_SHA3_224
#define CKG_MGF1_SHA3_224 0x06UL
#define CKG_MGF1_SHA3_256 0x07UL
#define CKG_MGF1_SHA3_384 0x08UL
#define CKG_MGF1_SHA3_512 0x09UL
#endif

#ifndef CKR_OPERATION_CANCEL_FAILED
#define CKR_OPERATION_CANCEL_FAILED 0x202UL
#endif
#ifndef CKR_AEAD_DECRYPT_FAILED
#define CKR_AEAD_DECRYPT_FAILED 0x42UL
#endif

#ifndef CKF_MESSAGE_ENCRYPT
#define CKF_MESSAGE_ENCRYPT	(1UL << 1)
#define CKF_MESSAGE_DECRYPT	(1UL << 2)
#define CKF_MESSAGE_SIGN	(1UL << 3)
#define CKF_MESSAGE_VERIFY	(1UL << 4)
#define CKF_MULTI_MESSAGE	(1UL << 5)
#define CKF_FIND_OBJECTS	(1UL << 6)
#define CKF_END_OF_MESSAGE	1UL
#define CKF_INTERFACE_FORK_SAFE 1UL
#endif

#ifndef CKF_HKDF_SALT_NULL
#define CKF_HKDF_SALT_NULL	 1UL
#define CKF_HKDF_SALT_DATA	 2UL
#define CKF_HKDF_SALT_KEY	 4UL
#define CKG_NO_GENERATE		 0UL
#define CKG_GENERATE		 1UL
#define CKG_GENERATE_COUNTER	 2UL
#define CKG_GENERATE_RANDOM	 3UL
#define CKG_GENERATE_COUNTER_XOR 4UL
#endif

/* PKCS #11 Specification 3.2, 6.67 (ML-DSA), 6.68 (ML-KEM) and 7 (numbers). */
#ifndef CKK_ML_DSA
#define CKK_ML_KEM		   0x49UL
#define CKK_ML_DSA		   0x4aUL
#define CKA_PARAMETER_SET	   0x61dUL
#define CKA_SEED		   0x637UL
#define CKM_ML_DSA_KEY_PAIR_GEN	   0x1cUL
#define CKM_ML_DSA		   0x1dUL
#define CKP_ML_DSA_44		   1UL
#define CKP_ML_DSA_65		   2UL
#define CKP_ML_DSA_87		   3UL
#define CKP_ML_KEM_512		   1UL
#define CKP_ML_KEM_768		   2UL
#define CKP_ML_KEM_1024		   3UL
#define CKH_HEDGE_PREFERRED	   0UL
#define CKH_HEDGE_REQUIRED	   1UL
#define CKH_DETERMINISTIC_REQUIRED 2UL
#endif

/* CK_SIGN_ADDITIONAL_CONTEXT */
struct cryptoki_sign_context {
	CK_ULONG hedgeVariant;
	CK_BYTE *pContext;
	CK_ULONG ulContextLen;
};

/* Parameters: PKCS #11 Current Mechanisms 3.0, sections 2.12, 2.13 and those of each mechanism. */
struct cryptoki_eddsa_params {
	CK_BBOOL phFlag;
	CK_ULONG ulContextDataLen;
	CK_BYTE *pContextData;
};

struct cryptoki_ccm_params {
	CK_ULONG ulDataLen;
	CK_BYTE *pNonce;
	CK_ULONG ulNonceLen;
	CK_BYTE *pAAD;
	CK_ULONG ulAADLen;
	CK_ULONG ulMACLen;
};

struct cryptoki_chacha_params {
	CK_BYTE *pNonce;
	CK_ULONG ulNonceLen;
	CK_BYTE *pAAD;
	CK_ULONG ulAADLen;
};

struct cryptoki_gcm_message {
	CK_BYTE *pIv;
	CK_ULONG ulIvLen;
	CK_ULONG ulIvFixedBits;
	CK_ULONG ivGenerator;
	CK_BYTE *pTag;
	CK_ULONG ulTagBits;
};

struct cryptoki_ccm_message {
	CK_ULONG ulDataLen;
	CK_BYTE *pNonce;
	CK_ULONG ulNonceLen;
	CK_ULONG ulNonceFixedBits;
	CK_ULONG nonceGenerator;
	CK_BYTE *pMAC;
	CK_ULONG ulMACLen;
};

struct cryptoki_chacha_message {
	CK_BYTE *pNonce;
	CK_ULONG ulNonceLen;
	CK_BYTE *pTag;
};

struct cryptoki_hkdf_params {
	CK_BBOOL bExtract;
	CK_BBOOL bExpand;
	CK_MECHANISM_TYPE prfHashMechanism;
	CK_ULONG ulSaltType;
	CK_BYTE *pSalt;
	CK_ULONG ulSaltLen;
	CK_OBJECT_HANDLE hSaltKey;
	CK_BYTE *pInfo;
	CK_ULONG ulInfoLen;
};

#if CRYPTOKI_VERSION_MAJOR < 3
typedef struct {
	char *pInterfaceName;
	void *pFunctionList;
	CK_FLAGS flags;
} CK_INTERFACE;

/* Functions of 3.0. */
CK_RV C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count);
CK_RV C_GetInterface(CK_UTF8CHAR *name, CK_VERSION *version, CK_INTERFACE **interface,
		     CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user_type, CK_UTF8CHAR *pin,
		  CK_ULONG pin_len, CK_UTF8CHAR *name, CK_ULONG name_len);
CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			   CK_OBJECT_HANDLE key);
CK_RV C_EncryptMessage(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
		       CK_BYTE *ad, CK_ULONG ad_len, CK_BYTE *plaintext, CK_ULONG plaintext_len,
		       CK_BYTE *ciphertext, CK_ULONG *ciphertext_len);
CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			    CK_BYTE *ad, CK_ULONG ad_len);
CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			   CK_BYTE *plaintext, CK_ULONG plaintext_len, CK_BYTE *ciphertext,
			   CK_ULONG *ciphertext_len, CK_FLAGS flags);
CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE session);
CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			   CK_OBJECT_HANDLE key);
CK_RV C_DecryptMessage(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
		       CK_BYTE *ad, CK_ULONG ad_len, CK_BYTE *ciphertext, CK_ULONG ciphertext_len,
		       CK_BYTE *plaintext, CK_ULONG *plaintext_len);
CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			    CK_BYTE *ad, CK_ULONG ad_len);
CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			   CK_BYTE *ciphertext, CK_ULONG ciphertext_len, CK_BYTE *plaintext,
			   CK_ULONG *plaintext_len, CK_FLAGS flags);
CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE session);
CK_RV C_MessageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV C_SignMessage(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
		    CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature, CK_ULONG *signature_len);
CK_RV C_SignMessageBegin(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len);
CK_RV C_SignMessageNext(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature,
			CK_ULONG *signature_len);
CK_RV C_MessageSignFinal(CK_SESSION_HANDLE session);
CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV C_VerifyMessage(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
		      CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature, CK_ULONG signature_len);
CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len);
CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE session, void *parameter, CK_ULONG parameter_len,
			  CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature,
			  CK_ULONG signature_len);
CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE session);
#endif

#endif /* PKCS11_CRYPTOKI_H */
