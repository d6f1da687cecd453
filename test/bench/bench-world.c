// SPDX-License-Identifier: BSD-3-Clause
/*
 * tstee-bench-world: measures calls through the software world, and beside them the bare round
 * trips of the kernel that they are made of. Lines of "NAME<tab>VALUE" for test/bench/world,
 * which starts it inside and outside of worlds with the test partition.
 */
#include "measure.h"
#include "tee.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <partition/test_service.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tstee.h>
#include <unistd.h>

#define SAMPLES	      10001
#define PROCESSES_MAX 64
#define SECONDS_MAX   600
#define MESSAGE_LEN   64
#define BUFFER_LEN    8192

static const uint8_t test_uuid[] = TEST_SERVICE_UUID_BYTES;
static const char test_service[] = "1d8f4a52-6c0e-4b7b-9f5d-3a0c5be1d701";

static int print_median(const char *name, void (*operation)(void))
{
	printf("%s\t%llu\n", name, (unsigned long long)median(operation, SAMPLES));
	return 0;
}

/* Answers the parent's notifications as fast as can be. */
static _Noreturn void supervise(int listener)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp answer;

	for (;;) {
		memset(&call, 0, sizeof(call));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue;
		answer = (struct seccomp_notif_resp){ .id = call.id };
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static void notified_call(void)
{
	syscall(SYS_getppid);
}

/* One system call that another process answers. */
static int measure_notify(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	pid_t child;
	int listener, rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("no new privileges", -errno);
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener < 0)
		die("seccomp notifications", -errno);
	child = fork();
	if (child < 0)
		die("fork", -errno);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		supervise(listener);
	}
	rc = print_median("notify_ns", notified_call);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return rc;
}

static int ping_fd;

static void ping(void)
{
	char message[MESSAGE_LEN] = "";

	if (write(ping_fd, message, sizeof(message)) != sizeof(message) ||
	    read(ping_fd, message, sizeof(message)) != sizeof(message))
		die("a message", -EIO);
}

static int measure_socketpair(void)
{
	char message[MESSAGE_LEN];
	int fds[2], rc;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		die("a socket", -errno);
	child = fork();
	if (child < 0)
		die("fork", -errno);
	if (!child) {
		close(fds[0]);
		while (read(fds[1], message, sizeof(message)) == sizeof(message))
			if (write(fds[1], message, sizeof(message)) != sizeof(message))
				break;
		_exit(0);
	}
	close(fds[1]);
	ping_fd = fds[0];
	rc = print_median("socketpair_ns", ping);
	close(fds[0]);
	waitpid(child, NULL, 0);
	return rc;
}

static struct tee_client client;

static void ioctl_call(void)
{
	uint64_t len;
	int32_t status;
	int rc;

	rc = tee_invoke(client.fd, client.session, TEST_NULL, (uint64_t)client.buffer.id, 0, &len,
			&status);
	if (rc || status)
		die("a call", rc ? rc : -EREMOTEIO);
}

static void connect_test(void)
{
	int rc = tee_connect(&client, test_uuid, &tee_login_public, BUFFER_LEN);

	if (rc)
		die("no connection with the test partition", rc);
}

static int measure_ioctl(void)
{
	connect_test();
	return print_median("ioctl_ns", ioctl_call);
}

static int call_once(void)
{
	connect_test();
	ioctl_call();
	return 0;
}

static struct tstee_session *session;

static void library_call(void)
{
	int32_t status = 0;
	int rc = tstee_call(session, TEST_NULL, NULL, 0, NULL, 0, NULL, &status);

	if (rc || status) {
		fprintf(stderr, "tstee-bench-world: %s\n", tstee_error());
		die("a call", rc ? rc : -EREMOTEIO);
	}
}

static int measure_library(void)
{
	const struct tstee_options options = { .login = TSTEE_LOGIN_PUBLIC };
	int rc = tstee_open(test_service, &options, &session);

	if (rc) {
		fprintf(stderr, "tstee-bench-world: %s\n", tstee_error());
		die("no session with the test partition", rc);
	}
	rc = print_median("library_ns", library_call);
	tstee_close(session);
	return rc;
}

/* Shared by the processes of a rate. */
struct rate {
	uint64_t calls[PROCESSES_MAX];
	unsigned int ready;
	bool go;
};

/* The index-th device that hosts the test service becomes the client's. */
static void connect_device(unsigned int index)
{
	int rc;

	for (unsigned int number = 0; number < TEE_DEVICE_MAX; number++) {
		client.fd = tee_open(number, &client.device);
		if (client.fd < 0)
			continue;
		rc = tee_session_open(client.fd, test_uuid, &tee_login_public, &client.session);
		if (!rc && !index--)
			return;
		close(client.fd);
	}
	die("too few test partitions", -ENODEV);
}

/* One process, ends with status 0. Without buffers: the calls alone are counted. */
static _Noreturn void call_on(struct rate *rate, unsigned int number, unsigned int device,
			      uint64_t duration_ns)
{
	uint64_t end, calls = 0;

	connect_device(device);
	__atomic_add_fetch(&rate->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&rate->go, __ATOMIC_SEQ_CST))
		usleep(1000);
	for (end = now_ns() + duration_ns; now_ns() < end; calls++)
		ioctl_call();
	rate->calls[number] = calls;
	exit(0);
}

static int measure_rate(unsigned int processes, unsigned int devices, unsigned int seconds)
{
	uint64_t sum = 0;
	struct rate *rate;
	int status, bad = 0;

	rate = mmap(NULL, sizeof(*rate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rate == MAP_FAILED)
		die("memory", -errno);
	for (unsigned int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			die("fork", -errno);
		if (!child)
			call_on(rate, i, i % devices, seconds * 1000000000ull);
	}
	while (__atomic_load_n(&rate->ready, __ATOMIC_SEQ_CST) < processes) {
		if (waitpid(-1, &status, WNOHANG) > 0)
			die("a process ended early", -ECHILD);
		usleep(1000);
	}
	__atomic_store_n(&rate->go, true, __ATOMIC_SEQ_CST);
	while (wait(&status) > 0)
		bad |= status;
	if (bad)
		die("a process failed", -ECHILD);
	for (unsigned int i = 0; i < processes; i++)
		sum += rate->calls[i];
	printf("rate\t%llu\n", (unsigned long long)(sum / seconds));
	return 0;
}

/* 0 if it is none of 1 to @max. */
static unsigned int parse_count(const char *text, unsigned int max)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return *end || number > max ? 0 : (unsigned int)number;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*measure)(void);
	} measures[] = {
		{ "notify", measure_notify }, { "socketpair", measure_socketpair },
		{ "ioctl", measure_ioctl },   { "library", measure_library },
		{ "call", call_once },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(measures) / sizeof(measures[0]); i++)
		if (!strcmp(argv[1], measures[i].name))
			return measures[i].measure();
	if (argc == 5 && !strcmp(argv[1], "rate")) {
		unsigned int processes = parse_count(argv[2], PROCESSES_MAX);
		unsigned int devices = parse_count(argv[3], TEE_DEVICE_MAX);
		unsigned int seconds = parse_count(argv[4], SECONDS_MAX);

		if (processes && devices && seconds)
			return measure_rate(processes, devices, seconds);
	}
	fputs("usage: tstee-bench-world notify | socketpair | ioctl | library | call |\n"
	      "                         rate PROCESSES DEVICES SECONDS\n"
	      "See test/bench/world, which runs this.\n",
	      stderr);
	return 2;
}
