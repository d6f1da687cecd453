// SPDX-License-Identifier: BSD-3-Clause
/*
 * A TEE client for test/world/wrapper-test, which links it statically: no C library's wrapper
 * stands between it and the system calls. Each test is a command; it prints why it fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/tee.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHM_LEN 8192

#define CHECK(condition)                                                                         \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "%s:%d: %s: errno %d\n", __FILE__, __LINE__, #condition, \
				errno);                                                          \
			exit(1);                                                                 \
		}                                                                                \
	} while (0)

static int open_device(void)
{
	int fd = open("/dev/tee0", O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void check_device(int fd)
{
	struct tee_ioctl_version_data version = { 0 };

	CHECK(!ioctl(fd, TEE_IOC_VERSION, &version));
	CHECK(version.impl_id);
}

/* Shared memory, which the world has to make a partition share. Its descriptor. */
static int alloc(int fd)
{
	struct tee_ioctl_shm_alloc_data data = { .size = SHM_LEN };
	int shm = ioctl(fd, TEE_IOC_SHM_ALLOC, &data);

	CHECK(shm >= 0);
	CHECK(data.id > 0);
	return shm;
}

static void wait_child(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_basic(void)
{
	int fd = open_device();
	int shm;
	char *map;

	check_device(fd);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	shm = alloc(fd);
	CHECK(fcntl(shm, F_GETFD) == FD_CLOEXEC);
	map = mmap(NULL, SHM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, shm, 0);
	CHECK(map != MAP_FAILED);
	CHECK(!map[0] && !map[SHM_LEN - 1]);
	memset(map, 0x55, SHM_LEN);
	close(shm);
	close(fd);
	CHECK(map[SHM_LEN - 1] == 0x55);
}

static void test_dup(void)
{
	int fd = open_device();
	int copy = dup2(fd, 100);

	CHECK(copy == 100);
	close(fd);
	check_device(copy);
	/* The number is somebody else's now. */
	CHECK(open("/dev/null", O_RDWR) == fd);
	CHECK(ioctl(fd, TEE_IOC_VERSION, &(struct tee_ioctl_version_data){ 0 }) < 0);
	CHECK(errno == ENOTTY);
}

static void test_fork(void)
{
	int fd = open_device();
	pid_t pid;

	check_device(fd);
	pid = fork();
	if (!pid) {
		check_device(fd);
		close(alloc(fd));
		_exit(0);
	}
	wait_child(pid);
	close(alloc(fd));
}

static void test_exec(void)
{
	int fd = open_device();
	char number[16];

	CHECK(!fcntl(fd, F_SETFD, 0));
	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "client", "inherited", number, NULL);
	CHECK(0);
}

static void test_inherited(int fd)
{
	check_device(fd);
	close(alloc(fd));
}

static void *call_often(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; i < 50; i++) {
		check_device(fd);
		close(alloc(fd));
	}
	return NULL;
}

static void test_threads(void)
{
	int fd[2] = { open_device(), open_device() };
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&thread[i], NULL, call_often, &fd[i % 2]));
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_join(thread[i], NULL));
}

static void *alloc_once(void *arg)
{
	close(alloc(*(int *)arg));
	return NULL;
}

/* With calls that take @milliseconds each: two at two partitions take hardly longer. */
static void test_parallel(int milliseconds)
{
	int fd[2] = { open_device(), open("/dev/tee1", O_RDWR) };
	pthread_t thread[2];
	double start, one;

	CHECK(fd[1] >= 0);
	start = seconds();
	alloc_once(&fd[0]);
	one = seconds() - start;
	CHECK(one >= milliseconds / 1000.0);
	start = seconds();
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&thread[i], NULL, alloc_once, &fd[i]));
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK(seconds() - start < 1.6 * one);
}

static void test_open_flags(void)
{
	struct open_how how = { .flags = O_RDWR | O_CLOEXEC };

	CHECK(open("/dev/tee0", O_RDWR | O_CREAT | O_EXCL, 0600) < 0 && errno == EEXIST);
	CHECK(open("/dev/tee0/", O_RDWR) < 0);
	CHECK(open("/dev/tee31", O_RDWR) < 0 && errno == ENOENT);
	CHECK(open("/dev/tee00", O_RDWR) < 0 && errno == ENOENT);
	CHECK(open("/dev/tee", O_RDWR) < 0 && errno == ENOENT);
	CHECK(open((void *)16, O_RDWR) < 0 && errno == EFAULT);
	check_device(open("/dev/tee0", O_RDONLY));
	check_device((int)syscall(SYS_openat2, AT_FDCWD, "/dev/tee0", &how, sizeof(how)));
	CHECK(syscall(SYS_openat2, AT_FDCWD, "/dev/tee0", &how, 8) < 0 && errno == EINVAL);
}

static void test_paths(const char *dir)
{
	int dirfd, in_dev;

	CHECK(!chdir(dir));
	CHECK(!symlink("/dev/tee0", "direct"));
	CHECK(!symlink("direct", "indirect"));
	CHECK(!symlink("/dev", "dev"));
	CHECK(!symlink("loop", "loop"));
	CHECK(!mkdir("teedir", 0700));
	CHECK(!symlink("../direct", "teedir/tee0"));
	dirfd = open(".", O_PATH | O_DIRECTORY);
	in_dev = open("/dev", O_PATH | O_DIRECTORY);
	check_device(open("direct", O_RDWR));
	check_device(open("indirect", O_RDWR));
	check_device(open("dev/tee0", O_RDWR));
	check_device(open("teedir/tee0", O_RDWR));
	check_device(openat(dirfd, "indirect", O_RDWR));
	check_device(openat(in_dev, "tee0", O_RDWR));
	check_device(open("//dev/.//tee0", O_RDWR));
	check_device(open("/dev/../dev/tee0", O_RDWR));
	check_device(open("/proc/self/root/dev/tee0", O_RDWR));
	CHECK(open("direct", O_RDWR | O_NOFOLLOW) < 0 && errno == ELOOP);
	CHECK(open("loop", O_RDWR) < 0 && errno == ELOOP);
	CHECK(open("tee0", O_RDWR) < 0 && errno == ENOENT);
	CHECK(openat(1000, "tee0", O_RDWR) < 0 && errno == EBADF);
	CHECK(!chdir("/dev"));
	check_device(open("tee0", O_RDWR));
	check_device(open("/proc/self/cwd/tee0", O_RDWR));
}

static void test_faults(void)
{
	struct tee_ioctl_buf_data data = { .buf_ptr = 16, .buf_len = 64 };
	struct tee_ioctl_shm_register_data memory = { .length = 4096 };
	int fd = open_device();
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(page != MAP_FAILED);
	CHECK(ioctl(fd, TEE_IOC_VERSION, 16) < 0 && errno == EFAULT);
	CHECK(ioctl(fd, TEE_IOC_INVOKE, &data) < 0 && errno == EFAULT);
	/* A program that can't write there can't have us do it. */
	CHECK(ioctl(fd, TEE_IOC_VERSION, page) < 0 && errno == EFAULT);
	memory.addr = (uintptr_t)page;
	CHECK(ioctl(fd, TEE_IOC_SHM_REGISTER, &memory) < 0 && errno == EFAULT);
	CHECK(ioctl(fd, _IOR(TEE_IOC_MAGIC, 0xf0, int), page) < 0);
	CHECK(ioctl(-1, TEE_IOC_VERSION, page) < 0 && errno == EBADF);
	check_device(fd);
}

static void test_register(void)
{
	struct tee_ioctl_shm_register_data memory = { .length = 4096 };
	int fd = open_device();
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int shm;

	CHECK(page != MAP_FAILED);
	memory.addr = (uintptr_t)page;
	for (int i = 0; i < 100; i++) {
		shm = ioctl(fd, TEE_IOC_SHM_REGISTER, &memory);
		CHECK(shm >= 0);
		CHECK(memory.id > 0);
		close(shm);
	}
}

static void test_no_descriptors(void)
{
	int fd = open_device();
	struct tee_ioctl_shm_alloc_data data = { .size = SHM_LEN };
	int last = fd, next;

	while ((next = dup(fd)) >= 0)
		last = next;
	CHECK(open("/dev/tee0", O_RDWR) < 0 && errno == EMFILE);
	for (int i = 0; i < 100; i++)
		CHECK(ioctl(fd, TEE_IOC_SHM_ALLOC, &data) < 0 && errno == EMFILE);
	close(last);
	CHECK(open("/dev/tee0", O_RDWR) == last);
	close(last);
	close(alloc(fd));
}

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	address->sun_family = AF_UNIX;
	strncpy(address->sun_path, path, sizeof(address->sun_path) - 1);
	return socket(AF_UNIX, SOCK_SEQPACKET, 0);
}

/* Gives its device away to whoever connects. */
static void test_give(const char *path)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct sockaddr_un address = { 0 };
	int socket = unix_socket(path, &address);
	int fd = open_device(), peer;

	CHECK(!bind(socket, (struct sockaddr *)&address, sizeof(address)));
	CHECK(!listen(socket, 1));
	peer = accept(socket, NULL, NULL);
	CHECK(peer >= 0);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	CHECK(sendmsg(peer, &msg, 0) == 1);
}

static void test_take(const char *path)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct sockaddr_un address = { 0 };
	int socket = unix_socket(path, &address);
	int fd;

	CHECK(!connect(socket, (struct sockaddr *)&address, sizeof(address)));
	CHECK(recvmsg(socket, &msg, 0) == 1);
	CHECK(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	sleep(1); /* the giver is gone */
	check_device(fd);
	close(alloc(fd));
}

/* Says that it is in a call, which takes long. */
static void test_slow(void)
{
	int fd = open_device();

	check_device(fd);
	puts("calling");
	fflush(stdout);
	close(alloc(fd));
	puts("called");
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* Signals that interrupt what they can, with a handler that doesn't want it restarted. */
static void interrupt_often(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval often = { { 0, 100 }, { 0, 100 } };

	CHECK(!sigaction(SIGALRM, &action, NULL));
	CHECK(!setitimer(ITIMER_REAL, &often, NULL));
}

static void interrupt_never(void)
{
	const struct itimerval never = { 0 };

	CHECK(!setitimer(ITIMER_REAL, &never, NULL));
}

/* A shell's redirections to the file @path, while signals interrupt what they can. */
static void test_redirect(const char *path)
{
	int fd;

	interrupt_often();
	for (int i = 0; i < 5000; i++) {
		fd = open(path, O_WRONLY | O_CREAT | (i % 2 ? O_TRUNC : O_APPEND), 0600);
		CHECK(fd >= 0);
		close(fd);
		fd = creat(path, 0600);
		CHECK(fd >= 0);
		close(fd);
	}
	interrupt_never();
}

/* What Linux never lets a signal interrupt. */
static void *look_and_open(void *arg)
{
	char entries[4096];
	struct stat st;
	int fd;

	for (int i = 0; i < 1000; i++) {
		fd = open("/etc/passwd", O_RDONLY);
		CHECK(fd >= 0);
		close(fd);
		CHECK(!stat("/etc/passwd", &st));
		CHECK(!access("/dev/null", R_OK));
		fd = open("/dev/tee0", O_RDWR);
		CHECK(fd >= 0);
		close(fd);
		fd = open("/dev", O_RDONLY | O_DIRECTORY);
		CHECK(fd >= 0);
		CHECK(syscall(SYS_getdents64, fd, entries, sizeof(entries)) > 0);
		close(fd);
	}
	return arg;
}

/* In several threads, and in a child that has the handler from its parent. */
static void test_signals(void)
{
	pthread_t threads[2];
	int status;
	pid_t child;

	interrupt_often();
	for (size_t i = 0; i < 2; i++)
		CHECK(!pthread_create(&threads[i], NULL, look_and_open, NULL));
	look_and_open(NULL);
	for (size_t i = 0; i < 2; i++)
		CHECK(!pthread_join(threads[i], NULL));
	interrupt_never();
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		interrupt_often();
		look_and_open(NULL);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(!status);
}

/* What Linux does let one interrupt: the fifo @path, which nobody opens, and a pipe. */
static void test_interrupted(const char *path)
{
	int pair[2];
	char byte;

	CHECK(!mkfifo(path, 0600) && !pipe(pair));
	interrupt_often();
	CHECK(open(path, O_RDONLY) < 0 && errno == EINTR);
	CHECK(read(pair[0], &byte, 1) < 0 && errno == EINTR);
	interrupt_never();
}

/* A debugger, which has handlers of its own, starts a process and attaches to another. */
static void test_debugger(void)
{
	int status, pair[2];
	pid_t child;
	char byte;

	interrupt_often();
	interrupt_never();
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		_exit(7);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL));
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);

	CHECK(!pipe(pair));
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		interrupt_often();
		CHECK(write(pair[1], "", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(read(pair[0], &byte, 1) == 1);
	CHECK(!ptrace(PTRACE_SEIZE, child, NULL, NULL));
	CHECK(!kill(child, SIGKILL));
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) || WIFSTOPPED(status));
}

/* Job control of who is traced. */
static void test_stop(void)
{
	interrupt_often();
	interrupt_never();
	raise(SIGTSTP);
	exit(4);
}

/* Leaves a child behind that uses the device after its parent, and writes the file @path. */
static void test_leave(const char *path)
{
	int fd = open_device();
	FILE *file;

	if (fork())
		exit(0);
	sleep(1);
	check_device(fd);
	check_device(open("/dev/tee0", O_RDWR));
	close(alloc(fd));
	file = fopen(path, "w");
	CHECK(file);
	fputs("done\n", file);
	CHECK(!fclose(file));
}

static void test_forever(void)
{
	check_device(open_device());
	puts("running");
	fflush(stdout);
	for (;;)
		pause();
}

static void test_attribute(void)
{
	char text[64];
	FILE *file = fopen("/sys/class/tee/tee0/device/endpoint_id", "r");

	CHECK(file);
	CHECK(fgets(text, sizeof(text), file));
	CHECK(strtoul(text, NULL, 0) > 0);
	CHECK(!fopen("/sys/class/tee/tee0/device/no_such", "r") && errno == ENOENT);
	CHECK(open("/sys/class/tee/tee31/device/endpoint_id", O_RDONLY) < 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} plain[] = {
		{ "basic", test_basic },     { "dup", test_dup },
		{ "fork", test_fork },	     { "exec", test_exec },
		{ "threads", test_threads }, { "open-flags", test_open_flags },
		{ "faults", test_faults },   { "register", test_register },
		{ "slow", test_slow },	     { "no-descriptors", test_no_descriptors },
		{ "forever", test_forever }, { "attribute", test_attribute },
		{ "signals", test_signals }, { "debugger", test_debugger },
		{ "stop", test_stop },
	};

	if (argc == 2) {
		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
			if (!strcmp(argv[1], plain[i].name)) {
				plain[i].run();
				return 0;
			}
		}
	} else if (argc == 3) {
		if (!strcmp(argv[1], "inherited"))
			return test_inherited(atoi(argv[2])), 0;
		if (!strcmp(argv[1], "parallel"))
			return test_parallel(atoi(argv[2])), 0;
		if (!strcmp(argv[1], "paths"))
			return test_paths(argv[2]), 0;
		if (!strcmp(argv[1], "interrupted"))
			return test_interrupted(argv[2]), 0;
		if (!strcmp(argv[1], "redirect"))
			return test_redirect(argv[2]), 0;
		if (!strcmp(argv[1], "give"))
			return test_give(argv[2]), 0;
		if (!strcmp(argv[1], "take"))
			return test_take(argv[2]), 0;
		if (!strcmp(argv[1], "leave"))
			return test_leave(argv[2]), 0;
	}
	fprintf(stderr, "usage: wrapper-client TEST [ARGUMENT]\n");
	return 2;
}
