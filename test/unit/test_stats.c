// SPDX-License-Identifier: BSD-3-Clause
/* Statistics: right counts, of the right time, and latencies as exact as promised. */
#include "cmocka_all.h"
#include "spm_fake.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <world/conduit.h>
#include <world/conduit_control.h>

struct row {
	unsigned long long calls;
	unsigned long long errors;
	unsigned long long busy;
	double p50, p99, max;
};

static char text[4096];

static int setup(void **state)
{
	(void)state;
	spm_fake_reset();
	return 0;
}

static struct row row_of(void *stats, const char *id)
{
	struct row row = { .calls = 0 };
	char name[64];
	const char *line;

	assert_int_equal(world_stats_print(stats, text, sizeof(text)), 0);
	line = strstr(text, id);
	assert_non_null(line);
	assert_in_range(sscanf(line + strlen(id), "%63s %llu %llu %llu %lf %lf %lf", name,
			       &row.calls, &row.errors, &row.busy, &row.p50, &row.p99, &row.max),
			4, 7);
	return row;
}

static void calls_errors_and_refusals_are_told_apart(void **state)
{
	void *stats = world_stats_begin();
	void *fault;
	struct row row;

	(void)state;
	for (int i = 0; i < 3; i++)
		fake_service(FAKE_FIRST, 0x101);
	/* Its answer has a version where others have a status. */
	fake_management(FAKE_FIRST, TS_RPC_VERSION_GET);
	fake_share();
	spm_fake_set_error(FFA_BUSY);
	fake_service(FAKE_FIRST, 0x101);
	spm_fake_set_error(FFA_ABORTED);
	fake_service(FAKE_FIRST, 0x101);
	spm_fake_set_error(0);
	assert_int_equal(world_fault_set("refused-relinquish", text, sizeof(text), &fault), 0);
	fake_management(FAKE_FIRST, TS_RPC_MEMORY_RELINQUISH);
	world_fault_clear(fault);

	row = row_of(stats, "0x8002");
	assert_int_equal(row.calls, 6);
	assert_int_equal(row.errors, 2);
	assert_int_equal(row.busy, 1);
	row = row_of(stats, "0x8003");
	assert_int_equal(row.calls, 0);
	assert_non_null(strstr(text, "first"));
	assert_non_null(strstr(text, "se\"cond"));
	world_stats_end(stats);
}

static void only_what_happened_since_is_counted(void **state)
{
	void *first = world_stats_begin(), *second;

	(void)state;
	fake_service(FAKE_FIRST, 0x101);
	second = world_stats_begin();
	fake_service(FAKE_FIRST, 0x101);
	assert_int_equal(row_of(first, "0x8002").calls, 2);
	assert_int_equal(row_of(second, "0x8002").calls, 1);
	world_stats_end(first);
	fake_service(FAKE_FIRST, 0x101);
	assert_int_equal(row_of(second, "0x8002").calls, 2);
	world_stats_end(second);
	world_stats_end(NULL);
}

/* Within the documented error, and half a unit of the last digit. */
static void assert_latency(double us, double wanted_us)
{
	double allowed = wanted_us / 64 + 0.051;

	if (us < wanted_us - allowed || us > wanted_us + allowed)
		fail_msg("%f us, not %f us", us, wanted_us);
}

static void latencies_are_right_to_a_64th(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < 1ull << 36; ns = ns * 11 / 10 + 1) {
		void *stats = world_stats_begin();
		struct row row;

		spm_fake_set_latency(ns);
		fake_service(FAKE_SECOND, 0x101);
		row = row_of(stats, "0x8003");
		assert_latency(row.p50, (double)ns / 1000);
		assert_true(row.p50 == row.p99 && row.p99 == row.max);
		world_stats_end(stats);
	}
}

static void percentiles_are_of_the_nearest_rank(void **state)
{
	void *stats = world_stats_begin();
	struct row row;

	(void)state;
	for (uint64_t i = 1000; i >= 1; i--) {
		spm_fake_set_latency(i * 10000);
		fake_service(FAKE_FIRST, 0x101);
	}
	row = row_of(stats, "0x8002");
	assert_latency(row.p50, 5000);
	assert_latency(row.p99, 9900);
	assert_latency(row.max, 10000);
	world_stats_end(stats);
}

static void one_slow_call_in_a_hundred_is_above_p99_and_two_are_not(void **state)
{
	void *stats = world_stats_begin();
	struct row row;

	(void)state;
	for (int i = 0; i < 99; i++)
		fake_service(FAKE_FIRST, 0x101);
	for (int i = 0; i < 98; i++)
		fake_service(FAKE_SECOND, 0x101);
	spm_fake_set_latency(1000000);
	fake_service(FAKE_FIRST, 0x101);
	fake_service(FAKE_SECOND, 0x101);
	fake_service(FAKE_SECOND, 0x101);
	row = row_of(stats, "0x8002");
	assert_latency(row.p99, 1);
	assert_latency(row.max, 1000);
	assert_latency(row_of(stats, "0x8003").p99, 1000);
	world_stats_end(stats);
}

static void very_long_calls_are_counted_as_the_longest(void **state)
{
	void *stats = world_stats_begin();

	(void)state;
	spm_fake_set_latency(UINT64_MAX / 2);
	fake_service(FAKE_FIRST, 0x101);
	assert_latency(row_of(stats, "0x8002").max, (double)(1ull << 36) / 1000);
	world_stats_end(stats);
}

static void messages_to_nobody_are_not_counted(void **state)
{
	void *stats = world_stats_begin();
	struct row row;

	(void)state;
	fake_service(0x8001, 0x101);
	fake_service(FAKE_SECOND + 1, 0x101);
	fake_service(0, 0x101);
	row = row_of(stats, "0x8002");
	assert_int_equal(row.calls + row.busy, 0);
	world_stats_end(stats);
}

static void a_table_that_does_not_fit_is_cut(void **state)
{
	void *stats = world_stats_begin();
	size_t len;

	(void)state;
	assert_int_equal(world_stats_print(stats, text, sizeof(text)), 0);
	len = strlen(text);
	assert_int_equal(world_stats_print(stats, text, len + 1), 0);
	for (size_t size = 1; size <= len; size++) {
		memset(text, 'x', sizeof(text));
		assert_int_equal(world_stats_print(stats, text, size), -ENOBUFS);
		assert_int_equal(strlen(text), size - 1);
		assert_int_equal(text[size], 'x');
	}
	world_stats_end(stats);
}

static void *call_on(void *arg)
{
	for (int i = 0; i < 5000; i++)
		fake_service(FAKE_FIRST, 0x101);
	return arg;
}

static void no_call_of_several_threads_is_lost(void **state)
{
	void *stats = world_stats_begin();
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, call_on, NULL);
	for (int i = 0; i < 20; i++) {
		row_of(stats, "0x8002");
		world_stats_end(world_stats_begin());
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(row_of(stats, "0x8002").calls, 20000);
	world_stats_end(stats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(calls_errors_and_refusals_are_told_apart, setup),
		cmocka_unit_test_setup(only_what_happened_since_is_counted, setup),
		cmocka_unit_test_setup(latencies_are_right_to_a_64th, setup),
		cmocka_unit_test_setup(percentiles_are_of_the_nearest_rank, setup),
		cmocka_unit_test_setup(one_slow_call_in_a_hundred_is_above_p99_and_two_are_not,
				       setup),
		cmocka_unit_test_setup(very_long_calls_are_counted_as_the_longest, setup),
		cmocka_unit_test_setup(messages_to_nobody_are_not_counted, setup),
		cmocka_unit_test_setup(a_table_that_does_not_fit_is_cut, setup),
		cmocka_unit_test_setup(no_call_of_several_threads_is_lost, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
