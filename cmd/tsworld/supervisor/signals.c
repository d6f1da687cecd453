// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals that interrupt trapped system calls.
 *
 * Until a worker has received a call, seccomp lets a signal interrupt it; if its handler lacks
 * SA_RESTART the call fails with EINTR, which Linux never does for these. Only a tracer can mend
 * that: it sees a signal before its handler does, when it is still open whether the call is
 * restarted. So whoever installs such a handler is traced from then on, with all it forks,
 * until it executes another program: by the supervisor's first thread, the only one that calls
 * ptrace(). A debugger among the wrapped programs comes first: it gets whom it asks for.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/tee.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "path.h"
#include "supervisor.h"
#include "task.h"

/* Of the kernel's own: restart unless a handler without SA_RESTART runs; restart always. */
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513

#define TRACE_OPTIONS \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

/* How many threads can be on their way to a debugger at a time. */
#define LEAVING_MAX 64

/* How long a debugger's call waits for that, in steps of a millisecond. */
#define LEAVE_STEPS 2000

/* As the kernel has it in user memory. */
struct kernel_sigaction {
	uint64_t handler;
	uint64_t flags;
};

/* What a worker wants the first thread to do. It waits for it. */
struct request {
	pid_t tid;
	bool leave;
	sem_t done;
};

static int request_pipe[2] = { -1, -1 };
static pid_t leaving[LEAVING_MAX];

/* By a worker. */
static void ask(pid_t tid, bool leave)
{
	struct request request = { .tid = tid, .leave = leave };
	const struct request *sent = &request;

	sem_init(&request.done, 0, 0);
	if (write(request_pipe[1], &sent, sizeof(sent)) == sizeof(sent))
		while (sem_wait(&request.done))
			;
	sem_destroy(&request.done);
}

/* Whether a handler is installed that interrupts what it is not asked to restart. */
static bool interrupts(const struct seccomp_notif *req)
{
	struct kernel_sigaction action;

	switch (req->data.args[0]) {
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGSEGV:
	case SIGSYS:
	case SIGTRAP:
		/* Of the thread's own doing, so it is in no system call. */
		return false;
	default:
		break;
	}
	if (task_read((pid_t)req->pid, req->data.args[1], &action, sizeof(action)))
		return false;
	return action.handler != (uintptr_t)SIG_DFL && action.handler != (uintptr_t)SIG_IGN &&
	       !(action.flags & SA_RESTART);
}

/* A wrapped program wants to trace. */
static void debug(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	const bool itself = req->data.args[0] == PTRACE_TRACEME;
	const pid_t tid = itself ? (pid_t)req->pid : (pid_t)req->data.args[1];
	const struct timespec step = { .tv_nsec = 1000000 };

	if (task_tracer(tid) == getpid()) {
		ask(tid, true);
		if (itself) {
			/* It is let go at the end of this call, which then comes again. */
			notification_answer(supervisor->listener, req->id, -ERESTARTSYS);
			return;
		}
		worker_waits(supervisor);
		for (int i = 0; i < LEAVE_STEPS && task_tracer(tid) == getpid(); i++)
			nanosleep(&step, NULL);
	}
	notification_continue(supervisor->listener, req->id);
}

bool supervise_signals(const struct supervisor *supervisor, const struct seccomp_notif *req)
{
	switch (req->data.nr) {
	case SYS_rt_sigaction:
		if (req->pid && interrupts(req) &&
		    notification_valid(supervisor->listener, req->id))
			ask((pid_t)req->pid, false);
		notification_continue(supervisor->listener, req->id);
		return true;
	case SYS_ptrace:
		debug(supervisor, req);
		return true;
	default:
		return false;
	}
}

int signals_start(void)
{
	if (pipe2(request_pipe, O_CLOEXEC))
		return -errno;
	return request_pipe[0];
}

/* Traces all threads of the process. What is refused, or somebody else's, stays as it was. */
static void trace_process(pid_t tid)
{
	const pid_t process = task_process(tid);
	const struct dirent *entry;
	char path[48];
	DIR *tasks;
	bool more;

	if (process < 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
	do {
		more = false;
		tasks = opendir(path);
		if (!tasks)
			return;
		while ((entry = readdir(tasks))) {
			const pid_t task = atoi(entry->d_name);

			if (task > 0 && !ptrace(PTRACE_SEIZE, task, NULL, TRACE_OPTIONS))
				more = true;
		}
		closedir(tasks);
		/* One that wasn't traced yet may have made another. */
	} while (more);
}

static void let_go(pid_t tid)
{
	for (size_t i = 0; i < LEAVING_MAX; i++) {
		if (leaving[i])
			continue;
		if (!ptrace(PTRACE_INTERRUPT, tid, NULL, NULL))
			leaving[i] = tid;
		return;
	}
}

void signals_serve(void)
{
	struct request *request;

	if (read(request_pipe[0], &request, sizeof(request)) != sizeof(request))
		return;
	if (request->leave)
		let_go(request->tid);
	else
		trace_process(request->tid);
	sem_post(&request->done);
}

static bool leaves(pid_t tid)
{
	for (size_t i = 0; i < LEAVING_MAX; i++) {
		if (leaving[i] == tid) {
			leaving[i] = 0;
			return true;
		}
	}
	return false;
}

/* Whether a file makes its opener wait, until a signal comes if need be. */
static bool open_waits(pid_t tid, int dirfd, uint64_t path_addr)
{
	char path[PATH_MAX];
	struct stat st;

	if (task_read_string(tid, path_addr, path, sizeof(path)) < 0 ||
	    path_stat(tid, dirfd, path, &st))
		return false;
	return S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && major(st.st_rdev) >= 4);
}

/* Whether it is the filter that made the system call wait. */
static bool is_trapped(pid_t tid, uint64_t nr, uint64_t first, uint64_t second)
{
	switch (nr) {
#ifdef SYS_open
	case SYS_open:
		return !open_waits(tid, AT_FDCWD, first);
	case SYS_stat:
	case SYS_lstat:
	case SYS_access:
		return true;
#endif
	case SYS_openat:
	case SYS_openat2:
		return !open_waits(tid, (int)first, second);
	case SYS_ioctl:
		return _IOC_TYPE(second) == TEE_IOC_MAGIC;
	case SYS_newfstatat:
	case SYS_statx:
	case SYS_faccessat:
	case SYS_faccessat2:
	case SYS_getdents64:
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_listxattr:
	case SYS_llistxattr:
	case SYS_rt_sigaction:
	case SYS_ptrace:
		return true;
	default:
		return false;
	}
}

static int get_registers(pid_t tid, struct user_regs_struct *regs)
{
	struct iovec io = { .iov_base = regs, .iov_len = sizeof(*regs) };

	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io) ? -errno : 0;
}

static int set_registers(pid_t tid, struct user_regs_struct *regs)
{
	struct iovec io = { .iov_base = regs, .iov_len = sizeof(*regs) };

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &io) ? -errno : 0;
}

#ifdef __x86_64__
/*
 * Lets a thread take a signal, and has an interrupted call restarted whatever its handler is:
 * the call's result still says that it can be. False if the thread isn't traced.
 */
static bool take_signal(pid_t tid, int sig)
{
	struct user_regs_struct regs;

	if (get_registers(tid, &regs))
		return false;
	if ((int64_t)regs.rax == -ERESTARTSYS &&
	    is_trapped(tid, regs.orig_rax, regs.rdi, regs.rsi)) {
		regs.rax = (uint64_t)-ERESTARTNOINTR;
		set_registers(tid, &regs);
	}
	ptrace(PTRACE_CONT, tid, NULL, sig);
	return true;
}
#else
#define SVC	    0xd4000001u

/* A program counter of user space has zeros there. The processor takes it to have, on its way back. */
#define PC_TOP_BYTE (UINT64_C(0xff) << 56)
#define PC_MARK	    (UINT64_C(1) << 56)

/* What the kernel puts onto the stack for a handler. */
struct signal_frame {
	siginfo_t info;
	ucontext_t context;
};

/* A handler is about to begin: it and what it unwinds see the program counter as it was. */
static void unmark(pid_t tid, const struct user_regs_struct *regs)
{
	const uint64_t at = regs->sp + offsetof(struct signal_frame, context.uc_mcontext.pc);
	uint64_t pc;

	if (!task_read(tid, at, &pc, sizeof(pc)) && (pc & PC_TOP_BYTE) == PC_MARK) {
		pc &= ~PC_TOP_BYTE;
		task_write(tid, at, &pc, sizeof(pc));
	}
}

/* Whether a stop is one of take_signal()'s steps, and no signal of the thread's. */
static bool is_step(pid_t tid, int sig)
{
	siginfo_t info;

	/* At the begin of a handler, or without one behind the call. */
	return sig == SIGTRAP && !ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) &&
	       (info.si_code == SIGTRAP || info.si_code == TRAP_TRACE);
}

/*
 * Lets a thread take a signal, and has an interrupted call restarted whatever its handler is. The
 * kernel has put the program counter back to the call already, and takes that back for handlers
 * without SA_RESTART, but for a program counter that the tracer has changed since: so it is marked.
 * False if the thread isn't traced.
 */
static bool take_signal(pid_t tid, int sig)
{
	struct user_regs_struct regs;
	uint32_t instruction;

	if (get_registers(tid, &regs))
		return false;
	if (is_step(tid, sig)) {
		unmark(tid, &regs);
		ptrace(PTRACE_CONT, tid, NULL, NULL);
		return true;
	}
	if (!task_read(tid, regs.pc, &instruction, sizeof(instruction)) && instruction == SVC &&
	    is_trapped(tid, regs.regs[8], regs.regs[0], regs.regs[1])) {
		regs.pc |= PC_MARK;
		if (!set_registers(tid, &regs) && !ptrace(PTRACE_SINGLESTEP, tid, NULL, sig))
			return true;
	}
	ptrace(PTRACE_CONT, tid, NULL, sig);
	return true;
}
#endif

bool signals_stopped(pid_t tid, int status)
{
	const int sig = WSTOPSIG(status);

	switch (status >> 16) {
	case 0:
		return take_signal(tid, sig);
	case PTRACE_EVENT_STOP:
		if (leaves(tid)) {
			ptrace(PTRACE_DETACH, tid, NULL, NULL);
			return sig == SIGTRAP;
		}
		if (sig == SIGTRAP) {
			/* The first stop of a new thread, or the end of the next one. */
			ptrace(PTRACE_CONT, tid, NULL, NULL);
			return true;
		}
		/* Job control. */
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
		return false;
	case PTRACE_EVENT_EXEC:
		/* Handlers are gone. */
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
		return true;
	default:
		ptrace(PTRACE_CONT, tid, NULL, NULL);
		return true;
	}
}
