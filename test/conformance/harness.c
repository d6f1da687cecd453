// SPDX-License-Identifier: BSD-3-Clause
/*
 * Runs tests in children and reports on them. A child says why it failed through a pipe;
 * a child that is killed, by the kernel or by its time limit, has failed too.
 */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_S	   20
#define REASON_LEN 400
#define POLL_US	   2000
/* A child that does not die within this time hangs in the kernel, and is left there. */
#define KILL_LIMIT_MS 5000
/* What a child ends with that was skipped. */
#define STATUS_SKIPPED 77

enum outcome { PASSED, FAILED, SKIPPED };

/* Standard error outside of tests. */
static int reason_fd = 2;

/* They are for what hangs, not for what is slow: a machine on a busy host is several times as slow. */
static unsigned int patience = 3;

void harness_set_patience(unsigned int factor)
{
	patience = factor;
}

unsigned int harness_patience(void)
{
	return patience;
}

_Noreturn void harness_fail(const char *file, int line, const char *format, ...)
{
	char reason[REASON_LEN];
	va_list args;
	int len;

	len = snprintf(reason, sizeof(reason), "%s:%d: ", file, line);
	va_start(args, format);
	vsnprintf(reason + len, sizeof(reason) - 1 - (size_t)len, format, args);
	va_end(args);
	strcat(reason, "\n");
	/* Nothing can be done if even that fails: the status still tells. */
	if (write(reason_fd, reason, strlen(reason)) < 0)
		_exit(2);
	_exit(1);
}

_Noreturn void harness_skip(const char *reason)
{
	dprintf(reason_fd, "%s\n", reason);
	_exit(STATUS_SKIPPED);
}

void harness_equal(const char *file, int line, const char *what, long long got, long long wanted)
{
	if (got != wanted)
		harness_fail(file, line, "%s is %lld, not %lld", what, got, wanted);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits until the child has ended: false if it has not by then. */
static bool wait_until(pid_t child, int *status, long long deadline)
{
	while (waitpid(child, status, WNOHANG) == 0) {
		if (now_ms() >= deadline)
			return false;
		usleep(POLL_US);
	}
	return true;
}

static _Noreturn void run_child(const struct test *test, int fd)
{
	reason_fd = fd;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	test->run();
	_exit(0);
}

/* What became of it, and why if it did not pass. */
static enum outcome judge(const struct test *test, pid_t child, int fd, char reason[REASON_LEN])
{
	unsigned int limit_s = (test->limit_s ? test->limit_s : LIMIT_S) * patience;
	int status = 0;
	bool ended;
	ssize_t len;

	ended = wait_until(child, &status, now_ms() + limit_s * 1000LL);
	/* Whatever it started goes with it. */
	kill(-child, SIGKILL);
	if (!ended) {
		bool died = wait_until(child, &status, now_ms() + KILL_LIMIT_MS);

		snprintf(reason, REASON_LEN, "not done after %u s%s", limit_s,
			 died ? "" : ", and can't be killed");
		return FAILED;
	}

	len = read(fd, reason, REASON_LEN - 1);
	/* Several children may have had something to say: the first was first. */
	reason[len > 0 ? len : 0] = '\0';
	reason[strcspn(reason, "\n")] = '\0';
	if (WIFSIGNALED(status))
		snprintf(reason, REASON_LEN, "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) && !reason[0])
		snprintf(reason, REASON_LEN, "ended with status %d", WEXITSTATUS(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED)
		return SKIPPED;
	return status ? FAILED : PASSED;
}

static void print_json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void report(const struct test *test, enum harness_format format, unsigned int number,
		   enum outcome outcome, const char *reason, long long ms)
{
	if (format == HARNESS_JSON) {
		printf("{\"test\":\"%s\",\"passed\":%s,", test->name,
		       outcome == PASSED ? "true" : "false");
		if (outcome == SKIPPED)
			fputs("\"skipped\":true,", stdout);
		printf("\"ms\":%lld", ms);
		if (reason[0]) {
			fputs(",\"reason\":", stdout);
			print_json_string(reason);
		}
		puts("}");
		return;
	}
	if (outcome == SKIPPED) {
		printf("ok %u - %s # SKIP %s\n", number, test->name, reason);
		return;
	}
	printf("%s %u - %s # %lld ms\n", outcome == PASSED ? "ok" : "not ok", number, test->name,
	       ms);
	if (reason[0])
		printf("# %s\n", reason);
}

void harness_run(const struct test *test, enum harness_format format, unsigned int number,
		 struct harness_totals *totals)
{
	char reason[REASON_LEN] = "";
	long long begin = now_ms();
	enum outcome outcome = FAILED;
	int fds[2] = { -1, -1 };
	pid_t child = -1;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0)
		child = fork();
	if (child == 0)
		run_child(test, fds[1]);
	if (child > 0)
		outcome = judge(test, child, fds[0], reason);
	else
		snprintf(reason, sizeof(reason), "can't start it: %s", strerror(errno));
	close(fds[0]);
	close(fds[1]);

	report(test, format, number, outcome, reason, now_ms() - begin);
	fflush(stdout);
	totals->passed += outcome == PASSED;
	totals->failed += outcome == FAILED;
	totals->skipped += outcome == SKIPPED;
}
