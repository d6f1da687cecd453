// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a partition that was taken over can still do: use the memory it has, talk to its SPM
 * core, and die. It opens nothing, starts nothing, reaches no other process, and runs no code
 * but that of its file. It ends with its SPM core, whatever it tries.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <seccomp.h>
#include <secure/port/host/host.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors that are open at a time, at most: regions, pages about to be announced. */
#define DESCRIPTOR_MAX 64

/*
 * Bytes of address space: the heap, the flash, and what clients share, which are all much
 * smaller. Who takes more is told so, instead of taking the host's memory.
 */
#define ADDRESS_SPACE_MAX (UINT64_C(1) << 30)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Whatever the arguments are. The C library's allocator needs most of them. */
static const int allowed_calls[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(ftruncate),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(madvise),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
};

static int limit(int resource, rlim_t value)
{
	const struct rlimit both = { value, value };

	return setrlimit(resource, &both);
}

/* Closes all descriptors but the standard ones, the channel, the socket and the regions'. */
static int close_others(const struct device_regions *regions)
{
	unsigned int from = PARTITION_SOCKET_FD + 1;

	for (;;) {
		unsigned int kept = ~0u;

		for (size_t i = 0; i < regions->count; i++) {
			const unsigned int fd = (unsigned int)regions->list[i].fd;

			if (fd >= from && fd < kept)
				kept = fd;
		}
		if (kept > from && syscall(SYS_close_range, from, kept - (kept != ~0u), 0))
			return -1;
		if (kept == ~0u)
			return 0;
		from = kept + 1;
	}
}

static int add_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp the_socket = SCMP_A0(SCMP_CMP_EQ, PARTITION_SOCKET_FD);
	const struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, 0);
	const struct scmp_arg_cmp add_seals = SCMP_A1(SCMP_CMP_EQ, F_ADD_SEALS);
	int ret = 0;

	for (size_t i = 0; i < sizeof(allowed_calls) / sizeof(allowed_calls[0]) && !ret; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable);
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				       not_executable);
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1, the_socket);
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1, the_socket);
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, add_seals);
	/*
	 * Since 2.41 glibc's getrandom() makes as many states as there are processors, with
	 * signals blocked.
	 */
	if (!ret)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sched_getaffinity), 1,
				       itself);
	return ret;
}

static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret;

	if (!filter)
		return -1;
	ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!ret)
		ret = add_rules(filter);
	if (!ret)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret ? -1 : 0;
}

int confine(const struct device_regions *regions)
{
	rlim_t file_len = FFA_PAGE_LEN;
	int signal_of_death = 0;

	for (size_t i = 0; i < regions->count; i++)
		if (regions->list[i].len > file_len)
			file_len = regions->list[i].len;

	/*
	 * Only the SPM core can ask for this signal in time, by asking between fork and exec and
	 * looking then whether it is still the parent. Here it is too late for that.
	 */
	if (prctl(PR_GET_PDEATHSIG, &signal_of_death) || signal_of_death != SIGKILL)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, regions->debug ? 1 : 0, 0, 0, 0))
		return -1;
	/* Yama lets nobody but parents attach without; where there is none this fails. */
	if (regions->debug)
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	/* The last does not hold for root, but the filter does. */
	if (close_others(regions) || limit(RLIMIT_CORE, 0) ||
	    limit(RLIMIT_NOFILE, DESCRIPTOR_MAX) || limit(RLIMIT_NPROC, 0))
		return -1;

	/*
	 * Sanitizers' run-time libraries make calls of all kinds, when they report above all: they
	 * append that to the partition's log, however long it is.
	 */
	if (SANITIZED)
		return 0;
	return limit(RLIMIT_FSIZE, file_len) || limit(RLIMIT_AS, ADDRESS_SPACE_MAX) ?
		       -1 :
		       filter_calls();
}
