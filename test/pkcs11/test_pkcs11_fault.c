// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PKCS#11 module with a partition that dies, comes back, or is full: the right codes, and no
 * hang. $TSWORLD is the program, $STATE the state directory of the world that this runs in.
 */
#include <stdbool.h>
#include <unistd.h>

#include "module.h"

/* More than any partition has room for. */
#define MANY 100000

static CK_OBJECT_CLASS class_data = CKO_DATA;

/* Runs a command of the shell that has to do. */
static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void crypto_kill(void)
{
	shell("kill -9 $(\"$TSWORLD\" status --state \"$STATE\" |"
	      " sed -n 's/^partition: crypto,.*process //p') &&"
	      " while \"$TSWORLD\" status --state \"$STATE\" |"
	      " grep -q '^partition: crypto,.*process'; do sleep 0.05; done");
}

static void crypto_restart(void)
{
	shell("\"$TSWORLD\" restart --state \"$STATE\" crypto");
}

static void a_dead_partition_is_a_token_that_was_taken_away(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE token_key, session_key, found;
	CK_ULONG count = 1;

	(void)state;
	assert_int_equal(signer_make(session, "fault", &yes, &token_key), CKR_OK);
	assert_int_equal(signer_make(session, "fault", &no, &session_key), CKR_OK);
	assert_int_equal(signer_sign(session, token_key), CKR_OK);
	assert_int_equal(signer_sign(session, session_key), CKR_OK);
	crypto_kill();
	assert_int_equal(signer_sign(session, token_key), CKR_DEVICE_REMOVED);
	/* And not only the first time. */
	assert_int_equal(signer_sign(session, session_key), CKR_DEVICE_REMOVED);
	assert_int_equal(signer_make(session, "fault", &no, &found), CKR_DEVICE_REMOVED);
	/* Whoever comes now finds none, which is no error. */
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
	assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
	assert_int_equal(p11->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
	assert_int_equal(count, 0);
	crypto_restart();
	session = session_open(CKF_RW_SESSION);
	found = object_find(session, CKO_PRIVATE_KEY, "fault");
	assert_int_equal(signer_sign(session, found), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, found), CKR_OK);
}

/* What is open goes on with a partition that was started anew, but for keys that it had in memory. */
static void a_restarted_partition_is_used_by_the_next_call(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE token_key, session_key;
	CK_RV rv;

	(void)state;
	assert_int_equal(signer_make(session, "fault", &yes, &token_key), CKR_OK);
	assert_int_equal(signer_make(session, "fault", &no, &session_key), CKR_OK);
	crypto_restart();
	rv = signer_sign(session, token_key);
	if (rv != CKR_OK) /* the call that finds out */
		assert_int_equal(rv, CKR_DEVICE_REMOVED);
	assert_int_equal(signer_sign(session, token_key), CKR_OK);
	assert_int_equal(signer_sign(session, session_key), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(signer_make(session, "fault", &no, &session_key), CKR_OK);
	assert_int_equal(signer_sign(session, session_key), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, token_key), CKR_OK);
}

/* Keys on the token until there is no room: said so, what is there works, and room can be made. */
static void a_full_token_says_so(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE *made = calloc(MANY, sizeof(*made)), one;
	CK_RV rv = CKR_OK;
	size_t count = 0;

	(void)state;
	assert_non_null(made);
	while (count < MANY && (rv = signer_make(session, "fault", &no, &made[count])) == CKR_OK)
		count++;
	assert_int_equal(rv, CKR_DEVICE_MEMORY);
	assert_true(count > 0);
	assert_int_equal(signer_sign(session, made[count - 1]), CKR_OK);
	assert_int_equal(signer_make(session, "fault", &no, &one), CKR_DEVICE_MEMORY);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(p11->C_DestroyObject(session, made[i]), CKR_OK);
	assert_int_equal(signer_make(session, "fault", &no, &one), CKR_OK);
	free(made);
}

static void full_storage_says_so(void **state)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	static uint8_t value[40000];
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_data),
				 A(CKA_TOKEN, yes),
				 A(CKA_VALUE, value),
				 { CKA_LABEL, (void *)"full", 4 } };
	CK_OBJECT_HANDLE *made = calloc(MANY, sizeof(*made)), key;
	CK_RV rv = CKR_OK;
	size_t count = 0;

	(void)state;
	assert_non_null(made);
	while (count < MANY &&
	       (rv = p11->C_CreateObject(session, templ, COUNT(templ), &made[count])) == CKR_OK)
		count++;
	assert_int_equal(rv, CKR_DEVICE_MEMORY);
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(p11->C_DestroyObject(session, made[i]), CKR_OK);
	assert_int_equal(p11->C_CreateObject(session, templ, COUNT(templ), &made[0]), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, made[0]), CKR_OK);
	assert_int_equal(signer_make(session, "fault", &yes, &key), CKR_OK);
	assert_int_equal(p11->C_DestroyObject(session, key), CKR_OK);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_dead_partition_is_a_token_that_was_taken_away,
						begin, end),
		cmocka_unit_test_setup_teardown(a_restarted_partition_is_used_by_the_next_call,
						begin, end),
		cmocka_unit_test_setup_teardown(a_full_token_says_so, begin, end),
		cmocka_unit_test_setup_teardown(full_storage_says_so, begin, end),
	};

	module_load();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
