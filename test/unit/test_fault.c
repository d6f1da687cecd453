// SPDX-License-Identifier: BSD-3-Clause
/* Faults: what is asked for happens, and nothing else does. */
#include "cmocka_all.h"
#include "spm_fake.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <world/conduit_control.h>

#define OPCODE 0x0101

static char error[512];

static void *fault(const char *spec)
{
	void *handle = NULL;

	if (world_fault_set(spec, error, sizeof(error), &handle))
		fail_msg("%s: %s", spec, error);
	return handle;
}

static int setup(void **state)
{
	(void)state;
	spm_fake_reset();
	return 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool is_good_service_answer(struct ffa_regs regs)
{
	return (uint32_t)regs.x[0] == FFA_MSG_SEND_DIRECT_RESP &&
	       regs.x[3] == ts_rpc_control(1, OPCODE) && !regs.x[4] && !regs.x[5] &&
	       regs.x[6] == FAKE_RESP_LEN;
}

static int service_error(uint16_t endpoint_id, uint16_t opcode)
{
	struct ffa_regs regs = fake_service(endpoint_id, opcode);

	return fake_error(&regs);
}

static int management_error(uint16_t opcode)
{
	struct ffa_regs regs = fake_management(FAKE_FIRST, opcode);

	return fake_error(&regs);
}

static void calls_pass_unchanged_without_faults(void **state)
{
	(void)state;
	assert_true(is_good_service_answer(fake_service(FAKE_FIRST, OPCODE)));
	assert_int_equal(spm_fake_get().calls, 1);
	assert_int_equal(spm_fake_get().last.x[7], 0x800003e8);
}

static void faults_change_no_call_that_they_do_not_strike(void **state)
{
	void *handle = fault("busy:endpoint=0x8009;long-response:after=1");

	(void)state;
	assert_true(is_good_service_answer(fake_service(FAKE_FIRST, OPCODE)));
	assert_int_equal(spm_fake_get().calls, 1);
	assert_int_equal(spm_fake_get().last.x[7], 0x800003e8);
	world_fault_clear(handle);
}

static void busy_is_answered_and_not_forwarded(void **state)
{
	void *handle = fault("busy");

	(void)state;
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), FFA_BUSY);
	assert_int_equal(management_error(TS_RPC_MEMORY_RELINQUISH), FFA_BUSY);
	assert_int_equal(spm_fake_get().calls, 0);
	fake_share();
	fake_reclaim();
	assert_int_equal(spm_fake_get().calls, 2);
	world_fault_clear(handle);
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), 0);
}

static void busy_can_be_limited_to_an_endpoint(void **state)
{
	void *handle = fault("busy:endpoint=0x8003");

	(void)state;
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), 0);
	assert_int_equal(service_error(FAKE_SECOND, OPCODE), FFA_BUSY);
	world_fault_clear(handle);
}

static void faults_can_be_limited_to_an_opcode_of_services(void **state)
{
	void *handle = fault("busy:opcode=3");

	(void)state;
	assert_int_equal(service_error(FAKE_FIRST, 2), 0);
	assert_int_equal(service_error(FAKE_FIRST, 3), FFA_BUSY);
	assert_int_equal(management_error(TS_RPC_INTERFACE_ID_QUERY), 0);
	world_fault_clear(handle);
}

static void faults_can_be_limited_to_a_management_call(void **state)
{
	static const struct {
		const char *spec;
		uint16_t opcode;
	} rows[] = {
		{ "busy:call=version", TS_RPC_VERSION_GET },
		{ "busy:call=retrieve", TS_RPC_MEMORY_RETRIEVE },
		{ "busy:call=relinquish", TS_RPC_MEMORY_RELINQUISH },
		{ "busy:call=query", TS_RPC_INTERFACE_ID_QUERY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *handle = fault(rows[i].spec);

		for (uint16_t opcode = 0; opcode < 5; opcode++)
			assert_int_equal(management_error(opcode),
					 opcode == rows[i].opcode ? FFA_BUSY : 0);
		assert_int_equal(service_error(FAKE_FIRST, rows[i].opcode), 0);
		world_fault_clear(handle);
	}
}

static void faults_begin_after_and_end_with_their_count(void **state)
{
	void *handle = fault("busy:after=2,count=3");

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(service_error(FAKE_FIRST, OPCODE), i >= 2 && i < 5 ? FFA_BUSY : 0);
	world_fault_clear(handle);
}

static uint64_t busy_pattern(const char *spec, unsigned int *busy_count)
{
	void *handle = fault(spec);
	uint64_t pattern = 0;

	*busy_count = 0;
	for (int i = 0; i < 1000; i++) {
		bool busy = service_error(FAKE_FIRST, OPCODE) == FFA_BUSY;

		*busy_count += busy;
		pattern = pattern * 3 + busy;
	}
	world_fault_clear(handle);
	return pattern;
}

static void a_probability_is_kept_and_a_seed_repeats_it(void **state)
{
	unsigned int busy_count, again;
	uint64_t pattern = busy_pattern("busy:p=0.3,seed=7", &busy_count);

	(void)state;
	assert_in_range(busy_count, 250, 350);
	assert_true(pattern == busy_pattern("busy:p=0.3,seed=7", &again));
	assert_int_equal(again, busy_count);
	assert_true(pattern != busy_pattern("busy:p=0.3,seed=8", &again));
	assert_true(busy_pattern("busy:p=0.3", &again) == busy_pattern("busy:p=0.300", &again));
	busy_pattern("busy:p=0", &again);
	assert_int_equal(again, 0);
	busy_pattern("busy:p=1.0", &again);
	assert_int_equal(again, 1000);
}

static void a_partition_crashes_at_its_nth_call(void **state)
{
	void *handle = fault("crash:n=5,endpoint=0x8003");

	(void)state;
	for (int i = 0; i < 7; i++) {
		fake_service(FAKE_FIRST, OPCODE);
		fake_service(FAKE_SECOND, OPCODE);
	}
	assert_int_equal(spm_fake_get().crashes, 1);
	assert_int_equal(spm_fake_get().crashed_id, FAKE_SECOND);
	/* Before the call was forwarded: nine others had been. */
	assert_int_equal(spm_fake_get().calls_at_crash, 9);
	assert_int_equal(spm_fake_get().calls, 14);
	world_fault_clear(handle);
}

static bool is_management_answer(struct ffa_regs regs, int status)
{
	return (uint32_t)regs.x[0] == FFA_MSG_SEND_DIRECT_RESP &&
	       regs.x[1] == ffa_message_endpoints(FAKE_FIRST, 0) && !regs.x[2] &&
	       regs.x[3] == ts_rpc_control(0xff, TS_RPC_MEMORY_RELINQUISH) &&
	       (int32_t)(uint32_t)regs.x[4] == status && !regs.x[5] && !regs.x[6] && !regs.x[7];
}

static void a_lost_relinquish_looks_well_and_never_arrives(void **state)
{
	void *handle = fault("lost-relinquish:count=1");

	(void)state;
	assert_true(is_management_answer(fake_management(FAKE_FIRST, TS_RPC_MEMORY_RELINQUISH), 0));
	assert_int_equal(spm_fake_get().calls, 0);
	fake_management(FAKE_FIRST, TS_RPC_MEMORY_RELINQUISH);
	assert_int_equal(spm_fake_get().calls, 1);
	world_fault_clear(handle);
}

static void a_refused_relinquish_never_arrives(void **state)
{
	void *handle = fault("refused-relinquish");

	(void)state;
	assert_true(
		is_management_answer(fake_management(FAKE_FIRST, TS_RPC_MEMORY_RELINQUISH), -5));
	fake_management(FAKE_FIRST, TS_RPC_MEMORY_RETRIEVE);
	assert_int_equal(spm_fake_get().calls, 1);
	world_fault_clear(handle);
}

static void a_reclaim_is_denied_so_many_times(void **state)
{
	void *handle = fault("denied-reclaim:count=2");

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct ffa_regs regs = fake_reclaim();

		assert_int_equal(fake_error(&regs), i < 2 ? FFA_DENIED : 0);
	}
	assert_int_equal(spm_fake_get().calls, 1);
	world_fault_clear(handle);
}

static void sharing_meets_no_memory(void **state)
{
	void *handle = fault("no-memory:after=1");
	struct ffa_regs regs;

	(void)state;
	regs = fake_share();
	assert_int_equal(fake_error(&regs), 0);
	assert_int_equal(regs.x[0], FFA_SUCCESS);
	regs = fake_share();
	assert_int_equal(fake_error(&regs), FFA_NO_MEMORY);
	assert_int_equal(spm_fake_get().calls, 1);
	world_fault_clear(handle);
}

static int share_error(uint16_t endpoint_id)
{
	struct ffa_regs regs = fake_share_with(endpoint_id);

	return fake_error(&regs);
}

static int reclaim_error(uint32_t number)
{
	struct ffa_regs regs = fake_reclaim_of(number);

	return fake_error(&regs);
}

static void memory_faults_can_be_limited_to_an_endpoint(void **state)
{
	void *handle;

	(void)state;
	fake_map();
	/* Before there is any fault; the numbers of their handles are 0 and 1. */
	assert_int_equal(share_error(FAKE_FIRST), 0);
	assert_int_equal(share_error(FAKE_SECOND), 0);
	handle = fault("no-memory:endpoint=0x8003; denied-reclaim:endpoint=0x8003,count=1");
	assert_int_equal(share_error(FAKE_FIRST), 0);
	assert_int_equal(share_error(FAKE_SECOND), FFA_NO_MEMORY);
	assert_int_equal(reclaim_error(0), 0);
	assert_int_equal(reclaim_error(2), 0);
	assert_int_equal(reclaim_error(1), FFA_DENIED);
	assert_int_equal(reclaim_error(1), 0);
	world_fault_clear(handle);

	/* What was reclaimed is forgotten: the handle is another's now. */
	handle = fault("denied-reclaim:endpoint=0x8003");
	assert_int_equal(reclaim_error(1), 0);
	world_fault_clear(handle);
}

static void hostile_answers_are_as_asked_for(void **state)
{
	void *handle = fault("bad-interface; long-response:len=8193,opcode=0x101; "
			     "wrong-echo:opcode=0x102");
	struct ffa_regs regs;

	(void)state;
	regs = fake_management(FAKE_FIRST, TS_RPC_INTERFACE_ID_QUERY);
	assert_int_equal(regs.x[4], 0);
	assert_int_equal(regs.x[5], 0xff);
	regs = fake_service(FAKE_FIRST, 0x101);
	assert_int_equal(regs.x[6], 8193);
	assert_int_equal(regs.x[3], ts_rpc_control(1, 0x101));
	regs = fake_service(FAKE_FIRST, 0x102);
	assert_int_equal(regs.x[6], FAKE_RESP_LEN);
	assert_int_not_equal(regs.x[3], ts_rpc_control(1, 0x102));
	assert_int_equal(spm_fake_get().calls, 3);
	world_fault_clear(handle);

	handle = fault("bad-interface:id=256; long-response");
	assert_int_equal(fake_management(FAKE_FIRST, TS_RPC_INTERFACE_ID_QUERY).x[5], 256);
	assert_int_equal(fake_service(FAKE_FIRST, 0x101).x[6], UINT32_MAX);
	world_fault_clear(handle);
}

static void only_answers_of_partitions_turn_hostile(void **state)
{
	void *handle = fault("wrong-echo:count=1");

	(void)state;
	spm_fake_set_error(FFA_ABORTED);
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), FFA_ABORTED);
	spm_fake_set_error(0);
	assert_int_not_equal(fake_service(FAKE_FIRST, OPCODE).x[3], ts_rpc_control(1, OPCODE));
	assert_true(is_good_service_answer(fake_service(FAKE_FIRST, OPCODE)));
	world_fault_clear(handle);
}

static void *slow_caller(void *arg)
{
	double begin = now();

	fake_service(FAKE_FIRST, OPCODE);
	*(double *)arg = now() - begin;
	return NULL;
}

static void a_slow_call_holds_up_nobody_else(void **state)
{
	void *handle = fault("slow:us=300000,endpoint=0x8002");
	double took, begin = now();
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, slow_caller, &took);
	while (now() - begin < 0.05)
		;
	begin = now();
	for (int i = 0; i < 100; i++)
		fake_service(FAKE_SECOND, OPCODE);
	fake_management(FAKE_FIRST, TS_RPC_VERSION_GET);
	world_fault_clear(fault("busy"));
	assert_true(now() - begin < 0.1);
	assert_int_equal(spm_fake_get().calls, 101);
	world_fault_clear(handle);
	pthread_join(thread, NULL);
	assert_true(took >= 0.3);
	assert_int_equal(spm_fake_get().calls, 102);
}

static void a_slow_call_can_be_struck_by_another_fault_too(void **state)
{
	void *handle = fault("slow:us=20000; slow:us=10000; crash");
	double begin = now();

	(void)state;
	fake_service(FAKE_FIRST, OPCODE);
	assert_true(now() - begin >= 0.03);
	assert_int_equal(spm_fake_get().crashes, 1);
	world_fault_clear(handle);
}

static void each_specification_is_cleared_by_itself(void **state)
{
	void *first = fault("busy:endpoint=0x8002"), *second = fault("busy:endpoint=0x8003");
	void *third = fault("denied-reclaim");
	struct ffa_regs regs;

	(void)state;
	world_fault_clear(second);
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), FFA_BUSY);
	assert_int_equal(service_error(FAKE_SECOND, OPCODE), 0);
	world_fault_clear(first);
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), 0);
	regs = fake_reclaim();
	assert_int_equal(fake_error(&regs), FFA_DENIED);
	world_fault_clear(third);
	world_fault_clear(NULL);
	regs = fake_reclaim();
	assert_int_equal(fake_error(&regs), 0);
}

static void the_first_rule_that_strikes_hides_the_call_from_the_next(void **state)
{
	void *handle = fault("busy:count=2; crash:n=2");

	(void)state;
	for (int i = 0; i < 3; i++)
		fake_service(FAKE_FIRST, OPCODE);
	assert_int_equal(spm_fake_get().crashes, 0);
	fake_service(FAKE_FIRST, OPCODE);
	assert_int_equal(spm_fake_get().crashes, 1);
	world_fault_clear(handle);
}

static void wrong_specifications_are_refused_with_the_place(void **state)
{
	static const char many[] =
		"busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;"
		"busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;busy;"
		"busy";
	static const struct {
		const char *spec;
		const char *error;
	} rows[] = {
		{ "", "character 1: unknown fault \"\"; known: busy, crash, slow, lost-relinquish, "
		      "refused-relinquish, denied-reclaim, no-memory, bad-interface, "
		      "long-response, wrong-echo" },
		{ "bus", "character 1: unknown fault \"bus\"" },
		{ "busy;", "character 6: unknown fault \"\"" },
		{ "busy; lazy", "character 7: unknown fault \"lazy\"" },
		{ "busy lazy", "character 6: wanted: \";\"" },
		{ "busy=1", "character 5: wanted: \";\"" },
		{ "busy:", "character 6: busy has no setting \"\"; it has: endpoint, call, opcode, "
			   "after, count, p, seed" },
		{ "busy:p=0.5,", "character 12: busy has no setting \"\"" },
		{ "busy:q=1", "character 6: busy has no setting \"q\"" },
		{ "busy:p", "character 7: wanted: p=VALUE" },
		{ "busy:p=", "character 8: p is \"\"" },
		{ "busy:p=1.1", "wanted: 0 to 1" },
		{ "busy:p=2", "wanted: 0 to 1" },
		{ "busy:p=-0.5", "wanted: 0 to 1" },
		{ "busy:p=0.", "wanted: 0 to 1" },
		{ "busy:p=.5", "wanted: 0 to 1" },
		{ "busy:p=0.1234567890", "wanted: 0 to 1" },
		{ "busy:p=0x1", "wanted: 0 to 1" },
		{ "busy:p=0.5,p=0.5", "character 12: p is given twice" },
		{ "busy:endpoint=0", "endpoint is \"0\", wanted: a number from 1 to 65535" },
		{ "busy:endpoint=65536", "wanted: a number from 1 to 65535" },
		{ "busy:endpoint=0x", "wanted: a number" },
		{ "busy:endpoint=0x8002h", "wanted: a number" },
		{ "busy:count=4294967296", "wanted: a number from 1 to 4294967295" },
		{ "busy:count=18446744073709551617", "wanted: a number from 1 to 4294967295" },
		{ "busy:count=-1", "wanted: a number" },
		{ "busy:count=+1", "wanted: a number" },
		{ "busy:count=0", "wanted: a number from 1" },
		{ "busy:count=a", "wanted: a number" },
		{ "busy:call=all", "unknown call \"all\"; known: any, service, version, query, "
				   "retrieve, relinquish" },
		{ "busy:call=service,opcode=1", "call and opcode do not go together" },
		{ "busy:n=1", "busy has no setting \"n\"" },
		{ "crash:n=0", "wanted: a number from 1" },
		{ "crash:n=2,after=1", "n and after do not go together" },
		{ "slow", "character 1: slow needs us=MICROSECONDS" },
		{ "slow:us=10000001", "wanted: a number from 1 to 10000000" },
		{ "denied-reclaim:opcode=1", "denied-reclaim has no setting \"opcode\"" },
		{ "lost-relinquish:opcode=1", "has no setting \"opcode\"" },
		{ many, "character 161: more than 32 faults" },
		{ "b\n\x7f\xc3", "unknown fault \"b???\"" },
	};
	void *handle = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(world_fault_set(rows[i].spec, error, sizeof(error), &handle),
				 -EINVAL);
		if (!strstr(error, rows[i].error))
			fail_msg("\"%s\": \"%s\", not \"%s\"", rows[i].spec, error, rows[i].error);
		assert_null(handle);
	}
	for (size_t size = 0; size < 100; size++) {
		memset(error, 'x', sizeof(error));
		world_fault_set("nonsense", error, size, &handle);
		assert_int_equal(error[size], 'x');
		if (size)
			assert_in_range(strnlen(error, size), 0, size - 1);
	}
	assert_int_equal(service_error(FAKE_FIRST, OPCODE), 0);
}

static void blanks_between_words_do_not_matter(void **state)
{
	(void)state;
	world_fault_clear(fault("  busy : p = 0.3 ,\tendpoint=0x8002 ; crash:n=5 "));
}

static void *set_and_clear(void *arg)
{
	for (int i = 0; i < 300; i++)
		world_fault_clear(fault("busy:p=0.5;slow:us=1,p=0.1;wrong-echo:p=0.5"));
	return arg;
}

static void *call_on(void *arg)
{
	for (int i = 0; i < 2000; i++)
		fake_service(FAKE_FIRST, OPCODE);
	return arg;
}

static void faults_come_and_go_while_threads_call(void **state)
{
	pthread_t threads[6];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, i < 2 ? set_and_clear : call_on, NULL);
	for (size_t i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	assert_true(is_good_service_answer(fake_service(FAKE_FIRST, OPCODE)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(calls_pass_unchanged_without_faults, setup),
		cmocka_unit_test_setup(faults_change_no_call_that_they_do_not_strike, setup),
		cmocka_unit_test_setup(busy_is_answered_and_not_forwarded, setup),
		cmocka_unit_test_setup(busy_can_be_limited_to_an_endpoint, setup),
		cmocka_unit_test_setup(faults_can_be_limited_to_an_opcode_of_services, setup),
		cmocka_unit_test_setup(faults_can_be_limited_to_a_management_call, setup),
		cmocka_unit_test_setup(faults_begin_after_and_end_with_their_count, setup),
		cmocka_unit_test_setup(a_probability_is_kept_and_a_seed_repeats_it, setup),
		cmocka_unit_test_setup(a_partition_crashes_at_its_nth_call, setup),
		cmocka_unit_test_setup(a_lost_relinquish_looks_well_and_never_arrives, setup),
		cmocka_unit_test_setup(a_refused_relinquish_never_arrives, setup),
		cmocka_unit_test_setup(a_reclaim_is_denied_so_many_times, setup),
		cmocka_unit_test_setup(sharing_meets_no_memory, setup),
		cmocka_unit_test_setup(memory_faults_can_be_limited_to_an_endpoint, setup),
		cmocka_unit_test_setup(hostile_answers_are_as_asked_for, setup),
		cmocka_unit_test_setup(only_answers_of_partitions_turn_hostile, setup),
		cmocka_unit_test_setup(a_slow_call_holds_up_nobody_else, setup),
		cmocka_unit_test_setup(a_slow_call_can_be_struck_by_another_fault_too, setup),
		cmocka_unit_test_setup(each_specification_is_cleared_by_itself, setup),
		cmocka_unit_test_setup(the_first_rule_that_strikes_hides_the_call_from_the_next,
				       setup),
		cmocka_unit_test_setup(wrong_specifications_are_refused_with_the_place, setup),
		cmocka_unit_test_setup(blanks_between_words_do_not_matter, setup),
		cmocka_unit_test_setup(faults_come_and_go_while_threads_call, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
