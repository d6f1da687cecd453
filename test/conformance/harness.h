/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The test runner: each test is a function that returns if all is well, run in a child
 * process of its own with a time limit. What a test starts dies with it.
 */
#ifndef CONFORMANCE_HARNESS_H
#define CONFORMANCE_HARNESS_H

#include <stdbool.h>
#include <stddef.h>

struct test {
	const char *name; /* says what must hold */
	void (*run)(void);
	unsigned int limit_s; /* on an idle host; 0: the usual limit */
};

#define TEST(function, ...)                                       \
	{                                                         \
		.name = #function, .run = (function), __VA_ARGS__ \
	}

enum harness_format { HARNESS_TAP, HARNESS_JSON };

struct harness_totals {
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped; /* in neither of the others */
};

/* Time limits are to be so many times as long as on an idle host, instead of three times. */
void harness_set_patience(unsigned int factor);
unsigned int harness_patience(void);

/* Runs a test and prints its line; number counts from 1. */
void harness_run(const struct test *test, enum harness_format format, unsigned int number,
		 struct harness_totals *totals);

/* For tests: ends the test as failed. */
_Noreturn void harness_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* For tests: ends the test, which can't be run in this place for that reason. */
_Noreturn void harness_skip(const char *reason);

void harness_equal(const char *file, int line, const char *what, long long got, long long wanted);

#define FAIL(...) harness_fail(__FILE_NAME__, __LINE__, __VA_ARGS__)
#define CHECK(condition)                                \
	do {                                            \
		if (!(condition))                       \
			FAIL("not so: %s", #condition); \
	} while (0)
#define CHECK_EQUAL(got, wanted) \
	harness_equal(__FILE_NAME__, __LINE__, #got, (long long)(got), (long long)(wanted))

#endif /* CONFORMANCE_HARNESS_H */
