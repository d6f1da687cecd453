// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-bench: measures calls of secure partitions from inside the machine, over the raw ioctls,
 * with whatever driver is loaded. Lines of "NAME<tab>VALUE" for test/bench/bench, which knows
 * what the values mean and what they should be. What a firmware doesn't host isn't measured.
 */
#include "measure.h"
#include "tee.h"

#include <errno.h>
#include <partition/test_service.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <tstee/attestation.h>
#include <tstee/secure_storage.h>
#include <tstee/services.h>
#include <unistd.h>

#define SAMPLES	   501
#define TOKENS	   51
#define BUFFER_LEN 8192
#define UID	   0xbe0c
#define PROCESSES  8
#define SECOND_NS  1000000000ull

static const uint8_t its_uuid[] = TSTEE_ITS_UUID_BYTES;
static const uint8_t ps_uuid[] = TSTEE_PS_UUID_BYTES;
static const uint8_t test_uuid[] = TEST_SERVICE_UUID_BYTES;
static const uint8_t attestation_uuid[] = TSTEE_ATTESTATION_UUID_BYTES;

static struct tee_client its;
static struct tee_client ps;
static struct tee_client test;
static struct tee_client attestation;

static void must(struct tee_client *client, uint32_t opcode, size_t request_len, int32_t wanted)
{
	uint64_t len;
	int32_t status;
	int rc;

	rc = tee_invoke(client->fd, client->session, opcode, (uint64_t)client->buffer.id,
			request_len, &len, &status);
	if (rc)
		die("a call", rc);
	if (status != wanted) {
		fprintf(stderr, "tstee-bench: service status %d\n", status);
		exit(1);
	}
}

static void nothing(void)
{
}

static void empty_call(void)
{
	must(&test, TEST_NULL, 0, 0);
}

static void its_get_info_absent(void)
{
	struct secure_storage_object request = { UID + 1 };

	memcpy(its.buffer.data, &request, sizeof(request));
	must(&its, SECURE_STORAGE_GET_INFO, sizeof(request), -140);
}

static void set(struct tee_client *client, size_t len)
{
	struct secure_storage_set request = { UID, len, 0 };

	memcpy(client->buffer.data, &request, sizeof(request));
	must(client, SECURE_STORAGE_SET, sizeof(request) + len, 0);
}

static void get(struct tee_client *client, size_t len)
{
	struct secure_storage_get request = { UID, 0, len };

	memcpy(client->buffer.data, &request, sizeof(request));
	must(client, SECURE_STORAGE_GET, sizeof(request), 0);
}

static void its_set_64(void)
{
	set(&its, 64);
}

static void its_get_64(void)
{
	get(&its, 64);
}

static void its_set_4000(void)
{
	set(&its, 4000);
}

static void its_get_4000(void)
{
	get(&its, 4000);
}

static void ps_set_64(void)
{
	set(&ps, 64);
}

static void ps_get_64(void)
{
	get(&ps, 64);
}

static void ps_set_4000(void)
{
	set(&ps, 4000);
}

static void ps_get_4000(void)
{
	get(&ps, 4000);
}

/* A record with a challenge of zeros, behind the profile. */
static void attestation_token(void)
{
	static const uint8_t record[] = { 0, ATTESTATION_TAG, 0, ATTESTATION_CHALLENGE_32 };
	struct attestation_profile_only profile = { ATTESTATION_PROFILE_RFC9783 };
	uint8_t *request = attestation.buffer.data;

	memcpy(request, &profile, sizeof(profile));
	memcpy(request + sizeof(profile), record, sizeof(record));
	memset(request + sizeof(profile) + sizeof(record), 0, ATTESTATION_CHALLENGE_32);
	must(&attestation, ATTESTATION_GET_TOKEN_PROFILE,
	     sizeof(profile) + sizeof(record) + ATTESTATION_CHALLENGE_32, 0);
}

static void open_close_session(void)
{
	uint32_t session;
	int rc;

	rc = tee_session_open(its.fd, its_uuid, &tee_login_public, &session);
	if (!rc)
		rc = tee_session_close(its.fd, session);
	if (rc)
		die("a session", rc);
}

/* Unlike tee_buffer_alloc(), without mapping it: that is the kernel's work, not ours. */
static void alloc_close_buffer(void)
{
	struct tee_ioctl_shm_alloc_data arg = { .size = BUFFER_LEN };
	int fd = ioctl(its.fd, TEE_IOC_SHM_ALLOC, &arg);

	if (fd < 0)
		die("a buffer", -errno);
	close(fd);
}

/* False: there is no such service in this firmware. */
static bool connect_to(struct tee_client *client, const uint8_t *uuid)
{
	const int rc = tee_connect(client, uuid, &tee_login_public, BUFFER_LEN);

	if (rc && rc != -ENODEV)
		die("no connection with a partition", rc);
	return !rc;
}

static int measure_instructions(void)
{
	const bool has_its = connect_to(&its, its_uuid), has_ps = connect_to(&ps, ps_uuid);
	const bool has_test = connect_to(&test, test_uuid);
	const bool has_attestation = connect_to(&attestation, attestation_uuid);
	const struct {
		const char *name;
		void (*operation)(void);
		unsigned int samples;
		const bool *there;
	} rows[] = {
		{ "empty_call", empty_call, SAMPLES, &has_test },
		{ "its_get_info_absent", its_get_info_absent, SAMPLES, &has_its },
		{ "its_set_64", its_set_64, SAMPLES, &has_its },
		{ "its_get_64", its_get_64, SAMPLES, &has_its },
		{ "its_set_4000", its_set_4000, SAMPLES, &has_its },
		{ "its_get_4000", its_get_4000, SAMPLES, &has_its },
		{ "ps_set_64", ps_set_64, SAMPLES, &has_ps },
		{ "ps_get_64", ps_get_64, SAMPLES, &has_ps },
		{ "ps_set_4000", ps_set_4000, SAMPLES, &has_ps },
		{ "ps_get_4000", ps_get_4000, SAMPLES, &has_ps },
		{ "open_close_session", open_close_session, SAMPLES, &has_its },
		{ "alloc_close_buffer", alloc_close_buffer, SAMPLES, &has_its },
		{ "attestation_token", attestation_token, TOKENS, &has_attestation },
	};
	uint64_t overhead;

	/* Gets as far as the TEE subsystem and back: the same way in and out as a call. */
	overhead = median(nothing, SAMPLES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!*rows[i].there)
			continue;
		printf("%s\t%llu\n", rows[i].name,
		       (unsigned long long)(median(rows[i].operation, rows[i].samples) - overhead));
	}
	return 0;
}

/* What one process of a contention run has seen, in memory that it shares with its parent. */
struct tally {
	uint64_t calls;
	uint64_t failed;
	uint64_t longest_ns;
	uint64_t closes;
};

struct contest {
	struct tally tallies[PROCESSES];
	bool go;
	unsigned int ready;
};

static struct contest *contest_make(void)
{
	void *memory = mmap(NULL, sizeof(struct contest), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("memory", -errno);
	return memory;
}

/* One process; what it opens is its own. Ends with status 0. */
static void contend(struct contest *contest, unsigned int number, uint64_t duration_ns)
{
	struct secure_storage_object request = { UID + 1 };
	struct tally *tally = &contest->tallies[number];
	struct tee_client client;
	uint64_t begin, end, got;
	int32_t status;
	int rc;

	do
		rc = tee_connect(&client, its_uuid, &tee_login_public, BUFFER_LEN);
	while (rc == -EBUSY);
	if (rc)
		die("no connection with the ITS partition", rc);

	__atomic_add_fetch(&contest->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&contest->go, __ATOMIC_SEQ_CST))
		usleep(1000);
	end = now_ns() + duration_ns;
	for (begin = now_ns(); begin < end; begin = now_ns()) {
		uint64_t took;

		rc = tee_call(&client, SECURE_STORAGE_GET_INFO, &request, sizeof(request), &got,
			      &status);
		took = now_ns() - begin;
		if (rc)
			tally->failed++;
		else
			tally->calls++;
		if (!rc && took > tally->longest_ns)
			tally->longest_ns = took;
	}
	tee_disconnect(&client);
}

/* What so many processes do together in a second. */
static struct tally contention_of(unsigned int processes)
{
	struct contest *contest = contest_make();
	struct tally sum = {};
	int status, bad = 0;

	for (unsigned int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			die("fork", -errno);
		if (!child) {
			contend(contest, i, SECOND_NS);
			exit(0);
		}
	}
	while (__atomic_load_n(&contest->ready, __ATOMIC_SEQ_CST) < processes) {
		if (waitpid(-1, &status, WNOHANG) > 0)
			die("a process ended early", -ECHILD);
		usleep(1000);
	}
	__atomic_store_n(&contest->go, true, __ATOMIC_SEQ_CST);
	while (wait(&status) > 0)
		bad |= status;
	if (bad)
		die("a process failed", -ECHILD);

	for (unsigned int i = 0; i < processes; i++) {
		sum.calls += contest->tallies[i].calls;
		sum.failed += contest->tallies[i].failed;
		if (contest->tallies[i].longest_ns > sum.longest_ns)
			sum.longest_ns = contest->tallies[i].longest_ns;
	}
	munmap(contest, sizeof(*contest));
	return sum;
}

/*
 * Each measurement of several clients comes after one of a single client, as the host's own load
 * changes what a second is worth.
 */
static int measure_contention(unsigned int rounds)
{
	static const unsigned int processes[] = { 2, 4, 8 };
	struct tally alone[3] = {}, sum[3] = {};

	for (unsigned int i = 0; i < rounds * 3; i++) {
		struct tally one = contention_of(1), many = contention_of(processes[i % 3]);

		alone[i % 3].calls += one.calls;
		alone[i % 3].failed += one.failed;
		sum[i % 3].calls += many.calls;
		sum[i % 3].failed += many.failed;
		if (many.longest_ns > sum[i % 3].longest_ns)
			sum[i % 3].longest_ns = many.longest_ns;
	}
	for (unsigned int i = 0; i < 3; i++) {
		printf("alone_%u\t%llu\n", processes[i],
		       (unsigned long long)(alone[i].calls / rounds));
		printf("rate_%u\t%llu\n", processes[i],
		       (unsigned long long)(sum[i].calls / rounds));
		printf("failed_%u\t%llu\n", processes[i],
		       (unsigned long long)(alone[i].failed + sum[i].failed));
		printf("longest_us_%u\t%llu\n", processes[i],
		       (unsigned long long)(sum[i].longest_ns / 1000));
	}
	return 0;
}

static uint32_t mapped_buffers(struct tee_client *client)
{
	struct test_buffers buffers;

	must(client, TEST_BUFFERS, 0, 0);
	memcpy(&buffers, client->buffer.data, sizeof(buffers));
	return buffers.mapped;
}

/* Opens and closes buffers beside others that do the same and call. */
static void close_buffers(struct contest *contest, unsigned int number, unsigned int closes)
{
	struct tally *tally = &contest->tallies[number];
	struct tee_client client;
	struct tee_buffer buffer;
	uint64_t got;
	int32_t status;
	int rc;

	do
		rc = tee_connect(&client, test_uuid, &tee_login_public, 0);
	while (rc == -EBUSY);
	for (unsigned int tries = 0; !rc && tally->closes < closes && tries < 10 * closes;
	     tries++) {
		if (tee_buffer_alloc(client.fd, 4096, &buffer)) {
			tally->failed++;
			continue;
		}
		tee_invoke(client.fd, client.session, TEST_NULL, (uint64_t)buffer.id, 0, &got,
			   &status);
		tee_buffer_free(&buffer);
		tally->closes++;
	}
}

static int measure_closes(unsigned int closes)
{
	struct contest *contest = contest_make();
	uint64_t done = 0, failed = 0;
	uint32_t before;
	int rc;

	rc = tee_connect(&test, test_uuid, &tee_login_public, BUFFER_LEN);
	if (rc)
		die("no connection with the test partition", rc);
	before = mapped_buffers(&test);
	for (unsigned int i = 0; i < PROCESSES; i++) {
		pid_t child = fork();

		if (child < 0)
			die("fork", -errno);
		if (!child) {
			close_buffers(contest, i, closes / PROCESSES);
			exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	for (unsigned int i = 0; i < PROCESSES; i++) {
		done += contest->tallies[i].closes;
		failed += contest->tallies[i].failed;
	}
	printf("closes\t%llu\n", (unsigned long long)done);
	printf("failed_allocations\t%llu\n", (unsigned long long)failed);
	printf("slots_lost\t%d\n", (int)(mapped_buffers(&test) - before));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "instructions"))
		return measure_instructions();
	if (argc == 3 && !strcmp(argv[1], "contention") && atoi(argv[2]) > 0)
		return measure_contention((unsigned int)atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "closes") && atoi(argv[2]) >= PROCESSES)
		return measure_closes((unsigned int)atoi(argv[2]));

	fputs("usage: tstee-bench instructions | contention ROUNDS | closes COUNT\n"
	      "COUNT is at least 8, a round takes 6 s. See test/bench/bench, which runs this in the machine.\n",
	      stderr);
	return 2;
}
