// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PKCS#11 module with callers that do everything wrong: each function with nothing, with
 * handles that are none and in the wrong order, and templates, mechanisms and parameters at random.
 * It has a code for all of it, and doesn't crash. $TSTEE_FUZZ_ROUNDS is how often, $TSTEE_FUZZ_SEED
 * where it begins.
 */
#include <stdbool.h>

#include "attributes.h"
#include "module.h"

#define NOWHERE 0xdead0001ul

/* As any function of Cryptoki may be called: what it doesn't take it doesn't look at. */
typedef CK_RV (*function)(CK_ULONG first, const void *b, const void *c, const void *d,
			  const void *e, const void *f, const void *g, const void *h,
			  const void *i);

/* Functions of a session, but for those that end it. */
static const char *const of_session[] = {
	"C_GetSessionInfo",
	"C_InitPIN",
	"C_SetPIN",
	"C_GetOperationState",
	"C_SetOperationState",
	"C_Login",
	"C_LoginUser",
	"C_Logout",
	"C_SessionCancel",
	"C_CreateObject",
	"C_CopyObject",
	"C_DestroyObject",
	"C_GetObjectSize",
	"C_GetAttributeValue",
	"C_SetAttributeValue",
	"C_FindObjectsInit",
	"C_FindObjects",
	"C_FindObjectsFinal",
	"C_EncryptInit",
	"C_Encrypt",
	"C_EncryptUpdate",
	"C_EncryptFinal",
	"C_DecryptInit",
	"C_Decrypt",
	"C_DecryptUpdate",
	"C_DecryptFinal",
	"C_DigestInit",
	"C_Digest",
	"C_DigestUpdate",
	"C_DigestKey",
	"C_DigestFinal",
	"C_SignInit",
	"C_Sign",
	"C_SignUpdate",
	"C_SignFinal",
	"C_SignRecoverInit",
	"C_SignRecover",
	"C_VerifyInit",
	"C_Verify",
	"C_VerifyUpdate",
	"C_VerifyFinal",
	"C_VerifyRecoverInit",
	"C_VerifyRecover",
	"C_DigestEncryptUpdate",
	"C_DecryptDigestUpdate",
	"C_SignEncryptUpdate",
	"C_DecryptVerifyUpdate",
	"C_GenerateKey",
	"C_GenerateKeyPair",
	"C_WrapKey",
	"C_UnwrapKey",
	"C_DeriveKey",
	"C_SeedRandom",
	"C_GenerateRandom",
	"C_GetFunctionStatus",
	"C_CancelFunction",
	"C_MessageEncryptInit",
	"C_EncryptMessage",
	"C_EncryptMessageBegin",
	"C_EncryptMessageNext",
	"C_MessageEncryptFinal",
	"C_MessageDecryptInit",
	"C_DecryptMessage",
	"C_DecryptMessageBegin",
	"C_DecryptMessageNext",
	"C_MessageDecryptFinal",
	"C_MessageSignInit",
	"C_SignMessage",
	"C_SignMessageBegin",
	"C_SignMessageNext",
	"C_MessageSignFinal",
	"C_MessageVerifyInit",
	"C_VerifyMessage",
	"C_VerifyMessageBegin",
	"C_VerifyMessageNext",
	"C_MessageVerifyFinal",
};

static const char *const of_slot[] = { "C_GetSlotInfo",	     "C_GetTokenInfo", "C_GetMechanismList",
				       "C_GetMechanismInfo", "C_InitToken",    "C_OpenSession",
				       "C_CloseAllSessions" };

static function lookup(const char *name)
{
	function f;

	*(void **)&f = dlsym(module_file, name);
	if (!f)
		fail_msg("there is no %s", name);
	return f;
}

static CK_RV with_nothing(const char *name, CK_ULONG first)
{
	return lookup(name)(first, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

static bool is_among(CK_RV rv, const CK_RV *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i] == rv)
			return true;
	}
	return false;
}

/* Codes that tell nothing, or of something that hasn't happened. */
static bool is_lame(CK_RV rv)
{
	static const CK_RV codes[] = { CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED, CKR_DEVICE_ERROR,
				       CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT };

	return is_among(rv, codes, COUNT(codes));
}

static void before_the_beginning_each_function_says_so(void **state)
{
	static const CK_RV others[] = { CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_PARALLEL,
					CKR_FUNCTION_NOT_SUPPORTED };

	(void)state;
	for (size_t i = 0; i < COUNT(of_session); i++) {
		if (!is_among(with_nothing(of_session[i], 1), others, COUNT(others)))
			fail_msg("%s", of_session[i]);
	}
	for (size_t i = 0; i < COUNT(of_slot); i++)
		assert_int_equal(with_nothing(of_slot[i], 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_CloseSession(1), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_GetInfo(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_GetSlotList(CK_TRUE, NULL, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void a_handle_that_is_none_is_told(void **state)
{
	static const CK_RV codes[] = { CKR_SESSION_HANDLE_INVALID, CKR_FUNCTION_NOT_PARALLEL,
				       CKR_FUNCTION_NOT_SUPPORTED, CKR_ARGUMENTS_BAD };

	(void)state;
	for (size_t i = 0; i < COUNT(of_session); i++) {
		if (!is_among(with_nothing(of_session[i], NOWHERE), codes, COUNT(codes)))
			fail_msg("%s: 0x%lx", of_session[i], with_nothing(of_session[i], NOWHERE));
	}
	for (size_t i = 0; i < COUNT(of_slot); i++) {
		const CK_RV rv = with_nothing(of_slot[i], NOWHERE);

		if (rv != CKR_SLOT_ID_INVALID && rv != CKR_ARGUMENTS_BAD &&
		    rv != CKR_FUNCTION_NOT_SUPPORTED && rv != CKR_SESSION_PARALLEL_NOT_SUPPORTED)
			fail_msg("%s: 0x%lx", of_slot[i], rv);
	}
	assert_int_equal(p11->C_CloseSession(NOWHERE), CKR_SESSION_HANDLE_INVALID);
}

/* In a session that is one, after each of the others, which may have begun something. */
static void nothing_in_place_of_arguments_is_told(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_MECHANISM mechanism = { .mechanism = CKM_SHA256 };

	(void)state;
	for (size_t i = 0; i < COUNT(of_session); i++) {
		/* Something is under way, which the function may be about, or not. */
		(void)p11->C_DigestInit(session, &mechanism);
		(void)p11->C_FindObjectsInit(session, NULL, 0);
		for (int again = 0; again < 2; again++) {
			const CK_RV rv = with_nothing(of_session[i], session);

			if (is_lame(rv) || rv == CKR_HOST_MEMORY)
				fail_msg("%s: 0x%lx", of_session[i], rv);
		}
	}
	for (size_t i = 0; i < COUNT(of_slot) - 1; i++)
		assert_int_not_equal(with_nothing(of_slot[i], first_slot()), CKR_OK);
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
	assert_int_equal(with_nothing("C_DigestInit", session), CKR_SESSION_HANDLE_INVALID);
}

/* --- at random --- */

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	/* xorshift64*, of Marsaglia and Vigna */
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return ((seed * 0x2545f4914f6cdd1dull) >> 16) % below;
}

#define TEMPLATE_MAX 8

static const CK_ULONG numbers[] = { 0,
				    1,
				    2,
				    3,
				    4,
				    7,
				    16,
				    24,
				    32,
				    33,
				    1024,
				    1025,
				    65536,
				    CKK_EC,
				    CKK_AES,
				    CKK_EC_EDWARDS,
				    CKK_GENERIC_SECRET,
				    CKO_PROFILE,
				    0x80000000ul,
				    (CK_ULONG)-1,
				    (CK_ULONG)-8 };

/* @len bytes of their own, so that a look behind them is seen. */
static void *bytes(size_t len)
{
	static const uint8_t curves[][11] = { "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
					      "\x06\x05\x2b\x81\x04\x00\x22",
					      "\x06\x03\x2b\x65\x70" };
	uint8_t *data = malloc(len ? len : 1);
	const uint64_t kind = draw(4);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = kind == 1 ? 0 : (uint8_t)draw(256);
	if (kind == 2) {
		const uint8_t *curve = curves[draw(COUNT(curves))];

		memcpy(data, curve, len < sizeof(curves[0]) ? len : sizeof(curves[0]));
	}
	return data;
}

static void template_draw(CK_ATTRIBUTE *templ, CK_ULONG *count)
{
	static const size_t lens[] = { 0, 1, 2, 5, 7, 8, 10, 16, 24, 32, 33, 65, 67, 128, 4097 };
	CK_ULONG number;

	*count = draw(4) ? draw(3) : draw(TEMPLATE_MAX + 1);
	for (CK_ULONG i = 0; i < *count; i++) {
		templ[i].type = attribute_types[draw(COUNT(attribute_types))];
		switch (draw(4)) {
		case 0:
			templ[i].ulValueLen = 1;
			break;
		case 1:
			templ[i].ulValueLen = sizeof(number);
			break;
		default:
			templ[i].ulValueLen = lens[draw(COUNT(lens))];
		}
		templ[i].pValue = bytes(templ[i].ulValueLen);
		if (templ[i].ulValueLen == sizeof(number)) {
			number = numbers[draw(COUNT(numbers))];
			memcpy(templ[i].pValue, &number, sizeof(number));
		} else if (templ[i].ulValueLen == 1) {
			*(uint8_t *)templ[i].pValue = (uint8_t)draw(3);
		}
		if (!draw(20)) {
			free(templ[i].pValue);
			templ[i].pValue = NULL;
		}
	}
}

static void template_free(CK_ATTRIBUTE *templ, CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++)
		free(templ[i].pValue);
}

static CK_MECHANISM_TYPE list[200];
static CK_ULONG list_count;

/*
 * What the parameters that have addresses are made of: n a number, p an address or NULL, l how much
 * is there. No module can tell a wrong address or a wrong length of what it points to.
 */
static const struct {
	CK_MECHANISM_TYPE type;
	const char *words;
} layouts[] = {
	{ CKM_AES_GCM, "plnpln" },	   { CKM_AES_CCM, "nplpln" },
	{ CKM_CHACHA20_POLY1305, "plpl" }, { CKM_RSA_PKCS_OAEP, "nnnpl" },
	{ CKM_ECDH1_DERIVE, "nlplp" },	   { CKM_ECDH1_COFACTOR_DERIVE, "nlplp" },
	{ CKM_HKDF_DERIVE, "nnnplnpl" },   { CKM_EDDSA, "nlp" },
};

/* Of the length that it should have, or of another one. */
static void mechanism_draw(CK_MECHANISM *mechanism, uint8_t room[64])
{
	const char *words = "nnnnnnnn";
	CK_ULONG value[8] = { 0 };
	size_t count;

	mechanism->mechanism = draw(16) ? list[draw(list_count)] : draw(0x5000);
	for (size_t i = 0; i < COUNT(layouts); i++) {
		if (layouts[i].type == mechanism->mechanism)
			words = layouts[i].words;
	}
	count = strlen(words);
	for (size_t i = 0; i < count; i++) {
		if (words[i] == 'p')
			value[i] = (CK_ULONG)(uintptr_t)room;
		else if (words[i] == 'l')
			value[i] = draw(65);
		else
			value[i] = draw(2) ? draw(257) : numbers[draw(COUNT(numbers))];
	}
	/* Nothing is there, of which there is nothing. */
	if (count < COUNT(value) && !draw(4))
		memset(value, 0, sizeof(value));
	mechanism->ulParameterLen = draw(3) ? count * sizeof(value[0]) : draw(sizeof(value) + 1);
	if (count == COUNT(value) && draw(2))
		mechanism->ulParameterLen = draw(2) ? 0 : 8 * draw(5);
	mechanism->pParameter = bytes(mechanism->ulParameterLen);
	memcpy(mechanism->pParameter, value, mechanism->ulParameterLen);
}

static CK_OBJECT_HANDLE made[16];

static CK_OBJECT_HANDLE object_draw(void)
{
	return draw(8) ? made[draw(COUNT(made))] : draw(100000);
}

static void keep(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	const size_t place = draw(COUNT(made));

	if (made[place])
		(void)p11->C_DestroyObject(session, made[place]);
	made[place] = object;
}

static CK_RV make_some(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	CK_ATTRIBUTE templ[TEMPLATE_MAX], second[TEMPLATE_MAX];
	CK_OBJECT_HANDLE object = 0, other = 0;
	CK_ULONG count, second_count;
	CK_RV rv;

	template_draw(templ, &count);
	template_draw(second, &second_count);
	switch (draw(7)) {
	case 0:
		rv = p11->C_CreateObject(session, templ, count, &object);
		break;
	case 1:
		rv = p11->C_GenerateKey(session, mechanism, templ, count, &object);
		break;
	case 2:
		/* RSA takes its time. */
		if (mechanism->mechanism == CKM_RSA_PKCS_KEY_PAIR_GEN)
			mechanism->mechanism = CKM_EC_KEY_PAIR_GEN;
		rv = p11->C_GenerateKeyPair(session, mechanism, templ, count, second, second_count,
					    &other, &object);
		break;
	case 3:
		rv = p11->C_CopyObject(session, object_draw(), templ, count, &object);
		break;
	case 4:
		rv = p11->C_DeriveKey(session, mechanism, object_draw(), templ, count, &object);
		break;
	case 5:
		rv = p11->C_SetAttributeValue(session, object_draw(), templ, count);
		break;
	default:
		rv = p11->C_FindObjectsInit(session, templ, count);
		if (rv == CKR_OK) {
			CK_ULONG found;

			rv = p11->C_FindObjects(session, &other, 1, &found);
			(void)p11->C_FindObjectsFinal(session);
		}
	}
	template_free(templ, count);
	template_free(second, second_count);
	if (rv == CKR_OK && object)
		keep(session, object);
	return rv;
}

/* A function of operations: its beginning, or one that goes on or ends, whatever is under way. */
static CK_RV use_some(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	const size_t len = draw(80);
	CK_ULONG out_len = draw(300), other_len = draw(80);
	uint8_t *in = bytes(len), *out = bytes(out_len), *other = bytes(other_len);
	CK_RV rv;

	switch (draw(22)) {
	case 0:
		rv = p11->C_EncryptInit(session, mechanism, object_draw());
		break;
	case 1:
		rv = p11->C_DecryptInit(session, mechanism, object_draw());
		break;
	case 2:
		rv = p11->C_SignInit(session, mechanism, object_draw());
		break;
	case 3:
		rv = p11->C_VerifyInit(session, mechanism, object_draw());
		break;
	case 4:
		rv = p11->C_DigestInit(session, mechanism);
		break;
	case 5:
		rv = p11->C_Encrypt(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 6:
		rv = p11->C_EncryptUpdate(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 7:
		rv = p11->C_EncryptFinal(session, out, &out_len);
		break;
	case 8:
		rv = p11->C_Decrypt(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 9:
		rv = p11->C_DecryptUpdate(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 10:
		rv = p11->C_DecryptFinal(session, out, &out_len);
		break;
	case 11:
		rv = p11->C_Sign(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 12:
		rv = p11->C_SignUpdate(session, in, len);
		break;
	case 13:
		rv = p11->C_SignFinal(session, draw(4) ? out : NULL, &out_len);
		break;
	case 14:
		rv = p11->C_Verify(session, in, len, other, other_len);
		break;
	case 15:
		rv = p11->C_VerifyUpdate(session, in, len);
		break;
	case 16:
		rv = p11->C_VerifyFinal(session, other, other_len);
		break;
	case 17:
		rv = p11->C_Digest(session, in, len, draw(4) ? out : NULL, &out_len);
		break;
	case 18:
		rv = p11->C_DigestUpdate(session, in, len);
		break;
	case 19:
		rv = p11->C_DigestFinal(session, out, &out_len);
		break;
	case 20:
		rv = p11->C_WrapKey(session, mechanism, object_draw(), object_draw(),
				    draw(4) ? out : NULL, &out_len);
		break;
	default:
		rv = with_nothing(of_session[draw(COUNT(of_session))], session);
	}
	free(in);
	free(out);
	free(other);
	return rv;
}

static void what_comes_at_random_has_a_code(void **state)
{
	const char *text = getenv("TSTEE_FUZZ_ROUNDS"), *first = getenv("TSTEE_FUZZ_SEED");
	const long rounds = text ? atol(text) : 20000;
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	uint8_t room[64] = { 1 };
	long good = 0;

	(void)state;
	seed = first ? strtoull(first, NULL, 0) : 1;
	seed += !seed;
	list_count = COUNT(list);
	assert_int_equal(p11->C_GetMechanismList(first_slot(), list, &list_count), CKR_OK);
	for (long i = 0; i < rounds; i++) {
		CK_MECHANISM mechanism;
		CK_RV rv;

		mechanism_draw(&mechanism, room);
		rv = draw(2) ? make_some(session, &mechanism) : use_some(session, &mechanism);
		free(mechanism.pParameter);
		good += rv == CKR_OK;
		if (is_lame(rv))
			fail_msg("round %ld: 0x%lx", i, rv);
		/* Functions without arguments may have ended it. */
		if (rv == CKR_SESSION_HANDLE_INVALID)
			fail_msg("round %ld: the session is gone", i);
	}
	/* Else it would be the first check alone that is tested. */
	if (good < rounds / 50)
		fail_msg("%ld of %ld calls did something", good, rounds);
	for (size_t i = 0; i < COUNT(made); i++) {
		if (made[i])
			(void)p11->C_DestroyObject(session, made[i]);
	}
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
}

static int setup(void **state)
{
	(void)state;
	module_load();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_the_beginning_each_function_says_so),
		cmocka_unit_test_setup_teardown(a_handle_that_is_none_is_told, begin, end),
		cmocka_unit_test_setup_teardown(nothing_in_place_of_arguments_is_told, begin, end),
		cmocka_unit_test_setup_teardown(what_comes_at_random_has_a_code, begin, end),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
