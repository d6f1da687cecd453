// SPDX-License-Identifier: BSD-3-Clause
#include "beside.h"
#include "p11.h"

#include <stdint.h>
#include <string.h>

#define COUNT(templ) (sizeof(templ) / sizeof((templ)[0]))

struct pair {
	CK_OBJECT_HANDLE public, private;
};

static struct pair p256, p384, rsa;
static CK_OBJECT_HANDLE aes;
static CK_BYTE point[65]; /* the public key of p256, uncompressed */
static CK_BYTE hash[48] = { 1 };
static struct signature {
	CK_BYTE bytes[256];
	CK_ULONG len;
} p256_signature, p384_signature, rsa_signature;
static CK_BYTE data[BESIDE_MIB], out[BESIDE_MIB + 16];
static CK_BBOOL yes = CK_TRUE;

static struct pair make_ec(CK_BYTE *curve, CK_ULONG curve_len, CK_BBOOL token)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_EC_KEY_PAIR_GEN };
	CK_ATTRIBUTE of_public[] = { { CKA_EC_PARAMS, curve, curve_len },
				     { CKA_TOKEN, &token, sizeof(token) },
				     { CKA_VERIFY, &yes, sizeof(yes) } };
	CK_ATTRIBUTE of_private[] = { { CKA_TOKEN, &token, sizeof(token) },
				      { CKA_SIGN, &yes, sizeof(yes) },
				      { CKA_DERIVE, &yes, sizeof(yes) } };
	struct pair pair;

	must(p11->C_GenerateKeyPair(session, &mechanism, of_public, COUNT(of_public), of_private,
				    COUNT(of_private), &pair.public, &pair.private),
	     "C_GenerateKeyPair");
	return pair;
}

static void destroy(struct pair pair)
{
	must(p11->C_DestroyObject(session, pair.public), "C_DestroyObject");
	must(p11->C_DestroyObject(session, pair.private), "C_DestroyObject");
}

static void sign(CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, CK_BYTE *in, CK_ULONG len,
		 struct signature *signature)
{
	CK_MECHANISM mechanism = { .mechanism = type };

	signature->len = sizeof(signature->bytes);
	must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
	must(p11->C_Sign(session, in, len, signature->bytes, &signature->len), "C_Sign");
}

static void verify(CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, CK_BYTE *in, CK_ULONG len,
		   struct signature *signature)
{
	CK_MECHANISM mechanism = { .mechanism = type };

	must(p11->C_VerifyInit(session, &mechanism, key), "C_VerifyInit");
	must(p11->C_Verify(session, in, len, signature->bytes, signature->len), "C_Verify");
}

static void p256_sign(void)
{
	sign(CKM_ECDSA, p256.private, hash, 32, &p256_signature);
}

static void p256_verify(void)
{
	verify(CKM_ECDSA, p256.public, hash, 32, &p256_signature);
}

static void p384_sign(void)
{
	sign(CKM_ECDSA, p384.private, hash, 48, &p384_signature);
}

static void p384_verify(void)
{
	verify(CKM_ECDSA, p384.public, hash, 48, &p384_signature);
}

/* With the hash of 32 bytes, which is what counts. */
static void rsa2048_sign(void)
{
	sign(CKM_SHA256_RSA_PKCS, rsa.private, hash, 32, &rsa_signature);
}

static void rsa2048_verify(void)
{
	verify(CKM_SHA256_RSA_PKCS, rsa.public, hash, 32, &rsa_signature);
}

static void p256_ecdh(void)
{
	CK_ECDH1_DERIVE_PARAMS params = { .kdf = CKD_NULL,
					  .ulPublicDataLen = sizeof(point),
					  .pPublicData = point };
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_ULONG len = 32;
	CK_ATTRIBUTE templ[] = { { CKA_CLASS, &class, sizeof(class) },
				 { CKA_KEY_TYPE, &type, sizeof(type) },
				 { CKA_VALUE_LEN, &len, sizeof(len) } };
	CK_OBJECT_HANDLE secret;

	must(p11->C_DeriveKey(session, &mechanism, p256.private, templ, COUNT(templ), &secret),
	     "C_DeriveKey");
	must(p11->C_DestroyObject(session, secret), "C_DestroyObject");
}

static void p256_key(void)
{
	destroy(make_ec(p11_p256, sizeof(p11_p256), CK_FALSE));
}

static void p256_kept(void)
{
	destroy(make_ec(p11_p256, sizeof(p11_p256), CK_TRUE));
}

static void sha256_1m(void)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_SHA256 };
	CK_ULONG len = 32;

	must(p11->C_DigestInit(session, &mechanism), "C_DigestInit");
	must(p11->C_Digest(session, data, sizeof(data), out, &len), "C_Digest");
}

static void aes256_gcm_1m(void)
{
	CK_BYTE nonce[12] = { 3 };
	CK_GCM_PARAMS params = {
		.pIv = nonce, .ulIvLen = sizeof(nonce), .ulIvBits = 96, .ulTagBits = 128
	};
	CK_MECHANISM mechanism = { CKM_AES_GCM, &params, sizeof(params) };
	CK_ULONG len = sizeof(out);

	must(p11->C_EncryptInit(session, &mechanism, aes), "C_EncryptInit");
	must(p11->C_Encrypt(session, data, sizeof(data), out, &len), "C_Encrypt");
}

const struct beside_row beside_pkcs11[] = {
	{ "p256_sign", p256_sign },	    { "p256_verify", p256_verify },
	{ "p384_sign", p384_sign },	    { "p384_verify", p384_verify },
	{ "rsa2048_sign", rsa2048_sign },   { "rsa2048_verify", rsa2048_verify },
	{ "p256_ecdh", p256_ecdh },	    { "p256_key", p256_key },
	{ "p256_kept", p256_kept },	    { "sha256_1m", sha256_1m },
	{ "aes256_gcm_1m", aes256_gcm_1m }, { NULL, NULL },
};

static void make_rsa(void)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN };
	CK_BYTE exponent[] = { 1, 0, 1 };
	CK_ULONG bits = 2048;
	CK_ATTRIBUTE of_public[] = { { CKA_MODULUS_BITS, &bits, sizeof(bits) },
				     { CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent) },
				     { CKA_VERIFY, &yes, sizeof(yes) } };
	CK_ATTRIBUTE of_private[] = { { CKA_SIGN, &yes, sizeof(yes) } };

	must(p11->C_GenerateKeyPair(session, &mechanism, of_public, COUNT(of_public), of_private,
				    COUNT(of_private), &rsa.public, &rsa.private),
	     "C_GenerateKeyPair");
}

static void make_aes(void)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_AES_KEY_GEN };
	CK_ULONG len = 32;
	CK_ATTRIBUTE templ[] = { { CKA_VALUE_LEN, &len, sizeof(len) },
				 { CKA_ENCRYPT, &yes, sizeof(yes) } };

	must(p11->C_GenerateKey(session, &mechanism, templ, COUNT(templ), &aes), "C_GenerateKey");
}

void beside_pkcs11_begin(const char *module, const char *token)
{
	CK_BYTE octets[2 + sizeof(point)];
	CK_ATTRIBUTE value = { CKA_EC_POINT, octets, sizeof(octets) };

	p11_load(module);
	session_begin(token);
	p256 = make_ec(p11_p256, sizeof(p11_p256), CK_FALSE);
	p384 = make_ec(p11_p384, sizeof(p11_p384), CK_FALSE);
	make_rsa();
	make_aes();
	must(p11->C_GetAttributeValue(session, p256.public, &value, 1), "C_GetAttributeValue");
	memcpy(point, octets + 2, sizeof(point));
	p256_sign();
	p384_sign();
	rsa2048_sign();
}
