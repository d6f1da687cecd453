// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the PKCS#11 module's functions answer where the order of calls and what came before decide:
 * beginning with a token, logging out, results that are asked for in two ways, counters that end.
 */
#include <tstee_crypto.h>
#include <unistd.h>

#include <psa/crypto.h>

#include "module.h"

static CK_OBJECT_CLASS class_secret = CKO_SECRET_KEY, class_data = CKO_DATA,
		       class_certificate = CKO_CERTIFICATE, class_public = CKO_PUBLIC_KEY;
static CK_KEY_TYPE aes_type = CKK_AES, generic = CKK_GENERIC_SECRET;
static CK_UTF8CHAR pin[] = "any", label[32] = "other";
static uint8_t text[] = "text";

static int setup(void **state)
{
	(void)state;
	setenv("TSTEE_LOGIN", "user", 1);
	module_load();
	return 0;
}

/* Of all zeros. */
static CK_OBJECT_HANDLE aes_make(CK_SESSION_HANDLE session)
{
	static uint8_t value[16];
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_secret), A(CKA_KEY_TYPE, aes_type),
				 A(CKA_VALUE, value), A(CKA_ENCRYPT, yes), A(CKA_DECRYPT, yes) };
	CK_OBJECT_HANDLE key = 0;

	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &key), CKR_OK);
	return key;
}

static CK_RV data_make(CK_SESSION_HANDLE session, CK_BBOOL *token, CK_BBOOL *private,
		       CK_OBJECT_HANDLE *data)
{
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_data),
				 { CKA_TOKEN, token, 1 },
				 { CKA_PRIVATE, private, 1 },
				 { CKA_LABEL, (void *)"data", 4 },
				 { CKA_VALUE, text, 4 } };

	return p11->C_CreateObject(session, templ, COUNT(templ), data);
}

/* There is nothing to destroy. What has objects is not for a PIN that nobody knows to destroy. */
static void an_empty_token_is_initialized(void **state)
{
	CK_SLOT_ID slots[2];
	CK_ULONG count = 2;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE data;

	(void)state;
	assert_int_equal(p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	assert_int_equal(count, 2);
	/* The public one. */
	assert_int_equal(p11->C_InitToken(slots[1], pin, 3, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_InitToken(slots[1], NULL, 3, label), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->C_InitToken(1, pin, 3, label), CKR_SLOT_ID_INVALID);
	assert_int_equal(p11->C_InitToken(slots[1], pin, 3, label), CKR_OK);
	assert_int_equal(p11->C_OpenSession(slots[1], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
					    NULL, &session),
			 CKR_OK);
	assert_int_equal(p11->C_InitToken(slots[1], pin, 3, label), CKR_SESSION_EXISTS);
	assert_int_equal(data_make(session, &yes, &no, &data), CKR_OK);
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
	assert_int_equal(p11->C_InitToken(slots[1], pin, 3, label), CKR_FUNCTION_NOT_SUPPORTED);
	assert_int_equal(p11->C_OpenSession(slots[1], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
					    NULL, &session),
			 CKR_OK);
	data = object_find(session, CKO_DATA, "data");
	assert_true(data != 0);
	assert_int_equal(p11->C_DestroyObject(session, data), CKR_OK);
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
	assert_int_equal(p11->C_InitToken(slots[1], pin, 3, label), CKR_OK);
}

static void pins_are_the_security_officers(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);

	(void)state;
	assert_int_equal(p11->C_InitPIN(session, pin, 3), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(p11->C_Login(session, CKU_USER, pin, 3), CKR_OK);
	assert_int_equal(p11->C_InitPIN(session, pin, 3), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(p11->C_SetPIN(session, pin, 3, pin, 3), CKR_OK);
	assert_int_equal(p11->C_Logout(session), CKR_OK);
	assert_int_equal(p11->C_Login(session, CKU_SO, pin, 3), CKR_OK);
	assert_int_equal(p11->C_InitPIN(session, pin, 3), CKR_OK);
	assert_int_equal(p11->C_SeedRandom(session, pin, 3), CKR_OK);
}

/* Handles of private objects end with it, and private objects of sessions do. */
static void logging_out_ends_what_is_private(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE signer, of_session, secret, open, public, public_data;
	CK_ULONG size;

	(void)state;
	assert_int_equal(p11->C_Login(session, CKU_USER, pin, 3), CKR_OK);
	assert_int_equal(signer_make(session, "kept", &yes, &signer), CKR_OK);
	public = object_find(session, CKO_PUBLIC_KEY, "kept");
	assert_int_equal(signer_make(session, "not kept", &no, &of_session), CKR_OK);
	secret = aes_make(session);
	assert_int_equal(data_make(session, &no, &no, &public_data), CKR_OK);
	assert_int_equal(data_make(session, &no, &yes, &open), CKR_OK);
	assert_int_equal(signer_sign(session, signer), CKR_OK);
	assert_int_equal(p11->C_Logout(session), CKR_OK);
	assert_int_equal(signer_sign(session, signer), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(signer_sign(session, of_session), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(p11->C_GetObjectSize(session, secret, &size), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(p11->C_GetObjectSize(session, open, &size), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(p11->C_GetObjectSize(session, public, &size), CKR_OK);
	assert_int_equal(p11->C_GetObjectSize(session, public_data, &size), CKR_OK);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "not kept"), 0);
	/* Who the user is says the kernel, and so they are there without a login. */
	of_session = object_find(session, CKO_PRIVATE_KEY, "kept");
	assert_true(of_session && of_session != signer);
	assert_int_equal(object_find(session, CKO_PUBLIC_KEY, "kept"), public);
	assert_int_equal(signer_sign(session, of_session), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, of_session), CKR_OK);
}

/* Who has asked how long the result of one piece is can't go on in parts. */
static void one_piece_stays_one_piece(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM sha = { .mechanism = CKM_SHA256 }, ecb = { .mechanism = CKM_AES_ECB },
		     cmac = { .mechanism = CKM_AES_CMAC };
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_secret),
				 A(CKA_KEY_TYPE, aes_type),
				 { CKA_VALUE, label, 16 },
				 A(CKA_SIGN, yes) };
	CK_OBJECT_HANDLE key = aes_make(session), signer;
	uint8_t out[32], block[16] = { 0 };
	CK_ULONG len = 0;

	(void)state;
	assert_int_equal(p11->C_DigestInit(session, &sha), CKR_OK);
	assert_int_equal(p11->C_Digest(session, text, 4, NULL, &len), CKR_OK);
	assert_int_equal(len, 32);
	assert_int_equal(p11->C_DigestFinal(session, out, &len), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_Digest(session, text, 4, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(p11->C_DigestInit(session, &sha), CKR_OK);
	len = 1;
	assert_int_equal(p11->C_Digest(session, text, 4, out, &len), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(p11->C_DigestUpdate(session, text, 4), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_EncryptInit(session, &ecb, key), CKR_OK);
	assert_int_equal(p11->C_Encrypt(session, block, 16, NULL, &len), CKR_OK);
	assert_int_equal(p11->C_EncryptUpdate(session, block, 16, out, &len), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_DecryptInit(session, &ecb, key), CKR_OK);
	assert_int_equal(p11->C_Decrypt(session, block, 16, NULL, &len), CKR_OK);
	assert_int_equal(p11->C_DecryptFinal(session, out, &len), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &signer), CKR_OK);
	assert_int_equal(p11->C_SignInit(session, &cmac, signer), CKR_OK);
	assert_int_equal(p11->C_Sign(session, text, 4, NULL, &len), CKR_OK);
	assert_int_equal(p11->C_SignUpdate(session, text, 4), CKR_OPERATION_ACTIVE);
	assert_int_equal(p11->C_SignInit(session, &cmac, signer), CKR_OK);
	assert_int_equal(p11->C_SignUpdate(session, text, 4), CKR_OK);
	assert_int_equal(p11->C_SignFinal(session, NULL, &len), CKR_OK);
	len = sizeof(out);
	assert_int_equal(p11->C_SignFinal(session, out, &len), CKR_OK);
}

static void half_a_block_is_no_end(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM ecb = { .mechanism = CKM_AES_ECB };
	CK_OBJECT_HANDLE key = aes_make(session);
	uint8_t out[32], in[20] = { 0 };
	CK_ULONG len = sizeof(out);

	(void)state;
	assert_int_equal(p11->C_EncryptInit(session, &ecb, key), CKR_OK);
	assert_int_equal(p11->C_EncryptUpdate(session, in, 20, out, &len), CKR_OK);
	assert_int_equal(p11->C_EncryptFinal(session, NULL, &len), CKR_DATA_LEN_RANGE);
	assert_int_equal(p11->C_EncryptFinal(session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(p11->C_DecryptInit(session, &ecb, key), CKR_OK);
	len = sizeof(out);
	assert_int_equal(p11->C_DecryptUpdate(session, in, 20, out, &len), CKR_OK);
	len = sizeof(out);
	assert_int_equal(p11->C_DecryptFinal(session, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
}

/* With @bits of a counter that begins with @first as its last byte, all others 0xff: the result. */
static CK_RV count(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_ULONG bits, uint8_t first,
		   CK_ULONG len, CK_ULONG part)
{
	CK_AES_CTR_PARAMS params = { .ulCounterBits = bits };
	CK_MECHANISM ctr = { CKM_AES_CTR, &params, sizeof(params) };
	static uint8_t in[1024], out[1024];
	CK_ULONG out_len = sizeof(out), done = 0;
	CK_RV rv;

	memset(params.cb, 0xff, sizeof(params.cb));
	params.cb[15] = first;
	rv = p11->C_EncryptInit(session, &ctr, key);
	if (rv != CKR_OK)
		return rv;
	if (!part)
		return p11->C_Encrypt(session, in, len, out, &out_len);
	for (; done < len && rv == CKR_OK; done += part) {
		out_len = sizeof(out);
		rv = p11->C_EncryptUpdate(session, in, part, out, &out_len);
	}
	out_len = sizeof(out);
	return rv == CKR_OK ? p11->C_EncryptFinal(session, out, &out_len) : rv;
}

/* The same numbers twice would give the text away, and a carry would be another nonce. */
static void a_counter_ends_with_its_bits(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_OBJECT_HANDLE key = aes_make(session);

	(void)state;
	assert_int_equal(count(session, key, 0, 1, 16, 0), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(count(session, key, 129, 1, 16, 0), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(count(session, key, 2, 1, 48, 0), CKR_OK);
	assert_int_equal(count(session, key, 2, 1, 49, 0), CKR_DATA_LEN_RANGE);
	assert_int_equal(count(session, key, 2, 1, 48, 4), CKR_OK);
	assert_int_equal(count(session, key, 2, 1, 52, 4), CKR_DATA_LEN_RANGE);
	assert_int_equal(count(session, key, 32, 0xf0, 256, 0), CKR_OK);
	assert_int_equal(count(session, key, 32, 0xf0, 257, 0), CKR_DATA_LEN_RANGE);
	assert_int_equal(count(session, key, 127, 0xff, 17, 0), CKR_DATA_LEN_RANGE);
	assert_int_equal(count(session, key, 128, 0xff, 16, 0), CKR_OK);
	assert_int_equal(count(session, key, 128, 0xff, 17, 0), CKR_DATA_LEN_RANGE);
}

static void check_value_is(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const void *expected)
{
	uint8_t value[3] = { 0 };
	CK_ATTRIBUTE get = A(CKA_CHECK_VALUE, value);
	CK_RV rv = p11->C_GetAttributeValue(session, object, &get, 1);

	if (!expected) {
		assert_int_equal(rv, CKR_ATTRIBUTE_TYPE_INVALID);
		return;
	}
	assert_int_equal(rv, CKR_OK);
	assert_int_equal(get.ulValueLen, 3);
	assert_memory_equal(value, expected, 3);
}

/* The last of @count attributes is the check value: it may be left out, and a wrong one is refused. */
static void check_value_is_compared(CK_SESSION_HANDLE session, CK_ATTRIBUTE *templ, CK_ULONG count)
{
	static uint8_t wrong[] = { 1, 2, 3 };
	void *right = templ[count - 1].pValue;
	CK_OBJECT_HANDLE object;

	assert_int_equal(p11->C_CreateObject(session, templ, count - 1, &object), CKR_OK);
	check_value_is(session, object, right);
	assert_int_equal(p11->C_CreateObject(session, templ, count, &object), CKR_OK);
	templ[count - 1].pValue = wrong;
	assert_int_equal(p11->C_CreateObject(session, templ, count, &object),
			 CKR_ATTRIBUTE_VALUE_INVALID);
}

/* Of FIPS 197's cipher with a key of zeros, and of SHA-1 of "abc". */
static void check_values_tell_objects_apart(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	static uint8_t abc[] = "abc", sha[] = { 0xa9, 0x99, 0x3e };
	CK_CERTIFICATE_TYPE x509 = CKC_X_509;
	CK_ATTRIBUTE certificate[] = { A(CKA_CLASS, class_certificate),
				       A(CKA_CERTIFICATE_TYPE, x509),
				       { CKA_VALUE, abc, 3 },
				       { CKA_CHECK_VALUE, sha, 3 } };
	CK_ATTRIBUTE secret[] = { A(CKA_CLASS, class_secret), A(CKA_KEY_TYPE, generic),
				  { CKA_VALUE, abc, 3 },      A(CKA_SENSITIVE, no),
				  A(CKA_EXTRACTABLE, yes),    { CKA_CHECK_VALUE, sha, 3 } };
	CK_OBJECT_HANDLE object;

	(void)state;
	check_value_is(session, aes_make(session), "\x66\xe9\x4b");
	check_value_is_compared(session, certificate, 4);
	check_value_is_compared(session, secret, 6);
	/* The partition keeps it, and so nobody can tell. */
	assert_int_equal(p11->C_CreateObject(session, secret, 3, &object), CKR_OK);
	check_value_is(session, object, NULL);
}

static void a_copy_is_of_the_same_kind(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	CK_ATTRIBUTE class = A(CKA_CLASS, class_public), value = { CKA_VALUE, pin, 3 };
	CK_OBJECT_HANDLE data, copy;
	uint8_t got[8];
	CK_ATTRIBUTE get = A(CKA_VALUE, got);

	(void)state;
	assert_int_equal(data_make(session, &no, &no, &data), CKR_OK);
	assert_int_equal(p11->C_CopyObject(session, data, &class, 1, &copy),
			 CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(p11->C_CopyObject(session, data, &value, 1, &copy), CKR_OK);
	assert_int_equal(p11->C_GetAttributeValue(session, copy, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, 3);
	/* Data that nobody gave a value have an empty one. */
	assert_int_equal(
		p11->C_CreateObject(session, &(CK_ATTRIBUTE)A(CKA_CLASS, class_data), 1, &data),
		CKR_OK);
	get = (CK_ATTRIBUTE)A(CKA_VALUE, got);
	assert_int_equal(p11->C_GetAttributeValue(session, data, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, 0);
}

/* Lists that ask for nothing are there, and may be given. */
static void templates_of_wrapped_keys_are_empty(void **state)
{
	CK_SESSION_HANDLE session = session_open(0);
	static uint8_t value[16];
	CK_ATTRIBUTE inner = A(CKA_ENCRYPT, yes);
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_secret),
				 A(CKA_KEY_TYPE, aes_type),
				 A(CKA_VALUE, value),
				 { CKA_WRAP_TEMPLATE, NULL, 0 } };
	CK_ATTRIBUTE get = { CKA_UNWRAP_TEMPLATE, NULL, 1 };
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &key), CKR_OK);
	assert_int_equal(p11->C_GetAttributeValue(session, key, &get, 1), CKR_OK);
	assert_int_equal(get.ulValueLen, 0);
	templ[3] = (CK_ATTRIBUTE)A(CKA_WRAP_TEMPLATE, inner);
	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &key),
			 CKR_ATTRIBUTE_VALUE_INVALID);
}

/* Programs that have r and s as numbers pad them to the longer one of both. */
static void zeros_before_r_and_s_may_be_missing(void **state)
{
	static uint8_t p521[] = { 6, 5, 0x2b, 0x81, 4, 0, 0x23 };
	CK_SESSION_HANDLE session = session_open(0);
	CK_MECHANISM generate = { .mechanism = CKM_EC_KEY_PAIR_GEN },
		     ecdsa = { .mechanism = CKM_ECDSA_SHA256 };
	CK_ATTRIBUTE of_public[] = { A(CKA_EC_PARAMS, p521) }, of_private[] = { A(CKA_SIGN, yes) };
	CK_OBJECT_HANDLE public, private;
	uint8_t signature[132], shorter[130];
	CK_ULONG len;

	(void)state;
	assert_int_equal(p11->C_GenerateKeyPair(session, &generate, of_public, 1, of_private, 1,
						&public, &private),
			 CKR_OK);
	/* Each is so in one of four. */
	do {
		len = sizeof(signature);
		assert_int_equal(p11->C_SignInit(session, &ecdsa, private), CKR_OK);
		assert_int_equal(p11->C_Sign(session, text, 4, signature, &len), CKR_OK);
		assert_int_equal(len, sizeof(signature));
	} while (signature[0] || signature[66]);
	memcpy(shorter, signature + 1, 65);
	memcpy(shorter + 65, signature + 67, 65);
	assert_int_equal(p11->C_VerifyInit(session, &ecdsa, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, text, 4, shorter, 130), CKR_OK);
	assert_int_equal(p11->C_VerifyInit(session, &ecdsa, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, text, 4, shorter, 128), CKR_SIGNATURE_INVALID);
	assert_int_equal(p11->C_VerifyInit(session, &ecdsa, public), CKR_OK);
	assert_int_equal(p11->C_Verify(session, text, 4, shorter, 129), CKR_SIGNATURE_LEN_RANGE);
}

/* Of what was there once; and it is there again. */
static void a_world_that_went_leaves_empty_slots(void **state)
{
	const char *before = getenv("TSTEE_WORLD");
	char *world = before ? strdup(before) : NULL;
	CK_SLOT_ID slot = first_slot();
	CK_ULONG count = 9, with_token = 9;
	CK_SLOT_INFO info;
	CK_TOKEN_INFO token;

	(void)state;
	setenv("TSTEE_WORLD", "/nowhere", 1);
	assert_int_equal(p11->C_GetSlotList(CK_FALSE, NULL, &count), CKR_OK);
	assert_int_equal(p11->C_GetSlotList(CK_TRUE, NULL, &with_token), CKR_OK);
	assert_int_equal(p11->C_GetSlotInfo(slot, &info), CKR_OK);
	assert_int_equal(p11->C_GetTokenInfo(slot, &token), CKR_TOKEN_NOT_PRESENT);
	if (world)
		setenv("TSTEE_WORLD", world, 1);
	else
		unsetenv("TSTEE_WORLD");
	free(world);
	assert_int_equal(count, 2);
	assert_int_equal(with_token, 0);
	assert_false(info.flags & CKF_TOKEN_PRESENT);
	assert_int_equal(p11->C_GetTokenInfo(slot, &token), CKR_OK);
	assert_int_equal(p11->C_GetSlotInfo(slot, &info), CKR_OK);
	assert_true(info.flags & CKF_TOKEN_PRESENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_token_is_initialized, begin, end),
		cmocka_unit_test_setup_teardown(pins_are_the_security_officers, begin, end),
		cmocka_unit_test_setup_teardown(logging_out_ends_what_is_private, begin, end),
		cmocka_unit_test_setup_teardown(one_piece_stays_one_piece, begin, end),
		cmocka_unit_test_setup_teardown(half_a_block_is_no_end, begin, end),
		cmocka_unit_test_setup_teardown(a_counter_ends_with_its_bits, begin, end),
		cmocka_unit_test_setup_teardown(check_values_tell_objects_apart, begin, end),
		cmocka_unit_test_setup_teardown(a_copy_is_of_the_same_kind, begin, end),
		cmocka_unit_test_setup_teardown(templates_of_wrapped_keys_are_empty, begin, end),
		cmocka_unit_test_setup_teardown(zeros_before_r_and_s_may_be_missing, begin, end),
		cmocka_unit_test_setup_teardown(a_world_that_went_leaves_empty_slots, begin, end),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
