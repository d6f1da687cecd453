// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PKCS#11 module with many threads and processes at once, and when it ends while others are
 * in it: each call has the result that it should have, and none hangs. By counts, not by the clock;
 * threads and processes go on for $TSTEE_LOAD_SECONDS each, if it is set.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <test/fork.h>
#include <time.h>
#include <unistd.h>

#include "module.h"

#define THREADS	  16
#define PROCESSES 16
#define ROUNDS	  40
/* A worker that hangs ends so. */
#define LIMIT_S 100

static CK_OBJECT_CLASS class_private = CKO_PRIVATE_KEY;

static CK_RV find_one(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *key)
{
	CK_ATTRIBUTE templ[] = { A(CKA_CLASS, class_private),
				 A(CKA_TOKEN, yes),
				 { CKA_LABEL, (void *)"load", 4 } };
	CK_ULONG count = 0;
	CK_RV rv = p11->C_FindObjectsInit(session, templ, COUNT(templ));

	if (rv == CKR_OK)
		rv = p11->C_FindObjects(session, key, 1, &count);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsFinal(session);
	return rv == CKR_OK && !count ? CKR_OBJECT_HANDLE_INVALID : rv;
}

/* One round: the token's key signs, and a key of the session that comes and goes. */
static CK_RV round_make(CK_SLOT_ID slot)
{
	CK_OBJECT_HANDLE key, mine;
	CK_SESSION_HANDLE session;
	uint8_t point[80];
	CK_ATTRIBUTE get = A(CKA_EC_POINT, point);
	CK_RV rv =
		p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);

	if (rv != CKR_OK)
		return rv;
	rv = find_one(session, &key);
	if (rv == CKR_OK)
		rv = signer_sign(session, key);
	if (rv == CKR_OK)
		rv = p11->C_GetAttributeValue(session, key, &get, 1);
	if (rv == CKR_OK)
		rv = signer_make(session, "load", &no, &mine);
	if (rv == CKR_OK)
		rv = signer_sign(session, mine);
	if (rv != CKR_OK) {
		(void)p11->C_CloseSession(session);
		return rv;
	}
	return p11->C_CloseSession(session);
}

struct work {
	CK_SLOT_ID slot;
	bool until_the_end;
	CK_RV rv;
	atomic_int rounds;
};

static time_t load_seconds(void)
{
	const char *text = getenv("TSTEE_LOAD_SECONDS");

	return text ? atol(text) : 0;
}

static void *work(void *arg)
{
	struct work *w = arg;
	const time_t end = time(NULL) + load_seconds();

	for (int i = 0; (i < ROUNDS || w->until_the_end || time(NULL) < end) && w->rv == CKR_OK;
	     i++) {
		w->rv = round_make(w->slot);
		atomic_fetch_add(&w->rounds, 1);
	}
	return NULL;
}

static CK_SLOT_ID token_prepare(void)
{
	CK_SESSION_HANDLE session = session_open(CKF_RW_SESSION);
	CK_OBJECT_HANDLE key;

	if (find_one(session, &key) != CKR_OK)
		assert_int_equal(signer_make(session, "load", &yes, &key), CKR_OK);
	assert_int_equal(p11->C_CloseSession(session), CKR_OK);
	return first_slot();
}

static void sixteen_threads_on_one_token(void **state)
{
	pthread_t threads[THREADS];
	struct work w[THREADS];
	CK_TOKEN_INFO info;

	(void)state;
	assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct work){ .slot = token_prepare() };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(w[i].rv, CKR_OK);
	}
	assert_int_equal(p11->C_GetTokenInfo(w[0].slot, &info), CKR_OK);
	assert_int_equal(info.ulSessionCount, 0);
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
}

/* In each the parent's state is there, with other threads in it when it was copied. */
static void sixteen_processes_on_one_token(void **state)
{
	struct work busy = { .until_the_end = true };
	pid_t children[PROCESSES];
	pthread_t thread;
	int status;

	(void)state;
	assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
	busy.slot = token_prepare();
	if (FORKS_BESIDE_THREADS)
		assert_int_equal(pthread_create(&thread, NULL, work, &busy), 0);
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork_alone();
		if (!children[i]) {
			struct work w = { .slot = busy.slot };

			alarm(LIMIT_S + (unsigned int)load_seconds());
			if (p11->C_Initialize(NULL) != CKR_OK)
				_exit(1);
			work(&w);
			if (w.rv != CKR_OK)
				fprintf(stderr, "0x%lx\n", w.rv);
			_exit(w.rv == CKR_OK && p11->C_Finalize(NULL) == CKR_OK ? 0 : 2);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	if (!FORKS_BESIDE_THREADS)
		assert_int_equal(pthread_create(&thread, NULL, work, &busy), 0);
	while (!atomic_load(&busy.rounds))
		sched_yield();
	/* The end comes while the thread is busy: it is told so, and nothing is lost on the way. */
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
	pthread_join(thread, NULL);
	assert_int_equal(busy.rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}

/* Again and again, so that it comes at all moments of a call. */
static void the_end_waits_for_calls(void **state)
{
	pthread_t threads[THREADS];
	struct work w[THREADS];

	(void)state;
	for (int round = 0; round < ROUNDS / 2; round++) {
		assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
		for (int i = 0; i < THREADS; i++) {
			w[i] = (struct work){ .slot = token_prepare(), .until_the_end = true };
			assert_int_equal(pthread_create(&threads[i], NULL, work, &w[i]), 0);
		}
		while (!atomic_load(&w[round % THREADS].rounds))
			sched_yield();
		assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
		for (int i = 0; i < THREADS; i++) {
			pthread_join(threads[i], NULL);
			assert_int_equal(w[i].rv, CKR_CRYPTOKI_NOT_INITIALIZED);
		}
	}
}

static void *wait_for_event(void *arg)
{
	CK_SLOT_ID slot;

	*(CK_RV *)arg = p11->C_WaitForSlotEvent(0, &slot, NULL);
	return NULL;
}

static void who_waits_is_told_of_the_end(void **state)
{
	pthread_t thread;
	CK_RV rv = CKR_OK;
	CK_SLOT_ID slot;

	(void)state;
	assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
	assert_int_equal(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_event, &rv), 0);
	assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
	pthread_join(thread, NULL);
	assert_int_equal(rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}

/* As programs do that load it once more, with and without a proper end. */
static void it_may_be_loaded_again(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		CK_RV rv = p11->C_Initialize(NULL);

		assert_true(rv == CKR_OK || (i && rv == CKR_CRYPTOKI_ALREADY_INITIALIZED));
		assert_int_equal(round_make(token_prepare()), CKR_OK);
		if (i % 2)
			assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
		dlclose(module_file);
		module_load();
	}
}

static bool ends_late;
static int late_status;

/* After main(), as programs do whose libraries clean up for them. */
static void at_exit(void)
{
	late_status = round_make(first_slot()) == CKR_OK && p11->C_Finalize(NULL) == CKR_OK ? 0 : 1;
}

/* After all of those, when libraries are taken down. */
static __attribute__((destructor)) void at_the_very_end(void)
{
	if (!ends_late)
		return;
	if (p11->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED ||
	    p11->C_GetInfo(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED)
		late_status = 2;
	_exit(late_status);
}

static void it_may_be_called_while_the_program_ends(void **state)
{
	struct work busy = { .until_the_end = true };
	pthread_t thread;
	int status;
	pid_t child;

	(void)state;
	fflush(NULL);
	child = fork();
	if (!child) {
		alarm(LIMIT_S);
		ends_late = true;
		if (atexit(at_exit) || p11->C_Initialize(NULL) != CKR_OK)
			_exit(3);
		busy.slot = token_prepare();
		/* One that goes on until the process is no more. */
		if (pthread_create(&thread, NULL, work, &busy) || pthread_detach(thread))
			_exit(4);
		while (!atomic_load(&busy.rounds))
			sched_yield();
		exit(5);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
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
		cmocka_unit_test(sixteen_threads_on_one_token),
		cmocka_unit_test(sixteen_processes_on_one_token),
		cmocka_unit_test(the_end_waits_for_calls),
		cmocka_unit_test(who_waits_is_told_of_the_end),
		cmocka_unit_test(it_may_be_called_while_the_program_ends),
		cmocka_unit_test(it_may_be_loaded_again),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
