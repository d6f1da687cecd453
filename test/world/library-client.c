// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a program may do around libtstee, in a world: one command each, see main(). Silent, with
 * status 0, if all is well.
 */
#include <errno.h>
#include <psa/crypto.h>
#include <psa/internal_trusted_storage.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <tstee.h>
#include <unistd.h>

#define UID 0x7465737431ull

static int expect(const char *what, psa_status_t status)
{
	if (status == PSA_SUCCESS)
		return 0;
	fprintf(stderr, "%s: %d %s\n", what, (int)status, tstee_error());
	return 1;
}

static int use(void)
{
	uint8_t bytes[32];
	int failed;

	failed = expect("init", psa_crypto_init());
	failed += expect("random", psa_generate_random(bytes, sizeof(bytes)));
	failed += expect("set", psa_its_set(UID, sizeof(bytes), bytes, 0));
	failed += expect("remove", psa_its_remove(UID));
	return failed;
}

static void use_at_exit(void)
{
	if (use())
		_exit(9);
}

static pthread_t first;

static void *use_alone(void *arg)
{
	/* From here on the process has no first thread any more. */
	pthread_join(first, NULL);
	exit(use());
	return arg;
}

/* The first thread is gone before the first call; and a call when the process ends. */
static int without_first_thread(void)
{
	pthread_t thread;

	first = pthread_self();
	atexit(use_at_exit);
	if (pthread_create(&thread, NULL, use_alone, NULL))
		return 1;
	pthread_exit(NULL);
}

static int in_chroot(const char *path)
{
	if (chroot(path) || chdir("/")) {
		perror(path);
		return 1;
	}
	return use();
}

static volatile sig_atomic_t signals;

static void count(int number)
{
	(void)number;
	signals++;
}

/* The handler has no SA_RESTART. */
static int amid_signals(long period_us)
{
	const struct itimerval period = { { 0, period_us }, { 0, period_us } };
	const struct sigaction action = { .sa_handler = count };
	static uint8_t bytes[200000];
	struct tstee_devices *devices;
	uint8_t hash[32];
	int failed = 0;
	size_t len;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
	for (int i = 0; i < 10; i++) {
		failed += expect("init", psa_crypto_init());
		mbedtls_psa_crypto_free();
	}
	failed += expect("init", psa_crypto_init());
	for (size_t i = 0; i < 150 || signals < 6; i++) {
		failed += expect("random", psa_generate_random(bytes, i * 600 % sizeof(bytes)));
		failed += expect("hash", psa_hash_compute(PSA_ALG_SHA_256, bytes, sizeof(bytes),
							  hash, sizeof(hash), &len));
		failed += expect("set", psa_its_set(UID, 1000, bytes, 0));
	}
	failed += expect("remove", psa_its_remove(UID));
	for (int i = 0; i < 30; i++) {
		if (tstee_devices_list(&devices)) {
			failed++;
			continue;
		}
		if (!tstee_devices_count(devices))
			failed++;
		for (size_t k = 0; k < tstee_devices_count(devices); k++) {
			if (tstee_device_access(tstee_devices_get(devices, k)))
				failed++;
		}
		tstee_devices_free(devices);
	}
	return failed;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "use"))
		return !!use();
	if (argc == 2 && !strcmp(argv[1], "without-first-thread"))
		return without_first_thread();
	if (argc == 3 && !strcmp(argv[1], "in-chroot"))
		return !!in_chroot(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "amid-signals"))
		return !!amid_signals(atol(argv[2]));
	fprintf(stderr, "usage: %s use|without-first-thread|in-chroot DIR|amid-signals US\n",
		argv[0]);
	return 2;
}
