// SPDX-License-Identifier: BSD-3-Clause
/*
 * The seccomp filter of wrapped programs. It runs at each of their system calls, and each one
 * it stops costs two switches of processes, so it lets pass whatever can't concern a device:
 * among the opens, those of directories.
 *
 * Programs of another ABI than the native one (32-bit ones, x32) run without devices.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/tee.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "unknown architecture"
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the low half of an argument is taken to come first"
#endif

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/*
 * What says that a path isn't opened as a device. O_TMPFILE has O_DIRECTORY in it. Nobody empties
 * a device, or appends to it: shells' redirections come by unsupervised.
 */
#define NO_DEVICE_FLAGS (O_PATH | O_DIRECTORY | O_TRUNC | O_APPEND)

/* Where the program's tests lead. */
enum {
	IS_NATIVE = 3,
	LOOKS = 11,
	OTHERS = 24,
	IS_OPENAT = 25,
	IS_OPEN = 27,
	HAS_FLAGS = 28,
	IS_STATX = 29,
	IS_FSTATAT = 31,
	HAS_AT_FLAGS = 32,
	IS_SIGACTION = 33,
	IS_PTRACE = 37,
	IS_IOCTL = 42,
	PASS = 45,
	NOTIFY = 46,
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_HIGH(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + sizeof(uint32_t))
#define RETURN(action)		BPF_STMT(BPF_RET | BPF_K, action)
#define GO(here, there)		BPF_STMT(BPF_JMP | BPF_JA, (there) - (here)-1)
#define EQUAL(here, value, yes) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (yes) - (here)-1, 0)
#define ANY_SET(here, bits, yes, no) \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, (yes) - (here)-1, (no) - (here)-1)

int filter_install(bool looks)
{
	struct sock_filter program[] = {
		LOAD(arch),
		EQUAL(1, NATIVE_ARCH, IS_NATIVE),
		RETURN(SECCOMP_RET_ALLOW),
		[IS_NATIVE] = LOAD(nr),
#ifdef __x86_64__
		[4] = EQUAL(4, __NR_open, IS_OPEN),
		[5] = EQUAL(5, __NR_creat, PASS),
#else
		[4] = GO(4, 5),
		[5] = GO(5, 6),
#endif
		[6] = EQUAL(6, __NR_openat, IS_OPENAT),
		[7] = EQUAL(7, __NR_openat2, NOTIFY),
		[8] = EQUAL(8, __NR_ioctl, IS_IOCTL),
		[9] = EQUAL(9, __NR_rt_sigaction, IS_SIGACTION),
		[10] = EQUAL(10, __NR_ptrace, IS_PTRACE),
		[LOOKS] = GO(LOOKS, looks ? LOOKS + 1 : OTHERS),
#ifdef __x86_64__
		[12] = EQUAL(12, __NR_stat, NOTIFY),
		[13] = EQUAL(13, __NR_lstat, NOTIFY),
		[14] = EQUAL(14, __NR_access, NOTIFY),
#else
		[12] = GO(12, 13),
		[13] = GO(13, 14),
		[14] = GO(14, 15),
#endif
		[15] = EQUAL(15, __NR_newfstatat, IS_FSTATAT),
		[16] = EQUAL(16, __NR_statx, IS_STATX),
		[17] = EQUAL(17, __NR_faccessat, NOTIFY),
		[18] = EQUAL(18, __NR_faccessat2, IS_FSTATAT),
		[19] = EQUAL(19, __NR_getdents64, NOTIFY),
		[20] = EQUAL(20, __NR_getxattr, NOTIFY),
		[21] = EQUAL(21, __NR_lgetxattr, NOTIFY),
		[22] = EQUAL(22, __NR_listxattr, NOTIFY),
		[23] = EQUAL(23, __NR_llistxattr, NOTIFY),
		[OTHERS] = RETURN(SECCOMP_RET_ALLOW),
		[IS_OPENAT] = LOAD(args[2]),
		[26] = GO(26, HAS_FLAGS),
		[IS_OPEN] = LOAD(args[1]),
		[HAS_FLAGS] = ANY_SET(HAS_FLAGS, NO_DEVICE_FLAGS, PASS, NOTIFY),
		[IS_STATX] = LOAD(args[2]),
		[30] = GO(30, HAS_AT_FLAGS),
		[IS_FSTATAT] = LOAD(args[3]),
		[HAS_AT_FLAGS] = ANY_SET(HAS_AT_FLAGS, AT_EMPTY_PATH, PASS, NOTIFY),
		/* Only asked what there is, with a null pointer, it changes nothing. */
		[IS_SIGACTION] = LOAD(args[1]),
		[34] = ANY_SET(34, ~0u, NOTIFY, 35),
		[35] = LOAD_HIGH(args[1]),
		[36] = ANY_SET(36, ~0u, NOTIFY, PASS),
		[IS_PTRACE] = LOAD(args[0]),
		[38] = EQUAL(38, PTRACE_TRACEME, NOTIFY),
		[39] = EQUAL(39, PTRACE_ATTACH, NOTIFY),
		[40] = EQUAL(40, PTRACE_SEIZE, NOTIFY),
		[41] = GO(41, PASS),
		[IS_IOCTL] = LOAD(args[1]),
		[43] = BPF_STMT(BPF_ALU | BPF_AND | BPF_K, _IOC_TYPEMASK << _IOC_TYPESHIFT),
		[44] = EQUAL(44, TEE_IOC_MAGIC << _IOC_TYPESHIFT, NOTIFY),
		[PASS] = RETURN(SECCOMP_RET_ALLOW),
		[NOTIFY] = RETURN(SECCOMP_RET_USER_NOTIF),
	};
	const struct sock_fprog fprog = {
		.len = sizeof(program) / sizeof(program[0]),
		.filter = program,
	};
	long fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		     &fprog);
	return fd < 0 ? -errno : (int)fd;
}

int filter_check_sizes(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		return -errno;
	return sizes.seccomp_notif > sizeof(union notification) ||
			       sizes.seccomp_notif_resp > sizeof(union notification) ?
		       -E2BIG :
		       0;
}

void filter_set_sync(int listener)
{
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

int notification_receive(int listener, union notification *notification)
{
	memset(notification, 0, sizeof(*notification));
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification) ? -errno : 0;
}

bool notification_valid(int listener, uint64_t id)
{
	return !ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

/* It fails if the thread is gone, which is as good. */
static void send_answer(int listener, const struct seccomp_notif_resp *answer)
{
	union {
		struct seccomp_notif_resp resp;
		char room[sizeof(union notification)];
	} padded = { 0 };

	padded.resp = *answer;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &padded);
}

void notification_answer(int listener, uint64_t id, int64_t value)
{
	struct seccomp_notif_resp answer = { .id = id };

	if (value < 0)
		answer.error = (int32_t)value;
	else
		answer.val = value;
	send_answer(listener, &answer);
}

void notification_continue(int listener, uint64_t id)
{
	const struct seccomp_notif_resp answer = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	send_answer(listener, &answer);
}

void notification_answer_fd(int listener, uint64_t id, int fd, unsigned int flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.srcfd = (uint32_t)fd,
		.newfd_flags = flags,
	};
	int ret;

	do {
		ret = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		ret = -errno;
	/* First: when the thread closes its copy, that is to be the last. */
	close(fd);
	notification_answer(listener, id, ret);
}
