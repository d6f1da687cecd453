// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a program may do around libtstee, in a world: one command each, see main(). Silent, with
 * status 0, if all is well.
 */
#include <errno.h>
#include <linux/tee.h>
#include <psa/crypto.h>
#include <psa/internal_trusted_storage.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <tee_sys.h>
#include <tstee.h>
#include <tstee_storage.h>
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

static psa_status_t take_key(void)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t key;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
	psa_set_key_bits(&attributes, 128);
	return psa_generate_key(&attributes, &key);
}

static psa_status_t take_operation(void)
{
	psa_hash_operation_t op = PSA_HASH_OPERATION_INIT;

	/* Its handle is of no use to anybody: it stays as long as the process. */
	return psa_hash_setup(&op, PSA_ALG_SHA_256);
}

/* Of the first partition. */
static psa_status_t take_buffer(void)
{
	struct tee_ioctl_shm_alloc_data data = { .size = 4096 };
	static int device = -1;

	if (device < 0)
		device = tee_sys_open("/dev/tee0");
	return tee_sys_ioctl(device, TEE_IOC_SHM_ALLOC, &data) < 0 ? PSA_ERROR_INSUFFICIENT_MEMORY :
								     PSA_SUCCESS;
}

/*
 * Takes of it what can be had, or @most, says how much that was, and keeps it until standard input
 * ends.
 */
static int hold(const char *what, long most)
{
	psa_status_t (*take)(void) = !strcmp(what, "keys")	 ? take_key :
				     !strcmp(what, "operations") ? take_operation :
								   take_buffer;
	psa_status_t status = PSA_SUCCESS;
	long count = 0;
	char byte;

	if (take != take_buffer && expect("init", psa_crypto_init()))
		return 1;
	while (count < most && !status) {
		status = take();
		count += !status;
	}
	if (status && status != PSA_ERROR_INSUFFICIENT_MEMORY)
		return expect(what, status);
	printf("%ld\n", count);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

/*
 * Persistent key @id and object 0x10 are in use when somebody else removes them, at the latest when
 * standard input has a byte.
 */
static int lose(mbedtls_svc_key_id_t id)
{
	const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	uint8_t hash[32] = { 0 }, signature[64];
	psa_status_t status;
	char byte;
	size_t len;
	int failed;

	failed = expect("init", psa_crypto_init());
	failed += expect("sign", psa_sign_hash(id, alg, hash, sizeof(hash), signature,
					       sizeof(signature), &len));
	failed += expect("get", psa_its_get(0x10, 0, 1, &byte, &len));
	puts("ready");
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	status = psa_sign_hash(id, alg, hash, sizeof(hash), signature, sizeof(signature), &len);
	failed += status != PSA_ERROR_INVALID_HANDLE && expect("sign when it is gone", status) + 1;
	status = psa_its_get(0x10, 0, 1, &byte, &len);
	failed += status != PSA_ERROR_DOES_NOT_EXIST && expect("get when it is gone", status) + 1;
	status = psa_destroy_key(id);
	failed += status != PSA_ERROR_INVALID_HANDLE && expect("destroy when gone", status) + 1;
	return failed;
}

/* Stores objects of @len bytes, from UID 1 on, until there is no more room; says how many. */
static int fill(const char *service, size_t len)
{
	static const uint8_t data[TSTEE_STORAGE_OBJECT_MAX];
	struct tstee_session *session;
	psa_status_t status = 0;
	uint64_t uid = 0;

	if (tstee_open(service, NULL, &session)) {
		fprintf(stderr, "%s\n", tstee_error());
		return 1;
	}
	while (!status && !tstee_storage_set(session, uid + 1, len, data, 0, &status))
		uid += !status;
	tstee_close(session);
	printf("%llu\n", (unsigned long long)uid);
	return status == PSA_ERROR_INSUFFICIENT_STORAGE ? 0 : expect(service, status) + 1;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "hold"))
		return hold(argv[2], atol(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "lose"))
		return !!lose((mbedtls_svc_key_id_t)strtoul(argv[2], NULL, 0));
	if (argc == 4 && !strcmp(argv[1], "fill"))
		return fill(argv[2], (size_t)atol(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "use"))
		return !!use();
	if (argc == 2 && !strcmp(argv[1], "without-first-thread"))
		return without_first_thread();
	if (argc == 3 && !strcmp(argv[1], "in-chroot"))
		return !!in_chroot(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "amid-signals"))
		return !!amid_signals(atol(argv[2]));
	fprintf(stderr,
		"usage: %s use|without-first-thread|in-chroot DIR|amid-signals US|"
		"hold keys|operations|buffers MOST|lose KEY|fill its|ps LEN\n",
		argv[0]);
	return 2;
}
