// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PKCS#11 module in a software world: what each function answers, in order and out of it, and
 * that keys of the PSA Crypto API and of PKCS#11 are the same ones.
 */
#include <psa/crypto-pqc.h>
#include <sys/wait.h>
#include <test/fork.h>
#include <tstee_crypto.h>
#include <unistd.h>

#include "module.h"

static const uint8_t message[] = "message";

/* A key as tstee key makes it. */
static void key_make(const char *name, psa_key_type_t type, size_t bits, psa_algorithm_t alg,
		     psa_key_usage_t usage)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	static mbedtls_svc_key_id_t next = 0x100;
	mbedtls_svc_key_id_t id;

	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes, usage);
	/* An earlier run's. */
	(void)psa_destroy_key(next);
	psa_set_key_id(&attributes, next++);
	assert_int_equal(psa_generate_key(&attributes, &id), PSA_SUCCESS);
	assert_int_equal(tstee_key_set_name(id, name), PSA_SUCCESS);
}

#define SIGNS                                                                               \
	(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_HASH | \
	 PSA_KEY_USAGE_VERIFY_MESSAGE)

static int setup(void **state)
{
	(void)state;
	setenv("TSTEE_LOGIN", "user", 1);
	module_load();
	assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
	key_make("ec", PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256,
		 PSA_ALG_ECDSA(PSA_ALG_ANY_HASH), SIGNS);
	key_make("pss", PSA_KEY_TYPE_RSA_KEY_PAIR, 1024, PSA_ALG_RSA_PSS(PSA_ALG_ANY_HASH), SIGNS);
	key_make("pkcs1", PSA_KEY_TYPE_RSA_KEY_PAIR, 1024,
		 PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH), SIGNS);
	key_make("gcm", PSA_KEY_TYPE_AES, 128, PSA_ALG_GCM,
		 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
	key_make("cbc", PSA_KEY_TYPE_AES, 256, PSA_ALG_CBC_PKCS7,
		 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
	key_make("hmac", PSA_KEY_TYPE_HMAC, 256, PSA_ALG_HMAC(PSA_ALG_SHA_256), SIGNS);
	return 0;
}

static void nothing_works_before_initialize(void **state)
{
	CK_SESSION_HANDLE session;
	CK_ULONG count = 0;
	CK_INFO info;

	(void)state;
	assert_int_equal(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_GetSlotList(0, NULL, &count), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session),
			 CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_Sign(1, NULL, 0, NULL, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_CloseSession(1), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static CK_RV no_mutex(void *mutex)
{
	(void)mutex;
	return CKR_OK;
}

static CK_RV no_create(void **mutex)
{
	(void)mutex;
	return CKR_OK;
}

static void initialize_judges_its_arguments(void **state)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	(void)state;
	args.pReserved = &args;
	assert_int_equal(p11->C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args.pReserved = NULL;
	args.CreateMutex = no_create;
	assert_int_equal(p11->C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args.DestroyMutex = no_mutex;
	args.LockMutex = no_mutex;
	args.UnlockMutex = no_mutex;
	args.flags = 0;
	assert_int_equal(p11->C_Initialize(&args), CKR_CANT_LOCK);
	args.flags = CKF_OS_LOCKING_OK;
	assert_int_equal(p11->C_Initialize(&args), CKR_OK);
	assert_int_equal(p11->C_Initialize(&args), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	assert_int_equal(p11->C_Finalize(&args), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
	assert_int_equal(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void interfaces_are_those_of_3_0_and_2_40(void **state)
{
	CK_RV(*get)
	(CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS) =
		(CK_RV(*)(CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS))dlsym(
			module_file, "C_GetInterface");
	CK_VERSION version = { 2, 40 };
	CK_INTERFACE *interface;

	(void)state;
	assert_non_null(get);
	assert_int_equal(get(NULL, NULL, &interface, 0), CKR_OK);
	assert_int_equal(((CK_VERSION *)interface->pFunctionList)->major, 3);
	assert_int_equal(get((CK_UTF8CHAR *)"PKCS 11", &version, &interface, 0), CKR_OK);
	assert_int_equal(((CK_VERSION *)interface->pFunctionList)->major, 2);
	version.minor = 41;
	assert_int_equal(get(NULL, &version, &interface, 0), CKR_ARGUMENTS_BAD);
	assert_int_equal(get((CK_UTF8CHAR *)"other", NULL, &interface, 0), CKR_ARGUMENTS_BAD);
	assert_int_equal(get(NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
}

static void the_token_needs_no_login(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_UTF8CHAR pin[] = "any";
	CK_TOKEN_INFO token;

	(void)state;
	assert_int_equal(p11->C_GetTokenInfo(first_slot(), &token), CKR_OK);
	assert_false(token.flags & CKF_LOGIN_REQUIRED);
	assert_true(token.flags & CKF_TOKEN_INITIALIZED);
	assert_int_equal(token.ulMaxSessionCount, CK_EFFECTIVELY_INFINITE);
	assert_int_equal(p11->C_Logout(session), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(p11->C_Login(session, CKU_USER, pin, 3), CKR_OK);
	assert_int_equal(p11->C_Login(session, CKU_USER, pin, 3), CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(p11->C_Login(session, CKU_SO, pin, 3), CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
	assert_int_equal(p11->C_Login(session, 99, pin, 3), CKR_USER_TYPE_INVALID);
	assert_int_equal(p11->C_Logout(session), CKR_OK);
	assert_int_equal(p11->C_GetTokenInfo(1, &token), CKR_SLOT_ID_INVALID);
}

/* Signs by the key @label, and verifies by its public half and by libtstee. */
static void sign_and_verify(const char *label, CK_MECHANISM *mechanism, psa_algorithm_t alg)
{
	CK_SESSION_HANDLE session = session_open(0);
	uint8_t signature[512], again[512];
	CK_ULONG len = 0, again_len = sizeof(again);
	CK_OBJECT_HANDLE private = object_find(session, CKO_PRIVATE_KEY, label);
	CK_OBJECT_HANDLE public = object_find(session, CKO_PUBLIC_KEY, label);
	mbedtls_svc_key_id_t id;

	assert_true(private && public);
	assert_int_equal(p11->C_SignInit(session, mechanism, public),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(p11->C_SignInit(session, mechanism, private), CKR_OK);
	assert_int_equal(p11->C_SignInit(session, mechanism, private), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_Sign(session, (void *)message, sizeof(message), NULL, &len),
			 CKR_OK);
	assert_true(len && len <= sizeof(signature));
	len--;
	assert_int_equal(p11->C_Sign(session, (void *)message, sizeof(message), signature, &len),
			 CKR_BUFFER_TOO_SMALL);
	assert_int_equal(p11->C_Sign(session, (void *)message, sizeof(message), signature, &len),
			 CKR_OK);
	assert_int_equal(p11->C_Sign(session, (void *)message, sizeof(message), signature, &len),
			 CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(tstee_key_find(label, &id), PSA_SUCCESS);
	assert_int_equal(psa_verify_message(id, alg, message, sizeof(message), signature, len),
			 PSA_SUCCESS);
	assert_int_equal(p11->C_VerifyInit(session, mechanism, public), CKR_OK);
	assert_int_equal(p11->C_VerifyUpdate(session, (void *)message, 3), CKR_OK);
	assert_int_equal(p11->C_VerifyUpdate(session, (void *)(message + 3), sizeof(message) - 3),
			 CKR_OK);
	assert_int_equal(p11->C_VerifyFinal(session, signature, len), CKR_OK);

	/* Longer than what is kept: hashed in the partition. */
	assert_int_equal(p11->C_SignInit(session, mechanism, private), CKR_OK);
	for (int i = 0; i < 3; i++) {
		static uint8_t data[40000];

		assert_int_equal(p11->C_SignUpdate(session, data, sizeof(data)), CKR_OK);
	}
	assert_int_equal(p11->C_SignFinal(session, again, &again_len), CKR_OK);
	assert_int_equal(p11->C_VerifyInit(session, mechanism, public), CKR_OK);
	static uint8_t all[120000];
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), again, again_len), CKR_OK);
	again[5] ^= 1;
	assert_int_equal(p11->C_VerifyInit(session, mechanism, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), again, again_len),
			 CKR_SIGNATURE_INVALID);
	assert_int_equal(p11->C_VerifyInit(session, mechanism, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), again, again_len - 1),
			 CKR_SIGNATURE_LEN_RANGE);
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
}

static void keys_of_tstee_sign(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_MECHANISM ecdsa = { .mechanism = CKM_ECDSA_SHA256 };
	CK_MECHANISM pkcs1 = { .mechanism = CKM_SHA512_RSA_PKCS };
	CK_MECHANISM pss = { CKM_SHA256_RSA_PKCS_PSS, &params, sizeof(params) };

	(void)state;
	sign_and_verify("ec", &ecdsa, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
	sign_and_verify("pkcs1", &pkcs1, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_512));
	sign_and_verify("pss", &pss, PSA_ALG_RSA_PSS(PSA_ALG_SHA_256));
}

/* A hash of any length: as short and as long as nobody's. */
static void ecdsa_signs_what_it_is_given(void **state)
{
	static const size_t lens[] = { 1, 19, 20, 21, 31, 32, 33, 48, 64, 65, 512 };
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE private = object_find(session, CKO_PRIVATE_KEY, "ec");
	CK_OBJECT_HANDLE public = object_find(session, CKO_PUBLIC_KEY, "ec");
	CK_MECHANISM mechanism = { .mechanism = CKM_ECDSA };
	uint8_t hash[512], signature[64];
	CK_ULONG len;

	(void)state;
	memset(hash, 0xa5, sizeof(hash));
	for (size_t i = 0; i < COUNT(lens); i++) {
		len = sizeof(signature);
		assert_int_equal(p11->C_SignInit(session, &mechanism, private), CKR_OK);
		assert_int_equal(p11->C_Sign(session, hash, lens[i], signature, &len), CKR_OK);
		assert_int_equal(p11->C_VerifyInit(session, &mechanism, public), CKR_OK);
		assert_int_equal(p11->C_Verify(session, hash, lens[i], signature, len), CKR_OK);
	}
	/* The 32 first bytes are what counts on this curve. */
	assert_int_equal(p11->C_VerifyInit(session, &mechanism, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, hash, 32, signature, len), CKR_OK);
	assert_int_equal(p11->C_VerifyInit(session, &mechanism, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, hash, 31, signature, len), CKR_SIGNATURE_INVALID);
	assert_int_equal(p11->C_SignInit(session, &mechanism, private), CKR_OK);
	assert_int_equal(p11->C_Sign(session, hash, 0, signature, &len), CKR_DATA_LEN_RANGE);
}

/* Each value by itself, and all others told though one can't be. */
static void attributes_come_one_by_one(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE private = object_find(session, CKO_PRIVATE_KEY, "ec");
	CK_BBOOL always = CK_TRUE, sensitive = CK_FALSE;
	uint8_t value[66], params[16], point[80], small[1];
	CK_ATTRIBUTE templ[] = {
		{ CKA_VALUE, value, sizeof(value) },
		{ CKA_ALWAYS_AUTHENTICATE, &always, sizeof(always) },
		{ CKA_EC_PARAMS, params, sizeof(params) },
		{ CKA_MODULUS, value, sizeof(value) },
		{ CKA_SENSITIVE, &sensitive, sizeof(sensitive) },
		{ CKA_EC_POINT, NULL, 0 },
		{ CKA_LABEL, small, sizeof(small) },
	};

	(void)state;
	assert_int_equal(p11->C_GetAttributeValue(session, private, templ, COUNT(templ)),
			 CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(templ[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(always, CK_FALSE);
	assert_int_equal(templ[2].ulValueLen, 10);
	assert_int_equal(templ[3].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(sensitive, CK_TRUE);
	assert_int_equal(templ[5].ulValueLen, 67);
	assert_int_equal(templ[6].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	templ[5] = (CK_ATTRIBUTE){ CKA_EC_POINT, point, sizeof(point) };
	assert_int_equal(p11->C_GetAttributeValue(session, private, &templ[5], 1), CKR_OK);
	assert_int_equal(point[0], 4);
	assert_int_equal(point[1], 65);
	assert_int_equal(p11->C_GetAttributeValue(session, 0, templ, 1), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(p11->C_GetAttributeValue(session, private, NULL, 1), CKR_ARGUMENTS_BAD);
}

/* Encrypts and decrypts @len bytes in one piece and in parts of @part, in all combinations. */
static void crypt_all_ways(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
			   size_t len, size_t part)
{
	static uint8_t plain[70000], one[70064], parts[70064], back[70064];
	CK_ULONG one_len = sizeof(one), parts_len = 0, back_len, more;

	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)i;
	assert_int_equal(p11->C_EncryptInit(session, mechanism, key), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, plain, len, one, &one_len), CKR_OK);
	assert_int_equal(p11->C_EncryptInit(session, mechanism, key), CKR_OK);
	for (size_t done = 0; done < len; done += part) {
		more = sizeof(parts) - parts_len;
		assert_int_equal(p11->C_EncryptUpdate(session, plain + done,
						      len - done < part ? len - done : part,
						      parts + parts_len, &more),
				 CKR_OK);
		parts_len += more;
	}
	more = sizeof(parts) - parts_len;
	assert_int_equal(p11->C_EncryptFinal(session, parts + parts_len, &more), CKR_OK);
	parts_len += more;
	assert_int_equal(parts_len, one_len);
	assert_memory_equal(parts, one, one_len);

	back_len = sizeof(back);
	assert_int_equal(p11->C_DecryptInit(session, mechanism, key), CKR_OK);
	assert_int_equal(p11->C_Decrypt(session, one, one_len, back, &back_len), CKR_OK);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, plain, len);
	back_len = 0;
	assert_int_equal(p11->C_DecryptInit(session, mechanism, key), CKR_OK);
	for (size_t done = 0; done < one_len; done += part) {
		more = sizeof(back) - back_len;
		assert_int_equal(p11->C_DecryptUpdate(session, one + done,
						      one_len - done < part ? one_len - done : part,
						      back + back_len, &more),
				 CKR_OK);
		back_len += more;
	}
	more = sizeof(back) - back_len;
	assert_int_equal(p11->C_DecryptFinal(session, back + back_len, &more), CKR_OK);
	back_len += more;
	assert_int_equal(back_len, len);
	assert_memory_equal(back, plain, len);
}

static void ciphers_are_the_same_in_parts(void **state)
{
	static const size_t lens[] = { 0, 1, 15, 16, 17, 31, 32, 33, 1000, 70000 };
	static const size_t parts[] = { 1, 7, 16, 20, 100, 65536 };
	CK_SESSION_HANDLE session = session_open(0);
	uint8_t iv[16] = { 1 };
	CK_GCM_PARAMS params = { iv, 12, 96, (void *)message, sizeof(message), 128 };
	CK_MECHANISM gcm = { CKM_AES_GCM, &params, sizeof(params) };
	CK_MECHANISM cbc = { CKM_AES_CBC_PAD, iv, sizeof(iv) };

	(void)state;
	for (size_t i = 0; i < COUNT(lens); i++) {
		for (size_t j = 0; j < COUNT(parts); j++) {
			if (lens[i] / parts[j] > 1000)
				continue;
			crypt_all_ways(session, &gcm, object_find(session, CKO_SECRET_KEY, "gcm"),
				       lens[i], parts[j]);
			crypt_all_ways(session, &cbc, object_find(session, CKO_SECRET_KEY, "cbc"),
				       lens[i], parts[j]);
		}
	}
}

/* A plaintext's length is known only when it is there; the caller then gets it with more room. */
static void a_short_buffer_loses_no_plaintext(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE key = object_find(session, CKO_SECRET_KEY, "cbc");
	uint8_t iv[16] = { 1 }, cipher[16], plain[16];
	CK_MECHANISM cbc = { CKM_AES_CBC_PAD, iv, sizeof(iv) };
	CK_ULONG len = sizeof(cipher);

	(void)state;
	assert_int_equal(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, (void *)message, 5, cipher, &len), CKR_OK);
	assert_int_equal(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
	len = 4;
	assert_int_equal(p11->C_Decrypt(session, cipher, 16, plain, &len), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(len, 5);
	assert_int_equal(p11->C_Decrypt(session, cipher, 16, plain, &len), CKR_OK);
	assert_memory_equal(plain, message, 5);
}

static void a_spoiled_ciphertext_is_refused(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE key = object_find(session, CKO_SECRET_KEY, "gcm");
	uint8_t iv[12] = { 1 }, cipher[32], plain[32];
	CK_GCM_PARAMS params = { iv, 12, 96, NULL, 0, 128 };
	CK_MECHANISM gcm = { CKM_AES_GCM, &params, sizeof(params) };
	CK_ULONG len = sizeof(cipher), plain_len = sizeof(plain);

	(void)state;
	assert_int_equal(p11->C_EncryptInit(session, &gcm, key), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, (void *)message, 8, cipher, &len), CKR_OK);
	cipher[0] ^= 1;
	assert_int_equal(p11->C_DecryptInit(session, &gcm, key), CKR_OK);
	assert_int_equal(p11->C_Decrypt(session, cipher, len, plain, &plain_len),
			 CKR_ENCRYPTED_DATA_INVALID);
	params.ulTagBits = 7;
	assert_int_equal(p11->C_EncryptInit(session, &gcm, key), CKR_MECHANISM_PARAM_INVALID);
	gcm.ulParameterLen--;
	assert_int_equal(p11->C_EncryptInit(session, &gcm, key), CKR_MECHANISM_PARAM_INVALID);
	gcm.pParameter = NULL;
	assert_int_equal(p11->C_EncryptInit(session, &gcm, key), CKR_MECHANISM_PARAM_INVALID);
	gcm.mechanism = CKM_AES_CBC;
	assert_int_equal(p11->C_EncryptInit(session, &gcm, key), CKR_MECHANISM_PARAM_INVALID);
}

static void hashes_are_the_same_in_parts(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM sha256 = { .mechanism = CKM_SHA256 };
	static uint8_t data[100000];
	uint8_t expected[32], got[32];
	CK_ULONG len = sizeof(got);
	size_t expected_len;

	(void)state;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, data, sizeof(data), expected,
					  sizeof(expected), &expected_len),
			 PSA_SUCCESS);
	assert_int_equal(p11->C_DigestInit(session, &sha256), CKR_OK);
	assert_int_equal(p11->C_Digest(session, data, sizeof(data), got, &len), CKR_OK);
	assert_memory_equal(got, expected, 32);
	assert_int_equal(p11->C_DigestInit(session, &sha256), CKR_OK);
	assert_int_equal(p11->C_DigestUpdate(session, data, 40000), CKR_OK);
	assert_int_equal(p11->C_Digest(session, data, 60000, got, &len), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_DigestInit(session, &sha256), CKR_OK);
	assert_int_equal(p11->C_DigestUpdate(session, data, 40000), CKR_OK);
	assert_int_equal(p11->C_DigestUpdate(session, data, 60000), CKR_OK);
	assert_int_equal(p11->C_DigestFinal(session, got, &len), CKR_OK);
	assert_memory_equal(got, expected, 32);
}

/* In the child nothing is there until it initializes; the parent's session is its own. */
static void a_child_begins_anew(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_SESSION_INFO info;
	int status;
	pid_t child;

	(void)state;
	child = fork_alone();
	if (!child) {
		uint8_t random[8];

		if (p11->C_GetSessionInfo(session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED ||
		    p11->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED ||
		    p11->C_Initialize(NULL) != CKR_OK ||
		    p11->C_GetSessionInfo(session, &info) != CKR_SESSION_HANDLE_INVALID)
			_exit(1);
		session = session_open(0);
		if (p11->C_GenerateRandom(session, random, sizeof(random)) != CKR_OK ||
		    !object_find(session, CKO_PRIVATE_KEY, "ec") || p11->C_Finalize(NULL) != CKR_OK)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(p11->C_GetSessionInfo(session, &info), CKR_OK);
}

static CK_OBJECT_CLASS class_private = CKO_PRIVATE_KEY, class_public = CKO_PUBLIC_KEY,
		       class_secret = CKO_SECRET_KEY, class_data = CKO_DATA;

#define TEXT(type, literal)                                  \
	{                                                    \
		type, (void *)(literal), sizeof(literal) - 1 \
	}

static bool truth(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL value = 77;
	CK_ATTRIBUTE a = A(type, value);

	assert_int_equal(p11->C_GetAttributeValue(session, object, &a, 1), CKR_OK);
	assert_true(value == CK_TRUE || value == CK_FALSE);
	return value;
}

/* A pair with the label on the token, or in the session. */
static void pair_make(CK_SESSION_HANDLE session, const char *label, CK_BBOOL *token,
		      CK_BBOOL *derive, CK_OBJECT_HANDLE *public, CK_OBJECT_HANDLE *private)
{
	CK_ATTRIBUTE of_public[] = {
		A(CKA_EC_PARAMS, p256),
		{ CKA_TOKEN, token, 1 },
		{ CKA_LABEL, (void *)label, strlen(label) },
		TEXT(CKA_ID, "id"),
		A(CKA_VERIFY, yes),
	};
	CK_ATTRIBUTE of_private[] = {
		{ CKA_TOKEN, token, 1 },   { CKA_LABEL, (void *)label, strlen(label) },
		TEXT(CKA_ID, "id"),	   A(CKA_SIGN, yes),
		{ CKA_DERIVE, derive, 1 },
	};
	CK_MECHANISM mechanism = { .mechanism = CKM_EC_KEY_PAIR_GEN };

	assert_int_equal(p11->C_GenerateKeyPair(session, &mechanism, of_public, COUNT(of_public),
						of_private, COUNT(of_private), public, private),
			 CKR_OK);
}

static void what_is_made_is_there_for_all(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION), other = session_open(0);
	CK_OBJECT_HANDLE public, private;
	mbedtls_svc_key_id_t id;
	CK_ATTRIBUTE label = TEXT(CKA_LABEL, "renamed");
	uint8_t text[20];
	CK_ATTRIBUTE get = { CKA_ID, text, sizeof(text) };

	(void)state;
	pair_make(session, "made", &yes, &no, &public, &private);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "made"), private);
	assert_int_equal(object_find(other, CKO_PUBLIC_KEY, "made"), public);
	assert_int_equal(p11->C_GetAttributeValue(other, public, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, 2);
	assert_true(truth(other, private, CKA_LOCAL));
	assert_true(truth(other, private, CKA_SENSITIVE));
	assert_true(truth(other, private, CKA_NEVER_EXTRACTABLE));
	/* For the PSA Crypto API it has the label as its name, and the reverse. */
	assert_int_equal(tstee_key_find("made", &id), PSA_SUCCESS);
	assert_int_equal(p11->C_SetAttributeValue(other, private, &label, 1),
			 CKR_SESSION_READ_ONLY);
	assert_int_equal(p11->C_SetAttributeValue(session, private, &label, 1), CKR_OK);
	assert_int_equal(tstee_key_find("renamed", &id), PSA_SUCCESS);
	assert_int_equal(tstee_key_set_name(id, "once more"), PSA_SUCCESS);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "once more"), private);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "renamed"), 0);
	assert_int_equal(psa_destroy_key(id), PSA_SUCCESS);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "once more"), 0);
	assert_int_equal(p11->C_GetAttributeValue(other, private, &get, 1),
			 CKR_OBJECT_HANDLE_INVALID);
}

/* Names are one key's only, labels are not. */
static void labels_may_be_the_same(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE public, private, second_public, second, found[3];
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_private), TEXT(CKA_LABEL, "twin") };
	CK_ULONG count;

	(void)state;
	pair_make(session, "twin", &yes, &no, &public, &private);
	pair_make(session, "twin", &yes, &no, &second_public, &second);
	assert_int_equal(p11->C_FindObjectsInit(session, templ, COUNT(templ)), CKR_OK);
	assert_int_equal(p11->C_FindObjects(session, found, COUNT(found), &count), CKR_OK);
	assert_int_equal(p11->C_FindObjectsFinal(session), CKR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(p11->C_DestroyObject(session, private), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, second), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, second), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "twin"), 0);
}

static void session_objects_end_with_their_session(void **state)
{
	CK_SESSION_HANDLE session = session_open(0), other = session_open(0);
	CK_OBJECT_HANDLE public, private;
	CK_BBOOL token;
	CK_ATTRIBUTE get = A(CKA_TOKEN, token);

	(void)state;
	pair_make(session, "passing", &no, &no, &public, &private);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "passing"), private);
	assert_false(truth(other, private, CKA_TOKEN));
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
	assert_int_equal(object_find(other, CKO_PRIVATE_KEY, "passing"), 0);
	assert_int_equal(p11->C_GetAttributeValue(other, private, &get, 1),
			 CKR_OBJECT_HANDLE_INVALID);
}

/* Two sides agree on the same key, which may be read only if it was so asked for. */
static void ecdh_makes_a_key(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE public[2], private[2], secret[3];
	uint8_t point[2][80], value[2][32];
	CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
	CK_ULONG len = 32;
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_secret), A(CKA_KEY_TYPE, generic),
				 A(CKA_VALUE_LEN, len), A(CKA_SENSITIVE, no),
				 A(CKA_EXTRACTABLE, yes) };

	(void)state;
	for (int i = 0; i < 2; i++) {
		CK_ATTRIBUTE get = { CKA_EC_POINT, point[i], sizeof(point[i]) };

		pair_make(session, "agree", &no, &yes, &public[i], &private[i]);
		assert_int_equal(p11->C_GetAttributeValue(session, public[i], &get, 1), CKR_OK);
	}
	for (int i = 0; i < 2; i++) {
		CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 65, point[1 - i] + 2 };
		CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
		CK_ATTRIBUTE get = { CKA_VALUE, value[i], sizeof(value[i]) };

		assert_int_equal(p11->C_DeriveKey(session, &mechanism, private[i], templ,
						  COUNT(templ), &secret[i]),
				 CKR_OK);
		assert_int_equal(p11->C_GetAttributeValue(session, secret[i], &get, 1), CKR_OK);
		assert_int_equal(
			p11->C_DeriveKey(session, &mechanism, private[i], templ, 3, &secret[2]),
			CKR_OK);
		assert_int_equal(p11->C_GetAttributeValue(session, secret[2], &get, 1),
				 CKR_ATTRIBUTE_SENSITIVE);
		params.ulPublicDataLen--;
		assert_int_equal(p11->C_DeriveKey(session, &mechanism, private[i], templ,
						  COUNT(templ), &secret[2]),
				 CKR_MECHANISM_PARAM_INVALID);
	}
	assert_memory_equal(value[0], value[1], 32);
	/* And the same key signs as well. */
	CK_MECHANISM ecdsa = { .mechanism = CKM_ECDSA };
	uint8_t signature[64];

	len = sizeof(signature);
	assert_int_equal(p11->C_SignInit(session, &ecdsa, private[0]), CKR_OK);
	assert_int_equal(p11->C_Sign(session, value[0], 32, signature, &len), CKR_OK);
}

static CK_OBJECT_HANDLE aes_make(CK_SESSION_HANDLE session, CK_BBOOL *extractable, CK_BBOOL *wraps)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_AES_KEY_GEN };
	CK_ULONG len = 32;
	CK_ATTRIBUTE templ[] = { A(CKA_VALUE_LEN, len),	 { CKA_EXTRACTABLE, extractable, 1 },
				 { CKA_WRAP, wraps, 1 }, { CKA_UNWRAP, wraps, 1 },
				 A(CKA_ENCRYPT, yes),	 A(CKA_DECRYPT, yes),
				 A(CKA_SIGN, yes) };
	CK_OBJECT_HANDLE key;

	assert_int_equal(p11->C_GenerateKey(session, &mechanism, templ, COUNT(templ), &key),
			 CKR_OK);
	return key;
}

/* A sensitive key that is extractable goes out encrypted and never as it is. */
static void keys_are_wrapped_in_the_partition(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE wrapping = aes_make(session, &no, &yes);
	CK_OBJECT_HANDLE key = aes_make(session, &yes, &no), stays = aes_make(session, &no, &no);
	CK_OBJECT_HANDLE back;
	uint8_t iv[16] = { 1 }, wrapped[64], plain[32], one[32], two[32];
	CK_MECHANISM cbc = { CKM_AES_CBC_PAD, iv, sizeof(iv) }, ecb = { .mechanism = CKM_AES_ECB };
	CK_KEY_TYPE aes = CKK_AES;
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_secret), A(CKA_KEY_TYPE, aes),
				 A(CKA_ENCRYPT, yes) };
	CK_ATTRIBUTE get = A(CKA_VALUE, plain);
	CK_ULONG len = 0, out;

	(void)state;
	assert_int_equal(p11->C_GetAttributeValue(session, key, &get, 1), CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(p11->C_WrapKey(session, &cbc, wrapping, stays, wrapped, &len),
			 CKR_KEY_UNEXTRACTABLE);
	assert_int_equal(p11->C_WrapKey(session, &cbc, stays, key, wrapped, &len),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(p11->C_WrapKey(session, &cbc, wrapping, key, NULL, &len), CKR_OK);
	assert_int_equal(len, 48);
	assert_int_equal(p11->C_WrapKey(session, &cbc, wrapping, key, wrapped, &len), CKR_OK);
	assert_int_equal(
		p11->C_UnwrapKey(session, &cbc, stays, wrapped, len, templ, COUNT(templ), &back),
		CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(
		p11->C_UnwrapKey(session, &cbc, wrapping, wrapped, len, templ, COUNT(templ), &back),
		CKR_OK);
	out = sizeof(one);
	assert_int_equal(p11->C_EncryptInit(session, &ecb, key), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, iv, sizeof(iv), one, &out), CKR_OK);
	out = sizeof(two);
	assert_int_equal(p11->C_EncryptInit(session, &ecb, back), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, iv, sizeof(iv), two, &out), CKR_OK);
	assert_memory_equal(one, two, 16);
	/* One key, many algorithms; but not those of other types. */
	CK_MECHANISM cmac = { .mechanism = CKM_AES_CMAC }, hmac = { .mechanism = CKM_SHA256_HMAC };

	assert_int_equal(p11->C_SignInit(session, &cmac, key), CKR_OK);
	out = sizeof(one);
	assert_int_equal(p11->C_Sign(session, iv, 5, one, &out), CKR_OK);
	assert_int_equal(out, 16);
	assert_int_equal(p11->C_SignInit(session, &hmac, key), CKR_KEY_TYPE_INCONSISTENT);
	wrapped[0] ^= 1;
	wrapped[47] ^= 1;
	assert_int_equal(
		p11->C_UnwrapKey(session, &cbc, wrapping, wrapped, len, templ, COUNT(templ), &back),
		CKR_WRAPPED_KEY_INVALID);
}

/* Of two restrictions by the owner the partition keeps one, the module the other. */
static void allowed_mechanisms_are_the_only_ones(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM generate = { .mechanism = CKM_AES_KEY_GEN };
	CK_MECHANISM cmac = { .mechanism = CKM_AES_CMAC }, ecb = { .mechanism = CKM_AES_ECB };
	CK_MECHANISM_TYPE allowed = CKM_AES_CMAC;
	CK_ULONG len = 16;
	CK_ATTRIBUTE templ[] = { A(CKA_VALUE_LEN, len), A(CKA_ALLOWED_MECHANISMS, allowed) };
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_int_equal(p11->C_GenerateKey(session, &generate, templ, COUNT(templ), &key), CKR_OK);
	assert_int_equal(p11->C_SignInit(session, &cmac, key), CKR_OK);
	assert_false(truth(session, key, CKA_ENCRYPT));
	assert_int_equal(p11->C_EncryptInit(session, &ecb, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
}

/* What a template says of one usage speaks for those that it doesn't name, or against them. */
static void an_aes_key_for_encryption_makes_no_macs(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM generate = { .mechanism = CKM_AES_KEY_GEN };
	CK_MECHANISM cmac = { .mechanism = CKM_AES_CMAC };
	CK_ULONG len = 16;
	CK_ATTRIBUTE templ[] = { A(CKA_VALUE_LEN, len), A(CKA_ENCRYPT, yes) };
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_int_equal(p11->C_GenerateKey(session, &generate, templ, 2, &key), CKR_OK);
	assert_false(truth(session, key, CKA_SIGN));
	assert_false(truth(session, key, CKA_VERIFY));
	assert_int_equal(p11->C_SignInit(session, &cmac, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(p11->C_GenerateKey(session, &generate, templ, 1, &key), CKR_OK);
	assert_true(truth(session, key, CKA_SIGN));
	assert_true(truth(session, key, CKA_DECRYPT));
}

/* RFC 8032, 7.1, test 2, imported in the forms that there are; and one drawn here. */
static void ed25519_signs_whole_messages(void **state)
{
	static uint8_t seed[] = { 0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
				  0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
				  0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb };
	static const uint8_t expected[] = { 0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8 };
	static uint8_t name[] = "\x13\x0c"
				"edwards25519",
		       oid[] = { 6, 3, 0x2b, 0x65, 0x70 }, x25519[] = { 6, 3, 0x2b, 0x65, 0x6e };
	CK_SESSION_HANDLE session = session_open(0);
	CK_KEY_TYPE edwards = CKK_EC_EDWARDS, montgomery = CKK_EC_MONTGOMERY, got;
	CK_ATTRIBUTE import[] = { A(CKA_CLASS, class_private), A(CKA_KEY_TYPE, edwards),
				  A(CKA_EC_PARAMS, oid), A(CKA_VALUE, seed) };
	CK_ATTRIBUTE of_public[] = { { CKA_EC_PARAMS, name, sizeof(name) - 1 } };
	CK_MECHANISM generate = { .mechanism = CKM_EC_EDWARDS_KEY_PAIR_GEN };
	struct cryptoki_eddsa_params params = { 0 };
	CK_MECHANISM eddsa = { .mechanism = CKM_EDDSA }, ecdsa = { .mechanism = CKM_ECDSA };
	CK_OBJECT_HANDLE private, public;
	uint8_t one = 0x72, signature[64], point[40];
	CK_ATTRIBUTE get[] = { A(CKA_KEY_TYPE, got), A(CKA_EC_POINT, point) };
	CK_ULONG len = sizeof(signature);
	static uint8_t all[90000];

	(void)state;
	if (p11->C_CreateObject(session, import, COUNT(import), &private) ==
	    CKR_TEMPLATE_INCONSISTENT)
		skip(); /* a partition without an engine */
	assert_int_equal(p11->C_SignInit(session, &ecdsa, private), CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(p11->C_SignInit(session, &eddsa, private), CKR_OK);
	assert_int_equal(p11->C_Sign(session, &one, 1, signature, &len), CKR_OK);
	assert_int_equal(len, 64);
	assert_memory_equal(signature, expected, sizeof(expected));
	eddsa = (CK_MECHANISM){ CKM_EDDSA, &params, sizeof(params) };
	assert_int_equal(p11->C_SignInit(session, &eddsa, private), CKR_OK);
	assert_int_equal(p11->C_SignInit(session, NULL, private), CKR_OK);
	params.phFlag = CK_TRUE;
	assert_int_equal(p11->C_SignInit(session, &eddsa, private), CKR_KEY_FUNCTION_NOT_PERMITTED);
	params.phFlag = CK_FALSE;
	params.pContextData = &one;
	params.ulContextDataLen = 1;
	assert_int_equal(p11->C_SignInit(session, &eddsa, private), CKR_MECHANISM_PARAM_INVALID);
	/* A private key is no number: it has one length. */
	import[3].ulValueLen--;
	assert_int_equal(p11->C_CreateObject(session, import, COUNT(import), &private),
			 CKR_ATTRIBUTE_VALUE_INVALID);
	import[3].ulValueLen++;
	import[1].pValue = &montgomery;
	assert_int_equal(p11->C_CreateObject(session, import, COUNT(import), &private),
			 CKR_TEMPLATE_INCONSISTENT);

	assert_int_equal(p11->C_GenerateKeyPair(session, &generate, of_public, 1, NULL, 0, &public,
						&private),
			 CKR_OK);
	assert_int_equal(p11->C_GetAttributeValue(session, public, get, COUNT(get)), CKR_OK);
	assert_int_equal(got, CKK_EC_EDWARDS);
	assert_int_equal(get[1].ulValueLen, 34);
	eddsa.ulParameterLen = 0;
	assert_int_equal(p11->C_SignInit(session, &eddsa, private), CKR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p11->C_SignUpdate(session, all, sizeof(all) / 3), CKR_OK);
	assert_int_equal(p11->C_SignFinal(session, signature, &len), CKR_OK);
	assert_int_equal(p11->C_VerifyInit(session, &eddsa, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), signature, len), CKR_OK);
	all[7] ^= 1;
	assert_int_equal(p11->C_VerifyInit(session, &eddsa, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), signature, len),
			 CKR_SIGNATURE_INVALID);
	of_public[0] = (CK_ATTRIBUTE)A(CKA_EC_PARAMS, x25519);
	assert_int_equal(p11->C_GenerateKeyPair(session, &generate, of_public, 1, NULL, 0, &public,
						&private),
			 CKR_CURVE_NOT_SUPPORTED);
}

/* In parts it goes to the partition as it comes, as other hashes do. */
static void ed25519ph_is_for_keys_that_are_for_it(void **state)
{
	struct cryptoki_eddsa_params params = { .phFlag = CK_TRUE };
	CK_MECHANISM ph = { CKM_EDDSA, &params, sizeof(params) }, pure = { CKM_EDDSA, NULL, 0 };
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	const psa_key_type_t type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_TWISTED_EDWARDS);
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE private, public;
	CK_MECHANISM_TYPE allowed[4];
	CK_ATTRIBUTE get = A(CKA_ALLOWED_MECHANISMS, allowed);
	mbedtls_svc_key_id_t probe;
	static uint8_t all[150000];
	CK_ULONG len = 64;
	uint8_t signature[64];

	(void)state;
	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, 255);
	psa_set_key_algorithm(&attributes, PSA_ALG_ED25519PH);
	if (psa_generate_key(&attributes, &probe) != PSA_SUCCESS)
		skip(); /* a partition without an engine */
	psa_destroy_key(probe);
	key_make("ph", type, 255, PSA_ALG_ED25519PH, SIGNS);
	private = object_find(session, CKO_PRIVATE_KEY, "ph");
	public = object_find(session, CKO_PUBLIC_KEY, "ph");
	assert_int_equal(p11->C_GetAttributeValue(session, private, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, sizeof(allowed[0]));
	assert_int_equal(allowed[0], CKM_EDDSA);
	assert_int_equal(p11->C_SignInit(session, &pure, private), CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(p11->C_SignInit(session, &ph, private), CKR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p11->C_SignUpdate(session, all, sizeof(all) / 3), CKR_OK);
	assert_int_equal(p11->C_SignFinal(session, signature, &len), CKR_OK);
	assert_int_equal(len, sizeof(signature));
	assert_int_equal(p11->C_VerifyInit(session, &ph, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), signature, len), CKR_OK);
	all[9] ^= 1;
	assert_int_equal(p11->C_VerifyInit(session, &ph, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, all, sizeof(all), signature, len),
			 CKR_SIGNATURE_INVALID);
}

static CK_ULONG ml_dsa_sign(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			    CK_OBJECT_HANDLE key, uint8_t signature[PSA_SIGNATURE_MAX_SIZE])
{
	CK_ULONG len = PSA_SIGNATURE_MAX_SIZE;

	assert_int_equal(p11->C_SignInit(session, mechanism, key), CKR_OK);
	assert_int_equal(p11->C_SignUpdate(session, (void *)message, 3), CKR_OK);
	assert_int_equal(p11->C_SignUpdate(session, (void *)(message + 3), sizeof(message) - 3),
			 CKR_OK);
	assert_int_equal(p11->C_SignFinal(session, signature, &len), CKR_OK);
	return len;
}

static CK_RV ml_dsa_verify(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, uint8_t *signature,
			   CK_ULONG len)
{
	CK_MECHANISM plain = { .mechanism = CKM_ML_DSA };

	assert_int_equal(p11->C_VerifyInit(session, &plain, key), CKR_OK);
	return p11->C_Verify(session, (void *)message, sizeof(message), signature, len);
}

/* As PKCS #11 3.2 has it: a key's parameter set, its seed, and hedged signatures or others. */
static void ml_dsa_signs_messages(void **state)
{
	struct cryptoki_sign_context context = { CKH_DETERMINISTIC_REQUIRED, NULL, 0 };
	CK_MECHANISM plain = { .mechanism = CKM_ML_DSA },
		     other = { CKM_ML_DSA, &context, sizeof(context) },
		     make = { .mechanism = CKM_ML_DSA_KEY_PAIR_GEN };
	static uint8_t value[2592], info[2700], seed[32] = { 1, 2, 3 }, seed_again[32];
	static uint8_t signature[PSA_SIGNATURE_MAX_SIZE], again[PSA_SIGNATURE_MAX_SIZE];
	CK_SESSION_HANDLE session = session_open(0);
	CK_ULONG set = CKP_ML_DSA_44, none = 4, got_set, type = CKK_ML_DSA, got_type, len;
	CK_ATTRIBUTE of_public[] = { A(CKA_PARAMETER_SET, set) };
	CK_ATTRIBUTE get[] = { A(CKA_KEY_TYPE, got_type), A(CKA_PARAMETER_SET, got_set),
			       A(CKA_VALUE, value), A(CKA_PUBLIC_KEY_INFO, info) };
	CK_ATTRIBUTE import[] = { A(CKA_CLASS, class_private), A(CKA_KEY_TYPE, type),
				  A(CKA_PARAMETER_SET, set),   A(CKA_SEED, seed),
				  A(CKA_SENSITIVE, no),	       A(CKA_EXTRACTABLE, yes) };
	CK_ATTRIBUTE get_seed = A(CKA_SEED, seed_again);
	CK_OBJECT_HANDLE private, public;
	CK_RV rv = p11->C_GenerateKeyPair(session, &make, of_public, 1, NULL, 0, &public, &private);

	(void)state;
	if (rv == CKR_TEMPLATE_INCONSISTENT)
		skip(); /* a partition without an engine */
	assert_int_equal(rv, CKR_OK);
	assert_int_equal(p11->C_GetAttributeValue(session, public, get, COUNT(get)), CKR_OK);
	assert_int_equal(got_type, CKK_ML_DSA);
	assert_int_equal(got_set, CKP_ML_DSA_44);
	assert_int_equal(get[2].ulValueLen, 1312);
	/* RFC 9881: sequence, algorithm, and a bit string's front. */
	assert_int_equal(get[3].ulValueLen, 4 + 13 + 5 + 1312);
	assert_memory_equal(info + 4 + 13 + 5, value, 1312);
	assert_int_equal(p11->C_GetAttributeValue(session, private, &get_seed, 1),
			 CKR_ATTRIBUTE_SENSITIVE);
	len = ml_dsa_sign(session, &plain, private, signature);
	assert_int_equal(len, 2420);
	assert_int_equal(ml_dsa_verify(session, public, signature, len), CKR_OK);
	signature[7] ^= 1;
	assert_int_equal(ml_dsa_verify(session, public, signature, len), CKR_SIGNATURE_INVALID);
	/* The key is for hedged ones. */
	assert_int_equal(p11->C_SignInit(session, &other, private), CKR_MECHANISM_PARAM_INVALID);
	context = (struct cryptoki_sign_context){ CKH_HEDGE_PREFERRED, value, 1 };
	assert_int_equal(p11->C_SignInit(session, &other, private), CKR_MECHANISM_PARAM_INVALID);
	context.ulContextLen = 0;
	(void)ml_dsa_sign(session, &other, private, signature);
	of_public[0].pValue = &none;
	assert_int_equal(
		p11->C_GenerateKeyPair(session, &make, of_public, 1, NULL, 0, &public, &private),
		CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(
		p11->C_GenerateKeyPair(session, &make, of_public, 0, NULL, 0, &public, &private),
		CKR_TEMPLATE_INCOMPLETE);

	key_make("mldsa", PSA_KEY_TYPE_ML_DSA_KEY_PAIR, 192, PSA_ALG_DETERMINISTIC_ML_DSA, SIGNS);
	private = object_find(session, CKO_PRIVATE_KEY, "mldsa");
	context.hedgeVariant = CKH_DETERMINISTIC_REQUIRED;
	len = ml_dsa_sign(session, &other, private, signature);
	assert_int_equal(ml_dsa_sign(session, &plain, private, again), len);
	assert_memory_equal(again, signature, len);

	/* Brought by its seed, and its public key by its value. */
	assert_int_equal(p11->C_CreateObject(session, import, COUNT(import), &private), CKR_OK);
	assert_int_equal(p11->C_GetAttributeValue(session, private, &get_seed, 1), CKR_OK);
	assert_memory_equal(seed_again, seed, sizeof(seed));
	len = ml_dsa_sign(session, &plain, private, signature);
	get[3] = (CK_ATTRIBUTE)A(CKA_PUBLIC_KEY_INFO, info);
	assert_int_equal(p11->C_GetAttributeValue(session, private, &get[3], 1), CKR_OK);
	import[0].pValue = &class_public;
	import[3] = (CK_ATTRIBUTE){ CKA_VALUE, info + 4 + 13 + 5, 1312 };
	assert_int_equal(p11->C_CreateObject(session, import, 4, &public), CKR_OK);
	assert_int_equal(ml_dsa_verify(session, public, signature, len), CKR_OK);
	import[3].ulValueLen--;
	assert_int_equal(p11->C_CreateObject(session, import, 4, &public),
			 CKR_ATTRIBUTE_VALUE_INVALID);
}

/* The module has no use for them, and says what they are. */
static void ml_kem_keys_are_shown(void **state)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	CK_SESSION_HANDLE session = session_open(0);
	mbedtls_svc_key_id_t probe;
	CK_ULONG type, set;
	CK_ATTRIBUTE get[] = { A(CKA_KEY_TYPE, type), A(CKA_PARAMETER_SET, set) };
	CK_OBJECT_HANDLE key;

	(void)state;
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ML_KEM_KEY_PAIR);
	psa_set_key_bits(&attributes, 768);
	if (psa_generate_key(&attributes, &probe) != PSA_SUCCESS)
		skip(); /* a partition without an engine */
	psa_destroy_key(probe);
	key_make("mlkem", PSA_KEY_TYPE_ML_KEM_KEY_PAIR, 768, PSA_ALG_ML_KEM,
		 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
	key = object_find(session, CKO_PUBLIC_KEY, "mlkem");
	assert_int_equal(p11->C_GetAttributeValue(session, key, get, COUNT(get)), CKR_OK);
	assert_int_equal(type, CKK_ML_KEM);
	assert_int_equal(set, CKP_ML_KEM_768);
	assert_false(truth(session, key, CKA_ENCRYPT));
}

/* A key for each kind of mechanism, of the session's. */
#define KEYS 9

static size_t keys_of_all_kinds(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE keys[KEYS],
				CK_OBJECT_HANDLE publics[KEYS])
{
	static uint8_t edwards[] = { 6, 3, 0x2b, 0x65, 0x70 };
	static CK_ULONG bits = 1024, bytes = 32, set = CKP_ML_DSA_65;
	CK_ATTRIBUTE of_ml_dsa[] = { A(CKA_PARAMETER_SET, set) };
	CK_ATTRIBUTE of_rsa[] = { A(CKA_MODULUS_BITS, bits) }, of_ec[] = { A(CKA_EC_PARAMS, p256) },
		     of_edwards[] = { A(CKA_EC_PARAMS, edwards) },
		     secret[] = { A(CKA_VALUE_LEN, bytes), A(CKA_SIGN, yes), A(CKA_VERIFY, yes) },
		     mac[] = { A(CKA_VALUE_LEN, bytes), A(CKA_SIGN, yes), A(CKA_VERIFY, yes),
			       A(CKA_ENCRYPT, no), A(CKA_DECRYPT, no) };
	const struct {
		CK_MECHANISM_TYPE type;
		CK_ATTRIBUTE *templ;
		CK_ULONG count;
		bool pair;
	} makes[] = {
		{ CKM_RSA_PKCS_KEY_PAIR_GEN, of_rsa, 1, true },
		{ CKM_EC_KEY_PAIR_GEN, of_ec, 1, true },
		{ CKM_EC_EDWARDS_KEY_PAIR_GEN, of_edwards, 1, true },
		{ CKM_ML_DSA_KEY_PAIR_GEN, of_ml_dsa, 1, true },
		{ CKM_GENERIC_SECRET_KEY_GEN, secret, 3, false },
		{ CKM_AES_KEY_GEN, secret, 1, false },
		{ CKM_AES_KEY_GEN, mac, 5, false },
		{ CKM_CHACHA20_KEY_GEN, NULL, 0, false },
	};
	size_t count = 0;

	for (size_t i = 0; i < COUNT(makes); i++) {
		CK_MECHANISM mechanism = { .mechanism = makes[i].type };
		CK_RV rv;

		if (makes[i].pair)
			rv = p11->C_GenerateKeyPair(session, &mechanism, makes[i].templ,
						    makes[i].count, NULL, 0, &publics[count],
						    &keys[count]);
		else
			rv = p11->C_GenerateKey(session, &mechanism, makes[i].templ, makes[i].count,
						&keys[count]);
		if (!makes[i].pair)
			publics[count] = keys[count];
		/* Without an engine there are no Ed25519 and no ML-DSA. */
		if (makes[i].type != CKM_EC_EDWARDS_KEY_PAIR_GEN &&
		    makes[i].type != CKM_ML_DSA_KEY_PAIR_GEN)
			assert_int_equal(rv, CKR_OK);
		count += rv == CKR_OK;
	}
	return count;
}

static const CK_MECHANISM_TYPE hashes[] = { CKM_SHA_1,	  CKM_SHA224,	CKM_SHA256,
					    CKM_SHA384,	  CKM_SHA512,	CKM_SHA3_224,
					    CKM_SHA3_256, CKM_SHA3_384, CKM_SHA3_512 };
static const CK_ULONG mgfs[] = { CKG_MGF1_SHA1,	    CKG_MGF1_SHA224,   CKG_MGF1_SHA256,
				 CKG_MGF1_SHA384,   CKG_MGF1_SHA512,   CKG_MGF1_SHA3_224,
				 CKG_MGF1_SHA3_256, CKG_MGF1_SHA3_384, CKG_MGF1_SHA3_512 };
static const CK_ULONG hash_lens[] = { 20, 28, 32, 48, 64, 28, 32, 48, 64 };

/* The @i-th parameter that some mechanism takes; false: there are no more. */
static bool parameter(CK_MECHANISM *mechanism, size_t i)
{
	static uint8_t iv[16] = { 1 };
	static CK_ULONG tag = 8;
	static CK_GCM_PARAMS gcm = { iv, 12, 96, NULL, 0, 128 };
	static struct cryptoki_ccm_params ccm = { 32, iv, 12, NULL, 0, 16 };
	static struct cryptoki_chacha_params chacha = { iv, 12, NULL, 0 };
	static CK_AES_CTR_PARAMS ctr = { .ulCounterBits = 128 };
	static CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED,
						NULL, 0 };
	static CK_RSA_PKCS_PSS_PARAMS pss;
	const struct {
		void *data;
		CK_ULONG len;
	} others[] = {
		{ NULL, 0 },	       { iv, sizeof(iv) },	{ &tag, sizeof(tag) },
		{ &gcm, sizeof(gcm) }, { &ccm, sizeof(ccm) },	{ &chacha, sizeof(chacha) },
		{ &ctr, sizeof(ctr) }, { &oaep, sizeof(oaep) },
	};

	if (i < COUNT(others)) {
		mechanism->pParameter = others[i].data;
		mechanism->ulParameterLen = others[i].len;
		return true;
	}
	i -= COUNT(others);
	if (i >= COUNT(hashes))
		return false;
	pss = (CK_RSA_PKCS_PSS_PARAMS){ hashes[i], mgfs[i], hash_lens[i] };
	mechanism->pParameter = &pss;
	mechanism->ulParameterLen = sizeof(pss);
	return true;
}

/* Signs and verifies, or encrypts and decrypts; with data of 32 bytes, which all but hashes take. */
static bool round_trip(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, bool sign,
		       CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE public)
{
	static uint8_t data[32] = "32 bytes: the length of a hash.";
	uint8_t out[PSA_SIGNATURE_MAX_SIZE], back[600];
	CK_ULONG len = sizeof(out), back_len = sizeof(back);

	if (sign)
		return p11->C_SignInit(session, mechanism, key) == CKR_OK &&
		       p11->C_Sign(session, data, sizeof(data), out, &len) == CKR_OK &&
		       p11->C_VerifyInit(session, mechanism, public) == CKR_OK &&
		       p11->C_Verify(session, data, sizeof(data), out, len) == CKR_OK;
	return p11->C_EncryptInit(session, mechanism, public) == CKR_OK &&
	       p11->C_Encrypt(session, data, sizeof(data), out, &len) == CKR_OK &&
	       p11->C_DecryptInit(session, mechanism, key) == CKR_OK &&
	       p11->C_Decrypt(session, out, len, back, &back_len) == CKR_OK &&
	       back_len == sizeof(data) && !memcmp(back, data, sizeof(data));
}

static bool some_key_goes_with(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, bool sign,
			       const CK_OBJECT_HANDLE *keys, const CK_OBJECT_HANDLE *publics,
			       size_t count)
{
	CK_MECHANISM mechanism = { .mechanism = type };

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; parameter(&mechanism, j); j++) {
			if (round_trip(session, &mechanism, sign, keys[i], publics[i]))
				return true;
		}
	}
	return false;
}

static void each_mechanism_of_the_list_does_what_it_says(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE keys[KEYS], publics[KEYS];
	const size_t key_count = keys_of_all_kinds(session, keys, publics);
	CK_MECHANISM_TYPE list[200];
	CK_ULONG count = COUNT(list);
	CK_MECHANISM_INFO info;

	(void)state;
	assert_int_equal(p11->C_GetMechanismList(first_slot(), list, &count), CKR_OK);
	for (CK_ULONG i = 0; i < count; i++) {
		CK_MECHANISM mechanism = { .mechanism = list[i] };
		uint8_t digest[64];
		CK_ULONG len = sizeof(digest);
		bool good = true;

		assert_int_equal(p11->C_GetMechanismInfo(first_slot(), list[i], &info), CKR_OK);
		/* Without an engine there are no Ed25519 and no ML-DSA. */
		if ((list[i] == CKM_EDDSA || list[i] == CKM_ML_DSA) && key_count < KEYS - 1)
			continue;
		if (info.flags & CKF_DIGEST)
			good = p11->C_DigestInit(session, &mechanism) == CKR_OK &&
			       p11->C_Digest(session, (void *)message, sizeof(message), digest,
					     &len) == CKR_OK;
		if (good && info.flags & CKF_SIGN)
			good = some_key_goes_with(session, list[i], true, keys, publics, key_count);
		if (good && info.flags & CKF_ENCRYPT)
			good = some_key_goes_with(session, list[i], false, keys, publics,
						  key_count);
		if (!good)
			print_message("mechanism 0x%lx doesn't\n", list[i]);
		assert_true(good);
	}
}

static void templates_are_judged(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM aes = { .mechanism = CKM_AES_KEY_GEN }, rsa = { .mechanism = CKM_RSA_PKCS };
	CK_ULONG len = 16, odd = 17;
	CK_OBJECT_HANDLE key;
	struct {
		CK_ATTRIBUTE templ[2];
		CK_RV rv;
	} cases[] = {
		{ { A(CKA_VALUE_LEN, odd), A(CKA_ENCRYPT, yes) }, CKR_KEY_SIZE_RANGE },
		{ { A(CKA_VALUE_LEN, len), A(CKA_VALUE_LEN, len) }, CKR_TEMPLATE_INCONSISTENT },
		{ { A(CKA_VALUE_LEN, len), { CKA_ENCRYPT, &yes, 2 } },
		  CKR_ATTRIBUTE_VALUE_INVALID },
		{ { A(CKA_VALUE_LEN, len), { CKA_ENCRYPT, NULL, 1 } },
		  CKR_ATTRIBUTE_VALUE_INVALID },
		{ { A(CKA_VALUE_LEN, len), A(CKA_LOCAL, yes) }, CKR_ATTRIBUTE_READ_ONLY },
		{ { A(CKA_VALUE_LEN, len), A(CKA_MODULUS, len) }, CKR_ATTRIBUTE_TYPE_INVALID },
		{ { A(CKA_VALUE_LEN, len), A(CKA_TOKEN, yes) }, CKR_SESSION_READ_ONLY },
		{ { A(CKA_VALUE_LEN, len), A(CKA_CLASS, class_private) },
		  CKR_TEMPLATE_INCONSISTENT },
		{ { A(CKA_ENCRYPT, yes), A(CKA_DECRYPT, yes) }, CKR_TEMPLATE_INCOMPLETE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(p11->C_GenerateKey(session, &aes, cases[i].templ, 2, &key),
				 cases[i].rv);
	assert_int_equal(p11->C_GenerateKey(session, &rsa, cases[0].templ, 1, &key),
			 CKR_MECHANISM_INVALID);
	assert_int_equal(p11->C_GenerateKey(session, NULL, cases[0].templ, 1, &key),
			 CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_GenerateKey(session, &aes, NULL, 1, &key), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_GenerateKey(session, &aes, cases[0].templ, 1, NULL),
			 CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_CreateObject(session, NULL, 0, &key), CKR_TEMPLATE_INCOMPLETE);
}

/* Seen by a process that looks later, after changes, and gone for all. */
static void data_is_kept_on_the_token(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	static uint8_t long_value[20000], got[20000];
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_data), A(CKA_TOKEN, yes),
				 TEXT(CKA_LABEL, "kept"), A(CKA_VALUE, long_value) };
	CK_ATTRIBUTE change = TEXT(CKA_APPLICATION, "test"), get = A(CKA_VALUE, got);
	CK_OBJECT_HANDLE object, again;

	(void)state;
	memset(long_value, 0x5a, sizeof(long_value));
	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &object), CKR_OK);
	assert_int_equal(p11->C_SetAttributeValue(session, object, &change, 1), CKR_OK);
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
	assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
	session = session_open(CKF_RW_SESSION);
	again = object_find(session, CKO_DATA, "kept");
	assert_true(again);
	assert_int_equal(p11->C_GetAttributeValue(session, again, &get, 1), CKR_OK);
	assert_memory_equal(got, long_value, sizeof(got));
	get = (CK_ATTRIBUTE){ CKA_APPLICATION, got, sizeof(got) };
	assert_int_equal(p11->C_GetAttributeValue(session, again, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, 4);
	assert_int_equal(p11->C_DestroyObject(session, again), CKR_OK);
	assert_int_equal(object_find(session, CKO_DATA, "kept"), 0);
}

/* What is copied may do no more than what it was copied of. */
static void copies_may_do_less(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE key = aes_make(session, &yes, &no), copy;
	CK_ATTRIBUTE more = A(CKA_SENSITIVE, no), label = TEXT(CKA_LABEL, "copy");
	CK_ATTRIBUTE usage = A(CKA_ENCRYPT, no);

	(void)state;
	assert_int_equal(p11->C_CopyObject(session, key, &more, 1, &copy), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(p11->C_CopyObject(session, key, &usage, 1, &copy),
			 CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(p11->C_CopyObject(session, key, &label, 1, &copy), CKR_OK);
	assert_int_equal(object_find(session, CKO_SECRET_KEY, "copy"), copy);
	assert_true(truth(session, copy, CKA_SENSITIVE));
}

static void imported_halves_come_together(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	static uint8_t value[32] = { 1, 2, 3 };
	CK_KEY_TYPE ec = CKK_EC;
	CK_ATTRIBUTE private[] = { A(CKA_CLASS, class_private), A(CKA_KEY_TYPE, ec),
				   A(CKA_EC_PARAMS, p256),	A(CKA_VALUE, value),
				   A(CKA_TOKEN, yes),		TEXT(CKA_LABEL, "half") };
	uint8_t point[80];
	CK_ATTRIBUTE get = A(CKA_EC_POINT, point);
	CK_ATTRIBUTE public[] = { A(CKA_CLASS, class_public), A(CKA_KEY_TYPE, ec),
				  A(CKA_EC_PARAMS, p256),     A(CKA_EC_POINT, point),
				  A(CKA_TOKEN, yes),	      TEXT(CKA_LABEL, "other half") };
	CK_OBJECT_HANDLE key, half;

	(void)state;
	assert_int_equal(p11->C_CreateObject(session, private, COUNT(private), &key), CKR_OK);
	assert_false(truth(session, key, CKA_LOCAL));
	assert_false(truth(session, key, CKA_ALWAYS_SENSITIVE));
	half = object_find(session, CKO_PUBLIC_KEY, "half");
	assert_true(half);
	assert_int_equal(p11->C_GetAttributeValue(session, half, &get, 1), CKR_OK);
	public[3].ulValueLen = get.ulValueLen;
	assert_int_equal(p11->C_DestroyObject(session, half), CKR_OK);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "half"), 0);
	assert_int_equal(p11->C_CreateObject(session, public, COUNT(public), &half), CKR_OK);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "other half"), half);
	assert_int_equal(object_find(session, CKO_PRIVATE_KEY, "half"), key);
	assert_int_equal(p11->C_DestroyObject(session, key), CKR_OK);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "other half"), 0);
	private[3].ulValueLen = 33;
	assert_int_equal(p11->C_CreateObject(session, private, 3, &key), CKR_TEMPLATE_INCOMPLETE);
}

/* One nonce and one tag for each message, by one operation. */
static void messages_have_tags_of_their_own(void **state)
{
	CK_RV (*init)(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
	CK_RV(*crypt)
	(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *,
	 CK_ULONG *);
	CK_RV (*final)(CK_SESSION_HANDLE);
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE key = aes_make(session, &no, &no);
	CK_MECHANISM gcm = { .mechanism = CKM_AES_GCM };
	uint8_t iv[12] = { 9 }, tag[16], cipher[8], plain[8];
	struct cryptoki_gcm_message message_of = { iv, 12, 0, CKG_GENERATE_RANDOM, tag, 128 };
	CK_ULONG len = sizeof(cipher);

	(void)state;
	*(void **)&init = dlsym(module_file, "C_MessageEncryptInit");
	*(void **)&crypt = dlsym(module_file, "C_EncryptMessage");
	*(void **)&final = dlsym(module_file, "C_MessageEncryptFinal");
	assert_int_equal(final(session), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(init(session, &gcm, key), CKR_OK);
	assert_int_equal(crypt(session, &message_of, sizeof(message_of), NULL, 0, (void *)message,
			       8, cipher, &len),
			 CKR_OK);
	assert_int_equal(crypt(session, &message_of, sizeof(message_of), NULL, 0, (void *)message,
			       8, cipher, &len),
			 CKR_OK);
	assert_int_equal(crypt(session, &message_of, 3, NULL, 0, (void *)message, 8, cipher, &len),
			 CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(final(session), CKR_OK);
	*(void **)&init = dlsym(module_file, "C_MessageDecryptInit");
	*(void **)&crypt = dlsym(module_file, "C_DecryptMessage");
	assert_int_equal(init(session, &gcm, key), CKR_OK);
	len = sizeof(plain);
	assert_int_equal(
		crypt(session, &message_of, sizeof(message_of), NULL, 0, cipher, 8, plain, &len),
		CKR_OK);
	assert_memory_equal(plain, message, 8);
	tag[3] ^= 1;
	assert_int_equal(
		crypt(session, &message_of, sizeof(message_of), NULL, 0, cipher, 8, plain, &len),
		CKR_AEAD_DECRYPT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_works_before_initialize),
		cmocka_unit_test(initialize_judges_its_arguments),
		cmocka_unit_test(interfaces_are_those_of_3_0_and_2_40),
		cmocka_unit_test_setup_teardown(the_token_needs_no_login, begin, end),
		cmocka_unit_test_setup_teardown(keys_of_tstee_sign, begin, end),
		cmocka_unit_test_setup_teardown(ecdsa_signs_what_it_is_given, begin, end),
		cmocka_unit_test_setup_teardown(attributes_come_one_by_one, begin, end),
		cmocka_unit_test_setup_teardown(ciphers_are_the_same_in_parts, begin, end),
		cmocka_unit_test_setup_teardown(a_short_buffer_loses_no_plaintext, begin, end),
		cmocka_unit_test_setup_teardown(a_spoiled_ciphertext_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(hashes_are_the_same_in_parts, begin, end),
		cmocka_unit_test_setup_teardown(what_is_made_is_there_for_all, begin, end),
		cmocka_unit_test_setup_teardown(labels_may_be_the_same, begin, end),
		cmocka_unit_test_setup_teardown(session_objects_end_with_their_session, begin, end),
		cmocka_unit_test_setup_teardown(ecdh_makes_a_key, begin, end),
		cmocka_unit_test_setup_teardown(keys_are_wrapped_in_the_partition, begin, end),
		cmocka_unit_test_setup_teardown(allowed_mechanisms_are_the_only_ones, begin, end),
		cmocka_unit_test_setup_teardown(an_aes_key_for_encryption_makes_no_macs, begin,
						end),
		cmocka_unit_test_setup_teardown(ed25519_signs_whole_messages, begin, end),
		cmocka_unit_test_setup_teardown(ed25519ph_is_for_keys_that_are_for_it, begin, end),
		cmocka_unit_test_setup_teardown(ml_dsa_signs_messages, begin, end),
		cmocka_unit_test_setup_teardown(ml_kem_keys_are_shown, begin, end),
		cmocka_unit_test_setup_teardown(each_mechanism_of_the_list_does_what_it_says, begin,
						end),
		cmocka_unit_test_setup_teardown(templates_are_judged, begin, end),
		cmocka_unit_test_setup_teardown(data_is_kept_on_the_token, begin, end),
		cmocka_unit_test_setup_teardown(copies_may_do_less, begin, end),
		cmocka_unit_test_setup_teardown(imported_halves_come_together, begin, end),
		cmocka_unit_test_setup_teardown(messages_have_tags_of_their_own, begin, end),
		cmocka_unit_test_setup_teardown(a_child_begins_anew, begin, end),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
